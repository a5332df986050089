/*-------------------------------------------------------------------------
 *
 * decoder_relation.c
 *	  How a relation is captured: everything that does not change from row
 *	  to row, made ready.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/attmap.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "decoder_compat.h"
#include "decoder_debezium.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/*
 * A text that is complete, without the room that it grew in: there are some
 * for each column of each table.
 */
static Piece
piece_from(StringInfo text)
{
	char	   *data = palloc(text->len + 1);
	Piece		piece;

	memcpy(data, text->data, text->len);
	piece.data = data;
	piece.len = text->len;
	pfree(text->data);
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
 * Snapshots have all columns, the stream those that are published.
 */
static bool
attribute_is_captured(const CapturedTable *table, Form_pg_attribute attribute,
					  bool snapshot)
{
	return !attribute->attisdropped &&
		(snapshot || attribute_is_published(&table->publishing, attribute));
}

/* The default of a column, or NULL */
static char *
default_text(const Column *column, const char *expression)
{
	StringInfoData text;
	char	   *result = NULL;

	if (expression == NULL || column->declared_type != column->type)
		return NULL;
	initStringInfo(&text);
	if (default_append(&text, column, expression))
		result = pnstrdup(text.data, text.len);
	pfree(text.data);
	return result;
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
static void
unavailable_build(Column *column)
{
	StringInfoData text;

	initStringInfo(&text);
	if (column->encoder->unavailable != NULL)
		column->encoder->unavailable(&text, column);
	column->has_placeholder = text.len > 0;
	if (column->has_placeholder)
		column->unavailable_text = piece_from(&text);
	else
	{
		column->unavailable_text = column->null_text;
		pfree(text.data);
	}
}

/* The schema of a column's values */
Schema *
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
 * In a snapshot, Debezium does not read a column that is not in events, so a
 * key with it has what stands for a value that is not known.
 */
static bool
encode_absent(StringInfo out, const Column *column, Datum value)
{
	text_append_piece(out, column->absent_text);
	return true;
}

static void
column_set_absent(Column *column)
{
	ValueEncoder *encoder = palloc(sizeof(ValueEncoder));

	*encoder = *column->encoder;
	encoder->encode = encode_absent;
	column->encoder = encoder;
	column->null_text = column->absent_text;
}

static Piece
converted_piece(Piece text, const Column *column)
{
	StringInfoData converted;

	initStringInfo(&converted);
	text_append_piece(&converted, text);
	conversion_replace(&converted, 0, column->converter, column->schema);
	return piece_from(&converted);
}

/*
 * Let the values of a column be converted one by one, in events that are
 * written directly else; what stands for values is converted here.
 */
static void
convert_column(Column *column, const Converter *converter)
{
	column->converter = converter;
	column->null_text = converted_piece(column->null_text, column);
	column->absent_text = converted_piece(column->absent_text, column);
	column->unavailable_text = converted_piece(column->unavailable_text, column);
}

/*
 * May a column of this type not be null?  Only the domain itself counts, not
 * those below it, as for JDBC drivers.
 */
static bool
type_is_not_null(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	Form_pg_type form;
	bool		not_null;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", type);
	form = (Form_pg_type) GETSTRUCT(tuple);
	not_null = form->typtype == TYPTYPE_DOMAIN && form->typnotnull;
	ReleaseSysCache(tuple);
	return not_null;
}

/*
 * Where it is noted that a failure of a column was reported; as part of the
 * key and of the value it is the same column.
 */
static bool *
null_reported(const CapturedTable *table, const Column *column)
{
	int			i;

	for (i = 0; i < table->ncolumns; i++)
	{
		if (table->columns[i].index == column->index)
			return table->columns[i].null_reported;
	}
	return palloc0(sizeof(bool));
}

/*
 * Fill one column of a table's value or key, of which it is number "place":
 * attribute number "index", from 0, of the relation.  False when its type has
 * no encoder.
 */
static bool
column_build(Column *column, const CapturedTable *table,
			 const DecoderOptions *options, Relation relation, int index,
			 int place, bool in_key, bool snapshot)
{
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), index);
	const Converter *converter = in_key ? &options->key_converter :
	&options->value_converter;
	Schema	   *schema;
	char	   *expression = NULL;
	bool		hidden;

	column->options = options;
	column->table_name = psprintf("%s.%s", table->schema_name, table->table_name);
	column->name = pstrdup(NameStr(attribute->attname));
	hidden = in_key && !filter_check_column(options->filter,
											column->table_name, column->name);
	column->index = table->places != NULL ? table->places[index] : index;
	column->declared_type = attribute->atttypid;
	column->typmod = attribute->atttypmod;
	column->type = getBaseTypeAndTypmod(attribute->atttypid, &column->typmod);
	column->varlena = attribute->attlen == -1;

	/*
	 * in the stream, Debezium knows a column that is not in events by type
	 * only
	 */
	column->not_null = (attribute->attnotnull ||
						type_is_not_null(attribute->atttypid)) &&
		!(hidden && !snapshot);
	column->field_name = name_of_field(options, column->name);
	column->lead = column_lead(column->field_name, place == 0, options->utf8);
	column->encoder = value_encoder_find(column->type, column->typmod, options);
	column->null_text = piece_from_literal("null");
	if (column->encoder == NULL)
		return false;
	column->null_reported = null_reported(table, column);
	column_prepare(column);

	schema = column_schema(column);
	/* a generated column's expression counts as a default, too */
	if (attribute->atthasdef && !(hidden && !snapshot))
		expression = default_expression(relation, index + 1);
	schema->default_json = default_text(column, expression);
	if (!in_key)
		mask_prepare(column, schema, expression, snapshot);
	column->schema = schema;
	if (schema->default_json != NULL &&
		((converter->direct && converter->null_default) ||
		 (options->row_defaults && !in_key)))
		column->null_text = piece_from_literal(schema->default_json);
	column->absent_text = absent_text(column);
	unavailable_build(column);
	mask_apply(column);
	if (converter->direct && conversion_changes(converter, schema))
		convert_column(column, converter);
	if (hidden && snapshot)
		column_set_absent(column);
	return true;
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

	foreach(cell, indexes)
	{
		Relation	index = RelationIdGetRelation(lfirst_oid(cell));
		bool		primary;

		if (!RelationIsValid(index))
			continue;
		table_depend_on_relation(table, RelationGetRelid(index));
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

/*
 * Add the field to a key that tells tables apart which share a topic.
 */
static void
augment_key(CapturedTable *table, const DecoderOptions *options,
			Schema *schema)
{
	char	   *value = topic_key_value(options, table->schema_name,
										table->table_name);
	const char *field_name = options->naming.key_field;
	StringInfoData end;

	if (value == NULL)
		return;
	schema_add_field(schema, field_name, &string_schema);
	initStringInfo(&end);
	appendStringInfoChar(&end, table->nkeys == 0 ? '{' : ',');
	json_append_text(&end, field_name, strlen(field_name), options->utf8);
	text_append_literal(&end, ":");
	json_append_text(&end, value, strlen(value), options->utf8);
	text_append_literal(&end, "}");
	table->key_end = piece_from(&end);
}

static void
keys_build(CapturedTable *table, const DecoderOptions *options,
		   Relation relation, bool snapshot)
{
	List	   *attributes;
	Schema	   *schema;
	bool		has_key = false;
	ListCell   *cell;

	attributes = filter_key_attributes(options->filter,
									   psprintf("%s.%s", table->schema_name,
												table->table_name),
									   RelationGetDescr(relation));
	if (attributes == NIL)
		attributes = key_attributes(table, relation);
	table->keys = palloc0(sizeof(Column) * (list_length(attributes) + 1));
	schema = schema_create(CONNECT_STRUCT, false);
	schema_set_name(schema, name_of_schema(options, psprintf("%s.Key", table->topic.data)),
					0);
	foreach(cell, attributes)
	{
		Column	   *key = &table->keys[table->nkeys];
		int			index = lfirst_int(cell) - 1;

		if (!attribute_is_captured(table,
								   TupleDescAttr(RelationGetDescr(relation), index),
								   snapshot))
			continue;			/* generated, or not in a column list */
		/* a key of nothing but unknown types is an empty struct */
		has_key = true;
		if (!column_build(key, table, options, relation, index, table->nkeys,
						  true, snapshot))
			continue;
		table->nkeys++;
		schema_add_field(schema, key->field_name, key->schema);
	}
	table->key_end = piece_from_literal(table->nkeys == 0 ? "{}" : "}");
	augment_key(table, options, schema);
	if (has_key || schema->nfields > 0)
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

static void
depend_on_type(CapturedTable *table, Oid type)
{
	Oid			element = get_element_type(type);

	table_depend_on_type(table, type);
	if (get_typtype(type) == TYPTYPE_ENUM)
		table_depend_on_enums(table);
	if (OidIsValid(element))
		depend_on_type(table, element);
}

/* Remember what else than the relation the columns were made from */
static void
dependencies_build(CapturedTable *table)
{
	int			i;

	for (i = 0; i < table->ncolumns + table->nkeys; i++)
	{
		const Column *column = i < table->ncolumns ? &table->columns[i] :
		&table->keys[i - table->ncolumns];

		table_depend_on_type(table, column->declared_type);
		depend_on_type(table, column->type);
	}
}

static void
left_out_note(CapturedTable *table, Form_pg_attribute attribute)
{
	LeftOutColumn *column = palloc(sizeof(LeftOutColumn));

	column->name = pstrdup(NameStr(attribute->attname));
	column->index = attribute->attnum - 1;
	column->type = attribute->atttypid;
	table->left_out = lappend(table->left_out, column);
	table_depend_on_type(table, column->type);
}

/*
 * Where the attributes of "source" are in the rows of its partition, from 0:
 * a partition can have them in another order, or have had others once.
 */
static int *
places_make(Relation source, Relation partition)
{
	AttrMap    *map = attribute_map(RelationGetDescr(partition),
									RelationGetDescr(source));
	int		   *places = palloc(sizeof(int) * (map->maplen + 1));
	int			i;

	for (i = 0; i < map->maplen; i++)
		places[i] = map->attnums[i] - 1;	/* -1 for a dropped one */
	free_attrmap(map);
	return places;
}

/*
 * Names that Avro allows may be the same for two columns; an event cannot
 * have both.
 */
static void
check_field_names(const CapturedTable *table, const DecoderOptions *options)
{
	int			i;
	int			j;

	if (options->field_names == ADJUST_NONE)
		return;
	for (i = 0; i < table->ncolumns; i++)
	{
		const Column *column = &table->columns[i];

		for (j = 0; j < i; j++)
		{
			if (strcmp(table->columns[j].field_name, column->field_name) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_COLUMN),
						 errmsg("columns \"%s\" and \"%s\" of table \"%s\" both become \"%s\"",
								table->columns[j].name, column->name,
								column->table_name, column->field_name),
						 errhint("Set field.name.adjustment.mode to \"avro_unicode\", or name one of them in column.exclude.list.")));
		}
	}
}

/*
 * Fill an entry from the catalog, in the current memory context.  The table's
 * names must be there already.  Rows are those of "partition", which is the
 * relation itself unless it is published as another.
 */
void
table_build(CapturedTable *table, const DecoderOptions *options,
			Relation relation, Relation partition, bool snapshot)
{
	TupleDesc	descriptor = RelationGetDescr(relation);
	char	   *full_name = psprintf("%s.%s", table->schema_name,
									 table->table_name);
	StringInfoData text;
	int			i;

	table->topic = piece_from_literal(topic_name(options, table->schema_name,
												 table->table_name));
	if (partition != relation)
		table->places = places_make(relation, partition);
	table->columns = palloc0(sizeof(Column) * (descriptor->natts + 1));
	for (i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (!attribute_is_captured(table, attribute, snapshot) ||
			!filter_check_column(options->filter, full_name,
								 NameStr(attribute->attname)))
			continue;
		if (column_build(&table->columns[table->ncolumns], table, options,
						 relation, i, table->ncolumns, false, snapshot))
			table->ncolumns++;
		else
			left_out_note(table, attribute);
	}
	check_field_names(table, options);
	keys_build(table, options, relation, snapshot);
	identity_build(table, partition);
	dependencies_build(table);

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
 * Say which columns are not in events because their types have no encoder.
 */
void
table_report_left_out(const CapturedTable *table)
{
	ListCell   *cell;

	foreach(cell, table->left_out)
	{
		const LeftOutColumn *column = lfirst(cell);

		ereport(WARNING,
				(errmsg("column \"%s\" of table \"%s.%s\" is left out",
						column->name, table->schema_name, table->table_name),
				 errdetail("Values of type %s have no form in events.",
						   format_type_be(column->type)),
				 errhint("With include.unknown.datatypes=true most types are included as text.")));
	}
}
