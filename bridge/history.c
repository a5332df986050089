/*-------------------------------------------------------------------------
 *
 * history.c
 *	  The server's timelines: which positions are in its past.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "history.h"

#include <string.h>

#include "log.h"
#include "session.h"
#include "slot.h"

void
history_free(History *history)
{
	pg_free(history->ancestors);
	memset(history, 0, sizeof(*history));
}

/*
 * A line: timeline, switch point and reason, parted by white space; there are
 * comments and empty lines, too.
 */
void
history_parse(History *history, const char *file, size_t length)
{
	char	   *text = pnstrdup(file, length);
	char	   *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line != NULL;
		 line = strtok_r(NULL, "\n", &save))
	{
		unsigned	timeline;
		unsigned	high;
		unsigned	low;

		if (sscanf(line, " %u %X/%X", &timeline, &high, &low) != 3)
			continue;
		history->ancestors = pg_realloc(history->ancestors,
										(history->ancestor_count + 1) * sizeof(Ancestor));
		history->ancestors[history->ancestor_count++] = (Ancestor)
		{
			timeline, (uint64) high << 32 | low
		};
	}
	pg_free(text);
}

XLogRecPtr
history_end(const History *history, uint32 timeline)
{
	if (timeline == history->timeline)
		return history->end;
	for (int i = 0; i < history->ancestor_count; i++)
	{
		if (history->ancestors[i].timeline == timeline)
			return history->ancestors[i].end;
	}
	return InvalidXLogRecPtr;
}

/* The first timeline has no ancestors and no file that would say so. */
static bool
read_ancestors(History *history, PGconn *replication,
			   const ConnectorConfig *config, Failure *failure)
{
	char	   *command;
	PGresult   *result;

	if (history->timeline == 1)
		return true;
	command = psprintf("TIMELINE_HISTORY %u", history->timeline);
	result = session_query(replication, config, command, PGRES_TUPLES_OK,
						   "could not read the timeline's history", NULL, NULL,
						   failure);
	pg_free(command);
	if (result == NULL)
		return false;
	if (PQntuples(result) == 1 && PQnfields(result) == 2)
		history_parse(history, PQgetvalue(result, 0, 1),
					  PQgetlength(result, 0, 1));
	PQclear(result);
	return true;
}

bool
history_read(History *history, PGconn *replication,
			 const ConnectorConfig *config, Failure *failure)
{
	PGresult   *result = session_query(replication, config, "IDENTIFY_SYSTEM",
									   PGRES_TUPLES_OK,
									   "could not identify the server", NULL,
									   NULL, failure);
	bool		ok;

	memset(history, 0, sizeof(*history));
	if (result == NULL)
		return false;
	history->system_identifier = strtoull(PQgetvalue(result, 0, 0), NULL, 10);
	history->timeline = (uint32) strtoul(PQgetvalue(result, 0, 1), NULL, 10);
	ok = lsn_read(PQgetvalue(result, 0, 2), &history->end);
	PQclear(result);
	if (!ok)
		return failure_set(failure, FAILURE_STOP,
						   "could not identify the server: unexpected answer");
	return read_ancestors(history, replication, config, failure);
}
