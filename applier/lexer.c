/*-------------------------------------------------------------------------
 *
 * lexer.c
 *	  Words of a Flink SQL script, with their places.
 *
 * NOTES
 *	  Identifiers are as Flink has them: letters, digits, _ and $, and
 *	  anything between back quotes; case counts.  A back slash in a string
 *	  is a back slash.  Double quotes are no quotes in Flink, so they are
 *	  refused with a word on what to write.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "lexer.h"

typedef struct Lexer
{
	Script	   *script;
	const char *position;
	Place		place;
	Lexeme	   *lexemes;
	int			count;
	int			room;
} Lexer;

static void
lexer_advance(Lexer *lexer)
{
	if (*lexer->position == '\n')
	{
		lexer->place.line++;
		lexer->place.column = 1;
	}
	else if (((unsigned char) *lexer->position & 0xC0) != 0x80)
		lexer->place.column++;	/* columns are characters, not bytes */
	lexer->position++;
}

static void
lexer_add(Lexer *lexer, LexemeKind kind, Place place, char *text)
{
	if (lexer->count == lexer->room)
	{
		lexer->room = lexer->room == 0 ? 256 : lexer->room * 2;
		lexer->lexemes = pg_realloc(lexer->lexemes,
									lexer->room * sizeof(Lexeme));
	}
	lexer->lexemes[lexer->count].kind = kind;
	lexer->lexemes[lexer->count].place = place;
	lexer->lexemes[lexer->count++].text = text;
}

