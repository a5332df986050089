/*-------------------------------------------------------------------------
 *
 * decoder_bytes.c
 *	  The values of bytea columns, in the ways of binary.handling.mode, and of
 *	  bit strings.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "decoder_debezium.h"
#include "utils/builtins.h"
#include "utils/varbit.h"

/* What Debezium takes for the length of a varbit without one */
#define UNLIMITED_BITS	PG_INT32_MAX

static void
append_hex(StringInfo out, const uint8 *data, int len)
{
	static const char hex[] = "0123456789abcdef";
	char	   *to;
	int			i;

	/* in two steps: a length of int cannot hold the double of itself */
	enlargeStringInfo(out, len);
	enlargeStringInfo(out, 2 * len);
	to = out->data + out->len;
	for (i = 0; i < len; i++)
	{
		*to++ = hex[data[i] >> 4];
		*to++ = hex[data[i] & 0xF];
	}
	out->len = to - out->data;
}

/* Replace the two characters of base64 that mean something in a URL */
static void
make_url_safe(char *text, int len)
{
	int			i;

	for (i = 0; i < len; i++)
	{
		if (text[i] == '+')
			text[i] = '-';
		else if (text[i] == '/')
			text[i] = '_';
	}
}

/*
 * Append bytes in quotes, in the form of binary.handling.mode.
 */
void
bytes_append(StringInfo out, const DecoderOptions *options,
			 const uint8 *data, int len)
{
	int			start;

	text_append_literal(out, "\"");
	start = out->len;
	if (options->binary_mode == BINARY_HEX)
		append_hex(out, data, len);
	else
		json_append_base64(out, data, len);
	if (options->binary_mode == BINARY_BASE64_URL_SAFE)
		make_url_safe(out->data + start, out->len - start);
	text_append_literal(out, "\"");
}

static bool
encode_bytea(StringInfo out, const Column *column, Datum value)
{
	bytea	   *bytes = DatumGetByteaPP(value);

	bytes_append(out, column->options, (const uint8 *) VARDATA_ANY(bytes),
				 VARSIZE_ANY_EXHDR(bytes));
	return true;
}

/*
 * The placeholder is text in the mode hex, not the digits of its bytes; the
 * modes base64 and base64-url-safe have none.
 */
static void
unavailable_bytes(StringInfo out, const Column *column)
{
	bytes_append(out, column->options,
				 (const uint8 *) column->options->placeholder,
				 column->options->placeholder_len);
}

static const ValueEncoder encoder_bytes = {
	CONNECT_BYTES, NULL, 0, NULL,
	encode_bytea, NULL, "\"\"", NULL, unavailable_bytes
};
static const ValueEncoder encoder_bytes_hex = {
	CONNECT_STRING, NULL, 0, NULL,
	encode_bytea, NULL, "\"\"", NULL, type_unavailable_text
};
static const ValueEncoder encoder_bytes_base64 = {
	CONNECT_STRING, NULL, 0, NULL,
	encode_bytea, NULL, "\"\"", NULL, NULL
};

/*
 * The encoder of bytea.
 */
const ValueEncoder *
bytes_encoder_find(const DecoderOptions *options)
{
	switch (options->binary_mode)
	{
		case BINARY_BYTES:
			return &encoder_bytes;
		case BINARY_HEX:
			return &encoder_bytes_hex;
		default:
			return &encoder_bytes_base64;
	}
}

/* A bit string without a typmod is a bit(1) */
static int
bits_length(Oid type, int32 typmod)
{
	if (typmod > 0)
		return typmod;
	return type == VARBITOID ? UNLIMITED_BITS : 1;
}

static void
schema_bits(Schema *schema, const Column *column)
{
	schema_add_parameter(schema, "length",
						 psprintf("%d", bits_length(column->type, column->typmod)));
}

/* Append bytes in base64 and quotes, without the zeros at their end */
static void
append_trimmed(StringInfo out, const uint8 *bytes, int len)
{
	while (len > 0 && bytes[len - 1] == 0)
		len--;
	text_append_literal(out, "\"");
	json_append_base64(out, bytes, len);
	text_append_literal(out, "\"");
}

/*
 * A bit string as a number, its last bit the lowest, in as few bytes as it
 * needs, the lowest first.
 */
static bool
encode_bits(StringInfo out, const Column *column, Datum value)
{
	VarBit	   *bits = DatumGetVarBitP(value);
	const uint8 *data = VARBITS(bits);
	int			len = VARBITBYTES(bits);
	int			shift = VARBITPAD(bits);	/* unused bits at the end */
	uint8	   *bytes = palloc(len + 1);
	int			i;

	for (i = 0; i < len; i++)
	{
		bytes[i] = data[len - 1 - i] >> shift;
		if (shift > 0 && i < len - 1)
			bytes[i] |= data[len - 2 - i] << (8 - shift);
	}
	append_trimmed(out, bytes, len);
	pfree(bytes);
	return true;
}

/*
 * A single bit is a boolean; a varbit(1) can be empty, and that is neither.
 * A bit string without typmod may have more of them.
 */
static bool
encode_bit(StringInfo out, const Column *column, Datum value)
{
	VarBit	   *bits = DatumGetVarBitP(value);
	const uint8 *data = VARBITS(bits);
	bool		set = false;
	int			i;

	if (VARBITLEN(bits) == 0)
		return false;
	for (i = 0; i < VARBITBYTES(bits); i++)
		set |= data[i] != 0;
	json_append_bool(out, set);
	return true;
}

/*
 * Every 1 in the text counts by its place, whatever else there is; but one
 * bit alone for a bit(n) is a boolean, so its zero is a byte.
 */
static bool
literal_bits(StringInfo out, const Column *column, const char *literal)
{
	int			len = strlen(literal);
	uint8	   *bytes;
	int			i;

	if (len == 1 && column->type == BITOID)
	{
		json_append_text(out, literal[0] == '1' ? "AQ==" : "AA==", 4, false);
		return true;
	}
	bytes = palloc0(len / 8 + 1);
	for (i = 0; i < len; i++)
	{
		if (literal[len - 1 - i] == '1')
			bytes[i / 8] |= 1 << (i % 8);
	}
	append_trimmed(out, bytes, len / 8 + 1);
	pfree(bytes);
	return true;
}

/* A binary number; any other text, when it is one character, is false */
static bool
literal_bit(StringInfo out, const Column *column, const char *literal)
{
	int			len = strlen(literal);

	if (len == 0 || (strspn(literal, "01") != len &&
					 (len > 1 || column->type == VARBITOID)))
		return false;
	json_append_bool(out, strchr(literal, '1') != NULL);
	return true;
}

static const ValueEncoder encoder_bit = {
	CONNECT_BOOLEAN, NULL, 0, NULL,
	encode_bit, literal_bit, "false", NULL, NULL
};
static const ValueEncoder encoder_bits = {
	CONNECT_BYTES, "io.debezium.data.Bits", 1, schema_bits,
	encode_bits, literal_bits, "\"\"", NULL, NULL
};

/*
 * The encoder of bit and varbit.
 */
const ValueEncoder *
bits_encoder_find(Oid type, int32 typmod)
{
	return bits_length(type, typmod) > 1 ? &encoder_bits : &encoder_bit;
}
