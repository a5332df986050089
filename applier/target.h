/*-------------------------------------------------------------------------
 *
 * target.h
 *	  The database that a pipeline writes to: one connection, one batch in
 *	  flight.
 *
 * NOTES
 *	  A batch is one transaction and one round trip (libpq's pipeline mode):
 *	  progress first, then the data of all flows, then COMMIT.  While it runs
 *	  the caller reads the next one.  Progress lies in a table of the target,
 *	  so data and progress are there together or not at all.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef TARGET_H
#define TARGET_H

#include "batch.h"

typedef struct Target Target;

/* What became of the last thing that was asked for. */
typedef enum Outcome
{
	OUTCOME_BUSY,				/* still under way */
	OUTCOME_DONE,
	OUTCOME_MOVED,				/* progress is not where it should be */
	OUTCOME_REJECTED,			/* the data do not fit: isolate the event */
	OUTCOME_SMALLER,			/* too much at once: fewer events might do */
	OUTCOME_RETRY,				/* works later: connect again */
	OUTCOME_STOP,				/* works never, as things are */
	OUTCOME_STOPPING			/* given up, as a signal asked for it */
} Outcome;

/* Where a partition's progress goes with a batch. */
typedef struct ProgressStep
{
	const char *topic;
	int32		partition;
	int64		from;
	int64		to;
	const char *position;		/* of the event before "to", see
								 * message_position(); NULL: as it was */
} ProgressStep;

/* A row of the progress table. */
typedef struct ProgressRow
{
	bool		found;
	int64		next_offset;
	char	   *cluster_id;		/* NULL: not known */
	char	   *position;		/* of an event that was applied, NULL: none */
	int64		position_offset;	/* where that event is */
} ProgressRow;

extern Target *target_new(const Pipeline *pipeline);
extern void target_free(Target *target);

/*
 * Connects, checks the sinks, makes the progress table where it is missing,
 * prepares the statements.  Waits, but not after a signal.
 */
extern Outcome target_connect(Target *target, PQExpBuffer error) MUST_CHECK;
extern void target_disconnect(Target *target);
extern bool target_connected(const Target *target);

/* The progress of a partition; strings are the caller's. */
extern Outcome target_read_progress(Target *target, const char *topic,
									int32 partition, ProgressRow *row,
									PQExpBuffer error) MUST_CHECK;

/* Of how many partitions of a topic is there progress? */
extern Outcome target_count_progress(Target *target, const char *topic,
									 int32 *count,
									 PQExpBuffer error) MUST_CHECK;

/*
 * The first rows of the progress of partitions "first" to before "first" +
 * "count", where there are none.
 */
extern Outcome target_start_progress(Target *target, const char *topic,
									 int32 first, int32 count,
									 const int64 *next_offsets,
									 const char *cluster_id,
									 PQExpBuffer error) MUST_CHECK;

/*
 * Sends the events "from" to before "to" of the batch, or where there are
 * none the progress alone.  OUTCOME_BUSY when it is under way; OUTCOME_DONE
 * where there is no database, all sinks being for trials; OUTCOME_REJECTED
 * with *event set where one of them cannot be applied as it is.
 */
extern Outcome target_send(Target *target, const Batch *batch, int from,
						   int to, const ProgressStep *steps, int step_count,
						   int *event, PQExpBuffer error) MUST_CHECK;

/* For poll(): descriptor, and the events to wait for (POLLIN, POLLOUT). */
extern int	target_fd(const Target *target);
extern short target_poll_events(const Target *target);

/* Goes on with what was sent, without waiting. */
extern Outcome target_proceed(Target *target, PQExpBuffer error) MUST_CHECK;

/* Rows written by the last batch: inserted or updated, deleted. */
extern void target_written(const Target *target, int64 *upserted,
						   int64 *deleted);

/* All SQL of the pipeline, for --explain; types are the script's. */
extern void target_explain(const Pipeline *pipeline, PQExpBuffer text);

#endif							/* TARGET_H */
