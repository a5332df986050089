/*-------------------------------------------------------------------------
 *
 * metrics.h
 *	  Numbers for Prometheus: kept by worker processes, joined and shown by
 *	  their supervisor.
 *
 * NOTES
 *	  All families of a program stand in one constant table, which is also
 *	  their documentation.  A worker sends its samples as text
 *	  (metrics_write_samples), the supervisor reads the texts of all workers
 *	  into one set (metrics_read_samples) and renders that
 *	  (metrics_render, text format 0.0.4).  Labels are given ready-made, as
 *	  they stand between the braces: topic="a",operation="c"; label values
 *	  are to be escaped by metrics_label().
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef METRICS_H
#define METRICS_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

typedef enum MetricType
{
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_HISTOGRAM
} MetricType;

typedef struct MetricFamily
{
	const char *name;			/* debezium_bridge_records_total */
	MetricType	type;
	const char *help;			/* one line; the unit is in the name */
	const double *bounds;		/* histogram: upper bounds, ascending, ended
								 * by 0; else NULL */
} MetricFamily;

typedef struct Metrics Metrics;
typedef struct MetricHistogram MetricHistogram;

/* "families" ends with an entry without a name and must stay valid. */
extern Metrics *metrics_new(const MetricFamily *families);
extern void metrics_free(Metrics *metrics);

/*
 * A sample, made at its first use (labels NULL or "": none).  Its address is
 * valid as long as the set: a hot path looks it up once and adds to it.
 * "family" is the index in the table; not for histograms.
 */
extern double *metrics_sample(Metrics *metrics, int family,
							  const char *labels);

/*
 * A histogram, made with all its buckets at its first use: a reader wants
 * also those that stay 0.  Valid as long as the set.
 */
extern MetricHistogram *metrics_histogram(Metrics *metrics, int family,
										  const char *labels);

/* Adds a value to a histogram; cheap enough for every transaction. */
extern void metrics_observe(MetricHistogram *histogram, double value);

/* Forgets all samples, e.g. before the next round of reading. */
extern void metrics_clear(Metrics *metrics);

/* One line per sample: name{labels} value */
extern void metrics_write_samples(const Metrics *metrics, PQExpBuffer text);

/*
 * Adds such lines to a set, with "labels" put in front of each sample's own.
 * Lines of unknown families are passed over.
 */
extern void metrics_read_samples(Metrics *metrics, const char *text,
								 const char *labels);

/* The page: families in the order of the table, with HELP and TYPE. */
extern void metrics_render(const Metrics *metrics, PQExpBuffer page);

/* Appends name="value" with the value escaped. */
extern void metrics_label(PQExpBuffer labels, const char *name,
						  const char *value);

#endif							/* METRICS_H */
