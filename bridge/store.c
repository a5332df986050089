/*-------------------------------------------------------------------------
 *
 * store.c
 *	  The process that knows Kafka for the supervisor: creates the storage
 *	  topics, asks for the cluster's id, and reads and writes the topic of
 *	  the configurations.
 *
 * NOTES
 *	  The supervisor itself never talks to a broker, which may be away for
 *	  hours.
 *
 *	  A record that is to be written has taken effect when it was read back:
 *	  then all that other bridges wrote before it has been reported, too.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "worker.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "failure.h"
#include "group.h"
#include "kafka.h"
#include "log.h"
#include "loop.h"
#include "offsets.h"
#include "reader.h"
#include "report.h"
#include "signals.h"
#include "storage_topic.h"
#include "supervisor.h"
#include "topics.h"

#define RETRY_FIRST_MS		1000
#define RETRY_LONGEST_MS	30000
#define RETRY_REFUSED_MS	2000
#define CLUSTER_TIMEOUT_MS	5000
#define CONFIGS_TIMEOUT_MS	10000

/* The name of the group only names the client: none is joined. */
#define CONSUMER_GROUP		"debezium_bridge-store"

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

/* A record that the supervisor wants to have written. */
typedef struct Put
{
	struct Put *next;
	double		number;			/* the supervisor's */
	int64		offset;			/* -1: not acknowledged yet */
} Put;

typedef struct Store
{
	Properties *worker;
	const char *topic;			/* of the configurations */
	rd_kafka_t *consumer;
	rd_kafka_t *producer;
	rd_kafka_queue_t *queues[2];
	int			wake[2][2];		/* pipes that the queues write to */
	bool		loaded;
	int64		end;			/* where the topic ended at the start */
	int64		read_to;		/* the offset behind the last one read */
	Put		   *puts;
	Group	   *group;
	bool		refused;		/* Kafka Connect is in the group */
} Store;

/* ----------------------------------------------------------- beginning */

