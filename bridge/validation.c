/*-------------------------------------------------------------------------
 *
 * validation.c
 *	  Is a configuration one that a connector could run with?  The process.
 *
 * NOTES
 *	  As with Debezium, what hinders a connection is an error of
 *	  database.hostname, and is looked for only when the properties of the
 *	  connection are right.  What Debezium finds only at the start is told
 *	  here, too: a role that may not replicate, a plugin that is not there.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "validation.h"

#include <string.h>

#include "connector_config.h"
#include "failure.h"
#include "log.h"
#include "loop.h"
#include "providers.h"
#include "report.h"
#include "session.h"
#include "signals.h"
#include "supervisor.h"

/* Without these right there is no connection. */
static const char *const connection_properties[] = {
	"database.hostname", "database.port", "database.user",
	"database.password", "database.dbname", "database.sslmode"
};

/*
 * What a session needs of a configuration that may be wrong elsewhere; NULL
 * when it is wrong there.
 */
static ConnectorConfig *
connection_config(const Properties *connector, const Properties *worker,
				  const ConfigErrors *errors)
{
	Properties *part = properties_new();
	ConfigErrors ignored;
	ConnectorConfig *config = NULL;
	bool		right = true;

	for (size_t i = 0; i < lengthof(connection_properties); i++)
		right = right && !config_errors_has(errors, connection_properties[i]);
	for (int i = 0; i < connector->count; i++)
	{
		const char *name = connector->items[i].name;

		if ((strncmp(name, "database.", strlen("database.")) == 0 ||
			 strncmp(name, "driver.", strlen("driver.")) == 0) &&
			!config_errors_has(errors, name))
			properties_set(part, name, connector->items[i].value);
	}
	properties_set(part, "name", "validation");
	properties_set(part, "topic.prefix", "validation");
	config_errors_init(&ignored);
	if (right)
		config = connector_config_check(part, worker, &ignored);
	config_errors_free(&ignored);
	properties_free(part);
	return config;
}

/*
 * Why there is no connection, in the words of PostgreSQL or, where there is no
 * server, in those that Debezium's users know.
 */
static void
add_connection_error(ConfigErrors *errors, const ConnectorConfig *config,
					 const Failure *failure)
{
	char	   *line = pnstrdup(failure->text.data,
								strcspn(failure->text.data, "\n"));
	char	   *reason = strstr(line, "FATAL:  ");

	if (failure->kind == FAILURE_ORDERED)
		config_errors_add(errors, "database.hostname",
						  "Error while validating connector config: %s:%s did not answer in time",
						  config->host, config->port);
	else if (reason != NULL)
		config_errors_add(errors, "database.hostname",
						  "Error while validating connector config: FATAL: %s",
						  reason + strlen("FATAL:  "));
	else if (strstr(line, "Connection refused") != NULL)
		config_errors_add(errors, "database.hostname",
						  "Error while validating connector config: Connection to %s:%s refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.",
						  config->host, config->port);
	else
		config_errors_add(errors, "database.hostname",
						  "Error while validating connector config: %s", line);
	pg_free(line);
}

/* Is all there that a connector needs of the server? */
static bool
check_server(PGconn *session, const ConnectorConfig *config,
			 ConfigErrors *errors, Failure *failure)
{
	PGresult   *result;

	result = session_query(session, config,
						   "SELECT current_setting('wal_level'), "
						   "(SELECT rolsuper OR rolreplication FROM pg_catalog.pg_roles WHERE rolname = current_user) "
	/* a cloud's way to say so */
						   "OR EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname IN ('rds_replication', 'rds_superuser') AND pg_has_role(oid, 'MEMBER')), "
						   "EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'decoder_debezium')",
						   PGRES_TUPLES_OK, "could not look at the server",
						   NULL, NULL, failure);
	if (result == NULL)
		return false;
	if (strcmp(PQgetvalue(result, 0, 0), "logical") != 0)
		config_errors_add(errors, "database.hostname",
						  "Error while validating connector config: Postgres server wal_level property must be 'logical' but is: '%s'",
						  PQgetvalue(result, 0, 0));
	if (*PQgetvalue(result, 0, 1) != 't')
		config_errors_invalid(errors, "database.user",
							  "role \"%s\" may not read a replication slot; let a superuser run ALTER ROLE \"%s\" REPLICATION",
							  config->user, config->user);
	if (*PQgetvalue(result, 0, 2) != 't')
		config_errors_invalid(errors, "plugin.name",
							  "decoder_debezium is not installed on the database server %s",
							  config->host);
	PQclear(result);
	return true;
}