/* White space and comments, but no hints: they mean something. */
static void
lexer_skip_space(Lexer *lexer)
{
	for (;;)
	{
		const char *p = lexer->position;

		if (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r' || *p == '\f')
			lexer_advance(lexer);
		else if (p[0] == '-' && p[1] == '-')
		{
			while (*lexer->position != '\0' && *lexer->position != '\n')
				lexer_advance(lexer);
		}
		else if (p[0] == '/' && p[1] == '*')
		{
			Place		start = lexer->place;

			/* a hint: its words are words */
			if (p[2] == '+')
				return;
			lexer_advance(lexer);
			lexer_advance(lexer);
			while (!(lexer->position[0] == '*' && lexer->position[1] == '/'))
			{
				if (*lexer->position == '\0')
					script_fail(lexer->script, start, NULL,
								"comment is not closed");
				lexer_advance(lexer);
			}
			lexer_advance(lexer);
			lexer_advance(lexer);
		}
		else
			return;
	}
}

/* '...' or `...`: the quote is doubled to stand for itself. */
static char *
lexer_read_quoted(Lexer *lexer, char quote)
{
	Place		start = lexer->place;
	char	   *text = pg_malloc(strlen(lexer->position) + 1);
	size_t		length = 0;

	lexer_advance(lexer);
	for (;;)
	{
		char		c = *lexer->position;

		if (c == '\0')
			script_fail(lexer->script, start, NULL, "%s is not closed",
						quote == '\'' ? "string" : "quoted name");
		lexer_advance(lexer);
		if (c == quote)
		{
			if (*lexer->position != quote)
				break;
			lexer_advance(lexer);
		}
		text[length++] = c;
	}
	text[length] = '\0';
	if (quote == '`' && length == 0)
		script_fail(lexer->script, start, NULL, "name is empty");
	return pg_realloc(text, length + 1);
}

static bool
is_word_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		((unsigned char) c & 0x80) != 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
lexer_read_number(Lexer *lexer)
{
	while (is_digit(*lexer->position))
		lexer_advance(lexer);
	if (*lexer->position == '.')
	{
		lexer_advance(lexer);
		while (is_digit(*lexer->position))
			lexer_advance(lexer);
	}
	if (*lexer->position == 'e' || *lexer->position == 'E')
	{
		lexer_advance(lexer);
		if (*lexer->position == '+' || *lexer->position == '-')
			lexer_advance(lexer);
		if (!is_digit(*lexer->position))
			script_fail(lexer->script, lexer->place, NULL,
						"exponent of the number is missing");
		while (is_digit(*lexer->position))
			lexer_advance(lexer);
	}
	if (is_word_start(*lexer->position))
		script_fail(lexer->script, lexer->place, NULL,
					"\"%c\" cannot follow a number", *lexer->position);
}

/* How many characters the symbol here has, 0: none starts here. */
static int
symbol_length(const char *p, bool in_hint)
{
	static const char *const pairs[] = {"<>", "!=", "<=", ">=", "||"};

	if (strncmp(p, "/*+", 3) == 0)
		return 3;
	if (in_hint && strncmp(p, "*/", 2) == 0)
		return 2;
	for (size_t i = 0; i < lengthof(pairs); i++)
		if (p[0] == pairs[i][0] && p[1] == pairs[i][1])
			return 2;
	return strchr("(),;.=<>+-*/%[]:", *p) != NULL ? 1 : 0;
}

/* Text up to one of the characters or the end, without spaces around it. */
static void
lexer_add_raw(Lexer *lexer, const char *ends)
{
	const char *start;
	const char *end;
	Place		place;

	lexer_skip_space(lexer);
	start = end = lexer->position;
	place = lexer->place;
	while (*lexer->position != '\0' && strchr(ends, *lexer->position) == NULL)
	{
		if (strchr(" \t\r\n", *lexer->position) == NULL)
			end = lexer->position + 1;
		lexer_advance(lexer);
	}
	if (end > start)
		lexer_add(lexer, LEXEME_STRING, place, pnstrdup(start, end - start));
}

/*
 * Behind SET or RESET at the start of a statement: name and value may stand
 * without quotes, and then hold what is no word elsewhere.
 */
static void
lexer_read_setting(Lexer *lexer)
{
	Place		place;

	lexer_skip_space(lexer);
	place = lexer->place;
	if (*lexer->position != '\'')
		lexer_add_raw(lexer, "=;");
	else
		lexer_add(lexer, LEXEME_STRING, place, lexer_read_quoted(lexer, '\''));
	lexer_skip_space(lexer);
	if (*lexer->position != '=')
		return;
	lexer_add(lexer, LEXEME_SYMBOL, lexer->place, pg_strdup("="));
	lexer_advance(lexer);
	lexer_skip_space(lexer);
	if (*lexer->position != '\'')
		lexer_add_raw(lexer, ";");
}

/* Is the word just read the first one of a statement? */
static bool
starts_statement(const Lexer *lexer)
{
	const Lexeme *before = lexer->lexemes + lexer->count - 2;

	return lexer->count == 1 ||
		(before->kind == LEXEME_SYMBOL && strcmp(before->text, ";") == 0);
}

Lexeme *
lexer_run(Script *script, const char *text)
{
	Lexer		lexer = {script, text, {1, 1}, NULL, 0, 0};
	bool		in_hint = false;

	/* a byte order mark, as some editors write it */
	if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
		lexer.position += 3;

	for (;;)
	{
		const char *start;
		Place		place;
		int			length;

		lexer_skip_space(&lexer);
		start = lexer.position;
		place = lexer.place;

		if (*start == '\0')
			break;
		if (*start == '\'')
			lexer_add(&lexer, LEXEME_STRING, place,
					  lexer_read_quoted(&lexer, '\''));
		else if (*start == '`')
			lexer_add(&lexer, LEXEME_QUOTED, place,
					  lexer_read_quoted(&lexer, '`'));
		else if (is_digit(*start) || (*start == '.' && is_digit(start[1])))
		{
			lexer_read_number(&lexer);
			lexer_add(&lexer, LEXEME_NUMBER, place,
					  pnstrdup(start, lexer.position - start));
		}
		else if (is_word_start(*start))
		{
			while (is_word_start(*lexer.position) ||
				   is_digit(*lexer.position) || *lexer.position == '$')
				lexer_advance(&lexer);
			lexer_add(&lexer, LEXEME_WORD, place,
					  pnstrdup(start, lexer.position - start));
			if (starts_statement(&lexer) &&
				(pg_strcasecmp(lexer.lexemes[lexer.count - 1].text, "SET") == 0 ||
				 pg_strcasecmp(lexer.lexemes[lexer.count - 1].text, "RESET") == 0))
				lexer_read_setting(&lexer);
		}
		else if ((length = symbol_length(start, in_hint)) > 0)
		{
			if (length == 3)
				in_hint = true;
			else if (strncmp(start, "*/", 2) == 0)
				in_hint = false;
			for (int i = 0; i < length; i++)
				lexer_advance(&lexer);
			/* != is another spelling of <> */
			lexer_add(&lexer, LEXEME_SYMBOL, place,
					  *start == '!' ? pg_strdup("<>") : pnstrdup(start, length));
		}
		else if (*start == '"')
			script_fail(script, place,
						"Names stand in back quotes (`name`), texts in single quotes ('text').",
						"double quotes are not quotes in this dialect");
		else
			script_fail(script, place, NULL, "unexpected character \"%c\"",
						*start);
	}
	lexer_add(&lexer, LEXEME_END, lexer.place, pg_strdup("end of script"));
	return lexer.lexemes;
}
