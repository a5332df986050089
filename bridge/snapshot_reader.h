/*-------------------------------------------------------------------------
 *
 * snapshot_reader.h
 *	  A session that reads pieces of tables, one after the other.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef SNAPSHOT_READER_H
#define SNAPSHOT_READER_H

#include "postgres_fe.h"

#include "snapshot_rows.h"

typedef struct SnapshotReader
{
	PGconn	   *session;		/* in a transaction with the right snapshot */
	SnapshotRows *rows;
	SnapshotTable *table;		/* that it reads; NULL: it is idle */
	bool		copying;		/* COPY gives rows */
	bool		completed;		/* it has ended well */
} SnapshotReader;

typedef enum ReaderStep
{
	READER_MORE,				/* something is at hand still */
	READER_WAIT,				/* nothing is: the server must send more */
	READER_DONE,				/* the piece was read; the reader is idle */
	READER_FAILED
} ReaderStep;

/* Sends the COPY command that reads a piece of a table. */
extern bool snapshot_reader_start(SnapshotReader *reader, SnapshotTable *table,
								  const char *sql) MUST_CHECK;

/* Takes all that has come, without waiting for the server: not READER_MORE. */
extern ReaderStep snapshot_reader_step(SnapshotReader *reader) MUST_CHECK;

#endif							/* SNAPSHOT_READER_H */
