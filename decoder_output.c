/*-------------------------------------------------------------------------
 *
 * decoder_output.c
 *	  The three formats: how records are put into messages.
 *
 *	  envelope	one message for each event: the value
 *	  record	one message for each record: a JSON object with all of it
 *	  stream	frames for the bridge, many in a message; the layout is in
 *				docs/stream-format.md
 *
 * NOTES
 *	  The walsender makes a system call for each message, and that is what
 *	  most of the time of an output plugin goes into.  So the stream collects
 *	  frames up to some 64 KiB.  The buffer is empty whenever the commit
 *	  callback returns: a keepalive that comes after it never overtakes a
 *	  record.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_compat.h"
#include "decoder_transform.h"
#include "port/pg_bswap.h"

/* A message of the stream is sent when it has become this long */
#define MESSAGE_SIZE	(64 * 1024)

/* Offset of the length in a frame, and of what the length counts */
#define FRAME_LENGTH	1
#define FRAME_BODY		5

/* In place of a header's length: here are the headers that the reader adds */
#define FRAME_CONTEXT	(-2)

void
frame_append_int16(StringInfo out, uint16 value)
{
	value = pg_hton16(value);
	text_append(out, (const char *) &value, sizeof(value));
}

void
frame_append_int32(StringInfo out, uint32 value)
{
	value = pg_hton32(value);
	text_append(out, (const char *) &value, sizeof(value));
}

void
frame_append_int64(StringInfo out, uint64 value)
{
	value = pg_hton64(value);
	text_append(out, (const char *) &value, sizeof(value));
}

/* Overwrite an int32 that was left open */
void
frame_set_int32(StringInfo out, int offset, uint32 value)
{
	value = pg_hton32(value);
	memcpy(out->data + offset, &value, sizeof(value));
}

/* A length and the bytes, or -1 where there are none */
static void
frame_append_piece(StringInfo out, Piece bytes)
{
	if (bytes.data == NULL)
	{
		frame_append_int32(out, (uint32) -1);
		return;
	}
	frame_append_int32(out, bytes.len);
	text_append_piece(out, bytes);
}

/* The same of a text */
static void
frame_append_bytes(StringInfo out, const StringInfoData *bytes)
{
	if (bytes == NULL)
	{
		frame_append_int32(out, (uint32) -1);
		return;
	}
	frame_append_int32(out, bytes->len);
	text_append(out, bytes->data, bytes->len);
}

int
frame_begin(StringInfo out, char type)
{
	int			start = out->len;

	text_append(out, &type, 1);
	frame_append_int32(out, 0);
	return start;
}

void
frame_end(StringInfo out, int start)
{
	frame_set_int32(out, start + FRAME_LENGTH, out->len - start - FRAME_BODY);
}

/* One large record must not hold its memory for ever */
static void
frames_shrink(StringInfo frames)
{
	if (frames->maxlen <= 16 * MESSAGE_SIZE)
		return;
	frames->maxlen = Max(frames->len + 1, MESSAGE_SIZE);
	frames->data = repalloc(frames->data, frames->maxlen);
}

static void
stream_flush(DecoderState *state)
{
	if (state->frames.len == 0)
		return;
	OutputPluginPrepareWrite(state->ctx, true);
	appendBinaryStringInfo(state->ctx->out, state->frames.data,
						   state->frames.len);
	OutputPluginWrite(state->ctx, true);
	state->frames.len = 0;
	frames_shrink(&state->frames);
}

/*
 * Note how far the output is, before a change that may fail.  Nothing of the
 * stream is sent until output_release().  The other formats send each record
 * by itself, which cannot be taken back.
 */
void
output_mark(DecoderState *state, OutputMark *mark)
{
	transaction_mark(state, &mark->transaction);
	mark->records = state->records;
	mark->frames_len = state->frames.len;
	mark->next_topic = state->next_topic;
	state->guarded = true;
}

typedef struct TopicNumber
{
	char		name[MAX_TOPIC_LEN + 1];	/* must be first */
	int			number;
} TopicNumber;

