/*-------------------------------------------------------------------------
 *
 * embedded_broker.c
 *	  A Kafka broker for the demo and for tests without Java: librdkafka's
 *	  mock cluster as a program of its own.
 *
 * NOTES
 *	  The mock cluster lives in memory: a partition keeps its newest 5 MB,
 *	  and all is forgotten when the program ends.  It creates topics when
 *	  they are first asked for, and listens on 127.0.0.1 at ports that the
 *	  system chooses (librdkafka offers no way to say which); the address is
 *	  printed as bootstrap.servers=HOST:PORT when clients can connect.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#define TOPICS_MAX 64
#define PARTITIONS_MAX 1000

typedef struct NewTopic
{
	char	   *name;
	int			partitions;
} NewTopic;

static void
usage(FILE *out)
{
	fprintf(out,
			"embedded_broker runs a Kafka broker in memory.\n\n"
			"Usage:\n"
			"  embedded_broker [OPTION]...\n\n"
			"Options:\n"
			"  --topic=NAME:PARTITIONS  create a topic at the start; others get 4\n"
			"                           partitions when they are first asked for\n"
			"  --write=FILE             write bootstrap.servers=HOST:PORT to FILE as well\n"
			"  --help                   show this help, then exit\n\n"
			"It keeps the newest 5 MB of each partition, forgets all at the end, and runs\n"
			"until SIGTERM or SIGINT.\n");
}

/* Splits NAME:PARTITIONS; false, error already logged, when it is not that. */
static bool
topic_parse(char *text, NewTopic *topic)
{
	char	   *colon = strrchr(text, ':');
	char	   *end;
	long		partitions;

	if (colon == NULL || colon == text)
	{
		fprintf(stderr, "embedded_broker: invalid topic \"%s\": expected NAME:PARTITIONS\n",
				text);
		return false;
	}
	errno = 0;
	partitions = strtol(colon + 1, &end, 10);
	if (errno != 0 || end == colon + 1 || *end != '\0' ||
		partitions < 1 || partitions > PARTITIONS_MAX)
	{
		fprintf(stderr, "embedded_broker: invalid number of partitions \"%s\": expected 1 to %d\n",
				colon + 1, PARTITIONS_MAX);
		return false;
	}
	*colon = '\0';
	topic->name = text;
	topic->partitions = (int) partitions;
	return true;
}

/*
 * Writes to a file that appears under its name only when it is whole, so that
 * who waits for it never reads half an address.
 */
static bool
address_write(const char *path, const char *bootstraps)
{
	size_t		room = strlen(path) + sizeof(".new");
	char	   *new_path = malloc(room);
	FILE	   *file = NULL;
	bool		done = false;

	if (new_path == NULL)
	{
		fprintf(stderr, "embedded_broker: out of memory\n");
		return false;
	}
	snprintf(new_path, room, "%s.new", path);
	file = fopen(new_path, "w");
	if (file != NULL)
	{
		done = fprintf(file, "bootstrap.servers=%s\n", bootstraps) > 0;
		done = fclose(file) == 0 && done;
		done = done && rename(new_path, path) == 0;
	}
	if (!done)
		fprintf(stderr, "embedded_broker: could not write file \"%s\": %s\n",
				path, strerror(errno));
	free(new_path);
	return done;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{"topic", required_argument, NULL, 't'},
		{"write", required_argument, NULL, 'w'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}
	};
	NewTopic	topics[TOPICS_MAX];
	int			topic_count = 0;
	const char *path = NULL;
	rd_kafka_conf_t *conf;
	rd_kafka_t *handle = NULL;
	rd_kafka_mock_cluster_t *cluster = NULL;
	const char *bootstraps;
	char		error[512];
	sigset_t	signals;
	int			received;
	int			option;
	int			status = 1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
	{
		switch (option)
		{
			case 't':
				if (topic_count == TOPICS_MAX)
				{
					fprintf(stderr, "embedded_broker: too many topics: the limit is %d\n",
							TOPICS_MAX);
					return 1;
				}
				if (!topic_parse(optarg, &topics[topic_count]))
					return 1;
				topic_count++;
				break;
			case 'w':
				path = optarg;
				break;
			case 'h':
				usage(stdout);
				return 0;
			default:
				usage(stderr);
				return 1;
		}
	}
	if (optind < argc)
	{
		fprintf(stderr, "embedded_broker: unexpected argument \"%s\"\n",
				argv[optind]);
		return 1;
	}

	/*
	 * Blocked before librdkafka starts its threads, which inherit that: the
	 * signals then wait for sigwait() below.
	 */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);

	/* below the notice that this handle has no brokers of its own */
	conf = rd_kafka_conf_new();
	if (rd_kafka_conf_set(conf, "log_level", "4", error, sizeof(error)) !=
		RD_KAFKA_CONF_OK)
	{
		fprintf(stderr, "embedded_broker: %s\n", error);
		rd_kafka_conf_destroy(conf);
		goto cleanup;
	}
	handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error));
	if (handle == NULL)
	{
		fprintf(stderr, "embedded_broker: could not start librdkafka: %s\n",
				error);
		rd_kafka_conf_destroy(conf);
		goto cleanup;
	}
	cluster = rd_kafka_mock_cluster_new(handle, 1);
	if (cluster == NULL)
	{
		fprintf(stderr, "embedded_broker: could not start the broker\n");
		goto cleanup;
	}
	for (int i = 0; i < topic_count; i++)
	{
		rd_kafka_resp_err_t code;

		code = rd_kafka_mock_topic_create(cluster, topics[i].name,
										  topics[i].partitions, 1);
		if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		{
			fprintf(stderr, "embedded_broker: could not create topic \"%s\": %s\n",
					topics[i].name, rd_kafka_err2str(code));
			goto cleanup;
		}
	}

	bootstraps = rd_kafka_mock_cluster_bootstraps(cluster);
	if (path != NULL && !address_write(path, bootstraps))
		goto cleanup;
	printf("bootstrap.servers=%s\n", bootstraps);
	fflush(stdout);

	sigwait(&signals, &received);
	status = 0;

cleanup:
	if (cluster != NULL)
		rd_kafka_mock_cluster_destroy(cluster);
	if (handle != NULL)
		rd_kafka_destroy(handle);
	return status;
}
