/*-------------------------------------------------------------------------
 *
 * decoder_time_literal.c
 *	  Dates and times in column defaults.
 *
 * NOTES
 *	  The text comes from the catalog, but may be only a part of an
 *	  expression; so it is checked here, by hand, and never given to an input
 *	  function that could raise an error.
 *
 *	  Debezium reads them by other means than values: digits that the column
 *	  would round are kept, and what is the last of its kind in PostgreSQL is
 *	  the last that Java knows.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "decoder_debezium.h"
#include "decoder_time.h"
#include "utils/date.h"
#include "utils/datetime.h"

/* The first and last day of Java, which infinite defaults become */
#define JAVA_MAX_DAYS		INT64CONST(365241780471)
#define JAVA_MIN_DAYS		INT64CONST(-365243219162)
#define JAVA_MAX_DATE		"+999999999-12-31"
#define JAVA_MIN_DATE		"-999999999-01-01"

/* Read a number of some digits; moves *text behind it */
static bool
scan_number(const char **text, int min_digits, int max_digits, int *number)
{
	int			digits = 0;

	for (*number = 0; isdigit((unsigned char) **text) && digits < max_digits;
		 digits++)
		*number = *number * 10 + (*(*text)++ - '0');
	return digits >= min_digits;
}

static bool
scan_char(const char **text, char expected)
{
	if (**text != expected)
		return false;
	(*text)++;
	return true;
}

/* hh:mm:ss[.ffffff], as microseconds */
static bool
scan_time(const char **text, int64 *usecs)
{
	int			hour;
	int			minute;
	int			second;
	int			unit = USECS_PER_SEC;

	if (!scan_number(text, 2, 2, &hour) || !scan_char(text, ':') ||
		!scan_number(text, 2, 2, &minute) || !scan_char(text, ':') ||
		!scan_number(text, 2, 2, &second))
		return false;
	*usecs = ((hour * MINS_PER_HOUR + minute) * INT64CONST(60) + second) *
		USECS_PER_SEC;
	if (scan_char(text, '.'))
		for (; isdigit((unsigned char) **text) && unit > 1; (*text)++)
			*usecs += (**text - '0') * (int64) (unit /= 10);
	return true;
}

/*
 * A date in PostgreSQL's ISO style, as days since 2000; what the type has
 * more of, a time of the day and a zone, in microseconds.
 */
static bool
scan_timestamp(const char *text, bool with_time, bool with_zone,
			   int *days, int64 *usecs)
{
	int			year;
	int			month;
	int			day;
	int			part;
	int			sign;

	*usecs = 0;
	if (!scan_number(&text, 4, 7, &year) || !scan_char(&text, '-') ||
		!scan_number(&text, 2, 2, &month) || !scan_char(&text, '-') ||
		!scan_number(&text, 2, 2, &day))
		return false;
	if (with_time &&
		(!scan_char(&text, ' ') || !scan_time(&text, usecs)))
		return false;
	if (with_zone)
	{
		int64		unit = USECS_PER_HOUR;

		if (*text != '+' && *text != '-')
			return false;
		sign = *text == '-' ? 1 : -1;
		do
		{
			text++;
			if (!scan_number(&text, 2, 2, &part))
				return false;
			*usecs += sign * part * unit;
			unit /= 60;
		} while (*text == ':' && unit >= USECS_PER_SEC);
	}
	if (strcmp(text, " BC") == 0)
	{
		year = 1 - year;
		text += 3;
	}
	if (*text != '\0' || month < 1 || month > 12 ||
		day < 1 || day > day_tab[isleap(year)][month - 1])
		return false;
	*days = date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
	return true;
}

/* Is it the text of an infinity? */
static bool
is_infinity(const char *literal, bool *negative)
{
	*negative = *literal == '-';
	return strcmp(literal + (*negative ? 1 : 0), "infinity") == 0;
}

/* Infinity is the last date that Java knows, as days cut to an int32 */
bool
time_literal_date(StringInfo out, const Column *column, const char *literal)
{
	int			days;
	int64		usecs;
	bool		negative;

	if (is_infinity(literal, &negative))
	{
		if (column->encoder->type == CONNECT_STRING && negative)
			text_append_literal(out, "\"" JAVA_MIN_DATE "Z\"");
		else if (column->encoder->type == CONNECT_STRING)
			text_append_literal(out, "\"" JAVA_MAX_DATE "Z\"");
		else
			json_append_int64(out, (int32) (negative ? JAVA_MIN_DAYS :
											JAVA_MAX_DAYS));
		return true;
	}
	return scan_timestamp(literal, false, false, &days, &usecs) &&
		column->encoder->encode(out, column, DateADTGetDatum(days));
}

/* 24:00 is the last time of the day that Java knows */
bool
time_literal_time(StringInfo out, const Column *column, const char *literal)
{
	int64		usecs;

	if (!scan_time(&literal, &usecs) || *literal != '\0')
		return false;
	if (usecs >= USECS_PER_DAY && column->encoder->type == CONNECT_STRING)
	{
		text_append_literal(out, "\"23:59:59.999999999Z\"");
		return true;
	}
	return column->encoder->encode(out, column,
								   TimeADTGetDatum(Min(usecs, USECS_PER_DAY - 1)));
}

bool
time_literal_time_ns(StringInfo out, const Column *column, const char *literal)
{
	int64		usecs;

	if (!scan_time(&literal, &usecs) || *literal != '\0')
		return false;
	json_append_int64(out, Min(usecs * NSECS_PER_USEC, NSECS_PER_DAY - 1));
	return true;
}

bool
time_literal_timestamp(StringInfo out, const Column *column, const char *literal)
{
	int			days;
	int64		usecs;

	return scan_timestamp(literal, true, column->type == TIMESTAMPTZOID, &days,
						  &usecs) &&
		column->encoder->encode(out, column,
								TimestampGetDatum(days * USECS_PER_DAY + usecs));
}

/*
 * Debezium takes an infinite default for the last or first instant that Java
 * knows, in microseconds that stop at the ends of int64, and adds its 999999
 * to that.
 */
bool
time_literal_timestamp_us(StringInfo out, const Column *column,
						  const char *literal)
{
	bool		negative;

	if (!is_infinity(literal, &negative))
		return time_literal_timestamp(out, column, literal);
	json_append_int64(out, negative ? PG_INT64_MIN : PG_INT64_MIN + 999998);
	return true;
}

bool
time_literal_timestamp_iso(StringInfo out, const Column *column,
						   const char *literal)
{
	bool		negative;

	if (!is_infinity(literal, &negative))
		return time_literal_timestamp(out, column, literal);
	if (negative)
		text_append_literal(out, "\"" JAVA_MIN_DATE "T00:00:00Z\"");
	else
		text_append_literal(out, "\"" JAVA_MAX_DATE "T23:59:59.999999999Z\"");
	return true;
}
