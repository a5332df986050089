/*-------------------------------------------------------------------------
 *
 * decoder_transform_outbox.c
 *	  Events that an application writes itself: Debezium's outbox EventRouter
 *	  and DecodeLogicalDecodingMessageContent.
 *
 * NOTES
 *	  A row of the outbox table is a message: its columns are topic, key,
 *	  payload, headers.  The name of the schema of a payload in an envelope
 *	  has the routed value of its own record in it; the original takes that
 *	  of the first record it sees with the same payload.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_transform.h"

#define MESSAGE_SCHEMA "io.debezium.connector.postgresql.MessageValue"

/* Where a column goes beside payload and key */
typedef enum Placement
{
	PLACE_HEADER,
	PLACE_ENVELOPE,
	PLACE_PARTITION
} Placement;

static const char *const placements[] = {"header", "envelope", "partition"};

/* What becomes of an update of the outbox */
typedef enum InvalidMode
{
	INVALID_WARN,
	INVALID_ERROR,
	INVALID_FATAL
} InvalidMode;

typedef struct AdditionalField
{
	const char *column;
	const char *alias;
	Placement	placement;
} AdditionalField;

typedef struct OutboxState
{
	const char *id;				/* names of columns */
	const char *key;
	const char *payload;
	const char *timestamp;		/* NULL: the time of the event */
	const char *version;		/* NULL: none */
	const char *route;
	TopicMap   *topics;
	List	   *additional;		/* of AdditionalField */
	bool		ignore_missing;
	bool		has_envelope;	/* one of them is placed in it */
	bool		tombstones;		/* for empty payloads */
	bool		expand;
	bool		expand_nulls;
	InvalidMode invalid;
	bool		reported;		/* an update was */
} OutboxState;

static List *
read_additional(const TransformConfig *config, OutboxState *state)
{
	static const char property[] = "table.fields.additional.placement";
	List	   *fields = NIL;
	ListCell   *cell;

	foreach(cell, config_list(config, property))
	{
		AdditionalField *field = palloc0(sizeof(AdditionalField));
		char	   *item = lfirst(cell);
		char	   *place = strchr(item, ':');
		char	   *alias = place != NULL ? strchr(place + 1, ':') : NULL;
		int			i = 0;

		field->column = config_trim(pnstrdup(item, place != NULL ? place - item : 0));
		field->alias = alias != NULL ? config_trim(alias + 1) : field->column;
		if (place != NULL)
			place = config_trim(alias != NULL ?
								pnstrdup(place + 1, alias - place - 1) : place + 1);
		while (i < lengthof(placements) && place != NULL &&
			   pg_strcasecmp(place, placements[i]) != 0)
			i++;
		if (place == NULL || i == lengthof(placements) || *field->alias == '\0' ||
			strchr(field->alias, ':') != NULL)
			config_refuse(config, property, item,
						  "a list of column:place or column:place:alias, places are header, envelope, partition");
		field->placement = i;
		if (i == PLACE_ENVELOPE)
			state->has_envelope = true;
		fields = lappend(fields, field);
	}
	return fields;
}

static void *
outbox_configure(const TransformConfig *config)
{
	static const char *const behaviours[] = {"warn", "error", "fatal"};
	static const char *const missing[] = {"error", "ignore"};
	static const char *const nulls[] = {"ignore", "optional_bytes"};
	OutboxState *state = palloc0(sizeof(OutboxState));

	state->id = config_string(config, "table.field.event.id", "id");
	state->key = config_string(config, "table.field.event.key", "aggregateid");
	state->payload = config_string(config, "table.field.event.payload",
								   "payload");
	state->timestamp = config_find(config, "table.field.event.timestamp");
	state->version = config_find(config, "table.field.event.schema.version");
	state->route = config_string(config, "route.by.field", "aggregatetype");
	state->topics = topic_map_create(config,
									 config_string(config, "route.topic.regex",
												   "(?<routedByValue>.*)"),
									 "route.topic.regex",
									 config_string(config, "route.topic.replacement",
												   "outbox.event.${routedByValue}"),
									 "route.topic.replacement");
	state->additional = read_additional(config, state);
	state->ignore_missing = config_choice(config,
										  "table.field.additional.missing",
										  missing, lengthof(missing), 0) == 1;
	state->tombstones = config_bool(config, "route.tombstone.on.empty.payload",
									false);
	state->expand = config_bool(config, "table.expand.json.payload", false);
	state->expand_nulls = config_choice(config,
										"table.json.payload.null.behavior",
										nulls, lengthof(nulls), 0) == 1;
	state->invalid = config_choice(config, "table.op.invalid.behavior",
								   behaviours, lengthof(behaviours),
								   INVALID_WARN);
	return state;
}

