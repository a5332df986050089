/*-------------------------------------------------------------------------
 *
 * slot.h
 *	  The replication slot: looking at it, making it, dropping it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef SLOT_H
#define SLOT_H

#include "postgres_fe.h"

#include <libpq-fe.h>

#include "access/xlogdefs.h"

#include "failure.h"

#define SLOT_PLUGIN "decoder_debezium"

typedef struct SlotInfo
{
	bool		exists;
	XLogRecPtr	confirmed_lsn;
	bool		lost;			/* nothing can be read from it any more */
	char		reason[NAMEDATALEN];	/* as the server calls it, 17 and
										 * newer; "": not known */
} SlotInfo;

/* Called with a line for the status while something is waited for. */
typedef void (*SlotWaiting) (const char *reason, void *arg);

/*
 * Looks the slot up.  A slot of another plugin or database is a failure that
 * says how to go on.
 */
extern bool slot_lookup(PGconn *session, const ConnectorConfig *config,
						SlotInfo *info, Failure *failure) MUST_CHECK;

/*
 * A slot that lives as long as the session at most: for its snapshot, and to
 * know where exactly that was taken.
 */
extern bool slot_create_temporary(PGconn *replication, PGconn *control,
								  const ConnectorConfig *config,
								  XLogRecPtr *consistent_point,
								  char **snapshot_name, SlotWaiting waiting,
								  void *arg, Failure *failure) MUST_CHECK;
extern bool slot_drop_temporary(PGconn *replication,
								const ConnectorConfig *config,
								Failure *failure) MUST_CHECK;

/*
 * Creates the slot on a replication session, waiting for the transactions
 * that run; "waiting" is told for which, once a second, as seen by "control".
 * *snapshot_name, to be freed, is the exported snapshot: it lives until the
 * next command on "replication".  NULL: none is wanted.
 */
extern bool slot_create(PGconn *replication, PGconn *control,
						const ConnectorConfig *config,
						XLogRecPtr *consistent_point, char **snapshot_name,
						SlotWaiting waiting, void *arg, Failure *failure) MUST_CHECK;

extern bool slot_drop(PGconn *session, const ConnectorConfig *config,
					  Failure *failure) MUST_CHECK;

/*
 * Drops the slot that this replication session has created, after a failure;
 * what goes wrong is only logged.
 */
extern void slot_discard(PGconn *replication, const ConnectorConfig *config);

/* "0/16B3748" */
extern bool lsn_read(const char *text, XLogRecPtr *lsn);

/* Asks for a position in the WAL, by a query of one row and column. */
extern bool lsn_query(PGconn *session, const ConnectorConfig *config,
					  const char *sql, XLogRecPtr *lsn,
					  Failure *failure) MUST_CHECK;

#endif							/* SLOT_H */
