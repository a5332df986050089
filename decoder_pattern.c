/*-------------------------------------------------------------------------
 *
 * decoder_pattern.c
 *	  Regular expressions in the syntax of Java, said in PCRE2's.
 *
 * NOTES
 *	  The reader below takes a pattern apart as java.util.regex.Pattern does,
 *	  and writes one for PCRE2 that matches the same texts.  All that depends
 *	  on flags is made explicit on the way, so PCRE2 is run with none but
 *	  DOTALL (and UTF): a letter whose case is ignored becomes [aA], because
 *	  Java folds only ASCII, and "." a class without Java's line terminators.
 *	  A class of Java is a set expression; it becomes a piece that matches one
 *	  character, with look-ahead where sets are intersected.  Whatever could
 *	  not be said with the same meaning is refused by name.
 *
 *	  Only \b is not the same in all versions of Java: up to 18, letters and
 *	  digits of all scripts make words, later only those of ASCII.  Here it is
 *	  the former (but a combining mark counts even with no letter before it).
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_compat.h"
#include "decoder_debezium.h"
#include "decoder_regex.h"
#include "miscadmin.h"

/* Flags of Java's Pattern, with the letters they have inside of a pattern */
#define FLAG_CASE_INSENSITIVE	(1 << 0)	/* i */
#define FLAG_MULTILINE			(1 << 1)	/* m */
#define FLAG_DOTALL				(1 << 2)	/* s */
#define FLAG_UNIX_LINES			(1 << 3)	/* d */
#define FLAG_COMMENTS			(1 << 4)	/* x */

static const char flag_letters[] = "imsdx";

/* Not a character: the end of the pattern */
#define PATTERN_END		0xFFFFFFFF

/* Not a character: an escape that stands for several, and was written */
#define SET_WRITTEN		0xFFFFFFFE

typedef struct PatternReader
{
	const char *pattern;		/* for messages, and */
	const char *property;		/* what it was given in */
	bool		utf;
	pg_wchar   *codes;
	bool	   *quoted;			/* in \Q...\E: the character itself */
	int			len;
	int			next;
	int			flags;
	StringInfo	out;
	List	   *group_names;
} PatternReader;

/*
 * A set of characters while it is read: ranges and properties for one pair
 * of brackets, and other pieces that match one character.
 */
typedef struct CharSet
{
	StringInfoData items;		/* what stands between [ and ] */
	StringInfoData pieces;		/* separated by | */
} CharSet;

/* Lists of them end with one of zeros */
typedef struct CodeRange
{
	pg_wchar	low;
	pg_wchar	high;
} CodeRange;

/* A set with a name */
typedef struct NamedSet
{
	const char *name;
	const char *items;			/* what stands between [ and ] */
	const char *ignore_case_items;	/* NULL: the same */
} NamedSet;

#define LETTERS_BOTH "A-Za-z"

/* \p{name}, the sets of ASCII */
static const NamedSet ascii_sets[] = {
	{"Lower", "a-z", LETTERS_BOTH},
	{"Upper", "A-Z", LETTERS_BOTH},
	{"ASCII", "\\x00-\\x7f"},
	{"Alpha", LETTERS_BOTH},
	{"Digit", "0-9"},
	{"Alnum", "0-9" LETTERS_BOTH},
	{"Punct", "!-\\/:-@\\[-`{-~"},
	{"Graph", "!-~"},
	{"Print", "\\x20-~"},
	{"Blank", "\\x20\\t"},
	{"Cntrl", "\\x00-\\x1f\\x7f"},
	{"XDigit", "0-9A-Fa-f"},
	{"Space", "\\x09-\\x0d\\x20"}
};

#define CASED "\\p{Lu}\\p{Ll}\\p{Lt}"
#define CASED_PROPERTIES "\\p{Lowercase}\\p{Uppercase}\\p{Lt}"
#define HEX_DIGITS \
	"0-9A-Fa-f\\x{ff10}-\\x{ff19}\\x{ff21}-\\x{ff26}\\x{ff41}-\\x{ff46}"

/*
 * \p{name} and \p{Isname}, the general categories of Unicode.  Those of code
 * points without a character are not here: they depend on Unicode's version.
 */