/* A row of the outbox, taken apart */
typedef struct OutboxRow
{
	Transform  *transform;
	const Schema *schema;
	Piece	   *fields;
} OutboxRow;

/* A column's value; defaults take the place of nulls */
static ConnectValue
row_value(const OutboxRow *row, const char *column)
{
	int			field = struct_field_index(row->schema, column);
	const Schema *schema;

	if (field < 0)
		transform_fail(row->transform, "there is no column \"%s\" in schema \"%s\"",
					   column, row->schema->name);
	schema = row->schema->fields[field].schema;
	return value_create(schema, field_or_default(row->fields[field], schema));
}

static int64
row_integer(const OutboxRow *row, const char *column)
{
	ConnectValue value = row_value(row, column);

	if (value.schema->type != CONNECT_INT32 || value_is_null(&value))
		transform_fail(row->transform, "column \"%s\" is null, or no int32",
					   column);
	return strtoi64(value.text.data, NULL, 10);
}

/* The time of a record, in milliseconds */
static int64
row_timestamp(const OutboxRow *row, int64 event_time)
{
	OutboxState *state = row->transform->state;
	ConnectValue value;
	int64		time;

	if (state->timestamp == NULL)
		return event_time;
	value = row_value(row, state->timestamp);
	if (value_is_null(&value))
		return event_time;
	time = strtoi64(value.text.data, NULL, 10);
	if (value.schema->type == CONNECT_INT64 && value.schema->name != NULL)
	{
		if (strcmp(value.schema->name, "io.debezium.time.Timestamp") == 0)
			return time;
		if (strcmp(value.schema->name, "io.debezium.time.MicroTimestamp") == 0)
			return time / 1000;
		if (strcmp(value.schema->name, "io.debezium.time.NanoTimestamp") == 0)
			return time / 1000000;
	}
	transform_fail(row->transform, "column \"%s\" is no timestamp of Debezium: its schema is %s",
				   state->timestamp, value.schema->name != NULL ?
				   value.schema->name : schema_type_name(value.schema->type));
}

/* The text that says where the record goes */
static Piece
row_route(const OutboxRow *row)
{
	OutboxState *state = row->transform->state;
	ConnectValue route = row_value(row, state->route);

	if (route.schema->type != CONNECT_STRING || value_is_null(&route))
		transform_fail(row->transform, "column \"%s\" has no text to route by",
					   state->route);
	return piece_unquote(route.text);
}

/* Is there nothing in it but white space? */
static bool
payload_is_empty(const ConnectValue *payload)
{
	Piece		text;
	int			i;

	if (value_is_null(payload))
		return true;
	if (payload->schema->type != CONNECT_STRING)
		return false;
	text = piece_unquote(payload->text);
	for (i = 0; i < text.len; i++)
	{
		if ((unsigned char) text.data[i] > ' ')
			return false;
	}
	return true;
}

static void
expand_payload(Transform *transform, ConnectValue *payload)
{
	OutboxState *state = transform->state;

	if (value_is_null(payload))
		return;
	if (payload->schema->type != CONNECT_STRING ||
		!json_to_struct(transform, piece_unquote(payload->text).data,
						state->payload, state->expand_nulls, payload))
	{
		if (!state->reported)
			ereport(WARNING,
					(errmsg("transform \"%s\" cannot expand the payload of a record, which stays as it is",
							transform->name),
					 errdetail("It is not the text of a JSON object.")));
		state->reported = true;
	}
}

