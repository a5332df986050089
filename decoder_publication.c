/*-------------------------------------------------------------------------
 *
 * decoder_publication.c
 *	  Which relations and operations are published, and as what: by a
 *	  publication that somebody made, or by the one that Debezium would make.
 *
 * NOTES
 *	  No publication is needed.  publication.autocreate.mode says what there
 *	  would be with Debezium, before its lists are looked at:
 *
 *	  all_tables	the publication, where it exists; else all tables
 *	  filtered		the tables that the lists capture; a publication would
 *					only repeat them, so none is looked at
 *	  disabled		the publication, which must exist
 *	  no_tables		the same
 *
 *	  A publication decides as it does for pgoutput: tables, schemas,
 *	  operations, columns, rows, and whether partitions are published as
 *	  their root.  It is read under the snapshot in force, so in decoding as
 *	  it was when the change was made.
 *
 *	  What is published and not captured is not sent, but it counts: for
 *	  "sequence", and for the metadata of transactions.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/catalog.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_publication.h"
#include "catalog/pg_publication_rel.h"
#include "decoder_debezium.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#if PG_VERSION_NUM >= 180000
#include "rewrite/rewriteHandler.h"
#endif
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* An expression that says which rows of a table are published */
struct RowFilter
{
	ExprState  *expression;
	ExprContext *context;
	TupleTableSlot *slot;		/* of the rows as they are stored */
};

/* What of a publication counts */
typedef struct PublicationInfo
{
	Oid			oid;			/* InvalidOid: there is none */
	bool		all_tables;
	bool		via_root;
	bool		generated;
	int			operations;		/* OPERATION_ bits */
} PublicationInfo;

/*
 * Is this a relation that can be published at all?  Others that are decoded:
 * materialized views when refreshed, and catalogs for their users.
 */
static bool
is_publishable(Relation relation)
{
	char		kind = relation->rd_rel->relkind;

	return (kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE) &&
		relation->rd_rel->relpersistence == RELPERSISTENCE_PERMANENT &&
		!IsCatalogRelation(relation) &&
		RelationGetRelid(relation) >= FirstNormalObjectId;
}

/*
 * Read the publication that counts.
 */
static void
publication_read(PublicationInfo *publication, const DecoderOptions *options)
{
	const char *name = options->publication_name;
	HeapTuple	tuple;
	Form_pg_publication form;

	memset(publication, 0, sizeof(*publication));
	if (options->publication_mode == PUBLICATION_FILTERED)
		return;
	tuple = SearchSysCache1(PUBLICATIONNAME, CStringGetDatum(name));
	if (!HeapTupleIsValid(tuple))
	{
		if (options->publication_mode == PUBLICATION_ALL_TABLES)
			return;
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("publication \"%s\" does not exist", name),
				 errdetail("With publication.autocreate.mode \"%s\" it decides what is captured, as it was when the change was made.",
						   options->publication_mode == PUBLICATION_DISABLED ? "disabled" : "no_tables"),
				 errhint("Create a publication before the replication slot; or set publication.autocreate.mode to \"all_tables\" or \"filtered\" to go on without.")));
	}
	form = (Form_pg_publication) GETSTRUCT(tuple);
	publication->oid = form->oid;
	publication->all_tables = form->puballtables;
	publication->via_root = form->pubviaroot;
#if PG_VERSION_NUM >= 180000
	publication->generated = form->pubgencols == PUBLISH_GENCOLS_STORED;
#endif
	publication->operations = (form->pubinsert ? OPERATION_CREATE : 0) |
		(form->pubupdate ? OPERATION_UPDATE : 0) |
		(form->pubdelete ? OPERATION_DELETE : 0) |
		(form->pubtruncate ? OPERATION_TRUNCATE : 0);
	ReleaseSysCache(tuple);
}

static bool
has_schema(const PublicationInfo *publication, Oid namespace)
{
#if PG_VERSION_NUM >= 150000
	return SearchSysCacheExists2(PUBLICATIONNAMESPACEMAP,
								 ObjectIdGetDatum(namespace),
								 ObjectIdGetDatum(publication->oid));
#else
	return false;
#endif
}

/*
 * Is a relation named, by itself: in the publication, or in the lists?
 */
static bool
is_named(const PublicationInfo *publication, const DecoderOptions *options,
		 Oid relid, CapturedTable *table)
{
	Oid			namespace = get_rel_namespace(relid);
	char	   *schema_name;
	char	   *table_name;

	if (OidIsValid(publication->oid))
		return SearchSysCacheExists2(PUBLICATIONRELMAP,
									 ObjectIdGetDatum(relid),
									 ObjectIdGetDatum(publication->oid)) ||
			has_schema(publication, namespace);
	table_depend_on_namespace(table, namespace);
	schema_name = get_namespace_name(namespace);
	table_name = get_rel_name(relid);
	return schema_name != NULL && table_name != NULL &&
		filter_check(options->filter, schema_name, table_name,
					 NULL) == FILTER_CAPTURED;
}