static const NamedSet categories[] = {
	{"L", "\\p{L}"}, {"Lu", "\\p{Lu}", CASED}, {"Ll", "\\p{Ll}", CASED},
	{"Lt", "\\p{Lt}", CASED}, {"Lm", "\\p{Lm}"}, {"Lo", "\\p{Lo}"},
	{"M", "\\p{M}"}, {"Mn", "\\p{Mn}"}, {"Me", "\\p{Me}"}, {"Mc", "\\p{Mc}"},
	{"N", "\\p{N}"}, {"Nd", "\\p{Nd}"}, {"Nl", "\\p{Nl}"}, {"No", "\\p{No}"},
	{"Z", "\\p{Z}"}, {"Zs", "\\p{Zs}"}, {"Zl", "\\p{Zl}"}, {"Zp", "\\p{Zp}"},
	{"P", "\\p{P}"}, {"Pd", "\\p{Pd}"}, {"Ps", "\\p{Ps}"}, {"Pe", "\\p{Pe}"},
	{"Pc", "\\p{Pc}"}, {"Po", "\\p{Po}"}, {"Pi", "\\p{Pi}"}, {"Pf", "\\p{Pf}"},
	{"S", "\\p{S}"}, {"Sm", "\\p{Sm}"}, {"Sc", "\\p{Sc}"}, {"Sk", "\\p{Sk}"},
	{"So", "\\p{So}"}, {"Cc", "\\p{Cc}"}, {"Cf", "\\p{Cf}"},
	{"LC", CASED}, {"LD", "\\p{L}\\p{Nd}"}
};

/* \p{Isname}, in any case */
static const NamedSet binary_properties[] = {
	{"ALPHABETIC", "\\p{Alphabetic}"},
	{"LETTER", "\\p{L}"},
	{"IDEOGRAPHIC", "\\p{Ideographic}"},
	{"LOWERCASE", "\\p{Lowercase}", CASED_PROPERTIES},
	{"UPPERCASE", "\\p{Uppercase}", CASED_PROPERTIES},
	{"TITLECASE", "\\p{Lt}", CASED_PROPERTIES},
	{"WHITE_SPACE", "\\p{White_Space}"},
	{"WHITESPACE", "\\p{White_Space}"},
	{"CONTROL", "\\p{Cc}"},
	{"PUNCTUATION", "\\p{P}"},
	{"HEX_DIGIT", HEX_DIGITS},
	{"HEXDIGIT", HEX_DIGITS},
	{"DIGIT", "\\p{Nd}"},
	{"JOIN_CONTROL", "\\p{Join_Control}"},
	{"JOINCONTROL", "\\p{Join_Control}"}
};

/* \p{name}, methods of java.lang.Character */
static const NamedSet java_sets[] = {
	{"javaLowerCase", "\\p{Lowercase}", CASED_PROPERTIES},
	{"javaUpperCase", "\\p{Uppercase}", CASED_PROPERTIES},
	{"javaTitleCase", "\\p{Lt}", CASED_PROPERTIES},
	{"javaAlphabetic", "\\p{Alphabetic}"},
	{"javaIdeographic", "\\p{Ideographic}"},
	{"javaDigit", "\\p{Nd}"},
	{"javaLetter", "\\p{L}"},
	{"javaLetterOrDigit", "\\p{L}\\p{Nd}"},
	{"javaSpaceChar", "\\p{Z}"},
	{"javaWhitespace",
		"\\t-\\r\\x1c-\\x20\\x{1680}\\x{2000}-\\x{2006}"
	"\\x{2008}-\\x{200a}\\x{2028}\\x{2029}\\x{205f}\\x{3000}"},
	{"javaISOControl", "\\x00-\\x1f\\x7f-\\x9f"}
};

static const CodeRange digits[] = {{'0', '9'}, {0}};
static const CodeRange word_chars[] = {
	{'a', 'z'}, {'A', 'Z'}, {'_', '_'}, {'0', '9'}, {0}
};
static const CodeRange space_chars[] = {{'\t', '\r'}, {' ', ' '}, {0}};
static const CodeRange horizontal_space[] = {
	{' ', ' '}, {'\t', '\t'}, {0xA0, 0xA0}, {0x1680, 0x1680},
	{0x180E, 0x180E}, {0x2000, 0x200A}, {0x202F, 0x202F}, {0x205F, 0x205F},
	{0x3000, 0x3000}, {0}
};
static const CodeRange vertical_space[] = {
	{'\n', '\r'}, {0x85, 0x85}, {0x2028, 0x2029}, {0}
};
static const CodeRange line_terminators[] = {
	{'\n', '\n'}, {'\r', '\r'}, {0x85, 0x85}, {0x2028, 0x2029}, {0}
};

static void read_alternatives(PatternReader *reader);
static char *read_class(PatternReader *reader, bool consume);

pg_noreturn static void
pattern_fail(const PatternReader *reader, const char *reason)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
			 errmsg("invalid regular expression \"%s\" in property \"%s\" at character %d: %s",
					reader->pattern, reader->property, reader->next + 1,
					reason)));
}

pg_noreturn static void
pattern_refuse(const PatternReader *reader, const char *construct)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
			 errmsg("regular expression \"%s\" in property \"%s\" uses %s, which is not supported",
					reader->pattern, reader->property, construct),
			 errdetail("Its meaning in Java cannot be reproduced here.")));
}

static bool
is_digit(pg_wchar code)
{
	return code >= '0' && code <= '9';
}

