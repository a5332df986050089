/*-------------------------------------------------------------------------
 *
 * failure.h
 *	  Why a connector's task cannot go on, and whether it tries again.
 *
 * Functions of the worker that can fail fill in one Failure, give it on to
 * their caller by returning false, and log nothing; worker.c logs it once
 * and decides by its kind.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef FAILURE_H
#define FAILURE_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>

#include "connector_config.h"

typedef enum FailureKind
{
	FAILURE_NONE,
	FAILURE_RETRY,				/* passes by itself: tried again for ever */
	FAILURE_RETRY_FEW,			/* may pass: tried again slot.max.retries
								 * times, then as FAILURE_STOP */
	FAILURE_STOP,				/* needs somebody: the task is FAILED */
	FAILURE_ORDERED,			/* no failure: a stop was asked for */
	FAILURE_AGAIN				/* no failure: the task begins anew at once */
} FailureKind;

typedef struct Failure
{
	FailureKind kind;
	PQExpBufferData text;		/* message; then lines DETAIL:, HINT: */
} Failure;

extern void failure_init(Failure *failure);
extern void failure_free(Failure *failure);
extern void failure_reset(Failure *failure);

/* Each sets the failure, unless it is set already, and returns false. */
extern bool failure_set(Failure *failure, FailureKind kind,
						const char *format,...) __attribute__((format(printf, 3, 4)));
extern bool failure_ordered(Failure *failure);

/* Adds a line to the failure just set. */
extern void failure_detail(Failure *failure, const char *format,...) __attribute__((format(printf, 2, 3)));
extern void failure_hint(Failure *failure, const char *format,...) __attribute__((format(printf, 2, 3)));

/*
 * What the server or libpq said, "attempt" telling what was tried ("could not
 * create slot"); kind and hint by the table of causes in diagnosis.c.  The
 * result is not cleared.
 */
extern bool failure_from_result(Failure *failure, const ConnectorConfig *config,
								const PGconn *connection,
								const PGresult *result, const char *attempt);
extern bool failure_from_connection(Failure *failure,
									const ConnectorConfig *config,
									const PGconn *connection,
									const char *attempt);

/* The same for librdkafka's errors; "reason" may be NULL. */
extern bool failure_from_kafka(Failure *failure, rd_kafka_resp_err_t error,
							   const char *reason, const char *attempt);

/* The text on one line, for the log.  To be freed. */
extern char *failure_line(const Failure *failure);

#endif							/* FAILURE_H */
