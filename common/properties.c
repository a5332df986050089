/*-------------------------------------------------------------------------
 *
 * properties.c
 *	  Configuration: names with text values, in the order they were given.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "properties.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "file.h"

static Property *
properties_find(const Properties *properties, const char *name)
{
	for (int i = 0; i < properties->count; i++)
	{
		if (strcmp(properties->items[i].name, name) == 0)
			return &properties->items[i];
	}
	return NULL;
}

Properties *
properties_new(void)
{
	return pg_malloc0(sizeof(Properties));
}

Properties *
properties_copy(const Properties *from)
{
	Properties *copy = properties_new();

	for (int i = 0; i < from->count; i++)
		properties_set(copy, from->items[i].name, from->items[i].value);
	return copy;
}

void
properties_free(Properties *properties)
{
	if (properties == NULL)
		return;
	for (int i = 0; i < properties->count; i++)
	{
		pg_free(properties->items[i].name);
		pg_free(properties->items[i].value);
	}
	pg_free(properties->items);
	pg_free(properties);
}

void
properties_set(Properties *properties, const char *name, const char *value)
{
	Property   *item = properties_find(properties, name);
	char	   *copy = pg_strdup(value);

	if (item != NULL)
	{
		pg_free(item->value);
		item->value = copy;
		return;
	}
	if (properties->count == properties->room)
	{
		properties->room = Max(16, properties->room * 2);
		properties->items = pg_realloc(properties->items,
									   properties->room * sizeof(Property));
	}
	item = &properties->items[properties->count++];
	item->name = pg_strdup(name);
	item->value = copy;
}

void
properties_remove(Properties *properties, const char *name)
{
	Property   *item = properties_find(properties, name);

	if (item == NULL)
		return;
	pg_free(item->name);
	pg_free(item->value);
	properties->count--;
	memmove(item, item + 1,
			(properties->items + properties->count - item) * sizeof(Property));
}

const char *
properties_get(const Properties *properties, const char *name)
{
	Property   *item = properties_find(properties, name);

	return item != NULL ? item->value : NULL;
}

/* ---------------------------------------------------------------- text */

/* Appends a code point of the basic plane as UTF-8. */
static void
append_utf8(PQExpBuffer text, unsigned code)
{
	if (code < 0x80)
		appendPQExpBufferChar(text, (char) code);
	else if (code < 0x800)
	{
		appendPQExpBufferChar(text, (char) (0xC0 | (code >> 6)));
		appendPQExpBufferChar(text, (char) (0x80 | (code & 0x3F)));
	}
	else
	{
		appendPQExpBufferChar(text, (char) (0xE0 | (code >> 12)));
		appendPQExpBufferChar(text, (char) (0x80 | ((code >> 6) & 0x3F)));
		appendPQExpBufferChar(text, (char) (0x80 | (code & 0x3F)));
	}
}

/*
 * Reads one character of a name or value, with its escapes.  A backslash in
 * front of a line break joins the lines and the next one's leading white
 * space goes.  Returns the first byte not read.
 */
static const char *
read_character(PQExpBuffer text, const char *p)
{
	if (*p != '\\' || p[1] == '\0')
	{
		if (*p != '\\')
			appendPQExpBufferChar(text, *p);
		return p + 1;
	}
	p++;
	switch (*p)
	{
		case 'n':
			appendPQExpBufferChar(text, '\n');
			break;
		case 'r':
			appendPQExpBufferChar(text, '\r');
			break;
		case 't':
			appendPQExpBufferChar(text, '\t');
			break;
		case 'f':
			appendPQExpBufferChar(text, '\f');
			break;
		case 'u':
			{
				unsigned	code;
				int			used = 0;

				if (sscanf(p + 1, "%4x%n", &code, &used) == 1 && used == 4 &&
					code != 0)
				{
					append_utf8(text, code);
					return p + 5;
				}
				appendPQExpBufferChar(text, 'u');
				break;
			}
		case '\r':
		case '\n':
			p++;
			if (p[-1] == '\r' && *p == '\n')
				p++;
			while (*p == ' ' || *p == '\t' || *p == '\f')
				p++;
			return p;
		default:
			appendPQExpBufferChar(text, *p);
	}
	return p + 1;
}

static bool
is_line_end(char c)
{
	return c == '\0' || c == '\n' || c == '\r';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f';
}

/*
 * The format is that of java.util.Properties: name, then "=", ":" or white
 * space, then the value; "#" and "!" start comments.
 */
bool
properties_read_text(Properties *properties, const char *text,
					 PQExpBuffer error)
{
	const char *p = text;
	int			line = 1;
	const char *counted = text;
	PQExpBufferData name;
	PQExpBufferData value;
	bool		ok = true;

	initPQExpBuffer(&name);
	initPQExpBuffer(&value);
	while (*p != '\0')
	{
		while (isspace((unsigned char) *p))
			p++;
		if (*p == '\0')
			break;
		if (*p == '#' || *p == '!')
		{
			while (!is_line_end(*p))
				p++;
			continue;
		}
		for (; counted < p; counted++)
			line += *counted == '\n';

		resetPQExpBuffer(&name);
		resetPQExpBuffer(&value);
		while (!is_line_end(*p) && *p != '=' && *p != ':' && !is_blank(*p))
			p = read_character(&name, p);
		while (is_blank(*p))
			p++;
		if (*p == '=' || *p == ':')
			p++;
		while (is_blank(*p))
			p++;
		while (!is_line_end(*p))
			p = read_character(&value, p);
		if (name.len == 0)
		{
			appendPQExpBuffer(error, "line %d has no property name", line);
			ok = false;
			break;
		}
		properties_set(properties, name.data, value.data);
	}
	termPQExpBuffer(&name);
	termPQExpBuffer(&value);
	return ok;
}

