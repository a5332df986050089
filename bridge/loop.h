/*-------------------------------------------------------------------------
 *
 * loop.h
 *	  The worker's waiting: on a socket and, always, on signals, on the
 *	  supervisor and on what must go on meanwhile.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef LOOP_H
#define LOOP_H

#include "postgres_fe.h"

#include <poll.h>

#include "must_check.h"

/* Something that must be called often, e.g. to keep a connection alive. */
typedef void (*LoopDuty) (void *arg);

/* Wall clock, microseconds since 1970-01-01 UTC. */
extern int64 clock_us(void);

/* Milliseconds of a clock that never jumps; for deadlines. */
extern int64 clock_ms(void);

/*
 * Sets what is called whenever the worker waits, at least every
 * LOOP_DUTY_MS; NULL for nothing.
 */
extern void loop_set_duty(LoopDuty duty, void *arg);

#define LOOP_DUTY_MS 1000

/* A line that the supervisor has sent, without its end. */
typedef void (*LoopCommand) (const char *line, void *arg);

/* Sets what is called for each; without it they are passed over. */
extern void loop_set_command(LoopCommand command, void *arg);

/*
 * Waits for "events" of poll() on one or two descriptors (-1: none), for at
 * most "timeout_ms" (-1: for ever; no longer than LOOP_DUTY_MS in one call,
 * so that callers come round).  False when a stop was asked for, by a signal
 * or because the supervisor is gone.
 */
extern bool loop_wait(int fd, short events, int other_fd, int timeout_ms) MUST_CHECK;

/*
 * The same for any number of descriptors: the caller's come behind the first
 * LOOP_OWN_WAITS, which are filled in here; "count" is of all.
 */
extern bool loop_wait_all(struct pollfd *waits, int count, int timeout_ms) MUST_CHECK;

#define LOOP_OWN_WAITS 2

/*
 * Lets work gather for some microseconds, well below a second: waits for
 * signals and the supervisor only.  False as loop_wait().
 */
extern bool loop_rest(int64 us) MUST_CHECK;

/* For callers that block elsewhere for a moment: does the duty, no waiting. */
extern bool loop_pass(void) MUST_CHECK;

#endif							/* LOOP_H */
