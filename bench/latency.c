/*-------------------------------------------------------------------------
 *
 * latency.c
 *	  Measures how long after its commit a change is visible to a consumer.
 *
 *	  latency BOOTSTRAP TOPIC COUNT SECONDS
 *
 * Reads partition 0 of the topic from its end on, until COUNT values came or
 * SECONDS passed or SIGTERM.  Writes "ready" when it reads, and in the end a
 * line of microseconds for each value: now, less the first "ts_us" in it,
 * which is the time of the commit at the source.  Nothing is written
 * meanwhile, as that would take the processor from those who are measured.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

#define STAMP "\"ts_us\":"

/* how long an empty fetch may last at the broker, and so the wait for the first */
#define FETCH_WAIT_MS "100"
#define TIMEOUT_MS 10000

static volatile sig_atomic_t stop_requested;

static void
on_sigterm(int signal_number)
{
	(void) signal_number;
	stop_requested = 1;
}

static long
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static void
conf_set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
	char		reason[512];

	if (rd_kafka_conf_set(conf, name, value, reason, sizeof(reason)) != RD_KAFKA_CONF_OK)
	{
		fprintf(stderr, "latency: could not set \"%s\": %s\n", name, reason);
		exit(1);
	}
}

/* A consumer that is at the end of the topic and has asked for more. */
static rd_kafka_t *
consumer_start(const char *bootstrap, const char *topic)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *consumer;
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t error;
	int64_t		low;
	int64_t		high;
	char		reason[512];
	rd_kafka_message_t *message;

	conf_set(conf, "bootstrap.servers", bootstrap);
	conf_set(conf, "group.id", "bench-latency");
	conf_set(conf, "enable.auto.commit", "false");
	conf_set(conf, "fetch.wait.max.ms", FETCH_WAIT_MS);
	conf_set(conf, "isolation.level", "read_committed");
	conf_set(conf, "enable.partition.eof", "true");
	consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof(reason));
	if (consumer == NULL)
	{
		fprintf(stderr, "latency: could not make a consumer: %s\n", reason);
		exit(1);
	}
	rd_kafka_poll_set_consumer(consumer);
	error = rd_kafka_query_watermark_offsets(consumer, topic, 0, &low, &high, TIMEOUT_MS);
	if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		fprintf(stderr, "latency: could not find the end of topic \"%s\": %s\n", topic,
				rd_kafka_err2str(error));
		exit(1);
	}
	list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, topic, 0)->offset = high;
	rd_kafka_assign(consumer, list);
	rd_kafka_topic_partition_list_destroy(list);

	/* the first answer says that the end was reached */
	message = rd_kafka_consumer_poll(consumer, TIMEOUT_MS);
	if (message == NULL || (message->err && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF))
	{
		fprintf(stderr, "latency: could not read topic \"%s\": %s\n", topic,
				message != NULL ? rd_kafka_message_errstr(message) : "no answer");
		exit(1);
	}
	rd_kafka_message_destroy(message);
	return consumer;
}

int
main(int argc, char **argv)
{
	rd_kafka_t *consumer;
	long	   *latencies;
	long		wanted;
	long		count = 0;
	long		deadline;

	if (argc != 5)
	{
		fprintf(stderr, "usage: latency BOOTSTRAP TOPIC COUNT SECONDS\n");
		return 2;
	}
	wanted = atol(argv[3]);
	deadline = now_us() + atol(argv[4]) * 1000000L;
	latencies = calloc(wanted, sizeof(long));
	if (latencies == NULL)
		return 1;
	signal(SIGTERM, on_sigterm);
	consumer = consumer_start(argv[1], argv[2]);
	printf("ready\n");
	fflush(stdout);

	while (count < wanted && !stop_requested && now_us() < deadline)
	{
		rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 100);
		long		now = now_us();
		const char *stamp;

		if (message == NULL)
			continue;
		if (!message->err && message->payload != NULL)
		{
			stamp = memmem(message->payload, message->len, STAMP, strlen(STAMP));
			if (stamp != NULL)
				latencies[count++] = now - strtol(stamp + strlen(STAMP), NULL, 10);
		}
		rd_kafka_message_destroy(message);
	}
	for (long i = 0; i < count; i++)
		printf("%ld\n", latencies[i]);
	fflush(stdout);
	/* closing would only wait for the broker */
	_exit(0);
}
