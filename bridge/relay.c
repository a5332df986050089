/*-------------------------------------------------------------------------
 *
 * relay.c
 *	  From the stream to the producer: the loop in which a worker spends its
 *	  life.
 *
 * NOTES
 *	  What a change goes through: walstream_receive() gives a message, whose
 *	  frames are read one by one; a record goes to the producer, unless the
 *	  partition holds it already; its delivery is noted in the ledger; when
 *	  the ledger's flushable LSN has moved, it is stored in the offset topic;
 *	  when that is acknowledged, it is confirmed to the server.
 *
 *	  When the configuration was changed while a transaction was being sent,
 *	  that transaction is finished under the old one: its records must be the
 *	  same again.  The run ends where the next one begins.
 *
 *	  A record is only sent once the frame behind it is known, since it says
 *	  whether it is its transaction's last.
 *
 *	  Nothing here blocks for long.  Where a record has to wait (the producer
 *	  is full, its topic is not stored yet), reading stops and all else goes
 *	  on.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "task.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <string.h>

#include "frames.h"
#include "lease.h"
#include "log.h"
#include "loop.h"
#include "report.h"
#include "session.h"
#include "slot.h"
#include "signals.h"
#include "tail.h"

/* At most one stored offset a second, as long as records come ... */
#define STORE_MS		1000
/* ... and fewer when only the server's other WAL moves on: a slot that is
 * some seconds behind holds back nothing that matters. */
#define IDLE_STORE_MS	10000
#define METRICS_MS		1000

/* Nothing acknowledged for so long is told: elections take less. */
#define STALL_MS		10000

/* How long nothing must have come before memory is given back. */
#define TRIM_MS			10000

/*
 * Waking up for each of many small transactions costs several times what they
 * cost themselves, here and in the server, which has to wake us.  So rounds
 * begin at least this far apart when the last one left nothing to do; further
 * when so many messages came that this is a backlog rather than a load: at
 * least BUSY_MESSAGES, and one every BUSY_US.  Batches are larger then.
 */
#define ROUND_US		500
#define BUSY_ROUND_US	4000
#define BUSY_MESSAGES	25
#define BUSY_US			20

/* Messages taken between two looks at all else; each has some 64 KiB at most,
 * but for single larger records. */
#define MESSAGES_A_ROUND	32

/* What an ordered stop may take: Kafka may be away just then. */
#define STOP_FLUSH_MS	5000

typedef enum Step
{
	STEP_DONE,					/* a frame was taken */
	STEP_MESSAGE,				/* the next message is needed */
	STEP_WAIT,					/* the producer or the store must get on */
	STEP_FAILED
} Step;

typedef struct Relay
{
	Task	   *task;

	/* the message being read */
	Block	   *block;			/* NULL: none */
	FrameReader reader;

	/* the record whose successor is awaited */
	bool		pending;
	Frame		frame;
	Block	   *frame_block;

	Topic	  **topics;			/* by the stream's numbers */
	uint32		topic_count;

	/* the open transaction */
	bool		open;
	uint64		transaction;	/* number in the ledger */
	XLogRecPtr	commit_lsn;
	uint32		records;

	bool		store_now;		/* a record waits for its topic to be stored */
	bool		store_soon;		/* the server asked for our position */
	bool		delivered;		/* a transaction, since the last store */
	bool		idle;			/* nothing is waiting to be sent */
	int64		metrics_at;
	bool		busy;			/* something was sent since the last look */
	int64		busy_until;		/* 0: idle, and trimmed */
	int64		woken_us;		/* clock_us() at the end of the last wait */
	int64		woken_before_us;	/* and of the one before */
	int64		messages;		/* taken since the last wait */
	int64		look_at;		/* at the topics' partitions */
	uint64		acknowledged;	/* when it was looked at last, and */
	int64		acknowledged_at;	/* when it was another number */
	bool		stalled;		/* the status says that nothing is */

	/* metrics, looked up once */
	double	   *dropped;
	double	   *transactions;
	double	   *in_flight;
	double	   *in_flight_bytes;
	double	   *received;
	double	   *stored;
	double	   *confirmed;
	double	   *lag;
	MetricHistogram *latency;
} Relay;

/* ------------------------------------------------------------ the frames */

static Step
failed(Relay *relay, const char *reason)
{
	failure_set(relay->task->failure, FAILURE_STOP,
				"could not understand the plugin's stream: %s", reason);
	failure_hint(relay->task->failure,
				 "The plugin on the server and the bridge are to be of the same version.");
	return STEP_FAILED;
}

