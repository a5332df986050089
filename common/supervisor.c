/*-------------------------------------------------------------------------
 *
 * supervisor.c
 *	  Worker processes: started by fork and exec, reporting on a pipe.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"

#define OWN_PROGRAM "/proc/self/exe"

/* What the workers run. */
static struct
{
	int			fd;				/* -1: worker_program_open() was not called */
	const char *name;
	const char *version;
}			program = {-1, NULL, NULL};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/*
 * It is held open, so that it stays the one of this supervisor where an
 * upgrade replaces the files.
 */
bool
worker_program_open(const char *name, const char *version, PQExpBuffer error)
{
	char		own[MAXPGPATH];
	ssize_t		length = readlink(OWN_PROGRAM, own, sizeof(own) - 1);
	char	   *slash;
	char	   *path;
	int			opened;
	bool		ok;

	Assert(program.fd < 0);
	if (length <= 0)
	{
		appendPQExpBuffer(error, "could not read link \"%s\": %s", OWN_PROGRAM,
						  strerror(errno));
		return false;
	}
	own[length] = '\0';
	slash = strrchr(own, '/');
	path = psprintf("%.*s/%s", (int) (slash - own), own, name);
	opened = open(path, O_PATH | O_CLOEXEC);
	/* above the descriptors that a child sets up */
	if (opened >= 0)
		program.fd = fcntl(opened, F_DUPFD_CLOEXEC, WORKER_REPORT_FD + 1);
	ok = program.fd >= 0 && access(path, X_OK) == 0;
	if (!ok)
		appendPQExpBuffer(error, "could not find program \"%s\", which must be installed beside \"%s\": %s",
						  path, slash + 1, strerror(errno));
	close_fd(&opened);
	program.name = name;
	program.version = version;
	pg_free(path);

	/*
	 * libpq's LDAP library brings GnuTLS along, whose start takes a megabyte
	 * in each process; the library starts it itself when it needs it.
	 */
	(void) setenv("GNUTLS_NO_IMPLICIT_INIT", "1", 0);
	return ok;
}

bool
worker_program_run(char **arguments, PQExpBuffer error)
{
	fflush(NULL);
	fexecve(program.fd, arguments, environ);
	appendPQExpBuffer(error, "could not execute program \"%s\": %s",
					  program.name, strerror(errno));
	return false;
}

void
worker_init(WorkerProcess *worker)
{
	worker->pid = 0;
	worker->command_fd = -1;
	worker->report_fd = -1;
	initPQExpBuffer(&worker->reports);
}

/* In the child: never returns. */
static void
worker_exec(int command_fd, int report_fd, const char *mode,
			const char *name, pid_t supervisor)
{
	char	   *arguments[] = {(char *) program.name, (char *) mode,
	(char *) name, (char *) program.version, NULL};

	/* the signal is lost if the supervisor died before this call */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != supervisor)
		_exit(127);
	/* dup2() of a descriptor onto itself would keep its close-on-exec flag */
	if (report_fd == STDIN_FILENO || command_fd == WORKER_REPORT_FD)
		_exit(127);
	if (dup2(command_fd, STDIN_FILENO) < 0)
		_exit(127);
	if (report_fd == WORKER_REPORT_FD)
		fcntl(report_fd, F_SETFD, 0);
	else if (dup2(report_fd, WORKER_REPORT_FD) < 0)
		_exit(127);
	fexecve(program.fd, arguments, environ);
	_exit(127);
}

/* A pipe whose ends are above the descriptors that the child sets up. */
static bool
make_pipe(int ends[2])
{
	int			made[2];

	if (pipe2(made, O_CLOEXEC) != 0)
		return false;
	for (int i = 0; i < 2; i++)
	{
		ends[i] = fcntl(made[i], F_DUPFD_CLOEXEC, WORKER_REPORT_FD + 1);
		close(made[i]);
	}
	if (ends[0] >= 0 && ends[1] >= 0)
		return true;
	close_fd(&ends[0]);
	close_fd(&ends[1]);
	return false;
}

