/*-------------------------------------------------------------------------
 *
 * snapshot.c
 *	  The initial snapshot: every row of the captured tables as a record.
 *
 * NOTES
 *	  The rows are made by the extension's debezium_snapshot(), in the same
 *	  code as the stream's records, and come by COPY in binary format: one
 *	  column with one S frame.
 *
 *	  Debezium marks the first and the last row of each table and of all.
 *	  That a row is the last shows only when no other follows: one row is
 *	  always held back.
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

#include <poll.h>
#include <string.h>

#include "port/pg_bswap.h"

#include "frames.h"
#include "log.h"
#include "loop.h"
#include "session.h"

#define EXTENSION "decoder_debezium"

/* Binary COPY: signature, flags, length of an extension of the header. */
#define COPY_SIGNATURE			"PGCOPY\n\377\r\n"
#define COPY_SIGNATURE_LENGTH	11
#define COPY_HEADER_LENGTH		(COPY_SIGNATURE_LENGTH + 4 + 4)

/* A row that waits to be known as the last one, or not. */
typedef struct HeldRow
{
	Block	   *block;			/* NULL: none */
	int			table;			/* number of the table */
	bool		first;			/* of its table */
	bool		dropped;		/* by a transform: it counts, but is not sent */
	Frame		frame;			/* points into the block */
} HeldRow;

typedef struct Snapshot
{
	Task	   *task;
	char	   *arguments;		/* of debezium_snapshot(), after the row */
	XLogRecPtr	lsn;
	PGresult   *tables;
	HeldRow		held;
	Topic	   *topic;			/* of the row sent last; NULL: none yet */
	uint32		rows;			/* sent */
	uint64		table_rows;		/* read of the current table */
	double	   *row_counter;
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

/* Opens the reading transaction. */
static bool
begin(Snapshot *snapshot, const char *snapshot_name)
{
	Task	   *task = snapshot->task;
	PQExpBufferData sql;
	bool		ok;

	ok = session_command(task->control, task->config,
						 "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
						 "could not begin the snapshot", task->failure);
	if (!ok || snapshot_name == NULL)
		return ok;
	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "SET TRANSACTION SNAPSHOT ");
	append_literal(&sql, task->control, snapshot_name);
	ok = session_command(task->control, task->config, sql.data,
						 "could not take over the slot's snapshot",
						 task->failure);
	termPQExpBuffer(&sql);
	return ok;
}

/*
 * Asks for the tables, in their order: quoted name, topic, bare name.  The
 * table of signals is not read, as its rows are for the connector.
 * snapshot.tables.order.by.row.count makes no difference, as it makes none
 * to Debezium's connector for PostgreSQL.
 */
static bool
list_tables(Snapshot *snapshot, const char *plugin_config)
{
	Task	   *task = snapshot->task;
	const char *signals = properties_get(task->config->connector,
										 "signal.data.collection");
	PQExpBufferData sql;

	initPQExpBuffer(&sql);
	appendPQExpBuffer(&sql,
					  "SELECT pg_catalog.quote_ident(t.schema_name) || '.' || pg_catalog.quote_ident(t.table_name), "
					  "t.topic, t.schema_name || '.' || t.table_name FROM %s.debezium_tables(",
					  task->extension_schema);
	append_literal(&sql, task->control, plugin_config);
	appendPQExpBufferStr(&sql,
						 ") WITH ORDINALITY AS t(relid, schema_name, table_name, topic, place)");
	if (signals != NULL)
	{
		appendPQExpBufferStr(&sql,
							 " WHERE t.schema_name || '.' || t.table_name <> ");
		append_literal(&sql, task->control, signals);
	}
	appendPQExpBufferStr(&sql, " ORDER BY t.place");
	snapshot->tables = session_query(task->control, task->config, sql.data,
									 PGRES_TUPLES_OK,
									 "could not list the captured tables",
									 NULL, NULL, task->failure);
	termPQExpBuffer(&sql);
	return snapshot->tables != NULL;
}

