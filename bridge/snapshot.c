/*-------------------------------------------------------------------------
 *
 * snapshot.c
 *	  The initial snapshot: every row of the captured tables as a record.
 *
 * NOTES
 *	  The rows are made by the extension's debezium_snapshot_rows(), in the
 *	  same code as the stream's records, and come by COPY in binary format, many
 *	  in each message.  Several sessions read at the same time where snapshot.max.threads says so, all
 *	  under one snapshot: whole tables, and ranges of the blocks of large ones
 *	  (pieces.h).  The control session is one of them.  It holds the locks of
 *	  all tables until the end, and a snapshot counts only when its COMMIT
 *	  went well: were it lost on the way, a TRUNCATE could have emptied what
 *	  the others had not begun to read.
 *
 *	  Tables are read as Debezium reads them, without ONLY: a partitioned
 *	  table gives the rows of its partitions, which are captured for
 *	  themselves as well.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "task.h"

#include <string.h>

#include "log.h"
#include "loop.h"
#include "pieces.h"
#include "progress.h"
#include "report.h"
#include "session.h"
#include "snapshot_reader.h"
#include "snapshot_rows.h"

#define EXTENSION "decoder_debezium"

/* From this version on a range of a table's blocks is read without the rest. */
#define TID_RANGE_SCANS	140000

/* The status is told each second, the log less often. */
#define REPORT_MS		1000
#define LOG_MS			10000

typedef struct Snapshot
{
	Task	   *task;
	char	   *arguments;		/* of debezium_snapshot_rows(), after the
								 * table */
	SnapshotRows rows;
	SnapshotTable *tables;
	uint32	   *blocks;			/* of each table; 0: not to be cut */
	int			table_count;
	Pieces		pieces;
	SnapshotReader *readers;
	int			reader_count;
	struct pollfd *waits;		/* for the readers, the producer, the loop */

	int64		begun;			/* clock_ms() */
	int64		report_at;
	int64		log_at;
} Snapshot;

/* ----------------------------------------------------------- preparation */

/* Where is the extension?  Creates it if it is not in this database. */
bool
snapshot_prepare(Task *task)
{
	static const char lookup[] =
	"SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension e "
	"JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
	"WHERE e.extname = '" EXTENSION "'";

	for (int round = 0; round < 2 && task->extension_schema == NULL; round++)
	{
		PGresult   *result;

		if (round == 1 &&
			!session_command(task->control, task->config,
							 "CREATE EXTENSION IF NOT EXISTS " EXTENSION,
							 "could not create extension \"" EXTENSION "\"",
							 task->failure))
		{
			if (task->failure->kind == FAILURE_STOP)
				failure_hint(task->failure,
							 "The snapshot needs it: let a superuser, or the owner of the database, run this in database \"%s\": CREATE EXTENSION " EXTENSION ";",
							 task->config->database);
			return false;
		}
		result = session_query(task->control, task->config, lookup,
							   PGRES_TUPLES_OK,
							   "could not look up the extension", NULL, NULL,
							   task->failure);
		if (result == NULL)
			return false;
		if (PQntuples(result) > 0)
			task->extension_schema = pg_strdup(PQgetvalue(result, 0, 0));
		PQclear(result);
	}
	return true;
}

/* ---------------------------------------------------------- transactions */

/*
 * Under which isolation the tables are read.  Where the snapshot comes with a
 * slot, that says it all, as with Debezium.
 */
static const char *
isolation(const Snapshot *snapshot, bool imports)
{
	if (imports)
		return "REPEATABLE READ READ ONLY";
	switch (snapshot->task->config->isolation)
	{
		case ISOLATION_SERIALIZABLE:
			return "SERIALIZABLE READ ONLY DEFERRABLE";
		case ISOLATION_REPEATABLE_READ:
			return "REPEATABLE READ READ ONLY";
		case ISOLATION_READ_COMMITTED:
			return "READ COMMITTED READ ONLY";
		case ISOLATION_READ_UNCOMMITTED:
			break;
	}
	return "READ UNCOMMITTED READ ONLY";
}