static rd_kafka_t *
connect_kafka(const Properties *worker, Failure *failure)
{
	rd_kafka_conf_t *conf = kafka_conf_new("debezium_bridge");
	rd_kafka_t *client = NULL;
	PQExpBufferData error;
	char		reason[512];

	initPQExpBuffer(&error);
	if (!kafka_conf_common(conf, worker, &error) ||
		!kafka_conf_set(conf, "group.id", CONSUMER_GROUP, &error) ||
		!kafka_conf_set(conf, "enable.auto.commit", "false", &error) ||
		!kafka_conf_set(conf, "auto.offset.reset", "earliest", &error) ||
		!kafka_conf_set(conf, "enable.partition.eof", "true", &error) ||
		!kafka_conf_set(conf, "fetch.wait.max.ms", "500", &error) ||
		!kafka_conf_set(conf, "queued.max.messages.kbytes", "4096", &error) ||
		!kafka_conf_set(conf, "allow.auto.create.topics", "true", &error))
		failure_set(failure, FAILURE_STOP, "%s", error.data);
	else
	{
		client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof(reason));
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

/*
 * Of several partitions only the first is used, as the order of records
 * counts; Kafka Connect itself would refuse such a topic.
 */
static bool
check_topic(Store *store, Failure *failure)
{
	const rd_kafka_metadata_t *metadata;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(store->consumer, store->topic, NULL);
	int			count = 0;

	if (rd_kafka_metadata(store->consumer, 0, handle, &metadata,
						  CONFIGS_TIMEOUT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		if (metadata->topic_cnt == 1)
			count = metadata->topics[0].partition_cnt;
		rd_kafka_metadata_destroy(metadata);
	}
	rd_kafka_topic_destroy(handle);
	if (count > 1)
		pg_log_warning("topic \"%s\" has %d partitions, and connectors are kept in the first only; Kafka Connect could not use it",
					   store->topic, count);
	return storage_topic_check(store->consumer, store->topic, "connectors",
							   failure) &&
		storage_topic_check(store->consumer,
							properties_get(store->worker, "offset.storage.topic"),
							"stored offsets", failure);
}

/* A pipe that becomes readable when the queue has something. */
static bool
watch_queue(Store *store, int number, rd_kafka_queue_t *queue)
{
	store->queues[number] = queue;
	if (pipe2(store->wake[number], O_CLOEXEC | O_NONBLOCK) != 0)
	{
		pg_log_error("could not create pipe: %m");
		return false;
	}
	rd_kafka_queue_io_event_enable(queue, store->wake[number][1], "", 1);
	return true;
}

/*
 * The cluster's id; NULL: no broker answers.  A client that was just made
 * connects after a second, unless there is a question to be asked at once.
 */
static char *
ask_cluster(rd_kafka_t *client)
{
	const rd_kafka_metadata_t *metadata;

	if (rd_kafka_metadata(client, 0, NULL, &metadata,
						  CLUSTER_TIMEOUT_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return NULL;
	rd_kafka_metadata_destroy(metadata);
	return rd_kafka_clusterid(client, CLUSTER_TIMEOUT_MS);
}

static bool
begin(Store *store, Failure *failure)
{
	char	   *cluster = ask_cluster(store->consumer);

	if (cluster == NULL)
		return failure_set(failure, FAILURE_RETRY,
						   "could not reach Kafka at \"%s\": no answer within %d s",
						   properties_get(store->worker, "bootstrap.servers"),
						   CLUSTER_TIMEOUT_MS / 1000);
	report_text("cluster", cluster);
	rd_kafka_mem_free(NULL, cluster);
	store->refused = store->topic != NULL &&
		!group_check(store->consumer, store->worker, failure);
	return !store->refused &&
		create_topics(store->consumer, store->worker, failure) &&
		(store->topic == NULL ||
		 (check_topic(store, failure) &&
		  reader_limits(store->consumer, store->topic, 0, &store->read_to,
						&store->end, failure)));
}

/* Tries until it has worked; false: it never will, or a stop was asked for. */
static bool
begin_in_the_end(Store *store, Failure *failure)
{
	int64		pause_ms = RETRY_FIRST_MS;
	bool		go_on = true;

	while (!begin(store, failure))
	{
		char	   *text = failure_line(failure);
		int64		until = clock_ms() + pause_ms;

		report_text(store->refused ? "refused" : "waiting", text);
		if (failure->kind != FAILURE_RETRY && failure->kind != FAILURE_RETRY_FEW)
		{
			pg_free(text);
			return false;
		}
		pg_log_warning("%s; trying again in %.1f s", text,
					   (double) pause_ms / 1000);
		pg_free(text);
		while (go_on && clock_ms() < until)
			go_on = loop_wait(-1, 0, -1, (int) (until - clock_ms()));
		if (!go_on)
			return false;
		/* somebody is just replacing Kafka Connect by this bridge */
		pause_ms = store->refused ? RETRY_REFUSED_MS :
			Min(pause_ms * 2, RETRY_LONGEST_MS);
		failure_reset(failure);
	}
	report_text("refused", NULL);
	report_text("waiting", NULL);
	return true;
}

/* ------------------------------------------------------------- writing */

static void
report_done(const Put *put, const char *error)
{
	cJSON	   *object = cJSON_CreateObject();

	cJSON_AddNumberToObject(object, "done", put->number);
	if (error != NULL)
		cJSON_AddStringToObject(object, "error", error);
	report_object(object);
}

static void
remove_put(Store *store, Put *put, const char *error)
{
	Put		  **link = &store->puts;

	report_done(put, error);
	while (*link != put)
		link = &(*link)->next;
	*link = put->next;
	pg_free(put);
}

/* Those that have been read back are done. */
static void
finish_puts(Store *store)
{
	Put		   *next;

	for (Put *put = store->puts; put != NULL; put = next)
	{
		next = put->next;
		if (put->offset >= 0 && put->offset < store->read_to)
			remove_put(store, put, NULL);
	}
}

static void
on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *arg)
{
	Store	   *store = arg;
	Put		   *put = message->_private;
	char	   *error;

	(void) client;
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		put->offset = message->offset;
		finish_puts(store);
		return;
	}
	error = psprintf("could not write to topic \"%s\": %s", store->topic,
					 rd_kafka_err2str(message->err));
	remove_put(store, put, error);
	pg_free(error);
}

/* The producer is made when there is something to write, which is seldom. */
static bool
open_producer(Store *store, PQExpBuffer error)
{
	rd_kafka_conf_t *conf;
	char		reason[512];

	if (store->producer != NULL)
		return true;
	conf = kafka_conf_new("debezium_bridge");
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_conf_set_opaque(conf, store);
	if (kafka_conf_common(conf, store->worker, error) &&
		kafka_conf_set(conf, "enable.idempotence", "true", error) &&
		kafka_conf_set(conf, "linger.ms", "0", error) &&
		kafka_conf_set(conf, "message.timeout.ms", "60000", error))
	{
		store->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason,
									   sizeof(reason));
		if (store->producer == NULL)
			appendPQExpBuffer(error, "could not set up the Kafka producer: %s",
							  reason);
	}
	if (store->producer == NULL)
		rd_kafka_conf_destroy(conf);
	return store->producer != NULL &&
		watch_queue(store, 1, rd_kafka_queue_get_main(store->producer));
}

/* A line of the supervisor: a record to be written. */
static void
on_command(const char *line, void *arg)
{
	Store	   *store = arg;
	cJSON	   *object = cJSON_Parse(line);
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, "number");
	const char *key =
	cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "key"));
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, "value");
	char	   *text = cJSON_IsObject(value) ? cJSON_PrintUnformatted(value) : NULL;
	size_t		length = text != NULL ? strlen(text) : 0;
	Put		   *put = pg_malloc0(sizeof(Put));
	PQExpBufferData error;
	rd_kafka_resp_err_t result;

	initPQExpBuffer(&error);
	put->number = cJSON_IsNumber(number) ? number->valuedouble : 0;
	put->offset = -1;
	put->next = store->puts;
	store->puts = put;
	if (key == NULL)
		remove_put(store, put, "it has no key");
	else if (!open_producer(store, &error))
		remove_put(store, put, error.data);
	else
	{
		result = rd_kafka_producev(store->producer,
								   RD_KAFKA_V_TOPIC(store->topic),
								   RD_KAFKA_V_PARTITION(0),
								   RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
								   RD_KAFKA_V_KEY(key, strlen(key)),
								   RD_KAFKA_V_VALUE(text, length),
								   RD_KAFKA_V_OPAQUE(put),
								   RD_KAFKA_V_END);
		if (result != RD_KAFKA_RESP_ERR_NO_ERROR)
			remove_put(store, put, rd_kafka_err2str(result));
	}
	termPQExpBuffer(&error);
	cJSON_free(text);
	cJSON_Delete(object);
}