static bool
is_letter(pg_wchar code)
{
	return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
}

/* The value of a hexadecimal digit, or -1 */
static int
digit_value(pg_wchar code)
{
	if (is_digit(code))
		return code - '0';
	if (code >= 'a' && code <= 'f')
		return code - 'a' + 10;
	if (code >= 'A' && code <= 'F')
		return code - 'A' + 10;
	return -1;
}

/*
 * Take the text apart into characters, those between \Q and \E marked.
 */
static void
reader_init(PatternReader *reader, const char *text)
{
	bool		in_quote = false;
	int			size = strlen(text);

	reader->codes = palloc(sizeof(pg_wchar) * (size + 1));
	reader->quoted = palloc(sizeof(bool) * (size + 1));
	while (*text != '\0')
	{
		int			len = 1;

		if (text[0] == '\\' && text[1] == (in_quote ? 'E' : 'Q'))
		{
			in_quote = !in_quote;
			text += 2;
			continue;
		}
		if (text[0] == '\\' && !in_quote && text[1] != '\0' &&
			!IS_HIGHBIT_SET(text[1]))
		{
			/* the character behind it is no start of \Q */
			reader->codes[reader->len] = '\\';
			reader->quoted[reader->len++] = false;
			text++;
		}
		if (reader->utf && IS_HIGHBIT_SET(*text))
			len = pg_utf_mblen((const unsigned char *) text);
		reader->codes[reader->len] = len > 1 ?
			utf8_to_unicode((const unsigned char *) text) :
			(unsigned char) *text;
		reader->quoted[reader->len++] = in_quote;
		text += len;
	}
	reader->codes[reader->len] = PATTERN_END;
	reader->quoted[reader->len] = false;
}

/*
 * The next character if it is one of syntax; quoted ones and the end are not.
 */
static pg_wchar
syntax_at(const PatternReader *reader, int place)
{
	if (place >= reader->len || reader->quoted[place])
		return 0;
	return reader->codes[place];
}

/* With the flag x, white space and comments do not count. */
static void
skip_comments(PatternReader *reader)
{
	if ((reader->flags & FLAG_COMMENTS) == 0)
		return;
	while (reader->next < reader->len && !reader->quoted[reader->next])
	{
		pg_wchar	code = reader->codes[reader->next];

		if (code == ' ' || (code >= '\t' && code <= '\r'))
			reader->next++;
		else if (code == '#')
		{
			while (reader->next < reader->len)
			{
				code = reader->codes[reader->next];
				if (code == '\n' ||
					((reader->flags & FLAG_UNIX_LINES) == 0 &&
					 (code == '\r' || code == 0x85 || code == 0x2028 ||
					  code == 0x2029)))
					break;
				reader->next++;
			}
		}
		else
			break;
	}
}

/* The next character of syntax, what does not count skipped */
static pg_wchar
peek_syntax(PatternReader *reader)
{
	skip_comments(reader);
	return syntax_at(reader, reader->next);
}

static bool
at_end(PatternReader *reader)
{
	skip_comments(reader);
	return reader->next >= reader->len;
}

static void
append_code(StringInfo out, pg_wchar code)
{
	if (is_letter(code) || is_digit(code))
		appendStringInfoChar(out, (char) code);
	else
		appendStringInfo(out, "\\x{%x}", code);
}

/* Append a range for brackets */
static void
append_range(StringInfo out, pg_wchar low, pg_wchar high)
{
	append_code(out, low);
	if (low != high)
	{
		appendStringInfoChar(out, '-');
		append_code(out, high);
	}
}

static void
append_ranges(const PatternReader *reader, StringInfo out,
			  const CodeRange *ranges)
{
	for (; ranges->high != 0; ranges++)
	{
		/* bytes of an unknown encoding are nothing but themselves */
		if (reader->utf || ranges->high < 0x80)
			append_range(out, ranges->low, ranges->high);
	}
}

/* Append a range, and the other case of its letters where that is ignored */
static void
append_folded_range(const PatternReader *reader, StringInfo out, pg_wchar low,
					pg_wchar high)
{
	append_range(out, low, high);
	if (reader->flags & FLAG_CASE_INSENSITIVE)
	{
		pg_wchar	first;
		pg_wchar	last;

		first = Max(low, 'a');
		last = Min(high, 'z');
		if (first <= last)
			append_range(out, first - 'a' + 'A', last - 'a' + 'A');
		first = Max(low, 'A');
		last = Min(high, 'Z');
		if (first <= last)
			append_range(out, first - 'A' + 'a', last - 'A' + 'a');
	}
}

static void
append_literal(const PatternReader *reader, StringInfo out, pg_wchar code)
{
	if (is_letter(code) && (reader->flags & FLAG_CASE_INSENSITIVE) != 0)
	{
		appendStringInfoChar(out, '[');
		append_folded_range(reader, out, code, code);
		appendStringInfoChar(out, ']');
	}
	else
		append_code(out, code);
}

