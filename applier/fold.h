/*-------------------------------------------------------------------------
 *
 * fold.h
 *	  The last row of each sink key in a batch: what is left to write.
 *
 * NOTES
 *	  For flows that the applier evaluates itself.  Rows come in the order of
 *	  the events; of each key the last one decides: upsert or delete.  A
 *	  value that an event does not have (unchanged TOAST) is the one that the
 *	  key had before in the batch; where that is not known either, the entry
 *	  is partial and can only update a row that is there.  Where the key was
 *	  changed that is the row of the old key, which then is not deleted, but
 *	  gets the new key.
 *
 *	  Keys are compared by the bytes of their canonical text.  Where the
 *	  target finds more keys equal (citext), it refuses the statement, and
 *	  the batch is applied in smaller parts.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOLD_H
#define FOLD_H

#include "batch.h"

/* What helps where a row's TOAST values are not known. */
#define TOAST_HINT \
	". If its key was changed, and moved it to another partition, the row that has it is gone: REPLICA IDENTITY FULL on the source's table makes events whole"

typedef struct FoldEntry
{
	uint32		hash;
	int			event;			/* that decided */
	bool		removed;
	bool		forgotten;		/* removed by a delete: no values to go back
								 * to */
	bool		partial;		/* has outputs that are VALUE_UNAVAILABLE */
	int			origin;			/* of a partial one: entry of the key whose
								 * row has them, -1: its own */
	bool		taken;			/* ... of another one: not to be deleted */
} FoldEntry;

typedef struct Fold
{
	const Flow *flow;
	FoldEntry  *entries;
	FieldValue *values;			/* count * flow->output_count */
	int			count;
	int			room;
	int32	   *slots;			/* entry numbers + 1 by hash; 0: free */
	uint32		slot_count;		/* a power of two */
	FieldValue *row;			/* outputs of the row at hand */
	FieldValue *old_row;		/* of the row that it was under another key */

	/* of the last fold_run() */
	int			upserts;
	int			deletes;
	int			partials;
	int			moves;			/* partial, with another key's row */
} Fold;

/* The flow's SELECT list for a row: each output its first value that is. */
extern void flow_evaluate(const Flow *flow, const FieldValue *fields,
						  FieldValue *outputs);

extern Fold *fold_new(const Flow *flow);
extern void fold_free(Fold *fold);

/*
 * Folds the rows of the events "from" to before "to".  False, with the event
 * and the reason, where one cannot be applied.
 */
extern bool fold_run(Fold *fold, const Batch *batch, const Stage *stage,
					 int from, int to, int *event, PQExpBuffer error) MUST_CHECK;

/*
 * Is the row of an entry's key to be deleted?  Also one that stands where the
 * row of another key is to come.
 */
extern bool fold_deletes(const Fold *fold, int entry);

#endif							/* FOLD_H */
