/*-------------------------------------------------------------------------
 *
 * dead_letters.c
 *	  A topic for the events that are left out.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "dead_letters.h"
#include "event_set.h"
#include "kafka.h"
#include "kafka_property.h"
#include "log.h"

/* A broker that does not answer is asked again later. */
#define QUESTION_TIMEOUT_MS 5000

/* A new topic takes a controller's decision; it is made once. */
#define CREATE_TIMEOUT_MS	15000

/* Letters under way take no more memory than this, or than one of them. */
#define IN_FLIGHT_MOST		(4 * 1024 * 1024)

/* No acknowledgement for so long is worth telling. */
#define SLOW_MS				2000

/* As Kafka Connect makes it. */
#define PARTITIONS			1

#define CONTEXT				"__connect.errors."

struct DeadLetters
{
	const Pipeline *pipeline;
	rd_kafka_t *client;
	int			wake[2];		/* pipe: something happened */
	bool		prepared;		/* the topic is there */
	EventSet	known;			/* letters under way, or "done": acknowledged */
	int			in_flight;
	size_t		in_flight_bytes;
	int64		waiting_since_ms;	/* last acknowledgement, or first letter */
	int64		written;
	PQExpBufferData failure;	/* of a delivery, for good; empty: none */
	char		last_error[256];	/* librdkafka's word on connections */
	char		trouble[768];
};

/* What a delivery report has to do; freed by it. */
typedef struct Delivery
{
	KnownEvent	event;
	size_t		bytes;
} Delivery;

static int64
now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void
dead_letters_passed(DeadLetters *letters, const char *topic, int32 partition,
					int64 offset)
{
	event_set_pass(&letters->known, topic, partition, offset);
}

/* ---------------------------------------------------------------- records */

static void
pack_int(PQExpBuffer text, int64 number)
{
	appendBinaryPQExpBuffer(text, (const char *) &number, sizeof(number));
}

/* A text with its length before it; NULL is -1. */
static void
pack_text(PQExpBuffer text, const void *value, size_t length)
{
	pack_int(text, value != NULL ? (int64) length : -1);
	if (value != NULL)
		appendBinaryPQExpBuffer(text, value, length);
}

static int64
unpack_int(const char **p)
{
	int64		number;

	memcpy(&number, *p, sizeof(number));
	*p += sizeof(number);
	return number;
}

static const char *
unpack_text(const char **p, size_t *length)
{
	int64		given = unpack_int(p);
	const char *text = *p;

	*length = Max(given, 0);
	*p += *length;
	return given < 0 ? NULL : text;
}

/* Timestamp, key, value, number of headers, name and value of each. */
void
letter_keep(Batch *batch, const rd_kafka_message_t *message)
{
	static PQExpBufferData text;
	rd_kafka_timestamp_type_t type;
	rd_kafka_headers_t *headers = NULL;
	int64		timestamp = rd_kafka_message_timestamp(message, &type);
	const char *name;
	const void *value;
	size_t		length;

	if (text.data == NULL)
		initPQExpBuffer(&text);
	resetPQExpBuffer(&text);
	pack_int(&text, type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp);
	pack_text(&text, message->key, message->key_len);
	pack_text(&text, message->payload, message->len);
	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		headers = NULL;
	pack_int(&text, headers != NULL ? (int64) rd_kafka_header_cnt(headers) : 0);
	for (size_t i = 0; headers != NULL &&
		 rd_kafka_header_get_all(headers, i, &name, &value, &length) ==
		 RD_KAFKA_RESP_ERR_NO_ERROR; i++)
	{
		pack_text(&text, name, strlen(name));
		pack_text(&text, value, length);
	}
	batch->events[batch->event_count - 1].record =
		batch_keep(batch, text.data, text.len);
	batch->bytes += text.len;
}

/* A name that is there already is kept, as Kafka Connect does. */
static void
add_context(rd_kafka_headers_t *headers, const char *name, const char *value)
{
	const void *there;
	size_t		length;

	if (rd_kafka_header_get_last(headers, name, &there, &length) ==
		RD_KAFKA_RESP_ERR_NO_ERROR)
		pg_log_debug("a dead letter has the header \"%s\" already", name);
	else
		rd_kafka_header_add(headers, name, -1, value, -1);
}

