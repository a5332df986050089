/*-------------------------------------------------------------------------
 *
 * decoder_text.c
 *	  The values of types that are text: character types, json, jsonb, xml.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "decoder_debezium.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

/*
 * Append a text of the database as a JSON string.
 */
void
text_append_string(StringInfo out, const Column *column, const char *data,
				   int len)
{
	json_append_any_text(out, data, len, column->options->utf8,
						 column->options->keep_invalid_text);
}

/* text, varchar, bpchar, json, xml: all have the same form inside */
static bool
encode_text(StringInfo out, const Column *column, Datum value)
{
	struct varlena *text = PG_DETOAST_DATUM_PACKED(value);

	text_append_string(out, column, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
	return true;
}

static bool
encode_jsonb(StringInfo out, const Column *column, Datum value)
{
	Jsonb	   *jsonb = DatumGetJsonbP(value);
	char	   *text = JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));

	text_append_string(out, column, text, strlen(text));
	return true;
}

/*
 * The declaration of an encoding can stand in front of an xml value; the type
 * shows it without, since it speaks of the text that was entered.
 */
static bool
encode_xml(StringInfo out, const Column *column, Datum value)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(xml_out, value));

	text_append_string(out, column, text, strlen(text));
	return true;
}

static bool
encode_name(StringInfo out, const Column *column, Datum value)
{
	const char *text = NameStr(*DatumGetName(value));

	text_append_string(out, column, text, strlen(text));
	return true;
}

/*
 * A "char" shows a byte above 127 by its number, since PostgreSQL 16 whatever
 * the encoding of the database, and always here: it could not be UTF-8.
 */
static bool
encode_char(StringInfo out, const Column *column, Datum value)
{
	unsigned char byte = (unsigned char) DatumGetChar(value);
	char		text[5];
	int			len = 1;

	text[0] = byte;
	if (byte == '\0')
		len = 0;
	else if (IS_HIGHBIT_SET(byte))
		len = snprintf(text, sizeof(text), "\\%03o", byte);
	text_append_string(out, column, text, len);
	return true;
}

static bool
literal_text(StringInfo out, const Column *column, const char *literal)
{
	text_append_string(out, column, literal, strlen(literal));
	return true;
}

static const ValueEncoder encoder_text = {
	CONNECT_STRING, NULL, 0, NULL,
	encode_text, literal_text, "\"\"", NULL, type_unavailable_text
};
static const ValueEncoder encoder_for_name = {
	CONNECT_STRING, NULL, 0, NULL,
	encode_name, NULL, "\"\"", NULL, NULL
};
static const ValueEncoder encoder_char = {
	CONNECT_STRING, NULL, 0, NULL,
	encode_char, NULL, "\"\"", NULL, NULL
};
static const ValueEncoder encoder_json = {
	CONNECT_STRING, "io.debezium.data.Json", 1, NULL,
	encode_text, literal_text, "\"\"", "\"{}\"", type_unavailable_text
};
static const ValueEncoder encoder_jsonb = {
	CONNECT_STRING, "io.debezium.data.Json", 1, NULL,
	encode_jsonb, literal_text, "\"\"", "\"{}\"", type_unavailable_text
};
static const ValueEncoder encoder_xml = {
	CONNECT_STRING, "io.debezium.data.Xml", 1, NULL,
	encode_xml, literal_text, "\"\"", NULL, type_unavailable_text
};

/*
 * The encoder of a type that is text; NULL for all other types.
 */
const ValueEncoder *
text_encoder_find(Oid type)
{
	switch (type)
	{
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
			return &encoder_text;
		case NAMEOID:
			return &encoder_for_name;
		case CHAROID:
			return &encoder_char;
		case JSONOID:
			return &encoder_json;
		case JSONBOID:
			return &encoder_jsonb;
		case XMLOID:
			return &encoder_xml;
		default:
			return NULL;
	}
}
