/*-------------------------------------------------------------------------
 *
 * offsets.c
 *	  The stored offset: up to where a connector's records are in Kafka, kept
 *	  in the topic offset.storage.topic as Kafka Connect keeps it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "offsets.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "loop.h"
#include "partitioner.h"
#include "reader.h"
#include "storage_topic.h"

#define OFFSET_FORMAT_VERSION 1

/* A missing broker is asked this often for the offset topic. */
#define TOPIC_RETRY_MS		200
#define TOPIC_TIMEOUT_MS	30000

/* Records that are read first to find ours: half a minute of one connector. */
#define FIRST_STEP			32

/*
 * Compacted, as Connect's.  Small segments, since a segment is compacted only
 * once it is full, and a start reads what is left: one record a second.
 */
const char *const storage_topic_settings[] = {
	"cleanup.policy", "compact",
	"segment.bytes", "16777216",
	NULL
};

/* A topic that the offset is kept in. */
typedef struct OffsetTopic
{
	const char *name;
	rd_kafka_topic_t *handle;
	int32		partition;		/* that our key goes to */
} OffsetTopic;

struct OffsetStore
{
	Producer   *producer;
	const ConnectorConfig *config;
	OffsetTopic topics[2];		/* the one that decides first, see
								 * offset_topics() */
	int			topic_count;
	char	   *key;

	XLogRecPtr	stored;			/* acknowledged */
	int64		stored_at;		/* clock_ms() when sent */
	bool		busy;			/* one is in flight */
	XLogRecPtr	busy_lsn;
	Topics	   *busy_topics;
};

/* ------------------------------------------------------- the value */

void
stored_offset_free(StoredOffset *offset)
{
	pg_free(offset->cluster);
	pg_free(offset->slot_name);
	pg_free(offset->config);
	pg_free(offset->transactional_id);
	memset(offset, 0, sizeof(*offset));
}

/* Appends a text as a JSON string. */
static void
append_string(PQExpBuffer json, const char *text)
{
	cJSON	   *string = cJSON_CreateString(text);
	char	   *quoted = cJSON_PrintUnformatted(string);

	appendPQExpBufferStr(json, quoted);
	cJSON_free(quoted);
	cJSON_Delete(string);
}

static void
append_member(PQExpBuffer json, const char *name, const char *value)
{
	if (value == NULL)
		return;
	appendPQExpBuffer(json, ",\"%s\":", name);
	append_string(json, value);
}

/*
 * {"partitions":2,"last":{"0":[offset,"position"],"1":[offset]}}; a true behind
 * the position says that the offset is where the topic ended.
 */
static void
append_topic(PQExpBuffer json, const Topic *topic, const char *connector)
{
	PositionText text;
	bool		first = true;

	position_text_init(&text, connector);

	append_string(json, topic->name);
	appendPQExpBuffer(json, ":{\"partitions\":%d,\"last\":{", topic->count);
	for (int32 i = 0; i < topic->room; i++)
	{
		const TopicPartition *partition = &topic->partitions[i];

		if (partition->offset < 0)
			continue;
		appendPQExpBuffer(json, "%s\"%d\":[" INT64_FORMAT, first ? "" : ",", i,
						  partition->offset);
		if (partition->has_position)
		{
			text.data[position_write(&text, &partition->position)] = '\0';
			appendPQExpBufferChar(json, ',');
			append_string(json, text.data);
			if (partition->at_end)
				appendPQExpBufferStr(json, ",true");
		}
		appendPQExpBufferChar(json, ']');
		first = false;
	}
	appendPQExpBufferStr(json, "}}");
	position_text_free(&text);
}