/* Opens a reading transaction; "snapshot_name" NULL: it imports none. */
static bool
begin(Snapshot *snapshot, PGconn *session, const char *snapshot_name)
{
	Task	   *task = snapshot->task;
	PQExpBufferData sql;
	bool		ok;

	initPQExpBuffer(&sql);
	appendPQExpBuffer(&sql, "BEGIN ISOLATION LEVEL %s",
					  isolation(snapshot, snapshot_name != NULL));
	ok = session_command(session, task->config, sql.data,
						 "could not begin the snapshot", task->failure);
	if (ok && snapshot_name != NULL)
	{
		resetPQExpBuffer(&sql);
		appendPQExpBufferStr(&sql, "SET TRANSACTION SNAPSHOT ");
		append_literal(&sql, session, snapshot_name);
		ok = session_command(session, task->config, sql.data,
							 "could not take over the slot's snapshot",
							 task->failure);
		/* it goes with the session that exports it, and comes with another */
		if (!ok && task->failure->kind == FAILURE_STOP)
			task->failure->kind = FAILURE_RETRY_FEW;
	}
	termPQExpBuffer(&sql);
	return ok;
}

/*
 * Does every statement of a transaction see the same rows?  Else there is no
 * snapshot to share, and an update could move a row from a range that is yet
 * to be read to one that was read.
 */
static bool
is_stable(const Snapshot *snapshot, const char *snapshot_name)
{
	return snapshot_name != NULL ||
		snapshot->task->config->isolation <= ISOLATION_REPEATABLE_READ;
}

/* The snapshot for the other sessions, where none came with the slot. */
static char *
export_snapshot(Snapshot *snapshot)
{
	Task	   *task = snapshot->task;
	PGresult   *result = session_query(task->control, task->config,
									   "SELECT pg_catalog.pg_export_snapshot()",
									   PGRES_TUPLES_OK,
									   "could not export the snapshot", NULL,
									   NULL, task->failure);
	char	   *name = NULL;

	if (result != NULL)
		name = pg_strdup(PQgetvalue(result, 0, 0));
	PQclear(result);
	return name;
}

/* One more session that reads. */
static bool
add_reader(Snapshot *snapshot, const char *snapshot_name)
{
	Task	   *task = snapshot->task;
	PGconn	   *session = session_open(task->config, false, task->failure);

	if (session == NULL)
		return false;
	snapshot->readers[snapshot->reader_count++] =
		(SnapshotReader)
	{
		.session = session,.rows = &snapshot->rows
	};
	return session_lift_limits(session, task->config, task->failure) &&
		begin(snapshot, session, snapshot_name);
}

/*
 * Opens the other sessions.  The one that exports the snapshot keeps silent
 * until all of them have it.
 */
static bool
add_readers(Snapshot *snapshot, const char *snapshot_name)
{
	int			count = snapshot->task->config->snapshot_threads;
	char	   *exported = NULL;
	bool		ok = true;

	/* more than there are pieces would have nothing to do */
	count = Min(count, pieces_total(&snapshot->pieces));
	if (count > 1 && snapshot_name == NULL && is_stable(snapshot, NULL))
	{
		snapshot_name = exported = export_snapshot(snapshot);
		ok = exported != NULL;
	}
	while (ok && snapshot->reader_count < count)
		ok = add_reader(snapshot, snapshot_name);
	pg_free(exported);
	return ok;
}

/* -------------------------------------------------------------- the tables */

#define OVERRIDES "snapshot.select.statement.overrides"

/* The user's statement for a table, or NULL. */
static const char *
snapshot_override(const ConnectorConfig *config, const char *table)
{
	const char *list = properties_get(config->connector, OVERRIDES);
	size_t		length = strlen(table);
	char	   *name;
	const char *statement;

	while (list != NULL && *list != '\0')
	{
		list += strspn(list, ", \t");
		if (strncmp(list, table, length) == 0 &&
			strchr(", \t", list[length]) != NULL)
		{
			name = psprintf("%s.%s", OVERRIDES, table);
			statement = properties_get(config->connector, name);
			pg_free(name);
			return statement;
		}
		list += strcspn(list, ",");
	}
	return NULL;
}

/* What at the end of a statement cannot stand in a parenthesis. */
static size_t
trailing_length(const char *statement)
{
	size_t		length = strlen(statement);
	size_t		end = length;

	while (end > 0 && strchr("; \t\r\n", statement[end - 1]) != NULL)
		end--;
	return length - end;
}


/*
 * Asks for the tables, in their order: their quoted names, topics, bare names,
 * blocks that may be read in ranges, and rows, of which the statistics speak.
 * Of those with children, ranges would be uneven.  The table of signals is
 * not read, as its rows are for the connector.
 * snapshot.tables.order.by.row.count makes no difference, as it makes none
 * to Debezium's connector for PostgreSQL.
 */
