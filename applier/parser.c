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

const char	stateless_hint[] =
"This program keeps no state: write SELECT ... FROM one table WHERE ..., and let a view of the target do the rest.";
const char	aggregate_hint[] =
"This program keeps no state: aggregate in a view of the target, over the table that the pipeline writes.";

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

/* Takes the default catalog and database off a name of several parts. */
char *
parse_table_name(Parser *parser, const char *what)
{
	static const char *const defaults[] = {"default_catalog", "default_database"};
	Place		place = parser->next->place;
	char	   *parts[3];
	int			count = 0;

	do
	{
		if (count == lengthof(parts))
			script_fail(parser->script, parser->next->place, NULL,
						"names have at most three parts");
		parts[count++] = expect_name(parser, what);
	} while (accept(parser, "."));

	for (int i = 0; i < count - 1; i++)
		if (strcmp(parts[i], defaults[lengthof(defaults) - (count - 1) + i]) != 0)
			script_fail(parser->script, place,
						"Tables belong to their script: give them simple names.",
						"catalog or database \"%s\" is not known", parts[i]);
	return parts[count - 1];
}

int
script_find_table(const Script *script, const char *name)
{
	for (int i = 0; i < script->table_count; i++)
		if (!script->tables[i].hidden &&
			strcmp(script->tables[i].name, name) == 0)
			return i;
	return -1;
}

ScriptView *
script_find_view(const Script *script, const char *name)
{
	/* the newest first: names of a WITH hide others */
	for (int i = script->view_count; i-- > 0;)
		if (!script->views[i]->hidden &&
			strcmp(script->views[i]->name, name) == 0)
			return script->views[i];
	return NULL;
}

ScriptTable *
script_add_table(Script *script, const ScriptTable *table)
{
	script->tables = pg_realloc(script->tables, (script->table_count + 1) *
								sizeof(ScriptTable));
	script->tables[script->table_count] = *table;
	return &script->tables[script->table_count++];
}

void
script_add_view(Script *script, ScriptView *view)
{
	script->views = pg_realloc(script->views, (script->view_count + 1) *
							   sizeof(ScriptView *));
	script->views[script->view_count++] = view;
}

void
parse_names(Parser *parser, const char *what, char ***names, Place **places,
			int *count)
{
	expect(parser, "(");
	do
	{
		*names = pg_realloc(*names, (*count + 1) * sizeof(char *));
		*places = pg_realloc(*places, (*count + 1) * sizeof(Place));
		(*places)[*count] = parser->next->place;
		(*names)[*count] = expect_name(parser, what);
		for (int i = 0; i < *count; i++)
			if (strcmp((*names)[i], (*names)[*count]) == 0)
				script_fail(parser->script, (*places)[*count], NULL,
							"column \"%s\" is there twice", (*names)[i]);
		(*count)++;
	} while (accept(parser, ","));
	expect(parser, ")");
}

