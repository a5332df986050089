/*-------------------------------------------------------------------------
 *
 * time_functions.c
 *	  Functions of dates and times of Flink SQL.
 *
 * NOTES
 *	  Formats are those of Java's DateTimeFormatter, as constants, in so far
 *	  as PostgreSQL has the same.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "expression.h"

/* A TIMESTAMP_LTZ as the clock of the zone shows it; others as they are. */
static char *
local_sql(FunctionCall *call, int i)
{
	if (call->arguments[i].type.kind == TYPE_TIMESTAMP_LTZ)
		return psprintf("(%s AT TIME ZONE %s)", call->sql[i],
						zone_sql(call->rewriter));
	return call->sql[i];
}

static void
check_time(FunctionCall *call, int i)
{
	TypeClass	class = type_class(&call->arguments[i].type);

	if (class != CLASS_DATE && class != CLASS_TIME && class != CLASS_TIMESTAMP &&
		class != CLASS_TIMESTAMP_LTZ)
		fail_type(call->rewriter, call->arguments[i].expression,
				  psprintf("argument %d of %s", i + 1, call->mapping->name),
				  &call->arguments[i].type);
}

static char *
extract_sql(FunctionCall *call, const char *unit)
{
	static const struct
	{
		const char *unit;
		const char *sql;
	}			units[] = {
		{"YEAR", "EXTRACT(year FROM $1)::bigint"},
		{"QUARTER", "EXTRACT(quarter FROM $1)::bigint"},
		{"MONTH", "EXTRACT(month FROM $1)::bigint"},
		{"WEEK", "EXTRACT(week FROM $1)::bigint"},
		{"DAY", "EXTRACT(day FROM $1)::bigint"},
		{"DOY", "EXTRACT(doy FROM $1)::bigint"},
		{"DOW", "(EXTRACT(dow FROM $1)::bigint + 1)"},
		{"ISODOW", "EXTRACT(isodow FROM $1)::bigint"},
		{"ISOYEAR", "EXTRACT(isoyear FROM $1)::bigint"},
		{"CENTURY", "EXTRACT(century FROM $1)::bigint"},
		{"DECADE", "EXTRACT(decade FROM $1)::bigint"},
		{"MILLENNIUM", "EXTRACT(millennium FROM $1)::bigint"},
		{"EPOCH", "pg_catalog.floor(EXTRACT(epoch FROM $1))::bigint"},
		{"HOUR", "EXTRACT(hour FROM $1)::bigint"},
		{"MINUTE", "EXTRACT(minute FROM $1)::bigint"},
		{"SECOND", "pg_catalog.floor(EXTRACT(second FROM $1))::bigint"},
		{"MILLISECOND", "(EXTRACT(microseconds FROM $1)::bigint / 1000 % 1000)"},
		{"MICROSECOND", "(EXTRACT(microseconds FROM $1)::bigint % 1000000)"},
		{"NANOSECOND", "(EXTRACT(microseconds FROM $1)::bigint % 1000000 * 1000)"},
	};
	char	   *value = local_sql(call, 0);

	check_time(call, 0);
	if (call->arguments[0].type.kind == TYPE_DATE)
		value = psprintf("%s::timestamp", value);
	for (size_t i = 0; i < lengthof(units); i++)
		if (strcmp(unit, units[i].unit) == 0)
		{
			if (call->arguments[0].type.kind == TYPE_TIME && i < 12)
				break;
			return template_sql(units[i].sql, value, NULL);
		}
	call_fail(call, call->expression, NULL, "%s is not a unit here", unit);
	return NULL;
}

static char *
build_extract(FunctionCall *call)
{
	return extract_sql(call, call->expression->arguments[1]->text);
}

