/*-------------------------------------------------------------------------
 *
 * expression_parser.c
 *	  Grammar of the expressions in a pipeline script.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "parser.h"

static Expression *parse_sum(Parser *parser);

Expression *
expression_new(ExpressionKind kind, Place place)
{
	Expression *expression = pg_malloc0(sizeof(Expression));

	expression->kind = kind;
	expression->place = place;
	return expression;
}

static void
expression_add(Expression *expression, Expression *argument)
{
	expression->arguments = pg_realloc(expression->arguments,
									   (expression->argument_count + 1) *
									   sizeof(Expression *));
	expression->arguments[expression->argument_count++] = argument;
}

static Expression *
expression_binary(ExpressionKind kind, Place place, const char *text,
				  Expression *left, Expression *right)
{
	Expression *expression = expression_new(kind, place);

	expression->text = text != NULL ? pg_strdup(text) : NULL;
	expression_add(expression, left);
	expression_add(expression, right);
	return expression;
}

/* Behind CASE. */
static Expression *
parse_case(Parser *parser, Place place)
{
	Expression *expression = expression_new(EXPRESSION_CASE, place);

	if (!next_is(parser, "WHEN"))
	{
		expression->has_operand = true;
		expression_add(expression, parse_expression(parser));
	}
	if (!next_is(parser, "WHEN"))
		fail_unexpected(parser, "\"WHEN\"");
	while (accept(parser, "WHEN"))
	{
		expression_add(expression, parse_expression(parser));
		expect(parser, "THEN");
		expression_add(expression, parse_expression(parser));
	}
	if (accept(parser, "ELSE"))
	{
		expression->has_else = true;
		expression_add(expression, parse_expression(parser));
	}
	expect(parser, "END");
	return expression;
}

/* A word as an argument: the unit of EXTRACT and so on. */
static Expression *
parse_word(Parser *parser, const char *what)
{
	Expression *expression = expression_new(EXPRESSION_WORD,
											parser->next->place);

	if (parser->next->kind != LEXEME_WORD)
		fail_unexpected(parser, what);
	expression->text = pg_strdup((parser->next++)->text);
	for (char *p = expression->text; *p != '\0'; p++)
		*p = pg_toupper((unsigned char) *p);
	return expression;
}

/* POSITION(a IN b): an argument in which IN is no operator. */
static Expression *
parse_argument(Parser *parser, Expression *call)
{
	Expression *argument;

	if (call->path_count > 0 || pg_strcasecmp(call->text, "POSITION") != 0)
		return parse_expression(parser);
	argument = parse_sum(parser);
	if (accept(parser, "IN"))
	{
		expression_add(call, argument);
		argument = parse_sum(parser);
	}
	return argument;
}

/*
 * EXTRACT(unit FROM x), FLOOR(x TO unit), TIMESTAMPADD(unit, ...): the unit
 * is the last argument of the first two and the first one of the others.
 */
static bool
parse_unit_arguments(Parser *parser, Expression *call)
{
	if (pg_strcasecmp(call->text, "EXTRACT") == 0)
	{
		Expression *unit = parse_word(parser, "a unit of time");

		expect(parser, "FROM");
		expression_add(call, parse_expression(parser));
		expression_add(call, unit);
	}
	else if (pg_strcasecmp(call->text, "TIMESTAMPADD") == 0 ||
			 pg_strcasecmp(call->text, "TIMESTAMPDIFF") == 0)
	{
		expression_add(call, parse_word(parser, "a unit of time"));
		while (accept(parser, ","))
			expression_add(call, parse_expression(parser));
	}
	else if (pg_strcasecmp(call->text, "FLOOR") == 0 ||
			 pg_strcasecmp(call->text, "CEIL") == 0 ||
			 pg_strcasecmp(call->text, "CEILING") == 0)
	{
		expression_add(call, parse_expression(parser));
		if (accept(parser, "TO"))
			expression_add(call, parse_word(parser, "a unit of time"));
	}
	else
		return false;
	expect(parser, ")");
	return true;
}

/*
 * What may follow the path of JSON_VALUE and its sisters; kept as words in
 * the call's "words".
 */
static void
parse_json_words(Parser *parser, Expression *call)
{
	for (;;)
	{
		Expression *word;

		if (accept(parser, "RETURNING"))
		{
			call->type = parse_type(parser);
			continue;
		}
		if (parser->next->kind != LEXEME_WORD)
			return;
		word = parse_word(parser, "a word");
		if (strcmp(word->text, "DEFAULT") == 0)
			expression_add(word, parse_sum(parser));
		call->words = pg_realloc(call->words, (call->word_count + 1) *
								 sizeof(Expression *));
		call->words[call->word_count++] = word;
	}
}

