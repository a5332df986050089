/*-------------------------------------------------------------------------
 *
 * statement.c
 *	  The SQL that runs on the target, and its array parameters.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "port/pg_bswap.h"

#include "statement.h"

/* pg_type.h's numbers; that header wants the server's includes */
static const struct
{
	const char *carrier;
	Oid			element;
	Oid			array;
}			carriers[] = {
	{"bool", 16, 1000},
	{"int8", 20, 1016},
	{"int2", 21, 1005},
	{"int4", 23, 1007},
	{"text", 25, 1009},
};

void
append_identifier(PQExpBuffer sql, const char *name)
{
	appendPQExpBufferChar(sql, '"');
	for (const char *p = name; *p != '\0'; p++)
	{
		if (*p == '"')
			appendPQExpBufferChar(sql, '"');
		appendPQExpBufferChar(sql, *p);
	}
	appendPQExpBufferChar(sql, '"');
}

/* Is the cast from the expression's type to the column's needed? */
static bool
needs_cast(const DataType *type, const TargetType *target)
{
	PQExpBufferData name;
	bool		same;

	initPQExpBuffer(&name);
	type_append_pg(&name, type);
	same = strcmp(name.data, target->name) == 0;
	termPQExpBuffer(&name);
	return !same;
}

/* "k1", "k2" with a prefix before each. */
static void
append_key(PQExpBuffer sql, const Flow *flow, const FlowTarget *target,
		   const char *prefix)
{
	bool		first = true;

	for (int i = 0; i < flow->output_count; i++)
		if (flow->outputs[i].key >= 0)
		{
			appendPQExpBuffer(sql, "%s%s%s", first ? "" : ", ", prefix,
							  target->columns[i]);
			first = false;
		}
}

/* The carried text or number of a column of s as its declared type. */
static void
append_carried(PQExpBuffer sql, const DataType *type, const char *column)
{
	if (type->kind == TYPE_BINARY || type->kind == TYPE_VARBINARY)
		appendPQExpBuffer(sql, "pg_catalog.decode(s.%s, 'base64')", column);
	else
	{
		appendPQExpBuffer(sql, "s.%s", column);
		if (strcmp(type_carrier(type), "text") == 0 &&
			type->kind != TYPE_CHAR && type->kind != TYPE_VARCHAR)
		{
			appendPQExpBufferStr(sql, "::");
			type_append_pg(sql, type);
		}
	}
}

/* A column of s, of this name, as the target's. */
static void
append_direct_output(PQExpBuffer sql, const Flow *flow, int number,
					 const FlowTarget *target, const char *column)
{
	const DataType *type = &flow->outputs[number].type;
	const TargetType *column_type = &target->types[number];
	char	   *value = psprintf("s.%s", column);

	if (!conversion_append(sql, value, type, flow->source, column_type))
	{
		append_carried(sql, type, column);
		if (needs_cast(type, column_type))
			appendPQExpBuffer(sql, "::%s", column_type->name);
	}
	free(value);
}

/* Which columns a statement takes. */
typedef enum RowColumns
{
	COLUMNS_ALL,
	COLUMNS_KEY,
	COLUMNS_OLD_KEY				/* all, and the key that the row had as ?oldN */
} RowColumns;

/*
 * SELECT ... FROM (SELECT unnest(...), ...) with the sink's columns, for a flow
 * that the applier evaluates; "missing" leaves some out.  PostgreSQL keeps all
 * rows of an unnest() in FROM before it hands out the first; those in a SELECT
 * list come one by one, side by side.
 */