/* Our part of the value. */
static void
append_bridge(PQExpBuffer json, const StoredOffset *offset,
			  const Topics *topics, const char *connector)
{
	bool		first = true;

	appendPQExpBuffer(json,
					  "{\"version\":%d,\"lsn\":\"%X/%X\",\"last_commit_lsn\":\"%X/%X\",\"system_identifier\":\"" UINT64_FORMAT "\",\"timeline\":%u,\"clean\":%s",
					  OFFSET_FORMAT_VERSION, LSN_FORMAT_ARGS(offset->lsn),
					  LSN_FORMAT_ARGS(offset->last_commit_lsn),
					  offset->system_identifier, offset->timeline,
					  offset->clean ? "true" : "false");
	append_member(json, "slot", offset->slot_name);
	append_member(json, "cluster", offset->cluster);
	append_member(json, "config", offset->config);
	append_member(json, "transactional_id", offset->transactional_id);
	if (offset->transactional)
		appendPQExpBufferStr(json, ",\"transactional\":true");
	appendPQExpBufferStr(json, ",\"topics\":{");
	for (const Topic *topic = topics->first; topic != NULL; topic = topic->next)
	{
		if (topic->count == 0)
			continue;			/* not open: nothing is known of it yet */
		if (!first)
			appendPQExpBufferChar(json, ',');
		append_topic(json, topic, connector);
		first = false;
	}
	appendPQExpBufferStr(json, "}}");
}

void
stored_offset_write(const StoredOffset *offset, const Topics *topics,
					const char *connector, PQExpBuffer json)
{
	PQExpBufferData bridge;

	/* Debezium's fields first, so that it can go on from here */
	appendPQExpBuffer(json,
					  "{\"lsn_proc\":" UINT64_FORMAT ",\"messageType\":\"COMMIT\",\"lsn_commit\":" UINT64_FORMAT ",\"lsn\":" UINT64_FORMAT,
					  offset->lsn, offset->lsn, offset->lsn);
	if (offset->commit_time != 0)
		appendPQExpBuffer(json, ",\"txId\":%u,\"ts_usec\":" INT64_FORMAT,
						  offset->xid, offset->commit_time);
	if (offset->snapshot == STORED_SNAPSHOT_BEGUN)
		appendPQExpBufferStr(json,
							 ",\"snapshot\":\"INITIAL\",\"snapshot_completed\":false,\"last_snapshot_record\":false");
	/* a text: Connect gives up an offset with any value that is not simple */
	initPQExpBuffer(&bridge);
	append_bridge(&bridge, offset, topics, connector);
	append_member(json, "bridge", bridge.data);
	termPQExpBuffer(&bridge);
	appendPQExpBufferChar(json, '}');
}

static bool
read_lsn(const cJSON *object, const char *name, XLogRecPtr *lsn)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
	unsigned	high;
	unsigned	low;

	if (!cJSON_IsString(item) ||
		sscanf(item->valuestring, "%X/%X", &high, &low) != 2)
		return false;
	*lsn = (uint64) high << 32 | low;
	return true;
}

static char *
read_string(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsString(item) ? pg_strdup(item->valuestring) : NULL;
}

static bool
read_topic(const cJSON *object, Topic *topic)
{
	const cJSON *count = cJSON_GetObjectItemCaseSensitive(object, "partitions");
	const cJSON *last = cJSON_GetObjectItemCaseSensitive(object, "last");
	const cJSON *item;

	if (!cJSON_IsNumber(count) || count->valuedouble < 1 ||
		!cJSON_IsObject(last))
		return false;
	topic->count = count->valueint;
	topic->actual_count = topic->count;
	topic_set_partitions(topic, topic->count);
	cJSON_ArrayForEach(item, last)
	{
		long		number = strtol(item->string, NULL, 10);
		const cJSON *offset = cJSON_GetArrayItem(item, 0);
		const cJSON *position = cJSON_GetArrayItem(item, 1);
		TopicPartition *partition;
		const char *connector;
		size_t		connector_length;

		/* more than "partitions": left over from a time with more of them */
		if (number < 0 || number > PG_INT16_MAX || !cJSON_IsNumber(offset))
			return false;
		topic_set_partitions(topic, number + 1);
		partition = &topic->partitions[number];
		partition->offset = (int64) offset->valuedouble;
		if (position == NULL)
			continue;
		if (!cJSON_IsString(position) ||
			!position_read(position->valuestring, strlen(position->valuestring),
						   &partition->position, &connector, &connector_length))
			return false;
		partition->has_position = true;
		partition->at_end = cJSON_IsTrue(cJSON_GetArrayItem(item, 2));
	}
	return true;
}

