/*-------------------------------------------------------------------------
 *
 * decoder_transform_json.c
 *	  JSON in a text made into a struct with a schema: payloads of an outbox,
 *	  contents of logical messages.
 *
 * NOTES
 *	  The schema is guessed from the values, as Debezium does it: objects are
 *	  structs, whole numbers int32 or int64, all other numbers double.  What
 *	  has no type (null, an empty array) is left out.
 *
 *	  Objects in an array have one schema, with the fields of all.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_transform.h"
#include "miscadmin.h"

typedef enum JsonKind
{
	JSON_KIND_NULL,
	JSON_KIND_BOOLEAN,
	JSON_KIND_NUMBER,
	JSON_KIND_STRING,
	JSON_KIND_ARRAY,
	JSON_KIND_OBJECT
} JsonKind;

typedef struct JsonNode JsonNode;

typedef struct JsonMember
{
	const char *name;			/* NULL in an array */
	JsonNode   *value;
} JsonMember;

struct JsonNode
{
	JsonKind	kind;
	Piece		text;			/* as it stands there */
	List	   *members;		/* of JsonMember */
};

static const Schema optional_boolean_schema = {
	.type = CONNECT_BOOLEAN,.optional = true
};
static const Schema optional_double_schema = {
	.type = CONNECT_DOUBLE,.optional = true
};
static const Schema optional_bytes_schema = {
	.type = CONNECT_BYTES,.optional = true
};

/* --------------------------------------------------------------- parsing */

static const char *
skip_space(const char *next)
{
	return next + strspn(next, " \t\r\n");
}

/* The end of a string that starts here, or NULL */
static const char *
string_end(const char *next)
{
	for (next++; *next != '"'; next++)
	{
		if ((unsigned char) *next < 0x20)
			return NULL;
		if (*next == '\\')
		{
			next++;
			if (*next == 'u' ?
				strspn(next + 1, "0123456789abcdefABCDEF") < 4 :
				*next == '\0' || strchr("\"\\/bfnrt", *next) == NULL)
				return NULL;
		}
	}
	return next + 1;
}

/* The same for a number */
static const char *
number_end(const char *next)
{
	static const char digits[] = "0123456789";
	int			len;

	next += *next == '-' ? 1 : 0;
	len = strspn(next, digits);
	if (len == 0 || (len > 1 && *next == '0'))
		return NULL;
	next += len;
	if (*next == '.')
	{
		len = strspn(next + 1, digits);
		if (len == 0)
			return NULL;
		next += len + 1;
	}
	if (*next == 'e' || *next == 'E')
	{
		next += next[1] == '+' || next[1] == '-' ? 2 : 1;
		len = strspn(next, digits);
		if (len == 0)
			return NULL;
		next += len;
	}
	return next;
}

/* Take an object's member into the list; a later one replaces an earlier */
static List *
add_member(List *members, char *name, JsonNode *value)
{
	JsonMember *member;
	ListCell   *cell;

	foreach(cell, members)
	{
		member = lfirst(cell);
		if (name != NULL && strcmp(member->name, name) == 0)
		{
			member->value = value;
			return members;
		}
	}
	member = palloc(sizeof(JsonMember));
	member->name = name;
	member->value = value;
	return lappend(members, member);
}

/*
 * Parse one value; *next moves behind it.  NULL when it is not JSON.
 */
