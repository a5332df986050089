/*-------------------------------------------------------------------------
 *
 * decoder_catalog.c
 *	  What a configuration means in this database: the tables that it
 *	  captures, and the regular expressions that match nothing.
 *
 * NOTES
 *	  The catalog is read as it is now.  A regular expression that matches
 *	  nothing now may match what is made later, so it is worth a warning, no
 *	  more.  The warning comes when a stream starts, and with the list of
 *	  tables, which a snapshot starts with.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "decoder_catalog.h"
#include "decoder_mask.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* For messages, by PatternSubject */
static const char *const subject_names[] = {
	"schema", "table", "column of a captured table",
	"type of a column of a captured table"
};
static const char *const subject_forms[] = {
	NULL, "schema.table", "schema.table.column", "schema.table.type"
};

/*
 * Add the regular expressions of a property to a list of uses.
 */
List *
pattern_uses_add(List *uses, const List *patterns, const char *property,
				 PatternSubject subject)
{
	const ListCell *cell;

	foreach(cell, patterns)
	{
		PatternUse *use = palloc0(sizeof(PatternUse));

		use->property = property;
		use->regex = lfirst(cell);
		use->subject = subject;
		uses = lappend(uses, use);
	}
	return uses;
}

/* Mark the expressions that match a name. */
static void
pattern_uses_mark(List *uses, PatternSubject subject, const char *name)
{
	ListCell   *cell;

	foreach(cell, uses)
	{
		PatternUse *use = lfirst(cell);

		if (use->subject == subject && !use->matched)
			use->matched = regex_match(use->regex, name);
	}
}

/* Is there an expression for such names that matched none yet? */
static bool
pattern_uses_open(List *uses, PatternSubject subject)
{
	ListCell   *cell;

	foreach(cell, uses)
	{
		const PatternUse *use = lfirst(cell);

		if (use->subject == subject && !use->matched)
			return true;
	}
	return false;
}

static int
compare_tables(const ListCell *a, const ListCell *b)
{
	const FoundTable *left = lfirst(a);
	const FoundTable *right = lfirst(b);
	int			result = left->order - right->order;

	if (result == 0)
		result = strcmp(left->schema_name, right->schema_name);
	if (result == 0)
		result = strcmp(left->table_name, right->table_name);
	return result;
}

/*
 * Look at each table that could be captured: mark the expressions that match
 * its name, and return those that the filter captures.  Partitioned tables
 * count beside their partitions, and unlogged tables beside the others, as
 * with Debezium; what is published does not count here, either.
 */
static List *
tables_scan(const TableFilter *filter, List *uses)
{
	Relation	catalog = table_open(RelationRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, NULL, 0,
										  NULL);
	List	   *tables = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);
		FilterVerdict verdict;
		FoundTable *found;
		char	   *schema_name;
		int			order;

		if ((form->relkind != RELKIND_RELATION &&
			 form->relkind != RELKIND_PARTITIONED_TABLE) ||
			form->relpersistence == RELPERSISTENCE_TEMP)
			continue;
		schema_name = get_namespace_name(form->relnamespace);
		if (schema_name == NULL)
			continue;			/* dropped meanwhile */
		verdict = filter_check(filter, schema_name, NameStr(form->relname),
							   &order);
		if (verdict == FILTER_SYSTEM_SCHEMA)
			continue;
		pattern_uses_mark(uses, PATTERN_TABLE,
						  psprintf("%s.%s", schema_name, NameStr(form->relname)));
		if (verdict != FILTER_CAPTURED)
			continue;
		found = palloc(sizeof(FoundTable));
		found->relid = form->oid;
		found->order = order;
		found->schema_name = schema_name;
		found->table_name = pstrdup(NameStr(form->relname));
		tables = lappend(tables, found);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return tables;
}

/*
 * All tables that a filter captures and a snapshot reads, in its order.
 */
List *
tables_find(const TableFilter *filter)
{
	List	   *tables = NIL;
	ListCell   *cell;

	foreach(cell, tables_scan(filter, NIL))
	{
		FoundTable *table = lfirst(cell);

		if (filter_check_snapshot(filter, table->schema_name,
								  table->table_name))
			tables = lappend(tables, table);
	}
	list_sort(tables, compare_tables);
	return tables;
}

