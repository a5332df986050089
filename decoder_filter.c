/*-------------------------------------------------------------------------
 *
 * decoder_filter.c
 *	  Which tables are captured, which of their columns, and which columns
 *	  make keys: Debezium's include and exclude lists and message.key.columns.
 *
 * NOTES
 *	  The lists hold regular expressions of Java, compared with the whole name;
 *	  the case of ASCII letters is ignored.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_catalog.h"
#include "decoder_debezium.h"
#include "decoder_regex.h"

typedef struct PatternList
{
	const char *property;
	bool		set;
	List	   *patterns;		/* of Regex */
} PatternList;

struct TableFilter
{
	PatternList schema_include;
	PatternList schema_exclude;
	PatternList table_include;
	PatternList table_exclude;
	PatternList column_include;
	PatternList column_exclude;
	PatternList message_include;
	PatternList message_exclude;
	PatternList snapshot_include;
	List	   *key_columns;	/* of KeyColumn, in the order of the key */
};

/* A column of a key in message.key.columns */
typedef struct KeyColumn
{
	List	   *patterns;		/* of Regex, for schema.table.column */
} KeyColumn;

/*
 * A filter that captures everything; it lives in the current memory context.
 */
TableFilter *
filter_create(void)
{
	TableFilter *filter = palloc0(sizeof(TableFilter));

	filter->schema_include.property = "schema.include.list";
	filter->schema_exclude.property = "schema.exclude.list";
	filter->table_include.property = "table.include.list";
	filter->table_exclude.property = "table.exclude.list";
	filter->column_include.property = "column.include.list";
	filter->column_exclude.property = "column.exclude.list";
	filter->message_include.property = "message.prefix.include.list";
	filter->message_exclude.property = "message.prefix.exclude.list";
	filter->snapshot_include.property = "snapshot.include.collection.list";
	return filter;
}

static PatternList *
filter_list(TableFilter *filter, const char *property)
{
	PatternList *lists[] = {
		&filter->schema_include, &filter->schema_exclude,
		&filter->table_include, &filter->table_exclude,
		&filter->column_include, &filter->column_exclude,
		&filter->message_include, &filter->message_exclude,
		&filter->snapshot_include
	};
	int			i;

	for (i = 0; i < lengthof(lists); i++)
	{
		if (strcmp(lists[i]->property, property) == 0)
			return lists[i];
	}
	elog(ERROR, "unknown filter property \"%s\"", property);
}

/*
 * Set one of the lists from its text.  A blank one is none.
 */
void
filter_set_list(TableFilter *filter, const char *property, const char *value)
{
	PatternList *list = filter_list(filter, property);

	list->set = value[strspn(value, " \t\r\n\f")] != '\0';
	if (list->set)
		list->patterns = regex_compile_list(value, list->property);
}

/*
 * Set the columns of keys: "tables:column,column" between semicolons.
 * Returns false when the text is not of that form.
 */
bool
filter_set_key_columns(TableFilter *filter, const char *property,
					   const char *value)
{
	char	   *copy = pstrdup(value);
	char	   *element;
	char	   *next_element;
	char	   *column;
	char	   *next_column;

	/* semicolons at the end do not count */
	while (copy[0] != '\0' && copy[strlen(copy) - 1] == ';')
		copy[strlen(copy) - 1] = '\0';
	for (element = copy; element != NULL; element = next_element)
	{
		char	   *columns;

		next_element = strchr(element, ';');
		if (next_element != NULL)
			*next_element++ = '\0';
		columns = strchr(element, ':');
		if (columns == NULL || columns == element ||
			strchr(columns + 1, ':') != NULL)
			return false;
		*columns++ = '\0';
		for (column = columns; column != NULL; column = next_column)
		{
			KeyColumn  *key = palloc0(sizeof(KeyColumn));
			int			len;

			next_column = strchr(column, ',');
			if (next_column != NULL)
				*next_column++ = '\0';
			if (*column == '\0')
				return false;
			column += strspn(column, " \t\r\n\f");
			len = strlen(column);
			while (len > 0 && isspace((unsigned char) column[len - 1]))
				len--;
			key->patterns = regex_compile_list(psprintf("%s.%.*s", element,
														len, column),
											   property);
			filter->key_columns = lappend(filter->key_columns, key);
		}
	}
	return true;
}

/*
 * Is a table captured?  "order", when not NULL, gets the place of a snapshot:
 * the number of the include pattern that matched.
 */
