/*-------------------------------------------------------------------------
 *
 * rest_loggers.c
 *	  /admin/loggers: how much is logged.
 *
 * NOTES
 *	  There is one logger, debezium_bridge, for the supervisor and all workers;
 *	  "root" and "io.debezium", which are what is set to look closer at
 *	  Debezium, stand for it.  A level for any other name is taken without
 *	  effect, as Connect takes one for a class that there is not.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include <ctype.h>
#include <string.h>

#include "log.h"
#include "loop.h"
#include "rest_call.h"

#define LOGGER "debezium_bridge"
#define DEBEZIUM_LOGGER "io.debezium"

static const char *const levels[] = {
	"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"
};

static bool
is_logger(const char *name)
{
	return strcmp(name, LOGGER) == 0 || strcmp(name, "root") == 0 ||
		strcmp(name, DEBEZIUM_LOGGER) == 0;
}

static cJSON *
logger_json(const Rest *rest)
{
	cJSON	   *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "level", rest->connectors->log_level);
	if (rest->log_level_at != 0)
		cJSON_AddNumberToObject(object, "last_modified",
								(double) (rest->log_level_at / 1000));
	else
		cJSON_AddNullToObject(object, "last_modified");
	return object;
}

void
get_loggers(Call *call)
{
	cJSON	   *body = cJSON_CreateObject();

	cJSON_AddItemToObject(body, LOGGER, logger_json(call->rest));
	answer_json(call, 200, body);
}

void
get_logger(Call *call)
{
	/* Connect knows a logger of Debezium's once its level was set */
	if (is_logger(call->name) && (strcmp(call->name, DEBEZIUM_LOGGER) != 0 ||
								  call->rest->log_level_at != 0))
		answer_json(call, 200, logger_json(call->rest));
	else
		answer_error(call, 404, "Logger %s not found.", call->name);
}

void
put_logger(Call *call)
{
	cJSON	   *body = read_body(call);
	const char *text =
	cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "level"));
	const char *level = NULL;
	cJSON	   *changed;

	if (body == NULL)
		return;
	for (size_t i = 0; text != NULL && i < lengthof(levels); i++)
	{
		if (pg_strcasecmp(text, levels[i]) == 0)
			level = levels[i];
	}
	if (text == NULL)
		answer_error(call, 400,
					 "Desired 'level' parameter was not specified in request.");
	else if (level == NULL)
		answer_error(call, 404, "invalid log level '%s'.", text);
	else
	{
		changed = cJSON_CreateArray();
		if (is_logger(call->name))
		{
			(void) log_set_level_name(level);
			connectors_set_log_level(call->rest->connectors, level);
			call->rest->log_level_at = clock_us();
			cJSON_AddItemToArray(changed, cJSON_CreateString(LOGGER));
		}
		/* for all bridges of the group Connect does not wait */
		if (http_query_has(call->request, "scope", "cluster"))
		{
			cJSON_Delete(changed);
			answer_empty(call, 204);
		}
		else
			answer_json(call, 200, changed);
	}
	cJSON_Delete(body);
}
