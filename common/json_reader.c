/*-------------------------------------------------------------------------
 *
 * json_reader.c
 *	  Reads an event's JSON in one pass, without a tree.
 *
 * NOTES
 *	  The grammar is kept by "state", what may come next, and the stack of
 *	  open containers.  A string is scanned once: up to its first escape its
 *	  bytes are taken from the input, behind it they are copied.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "json_reader.h"

#include <string.h>

enum
{
	WANT_VALUE,
	WANT_VALUE_OR_END,			/* just behind [ */
	WANT_NAME,					/* behind a comma in an object */
	WANT_NAME_OR_END,			/* just behind { */
	WANT_COMMA_OR_END,			/* behind a value in a container */
	WANT_NOTHING				/* the document is complete */
};

/*
 * How a byte of a string is treated: plain ones are passed over at once.
 */
enum
{
	PLAIN,
	STOP,						/* " and \ and control characters */
	LEAD2,						/* first byte of a UTF-8 sequence of two ... */
	LEAD3,
	LEAD4,
	BAD							/* cannot start a sequence */
};

#define FOUR(x)		x, x, x, x
#define SIXTEEN(x)	FOUR(x), FOUR(x), FOUR(x), FOUR(x)

static const unsigned char byte_class[256] = {
	SIXTEEN(STOP), SIXTEEN(STOP),	/* 00 - 1F */
	PLAIN, PLAIN, STOP, PLAIN, FOUR(PLAIN), FOUR(PLAIN), FOUR(PLAIN),	/* 20: " is 22 */
	SIXTEEN(PLAIN), SIXTEEN(PLAIN), /* 30, 40 */
	FOUR(PLAIN), FOUR(PLAIN), FOUR(PLAIN), STOP, PLAIN, PLAIN, PLAIN,	/* 50: \ is 5C */
	SIXTEEN(PLAIN), SIXTEEN(PLAIN), /* 60, 70 */
	SIXTEEN(BAD), SIXTEEN(BAD), SIXTEEN(BAD), SIXTEEN(BAD), /* 80 - BF */
	BAD, BAD, LEAD2, LEAD2, FOUR(LEAD2), FOUR(LEAD2), FOUR(LEAD2),	/* C0 */
	SIXTEEN(LEAD2),				/* D0 */
	SIXTEEN(LEAD3),				/* E0 */
	LEAD4, LEAD4, LEAD4, LEAD4, LEAD4, BAD, BAD, BAD, FOUR(BAD), FOUR(BAD)	/* F0 */
};

void
json_init(JsonReader *reader)
{
	memset(reader, 0, sizeof(JsonReader));
	initPQExpBuffer(&reader->buffer);
}

void
json_free(JsonReader *reader)
{
	termPQExpBuffer(&reader->buffer);
}

void
json_start(JsonReader *reader, const char *input, size_t length)
{
	reader->input = reader->position = reader->token_start = input;
	reader->end = input + length;
	reader->text = NULL;
	reader->length = 0;
	reader->escaped = false;
	reader->error = NULL;
	reader->depth = 0;
	reader->state = WANT_VALUE;
}

static JsonToken
fail(JsonReader *reader, const char *error)
{
	/* the first error stays */
	if (reader->error == NULL)
		reader->error = error;
	reader->position = reader->end;
	reader->state = WANT_NOTHING;
	return JSON_ERROR;
}

static inline void
skip_blanks(JsonReader *reader)
{
	const char *p = reader->position;

	while (p < reader->end &&
		   (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	reader->position = p;
}

/* After a whole value: what may follow depends on where it stands. */
static inline void
value_done(JsonReader *reader)
{
	reader->state = reader->depth == 0 ? WANT_NOTHING : WANT_COMMA_OR_END;
}

/*
 * Length of the UTF-8 sequence at p, or 0 when it is not one: overlong forms,
 * surrogates and code points above U+10FFFF are none.
 */
static int
sequence_length(const unsigned char *p, const unsigned char *end)
{
	unsigned char class = byte_class[*p];
	int			length = class == LEAD2 ? 2 : class == LEAD3 ? 3 : class == LEAD4 ? 4 : 0;

	if (length == 0 || end - p < length)
		return 0;
	for (int i = 1; i < length; i++)
	{
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	}
	if ((*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] > 0x9F) ||
		(*p == 0xF0 && p[1] < 0x90) || (*p == 0xF4 && p[1] > 0x8F))
		return 0;
	return length;
}

/* Four hexadecimal digits at p, or -1. */
static int
read_hex4(const char *p, const char *end)
{
	int			code = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		char		c = p[i];

		code <<= 4;
		if (c >= '0' && c <= '9')
			code |= c - '0';
		else if (c >= 'a' && c <= 'f')
			code |= c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			code |= c - 'A' + 10;
		else
			return -1;
	}
	return code;
}

