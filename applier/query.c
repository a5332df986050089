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

#include "pipeline.h"

/* What views and subqueries may multiply to. */
#define BRANCHES_MAX 100

/* A table in a scope: some of the items. */
typedef struct ScopeTable
{
	const char *alias;			/* NULL: none */
	int			first;
	int			count;
} ScopeTable;

/* What the columns of an expression can be. */
typedef struct Scope
{
	ScopeTable *tables;
	int			table_count;
	SelectItem *items;
	int			item_count;
} Scope;

static void
scope_add(Scope *scope, const char *alias, const SelectItem *items, int count)
{
	ScopeTable *table;

	scope->tables = pg_realloc(scope->tables, (scope->table_count + 1) *
							   sizeof(ScopeTable));
	table = &scope->tables[scope->table_count++];
	table->alias = alias;
	table->first = scope->item_count;
	table->count = count;
	scope->items = pg_realloc(scope->items, (scope->item_count + count + 1) *
							  sizeof(SelectItem));
	memcpy(scope->items + scope->item_count, items, count * sizeof(SelectItem));
	scope->item_count += count;
}

static Expression *substitute(Script *script, const Scope *scope,
							  const Expression *expression);

bool
query_is_function(const Expression *column)
{
	static const char *const functions[] = {
		"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME",
		"LOCALTIMESTAMP", "PI"
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

static const ScopeTable *
scope_find_table(const Scope *scope, const char *alias)
{
	for (int i = 0; i < scope->table_count; i++)
		if (scope->tables[i].alias != NULL &&
			strcmp(scope->tables[i].alias, alias) == 0)
			return &scope->tables[i];
	return NULL;
}

static void
fail_column(Script *script, const Scope *scope, const Expression *column,
			const char *name)
{
	PQExpBufferData hint;

	initPQExpBuffer(&hint);
	if (scope->tables[0].alias != NULL)
		appendPQExpBuffer(&hint, "\"%s\" has ", scope->tables[0].alias);
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
 * The item that a path names, and how many of its names that takes: column,
 * t.column, default_catalog.default_database.t.column.  A column of the first
 * name wins.  NULL where there is none.
 */
static const SelectItem *
find_item(Script *script, const Scope *scope, const Expression *column,
		  int *taken)
{
	const SelectItem *item = scope_find(scope, column->path[0]);

	*taken = 1;
	for (int i = 0; item != NULL && i < scope->item_count; i++)
		if (&scope->items[i] != item && scope->table_count > 1 &&
			strcmp(scope->items[i].alias, column->path[0]) == 0)
			script_fail(script, column->place,
						"Put the table's name before it.",
						"column \"%s\" is ambiguous", column->path[0]);
	for (int i = 0; item == NULL && i < column->path_count - 1; i++)
	{
		const ScopeTable *table = scope_find_table(scope, column->path[i]);

		if (table != NULL)
		{
			for (int c = table->first; c < table->first + table->count; c++)
				if (strcmp(scope->items[c].alias, column->path[i + 1]) == 0)
					item = &scope->items[c];
			*taken = i + 2;
			break;
		}
		if (strcmp(column->path[i], "default_catalog") != 0 &&
			strcmp(column->path[i], "default_database") != 0)
			break;
	}
	return item;
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

static Expression *element_field(Script *script, const Expression *element,
								 const char *name, Place place);

static Expression *
substitute_column(Script *script, const Scope *scope, const Expression *column)
{
	int			taken;
	const SelectItem *item = find_item(script, scope, column, &taken);
	int			fields = column->path_count - taken;
	Expression *result;

	if (item == NULL && query_is_function(column))
		return copy_expression(column);
	if (item == NULL)
		fail_column(script, scope, column, column->path[taken - 1]);
	result = copy_expression(item->expression);
	if (result->kind == EXPRESSION_ELEMENT)
		for (int i = taken; i < column->path_count; i++)
			result = element_field(script, result, column->path[i],
								   column->place);
	if (result->kind == EXPRESSION_COLUMN ||
		result->kind == EXPRESSION_ELEMENT)
		result->place = column->place;
	if (fields == 0 || result->kind == EXPRESSION_ELEMENT)
		return result;
	if (result->kind != EXPRESSION_COLUMN)
		script_fail(script, column->place,
					"Name the field where the column is made.",
					"\"%s\" is an expression, and its fields cannot be taken",
					column->path[taken - 1]);
	result->path = pg_malloc((result->path_count + fields) * sizeof(char *));
	memcpy(result->path, item->expression->path,
		   result->path_count * sizeof(char *));
	memcpy(result->path + result->path_count, column->path + taken,
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
	Scope		scope = {NULL, 0, NULL, 0};

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
	scope_add(&scope, table->name, plain.items, plain.item_count);
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

/* --------------------------------------------------------------- UNNEST */

/* A value taken from JSON, as its type. */
static Expression *
element_new(Script *script, Place place, const char *json, const char *taken,
			const DataType *type)
{
	Expression *element = pg_malloc0(sizeof(Expression));
	PQExpBufferData sql;

	element->kind = EXPRESSION_ELEMENT;
	element->place = place;
	element->type = *type;
	initPQExpBuffer(&sql);
	switch (type->kind)
	{
		case TYPE_ROW:
			appendPQExpBuffer(&sql, "(%s)", json);
			break;
		case TYPE_BOOLEAN:
		case TYPE_TINYINT:
		case TYPE_SMALLINT:
		case TYPE_INT:
		case TYPE_BIGINT:
		case TYPE_FLOAT:
		case TYPE_DOUBLE:
		case TYPE_DECIMAL:
			appendPQExpBuffer(&sql, "(%s)::", taken);
			type_append_pg(&sql, type);
			break;
		case TYPE_CHAR:
		case TYPE_VARCHAR:
			appendPQExpBuffer(&sql, "(%s)", taken);
			break;
		default:
			type_append(&sql, type);
			script_fail(script, place,
						"Declare the field as STRING or a number, and CAST it.",
						"a field of type %s cannot be taken from a ROW or MAP of UNNEST",
						sql.data);
	}
	element->text = sql.data;
	return element;
}

static void
append_literal(PQExpBuffer sql, const char *text)
{
	appendPQExpBufferChar(sql, '\'');
	for (const char *p = text; *p != '\0'; p++)
		appendPQExpBuffer(sql, *p == '\'' ? "%c'" : "%c", *p);
	appendPQExpBufferChar(sql, '\'');
}

/* A field of a ROW that is an element, or of one in it. */
static Expression *
element_field(Script *script, const Expression *element, const char *name,
			  Place place)
{
	const DataType *type = &element->type;

	for (int i = 0; type->kind == TYPE_ROW && i < type->field_count; i++)
	{
		PQExpBufferData json;
		PQExpBufferData text;

		if (strcmp(type->fields[i].name, name) != 0)
			continue;
		initPQExpBuffer(&json);
		appendPQExpBuffer(&json, "%s -> ", element->text);
		append_literal(&json, name);
		initPQExpBuffer(&text);
		appendPQExpBuffer(&text, "%s ->> ", element->text);
		append_literal(&text, name);
		return element_new(script, place, json.data, text.data,
						   &type->fields[i].type);
	}
	script_fail(script, place, NULL, "the element of UNNEST has no field \"%s\"",
				name);
	return NULL;				/* not reached */
}

/* The declared type of a column or a field of one. */
static const DataType *
column_type(const ScriptTable *table, const Expression *column)
{
	const ScriptColumn *columns = table->columns;
	int			count = table->column_count;
	const DataType *type = NULL;

	for (int i = 0; i < column->path_count; i++)
	{
		type = NULL;
		for (int c = 0; c < count; c++)
			if (strcmp(columns[c].name, column->path[i]) == 0)
				type = &columns[c].type;
		if (type == NULL)
			return NULL;
		columns = type->fields;
		count = type->field_count;
	}
	return type;
}

static void
item_add(SelectItem **items, int *count, Expression *expression, char *name)
{
	*items = pg_realloc(*items, (*count + 1) * sizeof(SelectItem));
	(*items)[*count].expression = expression;
	(*items)[(*count)++].alias = name;
}

/* The columns that a table gets by UNNEST. */
static SelectItem *
unnest_items(Script *script, const ScriptUnnest *unnest, const DataType *type,
			 int number, int *count)
{
	SelectItem *items = NULL;
	const DataType *element = type->element;
	DataType	ordinal = {TYPE_INT, -1, 0, NULL, 0, NULL, NULL};
	char	   *value = psprintf("u%d.\"?value\"", number);
	char	   *name = psprintf("u%d.\"?name\"", number);

	if (type->kind == TYPE_MAP)
	{
		item_add(&items, count, element_new(script, unnest->place, name, name,
											type->key), "key");
		item_add(&items, count, element_new(script, unnest->place, value, value,
											element), "value");
	}
	else if (element->kind == TYPE_ROW)
	{
		Expression *row = element_new(script, unnest->place, value, value,
									  element);

		for (int i = 0; i < element->field_count; i++)
			item_add(&items, count,
					 element_field(script, row, element->fields[i].name,
								   unnest->place), element->fields[i].name);
	}
	else
	{
		Expression *plain = pg_malloc0(sizeof(Expression));

		/* elements of PostgreSQL's array have their type */
		plain->kind = EXPRESSION_ELEMENT;
		plain->place = unnest->place;
		plain->type = *element;
		plain->text = value;
		item_add(&items, count, plain,
				 unnest->alias != NULL ? unnest->alias : "f0");
	}
	if (unnest->ordinality)
	{
		name = psprintf("u%d.\"?place\"", number);
		item_add(&items, count, element_new(script, unnest->place, name, name,
											&ordinal), "ORDINALITY");
	}
	if (unnest->columns != NULL && unnest->column_count != *count)
		script_fail(script, unnest->column_places[0], NULL,
					"%d names are given, but UNNEST has %d columns",
					unnest->column_count, *count);
	for (int i = 0; unnest->columns != NULL && i < *count; i++)
		items[i].alias = unnest->columns[i];
	return items;
}

/* Adds UNNEST to a branch, and its columns to the scope. */
static void
resolve_unnest(Script *script, const ScriptUnnest *unnest, Scope *scope,
			   QueryBranch *branch)
{
	Expression *array = substitute(script, scope, unnest->array);
	const DataType *type = array->kind != EXPRESSION_COLUMN ? NULL :
	column_type(&script->tables[branch->table], array);
	QueryUnnest *added;
	SelectItem *items;
	int			count = 0;

	if (type == NULL || (type->kind != TYPE_ARRAY && type->kind != TYPE_MAP) ||
		(type->kind == TYPE_ARRAY && type->element->kind == TYPE_ARRAY))
		script_fail(script, unnest->array->place, NULL,
					"UNNEST is supported for columns of type ARRAY (of no ARRAY) or MAP");
	items = unnest_items(script, unnest, type, branch->unnest_count, &count);
	branch->unnests = pg_realloc(branch->unnests, (branch->unnest_count + 1) *
								 sizeof(QueryUnnest));
	added = &branch->unnests[branch->unnest_count++];
	added->array = array;
	added->type = *type;
	added->left = unnest->left;
	scope_add(scope, unnest->alias, items, count);
}

/* SELECT over one branch. */
static QueryBranch
resolve_select(Script *script, const ScriptQuery *query,
			   const QueryBranch *inner)
{
	QueryBranch branch = {0};
	Scope		scope = {NULL, 0, NULL, 0};

	branch.table = inner->table;
	branch.place = inner->place;
	branch.unnest_count = inner->unnest_count;
	branch.unnests = pg_malloc(inner->unnest_count * sizeof(QueryUnnest));
	for (int i = 0; i < inner->unnest_count; i++)
		branch.unnests[i] = inner->unnests[i];
	scope_add(&scope, query->from.alias, inner->items, inner->item_count);
	for (int i = 0; i < query->from.unnest_count; i++)
		resolve_unnest(script, &query->from.unnests[i], &scope, &branch);

	for (int i = 0; i < query->item_count; i++)
	{
		const SelectItem *item = &query->items[i];
		const Expression *expression = item->expression;
		int			first = 0;
		int			last = scope.item_count;

		if (expression->kind != EXPRESSION_STAR)
		{
			branch_add_item(&branch, substitute(script, &scope, expression),
							item_name(item, i));
			continue;
		}
		if (expression->path_count > 0)
		{
			const ScopeTable *table = scope_find_table(&scope,
													   expression->path[0]);

			if (table == NULL)
				script_fail(script, expression->place, NULL,
							"\"%s\" is no table of this SELECT",
							expression->path[0]);
			first = table->first;
			last = table->first + table->count;
		}
		for (int c = first; c < last; c++)
		{
			Expression *copy = copy_expression(scope.items[c].expression);

			if (copy->kind == EXPRESSION_COLUMN)
				copy->place = expression->place;
			branch_add_item(&branch, copy, scope.items[c].alias);
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
