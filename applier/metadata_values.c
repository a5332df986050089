/*-------------------------------------------------------------------------
 *
 * metadata_values.c
 *	  Values of METADATA columns: what a record and a Debezium event say
 *	  beside the row.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <time.h>

#include "batch.h"
#include "metadata.h"

static void
append_milliseconds(PQExpBuffer text, const DataType *type, int64 ms)
{
	int64		seconds = ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
	time_t		time = (time_t) seconds;
	struct tm	tm;

	gmtime_r(&time, &tm);
	appendPQExpBuffer(text, "%04d-%02d-%02d %02d:%02d:%02d.%03d%s",
					  tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
					  tm.tm_hour, tm.tm_min, tm.tm_sec,
					  (int) (ms - seconds * 1000),
					  type->kind == TYPE_TIMESTAMP_LTZ ? "+00" : "");
}

static void
append_json_string(PQExpBuffer text, const char *value, size_t length)
{
	appendPQExpBufferChar(text, '"');
	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) value[i];

		if (c == '"' || c == '\\')
			appendPQExpBuffer(text, "\\%c", c);
		else if (c < ' ')
			appendPQExpBuffer(text, "\\u%04x", c);
		else
			appendPQExpBufferChar(text, (char) c);
	}
	appendPQExpBufferChar(text, '"');
}

/* Of headers with one name the last one counts, as in a map. */
static void
append_headers(PQExpBuffer text, const RecordMetadata *record)
{
	bool		first = true;

	appendPQExpBufferChar(text, '{');
	for (int i = 0; i < record->header_count; i++)
	{
		const RecordHeader *header = &record->headers[i];
		bool		last = true;

		for (int other = i + 1; other < record->header_count; other++)
			if (strcmp(record->headers[other].name, header->name) == 0)
				last = false;
		if (!last)
			continue;
		if (!first)
			appendPQExpBufferChar(text, ',');
		first = false;
		append_json_string(text, header->name, strlen(header->name));
		appendPQExpBufferChar(text, ':');
		if (header->value == NULL)
			appendPQExpBufferStr(text, "null");
		else
		{
			appendPQExpBufferChar(text, '"');
			append_base64(text, header->value, header->length);
			appendPQExpBufferChar(text, '"');
		}
	}
	appendPQExpBufferChar(text, '}');
}

/* The scalar at hand as text; false where it is null. */
static bool
append_scalar(PQExpBuffer text, const JsonReader *reader, JsonToken token)
{
	if (token == JSON_TRUE || token == JSON_FALSE)
		appendPQExpBufferStr(text, token == JSON_TRUE ? "true" : "false");
	else if (token == JSON_STRING || token == JSON_NUMBER)
		appendBinaryPQExpBuffer(text, reader->text, reader->length);
	else
		return false;
	return true;
}

/* All members of "source", as texts. */
static void
append_properties(PQExpBuffer text, JsonReader *reader)
{
	PQExpBufferData value;
	bool		first = true;

	initPQExpBuffer(&value);
	appendPQExpBufferChar(text, '{');
	while (json_next(reader) == JSON_NAME)
	{
		JsonToken	token;

		if (!first)
			appendPQExpBufferChar(text, ',');
		first = false;
		append_json_string(text, reader->text, reader->length);
		appendPQExpBufferChar(text, ':');
		token = json_next(reader);
		resetPQExpBuffer(&value);
		if (append_scalar(&value, reader, token))
			append_json_string(text, value.data, value.len);
		else
			appendPQExpBufferStr(text, "null");
		if ((token == JSON_OBJECT || token == JSON_ARRAY) &&
			!json_leave(reader))
			break;
	}
	appendPQExpBufferChar(text, '}');
	termPQExpBuffer(&value);
}

/* What "source" of the event says; false where it says nothing. */
static bool
append_source(PQExpBuffer text, Batch *batch, const SourceNode *node)
{
	JsonReader *reader = &batch->reader;
	const char *member = metadata_source_member(node->metadata);
	bool		found = false;

	if (batch->event_source == NULL)
		return false;
	json_start(reader, batch->event_source, batch->event_source_length);
	if (json_next(reader) != JSON_OBJECT)
		return false;
	if (member == NULL)
	{
		append_properties(text, reader);
		return true;
	}
	while (json_next(reader) == JSON_NAME)
	{
		if (!json_text_is(reader, member))
		{
			if (!json_skip(reader, NULL, NULL))
				return false;
			continue;
		}
		resetPQExpBuffer(text);
		found = append_scalar(text, reader, json_next(reader));
	}
	return found;
}

