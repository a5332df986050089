/*-------------------------------------------------------------------------
 *
 * parser.c
 *	  Grammar of the pipeline scripts: recursive descent over the lexer's
 *	  words.
 *
 * NOTES
 *	  What the dialect has and this program does not (joins, aggregates,
 *	  windows, ...) is known by name, so that the message says so instead of
 *	  complaining about a comma further on.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "parser.h"

const char *const stateless_hint =
"This program runs the part of Flink SQL that needs no state: SELECT ... FROM one table WHERE ...";

void
script_fail(Script *script, Place place, const char *hint,
			const char *format,...)
{
	va_list		args;
	char		message[1024];

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);

	resetPQExpBuffer(script->error);
	if (place.line > 0)
		appendPQExpBuffer(script->error, "%s:%d:%d: %s", script->file,
						  place.line, place.column, message);
	else
		appendPQExpBuffer(script->error, "%s: %s", script->file, message);
	if (hint != NULL)
		appendPQExpBuffer(script->error, "\nHINT:  %s", hint);
	longjmp(script->failed, 1);
}

void
fail_unexpected(Parser *parser, const char *expected)
{
	const Lexeme *next = parser->next;

	if (next->kind == LEXEME_END)
		script_fail(parser->script, next->place, NULL,
					"the script ends where %s is expected", expected);
	script_fail(parser->script, next->place, NULL,
				"%s expected, found \"%s\"", expected, next->text);
}

void
expect(Parser *parser, const char *text)
{
	if (!accept(parser, text))
	{
		char		quoted[64];

		snprintf(quoted, sizeof(quoted), "\"%s\"", text);
		fail_unexpected(parser, quoted);
	}
}

char *
expect_string(Parser *parser, const char *what)
{
	if (parser->next->kind != LEXEME_STRING)
		fail_unexpected(parser, what);
	return (parser->next++)->text;
}

/* Words that cannot be a name without back quotes here. */
static bool
is_reserved(const char *word)
{
	static const char *const reserved[] = {
		"ALL", "AND", "AS", "BETWEEN", "CASE", "CAST", "CROSS", "DISTINCT",
		"ELSE", "END", "EXCEPT", "EXISTS", "FALSE", "FROM", "FULL", "GROUP",
		"HAVING", "IN", "INNER", "INSERT", "INTERSECT", "INTO", "IS", "JOIN",
		"LEFT", "LIKE", "LIMIT", "NOT", "NULL", "ON", "OR", "ORDER", "OVER",
		"RIGHT", "SELECT", "TABLE", "THEN", "TRUE", "UNION", "VALUES", "WHEN",
		"WHERE", "WITH"
	};

	for (size_t i = 0; i < lengthof(reserved); i++)
		if (pg_strcasecmp(word, reserved[i]) == 0)
			return true;
	return false;
}

bool
next_is_name(const Parser *parser)
{
	return parser->next->kind == LEXEME_QUOTED ||
		(parser->next->kind == LEXEME_WORD && !is_reserved(parser->next->text));
}

char *
expect_name(Parser *parser, const char *what)
{
	if (!next_is_name(parser))
		fail_unexpected(parser, what);
	return (parser->next++)->text;
}

/* A table's name; the dialect's catalog.database.table is for catalogs. */
static char *
parse_table_name(Parser *parser, const char *what)
{
	char	   *name = expect_name(parser, what);

	if (next_is(parser, "."))
		script_fail(parser->script, parser->next->place,
					"Tables belong to their script and have simple names.",
					"catalogs and databases are not supported");
	return name;
}

/* ----------------------------------------------------------- statements */

/* ( 'key' = 'value', ... ) */
static void
parse_options(Parser *parser, ScriptOption **options, int *count)
{
	expect(parser, "(");
	do
	{
		ScriptOption *option;

		*options = pg_realloc(*options, (*count + 1) * sizeof(ScriptOption));
		option = &(*options)[*count];
		option->place = parser->next->place;
		option->used = false;
		option->name = expect_string(parser, "an option's name, 'in quotes'");
		for (int i = 0; i < *count; i++)
			if (strcmp((*options)[i].name, option->name) == 0)
				script_fail(parser->script, option->place, NULL,
							"option '%s' is there twice", option->name);
		expect(parser, "=");
		option->value = expect_string(parser,
									  "an option's value, 'in quotes'");
		(*count)++;
	} while (accept(parser, ","));
	expect(parser, ")");
}

