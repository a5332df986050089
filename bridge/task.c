/*-------------------------------------------------------------------------
 *
 * task.c
 *	  One run of a connector: from connecting to the end of the stream.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "task.h"

#include <string.h>

#include "handover.h"
#include "identity.h"
#include "lease.h"
#include "log.h"
#include "loop.h"
#include "publication.h"
#include "reader.h"
#include "refusal.h"
#include "report.h"
#include "session.h"
#include "slot.h"
#include "tail.h"
#include "transactions.h"

/* The first record to the offset topic may wait for a broker to wake up. */
#define STORE_TIMEOUT_MS 30000

/* What is to be done before the stream can begin. */
typedef enum Plan
{
	PLAN_STREAM,				/* the slot is there: go on */
	PLAN_CREATE,				/* create the slot, snapshot by its snapshot */
	PLAN_SNAPSHOT,				/* snapshot beside a slot that was there, or
								 * without one, when nothing is streamed */
	PLAN_NOTHING				/* all is done */
} Plan;

double *
task_record_counter(Task *task, Topic *topic, char operation)
{
	static const char operations[] = "cudxrtmbe";
	const char *found = strchr(operations, operation);
	size_t		number = found != NULL ? found - operations : 0;

	if (topic->records[number] == NULL)
	{
		PQExpBufferData labels;
		char		text[2] = {operation, '\0'};

		initPQExpBuffer(&labels);
		metrics_label(&labels, "topic", topic->name);
		metrics_label(&labels, "operation", text);
		topic->records[number] = metrics_sample(task->metrics, METRIC_RECORDS,
												labels.data);
		termPQExpBuffer(&labels);
	}
	return topic->records[number];
}

bool
task_open_topic(Task *task, Topic *topic)
{
	if (!topic->open &&
		!topic_open(&task->topics, topic, producer_client(task->producer),
					task->config, task->failure))
		return false;
	topic->used = true;
	report_text("topic", topic->name);
	return true;
}

/* ----------------------------------------------------------- connecting */

bool
task_open_replication(Task *task)
{
	PQfinish(task->replication);
	task->replication = session_open(task->config, true, task->failure);
	if (task->replication != NULL &&
		(strcmp(PQhost(task->replication), PQhost(task->control)) != 0 ||
		 strcmp(PQport(task->replication), PQport(task->control)) != 0))
		return failure_set(task->failure, FAILURE_RETRY,
						   "the primary server has changed from %s:%s to %s:%s",
						   PQhost(task->control), PQport(task->control),
						   PQhost(task->replication), PQport(task->replication));
	return task->replication != NULL &&
		session_lift_limits(task->replication, task->config, task->failure);
}

static bool
connect_database(Task *task)
{
	task->control = session_open(task->config, false, task->failure);
	if (task->control == NULL || !session_lift_limits(task->control, task->config,
													  task->failure) ||
		!lease_take(task->control, task->config, task->failure))
		return false;
	return task_open_replication(task) &&
		history_read(&task->history, task->replication, task->config,
					 task->failure);
}

/* Reads the stored offset, with a new reader. */
static bool
read_offset(Task *task, bool committed)
{
	reader_free(task->reader);
	stored_offset_free(&task->offset);
	topics_free(&task->topics);
	task->reader = reader_new(task->config, committed, task->failure);
	return task->reader != NULL &&
		offset_store_load(task->store, task->reader, &task->offset,
						  &task->topics, task->failure);
}

/*
 * Reads the stored offset.  Where this or an earlier run used Kafka
 * transactions, topics may hold records that were aborted, or will be, so
 * only what is committed counts, here and in the tails; but what a producer
 * of another name left open is ended before.  Debezium does not say whether
 * it used any.
 */
