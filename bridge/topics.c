/*-------------------------------------------------------------------------
 *
 * topics.c
 *	  The topics that a connector writes to, and what is known of each of
 *	  their partitions.
 *
 * NOTES
 *	  Kafka Connect leaves the creation of topics to the broker unless
 *	  topic.creation.* is set.  So does this: asking for a topic's metadata
 *	  makes it where auto.create.topics.enable is on.  Where it is off, the
 *	  topic is created with the broker's defaults rather than waited for.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "topics.h"

#include <string.h>

#include "common/hashfn.h"
#include "log.h"
#include "loop.h"
#include "partitioner.h"
#include "reader.h"
#include "topic_rules.h"

/* One question to the broker; short, as signals are deaf meanwhile. */
#define REQUEST_TIMEOUT_MS	1000
/* An election of a new controller takes less. */
#define CONTROLLER_TIMEOUT_MS	3000
/* A new topic has leaders after some 100 ms, a busy cluster takes longer. */
#define OPEN_TIMEOUT_MS		30000
/* How long the broker gets to create a topic by itself. */
#define AUTO_CREATE_MS		500

void
topics_init(Topics *topics)
{
	memset(topics, 0, sizeof(*topics));
}

void
topics_free(Topics *topics)
{
	Topic	   *topic;

	while ((topic = topics->first) != NULL)
	{
		topics->first = topic->next;
		if (topic->handle != NULL)
			rd_kafka_topic_destroy(topic->handle);
		pg_free(topic->partitions);
		pg_free(topic->name);
		pg_free(topic);
	}
	pg_free(topics->buckets);
	topics_init(topics);
}

static uint32
hash_name(const char *name, size_t length)
{
	return hash_bytes((const unsigned char *) name, (int) length);
}

/* Makes room for more topics in the hash table. */
static void
grow_buckets(Topics *topics)
{
	topics->bucket_count = Max(topics->bucket_count * 2, 64);
	pg_free(topics->buckets);
	topics->buckets = pg_malloc0(topics->bucket_count * sizeof(Topic *));
	for (Topic *topic = topics->first; topic != NULL; topic = topic->next)
	{
		Topic	  **bucket = &topics->buckets[topic->hash & (topics->bucket_count - 1)];

		topic->next_of_hash = *bucket;
		*bucket = topic;
	}
}

static Topic *
topics_add(Topics *topics, const char *name, size_t length)
{
	Topic	   *topic = pg_malloc0(sizeof(Topic));
	Topic	  **bucket;

	topic->name = pnstrdup(name, length);
	topic->hash = hash_name(name, length);
	if (topics->count++ >= topics->bucket_count)
		grow_buckets(topics);
	bucket = &topics->buckets[topic->hash & (topics->bucket_count - 1)];
	topic->next_of_hash = *bucket;
	*bucket = topic;
	if (topics->last != NULL)
		topics->last->next = topic;
	else
		topics->first = topic;
	topics->last = topic;
	topics->unregistered++;
	return topic;
}

Topic *
topics_find(const Topics *topics, const char *name, size_t length)
{
	uint32		hash = hash_name(name, length);
	Topic	   *topic = topics->bucket_count == 0 ? NULL :
	topics->buckets[hash & (topics->bucket_count - 1)];

	while (topic != NULL &&
		   (topic->hash != hash || strlen(topic->name) != length ||
			memcmp(topic->name, name, length) != 0))
		topic = topic->next_of_hash;
	return topic;
}

Topic *
topics_get(Topics *topics, const char *name, size_t length)
{
	Topic	   *topic = topics_find(topics, name, length);

	return topic != NULL ? topic : topics_add(topics, name, length);
}

void
topic_set_partitions(Topic *topic, int32 count)
{
	if (count <= topic->room)
		return;
	topic->partitions = pg_realloc(topic->partitions,
								   count * sizeof(TopicPartition));
	memset(topic->partitions + topic->room, 0,
		   (count - topic->room) * sizeof(TopicPartition));
	for (int32 i = topic->room; i < count; i++)
	{
		topic->partitions[i].number = i;
		topic->partitions[i].offset = -1;
		topic->partitions[i].next = -1;
		topic->partitions[i].missed = -1;
	}
	topic->room = count;
}

void
topic_forget(Topics *topics, Topic *topic)
{
	Assert(topic->handle == NULL);
	pg_free(topic->partitions);
	topic->partitions = NULL;
	topic->room = 0;
	topic->count = 0;
	topic->actual_count = 0;
	topic->has_tail = false;
	if (topic->registered)
		topics->unregistered++;
	topic->registered = false;
}