/* YEAR(x) and so on */
static char *
build_part(FunctionCall *call)
{
	static const char *const names[][2] = {
		{"DAYOFYEAR", "DOY"}, {"DAYOFMONTH", "DAY"}, {"DAYOFWEEK", "DOW"}
	};

	for (size_t i = 0; i < lengthof(names); i++)
		if (strcmp(call->mapping->name, names[i][0]) == 0)
			return extract_sql(call, names[i][1]);
	return extract_sql(call, call->mapping->name);
}

/* FLOOR(x TO unit) and CEIL(x TO unit) */
char *
build_round_time(FunctionCall *call)
{
	static const char *const units[] = {
		"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND",
		"MILLISECOND"
	};
	const char *unit = call->expression->arguments[1]->text;
	bool		floors = pg_strcasecmp(call->mapping->name, "FLOOR") == 0;
	char	   *value = local_sql(call, 0);
	bool		known = false;
	char	   *sql;

	check_time(call, 0);
	for (size_t i = 0; i < lengthof(units); i++)
		if (strcmp(unit, units[i]) == 0)
			known = true;
	if (!known)
		call_fail(call, call->expression->arguments[1], NULL,
				  "%s is not supported as a unit", unit);
	call->type = call->arguments[0].type;
	if (call->type.kind == TYPE_DATE)
		value = psprintf("%s::timestamp", value);
	else if (call->type.kind == TYPE_TIME)
		value = psprintf("(%s)::interval", value);
	/* weeks begin on Sunday */
	sql = strcmp(unit, "WEEK") == 0 ?
		pg_strdup("(pg_catalog.date_trunc('week', $1 + interval '1 day') - interval '1 day')") :
		psprintf("pg_catalog.date_trunc('%s', $1)", strcmp(unit, "MILLISECOND") == 0 ?
				 "milliseconds" : unit);
	if (!floors)
		sql = psprintf("CASE WHEN %s = $1 THEN $1 ELSE %s + interval '%d %s' END",
					   sql, sql, strcmp(unit, "QUARTER") == 0 ? 3 : 1,
					   strcmp(unit, "QUARTER") == 0 ? "month" : unit);
	sql = template_sql(sql, value, NULL);
	switch (call->type.kind)
	{
		case TYPE_DATE:
			return psprintf("(%s)::date", sql);
		case TYPE_TIME:
			return psprintf("(%s)::time", sql);
		case TYPE_TIMESTAMP_LTZ:
			return psprintf("((%s) AT TIME ZONE %s)", sql,
							zone_sql(call->rewriter));
		default:
			return sql;
	}
}

/* 1 of the unit, as an interval */
static Rewritten
unit_interval(FunctionCall *call, const char *unit)
{
	static const struct
	{
		const char *unit;
		const char *sql;
		TypeKind	kind;
	}			units[] = {
		{"YEAR", "interval '1 year'", TYPE_INTERVAL_MONTH},
		{"QUARTER", "interval '3 month'", TYPE_INTERVAL_MONTH},
		{"MONTH", "interval '1 month'", TYPE_INTERVAL_MONTH},
		{"WEEK", "interval '7 day'", TYPE_INTERVAL_SECOND},
		{"DAY", "interval '1 day'", TYPE_INTERVAL_SECOND},
		{"HOUR", "interval '1 hour'", TYPE_INTERVAL_SECOND},
		{"MINUTE", "interval '1 minute'", TYPE_INTERVAL_SECOND},
		{"SECOND", "interval '1 second'", TYPE_INTERVAL_SECOND},
	};
	Rewritten	result = {NULL, type_simple(TYPE_ANY), call->expression};

	for (size_t i = 0; i < lengthof(units); i++)
	{
		char		old[32];

		snprintf(old, sizeof(old), "SQL_TSI_%s", units[i].unit);
		if (strcmp(unit, units[i].unit) == 0 || strcmp(unit, old) == 0)
		{
			result.sql = pg_strdup(units[i].sql);
			result.type = type_simple(units[i].kind);
			return result;
		}
	}
	call_fail(call, call->expression->arguments[0], NULL,
			  "%s is not supported as a unit", unit);
	return result;
}

