/*-------------------------------------------------------------------------
 *
 * handover.c
 *	  Takes a connector over from Debezium, and gives it back.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "handover.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "debezium_tail.h"
#include "log.h"
#include "loop.h"
#include "reader.h"
#include "session.h"
#include "signals.h"
#include "slot.h"
#include "supervisor.h"
#include "tail.h"
#include "worker.h"

/* Of the slot beside the connector's own, while a handover lasts */
#define COPY_SUFFIX		"_bridge_handover"
/* Of the one by which the stream is read once before it */
#define READER_SUFFIX	"_bridge_reader"

#define STORE_TIMEOUT_MS	30000
/* A session that was closed has let go of its slot after a moment. */
#define GONE_TIMEOUT_MS		30000
#define GONE_RETRY_MS		50
/* Topics that have grown since they were read are read again so many times. */
#define READINGS			3

/* A slot, whosever it is. */
typedef struct SlotState
{
	char	   *name;
	bool		exists;
	char	   *plugin;			/* NULL: a physical slot */
	char	   *database;
	int			pid;			/* of its reader; 0: none */
	XLogRecPtr	confirmed;
	XLogRecPtr	restart;
	bool		lost;
	bool		failover;		/* kept on standbys, too */
} SlotState;

typedef struct Slots
{
	SlotState	own;			/* of the connector's name */
	SlotState	copy;
	SlotState	reader;
} Slots;

/* ------------------------------------------------------------ the slots */

static char *
beside(const ConnectorConfig *config, const char *suffix)
{
	return psprintf("%.*s%s", NAMEDATALEN - 1 - (int) strlen(suffix),
					config->slot_name, suffix);
}

static void
state_forget(SlotState *state)
{
	pg_free(state->plugin);
	pg_free(state->database);
	*state = (SlotState)
	{
		.name = state->name
	};
}

static void
slots_free(Slots *slots)
{
	SlotState  *states[] = {&slots->own, &slots->copy, &slots->reader};

	for (size_t i = 0; i < lengthof(states); i++)
	{
		state_forget(states[i]);
		pg_free(states[i]->name);
	}
}

static void
slots_init(Slots *slots, const ConnectorConfig *config)
{
	memset(slots, 0, sizeof(*slots));
	slots->own.name = pg_strdup(config->slot_name);
	slots->copy.name = beside(config, COPY_SUFFIX);
	slots->reader.name = beside(config, READER_SUFFIX);
}

static void
take_state(SlotState *state, const PGresult *result, int row)
{
	state->exists = true;
	if (!PQgetisnull(result, row, 1))
		state->plugin = pg_strdup(PQgetvalue(result, row, 1));
	state->database = pg_strdup(PQgetvalue(result, row, 2));
	state->pid = (int) strtol(PQgetvalue(result, row, 3), NULL, 10);
	if (!lsn_read(PQgetvalue(result, row, 4), &state->confirmed))
		state->confirmed = InvalidXLogRecPtr;
	if (!lsn_read(PQgetvalue(result, row, 5), &state->restart))
		state->restart = InvalidXLogRecPtr;
	state->lost = *PQgetvalue(result, row, 6) == 't';
	state->failover = strcmp(PQgetvalue(result, row, 7), "true") == 0;
}

static bool
slots_look(Task *task, Slots *slots)
{
	SlotState  *states[] = {&slots->own, &slots->copy, &slots->reader};
	PQExpBufferData sql;
	PGresult   *result;

	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql,
						 "SELECT slot_name, plugin, coalesce(database, ''), coalesce(active_pid, 0), "
						 "coalesce(confirmed_flush_lsn, '0/0'), coalesce(restart_lsn, '0/0'), "
						 "coalesce(wal_status, '') = 'lost', "
	/* a column from PostgreSQL 17 on */
						 "coalesce(pg_catalog.to_jsonb(s) ->> 'failover', 'false') "
						 "FROM pg_catalog.pg_replication_slots s WHERE slot_name IN (");
	for (size_t i = 0; i < lengthof(states); i++)
	{
		state_forget(states[i]);
		if (i > 0)
			appendPQExpBufferStr(&sql, ", ");
		append_literal(&sql, task->control, states[i]->name);
	}
	appendPQExpBufferChar(&sql, ')');
	result = session_query(task->control, task->config, sql.data,
						   PGRES_TUPLES_OK, "could not look up the replication slots",
						   NULL, NULL, task->failure);
	termPQExpBuffer(&sql);
	if (result == NULL)
		return false;
	for (int row = 0; row < PQntuples(result); row++)
	{
		for (size_t i = 0; i < lengthof(states); i++)
		{
			if (strcmp(PQgetvalue(result, row, 0), states[i]->name) == 0)
				take_state(states[i], result, row);
		}
	}
	PQclear(result);
	return true;
}

