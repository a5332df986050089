/*-------------------------------------------------------------------------
 *
 * target.c
 *	  The database that a pipeline writes to: one connection, one batch in
 *	  flight.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <poll.h>

#include "libpq-fe.h"

#include "fold.h"
#include "log.h"
#include "print.h"
#include "signals.h"
#include "statement.h"
#include "target.h"

/* An address that does not answer must not keep the pipeline from the next. */
#define CONNECT_TIMEOUT_S "10"

/*
 * A peer that is gone without a word is found out: until then the backend
 * keeps the rows that the next one wants to have.
 */
#define LIVENESS "keepalives_idle=10 keepalives_interval=5 keepalives_count=3 tcp_user_timeout=30000"
#define BACKEND_LIVENESS \
	" ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'), ('tcp_user_timeout', '30000')"

/* A statement for updates without some of the outputs. */
typedef struct PartialStatement
{
	bool	   *missing;
	bool		moved;			/* of a row that had another key */
	bool		prepared;		/* on this connection */
} PartialStatement;

typedef struct FlowState
{
	const Flow *flow;
	FlowTarget	target;
	Fold	   *fold;			/* of a direct flow, else NULL */
	PartialStatement *partials;
	int			partial_count;
} FlowState;

typedef enum StepKind
{
	STEP_PREPARE,
	STEP_BEGIN,
	STEP_PROGRESS,
	STEP_UPSERT,
	STEP_DELETE,
	STEP_PARTIAL,				/* also with another key's row */
	STEP_COMMIT
} StepKind;

struct Target
{
	const Pipeline *pipeline;
	PGconn	   *connection;		/* NULL: not connected */
	FlowState  *flows;
	char	   *progress_table; /* quoted */

	bool		ready;			/* without a database: all sinks are for
								 * trials */
	Print	   *print;			/* what sinks for trials do */

	/* the batch in flight */
	bool		busy;
	StepKind   *steps;			/* what was sent, in order */
	int			step_count;
	int			step_room;
	int			step_done;
	Outcome		failure;		/* OUTCOME_DONE: none so far */
	PQExpBufferData failure_text;
	int64		upserted;
	int64		deleted;
};

/* ------------------------------------------------------------ small parts */

/* What to do about an SQLSTATE; README.md has the table. */
static Outcome
classify(const char *sqlstate)
{
	static const char *const retry[] = {
		"08", "40", "53", "57", "58", "25006", "55006", "55P03", "XX"
	};
	static const char *const reject[] = {
		"21", "22", "23", "27", "38", "39", "44", "P0"
	};

	if (sqlstate == NULL)
		return OUTCOME_RETRY;	/* libpq's own: the connection */
	/* statement_timeout, out of memory, temp_file_limit */
	if (strcmp(sqlstate, "57014") == 0 || strcmp(sqlstate, "53200") == 0 ||
		strcmp(sqlstate, "53400") == 0)
		return OUTCOME_SMALLER;
	/* a statement that is too large, or would be, for this server */
	if (strcmp(sqlstate, "54000") == 0)
		return OUTCOME_REJECTED;
	for (size_t i = 0; i < lengthof(retry); i++)
		if (strncmp(sqlstate, retry[i], strlen(retry[i])) == 0)
			return OUTCOME_RETRY;
	for (size_t i = 0; i < lengthof(reject); i++)
		if (strncmp(sqlstate, reject[i], strlen(reject[i])) == 0)
			return OUTCOME_REJECTED;
	return OUTCOME_STOP;
}

/* One line, without libpq's newline at the end. */
static void
append_line(PQExpBuffer text, const char *message)
{
	size_t		length = strlen(message);

	while (length > 0 && (message[length - 1] == '\n' || message[length - 1] == ' '))
		length--;
	for (size_t i = 0; i < length; i++)
		appendPQExpBufferChar(text, message[i] == '\n' ? ' ' : message[i]);
}

static void
append_result_error(PQExpBuffer text, const PGresult *result)
{
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *constraint = PQresultErrorField(result,
												PG_DIAG_CONSTRAINT_NAME);
	const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	/* the detail may hold the row's values, which are not for the log */
	append_line(text, primary != NULL ? primary : PQresultErrorMessage(result));
	if (constraint != NULL && primary != NULL &&
		strstr(primary, constraint) == NULL)
		appendPQExpBuffer(text, " (constraint \"%s\")", constraint);
	if (sqlstate != NULL)
		appendPQExpBuffer(text, " (SQLSTATE %s)", sqlstate);
	if (hint != NULL)
	{
		appendPQExpBufferStr(text, ". ");
		append_line(text, hint);
	}
}

/* Waits for the socket or a signal; false after a signal that asks to stop. */
static bool
wait_for_socket(Target *target, short events)
{
	struct pollfd fds[2];

	if (stop_requested())
		return false;
	fds[0].fd = PQsocket(target->connection);
	fds[0].events = events;
	fds[1].fd = signals_fd();
	fds[1].events = POLLIN;
	if (poll(fds, 2, -1) < 0 && errno != EINTR)
		return false;
	return !stop_requested();
}

/*
 * Runs one statement and waits for its result.  *result is the caller's to
 * clear where OUTCOME_DONE is returned.
 */
static Outcome
target_run(Target *target, const char *sql, int count,
		   const char *const *values, PGresult **result, PQExpBuffer error)
{
	PGconn	   *connection = target->connection;
	PGresult   *next;
	Outcome		outcome;

	*result = NULL;
	if (!PQsendQueryParams(connection, sql, count, NULL, values, NULL, NULL, 0))
	{
		append_line(error, PQerrorMessage(connection));
		return OUTCOME_RETRY;
	}
	for (;;)
	{
		int			flushed = PQflush(connection);

		if (flushed < 0 || !PQconsumeInput(connection))
		{
			append_line(error, PQerrorMessage(connection));
			return OUTCOME_RETRY;
		}
		if (!PQisBusy(connection))
		{
			next = PQgetResult(connection);
			if (next == NULL)
				break;
			PQclear(*result);
			*result = next;
			continue;
		}
		if (!wait_for_socket(target, POLLIN | (flushed > 0 ? POLLOUT : 0)))
		{
			PQclear(*result);
			*result = NULL;
			return OUTCOME_STOPPING;
		}
	}
	if (PQresultStatus(*result) == PGRES_TUPLES_OK ||
		PQresultStatus(*result) == PGRES_COMMAND_OK)
		return OUTCOME_DONE;
	append_result_error(error, *result);
	outcome = classify(PQresultErrorField(*result, PG_DIAG_SQLSTATE));
	PQclear(*result);
	*result = NULL;
	/* nothing here is a row that could be left out */
	return outcome == OUTCOME_REJECTED ? OUTCOME_STOP :
		outcome == OUTCOME_SMALLER ? OUTCOME_RETRY : outcome;
}

