/*-------------------------------------------------------------------------
 *
 * decoder_envelope.c
 *	  Debezium's events: keys, envelopes, and which records a change gives.
 *
 * NOTES
 *	  Everything between the values is ready-made: per table in its cache
 *	  entry, per transaction in SourceText, per microsecond in ClockText.
 *	  Writing an event is copying these texts and calling the encoders.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "decoder_compat.h"
#include "decoder_debezium.h"
#include "decoder_transform.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/*
 * Make the schemas of a table's events, of the schemas of its columns, and
 * what the converters put in front of each event.
 */
void
envelope_prepare(CapturedTable *table, const DecoderOptions *options)
{
	const char *topic = pnstrdup(table->topic.data, table->topic.len);
	Schema	   *row = schema_create(CONNECT_STRUCT, true);
	Schema	   *envelope = schema_create(CONNECT_STRUCT, false);
	int			i;

	schema_set_name(row, name_of_schema(options, psprintf("%s.Value", topic)), 0);
	for (i = 0; i < table->ncolumns; i++)
	{
		const Column *column = &table->columns[i];

		if (column->encoder != NULL)
			schema_add_field(row, column->field_name, column->schema);
	}
	schema_set_name(envelope,
					name_of_schema(options, psprintf("%s.Envelope", topic)), 2);
	schema_add_field(envelope, "before", row);
	schema_add_field(envelope, "after", row);
	schema_add_field(envelope, "source", &source_schema);
	schema_add_field(envelope, "transaction", &transaction_schema);
	schema_add_field(envelope, "op", &string_schema);
	schema_add_field(envelope, "ts_ms", &optional_int64_schema);
	schema_add_field(envelope, "ts_us", &optional_int64_schema);
	schema_add_field(envelope, "ts_ns", &optional_int64_schema);
	table->row_schema = row;
	table->envelope_schema = envelope;
	conversion_prepare(&table->value, &options->value_converter, envelope);
	conversion_prepare(&table->key, &options->key_converter,
					   table->key_schema);
	conversion_prepare(&table->header, &options->header_converter,
					   table->key_schema);
}

/*
 * The end of an envelope says when the event was made, in milli-, micro- and
 * nanoseconds: the same digits, three less and three more.
 */
static inline void
clock_append(StringInfo out, ClockText *clock)
{
	TimestampTz now = GetCurrentTimestamp();

	if (now != clock->time)
	{
		clock->time = now;
		clock->digits = pg_ulltoa_n(unix_usecs(now), clock->usecs);
	}
	text_append_literal(out, "\",\"ts_ms\":");
	text_append(out, clock->usecs, clock->digits - 3);
	text_append_literal(out, ",\"ts_us\":");
	text_append(out, clock->usecs, clock->digits);
	text_append_literal(out, ",\"ts_ns\":");
	text_append(out, clock->usecs, clock->digits);
	text_append_literal(out, "000}");
}

/*
 * Does a new tuple say only that a TOAST value is what it was?
 */
static inline bool
is_unavailable(const Row *row, int index)
{
	return VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(row->values[index]));
}

/*
 * Append one value of a row.
 */
static inline void
value_append(StringInfo out, const Column *column, const Row *row)
{
	int			index = column->index;
	int			start;

	if (unlikely(row->partial) && !column->in_identity)
		text_append_piece(out, column->absent_text);
	else if (row->nulls[index])
		text_append_piece(out, column->null_text);
	else if (unlikely(row->streamed) && column->varlena &&
			 is_unavailable(row, index))
	{
		text_append_piece(out, column->unavailable_text);
		if (!column->has_placeholder)
			column_report_unavailable(column);
	}
	else
	{
		start = out->len;
		if (unlikely(!column->encoder->encode(out, column, row->values[index])))
		{
			out->len = start;
			text_append_piece(out, column->null_text);
			column_report_failure(column, NULL);
		}
		else if (unlikely(column->converter != NULL))
			conversion_replace(out, start, column->converter, column->schema);
	}
}

