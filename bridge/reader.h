/*-------------------------------------------------------------------------
 *
 * reader.h
 *	  Reads a partition of a topic from an offset to where it ends now.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef READER_H
#define READER_H

#include "postgres_fe.h"

#include <librdkafka/rdkafka.h>

#include "failure.h"

typedef void (*ReaderRecord) (const rd_kafka_message_t *message, void *arg);

/* One of many partitions that are asked for, or read, at once. */
typedef struct ReaderRange
{
	const char *topic;
	int32		partition;
	int64		low;			/* first offset that is kept */
	int64		high;			/* behind the last record */
	int64		from;			/* where reading begins, up to "high" */
	void	   *arg;			/* for "record" */
	bool		started;		/* both for reader_read_all() */
	bool		done;
} ReaderRange;

/*
 * A client that reads without a group.  "committed": records of transactions
 * that were aborted are passed over, and the end of those that are open is
 * waited for; else all is taken as it stands.
 */
extern rd_kafka_t *reader_new(const ConnectorConfig *config, bool committed,
							  Failure *failure) MUST_CHECK;
extern void reader_free(rd_kafka_t *client);

/* First offset that is kept, and the one behind the last record. */
extern bool reader_limits(rd_kafka_t *client, const char *topic,
						  int32 partition, int64 *low, int64 *high,
						  Failure *failure) MUST_CHECK;

/*
 * Calls "record" for each record from "from" up to, not including, "high",
 * as reader_limits() gave it; there may be none.
 */
extern bool reader_read(rd_kafka_t *client, const char *topic,
						int32 partition, int64 from, int64 high,
						ReaderRecord record, void *arg, Failure *failure) MUST_CHECK;

/*
 * The limits of many partitions, with one request per broker; -1 for both
 * where a partition does not exist.  "low" is asked for only on request.
 */
extern bool reader_limits_all(rd_kafka_t *client, ReaderRange *ranges,
							  int count, bool with_low, Failure *failure) MUST_CHECK;

/*
 * As reader_read(), for many partitions at the same time, each with its own
 * "arg".  The ranges of a topic stand together, by number of the partition,
 * and none of these is left out in between.
 */
extern bool reader_read_all(rd_kafka_t *client, ReaderRange *ranges,
							int count, ReaderRecord record,
							Failure *failure) MUST_CHECK;

/* Connection properties that the worker gives to all its Kafka clients. */
extern bool kafka_conf_common(rd_kafka_conf_t *conf, const Properties *worker,
							  PQExpBuffer error) MUST_CHECK;

#endif							/* READER_H */