/* ------------------------------------------------------------- set-up */

Target *
target_new(const Pipeline *pipeline)
{
	Target	   *target = pg_malloc0(sizeof(Target));

	target->pipeline = pipeline;
	target->flows = pg_malloc0(pipeline->flow_count * sizeof(FlowState));
	for (int i = 0; i < pipeline->flow_count; i++)
	{
		const Flow *flow = &pipeline->flows[i];

		target->flows[i].flow = flow;
		if (flow->direct)
			target->flows[i].fold = fold_new(flow);
	}
	initPQExpBuffer(&target->failure_text);
	target->print = print_new(pipeline);
	return target;
}

static void
flow_target_free(FlowTarget *target, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (target->types != NULL)
		{
			free(target->types[i].name);
			free(target->types[i].base);
			free(target->types[i].element);
			free(target->types[i].element_base);
		}
		if (target->columns != NULL)
			free(target->columns[i]);
	}
	free(target->table);
	free(target->types);
	free(target->columns);
	memset(target, 0, sizeof(FlowTarget));
}

void
target_free(Target *target)
{
	if (target == NULL)
		return;
	target_disconnect(target);
	for (int i = 0; i < target->pipeline->flow_count; i++)
	{
		FlowState  *state = &target->flows[i];

		flow_target_free(&state->target, state->flow->output_count);
		fold_free(state->fold);
		for (int p = 0; p < state->partial_count; p++)
			free(state->partials[p].missing);
		free(state->partials);
	}
	free(target->flows);
	free(target->steps);
	free(target->progress_table);
	termPQExpBuffer(&target->failure_text);
	print_free(target->print);
	free(target);
}

void
target_disconnect(Target *target)
{
	if (target->connection != NULL)
		PQfinish(target->connection);
	target->connection = NULL;
	target->ready = false;
	target->busy = false;
	for (int i = 0; i < target->pipeline->flow_count; i++)
		for (int p = 0; p < target->flows[i].partial_count; p++)
			target->flows[i].partials[p].prepared = false;
}

bool
target_connected(const Target *target)
{
	return target->connection != NULL || target->ready;
}

/* "a.b" as "a"."b" */
static void
append_qualified(PQExpBuffer sql, const char *name)
{
	const char *dot = strchr(name, '.');
	char	   *schema;

	if (dot != NULL)
	{
		schema = pnstrdup(name, dot - name);
		append_identifier(sql, schema);
		free(schema);
		appendPQExpBufferChar(sql, '.');
		name = dot + 1;
	}
	append_identifier(sql, name);
}

/* The name of a type of PostgreSQL's own, or of an extension that is known. */
#define KNOWN_TYPE(t) \
	"CASE WHEN " t ".typnamespace = 'pg_catalog'::pg_catalog.regnamespace" \
	" OR " t ".typname IN ('hstore', 'geometry', 'geography') THEN " t ".typname ELSE '' END"

static TargetType
read_target_type(const PGresult *result, int row)
{
	TargetType	type;

	type.name = pg_strdup(PQgetvalue(result, row, 1));
	type.base = pg_strdup(PQgetvalue(result, row, 6));
	type.modifier = (int32) strtol(PQgetvalue(result, row, 7), NULL, 10);
	type.element = PQgetisnull(result, row, 8) ? NULL :
		pg_strdup(PQgetvalue(result, row, 8));
	type.element_base = type.element == NULL ? NULL :
		pg_strdup(PQgetvalue(result, row, 9));
	return type;
}

/* Name, and the columns as the target has them. */
static Outcome
describe_sink(Target *target, FlowState *state, PQExpBuffer error)
{
	const Flow *flow = state->flow;
	const char *name = flow->sink->table_name;
	PQExpBufferData quoted;
	PGresult   *result;
	const char *values[1];
	Outcome		outcome;

	flow_target_free(&state->target, flow->output_count);
	initPQExpBuffer(&quoted);
	append_qualified(&quoted, name);
	values[0] = quoted.data;
	outcome = target_run(target,
						 "WITH RECURSIVE columns AS (SELECT a.attname, a.atttypid, a.atttypid AS base, a.atttypmod AS modifier"
						 " FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped"
						 " UNION ALL SELECT c.attname, c.atttypid, t.typbasetype,"
						 " CASE WHEN c.modifier < 0 THEN t.typtypmod ELSE c.modifier END"
						 " FROM columns c JOIN pg_catalog.pg_type t ON t.oid = c.base AND t.typtype = 'd')"
						 " SELECT a.attname, pg_catalog.format_type(a.atttypid, -1), a.atttypid,"
						 " n.nspname, c.relname, c.relkind, " KNOWN_TYPE("b") ", a.modifier,"
						 " pg_catalog.format_type(e.oid, -1), " KNOWN_TYPE("e")
						 " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
						 " LEFT JOIN (columns a JOIN pg_catalog.pg_type b ON b.oid = a.base AND b.typtype <> 'd'"
						 " LEFT JOIN pg_catalog.pg_type e ON e.oid = b.typelem AND b.typcategory = 'A') ON true"
						 " WHERE c.oid = pg_catalog.to_regclass($1)", 1, values,
						 &result, error);
	termPQExpBuffer(&quoted);
	if (outcome != OUTCOME_DONE)
		return outcome;
	if (PQntuples(result) == 0)
	{
		appendPQExpBuffer(error, "table \"%s\" of sink \"%s\" does not exist in database \"%s\", or not in a schema of the search_path. Create it, or write 'table-name' = 'schema.table'",
						  name, flow->sink->table->name,
						  PQdb(target->connection));
		PQclear(result);
		return OUTCOME_STOP;
	}
	initPQExpBuffer(&quoted);
	append_identifier(&quoted, PQgetvalue(result, 0, 3));
	appendPQExpBufferChar(&quoted, '.');
	append_identifier(&quoted, PQgetvalue(result, 0, 4));
	state->target.table = quoted.data;
	state->target.types = pg_malloc0(flow->output_count * sizeof(TargetType));
	state->target.columns = pg_malloc0(flow->output_count * sizeof(char *));
	for (int i = 0; i < flow->output_count; i++)
	{
		PQExpBufferData column;
		const char *trouble;

		for (int row = 0; row < PQntuples(result); row++)
			if (strcmp(PQgetvalue(result, row, 0), flow->outputs[i].column) == 0)
				state->target.types[i] = read_target_type(result, row);
		if (state->target.types[i].name == NULL)
		{
			appendPQExpBuffer(error, "table \"%s\" has no column \"%s\", which sink \"%s\" declares. Upper and lower case differ",
							  name, flow->outputs[i].column,
							  flow->sink->table->name);
			PQclear(result);
			return OUTCOME_STOP;
		}
		trouble = flow->outputs[i].fields == NULL ? NULL :
			conversion_check(&flow->outputs[i].type, flow->source,
							 &state->target.types[i]);
		if (trouble != NULL)
		{
			appendPQExpBuffer(error, "column \"%s\" of table \"%s\" cannot be written: %s",
							  flow->outputs[i].column, name, trouble);
			PQclear(result);
			return OUTCOME_STOP;
		}
		initPQExpBuffer(&column);
		append_identifier(&column, flow->outputs[i].column);
		state->target.columns[i] = column.data;
	}
	PQclear(result);
	return OUTCOME_DONE;
}