/* WATERMARK FOR column AS expression: event time is of no use here. */
static void
parse_watermark(Parser *parser)
{
	int			parentheses = 0;

	expect(parser, "FOR");
	(void) expect_name(parser, "name of a column");
	expect(parser, "AS");
	/* the expression may hold intervals, which nothing else here may */
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

static void
table_add_key(Parser *parser, ScriptTable *table, char *name, Place place)
{
	for (int i = 0; i < table->key_count; i++)
		if (strcmp(table->key[i], name) == 0)
			script_fail(parser->script, place, NULL,
						"column \"%s\" is in the primary key twice", name);
	table->key = pg_realloc(table->key,
							(table->key_count + 1) * sizeof(char *));
	table->key_places = pg_realloc(table->key_places,
								   (table->key_count + 1) * sizeof(Place));
	table->key[table->key_count] = name;
	table->key_places[table->key_count++] = place;
}

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
	for (int i = 0; i < table->column_count; i++)
		if (strcmp(table->columns[i].name, column->name) == 0)
			script_fail(parser->script, column->place, NULL,
						"column \"%s\" is there twice", column->name);
	if (next_is(parser, "AS"))
		script_fail(parser->script, parser->next->place,
					"Write the expression into the SELECT.",
					"computed columns are not supported");
	column->type = parse_type(parser);
	table->column_count++;

	if (next_is(parser, "METADATA"))
		script_fail(parser->script, parser->next->place,
					"With format json, declare the field of the event instead, e.g. `source` ROW<ts_ms BIGINT>.",
					"metadata columns are not supported");
	for (;;)
	{
		if (accept(parser, "NOT"))
		{
			expect(parser, "NULL");
			column->not_null = true;
		}
		else if (accept(parser, "NULL"))
			 /* the default */ ;
		else if (next_is(parser, "PRIMARY"))
		{
			Place		place = (parser->next++)->place;

			expect(parser, "KEY");
			if (table->key_count > 0)
				script_fail(parser->script, place, NULL,
							"there is a primary key already");
			parse_not_enforced(parser);
			table_add_key(parser, table, column->name, column->place);
		}
		else if (accept(parser, "COMMENT"))
			(void) expect_string(parser, "a comment, 'in quotes'");
		else
			break;
	}
}

/* Behind CREATE TABLE. */
static void
parse_create_table(Parser *parser)
{
	Script	   *script = parser->script;
	ScriptTable table = {0};

	if (accept(parser, "IF"))
	{
		expect(parser, "NOT");
		expect(parser, "EXISTS");
	}
	table.place = parser->next->place;
	table.name = parse_table_name(parser, "name of a table");
	for (int i = 0; i < script->table_count; i++)
		if (strcmp(script->tables[i].name, table.name) == 0)
			script_fail(script, table.place, NULL,
						"table \"%s\" is there twice", table.name);

	expect(parser, "(");
	do
	{
		if (accept(parser, "WATERMARK"))
			parse_watermark(parser);
		else if (next_is(parser, "PRIMARY") || next_is(parser, "CONSTRAINT"))
		{
			Place		place = parser->next->place;

			if (accept(parser, "CONSTRAINT"))
				(void) expect_name(parser, "name of the constraint");
			expect(parser, "PRIMARY");
			expect(parser, "KEY");
			if (table.key_count > 0)
				script_fail(script, place, NULL,
							"there is a primary key already");
			expect(parser, "(");
			do
			{
				Place		name_place = parser->next->place;

				table_add_key(parser, &table,
							  expect_name(parser, "name of a column"),
							  name_place);
			} while (accept(parser, ","));
			expect(parser, ")");
			parse_not_enforced(parser);
		}
		else if (next_is(parser, "PERIOD"))
			script_fail(script, parser->next->place, stateless_hint,
						"PERIOD is not supported");
		else
			parse_column(parser, &table);
	} while (accept(parser, ","));
	expect(parser, ")");

	if (accept(parser, "COMMENT"))
		(void) expect_string(parser, "a comment, 'in quotes'");
	if (next_is(parser, "PARTITIONED") || next_is(parser, "DISTRIBUTED") ||
		next_is(parser, "LIKE") || next_is(parser, "AS"))
		script_fail(script, parser->next->place, NULL,
					"%s is not supported here", parser->next->text);
	if (!next_is(parser, "WITH"))
		fail_unexpected(parser, "WITH ('connector' = ...)");
	parser->next++;
	parse_options(parser, &table.options, &table.option_count);

	script->tables = pg_realloc(script->tables, (script->table_count + 1) *
								sizeof(ScriptTable));
	script->tables[script->table_count++] = table;
}

