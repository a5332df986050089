/*-------------------------------------------------------------------------
 *
 * task.h
 *	  One run of a connector: from connecting to the end of the stream.
 *
 * NOTES
 *	  What a run needs and makes is in one struct, in the order in which it
 *	  comes about.  task.c is the list of steps; each step has its file:
 *	  slot.c, snapshot.c, tail.c, relay.c.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef TASK_H
#define TASK_H

#include "postgres_fe.h"

#include <libpq-fe.h>

#include "bridge_metrics.h"
#include "failure.h"
#include "history.h"
#include "ledger.h"
#include "offsets.h"
#include "producer.h"
#include "topics.h"
#include "walstream.h"

typedef struct Task
{
	/* given */
	const ConnectorConfig *config;
	Metrics    *metrics;		/* live longer than a run */

	/* PostgreSQL */
	PGconn	   *control;		/* for SQL */
	PGconn	   *replication;
	History		history;		/* who the server is */

	/* Kafka */
	Producer   *producer;
	rd_kafka_t *reader;			/* until the stream begins */
	OffsetStore *store;
	Topics		topics;
	StoredOffset offset;		/* what is to be stored next */
	XLogRecPtr	found_lsn;		/* as the stored offset was found */
	uint32		found_timeline;
	char	   *extension_schema;	/* quoted; NULL: not looked up */
	bool		without_rows;	/* what a new slot leaves out is accepted */
	bool		settled;		/* nothing of an earlier run is on its way
								 * that matters: the slot is new */
	bool		fenced;			/* nor can it land: that run used Kafka
								 * transactions */

	/* the plugin's configuration */
	char	   *plugin_config;	/* as it is now; the stored offset has that of
								 * the stream */
	bool		finishing;		/* the stream has the last one, see relay.c */
	XLogRecPtr	finish_lsn;		/* for what commits up to here */

	/* the stream */
	Ledger	   *ledger;
	WalStream  *stream;

	Failure    *failure;
} Task;

/*
 * Runs until something fails or a stop was asked for, and cleans up; always
 * with a failure of some kind.  True when it got as far as streaming.
 */
extern bool task_run(const ConnectorConfig *config, Metrics *metrics,
					 Failure *failure);

/*
 * Connects, reads the stored offset, and does one thing; true when it has
 * worked.
 */
extern bool task_run_step(const ConnectorConfig *config,
						  bool (*step) (Task *task), Failure *failure);

/* Opens the replication session, in place of one that is of no more use. */
extern bool task_open_replication(Task *task) MUST_CHECK;

/* The counter of records by topic and operation. */
extern double *task_record_counter(Task *task, Topic *topic, char operation);

/* Opens a topic, and says so to the supervisor. */
extern bool task_open_topic(Task *task, Topic *topic) MUST_CHECK;

/* ---- in snapshot.c ---- */

/* Makes sure that the extension is there, before anything else is done. */
extern bool snapshot_prepare(Task *task) MUST_CHECK;

/*
 * Reads all captured tables, under the exported snapshot where its name is
 * not NULL; "lsn" is the position of the rows.  All rows are acknowledged
 * when it returns true.
 */
extern bool snapshot_run(Task *task, const char *snapshot_name,
						 XLogRecPtr lsn) MUST_CHECK;

/* ---- in relay.c ---- */

/* Relays the stream until it fails or is stopped. */
extern bool relay_run(Task *task) MUST_CHECK;

#endif							/* TASK_H */