/* ON CONFLICT needs a unique index on exactly the key. */
static Outcome
check_unique_index(Target *target, FlowState *state, PQExpBuffer error)
{
	const ScriptTable *table = state->flow->sink->table;
	PQExpBufferData list;
	PGresult   *result;
	const char *values[2];
	Outcome		outcome;
	bool		found;

	if (table->key_count == 0)
		return OUTCOME_DONE;
	initPQExpBuffer(&list);
	appendPQExpBufferChar(&list, '{');
	for (int i = 0; i < table->key_count; i++)
	{
		appendPQExpBuffer(&list, "%s\"", i > 0 ? "," : "");
		for (const char *p = table->key[i]; *p != '\0'; p++)
		{
			if (*p == '"' || *p == '\\')
				appendPQExpBufferChar(&list, '\\');
			appendPQExpBufferChar(&list, *p);
		}
		appendPQExpBufferChar(&list, '"');
	}
	appendPQExpBufferChar(&list, '}');
	values[0] = state->target.table;
	values[1] = list.data;
	outcome = target_run(target,
						 "SELECT 1 FROM pg_catalog.pg_index i"
						 " WHERE i.indrelid = $1::pg_catalog.regclass AND i.indisunique AND i.indisvalid AND i.indimmediate"
						 " AND i.indpred IS NULL AND i.indexprs IS NULL"
						 " AND (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attname::text)"
						 "  FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indrelid"
						 "  AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))"
						 " = (SELECT pg_catalog.array_agg(k ORDER BY k) FROM unnest($2::text[]) k)",
						 2, values, &result, error);
	if (outcome == OUTCOME_DONE)
	{
		found = PQntuples(result) > 0;
		PQclear(result);
		if (!found)
		{
			appendPQExpBuffer(error, "table %s has no primary key or unique index on %s, which the upserts of sink \"%s\" need. Create one, or declare the key that the table has",
							  state->target.table, list.data, table->name);
			outcome = OUTCOME_STOP;
		}
	}
	termPQExpBuffer(&list);
	return outcome;
}

static Outcome
prepare(Target *target, const char *name, const char *sql, PQExpBuffer error)
{
	PGresult   *result = PQprepare(target->connection, name, sql, 0, NULL);
	Outcome		outcome = OUTCOME_DONE;

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
	{
		append_result_error(error, result);
		outcome = classify(PQresultErrorField(result, PG_DIAG_SQLSTATE));
		/* nothing here is a row that could be left out */
		if (outcome == OUTCOME_REJECTED)
			outcome = OUTCOME_STOP;
		else if (outcome == OUTCOME_SMALLER)
			outcome = OUTCOME_RETRY;
	}
	PQclear(result);
	return outcome;
}

static Outcome
prepare_flow(Target *target, int number, PQExpBuffer error)
{
	FlowState  *state = &target->flows[number];
	PQExpBufferData sql;
	char		name[32];
	Outcome		outcome;

	outcome = describe_sink(target, state, error);
	if (outcome == OUTCOME_DONE)
		outcome = check_unique_index(target, state, error);
	if (outcome != OUTCOME_DONE)
		return outcome;

	initPQExpBuffer(&sql);
	statement_upsert(&sql, state->flow, &state->target);
	snprintf(name, sizeof(name), "upsert_%d", number);
	outcome = prepare(target, name, sql.data, error);
	if (outcome == OUTCOME_DONE &&
		source_is_changelog(state->flow->source))
	{
		resetPQExpBuffer(&sql);
		statement_delete(&sql, state->flow, &state->target);
		snprintf(name, sizeof(name), "delete_%d", number);
		outcome = prepare(target, name, sql.data, error);
	}
	if (outcome == OUTCOME_STOP)
	{
		PQExpBufferData text;

		initPQExpBuffer(&text);
		appendPQExpBuffer(&text, "INSERT INTO %s (line %d) cannot run on the target: %s",
						  state->flow->sink->table->name,
						  state->flow->insert->place.line, error->data);
		resetPQExpBuffer(error);
		appendPQExpBufferStr(error, text.data);
		termPQExpBuffer(&text);
	}
	termPQExpBuffer(&sql);
	return outcome;
}

static Outcome
progress_exists(Target *target, bool *exists, PQExpBuffer error)
{
	const char *values[1] = {target->progress_table};
	PGresult   *result;
	Outcome		outcome = target_run(target, "SELECT pg_catalog.to_regclass($1)",
									 1, values, &result, error);

	if (outcome == OUTCOME_DONE)
	{
		*exists = !PQgetisnull(result, 0, 0);
		PQclear(result);
	}
	return outcome;
}

