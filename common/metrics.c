/*-------------------------------------------------------------------------
 *
 * metrics.c
 *	  Counters, gauges and histograms; Prometheus text format 0.0.4.
 *
 * NOTES
 *	  A histogram is kept as the samples that the format wants: cumulative
 *	  buckets _bucket{le="..."}, _sum and _count.  A sample therefore has a
 *	  suffix beside its labels, and joining workers is adding lines.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "metrics.h"

#include <math.h>
#include <string.h>

typedef struct Sample
{
	struct Sample *next;		/* of the same family, in order of making */
	const char *suffix;			/* "", "_bucket", "_sum", "_count" */
	char	   *labels;			/* "" for none */
	double		value;
} Sample;

struct Metrics
{
	const MetricFamily *families;
	int			count;
	Sample	  **first;			/* of each family */
	Sample	  **last;
	MetricHistogram *histograms;
};

/* Where the samples of a histogram are. */
struct MetricHistogram
{
	MetricHistogram *next;
	int			family;
	char	   *labels;
	const double *bounds;
	double	   *sum;
	double	   *count;
	double	  **buckets;		/* by bound; the last is that of all values */
};

Metrics *
metrics_new(const MetricFamily *families)
{
	Metrics    *metrics = pg_malloc0(sizeof(Metrics));

	metrics->families = families;
	while (families[metrics->count].name != NULL)
		metrics->count++;
	metrics->first = pg_malloc0((metrics->count + 1) * sizeof(Sample *));
	metrics->last = pg_malloc0((metrics->count + 1) * sizeof(Sample *));
	return metrics;
}

void
metrics_clear(Metrics *metrics)
{
	for (int i = 0; i < metrics->count; i++)
	{
		Sample	   *sample = metrics->first[i];

		while (sample != NULL)
		{
			Sample	   *next = sample->next;

			pg_free(sample->labels);
			pg_free(sample);
			sample = next;
		}
		metrics->first[i] = metrics->last[i] = NULL;
	}
	while (metrics->histograms != NULL)
	{
		MetricHistogram *next = metrics->histograms->next;

		pg_free(metrics->histograms->labels);
		pg_free(metrics->histograms->buckets);
		pg_free(metrics->histograms);
		metrics->histograms = next;
	}
}

void
metrics_free(Metrics *metrics)
{
	if (metrics == NULL)
		return;
	metrics_clear(metrics);
	pg_free(metrics->first);
	pg_free(metrics->last);
	pg_free(metrics);
}

static double *
find_sample(Metrics *metrics, int family, const char *suffix,
			const char *labels)
{
	Sample	   *sample;

	Assert(family >= 0 && family < metrics->count);
	for (sample = metrics->first[family]; sample != NULL; sample = sample->next)
	{
		if (strcmp(sample->suffix, suffix) == 0 &&
			strcmp(sample->labels, labels) == 0)
			return &sample->value;
	}
	sample = pg_malloc0(sizeof(Sample));
	sample->suffix = suffix;
	sample->labels = pg_strdup(labels);
	if (metrics->last[family] != NULL)
		metrics->last[family]->next = sample;
	else
		metrics->first[family] = sample;
	metrics->last[family] = sample;
	return &sample->value;
}

double *
metrics_sample(Metrics *metrics, int family, const char *labels)
{
	Assert(metrics->families[family].type != METRIC_HISTOGRAM);
	return find_sample(metrics, family, "", labels != NULL ? labels : "");
}

/* The text of a number, short where it is whole. */
static void
write_number(PQExpBuffer text, double value)
{
	if (isnan(value))
		appendPQExpBufferStr(text, "NaN");
	else if (isinf(value))
		appendPQExpBufferStr(text, value > 0 ? "+Inf" : "-Inf");
	else if (value == floor(value) && fabs(value) < 1e15)
		appendPQExpBuffer(text, "%.0f", value);
	else
		appendPQExpBuffer(text, "%.10g", value);
}

/* Makes the samples of all buckets, in the order of their bounds. */
static void
make_buckets(Metrics *metrics, MetricHistogram *histogram)
{
	PQExpBufferData labels;
	int			count = 0;

	while (histogram->bounds[count] != 0)
		count++;
	histogram->buckets = pg_malloc((count + 1) * sizeof(double *));
	initPQExpBuffer(&labels);
	for (int i = 0; i <= count; i++)
	{
		resetPQExpBuffer(&labels);
		appendPQExpBuffer(&labels, "%s%sle=\"", histogram->labels,
						  histogram->labels[0] != '\0' ? "," : "");
		write_number(&labels, i < count ? histogram->bounds[i] : INFINITY);
		appendPQExpBufferChar(&labels, '"');
		histogram->buckets[i] = find_sample(metrics, histogram->family,
											"_bucket", labels.data);
	}
	termPQExpBuffer(&labels);
}

