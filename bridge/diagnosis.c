/*-------------------------------------------------------------------------
 *
 * diagnosis.c
 *	  Errors by cause: which are tried again, which stop the task, and what
 *	  the person who reads of it has to do.
 *
 * NOTES
 *	  The two tables below are the one place where that is decided; README.md
 *	  shows them to users.  Connections are told to report SQLSTATEs also
 *	  while they are being made (see session.c), so nothing here depends on
 *	  the language of the server's messages, but where one SQLSTATE stands
 *	  for several causes: then a word that is a name, not prose, decides.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "failure.h"

#include <ctype.h>
#include <string.h>

typedef struct Cause
{
	const char *sqlstate;		/* five characters, or a class of two */
	const char *word;			/* that the message contains; NULL: any */
	FailureKind kind;
	const char *hint;			/* {user}, {database}, {slot}, {host} are
								 * filled in; NULL: none */
} Cause;

/* The first that fits counts. */
static const Cause causes[] = {
	{"42501", "output plugin", FAILURE_STOP,
	"Allow it on the server, by a superuser: ALTER SYSTEM SET output_plugin_libraries = 'pgoutput', 'test_decoding', 'decoder_debezium'; SELECT pg_reload_conf(); (with the libraries that SHOW output_plugin_libraries lists now), then restart the connector."},
	{"28P01", NULL, FAILURE_STOP,
	"Check database.user and database.password."},
	{"28000", NULL, FAILURE_STOP,
	"Check database.user, and that pg_hba.conf on {host} lets user \"{user}\" connect to database \"{database}\" from this machine."},
	{"28", NULL, FAILURE_STOP, NULL},
	{"3D000", NULL, FAILURE_STOP,
	"Create the database, or correct database.dbname."},
	{"42501", NULL, FAILURE_STOP,
	"Reading a slot needs ALTER ROLE \"{user}\" REPLICATION; a snapshot needs USAGE on the schemas and SELECT on the tables."},
	{"55006", NULL, FAILURE_RETRY_FEW,
	"A replication slot has one reader at a time: stop the other one, or give this connector a slot.name of its own."},
	{"53400", NULL, FAILURE_STOP,
	"Drop a slot that nobody needs (SELECT slot_name, active FROM pg_replication_slots), or raise max_replication_slots, which takes a restart of the server."},
	{"53300", "max_wal_senders", FAILURE_RETRY_FEW,
	"Raise max_wal_senders, which takes a restart of the server, or stop another reader (SELECT pid, application_name FROM pg_stat_replication)."},
	{"53300", NULL, FAILURE_RETRY, NULL},
	{"55000", "wal_level", FAILURE_STOP,
	"On the server, by a superuser: ALTER SYSTEM SET wal_level = logical; then restart the server."},
	{"58P01", ".history", FAILURE_STOP,
	"Put the timeline's history file back into pg_wal on the server {host}, from its archive."},
	{"58P01", "WAL", FAILURE_STOP,
	"The server has no more of the WAL that slot \"{slot}\" needs: drop the slot, and restart the connector for the ways out."},
	{"58P01", NULL, FAILURE_STOP,
	"Install decoder_debezium on the database server {host}: the package for its version of PostgreSQL, or make install."},
	/* two connectors that create the extension at the same time */
	{"23505", NULL, FAILURE_RETRY_FEW, NULL},
	{"57014", NULL, FAILURE_RETRY, NULL},
	{"57", NULL, FAILURE_RETRY, NULL},	/* shutdown, crash, starting up */
	{"08", NULL, FAILURE_RETRY, NULL},	/* connection */
	{"53", NULL, FAILURE_RETRY, NULL},	/* out of memory, disk, ... */
	{"40", NULL, FAILURE_RETRY, NULL},	/* rolled back: deadlock, conflict */
	{"55P03", NULL, FAILURE_RETRY, NULL},	/* lock not available */
	{"58", NULL, FAILURE_RETRY, NULL},	/* I/O error */
	{"", NULL, FAILURE_NONE, NULL}
};

/*
 * libpq's own, without a SQLSTATE: the network mostly, which passes.  The
 * words are of messages that come untranslated.
 */
static const Cause connection_causes[] = {
	{"", "no password supplied", FAILURE_STOP,
	"Set database.password, or give the bridge a password file (.pgpass, PGPASSFILE or driver.passfile)."},
	{"", "certificate", FAILURE_STOP,
	"Check database.sslmode and database.sslrootcert, and that the server's certificate is valid, of that authority and for {host}."},
	{"", "private key", FAILURE_STOP,
	"Check database.sslkey, which only its owner may read, and database.sslpassword."},
	{"", "does not support SSL", FAILURE_STOP,
	"Turn ssl on in the server {host}, or set database.sslmode."},
	{"", "channel binding", FAILURE_STOP,
	"Check driver.channelBinding; it takes TLS and SCRAM."},
	{"", "SCRAM", FAILURE_STOP, NULL},
	{"", "definition of service", FAILURE_STOP,
	"Check driver.service, or PGSERVICE in the bridge's environment, and the file of services: PGSERVICEFILE or .pg_service.conf."},
	{"", "service file", FAILURE_STOP,
	"Check PGSERVICEFILE in the bridge's environment."},
	{"", NULL, FAILURE_NONE, NULL}
};