static void
append_direct_rows(PQExpBuffer sql, const Flow *flow,
				   const FlowTarget *target, RowColumns columns,
				   const bool *missing)
{
	PQExpBufferData arrays;
	int			parameter = 0;

	initPQExpBuffer(&arrays);
	appendPQExpBufferStr(sql, "SELECT ");
	for (int i = 0; i < flow->output_count; i++)
	{
		if ((columns == COLUMNS_KEY && flow->outputs[i].key < 0) ||
			(missing != NULL && missing[i]))
			continue;
		if (parameter++ > 0)
		{
			appendPQExpBufferStr(sql, ", ");
			appendPQExpBufferStr(&arrays, ", ");
		}
		append_direct_output(sql, flow, i, target, target->columns[i]);
		appendPQExpBuffer(sql, " AS %s", target->columns[i]);
		appendPQExpBuffer(&arrays, "unnest($%d::%s[]) AS %s", parameter,
						  type_carrier(&flow->outputs[i].type),
						  target->columns[i]);
	}
	for (int i = 0; columns == COLUMNS_OLD_KEY && i < flow->output_count; i++)
	{
		char	   *column;

		if (flow->outputs[i].key < 0)
			continue;
		column = psprintf("\"?old%d\"", i);
		parameter++;
		appendPQExpBufferStr(sql, ", ");
		append_direct_output(sql, flow, i, target, column);
		appendPQExpBuffer(sql, " AS %s", column);
		appendPQExpBuffer(&arrays, ", unnest($%d::%s[]) AS %s", parameter,
						  type_carrier(&flow->outputs[i].type), column);
		free(column);
	}
	appendPQExpBuffer(sql, " FROM (SELECT %s) AS s", arrays.data);
	termPQExpBuffer(&arrays);
}

/* unnest(...) with all fields of the source, as s. */
static void
append_source(PQExpBuffer sql, const SourceTable *source)
{
	appendPQExpBufferStr(sql, "unnest(");
	for (int i = 0; i < source->field_count; i++)
		appendPQExpBuffer(sql, "$%d::%s[], ", i + 1,
						  type_carrier(&source->fields[i].type));
	appendPQExpBuffer(sql, "$%d::bool[], $%d::bool[]) WITH ORDINALITY AS s(",
					  source->field_count + 1, source->field_count + 2);
	for (int i = 0; i < source->field_count; i++)
	{
		append_identifier(sql, source->fields[i].name);
		appendPQExpBufferStr(sql, ", ");
	}
	appendPQExpBufferStr(sql, "\"?removed\", \"?key_only\", \"?number\")");
}

/* Do rows of some branch come from elements of an array? */
static bool
has_unnest(const Flow *flow)
{
	for (; flow != NULL; flow = flow->next_branch)
		if (flow->unnest_sql != NULL)
			return true;
	return false;
}

/*
 * The script's expression as the target's column.  Where it is fields as they
 * are carried, the column says what they mean.
 */
static void
append_evaluated_output(PQExpBuffer sql, const Flow *flow, int number,
						const FlowTarget *target)
{
	const FlowOutput *output = &flow->outputs[number];
	const TargetType *column_type = &target->types[number];
	PQExpBufferData value;
	bool		converted = false;

	initPQExpBuffer(&value);
	if (output->fields != NULL)
	{
		appendPQExpBufferStr(&value, "COALESCE(");
		for (int f = 0; f < output->field_count; f++)
		{
			appendPQExpBufferStr(&value, f > 0 ? ", s." : "s.");
			append_identifier(&value, flow->source->fields[output->fields[f]].name);
		}
		appendPQExpBufferChar(&value, ')');
		converted = conversion_append(sql, value.data, &output->type,
									  flow->source, column_type);
	}
	termPQExpBuffer(&value);
	if (converted)
		return;
	appendPQExpBufferStr(sql, output->sql);
	if (needs_cast(&output->type, column_type))
		appendPQExpBuffer(sql, "::%s", column_type->name);
}

/* A branch's SELECT list, up to FROM; "first" is the first branch. */
static void
append_select_list(PQExpBuffer sql, const Flow *first, const Flow *flow,
				   const FlowTarget *target, bool only_key)
{
	for (int i = 0; i < flow->output_count; i++)
	{
		if (only_key && flow->outputs[i].key < 0)
			continue;
		append_evaluated_output(sql, flow, i, target);
		appendPQExpBuffer(sql, " AS %s, ", target->columns[i]);
	}
	appendPQExpBufferStr(sql, "s.\"?removed\", s.\"?number\"");
	if (has_unnest(first))
	{
		appendPQExpBufferStr(sql, ", ARRAY[");
		for (int i = 0; i < flow->query.unnest_count; i++)
			appendPQExpBuffer(sql, "%su%d.\"?place\"", i > 0 ? ", " : "", i);
		appendPQExpBufferStr(sql, "]::bigint[] AS \"?element\"");
	}
}

