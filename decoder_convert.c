/*-------------------------------------------------------------------------
 *
 * decoder_convert.c
 *	  What Kafka Connect's converters make of a value: from its schema and
 *	  its plain form (decoder_schema.h) to the other forms.
 *
 * NOTES
 *	  A plain form is text that this plugin has written, so it is trusted:
 *	  compact JSON without any white space.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "decoder_debezium.h"
#include "decoder_schema.h"
#include "utils/datetime.h"

#define MSECS_PER_DAY	(SECS_PER_DAY * INT64CONST(1000))

/*
 * The end of the JSON value that starts at "text".
 */
const char *
plain_skip(const char *text)
{
	int			depth = 0;

	for (;;)
	{
		switch (*text)
		{
			case '"':
				for (text++; *text != '"'; text++)
				{
					if (*text == '\\')
						text++;
				}
				text++;
				break;
			case '{':
			case '[':
				depth++;
				text++;
				continue;
			case '}':
			case ']':
				depth--;
				text++;
				break;
			case ',':
			case ':':
				text++;
				continue;
			default:
				text += strcspn(text, ",:]}");
				break;
		}
		if (depth == 0)
			return text;
	}
}

/* Is this the value null? */
bool
plain_is_null(const char *text)
{
	return strncmp(text, "null", 4) == 0;
}

