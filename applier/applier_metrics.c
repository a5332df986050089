/*-------------------------------------------------------------------------
 *
 * applier_metrics.c
 *	  The applier's numbers, with their documentation.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "applier_metrics.h"

static const double batch_seconds[] = {
	0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 0
};

const MetricFamily applier_metrics[] = {
	[METRIC_UP] = {"debezium_applier_up", METRIC_GAUGE,
	"1 while the pipeline runs, 0 while it starts, waits or has failed", NULL},
	[METRIC_RESTARTS] = {"debezium_applier_worker_restarts_total", METRIC_COUNTER,
	"Times that the pipeline's process ended and was started again", NULL},
	[METRIC_EVENTS] = {"debezium_applier_events_total", METRIC_COUNTER,
	"Events applied, tombstones included, since the pipeline's process started", NULL},
	[METRIC_REJECTED] = {"debezium_applier_events_rejected_total", METRIC_COUNTER,
	"Events that could not be applied and were left out", NULL},
	[METRIC_DEAD_LETTERS] = {"debezium_applier_dead_letters_total", METRIC_COUNTER,
	"Events that were left out and written to the dead letter topic", NULL},
	[METRIC_ROWS] = {"debezium_applier_rows_total", METRIC_COUNTER,
	"Rows written to the target by operation, after folding", NULL},
	[METRIC_BATCHES] = {"debezium_applier_batches_total", METRIC_COUNTER,
	"Transactions committed on the target", NULL},
	[METRIC_BATCH_SECONDS] = {"debezium_applier_batch_seconds", METRIC_HISTOGRAM,
	"Time from sending a batch to its commit", batch_seconds},
	[METRIC_RETRIES] = {"debezium_applier_target_retries_total", METRIC_COUNTER,
	"Failures of the target that were tried again", NULL},
	[METRIC_APPLIED_OFFSET] = {"debezium_applier_applied_offset", METRIC_GAUGE,
	"Next offset to apply; all before it is in the target", NULL},
	[METRIC_LAG_RECORDS] = {"debezium_applier_lag_records", METRIC_GAUGE,
	"Records of the partition that are not applied yet", NULL},
	[METRIC_LAG_SECONDS] = {"debezium_applier_lag_seconds", METRIC_GAUGE,
	"Commit on the source (source.ts_us) to commit on the target, newest event", NULL},
	{NULL, METRIC_GAUGE, NULL, NULL}
};
