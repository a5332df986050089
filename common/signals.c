/*-------------------------------------------------------------------------
 *
 * signals.c
 *	  Stopping in order: SIGTERM and SIGINT set a flag and wake poll().
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "log.h"

static volatile sig_atomic_t stop_signals = 0;
static int	wake_pipe[2] = {-1, -1};

static void
wake(void)
{
	int			save_errno = errno;
	ssize_t		written = write(wake_pipe[1], "", 1);

	(void) written;				/* a full pipe wakes as well */
	errno = save_errno;
}

static void
on_stop(int signal_number)
{
	if (stop_signals++ > 0)
		_exit(128 + signal_number);
	wake();
}

static void
on_child(int signal_number)
{
	(void) signal_number;
	wake();
}

void
signals_init(void)
{
	struct sigaction action = {0};

	if (pipe2(wake_pipe, O_NONBLOCK | O_CLOEXEC) != 0)
		pg_fatal("could not create pipe: %s", strerror(errno));
	sigemptyset(&action.sa_mask);
	action.sa_handler = on_stop;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = on_child;
	action.sa_flags = SA_NOCLDSTOP;
	sigaction(SIGCHLD, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

bool
stop_requested(void)
{
	return stop_signals > 0;
}

void
stop_request(void)
{
	if (stop_signals == 0)
		stop_signals = 1;
	wake();
}

int
signals_fd(void)
{
	return wake_pipe[0];
}

void
signals_drain(void)
{
	char		bytes[64];

	while (read(wake_pipe[0], bytes, sizeof(bytes)) > 0)
		;
}
