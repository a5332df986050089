/*-------------------------------------------------------------------------
 *
 * batch.c
 *	  A micro-batch: events that have been read, as rows of field values.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "batch.h"

/* Large enough that a batch takes few of them, small beside its limit. */
#define ARENA_BLOCK_SIZE (256 * 1024)

struct ArenaBlock
{
	struct ArenaBlock *next;
	size_t		size;
	size_t		used;
	char		data[FLEXIBLE_ARRAY_MEMBER];
};

static ArenaBlock *
block_new(size_t size)
{
	ArenaBlock *block = pg_malloc(offsetof(ArenaBlock, data) + size);

	block->next = NULL;
	block->size = size;
	block->used = 0;
	return block;
}

const char *
batch_keep(Batch *batch, const char *text, size_t length)
{
	ArenaBlock *block = batch->current;
	char	   *copy;

	while (block->used + length > block->size)
	{
		if (block->next == NULL)
			block->next = block_new(Max(ARENA_BLOCK_SIZE, length));
		block = block->next;
	}
	/* a value that is larger than a block must not leave later ones empty */
	if (length <= ARENA_BLOCK_SIZE)
		batch->current = block;
	copy = block->data + block->used;
	memcpy(copy, text, length);
	block->used += length;
	return copy;
}

Batch *
batch_new(const Pipeline *pipeline)
{
	Batch	   *batch = pg_malloc0(sizeof(Batch));

	batch->pipeline = pipeline;
	batch->stages = pg_malloc0(pipeline->source_count * sizeof(Stage));
	for (int i = 0; i < pipeline->source_count; i++)
	{
		Stage	   *stage = &batch->stages[i];

		stage->source = &pipeline->sources[i];
		stage->encoding = stage->source->encoding;
		stage->encoding.placeholder_forms =
			placeholder_forms(stage->encoding.placeholder);
	}
	batch->first = batch->current = block_new(ARENA_BLOCK_SIZE);
	json_init(&batch->reader);
	initPQExpBuffer(&batch->scratch);
	return batch;
}

static void
schema_plan_free(SchemaPlan *plan)
{
	if (plan->semantics != NULL)
		termPQExpBuffer(&plan->text);
	free(plan->semantics);
}

void
batch_free(Batch *batch)
{
	ArenaBlock *block;

	if (batch == NULL)
		return;
	while ((block = batch->first) != NULL)
	{
		batch->first = block->next;
		free(block);
	}
	for (int i = 0; i < batch->pipeline->source_count; i++)
	{
		placeholder_free(batch->stages[i].encoding.placeholder_forms);
		free(batch->stages[i].rows);
		free(batch->stages[i].values);
		schema_plan_free(&batch->stages[i].value_schema);
		schema_plan_free(&batch->stages[i].key_schema);
	}
	free(batch->stages);
	free(batch->events);
	json_free(&batch->reader);
	termPQExpBuffer(&batch->scratch);
	free(batch);
}

void
batch_clear(Batch *batch)
{
	ArenaBlock **link = &batch->first->next;

	batch->event_count = 0;
	batch->bytes = 0;
	batch->last_source_us = 0;
	for (int i = 0; i < batch->pipeline->source_count; i++)
		batch->stages[i].row_count = 0;
	batch->first->used = 0;
	/* blocks made for one large value go, so one of them is not kept for ever */
	while (*link != NULL)
	{
		ArenaBlock *block = *link;

		if (block->size > ARENA_BLOCK_SIZE)
		{
			*link = block->next;
			free(block);
			continue;
		}
		block->used = 0;
		link = &block->next;
	}
	batch->current = batch->first;
}