static char *
build_timestampadd(FunctionCall *call)
{
	Rewritten	interval = unit_interval(call, call->expression->arguments[0]->text);
	Rewritten	time = call->arguments[2];
	Rewritten	sum;

	check_time(call, 2);
	interval.sql = psprintf("(%s * %s)", call->sql[1], interval.sql);
	if (time.type.kind == TYPE_DATE && strstr(interval.sql, "interval '1 day'") == NULL &&
		interval.type.kind == TYPE_INTERVAL_SECOND && strstr(interval.sql, "7 day") == NULL)
	{
		time.sql = psprintf("%s::timestamp", time.sql);
		time.type = type_precise(TYPE_TIMESTAMP, 6);
	}
	sum = arithmetic(call->rewriter, call->expression, '+', time, interval);
	call->type = sum.type;
	return sum.sql;
}

/* Whole units from $1 to $2. */
static char *
build_timestampdiff(FunctionCall *call)
{
	static const struct
	{
		const char *unit;
		int			seconds;
	}			units[] = {
		{"WEEK", 604800}, {"DAY", 86400}, {"HOUR", 3600}, {"MINUTE", 60}, {"SECOND", 1}
	};
	const char *unit = call->expression->arguments[0]->text;
	int			months = strcmp(unit, "YEAR") == 0 ? 12 :
	strcmp(unit, "QUARTER") == 0 ? 3 : strcmp(unit, "MONTH") == 0 ? 1 : 0;
	char	   *values[2];

	for (int i = 0; i < 2; i++)
	{
		check_time(call, i + 1);
		values[i] = psprintf("(%s)::timestamp", local_sql(call, i + 1));
	}
	if (months > 0)
	{
		/*
		 * Whole months between the dates, the last day of a shorter month
		 * counting as any; then one less where the time of the day is earlier
		 * at the same day, in both directions.
		 */
		return template_sql(psprintf("(SELECT (e.m - CASE WHEN (e.a::date + e.m * interval '1 month')::date = e.b::date AND e.b::time < e.a::time THEN 1 ELSE 0 END)::integer / %d"
									 " FROM (SELECT d.a, d.b, d.m + CASE WHEN d.b::date >= d.a::date AND d.a::date + d.m * interval '1 month' > d.b::date THEN -1"
									 " WHEN d.b::date < d.a::date AND d.b::date - d.m * interval '1 month' > d.a::date THEN 1 ELSE 0 END AS m"
									 " FROM (SELECT $1 AS a, $2 AS b, ((EXTRACT(year FROM $2) - EXTRACT(year FROM $1)) * 12"
									 " + EXTRACT(month FROM $2) - EXTRACT(month FROM $1))::integer AS m OFFSET 0) AS d OFFSET 0) AS e)",
									 months), values[0], values[1], NULL);
	}
	for (size_t i = 0; i < lengthof(units); i++)
		if (strcmp(unit, units[i].unit) == 0)
			return wrap_integer(psprintf("pg_catalog.trunc(EXTRACT(epoch FROM %s - %s) / %d)::bigint",
										 values[1], values[0], units[i].seconds),
								TYPE_INT);
	call_fail(call, call->expression->arguments[0], NULL,
			  "%s is not supported as a unit", unit);
	return NULL;
}

/* -------------------------------------------------------------- formats */

/*
 * One element of a format: a run of one letter, or text between quotes or as
 * it stands.  Returns what follows.
 */
