/*-------------------------------------------------------------------------
 *
 * worker.c
 *	  One pipeline: reads events, applies them batch by batch.
 *
 * NOTES
 *	  One thread, two batches: one is being filled from the topic while the
 *	  other runs on the target.  A batch goes out as soon as the target is
 *	  free and nothing more is there, so batches are small while there is
 *	  little to do and grow to their limits under load.
 *
 *	  When a batch is refused for its data, it is applied in halves, each a
 *	  transaction of its own, until the event that does not fit is alone.
 *	  When the target is away, or another applier has moved the progress,
 *	  what was read is forgotten and read again from where the target says.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "applier_metrics.h"
#include "batch.h"
#include "consumer.h"
#include "dead_letters.h"
#include "event_set.h"
#include "job.h"
#include "log.h"
#include "memory.h"
#include "signals.h"
#include "supervisor.h"
#include "target.h"

/* How long to wait between attempts to reach the target: doubled each time. */
#define BACKOFF_FIRST_MS	100
#define BACKOFF_MOST_MS		5000

/* Offsets are committed to Kafka for the eye: rarely is enough. */
#define COMMIT_INTERVAL_MS	1000

/*
 * Another applier may take over a partition, and this one learns of it later
 * than from the progress; but not for longer than any session times out.
 */
#define MOVED_PAUSE_MS		200
#define MOVED_MOST_MS		60000

/* A batch in flight keeps a rebalance, or the end, this long. */
#define FINISH_TIMEOUT_MS	8000

/*
 * A key that is changed comes as a delete and a create, which may need the row
 * that is deleted (unchanged TOAST): a batch does not end between them, but
 * for so long at most, as the create may be in a partition of somebody else.
 */
#define MOVING_MOST_MS		1000
#define NEW_KEY_HEADER		"__debezium.newkey"
#define OLD_KEY_HEADER		"__debezium.oldkey"

/* Marks of transactions and the like are passed without events: rarely. */
#define STEP_INTERVAL_MS	1000

/*
 * How often is looked for partitions that nobody has been given: not before
 * the group has been joined, as a question about a topic that makes the broker
 * create it keeps librdkafka from seeing it come; then soon, later and later
 * while there are none.  One must be found so many times in a row, as it may
 * just be given away; and where joining the group anew does not help, that is
 * done later and later.
 */
#define DISCOVER_FIRST_MS	5000
#define DISCOVER_INTERVAL_MS 2000
#define DISCOVER_IDLE_MS	30000
#define DISCOVER_TIMES		2
#define DISCOVER_MOST_MS	300000

/* The topic of the dead letters is looked for so often. */
#define PREPARE_PAUSE_MS	1000

/* A full batch waits this long for the target before the topics are paused. */
#define PAUSE_AFTER_MS		1000

/* Events of a batch still to be applied, "from" to before "to". */
typedef struct Range
{
	int			from;
	int			to;
} Range;

typedef struct Exception
{
	char	   *topic;
	int32		partition;
	int64		offset;
	char	   *reason;
	int64		time_ms;
} Exception;

typedef struct Worker
{
	Pipeline   *pipeline;
	Consumer   *consumer;
	Target	   *target;
	DeadLetters *letters;		/* NULL: none are written */
	int64		prepare_at_ms;	/* the letters' topic: not before */
	char	   *cluster_id;		/* NULL: not known yet */

	RecordMetadata record;		/* of the event being added */
	Batch	   *filling;
	Batch	   *flying;			/* what the ranges below are of */
	Range	   *ranges;			/* a stack: the last one is next */
	int			range_count;
	int			range_room;
	bool		sent;			/* the last range is on the target */
	int64		sent_us;

	char	   *closing;		/* fail with this once all before is applied */
	char	   *failed;			/* the pipeline has ended, and why */
	bool		broken;			/* ... but a new process can go on */

	int64		connect_at_ms;	/* not before */
	int64		place_at_ms;
	int			backoff_ms;
	int64		moved_since_ms; /* 0: progress is where it should be */
	bool		batch_failed;	/* the trouble is not over with a connection */
	bool		set_up_again;	/* the tables were looked at since a batch
								 * went through */
	int			moving;			/* partitions with a delete that waits for its
								 * create */
	int64		moving_until_ms;	/* and how long it does */
	int64		full_since_ms;	/* 0: the filling batch has room */
	bool		paused;			/* nothing is read until it has */
	char	   *trouble;		/* of the target, NULL: none */

	int64		report_at_ms;
	int64		commit_at_ms;
	int64		step_at_ms;
	int64		discover_at_ms;
	int			discover_pause_ms;
	int			rejoin_pause_ms;
	int			discovered;		/* times in a row */
	int64		events;			/* read and applied, for the report */
	int64		rejected;
	int64		source_us;		/* commit time of the newest event applied */
	EventSet	told;			/* events that were rejected, and told */
	Exception	exceptions[EXCEPTIONS_KEPT];
	int			exception_count;
	Metrics    *metrics;
	PQExpBufferData error;
} Worker;

static int64
now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int64
wall_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (int64) time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static double *
worker_metric(Worker *worker, int family, const char *labels)
{
	return metrics_sample(worker->metrics, family, labels);
}

static double *
partition_metric(Worker *worker, int family, const Partition *partition)
{
	PQExpBufferData labels;
	char		number[16];
	double	   *sample;

	initPQExpBuffer(&labels);
	snprintf(number, sizeof(number), "%d", partition->number);
	metrics_label(&labels, "topic", partition->topic);
	metrics_label(&labels, "partition", number);
	sample = metrics_sample(worker->metrics, family, labels.data);
	termPQExpBuffer(&labels);
	return sample;
}

static void worker_finish(Worker *worker);

static void
worker_fail(Worker *worker, const char *reason)
{
	if (worker->failed == NULL)
	{
		worker->failed = pg_strdup(reason);
		pg_log_error("%s", reason);
	}
}

/* ---------------------------------------------------------------- reports */

/* Why it does not go on, "" when it does. */
static const char *
worker_trouble(const Worker *worker)
{
	if (worker->failed != NULL)
		return worker->failed;
	if (worker->trouble != NULL)
		return worker->trouble;
	if (worker->letters != NULL && *dead_letters_trouble(worker->letters) != '\0')
		return dead_letters_trouble(worker->letters);
	return consumer_trouble(worker->consumer);
}

