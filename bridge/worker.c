/*-------------------------------------------------------------------------
 *
 * worker.c
 *	  A connector's process: runs its task, and tries again what may pass.
 *
 * NOTES
 *	  diagnosis.c says of each error whether it is tried again.  While it is,
 *	  the task stays RUNNING, and its "info" says why it does nothing: as a
 *	  task of Debezium does during its own restarts.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "worker.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "failure.h"
#include "log.h"
#include "loop.h"
#include "providers.h"
#include "report.h"
#include "signals.h"
#include "supervisor.h"
#include "task.h"

/* Pauses between attempts double from the first to the longest. */
#define RETRY_FIRST_MS		500
#define RETRY_LONGEST_MS	30000

/* A line of the supervisor: how much is to be logged. */
static void
on_command(const char *line, void *arg)
{
	cJSON	   *object = cJSON_Parse(line);
	const char *level =
	cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "log"));

	(void) arg;
	if (level != NULL)
		(void) log_set_level_name(level);
	cJSON_Delete(object);
}

ConnectorConfig *
worker_config_read(void)
{
	char	   *line = worker_read_configuration();
	cJSON	   *object = line != NULL ? cJSON_Parse(line) : NULL;
	Properties *worker = properties_new();
	Properties *connector = properties_new();
	ConnectorConfig *config = NULL;
	PQExpBufferData errors;

	initPQExpBuffer(&errors);
	if (line != NULL)
		on_command(line, NULL);
	if (!properties_read_json(worker, cJSON_GetObjectItemCaseSensitive(object, "worker"), &errors) ||
		!properties_read_json(connector, cJSON_GetObjectItemCaseSensitive(object, "connector"), &errors) ||
		!providers_resolve(worker, connector, &errors) ||
		(config = connector_config_read(connector, worker, &errors)) == NULL)
	{
		char	   *text = providers_hide(errors.data);

		pg_log_error("could not read the connector's configuration: %s", text);
		report_state("FAILED", text);
		pg_free(text);
	}
	properties_free(worker);
	properties_free(connector);
	cJSON_Delete(object);
	free(line);
	termPQExpBuffer(&errors);
	return config;
}

/* As failure_line(), without what configuration providers gave. */
static char *
hidden_line(const Failure *failure)
{
	char	   *line = failure_line(failure);
	char	   *hidden = providers_hide(line);

	pg_free(line);
	return hidden;
}

/* Says what failed and when it is tried again, and waits for that. */
static bool
wait_and_retry(const Failure *failure, int64 pause_ms)
{
	char	   *line = hidden_line(failure);
	char	   *info = psprintf("%s; trying again in %.1f s", line,
								(double) pause_ms / 1000);
	int64		until = clock_ms() + pause_ms;
	bool		go_on = true;

	pg_log_warning("%s", info);
	report_text("info", info);
	while (go_on && clock_ms() < until)
		go_on = loop_wait(-1, 0, -1, (int) (until - clock_ms()));
	pg_free(line);
	pg_free(info);
	return go_on;
}

/* Runs the task until a stop is asked for, or something else must be done. */
static bool
run_task(const ConnectorConfig *config, Metrics *metrics, Failure *failure)
{
	double	   *attempts = metrics_sample(metrics, METRIC_ATTEMPTS, NULL);
	int64		pause_ms = RETRY_FIRST_MS;
	int64		few = 0;

	for (;;)
	{
		*attempts += 1;
		failure_reset(failure);
		if (task_run(config, metrics, failure))
		{
			pause_ms = RETRY_FIRST_MS;
			few = 0;
		}
		report_metrics(metrics);
		if (failure->kind == FAILURE_ORDERED)
			return true;
		if (failure->kind == FAILURE_AGAIN)
			continue;
		if (failure->kind == FAILURE_STOP ||
			(failure->kind == FAILURE_RETRY_FEW &&
			 few++ >= config->slot_retries))
			return false;
		if (!wait_and_retry(failure, pause_ms))
			return true;
		pause_ms = Min(pause_ms * 2, failure->kind == FAILURE_RETRY_FEW ?
					   config->slot_retry_delay_ms : RETRY_LONGEST_MS);
	}
}

void
worker_log_failure(const Failure *failure)
{
	char	   *line = hidden_line(failure);
	char	   *trace = providers_hide(failure->text.data);

	pg_log_error("%s", line);
	report_state("FAILED", trace);
	pg_free(trace);
	pg_free(line);
}

int
worker_main(const char *name)
{
	ConnectorConfig *config;
	Metrics    *metrics;
	Failure		failure;
	bool		ok;

	log_init("debezium_bridge", name);
	signals_init();
	config = worker_config_read();
	if (config == NULL)
		return EXIT_FAILURE;
	loop_set_command(on_command, NULL);
	connector_config_log(config);
	metrics = metrics_new(bridge_metrics);
	failure_init(&failure);
	report_state("RUNNING", NULL);
	ok = run_task(config, metrics, &failure);
	if (!ok)
		worker_log_failure(&failure);
	failure_free(&failure);
	metrics_free(metrics);
	connector_config_free(config);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
