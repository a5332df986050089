/*-------------------------------------------------------------------------
 *
 * bridge_metrics.h
 *	  The numbers on /metrics.  The table in bridge_metrics.c describes them.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef BRIDGE_METRICS_H
#define BRIDGE_METRICS_H

#include "metrics.h"

typedef enum BridgeMetric
{
	METRIC_UP,
	METRIC_STATE,
	METRIC_RECORDS,
	METRIC_DROPPED,
	METRIC_TRANSACTIONS,
	METRIC_SNAPSHOT_ROWS,
	METRIC_SNAPSHOT_TABLE_ROWS,
	METRIC_SNAPSHOT_ESTIMATE,
	METRIC_SNAPSHOT_TABLES,
	METRIC_SNAPSHOT_REMAINING,
	METRIC_SNAPSHOT_RUNNING,
	METRIC_SNAPSHOT_COMPLETED,
	METRIC_SNAPSHOT_ABORTED,
	METRIC_SNAPSHOT_SECONDS,
	METRIC_IN_FLIGHT,
	METRIC_IN_FLIGHT_BYTES,
	METRIC_RECEIVED,
	METRIC_STORED,
	METRIC_CONFIRMED,
	METRIC_LAG,
	METRIC_LATENCY,
	METRIC_ATTEMPTS,
	METRIC_RESTARTS
} BridgeMetric;

extern const MetricFamily bridge_metrics[];

#endif							/* BRIDGE_METRICS_H */
