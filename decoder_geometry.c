/*-------------------------------------------------------------------------
 *
 * decoder_geometry.c
 *	  PostgreSQL's geometric types.
 *
 * NOTES
 *	  A point is a struct with its coordinates, and again as well-known
 *	  binary (WKB, here always little-endian).  Debezium has no form for
 *	  lines, segments, boxes, paths, polygons and circles; as unknown types
 *	  they are shown in the text form of the JDBC driver, in which every
 *	  number has a decimal point.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "decoder_debezium.h"
#include "utils/geo_decls.h"

#define WKB_LITTLE_ENDIAN	1
#define WKB_POINT			1
#define WKB_POINT_LEN		(1 + 4 + 8 + 8)

/* Java has one NaN */
#define JAVA_NAN	UINT64CONST(0x7FF8000000000000)

static uint8 *
put_little_endian(uint8 *to, uint64 bits, int len)
{
	for (; len > 0; len--, bits >>= 8)
		*to++ = (uint8) bits;
	return to;
}

static uint8 *
put_double(uint8 *to, double value)
{
	uint64		bits;

	memcpy(&bits, &value, sizeof(bits));
	return put_little_endian(to, isnan(value) ? JAVA_NAN : bits, sizeof(bits));
}

static bool
encode_point(StringInfo out, const Column *column, Datum value)
{
	const Point *point = DatumGetPointP(value);
	uint8		wkb[WKB_POINT_LEN];
	uint8	   *to = wkb;

	*to++ = WKB_LITTLE_ENDIAN;
	to = put_little_endian(to, WKB_POINT, 4);
	to = put_double(to, point->x);
	put_double(to, point->y);
	text_append_literal(out, "{\"x\":");
	json_append_double(out, point->x);
	text_append_literal(out, ",\"y\":");
	json_append_double(out, point->y);
	text_append_literal(out, ",\"wkb\":\"");
	json_append_base64(out, wkb, sizeof(wkb));
	text_append_literal(out, "\",\"srid\":null}");
	return true;
}

static void
point_schema(Schema *schema, const Column *column)
{
	schema->doc = "Geometry (POINT)";
	schema_add_field(schema, "x", schema_create(CONNECT_DOUBLE, false));
	schema_add_field(schema, "y", schema_create(CONNECT_DOUBLE, false));
	schema_add_field(schema, "wkb", schema_create(CONNECT_BYTES, true));
	schema_add_field(schema, "srid", schema_create(CONNECT_INT32, true));
}

const ValueEncoder encoder_point = {
	CONNECT_STRUCT, "io.debezium.data.geometry.Point", 1, point_schema,
	encode_point, NULL,
	"{\"x\":0.0,\"y\":0.0,\"wkb\":\"AQEAAAAAAAAAAAAAAAAAAAAAAAAA\",\"srid\":null}",
	NULL, NULL, NULL
};

static void
print_double(StringInfo out, double value)
{
	/* in JSON the specials are in quotes, here they are not */
	if (isnan(value))
		text_append_literal(out, "NaN");
	else if (isinf(value))
		appendStringInfoString(out, value > 0 ? "Infinity" : "-Infinity");
	else
		json_append_double(out, value);
}

static void
print_point(StringInfo out, const Point *point)
{
	text_append_literal(out, "(");
	print_double(out, point->x);
	text_append_literal(out, ",");
	print_double(out, point->y);
	text_append_literal(out, ")");
}

static void
print_points(StringInfo out, const Point *points, int count, char open,
			 char close)
{
	int			i;

	appendStringInfoChar(out, open);
	for (i = 0; i < count; i++)
	{
		if (i > 0)
			text_append_literal(out, ",");
		print_point(out, &points[i]);
	}
	appendStringInfoChar(out, close);
}

static void
print_line(StringInfo out, const LINE *line)
{
	text_append_literal(out, "{");
	print_double(out, line->A);
	text_append_literal(out, ",");
	print_double(out, line->B);
	text_append_literal(out, ",");
	print_double(out, line->C);
	text_append_literal(out, "}");
}

static void
print_circle(StringInfo out, const CIRCLE *circle)
{
	text_append_literal(out, "<");
	print_point(out, &circle->center);
	text_append_literal(out, ",");
	print_double(out, circle->radius);
	text_append_literal(out, ">");
}

/*
 * A geometric value as the JDBC driver prints it; NULL for values of other
 * types.
 */
char *
geometry_print(Oid type, Datum value)
{
	StringInfoData text;
	const BOX  *box;
	const PATH *path;
	const POLYGON *polygon;

	switch (type)
	{
		case LINEOID:
		case LSEGOID:
		case BOXOID:
		case PATHOID:
		case POLYGONOID:
		case CIRCLEOID:
			break;
		default:
			return NULL;
	}
	initStringInfo(&text);
	switch (type)
	{
		case LINEOID:
			print_line(&text, DatumGetLineP(value));
			break;
		case LSEGOID:
			print_points(&text, DatumGetLsegP(value)->p, 2, '[', ']');
			break;
		case BOXOID:
			box = DatumGetBoxP(value);
			print_point(&text, &box->high);
			text_append_literal(&text, ",");
			print_point(&text, &box->low);
			break;
		case PATHOID:
			path = DatumGetPathP(value);
			print_points(&text, path->p, path->npts, path->closed ? '(' : '[',
						 path->closed ? ')' : ']');
			break;
		case POLYGONOID:
			polygon = DatumGetPolygonP(value);
			print_points(&text, polygon->p, polygon->npts, '(', ')');
			break;
		case CIRCLEOID:
			print_circle(&text, DatumGetCircleP(value));
			break;
	}
	return text_terminate(&text);
}
