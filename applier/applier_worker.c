/*-------------------------------------------------------------------------
 *
 * applier_worker.c
 *	  debezium_applier_worker: what of the applier needs libraries of
 *	  PostgreSQL and Kafka.  Started by debezium_applier, never by hand.
 *
 * NOTES
 *	  debezium_applier_worker --worker PIPELINE VERSION	runs it, see job.h
 *	  debezium_applier_worker --explain|--check FILE...
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "consumer_check.h"
#include "explain.h"
#include "job.h"
#include "kerberos.h"
#include "log.h"
#include "pipeline.h"
#include "signals.h"
#include "supervisor.h"
#include "target.h"

/* Asks the target and Kafka whether the pipeline could run. */
static bool
inspect_servers(const char *file, const Pipeline *pipeline)
{
	Target	   *target = target_new(pipeline);
	PQExpBufferData text;
	PQExpBufferData error;
	bool		writable;
	bool		readable;

	initPQExpBuffer(&text);
	initPQExpBuffer(&error);
	writable = target_connect(target, &error) == OUTCOME_DONE;
	if (!writable)
		pg_log_error("%s: %s", file, error.data);
	else
		printf(pipeline->conninfo != NULL ?
			   "%s: pipeline \"%s\" can write to its target\n" :
			   "%s: pipeline \"%s\" has no target, its rows are shown or forgotten\n",
			   file, pipeline->name);
	target_free(target);

	resetPQExpBuffer(&error);
	readable = consumer_check(pipeline, &text, &error);
	for (char *line = text.data, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
		printf("%s: %.*s\n", file, (int) (end - line), line);
	if (!readable)
		pg_log_error("%s: %s", file, error.data);
	fflush(stdout);
	termPQExpBuffer(&text);
	termPQExpBuffer(&error);
	return writable && readable;
}

/* Reads all scripts; then prints their SQL, or asks their servers. */
static int
inspect(char **files, int count, bool check)
{
	int			status = 0;

	signals_init();
	for (int i = 0; i < count; i++)
	{
		PQExpBufferData text;
		Pipeline   *pipeline;

		initPQExpBuffer(&text);
		pipeline = pipeline_read(files[i], &text);
		if (pipeline == NULL)
		{
			pg_log_error("%s", text.data);
			status = 1;
		}
		else if (check)
		{
			if (!inspect_servers(files[i], pipeline))
				status = 1;
		}
		else
		{
			pipeline_explain(pipeline, &text);
			target_explain(pipeline, &text);
			fputs(text.data, stdout);
		}
		termPQExpBuffer(&text);
	}
	return status;
}

int
main(int argc, char **argv)
{
	bool		worker = argc == 4 && strcmp(argv[1], "--worker") == 0;
	bool		check = argc > 2 && strcmp(argv[1], "--check") == 0;
	PQExpBufferData error;

	log_init("debezium_applier", worker ? argv[2] : NULL);
	level_read();
	kerberos_spare();
	if (check || (argc > 2 && strcmp(argv[1], "--explain") == 0))
		return inspect(argv + 2, argc - 2, check);
	if (!worker)
	{
		pg_log_error("debezium_applier_worker is started by debezium_applier; try \"debezium_applier --help\"");
		return 1;
	}
	initPQExpBuffer(&error);
	if (!worker_program_fits("debezium_applier_worker", argv[3], APPLIER_VERSION, &error))
		return worker_hopeless(error.data);
	termPQExpBuffer(&error);
	return worker_main();
}
