/*-------------------------------------------------------------------------
 *
 * reader.c
 *	  Reads a partition of a topic from an offset to where it ends now.
 *
 * NOTES
 *	  librdkafka's older consumer interface: it needs no group, so no right
 *	  to one, and nothing of it is ever committed.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "reader.h"

#include <string.h>

#include "kafka.h"
#include "kafka_property.h"
#include "log.h"
#include "loop.h"

/* A broker that gives nothing for so long is away. */
#define READ_TIMEOUT_MS		30000
#define LIMITS_TIMEOUT_MS	5000
/* Leaders of many new partitions take their time, and so do elections. */
#define LEADER_TIMEOUT_MS	30000
#define LEADER_RETRY_MS		100
/* Between two looks at signals and at the supervisor. */
#define READ_PAUSE_MS		100
/* What is read lies in memory only for a moment. */
#define FETCH_BYTES			"1048576"
#define QUEUE_KBYTES		"4096"

bool
kafka_conf_common(rd_kafka_conf_t *conf, const Properties *worker,
				  PQExpBuffer error)
{
	static const char *const prefixes[] = {"security.", "ssl.", "sasl."};

	for (int i = 0; i < worker->count; i++)
	{
		const Property *item = &worker->items[i];

		for (size_t j = 0; j < lengthof(prefixes); j++)
		{
			if (strncmp(item->name, prefixes[j], strlen(prefixes[j])) == 0 &&
				!kafka_conf_set_java(conf, item->name, item->value, error))
				return false;
		}
	}
	return kafka_conf_set(conf, "bootstrap.servers",
						  properties_get(worker, "bootstrap.servers"), error);
}

static rd_kafka_t *
open_client(const ConnectorConfig *config, const char *isolation_level,
			rd_kafka_t *for_reading, Failure *failure)
{
	rd_kafka_conf_t *conf = kafka_conf_new(config->name);
	rd_kafka_t *client = NULL;
	PQExpBufferData error;
	char		reason[512];

	initPQExpBuffer(&error);
	rd_kafka_conf_set_opaque(conf, for_reading);
	if (!kafka_conf_common(conf, config->worker, &error) ||
		!kafka_conf_set(conf, "enable.partition.eof", "true", &error) ||
		!kafka_conf_set(conf, "isolation.level", isolation_level, &error) ||
	/* only what is asked for is read */
		!kafka_conf_set(conf, "auto.offset.reset", "error", &error) ||
		!kafka_conf_set(conf, "fetch.wait.max.ms", "10", &error) ||

	/*
	 * An answer is unpacked at once, however many partitions it is of.  What
	 * is larger than this comes all the same, one batch at a time.
	 */
		!kafka_conf_set(conf, "fetch.max.bytes", FETCH_BYTES, &error) ||
		!kafka_conf_set(conf, "fetch.message.max.bytes", FETCH_BYTES, &error) ||
		!kafka_conf_set(conf, "queued.max.messages.kbytes", QUEUE_KBYTES, &error))
		failure_set(failure, FAILURE_STOP, "%s", error.data);
	else
	{
		client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof(reason));
		if (client == NULL)
			failure_set(failure, FAILURE_STOP,
						"could not set up the Kafka consumer: %s", reason);
	}
	if (client == NULL)
		rd_kafka_conf_destroy(conf);
	termPQExpBuffer(&error);
	return client;
}

/*
 * What is asked for limits must not be the client that reads what is
 * committed: to that one a partition ends where the first open transaction
 * begins, and records of ours may lie behind.  Where they are not the same,
 * the one that is known to the caller has the other in its "opaque".
 */
rd_kafka_t *
reader_new(const ConnectorConfig *config, bool committed, Failure *failure)
{
	rd_kafka_t *for_reading = NULL;
	rd_kafka_t *client;

	if (committed)
	{
		for_reading = open_client(config, "read_committed", NULL, failure);
		if (for_reading == NULL)
			return NULL;
	}
	client = open_client(config, "read_uncommitted", for_reading, failure);
	if (client == NULL)
		reader_free(for_reading);
	return client;
}

void
reader_free(rd_kafka_t *client)
{
	rd_kafka_t *for_reading;

	if (client == NULL)
		return;
	for_reading = rd_kafka_opaque(client);
	rd_kafka_destroy(client);
	reader_free(for_reading);
}

/* Takes the answers to one question; the partitions are in the same order. */
static bool
take_limits(const rd_kafka_topic_partition_list_t *answers,
			ReaderRange *ranges, bool low, Failure *failure)
{
	for (int i = 0; i < answers->cnt; i++)
	{
		const		rd_kafka_topic_partition_t *answer = &answers->elems[i];
		int64		offset = answer->offset;
		char	   *attempt;

		switch (answer->err)
		{
			case RD_KAFKA_RESP_ERR_NO_ERROR:
				break;
			case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
			case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
			case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
				offset = -1;
				break;
			default:
				attempt = psprintf("could not read the limits of topic \"%s\", partition %d",
								   answer->topic, answer->partition);
				failure_from_kafka(failure, answer->err, NULL, attempt);
				pg_free(attempt);
				return false;
		}
		if (low)
			ranges[i].low = offset;
		else
			ranges[i].high = offset;
	}
	return true;
}

