/*-------------------------------------------------------------------------
 *
 * consumer.c
 *	  The topics of a pipeline: partitions, where they are, their events.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <fcntl.h>
#include <unistd.h>

#include "consumer.h"
#include "kafka.h"
#include "kafka_property.h"
#include "log.h"
#include "port/pg_crc32c.h"
#include "position.h"

/* A broker that does not answer a question is asked again later. */
#define QUESTION_TIMEOUT_MS 5000

/* How often librdkafka is reminded of what is to be fetched, and what it may
 * cost. */
#define NUDGE_INTERVAL_MS	20
#define NUDGE_TIMEOUT_MS	10

/* Asked while nothing comes anyway, or now and then. */
#define RECHECK_TIMEOUT_MS	500

/* The last commit of offsets, which are for the eye only, keeps nobody. */
#define COMMIT_TIMEOUT_MS	2000

struct Consumer
{
	const Pipeline *pipeline;
	rd_kafka_t *handle;
	rd_kafka_queue_t *queue;
	int			wake[2];		/* pipe: the queue has something */
	Partition  *partitions;		/* never shrinks: numbers stay valid */
	int			partition_count;
	ConsumerRevoke revoke;
	void	   *arg;
	char		trouble[512];
	bool		must_nudge;		/* see consumer_nudge() */
	int			nudged;			/* partition that was nudged last */
	int64		nudge_at_ms;	/* not before */
};

static SourceTable *
source_of(const Consumer *consumer, const char *topic)
{
	for (int s = 0; s < consumer->pipeline->source_count; s++)
	{
		SourceTable *source = &consumer->pipeline->sources[s];

		for (int t = 0; t < source->topic_count; t++)
			if (strcmp(source->topics[t], topic) == 0)
				return source;
	}
	return NULL;
}

static int
partition_find(Consumer *consumer, const char *topic, int32 number)
{
	for (int i = 0; i < consumer->partition_count; i++)
		if (consumer->partitions[i].number == number &&
			strcmp(consumer->partitions[i].topic, topic) == 0)
			return i;
	return -1;
}

static int
partition_add(Consumer *consumer, const char *topic, int32 number)
{
	int			found = partition_find(consumer, topic, number);
	Partition  *partition;

	if (found >= 0)
		return found;
	consumer->partitions = pg_realloc(consumer->partitions,
									  (consumer->partition_count + 1) *
									  sizeof(Partition));
	partition = &consumer->partitions[consumer->partition_count];
	memset(partition, 0, sizeof(Partition));
	partition->topic = pg_strdup(topic);
	partition->number = number;
	partition->committed = -1;
	partition->check.offset = partition->sent.offset = -1;
	partition->done.offset = partition->anchor.offset = -1;
	partition->going_to = -1;
	partition->moving = -1;
	return consumer->partition_count++;
}

void
landmark_set(Landmark *landmark, int64 offset, char *position)
{
	free(landmark->position);
	landmark->offset = offset;
	landmark->position = position;
}

static void
partition_reset(Partition *partition)
{
	partition->placed = false;
	partition->paused = false;
	if (partition->last != NULL)
		rd_kafka_message_destroy(partition->last);
	partition->last = NULL;
	landmark_set(&partition->check, -1, NULL);
	landmark_set(&partition->sent, -1, NULL);
	partition->going_to = -1;
	partition->moving = -1;
}

/* It is another member's, and what this one knows of it may become wrong. */
static void
partition_give_up(Partition *partition)
{
	partition_reset(partition);
	partition->assigned = false;
	partition->remembered = false;
	partition->committed = -1;
	partition->suspect = false;
	landmark_set(&partition->done, -1, NULL);
	landmark_set(&partition->anchor, -1, NULL);
}

static rd_kafka_topic_partition_list_t *
list_of_one(const char *topic, int32 number, int64 offset)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

	rd_kafka_topic_partition_list_add(list, topic, number)->offset = offset;
	return list;
}