/* The schema's name with the routed value in front of its last part */
static char *
envelope_name(const char *name, Piece route)
{
	const char *dot = strrchr(name, '.');
	int			lead = dot == NULL ? 0 : dot + 1 - name;

	return psprintf("%.*s%.*s.%s", lead, name, route.len, route.data,
					name + lead);
}

/* Payload and the columns that go along with it, in a struct */
static ConnectValue
make_envelope(const OutboxRow *row, const ConnectValue *payload, Piece route)
{
	Transform  *transform = row->transform;
	OutboxState *state = transform->state;
	Schema	   *schema = schema_create(CONNECT_STRUCT, false);
	Piece	   *fields = palloc((list_length(state->additional) + 1) *
								sizeof(Piece));
	const Schema *interned;
	ListCell   *cell;

	schema_set_name(schema, envelope_name(row->schema->name, route),
					state->version == NULL ? 0 :
					row_integer(row, state->version));
	fields[0] = payload->text;
	schema_add_field(schema, "payload", payload->schema);
	foreach(cell, state->additional)
	{
		const AdditionalField *field = lfirst(cell);
		ConnectValue value;

		if (field->placement != PLACE_ENVELOPE ||
			(state->ignore_missing &&
			 struct_field_index(row->schema, field->column) < 0))
			continue;
		value = row_value(row, field->column);
		fields[schema->nfields] = value.text;
		schema_add_field(schema, field->alias, value.schema);
	}
	interned = transform_intern(transform, schema);
	return value_create(interned,
						struct_join(layout_create(interned, transform->utf8),
									fields));
}

static void
place_additional(const OutboxRow *row, ConnectRecord *record)
{
	OutboxState *state = row->transform->state;
	ListCell   *cell;

	foreach(cell, state->additional)
	{
		const AdditionalField *field = lfirst(cell);
		ConnectValue value;

		if (field->placement == PLACE_ENVELOPE ||
			(state->ignore_missing &&
			 struct_field_index(row->schema, field->column) < 0))
			continue;
		value = row_value(row, field->column);
		if (field->placement == PLACE_HEADER)
			record_add_header(record, piece_from_text(field->alias), value);
		else if (!value_is_null(&value))
			record->partition = row_integer(row, field->column);
	}
}

static void
report_update(Transform *transform)
{
	OutboxState *state = transform->state;

	if (state->invalid == INVALID_FATAL)
		transform_fail(transform, "the outbox table was updated");
	if (!state->reported)
		ereport(WARNING,
				(errmsg("transform \"%s\" ignores updates of the outbox table",
						transform->name),
				 errhint("Only insert into it, and delete from it.")));
	state->reported = true;
}