static PGresult *
query_tables(Snapshot *snapshot, const char *plugin_config)
{
	Task	   *task = snapshot->task;
	const char *signals = properties_get(task->config->connector,
										 "signal.data.collection");
	PQExpBufferData sql;
	PGresult   *result;

	initPQExpBuffer(&sql);
	appendPQExpBuffer(&sql,
					  "SELECT pg_catalog.quote_ident(t.schema_name) || '.' || pg_catalog.quote_ident(t.table_name), "
					  "t.topic, t.schema_name || '.' || t.table_name, "
					  "CASE WHEN s.simple AND a.amname = 'heap' THEN s.blocks ELSE 0 END, "
					  "CASE WHEN s.simple AND s.blocks = 0 THEN 0 "
					  "WHEN s.simple AND c.relpages > 0 AND c.reltuples >= 0 THEN c.reltuples / c.relpages * s.blocks "
					  "ELSE -1 END "
					  "FROM %s.debezium_tables(",
					  task->extension_schema);
	append_literal(&sql, task->control, plugin_config);
	appendPQExpBufferStr(&sql,
						 ") WITH ORDINALITY AS t(relid, schema_name, table_name, topic, place) "
						 "JOIN pg_catalog.pg_class c ON c.oid = t.relid "
						 "LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam "
						 "CROSS JOIN LATERAL (SELECT c.relkind = 'r' AND NOT c.relhassubclass, "
						 "coalesce(pg_catalog.pg_relation_size(c.oid), 0) / pg_catalog.current_setting('block_size')::bigint) AS s(simple, blocks)");
	if (signals != NULL)
	{
		appendPQExpBufferStr(&sql,
							 " WHERE t.schema_name || '.' || t.table_name <> ");
		append_literal(&sql, task->control, signals);
	}
	appendPQExpBufferStr(&sql, " ORDER BY t.place");
	result = session_query(task->control, task->config, sql.data,
						   PGRES_TUPLES_OK,
						   "could not list the captured tables", NULL, NULL,
						   task->failure);
	termPQExpBuffer(&sql);
	return result;
}

/* Makes the list of tables, and what sessions may read of them at a time. */
static bool
list_tables(Snapshot *snapshot, const char *plugin_config, bool stable)
{
	const ConnectorConfig *config = snapshot->task->config;
	bool		cut = stable && config->snapshot_threads > 1 &&
	config->snapshot_ranges &&
	PQserverVersion(snapshot->task->control) >= TID_RANGE_SCANS;
	PGresult   *result = query_tables(snapshot, plugin_config);

	if (result == NULL)
		return false;
	snapshot->table_count = PQntuples(result);
	snapshot->tables = pg_malloc0((snapshot->table_count + 1) * sizeof(SnapshotTable));
	snapshot->blocks = pg_malloc0((snapshot->table_count + 1) * sizeof(uint32));
	for (int i = 0; i < snapshot->table_count; i++)
	{
		SnapshotTable *table = &snapshot->tables[i];

		table->sql_name = pg_strdup(PQgetvalue(result, i, 0));
		table->topic_name = pg_strdup(PQgetvalue(result, i, 1));
		table->name = pg_strdup(PQgetvalue(result, i, 2));
		table->statement = snapshot_override(config, table->name);
		table->estimate = -1;
		if (table->statement == NULL)
			table->estimate = strtod(PQgetvalue(result, i, 4), NULL);
		if (table->statement == NULL && cut)
			snapshot->blocks[i] = strtoul(PQgetvalue(result, i, 3), NULL, 10);
	}
	PQclear(result);
	pieces_init(&snapshot->pieces, snapshot->table_count, snapshot->blocks,
				config->snapshot_threads * config->snapshot_multiplier);
	for (int i = 0; i < snapshot->table_count; i++)
		snapshot->tables[i].pieces_left = pieces_count(&snapshot->pieces, i);
	return true;
}

static void
free_tables(Snapshot *snapshot)
{
	for (int i = 0; i < snapshot->table_count; i++)
	{
		SnapshotTable *table = &snapshot->tables[i];

		block_release(table->held.block);
		pg_free(table->name);
		pg_free(table->sql_name);
		pg_free(table->topic_name);
	}
	pg_free(snapshot->tables);
	pg_free(snapshot->blocks);
}

