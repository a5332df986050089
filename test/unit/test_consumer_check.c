/*-------------------------------------------------------------------------
 *
 * test_consumer_check.c
 *	  Unit test of what the applier asks Kafka before it runs, on librdkafka's
 *	  mock cluster.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "consumer_check.h"
#include "log.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "tap.h"

#define OFFSET_FETCH 9			/* number of the request in Kafka's protocol */

static rd_kafka_mock_cluster_t *cluster;
static PQExpBufferData said;
static PQExpBufferData error;

/* What is said of the topics. */
static const char *
checked(const char *settings, const char *topics)
{
	char	   *script = psprintf("%s CREATE TABLE s (id INT) WITH ('connector'='kafka', 'topic'='%s',"
								  " 'properties.bootstrap.servers'='%s', 'properties.group.id'='g',"
								  " 'scan.startup.mode'='earliest-offset', 'format'='json');"
								  "CREATE TABLE k (id INT) WITH ('connector'='blackhole');"
								  "INSERT INTO k SELECT id FROM s;", settings, topics,
								  rd_kafka_mock_cluster_bootstraps(cluster));
	Pipeline   *pipeline;

	resetPQExpBuffer(&said);
	resetPQExpBuffer(&error);
	pipeline = pipeline_parse("dir/p.sql", script, &error);
	if (pipeline == NULL)
		return error.data;
	return consumer_check(pipeline, &said, &error) ? said.data : error.data;
}

int
main(void)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *host;

	log_init("test_consumer_check", NULL);
	log_set_level(PG_LOG_ERROR);
	initPQExpBuffer(&said);
	initPQExpBuffer(&error);
	rd_kafka_conf_set(conf, "bootstrap.servers", "127.0.0.1:1", NULL, 0);
	rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
	host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
	cluster = rd_kafka_mock_cluster_new(host, 1);
	rd_kafka_mock_topic_create(cluster, "a", 3, 1);
	rd_kafka_mock_topic_create(cluster, "b", 1, 1);

	tap_text(checked("", "a;b"),
			 "topic \"a\" can be read, partitions: 3\ntopic \"b\" can be read, partitions: 1\n",
			 "topics, and their partitions");
	tap_text(checked("SET 'errors.deadletterqueue.topic.name' = 'b';", "a"),
			 "topic \"a\" can be read, partitions: 3\ndead letter topic \"b\" is there\n",
			 "a topic of dead letters");

	rd_kafka_mock_push_request_errors(cluster, OFFSET_FETCH, 1,
									  RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
	tap_text(checked("", "a"), "could not ask for the offsets of group \"g\": Broker: Group authorization failed",
			 "no right to the group");

	rd_kafka_mock_topic_create(cluster, "c", 1, 1);
	rd_kafka_mock_topic_set_error(cluster, "c", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	tap_text(checked("", "a;c"), "topic \"c\" does not exist", "no topic");
	tap_text(said.data, "topic \"a\" can be read, partitions: 3\n", "the one before it is there");
	tap_text(checked("SET 'errors.deadletterqueue.topic.name' = 'c';", "a"),
			 "topic \"a\" can be read, partitions: 3\ndead letter topic \"c\" does not exist, and will be made\n",
			 "no topic of dead letters");

	/*
	 * The mock cluster lists a topic's partitions beside its error, as no
	 * broker does, and librdkafka crashes over that from 2.8 on.
	 */
	if (rd_kafka_version() < 0x02080000)
	{
		rd_kafka_mock_topic_set_error(cluster, "c", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
		tap_text(checked("", "c"), "could not look at topic \"c\": Broker: Topic authorization failed",
				 "no right to see it");
	}
	tap_ok(strstr(checked("", "a', 'properties.no.such'='x', 'properties.session.timeout.ms'='none"),
				  "session.timeout.ms") != NULL, "a property that is refused");

	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(host);
	return tap_done();
}