FilterVerdict
filter_check(const TableFilter *filter, const char *schema_name,
			 const char *table_name, int *order)
{
	char	   *name;
	FilterVerdict verdict = FILTER_CAPTURED;
	int			place = 0;

	if (strcmp(schema_name, "pg_catalog") == 0 ||
		strcmp(schema_name, "information_schema") == 0 ||
		strncmp(schema_name, "pg_toast", 8) == 0 ||
		strncmp(schema_name, "pg_temp", 7) == 0)
		return FILTER_SYSTEM_SCHEMA;
	/* a table of PostGIS, which is in a schema of the user's */
	if (pg_strcasecmp(table_name, "spatial_ref_sys") == 0)
		return FILTER_SYSTEM_TABLE;
	if (filter->schema_include.set &&
		regex_match_list(filter->schema_include.patterns, schema_name) < 0)
		return FILTER_SCHEMA_NOT_INCLUDED;
	if (filter->schema_exclude.set &&
		regex_match_list(filter->schema_exclude.patterns, schema_name) >= 0)
		return FILTER_SCHEMA_EXCLUDED;

	name = psprintf("%s.%s", schema_name, table_name);
	if (filter->table_include.set)
	{
		place = regex_match_list(filter->table_include.patterns, name);
		if (place < 0)
			verdict = FILTER_TABLE_NOT_INCLUDED;
	}
	if (verdict == FILTER_CAPTURED && filter->table_exclude.set &&
		regex_match_list(filter->table_exclude.patterns, name) >= 0)
		verdict = FILTER_TABLE_EXCLUDED;
	pfree(name);
	if (order != NULL)
		*order = place;
	return verdict;
}

/*
 * Are logical messages of this prefix captured?
 */
bool
filter_check_message(const TableFilter *filter, const char *prefix)
{
	if (filter->message_include.set)
		return regex_match_list(filter->message_include.patterns, prefix) >= 0;
	return !filter->message_exclude.set ||
		regex_match_list(filter->message_exclude.patterns, prefix) < 0;
}

/*
 * Are the rows of a captured table part of a snapshot?
 */
bool
filter_check_snapshot(const TableFilter *filter, const char *schema_name,
					  const char *table_name)
{
	char	   *name;
	bool		result;

	if (!filter->snapshot_include.set)
		return true;
	name = psprintf("%s.%s", schema_name, table_name);
	result = regex_match_list(filter->snapshot_include.patterns, name) >= 0;
	pfree(name);
	return result;
}

/*
 * Why a table is not captured, as a sentence; NULL when it is.
 */
const char *
filter_verdict_text(FilterVerdict verdict)
{
	switch (verdict)
	{
		case FILTER_CAPTURED:
			break;
		case FILTER_SYSTEM_SCHEMA:
			return "Its schema belongs to the system.";
		case FILTER_SYSTEM_TABLE:
			return "It belongs to PostGIS.";
		case FILTER_SCHEMA_NOT_INCLUDED:
			return "Its schema does not match schema.include.list.";
		case FILTER_SCHEMA_EXCLUDED:
			return "Its schema matches schema.exclude.list.";
		case FILTER_TABLE_NOT_INCLUDED:
			return "It does not match table.include.list.";
		case FILTER_TABLE_EXCLUDED:
			return "It matches table.exclude.list.";
	}
	return NULL;
}

/*
 * Is a column of a captured table part of its events?  "table_name" is with
 * the schema.
 */
bool
filter_check_column(const TableFilter *filter, const char *table_name,
					const char *column_name)
{
	char	   *name;
	bool		result;

	if (!filter->column_include.set && !filter->column_exclude.set)
		return true;
	name = psprintf("%s.%s", table_name, column_name);
	if (filter->column_include.set)
		result = regex_match_list(filter->column_include.patterns, name) >= 0;
	else
		result = regex_match_list(filter->column_exclude.patterns, name) < 0;
	pfree(name);
	return result;
}

/*
 * The attribute numbers of the columns that message.key.columns chooses for
 * a table, in the order of the key; NIL when it says nothing of the table.
 */
List *
filter_key_attributes(const TableFilter *filter, const char *table_name,
					  TupleDesc descriptor)
{
	List	   *attributes = NIL;
	ListCell   *cell;
	int			i;

	foreach(cell, filter->key_columns)
	{
		const KeyColumn *key = lfirst(cell);

		for (i = 0; i < descriptor->natts; i++)
		{
			Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
			char	   *name;

			if (attribute->attisdropped)
				continue;
			name = psprintf("%s.%s", table_name, NameStr(attribute->attname));
			if (regex_match_list(key->patterns, name) >= 0)
				attributes = list_append_unique_int(attributes,
													attribute->attnum);
			pfree(name);
		}
	}
	return attributes;
}

/*
 * Add all regular expressions to a list of uses.
 */
List *
filter_pattern_uses(const TableFilter *filter, List *uses)
{
	const struct
	{
		const PatternList *list;
		PatternSubject subject;
	}			lists[] = {
		{&filter->schema_include, PATTERN_SCHEMA},
		{&filter->schema_exclude, PATTERN_SCHEMA},
		{&filter->table_include, PATTERN_TABLE},
		{&filter->table_exclude, PATTERN_TABLE},
		{&filter->snapshot_include, PATTERN_TABLE},
		{&filter->column_include, PATTERN_COLUMN},
		{&filter->column_exclude, PATTERN_COLUMN}
	};
	const ListCell *cell;
	int			i;

	for (i = 0; i < lengthof(lists); i++)
		uses = pattern_uses_add(uses, lists[i].list->patterns,
								lists[i].list->property, lists[i].subject);
	foreach(cell, filter->key_columns)
		uses = pattern_uses_add(uses, ((KeyColumn *) lfirst(cell))->patterns,
								"message.key.columns", PATTERN_COLUMN);
	return uses;
}
