/*-------------------------------------------------------------------------
 *
 * pattern_check.c
 *	  Is a regular expression one that Java would take?
 *
 * NOTES
 *	  This finds what is wrong in the structure: groups and classes that do
 *	  not end, repetitions of nothing, letters that mean nothing behind a
 *	  backslash.  It is what a typing error leads to, and it is told in Java's
 *	  words, with Java's place.  Whether a pattern can be had with PCRE2 as
 *	  well is the plugin's to say.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "pattern_check.h"

#include <ctype.h>
#include <string.h>

typedef struct Scan
{
	const char *pattern;
	int			length;
	int			at;				/* the next byte */
	int			depth;			/* of open groups */
	bool		repeatable;		/* what was read last can be repeated */
	PQExpBuffer error;
} Scan;

/* Letters that Java knows behind a backslash. */
static const char known_letters[] = "ABDGHNPQRSVWXZabcdefhknprstuvwxz";

/* Always false. */
static bool
mistake(Scan *scan, int index, const char *reason)
{
	appendPQExpBufferStr(scan->error, reason);
	if (index >= 0)
		appendPQExpBuffer(scan->error, " near index %d", index);
	appendPQExpBuffer(scan->error, "\n%s", scan->pattern);
	if (index >= 0 && index < scan->length)
		appendPQExpBuffer(scan->error, "\n%*s^", index, "");
	return false;
}

/* A backslash and what belongs to it. */
static bool
scan_escape(Scan *scan)
{
	const char *end;
	char		letter;

	if (++scan->at >= scan->length)
		return mistake(scan, scan->length, "Unexpected internal error");
	letter = scan->pattern[scan->at];
	if (isalpha((unsigned char) letter) && strchr(known_letters, letter) == NULL)
		return mistake(scan, scan->at, "Illegal/unsupported escape sequence");
	scan->at++;
	if (letter == 'Q')
	{
		end = strstr(scan->pattern + scan->at, "\\E");
		scan->at = end != NULL ? (int) (end - scan->pattern) + 2 : scan->length;
	}
	else if (strchr("pPxNk", letter) != NULL &&
			 (scan->pattern[scan->at] == '{' || scan->pattern[scan->at] == '<'))
	{
		end = strchr(scan->pattern + scan->at,
					 scan->pattern[scan->at] == '{' ? '}' : '>');
		if (end == NULL)
			return mistake(scan, scan->length - 1, letter == 'k' ?
						   "named capturing group is missing trailing '>'" :
						   letter == 'x' ? "Unclosed hexadecimal escape sequence" :
						   "Unclosed character family");
		scan->at = (int) (end - scan->pattern) + 1;
	}
	scan->repeatable = true;
	return true;
}

/* A character class, from its bracket to the one that ends it. */
static bool
scan_class(Scan *scan)
{
	int			previous = -1;	/* the character that may begin a range */
	bool		first = true;

	scan->at++;
	if (scan->pattern[scan->at] == '^')
		scan->at++;
	for (; scan->at < scan->length; first = false)
	{
		char		c = scan->pattern[scan->at];

		if (c == ']' && !first)
		{
			scan->at++;
			scan->repeatable = true;
			return true;
		}
		if (c == '[')
		{
			if (!scan_class(scan))
				return false;
			previous = -1;
		}
		else if (c == '\\')
		{
			if (!scan_escape(scan))
				return false;
			previous = -1;
		}
		else if (c == '-' && previous >= 0 && scan->at + 1 < scan->length &&
				 strchr("]\\[", scan->pattern[scan->at + 1]) == NULL)
		{
			scan->at++;
			if ((unsigned char) scan->pattern[scan->at] < previous)
				return mistake(scan, scan->at, "Illegal character range");
			scan->at++;
			previous = -1;
		}
		else
		{
			previous = (unsigned char) c;
			scan->at++;
		}
	}
	return mistake(scan, scan->length - 1, "Unclosed character class");
}

