/*-------------------------------------------------------------------------
 *
 * decoder_regex.c
 *	  Regular expressions of Java, matched by PCRE2.
 *
 * NOTES
 *	  Texts are matched in UTF-8, whatever the encoding of the database is;
 *	  only in SQL_ASCII, where it is not known, byte by byte.
 *
 *	  PCRE2 allocates through the memory context in which the expression was
 *	  compiled, so an error leaves nothing behind.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "decoder_compat.h"
#include "decoder_debezium.h"
#include "decoder_regex.h"
#include "utils/memutils.h"

/*
 * A match that takes more steps than this is an error: it would hold up
 * decoding.  Names have at most some hundred bytes, so no sane pattern comes
 * near.
 */
#define MATCH_LIMIT		1000000

struct Regex
{
	const char *text;			/* as given */
	const char *property;		/* what gave it */
	pcre2_code *code;
	pcre2_match_context *match;
	pcre2_match_data *data;
	List	   *group_names;	/* of the groups from 1; NULL: none */
};

static void *
regex_allocate(PCRE2_SIZE size, void *context)
{
	return MemoryContextAllocExtended((MemoryContext) context, size,
									  MCXT_ALLOC_NO_OOM);
}

static void
regex_free(void *pointer, void *context)
{
	if (pointer != NULL)
		pfree(pointer);
}

static void *
require_memory(void *pointer)
{
	if (pointer == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	return pointer;
}

/* Is the encoding of names known? */
static bool
is_text(void)
{
	return GetDatabaseEncoding() != PG_SQL_ASCII;
}

/* In UTF-8; the text itself if it is */
static char *
to_utf8(const char *text)
{
	return is_text() && GetDatabaseEncoding() != PG_UTF8 ?
		encoding_to_utf8(text, strlen(text)) : unconstify(char *, text);
}

/*
 * Compile a regular expression of Java.  It lives in the current memory
 * context.  An error names "property", which is kept.
 */
Regex *
regex_compile(const char *pattern, const char *property, bool ignore_case)
{
	Regex	   *regex = palloc0(sizeof(Regex));
	uint32_t	flags = PCRE2_DOTALL;
	pcre2_general_context *general;
	pcre2_compile_context *context;
	PatternText translated;
	int			error;
	PCRE2_SIZE	offset;

	pattern_translate(&translated, to_utf8(pattern), property, ignore_case,
					  is_text());
	general = require_memory(pcre2_general_context_create(regex_allocate,
														  regex_free,
														  CurrentMemoryContext));
	regex->text = pstrdup(pattern);
	regex->property = property;
	regex->group_names = translated.group_names;
	regex->match = require_memory(pcre2_match_context_create(general));
	pcre2_set_match_limit(regex->match, MATCH_LIMIT);
	pcre2_set_depth_limit(regex->match, MATCH_LIMIT);

	if (is_text())
		flags |= PCRE2_UTF;
	context = require_memory(pcre2_compile_context_create(general));
	regex->code = pcre2_compile((PCRE2_SPTR) translated.text.data,
								translated.text.len, flags, &error, &offset,
								context);
	pcre2_compile_context_free(context);
	if (regex->code == NULL)
	{
		PCRE2_UCHAR message[256];

		pcre2_get_error_message(error, message, sizeof(message));
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
				 errmsg("cannot use regular expression \"%s\" in property \"%s\": %s",
						pattern, property, message)));
	}
	regex->data = require_memory(pcre2_match_data_create_from_pattern(regex->code,
																	  general));
	pfree(translated.text.data);
	return regex;
}

/* The expression as it was given */
const char *
regex_text(const Regex *regex)
{
	return regex->text;
}

/*
 * Search from an offset on; returns whether something was found.
 */
static bool
regex_execute(const Regex *regex, const char *subject, PCRE2_SIZE len,
			  PCRE2_SIZE start, uint32_t flags)
{
	int			result = pcre2_match(regex->code, (PCRE2_SPTR) subject, len,
									 start, flags, regex->data, regex->match);
	PCRE2_UCHAR message[256];

	if (result >= 0)
		return true;
	if (result == PCRE2_ERROR_NOMATCH)
		return false;
	pcre2_get_error_message(result, message, sizeof(message));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
			 errmsg("could not match \"%s\" with regular expression \"%s\" in property \"%s\": %s",
					subject, regex->text, regex->property, message)));
}

/*
 * Does the whole text match, as Matcher.matches() says it?
 */
bool
regex_match(const Regex *regex, const char *subject)
{
	char	   *text = to_utf8(subject);
	bool		result = regex_execute(regex, text, strlen(text), 0,
									   PCRE2_ANCHORED | PCRE2_ENDANCHORED);

	if (text != subject)
		pfree(text);
	return result;
}

pg_noreturn static void
refuse_replacement(const char *replacement, const char *property,
				   const char *reason)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid replacement \"%s\" in property \"%s\": %s",
					replacement, property, reason)));
}

static int
find_group(const Regex *regex, const char *name, int len)
{
	ListCell   *cell;
	int			number = 0;

	foreach(cell, regex->group_names)
	{
		const char *group_name = lfirst(cell);

		number++;
		if (group_name != NULL && strlen(group_name) == len &&
			memcmp(group_name, name, len) == 0)
			return number;
	}
	return 0;
}

/*
 * Read a reference to a group, behind its $: as many digits as there are
 * groups for, or a name in braces.  Moves *next behind it.
 */