static bool
is_of(const SlotState *state, const char *plugin)
{
	return state->exists && state->plugin != NULL &&
		strcmp(state->plugin, plugin) == 0;
}

/* Calls a function of the server with texts as arguments. */
static bool
call_function(Task *task, PGconn *session, const char *function,
			  const char *const *arguments, int count, const char *more,
			  const char *attempt)
{
	PQExpBufferData sql;
	PGresult   *result;

	initPQExpBuffer(&sql);
	appendPQExpBuffer(&sql, "SELECT pg_catalog.%s(", function);
	for (int i = 0; i < count; i++)
	{
		if (i > 0)
			appendPQExpBufferStr(&sql, ", ");
		append_literal(&sql, session, arguments[i]);
	}
	appendPQExpBuffer(&sql, "%s)", more);
	result = session_query(session, task->config, sql.data, PGRES_TUPLES_OK,
						   attempt, NULL, NULL, task->failure);
	termPQExpBuffer(&sql);
	PQclear(result);
	return result != NULL;
}

static bool
drop_slot(Task *task, const char *name)
{
	const char *arguments[] = {name};

	if (!call_function(task, task->control, "pg_drop_replication_slot",
					   arguments, 1, "", "could not drop a replication slot"))
		return false;
	pg_log_info("dropped replication slot \"%s\"", name);
	return true;
}

/* A copy with another plugin; the server does not copy "failover". */
static bool
copy_slot(Task *task, const char *from, const char *to, const char *plugin,
		  bool failover)
{
	const char *arguments[] = {from, to};
	char	   *more = psprintf(", false, '%s'", plugin);
	char	   *command;
	bool		ok;

	ok = call_function(task, task->control, "pg_copy_logical_replication_slot",
					   arguments, 2, more, "could not copy the replication slot");
	pg_free(more);
	if (!ok)
		return false;
	pg_log_info("copied replication slot \"%s\" to \"%s\" of plugin \"%s\"",
				from, to, plugin);
	if (!failover)
		return true;
	command = psprintf("ALTER_REPLICATION_SLOT \"%s\" (FAILOVER true)", to);
	ok = session_command(task->replication, task->config, command,
						 "could not make the slot a failover slot", task->failure);
	pg_free(command);
	return ok;
}

/*
 * The connector's slot gets another plugin, from whatever state an earlier
 * attempt has left.
 */
static bool
swap_slot(Task *task, Slots *slots, const char *plugin)
{
	const char *own = slots->own.name;
	const char *copy = slots->copy.name;
	bool		failover;

	if (!slots_look(task, slots))
		return false;
	failover = slots->own.failover || slots->copy.failover;
	if (is_of(&slots->own, plugin))
		return !slots->copy.exists || drop_slot(task, copy);
	if (slots->own.exists)
	{
		/* of an attempt that was given up: the slot may have moved since */
		if ((slots->copy.exists && !drop_slot(task, copy)) ||
			!copy_slot(task, own, copy, plugin, failover))
			return false;
		if (!drop_slot(task, own))
		{
			Failure		ignored;
			Failure    *failure = task->failure;

			/* somebody reads it again: the copy would hold WAL for nothing */
			failure_init(&ignored);
			task->failure = &ignored;
			if (!drop_slot(task, copy))
				pg_log_warning("replication slot \"%s\" is left over: drop it if the handover is not tried again",
							   copy);
			task->failure = failure;
			failure_free(&ignored);
			return false;
		}
	}
	return copy_slot(task, copy, own, plugin, failover) &&
		drop_slot(task, copy);
}