typedef struct KafkaCause
{
	rd_kafka_resp_err_t error;
	FailureKind kind;
	const char *hint;
} KafkaCause;

static const KafkaCause kafka_causes[] = {
	{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, FAILURE_STOP,
	"The bridge's Kafka user needs Describe and Write on the topic, and Create if it does not exist."},
	{RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, FAILURE_STOP,
	"The bridge's Kafka user needs IdempotentWrite (before Kafka 3.0), and Create to make topics."},
	{RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, FAILURE_STOP,
	"A topic's name has up to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-'."},
	{RD_KAFKA_RESP_ERR_POLICY_VIOLATION, FAILURE_STOP,
	"Create the topic by hand as the cluster's policy asks for."},
	{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, FAILURE_STOP,
	"Raise producer.override.max.request.size, and max.message.bytes of the topic."},
	{RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, FAILURE_STOP,
	"Set topic.creation.default.replication.factor, or the broker's default.replication.factor, to at most the number of brokers."},
	/* just made, or just deleted */
	{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, FAILURE_RETRY_FEW,
	"If the topic was deleted, what it held is gone: write under a new topic.prefix, or remove the connector's stored offset and its slot to start with a snapshot."},
	{RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, FAILURE_RETRY_FEW, NULL},
	{RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, FAILURE_RETRY_FEW, NULL},
	{RD_KAFKA_RESP_ERR_INVALID_CONFIG, FAILURE_STOP, NULL},
	{RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, FAILURE_STOP,
	"Check the security.protocol and sasl.* properties of the worker."},
	{RD_KAFKA_RESP_ERR__AUTHENTICATION, FAILURE_STOP,
	"Check the security.protocol and sasl.* properties of the worker."},
	{RD_KAFKA_RESP_ERR__SSL, FAILURE_RETRY_FEW,
	"Check the security.protocol and ssl.* properties of the worker: which authority the broker's certificate is of, and whether it names the broker as bootstrap.servers does."},
	{RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, FAILURE_RETRY,
	"The broker's disk is full or fails, see its log."},
	{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, FAILURE_RETRY,
	"Fewer replicas are in sync than min.insync.replicas asks for: look at the brokers that hold the others."},
	{RD_KAFKA_RESP_ERR__FENCED, FAILURE_RETRY,
	"Another process has the connector's transactional.id now: a bridge or a Kafka Connect with the same group.id that runs a connector of this name."},
	{RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, FAILURE_STOP,
	"The bridge's Kafka user needs Describe and Write on the transactional.id, which is GROUP.ID-CONNECTOR-0."},
	{RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, FAILURE_STOP,
	"Set producer.override.transaction.timeout.ms to at most the broker's transaction.max.timeout.ms."},
	{RD_KAFKA_RESP_ERR__INVALID_ARG, FAILURE_STOP, NULL},
	{RD_KAFKA_RESP_ERR_NO_ERROR, FAILURE_NONE, NULL}
};

void
failure_init(Failure *failure)
{
	failure->kind = FAILURE_NONE;
	initPQExpBuffer(&failure->text);
}

void
failure_free(Failure *failure)
{
	termPQExpBuffer(&failure->text);
}

void
failure_reset(Failure *failure)
{
	failure->kind = FAILURE_NONE;
	resetPQExpBuffer(&failure->text);
}

bool
failure_set(Failure *failure, FailureKind kind, const char *format,...)
{
	va_list		args;
	char	   *message;

	/* the first failure is the cause, what follows are consequences */
	if (failure->kind != FAILURE_NONE)
		return false;
	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = pg_strdup("out of memory");
	va_end(args);
	failure->kind = kind;
	appendPQExpBufferStr(&failure->text, message);
	free(message);
	return false;
}

bool
failure_ordered(Failure *failure)
{
	return failure_set(failure, FAILURE_ORDERED, "a stop was asked for");
}

static void
append_line(Failure *failure, const char *label, const char *format,
			va_list args)
{
	char	   *line;

	if (vasprintf(&line, format, args) < 0)
		return;
	appendPQExpBuffer(&failure->text, "\n%s:  %s", label, line);
	free(line);
}

void
failure_detail(Failure *failure, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	append_line(failure, "DETAIL", format, args);
	va_end(args);
}

void
failure_hint(Failure *failure, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	append_line(failure, "HINT", format, args);
	va_end(args);
}

