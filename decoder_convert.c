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
 *	  There are three converters.  JsonConverter differs from the plain form
 *	  in what its options say: the schema goes along, defaults stand in for
 *	  nulls, decimals are numbers.  StringConverter writes what Java's
 *	  toString() gives, and SimpleHeaderConverter a form of its own.
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
				/* a few bytes only: strcspn() would take longer to begin */
				while (*text != ',' && *text != '}' && *text != ']' &&
					   *text != ':' && *text != '\0')
					text++;
				break;
		}
		if (depth == 0)
			return text;
	}
}

/* An entry of a map in plain form */
typedef struct MapEntry
{
	bool		in_pair;		/* [key,value], as keys are not strings */
	const char *key;
	const char *value;
	const char *end;			/* what follows the entry */
} MapEntry;

/*
 * The next entry of a map: "next" is where the map starts, or the end of the
 * entry before.  False when there is none.  A map is an object if its keys
 * are strings, else an array of pairs.
 */
static bool
map_entry(const Schema *schema, const char *next, MapEntry *entry)
{
	entry->in_pair = schema->keys->type != CONNECT_STRING;
	if (*next == '}' || *next == ']' || next[1] == '}' || next[1] == ']')
		return false;
	entry->key = next + (entry->in_pair ? 2 : 1);
	entry->value = plain_skip(entry->key) + 1;
	entry->end = plain_skip(entry->value) + (entry->in_pair ? 1 : 0);
	return true;
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
uint8 *
plain_decode_base64(const char *text, int *len)
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

/* Is a Decimal a text instead, as decimal.special.values makes it? */
static bool
is_special_decimal(const char *text)
{
	return strncmp(text, "\"NaN\"", 5) == 0 ||
		((text[1] == '+' || text[1] == '-') &&
		 strncmp(text + 2, "Infinity\"", 9) == 0);
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
	uint8	   *bytes;
	bool		negative;
	char	   *digits;
	int			ndigits;
	int			exponent;

	if (is_special_decimal(text))
	{
		text_append(out, text + 1, plain_skip(text) - text - 2);
		return;
	}
	bytes = plain_decode_base64(text, &len);
	digits = unscaled_digits(bytes, len, &negative);
	ndigits = strlen(digits);
	exponent = ndigits - 1 - scale;
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
	MapEntry	entry;
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
			for (; map_entry(schema, next, &entry); next = entry.end)
			{
				if (*next == ',')
					text_append_literal(out, ",");
				append_header(out, schema->keys, entry.key, true);
				text_append_literal(out, ":");
				append_header(out, schema->items, entry.value, true);
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
 * Append a value as Connect's JsonConverter writes it, without its schema.
 */
static void
append_json(StringInfo out, const Converter *converter, const Schema *schema,
			const char *text)
{
	const char *next = text;
	MapEntry	entry;
	const char *end;
	int			i;

	if (plain_is_null(text))
	{
		if (schema->default_json == NULL || !converter->null_default)
		{
			text_append_literal(out, "null");
			return;
		}
		text = next = schema->default_json;
	}
	switch (schema->type)
	{
		case CONNECT_STRUCT:
			if (schema->nfields == 0)
				text_append_literal(out, "{");
			for (i = 0; i < schema->nfields; i++)
			{
				end = plain_skip(next + 1) + 1; /* { or , "name" : */
				text_append(out, next, end - next);
				append_json(out, converter, schema->fields[i].schema, end);
				next = plain_skip(end);
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
				append_json(out, converter, schema->items, next + 1);
				next = plain_skip(next + 1);
			}
			text_append_literal(out, "]");
			break;
		case CONNECT_MAP:
			text_append(out, next, 1);
			for (; map_entry(schema, next, &entry); next = entry.end)
			{
				if (*next == ',')
					text_append_literal(out, ",");
				if (entry.in_pair)
					text_append_literal(out, "[");
				append_json(out, converter, schema->keys, entry.key);
				text_append(out, entry.value - 1, 1);
				append_json(out, converter, schema->items, entry.value);
				if (entry.in_pair)
					text_append_literal(out, "]");
			}
			text_append(out, schema->keys->type == CONNECT_STRING ? "}" : "]", 1);
			break;
		case CONNECT_BYTES:
			if (converter->numeric_decimals && schema->name != NULL &&
				strcmp(schema->name, SCHEMA_DECIMAL) == 0 &&
				!is_special_decimal(text))
			{
				append_decimal(out, text,
							   atoi(schema_parameter(schema, "scale")));
				break;
			}
			/* FALLTHROUGH */
		default:
			text_append(out, text, plain_skip(text) - text);
			break;
	}
}

/* As java.util.Date shows itself, in UTC: Fri Nov 04 13:51:30 UTC 2016 */
static void
append_java_date_string(StringInfo out, const Schema *schema,
						const char *text)
{
	int64		millis = strtoi64(text, NULL, 10);
	int64		date;
	int			year;
	int			month;
	int			day;
	int			seconds;

	if (strcmp(schema->name, SCHEMA_CONNECT_DATE) == 0)
		millis *= MSECS_PER_DAY;
	date = millis / MSECS_PER_DAY - (millis % MSECS_PER_DAY < 0 ? 1 : 0);
	seconds = (millis - date * MSECS_PER_DAY) / 1000;
	j2date(date + UNIX_EPOCH_JDATE, &year, &month, &day);
	appendStringInfo(out, "%.3s %s %02d %02d:%02d:%02d UTC %04d",
					 days[j2day(date + UNIX_EPOCH_JDATE)],
					 months[month - 1], day, seconds / SECS_PER_HOUR,
					 seconds / SECS_PER_MINUTE % MINS_PER_HOUR,
					 seconds % SECS_PER_MINUTE, year);
}

/*
 * Bytes are in a Java buffer, which shows its size, but in the structs of
 * Debezium's own and with a name of their own in a Java array, whose text is
 * the id of an object: here it is base64 instead.
 */
static void
append_bytes_string(StringInfo out, const Schema *schema,
					const Schema *parent, const char *text)
{
	static const char own[] = "io.debezium.data.";
	int			len;

	if (schema->name != NULL && strcmp(schema->name, SCHEMA_DECIMAL) == 0)
		append_decimal(out, text, atoi(schema_parameter(schema, "scale")));
	else if (schema->name != NULL ||
			 (parent != NULL && parent->name != NULL &&
			  strncmp(parent->name, own, strlen(own)) == 0))
		text_append(out, text + 1, plain_skip(text) - text - 2);
	else
	{
		pfree(plain_decode_base64(text, &len));
		appendStringInfo(out, "java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]",
						 len, len);
	}
}

/*
 * Append a value as Connect's StringConverter writes it.  A field of a struct
 * that is null is left out.
 */
static void
append_java_string(StringInfo out, const Schema *schema, const Schema *parent,
				   const char *text)
{
	const char *next = text;
	MapEntry	entry;
	bool		first = true;
	int			i;

	if (plain_is_null(text))
	{
		text_append_literal(out, "null");
		return;
	}
	switch (schema->type)
	{
		case CONNECT_STRUCT:
			text_append_literal(out, "Struct{");
			for (i = 0; i < schema->nfields; i++)
			{
				const SchemaField *field = &schema->fields[i];

				next = plain_skip(next + 1) + 1;	/* { or , "name" : */
				if (!plain_is_null(next))
				{
					if (!first)
						text_append_literal(out, ",");
					first = false;
					text_append(out, field->name, strlen(field->name));
					text_append_literal(out, "=");
					append_java_string(out, field->schema, schema, next);
				}
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
					text_append_literal(out, ", ");
				append_java_string(out, schema->items, NULL, next + 1);
				next = plain_skip(next + 1);
			}
			text_append_literal(out, "]");
			break;
		case CONNECT_MAP:
			text_append_literal(out, "{");
			for (; map_entry(schema, next, &entry); next = entry.end)
			{
				if (*next == ',')
					text_append_literal(out, ", ");
				append_java_string(out, schema->keys, NULL, entry.key);
				text_append_literal(out, "=");
				append_java_string(out, schema->items, NULL, entry.value);
			}
			text_append_literal(out, "}");
			break;
		case CONNECT_BYTES:
			append_bytes_string(out, schema, parent, text);
			break;
		default:
			if (is_java_date(schema))
				append_java_date_string(out, schema, text);
			else if (*text == '"')	/* a string, NaN, an infinity */
				plain_unescape(out, text);
			else
				text_append(out, text, plain_skip(text) - text);
			break;
	}
}

/*
 * Make ready what goes along with all values of a schema; NULL: values are
 * null.  Memory is from the current context.
 */
void
conversion_prepare(Conversion *conversion, const Converter *converter,
				   const Schema *schema)
{
	StringInfoData lead;

	conversion->converter = converter;
	conversion->schema = schema;
	conversion->lead.data = "";
	conversion->lead.len = 0;
	if (schema == NULL || converter->kind != CONVERTER_JSON ||
		!converter->schemas)
		return;
	initStringInfo(&lead);
	text_append_literal(&lead, "{\"schema\":");
	schema_append_json(&lead, schema, NULL, converter);
	text_append_literal(&lead, ",\"payload\":");
	conversion->lead.data = pnstrdup(lead.data, lead.len);
	conversion->lead.len = lead.len;
	pfree(lead.data);
}

/*
 * Does JsonConverter write values of a schema in another way than the plain
 * form, nulls apart?
 */
bool
conversion_changes(const Converter *converter, const Schema *schema)
{
	int			i;

	if (!converter->numeric_decimals)
		return false;
	switch (schema->type)
	{
		case CONNECT_BYTES:
			return schema->name != NULL &&
				strcmp(schema->name, SCHEMA_DECIMAL) == 0;
		case CONNECT_ARRAY:
		case CONNECT_MAP:
			return conversion_changes(converter, schema->items);
		case CONNECT_STRUCT:
			for (i = 0; i < schema->nfields; i++)
			{
				if (conversion_changes(converter, schema->fields[i].schema))
					return true;
			}
			return false;
		default:
			return false;
	}
}

/*
 * Put what JsonConverter makes of a value in the place of its plain form,
 * which goes from "start" to the end of a text.
 */
void
conversion_replace(StringInfo text, int start, const Converter *converter,
				   const Schema *schema)
{
	char	   *plain = pnstrdup(text->data + start, text->len - start);

	text->len = start;
	append_json(text, converter, schema, plain);
	pfree(plain);
}

/*
 * Append the default of a schema, as it stands in the schema's JSON.
 */
void
conversion_append_default(StringInfo out, const Converter *converter,
						  const Schema *schema)
{
	append_json(out, converter, schema, schema->default_json);
}

/*
 * Append what the converter makes of a value: all bytes of a key, a value or
 * a header.  "text" is the value in plain form, terminated by zero.  A null
 * without schema must not come here, it is null for every converter.
 */
void
conversion_write(StringInfo out, const Conversion *conversion,
				 const char *text)
{
	const Converter *converter = conversion->converter;

	switch (converter->kind)
	{
		case CONVERTER_JSON:
			text_append_piece(out, conversion->lead);
			if (converter->direct)
				text_append(out, text, strlen(text));
			else
				append_json(out, converter, conversion->schema, text);
			if (conversion->lead.len > 0)
				text_append_literal(out, "}");
			break;
		case CONVERTER_STRING:
			append_java_string(out, conversion->schema, NULL, text);
			break;
		case CONVERTER_SIMPLE_HEADER:
			append_header(out, conversion->schema, text, false);
			break;
	}
}
