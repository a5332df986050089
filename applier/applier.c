/*-------------------------------------------------------------------------
 *
 * applier.c
 *	  debezium_applier: runs Flink SQL scripts from Kafka to PostgreSQL.
 *	  Options, and which of the program's processes this is.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "getopt_long.h"

#include "applier_metrics.h"
#include "job.h"
#include "log.h"
#include "pipeline.h"
#include "signals.h"
#include "target.h"

/* Flink's port.  This machine only, as Flink's rest.bind-address. */
#define DEFAULT_LISTEN "localhost:8081"

static const double batch_seconds[] = {
	0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 0
};

const MetricFamily applier_metrics[] = {
	[METRIC_UP] = {"debezium_applier_up", METRIC_GAUGE,
	"1 while the pipeline runs, 0 while it starts, waits or has failed", NULL},
	[METRIC_RESTARTS] = {"debezium_applier_worker_restarts_total", METRIC_COUNTER,
	"Times that the pipeline's process ended and was started again", NULL},
	[METRIC_EVENTS] = {"debezium_applier_events_total", METRIC_COUNTER,
	"Events applied, tombstones included, since the pipeline's process started", NULL},
	[METRIC_REJECTED] = {"debezium_applier_events_rejected_total", METRIC_COUNTER,
	"Events that could not be applied and were left out", NULL},
	[METRIC_DEAD_LETTERS] = {"debezium_applier_dead_letters_total", METRIC_COUNTER,
	"Events that were left out and written to the dead letter topic", NULL},
	[METRIC_ROWS] = {"debezium_applier_rows_total", METRIC_COUNTER,
	"Rows written to the target by operation, after folding", NULL},
	[METRIC_BATCHES] = {"debezium_applier_batches_total", METRIC_COUNTER,
	"Transactions committed on the target", NULL},
	[METRIC_BATCH_SECONDS] = {"debezium_applier_batch_seconds", METRIC_HISTOGRAM,
	"Time from sending a batch to its commit", batch_seconds},
	[METRIC_RETRIES] = {"debezium_applier_target_retries_total", METRIC_COUNTER,
	"Failures of the target that were tried again", NULL},
	[METRIC_APPLIED_OFFSET] = {"debezium_applier_applied_offset", METRIC_GAUGE,
	"Next offset to apply; all before it is in the target", NULL},
	[METRIC_LAG_RECORDS] = {"debezium_applier_lag_records", METRIC_GAUGE,
	"Records of the partition that are not applied yet", NULL},
	[METRIC_LAG_SECONDS] = {"debezium_applier_lag_seconds", METRIC_GAUGE,
	"Commit on the source (source.ts_us) to commit on the target, newest event", NULL},
	{NULL, METRIC_GAUGE, NULL, NULL}
};

static void
usage(void)
{
	printf("debezium_applier runs Flink SQL scripts that take events from Kafka to PostgreSQL.\n\n"
		   "Usage:\n"
		   "  debezium_applier [OPTION]... SCRIPT.sql...\n\n"
		   "Options:\n"
		   "  --listen=HOST:PORT  serve jobs, metrics and the console there\n"
		   "                      (default: " DEFAULT_LISTEN "; :8081 means all addresses)\n"
		   "  --explain           print the SQL that would run on the target, and exit\n"
		   "  --check             connect to the targets and check them, and exit\n"
		   "  --log-level=LEVEL   debug, info (default), warning or error\n"
		   "  -V, --version       print the version, and exit\n"
		   "  -?, --help          print this, and exit\n");
}

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
			target_explain(pipeline, &text);
			fputs(text.data, stdout);
		}
		termPQExpBuffer(&text);
	}
	return status;
}

static bool
set_log_level(const char *name)
{
	static const struct
	{
		const char *name;
		enum pg_log_level level;
	}			levels[] = {
		{"debug", PG_LOG_DEBUG}, {"info", PG_LOG_INFO},
		{"warning", PG_LOG_WARNING}, {"error", PG_LOG_ERROR}
	};

	for (size_t i = 0; i < lengthof(levels); i++)
		if (strcmp(levels[i].name, name) == 0)
		{
			log_set_level(levels[i].level);
			/* for the workers */
			setenv("DEBEZIUM_APPLIER_LOG_LEVEL", name, 1);
			return true;
		}
	return false;
}

int
main(int argc, char **argv)
{
	static struct option options[] = {
		{"listen", required_argument, NULL, 'l'},
		{"explain", no_argument, NULL, 'e'},
		{"check", no_argument, NULL, 'c'},
		{"log-level", required_argument, NULL, 'L'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, '?'},
		{NULL, 0, NULL, 0}
	};
	const char *listen = DEFAULT_LISTEN;
	const char *level = getenv("DEBEZIUM_APPLIER_LOG_LEVEL");
	bool		explain = false;
	bool		check = false;
	bool		worker = argc == 3 && strcmp(argv[1], "--worker") == 0;
	int			option;

	log_init(argv[0], worker ? argv[2] : NULL);
	if (level != NULL)
		(void) set_log_level(level);
	if (worker)
		return worker_main();
	/* getopt_long() answers '?' to what it does not know, too */
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-?") == 0)
		{
			usage();
			return 0;
		}
	while ((option = getopt_long(argc, argv, "V", options, NULL)) != -1)
		switch (option)
		{
			case 'l':
				listen = optarg;
				break;
			case 'e':
				explain = true;
				break;
			case 'c':
				check = true;
				break;
			case 'L':
				if (!set_log_level(optarg))
				{
					pg_log_error("log level must be debug, info, warning or error, not \"%s\"",
								 optarg);
					return 1;
				}
				break;
			case 'V':
				puts("debezium_applier (decoder_debezium) 1.0");
				return 0;
			default:
				fprintf(stderr, "Try \"debezium_applier --help\".\n");
				return 1;
		}
	if (optind == argc)
	{
		pg_log_error("no script given");
		fprintf(stderr, "Try \"debezium_applier --help\".\n");
		return 1;
	}
	if (explain || check)
		return inspect(argv + optind, argc - optind, check);
	return jobs_main(listen, argv + optind, argc - optind);
}
