/*-------------------------------------------------------------------------
 *
 * walstream.h
 *	  The replication connection while it streams: messages in, positions
 *	  out.
 *
 * NOTES
 *	  Two positions go to the server.  "received" is what has been read; it
 *	  only stops the server from asking.  "confirmed" is what it may forget:
 *	  the caller sets it by walstream_confirm(), and only to what Kafka has
 *	  and the offset topic says.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef WALSTREAM_H
#define WALSTREAM_H

#include "postgres_fe.h"

#include "access/xlogdefs.h"

#include "block.h"
#include "connector_config.h"
#include "failure.h"

typedef struct WalStream WalStream;

typedef enum WalEvent
{
	WAL_NOTHING,				/* no whole message is here */
	WAL_DATA,					/* a message of the plugin */
	WAL_KEEPALIVE,
	WAL_FAILED					/* see the failure */
} WalEvent;

typedef struct WalMessage
{
	Block	   *block;			/* WAL_DATA: the caller's to release */
	const char *data;			/* the plugin's bytes, in the block */
	size_t		length;
	XLogRecPtr	sent_lsn;		/* WAL_KEEPALIVE: all up to here was sent */
	bool		reply_requested;
} WalMessage;

/*
 * Starts streaming from "start" with the plugin's configuration; "last_commit"
 * is the end of the last transaction before, or invalid.  *held counts
 * the bytes of messages not released yet, and must outlive them.  The session
 * stays the caller's, to be closed after walstream_free().
 */
extern WalStream *walstream_start(PGconn *session,
								  const ConnectorConfig *config,
								  XLogRecPtr start, XLogRecPtr last_commit,
								  const char *plugin_config, size_t *held,
								  Failure *failure) MUST_CHECK;
extern void walstream_free(WalStream *stream);

/* The next message, without waiting. */
extern WalEvent walstream_receive(WalStream *stream, WalMessage *message,
								  Failure *failure) MUST_CHECK;

/* For poll(): the socket, and whether output waits to be written. */
extern int	walstream_fd(const WalStream *stream);
extern bool walstream_wants_write(WalStream *stream);

extern void walstream_confirm(WalStream *stream, XLogRecPtr lsn);

/*
 * Sends a status update if one is due or "now".  Never blocks, does not need
 * the input to be read, and keeps errors for walstream_receive().
 */
extern void walstream_report(WalStream *stream, bool now);

/*
 * Ends the stream in order: a last status update, then the end of COPY, and
 * waits a moment for the server to have read both.
 */
extern void walstream_finish(WalStream *stream);

extern XLogRecPtr walstream_received(const WalStream *stream);
extern XLogRecPtr walstream_confirmed(const WalStream *stream);

#endif							/* WALSTREAM_H */