/*
 * Append a row as it stands in an event.
 */
void
row_write(StringInfo out, const CapturedTable *table, const Row *row)
{
	int			i;

	if (table->ncolumns == 0)
		text_append_literal(out, "{");
	for (i = 0; i < table->ncolumns; i++)
	{
		const Column *column = &table->columns[i];

		text_append_piece(out, column->lead);
		value_append(out, column, row);
	}
	text_append_literal(out, "}");
}

/*
 * Do two images of a row give the same values?  What is hidden or masked
 * does not count, and a null is not the default that may be shown for it.
 */
static bool
rows_are_equal(const CapturedTable *table, const Row *old_row,
			   const Row *new_row)
{
	StringInfoData old_text;
	StringInfoData new_text;
	bool		equal = true;
	int			i;

	initStringInfo(&old_text);
	initStringInfo(&new_text);
	for (i = 0; equal && i < table->ncolumns; i++)
	{
		const Column *column = &table->columns[i];
		bool		absent = old_row->partial && !column->in_identity;

		if (!absent && !column->null_is_value &&
			old_row->nulls[column->index] != new_row->nulls[column->index])
			equal = false;
		else
		{
			resetStringInfo(&old_text);
			resetStringInfo(&new_text);
			value_append(&old_text, column, old_row);
			value_append(&new_text, column, new_row);
			equal = old_text.len == new_text.len &&
				memcmp(old_text.data, new_text.data, new_text.len) == 0;
		}
	}
	pfree(old_text.data);
	pfree(new_text.data);
	return equal;
}

/*
 * Append the key of a row.
 */
void
key_write(StringInfo out, const CapturedTable *table, const Row *row)
{
	int			i;

	for (i = 0; i < table->nkeys; i++)
	{
		const Column *column = &table->keys[i];

		text_append_piece(out, column->lead);
		value_append(out, column, row);
	}
	text_append_piece(out, table->key_end);
}

/*
 * Append an event in plain form, or what stands for it where the converter
 * is direct.  Returns the offset of the snapshot marker from the start.
 */
int
envelope_write_plain(StringInfo out, const CapturedTable *table,
					 const SourceText *source, ClockText *clock, XLogRecPtr lsn,
					 char operation, const Row *before, const Row *after)
{
	int			start = out->len;
	int			marker;

	text_append_literal(out, "{\"before\":");
	if (before != NULL)
		row_write(out, table, before);
	else
		text_append_literal(out, "null");
	text_append_literal(out, ",\"after\":");
	if (after != NULL)
		row_write(out, table, after);
	else
		text_append_literal(out, "null");
	marker = out->len - start;
	marker += source_write(out, source, table->source_names, lsn);
	text_append_literal(out, ",\"op\":\"");
	text_append(out, &operation, 1);
	clock_append(out, clock);
	return marker;
}

/*
 * Append the value of an event, as its converter makes it.  Returns the
 * offset of the snapshot marker from the start of the value.
 */
int
envelope_write(StringInfo out, const CapturedTable *table,
			   const SourceText *source, ClockText *clock, XLogRecPtr lsn,
			   char operation, const Row *before, const Row *after)
{
	const Conversion *conversion = &table->value;
	StringInfoData plain;
	int			start = out->len;
	int			marker;

	if (likely(conversion->converter->direct))
	{
		text_append_piece(out, conversion->lead);
		marker = conversion->lead.len +
			envelope_write_plain(out, table, source, clock, lsn, operation,
								 before, after);
		if (conversion->lead.len > 0)
			text_append_literal(out, "}");
		return marker;
	}
	initStringInfo(&plain);
	envelope_write_plain(&plain, table, source, clock, lsn, operation, before,
						 after);
	conversion_write(out, conversion, text_terminate(&plain));
	pfree(plain.data);
	return source_find_marker(out, start);
}

