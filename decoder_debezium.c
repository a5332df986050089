/*-------------------------------------------------------------------------
 *
 * decoder_debezium.c
 *	  Output plugin that writes Debezium's change events: entry point,
 *	  callbacks, and the life of the plugin's state.
 *
 * NOTES
 *	  A transaction is decoded whole, when it commits, so its commit LSN is
 *	  known at its begin.  There are no callbacks for streaming of large
 *	  transactions or for two-phase commit on purpose: with them the position
 *	  of a record would not be known when it is sent.
 *
 *	  The position of a change is the LSN of its WAL record and its number
 *	  among the changes of the transaction with that LSN, which a COPY gives
 *	  many of.  Changes are counted before any filter, so the position is the
 *	  same whatever the options are.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/dbcommands.h"
#include "decoder_compat.h"
#include "decoder_debezium.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "replication/origin.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;

/*
 * Report progress after so many changes that sent nothing, or the walsender
 * would be taken for dead in a large transaction of no interest.  The number
 * is pgoutput's.
 */
#define QUIET_CHANGES	100

extern PGDLLEXPORT void _PG_output_plugin_init(OutputPluginCallbacks *callbacks);

static void
decoder_startup(LogicalDecodingContext *ctx, OutputPluginOptions *plugin_options,
				bool is_init)
{
	MemoryContext context = AllocSetContextCreate(ctx->context,
												  "decoder_debezium",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	DecoderState *state = palloc0(sizeof(DecoderState));

	state->ctx = ctx;
	state->context = context;
	state->change_context = AllocSetContextCreate(context,
												  "decoder_debezium change",
												  ALLOCSET_DEFAULT_SIZES);
	options_read(&state->options, ctx->output_plugin_options);
	state->last_commit_lsn = state->options.last_commit_lsn;
	state->cache = table_cache_create(&state->options, context);
	source_text_init(&state->source);
	initStringInfo(&state->key);
	initStringInfo(&state->old_key);
	initStringInfo(&state->header);
	initStringInfo(&state->converted_key);
	initStringInfo(&state->frames);
	state->new_row.streamed = true;
	MemoryContextSwitchTo(caller_context);

	ctx->output_plugin_private = state;
	plugin_options->output_type = state->options.format->output_type;
	plugin_options->receive_rewrites = false;
}

static void
decoder_begin(LogicalDecodingContext *ctx, ReorderBufferTXN *txn)
{
	DecoderState *state = ctx->output_plugin_private;

	/* the catalog can be read only now, at startup there is no transaction */
	if (state->database == NULL)
	{
		MemoryContext caller_context = MemoryContextSwitchTo(state->context);

		state->database = get_database_name(MyDatabaseId);
		if (state->database == NULL)
			elog(ERROR, "cache lookup failed for database %u", MyDatabaseId);
		if (state->options.topic_prefix == NULL)
			state->options.topic_prefix = pstrdup(state->database);
		MemoryContextSwitchTo(caller_context);
	}
	state->txn = txn;
	state->source_ready = false;
	state->touched = false;
	state->records = 0;
	state->change_lsn = InvalidXLogRecPtr;
	state->change_number = 0;
	state->quiet_changes = 0;
}

static void
decoder_commit(LogicalDecodingContext *ctx, ReorderBufferTXN *txn,
			   XLogRecPtr commit_lsn)
{
	DecoderState *state = ctx->output_plugin_private;

	state->options.format->commit(state);
	update_progress(ctx, state->records == 0);
	if (state->touched)
		state->last_commit_lsn = txn->end_lsn;
	table_cache_trim(state->cache);
	state->txn = NULL;
}

/*
 * Count a change: this gives its position, and keeps the connection alive.
 */
static void
count_change(DecoderState *state, XLogRecPtr lsn)
{
	if (lsn == state->change_lsn)
		state->change_number++;
	else
	{
		state->change_lsn = lsn;
		state->change_number = 0;
	}
	if (++state->quiet_changes >= QUIET_CHANGES)
	{
		CHECK_FOR_INTERRUPTS();
		update_progress(state->ctx, false);
		state->quiet_changes = 0;
	}
}

/*
 * Make the text of the source block, with the first captured change.
 */
static void
prepare_source(DecoderState *state)
{
	const Converter *converter = &state->options.value_converter;
	ReorderBufferTXN *txn = state->txn;
	SourceInfo	info = {0};
	char	   *origin = NULL;

	if (state->source_ready)
		return;
	info.prefix = state->options.topic_prefix;
	info.database = state->database;
	info.time = txn_commit_time(txn);
	info.last_commit_lsn = state->last_commit_lsn;
	info.xid = txn->xid;
	/* the marker is null in the stream, its schema's default "false" */
	info.snapshot = converter->direct && converter->null_default ?
		"\"false\"" : "null";
	info.utf8 = state->options.utf8;
	/* the origin may have been dropped since */
	if (txn->origin_id != InvalidRepOriginId &&
		replorigin_by_oid(txn->origin_id, true, &origin))
	{
		info.origin = origin;
		info.origin_lsn = txn->origin_lsn;
	}
	source_text_make(&state->source, &info);
	state->source_ready = true;
}

static void
reserve_rows(DecoderState *state, int natts)
{
	int			size = Max(natts, 64);

	if (natts <= state->row_size)
		return;
	if (state->row_size > 0)
	{
		pfree(state->new_row.values);
		pfree(state->new_row.nulls);
		pfree(state->old_row.values);
		pfree(state->old_row.nulls);
	}
	state->new_row.values = MemoryContextAlloc(state->context, size * sizeof(Datum));
	state->new_row.nulls = MemoryContextAlloc(state->context, size * sizeof(bool));
	state->old_row.values = MemoryContextAlloc(state->context, size * sizeof(Datum));
	state->old_row.nulls = MemoryContextAlloc(state->context, size * sizeof(bool));
	state->row_size = size;
}

/*
 * An unchanged TOAST value is not in the new tuple, but maybe in the old one.
 */
static void
take_unchanged(DecoderState *state, const Column *columns, int count)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		const Column *column = &columns[i];
		int			index = column->index;

		if (column->varlena && column->in_identity &&
			!state->new_row.nulls[index] && !state->old_row.nulls[index] &&
			VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(state->new_row.values[index])))
			state->new_row.values[index] = state->old_row.values[index];
	}
}

