/*-------------------------------------------------------------------------
 *
 * value.c
 *	  JSON values of events as canonical text of a declared type.
 *
 * NOTES
 *	  Debezium's encodings are understood beside those that Flink's json
 *	  format reads.  An event's schema says which one it is; without one the
 *	  declared type and the options of the table do (encoding.h).  What could
 *	  be two things is refused.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <openssl/evp.h>

#include "batch.h"

/* Debezium's numbers for infinity (they are what Java makes of pgjdbc's). */
#define DATE_INFINITY			INT64CONST(-2147472692)
#define DATE_MINUS_INFINITY		INT64CONST(-2147472691)
#define TIMESTAMP_MS_INFINITY	INT64CONST(9223372036825200)
#define TIMESTAMP_MS_MINUS_INFINITY INT64CONST(-9223372036832400)
#define TIMESTAMP_US_INFINITY	INT64CONST(9223372036825200000)
#define TIMESTAMP_US_MINUS_INFINITY INT64CONST(-9223372036832400000)

#define US_PER_DAY INT64CONST(86400000000)
#define NS_PER_US INT64CONST(1000)
#define NS_PER_MS INT64CONST(1000000)

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

void
append_base64(PQExpBuffer text, const unsigned char *bytes, size_t count)
{
	if (enlargePQExpBuffer(text, (count + 2) / 3 * 4 + 1))
		text->len += EVP_EncodeBlock((unsigned char *) text->data + text->len,
									 bytes, (int) count);
}

bool
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

/*
 * What numeric has beside numbers, as Debezium's modes write it: string,
 * double, and precise with decimal.special.values.
 */
static bool
append_special_decimal(PQExpBuffer text, const char *value, size_t length)
{
	static const struct
	{
		const char *text;
		const char *value;
	}			specials[] = {
		{"NaN", "NaN"},
		{"NAN", "NaN"},
		{"Infinity", "Infinity"},
		{"+Infinity", "Infinity"},
		{"POSITIVE_INFINITY", "Infinity"},
		{"-Infinity", "-Infinity"},
		{"NEGATIVE_INFINITY", "-Infinity"},
	};

	for (size_t i = 0; i < lengthof(specials); i++)
		if (length == strlen(specials[i].text) &&
			memcmp(value, specials[i].text, length) == 0)
		{
			appendPQExpBufferStr(text, specials[i].value);
			return true;
		}
	return false;
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
		(append_special_decimal(text, value.data, value.len) ||
		 append_base64_decimal(text, value.data, value.len, (int) scale));
	termPQExpBuffer(&value);
	return good || value_failed(error, type, "object");
}

static bool
read_decimal(JsonReader *reader, JsonToken token, const DataType *type,
			 DecimalMode mode, int scale, PQExpBuffer text, PQExpBuffer error)
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
	if (token == JSON_NUMBER || (mode != DECIMAL_PRECISE && number))
	{
		/* four digits are a number and three bytes */
		if (mode == DECIMAL_AUTO && token == JSON_STRING && length % 4 == 0 &&
			strspn(digits, "0123456789") >= length)
		{
			appendPQExpBufferStr(error, "text can be a number or base64; set 'decimal.handling.mode' of the table to that of the connector ('precise', 'string' or 'double')");
			return false;
		}
		appendBinaryPQExpBuffer(text, digits, length);
		return true;
	}
	/* the word alone is six bytes in base64, too */
	if ((mode == DECIMAL_STRING || !json_text_is(reader, "Infinity")) &&
		append_special_decimal(text, digits, length))
		return true;
	if (mode != DECIMAL_STRING &&
		append_base64_decimal(text, digits, length, scale))
		return true;
	return value_failed(error, type, "text");
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

static void
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
}

static bool
read_date_number(int64 number, const DataType *type, PQExpBuffer text,
				 PQExpBuffer error)
{
	bool		before_christ;

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
}

static bool
read_time_number(int64 number, int64 unit, PQExpBuffer text, PQExpBuffer error)
{
	if (number < 0 || number > US_PER_DAY * 1000 / unit)
	{
		appendPQExpBuffer(error, "number is no time of day in %s",
						  unit == NS_PER_MS ? "milliseconds; declare TIME(6) for one in microseconds" :
						  unit == NS_PER_US ? "microseconds" : "nanoseconds");
		return false;
	}
	if (unit == 1)
	{
		append_time(text, number / NS_PER_US);
		/* PostgreSQL rounds it */
		appendPQExpBuffer(text, "%03d", (int) (number % NS_PER_US));
	}
	else
		append_time(text, number * (unit / NS_PER_US));
	return true;
}

