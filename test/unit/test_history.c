/*-------------------------------------------------------------------------
 *
 * test_history.c
 *	  Unit tests of the timelines' history.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "history.h"
#include "tap.h"

/* As PostgreSQL writes it. */
static const char file[] =
"# a comment\n"
"1\t0/5000000\tno recovery target specified\n"
"\n"
"2\t1/A0\tbefore 2026-01-01 00:00:00+00\n";

int
main(void)
{
	History		history = {.timeline = 3,.end = 0x200000000};

	history_parse(&history, file, sizeof(file) - 1);
	tap_ok(history.ancestor_count == 2, "two ancestors");
	tap_ok(history_end(&history, 1) == 0x5000000, "the first switch point");
	tap_ok(history_end(&history, 2) == 0x1000000A0, "a switch point above 4 GB");
	tap_ok(history_end(&history, 3) == 0x200000000, "the server's own timeline ends where its WAL does");
	tap_ok(history_end(&history, 4) == InvalidXLogRecPtr, "a timeline that the server has nothing of");
	history_free(&history);

	history.timeline = 1;
	history.end = 0x300;
	history_parse(&history, "", 0);
	tap_ok(history_end(&history, 1) == 0x300 && history_end(&history, 2) == InvalidXLogRecPtr,
		   "a server that was never promoted");
	history_free(&history);
	return tap_done();
}
