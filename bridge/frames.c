/*-------------------------------------------------------------------------
 *
 * frames.c
 *	  Reads the frames of a message in the plugin's "stream" format.
 *
 * NOTES
 *	  Every length is checked against the bytes that are there, so a message
 *	  that was cut or is of another format gives an error, never a read
 *	  behind its end.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "frames.h"

#include <string.h>

#include "port/pg_bswap.h"

/* Of a place: part and offset. */
#define PLACE_SIZE	(2 + 4)

/* Bytes not yet read of one frame; "failed" once one was missing. */
typedef struct Bytes
{
	const char *position;
	const char *end;
	bool		failed;
} Bytes;

static const char *
read_bytes(Bytes *bytes, size_t length)
{
	const char *start = bytes->position;

	if (bytes->failed || (size_t) (bytes->end - start) < length)
	{
		bytes->failed = true;
		return NULL;
	}
	bytes->position += length;
	return start;
}

static uint16
read_uint16(Bytes *bytes)
{
	const char *p = read_bytes(bytes, 2);
	uint16		number = 0;

	if (p != NULL)
		memcpy(&number, p, sizeof(number));
	return pg_ntoh16(number);
}

static uint32
read_uint32(Bytes *bytes)
{
	const char *p = read_bytes(bytes, 4);
	uint32		number = 0;

	if (p != NULL)
		memcpy(&number, p, sizeof(number));
	return pg_ntoh32(number);
}

static uint64
read_uint64(Bytes *bytes)
{
	const char *p = read_bytes(bytes, 8);
	uint64		number = 0;

	if (p != NULL)
		memcpy(&number, p, sizeof(number));
	return pg_ntoh64(number);
}

/* A length of int32 and that many bytes; -1 is null. */
static void
read_text(Bytes *bytes, FrameText *text)
{
	text->length = (int32) read_uint32(bytes);
	text->data = NULL;
	if (text->length < -1 && text->length != FRAME_CONTEXT)
		bytes->failed = true;
	else if (text->length >= 0)
		text->data = read_bytes(bytes, text->length);
}

static void
read_header(Bytes *bytes, FrameText *name, FrameText *value)
{
	name->length = read_uint16(bytes);
	name->data = read_bytes(bytes, name->length);
	read_text(bytes, value);
}

/* Key, value and headers. */
static void
read_content(Bytes *bytes, Frame *frame)
{
	FrameText	name;
	FrameText	value;

	read_text(bytes, &frame->key);
	read_text(bytes, &frame->value);
	if (frame->key.length < -1 || frame->value.length < -1)
		bytes->failed = true;
	frame->header_count = read_uint16(bytes);
	frame->headers = bytes->position;
	for (int i = 0; i < frame->header_count && !bytes->failed; i++)
		read_header(bytes, &name, &value);
}

static void
read_transformed(Bytes *bytes, Frame *frame)
{
	frame->transformed = true;
	frame->partition = (int32) read_uint32(bytes);
	frame->timestamp = (int64) read_uint64(bytes);
	read_content(bytes, frame);
}

/* Checks that each place has the marker's text, "true". */
static void
check_places(Bytes *bytes, const Frame *frame)
{
	const char *headers = frame->headers;
	int			headers_read = 0;
	FrameText	text = {NULL, -1};
	int			text_part = -1;
	const char *places = frame->places;

	for (int i = 0; i < frame->place_count && !bytes->failed; i++)
	{
		int			part;
		uint32		offset;

		frame_place(&places, &part, &offset);
		if (part < text_part || part >= frame->header_count + 2)
			bytes->failed = true;
		else if (part < 2)
			text = part == 0 ? frame->key : frame->value;
		else
		{
			FrameText	name;

			while (headers_read < part - 1)
			{
				frame_header(&headers, &name, &text);
				headers_read++;
			}
		}
		text_part = part;
		if (text.length < 4 || offset > (uint32) text.length - 4)
			bytes->failed = true;
	}
}

