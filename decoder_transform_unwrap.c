/*-------------------------------------------------------------------------
 *
 * decoder_transform_unwrap.c
 *	  io.debezium.transforms.ExtractNewRecordState: the row alone, flat.
 *
 * NOTES
 *	  There are two ways to the same record.  unwrap_apply() takes an event
 *	  apart, as the original does.  unwrap_apply_change() is for a transform
 *	  that comes first: it gets the rows themselves, so that what would be
 *	  thrown away is not made.  It is taken where the options allow it.
 *
 *	  As in the original, the schema of "after" is kept, optional as it is,
 *	  only where no row is left of a delete; with a row it is made anew.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_transform.h"

#define DELETED_FIELD "__deleted"

/* What becomes of a delete and of the tombstone behind it */
typedef enum DeleteMode
{
	DELETE_DROP,
	DELETE_TOMBSTONE,
	DELETE_REWRITE,
	DELETE_REWRITE_WITH_TOMBSTONE,
	DELETE_TO_TOMBSTONE
} DeleteMode;

static const char *const delete_modes[] = {
	"drop", "tombstone", "rewrite", "rewrite-with-tombstone",
	"delete-to-tombstone"
};

/* A field of the event that is added to the row or to the headers */
typedef struct Reference
{
	const char *parent;			/* NULL: the event itself */
	const char *field;
	const char *new_name;
} Reference;

typedef struct UnwrapState
{
	DeleteMode	mode;
	bool		rewrites;		/* one of the two that add __deleted */
	bool		replace_nulls;	/* by defaults, when it rewrites */
	List	   *fields;			/* of Reference */
	List	   *headers;		/* of Reference */
	bool		source_only;	/* none of them needs a row */
	const char *route_field;	/* NULL: none */
	const char *drop_header;	/* NULL: none */
	bool		drop_from_key;
	bool		drop_optional_only;
} UnwrapState;

/* Where the value of a reference is, in events of one schema */
typedef struct ReferencePlan
{
	const Schema *schema;		/* of the new field; NULL: there is none */
	Piece		name;			/* of the new field, for a header */
	int			parent;			/* field of the event, or -1 */
	int			field;			/* in the parent, or -1: not there */
	int			event_field;	/* taken when there is none in the parent */
} ReferencePlan;

/* An event, taken apart as far as references need it */
typedef struct EventView
{
	ConnectValue event;
	Piece	   *fields;
	Piece	  **parts;			/* by field: the fields of it, a struct; NULL:
								 * not taken apart yet */
} EventView;

/* What is made of events of one schema */
typedef struct EventPlan
{
	int			before;			/* places of the rows */
	int			after;
	const Schema *null_schema;	/* of a delete without row */
	ReferencePlan *fields;
	ReferencePlan *headers;
	StructLayout *layout;		/* of the result, fields added */
	int			row_fields;		/* how many of them are the row's */
	int			route_field;	/* in the result, or -1 */
} EventPlan;


/* ------------------------------------------------------- configuration */

/* The part of a text up to a separator; *next moves behind it */
static char *
next_part(const char **next, char separator)
{
	const char *end = strchr(*next, separator);
	char	   *part;

	if (end == NULL)
		end = *next + strlen(*next);
	part = pnstrdup(*next, end - *next);
	*next = *end == '\0' ? NULL : end + 1;
	return part;
}

/* The part of an event in which a field without prefix is looked for */
static const char *
default_parent(const char *field)
{
	static const char *const of_event[] = {"op", "ts_ms", "ts_us", "ts_ns"};
	static const char *const of_transaction[] = {
		"id", "data_collection_order", "total_order"
	};
	int			i;

	for (i = 0; i < lengthof(of_event); i++)
	{
		if (strcmp(field, of_event[i]) == 0)
			return NULL;
	}
	for (i = 0; i < lengthof(of_transaction); i++)
	{
		if (strcmp(field, of_transaction[i]) == 0)
			return "transaction";
	}
	return "source";
}

/*
 * A reference as it is written: field, struct.field, either with :new_name.
 */
