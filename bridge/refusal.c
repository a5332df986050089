/*-------------------------------------------------------------------------
 *
 * refusal.c
 *	  What the stored offset does not fit: a start that would lose something
 *	  in silence is refused.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "refusal.h"

#include <string.h>

#include "log.h"
#include "session.h"

#define ACCEPT_PROPERTY		"offset.mismatch.accept"
#define STRATEGY_PROPERTY	"offset.mismatch.strategy"

/* Kinds of losses: the first half of a word of offset.mismatch.accept. */
#define KIND_CLUSTER		"cluster"
#define KIND_SYSTEM			"system"
#define KIND_TIMELINE		"timeline"
#define KIND_SLOT			"slot"
#define KIND_TOPICS			"topics"

/* Of how many partitions the range is told; the others are counted. */
#define RANGES_SHOWN		5

/* ------------------------------------------------ accepting, ways out */

/* The word that accepts a loss; to be freed. */
static char *
accepting_word(const Task *task, const char *kind)
{
	return psprintf("%s@%X/%X", kind, LSN_FORMAT_ARGS(task->found_lsn));
}

static bool
is_accepted(const Task *task, const char *kind)
{
	const char *list = properties_get(task->config->connector, ACCEPT_PROPERTY);
	char	   *word = accepting_word(task, kind);
	char	   *copy = pg_strdup(list != NULL ? list : "");
	char	   *save = NULL;
	bool		found = false;

	for (char *item = strtok_r(copy, ", \t", &save); item != NULL && !found;
		 item = strtok_r(NULL, ", \t", &save))
		found = pg_strcasecmp(item, word) == 0;
	pg_free(copy);
	pg_free(word);
	return found;
}

/*
 * Ends a refusal: adds the ways out, unless its loss is accepted.  Then what
 * would have been refused is logged, the failure is taken back, and true
 * returned.
 */
static bool
refuse_unless_accepted(Task *task, const char *kind, const char *advice,
					   const char *accepted)
{
	const ConnectorConfig *config = task->config;
	const char *list = properties_get(config->connector, ACCEPT_PROPERTY);
	char	   *word;

	if (is_accepted(task, kind))
	{
		char	   *line = failure_line(task->failure);

		pg_log_warning("accepted by " ACCEPT_PROPERTY ", %s: %s", accepted, line);
		pg_free(line);
		failure_reset(task->failure);
		return true;
	}
	word = accepting_word(task, kind);
	failure_hint(task->failure,
				 "%s%sEither accept the loss, %s: PATCH /connectors/%s/config with {\"" ACCEPT_PROPERTY "\":\"%s%s%s\"}. "
				 "Or take a snapshot again%s: %sPUT /connectors/%s/stop, DELETE /connectors/%s/offsets, PUT /connectors/%s/resume.",
				 advice, *advice != '\0' ? " " : "", accepted, config->name,
				 list != NULL ? list : "", list != NULL && *list != '\0' ? "," : "",
				 word, config->snapshot.at_first ? "" : ", with snapshot.mode=initial",
				 strcmp(kind, KIND_SLOT) == 0 ? "set snapshot.mode=when_needed, or " : "",
				 config->name, config->name, config->name);
	pg_free(word);
	return false;
}

/* ---------------------------------------- cluster, server, timeline */

static bool
check_cluster(Task *task)
{
	StoredOffset *offset = &task->offset;
	char	   *cluster = rd_kafka_clusterid(producer_client(task->producer),
											 1000);
	bool		ok = true;

	if (cluster == NULL)
		return true;
	if (offset->ours && offset->cluster != NULL &&
		strcmp(offset->cluster, cluster) != 0)
	{
		failure_set(task->failure, FAILURE_STOP,
					"the stored offset is of Kafka cluster \"%s\", this is \"%s\"",
					offset->cluster, cluster);
		failure_detail(task->failure,
					   "What was written up to %X/%X is confirmed to PostgreSQL and does not come again: topics that were not copied lack all of it.",
					   LSN_FORMAT_ARGS(task->found_lsn));
		ok = refuse_unless_accepted(task, KIND_CLUSTER,
									"Check bootstrap.servers.",
									"going on with what this cluster's topics hold");
	}
	pg_free(offset->cluster);
	offset->cluster = pg_strdup(cluster);
	rd_kafka_mem_free(NULL, cluster);
	return ok;
}

