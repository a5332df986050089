/*-------------------------------------------------------------------------
 *
 * progress.h
 *	  How far a snapshot is, and how long it is still going to take.
 *
 * NOTES
 *	  How many rows a table has is not known but estimated: as long as it is
 *	  read, it counts with the estimate, or with what was read where that is
 *	  more already; once it is read, with its rows.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

typedef struct Progress
{
	int			tables;
	int			tables_done;
	uint64		rows;			/* read */
	double		finished;		/* rows of the tables that are done */
	double		rest;			/* rows that the others are thought to have */
} Progress;

extern void progress_init(Progress *progress, int tables);

/* Counts a table that is done, or else one that is being read or waits. */
extern void progress_add(Progress *progress, bool done, uint64 rows,
						 double estimate);

/* Rows that there are likely to be. */
extern double progress_total(const Progress *progress);

/* 100 only when all tables are done. */
extern int	progress_percent(const Progress *progress);

/* Seconds left at the pace of the first "elapsed_ms"; -1: not known yet. */
extern double progress_seconds_left(const Progress *progress,
									int64 elapsed_ms);

/* "1200 of about 5000 rows (24 %), 2 of 3 tables, about 1 min 5 s left" */
extern void progress_describe(const Progress *progress, int64 elapsed_ms,
							  PQExpBuffer text);

#endif							/* PROGRESS_H */