static Reference *
read_reference(const TransformConfig *config, const char *property,
			   const char *prefix, const char *text)
{
	Reference  *reference = palloc0(sizeof(Reference));
	const char *next = text;
	const char *path = next_part(&next, ':');
	const char *first = next_part(&path, '.');
	const char *second = path != NULL ? next_part(&path, '.') : NULL;

	if (*first == '\0' || (next != NULL && strchr(next, ':') != NULL))
		config_refuse(config, property, text,
					  "a list of field, struct.field, field:new_name, struct.field:new_name");
	if (second == NULL)
	{
		reference->field = first;
		reference->parent = default_parent(first);
	}
	else
	{
		reference->field = second;
		reference->parent = first;
	}
	if (next != NULL)
		reference->new_name = psprintf("%s%s", prefix, next);
	else if (second != NULL)
		reference->new_name = psprintf("%s%s_%s", prefix, first, second);
	else
		reference->new_name = psprintf("%s%s", prefix, first);
	return reference;
}

static List *
read_references(const TransformConfig *config, const char *property,
				const char *prefix_property, bool *source_only)
{
	const char *prefix = config_string(config, prefix_property, "__");
	List	   *references = NIL;
	ListCell   *cell;

	foreach(cell, config_list(config, property))
	{
		Reference  *reference = read_reference(config, property, prefix,
											   lfirst(cell));

		if (reference->parent != NULL &&
			strcmp(reference->parent, "source") != 0 &&
			strcmp(reference->parent, "transaction") != 0)
			*source_only = false;
		references = lappend(references, reference);
	}
	return references;
}

static void *
unwrap_configure(const TransformConfig *config)
{
	UnwrapState *state = palloc0(sizeof(UnwrapState));

	state->mode = config_choice(config, "delete.tombstone.handling.mode",
								delete_modes, lengthof(delete_modes),
								DELETE_TOMBSTONE);
	state->rewrites = state->mode == DELETE_REWRITE ||
		state->mode == DELETE_REWRITE_WITH_TOMBSTONE;
	state->replace_nulls = config_bool(config, "replace.null.with.default",
									   true);
	state->source_only = true;
	state->fields = read_references(config, "add.fields", "add.fields.prefix",
									&state->source_only);
	state->headers = read_references(config, "add.headers",
									 "add.headers.prefix",
									 &state->source_only);
	state->route_field = config_string(config, "route.by.field", "");
	if (*state->route_field == '\0')
		state->route_field = NULL;
	state->drop_header = config_string(config, "drop.fields.header.name", "");
	if (strspn(state->drop_header, " \t") == strlen(state->drop_header))
		state->drop_header = NULL;
	state->drop_from_key = config_bool(config, "drop.fields.from.key", false);
	state->drop_optional_only =
		config_bool(config, "drop.fields.keep.schema.compatible", true);
	return state;
}

/* --------------------------------------------------------------- plans */

static void
plan_reference(Transform *transform, ReferencePlan *plan,
			   const Reference *reference, const Schema *event)
{
	const Schema *parent = event;
	const Schema *found = NULL;
	Schema	   *schema;

	plan->parent = plan->field = -1;
	if (reference->parent != NULL)
	{
		plan->parent = struct_field_index(event, reference->parent);
		if (plan->parent < 0)
			transform_fail(transform, "there is no field \"%s\" in schema \"%s\"",
						   reference->parent, event->name);
		parent = event->fields[plan->parent].schema;
		plan->field = struct_field_index(parent, reference->field);
	}
	plan->event_field = struct_field_index(event, reference->field);
	if (plan->field >= 0)
		found = parent->fields[plan->field].schema;
	else if (plan->event_field >= 0)
		found = event->fields[plan->event_field].schema;
	if (found == NULL)
		return;
	/* a default does not come along */
	schema = schema_copy(found);
	schema->optional = true;
	schema->default_json = NULL;
	plan->schema = schema;
	plan->name = piece_from_text(reference->new_name);
}

