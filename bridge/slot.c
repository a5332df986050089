/*-------------------------------------------------------------------------
 *
 * slot.c
 *	  The replication slot: looking at it, making it, dropping it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "slot.h"

#include <string.h>

#include "log.h"
#include "session.h"

/* Of the slot that is made for a snapshot alone */
#define TEMPORARY_SUFFIX "_snapshot"

bool
lsn_read(const char *text, XLogRecPtr *lsn)
{
	unsigned	high;
	unsigned	low;

	if (sscanf(text, "%X/%X", &high, &low) != 2)
		return false;
	*lsn = (uint64) high << 32 | low;
	return true;
}

bool
lsn_query(PGconn *session, const ConnectorConfig *config, const char *sql,
		  XLogRecPtr *lsn, Failure *failure)
{
	PGresult   *result = session_query(session, config, sql, PGRES_TUPLES_OK,
									   "could not read the WAL position", NULL,
									   NULL, failure);
	bool		ok;

	if (result == NULL)
		return false;
	ok = lsn_read(PQgetvalue(result, 0, 0), lsn);
	PQclear(result);
	return ok || failure_set(failure, FAILURE_STOP,
							 "could not read the WAL position");
}

/* Refuses a slot that is not ours; row 0 as slot_lookup() asked for it. */
static bool
check_slot(const PGresult *row, const ConnectorConfig *config,
		   Failure *failure)
{
	const char *plugin = PQgetvalue(row, 0, 0);
	const char *database = PQgetvalue(row, 0, 1);

	if (*plugin == '\0')
	{
		failure_set(failure, FAILURE_STOP,
					"replication slot \"%s\" is a physical one",
					config->slot_name);
		failure_hint(failure, "Set slot.name to a name of its own.");
	}
	else if (strcmp(plugin, SLOT_PLUGIN) != 0)
	{
		failure_set(failure, FAILURE_STOP,
					"replication slot \"%s\" is of plugin \"%s\", not of %s",
					config->slot_name, plugin, SLOT_PLUGIN);
		failure_hint(failure,
					 "A slot cannot change its plugin. If Debezium has left it, stop Debezium for good and run debezium_bridge --adopt=CONNECTOR.json with the worker's properties, or set adopt.slots=true there: the slot is taken over, and the stream goes on where it was. Or set slot.name to a new name, or drop the slot with SELECT pg_drop_replication_slot('%s'); then a new one is made, after a snapshot according to snapshot.mode, and changes that were not read from the old one come with the snapshot only.",
					 config->slot_name);
	}
	else if (strcmp(database, config->database) != 0)
	{
		failure_set(failure, FAILURE_STOP,
					"replication slot \"%s\" is of database \"%s\", not of \"%s\"",
					config->slot_name, database, config->database);
		failure_hint(failure, "Set slot.name to a name of its own.");
	}
	else
		return true;
	return false;
}

bool
slot_lookup(PGconn *session, const ConnectorConfig *config, SlotInfo *info,
			Failure *failure)
{
	PQExpBufferData sql;
	PGresult   *result;
	bool		ok = true;

	memset(info, 0, sizeof(*info));
	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql,
						 "SELECT coalesce(plugin, ''), coalesce(database, ''), "
						 "coalesce(confirmed_flush_lsn, '0/0'), coalesce(wal_status, '') = 'lost', "
	/* columns that came with 16 and 17 */
						 "coalesce(s.row ->> 'conflicting', 'false') = 'true', "
						 "coalesce(s.row ->> 'invalidation_reason', '') "
						 "FROM pg_catalog.pg_replication_slots r, "
						 "LATERAL (SELECT pg_catalog.to_jsonb(r) AS row) s WHERE slot_name = ");
	append_literal(&sql, session, config->slot_name);
	result = session_query(session, config, sql.data, PGRES_TUPLES_OK,
						   "could not look up the replication slot", NULL, NULL,
						   failure);
	termPQExpBuffer(&sql);
	if (result == NULL)
		return false;
	if (PQntuples(result) > 0)
	{
		ok = check_slot(result, config, failure);
		info->exists = true;
		if (!lsn_read(PQgetvalue(result, 0, 2), &info->confirmed_lsn))
			info->confirmed_lsn = InvalidXLogRecPtr;
		strlcpy(info->reason, PQgetvalue(result, 0, 5), sizeof(info->reason));
		info->lost = *PQgetvalue(result, 0, 3) == 't' ||
			*PQgetvalue(result, 0, 4) == 't' || info->reason[0] != '\0';
	}
	PQclear(result);
	return ok;
}