/* snapshot.lock.timeout.ms */
static bool
limit_locks(Snapshot *snapshot)
{
	Task	   *task = snapshot->task;
	char	   *sql = psprintf("SET LOCAL lock_timeout = " INT64_FORMAT,
							   task->config->snapshot_lock_ms);
	bool		ok = session_command(task->control, task->config, sql,
									 "could not prepare the snapshot",
									 task->failure);

	pg_free(sql);
	return ok;
}

/* TRUNCATE and ALTER TABLE are not seen by a snapshot: they must wait. */
static bool
lock_tables(Snapshot *snapshot)
{
	Task	   *task = snapshot->task;
	PQExpBufferData sql;
	bool		ok = true;

	initPQExpBuffer(&sql);
	for (int i = 0; ok && i < snapshot->table_count; i++)
	{
		resetPQExpBuffer(&sql);
		appendPQExpBuffer(&sql, "LOCK TABLE %s IN ACCESS SHARE MODE",
						  snapshot->tables[i].sql_name);
		ok = session_command(task->control, task->config, sql.data,
							 "could not lock a table for the snapshot",
							 task->failure);
	}
	termPQExpBuffer(&sql);
	return ok;
}

/*
 * What came in between the snapshot and the locks: a table that was rewritten
 * or truncated since then looks empty to the snapshot.  The catalog
 * shows the table's file as the snapshot knows it, the function as it is now.
 */
static bool
check_tables(Snapshot *snapshot)
{
	Task	   *task = snapshot->task;
	PQExpBufferData sql;
	PGresult   *result;
	bool		ok;

	if (snapshot->table_count == 0)
		return true;
	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql,
						 "SELECT c.oid::pg_catalog.regclass FROM pg_catalog.pg_class c "
						 "WHERE c.relkind = 'r' AND c.relfilenode <> pg_catalog.pg_relation_filenode(c.oid) "
						 "AND c.oid = ANY (ARRAY[");
	for (int i = 0; i < snapshot->table_count; i++)
	{
		if (i > 0)
			appendPQExpBufferStr(&sql, ", ");
		append_literal(&sql, task->control, snapshot->tables[i].sql_name);
	}
	appendPQExpBufferStr(&sql, "]::pg_catalog.regclass[])");
	result = session_query(task->control, task->config, sql.data,
						   PGRES_TUPLES_OK, "could not check the tables", NULL,
						   NULL, task->failure);
	termPQExpBuffer(&sql);
	if (result == NULL)
		return false;
	ok = PQntuples(result) == 0;
	if (!ok)
		failure_set(task->failure, FAILURE_RETRY,
					"table %s was rewritten or truncated just as the snapshot began",
					PQgetvalue(result, 0, 0));
	PQclear(result);
	return ok;
}

/* The arguments that are the same for all rows. */
static bool
make_arguments(Snapshot *snapshot, const char *plugin_config)
{
	Task	   *task = snapshot->task;
	PGresult   *result;
	PQExpBufferData sql;

	result = session_query(task->control, task->config,
						   "SELECT pg_catalog.pg_current_xact_id()::text::bigint, CURRENT_TIMESTAMP",
						   PGRES_TUPLES_OK, "could not read the transaction's id",
						   NULL, NULL, task->failure);
	if (result == NULL)
		return false;
	initPQExpBuffer(&sql);
	append_literal(&sql, task->control, plugin_config);
	appendPQExpBuffer(&sql, ", '%X/%X'::pg_catalog.pg_lsn, %s::bigint, '%s'::timestamptz",
					  LSN_FORMAT_ARGS(snapshot->rows.lsn),
					  PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1));
	snapshot->arguments = pg_strdup(sql.data);
	termPQExpBuffer(&sql);
	PQclear(result);
	return true;
}

/* What a table's rows come from. */
static void
append_source(PQExpBuffer sql, const SnapshotTable *table)
{
	const char *statement = table->statement;

	if (statement == NULL)
		appendPQExpBuffer(sql, "%s AS t", table->sql_name);
	else
		appendPQExpBuffer(sql, "(%.*s) AS t",
						  (int) (strlen(statement) - trailing_length(statement)),
						  statement);
}

/*
 * How many rows the planner expects of a table, where the statistics of the
 * table alone do not say.
 */
