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

/*
 * A client that reads without a group.  "committed": records of transactions
 * that were aborted are passed over, and the end of those that are open is
 * waited for; else all is taken as it stands.
 */
extern rd_kafka_t *reader_new(const ConnectorConfig *config, bool committed,
							  Failure *failure) MUST_CHECK;
extern void reader_free(rd_kafka_t *client);

/*
 * First offset that is kept, and the one behind the last record.  A partition
 * that does not exist is a failure, or, of the second, -1 for both.
 */
extern bool reader_limits(rd_kafka_t *client, const char *topic,
						  int32 partition, int64 *low, int64 *high,
						  Failure *failure) MUST_CHECK;
extern bool reader_find_limits(rd_kafka_t *client, const char *topic,
							   int32 partition, int64 *low, int64 *high,
							   Failure *failure) MUST_CHECK;

/*
 * Calls "record" for each record from "from" up to, not including, "high",
 * as reader_limits() gave it; there may be none.
 */
extern bool reader_read(rd_kafka_t *client, const char *topic,
						int32 partition, int64 from, int64 high,
						ReaderRecord record, void *arg, Failure *failure) MUST_CHECK;

/* Connection properties that the worker gives to all its Kafka clients. */
extern bool kafka_conf_common(rd_kafka_conf_t *conf, const Properties *worker,
							  PQExpBuffer error) MUST_CHECK;

#endif							/* READER_H */