static int
unit_value(const char *digits)
{
	int			value = 0;
	int			i;

	for (i = 0; i < 4; i++)
	{
		char		c = digits[i];

		value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

/*
 * Append what a JSON string means, without quotes and escapes.  Half of a
 * surrogate pair becomes a question mark, as in Java.  Returns what follows
 * the string.
 */
const char *
plain_unescape(StringInfo out, const char *text)
{
	for (text++; *text != '"';)
	{
		const char *start = text;
		unsigned	code;
		unsigned char utf8[4];

		text += strcspn(text, "\"\\");
		text_append(out, start, text - start);
		if (*text == '"')
			break;
		text++;
		switch (*text++)
		{
			case 'b':
				text_append_literal(out, "\b");
				break;
			case 't':
				text_append_literal(out, "\t");
				break;
			case 'n':
				text_append_literal(out, "\n");
				break;
			case 'f':
				text_append_literal(out, "\f");
				break;
			case 'r':
				text_append_literal(out, "\r");
				break;
			case 'u':
				code = unit_value(text);
				text += 4;
				if (code >= 0xD800 && code <= 0xDBFF && text[0] == '\\' &&
					text[1] == 'u')
				{
					code = 0x10000 + ((code - 0xD800) << 10) +
						(unit_value(text + 2) - 0xDC00);
					text += 6;
				}
				if (code >= 0xD800 && code <= 0xDFFF)
					code = '?';
				unicode_to_utf8(code, utf8);
				text_append(out, (char *) utf8, pg_utf_mblen(utf8));
				break;
			default:
				text_append(out, text - 1, 1);
				break;
		}
	}
	return text + 1;
}

/* Bytes of a base64 text in quotes; *len gets their number */
static uint8 *
decode_base64(const char *text, int *len)
{
	uint8	   *bytes = palloc(strlen(text));
	uint32		bits = 0;
	int			count = 0;

	*len = 0;
	for (text++; *text != '"' && *text != '='; text++)
	{
		char		c = *text;

		bits = (bits << 6) |
			(c >= 'A' && c <= 'Z' ? c - 'A' :
			 c >= 'a' && c <= 'z' ? c - 'a' + 26 :
			 c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' ? 62 : 63);
		if (++count % 4 == 0)
		{
			bytes[(*len)++] = bits >> 16;
			bytes[(*len)++] = bits >> 8;
			bytes[(*len)++] = bits;
		}
	}
	if (count % 4 == 2)
		bytes[(*len)++] = bits >> 4;
	else if (count % 4 == 3)
	{
		bytes[(*len)++] = bits >> 10;
		bytes[(*len)++] = bits >> 2;
	}
	return bytes;
}

/*
 * The decimal digits of a big-endian two's complement number, without sign
 * and leading zeros; "negative" gets the sign.
 */
static char *
unscaled_digits(uint8 *bytes, int len, bool *negative)
{
	char	   *digits = palloc(len * 5 / 2 + 2);
	char	   *to = digits + len * 5 / 2 + 1;
	int			start = 0;
	int			i;

	*negative = (bytes[0] & 0x80) != 0;
	if (*negative)
	{
		int			carry = 1;

		for (i = len - 1; i >= 0; i--)
		{
			carry += (uint8) ~bytes[i];
			bytes[i] = carry;
			carry >>= 8;
		}
	}
	*to = '\0';
	do
	{
		int			remainder = 0;

		for (i = start; i < len; i++)
		{
			remainder = (remainder << 8) | bytes[i];
			bytes[i] = remainder / 10;
			remainder %= 10;
		}
		*--to = '0' + remainder;
		while (start < len && bytes[start] == 0)
			start++;
	} while (start < len);
	return to;
}

/*
 * Append a Decimal, given in base64 and quotes, as Java's
 * BigDecimal.toString() shows it: plain, but with an exponent when it starts
 * more than six places behind the point.
 */
static void
append_decimal(StringInfo out, const char *text, int scale)
{
	int			len;
	uint8	   *bytes = decode_base64(text, &len);
	bool		negative;
	char	   *digits = unscaled_digits(bytes, len, &negative);
	int			ndigits = strlen(digits);
	int			exponent = ndigits - 1 - scale;

	if (negative)
		text_append_literal(out, "-");
	if (scale == 0)
		text_append(out, digits, ndigits);
	else if (exponent < -6)
	{
		text_append(out, digits, 1);
		if (ndigits > 1)
		{
			text_append_literal(out, ".");
			text_append(out, digits + 1, ndigits - 1);
		}
		text_append_literal(out, "E");
		json_append_int64(out, exponent);
	}
	else if (exponent < 0)
	{
		text_append_literal(out, "0.");
		for (; exponent < -1; exponent++)
			text_append_literal(out, "0");
		text_append(out, digits, ndigits);
	}
	else
	{
		text_append(out, digits, exponent + 1);
		text_append_literal(out, ".");
		text_append(out, digits + exponent + 1, scale);
	}
	pfree(bytes);
}

/* Is this a schema of Connect's own for java.util.Date? */
static bool
is_java_date(const Schema *schema)
{
	return schema->name != NULL &&
		(strcmp(schema->name, SCHEMA_CONNECT_DATE) == 0 ||
		 strcmp(schema->name, SCHEMA_CONNECT_TIME) == 0 ||
		 strcmp(schema->name, SCHEMA_CONNECT_TIMESTAMP) == 0);
}

/*
 * A header shows a date by its size: what lies before the second of January
 * 1970 as a time, full days as a date, all else as both.
 */
static void
append_java_date(StringInfo out, const Schema *schema, const char *text)
{
	int64		millis = strtoi64(text, NULL, 10);
	int64		days;
	int			year;
	int			month;
	int			day;

	if (strcmp(schema->name, SCHEMA_CONNECT_DATE) == 0)
		millis *= MSECS_PER_DAY;
	days = millis / MSECS_PER_DAY - (millis % MSECS_PER_DAY < 0 ? 1 : 0);
	j2date(days + UNIX_EPOCH_JDATE, &year, &month, &day);
	if (millis >= MSECS_PER_DAY)
		appendStringInfo(out, "%04d-%02d-%02d", year, month, day);
	if (millis >= MSECS_PER_DAY && millis % MSECS_PER_DAY == 0)
		return;
	if (millis >= MSECS_PER_DAY)
		text_append_literal(out, "T");
	millis -= days * MSECS_PER_DAY;
	appendStringInfo(out, "%02d:%02d:%02d.%03dZ",
					 (int) (millis / 3600000), (int) (millis / 60000 % 60),
					 (int) (millis / 1000 % 60), (int) (millis % 1000));
}

/* A string inside of a struct, array or map */
static void
append_quoted(StringInfo out, const char *data, int len)
{
	int			i;

	text_append_literal(out, "\"");
	for (i = 0; i < len; i++)
	{
		if (data[i] == '"' || data[i] == '\\')
			text_append_literal(out, "\\");
		text_append(out, &data[i], 1);
	}
	text_append_literal(out, "\"");
}

static void
append_header_string(StringInfo out, const char *text, bool embedded)
{
	StringInfoData string;

	if (!embedded)
	{
		plain_unescape(out, text);
		return;
	}
	initStringInfo(&string);
	plain_unescape(&string, text);
	append_quoted(out, string.data, string.len);
	pfree(string.data);
}

/*
 * Append a value as Connect's SimpleHeaderConverter writes it.  A null shows
 * the default of its schema.
 */
static void
append_header(StringInfo out, const Schema *schema, const char *text,
			  bool embedded)
{
	const char *next = text;
	int			i;

	if (plain_is_null(text))
	{
		if (schema->default_json == NULL)
		{
			text_append_literal(out, "null");
			return;
		}
		text = next = schema->default_json;
	}
	switch (schema->type)
	{
		case CONNECT_STRUCT:
			text_append_literal(out, "{");
			for (i = 0; i < schema->nfields; i++)
			{
				const SchemaField *field = &schema->fields[i];

				if (i > 0)
					text_append_literal(out, ",");
				append_quoted(out, field->name, strlen(field->name));
				text_append_literal(out, ":");
				next = plain_skip(next + 1) + 1;	/* { or , "name" : */
				append_header(out, field->schema, next, true);
				next = plain_skip(next);
			}
			text_append_literal(out, "}");
			break;
		case CONNECT_ARRAY:
			text_append_literal(out, "[");
			if (next[1] == ']')
				next++;
			while (*next != ']')
			{
				if (*next == ',')
					text_append_literal(out, ",");
				append_header(out, schema->items, next + 1, true);
				next = plain_skip(next + 1);
			}
			text_append_literal(out, "]");
			break;
		case CONNECT_MAP:
			text_append_literal(out, "{");
			if (next[1] == '}')
				next++;
			while (*next != '}')
			{
				if (*next == ',')
					text_append_literal(out, ",");
				append_header(out, schema->keys, next + 1, true);
				text_append_literal(out, ":");
				next = plain_skip(next + 1) + 1;
				append_header(out, schema->items, next, true);
				next = plain_skip(next);
			}
			text_append_literal(out, "}");
			break;
		case CONNECT_BYTES:
			if (schema->name != NULL && strcmp(schema->name, SCHEMA_DECIMAL) == 0)
				append_decimal(out, text,
							   atoi(schema_parameter(schema, "scale")));
			else if (embedded)
				text_append(out, text, plain_skip(text) - text);
			else
				text_append(out, text + 1, plain_skip(text) - text - 2);
			break;
		case CONNECT_STRING:
			append_header_string(out, text, embedded);
			break;
		default:
			if (is_java_date(schema))
				append_java_date(out, schema, text);
			else if (*text == '"')	/* NaN, an infinity */
				plain_unescape(out, text);
			else
				text_append(out, text, plain_skip(text) - text);
			break;
	}
}

/*
 * Append a value, in plain form and terminated by zero, as it stands in a
 * header by Connect's SimpleHeaderConverter.
 */
void
convert_to_header(StringInfo out, const Schema *schema, const char *text)
{
	append_header(out, schema, text, false);
}