static void
read_transformed_row(Bytes *bytes, Frame *frame)
{
	frame->operation = 'r';
	frame->topic_name.length = read_uint16(bytes);
	frame->topic_name.data = read_bytes(bytes, frame->topic_name.length);
	read_transformed(bytes, frame);
	frame->place_count = read_uint16(bytes);
	frame->places = read_bytes(bytes, frame->place_count * (size_t) PLACE_SIZE);
	check_places(bytes, frame);
}

static void
read_record(Bytes *bytes, Frame *frame)
{
	const char *operation;

	frame->topic = read_uint32(bytes);
	frame->change_lsn = read_uint64(bytes);
	frame->number = read_uint32(bytes);
	frame->part = read_uint16(bytes);
	operation = read_bytes(bytes, 1);
	frame->operation = operation != NULL ? *operation : '\0';
	if (frame->type == 'X')
		read_transformed(bytes, frame);
	else
		read_content(bytes, frame);
}

void
frames_start(FrameReader *reader, const char *message, size_t length)
{
	reader->position = message;
	reader->end = message + length;
	reader->error = NULL;
}

bool
frames_next(FrameReader *reader, Frame *frame)
{
	Bytes		bytes = {reader->position, reader->end, false};
	const char *type;
	uint32		length;

	if (reader->error != NULL || reader->position == reader->end)
		return false;
	frame->start = reader->position;
	type = read_bytes(&bytes, 1);
	length = read_uint32(&bytes);
	if (bytes.failed || (size_t) (bytes.end - bytes.position) < length)
	{
		reader->error = "a frame is longer than its message";
		return false;
	}
	bytes.end = bytes.position + length;
	frame->type = *type;
	frame->transformed = false;
	frame->partition = -1;
	frame->timestamp = -1;
	frame->header_count = 0;
	switch (frame->type)
	{
		case 'R':
		case 'X':
			read_record(&bytes, frame);
			break;
		case 'B':
			frame->xid = read_uint32(&bytes);
			frame->commit_lsn = read_uint64(&bytes);
			frame->commit_time = (int64) read_uint64(&bytes);
			break;
		case 'C':
			frame->end_lsn = read_uint64(&bytes);
			frame->records = read_uint32(&bytes);
			break;
		case 'T':
			frame->topic = read_uint32(&bytes);
			frame->name.length = (int32) (bytes.end - bytes.position);
			frame->name.data = read_bytes(&bytes, bytes.end - bytes.position);
			break;
		case 'S':
			frame->marker = (int32) read_uint32(&bytes);
			read_text(&bytes, &frame->key);
			read_text(&bytes, &frame->value);
			frame->operation = 'r';
			/* the marker's text, "true", must lie inside of the value */
			if (frame->marker < -1 ||
				(frame->marker >= 0 && frame->marker > frame->value.length - 4))
				bytes.failed = true;
			break;
		case 'Y':
			read_transformed_row(&bytes, frame);
			break;
		case 'N':
			break;
		default:
			reader->error = "unknown type of frame";
			return false;
	}
	if (bytes.failed || bytes.position != bytes.end)
	{
		reader->error = "a frame's fields do not fill it";
		return false;
	}
	reader->position = bytes.end;
	return true;
}

bool
frame_is_change(const Frame *frame)
{
	return frame->operation != 'b' && frame->operation != 'e' &&
		frame->operation != 'm';
}

void
frame_header(const char **headers, FrameText *name, FrameText *value)
{
	Bytes		bytes = {*headers, *headers + PG_INT32_MAX, false};

	read_header(&bytes, name, value);
	*headers = bytes.position;
}

void
frame_place(const char **places, int *part, uint32 *offset)
{
	Bytes		bytes = {*places, *places + PLACE_SIZE, false};

	*part = read_uint16(&bytes);
	*offset = read_uint32(&bytes);
	*places = bytes.position;
}
