/*-------------------------------------------------------------------------
 *
 * debezium_tail.c
 *	  What a connector's topics hold already that Debezium has written.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "debezium_tail.h"

#include <poll.h>
#include <string.h>

#include "event_source.h"
#include "frames.h"
#include "log.h"
#include "loop.h"
#include "overlap.h"
#include "reader.h"
#include "session.h"
#include "slot.h"

/*
 * The clocks of the database, of Connect and of the broker are taken to
 * differ by this at most.  Where they differ by more, records come again.
 */
#define CLOCKS_MS			INT64CONST(300000)
#define TIMES_TIMEOUT_MS	10000
#define METADATA_TIMEOUT_MS	10000

/* The record of a partition that was looked for last. */
typedef struct Place
{
	XLogRecPtr	lsn;
	int32		number;			/* of the records of this LSN, from 1 */
	bool		found;
	bool		torn;			/* one was missing: nothing behind it counts */
} Place;

/* A topic of the stream, and what it holds. */
typedef struct Written
{
	struct Written *next;
	Topic	   *topic;
	Overlap    *overlaps;		/* by partition; one more: by content */
	Place	   *places;			/* by partition */
	int64		told;			/* records that say where they come from */
	int64		untold;			/* and that do not */
	int64		found;			/* of the stream */
	int64		again;			/* found, but to be written again */
	int64		missing;		/* not found */
} Written;

typedef struct DebeziumTail
{
	Task	   *task;
	WalStream  *stream;
	JsonReader	json;
	int64		since_ms;		/* of records that can matter; Kafka's times */
	int64		last_ms;		/* of the last record of all; -1: there is
								 * none */
	XLogRecPtr	oldest;			/* no change of the stream lies before it */
	XLogRecPtr	end;			/* of the WAL when this began */

	Written    *first;
	Written   **topics;			/* by the stream's numbers */
	uint32		topic_count;
	XLogRecPtr	commit_lsn;		/* of the transaction being read */
	int64		commit_time;
	bool		done;

	/* while a partition is read */
	Written    *written;
	TopicPartition *partition;
	uint64		last_key;		/* hash of the last record's; 0: none */
	bool		last_counts;	/* it has an LSN */
} DebeziumTail;

/* ------------------------------------------------- the topics, as they are */

static void
read_headers(const rd_kafka_message_t *message, EventSource *source)
{
	rd_kafka_headers_t *headers;
	const char *name;
	const void *value;
	size_t		size;

	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	for (size_t i = 0;
		 rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
		 i++)
	{
		if (value != NULL)
			event_source_header(name, strlen(name), value, size, source);
	}
}

/* The partition holds all up to this position. */
static void
reach(TopicPartition *partition, const Position *position)
{
	if (partition->has_position &&
		position_compare(position, &partition->position) <= 0)
		return;
	partition->has_position = true;
	partition->position = *position;
}

