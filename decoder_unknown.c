/*-------------------------------------------------------------------------
 *
 * decoder_unknown.c
 *	  Types that Debezium does not know: left out, or with
 *	  include.unknown.datatypes=true their text form as bytes.
 *
 * NOTES
 *	  The bytes are written as those of a bytea are, by binary.handling.mode.
 *	  Lines, boxes and the like are in the form of the JDBC driver, see
 *	  decoder_geometry.c.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_debezium.h"
#include "mb/pg_wchar.h"

static bool
encode_unknown(StringInfo out, const Column *column, Datum value)
{
	char	   *text = geometry_print(column->type, value);

	if (text == NULL)
		text = print_value_guarded(column, value);
	if (text == NULL)
		return false;
	text = pg_server_to_any(text, strlen(text), PG_UTF8);
	bytes_append(out, column->options, (const uint8 *) text, strlen(text));
	return true;
}

static void
unavailable_unknown(StringInfo out, const Column *column)
{
	const ValueEncoder *encoder = bytes_encoder_find(column->options);

	if (encoder->unavailable != NULL)
		encoder->unavailable(out, column);
}

static const ValueEncoder encoder_unknown_bytes = {
	CONNECT_BYTES, NULL, 0, NULL,
	encode_unknown, NULL, "\"\"", NULL, unavailable_unknown, print_prepare
};
static const ValueEncoder encoder_unknown_string = {
	CONNECT_STRING, NULL, 0, NULL,
	encode_unknown, NULL, "\"\"", NULL, unavailable_unknown, print_prepare
};

/*
 * The encoder for types that are not known.
 */
const ValueEncoder *
unknown_encoder_find(const DecoderOptions *options)
{
	return bytes_encoder_find(options)->type == CONNECT_BYTES ?
		&encoder_unknown_bytes : &encoder_unknown_string;
}
