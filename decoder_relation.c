/*-------------------------------------------------------------------------
 *
 * decoder_relation.c
 *	  How each relation is captured: a cache with everything that does not
 *	  change from row to row made ready.
 *
 * NOTES
 *	  An entry is made from the catalog under the snapshot in force, so in
 *	  decoding it is the state at the time of the change.  Columns, keys,
 *	  defaults and replica identity all reach us as invalidations of the
 *	  relation itself: PostgreSQL sends one when a row of pg_attribute or
 *	  pg_index that belongs to it changes, and a new default is always
 *	  accompanied by such a row.  The name of the schema, types and names of
 *	  indexes are other objects, which an entry notes as what it depends on.
 *
 *	  Callbacks can come at any catalog access, so they only mark.  They
 *	  cannot be unregistered; they find the cache in a static pointer, which
 *	  is cleared when the cache's memory goes.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "decoder_debezium.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* Kafka's limit for the name of a topic */
#define MAX_TOPIC_LEN	249

/* Stale entries that may pile up before they are dropped, see below */
#define MAX_STALE_ENTRIES	1000

struct TableCache
{
	const DecoderOptions *options;
	MemoryContext context;
	HTAB	   *tables;
	CapturedTable *last;		/* the one found last, or NULL */
	int			stale;			/* entries invalidated since the last trim */
};

static TableCache *current_cache = NULL;

static void
invalidate_entry(TableCache *cache, CapturedTable *table)
{
	if (table->valid)
		cache->stale++;
	table->valid = false;
}

/*
 * A relation changed; InvalidOid means any.  It can be an index whose name
 * made a key.
 */
static void
on_relation_invalidation(Datum arg, Oid relid)
{
	TableCache *cache = current_cache;
	HASH_SEQ_STATUS scan;
	CapturedTable *table;
	int			i;

	if (cache == NULL)
		return;
	if (OidIsValid(relid))
	{
		table = hash_search(cache->tables, &relid, HASH_FIND, NULL);
		if (table != NULL)
		{
			invalidate_entry(cache, table);
			return;
		}
	}
	hash_seq_init(&scan, cache->tables);
	while ((table = hash_seq_search(&scan)) != NULL)
	{
		if (!OidIsValid(relid))
			invalidate_entry(cache, table);
		else
		{
			for (i = 0; i < table->nindexes; i++)
			{
				if (table->indexes[i] == relid)
					invalidate_entry(cache, table);
			}
		}
	}
}

/*
 * A type or a schema changed; hash value 0 means any.
 */
static void
on_syscache_invalidation(Datum arg, int cacheid, uint32 hashvalue)
{
	TableCache *cache = current_cache;
	HASH_SEQ_STATUS scan;
	CapturedTable *table;
	int			i;

	if (cache == NULL)
		return;
	hash_seq_init(&scan, cache->tables);
	while ((table = hash_seq_search(&scan)) != NULL)
	{
		if (hashvalue == 0)
			invalidate_entry(cache, table);
		else if (cacheid == NAMESPACEOID)
		{
			if (table->namespace_hash == hashvalue)
				invalidate_entry(cache, table);
		}
		else
		{
			for (i = 0; i < table->ntypes; i++)
			{
				if (table->type_hashes[i] == hashvalue)
					invalidate_entry(cache, table);
			}
		}
	}
}

static void
on_cache_reset(void *arg)
{
	if (current_cache == arg)
		current_cache = NULL;
}

/*
 * Make the cache of a decoding session; it lives as long as the context.
 */
