/*-------------------------------------------------------------------------
 *
 * snapshot_rows.c
 *	  The rows of a snapshot on their way to the producer, with their markers.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "snapshot_rows.h"

#include <poll.h>
#include <string.h>

#include "port/pg_bswap.h"

#include "log.h"
#include "loop.h"

/* Binary COPY: signature, flags, length of an extension of the header. */
#define COPY_SIGNATURE			"PGCOPY\n\377\r\n"
#define COPY_SIGNATURE_LENGTH	11
#define COPY_HEADER_LENGTH		(COPY_SIGNATURE_LENGTH + 4 + 4)

/* How long a topic that cannot be opened is tried again. */
#define OPEN_PATIENCE_MS 30000

/* ----------------------------------------------------------- the markers */

/* The marker's places in a frame, read one by one. */
typedef struct Places
{
	const char *next;
	int			left;
	int			part;			/* of the place at hand */
	uint32		offset;
} Places;

static void
next_place(Places *places)
{
	if (places->left-- > 0)
		frame_place(&places->next, &places->part, &places->offset);
	else
		places->part = -1;
}

/* Appends a part of a record, "marker" in place of "true". */
static void
append_marked(PQExpBuffer buffer, const FrameText *text, int part,
			  Places *places, const char *marker)
{
	uint32		done = 0;

	for (; places->part == part; next_place(places))
	{
		appendBinaryPQExpBuffer(buffer, text->data + done,
								places->offset - done);
		appendPQExpBufferStr(buffer, marker);
		done = places->offset + 4;
	}
	if (text->length > 0)
		appendBinaryPQExpBuffer(buffer, text->data + done, text->length - done);
}

/* The same for a header, as frame_header() reads it. */
static void
append_marked_header(PQExpBuffer buffer, const FrameText *name,
					 const FrameText *value, int part, Places *places,
					 const char *marker)
{
	uint16		name_length = pg_hton16(name->length);
	uint32		value_length;
	size_t		start;

	appendBinaryPQExpBuffer(buffer, (char *) &name_length, 2);
	appendBinaryPQExpBuffer(buffer, name->data, name->length);
	start = buffer->len + 4;
	value_length = pg_hton32(value->length);
	appendBinaryPQExpBuffer(buffer, (char *) &value_length, 4);
	if (value->length < 0)
		return;
	append_marked(buffer, value, part, places, marker);
	value_length = pg_hton32(buffer->len - start);
	memcpy(buffer->data + start - 4, &value_length, 4);
}

/*
 * Puts the marker into a record, whose parts then are in a block of their
 * own.  A row that was not transformed has one place, in the value.
 */
static void
mark_record(SnapshotRows *rows, const Frame *frame, const char *marker,
			Record *record)
{
	Places		places = {.next = frame->places,.left = frame->place_count};
	PQExpBufferData buffer;
	const char *headers = frame->headers;
	size_t		value_at;
	size_t		headers_at;

	if (frame->type == 'S')
	{
		places.left = 0;
		places.part = frame->marker >= 0 ? 1 : -1;
		places.offset = frame->marker;
	}
	else
		next_place(&places);
	if (places.part < 0)
		return;
	initPQExpBuffer(&buffer);
	append_marked(&buffer, &frame->key, 0, &places, marker);
	value_at = buffer.len;
	append_marked(&buffer, &frame->value, 1, &places, marker);
	headers_at = buffer.len;
	for (int i = 0; i < frame->header_count; i++)
	{
		FrameText	name;
		FrameText	value;

		frame_header(&headers, &name, &value);
		append_marked_header(&buffer, &name, &value, 2 + i, &places, marker);
	}
	if (PQExpBufferDataBroken(buffer))
		pg_fatal("out of memory");
	if (frame->key.data != NULL)
		record->key = buffer.data;
	record->key_length = value_at;
	if (frame->value.data != NULL)
		record->value = buffer.data + value_at;
	record->value_length = headers_at - value_at;
	record->headers = buffer.data + headers_at;
	record->block = block_new(buffer.data, buffer.len,
							  producer_held(rows->task->producer));
}

/* ----------------------------------------------------------- sending */