/* May the slot be handed over? */
static bool
check_free(Task *task, const SlotState *slot)
{
	const ConnectorConfig *config = task->config;

	if (slot->plugin == NULL)
		failure_set(task->failure, FAILURE_STOP,
					"replication slot \"%s\" is a physical one", slot->name);
	else if (strcmp(slot->database, config->database) != 0)
		failure_set(task->failure, FAILURE_STOP,
					"replication slot \"%s\" is of database \"%s\", not of \"%s\"",
					slot->name, slot->database, config->database);
	else if (slot->lost)
	{
		failure_set(task->failure, FAILURE_STOP,
					"replication slot \"%s\" has lost WAL that it needs: max_slot_wal_keep_size was exceeded",
					slot->name);
		failure_hint(task->failure,
					 "The changes since %X/%X cannot be read any more. Drop it (SELECT pg_drop_replication_slot('%s');) and start the connector with snapshot.mode=when_needed.",
					 LSN_FORMAT_ARGS(slot->confirmed), slot->name);
	}
	else if (slot->pid != 0)
	{
		failure_set(task->failure, FAILURE_RETRY_FEW,
					"replication slot \"%s\" of plugin \"%s\" is being read by server process %d",
					slot->name, slot->plugin, slot->pid);
		failure_hint(task->failure,
					 "Stop what reads it first: PUT /connectors/%s/stop, or the whole program.",
					 config->name);
	}
	return task->failure->kind == FAILURE_NONE;
}

/* -------------------------------------------------------- from Debezium */

/* Waits until the slot of a session that was closed is gone. */
static bool
wait_gone(Task *task, Slots *slots)
{
	int64		deadline = clock_ms() + GONE_TIMEOUT_MS;

	for (;;)
	{
		if (!slots_look(task, slots))
			return false;
		if (!slots->reader.exists)
			return true;
		if (clock_ms() > deadline)
			return failure_set(task->failure, FAILURE_RETRY,
							   "replication slot \"%s\" of a session that was closed is still there",
							   slots->reader.name);
		if (!loop_wait(-1, 0, -1, GONE_RETRY_MS))
			return failure_ordered(task->failure);
	}
}

/* Reads the stream once, by a slot that goes with the session. */
static bool
read_once(Task *task, Slots *slots)
{
	const char *arguments[] = {slots->own.name, slots->reader.name};
	bool		ok;

	ok = call_function(task, task->replication,
					   "pg_copy_logical_replication_slot", arguments, 2,
					   ", true, '" SLOT_PLUGIN "'",
					   "could not copy the replication slot") &&
		debezium_tail_read(task, slots->reader.name, slots->own.restart);
	return ok && task_open_replication(task) && wait_gone(task, slots);
}

/* Have topics grown since they were read? */
static bool
have_grown(Task *task, bool *grown)
{
	*grown = false;
	for (const Topic *topic = task->topics.first; topic != NULL; topic = topic->next)
	{
		for (int32 i = 0; i < topic->count; i++)
		{
			int64		low;
			int64		high;

			if (!reader_limits(task->reader, topic->name, i, &low, &high,
							   task->failure))
				return false;
			*grown |= high > topic->partitions[i].offset;
		}
	}
	return true;
}

/* What Debezium has sent: also what may still be on its way. */
static bool
find_written(Task *task, Slots *slots)
{
	bool		grown = true;

	for (int i = 0; grown && i < READINGS; i++)
	{
		if (!read_once(task, slots) ||
			!tail_settle(&task->topics, task->reader, task->config, task->failure) ||
			!have_grown(task, &grown))
			return false;
	}
	if (grown)
	{
		failure_set(task->failure, FAILURE_STOP,
					"the topics of connector \"%s\" keep growing", task->config->name);
		failure_hint(task->failure,
					 "Stop whatever writes to them. Is it Debezium, with another slot?");
	}
	return !grown;
}