/* Makes the progress table. */
static Outcome
create_progress(Target *target, PQExpBuffer error)
{
	PQExpBufferData sql;
	PGresult   *result;
	Outcome		outcome;
	bool		exists = false;

	initPQExpBuffer(&sql);
	/* rows change with every batch: room for HOT updates */
	appendPQExpBuffer(&sql,
					  "CREATE TABLE IF NOT EXISTS %s (pipeline text, topic text, partition int,"
					  " next_offset bigint NOT NULL, cluster_id text, position text, position_offset bigint,"
					  " updated timestamptz NOT NULL DEFAULT pg_catalog.now(),"
					  " PRIMARY KEY (pipeline, topic, partition)) WITH (fillfactor = 20)",
					  target->progress_table);
	outcome = target_run(target, sql.data, 0, NULL, &result, error);
	if (outcome == OUTCOME_DONE)
	{
		PQclear(result);
		pg_log_info("created table %s", target->progress_table);
	}
	else if (outcome == OUTCOME_STOP)
	{
		PQExpBufferData ignored;

		/* another pipeline may have been faster */
		initPQExpBuffer(&ignored);
		if (progress_exists(target, &exists, &ignored) == OUTCOME_DONE && exists)
		{
			resetPQExpBuffer(error);
			outcome = OUTCOME_DONE;
		}
		else
			appendPQExpBuffer(error, ". The progress is kept in table %s: let an administrator create it (%s), or name another by SET 'applier.progress.table' = 'schema.table'",
							  target->progress_table, sql.data);
		termPQExpBuffer(&ignored);
	}
	termPQExpBuffer(&sql);
	return outcome;
}

/* The progress table, made where it is missing, and the step forward. */
static Outcome
prepare_progress(Target *target, PQExpBuffer error)
{
	PQExpBufferData sql;
	Outcome		outcome;
	bool		exists;

	outcome = progress_exists(target, &exists, error);
	if (outcome == OUTCOME_DONE && !exists)
		outcome = create_progress(target, error);
	if (outcome != OUTCOME_DONE)
		return outcome;
	initPQExpBuffer(&sql);
	statement_progress(&sql, target->progress_table);
	outcome = prepare(target, "progress", sql.data, error);
	termPQExpBuffer(&sql);
	return outcome;
}

/* Starts the connection and waits until it is there. */
static Outcome
open_connection(Target *target, PQExpBuffer error)
{
	PQExpBufferData conninfo;
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	initPQExpBuffer(&conninfo);
	/* the first ones are defaults: what the url says comes later and wins */
	appendPQExpBuffer(&conninfo, "connect_timeout=" CONNECT_TIMEOUT_S " " LIVENESS
					  " target_session_attrs=read-write"
					  " fallback_application_name=debezium_applier %s client_encoding=UTF8",
					  target->pipeline->conninfo);
	target->connection = PQconnectStart(conninfo.data);
	termPQExpBuffer(&conninfo);
	if (target->connection == NULL)
		pg_fatal("out of memory");
	while (PQstatus(target->connection) != CONNECTION_BAD &&
		   status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED)
	{
		if (!wait_for_socket(target, status == PGRES_POLLING_READING ?
							 POLLIN : POLLOUT))
			return OUTCOME_STOPPING;
		status = PQconnectPoll(target->connection);
	}
	if (PQstatus(target->connection) == CONNECTION_OK)
		return OUTCOME_DONE;
	append_line(error, PQerrorMessage(target->connection));
	return OUTCOME_RETRY;
}

/*
 * libpq gives no SQLSTATE for a connection that is refused, so the server's
 * words must do; they are in its language, but for lc_messages of C.
 */
static bool
connection_is_hopeless(const char *message)
{
	static const char *const hopeless[] = {
		"authentication failed", "no password supplied", "does not exist",
		"no pg_hba.conf entry", "permission denied for database",
		"is not permitted to log in", "does not support SSL",
		"certificate", "invalid connection option", "invalid port number",
		"invalid sslmode"
	};

	for (size_t i = 0; i < lengthof(hopeless); i++)
		if (strstr(message, hopeless[i]) != NULL)
			return true;
	return false;
}

Outcome
target_connect(Target *target, PQExpBuffer error)
{
	PGresult   *result;
	Outcome		outcome;

	resetPQExpBuffer(error);
	if (target->pipeline->conninfo == NULL)
	{
		target->ready = true;
		return OUTCOME_DONE;
	}
	outcome = open_connection(target, error);
	if (outcome == OUTCOME_RETRY && connection_is_hopeless(error->data))
		outcome = OUTCOME_STOP;
	if (outcome == OUTCOME_DONE && PQserverVersion(target->connection) < 120000)
	{
		appendPQExpBuffer(error, "target is PostgreSQL %d; 12 or newer is needed",
						  PQserverVersion(target->connection) / 10000);
		outcome = OUTCOME_STOP;
	}
	if (outcome == OUTCOME_DONE)
	{
		/*
		 * One plan for all batches: what the statements do does not depend on
		 * the arrays' content, and planning would copy them.
		 */
		outcome = target_run(target,
							 "SELECT pg_catalog.set_config(n, v, false) FROM (VALUES"
							 " ('plan_cache_mode', 'force_generic_plan'), ('jit', 'off'),"
							 " ('TimeZone', 'UTC'), ('DateStyle', 'ISO, YMD'), ('standard_conforming_strings', 'on'),"
							 " ('idle_in_transaction_session_timeout', '0')," BACKEND_LIVENESS ") AS s(n, v)"
		/* PostgreSQL 14: a statement whose client is gone ends */
							 " UNION ALL SELECT pg_catalog.set_config(name, '5s', false)"
							 " FROM pg_catalog.pg_settings WHERE name = 'client_connection_check_interval'",
							 0, NULL, &result, error);
		if (outcome == OUTCOME_DONE)
			PQclear(result);
	}
	if (target->progress_table == NULL)
	{
		PQExpBufferData quoted;

		initPQExpBuffer(&quoted);
		append_qualified(&quoted, target->pipeline->progress_table);
		target->progress_table = quoted.data;
	}
	if (outcome == OUTCOME_DONE)
		outcome = prepare_progress(target, error);
	for (int i = 0; outcome == OUTCOME_DONE && i < target->pipeline->flow_count; i++)
		if (target->flows[i].flow->sink->kind == SINK_JDBC)
			outcome = prepare_flow(target, i, error);
	if (outcome == OUTCOME_DONE && PQsetnonblocking(target->connection, 1) != 0)
	{
		append_line(error, PQerrorMessage(target->connection));
		outcome = OUTCOME_RETRY;
	}
	if (outcome != OUTCOME_DONE)
		target_disconnect(target);
	return outcome;
}

