/*-------------------------------------------------------------------------
 *
 * errand.h
 *	  Questions that the supervisor cannot answer itself, since that takes a
 *	  database or a broker: each is given to a short-lived process.
 *
 * NOTES
 *	  The process is the same binary.  It gets the question as a line of JSON
 *	  on its standard input, writes its answer as another one to the report
 *	  pipe, and ends.  One that takes too long is killed.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ERRAND_H
#define ERRAND_H

#include "postgres_fe.h"

#include <cjson/cJSON.h>
#include <poll.h>

/* So many processes run at once; more questions wait. */
#define ERRANDS_AT_ONCE		8

/* "answer" is NULL when there is none, and "error" says why. */
typedef void (*ErrandDone) (const cJSON *answer, const char *error, void *arg);

typedef struct Errands Errands;

extern Errands *errands_new(void);

/* Ends all processes; their callers are told that the bridge is stopping. */
extern void errands_free(Errands *errands);

/*
 * Starts one: "mode" and "name" are the process's arguments.  Takes over
 * "question".  "done" is called once, from errands_tick() or errands_free().
 */
extern void errand_start(Errands *errands, const char *mode,
						 const char *name, cJSON *question, int64 timeout_ms,
						 ErrandDone done, void *arg);

/*
 * Takes answers, starts what waits, ends what takes too long.  Returns how
 * many milliseconds may pass until the next call, if nothing else happens.
 */
extern int	errands_tick(Errands *errands);

/* Fills in what to wait for; returns how many, up to ERRANDS_AT_ONCE. */
extern int	errands_fds(const Errands *errands, struct pollfd *waits);

#endif							/* ERRAND_H */