static void
set_init(CharSet *set)
{
	initStringInfo(&set->items);
	initStringInfo(&set->pieces);
}

static void
set_add_piece(CharSet *set, const char *piece)
{
	if (set->pieces.len > 0)
		appendStringInfoChar(&set->pieces, '|');
	appendStringInfoString(&set->pieces, piece);
}

static void
set_add_items(CharSet *set, const char *items, bool negated)
{
	if (negated)
		set_add_piece(set, psprintf("[^%s]", items));
	else
		appendStringInfoString(&set->items, items);
}

static bool
set_is_empty(const CharSet *set)
{
	return set->items.len == 0 && set->pieces.len == 0;
}

/* The set as a piece that matches one character */
static char *
set_piece(const CharSet *set, bool negated)
{
	StringInfoData piece;

	if (set->pieces.len == 0)
		return psprintf("[%s%s]", negated ? "^" : "", set->items.data);
	initStringInfo(&piece);
	appendStringInfoString(&piece, negated ? "(?:(?!" : "(?:");
	if (set->items.len > 0)
		appendStringInfo(&piece, "[%s]|", set->items.data);
	appendStringInfoString(&piece, set->pieces.data);
	appendStringInfoString(&piece, negated ? ").)" : ")");
	return piece.data;
}

/*
 * The items of a named set, or NULL.
 */
static const char *
find_named_set(const NamedSet *sets, int count, const char *name,
			   bool any_case, bool ignore_case)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		if ((any_case ? pg_strcasecmp(sets[i].name, name) :
			 strcmp(sets[i].name, name)) == 0)
			return ignore_case && sets[i].ignore_case_items != NULL ?
				sets[i].ignore_case_items : sets[i].items;
	}
	return NULL;
}

#define FIND_SET(sets, name, any_case, ignore_case) \
	find_named_set(sets, lengthof(sets), name, any_case, ignore_case)

/*
 * Read a property behind \p or \P, and return its items for brackets.
 */
static const char *
read_property(PatternReader *reader)
{
	bool		ignore_case = (reader->flags & FLAG_CASE_INSENSITIVE) != 0;
	const char *items = NULL;
	const char *equals;
	StringInfoData name;

	initStringInfo(&name);
	if (reader->next < reader->len && syntax_at(reader, reader->next) != '{')
		appendStringInfoChar(&name, reader->codes[reader->next++] & 0x7F);
	else
	{
		while (++reader->next < reader->len &&
			   syntax_at(reader, reader->next) != '}')
		{
			if (reader->codes[reader->next] >= 0x80)
				pattern_fail(reader, "unknown character property");
			appendStringInfoChar(&name, (char) reader->codes[reader->next]);
		}
		if (reader->next >= reader->len)
			pattern_fail(reader, "unclosed character property");
		reader->next++;
	}

	equals = strchr(name.data, '=');
	if (equals != NULL)
	{
		if (pg_strncasecmp(name.data, "gc=", 3) == 0 ||
			pg_strncasecmp(name.data, "general_category=", 17) == 0)
			items = FIND_SET(categories, equals + 1, false, ignore_case);
	}
	else if (strncmp(name.data, "Is", 2) == 0)
	{
		items = FIND_SET(binary_properties, name.data + 2, true, ignore_case);
		if (items == NULL)
			items = FIND_SET(categories, name.data + 2, false, ignore_case);
	}
	else
	{
		items = FIND_SET(ascii_sets, name.data, false, ignore_case);
		if (items == NULL && reader->utf)
		{
			items = FIND_SET(categories, name.data, false, ignore_case);
			if (items == NULL)
				items = FIND_SET(java_sets, name.data, false, ignore_case);
		}
	}
	if (items == NULL || (!reader->utf && strstr(items, "\\p") != NULL))
		pattern_refuse(reader, psprintf("\\p{%s}", name.data));
	return items;
}

static pg_wchar
read_octal(PatternReader *reader)
{
	pg_wchar	code = 0;
	int			count;

	for (count = 0; count < 3; count++)
	{
		pg_wchar	digit = syntax_at(reader, reader->next);

		if (digit < '0' || digit > '7' || code * 8 + (digit - '0') > 0377)
			break;
		code = code * 8 + (digit - '0');
		reader->next++;
	}
	if (count == 0)
		pattern_fail(reader, "illegal octal escape sequence");
	return code;
}

/* A number of hexadecimal digits */
static pg_wchar
read_hex(PatternReader *reader, int count)
{
	pg_wchar	code = 0;

	for (; count > 0; count--)
	{
		int			digit = digit_value(syntax_at(reader, reader->next));

		if (digit < 0)
			pattern_fail(reader, "illegal hexadecimal escape sequence");
		code = code * 16 + digit;
		reader->next++;
	}
	return code;
}

