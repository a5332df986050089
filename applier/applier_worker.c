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

#include "explain.h"
#include "job.h"
#include "log.h"
#include "pipeline.h"
#include "signals.h"
#include "supervisor.h"
#include "target.h"

/* Reads all scripts; then prints their SQL, or asks their targets. */
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
			Target	   *target = target_new(pipeline);

			if (target_connect(target, &text) != OUTCOME_DONE)
			{
				pg_log_error("%s: %s", files[i], text.data);
				status = 1;
			}
			else
				printf(pipeline->conninfo != NULL ?
					   "%s: pipeline \"%s\" can write to its target\n" :
					   "%s: pipeline \"%s\" has no target, its rows are shown or forgotten\n",
					   files[i], pipeline->name);
			target_free(target);
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