static const char *
worker_state(const Worker *worker)
{
	if (worker->failed != NULL)
		return worker->broken ? "RESTARTING" : "FAILED";
	if (*worker_trouble(worker) != '\0')
		return "RESTARTING";
	for (int i = 0; i < consumer_partition_count(worker->consumer); i++)
		if (consumer_partition(worker->consumer, i)->placed)
			return "RUNNING";
	return "INITIALIZING";
}

static cJSON *
report_partitions(Worker *worker)
{
	cJSON	   *list = cJSON_CreateArray();

	for (int i = 0; i < consumer_partition_count(worker->consumer); i++)
	{
		Partition  *partition = consumer_partition(worker->consumer, i);
		int64		end;
		cJSON	   *item;

		if (!partition->assigned || !partition->placed)
			continue;
		end = consumer_known_end(worker->consumer, i);
		item = cJSON_CreateObject();
		cJSON_AddStringToObject(item, "topic", partition->topic);
		cJSON_AddNumberToObject(item, "partition", partition->number);
		cJSON_AddNumberToObject(item, "offset", (double) partition->applied);
		if (end >= 0)
		{
			cJSON_AddNumberToObject(item, "end", (double) end);
			cJSON_AddNumberToObject(item, "lag",
									(double) Max(0, end - partition->applied));
			*partition_metric(worker, METRIC_LAG_RECORDS, partition) =
				(double) Max(0, end - partition->applied);
		}
		*partition_metric(worker, METRIC_APPLIED_OFFSET, partition) =
			(double) partition->applied;
		cJSON_AddItemToArray(list, item);
	}
	return list;
}

static cJSON *
report_exceptions(const Worker *worker)
{
	cJSON	   *list = cJSON_CreateArray();

	for (int i = 0; i < worker->exception_count; i++)
	{
		const Exception *exception = &worker->exceptions[i];
		cJSON	   *item = cJSON_CreateObject();

		cJSON_AddNumberToObject(item, "timestamp", (double) exception->time_ms);
		cJSON_AddStringToObject(item, "topic", exception->topic);
		cJSON_AddNumberToObject(item, "partition", exception->partition);
		cJSON_AddNumberToObject(item, "offset", (double) exception->offset);
		cJSON_AddStringToObject(item, "reason", exception->reason);
		if (worker->letters != NULL)
			cJSON_AddStringToObject(item, "dead-letter-topic",
									worker->pipeline->letter_topic);
		cJSON_AddItemToArray(list, item);
	}
	return list;
}

static void
worker_report_state(Worker *worker)
{
	cJSON	   *report = cJSON_CreateObject();
	PQExpBufferData samples;
	char	   *line;

	cJSON_AddStringToObject(report, "state", worker_state(worker));
	cJSON_AddStringToObject(report, "trouble", worker_trouble(worker));
	cJSON_AddNumberToObject(report, "events", (double) worker->events);
	cJSON_AddNumberToObject(report, "rejected", (double) worker->rejected);
	if (worker->letters != NULL)
	{
		double		written = (double) dead_letters_count(worker->letters);

		cJSON_AddNumberToObject(report, "dead_letters", written);
		*worker_metric(worker, METRIC_DEAD_LETTERS, NULL) = written;
	}
	if (worker->source_us > 0)
		cJSON_AddNumberToObject(report, "lag_seconds",
								*worker_metric(worker, METRIC_LAG_SECONDS, NULL));
	cJSON_AddItemToObject(report, "partitions", report_partitions(worker));
	cJSON_AddItemToObject(report, "exceptions", report_exceptions(worker));
	*worker_metric(worker, METRIC_UP, NULL) =
		strcmp(worker_state(worker), "RUNNING") == 0 ? 1 : 0;
	initPQExpBuffer(&samples);
	metrics_write_samples(worker->metrics, &samples);
	cJSON_AddStringToObject(report, "metrics", samples.data);
	termPQExpBuffer(&samples);

	line = cJSON_PrintUnformatted(report);
	if (!worker_send_report(line))
		stop_request();			/* the supervisor is gone */
	free(line);
	cJSON_Delete(report);
	worker->report_at_ms = now_ms() + REPORT_INTERVAL_MS;
}

/* Was it read and rejected before?  It is known from now on. */
static bool
was_told(Worker *worker, const Partition *partition, const BatchEvent *event)
{
	KnownEvent	known = {partition->topic, partition->number, event->offset, true};
	bool		found;
	int			number = event_set_find(&worker->told, &known, &found);

	if (!found)
		event_set_add(&worker->told, number, &known);
	return found;
}

/*
 * An event that is not applied: told, counted, kept for a look, once; its
 * letter is written before the progress passes it.
 */
static void
worker_reject(Worker *worker, Batch *batch, BatchEvent *event,
			  const char *reason)
{
	const Partition *partition = consumer_partition(worker->consumer,
													event->partition);
	PQExpBufferData labels;
	Exception  *exception;

	event->rejected = true;
	if (event->record != NULL)
		event->reason = batch_keep(batch, reason, strlen(reason) + 1);
	if (was_told(worker, partition, event))
		return;
	if (worker->pipeline->log_rejected && worker->pipeline->log_records)
		pg_log_warning("event at offset " INT64_FORMAT " of topic \"%s\" partition %d with timestamp " INT64_FORMAT " is not applied: %s",
					   event->offset, partition->topic, partition->number,
					   event->timestamp, reason);
	else if (worker->pipeline->log_rejected)
		pg_log_warning("event at offset " INT64_FORMAT " of topic \"%s\" partition %d is not applied: %s",
					   event->offset, partition->topic, partition->number,
					   reason);
	worker->rejected++;
	initPQExpBuffer(&labels);
	metrics_label(&labels, "topic", partition->topic);
	*metrics_sample(worker->metrics, METRIC_REJECTED, labels.data) += 1;
	termPQExpBuffer(&labels);

	if (worker->exception_count == EXCEPTIONS_KEPT)
	{
		free(worker->exceptions[0].topic);
		free(worker->exceptions[0].reason);
		worker->exception_count--;
		memmove(worker->exceptions, worker->exceptions + 1,
				worker->exception_count * sizeof(Exception));
	}
	exception = &worker->exceptions[worker->exception_count++];
	exception->topic = pg_strdup(partition->topic);
	exception->partition = partition->number;
	exception->offset = event->offset;
	exception->reason = pg_strdup(reason);
	exception->time_ms = wall_us() / 1000;
}

