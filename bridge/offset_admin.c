/*-------------------------------------------------------------------------
 *
 * offset_admin.c
 *	  The stored offsets of a connector, looked at and changed from outside:
 *	  the process.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "offset_admin.h"

#include <string.h>

#include "json_integers.h"
#include "kafka.h"
#include "log.h"
#include "loop.h"
#include "offsets.h"
#include "partitioner.h"
#include "reader.h"
#include "report.h"
#include "signals.h"
#include "supervisor.h"
#include "transactions.h"

#define DELIVERY_TIMEOUT_MS	60000
#define TOPIC_TIMEOUT_MS	30000
#define TOPIC_RETRY_MS		200

void
offset_admin_prepare(cJSON *offset)
{
	static const char *const numbers[] = {"lsn", "lsn_proc", "lsn_commit"};
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(offset, "bridge");
	cJSON	   *bridge = cJSON_IsString(member) ? cJSON_Parse(member->valuestring) : NULL;
	const char *text =
	cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(bridge, "lsn"));
	unsigned	high = 0;
	unsigned	low = 0;
	bool		same = text != NULL && sscanf(text, "%X/%X", &high, &low) == 2;

	for (size_t i = 0; i < lengthof(numbers); i++)
	{
		const cJSON *number = cJSON_GetObjectItemCaseSensitive(offset, numbers[i]);

		if (number != NULL &&
			(!cJSON_IsNumber(number) ||
			 number->valuedouble != (double) ((uint64) high << 32 | low)))
			same = false;
	}
	cJSON_Delete(bridge);
	if (member != NULL && !same)
		cJSON_DeleteItemFromObjectCaseSensitive(offset, "bridge");
}

/* The last record of a key. */
typedef struct Entry
{
	struct Entry *next;
	char	   *key;			/* as it stands in the topic */
	cJSON	   *partition;
	cJSON	   *offset;			/* NULL: removed */
	cJSON	   *offsets[2];		/* by topic, while they are read */
} Entry;

typedef struct Admin
{
	ConnectorConfig config;		/* name and worker only */
	const char *topics[2];		/* the first decides, see offset_topics() */
	int32		counts[2];		/* of their partitions; 0: there is none */
	int			topic_count;
	int			reading;		/* number of the topic */
	Entry	   *entries;
	rd_kafka_t *producer;		/* NULL: nothing is changed */
	Transactions *transactions; /* NULL: none are used */
	Failure		failure;
} Admin;

static Entry *
find_entry(Admin *admin, const cJSON *partition)
{
	Entry	   *entry = admin->entries;

	while (entry != NULL && !cJSON_Compare(entry->partition, partition, true))
		entry = entry->next;
	return entry;
}

static Entry *
add_entry(Admin *admin, const char *key, size_t length, const cJSON *partition)
{
	Entry	   *entry = pg_malloc0(sizeof(Entry));
	Entry	  **end = &admin->entries;

	entry->key = pnstrdup(key, length);
	entry->partition = cJSON_Duplicate(partition, true);
	while (*end != NULL)
		end = &(*end)->next;
	*end = entry;
	return entry;
}

/* A record of the topic: ["connector",{partition}] and an offset. */
static void
take_record(const rd_kafka_message_t *message, void *arg)
{
	Admin	   *admin = arg;
	cJSON	   *key = message->key == NULL ? NULL :
	cJSON_ParseWithLength(message->key, message->key_len);
	const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(key, 0));
	const cJSON *partition = cJSON_GetArrayItem(key, 1);

	if (cJSON_IsArray(key) && name != NULL && partition != NULL &&
		strcmp(name, admin->config.name) == 0)
	{
		Entry	   *entry = find_entry(admin, partition);

		if (entry == NULL)
			entry = add_entry(admin, message->key, message->key_len, partition);
		cJSON_Delete(entry->offsets[admin->reading]);
		entry->offsets[admin->reading] = message->payload == NULL ? NULL :
			cJSON_ParseWithLength(message->payload, message->len);
	}
	cJSON_Delete(key);
}

/* Reads a whole topic; without one there are no offsets. */
static bool
read_topic(Admin *admin, rd_kafka_t *client, const char *topic, int32 count)
{
	for (int32 i = 0; i < count; i++)
	{
		int64		low;
		int64		high;

		if (!reader_limits(client, topic, i, &low, &high, &admin->failure) ||
			!reader_read(client, topic, i, low, high, take_record, admin,
						 &admin->failure))
			return false;
	}
	return true;
}