static bool
store_offset(Task *task)
{
	StoredOffset *offset = &task->offset;
	PQExpBufferData text;

	initPQExpBuffer(&text);
	connector_config_for_plugin(task->config, &text);
	pg_free(offset->config);
	offset->config = pg_strdup(text.data);
	termPQExpBuffer(&text);
	offset->snapshot = STORED_SNAPSHOT_DONE;
	offset->clean = true;
	return offset_store_put_wait(task->store, offset, &task->topics,
								 clock_ms() + STORE_TIMEOUT_MS, task->failure);
}

/*
 * Will the stream go on from where Debezium was?  No: a snapshot comes first,
 * as it would with Debezium.
 */
static bool
goes_on(const Task *task)
{
	const SnapshotRules *rules = &task->config->snapshot;
	const StoredOffset *offset = &task->offset;

	if (!rules->then_stream || rules->always)
		return false;
	if (!offset->found && rules->at_first)
		pg_log_info("there is no stored offset: whatever Debezium has read, it would take its snapshot again, and so does this connector");
	else if (offset->found && offset->snapshot == STORED_SNAPSHOT_BEGUN && rules->at_first)
		pg_log_info("Debezium has not completed its snapshot: it is taken from its start, as Debezium would do");
	else
		return true;
	return false;
}

/* "changed": something was done. */
static bool
adopt(Task *task, Slots *slots, bool *changed)
{
	StoredOffset *offset = &task->offset;
	bool		ours;

	*changed = false;
	if (!slots_look(task, slots))
		return false;
	ours = is_of(&slots->own, SLOT_PLUGIN);
	if (!slots->copy.exists && (ours || !slots->own.exists))
		return true;
	/* without an order, only what was begun is completed */
	if (!task->config->adopt_slot &&
		(slots->copy.pid != 0 || slots->own.exists != ours ||
		 (!ours && !is_of(&slots->copy, SLOT_PLUGIN))))
		return true;
	*changed = true;
	/* where the copy is all there is, the stored offset is ours already */
	if (slots->own.exists && !ours)
	{
		if (!check_free(task, &slots->own))
			return false;
		pg_log_info("taking over slot \"%s\" of plugin \"%s\" at %X/%X",
					slots->own.name, slots->own.plugin,
					LSN_FORMAT_ARGS(slots->own.confirmed));
		if (goes_on(task))
		{
			offset->lsn = Max(offset->lsn, slots->own.confirmed);
			if (!find_written(task, slots) || !store_offset(task))
				return false;
		}
	}
	return swap_slot(task, slots, SLOT_PLUGIN);
}

bool
handover_adopt(Task *task)
{
	Slots		slots;
	bool		changed;
	bool		ok;

	slots_init(&slots, task->config);
	ok = adopt(task, &slots, &changed);
	slots_free(&slots);
	/* all that was read before is to be read again */
	if (ok && changed)
		return failure_set(task->failure, FAILURE_AGAIN,
						   "the slot was taken over");
	return ok;
}

/* The same for the command line. */
static bool
adopt_once(Task *task)
{
	Slots		slots;
	bool		changed;
	bool		ok;

	slots_init(&slots, task->config);
	ok = adopt(task, &slots, &changed) && slots_look(task, &slots);
	if (ok && !slots.own.exists)
	{
		ok = failure_set(task->failure, FAILURE_STOP,
						 "replication slot \"%s\" does not exist", slots.own.name);
		failure_hint(task->failure,
					 "There is nothing to take over: without it a connector starts anew, as snapshot.mode says. Check slot.name and database.dbname.");
	}
	else if (ok)
		pg_log_info("connector \"%s\" %s: start it, and it goes on from slot \"%s\" at %X/%X",
					task->config->name, changed ? "is taken over" : "was taken over before",
					slots.own.name, LSN_FORMAT_ARGS(slots.own.confirmed));
	slots_free(&slots);
	return ok;
}

/* ---------------------------------------------------------- to Debezium */

