/*-------------------------------------------------------------------------
 *
 * test_producer.c
 *	  The producer without a broker: what nobody can change about it, and
 *	  that its queue can be thrown away.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <unistd.h>

#include "log.h"
#include "producer.h"
#include "tap.h"

/* Nobody listens there. */
#define NO_BROKER	"127.0.0.1:1"

/* A producer that cannot be ended would wait for ever. */
#define PATIENCE	30

static ConnectorConfig *
read_config(const Properties *connector, const Properties *worker)
{
	PQExpBufferData errors;
	ConnectorConfig *config;

	initPQExpBuffer(&errors);
	config = connector_config_read(connector, worker, &errors);
	if (config == NULL)
		printf("# %s", errors.data);
	termPQExpBuffer(&errors);
	return config;
}

static void
set_required(Properties *connector, Properties *worker)
{
	properties_set(connector, "name", "c");
	properties_set(connector, "connector.class", CONNECTOR_CLASS);
	properties_set(connector, "topic.prefix", "p");
	properties_set(connector, "database.hostname", "localhost");
	properties_set(connector, "database.user", "u");
	properties_set(connector, "database.dbname", "d");
	properties_set(worker, "bootstrap.servers", NO_BROKER);
}

static void
check_setting(rd_kafka_t *client, const char *name, const char *wanted)
{
	char		text[64] = "";
	size_t		size = sizeof(text);

	(void) rd_kafka_conf_get(rd_kafka_conf(client), name, text, &size);
	tap_text(text, wanted, name);
}

/* Exactly once rests on these, whatever somebody asks for. */
static void
test_fixed(void)
{
	static const char *const attempts[][2] = {
		{"enable.idempotence", "false"}, {"acks", "1"},
		{"request.required.acks", "0"}, {"enable.gapless.guarantee", "false"},
		{"message.timeout.ms", "1000"}, {"delivery.timeout.ms", "1000"},
		{"retries", "0"}, {"message.send.max.retries", "0"},
		{"max.in.flight.requests.per.connection", "100"},
		{"max.in.flight", "100"}, {"transactional.id", "x"}
	};
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	ConnectorConfig *config;
	Producer   *producer;
	Failure		failure;

	set_required(connector, worker);
	for (size_t i = 0; i < lengthof(attempts); i++)
	{
		char	   *of_connector = psprintf("producer.override.%s", attempts[i][0]);
		char	   *of_worker = psprintf("producer.%s", attempts[i][0]);

		properties_set(connector, of_connector, attempts[i][1]);
		properties_set(worker, of_worker, attempts[i][1]);
		pg_free(of_connector);
		pg_free(of_worker);
	}
	properties_set(connector, "producer.override.linger.ms", "7");
	config = read_config(connector, worker);
	failure_init(&failure);
	producer = producer_new(config, &failure);
	if (tap_ok(producer != NULL, "settings that are fixed are passed over"))
	{
		rd_kafka_t *client = producer_client(producer);

		check_setting(client, "enable.idempotence", "true");
		check_setting(client, "acks", "-1");
		check_setting(client, "enable.gapless.guarantee", "true");
		check_setting(client, "message.timeout.ms", "0");
		check_setting(client, "retries", "2147483647");
		check_setting(client, "max.in.flight", "5");
		check_setting(client, "transactional.id", "");
		check_setting(client, "linger.ms", "7");
	}
	else
		printf("# %s\n", failure.text.data);
	producer_free(producer);
	failure_free(&failure);
	connector_config_free(config);
	properties_free(connector);
	properties_free(worker);
}

/*
 * Who has lost the stream must send nothing more of it: another process may
 * have it.
 */
static void
test_thrown_away(void)
{
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	ConnectorConfig *config;
	Producer   *producer;
	Failure		failure;
	Topics		topics;
	Topic	   *topic;
	int			sent = 0;

	set_required(connector, worker);
	config = read_config(connector, worker);
	failure_init(&failure);
	producer = producer_new(config, &failure);
	topics_init(&topics);
	topic = topics_get(&topics, "p.public.t", strlen("p.public.t"));
	topic->handle = rd_kafka_topic_new(producer_client(producer), topic->name, NULL);
	topic_set_partitions(topic, 1);
	for (int i = 0; i < 100; i++)
	{
		char	   *value = pg_strdup("{}");
		Block	   *block = block_new(value, 2, producer_held(producer));
		Record		record = {
			.partition = &topic->partitions[0],
			.topic = topic,
			.position = {.kind = 'r',.number = i},
			.value = value,
			.value_length = 2,
			.timestamp = -1,
			.block = block
		};

		sent += producer_send(producer, &record, &failure) == SEND_DONE;
		block_release(block);
	}
	tap_number(sent, 100, "records wait for a broker");
	tap_number(producer_in_flight(producer), 100, "... and are in flight");
	alarm(PATIENCE);
	producer_end(producer);
	alarm(0);
	tap_number(producer_in_flight(producer), 0, "the end throws them away");
	tap_number(*producer_held(producer), 0, "... with what they refer to");
	topics_free(&topics);
	producer_free(producer);
	failure_free(&failure);
	connector_config_free(config);
	properties_free(connector);
	properties_free(worker);
}

int
main(void)
{
	log_init("test_producer", NULL);
	test_fixed();
	test_thrown_away();
	return tap_done();
}
