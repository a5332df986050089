/*-------------------------------------------------------------------------
 *
 * loop.c
 *	  The worker's waiting: on a socket and, always, on signals, on the
 *	  supervisor and on what must go on meanwhile.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "loop.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "pqexpbuffer.h"
#include "signals.h"

static LoopDuty loop_duty = NULL;
static void *loop_duty_arg = NULL;
static LoopCommand loop_command = NULL;
static void *loop_command_arg = NULL;
static PQExpBufferData commands;	/* bytes not yet taken as a line */

int64
clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64
clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
loop_set_duty(LoopDuty duty, void *arg)
{
	loop_duty = duty;
	loop_duty_arg = arg;
}

void
loop_set_command(LoopCommand command, void *arg)
{
	loop_command = command;
	loop_command_arg = arg;
	initPQExpBuffer(&commands);
}

/* The supervisor's pipe: commands, and its end. */
static void
read_supervisor(void)
{
	char		bytes[8192];
	ssize_t		got = read(STDIN_FILENO, bytes, sizeof(bytes));
	char	   *line;
	char	   *end;

	if (got == 0)
		stop_request();
	if (got <= 0 || loop_command == NULL)
		return;
	appendBinaryPQExpBuffer(&commands, bytes, got);
	for (line = commands.data; (end = strchr(line, '\n')) != NULL; line = end + 1)
	{
		*end = '\0';
		loop_command(line, loop_command_arg);
	}
	commands.len -= line - commands.data;
	memmove(commands.data, line, commands.len + 1);
}

/* Waits for descriptors, of which signals and the supervisor are the first. */
static bool
wait_for(struct pollfd *waits, nfds_t count, int64 timeout_us)
{
	struct timespec timeout = {
		.tv_sec = timeout_us / 1000000,
		.tv_nsec = timeout_us % 1000000 * 1000
	};
	int			ready;

	waits[0] = (struct pollfd)
	{
		.fd = signals_fd(),.events = POLLIN
	};
	waits[1] = (struct pollfd)
	{
		.fd = STDIN_FILENO,.events = POLLIN
	};
	if (loop_duty != NULL)
		loop_duty(loop_duty_arg);
	if (stop_requested())
		return false;
	ready = ppoll(waits, count, &timeout, NULL);
	if (ready == 0 && timeout_us > 0)
		memory_tidy();
	if (ready > 0)
	{
		if (waits[0].revents != 0)
			signals_drain();
		if (waits[1].revents != 0)
			read_supervisor();
	}
	return !stop_requested();
}

bool
loop_wait(int fd, short events, int other_fd, int timeout_ms)
{
	struct pollfd waits[LOOP_OWN_WAITS + 2] = {
		[LOOP_OWN_WAITS] = {.fd = fd,.events = events},
		[LOOP_OWN_WAITS + 1] = {.fd = other_fd,.events = POLLIN},
	};

	return loop_wait_all(waits, lengthof(waits), timeout_ms);
}

bool
loop_wait_all(struct pollfd *waits, int count, int timeout_ms)
{
	if (timeout_ms < 0 || timeout_ms > LOOP_DUTY_MS)
		timeout_ms = LOOP_DUTY_MS;
	return wait_for(waits, count, (int64) timeout_ms * 1000);
}

bool
loop_rest(int64 us)
{
	struct pollfd waits[LOOP_OWN_WAITS];

	return wait_for(waits, LOOP_OWN_WAITS, us);
}

bool
loop_pass(void)
{
	return loop_wait(-1, 0, -1, 0);
}