static bool
estimate_rows(Snapshot *snapshot, SnapshotTable *table)
{
	static const char rows[] = "\"Plan Rows\": ";
	Task	   *task = snapshot->task;
	char	   *attempt = psprintf("could not read table %s", table->sql_name);
	const char *found;
	PQExpBufferData sql;
	PGresult   *result;

	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "EXPLAIN (FORMAT JSON) SELECT * FROM ");
	append_source(&sql, table);
	result = session_query(task->control, task->config, sql.data,
						   PGRES_TUPLES_OK, attempt, NULL, NULL, task->failure);
	termPQExpBuffer(&sql);
	pg_free(attempt);
	if (result == NULL)
		return false;
	found = strstr(PQgetvalue(result, 0, 0), rows);
	table->estimate = found != NULL ? strtod(found + strlen(rows), NULL) : 0;
	PQclear(result);
	return true;
}

static bool
estimate_tables(Snapshot *snapshot)
{
	for (int i = 0; i < snapshot->table_count; i++)
	{
		SnapshotTable *table = &snapshot->tables[i];

		if (table->estimate < 0 && !estimate_rows(snapshot, table))
			return false;
	}
	return true;
}

/*
 * The query that gives a piece: the whole table, a range of its blocks, or
 * what snapshot.select.statement.overrides says, which must give the table's
 * columns in their order.
 */
static void
append_query(PQExpBuffer sql, const SnapshotTable *table, const Piece *piece)
{
	if (table->statement == NULL)
		appendPQExpBufferStr(sql, "SELECT t.* FROM ");
	else
		appendPQExpBuffer(sql, "SELECT (ROW(t.*)::%s).* FROM ", table->sql_name);
	append_source(sql, table);
	if (piece->range)
		appendPQExpBuffer(sql, " WHERE t.ctid >= '(%u,0)'", piece->from);
	if (piece->to > 0)
		appendPQExpBuffer(sql, " AND t.ctid < '(%u,0)'", piece->to);
}

/* The command that reads it. */
static void
append_copy(PQExpBuffer sql, const Snapshot *snapshot,
			const SnapshotTable *table, const Piece *piece)
{
	const Task *task = snapshot->task;
	PQExpBufferData query;

	initPQExpBuffer(&query);
	append_query(&query, table, piece);
	appendPQExpBuffer(sql, "COPY (SELECT %s.debezium_snapshot_rows(",
					  task->extension_schema);
	append_literal(sql, task->control, query.data);
	appendPQExpBufferStr(sql, ", ");
	append_literal(sql, task->control, table->sql_name);
	appendPQExpBuffer(sql, ", %s)) TO STDOUT (FORMAT binary)",
					  snapshot->arguments);
	termPQExpBuffer(&query);
}

/* --------------------------------------------------------------- progress */

static void
sum_up(const Snapshot *snapshot, Progress *progress)
{
	progress_init(progress, snapshot->table_count);
	for (int i = 0; i < snapshot->table_count; i++)
	{
		const SnapshotTable *table = &snapshot->tables[i];

		progress_add(progress, table->pieces_left == 0, table->rows,
					 table->estimate);
	}
}

/* Tells how far it is; called whenever the worker waits, and in between. */
static void
report(void *arg)
{
	Snapshot   *snapshot = arg;
	Metrics    *metrics = snapshot->task->metrics;
	int64		now = clock_ms();
	Progress	progress;
	PQExpBufferData text;

	if (now < snapshot->report_at)
		return;
	snapshot->report_at = now + REPORT_MS;
	sum_up(snapshot, &progress);
	*metrics_sample(metrics, METRIC_SNAPSHOT_REMAINING, NULL) =
		progress.tables - progress.tables_done;
	*metrics_sample(metrics, METRIC_SNAPSHOT_ESTIMATE, NULL) =
		progress_total(&progress);
	*metrics_sample(metrics, METRIC_SNAPSHOT_SECONDS, NULL) =
		(double) (now - snapshot->begun) / 1000;
	report_metrics(metrics);
	initPQExpBuffer(&text);
	appendPQExpBufferStr(&text, "snapshot: ");
	progress_describe(&progress, now - snapshot->begun, &text);
	report_text("info", text.data);
	if (now >= snapshot->log_at)
	{
		snapshot->log_at = now + LOG_MS;
		pg_log_info("%s", text.data);
	}
	termPQExpBuffer(&text);
}

