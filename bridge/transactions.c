/*-------------------------------------------------------------------------
 *
 * transactions.c
 *	  Kafka transactions: exactly.once.source.support=enabled.
 *
 * NOTES
 *	  librdkafka's transactional calls wait for the broker, but can be given
 *	  up after a moment and called again to go on.  So they are called with
 *	  short time limits, and all else goes on in between: no thread of our
 *	  own is needed.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "transactions.h"

#include <poll.h>

#include "kafka.h"
#include "log.h"
#include "loop.h"
#include "reader.h"

/*
 * One call; signals are not heard meanwhile.  It may not be shorter: on a
 * busy machine librdkafka's own thread answers late, and takes the answer to
 * a call that was given up for one to the next call ("Operation not valid in
 * state CommittingTransaction").
 */
#define STEP_MS				500

/*
 * librdkafka asks the coordinator to take a partition into the transaction,
 * and the thread that sends the records looks every 10 ms only whether it has
 * answered.  Each flush wakes that thread up: many short ones before the
 * commit make a small transaction twice as fast (measured: 5 ms, not 11).
 * One that does not end may be of a transaction that has failed, which the
 * commit would tell.
 */
#define FLUSH_MS			1
#define FLUSH_MOST_MS		500

/*
 * A commit is answered before the broker has marked the end in all
 * partitions.  A transaction that is begun meanwhile is refused, and
 * librdkafka tries again after 20 ms: so rather wait a moment (measured: nine
 * of ten take at most 13 ms, not 28 to 60).
 */
#define MARKING_MS			3

/* A coordinator is found and an old transaction is aborted in less. */
#define TAKE_OVER_TIMEOUT_MS	60000

/* What was left open is aborted by the next run, or by the broker's clock. */
#define ABORT_TIMEOUT_MS	3000

/*
 * While records come faster than they can be taken, a transaction lasts so
 * many times as long as the commit that ends it, during which nothing is
 * sent: 5 % of the rate are lost by it.  A commit takes 10 ms, or some
 * hundred in a large cluster.
 */
#define LENGTH_FACTOR		20
#define LENGTH_LEAST_MS		100
#define LENGTH_MOST_MS		1000
/* Inside of a transaction of the database: rather wait for its end. */
#define LENGTH_INSIDE_MS	5000

struct Transactions
{
	rd_kafka_t *client;
	char	   *id;
	int64		interval_ms;	/* as configured; -1: by what is waiting */
	int64		timeout_ms;		/* transaction.timeout.ms */
	TransactionState state;
	bool		committing;		/* the commit was called: until it has ended,
								 * there is no way but on with it */
	int64		since;			/* clock_ms() at the begin, or at the end */
	int64		cost_ms;		/* of the last commit */
};

char *
transactional_id(const Properties *worker, const char *connector)
{
	return psprintf("%s-%s-0", properties_get(worker, "group.id"), connector);
}

int64
transaction_length(int64 interval_ms, int64 cost_ms, int64 timeout_ms,
				   bool idle, bool between)
{
	int64		length;

	if (interval_ms >= 0)
		length = interval_ms;
	else if (!between)
		length = LENGTH_INSIDE_MS;
	else if (idle)
		length = 0;
	else
		length = Min(Max(LENGTH_FACTOR * cost_ms, LENGTH_LEAST_MS),
					 LENGTH_MOST_MS);
	/* the broker aborts what takes longer, and a commit takes its time */
	return Min(length, timeout_ms / 2);
}

Transactions *
transactions_new(rd_kafka_t *client, const char *id, int64 interval_ms)
{
	Transactions *transactions = pg_malloc0(sizeof(Transactions));
	char		text[32];
	size_t		size = sizeof(text);

	transactions->client = client;
	transactions->id = pg_strdup(id);
	transactions->interval_ms = interval_ms;
	if (rd_kafka_conf_get(rd_kafka_conf(client), "transaction.timeout.ms",
						  text, &size) == RD_KAFKA_CONF_OK)
		transactions->timeout_ms = strtol(text, NULL, 10);
	if (interval_ms > transactions->timeout_ms / 2)
		pg_log_warning("a transaction ends after " INT64_FORMAT " ms, not after transaction.boundary.interval.ms " INT64_FORMAT ": the broker aborts one that is open for transaction.timeout.ms " INT64_FORMAT,
					   transactions->timeout_ms / 2, interval_ms,
					   transactions->timeout_ms);
	return transactions;
}

void
transactions_free(Transactions *transactions)
{
	if (transactions == NULL)
		return;
	pg_free(transactions->id);
	pg_free(transactions);
}

/* Makes a failure of an error, which is freed. */
static bool
fail(Transactions *transactions, rd_kafka_error_t *error, const char *what,
	 Failure *failure)
{
	char	   *attempt = psprintf("could not %s of transactional.id \"%s\"",
								   what, transactions->id);

	failure_from_kafka(failure, rd_kafka_error_code(error),
					   rd_kafka_error_string(error), attempt);
	rd_kafka_error_destroy(error);
	pg_free(attempt);
	return false;
}

bool
transactions_take_over(Transactions *transactions, Failure *failure)
{
	int64		deadline = clock_ms() + TAKE_OVER_TIMEOUT_MS;
	rd_kafka_error_t *error;

	while ((error = rd_kafka_init_transactions(transactions->client,
											   STEP_MS)) != NULL)
	{
		if (!rd_kafka_error_is_retriable(error))
			return fail(transactions, error, "take over the transactions",
						failure);
		if (clock_ms() > deadline)
		{
			fail(transactions, error, "take over the transactions", failure);
			failure_hint(failure,
						 "If the cluster has fewer brokers than transaction.state.log.replication.factor (3) asks for, it has no transactions.");
			return false;
		}
		rd_kafka_error_destroy(error);
		if (!loop_pass())
			return failure_ordered(failure);
	}
	return true;
}

