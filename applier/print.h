/*-------------------------------------------------------------------------
 *
 * print.h
 *	  Sinks for trials: rows as Flink's connector print shows them.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PRINT_H
#define PRINT_H

#include "batch.h"

typedef struct Print Print;

extern Print *print_new(const Pipeline *pipeline);
extern void print_free(Print *print);

/*
 * What the sinks of connector print show of the events "from" to before "to";
 * in place of what was collected before.
 */
extern void print_collect(Print *print, const Batch *batch, int from, int to);

/* Shows it: on "out", or "err" where a sink has 'standard-error'. */
extern void print_show(const Print *print, FILE *out, FILE *err);

/*
 * Where a pipeline without a database goes on, as long as the process lives.
 * False where the partition is new.  print_count_progress(): of how many
 * partitions of a topic is that known?
 */
extern bool print_find_progress(const Print *print, const char *topic,
								int32 partition, int64 *next_offset);
extern int32 print_count_progress(const Print *print, const char *topic);
extern void print_set_progress(Print *print, const char *topic,
							   int32 partition, int64 next_offset);

#endif							/* PRINT_H */
