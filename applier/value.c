/*-------------------------------------------------------------------------
 *
 * value.c
 *	  JSON values of events as canonical text of a declared type.
 *
 * NOTES
 *	  Debezium's encodings of its default modes are understood beside those
 *	  that Flink's json format reads: DATE, TIME and TIMESTAMP as numbers
 *	  since the epoch, DECIMAL as base64 of the unscaled number or as a
 *	  {"scale", "value"} struct.  The unit of a TIME or TIMESTAMP number
 *	  follows from the declared precision, as Debezium's adaptive mode
 *	  chooses it by the column's: milliseconds up to 3 digits, else
 *	  microseconds.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "batch.h"

/* Debezium's numbers for infinity (they are what Java makes of pgjdbc's). */
#define DATE_INFINITY			INT64CONST(-2147472692)
#define DATE_MINUS_INFINITY		INT64CONST(-2147472691)
#define TIMESTAMP_MS_INFINITY	INT64CONST(9223372036825200)
#define TIMESTAMP_MS_MINUS_INFINITY INT64CONST(-9223372036832400)
#define TIMESTAMP_US_INFINITY	INT64CONST(9223372036825200000)
#define TIMESTAMP_US_MINUS_INFINITY INT64CONST(-9223372036832400000)

#define US_PER_DAY INT64CONST(86400000000)

/* Unscaled numbers beyond this many bytes have over 2400 digits. */
#define DECIMAL_BYTES_MAX 1024

static bool
value_failed(PQExpBuffer error, const DataType *type, const char *what)
{
	appendPQExpBuffer(error, "%s is no ", what);
	type_append(error, type);
	return false;
}

/* The token's text trimmed, as Java's trim() does for numbers in strings. */
static void
trim(const JsonReader *reader, const char **text, size_t *length)
{
	*text = reader->text;
	*length = reader->length;
	while (*length > 0 && (unsigned char) **text <= ' ')
	{
		(*text)++;
		(*length)--;
	}
	while (*length > 0 && (unsigned char) (*text)[*length - 1] <= ' ')
		(*length)--;
}