TableCache *
table_cache_create(const DecoderOptions *options, MemoryContext context)
{
	static bool registered = false;
	TableCache *cache = MemoryContextAllocZero(context, sizeof(TableCache));
	MemoryContextCallback *callback;
	HASHCTL		control;

	memset(&control, 0, sizeof(control));
	control.keysize = sizeof(Oid);
	control.entrysize = sizeof(CapturedTable);
	control.hcxt = context;
	cache->options = options;
	cache->context = context;
	cache->tables = hash_create("decoder_debezium tables", 128, &control,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	callback = MemoryContextAllocZero(context, sizeof(MemoryContextCallback));
	callback->func = on_cache_reset;
	callback->arg = cache;
	MemoryContextRegisterResetCallback(context, callback);
	if (!registered)
	{
		CacheRegisterRelcacheCallback(on_relation_invalidation, (Datum) 0);
		CacheRegisterSyscacheCallback(NAMESPACEOID, on_syscache_invalidation,
									  (Datum) 0);
		CacheRegisterSyscacheCallback(TYPEOID, on_syscache_invalidation,
									  (Datum) 0);
		registered = true;
	}
	current_cache = cache;
	return cache;
}

static Piece
piece_from(StringInfo text)
{
	Piece		piece;

	piece.data = text->data;
	piece.len = text->len;
	return piece;
}

static Piece
piece_from_literal(const char *text)
{
	Piece		piece;

	piece.data = text;
	piece.len = strlen(text);
	return piece;
}

/*
 * The topic of a table: characters that Kafka does not allow become
 * underscores, two for one outside of the basic plane, as Java counts.
 */
char *
topic_name(const DecoderOptions *options, const char *schema_name,
		   const char *table_name)
{
	StringInfoData topic;
	char	   *full = psprintf("%s.%s.%s", options->topic_prefix, schema_name,
								table_name);
	const char *next;
	int			len;

	initStringInfo(&topic);
	for (next = full; *next != '\0'; next += len)
	{
		len = pg_mblen(next);
		if (len == 1 && (isalnum((unsigned char) *next) ||
						 strchr("._-", *next) != NULL) && !IS_HIGHBIT_SET(*next))
			appendStringInfoChar(&topic, *next);
		else
			appendStringInfoString(&topic,
								   len == 4 && GetDatabaseEncoding() == PG_UTF8 ? "__" : "_");
	}
	pfree(full);
	if (topic.len > MAX_TOPIC_LEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("topic name \"%s\" is too long", topic.data),
				 errdetail("Kafka allows %d characters.", MAX_TOPIC_LEN),
				 errhint("Choose a shorter topic.prefix, or exclude the table.")));
	return topic.data;
}

/* {"name": or ,"name": */
static Piece
column_lead(const char *name, bool first, bool utf8)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoChar(&text, first ? '{' : ',');
	json_append_text(&text, name, strlen(name), utf8);
	appendStringInfoChar(&text, ':');
	return piece_from(&text);
}

/*
 * Generated columns are in snapshots, not in the stream; that is how the
 * events of Debezium are.
 */
static bool
attribute_is_captured(Form_pg_attribute attribute, bool snapshot)
{
	return !attribute->attisdropped &&
		(snapshot || attribute->attgenerated == '\0');
}

/* The default of a column, or NULL */
static char *
default_text(const Column *column, const char *expression)
{
	StringInfoData text;

	if (expression == NULL || column->declared_type != column->type)
		return NULL;
	initStringInfo(&text);
	if (!default_append(&text, column, expression))
		return NULL;
	return pnstrdup(text.data, text.len);
}

/* What a column that the old tuple lacks is filled with */
static Piece
absent_text(const Column *column)
{
	StringInfoData text;

	if (!column->not_null)
		return column->null_text;
	if (column->schema->default_json != NULL)
		return piece_from_literal(column->schema->default_json);
	initStringInfo(&text);
	column_append_filler(&text, column);
	return piece_from(&text);
}

/* What stands for a TOAST value that was not logged because it is the same */
static Piece
unavailable_text(const Column *column)
{
	StringInfoData text;

	if (column->encoder->unavailable == NULL)
		return column->null_text;
	initStringInfo(&text);
	column->encoder->unavailable(&text, column);
	return piece_from(&text);
}

/* The schema of a column's values */
static Schema *
column_schema(const Column *column)
{
	const ValueEncoder *encoder = column->encoder;
	Schema	   *schema = schema_create(encoder->type, !column->not_null);

	schema_set_name(schema, encoder->name, encoder->version);
	if (encoder->schema != NULL)
		encoder->schema(schema, column);
	return schema;
}

