/*-------------------------------------------------------------------------
 *
 * decoder_transform_fields.c
 *	  Kafka's transforms that move the fields of a key or value about:
 *	  ExtractField, HoistField, ReplaceField, InsertField, ValueToKey,
 *	  SetSchemaMetadata.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_transform.h"

/* As the option replace.null.with.default says */
static Piece
field_value(Piece text, const Schema *schema, bool replace_nulls)
{
	return replace_nulls ? field_or_default(text, schema) : text;
}

/* A struct's schema with the name and version of another, but no fields */
static Schema *
empty_struct_like(const Schema *schema)
{
	Schema	   *copy = schema_copy(schema);

	copy->optional = false;
	copy->default_json = NULL;
	copy->nfields = 0;
	copy->fields = NULL;
	return copy;
}

static void
add_field(Transform *transform, Schema *schema, const char *name,
		  const Schema *field)
{
	if (schema_field(schema, name) != NULL)
		transform_fail(transform, "there are two fields \"%s\"", name);
	schema_add_field(schema, name, field);
}

/* ---------------------------------------------------------- ExtractField */

typedef struct ExtractState
{
	const char *field;			/* as given */
	List	   *path;			/* names from the outside in */
	bool		replace_nulls;
} ExtractState;

/*
 * Names with dots between, a name in backticks may contain dots; a backslash
 * keeps a backtick in front of a dot from ending the name.
 */
static List *
read_path(const TransformConfig *config, const char *property,
		  const char *path)
{
	List	   *names = NIL;
	const char *next = path;
	StringInfoData name;

	for (;;)
	{
		initStringInfo(&name);
		if (*next != '`')
		{
			const char *end = next + strcspn(next, ".");

			appendBinaryStringInfo(&name, next, end - next);
			next = end;
		}
		else
		{
			for (next++;; next++)
			{
				if (*next == '\0')
					config_refuse(config, property, path,
								  "names with dots between, those that contain dots in backticks");
				if (*next != '`' || (next[1] != '.' && next[1] != '\0'))
					appendStringInfoChar(&name, *next);
				else if (name.len == 0 || next[-1] != '\\')
					break;
				else
					name.data[name.len - 1] = '`';
			}
			next++;
		}
		names = lappend(names, name.data);
		if (*next == '\0')
			return names;
		next++;
	}
}

static void *
extract_configure(const TransformConfig *config)
{
	static const char *const versions[] = {"V1", "V2"};
	ExtractState *state = palloc0(sizeof(ExtractState));

	state->field = config_required(config, "field");
	if (config_choice(config, "field.syntax.version", versions,
					  lengthof(versions), 0) == 0)
		state->path = list_make1(unconstify(char *, state->field));
	else
		state->path = read_path(config, "field", state->field);
	state->replace_nulls = config_bool(config, "replace.null.with.default",
									   true);
	return state;
}

static bool
extract_apply(Transform *transform, ConnectRecord *record)
{
	ExtractState *state = transform->state;
	ConnectValue *part = transform_part(transform, record);
	ConnectValue value = *part;
	ListCell   *cell;

	if (value.schema == NULL)
		return true;
	foreach(cell, state->path)
	{
		int			field = struct_field_index(value.schema, lfirst(cell));
		const Schema *schema;
		Piece		text = piece_null();

		if (field < 0)
			transform_fail(transform, "there is no field \"%s\"", state->field);
		schema = value.schema->fields[field].schema;
		if (!value_is_null(&value))
			text = field_value(struct_split(&value)[field], schema,
							   state->replace_nulls ||
							   lnext(state->path, cell) != NULL);
		value = value_create(schema, text);
	}
	*part = value;
	return true;
}

const TransformClass transform_extract_field = {
	.configure = extract_configure,
	.apply = extract_apply
};

/* ------------------------------------------------------------ HoistField */

static void *
hoist_configure(const TransformConfig *config)
{
	return unconstify(char *, config_required(config, "field"));
}

static void *
hoist_plan_build(Transform *transform, const Schema *schema)
{
	Schema	   *hoisted = schema_create(CONNECT_STRUCT, false);

	schema_add_field(hoisted, transform->state, schema);
	return layout_create(hoisted, transform->utf8);
}