/* Decimal digits with a sign into an int64; false on overflow or other text. */
static bool
parse_int64(const char *text, size_t length, int64 *result)
{
	bool		negative = length > 0 && text[0] == '-';
	size_t		i = length > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
	uint64		number = 0;
	uint64		limit = negative ? (uint64) PG_INT64_MAX + 1 : PG_INT64_MAX;

	if (i == length)
		return false;
	for (; i < length; i++)
	{
		unsigned int digit = (unsigned char) text[i] - '0';

		if (digit > 9 || number > (limit - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*result = negative ? (int64) (~number + 1) : (int64) number;
	return true;
}

static bool
read_integer(const JsonReader *reader, const DataType *type, PQExpBuffer text,
			 PQExpBuffer error)
{
	const char *digits;
	size_t		length;
	int64		number;
	int64		most = PG_INT64_MAX;

	if (type->kind == TYPE_TINYINT)
		most = PG_INT8_MAX;
	else if (type->kind == TYPE_SMALLINT)
		most = PG_INT16_MAX;
	else if (type->kind == TYPE_INT)
		most = PG_INT32_MAX;

	trim(reader, &digits, &length);
	if (!parse_int64(digits, length, &number) || number > most ||
		number < -most - 1)
		return value_failed(error, type, "value");
	/* canonical already but for +5, 05 and -0 in strings */
	appendPQExpBuffer(text, INT64_FORMAT, number);
	return true;
}

/* Is it a decimal number: sign, digits with a point, exponent? */
static bool
is_decimal(const char *text, size_t length)
{
	size_t		i = 0;
	size_t		digits = 0;

	if (i < length && (text[i] == '-' || text[i] == '+'))
		i++;
	for (; i < length && text[i] >= '0' && text[i] <= '9'; i++)
		digits++;
	if (i < length && text[i] == '.')
		for (i++; i < length && text[i] >= '0' && text[i] <= '9'; i++)
			digits++;
	if (digits == 0)
		return false;
	if (i < length && (text[i] == 'e' || text[i] == 'E'))
	{
		i++;
		if (i < length && (text[i] == '-' || text[i] == '+'))
			i++;
		if (i == length)
			return false;
		while (i < length && text[i] >= '0' && text[i] <= '9')
			i++;
	}
	return i == length;
}

/*
 * Decodes base64 with padding.  False when it is none or longer than "room".
 */
static bool
decode_base64(const char *text, size_t length, unsigned char *bytes,
			  size_t room, size_t *count)
{
	uint32		bits = 0;

	*count = 0;
	if (length == 0 || length % 4 != 0)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		char		c = text[i];
		uint32		six;

		if (c >= 'A' && c <= 'Z')
			six = c - 'A';
		else if (c >= 'a' && c <= 'z')
			six = c - 'a' + 26;
		else if (c >= '0' && c <= '9')
			six = c - '0' + 52;
		else if (c == '+')
			six = 62;
		else if (c == '/')
			six = 63;
		else if (c == '=' && i >= length - 2 &&
				 (i == length - 1 || text[length - 1] == '='))
			six = 0;
		else
			return false;
		bits = bits << 6 | six;
		if (i % 4 == 3)
		{
			for (int shift = 16; shift >= 0; shift -= 8)
			{
				if (*count == room)
					return false;
				bytes[(*count)++] = (unsigned char) (bits >> shift);
			}
			bits = 0;
		}
	}
	*count -= text[length - 1] == '=' ? (text[length - 2] == '=' ? 2 : 1) : 0;
	return true;
}

/* Big-endian two's complement with "scale" decimals, as digits. */
static void
append_unscaled(PQExpBuffer text, unsigned char *bytes, size_t count, int scale)
{
	bool		negative = count > 0 && (bytes[0] & 0x80) != 0;
	PQExpBufferData digits;		/* the lowest first */

	initPQExpBuffer(&digits);
	if (negative)
	{
		unsigned int carry = 1;

		for (size_t i = count; i-- > 0;)
		{
			carry += (unsigned char) ~bytes[i];
			bytes[i] = (unsigned char) carry;
			carry >>= 8;
		}
	}
	for (size_t first = 0; first < count;)
	{
		unsigned int rest = 0;

		for (size_t i = first; i < count; i++)
		{
			rest = rest << 8 | bytes[i];
			bytes[i] = (unsigned char) (rest / 10);
			rest %= 10;
		}
		appendPQExpBufferChar(&digits, (char) ('0' + rest));
		while (first < count && bytes[first] == 0)
			first++;
	}
	while ((int) digits.len <= scale)
		appendPQExpBufferChar(&digits, '0');
	if (negative)
		appendPQExpBufferChar(text, '-');
	for (size_t i = digits.len; i-- > 0;)
	{
		appendPQExpBufferChar(text, digits.data[i]);
		if (i > 0 && (int) i == scale)
			appendPQExpBufferChar(text, '.');
	}
	termPQExpBuffer(&digits);
}

static bool
append_base64_decimal(PQExpBuffer text, const char *base64, size_t length,
					  int scale)
{
	unsigned char bytes[DECIMAL_BYTES_MAX];
	size_t		count;

	if (!decode_base64(base64, length, bytes, sizeof(bytes), &count) ||
		count == 0)
		return false;
	append_unscaled(text, bytes, count, scale);
	return true;
}

/* {"scale":4,"value":"AYr3"}, behind its bracket */
static bool
read_variable_scale(JsonReader *reader, const DataType *type, PQExpBuffer text,
					PQExpBuffer error)
{
	JsonToken	token;
	int64		scale = -1;
	PQExpBufferData value;
	bool		good;

	initPQExpBuffer(&value);
	while ((token = json_next(reader)) == JSON_NAME)
	{
		if (json_text_is(reader, "scale"))
		{
			if (json_next(reader) != JSON_NUMBER ||
				!parse_int64(reader->text, reader->length, &scale))
				break;
		}
		else if (json_text_is(reader, "value"))
		{
			if (json_next(reader) != JSON_STRING)
				break;
			appendBinaryPQExpBuffer(&value, reader->text, reader->length);
		}
		else if (!json_skip(reader, NULL, NULL))
			break;
	}
	good = token == JSON_OBJECT_END && scale >= 0 && scale <= 16383 &&
		append_base64_decimal(text, value.data, value.len, (int) scale);
	termPQExpBuffer(&value);
	return good || value_failed(error, type, "object");
}

static bool
read_decimal(JsonReader *reader, JsonToken token, const DataType *type,
			 DecimalMode mode, PQExpBuffer text, PQExpBuffer error)
{
	const char *digits;
	size_t		length;
	bool		number;

	if (token == JSON_OBJECT)
		return read_variable_scale(reader, type, text, error);
	if (token != JSON_NUMBER && token != JSON_STRING)
		return value_failed(error, type, "value");

	trim(reader, &digits, &length);
	number = is_decimal(digits, length);
	if (token == JSON_NUMBER || mode == DECIMAL_STRING)
	{
		if (!number)
			return value_failed(error, type, "text");
		appendBinaryPQExpBuffer(text, digits, length);
		return true;
	}
	if (mode == DECIMAL_AUTO && number)
	{
		/* four digits are a number and three bytes */
		if (length % 4 == 0 && strspn(digits, "0123456789") >= length)
		{
			appendPQExpBufferStr(error, "text can be a number or base64; set 'decimal.handling.mode' of the table to that of the connector ('precise', 'string' or 'double')");
			return false;
		}
		appendBinaryPQExpBuffer(text, digits, length);
		return true;
	}
	return append_base64_decimal(text, digits, length, type->scale) ||
		value_failed(error, type, "text");
}

/* Days since 1970 as year-month-day, in the Gregorian calendar of all times. */
static void
append_date(PQExpBuffer text, int64 days, bool *before_christ)
{
	int64		shifted = days + 719468;	/* from 0000-03-01 */
	int64		era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64		day_of_era = shifted - era * 146097;
	int64		year_of_era = (day_of_era - day_of_era / 1460 +
							   day_of_era / 36524 - day_of_era / 146096) / 365;
	int64		day_of_year = day_of_era - (365 * year_of_era +
											year_of_era / 4 - year_of_era / 100);
	int64		month = (5 * day_of_year + 2) / 153;	/* from March */
	int64		year = year_of_era + era * 400 + (month >= 10 ? 1 : 0);

	*before_christ = year <= 0;
	appendPQExpBuffer(text, "%04lld-%02d-%02d",
					  (long long) (year <= 0 ? 1 - year : year),
					  (int) (month < 10 ? month + 3 : month - 9),
					  (int) (day_of_year - (153 * month + 2) / 5 + 1));
}

static void
append_time(PQExpBuffer text, int64 us)
{
	appendPQExpBuffer(text, "%02d:%02d:%02d.%06d", (int) (us / 3600000000),
					  (int) (us / 60000000 % 60), (int) (us / 1000000 % 60),
					  (int) (us % 1000000));
}

static bool
append_timestamp(PQExpBuffer text, int64 us)
{
	int64		days = us / US_PER_DAY;
	int64		time = us % US_PER_DAY;
	bool		before_christ;

	if (time < 0)
	{
		time += US_PER_DAY;
		days--;
	}
	append_date(text, days, &before_christ);
	appendPQExpBufferChar(text, ' ');
	append_time(text, time);
	if (before_christ)
		appendPQExpBufferStr(text, " BC");
	return true;
}

/* Java writes years above 9999 with a plus sign. */
static void
append_iso(PQExpBuffer text, const JsonReader *reader)
{
	size_t		skip = reader->length > 0 && reader->text[0] == '+' ? 1 : 0;

	appendBinaryPQExpBuffer(text, reader->text + skip, reader->length - skip);
}

static bool
read_temporal_number(const JsonReader *reader, const DataType *type,
					 PQExpBuffer text, PQExpBuffer error)
{
	bool		milliseconds = type->precision <= 3;
	bool		before_christ;
	int64		number;

	if (!parse_int64(reader->text, reader->length, &number))
		return value_failed(error, type, "number");
	switch (type->kind)
	{
		case TYPE_DATE:
			if (number == DATE_INFINITY || number == DATE_MINUS_INFINITY)
			{
				appendPQExpBufferStr(text, number == DATE_INFINITY ?
									 "infinity" : "-infinity");
				return true;
			}
			if (number < PG_INT32_MIN || number > PG_INT32_MAX)
				return value_failed(error, type, "number");
			append_date(text, number, &before_christ);
			if (before_christ)
				appendPQExpBufferStr(text, " BC");
			return true;
		case TYPE_TIME:
			if (number < 0 || number > (milliseconds ? US_PER_DAY / 1000 : US_PER_DAY))
			{
				appendPQExpBufferStr(error, milliseconds ?
									 "number is no time of day in milliseconds; declare TIME(6) for one in microseconds" :
									 "number is no time of day in microseconds");
				return false;
			}
			append_time(text, milliseconds ? number * 1000 : number);
			return true;
		case TYPE_TIMESTAMP:
			if (number == (milliseconds ? TIMESTAMP_MS_INFINITY : TIMESTAMP_US_INFINITY))
			{
				appendPQExpBufferStr(text, "infinity");
				return true;
			}
			if (number == (milliseconds ? TIMESTAMP_MS_MINUS_INFINITY : TIMESTAMP_US_MINUS_INFINITY))
			{
				appendPQExpBufferStr(text, "-infinity");
				return true;
			}
			/* beyond the year 30000 it is rather microseconds */
			if (milliseconds && (number > INT64CONST(884541340800000) ||
								 number < -INT64CONST(884541340800000)))
			{
				appendPQExpBufferStr(error, "number is far from any date in milliseconds; declare TIMESTAMP(6) for microseconds");
				return false;
			}
			return append_timestamp(text, milliseconds ? number * 1000 : number);
		default:
			/* Flink reads no number here, and Debezium writes none */
			return value_failed(error, type, "number");
	}
}

static bool
is_placeholder(const JsonReader *reader, const char *placeholder)
{
	/* its length first: most texts differ in that */
	return reader->length == strlen(placeholder) &&
		memcmp(reader->text, placeholder, reader->length) == 0;
}

static bool
read_string(JsonReader *reader, JsonToken token, const DataType *type,
			PQExpBuffer text, PQExpBuffer error)
{
	const char *start = reader->token_start;

	switch (token)
	{
		case JSON_STRING:
		case JSON_NUMBER:
			appendBinaryPQExpBuffer(text, reader->text, reader->length);
			return true;
		case JSON_TRUE:
			appendPQExpBufferStr(text, "true");
			return true;
		case JSON_FALSE:
			appendPQExpBufferStr(text, "false");
			return true;
		case JSON_OBJECT:
		case JSON_ARRAY:
			/* as written */
			if (!json_leave(reader))
				return value_failed(error, type, "object");
			appendBinaryPQExpBuffer(text, start, reader->position - start);
			return true;
		default:
			return value_failed(error, type, "value");
	}
}

static bool
read_boolean(JsonReader *reader, JsonToken token, const DataType *type,
			 PQExpBuffer text, PQExpBuffer error)
{
	bool		value;

	if (token == JSON_TRUE || token == JSON_FALSE)
		value = token == JSON_TRUE;
	else if (token == JSON_STRING && reader->length == 4 &&
			 pg_strncasecmp(reader->text, "true", 4) == 0)
		value = true;
	else if (token == JSON_STRING && reader->length == 5 &&
			 pg_strncasecmp(reader->text, "false", 5) == 0)
		value = false;
	else
		return value_failed(error, type, "value");
	appendPQExpBufferChar(text, value ? 't' : 'f');
	return true;
}

static bool
read_float(JsonReader *reader, JsonToken token, const DataType *type,
		   PQExpBuffer text, PQExpBuffer error)
{
	const char *digits;
	size_t		length;

	if (token != JSON_NUMBER && token != JSON_STRING)
		return value_failed(error, type, "value");
	trim(reader, &digits, &length);
	if (!is_decimal(digits, length) &&
		!json_text_is(reader, "NaN") && !json_text_is(reader, "Infinity") &&
		!json_text_is(reader, "-Infinity"))
		return value_failed(error, type, "text");
	appendBinaryPQExpBuffer(text, digits, length);
	return true;
}

bool
value_read(JsonReader *reader, JsonToken token, const DataType *type,
		   DecimalMode decimal_mode, PQExpBuffer text, bool *null,
		   bool *unavailable, PQExpBuffer error)
{
	*null = token == JSON_NULL;
	if (*null)
		return true;
	/* an unchanged TOAST value, whatever the column's type */
	*unavailable = token == JSON_STRING &&
		(is_placeholder(reader, PLACEHOLDER) ||
		 (type->kind != TYPE_VARCHAR && type->kind != TYPE_CHAR &&
		  is_placeholder(reader, PLACEHOLDER_BASE64)));
	if (*unavailable)
		return true;

	switch (type->kind)
	{
		case TYPE_TINYINT:
		case TYPE_SMALLINT:
		case TYPE_INT:
		case TYPE_BIGINT:
			if (token != JSON_NUMBER && token != JSON_STRING)
				return value_failed(error, type, "value");
			return read_integer(reader, type, text, error);
		case TYPE_CHAR:
		case TYPE_VARCHAR:
			return read_string(reader, token, type, text, error);
		case TYPE_BOOLEAN:
			return read_boolean(reader, token, type, text, error);
		case TYPE_FLOAT:
		case TYPE_DOUBLE:
			return read_float(reader, token, type, text, error);
		case TYPE_DECIMAL:
			return read_decimal(reader, token, type, decimal_mode, text,
								error);
		case TYPE_DATE:
		case TYPE_TIME:
		case TYPE_TIMESTAMP:
		case TYPE_TIMESTAMP_LTZ:
			if (token == JSON_NUMBER)
				return read_temporal_number(reader, type, text, error);
			if (token != JSON_STRING)
				return value_failed(error, type, "value");
			append_iso(text, reader);
			return true;
		case TYPE_BINARY:
		case TYPE_VARBINARY:
			if (token != JSON_STRING)
				return value_failed(error, type, "value");
			appendBinaryPQExpBuffer(text, reader->text, reader->length);
			return true;
		case TYPE_ANY:
		case TYPE_INTERVAL_MONTH:
		case TYPE_INTERVAL_SECOND:
		case TYPE_ROW:
		case TYPE_ARRAY:
		case TYPE_MAP:
			break;
	}
	return value_failed(error, type, "value");
}