/*
 * Fill one column of a table's value or key, of which it is number "place".
 */
static void
column_build(Column *column, const CapturedTable *table,
			 const DecoderOptions *options, Relation relation, int index,
			 int place, bool in_key)
{
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), index);
	const Converter *converter = in_key ? &options->key_converter :
	&options->value_converter;
	Schema	   *schema;

	column->options = options;
	column->table_name = psprintf("%s.%s", table->schema_name, table->table_name);
	column->name = pstrdup(NameStr(attribute->attname));
	column->index = index;
	column->declared_type = attribute->atttypid;
	column->typmod = attribute->atttypmod;
	column->type = getBaseTypeAndTypmod(attribute->atttypid, &column->typmod);
	column->varlena = attribute->attlen == -1;
	column->not_null = attribute->attnotnull;
	column->lead = column_lead(column->name, place == 0, options->utf8);
	column->encoder = value_encoder_find(column->type, column->typmod, options);
	column->null_text = piece_from_literal("null");
	if (column->encoder == NULL)
		return;
	column_prepare(column);
	column->null_reported = palloc0(sizeof(bool));

	schema = column_schema(column);
	/* a generated column's expression is not a default */
	if (attribute->atthasdef && attribute->attgenerated == '\0')
		schema->default_json = default_text(column,
											default_expression(relation, index + 1));
	column->schema = schema;
	if (schema->default_json != NULL && converter->direct &&
		converter->null_default)
		column->null_text = piece_from_literal(schema->default_json);
	column->absent_text = absent_text(column);
	column->unavailable_text = unavailable_text(column);
}

static bool
is_key_index(Relation index)
{
	Form_pg_index form = index->rd_index;
	int			i;

	if (!form->indisunique || !form->indisvalid)
		return false;
	for (i = 0; i < form->indnatts; i++)
	{
		if (form->indkey.values[i] == 0)
			return false;		/* an expression */
	}
	return true;
}

/*
 * The attribute numbers that make the key: the primary key's, in its order;
 * else those of the unique index that is first by name, INCLUDE columns
 * counted; NIL when there is neither.  Notes the indexes looked at.
 */
static List *
key_attributes(CapturedTable *table, Relation relation)
{
	List	   *indexes = RelationGetIndexList(relation);
	List	   *attributes = NIL;
	char	   *best_name = NULL;
	ListCell   *cell;
	int			i;

	table->indexes = palloc(sizeof(Oid) * (list_length(indexes) + 1));
	foreach(cell, indexes)
	{
		Relation	index = RelationIdGetRelation(lfirst_oid(cell));
		bool		primary;

		if (!RelationIsValid(index))
			continue;
		table->indexes[table->nindexes++] = RelationGetRelid(index);
		primary = index->rd_index->indisprimary;
		if (primary ||
			(is_key_index(index) &&
			 (best_name == NULL ||
			  strcmp(RelationGetRelationName(index), best_name) < 0)))
		{
			/* INCLUDE columns belong to the key of an index, not of a PK */
			int			count = primary ? index->rd_index->indnkeyatts :
			index->rd_index->indnatts;

			list_free(attributes);
			attributes = NIL;
			best_name = pstrdup(RelationGetRelationName(index));
			for (i = 0; i < count; i++)
				attributes = lappend_int(attributes,
										 index->rd_index->indkey.values[i]);
		}
		RelationClose(index);
		if (primary)
			break;
	}
	list_free(indexes);
	return attributes;
}

