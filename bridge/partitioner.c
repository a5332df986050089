/*-------------------------------------------------------------------------
 *
 * partitioner.c
 *	  Which partition a record goes to: as Kafka's Java producer decides.
 *
 * NOTES
 *	  Consumers rely on it: a topic that Debezium has filled so far must go
 *	  on with the same key in the same partition.  test_partitioner.c holds
 *	  hashes that Kafka's own classes computed.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "partitioner.h"

#include "port/pg_bswap.h"

/* Seed and multipliers that Kafka's clients use. */
#define MURMUR2_SEED		0x9747b28c
#define MURMUR2_MULTIPLIER	0x5bd1e995
#define MURMUR2_SHIFT		24

uint32
murmur2(const void *data, size_t length)
{
	const unsigned char *p = data;
	uint32		hash = MURMUR2_SEED ^ (uint32) length;

	for (; length >= 4; length -= 4, p += 4)
	{
		/* little-endian on every machine, as the Java code reads it */
		uint32		k = p[0] | p[1] << 8 | p[2] << 16 | (uint32) p[3] << 24;

		k *= MURMUR2_MULTIPLIER;
		k ^= k >> MURMUR2_SHIFT;
		k *= MURMUR2_MULTIPLIER;
		hash *= MURMUR2_MULTIPLIER;
		hash ^= k;
	}
	switch (length)
	{
		case 3:
			hash ^= p[2] << 16;
			/* FALLTHROUGH */
		case 2:
			hash ^= p[1] << 8;
			/* FALLTHROUGH */
		case 1:
			hash ^= p[0];
			hash *= MURMUR2_MULTIPLIER;
	}
	hash ^= hash >> 13;
	hash *= MURMUR2_MULTIPLIER;
	hash ^= hash >> 15;
	return hash;
}

int32
partition_of_key(const void *key, size_t length, int32 partitions)
{
	Assert(partitions > 0);
	/* the sign bit is dropped, not negated: Kafka's toPositive() */
	return (int32) (murmur2(key, length) & 0x7fffffff) % partitions;
}

int32
partition_of_position(const Position *position, int32 partitions)
{
	uint64		words[3];

	/* in one byte order, so that another machine comes to the same result */
	words[0] = pg_hton64(position->commit_lsn);
	words[1] = pg_hton64(position->change_lsn);
	words[2] = pg_hton64((uint64) position->number << 16 | position->part);
	return partition_of_key(words, sizeof(words), partitions);
}
