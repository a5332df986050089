/*-------------------------------------------------------------------------
 *
 * snapshot_rows.h
 *	  The rows of a snapshot on their way to the producer, with their markers.
 *
 * NOTES
 *	  Debezium marks the first and the last row of each table and of all.
 *	  That a row is the last shows only when no other follows: of each table
 *	  that is being read one row is held back.  When the table is done it is
 *	  parked until a row of any table follows, or none.  So the row marked as
 *	  the last of all is the last one sent, however many sessions read.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef SNAPSHOT_ROWS_H
#define SNAPSHOT_ROWS_H

#include "postgres_fe.h"

#include "task.h"

/* A row that waits to be known as the last one, or not. */
typedef struct HeldRow
{
	Block	   *block;			/* NULL: none */
	bool		first;			/* of its table */
	bool		dropped;		/* by a transform: it counts, but is not sent */
	Frame		frame;			/* points into the block */
} HeldRow;

typedef struct SnapshotTable
{
	char	   *name;			/* schema.table */
	char	   *sql_name;		/* the same, quoted */
	const char *statement;		/* the user's, to read it by; NULL: none */
	char	   *topic_name;
	Topic	   *topic;			/* NULL: no row was sent to it yet */
	double		estimate;		/* rows; -1: not known */
	int			pieces_left;	/* to be read to their end; 0: it is done */
	uint64		rows;			/* read */
	double	   *row_counter;	/* NULL until it is begun */
	HeldRow		held;
} SnapshotTable;

typedef struct SnapshotRows
{
	Task	   *task;
	XLogRecPtr	lsn;			/* position of all rows */
	bool		in_order;		/* one session reads table by table */
	bool		begun;			/* the first row was sent, or dropped */
	SnapshotTable *first_table;
	SnapshotTable *parked;		/* is done; its held row is the last so far;
								 * NULL: none */
	Topic	   *topic;			/* a transform's last choice; NULL: none yet */
	uint64		sent;
	double	   *sent_counter;
} SnapshotRows;

/* Takes one message of COPY in binary format; the block stays the caller's. */
extern bool snapshot_rows_take(SnapshotRows *rows, SnapshotTable *table,
							   Block *block) MUST_CHECK;

/* Nothing more comes of a table. */
extern bool snapshot_rows_end_table(SnapshotRows *rows, SnapshotTable *table) MUST_CHECK;

/* Nothing more comes at all. */
extern bool snapshot_rows_end(SnapshotRows *rows) MUST_CHECK;

#endif							/* SNAPSHOT_ROWS_H */