/* What follows the source's rows: joins with elements, and WHERE. */
static void
append_where(PQExpBuffer sql, const Flow *flow)
{
	if (flow->unnest_sql != NULL)
		appendPQExpBufferStr(sql, flow->unnest_sql);
	/* of a row that only its key is known of, the filter cannot be asked */
	if (flow->where_sql != NULL)
		appendPQExpBuffer(sql, " WHERE (s.\"?key_only\" OR %s)",
						  flow->where_sql);
}

/* SELECT ... FROM s UNION ALL SELECT ... FROM s, where s is read once. */
static void
append_branches(PQExpBuffer sql, const Flow *flow, const FlowTarget *target,
				bool only_key)
{
	int			number = 0;

	appendPQExpBufferStr(sql, "WITH s AS (SELECT * FROM ");
	append_source(sql, flow->source);
	appendPQExpBufferStr(sql, ") ");
	for (const Flow *branch = flow; branch != NULL; branch = branch->next_branch)
	{
		appendPQExpBufferStr(sql, number > 0 ? " UNION ALL SELECT " : "SELECT ");
		append_select_list(sql, flow, branch, target, only_key);
		appendPQExpBuffer(sql, ", %d AS \"?branch\" FROM s", number++);
		append_where(sql, branch);
	}
}

/*
 * The script's SELECT over all rows of the batch, then the last row of each
 * key: number is the row's place in the batch.
 */
static void
append_evaluated_rows(PQExpBuffer sql, const Flow *flow,
					  const FlowTarget *target, bool only_key)
{
	bool		keyed = flow->sink->table->key_count > 0;

	if (keyed)
	{
		appendPQExpBufferStr(sql, "SELECT DISTINCT ON (");
		append_key(sql, flow, target, "r.");
		appendPQExpBufferStr(sql, ") r.* FROM (");
	}
	if (flow->next_branch != NULL)
		append_branches(sql, flow, target, only_key);
	else
	{
		appendPQExpBufferStr(sql, "SELECT ");
		append_select_list(sql, flow, flow, target, only_key);
		appendPQExpBufferStr(sql, " FROM ");
		append_source(sql, flow->source);
		append_where(sql, flow);
	}
	if (keyed)
	{
		appendPQExpBufferStr(sql, ") AS r ORDER BY ");
		append_key(sql, flow, target, "r.");
		appendPQExpBufferStr(sql, ", r.\"?number\" DESC");
		if (flow->next_branch != NULL)
			appendPQExpBufferStr(sql, ", r.\"?branch\" DESC");
		if (has_unnest(flow))
			appendPQExpBufferStr(sql, ", r.\"?element\" DESC");
	}
}

void
statement_upsert(PQExpBuffer sql, const Flow *flow, const FlowTarget *target)
{
	bool		first = true;

	appendPQExpBuffer(sql, "INSERT INTO %s AS t (", target->table);
	for (int i = 0; i < flow->output_count; i++)
		appendPQExpBuffer(sql, "%s%s", i > 0 ? ", " : "", target->columns[i]);
	appendPQExpBufferStr(sql, ") SELECT ");
	for (int i = 0; i < flow->output_count; i++)
		appendPQExpBuffer(sql, "%sl.%s", i > 0 ? ", " : "",
						  target->columns[i]);
	appendPQExpBufferStr(sql, " FROM (");
	if (flow->direct)
		append_direct_rows(sql, flow, target, COLUMNS_ALL, NULL);
	else
		append_evaluated_rows(sql, flow, target, false);
	appendPQExpBufferStr(sql, ") AS l");
	if (!flow->direct)
		appendPQExpBufferStr(sql, " WHERE NOT l.\"?removed\"");
	if (flow->sink->table->key_count == 0)
		return;

	/* in the key's order: neighbours in the index, and no deadlocks */
	appendPQExpBufferStr(sql, " ORDER BY ");
	append_key(sql, flow, target, "l.");
	appendPQExpBufferStr(sql, " ON CONFLICT (");
	append_key(sql, flow, target, "");
	appendPQExpBufferStr(sql, ") DO ");
	for (int i = 0; i < flow->output_count; i++)
		if (flow->outputs[i].key < 0)
		{
			appendPQExpBuffer(sql, "%s%s = EXCLUDED.%s", first ?
							  "UPDATE SET " : ", ", target->columns[i],
							  target->columns[i]);
			first = false;
		}
	if (first)
		appendPQExpBufferStr(sql, "NOTHING");
}

