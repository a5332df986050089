/*-------------------------------------------------------------------------
 *
 * decoder_transaction.c
 *	  The transaction at hand, and its metadata: BEGIN and END records, and
 *	  the block "transaction" of events.
 *
 * NOTES
 *	  Debezium sees the transactions that PostgreSQL's pgoutput sends: those
 *	  with a change of a published table, captured or not, or with a logical
 *	  message.  Such a transaction is "touched" here, by its first change or
 *	  message of this kind, and that is where its BEGIN stands in the stream.
 *	  The plugin decoderbufs sends every transaction, so for who comes from it
 *	  all are touched.
 *
 *	  The id of a transaction is its xid and an LSN, which is another one in
 *	  each record: that of the first change that touched it in BEGIN (0 for a
 *	  transaction with a replication origin), that of the change itself in an
 *	  event, that of the end in END.
 *
 *	  A BEGIN has the position (commit LSN, 0, 0, 0), below all changes of its
 *	  transaction, and an END (commit LSN, end LSN, 0, 0), above them.
 *
 *	  END lists its collections in the order of a Java HashMap with their
 *	  names as keys.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_compat.h"
#include "decoder_debezium.h"
#include "replication/origin.h"
#include "utils/memutils.h"

/* A table, or a logical message, with events in the transaction at hand */
typedef struct DataCollection
{
	const char *name;
	int64		events;
} DataCollection;

/* What a logical message is called, with digits that make each its own */
#define MESSAGE_COLLECTION \
	"io.debezium.connector.postgresql.LogicalDecodingMessageMonitor$LogicalDecodingMessageId@%x"

/* Of the block in events */
static SchemaField block_fields[] = {
	{"id", &string_schema},
	{"total_order", &int64_schema},
	{"data_collection_order", &int64_schema}
};
const Schema transaction_schema = {
	.type = CONNECT_STRUCT,
	.optional = true,
	.name = "event.block",
	.version = 1,
	.nfields = lengthof(block_fields),
	.fields = block_fields
};

/* Of BEGIN and END */
static SchemaField key_fields[] = {
	{"id", &string_schema}
};
static const Schema key_schema = {
	.type = CONNECT_STRUCT,
	.name = "io.debezium.connector.common.TransactionMetadataKey",
	.version = 1,
	.nfields = lengthof(key_fields),
	.fields = key_fields
};

static SchemaField collection_fields[] = {
	{"data_collection", &string_schema},
	{"event_count", &int64_schema}
};
static const Schema collection_schema = {
	.type = CONNECT_STRUCT,
	.optional = true,
	.name = "event.collection",
	.version = 1,
	.nfields = lengthof(collection_fields),
	.fields = collection_fields
};
static const Schema collections_schema = {
	.type = CONNECT_ARRAY,
	.optional = true,
	.items = &collection_schema
};

static SchemaField value_fields[] = {
	{"status", &string_schema},
	{"id", &string_schema},
	{"event_count", &optional_int64_schema},
	{"data_collections", &collections_schema},
	{"ts_ms", &int64_schema}
};
static const Schema value_schema = {
	.type = CONNECT_STRUCT,
	.name = "io.debezium.connector.common.TransactionMetadataValue",
	.version = 1,
	.nfields = lengthof(value_fields),
	.fields = value_fields
};

/*
 * Make ready what stays the same for all transactions.
 */
void
transaction_prepare(DecoderState *state)
{
	const DecoderOptions *options = &state->options;
	SideTopic  *topic = &state->transaction_topic;

	state->transaction.context = AllocSetContextCreate(state->context,
													   "decoder_debezium transaction",
													   ALLOCSET_SMALL_SIZES);
	if (!options->transaction_metadata)
		return;
	topic->topic.data = topic_name_transaction(options);
	topic->topic.len = strlen(topic->topic.data);
	topic->topic_number = -1;
	conversion_prepare(&topic->key, &options->key_converter, &key_schema);
	conversion_prepare(&topic->value, &options->value_converter,
					   &value_schema);
}

/* To be called before the first change */
void
transaction_begin(DecoderState *state, ReorderBufferTXN *txn)
{
	Transaction *transaction = &state->transaction;

	transaction->txn = txn;
	transaction->xid = txn->xid;
	transaction->commit_lsn = txn->final_lsn;
	transaction->end_lsn = txn->end_lsn;
	transaction->commit_time = txn_commit_time(txn);
	transaction->touched = false;
	transaction->events = 0;
	transaction->serial++;
	transaction->ncollections = 0;
	transaction->collections = NULL;
	state->source.order.known = state->options.transaction_metadata;
	state->source.order.xid = txn->xid;
	state->source_ready = false;
	state->records = 0;
}