/*
 * Topics whose announcement is taken back have no number any more: those
 * from "first" on.
 */
static void
topics_forget(DecoderState *state, int first)
{
	HASH_SEQ_STATUS scan;
	TopicNumber *topic;

	table_cache_forget_topics(state->cache, first);
	state->next_topic = first;
	if (state->topics == NULL)
		return;
	hash_seq_init(&scan, state->topics);
	while ((topic = hash_seq_search(&scan)) != NULL)
	{
		if (topic->number >= first)
			hash_search(state->topics, topic->name, HASH_REMOVE, NULL);
	}
}

/*
 * Take back what was written since.
 */
void
output_rollback(DecoderState *state, const OutputMark *mark)
{
	if (state->options.format != &output_stream)
		return;
	transaction_rollback(state, &mark->transaction);
	state->records = mark->records;
	state->frames.len = mark->frames_len;
	frames_shrink(&state->frames);
	if (state->next_topic != mark->next_topic)
		topics_forget(state, mark->next_topic);
}

void
output_release(DecoderState *state)
{
	state->guarded = false;
	if (state->frames.len >= MESSAGE_SIZE)
		stream_flush(state);
}

static void
stream_begin_transaction(DecoderState *state)
{
	const Transaction *transaction = &state->transaction;
	int			start = frame_begin(&state->frames, 'B');

	frame_append_int32(&state->frames, transaction->xid);
	frame_append_int64(&state->frames, transaction->commit_lsn);
	frame_append_int64(&state->frames, unix_usecs(transaction->commit_time));
	frame_end(&state->frames, start);
}

static void
stream_announce_topic(DecoderState *state, const Record *record)
{
	int			start = frame_begin(&state->frames, 'T');

	*record->topic_number = state->next_topic++;
	frame_append_int32(&state->frames, *record->topic_number);
	text_append_piece(&state->frames, record->topic);
	frame_end(&state->frames, start);
}

static void
stream_record_begin(DecoderState *state, const Record *record)
{
	StringInfo	out = &state->frames;

	if (state->records == 0)
		stream_begin_transaction(state);
	if (*record->topic_number < 0)
		stream_announce_topic(state, record);
	state->frame_start = frame_begin(out, 'R');
	frame_append_int32(out, *record->topic_number);
	frame_append_int64(out, state->change_lsn);
	frame_append_int32(out, state->change_number);
	frame_append_int16(out, record->part);
	text_append(out, &record->operation, 1);
	frame_append_bytes(out, record->key);
	state->value_start = out->len;
	frame_append_int32(out, (uint32) -1);
	state->out = out;
}

static void
stream_record_end(DecoderState *state, const Record *record)
{
	StringInfo	out = &state->frames;

	if (record->operation != OPERATION_TOMBSTONE)
		frame_set_int32(out, state->value_start,
						out->len - state->value_start - (int) sizeof(int32));
	if (record->header_name == NULL)
		frame_append_int16(out, 0);
	else
	{
		frame_append_int16(out, 1);
		frame_append_int16(out, strlen(record->header_name));
		text_append(out, record->header_name, strlen(record->header_name));
		frame_append_bytes(out, record->header);
	}
	frame_end(out, state->frame_start);
	if (out->len >= MESSAGE_SIZE && !state->guarded)
		stream_flush(state);
}

