/*-------------------------------------------------------------------------
 *
 * consumer_check.c
 *	  Can the topics of a pipeline be read?
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "consumer.h"
#include "consumer_check.h"
#include "kafka.h"

/* Somebody waits for the answer, at a terminal. */
#define QUESTION_TIMEOUT_MS 5000

typedef struct Check
{
	const Pipeline *pipeline;
	rd_kafka_t *handle;
	char		last_error[512];	/* librdkafka's word on connections */
} Check;

static void
on_error(rd_kafka_t *handle pg_attribute_unused(), int code, const char *reason,
		 void *opaque)
{
	Check	   *check = opaque;

	/* that all are down says less than why */
	if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		strlcpy(check->last_error, reason, sizeof(check->last_error));
}

static bool
open_check(Check *check, PQExpBuffer error)
{
	bool		must_nudge;
	rd_kafka_conf_t *conf = consumer_conf(check->pipeline, &must_nudge, error);
	char		reason[512];

	if (conf == NULL)
		return false;
	/* the end of a partition says that it could be read */
	if (!kafka_conf_set(conf, "enable.partition.eof", "true", error))
	{
		rd_kafka_conf_destroy(conf);
		return false;
	}
	rd_kafka_conf_set_opaque(conf, check);
	rd_kafka_conf_set_error_cb(conf, on_error);
	check->handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof(reason));
	if (check->handle != NULL)
	{
		rd_kafka_poll_set_consumer(check->handle);
		return true;
	}
	appendPQExpBuffer(error, "could not create Kafka consumer: %s", reason);
	rd_kafka_conf_destroy(conf);
	return false;
}

/* Waiting in vain says less than what came by meanwhile. */
static const char *
reason_of(Check *check, rd_kafka_resp_err_t failure)
{
	rd_kafka_message_t *message = rd_kafka_consumer_poll(check->handle, 0);

	if (message != NULL)
		rd_kafka_message_destroy(message);
	return *check->last_error != '\0' &&
		(failure == RD_KAFKA_RESP_ERR__TRANSPORT ||
		 failure == RD_KAFKA_RESP_ERR__TIMED_OUT) ? check->last_error :
		rd_kafka_err2str(failure);
}

/* The number of the topic's partitions; -1: the reason is in "error". */
static int
count_partitions(Check *check, const char *topic, rd_kafka_resp_err_t *failure,
				 PQExpBuffer error)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(check->handle, topic, NULL);
	int			count = -1;

	*failure = rd_kafka_metadata(check->handle, 0, handle, &metadata,
								 QUESTION_TIMEOUT_MS);
	if (*failure != RD_KAFKA_RESP_ERR_NO_ERROR)
		appendPQExpBuffer(error, "could not ask \"%s\" for topic \"%s\": %s",
						  properties_get(check->pipeline->consumer, "bootstrap.servers"),
						  topic, reason_of(check, *failure));
	else
	{
		*failure = metadata->topic_cnt == 1 ? metadata->topics[0].err :
			RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
		if (*failure == RD_KAFKA_RESP_ERR_NO_ERROR)
			count = metadata->topics[0].partition_cnt;
		else if (*failure == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
			appendPQExpBuffer(error, "topic \"%s\" does not exist", topic);
		else
			appendPQExpBuffer(error, "could not look at topic \"%s\": %s", topic,
							  rd_kafka_err2str(*failure));
		rd_kafka_metadata_destroy(metadata);
	}
	rd_kafka_topic_destroy(handle);
	return count;
}

/* Reads at the end of the topic's first partition, where nothing need come. */
static bool
check_read(Check *check, const char *topic, PQExpBuffer error)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t failure;
	rd_kafka_message_t *message;

	rd_kafka_topic_partition_list_add(list, topic, 0)->offset = RD_KAFKA_OFFSET_END;
	failure = rd_kafka_assign(check->handle, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		message = rd_kafka_consumer_poll(check->handle, QUESTION_TIMEOUT_MS);
		failure = message == NULL ? RD_KAFKA_RESP_ERR__TIMED_OUT : message->err;
		if (message != NULL)
			rd_kafka_message_destroy(message);
		rd_kafka_assign(check->handle, NULL);
	}
	if (failure == RD_KAFKA_RESP_ERR_NO_ERROR ||
		failure == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		return true;
	appendPQExpBuffer(error, "could not read topic \"%s\": %s", topic,
					  reason_of(check, failure));
	return false;
}

static bool
check_topic(Check *check, const char *topic, PQExpBuffer text, PQExpBuffer error)
{
	rd_kafka_resp_err_t failure;
	int			count = count_partitions(check, topic, &failure, error);

	if (count < 0 || !check_read(check, topic, error))
		return false;
	appendPQExpBuffer(text, "topic \"%s\" can be read, partitions: %d\n", topic, count);
	return true;
}

/* The group's offset of some partition can be asked for. */
static bool
check_group(Check *check, const char *topic, PQExpBuffer error)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t failure;
	char		group[256];
	size_t		size = sizeof(group);

	rd_kafka_topic_partition_list_add(list, topic, 0);
	failure = rd_kafka_committed(check->handle, list, QUESTION_TIMEOUT_MS);
	if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
		failure = list->elems[0].err;
	rd_kafka_topic_partition_list_destroy(list);
	if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
		return true;
	if (rd_kafka_conf_get(rd_kafka_conf(check->handle), "group.id", group,
						  &size) != RD_KAFKA_CONF_OK)
		strlcpy(group, "", sizeof(group));
	appendPQExpBuffer(error, "could not ask for the offsets of group \"%s\": %s",
					  group, reason_of(check, failure));
	return false;
}

/* It is made where it is missing; whether that is allowed is not known here. */
static bool
check_letter_topic(Check *check, PQExpBuffer text, PQExpBuffer error)
{
	const char *topic = check->pipeline->letter_topic;
	rd_kafka_resp_err_t failure;

	if (count_partitions(check, topic, &failure, error) >= 0)
	{
		appendPQExpBuffer(text, "dead letter topic \"%s\" is there\n", topic);
		return true;
	}
	if (failure != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return false;
	resetPQExpBuffer(error);
	appendPQExpBuffer(text, "dead letter topic \"%s\" does not exist, and will be made\n",
					  topic);
	return true;
}

bool
consumer_check(const Pipeline *pipeline, PQExpBuffer text, PQExpBuffer error)
{
	Check		check;
	bool		good;

	memset(&check, 0, sizeof(check));
	check.pipeline = pipeline;
	good = open_check(&check, error);
	for (int s = 0; good && s < pipeline->source_count; s++)
		for (int t = 0; good && t < pipeline->sources[s].topic_count; t++)
			good = check_topic(&check, pipeline->sources[s].topics[t], text,
							   error);
	if (good)
		good = check_group(&check, pipeline->sources[0].topics[0], error);
	if (good && pipeline->letter_topic != NULL)
		good = check_letter_topic(&check, text, error);
	if (check.handle != NULL)
		rd_kafka_destroy_flags(check.handle,
							   RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	return good;
}
