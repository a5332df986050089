/*-------------------------------------------------------------------------
 *
 * walstream.c
 *	  The replication connection while it streams: messages in, positions
 *	  out.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "walstream.h"

#include <poll.h>
#include <string.h>

#include "port/pg_bswap.h"

#include "frames.h"
#include "loop.h"
#include "session.h"

/* PostgreSQL counts from 2000-01-01, microseconds after the Unix epoch */
#define POSTGRES_EPOCH_US	INT64CONST(946684800000000)

/* Header of a message with data: type, start, end, time. */
#define DATA_HEADER			25
/* A keepalive: type, end, time, reply requested. */
#define KEEPALIVE_LENGTH	18

/* How long an ordered stop waits for the server to take the last position. */
#define FINISH_TIMEOUT_MS	2000

struct WalStream
{
	PGconn	   *session;
	const ConnectorConfig *config;
	XLogRecPtr	received;
	XLogRecPtr	confirmed;
	int64		interval_ms;	/* between status updates */
	int64		report_at;		/* clock_ms() of the next */
	size_t	   *held;			/* bytes in blocks */
};

static void
append_option(PQExpBuffer command, const char *name, const char *value,
			  bool more)
{
	appendPQExpBuffer(command, "\"%s\" '", name);
	for (const char *p = value; *p != '\0'; p++)
	{
		/* the replication grammar knows no other escape */
		if (*p == '\'')
			appendPQExpBufferChar(command, '\'');
		appendPQExpBufferChar(command, *p);
	}
	appendPQExpBufferStr(command, more ? "', " : "')");
}

/* A third of wal_sender_timeout, in milliseconds; 0: the server has none. */
static bool
read_timeout(PGconn *session, const ConnectorConfig *config,
			 int64 *third_ms, Failure *failure)
{
	PGresult   *result = session_query(session, config,
									   "SELECT setting::bigint / 3 FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'",
									   PGRES_TUPLES_OK,
									   "could not read wal_sender_timeout",
									   NULL, NULL, failure);

	if (result == NULL)
		return false;
	*third_ms = PQntuples(result) == 1 ?
		strtoll(PQgetvalue(result, 0, 0), NULL, 10) : 0;
	PQclear(result);
	return true;
}

WalStream *
walstream_start(PGconn *session, const ConnectorConfig *config,
				XLogRecPtr start, XLogRecPtr last_commit,
				const char *plugin_config, size_t *held, Failure *failure)
{
	WalStream  *stream;
	PQExpBufferData command;
	PGresult   *result;
	int64		third_ms;
	char		lsn[32];

	if (!read_timeout(session, config, &third_ms, failure))
		return NULL;
	initPQExpBuffer(&command);
	appendPQExpBuffer(&command, "START_REPLICATION SLOT \"%s\" LOGICAL %X/%X (",
					  config->slot_name, LSN_FORMAT_ARGS(start));
	append_option(&command, "format", "stream", true);
	append_option(&command, "stream.version", FRAMES_VERSION, true);
	if (!XLogRecPtrIsInvalid(last_commit))
	{
		snprintf(lsn, sizeof(lsn), "%X/%X", LSN_FORMAT_ARGS(last_commit));
		append_option(&command, "stream.last.commit.lsn", lsn, true);
	}
	append_option(&command, "config", plugin_config, false);
	result = session_query(session, config, command.data, PGRES_COPY_BOTH,
						   "could not start streaming", NULL, NULL, failure);
	termPQExpBuffer(&command);
	if (result == NULL)
		return NULL;
	PQclear(result);
	PQsetnonblocking(session, 1);

	stream = pg_malloc0(sizeof(WalStream));
	stream->session = session;
	stream->config = config;
	stream->held = held;
	stream->received = start;
	stream->confirmed = start;
	stream->interval_ms = config->status_interval_ms;
	if (third_ms > 0)
		stream->interval_ms = Min(stream->interval_ms, third_ms);
	return stream;
}

void
walstream_free(WalStream *stream)
{
	pg_free(stream);
}

static uint64
get_uint64(const char *p)
{
	uint64		number;

	memcpy(&number, p, sizeof(number));
	return pg_ntoh64(number);
}

