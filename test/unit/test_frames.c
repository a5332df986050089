/*-------------------------------------------------------------------------
 *
 * test_frames.c
 *	  The reader of the plugin's "stream" format, with good and with broken
 *	  messages.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "frames.h"
#include "tap.h"

/* A transaction of one record, byte by byte as docs/stream-format.md has it. */
static const char message[] =
"B" "\0\0\0\x14" "\0\0\x02\x9a" "\0\0\0\x16\xb3\x74\xd8\x48" "\0\0\0\0\x49\x96\x02\xd2"
"T" "\0\0\0\x08" "\0\0\0\0" "p.s."
"R" "\0\0\0\x3c" "\0\0\0\0" "\0\0\0\x16\xb3\x74\xd0\x00" "\0\0\0\x03" "\0\x02" "c"
"\0\0\0\x08" "{\"id\":1}" "\0\0\0\x03" "val"
"\0\x01" "\0\x06" "oldkey" "\0\0\0\x08" "{\"id\":2}"
"C" "\0\0\0\x0c" "\0\0\0\x16\xb3\x74\xd8\x80" "\0\0\0\x01";

#define MESSAGE_LENGTH (sizeof(message) - 1)

static bool
text_is(const FrameText *text, const char *wanted)
{
	return text->length == (int32) strlen(wanted) &&
		memcmp(text->data, wanted, text->length) == 0;
}

static void
test_transaction(void)
{
	FrameReader reader;
	Frame		frame;
	const char *headers;
	FrameText	name;
	FrameText	value;

	frames_start(&reader, message, MESSAGE_LENGTH);
	tap_ok(frames_next(&reader, &frame) && frame.type == 'B', "begin");
	tap_number(frame.xid, 666, "xid");
	tap_number(frame.commit_lsn, INT64CONST(0x16B374D848), "commit LSN");
	tap_number(frame.commit_time, 1234567890, "commit time");
	tap_ok(frames_next(&reader, &frame) && frame.type == 'T', "topic");
	tap_ok(frame.topic == 0 && text_is(&frame.name, "p.s."), "its name");
	tap_ok(frames_next(&reader, &frame) && frame.type == 'R', "record");
	tap_number(frame.change_lsn, INT64CONST(0x16B374D000), "change LSN");
	tap_number(frame.number, 3, "number");
	tap_number(frame.part, 2, "part");
	tap_number(frame.operation, 'c', "operation");
	tap_ok(text_is(&frame.key, "{\"id\":1}"), "key");
	tap_ok(text_is(&frame.value, "val"), "value");
	tap_number(frame.header_count, 1, "one header");
	headers = frame.headers;
	frame_header(&headers, &name, &value);
	tap_ok(text_is(&name, "oldkey") && text_is(&value, "{\"id\":2}"), "name and value");
	tap_ok(frames_next(&reader, &frame) && frame.type == 'C', "commit");
	tap_number(frame.end_lsn, INT64CONST(0x16B374D880), "end LSN");
	tap_number(frame.records, 1, "number of records");
	tap_ok(!frames_next(&reader, &frame) && reader.error == NULL, "the end");
}

/* A message that was cut anywhere: whole frames, then an error. */
static void
test_cut(void)
{
	bool		right = true;

	for (size_t length = 1; length < MESSAGE_LENGTH; length++)
	{
		FrameReader reader;
		Frame		frame;

		/* of its own, for a sanitizer to see a read behind the end */
		char	   *cut = pg_malloc(length);
		size_t		taken = 0;

		memcpy(cut, message, length);
		frames_start(&reader, cut, length);
		while (frames_next(&reader, &frame))
			taken = reader.position - cut;
		right = right && (reader.error != NULL) == (taken < length);
		pg_free(cut);
	}
	tap_ok(right, "a message cut anywhere is an error, unless between frames");
}

static void
refuse(const char *bytes, size_t length, const char *name)
{
	FrameReader reader;
	Frame		frame;

	frames_start(&reader, bytes, length);
	while (frames_next(&reader, &frame))
		;
	tap_ok(reader.error != NULL, name);
}

#define REFUSE(bytes, name) refuse(bytes, sizeof(bytes) - 1, name)

