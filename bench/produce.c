/*-------------------------------------------------------------------------
 *
 * produce.c
 *	  Measures how fast librdkafka alone writes records that are there already.
 *
 *	  produce BOOTSTRAP FROM_TOPIC TO_TOPIC COUNT [NAME=VALUE]...
 *
 * Takes COUNT records with their headers out of partition 0 of FROM_TOPIC,
 * in runs that are spread over all of it, and writes them to partition 0 of
 * TO_TOPIC, with the given properties of the producer.  Prints records,
 * seconds and CPU seconds from the first record to the last acknowledgement;
 * reading them is not counted.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <librdkafka/rdkafka.h>

#define RUNS 20
#define HEADERS_MOST 16
#define TIMEOUT_MS 10000

/* One record; NULL and 0 stand for a value that is null. */
typedef struct
{
	const char *name;
	void	   *value;
	size_t		length;
} Header;

typedef struct
{
	void	   *key;
	size_t		key_length;
	void	   *value;
	size_t		value_length;
	int			header_count;
	Header		headers[HEADERS_MOST];
} Record;

static long acknowledged;
static long failed;

static void
fail(const char *what, const char *reason)
{
	fprintf(stderr, "produce: could not %s: %s\n", what, reason);
	exit(1);
}

static void
conf_set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
	char		reason[512];

	if (rd_kafka_conf_set(conf, name, value, reason, sizeof(reason)) != RD_KAFKA_CONF_OK)
		fail("set a property", reason);
}

static double
seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void *
copy(const void *bytes, size_t length)
{
	void	   *result;

	if (bytes == NULL)
		return NULL;
	result = malloc(length + 1);
	if (result == NULL)
		fail("hold the records", "out of memory");
	memcpy(result, bytes, length);
	return result;
}

static void
record_copy(Record *record, rd_kafka_message_t *message)
{
	rd_kafka_headers_t *headers;
	const char *name;
	const void *value;
	size_t		length;

	record->key = copy(message->key, message->key_len);
	record->key_length = message->key_len;
	record->value = copy(message->payload, message->len);
	record->value_length = message->len;
	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	while (record->header_count < HEADERS_MOST &&
		   rd_kafka_header_get_all(headers, record->header_count, &name, &value,
								   &length) == RD_KAFKA_RESP_ERR_NO_ERROR)
		record->headers[record->header_count++] = (Header)
	{
		strdup(name), copy(value, length), length
	};
}

/* Reads up to count records from the offset on; returns how many there were. */
static long
run_read(rd_kafka_t *consumer, const char *topic, int64_t offset, Record *records, long count)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	long		found = 0;

	rd_kafka_topic_partition_list_add(list, topic, 0)->offset = offset;
	rd_kafka_assign(consumer, list);
	rd_kafka_topic_partition_list_destroy(list);
	while (found < count)
	{
		rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, TIMEOUT_MS);
		bool		at_end = message == NULL || message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;

		if (message != NULL && !message->err)
			record_copy(&records[found++], message);
		if (message != NULL)
			rd_kafka_message_destroy(message);
		if (at_end)
			break;
	}
	return found;
}

static long
records_read(const char *bootstrap, const char *topic, Record *records, long count)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *consumer;
	rd_kafka_resp_err_t error;
	int64_t		low;
	int64_t		high;
	long		found = 0;
	char		reason[512];

	conf_set(conf, "bootstrap.servers", bootstrap);
	conf_set(conf, "group.id", "bench-produce");
	conf_set(conf, "enable.auto.commit", "false");
	conf_set(conf, "enable.partition.eof", "true");
	conf_set(conf, "isolation.level", "read_committed");
	conf_set(conf, "fetch.wait.max.ms", "10");
	consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof(reason));
	if (consumer == NULL)
		fail("make a consumer", reason);
	rd_kafka_poll_set_consumer(consumer);
	error = rd_kafka_query_watermark_offsets(consumer, topic, 0, &low, &high, TIMEOUT_MS);
	if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
		fail("find the end of the topic", rd_kafka_err2str(error));
	for (int run = 0; run < RUNS; run++)
		found += run_read(consumer, topic, low + (high - low) * run / RUNS, records + found,
						  count / RUNS);
	rd_kafka_consumer_close(consumer);
	rd_kafka_destroy(consumer);
	return found;
}

static void
on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *arg)
{
	(void) client;
	(void) arg;
	if (message->err)
		failed++;
	else
		acknowledged++;
}

static rd_kafka_t *
producer_new(const char *bootstrap, int count, char **settings)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *producer;
	char		reason[512];

	conf_set(conf, "bootstrap.servers", bootstrap);
	for (int i = 0; i < count; i++)
	{
		char	   *equals = strchr(settings[i], '=');

		if (equals == NULL)
			fail("set a property", "it has no value");
		*equals = '\0';
		conf_set(conf, settings[i], equals + 1);
	}
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
	if (producer == NULL)
		fail("make a producer", reason);
	return producer;
}

/* The value is not copied: it stays where it is until the end. */
static void
record_send(rd_kafka_t *producer, rd_kafka_topic_t *topic, Record *record)
{
	rd_kafka_headers_t *headers = rd_kafka_headers_new(record->header_count);
	rd_kafka_resp_err_t error;

	for (int i = 0; i < record->header_count; i++)
		rd_kafka_header_add(headers, record->headers[i].name, -1, record->headers[i].value,
							record->headers[i].length);
	while ((error = rd_kafka_producev(producer,
									  RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(0),
									  RD_KAFKA_V_KEY(record->key, record->key_length),
									  RD_KAFKA_V_VALUE(record->value, record->value_length),
									  RD_KAFKA_V_HEADERS(headers),
									  RD_KAFKA_V_END)) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		rd_kafka_poll(producer, 5);
	if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
		fail("write a record", rd_kafka_err2str(error));
}

int
main(int argc, char **argv)
{
	Record	   *records;
	rd_kafka_t *producer;
	rd_kafka_topic_t *topic;
	const struct rd_kafka_metadata *metadata;
	long		count;
	double		bytes = 0;
	double		begin;
	double		cpu;

	if (argc < 5)
	{
		fprintf(stderr, "usage: produce BOOTSTRAP FROM_TOPIC TO_TOPIC COUNT [NAME=VALUE]...\n");
		return 2;
	}
	count = atol(argv[4]);
	records = calloc(count, sizeof(Record));
	if (records == NULL)
		fail("hold the records", "out of memory");
	count = records_read(argv[1], argv[2], records, count);
	producer = producer_new(argv[1], argc - 5, argv + 5);
	topic = rd_kafka_topic_new(producer, argv[3], NULL);
	/* connects, which is not what is measured */
	if (rd_kafka_metadata(producer, 0, topic, &metadata, TIMEOUT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
		rd_kafka_metadata_destroy(metadata);

	begin = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (long i = 0; i < count; i++)
	{
		bytes += records[i].key_length + records[i].value_length;
		record_send(producer, topic, &records[i]);
		if (i % 1024 == 0)
			rd_kafka_poll(producer, 0);
	}
	rd_kafka_flush(producer, 12 * TIMEOUT_MS);
	begin = seconds(CLOCK_MONOTONIC) - begin;
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	if (acknowledged != count)
		fail("write all records", "not all were acknowledged");
	printf("%ld %.6f %.6f %.0f\n", count, begin, cpu, bytes);
	return failed != 0;
}