/* Forgets positions that are not to be compared with any of this server. */
static void
forget_positions(Task *task)
{
	for (Topic *topic = task->topics.first; topic != NULL; topic = topic->next)
	{
		for (int32 i = 0; i < topic->room; i++)
			topic->partitions[i].has_position = false;
	}
}

/* Goes on from another position than the stored one. */
static void
rewind_offset(Task *task, XLogRecPtr lsn)
{
	task->offset.lsn = lsn;
	task->offset.last_commit_lsn = InvalidXLogRecPtr;
	task->offset.commit_time = 0;
	offset_store_rewind(task->store, lsn);
}

static bool
check_system(Task *task)
{
	StoredOffset *offset = &task->offset;

	if (!offset->ours ||
		offset->system_identifier == task->history.system_identifier)
		return true;
	failure_set(task->failure, FAILURE_STOP,
				"the stored offset is of the server with system identifier " UINT64_FORMAT ", this is " UINT64_FORMAT,
				offset->system_identifier, task->history.system_identifier);
	failure_detail(task->failure,
				   "What was written up to %X/%X came from the other server. What this one has written before its slot \"%s\" cannot be told from it, and does not come.",
				   LSN_FORMAT_ARGS(task->found_lsn), task->config->slot_name);
	if (!refuse_unless_accepted(task, KIND_SYSTEM,
								"Check database.hostname and database.port. A server of its own is better captured under a new name and topic.prefix.",
								"going on from this server's slot, which is made where it is missing"))
		return false;
	forget_positions(task);
	rewind_offset(task, InvalidXLogRecPtr);
	return true;
}

/* A standby knows what it has replayed so far: it may only be late. */
static bool
check_recovery(Task *task, XLogRecPtr lsn)
{
	PGresult   *result = session_query(task->control, task->config,
									   "SELECT pg_catalog.pg_is_in_recovery()",
									   PGRES_TUPLES_OK,
									   "could not read the server's state",
									   NULL, NULL, task->failure);
	bool		in_recovery;

	if (result == NULL)
		return false;
	in_recovery = *PQgetvalue(result, 0, 0) == 't';
	PQclear(result);
	if (in_recovery)
		failure_set(task->failure, FAILURE_RETRY,
					"the standby has replayed WAL up to %X/%X only, it was read up to %X/%X",
					LSN_FORMAT_ARGS(task->history.end), LSN_FORMAT_ARGS(lsn));
	return !in_recovery;
}

/* What is lost when positions up to "lsn" are not in the server's past. */
static void
describe_beyond(Task *task, uint32 timeline, XLogRecPtr lsn)
{
	const History *history = &task->history;
	XLogRecPtr	end = history_end(history, timeline);

	if (XLogRecPtrIsInvalid(end))
	{
		failure_set(task->failure, FAILURE_STOP,
					"changes were read up to %X/%X of timeline %u, which is not in the past of this server: it is at %X/%X of timeline %u",
					LSN_FORMAT_ARGS(lsn), timeline,
					LSN_FORMAT_ARGS(history->end), history->timeline);
		failure_detail(task->failure,
					   "This server has no part of timeline %u, so the topics hold changes that it does not have, and what it has written itself is not in them.",
					   timeline);
		return;
	}
	if (timeline == history->timeline)
		failure_set(task->failure, FAILURE_STOP,
					"changes were read up to %X/%X, but the server's WAL ends at %X/%X",
					LSN_FORMAT_ARGS(lsn), LSN_FORMAT_ARGS(end));
	else
		failure_set(task->failure, FAILURE_STOP,
					"changes were read up to %X/%X of timeline %u, but the server's timeline %u leaves it at %X/%X",
					LSN_FORMAT_ARGS(lsn), timeline, history->timeline,
					LSN_FORMAT_ARGS(end));
	failure_detail(task->failure,
				   "The topics hold changes of %X/%X to %X/%X (" UINT64_FORMAT " bytes of WAL) that the database has lost: a standby was promoted before it had them, or a backup was restored.",
				   LSN_FORMAT_ARGS(end), LSN_FORMAT_ARGS(lsn), lsn - end);
}

