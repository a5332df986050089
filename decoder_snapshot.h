/*-------------------------------------------------------------------------
 *
 * decoder_snapshot.h
 *	  What the functions that read snapshots share.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_SNAPSHOT_H
#define DECODER_SNAPSHOT_H

#include "decoder_transform.h"
#include "utils/rel.h"

/* What does not change from row to row of one table */
typedef struct SnapshotSite
{
	MemoryContext context;		/* of all that is here */
	DecoderOptions options;
	TupleDesc	descriptor;
	CapturedTable table;
	SourceText	source;
	XLogRecPtr	lsn;			/* what source was made for */
	int64		txid;
	TimestampTz time;
	ClockText	clock;
	Row			row;			/* the row at hand */
	StringInfoData key;			/* in plain form */
	StringInfoData frame;		/* where frames are appended */
} SnapshotSite;

/* in decoder_snapshot.c */
extern bool snapshot_can_read(Relation relation);
extern void snapshot_site_build(SnapshotSite *site, Relation relation,
								const char *config);
extern void snapshot_site_set_source(SnapshotSite *site, XLogRecPtr lsn,
									 int64 txid, TimestampTz time);
extern void snapshot_site_write(SnapshotSite *site);

#endif							/* DECODER_SNAPSHOT_H */