bool
transactions_fence(const Properties *worker, const char *connector,
				   const char *id, Failure *failure)
{
	rd_kafka_conf_t *conf = kafka_conf_new(connector);
	rd_kafka_t *client = NULL;
	Transactions *transactions;
	PQExpBufferData error;
	char		reason[512];
	bool		ok;

	initPQExpBuffer(&error);
	ok = kafka_conf_common(conf, worker, &error) &&
		kafka_conf_set(conf, "transactional.id", id, &error);
	if (ok)
		client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
	if (client == NULL)
	{
		failure_set(failure, FAILURE_STOP,
					"could not set up the Kafka producer: %s",
					ok ? reason : error.data);
		rd_kafka_conf_destroy(conf);
		termPQExpBuffer(&error);
		return false;
	}
	transactions = transactions_new(client, id, -1);
	ok = transactions_take_over(transactions, failure);
	transactions_free(transactions);
	rd_kafka_destroy(client);
	termPQExpBuffer(&error);
	return ok;
}

TransactionState
transactions_state(const Transactions *transactions)
{
	return transactions->state;
}

bool
transactions_begin(Transactions *transactions, Failure *failure)
{
	rd_kafka_error_t *error;

	if (likely(transactions->state != TRANSACTION_NONE))
		return true;
	error = rd_kafka_begin_transaction(transactions->client);
	if (error != NULL)
		return fail(transactions, error, "begin a transaction", failure);
	transactions->state = TRANSACTION_OPEN;
	transactions->since = clock_ms();
	return true;
}

int64
transactions_due(const Transactions *transactions, bool idle, bool between)
{
	return transactions->since +
		transaction_length(transactions->interval_ms, transactions->cost_ms,
						   transactions->timeout_ms, idle, between);
}

void
transactions_end(Transactions *transactions)
{
	Assert(transactions->state == TRANSACTION_OPEN);
	transactions->state = TRANSACTION_ENDING;
	transactions->since = clock_ms();
}

/* Is all delivered, or is it time to do without knowing that? */
static bool
flush_step(Transactions *transactions)
{
	for (int64 until = clock_ms() + STEP_MS; clock_ms() < until;)
	{
		if (rd_kafka_flush(transactions->client, FLUSH_MS) ==
			RD_KAFKA_RESP_ERR_NO_ERROR)
			return true;
	}
	return clock_ms() - transactions->since > FLUSH_MOST_MS;
}

/* One step of a commit, which sees to it that all is delivered first. */
static bool
commit_step(Transactions *transactions, Failure *failure)
{
	rd_kafka_error_t *error;

	if (!transactions->committing && !flush_step(transactions))
		return true;
	transactions->committing = true;
	error = rd_kafka_commit_transaction(transactions->client, STEP_MS);
	if (error != NULL && rd_kafka_error_is_retriable(error))
	{
		rd_kafka_error_destroy(error);
		return true;
	}
	transactions->committing = false;
	if (error != NULL)
	{
		transactions->state = rd_kafka_error_txn_requires_abort(error) ?
			TRANSACTION_OPEN : TRANSACTION_NONE;
		return fail(transactions, error, "commit a transaction", failure);
	}
	poll(NULL, 0, MARKING_MS);
	transactions->state = TRANSACTION_NONE;
	transactions->cost_ms = clock_ms() - transactions->since;
	return true;
}

bool
transactions_serve(Transactions *transactions, Failure *failure)
{
	return transactions->state != TRANSACTION_ENDING ||
		commit_step(transactions, failure);
}

bool
transactions_explain(Transactions *transactions, Failure *failure)
{
	/* in a transaction that has failed this only says why it has */
	rd_kafka_error_t *error = rd_kafka_commit_transaction(transactions->client,
														  STEP_MS);

	if (error != NULL)
		return fail(transactions, error, "go on with a transaction", failure);
	return false;
}

void
transactions_abort(Transactions *transactions)
{
	int64		deadline = clock_ms() + ABORT_TIMEOUT_MS;
	rd_kafka_error_t *error = NULL;
	Failure		ignored;

	failure_init(&ignored);
	while (transactions->state == TRANSACTION_ENDING &&
		   transactions->committing && clock_ms() < deadline)
	{
		if (!commit_step(transactions, &ignored))
			break;
	}
	failure_free(&ignored);
	while (transactions->state != TRANSACTION_NONE &&
		   !transactions->committing && clock_ms() < deadline)
	{
		error = rd_kafka_abort_transaction(transactions->client, STEP_MS);
		if (error == NULL || !rd_kafka_error_is_retriable(error))
			transactions->state = TRANSACTION_NONE;
		if (error != NULL && transactions->state == TRANSACTION_NONE)
			pg_log_info("a Kafka transaction is left to whoever comes next: %s",
						rd_kafka_error_string(error));
		if (error != NULL)
			rd_kafka_error_destroy(error);
	}
	if (transactions->state != TRANSACTION_NONE)
		pg_log_warning("a Kafka transaction was left open, consumers with isolation.level=read_committed wait for its end: the next start aborts it, or the broker after transaction.timeout.ms");
}