/* The beginning of a group. */
static bool
scan_group(Scan *scan)
{
	scan->depth++;
	scan->repeatable = false;
	if (scan->pattern[++scan->at] != '?')
		return true;
	scan->at++;
	if (scan->pattern[scan->at] == '<' &&
		scan->pattern[scan->at + 1] != '=' && scan->pattern[scan->at + 1] != '!')
	{
		scan->at++;
		if (!isalpha((unsigned char) scan->pattern[scan->at]))
			return mistake(scan, scan->at,
						   "capturing group name does not start with a Latin letter");
		while (isalnum((unsigned char) scan->pattern[scan->at]))
			scan->at++;
		if (scan->pattern[scan->at] != '>')
			return mistake(scan, scan->at,
						   "named capturing group is missing trailing '>'");
		scan->at++;
		return true;
	}
	if (scan->pattern[scan->at] == '<')
		scan->at++;
	if (strchr(":=!>", scan->pattern[scan->at]) != NULL &&
		scan->at < scan->length)
	{
		scan->at++;
		return true;
	}
	scan->at += strspn(scan->pattern + scan->at, "idmsuxU-");
	if (scan->pattern[scan->at] == ')')
	{
		scan->depth--;			/* flags, and no group */
		scan->at++;
		return true;
	}
	if (scan->pattern[scan->at] != ':')
		return mistake(scan, scan->at, "Unknown inline modifier");
	scan->at++;
	return true;
}

/* {2}, {2,} or {2,3} */
static bool
scan_count(Scan *scan)
{
	int64		number = 0;

	scan->at++;
	if (!isdigit((unsigned char) scan->pattern[scan->at]))
		return mistake(scan, scan->at, "Illegal repetition");
	for (; scan->at < scan->length; scan->at++)
	{
		char		c = scan->pattern[scan->at];

		if (c == '}')
		{
			scan->at++;
			return true;
		}
		if (c == ',')
			number = 0;
		else if (!isdigit((unsigned char) c))
			break;
		else if ((number = number * 10 + (c - '0')) > PG_INT32_MAX)
			return mistake(scan, scan->at, "Illegal repetition range");
	}
	return mistake(scan, scan->at, "Unclosed counted closure");
}

/* *, +, ? or a count, and whether it is greedy. */
static bool
scan_repetition(Scan *scan)
{
	char	   *reason;
	char		c = scan->pattern[scan->at];

	if (c != '{' && !scan->repeatable)
	{
		reason = psprintf("Dangling meta character '%c'", c);
		mistake(scan, scan->at, reason);
		pg_free(reason);
		return false;
	}
	if (c != '{')
		scan->at++;
	else if (!scan_count(scan))
		return false;
	if (scan->pattern[scan->at] == '?' || scan->pattern[scan->at] == '+')
		scan->at++;
	scan->repeatable = false;
	return true;
}

bool
pattern_check(const char *pattern, PQExpBuffer error)
{
	Scan		scan = {.pattern = pattern,.length = (int) strlen(pattern),.error = error};
	bool		ok = true;

	while (ok && scan.at < scan.length)
	{
		switch (pattern[scan.at])
		{
			case '\\':
				ok = scan_escape(&scan);
				break;
			case '[':
				ok = scan_class(&scan);
				break;
			case '(':
				ok = scan_group(&scan);
				break;
			case ')':
				if (scan.depth-- == 0)
					return mistake(&scan, scan.at - 1, "Unmatched closing ')'");
				scan.repeatable = true;
				scan.at++;
				break;
			case '*':
			case '+':
			case '?':
			case '{':
				ok = scan_repetition(&scan);
				break;
			default:
				scan.repeatable = pattern[scan.at] != '|';
				scan.at++;
		}
	}
	if (ok && scan.depth > 0)
		return mistake(&scan, scan.length, "Unclosed group");
	return ok;
}

bool
pattern_list_check(const char *list, PQExpBuffer error)
{
	PQExpBufferData pattern;
	bool		ok = true;

	initPQExpBuffer(&pattern);
	for (const char *p = list; ok; p++)
	{
		if (*p == '\\' && p[1] == '\0')
		{
			appendPQExpBufferStr(error,
								 "Unterminated escape sequence at the end of the string");
			ok = false;
		}
		else if (*p == '\\' && p[1] == ',')
			appendPQExpBufferChar(&pattern, *++p);
		else if (*p == '\\')
		{
			appendPQExpBufferChar(&pattern, *p++);
			appendPQExpBufferChar(&pattern, *p);
		}
		else if (*p != ',' && *p != '\0')
		{
			/* blanks around a pattern do not belong to it */
			if (pattern.len > 0 || !isspace((unsigned char) *p))
				appendPQExpBufferChar(&pattern, *p);
		}
		else
		{
			while (pattern.len > 0 &&
				   isspace((unsigned char) pattern.data[pattern.len - 1]))
				pattern.data[--pattern.len] = '\0';
			ok = pattern_check(pattern.data, error);
			resetPQExpBuffer(&pattern);
			if (*p == '\0')
				break;
		}
	}
	termPQExpBuffer(&pattern);
	return ok;
}