/* -------------------------------------------------------------- set-back */

/* What was read and not applied is dropped, to be read again. */
static void
worker_forget(Worker *worker)
{
	batch_clear(worker->filling);
	batch_clear(worker->flying);
	worker->range_count = 0;
	worker->sent = false;
	free(worker->closing);
	worker->closing = NULL;
	worker->full_since_ms = 0;
	worker->paused = false;
	worker->moving = 0;
	consumer_forget(worker->consumer);
}

static void
worker_wait_for_target(Worker *worker, const char *reason)
{
	/* the same trouble is told once */
	if (worker->trouble == NULL || strcmp(worker->trouble, reason) != 0)
		pg_log_warning("target: %s; trying again", reason);
	free(worker->trouble);
	worker->trouble = pg_strdup(reason);
	*worker_metric(worker, METRIC_RETRIES, NULL) += 1;
	worker->backoff_ms = worker->backoff_ms == 0 ? BACKOFF_FIRST_MS :
		Min(BACKOFF_MOST_MS, worker->backoff_ms * 2);
	worker->connect_at_ms = now_ms() + worker->backoff_ms;
}

/* Any outcome of set-up work but success; error is in worker->error. */
static void
worker_set_up_failed(Worker *worker, Outcome outcome)
{
	if (outcome == OUTCOME_STOPPING)
		return;
	if (outcome == OUTCOME_RETRY)
	{
		target_disconnect(worker->target);
		worker_wait_for_target(worker, worker->error.data);
	}
	else
		worker_fail(worker, worker->error.data);
}

static void
worker_recovered(Worker *worker)
{
	free(worker->trouble);
	worker->trouble = NULL;
	worker->batch_failed = false;
	worker->backoff_ms = 0;
}

static void
worker_connect(Worker *worker)
{
	Outcome		outcome;

	if (target_connected(worker->target) || now_ms() < worker->connect_at_ms)
		return;
	outcome = target_connect(worker->target, &worker->error);
	if (outcome != OUTCOME_DONE)
	{
		worker_set_up_failed(worker, outcome);
		return;
	}
	if (worker->batch_failed)
		return;
	pg_log_info(worker->trouble != NULL ? "target is back" :
				"connected to the target");
	worker_recovered(worker);
}

/* ------------------------------------------------------------- placement */

/* Progress of a topic in another cluster, or outside of what there is? */
static bool
check_progress(Worker *worker, const Partition *partition,
			   const ProgressRow *row, int64 low, int64 high)
{
	PQExpBuffer error = &worker->error;

	resetPQExpBuffer(error);
	if (row->cluster_id != NULL && worker->cluster_id != NULL &&
		strcmp(row->cluster_id, worker->cluster_id) != 0)
		appendPQExpBuffer(error, "progress of topic \"%s\" partition %d belongs to Kafka cluster %s, this is %s",
						  partition->topic, partition->number, row->cluster_id,
						  worker->cluster_id);
	else if (row->next_offset > high)
		appendPQExpBuffer(error, "topic \"%s\" partition %d ends at offset " INT64_FORMAT ", but all before " INT64_FORMAT " was applied: the topic was truncated or made anew",
						  partition->topic, partition->number, high,
						  row->next_offset);
	else if (row->next_offset < low)
		appendPQExpBuffer(error, "topic \"%s\" partition %d starts at offset " INT64_FORMAT " by now, but all from " INT64_FORMAT " on is still to be applied: events are lost",
						  partition->topic, partition->number, low,
						  row->next_offset);
	if (error->len == 0)
		return true;
	appendPQExpBuffer(error, ". To start again by 'scan.startup.mode', remove the rows of pipeline \"%s\" from %s in the target",
					  worker->pipeline->name,
					  worker->pipeline->progress_table);
	worker_fail(worker, error->data);
	return false;
}

/*
 * The first progress of a partition.  Where its topic has none, that of all
 * its partitions: they start by scan.startup.mode, but one that is found later
 * from its begin, or what came before it was found would be lost.
 */
static Outcome
start_partition(Worker *worker, const Partition *partition, bool *again)
{
	PQExpBuffer error = &worker->error;
	int64	   *offsets = NULL;
	int32		first = partition->number;
	int32		count = 0;
	int64		high;
	bool		hopeless = false;
	bool		known;
	Outcome		outcome;

	*again = false;
	outcome = target_count_progress(worker->target, partition->topic, &count,
									error);
	if (outcome != OUTCOME_DONE)
		return outcome;
	if (count > 0)
	{
		count = 1;
		offsets = pg_malloc(sizeof(int64));
		known = consumer_watermarks(worker->consumer, partition->topic, first,
									offsets, &high, error);
	}
	else
	{
		first = 0;
		known = consumer_topic_partitions(worker->consumer, partition->topic,
										  &count, error);
		offsets = pg_malloc(Max(count, 1) * sizeof(int64));
		for (int32 i = 0; known && i < count; i++)
			known = consumer_startup_offset(worker->consumer, partition->topic,
											i, &offsets[i], &hopeless, error);
	}
	if (known)
		outcome = target_start_progress(worker->target, partition->topic, first,
										count, offsets, worker->cluster_id,
										error);
	else if (hopeless)
		outcome = OUTCOME_STOP;
	else
		*again = true;
	free(offsets);
	return outcome;
}

/* Where does the target say that this partition goes on? */
static bool
place_partition(Worker *worker, int number)
{
	Partition  *partition = consumer_partition(worker->consumer, number);
	ProgressRow row;
	Outcome		outcome;
	int64		low;
	int64		high;
	bool		placed = false;

	resetPQExpBuffer(&worker->error);
	outcome = target_read_progress(worker->target, partition->topic,
								   partition->number, &row, &worker->error);
	if (outcome == OUTCOME_DONE && !row.found)
	{
		bool		again;

		outcome = start_partition(worker, partition, &again);
		if (again)
		{
			pg_log_warning("%s; trying again", worker->error.data);
			goto done;
		}
		if (outcome == OUTCOME_DONE)
			outcome = target_read_progress(worker->target, partition->topic,
										   partition->number, &row,
										   &worker->error);
	}
	if (outcome != OUTCOME_DONE)
	{
		worker_set_up_failed(worker, outcome);
		goto done;
	}
	if (!consumer_watermarks(worker->consumer, partition->topic,
							 partition->number, &low, &high, &worker->error))
	{
		pg_log_warning("%s; trying again", worker->error.data);
		goto done;
	}
	if (!check_progress(worker, partition, &row, low, high))
		goto done;
	if (partition->suspect)
	{
		if (partition->anchor.offset >= low &&
			partition->anchor.offset < row.next_offset)
			landmark_set(&partition->check, partition->anchor.offset,
						 pg_strdup(partition->anchor.position));
	}
	else if (row.position != NULL && row.position_offset >= low &&
			 row.position_offset < row.next_offset)
	{
		landmark_set(&partition->check, row.position_offset, row.position);
		row.position = NULL;
	}
	placed = consumer_place(worker->consumer, number, row.next_offset,
							&worker->error);
	if (placed)
		pg_log_info("topic \"%s\" partition %d goes on at offset " INT64_FORMAT " of " INT64_FORMAT,
					partition->topic, partition->number, row.next_offset, high);
	else
		/* it is about to be taken away, perhaps */
		pg_log_warning("%s; trying again", worker->error.data);

done:
	free(row.cluster_id);
	free(row.position);
	return placed;
}