/* Called from consumer_poll() and consumer_close(), in this thread. */
static void
on_rebalance(rd_kafka_t *handle, rd_kafka_resp_err_t reason,
			 rd_kafka_topic_partition_list_t *list, void *opaque)
{
	Consumer   *consumer = opaque;
	rd_kafka_error_t *error;

	if (reason == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
	{
		/*
		 * Paused: the true place is asked of the target.  The offset is a
		 * number, as where the end is would be asked of the broker, and an
		 * answer that comes late would move the partition there.
		 */
		for (int i = 0; i < list->cnt; i++)
			list->elems[i].offset = 0;
		error = rd_kafka_incremental_assign(handle, list);
		if (error == NULL)
			rd_kafka_pause_partitions(handle, list);
		for (int i = 0; error == NULL && i < list->cnt; i++)
		{
			Partition  *partition;
			int			number;

			/* stays paused: a member of this name had another script */
			if (source_of(consumer, list->elems[i].topic) == NULL)
			{
				pg_log_warning("got partition %d of topic \"%s\", which the script does not name; leaving it alone",
							   list->elems[i].partition, list->elems[i].topic);
				continue;
			}
			number = partition_add(consumer, list->elems[i].topic,
								   list->elems[i].partition);
			partition = &consumer->partitions[number];
			partition_reset(partition);
			partition->assigned = true;
			pg_log_info("got partition %d of topic \"%s\"", partition->number,
						partition->topic);
		}
	}
	else
	{
		consumer->revoke(consumer->arg);
		for (int i = 0; i < list->cnt; i++)
		{
			int			number = partition_find(consumer, list->elems[i].topic,
												list->elems[i].partition);

			if (number < 0)
				continue;
			partition_give_up(&consumer->partitions[number]);
			pg_log_info("gave back partition %d of topic \"%s\"",
						list->elems[i].partition, list->elems[i].topic);
		}
		error = rd_kafka_incremental_unassign(handle, list);
	}
	if (error != NULL)
	{
		pg_log_error("could not change the assignment: %s",
					 rd_kafka_error_string(error));
		rd_kafka_error_destroy(error);
	}
}

/* What Kafka has taken note of it can forget: see consumer_verify(). */
static void
on_commit(rd_kafka_t *handle pg_attribute_unused(), rd_kafka_resp_err_t failure,
		  rd_kafka_topic_partition_list_t *list, void *opaque)
{
	Consumer   *consumer = opaque;

	for (int i = 0; list != NULL && i < list->cnt; i++)
	{
		int			number = partition_find(consumer, list->elems[i].topic,
											list->elems[i].partition);
		Partition  *partition;

		if (number < 0)
			continue;
		partition = &consumer->partitions[number];
		if (failure != RD_KAFKA_RESP_ERR_NO_ERROR ||
			list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
		{
			partition->committed = -1;	/* once more */
			continue;
		}
		if (!partition->assigned)
			continue;
		partition->remembered = true;
		if (partition->anchor.offset < 0 && partition->done.offset >= 0)
			landmark_set(&partition->anchor, partition->done.offset,
						 pg_strdup(partition->done.position));
	}
}

static void
set_trouble(Consumer *consumer, const char *text)
{
	if (strcmp(consumer->trouble, text) == 0)
		return;
	strlcpy(consumer->trouble, text, sizeof(consumer->trouble));
	if (*text != '\0')
		pg_log_warning("%s; trying again", text);
	else
		pg_log_info("events can be read again");
}

/* The broker is away. */
static void
on_error(rd_kafka_t *handle pg_attribute_unused(), int code,
		 const char *reason, void *opaque)
{
	Consumer   *consumer = opaque;
	char		text[512];

	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
	{
		snprintf(text, sizeof(text), "could not reach any broker of \"%s\"",
				 properties_get(consumer->pipeline->consumer,
								"bootstrap.servers"));
		set_trouble(consumer, text);
	}
	else if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
			 code == RD_KAFKA_RESP_ERR__SSL)
	{
		snprintf(text, sizeof(text), "could not connect to Kafka: %s", reason);
		set_trouble(consumer, text);
	}
	else
		pg_log_debug("kafka: %s", reason);
}

/*
 * Memory: what is fetched and not read yet.  When that is full, librdkafka
 * looks again after fetch.queue.backoff.ms; where that cannot be set, before
 * 2.2, after a second, or when consumer_nudge() wakes it.
 */
static bool
set_queue(rd_kafka_conf_t *conf, bool *must_nudge, PQExpBuffer error)
{
	*must_nudge = rd_kafka_conf_set(conf, "fetch.queue.backoff.ms",
									"10", NULL, 0) != RD_KAFKA_CONF_OK;
	return kafka_conf_set(conf, "queued.max.messages.kbytes", "4096", error) &&
	/* a limit by number would come first where events are small */
		kafka_conf_set(conf, "queued.min.messages", "1000000", error);
}

/* FNV-1a over the names of all topics. */
static uint32
topics_hash(const Pipeline *pipeline)
{
	uint32		hash = 2166136261u;

	for (int s = 0; s < pipeline->source_count; s++)
		for (int t = 0; t < pipeline->sources[s].topic_count; t++)
			for (const char *p = pipeline->sources[s].topics[t];; p++)
			{
				hash = (hash ^ (unsigned char) *p) * 16777619u;
				if (*p == '\0')
					break;
			}
	return hash;
}

/* Properties that the script does not give. */
static bool
set_defaults(const Pipeline *pipeline, rd_kafka_conf_t *conf,
			 bool *must_nudge, PQExpBuffer error)
{
	char		host[256] = "localhost";
	char	   *instance;
	char	   *group;
	bool		good;

	/*
	 * A static member takes its partitions up again after a crash without a
	 * rebalance, and two that call themselves the same fence each other. With
	 * other topics it must be another member: the broker would give it the
	 * partitions it had.
	 */
	gethostname(host, sizeof(host) - 1);
	instance = psprintf("%s-%s-%08x", pipeline->name, host,
						topics_hash(pipeline));
	group = psprintf("debezium_applier-%s", pipeline->name);
	good = kafka_conf_set(conf, "group.id", group, error) &&
		kafka_conf_set(conf, "group.instance.id", instance, error) &&
	/* the shortest a broker allows by default */
		kafka_conf_set(conf, "session.timeout.ms", "6000", error) &&
		kafka_conf_set(conf, "heartbeat.interval.ms", "2000", error) &&
	/* a topic that does not exist yet is found soon */
		kafka_conf_set(conf, "topic.metadata.refresh.interval.ms", "2000", error) &&
		kafka_conf_set(conf, "reconnect.backoff.max.ms", "2000", error) &&
		set_queue(conf, must_nudge, error) &&
		kafka_conf_set(conf, "fetch.max.bytes", "8388608", error) &&
	/* a broker with little to give is asked again at once */
		kafka_conf_set(conf, "fetch.wait.max.ms", "100", error) &&
		kafka_conf_set(conf, "fetch.error.backoff.ms", "100", error);
	free(instance);
	free(group);
	return good;
}

/* Properties that are the applier's own matter. */
static bool
set_fixed(rd_kafka_conf_t *conf, PQExpBuffer error)
{
	return kafka_conf_set(conf, "enable.auto.commit", "false", error) &&
		kafka_conf_set(conf, "enable.auto.offset.store", "false", error) &&
		kafka_conf_set(conf, "auto.offset.reset", "error", error) &&
	/* what is at the end and no event, as transactions' marks, is passed */
		kafka_conf_set(conf, "enable.partition.eof", "true", error) &&
		kafka_conf_set(conf, "allow.auto.create.topics", "false", error) &&
		kafka_conf_set(conf, "partition.assignment.strategy",
					   "cooperative-sticky", error);
}

static bool
set_properties(const Pipeline *pipeline, rd_kafka_conf_t *conf,
			   PQExpBuffer error)
{
	static const char *const ours[] = {
		"enable.auto.commit", "auto.commit.interval.ms", "auto.offset.reset",
		"enable.auto.offset.store", "partition.assignment.strategy",
		"partition.discovery.interval.ms", "allow.auto.create.topics"
	};

	for (int i = 0; i < pipeline->consumer->count; i++)
	{
		const Property *property = &pipeline->consumer->items[i];
		bool		fixed = false;

		for (size_t o = 0; o < lengthof(ours); o++)
			if (strcmp(property->name, ours[o]) == 0)
				fixed = true;
		if (fixed)
		{
			/* where to start without offsets is read by startup_offset() */
			if (strcmp(property->name, "auto.offset.reset") != 0)
				pg_log_warning("option 'properties.%s' has no effect: offsets are kept with the data",
							   property->name);
			continue;
		}
		if (!kafka_conf_set_java(conf, property->name, property->value, error))
			return false;
	}
	return true;
}

static bool
subscribe(Consumer *consumer, PQExpBuffer error)
{
	rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(4);
	rd_kafka_resp_err_t failure;

	for (int s = 0; s < consumer->pipeline->source_count; s++)
		for (int t = 0; t < consumer->pipeline->sources[s].topic_count; t++)
		{
			const char *topic = consumer->pipeline->sources[s].topics[t];

			if (rd_kafka_topic_partition_list_find(topics, topic,
												   RD_KAFKA_PARTITION_UA) == NULL)
				rd_kafka_topic_partition_list_add(topics, topic,
												  RD_KAFKA_PARTITION_UA);
		}
	failure = rd_kafka_subscribe(consumer->handle, topics);
	rd_kafka_topic_partition_list_destroy(topics);
	if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
		return true;
	appendPQExpBuffer(error, "could not subscribe to the topics: %s",
					  rd_kafka_err2str(failure));
	return false;
}

rd_kafka_conf_t *
consumer_conf(const Pipeline *pipeline, bool *must_nudge, PQExpBuffer error)
{
	rd_kafka_conf_t *conf = kafka_conf_new("debezium_applier");

	if (set_defaults(pipeline, conf, must_nudge, error) &&
		set_properties(pipeline, conf, error) && set_fixed(conf, error))
		return conf;
	rd_kafka_conf_destroy(conf);
	return NULL;
}

Consumer *
consumer_new(const Pipeline *pipeline, ConsumerRevoke revoke, void *arg,
			 PQExpBuffer error)
{
	Consumer   *consumer = pg_malloc0(sizeof(Consumer));
	rd_kafka_conf_t *conf;
	char		reason[512];

	consumer->pipeline = pipeline;
	consumer->revoke = revoke;
	consumer->arg = arg;
	consumer->wake[0] = consumer->wake[1] = -1;
	conf = consumer_conf(pipeline, &consumer->must_nudge, error);
	if (conf == NULL)
		goto failed;
	rd_kafka_conf_set_opaque(conf, consumer);
	rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
	rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
	rd_kafka_conf_set_error_cb(conf, on_error);
	consumer->handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason,
									sizeof(reason));
	if (consumer->handle == NULL)
	{
		appendPQExpBuffer(error, "could not create Kafka consumer: %s", reason);
		rd_kafka_conf_destroy(conf);
		goto failed;
	}
	rd_kafka_poll_set_consumer(consumer->handle);
	if (pipe2(consumer->wake, O_NONBLOCK | O_CLOEXEC) != 0)
	{
		appendPQExpBuffer(error, "could not create pipe: %s", strerror(errno));
		goto failed;
	}
	consumer->queue = rd_kafka_queue_get_consumer(consumer->handle);
	rd_kafka_queue_io_event_enable(consumer->queue, consumer->wake[1], "", 1);
	if (subscribe(consumer, error))
		return consumer;

failed:
	/* the process ends */
	return NULL;
}

