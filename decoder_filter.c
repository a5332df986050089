/*-------------------------------------------------------------------------
 *
 * decoder_filter.c
 *	  Which tables are captured: Debezium's include and exclude lists.
 *
 * NOTES
 *	  The lists hold regular expressions of Java, compared case-insensitively
 *	  with the whole name.  PCRE2 reads most of them the same way; what it
 *	  would read otherwise is refused by name.
 *
 *	  PCRE2 allocates through the memory context in which the filter was
 *	  created, so an error leaves nothing behind.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "decoder_debezium.h"
#include "utils/memutils.h"

/*
 * A match that takes more steps than this is an error: it would hold up
 * decoding.  Names have at most 127 bytes, so no sane pattern comes near.
 */
#define MATCH_LIMIT		1000000

typedef struct Pattern
{
	const char *text;
	pcre2_code *code;
} Pattern;

typedef struct PatternList
{
	const char *property;
	int			count;			/* 0: not set */
	Pattern    *patterns;
} PatternList;

struct TableFilter
{
	pcre2_general_context *general;
	pcre2_match_context *match;
	pcre2_match_data *data;
	PatternList schema_include;
	PatternList schema_exclude;
	PatternList table_include;
	PatternList table_exclude;
};

static void *
filter_allocate(PCRE2_SIZE size, void *context)
{
	return MemoryContextAllocExtended((MemoryContext) context, size,
									  MCXT_ALLOC_NO_OOM);
}

static void
filter_free(void *pointer, void *context)
{
	if (pointer != NULL)
		pfree(pointer);
}

static void *
require_memory(void *pointer)
{
	if (pointer == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	return pointer;
}

/*
 * A filter that captures everything; it lives in the current memory context.
 */
TableFilter *
filter_create(void)
{
	TableFilter *filter = palloc0(sizeof(TableFilter));

	filter->general = require_memory(pcre2_general_context_create(filter_allocate,
																  filter_free,
																  CurrentMemoryContext));
	filter->match = require_memory(pcre2_match_context_create(filter->general));
	pcre2_set_match_limit(filter->match, MATCH_LIMIT);
	pcre2_set_depth_limit(filter->match, MATCH_LIMIT);
	/* one pair of offsets is enough: only "does it match" is asked */
	filter->data = require_memory(pcre2_match_data_create(1, filter->general));
	filter->schema_include.property = "schema.include.list";
	filter->schema_exclude.property = "schema.exclude.list";
	filter->table_include.property = "table.include.list";
	filter->table_exclude.property = "table.exclude.list";
	return filter;
}

/*
 * The first construct in a pattern that Java and PCRE2 read differently, or
 * that only PCRE2 has; NULL when there is none.
 */
static const char *
foreign_construct(const char *pattern)
{
	bool		in_class = false;
	const char *next;

	for (next = pattern; *next != '\0'; next++)
	{
		if (*next == '\\')
		{
			if (next[1] == '\0')
				return NULL;	/* PCRE2 says what is wrong */
			next++;
			if (*next == 'Q')
			{
				next = strstr(next, "\\E");
				if (next == NULL)
					return NULL;
				next++;
			}
			else if (!in_class && strchr("KgCN", *next) != NULL)
				return *next == 'K' ? "\\K" : *next == 'g' ? "\\g" :
					*next == 'C' ? "\\C" : "\\N";
		}
		else if (in_class)
		{
			if (*next == ']')
				in_class = false;
			else if (*next == '[')
				return "a character class inside a character class";
			else if (next[0] == '&' && next[1] == '&')
				return "&& inside a character class";
		}
		else if (*next == '[')
		{
			in_class = true;
			/* Java takes a ] right at the start as the end, PCRE2 as itself */
			if (next[1] == ']' || (next[1] == '^' && next[2] == ']'))
				return "] at the start of a character class";
			if (next[1] == '^')
				next++;
		}
		else if (next[0] == '(' && next[1] == '*')
			return "(*";
		else if (next[0] == '(' && next[1] == '?')
		{
			if (strchr(":=!><imsx-", next[2]) == NULL)
				return "a (? group other than (?: (?= (?! (?> (?<";
			if (strchr("imsx-", next[2]) != NULL &&
				next[2 + strspn(next + 2, "imsx-")] != ')' &&
				next[2 + strspn(next + 2, "imsx-")] != ':')
				return "an inline flag other than i, m, s and x";
		}
	}
	return NULL;
}

static void
pattern_compile(const TableFilter *filter, const char *property,
				Pattern *pattern)
{
	const char *foreign = foreign_construct(pattern->text);
	uint32_t	flags = PCRE2_CASELESS | PCRE2_ANCHORED | PCRE2_ENDANCHORED;
	pcre2_compile_context *context;
	int			error;
	PCRE2_SIZE	offset;
	PCRE2_UCHAR message[256];

	if (foreign != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
				 errmsg("regular expression \"%s\" in property \"%s\" uses %s, which is not supported",
						pattern->text, property, foreign),
				 errdetail("Its meaning in Java cannot be reproduced here.")));

	/* in other encodings names are compared byte by byte */
	if (GetDatabaseEncoding() == PG_UTF8)
		flags |= PCRE2_UTF;
	context = require_memory(pcre2_compile_context_create(filter->general));
	pattern->code = pcre2_compile((PCRE2_SPTR) pattern->text,
								  PCRE2_ZERO_TERMINATED, flags, &error,
								  &offset, context);
	pcre2_compile_context_free(context);
	if (pattern->code == NULL)
	{
		pcre2_get_error_message(error, message, sizeof(message));
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
				 errmsg("invalid regular expression \"%s\" in property \"%s\" at character %d: %s",
						pattern->text, property, (int) offset + 1, message)));
	}
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
 * Set one of the four lists from its text: regular expressions between
 * commas; a comma inside of one is written with a backslash.
 */