/* TRUNCATE and ALTER TABLE are not seen by a snapshot: they must wait. */
static bool
lock_tables(Snapshot *snapshot)
{
	Task	   *task = snapshot->task;
	PQExpBufferData sql;
	bool		ok = true;

	initPQExpBuffer(&sql);
	if (task->config->snapshot_lock_ms > 0)
	{
		appendPQExpBuffer(&sql, "SET LOCAL lock_timeout = " INT64_FORMAT,
						  task->config->snapshot_lock_ms);
		ok = session_command(task->control, task->config, sql.data,
							 "could not prepare the snapshot", task->failure);
	}
	for (int i = 0; ok && i < PQntuples(snapshot->tables); i++)
	{
		resetPQExpBuffer(&sql);
		appendPQExpBuffer(&sql, "LOCK TABLE %s IN ACCESS SHARE MODE",
						  PQgetvalue(snapshot->tables, i, 0));
		ok = session_command(task->control, task->config, sql.data,
							 "could not lock a table for the snapshot",
							 task->failure);
	}
	termPQExpBuffer(&sql);
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
					  LSN_FORMAT_ARGS(snapshot->lsn), PQgetvalue(result, 0, 0),
					  PQgetvalue(result, 0, 1));
	snapshot->arguments = pg_strdup(sql.data);
	termPQExpBuffer(&sql);
	PQclear(result);
	return true;
}

/* ------------------------------------------------------------- the rows */

/* The marker's places in a frame, read one by one. */
typedef struct Places
{
	const char *next;
	int			left;
	int			part;			/* of the place at hand */
	uint32		offset;
} Places;

static void
next_place(Places *places)
{
	if (places->left-- > 0)
		frame_place(&places->next, &places->part, &places->offset);
	else
		places->part = -1;
}

/* Appends a part of a record, "marker" in place of "true". */
static void
append_marked(PQExpBuffer buffer, const FrameText *text, int part,
			  Places *places, const char *marker)
{
	uint32		done = 0;

	for (; places->part == part; next_place(places))
	{
		appendBinaryPQExpBuffer(buffer, text->data + done,
								places->offset - done);
		appendPQExpBufferStr(buffer, marker);
		done = places->offset + 4;
	}
	if (text->length > 0)
		appendBinaryPQExpBuffer(buffer, text->data + done, text->length - done);
}

/* The same for a header, as frame_header() reads it. */
static void
append_marked_header(PQExpBuffer buffer, const FrameText *name,
					 const FrameText *value, int part, Places *places,
					 const char *marker)
{
	uint16		name_length = pg_hton16(name->length);
	uint32		value_length;
	size_t		start;

	appendBinaryPQExpBuffer(buffer, (char *) &name_length, 2);
	appendBinaryPQExpBuffer(buffer, name->data, name->length);
	start = buffer->len + 4;
	value_length = pg_hton32(value->length);
	appendBinaryPQExpBuffer(buffer, (char *) &value_length, 4);
	if (value->length < 0)
		return;
	append_marked(buffer, value, part, places, marker);
	value_length = pg_hton32(buffer->len - start);
	memcpy(buffer->data + start - 4, &value_length, 4);
}

/*
 * Puts the marker into a record, whose parts then are in a block of their
 * own.  A row that was not transformed has one place, in the value.
 */
