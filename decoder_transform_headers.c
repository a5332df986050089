/*-------------------------------------------------------------------------
 *
 * decoder_transform_headers.c
 *	  Transforms of headers: Kafka's InsertHeader, DropHeaders, HeaderFrom;
 *	  Debezium's HeaderToValue and ExtractChangedRecordState.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_transform.h"

/* ---------------------------------------------------------- InsertHeader */

typedef struct LiteralState
{
	Piece		name;
	ConnectValue value;
} LiteralState;

static const Schema int8_schema = {.type = CONNECT_INT8};
static const Schema int16_schema = {.type = CONNECT_INT16};
static const Schema float_schema = {.type = CONNECT_FLOAT};
static const Schema double_schema = {.type = CONNECT_DOUBLE};

/* The smallest type that holds a whole number */
static ConnectValue
integer_literal(int64 number)
{
	const Schema *schema = &int64_schema;

	if (number == (signed char) number)
		schema = &int8_schema;
	else if (number == (int16) number)
		schema = &int16_schema;
	else if (number == (int32) number)
		schema = &int32_schema;
	return value_create(schema, piece_from_int64(number));
}

/*
 * A literal as Connect's Values.parseString() takes it: null, a boolean, a
 * number of the smallest type, else a text.  Dates, arrays and maps stay text
 * here, which looks the same in a header.
 */
static ConnectValue
parse_literal(const char *text, bool utf8)
{
	char	   *end;
	int64		integer;
	double		number;
	StringInfoData printed;

	if (strcmp(text, "null") == 0)
		return value_none();
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return value_create(&boolean_schema, piece_from_text(text));
	if (*text == '\0' || strspn(text, "+-.0123456789eE") < strlen(text) ||
		strpbrk(text, "0123456789") == NULL)
		return value_create(&string_schema, piece_quote(text, utf8));
	errno = 0;
	integer = strtoi64(text, &end, 10);
	if (*end == '\0' && errno == 0)
		return integer_literal(integer);
	number = strtod(text, &end);
	if (*end != '\0')
		return value_create(&string_schema, piece_quote(text, utf8));
	if (number == (double) strtoi64(text, NULL, 10))
		return integer_literal((int64) number);
	initStringInfo(&printed);
	if ((double) (float) number == number || strlen(text) < 8)
	{
		json_append_float(&printed, (float) number);
		return value_create(&float_schema, piece_from_info(&printed));
	}
	json_append_double(&printed, number);
	return value_create(&double_schema, piece_from_info(&printed));
}

static void *
insert_header_configure(const TransformConfig *config)
{
	LiteralState *state = palloc0(sizeof(LiteralState));

	state->name = piece_from_text(config_required(config, "header"));
	state->value = parse_literal(config_required(config, "value.literal"),
								 config->utf8);
	return state;
}

static bool
insert_header_apply(Transform *transform, ConnectRecord *record)
{
	LiteralState *state = transform->state;

	record_add_header(record, state->name, state->value);
	return true;
}

const TransformClass transform_insert_header = {
	.configure = insert_header_configure,
	.apply = insert_header_apply
};

/* ----------------------------------------------------------- DropHeaders */

static void *
drop_headers_configure(const TransformConfig *config)
{
	config_required(config, "headers");
	return config_list(config, "headers");
}

static bool
drop_headers_apply(Transform *transform, ConnectRecord *record)
{
	ListCell   *cell;

	foreach(cell, (List *) transform->state)
		record_remove_headers(record, piece_from_text(lfirst(cell)));
	return true;
}

const TransformClass transform_drop_headers = {
	.configure = drop_headers_configure,
	.apply = drop_headers_apply
};

/* ------------------------------------- what HeaderFrom and -ToValue share */

typedef struct CopyState
{
	List	   *fields;
	List	   *headers;		/* of the same length */
	bool		move;			/* else copy */
	bool		replace_nulls;
} CopyState;

static void *
copy_configure(const TransformConfig *config)
{
	static const char *const operations[] = {"move", "copy"};
	CopyState  *state = palloc0(sizeof(CopyState));

	config_required(config, "fields");
	config_required(config, "headers");
	config_required(config, "operation");
	state->fields = config_list(config, "fields");
	state->headers = config_list(config, "headers");
	if (list_length(state->fields) != list_length(state->headers))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"%s\" and \"%s\" do not have as many elements",
						config_name(config, "fields"),
						config_name(config, "headers")),
				 errhint("Name one header for each field, in the same order.")));
	state->move = config_choice(config, "operation", operations,
								lengthof(operations), 0) == 0;
	state->replace_nulls = config_bool(config, "replace.null.with.default",
									   true);
	return state;
}

/* ------------------------------------------------------------ HeaderFrom */

typedef struct HeaderPlan
{
	int		   *sources;		/* fields that become headers */
	StructLayout *layout;		/* with move: of what is left */
	int		   *kept;			/* by field of that */
} HeaderPlan;