/* Milliseconds as text become a time; false where there are none. */
static bool
append_time(PQExpBuffer text, const DataType *type, bool found)
{
	int64		ms;
	char	   *end;

	if (!found)
		return false;
	ms = strtoll(text->data, &end, 10);
	if (end == text->data || *end != '\0')
		return false;
	resetPQExpBuffer(text);
	append_milliseconds(text, type, ms);
	return true;
}

/* The value of a column; false: NULL. */
static bool
append_metadata(PQExpBuffer text, Batch *batch, const SourceNode *node,
				const char *topic, int64 offset)
{
	const RecordMetadata *record = batch->record;

	switch ((MetadataKind) node->metadata)
	{
		case METADATA_TOPIC:
			appendPQExpBufferStr(text, topic);
			return true;
		case METADATA_PARTITION:
			appendPQExpBuffer(text, "%d", record->partition);
			return true;
		case METADATA_HEADERS:
			append_headers(text, record);
			return true;
		case METADATA_LEADER_EPOCH:
			appendPQExpBuffer(text, "%d", record->leader_epoch);
			return record->leader_epoch >= 0;
		case METADATA_OFFSET:
			appendPQExpBuffer(text, INT64_FORMAT, offset);
			return true;
		case METADATA_TIMESTAMP:
			append_milliseconds(text, &node->type, record->timestamp);
			return true;
		case METADATA_TIMESTAMP_TYPE:
			appendPQExpBufferStr(text, record->timestamp_type);
			return true;
		case METADATA_SCHEMA:
			return false;
		case METADATA_INGESTION_TIMESTAMP:
			if (batch->event_time != NULL)
				appendBinaryPQExpBuffer(text, batch->event_time,
										batch->event_time_length);
			return append_time(text, &node->type, batch->event_time != NULL);
		case METADATA_SOURCE_TIMESTAMP:
			return append_time(text, &node->type,
							   append_source(text, batch, node));
		default:
			return append_source(text, batch, node);
	}
}

void
metadata_fill(Batch *batch, Stage *stage, int first, const char *topic,
			  int64 offset)
{
	const SourceTable *source = stage->source;

	for (int i = 0; i < source->metadata.child_count; i++)
	{
		const SourceNode *node = &source->metadata.children[i];
		FieldValue	value = {NULL, VALUE_NULL};

		if (node->field < 0)
			continue;
		resetPQExpBuffer(&batch->scratch);
		if (append_metadata(&batch->scratch, batch, node, topic, offset))
		{
			value.text = batch_keep(batch, batch->scratch.data,
									batch->scratch.len);
			value.length = (int32) batch->scratch.len;
		}
		for (int row = first; row < stage->row_count; row++)
			stage->values[(size_t) row * source->field_count + node->field] = value;
	}
}

void
metadata_read(RecordMetadata *record, const rd_kafka_message_t *message)
{
	rd_kafka_timestamp_type_t type;
	rd_kafka_headers_t *headers;

	record->partition = message->partition;
	record->timestamp = rd_kafka_message_timestamp(message, &type);
	record->timestamp_type = type == RD_KAFKA_TIMESTAMP_CREATE_TIME ?
		"CreateTime" : type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ?
		"LogAppendTime" : "NoTimestampType";
#if RD_KAFKA_VERSION >= 0x02010000
	record->leader_epoch = rd_kafka_message_leader_epoch(message);
#else
	record->leader_epoch = -1;
#endif
	record->header_count = 0;
	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	for (size_t i = 0;; i++)
	{
		RecordHeader *header;
		const char *name;
		const void *value;
		size_t		length;

		if (rd_kafka_header_get_all(headers, i, &name, &value, &length) !=
			RD_KAFKA_RESP_ERR_NO_ERROR)
			return;
		if (record->header_count == record->header_room)
		{
			record->header_room = record->header_room * 2 + 8;
			record->headers = pg_realloc(record->headers, record->header_room *
										 sizeof(RecordHeader));
		}
		header = &record->headers[record->header_count++];
		header->name = name;
		header->value = value;
		header->length = length;
	}
}