/* Is it one of ours, from a time before Debezium ran?  Then it is noted. */
static bool
take_position(DebeziumTail *tail, const rd_kafka_message_t *message)
{
	rd_kafka_headers_t *headers;
	const char *connector;
	const void *value;
	size_t		size;
	size_t		length;
	Position	position;

	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
		rd_kafka_header_get_last(headers, POSITION_HEADER, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return false;
	if (position_read(value, size, &position, &connector, &length) &&
		length == strlen(tail->task->config->name) &&
		memcmp(connector, tail->task->config->name, length) == 0 &&
		position.system_identifier == tail->task->history.system_identifier &&
		position.kind == 's')
		reach(tail->partition, &position);
	return true;
}

/* One record of a partition, in its order. */
static void
take_record(const rd_kafka_message_t *message, void *arg)
{
	DebeziumTail *tail = arg;
	Written    *written = tail->written;
	Overlap    *overlap = &written->overlaps[tail->partition->number];
	rd_kafka_timestamp_type_t kind;
	int64		time = rd_kafka_message_timestamp(message, &kind);
	uint64		key = message->key == NULL ? 0 :
	event_source_hash(0, message->key, message->key_len);
	EventSource source;

	tail->last_ms = kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? PG_INT64_MAX :
		Max(tail->last_ms, time);
	if (message->payload == NULL)
	{
		/* a tombstone belongs to the delete before it */
		if (tail->last_counts && key == tail->last_key)
			overlap_add_more(overlap);
		return;
	}
	event_source_read(&tail->json, message->payload, message->len, &source);
	read_headers(message, &source);
	tail->last_key = key;
	tail->last_counts = false;
	if (take_position(tail, message) || source.snapshot)
		source.lsn = InvalidXLogRecPtr;
	else if (XLogRecPtrIsInvalid(source.lsn))
		written->untold++;
	else
	{
		written->told++;
		tail->last_counts = source.lsn >= tail->oldest;
		if (!tail->last_counts)
			source.lsn = InvalidXLogRecPtr;
	}
	overlap_add(overlap, source.lsn, key != 0 ? key : source.content);
	if (key == 0 && tail->last_counts)
		overlap_add_content(&written->overlaps[written->topic->count],
							source.lsn, source.content);
}

/* From which offset on can records of a partition matter? */
static bool
find_start(DebeziumTail *tail, int64 low, int64 high, int64 *from)
{
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t error;

	*from = low;
	if (tail->since_ms <= 0)
		return true;
	list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, tail->written->topic->name,
									  tail->partition->number)->offset = tail->since_ms;
	error = rd_kafka_offsets_for_times(tail->task->reader, list, TIMES_TIMEOUT_MS);
	if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
		error = list->elems[0].err;
	/* no record is as late: the end */
	*from = list->elems[0].offset >= 0 ? Max(list->elems[0].offset, low) : high;
	rd_kafka_topic_partition_list_destroy(list);
	return error == RD_KAFKA_RESP_ERR_NO_ERROR ||
		failure_from_kafka(tail->task->failure, error, NULL,
						   "could not find the time of a topic's records");
}

static bool
read_partition(DebeziumTail *tail)
{
	Task	   *task = tail->task;
	Topic	   *topic = tail->written->topic;
	TopicPartition *partition = tail->partition;
	int64		low;
	int64		high;
	int64		from;

	tail->last_key = 0;
	tail->last_counts = false;
	if (!reader_limits(task->reader, topic->name, partition->number, &low,
					   &high, task->failure) ||
		!find_start(tail, low, high, &from) ||
		!reader_read(task->reader, topic->name, partition->number, from, high,
					 take_record, tail, task->failure))
		return false;
	partition->offset = high;
	partition->at_end = true;
	return true;
}

/* How many partitions has a topic?  It is not made where it is missing. */
static bool
count_partitions(DebeziumTail *tail, Topic *topic)
{
	Task	   *task = tail->task;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(task->reader, topic->name, NULL);
	const rd_kafka_metadata_t *metadata;
	rd_kafka_resp_err_t error;
	int32		count = 0;

	error = rd_kafka_metadata(task->reader, 0, handle, &metadata, METADATA_TIMEOUT_MS);
	if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		if (metadata->topic_cnt == 1)
		{
			error = metadata->topics[0].err;
			count = metadata->topics[0].partition_cnt;
		}
		rd_kafka_metadata_destroy(metadata);
	}
	rd_kafka_topic_destroy(handle);
	if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		count = 0;
	else if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
		return failure_from_kafka(task->failure, error, NULL,
								  "could not read about a topic");
	topic->count = count;
	topic->actual_count = count;
	topic_set_partitions(topic, count);
	return loop_pass() || failure_ordered(task->failure);
}

/* A topic that the stream names for the first time: what does it hold? */
static bool
read_topic(DebeziumTail *tail, Written *written)
{
	Topic	   *topic = written->topic;

	if (!count_partitions(tail, topic))
		return false;
	written->overlaps = pg_malloc0((topic->count + 1) * sizeof(Overlap));
	written->places = pg_malloc0((topic->count + 1) * sizeof(Place));
	tail->written = written;
	for (int32 i = 0; i < topic->count; i++)
	{
		tail->partition = &topic->partitions[i];
		if (!read_partition(tail))
			return false;
	}
	return true;
}

