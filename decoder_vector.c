/*-------------------------------------------------------------------------
 *
 * decoder_vector.c
 *	  The types of the extension pgvector: vector, halfvec, sparsevec.
 *
 * NOTES
 *	  Their text forms are read: [1,2.5] and {1:1,3:2.5}/5, with positions
 *	  from 1.  Elements of a vector are stored as float4, but Debezium reads
 *	  their text as a double: 3.3 stays 3.3.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_debezium.h"

static bool
encode_vector(StringInfo out, const Column *column, Datum value)
{
	bool		is_double = column->encoder == &encoder_double_vector;
	char	   *next = print_value(column, value);

	text_append_literal(out, "[");
	for (next++; *next != ']' && *next != '\0';)
	{
		if (is_double)
			json_append_double(out, strtod(next, &next));
		else
			json_append_float(out, strtof(next, &next));
		if (*next == ',')
		{
			text_append_literal(out, ",");
			next++;
		}
	}
	text_append_literal(out, "]");
	return true;
}

static void
double_vector_schema(Schema *schema, const Column *column)
{
	schema->items = schema_create(CONNECT_DOUBLE, false);
}

static void
float_vector_schema(Schema *schema, const Column *column)
{
	schema->items = schema_create(CONNECT_FLOAT, false);
}

/*
 * Numbers of elements and positions have 16 bits: a vector of more dimensions
 * has no form.  The elements are in the order of a Java map, which was made
 * for as many as there are.
 */
static bool
encode_sparse_vector(StringInfo out, const Column *column, Datum value)
{
	char	   *next = print_value(column, value);
	int			dimensions = atoi(strchr(next, '/') + 1);
	int			capacity = 1;
	int			count = 0;
	uint32	   *positions;
	double	   *values;
	int		   *order;
	int			i;

	if (dimensions > PG_INT16_MAX)
		return false;
	for (i = 0; next[i] != '\0'; i++)
		capacity += next[i] == ',';
	positions = palloc(capacity * sizeof(uint32));
	values = palloc(capacity * sizeof(double));
	order = palloc(capacity * sizeof(int));
	for (next++; *next != '}'; count++)
	{
		positions[count] = strtoul(next, &next, 10);
		values[count] = strtod(next + 1, &next);
		if (*next == ',')
			next++;
	}
	hashmap_order(positions, count, count, order);

	text_append_literal(out, "{\"dimensions\":");
	json_append_int64(out, dimensions);
	text_append_literal(out, ",\"vector\":[");
	for (i = 0; i < count; i++)
	{
		if (i > 0)
			text_append_literal(out, ",");
		text_append_literal(out, "[");
		json_append_int64(out, positions[order[i]]);
		text_append_literal(out, ",");
		json_append_double(out, values[order[i]]);
		text_append_literal(out, "]");
	}
	text_append_literal(out, "]}");
	return true;
}

static void
sparse_vector_schema(Schema *schema, const Column *column)
{
	Schema	   *map = schema_create(CONNECT_MAP, false);

	map->keys = schema_create(CONNECT_INT16, false);
	map->items = schema_create(CONNECT_DOUBLE, false);
	schema->doc = "Sparse double vector";
	schema_add_field(schema, "dimensions", schema_create(CONNECT_INT16, false));
	schema_add_field(schema, "vector", map);
}

const ValueEncoder encoder_double_vector = {
	CONNECT_ARRAY, "io.debezium.data.DoubleVector", 1, double_vector_schema,
	encode_vector, NULL, "[]", NULL, NULL, print_prepare
};
const ValueEncoder encoder_float_vector = {
	CONNECT_ARRAY, "io.debezium.data.FloatVector", 1, float_vector_schema,
	encode_vector, NULL, "[]", NULL, NULL, print_prepare
};
const ValueEncoder encoder_sparse_vector = {
	CONNECT_STRUCT, "io.debezium.data.SparseDoubleVector", 1, sparse_vector_schema,
	encode_sparse_vector, NULL, "{\"dimensions\":0,\"vector\":[]}", NULL,
	NULL, print_prepare
};