/* Is a partition to be placed, now? */
static bool
placement_is_due(Worker *worker)
{
	if (!target_connected(worker->target) || now_ms() < worker->place_at_ms)
		return false;
	for (int i = 0; i < consumer_partition_count(worker->consumer); i++)
		if (consumer_partition(worker->consumer, i)->assigned &&
			!consumer_partition(worker->consumer, i)->placed)
			return true;
	return false;
}

/*
 * Is there a topic for letters, where some are wanted?  Asked before anything
 * is applied, so that what is wrong about it is known before it is needed.
 */
static bool
letters_are_ready(Worker *worker)
{
	if (worker->letters == NULL || dead_letters_prepared(worker->letters))
		return true;
	if (now_ms() < worker->prepare_at_ms)
		return false;
	switch (dead_letters_prepare(worker->letters, &worker->error))
	{
		case LETTER_WRITTEN:
			return true;
		case LETTER_FAILED:
			worker_fail(worker, worker->error.data);
			return false;
		default:
			pg_log_warning("%s; trying again", worker->error.data);
			worker->prepare_at_ms = now_ms() + PREPARE_PAUSE_MS;
			return false;
	}
}

static void
worker_place_partitions(Worker *worker)
{
	/* the connection is not free for questions while a batch is in flight */
	if (worker->sent || !placement_is_due(worker) || !letters_are_ready(worker))
		return;
	for (int i = 0; i < consumer_partition_count(worker->consumer); i++)
	{
		Partition  *partition = consumer_partition(worker->consumer, i);

		if (!partition->assigned || partition->placed)
			continue;
		if (worker->cluster_id == NULL)
			worker->cluster_id = consumer_cluster_id(worker->consumer);
		if (!place_partition(worker, i))
		{
			worker->place_at_ms = now_ms() + 1000;
			break;
		}
	}
	if (worker->paused)
		consumer_pause(worker->consumer);
	/* that a topic is removed is seen by offsets that are gone */
	worker->commit_at_ms = 0;
}

/* ---------------------------------------------------------------- filling */

static bool
batch_is_full(const Worker *worker)
{
	/* a create that is waited for is not far */
	int			most = worker->moving > 0 ? 2 : 1;

	return worker->filling->event_count / most >= worker->pipeline->batch_rows ||
		worker->filling->bytes / most >= worker->pipeline->batch_bytes;
}

/* Is an event that is not understood left out, by the source's options? */
static bool
tolerates(const Worker *worker, const char *topic)
{
	if (worker->pipeline->tolerance == TOLERATE_ALL)
		return true;
	for (int s = 0; s < worker->pipeline->source_count; s++)
		for (int t = 0; t < worker->pipeline->sources[s].topic_count; t++)
			if (strcmp(worker->pipeline->sources[s].topics[t], topic) == 0 &&
				worker->pipeline->sources[s].ignore_parse_errors)
				return true;
	return false;
}

/* Ends the pipeline at an event, once all before it is applied. */
static void
worker_close_at(Worker *worker, const Partition *partition, int64 offset,
				const char *reason)
{
	if (worker->closing != NULL)
		return;
	worker->closing = psprintf("event at offset " INT64_FORMAT " of topic \"%s\" partition %d cannot be applied: %s. To leave such events out, SET 'errors.tolerance' = 'all'",
							   offset, partition->topic, partition->number,
							   reason);
}

/* What is known of the event that was added last, beside its rows. */
static void
event_note(Worker *worker, const rd_kafka_message_t *message, bool good)
{
	BatchEvent *event = &worker->filling->events[worker->filling->event_count - 1];
	rd_kafka_timestamp_type_t type;

	event->timestamp = rd_kafka_message_timestamp(message, &type);
	/* one that was understood may still be refused by the target */
	if (worker->letters != NULL &&
		(!good || worker->pipeline->tolerance == TOLERATE_ALL))
		letter_keep(worker->filling, message);
}

/*
 * Back-pressure: while the target does not take the full batch, the topics
 * are paused, and asked all the same, so that the group sees this member.
 */
static void
worker_press_back(Worker *worker)
{
	bool		full = batch_is_full(worker) || worker->closing != NULL;

	if (!full && worker->paused)
	{
		worker->paused = false;
		resetPQExpBuffer(&worker->error);
		if (!consumer_resume(worker->consumer, &worker->error))
		{
			pg_log_warning("%s; trying again", worker->error.data);
			worker_finish(worker);
			worker_forget(worker);
		}
		else
			pg_log_info("the target takes batches again; reading on");
	}
	if (!full)
		worker->full_since_ms = 0;
	else if (worker->full_since_ms == 0)
		worker->full_since_ms = now_ms();
	else if (!worker->paused && now_ms() > worker->full_since_ms + PAUSE_AFTER_MS)
	{
		pg_log_info("the target has not taken a batch for %d ms; the topics are paused",
					PAUSE_AFTER_MS);
		worker->paused = true;
		consumer_pause(worker->consumer);
	}
}

/*
 * Joins the create of a changed key, which has just been added, with the
 * delete before it.
 */