static void
add_context_int(rd_kafka_headers_t *headers, const char *name, int64 number)
{
	char		text[24];

	snprintf(text, sizeof(text), INT64_FORMAT, number);
	add_context(headers, name, text);
}

/* What Kafka Connect tells of the failure, with the classes it would name. */
static void
add_contexts(rd_kafka_headers_t *headers, const Pipeline *pipeline,
			 const Letter *letter)
{
	const char *class = letter->refused ?
	"org.apache.kafka.connect.errors.ConnectException" :
	"org.apache.kafka.connect.errors.DataException";
	char	   *trace = psprintf("%s: %s\n", class, letter->reason);

	add_context(headers, CONTEXT "topic", letter->topic);
	add_context_int(headers, CONTEXT "partition", letter->partition);
	add_context_int(headers, CONTEXT "offset", letter->offset);
	add_context(headers, CONTEXT "connector.name", pipeline->name);
	add_context(headers, CONTEXT "task.id", "0");
	add_context(headers, CONTEXT "stage",
				letter->refused ? "TASK_PUT" : "VALUE_CONVERTER");
	add_context(headers, CONTEXT "class.name", "debezium_applier");
	add_context(headers, CONTEXT "exception.class.name", class);
	add_context(headers, CONTEXT "exception.message", letter->reason);
	add_context(headers, CONTEXT "exception.stacktrace", trace);
	pfree(trace);
}

/* ----------------------------------------------------------------- client */

