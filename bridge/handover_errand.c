/*-------------------------------------------------------------------------
 *
 * handover_errand.c
 *	  Takes a connector over from Debezium, and gives it back: the asking.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "handover_errand.h"

#include <cjson/cJSON.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "log.h"
#include "loop.h"
#include "signals.h"
#include "supervisor.h"

bool
handover_run(Handover direction, const Properties *worker,
			 const Properties *connector)
{
	cJSON	   *object = cJSON_CreateObject();
	WorkerProcess process;
	char	   *line;
	int			status = 0;
	bool		asked = false;

	worker_init(&process);
	cJSON_AddItemToObject(object, "worker", properties_to_json(worker));
	cJSON_AddItemToObject(object, "connector", properties_to_json(connector));
	line = cJSON_PrintUnformatted(object);
	if (!worker_start(&process, direction == HANDOVER_ADOPT ?
					  HANDOVER_ADOPT_MODE : HANDOVER_RELEASE_MODE,
					  properties_get(connector, "name"), line))
		status = -1;
	cJSON_free(line);
	cJSON_Delete(object);
	while (status == 0 && !worker_reap(&process, &status))
	{
		struct pollfd waits[] = {
			{.fd = process.report_fd,.events = POLLIN},
			{.fd = signals_fd(),.events = POLLIN},
		};

		/* what it reports is in the log, too */
		while ((line = worker_report(&process)) != NULL)
			pg_free(line);
		if (stop_requested() && !asked)
			worker_signal(&process, SIGTERM);
		asked = stop_requested();
		if (poll(waits, lengthof(waits), LOOP_DUTY_MS / 10) > 0 && waits[1].revents != 0)
			signals_drain();
	}
	termPQExpBuffer(&process.reports);
	if (status > 0 && WIFSIGNALED(status))
	{
		line = worker_status_text(status);
		pg_log_error("the handover ended with %s; it can be tried again", line);
		pg_free(line);
	}
	return status == 0;
}
