/*-------------------------------------------------------------------------
 *
 * test_transactions.c
 *	  Kafka transactions: their names, and where they end.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "tap.h"
#include "transactions.h"

#define TIMEOUT 60000			/* transaction.timeout.ms, Kafka's default */

static void
test_name(void)
{
	Properties *worker = properties_new();
	char	   *id;

	properties_set(worker, "group.id", "my-group");
	id = transactional_id(worker, "a connector");
	tap_text(id, "my-group-a connector-0", "transactional.id as Connect makes it");
	pg_free(id);
	properties_free(worker);
}

static void
test_length(void)
{
	/* transaction.boundary=poll */
	tap_number(transaction_length(-1, 10, TIMEOUT, true, true), 0,
			   "nothing waits: it ends at once");
	tap_number(transaction_length(-1, 10, TIMEOUT, false, true), 200,
			   "more waits: 20 times what a commit takes");
	tap_number(transaction_length(-1, 0, TIMEOUT, false, true), 100,
			   "at least 0.1 s");
	tap_number(transaction_length(-1, 5000, TIMEOUT, false, true), 1000,
			   "at most 1 s");
	tap_number(transaction_length(-1, 10, TIMEOUT, true, false), 5000,
			   "not inside of a transaction of the database, even when nothing waits");
	tap_number(transaction_length(-1, 10, TIMEOUT, false, false), 5000,
			   "but after 5 s");
	tap_number(transaction_length(-1, 10, 4000, false, false), 2000,
			   "and before the broker aborts it");

	/* transaction.boundary=interval */
	for (int i = 0; i < 4; i++)
		tap_number(transaction_length(300, 10, TIMEOUT, i % 2 == 0, i / 2 == 0),
				   300, "an interval is kept, whatever waits");
	tap_number(transaction_length(0, 10, TIMEOUT, false, false), 0,
			   "an interval of 0");
	tap_number(transaction_length(60000, 10, TIMEOUT, false, true), 30000,
			   "an interval ends before the broker aborts the transaction");
}

int
main(void)
{
	test_name();
	test_length();
	return tap_done();
}
