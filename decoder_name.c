/*-------------------------------------------------------------------------
 *
 * decoder_name.c
 *	  Names made of the names of tables and columns: of topics, schemas and
 *	  fields.
 *
 * NOTES
 *	  Java counts in units of UTF-16, so a character outside of the basic
 *	  plane is two that are not allowed.  All that is not ASCII is replaced,
 *	  where anything is; so what comes out is the same in every encoding.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_debezium.h"
#include "decoder_regex.h"

/* Kafka's limit for the name of a topic; Debezium cuts there */
#define MAX_TOPIC_LEN	249

/* A name as Java has it */
typedef struct JavaString
{
	int			len;
	uint16	   *units;
} JavaString;

static JavaString
java_string(const char *name)
{
	char	   *utf8 = pg_server_to_any(name, strlen(name), PG_UTF8);
	const unsigned char *next = (const unsigned char *) utf8;
	JavaString	result;

	result.len = 0;
	result.units = palloc(sizeof(uint16) * (strlen(utf8) + 1));
	while (*next != '\0')
	{
		pg_wchar	code = utf8_to_unicode(next);

		next += pg_utf_mblen(next);
		if (code >= 0x10000)
		{
			result.units[result.len++] = 0xD800 + ((code - 0x10000) >> 10);
			code = 0xDC00 + (code & 0x3FF);
		}
		result.units[result.len++] = code;
	}
	return result;
}

static bool
is_letter(uint16 unit)
{
	return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z');
}

static bool
is_digit(uint16 unit)
{
	return unit >= '0' && unit <= '9';
}

/*
 * Append what stands for a character that is not allowed: an underscore, or
 * an escape that starts with one.  The escape has no zero in front of three
 * digits; that is how Debezium writes it.
 */
static void
append_replacement(StringInfo out, uint16 unit, bool unicode)
{
	if (!unicode)
		appendStringInfoChar(out, '_');
	else
		appendStringInfo(out, unit <= 0xFF ? "_u00%x" : "_u%x", unit);
}

static char *
sanitize_topic(const char *name, bool unicode)
{
	JavaString	string = java_string(name);
	StringInfoData out;
	int			i;

	initStringInfo(&out);
	for (i = 0; i < string.len; i++)
	{
		uint16		unit = string.units[i];

		/* where it starts an escape, an underscore is escaped itself */
		if (is_letter(unit) || is_digit(unit) || unit == '.' || unit == '-' ||
			(unit == '_' && !unicode))
			appendStringInfoChar(&out, unit);
		else
			append_replacement(&out, unit, unicode);
	}
	pfree(string.units);
	if (out.len > MAX_TOPIC_LEN)
		out.data[MAX_TOPIC_LEN] = '\0';
	return out.data;
}

/* Java takes a part without any letters for none */
static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\n\r\f\v")] == '\0';
}

/* Prefix, schema and table, as they are */
static char *
original_topic(const DecoderOptions *options, const char *schema_name,
			   const char *table_name)
{
	const TopicNaming *naming = &options->naming;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, options->topic_prefix);
	if (naming->with_schema && !is_blank(schema_name))
		appendStringInfo(&out, "%s%s", naming->delimiter, schema_name);
	if (!is_blank(table_name))
		appendStringInfo(&out, "%s%s", naming->delimiter, table_name);
	return out.data;
}

/*
 * The topic of a table.
 */
char *
topic_name(const DecoderOptions *options, const char *schema_name,
		   const char *table_name)
{
	const TopicNaming *naming = &options->naming;
	char	   *topic = sanitize_topic(original_topic(options, schema_name,
													  table_name),
									   naming->unicode);
	char	   *renamed;

	if (naming->regex == NULL || !regex_match(naming->regex, topic))
		return topic;
	renamed = regex_replace(naming->regex, topic, naming->replacement, false);
	return *renamed == '\0' ? topic : sanitize_topic(renamed, false);
}

/*
 * The topic of BEGIN and END records.
 */
char *
topic_name_transaction(const DecoderOptions *options)
{
	return psprintf("%s%s%s", options->topic_prefix,
					options->naming.delimiter, options->transaction_topic);
}

/*
 * The value of the field that is added to keys where several tables may share
 * a topic; NULL when none is.
 */
char *
topic_key_value(const DecoderOptions *options, const char *schema_name,
				const char *table_name)
{
	const TopicNaming *naming = &options->naming;
	char	   *original;

	if (naming->regex == NULL || !naming->unique_keys)
		return NULL;
	original = original_topic(options, schema_name, table_name);
	if (naming->key_regex == NULL ||
		!regex_match(naming->key_regex, original))
		return original;
	return regex_replace(naming->key_regex, original, naming->key_replacement,
						 false);
}

/*
 * A name in which all is replaced that Avro does not know.
 */
char *
name_adjust(const char *name, NameAdjustment adjustment, bool is_field)
{
	bool		unicode = adjustment == ADJUST_AVRO_UNICODE;
	JavaString	string;
	StringInfoData out;
	int			i;

	if (adjustment == ADJUST_NONE)
		return pstrdup(name);
	string = java_string(name);
	initStringInfo(&out);
	for (i = 0; i < string.len; i++)
	{
		uint16		unit = string.units[i];

		if (is_letter(unit) || (unit == '_' && !unicode) ||
			(i > 0 && is_digit(unit)) ||
			(i > 0 && !is_field && unit == '.'))
			appendStringInfoChar(&out, unit);
		else
		{
			append_replacement(&out, unit, unicode);
			/* names that differ in their first digit only stay different */
			if (is_digit(unit) && !unicode)
				appendStringInfoChar(&out, unit);
		}
	}
	pfree(string.units);
	return out.data;
}

/*
 * The name of a schema, by schema.name.adjustment.mode.
 */
char *
name_of_schema(const DecoderOptions *options, const char *name)
{
	return name_adjust(name, options->schema_names, false);
}

/*
 * The name of the field of a column, by field.name.adjustment.mode.
 */
char *
name_of_field(const DecoderOptions *options, const char *name)
{
	return name_adjust(name, options->field_names, true);
}
