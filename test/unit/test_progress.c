/*-------------------------------------------------------------------------
 *
 * test_progress.c
 *	  How far a snapshot is said to be.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "progress.h"
#include "tap.h"

static void
check_text(const Progress *progress, int64 elapsed_ms, const char *expected)
{
	PQExpBufferData text;

	initPQExpBuffer(&text);
	progress_describe(progress, elapsed_ms, &text);
	tap_text(text.data, expected, "how it is described");
	termPQExpBuffer(&text);
}

static void
test_estimates(void)
{
	Progress	progress;

	progress_init(&progress, 3);
	progress_add(&progress, true, 200, 1000);
	progress_add(&progress, false, 100, 600);
	progress_add(&progress, false, 0, 400);
	tap_number(progress_total(&progress), 1200,
			   "a table that is read counts with its rows, others with the estimate");
	tap_number(progress.rows, 300, "rows read");
	tap_number(progress_percent(&progress), 25, "percent");
	tap_number(progress_seconds_left(&progress, 10000), 30,
			   "the rest takes three times as long");
	tap_number(progress_seconds_left(&progress, 999), -1,
			   "nothing is said of the first moments");
	check_text(&progress, 10000,
			   "300 of about 1200 rows (25 %), 1 of 3 tables, about 30 s left");
	check_text(&progress, 100, "300 of about 1200 rows (25 %), 1 of 3 tables");
	check_text(&progress, 50000,
			   "300 of about 1200 rows (25 %), 1 of 3 tables, about 2 min 30 s left");
	check_text(&progress, 5000000,
			   "300 of about 1200 rows (25 %), 1 of 3 tables, about 4 h 10 min left");
}

static void
test_wrong_estimates(void)
{
	Progress	progress;

	progress_init(&progress, 2);
	progress_add(&progress, false, 1000, 10);
	progress_add(&progress, false, 0, 0);
	tap_number(progress_total(&progress), 1000,
			   "more than estimated is at least what was read");
	tap_number(progress_percent(&progress), 99, "not 100 before the end");
	tap_number(progress_seconds_left(&progress, 10000), 0, "any moment now");

	progress_init(&progress, 1);
	progress_add(&progress, false, 0, -1);
	tap_number(progress_total(&progress), 0, "nothing is known");
	tap_number(progress_percent(&progress), 0, "0 percent of nothing");
	tap_number(progress_seconds_left(&progress, 10000), -1, "and no pace");

	progress_init(&progress, 2);
	progress_add(&progress, true, 5, 7);
	progress_add(&progress, true, 0, 9);
	tap_number(progress_percent(&progress), 100, "all is read");
	tap_number(progress_seconds_left(&progress, 1), 0, "nothing is left");
	check_text(&progress, 5000, "5 of about 5 rows (100 %), 2 of 2 tables");

	progress_init(&progress, 0);
	tap_number(progress_percent(&progress), 100, "no tables are done at once");
}

int
main(void)
{
	test_estimates();
	test_wrong_estimates();
	return tap_done();
}
