/*-------------------------------------------------------------------------
 *
 * table_parser.c
 *	  Grammar of CREATE TABLE, with LIKE, and of the hints that give a table
 *	  other options.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "parser.h"

/* WATERMARK FOR column AS expression: event time is of no use here. */
static void
parse_watermark(Parser *parser)
{
	int			parentheses = 0;

	expect(parser, "FOR");
	do
		(void) expect_name(parser, "name of a column");
	while (accept(parser, "."));
	expect(parser, "AS");
	while (parser->next->kind != LEXEME_END &&
		   (parentheses > 0 || (!next_is(parser, ",") && !next_is(parser, ")"))))
	{
		if (next_is(parser, "("))
			parentheses++;
		else if (next_is(parser, ")"))
			parentheses--;
		parser->next++;
	}
}

/* Behind PRIMARY KEY, of a column or the table. */
static void
parse_not_enforced(Parser *parser)
{
	if (!accept(parser, "NOT"))
		script_fail(parser->script, parser->next->place,
					"Write PRIMARY KEY (...) NOT ENFORCED.",
					"NOT ENFORCED is missing");
	expect(parser, "ENFORCED");
}

/* The key of one column, behind its name. */
static void
parse_column_key(Parser *parser, ScriptTable *table,
				 const ScriptColumn *column, Place place)
{
	expect(parser, "KEY");
	if (table->key_count > 0)
		script_fail(parser->script, place, NULL,
					"there is a primary key already");
	parse_not_enforced(parser);
	table->key = pg_malloc(sizeof(char *));
	table->key_places = pg_malloc(sizeof(Place));
	table->key[0] = column->name;
	table->key_places[0] = column->place;
	table->key_count = 1;
}

/* [CONSTRAINT name] PRIMARY KEY (columns) NOT ENFORCED */
static void
parse_table_key(Parser *parser, ScriptTable *table)
{
	Place		place = parser->next->place;

	if (accept(parser, "CONSTRAINT"))
		(void) expect_name(parser, "name of the constraint");
	if (next_is(parser, "UNIQUE"))
		script_fail(parser->script, parser->next->place, NULL,
					"UNIQUE is not supported, only PRIMARY KEY is");
	expect(parser, "PRIMARY");
	expect(parser, "KEY");
	if (table->key_count > 0)
		script_fail(parser->script, place, NULL,
					"there is a primary key already");
	parse_names(parser, "name of a column", &table->key, &table->key_places,
				&table->key_count);
	parse_not_enforced(parser);
}