/* What creating a slot waits for is asked on a session beside it. */
typedef struct SlotWatch
{
	PGconn	   *control;
	const ConnectorConfig *config;
	int			pid;			/* of the session that creates the slot */
	SlotWaiting waiting;
	void	   *arg;
} SlotWatch;

static void
slot_watch(void *arg)
{
	SlotWatch  *watch = arg;
	PQExpBufferData text;
	PGresult   *result;
	Failure		ignored;

	initPQExpBuffer(&text);
	failure_init(&ignored);
	appendPQExpBuffer(&text,
					  "SELECT a.pid, a.usename, coalesce(extract(epoch FROM now() - a.xact_start)::bigint, 0), w.transactionid, p.gid "
					  "FROM pg_catalog.pg_locks w "
					  "LEFT JOIN pg_catalog.pg_locks h ON h.locktype = 'transactionid' AND h.transactionid = w.transactionid AND h.granted "
					  "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = h.pid "
					  "LEFT JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = w.transactionid "
					  "WHERE w.pid = %d AND w.locktype = 'transactionid' AND NOT w.granted",
					  watch->pid);
	result = session_query(watch->control, watch->config, text.data,
						   PGRES_TUPLES_OK, "could not read the locks", NULL,
						   NULL, &ignored);
	if (result != NULL && PQntuples(result) > 0)
	{
		resetPQExpBuffer(&text);
		appendPQExpBuffer(&text, "creating replication slot \"%s\" waits for ",
						  watch->config->slot_name);
		if (!PQgetisnull(result, 0, 4))
			appendPQExpBuffer(&text, "the prepared transaction \"%s\"",
							  PQgetvalue(result, 0, 4));
		else
			appendPQExpBuffer(&text,
							  "a transaction of process %s, user \"%s\", open for %s s",
							  PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1),
							  PQgetvalue(result, 0, 2));
		watch->waiting(text.data, watch->arg);
	}
	PQclear(result);
	failure_free(&ignored);
	termPQExpBuffer(&text);
}

/*
 * Creates a slot of some kind; "snapshot_name" NULL: its snapshot is not
 * wanted.
 */
static bool
create_slot(PGconn *replication, PGconn *control,
			const ConnectorConfig *config, const char *name, bool temporary,
			XLogRecPtr *consistent_point, char **snapshot_name,
			SlotWaiting waiting, void *arg, Failure *failure)
{
	SlotWatch	watch = {control, config, PQbackendPID(replication), waiting, arg};
	bool		options = PQserverVersion(replication) >= 150000;
	bool		failover = config->slot_failover && !temporary;
	PQExpBufferData command;
	PGresult   *result;
	bool		ok;

	initPQExpBuffer(&command);
	appendPQExpBuffer(&command, "CREATE_REPLICATION_SLOT \"%s\" %sLOGICAL %s ",
					  name, temporary ? "TEMPORARY " : "", SLOT_PLUGIN);
	if (failover && PQserverVersion(replication) < 170000)
	{
		pg_log_warning("slot.failover has no effect: it takes PostgreSQL 17, this server is older");
		failover = false;
	}
	if (options)
		appendPQExpBuffer(&command, "(SNAPSHOT '%s'%s)",
						  snapshot_name != NULL ? "export" : "nothing",
						  failover ? ", FAILOVER" : "");
	else
		appendPQExpBufferStr(&command, snapshot_name != NULL ?
							 "EXPORT_SNAPSHOT" : "NOEXPORT_SNAPSHOT");
	result = session_query(replication, config, command.data, PGRES_TUPLES_OK,
						   "could not create the replication slot", slot_watch,
						   &watch, failure);
	termPQExpBuffer(&command);
	if (result == NULL)
		return false;
	ok = PQntuples(result) == 1 && PQnfields(result) >= 3 &&
		lsn_read(PQgetvalue(result, 0, 1), consistent_point);
	if (!ok)
		failure_set(failure, FAILURE_STOP,
					"could not create the replication slot: unexpected answer");
	else if (snapshot_name != NULL)
		*snapshot_name = pg_strdup(PQgetvalue(result, 0, 2));
	PQclear(result);
	return ok;
}

