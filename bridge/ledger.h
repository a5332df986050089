/*-------------------------------------------------------------------------
 *
 * ledger.h
 *	  What has been sent to Kafka and not yet acknowledged, and so: up to
 *	  which LSN the stream may be confirmed.
 *
 * NOTES
 *	  A transaction is opened by ledger_begin(), gets a ledger_sent() for
 *	  each record given to the producer and a ledger_acknowledged() for each
 *	  that the broker has, in any order, and is closed by ledger_commit().
 *	  Once it is closed, all of it acknowledged, and the same is true of all
 *	  before it, ledger_retire() takes it out, and its end may be confirmed.
 *
 *	  The invariant: ledger_flushable() never passes a transaction with
 *	  unacknowledged records.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEDGER_H
#define LEDGER_H

#include "postgres_fe.h"

#include "access/xlogdefs.h"

#include "must_check.h"

typedef struct LedgerTransaction
{
	uint32		xid;
	XLogRecPtr	commit_lsn;
	XLogRecPtr	end_lsn;		/* InvalidXLogRecPtr: still open */
	int64		commit_time;	/* microseconds since 1970-01-01 UTC */
	uint64		sent;			/* records */
	uint64		acknowledged;
} LedgerTransaction;

typedef struct Ledger Ledger;

/* "start" is what is confirmed already. */
extern Ledger *ledger_new(XLogRecPtr start);
extern void ledger_free(Ledger *ledger);

/* Opens a transaction; returns its number, for ledger_acknowledged(). */
extern uint64 ledger_begin(Ledger *ledger, uint32 xid, XLogRecPtr commit_lsn,
						   int64 commit_time);

/* Counts a record of the open transaction. */
extern void ledger_sent(Ledger *ledger);

/* The broker has a record of that transaction. */
extern void ledger_acknowledged(Ledger *ledger, uint64 number);

/* Closes the open transaction. */
extern void ledger_commit(Ledger *ledger, XLogRecPtr end_lsn);

/*
 * Takes the oldest transaction out if it is complete; *transaction, where
 * not NULL, gets it.  To be called until false.
 */
extern bool ledger_retire(Ledger *ledger, LedgerTransaction *transaction);

/*
 * The newest transaction that is closed, acknowledged or not; false when
 * there is none that was not taken out.
 */
extern bool ledger_last_closed(const Ledger *ledger,
							   LedgerTransaction *transaction) MUST_CHECK;

/*
 * The server says that it has sent all up to "lsn".  Counts, unless a
 * transaction is open, as soon as nothing is in flight: the server may say it
 * only once.  True when it counts at once.
 */
extern bool ledger_idle(Ledger *ledger, XLogRecPtr lsn);

/* Is a transaction open? */
extern bool ledger_is_open(const Ledger *ledger);

/* Records sent and not acknowledged. */
extern uint64 ledger_in_flight(const Ledger *ledger);

/* All up to here is acknowledged. */
extern XLogRecPtr ledger_flushable(const Ledger *ledger);

#endif							/* LEDGER_H */
