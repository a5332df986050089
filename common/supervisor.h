/*-------------------------------------------------------------------------
 *
 * supervisor.h
 *	  Worker processes: a program of their own, started by fork and exec, told
 *	  what to do on its standard input and reporting on a pipe.
 *
 * NOTES
 *	  A supervisor serves HTTP and is linked to no database's or broker's
 *	  library: what can block, crash or leak lives in workers, and the pages
 *	  of OpenSSL, Kerberos and the like, megabytes in each process that loads
 *	  them, do too.  Threads of a library never cross a fork, since the child
 *	  execs at once.
 *
 *	  Between the two:
 *		- stdin of the worker: one line of JSON, its configuration (secrets
 *		  never stand in a command line), then more lines as commands; end
 *		  of file tells the worker that its supervisor is gone: it stops.
 *		- descriptor WORKER_REPORT_FD: lines of JSON, reports.
 *		- stderr is shared: the log.
 *
 *	  The child gets SIGTERM if the supervisor dies (PR_SET_PDEATHSIG), so
 *	  no worker outlives it, not even after kill -9.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include "must_check.h"

#define WORKER_REPORT_FD	3

typedef struct WorkerProcess
{
	pid_t		pid;			/* 0: not running */
	int			command_fd;		/* -1: closed */
	int			report_fd;		/* for poll(); -1: closed */
	PQExpBufferData reports;	/* bytes not yet taken as a line */
} WorkerProcess;

/*
 * In the supervisor, once: finds the program that its workers run, beside its
 * own.  "version" is handed over for worker_program_fits(); both texts must
 * stay valid.  False when it is not there.
 */
extern bool worker_program_open(const char *name, const char *version,
								PQExpBuffer error) MUST_CHECK;

/* Goes on as that program, in this process.  Returns, false, on failure only. */
extern bool worker_program_run(char **arguments, PQExpBuffer error) MUST_CHECK;

/*
 * In the worker: is "own" the version that the supervisor has given as its
 * last argument?  Also gives the process the program's name.
 */
extern bool worker_program_fits(const char *name, const char *given,
								const char *own, PQExpBuffer error) MUST_CHECK;

extern void worker_init(WorkerProcess *worker);

/*
 * Starts the program with the arguments "mode", "name" (for ps) and its
 * version, and sends it "configuration" and a newline.  False, error already
 * logged, when that fails.
 */
extern bool worker_start(WorkerProcess *worker, const char *mode,
						 const char *name, const char *configuration) MUST_CHECK;

/* Sends one more line.  False when the worker is gone. */
extern bool worker_command(WorkerProcess *worker, const char *line);

/*
 * Reads what is there without waiting.  Returns the next whole line, to be
 * freed, or NULL when there is none (now); call until NULL.
 */
extern char *worker_report(WorkerProcess *worker);

/* Asks it to stop (SIGTERM), or ends it (SIGKILL). */
extern void worker_signal(WorkerProcess *worker, int signal_number);

/*
 * Has it ended?  Then true, with waitpid()'s status, and the struct is as
 * after worker_init(); reports still in the pipe are lost, so take them
 * first.
 */
extern bool worker_reap(WorkerProcess *worker, int *status);

/* "exit code 1", "signal 9 (Killed)"; for the caller to free. */
extern char *worker_status_text(int status);

/* In the worker: the first line of stdin, to be freed; NULL at end of file. */
extern char *worker_read_configuration(void);

/*
 * In the worker: sends one line to the supervisor.  False when the supervisor
 * is gone.  Never blocks for longer than the pipe is full.
 */
extern bool worker_send_report(const char *line);

#endif							/* SUPERVISOR_H */
