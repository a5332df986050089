/*-------------------------------------------------------------------------
 *
 * conversion.c
 *	  SQL that makes of a carried value what the target's column holds.
 *
 * NOTES
 *	  Where a script declares STRING, the column of the target says what the
 *	  text is.  PostgreSQL reads most of them itself; for the others this
 *	  takes apart how Debezium writes the type.  A value that is PostgreSQL's
 *	  own text of the type is always understood, too.
 *
 *	  $ in a template stands for the value, a text; so expressions end with
 *	  \Z.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "statement.h"

/* VARHDRSZ, which typmods of numeric count in */
#define TYPMOD_HEADER 4

typedef struct Conversion
{
	const Encoding *encoding;
	bool		decoded;		/* by the event's schema: numbers, times and
								 * bits are PostgreSQL's text already */
	int32		modifier;		/* of the target's column */
} Conversion;

/* The template with the value in place of each $. */
static void
append_template(PQExpBuffer sql, const char *template, const char *value)
{
	for (const char *p = template; *p != '\0'; p++)
	{
		if (*p == '$')
			appendPQExpBufferStr(sql, value);
		else
			appendPQExpBufferChar(sql, *p);
	}
}

/* Base64 of an unscaled number, times "factor"; exact. */
static void
append_unscaled(PQExpBuffer sql, const char *base64, const char *factor)
{
	append_template(sql,
					"(SELECT (pg_catalog.sum(pg_catalog.get_byte(d.b, i) * 256::numeric ^ (pg_catalog.length(d.b) - 1 - i))"
					" - CASE WHEN pg_catalog.get_byte(d.b, 0) > 127 THEN 256::numeric ^ pg_catalog.length(d.b) ELSE 0 END)"
					" FROM (SELECT pg_catalog.decode($, 'base64') AS b OFFSET 0) AS d,"
					" pg_catalog.generate_series(0, pg_catalog.length(d.b) - 1) AS i GROUP BY d.b) * ", base64);
	appendPQExpBufferStr(sql, factor);
}

/* What numeric has beside numbers, in the words of all modes. */
static void
append_specials(PQExpBuffer sql, const char *value)
{
	append_template(sql,
					"WHEN $ IN ('NAN', 'NaN') THEN 'NaN'::numeric"
					" WHEN $ IN ('POSITIVE_INFINITY', '+Infinity') THEN 'Infinity'::numeric"
					" WHEN $ IN ('NEGATIVE_INFINITY', '-Infinity') THEN '-Infinity'::numeric ", value);
}

/*
 * numeric, by the rules of read_decimal() in value.c.  "scale" is that of
 * base64, -1: not known.  What cannot be decided becomes the text of an error.
 */
static void
append_decimal(PQExpBuffer sql, const Conversion *conversion, int scale,
			   const char *value)
{
	char	   *member = psprintf("(%s::json->>'value')", value);
	char	   *power = psprintf("('1e-' || (%s::json->>'scale'))::numeric", value);
	DecimalMode mode = conversion->decoded ? DECIMAL_STRING :
	conversion->encoding->decimals;
	char		factor[32];

	snprintf(factor, sizeof(factor), "'1e-%d'::numeric", scale);
	appendPQExpBufferStr(sql, "CASE ");
	append_specials(sql, value);
	append_template(sql, "WHEN $ LIKE '{%' THEN CASE ", value);
	append_specials(sql, member);
	appendPQExpBufferStr(sql, "ELSE ");
	append_unscaled(sql, member, power);
	appendPQExpBufferStr(sql, " END");
	free(member);
	free(power);
	if (mode == DECIMAL_AUTO)
		append_template(sql,
						" WHEN $ ~ '^([0-9]{4})+\\Z' OR $ = 'Infinity' THEN"
						" ('a number or base64: set ''decimal.handling.mode'' of the table to the connector''s; ' || $)::numeric"
						" WHEN $ ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\\Z' THEN $::numeric", value);
	appendPQExpBufferStr(sql, " ELSE ");
	if (mode == DECIMAL_STRING)
		append_template(sql, "$::numeric", value);
	else if (scale < 0)
		append_template(sql, "('base64 without a scale: declare DECIMAL(p, s) in the script; ' || $)::numeric", value);
	else
		append_unscaled(sql, value, factor);
	appendPQExpBufferStr(sql, " END");
}

