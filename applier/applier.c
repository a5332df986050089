/*-------------------------------------------------------------------------
 *
 * applier.c
 *	  debezium_applier: runs Flink SQL scripts from Kafka to PostgreSQL.
 *	  Options of the supervisor.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "getopt_long.h"

#include "job.h"
#include "log.h"
#include "supervisor.h"

/* Flink's port.  This machine only, as Flink's rest.bind-address. */
#define DEFAULT_LISTEN "localhost:8081"

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
		   "  --check             ask targets and Kafka whether it could run, and exit\n"
		   "  --log-level=LEVEL   debug, info (default), warning or error\n"
		   "  -V, --version       print the version, and exit\n"
		   "  -?, --help          print this, and exit\n");
}

/* --explain and --check: the worker's program does it, in this process. */
static int
inspect(const char *option, char **files, int count)
{
	char	  **arguments = pg_malloc0((count + 3) * sizeof(char *));
	PQExpBufferData error;

	arguments[0] = (char *) "debezium_applier";
	arguments[1] = (char *) option;
	memcpy(arguments + 2, files, count * sizeof(char *));
	initPQExpBuffer(&error);
	if (!worker_program_run(arguments, &error))
		pg_log_error("%s", error.data);
	return 1;
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
	const char *inspection = NULL;
	PQExpBufferData error;
	int			option;

	log_init(argv[0], NULL);
	level_read();
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
				inspection = "--explain";
				break;
			case 'c':
				inspection = "--check";
				break;
			case 'L':
				if (!level_set(optarg))
				{
					pg_log_error("log level must be debug, info, warning or error, not \"%s\"",
								 optarg);
					return 1;
				}
				break;
			case 'V':
				puts("debezium_applier (decoder_debezium) " APPLIER_VERSION);
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
	initPQExpBuffer(&error);
	if (!worker_program_open("debezium_applier_worker", APPLIER_VERSION, &error))
	{
		pg_log_error("%s", error.data);
		return 1;
	}
	termPQExpBuffer(&error);
	if (inspection != NULL)
		return inspect(inspection, argv + optind, argc - optind);
	return jobs_main(listen, argv + optind, argc - optind);
}