/* Does the property say how to reach the servers? */
static bool
is_common(const char *name)
{
	static const char *const prefixes[] = {
		"bootstrap.servers", "security.", "sasl.", "ssl.", "socket.", "client.",
		"broker.", "reconnect.", "metadata.", "enable.sasl.", "enable.ssl.",
		"request.timeout.ms", "retry.backoff.", "connections.max.idle.ms",
		"send.buffer.bytes", "receive.buffer.bytes"
	};

	for (size_t i = 0; i < lengthof(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static bool
set_properties(rd_kafka_conf_t *conf, const Properties *properties,
			   PQExpBuffer error)
{
	if (!kafka_conf_set(conf, "reconnect.backoff.max.ms", "2000", error))
		return false;
	for (int i = 0; i < properties->count; i++)
		if (is_common(properties->items[i].name) &&
			!kafka_conf_set_java(conf, properties->items[i].name,
								 properties->items[i].value, error))
			return false;
	return kafka_conf_set(conf, "acks", "all", error) &&
	/* whatever can pass is waited for, and letters stay in order */
		kafka_conf_set(conf, "message.timeout.ms", "0", error) &&
		kafka_conf_set(conf, "max.in.flight.requests.per.connection", "1", error) &&
	/* the topic's own limit is what counts; ours is IN_FLIGHT_MOST */
		kafka_conf_set(conf, "message.max.bytes", "1000000000", error) &&
		kafka_conf_set(conf, "queue.buffering.max.kbytes", "2097151", error) &&
		kafka_conf_set(conf, "linger.ms", "1", error) &&
	/* a key goes where Java's producers put it */
		kafka_conf_set(conf, "partitioner", "murmur2_random", error);
}

static void
on_error(rd_kafka_t *client pg_attribute_unused(),
		 int code pg_attribute_unused(), const char *reason, void *opaque)
{
	DeadLetters *letters = opaque;

	strlcpy(letters->last_error, reason, sizeof(letters->last_error));
	pg_log_debug("kafka: dead letters: %s", reason);
}

/* The topic was removed: it is made again, and the letter sent again. */
static bool
topic_is_missing(rd_kafka_resp_err_t error)
{
	return error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
		error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
		error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

static void
on_delivery(rd_kafka_t *client pg_attribute_unused(),
			const rd_kafka_message_t *message, void *opaque)
{
	DeadLetters *letters = opaque;
	Delivery   *delivery = message->_private;
	const KnownEvent *event = &delivery->event;
	bool		found;
	int			number = event_set_find(&letters->known, event, &found);

	letters->in_flight--;
	letters->in_flight_bytes -= delivery->bytes;
	letters->waiting_since_ms = now_ms();
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		letters->written++;
		letters->last_error[0] = '\0';
		if (found)
			letters->known.events[number].done = true;
	}
	else
	{
		if (found)
			event_set_remove(&letters->known, number);
		if (topic_is_missing(message->err))
			letters->prepared = false;
		else if (letters->failure.len == 0)
			appendPQExpBuffer(&letters->failure, "could not write the event at offset " INT64_FORMAT " of topic \"%s\" partition %d, which cannot be applied, to the dead letter topic \"%s\": %s%s",
							  event->offset, event->topic, event->partition,
							  letters->pipeline->letter_topic,
							  rd_kafka_err2str(message->err),
							  message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ?
							  ". Raise max.message.bytes of that topic" : "");
	}
	free(delivery);
}

DeadLetters *
dead_letters_new(const Pipeline *pipeline, PQExpBuffer error)
{
	DeadLetters *letters = pg_malloc0(sizeof(DeadLetters));
	rd_kafka_conf_t *conf = kafka_conf_new("debezium_applier");
	rd_kafka_queue_t *queue;
	char		reason[512];

	letters->pipeline = pipeline;
	initPQExpBuffer(&letters->failure);
	rd_kafka_conf_set_opaque(conf, letters);
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	if (!set_properties(conf, pipeline->consumer, error))
	{
		rd_kafka_conf_destroy(conf);
		return NULL;			/* the process ends */
	}
	if (pipe2(letters->wake, O_NONBLOCK | O_CLOEXEC) != 0)
	{
		appendPQExpBuffer(error, "could not create pipe: %s", strerror(errno));
		return NULL;
	}
	letters->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason,
								   sizeof(reason));
	if (letters->client == NULL)
	{
		appendPQExpBuffer(error, "could not create Kafka producer: %s", reason);
		return NULL;
	}
	queue = rd_kafka_queue_get_main(letters->client);
	rd_kafka_queue_io_event_enable(queue, letters->wake[1], "", 1);
	rd_kafka_queue_destroy(queue);
	return letters;
}

/* -------------------------------------------------------------- the topic */

/*
 * Is the topic there, or nobody who would create it?  The controller, which
 * takes such requests, is none of the brokers where one is embedded that makes
 * topics when they are written to.  The topic is not asked for by name, since
 * that may make it, with the broker's number of replicas.
 */
static bool
topic_needs_nothing(DeadLetters *letters, rd_kafka_resp_err_t *failure)
{
	const struct rd_kafka_metadata *metadata;
	bool		found = false;
	bool		has_controller = false;
	int32		controller;

	*failure = rd_kafka_metadata(letters->client, 1, NULL, &metadata,
								 QUESTION_TIMEOUT_MS);
	if (*failure != RD_KAFKA_RESP_ERR_NO_ERROR)
		return false;
	controller = rd_kafka_controllerid(letters->client, QUESTION_TIMEOUT_MS);
	for (int i = 0; i < metadata->topic_cnt && !found; i++)
		found = strcmp(metadata->topics[i].topic,
					   letters->pipeline->letter_topic) == 0 &&
			!topic_is_missing(metadata->topics[i].err);
	for (int i = 0; i < metadata->broker_cnt && !has_controller; i++)
		has_controller = metadata->brokers[i].id == controller;
	rd_kafka_metadata_destroy(metadata);
	return found || !has_controller;
}

/* May it work later? */
static bool
is_passing(rd_kafka_resp_err_t error)
{
	switch (error)
	{
		case RD_KAFKA_RESP_ERR__TRANSPORT:
		case RD_KAFKA_RESP_ERR__TIMED_OUT:
		case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
		case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
		case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
		case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
		case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
		case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
			return true;
		default:
			return false;
	}
}

/* What has become of CreateTopics; the broker's own text where it gives one. */
static rd_kafka_resp_err_t
create_result(rd_kafka_event_t *event, const char **text)
{
	const		rd_kafka_CreateTopics_result_t *result;
	const rd_kafka_topic_result_t **topics;
	rd_kafka_resp_err_t error;
	size_t		count;

	if (event == NULL)
		return RD_KAFKA_RESP_ERR__TIMED_OUT;
	if ((error = rd_kafka_event_error(event)) != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		*text = rd_kafka_event_error_string(event);
		return error;
	}
	result = rd_kafka_event_CreateTopics_result(event);
	topics = rd_kafka_CreateTopics_result_topics(result, &count);
	error = count == 1 ? rd_kafka_topic_result_error(topics[0]) :
		RD_KAFKA_RESP_ERR_UNKNOWN;
	if (error != RD_KAFKA_RESP_ERR_NO_ERROR && count == 1)
		*text = rd_kafka_topic_result_error_string(topics[0]);
	return error;
}

static LetterResult
create_topic(DeadLetters *letters, PQExpBuffer error)
{
	const char *name = letters->pipeline->letter_topic;
	int			factor = letters->pipeline->letter_replicas;
	LetterResult result = LETTER_FAILED;
	rd_kafka_resp_err_t failure;
	rd_kafka_NewTopic_t *topic;
	rd_kafka_queue_t *queue;
	rd_kafka_event_t *event;
	const char *text = NULL;
	char		reason[512];

	topic = rd_kafka_NewTopic_new(name, PARTITIONS, factor, reason,
								  sizeof(reason));
	if (topic == NULL)
	{
		appendPQExpBuffer(error, "could not create the dead letter topic \"%s\": %s",
						  name, reason);
		return LETTER_FAILED;
	}
	queue = rd_kafka_queue_new(letters->client);
	rd_kafka_CreateTopics(letters->client, &topic, 1, NULL, queue);
	event = rd_kafka_queue_poll(queue, CREATE_TIMEOUT_MS);
	failure = create_result(event, &text);
	if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		pg_log_info("created the dead letter topic \"%s\"", name);
		result = LETTER_WRITTEN;
	}
	else if (failure == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
		result = LETTER_WRITTEN;
	else
	{
		appendPQExpBuffer(error, "could not create the dead letter topic \"%s\": %s",
						  name, text != NULL ? text : rd_kafka_err2str(failure));
		if (failure == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR)
			appendPQExpBufferStr(error, " SET 'errors.deadletterqueue.topic.replication.factor' to what the cluster has brokers for");
		if (is_passing(failure))
			result = LETTER_SENT;
	}
	if (event != NULL)
		rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_NewTopic_destroy(topic);
	return result;
}

LetterResult
dead_letters_prepare(DeadLetters *letters, PQExpBuffer error)
{
	LetterResult result = LETTER_WRITTEN;
	rd_kafka_resp_err_t failure;

	resetPQExpBuffer(error);
	if (!topic_needs_nothing(letters, &failure))
	{
		if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
			result = create_topic(letters, error);
		else
		{
			rd_kafka_poll(letters->client, 0);
			appendPQExpBuffer(error, "could not look for the dead letter topic \"%s\": %s",
							  letters->pipeline->letter_topic,
							  *letters->last_error != '\0' ?
							  letters->last_error : rd_kafka_err2str(failure));
			result = LETTER_SENT;
		}
	}
	letters->prepared = result == LETTER_WRITTEN;
	return result;
}

bool
dead_letters_prepared(const DeadLetters *letters)
{
	return letters->prepared;
}

/* ---------------------------------------------------------------- letters */

/* The record with its own headers, and the context where it is wanted. */
static LetterResult
send_letter(DeadLetters *letters, const Letter *letter, int number,
			PQExpBuffer error)
{
	const Pipeline *pipeline = letters->pipeline;
	const char *p = letter->record;
	int64		timestamp = unpack_int(&p);
	size_t		key_length;
	const char *key = unpack_text(&p, &key_length);
	size_t		length;
	const char *value = unpack_text(&p, &length);
	int64		header_count = unpack_int(&p);
	rd_kafka_headers_t *headers;
	rd_kafka_resp_err_t failure;
	Delivery   *delivery;

	if (letters->in_flight > 0 &&
		letters->in_flight_bytes + key_length + length > IN_FLIGHT_MOST)
		return LETTER_NO_ROOM;
	headers = rd_kafka_headers_new(header_count + 10);
	while (header_count-- > 0)
	{
		size_t		name_length;
		size_t		header_length;
		const char *name = unpack_text(&p, &name_length);
		const char *header = unpack_text(&p, &header_length);

		rd_kafka_header_add(headers, name, name_length, header, header_length);
	}
	if (pipeline->letter_context)
		add_contexts(headers, pipeline, letter);

	delivery = pg_malloc0(sizeof(Delivery));
	delivery->event.topic = letter->topic;
	delivery->event.partition = letter->partition;
	delivery->event.offset = letter->offset;
	delivery->bytes = key_length + length;
	/* no timestamp: the time of sending */
	failure = rd_kafka_producev(letters->client,
								RD_KAFKA_V_TOPIC(pipeline->letter_topic),
								RD_KAFKA_V_KEY(key, key_length),
								RD_KAFKA_V_VALUE((void *) value, length),
								RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
								RD_KAFKA_V_TIMESTAMP(Max(timestamp, 0)),
								RD_KAFKA_V_HEADERS(headers),
								RD_KAFKA_V_OPAQUE(delivery),
								RD_KAFKA_V_END);
	if (failure != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		rd_kafka_headers_destroy(headers);
		free(delivery);
		if (failure == RD_KAFKA_RESP_ERR__QUEUE_FULL)
			return LETTER_NO_ROOM;
		if (topic_is_missing(failure))
		{
			letters->prepared = false;
			return LETTER_NO_ROOM;
		}
		appendPQExpBuffer(error, "could not write to the dead letter topic \"%s\": %s",
						  pipeline->letter_topic, rd_kafka_err2str(failure));
		return LETTER_FAILED;
	}
	event_set_add(&letters->known, number, &delivery->event);
	if (letters->in_flight++ == 0)
		letters->waiting_since_ms = now_ms();
	letters->in_flight_bytes += delivery->bytes;
	return LETTER_SENT;
}

LetterResult
dead_letters_put(DeadLetters *letters, const Letter *letter, PQExpBuffer error)
{
	KnownEvent	event = {letter->topic, letter->partition, letter->offset, false};
	bool		found;
	int			number;

	resetPQExpBuffer(error);
	rd_kafka_poll(letters->client, 0);
	if (letters->failure.len > 0)
	{
		appendPQExpBufferStr(error, letters->failure.data);
		return LETTER_FAILED;
	}
	number = event_set_find(&letters->known, &event, &found);
	if (found)
		return letters->known.events[number].done ? LETTER_WRITTEN : LETTER_SENT;
	if (!letters->prepared)
		return LETTER_NO_ROOM;
	return send_letter(letters, letter, number, error);
}

int
dead_letters_fd(const DeadLetters *letters)
{
	return letters->wake[0];
}

void
dead_letters_drain_fd(const DeadLetters *letters)
{
	char		bytes[256];

	while (read(letters->wake[0], bytes, sizeof(bytes)) > 0)
		;
}

const char *
dead_letters_trouble(DeadLetters *letters)
{
	bool		slow = letters->in_flight > 0 &&
	now_ms() > letters->waiting_since_ms + SLOW_MS;

	if (slow && *letters->trouble == '\0')
	{
		snprintf(letters->trouble, sizeof(letters->trouble),
				 "the dead letter topic \"%s\" does not take an event that cannot be applied%s%s",
				 letters->pipeline->letter_topic,
				 *letters->last_error != '\0' ? ": " : "", letters->last_error);
		pg_log_warning("%s; trying again", letters->trouble);
	}
	else if (!slow && *letters->trouble != '\0')
	{
		letters->trouble[0] = '\0';
		pg_log_info("the dead letter topic \"%s\" takes events again",
					letters->pipeline->letter_topic);
	}
	return letters->trouble;
}

int64
dead_letters_count(const DeadLetters *letters)
{
	return letters->written;
}
