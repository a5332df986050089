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
	char		type;			/* 'B', 'T', 'R', 'C' or 'S' */
	const char *start;			/* of the frame, to read it once more */

	/* B */
	uint32		xid;
	XLogRecPtr	commit_lsn;
	int64		commit_time;	/* microseconds since 1970-01-01 UTC */

	/* T, and R's topic */
	uint32		topic;
	FrameText	name;

	/* R */
	XLogRecPtr	change_lsn;
	uint32		number;
	uint16		part;
	char		operation;		/* 'c', 'u', 'd', 't'; 'x': a tombstone; 'b',
								 * 'e': BEGIN, END; 'm': a message; S: 'r' */
	FrameText	key;			/* and of S */
	FrameText	value;			/* and of S */
	int			header_count;
	const char *headers;		/* for frame_header() */

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

/*
 * Reads one header of a record and moves *headers to the next; to be called
 * header_count times, the first time with a copy of frame->headers.  The
 * headers were checked by frames_next().
 */
extern void frame_header(const char **headers, FrameText *name,
						 FrameText *value);

#endif							/* FRAMES_H */