static bool
load_offset(Task *task)
{
	const ConnectorConfig *config = task->config;
	StoredOffset *offset = &task->offset;
	char	   *id = config->transactional ?
	transactional_id(config->worker, config->name) : NULL;
	bool		ok = read_offset(task, config->transactional);
	bool		again = ok && offset->found && !config->transactional &&
	(!offset->ours || offset->transactional_id != NULL);

	/* the producer has fenced its own name */
	if (ok && offset->transactional &&
		(id == NULL || strcmp(offset->transactional_id, id) != 0))
	{
		pg_log_info("the last run used Kafka transactions of transactional.id \"%s\", they are ended now",
					offset->transactional_id);
		again = true;
		ok = transactions_fence(config->worker, config->name,
								offset->transactional_id, task->failure);
	}
	if (ok && again)
		ok = read_offset(task, true);
	task->fenced = offset->transactional;
	offset->transactional = id != NULL;
	if (id != NULL)
	{
		pg_free(offset->transactional_id);
		offset->transactional_id = id;
	}
	return ok;
}

static bool
connect_kafka(Task *task)
{
	task->producer = producer_new(task->config, task->failure);
	if (task->producer == NULL ||
		!producer_connect(task->producer, task->failure))
		return false;
	task->store = offset_store_new(task->producer, task->config, task->failure);
	return task->store != NULL && load_offset(task);
}

/* ------------------------------------------------------------- planning */

/*
 * The slot does not fit the stored offset: it is missing, or ahead of it.
 * That is a gap in the stream, which only a snapshot can fill; or else it has
 * to be accepted.
 */
static bool
plan_gap(Task *task, const SlotInfo *slot, Plan *plan)
{
	const ConnectorConfig *config = task->config;
	StoredOffset *offset = &task->offset;

	*plan = PLAN_CREATE;
	if (config->snapshot.when_lost)
	{
		pg_log_warning("the slot cannot give what follows the stored position %X/%X: a snapshot is taken again",
					   LSN_FORMAT_ARGS(offset->lsn));
		offset->found = false;
		return !slot->exists || slot_drop(task->control, config, task->failure);
	}
	if (!refusal_check_slot(task, slot))
		return false;
	if (slot->exists && !slot->lost)
	{
		*plan = PLAN_STREAM;
		offset->lsn = slot->confirmed_lsn;
		return true;
	}
	task->without_rows = true;
	return !slot->exists || slot_drop(task->control, config, task->failure);
}

/* Decides what comes before the stream. */
static bool
make_plan(Task *task, const SlotInfo *slot, Plan *plan)
{
	const ConnectorConfig *config = task->config;
	const SnapshotRules *rules = &config->snapshot;
	StoredOffset *offset = &task->offset;

	if (offset->found && offset->snapshot == STORED_SNAPSHOT_BEGUN &&
		!offset->ours)
	{
		pg_log_info("Debezium's snapshot was not completed: starting anew");
		offset->found = false;
	}
	if (offset->found && offset->snapshot == STORED_SNAPSHOT_BEGUN)
	{
		pg_log_info("the last snapshot was not completed, it is taken from its start");
		offset->found = false;
		*plan = PLAN_CREATE;
		return !slot->exists || slot_drop(task->control, config, task->failure);
	}
	if (offset->found && !offset->ours && !slot->exists)
	{
		pg_log_info("the stored offset was written by Debezium, for a slot that is gone: starting anew");
		offset->found = false;
	}
	if (!offset->found)
	{
		if (!rules->then_stream)
			*plan = rules->at_first ? PLAN_SNAPSHOT : PLAN_NOTHING;
		else if (!slot->exists || slot->lost)
			*plan = PLAN_CREATE;
		else
			*plan = rules->at_first ? PLAN_SNAPSHOT : PLAN_STREAM;
		if (slot->exists)
			offset->lsn = slot->confirmed_lsn;
		/* one that is lost can never be read again, by nobody */
		return *plan != PLAN_CREATE || !slot->lost ||
			slot_drop(task->control, config, task->failure);
	}
	if (!rules->then_stream)
		*plan = rules->always ? PLAN_SNAPSHOT : PLAN_NOTHING;
	else if (!slot->exists || slot->lost ||
			 (offset->ours && slot->confirmed_lsn > offset->lsn &&
			  !XLogRecPtrIsInvalid(offset->lsn) && !rules->always))
		return plan_gap(task, slot, plan);
	else
		*plan = rules->always ? PLAN_SNAPSHOT : PLAN_STREAM;
	/* Debezium confirms what it has stored: between the two nothing is lost */
	offset->lsn = Max(offset->lsn, slot->confirmed_lsn);
	return true;
}