static void
mark_record(Snapshot *snapshot, const Frame *frame, const char *marker,
			Record *record)
{
	Places		places = {.next = frame->places,.left = frame->place_count};
	PQExpBufferData buffer;
	const char *headers = frame->headers;
	size_t		value_at;
	size_t		headers_at;

	if (frame->type == 'S')
	{
		places.left = 0;
		places.part = frame->marker >= 0 ? 1 : -1;
		places.offset = frame->marker;
	}
	else
		next_place(&places);
	if (places.part < 0)
		return;
	initPQExpBuffer(&buffer);
	append_marked(&buffer, &frame->key, 0, &places, marker);
	value_at = buffer.len;
	append_marked(&buffer, &frame->value, 1, &places, marker);
	headers_at = buffer.len;
	for (int i = 0; i < frame->header_count; i++)
	{
		FrameText	name;
		FrameText	value;

		frame_header(&headers, &name, &value);
		append_marked_header(&buffer, &name, &value, 2 + i, &places, marker);
	}
	if (PQExpBufferDataBroken(buffer))
		pg_fatal("out of memory");
	if (frame->key.data != NULL)
		record->key = buffer.data;
	record->key_length = value_at;
	if (frame->value.data != NULL)
		record->value = buffer.data + value_at;
	record->value_length = headers_at - value_at;
	record->headers = buffer.data + headers_at;
	record->block = block_new(buffer.data, buffer.len,
							  producer_held(snapshot->task->producer));
}

/* The topic of a row: a transform's choice, or its table's. */
static Topic *
row_topic(Snapshot *snapshot, const HeldRow *row)
{
	FrameText	name = row->frame.topic_name;

	if (row->frame.type == 'S')
	{
		name.data = PQgetvalue(snapshot->tables, row->table, 1);
		name.length = strlen(name.data);
	}
	if (snapshot->topic == NULL ||
		strlen(snapshot->topic->name) != (size_t) name.length ||
		memcmp(snapshot->topic->name, name.data, name.length) != 0)
		snapshot->topic = topics_get(&snapshot->task->topics, name.data,
									 name.length);
	return snapshot->topic;
}

/* Sends a row, waiting while the producer is full. */
static bool
send_row(Snapshot *snapshot, HeldRow *row, const char *marker)
{
	Task	   *task = snapshot->task;
	const Frame *frame = &row->frame;
	Topic	   *topic = row_topic(snapshot, row);
	Record		record = {
		.topic = topic,
		.position = {
			.kind = 'r',
			.system_identifier = task->system_identifier,
			.timeline = task->timeline,
			.commit_lsn = snapshot->lsn,
			.change_lsn = snapshot->lsn,
			.number = snapshot->rows
		},
		.key = frame->key.data,
		.key_length = Max(frame->key.length, 0),
		.value = frame->value.data,
		.value_length = Max(frame->value.length, 0),
		.header_count = frame->header_count,
		.headers = frame->headers,
		.transformed = frame->transformed,
		.timestamp = frame->timestamp,
		.of_change = true,
		.block = row->block
	};
	SendResult	result;

	if (topic->handle == NULL && !task_open_topic(task, topic))
		return false;
	if (strcmp(marker, "true") != 0)
		mark_record(snapshot, frame, marker, &record);
	record.partition = topic_partition(topic, frame->partition, record.key,
									   record.key != NULL ? (int32) record.key_length : -1,
									   &record.position);
	if (record.partition == NULL)
	{
		topic_no_partition(topic, frame->partition, task->failure);
		return false;
	}
	do
	{
		if (!producer_serve(task->producer, task->failure))
			result = SEND_FAILED;
		else if (!producer_has_room(task->producer))
			result = SEND_FULL;
		else
			result = producer_send(task->producer, &record, task->failure);
		if (result == SEND_FULL &&
			!loop_wait(producer_fd(task->producer), POLLIN, -1, 100))
		{
			failure_ordered(task->failure);
			result = SEND_FAILED;
		}
	} while (result == SEND_FULL);
	if (record.block != row->block)
		block_release(record.block);
	if (result != SEND_DONE)
		return false;
	snapshot->rows++;
	*snapshot->row_counter += 1;
	*task_record_counter(task, topic, 'r') += 1;
	return true;
}

/*
 * Sends the row that was held back, now that the table of the next one is
 * known; -1: there is none.  Of several marks that fit one row, Debezium's
 * order is last, first, last of its table, first of its table.
 */