/* \xhh or \x{h...}, behind the x */
static pg_wchar
read_hex_escape(PatternReader *reader)
{
	pg_wchar	code = 0;

	if (syntax_at(reader, reader->next) != '{')
		return read_hex(reader, 2);
	for (reader->next++; syntax_at(reader, reader->next) != '}';)
	{
		code = code * 16 + read_hex(reader, 1);
		if (code > 0x10FFFF)
			pattern_fail(reader, "hexadecimal code point is too big");
	}
	reader->next++;
	return code;
}

/* \uhhhh behind the u, two of them for a character beyond U+FFFF */
static pg_wchar
read_unicode_escape(PatternReader *reader)
{
	pg_wchar	code = read_hex(reader, 4);

	if (code >= 0xD800 && code <= 0xDBFF &&
		syntax_at(reader, reader->next) == '\\' &&
		syntax_at(reader, reader->next + 1) == 'u')
	{
		int			start = reader->next;
		pg_wchar	low;

		reader->next += 2;
		low = read_hex(reader, 4);
		if (low >= 0xDC00 && low <= 0xDFFF)
			return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
		reader->next = start;
	}
	return code;
}

/*
 * Read an escape that stands for a character or a set of them, behind the
 * backslash.  Returns the character, or SET_WRITTEN after adding to "set".
 */
static pg_wchar
read_char_escape(PatternReader *reader, CharSet *set)
{
	pg_wchar	escape = reader->codes[reader->next];
	const CodeRange *ranges = NULL;
	StringInfoData items;
	pg_wchar	code;

	reader->next++;
	switch (escape)
	{
		case '0':
			code = read_octal(reader);
			break;
		case 'a':
			code = 0x07;
			break;
		case 'e':
			code = 0x1B;
			break;
		case 'f':
			code = '\f';
			break;
		case 'n':
			code = '\n';
			break;
		case 'r':
			code = '\r';
			break;
		case 't':
			code = '\t';
			break;
		case 'c':
			if (reader->next >= reader->len)
				pattern_fail(reader, "illegal control escape sequence");
			code = reader->codes[reader->next++] ^ 64;
			break;
		case 'x':
			code = read_hex_escape(reader);
			break;
		case 'u':
			code = read_unicode_escape(reader);
			break;
		case 'N':
			pattern_refuse(reader, "\\N");
		case 'p':
		case 'P':
			set_add_items(set, read_property(reader), escape == 'P');
			return SET_WRITTEN;
		case 'd':
		case 'D':
			ranges = digits;
			break;
		case 'w':
		case 'W':
			ranges = word_chars;
			break;
		case 's':
		case 'S':
			ranges = space_chars;
			break;
		case 'h':
		case 'H':
			ranges = horizontal_space;
			break;
		case 'v':
		case 'V':
			ranges = vertical_space;
			break;
		default:
			if (is_letter(escape) || is_digit(escape) || escape == PATTERN_END)
			{
				reader->next--;
				pattern_fail(reader, "illegal or unsupported escape sequence");
			}
			code = escape;
			break;
	}
	if (ranges != NULL)
	{
		initStringInfo(&items);
		append_ranges(reader, &items, ranges);
		set_add_items(set, items.data, escape < 'a');
		return SET_WRITTEN;
	}
	if (code >= 0xD800 && code <= 0xDFFF)
		pattern_refuse(reader, "half of a surrogate pair");
	if (!reader->utf && code > 0xFF)
		pattern_refuse(reader, psprintf("\\x{%x}", code));
	return code;
}

/*
 * Read one character of a class, or a set that is written at once.
 */
static pg_wchar
read_class_char(PatternReader *reader, CharSet *set)
{
	if (syntax_at(reader, reader->next) == '\\')
	{
		reader->next++;
		return read_char_escape(reader, set);
	}
	return reader->codes[reader->next++];
}

/* A character, range or set that is an item of a class */
static void
read_class_item(PatternReader *reader, CharSet *set)
{
	pg_wchar	low = read_class_char(reader, set);
	pg_wchar	high = low;

	if (low == SET_WRITTEN)
		return;
	if (peek_syntax(reader) == '-')
	{
		pg_wchar	end = syntax_at(reader, reader->next + 1);

		if (reader->next + 1 < reader->len && end != '[' && end != ']')
		{
			CharSet		unused;

			reader->next++;
			skip_comments(reader);
			set_init(&unused);
			high = read_class_char(reader, &unused);
			if (high == SET_WRITTEN || high < low)
				pattern_fail(reader, "illegal character range");
		}
	}
	append_folded_range(reader, &set->items, low, high);
}

/*
 * What stands behind && up to the end of the class, or up to the next &&
 * after a class in brackets.
 */
