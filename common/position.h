/*-------------------------------------------------------------------------
 *
 * position.h
 *	  The header __debezium.position, which every record of the bridge
 *	  carries: where in which server's WAL it comes from.
 *
 * NOTES
 *	  ASCII, fields parted by one space:
 *
 *		1 KIND SYSTEM TIMELINE COMMIT CHANGE NUMBER PART LAST CONNECTOR
 *
 *	  1			version of the format
 *	  KIND		s stream event, r snapshot row, h heartbeat, n notification
 *	  SYSTEM	the server's system identifier, decimal
 *	  TIMELINE	decimal
 *	  COMMIT	LSN of the transaction's commit record, as 16/B374D848
 *	  CHANGE	LSN of the change, NUMBER and PART: docs/stream-format.md
 *	  LAST		1 in the transaction's last record, else 0
 *	  CONNECTOR	the connector's name, the rest of the header
 *
 *	  A record that no change made (all kinds but s) carries the position of
 *	  the last stream record before it, and its own counter in NUMBER.
 *	  Positions of different SYSTEMs are never compared.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef POSITION_H
#define POSITION_H

#include "postgres_fe.h"
#include "access/xlogdefs.h"

#define POSITION_HEADER "__debezium.position"

typedef struct Position
{
	char		kind;
	uint64		system_identifier;
	uint32		timeline;
	XLogRecPtr	commit_lsn;
	XLogRecPtr	change_lsn;
	uint32		number;
	uint16		part;
	bool		last;
} Position;

/* Longest text without the connector's name; with its terminating zero. */
#define POSITION_TEXT_MAX 128

/* Writes headers of one connector, one after another. */
typedef struct PositionText
{
	char	   *data;			/* the header's value, not terminated */
	const char *connector;		/* must live as long */
	size_t		connector_length;
	Position	start;			/* whose system to commit LSN stand in data */
	size_t		start_length;	/* bytes of that; 0: not written yet */
} PositionText;

extern void position_text_init(PositionText *text, const char *connector);
extern void position_text_free(PositionText *text);

/* Writes the header's value to text->data; returns its length. */
extern size_t position_write(PositionText *text, const Position *position);

/*
 * Reads one.  *connector points into "text", up to its end.  False when it is
 * not a position of this format.
 */
extern bool position_read(const char *text, size_t length, Position *position,
						  const char **connector, size_t *connector_length);

/* <0, 0, >0: order within one stream; only of one system identifier. */
extern int	position_compare(const Position *a, const Position *b);

#endif							/* POSITION_H */
