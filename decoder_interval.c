/*-------------------------------------------------------------------------
 *
 * decoder_interval.c
 *	  The values of interval columns, in the ways of interval.handling.mode.
 *
 * NOTES
 *	  Debezium gets years, months, days, hours, minutes and seconds from the
 *	  text of the interval, the seconds as a double.  Each part has its own
 *	  sign.  What follows from the double is kept: 1.235 seconds are
 *	  1.234999999.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "decoder_debezium.h"
#include "utils/timestamp.h"

#define DAYS_PER_AVERAGE_MONTH	(365.25 / 12)

/* Digits of a second that are shown */
#define NANO_DIGITS		9
#define NANOS_PER_SEC	INT64CONST(1000000000)

/* An interval, taken apart as Debezium does */
typedef struct IntervalParts
{
	int			years;
	int			months;
	int			days;
	int64		hours;
	int			minutes;
	double		seconds;
} IntervalParts;

/* PostgreSQL 17 has infinite intervals, which none of the forms can hold */
static bool
interval_is_finite(const Interval *interval)
{
#ifdef INTERVAL_NOT_FINITE
	return !INTERVAL_NOT_FINITE(interval);
#else
	return true;
#endif
}

/* Seconds as Debezium adds them up */
static double
parts_seconds(int64 seconds, int64 usecs)
{
	return seconds + (double) usecs / USECS_PER_SEC;
}

static IntervalParts
interval_split(const Interval *interval)
{
	IntervalParts parts;
	int64		usecs = interval->time;

	parts.years = interval->month / MONTHS_PER_YEAR;
	parts.months = interval->month % MONTHS_PER_YEAR;
	parts.days = interval->day;
	parts.hours = usecs / USECS_PER_HOUR;
	usecs %= USECS_PER_HOUR;
	parts.minutes = usecs / USECS_PER_MINUTE;
	usecs %= USECS_PER_MINUTE;
	parts.seconds = parts_seconds(usecs / USECS_PER_SEC, usecs % USECS_PER_SEC);
	return parts;
}

/* Microseconds, cut; what is too large stops at the ends of an int64 */
static void
append_micros(StringInfo out, const IntervalParts *parts)
{
	double		days = (parts->years * MONTHS_PER_YEAR + parts->months) *
	DAYS_PER_AVERAGE_MONTH + parts->days;
	double		seconds = ((days * HOURS_PER_DAY + parts->hours) *
						   MINS_PER_HOUR + parts->minutes) *
	SECS_PER_MINUTE + parts->seconds;
	double		micros = seconds * 1e6;

	if (micros >= (double) PG_INT64_MAX)
		json_append_int64(out, PG_INT64_MAX);
	else if (micros <= (double) PG_INT64_MIN)
		json_append_int64(out, PG_INT64_MIN);
	else
		json_append_int64(out, (int64) micros);
}

/*
 * Append seconds with at most nine digits behind the point; more of them, as
 * the shortest text of the double has, are cut.
 */
static void
append_seconds(StringInfo out, double seconds)
{
	StringInfoData text;
	char	   *point;
	int			len;

	initStringInfo(&text);
	json_append_double(&text, seconds);
	appendStringInfoChar(&text, '\0');
	if (strchr(text.data, 'E') != NULL)
	{
		/* less than a thousandth; not more than six digits count */
		resetStringInfo(&text);
		appendStringInfo(&text, "%.6f", seconds);
	}
	point = strchr(text.data, '.');
	len = Min(strlen(text.data), point - text.data + 1 + NANO_DIGITS);
	while (text.data[len - 1] == '0')
		len--;
	if (text.data[len - 1] == '.')
		len--;
	if (len == 2 && strncmp(text.data, "-0", 2) == 0)
		text_append_literal(out, "0");
	else
		text_append(out, text.data, len);
	pfree(text.data);
}

/* All parts, in the ISO 8601 form */
static void
append_iso(StringInfo out, const IntervalParts *parts)
{
	appendStringInfo(out, "\"P%dY%dM%dDT" INT64_FORMAT "H%dM",
					 parts->years, parts->months, parts->days, parts->hours,
					 parts->minutes);
	append_seconds(out, parts->seconds);
	text_append_literal(out, "S\"");
}

static void
append_parts(StringInfo out, const Column *column, const IntervalParts *parts)
{
	if (column->encoder->type == CONNECT_STRING)
		append_iso(out, parts);
	else
		append_micros(out, parts);
}

static bool
encode_interval(StringInfo out, const Column *column, Datum value)
{
	const Interval *interval = DatumGetIntervalP(value);
	IntervalParts parts;

	if (!interval_is_finite(interval))
		return false;
	parts = interval_split(interval);
	append_parts(out, column, &parts);
	return true;
}