void
consumer_close(Consumer *consumer)
{
	char		instance[256];
	size_t		size = sizeof(instance);

	/* a static member stays one until its session times out */
	if (rd_kafka_conf_get(rd_kafka_conf(consumer->handle), "group.instance.id",
						  instance, &size) != RD_KAFKA_CONF_OK || size <= 1)
		rd_kafka_consumer_close(consumer->handle);
}

int
consumer_fd(const Consumer *consumer)
{
	return consumer->wake[0];
}

void
consumer_drain_fd(const Consumer *consumer)
{
	char		bytes[256];

	while (read(consumer->wake[0], bytes, sizeof(bytes)) > 0)
		;
}

/* After a fatal error librdkafka does nothing any more. */
static bool
is_broken(Consumer *consumer, PQExpBuffer error)
{
	char		text[512];

	switch (rd_kafka_fatal_error(consumer->handle, text, sizeof(text)))
	{
		case RD_KAFKA_RESP_ERR_NO_ERROR:
			return false;
		case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
			/* or this one is again, to a broker that was killed meanwhile */
			appendPQExpBuffer(error, "another applier runs pipeline \"%s\" as the same member of the group: set 'properties.group.instance.id' to different values to run two",
							  consumer->pipeline->name);
			return true;
		default:
			appendPQExpBuffer(error, "Kafka client failed: %s", text);
			return true;
	}
}