static const char *
format_next(FunctionCall *call, const Expression *place, const char *p,
			char *letter, int *length, PQExpBuffer text)
{
	resetPQExpBuffer(text);
	*letter = '\0';
	*length = 0;
	if (isalpha((unsigned char) *p))
	{
		*letter = *p;
		while (*p == *letter)
		{
			p++;
			(*length)++;
		}
		return p;
	}
	if (*p != '\'')
	{
		appendPQExpBufferChar(text, *p);
		return p + 1;
	}
	if (*++p == '\'')
	{
		appendPQExpBufferChar(text, '\'');
		return p + 1;
	}
	while (*p != '\'' || p[1] == '\'')
	{
		if (*p == '\0')
			call_fail(call, place, NULL, "a quote is not closed in the format");
		if (*p == '\'')
			p++;
		appendPQExpBufferChar(text, *p++);
	}
	return p + 1;
}

static void
format_fail(FunctionCall *call, const Expression *place, char letter, int length)
{
	char		letters[8];

	memset(letters, letter, sizeof(letters));
	letters[Min(length, 7)] = '\0';
	call_fail(call, place,
			  "Use yyyy, MM, dd, HH, mm, ss, SSS, or pg_catalog.to_char(...) and pg_catalog.to_timestamp(...).",
			  "\"%s\" is not supported in the format", letters);
}

/* to_char() of a timestamp by Java's format */
static char *
format_time(FunctionCall *call, int argument, const char *value)
{
	static const struct
	{
		const char *java;
		const char *pg;
	}			letters[] = {
		{"yyyy", "YYYY"}, {"yy", "YY"}, {"y", "FMYYYY"}, {"uuuu", "YYYY"},
		{"MM", "MM"}, {"M", "FMMM"}, {"MMM", "Mon"}, {"MMMM", "FMMonth"},
		{"dd", "DD"}, {"d", "FMDD"}, {"HH", "HH24"}, {"H", "FMHH24"},
		{"hh", "HH12"}, {"h", "FMHH12"}, {"mm", "MI"}, {"m", "FMMI"},
		{"ss", "SS"}, {"s", "FMSS"}, {"S", "FF1"}, {"SS", "FF2"},
		{"SSS", "FF3"}, {"SSSS", "FF4"}, {"SSSSS", "FF5"}, {"SSSSSS", "FF6"},
		{"a", "AM"}, {"E", "Dy"}, {"EEE", "Dy"}, {"EEEE", "FMDay"},
		{"D", "FMDDD"}, {"DDD", "DDD"}, {"Q", "Q"},
	};
	const Expression *place = call->expression->arguments[argument];
	const char *p = call_literal(call, argument, "the format");
	PQExpBufferData format;
	PQExpBufferData text;
	char		letter;
	int			length;

	initPQExpBuffer(&format);
	initPQExpBuffer(&text);
	while (*p != '\0')
	{
		const char *pg = NULL;

		p = format_next(call, place, p, &letter, &length, &text);
		if (letter == '\0')
		{
			appendPQExpBufferChar(&format, '"');
			for (char *t = text.data; *t != '\0'; t++)
				appendPQExpBuffer(&format, *t == '"' || *t == '\\' ? "\\%c" : "%c", *t);
			appendPQExpBufferChar(&format, '"');
			continue;
		}
		for (size_t i = 0; i < lengthof(letters); i++)
			if (letters[i].java[0] == letter &&
				strlen(letters[i].java) == (size_t) length)
				pg = letters[i].pg;
		if (pg == NULL)
			format_fail(call, place, letter, length);
		appendPQExpBufferStr(&format, pg);
	}
	return psprintf("pg_catalog.to_char(%s, %s)", value, quoted(format.data));
}

