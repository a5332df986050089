/*-------------------------------------------------------------------------
 *
 * test_dead_letters.c
 *	  Unit test of the applier's dead letters, on librdkafka's mock cluster:
 *	  what a letter holds, and what happens where it cannot be written.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include <poll.h>
#include <unistd.h>

#include "dead_letters.h"
#include "log.h"

#include <librdkafka/rdkafka_mock.h>

#include "tap.h"

/* Nothing here takes long, unless something is wrong. */
#define PATIENCE_MS	20000

#define PRODUCE		0			/* number of the request in Kafka's protocol */

static rd_kafka_t *host;		/* of the mock cluster; writes the events */
static rd_kafka_mock_cluster_t *cluster;
static PQExpBuffer error;

static Pipeline *
read_pipeline(const char *settings)
{
	char	   *text = psprintf("%s CREATE TABLE s (id INT) WITH ('connector'='kafka', 'topic'='events',"
								" 'properties.bootstrap.servers'='%s', 'properties.fetch.min.bytes'='1',"
								" 'scan.startup.mode'='earliest-offset', 'format'='json');"
								"CREATE TABLE k (id INT) WITH ('connector'='blackhole');"
								"INSERT INTO k SELECT id FROM s;", settings,
								rd_kafka_mock_cluster_bootstraps(cluster));
	Pipeline   *pipeline = pipeline_parse("dir/orders.sql", text, error);

	if (pipeline == NULL)
	{
		printf("Bail out! %s\n", error->data);
		exit(1);
	}
	return pipeline;
}

static DeadLetters *
open_letters(const char *settings)
{
	DeadLetters *letters = dead_letters_new(read_pipeline(settings), error);

	if (letters == NULL || dead_letters_prepare(letters, error) != LETTER_WRITTEN)
	{
		printf("Bail out! %s\n", error->data);
		exit(1);
	}
	return letters;
}

/* The record at the offset of a topic's only partition, written before. */
static rd_kafka_message_t *
read_record(const char *topic, int64 offset)
{
	static rd_kafka_t *consumer;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_message_t *message = NULL;

	if (consumer == NULL)
	{
		rd_kafka_conf_t *conf = rd_kafka_conf_new();

		rd_kafka_conf_set(conf, "bootstrap.servers",
						  rd_kafka_mock_cluster_bootstraps(cluster), NULL, 0);
		rd_kafka_conf_set(conf, "group.id", "test", NULL, 0);
		rd_kafka_conf_set(conf, "fetch.wait.max.ms", "10", NULL, 0);
		consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, NULL, 0);
	}
	rd_kafka_topic_partition_list_add(list, topic, 0)->offset = offset;
	rd_kafka_assign(consumer, list);
	rd_kafka_topic_partition_list_destroy(list);
	for (int waited = 0; waited < PATIENCE_MS; waited += 100)
	{
		message = rd_kafka_consumer_poll(consumer, 100);
		if (message != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
			return message;
		if (message != NULL)
			rd_kafka_message_destroy(message);
	}
	return NULL;
}

/* The last event written by write_event(), as an event of a batch. */
static const char *
keep_event(Batch *batch, int64 offset)
{
	rd_kafka_message_t *message = read_record("events", offset);

	if (message == NULL)
		return NULL;
	resetPQExpBuffer(error);
	(void) !batch_add(batch, "events", 0, offset, message->key,
					  message->key_len, message->payload, message->len, error);
	letter_keep(batch, message);
	rd_kafka_message_destroy(message);
	return batch->events[batch->event_count - 1].record;
}

/* Writes an event; its offset. */
static int64
write_event(const void *key, size_t key_length, const void *value,
			size_t length, rd_kafka_headers_t *headers)
{
	static int64 offset = -1;

	rd_kafka_producev(host, RD_KAFKA_V_TOPIC("events"),
					  RD_KAFKA_V_PARTITION(0),
					  RD_KAFKA_V_KEY(key, key_length),
					  RD_KAFKA_V_VALUE((void *) value, length),
					  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
					  RD_KAFKA_V_TIMESTAMP(INT64CONST(1700000000123)),
					  RD_KAFKA_V_HEADERS(headers != NULL ? headers : rd_kafka_headers_new(1)),
					  RD_KAFKA_V_END);
	rd_kafka_flush(host, PATIENCE_MS);
	return ++offset;
}

/* Puts it until it is written, or cannot be. */
static LetterResult
put(DeadLetters *letters, const Letter *letter)
{
	LetterResult result;

	for (int tries = 0; tries < PATIENCE_MS / 100; tries++)
	{
		struct pollfd fd = {.fd = dead_letters_fd(letters),.events = POLLIN};

		result = dead_letters_put(letters, letter, error);
		if (result == LETTER_WRITTEN || result == LETTER_FAILED ||
			!dead_letters_prepared(letters))
			break;
		poll(&fd, 1, 100);
		dead_letters_drain_fd(letters);
	}
	return result;
}