/* The topic of a row: a transform's choice, or its table's. */
static Topic *
row_topic(SnapshotRows *rows, SnapshotTable *table, const Frame *frame)
{
	const FrameText *name = &frame->topic_name;

	if (frame->type == 'S')
	{
		if (table->topic == NULL)
			table->topic = topics_get(&rows->task->topics, table->topic_name,
									  strlen(table->topic_name));
		return table->topic;
	}
	if (rows->topic == NULL ||
		strlen(rows->topic->name) != (size_t) name->length ||
		memcmp(rows->topic->name, name->data, name->length) != 0)
		rows->topic = topics_get(&rows->task->topics, name->data, name->length);
	return rows->topic;
}

/*
 * Opens a topic.  One that was just made may lack its leaders for a moment;
 * were that left to the task, it would begin the snapshot anew for it.
 */
static bool
open_topic(Task *task, Topic *topic)
{
	int64		deadline = clock_ms() + OPEN_PATIENCE_MS;

	while (!task_open_topic(task, topic))
	{
		if ((task->failure->kind != FAILURE_RETRY &&
			 task->failure->kind != FAILURE_RETRY_FEW) ||
			clock_ms() > deadline)
			return false;
		failure_reset(task->failure);
		if (!loop_wait(-1, 0, -1, 200))
			return failure_ordered(task->failure);
	}
	return true;
}

/* Gives a record to the producer, waiting while that is full. */
static bool
send_record(Task *task, const Record *record)
{
	for (;;)
	{
		if (producer_has_room(task->producer))
		{
			switch (producer_send(task->producer, record, task->failure))
			{
				case SEND_DONE:
					return true;
				case SEND_FAILED:
					return false;
				case SEND_FULL:
					break;
			}
		}
		if (!loop_wait(producer_fd(task->producer), POLLIN, -1, 100))
			return failure_ordered(task->failure);
		if (!producer_serve(task->producer, task->failure))
			return false;
	}
}

static bool
send_row(SnapshotRows *rows, SnapshotTable *table, const char *marker)
{
	Task	   *task = rows->task;
	const HeldRow *row = &table->held;
	const Frame *frame = &row->frame;
	Topic	   *topic = row_topic(rows, table, frame);
	Record		record = {
		.topic = topic,
		.position = {
			.kind = 'r',
			.system_identifier = task->history.system_identifier,
			.timeline = task->history.timeline,
			.commit_lsn = rows->lsn,
			.change_lsn = rows->lsn,
			.number = (uint32) rows->sent
		},
		.key = frame->key.data,
		.key_length = Max(frame->key.length, 0),
		.value = frame->value.data,
		.value_length = Max(frame->value.length, 0),
		.header_count = frame->header_count,
		.headers = frame->headers,
		.transformed = frame->transformed,
		.timestamp = frame->timestamp,
		.of_change = true,
		.block = row->block
	};
	bool		ok;

	if (!topic->used && !open_topic(task, topic))
		return false;
	if (strcmp(marker, "true") != 0)
		mark_record(rows, frame, marker, &record);
	record.partition = topic_partition(topic, frame->partition, record.key,
									   record.key != NULL ? (int32) record.key_length : -1,
									   &record.position);
	ok = record.partition != NULL;
	if (!ok)
		topic_no_partition(topic, frame->partition, task->failure);
	ok = ok && send_record(task, &record);
	if (record.block != row->block)
		block_release(record.block);
	if (!ok)
		return false;
	rows->sent++;
	*rows->sent_counter += 1;
	*task_record_counter(task, topic, 'r') += 1;
	return true;
}

/* What is known of a row that is about to be sent. */
typedef enum RowPlace
{
	ROW_FOLLOWED,				/* by another of its table */
	ROW_LAST_OF_TABLE,
	ROW_LAST
} RowPlace;

/*
 * Sends the row that was held back of a table.  Of several marks that fit it,
 * Debezium's order is last, first, last of its table, first of its table.
 * Where tables are read in order, the first row is one of the first table:
 * when that is empty, no row is marked so.
 */