/* The number of partitions, of a topic that is made where it is missing. */
static bool
open_topic(Admin *admin, rd_kafka_t *client, const char *topic, bool create,
		   int32 *count)
{
	const char *partitions = properties_get(admin->config.worker,
											"offset.storage.partitions");
	const char *factor = properties_get(admin->config.worker,
										"offset.storage.replication.factor");
	rd_kafka_topic_t *handle;
	int64		deadline = clock_ms() + TOPIC_TIMEOUT_MS;
	bool		ok;

	if (create &&
		!topic_create(client, topic,
					  partitions != NULL ? (int) strtol(partitions, NULL, 10) : 25,
					  factor != NULL ? (int) strtol(factor, NULL, 10) : -1,
					  storage_topic_settings, &admin->failure))
		return false;
	handle = rd_kafka_topic_new(client, topic, NULL);
	while ((ok = topic_count(client, handle, count, &admin->failure)) &&
		   *count == 0 && create && clock_ms() < deadline)
	{
		if (!loop_wait(-1, 0, -1, TOPIC_RETRY_MS))
			break;
	}
	rd_kafka_topic_destroy(handle);
	return ok;
}

static bool
read_offsets(Admin *admin, bool create)
{
	rd_kafka_t *client = reader_new(&admin->config, true, &admin->failure);
	bool		ok = client != NULL;

	for (int i = 0; ok && i < admin->topic_count; i++)
	{
		admin->reading = i;
		ok = open_topic(admin, client, admin->topics[i], create,
						&admin->counts[i]) &&
			read_topic(admin, client, admin->topics[i], admin->counts[i]);
	}
	reader_free(client);
	for (Entry *e = admin->entries; e != NULL; e = e->next)
	{
		int			deciding = e->offsets[0] != NULL ? 0 : 1;

		e->offset = e->offsets[deciding];
		cJSON_Delete(e->offsets[1 - deciding]);
		e->offsets[0] = e->offsets[1] = NULL;
	}
	return ok;
}

/* What became of a record: the first error is kept. */
static void
on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *arg)
{
	Admin	   *admin = arg;

	(void) client;
	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		failure_from_kafka(&admin->failure, message->err, NULL,
						   "could not write the offsets");
}

/*
 * Where Kafka transactions are used, the producer has the worker's name, so
 * that one that was taken for dead changes nothing any more.
 */
static bool
open_producer(Admin *admin)
{
	const Properties *worker = admin->config.worker;
	rd_kafka_conf_t *conf = kafka_conf_new(admin->config.name);
	char	   *id = worker_is_transactional(worker) ?
	transactional_id(worker, admin->config.name) : NULL;
	PQExpBufferData error;
	char		reason[512];
	bool		ok;

	initPQExpBuffer(&error);
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_conf_set_opaque(conf, admin);
	ok = kafka_conf_common(conf, worker, &error) &&
		kafka_conf_set(conf, "enable.idempotence", "true", &error) &&
		kafka_conf_set(conf, "linger.ms", "0", &error) &&
		kafka_conf_set(conf, "message.timeout.ms",
					   CppAsString2(DELIVERY_TIMEOUT_MS), &error) &&
		(id == NULL || kafka_conf_set(conf, "transactional.id", id, &error));
	if (ok)
		admin->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason,
									   sizeof(reason));
	if (admin->producer == NULL)
	{
		failure_set(&admin->failure, FAILURE_STOP,
					"could not set up the Kafka producer: %s",
					ok ? reason : error.data);
		rd_kafka_conf_destroy(conf);
		ok = false;
	}
	else if (id != NULL)
	{
		admin->transactions = transactions_new(admin->producer, id, -1);
		ok = transactions_take_over(admin->transactions, &admin->failure) &&
			transactions_begin(admin->transactions, &admin->failure);
	}
	termPQExpBuffer(&error);
	pg_free(id);
	return ok;
}

/* Waits until all is written. */
static void
close_producer(Admin *admin)
{
	Transactions *transactions = admin->transactions;

	if (transactions != NULL && admin->failure.kind == FAILURE_NONE)
	{
		int64		deadline = clock_ms() + DELIVERY_TIMEOUT_MS;

		transactions_end(transactions);
		while (transactions_serve(transactions, &admin->failure) &&
			   transactions_state(transactions) != TRANSACTION_NONE)
		{
			if (clock_ms() > deadline)
				failure_set(&admin->failure, FAILURE_RETRY,
							"could not write the offsets: the transaction was not committed in time");
			if (admin->failure.kind != FAILURE_NONE)
				break;
		}
	}
	if (transactions != NULL)
		transactions_abort(transactions);
	transactions_free(transactions);
	rd_kafka_flush(admin->producer, DELIVERY_TIMEOUT_MS);
	rd_kafka_destroy(admin->producer);
}