/* What may follow FROM t WHERE ... in SQL but not here. */
static void
refuse_clauses(Parser *parser)
{
	static const char *const refused[] = {
		"JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "GROUP",
		"HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "UNION", "INTERSECT",
		"EXCEPT", "MINUS", "WINDOW", "QUALIFY", "MATCH_RECOGNIZE",
		"TABLESAMPLE", "FOR"
	};

	for (size_t i = 0; i < lengthof(refused); i++)
		if (next_is(parser, refused[i]))
		{
			Lexeme	   *word = parser->next;
			bool		by = pg_strcasecmp(refused[i], "GROUP") == 0 ||
			pg_strcasecmp(refused[i], "ORDER") == 0;
			bool		join = i >= 1 && i <= 6;

			script_fail(parser->script, word->place, stateless_hint,
						"%s%s is not supported", refused[i],
						by ? " BY" : join ? " JOIN" : "");
		}
	if (next_is(parser, ","))
		script_fail(parser->script, parser->next->place, stateless_hint,
					"joins are not supported");
}

/* Behind SELECT. */
static void
parse_select(Parser *parser, ScriptInsert *insert)
{
	if (next_is(parser, "DISTINCT"))
		script_fail(parser->script, parser->next->place, stateless_hint,
					"SELECT DISTINCT is not supported");
	(void) accept(parser, "ALL");
	do
	{
		SelectItem *item;

		insert->items = pg_realloc(insert->items, (insert->item_count + 1) *
								   sizeof(SelectItem));
		item = &insert->items[insert->item_count++];
		item->alias = NULL;
		if (next_is(parser, "*"))
		{
			item->expression = expression_new(EXPRESSION_STAR,
											  (parser->next++)->place);
			continue;
		}
		item->expression = parse_expression(parser);
		if (accept(parser, "AS"))
			item->alias = expect_name(parser, "name of the result");
		else if (next_is_name(parser))
			item->alias = (parser->next++)->text;
	} while (accept(parser, ","));

	if (!accept(parser, "FROM"))
		fail_unexpected(parser, "\"FROM\"");
	if (next_is(parser, "("))
		script_fail(parser->script, parser->next->place, stateless_hint,
					"subqueries are not supported");
	if (next_is(parser, "TABLE") || next_is(parser, "LATERAL") ||
		next_is(parser, "UNNEST"))
		script_fail(parser->script, parser->next->place, stateless_hint,
					"table functions and windows are not supported");
	insert->source_place = parser->next->place;
	insert->source = parse_table_name(parser, "name of a table");
	refuse_clauses(parser);
	if (accept(parser, "AS"))
		insert->source_alias = expect_name(parser, "another name of the table");
	else if (next_is_name(parser))
		insert->source_alias = (parser->next++)->text;
	refuse_clauses(parser);
	if (accept(parser, "WHERE"))
		insert->where = parse_expression(parser);
	refuse_clauses(parser);
}

/* Behind INSERT. */
static void
parse_insert(Parser *parser, Place place)
{
	Script	   *script = parser->script;
	ScriptInsert insert = {0};

	insert.place = place;
	if (next_is(parser, "OVERWRITE"))
		script_fail(script, parser->next->place, NULL,
					"INSERT OVERWRITE is not supported");
	expect(parser, "INTO");
	insert.sink_place = parser->next->place;
	insert.sink = parse_table_name(parser, "name of a table");
	if (accept(parser, "("))
	{
		do
		{
			insert.columns = pg_realloc(insert.columns,
										(insert.column_count + 1) *
										sizeof(char *));
			insert.column_places = pg_realloc(insert.column_places,
											  (insert.column_count + 1) *
											  sizeof(Place));
			insert.column_places[insert.column_count] = parser->next->place;
			insert.columns[insert.column_count] =
				expect_name(parser, "name of a column");
			insert.column_count++;
		} while (accept(parser, ","));
		expect(parser, ")");
	}
	if (next_is(parser, "VALUES"))
		script_fail(script, parser->next->place, NULL,
					"INSERT ... VALUES is not supported");
	if (next_is(parser, "WITH"))
		script_fail(script, parser->next->place, stateless_hint,
					"WITH queries are not supported");
	expect(parser, "SELECT");
	parse_select(parser, &insert);

	script->inserts = pg_realloc(script->inserts, (script->insert_count + 1) *
								 sizeof(ScriptInsert));
	script->inserts[script->insert_count++] = insert;
}

