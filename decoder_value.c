/*-------------------------------------------------------------------------
 *
 * decoder_value.c
 *	  How a column's values are written: one encoder for each type and mode.
 *
 * NOTES
 *	  To add a type, write its encoder and name it in value_encoder_find().
 *	  An encoder gets detoasting done by itself, allocates only in the
 *	  current context, which is reset after the change, and looks nothing up:
 *	  what it needs is in its Column.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "decoder_debezium.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#define EPOCH_DAYS	(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define EPOCH_USECS (EPOCH_DAYS * USECS_PER_DAY)

/* What pgjdbc makes of infinite timestamps, in milliseconds */
#define TIMESTAMP_INFINITY_MS		INT64CONST(9223372036825200)
#define TIMESTAMP_MINUS_INFINITY_MS INT64CONST(-9223372036832400)

/* Seconds have six digits where the type says nothing else */
#define DEFAULT_DIGITS	6

/* at most this many digits of seconds fit into milliseconds */
#define MILLISECOND_DIGITS	3

static bool
encode_bool(StringInfo out, const Column *column, Datum value)
{
	if (DatumGetBool(value))
		text_append_literal(out, "true");
	else
		text_append_literal(out, "false");
	return true;
}

static bool
encode_int2(StringInfo out, const Column *column, Datum value)
{
	json_append_int64(out, DatumGetInt16(value));
	return true;
}

static bool
encode_int4(StringInfo out, const Column *column, Datum value)
{
	json_append_int64(out, DatumGetInt32(value));
	return true;
}

static bool
encode_int8(StringInfo out, const Column *column, Datum value)
{
	json_append_int64(out, DatumGetInt64(value));
	return true;
}

static bool
encode_float4(StringInfo out, const Column *column, Datum value)
{
	json_append_float(out, DatumGetFloat4(value));
	return true;
}

static bool
encode_float8(StringInfo out, const Column *column, Datum value)
{
	json_append_double(out, DatumGetFloat8(value));
	return true;
}

static void
append_text(StringInfo out, const Column *column, const char *data, int len)
{
	json_append_text(out, data, len, column->options->utf8);
}

/* text, varchar, bpchar, json: all have the same form inside */
static bool
encode_text(StringInfo out, const Column *column, Datum value)
{
	struct varlena *text = PG_DETOAST_DATUM_PACKED(value);

	append_text(out, column, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
	return true;
}

static bool
encode_jsonb(StringInfo out, const Column *column, Datum value)
{
	Jsonb	   *jsonb = DatumGetJsonbP(value);
	char	   *text = JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));

	append_text(out, column, text, strlen(text));
	return true;
}

static bool
encode_bytea(StringInfo out, const Column *column, Datum value)
{
	bytea	   *bytes = DatumGetByteaPP(value);

	text_append_literal(out, "\"");
	json_append_base64(out, (const uint8 *) VARDATA_ANY(bytes),
					   VARSIZE_ANY_EXHDR(bytes));
	text_append_literal(out, "\"");
	return true;
}

static bool
encode_uuid(StringInfo out, const Column *column, Datum value)
{
	static const char hex[] = "0123456789abcdef";
	const pg_uuid_t *uuid = DatumGetUUIDP(value);
	char		text[2 + 36];
	char	   *to = text;
	int			i;

	*to++ = '"';
	for (i = 0; i < UUID_LEN; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = hex[uuid->data[i] >> 4];
		*to++ = hex[uuid->data[i] & 0xF];
	}
	*to++ = '"';
	text_append(out, text, sizeof(text));
	return true;
}

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
encode_timestamp_ms(StringInfo out, const Column *column, Datum value)
{
	Timestamp	timestamp = DatumGetTimestamp(value);
	int64		usecs;

	if (TIMESTAMP_IS_NOEND(timestamp))
		json_append_int64(out, TIMESTAMP_INFINITY_MS);
	else if (TIMESTAMP_IS_NOBEGIN(timestamp))
		json_append_int64(out, TIMESTAMP_MINUS_INFINITY_MS);
	else
	{
		usecs = timestamp + EPOCH_USECS;
		json_append_int64(out, usecs / 1000 - (usecs % 1000 < 0 ? 1 : 0));
	}
	return true;
}

