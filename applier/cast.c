/*-------------------------------------------------------------------------
 *
 * cast.c
 *	  CAST and TRY_CAST with Flink's meaning.
 *
 * NOTES
 *	  A text is looked at before it is cast, so that TRY_CAST has its NULL
 *	  without an error; CAST fails with an error of class 22, which is the
 *	  event's.  Numbers never fail: integers wrap, floats stop at the bounds,
 *	  decimals become NULL.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "expression.h"

/* What a number looks like, behind its sign. */
#define DIGITS "([0-9]+[.]?[0-9]*|[.][0-9]+)"

/* The distance from UTC that a zone's id has behind its prefix, or NULL. */
static const char *
zone_distance(const char *zone)
{
	static const char *const prefixes[] = {"UTC", "GMT", "UT", ""};

	for (size_t i = 0; i < lengthof(prefixes); i++)
	{
		size_t		length = strlen(prefixes[i]);

		if (strncmp(zone, prefixes[i], length) == 0 &&
			(zone[length] == '+' || zone[length] == '-'))
			return zone + length;
	}
	return NULL;
}

bool
zone_is_valid(const char *zone)
{
	const char *distance = zone_distance(zone);
	int			parts[3] = {0, 0, 0};
	int			count = 0;

	if (distance == NULL)
		return isalpha((unsigned char) *zone) &&
			zone[strspn(zone, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/")] == '\0';
	for (const char *p = distance + 1; count < (int) lengthof(parts); p++)
	{
		int			digits = strspn(p, "0123456789");

		if (digits != 2 && !(digits == 1 && count == 0))
			return false;
		parts[count++] = atoi(p);
		p += digits;
		if (*p == '\0')
			return parts[0] <= 18 && parts[1] < 60 && parts[2] < 60;
		if (*p != ':')
			return false;
	}
	return false;
}

/* PostgreSQL reads the sign of GMT+2 as POSIX does, the other way round. */
char *
zone_sql(Rewriter *rewriter)
{
	const char *zone = rewriter->pipeline->time_zone;
	const char *distance = zone_distance(zone);

	if (distance != NULL)
		return psprintf("interval '%s%s'", distance,
						strchr(distance, ':') == NULL ? ":00" : "");
	return quoted(strcmp(zone, "Z") == 0 ? "UTC" : zone);
}

/* What stands where a value cannot be cast: never a valid one. */
static char *
failure(const char *value, const char *type, bool try)
{
	if (try)
		return psprintf("NULL::%s", type);
	return psprintf("pg_catalog.concat('cannot be cast: ', %s)::%s", value, type);
}

static const char *
integer_name(TypeKind kind)
{
	return kind == TYPE_BIGINT ? "bigint" : kind == TYPE_INT ? "integer" :
		"smallint";
}

static const char *
integer_bound(TypeKind kind)
{
	switch (kind)
	{
		case TYPE_TINYINT:
			return "127";
		case TYPE_SMALLINT:
			return "32767";
		case TYPE_INT:
			return "2147483647";
		default:
			return "9223372036854775807";
	}
}

/* "checked" is NULL for a value that is none, and so is the result. */
static char *
checked_text(const char *text, const char *condition, const char *inner,
			 const char *failed)
{
	return template_sql(psprintf("CASE WHEN $1 IS NULL THEN NULL WHEN %s THEN %s ELSE %s END",
								 condition, inner, failed), text, NULL);
}

static char *
text_to_integer(const char *text, TypeKind kind, bool try)
{
	const char *name = integer_name(kind);
	char	   *failed = failure("$1", name, try);
	char	   *inner = psprintf("CASE WHEN pg_catalog.trunc(pg_catalog.btrim($1)::numeric)"
								 " BETWEEN -%s - 1::numeric AND %s"
								 " THEN pg_catalog.trunc(pg_catalog.btrim($1)::numeric)::%s ELSE %s END",
								 integer_bound(kind), integer_bound(kind), name,
								 failed);

	return checked_text(text, "$1 ~ '^ *[-+]?" DIGITS " *$'", inner, failed);
}

static char *
text_to_float(const char *text, const char *name, const char *largest,
			  const char *smallest, bool try)
{
	/* Java's numbers may end with f or d; PostgreSQL's must be in range */
	static const char number[] = "pg_catalog.rtrim(pg_catalog.btrim($1, E' \\t\\n\\r'), 'fFdD')";
	char	   *inner = psprintf("CASE WHEN $1 ~ '[NI]' THEN pg_catalog.btrim($1, E' \\t\\n\\r')::%s"
								 " WHEN pg_catalog.abs(%s::numeric) > %s THEN CASE WHEN %s::numeric > 0 THEN 'Infinity' ELSE '-Infinity' END::%s"
								 " WHEN pg_catalog.abs(%s::numeric) < %s THEN 0::%s"
								 " ELSE %s::%s END", name, number, largest, number,
								 name, number, smallest, name, number, name);

	return checked_text(text, "$1 ~ '^\\s*[-+]?(NaN|Infinity|" DIGITS "([eE][-+]?[0-9]{1,4})?[fFdD]?)\\s*$'",
						inner, failure("$1", name, try));
}

static char *
decimal_fitted(const char *sql, const DataType *to)
{
	return template_sql(psprintf("CASE WHEN pg_catalog.abs(pg_catalog.round($1, %d)) < 1e%d THEN pg_catalog.round($1, %d) END",
								 to->scale, to->precision - to->scale,
								 to->scale), sql, NULL);
}

static char *
text_to_decimal(const char *text, const DataType *to, bool try)
{
	return checked_text(text, "$1 ~ '^\\s*[-+]?" DIGITS "([eE][-+]?[0-9]{1,4})?\\s*$'",
						decimal_fitted("$1::numeric", to),
						failure("$1", "numeric", try));
}

static char *
text_to_boolean(const char *text, bool try)
{
	return checked_text(text, "pg_catalog.lower($1) IN ('true', 't', 'yes', 'y', '1')",
						psprintf("TRUE WHEN pg_catalog.lower($1) IN ('false', 'f', 'no', 'n', '0') THEN FALSE"),
						failure("$1", "boolean", try));
}

/* m is the array of year, month, day; the day may be after the month's end. */
#define LAST_DAY \
	"EXTRACT(day FROM pg_catalog.make_date(m.m[1]::integer, COALESCE(m.m[2], '1')::integer, 1)" \
	" + interval '1 month' - interval '1 day')::integer"

static char *
text_to_date(const char *text, bool try)
{
	char	   *failed = failure("$1", "date", try);

	return template_sql(psprintf("(SELECT CASE WHEN $1 IS NULL THEN NULL"
								 " WHEN m.m[1]::integer > 0 AND COALESCE(m.m[2], '1')::integer BETWEEN 1 AND 12 THEN"
								 " CASE WHEN COALESCE(m.m[3], '1')::integer BETWEEN 1 AND " LAST_DAY
								 " THEN pg_catalog.make_date(m.m[1]::integer, COALESCE(m.m[2], '1')::integer, COALESCE(m.m[3], '1')::integer)"
								 " ELSE %s END ELSE %s END FROM (SELECT pg_catalog.regexp_match($1,"
								 " '^\\s*([0-9]{1,4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?(?:\\s.*)?$') AS m OFFSET 0) AS m)",
								 failed, failed), text, NULL);
}

/* Digits behind the point that PostgreSQL keeps. */
static int
kept_digits(const DataType *to)
{
	return Min(to->precision, 6);
}

static char *
text_to_timestamp(const char *text, const DataType *to, bool try)
{
	char	   *failed = failure("$1", "timestamp", try);

	return template_sql(psprintf("(SELECT CASE WHEN $1 IS NULL THEN NULL"
								 " WHEN m.m[1]::integer > 0 AND m.m[2]::integer BETWEEN 1 AND 12 AND m.m[3]::integer BETWEEN 1 AND 31"
								 " AND COALESCE(m.m[5], '0')::integer < 60 AND COALESCE(m.m[6], '0')::integer < 60"
								 " AND (COALESCE(m.m[4], '0')::integer < 24 OR (m.m[4] || m.m[5] || m.m[6]) = '240000')"
								 " THEN pg_catalog.make_date(m.m[1]::integer, m.m[2]::integer, LEAST(m.m[3]::integer, " LAST_DAY "))"
								 " + pg_catalog.make_interval(0, 0, 0, 0, COALESCE(m.m[4], '0')::integer, COALESCE(m.m[5], '0')::integer,"
								 " (COALESCE(m.m[6], '0') || '.' || pg_catalog.left(COALESCE(m.m[7], '') || '0', %d))::double precision)"
								 " ELSE %s END FROM (SELECT pg_catalog.regexp_match($1,"
								 " '^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?: ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.]([0-9]{1,9}))?)?$') AS m OFFSET 0) AS m)",
								 kept_digits(to), failed), text, NULL);
}

static char *
text_to_time(const char *text, bool try)
{
	char	   *failed = failure("$1", "time", try);

	return template_sql(psprintf("(SELECT CASE WHEN $1 IS NULL THEN NULL"
								 " WHEN m.m[1]::integer < 24 AND COALESCE(m.m[2], '0')::integer < 60 AND COALESCE(m.m[3], '0')::integer < 60"
								 " THEN pg_catalog.make_time(m.m[1]::integer, COALESCE(m.m[2], '0')::integer,"
								 " (COALESCE(m.m[3], '0') || '.' || pg_catalog.left(COALESCE(m.m[4], '') || '0', 3))::double precision)"
								 " ELSE %s END FROM (SELECT pg_catalog.regexp_match($1,"
								 " '^\\s*([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,2})(?:[.]([0-9]{1,9}))?)?)?\\s*$') AS m OFFSET 0) AS m)",
								 failed), text, NULL);
}

static char *
from_text(Rewriter *rewriter, const char *text, const DataType *to, bool try)
{
	DataType	local;

	switch (type_class(to))
	{
		case CLASS_BOOLEAN:
			return text_to_boolean(text, try);
		case CLASS_INTEGER:
			return text_to_integer(text, to->kind, try);
		case CLASS_DECIMAL:
			return text_to_decimal(text, to, try);
		case CLASS_FLOAT:
			return to->kind == TYPE_DOUBLE ?
				text_to_float(text, "double precision", "1.7976931348623158e308",
							  "2.5e-324", try) :
				text_to_float(text, "real", "3.4028235677973366e38", "7.1e-46",
							  try);
		case CLASS_BYTES:
			return psprintf("pg_catalog.convert_to(%s, 'UTF8')", text);
		case CLASS_DATE:
			return text_to_date(text, try);
		case CLASS_TIME:
			return text_to_time(text, try);
		case CLASS_TIMESTAMP:
			return text_to_timestamp(text, to, try);
		case CLASS_TIMESTAMP_LTZ:
			local = type_precise(TYPE_TIMESTAMP, to->precision);
			return psprintf("(%s AT TIME ZONE %s)",
							text_to_timestamp(text, &local, try),
							zone_sql(rewriter));
		default:
			return NULL;
	}
}

/* ------------------------------------------------------------- to texts */

/* Java's notation: 1.0, 1.0E7, 1.0E-4. */
static char *
float_to_text(const char *value)
{
	return template_sql("CASE WHEN $1 = 0 THEN pg_catalog.concat($1::text, '.0')"
						" WHEN $1::text ~ '[NI]' THEN $1::text"
						" WHEN pg_catalog.abs($1) >= 0.001 AND pg_catalog.abs($1) < 10000000"
						" THEN pg_catalog.regexp_replace($1::text::numeric::text, '^([^.]*)$', '\\1.0')"
						" ELSE (SELECT pg_catalog.regexp_replace(pg_catalog.rtrim(pg_catalog.split_part(e.e, 'e', 1), '0'), '[.]$', '.0')"
						" || 'E' || pg_catalog.split_part(e.e, 'e', 2)::integer"
						" FROM (SELECT pg_catalog.btrim(pg_catalog.to_char($1::text::numeric, '9.9999999999999999EEEE')) AS e OFFSET 0) AS e) END",
						value, NULL);
}

static char *
timestamp_to_text(const char *value, int precision)
{
	if (precision <= 0)
		return psprintf("pg_catalog.to_char(%s, 'YYYY-MM-DD HH24:MI:SS')", value);
	return psprintf("pg_catalog.to_char(%s, 'YYYY-MM-DD HH24:MI:SS.FF%d')%s",
					value, Min(precision, 6),
					precision > 6 ? " || '000'" : "");
}

/* [1, NULL, 2] */
static char *
array_to_text(Rewriter *rewriter, const Rewritten *value)
{
	Rewritten	element = {pg_strdup("u.e"), *value->type.element, value->expression};
	DataType	text = type_simple(TYPE_VARCHAR);
	char	   *sql = cast_sql(rewriter, &element, &text, false);

	if (sql == NULL)
		return NULL;
	return template_sql(psprintf("CASE WHEN $1 IS NOT NULL THEN '[' || COALESCE((SELECT pg_catalog.string_agg(COALESCE(%s, 'NULL'), ', ' ORDER BY u.o)"
								 " FROM pg_catalog.unnest($1) WITH ORDINALITY AS u(e, o)), '') || ']' END",
								 sql), value->sql, NULL);
}

static char *
to_text(Rewriter *rewriter, const Rewritten *value)
{
	switch (type_class(&value->type))
	{
		case CLASS_STRING:
			return value->sql;
		case CLASS_BOOLEAN:
			return psprintf("pg_catalog.upper((%s)::text)", value->sql);
		case CLASS_INTEGER:
		case CLASS_DECIMAL:
			return psprintf("(%s)::text", value->sql);
		case CLASS_DATE:
			return psprintf("pg_catalog.to_char(%s, 'YYYY-MM-DD')", value->sql);
		case CLASS_FLOAT:
			return float_to_text(value->sql);
		case CLASS_BYTES:
			return psprintf("pg_catalog.convert_from(%s, 'UTF8')", value->sql);
		case CLASS_TIME:
			return psprintf("pg_catalog.to_char((%s)::interval, 'HH24:MI:SS%s')",
							value->sql, value->type.precision > 0 ?
							psprintf(".FF%d", Min(value->type.precision, 6)) : "");
		case CLASS_TIMESTAMP:
			return timestamp_to_text(value->sql, value->type.precision);
		case CLASS_TIMESTAMP_LTZ:
			return timestamp_to_text(psprintf("%s AT TIME ZONE %s", value->sql,
											  zone_sql(rewriter)),
									 value->type.precision);
		case CLASS_ARRAY:
			return array_to_text(rewriter, value);
		default:
			return NULL;
	}
}

/* ------------------------------------------------------------- to numbers */

static char *
float_to_integer(const char *value, TypeKind kind)
{
	TypeKind	bounds = kind == TYPE_BIGINT ? kind : TYPE_INT;
	const char *bound = integer_bound(bounds);
	char	   *sql = template_sql(psprintf("CASE WHEN $1 = 'NaN' THEN 0 WHEN $1 >= %s THEN %s WHEN $1 <= -%s THEN -%s - 1"
											" ELSE pg_catalog.trunc($1)::%s END", bound, bound, bound,
											bound, integer_name(bounds)), value, NULL);

	return kind == bounds ? sql : wrap_integer(sql, kind);
}

static char *
decimal_to_integer(const char *value, const DataType *from, TypeKind kind)
{
	int			digits = from->precision - from->scale;
	char	   *whole = psprintf("pg_catalog.trunc(%s)", value);

	if (digits <= (kind == TYPE_BIGINT ? 18 : kind == TYPE_INT ? 9 :
				   kind == TYPE_SMALLINT ? 4 : 2))
		return psprintf("%s::%s", whole, integer_name(kind));
	whole = wrap_integer(whole, TYPE_BIGINT);
	return kind == TYPE_BIGINT ? whole : wrap_integer(whole, kind);
}

static char *
to_decimal(const char *value, const DataType *from, const DataType *to)
{
	DataType	exact = type_as_decimal(from);

	if (type_class(from) == CLASS_FLOAT)
		return template_sql(psprintf("CASE WHEN pg_catalog.abs($1) < 'Infinity' THEN %s WHEN $1 IS NOT NULL THEN %s END",
									 decimal_fitted("$1::text::numeric", to),
									 failure("$1", "numeric", false)), value, NULL);
	if (exact.precision - exact.scale <= to->precision - to->scale &&
		exact.scale <= to->scale)
		return exact.scale == to->scale && from->kind == TYPE_DECIMAL ?
			pg_strdup(value) :
			psprintf("pg_catalog.round((%s)::numeric, %d)", value, to->scale);
	return decimal_fitted(psprintf("(%s)::numeric", value), to);
}

static char *
to_number(const char *value, const DataType *from, const DataType *to)
{
	const char *name = to->kind == TYPE_FLOAT ? "real" : "double precision";

	switch (type_class(to))
	{
		case CLASS_INTEGER:
			if (type_class(from) == CLASS_FLOAT)
				return float_to_integer(value, to->kind);
			if (from->kind == TYPE_DECIMAL)
				return decimal_to_integer(value, from, to->kind);
			if (to->kind < from->kind)
				return wrap_integer(psprintf("%s::bigint", value), to->kind);
			return psprintf("(%s)::%s", value, integer_name(to->kind));
		case CLASS_DECIMAL:
			return to_decimal(value, from, to);
		default:
			if (from->kind != TYPE_DOUBLE || to->kind != TYPE_FLOAT)
				return psprintf("(%s)::%s", value, name);
			/* what does not fit becomes an infinity or zero */
			return template_sql("CASE WHEN pg_catalog.abs($1) >= 3.4028235677973366e38 THEN CASE WHEN $1 = 'NaN' THEN 'NaN'"
								" WHEN $1 > 0 THEN 'Infinity' ELSE '-Infinity' END::real"
								" WHEN pg_catalog.abs($1) < 7.1e-46 THEN 0::real ELSE $1::real END", value, NULL);
	}
}

/* --------------------------------------------------------------- to times */

/* Without the digits that the type does not have. */
static char *
cut_digits(const char *value, const DataType *from, const DataType *to)
{
	static const int units[] = {1000000, 100000, 10000, 1000, 100, 10};

	if (to->precision >= kept_digits(from) || to->precision >= 6)
		return pg_strdup(value);
	if (to->precision == 0 || to->precision == 3)
		return psprintf("pg_catalog.date_trunc('%s', %s)",
						to->precision == 0 ? "second" : "milliseconds", value);
	return template_sql(psprintf("($1 - (EXTRACT(microseconds FROM $1)::integer %% %d) * interval '1 microsecond')",
								 units[to->precision]), value, NULL);
}

static char *
to_temporal(Rewriter *rewriter, const Rewritten *value, const DataType *to)
{
	TypeClass	from_class = type_class(&value->type);
	DataType	from = value->type;
	char	   *zone = zone_sql(rewriter);
	char	   *local = value->sql;

	/* by way of a TIMESTAMP */
	if (from_class == CLASS_TIMESTAMP_LTZ &&
		type_class(to) != CLASS_TIMESTAMP_LTZ)
		local = psprintf("(%s AT TIME ZONE %s)", local, zone);
	else if (from_class == CLASS_DATE && type_class(to) != CLASS_DATE)
	{
		local = psprintf("(%s)::timestamp", local);
		from.precision = 0;
	}
	else if (from_class == CLASS_TIME && type_class(to) != CLASS_TIME)
		local = psprintf("('1970-01-01'::date + %s)", local);

	switch (type_class(to))
	{
		case CLASS_DATE:
			return from_class == CLASS_TIME ? NULL : psprintf("(%s)::date", local);
		case CLASS_TIME:
			if (from_class == CLASS_DATE)
				return NULL;
			return from_class == CLASS_TIME ? local :
				psprintf("pg_catalog.date_trunc('milliseconds', %s)::time", local);
		case CLASS_TIMESTAMP:
			return cut_digits(local, &from, to);
		default:
			local = cut_digits(local, &from, to);
			return from_class == CLASS_TIMESTAMP_LTZ ? local :
				psprintf("(%s AT TIME ZONE %s)", local, zone);
	}
}

/* ------------------------------------------------------------------- all */

static char *
array_to_array(Rewriter *rewriter, const Rewritten *value, const DataType *to,
			   bool try)
{
	Rewritten	element = {pg_strdup("u.e"), *value->type.element, value->expression};
	char	   *sql = cast_sql(rewriter, &element, to->element, try);
	PQExpBufferData name;

	if (sql == NULL || strcmp(sql, "u.e") == 0)
		return sql == NULL ? NULL : value->sql;
	initPQExpBuffer(&name);
	type_append_pg(&name, to);
	return template_sql(psprintf("CASE WHEN $1 IS NOT NULL THEN ARRAY(SELECT %s FROM pg_catalog.unnest($1) WITH ORDINALITY AS u(e, o) ORDER BY u.o)::%s END",
								 sql, name.data), value->sql, NULL);
}

/* Texts and bytes are cut to the length; CHAR and BINARY are filled up to it. */
static char *
fit_length(char *sql, const DataType *to)
{
	if (to->precision < 0)
		return sql;
	switch (to->kind)
	{
		case TYPE_CHAR:
			return psprintf("pg_catalog.rpad(%s, %d)", sql, to->precision);
		case TYPE_VARCHAR:
			return psprintf("pg_catalog.left(%s, %d)", sql, to->precision);
		case TYPE_BINARY:
			return psprintf("pg_catalog.substring(%s || pg_catalog.decode(pg_catalog.repeat('00', %d), 'hex'), 1, %d)",
							sql, to->precision, to->precision);
		default:
			return psprintf("pg_catalog.substring(%s, 1, %d)", sql, to->precision);
	}
}

static bool
is_temporal_class(TypeClass class)
{
	return class == CLASS_DATE || class == CLASS_TIME ||
		class == CLASS_TIMESTAMP || class == CLASS_TIMESTAMP_LTZ;
}

char *
cast_sql(Rewriter *rewriter, const Rewritten *value, const DataType *to,
		 bool try)
{
	const DataType *from = &value->type;
	TypeClass	from_class = type_class(from);
	TypeClass	to_class = type_class(to);
	PQExpBufferData name;
	char	   *sql;

	if (to_class == CLASS_ANY)
		return value->sql;
	if (from_class == CLASS_ANY)
	{
		initPQExpBuffer(&name);
		appendPQExpBuffer(&name, "(%s)::", value->sql);
		type_append_pg(&name, to);
		return name.data;
	}
	if (from->kind == to->kind && from->precision == to->precision &&
		from->scale == to->scale && from_class != CLASS_ARRAY)
		return from_class == CLASS_ROW ? NULL : value->sql;
	if (to_class == CLASS_STRING)
	{
		sql = to_text(rewriter, value);
		return sql == NULL || (from->kind == TYPE_CHAR && to->kind == TYPE_CHAR &&
							   from->precision == to->precision) ? sql :
			fit_length(sql, to);
	}
	if (from_class == CLASS_STRING)
	{
		sql = from_text(rewriter, value->sql, to, try);
		return to_class == CLASS_BYTES ? fit_length(sql, to) : sql;
	}
	if (from_class == CLASS_BYTES && to_class == CLASS_BYTES)
		return fit_length(value->sql, to);
	if (is_number(from) && is_number(to))
		return to_number(value->sql, from, to);
	if (from_class == CLASS_BOOLEAN && is_number(to))
	{
		DataType	integer = type_simple(TYPE_INT);

		return to_number(template_sql("CASE WHEN $1 THEN 1 WHEN NOT $1 THEN 0 END",
									  value->sql, NULL), &integer, to);
	}
	if (is_number(from) && to_class == CLASS_BOOLEAN)
		return psprintf("(%s <> 0)", value->sql);
	if (is_temporal_class(from_class) && is_temporal_class(to_class))
		return to_temporal(rewriter, value, to);
	if (from_class == CLASS_ARRAY && to_class == CLASS_ARRAY)
		return array_to_array(rewriter, value, to, try);
	return NULL;
}

char *
cast_checked(Rewriter *rewriter, const Rewritten *value, const DataType *to,
			 bool try)
{
	char	   *sql = cast_sql(rewriter, value, to, try);

	if (sql == NULL)
	{
		PQExpBufferData types;

		initPQExpBuffer(&types);
		type_append(&types, &value->type);
		appendPQExpBufferStr(&types, " to ");
		type_append(&types, to);
		script_fail(&rewriter->pipeline->script, value->expression->place,
					"PostgreSQL's own functions are reached as pg_catalog.f(...).",
					"CAST of %s is not supported", types.data);
	}
	return sql;
}

bool
cast_is_implicit(const DataType *from, const DataType *to)
{
	TypeClass	from_class = type_class(from);

	if (from->kind == TYPE_ANY || to->kind == TYPE_ANY)
		return true;
	switch (type_class(to))
	{
		case CLASS_INTEGER:
			return from_class == CLASS_INTEGER && from->kind <= to->kind;
		case CLASS_DECIMAL:
			return is_number(from);
		case CLASS_FLOAT:
			return to->kind == TYPE_DOUBLE ? is_number(from) :
				is_number(from) && from->kind != TYPE_DOUBLE;
		case CLASS_DATE:
			return from_class == CLASS_DATE || from_class == CLASS_TIMESTAMP;
		case CLASS_TIME:
			return from_class == CLASS_TIME || from_class == CLASS_TIMESTAMP;
		case CLASS_TIMESTAMP:
		case CLASS_TIMESTAMP_LTZ:
			return from_class == CLASS_TIMESTAMP ||
				from_class == CLASS_TIMESTAMP_LTZ;
		default:
			return from_class == type_class(to);
	}
}

char *
cast_for_column(Pipeline *pipeline, Flow *flow, const Expression *expression,
				char *sql, const DataType *from, const ScriptColumn *column)
{
	Rewriter	rewriter = {pipeline, flow};
	Rewritten	value = {sql, *from, expression};
	const DataType *to = &column->type;
	TypeClass	class = type_class(to);

	if (!cast_is_implicit(from, to))
	{
		PQExpBufferData types;

		initPQExpBuffer(&types);
		type_append(&types, from);
		appendPQExpBuffer(&types, " in the SELECT, column \"%s\" is ",
						  column->name);
		type_append(&types, to);
		script_fail(&pipeline->script, expression->place,
					"Use CAST where the types differ.",
					"the value is %s", types.data);
	}

	/*
	 * of PostgreSQL's own functions the type is not known: the target's is
	 * taken
	 */
	if (from->kind == TYPE_ANY)
		return sql;
	/* 'table.exec.sink.type-length-enforcer' = 'IGNORE': texts are not cut */
	if (class == CLASS_STRING || class == CLASS_BYTES || class == CLASS_MAP)
		return sql;
	return cast_checked(&rewriter, &value, to, false);
}