/*
 * Deform the tuples of a change into the rows of the state.
 */
static void
deform_rows(DecoderState *state, const CapturedTable *table,
			TupleDesc descriptor, HeapTuple old_tuple, HeapTuple new_tuple)
{
	reserve_rows(state, descriptor->natts);
	if (new_tuple != NULL)
		heap_deform_tuple(new_tuple, descriptor, state->new_row.values,
						  state->new_row.nulls);
	if (old_tuple != NULL)
	{
		heap_deform_tuple(old_tuple, descriptor, state->old_row.values,
						  state->old_row.nulls);
		state->old_row.partial = !table->identity_full;
		if (new_tuple != NULL)
		{
			take_unchanged(state, table->columns, table->ncolumns);
			take_unchanged(state, table->keys, table->nkeys);
		}
	}
}

/*
 * A delete that says nothing of the row cannot become an event.
 */
static void
report_no_identity(CapturedTable *table)
{
	if (table->warned)
		return;
	table->warned = true;
	ereport(LOG,
			(errmsg("deletes from table \"%s.%s\" are not captured: it has no replica identity",
					table->schema_name, table->table_name),
			 errhint("Add a primary key, or use ALTER TABLE ... REPLICA IDENTITY FULL.")));
}

static int
operation_bit(char operation)
{
	switch (operation)
	{
		case 'c':
			return OPERATION_CREATE;
		case 'u':
			return OPERATION_UPDATE;
		case 'd':
			return OPERATION_DELETE;
		default:
			return OPERATION_TRUNCATE;
	}
}

/* One change of one relation */
typedef struct Change
{
	Relation	relation;
	char		operation;		/* c u d t */
	HeapTuple	old_tuple;		/* NULL: none */
	HeapTuple	new_tuple;
} Change;

/*
 * Write the records of a change, if it is published and captured.
 *
 * "sequence" shows the end of the last transaction that touched a table,
 * whether captured or not: one of which anything was published.
 */
static void
process_change(DecoderState *state, const Change *change)
{
	CapturedTable *table = table_cache_find(state->cache, change->relation);
	bool		has_old = change->old_tuple != NULL;
	char		operation = change->operation;

	if ((table->publishing.operations & operation_bit(operation)) == 0)
		return;
	if (operation == 'd' && !has_old)
	{
		state->touched = true;
		if (table->captured)
			report_no_identity(table);
		return;
	}
	if (!table->captured && table->publishing.row_filter == NULL)
	{
		state->touched = true;
		return;
	}
	deform_rows(state, table, RelationGetDescr(change->relation),
				change->old_tuple, change->new_tuple);
	if (table->publishing.row_filter != NULL && operation != 't')
	{
		operation = row_filter_apply(table->publishing.row_filter, operation,
									 has_old ? &state->old_row : NULL,
									 &state->new_row);
		if (operation == 0)
			return;
	}
	state->touched = true;
	if (!table->captured ||
		(state->options.skipped & operation_bit(operation)) != 0)
		return;
	prepare_source(state);
	change_write(state, table, operation, has_old);
}

static void
handle_change(DecoderState *state, const Change *change, XLogRecPtr lsn)
{
	MemoryContext caller_context = MemoryContextSwitchTo(state->change_context);

	count_change(state, lsn);
	process_change(state, change);
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(state->change_context);
}

static void
decoder_change(LogicalDecodingContext *ctx, ReorderBufferTXN *txn,
			   Relation relation, ReorderBufferChange *change)
{
	Change		item = {relation};

	item.old_tuple = change_old_tuple(change);
	item.new_tuple = change_new_tuple(change);
	switch (change->action)
	{
		case REORDER_BUFFER_CHANGE_INSERT:
			item.operation = 'c';
			break;
		case REORDER_BUFFER_CHANGE_UPDATE:
			item.operation = 'u';
			break;
		case REORDER_BUFFER_CHANGE_DELETE:
			item.operation = 'd';
			break;
		default:
			elog(ERROR, "unexpected change action %d", (int) change->action);
	}
	handle_change(ctx->output_plugin_private, &item, change->lsn);
}

/* Each table of a TRUNCATE is a change of its own */
static void
decoder_truncate(LogicalDecodingContext *ctx, ReorderBufferTXN *txn,
				 int nrelations, Relation relations[],
				 ReorderBufferChange *change)
{
	int			i;

	for (i = 0; i < nrelations; i++)
	{
		Change		item = {relations[i], 't'};

		handle_change(ctx->output_plugin_private, &item, change->lsn);
	}
}

void
_PG_output_plugin_init(OutputPluginCallbacks *callbacks)
{
	callbacks->startup_cb = decoder_startup;
	callbacks->begin_cb = decoder_begin;
	callbacks->change_cb = decoder_change;
	callbacks->truncate_cb = decoder_truncate;
	callbacks->commit_cb = decoder_commit;
}
