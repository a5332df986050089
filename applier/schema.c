/*-------------------------------------------------------------------------
 *
 * schema.c
 *	  Schemas that events come with: the encoding of each field.
 *
 * NOTES
 *	  Kafka Connect's JsonConverter writes {"schema":...,"payload":...}.  All
 *	  events of a table have the same schema until the table changes, so it
 *	  is kept as text and parsed only when it differs from the last one.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <cjson/cJSON.h>

#include "batch.h"

#define MILLISECONDS INT64CONST(1000000)
#define MICROSECONDS INT64CONST(1000)
#define NANOSECONDS INT64CONST(1)

static const struct
{
	const char *name;
	SemanticKind kind;
	const char *parameter;		/* that is the scale */
	int64		unit;
}			semantic_types[] = {
	{"org.apache.kafka.connect.data.Decimal", SEMANTIC_DECIMAL, "scale", 0},
	{"io.debezium.data.VariableScaleDecimal", SEMANTIC_VARIABLE_DECIMAL, NULL, 0},
	{"io.debezium.data.Bits", SEMANTIC_BITS, "length", 0},
	{"io.debezium.time.Date", SEMANTIC_DATE, NULL, NANOSECONDS},
	{"org.apache.kafka.connect.data.Date", SEMANTIC_DATE, NULL, NANOSECONDS},
	{"io.debezium.time.Time", SEMANTIC_TIME, NULL, MILLISECONDS},
	{"org.apache.kafka.connect.data.Time", SEMANTIC_TIME, NULL, MILLISECONDS},
	{"io.debezium.time.MicroTime", SEMANTIC_TIME, NULL, MICROSECONDS},
	{"io.debezium.time.NanoTime", SEMANTIC_TIME, NULL, NANOSECONDS},
	{"io.debezium.time.Timestamp", SEMANTIC_TIMESTAMP, NULL, MILLISECONDS},
	{"org.apache.kafka.connect.data.Timestamp", SEMANTIC_TIMESTAMP, NULL, MILLISECONDS},
	{"io.debezium.time.MicroTimestamp", SEMANTIC_TIMESTAMP, NULL, MICROSECONDS},
	{"io.debezium.time.NanoTimestamp", SEMANTIC_TIMESTAMP, NULL, NANOSECONDS},
};

static const char *
member_text(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* What the schema of a field means; of an array, of its elements. */
static Semantic
find_semantic(const cJSON *schema)
{
	Semantic	semantic = {SEMANTIC_NONE, false, 0, 0};
	const char *type = member_text(schema, "type");
	const char *name;

	if (type != NULL && strcmp(type, "array") == 0)
	{
		semantic.array = true;
		schema = cJSON_GetObjectItemCaseSensitive(schema, "items");
		type = member_text(schema, "type");
	}
	name = member_text(schema, "name");
	for (size_t i = 0; name != NULL && i < lengthof(semantic_types); i++)
		if (strcmp(semantic_types[i].name, name) == 0)
		{
			const char *scale = semantic_types[i].parameter == NULL ? NULL :
			member_text(cJSON_GetObjectItemCaseSensitive(schema, "parameters"),
						semantic_types[i].parameter);

			semantic.kind = semantic_types[i].kind;
			semantic.unit = semantic_types[i].unit;
			semantic.scale = scale != NULL ? atoi(scale) : 0;
			return semantic;
		}
	if (type != NULL && strcmp(type, "string") == 0)
		semantic.kind = SEMANTIC_STRING;
	else if (type != NULL && strcmp(type, "bytes") == 0)
		semantic.kind = SEMANTIC_BYTES;
	return semantic;
}

static const cJSON *
find_field(const cJSON *schema, const char *name)
{
	const cJSON *field;

	cJSON_ArrayForEach(field, cJSON_GetObjectItemCaseSensitive(schema, "fields"))
	{
		const char *found = member_text(field, "field");

		if (found != NULL && strcmp(found, name) == 0)
			return field;
	}
	return NULL;
}

static void
read_fields(const SourceNode *node, const cJSON *schema, Semantic *semantics)
{
	for (int i = 0; i < node->child_count; i++)
	{
		const SourceNode *child = &node->children[i];
		const cJSON *field = find_field(schema, child->member);

		if (field == NULL)
			continue;
		if (child->child_count > 0)
			read_fields(child, field, semantics);
		else if (child->field >= 0)
			semantics[child->field] = find_semantic(field);
	}
}

bool
schema_read(const SourceTable *source, bool key, SchemaPlan *plan,
			const char *json, size_t length, PQExpBuffer error)
{
	cJSON	   *schema;
	const cJSON *row;

	if (plan->semantics != NULL && plan->text.len == length &&
		memcmp(plan->text.data, json, length) == 0)
		return true;
	schema = cJSON_ParseWithLength(json, length);
	if (!cJSON_IsObject(schema))
	{
		cJSON_Delete(schema);
		appendPQExpBufferStr(error, "has a \"schema\" that is not an object");
		return false;
	}
	if (plan->semantics == NULL)
	{
		initPQExpBuffer(&plan->text);
		plan->semantics = pg_malloc(Max(source->field_count, 1) * sizeof(Semantic));
	}
	resetPQExpBuffer(&plan->text);
	appendBinaryPQExpBuffer(&plan->text, json, length);
	memset(plan->semantics, 0, source->field_count * sizeof(Semantic));

	/* both images of a change have one schema */
	row = schema;
	if (source->format == FORMAT_DEBEZIUM_JSON && !key)
	{
		row = find_field(schema, "after");
		if (row == NULL)
			row = find_field(schema, "before");
	}
	read_fields(&source->root, row, plan->semantics);
	/* columns that stand in the key only have their names there */
	if (key)
		read_fields(&source->key, row, plan->semantics);
	cJSON_Delete(schema);
	return true;
}
