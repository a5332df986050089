/*-------------------------------------------------------------------------
 *
 * pattern_functions.c
 *	  The functions of regular expressions of Flink SQL.
 *
 * NOTES
 *	  A pattern that is a literal is translated from Java's language, and
 *	  refused where PostgreSQL's has nothing for it.  Of several alternatives
 *	  that match, Java takes the first and PostgreSQL the longest.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "expression.h"

static void
fail_pattern(FunctionCall *call, const char *what)
{
	call_fail(call, call->expression->arguments[1],
			  "Write it another way, or use PostgreSQL's regular expressions by pg_catalog.regexp_replace(...) and the like.",
			  "%s in the regular expression", what);
}

/* A letter behind a back slash; "in_set" inside of [...]. */
static const char *
translate_escape(FunctionCall *call, PQExpBuffer sql, const char *p, bool in_set)
{
	static const struct
	{
		char		letter;
		const char *set;		/* inside of [...] */
		const char *outside;
	}			classes[] = {
		{'d', "0-9", "[0-9]"}, {'w', "a-zA-Z0-9_", "[a-zA-Z0-9_]"},
		{'s', " \\t\\n\\v\\f\\r", "[ \\t\\n\\v\\f\\r]"},
		{'D', NULL, "[^0-9]"}, {'W', NULL, "[^a-zA-Z0-9_]"},
		{'S', NULL, "[^ \\t\\n\\v\\f\\r]"}, {'b', NULL, "\\y"},
		{'B', NULL, "\\Y"}, {'A', NULL, "\\A"}, {'z', NULL, "\\Z"},
		{'t', "\\t", "\\t"}, {'n', "\\n", "\\n"}, {'r', "\\r", "\\r"},
		{'f', "\\f", "\\f"},
	};

	for (size_t i = 0; i < lengthof(classes); i++)
		if (*p == classes[i].letter)
		{
			const char *text = in_set ? classes[i].set : classes[i].outside;

			if (text == NULL)
				fail_pattern(call, psprintf("\"\\%c\" inside of [...]", *p));
			appendPQExpBufferStr(sql, text);
			return p;
		}
	if (isalnum((unsigned char) *p) || *p == '\0')
		fail_pattern(call, psprintf("\"\\%c\"", *p));
	appendPQExpBuffer(sql, "\\%c", *p);
	return p;
}

/* The pattern in PostgreSQL's words, in one pair of parentheses. */
static char *
pattern_sql(FunctionCall *call)
{
	const Expression *literal = call->expression->arguments[1];
	PQExpBufferData sql;
	bool		in_set = false;
	bool		greedy = false;
	bool		lazy = false;

	if (literal->kind != EXPRESSION_STRING)
		return psprintf("('(' || %s || ')')", call->sql[1]);
	initPQExpBuffer(&sql);
	for (const char *p = literal->text; *p != '\0'; p++)
	{
		if (*p == '\\')
		{
			p = translate_escape(call, &sql, p + 1, in_set);
			continue;
		}
		if (in_set)
		{
			if (*p == '[' || (p[0] == '&' && p[1] == '&'))
				fail_pattern(call, "a set inside of [...]");
			if (*p == ']')
				in_set = false;
			appendPQExpBufferChar(&sql, *p);
			continue;
		}
		if (*p == '(' && p[1] == '?' && p[2] != ':' && p[2] != '=' && p[2] != '!')
			fail_pattern(call, psprintf("\"%.4s\"", p));
		if (*p == '.')
		{
			appendPQExpBufferStr(&sql, "[^\\n\\r]");
			continue;
		}
		appendPQExpBufferChar(&sql, *p);
		if (*p == '[')
		{
			in_set = true;
			if (p[1] == '^')
				appendPQExpBufferChar(&sql, *++p);
			if (p[1] == ']')
				fail_pattern(call, "\"]\" as the first of [...]");
		}
		else if (*p == '*' || *p == '+' || *p == '}' ||
				 (*p == '?' && p > literal->text && p[-1] != '('))
		{
			if (p[1] == '+')
				fail_pattern(call, "a possessive quantifier");
			if (p[1] == '?')
			{
				lazy = true;
				appendPQExpBufferChar(&sql, *++p);
			}
			else if (*p != '}')
				greedy = true;
		}
	}
	/* in PostgreSQL the first quantifier decides for all */
	if (lazy && greedy)
		fail_pattern(call, "quantifiers with and without \"?\"");
	return quoted(psprintf("(%s)", sql.data));
}