/* --------------------------------------------------- the stream, once again */

/* Was this record found in its partition?  "number" counts its LSN there. */
static bool
look_up(DebeziumTail *tail, Written *written, int32 partition,
		const Frame *frame, Place *place)
{
	EventSource source = {.lsn = place->lsn};
	FrameText	name;
	FrameText	value;
	const char *headers = frame->headers;

	if (frame->value.data == NULL)
	{
		/* as the delete before it, see take_record() */
		place->number++;
		return overlap_count(&written->overlaps[partition], place->lsn, 0) >= place->number;
	}
	event_source_read(&tail->json, frame->value.data, frame->value.length, &source);
	for (int i = 0; i < frame->header_count; i++)
	{
		frame_header(&headers, &name, &value);
		if (value.length >= 0)
			event_source_header(name.data, name.length, value.data,
								value.length, &source);
	}
	place->number = source.lsn == place->lsn ? place->number + 1 : 1;
	place->lsn = source.lsn;
	if (XLogRecPtrIsInvalid(source.lsn))
		return false;
	if (frame->key.data == NULL && written->topic->count > 1)
		return overlap_count(&written->overlaps[written->topic->count],
							 source.lsn, source.content) > 0;
	return overlap_count(&written->overlaps[partition], source.lsn, 0) >= place->number;
}

static bool
take_stream_record(DebeziumTail *tail, const Frame *frame)
{
	Task	   *task = tail->task;
	Written    *written = tail->topics[frame->topic];
	Topic	   *topic = written->topic;
	Position	position = {
		.kind = 's',
		.system_identifier = task->history.system_identifier,
		.timeline = task->history.timeline,
		.commit_lsn = tail->commit_lsn,
		.change_lsn = frame->change_lsn,
		.number = frame->number,
		.part = frame->part
	};
	TopicPartition *partition;
	Place	   *place;

	if (written->overlaps == NULL && !read_topic(tail, written))
		return false;
	/* committed later than anything that Debezium has sent */
	if (tail->commit_time / 1000 - CLOCKS_MS > tail->last_ms)
	{
		tail->done = true;
		return true;
	}
	if (topic->count == 0)
		return true;
	partition = topic_partition(topic, frame->partition, frame->key.data,
								frame->key.length, &position);
	if (partition == NULL)
	{
		topic_no_partition(topic, frame->partition, task->failure);
		return false;
	}
	place = &written->places[partition->number];
	place->found = look_up(tail, written, partition->number, frame, place);
	if (!place->found)
	{
		written->missing++;
		place->torn |= frame->key.data == NULL && topic->count > 1;
	}
	else if (place->torn)
		written->again++;
	else
	{
		written->found++;
		reach(partition, &position);
	}
	return true;
}

static bool
take_topic(DebeziumTail *tail, const Frame *frame)
{
	Topic	   *topic = topics_get(&tail->task->topics, frame->name.data,
								   frame->name.length);
	Written    *written = tail->first;

	while (written != NULL && written->topic != topic)
		written = written->next;
	if (written == NULL)
	{
		written = pg_malloc0(sizeof(Written));
		written->topic = topic;
		written->next = tail->first;
		tail->first = written;
	}
	tail->topics = pg_realloc(tail->topics, (tail->topic_count + 1) * sizeof(Written *));
	tail->topics[tail->topic_count++] = written;
	return true;
}

static bool
take_message(DebeziumTail *tail, const WalMessage *message)
{
	FrameReader reader;
	Frame		frame;
	bool		ok = true;

	frames_start(&reader, message->data, message->length);
	while (ok && !tail->done && frames_next(&reader, &frame))
	{
		switch (frame.type)
		{
			case 'B':
				tail->commit_lsn = frame.commit_lsn;
				tail->commit_time = frame.commit_time;
				tail->done = frame.commit_lsn >= tail->end;
				break;
			case 'T':
				ok = take_topic(tail, &frame);
				break;
			case 'R':
			case 'X':
				reader.error = frame.topic < tail->topic_count ? NULL :
					"a record without a topic";
				ok = reader.error == NULL && take_stream_record(tail, &frame);
				break;
			default:
				break;
		}
	}
	if (reader.error != NULL)
		return failure_set(tail->task->failure, FAILURE_STOP,
						   "could not understand the plugin's stream: %s",
						   reader.error);
	return ok;
}