static void
keys_build(CapturedTable *table, const DecoderOptions *options,
		   Relation relation, bool snapshot)
{
	List	   *attributes = key_attributes(table, relation);
	Schema	   *schema;
	ListCell   *cell;

	table->keys = palloc0(sizeof(Column) * (list_length(attributes) + 1));
	schema = schema_create(CONNECT_STRUCT, false);
	schema_set_name(schema, psprintf("%s.Key", table->topic.data), 0);
	foreach(cell, attributes)
	{
		Column	   *key = &table->keys[table->nkeys];
		int			index = lfirst_int(cell) - 1;

		if (!attribute_is_captured(TupleDescAttr(RelationGetDescr(relation), index),
								   snapshot))
			continue;			/* a generated column, not in the stream */
		column_build(key, table, options, relation, index, table->nkeys, true);
		table->nkeys++;
		if (key->encoder != NULL)	/* else an error, or shown by
									 * debezium_describe() */
			schema_add_field(schema, key->name, key->schema);
	}
	if (table->nkeys > 0)
		table->key_schema = schema;
}

/* Does the index have this attribute as a column of its key? */
static bool
is_index_key(Relation index, AttrNumber attnum)
{
	Form_pg_index form = index->rd_index;
	int			i;

	for (i = 0; i < form->indnkeyatts; i++)
	{
		if (form->indkey.values[i] == attnum)
			return true;
	}
	return false;
}

/*
 * Mark the columns that old tuples carry.  RelationGetIndexAttrBitmap() would
 * lock the indexes, and so wait for a REINDEX or DROP that is under way; here
 * the catalog is that of the time of the change.
 */
static void
identity_build(CapturedTable *table, Relation relation)
{
	Oid			identity = RelationGetReplicaIndex(relation);
	Relation	index = OidIsValid(identity) ?
	RelationIdGetRelation(identity) : NULL;
	int			i;

	table->identity_full = relation->rd_rel->relreplident == REPLICA_IDENTITY_FULL;
	for (i = 0; i < table->ncolumns + table->nkeys; i++)
	{
		Column	   *column = i < table->ncolumns ? &table->columns[i] :
		&table->keys[i - table->ncolumns];

		column->in_identity = table->identity_full ||
			(RelationIsValid(index) && is_index_key(index, column->index + 1));
	}
	if (RelationIsValid(index))
		RelationClose(index);
}

/* Remember what else than the relation the entry was made from */
static void
dependencies_build(CapturedTable *table, Relation relation)
{
	int			i;

	table->namespace_hash =
		GetSysCacheHashValue1(NAMESPACEOID,
							  ObjectIdGetDatum(RelationGetNamespace(relation)));
	table->type_hashes = palloc(sizeof(uint32) * (2 * table->ncolumns + 1));
	for (i = 0; i < table->ncolumns; i++)
	{
		const Column *column = &table->columns[i];

		/* types of the system never change */
		if (column->declared_type >= FirstNormalObjectId)
			table->type_hashes[table->ntypes++] =
				GetSysCacheHashValue1(TYPEOID,
									  ObjectIdGetDatum(column->declared_type));
		if (column->type >= FirstNormalObjectId &&
			column->type != column->declared_type)
			table->type_hashes[table->ntypes++] =
				GetSysCacheHashValue1(TYPEOID, ObjectIdGetDatum(column->type));
	}
}

/*
 * Is this a relation whose changes are events at all?  Others that are
 * decoded: materialized views when refreshed, and partitioned tables when
 * truncated, beside their partitions.
 */
bool
table_is_published(Relation relation)
{
	return relation->rd_rel->relkind == RELKIND_RELATION;
}

/*
 * Fill an entry from the catalog, in the current memory context.  The table's
 * names must be there already.
 */
void
table_build(CapturedTable *table, const DecoderOptions *options,
			Relation relation, bool snapshot)
{
	TupleDesc	descriptor = RelationGetDescr(relation);
	StringInfoData text;
	int			i;

	table->topic = piece_from_literal(topic_name(options, table->schema_name,
												 table->table_name));
	table->columns = palloc0(sizeof(Column) * (descriptor->natts + 1));
	for (i = 0; i < descriptor->natts; i++)
	{
		if (attribute_is_captured(TupleDescAttr(descriptor, i), snapshot))
		{
			column_build(&table->columns[table->ncolumns], table, options,
						 relation, i, table->ncolumns, false);
			table->ncolumns++;
		}
	}
	keys_build(table, options, relation, snapshot);
	identity_build(table, relation);
	dependencies_build(table, relation);

	initStringInfo(&text);
	appendStringInfoString(&text, "\"schema\":");
	json_append_text(&text, table->schema_name, strlen(table->schema_name),
					 options->utf8);
	text_append_literal(&text, ",\"table\":");
	json_append_text(&text, table->table_name, strlen(table->table_name),
					 options->utf8);
	text_append_literal(&text, ",\"txId\":");
	table->source_names = piece_from(&text);
	envelope_prepare(table, options);
}

