/*-------------------------------------------------------------------------
 *
 * decoder_cork.c
 *	  Small transactions that come one after another share network packets.
 *
 * NOTES
 *	  Nothing is packed across commits (decoder_output.c), so a backlog of
 *	  small transactions is sent by a system call each, and each of them goes
 *	  through the whole TCP stack and wakes the reader: half of the
 *	  walsender's time.  While much WAL waits to be decoded, the socket is
 *	  corked: the kernel appends what is sent to the packet at hand, and sends
 *	  only full ones.  The order of the bytes does not change, so a keepalive
 *	  cannot overtake a record here either.
 *
 *	  The socket is uncorked with the first transaction that has less than
 *	  CORK_WAL behind it, and what is there goes out.  If no transaction
 *	  follows, all WAL being other databases', the kernel sends the rest by
 *	  itself after 200 ms at most: tcp(7), TCP_CORK.
 *
 *	  Where there is no such option, or no TCP, all is sent at once.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "access/xlog.h"
#include "access/xlogreader.h"
#include "decoder_compat.h"
#include "decoder_debezium.h"
/* only for the socket, which is first in the struct: no need of its headers */
#undef ENABLE_GSS
#include "libpq/libpq-be.h"
#include "miscadmin.h"
#include "replication/walsender.h"

/* Decoded within a millisecond or two: that is how long a record may wait */
#define CORK_WAL	(64 * 1024)

#ifdef TCP_CORK

/* Up to where there is WAL to be decoded */
static XLogRecPtr
wal_end(void)
{
	return RecoveryInProgress() ? GetXLogReplayRecPtr(NULL) : flushed_wal();
}

/* Is so much WAL waiting that the next transactions are about to come? */
static bool
is_behind(DecoderState *state)
{
	XLogRecPtr	needed = state->ctx->reader->EndRecPtr + CORK_WAL;

	if (state->known_wal_end < needed)
		state->known_wal_end = wal_end();
	return state->known_wal_end >= needed;
}

static void
set_cork(DecoderState *state, bool corked)
{
	int			value = corked ? 1 : 0;

	if (setsockopt(MyProcPort->sock, IPPROTO_TCP, TCP_CORK, &value,
				   sizeof(value)) == 0)
		state->corked = corked;
	else
		state->cannot_cork = true;
}

/* Called before the last message of a transaction is sent */
void
cork_before_commit(DecoderState *state)
{
	if (!am_walsender || MyProcPort == NULL || state->cannot_cork ||
		state->corked || !is_behind(state))
		return;
	set_cork(state, true);
}

/* Called behind it */
void
cork_after_commit(DecoderState *state)
{
	if (state->corked && !is_behind(state))
		set_cork(state, false);
}

#else

void
cork_before_commit(DecoderState *state)
{
}

void
cork_after_commit(DecoderState *state)
{
}

#endif