void
parse_options(Parser *parser, ScriptOption **options, int *count)
{
	expect(parser, "(");
	if (accept(parser, ")"))
		return;
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

/* ----------------------------------------------------------- statements */

/* What a statement does not do here; --explain says it. */
static void
note(Parser *parser, Place place, const char *text)
{
	appendPQExpBuffer(parser->script->notes, "-- %s:%d: %s\n",
					  parser->script->file, place.line, text);
}

static bool
accept_if_not_exists(Parser *parser)
{
	if (!accept(parser, "IF"))
		return false;
	expect(parser, "NOT");
	expect(parser, "EXISTS");
	return true;
}

static bool
accept_if_exists(Parser *parser)
{
	if (!accept(parser, "IF"))
		return false;
	expect(parser, "EXISTS");
	return true;
}

static void
refuse_taken_name(Parser *parser, Place place, const char *name)
{
	if (script_find_table(parser->script, name) >= 0 ||
		script_find_view(parser->script, name) != NULL)
		script_fail(parser->script, place, NULL,
					"table or view \"%s\" is there twice", name);
}

/* Behind CREATE VIEW. */
static void
parse_create_view(Parser *parser)
{
	Script	   *script = parser->script;
	ScriptView *view = pg_malloc0(sizeof(ScriptView));
	bool		keep = accept_if_not_exists(parser);
	Place		place = parser->next->place;

	view->name = parse_table_name(parser, "name of a view");
	keep = keep && (script_find_view(script, view->name) != NULL ||
					script_find_table(script, view->name) >= 0);
	if (!keep)
		refuse_taken_name(parser, place, view->name);
	if (next_is(parser, "("))
		parse_names(parser, "name of a column", &view->columns,
					&view->column_places, &view->column_count);
	if (accept(parser, "COMMENT"))
		(void) expect_string(parser, "a comment, 'in quotes'");
	expect(parser, "AS");
	view->query = parse_query(parser);
	if (!keep)
		script_add_view(script, view);
}

/* Behind CREATE TABLE. */
static void
parse_create_table(Parser *parser)
{
	bool		keep = accept_if_not_exists(parser);
	ScriptTable table = {0};

	table.place = parser->next->place;
	table.name = parse_table_name(parser, "name of a table");
	keep = keep && (script_find_view(parser->script, table.name) != NULL ||
					script_find_table(parser->script, table.name) >= 0);
	if (!keep)
		refuse_taken_name(parser, table.place, table.name);
	parse_table(parser, &table);
	if (!keep)
		(void) script_add_table(parser->script, &table);
}

/* Behind DROP. */
static void
parse_drop(Parser *parser)
{
	Script	   *script = parser->script;
	bool		is_view;
	bool		may_lack;
	Place		place;
	char	   *name;
	int			table;
	ScriptView *view;

	(void) accept(parser, "TEMPORARY");
	is_view = next_is(parser, "VIEW");
	if (!is_view && !next_is(parser, "TABLE"))
		script_fail(script, parser->next->place,
					"Only DROP TABLE and DROP VIEW are.",
					"DROP %s is not supported", parser->next->text);
	parser->next++;
	may_lack = accept_if_exists(parser);
	place = parser->next->place;
	name = parse_table_name(parser, "name of a table or view");
	table = is_view ? -1 : script_find_table(script, name);
	view = is_view ? script_find_view(script, name) : NULL;
	if (table >= 0)
		script->tables[table].hidden = true;
	else if (view != NULL)
		view->hidden = true;
	else if (!may_lack)
		script_fail(script, place, NULL, "%s \"%s\" does not exist",
					is_view ? "view" : "table", name);
}

/* Behind USE. */
static void
parse_use(Parser *parser, Place place)
{
	if (accept(parser, "MODULES"))
		script_fail(parser->script, place, NULL,
					"USE MODULES is not supported");
	if (accept(parser, "CATALOG"))
	{
		if (!accept(parser, "default_catalog"))
			script_fail(parser->script, parser->next->place,
						"Tables belong to their script.",
						"catalog \"%s\" is not known", parser->next->text);
		return;
	}
	if (accept(parser, "default_catalog"))
		expect(parser, ".");
	if (!accept(parser, "default_database"))
		script_fail(parser->script, parser->next->place,
					"Tables belong to their script.",
					"database \"%s\" is not known", parser->next->text);
}

/* Behind INSERT. */
static void
parse_insert(Parser *parser, Place place)
{
	Script	   *script = parser->script;
	ScriptInsert insert = {0};
	char	   *sink;

	insert.place = place;
	if (next_is(parser, "OVERWRITE"))
		script_fail(script, parser->next->place,
					"Tables of the target are written row by row: use INSERT INTO.",
					"INSERT OVERWRITE is not supported");
	expect(parser, "INTO");
	insert.sink_place = parser->next->place;
	sink = parse_table_name(parser, "name of a table");
	insert.sink = script_find_table(script, sink);
	if (insert.sink < 0)
		script_fail(script, insert.sink_place,
					"It must be created above, by CREATE TABLE.",
					"table \"%s\" does not exist", sink);
	if (next_is(parser, "/*+"))
		insert.sink = parse_table_hint(parser, insert.sink);
	if (next_is(parser, "PARTITION"))
		script_fail(script, parser->next->place,
					"Tables of the target have no partitions of Flink's; PostgreSQL routes rows itself.",
					"INSERT INTO ... PARTITION is not supported");
	/* a query in parentheses begins with SELECT, WITH or another one */
	if (next_is(parser, "(") && parser->next[1].kind != LEXEME_SYMBOL &&
		pg_strcasecmp(parser->next[1].text, "SELECT") != 0 &&
		pg_strcasecmp(parser->next[1].text, "WITH") != 0)
		parse_names(parser, "name of a column", &insert.columns,
					&insert.column_places, &insert.column_count);
	insert.query = parse_query(parser);

	script->inserts = pg_realloc(script->inserts, (script->insert_count + 1) *
								 sizeof(ScriptInsert));
	script->inserts[script->insert_count++] = insert;
}

/* Behind SET; the lexer has made two strings of it. */
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

/* Behind RESET: forgets one setting, or all. */
static void
parse_reset(Parser *parser)
{
	Script	   *script = parser->script;
	const char *name = parser->next->kind == LEXEME_STRING ?
	expect_string(parser, "a setting's name") : NULL;
	int			kept = 0;

	for (int i = 0; i < script->setting_count; i++)
		if (name != NULL && strcmp(script->settings[i].name, name) != 0)
			script->settings[kept++] = script->settings[i];
	script->setting_count = kept;
}

static void
expect_end_of_statement(Parser *parser)
{
	if (parser->next->kind == LEXEME_END)
		return;
	if (!accept(parser, ";"))
		fail_unexpected(parser, "\";\"");
}

/*
 * INSERTs up to END, behind BEGIN: all INSERTs of a script are one set,
 * whether they stand in one or not.
 */
static void
parse_statement_set(Parser *parser)
{
	while (next_is(parser, "INSERT"))
	{
		Place		place = (parser->next++)->place;

		parse_insert(parser, place);
		expect(parser, ";");
	}
	if (!next_is(parser, "END"))
		fail_unexpected(parser, "INSERT or END");
	parser->next++;
}

/* Behind EXECUTE or COMPILE. */
static void
parse_execute(Parser *parser, Lexeme *word)
{
	if (next_is(parser, "INSERT"))
	{
		Place		place = (parser->next++)->place;

		parse_insert(parser, place);
	}
	else if (accept(parser, "STATEMENT"))
	{
		expect(parser, "SET");
		expect(parser, "BEGIN");
		(void) accept(parser, ";");
		parse_statement_set(parser);
	}
	else
		script_fail(parser->script, word->place,
					"EXECUTE INSERT and EXECUTE STATEMENT SET are.",
					"EXECUTE %s is not supported", parser->next->text);
}

static void
parse_create(Parser *parser, Lexeme *word)
{
	static const struct
	{
		const char *name;
		const char *hint;
	}			refused[] = {
		{"CATALOG", "Tables belong to their script: create them in it."},
		{"DATABASE", "Tables belong to their script: give them simple names."},
		{"FUNCTION", "Functions in Java, Scala or Python cannot run here; PostgreSQL's own are reached as pg_catalog.f(...)."},
		{"MODEL", "Models are not run here."},
		{"MATERIALIZED", "Write CREATE TABLE for the table of the target, and INSERT INTO it."},
	};

	if (accept(parser, "OR"))
		script_fail(parser->script, word->place,
					"Write CREATE TABLE and INSERT INTO.",
					"CREATE OR REPLACE is not supported");
	if (accept(parser, "TEMPORARY"))
		(void) accept(parser, "SYSTEM");
	if (accept(parser, "TABLE"))
		parse_create_table(parser);
	else if (accept(parser, "VIEW"))
		parse_create_view(parser);
	else
	{
		const char *hint = "Only CREATE TABLE and CREATE VIEW are.";

		for (size_t i = 0; i < lengthof(refused); i++)
			if (next_is(parser, refused[i].name))
				hint = refused[i].hint;
		script_fail(parser->script, word->place, hint,
					"CREATE %s is not supported", parser->next->text);
	}
}

static void
parse_statement(Parser *parser)
{
	static const struct
	{
		const char *name;
		const char *hint;
	}			refused[] = {
		{"SELECT", "A script is for a pipeline: INSERT INTO a table with 'connector' = 'print' shows rows."},
		{"WITH", "Put it behind INSERT INTO: INSERT INTO t WITH ... SELECT ..."},
		{"VALUES", "A script is for a pipeline: INSERT INTO ... SELECT."},
		{"SHOW", "--explain shows what a script does."},
		{"DESCRIBE", "--explain shows what a script does."},
		{"DESC", "--explain shows what a script does."},
		{"EXPLAIN", "--explain shows what a script does."},
		{"COMPILE", "--explain shows what a script does."},
		{"ALTER", "Change the CREATE TABLE, or give options by a hint: t /*+ OPTIONS('k' = 'v') */."},
		{"DELETE", "Rows are deleted where a changelog says so."},
		{"UPDATE", "Rows are updated where a changelog says so."},
		{"TRUNCATE", "Do it with psql."},
		{"ANALYZE", "Do it with psql."},
		{"CALL", NULL},
		{"UNLOAD", NULL},
		{"STOP", "Jobs are stopped by the program's end, or by removing their script."},
	};
	Lexeme	   *word = parser->next;

	if (accept(parser, "CREATE"))
		parse_create(parser, word);
	else if (accept(parser, "DROP"))
		parse_drop(parser);
	else if (accept(parser, "INSERT"))
		parse_insert(parser, word->place);
	else if (accept(parser, "SET"))
		parse_set(parser);
	else if (accept(parser, "RESET"))
		parse_reset(parser);
	else if (accept(parser, "USE"))
		parse_use(parser, word->place);
	else if (accept(parser, "EXECUTE"))
		parse_execute(parser, word);
	else if (accept(parser, "BEGIN"))
	{
		/* the older spelling: BEGIN STATEMENT SET; ... END; */
		expect(parser, "STATEMENT");
		expect(parser, "SET");
		expect(parser, ";");
		parse_statement_set(parser);
	}
	else if ((next_is(parser, "ADD") || next_is(parser, "REMOVE")) &&
			 pg_strcasecmp(word[1].text, "JAR") == 0)
	{
		parser->next += 2;
		(void) expect_string(parser, "a path, 'in quotes'");
		note(parser, word->place,
			 "ADD JAR has no effect: connectors and formats are part of this program");
	}
	else if (next_is(parser, "LOAD") &&
			 pg_strcasecmp(word[1].text, "MODULE") == 0 &&
			 pg_strcasecmp(word[2].text, "core") == 0)
		parser->next += 3;
	else
	{
		const char *hint = "A script consists of CREATE TABLE, CREATE VIEW, SET and INSERT INTO ... SELECT.";

		for (size_t i = 0; i < lengthof(refused); i++)
			if (next_is(parser, refused[i].name))
				hint = refused[i].hint;
		script_fail(parser->script, word->place, hint,
					"statement \"%s\" is not supported", word->text);
	}
	expect_end_of_statement(parser);
}

bool
script_parse(Script *script, const char *file, const char *text)
{
	Parser		parser;

	memset(script, 0, sizeof(Script));
	script->file = file;
	script->error = createPQExpBuffer();
	script->notes = createPQExpBuffer();
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

Place
option_place(const ScriptTable *table, const char *name)
{
	for (int i = 0; i < table->option_count; i++)
		if (strcmp(table->options[i].name, name) == 0)
			return table->options[i].place;
	return table->place;
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