bool
properties_read_file(Properties *properties, const char *path,
					 PQExpBuffer error)
{
	PQExpBufferData text;
	PQExpBufferData reason;
	bool		ok;

	initPQExpBuffer(&text);
	initPQExpBuffer(&reason);
	ok = file_read(path, &text, error);
	if (ok && !properties_read_text(properties, text.data, &reason))
	{
		appendPQExpBuffer(error, "file \"%s\": %s", path, reason.data);
		ok = false;
	}
	termPQExpBuffer(&text);
	termPQExpBuffer(&reason);
	return ok;
}

/* The characters that properties_read_text() would take for something else. */
static void
write_escaped(PQExpBuffer text, const char *value, bool is_name)
{
	for (const char *p = value; *p != '\0'; p++)
	{
		switch (*p)
		{
			case '\n':
				appendPQExpBufferStr(text, "\\n");
				continue;
			case '\r':
				appendPQExpBufferStr(text, "\\r");
				continue;
			case '\t':
				appendPQExpBufferStr(text, "\\t");
				continue;
			case '\f':
				appendPQExpBufferStr(text, "\\f");
				continue;
			case '\\':
				appendPQExpBufferChar(text, '\\');
				break;
			case ' ':
				if (is_name || p == value)
					appendPQExpBufferChar(text, '\\');
				break;
			case '=':
			case ':':
			case '#':
			case '!':
				if (is_name)
					appendPQExpBufferChar(text, '\\');
				break;
		}
		appendPQExpBufferChar(text, *p);
	}
}

void
properties_write(PQExpBuffer text, const char *name, const char *value)
{
	write_escaped(text, name, true);
	appendPQExpBufferChar(text, '=');
	write_escaped(text, value, false);
	appendPQExpBufferChar(text, '\n');
}

/* ---------------------------------------------------------------- JSON */

bool
properties_read_json(Properties *properties, const cJSON *object,
					 PQExpBuffer error)
{
	const cJSON *item;

	if (!cJSON_IsObject(object))
	{
		appendPQExpBufferStr(error, "expected a JSON object");
		return false;
	}
	cJSON_ArrayForEach(item, object)
	{
		if (cJSON_IsString(item))
			properties_set(properties, item->string, item->valuestring);
		else if (cJSON_IsNull(item))
			properties_remove(properties, item->string);
		else if (cJSON_IsBool(item) || cJSON_IsNumber(item))
		{
			char	   *text = cJSON_PrintUnformatted(item);

			properties_set(properties, item->string, text);
			cJSON_free(text);
		}
		else
		{
			appendPQExpBuffer(error, "the value of \"%s\" must be a text, a number or a boolean",
							  item->string);
			return false;
		}
	}
	return true;
}

cJSON *
properties_to_json(const Properties *properties)
{
	cJSON	   *object = cJSON_CreateObject();

	for (int i = 0; i < properties->count; i++)
		cJSON_AddStringToObject(object, properties->items[i].name,
								properties->items[i].value);
	return object;
}

/* -------------------------------------------------------- typed values */

bool
properties_int(const Properties *properties, const char *name,
			   int64 default_value, int64 least, int64 most, int64 *result,
			   PQExpBuffer error)
{
	const char *text = properties_get(properties, name);
	char	   *end;
	long long	number;

	*result = default_value;
	if (text == NULL)
		return true;
	errno = 0;
	number = strtoll(text, &end, 10);
	while (isspace((unsigned char) *end))
		end++;
	if (end == text || *end != '\0' || errno == ERANGE ||
		number < least || number > most)
	{
		appendPQExpBuffer(error,
						  "invalid value \"%s\" for property \"%s\": expected a whole number from %lld to %lld",
						  text, name, (long long) least, (long long) most);
		return false;
	}
	*result = number;
	return true;
}

bool
properties_bool(const Properties *properties, const char *name,
				bool default_value, bool *result, PQExpBuffer error)
{
	const char *text = properties_get(properties, name);

	*result = default_value;
	if (text == NULL)
		return true;
	if (pg_strcasecmp(text, "true") == 0)
		*result = true;
	else if (pg_strcasecmp(text, "false") == 0)
		*result = false;
	else
	{
		appendPQExpBuffer(error,
						  "invalid value \"%s\" for property \"%s\": expected true or false",
						  text, name);
		return false;
	}
	return true;
}

bool
property_is_secret(const char *name)
{
	static const char *const parts[] = {"password", "secret", "sasl.jaas.config",
	"basic.auth.user.info", "salt"};

	for (size_t i = 0; i < lengthof(parts); i++)
	{
		if (strstr(name, parts[i]) != NULL)
			return true;
	}
	return false;
}