static bool
is_placed(Consumer *consumer, const char *topic, int32 number)
{
	int			found = partition_find(consumer, topic, number);

	return found >= 0 && consumer->partitions[found].placed;
}

/* The event to be checked was read, or is not there any more. */
static void
check_is_over(Partition *partition)
{
	if (partition->check.offset >= 0)
		partition->suspect = false;
	landmark_set(&partition->check, -1, NULL);
}

/* All up to an offset was read, events or not. */
static void
take_end(Consumer *consumer, const rd_kafka_message_t *message)
{
	int			found = partition_find(consumer,
									   rd_kafka_topic_name(message->rkt),
									   message->partition);
	Partition  *partition = found >= 0 ? &consumer->partitions[found] : NULL;

	if (partition == NULL || !partition->placed || partition->paused)
		return;
	if (message->offset > partition->check.offset)
		check_is_over(partition);
	partition->next = Max(partition->next, message->offset);
}

/* An error in the place of an event; CONSUMER_NOTHING: go on. */
static ConsumerResult
take_error(Consumer *consumer, const rd_kafka_message_t *message,
		   PQExpBuffer error)
{
	const char *topic = message->rkt != NULL ?
	rd_kafka_topic_name(message->rkt) : "";
	char		text[512];

	switch (message->err)
	{
		case RD_KAFKA_RESP_ERR__PARTITION_EOF:
			take_end(consumer, message);
			return CONSUMER_NOTHING;
		case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
		case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
			snprintf(text, sizeof(text), "topic \"%s\" does not exist (yet)",
					 topic);
			set_trouble(consumer, text);
			return CONSUMER_NOTHING;
		case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
			appendPQExpBuffer(error, "could not read topic \"%s\": %s", topic,
							  rd_kafka_message_errstr(message));
			return CONSUMER_FAILED;
		case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
			if (!is_placed(consumer, topic, message->partition))
				return CONSUMER_NOTHING;
			/* whether events are lost is seen when it is placed */
			pg_log_warning("topic \"%s\" partition %d has not the offset that is to be read next: %s",
						   topic, message->partition,
						   rd_kafka_message_errstr(message));
			return CONSUMER_REPLACE;
		case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
			pg_log_warning("%s", rd_kafka_message_errstr(message));
			return CONSUMER_NOTHING;
		default:
			pg_log_debug("kafka: %s", rd_kafka_message_errstr(message));
			return CONSUMER_NOTHING;
	}
}

const void *
message_header(const rd_kafka_message_t *message, const char *name,
			   size_t *length)
{
	rd_kafka_headers_t *headers;
	const void *value;

	if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
		rd_kafka_header_get_last(headers, name, &value, length) ==
		RD_KAFKA_RESP_ERR_NO_ERROR)
		return value;
	return NULL;
}

char *
message_position(const rd_kafka_message_t *message)
{
	const void *value;
	size_t		length;
	pg_crc32c	crc;

	value = message_header(message, POSITION_HEADER, &length);
	if (value != NULL)
		return pnstrdup(value, length);
	INIT_CRC32C(crc);
	COMP_CRC32C(crc, message->key, message->key_len);
	COMP_CRC32C(crc, message->payload, message->len);
	FIN_CRC32C(crc);
	return psprintf("%lld %08X",
					(long long) rd_kafka_message_timestamp(message, NULL),
					(unsigned int) crc);
}