/* ------------------------------------------------------------- progress */

Outcome
target_read_progress(Target *target, const char *topic, int32 partition,
					 ProgressRow *row, PQExpBuffer error)
{
	PQExpBufferData sql;
	char		number[16];
	const char *values[3];
	PGresult   *result;
	Outcome		outcome;

	memset(row, 0, sizeof(*row));
	if (target->ready)
	{
		row->found = print_find_progress(target->print, topic, partition,
										 &row->next_offset);
		return OUTCOME_DONE;
	}
	snprintf(number, sizeof(number), "%d", partition);
	values[0] = target->pipeline->name;
	values[1] = topic;
	values[2] = number;
	initPQExpBuffer(&sql);
	appendPQExpBuffer(&sql, "SELECT next_offset, cluster_id, position, position_offset FROM %s"
					  " WHERE pipeline = $1 AND topic = $2 AND partition = $3",
					  target->progress_table);
	outcome = target_run(target, sql.data, 3, values, &result, error);
	termPQExpBuffer(&sql);
	if (outcome != OUTCOME_DONE)
		return outcome;
	if (PQntuples(result) > 0)
	{
		row->found = true;
		row->next_offset = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
		if (!PQgetisnull(result, 0, 1))
			row->cluster_id = pg_strdup(PQgetvalue(result, 0, 1));
		if (!PQgetisnull(result, 0, 2) && !PQgetisnull(result, 0, 3))
		{
			row->position = pg_strdup(PQgetvalue(result, 0, 2));
			row->position_offset = strtoll(PQgetvalue(result, 0, 3), NULL, 10);
		}
	}
	PQclear(result);
	return OUTCOME_DONE;
}

