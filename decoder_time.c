/*-------------------------------------------------------------------------
 *
 * decoder_time.c
 *	  The values of date, time and timestamp columns, in the ways of
 *	  time.precision.mode.
 *
 * NOTES
 *	  A date counts the days, and a timestamp the microseconds, since the
 *	  first of January 2000 in PostgreSQL and 1970 in Debezium.  The calendar
 *	  is the proleptic Gregorian one in both; years before Christ are
 *	  astronomical: 44 BC is -43.
 *
 *	  An infinite date or timestamp is an accident of Debezium's arithmetic,
 *	  in the types that are numbers, but always the same and never a value
 *	  that a finite one has.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "decoder_debezium.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#define EPOCH_DAYS	(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define EPOCH_USECS (EPOCH_DAYS * USECS_PER_DAY)

/* What pgjdbc makes of infinite timestamps, in milliseconds and as text */
#define TIMESTAMP_INFINITY_MS		INT64CONST(9223372036825200)
#define TIMESTAMP_MINUS_INFINITY_MS INT64CONST(-9223372036832400)
#define TIMESTAMP_INFINITY_ISO		"\"+294247-01-10T04:00:25.2Z\""
#define TIMESTAMP_MINUS_INFINITY_ISO "\"-290308-12-21T19:59:27.6Z\""

/* What becomes of infinite dates when they wrap around as days */
#define DATE_INFINITY_ISO			"\"-5877611-06-21Z\""
#define DATE_MINUS_INFINITY_ISO		"\"-5877611-06-22Z\""

/* The first and last instant of Java, which infinite defaults become */
#define JAVA_MAX_DAYS		INT64CONST(365241780471)
#define JAVA_MIN_DAYS		INT64CONST(-365243219162)
#define JAVA_MAX_DATE		"+999999999-12-31"
#define JAVA_MIN_DATE		"-999999999-01-01"

/* Seconds have six digits where the type says nothing else */
#define DEFAULT_DIGITS	6

/* at most this many digits of seconds fit into milliseconds */
#define MILLISECOND_DIGITS	3

/* room for any date and time as text */
#define TEXT_SPACE	64

#define NSECS_PER_USEC	INT64CONST(1000)
#define NSECS_PER_DAY	(USECS_PER_DAY * NSECS_PER_USEC)

static char *
put_digits(char *to, int number, int width)
{
	int			i;

	for (i = width - 1; i >= 0; i--, number /= 10)
		to[i] = '0' + number % 10;
	return to + width;
}

