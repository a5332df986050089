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

/*
 * A server that does not answer at all is given up after this long; earlier
 * where there is another one to ask.
 */
#define CONNECT_TIMEOUT_MS 15000
#define CONNECT_TIMEOUT_SEVERAL_MS 5000

/* More servers than anybody has; what is behind is not asked. */
#define MAX_HOSTS 32

/* Properties that are libpq's, under other names. */
static const struct
{
	const char *property;
	const char *keyword;
}			connection_properties[] = {
	{"database.user", "user"},
	{"database.password", "password"},
	{"database.dbname", "dbname"},
	{"database.sslmode", "sslmode"},
	{"database.sslcert", "sslcert"},
	{"database.sslkey", "sslkey"},
	{"database.sslpassword", "sslpassword"},
	{"database.sslrootcert", "sslrootcert"},
	/* what Debezium gives to its driver, by the driver's names */
	{"driver.service", "service"},
	{"driver.passfile", "passfile"},
	{"driver.channelBinding", "channel_binding"},
	{"driver.gssEncMode", "gssencmode"},
	{"driver.kerberosServerName", "krbsrvname"},
};

/* What kind of server will do: names of Debezium's driver, and libpq's. */
static const struct
{
	const char *driver;
	const char *libpq;
}			server_types[] = {
	{"any", "any"},
	{"primary", "primary"},
	{"master", "primary"},
	{"secondary", "standby"},
	{"slave", "standby"},
	{"preferSecondary", "prefer-standby"},
	{"preferSlave", "prefer-standby"},
};

/* A server that may be asked. */
typedef struct Host
{
	const char *name;
	const char *port;
} Host;

static const char *
server_type(const ConnectorConfig *config, bool several)
{
	const char *type = properties_get(config->connector,
									  "driver.targetServerType");

	for (size_t i = 0; type != NULL && i < lengthof(server_types); i++)
	{
		if (pg_strcasecmp(type, server_types[i].driver) == 0)
			return server_types[i].libpq;
	}
	/* of several only one has what is written */
	return several ? "primary" : "any";
}