static bool
read_timestamp_number(int64 number, int64 unit, PQExpBuffer text,
					  PQExpBuffer error)
{
	int64		infinity = unit == 1 ? PG_INT64_MAX :
	unit == NS_PER_US ? TIMESTAMP_US_INFINITY : TIMESTAMP_MS_INFINITY;
	int64		minus_infinity = unit == 1 ? PG_INT64_MIN :
	unit == NS_PER_US ? TIMESTAMP_US_MINUS_INFINITY : TIMESTAMP_MS_MINUS_INFINITY;

	if (number == infinity || number == minus_infinity)
	{
		appendPQExpBufferStr(text, number == infinity ?
							 "infinity" : "-infinity");
		return true;
	}
	/* beyond the year 30000 it is rather microseconds */
	if (unit == NS_PER_MS && (number > INT64CONST(884541340800000) ||
							  number < -INT64CONST(884541340800000)))
	{
		appendPQExpBufferStr(error, "number is far from any date in milliseconds; declare TIMESTAMP(6) for microseconds");
		return false;
	}
	if (unit == 1)
	{
		/* rounded down; PostgreSQL's own values are whole microseconds */
		int64		us = number / NS_PER_US - (number % NS_PER_US < 0 ? 1 : 0);

		append_timestamp(text, us);
	}
	else
		append_timestamp(text, number * (unit / NS_PER_US));
	return true;
}

static bool
read_temporal_number(const JsonReader *reader, const DataType *type,
					 SemanticKind kind, int64 unit, PQExpBuffer text,
					 PQExpBuffer error)
{
	int64		number;

	if (!parse_int64(reader->text, reader->length, &number))
		return value_failed(error, type, "number");
	if (unit == 0)
	{
		appendPQExpBufferStr(error, "is a number, but 'time.precision.mode' is 'isostring'");
		return false;
	}
	switch (kind)
	{
		case SEMANTIC_DATE:
			return read_date_number(number, type, text, error);
		case SEMANTIC_TIME:
			return read_time_number(number, unit, text, error);
		case SEMANTIC_TIMESTAMP:
			return read_timestamp_number(number, unit, text, error);
		default:
			/* Flink reads no number here, and Debezium writes none */
			return value_failed(error, type, "number");
	}
}

/* The digits at *p, which is moved behind them; false: none, or too many. */
static bool
read_digits(const char **p, const char *end, int least, int most, int *number)
{
	int			count = 0;

	*number = 0;
	for (; *p < end && **p >= '0' && **p <= '9' && count < most; (*p)++)
	{
		*number = *number * 10 + (**p - '0');
		count++;
	}
	return count >= least;
}

/* hh:mm[:ss[.fraction]] */
static bool
pass_time(const char **p, const char *end)
{
	int			number;

	if (!read_digits(p, end, 2, 2, &number) || *p == end || *(*p)++ != ':' ||
		!read_digits(p, end, 2, 2, &number))
		return false;
	if (*p == end || **p != ':')
		return true;
	(*p)++;
	if (!read_digits(p, end, 2, 2, &number))
		return false;
	if (*p < end && **p == '.')
	{
		(*p)++;
		return read_digits(p, end, 1, 9, &number);
	}
	return true;
}

/*
 * Dates and times as text: SQL's and ISO 8601's forms, with Java's years (a
 * sign above 9999, 0000 for 1 BC).  Words such as "now", which PostgreSQL
 * would understand, are none.
 */