static bool
release_row(Snapshot *snapshot, int next_table)
{
	HeldRow    *held = &snapshot->held;
	const char *marker = "true";
	bool		ok;

	if (held->block == NULL)
		return true;
	if (next_table < 0)
		marker = "last";
	else if (held->first && held->table == 0)
		marker = "first";
	else if (held->table != next_table)
		marker = "last_in_data_collection";
	else if (held->first)
		marker = "first_in_data_collection";
	ok = held->dropped || send_row(snapshot, held, marker);
	block_release(held->block);
	held->block = NULL;
	return ok;
}

/* Takes one row out of a COPY message; NULL at the trailer. */
static bool
read_row(Snapshot *snapshot, const char **data, const char *end,
		 const char **row, uint32 *length)
{
	uint16		fields;

	*row = NULL;
	if (end - *data < 2)
		return failure_set(snapshot->task->failure, FAILURE_STOP,
						   "the snapshot's COPY data were cut");
	memcpy(&fields, *data, 2);
	*data += 2;
	if (pg_ntoh16(fields) == 0xffff)
		return true;
	if (pg_ntoh16(fields) != 1 || end - *data < 4)
		return failure_set(snapshot->task->failure, FAILURE_STOP,
						   "the snapshot's COPY data are not one column");
	memcpy(length, *data, 4);
	*length = pg_ntoh32(*length);
	*data += 4;
	if (*length > (size_t) (end - *data))
		return failure_set(snapshot->task->failure, FAILURE_STOP,
						   "the snapshot's COPY data were cut");
	*row = *data;
	*data += *length;
	return true;
}

/* One COPY message: a header at the start, a row, a trailer at the end. */
static bool
take_message(Snapshot *snapshot, int table, Block *block)
{
	Failure    *failure = snapshot->task->failure;
	const char *data = block->data;
	const char *end = data + block->length;

	if (block->length >= COPY_HEADER_LENGTH &&
		memcmp(data, COPY_SIGNATURE, COPY_SIGNATURE_LENGTH) == 0)
		data += COPY_HEADER_LENGTH;
	while (data < end)
	{
		const char *row;
		uint32		length;
		FrameReader reader;
		Frame		frame;

		if (!read_row(snapshot, &data, end, &row, &length))
			return false;
		if (row == NULL)
			break;
		frames_start(&reader, row, length);
		if (length > 0 &&
			(!frames_next(&reader, &frame) ||
			 (frame.type != 'S' && frame.type != 'Y')))
			return failure_set(failure, FAILURE_STOP,
							   "the snapshot's rows are not as expected: %s",
							   reader.error != NULL ? reader.error : "no S frame");
		if (!release_row(snapshot, table))
			return false;
		snapshot->held.block = block_keep(block);
		snapshot->held.table = table;
		snapshot->held.first = snapshot->table_rows++ == 0;
		snapshot->held.dropped = length == 0;
		if (length > 0)
			snapshot->held.frame = frame;
	}
	return true;
}

/* Reads what COPY gives for one table. */
static bool
copy_rows(Snapshot *snapshot, int table)
{
	Task	   *task = snapshot->task;

	for (;;)
	{
		char	   *data;
		int			length = PQgetCopyData(task->control, &data, true);
		Block	   *block;
		bool		ok;

		if (length == 0)
		{
			if (!producer_serve(task->producer, task->failure))
				return false;
			if (!loop_wait(PQsocket(task->control), POLLIN,
						   producer_fd(task->producer), LOOP_DUTY_MS))
				return failure_ordered(task->failure);
			if (!PQconsumeInput(task->control))
				return failure_from_connection(task->failure, task->config,
											   task->control,
											   "could not read a table");
			continue;
		}
		if (length < 0)
			break;
		block = block_new(data, length, producer_held(task->producer));
		ok = take_message(snapshot, table, block);
		block_release(block);
		if (!ok)
			return false;
	}
	return true;
}

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
 * The statement that a table's rows are read by: the whole table, or what
 * snapshot.select.statement.overrides says, which must give its columns in
 * their order.
 */