/* Our part of the value. */
static bool
read_bridge(const cJSON *bridge, StoredOffset *offset, Topics *topics)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(bridge, "version");
	const cJSON *timeline = cJSON_GetObjectItemCaseSensitive(bridge, "timeline");
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(bridge, "topics");
	const cJSON *item;
	char	   *system = read_string(bridge, "system_identifier");

	if (!cJSON_IsNumber(version) || version->valueint != OFFSET_FORMAT_VERSION ||
		!cJSON_IsNumber(timeline) || system == NULL ||
		!read_lsn(bridge, "lsn", &offset->lsn) ||
		!read_lsn(bridge, "last_commit_lsn", &offset->last_commit_lsn))
	{
		pg_free(system);
		return false;
	}
	offset->timeline = (uint32) timeline->valuedouble;
	offset->system_identifier = strtoull(system, NULL, 10);
	pg_free(system);
	offset->clean =
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(bridge, "clean"));
	offset->slot_name = read_string(bridge, "slot");
	offset->cluster = read_string(bridge, "cluster");
	offset->config = read_string(bridge, "config");
	offset->transactional_id = read_string(bridge, "transactional_id");
	offset->transactional = offset->transactional_id != NULL &&
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(bridge, "transactional"));
	cJSON_ArrayForEach(item, list)
	{
		Topic	   *topic = topics_get(topics, item->string,
									   strlen(item->string));

		if (!read_topic(item, topic))
			return false;
		if (!topic->registered)
		{
			topic->registered = true;
			topics->unregistered--;
		}
	}
	return true;
}

static uint64
read_number(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(item) && item->valuedouble > 0 ?
		(uint64) item->valuedouble : 0;
}

bool
stored_offset_read(const char *json, size_t length, StoredOffset *offset,
				   Topics *topics, PQExpBuffer error)
{
	cJSON	   *object = cJSON_ParseWithLength(json, length);
	char	   *text = read_string(object, "bridge");
	const cJSON *completed;
	bool		ok = true;

	memset(offset, 0, sizeof(*offset));
	if (!cJSON_IsObject(object))
	{
		appendPQExpBufferStr(error, "it is not a JSON object");
		cJSON_Delete(object);
		return false;
	}
	offset->found = true;
	offset->ours = text != NULL;
	offset->xid = (uint32) read_number(object, "txId");
	offset->commit_time = (int64) read_number(object, "ts_usec");
	completed = cJSON_GetObjectItemCaseSensitive(object, "snapshot_completed");
	if (cJSON_HasObjectItem(object, "snapshot") && !cJSON_IsTrue(completed))
		offset->snapshot = STORED_SNAPSHOT_BEGUN;
	if (offset->ours)
	{
		cJSON	   *bridge = cJSON_Parse(text);

		ok = read_bridge(bridge, offset, topics);
		cJSON_Delete(bridge);
		pg_free(text);
		if (!ok)
			appendPQExpBufferStr(error, "its member \"bridge\" is not of this version's format");
	}
	else
	{
		/* Debezium: what it has processed completely */
		offset->lsn = read_number(object, "lsn_commit");
		if (offset->lsn == 0)
			offset->lsn = read_number(object, "lsn_proc");
		if (offset->lsn == 0)
			offset->lsn = read_number(object, "lsn");
		offset->last_commit_lsn = offset->lsn;
	}
	cJSON_Delete(object);
	return ok;
}

/* ------------------------------------------------------- the store */

/* Connect's key: ["connector",{"server":"prefix"}] */
static char *
make_key(const ConnectorConfig *config)
{
	PQExpBufferData key;
	char	   *text;

	initPQExpBuffer(&key);
	appendPQExpBufferChar(&key, '[');
	append_string(&key, config->name);
	appendPQExpBufferStr(&key, ",{\"server\":");
	append_string(&key, config->topic_prefix);
	appendPQExpBufferStr(&key, "}]");
	text = pg_strdup(key.data);
	termPQExpBuffer(&key);
	return text;
}

