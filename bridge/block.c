/*-------------------------------------------------------------------------
 *
 * block.c
 *	  A message from the server, kept as long as records point into it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "block.h"

#include <libpq-fe.h>

Block *
block_new(char *data, size_t length, size_t *held)
{
	Block	   *block = pg_malloc(sizeof(Block));

	block->data = data;
	block->length = length;
	block->references = 1;
	block->held = held;
	*held += length;
	return block;
}

void
block_release(Block *block)
{
	if (block == NULL || --block->references > 0)
		return;
	*block->held -= block->length;
	PQfreemem(block->data);
	pg_free(block);
}