/*
 * The columns that a publication lists for a table, or NULL for all.
 */
static Bitmapset *
column_list_read(HeapTuple tuple)
{
	Bitmapset  *columns = NULL;
#if PG_VERSION_NUM >= 150000
	bool		is_null;
	Datum		value = SysCacheGetAttr(PUBLICATIONRELMAP, tuple,
										Anum_pg_publication_rel_prattrs,
										&is_null);
	ArrayType  *array;
	int16	   *numbers;
	int			i;

	if (is_null)
		return NULL;
	array = DatumGetArrayTypeP(value);
	numbers = (int16 *) ARR_DATA_PTR(array);
	for (i = 0; i < ARR_DIMS(array)[0]; i++)
		columns = bms_add_member(columns, numbers[i]);
#endif
	return columns;
}

#if PG_VERSION_NUM >= 150000
/*
 * Make a row filter ready.  The expression is written for "source", the rows
 * are those of "relation".
 */
static RowFilter *
row_filter_create(Node *expression, Relation source, Relation relation)
{
	RowFilter  *filter = palloc(sizeof(RowFilter));
	List	   *expressions;

#if PG_VERSION_NUM >= 180000
	expression = expand_generated_columns_in_expr(expression, source, 1);
#endif
	expressions = list_make1(expression);
	if (source != relation)
		expressions = map_partition_varattnos(expressions, 1, relation, source);
	filter->expression = ExecInitExpr(expression_planner(linitial(expressions)),
									  NULL);
	filter->context = CreateStandaloneExprContext();
	filter->slot = MakeSingleTupleTableSlot(CreateTupleDescCopy(RelationGetDescr(relation)),
											&TTSOpsVirtual);
	filter->context->ecxt_scantuple = filter->slot;
	return filter;
}
#endif

static RowFilter *
row_filter_read(HeapTuple tuple, Oid source, Relation relation)
{
#if PG_VERSION_NUM >= 150000
	Relation	source_relation = relation;
	RowFilter  *filter;
	Node	   *expression;
	bool		is_null;
	Datum		value = SysCacheGetAttr(PUBLICATIONRELMAP, tuple,
										Anum_pg_publication_rel_prqual,
										&is_null);

	if (is_null)
		return NULL;
	expression = stringToNode(TextDatumGetCString(value));
	if (source != RelationGetRelid(relation))
		source_relation = RelationIdGetRelation(source);
	if (!RelationIsValid(source_relation))
		elog(ERROR, "could not open relation with OID %u", source);
	filter = row_filter_create(expression, source_relation, relation);
	if (source_relation != relation)
		RelationClose(source_relation);
	return filter;
#else
	return NULL;
#endif
}

/*
 * The columns and rows that a publication lists for a table.  A table that
 * it has by its schema, too, is published whole.
 */
static void
read_lists(Publishing *publishing, const PublicationInfo *publication,
		   Relation relation)
{
	Oid			source = publishing->source;
	HeapTuple	tuple;

	if (publication->all_tables ||
		has_schema(publication, get_rel_namespace(source)))
		return;
	tuple = SearchSysCache2(PUBLICATIONRELMAP, ObjectIdGetDatum(source),
							ObjectIdGetDatum(publication->oid));
	if (!HeapTupleIsValid(tuple))
		return;					/* published by an ancestor */
	publishing->columns = column_list_read(tuple);
	publishing->row_filter = row_filter_read(tuple, source, relation);
	ReleaseSysCache(tuple);
}

/*
 * Find out what of a relation is published and as what, for "table", which
 * gets the dependencies.  Allocates in the current memory context.
 */
void
publication_decide(Publishing *publishing, const DecoderOptions *options,
				   Relation relation, CapturedTable *table)
{
	Oid			relid = RelationGetRelid(relation);
	List	   *ancestors = NIL;
	ListCell   *cell;
	PublicationInfo publication;
	bool		published;

	memset(publishing, 0, sizeof(*publishing));
	publishing->source = relid;
	if (!is_publishable(relation))
		return;
	publication_read(&publication, options);
	if (!OidIsValid(publication.oid))
	{
		/* what Debezium would make */
		publication.all_tables = options->publication_mode == PUBLICATION_ALL_TABLES;
		publication.via_root = options->publish_via_root;
		publication.operations = OPERATION_ALL;
		if (options->skipped_explicitly)
			publication.operations &= ~options->skipped;
	}

	if (relation->rd_rel->relispartition)
		ancestors = get_partition_ancestors(relid);
	published = publication.all_tables ||
		is_named(&publication, options, relid, table);
	/* the topmost ancestor that is published comes last */
	foreach(cell, ancestors)
	{
		Oid			ancestor = lfirst_oid(cell);

		table_depend_on_relation(table, ancestor);
		if (publication.all_tables ||
			is_named(&publication, options, ancestor, table))
		{
			published = true;
			if (publication.via_root)
				publishing->source = ancestor;
		}
	}
	list_free(ancestors);

	/* a partitioned table has no changes of its own, only truncates */
	if (!published ||
		(relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE &&
		 !publication.via_root))
		return;
	publishing->operations = publication.operations;
	publishing->generated = publication.generated;
	/* truncating a partition is not truncating its root */
	if (publishing->source != relid)
		publishing->operations &= ~OPERATION_TRUNCATE;
	if (OidIsValid(publication.oid))
		read_lists(publishing, &publication, relation);
}