void
filter_set_list(TableFilter *filter, const char *property, const char *value)
{
	PatternList *list = filter_list(filter, property);
	const char *next = value;
	int			capacity = 1;
	StringInfoData text;

	for (; *next != '\0'; next++)
	{
		if (*next == ',')
			capacity++;
	}
	list->patterns = palloc0(sizeof(Pattern) * capacity);
	initStringInfo(&text);
	for (next = value;; next++)
	{
		if (next[0] == '\\' && next[1] == ',')
			appendStringInfoChar(&text, *++next);
		else if (*next != ',' && *next != '\0')
		{
			/* a backslash takes its character along: \\ is no escape of , */
			appendStringInfoChar(&text, *next);
			if (*next == '\\' && next[1] != '\0')
				appendStringInfoChar(&text, *++next);
		}
		else
		{
			char	   *start = text.data;

			while (isspace((unsigned char) *start))
				start++;
			while (text.len > 0 && isspace((unsigned char) text.data[text.len - 1]))
				text.data[--text.len] = '\0';
			if (*start != '\0')
			{
				Pattern    *pattern = &list->patterns[list->count++];

				pattern->text = pstrdup(start);
				pattern_compile(filter, property, pattern);
			}
			resetStringInfo(&text);
			if (*next == '\0')
				break;
		}
	}
	pfree(text.data);
}

/*
 * The number of the first pattern that matches, or -1.
 */
static int
list_match(const TableFilter *filter, const PatternList *list, const char *name)
{
	int			i;
	int			result;

	for (i = 0; i < list->count; i++)
	{
		result = pcre2_match(list->patterns[i].code, (PCRE2_SPTR) name,
							 strlen(name), 0, 0, filter->data, filter->match);
		if (result >= 0)
			return i;
		if (result != PCRE2_ERROR_NOMATCH)
		{
			PCRE2_UCHAR message[256];

			pcre2_get_error_message(result, message, sizeof(message));
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
					 errmsg("could not match \"%s\" with regular expression \"%s\" in property \"%s\": %s",
							name, list->patterns[i].text, list->property,
							message)));
		}
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
	if (filter->schema_include.count > 0 &&
		list_match(filter, &filter->schema_include, schema_name) < 0)
		return FILTER_SCHEMA_NOT_INCLUDED;
	if (filter->schema_exclude.count > 0 &&
		list_match(filter, &filter->schema_exclude, schema_name) >= 0)
		return FILTER_SCHEMA_EXCLUDED;

	name = psprintf("%s.%s", schema_name, table_name);
	if (filter->table_include.count > 0)
	{
		place = list_match(filter, &filter->table_include, name);
		if (place < 0)
			verdict = FILTER_TABLE_NOT_INCLUDED;
	}
	if (verdict == FILTER_CAPTURED && filter->table_exclude.count > 0 &&
		list_match(filter, &filter->table_exclude, name) >= 0)
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
