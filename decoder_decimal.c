/*-------------------------------------------------------------------------
 *
 * decoder_decimal.c
 *	  The values of numeric columns, in the three ways of
 *	  decimal.handling.mode.
 *
 * NOTES
 *	  Kafka Connect's Decimal is the unscaled value as a big-endian two's
 *	  complement number of minimal length, the way Java's
 *	  BigInteger.toByteArray() gives it.  PostgreSQL keeps a numeric as
 *	  digits to the base 10000; the digit at position p counts 10000^p.
 *	  numeric_send() hands these out.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "decoder_debezium.h"
#include "decoder_schema.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#define BASE			10000
#define BASE_DIGITS		4

/* sign words of numeric_send() */
#define SIGN_NEGATIVE	0x4000
#define SIGN_NAN		0xC000
#define SIGN_INFINITY	0xD000
#define SIGN_MINUS_INFINITY 0xF000

/* 10^18 is the largest power of ten that an int64 holds */
#define INT64_DIGITS	18

typedef struct Decimal
{
	int			ndigits;
	int			weight;			/* position of the first digit */
	int			sign;
	const uint8 *digits;		/* two bytes each, big-endian */
} Decimal;

static const int powers_of_ten[] = {1, 10, 100, 1000, 10000};

static int
read_int16(const uint8 *data)
{
	return (data[0] << 8) | data[1];
}

static Decimal
decimal_read(Datum value)
{
	bytea	   *message = DatumGetByteaPP(DirectFunctionCall1(numeric_send, value));
	const uint8 *data = (const uint8 *) VARDATA_ANY(message);
	Decimal		decimal;

	decimal.ndigits = read_int16(data);
	decimal.weight = (int16) read_int16(data + 2);
	decimal.sign = read_int16(data + 4);
	decimal.digits = data + 8;
	return decimal;
}

static bool
decimal_is_finite(const Decimal *decimal)
{
	return decimal->sign == 0 || decimal->sign == SIGN_NEGATIVE;
}

/* The digit at a position, 0 outside of what is stored */
static int
decimal_digit(const Decimal *decimal, int position)
{
	int			index = decimal->weight - position;

	if (index < 0 || index >= decimal->ndigits)
		return 0;
	return read_int16(decimal->digits + 2 * index);
}

/* Bytes of a two's complement number, the most significant ones dropped */
static void
append_minimal(StringInfo out, const uint8 *data, int len)
{
	while (len > 1 &&
		   ((data[0] == 0x00 && (data[1] & 0x80) == 0) ||
			(data[0] == 0xFF && (data[1] & 0x80) != 0)))
	{
		data++;
		len--;
	}
	text_append_literal(out, "\"");
	json_append_base64(out, data, len);
	text_append_literal(out, "\"");
}

/*
 * Append a number as the unscaled value of a Decimal: base64 in quotes.
 */
void
decimal_append_int64(StringInfo out, int64 unscaled)
{
	uint8		bytes[8];
	int			i;

	for (i = 7; i >= 0; i--, unscaled >>= 8)
		bytes[i] = unscaled & 0xFF;
	append_minimal(out, bytes, sizeof(bytes));
}

static void
append_unscaled_small(StringInfo out, const Decimal *decimal, int scale)
{
	uint64		unscaled = 0;
	int			position;

	for (position = decimal->weight; position >= -(scale / BASE_DIGITS); position--)
		unscaled = unscaled * BASE + decimal_digit(decimal, position);
	if (scale % BASE_DIGITS != 0)
		unscaled = unscaled * powers_of_ten[scale % BASE_DIGITS] +
			decimal_digit(decimal, position) /
			powers_of_ten[BASE_DIGITS - scale % BASE_DIGITS];
	if (decimal->sign == SIGN_NEGATIVE)
		unscaled = -unscaled;
	decimal_append_int64(out, (int64) unscaled);
}

/* words = words * factor + addend; little-endian words */
static void
words_multiply_add(uint32 *words, int *nwords, uint32 factor, uint32 addend)
{
	uint64		carry = addend;
	int			i;

	for (i = 0; i < *nwords; i++)
	{
		carry += (uint64) words[i] * factor;
		words[i] = (uint32) carry;
		carry >>= 32;
	}
	if (carry != 0)
		words[(*nwords)++] = (uint32) carry;
}