static void
append_id(StringInfo out, TransactionId xid, XLogRecPtr lsn)
{
	text_append_literal(out, "\"");
	json_append_uint64(out, xid);
	text_append_literal(out, ":");
	json_append_uint64(out, lsn);
	text_append_literal(out, "\"");
}

/*
 * Append the block "transaction" of an event.
 */
void
transaction_append_block(StringInfo out, const EventOrder *order,
						 XLogRecPtr lsn)
{
	text_append_literal(out, "{\"id\":");
	append_id(out, order->xid, lsn);
	text_append_literal(out, ",\"total_order\":");
	json_append_int64(out, order->total);
	text_append_literal(out, ",\"data_collection_order\":");
	json_append_int64(out, order->in_collection);
	text_append_literal(out, "}");
}

/*
 * The numbers of the collections in the order in which END lists them.
 */
static int *
collections_order(const DataCollection *collections, int count)
{
	uint32	   *hashes = palloc(sizeof(uint32) * (count + 1));
	int		   *order = palloc(sizeof(int) * (count + 1));
	int			i;

	for (i = 0; i < count; i++)
	{
		const char *name = collections[i].name;
		char	   *utf8 = pg_server_to_any(name, strlen(name), PG_UTF8);

		hashes[i] = hashmap_hash_string(utf8, strlen(utf8));
	}
	hashmap_order(hashes, count, 0, order);
	return order;
}

/*
 * Write a BEGIN or an END at a position of its own; "lsn" is the one in its
 * id.
 */
static void
border_write(DecoderState *state, char operation, XLogRecPtr lsn)
{
	const Transaction *transaction = &state->transaction;
	XLogRecPtr	change_lsn = state->change_lsn;
	int			change_number = state->change_number;
	int64		usecs = unix_usecs(transaction->commit_time);
	StringInfoData key;
	StringInfoData value;
	int		   *order;
	int			i;

	if (!state->options.transaction_metadata ||
		!state->options.format->side_topics)
		return;
	initStringInfo(&key);
	appendStringInfoString(&key, "{\"id\":");
	append_id(&key, transaction->xid, lsn);
	text_append_literal(&key, "}");

	initStringInfo(&value);
	appendStringInfoString(&value, operation == OPERATION_BEGIN ?
						   "{\"status\":\"BEGIN\",\"id\":" :
						   "{\"status\":\"END\",\"id\":");
	append_id(&value, transaction->xid, lsn);
	if (operation == OPERATION_BEGIN)
		appendStringInfoString(&value,
							   ",\"event_count\":null,\"data_collections\":null");
	else
	{
		appendStringInfo(&value, ",\"event_count\":" INT64_FORMAT
						 ",\"data_collections\":[", transaction->events);
		order = collections_order(transaction->collections,
								  transaction->ncollections);
		for (i = 0; i < transaction->ncollections; i++)
		{
			const DataCollection *collection = &transaction->collections[order[i]];

			appendStringInfoString(&value, i > 0 ? ",{\"data_collection\":" :
								   "{\"data_collection\":");
			json_append_text(&value, collection->name,
							 strlen(collection->name), state->options.utf8);
			text_append_literal(&value, ",\"event_count\":");
			json_append_int64(&value, collection->events);
			text_append_literal(&value, "}");
		}
		text_append_literal(&value, "]");
	}
	text_append_literal(&value, ",\"ts_ms\":");
	json_append_int64(&value, usecs / 1000 - (usecs % 1000 < 0 ? 1 : 0));
	text_append_literal(&value, "}");

	state->change_lsn = operation == OPERATION_BEGIN ? InvalidXLogRecPtr :
		transaction->end_lsn;
	state->change_number = 0;
	side_record_write(state, &state->transaction_topic, operation,
					  text_terminate(&key), text_terminate(&value));
	state->change_lsn = change_lsn;
	state->change_number = change_number;
}

/* Note the origin of a transaction, for it and for lone messages after it */
static void
read_origin(DecoderState *state, ReorderBufferTXN *txn)
{
	char	   *origin;

	if (state->origin != NULL)
		pfree(state->origin);
	state->origin = NULL;
	if (state->options.like_decoderbufs)
		return;
	/* it may have been dropped since */
	if (txn->origin_id != InvalidRepOriginId &&
		replorigin_by_oid(txn->origin_id, true, &origin))
	{
		state->origin = MemoryContextStrdup(state->context, origin);
		state->origin_lsn = txn->origin_lsn;
	}
}

