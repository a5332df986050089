/*-------------------------------------------------------------------------
 *
 * signals.h
 *	  Stopping in order: SIGTERM and SIGINT set a flag and wake poll().
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include "postgres_fe.h"

/*
 * Installs the handlers.  A first SIGTERM or SIGINT asks to stop, a second
 * one ends the process at once.  SIGPIPE is ignored, SIGCHLD wakes poll().
 */
extern void signals_init(void);

extern bool stop_requested(void);

/* As if a signal had come, e.g. when the supervisor is gone. */
extern void stop_request(void);

/* Readable after any of the signals, until signals_drain(). */
extern int	signals_fd(void);
extern void signals_drain(void);

#endif							/* SIGNALS_H */
