/*-------------------------------------------------------------------------
 *
 * pieces.c
 *	  What the sessions of a snapshot read next: whole tables, or ranges of
 *	  the blocks of large ones.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "pieces.h"

void
pieces_init(Pieces *pieces, int tables, const uint32 *blocks, int ranges)
{
	pieces->tables = tables;
	pieces->blocks = blocks;
	pieces->ranges = Max(ranges, 1);
	pieces->table = 0;
	pieces->block = 0;
}

/* Blocks of one range of a table; 0: the table is one piece. */
static uint32
range_length(const Pieces *pieces, int table)
{
	uint32		blocks = pieces->blocks[table];
	uint32		length = blocks / pieces->ranges +
	(blocks % pieces->ranges != 0 ? 1 : 0);

	length = Max(length, PIECE_BLOCKS_LEAST);
	return length < blocks ? length : 0;
}

int
pieces_count(const Pieces *pieces, int table)
{
	uint32		length = range_length(pieces, table);

	if (length == 0)
		return 1;
	return pieces->blocks[table] / length +
		(pieces->blocks[table] % length != 0 ? 1 : 0);
}

int
pieces_total(const Pieces *pieces)
{
	int			total = 0;

	for (int i = 0; i < pieces->tables; i++)
		total += pieces_count(pieces, i);
	return total;
}

bool
pieces_next(Pieces *pieces, Piece *piece)
{
	uint32		length;

	if (pieces->table >= pieces->tables)
		return false;
	length = range_length(pieces, pieces->table);
	piece->table = pieces->table;
	piece->range = length > 0;
	piece->from = pieces->block;
	piece->to = 0;
	if (length > 0 && pieces->blocks[pieces->table] - pieces->block > length)
	{
		piece->to = pieces->block + length;
		pieces->block = piece->to;
		return true;
	}
	pieces->table++;
	pieces->block = 0;
	return true;
}