static void
worker_follow_key(Worker *worker, Partition *partition,
				  const rd_kafka_message_t *message, bool good)
{
	Batch	   *batch = worker->filling;
	Partition  *from = partition;
	const void *key;
	size_t		length;

	/* the tombstone between them */
	if (message->payload == NULL)
		return;
	if (worker->moving > 0)
	{
		key = good ? message_header(message, OLD_KEY_HEADER, &length) : NULL;
		for (int i = 0; key != NULL && from->moving < 0 &&
			 i < consumer_partition_count(worker->consumer); i++)
		{
			Partition  *other = consumer_partition(worker->consumer, i);

			/* its last event is the delete or the tombstone, with that key */
			if (other->moving >= 0 && other->last->key_len == length &&
				memcmp(other->last->key, key, length) == 0)
				from = other;
		}
		if (from->moving >= 0)
		{
			if (key != NULL)
				batch_join(batch, from->moving);
			from->moving = -1;
			worker->moving--;
		}
	}
	if (good && batch_ends_with_delete(batch) &&
		message_header(message, NEW_KEY_HEADER, &length) != NULL)
	{
		partition->moving = batch->event_count - 1;
		if (worker->moving++ == 0)
			worker->moving_until_ms = now_ms() + MOVING_MOST_MS;
	}
}

/* Adds what is there to the filling batch; false when nothing more is. */
static bool
worker_fill(Worker *worker)
{
	worker_press_back(worker);
	while (worker->paused ||
		   (!batch_is_full(worker) && worker->closing == NULL))
	{
		rd_kafka_message_t *message;
		Partition  *partition;
		int			number;
		bool		good;

		resetPQExpBuffer(&worker->error);
		switch (consumer_poll(worker->consumer, &message, &number,
							  &worker->error))
		{
			case CONSUMER_NOTHING:
				return false;
			case CONSUMER_REPLACE:
				worker_finish(worker);
				worker_forget(worker);
				worker->place_at_ms = now_ms() + BACKOFF_FIRST_MS;
				return false;
			case CONSUMER_BROKEN:
				worker->broken = true;
				worker_fail(worker, worker->error.data);
				return false;
			case CONSUMER_FAILED:
				worker_fail(worker, worker->error.data);
				return false;
			case CONSUMER_EVENT:
				break;
		}
		partition = consumer_partition(worker->consumer, number);
		resetPQExpBuffer(&worker->error);
		if (worker->pipeline->has_metadata)
		{
			metadata_read(&worker->record, message);
			worker->filling->record = &worker->record;
		}
		good = batch_add(worker->filling, partition->topic, number,
						 message->offset, message->key, message->key_len,
						 message->payload, message->len, &worker->error);
		if (!good && !tolerates(worker, partition->topic))
		{
			/* it is not part of the batch; the rest never will be */
			worker->filling->event_count--;
			worker_close_at(worker, partition, message->offset,
							worker->error.data);
			rd_kafka_message_destroy(message);
			return false;
		}
		event_note(worker, message, good);
		if (!good)
			worker_reject(worker, worker->filling,
						  &worker->filling->events[worker->filling->event_count - 1],
						  worker->error.data);
		worker_follow_key(worker, partition, message, good);
		if (partition->last != NULL)
			rd_kafka_message_destroy(partition->last);
		partition->last = message;
	}
	return true;
}

/* -------------------------------------------------------------- applying */

/* Has it read on behind what is applied, where all events are? */
static bool
partition_is_behind(const Partition *partition)
{
	return partition->assigned && partition->placed && !partition->paused &&
		partition->next > partition->applied;
}

static void
push_range(Worker *worker, int from, int to)
{
	if (worker->range_count == worker->range_room)
	{
		worker->range_room = worker->range_room == 0 ? 32 : worker->range_room * 2;
		worker->ranges = pg_realloc(worker->ranges,
									worker->range_room * sizeof(Range));
	}
	worker->ranges[worker->range_count].from = from;
	worker->ranges[worker->range_count++].to = to;
}

/* source.ts_us of a Debezium event, 0: none. */
static int64
message_source_us(const rd_kafka_message_t *message)
{
	JsonReader	reader;
	int64		result = 0;
	bool		inside = false;
	JsonToken	token;

	if (message->payload == NULL)
		return 0;
	json_init(&reader);
	json_start(&reader, message->payload, message->len);
	if (json_next(&reader) == JSON_OBJECT)
		while ((token = json_next(&reader)) == JSON_NAME)
		{
			if (!inside && json_text_is(&reader, "source"))
			{
				if (json_next(&reader) != JSON_OBJECT)
					break;
				inside = true;
			}
			else if (inside && json_text_is(&reader, "ts_us"))
			{
				if (json_next(&reader) == JSON_NUMBER)
					result = strtoll(reader.text, NULL, 10);
				break;
			}
			else if (!json_skip(&reader, NULL, NULL))
				break;
		}
	json_free(&reader);
	return result;
}

/*
 * Where the partitions go with a range of the flying batch; one without events
 * is for what is read and no event.  *steps is the caller's to free.
 */
static int
range_progress(Worker *worker, const Range *range, ProgressStep **steps)
{
	const Batch *batch = worker->flying;
	int			partitions = consumer_partition_count(worker->consumer);
	int64	   *to = pg_malloc(Max(partitions, 1) * sizeof(int64));
	int			count = 0;

	for (int i = 0; i < partitions; i++)
		to[i] = -1;
	for (int e = range->from; e < range->to; e++)
		to[batch->events[e].partition] = batch->events[e].offset + 1;
	for (int i = 0; range->from == range->to && i < partitions; i++)
		if (partition_is_behind(consumer_partition(worker->consumer, i)))
			to[i] = consumer_partition(worker->consumer, i)->next;
	*steps = pg_malloc0(Max(partitions, 1) * sizeof(ProgressStep));
	for (int i = 0; i < partitions; i++)
	{
		Partition  *partition = consumer_partition(worker->consumer, i);
		ProgressStep *step = &(*steps)[count];

		/* also where a range that was refused, and now its half, had it go */
		partition->going_to = to[i];
		if (to[i] < 0)
			continue;
		step->topic = partition->topic;
		step->partition = partition->number;
		step->from = partition->applied;
		step->to = to[i];
		/* of the last event only: in between it stays what it was */
		if (partition->sent.offset + 1 == to[i])
			step->position = partition->sent.position;
		count++;
	}
	free(to);
	return count;
}

