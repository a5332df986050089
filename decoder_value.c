/*-------------------------------------------------------------------------
 *
 * decoder_value.c
 *	  How a column's values are written: one encoder for each type and mode.
 *
 * NOTES
 *	  Here are the choice of an encoder, and the encoders of booleans, numbers
 *	  of the machine and UUIDs.  To add a type, write its encoder and name it
 *	  in value_encoder_find().
 *	  An encoder gets detoasting done by itself, allocates only in the
 *	  current context, which is reset after the change, and looks nothing up:
 *	  what it needs is in its Column.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>

#include "catalog/pg_type.h"
#include "decoder_debezium.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

static bool
encode_bool(StringInfo out, const Column *column, Datum value)
{
	json_append_bool(out, DatumGetBool(value));
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
encode_oid(StringInfo out, const Column *column, Datum value)
{
	json_append_int64(out, DatumGetObjectId(value));
	return true;
}

/*
 * Debezium gets floating point numbers as text, in which the setting
 * extra_float_digits of the role or database may leave out digits; by default
 * the text has all of them.
 */

static bool
encode_float4(StringInfo out, const Column *column, Datum value)
{
	float4		number = DatumGetFloat4(value);

	if (unlikely(extra_float_digits <= 0))
		number = strtof(psprintf("%.*g", Max(FLT_DIG + extra_float_digits, 1),
								 number), NULL);
	json_append_float(out, number);
	return true;
}

static bool
encode_float8(StringInfo out, const Column *column, Datum value)
{
	float8		number = DatumGetFloat8(value);

	if (unlikely(extra_float_digits <= 0))
		number = strtod(psprintf("%.*g", Max(DBL_DIG + extra_float_digits, 1),
								 number), NULL);
	json_append_double(out, number);
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
	if (errno != 0 || end == literal || *end != '\0' ||
		(column->type == INT4OID && number != (int32) number) ||
		(column->type == INT2OID && number != (int16) number))
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

/* A UUID in the usual form, which becomes lower case */
static bool
literal_uuid(StringInfo out, const Column *column, const char *literal)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	char		text[sizeof(form)];
	int			i;

	if (strlen(literal) != strlen(form))
		return false;
	for (i = 0; i < strlen(form); i++)
	{
		text[i] = pg_ascii_tolower((unsigned char) literal[i]);
		if (form[i] == '-' ? text[i] != '-' :
			!isxdigit((unsigned char) text[i]))
			return false;
	}
	text_append_literal(out, "\"");
	text_append(out, text, strlen(form));
	text_append_literal(out, "\"");
	return true;
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
static const ValueEncoder encoder_oid = {
	CONNECT_INT64, NULL, 0, NULL,
	encode_oid, NULL, "0", NULL, NULL
};
static const ValueEncoder encoder_float4 = {
	CONNECT_FLOAT, NULL, 0, NULL,
	encode_float4, literal_float4, "0.0", NULL, NULL
};
static const ValueEncoder encoder_float8 = {
	CONNECT_DOUBLE, NULL, 0, NULL,
	encode_float8, literal_float8, "0.0", NULL, NULL
};
static const ValueEncoder encoder_uuid = {
	CONNECT_STRING, "io.debezium.data.Uuid", 1, NULL,
	encode_uuid, literal_uuid, "\"\"", "\"00000000-0000-0000-0000-000000000000\"", NULL
};

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
		case OIDOID:
			return &encoder_oid;
		case FLOAT4OID:
			return &encoder_float4;
		case FLOAT8OID:
			return &encoder_float8;
		case NUMERICOID:
			return decimal_encoder_find(typmod, options);
		case CASHOID:
			return money_encoder_find(options);
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case NAMEOID:
		case CHAROID:
		case JSONOID:
		case JSONBOID:
		case XMLOID:
			return text_encoder_find(type);
		case BYTEAOID:
			return bytes_encoder_find(options);
		case BITOID:
		case VARBITOID:
			return bits_encoder_find(type, typmod);
		case DATEOID:
		case TIMEOID:
		case TIMETZOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return time_encoder_find(type, typmod, options);
		case INTERVALOID:
			return interval_encoder_find(options);
		case UUIDOID:
			return &encoder_uuid;
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
 * seconds, or decimals; and what the encoder looks up for itself.  A negative
 * scale, new in PostgreSQL 15, is read as 2048 less it, as Debezium does.
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
		case TIMETZOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			column->scale = time_digits(column->typmod);
			break;
		case INTERVALOID:
			column->scale = interval_digits(column->typmod);
			break;
		default:
			column->scale = 0;
			break;
	}
	if (column->encoder->prepare != NULL)
		column->encoder->prepare(column);
}

/* Zero of a type whose encoder has no ready-made filler */
static void
append_zero(StringInfo out, const Column *column)
{
	Datum		zero;

	switch (column->type)
	{
		case NUMERICOID:
			zero = decimal_zero(column);
			break;
		case INTERVALOID:
			zero = PointerGetDatum(palloc0(sizeof(Interval)));
			break;
		case CASHOID:
			money_append_zero(out, column);
			return;
		default:
			zero = time_epoch(column->type);
			break;
	}
	column->encoder->encode(out, column, zero);
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
		append_zero(out, column);
}