/* The timestamp that a text has in Java's format; NULL where it has not. */
static char *
parse_time(FunctionCall *call, int argument, const char *value, int digits)
{
	const Expression *place = call->expression->arguments[argument];
	const char *p = call_literal(call, argument, "the format");

	/* of year, month, day, hour, minute, second, fraction: the group */
	const char *const letters = "yMdHmsS";
	int			groups[7] = {0};
	int			group = 0;
	PQExpBufferData regex;
	PQExpBufferData text;
	char		letter;
	int			length;
	char	   *parts[7];

	initPQExpBuffer(&regex);
	initPQExpBuffer(&text);
	while (*p != '\0')
	{
		const char *found;

		p = format_next(call, place, p, &letter, &length, &text);
		if (letter == '\0')
		{
			for (char *t = text.data; *t != '\0'; t++)
				appendPQExpBuffer(&regex, isalnum((unsigned char) *t) || (*t & 0x80) ?
								  "%c" : "\\%c", *t);
			continue;
		}
		if (letter == 'u')
			letter = 'y';
		found = strchr(letters, letter);
		if (found == NULL || groups[found - letters] != 0 ||
			(letter == 'y' ? length != 4 : letter != 'S' && length > 2))
			format_fail(call, place, letter, length);
		groups[found - letters] = ++group;
		if (letter != 'y' && letter != 'S' && length == 1)
			appendPQExpBufferStr(&regex, "([0-9]{1,2})");
		else
			appendPQExpBuffer(&regex, "([0-9]{%d})", length);
	}
	for (int i = 0; i < 7; i++)
		parts[i] = groups[i] == 0 ? pg_strdup(i == 0 ? "1970" : i < 3 ? "1" : "0") :
			i == 6 ? psprintf("m.m[%d]", groups[i]) :
			psprintf("m.m[%d]::integer", groups[i]);
	return psprintf("(SELECT CASE WHEN %s > 0 AND %s BETWEEN 1 AND 12 AND %s < 24 AND %s < 60 AND %s < 60 AND %s BETWEEN 1 AND 31"
					" THEN pg_catalog.make_date(%s, %s, LEAST(%s, EXTRACT(day FROM pg_catalog.make_date(%s, %s, 1) + interval '1 month' - interval '1 day')::integer))"
					" + pg_catalog.make_interval(0, 0, 0, 0, %s, %s, (%s || '.' || pg_catalog.left(%s || '0', %d))::double precision) END"
					" FROM (SELECT pg_catalog.regexp_match(%s, %s) AS m OFFSET 0) AS m WHERE m.m IS NOT NULL)",
					parts[0], parts[1], parts[3], parts[4], parts[5], parts[2],
					parts[0], parts[1], parts[2], parts[0], parts[1],
					parts[3], parts[4], parts[5],
					groups[6] == 0 ? "''" : parts[6], digits, value,
					quoted(psprintf("^%s$", regex.data)));
}

static char *
text_to_time_sql(FunctionCall *call, DataType type)
{
	return cast_checked(call->rewriter, &call->arguments[0], &type, true);
}

static char *
build_date_format(FunctionCall *call)
{
	char	   *value = local_sql(call, 0);

	/* a text must have a time */
	if (type_class(&call->arguments[0].type) == CLASS_STRING)
		value = template_sql("CASE WHEN pg_catalog.strpos($1, ':') > 0 THEN $2 END",
							 call->sql[0],
							 text_to_time_sql(call, type_precise(TYPE_TIMESTAMP, 6)), NULL);
	else if (type_class(&call->arguments[0].type) != CLASS_TIMESTAMP &&
			 call->arguments[0].type.kind != TYPE_TIMESTAMP_LTZ)
		fail_type(call->rewriter, call->arguments[0].expression,
				  "argument 1 of DATE_FORMAT", &call->arguments[0].type);
	return format_time(call, 1, value);
}

static char *
build_to_date(FunctionCall *call)
{
	if (call->count == 1)
		return text_to_time_sql(call, type_simple(TYPE_DATE));
	return psprintf("%s::date", parse_time(call, 1, call->sql[0], 0));
}

static char *
build_to_timestamp(FunctionCall *call)
{
	call->type = type_precise(TYPE_TIMESTAMP, 3);
	return call->count == 1 ? text_to_time_sql(call, call->type) :
		parse_time(call, 1, call->sql[0], 3);
}