MetricHistogram *
metrics_histogram(Metrics *metrics, int family, const char *labels)
{
	MetricHistogram *histogram;

	Assert(metrics->families[family].type == METRIC_HISTOGRAM);
	if (labels == NULL)
		labels = "";
	for (histogram = metrics->histograms; histogram != NULL; histogram = histogram->next)
	{
		if (histogram->family == family &&
			strcmp(histogram->labels, labels) == 0)
			return histogram;
	}
	histogram = pg_malloc0(sizeof(MetricHistogram));
	histogram->family = family;
	histogram->labels = pg_strdup(labels);
	histogram->bounds = metrics->families[family].bounds;
	make_buckets(metrics, histogram);
	histogram->sum = find_sample(metrics, family, "_sum", labels);
	histogram->count = find_sample(metrics, family, "_count", labels);
	histogram->next = metrics->histograms;
	metrics->histograms = histogram;
	return histogram;
}

void
metrics_observe(MetricHistogram *histogram, double value)
{
	int			i;

	/* a bucket counts all values up to its bound */
	for (i = 0; histogram->bounds[i] != 0; i++)
	{
		if (value <= histogram->bounds[i])
			(*histogram->buckets[i])++;
	}
	(*histogram->buckets[i])++;
	*histogram->sum += value;
	(*histogram->count)++;
}

static void
write_family(const Metrics *metrics, int family, PQExpBuffer text)
{
	for (Sample *sample = metrics->first[family]; sample != NULL;
		 sample = sample->next)
	{
		appendPQExpBuffer(text, "%s%s", metrics->families[family].name,
						  sample->suffix);
		if (sample->labels[0] != '\0')
			appendPQExpBuffer(text, "{%s}", sample->labels);
		appendPQExpBufferChar(text, ' ');
		write_number(text, sample->value);
		appendPQExpBufferChar(text, '\n');
	}
}

void
metrics_write_samples(const Metrics *metrics, PQExpBuffer text)
{
	for (int i = 0; i < metrics->count; i++)
		write_family(metrics, i, text);
}

/* Is this name the family's, and with which suffix? */
static bool
match_family(const MetricFamily *family, const char *name, size_t length,
			 const char **suffix)
{
	static const char *const suffixes[] = {"_bucket", "_sum", "_count"};
	size_t		own = strlen(family->name);

	*suffix = "";
	if (length < own || memcmp(name, family->name, own) != 0)
		return false;
	if (family->type != METRIC_HISTOGRAM)
		return length == own;
	for (size_t i = 0; i < lengthof(suffixes); i++)
	{
		if (length == own + strlen(suffixes[i]) &&
			memcmp(name + own, suffixes[i], length - own) == 0)
		{
			*suffix = suffixes[i];
			return true;
		}
	}
	return false;
}

/* Where the labels end: the brace outside of quotes; NULL if there is none. */
static const char *
labels_end(const char *p, const char *end)
{
	bool		quoted = false;

	for (; p < end; p++)
	{
		if (quoted && *p == '\\')
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (*p == '}' && !quoted)
			return p;
	}
	return NULL;
}

static void
read_sample(Metrics *metrics, const char *line, const char *end,
			const char *labels)
{
	size_t		name_length = strcspn(line, "{ \n");
	const char *own = line + name_length;
	const char *value = own;
	int			own_length = 0;
	PQExpBufferData joined;

	if (value < end && *value == '{')
	{
		own++;
		value = labels_end(own, end);
		if (value == NULL)
			return;
		own_length = value - own;
		value++;
	}
	for (int i = 0; i < metrics->count; i++)
	{
		const char *suffix;

		if (!match_family(&metrics->families[i], line, name_length, &suffix))
			continue;
		initPQExpBuffer(&joined);
		appendPQExpBuffer(&joined, "%s%s%.*s", labels,
						  *labels && own_length > 0 ? "," : "",
						  own_length, own);
		*find_sample(metrics, i, suffix, joined.data) += strtod(value, NULL);
		termPQExpBuffer(&joined);
		return;
	}
}

void
metrics_read_samples(Metrics *metrics, const char *text, const char *labels)
{
	const char *line = text;

	if (labels == NULL)
		labels = "";
	while (*line != '\0')
	{
		const char *end = strchrnul(line, '\n');

		read_sample(metrics, line, end, labels);
		line = *end == '\0' ? end : end + 1;
	}
}

void
metrics_render(const Metrics *metrics, PQExpBuffer page)
{
	static const char *const types[] = {"counter", "gauge", "histogram"};

	for (int i = 0; i < metrics->count; i++)
	{
		const MetricFamily *family = &metrics->families[i];

		appendPQExpBuffer(page, "# HELP %s %s\n# TYPE %s %s\n", family->name,
						  family->help, family->name, types[family->type]);
		write_family(metrics, i, page);
	}
}

void
metrics_label(PQExpBuffer labels, const char *name, const char *value)
{
	if (labels->len > 0)
		appendPQExpBufferChar(labels, ',');
	appendPQExpBuffer(labels, "%s=\"", name);
	for (; *value != '\0'; value++)
	{
		if (*value == '\n')
			appendPQExpBufferStr(labels, "\\n");
		else
		{
			if (*value == '"' || *value == '\\')
				appendPQExpBufferChar(labels, '\\');
			appendPQExpBufferChar(labels, *value);
		}
	}
	appendPQExpBufferChar(labels, '"');
}
