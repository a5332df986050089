/*-------------------------------------------------------------------------
 *
 * lease.h
 *	  The right to run a connector: only one of several bridges has it.
 *
 * NOTES
 *	  It is a session advisory lock in the source database, on the name of
 *	  the slot.  The database that the changes come from decides, so a bridge
 *	  that is cut off from it loses the right together with the stream, and
 *	  no third party (a Kafka consumer group, as Kafka Connect's workers are
 *	  one) has to agree, nor a join to be waited for at every start.  The
 *	  slot itself allows one reader only, but not while a snapshot is taken.
 *
 *	  The lock is held by the session for queries, not by the walsender: one
 *	  whose process is stopped is ended by wal_sender_timeout while what it
 *	  has queued for Kafka may still be sent.  This session lives as long as
 *	  the process and its machine do.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEASE_H
#define LEASE_H

#include "postgres_fe.h"

#include <libpq-fe.h>

#include "connector_config.h"
#include "failure.h"

/*
 * Waits until this session has the right; meanwhile the task is reported as
 * UNASSIGNED, with who has it.
 */
extern bool lease_take(PGconn *session, const ConnectorConfig *config,
					   Failure *failure) MUST_CHECK;

/* Is the session that holds it still there?  Does not wait. */
extern bool lease_check(PGconn *session, const ConnectorConfig *config,
						Failure *failure) MUST_CHECK;

#endif							/* LEASE_H */
