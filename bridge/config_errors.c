/*-------------------------------------------------------------------------
 *
 * config_errors.c
 *	  What is wrong with a configuration: messages, each for one property.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "config_errors.h"

#include <string.h>

void
config_errors_init(ConfigErrors *errors)
{
	memset(errors, 0, sizeof(*errors));
}

void
config_errors_free(ConfigErrors *errors)
{
	for (int i = 0; i < errors->count; i++)
	{
		pg_free(errors->items[i].name);
		pg_free(errors->items[i].message);
	}
	pg_free(errors->items);
	config_errors_init(errors);
}

/* Takes over the message. */
static void
add_message(ConfigErrors *errors, const char *name, char *message)
{
	if (errors->count == errors->room)
	{
		errors->room = Max(8, errors->room * 2);
		errors->items = pg_realloc(errors->items,
								   errors->room * sizeof(ConfigError));
	}
	errors->items[errors->count].name = pg_strdup(name);
	errors->items[errors->count++].message = message;
}

static char *format_message(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

static char *
format_message(const char *format, va_list args)
{
	char	   *text;
	char	   *message;

	if (vasprintf(&text, format, args) < 0)
		return pg_strdup(format);
	message = pg_strdup(text);
	free(text);
	return message;
}

void
config_errors_add(ConfigErrors *errors, const char *name, const char *format,
				  ...)
{
	va_list		args;

	va_start(args, format);
	add_message(errors, name, format_message(format, args));
	va_end(args);
}

void
config_errors_invalid(ConfigErrors *errors, const char *name,
					  const char *format,...)
{
	va_list		args;
	char	   *reason;

	va_start(args, format);
	reason = format_message(format, args);
	va_end(args);
	config_errors_add(errors, name, "The '%s' value is invalid: %s", name,
					  reason);
	pg_free(reason);
}

bool
config_errors_has(const ConfigErrors *errors, const char *name)
{
	for (int i = 0; i < errors->count; i++)
	{
		if (strcmp(errors->items[i].name, name) == 0)
			return true;
	}
	return false;
}

void
config_errors_text(const ConfigErrors *errors, PQExpBuffer text)
{
	for (int i = 0; i < errors->count; i++)
		appendPQExpBuffer(text, "%s\n", errors->items[i].message);
}

cJSON *
config_errors_to_json(const ConfigErrors *errors)
{
	cJSON	   *array = cJSON_CreateArray();

	for (int i = 0; i < errors->count; i++)
	{
		cJSON	   *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "name", errors->items[i].name);
		cJSON_AddStringToObject(item, "message", errors->items[i].message);
		cJSON_AddItemToArray(array, item);
	}
	return array;
}

void
config_errors_from_json(ConfigErrors *errors, const cJSON *array)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, array)
	{
		const char *name =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "name"));
		const char *message =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "message"));

		if (name != NULL && message != NULL)
			config_errors_add(errors, name, "%s", message);
	}
}