/* Appends a hint with the names in braces filled in. */
static void
append_hint(Failure *failure, const ConnectorConfig *config, const char *hint)
{
	struct
	{
		const char *name;
		const char *value;
	}			names[] = {
		{"{user}", config->user},
		{"{database}", config->database},
		{"{slot}", config->slot_name},
		{"{host}", config->host},
	};

	appendPQExpBufferStr(&failure->text, "\nHINT:  ");
	while (*hint != '\0')
	{
		bool		found = false;

		for (size_t i = 0; i < lengthof(names) && !found; i++)
		{
			size_t		length = strlen(names[i].name);

			if (strncmp(hint, names[i].name, length) == 0)
			{
				appendPQExpBufferStr(&failure->text, names[i].value);
				hint += length;
				found = true;
			}
		}
		if (!found)
			appendPQExpBufferChar(&failure->text, *hint++);
	}
}

static const Cause *
find_cause(const char *sqlstate, const char *message)
{
	const Cause *cause = *sqlstate != '\0' ? causes : connection_causes;

	for (; cause->kind != FAILURE_NONE; cause++)
	{
		if (strncmp(cause->sqlstate, sqlstate, strlen(cause->sqlstate)) == 0 &&
			(cause->word == NULL || strstr(message, cause->word) != NULL))
			return cause;
	}
	return NULL;
}

/* Sets the failure, with kind and hint of its cause. */
static bool
diagnose(Failure *failure, const ConnectorConfig *config, const char *attempt,
		 const char *sqlstate, const char *message, const char *detail,
		 const char *hint)
{
	const Cause *cause = find_cause(sqlstate, message);
	FailureKind kind;

	if (failure->kind != FAILURE_NONE)
		return false;
	if (cause != NULL)
		kind = cause->kind;
	else
		/* the network, as the server always gives a SQLSTATE */
		kind = *sqlstate == '\0' ? FAILURE_RETRY : FAILURE_STOP;
	failure_set(failure, kind, "%s: %s", attempt, message);
	if (detail != NULL)
		failure_detail(failure, "%s", detail);
	if (cause != NULL && cause->hint != NULL)
		append_hint(failure, config, cause->hint);
	else if (hint != NULL)
		failure_hint(failure, "%s", hint);
	return false;
}

bool
failure_from_result(Failure *failure, const ConnectorConfig *config,
					const PGconn *connection, const PGresult *result,
					const char *attempt)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (sqlstate == NULL)
		return failure_from_connection(failure, config, connection, attempt);
	return diagnose(failure, config, attempt, sqlstate,
					PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
					PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL),
					PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
}

/*
 * Splits libpq's text of a refused connection, verbose as session.c asked for
 * it: 'connection to server ... failed: FATAL:  28P01: password ...', then
 * lines DETAIL, HINT, LOCATION.  Leaves the first line's message, with the
 * SQLSTATE taken out, in "message".
 */
static void
split_connection_error(const char *text, PQExpBuffer message,
					   char sqlstate[6])
{
	size_t		length = strcspn(text, "\n");

	sqlstate[0] = '\0';
	for (const char *p = text; p + 10 <= text + length; p++)
	{
		if (strncmp(p, ":  ", 3) == 0 && p[8] == ':' &&
			strspn(p + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5)
		{
			memcpy(sqlstate, p + 3, 5);
			sqlstate[5] = '\0';
			appendBinaryPQExpBuffer(message, text, p + 3 - text);
			appendBinaryPQExpBuffer(message, p + 10, text + length - p - 10);
			return;
		}
	}
	/* libpq's own texts may go on: 'Is the server running ...?' */
	for (const char *p = text; *p != '\0'; p++)
	{
		if (*p == '\n')
		{
			while (isspace((unsigned char) p[1]))
				p++;
			if (p[1] != '\0')
				appendPQExpBufferStr(message, "; ");
		}
		else
			appendPQExpBufferChar(message, *p);
	}
}

bool
failure_from_connection(Failure *failure, const ConnectorConfig *config,
						const PGconn *connection, const char *attempt)
{
	PQExpBufferData message;
	char		sqlstate[6];

	initPQExpBuffer(&message);
	split_connection_error(PQerrorMessage(connection), &message, sqlstate);
	if (message.len == 0)
		appendPQExpBufferStr(&message, "the connection was closed");
	diagnose(failure, config, attempt, sqlstate, message.data, NULL, NULL);
	termPQExpBuffer(&message);
	return false;
}

bool
failure_from_kafka(Failure *failure, rd_kafka_resp_err_t error,
				   const char *reason, const char *attempt)
{
	const KafkaCause *cause = kafka_causes;

	if (failure->kind != FAILURE_NONE)
		return false;
	while (cause->kind != FAILURE_NONE && cause->error != error)
		cause++;
	failure_set(failure,
				cause->kind != FAILURE_NONE ? cause->kind : FAILURE_RETRY,
				"%s: %s", attempt,
				reason != NULL ? reason : rd_kafka_err2str(error));
	if (cause->hint != NULL)
		failure_hint(failure, "%s", cause->hint);
	return false;
}

char *
failure_line(const Failure *failure)
{
	char	   *line = pg_strdup(failure->text.data);

	for (char *p = line; *p != '\0'; p++)
	{
		if (*p == '\n')
			*p = ' ';
	}
	return line;
}