static void
keep_alive(void *arg)
{
	walstream_report(arg, false);
}

static bool
read_stream(DebeziumTail *tail)
{
	Task	   *task = tail->task;

	while (!tail->done)
	{
		WalMessage	message;
		bool		ok = true;

		walstream_report(tail->stream, false);
		switch (walstream_receive(tail->stream, &message, task->failure))
		{
			case WAL_DATA:
				ok = take_message(tail, &message);
				block_release(message.block);
				break;
			case WAL_KEEPALIVE:
				tail->done = message.sent_lsn >= tail->end;
				break;
			case WAL_FAILED:
				return false;
			case WAL_NOTHING:
				ok = loop_wait(walstream_fd(tail->stream), POLLIN, -1, LOOP_DUTY_MS) ||
					failure_ordered(task->failure);
				break;
		}
		if (!ok)
			return false;
	}
	return true;
}

/* Where does the WAL end now? */
static bool
find_end(DebeziumTail *tail)
{
	Task	   *task = tail->task;

	return lsn_query(task->control, task->config,
					 "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() "
					 "ELSE pg_catalog.pg_current_wal_flush_lsn() END",
					 &tail->end, task->failure);
}

/* Says what was found, and what will be there twice. */
static void
tell(const DebeziumTail *tail)
{
	for (const Written *written = tail->first; written != NULL; written = written->next)
	{
		const char *name = written->topic->name;

		if (written->found > 0)
			pg_log_info("topic \"%s\" has " INT64_FORMAT " records that Debezium had sent, but not noted as sent",
						name, written->found);
		if (written->again > 0)
			pg_log_warning("topic \"%s\": " INT64_FORMAT " records come again, since Debezium spreads records without a key over partitions by chance, and one before them is missing",
						   name, written->again);
		if (written->missing > 0 && written->untold > 0)
			pg_log_warning("topic \"%s\": what Debezium has sent to it but not noted as sent comes again, since its records do not say where they come from (an unwrap transform with add.fields=lsn would let them)",
						   name);
	}
}

static void
tail_free(DebeziumTail *tail)
{
	Written    *written;

	while ((written = tail->first) != NULL)
	{
		tail->first = written->next;
		for (int32 i = 0; written->overlaps != NULL && i <= written->topic->count; i++)
			overlap_free(&written->overlaps[i]);
		pg_free(written->overlaps);
		pg_free(written->places);
		pg_free(written);
	}
	pg_free(tail->topics);
	json_free(&tail->json);
	walstream_free(tail->stream);
}

bool
debezium_tail_read(Task *task, const char *slot_name, XLogRecPtr oldest)
{
	DebeziumTail tail = {
		.task = task,
		.since_ms = task->offset.found ? task->offset.commit_time / 1000 - CLOCKS_MS : 0,
		.last_ms = -1,
		.oldest = oldest
	};
	ConnectorConfig config = *task->config;
	PQExpBufferData text;
	bool		ok;

	config.slot_name = slot_name;
	json_init(&tail.json);
	initPQExpBuffer(&text);
	connector_config_for_plugin(task->config, &text);
	connector_config_for_run(task->config, &text);
	ok = find_end(&tail);
	if (ok)
		tail.stream = walstream_start(task->replication, &config,
									  task->offset.lsn,
									  task->offset.last_commit_lsn, text.data,
									  producer_held(task->producer),
									  task->failure);
	termPQExpBuffer(&text);
	ok = tail.stream != NULL;
	if (ok)
	{
		loop_set_duty(keep_alive, tail.stream);
		ok = read_stream(&tail);
		loop_set_duty(NULL, NULL);
	}
	if (ok)
		tell(&tail);
	tail_free(&tail);
	return ok;
}
