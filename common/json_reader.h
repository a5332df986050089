/*-------------------------------------------------------------------------
 *
 * json_reader.h
 *	  Reads an event's JSON in one pass, without a tree.
 *
 * NOTES
 *	  A pull reader: each call to json_next() gives the next token.  Numbers
 *	  stay text, so no digit is lost.  Strings point into the input where
 *	  they have no escapes, else into the reader's own buffer, valid until
 *	  the next call.  Strict as RFC 8259; a document with text behind it, a
 *	  lone surrogate, a control character in a string or invalid UTF-8 is an
 *	  error.  \u0000 is an error too, as PostgreSQL's text cannot hold it.
 *
 *		while ((token = json_next(&reader)) == JSON_NAME)
 *		{
 *			if (json_text_is(&reader, "after")) ...
 *			else if (!json_skip(&reader, NULL, NULL)) break;
 *		}
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef JSON_READER_H
#define JSON_READER_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#define JSON_DEPTH_MAX	64		/* an array in a struct in an envelope: 6 */

typedef enum JsonToken
{
	JSON_ERROR,					/* see reader.error */
	JSON_END,					/* the document is complete */
	JSON_OBJECT,				/* { */
	JSON_OBJECT_END,
	JSON_ARRAY,					/* [ */
	JSON_ARRAY_END,
	JSON_NAME,					/* text: a member's name; its value is next */
	JSON_STRING,				/* text */
	JSON_NUMBER,				/* text: as written */
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL
} JsonToken;

typedef struct JsonReader
{
	const char *input;
	const char *position;		/* next byte to read */
	const char *end;
	const char *token_start;	/* first byte of the current token; of a
								 * container, its bracket */

	/* the current token, where it has a text; not zero-terminated */
	const char *text;
	size_t		length;
	bool		escaped;		/* the text differs from the input's bytes */

	const char *error;			/* what is wrong, after JSON_ERROR */

	int			depth;
	char		open[JSON_DEPTH_MAX];	/* '{' or '[' of each level */
	int			state;			/* what may come next; private */
	PQExpBufferData buffer;		/* text of strings with escapes */
} JsonReader;

/* Before the first use; json_free() gives the buffer back. */
extern void json_init(JsonReader *reader);
extern void json_free(JsonReader *reader);

/* Starts on a document, which must stay valid while it is read. */
extern void json_start(JsonReader *reader, const char *input, size_t length);

extern JsonToken json_next(JsonReader *reader);

/*
 * Passes over the next value whole, checking it.  Call it when a value is
 * due, e.g. after JSON_NAME.  *start and *length, where not NULL, get the
 * value as written.  False on an error.
 */
extern bool json_skip(JsonReader *reader, const char **start, size_t *length);

/*
 * Passes over the next value where it is the same text as a whole value that
 * was read before, without reading it again.  False, with nothing read, where
 * it is another.
 */
extern bool json_skip_same(JsonReader *reader, const char *text,
						   size_t length);

/* Passes over the rest of the container that json_next() has just opened. */
extern bool json_leave(JsonReader *reader);

/* Is the current text this one? */
extern bool json_text_is(const JsonReader *reader, const char *text);

/* Byte offset of the current token, for messages. */
extern size_t json_offset(const JsonReader *reader);

#endif							/* JSON_READER_H */
