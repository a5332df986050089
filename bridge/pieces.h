/*-------------------------------------------------------------------------
 *
 * pieces.h
 *	  What the sessions of a snapshot read next: whole tables, or ranges of
 *	  the blocks of large ones.
 *
 * NOTES
 *	  A range says nothing of rows: whatever blocks a table has by the time
 *	  it is read, each row version lies in exactly one range, as the first
 *	  begins at block 0 and the last has no end.  What was counted only
 *	  decides how even the ranges are.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PIECES_H
#define PIECES_H

#include "postgres_fe.h"

#include "must_check.h"

typedef struct Piece
{
	int			table;
	bool		range;			/* else the whole table */
	uint32		from;			/* block */
	uint32		to;				/* the block behind the last one; 0: to the
								 * end of the table */
} Piece;

/* Hands out the pieces of all tables, in order. */
typedef struct Pieces
{
	int			tables;
	const uint32 *blocks;		/* of each table; 0: it is not to be cut */
	int			ranges;			/* wanted of a table, if it is large enough */

	/* the next one */
	int			table;
	uint32		block;
} Pieces;

/* Fewer blocks (4 MiB) are read sooner than another session is asked. */
#define PIECE_BLOCKS_LEAST	512

/* "blocks" must stay valid. */
extern void pieces_init(Pieces *pieces, int tables, const uint32 *blocks,
						int ranges);

/* The next piece; false when all were given out. */
extern bool pieces_next(Pieces *pieces, Piece *piece) MUST_CHECK;

/* Of how many pieces is a table? */
extern int	pieces_count(const Pieces *pieces, int table);

/* Of how many are all tables? */
extern int	pieces_total(const Pieces *pieces);

#endif							/* PIECES_H */