static char *
build_regexp(FunctionCall *call)
{
	const Expression *literal = call->expression->arguments[1];

	/* Flink finds an empty pattern nowhere */
	if (literal->kind == EXPRESSION_STRING && literal->text[0] == '\0')
		return call_template(call, "($1 IS NULL AND NULL)");
	if (literal->kind != EXPRESSION_STRING)
		return template_sql("CASE WHEN $2 = '' THEN ($1 IS NULL AND NULL) ELSE $1 ~ $3 END",
							call->sql[0], call->sql[1], pattern_sql(call), NULL);
	return template_sql("($1 ~ $2)", call->sql[0], pattern_sql(call), NULL);
}

/* Flink puts in the replacement as it stands: a group is nothing special. */
static char *
replacement_sql(FunctionCall *call)
{
	return psprintf("pg_catalog.replace(%s, '\\', '\\\\')", call->sql[2]);
}

static char *
build_regexp_replace(FunctionCall *call)
{
	return template_sql("pg_catalog.regexp_replace($1, $2, $3, 'g')",
						call->sql[0], pattern_sql(call), replacement_sql(call),
						NULL);
}

static char *
build_regexp_extract(FunctionCall *call)
{
	return template_sql("(pg_catalog.regexp_match($1, $2))[$3]", call->sql[0],
						pattern_sql(call), call->count == 3 ?
						psprintf("%s + 1", call->sql[2]) : "1", NULL);
}

static char *
build_regexp_count(FunctionCall *call)
{
	return template_sql("CASE WHEN $1 IS NOT NULL THEN (SELECT pg_catalog.count(*)::integer FROM pg_catalog.regexp_matches($1, $2, 'g')) END",
						call->sql[0], pattern_sql(call), NULL);
}

static char *
build_regexp_extract_all(FunctionCall *call)
{
	DataType	text = type_simple(TYPE_VARCHAR);

	call->type = type_array(&text);
	return template_sql("CASE WHEN $1 IS NOT NULL THEN ARRAY(SELECT m.m[$3] FROM pg_catalog.regexp_matches($1, $2, 'g') WITH ORDINALITY AS m(m, o) ORDER BY m.o) END",
						call->sql[0], pattern_sql(call), call->count == 3 ?
						psprintf("%s + 1", call->sql[2]) : "2", NULL);
}

static char *
build_regexp_instr(FunctionCall *call)
{
	const char *pattern = call_literal(call, 1, "the regular expression");

	/* what is found is looked for, which must not depend on what is around */
	if (strpbrk(pattern, "^$\\(") != NULL)
		fail_pattern(call, "^, $, a back slash or a group");
	return template_sql("COALESCE(pg_catalog.strpos($1, (pg_catalog.regexp_match($1, $2))[1]), CASE WHEN $1 IS NOT NULL THEN 0 END)",
						call->sql[0], pattern_sql(call), NULL);
}

const FunctionMapping pattern_functions[] = {
	{"REGEXP", 2, 2, "s", RESULT_BOOLEAN, NULL, build_regexp},
	{"REGEXP_REPLACE", 3, 3, "s", RESULT_STRING, NULL, build_regexp_replace},
	{"REGEXP_EXTRACT", 2, 3, "ssi", RESULT_STRING, NULL, build_regexp_extract},
	{"REGEXP_SUBSTR", 2, 2, "s", RESULT_STRING, NULL, build_regexp_extract},
	{"REGEXP_COUNT", 2, 2, "s", RESULT_INT, NULL, build_regexp_count},
	{"REGEXP_INSTR", 2, 2, "s", RESULT_INT, NULL, build_regexp_instr},
	{"REGEXP_EXTRACT_ALL", 2, 3, "ssi", RESULT_BUILT, NULL, build_regexp_extract_all},
	{0}
};
