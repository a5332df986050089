/*-------------------------------------------------------------------------
 *
 * batch.h
 *	  A micro-batch: events that have been read, as rows of field values.
 *
 * NOTES
 *	  An event becomes rows of each source that reads its topic: one with
 *	  the format json, one or two with debezium-json (-U and +U).  Rows stand
 *	  in the order of the events, events in the order they arrived, which is
 *	  the order of each partition.  Values are canonical text, so that equal
 *	  values are equal bytes.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef BATCH_H
#define BATCH_H

#include <librdkafka/rdkafka.h>

#include "json_reader.h"
#include "must_check.h"
#include "pipeline.h"

/* What the schema of an event says about a field beyond its declared type. */
typedef enum SemanticKind
{
	SEMANTIC_NONE,				/* nothing: the options say it */
	SEMANTIC_STRING,			/* text as it is */
	SEMANTIC_BYTES,				/* base64 */
	SEMANTIC_DECIMAL,			/* base64 with "scale" */
	SEMANTIC_VARIABLE_DECIMAL,	/* an object with the scale */
	SEMANTIC_BITS,				/* base64, "scale" bits */
	SEMANTIC_DATE,				/* days */
	SEMANTIC_TIME,				/* number with "unit" */
	SEMANTIC_TIMESTAMP			/* number with "unit" */
} SemanticKind;

typedef struct Semantic
{
	SemanticKind kind;			/* of an array: of its elements */
	bool		array;
	int			scale;
	int64		unit;			/* nanoseconds */
} Semantic;

typedef enum RowKind
{
	ROW_UPSERT,					/* +I, +U, and every row of format json */
	ROW_UPDATE_BEFORE,			/* -U */
	ROW_DELETE					/* -D */
} RowKind;

typedef struct BatchRow
{
	int			event;			/* number of the event in the batch */
	RowKind		kind;
	bool		key_only;		/* only the source's key is known; a WHERE
								 * cannot be asked */
} BatchRow;

/* The last schema that events came with, to know it again. */
typedef struct SchemaPlan
{
	PQExpBufferData text;
	Semantic   *semantics;		/* one per field; NULL: none read yet */
} SchemaPlan;

/* The rows of one source. */
typedef struct Stage
{
	const SourceTable *source;
	Encoding	encoding;		/* the source's, with the placeholder's forms */
	BatchRow   *rows;
	int			row_count;
	int			row_room;
	FieldValue *values;			/* row_count * source->field_count */
	SchemaPlan	value_schema;
	SchemaPlan	key_schema;
	const Semantic *semantics;	/* of the document at hand, or NULL */
} Stage;

typedef struct BatchEvent
{
	int			partition;		/* number the caller gave */
	int64		offset;
	bool		rejected;		/* not to be applied, and reported */
	bool		refused;		/* ... by the target, not when it was read */
	const char *record;			/* letter_keep(); NULL: not kept */
	const char *reason;			/* of a rejected event whose record is kept */
	int64		timestamp;		/* ms; -1: none */
	bool		joined;			/* cannot be applied without the one before */
	bool		moves;			/* a delete whose row comes back under another
								 * key ... */
	int			moved_from;		/* ... with this event; of that one its
								 * delete, of all others -1 */
} BatchEvent;

typedef struct RecordHeader
{
	const char *name;
	const void *value;			/* NULL: none */
	size_t		length;
} RecordHeader;

/* What METADATA columns need of a record; the memory is the record's. */
typedef struct RecordMetadata
{
	int32		partition;
	int64		timestamp;		/* ms */
	const char *timestamp_type; /* as Kafka calls it */
	int32		leader_epoch;	/* -1: not known */
	RecordHeader *headers;
	int			header_count;
	int			header_room;
} RecordMetadata;

typedef struct ArenaBlock ArenaBlock;