static void
add_text(PQExpBuffer text, const void *value, size_t length)
{
	if (value == NULL)
		appendPQExpBufferStr(text, "NULL");
	else
		appendPQExpBuffer(text, "'%.*s'", (int) length, (const char *) value);
}

/* key=value|timestamp, a line for each header */
static const char *
shown(const rd_kafka_message_t *message)
{
	static PQExpBufferData text;
	rd_kafka_headers_t *headers;
	rd_kafka_timestamp_type_t type;
	const char *name;
	const void *value;
	size_t		length;

	if (message == NULL)
		return "nothing";
	termPQExpBuffer(&text);
	initPQExpBuffer(&text);
	add_text(&text, message->key, message->key_len);
	appendPQExpBufferChar(&text, '=');
	add_text(&text, message->payload, message->len);
	appendPQExpBuffer(&text, "|" INT64_FORMAT,
					  rd_kafka_message_timestamp(message, &type));
	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return text.data;
	for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &length) ==
		 RD_KAFKA_RESP_ERR_NO_ERROR; i++)
	{
		appendPQExpBuffer(&text, "\n%s=", name);
		add_text(&text, value, length);
	}
	return text.data;
}

#define NAME "SET 'errors.deadletterqueue.topic.name' = 'letters';"
#define CONTEXT NAME "SET 'errors.deadletterqueue.context.headers.enable' = 'true';"

static Batch *batch;
static int64 letter_offset;		/* of the next letter in the topic */

/* An event through the topic of letters. */
static const char *
carried(DeadLetters *letters, const void *key, size_t key_length,
		const void *value, size_t length, rd_kafka_headers_t *headers,
		bool refused)
{
	Letter		letter = {"events", 0, 0, NULL, "for a reason", refused};

	letter.offset = write_event(key, key_length, value, length, headers);
	letter.record = keep_event(batch, letter.offset);
	if (put(letters, &letter) != LETTER_WRITTEN)
		return error->data;
	return shown(read_record("letters", letter_offset++));
}

static void
test_records(void)
{
	DeadLetters *letters = open_letters(NAME);
	rd_kafka_headers_t *headers = rd_kafka_headers_new(3);

	rd_kafka_header_add(headers, "a", -1, "one", -1);
	rd_kafka_header_add(headers, "a", -1, NULL, 0);
	rd_kafka_header_add(headers, "b", -1, "", 0);
	tap_text(carried(letters, "k", 1, "no JSON", 7, headers, false),
			 "'k'='no JSON'|1700000000123\na='one'\na=NULL\nb=''",
			 "key, value, headers and timestamp are the event's");
	tap_text(carried(letters, NULL, 0, NULL, 0, NULL, false),
			 "NULL=NULL|1700000000123", "no key, no value");
	tap_text(carried(letters, "", 0, "", 0, NULL, false),
			 "''=''|1700000000123", "an empty key, an empty value");
	tap_number(dead_letters_count(letters), 3, "counted");
}

static void
test_context(void)
{
	DeadLetters *letters = open_letters(CONTEXT);
	rd_kafka_headers_t *headers = rd_kafka_headers_new(1);

	tap_text(carried(letters, "k", 1, "{", 1, NULL, false),
			 "'k'='{'|1700000000123\n__connect.errors.topic='events'\n"
			 "__connect.errors.partition='0'\n__connect.errors.offset='3'\n"
			 "__connect.errors.connector.name='orders'\n__connect.errors.task.id='0'\n"
			 "__connect.errors.stage='VALUE_CONVERTER'\n__connect.errors.class.name='debezium_applier'\n"
			 "__connect.errors.exception.class.name='org.apache.kafka.connect.errors.DataException'\n"
			 "__connect.errors.exception.message='for a reason'\n"
			 "__connect.errors.exception.stacktrace='org.apache.kafka.connect.errors.DataException: for a reason\n'",
			 "headers that tell the failure");
	rd_kafka_header_add(headers, "__connect.errors.topic", -1, "first", -1);
	tap_text(carried(letters, "k", 1, "{", 1, headers, true),
			 "'k'='{'|1700000000123\n__connect.errors.topic='first'\n"
			 "__connect.errors.partition='0'\n__connect.errors.offset='4'\n"
			 "__connect.errors.connector.name='orders'\n__connect.errors.task.id='0'\n"
			 "__connect.errors.stage='TASK_PUT'\n__connect.errors.class.name='debezium_applier'\n"
			 "__connect.errors.exception.class.name='org.apache.kafka.connect.errors.ConnectException'\n"
			 "__connect.errors.exception.message='for a reason'\n"
			 "__connect.errors.exception.stacktrace='org.apache.kafka.connect.errors.ConnectException: for a reason\n'",
			 "those that are there are kept, as of a letter that is sent again");
}

