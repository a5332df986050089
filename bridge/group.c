/*-------------------------------------------------------------------------
 *
 * group.c
 *	  The group of bridges, as Kafka knows it: it keeps Kafka Connect out.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "group.h"

#include <string.h>

#include "kafka.h"
#include "log.h"
#include "loop.h"
#include "reader.h"

#define LIST_TIMEOUT_MS		5000
/* The kind of members that workers of Kafka Connect are */
#define CONNECT_PROTOCOL	"connect"
/* As Connect's: so long a bridge that was killed keeps Kafka Connect out. */
#define SESSION_TIMEOUT_MS	"10000"
/* While Kafka Connect is there it is looked for so often. */
#define CHECK_MS			5000

struct Group
{
	const Properties *worker;
	rd_kafka_t *member;			/* NULL: not allowed to be one */
	bool		refused;
	bool		denied;			/* the right is missing */
	int64		check_at;		/* clock_ms() */
};

bool
group_check(rd_kafka_t *client, const Properties *worker, Failure *failure)
{
	const char *name = properties_get(worker, "group.id");
	const struct rd_kafka_group_list *list;
	bool		found = false;

	if (rd_kafka_list_groups(client, name, &list, LIST_TIMEOUT_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return true;
	for (int i = 0; i < list->group_cnt && !found; i++)
	{
		const struct rd_kafka_group_info *group = &list->groups[i];

		if (group->err != RD_KAFKA_RESP_ERR_NO_ERROR ||
			strcmp(group->group, name) != 0 || group->member_cnt == 0 ||
			strcmp(group->protocol_type, CONNECT_PROTOCOL) != 0)
			continue;
		found = true;
		failure_set(failure, FAILURE_RETRY,
					"Kafka Connect runs in group \"%s\": worker \"%s\" on host %s",
					name, group->members[0].client_id,
					group->members[0].client_host);
		failure_hint(failure,
					 "Stop it: its group is free some seconds later. Or give the bridge a group.id, config.storage.topic and offset.storage.topic of its own.");
	}
	rd_kafka_group_list_destroy(list);
	return !found;
}

/* Takes part in the group, and reads nothing. */
static void
on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t error,
			 rd_kafka_topic_partition_list_t *partitions, void *arg)
{
	Group	   *group = arg;
	rd_kafka_topic_partition_list_t *none = rd_kafka_topic_partition_list_new(0);

	(void) partitions;
	rd_kafka_assign(client, error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? none : NULL);
	rd_kafka_topic_partition_list_destroy(none);
	group->refused &= error != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
}

Group *
group_join(const Properties *worker, Failure *failure)
{
	rd_kafka_conf_t *conf = kafka_conf_new("debezium_bridge");
	rd_kafka_topic_partition_list_t *topics;
	Group	   *group = pg_malloc0(sizeof(Group));
	PQExpBufferData error;
	char		reason[512];

	group->worker = worker;
	initPQExpBuffer(&error);
	rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
	rd_kafka_conf_set_opaque(conf, group);
	if (!kafka_conf_common(conf, worker, &error) ||
		!kafka_conf_set(conf, "group.id", properties_get(worker, "group.id"), &error) ||
		!kafka_conf_set(conf, "enable.auto.commit", "false", &error) ||
		!kafka_conf_set(conf, "session.timeout.ms", SESSION_TIMEOUT_MS, &error))
		failure_set(failure, FAILURE_STOP, "%s", error.data);
	else
	{
		group->member = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof(reason));
		if (group->member == NULL)
			failure_set(failure, FAILURE_STOP, "could not set up Kafka: %s", reason);
	}
	termPQExpBuffer(&error);
	if (group->member == NULL)
	{
		rd_kafka_conf_destroy(conf);
		pg_free(group);
		return NULL;
	}
	rd_kafka_poll_set_consumer(group->member);
	topics = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(topics, properties_get(worker, "config.storage.topic"),
									  RD_KAFKA_PARTITION_UA);
	rd_kafka_subscribe(group->member, topics);
	rd_kafka_topic_partition_list_destroy(topics);
	return group;
}

/* What the membership has come to. */
static void
serve_member(Group *group)
{
	rd_kafka_message_t *message;

	while ((message = rd_kafka_consumer_poll(group->member, 0)) != NULL)
	{
		group->refused |= message->err == RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL;
		group->denied |= message->err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
		rd_kafka_message_destroy(message);
	}
	if (!group->denied)
		return;
	pg_log_warning("not allowed to read group \"%s\": whether Kafka Connect runs in it cannot be seen",
				   properties_get(group->worker, "group.id"));
	rd_kafka_destroy(group->member);
	group->member = NULL;
}

bool
group_serve(Group *group, rd_kafka_t *client, Failure *failure)
{
	if (group->member != NULL)
		serve_member(group);
	if (!group->refused)
		return true;
	/* who is it, and is it still there? */
	if (clock_ms() >= group->check_at)
	{
		group->check_at = clock_ms() + CHECK_MS;
		group->refused = !group_check(client, group->worker, failure);
		return !group->refused;
	}
	return failure_set(failure, FAILURE_RETRY, "Kafka Connect runs in group \"%s\"",
					   properties_get(group->worker, "group.id"));
}

void
group_leave(Group *group)
{
	if (group == NULL)
		return;
	if (group->member != NULL)
	{
		rd_kafka_consumer_close(group->member);
		rd_kafka_destroy(group->member);
	}
	pg_free(group);
}