/* The plugin that Debezium will ask for. */
static const char *
debezium_plugin(Task *task)
{
	const char *plugin = properties_get(task->config->connector, "plugin.name");

	if (plugin == NULL)
		return "decoderbufs";
	if (strcmp(plugin, "pgoutput") == 0 || strcmp(plugin, "decoderbufs") == 0)
		return plugin;
	failure_set(task->failure, FAILURE_STOP,
				"Debezium has no plugin.name \"%s\"", plugin);
	failure_hint(task->failure, "Set it to pgoutput, or to decoderbufs.");
	return NULL;
}

/*
 * Is the publication there?  It has to be older than what is read with it, so
 * Debezium, which makes one that is missing, would come too late.
 */
static bool
check_publication(Task *task)
{
	PQExpBufferData sql;
	PGresult   *result;
	bool		found;

	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "SELECT FROM pg_catalog.pg_publication WHERE pubname = ");
	append_literal(&sql, task->control, task->config->publication_name);
	result = session_query(task->control, task->config, sql.data,
						   PGRES_TUPLES_OK, "could not look up the publication",
						   NULL, NULL, task->failure);
	termPQExpBuffer(&sql);
	if (result == NULL)
		return false;
	found = PQntuples(result) > 0;
	PQclear(result);
	if (found)
		return true;
	failure_set(task->failure, FAILURE_STOP,
				"publication \"%s\" does not exist", task->config->publication_name);
	failure_hint(task->failure,
				 "pgoutput can read nothing that was committed before its publication was made. Make it (CREATE PUBLICATION %s FOR ALL TABLES;), let the bridge go on until it has confirmed a later position, stop it, and try again.",
				 task->config->publication_name);
	return false;
}

static bool
release(Task *task, Slots *slots)
{
	const StoredOffset *offset = &task->offset;
	const char *plugin = debezium_plugin(task);

	if (plugin == NULL ||
		(strcmp(plugin, "pgoutput") == 0 && !check_publication(task)) ||
		!slots_look(task, slots))
		return false;
	if (!offset->found || offset->snapshot == STORED_SNAPSHOT_BEGUN)
	{
		failure_set(task->failure, FAILURE_STOP,
					"connector \"%s\" has no completed snapshot to go on from",
					task->config->name);
		failure_hint(task->failure,
					 "Let it complete its snapshot first, or drop slot \"%s\": Debezium then starts anew.",
					 task->config->slot_name);
	}
	else if (!slots->own.exists && !slots->copy.exists)
		failure_set(task->failure, FAILURE_STOP,
					"replication slot \"%s\" does not exist", slots->own.name);
	if (task->failure->kind != FAILURE_NONE)
		return false;
	if (slots->own.exists && !is_of(&slots->own, plugin) &&
		!check_free(task, &slots->own))
		return false;
	if (!swap_slot(task, slots, plugin))
		return false;
	pg_log_info("slot \"%s\" is one of plugin \"%s\": Debezium goes on from the stored offset, %X/%X",
				slots->own.name, plugin, LSN_FORMAT_ARGS(offset->lsn));
	if (offset->ours && !offset->clean)
		pg_log_warning("the bridge did not end in order: what it has sent since comes again from Debezium");
	return true;
}

static bool
release_once(Task *task)
{
	Slots		slots;
	bool		ok;

	slots_init(&slots, task->config);
	ok = release(task, &slots);
	slots_free(&slots);
	return ok;
}

/* ----------------------------------------------------------- the process */

int
handover_main(Handover direction, const char *name)
{
	ConnectorConfig *config;
	Failure		failure;
	bool		ok;

	log_init("debezium_bridge", name);
	signals_init();
	config = worker_config_read();
	if (config == NULL)
		return EXIT_FAILURE;
	failure_init(&failure);
	config->adopt_slot = direction == HANDOVER_ADOPT;
	ok = task_run_step(config, direction == HANDOVER_ADOPT ? adopt_once : release_once,
					   &failure);
	if (!ok)
		worker_log_failure(&failure);
	failure_free(&failure);
	connector_config_free(config);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