static Step
take_begin(Relay *relay, const Frame *frame)
{
	Task	   *task = relay->task;

	if (relay->open)
		return failed(relay, "a transaction begins inside of another");
	if (!XLogRecPtrIsInvalid(task->finish_lsn) &&
		frame->commit_lsn > task->finish_lsn)
	{
		pg_log_info("what was begun under the last configuration is finished");
		failure_set(task->failure, FAILURE_AGAIN, "the configuration changes");
		return STEP_FAILED;
	}
	if (task->topics.resized &&
		topics_may_resize(&task->topics, frame->commit_lsn))
	{
		/* between transactions, with all before stored: see topics.h */
		if (!ledger_idle(task->ledger, InvalidXLogRecPtr))
		{
			relay->reader.position = frame->start;
			return STEP_WAIT;
		}
		if (!topics_resize(&task->topics, producer_client(task->producer),
						   task->failure))
			return STEP_FAILED;
	}
	relay->open = true;
	relay->commit_lsn = frame->commit_lsn;
	relay->records = 0;
	relay->transaction = ledger_begin(task->ledger, frame->xid,
									  frame->commit_lsn, frame->commit_time);
	return STEP_DONE;
}

static Step
take_topic(Relay *relay, const Frame *frame)
{
	if (frame->topic != relay->topic_count)
		return failed(relay, "the numbers of topics are not in order");
	relay->topics = pg_realloc(relay->topics,
							   (relay->topic_count + 1) * sizeof(Topic *));
	relay->topics[relay->topic_count++] =
		topics_get(&relay->task->topics, frame->name.data, frame->name.length);
	return STEP_DONE;
}

static Step
take_commit(Relay *relay, const Frame *frame)
{
	if (!relay->open)
		return failed(relay, "a commit without a begin");
	if (frame->records != relay->records)
		return failed(relay, "a transaction has not all of its records");
	relay->open = false;
	ledger_commit(relay->task->ledger, frame->end_lsn);
	return STEP_DONE;
}

/* Sends the pending record, or drops it if it is in Kafka already. */
static Step
send_pending(Relay *relay, bool last)
{
	Task	   *task = relay->task;
	const Frame *frame = &relay->frame;
	Topic	   *topic = relay->topics[frame->topic];
	Record		record = {
		.topic = topic,
		.position = {
			.kind = 's',
			.system_identifier = task->history.system_identifier,
			.timeline = task->history.timeline,
			.commit_lsn = relay->commit_lsn,
			.change_lsn = frame->change_lsn,
			.number = frame->number,
			.part = frame->part,
			.last = last
		},
		.key = frame->key.data,
		.key_length = Max(frame->key.length, 0),
		.value = frame->value.data,
		.value_length = Max(frame->value.length, 0),
		.of_change = frame_is_change(frame),
		.header_count = frame->header_count,
		.headers = frame->headers,
		.transformed = frame->transformed,
		.timestamp = frame->timestamp,
		.block = relay->frame_block,
		.transaction = relay->transaction
	};

	if (!topic->used && !task_open_topic(task, topic))
		return STEP_FAILED;
	/* in a Kafka transaction it is stored along with its records */
	if (!topic->registered && !task->config->transactional)
	{
		relay->store_now = true;
		return STEP_WAIT;
	}
	record.partition = topic_partition(topic, frame->partition, record.key,
									   frame->key.length, &record.position);
	if (record.partition == NULL)
	{
		topic_no_partition(topic, frame->partition, task->failure);
		return STEP_FAILED;
	}
	if (tail_covers(record.partition, &record.position))
		*relay->dropped += 1;
	else
	{
		switch (producer_send(task->producer, &record, task->failure))
		{
			case SEND_FULL:
				return STEP_WAIT;
			case SEND_FAILED:
				/* its own position's form is that of the plugin's option */
				failure_detail(task->failure,
							   "The record is of the transaction that commits at %X/%X; skip.change=%X/%X %X/%X %u leaves the change out.",
							   LSN_FORMAT_ARGS(relay->commit_lsn),
							   LSN_FORMAT_ARGS(relay->commit_lsn),
							   LSN_FORMAT_ARGS(frame->change_lsn),
							   frame->number);
				return STEP_FAILED;
			case SEND_DONE:
				break;
		}
		ledger_sent(task->ledger);
		relay->busy = true;
		*task_record_counter(task, topic, frame->operation) += 1;
	}
	relay->records++;
	relay->pending = false;
	block_release(relay->frame_block);
	relay->frame_block = NULL;
	return STEP_DONE;
}