/*
 * Is a column of a published table published?  Generated ones are only where
 * a publication says so.
 */
bool
attribute_is_published(const Publishing *publishing,
					   Form_pg_attribute attribute)
{
	if (publishing->columns != NULL)
		return bms_is_member(attribute->attnum, publishing->columns);
	return attribute->attgenerated == '\0' ||
		(attribute->attgenerated == ATTRIBUTE_GENERATED_STORED &&
		 publishing->generated);
}

/*
 * What is special about how the changes of a relation are published, as
 * sentences; NULL when all of them come as they are.
 */
char *
publishing_text(const Publishing *publishing, Relation relation)
{
	static const char *const operations[] = {
		"inserts", "updates", "deletes", "truncates"
	};
	StringInfoData text;
	int			i;

	if (relation->rd_rel->relpersistence != RELPERSISTENCE_PERMANENT)
		return "It is not logged, so only snapshots show it.";
	if (publishing->operations == 0)
		return relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ?
			"Changes are those of its partitions, so only snapshots show it." :
			"The publication does not have it, so only snapshots show it.";
	initStringInfo(&text);
	if (publishing->source != RelationGetRelid(relation))
		appendStringInfo(&text, " Changes are published as those of %s.",
						 quote_qualified_identifier(get_namespace_name(get_rel_namespace(publishing->source)),
													get_rel_name(publishing->source)));
	else if (publishing->operations != OPERATION_ALL)
	{
		const char *separator = " Published are ";

		for (i = 0; i < lengthof(operations); i++)
		{
			if ((publishing->operations & (1 << i)) != 0)
			{
				appendStringInfo(&text, "%s%s", separator, operations[i]);
				separator = ", ";
			}
		}
		appendStringInfoChar(&text, '.');
	}
	if (publishing->row_filter != NULL)
		appendStringInfoString(&text, " The publication has a filter for its rows.");
	return text.len > 0 ? text.data + 1 : NULL;
}

/*
 * Does a row pass?  Values of it that are only in the old row, because they
 * are unchanged TOAST values, are taken from there; "old" may be NULL.
 */
static bool
row_filter_matches(RowFilter *filter, const Row *row, const Row *old)
{
	TupleTableSlot *slot = filter->slot;
	TupleDesc	descriptor = slot->tts_tupleDescriptor;
	Datum		result;
	bool		is_null;
	int			i;

	ExecClearTuple(slot);
	for (i = 0; i < descriptor->natts; i++)
	{
		slot->tts_values[i] = row->values[i];
		slot->tts_isnull[i] = row->nulls[i];
		if (old != NULL && !row->nulls[i] && !old->nulls[i] &&
			TupleDescAttr(descriptor, i)->attlen == -1 &&
			VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(row->values[i])))
			slot->tts_values[i] = old->values[i];
	}
	ExecStoreVirtualTuple(slot);
	result = ExecEvalExprSwitchContext(filter->expression, filter->context,
									   &is_null);
	ResetExprContext(filter->context);
	return !is_null && DatumGetBool(result);
}

/*
 * What a row filter leaves of a change: its operation, or another, or 0 for
 * nothing.  An update that brings a row into the published ones creates it
 * there, and one that takes it out deletes it.  "old" is NULL where there is
 * none; in an update this means that no column of the filter changed.
 */
char
row_filter_apply(RowFilter *filter, char operation, const Row *old,
				 const Row *new)
{
	bool		old_matches;
	bool		new_matches;

	if (operation == 'd')
		return row_filter_matches(filter, old, NULL) ? 'd' : 0;
	new_matches = row_filter_matches(filter, new, old);
	if (operation == 'c' || old == NULL)
		return new_matches ? operation : 0;
	old_matches = row_filter_matches(filter, old, NULL);
	if (old_matches && new_matches)
		return 'u';
	return new_matches ? 'c' : old_matches ? 'd' : 0;
}
