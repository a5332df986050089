/*-------------------------------------------------------------------------
 *
 * session.c
 *	  Sessions in the source database: connecting and asking without being
 *	  deaf to signals meanwhile.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "session.h"

#include <poll.h>

#include "log.h"
#include "loop.h"

/* A server that does not answer at all is given up after this long. */
#define CONNECT_TIMEOUT_MS 15000

/* Properties that are libpq's, under other names. */
static const struct
{
	const char *property;
	const char *keyword;
}			connection_properties[] = {
	{"database.hostname", "host"},
	{"database.port", "port"},
	{"database.user", "user"},
	{"database.password", "password"},
	{"database.dbname", "dbname"},
	{"database.sslmode", "sslmode"},
	{"database.sslcert", "sslcert"},
	{"database.sslkey", "sslkey"},
	{"database.sslpassword", "sslpassword"},
	{"database.sslrootcert", "sslrootcert"},
};

/* Starts the connection; NULL only when out of memory. */
static PGconn *
session_start(const ConnectorConfig *config, bool replication)
{
	const char *keywords[lengthof(connection_properties) + 5];
	const char *values[lengthof(connection_properties) + 5];
	int			count = 0;
	char	   *name = psprintf("debezium_bridge %s", config->name);
	PGconn	   *session;

	for (size_t i = 0; i < lengthof(connection_properties); i++)
	{
		const char *value = properties_get(config->connector,
										   connection_properties[i].property);

		if (value == NULL || *value == '\0')
			continue;
		keywords[count] = connection_properties[i].keyword;
		values[count++] = value;
	}
	keywords[count] = "application_name";
	values[count++] = name;
	keywords[count] = "client_encoding";
	values[count++] = "UTF8";
	keywords[count] = "keepalives_idle";	/* s; the system's 2 h are too
											 * long */
	values[count++] = "30";
	if (replication)
	{
		keywords[count] = "replication";
		values[count++] = "database";
	}
	keywords[count] = NULL;
	values[count] = NULL;
	session = PQconnectStartParams(keywords, values, 0);
	pg_free(name);
	return session;
}

PGconn *
session_open(const ConnectorConfig *config, bool replication,
			 Failure *failure)
{
	PGconn	   *session = session_start(config, replication);
	int64		deadline = clock_ms() + CONNECT_TIMEOUT_MS;
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;
	char	   *attempt;

	if (session == NULL)
	{
		failure_set(failure, FAILURE_RETRY, "could not connect: out of memory");
		return NULL;
	}
	attempt = psprintf("could not connect to database \"%s\" on %s:%s",
					   config->database, config->host, config->port);
	/* for the SQLSTATE of a refusal: diagnosis.c decides by it */
	PQsetErrorVerbosity(session, PQERRORS_VERBOSE);
	while (PQstatus(session) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
		   state != PGRES_POLLING_FAILED)
	{
		if (clock_ms() > deadline)
		{
			failure_set(failure, FAILURE_RETRY, "%s: no answer within %d s",
						attempt, CONNECT_TIMEOUT_MS / 1000);
			break;
		}
		if (!loop_wait(PQsocket(session),
					   state == PGRES_POLLING_READING ? POLLIN : POLLOUT, -1,
					   LOOP_DUTY_MS))
		{
			failure_ordered(failure);
			break;
		}
		state = PQconnectPoll(session);
	}
	if (state == PGRES_POLLING_OK && PQstatus(session) == CONNECTION_OK)
	{
		PQsetErrorVerbosity(session, PQERRORS_DEFAULT);
		pg_free(attempt);
		return session;
	}
	failure_from_connection(failure, config, session, attempt);
	pg_free(attempt);
	PQfinish(session);
	return NULL;
}

static void
session_cancel(PGconn *session)
{
	PGcancel   *cancel = PQgetCancel(session);
	char		error[256];

	if (cancel != NULL && !PQcancel(cancel, error, sizeof(error)))
		pg_log_warning("could not cancel a query: %s", error);
	PQfreeCancel(cancel);
}

PGresult *
session_query(PGconn *session, const ConnectorConfig *config,
			  const char *sql, ExecStatusType expected, const char *attempt,
			  SessionWatch watch, void *arg, Failure *failure)
{
	PGresult   *result;
	PGresult   *next;
	int64		watch_at = clock_ms() + 1000;

	if (!PQsendQuery(session, sql))
	{
		failure_from_connection(failure, config, session, attempt);
		return NULL;
	}
	while (PQisBusy(session))
	{
		if (!loop_wait(PQsocket(session), POLLIN, -1, LOOP_DUTY_MS))
		{
			session_cancel(session);
			failure_ordered(failure);
			return NULL;
		}
		if (!PQconsumeInput(session))
		{
			failure_from_connection(failure, config, session, attempt);
			return NULL;
		}
		if (watch != NULL && clock_ms() >= watch_at)
		{
			watch(arg);
			watch_at = clock_ms() + 1000;
		}
	}
	result = PQgetResult(session);
	if (PQresultStatus(result) == expected)
	{
		/* in COPY there is more to come, which is the caller's */
		if (expected != PGRES_COPY_OUT && expected != PGRES_COPY_BOTH)
		{
			while ((next = PQgetResult(session)) != NULL)
				PQclear(next);
		}
		return result;
	}
	failure_from_result(failure, config, session, result, attempt);
	PQclear(result);
	return NULL;
}

bool
session_command(PGconn *session, const ConnectorConfig *config,
				const char *sql, const char *attempt, Failure *failure)
{
	PGresult   *result = session_query(session, config, sql, PGRES_COMMAND_OK,
									   attempt, NULL, NULL, failure);

	PQclear(result);
	return result != NULL;
}

void
append_literal(PQExpBuffer sql, PGconn *session, const char *text)
{
	char	   *quoted = PQescapeLiteral(session, text, strlen(text));

	appendPQExpBufferStr(sql, quoted != NULL ? quoted : "''");
	PQfreemem(quoted);
}

void
append_identifier(PQExpBuffer sql, PGconn *session, const char *name)
{
	char	   *quoted = PQescapeIdentifier(session, name, strlen(name));

	appendPQExpBufferStr(sql, quoted != NULL ? quoted : "\"\"");
	PQfreemem(quoted);
}