/* ------------------------------------------------------------- reading */

static void
take_record(Store *store, const rd_kafka_message_t *message)
{
	cJSON	   *object;
	cJSON	   *value = NULL;
	char	   *key;

	store->read_to = message->offset + 1;
	if (message->key == NULL)
		return;
	if (message->payload != NULL)
	{
		value = cJSON_ParseWithLength(message->payload, message->len);
		if (value == NULL)
		{
			pg_log_warning("record %lld of topic \"%s\" is not JSON and is passed over",
						   (long long) message->offset, store->topic);
			return;
		}
	}
	key = pnstrdup(message->key, message->key_len);
	object = cJSON_CreateObject();
	cJSON_AddStringToObject(object, "key", key);
	if (value != NULL)
		cJSON_AddItemToObject(object, "value", value);
	else
		cJSON_AddNullToObject(object, "value");
	cJSON_AddBoolToObject(object, "history", !store->loaded);
	report_object(object);
	pg_free(key);
}

/* All was read that was there at the start? */
static void
check_loaded(Store *store)
{
	cJSON	   *object;

	if (store->loaded || store->read_to < store->end)
		return;
	store->loaded = true;
	object = cJSON_CreateObject();
	cJSON_AddTrueToObject(object, "loaded");
	report_object(object);
}

static void
take_message(Store *store, const rd_kafka_message_t *message)
{
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
		take_record(store, message);
	else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		store->read_to = message->offset;	/* what came last was no record */
	else
		pg_log_warning("could not read topic \"%s\": %s", store->topic,
					   rd_kafka_message_errstr(message));
}