/* Takes one frame. */
static Step
relay_step(Relay *relay)
{
	Frame		frame;

	if (relay->block == NULL || relay->reader.position == relay->reader.end)
	{
		block_release(relay->block);
		relay->block = NULL;
		return STEP_MESSAGE;
	}
	if (relay->pending)
		return send_pending(relay, *relay->reader.position == 'C');
	if (!frames_next(&relay->reader, &frame))
		return failed(relay, relay->reader.error);
	switch (frame.type)
	{
		case 'B':
			return take_begin(relay, &frame);
		case 'T':
			return take_topic(relay, &frame);
		case 'R':
		case 'X':
			if (!relay->open || frame.topic >= relay->topic_count)
				return failed(relay, "a record without a transaction or topic");
			relay->pending = true;
			relay->frame = frame;
			relay->frame_block = block_keep(relay->block);
			return STEP_DONE;
		case 'C':
			return take_commit(relay, &frame);
		default:
			return failed(relay, "unexpected type of frame");
	}
}

/* Receives the next message.  STEP_WAIT: none is here. */
static Step
relay_receive(Relay *relay)
{
	Task	   *task = relay->task;
	WalMessage	message;

	if (!producer_has_room(task->producer))
		return STEP_WAIT;
	switch (walstream_receive(task->stream, &message, task->failure))
	{
		case WAL_DATA:
			relay->block = message.block;
			frames_start(&relay->reader, message.data, message.length);
			return STEP_DONE;
		case WAL_KEEPALIVE:
			/* with a record pending there is a transaction in the ledger */
			ledger_idle(task->ledger, message.sent_lsn);
			relay->store_soon |= message.reply_requested;
			return STEP_DONE;
		case WAL_FAILED:
			return STEP_FAILED;
		case WAL_NOTHING:
			break;
	}
	return STEP_WAIT;
}

/* Takes the messages that are here, or as much of them as can be sent now. */
static Step
relay_feed(Relay *relay)
{
	Step		step = STEP_DONE;

	for (int left = MESSAGES_A_ROUND; step == STEP_DONE && left > 0; left--)
	{
		while ((step = relay_step(relay)) == STEP_DONE)
			;
		if (step == STEP_MESSAGE)
			step = relay_receive(relay);
		if (step == STEP_DONE)
			relay->messages++;
	}
	return step;
}

/* ------------------------------------------- acknowledge, store, confirm */

/* Notes what the next stored offset says of the last transaction in it. */
static void
note_last(Task *task, const LedgerTransaction *transaction)
{
	task->offset.last_commit_lsn = transaction->end_lsn;
	task->offset.xid = transaction->xid;
	task->offset.commit_time = transaction->commit_time;
}

static void
relay_retire(Relay *relay)
{
	Task	   *task = relay->task;
	LedgerTransaction transaction;

	/* what is delivered does not count yet */
	if (producer_in_transaction(task->producer))
		return;
	while (ledger_retire(task->ledger, &transaction))
	{
		relay->delivered = true;
		*relay->transactions += 1;
		/* a message outside of transactions has no time of its own */
		if (transaction.sent > 0 && transaction.xid != 0)
			metrics_observe(relay->latency,
							(double) (clock_us() - transaction.commit_time) / 1e6);
		note_last(task, &transaction);
	}
}

/*
 * The position to be stored: all that is acknowledged; in a Kafka
 * transaction all that was sent, since they count together or not at all.
 */
static void
note_position(Relay *relay)
{
	Task	   *task = relay->task;
	LedgerTransaction last;

	task->offset.lsn = ledger_flushable(task->ledger);
	if (producer_in_transaction(task->producer) &&
		ledger_last_closed(task->ledger, &last))
	{
		task->offset.lsn = Max(task->offset.lsn, last.end_lsn);
		note_last(task, &last);
	}
}

/* When is the next offset to be stored?  As clock_ms(); -1: none is due. */
static int64
store_time(const Relay *relay)
{
	const Task *task = relay->task;
	int64		pause;

	if (offset_store_is_busy(task->store))
		return -1;
	if (relay->store_now)
		return 0;
	if (producer_in_transaction(task->producer))
		return producer_transaction_due(task->producer, relay->idle,
										!relay->open);
	if (ledger_flushable(task->ledger) <= offset_store_lsn(task->store))
		return -1;
	pause = relay->delivered || relay->store_soon ? STORE_MS : IDLE_STORE_MS;
	return offset_store_time(task->store) + pause;
}

