/*-------------------------------------------------------------------------
 *
 * decoder_record.h
 *	  Records as Kafka Connect's transforms see them: topic, partition,
 *	  timestamp, key, value and headers, the latter three with schemas.
 *
 * NOTES
 *	  Values are texts in plain form (decoder_schema.h).  A struct's text has
 *	  its fields in the order of the schema, so the text of field N is found
 *	  by position: struct_split() gives them all, struct_join() makes a text
 *	  of such pieces.  A piece is terminated by a zero, or points into another
 *	  text, where something follows that ends a JSON value; so plain_skip()
 *	  and its like can start at it.
 *
 *	  Everything here is made in the current memory context.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_RECORD_H
#define DECODER_RECORD_H

#include "decoder_debezium.h"

/*
 * A value and its schema.  Without a schema there is no value: the key of a
 * table that has none, the value of a tombstone.  A null with a schema is the
 * text null.
 */
typedef struct ConnectValue
{
	const Schema *schema;		/* NULL: none */
	Piece		text;			/* data is NULL without a schema */
} ConnectValue;

typedef struct ConnectHeader
{
	Piece		name;			/* not quoted */
	ConnectValue value;
} ConnectHeader;

struct ConnectRecord
{
	Piece		topic;
	int			partition;		/* -1: not set */
	bool		has_timestamp;
	int64		timestamp;		/* milliseconds since 1970 */
	ConnectValue key;
	ConnectValue value;
	int			nheaders;
	int			header_room;
	ConnectHeader *headers;
	bool		original;		/* no transform has made a new one of it yet */
};

/* A struct's schema with the text made ready that stands before each value */
typedef struct StructLayout
{
	const Schema *schema;
	Piece	   *leads;			/* {"name": or ,"name": */
} StructLayout;

/* Names of what every change record has as headers, in their order */
typedef enum ContextHeader
{
	CONTEXT_LOGICAL_NAME,
	CONTEXT_TASK_ID,
	CONTEXT_CONNECTOR_NAME,
	CONTEXT_RUN_ID,
	CONTEXT_HEADERS
} ContextHeader;

static inline Piece
piece_create(const char *data, int len)
{
	Piece		piece;

	piece.data = data;
	piece.len = len;
	return piece;
}

static inline bool
piece_equals(Piece a, Piece b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static inline bool
piece_is(Piece piece, const char *text)
{
	return piece.len == strlen(text) && memcmp(piece.data, text, piece.len) == 0;
}

static inline ConnectValue
value_create(const Schema *schema, Piece text)
{
	ConnectValue value;

	value.schema = schema;
	value.text = text;
	return value;
}

/* Null, with or without a schema */
static inline bool
value_is_null(const ConnectValue *value)
{
	return value->text.data == NULL || plain_is_null(value->text.data);
}

extern Piece piece_from_text(const char *text);
extern Piece piece_from_info(StringInfo info);
extern Piece piece_quote(const char *text, bool utf8);
extern Piece piece_unquote(Piece text);
extern Piece piece_null(void);
extern Piece piece_from_int64(int64 number);
extern ConnectValue value_none(void);

extern StructLayout *layout_create(const Schema *schema, bool utf8);
extern Piece *struct_split(const ConnectValue *value);
extern Piece struct_join(const StructLayout *layout, const Piece *fields);
extern int	struct_field_index(const Schema *schema, const char *name);
extern Piece *array_split(Piece text, int *count);
extern Piece field_or_default(Piece text, const Schema *schema);

extern void record_add_header(ConnectRecord *record, Piece name,
							  ConnectValue value);
extern const ConnectHeader *record_find_header(const ConnectRecord *record,
											   Piece name);
extern int	record_remove_headers(ConnectRecord *record, Piece name);
extern const char *context_header_name(ContextHeader header);

#endif							/* DECODER_RECORD_H */
