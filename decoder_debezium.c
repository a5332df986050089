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
#include "access/xact.h"
#include "commands/dbcommands.h"
#include "decoder_catalog.h"
#include "decoder_compat.h"
#include "decoder_debezium.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "replication/slot.h"
#include "storage/spin.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;

/*
 * Report progress after so many changes that sent nothing, or the walsender
 * would be taken for dead in a large transaction of no interest.  The number
 * is pgoutput's.
 */
#define QUIET_CHANGES	100

extern PGDLLEXPORT void _PG_output_plugin_init(OutputPluginCallbacks *callbacks);

/*
 * The name of the database is needed from the start, where there is a
 * transaction only if SQL called us.
 */
static void
read_database_name(DecoderState *state)
{
	bool		no_transaction = !IsTransactionState();
	char	   *name;

	if (no_transaction)
		StartTransactionCommand();
	name = get_database_name(MyDatabaseId);
	if (name == NULL)
		elog(ERROR, "cache lookup failed for database %u", MyDatabaseId);
	state->database = MemoryContextStrdup(state->context, name);
	if (no_transaction)
		CommitTransactionCommand();
	if (state->options.topic_prefix == NULL)
		state->options.topic_prefix = MemoryContextStrdup(state->context,
														  state->database);
}

static void
decoder_startup(LogicalDecodingContext *ctx, OutputPluginOptions *plugin_options,
				bool is_init)
{
	MemoryContext caller_context = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(ctx->context,
												  "decoder_debezium",
												  ALLOCSET_DEFAULT_SIZES);
	DecoderState *state;

	MemoryContextSwitchTo(context);
	state = palloc0(sizeof(DecoderState));
	state->ctx = ctx;
	state->context = context;
	state->change_context = AllocSetContextCreate(context,
												  "decoder_debezium change",
												  ALLOCSET_DEFAULT_SIZES);
	options_read(&state->options, ctx->output_plugin_options);
	if (!is_init)
		unmatched_report(&state->options);
	state->last_commit_lsn = state->options.last_commit_lsn;
	state->cache = table_cache_create(&state->options, context);
	source_text_init(&state->source);
	initStringInfo(&state->key);
	initStringInfo(&state->old_key);
	initStringInfo(&state->header);
	initStringInfo(&state->converted_key);
	initStringInfo(&state->frames);
	state->new_row.streamed = true;
	if (!is_init)				/* else nothing is decoded */
	{
		read_database_name(state);
		MemoryContextSwitchTo(context);
		transaction_prepare(state);
		message_prepare(state);
	}
	MemoryContextSwitchTo(caller_context);

	ctx->output_plugin_private = state;
	plugin_options->output_type = state->options.format->output_type;
	plugin_options->receive_rewrites = false;
}

static void
decoder_begin(LogicalDecodingContext *ctx, ReorderBufferTXN *txn)
{
	DecoderState *state = ctx->output_plugin_private;

	transaction_begin(state, txn);
	state->change_lsn = InvalidXLogRecPtr;
	state->change_number = 0;
	state->quiet_changes = 0;
	if (state->options.like_decoderbufs)
		transaction_touch(state, txn->first_lsn);
}

static void
decoder_commit(LogicalDecodingContext *ctx, ReorderBufferTXN *txn,
			   XLogRecPtr commit_lsn)
{
	DecoderState *state = ctx->output_plugin_private;

	transaction_commit(state);
	state->options.format->commit(state);
	update_progress(ctx, state->records == 0);
	table_cache_trim(state->cache);
}

/*
 * Count a change or message: this gives its position, and keeps the
 * connection alive.
 */
static void
count_position(DecoderState *state, XLogRecPtr lsn)
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
 * The oldest transaction whose catalog rows the slot keeps, as of some time
 * ago at most.
 */
static TransactionId
slot_xmin(DecoderState *state)
{
	TimestampTz now;

	if (state->options.xmin_interval == 0 || MyReplicationSlot == NULL)
		return InvalidTransactionId;
	now = GetCurrentTimestamp();
	if (TransactionIdIsValid(state->xmin) &&
		now < state->xmin_time + state->options.xmin_interval * 1000)
		return state->xmin;
	SpinLockAcquire(&MyReplicationSlot->mutex);
	state->xmin = MyReplicationSlot->data.catalog_xmin;
	SpinLockRelease(&MyReplicationSlot->mutex);
	state->xmin_time = now;
	return state->xmin;
}

/*
 * Make the text of the source block, with the first event of a transaction.
 */
