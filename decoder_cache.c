/*-------------------------------------------------------------------------
 *
 * decoder_cache.c
 *	  The cache of how each relation is captured, and what makes an entry
 *	  stale.
 *
 * NOTES
 *	  An entry is made from the catalog under the snapshot in force, so in
 *	  decoding it is the state at the time of the change.  Columns, keys,
 *	  defaults and replica identity all reach us as invalidations of the
 *	  relation itself: PostgreSQL sends one when a row of pg_attribute or
 *	  pg_index that belongs to it changes, and a new default is always
 *	  accompanied by such a row.  The name of the schema, types, indexes by
 *	  their names, and a partition's ancestors are other objects, which an
 *	  entry notes as what it depends on.
 *
 *	  These notes are kept by object, not by entry: an invalidation finds who
 *	  depends on it without a look at each of many thousand entries.  Only a
 *	  changed publication makes all entries stale, as it is with pgoutput.
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

#include "catalog/partition.h"
#include "decoder_debezium.h"
#include "lib/ilist.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* Stale entries that may pile up before they are dropped, see below */
#define MAX_STALE_ENTRIES	1000

/*
 * An entry keeps some kilobytes in small pieces, and there can be very many
 * entries.  With such small blocks, what is used while it is made goes back
 * to the system.
 */
#define ENTRY_SIZES	0, 1024, 2048

/* Not the number of a syscache: the value is a relation's OID */
#define RELATION_OBJECT		(-1)

/* An object that entries depend on */
typedef struct ObjectKey
{
	int32		cache;			/* a syscache, or RELATION_OBJECT */
	uint32		value;			/* hash value in it, or OID */
} ObjectKey;

typedef struct Object
{
	ObjectKey	key;			/* hash key; must be first */
	dlist_head	dependencies;	/* never empty */
} Object;

/* One entry's dependence on one object */
struct Dependency
{
	dlist_node	node;			/* in the object's list */
	Object	   *object;
	CapturedTable *table;
	Dependency *next;			/* of the same table */
};

struct TableCache
{
	const DecoderOptions *options;
	MemoryContext context;
	HTAB	   *tables;
	HTAB	   *objects;
	CapturedTable *last;		/* the one found last, or NULL */
	int			stale;			/* entries invalidated since the last trim */
	uint64		generation;		/* grows whenever the content of one goes */
};

static TableCache *current_cache = NULL;

static void
invalidate_entry(TableCache *cache, CapturedTable *table)
{
	if (table->valid)
		cache->stale++;
	table->valid = false;
	table->changed = true;
}

static void
invalidate_all(TableCache *cache)
{
	HASH_SEQ_STATUS scan;
	CapturedTable *table;

	hash_seq_init(&scan, cache->tables);
	while ((table = hash_seq_search(&scan)) != NULL)
		invalidate_entry(cache, table);
}

static void
invalidate_dependents(TableCache *cache, int cacheid, uint32 value)
{
	ObjectKey	key = {cacheid, value};
	Object	   *object = hash_search(cache->objects, &key, HASH_FIND, NULL);
	dlist_iter	iterator;

	if (object == NULL)
		return;
	dlist_foreach(iterator, &object->dependencies)
		invalidate_entry(cache,
						 dlist_container(Dependency, node, iterator.cur)->table);
}

/*
 * A relation changed; InvalidOid means any.
 */
static void
on_relation_invalidation(Datum arg, Oid relid)
{
	TableCache *cache = current_cache;
	CapturedTable *table;

	if (cache == NULL)
		return;
	if (!OidIsValid(relid))
	{
		invalidate_all(cache);
		return;
	}
	table = hash_search(cache->tables, &relid, HASH_FIND, NULL);
	if (table != NULL)
		invalidate_entry(cache, table);
	invalidate_dependents(cache, RELATION_OBJECT, relid);
}

/*
 * An object of which a syscache has a row changed; hash value 0 means any.
 */
static void
on_object_invalidation(Datum arg, int cacheid, uint32 hashvalue)
{
	if (current_cache == NULL)
		return;
	if (hashvalue == 0)
		invalidate_all(current_cache);
	else
		invalidate_dependents(current_cache, cacheid, hashvalue);
}