/* Is an event that was applied still the same one? */
static bool
check_position(const Pipeline *pipeline, Partition *partition,
			   const rd_kafka_message_t *message, PQExpBuffer error)
{
	char	   *position = message_position(message);
	bool		same = strcmp(position, partition->check.position) == 0;

	if (!same)
		appendPQExpBuffer(error, "topic \"%s\" partition %d has another event at offset " INT64_FORMAT " than the one that was applied (position \"%s\", now \"%s\"): the topic was truncated or made anew. To start again by 'scan.startup.mode', remove the rows of pipeline \"%s\" from %s in the target",
						  partition->topic, partition->number,
						  partition->check.offset, partition->check.position,
						  position, pipeline->name, pipeline->progress_table);
	free(position);
	if (same)
	{
		landmark_set(&partition->anchor, partition->check.offset,
					 pg_strdup(partition->check.position));
		check_is_over(partition);
	}
	return same;
}

ConsumerResult
consumer_poll(Consumer *consumer, rd_kafka_message_t **result, int *number,
			  PQExpBuffer error)
{
	rd_kafka_message_t *message;

	while ((message = rd_kafka_consumer_poll(consumer->handle, 0)) != NULL)
	{
		Partition  *partition;

		if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		{
			ConsumerResult outcome = take_error(consumer, message, error);

			rd_kafka_message_destroy(message);
			if (outcome != CONSUMER_NOTHING)
				return outcome;
			continue;
		}
		*number = partition_find(consumer, rd_kafka_topic_name(message->rkt),
								 message->partition);
		partition = *number >= 0 ? &consumer->partitions[*number] : NULL;
		if (partition == NULL || !partition->placed || partition->paused ||
			(message->offset < partition->next &&
			 message->offset != partition->check.offset))
		{
			rd_kafka_message_destroy(message);
			continue;
		}
		if (*consumer->trouble != '\0')
			set_trouble(consumer, "");
		if (message->offset == partition->check.offset)
		{
			bool		good = check_position(consumer->pipeline, partition,
											  message, error);

			rd_kafka_message_destroy(message);
			if (!good)
				return CONSUMER_FAILED;
			continue;
		}
		partition->next = message->offset + 1;
		*result = message;
		return CONSUMER_EVENT;
	}
	return is_broken(consumer, error) ? CONSUMER_BROKEN : CONSUMER_NOTHING;
}

void
consumer_nudge(Consumer *consumer, int64 now_ms)
{
	int64		missing = 0;
	int			lagging = -1;

	if (!consumer->must_nudge || now_ms < consumer->nudge_at_ms)
		return;
	consumer->nudge_at_ms = now_ms + NUDGE_INTERVAL_MS;
	for (int i = 1; i <= consumer->partition_count; i++)
	{
		int			number = (consumer->nudged + i) % consumer->partition_count;
		const Partition *partition = &consumer->partitions[number];
		int64		end;

		if (!partition->placed)
			continue;
		end = consumer_known_end(consumer, number);
		if (end <= partition->next)
			continue;
		missing += end - partition->next;
		if (lagging < 0)
			lagging = number;
	}
	if (lagging >= 0 && missing > (int64) rd_kafka_queue_length(consumer->queue))
	{
		const Partition *partition = &consumer->partitions[lagging];
		int64		low;
		int64		high;

		consumer->nudged = lagging;
		(void) rd_kafka_query_watermark_offsets(consumer->handle,
												partition->topic,
												partition->number, &low, &high,
												NUDGE_TIMEOUT_MS);
	}
}

int
consumer_partition_count(const Consumer *consumer)
{
	return consumer->partition_count;
}

Partition *
consumer_partition(Consumer *consumer, int number)
{
	return &consumer->partitions[number];
}

/*
 * Taken out of the assignment and put in again with its offset: unlike a
 * seek this works in any state of the fetcher and drops what was fetched.
 */
