/*-------------------------------------------------------------------------
 *
 * decoder_snapshot.c
 *	  The SQL side: snapshots with the same encoder as the stream, the list
 *	  of captured tables, how a table is captured, and the list of options.
 *
 * NOTES
 *	  debezium_snapshot() makes one row into one frame, in any query.  What
 *	  does not change from row to row is kept with the call site.  For many
 *	  rows there is debezium_snapshot_rows(), in decoder_snapshot_rows.c.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "decoder_catalog.h"
#include "decoder_snapshot.h"
#include "decoder_transform.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/pg_lsn.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

PG_FUNCTION_INFO_V1(debezium_snapshot);
PG_FUNCTION_INFO_V1(debezium_tables);
PG_FUNCTION_INFO_V1(debezium_describe);
PG_FUNCTION_INFO_V1(debezium_options);

/* A call site of debezium_snapshot(), and for what it was made */
typedef struct CallSite
{
	Oid			row_type;		/* InvalidOid: not made yet */
	int32		row_typmod;
	struct varlena *config;		/* as given, to see whether it changed */
	SnapshotSite site;
} CallSite;

/*
 * Options for the SQL functions: text is in UTF-8 in a frame, and in the
 * database's encoding in results.
 */
static void
read_options(DecoderOptions *options, const char *config, bool utf8)
{
	options_read_config(options, config, utf8);
	if (options->topic_prefix == NULL)
		options->topic_prefix = get_database_name(MyDatabaseId);
}

/*
 * Is it a table whose rows a snapshot can read?
 */
bool
snapshot_can_read(Relation relation)
{
	return relation->rd_rel->relkind == RELKIND_RELATION ||
		relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE;
}

/*
 * The table whose row type this is, opened.
 */
static Relation
open_row_table(Oid row_type)
{
	Oid			relid = InvalidOid;
	Relation	relation = NULL;

	if (row_type != RECORDOID)
		relid = get_typ_typrelid(row_type);
	if (OidIsValid(relid))
		relation = relation_open(relid, AccessShareLock);
	if (relation == NULL || !snapshot_can_read(relation))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("argument \"row\" of debezium_snapshot() is not a row of a table"),
				 errdetail("Its type is %s.", format_type_be(row_type)),
				 errhint("Pass the whole row: SELECT debezium_snapshot(t.*, ...) FROM ONLY table_name t.")));
	return relation;
}

void
snapshot_site_build(SnapshotSite *site, Relation relation, const char *config)
{
	MemoryContext caller_context = MemoryContextSwitchTo(site->context);

	read_options(&site->options, config, true);
	memset(&site->table, 0, sizeof(site->table));
	site->table.relid = RelationGetRelid(relation);
	site->table.schema_name = get_namespace_name(RelationGetNamespace(relation));
	site->table.table_name = pstrdup(RelationGetRelationName(relation));
	table_build(&site->table, &site->options, relation, relation, true);
	table_report_left_out(&site->table);
	site->descriptor = CreateTupleDescCopyConstr(RelationGetDescr(relation));

	site->row.values = palloc(sizeof(Datum) * (site->descriptor->natts + 1));
	site->row.nulls = palloc(sizeof(bool) * (site->descriptor->natts + 1));
	source_text_init(&site->source);
	site->lsn = InvalidXLogRecPtr;
	site->time = 0;
	initStringInfo(&site->key);
	initStringInfo(&site->frame);
	MemoryContextSwitchTo(caller_context);
}

static void
call_site_build(CallSite *call, Oid row_type, int32 row_typmod,
				struct varlena *config)
{
	MemoryContext context = call->site.context;
	MemoryContext caller_context;
	Relation	relation;

	call->row_type = InvalidOid;	/* should an error come */
	MemoryContextReset(context);
	memset(&call->site, 0, sizeof(call->site));
	call->site.context = context;
	relation = open_row_table(row_type);
	snapshot_site_build(&call->site, relation, text_to_cstring(config));
	relation_close(relation, AccessShareLock);
	caller_context = MemoryContextSwitchTo(context);
	call->config = pg_detoast_datum_copy(config);
	MemoryContextSwitchTo(caller_context);
	call->row_typmod = row_typmod;
	call->row_type = row_type;
}