static void
check_connection(const ConnectorConfig *config, ConfigErrors *errors)
{
	Failure		failure;
	PGconn	   *session;

	failure_init(&failure);
	session = session_open(config, false, &failure);
	if (session == NULL || !check_server(session, config, errors, &failure))
		add_connection_error(errors, config, &failure);
	PQfinish(session);
	failure_free(&failure);
}

/* A loop_wait() after the deadline gives up, so that the rest can be told. */
static void
check_time(void *arg)
{
	const int64 *deadline = arg;

	if (clock_ms() >= *deadline)
		stop_request();
}

static void
send_answer(const ConfigErrors *errors)
{
	cJSON	   *answer = cJSON_CreateObject();
	ConfigErrors hidden;

	/* none of the messages tells what configuration providers gave */
	config_errors_init(&hidden);
	for (int i = 0; i < errors->count; i++)
	{
		char	   *message = providers_hide(errors->items[i].message);

		config_errors_add(&hidden, errors->items[i].name, "%s", message);
		pg_free(message);
	}
	cJSON_AddItemToObject(answer, "errors", config_errors_to_json(&hidden));
	report_object(answer);
	config_errors_free(&hidden);
}

/* Looks up references; those that cannot be are errors of their property. */
static bool
resolve(Properties *connector, const Properties *worker, ConfigErrors *errors)
{
	PQExpBufferData error;

	initPQExpBuffer(&error);
	for (int i = 0; i < connector->count; i++)
	{
		Properties *one = properties_new();

		properties_set(one, connector->items[i].name, connector->items[i].value);
		resetPQExpBuffer(&error);
		if (providers_resolve(worker, one, &error))
			properties_set(connector, one->items[0].name, one->items[0].value);
		else
			config_errors_add(errors, one->items[0].name, "%s", error.data);
		properties_free(one);
	}
	termPQExpBuffer(&error);
	return errors->count == 0;
}

int
validation_main(const char *name)
{
	char	   *line;
	cJSON	   *object;
	Properties *worker = properties_new();
	Properties *connector = properties_new();
	ConnectorConfig *config;
	ConfigErrors errors;
	PQExpBufferData error;
	const cJSON *timeout;
	int64		deadline;

	log_init("debezium_bridge", name);
	signals_init();
	line = worker_read_configuration();
	object = line != NULL ? cJSON_Parse(line) : NULL;
	initPQExpBuffer(&error);
	if (!properties_read_json(worker, cJSON_GetObjectItemCaseSensitive(object, "worker"), &error) ||
		!properties_read_json(connector, cJSON_GetObjectItemCaseSensitive(object, "connector"), &error))
		return EXIT_FAILURE;	/* the supervisor is gone */
	config_errors_init(&errors);
	if (!resolve(connector, worker, &errors))
	{
		send_answer(&errors);
		return EXIT_SUCCESS;
	}
	timeout = cJSON_GetObjectItemCaseSensitive(object, "timeout_ms");
	deadline = clock_ms() + (timeout != NULL ? (int64) timeout->valuedouble : 0);
	loop_set_duty(check_time, &deadline);
	connector_config_free(connector_config_check(connector, worker, &errors));
	config = connection_config(connector, worker, &errors);
	if (config != NULL)
		check_connection(config, &errors);
	connector_config_free(config);
	send_answer(&errors);
	config_errors_free(&errors);
	properties_free(worker);
	properties_free(connector);
	cJSON_Delete(object);
	free(line);
	termPQExpBuffer(&error);
	return EXIT_SUCCESS;
}