static void
append_numeric(PQExpBuffer sql, const Conversion *conversion, const char *value)
{
	/* eleven bits, as Debezium reads it: negative scales are large ones */
	append_decimal(sql, conversion, conversion->modifier < 0 ? -1 :
				   (conversion->modifier - TYPMOD_HEADER) & 0x7ff, value);
}

static void
append_money(PQExpBuffer sql, const Conversion *conversion, const char *value)
{
	appendPQExpBufferChar(sql, '(');
	append_decimal(sql, conversion, conversion->encoding->money_digits, value);
	appendPQExpBufferStr(sql, ")::money");
}

static void
append_bytea(PQExpBuffer sql, const Conversion *conversion, const char *value)
{
	switch (conversion->encoding->binaries)
	{
		case BINARY_BASE64:
			append_template(sql, "pg_catalog.decode($, 'base64')", value);
			break;
		case BINARY_BASE64_URL_SAFE:
			append_template(sql, "pg_catalog.decode(pg_catalog.translate($, '-_', '+/'), 'base64')", value);
			break;
		case BINARY_HEX:
			append_template(sql, "pg_catalog.decode($, 'hex')", value);
			break;
	}
}

/*
 * A boolean, or base64 of little-endian bytes without zeros at the end.  Bytes
 * beyond the column's length make a text that is too long for it.
 */
static void
append_bit(PQExpBuffer sql, const Conversion *conversion, const char *value)
{
	char	   *bits;

	if (conversion->decoded)
	{
		append_template(sql, "CASE $ WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE $ END", value);
		return;
	}
	append_template(sql,
					"CASE WHEN $ = 'true' THEN '1' WHEN $ = 'false' THEN '0' WHEN $ IS NOT NULL THEN"
					" (SELECT pg_catalog.string_agg(CASE WHEN i < 8 * pg_catalog.length(d.b) THEN pg_catalog.get_bit(d.b, i) ELSE 0 END::text, '' ORDER BY i DESC)"
					" FROM (SELECT pg_catalog.decode($, 'base64') AS b OFFSET 0) AS d,"
					" pg_catalog.generate_series(0, CASE WHEN pg_catalog.length(d.b) > ", value);
	bits = psprintf("%d THEN 8 * pg_catalog.length(d.b) ELSE %d END - 1) AS i) END",
					(conversion->modifier + 7) / 8, conversion->modifier);
	appendPQExpBufferStr(sql, bits);
	free(bits);
}

/*
 * Dates and times as text in the forms of ISO 8601 with Java's years, as
 * PostgreSQL reads them.
 */
static void
append_iso(PQExpBuffer sql, const char *value)
{
	append_template(sql,
					"CASE WHEN $ IN ('" ISO_TIMESTAMP_INFINITY "', '" ISO_DATE_INFINITY "') THEN 'infinity'"
					" WHEN $ IN ('" ISO_TIMESTAMP_MINUS_INFINITY "', '" ISO_DATE_MINUS_INFINITY "') THEN '-infinity'"
					" WHEN $ LIKE '+%' THEN pg_catalog.substr($, 2)"
					" WHEN $ ~ '^(-[0-9]|0000-)' THEN"
					" pg_catalog.to_char(1 - pg_catalog.substring($, '^-?[0-9]+')::int, 'FM9999990000')"
					" || pg_catalog.substring($, '^-?[0-9]+(.*)\\Z') || ' BC'"
					" ELSE $ END", value);
}

#define IS_NUMBER "$ ~ '^-?[0-9]+\\Z'"

static void
append_date(PQExpBuffer sql, const Conversion *conversion, const char *value)
{
	if (conversion->encoding->times != TIME_ISOSTRING)
		append_template(sql,
						"CASE WHEN $ = '-2147472692' THEN 'infinity'::date"
						" WHEN $ = '-2147472691' THEN '-infinity'::date"
						" WHEN " IS_NUMBER " THEN '1970-01-01'::date + $::int ELSE (", value);
	else
		append_template(sql, "CASE WHEN " IS_NUMBER " THEN ('a number, but ''time.precision.mode'' is ''isostring'': ' || $)::date ELSE (", value);
	append_iso(sql, value);
	appendPQExpBufferStr(sql, ")::date END");
}