/*
 * Arguments of a function, behind its "(".  The forms with words in them
 * become calls with plain arguments.
 */
static void
parse_arguments(Parser *parser, Expression *call)
{
	if (next_is(parser, "DISTINCT") || next_is(parser, "ALL"))
		script_fail(parser->script, parser->next->place, stateless_hint,
					"aggregates are not supported");
	if (next_is(parser, "*"))
		script_fail(parser->script, call->place, stateless_hint,
					"%s(*) is an aggregate, which is not supported",
					call->text);

	if (call->path_count == 0 && pg_strcasecmp(call->text, "TRIM") == 0 &&
		(next_is(parser, "BOTH") || next_is(parser, "LEADING") ||
		 next_is(parser, "TRAILING")))
	{
		call->text = next_is(parser, "BOTH") ? "BTRIM" :
			next_is(parser, "LEADING") ? "LTRIM" : "RTRIM";
		parser->next++;
		if (!next_is(parser, "FROM"))
		{
			Expression *characters = parse_expression(parser);

			expect(parser, "FROM");
			expression_add(call, parse_expression(parser));
			expression_add(call, characters);
		}
		else
		{
			parser->next++;
			expression_add(call, parse_expression(parser));
		}
		expect(parser, ")");
		return;
	}

	if (call->path_count == 0 && parse_unit_arguments(parser, call))
		return;

	if (!next_is(parser, ")"))
	{
		do
		{
			if (call->path_count == 0 && pg_strcasecmp(call->text, "JSON_OBJECT") == 0)
			{
				(void) accept(parser, "KEY");
				expression_add(call, parse_argument(parser, call));
				expect(parser, "VALUE");
			}
			expression_add(call, parse_argument(parser, call));
			/* SUBSTRING(x FROM 2 FOR 3), OVERLAY(x PLACING y FROM 2 FOR 3) */
			while (call->path_count == 0 &&
				   (accept(parser, "FROM") || accept(parser, "FOR") ||
					accept(parser, "PLACING")))
				expression_add(call, parse_argument(parser, call));
			if (call->path_count == 0 && pg_strncasecmp(call->text, "JSON_", 5) == 0)
				parse_json_words(parser, call);
		} while (accept(parser, ","));
	}
	expect(parser, ")");
	if (next_is(parser, "OVER") || next_is(parser, "FILTER"))
		script_fail(parser->script, parser->next->place, stateless_hint,
					"%s is not supported", parser->next->text);
}

/* A column, a field of it, or a call. */
static Expression *
parse_name_or_call(Parser *parser)
{
	Place		place = parser->next->place;
	Expression *expression = expression_new(EXPRESSION_COLUMN, place);

	do
	{
		if (expression->path_count > 0 && next_is(parser, "*"))
		{
			script_fail(parser->script, parser->next->place,
						"Name the columns, or select \"*\" alone.",
						"\"%s.*\" is not supported", expression->path[0]);
		}
		expression->path = pg_realloc(expression->path,
									  (expression->path_count + 1) *
									  sizeof(char *));
		expression->path[expression->path_count] =
			expression->path_count == 0 ? (parser->next++)->text :
			expect_name(parser, "name of a field");
		expression->path_count++;
	} while (accept(parser, "."));

	if (!accept(parser, "("))
		return expression;

	expression->kind = EXPRESSION_CALL;
	expression->text = expression->path[--expression->path_count];
	parse_arguments(parser, expression);
	return expression;
}

/* ARRAY[...] and MAP[...] */
static Expression *
parse_collection(Parser *parser)
{
	Lexeme	   *word = parser->next;
	Expression *expression = expression_new(next_is(parser, "ARRAY") ?
											EXPRESSION_ARRAY : EXPRESSION_MAP,
											word->place);

	parser->next += 2;
	do
		expression_add(expression, parse_expression(parser));
	while (accept(parser, ","));
	expect(parser, "]");
	if (expression->kind == EXPRESSION_MAP && expression->argument_count % 2 != 0)
		script_fail(parser->script, word->place, NULL,
					"MAP needs a value for each key");
	return expression;
}