/* Behind SET: 'key' = 'value', or key = value without quotes. */
static void
parse_set(Parser *parser)
{
	Script	   *script = parser->script;
	ScriptOption setting = {0};

	setting.place = parser->next->place;
	setting.name = expect_string(parser, "a setting's name, 'in quotes'");
	expect(parser, "=");
	setting.value = expect_string(parser, "a setting's value, 'in quotes'");
	script->settings = pg_realloc(script->settings,
								  (script->setting_count + 1) *
								  sizeof(ScriptOption));
	script->settings[script->setting_count++] = setting;
}

static void
expect_end_of_statement(Parser *parser)
{
	if (parser->next->kind == LEXEME_END)
		return;
	if (!accept(parser, ";"))
		fail_unexpected(parser, "\";\"");
}

/* EXECUTE STATEMENT SET BEGIN ... END: all INSERTs of a script are one set. */
static void
parse_statement_set(Parser *parser)
{
	expect(parser, "BEGIN");
	(void) accept(parser, ";");
	while (next_is(parser, "INSERT"))
	{
		Place		place = (parser->next++)->place;

		parse_insert(parser, place);
		expect(parser, ";");
	}
	expect(parser, "END");
}

static void
parse_statement(Parser *parser)
{
	Lexeme	   *word = parser->next;

	if (accept(parser, "CREATE"))
	{
		(void) accept(parser, "TEMPORARY");
		if (!next_is(parser, "TABLE"))
			script_fail(parser->script, word->place,
						"Only CREATE TABLE is.",
						"CREATE %s is not supported", parser->next->text);
		parser->next++;
		parse_create_table(parser);
	}
	else if (accept(parser, "INSERT"))
		parse_insert(parser, word->place);
	else if (accept(parser, "SET"))
		parse_set(parser);
	else if (accept(parser, "EXECUTE"))
	{
		if (next_is(parser, "INSERT"))
		{
			parser->next++;
			parse_insert(parser, word->place);
		}
		else
		{
			expect(parser, "STATEMENT");
			expect(parser, "SET");
			parse_statement_set(parser);
		}
	}
	else if (accept(parser, "BEGIN"))
	{
		/* the older spelling: BEGIN STATEMENT SET; ... END; */
		expect(parser, "STATEMENT");
		expect(parser, "SET");
		expect(parser, ";");
		parser->next--;
		while (accept(parser, ";") && next_is(parser, "INSERT"))
		{
			Place		place = (parser->next++)->place;

			parse_insert(parser, place);
			if (!next_is(parser, ";"))
				fail_unexpected(parser, "\";\"");
		}
		expect(parser, "END");
	}
	else
		script_fail(parser->script, word->place,
					"A script consists of CREATE TABLE, SET and INSERT INTO ... SELECT.",
					"statement \"%s\" is not supported", word->text);
	expect_end_of_statement(parser);
}

bool
script_parse(Script *script, const char *file, const char *text)
{
	Parser		parser;

	memset(script, 0, sizeof(Script));
	script->file = file;
	script->error = createPQExpBuffer();
	if (setjmp(script->failed) != 0)
		return false;

	parser.script = script;
	parser.depth = 0;
	parser.next = lexer_run(script, text);
	while (parser.next->kind != LEXEME_END)
	{
		if (!accept(&parser, ";"))
			parse_statement(&parser);
	}
	if (script->insert_count == 0)
		script_fail(script, parser.next->place,
					"A pipeline is what an INSERT INTO ... SELECT makes of a topic.",
					"there is no INSERT in the script");
	return true;
}

const char *
table_option(ScriptTable *table, const char *name)
{
	for (int i = 0; i < table->option_count; i++)
		if (strcmp(table->options[i].name, name) == 0)
		{
			table->options[i].used = true;
			return table->options[i].value;
		}
	return NULL;
}