void
statement_delete(PQExpBuffer sql, const Flow *flow, const FlowTarget *target)
{
	bool		first = true;

	appendPQExpBuffer(sql, "DELETE FROM %s AS t USING (", target->table);
	if (flow->direct)
		append_direct_rows(sql, flow, target, COLUMNS_KEY, NULL);
	else
		append_evaluated_rows(sql, flow, target, true);
	appendPQExpBufferStr(sql, ") AS l WHERE ");
	for (int i = 0; i < flow->output_count; i++)
		if (flow->outputs[i].key >= 0)
		{
			appendPQExpBuffer(sql, "%st.%s = l.%s", first ? "" : " AND ",
							  target->columns[i], target->columns[i]);
			first = false;
		}
	if (!flow->direct)
		appendPQExpBufferStr(sql, " AND l.\"?removed\"");
}

void
statement_update(PQExpBuffer sql, const Flow *flow, const FlowTarget *target,
				 const bool *missing, bool moved)
{
	bool		first = true;

	appendPQExpBuffer(sql, "WITH updated AS (UPDATE %s AS t SET ",
					  target->table);
	for (int i = 0; i < flow->output_count; i++)
		if ((flow->outputs[i].key < 0 && !missing[i]) ||
			(flow->outputs[i].key >= 0 && moved))
		{
			appendPQExpBuffer(sql, "%s%s = l.%s", first ? "" : ", ",
							  target->columns[i], target->columns[i]);
			first = false;
		}
	/* nothing but the key is known: whether the row is there is asked */
	if (first)
		for (int i = 0; i < flow->output_count && first; i++)
			if (flow->outputs[i].key >= 0)
			{
				appendPQExpBuffer(sql, "%s = l.%s", target->columns[i],
								  target->columns[i]);
				first = false;
			}
	appendPQExpBufferStr(sql, " FROM (");
	append_direct_rows(sql, flow, target, moved ? COLUMNS_OLD_KEY : COLUMNS_ALL,
					   missing);
	appendPQExpBufferStr(sql, ") AS l WHERE ");
	first = true;
	for (int i = 0; i < flow->output_count; i++)
		if (flow->outputs[i].key >= 0)
		{
			appendPQExpBuffer(sql, "%st.%s = l.", first ? "" : " AND ",
							  target->columns[i]);
			if (moved)
				appendPQExpBuffer(sql, "\"?old%d\"", i);
			else
				appendPQExpBufferStr(sql, target->columns[i]);
			first = false;
		}
	/* as many rows as there are elements, or an error: see statement.h */
	appendPQExpBufferStr(sql, " RETURNING 1) SELECT 1 / (pg_catalog.count(*) = pg_catalog.cardinality($1))::int FROM updated");
}