typedef struct Batch
{
	const Pipeline *pipeline;
	BatchEvent *events;
	int			event_count;
	int			event_room;
	Stage	   *stages;			/* one per source */
	int64		bytes;			/* of keys and values read */
	ArenaBlock *first;			/* text of the values */
	ArenaBlock *current;
	JsonReader	reader;
	PQExpBufferData scratch;	/* a converted value */
	bool		reading_key;	/* not the event's value */
	int64		last_source_us; /* commit time in the newest event, 0: none */

	/* of the event being added, for METADATA columns */
	const RecordMetadata *record;	/* the caller's; see metadata_read() */
	const char *event_source;	/* "source" of a Debezium event; NULL: none */
	size_t		event_source_length;
	const char *event_time;		/* its "ts_ms" */
	size_t		event_time_length;
} Batch;

extern Batch *batch_new(const Pipeline *pipeline);
extern void batch_free(Batch *batch);

/* Forgets all events; memory is kept for the next ones. */
extern void batch_clear(Batch *batch);

/*
 * Adds an event.  "value" NULL is a tombstone.  False, with the reason in
 * "error", where it cannot be applied: then it is there without rows, and the
 * caller decides.
 */
extern bool batch_add(Batch *batch, const char *topic, int partition,
					  int64 offset, const char *key, size_t key_length,
					  const char *value, size_t value_length,
					  PQExpBuffer error) MUST_CHECK;

/* Is the newest event a delete? */
extern bool batch_ends_with_delete(const Batch *batch);

/*
 * The newest event is the create that belongs to the delete "event": a key was
 * changed.  What the create does not have (unchanged TOAST) the row of the old
 * key has.
 */
extern void batch_join(Batch *batch, int event);

/* The values of a row. */
static inline const FieldValue *
stage_row(const Stage *stage, int row)
{
	return stage->values + (size_t) row * stage->source->field_count;
}

/* First row of an event >= "event", by binary search. */
extern int	stage_find(const Stage *stage, int event);

/* Copies a text to where it stays until batch_clear(). */
extern const char *batch_keep(Batch *batch, const char *text, size_t length);

/* in metadata_values.c */

/*
 * What METADATA columns need of the next event that is added; where a source
 * of the pipeline has some, the caller calls it and sets batch->record before
 * batch_add().
 */
extern void metadata_read(RecordMetadata *record,
						  const rd_kafka_message_t *message);

/* Sets the METADATA columns of the rows from "first" on. */
extern void metadata_fill(Batch *batch, Stage *stage, int first,
						  const char *topic, int64 offset);

/* in placeholder.c */

/* All forms that the placeholder has in events; for placeholder_free(). */
extern PlaceholderForm *placeholder_forms(const char *placeholder);
extern void placeholder_free(PlaceholderForm *forms);

/*
 * Is the value that the reader stands on one of them?  An array or object
 * that is one has then been passed over.
 */
extern bool placeholder_found(const PlaceholderForm *forms,
							  JsonReader *reader, JsonToken token);

/* in value.c */

/* The bytes in base64 with padding, appended. */
extern void append_base64(PQExpBuffer text, const unsigned char *bytes,
						  size_t count);

/* Decodes base64 with padding.  False when it is none or longer than "room". */
extern bool decode_base64(const char *text, size_t length,
						  unsigned char *bytes, size_t room,
						  size_t *count) MUST_CHECK;

/*
 * The canonical text of a JSON value of the type, appended to "text".  The
 * reader stands on the value's first token.  "semantic" is what the event's
 * schema says, or NULL.  *unavailable is set for the placeholder of an
 * unchanged TOAST value, *null for null.  False, with the reason in "error".
 */
extern bool value_read(JsonReader *reader, JsonToken token,
					   const DataType *type, const Encoding *encoding,
					   const Semantic *semantic, PQExpBuffer text,
					   bool *null, bool *unavailable,
					   PQExpBuffer error) MUST_CHECK;

/* in schema.c */

/*
 * What a schema, as it stands in an event's value or key, says about the
 * source's fields.  False, with the reason in "error", where it is none.
 */
extern bool schema_read(const SourceTable *source, bool key, SchemaPlan *plan,
						const char *json, size_t length,
						PQExpBuffer error) MUST_CHECK;

#endif							/* BATCH_H */
