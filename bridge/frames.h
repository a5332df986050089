/*-------------------------------------------------------------------------
 *
 * frames.h
 *	  Reads the frames of a message in the plugin's "stream" format.
 *
 * The byte layout is docs/stream-format.md.  Nothing is copied: texts point
 * into the message, which must stay valid as long as they are used.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef FRAMES_H
#define FRAMES_H

#include "postgres_fe.h"

#include "access/xlogdefs.h"
#include "must_check.h"

/* The version of the format that is asked for, "stream.version". */
#define FRAMES_VERSION "1"

typedef struct FrameText
{
	const char *data;			/* NULL when null */
	int32		length;			/* -1 when null */
} FrameText;

typedef struct Frame
{
	char		type;			/* 'B', 'T', 'R', 'X', 'C', 'S', 'Y' or 'N' */
	const char *start;			/* of the frame, to read it once more */

	/* B */
	uint32		xid;
	XLogRecPtr	commit_lsn;
	int64		commit_time;	/* microseconds since 1970-01-01 UTC */

	/* T, and R's topic */
	uint32		topic;
	FrameText	name;

	/* R and X */
	XLogRecPtr	change_lsn;
	uint32		number;
	uint16		part;
	char		operation;		/* 'c', 'u', 'd', 't'; 'x': a tombstone; 'b',
								 * 'e': BEGIN, END; 'm': a message; S, Y: 'r' */
	FrameText	key;			/* and of S and Y */
	FrameText	value;			/* and of S and Y */
	int			header_count;	/* and of Y */
	const char *headers;		/* for frame_header() */

	/* X and Y: a record that transforms have made */
	bool		transformed;	/* "headers" are all there are to be */
	int32		partition;		/* -1: as for other records */
	int64		timestamp;		/* milliseconds since 1970; -1: none */
	FrameText	topic_name;		/* Y */
	int			place_count;	/* Y: of the snapshot marker */
	const char *places;			/* Y: for frame_place() */

	/* C */
	XLogRecPtr	end_lsn;
	uint32		records;

	/* S */
	int32		marker;			/* offset in value of the snapshot marker; -1:
								 * it has none */
} Frame;

typedef struct FrameReader
{
	const char *position;		/* the next frame */
	const char *end;
	const char *error;			/* what is wrong; NULL: nothing */
} FrameReader;

extern void frames_start(FrameReader *reader, const char *message,
						 size_t length);

/*
 * Reads the next frame.  False at the end of the message, and where it is
 * not of the format: then reader->error says why.
 */
extern bool frames_next(FrameReader *reader, Frame *frame) MUST_CHECK;

/* Is a record one of a table's row: not a BEGIN, an END or a message? */
extern bool frame_is_change(const Frame *frame);

/* The length of a header's value that stands for the headers of the run. */
#define FRAME_CONTEXT	(-2)

/*
 * Reads one header of a record and moves *headers to the next; to be called
 * header_count times, the first time with a copy of frame->headers.  The
 * headers were checked by frames_next().
 */
extern void frame_header(const char **headers, FrameText *name,
						 FrameText *value);

/*
 * Reads one place of the snapshot marker and moves *places to the next: part
 * 0 is the key, 1 the value, 2 the first header's value, and so on.  Places
 * are in order.
 */
extern void frame_place(const char **places, int *part, uint32 *offset);

#endif							/* FRAMES_H */