static bool
hoist_apply(Transform *transform, ConnectRecord *record)
{
	ConnectValue *part = transform_part(transform, record);
	const StructLayout *layout;

	/*
	 * without a schema it would be a map from then on, of which no more is
	 * known
	 */
	if (part->schema == NULL)
		transform_fail(transform, "a tombstone or missing key cannot be hoisted");
	layout = transform_plan(transform, part->schema, hoist_plan_build);
	*part = value_create(layout->schema, struct_join(layout, &part->text));
	return true;
}

const TransformClass transform_hoist_field = {
	.configure = hoist_configure,
	.apply = hoist_apply
};

/* ---------------------------------------------------------- ReplaceField */

typedef struct ReplaceState
{
	List	   *exclude;
	List	   *include;		/* NIL: all */
	List	   *old_names;
	List	   *new_names;		/* of the same length */
	bool		replace_nulls;
} ReplaceState;

typedef struct ReplacePlan
{
	StructLayout *layout;
	int		   *sources;		/* by field of the result */
} ReplacePlan;

static void *
replace_configure(const TransformConfig *config)
{
	ReplaceState *state = palloc0(sizeof(ReplaceState));
	ListCell   *cell;

	state->exclude = config_list(config, "exclude");
	state->include = config_list(config, "include");
	foreach(cell, config_list(config, "renames"))
	{
		char	   *old_name = lfirst(cell);
		char	   *colon = strchr(old_name, ':');

		if (colon == NULL || colon == old_name || colon[1] == '\0' ||
			strchr(colon + 1, ':') != NULL)
			config_refuse(config, "renames", old_name,
						  "a list of old_name:new_name");
		*colon = '\0';
		state->old_names = lappend(state->old_names, old_name);
		state->new_names = lappend(state->new_names, colon + 1);
	}
	state->replace_nulls = config_bool(config, "replace.null.with.default",
									   true);
	return state;
}

static const char *
new_name(const ReplaceState *state, const char *name)
{
	int			i;

	/* the last one counts */
	for (i = list_length(state->old_names) - 1; i >= 0; i--)
	{
		if (strcmp(list_nth(state->old_names, i), name) == 0)
			return list_nth(state->new_names, i);
	}
	return name;
}

static void *
replace_plan_build(Transform *transform, const Schema *schema)
{
	ReplaceState *state = transform->state;
	ReplacePlan *plan = palloc0(sizeof(ReplacePlan));
	Schema	   *replaced = empty_struct_like(schema);
	int			i;

	plan->sources = palloc((schema->nfields + 1) * sizeof(int));
	for (i = 0; i < schema->nfields; i++)
	{
		const SchemaField *field = &schema->fields[i];

		if (config_list_has(state->exclude, field->name) ||
			(state->include != NIL && !config_list_has(state->include, field->name)))
			continue;
		plan->sources[replaced->nfields] = i;
		add_field(transform, replaced, new_name(state, field->name),
				  field->schema);
	}
	plan->layout = layout_create(replaced, transform->utf8);
	return plan;
}

static bool
replace_apply(Transform *transform, ConnectRecord *record)
{
	ReplaceState *state = transform->state;
	ConnectValue *part = transform_part(transform, record);
	const ReplacePlan *plan;
	const Schema *schema;
	Piece	   *fields;
	Piece	   *replaced;
	int			i;

	if (value_is_null(part))
		return true;
	transform_require_struct(transform, part);
	plan = transform_plan(transform, part->schema, replace_plan_build);
	schema = plan->layout->schema;
	fields = struct_split(part);
	replaced = palloc((schema->nfields + 1) * sizeof(Piece));
	for (i = 0; i < schema->nfields; i++)
		replaced[i] = field_value(fields[plan->sources[i]],
								  schema->fields[i].schema,
								  state->replace_nulls);
	*part = value_create(schema, struct_join(plan->layout, replaced));
	return true;
}

const TransformClass transform_replace_field = {
	.configure = replace_configure,
	.apply = replace_apply
};

/* ----------------------------------------------------------- InsertField */