static bool
read_from(Consumer *consumer, Partition *partition, int64 offset,
		  PQExpBuffer error)
{
	rd_kafka_topic_partition_list_t *list = list_of_one(partition->topic,
														partition->number,
														offset);
	rd_kafka_error_t *failure;

	failure = rd_kafka_incremental_unassign(consumer->handle, list);
	if (failure == NULL)
		failure = rd_kafka_incremental_assign(consumer->handle, list);
	if (failure == NULL)
		rd_kafka_resume_partitions(consumer->handle, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (failure != NULL)
	{
		appendPQExpBuffer(error, "could not start at offset " INT64_FORMAT " of topic \"%s\" partition %d: %s",
						  offset, partition->topic, partition->number,
						  rd_kafka_error_string(failure));
		rd_kafka_error_destroy(failure);
		return false;
	}
	return true;
}

bool
consumer_place(Consumer *consumer, int number, int64 offset, PQExpBuffer error)
{
	Partition  *partition = &consumer->partitions[number];

	if (!read_from(consumer, partition, partition->check.offset >= 0 ?
				   partition->check.offset : offset, error))
		return false;
	partition->next = partition->applied = offset;
	partition->placed = true;
	return true;
}

void
consumer_pause(Consumer *consumer)
{
	for (int i = 0; i < consumer->partition_count; i++)
	{
		Partition  *partition = &consumer->partitions[i];
		rd_kafka_topic_partition_list_t *list;

		if (!partition->assigned || !partition->placed || partition->paused)
			continue;
		list = list_of_one(partition->topic, partition->number,
						   RD_KAFKA_OFFSET_INVALID);
		rd_kafka_pause_partitions(consumer->handle, list);
		rd_kafka_topic_partition_list_destroy(list);
		partition->paused = true;
	}
}

bool
consumer_resume(Consumer *consumer, PQExpBuffer error)
{
	for (int i = 0; i < consumer->partition_count; i++)
	{
		Partition  *partition = &consumer->partitions[i];

		if (!partition->paused)
			continue;
		if (!read_from(consumer, partition, partition->check.offset >= 0 ?
					   partition->check.offset : partition->next, error))
			return false;
		partition->paused = false;
	}
	return true;
}

void
consumer_forget(Consumer *consumer)
{
	for (int i = 0; i < consumer->partition_count; i++)
	{
		Partition  *partition = &consumer->partitions[i];
		rd_kafka_topic_partition_list_t *list;

		if (!partition->assigned)
			continue;
		list = list_of_one(partition->topic, partition->number,
						   RD_KAFKA_OFFSET_INVALID);
		rd_kafka_pause_partitions(consumer->handle, list);
		rd_kafka_topic_partition_list_destroy(list);
		partition_reset(partition);
	}
}

bool
consumer_watermarks(Consumer *consumer, const char *topic, int32 number,
					int64 *low, int64 *high, PQExpBuffer error)
{
	rd_kafka_resp_err_t failure =
	rd_kafka_query_watermark_offsets(consumer->handle, topic, number, low,
									 high, QUESTION_TIMEOUT_MS);

	if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
		return true;
	appendPQExpBuffer(error, "could not ask for the offsets of topic \"%s\" partition %d: %s",
					  topic, number, rd_kafka_err2str(failure));
	return false;
}

int64
consumer_known_end(Consumer *consumer, int number)
{
	const Partition *partition = &consumer->partitions[number];
	int64		low;
	int64		high;

	if (rd_kafka_get_watermark_offsets(consumer->handle, partition->topic,
									   partition->number, &low, &high) !=
		RD_KAFKA_RESP_ERR_NO_ERROR || high < 0)
		return -1;
	return high;
}

/* The group's committed offset; RD_KAFKA_OFFSET_INVALID: none. */
static bool
committed_offset(Consumer *consumer, const char *topic, int32 number,
				 int64 *offset, PQExpBuffer error)
{
	rd_kafka_topic_partition_list_t *list =
	list_of_one(topic, number, RD_KAFKA_OFFSET_INVALID);
	rd_kafka_resp_err_t failure = rd_kafka_committed(consumer->handle, list,
													 QUESTION_TIMEOUT_MS);

	if (failure != RD_KAFKA_RESP_ERR_NO_ERROR)
		appendPQExpBuffer(error, "could not ask for the group's offset of topic \"%s\" partition %d: %s",
						  topic, number, rd_kafka_err2str(failure));
	*offset = list->elems[0].offset;
	rd_kafka_topic_partition_list_destroy(list);
	return failure == RD_KAFKA_RESP_ERR_NO_ERROR;
}

static bool
offset_of_time(Consumer *consumer, const char *topic, int32 number, int64 time,
			   int64 end, int64 *offset, PQExpBuffer error)
{
	rd_kafka_topic_partition_list_t *list = list_of_one(topic, number, time);
	rd_kafka_resp_err_t failure = rd_kafka_offsets_for_times(consumer->handle,
															 list,
															 QUESTION_TIMEOUT_MS);

	if (failure != RD_KAFKA_RESP_ERR_NO_ERROR)
		appendPQExpBuffer(error, "could not ask for an offset by time of topic \"%s\" partition %d: %s",
						  topic, number, rd_kafka_err2str(failure));
	*offset = list->elems[0].offset >= 0 ? list->elems[0].offset : end;
	rd_kafka_topic_partition_list_destroy(list);
	return failure == RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool
consumer_topic_partitions(Consumer *consumer, const char *topic, int32 *count,
						  PQExpBuffer error)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(consumer->handle, topic, NULL);
	rd_kafka_resp_err_t failure = rd_kafka_metadata(consumer->handle, 0, handle,
													&metadata,
													RECHECK_TIMEOUT_MS);

	if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		failure = metadata->topic_cnt == 1 ? metadata->topics[0].err :
			RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
		*count = failure == RD_KAFKA_RESP_ERR_NO_ERROR ?
			metadata->topics[0].partition_cnt : 0;
		rd_kafka_metadata_destroy(metadata);
	}
	rd_kafka_topic_destroy(handle);
	if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
		return true;
	appendPQExpBuffer(error, "could not ask for the partitions of topic \"%s\": %s",
					  topic, rd_kafka_err2str(failure));
	return false;
}

