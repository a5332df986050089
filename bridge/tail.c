/*-------------------------------------------------------------------------
 *
 * tail.c
 *	  What a connector's topics hold already, at its start.
 *
 * NOTES
 *	  A partition holds a prefix of what was to be sent to it (producer.c), so
 *	  the last position in it says all: what is decoded again and lies at or
 *	  below it is there, what lies above is not.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "tail.h"

#include <string.h>

#include "log.h"
#include "loop.h"
#include "reader.h"

/*
 * The kernel of a killed process still delivers what its sockets hold, and
 * the broker what it has queued or a quota holds back.  A consumer, as we are
 * one here, sees only what all in-sync replicas have: one that lags may stay
 * among them for replica.lag.time.max.ms, 30 s.
 */
#define FENCE_MS			5000
#define FENCE_REPLICATED_MS 35000
#define SETTLE_POLL_MS		100
/* Partitions that go on growing have another writer. */
#define SETTLE_TIMEOUT_MS	60000
#define METADATA_TIMEOUT_MS 5000

/* The partitions that a connector has written to, topic by topic. */
static ReaderRange *
list_partitions(const Topics *topics, int *count)
{
	ReaderRange *ranges;
	int			room = 1;

	*count = 0;
	for (const Topic *topic = topics->first; topic != NULL; topic = topic->next)
		room += topic->count;
	ranges = pg_malloc0(room * sizeof(ReaderRange));
	for (const Topic *topic = topics->first; topic != NULL; topic = topic->next)
	{
		for (int32 i = 0; i < topic->count; i++)
		{
			ranges[*count].topic = topic->name;
			ranges[*count].partition = i;
			(*count)++;
		}
	}
	return ranges;
}

/* Sum of the ends of all partitions; grows with every record. */
static bool
sum_ends(const Topics *topics, rd_kafka_t *reader, int64 *sum,
		 Failure *failure)
{
	int			count;
	ReaderRange *ranges = list_partitions(topics, &count);
	bool		ok = reader_limits_all(reader, ranges, count, false, failure);

	*sum = 0;
	for (int i = 0; ok && i < count; i++)
		*sum += ranges[i].high;
	pg_free(ranges);
	return ok;
}

/* Has a topic of the connector more than one replica? */
static bool
is_replicated(const Topics *topics, rd_kafka_t *reader)
{
	const rd_kafka_metadata_t *metadata;
	rd_kafka_topic_t **handles = pg_malloc(topics->count * sizeof(rd_kafka_topic_t *));
	int			count = 0;
	bool		found = false;

	for (const Topic *topic = topics->first; topic != NULL; topic = topic->next)
		handles[count++] = rd_kafka_topic_new(reader, topic->name, NULL);
	/* all that there is a handle of, with one request */
	if (rd_kafka_metadata(reader, 0, NULL, &metadata, METADATA_TIMEOUT_MS) ==
		RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		for (int i = 0; i < metadata->topic_cnt && !found; i++)
			found = metadata->topics[i].partition_cnt > 0 &&
				metadata->topics[i].partitions[0].replica_cnt > 1;
		rd_kafka_metadata_destroy(metadata);
	}
	else
		found = true;			/* not known: the longer time is safe */
	while (count > 0)
		rd_kafka_topic_destroy(handles[--count]);
	pg_free(handles);
	return found;
}

static int64
fence_ms(const Topics *topics, rd_kafka_t *reader,
		 const ConnectorConfig *config)
{
	const char *text = properties_get(config->worker, "fence.time.ms");

	if (text != NULL)
		return strtol(text, NULL, 10);
	return is_replicated(topics, reader) ? FENCE_REPLICATED_MS : FENCE_MS;
}

bool
tail_settle(const Topics *topics, rd_kafka_t *reader,
			const ConnectorConfig *config, Failure *failure)
{
	int64		give_up = clock_ms() + SETTLE_TIMEOUT_MS;
	int64		fence;
	int64		still_since = clock_ms();
	int64		last_sum = -1;
	int64		sum;

	if (topics->first == NULL)
		return true;
	fence = fence_ms(topics, reader, config);
	pg_log_info("the last run did not end in order: waiting until the topics have been still for %.1f s",
				(double) fence / 1000);
	still_since = clock_ms();
	while (clock_ms() - still_since < fence)
	{
		if (!sum_ends(topics, reader, &sum, failure))
			return false;
		if (sum != last_sum)
			still_since = clock_ms();
		last_sum = sum;
		if (clock_ms() > give_up)
		{
			pg_log_warning("topics of this connector keep growing: somebody else writes to them");
			return true;
		}
		if (!loop_wait(-1, 0, -1, SETTLE_POLL_MS))
			return failure_ordered(failure);
	}
	return true;
}

