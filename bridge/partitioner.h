/*-------------------------------------------------------------------------
 *
 * partitioner.h
 *	  Which partition a record goes to: as Kafka's Java producer decides.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PARTITIONER_H
#define PARTITIONER_H

#include "postgres_fe.h"

#include "position.h"

/* The 32-bit murmur2 hash of Kafka's Java clients. */
extern uint32 murmur2(const void *data, size_t length);

/* The partition of a record with this key. */
extern int32 partition_of_key(const void *key, size_t length,
							  int32 partitions);

/*
 * The partition of a record without a key: spread evenly, and the same at
 * every decoding, which a round-robin would not be.
 */
extern int32 partition_of_position(const Position *position,
								   int32 partitions);

#endif							/* PARTITIONER_H */