/* Waits for the result of an admin request; NULL and a failure otherwise. */
static rd_kafka_event_t *
admin_result(rd_kafka_queue_t *queue, const char *attempt, Failure *failure)
{
	int64		deadline = clock_ms() + OPEN_TIMEOUT_MS;
	rd_kafka_event_t *event = NULL;

	while (event == NULL)
	{
		if (!loop_pass())
		{
			failure_ordered(failure);
			return NULL;
		}
		if (clock_ms() > deadline)
		{
			failure_set(failure, FAILURE_RETRY, "%s: no answer within %d s",
						attempt, OPEN_TIMEOUT_MS / 1000);
			return NULL;
		}
		event = rd_kafka_queue_poll(queue, 100);
	}
	return event;
}

/* Looks at the result of a CreateTopics request for one topic. */
static bool
check_created(rd_kafka_event_t *event, const char *attempt,
			  Failure *failure)
{
	const		rd_kafka_CreateTopics_result_t *result;
	const rd_kafka_topic_result_t **topics;
	size_t		count = 0;
	rd_kafka_resp_err_t error = rd_kafka_event_error(event);

	if (error == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE)
		return true;			/* left to the broker */
	if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
		return failure_from_kafka(failure, error,
								  rd_kafka_event_error_string(event), attempt);
	result = rd_kafka_event_CreateTopics_result(event);
	topics = rd_kafka_CreateTopics_result_topics(result, &count);
	for (size_t i = 0; i < count; i++)
	{
		error = rd_kafka_topic_result_error(topics[i]);
		if (error != RD_KAFKA_RESP_ERR_NO_ERROR &&
			error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
			return failure_from_kafka(failure, error,
									  rd_kafka_topic_result_error_string(topics[i]),
									  attempt);
	}
	return true;
}

/*
 * Has nothing to be done to have the topic?  It is there already, or there is
 * no broker to create it: the controller, which takes such requests, is none
 * of the brokers, as with an embedded one that makes topics when they are
 * asked for.
 *
 * The topic is not asked for by name here, as that would make it where the
 * broker creates topics by itself.  False also when there is no answer: the
 * request that follows then says why.
 */
static bool
topic_needs_nothing(rd_kafka_t *client, const char *name)
{
	const struct rd_kafka_metadata *metadata;
	int32		controller = rd_kafka_controllerid(client, CONTROLLER_TIMEOUT_MS);
	bool		found = false;
	bool		has_controller = false;

	if (rd_kafka_metadata(client, 1, NULL, &metadata, REQUEST_TIMEOUT_MS) !=
		RD_KAFKA_RESP_ERR_NO_ERROR)
		return false;
	for (int i = 0; i < metadata->topic_cnt && !found; i++)
		found = strcmp(metadata->topics[i].topic, name) == 0 &&
			metadata->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR;
	for (int i = 0; i < metadata->broker_cnt && !has_controller; i++)
		has_controller = metadata->brokers[i].id == controller;
	rd_kafka_metadata_destroy(metadata);
	return found || !has_controller;
}

bool
topic_create(rd_kafka_t *client, const char *name, int count, int factor,
			 const char *const *settings, Failure *failure)
{
	char		reason[512];
	char	   *attempt = psprintf("could not create topic \"%s\"", name);
	rd_kafka_NewTopic_t *new_topic;
	rd_kafka_queue_t *queue = NULL;
	rd_kafka_event_t *event = NULL;
	bool		ok = false;

	/* one that is there takes no right to create it */
	if (topic_needs_nothing(client, name))
	{
		pg_free(attempt);
		return true;
	}
	new_topic = rd_kafka_NewTopic_new(name, count, factor, reason,
									  sizeof(reason));
	if (new_topic == NULL)
	{
		failure_set(failure, FAILURE_STOP, "%s: %s", attempt, reason);
		goto cleanup;
	}
	for (; settings != NULL && settings[0] != NULL; settings += 2)
		rd_kafka_NewTopic_set_config(new_topic, settings[0], settings[1]);
	queue = rd_kafka_queue_new(client);
	rd_kafka_CreateTopics(client, &new_topic, 1, NULL, queue);
	event = admin_result(queue, attempt, failure);
	ok = event != NULL && check_created(event, attempt, failure);

cleanup:
	if (event != NULL)
		rd_kafka_event_destroy(event);
	if (queue != NULL)
		rd_kafka_queue_destroy(queue);
	if (new_topic != NULL)
		rd_kafka_NewTopic_destroy(new_topic);
	pg_free(attempt);
	return ok;
}

/*
 * The number of partitions that can be written to: 0 as long as the topic
 * itself or the leader of one of them is missing.
 */
static int32
writable_count(const struct rd_kafka_metadata_topic *topic)
{
	if (topic->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	for (int i = 0; i < topic->partition_cnt; i++)
	{
		if (topic->partitions[i].leader < 0)
			return 0;
	}
	return topic->partition_cnt;
}

bool
topic_count(rd_kafka_t *client, rd_kafka_topic_t *handle, int32 *count,
			Failure *failure)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_resp_err_t error;
	char	   *attempt;

	*count = 0;
	error = rd_kafka_metadata(client, 0, handle, &metadata, REQUEST_TIMEOUT_MS);
	if (error == RD_KAFKA_RESP_ERR__TRANSPORT ||
		error == RD_KAFKA_RESP_ERR__TIMED_OUT)
		return true;			/* asked again */
	attempt = psprintf("could not read about topic \"%s\"",
					   rd_kafka_topic_name(handle));
	if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		error = metadata->topic_cnt == 1 ? metadata->topics[0].err :
			RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
		if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
			*count = writable_count(&metadata->topics[0]);
		rd_kafka_metadata_destroy(metadata);
	}
	switch (error)
	{
		case RD_KAFKA_RESP_ERR_NO_ERROR:
		case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
		case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
		case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
			break;
		default:
			failure_from_kafka(failure, error, NULL, attempt);
	}
	pg_free(attempt);
	return failure->kind == FAILURE_NONE;
}

