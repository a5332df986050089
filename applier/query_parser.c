/*-------------------------------------------------------------------------
 *
 * query_parser.c
 *	  Grammar of queries: SELECT, UNION ALL, WITH, and what stands behind
 *	  FROM.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "parser.h"

/* Does the join that comes next look up rows as of a time? */
static bool
is_lookup_join(const Parser *parser)
{
	for (const Lexeme *word = parser->next; word->kind != LEXEME_END; word++)
	{
		if (word->kind == LEXEME_SYMBOL && strcmp(word->text, ";") == 0)
			break;
		if (word->kind != LEXEME_WORD)
			continue;
		if (pg_strcasecmp(word->text, "SYSTEM_TIME") == 0)
			return true;
		if (pg_strcasecmp(word->text, "ON") == 0 ||
			pg_strcasecmp(word->text, "WHERE") == 0)
			break;
	}
	return false;
}

/* What may follow FROM t WHERE ... in SQL but not here. */
static void
refuse_clauses(Parser *parser)
{
	static const char join[] =
	"Write the inputs into tables of the target by an INSERT each, and join them in a view there.";
	static const char order[] =
	"Rows of a table have no order: sort and limit where the target's table is read, or in a view of it.";
	static const struct
	{
		const char *word;
		const char *name;
		const char *hint;
	}			refused[] = {
		{"JOIN", "JOIN", join}, {"INNER", "INNER JOIN", join},
		{"LEFT", "LEFT JOIN", join}, {"RIGHT", "RIGHT JOIN", join},
		{"FULL", "FULL JOIN", join}, {"CROSS", "CROSS JOIN", join},
		{"NATURAL", "NATURAL JOIN", join},
		{"GROUP", "GROUP BY", aggregate_hint},
		{"HAVING", "HAVING", aggregate_hint},
		{"WINDOW", "WINDOW", aggregate_hint},
		{"QUALIFY", "QUALIFY", aggregate_hint},
		{"ORDER", "ORDER BY", order}, {"LIMIT", "LIMIT", order},
		{"OFFSET", "OFFSET", order}, {"FETCH", "FETCH", order},
		{"INTERSECT", "INTERSECT", stateless_hint},
		{"EXCEPT", "EXCEPT", stateless_hint},
		{"MINUS", "MINUS", stateless_hint},
		{"MATCH_RECOGNIZE", "MATCH_RECOGNIZE", stateless_hint},
		{"TABLESAMPLE", "TABLESAMPLE", stateless_hint},
		{"PIVOT", "PIVOT", stateless_hint}
	};

	for (size_t i = 0; i < lengthof(refused); i++)
	{
		if (!next_is(parser, refused[i].word))
			continue;
		if (refused[i].hint == join && is_lookup_join(parser))
			script_fail(parser->script, parser->next->place, join,
						"a lookup join (FOR SYSTEM_TIME AS OF) is not supported");
		script_fail(parser->script, parser->next->place, refused[i].hint,
					"%s is not supported", refused[i].name);
	}
	if (next_is(parser, "FOR"))
		script_fail(parser->script, parser->next->place,
					"Leave FOR SYSTEM_TIME out: events are read as they come.",
					"FOR SYSTEM_TIME is not supported");
	if (next_is(parser, ","))
		script_fail(parser->script, parser->next->place, join,
					"joins are not supported");
}

/* t.*: is it the next thing? */
static bool
next_is_qualified_star(const Parser *parser)
{
	const Lexeme *word = parser->next;

	if (!next_is_name(parser))
		return false;
	while (word[1].kind == LEXEME_SYMBOL && strcmp(word[1].text, ".") == 0 &&
		   (word[2].kind == LEXEME_WORD || word[2].kind == LEXEME_QUOTED))
		word += 2;
	return word[1].kind == LEXEME_SYMBOL && strcmp(word[1].text, ".") == 0 &&
		word[2].kind == LEXEME_SYMBOL && strcmp(word[2].text, "*") == 0;
}