/* What is looked for, and what was found of all partitions. */
typedef struct TailSearch
{
	const char *connector;
	uint64		system_identifier;
	const History *history;
	int64		foreign;		/* records of others */
	int64		ours;			/* for inspect_record() */
	int			retired;		/* partitions whose known record is past its
								 * retention, and the first of them */
	const char *retired_topic;
	int32		retired_partition;
} TailSearch;

/* One of the partitions, for tail_record(). */
typedef struct PartitionSearch
{
	TailSearch *search;
	TopicPartition *partition;
	int64		known;			/* offset of the record whose position was
								 * stored; -1: none */
	bool		reliable;		/* what was stored, as far as that is seen
								 * without reading */
} PartitionSearch;

/* Is a record of this connector?  Then with its position. */
static bool
read_position(const rd_kafka_message_t *message, const TailSearch *search,
			  Position *position)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t		size;
	const char *connector;
	size_t		length;

	return rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
		rd_kafka_header_get_last(headers, POSITION_HEADER, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR &&
		position_read(value, size, position, &connector, &length) &&
		length == strlen(search->connector) &&
		memcmp(connector, search->connector, length) == 0 &&
		position->system_identifier == search->system_identifier;
}

/* Is a position none of the server's past? */
static bool
is_beyond(const History *history, const Position *position)
{
	return position->commit_lsn >= history_end(history, position->timeline);
}

static void
note_beyond(TopicPartition *partition, const Position *position)
{
	if (partition->has_beyond &&
		position_compare(position, &partition->beyond) <= 0)
		return;
	partition->has_beyond = true;
	partition->beyond = *position;
}

static void
tail_record(const rd_kafka_message_t *message, void *arg)
{
	PartitionSearch *one = arg;
	TailSearch *search = one->search;
	TopicPartition *partition = one->partition;
	Position	position;
	bool		ours = read_position(message, search, &position);

	/* a record that no change made has not changed the stored position */
	if (message->offset == one->known &&
		(!ours || (position.kind == 's' &&
				   position_compare(&position, &partition->position) != 0)))
		partition->missed = message->offset;
	if (!ours)
	{
		search->foreign++;
		return;
	}
	if (position.kind != 's')
	{
		partition->offset = message->offset;
		partition->at_end = false;
		return;
	}
	if (is_beyond(search->history, &position))
	{
		note_beyond(partition, &position);
		return;
	}
	if (partition->has_tail &&
		position_compare(&position, &partition->tail) <= 0)
		return;
	/* both or none: they are compared at the next start */
	partition->offset = message->offset;
	partition->at_end = false;
	partition->has_tail = true;
	partition->tail = position;
}

/*
 * Reads from the stored offset on, where the stored record must be.
 * Retention may have taken it: then all that is left was written later.
 */
static void
begin_at_known(ReaderRange *range, PartitionSearch *one)
{
	TailSearch *search = one->search;
	TopicPartition *partition = one->partition;
	int64		from = Max(partition->offset, 0);
	bool		is_there = partition->has_position && !partition->at_end;

	range->from = range->high;
	if (from > range->high || (from == range->high && is_there))
	{
		partition->missed = from;
		return;
	}
	one->known = is_there ? from : -1;
	if (from < range->low && search->retired++ == 0)
	{
		search->retired_topic = range->topic;
		search->retired_partition = range->partition;
	}
	range->from = Max(from, range->low);
}

static void
begin_partition(ReaderRange *range, PartitionSearch *one)
{
	TopicPartition *partition = one->partition;

	partition->next = range->high;
	partition->missed = -1;
	partition->has_beyond = false;

	/* of records that are past their retention the store knows */
	partition->has_tail = partition->has_position &&
		!is_beyond(one->search->history, &partition->position);
	partition->tail = partition->position;
	if (partition->has_position && !partition->has_tail)
		note_beyond(partition, &partition->position);
	one->reliable = partition->has_tail || !partition->has_position;
	one->known = -1;
	begin_at_known(range, one);
}

