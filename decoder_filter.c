/*-------------------------------------------------------------------------
 *
 * decoder_filter.c
 *	  Which tables are captured: Debezium's include and exclude lists.
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
};

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
	return filter;
}

static PatternList *
filter_list(TableFilter *filter, const char *property)
{
	PatternList *lists[] = {
		&filter->schema_include, &filter->schema_exclude,
		&filter->table_include, &filter->table_exclude
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
 * Set one of the four lists from its text.  A blank one is none.
 */
void
filter_set_list(TableFilter *filter, const char *property, const char *value)
{
	PatternList *list = filter_list(filter, property);
	ListCell   *cell;

	list->set = value[strspn(value, " \t\r\n\f")] != '\0';
	if (!list->set)
		return;
	foreach(cell, regex_split_list(value))
		list->patterns = lappend(list->patterns,
								 regex_compile(lfirst(cell), list->property,
											   true));
}

/*
 * The number of the first pattern that matches, or -1.
 */
static int
list_match(const PatternList *list, const char *name)
{
	ListCell   *cell;
	int			number = 0;

	foreach(cell, list->patterns)
	{
		if (regex_match(lfirst(cell), name))
			return number;
		number++;
	}
	return -1;
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
	if (filter->schema_include.set &&
		list_match(&filter->schema_include, schema_name) < 0)
		return FILTER_SCHEMA_NOT_INCLUDED;
	if (filter->schema_exclude.set &&
		list_match(&filter->schema_exclude, schema_name) >= 0)
		return FILTER_SCHEMA_EXCLUDED;

	name = psprintf("%s.%s", schema_name, table_name);
	if (filter->table_include.set)
	{
		place = list_match(&filter->table_include, name);
		if (place < 0)
			verdict = FILTER_TABLE_NOT_INCLUDED;
	}
	if (verdict == FILTER_CAPTURED && filter->table_exclude.set &&
		list_match(&filter->table_exclude, name) >= 0)
		verdict = FILTER_TABLE_EXCLUDED;
	pfree(name);
	if (order != NULL)
		*order = place;
	return verdict;
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
