/*-------------------------------------------------------------------------
 *
 * overlap.h
 *	  Which changes another program has written to a partition, as far as
 *	  its records say where they come from.
 *
 * NOTES
 *	  A change is known by its LSN, which no other change has but those of
 *	  the same WAL record: rows that one COPY has put on one page.  So each
 *	  LSN has a number, of records in a row that have it.  After a restart
 *	  Debezium writes again what it had written; the highest number counts.
 *
 *	  Where records without a key are spread over partitions by chance, no
 *	  partition holds a prefix of the stream, and a change is known by its
 *	  LSN and its content.  Equal rows of one WAL record count once, so that
 *	  what remains doubtful comes again and nothing is lost.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef OVERLAP_H
#define OVERLAP_H

#include "postgres_fe.h"

#include "access/xlogdefs.h"

typedef struct OverlapEntry
{
	XLogRecPtr	lsn;
	uint64		content;		/* 0: it does not count */
	int32		count;
} OverlapEntry;

typedef struct Overlap
{
	OverlapEntry *entries;
	size_t		count;
	size_t		room;
	bool		sorted;

	/* the run of records of one LSN that is being read */
	XLogRecPtr	run_lsn;
	uint64		run_first;		/* of its first record */
	int32		run_count;
} Overlap;

/*
 * The next record of a partition, in its order.  "identity" tells records of
 * one LSN apart, as a hash of the key does.  InvalidXLogRecPtr: a record that
 * is none of the stream.
 */
extern void overlap_add(Overlap *overlap, XLogRecPtr lsn, uint64 identity);

/* One more record of the LSN of the last one, as a tombstone is. */
extern void overlap_add_more(Overlap *overlap);

/* A record that is known by its content. */
extern void overlap_add_content(Overlap *overlap, XLogRecPtr lsn,
								uint64 content);

/* How many records are there of this LSN, and content where not 0? */
extern int32 overlap_count(Overlap *overlap, XLogRecPtr lsn, uint64 content);

extern void overlap_free(Overlap *overlap);

#endif							/* OVERLAP_H */