static void
append_code(PQExpBuffer buffer, unsigned code)
{
	char		bytes[4];
	int			length;

	if (code < 0x80)
	{
		bytes[0] = (char) code;
		length = 1;
	}
	else if (code < 0x800)
	{
		bytes[0] = (char) (0xC0 | (code >> 6));
		bytes[1] = (char) (0x80 | (code & 0x3F));
		length = 2;
	}
	else if (code < 0x10000)
	{
		bytes[0] = (char) (0xE0 | (code >> 12));
		bytes[1] = (char) (0x80 | ((code >> 6) & 0x3F));
		bytes[2] = (char) (0x80 | (code & 0x3F));
		length = 3;
	}
	else
	{
		bytes[0] = (char) (0xF0 | (code >> 18));
		bytes[1] = (char) (0x80 | ((code >> 12) & 0x3F));
		bytes[2] = (char) (0x80 | ((code >> 6) & 0x3F));
		bytes[3] = (char) (0x80 | (code & 0x3F));
		length = 4;
	}
	appendBinaryPQExpBuffer(buffer, bytes, length);
}

/*
 * Reads an escape; p is behind the backslash.  Returns the byte behind it, or
 * NULL, with the error set.
 */
static const char *
read_escape(JsonReader *reader, const char *p)
{
	static const char escapes[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char *found;
	int			code;
	int			low;

	if (p == reader->end)
	{
		fail(reader, "string without an end");
		return NULL;
	}
	if (*p != 'u')
	{
		found = *p != '\0' ? strchr(escapes, *p) : NULL;
		if (found == NULL)
		{
			fail(reader, "invalid escape in a string");
			return NULL;
		}
		appendPQExpBufferChar(&reader->buffer, meanings[found - escapes]);
		return p + 1;
	}
	code = read_hex4(++p, reader->end);
	p += 4;
	if (code < 0)
	{
		fail(reader, "\\u must be followed by four hexadecimal digits");
		return NULL;
	}
	if (code == 0)
	{
		fail(reader, "\\u0000 cannot be held by PostgreSQL's text");
		return NULL;
	}
	if (code >= 0xD800 && code <= 0xDFFF)
	{
		low = code <= 0xDBFF && reader->end - p >= 6 && p[0] == '\\' && p[1] == 'u' ?
			read_hex4(p + 2, reader->end) : -1;
		if (low < 0xDC00 || low > 0xDFFF)
		{
			fail(reader, "half of a surrogate pair");
			return NULL;
		}
		code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
		p += 6;
	}
	append_code(&reader->buffer, code);
	return p;
}

/* Reads a string; position is behind the opening quote. */
static bool
read_string(JsonReader *reader)
{
	const char *start = reader->position;	/* not yet copied */
	const char *p = start;

	reader->escaped = false;
	for (;;)
	{
		while (p < reader->end && byte_class[(unsigned char) *p] == PLAIN)
			p++;
		if (p == reader->end)
		{
			fail(reader, "string without an end");
			return false;
		}
		if (*p == '"')
			break;
		if (*p == '\\')
		{
			if (!reader->escaped)
			{
				resetPQExpBuffer(&reader->buffer);
				reader->escaped = true;
			}
			appendBinaryPQExpBuffer(&reader->buffer, start, p - start);
			start = p = read_escape(reader, p + 1);
			if (p == NULL)
				return false;
		}
		else if ((unsigned char) *p < 0x20)
		{
			fail(reader, "control character in a string");
			return false;
		}
		else
		{
			int			length = sequence_length((const unsigned char *) p,
												 (const unsigned char *) reader->end);

			if (length == 0)
			{
				fail(reader, "invalid UTF-8 in a string");
				return false;
			}
			p += length;
		}
	}
	if (reader->escaped)
	{
		appendBinaryPQExpBuffer(&reader->buffer, start, p - start);
		reader->text = reader->buffer.data;
		reader->length = reader->buffer.len;
	}
	else
	{
		reader->text = start;
		reader->length = p - start;
	}
	reader->position = p + 1;
	return true;
}

static inline const char *
skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

static JsonToken
read_number(JsonReader *reader)
{
	const char *p = reader->position;
	const char *end = reader->end;
	const char *digits;

	if (*p == '-')
		p++;
	digits = p;
	p = skip_digits(p, end);
	if (p == digits || (*digits == '0' && p - digits > 1))
		return fail(reader, "invalid number");
	if (p < end && *p == '.')
	{
		digits = ++p;
		p = skip_digits(p, end);
		if (p == digits)
			return fail(reader, "invalid number");
	}
	if (p < end && (*p == 'e' || *p == 'E'))
	{
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = skip_digits(p, end);
		if (p == digits)
			return fail(reader, "invalid number");
	}
	reader->text = reader->position;
	reader->length = p - reader->position;
	reader->escaped = false;
	reader->position = p;
	value_done(reader);
	return JSON_NUMBER;
}

static JsonToken
read_word(JsonReader *reader, const char *word, size_t length, JsonToken token)
{
	if ((size_t) (reader->end - reader->position) < length ||
		memcmp(reader->position, word, length) != 0)
		return fail(reader, "expected a value");
	reader->position += length;
	value_done(reader);
	return token;
}

static JsonToken
open_container(JsonReader *reader, char bracket)
{
	if (reader->depth == JSON_DEPTH_MAX)
		return fail(reader, "nested too deeply");
	reader->open[reader->depth++] = bracket;
	reader->position++;
	if (bracket == '{')
	{
		reader->state = WANT_NAME_OR_END;
		return JSON_OBJECT;
	}
	reader->state = WANT_VALUE_OR_END;
	return JSON_ARRAY;
}

static JsonToken
close_container(JsonReader *reader)
{
	char		bracket = reader->open[--reader->depth];

	reader->position++;
	value_done(reader);
	return bracket == '{' ? JSON_OBJECT_END : JSON_ARRAY_END;
}

static JsonToken
read_value(JsonReader *reader)
{
	switch (*reader->position)
	{
		case '{':
		case '[':
			return open_container(reader, *reader->position);
		case '"':
			reader->position++;
			if (!read_string(reader))
				return JSON_ERROR;
			value_done(reader);
			return JSON_STRING;
		case 't':
			return read_word(reader, "true", 4, JSON_TRUE);
		case 'f':
			return read_word(reader, "false", 5, JSON_FALSE);
		case 'n':
			return read_word(reader, "null", 4, JSON_NULL);
		case '-':
		case '0':
		case '1':
		case '2':
		case '3':
		case '4':
		case '5':
		case '6':
		case '7':
		case '8':
		case '9':
			return read_number(reader);
		default:
			return fail(reader, "expected a value");
	}
}

static JsonToken
read_name(JsonReader *reader)
{
	if (*reader->position != '"')
		return fail(reader, "expected a member's name");
	reader->position++;
	if (!read_string(reader))
		return JSON_ERROR;
	skip_blanks(reader);
	if (reader->position == reader->end || *reader->position != ':')
		return fail(reader, "expected \":\"");
	reader->position++;
	reader->state = WANT_VALUE;
	return JSON_NAME;
}

JsonToken
json_next(JsonReader *reader)
{
	char		close;

	if (reader->error != NULL)
		return JSON_ERROR;
	skip_blanks(reader);
	reader->token_start = reader->position;
	if (reader->position == reader->end)
	{
		if (reader->state == WANT_NOTHING)
			return JSON_END;
		return fail(reader, "the document ends too early");
	}
	if (reader->state == WANT_NOTHING)
		return fail(reader, "text behind the document");
	close = reader->depth == 0 ? '\0' :
		reader->open[reader->depth - 1] == '{' ? '}' : ']';

	switch (reader->state)
	{
		case WANT_COMMA_OR_END:
			if (*reader->position == close)
				return close_container(reader);
			if (*reader->position != ',')
				return fail(reader, "expected a comma or the end of an object or array");
			reader->position++;
			skip_blanks(reader);
			reader->token_start = reader->position;
			if (reader->position == reader->end)
				return fail(reader, "the document ends too early");
			return close == '}' ? read_name(reader) : read_value(reader);
		case WANT_NAME_OR_END:
			if (*reader->position == '}')
				return close_container(reader);
			return read_name(reader);
		case WANT_VALUE_OR_END:
			if (*reader->position == ']')
				return close_container(reader);
			return read_value(reader);
		default:
			return read_value(reader);
	}
}

bool
json_leave(JsonReader *reader)
{
	int			outside = reader->depth - 1;

	Assert(outside >= 0);
	while (reader->depth > outside)
	{
		if (json_next(reader) == JSON_ERROR)
			return false;
	}
	return true;
}

bool
json_skip(JsonReader *reader, const char **start, size_t *length)
{
	JsonToken	token = json_next(reader);
	const char *first = reader->token_start;

	if (token == JSON_ERROR)
		return false;
	Assert(token != JSON_NAME && token != JSON_END);
	if ((token == JSON_OBJECT || token == JSON_ARRAY) && !json_leave(reader))
		return false;
	if (start != NULL)
		*start = first;
	if (length != NULL)
		*length = reader->position - first;
	return true;
}

bool
json_skip_same(JsonReader *reader, const char *text, size_t length)
{
	Assert(reader->state == WANT_VALUE);
	skip_blanks(reader);
	if ((size_t) (reader->end - reader->position) < length ||
		memcmp(reader->position, text, length) != 0)
		return false;
	reader->token_start = reader->position;
	reader->position += length;
	value_done(reader);
	return true;
}

bool
json_text_is(const JsonReader *reader, const char *text)
{
	size_t		length = strlen(text);

	return reader->length == length && memcmp(reader->text, text, length) == 0;
}

size_t
json_offset(const JsonReader *reader)
{
	return reader->token_start - reader->input;
}