/* ------------------------------------------------------------- snapshot */

static void
on_waiting(const char *reason, void *arg)
{
	char	  **last = arg;

	/* the age in it changes: one line in the log is enough */
	if (*last == NULL)
		pg_log_info("%s", reason);
	pg_free(*last);
	*last = pg_strdup(reason);
	report_text("info", reason);
}

static bool
store_and_wait(Task *task)
{
	return offset_store_put_wait(task->store, &task->offset, &task->topics,
								 clock_ms() + STORE_TIMEOUT_MS, task->failure);
}

/* Notes that all up to "lsn" is in Kafka, and that no snapshot is due. */
static bool
store_start(Task *task, XLogRecPtr lsn)
{
	task->offset.snapshot = STORED_SNAPSHOT_DONE;
	task->offset.lsn = lsn;
	task->offset.last_commit_lsn = InvalidXLogRecPtr;
	task->offset.commit_time = 0;
	task->settled = true;
	return store_and_wait(task);
}

/* snapshot.delay.ms and streaming.delay.ms; the status says what for. */
static bool
wait_before(Task *task, int64 delay_ms, const char *what)
{
	int64		end = clock_ms() + delay_ms;
	char	   *text;

	if (delay_ms == 0)
		return true;
	text = psprintf("waiting " INT64_FORMAT " ms before the %s", delay_ms, what);
	pg_log_info("%s", text);
	report_text("info", text);
	pg_free(text);
	while (clock_ms() < end)
	{
		if (!loop_wait(-1, 0, -1, (int) Min(end - clock_ms(), LOOP_DUTY_MS)))
			return failure_ordered(task->failure);
	}
	report_text("info", NULL);
	return true;
}

/* Does the mode ask for the rows as of a new slot? */
static bool
wants_data(const ConnectorConfig *config)
{
	return config->snapshot.at_first || config->snapshot.when_lost;
}

/* A new slot, and, unless the mode says no_data, a snapshot as of its start. */
static bool
create_and_snapshot(Task *task)
{
	bool		with_rows = !task->without_rows && wants_data(task->config);
	char	   *snapshot_name = NULL;
	char	   *waited_for = NULL;
	XLogRecPtr	lsn = InvalidXLogRecPtr;
	bool		created;
	bool		ok;

	if (with_rows && !snapshot_prepare(task))
		return false;

	/*
	 * Noted before the slot exists: if the snapshot is interrupted, the next
	 * start knows the slot for one that never streamed, and drops it.
	 */
	task->offset.snapshot = STORED_SNAPSHOT_BEGUN;
	task->offset.lsn = InvalidXLogRecPtr;
	if (!store_and_wait(task))
		return false;
	created = slot_create(task->replication, task->control, task->config, &lsn,
						  with_rows ? &snapshot_name : NULL, on_waiting,
						  &waited_for, task->failure);
	if (waited_for != NULL)
		report_text("info", NULL);
	ok = created && (!with_rows || snapshot_run(task, snapshot_name, lsn)) &&
		store_start(task, lsn);
	/* a slot that nobody is going to read would hold WAL for ever */
	if (created && !ok)
		slot_discard(task->replication, task->config);
	pg_free(snapshot_name);
	pg_free(waited_for);
	return ok;
}

/* The position of a snapshot that no stream follows. */
static bool
current_position(Task *task, XLogRecPtr *lsn)
{
	return lsn_query(task->control, task->config,
					 "SELECT pg_catalog.pg_current_wal_lsn()", lsn,
					 task->failure);
}

/*
 * A snapshot beside a slot that was there before, or without any.  The stream
 * then begins where the snapshot was taken, as with Debezium: what was
 * committed earlier comes as rows only.  Where exactly that is says a slot
 * made for the moment: a position that is merely read beside the snapshot
 * may lie behind a commit that the snapshot does not see yet.
 */
