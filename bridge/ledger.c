/*-------------------------------------------------------------------------
 *
 * ledger.c
 *	  What has been sent to Kafka and not yet acknowledged, and so: up to
 *	  which LSN the stream may be confirmed.
 *
 * NOTES
 *	  A ring of the transactions not yet retired, oldest first.  Their numbers
 *	  follow each other, so a record's transaction is found without a search.
 *	  What bounds the ring is the producer's queue: each of its transactions
 *	  but the open one has a record in it, or is about to be retired.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "ledger.h"

#include <string.h>

#define LEDGER_ROOM 1024		/* at first; a power of 2 */

struct Ledger
{
	LedgerTransaction *ring;	/* transaction n is at n & (room - 1) */
	uint64		room;			/* a power of 2 */
	uint64		first;			/* number of the oldest */
	uint64		next;			/* number of the next to be opened */
	bool		open;			/* next - 1 is not closed yet */
	uint64		in_flight;		/* sum of sent - acknowledged */
	XLogRecPtr	flushable;
	XLogRecPtr	sent;			/* of the last keepalive outside of a
								 * transaction */
};

static LedgerTransaction *
ledger_at(const Ledger *ledger, uint64 number)
{
	Assert(number >= ledger->first && number < ledger->next);
	return &ledger->ring[number & (ledger->room - 1)];
}

Ledger *
ledger_new(XLogRecPtr start)
{
	Ledger	   *ledger = pg_malloc0(sizeof(Ledger));

	ledger->room = LEDGER_ROOM;
	ledger->ring = pg_malloc(ledger->room * sizeof(LedgerTransaction));
	ledger->flushable = start;
	return ledger;
}

void
ledger_free(Ledger *ledger)
{
	if (ledger == NULL)
		return;
	pg_free(ledger->ring);
	pg_free(ledger);
}

/* Doubles the ring; each transaction moves to its place in the larger one. */
static void
ledger_grow(Ledger *ledger)
{
	uint64		room = ledger->room * 2;
	LedgerTransaction *ring = pg_malloc(room * sizeof(LedgerTransaction));

	for (uint64 n = ledger->first; n < ledger->next; n++)
		ring[n & (room - 1)] = *ledger_at(ledger, n);
	pg_free(ledger->ring);
	ledger->ring = ring;
	ledger->room = room;
}

uint64
ledger_begin(Ledger *ledger, uint32 xid, XLogRecPtr commit_lsn,
			 int64 commit_time)
{
	LedgerTransaction *transaction;

	Assert(!ledger->open);
	if (ledger->next - ledger->first == ledger->room)
		ledger_grow(ledger);
	ledger->next++;
	ledger->open = true;
	transaction = ledger_at(ledger, ledger->next - 1);
	memset(transaction, 0, sizeof(*transaction));
	transaction->xid = xid;
	transaction->commit_lsn = commit_lsn;
	transaction->commit_time = commit_time;
	transaction->end_lsn = InvalidXLogRecPtr;
	return ledger->next - 1;
}

void
ledger_sent(Ledger *ledger)
{
	Assert(ledger->open);
	ledger_at(ledger, ledger->next - 1)->sent++;
	ledger->in_flight++;
}

void
ledger_acknowledged(Ledger *ledger, uint64 number)
{
	LedgerTransaction *transaction = ledger_at(ledger, number);

	Assert(transaction->acknowledged < transaction->sent);
	transaction->acknowledged++;
	ledger->in_flight--;
}

void
ledger_commit(Ledger *ledger, XLogRecPtr end_lsn)
{
	Assert(ledger->open);
	Assert(!XLogRecPtrIsInvalid(end_lsn));
	ledger_at(ledger, ledger->next - 1)->end_lsn = end_lsn;
	ledger->open = false;
}

bool
ledger_retire(Ledger *ledger, LedgerTransaction *transaction)
{
	LedgerTransaction *oldest;

	if (ledger->first == ledger->next)
		return false;
	oldest = ledger_at(ledger, ledger->first);
	if (XLogRecPtrIsInvalid(oldest->end_lsn) ||
		oldest->acknowledged < oldest->sent)
		return false;
	/* the server repeats what lies below the start after a lost reply */
	ledger->flushable = Max(ledger->flushable, oldest->end_lsn);
	if (transaction != NULL)
		*transaction = *oldest;
	ledger->first++;
	if (ledger->first == ledger->next)
		ledger->flushable = Max(ledger->flushable, ledger->sent);
	return true;
}

bool
ledger_last_closed(const Ledger *ledger, LedgerTransaction *transaction)
{
	uint64		next = ledger->next - (ledger->open ? 1 : 0);

	if (next == ledger->first)
		return false;
	*transaction = *ledger_at(ledger, next - 1);
	return true;
}

bool
ledger_idle(Ledger *ledger, XLogRecPtr lsn)
{
	if (ledger->open)
		return false;
	ledger->sent = Max(ledger->sent, lsn);
	if (ledger->first != ledger->next)
		return false;
	Assert(ledger->in_flight == 0);
	ledger->flushable = Max(ledger->flushable, lsn);
	return true;
}

bool
ledger_is_open(const Ledger *ledger)
{
	return ledger->open;
}

uint64
ledger_in_flight(const Ledger *ledger)
{
	return ledger->in_flight;
}

XLogRecPtr
ledger_flushable(const Ledger *ledger)
{
	return ledger->flushable;
}