bool
worker_start(WorkerProcess *worker, const char *mode, const char *name,
			 const char *configuration)
{
	int			commands[2] = {-1, -1};
	int			reports[2] = {-1, -1};
	pid_t		supervisor = getpid();
	pid_t		pid;

	Assert(worker->pid == 0 && program.fd >= 0);
	if (!make_pipe(commands) || !make_pipe(reports))
	{
		pg_log_error("could not create pipe for \"%s\": %s", name, strerror(errno));
		goto failed;
	}
	fflush(NULL);
	pid = fork();
	if (pid < 0)
	{
		pg_log_error("could not start process for \"%s\": %s", name, strerror(errno));
		goto failed;
	}
	if (pid == 0)
		worker_exec(commands[0], reports[1], mode, name, supervisor);

	close_fd(&commands[0]);
	close_fd(&reports[1]);
	fcntl(reports[0], F_SETFL, O_NONBLOCK);
	worker->pid = pid;
	worker->command_fd = commands[1];
	worker->report_fd = reports[0];
	resetPQExpBuffer(&worker->reports);
	/* a worker that ended at once is seen by worker_reap() */
	(void) worker_command(worker, configuration);
	return true;

failed:
	close_fd(&commands[0]);
	close_fd(&commands[1]);
	close_fd(&reports[0]);
	close_fd(&reports[1]);
	return false;
}

/* Writes all, waiting for a full pipe to empty; false when nobody reads. */
static bool
write_line(int fd, const char *line)
{
	PQExpBufferData text;
	size_t		done = 0;
	bool		whole;

	initPQExpBuffer(&text);
	appendPQExpBufferStr(&text, line);
	appendPQExpBufferChar(&text, '\n');
	while (done < text.len)
	{
		ssize_t		written = write(fd, text.data + done, text.len - done);

		if (written > 0)
			done += written;
		else if (errno == EAGAIN)
		{
			struct pollfd wait = {.fd = fd,.events = POLLOUT};

			poll(&wait, 1, -1);
		}
		else if (errno != EINTR)
			break;
	}
	whole = done == text.len;
	termPQExpBuffer(&text);
	return whole;
}

bool
worker_command(WorkerProcess *worker, const char *line)
{
	return worker->command_fd >= 0 && write_line(worker->command_fd, line);
}

char *
worker_report(WorkerProcess *worker)
{
	char		block[65536];
	char	   *line_end;
	char	   *line;
	ssize_t		got;

	while ((line_end = memchr(worker->reports.data, '\n',
							  worker->reports.len)) == NULL)
	{
		if (worker->report_fd < 0)
			return NULL;
		got = read(worker->report_fd, block, sizeof(block));
		if (got > 0)
			appendBinaryPQExpBuffer(&worker->reports, block, got);
		else if (got == 0)
			close_fd(&worker->report_fd);
		else if (errno != EINTR)
			return NULL;
	}
	*line_end = '\0';
	line = pg_strdup(worker->reports.data);
	worker->reports.len -= line_end + 1 - worker->reports.data;
	memmove(worker->reports.data, line_end + 1, worker->reports.len + 1);
	return line;
}

void
worker_signal(WorkerProcess *worker, int signal_number)
{
	if (worker->pid > 0)
		kill(worker->pid, signal_number);
}

bool
worker_reap(WorkerProcess *worker, int *status)
{
	if (worker->pid == 0 || waitpid(worker->pid, status, WNOHANG) != worker->pid)
		return false;
	close_fd(&worker->command_fd);
	close_fd(&worker->report_fd);
	resetPQExpBuffer(&worker->reports);
	worker->pid = 0;
	return true;
}

char *
worker_status_text(int status)
{
	if (WIFEXITED(status))
		return psprintf("exit code %d", WEXITSTATUS(status));
	if (WIFSIGNALED(status))
		return psprintf("signal %d (%s)", WTERMSIG(status),
						strsignal(WTERMSIG(status)));
	return psprintf("status %d", status);
}

bool
worker_program_fits(const char *name, const char *given, const char *own,
					PQExpBuffer error)
{
	/* execution by descriptor leaves the descriptor's number as the name */
	(void) prctl(PR_SET_NAME, name);
	if (strcmp(given, own) == 0)
		return true;
	appendPQExpBuffer(error, "program \"%s\" is of version %s, but was started by one of version %s; install both from the same build",
					  name, own, given);
	return false;
}

/*
 * Byte by byte: what stands behind the line are commands, which must stay in
 * the pipe for whoever reads them next.
 */
char *
worker_read_configuration(void)
{
	PQExpBufferData text;
	char		c;
	ssize_t		got;
	char	   *line = NULL;

	/* what the worker starts in turn must not keep the report pipe open */
	fcntl(WORKER_REPORT_FD, F_SETFD, FD_CLOEXEC);
	initPQExpBuffer(&text);
	for (;;)
	{
		got = read(STDIN_FILENO, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		if (c == '\n')
		{
			line = pg_strdup(text.data);
			break;
		}
		appendPQExpBufferChar(&text, c);
	}
	termPQExpBuffer(&text);
	return line;
}

bool
worker_send_report(const char *line)
{
	return write_line(WORKER_REPORT_FD, line);
}
