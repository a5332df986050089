/*-------------------------------------------------------------------------
 *
 * test_metrics.c
 *	  Unit test of common/metrics.c.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "metrics.h"

#include "tap.h"

static const double bounds[] = {0.5, 10, 0};

static const MetricFamily families[] = {
	{"t_records_total", METRIC_COUNTER, "Records written.", NULL},
	{"t_lag_seconds", METRIC_HISTOGRAM, "Time taken.", bounds},
	{"t_up", METRIC_GAUGE, "1 while it runs.", NULL},
	{NULL, METRIC_GAUGE, NULL, NULL}
};

int
main(void)
{
	Metrics    *worker = metrics_new(families);
	Metrics    *all = metrics_new(families);
	PQExpBufferData text;
	PQExpBufferData labels;
	double	   *records;

	initPQExpBuffer(&text);
	initPQExpBuffer(&labels);
	metrics_label(&labels, "topic", "a\"b\\c}\nd");
	metrics_label(&labels, "operation", "c");
	tap_text(labels.data, "topic=\"a\\\"b\\\\c}\\nd\",operation=\"c\"", "labels are escaped");

	records = metrics_sample(worker, 0, labels.data);
	*records += 41;
	(*records)++;
	tap_ok(metrics_sample(worker, 0, labels.data) == records, "a sample stays where it is");
	*metrics_sample(worker, 2, NULL) = 1;
	metrics_observe(metrics_histogram(worker, 1, ""), 0.25);
	metrics_observe(metrics_histogram(worker, 1, ""), 3);
	metrics_observe(metrics_histogram(worker, 1, ""), 99);
	metrics_write_samples(worker, &text);
	tap_text(text.data,
			 "t_records_total{topic=\"a\\\"b\\\\c}\\nd\",operation=\"c\"} 42\n"
			 "t_lag_seconds_bucket{le=\"0.5\"} 1\n"
			 "t_lag_seconds_bucket{le=\"10\"} 2\n"
			 "t_lag_seconds_bucket{le=\"+Inf\"} 3\n"
			 "t_lag_seconds_sum 102.25\n"
			 "t_lag_seconds_count 3\n"
			 "t_up 1\n", "samples are written");

	metrics_read_samples(all, text.data, "connector=\"x\"");
	metrics_read_samples(all, "t_up 1\nunknown 7\nt_up{bad\n", "connector=\"y\"");
	resetPQExpBuffer(&text);
	metrics_render(all, &text);
	tap_text(text.data,
			 "# HELP t_records_total Records written.\n"
			 "# TYPE t_records_total counter\n"
			 "t_records_total{connector=\"x\",topic=\"a\\\"b\\\\c}\\nd\",operation=\"c\"} 42\n"
			 "# HELP t_lag_seconds Time taken.\n"
			 "# TYPE t_lag_seconds histogram\n"
			 "t_lag_seconds_bucket{connector=\"x\",le=\"0.5\"} 1\n"
			 "t_lag_seconds_bucket{connector=\"x\",le=\"10\"} 2\n"
			 "t_lag_seconds_bucket{connector=\"x\",le=\"+Inf\"} 3\n"
			 "t_lag_seconds_sum{connector=\"x\"} 102.25\n"
			 "t_lag_seconds_count{connector=\"x\"} 3\n"
			 "# HELP t_up 1 while it runs.\n"
			 "# TYPE t_up gauge\n"
			 "t_up{connector=\"x\"} 1\n"
			 "t_up{connector=\"y\"} 1\n", "workers are joined in one page");
	metrics_clear(all);
	resetPQExpBuffer(&text);
	metrics_write_samples(all, &text);
	tap_text(text.data, "", "cleared");
	metrics_free(all);
	metrics_free(worker);
	return tap_done();
}
