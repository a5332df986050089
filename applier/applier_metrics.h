/*-------------------------------------------------------------------------
 *
 * applier_metrics.h
 *	  The applier's numbers, with their documentation.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef APPLIER_METRICS_H
#define APPLIER_METRICS_H

#include "metrics.h"

typedef enum ApplierMetric
{
	METRIC_UP,
	METRIC_RESTARTS,
	METRIC_EVENTS,
	METRIC_REJECTED,
	METRIC_DEAD_LETTERS,
	METRIC_ROWS,
	METRIC_BATCHES,
	METRIC_BATCH_SECONDS,
	METRIC_RETRIES,
	METRIC_APPLIED_OFFSET,
	METRIC_LAG_RECORDS,
	METRIC_LAG_SECONDS
} ApplierMetric;

/* in the order of ApplierMetric, ended by an entry without a name */
extern const MetricFamily applier_metrics[];

#endif							/* APPLIER_METRICS_H */