/*
 * Where what was stored does not help, all is read.  Whoever accepts that
 * still gets no record twice that the partition does have.
 */
static void
begin_anew(ReaderRange *range, PartitionSearch *one)
{
	TopicPartition *partition = one->partition;

	range->from = range->high;
	if (partition->missed < 0 && one->reliable)
		return;
	partition->has_tail = false;
	partition->offset = range->high;
	partition->at_end = true;
	one->known = -1;
	range->from = range->low;
}

/* Takes what was found as what is known from now on. */
static void
take_tails(Topic *topic)
{
	for (int32 i = 0; i < topic->count; i++)
	{
		TopicPartition *partition = &topic->partitions[i];

		partition->has_position = partition->has_tail;
		if (!partition->has_tail)
			continue;
		partition->position = partition->tail;
		if (!topic->has_tail ||
			position_compare(&partition->tail, &topic->tail) > 0)
			topic->tail = partition->tail;
		topic->has_tail = true;
	}
}

/* All partitions at the same time; there may be a thousand. */
static bool
read_partitions(Topics *topics, rd_kafka_t *reader, TailSearch *search,
				Failure *failure)
{
	int			count;
	ReaderRange *ranges = list_partitions(topics, &count);
	PartitionSearch *searches = pg_malloc0((count + 1) * sizeof(PartitionSearch));
	PartitionSearch *one = searches;
	bool		ok = reader_limits_all(reader, ranges, count, true, failure);

	for (Topic *topic = topics->first; topic != NULL; topic = topic->next)
	{
		for (int32 i = 0; i < topic->count; i++)
		{
			one->search = search;
			one++->partition = &topic->partitions[i];
		}
	}
	for (int i = 0; ok && i < count; i++)
	{
		ranges[i].arg = &searches[i];
		begin_partition(&ranges[i], &searches[i]);
	}
	ok = ok && reader_read_all(reader, ranges, count, tail_record, failure);
	for (int i = 0; ok && i < count; i++)
		begin_anew(&ranges[i], &searches[i]);
	ok = ok && reader_read_all(reader, ranges, count, tail_record, failure);
	pg_free(searches);
	pg_free(ranges);
	return ok;
}

bool
tail_read(Topics *topics, rd_kafka_t *reader, const ConnectorConfig *config,
		  const History *history, Failure *failure)
{
	TailSearch	search = {
		.connector = config->name,
		.system_identifier = history->system_identifier,
		.history = history
	};

	if (!read_partitions(topics, reader, &search, failure))
		return false;
	for (Topic *topic = topics->first; topic != NULL; topic = topic->next)
		take_tails(topic);
	if (search.retired > 0)
		pg_log_info("the last known records of %d partitions are past their retention (topic \"%s\", partition %d, %s): going on behind them",
					search.retired, search.retired_topic,
					search.retired_partition,
					search.retired > 1 ? "is the first" : "it is");
	if (search.foreign > 0)
		pg_log_info("passed over " INT64_FORMAT " records that this connector did not write",
					search.foreign);
	return true;
}

static void
inspect_record(const rd_kafka_message_t *message, void *arg)
{
	TailSearch *search = arg;
	Position	position;

	if (read_position(message, search, &position))
		search->ours++;
	else
		search->foreign++;
}

bool
tail_inspect(const char *topic, const TopicPartition *partition, int64 from,
			 int64 to, const ConnectorConfig *config,
			 uint64 system_identifier, Failure *failure)
{
	TailSearch	search = {
		.connector = config->name,
		.system_identifier = system_identifier
	};

	/* up to a record of ours, whose transaction is still open */
	rd_kafka_t *reader = reader_new(config, false, failure);
	bool		ok;

	if (reader == NULL)
		return false;
	ok = reader_read(reader, topic, partition->number, from, to,
					 inspect_record, &search, failure);
	reader_free(reader);
	if (!ok)
		return false;
	if (search.ours > 0)
	{
		failure_set(failure, FAILURE_RETRY,
					"another process has written " INT64_FORMAT " records of this connector to topic \"%s\", partition %d, from offset " INT64_FORMAT " on",
					search.ours, topic, partition->number, from);
		failure_hint(failure,
					 "It was taken for dead, or a connector of the same name runs in another group of bridges. What it wrote may be there twice.");
		return false;
	}
	if (search.foreign > 0)
		pg_log_info("somebody else writes to topic \"%s\", partition %d, too",
					topic, partition->number);
	return true;
}