static Schema timestamp_schema = {
	.type = CONNECT_INT64,
	.name = SCHEMA_CONNECT_TIMESTAMP,
	.version = 1
};
static Schema optional_timestamp_schema = {
	.type = CONNECT_INT64,
	.optional = true,
	.name = SCHEMA_CONNECT_TIMESTAMP,
	.version = 1
};

/* What can be inserted, in the order in which it is */
enum
{
	INSERT_TOPIC,
	INSERT_PARTITION,
	INSERT_TIMESTAMP,
	INSERT_STATIC,
	INSERTIONS
};

typedef struct InsertState
{
	const char *names[INSERTIONS];	/* NULL: not wanted */
	bool		optional[INSERTIONS];
	Piece		static_value;	/* quoted */
	bool		replace_nulls;
} InsertState;

static void *
insert_configure(const TransformConfig *config)
{
	static const char *const properties[] = {
		"topic.field", "partition.field", "timestamp.field", "static.field"
	};
	InsertState *state = palloc0(sizeof(InsertState));
	bool		any = false;
	int			i;

	for (i = 0; i < INSERTIONS; i++)
	{
		const char *name = config_find(config, properties[i]);
		int			len;

		if (name == NULL)
			continue;
		len = strlen(name);
		state->optional[i] = len == 0 || name[len - 1] != '!';
		if (len > 0 && (name[len - 1] == '!' || name[len - 1] == '?'))
			len--;
		state->names[i] = pnstrdup(name, len);
		any = true;
	}
	if (config_find(config, "offset.field") != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" is not for source connectors",
						config_name(config, "offset.field")),
				 errdetail("A record has no offset before it is in Kafka.")));
	if (!any)
		config_required(config, "static.field");
	if (state->names[INSERT_STATIC] != NULL)
	{
		/* it may be empty */
		const char *value = config_find(config, "static.value");

		state->static_value = piece_quote(value != NULL ? value :
										  config_required(config, "static.value"),
										  config->utf8);
	}
	state->replace_nulls = config_bool(config, "replace.null.with.default",
									   true);
	return state;
}

static void *
insert_plan_build(Transform *transform, const Schema *schema)
{
	const Schema *const schemas[INSERTIONS][2] = {
		{&string_schema, &optional_string_schema},
		{&int32_schema, &optional_int32_schema},
		{&timestamp_schema, &optional_timestamp_schema},
		{&string_schema, &optional_string_schema}
	};
	InsertState *state = transform->state;
	Schema	   *inserted = schema_copy(schema);
	int			i;

	inserted->optional = false;
	inserted->default_json = NULL;
	for (i = 0; i < INSERTIONS; i++)
	{
		if (state->names[i] != NULL)
			add_field(transform, inserted, state->names[i],
					  schemas[i][state->optional[i]]);
	}
	return layout_create(inserted, transform->utf8);
}

/* One of the values; null where the record has none */
static Piece
insertion_value(Transform *transform, const ConnectRecord *record, int which)
{
	InsertState *state = transform->state;
	Piece		text = piece_null();

	switch (which)
	{
		case INSERT_TOPIC:
			return piece_quote(pnstrdup(record->topic.data, record->topic.len),
							   transform->utf8);
		case INSERT_PARTITION:
			if (record->partition >= 0)
				text = piece_from_int64(record->partition);
			break;
		case INSERT_TIMESTAMP:
			if (record->has_timestamp)
				text = piece_from_int64(record->timestamp);
			break;
		case INSERT_STATIC:
			return state->static_value;
	}
	if (plain_is_null(text.data) && !state->optional[which])
		transform_fail(transform, "the record has nothing for the required field \"%s\"",
					   state->names[which]);
	return text;
}

static bool
insert_apply(Transform *transform, ConnectRecord *record)
{
	InsertState *state = transform->state;
	ConnectValue *part = transform_part(transform, record);
	const StructLayout *layout;
	Piece	   *fields;
	Piece	   *inserted;
	int			count;
	int			i;

	if (value_is_null(part))
		return true;
	transform_require_struct(transform, part);
	layout = transform_plan(transform, part->schema, insert_plan_build);
	fields = struct_split(part);
	inserted = palloc(layout->schema->nfields * sizeof(Piece));
	for (count = 0; count < part->schema->nfields; count++)
		inserted[count] = field_value(fields[count],
									  part->schema->fields[count].schema,
									  state->replace_nulls);
	for (i = 0; i < INSERTIONS; i++)
	{
		if (state->names[i] != NULL)
			inserted[count++] = insertion_value(transform, record, i);
	}
	*part = value_create(layout->schema, struct_join(layout, inserted));
	return true;
}