static void
log_table(Snapshot *snapshot, const SnapshotTable *table)
{
	Progress	progress;
	PQExpBufferData text;

	sum_up(snapshot, &progress);
	initPQExpBuffer(&text);
	progress_describe(&progress, clock_ms() - snapshot->begun, &text);
	pg_log_info("snapshot of table %s: " UINT64_FORMAT " rows; all: %s",
				table->sql_name, table->rows, text.data);
	termPQExpBuffer(&text);
	snapshot->log_at = clock_ms() + LOG_MS;
}

/* What the metrics say of the snapshot as a whole. */
static void
set_state(Snapshot *snapshot, bool running, bool completed)
{
	Metrics    *metrics = snapshot->task->metrics;

	*metrics_sample(metrics, METRIC_SNAPSHOT_RUNNING, NULL) = running;
	*metrics_sample(metrics, METRIC_SNAPSHOT_COMPLETED, NULL) = completed;
	*metrics_sample(metrics, METRIC_SNAPSHOT_ABORTED, NULL) =
		!running && !completed;
	*metrics_sample(metrics, METRIC_SNAPSHOT_TABLES, NULL) =
		snapshot->table_count;
	snapshot->report_at = 0;
	report(snapshot);
}

/* ---------------------------------------------------------------- reading */

static void
begin_table(Snapshot *snapshot, SnapshotTable *table)
{
	PQExpBufferData labels;

	if (table->row_counter != NULL)
		return;
	initPQExpBuffer(&labels);
	metrics_label(&labels, "table", table->name);
	table->row_counter = metrics_sample(snapshot->task->metrics,
										METRIC_SNAPSHOT_TABLE_ROWS,
										labels.data);
	*table->row_counter = 0;
	termPQExpBuffer(&labels);
}

/* Gives idle sessions something to read, as long as there is. */
static bool
start_readers(Snapshot *snapshot)
{
	PQExpBufferData sql;
	bool		ok = true;

	initPQExpBuffer(&sql);
	for (int i = 0; ok && i < snapshot->reader_count; i++)
	{
		SnapshotReader *reader = &snapshot->readers[i];
		SnapshotTable *table;
		Piece		piece;

		if (reader->table != NULL)
			continue;
		if (!pieces_next(&snapshot->pieces, &piece))
			break;
		table = &snapshot->tables[piece.table];
		begin_table(snapshot, table);
		resetPQExpBuffer(&sql);
		append_copy(&sql, snapshot, table, &piece);
		ok = snapshot_reader_start(reader, table, sql.data);
	}
	termPQExpBuffer(&sql);
	return ok;
}

/* A piece was read; was it the last one of its table? */
static bool
end_piece(Snapshot *snapshot, SnapshotTable *table)
{
	if (--table->pieces_left > 0)
		return true;
	log_table(snapshot, table);
	return snapshot_rows_end_table(&snapshot->rows, table);
}

/* Takes what has come in all sessions; *busy: some are still reading. */
static bool
serve_readers(Snapshot *snapshot, bool *busy)
{
	*busy = false;
	for (int i = 0; i < snapshot->reader_count; i++)
	{
		SnapshotReader *reader = &snapshot->readers[i];
		SnapshotTable *table = reader->table;

		if (table == NULL)
			continue;
		*busy = true;
		switch (snapshot_reader_step(reader))
		{
			case READER_FAILED:
				return false;
			case READER_DONE:
				if (!end_piece(snapshot, table))
					return false;
				break;
			case READER_WAIT:
			case READER_MORE:
				break;
		}
	}
	return true;
}

/* Waits for any session that is reading, or for the producer. */
static bool
wait_for_readers(Snapshot *snapshot)
{
	struct pollfd *waits = snapshot->waits;
	int			count = LOOP_OWN_WAITS;

	for (int i = 0; i < snapshot->reader_count; i++)
	{
		if (snapshot->readers[i].table != NULL)
			waits[count++] = (struct pollfd)
		{
			.fd = PQsocket(snapshot->readers[i].session),.events = POLLIN
		};
	}
	waits[count++] = (struct pollfd)
	{
		.fd = producer_fd(snapshot->task->producer),.events = POLLIN
	};
	return loop_wait_all(waits, count, LOOP_DUTY_MS) ||
		failure_ordered(snapshot->task->failure);
}

/* Waits until Kafka has all rows. */
static bool
wait_for_kafka(Task *task)
{
	while (producer_in_flight(task->producer) > 0)
	{
		if (!producer_serve(task->producer, task->failure))
			return false;
		if (producer_in_flight(task->producer) > 0 &&
			!loop_wait(producer_fd(task->producer), POLLIN, -1, 100))
			return failure_ordered(task->failure);
	}
	return true;
}