static bool
release_row(SnapshotRows *rows, SnapshotTable *table, RowPlace place)
{
	HeldRow    *held = &table->held;
	const char *marker = "true";
	bool		ok;

	if (held->block == NULL)
		return true;
	if (place == ROW_LAST)
		marker = "last";
	else if (!rows->begun && (table == rows->first_table || !rows->in_order))
		marker = "first";
	else if (place == ROW_LAST_OF_TABLE)
		marker = "last_in_data_collection";
	else if (held->first)
		marker = "first_in_data_collection";
	rows->begun = true;
	ok = held->dropped || send_row(rows, table, marker);
	block_release(held->block);
	held->block = NULL;
	return ok;
}

/* Another row follows: the parked one is not the last of all. */
static bool
release_parked(SnapshotRows *rows)
{
	SnapshotTable *table = rows->parked;

	rows->parked = NULL;
	return table == NULL || release_row(rows, table, ROW_LAST_OF_TABLE);
}

bool
snapshot_rows_end_table(SnapshotRows *rows, SnapshotTable *table)
{
	if (table->held.block == NULL)
		return true;
	if (!release_parked(rows))
		return false;
	rows->parked = table;
	return true;
}

bool
snapshot_rows_end(SnapshotRows *rows)
{
	SnapshotTable *table = rows->parked;

	rows->parked = NULL;
	return table == NULL || release_row(rows, table, ROW_LAST);
}

/* ----------------------------------------------------------- receiving */

/* Takes one field out of a COPY message; NULL at the trailer. */
static bool
read_field(SnapshotRows *rows, const char **data, const char *end,
		   const char **field, uint32 *length)
{
	Failure    *failure = rows->task->failure;
	uint16		fields;

	*field = NULL;
	if (end - *data < 2)
		return failure_set(failure, FAILURE_STOP,
						   "the snapshot's COPY data were cut");
	memcpy(&fields, *data, 2);
	*data += 2;
	if (pg_ntoh16(fields) == 0xffff)
		return true;
	if (pg_ntoh16(fields) != 1 || end - *data < 4)
		return failure_set(failure, FAILURE_STOP,
						   "the snapshot's COPY data are not one column");
	memcpy(length, *data, 4);
	*length = pg_ntoh32(*length);
	*data += 4;
	if (*length > (size_t) (end - *data))
		return failure_set(failure, FAILURE_STOP,
						   "the snapshot's COPY data were cut");
	*field = *data;
	*data += *length;
	return true;
}

/* Holds a row back, and lets go the one before; "frame" NULL: dropped. */
static bool
take_row(SnapshotRows *rows, SnapshotTable *table, Block *block,
		 const Frame *frame)
{
	HeldRow    *held = &table->held;

	if (!release_parked(rows) || !release_row(rows, table, ROW_FOLLOWED))
		return false;
	held->block = block_keep(block);
	held->first = table->rows++ == 0;
	held->dropped = frame == NULL;
	if (frame != NULL)
		held->frame = *frame;
	*table->row_counter += 1;
	return true;
}

/* A field is a run of frames. */
static bool
take_field(SnapshotRows *rows, SnapshotTable *table, Block *block,
		   const char *field, uint32 length)
{
	FrameReader reader;
	Frame		frame;

	frames_start(&reader, field, length);
	while (frames_next(&reader, &frame))
	{
		if (frame.type != 'S' && frame.type != 'Y' && frame.type != 'N')
			reader.error = "unexpected type of frame";
		else if (!take_row(rows, table, block,
						   frame.type != 'N' ? &frame : NULL))
			return false;
	}
	return reader.error == NULL ||
		failure_set(rows->task->failure, FAILURE_STOP,
					"the snapshot's rows are not as expected: %s",
					reader.error);
}

/* The message has a header at the start, a field, a trailer at the end. */
bool
snapshot_rows_take(SnapshotRows *rows, SnapshotTable *table, Block *block)
{
	const char *data = block->data;
	const char *end = data + block->length;

	if (block->length >= COPY_HEADER_LENGTH &&
		memcmp(data, COPY_SIGNATURE, COPY_SIGNATURE_LENGTH) == 0)
		data += COPY_HEADER_LENGTH;
	while (data < end)
	{
		const char *field;
		uint32		length;

		if (!read_field(rows, &data, end, &field, &length))
			return false;
		if (field == NULL)
			break;
		if (!take_field(rows, table, block, field, length))
			return false;
	}
	return true;
}