void
snapshot_site_set_source(SnapshotSite *site, XLogRecPtr lsn, int64 txid,
						 TimestampTz time)
{
	SourceInfo	info = {0};

	if (lsn == site->lsn && txid == site->txid && time == site->time)
		return;
	info.prefix = site->options.topic_prefix;
	info.database = get_database_name(MyDatabaseId);
	info.snapshot = site->options.value_converter.direct ? "\"true\"" :
		"\"" SOURCE_MARKER "\"";
	info.time = time;
	info.xid = txid;
	info.utf8 = true;
	source_text_make(&site->source, &info);
	site->lsn = lsn;
	site->txid = txid;
	site->time = time;
}

static SnapshotSite *
site_find(FmgrInfo *flinfo, HeapTupleHeader row, struct varlena *config)
{
	CallSite   *call = flinfo->fn_extra;
	Oid			row_type = HeapTupleHeaderGetTypeId(row);
	int32		row_typmod = HeapTupleHeaderGetTypMod(row);

	if (call == NULL)
	{
		call = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(CallSite));
		call->site.context = AllocSetContextCreate(flinfo->fn_mcxt,
												   "debezium_snapshot",
												   ALLOCSET_DEFAULT_SIZES);
		flinfo->fn_extra = call;
	}
	if (unlikely(call->row_type != row_type || call->row_typmod != row_typmod ||
				 VARSIZE_ANY_EXHDR(call->config) != VARSIZE_ANY_EXHDR(config) ||
				 memcmp(VARDATA_ANY(call->config), VARDATA_ANY(config),
						VARSIZE_ANY_EXHDR(config)) != 0))
		call_site_build(call, row_type, row_typmod, config);
	return &call->site;
}

/*
 * Append the S frame of the row at hand.
 */
static void
row_write_frame(SnapshotSite *site)
{
	StringInfo	out = &site->frame;
	int			frame = frame_begin(out, 'S');
	int			marker = out->len;
	int			length;

	frame_append_int32(out, 0);
	length = out->len;
	frame_append_int32(out, (uint32) -1);
	if (site->table.key_schema != NULL)
	{
		resetStringInfo(&site->key);
		key_write(&site->key, &site->table, &site->row);
		conversion_write(out, &site->table.key, text_terminate(&site->key));
		frame_set_int32(out, length, out->len - length - (int) sizeof(int32));
	}
	length = out->len;
	frame_append_int32(out, 0);
	frame_set_int32(out, marker,
					envelope_write(out, &site->table, &site->source,
								   &site->clock, site->lsn, 'r', NULL,
								   &site->row));
	frame_set_int32(out, length, out->len - length - (int) sizeof(int32));
	frame_end(out, frame);
}

/*
 * Append the Y frame of the row at hand, or nothing where a transform drops
 * it.
 */
static void
row_write_transformed(SnapshotSite *site)
{
	TransformChain *chain = site->options.chain;
	ConnectRecord record;
	RowChange	change = {0};

	transform_chain_begin(chain, 0, &record, site->table.topic);
	if (site->table.key_schema != NULL)
	{
		resetStringInfo(&site->key);
		key_write(&site->key, &site->table, &site->row);
		record.key = value_create(site->table.key_schema,
								  piece_from_info(&site->key));
	}
	transform_chain_add_context(chain, &record);
	change.table = &site->table;
	change.source = &site->source;
	change.clock = &site->clock;
	change.lsn = site->lsn;
	change.operation = 'r';
	change.after = &site->row;
	if (!transform_chain_apply_change(chain, &change, &record))
		return;
	transform_chain_convert(chain, &record);
	frame_append_transformed_row(&site->frame, chain, &record);
}

/*
 * Append the row's frame, or nothing where a transform drops the row.
 */
void
snapshot_site_write(SnapshotSite *site)
{
	if (site->options.chain != NULL)
		row_write_transformed(site);
	else
		row_write_frame(site);
}

/*
 * debezium_snapshot(row record, config text, lsn pg_lsn, txid bigint,
 *					 at timestamptz) RETURNS bytea
 *
 * The S frame of a row: what Debezium's initial snapshot makes of it.  With
 * transforms a Y frame, or no bytes at all where they drop it.
 */