/* The number as microseconds, e.g. ($::bigint * 1000); NULL: none is read. */
static char *
microseconds(const Conversion *conversion, bool time_of_day, const char *value)
{
	int64		unit = encoding_time_unit(conversion->encoding, time_of_day,
										  conversion->modifier < 0 ? 6 :
										  conversion->modifier);

	if (unit == 0)
		return NULL;
	if (unit == 1)
		return psprintf("pg_catalog.div(%s::numeric, 1000)::bigint", value);
	return psprintf("(%s::bigint * %d)", value, (int) (unit / 1000));
}

static void
append_time(PQExpBuffer sql, const Conversion *conversion, const char *value)
{
	char	   *us = microseconds(conversion, true, value);

	append_template(sql, "CASE WHEN " IS_NUMBER " THEN ", value);
	if (us == NULL)
		append_template(sql, "('a number, but ''time.precision.mode'' is ''isostring'': ' || $)::time", value);
	else
		append_template(sql,
						"pg_catalog.make_time(($ / 3600000000)::int, ($ / 60000000 % 60)::int,"
						" ($ % 60000000)::float8 / 1000000)", us);
	append_template(sql, " ELSE $::time END", value);
	free(us);
}

static void
append_timestamp(PQExpBuffer sql, const Conversion *conversion,
				 const char *value)
{
	char	   *us = microseconds(conversion, false, value);

	append_template(sql,
					"CASE WHEN $ IN ('9223372036825200', '9223372036825200000', '9223372036854775807') THEN 'infinity'::timestamp"
					" WHEN $ IN ('-9223372036832400', '-9223372036832400000', '-9223372036854775808') THEN '-infinity'::timestamp"
					" WHEN " IS_NUMBER " THEN ", value);
	if (us == NULL)
		append_template(sql, "('a number, but ''time.precision.mode'' is ''isostring'': ' || $)::timestamp", value);
	else
		/* in days and the rest, so that no double loses a microsecond */
		append_template(sql,
						"'1970-01-01'::timestamp + pg_catalog.make_interval(days => ($ / 86400000000)::int,"
						" secs => ($ % 86400000000)::float8 / 1000000)", us);
	appendPQExpBufferStr(sql, " ELSE (");
	append_iso(sql, value);
	appendPQExpBufferStr(sql, ")::timestamp END");
	free(us);
}

static void
append_timestamptz(PQExpBuffer sql, const Conversion *conversion,
				   const char *value)
{
	(void) conversion;
	appendPQExpBufferChar(sql, '(');
	append_iso(sql, value);
	appendPQExpBufferStr(sql, ")::timestamptz");
}

static void
append_interval(PQExpBuffer sql, const Conversion *conversion,
				const char *value)
{
	(void) conversion;
	append_template(sql,
					"CASE WHEN " IS_NUMBER " THEN pg_catalog.make_interval(hours => ($::bigint / 3600000000)::int,"
					" secs => ($::bigint % 3600000000)::float8 / 1000000) ELSE $::interval END", value);
}

static void
append_point(PQExpBuffer sql, const Conversion *conversion, const char *value)
{
	(void) conversion;
	append_template(sql,
					"CASE WHEN $ LIKE '{%' THEN pg_catalog.point(($::json->>'x')::float8, ($::json->>'y')::float8)"
					" ELSE $::point END", value);
}

static void
append_line(PQExpBuffer sql, const Conversion *conversion, const char *value)
{
	(void) conversion;
	append_template(sql,
					"CASE WHEN $ LIKE '{\"%' THEN '{' || ($::json->>'a') || ',' || ($::json->>'b') || ',' || ($::json->>'c') || '}'"
					" ELSE $ END", value);
}