/*
 * A change or message at "lsn" is one that Debezium would see.  The first of
 * a transaction makes its BEGIN.
 */
void
transaction_touch(DecoderState *state, XLogRecPtr lsn)
{
	Transaction *transaction = &state->transaction;
	MemoryContext caller_context;

	if (likely(transaction->touched))
		return;
	transaction->touched = true;
	state->last_commit_time = transaction->commit_time;
	caller_context = MemoryContextSwitchTo(transaction->context);
	read_origin(state, transaction->txn);
	/* pgoutput sends it without LSN when the name of an origin follows */
	border_write(state, OPERATION_BEGIN,
				 state->origin != NULL ? InvalidXLogRecPtr : lsn);
	MemoryContextSwitchTo(caller_context);
}

/* The number of a new collection in the transaction */
static int
collection_add(Transaction *transaction, const char *name)
{
	int			number = transaction->ncollections;
	DataCollection *collection;

	/* room for a power of two */
	if (transaction->collections == NULL)
		transaction->collections = MemoryContextAlloc(transaction->context,
													  sizeof(DataCollection));
	else if ((number & (number - 1)) == 0)
		transaction->collections = repalloc_huge(transaction->collections,
												 2 * number * sizeof(DataCollection));
	collection = &transaction->collections[number];
	collection->name = MemoryContextStrdup(transaction->context, name);
	collection->events = 0;
	transaction->ncollections++;
	return number;
}

/*
 * The number of a table's collection.  Tables are told apart by name alone: a
 * table that was dropped and made anew goes on as the same.
 */
static int
collection_find(Transaction *transaction, const CapturedTable *table)
{
	char	   *name = psprintf("%s.%s", table->schema_name, table->table_name);
	int			i;

	for (i = 0; i < transaction->ncollections; i++)
	{
		if (strcmp(transaction->collections[i].name, name) == 0)
			return i;
	}
	return collection_add(transaction, name);
}

static void
count_event(DecoderState *state, int collection)
{
	Transaction *transaction = &state->transaction;
	EventOrder *order = &state->source.order;

	transaction->last_collection = collection;
	order->total = ++transaction->events;
	order->in_collection = ++transaction->collections[collection].events;
}

/*
 * Count an event of a table, and note its place in the transaction.
 */
void
transaction_count_event(DecoderState *state, CapturedTable *table)
{
	Transaction *transaction = &state->transaction;

	if (unlikely(table->collection_serial != transaction->serial))
	{
		table->collection = collection_find(transaction, table);
		table->collection_serial = transaction->serial;
	}
	count_event(state, table->collection);
}

/*
 * The same for a logical message, which is a collection of its own.  Its name
 * in Debezium is the id of a Java object; here the digits come from its LSN.
 */
void
transaction_count_message(DecoderState *state, XLogRecPtr lsn)
{
	char	   *name = psprintf(MESSAGE_COLLECTION, (uint32) lsn);

	count_event(state, collection_add(&state->transaction, name));
}

void
transaction_mark(const DecoderState *state, TransactionMark *mark)
{
	const Transaction *transaction = &state->transaction;

	mark->touched = transaction->touched;
	mark->events = transaction->events;
	mark->ncollections = transaction->ncollections;
}

/*
 * Take back what was counted since: of one change, so of one collection.
 */
void
transaction_rollback(DecoderState *state, const TransactionMark *mark)
{
	Transaction *transaction = &state->transaction;

	if (transaction->events > mark->events)
		transaction->collections[transaction->last_collection].events -=
			transaction->events - mark->events;
	transaction->events = mark->events;
	transaction->touched = mark->touched;
	if (transaction->ncollections > mark->ncollections)
	{
		transaction->ncollections = mark->ncollections;
		transaction->serial++;	/* tables look their collection up again */
	}
}

/* To be called behind the last change */
void
transaction_commit(DecoderState *state)
{
	Transaction *transaction = &state->transaction;
	MemoryContext caller_context;

	if (transaction->touched)
	{
		caller_context = MemoryContextSwitchTo(transaction->context);
		border_write(state, OPERATION_END, transaction->end_lsn);
		MemoryContextSwitchTo(caller_context);
		state->last_commit_lsn = transaction->end_lsn;
	}
	transaction->txn = NULL;
	transaction->collections = NULL;
	transaction->ncollections = 0;
	MemoryContextReset(transaction->context);
}