Datum
debezium_snapshot(PG_FUNCTION_ARGS)
{
	HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(0);
	SnapshotSite *site = site_find(fcinfo->flinfo, row, PG_GETARG_TEXT_PP(1));
	StringInfo	out = &site->frame;
	HeapTupleData tuple;
	bytea	   *result;

	snapshot_site_set_source(site, PG_GETARG_LSN(2), PG_GETARG_INT64(3),
							 PG_GETARG_TIMESTAMPTZ(4));
	tuple.t_len = HeapTupleHeaderGetDatumLength(row);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = row;
	heap_deform_tuple(&tuple, site->descriptor, site->row.values,
					  site->row.nulls);

	resetStringInfo(out);
	snapshot_site_write(site);

	result = palloc(VARHDRSZ + out->len);
	SET_VARSIZE(result, VARHDRSZ + out->len);
	memcpy(VARDATA(result), out->data, out->len);
	PG_RETURN_BYTEA_P(result);
}

/*
 * Start a function that returns its rows as a tuplestore.
 */
static Tuplestorestate *
result_start(FunctionCallInfo fcinfo, TupleDesc *descriptor)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext caller_context;

	if (result == NULL || !IsA(result, ReturnSetInfo) ||
		(result->allowedModes & SFRM_Materialize) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));
	if (get_call_result_type(fcinfo, NULL, descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	caller_context = MemoryContextSwitchTo(result->econtext->ecxt_per_query_memory);
	result->returnMode = SFRM_Materialize;
	result->setDesc = CreateTupleDescCopy(*descriptor);
	result->setResult = tuplestore_begin_heap((result->allowedModes & SFRM_Materialize_Random) != 0,
											  false, work_mem);
	MemoryContextSwitchTo(caller_context);
	*descriptor = result->setDesc;
	return result->setResult;
}

/*
 * debezium_tables(config text)
 */
Datum
debezium_tables(PG_FUNCTION_ARGS)
{
	TupleDesc	descriptor;
	Tuplestorestate *store = result_start(fcinfo, &descriptor);
	DecoderOptions options;
	ListCell   *cell;

	read_options(&options, text_to_cstring(PG_GETARG_TEXT_PP(0)), false);
	unmatched_report(&options);
	foreach(cell, tables_find(options.filter))
	{
		FoundTable *found = lfirst(cell);
		Datum		values[4];
		bool		nulls[4] = {false, false, false, false};

		values[0] = ObjectIdGetDatum(found->relid);
		values[1] = CStringGetTextDatum(found->schema_name);
		values[2] = CStringGetTextDatum(found->table_name);
		values[3] = CStringGetTextDatum(topic_name(&options,
												   found->schema_name,
												   found->table_name));
		tuplestore_putvalues(store, descriptor, values, nulls);
	}
	return (Datum) 0;
}

/* The column of an attribute number, from 0, or NULL */
static const Column *
find_column(const Column *columns, int count, int index)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		if (columns[i].index == index)
			return &columns[i];
	}
	return NULL;
}

/*
 * Why a column is not what its table says, or NULL.
 */
static const char *
column_remark(const CapturedTable *table, const Publishing *publishing,
			  const DecoderOptions *options, Form_pg_attribute attribute)
{
	const Column *column = find_column(table->columns, table->ncolumns,
									   attribute->attnum - 1);
	const char *full_name = psprintf("%s.%s", table->schema_name,
									 table->table_name);

	if (!filter_check_column(options->filter, full_name,
							 NameStr(attribute->attname)))
		return "It is not in events, because of column.include.list or column.exclude.list.";
	if (column == NULL)
		return "It is left out: values of its type have no form in events.";
	if (publishing->operations != 0 &&
		publishing->source == table->relid &&
		!attribute_is_published(publishing, attribute))
		return attribute->attgenerated != '\0' ?
			"It is generated, so only snapshots have it." :
			"It is not in the publication's list, so only snapshots have it.";
	return mask_text(column->mask);
}

/*
 * debezium_describe("table" regclass, config text)
 */