/*
 * Refuse a table that has a column of a type without encoder.
 */
void
table_require_supported(const CapturedTable *table)
{
	int			i;

	for (i = 0; i < table->ncolumns; i++)
	{
		const Column *column = &table->columns[i];

		if (column->encoder == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot encode column \"%s\" of table \"%s\": type %s is not supported yet",
							column->name, column->table_name,
							format_type_be(column->declared_type)),
					 errhint("Name the table in table.exclude.list to go on without it.")));
	}
}

static void
entry_build(TableCache *cache, CapturedTable *table, Relation relation)
{
	const DecoderOptions *options = cache->options;
	Piece		old_topic = table->topic;
	int			old_number = table->topic_number;
	MemoryContext old_context = table->context;
	MemoryContext caller_context;
	Oid			relid = table->relid;

	memset(table, 0, sizeof(CapturedTable));
	table->relid = relid;
	table->topic_number = -1;
	/* before the catalog is read: invalidations that come in between count */
	table->valid = true;
	table->context = AllocSetContextCreate(cache->context,
										   "decoder_debezium table",
										   ALLOCSET_SMALL_SIZES);
	caller_context = MemoryContextSwitchTo(table->context);
	table->schema_name = get_namespace_name(RelationGetNamespace(relation));
	if (table->schema_name == NULL)
		elog(ERROR, "cache lookup failed for schema %u",
			 RelationGetNamespace(relation));
	table->table_name = pstrdup(RelationGetRelationName(relation));
	table->captured = table_is_published(relation) &&
		filter_check(options->filter, table->schema_name, table->table_name,
					 NULL) == FILTER_CAPTURED;
	if (table->captured)
	{
		table_build(table, options, relation, false);
		if (old_topic.len == table->topic.len &&
			memcmp(old_topic.data, table->topic.data, old_topic.len) == 0)
			table->topic_number = old_number;
		table_require_supported(table);
	}
	else
		table->namespace_hash =
			GetSysCacheHashValue1(NAMESPACEOID,
								  ObjectIdGetDatum(RelationGetNamespace(relation)));
	MemoryContextSwitchTo(caller_context);
	if (old_context != NULL)
		MemoryContextDelete(old_context);
}

/*
 * The entry of a relation, made or remade as needed.  Valid until the next
 * call.
 */
CapturedTable *
table_cache_find(TableCache *cache, Relation relation)
{
	Oid			relid = RelationGetRelid(relation);
	CapturedTable *table = cache->last;
	bool		found;

	if (likely(table != NULL && table->relid == relid && table->valid))
		return table;

	table = hash_search(cache->tables, &relid, HASH_ENTER, &found);
	if (!found)
	{
		memset(table, 0, sizeof(CapturedTable));
		table->relid = relid;
		table->topic_number = -1;
	}
	if (!table->valid)
		entry_build(cache, table, relation);
	cache->last = table;
	return table;
}

/*
 * Drop stale entries when there are many: the tables of most of them no
 * longer exist.  To be called between transactions.
 */
void
table_cache_trim(TableCache *cache)
{
	HASH_SEQ_STATUS scan;
	CapturedTable *table;

	if (cache->stale < MAX_STALE_ENTRIES)
		return;
	cache->stale = 0;
	cache->last = NULL;
	hash_seq_init(&scan, cache->tables);
	while ((table = hash_seq_search(&scan)) != NULL)
	{
		if (!table->valid)
		{
			if (table->context != NULL)
				MemoryContextDelete(table->context);
			hash_search(cache->tables, &table->relid, HASH_REMOVE, NULL);
		}
	}
}
