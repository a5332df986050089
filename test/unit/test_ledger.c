/*-------------------------------------------------------------------------
 *
 * test_ledger.c
 *	  The ledger never lets pass what is not acknowledged.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "ledger.h"
#include "tap.h"

static void
retire_all(Ledger *ledger)
{
	while (ledger_retire(ledger, NULL))
		;
}

static void
test_one(void)
{
	Ledger	   *ledger = ledger_new(100);
	LedgerTransaction transaction;
	uint64		number;

	tap_number(ledger_flushable(ledger), 100, "starts where it was confirmed");
	number = ledger_begin(ledger, 7, 190, 12345);
	ledger_sent(ledger);
	ledger_sent(ledger);
	tap_number(ledger_in_flight(ledger), 2, "counts what is in flight");
	ledger_acknowledged(ledger, number);
	ledger_acknowledged(ledger, number);
	tap_ok(!ledger_retire(ledger, NULL),
		   "an open transaction stays, even when all so far is acknowledged");
	tap_ok(!ledger_idle(ledger, 500), "a keepalive inside of a transaction does not count");
	tap_number(ledger_flushable(ledger), 100, "nothing is flushable yet");
	ledger_commit(ledger, 200);
	tap_ok(ledger_retire(ledger, &transaction), "a complete transaction is retired");
	tap_number(transaction.xid, 7, "with its xid");
	tap_number(transaction.commit_time, 12345, "and its commit time");
	tap_number(ledger_flushable(ledger), 200, "its end is flushable");
	tap_ok(ledger_idle(ledger, 500), "a keepalive counts when idle");
	tap_number(ledger_flushable(ledger), 500, "up to its position");
	tap_ok(ledger_idle(ledger, 300), "an older keepalive counts, too,");
	tap_number(ledger_flushable(ledger), 500, "but nothing goes back");
	ledger_free(ledger);
}

/* Acknowledgements of several partitions come in any order. */
static void
test_order(void)
{
	Ledger	   *ledger = ledger_new(0);
	uint64		first = ledger_begin(ledger, 1, 90, 0);
	uint64		second;

	ledger_sent(ledger);
	ledger_sent(ledger);
	ledger_commit(ledger, 100);
	second = ledger_begin(ledger, 2, 190, 0);
	ledger_sent(ledger);
	ledger_commit(ledger, 200);
	ledger_begin(ledger, 3, 290, 0);
	ledger_commit(ledger, 300);

	ledger_acknowledged(ledger, second);
	retire_all(ledger);
	tap_number(ledger_flushable(ledger), 0, "a later transaction does not pass an earlier one");
	ledger_acknowledged(ledger, first);
	retire_all(ledger);
	tap_number(ledger_flushable(ledger), 0, "one record that is missing holds it back");
	tap_ok(!ledger_idle(ledger, 1000), "and keepalives with it");
	tap_number(ledger_flushable(ledger), 0, "which do not count yet");
	ledger_acknowledged(ledger, first);
	retire_all(ledger);
	tap_number(ledger_flushable(ledger), 1000, "the last one lets all pass, also one without records, and the keepalive behind them");
	tap_number(ledger_in_flight(ledger), 0, "nothing is in flight");
	ledger_free(ledger);
}

/*
 * Many transactions, records and acknowledgements in random order, checked
 * against a model that is too simple to be wrong.
 */
static void
test_random(void)
{
	enum
	{
		COUNT = 5000
	};
	static int	missing[COUNT]; /* not acknowledged, by transaction */
	static uint64 numbers[COUNT];
	Ledger	   *ledger = ledger_new(0);
	int			oldest = 0;		/* first that is not complete */
	int			next = 0;
	bool		right = true;

	srandom(4711);
	while (oldest < COUNT)
	{
		if (next < COUNT && random() % 2 == 0)
		{
			numbers[next] = ledger_begin(ledger, next, next * 10 + 5, 0);
			for (int i = random() % 4; i > 0; i--)
			{
				ledger_sent(ledger);
				missing[next]++;
			}
			ledger_commit(ledger, (next + 1) * 10);
			next++;
		}
		else if (next > oldest)
		{
			int			some = oldest + random() % (next - oldest);

			if (missing[some] > 0)
			{
				ledger_acknowledged(ledger, numbers[some]);
				missing[some]--;
			}
			else
				some = oldest;
			if (missing[oldest] > 0 && next == COUNT)
			{
				ledger_acknowledged(ledger, numbers[oldest]);
				missing[oldest]--;
			}
		}
		retire_all(ledger);
		while (oldest < next && missing[oldest] == 0)
			oldest++;
		right = right && ledger_flushable(ledger) == (XLogRecPtr) oldest * 10;
	}
	tap_ok(right, "5000 transactions acknowledged at random: flushable is always the oldest gap");
	ledger_free(ledger);
}

/* What is closed counts before it is acknowledged: in a Kafka transaction. */
static void
test_last_closed(void)
{
	Ledger	   *ledger = ledger_new(100);
	LedgerTransaction last;

	tap_ok(!ledger_last_closed(ledger, &last), "nothing is closed in an empty ledger");
	ledger_begin(ledger, 1, 190, 0);
	ledger_sent(ledger);
	tap_ok(!ledger_last_closed(ledger, &last), "an open transaction is not closed");
	ledger_commit(ledger, 200);
	tap_ok(ledger_last_closed(ledger, &last) && last.end_lsn == 200, "then it is");
	ledger_begin(ledger, 2, 290, 0);
	tap_ok(ledger_last_closed(ledger, &last) && last.end_lsn == 200,
		   "the one before the open one is the last");
	ledger_commit(ledger, 300);
	tap_ok(ledger_last_closed(ledger, &last) && last.end_lsn == 300 && last.xid == 2,
		   "the newest is, acknowledged or not");
	tap_ok(ledger_flushable(ledger) == 100, "and flushable stays where it was");
	ledger_free(ledger);
}

int
main(void)
{
	test_last_closed();
	test_one();
	test_order();
	test_random();
	return tap_done();
}