static bool
refuse_beyond(Task *task, uint32 timeline, XLogRecPtr lsn)
{
	if (!check_recovery(task, lsn))
		return false;
	describe_beyond(task, timeline, lsn);
	return refuse_unless_accepted(task, KIND_TIMELINE,
								  "Check that database.hostname is the primary server.",
								  "leaving those changes in the topics and going on from where the server left them");
}

static bool
check_timeline(Task *task)
{
	StoredOffset *offset = &task->offset;
	XLogRecPtr	end = history_end(&task->history, offset->timeline);

	/* of an own one only, and not after check_system() took it back */
	if (!offset->ours || offset->lsn <= end)
		return true;
	if (!refuse_beyond(task, offset->timeline, offset->lsn))
		return false;
	rewind_offset(task, end);
	return true;
}

bool
refusal_check_origin(Task *task)
{
	StoredOffset *offset = &task->offset;

	task->found_lsn = offset->lsn;
	task->found_timeline = offset->timeline;
	if (!check_cluster(task) || !check_system(task) || !check_timeline(task))
		return false;
	offset->system_identifier = task->history.system_identifier;
	offset->timeline = task->history.timeline;
	pg_free(offset->slot_name);
	offset->slot_name = pg_strdup(task->config->slot_name);
	return true;
}

/* ---------------------------------------------------------- the slot */

/* Why nothing can be read from the slot any more. */
static const char *
lost_reason(const SlotInfo *slot)
{
	static const struct
	{
		const char *reason;
		const char *text;
	}			reasons[] = {
		{"wal_removed", "WAL that it needs was removed, as max_slot_wal_keep_size says"},
		{"rows_removed", "rows of the catalog that it needs were removed"},
		{"wal_level_insufficient", "wal_level was lowered on the primary server"},
		{"idle_timeout", "it was idle for longer than idle_replication_slot_timeout"},
		/* what servers up to 16 call lost */
		{"", "WAL that it needs was removed, as max_slot_wal_keep_size says"},
	};

	for (size_t i = 0; i < lengthof(reasons); i++)
	{
		if (strcmp(slot->reason, reasons[i].reason) == 0)
			return reasons[i].text;
	}
	return slot->reason;
}

/* Debezium's strategies that trust the slot. */
static bool
trusts_slot(const ConnectorConfig *config)
{
	const char *strategy = properties_get(config->connector, STRATEGY_PROPERTY);

	return strategy != NULL &&
		(pg_strcasecmp(strategy, "trust_slot") == 0 ||
		 pg_strcasecmp(strategy, "trust_greater_lsn") == 0);
}

bool
refusal_check_slot(Task *task, const SlotInfo *slot)
{
	const char *name = task->config->slot_name;
	XLogRecPtr	from = task->offset.lsn;
	XLogRecPtr	to = task->history.end;
	const char *accepted = "going on from the start of a new slot";

	/* where no position was stored that this server could lack */
	if (XLogRecPtrIsInvalid(from))
		return true;
	if (!slot->exists)
		failure_set(task->failure, FAILURE_STOP,
					"replication slot \"%s\" does not exist, but changes up to %X/%X were read from it",
					name, LSN_FORMAT_ARGS(from));
	else if (slot->lost)
		failure_set(task->failure, FAILURE_STOP,
					"replication slot \"%s\" is invalid: %s", name,
					lost_reason(slot));
	else
	{
		to = slot->confirmed_lsn;
		accepted = "going on from the slot's position";
		if (trusts_slot(task->config))
		{
			pg_log_warning("replication slot \"%s\" is " UINT64_FORMAT " bytes ahead of the stored position %X/%X, and trusted by " STRATEGY_PROPERTY,
						   name, to - from, LSN_FORMAT_ARGS(from));
			return true;
		}
		failure_set(task->failure, FAILURE_STOP,
					"replication slot \"%s\" is at %X/%X, " UINT64_FORMAT " bytes ahead of the stored position %X/%X",
					name, LSN_FORMAT_ARGS(to), to - from,
					LSN_FORMAT_ARGS(from));
	}
	failure_detail(task->failure,
				   "Changes of %X/%X to %X/%X (" UINT64_FORMAT " bytes of WAL%s) cannot be read any more: %s.",
				   LSN_FORMAT_ARGS(from), LSN_FORMAT_ARGS(to), to - from,
				   slot->exists && !slot->lost ? "" : ", and what comes until it goes on",
				   slot->exists && !slot->lost ? "somebody else has read from the slot, moved it or made it anew" :
				   "the server has kept none of it for this slot");
	return refuse_unless_accepted(task, KIND_SLOT, "", accepted);
}

