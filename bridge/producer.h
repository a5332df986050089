/*-------------------------------------------------------------------------
 *
 * producer.h
 *	  The Kafka producer: records in order, none missing, none twice.
 *
 * NOTES
 *	  A partition holds a prefix of what was given to the producer for it.
 *	  That takes idempotence, acks=all, the gapless guarantee and no limit
 *	  of time for a delivery; none of them can be overridden.  A record that
 *	  cannot be delivered ends the producer: all behind it is thrown away,
 *	  and the stream is read again.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PRODUCER_H
#define PRODUCER_H

#include "postgres_fe.h"

#include <librdkafka/rdkafka.h>

#include "block.h"
#include "failure.h"
#include "frames.h"
#include "ledger.h"
#include "topics.h"

typedef struct Producer Producer;

typedef enum SendResult
{
	SEND_DONE,
	SEND_FULL,					/* no room: serve deliveries, then again */
	SEND_FAILED					/* see the failure */
} SendResult;

/* One record, about to be sent. */
typedef struct Record
{
	TopicPartition *partition;
	Topic	   *topic;
	Position	position;
	const char *key;			/* NULL: none */
	size_t		key_length;
	const char *value;			/* NULL: a tombstone; points into the block */
	size_t		value_length;
	bool		of_change;		/* it gets __debezium.context.* as well */
	int			header_count;	/* of the frame, see frame_header() */
	const char *headers;
	bool		transformed;	/* "headers" are all but the position */
	int64		timestamp;		/* milliseconds since 1970; -1: now */
	Block	   *block;			/* kept until the delivery */
	uint64		transaction;	/* number in the ledger; for position.kind 's' */
} Record;

/*
 * Offsets between two records of ours that are not ours.  Where "to" is below
 * "from", the partition went back.
 */
typedef struct ProducerHole
{
	char	   *topic;			/* for the taker to free */
	TopicPartition *partition;
	int64		from;
	int64		to;				/* behind the last one */
} ProducerHole;

/* Called when a stored offset is acknowledged, and counts. */
typedef void (*ProducerStored) (void *arg);

/*
 * With exactly.once.source.support, it has fenced the producer of every
 * earlier run.
 */
extern Producer *producer_new(const ConnectorConfig *config, Failure *failure) MUST_CHECK;

/*
 * Throws away what is queued or in flight.  After that nothing refers to
 * partitions, blocks or the ledger, so topics can be freed; then the rest.
 */
extern void producer_end(Producer *producer);
extern void producer_free(Producer *producer);

/* Waits for a broker's first answer, or for the reason why there is none. */
extern bool producer_connect(Producer *producer, Failure *failure) MUST_CHECK;

extern rd_kafka_t *producer_client(Producer *producer);

/* Readable when producer_serve() has something to do. */
extern int	producer_fd(const Producer *producer);

/* Where acknowledgements of stream records are counted; may be NULL. */
extern void producer_set_ledger(Producer *producer, Ledger *ledger);

extern SendResult producer_send(Producer *producer, const Record *record,
								Failure *failure) MUST_CHECK;

/* Sends a record for the offset topic; its bytes are copied.  "stored" may be NULL. */
extern SendResult producer_store(Producer *producer, rd_kafka_topic_t *topic,
								 int32 partition, const char *key,
								 const char *value, ProducerStored stored,
								 void *arg, Failure *failure) MUST_CHECK;

/* Takes what the broker has answered.  False when a delivery failed. */
extern bool producer_serve(Producer *producer, Failure *failure) MUST_CHECK;

/*
 * Has somebody else written between our records?  Only the first place is
 * kept until it is taken, and none of partitions that are known as shared.
 */
extern bool producer_take_hole(Producer *producer, ProducerHole *hole) MUST_CHECK;

/*
 * Without Kafka transactions none is ever open.  In one, all that was sent
 * counts when it has ended; it is begun by the first record or stored offset.
 */
extern bool producer_in_transaction(const Producer *producer);

/* When the open one is to be ended, as clock_ms(); see transaction_length(). */
extern int64 producer_transaction_due(const Producer *producer, bool idle,
									  bool between);

/* Ends the open one; until that is done, sends give SEND_FULL. */
extern void producer_end_transaction(Producer *producer);

/* Waits until nothing is in flight, and no transaction is being ended. */
extern bool producer_flush(Producer *producer, int64 deadline_ms,
						   Failure *failure) MUST_CHECK;

/* Is there room for more, so that reading on makes sense? */
extern bool producer_has_room(const Producer *producer);

/* How many records the broker has taken, all in all. */
extern uint64 producer_acknowledged(const Producer *producer);

/* What librdkafka said last of a connection that failed; NULL: nothing. */
extern const char *producer_last_error(const Producer *producer);

extern uint64 producer_in_flight(const Producer *producer);
extern size_t *producer_held(Producer *producer);

#endif							/* PRODUCER_H */