/* Stores the position if it is time, and confirms what was stored. */
static bool
relay_store(Relay *relay)
{
	Task	   *task = relay->task;
	int64		due = store_time(relay);

	if (due >= 0 && due <= clock_ms())
	{
		note_position(relay);
		if (!offset_store_put(task->store, &task->offset, &task->topics,
							  task->failure))
			return false;
		if (offset_store_is_busy(task->store))
		{
			producer_end_transaction(task->producer);
			relay->store_now = false;
			relay->store_soon = false;
			relay->delivered = false;
		}
	}
	/* never above what Kafka has, see the ledger's invariant */
	Assert(offset_store_lsn(task->store) <= ledger_flushable(task->ledger));
	walstream_confirm(task->stream, offset_store_lsn(task->store));
	return true;
}

/* After a busy time, gives memory back that the C library keeps. */
static void
relay_trim(Relay *relay, int64 now)
{
	if (relay->busy)
		relay->busy_until = now;
	else if (relay->busy_until != 0 && now - relay->busy_until > TRIM_MS)
	{
#ifdef __GLIBC__
		malloc_trim(0);
#endif
		relay->busy_until = 0;
	}
	relay->busy = false;
}

/*
 * The producer goes on trying by itself, whatever the broker lacks; that it
 * does so must be seen.
 */
static void
relay_watch(Relay *relay, int64 now)
{
	Producer   *producer = relay->task->producer;
	uint64		acknowledged = producer_acknowledged(producer);
	const char *reason = producer_last_error(producer);
	char	   *info;

	if (producer_in_flight(producer) == 0 ||
		acknowledged != relay->acknowledged)
	{
		if (relay->stalled)
		{
			pg_log_info("Kafka takes records again");
			report_text("info", NULL);
		}
		relay->stalled = false;
		relay->acknowledged = acknowledged;
		relay->acknowledged_at = now;
		return;
	}
	if (relay->stalled || now - relay->acknowledged_at < STALL_MS)
		return;
	relay->stalled = true;
	info = psprintf("Kafka has acknowledged nothing for %d s, trying on: %s",
					STALL_MS / 1000, reason != NULL ? reason :
					"its log may tell of too few replicas in sync, a full disk or a quota");
	pg_log_warning("%s", info);
	report_text("info", info);
	pg_free(info);
}

/* What is due once a second.  False: the right to go on is lost. */
static bool
relay_measure(Relay *relay)
{
	Task	   *task = relay->task;
	int64		now = clock_ms();

	if (now < relay->metrics_at)
		return true;
	relay->metrics_at = now + METRICS_MS;
	*relay->in_flight = (double) producer_in_flight(task->producer);
	*relay->in_flight_bytes = (double) *producer_held(task->producer);
	*relay->received = (double) walstream_received(task->stream);
	*relay->stored = (double) offset_store_lsn(task->store);
	*relay->confirmed = (double) walstream_confirmed(task->stream);
	*relay->lag = *relay->received - *relay->confirmed;
	report_metrics(task->metrics);
	relay_watch(relay, now);
	relay_trim(relay, now);
	if (now >= relay->look_at)
	{
		relay->look_at = now + topics_look_ms(producer_client(task->producer));
		if (!topics_look(&task->topics, producer_client(task->producer),
						 task->failure))
			return false;
	}
	return lease_check(task->control, task->config, task->failure);
}

/* ------------------------------------------------------------- the loop */

/* Lets small transactions gather, see ROUND_US. */
static bool
relay_rest(Relay *relay)
{
	int64		now = clock_us();
	int64		elapsed = now - relay->woken_us;

	/* they have gathered since the wait before the last one */
	bool		busy = relay->messages >= BUSY_MESSAGES &&
	relay->messages * BUSY_US >= now - relay->woken_before_us;
	int64		rest = (busy ? BUSY_ROUND_US : ROUND_US) - elapsed;

	/* the clock may have been set back */
	return rest <= 0 || elapsed < 0 || loop_rest(rest);
}

/* Waits for the server, for Kafka or for the next duty. */
static bool
relay_wait(Relay *relay, Step step)
{
	Task	   *task = relay->task;

	/* a full producer leaves the socket unread: the server waits, too */
	bool		read = step != STEP_WAIT || relay->block == NULL;
	short		events = read && producer_has_room(task->producer) ? POLLIN : 0;
	int64		due = store_time(relay);
	int64		timeout = LOOP_DUTY_MS;
	bool		go_on;

	if (walstream_wants_write(task->stream))
		events |= POLLOUT;
	if (!relay_rest(relay))
		return false;
	if (due >= 0)
		timeout = Max(Min(due - clock_ms(), timeout), 0);
	go_on = loop_wait(events != 0 ? walstream_fd(task->stream) : -1, events,
					  producer_fd(task->producer), (int) timeout);
	relay->woken_before_us = relay->woken_us;
	relay->woken_us = clock_us();
	relay->messages = 0;
	return go_on;
}