static void *
header_from_plan_build(Transform *transform, const Schema *schema)
{
	CopyState  *state = transform->state;
	HeaderPlan *plan = palloc0(sizeof(HeaderPlan));
	Schema	   *left;
	ListCell   *cell;
	int			i = 0;

	plan->sources = palloc(list_length(state->fields) * sizeof(int));
	foreach(cell, state->fields)
	{
		plan->sources[i] = struct_field_index(schema, lfirst(cell));
		if (plan->sources[i++] < 0)
			transform_fail(transform, "there is no field \"%s\"",
						   (char *) lfirst(cell));
	}
	left = schema_copy(schema);
	left->optional = false;
	left->default_json = NULL;
	left->nfields = 0;
	left->fields = NULL;
	plan->kept = palloc((schema->nfields + 1) * sizeof(int));
	for (i = 0; i < schema->nfields; i++)
	{
		if (config_list_has(state->fields, schema->fields[i].name))
			continue;
		plan->kept[left->nfields] = i;
		schema_add_field(left, schema->fields[i].name,
						 schema->fields[i].schema);
	}
	plan->layout = layout_create(left, transform->utf8);
	return plan;
}

static bool
header_from_apply(Transform *transform, ConnectRecord *record)
{
	CopyState  *state = transform->state;
	ConnectValue *part = transform_part(transform, record);
	const Schema *schema = part->schema;
	const HeaderPlan *plan;
	Piece	   *fields;
	ListCell   *cell;
	int			i;

	transform_require_struct(transform, part);
	plan = transform_plan(transform, schema, header_from_plan_build);
	fields = struct_split(part);
	for (i = 0; i < schema->nfields && state->replace_nulls; i++)
		fields[i] = field_or_default(fields[i], schema->fields[i].schema);
	i = 0;
	foreach(cell, state->headers)
	{
		int			source = plan->sources[i++];

		record_add_header(record, piece_from_text(lfirst(cell)),
						  value_create(schema->fields[source].schema,
									   fields[source]));
	}
	if (state->move)
	{
		for (i = 0; i < plan->layout->schema->nfields; i++)
			fields[i] = fields[plan->kept[i]];
		*part = value_create(plan->layout->schema,
							 struct_join(plan->layout, fields));
	}
	return true;
}

const TransformClass transform_header_from = {
	.configure = copy_configure,
	.apply = header_from_apply
};

/* --------------------------------------------------------- HeaderToValue */

/* A header on its way to a field */
typedef struct NewField
{
	const char *path;			/* what is left of it, in this struct */
	ConnectValue value;
} NewField;

/* The length of a path's first name */
static int
first_len(const char *path)
{
	return strcspn(path, ".");
}

/* Is the field of this name the start of the path, or all of it? */
static bool
path_begins(const char *path, const char *name)
{
	return first_len(path) == strlen(name) &&
		strncmp(path, name, first_len(path)) == 0;
}

/* Those of the new fields that go into the struct in a field, of this name */
static List *
fields_below(const List *new_fields, const char *name)
{
	List	   *below = NIL;
	const ListCell *cell;

	foreach(cell, new_fields)
	{
		const NewField *field = lfirst(cell);
		NewField   *inner;

		if (!path_begins(field->path, name) ||
			field->path[first_len(field->path)] == '\0')
			continue;
		inner = palloc(sizeof(NewField));
		inner->path = field->path + first_len(field->path) + 1;
		inner->value = field->value;
		below = lappend(below, inner);
	}
	return below;
}

/*
 * A struct with fields added, some of them in structs within; structs that do
 * not exist yet are made.  Nulls become defaults, and a struct that is null
 * stays so.
 */
static ConnectValue
add_fields(Transform *transform, const ConnectValue *value,
		   const List *new_fields)
{
	const Schema *schema = value->schema;
	Schema	   *extended;
	Piece	   *old = NULL;
	Piece	   *fields;
	const ListCell *cell;
	int			i;

	if (schema->type != CONNECT_STRUCT)
		transform_fail(transform, "field \"%s\" cannot be put into a %s",
					   ((NewField *) linitial(new_fields))->path,
					   schema_type_name(schema->type));
	extended = schema_copy(schema);
	extended->optional = false;
	extended->default_json = NULL;
	if (!value_is_null(value))
		old = struct_split(value);
	fields = palloc((schema->nfields + list_length(new_fields) + 1) *
					sizeof(Piece));
	for (i = 0; i < schema->nfields; i++)
	{
		List	   *below = fields_below(new_fields, schema->fields[i].name);
		ConnectValue field = value_create(schema->fields[i].schema,
										  old != NULL ? old[i] : piece_null());

		field.text = field_or_default(field.text, field.schema);
		if (below != NIL)
			field = add_fields(transform, &field, below);
		extended->fields[i].schema = field.schema;
		fields[i] = field.text;
	}
	foreach(cell, new_fields)
	{
		const NewField *new_field = lfirst(cell);
		char	   *name = pnstrdup(new_field->path,
									first_len(new_field->path));
		ConnectValue field = new_field->value;

		i = struct_field_index(extended, name);
		if (new_field->path[strlen(name)] != '\0')
		{
			Schema	   *made;

			if (i >= 0)
				continue;		/* done above */
			made = schema_create(CONNECT_STRUCT, true);
			field = value_create(made, piece_create("{}", 2));
			field = add_fields(transform, &field,
							   fields_below(new_fields, name));
			made = schema_copy(field.schema);
			made->optional = true;
			field.schema = made;
		}
		else if (field.schema == NULL)
			field = value_create(&optional_string_schema, piece_null());
		if (i >= 0)
			extended->fields[i].schema = field.schema;
		else
		{
			i = extended->nfields;
			schema_add_field(extended, name, field.schema);
		}
		fields[i] = field.text;
	}
	return value_create(extended, old == NULL ? piece_null() :
						struct_join(layout_create(extended, transform->utf8),
									fields));
}

