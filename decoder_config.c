/*-------------------------------------------------------------------------
 *
 * decoder_config.c
 *	  A configuration as text: lines name=value, with the escapes of Java's
 *	  properties files.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_options.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

/* Four hexadecimal digits of an escape; -1 when there are none */
static int
scan_unit(const char *text)
{
	if (strspn(text, "0123456789abcdefABCDEF") < 4)
		return -1;
	return strtol(pnstrdup(text, 4), NULL, 16);
}

/*
 * Append the character that \uXXXX means, two of them for one outside of the
 * basic plane.  Returns what follows.
 */
static const char *
append_unicode_escape(StringInfo out, const char *text)
{
	unsigned char buffer[MAX_UNICODE_EQUIVALENT_STRING + 1];
	int			unit = scan_unit(text);
	pg_wchar	code = unit;
	const char *next = text + 4;

	if (unit >= 0xD800 && unit <= 0xDBFF && next[0] == '\\' && next[1] == 'u')
	{
		int			low = scan_unit(next + 2);

		if (low >= 0xDC00 && low <= 0xDFFF)
		{
			code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
			next += 6;
		}
	}
	if (unit <= 0 || (code >= 0xD800 && code <= 0xDFFF))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid escape \"\\u%.4s\" in option \"config\"", text)));
	pg_unicode_to_server(code, buffer);
	appendStringInfoString(out, (char *) buffer);
	return next;
}

/*
 * Read a name or a value into "out": up to the end of the line or, for a
 * name, up to what separates it from its value.  Returns what follows.
 */
static const char *
scan_text(StringInfo out, const char *text, bool is_name)
{
	resetStringInfo(out);
	while (*text != '\0' && *text != '\n' && *text != '\r')
	{
		if (is_name && strchr("=: \t\f", *text) != NULL)
			break;
		if (*text != '\\')
		{
			appendStringInfoChar(out, *text++);
			continue;
		}
		text++;
		switch (*text)
		{
			case '\0':
				continue;
			case 'n':
				appendStringInfoChar(out, '\n');
				break;
			case 'r':
				appendStringInfoChar(out, '\r');
				break;
			case 't':
				appendStringInfoChar(out, '\t');
				break;
			case 'f':
				appendStringInfoChar(out, '\f');
				break;
			case 'u':
				text = append_unicode_escape(out, text + 1);
				continue;
			case '\r':
			case '\n':
				/* the line goes on, without the next one's indentation */
				text += strspn(text, "\r\n");
				text += strspn(text, " \t\f");
				continue;
			default:
				appendStringInfoChar(out, *text);
				break;
		}
		text++;
	}
	return text;
}

/*
 * Read all of a text, and give each name with its value to "take".
 */
void
config_read(const char *config, ConfigTaker take, void *arg)
{
	StringInfoData name;
	StringInfoData value;
	const char *next = config;

	initStringInfo(&name);
	initStringInfo(&value);
	for (;;)
	{
		next += strspn(next, " \t\f\r\n");
		if (*next == '\0')
			break;
		if (*next == '#' || *next == '!')
		{
			next += strcspn(next, "\r\n");
			continue;
		}
		next = scan_text(&name, next, true);
		next += strspn(next, " \t\f");
		if (*next == '=' || *next == ':')
			next++;
		next += strspn(next, " \t\f");
		next = scan_text(&value, next, false);
		take(arg, name.data, value.data);
	}
	pfree(name.data);
	pfree(value.data);
}