static void
append_unscaled_large(StringInfo out, const Decimal *decimal, int scale)
{
	int			groups = decimal->weight + 1 + scale / BASE_DIGITS;
	uint32	   *words;
	uint8	   *bytes;
	int			nwords = 0;
	int			position;
	int			i;

	/* a group has 13.3 bits, a word 32; two more for the rest and the sign */
	words = palloc0(sizeof(uint32) * (groups / 2 + 3));
	for (position = decimal->weight; position >= -(scale / BASE_DIGITS); position--)
	{
		CHECK_FOR_INTERRUPTS();
		words_multiply_add(words, &nwords, BASE, decimal_digit(decimal, position));
	}
	if (scale % BASE_DIGITS != 0)
		words_multiply_add(words, &nwords, powers_of_ten[scale % BASE_DIGITS],
						   decimal_digit(decimal, position) /
						   powers_of_ten[BASE_DIGITS - scale % BASE_DIGITS]);
	nwords++;					/* zero: room for the sign */
	if (decimal->sign == SIGN_NEGATIVE)
	{
		uint64		carry = 1;

		for (i = 0; i < nwords; i++)
		{
			carry += (uint32) ~words[i];
			words[i] = (uint32) carry;
			carry >>= 32;
		}
	}
	bytes = palloc(nwords * 4);
	for (i = 0; i < nwords; i++)
	{
		uint32		word = words[nwords - 1 - i];

		bytes[4 * i] = word >> 24;
		bytes[4 * i + 1] = word >> 16;
		bytes[4 * i + 2] = word >> 8;
		bytes[4 * i + 3] = word;
	}
	append_minimal(out, bytes, nwords * 4);
	pfree(bytes);
	pfree(words);
}

/* Append value * 10^scale as base64 in quotes */
static void
append_unscaled(StringInfo out, const Decimal *decimal, int scale)
{
	if (decimal->ndigits == 0)
		text_append_literal(out, "\"AA==\"");
	else if (BASE_DIGITS * (decimal->weight + 1) + scale <= INT64_DIGITS)
		append_unscaled_small(out, decimal, scale);
	else
		append_unscaled_large(out, decimal, scale);
}

static char *
decimal_text(Datum value)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out, value));
}

/*
 * PostgreSQL 15 has numeric(3,-2); its scale is read as 2046, and values
 * carry as many decimals.  This says how many zeros that adds to the text.
 */
#define FIRST_NEGATIVE_SCALE 1001

static void
append_scale_zeros(StringInfo out, const Column *column, const char *text)
{
	const char *point = strchr(text, '.');
	int			i;

	if (column->scale < FIRST_NEGATIVE_SCALE)
		return;
	if (point == NULL)
		text_append_literal(out, ".");
	for (i = point == NULL ? 0 : strlen(point + 1); i < column->scale; i++)
		text_append_literal(out, "0");
}

/* The schema of numeric(p,s) */
static void
schema_decimal(Schema *schema, const Column *column)
{
	schema_add_parameter(schema, "scale", psprintf("%d", column->scale));
	schema_add_parameter(schema, "connect.decimal.precision",
						 psprintf("%d", ((column->typmod - VARHDRSZ) >> 16) & 0xFFFF));
}

/* The schema of numeric without precision */
static void
schema_variable(Schema *schema, const Column *column)
{
	schema->doc = "Variable scaled decimal";
	schema_add_field(schema, "scale", schema_create(CONNECT_INT32, false));
	schema_add_field(schema, "value", schema_create(CONNECT_BYTES, false));
}

/*
 * With decimal.special.values=text, what no Decimal can hold stands as text
 * where its bytes would be.  None of these texts is base64 of anything.
 */
static bool
append_special(StringInfo out, const Column *column, const Decimal *decimal)
{
	if (!column->options->decimal_special_text)
		return false;
	switch (decimal->sign)
	{
		case SIGN_INFINITY:
			text_append_literal(out, "\"+Infinity\"");
			break;
		case SIGN_MINUS_INFINITY:
			text_append_literal(out, "\"-Infinity\"");
			break;
		default:
			text_append_literal(out, "\"NaN\"");
			break;
	}
	return true;
}

/* numeric(p,s): the unscaled value in base64 */
static bool
encode_precise(StringInfo out, const Column *column, Datum value)
{
	Decimal		decimal = decimal_read(value);

	if (!decimal_is_finite(&decimal))
		return append_special(out, column, &decimal);
	append_unscaled(out, &decimal, column->scale);
	return true;
}

/* numeric: a struct with the scale that the value needs */
static bool
encode_variable(StringInfo out, const Column *column, Datum value)
{
	Decimal		decimal = decimal_read(value);
	int			last = decimal.weight - decimal.ndigits + 1;	/* position */
	int			scale = 0;
	int			digit;
	bool		finite = decimal_is_finite(&decimal);

	if (finite && decimal.ndigits > 0 && last < 0)
	{
		scale = -last * BASE_DIGITS;
		for (digit = decimal_digit(&decimal, last); digit % 10 == 0; digit /= 10)
			scale--;
	}
	text_append_literal(out, "{\"scale\":");
	json_append_int64(out, scale);
	text_append_literal(out, ",\"value\":");
	if (finite)
		append_unscaled(out, &decimal, scale);
	else if (!append_special(out, column, &decimal))
		return false;
	text_append_literal(out, "}");
	return true;
}