bool
consumer_startup_offset(Consumer *consumer, const char *topic, int32 number,
						int64 *offset, bool *hopeless, PQExpBuffer error)
{
	const SourceTable *source = source_of(consumer, topic);
	StartupMode mode = source->startup;
	const char *reset;
	int64		low;
	int64		high;

	*hopeless = false;
	if (!consumer_watermarks(consumer, topic, number, &low, &high, error))
		return false;
	if (mode == STARTUP_GROUP_OFFSETS)
	{
		if (!committed_offset(consumer, topic, number, offset, error))
			return false;
		if (*offset >= 0)
			return true;
		reset = properties_get(consumer->pipeline->consumer,
							   "auto.offset.reset");
		if (reset != NULL && strcmp(reset, "earliest") == 0)
			mode = STARTUP_EARLIEST;
		else if (reset != NULL && strcmp(reset, "latest") == 0)
			mode = STARTUP_LATEST;
		else
		{
			appendPQExpBuffer(error, "group \"%s\" has no offset for topic \"%s\" partition %d. Set 'scan.startup.mode' = 'earliest-offset', or 'properties.auto.offset.reset'",
							  properties_get(consumer->pipeline->consumer,
											 "group.id"),
							  topic, number);
			*hopeless = true;
			return false;
		}
	}
	if (mode == STARTUP_TIMESTAMP)
		return offset_of_time(consumer, topic, number,
							  source->startup_timestamp, high, offset, error);
	*offset = mode == STARTUP_EARLIEST ? low : high;
	return true;
}

char *
consumer_cluster_id(Consumer *consumer)
{
	char	   *id = rd_kafka_clusterid(consumer->handle, QUESTION_TIMEOUT_MS);
	char	   *copy = id != NULL ? pg_strdup(id) : NULL;

	if (id != NULL)
		rd_kafka_mem_free(consumer->handle, id);
	return copy;
}

void
consumer_commit(Consumer *consumer, bool wait)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(4);

	for (int i = 0; i < consumer->partition_count; i++)
	{
		Partition  *partition = &consumer->partitions[i];

		if (!partition->assigned || !partition->placed ||
			partition->committed == partition->applied)
			continue;
		rd_kafka_topic_partition_list_add(list, partition->topic,
										  partition->number)->offset =
			partition->applied;
		partition->committed = partition->applied;
	}
	if (list->cnt > 0)
	{
		/* the progress in the target is what counts: no answer is no harm */
		rd_kafka_queue_t *answer = rd_kafka_queue_new(consumer->handle);

		if (!wait)
			(void) rd_kafka_commit(consumer->handle, list, 1);
		else if (rd_kafka_commit_queue(consumer->handle, list, answer, NULL,
									   NULL) == RD_KAFKA_RESP_ERR_NO_ERROR)
		{
			rd_kafka_event_t *event = rd_kafka_queue_poll(answer,
														  COMMIT_TIMEOUT_MS);

			if (event != NULL)
				rd_kafka_event_destroy(event);
		}
		rd_kafka_queue_destroy(answer);
	}
	rd_kafka_topic_partition_list_destroy(list);
}

bool
consumer_verify(Consumer *consumer)
{
	rd_kafka_topic_partition_list_t *list;
	bool		good = true;

	if (*consumer->trouble != '\0')
		return true;
	list = rd_kafka_topic_partition_list_new(4);
	for (int i = 0; i < consumer->partition_count; i++)
		if (consumer->partitions[i].assigned && consumer->partitions[i].placed)
			rd_kafka_topic_partition_list_add(list,
											  consumer->partitions[i].topic,
											  consumer->partitions[i].number);
	if (list->cnt > 0 &&
		rd_kafka_committed(consumer->handle, list, RECHECK_TIMEOUT_MS) ==
		RD_KAFKA_RESP_ERR_NO_ERROR)
		for (int i = 0; i < list->cnt; i++)
		{
			Partition  *partition =
			&consumer->partitions[partition_find(consumer, list->elems[i].topic,
												 list->elems[i].partition)];

			if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
				continue;
			if (list->elems[i].offset >= 0)
			{
				if (partition->done.offset > partition->anchor.offset)
					landmark_set(&partition->anchor, partition->done.offset,
								 pg_strdup(partition->done.position));
			}
			else if (partition->remembered)
			{
				/* the topic was removed, or somebody has reset the group */
				pg_log_warning("Kafka has forgotten the group's offset of topic \"%s\" partition %d; checking whether the topic is the one it was",
							   partition->topic, partition->number);
				partition->remembered = false;
				partition->committed = -1;
				partition->suspect = partition->anchor.offset >= 0;
				good = false;
			}
		}
	rd_kafka_topic_partition_list_destroy(list);
	return good;
}