/* Write a date as Java's ISO_LOCAL_DATE; days count from 2000 */
static char *
put_date(char *to, int64 days)
{
	int			year;
	int			month;
	int			day;
	int			width = 4;
	int			limit = 9999;

	j2date(days + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	if (year < 0)
	{
		*to++ = '-';
		year = -year;
	}
	else if (year > limit)
		*to++ = '+';
	for (; year > limit; width++)
		limit = limit * 10 + 9;
	to = put_digits(to, year, width);
	*to++ = '-';
	to = put_digits(to, month, 2);
	*to++ = '-';
	return put_digits(to, day, 2);
}

/* Write hh:mm:ss */
static char *
put_clock(char *to, int seconds)
{
	to = put_digits(to, seconds / SECS_PER_HOUR, 2);
	*to++ = ':';
	to = put_digits(to, seconds / SECS_PER_MINUTE % MINS_PER_HOUR, 2);
	*to++ = ':';
	return put_digits(to, seconds % SECS_PER_MINUTE, 2);
}

/* Write hh:mm:ss and as many digits of a fraction as it has */
static char *
put_time(char *to, int64 usecs)
{
	to = put_clock(to, usecs / USECS_PER_SEC);
	if (usecs % USECS_PER_SEC != 0)
	{
		*to++ = '.';
		to = put_digits(to, usecs % USECS_PER_SEC, 6);
		while (to[-1] == '0')
			to--;
	}
	return to;
}

/* Take the days, since 2000, and the microseconds in the day apart */
static int64
split_timestamp(Timestamp timestamp, int64 *usecs)
{
	int64		days = timestamp / USECS_PER_DAY;

	*usecs = timestamp % USECS_PER_DAY;
	if (*usecs < 0)
	{
		*usecs += USECS_PER_DAY;
		days--;
	}
	return days;
}

static void
append_int_field(StringInfo out, const char *lead, int64 value)
{
	text_append(out, lead, strlen(lead));
	json_append_int64(out, value);
}

/*
 * Structs of time.precision.mode=structured.  Their fields are all optional;
 * an infinity has null in all but the last ones.
 */

static void
add_fields(Schema *schema, ConnectType type, int count,
		   const char *const *names)
{
	int			i;

	for (i = 0; i < count; i++)
		schema_add_field(schema, names[i], schema_create(type, true));
}

static void
add_date_fields(Schema *schema)
{
	static const char *const names[] = {"month", "day"};

	schema_add_field(schema, "year", schema_create(CONNECT_INT32, true));
	add_fields(schema, CONNECT_INT8, lengthof(names), names);
}

static void
add_time_fields(Schema *schema)
{
	static const char *const names[] = {"hour", "minute", "second"};

	add_fields(schema, CONNECT_INT8, lengthof(names), names);
	schema_add_field(schema, "nanos", schema_create(CONNECT_INT32, true));
}

static void
schema_struct(Schema *schema, const Column *column)
{
	bool		has_date = column->type != TIMEOID &&
	column->type != TIMETZOID;
	bool		has_time = column->type != DATEOID;

	if (has_date)
		add_date_fields(schema);
	if (has_time)
		add_time_fields(schema);
	if (column->type == TIMETZOID || column->type == TIMESTAMPTZOID)
		schema_add_field(schema, "offsetSeconds",
						 schema_create(CONNECT_INT32, true));
	if (column->type == TIMESTAMPTZOID)
		schema_add_field(schema, "zoneId", schema_create(CONNECT_STRING, true));
	if (has_date)
		schema_add_field(schema, "specialValue",
						 schema_create(CONNECT_STRING, true));
	if (has_time)
		schema_add_field(schema, "precision", schema_create(CONNECT_INT32, true));
}

static void
append_date_fields(StringInfo out, int64 days)
{
	int			year;
	int			month;
	int			day;

	j2date(days + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	append_int_field(out, "{\"year\":", year);
	append_int_field(out, ",\"month\":", month);
	append_int_field(out, ",\"day\":", day);
}

static void
append_time_fields(StringInfo out, const char *lead, int64 usecs)
{
	int			seconds = usecs / USECS_PER_SEC;

	append_int_field(out, lead, seconds / SECS_PER_HOUR);
	append_int_field(out, ",\"minute\":",
					 seconds / SECS_PER_MINUTE % MINS_PER_HOUR);
	append_int_field(out, ",\"second\":", seconds % SECS_PER_MINUTE);
	append_int_field(out, ",\"nanos\":",
					 usecs % USECS_PER_SEC * NSECS_PER_USEC);
}

static const char *
special_value(bool negative)
{
	return negative ? "\"NEGATIVE_INFINITY\"" : "\"POSITIVE_INFINITY\"";
}

/* Columns of type date */

/*
 * Days since 1970.  The infinities wrap around, and that is just what they
 * give in Debezium's stream.
 */
static bool
encode_date(StringInfo out, const Column *column, Datum value)
{
	json_append_int64(out, (int32) ((uint32) DatumGetDateADT(value) + EPOCH_DAYS));
	return true;
}

static bool
encode_date_iso(StringInfo out, const Column *column, Datum value)
{
	DateADT		date = DatumGetDateADT(value);
	char		text[TEXT_SPACE];
	char	   *to = text;

	if (DATE_IS_NOEND(date))
		text_append_literal(out, DATE_INFINITY_ISO);
	else if (DATE_IS_NOBEGIN(date))
		text_append_literal(out, DATE_MINUS_INFINITY_ISO);
	else
	{
		*to++ = '"';
		to = put_date(to, date);
		*to++ = 'Z';
		*to++ = '"';
		text_append(out, text, to - text);
	}
	return true;
}

static bool
encode_date_struct(StringInfo out, const Column *column, Datum value)
{
	DateADT		date = DatumGetDateADT(value);

	if (DATE_NOT_FINITE(date))
		appendStringInfo(out,
						 "{\"year\":null,\"month\":null,\"day\":null,\"specialValue\":%s}",
						 special_value(DATE_IS_NOBEGIN(date)));
	else
	{
		append_date_fields(out, date);
		text_append_literal(out, ",\"specialValue\":null}");
	}
	return true;
}

/* Columns of type time */

static bool
encode_time_ms(StringInfo out, const Column *column, Datum value)
{
	json_append_int64(out, DatumGetTimeADT(value) / 1000);
	return true;
}

static bool
encode_time_us(StringInfo out, const Column *column, Datum value)
{
	json_append_int64(out, DatumGetTimeADT(value));
	return true;
}

static bool
encode_time_ns(StringInfo out, const Column *column, Datum value)
{
	json_append_int64(out, DatumGetTimeADT(value) * NSECS_PER_USEC);
	return true;
}

/* Append a time of the day in UTC, in quotes; 24:00 is midnight */
static void
append_utc_time(StringInfo out, int64 usecs)
{
	char		text[TEXT_SPACE];
	char	   *to = text;

	*to++ = '"';
	to = put_time(to, usecs % USECS_PER_DAY);
	*to++ = 'Z';
	*to++ = '"';
	text_append(out, text, to - text);
}

static bool
encode_time_iso(StringInfo out, const Column *column, Datum value)
{
	append_utc_time(out, DatumGetTimeADT(value));
	return true;
}

static bool
encode_time_struct(StringInfo out, const Column *column, Datum value)
{
	append_time_fields(out, "{\"hour\":", DatumGetTimeADT(value));
	append_int_field(out, ",\"precision\":", column->scale);
	text_append_literal(out, "}");
	return true;
}

/* Columns of type timetz; its zone counts to the west */

static bool
encode_timetz(StringInfo out, const Column *column, Datum value)
{
	const TimeTzADT *time = DatumGetTimeTzADTP(value);
	int64		usecs = time->time + time->zone * USECS_PER_SEC;

	append_utc_time(out, usecs < 0 ? usecs + USECS_PER_DAY : usecs);
	return true;
}

static bool
encode_timetz_struct(StringInfo out, const Column *column, Datum value)
{
	const TimeTzADT *time = DatumGetTimeTzADTP(value);

	append_time_fields(out, "{\"hour\":", time->time);
	append_int_field(out, ",\"offsetSeconds\":", -time->zone);
	append_int_field(out, ",\"precision\":", column->scale);
	text_append_literal(out, "}");
	return true;
}

/* Columns of type timestamp */

static bool
encode_timestamp_ms(StringInfo out, const Column *column, Datum value)
{
	Timestamp	timestamp = DatumGetTimestamp(value);
	int64		millis;

	if (TIMESTAMP_IS_NOEND(timestamp))
		json_append_int64(out, TIMESTAMP_INFINITY_MS);
	else if (TIMESTAMP_IS_NOBEGIN(timestamp))
		json_append_int64(out, TIMESTAMP_MINUS_INFINITY_MS);
	else
	{
		millis = timestamp / 1000 - (timestamp % 1000 < 0 ? 1 : 0);
		json_append_int64(out, millis + EPOCH_USECS / 1000);
	}
	return true;
}

/*
 * Microseconds since 1970.  Those after the year 294247 do not fit into an
 * int64: the seconds stop at its largest number, and the fraction is added to
 * that and wraps around, as in Debezium.
 */
static bool
encode_timestamp_us(StringInfo out, const Column *column, Datum value)
{
	Timestamp	timestamp = DatumGetTimestamp(value);
	int64		days;
	int64		usecs;
	int64		seconds;

	if (TIMESTAMP_IS_NOEND(timestamp))
		json_append_int64(out, TIMESTAMP_INFINITY_MS * 1000);
	else if (TIMESTAMP_IS_NOBEGIN(timestamp))
		json_append_int64(out, TIMESTAMP_MINUS_INFINITY_MS * 1000);
	else if (likely(timestamp < PG_INT64_MAX - EPOCH_USECS))
		json_append_int64(out, timestamp + EPOCH_USECS);
	else
	{
		days = split_timestamp(timestamp, &usecs);
		seconds = (days + EPOCH_DAYS) * SECS_PER_DAY + usecs / USECS_PER_SEC;
		json_append_int64(out,
						  (int64) ((seconds > PG_INT64_MAX / USECS_PER_SEC ?
									(uint64) PG_INT64_MAX :
									(uint64) seconds * USECS_PER_SEC) +
								   usecs % USECS_PER_SEC));
	}
	return true;
}

/*
 * Nanoseconds since 1970, for the years 1677 to 2262.  That both the day and
 * the sum must fit is Debezium's rule.
 */
static bool
encode_timestamp_ns(StringInfo out, const Column *column, Datum value)
{
	Timestamp	timestamp = DatumGetTimestamp(value);
	int64		usecs;
	int64		days;

	if (TIMESTAMP_IS_NOEND(timestamp))
	{
		json_append_int64(out, PG_INT64_MAX);
		return true;
	}
	if (TIMESTAMP_IS_NOBEGIN(timestamp))
	{
		json_append_int64(out, PG_INT64_MIN);
		return true;
	}
	days = split_timestamp(timestamp, &usecs) + EPOCH_DAYS;
	if (days > PG_INT64_MAX / NSECS_PER_DAY ||
		days < PG_INT64_MIN / NSECS_PER_DAY ||
		(days > 0 &&
		 usecs * NSECS_PER_USEC > PG_INT64_MAX - days * NSECS_PER_DAY))
		return false;
	json_append_int64(out, days * NSECS_PER_DAY + usecs * NSECS_PER_USEC);
	return true;
}

static bool
encode_timestamp_iso(StringInfo out, const Column *column, Datum value)
{
	Timestamp	timestamp = DatumGetTimestamp(value);
	char		text[TEXT_SPACE];
	char	   *to = text;
	int64		days;
	int64		usecs;

	if (TIMESTAMP_IS_NOEND(timestamp))
		text_append_literal(out, TIMESTAMP_INFINITY_ISO);
	else if (TIMESTAMP_IS_NOBEGIN(timestamp))
		text_append_literal(out, TIMESTAMP_MINUS_INFINITY_ISO);
	else
	{
		days = split_timestamp(timestamp, &usecs);
		*to++ = '"';
		to = put_date(to, days);
		*to++ = 'T';
		to = put_time(to, usecs);
		*to++ = 'Z';
		*to++ = '"';
		text_append(out, text, to - text);
	}
	return true;
}

/* Columns of type timestamptz */

/*
 * In UTC, with as many digits of seconds as the column has; a default that
 * has more of them keeps them.
 */
static bool
encode_timestamptz(StringInfo out, const Column *column, Datum value)
{
	TimestampTz timestamp = DatumGetTimestampTz(value);
	char		text[TEXT_SPACE];
	char	   *to = text;
	int64		days;
	int64		usecs;
	int			digits = DEFAULT_DIGITS;

	if (TIMESTAMP_IS_NOEND(timestamp))
	{
		text_append_literal(out, "\"infinity\"");
		return true;
	}
	if (TIMESTAMP_IS_NOBEGIN(timestamp))
	{
		text_append_literal(out, "\"-infinity\"");
		return true;
	}
	days = split_timestamp(timestamp, &usecs);
	*to++ = '"';
	to = put_date(to, days);
	*to++ = 'T';
	to = put_clock(to, usecs / USECS_PER_SEC);
	*to++ = '.';
	to = put_digits(to, usecs % USECS_PER_SEC, digits);
	for (; digits > column->scale && to[-1] == '0'; digits--)
		to--;
	if (digits == 0)
		to--;
	*to++ = 'Z';
	*to++ = '"';
	text_append(out, text, to - text);
	return true;
}

/* Both types of timestamps; with time zone it is always shown in UTC */
static bool
encode_timestamp_struct(StringInfo out, const Column *column, Datum value)
{
	Timestamp	timestamp = DatumGetTimestamp(value);
	bool		with_zone = column->type == TIMESTAMPTZOID;
	int64		days;
	int64		usecs;

	if (TIMESTAMP_NOT_FINITE(timestamp))
	{
		text_append_literal(out,
							"{\"year\":null,\"month\":null,\"day\":null,"
							"\"hour\":null,\"minute\":null,\"second\":null,"
							"\"nanos\":null,");
		if (with_zone)
			text_append_literal(out, "\"offsetSeconds\":null,\"zoneId\":null,");
		appendStringInfo(out, "\"specialValue\":%s",
						 special_value(TIMESTAMP_IS_NOBEGIN(timestamp)));
	}
	else
	{
		days = split_timestamp(timestamp, &usecs);
		append_date_fields(out, days);
		append_time_fields(out, ",\"hour\":", usecs);
		if (with_zone)
			text_append_literal(out, ",\"offsetSeconds\":0,\"zoneId\":\"Z\"");
		text_append_literal(out, ",\"specialValue\":null");
	}
	append_int_field(out, ",\"precision\":", column->scale);
	text_append_literal(out, "}");
	return true;
}

/*
 * Literals of column defaults.  The text comes from the catalog, but may be
 * only a part of an expression; so it is checked here, by hand, and never
 * given to an input function that could raise an error.
 */

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
static bool
literal_date(StringInfo out, const Column *column, const char *literal)
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
static bool
literal_time(StringInfo out, const Column *column, const char *literal)
{
	int64		usecs;

	if (!scan_time(&literal, &usecs) || *literal != '\0')
		return false;
	if (usecs < USECS_PER_DAY)
		return column->encoder->encode(out, column, TimeADTGetDatum(usecs));
	if (column->encoder->type == CONNECT_STRING)
		text_append_literal(out, "\"23:59:59.999999999Z\"");
	else if (column->encoder->encode == encode_time_ns)
		json_append_int64(out, NSECS_PER_DAY - 1);
	else
		return column->encoder->encode(out, column,
									   TimeADTGetDatum(USECS_PER_DAY - 1));
	return true;
}

static bool
literal_timestamp(StringInfo out, const Column *column, const char *literal)
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
static bool
literal_timestamp_us(StringInfo out, const Column *column,
					 const char *literal)
{
	bool		negative;

	if (!is_infinity(literal, &negative))
		return literal_timestamp(out, column, literal);
	json_append_int64(out, negative ? PG_INT64_MIN : PG_INT64_MIN + 999998);
	return true;
}

static bool
literal_timestamp_iso(StringInfo out, const Column *column,
					  const char *literal)
{
	bool		negative;

	if (!is_infinity(literal, &negative))
		return literal_timestamp(out, column, literal);
	if (negative)
		text_append_literal(out, "\"" JAVA_MIN_DATE "T00:00:00Z\"");
	else
		text_append_literal(out, "\"" JAVA_MAX_DATE "T23:59:59.999999999Z\"");
	return true;
}

/*
 * The encoders.  A default that is computed is the epoch; that of timestamptz
 * has as many digits of a fraction as the column, and the filler none.  The
 * structs have no defaults in their schemas.
 */

#define CONNECT_NAME(name) "org.apache.kafka.connect.data." name
#define DEBEZIUM_NAME(name) "io.debezium.time." name

static const ValueEncoder encoder_date = {
	CONNECT_INT32, DEBEZIUM_NAME("Date"), 1, NULL,
	encode_date, literal_date, "0", NULL, NULL
};
static const ValueEncoder encoder_connect_date = {
	CONNECT_INT32, CONNECT_NAME("Date"), 1, NULL,
	encode_date, literal_date, "0", NULL, NULL
};
static const ValueEncoder encoder_date_iso = {
	CONNECT_STRING, DEBEZIUM_NAME("IsoDate"), 1, NULL,
	encode_date_iso, literal_date, "\"1970-01-01Z\"", NULL, NULL
};
static const ValueEncoder encoder_date_struct = {
	CONNECT_STRUCT, DEBEZIUM_NAME("StructuredDate"), 1, schema_struct,
	encode_date_struct, NULL, NULL, NULL, NULL
};

static const ValueEncoder encoder_connect_time = {
	CONNECT_INT32, CONNECT_NAME("Time"), 1, NULL,
	encode_time_ms, literal_time, "0", NULL, NULL
};
static const ValueEncoder encoder_time_ms = {
	CONNECT_INT32, DEBEZIUM_NAME("Time"), 1, NULL,
	encode_time_ms, literal_time, "0", NULL, NULL
};
static const ValueEncoder encoder_time_us = {
	CONNECT_INT64, DEBEZIUM_NAME("MicroTime"), 1, NULL,
	encode_time_us, literal_time, "0", NULL, NULL
};
static const ValueEncoder encoder_time_ns = {
	CONNECT_INT64, DEBEZIUM_NAME("NanoTime"), 1, NULL,
	encode_time_ns, literal_time, "0", NULL, NULL
};
static const ValueEncoder encoder_time_iso = {
	CONNECT_STRING, DEBEZIUM_NAME("IsoTime"), 1, NULL,
	encode_time_iso, literal_time, "\"00:00:00Z\"", NULL, NULL
};
static const ValueEncoder encoder_time_struct = {
	CONNECT_STRUCT, DEBEZIUM_NAME("StructuredTime"), 1, schema_struct,
	encode_time_struct, NULL, NULL, NULL, NULL
};

static const ValueEncoder encoder_timetz = {
	CONNECT_STRING, DEBEZIUM_NAME("ZonedTime"), 1, NULL,
	encode_timetz, NULL, "\"00:00:00Z\"", NULL, NULL
};
static const ValueEncoder encoder_timetz_struct = {
	CONNECT_STRUCT, DEBEZIUM_NAME("StructuredZonedTime"), 1, schema_struct,
	encode_timetz_struct, NULL, NULL, NULL, NULL
};

static const ValueEncoder encoder_connect_timestamp = {
	CONNECT_INT64, CONNECT_NAME("Timestamp"), 1, NULL,
	encode_timestamp_ms, literal_timestamp, "0", NULL, NULL
};
static const ValueEncoder encoder_timestamp_ms = {
	CONNECT_INT64, DEBEZIUM_NAME("Timestamp"), 1, NULL,
	encode_timestamp_ms, literal_timestamp, "0", NULL, NULL
};
static const ValueEncoder encoder_timestamp_us = {
	CONNECT_INT64, DEBEZIUM_NAME("MicroTimestamp"), 1, NULL,
	encode_timestamp_us, literal_timestamp_us, "0", NULL, NULL
};
static const ValueEncoder encoder_timestamp_ns = {
	CONNECT_INT64, DEBEZIUM_NAME("NanoTimestamp"), 1, NULL,
	encode_timestamp_ns, literal_timestamp, "0", NULL, NULL
};
static const ValueEncoder encoder_timestamp_iso = {
	CONNECT_STRING, DEBEZIUM_NAME("IsoTimestamp"), 1, NULL,
	encode_timestamp_iso, literal_timestamp_iso, "\"1970-01-01T00:00:00Z\"", NULL, NULL
};
static const ValueEncoder encoder_timestamp_struct = {
	CONNECT_STRUCT, DEBEZIUM_NAME("StructuredTimestamp"), 1, schema_struct,
	encode_timestamp_struct, NULL, NULL, NULL, NULL
};

static const ValueEncoder encoder_timestamptz = {
	CONNECT_STRING, DEBEZIUM_NAME("ZonedTimestamp"), 1, NULL,
	encode_timestamptz, literal_timestamp, "\"1970-01-01T00:00:00Z\"", "1970-01-01 00:00:00+00", NULL
};
static const ValueEncoder encoder_timestamptz_struct = {
	CONNECT_STRUCT, DEBEZIUM_NAME("StructuredZonedTimestamp"), 1, schema_struct,
	encode_timestamp_struct, NULL, NULL, NULL, NULL
};

static const ValueEncoder *
date_encoder(TimeMode mode)
{
	switch (mode)
	{
		case TIME_CONNECT:
			return &encoder_connect_date;
		case TIME_ISOSTRING:
			return &encoder_date_iso;
		case TIME_STRUCTURED:
			return &encoder_date_struct;
		default:
			return &encoder_date;
	}
}

static const ValueEncoder *
time_encoder(TimeMode mode, bool is_short)
{
	switch (mode)
	{
		case TIME_ADAPTIVE:
			return is_short ? &encoder_time_ms : &encoder_time_us;
		case TIME_CONNECT:
			return &encoder_connect_time;
		case TIME_NANOSECONDS:
			return &encoder_time_ns;
		case TIME_ISOSTRING:
			return &encoder_time_iso;
		case TIME_STRUCTURED:
			return &encoder_time_struct;
		default:
			return &encoder_time_us;
	}
}

static const ValueEncoder *
timestamp_encoder(TimeMode mode, bool is_short)
{
	switch (mode)
	{
		case TIME_ADAPTIVE:
		case TIME_ADAPTIVE_TIME_MICROSECONDS:
			return is_short ? &encoder_timestamp_ms : &encoder_timestamp_us;
		case TIME_CONNECT:
			return &encoder_connect_timestamp;
		case TIME_NANOSECONDS:
			return &encoder_timestamp_ns;
		case TIME_ISOSTRING:
			return &encoder_timestamp_iso;
		case TIME_STRUCTURED:
			return &encoder_timestamp_struct;
		default:
			return &encoder_timestamp_us;
	}
}

/*
 * The encoder of a type of dates and times; NULL for all other types.
 */
const ValueEncoder *
time_encoder_find(Oid type, int32 typmod, const DecoderOptions *options)
{
	TimeMode	mode = options->time_mode;
	bool		is_short = typmod >= 0 && typmod <= MILLISECOND_DIGITS;

	switch (type)
	{
		case DATEOID:
			return date_encoder(mode);
		case TIMEOID:
			return time_encoder(mode, is_short);
		case TIMETZOID:
			return mode == TIME_STRUCTURED ? &encoder_timetz_struct :
				&encoder_timetz;
		case TIMESTAMPOID:
			return timestamp_encoder(mode, is_short);
		case TIMESTAMPTZOID:
			return mode == TIME_STRUCTURED ? &encoder_timestamptz_struct :
				&encoder_timestamptz;
		default:
			return NULL;
	}
}

/*
 * Midnight of the first of January 1970, as a value of such a type.
 */
Datum
time_epoch(Oid type)
{
	switch (type)
	{
		case DATEOID:
			return DateADTGetDatum(-EPOCH_DAYS);
		case TIMEOID:
			return TimeADTGetDatum(0);
		case TIMETZOID:
			return TimeTzADTPGetDatum(palloc0(sizeof(TimeTzADT)));
		default:
			return TimestampGetDatum(-EPOCH_USECS);
	}
}

/*
 * The digits of seconds that a typmod stands for.
 */
int
time_digits(int32 typmod)
{
	return typmod >= 0 ? typmod : DEFAULT_DIGITS;
}