/* Where does each partition end that nothing is known of? */
static bool
find_ends(Topic *topic, rd_kafka_t *client, Failure *failure)
{
	ReaderRange *ranges = pg_malloc0(topic->count * sizeof(ReaderRange));
	int			count = 0;
	bool		ok;

	for (int32 i = 0; i < topic->count; i++)
	{
		if (topic->partitions[i].offset >= 0)
			continue;
		ranges[count].topic = topic->name;
		ranges[count].partition = i;
		count++;
	}
	ok = reader_limits_all(client, ranges, count, false, failure);
	for (int i = 0; ok && i < count; i++)
	{
		TopicPartition *partition = &topic->partitions[ranges[i].partition];

		if (ranges[i].high < 0)
			ok = failure_set(failure, FAILURE_RETRY,
							 "could not read where topic \"%s\", partition %d, ends: it is not there yet",
							 topic->name, ranges[i].partition);
		partition->offset = ranges[i].high;
		partition->next = ranges[i].high;
	}
	pg_free(ranges);
	return ok;
}

/*
 * Takes the number of partitions that the broker gave.  What was stored stays
 * in use at first, see topics_resize().
 */
static bool
take_count(Topics *topics, Topic *topic, int32 count, Failure *failure)
{
	topic->actual_count = count;
	if (topic->count == 0)
	{
		topic->count = count;
		topic_set_partitions(topic, count);
	}
	if (count < topic->count)
	{
		failure_set(failure, FAILURE_STOP,
					"topic \"%s\" has %d partitions, but had %d when it was written to",
					topic->name, count, topic->count);
		failure_hint(failure,
					 "The topic was made anew, so what it held is gone. Write under a new topic.prefix, or remove the connector's stored offset and its slot to start with a snapshot.");
		return false;
	}
	if (count > topic->count)
	{
		pg_log_info("topic \"%s\" has %d partitions, %d before",
					topic->name, count, topic->count);
		topics->resized = true;
	}
	return true;
}

/* Creates a topic as topic.creation.* says, if it says so. */
static bool
create_by_rule(const char *name, rd_kafka_t *client,
			   const ConnectorConfig *config, bool *created, Failure *failure)
{
	TopicRule	rule;
	PQExpBufferData error;
	bool		ok;

	initPQExpBuffer(&error);
	ok = topic_rule_find(config->connector, config->worker, name, &rule, &error);
	if (!ok)
		failure_set(failure, FAILURE_STOP, "could not create topic \"%s\": %s",
					name, error.data);
	termPQExpBuffer(&error);
	*created = ok && rule.given;
	if (!*created)
		return ok;
	ok = topic_create(client, name, rule.partitions, rule.factor,
					  rule.settings, failure);
	pg_free(rule.settings);
	return ok;
}

