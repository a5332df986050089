/*-------------------------------------------------------------------------
 *
 * event_source.h
 *	  Where in the WAL a record comes from, as far as its content says.
 *
 * NOTES
 *	  Debezium's records have no header for it.  In an envelope it stands in
 *	  "source", where a transform has taken the row out (unwrap), in fields
 *	  or headers that the user has asked for (add.fields, add.headers), in
 *	  records of transaction metadata in "id".
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef EVENT_SOURCE_H
#define EVENT_SOURCE_H

#include "postgres_fe.h"

#include "access/xlogdefs.h"
#include "json_reader.h"

typedef struct EventSource
{
	XLogRecPtr	lsn;			/* of the change; InvalidXLogRecPtr: it does
								 * not say */
	bool		snapshot;		/* no change made it */
	uint64		content;		/* a hash of what is the same whenever the
								 * change is decoded */
} EventSource;

/* Reads a value, which may be anything. */
extern void event_source_read(JsonReader *reader, const char *value,
							  size_t length, EventSource *source);

/* Takes one of its headers into account. */
extern void event_source_header(const char *name, size_t name_length,
								const char *value, size_t length,
								EventSource *source);

/* The hash used for content, going on from "hash"; 0 at first. */
extern uint64 event_source_hash(uint64 hash, const void *data, size_t length);

#endif							/* EVENT_SOURCE_H */