/* Starts the connection; NULL only when out of memory. */
static PGconn *
session_start(const ConnectorConfig *config, const Host *host, bool several,
			  bool replication)
{
	const char *keywords[lengthof(connection_properties) + 9];
	const char *values[lengthof(connection_properties) + 9];
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
	keywords[count] = "host";
	values[count++] = host->name;
	keywords[count] = "port";
	values[count++] = host->port;
	keywords[count] = "target_session_attrs";
	values[count++] = server_type(config, several);
	keywords[count] = "application_name";
	values[count++] = name;
	keywords[count] = "client_encoding";
	values[count++] = "UTF8";
	/* settings of Debezium's driver, whatever those of role and database */
	keywords[count] = "options";
	values[count++] = "-c TimeZone=UTC -c DateStyle=ISO";
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

void
session_cancel(PGconn *session)
{
	PGcancel   *cancel = PQgetCancel(session);
	char		error[256];

	if (cancel != NULL && !PQcancel(cancel, error, sizeof(error)))
		pg_log_warning("could not cancel a query: %s", error);
	PQfreeCancel(cancel);
}

/*
 * Sends a command and waits for its first result; NULL on failure.
 */
static PGresult *
send_and_wait(PGconn *session, const ConnectorConfig *config, const char *sql,
			  const char *attempt, SessionWatch watch, void *arg,
			  Failure *failure)
{
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
	return PQgetResult(session);
}

/* Throws away what else a command has to say. */
static void
discard_results(PGconn *session)
{
	PGresult   *next;

	while ((next = PQgetResult(session)) != NULL)
		PQclear(next);
}

/*
 * Runs the statements of database.initial.statements, as Debezium does in its
 * ordinary sessions; they are separated by semicolons, of which two stand for
 * one within a statement.
 */
static bool
run_initial_statements(PGconn *session, const ConnectorConfig *config,
					   Failure *failure)
{
	static const char attempt[] =
	"could not run a statement of database.initial.statements";
	const char *next = properties_get(config->connector,
									  "database.initial.statements");
	PQExpBufferData statement;
	bool		ok = true;

	if (next == NULL)
		return true;
	initPQExpBuffer(&statement);
	while (ok && *next != '\0')
	{
		resetPQExpBuffer(&statement);
		for (; *next != '\0' && (*next != ';' || next[1] == ';'); next++)
		{
			appendPQExpBufferChar(&statement, *next);
			if (*next == ';')
				next++;
		}
		if (*next == ';')
			next++;
		if (strspn(statement.data, " \t\r\n") < statement.len)
		{
			PGresult   *result = send_and_wait(session, config, statement.data,
											   attempt, NULL, NULL, failure);

			ok = result != NULL;
			if (ok && PQresultStatus(result) != PGRES_COMMAND_OK &&
				PQresultStatus(result) != PGRES_TUPLES_OK &&
				PQresultStatus(result) != PGRES_EMPTY_QUERY)
				ok = failure_from_result(failure, config, session, result,
										 attempt);
			PQclear(result);
			if (ok)
				discard_results(session);
		}
	}
	termPQExpBuffer(&statement);
	return ok;
}

/*
 * What the server says beside its results goes to the log: the plugin warns
 * this way of expressions that match nothing, and of columns not masked.
 */
static void
on_notice(void *arg, const PGresult *result)
{
	const char *severity = PQresultErrorField(result,
											  PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);

	(void) arg;
	if (message == NULL)
		return;					/* libpq's own, about the connection */
	if (severity != NULL && strcmp(severity, "WARNING") == 0)
		pg_log_warning("PostgreSQL warns: %s%s%s", message,
					   detail != NULL ? ": " : "", detail != NULL ? detail : "");
	else
		pg_log_info("PostgreSQL says: %s%s%s", message,
					detail != NULL ? ": " : "", detail != NULL ? detail : "");
}

/* Connects to one server. */
static PGconn *
open_on(const ConnectorConfig *config, const Host *host, bool several,
		bool replication, Failure *failure)
{
	PGconn	   *session = session_start(config, host, several, replication);
	int			timeout = several ? CONNECT_TIMEOUT_SEVERAL_MS : CONNECT_TIMEOUT_MS;
	int64		deadline = clock_ms() + timeout;
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;
	char	   *attempt;

	if (session == NULL)
	{
		failure_set(failure, FAILURE_RETRY, "could not connect: out of memory");
		return NULL;
	}
	attempt = psprintf("could not connect to database \"%s\" on %s:%s",
					   config->database, host->name, host->port);
	/* for the SQLSTATE of a refusal: diagnosis.c decides by it */
	PQsetErrorVerbosity(session, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(session, on_notice, NULL);
	while (PQstatus(session) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
		   state != PGRES_POLLING_FAILED)
	{
		if (clock_ms() > deadline)
		{
			failure_set(failure, FAILURE_RETRY, "%s: no answer within %d s",
						attempt, timeout / 1000);
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
		if (replication || run_initial_statements(session, config, failure))
			return session;
		PQfinish(session);
		return NULL;
	}
	failure_from_connection(failure, config, session, attempt);
	pg_free(attempt);
	PQfinish(session);
	return NULL;
}

/*
 * Reads "host[:port], ..." out of a copy of it, which "hosts" then refers to;
 * returns how many there are.
 */
static int
read_hosts(const ConnectorConfig *config, char *list, Host *hosts, int room)
{
	char	   *save = NULL;
	int			count = 0;

	for (char *item = strtok_r(list, ", \t", &save);
		 item != NULL && count < room; item = strtok_r(NULL, ", \t", &save))
	{
		char	   *colon = strchr(item, ':');

		if (colon != NULL)
			*colon = '\0';
		hosts[count++] = (Host)
		{
			item, colon != NULL ? colon + 1 : config->port
		};
	}
	return count;
}

/*
 * Connects to the first of several servers that takes us.  As long as one may
 * do so later, it is tried again.
 */
static PGconn *
open_on_any(const ConnectorConfig *config, const Host *hosts, int count,
			bool replication, Failure *failure)
{
	PQExpBufferData reasons;
	FailureKind kind = FAILURE_STOP;
	PGconn	   *session = NULL;
	Failure		one;

	initPQExpBuffer(&reasons);
	failure_init(&one);
	for (int i = 0; i < count && session == NULL && kind != FAILURE_ORDERED; i++)
	{
		char	   *line;

		failure_reset(&one);
		session = open_on(config, &hosts[i], true, replication, &one);
		line = failure_line(&one);
		appendPQExpBuffer(&reasons, "%s%s", i > 0 ? "; " : "", line);
		pg_free(line);
		if (session == NULL && one.kind != FAILURE_STOP)
			kind = one.kind;
	}
	if (session == NULL && kind == FAILURE_ORDERED)
		failure_ordered(failure);
	else if (session == NULL)
		failure_set(failure, kind, "%s", reasons.data);
	failure_free(&one);
	termPQExpBuffer(&reasons);
	return session;
}

PGconn *
session_open(const ConnectorConfig *config, bool replication,
			 Failure *failure)
{
	const char *others = properties_get(config->connector,
										"database.failover.hosts");
	char	   *list = pg_strdup(others != NULL ? others : "");
	Host		hosts[MAX_HOSTS] = {{config->host, config->port}};
	int			count = 1 + read_hosts(config, list, hosts + 1, MAX_HOSTS - 1);
	PGconn	   *session;

	if (count == 1)
		session = open_on(config, &hosts[0], false, replication, failure);
	else
		session = open_on_any(config, hosts, count, replication, failure);
	pg_free(list);
	return session;
}

PGresult *
session_query(PGconn *session, const ConnectorConfig *config,
			  const char *sql, ExecStatusType expected, const char *attempt,
			  SessionWatch watch, void *arg, Failure *failure)
{
	PGresult   *result = send_and_wait(session, config, sql, attempt, watch,
									   arg, failure);

	if (result == NULL)
		return NULL;
	if (PQresultStatus(result) == expected)
	{
		/* in COPY there is more to come, which is the caller's */
		if (expected != PGRES_COPY_OUT && expected != PGRES_COPY_BOTH)
			discard_results(session);
		return result;
	}
	failure_from_result(failure, config, session, result, attempt);
	/* the session stays usable after an error of the server's */
	if (PQresultStatus(result) == PGRES_FATAL_ERROR)
		discard_results(session);
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

/*
 * When this process is killed, its sessions are to end at once, and with them
 * locks, the lease of the slot above all: the server would see it only when
 * it next writes to one, which a long query does late.
 */
static void
set_connection_check(PGconn *session, const ConnectorConfig *config)
{
	Failure		ignored;

	if (PQserverVersion(session) < 140000)
		return;
	failure_init(&ignored);
	/* not all systems can do it */
	if (!session_command(session, config,
						 "SET client_connection_check_interval = '1s'",
						 "could not prepare the session", &ignored))
		pg_log_debug("%s", ignored.text.data);
	failure_free(&ignored);
}

bool
session_lift_limits(PGconn *session, const ConnectorConfig *config,
					Failure *failure)
{
	static const char *const settings[] = {
		"SET statement_timeout = 0",
		"SET lock_timeout = 0",
		"SET idle_in_transaction_session_timeout = 0",
		"SET idle_session_timeout = 0", /* from 14 on, the last of the list */
	};
	size_t		count = lengthof(settings) -
	(PQserverVersion(session) < 140000 ? 1 : 0);

	for (size_t i = 0; i < count; i++)
	{
		if (!session_command(session, config, settings[i],
							 "could not prepare the session", failure))
			return false;
	}
	set_connection_check(session, config);
	return true;
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
