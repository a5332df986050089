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
#include "decoder_time.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

/* What pgjdbc makes of infinite timestamps, in milliseconds and as text */
#define TIMESTAMP_INFINITY_MS		INT64CONST(9223372036825200)
#define TIMESTAMP_MINUS_INFINITY_MS INT64CONST(-9223372036832400)
#define TIMESTAMP_INFINITY_ISO		"\"+294247-01-10T04:00:25.2Z\""
#define TIMESTAMP_MINUS_INFINITY_ISO "\"-290308-12-21T19:59:27.6Z\""

/* What becomes of infinite dates when they wrap around as days */
#define DATE_INFINITY_ISO			"\"-5877611-06-21Z\""
#define DATE_MINUS_INFINITY_ISO		"\"-5877611-06-22Z\""

/* Seconds have six digits where the type says nothing else */
#define DEFAULT_DIGITS	6

/* at most this many digits of seconds fit into milliseconds */
#define MILLISECOND_DIGITS	3

/* room for any date and time as text */
#define TEXT_SPACE	64

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

/* Columns of type timetz; its zone counts to the west */

static bool
encode_timetz(StringInfo out, const Column *column, Datum value)
{
	const TimeTzADT *time = DatumGetTimeTzADTP(value);
	int64		usecs = time->time + time->zone * USECS_PER_SEC;

	append_utc_time(out, usecs < 0 ? usecs + USECS_PER_DAY : usecs);
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
		days = timestamp_split(timestamp, &usecs);
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
	days = timestamp_split(timestamp, &usecs) + EPOCH_DAYS;
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
		days = timestamp_split(timestamp, &usecs);
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
	days = timestamp_split(timestamp, &usecs);
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

/*
 * The encoders.  A default that is computed is the epoch; that of timestamptz
 * has as many digits of a fraction as the column, and the filler none.
 */

static const ValueEncoder encoder_date = {
	CONNECT_INT32, DEBEZIUM_NAME("Date"), 1, NULL,
	encode_date, time_literal_date, "0", NULL, NULL
};
static const ValueEncoder encoder_connect_date = {
	CONNECT_INT32, CONNECT_NAME("Date"), 1, NULL,
	encode_date, time_literal_date, "0", NULL, NULL
};
static const ValueEncoder encoder_date_iso = {
	CONNECT_STRING, DEBEZIUM_NAME("IsoDate"), 1, NULL,
	encode_date_iso, time_literal_date, "\"1970-01-01Z\"", NULL, NULL
};

static const ValueEncoder encoder_connect_time = {
	CONNECT_INT32, CONNECT_NAME("Time"), 1, NULL,
	encode_time_ms, time_literal_time, "0", NULL, NULL
};
static const ValueEncoder encoder_time_ms = {
	CONNECT_INT32, DEBEZIUM_NAME("Time"), 1, NULL,
	encode_time_ms, time_literal_time, "0", NULL, NULL
};
static const ValueEncoder encoder_time_us = {
	CONNECT_INT64, DEBEZIUM_NAME("MicroTime"), 1, NULL,
	encode_time_us, time_literal_time, "0", NULL, NULL
};
static const ValueEncoder encoder_time_ns = {
	CONNECT_INT64, DEBEZIUM_NAME("NanoTime"), 1, NULL,
	encode_time_ns, time_literal_time_ns, "0", NULL, NULL
};
static const ValueEncoder encoder_time_iso = {
	CONNECT_STRING, DEBEZIUM_NAME("IsoTime"), 1, NULL,
	encode_time_iso, time_literal_time, "\"00:00:00Z\"", NULL, NULL
};

static const ValueEncoder encoder_timetz = {
	CONNECT_STRING, DEBEZIUM_NAME("ZonedTime"), 1, NULL,
	encode_timetz, NULL, "\"00:00:00Z\"", NULL, NULL
};

static const ValueEncoder encoder_connect_timestamp = {
	CONNECT_INT64, CONNECT_NAME("Timestamp"), 1, NULL,
	encode_timestamp_ms, time_literal_timestamp, "0", NULL, NULL
};
static const ValueEncoder encoder_timestamp_ms = {
	CONNECT_INT64, DEBEZIUM_NAME("Timestamp"), 1, NULL,
	encode_timestamp_ms, time_literal_timestamp, "0", NULL, NULL
};
static const ValueEncoder encoder_timestamp_us = {
	CONNECT_INT64, DEBEZIUM_NAME("MicroTimestamp"), 1, NULL,
	encode_timestamp_us, time_literal_timestamp_us, "0", NULL, NULL
};
static const ValueEncoder encoder_timestamp_ns = {
	CONNECT_INT64, DEBEZIUM_NAME("NanoTimestamp"), 1, NULL,
	encode_timestamp_ns, time_literal_timestamp, "0", NULL, NULL
};
static const ValueEncoder encoder_timestamp_iso = {
	CONNECT_STRING, DEBEZIUM_NAME("IsoTimestamp"), 1, NULL,
	encode_timestamp_iso, time_literal_timestamp_iso, "\"1970-01-01T00:00:00Z\"", NULL, NULL
};

static const ValueEncoder encoder_timestamptz = {
	CONNECT_STRING, DEBEZIUM_NAME("ZonedTimestamp"), 1, NULL,
	encode_timestamptz, time_literal_timestamp, "\"1970-01-01T00:00:00Z\"", "1970-01-01 00:00:00+00", NULL
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

	if (mode == TIME_STRUCTURED)
		return time_struct_encoder_find(type);
	switch (type)
	{
		case DATEOID:
			return date_encoder(mode);
		case TIMEOID:
			return time_encoder(mode, is_short);
		case TIMETZOID:
			return &encoder_timetz;
		case TIMESTAMPOID:
			return timestamp_encoder(mode, is_short);
		case TIMESTAMPTZOID:
			return &encoder_timestamptz;
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