/* An event of the flying batch that the target refuses. */
static void
isolate_event(Worker *worker, Range range, int event, const char *reason)
{
	BatchEvent *bad = &worker->flying->events[event];
	const Partition *partition = consumer_partition(worker->consumer,
													bad->partition);

	if (worker->pipeline->tolerance == TOLERATE_ALL)
	{
		worker_reject(worker, worker->flying, bad, reason);
		bad->refused = true;
		push_range(worker, range.from, range.to);
		return;
	}
	/* what is before it is applied, nothing behind it */
	free(worker->closing);
	worker->closing = NULL;
	worker_close_at(worker, partition, bad->offset, reason);
	worker->range_count = 0;
	batch_clear(worker->filling);
	/* what it needs is still there when it is tried again */
	while (event > range.from && worker->flying->events[event].joined)
		event--;
	if (event > range.from)
		push_range(worker, range.from, event);
}

/* Nothing of it has happened: all is read again, after a pause. */
static void
worker_batch_failed(Worker *worker)
{
	worker_forget(worker);
	target_disconnect(worker->target);
	worker->batch_failed = true;
	worker_wait_for_target(worker, worker->error.data);
}

/* Where a range can be cut, near its middle. */
static int
range_middle(Worker *worker, Range range)
{
	BatchEvent *events = worker->flying->events;
	int			middle = range.from + (range.to - range.from) / 2;
	int			cut = middle;

	while (cut > range.from && events[cut].joined)
		cut--;
	if (cut > range.from)
		return cut;
	for (cut = middle; cut < range.to && events[cut].joined;)
		cut++;
	if (cut < range.to)
		return cut;
	/* all of it belongs together: it can be applied in parts, or not */
	for (int e = range.from + 1; e < range.to; e++)
		events[e].joined = false;
	return middle;
}

static void
range_refused(Worker *worker, Range range, const char *reason)
{
	int			middle;

	if (range.to - range.from == 1)
	{
		isolate_event(worker, range, range.from, reason);
		return;
	}
	pg_log_debug("%d events were refused (%s); applying them in halves",
				 range.to - range.from, reason);
	middle = range_middle(worker, range);
	push_range(worker, middle, range.to);
	push_range(worker, range.from, middle);
}

static void
range_applied(Worker *worker)
{
	Range		range = worker->ranges[--worker->range_count];
	const Batch *batch = worker->flying;
	int64		upserted;
	int64		deleted;

	worker->sent = false;
	worker->moved_since_ms = 0;
	worker->set_up_again = false;
	if (worker->trouble != NULL)
	{
		pg_log_info("the target takes batches again");
		worker_recovered(worker);
	}
	for (int i = 0; i < consumer_partition_count(worker->consumer); i++)
	{
		Partition  *partition = consumer_partition(worker->consumer, i);

		if (partition->going_to >= 0)
			partition->applied = partition->going_to;
		partition->going_to = -1;
		if (worker->range_count == 0 && partition->sent.offset >= 0)
		{
			landmark_set(&partition->done, partition->sent.offset,
						 partition->sent.position);
			partition->sent.offset = -1;
			partition->sent.position = NULL;
		}
		if (!partition->placed)
			continue;
		event_set_pass(&worker->told, partition->topic, partition->number,
					   partition->applied);
		if (worker->letters != NULL)
			dead_letters_passed(worker->letters, partition->topic,
								partition->number, partition->applied);
	}
	worker->events += range.to - range.from;
	*worker_metric(worker, METRIC_EVENTS, NULL) += range.to - range.from;
	target_written(worker->target, &upserted, &deleted);
	*worker_metric(worker, METRIC_ROWS, "operation=\"upsert\"") += upserted;
	*worker_metric(worker, METRIC_ROWS, "operation=\"delete\"") += deleted;
	*worker_metric(worker, METRIC_BATCHES, NULL) += 1;
	metrics_observe(metrics_histogram(worker->metrics, METRIC_BATCH_SECONDS, NULL),
					(wall_us() - worker->sent_us) / 1e6);
	if (worker->range_count == 0)
	{
		if (batch->last_source_us > 0)
		{
			worker->source_us = batch->last_source_us;
			*worker_metric(worker, METRIC_LAG_SECONDS, NULL) =
				Max(0, wall_us() - batch->last_source_us) / 1e6;
		}
		batch_clear(worker->flying);
	}
}

/*
 * Are the letters of the range written, all of them?  Those that are not are
 * sent, in the order of the events.
 */
static bool
range_letters_written(Worker *worker, const Range *range)
{
	bool		written = true;

	for (int e = range->from; e < range->to; e++)
	{
		const BatchEvent *event = &worker->flying->events[e];
		const Partition *partition;
		Letter		letter;

		if (event->reason == NULL)
			continue;
		partition = consumer_partition(worker->consumer, event->partition);
		letter.topic = partition->topic;
		letter.partition = partition->number;
		letter.offset = event->offset;
		letter.record = event->record;
		letter.reason = event->reason;
		letter.refused = event->refused;
		switch (dead_letters_put(worker->letters, &letter, &worker->error))
		{
			case LETTER_WRITTEN:
				break;
			case LETTER_SENT:
				written = false;
				break;
			case LETTER_NO_ROOM:
				(void) letters_are_ready(worker);
				return false;
			case LETTER_FAILED:
				worker_fail(worker, worker->error.data);
				return false;
		}
	}
	return written;
}

/*
 * Sends the next range of the flying batch.  False when it has to wait for
 * the letters of its events.
 */
static bool
worker_send(Worker *worker)
{
	Range		range = worker->ranges[worker->range_count - 1];
	ProgressStep *steps;
	int			count;
	int			event = range.from;
	Outcome		outcome;

	if (worker->letters != NULL && !range_letters_written(worker, &range))
		return false;
	count = range_progress(worker, &range, &steps);
	worker->sent_us = wall_us();
	outcome = target_send(worker->target, worker->flying, range.from, range.to,
						  steps, count, &event, &worker->error);
	free(steps);
	switch (outcome)
	{
		case OUTCOME_BUSY:
			worker->sent = true;
			break;
		case OUTCOME_DONE:
			range_applied(worker);
			break;
		case OUTCOME_REJECTED:
			worker->range_count--;
			isolate_event(worker, range, event, worker->error.data);
			break;
		default:
			worker_batch_failed(worker);
			break;
	}
	return true;
}