static void
schemas_scan(List *uses)
{
	Relation	catalog = table_open(NamespaceRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, NULL, 0,
										  NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		pattern_uses_mark(uses, PATTERN_SCHEMA,
						  NameStr(((Form_pg_namespace) GETSTRUCT(tuple))->nspname));
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

/* The other name that a type has in a snapshot, see decoder_source_type.c */
static const char *
serial_name(Oid type)
{
	return type == INT2OID ? "smallserial" : type == INT4OID ? "serial" :
		type == INT8OID ? "bigserial" : NULL;
}

static void
columns_scan(const List *tables, List *uses)
{
	Relation	catalog = table_open(AttributeRelationId, AccessShareLock);
	const ListCell *cell;

	foreach(cell, tables)
	{
		const FoundTable *table = lfirst(cell);
		ScanKeyData keys[2];
		SysScanDesc scan;
		HeapTuple	tuple;

		ScanKeyInit(&keys[0], Anum_pg_attribute_attrelid,
					BTEqualStrategyNumber, F_OIDEQ,
					ObjectIdGetDatum(table->relid));
		ScanKeyInit(&keys[1], Anum_pg_attribute_attnum,
					BTGreaterStrategyNumber, F_INT2GT, Int16GetDatum(0));
		scan = systable_beginscan(catalog, AttributeRelidNumIndexId, true,
								  NULL, lengthof(keys), keys);
		while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		{
			Form_pg_attribute form = (Form_pg_attribute) GETSTRUCT(tuple);
			char	   *prefix = psprintf("%s.%s", table->schema_name,
										  table->table_name);
			const char *serial = serial_name(form->atttypid);

			if (form->attisdropped)
				continue;
			pattern_uses_mark(uses, PATTERN_COLUMN,
							  psprintf("%s.%s", prefix, NameStr(form->attname)));
			pattern_uses_mark(uses, PATTERN_COLUMN_TYPE,
							  psprintf("%s.%s", prefix,
									   type_catalog_name(form->atttypid)));
			if (serial != NULL)
				pattern_uses_mark(uses, PATTERN_COLUMN_TYPE,
								  psprintf("%s.%s", prefix, serial));
		}
		systable_endscan(scan);
	}
	table_close(catalog, AccessShareLock);
}

static void
uses_report(List *uses)
{
	ListCell   *cell;

	foreach(cell, uses)
	{
		const PatternUse *use = lfirst(cell);

		if (!use->matched)
			ereport(WARNING,
					(errmsg("regular expression \"%s\" in property \"%s\" matches no %s",
							regex_text(use->regex), use->property,
							subject_names[use->subject]),
					 subject_forms[use->subject] == NULL ? 0 :
					 errdetail("It is compared with the whole name, %s.",
							   subject_forms[use->subject])));
	}
}

/*
 * Warn about the regular expressions of a configuration that match nothing.
 *
 * When a walsender starts, there is no transaction yet, and no snapshot of
 * the past in force either: so one is run here, and what it left in the
 * caches is thrown away, since decoding will see the catalog of the past.
 */
void
unmatched_report(const DecoderOptions *options)
{
	MemoryContext caller_context = CurrentMemoryContext;
	MemoryContext context;
	List	   *uses;
	List	   *tables;
	bool		own_transaction = !IsTransactionState();

	if (own_transaction)
		StartTransactionCommand();
	context = AllocSetContextCreate(CurrentMemoryContext,
									"decoder_debezium patterns",
									ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	uses = filter_pattern_uses(options->filter, NIL);
	uses = mask_pattern_uses(options->masks, uses);
	if (uses != NIL)
	{
		schemas_scan(uses);
		tables = tables_scan(options->filter, uses);
		if (pattern_uses_open(uses, PATTERN_COLUMN) ||
			pattern_uses_open(uses, PATTERN_COLUMN_TYPE))
			columns_scan(tables, uses);
		uses_report(uses);
	}
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(context);
	if (own_transaction)
	{
		CommitTransactionCommand();
		MemoryContextSwitchTo(caller_context);
		InvalidateSystemCaches();
	}
}