int
stage_find(const Stage *stage, int event)
{
	int			low = 0;
	int			high = stage->row_count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (stage->rows[middle].event < event)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A new row, all fields NULL, flags of ROWs false. */
static int
stage_add_row(Stage *stage, int event)
{
	int			fields = stage->source->field_count;
	FieldValue *values;

	if (stage->row_count == stage->row_room)
	{
		stage->row_room = stage->row_room == 0 ? 1024 : stage->row_room * 2;
		stage->rows = pg_realloc(stage->rows,
								 stage->row_room * sizeof(BatchRow));
		stage->values = pg_realloc(stage->values, (size_t) stage->row_room *
								   Max(fields, 1) * sizeof(FieldValue));
	}
	stage->rows[stage->row_count].event = event;
	stage->rows[stage->row_count].kind = ROW_UPSERT;
	stage->rows[stage->row_count].key_only = false;
	values = stage->values + (size_t) stage->row_count * fields;
	for (int i = 0; i < fields; i++)
	{
		values[i].text = NULL;
		values[i].length = VALUE_NULL;
	}
	return stage->row_count++;
}

static FieldValue *
row_values(Stage *stage, int row)
{
	return stage->values + (size_t) row * stage->source->field_count;
}

/*
 * A child by its name.  Members mostly come in the order of the declaration,
 * so the search starts behind the last one found.
 */
static const SourceNode *
find_child(const SourceNode *node, const JsonReader *reader, int *hint)
{
	for (int i = 0; i < node->child_count; i++)
	{
		int			number = *hint + i;
		const SourceNode *child;

		if (number >= node->child_count)
			number -= node->child_count;
		child = &node->children[number];
		if (child->name_length == reader->length &&
			memcmp(child->member, reader->text, reader->length) == 0)
		{
			*hint = number + 1 < node->child_count ? number + 1 : 0;
			return child;
		}
	}
	return NULL;
}

static bool
json_failed(const JsonReader *reader, PQExpBuffer error)
{
	appendPQExpBuffer(error, "is not valid JSON at byte %zu: %s",
					  json_offset(reader),
					  reader->error != NULL ? reader->error : "unexpected value");
	return false;
}

static bool read_members(Batch *batch, const Stage *stage,
						 const SourceNode *node, FieldValue *row,
						 PQExpBuffer error) MUST_CHECK;

/* The value of a member that the script uses. */
static bool
read_value(Batch *batch, const Stage *stage, const SourceNode *node,
		   FieldValue *row, PQExpBuffer error)
{
	JsonReader *reader = &batch->reader;
	JsonToken	token = json_next(reader);
	bool		null = false;
	bool		unavailable = false;
	size_t		before;

	if (token == JSON_ERROR)
		return json_failed(reader, error);
	if (node->type.kind == TYPE_ROW)
	{
		if (node->presence >= 0)
		{
			row[node->presence].text = token == JSON_NULL ? "f" : "t";
			row[node->presence].length = 1;
		}
		if (token == JSON_NULL)
			return true;
		if (token != JSON_OBJECT)
		{
			appendPQExpBuffer(error, "field \"%s\" is not an object",
							  node->name);
			return false;
		}
		return read_members(batch, stage, node, row, error);
	}

	resetPQExpBuffer(&batch->scratch);
	before = error->len;
	if (!value_read(reader, token, &node->type, &stage->encoding,
					node->field >= 0 && stage->semantics != NULL ?
					&stage->semantics[node->field] : NULL,
					&batch->scratch, &null, &unavailable, error))
	{
		PQExpBufferData reason;

		initPQExpBuffer(&reason);
		appendPQExpBufferStr(&reason, error->data + before);
		error->len = before;
		error->data[before] = '\0';
		/* the document is to blame, not the value */
		if (reader->error != NULL)
			(void) json_failed(reader, error);
		else
			appendPQExpBuffer(error, "field \"%s\": %s", node->name,
							  reason.data);
		termPQExpBuffer(&reason);
		return false;
	}
	if (node->field < 0)
		return true;
	if (null || unavailable)
	{
		row[node->field].text = NULL;
		row[node->field].length = null ? VALUE_NULL : VALUE_UNAVAILABLE;
	}
	else
	{
		row[node->field].text = batch_keep(batch, batch->scratch.data,
										   batch->scratch.len);
		row[node->field].length = (int32) batch->scratch.len;
	}
	return true;
}

/* Members of the object that has just been opened, up to its end. */
static bool
read_members(Batch *batch, const Stage *stage, const SourceNode *node,
			 FieldValue *row, PQExpBuffer error)
{
	const SourceTable *source = stage->source;
	JsonReader *reader = &batch->reader;
	JsonToken	token;
	int			hint = 0;
	int			found = 0;

	while ((token = json_next(reader)) == JSON_NAME)
	{
		const SourceNode *child = find_child(node, reader, &hint);

		if (child != NULL)
			found++;
		if (child == NULL || !child->used)
		{
			if (!json_skip(reader, NULL, NULL))
				return json_failed(reader, error);
		}
		else if (!read_value(batch, stage, child, row, error))
			return false;
	}
	if (token != JSON_OBJECT_END)
		return json_failed(reader, error);
	if (source->fail_on_missing_field && !batch->reading_key &&
		found < node->child_count)
	{
		appendPQExpBuffer(error, "\"%s\" lacks a field, and 'json.fail-on-missing-field' is set",
						  node->name);
		return false;
	}
	return true;
}

static bool
expect_end(Batch *batch, PQExpBuffer error)
{
	return json_next(&batch->reader) == JSON_END ||
		json_failed(&batch->reader, error);
}

/* ROWs that are missing are not there. */
static void
clear_presence(const SourceNode *node, FieldValue *row)
{
	for (int i = 0; i < node->child_count; i++)
	{
		const SourceNode *child = &node->children[i];

		if (child->presence >= 0)
		{
			row[child->presence].text = "f";
			row[child->presence].length = 1;
		}
		if (child->child_count > 0)
			clear_presence(child, row);
	}
}

/*
 * Enters the member "payload" of {"schema":...,"payload":{...}}, once the
 * schema is known.  *inner: the payload came first, so the reader is now on it
 * alone.  *null: it is null, and there is nothing to enter.
 */
static bool
enter_payload(Batch *batch, Stage *stage, bool key, bool *inner, bool *null,
			  PQExpBuffer error)
{
	JsonReader *reader = &batch->reader;
	SchemaPlan *plan = key ? &stage->key_schema : &stage->value_schema;
	const char *payload = NULL;
	size_t		payload_length = 0;
	JsonToken	token;

	*inner = *null = false;
	stage->semantics = NULL;
	while ((token = json_next(reader)) == JSON_NAME)
	{
		const char *text;
		size_t		length;

		if (json_text_is(reader, "schema"))
		{
			/* the same one mostly, which need not be read again */
			if (plan->semantics == NULL ||
				!json_skip_same(reader, plan->text.data, plan->text.len))
			{
				if (!json_skip(reader, &text, &length))
					return json_failed(reader, error);
				if (!schema_read(stage->source, key, plan, text, length, error))
					return false;
			}
			stage->semantics = plan->semantics;
		}
		else if (json_text_is(reader, "payload"))
		{
			if (stage->semantics != NULL)
			{
				token = json_next(reader);
				*null = token == JSON_NULL;
				if (*null || token == JSON_OBJECT)
					return true;
				if (token == JSON_ERROR)
					return json_failed(reader, error);
				appendPQExpBufferStr(error, "\"payload\" is not an object");
				return false;
			}
			if (!json_skip(reader, &payload, &payload_length))
				return json_failed(reader, error);
		}
		else if (!json_skip(reader, NULL, NULL))
			return json_failed(reader, error);
	}
	if (token != JSON_OBJECT_END || json_next(reader) != JSON_END)
		return json_failed(reader, error);
	if (payload == NULL || stage->semantics == NULL)
	{
		appendPQExpBuffer(error, "has no \"%s\", but 'schema-include' is set",
						  payload == NULL ? "payload" : "schema");
		return false;
	}
	*inner = true;
	json_start(reader, payload, payload_length);
	token = json_next(reader);
	*null = token == JSON_NULL;
	if (*null || token == JSON_OBJECT)
		return true;
	appendPQExpBufferStr(error, "\"payload\" is not an object");
	return false;
}

/* Members behind the payload, then the end of the document. */
static bool
leave_payload(Batch *batch, bool inner, PQExpBuffer error)
{
	if (!inner && !json_leave(&batch->reader))
		return json_failed(&batch->reader, error);
	return expect_end(batch, error);
}

/* Format json: the event is a row. */
static bool
read_json(Batch *batch, Stage *stage, int event, PQExpBuffer error)
{
	const SourceTable *source = stage->source;
	JsonReader *reader = &batch->reader;
	JsonToken	token = json_next(reader);
	FieldValue *row;
	bool		inner = false;
	bool		null = token == JSON_NULL;

	stage->semantics = NULL;
	if (token == JSON_ERROR)
		return json_failed(reader, error);
	if (null)
		return expect_end(batch, error);
	if (token != JSON_OBJECT)
	{
		appendPQExpBufferStr(error, "is not a JSON object");
		return false;
	}
	if (source->schema_include &&
		!enter_payload(batch, stage, false, &inner, &null, error))
		return false;
	if (!null)
	{
		row = row_values(stage, stage_add_row(stage, event));
		clear_presence(&source->root, row);
		if (!read_members(batch, stage, &source->root, row, error))
			return false;
	}
	return source->schema_include ? leave_payload(batch, inner, error) :
		expect_end(batch, error);
}

/* What a Debezium event holds beside the rows. */
typedef struct Envelope
{
	char		operation;		/* 0: not seen */
	bool		has_before;
	bool		has_after;
	int			before;			/* rows of the stage */
	int			after;
} Envelope;

/* before or after */
static bool
read_image(Batch *batch, Stage *stage, int row, bool *present,
		   PQExpBuffer error)
{
	JsonToken	token = json_next(&batch->reader);

	if (token == JSON_NULL)
		return true;
	if (token == JSON_ERROR)
		return json_failed(&batch->reader, error);
	if (token != JSON_OBJECT)
	{
		appendPQExpBufferStr(error, "\"before\" or \"after\" is not an object");
		return false;
	}
	*present = true;
	return read_members(batch, stage, &stage->source->root,
						row_values(stage, row), error);
}

static bool
read_envelope(Batch *batch, Stage *stage, Envelope *envelope,
			  PQExpBuffer error)
{
	JsonReader *reader = &batch->reader;
	JsonToken	token;

	while ((token = json_next(reader)) == JSON_NAME)
	{
		if (json_text_is(reader, "before"))
		{
			if (!read_image(batch, stage, envelope->before,
							&envelope->has_before, error))
				return false;
		}
		else if (json_text_is(reader, "after"))
		{
			if (!read_image(batch, stage, envelope->after,
							&envelope->has_after, error))
				return false;
		}
		else if (json_text_is(reader, "op"))
		{
			if (json_next(reader) != JSON_STRING || reader->length != 1)
			{
				appendPQExpBufferStr(error, "\"op\" is no operation");
				return false;
			}
			envelope->operation = reader->text[0];
		}
		else if (stage->source->metadata.child_count > 0 &&
				 json_text_is(reader, "source"))
		{
			if (!json_skip(reader, &batch->event_source,
						   &batch->event_source_length))
				return json_failed(reader, error);
		}
		else if (stage->source->metadata.child_count > 0 &&
				 json_text_is(reader, "ts_ms"))
		{
			if (!json_skip(reader, &batch->event_time,
						   &batch->event_time_length))
				return json_failed(reader, error);
		}
		else if (!json_skip(reader, NULL, NULL))
			return json_failed(reader, error);
	}
	return token == JSON_OBJECT_END || json_failed(reader, error);
}

/* {"schema":..., as the converter writes it */
static bool
key_has_schema(const char *key, size_t length)
{
	static const char start[] = "{\"schema\":{";

	return length >= strlen(start) && memcmp(key, start, strlen(start)) == 0;
}

/*
 * Columns of a row from the record's key: {"id":1}, or that inside
 * {"schema":...,"payload":...}, as the key's converter has its own
 * schemas.enable.
 */
static bool
read_key_members(Batch *batch, Stage *stage, const SourceNode *node, int row,
				 const char *key, size_t key_length, PQExpBuffer error)
{
	bool		has_schema = key_has_schema(key, key_length);
	bool		inner = false;
	bool		null = false;

	json_start(&batch->reader, key, key_length);
	if (json_next(&batch->reader) != JSON_OBJECT)
	{
		appendPQExpBufferStr(error, "has a key that is not a JSON object");
		return false;
	}
	stage->semantics = NULL;
	if (has_schema && !enter_payload(batch, stage, true, &inner, &null, error))
		return false;
	if (null)
	{
		appendPQExpBufferStr(error, "has a key that is null");
		return false;
	}
	return read_members(batch, stage, node, row_values(stage, row), error) &&
		(has_schema ? leave_payload(batch, inner, error) :
		 expect_end(batch, error));
}

/*
 * The key columns of a row whose image the event does not have, from the
 * record's key.
 */
static bool
read_key(Batch *batch, Stage *stage, int row, const char *key,
		 size_t key_length, PQExpBuffer error)
{
	const SourceTable *source = stage->source;

	if (source->table->key_count == 0)
	{
		appendPQExpBuffer(error, "has no \"before\"; declare the PRIMARY KEY of table \"%s\", and the record's key is used",
						  source->table->name);
		return false;
	}
	if (key == NULL)
	{
		appendPQExpBufferStr(error, "has neither \"before\" nor a key");
		return false;
	}
	return read_key_members(batch, stage, &source->root, row, key, key_length,
							error);
}

/* All key columns must be known: NULL in a key would hit no row. */
static bool
check_key(const Stage *stage, int row, PQExpBuffer error)
{
	const SourceTable *source = stage->source;
	const FieldValue *values = stage_row(stage, row);

	for (int i = 0; i < source->field_count; i++)
		if (source->fields[i].key && values[i].length < 0)
		{
			appendPQExpBuffer(error, "lacks the key column \"%s\"",
							  source->fields[i].name);
			return false;
		}
	return true;
}

/* An update without "before": the key has not changed. */
static void
copy_key(Stage *stage, int from, int to)
{
	const SourceTable *source = stage->source;
	const FieldValue *source_row = row_values(stage, from);
	FieldValue *target_row = row_values(stage, to);

	for (int i = 0; i < source->field_count; i++)
		if (source->fields[i].key)
			target_row[i] = source_row[i];
}

/* The row just behind the others is dropped, or moved to its place. */
static void
stage_move(Stage *stage, int from, int to)
{
	stage->rows[to] = stage->rows[from];
	memcpy(row_values(stage, to), row_values(stage, from),
		   stage->source->field_count * sizeof(FieldValue));
}

/* Format debezium-json: the event is a change of rows. */
static bool
read_debezium(Batch *batch, Stage *stage, int event, const char *key,
			  size_t key_length, PQExpBuffer error)
{
	const SourceTable *source = stage->source;
	JsonReader *reader = &batch->reader;
	Envelope	envelope = {0, false, false, 0, 0};
	bool		inner = false;
	bool		null = false;

	if (json_next(reader) != JSON_OBJECT)
	{
		if (reader->error != NULL)
			return json_failed(reader, error);
		appendPQExpBufferStr(error, "is not a JSON object");
		return false;
	}
	envelope.before = stage_add_row(stage, event);
	envelope.after = stage_add_row(stage, event);
	stage->semantics = NULL;
	if (source->schema_include &&
		!enter_payload(batch, stage, false, &inner, &null, error))
		return false;
	/* as a tombstone */
	if (null)
	{
		stage->row_count -= 2;
		return leave_payload(batch, inner, error);
	}
	if (!read_envelope(batch, stage, &envelope, error))
		return false;
	if (source->schema_include ? !leave_payload(batch, inner, error) :
		!expect_end(batch, error))
		return false;

	switch (envelope.operation)
	{
		case 'c':
		case 'r':
			if (!envelope.has_after)
				break;
			stage_move(stage, envelope.after, envelope.before);
			stage->row_count--;
			return true;
		case 'u':
			if (!envelope.has_after)
				break;
			stage->rows[envelope.before].kind = ROW_UPDATE_BEFORE;
			if (envelope.has_before)
				return true;
			if (source->table->key_count == 0)
			{
				stage_move(stage, envelope.after, envelope.before);
				stage->row_count--;
				return true;
			}
			copy_key(stage, envelope.after, envelope.before);
			stage->rows[envelope.before].key_only = true;
			return true;
		case 'd':
			stage->rows[envelope.before].kind = ROW_DELETE;
			stage->row_count--;
			if (envelope.has_before)
				return true;
			stage->rows[envelope.before].key_only = true;
			return read_key(batch, stage, envelope.before, key, key_length,
							error) &&
				check_key(stage, envelope.before, error);
		case 0:
			appendPQExpBufferStr(error, "has no \"op\", so it is no Debezium event");
			return false;
		default:
			appendPQExpBuffer(error, "has the operation \"%c\", which cannot be applied",
							  envelope.operation);
			return false;
	}
	appendPQExpBuffer(error, "has the operation \"%c\" and no \"after\"",
					  envelope.operation);
	return false;
}

/* Columns that stand in the record's key, into a row. */
static bool
read_record_key(Batch *batch, Stage *stage, int row, const char *key,
				size_t key_length, PQExpBuffer error)
{
	const SourceTable *source = stage->source;
	const SourceNode *node = source->key.child_count > 0 ? &source->key :
	&source->root;
	bool		good;

	if (key == NULL)
	{
		appendPQExpBufferStr(error, "has no key");
		return false;
	}
	batch->reading_key = true;
	good = read_key_members(batch, stage, node, row, key, key_length, error);
	batch->reading_key = false;
	return good;
}

/*
 * Connector upsert-kafka: a value is the newest row of its key, a tombstone
 * deletes it.  What the row was before is not known but for its key.
 */
static bool
read_upsert(Batch *batch, Stage *stage, int event, const char *key,
			size_t key_length, const char *value, size_t value_length,
			PQExpBuffer error)
{
	const SourceTable *source = stage->source;
	int			before = stage_add_row(stage, event);
	int			after;

	stage->rows[before].key_only = true;
	if (value == NULL)
	{
		stage->rows[before].kind = ROW_DELETE;
		return read_record_key(batch, stage, before, key, key_length, error) &&
			check_key(stage, before, error);
	}
	stage->rows[before].kind = ROW_UPDATE_BEFORE;
	after = stage->row_count;
	json_start(&batch->reader, value, value_length);
	if (!read_json(batch, stage, event, error))
		return false;
	if (stage->row_count == after)
	{
		appendPQExpBufferStr(error, "is null, but no tombstone");
		return false;
	}
	if (source->key.child_count > 0 &&
		!read_record_key(batch, stage, after, key, key_length, error))
		return false;
	copy_key(stage, after, before);
	return check_key(stage, after, error);
}

/* Adds the event's rows to the source's. */
static bool
read_event(Batch *batch, Stage *stage, int event, const char *key,
		   size_t key_length, const char *value, size_t value_length,
		   PQExpBuffer error)
{
	int			first = stage->row_count;

	if (stage->source->format == FORMAT_UPSERT_JSON)
		return read_upsert(batch, stage, event, key, key_length, value,
						   value_length, error);
	/* a tombstone is for compaction; the delete came before it */
	if (value == NULL)
		return true;
	json_start(&batch->reader, value, value_length);
	if (stage->source->format == FORMAT_DEBEZIUM_JSON)
		return read_debezium(batch, stage, event, key, key_length, error);
	if (!read_json(batch, stage, event, error))
		return false;
	return stage->source->key.child_count == 0 || stage->row_count == first ||
		key == NULL ||
		read_record_key(batch, stage, first, key, key_length, error);
}

static bool
reads_topic(const SourceTable *source, const char *topic)
{
	for (int i = 0; i < source->topic_count; i++)
		if (strcmp(source->topics[i], topic) == 0)
			return true;
	return false;
}

bool
batch_add(Batch *batch, const char *topic, int partition, int64 offset,
		  const char *key, size_t key_length, const char *value,
		  size_t value_length, PQExpBuffer error)
{
	int			event = batch->event_count;
	bool		good = true;

	if (batch->event_count == batch->event_room)
	{
		batch->event_room = batch->event_room == 0 ? 1024 : batch->event_room * 2;
		batch->events = pg_realloc(batch->events,
								   batch->event_room * sizeof(BatchEvent));
	}
	memset(&batch->events[event], 0, sizeof(BatchEvent));
	batch->events[event].partition = partition;
	batch->events[event].offset = offset;
	batch->events[event].timestamp = -1;
	batch->events[event].moved_from = -1;
	batch->event_count++;
	batch->bytes += key_length + value_length;

	for (int i = 0; good && i < batch->pipeline->source_count; i++)
	{
		Stage	   *stage = &batch->stages[i];
		int			first;

		if (!reads_topic(stage->source, topic))
			continue;
		batch->event_source = batch->event_time = NULL;
		first = stage->row_count;
		good = read_event(batch, stage, event, key, key_length, value,
						  value_length, error);
		if (good && stage->source->metadata.child_count > 0)
			metadata_fill(batch, stage, first, topic, offset);
	}
	if (!good)
	{
		for (int i = 0; i < batch->pipeline->source_count; i++)
			batch->stages[i].row_count = stage_find(&batch->stages[i], event);
		batch->events[event].rejected = true;
	}
	return good;
}

bool
batch_ends_with_delete(const Batch *batch)
{
	for (int i = 0; i < batch->pipeline->source_count; i++)
	{
		const Stage *stage = &batch->stages[i];
		const BatchRow *row;

		if (stage->row_count == 0)
			continue;
		row = &stage->rows[stage->row_count - 1];
		if (row->event == batch->event_count - 1 && row->kind == ROW_DELETE)
			return true;
	}
	return false;
}

void
batch_join(Batch *batch, int event)
{
	int			last = batch->event_count - 1;

	batch->events[event].moves = true;
	batch->events[last].moved_from = event;
	for (int e = event + 1; e <= last; e++)
		batch->events[e].joined = true;
}