static bool
snapshot_beside(Task *task, const SlotInfo *slot)
{
	char	   *snapshot_name = NULL;
	char	   *waited_for = NULL;
	XLogRecPtr	lsn = InvalidXLogRecPtr;
	bool		settled = !task->offset.found || task->offset.clean;
	bool		ok;

	if (!snapshot_prepare(task))
		return false;
	if (!slot->exists)
		ok = current_position(task, &lsn);
	else
		ok = slot_create_temporary(task->replication, task->control,
								   task->config, &lsn, &snapshot_name,
								   on_waiting, &waited_for, task->failure);
	if (waited_for != NULL)
		report_text("info", NULL);
	ok = ok && snapshot_run(task, snapshot_name, lsn) && store_start(task, lsn);
	if (ok && slot->exists)
		ok = slot_drop_temporary(task->replication, task->config, task->failure);
	/* what an earlier run has sent may still be on its way */
	task->settled = settled;
	pg_free(snapshot_name);
	pg_free(waited_for);
	return ok;
}

/* ------------------------------------------------------------ streaming */

static void
keep_alive(void *arg)
{
	walstream_report(arg, false);
}

/*
 * Decides under which configuration the stream is decoded at first.  Of the
 * transaction that was being sent at the end of the last run, in order or
 * not, the rest must be made as the beginning was.
 */
static void
choose_config(Task *task, Plan plan)
{
	StoredOffset *offset = &task->offset;
	PQExpBufferData text;

	initPQExpBuffer(&text);
	connector_config_for_plugin(task->config, &text);
	task->plugin_config = pg_strdup(text.data);
	termPQExpBuffer(&text);
	task->finishing = plan == PLAN_STREAM && offset->ours &&
		offset->config != NULL &&
		strcmp(offset->config, task->plugin_config) != 0;
	if (task->finishing)
		return;
	pg_free(offset->config);
	offset->config = pg_strdup(task->plugin_config);
}

/* Takes the slot, which from now on nobody else reads. */
static bool
start_stream(Task *task)
{
	PQExpBufferData text;

	initPQExpBuffer(&text);
	appendPQExpBufferStr(&text, task->offset.config);
	connector_config_for_run(task->config, &text);
	task->stream = walstream_start(task->replication, task->config,
								   task->offset.lsn,
								   task->offset.last_commit_lsn, text.data,
								   producer_held(task->producer),
								   task->failure);
	termPQExpBuffer(&text);
	return task->stream != NULL;
}

/*
 * How far the last configuration reaches: to the end of the last transaction
 * that Kafka has something of.  False when there is none, so that the stream
 * begins anew under the new configuration.
 */
static bool
find_finish(Task *task)
{
	for (const Topic *topic = task->topics.first; topic != NULL; topic = topic->next)
	{
		if (topic->has_tail && topic->tail.commit_lsn >= task->offset.lsn)
			task->finish_lsn = Max(task->finish_lsn, topic->tail.commit_lsn);
	}
	if (!XLogRecPtrIsInvalid(task->finish_lsn))
	{
		pg_log_info("the configuration was changed in the middle of a transaction: what commits up to %X/%X comes as it was configured before",
					LSN_FORMAT_ARGS(task->finish_lsn));
		return true;
	}
	pg_free(task->offset.config);
	task->offset.config = pg_strdup(task->plugin_config);
	return false;
}

/* Finds out what Kafka holds already. */
static bool
resume(Task *task)
{
	bool		settled = task->settled || task->offset.clean || task->fenced;
	bool		ok;

	loop_set_duty(keep_alive, task->stream);
	ok = (settled || tail_settle(&task->topics, task->reader, task->config,
								 task->failure)) &&
		tail_read(&task->topics, task->reader, task->config,
				  &task->history, task->failure) &&
		refusal_check_topics(task);
	if (ok)
	{
		bool		again = task->finishing && !find_finish(task);

		/* from here on an end that is not in order is an unclean one */
		task->offset.clean = false;
		ok = store_and_wait(task);
		if (ok && again)
			ok = failure_set(task->failure, FAILURE_AGAIN,
							 "the configuration changes");
	}
	loop_set_duty(NULL, NULL);
	return ok;
}

static bool
stream(Task *task)
{
	if (!start_stream(task) || !resume(task))
		return false;
	reader_free(task->reader);
	task->reader = NULL;
	if (!topics_look(&task->topics, producer_client(task->producer),
					 task->failure))
		return false;
	task->ledger = ledger_new(task->offset.lsn);
	producer_set_ledger(task->producer, task->ledger);
	pg_log_info("streaming from slot \"%s\" at %X/%X", task->config->slot_name,
				LSN_FORMAT_ARGS(task->offset.lsn));
	report_text("info", NULL);
	return relay_run(task);
}