Outcome
target_count_progress(Target *target, const char *topic, int32 *count,
					  PQExpBuffer error)
{
	PQExpBufferData sql;
	const char *values[2] = {target->pipeline->name, topic};
	PGresult   *result;
	Outcome		outcome;

	if (target->ready)
	{
		*count = print_count_progress(target->print, topic);
		return OUTCOME_DONE;
	}
	initPQExpBuffer(&sql);
	appendPQExpBuffer(&sql, "SELECT pg_catalog.count(*) FROM %s WHERE pipeline = $1 AND topic = $2",
					  target->progress_table);
	outcome = target_run(target, sql.data, 2, values, &result, error);
	termPQExpBuffer(&sql);
	if (outcome != OUTCOME_DONE)
		return outcome;
	*count = (int32) strtol(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	return OUTCOME_DONE;
}

Outcome
target_start_progress(Target *target, const char *topic, int32 first,
					  int32 count, const int64 *next_offsets,
					  const char *cluster_id, PQExpBuffer error)
{
	PQExpBufferData sql;
	PQExpBufferData offsets;
	char		number[16];
	const char *values[5];
	PGresult   *result;
	Outcome		outcome;

	if (target->ready)
	{
		for (int32 i = 0; i < count; i++)
			print_set_progress(target->print, topic, first + i,
							   next_offsets[i]);
		return OUTCOME_DONE;
	}
	initPQExpBuffer(&offsets);
	for (int32 i = 0; i < count; i++)
		appendPQExpBuffer(&offsets, "%c" INT64_FORMAT, i == 0 ? '{' : ',',
						  next_offsets[i]);
	appendPQExpBufferChar(&offsets, '}');
	snprintf(number, sizeof(number), "%d", first);
	values[0] = target->pipeline->name;
	values[1] = topic;
	values[2] = number;
	values[3] = offsets.data;
	values[4] = cluster_id;
	initPQExpBuffer(&sql);
	/* by number: two that start at once wait for each other in order */
	appendPQExpBuffer(&sql, "INSERT INTO %s (pipeline, topic, partition, next_offset, cluster_id)"
					  " SELECT $1, $2, $3::int + n.number - 1, n.start, $5"
					  " FROM unnest($4::int8[]) WITH ORDINALITY AS n(start, number)"
					  " ORDER BY n.number ON CONFLICT DO NOTHING",
					  target->progress_table);
	outcome = target_run(target, sql.data, 5, values, &result, error);
	termPQExpBuffer(&sql);
	termPQExpBuffer(&offsets);
	if (outcome == OUTCOME_DONE)
		PQclear(result);
	return outcome;
}

/* ---------------------------------------------------------------- batch */

static void
add_step(Target *target, StepKind kind)
{
	if (target->step_count == target->step_room)
	{
		target->step_room = target->step_room == 0 ? 16 : target->step_room * 2;
		target->steps = pg_realloc(target->steps,
								   target->step_room * sizeof(StepKind));
	}
	target->steps[target->step_count++] = kind;
}

/* Sends a prepared statement with arrays, which are freed. */
static bool
send_arrays(Target *target, StepKind kind, const char *statement,
			ArrayParameter *arrays, int count)
{
	const char **values = pg_malloc(Max(count, 1) * sizeof(char *));
	int		   *lengths = pg_malloc(Max(count, 1) * sizeof(int));
	int		   *formats = pg_malloc(Max(count, 1) * sizeof(int));
	bool		sent;

	for (int i = 0; i < count; i++)
	{
		array_finish(&arrays[i]);
		values[i] = arrays[i].data.data;
		lengths[i] = (int) arrays[i].data.len;
		formats[i] = 1;
	}
	sent = PQsendQueryPrepared(target->connection, statement, count, values,
							   lengths, formats, 1) == 1;
	for (int i = 0; i < count; i++)
		array_free(&arrays[i]);
	free(values);
	free(lengths);
	free(formats);
	if (sent)
		add_step(target, kind);
	return sent;
}

static bool
send_progress(Target *target, const ProgressStep *steps, int count)
{
	static const char *const types[5] = {"text", "int4", "int8", "int8", "text"};
	ArrayParameter arrays[5];
	const char *values[6];
	int			lengths[6];
	int			formats[6];
	bool		sent;

	for (int i = 0; i < 5; i++)
		array_init(&arrays[i], types[i]);
	for (int i = 0; i < count; i++)
	{
		FieldValue	topic = {steps[i].topic, (int32) strlen(steps[i].topic)};
		FieldValue	position = {steps[i].position, VALUE_NULL};

		if (steps[i].position != NULL)
			position.length = (int32) strlen(steps[i].position);
		array_add(&arrays[0], &topic);
		array_add_int(&arrays[1], steps[i].partition);
		array_add_int(&arrays[2], steps[i].from);
		array_add_int(&arrays[3], steps[i].to);
		array_add(&arrays[4], &position);
	}
	values[0] = target->pipeline->name;
	lengths[0] = 0;
	formats[0] = 0;
	for (int i = 0; i < 5; i++)
	{
		array_finish(&arrays[i]);
		values[i + 1] = arrays[i].data.data;
		lengths[i + 1] = (int) arrays[i].data.len;
		formats[i + 1] = 1;
	}
	sent = PQsendQueryPrepared(target->connection, "progress", 6, values,
							   lengths, formats, 1) == 1;
	for (int i = 0; i < 5; i++)
		array_free(&arrays[i]);
	if (sent)
		add_step(target, STEP_PROGRESS);
	return sent;
}

/* Is this the statement for a partial entry? */
static bool
partial_fits(const PartialStatement *partial, const Flow *flow,
			 const FoldEntry *entry, const FieldValue *values)
{
	if (partial->moved != (entry->origin >= 0))
		return false;
	for (int i = 0; i < flow->output_count; i++)
		if ((values[i].length == VALUE_UNAVAILABLE) != partial->missing[i])
			return false;
	return true;
}

/*
 * Sends the entries of the fold that are upserts, deletes or of one partial
 * statement.
 */
static bool
send_entries(Target *target, int number, StepKind kind,
			 const PartialStatement *partial, const char *statement)
{
	FlowState  *state = &target->flows[number];
	const Flow *flow = state->flow;
	const Fold *fold = state->fold;

	/* twice, as the old key may be there, too */
	ArrayParameter *arrays = pg_malloc(2 * flow->output_count *
									   sizeof(ArrayParameter));
	int		   *outputs = pg_malloc(2 * flow->output_count * sizeof(int));
	int			count = 0;
	int			old_key;
	bool		sent;

	for (int i = 0; i < flow->output_count; i++)
	{
		if ((kind == STEP_DELETE && flow->outputs[i].key < 0) ||
			(partial != NULL && partial->missing[i]))
			continue;
		array_init(&arrays[count], type_carrier(&flow->outputs[i].type));
		outputs[count++] = i;
	}
	old_key = count;
	for (int i = 0; partial != NULL && partial->moved && i < flow->output_count; i++)
		if (flow->outputs[i].key >= 0)
		{
			array_init(&arrays[count], type_carrier(&flow->outputs[i].type));
			outputs[count++] = i;
		}
	for (int e = 0; e < fold->count; e++)
	{
		const FoldEntry *entry = &fold->entries[e];
		const FieldValue *values = fold->values + (size_t) e * flow->output_count;

		if (kind == STEP_DELETE ? !fold_deletes(fold, e) :
			entry->removed || entry->partial != (kind == STEP_PARTIAL) ||
			(partial != NULL && !partial_fits(partial, flow, entry, values)))
			continue;
		for (int a = 0; a < old_key; a++)
			array_add(&arrays[a], &values[outputs[a]]);
		for (int a = old_key; a < count; a++)
			array_add(&arrays[a], &fold->values[(size_t) entry->origin *
												flow->output_count + outputs[a]]);
	}
	/* nothing of this kind: no statement */
	if (count > 0 && arrays[0].count == 0)
	{
		for (int a = 0; a < count; a++)
			array_free(&arrays[a]);
		sent = true;
	}
	else
		sent = send_arrays(target, kind, statement, arrays, count);
	free(arrays);
	free(outputs);
	return sent;
}

/* Statements for the sets of missing outputs that the fold has. */
static bool
prepare_partials(Target *target, int number)
{
	FlowState  *state = &target->flows[number];
	const Flow *flow = state->flow;
	const Fold *fold = state->fold;

	for (int e = 0; e < fold->count; e++)
	{
		const FieldValue *values = fold->values + (size_t) e * flow->output_count;
		int			found = -1;

		if (!fold->entries[e].partial)
			continue;
		for (int p = 0; found < 0 && p < state->partial_count; p++)
			if (partial_fits(&state->partials[p], flow, &fold->entries[e],
							 values))
				found = p;
		if (found < 0)
		{
			bool	   *missing = pg_malloc(flow->output_count * sizeof(bool));

			for (int i = 0; i < flow->output_count; i++)
				missing[i] = values[i].length == VALUE_UNAVAILABLE;
			state->partials = pg_realloc(state->partials,
										 (state->partial_count + 1) *
										 sizeof(PartialStatement));
			found = state->partial_count++;
			state->partials[found].missing = missing;
			state->partials[found].moved = fold->entries[e].origin >= 0;
			state->partials[found].prepared = false;
		}
		if (!state->partials[found].prepared)
		{
			PQExpBufferData sql;
			char		name[48];
			bool		sent;

			initPQExpBuffer(&sql);
			statement_update(&sql, flow, &state->target,
							 state->partials[found].missing,
							 state->partials[found].moved);
			snprintf(name, sizeof(name), "update_%d_%d", number, found);
			sent = PQsendPrepare(target->connection, name, sql.data, 0, NULL) == 1;
			termPQExpBuffer(&sql);
			if (!sent)
				return false;
			add_step(target, STEP_PREPARE);
			state->partials[found].prepared = true;
		}
	}
	return true;
}

/* Updates of rows that are there; of those that had another key, or not. */
static bool
send_partials(Target *target, int number, bool moved)
{
	FlowState  *state = &target->flows[number];
	char		name[48];

	for (int p = 0; p < state->partial_count; p++)
	{
		if (state->partials[p].moved != moved)
			continue;
		snprintf(name, sizeof(name), "update_%d_%d", number, p);
		if (!send_entries(target, number, STEP_PARTIAL, &state->partials[p],
						  name))
			return false;
	}
	return true;
}

static bool
send_folded(Target *target, int number)
{
	FlowState  *state = &target->flows[number];
	char		name[48];

	/* deletes first: a value of a unique column may move to another row */
	snprintf(name, sizeof(name), "delete_%d", number);
	if (state->fold->deletes > 0 &&
		!send_entries(target, number, STEP_DELETE, NULL, name))
		return false;
	/* before a row of the old key may come anew */
	if (state->fold->moves > 0 && !send_partials(target, number, true))
		return false;
	snprintf(name, sizeof(name), "upsert_%d", number);
	if (state->fold->upserts > 0 &&
		!send_entries(target, number, STEP_UPSERT, NULL, name))
		return false;
	return state->fold->partials == 0 || send_partials(target, number, false);
}

/* All rows as they are, for a flow that the target evaluates. */
static bool
send_rows(Target *target, int number, const Batch *batch, int from, int to,
		  StepKind kind)
{
	const Flow *flow = target->flows[number].flow;
	const SourceTable *source = flow->source;
	const Stage *stage = &batch->stages[source - target->pipeline->sources];
	ArrayParameter *arrays = pg_malloc((source->field_count + 2) *
									   sizeof(ArrayParameter));
	char		name[32];
	bool		sent;

	for (int i = 0; i < source->field_count; i++)
		array_init(&arrays[i], type_carrier(&source->fields[i].type));
	array_init(&arrays[source->field_count], "bool");
	array_init(&arrays[source->field_count + 1], "bool");
	for (int row = stage_find(stage, from);
		 row < stage->row_count && stage->rows[row].event < to; row++)
	{
		const FieldValue *values = stage_row(stage, row);

		if (batch->events[stage->rows[row].event].rejected)
			continue;
		for (int i = 0; i < source->field_count; i++)
			array_add(&arrays[i], &values[i]);
		array_add_int(&arrays[source->field_count],
					  stage->rows[row].kind != ROW_UPSERT);
		array_add_int(&arrays[source->field_count + 1],
					  stage->rows[row].key_only);
	}
	snprintf(name, sizeof(name), "%s_%d",
			 kind == STEP_DELETE ? "delete" : "upsert", number);
	sent = send_arrays(target, kind, name, arrays, source->field_count + 2);
	free(arrays);
	return sent;
}

/*
 * Values that an event does not have cannot be given to an expression.
 */
static bool
check_available(const Batch *batch, const Stage *stage, int from, int to,
				int *event, PQExpBuffer error)
{
	for (int row = stage_find(stage, from);
		 row < stage->row_count && stage->rows[row].event < to; row++)
		for (int i = 0; i < stage->source->field_count; i++)
			if (stage_row(stage, row)[i].length == VALUE_UNAVAILABLE &&
				!batch->events[stage->rows[row].event].rejected)
			{
				*event = stage->rows[row].event;
				appendPQExpBuffer(error, "field \"%s\" is an unchanged TOAST value, which the event does not have and an expression needs",
								  stage->source->fields[i].name);
				return false;
			}
	return true;
}

static bool
has_removed(const Batch *batch, const Stage *stage, int from, int to)
{
	for (int row = stage_find(stage, from);
		 row < stage->row_count && stage->rows[row].event < to; row++)
		if (stage->rows[row].kind != ROW_UPSERT &&
			!batch->events[stage->rows[row].event].rejected)
			return true;
	return false;
}

static bool
has_rows(const Batch *batch, const Stage *stage, int from, int to)
{
	for (int row = stage_find(stage, from);
		 row < stage->row_count && stage->rows[row].event < to; row++)
		if (!batch->events[stage->rows[row].event].rejected)
			return true;
	return false;
}

static bool
send_flow(Target *target, int number, const Batch *batch, int from, int to)
{
	const Flow *flow = target->flows[number].flow;
	const Stage *stage = &batch->stages[flow->source - target->pipeline->sources];

	if (flow->direct)
		return send_folded(target, number);
	if (!has_rows(batch, stage, from, to))
		return true;
	if (has_removed(batch, stage, from, to) &&
		!send_rows(target, number, batch, from, to, STEP_DELETE))
		return false;
	return send_rows(target, number, batch, from, to, STEP_UPSERT);
}

static bool
send_command(Target *target, StepKind kind, const char *command)
{
	if (PQsendQueryParams(target->connection, command, 0, NULL, NULL, NULL,
						  NULL, 0) != 1)
		return false;
	add_step(target, kind);
	return true;
}

Outcome
target_send(Target *target, const Batch *batch, int from, int to,
			const ProgressStep *steps, int step_count, int *event,
			PQExpBuffer error)
{
	const Pipeline *pipeline = target->pipeline;
	bool		sent;

	Assert(!target->busy);
	resetPQExpBuffer(error);
	for (int i = 0; i < pipeline->flow_count; i++)
	{
		const Flow *flow = &pipeline->flows[i];
		const Stage *stage = &batch->stages[flow->source - pipeline->sources];

		if (flow->sink->kind != SINK_JDBC)
			continue;
		if (flow->direct ?
			!fold_run(target->flows[i].fold, batch, stage, from, to, event,
					  error) :
			!check_available(batch, stage, from, to, event, error))
			return OUTCOME_REJECTED;
	}

	print_collect(target->print, batch, from, to);
	if (target->ready)
	{
		for (int i = 0; i < step_count; i++)
			print_set_progress(target->print, steps[i].topic,
							   steps[i].partition, steps[i].to);
		print_show(target->print, stdout, stderr);
		return OUTCOME_DONE;
	}

	target->step_count = target->step_done = 0;
	target->failure = OUTCOME_DONE;
	target->upserted = target->deleted = 0;
	resetPQExpBuffer(&target->failure_text);
	sent = PQenterPipelineMode(target->connection) == 1;
	for (int i = 0; sent && i < pipeline->flow_count; i++)
		if (pipeline->flows[i].direct &&
			pipeline->flows[i].sink->kind == SINK_JDBC &&
			target->flows[i].fold->partials + target->flows[i].fold->moves > 0)
			sent = prepare_partials(target, i);
	sent = sent && send_command(target, STEP_BEGIN, "BEGIN") &&
		send_progress(target, steps, step_count);
	for (int i = 0; sent && i < pipeline->flow_count; i++)
		if (pipeline->flows[i].sink->kind == SINK_JDBC)
			sent = send_flow(target, i, batch, from, to);
	sent = sent && send_command(target, STEP_COMMIT, "COMMIT") &&
		PQpipelineSync(target->connection) == 1;
	if (!sent)
	{
		append_line(error, PQerrorMessage(target->connection));
		target_disconnect(target);
		return OUTCOME_RETRY;
	}
	target->busy = true;
	return OUTCOME_BUSY;
}

int
target_fd(const Target *target)
{
	return target->connection != NULL ? PQsocket(target->connection) : -1;
}

short
target_poll_events(const Target *target)
{
	if (!target->busy)
		return POLLIN;
	return POLLIN | (PQflush(target->connection) > 0 ? POLLOUT : 0);
}

/* Counts, or remembers the first failure. */
static void
take_result(Target *target, const PGresult *result)
{
	StepKind	kind = target->step_done < target->step_count ?
	target->steps[target->step_done] : STEP_COMMIT;

	switch (PQresultStatus(result))
	{
		case PGRES_COMMAND_OK:
			if (kind == STEP_UPSERT)
				target->upserted += strtoll(PQcmdTuples((PGresult *) result), NULL, 10);
			else if (kind == STEP_DELETE)
				target->deleted += strtoll(PQcmdTuples((PGresult *) result), NULL, 10);
			break;
		case PGRES_TUPLES_OK:
		case PGRES_PIPELINE_ABORTED:
			break;
		default:
			if (target->failure != OUTCOME_DONE)
				break;
			target->failure = classify(PQresultErrorField(result,
														  PG_DIAG_SQLSTATE));
			if (kind == STEP_PROGRESS && target->failure == OUTCOME_REJECTED)
				target->failure = OUTCOME_MOVED;
			else if (kind == STEP_PARTIAL && target->failure == OUTCOME_REJECTED &&
					 strcmp(PQresultErrorField(result, PG_DIAG_SQLSTATE), "22012") == 0)
			{
				appendPQExpBufferStr(&target->failure_text,
									 "has an unchanged TOAST value of a row that is not in the table" TOAST_HINT);
				break;
			}
			append_result_error(&target->failure_text, result);
			break;
	}
}

Outcome
target_proceed(Target *target, PQExpBuffer error)
{
	PGconn	   *connection = target->connection;
	PGresult   *result;

	if (target->ready)
		return OUTCOME_DONE;
	if (connection == NULL)
		return OUTCOME_RETRY;
	if (PQflush(connection) < 0 || !PQconsumeInput(connection) ||
		PQstatus(connection) == CONNECTION_BAD)
		goto lost;
	if (!target->busy)
		return OUTCOME_DONE;

	while (!PQisBusy(connection))
	{
		result = PQgetResult(connection);
		if (result == NULL)
		{
			/* end of one command's results */
			if (PQstatus(connection) == CONNECTION_BAD)
				goto lost;
			target->step_done++;
			/* more NULLs than commands: the connection is gone */
			if (target->step_done > target->step_count + 2)
				goto lost;
			continue;
		}
		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
		{
			PQclear(result);
			target->busy = false;
			(void) PQexitPipelineMode(connection);
			if (target->failure == OUTCOME_DONE)
			{
				print_show(target->print, stdout, stderr);
				return OUTCOME_DONE;
			}
			resetPQExpBuffer(error);
			appendPQExpBufferStr(error, target->failure_text.data);
			if (PQtransactionStatus(connection) != PQTRANS_IDLE)
			{
				/* waits, but for one small answer */
				PQsetnonblocking(connection, 0);
				PQclear(PQexec(connection, "ROLLBACK"));
				PQsetnonblocking(connection, 1);
			}
			return target->failure;
		}
		take_result(target, result);
		PQclear(result);
	}
	return OUTCOME_BUSY;

lost:
	resetPQExpBuffer(error);
	append_line(error, target->failure_text.len > 0 ?
				target->failure_text.data : PQerrorMessage(connection));
	target_disconnect(target);
	return OUTCOME_RETRY;
}

void
target_written(const Target *target, int64 *upserted, int64 *deleted)
{
	*upserted = target->upserted;
	*deleted = target->deleted;
}

void
target_explain(const Pipeline *pipeline, PQExpBuffer text)
{
	appendPQExpBufferStr(text, pipeline->script.notes->data);
	for (int f = 0; f < pipeline->flow_count; f++)
	{
		const Flow *flow = &pipeline->flows[f];
		FlowTarget	target;
		PQExpBufferData quoted;

		if (flow->sink->kind != SINK_JDBC)
		{
			appendPQExpBuffer(text, "-- %s:%d: INSERT INTO %s, %s\n",
							  pipeline->script.file, flow->insert->place.line,
							  flow->sink->table->name,
							  flow->sink->kind == SINK_PRINT ?
							  "shown by the applier" : "not written");
			continue;
		}
		initPQExpBuffer(&quoted);
		append_qualified(&quoted, flow->sink->table_name);
		target.table = quoted.data;
		target.types = pg_malloc0(flow->output_count * sizeof(TargetType));
		target.columns = pg_malloc(flow->output_count * sizeof(char *));
		for (int i = 0; i < flow->output_count; i++)
		{
			initPQExpBuffer(&quoted);
			type_append_pg(&quoted, &flow->outputs[i].type);
			target.types[i].name = quoted.data;
			initPQExpBuffer(&quoted);
			append_identifier(&quoted, flow->outputs[i].column);
			target.columns[i] = quoted.data;
		}
		appendPQExpBuffer(text, "-- %s:%d: INSERT INTO %s, evaluated by %s\n",
						  pipeline->script.file, flow->insert->place.line,
						  flow->sink->table->name,
						  flow->direct ? "the applier, folded by key" :
						  "the target");
		if (source_is_changelog(flow->source))
		{
			statement_delete(text, flow, &target);
			appendPQExpBufferStr(text, ";\n");
		}
		statement_upsert(text, flow, &target);
		appendPQExpBufferStr(text, ";\n");
		flow_target_free(&target, flow->output_count);
	}
}