static ScriptColumn *
table_find_column(const ScriptTable *table, const char *name)
{
	for (int i = 0; i < table->column_count; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return &table->columns[i];
	return NULL;
}

/* name type ..., name type METADATA ..., or name AS expression */
static void
parse_column(Parser *parser, ScriptTable *table)
{
	ScriptColumn *column;

	table->columns = pg_realloc(table->columns, (table->column_count + 1) *
								sizeof(ScriptColumn));
	column = &table->columns[table->column_count];
	memset(column, 0, sizeof(ScriptColumn));
	column->place = parser->next->place;
	column->name = expect_name(parser, "name of a column");
	if (table_find_column(table, column->name) != NULL)
		script_fail(parser->script, column->place, NULL,
					"column \"%s\" is there twice", column->name);
	if (accept(parser, "AS"))
		column->computed = parse_expression(parser);
	else
	{
		column->type = parse_type(parser);
		if (accept(parser, "METADATA"))
		{
			column->metadata = accept(parser, "FROM") ?
				expect_string(parser, "a key, 'in quotes'") : column->name;
			column->is_virtual = accept(parser, "VIRTUAL");
		}
	}
	table->column_count++;

	for (;;)
	{
		Place		place = parser->next->place;

		if (accept(parser, "COMMENT"))
			(void) expect_string(parser, "a comment, 'in quotes'");
		else if (column->computed != NULL)
			return;
		else if (accept(parser, "NOT"))
		{
			expect(parser, "NULL");
			column->not_null = true;
		}
		else if (accept(parser, "NULL"))
			 /* the default */ ;
		else if (accept(parser, "PRIMARY"))
			parse_column_key(parser, table, column, place);
		else
			return;
	}
}

/* What LIKE takes of the other table. */
typedef enum LikeRule
{
	LIKE_INCLUDING,
	LIKE_EXCLUDING,
	LIKE_OVERWRITING
} LikeRule;

typedef struct LikeRules
{
	LikeRule	constraints;
	LikeRule	generated;
	LikeRule	metadata;
	LikeRule	options;
} LikeRules;

/* ( INCLUDING|EXCLUDING|OVERWRITING what ... ) */
static void
parse_like_rules(Parser *parser, LikeRules *rules)
{
	while (!accept(parser, ")"))
	{
		Lexeme	   *word = parser->next;
		LikeRule	rule;

		if (accept(parser, "INCLUDING"))
			rule = LIKE_INCLUDING;
		else if (accept(parser, "EXCLUDING"))
			rule = LIKE_EXCLUDING;
		else if (accept(parser, "OVERWRITING"))
			rule = LIKE_OVERWRITING;
		else
			fail_unexpected(parser, "INCLUDING, EXCLUDING or OVERWRITING");

		if (rule == LIKE_OVERWRITING &&
			(next_is(parser, "ALL") || next_is(parser, "CONSTRAINTS") ||
			 next_is(parser, "PARTITIONS") || next_is(parser, "DISTRIBUTION")))
			script_fail(parser->script, word->place, NULL,
						"OVERWRITING %s is not possible", parser->next->text);
		if (accept(parser, "ALL"))
		{
			rules->constraints = rules->generated = rules->metadata = rule;
			rules->options = rule;
		}
		else if (accept(parser, "CONSTRAINTS"))
			rules->constraints = rule;
		else if (accept(parser, "GENERATED"))
			rules->generated = rule;
		else if (accept(parser, "METADATA"))
			rules->metadata = rule;
		else if (accept(parser, "OPTIONS"))
			rules->options = rule;
		else if (!accept(parser, "WATERMARKS") &&
				 !accept(parser, "PARTITIONS") &&
				 !accept(parser, "DISTRIBUTION"))
			fail_unexpected(parser, "ALL, CONSTRAINTS, GENERATED, METADATA, OPTIONS, PARTITIONS or WATERMARKS");
	}
}

static bool
like_takes(const LikeRules *rules, const ScriptColumn *column)
{
	if (column->computed != NULL)
		return rules->generated != LIKE_EXCLUDING;
	if (column->metadata != NULL)
		return rules->metadata != LIKE_EXCLUDING;
	return true;
}

/* The columns of the other table first, then those given. */
static void
like_add_columns(Parser *parser, ScriptTable *table, const ScriptTable *base,
				 const LikeRules *rules)
{
	ScriptColumn *columns = pg_malloc((base->column_count +
									   table->column_count + 1) *
									  sizeof(ScriptColumn));
	int			count = 0;

	for (int i = 0; i < base->column_count; i++)
	{
		const ScriptColumn *column = &base->columns[i];
		const ScriptColumn *own = table_find_column(table, column->name);

		if (!like_takes(rules, column))
			continue;
		if (own == NULL)
			columns[count++] = *column;
		else if (!(own->computed != NULL && column->computed != NULL &&
				   rules->generated == LIKE_OVERWRITING) &&
				 !(own->metadata != NULL && column->metadata != NULL &&
				   rules->metadata == LIKE_OVERWRITING))
			script_fail(parser->script, own->place, NULL,
						"column \"%s\" is in table \"%s\" already", own->name,
						base->name);
	}
	for (int i = 0; i < table->column_count; i++)
		columns[count++] = table->columns[i];
	table->columns = columns;
	table->column_count = count;
}

static ScriptOption *
find_option(ScriptOption *options, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

/* Puts options over those of a table; its own stay as they were. */
static void
table_set_options(ScriptTable *table, const ScriptOption *options, int count)
{
	ScriptOption *merged = pg_malloc((table->option_count + count + 1) *
									 sizeof(ScriptOption));
	int			merged_count = table->option_count;

	if (merged_count > 0)
		memcpy(merged, table->options, merged_count * sizeof(ScriptOption));
	for (int i = 0; i < count; i++)
	{
		ScriptOption *old = find_option(merged, merged_count, options[i].name);

		if (old == NULL)
			old = &merged[merged_count++];
		*old = options[i];
	}
	table->options = merged;
	table->option_count = merged_count;
}

/* Behind LIKE. */
static void
parse_like(Parser *parser, ScriptTable *table)
{
	Script	   *script = parser->script;
	Place		place = parser->next->place;
	const char *name = parse_table_name(parser, "name of a table");
	int			number = script_find_table(script, name);
	LikeRules	rules = {LIKE_INCLUDING, LIKE_INCLUDING, LIKE_INCLUDING, LIKE_OVERWRITING};
	ScriptTable base;

	if (number < 0)
		script_fail(script, place, NULL, "table \"%s\" does not exist", name);
	base = script->tables[number];
	if (accept(parser, "("))
		parse_like_rules(parser, &rules);

	like_add_columns(parser, table, &base, &rules);
	if (rules.constraints != LIKE_EXCLUDING && base.key_count > 0)
	{
		if (table->key_count > 0)
			script_fail(script, table->key_places[0],
						"Write LIKE t (EXCLUDING CONSTRAINTS).",
						"table \"%s\" has a primary key already", base.name);
		table->key = base.key;
		table->key_places = base.key_places;
		table->key_count = base.key_count;
	}
	if (rules.options == LIKE_EXCLUDING)
		return;
	for (int i = 0; rules.options == LIKE_INCLUDING && i < table->option_count; i++)
		if (find_option(base.options, base.option_count,
						table->options[i].name) != NULL)
			script_fail(script, table->options[i].place,
						"Write LIKE t (OVERWRITING OPTIONS).",
						"option '%s' is in table \"%s\" already",
						table->options[i].name, base.name);
	table_set_options(&base, table->options, table->option_count);
	table->options = base.options;
	table->option_count = base.option_count;
}

void
parse_table(Parser *parser, ScriptTable *table)
{
	Script	   *script = parser->script;

	if (accept(parser, "("))
	{
		do
		{
			if (accept(parser, "WATERMARK"))
				parse_watermark(parser);
			else if (next_is(parser, "PRIMARY") || next_is(parser, "CONSTRAINT"))
				parse_table_key(parser, table);
			else if (next_is(parser, "PERIOD"))
				script_fail(script, parser->next->place, stateless_hint,
							"PERIOD is not supported");
			else
				parse_column(parser, table);
		} while (accept(parser, ","));
		expect(parser, ")");
	}

	if (accept(parser, "COMMENT"))
		(void) expect_string(parser, "a comment, 'in quotes'");
	if (next_is(parser, "PARTITIONED") || next_is(parser, "DISTRIBUTED"))
		script_fail(script, parser->next->place,
					"Neither topics nor tables of PostgreSQL have partitions or buckets of Flink's: leave it out.",
					"%s is not supported", parser->next->text);
	if (accept(parser, "WITH"))
		parse_options(parser, &table->options, &table->option_count);
	else if (!next_is(parser, "LIKE") && !next_is(parser, "AS"))
		fail_unexpected(parser, "WITH ('connector' = ...)");
	if (next_is(parser, "AS"))
		script_fail(script, parser->next->place,
					"Write CREATE TABLE with its columns, then INSERT INTO it.",
					"CREATE TABLE ... AS SELECT is not supported");
	if (accept(parser, "LIKE"))
		parse_like(parser, table);
	if (table->column_count == 0)
		script_fail(script, table->place, NULL, "table \"%s\" has no columns",
					table->name);
}

int
parse_table_hint(Parser *parser, int number)
{
	Script	   *script = parser->script;
	ScriptTable table = script->tables[number];
	ScriptOption *options = NULL;
	int			count = 0;

	expect(parser, "/*+");
	do
	{
		if (!accept(parser, "OPTIONS"))
			script_fail(script, parser->next->place,
						"Only OPTIONS('k' = 'v') is.",
						"hint %s is not supported", parser->next->text);
		parse_options(parser, &options, &count);
	} while (accept(parser, ",") || next_is(parser, "OPTIONS"));
	expect(parser, "*/");
	table_set_options(&table, options, count);
	table.hidden = true;
	(void) script_add_table(script, &table);
	return script->table_count - 1;
}
