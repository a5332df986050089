/*-------------------------------------------------------------------------
 *
 * overlap.c
 *	  Which changes another program has written to a partition, as far as
 *	  its records say where they come from.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "overlap.h"

#include <stdlib.h>
#include <string.h>

static void
add_entry(Overlap *overlap, XLogRecPtr lsn, uint64 content, int32 count)
{
	if (overlap->count == overlap->room)
	{
		overlap->room = Max(overlap->room * 2, 64);
		overlap->entries = pg_realloc(overlap->entries,
									  overlap->room * sizeof(OverlapEntry));
	}
	overlap->entries[overlap->count++] = (OverlapEntry)
	{
		lsn, content, count
	};
	overlap->sorted = false;
}

static void
end_run(Overlap *overlap)
{
	if (overlap->run_count > 0)
		add_entry(overlap, overlap->run_lsn, 0, overlap->run_count);
	overlap->run_count = 0;
}

void
overlap_add(Overlap *overlap, XLogRecPtr lsn, uint64 identity)
{
	/* the first record again: the program was started anew in between */
	if (overlap->run_count > 0 &&
		(lsn != overlap->run_lsn || identity == overlap->run_first))
		end_run(overlap);
	if (XLogRecPtrIsInvalid(lsn))
		return;
	if (overlap->run_count++ > 0)
		return;
	overlap->run_lsn = lsn;
	overlap->run_first = identity;
}

void
overlap_add_more(Overlap *overlap)
{
	if (overlap->run_count > 0)
		overlap->run_count++;
}

void
overlap_add_content(Overlap *overlap, XLogRecPtr lsn, uint64 content)
{
	add_entry(overlap, lsn, content, 1);
}

static int
compare_entries(const void *left, const void *right)
{
	const OverlapEntry *a = left;
	const OverlapEntry *b = right;

	if (a->lsn != b->lsn)
		return a->lsn < b->lsn ? -1 : 1;
	if (a->content != b->content)
		return a->content < b->content ? -1 : 1;
	return 0;
}

/* Sorts, and makes one entry of those that are equal. */
static void
sort_entries(Overlap *overlap)
{
	size_t		kept = 0;

	end_run(overlap);
	if (overlap->count > 0)
		qsort(overlap->entries, overlap->count, sizeof(OverlapEntry),
			  compare_entries);
	for (size_t i = 0; i < overlap->count; i++)
	{
		const OverlapEntry *entry = &overlap->entries[i];
		OverlapEntry *last = kept > 0 ? &overlap->entries[kept - 1] : NULL;

		if (last != NULL && compare_entries(last, entry) == 0)
			last->count = Max(last->count, entry->count);
		else
			overlap->entries[kept++] = *entry;
	}
	overlap->count = kept;
	overlap->sorted = true;
}

int32
overlap_count(Overlap *overlap, XLogRecPtr lsn, uint64 content)
{
	OverlapEntry wanted = {.lsn = lsn,.content = content};
	const OverlapEntry *found;

	if (!overlap->sorted || overlap->run_count > 0)
		sort_entries(overlap);
	found = overlap->count == 0 ? NULL :
		bsearch(&wanted, overlap->entries, overlap->count,
				sizeof(OverlapEntry), compare_entries);
	return found != NULL ? found->count : 0;
}

void
overlap_free(Overlap *overlap)
{
	pg_free(overlap->entries);
	memset(overlap, 0, sizeof(*overlap));
}