const TransformClass transform_insert_field = {
	.configure = insert_configure,
	.apply = insert_apply
};

/* ------------------------------------------------------------ ValueToKey */

typedef struct KeyState
{
	List	   *fields;
	bool		replace_nulls;
} KeyState;

typedef struct KeyPlan
{
	StructLayout *layout;
	int		   *sources;		/* by field of the key */
} KeyPlan;

static void *
value_to_key_configure(const TransformConfig *config)
{
	KeyState   *state = palloc0(sizeof(KeyState));

	config_required(config, "fields");
	state->fields = config_list(config, "fields");
	state->replace_nulls = config_bool(config, "replace.null.with.default",
									   true);
	return state;
}

static void *
value_to_key_plan_build(Transform *transform, const Schema *schema)
{
	KeyState   *state = transform->state;
	KeyPlan    *plan = palloc0(sizeof(KeyPlan));
	Schema	   *key = schema_create(CONNECT_STRUCT, false);
	ListCell   *cell;

	plan->sources = palloc(list_length(state->fields) * sizeof(int));
	foreach(cell, state->fields)
	{
		const char *name = lfirst(cell);
		int			field = struct_field_index(schema, name);

		if (field < 0)
			transform_fail(transform, "there is no field \"%s\" in schema \"%s\"",
						   name, schema->name == NULL ? "" : schema->name);
		plan->sources[key->nfields] = field;
		add_field(transform, key, name, schema->fields[field].schema);
	}
	plan->layout = layout_create(key, transform->utf8);
	return plan;
}

static bool
value_to_key_apply(Transform *transform, ConnectRecord *record)
{
	KeyState   *state = transform->state;
	const KeyPlan *plan;
	const Schema *key;
	Piece	   *fields;
	Piece	   *taken;
	int			i;

	transform_require_struct(transform, &record->value);
	plan = transform_plan(transform, record->value.schema,
						  value_to_key_plan_build);
	key = plan->layout->schema;
	fields = struct_split(&record->value);
	taken = palloc(key->nfields * sizeof(Piece));
	for (i = 0; i < key->nfields; i++)
		taken[i] = field_value(fields[plan->sources[i]], key->fields[i].schema,
							   state->replace_nulls);
	record->key = value_create(key, struct_join(plan->layout, taken));
	return true;
}

const TransformClass transform_value_to_key = {
	.configure = value_to_key_configure,
	.apply = value_to_key_apply
};

/* ----------------------------------------------------- SetSchemaMetadata */

typedef struct MetadataState
{
	const char *name;			/* NULL: keep it */
	int			version;		/* 0: keep it */
} MetadataState;

static void *
metadata_configure(const TransformConfig *config)
{
	MetadataState *state = palloc0(sizeof(MetadataState));
	const char *version = config_find(config, "schema.version");

	state->name = config_find(config, "schema.name");
	if (version != NULL)
	{
		char	   *end;

		errno = 0;
		state->version = strtol(version, &end, 10);
		if (errno != 0 || *end != '\0' || state->version <= 0)
			config_refuse(config, "schema.version", version, "numbers from 1");
	}
	else if (state->name == NULL)
		config_required(config, "schema.name");
	return state;
}

static void *
metadata_plan_build(Transform *transform, const Schema *schema)
{
	MetadataState *state = transform->state;
	Schema	   *changed = schema_copy(schema);

	if (state->name != NULL)
		changed->name = state->name;
	if (state->version != 0)
		changed->version = state->version;
	return changed;
}

static bool
metadata_apply(Transform *transform, ConnectRecord *record)
{
	ConnectValue *part = transform_part(transform, record);

	if (part->schema != NULL)
		part->schema = transform_plan(transform, part->schema,
									  metadata_plan_build);
	return true;
}

const TransformClass transform_schema_metadata = {
	.configure = metadata_configure,
	.apply = metadata_apply
};