/* A number of seconds or milliseconds, or a text in the session's zone. */
static char *
build_to_timestamp_ltz(FunctionCall *call)
{
	const Expression *precision = call->count > 1 ?
	call->expression->arguments[1] : NULL;
	const char *unit = "millisecond";
	char	   *zone = call->count == 3 ? call->sql[2] : zone_sql(call->rewriter);

	call->type = type_precise(TYPE_TIMESTAMP_LTZ, 3);
	if (type_class(&call->arguments[0].type) == CLASS_STRING)
	{
		/* Flink reads a text without a format as one of UTC */
		if (call->count < 3)
			zone = pg_strdup("'UTC'");
		return psprintf("(%s AT TIME ZONE %s)", call->count == 1 ?
						text_to_time_sql(call, type_precise(TYPE_TIMESTAMP, 3)) :
						parse_time(call, 1, call->sql[0], 3), zone);
	}
	if (!is_number(&call->arguments[0].type) &&
		call->arguments[0].type.kind != TYPE_ANY)
		fail_type(call->rewriter, call->arguments[0].expression,
				  "argument 1 of TO_TIMESTAMP_LTZ", &call->arguments[0].type);
	if (precision != NULL)
	{
		if (precision->kind != EXPRESSION_NUMBER ||
			(strcmp(precision->text, "0") != 0 && strcmp(precision->text, "3") != 0))
			call_fail(call, precision, "It is 0 (seconds) or 3 (milliseconds).",
					  "the precision must be a constant");
		if (*precision->text == '0')
			unit = "second";
	}
	/* in integers, so that no digit is lost */
	return psprintf(type_class(&call->arguments[0].type) == CLASS_INTEGER ?
					"(timestamp with time zone '1970-01-01 00:00:00+00' + (%s) * interval '1 %s')" :
					"(timestamp with time zone '1970-01-01 00:00:00+00' + pg_catalog.trunc(%s) * interval '1 %s')",
					call->sql[0], unit);
}

static char *
build_from_unixtime(FunctionCall *call)
{
	char	   *value = psprintf("((timestamp '1970-01-01 00:00:00' + %s * interval '1 second') AT TIME ZONE 'UTC' AT TIME ZONE %s)",
								 call->sql[0], zone_sql(call->rewriter));

	return call->count == 2 ? format_time(call, 1, value) :
		psprintf("pg_catalog.to_char(%s, 'YYYY-MM-DD HH24:MI:SS')", value);
}

static char *
build_unix_timestamp(FunctionCall *call)
{
	char	   *value;

	if (call->count == 0)
		return pg_strdup("pg_catalog.floor(EXTRACT(epoch FROM pg_catalog.clock_timestamp()))::bigint");
	value = call->count == 1 ? text_to_time_sql(call, type_precise(TYPE_TIMESTAMP, 0)) :
		parse_time(call, 1, call->sql[0], 0);
	/* what is no time is the least number */
	return template_sql("CASE WHEN $1 IS NOT NULL THEN COALESCE(EXTRACT(epoch FROM $2 AT TIME ZONE $3)::bigint, -9223372036854775808) END",
						call->sql[0], value, zone_sql(call->rewriter), NULL);
}

static char *
build_convert_tz(FunctionCall *call)
{
	return psprintf("pg_catalog.to_char(%s AT TIME ZONE %s AT TIME ZONE %s, 'YYYY-MM-DD HH24:MI:SS')",
					text_to_time_sql(call, type_precise(TYPE_TIMESTAMP, 0)),
					call->sql[1], call->sql[2]);
}

