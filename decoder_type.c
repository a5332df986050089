/*-------------------------------------------------------------------------
 *
 * decoder_type.c
 *	  Which encoder writes a type that is not a plain scalar: types that are
 *	  shown as text, enums, and the way to arrays, types of extensions and
 *	  those that Debezium does not know.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "decoder_debezium.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#if PG_VERSION_NUM < 140000
#include "catalog/indexing.h"
#endif

/* A value of an enum, as it is stored, and its label as JSON */
typedef struct EnumLabel
{
	Oid			oid;
	Piece		json;
} EnumLabel;

/* The detail of an enum's column; made anew when an enum changes */
typedef struct EnumDetail
{
	char	   *allowed;		/* the labels in their order, with commas */
	int			nlabels;
	EnumLabel  *labels;			/* by oid */
} EnumDetail;

/*
 * Append a text of the database in quotes.
 */
static void
append_text(StringInfo out, const Column *column, const char *text)
{
	json_append_text(out, text, strlen(text), column->options->utf8);
}

/* The placeholder as text columns have it */
void
type_unavailable_text(StringInfo out, const Column *column)
{
	append_text(out, column, column->options->placeholder_text);
}

/* Any type whose text form is the value */
bool
type_encode_printed(StringInfo out, const Column *column, Datum value)
{
	append_text(out, column, print_value(column, value));
	return true;
}

static int
compare_labels(const void *a, const void *b)
{
	Oid			left = ((const EnumLabel *) a)->oid;
	Oid			right = ((const EnumLabel *) b)->oid;

	return left < right ? -1 : left > right ? 1 : 0;
}

/*
 * Read the labels from the catalog under the snapshot in force.
 */
static void
enum_prepare(Column *column)
{
	EnumDetail *detail = palloc0(sizeof(EnumDetail));
	Relation	catalog = table_open(EnumRelationId, AccessShareLock);
	Relation	index = index_open(EnumTypIdSortOrderIndexId, AccessShareLock);
	StringInfoData allowed;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	int			capacity = 16;

	initStringInfo(&allowed);
	detail->labels = palloc(capacity * sizeof(EnumLabel));
	ScanKeyInit(&key, Anum_pg_enum_enumtypid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(column->type));
	scan = systable_beginscan_ordered(catalog, index, NULL, 1, &key);
	while ((tuple = systable_getnext_ordered(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_enum form = (Form_pg_enum) GETSTRUCT(tuple);
		StringInfoData json;

		if (detail->nlabels == capacity)
		{
			capacity *= 2;
			detail->labels = repalloc(detail->labels,
									  capacity * sizeof(EnumLabel));
		}
		initStringInfo(&json);
		append_text(&json, column, NameStr(form->enumlabel));
		detail->labels[detail->nlabels].oid = form->oid;
		detail->labels[detail->nlabels].json.data = json.data;
		detail->labels[detail->nlabels].json.len = json.len;
		if (detail->nlabels > 0)
			appendStringInfoChar(&allowed, ',');
		appendStringInfoString(&allowed, NameStr(form->enumlabel));
		detail->nlabels++;
	}
	systable_endscan_ordered(scan);
	index_close(index, AccessShareLock);
	table_close(catalog, AccessShareLock);

	qsort(detail->labels, detail->nlabels, sizeof(EnumLabel), compare_labels);
	detail->allowed = allowed.data;
	column->detail = detail;
}

static void
enum_schema(Schema *schema, const Column *column)
{
	const EnumDetail *detail = column->detail;

	schema_add_parameter(schema, "allowed", detail->allowed);
}

static bool
enum_encode(StringInfo out, const Column *column, Datum value)
{
	const EnumDetail *detail = column->detail;
	EnumLabel	wanted;
	const EnumLabel *label;

	wanted.oid = DatumGetObjectId(value);
	label = bsearch(&wanted, detail->labels, detail->nlabels,
					sizeof(EnumLabel), compare_labels);
	if (label == NULL)
		return false;			/* somebody tampered with the catalog */
	text_append_piece(out, label->json);
	return true;
}

static bool
enum_literal(StringInfo out, const Column *column, const char *literal)
{
	append_text(out, column, literal);
	return true;
}

static const ValueEncoder encoder_printed = {
	CONNECT_STRING, NULL, 0, NULL,
	type_encode_printed, NULL, "\"\"", NULL, type_unavailable_text,
	print_prepare
};
static const ValueEncoder encoder_tsvector = {
	CONNECT_STRING, "io.debezium.data.Tsvector", 1, NULL,
	type_encode_printed, NULL, "\"\"", NULL, type_unavailable_text,
	print_prepare
};
static const ValueEncoder encoder_enum = {
	CONNECT_STRING, "io.debezium.data.Enum", 1, enum_schema,
	enum_encode, enum_literal, "\"\"", NULL, NULL, enum_prepare
};

/*
 * The encoder for a base type that is not a plain scalar; NULL when columns
 * of the type are left out.
 */
const ValueEncoder *
type_encoder_find(Oid type, const DecoderOptions *options)
{
	const ValueEncoder *encoder;

	switch (type)
	{
		case INETOID:
		case CIDROID:
		case MACADDROID:
		case MACADDR8OID:
		case INT4RANGEOID:
		case INT8RANGEOID:
		case NUMRANGEOID:
		case TSRANGEOID:
		case TSTZRANGEOID:
		case DATERANGEOID:
			return &encoder_printed;
		case TSVECTOROID:
			return &encoder_tsvector;
		case POINTOID:
			return &encoder_point;
		default:
			break;
	}
	if (get_typtype(type) == TYPTYPE_ENUM)
		return &encoder_enum;
	if (OidIsValid(get_element_type(type)))
		return array_encoder_find(type, options);
	encoder = extension_encoder_find(type, options);
	if (encoder == NULL && options->include_unknown)
		encoder = unknown_encoder_find(options);
	return encoder;
}
