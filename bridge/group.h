/*-------------------------------------------------------------------------
 *
 * group.h
 *	  The group of bridges, as Kafka knows it: it keeps Kafka Connect out.
 *
 * NOTES
 *	  A bridge and a worker of Kafka Connect with the same group.id would run
 *	  the same connectors from the same topic.  Each bridge is a member of
 *	  that group, as a consumer that reads nothing; a group has one kind of
 *	  members at a time, so that the broker itself refuses a worker of Connect
 *	  that comes later (INCONSISTENT_GROUP_PROTOCOL), and a bridge while one
 *	  is there.
 *
 *	  Which bridge runs a connector is not decided here: see lease.h.  A start
 *	  asks who is in the group and does not wait until it has joined, which
 *	  takes seconds.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef GROUP_H
#define GROUP_H

#include "postgres_fe.h"

#include <librdkafka/rdkafka.h>

#include "failure.h"

typedef struct Group Group;

/* Is Kafka Connect there?  A broker that does not tell counts as no. */
extern bool group_check(rd_kafka_t *client, const Properties *worker,
						Failure *failure) MUST_CHECK;

/* Begins to join. */
extern Group *group_join(const Properties *worker, Failure *failure) MUST_CHECK;

/*
 * To be called at least every second.  False while Kafka Connect is in the
 * group: then the failure says who.
 */
extern bool group_serve(Group *group, rd_kafka_t *client, Failure *failure) MUST_CHECK;

/* Leaves it, so that Kafka Connect may come at once. */
extern void group_leave(Group *group);

#endif							/* GROUP_H */