static int
read_reference(const Regex *regex, const char **next, const char *replacement,
			   const char *property)
{
	int			ngroups = list_length(regex->group_names);
	int			number;

	if (**next == '{')
	{
		const char *name = ++*next;

		while (isalnum((unsigned char) **next))
			(*next)++;
		if (*next == name || isdigit((unsigned char) *name) || **next != '}')
			refuse_replacement(replacement, property,
							   "${ is not followed by the name of a group and }");
		number = find_group(regex, name, *next - name);
		if (number == 0)
			refuse_replacement(replacement, property,
							   psprintf("there is no group \"%s\"",
										pnstrdup(name, *next - name)));
		(*next)++;
		return number;
	}
	if (!isdigit((unsigned char) **next))
		refuse_replacement(replacement, property,
						   "$ is not followed by a group");
	number = *(*next)++ - '0';
	if (number > ngroups)
		refuse_replacement(replacement, property,
						   psprintf("there is no group %d", number));
	while (isdigit((unsigned char) **next) &&
		   number * 10 + (**next - '0') <= ngroups)
		number = number * 10 + (*(*next)++ - '0');
	return number;
}

/*
 * Append what a replacement means for the match that was found; without
 * "out" it is only checked.
 */
static void
append_replacement(StringInfo out, const Regex *regex, const char *subject,
				   const char *replacement, const char *property)
{
	const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(regex->data);
	const char *next = replacement;

	while (*next != '\0')
	{
		int			group;

		if (*next == '$')
		{
			next++;
			group = read_reference(regex, &next, replacement, property);
			if (out != NULL && offsets[2 * group] != PCRE2_UNSET)
				appendBinaryStringInfo(out, subject + offsets[2 * group],
									   offsets[2 * group + 1] - offsets[2 * group]);
			continue;
		}
		if (*next == '\\' && *++next == '\0')
			refuse_replacement(replacement, property,
							   "nothing follows the last backslash");
		if (out != NULL)
			appendStringInfoChar(out, *next);
		next++;
	}
}

/*
 * Refuse a replacement that is not one for this expression.  To be called
 * when options are read, so that regex_replace() cannot fail for it.
 */
void
regex_check_replacement(const Regex *regex, const char *replacement,
						const char *property)
{
	append_replacement(NULL, regex, NULL, replacement, property);
}

/*
 * Replace what matches, all of it or only the first, as
 * Matcher.replaceAll() and replaceFirst() do.  $1 and ${name} stand for what
 * a group matched, a backslash for the character behind it.  The result is a
 * new string.
 */
char *
regex_replace(const Regex *regex, const char *subject,
			  const char *replacement, bool all)
{
	const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(regex->data);
	char	   *text = to_utf8(subject);
	char	   *utf8_replacement = to_utf8(replacement);
	PCRE2_SIZE	len = strlen(text);
	PCRE2_SIZE	start = 0;		/* of the search */
	PCRE2_SIZE	copied = 0;		/* so much is in the result */
	StringInfoData result;

	initStringInfo(&result);
	while (start <= len && regex_execute(regex, text, len, start, 0))
	{
		appendBinaryStringInfo(&result, text + copied, offsets[0] - copied);
		append_replacement(&result, regex, text, utf8_replacement,
						   regex->property);
		copied = offsets[1];
		start = copied;
		/* behind an empty match the search goes on one character later */
		if (offsets[0] == offsets[1] && start++ < len && is_text())
			start += pg_utf_mblen((unsigned char *) text + copied) - 1;
		if (!all)
			break;
	}
	appendBinaryStringInfo(&result, text + copied, len - copied);
	return is_text() ? pg_any_to_server(result.data, result.len, PG_UTF8) :
		result.data;
}

/* Java's trim(): what is not above a blank */
static char *
trim(const char *text, int len)
{
	while (len > 0 && (unsigned char) text[0] <= ' ')
	{
		text++;
		len--;
	}
	while (len > 0 && (unsigned char) text[len - 1] <= ' ')
		len--;
	return pnstrdup(text, len);
}

/*
 * The texts of a list of regular expressions: between commas; a comma inside
 * of one is written with a backslash.
 */
List *
regex_split_list(const char *value)
{
	List	   *patterns = NIL;
	const char *next = value;

	for (;;)
	{
		const char *start = next;
		char	   *from;
		char	   *to;
		char	   *pattern;

		/* a backslash takes its character along: \\ does not escape a comma */
		while (*next != '\0' && *next != ',')
			next += next[0] == '\\' && next[1] != '\0' ? 2 : 1;
		if (next > start)
		{
			pattern = trim(start, next - start);
			for (from = to = pattern; *from != '\0';)
			{
				if (from[0] == '\\' && from[1] == ',')
					from++;
				*to++ = *from++;
			}
			*to = '\0';
			patterns = lappend(patterns, pattern);
		}
		if (*next == '\0')
			break;
		next++;
	}
	return patterns;
}

/*
 * Compile a list of Debezium's: the case of ASCII letters is ignored.
 */
List *
regex_compile_list(const char *value, const char *property)
{
	List	   *patterns = NIL;
	ListCell   *cell;

	foreach(cell, regex_split_list(value))
		patterns = lappend(patterns, regex_compile(lfirst(cell), property, true));
	return patterns;
}

/*
 * The number of the first expression that matches the whole text, or -1.
 */
int
regex_match_list(const List *patterns, const char *subject)
{
	const ListCell *cell;
	int			number = 0;

	foreach(cell, patterns)
	{
		if (regex_match(lfirst(cell), subject))
			return number;
		number++;
	}
	return -1;
}
