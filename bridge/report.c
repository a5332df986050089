/*-------------------------------------------------------------------------
 *
 * report.c
 *	  What a worker tells its supervisor: lines of JSON.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "report.h"

#include "signals.h"
#include "supervisor.h"

void
report_object(cJSON *object)
{
	char	   *line = cJSON_PrintUnformatted(object);

	/* nobody to report to is nobody to work for */
	if (!worker_send_report(line))
		stop_request();
	cJSON_free(line);
	cJSON_Delete(object);
}

void
report_state(const char *state, const char *trace)
{
	cJSON	   *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "state", state);
	if (trace != NULL)
		cJSON_AddStringToObject(object, "trace", trace);
	report_object(object);
}

void
report_text(const char *name, const char *text)
{
	cJSON	   *object = cJSON_CreateObject();

	if (text != NULL)
		cJSON_AddStringToObject(object, name, text);
	else
		cJSON_AddNullToObject(object, name);
	report_object(object);
}

void
report_metrics(const Metrics *metrics)
{
	PQExpBufferData text;

	initPQExpBuffer(&text);
	metrics_write_samples(metrics, &text);
	report_text("metrics", text.data);
	termPQExpBuffer(&text);
}