void
statement_progress(PQExpBuffer sql, const char *table)
{
	appendPQExpBuffer(sql,
					  "WITH moved AS (UPDATE %s AS p"
					  " SET next_offset = n.until, position = COALESCE(n.position, p.position),"
					  " position_offset = CASE WHEN n.position IS NULL THEN p.position_offset ELSE n.until - 1 END,"
					  " updated = pg_catalog.now()"
					  " FROM unnest($2::text[], $3::int4[], $4::int8[], $5::int8[], $6::text[])"
					  " AS n(topic, partition, start, until, position)"
					  " WHERE p.pipeline = $1 AND p.topic = n.topic AND p.partition = n.partition"
					  " AND p.next_offset = n.start RETURNING 1)"
					  " SELECT 1 / (pg_catalog.count(*) = pg_catalog.cardinality($3::int4[]))::int FROM moved",
					  table);
}

/* ---------------------------------------------------------------- arrays */

/* dimensions, has nulls, type, size, lower bound: five int32 */
#define ARRAY_HEADER 20

static void
append_int32(PQExpBuffer data, int32 value)
{
	uint32		network = pg_hton32((uint32) value);

	appendBinaryPQExpBuffer(data, (const char *) &network, sizeof(network));
}

static void
append_int64(PQExpBuffer data, int64 value)
{
	uint64		network = pg_hton64((uint64) value);

	appendBinaryPQExpBuffer(data, (const char *) &network, sizeof(network));
}

void
array_init(ArrayParameter *array, const char *carrier)
{
	static const char header[ARRAY_HEADER];

	array->element = 0;
	for (size_t i = 0; i < lengthof(carriers); i++)
		if (strcmp(carriers[i].carrier, carrier) == 0)
			array->element = carriers[i].element;
	Assert(array->element != 0);
	initPQExpBuffer(&array->data);
	appendBinaryPQExpBuffer(&array->data, header, sizeof(header));
	array->count = 0;
	array->has_null = false;
}

void
array_free(ArrayParameter *array)
{
	termPQExpBuffer(&array->data);
}

Oid
array_type(const ArrayParameter *array)
{
	for (size_t i = 0; i < lengthof(carriers); i++)
		if (carriers[i].element == array->element)
			return carriers[i].array;
	return 0;
}

void
array_add_int(ArrayParameter *array, int64 value)
{
	switch (array->element)
	{
		case 20:
			append_int32(&array->data, 8);
			append_int64(&array->data, value);
			break;
		case 23:
			append_int32(&array->data, 4);
			append_int32(&array->data, (int32) value);
			break;
		case 21:
			append_int32(&array->data, 2);
			appendPQExpBufferChar(&array->data, (char) (value >> 8));
			appendPQExpBufferChar(&array->data, (char) value);
			break;
		case 16:
			append_int32(&array->data, 1);
			appendPQExpBufferChar(&array->data, value != 0 ? 1 : 0);
			break;
		default:
			Assert(false);
	}
	array->count++;
}

/* Digits that the reader has checked; see read_integer(). */
static int64
digits_to_int64(const FieldValue *value)
{
	bool		negative = value->text[0] == '-';
	uint64		number = 0;

	for (int i = negative ? 1 : 0; i < value->length; i++)
		number = number * 10 + (uint64) (value->text[i] - '0');
	return negative ? (int64) (~number + 1) : (int64) number;
}

void
array_add(ArrayParameter *array, const FieldValue *value)
{
	if (value->length < 0)
	{
		append_int32(&array->data, -1);
		array->has_null = true;
		array->count++;
	}
	else if (array->element == 25)
	{
		append_int32(&array->data, value->length);
		appendBinaryPQExpBuffer(&array->data, value->text, value->length);
		array->count++;
	}
	else if (array->element == 16)
		array_add_int(array, value->text[0] == 't');
	else
		array_add_int(array, digits_to_int64(value));
}

void
array_finish(ArrayParameter *array)
{
	uint32		header[5];

	header[0] = pg_hton32(array->count > 0 ? 1 : 0);
	header[1] = pg_hton32(array->has_null ? 1 : 0);
	header[2] = pg_hton32(array->element);
	header[3] = pg_hton32((uint32) array->count);
	header[4] = pg_hton32(1);
	memcpy(array->data.data, header, sizeof(header));
	/* without dimensions the header ends behind the type */
	if (array->count == 0)
		array->data.len = 3 * sizeof(uint32);
}