bool
slot_create(PGconn *replication, PGconn *control,
			const ConnectorConfig *config, XLogRecPtr *consistent_point,
			char **snapshot_name, SlotWaiting waiting, void *arg,
			Failure *failure)
{
	if (!create_slot(replication, control, config, config->slot_name, false,
					 consistent_point, snapshot_name, waiting, arg, failure))
		return false;
	pg_log_info("created replication slot \"%s\" at %X/%X", config->slot_name,
				LSN_FORMAT_ARGS(*consistent_point));
	return true;
}

/* A name beside the slot's own; to be freed. */
static char *
temporary_name(const ConnectorConfig *config)
{
	return psprintf("%.*s%s", NAMEDATALEN - 1 - (int) strlen(TEMPORARY_SUFFIX),
					config->slot_name, TEMPORARY_SUFFIX);
}

bool
slot_create_temporary(PGconn *replication, PGconn *control,
					  const ConnectorConfig *config,
					  XLogRecPtr *consistent_point, char **snapshot_name,
					  SlotWaiting waiting, void *arg, Failure *failure)
{
	char	   *name = temporary_name(config);
	bool		ok = create_slot(replication, control, config, name, true,
								 consistent_point, snapshot_name, waiting, arg,
								 failure);

	pg_free(name);
	return ok;
}

bool
slot_drop_temporary(PGconn *replication, const ConnectorConfig *config,
					Failure *failure)
{
	char	   *name = temporary_name(config);
	char	   *command = psprintf("DROP_REPLICATION_SLOT \"%s\"", name);
	bool		ok = session_command(replication, config, command,
									 "could not drop the snapshot's slot",
									 failure);

	pg_free(command);
	pg_free(name);
	return ok;
}

bool
slot_drop(PGconn *session, const ConnectorConfig *config, Failure *failure)
{
	PQExpBufferData sql;
	PGresult   *result;

	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "SELECT pg_catalog.pg_drop_replication_slot(");
	append_literal(&sql, session, config->slot_name);
	appendPQExpBufferChar(&sql, ')');
	result = session_query(session, config, sql.data, PGRES_TUPLES_OK,
						   "could not drop the replication slot", NULL, NULL,
						   failure);
	termPQExpBuffer(&sql);
	PQclear(result);
	return result != NULL;
}

void
slot_discard(PGconn *replication, const ConnectorConfig *config)
{
	PQExpBufferData command;
	PGresult   *result;

	initPQExpBuffer(&command);
	appendPQExpBuffer(&command, "DROP_REPLICATION_SLOT \"%s\"",
					  config->slot_name);
	/* also during a stop, hence not session_query(); it takes no time */
	result = PQexec(replication, command.data);
	if (PQresultStatus(result) == PGRES_COMMAND_OK)
		pg_log_info("dropped replication slot \"%s\", which has not streamed",
					config->slot_name);
	else
		pg_log_warning("could not drop replication slot \"%s\", which has not streamed: %s",
					   config->slot_name, PQerrorMessage(replication));
	PQclear(result);
	termPQExpBuffer(&command);
}
