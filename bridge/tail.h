/*-------------------------------------------------------------------------
 *
 * tail.h
 *	  What a connector's topics hold already, at its start.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef TAIL_H
#define TAIL_H

#include "postgres_fe.h"

#include <librdkafka/rdkafka.h>

#include "failure.h"
#include "history.h"
#include "topics.h"

/*
 * Waits until the connector's partitions have not grown for the fence time:
 * what a producer that died had sent may still be on its way.
 */
extern bool tail_settle(const Topics *topics, rd_kafka_t *reader,
						const ConnectorConfig *config, Failure *failure) MUST_CHECK;

/*
 * Reads every known partition from the stored offset to its end, for the
 * last record of this connector that is of the server's past, and notes its
 * position as the tail.  What does not fit is noted beside it.
 */
extern bool tail_read(Topics *topics, rd_kafka_t *reader,
					  const ConnectorConfig *config, const History *history,
					  Failure *failure) MUST_CHECK;

/*
 * Looks at records that stand between ours, from an offset up to, not
 * including, another one.  False when they are of this connector, and so of
 * a process that was taken for dead; those of others are none of our affair.
 */
extern bool tail_inspect(const char *topic, const TopicPartition *partition,
						 int64 from, int64 to, const ConnectorConfig *config,
						 uint64 system_identifier, Failure *failure) MUST_CHECK;

/* Is a record with this position in the partition already? */
static inline bool
tail_covers(const TopicPartition *partition, const Position *position)
{
	return partition->has_tail &&
		position_compare(position, &partition->tail) <= 0;
}

#endif							/* TAIL_H */
