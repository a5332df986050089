/*-------------------------------------------------------------------------
 *
 * store.c
 *	  The process that knows Kafka for the supervisor: creates the storage
 *	  topics and asks for the cluster's id.
 *
 * NOTES
 *	  The supervisor itself never talks to a broker, which may be away for
 *	  hours.  This process tries until it has what it was started for, and
 *	  then ends.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "worker.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "failure.h"
#include "kafka.h"
#include "log.h"
#include "loop.h"
#include "offsets.h"
#include "reader.h"
#include "report.h"
#include "signals.h"
#include "supervisor.h"
#include "topics.h"

#define RETRY_FIRST_MS		1000
#define RETRY_LONGEST_MS	30000
#define CLUSTER_TIMEOUT_MS	5000

/* Connect's numbers of partitions. */
static const struct
{
	const char *topic;
	const char *factor;
	int			partitions;
}			storage_topics[] = {
	{"config.storage.topic", "config.storage.replication.factor", 1},
	{"offset.storage.topic", "offset.storage.replication.factor", 25},
	{"status.storage.topic", "status.storage.replication.factor", 5},
};

static rd_kafka_t *
connect_kafka(const Properties *worker, Failure *failure)
{
	rd_kafka_conf_t *conf = kafka_conf_new("debezium_bridge");
	rd_kafka_t *client = NULL;
	PQExpBufferData error;
	char		reason[512];

	initPQExpBuffer(&error);
	if (!kafka_conf_common(conf, worker, &error))
		failure_set(failure, FAILURE_STOP, "%s", error.data);
	else
	{
		client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
		if (client == NULL)
			failure_set(failure, FAILURE_STOP, "could not set up Kafka: %s",
						reason);
	}
	if (client == NULL)
		rd_kafka_conf_destroy(conf);
	termPQExpBuffer(&error);
	return client;
}

static bool
create_topics(rd_kafka_t *client, const Properties *worker, Failure *failure)
{
	for (size_t i = 0; i < lengthof(storage_topics); i++)
	{
		const char *name = properties_get(worker, storage_topics[i].topic);
		const char *factor = properties_get(worker, storage_topics[i].factor);

		if (!topic_create(client, name, storage_topics[i].partitions,
						  factor != NULL ? (int) strtol(factor, NULL, 10) : -1,
						  storage_topic_settings, failure))
			return false;
	}
	return true;
}

static bool
run_store(rd_kafka_t *client, const Properties *worker, Failure *failure)
{
	char	   *cluster = rd_kafka_clusterid(client, CLUSTER_TIMEOUT_MS);

	if (cluster == NULL)
		return failure_set(failure, FAILURE_RETRY,
						   "could not reach Kafka at \"%s\": no answer within %d s",
						   properties_get(worker, "bootstrap.servers"),
						   CLUSTER_TIMEOUT_MS / 1000);
	report_text("cluster", cluster);
	rd_kafka_mem_free(NULL, cluster);
	return create_topics(client, worker, failure);
}

int
store_main(void)
{
	char	   *line;
	cJSON	   *object;
	Properties *worker = properties_new();
	rd_kafka_t *client;
	Failure		failure;
	PQExpBufferData error;
	int64		pause_ms = RETRY_FIRST_MS;
	bool		go_on = true;

	log_init("debezium_bridge", "store");
	signals_init();
	failure_init(&failure);
	initPQExpBuffer(&error);
	line = worker_read_configuration();
	object = line != NULL ? cJSON_Parse(line) : NULL;
	if (!properties_read_json(worker, cJSON_GetObjectItemCaseSensitive(object, "worker"), &error))
		return EXIT_FAILURE;	/* the supervisor is gone */
	client = connect_kafka(worker, &failure);
	while (go_on && client != NULL && !run_store(client, worker, &failure))
	{
		char	   *text = failure_line(&failure);
		int64		until = clock_ms() + pause_ms;

		go_on = failure.kind == FAILURE_RETRY ||
			failure.kind == FAILURE_RETRY_FEW;
		if (go_on)
			pg_log_warning("%s; trying again in %.1f s", text,
						   (double) pause_ms / 1000);
		while (go_on && clock_ms() < until)
			go_on = loop_wait(-1, 0, -1, (int) (until - clock_ms()));
		pause_ms = Min(pause_ms * 2, RETRY_LONGEST_MS);
		pg_free(text);
		if (go_on)
			failure_reset(&failure);
	}
	if (failure.kind == FAILURE_STOP)
	{
		char	   *text = failure_line(&failure);

		pg_log_error("%s", text);
		pg_free(text);
	}
	if (client != NULL)
		rd_kafka_destroy(client);
	properties_free(worker);
	cJSON_Delete(object);
	free(line);
	termPQExpBuffer(&error);
	failure_free(&failure);
	return failure.kind == FAILURE_STOP ? EXIT_FAILURE : EXIT_SUCCESS;
}
