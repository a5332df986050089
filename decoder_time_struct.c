/*-------------------------------------------------------------------------
 *
 * decoder_time_struct.c
 *	  Dates and times as structs: time.precision.mode=structured.
 *
 * NOTES
 *	  All fields are optional; an infinity has null in all but the last ones.
 *	  A timetz keeps its own zone, a timestamptz has none and is in UTC.  The
 *	  structs have no defaults in their schemas.
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
#include "utils/timestamp.h"

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
append_int_field(StringInfo out, const char *lead, int64 value)
{
	text_append(out, lead, strlen(lead));
	json_append_int64(out, value);
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

static bool
encode_time_struct(StringInfo out, const Column *column, Datum value)
{
	append_time_fields(out, "{\"hour\":", DatumGetTimeADT(value));
	append_int_field(out, ",\"precision\":", column->scale);
	text_append_literal(out, "}");
	return true;
}

/* The zone of a timetz counts to the west */
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
		days = timestamp_split(timestamp, &usecs);
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

static const ValueEncoder encoder_date_struct = {
	CONNECT_STRUCT, DEBEZIUM_NAME("StructuredDate"), 1, schema_struct,
	encode_date_struct, NULL, NULL, NULL, NULL
};

static const ValueEncoder encoder_time_struct = {
	CONNECT_STRUCT, DEBEZIUM_NAME("StructuredTime"), 1, schema_struct,
	encode_time_struct, NULL, NULL, NULL, NULL
};

static const ValueEncoder encoder_timetz_struct = {
	CONNECT_STRUCT, DEBEZIUM_NAME("StructuredZonedTime"), 1, schema_struct,
	encode_timetz_struct, NULL, NULL, NULL, NULL
};

static const ValueEncoder encoder_timestamp_struct = {
	CONNECT_STRUCT, DEBEZIUM_NAME("StructuredTimestamp"), 1, schema_struct,
	encode_timestamp_struct, NULL, NULL, NULL, NULL
};

static const ValueEncoder encoder_timestamptz_struct = {
	CONNECT_STRUCT, DEBEZIUM_NAME("StructuredZonedTimestamp"), 1, schema_struct,
	encode_timestamp_struct, NULL, NULL, NULL, NULL
};

/*
 * The encoder of a type of dates and times; NULL for all other types.
 */
const ValueEncoder *
time_struct_encoder_find(Oid type)
{
	switch (type)
	{
		case DATEOID:
			return &encoder_date_struct;
		case TIMEOID:
			return &encoder_time_struct;
		case TIMETZOID:
			return &encoder_timetz_struct;
		case TIMESTAMPOID:
			return &encoder_timestamp_struct;
		case TIMESTAMPTZOID:
			return &encoder_timestamptz_struct;
		default:
			return NULL;
	}
}