static bool
encode_timestamp_us(StringInfo out, const Column *column, Datum value)
{
	Timestamp	timestamp = DatumGetTimestamp(value);

	if (TIMESTAMP_IS_NOEND(timestamp))
		json_append_int64(out, TIMESTAMP_INFINITY_MS * 1000);
	else if (TIMESTAMP_IS_NOBEGIN(timestamp))
		json_append_int64(out, TIMESTAMP_MINUS_INFINITY_MS * 1000);
	else
		json_append_int64(out, timestamp + EPOCH_USECS);
	return true;
}

static char *
put_digits(char *to, int number, int width)
{
	int			i;

	for (i = width - 1; i >= 0; i--, number /= 10)
		to[i] = '0' + number % 10;
	return to + width;
}

/* In UTC, with as many digits of seconds as the column has */
static bool
encode_timestamptz(StringInfo out, const Column *column, Datum value)
{
	static const int divisors[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	TimestampTz timestamp = DatumGetTimestampTz(value);
	char		text[64];
	char	   *to = text;
	int64		days;
	int64		usecs;
	int			year;
	int			month;
	int			day;
	int			seconds;

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
	days = timestamp / USECS_PER_DAY;
	usecs = timestamp % USECS_PER_DAY;
	if (usecs < 0)
	{
		usecs += USECS_PER_DAY;
		days--;
	}
	j2date(days + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	seconds = usecs / USECS_PER_SEC;

	*to++ = '"';
	if (year < 0)
	{
		*to++ = '-';
		year = -year;
	}
	else if (year > 9999)
		*to++ = '+';
	to = put_digits(to, year, year > 99999 ? 6 : year > 9999 ? 5 : 4);
	*to++ = '-';
	to = put_digits(to, month, 2);
	*to++ = '-';
	to = put_digits(to, day, 2);
	*to++ = 'T';
	to = put_digits(to, seconds / SECS_PER_HOUR, 2);
	*to++ = ':';
	to = put_digits(to, seconds / SECS_PER_MINUTE % MINS_PER_HOUR, 2);
	*to++ = ':';
	to = put_digits(to, seconds % SECS_PER_MINUTE, 2);
	if (column->scale > 0)
	{
		*to++ = '.';
		to = put_digits(to, (int) (usecs % USECS_PER_SEC) / divisors[column->scale],
						column->scale);
	}
	*to++ = 'Z';
	*to++ = '"';
	text_append(out, text, to - text);
	return true;
}

/*
 * Literals of column defaults.  The text comes from the catalog, but may be
 * only a part of an expression; so it is checked here, by hand, and never
 * given to an input function that could raise an error.
 */

static bool
literal_bool(StringInfo out, const Column *column, const char *literal)
{
	return encode_bool(out, column,
					   BoolGetDatum(pg_strcasecmp(literal, "true") == 0));
}

static bool
literal_int(StringInfo out, const Column *column, const char *literal)
{
	char	   *end;
	int64		number;

	errno = 0;
	number = strtoi64(literal, &end, 10);
	if (errno != 0 || end == literal || *end != '\0')
		return false;
	json_append_int64(out, number);
	return true;
}

static bool
literal_float4(StringInfo out, const Column *column, const char *literal)
{
	char	   *end;
	float		number = strtof(literal, &end);

	if (end == literal || *end != '\0')
		return false;
	json_append_float(out, number);
	return true;
}

static bool
literal_float8(StringInfo out, const Column *column, const char *literal)
{
	char	   *end;
	double		number = strtod(literal, &end);

	if (end == literal || *end != '\0')
		return false;
	json_append_double(out, number);
	return true;
}

static bool
literal_text(StringInfo out, const Column *column, const char *literal)
{
	append_text(out, column, literal, strlen(literal));
	return true;
}

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
 * A date in PostgreSQL's ISO style, as days since 2000, and what follows it
 * up to " BC"; the caller's part in between is read by scan_rest.
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

static bool
literal_date(StringInfo out, const Column *column, const char *literal)
{
	int			days;
	int64		usecs;

	if (strcmp(literal, "CURRENT_DATE") == 0)
		days = -EPOCH_DAYS;
	else if (!scan_timestamp(literal, false, false, &days, &usecs))
		return false;
	return encode_date(out, column, DateADTGetDatum(days));
}

static bool
literal_time(StringInfo out, const Column *column, const char *literal)
{
	int64		usecs;

	if (strncmp(literal, "LOCALTIME", 9) == 0 ||
		strncmp(literal, "CURRENT_TIME", 12) == 0)
		usecs = 0;
	else if (!scan_time(&literal, &usecs) || *literal != '\0')
		return false;
	return column->encoder->encode(out, column, TimeADTGetDatum(usecs));
}

static bool
literal_timestamp(StringInfo out, const Column *column, const char *literal)
{
	bool		with_zone = column->type == TIMESTAMPTZOID;
	int			days;
	int64		usecs;

	if (strncmp(literal, "CURRENT_TIMESTAMP", 17) == 0 ||
		strncmp(literal, "LOCALTIMESTAMP", 14) == 0)
		return column->encoder->encode(out, column,
									   TimestampGetDatum(-EPOCH_USECS));
	if (column->encoder->encode == encode_timestamp_us)
	{
		/*
		 * Debezium takes the last instant that Java knows, in microseconds
		 * that stop at the largest int64, and adds its 999999 to that.
		 */
		if (strcmp(literal, "infinity") == 0)
		{
			json_append_int64(out, PG_INT64_MIN + 999998);
			return true;
		}
		if (strcmp(literal, "-infinity") == 0)
		{
			json_append_int64(out, PG_INT64_MIN);
			return true;
		}
	}
	if (!scan_timestamp(literal, true, with_zone, &days, &usecs))
		return false;
	return column->encoder->encode(out, column,
								   TimestampGetDatum(days * USECS_PER_DAY + usecs));
}

/* The two usual ways to stand for an unchanged TOAST value */

static void
unavailable_text(StringInfo out, const Column *column)
{
	const DecoderOptions *options = column->options;

	json_append_text(out, options->placeholder_text,
					 strlen(options->placeholder_text), options->utf8);
}

static void
unavailable_base64(StringInfo out, const Column *column)
{
	text_append_literal(out, "\"");
	json_append_base64(out, (const uint8 *) column->options->placeholder,
					   column->options->placeholder_len);
	text_append_literal(out, "\"");
}

static const ValueEncoder encoder_bool = {
	CONNECT_BOOLEAN, NULL, 0, NULL,
	encode_bool, literal_bool, "false", NULL, NULL
};
static const ValueEncoder encoder_int2 = {
	CONNECT_INT16, NULL, 0, NULL,
	encode_int2, literal_int, "0", NULL, NULL
};
static const ValueEncoder encoder_int4 = {
	CONNECT_INT32, NULL, 0, NULL,
	encode_int4, literal_int, "0", NULL, NULL
};
static const ValueEncoder encoder_int8 = {
	CONNECT_INT64, NULL, 0, NULL,
	encode_int8, literal_int, "0", NULL, NULL
};
static const ValueEncoder encoder_float4 = {
	CONNECT_FLOAT, NULL, 0, NULL,
	encode_float4, literal_float4, "0.0", NULL, NULL
};
static const ValueEncoder encoder_float8 = {
	CONNECT_DOUBLE, NULL, 0, NULL,
	encode_float8, literal_float8, "0.0", NULL, NULL
};
static const ValueEncoder encoder_text = {
	CONNECT_STRING, NULL, 0, NULL,
	encode_text, literal_text, "\"\"", NULL, unavailable_text
};
static const ValueEncoder encoder_json = {
	CONNECT_STRING, "io.debezium.data.Json", 1, NULL,
	encode_text, literal_text, "\"\"", "\"{}\"", unavailable_text
};
static const ValueEncoder encoder_jsonb = {
	CONNECT_STRING, "io.debezium.data.Json", 1, NULL,
	encode_jsonb, literal_text, "\"\"", "\"{}\"", unavailable_text
};
static const ValueEncoder encoder_bytea = {
	CONNECT_BYTES, NULL, 0, NULL,
	encode_bytea, NULL, "\"\"", NULL, unavailable_base64
};
static const ValueEncoder encoder_uuid = {
	CONNECT_STRING, "io.debezium.data.Uuid", 1, NULL,
	encode_uuid, literal_text, "\"\"", "\"00000000-0000-0000-0000-000000000000\"", NULL
};
static const ValueEncoder encoder_date = {
	CONNECT_INT32, "io.debezium.time.Date", 1, NULL,
	encode_date, literal_date, "0", NULL, NULL
};
static const ValueEncoder encoder_connect_date = {
	CONNECT_INT32, "org.apache.kafka.connect.data.Date", 1, NULL,
	encode_date, literal_date, "0", NULL, NULL
};
static const ValueEncoder encoder_connect_time = {
	CONNECT_INT32, "org.apache.kafka.connect.data.Time", 1, NULL,
	encode_time_ms, literal_time, "0", NULL, NULL
};
static const ValueEncoder encoder_connect_timestamp = {
	CONNECT_INT64, "org.apache.kafka.connect.data.Timestamp", 1, NULL,
	encode_timestamp_ms, literal_timestamp, "0", NULL, NULL
};
static const ValueEncoder encoder_time_ms = {
	CONNECT_INT32, "io.debezium.time.Time", 1, NULL,
	encode_time_ms, literal_time, "0", NULL, NULL
};
static const ValueEncoder encoder_time_us = {
	CONNECT_INT64, "io.debezium.time.MicroTime", 1, NULL,
	encode_time_us, literal_time, "0", NULL, NULL
};
static const ValueEncoder encoder_timestamp_ms = {
	CONNECT_INT64, "io.debezium.time.Timestamp", 1, NULL,
	encode_timestamp_ms, literal_timestamp, "0", NULL, NULL
};
static const ValueEncoder encoder_timestamp_us = {
	CONNECT_INT64, "io.debezium.time.MicroTimestamp", 1, NULL,
	encode_timestamp_us, literal_timestamp, "0", NULL, NULL
};

/* the filler has no fraction whatever the column's digits, a default has */
static const ValueEncoder encoder_timestamptz = {
	CONNECT_STRING, "io.debezium.time.ZonedTimestamp", 1, NULL,
	encode_timestamptz, literal_timestamp, "\"1970-01-01T00:00:00Z\"", "CURRENT_TIMESTAMP", NULL
};
static const ValueEncoder encoder_decimal = {
	CONNECT_BYTES, "org.apache.kafka.connect.data.Decimal", 1, decimal_schema,
	decimal_encode_precise, decimal_literal, NULL, NULL, NULL
};
static const ValueEncoder encoder_variable_decimal = {
	CONNECT_STRUCT, "io.debezium.data.VariableScaleDecimal", 1, decimal_variable_schema,
	decimal_encode_variable, NULL, NULL, NULL, NULL
};
static const ValueEncoder encoder_decimal_double = {
	CONNECT_DOUBLE, NULL, 0, NULL,
	decimal_encode_double, decimal_literal, NULL, NULL, NULL
};
static const ValueEncoder encoder_decimal_string = {
	CONNECT_STRING, NULL, 0, NULL,
	decimal_encode_string, decimal_literal, NULL, NULL, unavailable_text
};

static const ValueEncoder *
numeric_encoder(int32 typmod, const DecoderOptions *options)
{
	switch (options->decimal_mode)
	{
		case DECIMAL_DOUBLE:
			return &encoder_decimal_double;
		case DECIMAL_STRING:
			return &encoder_decimal_string;
		case DECIMAL_PRECISE:
			break;
	}
	return typmod >= (int32) VARHDRSZ ? &encoder_decimal :
		&encoder_variable_decimal;
}

static const ValueEncoder *
date_encoder(const DecoderOptions *options)
{
	return options->time_mode == TIME_CONNECT ? &encoder_connect_date :
		&encoder_date;
}

static const ValueEncoder *
time_encoder(int32 typmod, const DecoderOptions *options)
{
	if (options->time_mode == TIME_CONNECT)
		return &encoder_connect_time;
	if (options->time_mode == TIME_ADAPTIVE &&
		typmod >= 0 && typmod <= MILLISECOND_DIGITS)
		return &encoder_time_ms;
	return &encoder_time_us;
}

static const ValueEncoder *
timestamp_encoder(int32 typmod, const DecoderOptions *options)
{
	if (options->time_mode == TIME_CONNECT)
		return &encoder_connect_timestamp;
	if (options->time_mode != TIME_MICROSECONDS &&
		typmod >= 0 && typmod <= MILLISECOND_DIGITS)
		return &encoder_timestamp_ms;
	return &encoder_timestamp_us;
}

/*
 * The encoder for a base type; NULL when columns of the type are left out.
 */
const ValueEncoder *
value_encoder_find(Oid type, int32 typmod, const DecoderOptions *options)
{
	switch (type)
	{
		case BOOLOID:
			return &encoder_bool;
		case INT2OID:
			return &encoder_int2;
		case INT4OID:
			return &encoder_int4;
		case INT8OID:
			return &encoder_int8;
		case FLOAT4OID:
			return &encoder_float4;
		case FLOAT8OID:
			return &encoder_float8;
		case NUMERICOID:
			return numeric_encoder(typmod, options);
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
			return &encoder_text;
		case BYTEAOID:
			return &encoder_bytea;
		case DATEOID:
			return date_encoder(options);
		case TIMEOID:
			return time_encoder(typmod, options);
		case TIMESTAMPOID:
			return timestamp_encoder(typmod, options);
		case TIMESTAMPTZOID:
			return &encoder_timestamptz;
		case UUIDOID:
			return &encoder_uuid;
		case JSONOID:
			return &encoder_json;
		case JSONBOID:
			return &encoder_jsonb;
		default:
			return type_encoder_find(type, options);
	}
}

/*
 * What a message calls an encoding: the semantic name, or the plain type.
 */
const char *
encoder_name(const ValueEncoder *encoder)
{
	return encoder->name != NULL ? encoder->name :
		schema_type_name(encoder->type);
}

/*
 * What the encoders read from the typmod, once for each column: digits of
 * seconds, or decimals; and what the encoder looks up for itself.  A negative scale, new in PostgreSQL 15, is read as
 * 2048 less it, as Debezium does.
 */
void
column_prepare(Column *column)
{
	switch (column->type)
	{
		case NUMERICOID:
			column->scale = column->typmod < (int32) VARHDRSZ ? 0 :
				(column->typmod - VARHDRSZ) & 0x7FF;
			break;
		case TIMEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			column->scale = column->typmod >= 0 ? column->typmod :
				DEFAULT_DIGITS;
			break;
		default:
			column->scale = 0;
			break;
	}
	if (column->encoder->prepare != NULL)
		column->encoder->prepare(column);
}

/*
 * Append the value of a NOT NULL column that is not known and has no
 * default.
 */
void
column_append_filler(StringInfo out, const Column *column)
{
	const char *filler = column->encoder->filler;

	if (filler != NULL)
		text_append(out, filler, strlen(filler));
	else
	{
		Datum		zero = DirectFunctionCall1(int4_numeric, Int32GetDatum(0));

		if (column->scale > 0 && column->scale < 1001)
			zero = DirectFunctionCall2(numeric_round, zero,
									   Int32GetDatum(column->scale));
		column->encoder->encode(out, column, zero);
	}
}
