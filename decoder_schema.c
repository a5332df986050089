/*-------------------------------------------------------------------------
 *
 * decoder_schema.c
 *	  Kafka Connect's schemas: making them, and writing them as the JSON that
 *	  goes along with records when schemas.enable is on.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_debezium.h"
#include "decoder_schema.h"

const Schema string_schema = {.type = CONNECT_STRING};
const Schema optional_string_schema = {.type = CONNECT_STRING,.optional = true};
const Schema boolean_schema = {.type = CONNECT_BOOLEAN};
const Schema int32_schema = {.type = CONNECT_INT32};
const Schema optional_int32_schema = {.type = CONNECT_INT32,.optional = true};
const Schema int64_schema = {.type = CONNECT_INT64};
const Schema optional_int64_schema = {.type = CONNECT_INT64,.optional = true};

/* Names of the types in JSON, by ConnectType */
static const char *const type_names[] = {
	"int8", "int16", "int32", "int64", "float", "double", "boolean", "string",
	"bytes", "array", "map", "struct"
};

const char *
schema_type_name(ConnectType type)
{
	return type_names[type];
}

Schema *
schema_create(ConnectType type, bool optional)
{
	Schema	   *schema = palloc0(sizeof(Schema));

	schema->type = type;
	schema->optional = optional;
	return schema;
}

/* Lists have room for a power of two of elements, eight at least */
#define MIN_CAPACITY	8

static void *
elements_copy(const void *list, int count, Size size)
{
	int			capacity = MIN_CAPACITY;
	void	   *copy;

	if (count == 0)
		return NULL;
	while (capacity < count)
		capacity *= 2;
	copy = palloc(capacity * size);
	memcpy(copy, list, count * size);
	return copy;
}

/* Room for one more element */
static void *
elements_extend(void *list, int count, Size size)
{
	if (count == 0)
		return palloc(MIN_CAPACITY * size);
	if (count >= MIN_CAPACITY && (count & (count - 1)) == 0)
		return repalloc(list, 2 * count * size);
	return list;
}

/*
 * A copy that can be changed; what it refers to is shared, but the lists of
 * fields and parameters are its own.
 */
Schema *
schema_copy(const Schema *schema)
{
	Schema	   *copy = palloc(sizeof(Schema));

	*copy = *schema;
	copy->fields = elements_copy(schema->fields, schema->nfields,
								 sizeof(SchemaField));
	copy->parameters = elements_copy(schema->parameters, schema->nparameters,
									 sizeof(SchemaParameter));
	return copy;
}

/* The name is not copied; version 0 is none */
void
schema_set_name(Schema *schema, const char *name, int version)
{
	schema->name = name;
	schema->version = version;
}

/* Neither text is copied */
void
schema_add_parameter(Schema *schema, const char *name, const char *value)
{
	int			count = schema->nparameters;

	schema->parameters = elements_extend(schema->parameters, count,
										 sizeof(SchemaParameter));
	schema->parameters[count].name = name;
	schema->parameters[count].value = value;
	schema->nparameters++;
}

/* The value of a parameter, or NULL */
const char *
schema_parameter(const Schema *schema, const char *name)
{
	int			i;

	for (i = 0; i < schema->nparameters; i++)
	{
		if (strcmp(schema->parameters[i].name, name) == 0)
			return schema->parameters[i].value;
	}
	return NULL;
}

/* The name is not copied */
void
schema_add_field(Schema *schema, const char *name, const Schema *field)
{
	int			count = schema->nfields;

	schema->fields = elements_extend(schema->fields, count, sizeof(SchemaField));
	schema->fields[count].name = name;
	schema->fields[count].schema = field;
	schema->nfields++;
}

/* The schema of a struct's field, or NULL */
const Schema *
schema_field(const Schema *schema, const char *name)
{
	int			i;

	for (i = 0; i < schema->nfields; i++)
	{
		if (strcmp(schema->fields[i].name, name) == 0)
			return schema->fields[i].schema;
	}
	return NULL;
}

static void
append_string(StringInfo out, const char *key, const char *value, bool utf8)
{
	appendStringInfo(out, ",\"%s\":", key);
	json_append_text(out, value, strlen(value), utf8);
}

static void
append_parameters(StringInfo out, const Schema *schema, bool utf8)
{
	int			i;

	text_append_literal(out, ",\"parameters\":{");
	for (i = 0; i < schema->nparameters; i++)
	{
		const SchemaParameter *parameter = &schema->parameters[i];

		if (i > 0)
			text_append_literal(out, ",");
		json_append_text(out, parameter->name, strlen(parameter->name), utf8);
		text_append_literal(out, ":");
		json_append_text(out, parameter->value, strlen(parameter->value), utf8);
	}
	text_append_literal(out, "}");
}

/*
 * Append a schema as Connect's JSON converter writes it.  "field_name" is
 * the name of the field of a struct whose schema this is; NULL: none.
 */
void
schema_append_json(StringInfo out, const Schema *schema,
				   const char *field_name,
				   const Converter *converter)
{
	bool		utf8 = converter->utf8;
	int			i;

	appendStringInfo(out, "{\"type\":\"%s\"", type_names[schema->type]);
	switch (schema->type)
	{
		case CONNECT_ARRAY:
			text_append_literal(out, ",\"items\":");
			schema_append_json(out, schema->items, NULL, converter);
			break;
		case CONNECT_MAP:
			text_append_literal(out, ",\"keys\":");
			schema_append_json(out, schema->keys, NULL, converter);
			text_append_literal(out, ",\"values\":");
			schema_append_json(out, schema->items, NULL, converter);
			break;
		case CONNECT_STRUCT:
			text_append_literal(out, ",\"fields\":[");
			for (i = 0; i < schema->nfields; i++)
			{
				if (i > 0)
					text_append_literal(out, ",");
				schema_append_json(out, schema->fields[i].schema,
								   schema->fields[i].name, converter);
			}
			text_append_literal(out, "]");
			break;
		default:
			break;
	}
	appendStringInfo(out, ",\"optional\":%s",
					 schema->optional ? "true" : "false");
	if (schema->name != NULL)
		append_string(out, "name", schema->name, utf8);
	if (schema->version != 0)
		appendStringInfo(out, ",\"version\":%d", schema->version);
	if (schema->doc != NULL)
		append_string(out, "doc", schema->doc, utf8);
	if (schema->nparameters > 0)
		append_parameters(out, schema, utf8);
	if (schema->default_json != NULL)
	{
		text_append_literal(out, ",\"default\":");
		conversion_append_default(out, converter, schema);
	}
	if (field_name != NULL)
		append_string(out, "field", field_name, utf8);
	text_append_literal(out, "}");
}