static JsonNode *
parse_value(const char **next)
{
	JsonNode   *node = palloc0(sizeof(JsonNode));
	const char *start = skip_space(*next);
	const char *end = start;
	bool		object = *start == '{';

	check_stack_depth();
	switch (*start)
	{
		case '{':
		case '[':
			node->kind = object ? JSON_KIND_OBJECT : JSON_KIND_ARRAY;
			end = skip_space(end + 1);
			if (*end == (object ? '}' : ']'))
			{
				end++;
				break;
			}
			for (;;)
			{
				char	   *name = NULL;
				JsonNode   *value;

				if (object)
				{
					const char *name_end = *end == '"' ? string_end(end) : NULL;
					StringInfoData text;

					if (name_end == NULL)
						return NULL;
					initStringInfo(&text);
					plain_unescape(&text, end);
					name = text_terminate(&text);
					end = skip_space(name_end);
					if (*end++ != ':')
						return NULL;
				}
				value = parse_value(&end);
				if (value == NULL)
					return NULL;
				if (object)
					node->members = add_member(node->members, name, value);
				else
				{
					JsonMember *member = palloc0(sizeof(JsonMember));

					member->value = value;
					node->members = lappend(node->members, member);
				}
				end = skip_space(end);
				if (*end == (object ? '}' : ']'))
				{
					end++;
					break;
				}
				if (*end != ',')
					return NULL;
				end = skip_space(end + 1);
			}
			break;
		case '"':
			node->kind = JSON_KIND_STRING;
			end = string_end(start);
			break;
		case 't':
		case 'f':
		case 'n':
			node->kind = *start == 'n' ? JSON_KIND_NULL : JSON_KIND_BOOLEAN;
			end = strncmp(start, "true", 4) == 0 ? start + 4 :
				strncmp(start, "false", 5) == 0 ? start + 5 :
				strncmp(start, "null", 4) == 0 ? start + 4 : NULL;
			break;
		default:
			node->kind = JSON_KIND_NUMBER;
			end = number_end(start);
			break;
	}
	if (end == NULL)
		return NULL;
	node->text = piece_create(start, end - start);
	*next = end;
	return node;
}

/* ---------------------------------------------------------------- schemas */

static const Schema *node_schema(const char *key, const JsonNode *node,
								 bool with_nulls);

static const Schema *
number_schema(const JsonNode *node)
{
	int64		number;

	if (memchr(node->text.data, '.', node->text.len) != NULL ||
		memchr(node->text.data, 'e', node->text.len) != NULL ||
		memchr(node->text.data, 'E', node->text.len) != NULL)
		return &optional_double_schema;
	errno = 0;
	number = strtoi64(node->text.data, NULL, 10);
	if (errno != 0)
		return &optional_double_schema;
	return number == (int32) number ? &optional_int32_schema :
		&optional_int64_schema;
}

/* The fields of two structs together; a known type replaces that of a null */
static Schema *
merge_schemas(const Schema *left, const Schema *right)
{
	Schema	   *merged = schema_copy(left);
	int			i;

	merged->optional = false;
	for (i = 0; i < right->nfields; i++)
	{
		const SchemaField *field = &right->fields[i];
		int			old = struct_field_index(merged, field->name);

		if (old < 0)
			schema_add_field(merged, field->name, field->schema);
		else if (merged->fields[old].schema->type == CONNECT_BYTES)
			merged->fields[old].schema = field->schema;
	}
	return merged;
}

static bool
schemas_equal(const Schema *left, const Schema *right)
{
	static const Converter converter = {.utf8 = false};
	StringInfoData texts[2];

	initStringInfo(&texts[0]);
	initStringInfo(&texts[1]);
	schema_append_json(&texts[0], left, NULL, &converter);
	schema_append_json(&texts[1], right, NULL, &converter);
	return texts[0].len == texts[1].len &&
		memcmp(texts[0].data, texts[1].data, texts[0].len) == 0;
}

/* Of the elements of an array that is not empty; NULL: they have no type */
static const Schema *
items_schema(const char *key, const JsonNode *array, bool with_nulls)
{
	const Schema *schema = NULL;
	JsonKind	kind = JSON_KIND_NULL;
	ListCell   *cell;

	foreach(cell, array->members)
	{
		const JsonNode *item = ((JsonMember *) lfirst(cell))->value;
		const Schema *item_schema;

		if (item->kind == JSON_KIND_NULL)
			continue;
		if (kind != JSON_KIND_NULL && item->kind != kind)
			return NULL;
		item_schema = node_schema(item->kind == JSON_KIND_OBJECT ? key : NULL,
								  item, with_nulls);
		if (kind == JSON_KIND_NULL)
			schema = item_schema;
		else if (kind == JSON_KIND_NUMBER && item_schema != schema)
			return NULL;
		else if (kind == JSON_KIND_OBJECT && !schemas_equal(schema, item_schema))
			schema = merge_schemas(schema, item_schema);
		kind = item->kind;
	}
	if (kind == JSON_KIND_NULL && with_nulls)
		return &optional_bytes_schema;
	return schema;
}

