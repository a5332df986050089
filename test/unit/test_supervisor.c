/*-------------------------------------------------------------------------
 *
 * test_supervisor.c
 *	  Unit test of common/supervisor.c: the program is its own worker.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "supervisor.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "log.h"
#include "tap.h"

/* The worker: repeats its configuration, then each command, in capitals. */
static int
worker_main(const char *name)
{
	char	   *line;

	if (strcmp(name, "crash") == 0)
		return 7;
	while ((line = worker_read_configuration()) != NULL)
	{
		for (char *p = line; *p; p++)
			*p = pg_toupper((unsigned char) *p);
		if (!worker_send_report(line))
			return 1;
		pg_free(line);
	}
	return 0;
}

/* Waits for the next report; NULL when the pipe was closed. */
static char *
next_report(WorkerProcess *worker)
{
	char	   *line;

	while ((line = worker_report(worker)) == NULL && worker->report_fd >= 0)
	{
		struct pollfd wait = {.fd = worker->report_fd,.events = POLLIN};

		poll(&wait, 1, -1);
	}
	return line;
}

static char *
end_of(WorkerProcess *worker)
{
	int			status;

	while (next_report(worker) != NULL)
		;
	while (!worker_reap(worker, &status))
		poll(NULL, 0, 1);
	return worker_status_text(status);
}

int
main(int argc, char **argv)
{
	WorkerProcess worker;
	PQExpBufferData error;
	PQExpBufferData large;
	char	   *report;

	log_init(argv[0], NULL);
	initPQExpBuffer(&error);
	if (argc == 4 && strcmp(argv[1], "--worker") == 0)
	{
		bool		fits = worker_program_fits(argv[0], argv[3], "7", &error);

		termPQExpBuffer(&error);
		return fits ? worker_main(argv[2]) : 9;
	}

	signal(SIGPIPE, SIG_IGN);
	tap_ok(!worker_program_open("no_such_program", "7", &error) &&
		   strstr(error.data, "/no_such_program\", which must be installed beside \"test_supervisor\": No such file") != NULL,
		   "a program that is not there is told");
	tap_ok(worker_program_open("test_supervisor", "7", &error), "its own is");
	worker_init(&worker);
	tap_ok(worker_start(&worker, "--worker", "echo", "{\"a\":1}"), "starts");
	tap_text(next_report(&worker), "{\"A\":1}", "has its configuration");
	tap_ok(worker_command(&worker, "one") && worker_command(&worker, "two"), "takes commands");
	tap_text(next_report(&worker), "ONE", "reports");
	tap_text(next_report(&worker), "TWO", "line by line");

	initPQExpBuffer(&large);
	for (int i = 0; i < 20000; i++)
		appendPQExpBufferStr(&large, "0123456789");
	tap_ok(worker_command(&worker, large.data), "takes more than a pipe holds");
	report = next_report(&worker);
	tap_ok(report != NULL && strcmp(report, large.data) == 0, "and gives it back whole");
	close(worker.command_fd);
	worker.command_fd = -1;
	tap_text(end_of(&worker), "exit code 0", "ends when its supervisor hangs up");
	tap_number(worker.pid, 0, "and is gone");

	tap_ok(worker_start(&worker, "--worker", "echo", "x"), "starts again");
	tap_text(next_report(&worker), "X", "and works");
	worker_signal(&worker, SIGKILL);
	tap_text(end_of(&worker), "signal 9 (Killed)", "a signal is told");
	tap_ok(worker_start(&worker, "--worker", "crash", "x"), "one that fails");
	tap_text(end_of(&worker), "exit code 7", "has its code told");

	resetPQExpBuffer(&error);
	tap_ok(worker_program_fits("test", "1.0", "1.0", &error), "the same version fits");
	tap_ok(!worker_program_fits("test", "1.1", "1.0", &error), "another does not");
	tap_text(error.data, "program \"test\" is of version 1.0, but was started by one of version 1.1; install both from the same build",
			 "and both are told");
	termPQExpBuffer(&error);
	return tap_done();
}