static void
append_circle(PQExpBuffer sql, const Conversion *conversion, const char *value)
{
	(void) conversion;
	append_template(sql,
					"CASE WHEN $ LIKE '{%' THEN '<(' || ($::json#>>'{center,x}') || ',' || ($::json#>>'{center,y}') || '),' || ($::json->>'radius') || '>'"
					" ELSE $ END", value);
}

/* As text of the type, so that it does not matter where its functions are. */
static void
append_hstore(PQExpBuffer sql, const Conversion *conversion, const char *value)
{
	(void) conversion;
	append_template(sql,
					"CASE WHEN $ LIKE '{%' THEN (SELECT COALESCE(pg_catalog.string_agg("
					"'\"' || pg_catalog.regexp_replace(j.key, '([\"\\\\])', '\\\\\\1', 'g') || '\"=>' ||"
					" COALESCE('\"' || pg_catalog.regexp_replace(j.value, '([\"\\\\])', '\\\\\\1', 'g') || '\"', 'NULL'), ','), '')"
					" FROM pg_catalog.json_each_text($::json) AS j) ELSE $ END", value);
}

/* PostGIS reads EWKB in hexadecimal digits. */
static void
append_geometry(PQExpBuffer sql, const Conversion *conversion,
				const char *value)
{
	(void) conversion;
	append_template(sql,
					"CASE WHEN $ LIKE '{%' THEN pg_catalog.encode(pg_catalog.decode($::json->>'wkb', 'base64'), 'hex')"
					" ELSE $ END", value);
}

static const struct
{
	const char *base;
	void		(*append) (PQExpBuffer sql, const Conversion *conversion,
						   const char *value);
}			conversions[] = {
	{"numeric", append_numeric},
	{"money", append_money},
	{"bytea", append_bytea},
	{"bit", append_bit},
	{"varbit", append_bit},
	{"date", append_date},
	{"time", append_time},
	{"timestamp", append_timestamp},
	{"timestamptz", append_timestamptz},
	{"interval", append_interval},
	{"point", append_point},
	{"line", append_line},
	{"circle", append_circle},
	{"hstore", append_hstore},
	{"geometry", append_geometry},
	{"geography", append_geometry},
};

/* Number of the conversion to a type, -1: PostgreSQL reads the text itself. */
static int
find_conversion(const char *base)
{
	for (size_t i = 0; base != NULL && i < lengthof(conversions); i++)
		if (strcmp(conversions[i].base, base) == 0)
			return (int) i;
	return -1;
}

static bool
is_one_of(const char *base, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], base) == 0)
			return true;
	return false;
}

/* The elements of rows(v, n) as an array. */
static void
append_elements(PQExpBuffer sql, const Conversion *conversion,
				const TargetType *target, const char *rows)
{
	int			found = find_conversion(target->element_base);

	appendPQExpBufferStr(sql, "(SELECT COALESCE(pg_catalog.array_agg((");
	if (found >= 0)
		conversions[found].append(sql, conversion, "e.v");
	else
		appendPQExpBufferStr(sql, "e.v");
	appendPQExpBuffer(sql, ")::%s ORDER BY e.n), '{}') FROM %s WITH ORDINALITY AS e(v, n))",
					  target->element, rows);
}

/* A JSON array, or PostgreSQL's text of one. */
static void
append_array(PQExpBuffer sql, const Conversion *conversion,
			 const TargetType *target, const char *value)
{
	char	   *rows = psprintf("pg_catalog.json_array_elements_text(%s::json)", value);

	/* [2:3]={...} is PostgreSQL's, with bounds */
	append_template(sql, "CASE WHEN $ LIKE '[%' AND $ !~ '^\\[-?[0-9]+:' THEN ", value);
	append_elements(sql, conversion, target, rows);
	append_template(sql, " ELSE $::", value);
	appendPQExpBuffer(sql, "%s END", target->name);
	free(rows);
}

/* ARRAY<STRING> and the like, whose elements PostgreSQL does not read. */
static void
append_text_array(PQExpBuffer sql, const Conversion *conversion,
				  const TargetType *target, const char *value)
{
	char	   *rows = psprintf("pg_catalog.unnest(%s::text[])", value);

	append_template(sql, "CASE WHEN $ IS NOT NULL THEN ", value);
	append_elements(sql, conversion, target, rows);
	appendPQExpBufferStr(sql, " END");
	free(rows);
}