static void
test_snapshot(void)
{
	static const char row[] =
	"S" "\0\0\0\x17" "\0\0\0\x02" "\xff\xff\xff\xff" "\0\0\0\x0b" "xx\"true\"xxxx";
	static const char good[] =
	"S" "\0\0\0\x16" "\0\0\0\x03" "\xff\xff\xff\xff" "\0\0\0\x0a" "xx\"true\"xx";
	static const char unmarked[] =
	"S" "\0\0\0\x0e" "\xff\xff\xff\xff" "\xff\xff\xff\xff" "\0\0\0\2" "{}";
	FrameReader reader;
	Frame		frame;

	frames_start(&reader, good, sizeof(good) - 1);
	tap_ok(frames_next(&reader, &frame) && frame.type == 'S', "snapshot row");
	tap_ok(frame.key.data == NULL && frame.key.length == -1, "without a key");
	tap_ok(memcmp(frame.value.data + frame.marker, "true", 4) == 0, "marker");
	frames_start(&reader, unmarked, sizeof(unmarked) - 1);
	tap_ok(frames_next(&reader, &frame) && frame.marker == -1, "a row without marker");
	frames_start(&reader, "N\0\0\0\0N\0\0\0\0", 10);
	tap_ok(frames_next(&reader, &frame) && frame.type == 'N' &&
		   frames_next(&reader, &frame) && frame.type == 'N' &&
		   !frames_next(&reader, &frame) && reader.error == NULL,
		   "rows that are not sent");
	REFUSE("N\0\0\0\1x", "such a row with a content");
	REFUSE(row, "a value that does not fill its frame");
	REFUSE("S\0\0\0\x10\0\0\0\x02\xff\xff\xff\xff\0\0\0\x04true",
		   "a marker behind the value");
	REFUSE("S\0\0\0\x10\xff\xff\xff\xfe\xff\xff\xff\xff\0\0\0\x04true",
		   "a marker before the value");
}

/* Which records are of changes of tables. */
static void
test_operations(void)
{
	Frame		frame = {.type = 'R'};
	bool		right = true;

	for (const char *p = "cudtx"; *p != '\0'; p++)
	{
		frame.operation = *p;
		right = right && frame_is_change(&frame);
	}
	for (const char *p = "bem"; *p != '\0'; p++)
	{
		frame.operation = *p;
		right = right && !frame_is_change(&frame);
	}
	tap_ok(right, "borders and messages are not changes");
}

/* Records that went through transforms. */
static void
test_transformed(void)
{
	static const char record[] =
	"X" "\0\0\0\x3b" "\0\0\0\0" "\0\0\0\x16\xb3\x74\xd0\x00" "\0\0\0\x03" "\0\x00" "u"
	"\0\0\0\x02" "\0\0\0\0\0\0\x03\xe8" "\xff\xff\xff\xff" "\0\0\0\x03" "val"
	"\0\x02" "\0\x00" "\xff\xff\xff\xfe" "\0\x01" "h" "\0\0\0\x02" "hv";
	static const char row[] =
	"Y" "\0\0\0\x38" "\0\x01" "t" "\xff\xff\xff\xff" "\xff\xff\xff\xff\xff\xff\xff\xff"
	"\xff\xff\xff\xff" "\0\0\0\x06" "\"true\""
	"\0\x01" "\0\x01" "h" "\0\0\0\x04" "true"
	"\0\x02" "\0\x01" "\0\0\0\x01" "\0\x02" "\0\0\0\0";
	FrameReader reader;
	Frame		frame;
	const char *next;
	FrameText	name;
	FrameText	value;
	int			part;
	uint32		offset;
	char		changed[sizeof(row)];

	frames_start(&reader, record, sizeof(record) - 1);
	tap_ok(frames_next(&reader, &frame) && frame.type == 'X' &&
		   frame.transformed, "transformed record");
	tap_number(frame.partition, 2, "its partition");
	tap_number(frame.timestamp, 1000, "its timestamp");
	tap_ok(frame.key.length == -1 && text_is(&frame.value, "val"), "key and value");
	next = frame.headers;
	frame_header(&next, &name, &value);
	tap_number(value.length, FRAME_CONTEXT, "place of the run's headers");
	frame_header(&next, &name, &value);
	tap_ok(text_is(&name, "h") && text_is(&value, "hv"), "a header behind them");

	frames_start(&reader, row, sizeof(row) - 1);
	tap_ok(frames_next(&reader, &frame) && frame.type == 'Y', "transformed row");
	tap_ok(text_is(&frame.topic_name, "t") && frame.partition == -1 &&
		   frame.timestamp == -1, "topic, no partition, no timestamp");
	tap_number(frame.place_count, 2, "two places of the marker");
	next = frame.places;
	frame_place(&next, &part, &offset);
	tap_ok(part == 1 && offset == 1, "in the value");
	frame_place(&next, &part, &offset);
	tap_ok(part == 2 && offset == 0, "in the header");
	memcpy(changed, row, sizeof(row));
	changed[sizeof(row) - 2] = 1;
	refuse(changed, sizeof(row) - 1, "a marker behind its header");
	changed[sizeof(row) - 2] = 0;
	changed[sizeof(row) - 6] = 3;
	refuse(changed, sizeof(row) - 1, "a marker in no part");
	changed[sizeof(row) - 6] = 0;
	refuse(changed, sizeof(row) - 1, "places out of order");
}

int
main(void)
{
	test_transaction();
	test_transformed();
	test_cut();
	test_snapshot();
	test_operations();
	REFUSE("Z\0\0\0\0", "an unknown type");
	REFUSE("C\0\0\0\x0d\0\0\0\0\0\0\0\1\0\0\0\1x", "a frame with bytes left over");
	REFUSE("B\xff\xff\xff\xff", "a length beyond the message");
	REFUSE("R\0\0\0\x1b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0c\x80\0\0\0\0\0\0\0",
		   "a negative length");
	return tap_done();
}
