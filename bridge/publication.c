/*-------------------------------------------------------------------------
 *
 * publication.c
 *	  The publication that may decide what is captured.
 *
 * NOTES
 *	  The plugin needs none, so one is made only with the mode no_tables: an
 *	  empty one, for somebody to add tables to.  With all_tables and filtered
 *	  Debezium would make one that repeats its lists; here the lists alone do.
 *	  decoder_publication.c says what the plugin does with one that exists.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "publication.h"

#include "log.h"
#include "session.h"

static bool
publication_exists(PGconn *session, const ConnectorConfig *config,
				   const char *name, bool *exists, Failure *failure)
{
	PQExpBufferData sql;
	PGresult   *result;

	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql,
						 "SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = ");
	append_literal(&sql, session, name);
	result = session_query(session, config, sql.data, PGRES_TUPLES_OK,
						   "could not look up the publication", NULL, NULL,
						   failure);
	termPQExpBuffer(&sql);
	*exists = result != NULL && PQntuples(result) > 0;
	PQclear(result);
	return result != NULL;
}

static bool
publication_create(PGconn *session, const ConnectorConfig *config,
				   const char *name, Failure *failure)
{
	PQExpBufferData sql;
	bool		ok;

	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "CREATE PUBLICATION ");
	append_identifier(&sql, session, name);
	if (config->publish_via_root)
		appendPQExpBufferStr(&sql, " WITH (publish_via_partition_root = true)");
	ok = session_command(session, config, sql.data,
						 "could not create the publication", failure);
	termPQExpBuffer(&sql);
	if (ok)
		pg_log_info("created publication \"%s\" without tables, as publication.autocreate.mode \"no_tables\" says: nothing is captured from the stream until tables are added to it",
					name);
	return ok;
}

bool
publication_prepare(PGconn *session, const ConnectorConfig *config,
					Failure *failure)
{
	const char *name = config->publication_name;
	bool		exists;

	if (config->publication_mode == PUBLICATION_FILTERED)
	{
		pg_log_info("no publication is made or needed: the include and exclude lists say what is captured");
		return true;
	}
	if (!publication_exists(session, config, name, &exists, failure))
		return false;
	if (exists)
		pg_log_info("publication \"%s\" exists: of what it publishes, the include and exclude lists say what is captured",
					name);
	else if (config->publication_mode == PUBLICATION_ALL_TABLES)
		pg_log_info("no publication is made or needed: the include and exclude lists say what is captured");
	else if (config->publication_mode == PUBLICATION_NO_TABLES)
		return publication_create(session, config, name, failure);
	else
	{
		failure_set(failure, FAILURE_STOP,
					"publication \"%s\" does not exist, and publication.autocreate.mode \"disabled\" says that it decides what is captured",
					name);
		failure_hint(failure,
					 "Create it with CREATE PUBLICATION and restart the connector; or set publication.autocreate.mode to \"all_tables\" or \"filtered\": then the include and exclude lists decide, and no publication is needed.");
		return false;
	}
	return true;
}