static void
parse_item(Parser *parser, SelectItem *item)
{
	item->alias = NULL;
	if (accept(parser, "*"))
	{
		item->expression = expression_new(EXPRESSION_STAR,
										  parser->next[-1].place);
		return;
	}
	if (next_is_qualified_star(parser))
	{
		item->expression = expression_new(EXPRESSION_STAR,
										  parser->next->place);
		item->expression->path = pg_malloc(sizeof(char *));
		item->expression->path_count = 1;
		do
		{
			item->expression->path[0] = parser->next->text;
			parser->next += 2;
		} while (!next_is(parser, "*"));
		parser->next++;
		return;
	}
	item->expression = parse_expression(parser);
	if (accept(parser, "AS"))
		item->alias = expect_name(parser, "name of the result");
	else if (next_is_name(parser))
		item->alias = (parser->next++)->text;
}

/* Hints behind SELECT are about joins and state, which are not here. */
static void
skip_hint(Parser *parser)
{
	if (!accept(parser, "/*+"))
		return;
	while (!next_is(parser, "*/") && parser->next->kind != LEXEME_END)
		parser->next++;
	expect(parser, "*/");
}

/* Passes over a join with UNNEST, which may be a comma. */
static bool
accept_unnest(Parser *parser, bool *left)
{
	Lexeme	   *word = parser->next;

	*left = accept(parser, "LEFT");
	if (*left)
		(void) accept(parser, "OUTER");
	else if (!accept(parser, ","))
		(void) accept(parser, "CROSS");
	if (strcmp(word->text, ",") != 0)
		(void) accept(parser, "JOIN");
	if (parser->next > word && accept(parser, "UNNEST"))
		return true;
	parser->next = word;
	return false;
}

/* A table, a view, or a query in parentheses, with its alias. */
static void
parse_from(Parser *parser, ScriptFrom *from)
{
	static const char *const window_hint =
	"Windows and table functions need state: write the events, and let a view of the target do it.";
	Lexeme	   *word;
	bool		left;

	from->place = parser->next->place;
	from->table = -1;
	if (next_is(parser, "TABLE") || next_is(parser, "LATERAL") ||
		next_is(parser, "UNNEST"))
		script_fail(parser->script, from->place, window_hint,
					"table functions and windows are not supported");
	if (accept(parser, "("))
	{
		if (next_is(parser, "VALUES"))
			script_fail(parser->script, parser->next->place, NULL,
						"VALUES is not supported");
		from->query = parse_query(parser);
		expect(parser, ")");
	}
	else
	{
		char	   *name = parse_table_name(parser, "name of a table");

		from->alias = name;
		from->view = script_find_view(parser->script, name);
		if (from->view == NULL)
			from->table = script_find_table(parser->script, name);
		if (from->view == NULL && from->table < 0)
			script_fail(parser->script, from->place,
						"It must be created above, by CREATE TABLE or CREATE VIEW.",
						"table \"%s\" does not exist", name);
		if (next_is(parser, "/*+"))
		{
			if (from->table < 0)
				script_fail(parser->script, parser->next->place,
							"Put it behind the table in the view.",
							"\"%s\" is a view, and has no options", name);
			from->table = parse_table_hint(parser, from->table);
		}
	}
	word = parser->next;
	if (accept_unnest(parser, &left))
		parser->next = word;
	else
		refuse_clauses(parser);
	if (accept(parser, "AS"))
		from->alias = expect_name(parser, "another name of the table");
	else if (next_is_name(parser))
		from->alias = (parser->next++)->text;
	if (next_is(parser, "("))
		parse_names(parser, "name of a column", &from->columns,
					&from->column_places, &from->column_count);
}

/* Behind UNNEST. */
static void
parse_unnest(Parser *parser, ScriptUnnest *unnest)
{
	unnest->place = parser->next[-1].place;
	expect(parser, "(");
	unnest->array = parse_expression(parser);
	if (next_is(parser, ","))
		script_fail(parser->script, parser->next->place,
					"Write CROSS JOIN UNNEST for each array.",
					"UNNEST of several arrays is not supported");
	expect(parser, ")");
	if (accept(parser, "WITH"))
	{
		expect(parser, "ORDINALITY");
		unnest->ordinality = true;
	}
	if (accept(parser, "AS"))
		unnest->alias = expect_name(parser, "name of the elements");
	else if (next_is_name(parser))
		unnest->alias = (parser->next++)->text;
	if (next_is(parser, "("))
		parse_names(parser, "name of a column", &unnest->columns,
					&unnest->column_places, &unnest->column_count);
	if (unnest->left)
	{
		expect(parser, "ON");
		expect(parser, "TRUE");
	}
}