/* A property of the worker that is a number, with Connect's default. */
static int
worker_number(const ConnectorConfig *config, const char *name,
			  int default_value)
{
	const char *text = properties_get(config->worker, name);

	return text != NULL ? (int) strtol(text, NULL, 10) : default_value;
}

int
offset_topics(const Properties *worker, const char *of_connector,
			  const char *names[2])
{
	int			count = 0;

	names[1] = properties_get(worker, "offset.storage.topic");
	if (of_connector != NULL && *of_connector != '\0' &&
		strcmp(of_connector, names[1]) != 0)
		names[count++] = of_connector;
	names[count++] = properties_get(worker, "offset.storage.topic");
	return count;
}

static bool
open_topic(OffsetStore *store, OffsetTopic *topic, Failure *failure)
{
	const ConnectorConfig *config = store->config;
	rd_kafka_t *client = producer_client(store->producer);
	int64		deadline = clock_ms() + TOPIC_TIMEOUT_MS;
	int32		count = 0;

	/* before anybody asks for it, which would make it with other settings */
	if (!topic_create(client, topic->name,
					  worker_number(config, "offset.storage.partitions", 25),
					  worker_number(config, "offset.storage.replication.factor", -1),
					  storage_topic_settings, failure))
		return false;
	topic->handle = rd_kafka_topic_new(client, topic->name, NULL);
	while (count == 0)
	{
		if (!topic_count(client, topic->handle, &count, failure))
			return false;
		if (count == 0 && clock_ms() > deadline)
			return failure_set(failure, FAILURE_RETRY,
							   "could not open topic \"%s\": no broker answers for it",
							   topic->name);
		if (count == 0 && !loop_wait(-1, 0, -1, TOPIC_RETRY_MS))
			return failure_ordered(failure);
	}
	topic->partition = partition_of_key(store->key, strlen(store->key), count);
	return storage_topic_check(client, topic->name, "stored offsets", failure);
}

OffsetStore *
offset_store_new(Producer *producer, const ConnectorConfig *config,
				 Failure *failure)
{
	OffsetStore *store = pg_malloc0(sizeof(OffsetStore));
	const char *names[2];

	store->producer = producer;
	store->config = config;
	store->key = make_key(config);
	store->topic_count = offset_topics(config->worker,
									   properties_get(config->connector, "offsets.storage.topic"),
									   names);
	for (int i = 0; i < store->topic_count; i++)
	{
		store->topics[i].name = names[i];
		if (!open_topic(store, &store->topics[i], failure))
		{
			offset_store_free(store);
			return NULL;
		}
	}
	return store;
}

void
offset_store_free(OffsetStore *store)
{
	if (store == NULL)
		return;
	for (int i = 0; i < store->topic_count; i++)
	{
		if (store->topics[i].handle != NULL)
			rd_kafka_topic_destroy(store->topics[i].handle);
	}
	pg_free(store->key);
	pg_free(store);
}

/* The last value seen for our key. */
typedef struct Search
{
	const char *key;
	bool		found;
	char	   *value;			/* NULL: none, or a tombstone */
	size_t		length;
} Search;

static void
search_record(const rd_kafka_message_t *message, void *arg)
{
	Search	   *search = arg;

	if (message->key_len != strlen(search->key) ||
		memcmp(message->key, search->key, message->key_len) != 0)
		return;
	pg_free(search->value);
	search->value = NULL;
	search->found = true;
	if (message->payload != NULL)
	{
		search->value = pnstrdup(message->payload, message->len);
		search->length = message->len;
	}
}

/*
 * Looks for the last record of our key.  Behind it are only some of other
 * connectors, as a rule, but before it may be megabytes that wait to be
 * compacted: so it is looked for from the end, in steps that grow.
 */
