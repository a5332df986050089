/*-------------------------------------------------------------------------
 *
 * lexer.h
 *	  Words of a Flink SQL script, with their places.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEXER_H
#define LEXER_H

#include "script.h"

typedef enum LexemeKind
{
	LEXEME_END,
	LEXEME_WORD,				/* identifier or keyword, as written */
	LEXEME_QUOTED,				/* `identifier`, quotes taken off */
	LEXEME_STRING,				/* 'text', quotes taken off */
	LEXEME_NUMBER,
	LEXEME_SYMBOL				/* ( ) , ; . = <> < <= > >= + - * / % || and
								 * the marks of a hint */
} LexemeKind;

typedef struct Lexeme
{
	LexemeKind	kind;
	Place		place;
	char	   *text;
} Lexeme;

/*
 * All words of the text, the last one of kind LEXEME_END.  Errors go to
 * script_fail().
 */
extern Lexeme *lexer_run(Script *script, const char *text);

#endif							/* LEXER_H */
