/*-------------------------------------------------------------------------
 *
 * session.h
 *	  Sessions in the source database: connecting and asking without being
 *	  deaf to signals meanwhile.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef SESSION_H
#define SESSION_H

#include "postgres_fe.h"

#include <libpq-fe.h>

#include "connector_config.h"
#include "failure.h"

/* Called every second while a query runs; may be NULL. */
typedef void (*SessionWatch) (void *arg);

/*
 * Opens a session, one for replication commands (and SQL) where
 * "replication".  NULL on failure.  To be closed by PQfinish().  Of several
 * servers, database.hostname and those of database.failover.hosts, it is on the
 * first one that is the primary and takes it.
 */
extern PGconn *session_open(const ConnectorConfig *config, bool replication,
							Failure *failure) MUST_CHECK;

/*
 * Runs one command and returns its result, of status "expected"; else NULL,
 * with "attempt" naming what failed.  When a stop is asked for, the command
 * is cancelled.
 */
extern PGresult *session_query(PGconn *session, const ConnectorConfig *config,
							   const char *sql, ExecStatusType expected,
							   const char *attempt, SessionWatch watch,
							   void *arg, Failure *failure) MUST_CHECK;

/* Same for a command whose result does not matter. */
extern bool session_command(PGconn *session, const ConnectorConfig *config,
							const char *sql, const char *attempt,
							Failure *failure) MUST_CHECK;

/* Limits meant for users' sessions would end a snapshot or a slot. */
extern bool session_lift_limits(PGconn *session, const ConnectorConfig *config,
								Failure *failure) MUST_CHECK;

/* Asks the server to end what the session is doing; its result says so. */
extern void session_cancel(PGconn *session);

/* Appends text as an SQL literal or identifier of this session. */
extern void append_literal(PQExpBuffer sql, PGconn *session, const char *text);
extern void append_identifier(PQExpBuffer sql, PGconn *session,
							  const char *name);

#endif							/* SESSION_H */