static bool
read_tables(Snapshot *snapshot)
{
	Task	   *task = snapshot->task;
	bool		busy = true;

	while (busy)
	{
		if (!start_readers(snapshot) || !wait_for_readers(snapshot) ||
			!producer_serve(task->producer, task->failure) ||
			!serve_readers(snapshot, &busy))
			return false;
	}
	return snapshot_rows_end(&snapshot->rows) && wait_for_kafka(task);
}

/* ---------------------------------------------------------------- the run */

/* All that is needed before the first row is read. */
static bool
open_snapshot(Snapshot *snapshot, const char *snapshot_name,
			  const char *plugin_config)
{
	Task	   *task = snapshot->task;

	return begin(snapshot, task->control, snapshot_name) &&
		limit_locks(snapshot) &&
		list_tables(snapshot, plugin_config, is_stable(snapshot, snapshot_name)) &&
		lock_tables(snapshot) &&
		check_tables(snapshot) &&
		make_arguments(snapshot, plugin_config) &&
		estimate_tables(snapshot) &&
		add_readers(snapshot, snapshot_name);
}

/* Ends the sessions but the control session; all when a stop is asked for. */
static void
close_readers(Snapshot *snapshot)
{
	for (int i = 0; i < snapshot->reader_count; i++)
	{
		SnapshotReader *reader = &snapshot->readers[i];

		if (reader->table != NULL &&
			snapshot->task->failure->kind == FAILURE_ORDERED)
			session_cancel(reader->session);
		if (i > 0)
			PQfinish(reader->session);
	}
	pg_free(snapshot->readers);
	pg_free(snapshot->waits);
}

static void
log_end(const Snapshot *snapshot)
{
	const ConnectorConfig *config = snapshot->task->config;
	const char *include = properties_get(config->connector,
										 "table.include.list");

	if (snapshot->table_count == 0)
		pg_log_warning("no table is captured: nothing in database \"%s\" fits the include and exclude lists, table.include.list is \"%s\"",
					   config->database, include != NULL ? include : "");
	pg_log_info("snapshot completed: " UINT64_FORMAT " rows of %d tables at %X/%X in %.2f s, sessions: %d",
				snapshot->rows.sent, snapshot->table_count,
				LSN_FORMAT_ARGS(snapshot->rows.lsn),
				(double) (clock_ms() - snapshot->begun) / 1000,
				snapshot->reader_count);
}

bool
snapshot_run(Task *task, const char *snapshot_name, XLogRecPtr lsn)
{
	Snapshot	snapshot = {.task = task,.begun = clock_ms()};
	int			most = task->config->snapshot_threads;
	PQExpBufferData plugin_config;
	bool		ok;

	snapshot.rows = (SnapshotRows)
	{
		.task = task,.lsn = lsn,
			.sent_counter = metrics_sample(task->metrics, METRIC_SNAPSHOT_ROWS, NULL)
	};
	snapshot.readers = pg_malloc0(most * sizeof(SnapshotReader));
	snapshot.readers[0] = (SnapshotReader)
	{
		.session = task->control,.rows = &snapshot.rows
	};
	snapshot.reader_count = 1;
	snapshot.waits = pg_malloc0((LOOP_OWN_WAITS + most + 1) * sizeof(struct pollfd));
	snapshot.log_at = snapshot.begun + LOG_MS;
	initPQExpBuffer(&plugin_config);
	connector_config_for_plugin(task->config, &plugin_config);
	connector_config_for_run(task->config, &plugin_config);

	ok = open_snapshot(&snapshot, snapshot_name, plugin_config.data);
	snapshot.rows.first_table = snapshot.tables;
	snapshot.rows.in_order = snapshot.reader_count == 1;
	set_state(&snapshot, ok, false);
	loop_set_duty(report, &snapshot);
	ok = ok && read_tables(&snapshot) &&
		session_command(task->control, task->config, "COMMIT",
						"could not end the snapshot", task->failure);
	loop_set_duty(NULL, NULL);
	set_state(&snapshot, false, ok);
	report_text("info", NULL);
	if (ok)
		log_end(&snapshot);
	close_readers(&snapshot);
	free_tables(&snapshot);
	pg_free(snapshot.arguments);
	termPQExpBuffer(&plugin_config);
	return ok;
}
