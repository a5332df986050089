/*-------------------------------------------------------------------------
 *
 * bridge_worker.c
 *	  debezium_bridge_worker: what of the bridge needs libraries of PostgreSQL
 *	  and Kafka.  Started by debezium_bridge, never by hand.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <string.h>

#include "bridge_options.h"
#include "handover.h"
#include "kerberos.h"
#include "log.h"
#include "offset_admin.h"
#include "report.h"
#include "supervisor.h"
#include "validation.h"
#include "worker.h"

int
main(int argc, char **argv)
{
	PQExpBufferData error;
	const char *mode;
	const char *name;

	log_init("debezium_bridge", argc > 2 ? argv[2] : NULL);
	if (argc != 4)
	{
		pg_log_error("debezium_bridge_worker is started by debezium_bridge; try \"debezium_bridge --help\"");
		return EXIT_FAILURE;
	}
	mode = argv[1];
	name = argv[2];
	initPQExpBuffer(&error);
	if (!worker_program_fits("debezium_bridge_worker", argv[3], BRIDGE_VERSION,
							 &error))
	{
		pg_log_error("%s", error.data);
		report_state("FAILED", error.data);
		return EXIT_FAILURE;
	}
	termPQExpBuffer(&error);
	kerberos_spare();
	if (strcmp(mode, "--worker") == 0)
		return worker_main(name);
	if (strcmp(mode, "--store") == 0)
		return store_main();
	if (strcmp(mode, "--validate") == 0)
		return validation_main(name);
	if (strcmp(mode, "--offsets") == 0)
		return offset_admin_main(name);
	if (strcmp(mode, HANDOVER_ADOPT_MODE) == 0)
		return handover_main(HANDOVER_ADOPT, name);
	if (strcmp(mode, HANDOVER_RELEASE_MODE) == 0)
		return handover_main(HANDOVER_RELEASE, name);
	pg_log_error("there is no mode \"%s\"", mode);
	return EXIT_FAILURE;
}