/* Will somebody be there to answer after a moment? */
static bool
has_no_leader(rd_kafka_resp_err_t error)
{
	switch (error)
	{
		case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
		case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
		case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
		case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
		case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
		case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
			return true;
		default:
			return false;
	}
}

/*
 * Asks for the first offsets or for the ends.  rd_kafka_offsets_for_times()
 * passes the "times" -2 and -1 on, which mean that to the broker; unlike
 * rd_kafka_query_watermark_offsets() it takes many partitions.
 */
static bool
ask_limits(rd_kafka_t *client, ReaderRange *ranges, int count, bool low,
		   Failure *failure)
{
	int64		deadline = clock_ms() + LEADER_TIMEOUT_MS;

	for (;;)
	{
		rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
		rd_kafka_resp_err_t error;
		bool		missing;
		bool		ok = false;

		for (int i = 0; i < count; i++)
			rd_kafka_topic_partition_list_add(list, ranges[i].topic,
											  ranges[i].partition)->offset =
				low ? RD_KAFKA_OFFSET_BEGINNING : RD_KAFKA_OFFSET_END;
		error = rd_kafka_offsets_for_times(client, list, LIMITS_TIMEOUT_MS);
		/* none of them exists: each says so itself */
		missing = error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
		if (error == RD_KAFKA_RESP_ERR_NO_ERROR || missing)
			ok = take_limits(list, ranges, low, failure);
		rd_kafka_topic_partition_list_destroy(list);
		if (ok || failure->kind != FAILURE_NONE)
			return ok;
		if (!has_no_leader(error) || clock_ms() > deadline)
			return failure_from_kafka(failure, error, NULL,
									  "could not read where topics end");
		if (!loop_wait(-1, 0, -1, LEADER_RETRY_MS))
			return failure_ordered(failure);
	}
}

bool
reader_limits_all(rd_kafka_t *client, ReaderRange *ranges, int count,
				  bool with_low, Failure *failure)
{
	return count == 0 ||
		((!with_low || ask_limits(client, ranges, count, true, failure)) &&
		 ask_limits(client, ranges, count, false, failure));
}

bool
reader_limits(rd_kafka_t *client, const char *topic, int32 partition,
			  int64 *low, int64 *high, Failure *failure)
{
	ReaderRange range = {.topic = topic,.partition = partition};
	char	   *attempt;

	if (!reader_limits_all(client, &range, 1, true, failure))
		return false;
	*low = range.low;
	*high = range.high;
	if (range.low >= 0 && range.high >= 0)
		return loop_pass() || failure_ordered(failure);
	attempt = psprintf("could not read the limits of topic \"%s\", partition %d",
					   topic, partition);
	failure_from_kafka(failure, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, NULL,
					   attempt);
	pg_free(attempt);
	return false;
}

/* A topic whose partitions are read, and where these stand. */
typedef struct ReadTopic
{
	rd_kafka_topic_t *handle;
	ReaderRange *first;
} ReadTopic;

/* All that is read at the same time, through one queue. */
typedef struct Reading
{
	rd_kafka_t *client;
	rd_kafka_queue_t *queue;
	ReaderRange *ranges;
	int			count;
	int			left;			/* ranges that are not read to their ends */
	ReadTopic  *topics;
	int			topic_count;
	ReadTopic  *last;			/* of the last message */
	bool		held;			/* by a Kafka transaction that is open */
	ReaderRecord record;
} Reading;

/* Starts to read what is to be read of a topic, whose ranges begin here. */
static bool
start_topic(Reading *reading, ReaderRange *first, int count, Failure *failure)
{
	ReadTopic  *topic = &reading->topics[reading->topic_count];

	topic->first = first;
	for (int i = 0; i < count; i++)
	{
		ReaderRange *range = &first[i];

		range->started = false;
		range->done = range->from >= range->high;
		if (range->done)
			continue;
		if (topic->handle == NULL)
		{
			topic->handle = rd_kafka_topic_new(reading->client, range->topic,
											   NULL);
			if (topic->handle != NULL)
				reading->topic_count++;
		}
		if (topic->handle == NULL ||
			rd_kafka_consume_start_queue(topic->handle, range->partition,
										 range->from, reading->queue) != 0)
			return failure_from_kafka(failure, rd_kafka_last_error(), NULL,
									  "could not read a topic");
		range->started = true;
		reading->left++;
	}
	return true;
}

/* How many ranges from here on are of the same topic? */
static int
count_of_topic(const ReaderRange *ranges, int count)
{
	int			same = 1;

	while (same < count && strcmp(ranges[same].topic, ranges->topic) == 0)
		same++;
	return same;
}