/*
 * The key as it is sent: the text itself, or what the converter makes of it.
 */
static StringInfo
key_convert(DecoderState *state, const CapturedTable *table, StringInfo key)
{
	const Conversion *conversion = &table->key;

	if (conversion->converter->direct && conversion->lead.len == 0)
		return key;
	resetStringInfo(&state->converted_key);
	conversion_write(&state->converted_key, conversion, text_terminate(key));
	return &state->converted_key;
}

/* A key as it stands in a header */
static const StringInfoData *
header_convert(DecoderState *state, const CapturedTable *table,
			   StringInfo key)
{
	resetStringInfo(&state->header);
	conversion_write(&state->header, &table->header, text_terminate(key));
	return &state->header;
}

/*
 * Apply the chain of transforms to a record, and hand to the format what
 * comes of it.
 */
static void
record_transform(DecoderState *state, const Record *record, const Row *before,
				 const Row *after)
{
	const CapturedTable *table = record->table;
	TransformChain *chain = state->options.chain;
	ConnectRecord transformed;
	RowChange	change = {0};

	transform_chain_begin(chain, table_cache_generation(state->cache),
						  &transformed, table->topic);
	if (record->plain_key != NULL)
		transformed.key = value_create(table->key_schema,
									   piece_from_info(record->plain_key));
	if (record->header_name != NULL)
		record_add_header(&transformed, piece_from_text(record->header_name),
						  value_create(table->key_schema,
									   piece_from_info(record->plain_header)));
	transform_chain_add_context(chain, &transformed);
	if (record->operation == OPERATION_TOMBSTONE)
	{
		transform_chain_add_shared(chain, &transformed);
		if (!transform_chain_apply(chain, &transformed))
			return;
	}
	else
	{
		change.table = table;
		change.source = &state->source;
		change.clock = &state->clock;
		change.lsn = state->change_lsn;
		change.operation = record->operation;
		change.before = before;
		change.after = after;
		if (!transform_chain_apply_change(chain, &change, &transformed))
			return;
	}
	transform_chain_convert(chain, &transformed);
	state->options.format->transformed(state, record, &transformed);
	state->records++;
}

/*
 * Hand one record to the format.  "before" and "after" make its value; a
 * tombstone has none.
 */
static void
record_write(DecoderState *state, Record *record, const Row *before,
			 const Row *after)
{
	const OutputFormat *format = state->options.format;

	if (state->options.transaction_metadata &&
		record->operation != OPERATION_TOMBSTONE)
		transaction_count_event(state, record->table);
	if (state->options.chain != NULL)
	{
		record_transform(state, record, before, after);
		return;
	}
	if (record->operation == OPERATION_TOMBSTONE && !format->tombstones)
		return;
	record->topic = record->table->topic;
	record->topic_number = &record->table->topic_number;
	if (record->header_name != NULL)
		record->header = header_convert(state, record->table,
										record->plain_header);
	if (record->plain_key != NULL)
		record->key = key_convert(state, record->table, record->plain_key);
	format->record_begin(state, record);
	if (record->operation != OPERATION_TOMBSTONE)
		envelope_write(state->out, record->table, &state->source,
					   &state->clock, state->change_lsn, record->operation,
					   before, after);
	format->record_end(state, record);
	state->records++;
}

/*
 * The same for a record of a side topic, which has no headers.
 */
static void
side_record_transform(DecoderState *state, const Record *record,
					  const SideTopic *topic, const char *key,
					  const char *value)
{
	TransformChain *chain = state->options.chain;
	ConnectRecord transformed;

	transform_chain_begin(chain, table_cache_generation(state->cache),
						  &transformed, topic->topic);
	transformed.key = value_create(topic->key.schema, piece_from_text(key));
	transformed.value = value_create(topic->value.schema,
									 piece_from_text(value));
	if (!transform_chain_apply(chain, &transformed))
		return;
	transform_chain_convert(chain, &transformed);
	state->options.format->transformed(state, record, &transformed);
	state->records++;
}