/* For time.precision.mode=structured; seconds are exact here */
static void
schema_struct(Schema *schema, const Column *column)
{
	static const char *const names[] = {
		"years", "months", "days", "hours", "minutes"
	};
	int			i;

	for (i = 0; i < lengthof(names); i++)
		schema_add_field(schema, names[i], schema_create(CONNECT_INT32, true));
	schema_add_field(schema, "seconds", schema_create(CONNECT_INT64, true));
	schema_add_field(schema, "nanos", schema_create(CONNECT_INT32, true));
	schema_add_field(schema, "precision", schema_create(CONNECT_INT32, true));
}

static bool
encode_interval_struct(StringInfo out, const Column *column, Datum value)
{
	const Interval *interval = DatumGetIntervalP(value);
	IntervalParts parts;
	int64		usecs;

	if (!interval_is_finite(interval))
		return false;
	parts = interval_split(interval);
	usecs = interval->time % USECS_PER_MINUTE;
	appendStringInfo(out,
					 "{\"years\":%d,\"months\":%d,\"days\":%d,\"hours\":" INT64_FORMAT
					 ",\"minutes\":%d,\"seconds\":%d,\"nanos\":%d,\"precision\":%d}",
					 parts.years, parts.months, parts.days, parts.hours,
					 parts.minutes, (int) (usecs / USECS_PER_SEC),
					 (int) (usecs % USECS_PER_SEC) * 1000, column->scale);
	return true;
}

/* hh:mm:ss[.ffffff] with a sign that counts for all of it */
static bool
scan_clock(const char *text, IntervalParts *parts)
{
	int			sign = *text == '-' ? -1 : 1;
	int			hours;
	int			minutes;
	double		seconds;
	int			end = 0;

	if (*text == '-' || *text == '+')
		text++;
	if (sscanf(text, "%9d:%2d:%lf%n", &hours, &minutes, &seconds, &end) != 3 ||
		text[end] != '\0' || hours < 0 || minutes < 0 || seconds < 0)
		return false;
	parts->hours = sign * hours;
	parts->minutes = sign * minutes;
	parts->seconds = sign * parts_seconds((int64) seconds,
										  (int64) rint((seconds - floor(seconds)) *
													   USECS_PER_SEC));
	return true;
}

/*
 * The literal of a default, in PostgreSQL's own style: 1 year 2 mons -3 days
 * +04:05:06.789
 */
static bool
literal_interval(StringInfo out, const Column *column, const char *literal)
{
	IntervalParts parts = {0};
	char	   *text = pstrdup(literal);
	char	   *save = NULL;
	char	   *number;

	for (number = strtok_r(text, " ", &save); number != NULL;
		 number = strtok_r(NULL, " ", &save))
	{
		char	   *end;
		char	   *unit;
		long		value;

		if (strchr(number, ':') != NULL)
		{
			if (!scan_clock(number, &parts))
				return false;
			continue;
		}
		errno = 0;
		value = strtol(number, &end, 10);
		unit = strtok_r(NULL, " ", &save);
		if (errno != 0 || end == number || *end != '\0' || unit == NULL ||
			value < PG_INT32_MIN || value > PG_INT32_MAX)
			return false;
		if (strncmp(unit, "year", 4) == 0)
			parts.years = value;
		else if (strncmp(unit, "mon", 3) == 0)
			parts.months = value;
		else if (strncmp(unit, "day", 3) == 0)
			parts.days = value;
		else
			return false;
	}
	append_parts(out, column, &parts);
	return true;
}

static const ValueEncoder encoder_interval = {
	CONNECT_INT64, "io.debezium.time.MicroDuration", 1, NULL,
	encode_interval, literal_interval, "0", NULL, NULL
};
static const ValueEncoder encoder_interval_iso = {
	CONNECT_STRING, "io.debezium.time.Interval", 1, NULL,
	encode_interval, literal_interval, "\"P0Y0M0DT0H0M0S\"", NULL, NULL
};
static const ValueEncoder encoder_interval_struct = {
	CONNECT_STRUCT, "io.debezium.time.StructuredDuration", 1, schema_struct,
	encode_interval_struct, NULL, NULL, NULL, NULL
};

const ValueEncoder *
interval_encoder_find(const DecoderOptions *options)
{
	if (options->time_mode == TIME_STRUCTURED)
		return &encoder_interval_struct;
	return options->interval_mode == INTERVAL_STRING ? &encoder_interval_iso :
		&encoder_interval;
}

/*
 * The digits of seconds that the typmod of an interval stands for.
 */
int
interval_digits(int32 typmod)
{
	int			precision = typmod < 0 ? INTERVAL_FULL_PRECISION :
	INTERVAL_PRECISION(typmod);

	return precision == INTERVAL_FULL_PRECISION ? MAX_INTERVAL_PRECISION :
		precision;
}
