/*-------------------------------------------------------------------------
 *
 * query.c
 *	  Queries without their names: what a SELECT over views, subqueries and
 *	  computed columns is over the columns of tables.
 *
 * NOTES
 *	  Names are replaced from the inside out: what stands behind FROM comes
 *	  to branches, each a SELECT over one table; a column of the outer SELECT
 *	  is then the expression of the branch's item with that name, and both
 *	  WHEREs must hold.  UNION ALL makes more branches, so a SELECT over it is
 *	  one over each of them.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "pqexpbuffer.h"

#include "query.h"

/* What views and subqueries may multiply to. */
#define BRANCHES_MAX 100

/* What the columns of an expression can be. */
typedef struct Scope
{
	const char *alias;			/* NULL: the table has no name */
	const SelectItem *items;
	int			item_count;
} Scope;

static Expression *substitute(Script *script, const Scope *scope,
							  const Expression *expression);

/* Functions that are called without parentheses, so that they look like columns. */
static bool
is_function(const Expression *column)
{
	static const char *const functions[] = {
		"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME",
		"LOCALTIMESTAMP"
	};

	for (size_t i = 0; column->path_count == 1 && i < lengthof(functions); i++)
		if (pg_strcasecmp(column->path[0], functions[i]) == 0)
			return true;
	return false;
}

static const SelectItem *
scope_find(const Scope *scope, const char *name)
{
	for (int i = 0; i < scope->item_count; i++)
		if (strcmp(scope->items[i].alias, name) == 0)
			return &scope->items[i];
	return NULL;
}

static void
fail_column(Script *script, const Scope *scope, const Expression *column,
			const char *name)
{
	PQExpBufferData hint;

	initPQExpBuffer(&hint);
	if (scope->alias != NULL)
		appendPQExpBuffer(&hint, "\"%s\" has ", scope->alias);
	else
		appendPQExpBufferStr(&hint, "There are ");
	for (int i = 0; i < scope->item_count; i++)
		appendPQExpBuffer(&hint, "%s%s", i > 0 ? ", " : "",
						  scope->items[i].alias);
	appendPQExpBufferStr(&hint, "; upper and lower case differ.");
	script_fail(script, column->place, hint.data,
				"column \"%s\" does not exist", name);
}

/*
 * How many of the path's names are the table's: t.column, and also
 * default_catalog.default_database.t.column.  A column of that name wins.
 */
static int
table_prefix(const Scope *scope, const Expression *column)
{
	if (scope->alias == NULL || scope_find(scope, column->path[0]) != NULL)
		return 0;
	for (int i = 0; i < column->path_count - 1; i++)
	{
		if (strcmp(column->path[i], scope->alias) == 0)
			return i + 1;
		if (strcmp(column->path[i], "default_catalog") != 0 &&
			strcmp(column->path[i], "default_database") != 0)
			break;
	}
	return 0;
}

static Expression *
copy_expression(const Expression *expression)
{
	Expression *copy = pg_malloc(sizeof(Expression));

	*copy = *expression;
	if (copy->argument_count > 0)
	{
		copy->arguments = pg_malloc(copy->argument_count *
									sizeof(Expression *));
		for (int i = 0; i < copy->argument_count; i++)
			copy->arguments[i] = copy_expression(expression->arguments[i]);
	}
	return copy;
}

static Expression *
substitute_column(Script *script, const Scope *scope, const Expression *column)
{
	int			first = table_prefix(scope, column);
	const SelectItem *item = scope_find(scope, column->path[first]);
	int			fields = column->path_count - first - 1;
	Expression *result;

	if (item == NULL && is_function(column))
		return copy_expression(column);
	if (item == NULL)
		fail_column(script, scope, column, column->path[first]);
	result = copy_expression(item->expression);
	if (result->kind == EXPRESSION_COLUMN)
		result->place = column->place;
	if (fields == 0)
		return result;
	if (result->kind != EXPRESSION_COLUMN)
		script_fail(script, column->place,
					"Name the field where the column is made.",
					"\"%s\" is an expression, and its fields cannot be taken",
					column->path[first]);
	result->path = pg_malloc((result->path_count + fields) * sizeof(char *));
	memcpy(result->path, item->expression->path,
		   result->path_count * sizeof(char *));
	memcpy(result->path + result->path_count, column->path + first + 1,
		   fields * sizeof(char *));
	result->path_count += fields;
	return result;
}

/* The expression with the scope's expressions in the place of columns. */
static Expression *
substitute(Script *script, const Scope *scope, const Expression *expression)
{
	Expression *copy;

	if (expression->kind == EXPRESSION_COLUMN)
		return substitute_column(script, scope, expression);
	copy = pg_malloc(sizeof(Expression));
	*copy = *expression;
	if (copy->argument_count == 0)
		return copy;
	copy->arguments = pg_malloc(copy->argument_count * sizeof(Expression *));
	for (int i = 0; i < copy->argument_count; i++)
		copy->arguments[i] = substitute(script, scope,
										expression->arguments[i]);
	return copy;
}

static void
branch_add_item(QueryBranch *branch, Expression *expression, char *name)
{
	branch->items = pg_realloc(branch->items, (branch->item_count + 1) *
							   sizeof(SelectItem));
	branch->items[branch->item_count].expression = expression;
	branch->items[branch->item_count++].alias = name;
}