/* -------------------------------------------------------- the topics */

/* What of a partition is not there. */
static void
append_range(PQExpBuffer text, const Topic *topic,
			 const TopicPartition *partition)
{
	appendPQExpBuffer(text, "%stopic \"%s\", partition %d: ",
					  text->len > 0 ? "; " : "", topic->name,
					  partition->number);
	if (partition->next < 0)
		appendPQExpBuffer(text, "does not exist, was written up to offset " INT64_FORMAT,
						  partition->missed);
	else if (partition->next <= partition->missed)
		appendPQExpBuffer(text, "lacks offsets " INT64_FORMAT " to " INT64_FORMAT,
						  partition->next, partition->missed);
	else
		appendPQExpBuffer(text, "has another record at offset " INT64_FORMAT ", so up to all before it is missing",
						  partition->missed);
}

/* Topics that lack partitions are taken as new ones. */
static void
forget_missing(Task *task)
{
	for (Topic *topic = task->topics.first; topic != NULL; topic = topic->next)
	{
		bool		missing = false;

		for (int32 i = 0; i < topic->count; i++)
			missing |= topic->partitions[i].next < 0;
		if (missing)
			topic_forget(&task->topics, topic);
	}
}

static bool
check_missed(Task *task)
{
	PQExpBufferData ranges;
	int			count = 0;
	bool		all_missing = true;
	bool		ok;

	initPQExpBuffer(&ranges);
	for (Topic *topic = task->topics.first; topic != NULL; topic = topic->next)
	{
		for (int32 i = 0; i < topic->count; i++)
		{
			TopicPartition *partition = &topic->partitions[i];

			if (partition->missed < 0)
				continue;
			if (count++ < RANGES_SHOWN)
				append_range(&ranges, topic, partition);
			all_missing &= partition->next < 0;
		}
	}
	if (count > RANGES_SHOWN)
		appendPQExpBuffer(&ranges, "; and %d more", count - RANGES_SHOWN);
	if (count == 0)
	{
		termPQExpBuffer(&ranges);
		return true;
	}
	/* brokers that have just been started may not know of a topic yet */
	failure_set(task->failure, all_missing ? FAILURE_RETRY_FEW : FAILURE_STOP,
				"topics do not hold what was written to them: %s", ranges.data);
	termPQExpBuffer(&ranges);
	failure_detail(task->failure,
				   "They were truncated, deleted or made anew. What was written up to %X/%X is confirmed to PostgreSQL and does not come again.",
				   LSN_FORMAT_ARGS(task->offset.lsn));
	ok = refuse_unless_accepted(task, KIND_TOPICS, "",
								"going on with what the topics hold");
	if (ok)
		forget_missing(task);
	return ok;
}

/* Looks for changes in the topics that the server has lost. */
static bool
check_beyond(Task *task)
{
	const Position *highest = NULL;
	uint32		timeline = task->history.timeline;

	for (Topic *topic = task->topics.first; topic != NULL; topic = topic->next)
	{
		for (int32 i = 0; i < topic->count; i++)
		{
			TopicPartition *partition = &topic->partitions[i];

			/* those of earlier timelines are known since this one began */
			if (!partition->has_beyond ||
				(task->found_timeline == timeline &&
				 partition->beyond.timeline != timeline))
				continue;
			if (highest == NULL ||
				position_compare(&partition->beyond, highest) > 0)
				highest = &partition->beyond;
			if (partition->beyond.timeline == timeline)
			{
				/* later the server's WAL will reach it: not to be met again */
				partition->offset = partition->next;
				partition->at_end = true;
			}
		}
	}
	return highest == NULL ||
		refuse_beyond(task, highest->timeline, highest->commit_lsn);
}

bool
refusal_check_topics(Task *task)
{
	return check_missed(task) && check_beyond(task);
}
