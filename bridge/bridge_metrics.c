/*-------------------------------------------------------------------------
 *
 * bridge_metrics.c
 *	  The numbers on /metrics, and what they mean.
 *
 * Every sample of a connector has the label connector="NAME".
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "bridge_metrics.h"

/* From a commit in an idle pipeline (ms) to one that waited for an outage. */
static const double latency_bounds[] = {
	0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60, 600, 0
};

/* In the order of BridgeMetric. */
const MetricFamily bridge_metrics[] = {
	{"debezium_bridge_up", METRIC_GAUGE,
	"1 while the bridge runs.", NULL},
	{"debezium_bridge_connector_state", METRIC_GAUGE,
	"1 for the state that the connector's task is in (label state).", NULL},
	{"debezium_bridge_records_total", METRIC_COUNTER,
	"Records given to the producer, by topic and operation: c, u, d, r, or x for a tombstone.", NULL},
	{"debezium_bridge_records_dropped_total", METRIC_COUNTER,
	"Records that were decoded again after a restart and were in Kafka already.", NULL},
	{"debezium_bridge_transactions_total", METRIC_COUNTER,
	"Transactions whose records were all acknowledged by Kafka.", NULL},
	{"debezium_bridge_snapshot_rows_total", METRIC_COUNTER,
	"Rows sent by snapshots.", NULL},
	{"debezium_bridge_snapshot_table_rows", METRIC_GAUGE,
	"Rows read of each table (label table) by the last snapshot: Debezium's RowsScanned.", NULL},
	{"debezium_bridge_snapshot_estimated_rows", METRIC_GAUGE,
	"Rows that the last snapshot is likely to read, by the statistics and what it has read.", NULL},
	{"debezium_bridge_snapshot_tables", METRIC_GAUGE,
	"Tables of the last snapshot: Debezium's TotalTableCount.", NULL},
	{"debezium_bridge_snapshot_remaining_tables", METRIC_GAUGE,
	"Of these, the tables that are not read to their end: RemainingTableCount.", NULL},
	{"debezium_bridge_snapshot_running", METRIC_GAUGE,
	"1 while a snapshot is read: SnapshotRunning.", NULL},
	{"debezium_bridge_snapshot_completed", METRIC_GAUGE,
	"1 when the last snapshot was completed: SnapshotCompleted.", NULL},
	{"debezium_bridge_snapshot_aborted", METRIC_GAUGE,
	"1 when the last snapshot failed or was stopped: SnapshotAborted.", NULL},
	{"debezium_bridge_snapshot_duration_seconds", METRIC_GAUGE,
	"Time since the last snapshot began, or that it took: SnapshotDurationInSeconds.", NULL},
	{"debezium_bridge_in_flight_records", METRIC_GAUGE,
	"Records given to the producer and not acknowledged.", NULL},
	{"debezium_bridge_in_flight_bytes", METRIC_GAUGE,
	"Bytes received from the server that such records keep in memory.", NULL},
	{"debezium_bridge_received_lsn", METRIC_GAUGE,
	"Position up to which the stream was received, as a number.", NULL},
	{"debezium_bridge_stored_lsn", METRIC_GAUGE,
	"Position up to which all is acknowledged by Kafka and stored in the offset topic.", NULL},
	{"debezium_bridge_confirmed_lsn", METRIC_GAUGE,
	"Position that was confirmed to the server.", NULL},
	{"debezium_bridge_slot_lag_bytes", METRIC_GAUGE,
	"WAL that was received, or announced by the server, and is not confirmed.", NULL},
	{"debezium_bridge_commit_to_acknowledged_seconds", METRIC_HISTOGRAM,
	"Time from a transaction's commit to the acknowledgement of its last record.", latency_bounds},
	{"debezium_bridge_attempts_total", METRIC_COUNTER,
	"Times that the worker connected anew; the first counts too.", NULL},
	{"debezium_bridge_worker_restarts_total", METRIC_COUNTER,
	"Times that a worker process ended unasked and was started again.", NULL},
	{NULL, METRIC_GAUGE, NULL, NULL}
};
