/*-------------------------------------------------------------------------
 *
 * decoder_snapshot_rows.c
 *	  Snapshots of many rows: frames in runs of some 64 KiB.
 *
 * NOTES
 *	  COPY makes a message of each row that it gets, and the client memory
 *	  for each message.  So this function runs the query that reads a table
 *	  itself and returns many rows as one value:
 *	  COPY (SELECT debezium_snapshot_rows('SELECT t.* FROM t', ...)).  Rows go
 *	  from the executor's slot to the encoder, without being made into a tuple
 *	  or datum in between.  Planner, row security and ranges of ctid work as in
 *	  any query.  In the target list the function is asked for one value at a
 *	  time; in FROM all values would first be written to temporary files.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "decoder_snapshot.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "tcop/pquery.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/pg_lsn.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(debezium_snapshot_rows);

/* A value is returned when it has as much as a message of the stream. */
#define RUN_BYTES	(64 * 1024)

/* Where a single row needed more room than this, it is given back. */
#define ROOM_KEPT	(1024 * 1024)

typedef struct SnapshotRun
{
	DestReceiver receiver;		/* first, as the executor knows only this */
	SnapshotSite site;
	MemoryContext row_context;	/* reset after each row */
	char	   *portal;			/* name of the cursor on the query */
	int		   *columns;		/* of the query's: index in the table */
	bool		full;			/* the receiver has asked to stop */
	bool		done;			/* the query has given all of its rows */
} SnapshotRun;

/*
 * Takes a row of the query.  False: enough for this time.
 */
static bool
run_receive(TupleTableSlot *slot, DestReceiver *receiver)
{
	SnapshotRun *run = (SnapshotRun *) receiver;
	SnapshotSite *site = &run->site;
	StringInfo	out = &site->frame;
	MemoryContext caller_context = MemoryContextSwitchTo(run->row_context);
	int			start = out->len;
	int			i;

	slot_getallattrs(slot);
	for (i = 0; i < slot->tts_tupleDescriptor->natts; i++)
	{
		site->row.values[run->columns[i]] = slot->tts_values[i];
		site->row.nulls[run->columns[i]] = slot->tts_isnull[i];
	}
	snapshot_site_write(site);
	if (out->len == start)
		frame_end(out, frame_begin(out, 'N'));
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(run->row_context);
	run->full = out->len >= RUN_BYTES;
	return !run->full;
}

static void
run_startup(DestReceiver *receiver, int operation, TupleDesc descriptor)
{
}

static void
run_shutdown(DestReceiver *receiver)
{
}

/*
 * Which column of the table is each of the query's?  They must be the table's,
 * in order, without those that were dropped.
 */
static void
run_match_columns(SnapshotRun *run, TupleDesc result)
{
	TupleDesc	table = run->site.descriptor;
	int			found = 0;
	int			i;

	run->columns = palloc(sizeof(int) * (table->natts + 1));
	for (i = 0; i < table->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(table, i);

		run->site.row.nulls[i] = true;
		if (attribute->attisdropped)
			continue;
		if (found >= result->natts ||
			TupleDescAttr(result, found)->atttypid != attribute->atttypid)
			break;
		run->columns[found++] = i;
	}
	if (i < table->natts || found != result->natts)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("query of debezium_snapshot_rows() does not give the columns of table \"%s\"",
						run->site.table.table_name),
				 errhint("Select all of its columns in their order: SELECT t.* FROM table_name t.")));
}

/*
 * Opens a cursor on the query.  Its portal outlives this connection to SPI.
 */
static void
run_open_query(SnapshotRun *run, const char *query)
{
	Portal		portal;
	SPIPlanPtr	plan;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	plan = SPI_prepare(query, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "could not prepare the snapshot's query: %s",
			 SPI_result_code_string(SPI_result));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	run->portal = MemoryContextStrdup(run->site.context, portal->name);
	MemoryContextSwitchTo(run->site.context);
	run_match_columns(run, portal->tupDesc);
	SPI_finish();
}

static SnapshotRun *
run_create(FunctionCallInfo fcinfo, MemoryContext context)
{
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SnapshotRun *run = palloc0(sizeof(SnapshotRun));
	Relation	relation = relation_open(PG_GETARG_OID(1), AccessShareLock);

	if (!snapshot_can_read(relation))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table",
						RelationGetRelationName(relation))));
	run->site.context = context;
	snapshot_site_build(&run->site, relation,
						text_to_cstring(PG_GETARG_TEXT_PP(2)));
	relation_close(relation, AccessShareLock);
	snapshot_site_set_source(&run->site, PG_GETARG_LSN(3), PG_GETARG_INT64(4),
							 PG_GETARG_TIMESTAMPTZ(5));
	run->row_context = AllocSetContextCreate(context, "debezium_snapshot_rows",
											 ALLOCSET_DEFAULT_SIZES);
	run->receiver.receiveSlot = run_receive;
	run->receiver.rStartup = run_startup;
	run->receiver.rShutdown = run_shutdown;
	run->receiver.rDestroy = run_shutdown;
	run->receiver.mydest = DestNone;
	run_open_query(run, text_to_cstring(PG_GETARG_TEXT_PP(0)));
	MemoryContextSwitchTo(caller_context);
	return run;
}

/*
 * Fills the frame with the next rows, behind room for the bytea's header.
 */
static void
run_fetch(SnapshotRun *run)
{
	StringInfo	out = &run->site.frame;
	Portal		portal = GetPortalByName(run->portal);

	if (!PortalIsValid(portal))
		elog(ERROR, "the cursor of debezium_snapshot_rows() is gone");
	if (out->maxlen > ROOM_KEPT)
	{
		pfree(out->data);
		out->data = MemoryContextAlloc(run->site.context, RUN_BYTES);
		out->maxlen = RUN_BYTES;
	}
	resetStringInfo(out);
	appendStringInfoSpaces(out, VARHDRSZ);
	run->full = false;
	PortalRunFetch(portal, FETCH_FORWARD, FETCH_ALL, &run->receiver);
	/* that the receiver has stopped it does not mean that there is no more */
	if (run->full)
		portal->atEnd = false;
	else
	{
		run->done = true;
		PortalDrop(portal, false);
	}
}

/*
 * debezium_snapshot_rows(query text, "table" regclass, config text,
 *						  lsn pg_lsn, txid bigint, at timestamptz)
 *		RETURNS SETOF bytea
 *
 * The frames of the query's rows, which must be rows of the table, many in
 * each value.  A row that a transform drops is an N frame.
 */
Datum
debezium_snapshot_rows(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	SnapshotRun *run;

	if (SRF_IS_FIRSTCALL())
	{
		call = SRF_FIRSTCALL_INIT();
		call->user_fctx = run_create(fcinfo, call->multi_call_memory_ctx);
	}
	call = SRF_PERCALL_SETUP();
	run = call->user_fctx;
	if (!run->done)
	{
		run_fetch(run);
		if (run->site.frame.len > VARHDRSZ)
		{
			/* it stays as it is until the next call */
			SET_VARSIZE(run->site.frame.data, run->site.frame.len);
			SRF_RETURN_NEXT(call, PointerGetDatum(run->site.frame.data));
		}
	}
	SRF_RETURN_DONE(call);
}
