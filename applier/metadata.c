/*-------------------------------------------------------------------------
 *
 * metadata.c
 *	  METADATA columns: which there are, and of what type.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "metadata.h"

/* In the order of MetadataKind. */
static const struct
{
	const char *key;
	TypeKind	type;
	bool		debezium;		/* of the format debezium-json */
	const char *member;			/* of "source" in the event; NULL: none */
}			keys[] = {
	{"topic", TYPE_VARCHAR, false, NULL},
	{"partition", TYPE_INT, false, NULL},
	{"headers", TYPE_MAP, false, NULL},
	{"leader-epoch", TYPE_INT, false, NULL},
	{"offset", TYPE_BIGINT, false, NULL},
	{"timestamp", TYPE_TIMESTAMP_LTZ, false, NULL},
	{"timestamp-type", TYPE_VARCHAR, false, NULL},
	{"value.schema", TYPE_VARCHAR, true, NULL},
	{"value.ingestion-timestamp", TYPE_TIMESTAMP_LTZ, true, NULL},
	{"value.source.timestamp", TYPE_TIMESTAMP_LTZ, true, "ts_ms"},
	{"value.source.database", TYPE_VARCHAR, true, "db"},
	{"value.source.schema", TYPE_VARCHAR, true, "schema"},
	{"value.source.table", TYPE_VARCHAR, true, "table"},
	{"value.source.properties", TYPE_MAP, true, NULL},
};

/* Can values of this kind of metadata be the column's? */
static bool
type_fits(TypeKind kind, const DataType *type)
{
	switch (kind)
	{
		case TYPE_INT:
			return type->kind == TYPE_INT || type->kind == TYPE_BIGINT;
		case TYPE_TIMESTAMP_LTZ:
			return type->kind == TYPE_TIMESTAMP_LTZ ||
				type->kind == TYPE_TIMESTAMP;
		case TYPE_MAP:
			return type->kind == TYPE_MAP &&
				(type->element->kind == TYPE_VARCHAR ||
				 type->element->kind == TYPE_VARBINARY);
		default:
			return type->kind == kind;
	}
}

void
metadata_add(Pipeline *pipeline, SourceTable *source,
			 const ScriptColumn *column)
{
	SourceNode *node = &source->metadata.children[source->metadata.child_count];

	for (size_t i = 0; i < lengthof(keys); i++)
	{
		DataType	type = {keys[i].type, 3, 0, NULL, 0, NULL, NULL};
		DataType	text = {TYPE_VARCHAR, -1, 0, NULL, 0, NULL, NULL};
		DataType	bytes = {TYPE_VARBINARY, -1, 0, NULL, 0, NULL, NULL};
		bool		binary = i == METADATA_HEADERS;
		PQExpBufferData name;

		if (strcmp(keys[i].key, column->metadata) != 0)
			continue;
		if (keys[i].debezium && source->format != FORMAT_DEBEZIUM_JSON)
			break;
		if (i == METADATA_SCHEMA && source->schema_include)
			script_fail(&pipeline->script, column->place, NULL,
						"metadata 'value.schema' of events with a schema is not supported");
		type.key = &text;
		type.element = binary ? &bytes : &text;
		initPQExpBuffer(&name);
		if (type.kind == TYPE_VARCHAR)
			type.precision = -1;
		type_append(&name, &type);
		if (!type_fits(keys[i].type, &column->type) ||
			(type.kind == TYPE_MAP &&
			 column->type.element->kind != type.element->kind))
			script_fail(&pipeline->script, column->place, NULL,
						"metadata '%s' is of type %s", column->metadata,
						name.data);
		termPQExpBuffer(&name);
		node->name = column->name;
		node->type = column->type;
		node->metadata = (int) i;
		node->field = -1;
		node->presence = -1;
		source->metadata.child_count++;
		return;
	}
	script_fail(&pipeline->script, column->place,
				"There are topic, partition, headers, leader-epoch, offset, timestamp and timestamp-type; with debezium-json also value.schema, value.ingestion-timestamp and value.source.(timestamp, database, schema, table, properties).",
				"metadata '%s' is not known here", column->metadata);
}

const char *
metadata_source_member(MetadataKind kind)
{
	return keys[kind].member;
}