Datum
debezium_describe(PG_FUNCTION_ARGS)
{
	enum
	{
		TOPIC, COLUMN_NAME, TYPE, IN_KEY, ENCODING, DEFAULT_VALUE, REMARK, COUNT
	};
	TupleDesc	descriptor;
	Tuplestorestate *store = result_start(fcinfo, &descriptor);
	DecoderOptions options;
	CapturedTable table = {0};
	Relation	relation;
	Publishing	publishing = {0};
	const char *reason;
	Datum		values[COUNT];
	bool		nulls[COUNT];
	int			i;

	read_options(&options, text_to_cstring(PG_GETARG_TEXT_PP(1)), false);
	relation = relation_open(PG_GETARG_OID(0), AccessShareLock);
	table.relid = RelationGetRelid(relation);
	table.schema_name = get_namespace_name(RelationGetNamespace(relation));
	table.table_name = RelationGetRelationName(relation);
	if (relation->rd_rel->relkind != RELKIND_RELATION &&
		relation->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		reason = "It is not a table.";
	else
		reason = filter_verdict_text(filter_check(options.filter,
												  table.schema_name,
												  table.table_name, NULL));
	if (reason != NULL)
	{
		memset(nulls, true, sizeof(nulls));
		values[REMARK] = CStringGetTextDatum(reason);
		nulls[REMARK] = false;
		tuplestore_putvalues(store, descriptor, values, nulls);
		relation_close(relation, AccessShareLock);
		return (Datum) 0;
	}

	table_build(&table, &options, relation, relation, true);
	publication_decide(&publishing, &options, relation, &table);
	values[TOPIC] = CStringGetTextDatum(topic_name(&options, table.schema_name,
												   table.table_name));
	/* first what is to be said of the table as a whole */
	reason = publishing_text(&publishing, relation);
	if (reason != NULL || RelationGetNumberOfAttributes(relation) == 0)
	{
		memset(nulls, true, sizeof(nulls));
		nulls[TOPIC] = false;
		nulls[REMARK] = reason == NULL;
		if (reason != NULL)
			values[REMARK] = CStringGetTextDatum(reason);
		tuplestore_putvalues(store, descriptor, values, nulls);
	}
	for (i = 0; i < RelationGetNumberOfAttributes(relation); i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), i);
		const Column *column = find_column(table.columns, table.ncolumns, i);

		if (attribute->attisdropped)
			continue;
		memset(nulls, true, sizeof(nulls));
		nulls[TOPIC] = nulls[COLUMN_NAME] = nulls[TYPE] = nulls[IN_KEY] = false;
		values[COLUMN_NAME] = NameGetDatum(&attribute->attname);
		values[TYPE] = CStringGetTextDatum(format_type_with_typemod(attribute->atttypid,
																	attribute->atttypmod));
		values[IN_KEY] = BoolGetDatum(find_column(table.keys, table.nkeys, i) != NULL);
		if (column != NULL)
		{
			nulls[ENCODING] = false;
			values[ENCODING] = CStringGetTextDatum(encoder_name(column->encoder));
			nulls[DEFAULT_VALUE] = column->schema->default_json == NULL ||
				mask_hides_default(column->mask);
			if (!nulls[DEFAULT_VALUE])
				values[DEFAULT_VALUE] = CStringGetTextDatum(column->schema->default_json);
		}
		reason = column_remark(&table, &publishing, &options, attribute);
		if (reason != NULL)
		{
			nulls[REMARK] = false;
			values[REMARK] = CStringGetTextDatum(reason);
		}
		tuplestore_putvalues(store, descriptor, values, nulls);
	}
	relation_close(relation, AccessShareLock);
	return (Datum) 0;
}

/*
 * debezium_options()
 */
Datum
debezium_options(PG_FUNCTION_ARGS)
{
	TupleDesc	descriptor;
	Tuplestorestate *store = result_start(fcinfo, &descriptor);
	OptionText	option;
	int			i;

	for (i = 0; option_describe(i, &option); i++)
	{
		const char *texts[] = {
			option.name, option.default_value, option.values, option.description
		};
		Datum		values[lengthof(texts)];
		bool		nulls[lengthof(texts)];
		int			column;

		for (column = 0; column < lengthof(texts); column++)
		{
			nulls[column] = texts[column] == NULL;
			if (!nulls[column])
				values[column] = CStringGetTextDatum(texts[column]);
		}
		tuplestore_putvalues(store, descriptor, values, nulls);
	}
	return (Datum) 0;
}