/* Marks what the members of the group have; false where it is not at rest. */
static bool
mark_owned(const rd_kafka_ConsumerGroupDescription_t *group,
		   rd_kafka_topic_partition_list_t *owned)
{
	if (rd_kafka_ConsumerGroupDescription_error(group) != NULL ||
		rd_kafka_ConsumerGroupDescription_state(group) !=
		RD_KAFKA_CONSUMER_GROUP_STATE_STABLE)
		return false;
	for (size_t m = 0; m < rd_kafka_ConsumerGroupDescription_member_count(group); m++)
	{
		const rd_kafka_MemberDescription_t *member =
		rd_kafka_ConsumerGroupDescription_member(group, m);
		const rd_kafka_topic_partition_list_t *list =
		rd_kafka_MemberAssignment_partitions(rd_kafka_MemberDescription_assignment(member));

		for (int i = 0; list != NULL && i < list->cnt; i++)
			rd_kafka_topic_partition_list_add(owned, list->elems[i].topic,
											  list->elems[i].partition);
	}
	return true;
}

/* What all members have, to be destroyed; NULL: not known. */
static rd_kafka_topic_partition_list_t *
owned_partitions(Consumer *consumer)
{
	const char *name;
	char		group[512];
	size_t		size = sizeof(group);
	rd_kafka_queue_t *queue;
	rd_kafka_AdminOptions_t *options;
	rd_kafka_event_t *event;
	rd_kafka_topic_partition_list_t *owned = NULL;

	if (rd_kafka_conf_get(rd_kafka_conf(consumer->handle), "group.id", group,
						  &size) != RD_KAFKA_CONF_OK)
		return NULL;
	name = group;
	queue = rd_kafka_queue_new(consumer->handle);
	options = rd_kafka_AdminOptions_new(consumer->handle,
										RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);
	(void) rd_kafka_AdminOptions_set_request_timeout(options,
													 RECHECK_TIMEOUT_MS, NULL, 0);
	rd_kafka_DescribeConsumerGroups(consumer->handle, &name, 1, options, queue);
	event = rd_kafka_queue_poll(queue, RECHECK_TIMEOUT_MS);
	if (event != NULL && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		size_t		count = 0;
		const rd_kafka_ConsumerGroupDescription_t **groups =
		rd_kafka_DescribeConsumerGroups_result_groups(rd_kafka_event_DescribeConsumerGroups_result(event),
													  &count);

		owned = rd_kafka_topic_partition_list_new(16);
		if (count != 1 || !mark_owned(groups[0], owned))
		{
			rd_kafka_topic_partition_list_destroy(owned);
			owned = NULL;
		}
	}
	if (event != NULL)
		rd_kafka_event_destroy(event);
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_queue_destroy(queue);
	return owned;
}

/* How many partitions of a topic are this member's. */
static int32
own_count(const Consumer *consumer, const char *topic)
{
	int32		count = 0;

	for (int i = 0; i < consumer->partition_count; i++)
		if (consumer->partitions[i].assigned &&
			strcmp(consumer->partitions[i].topic, topic) == 0)
			count++;
	return count;
}

bool
consumer_has_unowned(Consumer *consumer)
{
	const Pipeline *pipeline = consumer->pipeline;
	rd_kafka_topic_partition_list_t *owned = NULL;
	PQExpBufferData ignored;
	bool		found = false;

	initPQExpBuffer(&ignored);
	for (int s = 0; !found && s < pipeline->source_count; s++)
		for (int t = 0; !found && t < pipeline->sources[s].topic_count; t++)
		{
			const char *topic = pipeline->sources[s].topics[t];
			int32		count;

			if (!consumer_topic_partitions(consumer, topic, &count, &ignored) ||
				own_count(consumer, topic) >= count)
				continue;
			if (owned == NULL)
				owned = owned_partitions(consumer);
			if (owned == NULL)
				goto done;
			for (int32 p = 0; !found && p < count; p++)
				found = rd_kafka_topic_partition_list_find(owned, topic, p) == NULL;
		}

done:
	if (owned != NULL)
		rd_kafka_topic_partition_list_destroy(owned);
	termPQExpBuffer(&ignored);
	return found;
}

bool
consumer_rejoin(Consumer *consumer, PQExpBuffer error)
{
	rd_kafka_resp_err_t failure = rd_kafka_unsubscribe(consumer->handle);

	if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
		return subscribe(consumer, error);
	appendPQExpBuffer(error, "could not leave the group: %s",
					  rd_kafka_err2str(failure));
	return false;
}

const char *
consumer_trouble(const Consumer *consumer)
{
	return consumer->trouble;
}

void
consumer_recheck(Consumer *consumer)
{
	int64		low;
	int64		high;

	for (int i = 0; *consumer->trouble != '\0' && i < consumer->partition_count; i++)
	{
		const Partition *partition = &consumer->partitions[i];

		if (!partition->assigned)
			continue;
		if (rd_kafka_query_watermark_offsets(consumer->handle, partition->topic,
											 partition->number, &low, &high,
											 RECHECK_TIMEOUT_MS) !=
			RD_KAFKA_RESP_ERR_NO_ERROR)
			return;
		set_trouble(consumer, "");
	}
}
