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
#include "decoder_debezium.h"
#include "port/pg_bswap.h"

/* A message of the stream is sent when it has become this long */
#define MESSAGE_SIZE	(64 * 1024)

/* Offset of the length in a frame, and of what the length counts */
#define FRAME_LENGTH	1
#define FRAME_BODY		5

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

/* A length and the bytes, or -1 */
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

	/* one large record must not hold its memory for ever */
	if (state->frames.maxlen > 16 * MESSAGE_SIZE)
	{
		MemoryContext caller_context = MemoryContextSwitchTo(state->context);

		pfree(state->frames.data);
		initStringInfo(&state->frames);
		MemoryContextSwitchTo(caller_context);
	}
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
	stream_flush(state);
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

/* Every record was written by itself */
static void
nothing_to_commit(DecoderState *state)
{
}

const OutputFormat output_envelope = {
	"envelope", OUTPUT_PLUGIN_TEXTUAL_OUTPUT, false, false,
	envelope_record_begin, envelope_record_end, nothing_to_commit
};

const OutputFormat output_record = {
	"record", OUTPUT_PLUGIN_TEXTUAL_OUTPUT, true, true,
	record_record_begin, record_record_end, nothing_to_commit
};

const OutputFormat output_stream = {
	"stream", OUTPUT_PLUGIN_BINARY_OUTPUT, true, true,
	stream_record_begin, stream_record_end, stream_commit
};