static bool
header_to_value_apply(Transform *transform, ConnectRecord *record)
{
	CopyState  *state = transform->state;
	List	   *new_fields = NIL;
	ConnectValue value;
	ListCell   *cell;
	int			i;

	if (value_is_null(&record->value))
		return true;
	transform_require_struct(transform, &record->value);
	for (i = 0; i < record->nheaders; i++)
	{
		const ConnectHeader *header = &record->headers[i];
		int			number = 0;

		foreach(cell, state->headers)
		{
			if (piece_is(header->name, lfirst(cell)))
			{
				NewField   *field = palloc(sizeof(NewField));

				field->path = list_nth(state->fields, number);
				field->value = header->value;
				new_fields = lappend(new_fields, field);
				break;
			}
			number++;
		}
	}
	if (new_fields == NIL)
		return true;
	value = add_fields(transform, &record->value, new_fields);
	record->value = value_create(transform_intern(transform, value.schema),
								 value.text);
	if (state->move)
	{
		foreach(cell, state->headers)
			record_remove_headers(record, piece_from_text(lfirst(cell)));
	}
	return true;
}

const TransformClass transform_header_to_value = {
	.configure = copy_configure,
	.apply = header_to_value_apply
};

/* --------------------------------------------- ExtractChangedRecordState */

/* The headers with the names of fields that did and did not change */
typedef struct ChangedState
{
	Piece		names[2];		/* unchanged, changed; data NULL: not wanted */
	Schema	   *schemas[2];
} ChangedState;

static void *
changed_configure(const TransformConfig *config)
{
	static const char *const properties[] = {
		"header.unchanged.name", "header.changed.name"
	};
	ChangedState *state = palloc0(sizeof(ChangedState));
	int			i;

	for (i = 0; i < 2; i++)
	{
		const char *name = config_find(config, properties[i]);

		if (name == NULL || strspn(name, " \t") == strlen(name))
			continue;
		state->names[i] = piece_from_text(name);
		state->schemas[i] = schema_create(CONNECT_ARRAY, true);
		state->schemas[i]->items = &optional_string_schema;
		schema_set_name(state->schemas[i], name, 0);
	}
	return state;
}

static void
append_name(StringInfo list, const char *name, bool utf8)
{
	if (list->len > 1)
		text_append_literal(list, ",");
	json_append_text(list, name, strlen(name), utf8);
}

static bool
changed_apply(Transform *transform, ConnectRecord *record)
{
	ChangedState *state = transform->state;
	const Schema *schema = record->value.schema;
	StringInfoData lists[2];
	Piece	   *event;
	ConnectValue rows[2];
	int			i;

	if (value_is_null(&record->value) || !schema_is_envelope(schema))
		return true;
	event = struct_split(&record->value);
	for (i = 0; i < 2; i++)
	{
		int			field = struct_field_index(schema,
											   i == 0 ? "before" : "after");

		rows[i] = value_none();
		if (field >= 0)
			rows[i] = value_create(schema->fields[field].schema, event[field]);
		initStringInfo(&lists[i]);
		text_append_literal(&lists[i], "[");
	}
	if (!value_is_null(&rows[0]) && !value_is_null(&rows[1]))
	{
		Piece	   *before = struct_split(&rows[0]);
		Piece	   *after = struct_split(&rows[1]);

		for (i = 0; i < rows[1].schema->nfields; i++)
			append_name(&lists[piece_equals(before[i], after[i]) ? 0 : 1],
						rows[1].schema->fields[i].name, transform->utf8);
	}
	for (i = 1; i >= 0; i--)
	{
		text_append_literal(&lists[i], "]");
		if (state->names[i].data != NULL)
			transform_add_header(transform, record, state->names[i],
								 value_create(state->schemas[i],
											  piece_from_info(&lists[i])));
	}
	return true;
}

const TransformClass transform_changed_fields = {
	.in_place = true,
	.configure = changed_configure,
	.apply = changed_apply
};
