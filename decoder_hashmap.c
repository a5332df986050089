/*-------------------------------------------------------------------------
 *
 * decoder_hashmap.c
 *	  The order in which Java's HashMap gives its entries.
 *
 * NOTES
 *	  Debezium holds some values in such maps, so their order is that of the
 *	  map's buckets: what would be random elsewhere is fixed by Java's rules.
 *	  Within a bucket entries stay in the order in which they came.  (From 64
 *	  buckets on, Java makes a tree of a bucket with nine entries; their order
 *	  there is not followed.)
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_debezium.h"

/* a bucket with this many entries makes the table grow at the next one */
#define MAX_CHAIN			8
#define MIN_TREE_BUCKETS	64

static int
bucket_of(uint32 hash, int nbuckets)
{
	return (hash ^ (hash >> 16)) & (nbuckets - 1);
}

static void
count_entries(int *counts, int nbuckets, const uint32 *hashes, int nhashes)
{
	int			i;

	memset(counts, 0, nbuckets * sizeof(int));
	for (i = 0; i < nhashes; i++)
		counts[bucket_of(hashes[i], nbuckets)]++;
}

/*
 * The hash of a string, given in UTF-8: Java's String.hashCode().
 */
uint32
hashmap_hash_string(const char *utf8, int len)
{
	const unsigned char *next = (const unsigned char *) utf8;
	const unsigned char *end = next + len;
	uint32		hash = 0;

	while (next < end)
	{
		pg_wchar	code = utf8_to_unicode(next);

		if (code >= 0x10000)
		{
			hash = hash * 31 + 0xD800 + ((code - 0x10000) >> 10);
			hash = hash * 31 + 0xDC00 + ((code - 0x10000) & 0x3FF);
		}
		else
			hash = hash * 31 + code;
		next += pg_utf_mblen(next);
	}
	return hash;
}

/*
 * The order of entries with different keys of these hashes, put one after
 * the other into a map that was made for "expected" entries; 0: no number was
 * given.  The numbers of the entries go to order[].
 */
void
hashmap_order(const uint32 *hashes, int count, int expected, int *order)
{
	int			nbuckets = 16;
	int		   *counts;
	int			position = 0;
	int			i;

	if (expected > 0)
		for (nbuckets = 1; nbuckets < expected;)
			nbuckets *= 2;
	counts = palloc0(nbuckets * sizeof(int));
	for (i = 0; i < count; i++)
	{
		int			bucket = bucket_of(hashes[i], nbuckets);
		int			old_nbuckets = nbuckets;

		if (counts[bucket]++ >= MAX_CHAIN && nbuckets < MIN_TREE_BUCKETS)
			nbuckets *= 2;
		if ((i + 1) * INT64CONST(4) > nbuckets * INT64CONST(3))
			nbuckets *= 2;
		if (nbuckets != old_nbuckets)
		{
			counts = repalloc(counts, nbuckets * sizeof(int));
			count_entries(counts, nbuckets, hashes, i + 1);
		}
	}

	/* where each bucket starts, then each entry to the next place of its own */
	for (i = 0; i < nbuckets; i++)
	{
		int			entries = counts[i];

		counts[i] = position;
		position += entries;
	}
	for (i = 0; i < count; i++)
		order[counts[bucket_of(hashes[i], nbuckets)]++] = i;
	pfree(counts);
}