static void
prepare_source(DecoderState *state)
{
	const Converter *converter = &state->options.value_converter;
	SourceInfo	info = {0};

	if (state->source_ready)
		return;
	info.prefix = state->options.topic_prefix;
	info.database = state->database;
	info.time = state->transaction.commit_time;
	info.last_commit_lsn = state->last_commit_lsn;
	info.xid = state->transaction.xid;
	info.xmin = slot_xmin(state);
	/* the marker is null in the stream, its schema's default "false" */
	info.snapshot = converter->direct && converter->null_default ?
		"\"false\"" : "null";
	info.utf8 = state->options.utf8;
	info.origin = state->origin;
	info.origin_lsn = state->origin_lsn;
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
process_change(DecoderState *state, const void *arg)
{
	const Change *change = arg;
	CapturedTable *table = table_cache_find(state->cache, change->relation);
	bool		has_old = change->old_tuple != NULL;
	char		operation = change->operation;

	if ((table->publishing.operations & operation_bit(operation)) == 0)
		return;
	if (operation == 'd' && !has_old)
	{
		transaction_touch(state, state->change_lsn);
		if (table->captured)
			report_no_identity(table);
		return;
	}
	if (!table->captured && table->publishing.row_filter == NULL)
	{
		transaction_touch(state, state->change_lsn);
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
	transaction_touch(state, state->change_lsn);
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

	count_position(state, lsn);
	change_perform(state, change->relation, process_change, change);
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

/* One logical message */
typedef struct Message
{
	XLogRecPtr	lsn;
	const char *prefix;
	Size		size;
	const char *content;
} Message;

/*
 * A message in a transaction comes with its changes, when it commits.
 */
static void
process_message(DecoderState *state, const void *arg)
{
	const Message *message = arg;

	transaction_touch(state, message->lsn);
	if (!filter_check_message(state->options.filter, message->prefix))
		return;
	prepare_source(state);
	if (state->options.transaction_metadata)
		transaction_count_message(state, message->lsn);
	message_write(state, message->lsn, message->prefix, message->content,
				  message->size);
}

/*
 * A message outside of transactions comes when it is decoded, whatever is
 * open then.  It is sent as a transaction of its own, and can be confirmed by
 * itself.
 *
 * "lsn" is the end of its WAL record, and where the next record may begin, a
 * commit record maybe.  No record begins one byte before it, since records
 * are aligned; so that stands for the LSN of a commit record in its position:
 * it is above those of all commits before the message, below those of all
 * behind it, and no other message has it.
 */
static void
begin_lone_message(DecoderState *state, XLogRecPtr lsn)
{
	Transaction *transaction = &state->transaction;

	transaction->xid = InvalidTransactionId;
	transaction->commit_lsn = lsn - 1;
	transaction->end_lsn = lsn;
	transaction->commit_time = state->last_commit_time != 0 ?
		state->last_commit_time : GetCurrentTimestamp();
	/* it counts as committed for itself */
	state->last_commit_lsn = lsn;
	state->source.order.known = false;
	state->source_ready = false;
	state->records = 0;
	state->change_lsn = lsn;
	state->change_number = 0;
}

static void
process_lone_message(DecoderState *state, const void *arg)
{
	const Message *message = arg;

	if (!filter_check_message(state->options.filter, message->prefix))
		return;
	prepare_source(state);
	message_write(state, message->lsn, message->prefix, message->content,
				  message->size);
}

static void
decoder_message(LogicalDecodingContext *ctx, ReorderBufferTXN *txn,
				XLogRecPtr lsn, bool transactional, const char *prefix,
				Size size, const char *content)
{
	DecoderState *state = ctx->output_plugin_private;
	Message		message = {lsn, prefix, size, content};
	MemoryContext caller_context;

	if (transactional)
		count_position(state, lsn);
	if (state->options.like_decoderbufs)
		return;
	caller_context = MemoryContextSwitchTo(state->change_context);
	if (transactional)
		change_perform(state, NULL, process_message, &message);
	else
	{
		begin_lone_message(state, lsn);
		change_perform(state, NULL, process_lone_message, &message);
		state->options.format->commit(state);
	}
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(state->change_context);
}

void
_PG_output_plugin_init(OutputPluginCallbacks *callbacks)
{
	callbacks->startup_cb = decoder_startup;
	callbacks->begin_cb = decoder_begin;
	callbacks->change_cb = decoder_change;
	callbacks->truncate_cb = decoder_truncate;
	callbacks->message_cb = decoder_message;
	callbacks->commit_cb = decoder_commit;
}