/* INTERVAL '...' unit [TO unit]; the text becomes PostgreSQL's. */
static Expression *
parse_interval(Parser *parser)
{
	static const char *const units[] = {
		"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"
	};
	Place		place = (parser->next++)->place;
	bool		negative = accept(parser, "-");
	char	   *text = expect_string(parser, "an interval, 'in quotes'");
	Expression *expression = expression_new(EXPRESSION_INTERVAL, place);
	const char *names[2] = {NULL, NULL};

	for (int i = 0; i < 2; i++)
	{
		for (size_t unit = 0; unit < lengthof(units); unit++)
		{
			char		plural[16];

			snprintf(plural, sizeof(plural), "%sS", units[unit]);
			if (next_is(parser, units[unit]) || next_is(parser, plural))
				names[i] = units[unit];
		}
		if (names[i] == NULL)
			fail_unexpected(parser, "YEAR, MONTH, DAY, HOUR, MINUTE or SECOND");
		parser->next++;
		if (accept(parser, "("))
		{
			do
				(void) parse_number(parser, "precision", 0, 10);
			while (accept(parser, ","));
			expect(parser, ")");
		}
		if (!accept(parser, "TO"))
			break;
	}
	if (*text == '-')
	{
		negative = !negative;
		text++;
	}
	if (strspn(text, "0123456789-: .") != strlen(text) || *text == '\0')
		script_fail(parser->script, place, NULL,
					"\"%s\" is not an interval", text);
	expression->text = psprintf("interval '%s' %s%s%s", text, names[0],
								names[1] != NULL ? " TO " : "",
								names[1] != NULL ? names[1] : "");
	if (negative)
		expression->text = psprintf("(- %s)", expression->text);
	expression->type = (DataType)
	{
		strcmp(names[0], "YEAR") == 0 || strcmp(names[0], "MONTH") == 0 ?
			TYPE_INTERVAL_MONTH : TYPE_INTERVAL_SECOND, -1, 0, NULL, 0, NULL, NULL
	};
	return expression;
}
static Expression *
parse_primary(Parser *parser)
{
	Lexeme	   *word = parser->next;
	Expression *expression;

	switch (word->kind)
	{
		case LEXEME_STRING:
		case LEXEME_NUMBER:
			parser->next++;
			expression = expression_new(word->kind == LEXEME_STRING ?
										EXPRESSION_STRING : EXPRESSION_NUMBER,
										word->place);
			expression->text = word->text;
			return expression;
		case LEXEME_QUOTED:
			return parse_name_or_call(parser);
		case LEXEME_SYMBOL:
			if (accept(parser, "("))
			{
				if (next_is(parser, "SELECT"))
					script_fail(parser->script, word->place, stateless_hint,
								"subqueries are not supported");
				expression = parse_expression(parser);
				expect(parser, ")");
				return expression;
			}
			break;
		case LEXEME_WORD:
			if (accept(parser, "NULL"))
				return expression_new(EXPRESSION_NULL, word->place);
			if (next_is(parser, "TRUE") || next_is(parser, "FALSE"))
			{
				parser->next++;
				expression = expression_new(EXPRESSION_BOOLEAN, word->place);
				expression->text = pg_strcasecmp(word->text, "TRUE") == 0 ?
					"TRUE" : "FALSE";
				return expression;
			}
			if (accept(parser, "CASE"))
				return parse_case(parser, word->place);
			if ((next_is(parser, "CAST") || next_is(parser, "TRY_CAST")) &&
				word[1].kind == LEXEME_SYMBOL && strcmp(word[1].text, "(") == 0)
			{
				parser->next += 2;
				expression = expression_new(EXPRESSION_CAST, word->place);
				expression->try = pg_strcasecmp(word->text, "TRY_CAST") == 0;
				expression_add(expression, parse_expression(parser));
				expect(parser, "AS");
				expression->type = parse_type(parser);
				expect(parser, ")");
				return expression;
			}
			if ((next_is(parser, "DATE") || next_is(parser, "TIME") ||
				 next_is(parser, "TIMESTAMP")) && word[1].kind == LEXEME_STRING)
			{
				expression = expression_new(EXPRESSION_TEMPORAL, word->place);
				expression->type.kind = next_is(parser, "DATE") ? TYPE_DATE :
					next_is(parser, "TIME") ? TYPE_TIME : TYPE_TIMESTAMP;
				expression->type.precision = strchr(word[1].text, '.') == NULL ? 0 :
					strlen(strchr(word[1].text, '.') + 1);
				expression->text = word[1].text;
				parser->next += 2;
				return expression;
			}
			if (next_is(parser, "EXISTS"))
				script_fail(parser->script, word->place, stateless_hint,
							"subqueries are not supported");
			if (next_is(parser, "INTERVAL") &&
				(word[1].kind == LEXEME_STRING ||
				 (word[1].kind == LEXEME_SYMBOL && strcmp(word[1].text, "-") == 0)))
				return parse_interval(parser);
			/* x'0aff', the quote right behind the x */
			if (next_is(parser, "X") && word[1].kind == LEXEME_STRING &&
				word[1].place.line == word->place.line &&
				word[1].place.column == word->place.column + 1)
			{
				parser->next += 2;
				expression = expression_new(EXPRESSION_BYTES, word->place);
				expression->text = word[1].text;
				return expression;
			}
			if ((next_is(parser, "ARRAY") || next_is(parser, "MAP")) &&
				word[1].kind == LEXEME_SYMBOL && strcmp(word[1].text, "[") == 0)
				return parse_collection(parser);
			/* LEFT(x, n) and RIGHT(x, n): functions with reserved names */
			if (next_is_name(parser) ||
				((next_is(parser, "LEFT") || next_is(parser, "RIGHT")) &&
				 word[1].kind == LEXEME_SYMBOL && strcmp(word[1].text, "(") == 0))
				return parse_name_or_call(parser);
			break;
		case LEXEME_END:
			break;
	}
	fail_unexpected(parser, "an expression");
	return NULL;				/* not reached */
}