static void
append_query(PQExpBuffer sql, const Snapshot *snapshot, int table)
{
	const Task *task = snapshot->task;
	const char *name = PQgetvalue(snapshot->tables, table, 0);
	const char *statement = snapshot_override(task->config,
											  PQgetvalue(snapshot->tables, table, 2));

	if (statement == NULL)
		appendPQExpBuffer(sql, "SELECT %s.debezium_snapshot(t.*, %s) FROM %s AS t",
						  task->extension_schema, snapshot->arguments, name);
	else
		appendPQExpBuffer(sql,
						  "SELECT %s.debezium_snapshot(ROW(t.*)::%s, %s) FROM (%.*s) AS t",
						  task->extension_schema, name, snapshot->arguments,
						  (int) (strlen(statement) - trailing_length(statement)),
						  statement);
}

static bool
read_table(Snapshot *snapshot, int table)
{
	Task	   *task = snapshot->task;
	const char *name = PQgetvalue(snapshot->tables, table, 0);
	PQExpBufferData sql;
	PGresult   *result;
	char	   *attempt = psprintf("could not read table %s", name);
	bool		ok = false;

	snapshot->table_rows = 0;
	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "COPY (");
	append_query(&sql, snapshot, table);
	appendPQExpBufferStr(&sql, ") TO STDOUT (FORMAT binary)");
	result = session_query(task->control, task->config, sql.data,
						   PGRES_COPY_OUT, attempt, NULL, NULL, task->failure);
	termPQExpBuffer(&sql);
	if (result != NULL)
	{
		PQclear(result);
		ok = copy_rows(snapshot, table);
	}
	/* what the command said at its end */
	while (ok && (result = PQgetResult(task->control)) != NULL)
	{
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			ok = failure_from_result(task->failure, task->config,
									 task->control, result, attempt);
		PQclear(result);
	}
	pg_free(attempt);
	if (ok)
		pg_log_info("snapshot of table %s: " UINT64_FORMAT " rows", name,
					snapshot->table_rows);
	return ok;
}

static bool
read_tables(Snapshot *snapshot)
{
	Task	   *task = snapshot->task;

	for (int i = 0; i < PQntuples(snapshot->tables); i++)
	{
		if (!read_table(snapshot, i))
			return false;
	}
	if (!release_row(snapshot, -1))
		return false;
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

bool
snapshot_run(Task *task, const char *snapshot_name, XLogRecPtr lsn)
{
	Snapshot	snapshot = {.task = task,.lsn = lsn};
	PQExpBufferData plugin_config;
	bool		ok;

	snapshot.row_counter = metrics_sample(task->metrics, METRIC_SNAPSHOT_ROWS,
										  NULL);
	initPQExpBuffer(&plugin_config);
	connector_config_for_plugin(task->config, &plugin_config);
	connector_config_for_run(task->config, &plugin_config);
	ok = begin(&snapshot, snapshot_name) &&
		list_tables(&snapshot, plugin_config.data) &&
		lock_tables(&snapshot) &&
		make_arguments(&snapshot, plugin_config.data);
	if (ok && PQntuples(snapshot.tables) == 0)
		pg_log_warning("no table is captured: nothing in database \"%s\" fits the include and exclude lists, table.include.list is \"%s\"",
					   task->config->database,
					   properties_get(task->config->connector, "table.include.list") != NULL ?
					   properties_get(task->config->connector, "table.include.list") : "");
	ok = ok && read_tables(&snapshot) &&
		session_command(task->control, task->config, "COMMIT",
						"could not end the snapshot", task->failure);
	if (ok)
		pg_log_info("snapshot completed: %u rows of %d tables at %X/%X",
					snapshot.rows, PQntuples(snapshot.tables),
					LSN_FORMAT_ARGS(lsn));
	block_release(snapshot.held.block);
	PQclear(snapshot.tables);
	pg_free(snapshot.arguments);
	termPQExpBuffer(&plugin_config);
	return ok;
}