bool
topic_open(Topics *topics, Topic *topic, rd_kafka_t *client,
		   const ConnectorConfig *config, Failure *failure)
{
	int64		start = clock_ms();
	int32		count;
	bool		created;

	/* before the handle, which makes librdkafka ask for the topic by name */
	if (!create_by_rule(topic->name, client, config, &created, failure))
		return false;
	if (topic->handle == NULL)
		topic->handle = rd_kafka_topic_new(client, topic->name, NULL);
	if (topic->handle == NULL)
		return failure_from_kafka(failure, rd_kafka_last_error(), NULL,
								  "could not open a topic");
	for (;;)
	{
		if (!created && clock_ms() - start > AUTO_CREATE_MS)
		{
			if (!topic_create(client, topic->name, -1, -1, NULL, failure))
				return false;
			created = true;
		}
		if (!topic_count(client, topic->handle, &count, failure))
			return false;
		if (count > 0)
			break;
		if (clock_ms() - start > OPEN_TIMEOUT_MS)
			return failure_set(failure, FAILURE_RETRY,
							   "could not open topic \"%s\": it has no leader",
							   topic->name);
		if (!loop_wait(-1, 0, -1, 20))
			return failure_ordered(failure);
	}
	topic->open = take_count(topics, topic, count, failure) &&
		find_ends(topic, client, failure);
	return topic->open;
}

/* Handles for the topics of the stored offset, so that they are asked for. */
static void
open_known(Topics *topics, rd_kafka_t *client)
{
	for (Topic *topic = topics->first; topic != NULL; topic = topic->next)
	{
		if (topic->handle != NULL || topic->count == 0)
			continue;
		topic->handle = rd_kafka_topic_new(client, topic->name, NULL);
		topic->open = topic->handle != NULL;
	}
}

bool
topics_look(Topics *topics, rd_kafka_t *client, Failure *failure)
{
	const struct rd_kafka_metadata *metadata;
	bool		ok = true;

	open_known(topics, client);
	/* without an answer all goes on as it is: the producer waits on its own */
	if (rd_kafka_metadata(client, 0, NULL, &metadata, REQUEST_TIMEOUT_MS) !=
		RD_KAFKA_RESP_ERR_NO_ERROR)
		return true;
	for (int i = 0; ok && i < metadata->topic_cnt; i++)
	{
		const struct rd_kafka_metadata_topic *found = &metadata->topics[i];
		int32		count = writable_count(found);
		Topic	   *topic = topics_find(topics, found->topic,
										strlen(found->topic));

		if (topic != NULL && topic->count > 0 && count > topic->actual_count)
			ok = take_count(topics, topic, count, failure);
	}
	rd_kafka_metadata_destroy(metadata);
	return ok;
}

int64
topics_look_ms(rd_kafka_t *client)
{
	char		text[32] = "";
	size_t		size = sizeof(text);
	long long	interval;

	rd_kafka_conf_get(rd_kafka_conf(client),
					  "topic.metadata.refresh.interval.ms", text, &size);
	interval = strtoll(text, NULL, 10);
	return interval > 0 ? interval : PG_INT32_MAX;	/* -1: never */
}

bool
topics_resize(Topics *topics, rd_kafka_t *client, Failure *failure)
{
	for (Topic *topic = topics->first; topic != NULL; topic = topic->next)
	{
		if (topic->count == topic->actual_count)
			continue;
		topic->count = topic->actual_count;
		topic_set_partitions(topic, topic->count);
		if (!find_ends(topic, client, failure))
			return false;
		topic->registered = false;
		topics->unregistered++;
	}
	topics->resized = false;
	return true;
}

bool
topics_may_resize(const Topics *topics, XLogRecPtr commit_lsn)
{
	for (const Topic *topic = topics->first; topic != NULL; topic = topic->next)
	{
		if (topic->count != topic->actual_count && topic->has_tail &&
			topic->tail.commit_lsn >= commit_lsn)
			return false;
	}
	return true;
}

TopicPartition *
topic_partition(Topic *topic, int32 number, const void *key, int32 key_length,
				const Position *position)
{
	if (number < 0 && topic->count == 1)
		number = 0;
	else if (number < 0)
		number = key_length >= 0 ?
			partition_of_key(key, key_length, topic->count) :
			partition_of_position(position, topic->count);
	return number < topic->count ? &topic->partitions[number] : NULL;
}

void
topic_no_partition(const Topic *topic, int32 number, Failure *failure)
{
	failure_set(failure, FAILURE_STOP,
				"a transform asks for partition %d of topic \"%s\", which has %d",
				number, topic->name, topic->count);
	failure_hint(failure,
				 "Change the transform's number of partitions, or the topic's.");
}