/*
 * A label of an enum is new, renamed or gone; it is not said of which.
 */
static void
on_enum_invalidation(Datum arg, int cacheid, uint32 hashvalue)
{
	if (current_cache != NULL)
		invalidate_dependents(current_cache, ENUMOID, 0);
}

/*
 * A publication changed, or what belongs to one.
 */
static void
on_publication_invalidation(Datum arg, int cacheid, uint32 hashvalue)
{
	if (current_cache != NULL &&
		current_cache->options->publication_mode != PUBLICATION_FILTERED)
		invalidate_all(current_cache);
}

static void
on_cache_reset(void *arg)
{
	if (current_cache == arg)
		current_cache = NULL;
}

static void
register_callbacks(void)
{
	static bool registered = false;

	if (registered)
		return;
	CacheRegisterRelcacheCallback(on_relation_invalidation, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, on_object_invalidation,
								  (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, on_object_invalidation, (Datum) 0);
	CacheRegisterSyscacheCallback(ENUMOID, on_enum_invalidation, (Datum) 0);
	CacheRegisterSyscacheCallback(PUBLICATIONOID, on_publication_invalidation,
								  (Datum) 0);
	CacheRegisterSyscacheCallback(PUBLICATIONRELMAP,
								  on_publication_invalidation, (Datum) 0);
#if PG_VERSION_NUM >= 150000
	CacheRegisterSyscacheCallback(PUBLICATIONNAMESPACEMAP,
								  on_publication_invalidation, (Datum) 0);
#endif
	registered = true;
}

static HTAB *
create_hash(const char *name, int key_size, int entry_size,
			MemoryContext context)
{
	HASHCTL		control;

	memset(&control, 0, sizeof(control));
	control.keysize = key_size;
	control.entrysize = entry_size;
	control.hcxt = context;
	return hash_create(name, 128, &control,
					   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * Make the cache of a decoding session; it lives as long as the context.
 */
TableCache *
table_cache_create(const DecoderOptions *options, MemoryContext context)
{
	TableCache *cache = MemoryContextAllocZero(context, sizeof(TableCache));
	MemoryContextCallback *callback;

	cache->options = options;
	cache->context = context;
	cache->tables = create_hash("decoder_debezium tables", sizeof(Oid),
								sizeof(CapturedTable), context);
	cache->objects = create_hash("decoder_debezium objects", sizeof(ObjectKey),
								 sizeof(Object), context);
	callback = MemoryContextAllocZero(context, sizeof(MemoryContextCallback));
	callback->func = on_cache_reset;
	callback->arg = cache;
	MemoryContextRegisterResetCallback(context, callback);
	register_callbacks();
	current_cache = cache;
	return cache;
}

/*
 * Note what an entry is made from, beside the relation itself.  Entries that
 * are not in the cache depend on nothing: they are used at once.
 */
static void
depend_on(CapturedTable *table, int cacheid, uint32 value)
{
	TableCache *cache = table->cache;
	ObjectKey	key = {cacheid, value};
	Dependency *dependency;
	Object	   *object;
	bool		found;

	if (cache == NULL)
		return;
	for (dependency = table->dependencies; dependency != NULL;
		 dependency = dependency->next)
	{
		if (dependency->object->key.cache == cacheid &&
			dependency->object->key.value == value)
			return;
	}
	dependency = MemoryContextAlloc(table->context, sizeof(Dependency));
	object = hash_search(cache->objects, &key, HASH_ENTER, &found);
	if (!found)
		dlist_init(&object->dependencies);
	dlist_push_head(&object->dependencies, &dependency->node);
	dependency->object = object;
	dependency->table = table;
	dependency->next = table->dependencies;
	table->dependencies = dependency;
}

void
table_depend_on_relation(CapturedTable *table, Oid relid)
{
	if (relid != table->relid)
		depend_on(table, RELATION_OBJECT, relid);
}

void
table_depend_on_namespace(CapturedTable *table, Oid namespace)
{
	depend_on(table, NAMESPACEOID,
			  GetSysCacheHashValue1(NAMESPACEOID, ObjectIdGetDatum(namespace)));
}

void
table_depend_on_type(CapturedTable *table, Oid type)
{
	/* types of the system never change */
	if (type >= FirstNormalObjectId)
		depend_on(table, TYPEOID,
				  GetSysCacheHashValue1(TYPEOID, ObjectIdGetDatum(type)));
}

/* All enums are one object: an invalidation does not tell them apart */
void
table_depend_on_enums(CapturedTable *table)
{
	depend_on(table, ENUMOID, 0);
}

/*
 * Forget what an entry was made of, and free its memory.
 */
static void
entry_release(CapturedTable *table)
{
	Dependency *dependency;

	for (dependency = table->dependencies; dependency != NULL;
		 dependency = dependency->next)
	{
		Object	   *object = dependency->object;

		dlist_delete(&dependency->node);
		if (dlist_is_empty(&object->dependencies))
			hash_search(table->cache->objects, &object->key, HASH_REMOVE, NULL);
	}
	table->dependencies = NULL;
	if (table->context != NULL)
	{
		MemoryContextDelete(table->context);
		table->cache->generation++;
	}
	table->context = NULL;
}

/*
 * A number that changes when schemas that were found in the cache are gone.
 */
uint64
table_cache_generation(const TableCache *cache)
{
	return cache->generation;
}

/*
 * The names under which the changes of a relation are published, and whether
 * the lists of schemas and tables have them.
 */
static void
entry_name(CapturedTable *table, Relation source)
{
	table->schema_name = get_namespace_name(RelationGetNamespace(source));
	if (table->schema_name == NULL)
		elog(ERROR, "cache lookup failed for schema %u",
			 RelationGetNamespace(source));
	table->table_name = pstrdup(RelationGetRelationName(source));
	table_depend_on_namespace(table, RelationGetNamespace(source));
}

/*
 * Make an entry from the catalog.  When this ends in an error, the entry is
 * left as not valid.
 */
static void
entry_build(TableCache *cache, CapturedTable *table, Relation relation)
{
	const DecoderOptions *options = cache->options;
	char	   *old_topic = pnstrdup(table->topic.data, table->topic.len);
	int			old_number = table->topic_number;
	Oid			relid = table->relid;
	MemoryContext caller_context;
	Relation	source = relation;

	entry_release(table);
	memset(table, 0, sizeof(CapturedTable));
	table->relid = relid;
	table->cache = cache;
	table->topic_number = -1;
	table->context = AllocSetContextCreate(cache->context,
										   "decoder_debezium table",
										   ENTRY_SIZES);
	caller_context = MemoryContextSwitchTo(table->context);
	publication_decide(&table->publishing, options, relation, table);
	if (table->publishing.source != relid)
		source = RelationIdGetRelation(table->publishing.source);
	if (!RelationIsValid(source))
		elog(ERROR, "could not open relation with OID %u",
			 table->publishing.source);
	entry_name(table, source);
	table->captured = table->publishing.operations != 0 &&
		filter_check(options->filter, table->schema_name, table->table_name,
					 NULL) == FILTER_CAPTURED;
	if (table->captured)
	{
		table_build(table, options, source, relation, false);
		if (strcmp(old_topic, table->topic.data) == 0)
			table->topic_number = old_number;
		table_report_left_out(table);
	}
	if (source != relation)
		RelationClose(source);
	MemoryContextSwitchTo(caller_context);
	pfree(old_topic);
	/* an invalidation that came meanwhile counts from the next change on */
	table->valid = !table->changed;
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
			entry_release(table);
			hash_search(cache->tables, &table->relid, HASH_REMOVE, NULL);
		}
	}
}

/*
 * Topic numbers from "first" on were not announced after all.
 */
void
table_cache_forget_topics(TableCache *cache, int first)
{
	HASH_SEQ_STATUS scan;
	CapturedTable *table;

	hash_seq_init(&scan, cache->tables);
	while ((table = hash_seq_search(&scan)) != NULL)
	{
		if (table->topic_number >= first)
			table->topic_number = -1;
	}
}