/*
 * Hand a record of a side topic to the format.  Key and value are in plain
 * form.
 */
void
side_record_write(DecoderState *state, SideTopic *topic, char operation,
				  const char *key, const char *value)
{
	const OutputFormat *format = state->options.format;
	Record		record = {0};

	record.operation = operation;
	if (state->options.chain != NULL)
	{
		side_record_transform(state, &record, topic, key, value);
		return;
	}
	record.topic = topic->topic;
	record.topic_number = &topic->topic_number;
	resetStringInfo(&state->converted_key);
	conversion_write(&state->converted_key, &topic->key, key);
	record.key = &state->converted_key;
	format->record_begin(state, &record);
	conversion_write(state->out, &topic->value, value);
	format->record_end(state, &record);
	state->records++;
}

static StringInfo
key_make(StringInfo out, const CapturedTable *table, const Row *row)
{
	if (table->key_schema == NULL)
		return NULL;
	resetStringInfo(out);
	key_write(out, table, row);
	return out;
}

/*
 * A delete and its tombstone: part 0 and 1 of a change.
 */
static void
delete_write(DecoderState *state, CapturedTable *table,
			 StringInfo key, StringInfo new_key)
{
	Record		record = {0};

	if (state->options.skipped & OPERATION_DELETE)
		return;					/* part of an update, which is not skipped */
	record.table = table;
	record.operation = 'd';
	record.plain_key = key;
	if (new_key != NULL)
	{
		record.header_name = "__debezium.newkey";
		record.plain_header = new_key;
	}
	record_write(state, &record, &state->old_row, NULL);
	if (state->options.tombstones)
	{
		record.operation = OPERATION_TOMBSTONE;
		record.part = 1;
		record_write(state, &record, NULL, NULL);
	}
}

static bool
text_equal(const StringInfoData *a, const StringInfoData *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/*
 * An update is one event; but when the key changes, three: the old key is
 * deleted, with a tombstone, and the new one created, linked by headers.
 */
static void
update_write(DecoderState *state, CapturedTable *table, bool has_old)
{
	Record		record = {0};
	StringInfo	old_key = NULL;

	if (state->options.skip_unchanged && has_old &&
		rows_are_equal(table, &state->old_row, &state->new_row))
		return;
	record.table = table;
	record.operation = 'u';
	record.plain_key = key_make(&state->key, table, &state->new_row);
	if (has_old)
		old_key = key_make(&state->old_key, table, &state->old_row);
	if (old_key != NULL && !text_equal(old_key, record.plain_key))
	{
		delete_write(state, table, old_key, record.plain_key);
		if (state->options.skipped & OPERATION_CREATE)
			return;
		record.operation = 'c';
		record.part = 2;
		record.header_name = "__debezium.oldkey";
		record.plain_header = old_key;
		has_old = false;		/* the new row's life starts here */
	}
	record_write(state, &record, has_old ? &state->old_row : NULL,
				 &state->new_row);
}

/*
 * Write all records of a change whose rows are in the state.
 */
void
change_write(DecoderState *state, CapturedTable *table, char operation,
			 bool has_old)
{
	Record		record = {0};

	record.table = table;
	record.operation = operation;
	switch (operation)
	{
		case 'c':
			record.plain_key = key_make(&state->key, table, &state->new_row);
			record_write(state, &record, NULL, &state->new_row);
			break;
		case 'u':
			update_write(state, table, has_old);
			break;
		case 'd':
			delete_write(state, table,
						 key_make(&state->key, table, &state->old_row), NULL);
			break;
		case 't':
			record_write(state, &record, NULL, NULL);
			break;
		default:
			elog(ERROR, "unknown operation \"%c\"", operation);
	}
}