/* value[index], any number of times */
static Expression *
parse_items(Parser *parser, Expression *value)
{
	while (next_is(parser, "["))
	{
		Place		place = (parser->next++)->place;

		value = expression_binary(EXPRESSION_ITEM, place, NULL, value,
								  parse_expression(parser));
		expect(parser, "]");
	}
	return value;
}
static Expression *
parse_unary(Parser *parser)
{
	Lexeme	   *word = parser->next;

	if (accept(parser, "-"))
	{
		Expression *expression;

		if (++parser->depth > EXPRESSION_DEPTH_MAX)
			script_fail(parser->script, word->place, NULL,
						"expressions are nested too deeply");
		expression = expression_new(EXPRESSION_NEGATE, word->place);
		expression_add(expression, parse_unary(parser));
		parser->depth--;
		return expression;
	}
	(void) accept(parser, "+");
	return parse_items(parser, parse_primary(parser));
}

/* The next operator of a chain of so many; passes over it. */
static Lexeme *
take_operator(Parser *parser, int *chain)
{
	if (++*chain > EXPRESSION_CHAIN_MAX)
		script_fail(parser->script, parser->next->place,
					"Of values in a list, as in a IN (1, 2, 3), there may be more.",
					"more than %d operators in a row", EXPRESSION_CHAIN_MAX);
	return parser->next++;
}

static Expression *
parse_product(Parser *parser)
{
	Expression *left = parse_unary(parser);
	int			chain = 0;

	while (next_is(parser, "*") || next_is(parser, "/") || next_is(parser, "%"))
	{
		Lexeme	   *word = take_operator(parser, &chain);

		left = expression_binary(EXPRESSION_OPERATOR, word->place, word->text,
								 left, parse_unary(parser));
	}
	return left;
}

/* || binds as + and - do in the dialect. */
static Expression *
parse_sum(Parser *parser)
{
	Expression *left = parse_product(parser);
	int			chain = 0;

	while (next_is(parser, "+") || next_is(parser, "-") || next_is(parser, "||"))
	{
		Lexeme	   *word = take_operator(parser, &chain);

		left = expression_binary(EXPRESSION_OPERATOR, word->place, word->text,
								 left, parse_product(parser));
	}
	return left;
}

static bool
is_comparison(const Parser *parser)
{
	return next_is(parser, "=") || next_is(parser, "<>") ||
		next_is(parser, "<") || next_is(parser, "<=") ||
		next_is(parser, ">") || next_is(parser, ">=");
}