static char *
read_intersected(PatternReader *reader)
{
	CharSet		right;

	set_init(&right);
	for (;;)
	{
		pg_wchar	next = peek_syntax(reader);

		if (at_end(reader))
			pattern_fail(reader, "unclosed character class");
		if (next == ']' || next == '&')
			break;
		if (next == '[')
		{
			reader->next++;
			set_add_piece(&right, read_class(reader, true));
		}
		else
			set_add_piece(&right, read_class(reader, false));
	}
	if (set_is_empty(&right))
		pattern_refuse(reader, "&& with nothing behind it");
	return set_piece(&right, false);
}

/*
 * Read a character class, behind its opening bracket; "consume" says whether
 * also the closing one, which is not there after &&.  Returns a piece that
 * matches one character.
 */
static char *
read_class(PatternReader *reader, bool consume)
{
	CharSet		set;
	bool		negated = false;
	bool		intersected = false;

	check_stack_depth();
	set_init(&set);
	if (consume && syntax_at(reader, reader->next) == '^')
	{
		negated = true;
		reader->next++;
	}
	for (;;)
	{
		pg_wchar	next = peek_syntax(reader);

		if (at_end(reader))
			pattern_fail(reader, "unclosed character class");
		if (next == '[')
		{
			reader->next++;
			set_add_piece(&set, read_class(reader, true));
			continue;
		}
		if (next == '&' && syntax_at(reader, reader->next + 1) == '&')
		{
			char	   *right;
			char	   *left;

			reader->next += 2;
			right = read_intersected(reader);
			if (!set_is_empty(&set))
			{
				left = set_piece(&set, false);
				right = psprintf("(?:(?=%s)%s)", left, right);
			}
			set_init(&set);
			set_add_piece(&set, right);
			intersected = true;
			continue;
		}
		if (next == ']' && !set_is_empty(&set))
			break;
		/* Java takes what stood before && as added once more */
		if (intersected)
			pattern_refuse(reader, "characters after the brackets behind &&");
		read_class_item(reader, &set);
	}
	if (consume)
		reader->next++;
	return set_piece(&set, negated);
}

/* Words of \b: combining marks belong to what they stand on */
#define WORD "[\\p{L}\\p{Nd}\\p{Mn}_]"
#define ASCII_WORD "[A-Za-z0-9_]"

static void
write_word_boundary(PatternReader *reader, bool negated)
{
	const char *word = reader->utf ? WORD : ASCII_WORD;

	appendStringInfo(reader->out,
					 negated ? "(?:(?<=%s)(?=%s)|(?<!%s)(?!%s))" :
					 "(?:(?<=%s)(?!%s)|(?<!%s)(?=%s))",
					 word, word, word, word);
}

/* The end of the text, or a line terminator that ends it */
static void
write_end(PatternReader *reader, bool before_any)
{
	StringInfo	out = reader->out;
	const char *end = before_any ? "" : "\\z";

	if (reader->flags & FLAG_UNIX_LINES)
		appendStringInfo(out, "(?=\\n%s|\\z)", end);
	else if (reader->utf)
		appendStringInfo(out,
						 "(?=(?:\\r\\n|[\\r\\x{85}\\x{2028}\\x{2029}]|(?<!\\r)\\n)%s|\\z)",
						 end);
	else
		appendStringInfo(out, "(?=(?:\\r\\n|\\r|(?<!\\r)\\n)%s|\\z)", end);
}

static void
write_begin(PatternReader *reader)
{
	StringInfo	out = reader->out;

	if ((reader->flags & FLAG_MULTILINE) == 0)
		appendStringInfoString(out, "(?:\\A)");
	else if (reader->flags & FLAG_UNIX_LINES)
		appendStringInfoString(out, "(?:(?!\\z)(?:\\A|(?<=\\n)))");
	else
	{
		appendStringInfoString(out, "(?:(?!\\z)(?:\\A|(?<=[");
		append_ranges(reader, out, line_terminators);
		appendStringInfoString(out, "])(?<!\\r(?=\\n))))");
	}
}

static void
write_dot(PatternReader *reader)
{
	if (reader->flags & FLAG_DOTALL)
		appendStringInfoChar(reader->out, '.');
	else if (reader->flags & FLAG_UNIX_LINES)
		appendStringInfoString(reader->out, "[^\\n]");
	else
	{
		appendStringInfoString(reader->out, "[^");
		append_ranges(reader, reader->out, line_terminators);
		appendStringInfoChar(reader->out, ']');
	}
}

static char *
read_group_name(PatternReader *reader)
{
	StringInfoData name;

	initStringInfo(&name);
	for (;; reader->next++)
	{
		pg_wchar	code = syntax_at(reader, reader->next);

		if (!is_letter(code) && (name.len == 0 || !is_digit(code)))
			break;
		appendStringInfoChar(&name, (char) code);
	}
	if (name.len == 0)
		pattern_fail(reader, "a group name starts with a letter");
	if (syntax_at(reader, reader->next) != '>')
		pattern_fail(reader, "a group name ends with >");
	reader->next++;
	return name.data;
}