static ReferencePlan *
plan_references(Transform *transform, const List *references,
				const Schema *event)
{
	ReferencePlan *plans = palloc0((list_length(references) + 1) *
								   sizeof(ReferencePlan));
	const ListCell *cell;
	int			i = 0;

	foreach(cell, references)
		plan_reference(transform, &plans[i++], lfirst(cell), event);
	return plans;
}

static void
add_field(Transform *transform, Schema *schema, const char *name,
		  const Schema *field)
{
	if (schema_field(schema, name) != NULL)
		transform_fail(transform, "there are two fields \"%s\"", name);
	schema_add_field(schema, name, field);
}

static void *
event_plan_build(Transform *transform, const Schema *event)
{
	UnwrapState *state = transform->state;
	EventPlan  *plan = palloc0(sizeof(EventPlan));
	const Schema *row;
	Schema	   *schema;
	int			i;

	plan->before = struct_field_index(event, "before");
	plan->after = struct_field_index(event, "after");
	if (plan->before < 0 || plan->after < 0)
		transform_fail(transform, "schema \"%s\" is of no event", event->name);
	row = event->fields[plan->after].schema;
	plan->null_schema = row;
	plan->fields = plan_references(transform, state->fields, event);
	plan->headers = plan_references(transform, state->headers, event);

	schema = schema_copy(row);
	schema->optional = false;
	plan->row_fields = schema->nfields;
	if (state->rewrites)
		add_field(transform, schema, DELETED_FIELD, &optional_string_schema);
	for (i = 0; i < list_length(state->fields); i++)
	{
		if (plan->fields[i].schema != NULL)
			add_field(transform, schema, plan->fields[i].name.data,
					  plan->fields[i].schema);
	}
	plan->layout = layout_create(schema, transform->utf8);
	plan->route_field = -1;
	if (state->route_field != NULL)
	{
		plan->route_field = struct_field_index(schema, state->route_field);
		if (plan->route_field < 0 ||
			schema->fields[plan->route_field].schema->type != CONNECT_STRING)
			transform_fail(transform, "there is no text field \"%s\" in schema \"%s\"",
						   state->route_field, schema->name);
	}
	return plan;
}

/* -------------------------------------------------------- added fields */

static void
view_open(EventView *view, ConnectValue event)
{
	view->event = event;
	view->fields = struct_split(&event);
	view->parts = palloc0(event.schema->nfields * sizeof(Piece *));
}

static Piece
reference_text(const ReferencePlan *plan, const EventView *view)
{
	ConnectValue parent;

	if (plan->parent < 0)
		return view->fields[plan->event_field];
	parent = value_create(view->event.schema->fields[plan->parent].schema,
						  view->fields[plan->parent]);
	if (value_is_null(&parent))
		return piece_null();
	if (plan->field < 0)
		return view->fields[plan->event_field];
	if (view->parts[plan->parent] == NULL)
		view->parts[plan->parent] = struct_split(&parent);
	return view->parts[plan->parent][plan->field];
}

/*
 * Add the headers; "view" is NULL for a tombstone, which shows that it
 * belongs to a delete.
 */
static void
add_headers(Transform *transform, const EventPlan *plan,
			const EventView *view, ConnectRecord *record)
{
	UnwrapState *state = transform->state;
	ListCell   *cell;
	int			i = 0;

	foreach(cell, state->headers)
	{
		const Reference *reference = lfirst(cell);

		if (view == NULL)
		{
			if (strcmp(reference->field, "op") == 0)
				transform_add_header(transform, record,
									 piece_from_text(reference->new_name),
									 value_create(&string_schema,
												  piece_from_text("\"d\"")));
		}
		else if (plan->headers[i].schema != NULL)
			transform_add_header(transform, record, plan->headers[i].name,
								 value_create(plan->headers[i].schema,
											  reference_text(&plan->headers[i],
															 view)));
		i++;
	}
}