/* Behind IS. */
static Expression *
parse_is(Parser *parser, Place place, Expression *operand)
{
	bool		negated = accept(parser, "NOT");
	Expression *expression;

	if (accept(parser, "DISTINCT"))
	{
		expect(parser, "FROM");
		expression = expression_binary(EXPRESSION_DISTINCT, place, NULL,
									   operand, parse_sum(parser));
	}
	else if (accept(parser, "JSON"))
	{
		expression = expression_new(EXPRESSION_IS_JSON, place);
		expression->text = "VALUE";
		if (next_is(parser, "VALUE") || next_is(parser, "OBJECT") ||
			next_is(parser, "ARRAY") || next_is(parser, "SCALAR"))
			expression->text = (parser->next++)->text;
		expression_add(expression, operand);
	}
	else
	{
		if (!next_is(parser, "NULL") && !next_is(parser, "TRUE") &&
			!next_is(parser, "FALSE") && !next_is(parser, "UNKNOWN"))
			fail_unexpected(parser, "\"NULL\"");
		expression = expression_new(EXPRESSION_IS, place);
		expression->text = pg_strdup((parser->next++)->text);
		for (char *p = expression->text; *p != '\0'; p++)
			*p = pg_toupper((unsigned char) *p);
		expression_add(expression, operand);
	}
	expression->negated = negated;
	return expression;
}

static Expression *
parse_predicate(Parser *parser)
{
	Expression *left = parse_sum(parser);

	for (;;)
	{
		Lexeme	   *word = parser->next;
		Expression *expression;
		bool		negated = false;

		if (is_comparison(parser))
		{
			parser->next++;
			left = expression_binary(EXPRESSION_OPERATOR, word->place,
									 word->text, left, parse_sum(parser));
			continue;
		}
		if (accept(parser, "IS"))
		{
			left = parse_is(parser, word->place, left);
			continue;
		}
		if (next_is(parser, "NOT"))
		{
			if (word[1].kind != LEXEME_WORD)
				return left;
			parser->next++;
			negated = true;
		}
		if (accept(parser, "IN"))
		{
			expect(parser, "(");
			if (next_is(parser, "SELECT"))
				script_fail(parser->script, parser->next->place,
							stateless_hint, "subqueries are not supported");
			expression = expression_new(EXPRESSION_IN, word->place);
			expression_add(expression, left);
			do
				expression_add(expression, parse_expression(parser));
			while (accept(parser, ","));
			expect(parser, ")");
		}
		else if (accept(parser, "BETWEEN"))
		{
			expression = expression_new(EXPRESSION_BETWEEN, word->place);
			expression->symmetric = accept(parser, "SYMMETRIC");
			(void) accept(parser, "ASYMMETRIC");
			expression_add(expression, left);
			expression_add(expression, parse_sum(parser));
			expect(parser, "AND");
			expression_add(expression, parse_sum(parser));
		}
		else if (next_is(parser, "LIKE") || next_is(parser, "SIMILAR"))
		{
			bool		similar = next_is(parser, "SIMILAR");

			parser->next++;
			if (similar)
				expect(parser, "TO");
			expression = expression_binary(EXPRESSION_LIKE, word->place,
										   similar ? "SIMILAR TO" : "LIKE",
										   left, parse_sum(parser));
			if (accept(parser, "ESCAPE"))
				expression_add(expression, parse_sum(parser));
		}
		else
		{
			if (negated)
				fail_unexpected(parser, "\"IN\", \"BETWEEN\" or \"LIKE\"");
			return left;
		}
		expression->negated = negated;
		left = expression;
	}
}

static Expression *
parse_not(Parser *parser)
{
	Lexeme	   *word = parser->next;
	Expression *expression;

	if (!accept(parser, "NOT"))
		return parse_predicate(parser);
	if (++parser->depth > EXPRESSION_DEPTH_MAX)
		script_fail(parser->script, word->place, NULL,
					"expressions are nested too deeply");
	expression = expression_new(EXPRESSION_NOT, word->place);
	expression_add(expression, parse_not(parser));
	parser->depth--;
	return expression;
}

static Expression *
parse_and(Parser *parser)
{
	Expression *left = parse_not(parser);
	int			chain = 0;

	while (next_is(parser, "AND"))
	{
		Place		place = take_operator(parser, &chain)->place;

		left = expression_binary(EXPRESSION_AND, place, NULL, left,
								 parse_not(parser));
	}
	return left;
}

Expression *
parse_expression(Parser *parser)
{
	Expression *left;
	int			chain = 0;

	if (++parser->depth > EXPRESSION_DEPTH_MAX)
		script_fail(parser->script, parser->next->place, NULL,
					"expressions are nested too deeply");
	left = parse_and(parser);
	while (next_is(parser, "OR"))
	{
		Place		place = take_operator(parser, &chain)->place;

		left = expression_binary(EXPRESSION_OR, place, NULL, left,
								 parse_and(parser));
	}
	parser->depth--;
	return left;
}
