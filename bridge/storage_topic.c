/*-------------------------------------------------------------------------
 *
 * storage_topic.c
 *	  Are the topics that state is kept in fit for it?
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "storage_topic.h"

#include <string.h>

#define CONFIGS_TIMEOUT_MS	10000

/* The value of a topic's setting, to be freed; NULL: cannot be asked for. */
static char *
topic_setting(rd_kafka_t *client, const char *topic, const char *name)
{
	rd_kafka_ConfigResource_t *resource =
	rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
	rd_kafka_event_t *event;
	char	   *value = NULL;

	rd_kafka_DescribeConfigs(client, &resource, 1, NULL, queue);
	event = rd_kafka_queue_poll(queue, CONFIGS_TIMEOUT_MS);
	if (event != NULL && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		size_t		count;
		const rd_kafka_ConfigResource_t **resources =
		rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event),
												  &count);
		size_t		entry_count = 0;
		const rd_kafka_ConfigEntry_t **entries = count > 0 ?
		rd_kafka_ConfigResource_configs(resources[0], &entry_count) : NULL;

		for (size_t i = 0; i < entry_count; i++)
		{
			if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), name) == 0 &&
				rd_kafka_ConfigEntry_value(entries[i]) != NULL)
				value = pg_strdup(rd_kafka_ConfigEntry_value(entries[i]));
		}
	}
	if (event != NULL)
		rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_ConfigResource_destroy(resource);
	return value;
}

bool
storage_topic_check(rd_kafka_t *client, const char *topic, const char *what,
					Failure *failure)
{
	char	   *policy = topic_setting(client, topic, "cleanup.policy");
	bool		ok = policy == NULL || strcmp(policy, "compact") == 0;

	if (!ok)
	{
		failure_set(failure, FAILURE_STOP,
					"cannot keep %s in topic \"%s\": its cleanup.policy is \"%s\"",
					what, topic, policy);
		failure_hint(failure,
					 "Set it to \"compact\" (kafka-configs.sh --alter --entity-type topics --entity-name %s --add-config cleanup.policy=compact), or they will be forgotten.",
					 topic);
	}
	pg_free(policy);
	return ok;
}
