/*-------------------------------------------------------------------------
 *
 * lease.c
 *	  The right to run a connector: only one of several bridges has it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "lease.h"

#include "log.h"
#include "loop.h"
#include "report.h"
#include "session.h"

/* One that waits asks this often: a second bridge shall take over at once. */
#define RETRY_MS		500

/* The first number of the lock's two, so that nobody else has it: "dbzm". */
#define LOCK_CLASS		"1684175469"

/*
 * A bridge whose machine is gone sends nothing any more; its server then
 * finds out within 5 + 2 * 5 seconds, and releases the lock.
 */
static const char *const settings[] = {
	"SET tcp_keepalives_idle = 5",
	"SET tcp_keepalives_interval = 5",
	"SET tcp_keepalives_count = 2",
};

static void
append_lock(PQExpBuffer sql, PGconn *session, const ConnectorConfig *config)
{
	appendPQExpBufferStr(sql, "pg_catalog.hashtext(");
	append_literal(sql, session, config->slot_name);
	appendPQExpBufferChar(sql, ')');
}

static bool
try_lock(PGconn *session, const ConnectorConfig *config, bool *locked,
		 Failure *failure)
{
	PQExpBufferData sql;
	PGresult   *result;

	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql,
						 "SELECT pg_catalog.pg_try_advisory_lock(" LOCK_CLASS ", ");
	append_lock(&sql, session, config);
	appendPQExpBufferChar(&sql, ')');
	result = session_query(session, config, sql.data, PGRES_TUPLES_OK,
						   "could not ask for the right to run the connector",
						   NULL, NULL, failure);
	termPQExpBuffer(&sql);
	if (result == NULL)
		return false;
	*locked = *PQgetvalue(result, 0, 0) == 't';
	PQclear(result);
	return true;
}

/* Reports who has it. */
static bool
report_holder(PGconn *session, const ConnectorConfig *config, Failure *failure)
{
	PQExpBufferData sql;
	PGresult   *result;

	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql,
						 "SELECT a.pid, a.application_name, coalesce(a.client_addr::text, 'local'), "
						 "pg_catalog.to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SSOF') "
						 "FROM pg_catalog.pg_locks l "
						 "JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database() "
						 "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid "
						 "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 "
						 "AND l.classid = " LOCK_CLASS "::oid AND l.objid::int8 = ");
	append_lock(&sql, session, config);
	appendPQExpBufferStr(&sql, "::int8 & 4294967295");
	result = session_query(session, config, sql.data, PGRES_TUPLES_OK,
						   "could not read the locks", NULL, NULL, failure);
	if (result == NULL)
	{
		termPQExpBuffer(&sql);
		return false;
	}
	resetPQExpBuffer(&sql);
	appendPQExpBuffer(&sql, "slot \"%s\" is served by another bridge",
					  config->slot_name);
	if (PQntuples(result) > 0)
		appendPQExpBuffer(&sql, ": server process %s of \"%s\" at %s, connected at %s",
						  PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1),
						  PQgetvalue(result, 0, 2), PQgetvalue(result, 0, 3));
	appendPQExpBufferStr(&sql, "; this one waits to take over");
	PQclear(result);
	pg_log_info("%s", sql.data);
	report_state("UNASSIGNED", NULL);
	report_text("info", sql.data);
	termPQExpBuffer(&sql);
	return true;
}

bool
lease_take(PGconn *session, const ConnectorConfig *config, Failure *failure)
{
	bool		locked;
	bool		waited = false;

	for (size_t i = 0; i < lengthof(settings); i++)
	{
		if (!session_command(session, config, settings[i],
							 "could not prepare the session", failure))
			return false;
	}
	for (;;)
	{
		int64		until = clock_ms() + RETRY_MS;

		if (!try_lock(session, config, &locked, failure))
			return false;
		if (locked)
			break;
		if (!waited && !report_holder(session, config, failure))
			return false;
		waited = true;
		while (clock_ms() < until)
		{
			if (!loop_wait(-1, 0, -1, (int) (until - clock_ms())))
				return failure_ordered(failure);
		}
	}
	if (waited)
	{
		pg_log_info("taking over slot \"%s\"", config->slot_name);
		report_state("RUNNING", NULL);
	}
	return true;
}

bool
lease_check(PGconn *session, const ConnectorConfig *config, Failure *failure)
{
	if (PQconsumeInput(session) && PQstatus(session) == CONNECTION_OK)
		return true;
	return failure_from_connection(failure, config, session,
								   "lost the session that holds the right to run the connector");
}
