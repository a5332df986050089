/*-------------------------------------------------------------------------
 *
 * history.h
 *	  The server's timelines: which positions are in its past.
 *
 * NOTES
 *	  A standby that is promoted, and a server that is restored, begin a new
 *	  timeline.  What the old one wrote above the switch point is not in the
 *	  new one's past: such a position means other WAL here, or none yet.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "postgres_fe.h"

#include <libpq-fe.h>

#include "access/xlogdefs.h"

#include "connector_config.h"
#include "failure.h"

/* An earlier timeline, and where the server's past left it. */
typedef struct Ancestor
{
	uint32		timeline;
	XLogRecPtr	end;
} Ancestor;

typedef struct History
{
	uint64		system_identifier;
	uint32		timeline;		/* the server's */
	XLogRecPtr	end;			/* of its WAL, when it was asked */
	Ancestor   *ancestors;
	int			ancestor_count;
} History;

/* Asks a replication session who its server is.  To be freed. */
extern bool history_read(History *history, PGconn *replication,
						 const ConnectorConfig *config, Failure *failure) MUST_CHECK;
extern void history_free(History *history);

/* Adds the ancestors that a timeline history file names. */
extern void history_parse(History *history, const char *file, size_t length);

/*
 * Up to where the server's past has a timeline's WAL; InvalidXLogRecPtr when
 * it has nothing of it.
 */
extern XLogRecPtr history_end(const History *history, uint32 timeline);

#endif							/* HISTORY_H */
