/*-------------------------------------------------------------------------
 *
 * block.h
 *	  A message from the server, kept as long as records point into it.
 *
 * The producer does not copy values: they stay where libpq put them, and
 * the block goes when the last record out of it was delivered.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef BLOCK_H
#define BLOCK_H

#include "postgres_fe.h"

typedef struct Block
{
	char	   *data;			/* of libpq, or of malloc(): freed alike */
	size_t		length;
	int			references;
	size_t	   *held;			/* sum of the lengths of all blocks */
} Block;

/* Takes over "data"; the caller has the first reference. */
extern Block *block_new(char *data, size_t length, size_t *held);

extern void block_release(Block *block);

static inline Block *
block_keep(Block *block)
{
	block->references++;
	return block;
}

#endif							/* BLOCK_H */