/* What ended the stream: an error of the plugin, a shutdown, the network. */
static WalEvent
stream_ended(WalStream *stream, Failure *failure)
{
	PGresult   *result = PQgetResult(stream->session);

	if (PQresultStatus(result) == PGRES_COMMAND_OK ||
		PQresultStatus(result) == PGRES_COPY_IN)
		failure_set(failure, FAILURE_RETRY, "the server ended the stream");
	else
		failure_from_result(failure, stream->config, stream->session, result,
							"could not go on streaming");
	PQclear(result);
	return WAL_FAILED;
}

WalEvent
walstream_receive(WalStream *stream, WalMessage *message, Failure *failure)
{
	char	   *data;
	int			length = PQgetCopyData(stream->session, &data, true);

	if (length == 0)
	{
		if (!PQconsumeInput(stream->session))
		{
			failure_from_connection(failure, stream->config, stream->session,
									"could not go on streaming");
			return WAL_FAILED;
		}
		length = PQgetCopyData(stream->session, &data, true);
		if (length == 0)
			return WAL_NOTHING;
	}
	if (length < 0)
		return stream_ended(stream, failure);

	if (data[0] == 'w' && length >= DATA_HEADER)
	{
		stream->received = Max(stream->received, get_uint64(data + 1));
		message->block = block_new(data, length, stream->held);
		message->data = data + DATA_HEADER;
		message->length = length - DATA_HEADER;
		return WAL_DATA;
	}
	if (data[0] == 'k' && length >= KEEPALIVE_LENGTH)
	{
		message->sent_lsn = get_uint64(data + 1);
		message->reply_requested = data[17] != 0;
		stream->received = Max(stream->received, message->sent_lsn);
		PQfreemem(data);
		if (message->reply_requested)
			stream->report_at = 0;
		return WAL_KEEPALIVE;
	}
	failure_set(failure, FAILURE_STOP,
				"the server sent a message of unknown type %d", data[0]);
	PQfreemem(data);
	return WAL_FAILED;
}

int
walstream_fd(const WalStream *stream)
{
	return PQsocket(stream->session);
}

bool
walstream_wants_write(WalStream *stream)
{
	return PQflush(stream->session) > 0;
}

void
walstream_confirm(WalStream *stream, XLogRecPtr lsn)
{
	Assert(lsn >= stream->confirmed);
	if (lsn > stream->confirmed)
		stream->report_at = 0;
	stream->confirmed = lsn;
	stream->received = Max(stream->received, lsn);
}

void
walstream_report(WalStream *stream, bool now)
{
	char		reply[1 + 8 + 8 + 8 + 8 + 1];
	uint64		number;
	int64		time = clock_ms();

	if (!now && time < stream->report_at)
		return;
	reply[0] = 'r';
	number = pg_hton64(stream->received);
	memcpy(reply + 1, &number, 8);
	number = pg_hton64(stream->confirmed);
	memcpy(reply + 9, &number, 8);	/* flushed */
	memcpy(reply + 17, &number, 8); /* applied */
	number = pg_hton64(clock_us() - POSTGRES_EPOCH_US);
	memcpy(reply + 25, &number, 8);
	reply[33] = 0;				/* no reply wanted */
	/* if it cannot be queued now, it is tried again at the next call */
	if (PQputCopyData(stream->session, reply, sizeof(reply)) == 1)
		stream->report_at = time + stream->interval_ms;
	PQflush(stream->session);
}

void
walstream_finish(WalStream *stream)
{
	int64		deadline = clock_ms() + FINISH_TIMEOUT_MS;

	walstream_report(stream, true);
	PQputCopyEnd(stream->session, NULL);

	/*
	 * closing with bytes unread would make the server lose what it did not
	 * read either
	 */
	for (;;)
	{
		struct pollfd wait = {.fd = PQsocket(stream->session),.events = POLLIN};
		char	   *data;
		int			length = PQgetCopyData(stream->session, &data, true);

		if (PQflush(stream->session) > 0)
			wait.events |= POLLOUT;
		if (length > 0)
			PQfreemem(data);
		else if (length < 0 || clock_ms() >= deadline ||
				 poll(&wait, 1, (int) (deadline - clock_ms())) < 0 ||
				 !PQconsumeInput(stream->session))
			break;
	}
}

XLogRecPtr
walstream_received(const WalStream *stream)
{
	return stream->received;
}

XLogRecPtr
walstream_confirmed(const WalStream *stream)
{
	return stream->confirmed;
}
