/*-------------------------------------------------------------------------
 *
 * decoder_regex.h
 *	  Regular expressions of Java, matched by PCRE2.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_REGEX_H
#define DECODER_REGEX_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

typedef struct Regex Regex;

/* A pattern in PCRE2's words */
typedef struct PatternText
{
	StringInfoData text;
	List	   *group_names;	/* of the capturing groups from 1; NULL: none */
} PatternText;

/* in decoder_pattern.c */
extern void pattern_translate(PatternText *result, const char *pattern,
							  const char *property, bool ignore_case,
							  bool utf);

/* in decoder_regex.c */
extern Regex *regex_compile(const char *pattern, const char *property,
							bool ignore_case);
extern const char *regex_text(const Regex *regex);
extern bool regex_match(const Regex *regex, const char *subject);
extern void regex_check_replacement(const Regex *regex,
									const char *replacement,
									const char *property);
extern char *regex_replace(const Regex *regex, const char *subject,
						   const char *replacement, bool all);
extern List *regex_split_list(const char *value);
extern List *regex_compile_list(const char *value, const char *property);
extern int	regex_match_list(const List *patterns, const char *subject);

#endif							/* DECODER_REGEX_H */
