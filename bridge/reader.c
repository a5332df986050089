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
#include "log.h"
#include "loop.h"

/* A broker that gives nothing for so long is away. */
#define READ_TIMEOUT_MS		30000
#define LIMITS_TIMEOUT_MS	5000

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
		!kafka_conf_set(conf, "fetch.wait.max.ms", "10", &error))
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

static bool
query_limits(rd_kafka_t *client, const char *topic, int32 partition,
			 int64 *low, int64 *high, bool may_be_missing, Failure *failure)
{
	rd_kafka_resp_err_t error;
	char	   *attempt;

	error = rd_kafka_query_watermark_offsets(client, topic, partition, low,
											 high, LIMITS_TIMEOUT_MS);
	if (may_be_missing &&
		(error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
		 error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
		 error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION))
	{
		*low = *high = -1;
		error = RD_KAFKA_RESP_ERR_NO_ERROR;
	}
	if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
		return loop_pass() || failure_ordered(failure);
	attempt = psprintf("could not read the limits of topic \"%s\", partition %d",
					   topic, partition);
	failure_from_kafka(failure, error, NULL, attempt);
	pg_free(attempt);
	return false;
}

bool
reader_limits(rd_kafka_t *client, const char *topic, int32 partition,
			  int64 *low, int64 *high, Failure *failure)
{
	return query_limits(client, topic, partition, low, high, false, failure);
}

bool
reader_find_limits(rd_kafka_t *client, const char *topic, int32 partition,
				   int64 *low, int64 *high, Failure *failure)
{
	return query_limits(client, topic, partition, low, high, true, failure);
}

/*
 * Reads until the end; the partition has been started on "handle".  Before an
 * open transaction there is an end as well, behind which things go on.
 */
static bool
read_all(rd_kafka_topic_t *handle, int32 partition, int64 high,
		 ReaderRecord record, void *arg, Failure *failure)
{
	int64		last_progress = clock_ms();
	int64		next_pass = last_progress;
	bool		held = false;

	for (;;)
	{
		rd_kafka_message_t *message = rd_kafka_consume(handle, partition, 200);
		bool		done = false;

		if (message != NULL)
		{
			last_progress = clock_ms();
			held = false;
			if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
			{
				if (message->offset < high)
					record(message, arg);
				done = message->offset >= high - 1;
			}
			else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
			{
				done = message->offset >= high;
				held = !done;
				if (held)
					pg_log_info("waiting for the end of a Kafka transaction that is open in topic \"%s\", partition %d, from offset " INT64_FORMAT " on",
								rd_kafka_topic_name(handle), partition,
								message->offset);
			}
			else
				failure_from_kafka(failure, message->err,
								   rd_kafka_message_errstr(message),
								   "could not read a topic");
			rd_kafka_message_destroy(message);
		}
		else if (clock_ms() - last_progress > READ_TIMEOUT_MS)
			failure_set(failure, FAILURE_RETRY,
						"could not read topic \"%s\": %s for %d s",
						rd_kafka_topic_name(handle),
						held ? "a Kafka transaction of another producer has been open" : "nothing came",
						READ_TIMEOUT_MS / 1000);
		if (done || failure->kind != FAILURE_NONE)
			return failure->kind == FAILURE_NONE;
		if (clock_ms() >= next_pass)
		{
			if (!loop_pass())
				return failure_ordered(failure);
			next_pass = clock_ms() + 100;
		}
	}
}

bool
reader_read(rd_kafka_t *client, const char *topic, int32 partition,
			int64 from, int64 high, ReaderRecord record, void *arg,
			Failure *failure)
{
	rd_kafka_topic_t *handle;
	bool		ok;

	if (from >= high)
		return true;
	if (rd_kafka_opaque(client) != NULL)
		client = rd_kafka_opaque(client);
	handle = rd_kafka_topic_new(client, topic, NULL);
	if (handle == NULL ||
		rd_kafka_consume_start(handle, partition, from) != 0)
	{
		if (handle != NULL)
			rd_kafka_topic_destroy(handle);
		return failure_from_kafka(failure, rd_kafka_last_error(), NULL,
								  "could not read a topic");
	}
	ok = read_all(handle, partition, high, record, arg, failure);
	rd_kafka_consume_stop(handle, partition);
	rd_kafka_topic_destroy(handle);
	return ok;
}