/* The texts of the added fields, behind those of the row */
static void
fill_added(const UnwrapState *state, const EventPlan *plan, bool deleted,
		   const EventView *view, Piece *result)
{
	int			count = list_length(state->fields);
	int			i;

	if (state->rewrites)
		*result++ = piece_from_text(deleted ? "\"true\"" : "\"false\"");
	for (i = 0; i < count; i++)
	{
		if (plan->fields[i].schema != NULL)
			*result++ = reference_text(&plan->fields[i], view);
	}
}

/* ------------------------------------------------------ dropped fields */

/*
 * Drop the named fields from a struct, optional ones only where the options
 * say so.  Defaults then take the place of nulls, as by ReplaceField.
 */
static void
drop_fields(Transform *transform, ConnectValue *value, const List *names)
{
	UnwrapState *state = transform->state;
	Schema	   *schema;
	Piece	   *fields;
	Piece	   *kept;
	int			i;

	if (value->schema == NULL || value->schema->type != CONNECT_STRUCT ||
		value_is_null(value))
		return;
	schema = schema_copy(value->schema);
	schema->optional = false;
	schema->nfields = 0;
	schema->fields = NULL;
	fields = struct_split(value);
	kept = palloc((value->schema->nfields + 1) * sizeof(Piece));
	for (i = 0; i < value->schema->nfields; i++)
	{
		const SchemaField *field = &value->schema->fields[i];

		if (config_list_has(names, field->name) &&
			(field->schema->optional || !state->drop_optional_only))
			continue;
		kept[schema->nfields] = field_or_default(fields[i], field->schema);
		schema_add_field(schema, field->name, field->schema);
	}
	if (schema->nfields == value->schema->nfields)
		return;
	value->schema = transform_intern(transform, schema);
	value->text = struct_join(layout_create(value->schema, transform->utf8),
							  kept);
}

static void
drop_by_header(Transform *transform, ConnectRecord *record)
{
	UnwrapState *state = transform->state;
	const ConnectHeader *header;
	List	   *names = NIL;
	Piece	   *items;
	int			count;
	int			i;

	if (state->drop_header == NULL)
		return;
	header = record_find_header(record, piece_from_text(state->drop_header));
	if (header == NULL || value_is_null(&header->value))
		return;
	if (header->value.schema->type != CONNECT_ARRAY)
		transform_fail(transform, "header \"%s\" is not a list of field names",
					   state->drop_header);
	items = array_split(header->value.text, &count);
	for (i = 0; i < count; i++)
		names = lappend(names, unconstify(char *, piece_unquote(items[i]).data));
	if (names == NIL)
		return;
	if (state->drop_from_key)
		drop_fields(transform, &record->key, names);
	drop_fields(transform, &record->value, names);
}

/* ----------------------------------------------------------- one record */

static void
route_by_field(const EventPlan *plan, const Piece *row, ConnectRecord *record)
{
	const Schema *schema;
	Piece		text;

	if (plan->route_field < 0)
		return;
	schema = plan->layout->schema->fields[plan->route_field].schema;
	text = field_or_default(row[plan->route_field], schema);
	if (plain_is_null(text.data))
		return;
	text = piece_unquote(text);
	if (strspn(text.data, " \t\n\r\f") < text.len)
		record->topic = text;
}

static bool
apply_to_tombstone(Transform *transform, ConnectRecord *record)
{
	UnwrapState *state = transform->state;

	add_headers(transform, NULL, NULL, record);
	return state->mode == DELETE_REWRITE_WITH_TOMBSTONE;
}

/*
 * What becomes of a delete before its row is looked at: is there a record,
 * and if so, one with a row?
 */
static bool
delete_keeps_row(const UnwrapState *state, const EventPlan *plan,
				 ConnectRecord *record)
{
	if (state->rewrites)
		return true;
	record->value = state->mode == DELETE_TOMBSTONE ?
		value_create(plan->null_schema, piece_null()) : value_none();
	return false;
}

