/*-------------------------------------------------------------------------
 *
 * progress.c
 *	  How far a snapshot is, and how long it is still going to take.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "progress.h"

#include <string.h>

/* What is sent in the first moments says nothing of the pace. */
#define PACE_LEAST_MS	1000

void
progress_init(Progress *progress, int tables)
{
	memset(progress, 0, sizeof(*progress));
	progress->tables = tables;
}

void
progress_add(Progress *progress, bool done, uint64 rows, double estimate)
{
	progress->rows += rows;
	if (done)
	{
		progress->tables_done++;
		progress->finished += (double) rows;
	}
	else
		progress->rest += Max(estimate, (double) rows);
}

double
progress_total(const Progress *progress)
{
	return progress->finished + progress->rest;
}

int
progress_percent(const Progress *progress)
{
	double		total = progress_total(progress);
	int			percent;

	if (progress->tables_done == progress->tables)
		return 100;
	if (total <= 0)
		return 0;
	percent = (int) ((double) progress->rows / total * 100);
	return Min(percent, 99);
}

double
progress_seconds_left(const Progress *progress, int64 elapsed_ms)
{
	double		left = progress_total(progress) - (double) progress->rows;

	if (progress->tables_done == progress->tables)
		return 0;
	if (elapsed_ms < PACE_LEAST_MS || progress->rows == 0)
		return -1;
	return left / (double) progress->rows * (double) elapsed_ms / 1000;
}

/* The two largest units that matter. */
static void
append_duration(PQExpBuffer text, double seconds)
{
	int64		whole = (int64) (seconds + 0.5);

	if (whole >= 3600)
		appendPQExpBuffer(text, INT64_FORMAT " h " INT64_FORMAT " min",
						  whole / 3600, whole % 3600 / 60);
	else if (whole >= 60)
		appendPQExpBuffer(text, INT64_FORMAT " min " INT64_FORMAT " s",
						  whole / 60, whole % 60);
	else
		appendPQExpBuffer(text, INT64_FORMAT " s", whole);
}

void
progress_describe(const Progress *progress, int64 elapsed_ms,
				  PQExpBuffer text)
{
	double		left = progress_seconds_left(progress, elapsed_ms);

	appendPQExpBuffer(text,
					  UINT64_FORMAT " of about %.0f rows (%d %%), %d of %d tables",
					  progress->rows, progress_total(progress),
					  progress_percent(progress), progress->tables_done,
					  progress->tables);
	if (left >= 0 && progress->tables_done < progress->tables)
	{
		appendPQExpBufferStr(text, ", about ");
		append_duration(text, left);
		appendPQExpBufferStr(text, " left");
	}
}