static bool
read_temporal_text(const JsonReader *reader, const DataType *type,
				   PQExpBuffer text, PQExpBuffer error)
{
	const char *p = reader->text;
	const char *end = p + reader->length;
	const char *rest = p;
	bool		zoned = type->kind == TYPE_TIMESTAMP_LTZ;
	bool		before_christ = false;
	int			number;

	if (type->kind != TYPE_TIME)
	{
		bool		negative = p < end && *p == '-';
		int			year;

		if (json_text_is(reader, "infinity") || json_text_is(reader, "-infinity"))
		{
			appendBinaryPQExpBuffer(text, p, end - p);
			return true;
		}
		if (json_text_is(reader, ISO_TIMESTAMP_INFINITY) ||
			json_text_is(reader, ISO_DATE_INFINITY))
		{
			appendPQExpBufferStr(text, "infinity");
			return true;
		}
		if (json_text_is(reader, ISO_TIMESTAMP_MINUS_INFINITY) ||
			json_text_is(reader, ISO_DATE_MINUS_INFINITY))
		{
			appendPQExpBufferStr(text, "-infinity");
			return true;
		}
		if (p < end && (*p == '-' || *p == '+'))
			p++;
		if (!read_digits(&p, end, 4, 7, &year))
			return value_failed(error, type, "text");
		before_christ = negative || year == 0;
		appendPQExpBuffer(text, "%04d", negative ? year + 1 : year == 0 ? 1 : year);
		rest = p;
		if (p == end || *p++ != '-' || !read_digits(&p, end, 2, 2, &number) ||
			p == end || *p++ != '-' || !read_digits(&p, end, 2, 2, &number))
			return value_failed(error, type, "text");
		if (type->kind != TYPE_DATE)
		{
			if (p == end || (*p != 'T' && *p != ' '))
				return value_failed(error, type, "text");
			p++;
		}
	}
	if (type->kind != TYPE_DATE && !pass_time(&p, end))
		return value_failed(error, type, "text");
	appendBinaryPQExpBuffer(text, rest, p - rest);
	/* UTC is the zone of all; of another one only an instant knows */
	if (p < end && *p == 'Z')
	{
		p++;
		if (zoned)
			appendPQExpBufferChar(text, 'Z');
	}
	else if (zoned && p < end && (*p == '+' || *p == '-'))
	{
		rest = p++;
		if (!pass_time(&p, end))
			return value_failed(error, type, "text");
		appendBinaryPQExpBuffer(text, rest, p - rest);
	}
	if (p != end)
		return value_failed(error, type, "text");
	if (before_christ)
		appendPQExpBufferStr(text, " BC");
	return true;
}

static bool
read_temporal(const JsonReader *reader, JsonToken token, const DataType *type,
			  const Encoding *encoding, const Semantic *semantic,
			  PQExpBuffer text, PQExpBuffer error)
{
	SemanticKind kind = SEMANTIC_NONE;
	int64		unit = 1;

	if (token == JSON_STRING)
		return read_temporal_text(reader, type, text, error);
	if (token != JSON_NUMBER)
		return value_failed(error, type, "value");
	if (type->kind == TYPE_DATE)
	{
		kind = SEMANTIC_DATE;
		if (encoding->times == TIME_ISOSTRING)
			unit = 0;
	}
	else if (type->kind == TYPE_TIME || type->kind == TYPE_TIMESTAMP)
	{
		kind = type->kind == TYPE_TIME ? SEMANTIC_TIME : SEMANTIC_TIMESTAMP;
		unit = encoding_time_unit(encoding, kind == SEMANTIC_TIME,
								  type->precision);
	}
	/* a plain number, such as a count of days: what the type makes of it */
	if (semantic != NULL && semantic->kind == kind)
		unit = semantic->unit;
	return read_temporal_number(reader, type, kind, unit, text, error);
}

