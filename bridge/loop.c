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

#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "signals.h"

static LoopDuty loop_duty = NULL;
static void *loop_duty_arg = NULL;

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

/* The supervisor's pipe: nothing comes over it but its end. */
static void
read_supervisor(void)
{
	char		bytes[256];

	if (read(STDIN_FILENO, bytes, sizeof(bytes)) == 0)
		stop_request();
}

bool
loop_wait(int fd, short events, int other_fd, int timeout_ms)
{
	struct pollfd waits[4] = {
		{.fd = signals_fd(),.events = POLLIN},
		{.fd = STDIN_FILENO,.events = POLLIN},
		{.fd = fd,.events = events},
		{.fd = other_fd,.events = POLLIN},
	};

	if (loop_duty != NULL)
		loop_duty(loop_duty_arg);
	if (stop_requested())
		return false;
	if (timeout_ms < 0 || timeout_ms > LOOP_DUTY_MS)
		timeout_ms = LOOP_DUTY_MS;
	if (poll(waits, lengthof(waits), timeout_ms) > 0)
	{
		if (waits[0].revents != 0)
			signals_drain();
		if (waits[1].revents != 0)
			read_supervisor();
	}
	return !stop_requested();
}

bool
loop_pass(void)
{
	return loop_wait(-1, 0, -1, 0);
}