/*
 * An ordered stop: what was sent is waited for, stored and confirmed.  What
 * of a transaction was not sent comes again at the next start.
 */
static void
relay_finish(Relay *relay)
{
	Task	   *task = relay->task;
	int64		deadline = clock_ms() + STOP_FLUSH_MS;
	Failure		failure;

	failure_init(&failure);
	if (producer_flush(task->producer, deadline, &failure))
	{
		relay_retire(relay);
		note_position(relay);
		task->offset.clean = true;
		if (offset_store_put_wait(task->store, &task->offset, &task->topics,
								  deadline, &failure))
		{
			relay_retire(relay);
			walstream_confirm(task->stream, offset_store_lsn(task->store));
		}
	}
	if (failure.kind != FAILURE_NONE)
	{
		char	   *line = failure_line(&failure);

		pg_log_warning("stopped before all was acknowledged, what is missing comes at the next start: %s",
					   line);
		pg_free(line);
	}
	walstream_finish(task->stream);
	pg_log_info("stopped streaming, confirmed %X/%X",
				LSN_FORMAT_ARGS(walstream_confirmed(task->stream)));
	failure_free(&failure);
}

static void
relay_init(Relay *relay, Task *task)
{
	Metrics    *metrics = task->metrics;

	memset(relay, 0, sizeof(*relay));
	relay->task = task;
	relay->look_at = clock_ms() +
		topics_look_ms(producer_client(task->producer));
	relay->dropped = metrics_sample(metrics, METRIC_DROPPED, NULL);
	relay->transactions = metrics_sample(metrics, METRIC_TRANSACTIONS, NULL);
	relay->in_flight = metrics_sample(metrics, METRIC_IN_FLIGHT, NULL);
	relay->in_flight_bytes = metrics_sample(metrics, METRIC_IN_FLIGHT_BYTES, NULL);
	relay->received = metrics_sample(metrics, METRIC_RECEIVED, NULL);
	relay->stored = metrics_sample(metrics, METRIC_STORED, NULL);
	relay->confirmed = metrics_sample(metrics, METRIC_CONFIRMED, NULL);
	relay->lag = metrics_sample(metrics, METRIC_LAG, NULL);
	relay->latency = metrics_histogram(metrics, METRIC_LATENCY, NULL);
}

/* Looks at what stands between our records.  False: nobody may go on. */
static bool
relay_inspect(Relay *relay)
{
	Task	   *task = relay->task;
	ProducerHole hole;
	bool		ok;

	if (likely(!producer_take_hole(task->producer, &hole)))
		return true;
	if (hole.to < hole.from)
		/* the next start looks what is missing: refusal.c */
		ok = failure_set(task->failure, FAILURE_RETRY,
						 "topic \"%s\", partition %d, went back to offset " INT64_FORMAT ", where " INT64_FORMAT " was to come: it was truncated or made anew",
						 hole.topic, hole.partition->number, hole.to, hole.from);
	else
		ok = tail_inspect(hole.topic, hole.partition, hole.from, hole.to,
						  task->config, task->history.system_identifier,
						  task->failure);
	/* others may write as they like: looking each time would cost too much */
	hole.partition->shared = true;
	pg_free(hole.topic);
	return ok;
}

/* One round; false at the end of it all. */
static bool
relay_round(Relay *relay)
{
	Task	   *task = relay->task;
	Step		step;

	if (!producer_serve(task->producer, task->failure) ||
		!relay_inspect(relay))
		return false;
	relay_retire(relay);
	if (!relay_store(relay))
		return false;
	walstream_report(task->stream, false);
	if (!relay_measure(relay))
		return false;
	step = relay_feed(relay);
	relay->idle = step == STEP_WAIT && relay->block == NULL &&
		producer_has_room(task->producer);
	if (step == STEP_FAILED)
		return false;
	if (step == STEP_DONE && !stop_requested())
		return true;
	return relay_wait(relay, step) || failure_ordered(task->failure);
}

bool
relay_run(Task *task)
{
	Relay		relay;

	relay_init(&relay, task);
	while (relay_round(&relay))
		;
	if (task->failure->kind == FAILURE_ORDERED ||
		task->failure->kind == FAILURE_AGAIN)
		relay_finish(&relay);
	block_release(relay.frame_block);
	block_release(relay.block);
	pg_free(relay.topics);
	return false;
}
