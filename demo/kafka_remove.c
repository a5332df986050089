/*-------------------------------------------------------------------------
 *
 * kafka_remove.c
 *	  Removes the topics and consumer groups whose names start with a prefix:
 *	  what the demo made on a broker that is not its own.
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

#define TIMEOUT_MS 10000		/* of each request; only failures last so long */

/*
 * A static member of a group leaves it only when its session times out, 6 s
 * by default and up to 45 s; until then the group cannot be removed.
 */
#define EMPTY_TIMEOUT_S 50
#define EMPTY_PAUSE_MS 250

static bool
has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/*
 * Waits for the answer to a request.  Reports what went wrong with single
 * names; those that are gone already count as removed.  Groups that still
 * have members are only counted in *busy, where that is not NULL.
 */
static bool
result_check(rd_kafka_queue_t *queue, const char *what, int *busy)
{
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, TIMEOUT_MS + 1000);
	bool		done = true;
	size_t		count = 0;

	if (event == NULL || rd_kafka_event_error(event))
	{
		fprintf(stderr, "kafka_remove: could not remove %s: %s\n", what,
				event != NULL ? rd_kafka_event_error_string(event) : "no answer");
		done = false;
	}
	else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DELETETOPICS_RESULT)
	{
		const rd_kafka_topic_result_t **topics;

		topics = rd_kafka_DeleteTopics_result_topics(
													 rd_kafka_event_DeleteTopics_result(event), &count);
		for (size_t i = 0; i < count; i++)
		{
			rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topics[i]);

			if (code == RD_KAFKA_RESP_ERR_NO_ERROR ||
				code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
				continue;
			fprintf(stderr, "kafka_remove: could not remove topic \"%s\": %s\n",
					rd_kafka_topic_result_name(topics[i]),
					rd_kafka_err2str(code));
			done = false;
		}
	}
	else
	{
		const rd_kafka_group_result_t **groups;

		groups = rd_kafka_DeleteGroups_result_groups(
													 rd_kafka_event_DeleteGroups_result(event), &count);
		for (size_t i = 0; i < count; i++)
		{
			const rd_kafka_error_t *error = rd_kafka_group_result_error(groups[i]);

			if (error == NULL ||
				rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
				continue;
			if (busy != NULL &&
				rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP)
			{
				(*busy)++;
				continue;
			}
			fprintf(stderr, "kafka_remove: could not remove group \"%s\": %s\n",
					rd_kafka_group_result_name(groups[i]),
					rd_kafka_error_string(error));
			done = false;
		}
	}
	if (event != NULL)
		rd_kafka_event_destroy(event);
	return done;
}

static bool
groups_remove(rd_kafka_t *handle, rd_kafka_queue_t *queue, const char *prefix,
			  int *busy)
{
	const struct rd_kafka_group_list *list = NULL;
	rd_kafka_DeleteGroup_t **requests;
	rd_kafka_resp_err_t code;
	size_t		count = 0;
	bool		done = true;

	code = rd_kafka_list_groups(handle, NULL, &list, TIMEOUT_MS);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		fprintf(stderr, "kafka_remove: could not list the groups: %s\n",
				rd_kafka_err2str(code));
		if (list != NULL)
			rd_kafka_group_list_destroy(list);
		return false;
	}
	requests = calloc(list->group_cnt + 1, sizeof(*requests));
	if (requests == NULL)
	{
		fprintf(stderr, "kafka_remove: out of memory\n");
		exit(1);
	}
	for (int i = 0; i < list->group_cnt; i++)
		if (has_prefix(list->groups[i].group, prefix))
			requests[count++] = rd_kafka_DeleteGroup_new(list->groups[i].group);
	if (count > 0)
	{
		rd_kafka_DeleteGroups(handle, requests, count, NULL, queue);
		done = result_check(queue, "groups", busy);
		rd_kafka_DeleteGroup_destroy_array(requests, count);
	}
	free(requests);
	rd_kafka_group_list_destroy(list);
	return done;
}

static bool
topics_remove(rd_kafka_t *handle, rd_kafka_queue_t *queue, const char *prefix)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_DeleteTopic_t **requests;
	rd_kafka_resp_err_t code;
	size_t		count = 0;
	bool		done = true;

	code = rd_kafka_metadata(handle, 1, NULL, &metadata, TIMEOUT_MS);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		fprintf(stderr, "kafka_remove: could not list the topics: %s\n",
				rd_kafka_err2str(code));
		return false;
	}
	requests = calloc(metadata->topic_cnt + 1, sizeof(*requests));
	if (requests == NULL)
	{
		fprintf(stderr, "kafka_remove: out of memory\n");
		exit(1);
	}
	for (int i = 0; i < metadata->topic_cnt; i++)
		if (has_prefix(metadata->topics[i].topic, prefix))
			requests[count++] = rd_kafka_DeleteTopic_new(metadata->topics[i].topic);
	if (count > 0)
	{
		rd_kafka_DeleteTopics(handle, requests, count, NULL, queue);
		done = result_check(queue, "topics", NULL);
		rd_kafka_DeleteTopic_destroy_array(requests, count);
	}
	free(requests);
	rd_kafka_metadata_destroy(metadata);
	return done;
}

int
main(int argc, char **argv)
{
	rd_kafka_conf_t *conf;
	rd_kafka_t *handle;
	rd_kafka_queue_t *queue;
	char		error[512];
	time_t		deadline;
	bool		patient;
	int			busy;
	bool		done;

	if (argc != 3 || argv[2][0] == '\0')
	{
		fprintf(stderr, "Usage: kafka_remove BOOTSTRAP_SERVERS PREFIX\n"
				"Removes the topics and consumer groups whose names start with PREFIX.\n");
		return 1;
	}
	conf = rd_kafka_conf_new();
	if (rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], error,
						  sizeof(error)) != RD_KAFKA_CONF_OK)
	{
		fprintf(stderr, "kafka_remove: %s\n", error);
		rd_kafka_conf_destroy(conf);
		return 1;
	}
	handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error));
	if (handle == NULL)
	{
		fprintf(stderr, "kafka_remove: could not start librdkafka: %s\n",
				error);
		rd_kafka_conf_destroy(conf);
		return 1;
	}
	queue = rd_kafka_queue_new(handle);
	done = topics_remove(handle, queue, argv[2]);
	deadline = time(NULL) + EMPTY_TIMEOUT_S;
	do
	{
		busy = 0;
		patient = time(NULL) < deadline;
		done = groups_remove(handle, queue, argv[2],
							 patient ? &busy : NULL) && done;
		/* nothing is under way on the queue: this only waits */
		if (busy > 0)
			(void) rd_kafka_queue_poll(queue, EMPTY_PAUSE_MS);
	} while (busy > 0);
	rd_kafka_queue_destroy(queue);
	rd_kafka_destroy(handle);
	return done ? 0 : 1;
}
