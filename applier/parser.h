/*-------------------------------------------------------------------------
 *
 * parser.h
 *	  What the parts of the grammar share: parser.c has the statements,
 *	  expression_parser.c the expressions, type.c the types.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PARSER_H
#define PARSER_H

#include "lexer.h"

/* Nested parentheses; protects the C stack. */
#define EXPRESSION_DEPTH_MAX 200

/* Operators in a row, as in a + b + c: as deep a tree, but with less on the
 * stack for each. */
#define EXPRESSION_CHAIN_MAX 2000

typedef struct Parser
{
	Script	   *script;
	Lexeme	   *next;			/* the word to read next */
	int			depth;			/* of expressions and types */
} Parser;

/* Is the next word this keyword (any case) or symbol? */
static inline bool
next_is(const Parser *parser, const char *text)
{
	return (parser->next->kind == LEXEME_WORD ||
			parser->next->kind == LEXEME_SYMBOL) &&
		pg_strcasecmp(parser->next->text, text) == 0;
}

static inline bool
accept(Parser *parser, const char *text)
{
	if (!next_is(parser, text))
		return false;
	parser->next++;
	return true;
}

/* Fails: "expected" should stand here. */
extern void fail_unexpected(Parser *parser, const char *expected)
			pg_attribute_noreturn();

/* Passes over this keyword or symbol, or fails. */
extern void expect(Parser *parser, const char *text);

/* Text of the string or name that must follow; "what" is for the message. */
extern char *expect_string(Parser *parser, const char *what);
extern char *expect_name(Parser *parser, const char *what);

/* Is the next word a name, quoted or not reserved? */
extern bool next_is_name(const Parser *parser);

/* in type.c */
extern DataType parse_type(Parser *parser);
extern int	parse_number(Parser *parser, const char *what, int least, int most);

/* A table's or view's name, without the default catalog and database. */
extern char *parse_table_name(Parser *parser, const char *what);

/* (a, b, ...): names, each once; appended. */
extern void parse_names(Parser *parser, const char *what, char ***names,
						Place **places, int *count);

/* ('key' = 'value', ...); appended. */
extern void parse_options(Parser *parser, ScriptOption **options, int *count);

/* Number of the table or the view that has the name now; -1 or NULL: none. */
extern int	script_find_table(const Script *script, const char *name);
extern ScriptView *script_find_view(const Script *script, const char *name);
extern ScriptTable *script_add_table(Script *script, const ScriptTable *table);
extern void script_add_view(Script *script, ScriptView *view);

/* in table_parser.c */

/* What follows the name in CREATE TABLE. */
extern void parse_table(Parser *parser, ScriptTable *table);

/*
 * OPTIONS(...) behind a table's name: makes a table with those options, and
 * returns its number.
 */
extern int	parse_table_hint(Parser *parser, int number);

/* in query_parser.c */
extern ScriptQuery *parse_query(Parser *parser);

/* in expression_parser.c */
extern Expression *expression_new(ExpressionKind kind, Place place);
extern Expression *parse_expression(Parser *parser);

#endif							/* PARSER_H */