/* The time of each row, not of the transaction. */
static char *
build_now(FunctionCall *call)
{
	static const struct
	{
		const char *name;
		TypeKind	kind;
	}			names[] = {
		{"CURRENT_DATE", TYPE_DATE}, {"CURRENT_TIME", TYPE_TIME},
		{"LOCALTIME", TYPE_TIME}, {"LOCALTIMESTAMP", TYPE_TIMESTAMP}
	};

	call->type = type_precise(TYPE_TIMESTAMP_LTZ, 3);
	for (size_t i = 0; i < lengthof(names); i++)
		if (strcmp(call->mapping->name, names[i].name) == 0)
		{
			PQExpBufferData name;

			call->type = type_precise(names[i].kind, names[i].kind == TYPE_TIMESTAMP ? 3 : 0);
			initPQExpBuffer(&name);
			type_append_pg(&name, &call->type);
			return psprintf("pg_catalog.date_trunc('%s', pg_catalog.clock_timestamp() AT TIME ZONE %s)::%s",
							names[i].kind == TYPE_TIME ? "second" : "milliseconds",
							zone_sql(call->rewriter), name.data);
		}
	return pg_strdup("pg_catalog.date_trunc('milliseconds', pg_catalog.clock_timestamp())");
}

const FunctionMapping time_functions[] = {
	{"EXTRACT", 2, 2, "aw", RESULT_BIGINT, NULL, build_extract},
	{"YEAR", 1, 1, "t", RESULT_BIGINT, NULL, build_part},
	{"QUARTER", 1, 1, "t", RESULT_BIGINT, NULL, build_part},
	{"MONTH", 1, 1, "t", RESULT_BIGINT, NULL, build_part},
	{"WEEK", 1, 1, "t", RESULT_BIGINT, NULL, build_part},
	{"DAYOFYEAR", 1, 1, "t", RESULT_BIGINT, NULL, build_part},
	{"DAYOFMONTH", 1, 1, "t", RESULT_BIGINT, NULL, build_part},
	{"DAYOFWEEK", 1, 1, "t", RESULT_BIGINT, NULL, build_part},
	{"HOUR", 1, 1, "t", RESULT_BIGINT, NULL, build_part},
	{"MINUTE", 1, 1, "t", RESULT_BIGINT, NULL, build_part},
	{"SECOND", 1, 1, "t", RESULT_BIGINT, NULL, build_part},
	{"TIMESTAMPADD", 3, 3, "wia", RESULT_BUILT, NULL, build_timestampadd},
	{"TIMESTAMPDIFF", 3, 3, "wa", RESULT_INT, NULL, build_timestampdiff},
	{"TO_DATE", 1, 2, "s", RESULT_DATE, NULL, build_to_date},
	{"TO_TIMESTAMP", 1, 2, "s", RESULT_BUILT, NULL, build_to_timestamp},
	{"TO_TIMESTAMP_LTZ", 1, 3, "a", RESULT_BUILT, NULL, build_to_timestamp_ltz},
	{"DATE_FORMAT", 2, 2, "as", RESULT_STRING, NULL, build_date_format},
	{"FROM_UNIXTIME", 1, 2, "is", RESULT_STRING, NULL, build_from_unixtime},
	{"UNIX_TIMESTAMP", 0, 2, "s", RESULT_BIGINT, NULL, build_unix_timestamp},
	{"CONVERT_TZ", 3, 3, "s", RESULT_STRING, NULL, build_convert_tz},
	{"CURRENT_DATE", 0, 0, "", RESULT_BUILT, NULL, build_now},
	{"CURRENT_TIME", 0, 0, "", RESULT_BUILT, NULL, build_now},
	{"LOCALTIME", 0, 0, "", RESULT_BUILT, NULL, build_now},
	{"LOCALTIMESTAMP", 0, 0, "", RESULT_BUILT, NULL, build_now},
	{"CURRENT_TIMESTAMP", 0, 0, "", RESULT_BUILT, NULL, build_now},
	{"CURRENT_ROW_TIMESTAMP", 0, 0, "", RESULT_BUILT, NULL, build_now},
	{"NOW", 0, 0, "", RESULT_BUILT, NULL, build_now},
	{"PROCTIME", 0, 0, "", RESULT_BUILT, NULL, build_now},
	{0}
};
