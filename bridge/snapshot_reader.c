/*-------------------------------------------------------------------------
 *
 * snapshot_reader.c
 *	  A session that reads pieces of tables, one after the other.
 *
 * NOTES
 *	  Several of them work in one event loop, so nothing here waits for the
 *	  server.  What waits for Kafka, in snapshot_rows.c, holds up all of them:
 *	  the producer is full for each.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "snapshot_reader.h"

/* Sets the failure by a result, or, where that is NULL, by the connection. */
static ReaderStep
failed(SnapshotReader *reader, const PGresult *result)
{
	Task	   *task = reader->rows->task;
	char	   *attempt = psprintf("could not read table %s",
								   reader->table->sql_name);

	if (result != NULL)
		failure_from_result(task->failure, task->config, reader->session,
							result, attempt);
	else
		failure_from_connection(task->failure, task->config, reader->session,
								attempt);
	pg_free(attempt);
	return READER_FAILED;
}

bool
snapshot_reader_start(SnapshotReader *reader, SnapshotTable *table,
					  const char *sql)
{
	reader->table = table;
	reader->copying = false;
	reader->completed = false;
	return PQsendQuery(reader->session, sql) ||
		failed(reader, NULL) != READER_FAILED;
}

/* The command's first result says that rows come; the next how it ended. */
static ReaderStep
take_result(SnapshotReader *reader)
{
	PGresult   *result;
	ReaderStep	step = READER_MORE;

	if (PQisBusy(reader->session))
		return READER_WAIT;
	result = PQgetResult(reader->session);
	if (result == NULL)
	{
		if (!reader->completed)
			return failed(reader, NULL);
		reader->table = NULL;
		return READER_DONE;
	}
	switch (PQresultStatus(result))
	{
		case PGRES_COPY_OUT:
			reader->copying = true;
			break;
		case PGRES_COMMAND_OK:
			reader->completed = true;
			break;
		default:
			step = failed(reader, result);
	}
	PQclear(result);
	return step;
}

/* Takes one message of COPY. */
static ReaderStep
take_message(SnapshotReader *reader)
{
	Task	   *task = reader->rows->task;
	char	   *data;
	int			length = PQgetCopyData(reader->session, &data, true);
	Block	   *block;
	bool		ok;

	if (length == 0)
		return READER_WAIT;
	if (length < 0)
	{
		/* the end, or an error: a result says which */
		reader->copying = false;
		return READER_MORE;
	}
	block = block_new(data, length, producer_held(task->producer));
	ok = snapshot_rows_take(reader->rows, reader->table, block);
	block_release(block);
	return ok ? READER_MORE : READER_FAILED;
}

ReaderStep
snapshot_reader_step(SnapshotReader *reader)
{
	ReaderStep	step;

	if (!PQconsumeInput(reader->session))
		return failed(reader, NULL);
	do
		step = reader->copying ? take_message(reader) : take_result(reader);
	while (step == READER_MORE);
	return step;
}