static int
find_group(const PatternReader *reader, const char *name)
{
	ListCell   *cell;
	int			number = 0;

	foreach(cell, reader->group_names)
	{
		number++;
		if (lfirst(cell) != NULL && strcmp(lfirst(cell), name) == 0)
			return number;
	}
	return 0;
}

static void
write_back_reference(PatternReader *reader, int number)
{
	/* PCRE2 would ignore the case of other letters, too */
	if (reader->flags & FLAG_CASE_INSENSITIVE)
		pattern_refuse(reader, "a back reference where case is ignored");
	if (number > list_length(reader->group_names))
		pattern_fail(reader, "there is no such group before this back reference");
	appendStringInfo(reader->out, "\\g{%d}", number);
}

/* \1 to \9, and further digits as long as there are so many groups */
static void
read_numbered_reference(PatternReader *reader)
{
	int			number = reader->codes[reader->next++] - '0';

	while (is_digit(syntax_at(reader, reader->next)))
	{
		int			longer = number * 10 + (reader->codes[reader->next] - '0');

		if (longer > list_length(reader->group_names))
			break;
		number = longer;
		reader->next++;
	}
	write_back_reference(reader, number);
}

/*
 * Read an escape outside of a class, behind the backslash.
 */
static void
read_escape(PatternReader *reader)
{
	pg_wchar	escape;
	pg_wchar	code;
	CharSet		set;
	char	   *name;
	int			number;

	if (reader->next >= reader->len)
		pattern_fail(reader, "nothing follows the last backslash");
	escape = reader->codes[reader->next];
	if (escape >= '1' && escape <= '9')
	{
		read_numbered_reference(reader);
		return;
	}
	switch (escape)
	{
		case 'A':
			appendStringInfoString(reader->out, "(?:\\A)");
			break;
		case 'z':
			appendStringInfoString(reader->out, "(?:\\z)");
			break;
		case 'G':
			pattern_refuse(reader, "\\G");
		case 'Z':
			write_end(reader, false);
			break;
		case 'b':
			if (syntax_at(reader, reader->next + 1) == '{')
				pattern_refuse(reader, "\\b{g}");
			write_word_boundary(reader, false);
			break;
		case 'B':
			write_word_boundary(reader, true);
			break;
		case 'R':
			appendStringInfoString(reader->out, "(?:\\r\\n|[");
			append_ranges(reader, reader->out, vertical_space);
			appendStringInfoString(reader->out, "])");
			break;
		case 'X':
			pattern_refuse(reader, "\\X");
		case 'k':
			if (syntax_at(reader, ++reader->next) != '<')
				pattern_fail(reader, "\\k is not followed by <");
			reader->next++;
			name = read_group_name(reader);
			number = find_group(reader, name);
			if (number == 0)
				pattern_fail(reader, "there is no such group before this back reference");
			write_back_reference(reader, number);
			return;
		default:
			set_init(&set);
			code = read_char_escape(reader, &set);
			if (code == SET_WRITTEN)
				appendStringInfoString(reader->out, set_piece(&set, false));
			else
				append_literal(reader, reader->out, code);
			return;
	}
	reader->next++;
}

/*
 * Read what may follow an atom: how often it is repeated.
 */
static void
read_quantifier(PatternReader *reader)
{
	pg_wchar	next = peek_syntax(reader);
	StringInfo	out = reader->out;
	int64		limits[2] = {0, -1};

	if (next == '*' || next == '+' || next == '?')
	{
		appendStringInfoChar(out, (char) next);
		reader->next++;
	}
	else if (next == '{')
	{
		int			i = 0;

		if (!is_digit(syntax_at(reader, ++reader->next)))
			pattern_fail(reader, "illegal repetition");
		for (;;)
		{
			next = syntax_at(reader, reader->next);
			if (is_digit(next))
				limits[i] = Min(Max(limits[i], 0) * 10 + (next - '0'), PG_INT32_MAX);
			else if (next == ',' && i == 0)
				i = 1;
			else
				break;
			reader->next++;
		}
		if (next != '}')
			pattern_fail(reader, "unclosed repetition");
		if (i == 1 && limits[1] >= 0 && limits[1] < limits[0])
			pattern_fail(reader, "illegal repetition range");
		reader->next++;
		appendStringInfo(out, "{" INT64_FORMAT, limits[0]);
		if (i == 1)
			appendStringInfoChar(out, ',');
		if (limits[1] >= 0)
			appendStringInfo(out, INT64_FORMAT, limits[1]);
		appendStringInfoChar(out, '}');
	}
	else
		return;
	next = peek_syntax(reader);
	if (next == '?' || next == '+')
	{
		appendStringInfoChar(out, (char) next);
		reader->next++;
	}
}