/* Takes note of what the target has done with what was sent. */
static void
worker_proceed(Worker *worker)
{
	Outcome		outcome;
	Range		range;

	if (!target_connected(worker->target))
		return;
	outcome = target_proceed(worker->target, &worker->error);
	if (!worker->sent && outcome != OUTCOME_RETRY)
		return;
	switch (outcome)
	{
		case OUTCOME_BUSY:
			break;
		case OUTCOME_DONE:
			range_applied(worker);
			break;
		case OUTCOME_REJECTED:
			worker->sent = false;
			range = worker->ranges[--worker->range_count];
			range_refused(worker, range, worker->error.data);
			break;
		case OUTCOME_SMALLER:
			range = worker->ranges[worker->range_count - 1];
			if (range.to - range.from <= 1)
			{
				worker_batch_failed(worker);
				break;
			}
			worker->sent = false;
			worker->range_count--;
			range_refused(worker, range, worker->error.data);
			break;
		case OUTCOME_MOVED:
			if (worker->moved_since_ms == 0)
				worker->moved_since_ms = now_ms();
			if (now_ms() > worker->moved_since_ms + MOVED_MOST_MS)
			{
				worker->sent = false;
				worker_fail(worker, "another applier moves the progress of this pipeline again and again: two must not have the same 'pipeline.name' and different groups");
				break;
			}
			pg_log_warning("another applier has moved the progress of this pipeline; reading it again");
			worker_forget(worker);
			worker->place_at_ms = now_ms() + MOVED_PAUSE_MS;
			break;
		case OUTCOME_RETRY:
			if (worker->sent)
				worker_batch_failed(worker);
			else
			{
				worker_forget(worker);
				worker_wait_for_target(worker, worker->error.data);
			}
			break;
		case OUTCOME_STOP:
			/* a table that was altered is looked at again, and says more */
			if (!worker->set_up_again)
			{
				worker->set_up_again = true;
				worker_batch_failed(worker);
				break;
			}
			worker->sent = false;	/* nothing to wait for */
			worker_fail(worker, worker->error.data);
			break;
		case OUTCOME_STOPPING:
			worker->sent = false;
			worker_fail(worker, worker->error.data);
			break;
	}
}

/* The filled batch becomes the one that is applied. */
static void
worker_launch(Worker *worker)
{
	Batch	   *batch = worker->filling;

	if (worker->range_count > 0 || batch->event_count == 0)
		return;
	if (worker->moving > 0 && worker->closing == NULL &&
		now_ms() < worker->moving_until_ms)
		return;
	worker->moving = 0;
	worker->filling = worker->flying;
	worker->flying = batch;
	for (int i = 0; i < consumer_partition_count(worker->consumer); i++)
	{
		Partition  *partition = consumer_partition(worker->consumer, i);

		partition->moving = -1;
		if (partition->last == NULL || !partition->assigned)
			continue;
		batch->last_source_us = Max(batch->last_source_us,
									message_source_us(partition->last));
		if (partition->last->offset >= partition->applied)
			landmark_set(&partition->sent, partition->last->offset,
						 message_position(partition->last));
	}
	push_range(worker, 0, batch->event_count);
}

/* The progress alone, where all events that were read are applied. */
static void
worker_step(Worker *worker)
{
	if (worker->range_count > 0 || worker->filling->event_count > 0 ||
		worker->closing != NULL)
		return;
	for (int i = 0; i < consumer_partition_count(worker->consumer); i++)
		if (partition_is_behind(consumer_partition(worker->consumer, i)))
		{
			push_range(worker, 0, 0);
			return;
		}
}

/* Sends, if something is due and the target is free. */
static void
worker_apply(Worker *worker)
{
	if (worker->failed != NULL || !target_connected(worker->target))
		return;
	if (placement_is_due(worker) && !worker->sent)
		return;					/* first */
	if (worker->range_count == 0)
		worker_launch(worker);
	if (now_ms() >= worker->step_at_ms)
	{
		worker_step(worker);
		worker->step_at_ms = now_ms() + STEP_INTERVAL_MS;
	}
	while (worker->range_count > 0 && !worker->sent && worker->failed == NULL &&
		   target_connected(worker->target))
		if (!worker_send(worker))
			break;
	if (worker->range_count == 0 && worker->filling->event_count == 0 &&
		worker->closing != NULL)
		worker_fail(worker, worker->closing);
}

/*
 * Waits until nothing is in flight, or for so long.  A batch that is left to
 * itself may be committed or not: who goes on reads the progress, and where
 * that is changed later its own first statement finds it.
 */
static void
worker_finish(Worker *worker)
{
	int64		deadline = now_ms() + FINISH_TIMEOUT_MS;

	while (worker->sent && target_connected(worker->target))
	{
		struct pollfd fd = {.fd = target_fd(worker->target)};

		fd.events = target_poll_events(worker->target);
		if (poll(&fd, 1, (int) Max(0, deadline - now_ms())) == 0)
		{
			pg_log_warning("the target has not finished a batch for %d ms; leaving it to itself",
						   FINISH_TIMEOUT_MS);
			target_disconnect(worker->target);
			worker->sent = false;
			return;
		}
		worker_proceed(worker);
	}
}

/* Partitions are about to be given back, or are lost. */
static void
on_revoke(void *arg)
{
	Worker	   *worker = arg;

	worker_finish(worker);
	consumer_commit(worker->consumer, true);
	worker_forget(worker);
}

/* ------------------------------------------------------------- the loop */

/* The supervisor says nothing but its end. */
static void
read_supervisor(void)
{
	char		bytes[256];

	for (;;)
	{
		ssize_t		length = read(STDIN_FILENO, bytes, sizeof(bytes));

		if (length == 0)
		{
			stop_request();
			return;
		}
		if (length < 0)
			return;
	}
}