static bool
outbox_apply(Transform *transform, ConnectRecord *record)
{
	OutboxState *state = transform->state;
	const Schema *event = record->value.schema;
	Piece	   *event_fields;
	ConnectValue after;
	ConnectValue payload;
	OutboxRow	row;
	Piece		route;
	int			op;

	if (value_is_null(&record->value))
		return false;
	if (!schema_is_envelope(event))
		return true;
	event_fields = struct_split(&record->value);
	op = struct_field_index(event, "op");
	if (op < 0 || struct_field_index(event, "after") < 0 ||
		struct_field_index(event, "ts_ms") < 0)
		transform_fail(transform, "schema \"%s\" is of no event", event->name);
	if (piece_is(event_fields[op], "\"d\"") || piece_is(event_fields[op], "\"t\""))
		return false;
	if (piece_is(event_fields[op], "\"u\""))
	{
		report_update(transform);
		return false;
	}
	after = value_create(event->fields[struct_field_index(event, "after")].schema,
						 event_fields[struct_field_index(event, "after")]);
	transform_require_struct(transform, &after);
	row.transform = transform;
	row.schema = after.schema;
	row.fields = struct_split(&after);

	route = row_route(&row);
	payload = row_value(&row, state->payload);
	record_add_header(record, piece_from_text("id"), row_value(&row, state->id));
	if (state->expand)
		expand_payload(transform, &payload);
	record->timestamp = row_timestamp(&row,
									  strtoi64(event_fields[struct_field_index(event, "ts_ms")].data,
											   NULL, 10));
	record->has_timestamp = true;
	if (record->timestamp < 0)
		transform_fail(transform, "a time before 1970 cannot be a record's");
	record->partition = -1;
	place_additional(&row, record);
	record->key = row_value(&row, state->key);
	if (state->tombstones && payload_is_empty(&payload))
		record->value = value_none();
	else
		record->value = state->has_envelope ?
			make_envelope(&row, &payload, route) : payload;
	record->topic = route;
	topic_map_apply(state->topics, &record->topic);
	return true;
}

const TransformClass transform_outbox = {
	.configure = outbox_configure,
	.apply = outbox_apply
};

/* ------------------------------------------------------- logical messages */

typedef struct MessageState
{
	bool		with_nulls;
} MessageState;

static void *
message_configure(const TransformConfig *config)
{
	MessageState *state = palloc0(sizeof(MessageState));

	state->with_nulls = config_bool(config, "fields.null.include", false);
	return state;
}

/* The content of a message, as a struct */
static ConnectValue
message_content(Transform *transform, const ConnectValue *message)
{
	MessageState *state = transform->state;
	ConnectValue result;
	int			field = struct_field_index(message->schema, "content");
	Piece		content;
	uint8	   *bytes;
	int			len;

	if (field < 0 || message->schema->fields[field].schema->type != CONNECT_BYTES)
		transform_fail(transform, "the content of a message is not in bytes: binary.handling.mode must be bytes");
	content = struct_split(message)[field];
	bytes = plain_decode_base64(content.data, &len);
	if (!json_to_struct(transform, pnstrdup((char *) bytes, len), NULL,
						state->with_nulls, &result))
		transform_fail(transform, "the content of a message is not a JSON object");
	return result;
}

static bool
message_apply(Transform *transform, ConnectRecord *record)
{
	const Schema *old = record->value.schema;
	Schema	   *schema;
	const Schema *interned;
	Piece	   *old_fields;
	Piece	   *fields;
	ConnectValue content = value_none();
	int			i;

	if (old == NULL || old->name == NULL || strcmp(old->name, MESSAGE_SCHEMA) != 0)
		return true;
	old_fields = struct_split(&record->value);
	fields = palloc((old->nfields + 1) * sizeof(Piece));
	/* with this name it is an event, for EventRouter */
	schema = schema_create(CONNECT_STRUCT, false);
	schema_set_name(schema, MESSAGE_SCHEMA ".Envelope", 0);
	for (i = 0; i < old->nfields; i++)
	{
		const SchemaField *field = &old->fields[i];

		if (strcmp(field->name, "message") == 0)
		{
			ConnectValue message = value_create(field->schema, old_fields[i]);

			content = message_content(transform, &message);
			continue;
		}
		fields[schema->nfields] = strcmp(field->name, "op") == 0 ?
			piece_from_text("\"c\"") :
			field_or_default(old_fields[i], field->schema);
		schema_add_field(schema, field->name, field->schema);
	}
	if (content.schema == NULL)
		transform_fail(transform, "a message has no content");
	fields[schema->nfields] = content.text;
	schema_add_field(schema, "after", content.schema);
	interned = transform_intern(transform, schema);
	record->key = value_none();
	record->value = value_create(interned,
								 struct_join(layout_create(interned, transform->utf8),
											 fields));
	return true;
}

const TransformClass transform_decode_message = {
	.configure = message_configure,
	.apply = message_apply
};