/*
 * Read inline flags up to ) or :, behind the question mark.
 */
static void
read_flags(PatternReader *reader)
{
	bool		on = true;

	for (;; reader->next++)
	{
		pg_wchar	code = syntax_at(reader, reader->next);
		const char *letter;

		if (code == '-' && on)
		{
			on = false;
			continue;
		}
		if (code == 'u' || code == 'U' || code == 'c')
			pattern_refuse(reader, psprintf("the inline flag %c", (char) code));
		letter = is_letter(code) ? strchr(flag_letters, (char) code) : NULL;
		if (letter == NULL)
			break;
		if (on)
			reader->flags |= 1 << (letter - flag_letters);
		else
			reader->flags &= ~(1 << (letter - flag_letters));
	}
}

/*
 * Read a group, behind its opening parenthesis.  Returns false when it was
 * only flags, which hold up to the end of the group around them.
 */
static bool
read_group(PatternReader *reader)
{
	StringInfo	out = reader->out;
	int			flags = reader->flags;
	pg_wchar	kind;

	check_stack_depth();
	if (syntax_at(reader, reader->next) != '?')
	{
		reader->group_names = lappend(reader->group_names, NULL);
		appendStringInfoChar(out, '(');
	}
	else
	{
		kind = syntax_at(reader, ++reader->next);
		if (kind == '<' && is_letter(syntax_at(reader, reader->next + 1)))
		{
			char	   *name;

			reader->next++;
			name = read_group_name(reader);
			if (find_group(reader, name) > 0)
				pattern_fail(reader, "a group of this name is already there");
			reader->group_names = lappend(reader->group_names, name);
			appendStringInfoChar(out, '(');
		}
		else if (kind == '<')
		{
			kind = syntax_at(reader, ++reader->next);
			if (kind != '=' && kind != '!')
				pattern_fail(reader, "unknown kind of group");
			appendStringInfo(out, "(?<%c", (char) kind);
			reader->next++;
		}
		else if (kind == ':' || kind == '=' || kind == '!' || kind == '>')
		{
			appendStringInfo(out, "(?%c", (char) kind);
			reader->next++;
		}
		else
		{
			read_flags(reader);
			kind = syntax_at(reader, reader->next);
			if (kind == ')')
			{
				reader->next++;
				return false;
			}
			if (kind != ':')
				pattern_fail(reader, "unknown inline modifier");
			reader->next++;
			appendStringInfoString(out, "(?:");
		}
	}
	read_alternatives(reader);
	if (peek_syntax(reader) != ')')
		pattern_fail(reader, "unclosed group");
	reader->next++;
	appendStringInfoChar(out, ')');
	reader->flags = flags;
	return true;
}

/*
 * Read up to the end of a group, or of the pattern.
 */
static void
read_alternatives(PatternReader *reader)
{
	StringInfo	out = reader->out;

	while (!at_end(reader))
	{
		pg_wchar	next = peek_syntax(reader);

		if (next == ')')
			break;
		if (next == '*' || next == '+' || next == '?')
			pattern_fail(reader, psprintf("nothing to repeat before %c",
										  (char) next));
		if (next == '{')
		{
			if (!is_digit(syntax_at(reader, reader->next + 1)))
				pattern_fail(reader, "illegal repetition");
			pattern_refuse(reader, "{ with nothing to repeat before it");
		}
		reader->next++;
		switch (next)
		{
			case '|':
				appendStringInfoChar(out, '|');
				continue;
			case '(':
				if (!read_group(reader))
					continue;
				break;
			case '[':
				appendStringInfoString(out, read_class(reader, true));
				break;
			case '.':
				write_dot(reader);
				break;
			case '^':
				write_begin(reader);
				break;
			case '$':
				write_end(reader, (reader->flags & FLAG_MULTILINE) != 0);
				break;
			case '\\':
				read_escape(reader);
				break;
			default:
				append_literal(reader, out, reader->codes[reader->next - 1]);
				break;
		}
		read_quantifier(reader);
	}
}

/*
 * Say a pattern of Java in PCRE2's words.  "pattern" is in UTF-8, or of
 * unknown bytes when "utf" is false; "property" is for messages.
 */
void
pattern_translate(PatternText *result, const char *pattern,
				  const char *property, bool ignore_case, bool utf)
{
	PatternReader reader = {0};

	reader.pattern = pattern;
	reader.property = property;
	reader.utf = utf;
	reader.flags = ignore_case ? FLAG_CASE_INSENSITIVE : 0;
	initStringInfo(&result->text);
	reader.out = &result->text;
	reader_init(&reader, pattern);
	read_alternatives(&reader);
	if (reader.next < reader.len)
		pattern_fail(&reader, "unmatched closing )");
	result->group_names = reader.group_names;
}