static bool
search_topic(const OffsetTopic *topic, rd_kafka_t *reader, Search *search,
			 Failure *failure)
{
	int64		low;
	int64		high;
	int64		from;
	int64		step = FIRST_STEP;

	search->found = false;
	if (!reader_limits(reader, topic->name, topic->partition, &low, &high,
					   failure))
		return false;
	for (from = high; from > low && !search->found; step *= 16)
	{
		int64		to = from;

		from = Max(low, to - step);
		if (!reader_read(reader, topic->name, topic->partition, from, to,
						 search_record, search, failure))
			return false;
	}
	return true;
}

bool
offset_store_load(OffsetStore *store, rd_kafka_t *reader,
				  StoredOffset *offset, Topics *topics, Failure *failure)
{
	Search		search = {.key = store->key};
	PQExpBufferData error;
	const char *found_in = NULL;

	memset(offset, 0, sizeof(*offset));
	store->stored = InvalidXLogRecPtr;
	for (int i = 0; i < store->topic_count && search.value == NULL; i++)
	{
		found_in = store->topics[i].name;
		if (!search_topic(&store->topics[i], reader, &search, failure))
		{
			pg_free(search.value);
			return false;
		}
	}
	if (search.value == NULL)
		return true;
	initPQExpBuffer(&error);
	if (!stored_offset_read(search.value, search.length, offset, topics, &error))
	{
		failure_set(failure, FAILURE_STOP,
					"could not read the stored offset of connector \"%s\" in topic \"%s\": %s",
					store->config->name, found_in, error.data);
		failure_hint(failure,
					 "It was written by a newer version, or by something else. To give it up and start with a snapshot, write a record with key %s and no value to that topic.",
					 store->key);
	}
	store->stored = offset->lsn;
	termPQExpBuffer(&error);
	pg_free(search.value);
	return failure->kind == FAILURE_NONE;
}

static void
on_stored(void *arg)
{
	OffsetStore *store = arg;

	store->busy = false;
	store->stored = store->busy_lsn;
	for (Topic *topic = store->busy_topics->first; topic != NULL;
		 topic = topic->next)
	{
		/* those that were opened after it was sent are not in it */
		if (topic->storing && !topic->registered)
		{
			topic->registered = true;
			store->busy_topics->unregistered--;
		}
		topic->storing = false;
	}
}

bool
offset_store_put(OffsetStore *store, const StoredOffset *offset,
				 Topics *topics, Failure *failure)
{
	PQExpBufferData json;
	SendResult	result = SEND_DONE;

	Assert(!store->busy);
	Assert(offset->lsn >= store->stored || offset->snapshot == STORED_SNAPSHOT_BEGUN);
	initPQExpBuffer(&json);
	stored_offset_write(offset, topics, store->config->name, &json);
	/* the one that decides last: where it is, the other one is as well */
	for (int i = store->topic_count - 1; i >= 0 && result == SEND_DONE; i--)
		result = producer_store(store->producer, store->topics[i].handle,
								store->topics[i].partition, store->key,
								json.data, i == 0 ? on_stored : NULL, store,
								failure);
	termPQExpBuffer(&json);
	if (result != SEND_DONE)
		return result == SEND_FULL; /* tried again when there is room */
	store->busy = true;
	store->busy_lsn = offset->lsn;
	store->busy_topics = topics;
	store->stored_at = clock_ms();
	for (Topic *topic = topics->first; topic != NULL; topic = topic->next)
		topic->storing = topic->count > 0;
	return true;
}

bool
offset_store_put_wait(OffsetStore *store, const StoredOffset *offset,
					  Topics *topics, int64 deadline_ms, Failure *failure)
{
	/* all that was sent before is to be acknowledged too */
	if (!producer_flush(store->producer, deadline_ms, failure) ||
		!offset_store_put(store, offset, topics, failure))
		return false;
	producer_end_transaction(store->producer);
	return producer_flush(store->producer, deadline_ms, failure);
}

bool
offset_store_is_busy(const OffsetStore *store)
{
	return store->busy;
}

void
offset_store_rewind(OffsetStore *store, XLogRecPtr lsn)
{
	store->stored = Min(store->stored, lsn);
}

XLogRecPtr
offset_store_lsn(const OffsetStore *store)
{
	return store->stored;
}

int64
offset_store_time(const OffsetStore *store)
{
	return store->stored_at;
}
