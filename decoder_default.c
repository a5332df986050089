/*-------------------------------------------------------------------------
 *
 * decoder_default.c
 *	  Column defaults as Debezium reads them from the expression's text.
 *
 * NOTES
 *	  A default matters in events because Kafka Connect's JSON converter
 *	  writes it in place of null, and because it fills NOT NULL columns that
 *	  an old tuple lacks.  Debezium does not evaluate the expression, it looks
 *	  at its text: a function call is a neutral value of the type, else the
 *	  first quoted literal counts, else the text itself.  The accidents of
 *	  this ('it''s' is cut at the quote) are kept: events are to be equal.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"	/* OIDs of indexes before PostgreSQL 14 */
#include "catalog/pg_attrdef.h"
#include "decoder_debezium.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/*
 * The text of a column's default expression, or NULL; in the current memory
 * context.  Read from the catalog under the snapshot in force, so that
 * decoding sees the default of the change's time.
 */
char *
default_expression(Relation relation, AttrNumber attnum)
{
	Relation	catalog;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	char	   *result = NULL;
	int			nest_level;

	/* the text must not depend on settings of a role or database */
	nest_level = NewGUCNestLevel();
	(void) set_config_option("datestyle", "ISO, YMD", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("intervalstyle", "postgres", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("extra_float_digits", "1", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("search_path", "pg_catalog", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);

	catalog = table_open(AttrDefaultRelationId, AccessShareLock);
	ScanKeyInit(&keys[0], Anum_pg_attrdef_adrelid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(RelationGetRelid(relation)));
	ScanKeyInit(&keys[1], Anum_pg_attrdef_adnum, BTEqualStrategyNumber,
				F_INT2EQ, Int16GetDatum(attnum));
	scan = systable_beginscan(catalog, AttrDefaultIndexId, true, NULL, 2, keys);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		Datum		expression = heap_getattr(tuple, Anum_pg_attrdef_adbin,
											  RelationGetDescr(catalog),
											  &isnull);

		if (!isnull)
		{
			/* reading an expression leaves much behind */
			MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
														  "decoder_debezium default",
														  ALLOCSET_SMALL_SIZES);
			MemoryContext caller_context = MemoryContextSwitchTo(scratch);

			expression = DirectFunctionCall2(pg_get_expr, expression,
											 ObjectIdGetDatum(RelationGetRelid(relation)));
			MemoryContextSwitchTo(caller_context);
			result = TextDatumGetCString(expression);
			MemoryContextDelete(scratch);
		}
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	AtEOXact_GUC(false, nest_level);
	return result;
}

/*
 * Where a line ends, as Java's regular expressions see it; NULL: there is
 * only one.
 */
static const char *
find_line_end(const char *text)
{
	bool		utf8 = GetDatabaseEncoding() == PG_UTF8;

	for (; *text != '\0'; text++)
	{
		if (*text == '\n' || *text == '\r' ||
			(utf8 && (strncmp(text, "\xC2\x85", 2) == 0 ||
					  strncmp(text, "\xE2\x80\xA8", 3) == 0 ||
					  strncmp(text, "\xE2\x80\xA9", 3) == 0)))
			return text;
	}
	return NULL;
}

/* Does "text" have "expected" before the end of the line? */
static const char *
find_in_line(const char *text, char expected)
{
	const char *found = strchr(text, expected);
	const char *line_end = find_line_end(text);

	return found != NULL && line_end != NULL && line_end < found ? NULL : found;
}

/*
 * Does the expression start with a function call, maybe in a parenthesis?  Or
 * is it one of the words that are functions?
 */
static bool
is_function_call(const char *expression)
{
	static const char *const words[] = {
		"CURRENT_TIMESTAMP", "CURRENT_TIME", "CURRENT_DATE", "LOCALTIME",
		"LOCALTIMESTAMP"
	};
	const char *next = expression;
	const char *name;
	int			i;

	for (i = 0; i < lengthof(words); i++)
	{
		if (strcmp(expression, words[i]) == 0)
			return true;
	}
	if (*next == '(')
		next++;
	name = next;
	while (isalnum((unsigned char) *next) || *next == '_' || *next == '.')
		next++;
	return next > name && *next == '(' && find_in_line(next, ')') != NULL;
}

/*
 * The literal of an expression: what stands between the first two quotes that
 * are in one line; without any quote the whole text.  NULL: none.
 */
static const char *
expression_literal(const char *expression)
{
	const char *quote = strchr(expression, '\'');

	if (quote == NULL)
		return expression;
	for (; quote != NULL; quote = strchr(quote + 1, '\''))
	{
		const char *end = find_in_line(quote + 1, '\'');

		if (end != NULL)
			return pnstrdup(quote + 1, end - quote - 1);
	}
	return NULL;
}

static bool
append_computed(StringInfo out, const Column *column)
{
	const char *computed = column->encoder->computed;

	if (computed == NULL)
		column_append_filler(out, column);
	else if (computed[0] == '"')
		text_append(out, computed, strlen(computed));
	else
		return column->encoder->literal(out, column, computed);
	return true;
}

/*
 * Append the value of a column's default expression.  Returns false, and
 * appends nothing, when it has none.
 */
bool
default_append(StringInfo out, const Column *column, const char *expression)
{
	const ValueEncoder *encoder = column->encoder;
	int			start = out->len;
	const char *literal;

	if (encoder->literal == NULL)
		return false;
	if (strcmp(expression, "NULL") == 0 ||
		strncmp(expression, "NULL::", strlen("NULL::")) == 0)
		return false;
	if (is_function_call(expression))
		return append_computed(out, column);
	literal = expression_literal(expression);
	if (literal != NULL && encoder->literal(out, column, literal))
		return true;
	out->len = start;
	return false;
}