/* The number of a topic that a transform may have chosen, announced */
static int
stream_topic_number(DecoderState *state, Piece topic)
{
	StringInfo	out = &state->frames;
	char		name[MAX_TOPIC_LEN + 1];
	TopicNumber *entry;
	bool		found;
	int			start;

	if (state->topics == NULL)
	{
		HASHCTL		control;

		memset(&control, 0, sizeof(control));
		control.keysize = sizeof(name);
		control.entrysize = sizeof(TopicNumber);
		control.hcxt = state->context;
		state->topics = hash_create("decoder_debezium topics", 64, &control,
									HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	memset(name, 0, sizeof(name));
	memcpy(name, topic.data, topic.len);
	entry = hash_search(state->topics, name, HASH_ENTER, &found);
	if (!found)
	{
		entry->number = state->next_topic++;
		start = frame_begin(out, 'T');
		frame_append_int32(out, entry->number);
		text_append_piece(out, topic);
		frame_end(out, start);
	}
	return entry->number;
}

/* Partition, timestamp, key, value and headers of a transformed record */
void
frame_append_transformed(StringInfo out, const TransformChain *chain,
						 const ConnectRecord *record)
{
	int			count_at;
	int			count = 0;
	int			i;

	frame_append_int32(out, record->partition);
	frame_append_int64(out, record->has_timestamp ? record->timestamp : -1);
	frame_append_piece(out, record->key.text);
	frame_append_piece(out, record->value.text);
	count_at = out->len;
	frame_append_int16(out, 0);
	for (i = 0; i < record->nheaders; i++)
	{
		const ConnectHeader *header = &record->headers[i];

		count++;
		if (transform_chain_has_context(chain, record, i))
		{
			frame_append_int16(out, 0);
			frame_append_int32(out, (uint32) FRAME_CONTEXT);
			i += CONTEXT_HEADERS - 1;
			continue;
		}
		frame_append_int16(out, header->name.len);
		text_append_piece(out, header->name);
		frame_append_piece(out, header->value.text);
	}
	out->data[count_at] = count >> 8;
	out->data[count_at + 1] = count;
}

static void
stream_transformed(DecoderState *state, const Record *record,
				   const ConnectRecord *transformed)
{
	StringInfo	out = &state->frames;
	int			topic;
	int			start;

	if (state->records == 0)
		stream_begin_transaction(state);
	topic = stream_topic_number(state, transformed->topic);
	start = frame_begin(out, 'X');
	frame_append_int32(out, topic);
	frame_append_int64(out, state->change_lsn);
	frame_append_int32(out, state->change_number);
	frame_append_int16(out, record->part);
	text_append(out, &record->operation, 1);
	frame_append_transformed(out, state->options.chain, transformed);
	frame_end(out, start);
	if (out->len >= MESSAGE_SIZE)
		stream_flush(state);
}

static void
stream_commit(DecoderState *state)
{
	int			start;

	if (state->records == 0)
		return;
	start = frame_begin(&state->frames, 'C');
	frame_append_int64(&state->frames, state->transaction.end_lsn);
	frame_append_int32(&state->frames, state->records);
	frame_end(&state->frames, start);
	cork_before_commit(state);
	stream_flush(state);
	cork_after_commit(state);
}

/* Open a message of its own for a record */
static void
message_begin(DecoderState *state)
{
	OutputPluginPrepareWrite(state->ctx, true);
	state->out = state->ctx->out;
}

/* Messages end with a zero that does not count, as StringInfo has it */
static void
message_end(DecoderState *state)
{
	enlargeStringInfo(state->out, 1);
	state->out->data[state->out->len] = '\0';
	OutputPluginWrite(state->ctx, true);
}

static void
envelope_record_begin(DecoderState *state, const Record *record)
{
	message_begin(state);
}

static void
envelope_record_end(DecoderState *state, const Record *record)
{
	message_end(state);
}

static void
envelope_transformed(DecoderState *state, const Record *record,
					 const ConnectRecord *transformed)
{
	if (transformed->value.text.data == NULL)
		return;
	message_begin(state);
	text_append_piece(state->out, transformed->value.text);
	message_end(state);
}

static void
record_record_begin(DecoderState *state, const Record *record)
{
	message_begin(state);
	text_append_literal(state->out, "{\"topic\":\"");
	text_append_piece(state->out, record->topic);
	text_append_literal(state->out, "\",\"key\":");
	if (record->key == NULL)
		text_append_literal(state->out, "null");
	else if (state->options.key_converter.kind == CONVERTER_JSON)
		text_append(state->out, record->key->data, record->key->len);
	else
		json_append_text(state->out, record->key->data, record->key->len,
						 state->options.utf8);
	text_append_literal(state->out, ",\"value\":");
	state->value_start = state->out->len;
	if (record->operation == OPERATION_TOMBSTONE)
		text_append_literal(state->out, "null");
}

/* A value that is not JSON becomes a string of it */
static void
quote_value(DecoderState *state)
{
	StringInfo	out = state->out;
	int			len = out->len - state->value_start;
	char	   *value = pnstrdup(out->data + state->value_start, len);

	out->len = state->value_start;
	json_append_text(out, value, len, state->options.utf8);
	pfree(value);
}

static void
record_record_end(DecoderState *state, const Record *record)
{
	if (state->options.value_converter.kind != CONVERTER_JSON &&
		record->operation != OPERATION_TOMBSTONE)
		quote_value(state);
	text_append_literal(state->out, ",\"headers\":{");
	if (record->header_name != NULL)
	{
		text_append_literal(state->out, "\"");
		text_append(state->out, record->header_name,
					strlen(record->header_name));
		text_append_literal(state->out, "\":");
		if (record->header != NULL)
			json_append_text(state->out, record->header->data,
							 record->header->len, false);
		else
			text_append_literal(state->out, "null");
	}
	text_append_literal(state->out, "}}");
	message_end(state);
}

/* A key or value as the converter made it; what is not JSON becomes a string */
static void
append_converted(DecoderState *state, const Converter *converter, Piece bytes)
{
	if (bytes.data == NULL)
		text_append_literal(state->out, "null");
	else if (converter->kind == CONVERTER_JSON)
		text_append_piece(state->out, bytes);
	else
		json_append_text(state->out, bytes.data, bytes.len,
						 state->options.utf8);
}

/*
 * As for other records; partition and timestamp where they are set, and the
 * headers that the bridge adds only where they are not as it adds them.
 */
static void
record_transformed(DecoderState *state, const Record *record,
				   const ConnectRecord *transformed)
{
	StringInfo	out;
	const char *separator = "";
	int			i;

	message_begin(state);
	out = state->out;
	text_append_literal(out, "{\"topic\":");
	json_append_text(out, transformed->topic.data, transformed->topic.len, false);
	if (transformed->partition >= 0)
		appendStringInfo(out, ",\"partition\":%d", transformed->partition);
	if (transformed->has_timestamp)
		appendStringInfo(out, ",\"timestamp\":" INT64_FORMAT,
						 transformed->timestamp);
	text_append_literal(out, ",\"key\":");
	append_converted(state, &state->options.key_converter,
					 transformed->key.text);
	text_append_literal(out, ",\"value\":");
	append_converted(state, &state->options.value_converter,
					 transformed->value.text);
	text_append_literal(out, ",\"headers\":{");
	for (i = 0; i < transformed->nheaders; i++)
	{
		const ConnectHeader *header = &transformed->headers[i];

		if (transform_chain_has_context(state->options.chain, transformed, i))
		{
			i += CONTEXT_HEADERS - 1;
			continue;
		}
		text_append(out, separator, strlen(separator));
		json_append_text(out, header->name.data, header->name.len, false);
		text_append_literal(out, ":");
		if (header->value.text.data == NULL)
			text_append_literal(out, "null");
		else
			json_append_text(out, header->value.text.data,
							 header->value.text.len, false);
		separator = ",";
	}
	text_append_literal(out, "}}");
	message_end(state);
}

/* Every record was written by itself */
static void
nothing_to_commit(DecoderState *state)
{
}

const OutputFormat output_envelope = {
	"envelope", OUTPUT_PLUGIN_TEXTUAL_OUTPUT, false, false,
	envelope_record_begin, envelope_record_end, envelope_transformed,
	nothing_to_commit
};

const OutputFormat output_record = {
	"record", OUTPUT_PLUGIN_TEXTUAL_OUTPUT, true, true,
	record_record_begin, record_record_end, record_transformed,
	nothing_to_commit
};

const OutputFormat output_stream = {
	"stream", OUTPUT_PLUGIN_BINARY_OUTPUT, true, true,
	stream_record_begin, stream_record_end, stream_transformed, stream_commit
};