/* A table as a branch: its computed columns are expressions over the others. */
static QueryBranch
table_branch(Script *script, int number)
{
	const ScriptTable *table = &script->tables[number];
	QueryBranch branch = {0};
	QueryBranch plain = {0};
	Scope		scope;

	branch.table = number;
	for (int i = 0; i < table->column_count; i++)
		if (table->columns[i].computed == NULL)
		{
			Expression *column = pg_malloc0(sizeof(Expression));

			column->kind = EXPRESSION_COLUMN;
			column->place = table->columns[i].place;
			column->path = pg_malloc(sizeof(char *));
			column->path[0] = table->columns[i].name;
			column->path_count = 1;
			branch_add_item(&plain, column, table->columns[i].name);
		}
	scope.alias = table->name;
	scope.items = plain.items;
	scope.item_count = plain.item_count;
	for (int i = 0, p = 0; i < table->column_count; i++)
		branch_add_item(&branch, table->columns[i].computed == NULL ?
						plain.items[p++].expression :
						substitute(script, &scope, table->columns[i].computed),
						table->columns[i].name);
	return branch;
}

static void
rename_items(Script *script, QueryBranch *branch, char **names,
			 const Place *places, int count, const char *what)
{
	SelectItem *items;

	if (names == NULL)
		return;
	if (count != branch->item_count)
		script_fail(script, places[0], NULL,
					"%d names are given, but %s has %d columns", count, what,
					branch->item_count);
	items = pg_malloc(count * sizeof(SelectItem));
	for (int i = 0; i < count; i++)
	{
		items[i].expression = branch->items[i].expression;
		items[i].alias = names[i];
	}
	branch->items = items;
}

/* What stands behind FROM. */
static QueryBranches
resolve_from(Script *script, const ScriptFrom *from)
{
	QueryBranches branches = {0};

	if (from->view != NULL)
	{
		const ScriptView *view = from->view;

		branches = query_resolve(script, view->query);
		for (int i = 0; i < branches.count; i++)
			rename_items(script, &branches.list[i], view->columns,
						 view->column_places, view->column_count, view->name);
	}
	else if (from->query != NULL)
		branches = query_resolve(script, from->query);
	else
	{
		branches.list = pg_malloc(sizeof(QueryBranch));
		branches.list[0] = table_branch(script, from->table);
		branches.list[0].place = from->place;
		branches.count = 1;
	}
	for (int i = 0; i < branches.count; i++)
		rename_items(script, &branches.list[i], from->columns,
					 from->column_places, from->column_count, from->alias);
	return branches;
}

/* Name of a result that has none: its column's, or as the dialect calls it. */
static char *
item_name(const SelectItem *item, int number)
{
	const Expression *expression = item->expression;

	if (item->alias != NULL)
		return item->alias;
	if (expression->kind == EXPRESSION_COLUMN)
		return expression->path[expression->path_count - 1];
	return psprintf("EXPR$%d", number);
}

/* SELECT over one branch. */
static QueryBranch
resolve_select(Script *script, const ScriptQuery *query,
			   const QueryBranch *inner)
{
	QueryBranch branch = {0};
	Scope		scope = {query->from.alias, inner->items, inner->item_count};

	branch.table = inner->table;
	branch.place = inner->place;
	for (int i = 0; i < query->item_count; i++)
	{
		const SelectItem *item = &query->items[i];
		const Expression *expression = item->expression;

		if (expression->kind != EXPRESSION_STAR)
		{
			branch_add_item(&branch, substitute(script, &scope, expression),
							item_name(item, i));
			continue;
		}
		if (expression->path_count > 0 &&
			(scope.alias == NULL ||
			 strcmp(expression->path[0], scope.alias) != 0))
			script_fail(script, expression->place, NULL,
						"\"%s\" is no table of this SELECT",
						expression->path[0]);
		for (int c = 0; c < inner->item_count; c++)
		{
			Expression *copy = copy_expression(inner->items[c].expression);

			if (copy->kind == EXPRESSION_COLUMN)
				copy->place = expression->place;
			branch_add_item(&branch, copy, inner->items[c].alias);
		}
	}

	branch.where = inner->where;
	if (query->where != NULL)
	{
		Expression *own = substitute(script, &scope, query->where);

		if (branch.where == NULL)
			branch.where = own;
		else
		{
			Expression *both = pg_malloc0(sizeof(Expression));

			both->kind = EXPRESSION_AND;
			both->place = own->place;
			both->arguments = pg_malloc(2 * sizeof(Expression *));
			both->arguments[0] = copy_expression(branch.where);
			both->arguments[1] = own;
			both->argument_count = 2;
			branch.where = both;
		}
	}
	return branch;
}

QueryBranches
query_resolve(Script *script, const ScriptQuery *query)
{
	QueryBranches result = {0};
	QueryBranches inner;

	if (query->branches == NULL)
	{
		inner = resolve_from(script, &query->from);
		result.list = pg_malloc(inner.count * sizeof(QueryBranch));
		for (int i = 0; i < inner.count; i++)
			result.list[result.count++] = resolve_select(script, query,
														 &inner.list[i]);
		return result;
	}
	for (int b = 0; b < query->branch_count; b++)
	{
		inner = query_resolve(script, query->branches[b]);
		if (result.count + inner.count > BRANCHES_MAX)
			script_fail(script, query->place, NULL,
						"UNION ALL comes to more than %d queries",
						BRANCHES_MAX);
		result.list = pg_realloc(result.list, (result.count + inner.count) *
								 sizeof(QueryBranch));
		for (int i = 0; i < inner.count; i++)
		{
			if (inner.list[i].item_count != (result.count + i > 0 ?
											 result.list[0].item_count :
											 inner.list[0].item_count))
				script_fail(script, query->branches[b]->place, NULL,
							"queries of UNION ALL have %d and %d columns",
							result.list[0].item_count,
							inner.list[i].item_count);
			result.list[result.count + i] = inner.list[i];
			/* columns are called as in the first query */
			for (int c = 0; c < result.list[0].item_count; c++)
				result.list[result.count + i].items[c].alias =
					result.list[0].items[c].alias;
		}
		result.count += inner.count;
	}
	return result;
}
