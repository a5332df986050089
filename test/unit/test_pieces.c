/*-------------------------------------------------------------------------
 *
 * test_pieces.c
 *	  Every block of every table is in one piece, however tables are cut.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "pieces.h"
#include "tap.h"

#define LEAST PIECE_BLOCKS_LEAST

static void
test_whole(void)
{
	static const uint32 blocks[] = {0, LEAST, 1};
	Pieces		pieces;
	Piece		piece;

	pieces_init(&pieces, lengthof(blocks), blocks, 4);
	for (size_t i = 0; i < lengthof(blocks); i++)
	{
		tap_ok(pieces_next(&pieces, &piece) && !piece.range && piece.to == 0,
			   "a small table is one piece");
		tap_number(piece.table, i, "in the order of the tables");
	}
	tap_ok(!pieces_next(&pieces, &piece), "then there is nothing");
	tap_ok(!pieces_next(&pieces, &piece), "and nothing again");
	tap_number(pieces_total(&pieces), lengthof(blocks), "as many as tables");
	pieces_init(&pieces, 0, NULL, 4);
	tap_ok(!pieces_next(&pieces, &piece), "no tables, no pieces");
}

/* Ranges follow each other from the first block to no end at all. */
static void
check_table(uint32 blocks, int ranges, int expected)
{
	Pieces		pieces;
	Piece		piece;
	uint32		next = 0;
	int			count = 0;
	bool		ok = true;

	pieces_init(&pieces, 1, &blocks, ranges);
	while (pieces_next(&pieces, &piece))
	{
		ok = ok && (next > 0 || count == 0) && piece.from == next &&
			piece.range == (expected > 1) &&
			(piece.to == 0 || piece.to > piece.from);
		next = piece.to;
		count++;
	}
	tap_ok(ok && next == 0, "ranges follow each other, the last is open");
	tap_number(count, expected, "as many ranges as expected");
	tap_number(pieces_count(&pieces, 0), expected, "as was said before");
}

static void
test_ranges(void)
{
	static const uint32 blocks[] = {10 * LEAST, 0, 3 * LEAST};
	Pieces		pieces;
	Piece		piece;

	check_table(4 * LEAST, 4, 4);
	check_table(4 * LEAST, 1, 1);
	check_table(LEAST + 1, 4, 2);
	check_table(3 * LEAST - 1, 8, 3);
	check_table(1000001, 3, 3);
	check_table(PG_UINT32_MAX, 7, 7);
	check_table(PG_UINT32_MAX - 1, 1000, 1000);

	pieces_init(&pieces, lengthof(blocks), blocks, 2);
	tap_number(pieces_total(&pieces), 5, "two tables are cut, one is not");
	tap_ok(pieces_next(&pieces, &piece) && piece.table == 0 &&
		   piece.to == 5 * LEAST, "the first half");
	tap_ok(pieces_next(&pieces, &piece) && piece.table == 0 &&
		   piece.from == 5 * LEAST && piece.to == 0, "the second one");
	tap_ok(pieces_next(&pieces, &piece) && piece.table == 1 && !piece.range,
		   "a whole table in between");
	tap_ok(pieces_next(&pieces, &piece) && piece.table == 2 &&
		   piece.from == 0 && piece.range, "the next one begins at its start");
}

int
main(void)
{
	test_whole();
	test_ranges();
	return tap_done();
}
