/*-------------------------------------------------------------------------
 *
 * decoder_message.c
 *	  Events of logical messages: pg_logical_emit_message().
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_compat.h"
#include "decoder_debezium.h"

static const Schema bytes_optional = {.type = CONNECT_BYTES,.optional = true};

static SchemaField key_fields[] = {
	{"prefix", &optional_string_schema}
};
static const Schema key_schema = {
	.type = CONNECT_STRUCT,
	.name = "io.debezium.connector.postgresql.MessageKey",
	.version = 1,
	.nfields = lengthof(key_fields),
	.fields = key_fields
};

/* The schema of values; what the content is depends on the options */
static const Schema *
value_schema_create(const DecoderOptions *options)
{
	Schema	   *block = schema_create(CONNECT_STRUCT, false);
	Schema	   *value = schema_create(CONNECT_STRUCT, false);

	schema_set_name(block, "io.debezium.connector.postgresql.Message", 1);
	schema_add_field(block, "prefix", &optional_string_schema);
	schema_add_field(block, "content",
					 options->binary_mode == BINARY_BYTES ? &bytes_optional :
					 &optional_string_schema);

	schema_set_name(value, "io.debezium.connector.postgresql.MessageValue", 1);
	schema_add_field(value, "op", &string_schema);
	schema_add_field(value, "ts_ms", &optional_int64_schema);
	schema_add_field(value, "source", &source_schema);
	schema_add_field(value, "transaction", &transaction_schema);
	schema_add_field(value, "message", block);
	return value;
}

/*
 * Make ready what stays the same for all messages.
 */
void
message_prepare(DecoderState *state)
{
	const DecoderOptions *options = &state->options;
	SideTopic  *topic = &state->message_topic;

	/* the delimiter is a dot whatever topic.delimiter says */
	topic->topic.data = psprintf("%s.message", options->topic_prefix);
	topic->topic.len = strlen(topic->topic.data);
	topic->topic_number = -1;
	conversion_prepare(&topic->key, &options->key_converter, &key_schema);
	conversion_prepare(&topic->value, &options->value_converter,
					   value_schema_create(options));
}

/*
 * Write the event of a message; the source text must be ready.  Allocates in
 * the current context.
 */
void
message_write(DecoderState *state, XLogRecPtr lsn, const char *prefix,
			  const char *content, Size size)
{
	static const char names[] = "\"schema\":\"\",\"table\":\"\",\"txId\":";
	const Piece source_names = {names, sizeof(names) - 1};
	bool		utf8 = state->options.utf8;
	StringInfoData key;
	StringInfoData value;

	initStringInfo(&key);
	text_append_literal(&key, "{\"prefix\":");
	json_append_text(&key, prefix, strlen(prefix), utf8);
	text_append_literal(&key, "}");

	initStringInfo(&value);
	text_append_literal(&value, "{\"op\":\"m\",\"ts_ms\":");
	json_append_int64(&value, unix_usecs(GetCurrentTimestamp()) / 1000);
	source_write(&value, &state->source, source_names, lsn);
	text_append_literal(&value, ",\"message\":{\"prefix\":");
	json_append_text(&value, prefix, strlen(prefix), utf8);
	text_append_literal(&value, ",\"content\":");
	bytes_append(&value, &state->options, (const uint8 *) content, size);
	text_append_literal(&value, "}}");

	side_record_write(state, &state->message_topic, OPERATION_MESSAGE,
					  text_terminate(&key), text_terminate(&value));
	pfree(key.data);
	pfree(value.data);
}