static int
compare_handles(const void *a, const void *b)
{
	uintptr_t	left = (uintptr_t) ((const ReadTopic *) a)->handle;
	uintptr_t	right = (uintptr_t) ((const ReadTopic *) b)->handle;

	return left < right ? -1 : left > right ? 1 : 0;
}

static bool
start_reading(Reading *reading, Failure *failure)
{
	int			same;

	reading->topics = pg_malloc0(reading->count * sizeof(ReadTopic));
	reading->queue = rd_kafka_queue_new(reading->client);
	for (int i = 0; i < reading->count; i += same)
	{
		same = count_of_topic(&reading->ranges[i], reading->count - i);
		if (!start_topic(reading, &reading->ranges[i], same, failure))
			return false;
	}
	qsort(reading->topics, reading->topic_count, sizeof(ReadTopic),
		  compare_handles);
	return true;
}

static void
stop_reading(Reading *reading)
{
	for (int i = 0; i < reading->topic_count; i++)
	{
		ReadTopic  *topic = &reading->topics[i];
		int			same = count_of_topic(topic->first,
										  reading->ranges + reading->count - topic->first);

		for (int j = 0; j < same; j++)
		{
			if (topic->first[j].started)
				rd_kafka_consume_stop(topic->handle, topic->first[j].partition);
		}
	}
	rd_kafka_queue_destroy(reading->queue);
	for (int i = 0; i < reading->topic_count; i++)
		rd_kafka_topic_destroy(reading->topics[i].handle);
	pg_free(reading->topics);
}

/* Which range is a message of? */
static ReaderRange *
find_range(Reading *reading, const rd_kafka_message_t *message)
{
	ReadTopic	wanted = {.handle = message->rkt};

	if (reading->last == NULL || reading->last->handle != message->rkt)
		reading->last = bsearch(&wanted, reading->topics, reading->topic_count,
								sizeof(ReadTopic), compare_handles);
	Assert(reading->last != NULL);
	return reading->last->first +
		(message->partition - reading->last->first->partition);
}

/*
 * Before an open transaction there is an end as well, behind which things go
 * on.
 */
static void
take_message(Reading *reading, const rd_kafka_message_t *message,
			 Failure *failure)
{
	ReaderRange *range = find_range(reading, message);
	bool		done = false;
	char	   *attempt;

	reading->held = false;
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		if (message->offset < range->high)
			reading->record(message, range->arg);
		done = message->offset >= range->high - 1;
	}
	else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
	{
		done = message->offset >= range->high;
		reading->held = !done;
		if (reading->held)
			pg_log_info("waiting for the end of a Kafka transaction that is open in topic \"%s\", partition %d, from offset " INT64_FORMAT " on",
						range->topic, range->partition, message->offset);
	}
	else
	{
		attempt = psprintf("could not read topic \"%s\", partition %d",
						   range->topic, range->partition);
		failure_from_kafka(failure, message->err,
						   rd_kafka_message_errstr(message), attempt);
		pg_free(attempt);
	}
	if (done && !range->done)
	{
		range->done = true;
		reading->left--;
	}
}

/* Reads all that was started to its ends. */
static bool
read_all(Reading *reading, Failure *failure)
{
	int64		last_progress = clock_ms();
	int64		next_pass = last_progress;

	while (reading->left > 0 && failure->kind == FAILURE_NONE)
	{
		rd_kafka_message_t *message = rd_kafka_consume_queue(reading->queue,
															 READ_PAUSE_MS);

		if (message != NULL)
		{
			last_progress = clock_ms();
			take_message(reading, message, failure);
			rd_kafka_message_destroy(message);
		}
		else if (clock_ms() - last_progress > READ_TIMEOUT_MS)
			failure_set(failure, FAILURE_RETRY,
						"could not read topic \"%s\": %s for %d s",
						reading->ranges[0].topic,
						reading->held ? "a Kafka transaction of another producer has been open" : "nothing came",
						READ_TIMEOUT_MS / 1000);
		if (clock_ms() >= next_pass)
		{
			if (!loop_pass())
				failure_ordered(failure);
			next_pass = clock_ms() + READ_PAUSE_MS;
		}
	}
	return failure->kind == FAILURE_NONE;
}

bool
reader_read_all(rd_kafka_t *client, ReaderRange *ranges, int count,
				ReaderRecord record, Failure *failure)
{
	Reading		reading = {
		.client = rd_kafka_opaque(client) != NULL ? rd_kafka_opaque(client) : client,
		.ranges = ranges,
		.count = count,
		.record = record
	};
	bool		ok;

	if (count == 0)
		return true;
	ok = start_reading(&reading, failure) && read_all(&reading, failure);
	stop_reading(&reading);
	return ok;
}

bool
reader_read(rd_kafka_t *client, const char *topic, int32 partition,
			int64 from, int64 high, ReaderRecord record, void *arg,
			Failure *failure)
{
	ReaderRange range = {
		.topic = topic,
		.partition = partition,
		.high = high,
		.from = from,
		.arg = arg
	};

	return reader_read_all(client, &range, 1, record, failure);
}