/* The conversion that a value of the type needs, with its own cast. */
static bool
append_typed(PQExpBuffer sql, const char *value, const DataType *type,
			 const Conversion *conversion, const TargetType *target)
{
	static const char *const of_numbers[] = {
		"date", "time", "timestamp", "interval"
	};
	static const char *const of_bytes[] = {
		"bytea", "text", "varchar", "bpchar", "name", "char"
	};
	int			found = find_conversion(target->base);
	char	   *text = NULL;

	switch (type->kind)
	{
		case TYPE_TINYINT:
		case TYPE_SMALLINT:
		case TYPE_INT:
		case TYPE_BIGINT:
			if (!is_one_of(target->base, of_numbers, lengthof(of_numbers)))
				return false;
			text = psprintf("%s::text", value);
			break;
		case TYPE_BOOLEAN:
			if (strcmp(target->base, "bit") != 0 && strcmp(target->base, "varbit") != 0)
				return false;
			text = psprintf("%s::text", value);
			break;
		case TYPE_FLOAT:
		case TYPE_DOUBLE:
			if (strcmp(target->base, "money") != 0)
				return false;
			appendPQExpBuffer(sql, "%s::numeric::money", value);
			return true;
		case TYPE_CHAR:
		case TYPE_VARCHAR:
		case TYPE_MAP:
		case TYPE_ROW:
			if (target->element != NULL && found < 0)
			{
				append_array(sql, conversion, target, value);
				return true;
			}
			break;
		case TYPE_BINARY:
		case TYPE_VARBINARY:
			if (is_one_of(target->base, of_bytes, lengthof(of_bytes)))
				return false;
			if (found >= 0 && strcmp(target->base, "line") != 0 &&
				strcmp(target->base, "circle") != 0)
				break;
			/* a type that Debezium does not know: its text as bytes */
			append_template(sql, "pg_catalog.convert_from(pg_catalog.decode($, 'base64'), 'UTF8')", value);
			return true;
		case TYPE_ARRAY:
			if (target->element == NULL ||
				find_conversion(target->element_base) < 0 ||
				(type->element->kind != TYPE_VARCHAR &&
				 type->element->kind != TYPE_CHAR))
				return false;
			append_text_array(sql, conversion, target, value);
			return true;
		default:
			return false;
	}
	if (found < 0)
		return false;
	conversions[found].append(sql, conversion, text != NULL ? text : value);
	free(text);
	return true;
}

bool
conversion_append(PQExpBuffer sql, const char *value, const DataType *type,
				  const SourceTable *source, const TargetType *target)
{
	Conversion	conversion;
	size_t		start = sql->len;

	if (target->base == NULL)
		return false;
	conversion.encoding = &source->encoding;
	conversion.decoded = source->schema_include && type->kind != TYPE_VARBINARY &&
		type->kind != TYPE_BINARY;
	conversion.modifier = target->modifier;
	appendPQExpBufferChar(sql, '(');
	if (!append_typed(sql, value, type, &conversion, target))
	{
		sql->len = start;
		sql->data[start] = '\0';
		return false;
	}
	appendPQExpBuffer(sql, ")::%s", target->name);
	return true;
}

const char *
conversion_check(const DataType *type, const SourceTable *source,
				 const TargetType *target)
{
	static const char *const always_base64[] = {
		"bit", "varbit", "numeric", "money"
	};
	bool		bytes = type->kind == TYPE_BINARY ||
	type->kind == TYPE_VARBINARY;
	bool		text = type->kind == TYPE_VARCHAR || type->kind == TYPE_CHAR;

	if (target->base == NULL)
		return NULL;
	if ((bytes || text) && strcmp(target->base, "varbit") == 0 &&
		target->modifier != 1)
		return "events do not tell how many zeros a bit varying begins with. Leave the column out, or make it bit(n)";
	if (bytes && source->encoding.binaries == BINARY_HEX &&
		is_one_of(target->base, always_base64, lengthof(always_base64)))
		return "its values are base64 whatever 'binary.handling.mode' is. Declare it as STRING";
	return NULL;
}