/* Gives an entry another offset (NULL: none), here and in the topics. */
static void
put_offset(Admin *admin, Entry *entry, const cJSON *offset)
{
	char	   *text = NULL;
	size_t		length = 0;

	cJSON_Delete(entry->offset);
	entry->offset = NULL;
	if (cJSON_IsObject(offset))
	{
		cJSON	   *printed;

		entry->offset = cJSON_Duplicate(offset, true);
		offset_admin_prepare(entry->offset);
		printed = cJSON_Duplicate(entry->offset, true);
		json_keep_integers(printed);
		text = cJSON_PrintUnformatted(printed);
		length = strlen(text);
		cJSON_Delete(printed);
	}
	for (int i = 0; i < admin->topic_count; i++)
	{
		rd_kafka_resp_err_t result;

		if (admin->counts[i] == 0)
			continue;			/* nothing is kept there */
		result = rd_kafka_producev(admin->producer,
								   RD_KAFKA_V_TOPIC(admin->topics[i]),
								   RD_KAFKA_V_PARTITION(partition_of_key(entry->key, strlen(entry->key), admin->counts[i])),
								   RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
								   RD_KAFKA_V_KEY(entry->key, strlen(entry->key)),
								   RD_KAFKA_V_VALUE(text, length),
								   RD_KAFKA_V_END);
		if (result != RD_KAFKA_RESP_ERR_NO_ERROR)
			failure_from_kafka(&admin->failure, result, NULL,
							   "could not write the offsets");
	}
	cJSON_free(text);
}

/* The key of a partition that has no record yet, to be freed. */
static char *
make_key(const Admin *admin, const cJSON *partition)
{
	cJSON	   *array = cJSON_CreateArray();
	char	   *printed;
	char	   *key;

	cJSON_AddItemToArray(array, cJSON_CreateString(admin->config.name));
	cJSON_AddItemToArray(array, cJSON_Duplicate(partition, true));
	json_keep_integers(array);
	printed = cJSON_PrintUnformatted(array);
	key = pg_strdup(printed);
	cJSON_free(printed);
	cJSON_Delete(array);
	return key;
}

static void
change_offsets(Admin *admin, const cJSON *change, bool reset)
{
	const cJSON *item;

	for (Entry *e = admin->entries; reset && e != NULL; e = e->next)
	{
		if (e->offset != NULL)
			put_offset(admin, e, NULL);
	}
	cJSON_ArrayForEach(item, change)
	{
		const cJSON *partition = cJSON_GetObjectItemCaseSensitive(item, "partition");
		Entry	   *entry = find_entry(admin, partition);

		if (entry == NULL)
		{
			char	   *key = make_key(admin, partition);

			entry = add_entry(admin, key, strlen(key), partition);
			pg_free(key);
		}
		put_offset(admin, entry,
				   cJSON_GetObjectItemCaseSensitive(item, "offset"));
	}
}

static bool
run(Admin *admin, const cJSON *change, bool reset)
{
	bool		changes = reset || change != NULL;

	/* first, as it ends what a worker has left open */
	if ((!changes || open_producer(admin)) &&
		read_offsets(admin, change != NULL) && changes)
		change_offsets(admin, change, reset);
	if (admin->producer != NULL)
		close_producer(admin);
	return admin->failure.kind == FAILURE_NONE;
}

/* What is stored now, or why not. */
static void
send_answer(const Admin *admin, bool ok)
{
	cJSON	   *answer = cJSON_CreateObject();
	cJSON	   *offsets;

	if (!ok)
	{
		char	   *line = failure_line(&admin->failure);

		cJSON_AddStringToObject(answer, "error", line);
		pg_free(line);
		report_object(answer);
		return;
	}
	offsets = cJSON_AddArrayToObject(answer, "offsets");
	for (const Entry *e = admin->entries; e != NULL; e = e->next)
	{
		cJSON	   *object;

		if (e->offset == NULL)
			continue;
		object = cJSON_CreateObject();
		cJSON_AddItemToObject(object, "partition", cJSON_Duplicate(e->partition, true));
		cJSON_AddItemToObject(object, "offset", cJSON_Duplicate(e->offset, true));
		cJSON_AddItemToArray(offsets, object);
	}
	json_keep_integers(answer);
	report_object(answer);
}

int
offset_admin_main(const char *name)
{
	Admin		admin = {0};
	PQExpBufferData error;
	char	   *line;
	cJSON	   *object;

	log_init("debezium_bridge", name);
	signals_init();
	initPQExpBuffer(&error);
	line = worker_read_configuration();
	object = line != NULL ? cJSON_Parse(line) : NULL;
	admin.config.name = name;
	admin.config.worker = properties_new();
	if (!properties_read_json(admin.config.worker,
							  cJSON_GetObjectItemCaseSensitive(object, "worker"),
							  &error))
		return EXIT_FAILURE;	/* the supervisor is gone */
	failure_init(&admin.failure);
	admin.topic_count = offset_topics(admin.config.worker,
									  cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "topic")),
									  admin.topics);
	send_answer(&admin,
				run(&admin, cJSON_GetObjectItemCaseSensitive(object, "change"),
					cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "reset"))));
	while (admin.entries != NULL)
	{
		Entry	   *entry = admin.entries;

		admin.entries = entry->next;
		cJSON_Delete(entry->partition);
		cJSON_Delete(entry->offset);
		pg_free(entry->key);
		pg_free(entry);
	}
	properties_free(admin.config.worker);
	failure_free(&admin.failure);
	cJSON_Delete(object);
	free(line);
	termPQExpBuffer(&error);
	return EXIT_SUCCESS;
}
