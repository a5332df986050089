/*-------------------------------------------------------------------------
 *
 * transactions.h
 *	  Kafka transactions: exactly.once.source.support=enabled.
 *
 * NOTES
 *	  A producer with a transactional.id, the same at every run, fences the
 *	  one before it: the broker takes nothing more of that, and what it had
 *	  not committed is aborted.  Records and the stored offset that covers
 *	  them become visible together, or never.
 *
 *	  A transaction begins with the first record that is sent, and ends where
 *	  relay.c says so.  It need not be the database's: a large one of those
 *	  fills several of these, and many small ones share one.  Restarts are
 *	  exact all the same, as every record carries its position.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef TRANSACTIONS_H
#define TRANSACTIONS_H

#include "postgres_fe.h"

#include <librdkafka/rdkafka.h>

#include "connector_config.h"
#include "failure.h"

typedef struct Transactions Transactions;

typedef enum TransactionState
{
	TRANSACTION_NONE,
	TRANSACTION_OPEN,
	TRANSACTION_ENDING			/* being committed: nothing can be sent */
} TransactionState;

/* A connector's transactional.id, as Kafka Connect makes it; to be freed. */
extern char *transactional_id(const Properties *worker, const char *connector);

/*
 * For how long a transaction stays open, in milliseconds.  "interval_ms": as
 * configured, or -1; "cost_ms": what the last commit took; "timeout_ms":
 * transaction.timeout.ms; "idle": nothing more is waiting to be sent;
 * "between": no transaction of the database is half sent.
 */
extern int64 transaction_length(int64 interval_ms, int64 cost_ms,
								int64 timeout_ms, bool idle, bool between);

/* "client" was configured with the transactional.id "id", which is copied. */
extern Transactions *transactions_new(rd_kafka_t *client, const char *id,
									  int64 interval_ms);
extern void transactions_free(Transactions *transactions);

/* Fences whoever had the id before, and ends what that left open. */
extern bool transactions_take_over(Transactions *transactions,
								   Failure *failure) MUST_CHECK;

/* The same for an id that this run does not use itself. */
extern bool transactions_fence(const Properties *worker, const char *connector,
							   const char *id, Failure *failure) MUST_CHECK;

extern TransactionState transactions_state(const Transactions *transactions);

/* Opens one, where none is open. */
extern bool transactions_begin(Transactions *transactions, Failure *failure) MUST_CHECK;

/* When the open one is to be ended, as clock_ms(). */
extern int64 transactions_due(const Transactions *transactions, bool idle,
							  bool between);

/* Begins to end the open one. */
extern void transactions_end(Transactions *transactions);

/*
 * Goes on with that, for a moment at most.  Deliveries are reported
 * meanwhile.
 */
extern bool transactions_serve(Transactions *transactions, Failure *failure) MUST_CHECK;

/* Why nothing can be sent any more. */
extern bool transactions_explain(Transactions *transactions, Failure *failure);

/* At the end of a run: leaves nothing open, if Kafka can be reached. */
extern void transactions_abort(Transactions *transactions);

#endif							/* TRANSACTIONS_H */