static bool
encode_double(StringInfo out, const Column *column, Datum value)
{
	/* overflow gives an infinity, as in Java; strtod() reads the specials */
	json_append_double(out, strtod(decimal_text(value), NULL));
	return true;
}

static bool
encode_string(StringInfo out, const Column *column, Datum value)
{
	char	   *text = decimal_text(value);

	text_append_literal(out, "\"");
	if (strcmp(text, "NaN") == 0)
		text_append_literal(out, "NAN");
	else if (strcmp(text, "Infinity") == 0)
		text_append_literal(out, "POSITIVE_INFINITY");
	else if (strcmp(text, "-Infinity") == 0)
		text_append_literal(out, "NEGATIVE_INFINITY");
	else
	{
		text_append(out, text, strlen(text));
		append_scale_zeros(out, column, text);
	}
	text_append_literal(out, "\"");
	return true;
}

/* Is it a plain number? */
static bool
is_number(const char *text)
{
	int			digits = 0;

	if (*text == '-' || *text == '+')
		text++;
	for (; *text >= '0' && *text <= '9'; text++)
		digits++;
	if (*text == '.')
		for (text++; *text >= '0' && *text <= '9'; text++)
			digits++;
	return *text == '\0' && digits > 0;
}

static Datum
numeric_from_text(const char *text)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}

/* Has the column a precision, and is its scale what the type says? */
static bool
has_scale(const Column *column)
{
	return column->typmod >= (int32) VARHDRSZ &&
		column->scale < FIRST_NEGATIVE_SCALE;
}

/*
 * A number in a column default, with the scale of the column; one that has
 * more decimals is no default.  Its text is checked here, so that what cannot
 * be a number is no default and not an error.
 */
static bool
literal_decimal(StringInfo out, const Column *column, const char *literal)
{
	Datum		value;
	Datum		rounded;

	if (!is_number(literal))
		return false;
	value = numeric_from_text(literal);
	if (has_scale(column))
	{
		/* rounding cannot fail, where the typmod's check could */
		rounded = DirectFunctionCall2(numeric_round, value,
									  Int32GetDatum(column->scale));
		if (!DatumGetBool(DirectFunctionCall2(numeric_eq, value, rounded)))
			return false;
		value = rounded;
	}
	return column->encoder->encode(out, column, value);
}

/*
 * Zero, with as many decimals as the column has.
 */
Datum
decimal_zero(const Column *column)
{
	Datum		zero = DirectFunctionCall1(int4_numeric, Int32GetDatum(0));

	return has_scale(column) && column->scale > 0 ?
		DirectFunctionCall2(numeric_round, zero, Int32GetDatum(column->scale)) :
		zero;
}

/*
 * Append a number, given as text, as the unscaled value of a Decimal with a
 * scale that is enough for it.
 */
void
decimal_append_text(StringInfo out, const char *text, int scale)
{
	Decimal		decimal = decimal_read(numeric_from_text(text));

	append_unscaled(out, &decimal, scale);
}

/* A default that is computed is this literal */
#define COMPUTED "0.0"

static const ValueEncoder encoder_precise = {
	CONNECT_BYTES, SCHEMA_DECIMAL, 1, schema_decimal,
	encode_precise, literal_decimal, NULL, COMPUTED, NULL
};
static const ValueEncoder encoder_variable = {
	CONNECT_STRUCT, "io.debezium.data.VariableScaleDecimal", 1, schema_variable,
	encode_variable, NULL, NULL, NULL, NULL
};
static const ValueEncoder encoder_double = {
	CONNECT_DOUBLE, NULL, 0, NULL,
	encode_double, literal_decimal, NULL, COMPUTED, NULL
};
static const ValueEncoder encoder_string = {
	CONNECT_STRING, NULL, 0, NULL,
	encode_string, literal_decimal, NULL, COMPUTED, type_unavailable_text
};

/*
 * The encoder of numeric.
 */
const ValueEncoder *
decimal_encoder_find(int32 typmod, const DecoderOptions *options)
{
	switch (options->decimal_mode)
	{
		case DECIMAL_DOUBLE:
			return &encoder_double;
		case DECIMAL_STRING:
			return &encoder_string;
		case DECIMAL_PRECISE:
			break;
	}
	return typmod >= (int32) VARHDRSZ ? &encoder_precise : &encoder_variable;
}
