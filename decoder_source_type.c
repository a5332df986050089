/*-------------------------------------------------------------------------
 *
 * decoder_source_type.c
 *	  The type of a column as PostgreSQL's JDBC driver tells it to Debezium:
 *	  name, length and scale, for column.propagate.source.type.
 *
 * NOTES
 *	  In a snapshot Debezium takes them from the driver's catalog queries, in
 *	  the stream from type and modifier.  These differ in two places: a column
 *	  that is fed by a sequence is called serial by the driver, and plain
 *	  numeric has no length there.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "decoder_mask.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

/* What the driver says where a type has no length */
#define LENGTH_UNKNOWN	PG_INT32_MAX

/* No scale */
#define SCALE_UNSET		-1

/* What the driver says of numeric without precision, in the stream */
#define NUMERIC_LENGTH	131089

/* Characters that it makes of dates and times at most, but for fractions */
#define DATE_LENGTH		13
#define TIME_LENGTH		8
#define ZONE_LENGTH		6
#define INTERVAL_LENGTH	49

/* Names in parameters of schemas */
#define PARAMETER "__debezium.source.column."

char *
type_catalog_name(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	char	   *result;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", type);
	result = pstrdup(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname));
	ReleaseSysCache(tuple);
	return result;
}

/*
 * The name of the column's type, as it is in the catalog.  "expression" is
 * the column's default, or NULL.
 */
char *
source_type_name(const Column *column, const char *expression, bool snapshot)
{
	if (snapshot && expression != NULL && strstr(expression, "nextval(") != NULL)
	{
		switch (column->declared_type)
		{
			case INT2OID:
				return pstrdup("smallserial");
			case INT4OID:
				return pstrdup("serial");
			case INT8OID:
				return pstrdup("bigserial");
		}
	}
	return type_catalog_name(column->declared_type);
}

/*
 * The places that a fraction of seconds takes, with its point: the driver
 * counts two digits where there is one.
 */
static int
fraction_length(int digits)
{
	return digits == 0 ? 0 : digits == 1 ? 3 : digits + 1;
}

/* Length and scale of a type; arrays have those of their elements */
static void
type_measure(Oid type, int32 typmod, bool snapshot, int *length, int *scale)
{
	Oid			element = get_element_type(type);
	int			digits = typmod >= 0 ? typmod : 6;

	if (OidIsValid(element))
		type = element;
	*length = LENGTH_UNKNOWN;
	*scale = 0;
	switch (type)
	{
		case INT2OID:
			*length = 5;
			break;
		case INT4OID:
		case OIDOID:
			*length = 10;
			break;
		case INT8OID:
			*length = 19;
			break;
		case FLOAT4OID:
			*length = *scale = 8;
			break;
		case FLOAT8OID:
			*length = *scale = 17;
			break;
		case BOOLOID:
		case CHAROID:
			*length = 1;
			break;
		case NUMERICOID:
			if (typmod >= (int32) VARHDRSZ)
			{
				*length = ((typmod - VARHDRSZ) >> 16) & 0xFFFF;
				*scale = (typmod - VARHDRSZ) & 0x7FF;
			}
			else if (snapshot)
			{
				*length = 0;
				*scale = SCALE_UNSET;
			}
			else
				*length = NUMERIC_LENGTH;
			break;
		case VARCHAROID:
		case BPCHAROID:
			if (typmod >= (int32) VARHDRSZ)
				*length = typmod - VARHDRSZ;
			break;
		case BITOID:
		case VARBITOID:
			if (typmod >= 0)
				*length = typmod;
			break;
		case DATEOID:
			*length = DATE_LENGTH;
			break;
		case TIMEOID:
			*length = TIME_LENGTH + fraction_length(digits);
			*scale = digits;
			break;
		case TIMETZOID:
			*length = TIME_LENGTH + ZONE_LENGTH +
				fraction_length(digits);
			*scale = digits;
			break;
		case TIMESTAMPOID:
			*length = DATE_LENGTH + 1 + TIME_LENGTH +
				fraction_length(digits);
			*scale = digits;
			break;
		case TIMESTAMPTZOID:
			*length = DATE_LENGTH + 1 + TIME_LENGTH + ZONE_LENGTH +
				fraction_length(digits);
			*scale = digits;
			break;
		case INTERVALOID:
			*length = INTERVAL_LENGTH;
			*scale = typmod < 0 || INTERVAL_PRECISION(typmod) == INTERVAL_FULL_PRECISION ?
				6 : INTERVAL_PRECISION(typmod);
			break;
		default:
			break;
	}
}

int
source_type_length(const Column *column, bool snapshot)
{
	int			length;
	int			scale;

	type_measure(column->type, column->typmod, snapshot, &length, &scale);
	return length;
}

/*
 * Add the parameters that tell the type.
 */
void
source_type_propagate(Schema *schema, const Column *column,
					  const char *type_name, bool snapshot)
{
	int			length;
	int			scale;

	type_measure(column->type, column->typmod, snapshot, &length, &scale);
	schema_add_parameter(schema, PARAMETER "type",
						 asc_toupper(type_name, strlen(type_name)));
	schema_add_parameter(schema, PARAMETER "length", psprintf("%d", length));
	if (scale != SCALE_UNSET)
		schema_add_parameter(schema, PARAMETER "scale", psprintf("%d", scale));
	schema_add_parameter(schema, PARAMETER "name", column->name);
}