static void
drain_pipe(int fd)
{
	char		bytes[256];

	while (fd >= 0 && read(fd, bytes, sizeof(bytes)) > 0)
		;
}

/* Has Kafka Connect come into the group, or gone? */
static void
serve_group(Store *store)
{
	Failure		failure;
	bool		refused;

	failure_init(&failure);
	refused = !group_serve(store->group, store->consumer, &failure);
	if (refused && !store->refused)
	{
		char	   *text = failure_line(&failure);

		pg_log_error("%s", text);
		report_text("refused", text);
		pg_free(text);
	}
	else if (store->refused && !refused)
	{
		pg_log_info("Kafka Connect has left the group");
		report_text("refused", NULL);
	}
	store->refused = refused;
	failure_free(&failure);
}

/* Reads the topic from its beginning, and goes on until a stop. */
static void
serve(Store *store, Failure *failure)
{
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t result;

	list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, store->topic, 0)->offset =
		store->read_to;
	rd_kafka_poll_set_consumer(store->consumer);
	result = rd_kafka_assign(store->consumer, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (result != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		failure_from_kafka(failure, result, NULL, "could not read the connectors");
		return;
	}
	if (!watch_queue(store, 0, rd_kafka_queue_get_consumer(store->consumer)))
	{
		failure_set(failure, FAILURE_STOP, "could not wait for Kafka");
		return;
	}
	loop_set_command(on_command, store);
	store->group = group_join(store->worker, failure);
	if (store->group == NULL)
		return;
	do
	{
		rd_kafka_message_t *message;

		drain_pipe(store->wake[0][0]);
		drain_pipe(store->wake[1][0]);
		while ((message = rd_kafka_consumer_poll(store->consumer, 0)) != NULL)
		{
			take_message(store, message);
			rd_kafka_message_destroy(message);
			check_loaded(store);
		}
		check_loaded(store);
		if (store->producer != NULL)
			rd_kafka_poll(store->producer, 0);
		finish_puts(store);
		serve_group(store);
	} while (loop_wait(store->wake[0][0], POLLIN, store->wake[1][0], -1));
}

static void
store_free(Store *store)
{
	for (size_t i = 0; i < lengthof(store->queues); i++)
	{
		if (store->queues[i] != NULL)
			rd_kafka_queue_destroy(store->queues[i]);
	}
	group_leave(store->group);
	if (store->producer != NULL)
		rd_kafka_destroy(store->producer);
	if (store->consumer != NULL)
		rd_kafka_destroy(store->consumer);
	properties_free(store->worker);
}

int
store_main(void)
{
	char	   *line;
	cJSON	   *object;
	Store		store = {.wake = {{-1, -1}, {-1, -1}}};
	Failure		failure;
	PQExpBufferData error;

	log_init("debezium_bridge", "store");
	signals_init();
	failure_init(&failure);
	initPQExpBuffer(&error);
	store.worker = properties_new();
	line = worker_read_configuration();
	object = line != NULL ? cJSON_Parse(line) : NULL;
	if (!properties_read_json(store.worker, cJSON_GetObjectItemCaseSensitive(object, "worker"), &error))
		return EXIT_FAILURE;	/* the supervisor is gone */
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "configurations")))
		store.topic = properties_get(store.worker, "config.storage.topic");
	store.consumer = connect_kafka(store.worker, &failure);
	if (store.consumer != NULL && begin_in_the_end(&store, &failure) &&
		store.topic != NULL)
		serve(&store, &failure);
	if (failure.kind != FAILURE_NONE && failure.kind != FAILURE_ORDERED)
	{
		char	   *text = failure_line(&failure);

		pg_log_error("%s", text);
		pg_free(text);
	}
	store_free(&store);
	cJSON_Delete(object);
	free(line);
	termPQExpBuffer(&error);
	failure_free(&failure);
	return failure.kind == FAILURE_NONE || failure.kind == FAILURE_ORDERED ?
		EXIT_SUCCESS : EXIT_FAILURE;
}