static bool
unwrap_apply(Transform *transform, ConnectRecord *record)
{
	UnwrapState *state = transform->state;
	ConnectValue event = record->value;
	const EventPlan *plan;
	EventView	view;
	bool		deleted;
	ConnectValue row;
	Piece	   *fields;
	Piece	   *result;
	int			i;

	if (value_is_null(&event))
		return apply_to_tombstone(transform, record);
	if (!schema_is_envelope(event.schema))
		return true;
	plan = transform_plan(transform, event.schema, event_plan_build);
	view_open(&view, event);
	add_headers(transform, plan, &view, record);

	deleted = plain_is_null(view.fields[plan->after].data);
	row = value_create(plan->null_schema,
					   view.fields[deleted ? plan->before : plan->after]);
	if (value_is_null(&row))
		return false;			/* a truncate */
	if (deleted && state->mode == DELETE_DROP)
		return false;
	fields = struct_split(&row);
	result = palloc((plan->layout->schema->nfields + 1) * sizeof(Piece));
	for (i = 0; i < plan->row_fields; i++)
		result[i] = state->rewrites && state->replace_nulls ?
			field_or_default(fields[i], row.schema->fields[i].schema) :
			fields[i];
	fill_added(state, plan, deleted, &view, result + plan->row_fields);
	if (plan->route_field >= 0)
		route_by_field(plan, result, record);
	if (deleted && !delete_keeps_row(state, plan, record))
	{
		drop_by_header(transform, record);
		return true;
	}
	record->value = value_create(plan->layout->schema,
								 struct_join(plan->layout, result));
	drop_by_header(transform, record);
	return true;
}

const TransformClass transform_unwrap = {
	.configure = unwrap_configure,
	.apply = unwrap_apply
};

/* -------------------------------------------------- as the first transform */

/*
 * Can this transform take the rows of a change instead of an event?
 */
bool
unwrap_is_direct(const Transform *transform)
{
	const UnwrapState *state = transform->state;

	return transform->class == &transform_unwrap &&
		transform->predicate == NULL && state->source_only &&
		state->route_field == NULL && state->drop_header == NULL;
}

/* Does it put defaults in the place of nulls? */
bool
unwrap_replaces_nulls(const Transform *transform)
{
	const UnwrapState *state = transform->state;

	return state->rewrites && state->replace_nulls;
}

/* All fields of the event but the rows, which are null here */
static void
view_without_rows(const RowChange *change, EventView *view)
{
	StringInfoData text;

	initStringInfo(&text);
	envelope_write_plain(&text, change->table, change->source, change->clock,
						 change->lsn, change->operation, NULL, NULL);
	view_open(view, value_create(change->table->envelope_schema,
								 piece_from_info(&text)));
}

/*
 * Make the record of a change from its rows; false: there is none.
 */
bool
unwrap_apply_change(Transform *transform, const RowChange *change,
					ConnectRecord *record)
{
	UnwrapState *state = transform->state;
	const EventPlan *plan = transform_plan(transform,
										   change->table->envelope_schema,
										   event_plan_build);
	const StructLayout *layout = plan->layout;
	bool		deleted = change->after == NULL;
	const Row  *row = deleted ? change->before : change->after;
	EventView	view = {0};
	Piece	   *added;
	StringInfoData text;
	int			i;

	if (row == NULL || (deleted && state->mode == DELETE_DROP))
		return false;
	if (state->fields != NIL || state->headers != NIL)
	{
		view_without_rows(change, &view);
		add_headers(transform, plan, &view, record);
	}
	if (deleted && !delete_keeps_row(state, plan, record))
		return true;

	initStringInfo(&text);
	row_write(&text, change->table, row);
	text.len--;					/* the row's closing brace */
	if (plan->row_fields == 0)
		text.len = 0;			/* the next lead opens it */
	added = palloc((layout->schema->nfields - plan->row_fields + 1) *
				   sizeof(Piece));
	fill_added(state, plan, deleted, &view, added);
	for (i = plan->row_fields; i < layout->schema->nfields; i++)
	{
		text_append_piece(&text, layout->leads[i]);
		text_append_piece(&text, added[i - plan->row_fields]);
	}
	if (layout->schema->nfields == 0)
		text_append_literal(&text, "{");
	text_append_literal(&text, "}");
	record->value = value_create(layout->schema, piece_from_info(&text));
	return true;
}
