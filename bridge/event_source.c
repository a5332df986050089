/*-------------------------------------------------------------------------
 *
 * event_source.c
 *	  Where in the WAL a record comes from, as far as its content says.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "event_source.h"

#include <string.h>

#define FNV_START	UINT64CONST(0xcbf29ce484222325)
#define FNV_PRIME	UINT64CONST(0x100000001b3)

/* What a transform calls a field "lsn" that it adds, by its default prefix. */
static const char *const lsn_names[] = {"__lsn", "__source_lsn"};
static const char *const snapshot_names[] = {"__snapshot", "__source_snapshot"};

/* What is found on the way through a value. */
typedef struct Reading
{
	EventSource *source;
	bool		envelope;		/* it has "source" */
	uint64		rows;			/* hash of before, after and op */
	XLogRecPtr	id_lsn;			/* from "571:53195829" */
	bool		status;			/* it has what only metadata has */
	bool		event_count;
} Reading;

uint64
event_source_hash(uint64 hash, const void *data, size_t length)
{
	const unsigned char *bytes = data;

	if (hash == 0)
		hash = FNV_START;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * FNV_PRIME;
	return hash;
}

/* Digits to a position; else invalid. */
static XLogRecPtr
read_digits(const char *text, size_t length)
{
	XLogRecPtr	lsn = 0;

	if (length == 0 || length > 19)
		return InvalidXLogRecPtr;
	for (size_t i = 0; i < length; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return InvalidXLogRecPtr;
		lsn = lsn * 10 + (text[i] - '0');
	}
	return lsn;
}

static bool
is_one_of(const char *name, size_t length, const char *const *names,
		  size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		if (length == strlen(names[i]) && memcmp(name, names[i], length) == 0)
			return true;
	}
	return false;
}

/* Is a snapshot marker, "first", "true", ..., one of a row that was read? */
static bool
marks_snapshot(const char *text, size_t length)
{
	/* rows of incremental snapshots are marked so; a change has false or null */
	return length > 0 && !(length == 5 && memcmp(text, "false", 5) == 0);
}

/* A field of the row's own, or one that a transform has added. */
static void
take_added(EventSource *source, const char *name, size_t name_length,
		   const char *text, size_t length)
{
	if (is_one_of(name, name_length, lsn_names, lengthof(lsn_names)))
		source->lsn = read_digits(text, length);
	else if (is_one_of(name, name_length, snapshot_names, lengthof(snapshot_names)))
		source->snapshot |= marks_snapshot(text, length);
	else if (name_length == 4 && memcmp(name, "__op", 4) == 0)
		source->snapshot |= length == 1 && *text == 'r';
}

/* The object "source", after its bracket. */
static bool
read_source(JsonReader *reader, Reading *reading)
{
	JsonToken	token;

	reading->envelope = true;
	while ((token = json_next(reader)) == JSON_NAME)
	{
		bool		is_lsn = json_text_is(reader, "lsn");
		bool		is_snapshot = json_text_is(reader, "snapshot");

		if (!is_lsn && !is_snapshot)
		{
			if (!json_skip(reader, NULL, NULL))
				return false;
			continue;
		}
		token = json_next(reader);
		if (token == JSON_OBJECT || token == JSON_ARRAY)
		{
			if (!json_leave(reader))
				return false;
		}
		else if (is_lsn && token == JSON_NUMBER)
			reading->source->lsn = read_digits(reader->text, reader->length);
		else if (is_snapshot && token == JSON_STRING)
			reading->source->snapshot |= marks_snapshot(reader->text, reader->length);
	}
	return token == JSON_OBJECT_END;
}

/* A member whose content is hashed; its name was just read. */
static bool
read_row(JsonReader *reader, Reading *reading, bool is_op)
{
	const char *start;
	size_t		length;

	if (!json_skip(reader, &start, &length))
		return false;
	reading->rows = event_source_hash(reading->rows, start, length);
	if (is_op && length == 3 && memcmp(start, "\"r\"", 3) == 0)
		reading->source->snapshot = true;
	return true;
}

/* The id of a transaction: its number and an LSN. */
static void
take_id(Reading *reading, const char *text, size_t length)
{
	const char *colon = memchr(text, ':', length);

	if (colon != NULL && read_digits(text, colon - text) != InvalidXLogRecPtr)
		reading->id_lsn = read_digits(colon + 1, length - (colon + 1 - text));
}

static bool read_object(JsonReader *reader, Reading *reading, bool outermost);

/* Any other member. */
static bool
read_member(JsonReader *reader, Reading *reading, bool outermost)
{
	char		name[32];
	size_t		name_length = reader->length;
	bool		short_name = name_length < sizeof(name);
	JsonToken	token;

	if (short_name)
		memcpy(name, reader->text, name_length);
	token = json_next(reader);
	if (token == JSON_ERROR)
		return false;
	if (token == JSON_OBJECT && short_name && name_length == 6 &&
		memcmp(name, "source", 6) == 0)
		return read_source(reader, reading);
	if (token == JSON_OBJECT && outermost && short_name && name_length == 7 &&
		memcmp(name, "payload", 7) == 0)
		return read_object(reader, reading, false);
	if (token == JSON_OBJECT || token == JSON_ARRAY)
		return json_leave(reader);
	if (!short_name)
		return true;
	if (token == JSON_STRING || token == JSON_NUMBER)
		take_added(reading->source, name, name_length, reader->text,
				   reader->length);
	if (token == JSON_STRING && name_length == 2 && memcmp(name, "id", 2) == 0)
		take_id(reading, reader->text, reader->length);
	if (token == JSON_STRING && name_length == 6 && memcmp(name, "status", 6) == 0)
		reading->status = true;
	if (name_length == 11 && memcmp(name, "event_count", 11) == 0)
		reading->event_count = true;
	return true;
}

/* The value, or its "payload" where the schema is beside it. */
static bool
read_object(JsonReader *reader, Reading *reading, bool outermost)
{
	JsonToken	token;

	while ((token = json_next(reader)) == JSON_NAME)
	{
		bool		is_op = json_text_is(reader, "op");
		bool		ok;

		if (is_op || json_text_is(reader, "before") ||
			json_text_is(reader, "after"))
			ok = read_row(reader, reading, is_op);
		else
			ok = read_member(reader, reading, outermost);
		if (!ok)
			return false;
	}
	return token == JSON_OBJECT_END;
}

void
event_source_read(JsonReader *reader, const char *value, size_t length,
				  EventSource *source)
{
	Reading		reading = {.source = source};
	bool		ok;

	memset(source, 0, sizeof(*source));
	json_start(reader, value, length);
	ok = json_next(reader) == JSON_OBJECT && read_object(reader, &reading, true) &&
		json_next(reader) == JSON_END;
	if (!ok)
		memset(source, 0, sizeof(*source));
	else if (reading.status && reading.event_count)
		source->lsn = reading.id_lsn;
	source->content = ok && reading.envelope ? reading.rows :
		event_source_hash(0, value, length);
}

void
event_source_header(const char *name, size_t name_length, const char *value,
					size_t length, EventSource *source)
{
	/* a header's converter may have put a text in quotes */
	if (length >= 2 && value[0] == '"' && value[length - 1] == '"')
	{
		value++;
		length -= 2;
	}
	take_added(source, name, name_length, value, length);
}