static void
worker_wait(Worker *worker, bool more)
{
	struct pollfd fds[5];
	int64		now = now_ms();
	int64		timeout = Min(worker->report_at_ms, worker->commit_at_ms) - now;
	int			ready;

	fds[0].fd = signals_fd();
	fds[0].events = POLLIN;
	fds[1].fd = STDIN_FILENO;
	fds[1].events = POLLIN;
	/* a full batch must go first: then the topic need not wake us */
	fds[2].fd = !worker->paused &&
		(batch_is_full(worker) || worker->closing != NULL) ? -1 :
		consumer_fd(worker->consumer);
	fds[2].events = POLLIN;
	fds[3].fd = target_fd(worker->target);
	fds[3].events = fds[3].fd >= 0 ? target_poll_events(worker->target) : 0;
	fds[4].fd = worker->letters != NULL ? dead_letters_fd(worker->letters) : -1;
	fds[4].events = POLLIN;
	if (!target_connected(worker->target))
		timeout = Min(timeout, worker->connect_at_ms - now);
	if (worker->moving > 0 && worker->range_count == 0)
		timeout = Min(timeout, worker->moving_until_ms - now);
	if (more)
		timeout = 0;
	timeout = Max(0, Min(timeout, REPORT_INTERVAL_MS));
	ready = poll(fds, lengthof(fds), (int) timeout);
	if (ready < 0)
		return;
	if (ready == 0 && timeout > 0)
		memory_tidy();
	if (fds[0].revents != 0)
		signals_drain();
	if (fds[1].revents != 0)
		read_supervisor();
	if (fds[2].revents != 0)
		consumer_drain_fd(worker->consumer);
	if (fds[4].revents != 0)
		dead_letters_drain_fd(worker->letters);
}

/* Joins the group anew where a partition is nobody's. */
static void
worker_discover(Worker *worker)
{
	if (now_ms() < worker->discover_at_ms || worker->sent ||
		*consumer_trouble(worker->consumer) != '\0')
		return;
	if (!consumer_has_unowned(worker->consumer))
	{
		worker->discovered = 0;
		worker->discover_pause_ms = Min(Max(worker->discover_pause_ms * 2,
											DISCOVER_INTERVAL_MS),
										DISCOVER_IDLE_MS);
		worker->discover_at_ms = now_ms() + worker->discover_pause_ms;
		return;
	}
	worker->discover_at_ms = now_ms() + DISCOVER_INTERVAL_MS;
	if (++worker->discovered < DISCOVER_TIMES)
		return;
	pg_log_info("a topic has a partition that no member of the group has been given; joining the group anew");
	worker->discovered = 0;
	worker->discover_pause_ms = 0;
	worker->rejoin_pause_ms = worker->rejoin_pause_ms == 0 ?
		DISCOVER_INTERVAL_MS : Min(worker->rejoin_pause_ms * 2, DISCOVER_MOST_MS);
	worker->discover_at_ms = now_ms() + worker->rejoin_pause_ms;
	resetPQExpBuffer(&worker->error);
	if (!consumer_rejoin(worker->consumer, &worker->error))
		pg_log_warning("%s", worker->error.data);
}

static void
worker_timers(Worker *worker)
{
	int64		now = now_ms();

	consumer_nudge(worker->consumer, now);
	if (now >= worker->commit_at_ms)
	{
		if (!consumer_verify(worker->consumer))
		{
			worker_finish(worker);
			worker_forget(worker);
		}
		consumer_commit(worker->consumer, false);
		worker->commit_at_ms = now + COMMIT_INTERVAL_MS;
	}
	if (now >= worker->report_at_ms)
	{
		consumer_recheck(worker->consumer);
		worker_report_state(worker);
	}
}

static void
worker_loop(Worker *worker)
{
	while (!stop_requested() && worker->failed == NULL)
	{
		bool		more = false;

		worker_connect(worker);
		worker_place_partitions(worker);
		if (worker->failed != NULL)
			break;
		more = worker_fill(worker);
		worker_proceed(worker);
		worker_apply(worker);
		worker_timers(worker);
		worker_discover(worker);
		if (!stop_requested() && worker->failed == NULL)
			worker_wait(worker, more && !batch_is_full(worker) &&
						worker->closing == NULL);
	}
	/* the transaction at hand is finished; what is read only is not lost */
	worker_finish(worker);
	if (worker->failed == NULL && worker->range_count == 0 &&
		target_connected(worker->target))
	{
		worker_step(worker);
		if (worker->range_count > 0)
			worker_send(worker);
		worker_finish(worker);
	}
	consumer_commit(worker->consumer, true);
}

/* {"file": ..., "text": ...} */
static Pipeline *
read_pipeline(void)
{
	char	   *line = worker_read_configuration();
	cJSON	   *configuration = line != NULL ? cJSON_Parse(line) : NULL;
	const char *file = cJSON_GetStringValue(cJSON_GetObjectItem(configuration, "file"));
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(configuration, "text"));
	PQExpBufferData error;
	Pipeline   *pipeline;

	if (file == NULL || text == NULL)
		pg_fatal("no configuration on standard input; workers are started by the program itself");
	initPQExpBuffer(&error);
	pipeline = pipeline_parse(pg_strdup(file), text, &error);
	if (pipeline == NULL)
		pg_fatal("%s", error.data);
	termPQExpBuffer(&error);
	cJSON_Delete(configuration);
	free(line);
	return pipeline;
}

int
worker_hopeless(const char *reason)
{
	cJSON	   *report = cJSON_CreateObject();
	char	   *line;

	pg_log_error("%s", reason);
	cJSON_AddStringToObject(report, "state", "FAILED");
	cJSON_AddStringToObject(report, "trouble", reason);
	line = cJSON_PrintUnformatted(report);
	(void) worker_send_report(line);
	free(line);
	cJSON_Delete(report);
	return EXIT_HOPELESS;
}

int
worker_main(void)
{
	Worker		worker;
	int			flags = fcntl(STDIN_FILENO, F_GETFL);

	memset(&worker, 0, sizeof(worker));
	signals_init();
	worker.pipeline = read_pipeline();
	fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK);
	initPQExpBuffer(&worker.error);
	worker.metrics = metrics_new(applier_metrics);
	worker.filling = batch_new(worker.pipeline);
	worker.flying = batch_new(worker.pipeline);
	worker.target = target_new(worker.pipeline);
	worker.consumer = consumer_new(worker.pipeline, on_revoke, &worker,
								   &worker.error);
	if (worker.consumer != NULL && worker.pipeline->letter_topic != NULL)
		worker.letters = dead_letters_new(worker.pipeline, &worker.error);
	if (worker.consumer == NULL || worker.error.len > 0)
		return worker_hopeless(worker.error.data);

	worker.discover_at_ms = now_ms() + DISCOVER_FIRST_MS;
	worker_loop(&worker);
	worker_report_state(&worker);
	if (worker.failed == NULL)
		pg_log_info("stopped after " INT64_FORMAT " events", worker.events);
	consumer_close(worker.consumer);
	target_disconnect(worker.target);
	fflush(NULL);
	_exit(worker.failed == NULL ? 0 : worker.broken ? 1 : EXIT_HOPELESS);
}