/* Base64 of little-endian bytes as so many bits. */
static bool
read_bits(const JsonReader *reader, const DataType *type, int count,
		  PQExpBuffer text, PQExpBuffer error)
{
	size_t		room = reader->length / 4 * 3;
	unsigned char *bytes = pg_malloc(room + 1);
	size_t		length = 0;
	bool		good = reader->length == 0 ||
	decode_base64(reader->text, reader->length, bytes, room, &length);

	/* a bit varying without a length: as many as there are */
	if (count == PG_INT32_MAX)
		count = (int) length * 8;
	good = good && length <= ((size_t) count + 7) / 8;
	for (int i = count; good && i-- > 0;)
		appendPQExpBufferChar(text, (size_t) i / 8 < length &&
							  (bytes[i / 8] >> (i % 8) & 1) != 0 ? '1' : '0');
	free(bytes);
	return good || value_failed(error, type, "text");
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

/* Bytes are carried as base64, as PostgreSQL's decode() reads it. */
static bool
read_bytes(const JsonReader *reader, JsonToken token, const DataType *type,
		   BinaryMode mode, PQExpBuffer text, PQExpBuffer error)
{
	size_t		start = text->len;

	if (token != JSON_STRING)
		return value_failed(error, type, "value");
	if (mode == BINARY_HEX)
	{
		static const char digits[] = "0123456789abcdef";
		unsigned char *bytes = pg_malloc(reader->length / 2 + 1);
		bool		good = reader->length % 2 == 0;

		for (size_t i = 0; good && i < reader->length; i++)
		{
			const char *digit = reader->text[i] == '\0' ? NULL :
			strchr(digits, pg_tolower((unsigned char) reader->text[i]));

			good = digit != NULL;
			if (good)
				bytes[i / 2] = (unsigned char) (i % 2 == 0 ? (digit - digits) << 4 :
												bytes[i / 2] | (digit - digits));
		}
		if (good)
			append_base64(text, bytes, reader->length / 2);
		free(bytes);
		return good || value_failed(error, type, "text");
	}
	appendBinaryPQExpBuffer(text, reader->text, reader->length);
	if (mode == BINARY_BASE64_URL_SAFE)
		for (char *p = text->data + start; *p != '\0'; p++)
			*p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
	return true;
}

/* The text from "start" on becomes an element in double quotes. */
static void
quote_element(PQExpBuffer text, size_t start)
{
	size_t		length = text->len - start;
	size_t		extra = 2;
	char	   *to;

	for (size_t i = start; i < text->len; i++)
		if (text->data[i] == '"' || text->data[i] == '\\')
			extra++;
	if (!enlargePQExpBuffer(text, extra))
		return;
	to = text->data + text->len + extra;
	text->len += extra;
	*to-- = '\0';
	*to-- = '"';
	for (const char *from = text->data + start + length; from-- > text->data + start;)
	{
		*to-- = *from;
		if (*from == '"' || *from == '\\')
			*to-- = '\\';
	}
	*to = '"';
}

/* Base64 from "start" on becomes PostgreSQL's hex format. */
static bool
base64_to_hex(PQExpBuffer text, size_t start)
{
	size_t		length = text->len - start;
	size_t		room = length / 4 * 3;
	unsigned char *bytes = pg_malloc(room + 1);
	size_t		count = 0;
	bool		good = length == 0 ||
	decode_base64(text->data + start, length, bytes, room, &count);

	text->len = start;
	appendPQExpBufferStr(text, "\\x");
	for (size_t i = 0; i < count; i++)
		appendPQExpBuffer(text, "%02x", bytes[i]);
	free(bytes);
	return good;
}

/*
 * A JSON array as PostgreSQL's text of an array, the elements by their own
 * type.  The reader is behind the bracket.
 */
static bool
read_array(JsonReader *reader, const DataType *type, const Encoding *encoding,
		   const Semantic *semantic, PQExpBuffer text, PQExpBuffer error)
{
	const DataType *element = type->element;
	JsonToken	token;
	bool		first = true;

	appendPQExpBufferChar(text, '{');
	while ((token = json_next(reader)) != JSON_ARRAY_END)
	{
		size_t		start;
		bool		null = false;
		bool		unavailable = false;

		if (token == JSON_ERROR)
			return value_failed(error, type, "value");
		if (!first)
			appendPQExpBufferChar(text, ',');
		first = false;
		start = text->len;
		if (!value_read(reader, token, element, encoding, semantic, text,
						&null, &unavailable, error))
			return false;
		if (null)
			appendPQExpBufferStr(text, "NULL");
		else if (unavailable)
			return value_failed(error, type, "value");
		else if (element->kind == TYPE_BINARY || element->kind == TYPE_VARBINARY)
		{
			if (!base64_to_hex(text, start))
				return value_failed(error, element, "text");
			quote_element(text, start);
		}
		else if (element->kind != TYPE_ARRAY)
			quote_element(text, start);
	}
	appendPQExpBufferChar(text, '}');
	return true;
}

/*
 * A text whose schema says that it is something else: numbers and times
 * become what PostgreSQL reads, so that a column of any type can take it.
 * *done is false where it is a text.
 */
static bool
read_semantic_string(JsonReader *reader, JsonToken token, const DataType *type,
					 const Encoding *encoding, const Semantic *semantic,
					 PQExpBuffer text, bool *done, PQExpBuffer error)
{
	*done = true;
	if (semantic->array)
	{
		Semantic	element = *semantic;
		bool		first = true;

		*done = token == JSON_ARRAY && semantic->kind > SEMANTIC_BYTES;
		if (!*done)
			return true;
		element.array = false;
		appendPQExpBufferChar(text, '[');
		while ((token = json_next(reader)) != JSON_ARRAY_END)
		{
			bool		decoded;

			if (!first)
				appendPQExpBufferChar(text, ',');
			first = false;
			if (token == JSON_NULL)
			{
				appendPQExpBufferStr(text, "null");
				continue;
			}
			/* digits, points, signs: nothing to escape */
			appendPQExpBufferChar(text, '"');
			if (!read_semantic_string(reader, token, type, encoding, &element,
									  text, &decoded, error))
				return false;
			if (!decoded)
				return value_failed(error, type, "value");
			appendPQExpBufferChar(text, '"');
		}
		appendPQExpBufferChar(text, ']');
		return true;
	}
	switch (semantic->kind)
	{
		case SEMANTIC_DECIMAL:
		case SEMANTIC_VARIABLE_DECIMAL:
			return read_decimal(reader, token, type, DECIMAL_PRECISE,
								semantic->scale, text, error);
		case SEMANTIC_BITS:
			if (token == JSON_STRING)
				return read_bits(reader, type, semantic->scale, text, error);
			break;
		case SEMANTIC_DATE:
		case SEMANTIC_TIME:
		case SEMANTIC_TIMESTAMP:
			if (token == JSON_NUMBER)
				return read_temporal_number(reader, type, semantic->kind,
											semantic->unit, text, error);
			break;
		default:
			break;
	}
	*done = false;
	return true;
}

bool
value_read(JsonReader *reader, JsonToken token, const DataType *type,
		   const Encoding *encoding, const Semantic *semantic,
		   PQExpBuffer text, bool *null, bool *unavailable, PQExpBuffer error)
{
	bool		done = false;

	*null = token == JSON_NULL;
	if (*null)
		return true;
	/* an unchanged TOAST value, whatever the column's type */
	*unavailable = (token == JSON_STRING || token == JSON_ARRAY ||
					token == JSON_OBJECT) &&
		placeholder_found(encoding->placeholder_forms, reader, token);
	if (*unavailable)
		return true;
	if (semantic != NULL && semantic->kind == SEMANTIC_NONE)
		semantic = NULL;

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
			if (semantic != NULL &&
				!read_semantic_string(reader, token, type, encoding, semantic,
									  text, &done, error))
				return false;
			return done || read_string(reader, token, type, text, error);
		case TYPE_BOOLEAN:
			return read_boolean(reader, token, type, text, error);
		case TYPE_FLOAT:
		case TYPE_DOUBLE:
			return read_float(reader, token, type, text, error);
		case TYPE_DECIMAL:
			if (semantic != NULL && semantic->kind == SEMANTIC_DECIMAL)
				return read_decimal(reader, token, type, DECIMAL_PRECISE,
									semantic->scale, text, error);
			return read_decimal(reader, token, type,
								semantic != NULL && semantic->kind == SEMANTIC_STRING ?
								DECIMAL_STRING : encoding->decimals,
								type->scale, text, error);
		case TYPE_DATE:
		case TYPE_TIME:
		case TYPE_TIMESTAMP:
		case TYPE_TIMESTAMP_LTZ:
			return read_temporal(reader, token, type, encoding, semantic, text,
								 error);
		case TYPE_BINARY:
		case TYPE_VARBINARY:
			return read_bytes(reader, token, type,
							  semantic != NULL && semantic->kind == SEMANTIC_BYTES ?
							  BINARY_BASE64 : encoding->binaries, text, error);
		case TYPE_ARRAY:
			if (token != JSON_ARRAY)
				return value_failed(error, type, "value");
			return read_array(reader, type, encoding, semantic, text, error);
		case TYPE_MAP:
		case TYPE_ROW:
			if (token != JSON_OBJECT)
				return value_failed(error, type, "value");
			return read_string(reader, token, type, text, error);
		case TYPE_INTERVAL_MONTH:
		case TYPE_INTERVAL_SECOND:
		case TYPE_ANY:
			break;
	}
	return value_failed(error, type, "value");
}