/*
 * The schema of a value, or NULL where it has no type.  "key" is the name of
 * structs in it, NULL for none.
 */
static const Schema *
node_schema(const char *key, const JsonNode *node, bool with_nulls)
{
	const Schema *items;
	Schema	   *schema;
	ListCell   *cell;

	switch (node->kind)
	{
		case JSON_KIND_NULL:
			return with_nulls ? &optional_bytes_schema : NULL;
		case JSON_KIND_BOOLEAN:
			return &optional_boolean_schema;
		case JSON_KIND_NUMBER:
			return number_schema(node);
		case JSON_KIND_STRING:
			return &optional_string_schema;
		case JSON_KIND_ARRAY:
			if (node->members == NIL)
				return NULL;
			items = items_schema(key, node, with_nulls);
			if (items == NULL)
				return NULL;
			schema = schema_create(CONNECT_ARRAY, true);
			schema->items = items;
			return schema;
		case JSON_KIND_OBJECT:
			schema = schema_create(CONNECT_STRUCT, true);
			schema_set_name(schema, key, 0);
			foreach(cell, node->members)
			{
				const JsonMember *member = lfirst(cell);
				const char *field_key = key == NULL ? member->name :
				psprintf("%s.%s", key, member->name);
				const Schema *field = node_schema(field_key, member->value,
												  with_nulls);

				if (field != NULL)
					schema_add_field(schema, member->name, field);
			}
			return schema;
	}
	return NULL;
}

/* ----------------------------------------------------------------- values */

static void
append_node(StringInfo out, const Schema *schema, const JsonNode *node,
			bool utf8)
{
	StringInfoData string;
	ListCell   *cell;
	int			i;

	switch (node->kind)
	{
		case JSON_KIND_NULL:
			text_append_literal(out, "null");
			break;
		case JSON_KIND_BOOLEAN:
			text_append_piece(out, node->text);
			break;
		case JSON_KIND_NUMBER:
			if (schema->type == CONNECT_DOUBLE)
				json_append_double(out, strtod(node->text.data, NULL));
			else
				json_append_int64(out, strtoi64(node->text.data, NULL, 10));
			break;
		case JSON_KIND_STRING:
			initStringInfo(&string);
			plain_unescape(&string, node->text.data);
			json_append_text(out, string.data, string.len, utf8);
			break;
		case JSON_KIND_ARRAY:
			text_append_literal(out, "[");
			foreach(cell, node->members)
			{
				if (cell != list_head(node->members))
					text_append_literal(out, ",");
				append_node(out, schema->items,
							((JsonMember *) lfirst(cell))->value, utf8);
			}
			text_append_literal(out, "]");
			break;
		case JSON_KIND_OBJECT:
			text_append_literal(out, "{");
			for (i = 0; i < schema->nfields; i++)
			{
				const SchemaField *field = &schema->fields[i];
				const JsonNode *value = NULL;

				foreach(cell, node->members)
				{
					const JsonMember *member = lfirst(cell);

					if (strcmp(member->name, field->name) == 0)
						value = member->value;
				}
				if (i > 0)
					text_append_literal(out, ",");
				json_append_text(out, field->name, strlen(field->name), utf8);
				text_append_literal(out, ":");
				if (value == NULL)
					text_append_literal(out, "null");
				else
					append_node(out, field->schema, value, utf8);
			}
			text_append_literal(out, "}");
			break;
	}
}

/*
 * Make a struct of a text that is a JSON object; "name" is that of its
 * schema, NULL for none.  False when the text is no such thing.
 */
bool
json_to_struct(Transform *transform, const char *text, const char *name,
			   bool with_nulls, ConnectValue *result)
{
	JsonNode   *node;
	StringInfoData value;
	const Schema *schema;

	if (*text != '{')
		return false;
	/* as the names in schemas are */
	if (transform->utf8)
		text = pg_any_to_server(text, strlen(text), PG_UTF8);
	node = parse_value(&text);
	if (node == NULL)
		return false;
	schema = node_schema(name, node, with_nulls);
	initStringInfo(&value);
	append_node(&value, schema, node, transform->utf8);
	*result = value_create(transform_intern(transform, schema),
						   piece_from_info(&value));
	return true;
}