/* A letter is written once, as long as its event is not passed. */
static void
test_once(void)
{
	DeadLetters *letters = open_letters(NAME);
	Letter		letter = {"events", 0, 3, batch->events[0].record, "x", false};
	Letter		other = {"events", 0, 2, batch->events[0].record, "x", false};

	tap_ok(dead_letters_put(letters, &letter, error) == LETTER_SENT &&
		   dead_letters_put(letters, &letter, error) == LETTER_SENT &&
		   put(letters, &letter) == LETTER_WRITTEN &&
		   dead_letters_put(letters, &letter, error) == LETTER_WRITTEN,
		   "sent, and written when it is acknowledged");
	tap_ok(dead_letters_put(letters, &other, error) == LETTER_SENT &&
		   put(letters, &other) == LETTER_WRITTEN, "another one before it");
	tap_number(dead_letters_count(letters), 2, "each of them once");
	dead_letters_passed(letters, "events", 0, 3);
	dead_letters_passed(letters, "events", 1, 100);
	dead_letters_passed(letters, "eventsX", 0, 100);
	tap_ok(dead_letters_put(letters, &letter, error) == LETTER_WRITTEN,
		   "known while it is not passed");
	dead_letters_passed(letters, "events", 0, 4);
	tap_ok(dead_letters_put(letters, &letter, error) == LETTER_SENT &&
		   put(letters, &letter) == LETTER_WRITTEN, "not known any more");
}

static void
test_failures(void)
{
	DeadLetters *letters = open_letters(NAME);
	Letter		letter = {"events", 0, 7, batch->events[0].record, "x", false};

	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 2,
									  RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
									  RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
	tap_ok(put(letters, &letter) == LETTER_WRITTEN, "what passes is tried again");

	letter.offset++;
	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1,
									  RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
	tap_ok(put(letters, &letter) == LETTER_FAILED, "too large for the topic");
	tap_text(error->data, "could not write the event at offset 8 of topic \"events\" partition 0, which cannot be applied, to the dead letter topic \"letters\": Broker: Message size too large. Raise max.message.bytes of that topic",
			 "which it says");

	letters = open_letters(NAME);
	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1,
									  RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
	tap_ok(put(letters, &letter) == LETTER_FAILED &&
		   strstr(error->data, "\"letters\": Broker: Topic authorization failed") != NULL,
		   "not allowed");
}

/* A broker that does not answer is waited for, and that is told. */
static void
test_slow(void)
{
	DeadLetters *letters = open_letters(NAME);
	Letter		letter = {"events", 0, 9, batch->events[0].record, "x", false};
	LetterResult result;

	tap_ok(put(letters, &letter) == LETTER_WRITTEN &&
		   *dead_letters_trouble(letters) == '\0', "connected");
	letter.offset++;
	rd_kafka_mock_broker_set_rtt(cluster, 1, 2500);
	do
	{
		poll(NULL, 0, 20);
		result = dead_letters_put(letters, &letter, error);
	} while (result == LETTER_SENT && *dead_letters_trouble(letters) == '\0');
	tap_ok(result == LETTER_SENT &&
		   strstr(dead_letters_trouble(letters), "topic \"letters\" does not take") != NULL,
		   "not written for long");
	rd_kafka_mock_broker_set_rtt(cluster, 1, 0);
	tap_ok(put(letters, &letter) == LETTER_WRITTEN &&
		   *dead_letters_trouble(letters) == '\0', "written in the end");
}

/* Letters under way are bounded by their bytes. */
static void
test_room(void)
{
	DeadLetters *letters = open_letters(NAME);
	size_t		length = 900 * 1000;
	char	   *value = pg_malloc0(length);
	Letter		letter = {"events", 0, 20, NULL, "x", false};

	batch_clear(batch);
	letter.record = keep_event(batch, write_event(NULL, 0, value, length, NULL));
	tap_ok(batch->bytes > 2 * (int64) length,
		   "a record that is kept counts among the batch's bytes");
	rd_kafka_mock_broker_set_rtt(cluster, 1, 100);
	for (letter.offset = 20; letter.offset < 24; letter.offset++)
		if (dead_letters_put(letters, &letter, error) != LETTER_SENT)
			break;
	tap_number(letter.offset, 24, "some are under way at once");
	tap_ok(dead_letters_put(letters, &letter, error) == LETTER_NO_ROOM,
		   "no more than fit");
	tap_ok(put(letters, &letter) == LETTER_WRITTEN, "there is room again");
	tap_number(dead_letters_count(letters), 5, "all are written");
	free(value);
}

int
main(void)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	int			status;

	log_init("test_dead_letters", NULL);
	log_set_level(PG_LOG_ERROR);
	error = createPQExpBuffer();
	rd_kafka_conf_set(conf, "bootstrap.servers", "127.0.0.1:1", NULL, 0);
	rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
	host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
	cluster = rd_kafka_mock_cluster_new(host, 1);
	rd_kafka_brokers_add(host, rd_kafka_mock_cluster_bootstraps(cluster));
	rd_kafka_mock_topic_create(cluster, "events", 1, 1);
	rd_kafka_mock_topic_create(cluster, "letters", 1, 1);
	batch = batch_new(read_pipeline(NAME));

	test_records();
	test_context();
	test_once();
	test_failures();
	test_slow();
	test_room();
	status = tap_done();
	fflush(NULL);
	/* librdkafka's threads stay as they are */
	_exit(status);
}