/* All that snapshot.mode asks for is done, and the task stays. */
static bool
stay(Task *task)
{
	pg_log_info("snapshot.mode does not ask for the stream: nothing more to do");
	report_text("info", NULL);
	while (loop_wait(-1, 0, -1, LOOP_DUTY_MS))
		;
	return failure_ordered(task->failure);
}

/* -------------------------------------------------------------- the run */

static bool
prepare_identities(Task *task)
{
	return !identity_wanted(task->config) ||
		(snapshot_prepare(task) &&
		 identity_prepare(task->control, task->config,
						  task->extension_schema, task->failure));
}

/* What the plan says, with Debezium's pauses before it and behind it. */
static bool
take_snapshot(Task *task, Plan plan, const SlotInfo *slot)
{
	const ConnectorConfig *config = task->config;
	bool		with_rows = plan == PLAN_SNAPSHOT ||
	(plan == PLAN_CREATE && wants_data(config));

	if (with_rows &&
		!wait_before(task, config->snapshot_delay_ms, "snapshot"))
		return false;
	if (plan == PLAN_CREATE && !create_and_snapshot(task))
		return false;
	if (plan == PLAN_SNAPSHOT && !snapshot_beside(task, slot))
		return false;
	return !with_rows || !config->snapshot.then_stream ||
		wait_before(task, config->streaming_delay_ms, "stream");
}

static bool
run(Task *task)
{
	SlotInfo	slot;
	Plan		plan;

	if (!connect_database(task) || !connect_kafka(task) ||
		!refusal_check_origin(task) ||
		(task->config->snapshot.then_stream &&
		 !publication_prepare(task->control, task->config, task->failure)) ||
		!prepare_identities(task) ||
		!handover_adopt(task) ||
		!slot_lookup(task->control, task->config, &slot, task->failure) ||
		!make_plan(task, &slot, &plan))
		return false;
	choose_config(task, plan);
	return take_snapshot(task, plan, &slot) &&
		(task->config->snapshot.then_stream ? stream(task) : stay(task));
}

/* slot.drop.on.stop: when the run ended in order. */
static void
drop_slot(Task *task)
{
	Failure		failure;

	failure_init(&failure);
	PQfinish(task->replication);
	task->replication = NULL;
	if (!slot_drop(task->control, task->config, &failure))
		pg_log_warning("%s", failure.text.data);
	failure_free(&failure);
}

/* Gives back all that a run has made. */
static void
task_end(Task *task)
{
	bool		streamed = task->ledger != NULL;

	loop_set_duty(NULL, NULL);
	/* what is in flight refers to all the rest */
	producer_end(task->producer);
	reader_free(task->reader);
	offset_store_free(task->store);
	topics_free(&task->topics);
	producer_free(task->producer);
	ledger_free(task->ledger);
	walstream_free(task->stream);
	if (task->failure->kind == FAILURE_ORDERED && streamed &&
		task->config->drop_slot_on_stop)
		drop_slot(task);
	PQfinish(task->replication);
	PQfinish(task->control);
	stored_offset_free(&task->offset);
	history_free(&task->history);
	pg_free(task->extension_schema);
	pg_free(task->plugin_config);
}

bool
task_run(const ConnectorConfig *config, Metrics *metrics, Failure *failure)
{
	Task		task = {.config = config,.metrics = metrics,.failure = failure};
	bool		streamed;

	topics_init(&task.topics);
	run(&task);
	streamed = task.ledger != NULL;
	Assert(failure->kind != FAILURE_NONE);
	task_end(&task);
	return streamed;
}

bool
task_run_step(const ConnectorConfig *config, bool (*step) (Task *task),
			  Failure *failure)
{
	Task		task = {.config = config,.failure = failure};
	bool		ok;

	topics_init(&task.topics);
	ok = connect_database(&task) && connect_kafka(&task) &&
		refusal_check_origin(&task) && step(&task);
	task_end(&task);
	return ok;
}