/* SELECT ..., or a query in parentheses. */
static ScriptQuery *
parse_term(Parser *parser)
{
	ScriptQuery *query;
	bool		left;

	if (accept(parser, "("))
	{
		query = parse_query(parser);
		expect(parser, ")");
		return query;
	}
	if (next_is(parser, "VALUES"))
		script_fail(parser->script, parser->next->place,
					"A pipeline reads a topic: INSERT INTO ... SELECT ... FROM.",
					"VALUES is not supported");
	query = pg_malloc0(sizeof(ScriptQuery));
	query->place = parser->next->place;
	expect(parser, "SELECT");
	skip_hint(parser);
	if (next_is(parser, "DISTINCT"))
		script_fail(parser->script, parser->next->place,
					"Give the sink a PRIMARY KEY: the last row of each key is kept.",
					"SELECT DISTINCT is not supported");
	(void) accept(parser, "ALL");
	do
	{
		query->items = pg_realloc(query->items, (query->item_count + 1) *
								  sizeof(SelectItem));
		parse_item(parser, &query->items[query->item_count++]);
	} while (accept(parser, ","));

	if (!next_is(parser, "FROM"))
		fail_unexpected(parser, "\"FROM\"");
	parser->next++;
	parse_from(parser, &query->from);
	while (accept_unnest(parser, &left))
	{
		ScriptFrom *from = &query->from;
		ScriptUnnest *unnest;

		from->unnests = pg_realloc(from->unnests, (from->unnest_count + 1) *
								   sizeof(ScriptUnnest));
		unnest = &from->unnests[from->unnest_count++];
		memset(unnest, 0, sizeof(ScriptUnnest));
		unnest->left = left;
		parse_unnest(parser, unnest);
	}
	refuse_clauses(parser);
	if (accept(parser, "WHERE"))
		query->where = parse_expression(parser);
	refuse_clauses(parser);
	return query;
}

static ScriptQuery *
parse_union(Parser *parser)
{
	ScriptQuery *first = parse_term(parser);
	ScriptQuery *query;

	if (!next_is(parser, "UNION"))
		return first;
	query = pg_malloc0(sizeof(ScriptQuery));
	query->place = parser->next->place;
	query->branches = pg_malloc(sizeof(ScriptQuery *));
	query->branches[query->branch_count++] = first;
	while (accept(parser, "UNION"))
	{
		if (!accept(parser, "ALL"))
			script_fail(parser->script, parser->next[-1].place,
						"Write UNION ALL: the sink's PRIMARY KEY keeps one row of each key.",
						"UNION without ALL is not supported");
		query->branches = pg_realloc(query->branches,
									 (query->branch_count + 1) *
									 sizeof(ScriptQuery *));
		query->branches[query->branch_count++] = parse_term(parser);
	}
	return query;
}

ScriptQuery *
parse_query(Parser *parser)
{
	Script	   *script = parser->script;
	int			outer = script->view_count;
	ScriptQuery *query;

	if (++parser->depth > EXPRESSION_DEPTH_MAX)
		script_fail(script, parser->next->place, NULL,
					"queries are nested too deeply");
	if (accept(parser, "WITH"))
	{
		do
		{
			ScriptView *view = pg_malloc0(sizeof(ScriptView));

			if (next_is(parser, "RECURSIVE"))
				script_fail(script, parser->next->place, stateless_hint,
							"WITH RECURSIVE is not supported");
			view->name = expect_name(parser, "name of the query");
			if (next_is(parser, "("))
				parse_names(parser, "name of a column", &view->columns,
							&view->column_places, &view->column_count);
			expect(parser, "AS");
			expect(parser, "(");
			view->query = parse_query(parser);
			expect(parser, ")");
			script_add_view(script, view);
		} while (accept(parser, ","));
	}
	query = parse_union(parser);
	refuse_clauses(parser);
	/* names of WITH are known inside only */
	for (int i = outer; i < script->view_count; i++)
		script->views[i]->hidden = true;
	parser->depth--;
	return query;
}
