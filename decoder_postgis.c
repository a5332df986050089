/*-------------------------------------------------------------------------
 *
 * decoder_postgis.c
 *	  The types of the extension PostGIS: geometry and geography.
 *
 * NOTES
 *	  Their text form is the extended well-known binary (EWKB) in hexadecimal
 *	  digits.  It starts with the byte order (0: big-endian), then a word with
 *	  the kind and flags, one of which says that the SRID follows.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_debezium.h"
#include "utils/builtins.h"

#define EWKB_FLAG_SRID	0x20000000
#define EWKB_KIND		1		/* offset of the kind */
#define EWKB_SRID		5		/* offset of the SRID, if there is one */
#define EWKB_MIN_LEN	9

/* An empty collection of geometries: what stands for one not known */
#define FILLER "{\"wkb\":\"AQcAAAAAAAAA\",\"srid\":null}"

static uint32
read_word(const uint8 *ewkb, int offset)
{
	const uint8 *bytes = ewkb + offset;

	if (ewkb[0] != 0)
		return bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) |
			((uint32) bytes[3] << 24);
	return ((uint32) bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) |
		bytes[3];
}

static bool
encode_ewkb(StringInfo out, const Column *column, Datum value)
{
	char	   *text = print_value(column, value);
	int			len = strlen(text) / 2;
	uint8	   *ewkb = palloc(len + 1);

	hex_decode(text, 2 * len, (char *) ewkb);
	if (len < EWKB_MIN_LEN)
		return false;
	text_append_literal(out, "{\"wkb\":\"");
	json_append_base64(out, ewkb, len);
	text_append_literal(out, "\",\"srid\":");
	if ((read_word(ewkb, EWKB_KIND) & EWKB_FLAG_SRID) != 0)
		json_append_int64(out, (int32) read_word(ewkb, EWKB_SRID));
	else
		text_append_literal(out, "null");
	text_append_literal(out, "}");
	return true;
}

static void
ewkb_schema(Schema *schema, const char *doc)
{
	schema->doc = doc;
	schema_add_field(schema, "wkb", schema_create(CONNECT_BYTES, false));
	schema_add_field(schema, "srid", schema_create(CONNECT_INT32, true));
}

/* Optional even for NOT NULL columns, as Debezium has it */
static void
geometry_schema(Schema *schema, const Column *column)
{
	schema->optional = true;
	ewkb_schema(schema, "Geometry");
}

static void
geography_schema(Schema *schema, const Column *column)
{
	ewkb_schema(schema, "Geography");
}

const ValueEncoder encoder_postgis_geometry = {
	CONNECT_STRUCT, "io.debezium.data.geometry.Geometry", 1, geometry_schema,
	encode_ewkb, NULL, FILLER, NULL, NULL, print_prepare
};
const ValueEncoder encoder_postgis_geography = {
	CONNECT_STRUCT, "io.debezium.data.geometry.Geography", 1, geography_schema,
	encode_ewkb, NULL, FILLER, NULL, NULL, print_prepare
};
