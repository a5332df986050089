/*-------------------------------------------------------------------------
 *
 * producer.c
 *	  The Kafka producer: records in order, none missing, none twice.
 *
 * NOTES
 *	  Values are not copied: librdkafka gets a pointer into the block that
 *	  libpq received, and the delivery report gives the block's reference
 *	  back.  Delivery reports are the only place where something counts as
 *	  acknowledged.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "producer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "kafka.h"
#include "kafka_property.h"
#include "log.h"
#include "loop.h"
#include "position.h"
#include "reader.h"
#include "transactions.h"

/*
 * Bounds of what may be in flight, unless producer.override.buffer.memory says
 * otherwise.  The queue counts the records' own bytes; beside them, each takes
 * some 1 kB in librdkafka, so 8,000 of them are 8 MB more.  "held" counts
 * whole messages of the server, of which one record left over may keep 64 KiB:
 * twice as much as the queue.
 */
#define QUEUE_KBYTES	"12288"
#define QUEUE_MESSAGES	"8000"

/* Kafka's Java producer allows a request of this size by default. */
#define RECORD_BYTES	"1048576"

/* __debezium.context.*, see make_context() */
#define CONTEXT_HEADERS	4

/* Until a broker answers, at the start; signals are deaf during a step. */
#define CONNECT_TIMEOUT_MS 30000
#define CONNECT_STEP_MS	500

/* Records whose room is got from the system at once. */
#define DELIVERIES_AT_ONCE 1024

/* What a delivery report has to do. */
typedef struct Delivery
{
	struct Delivery *next;		/* of the free ones */
	rd_kafka_headers_t *headers;	/* those of the run and a position, of an
									 * earlier record; NULL: none */
	char	   *position_value; /* the position in these headers */
	size_t		position_length;
	bool		usual_headers;	/* the record has these, and gives them back */
	TopicPartition *partition;	/* NULL: a stored offset */
	Block	   *block;
	Position	position;
	uint64		transaction;
	ProducerStored stored;
	void	   *stored_arg;
} Delivery;

struct Producer
{
	rd_kafka_t *client;
	const ConnectorConfig *config;
	int			wake[2];		/* librdkafka writes when there is an event */
	Delivery   *free_deliveries;
	Delivery  **chunks;			/* all that was got */
	int			chunk_count;
	uint64		in_flight;
	uint64		acknowledged;	/* all in all */
	size_t		held;
	size_t		held_most;
	Ledger	   *ledger;
	rd_kafka_headers_t *context;	/* __debezium.context.*; NULL: none */
	PositionText position_text;
	Transactions *transactions; /* NULL: none are used */
	TopicPartition **touched;	/* that the open one has records in */
	int			touched_count;
	int			touched_room;
	ProducerStored stored;		/* to be called when it has ended; NULL: none */
	void	   *stored_arg;
	ProducerHole hole;			/* the first one that was not asked for yet */
	rd_kafka_resp_err_t refused;	/* why no connection is made: rights or
									 * TLS */
	char	   *last_error;		/* librdkafka's last word on connections */
	rd_kafka_resp_err_t error;	/* of the first delivery that failed */
	char	   *error_topic;
	bool		ending;			/* errors no longer matter */
};

/* What no user may change: the promise rests on it. */
static const struct
{
	const char *name;
	const char *value;
}			fixed[] = {
	{"enable.idempotence", "true"},
	{"acks", "all"},
	{"enable.gapless.guarantee", "true"},
	{"message.timeout.ms", "0"},
};

/* Other names of the same, and those that they rest on. */
static const char *const fixed_names[] = {
	"enable.idempotence", "acks", "request.required.acks",
	"enable.gapless.guarantee", "message.timeout.ms", "delivery.timeout.ms",
	"retries", "message.send.max.retries", "transactional.id", "dr_cb", "dr_msg_cb",
	"max.in.flight.requests.per.connection", "max.in.flight",
};

/* ------------------------------------------------------------- set-up */

/* A header whose value has no characters that JSON would escape. */
static void
add_context(rd_kafka_headers_t *headers, const ConnectorConfig *config,
			const char *name, const char *text)
{
	static const char *const forms[] = {
		[HEADER_TEXT] = "%s",
		[HEADER_JSON] = "\"%s\"",
		[HEADER_JSON_SCHEMA] = "{\"schema\":{\"type\":\"string\",\"optional\":false},\"payload\":\"%s\"}",
	};
	char	   *value = psprintf(forms[config->header_form], text);

	rd_kafka_header_add(headers, name, -1, value, -1);
	pg_free(value);
}

/* The headers that are the same in all records of a run. */
static rd_kafka_headers_t *
make_context(const ConnectorConfig *config)
{
	rd_kafka_headers_t *headers;

	if (!config->extended_headers)
		return NULL;
	headers = rd_kafka_headers_new(CONTEXT_HEADERS);
	add_context(headers, config, "__debezium.context.connectorLogicalName",
				config->topic_prefix);
	add_context(headers, config, "__debezium.context.taskId", "0");
	add_context(headers, config, "__debezium.context.connectorName",
				"postgresql");
	add_context(headers, config, "__debezium.context.runId", config->run_id);
	return headers;
}

/* Takes one of the user's producer properties, unless it is a fixed one. */
static bool
take_override(rd_kafka_conf_t *conf, const Property *item, const char *name,
			  PQExpBuffer error)
{
	for (size_t i = 0; i < lengthof(fixed_names); i++)
	{
		if (strcmp(name, fixed_names[i]) == 0)
		{
			pg_log_warning("property \"%s\" has no effect: that no record is lost or doubled rests on it",
						   item->name);
			return true;
		}
	}
	return kafka_conf_set_java(conf, name, item->value, error);
}

/* Those of one prefix; what depends on others comes last. */
static bool
take_overrides(rd_kafka_conf_t *conf, const Properties *properties,
			   const char *prefix, PQExpBuffer error)
{
	size_t		length = strlen(prefix);

	for (int pass = 0; pass < 2; pass++)
	{
		for (int i = 0; i < properties->count; i++)
		{
			const Property *item = &properties->items[i];

			if (strncmp(item->name, prefix, length) == 0 &&
				kafka_property_is_last(item->name + length) == (pass == 1) &&
				!take_override(conf, item, item->name + length, error))
				return false;
		}
	}
	return true;
}

static void
on_error(rd_kafka_t *client, int error, const char *reason, void *arg)
{
	Producer   *producer = arg;

	if (producer->ending)
		return;
	if (error == RD_KAFKA_RESP_ERR__FATAL)
	{
		char		text[512];

		error = rd_kafka_fatal_error(client, text, sizeof(text));
		if (producer->error == RD_KAFKA_RESP_ERR_NO_ERROR)
			producer->error = error;
		pg_log_error("kafka: %s", text);
	}
	else if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		pg_log_warning("kafka: no broker can be reached, trying on: %s", reason);
	else
	{
		pg_log_info("kafka: %s", reason);
		if (error == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
			error == RD_KAFKA_RESP_ERR__SSL)
			producer->refused = error;
		pg_free(producer->last_error);
		producer->last_error = pg_strdup(reason);
	}
}

static void delivery_put(Producer *producer, Delivery *delivery);

/*
 * Our records follow each other in a partition, unless somebody else writes
 * between them: another tool, which is its own affair, or a process that was
 * taken for dead and is not, which is ours.  They never go back, unless the
 * topic was truncated or made anew: then what is known of it stays as it is,
 * for the next start to see.
 */
static bool
note_offset(Producer *producer, const rd_kafka_message_t *message,
			TopicPartition *partition)
{
	bool		back = message->offset < partition->next;

	if (partition->next >= 0 && producer->hole.topic == NULL &&
		(back || (message->offset > partition->next && !partition->shared)))
	{
		producer->hole.topic = pg_strdup(rd_kafka_topic_name(message->rkt));
		producer->hole.partition = partition;
		producer->hole.from = partition->next;
		producer->hole.to = message->offset;
	}
	if (back)
		return false;
	partition->offset = message->offset;
	partition->at_end = false;
	partition->next = message->offset + 1;
	return true;
}

/* A stored offset is delivered, and counts now or with its transaction. */
static void
note_stored(Producer *producer, const Delivery *delivery)
{
	if (delivery->stored == NULL)
		return;
	if (producer->transactions == NULL)
		delivery->stored(delivery->stored_arg);
	else
	{
		producer->stored = delivery->stored;
		producer->stored_arg = delivery->stored_arg;
	}
}

static void
on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *arg)
{
	Producer   *producer = arg;
	Delivery   *delivery = message->_private;
	TopicPartition *partition = delivery->partition;

	(void) client;
	producer->in_flight--;
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		producer->acknowledged++;
		if (unlikely(producer->last_error != NULL))
		{
			pg_free(producer->last_error);	/* it is over */
			producer->last_error = NULL;
		}
	}
	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		/*
		 * That order can no longer be kept is reported before the record that
		 * failed; why it failed is what has to be known.
		 */
		if (!producer->ending &&
			(producer->error == RD_KAFKA_RESP_ERR_NO_ERROR ||
			 (producer->error == RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE &&
			  producer->error_topic == NULL)))
		{
			producer->error = message->err;
			producer->error_topic = pg_strdup(rd_kafka_topic_name(message->rkt));
		}
	}
	else if (partition == NULL)
		note_stored(producer, delivery);
	else
	{
		/*
		 * unknown (-1) after a retry that the broker had already: the older
		 * one, with its position, only makes the next start read a little
		 * more
		 */
		if (message->offset < 0)
			partition->next = -1;
		else if (note_offset(producer, message, partition) &&
				 delivery->position.kind == 's')
		{
			partition->has_position = true;
			partition->position = delivery->position;
		}
		if (delivery->position.kind == 's')
			ledger_acknowledged(producer->ledger, delivery->transaction);
	}
	block_release(delivery->block);
	if (delivery->usual_headers)
		rd_kafka_message_detach_headers((rd_kafka_message_t *) message,
										&delivery->headers);
	delivery_put(producer, delivery);
}

/* Makes what only an open client can have. */
static bool
set_up(Producer *producer, const char *id, Failure *failure)
{
	const ConnectorConfig *config = producer->config;
	rd_kafka_queue_t *queue = rd_kafka_queue_get_main(producer->client);

	rd_kafka_queue_io_event_enable(queue, producer->wake[1], "", 1);
	rd_kafka_queue_destroy(queue);
	producer->context = make_context(config);
	position_text_init(&producer->position_text, config->name);
	if (id == NULL)
		return true;
	producer->transactions = transactions_new(producer->client, id,
											  config->transaction_interval_ms);
	return transactions_take_over(producer->transactions, failure);
}

/* A number among the settings. */
static int64
conf_number(const rd_kafka_conf_t *conf, const char *name)
{
	char		text[32];
	size_t		size = sizeof(text);

	return rd_kafka_conf_get(conf, name, text, &size) == RD_KAFKA_CONF_OK ?
		strtoll(text, NULL, 10) : 0;
}

/* Whatever the settings are, the largest record allowed must find room. */
static bool
bound_queue(Producer *producer, rd_kafka_conf_t *conf, PQExpBuffer error)
{
	int64		kbytes = conf_number(conf, "queue.buffering.max.kbytes");
	int64		least = conf_number(conf, "message.max.bytes") / 1024 + 1;
	char		text[32];

	kbytes = Max(kbytes, least);
	producer->held_most = kbytes * 1024 * 2;
	snprintf(text, sizeof(text), INT64_FORMAT, kbytes);
	return kafka_conf_set(conf, "queue.buffering.max.kbytes", text, error);
}

Producer *
producer_new(const ConnectorConfig *config, Failure *failure)
{
	Producer   *producer = pg_malloc0(sizeof(Producer));
	char	   *id = config->transactional ?
	transactional_id(config->worker, config->name) : NULL;
	rd_kafka_conf_t *conf;
	PQExpBufferData error;
	char		reason[512];
	bool		ok;

	initPQExpBuffer(&error);
	producer->config = config;
	if (pipe2(producer->wake, O_NONBLOCK | O_CLOEXEC) != 0)
		pg_fatal("could not create pipe: %s", strerror(errno));

	conf = kafka_conf_new(config->name);
	ok = kafka_conf_common(conf, config->worker, &error) &&
		kafka_conf_set(conf, "queue.buffering.max.kbytes", QUEUE_KBYTES, &error) &&
		kafka_conf_set(conf, "queue.buffering.max.messages", QUEUE_MESSAGES, &error) &&
		kafka_conf_set(conf, "message.max.bytes", RECORD_BYTES, &error) &&

	/*
	 * JSON shrinks to a fifth: less for the network and the broker's disk,
	 * and, all in all, less work (measured: twice the records a second)
	 */
		kafka_conf_set(conf, "compression.type", "lz4", &error) &&
	/* a commit is visible after 2 ms; with more, batches are hardly larger */
		kafka_conf_set(conf, "linger.ms", "1", &error) &&
	/* a broker that is back is found within a second, not ten */
		kafka_conf_set(conf, "reconnect.backoff.max.ms", "1000", &error) &&
		take_overrides(conf, config->worker, "producer.", &error) &&
		take_overrides(conf, config->connector, "producer.override.", &error);
	for (size_t i = 0; ok && i < lengthof(fixed); i++)
		ok = kafka_conf_set(conf, fixed[i].name, fixed[i].value, &error);
	ok = ok && bound_queue(producer, conf, &error);
	if (ok && id != NULL)
		ok = kafka_conf_set(conf, "transactional.id", id, &error);
	rd_kafka_conf_set_opaque(conf, producer);
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_conf_set_error_cb(conf, on_error);
	if (ok)
		producer->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason,
										sizeof(reason));
	if (producer->client == NULL)
	{
		failure_set(failure, FAILURE_STOP, "could not set up the Kafka producer: %s",
					ok ? reason : error.data);
		rd_kafka_conf_destroy(conf);
	}
	else
		ok = set_up(producer, id, failure);
	if (!ok || producer->client == NULL)
	{
		producer_free(producer);
		producer = NULL;
	}
	termPQExpBuffer(&error);
	pg_free(id);
	return producer;
}

void
producer_end(Producer *producer)
{
	if (producer == NULL || producer->client == NULL)
		return;
	producer->ending = true;
	if (producer->transactions != NULL)
		transactions_abort(producer->transactions);
	/* what is thrown away on purpose is no error to report */
	rd_kafka_set_log_level(producer->client, 0);
	rd_kafka_purge(producer->client,
				   RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	while (producer->in_flight > 0)
		rd_kafka_poll(producer->client, 100);
}

void
producer_free(Producer *producer)
{
	if (producer == NULL)
		return;
	producer_end(producer);
	if (producer->context != NULL)
		rd_kafka_headers_destroy(producer->context);
	transactions_free(producer->transactions);
	if (producer->client != NULL)
		rd_kafka_destroy(producer->client);
	pg_free(producer->touched);
	for (int i = 0; i < producer->chunk_count; i++)
	{
		for (int j = 0; j < DELIVERIES_AT_ONCE; j++)
		{
			if (producer->chunks[i][j].headers != NULL)
				rd_kafka_headers_destroy(producer->chunks[i][j].headers);
		}
		pg_free(producer->chunks[i]);
	}
	pg_free(producer->chunks);
	position_text_free(&producer->position_text);
	pg_free(producer->last_error);
	pg_free(producer->error_topic);
	pg_free(producer->hole.topic);
	close(producer->wake[0]);
	close(producer->wake[1]);
	pg_free(producer);
}

rd_kafka_t *
producer_client(Producer *producer)
{
	return producer->client;
}

/*
 * A broker that refuses this client does so at each connection, and requests
 * only time out: the reason comes by on_error().  Later, while streaming, a
 * refusal is tried again, as a password may be changed back.
 */
bool
producer_connect(Producer *producer, Failure *failure)
{
	int64		deadline = clock_ms() + CONNECT_TIMEOUT_MS;
	const struct rd_kafka_metadata *metadata;
	char	   *attempt = psprintf("could not connect to Kafka at \"%s\"",
								   properties_get(producer->config->worker,
												  "bootstrap.servers"));

	while (failure->kind == FAILURE_NONE)
	{
		rd_kafka_resp_err_t error = rd_kafka_metadata(producer->client, 0, NULL,
													  &metadata,
													  CONNECT_STEP_MS);

		if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
		{
			rd_kafka_metadata_destroy(metadata);
			break;
		}
		if (!producer_serve(producer, failure))
			break;
		if (producer->refused != RD_KAFKA_RESP_ERR_NO_ERROR)
			failure_from_kafka(failure, producer->refused,
							   producer->last_error, attempt);
		else if (clock_ms() > deadline)
			failure_set(failure, FAILURE_RETRY, "%s: %s", attempt,
						producer->last_error != NULL ? producer->last_error :
						rd_kafka_err2str(error));
		else if (!loop_pass())
			failure_ordered(failure);
	}
	pg_free(attempt);
	return failure->kind == FAILURE_NONE;
}

int
producer_fd(const Producer *producer)
{
	return producer->wake[0];
}

bool
producer_take_hole(Producer *producer, ProducerHole *hole)
{
	if (producer->hole.topic == NULL)
		return false;
	*hole = producer->hole;
	memset(&producer->hole, 0, sizeof(producer->hole));
	return true;
}

void
producer_set_ledger(Producer *producer, Ledger *ledger)
{
	producer->ledger = ledger;
}

/* ------------------------------------------------------------- sending */

static Delivery *
delivery_get(Producer *producer)
{
	Delivery   *delivery = producer->free_deliveries;

	if (delivery == NULL)
	{
		delivery = pg_malloc0(DELIVERIES_AT_ONCE * sizeof(Delivery));
		producer->chunks = pg_realloc(producer->chunks,
									  (producer->chunk_count + 1) * sizeof(Delivery *));
		producer->chunks[producer->chunk_count++] = delivery;
		for (int i = 0; i < DELIVERIES_AT_ONCE; i++)
			delivery_put(producer, &delivery[i]);
		delivery = producer->free_deliveries;
	}
	producer->free_deliveries = delivery->next;
	return delivery;
}

static void
delivery_put(Producer *producer, Delivery *delivery)
{
	delivery->next = producer->free_deliveries;
	producer->free_deliveries = delivery;
}

static void
append_context(Producer *producer, rd_kafka_headers_t *headers)
{
	const char *name;
	const void *value;
	size_t		size;

	if (producer->context == NULL)
		return;
	for (size_t i = 0;
		 rd_kafka_header_get_all(producer->context, i, &name, &value,
								 &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
		 i++)
		rd_kafka_header_add(headers, name, -1, value, size);
}

/* Appends producer->position_text, "length" bytes of it. */
static void
append_position(Producer *producer, rd_kafka_headers_t *headers,
				size_t length)
{
	rd_kafka_header_add(headers, POSITION_HEADER, sizeof(POSITION_HEADER) - 1,
						producer->position_text.data, length);
}

/*
 * The headers of most records: those of the run, and the position.  Those of
 * an earlier record, which a delivery report has given back, need only
 * another position, and that is mostly as long as the old one: it is written
 * in its place, as taking it out and in costs as much as all else here.
 */
static rd_kafka_headers_t *
make_usual_headers(Producer *producer, Delivery *delivery, size_t length)
{
	rd_kafka_headers_t *headers = delivery->headers;
	const void *value = NULL;
	size_t		size;

	delivery->headers = NULL;
	if (headers != NULL && delivery->position_length == length)
	{
		memcpy(delivery->position_value, producer->position_text.data, length);
		return headers;
	}
	if (headers != NULL)
		rd_kafka_header_remove(headers, POSITION_HEADER);
	else
	{
		headers = rd_kafka_headers_new(CONTEXT_HEADERS + 1);
		append_context(producer, headers);
	}
	append_position(producer, headers, length);
	rd_kafka_header_get_last(headers, POSITION_HEADER, &value, &size);
	delivery->position_value = (char *) value;
	delivery->position_length = length;
	return headers;
}

/*
 * The frame's own headers and those of the run.  In a transformed record, the
 * frame says where those of the run stand.
 */
static rd_kafka_headers_t *
make_own_headers(Producer *producer, const Record *record)
{
	rd_kafka_headers_t *headers;
	const char *next = record->headers;

	headers = rd_kafka_headers_new(record->header_count + CONTEXT_HEADERS + 1);
	for (int i = 0; i < record->header_count; i++)
	{
		FrameText	name;
		FrameText	value;

		frame_header(&next, &name, &value);
		if (value.length == FRAME_CONTEXT)
			append_context(producer, headers);
		else
			rd_kafka_header_add(headers, name.data, name.length,
								value.data, Max(value.length, 0));
	}
	if (record->of_change && !record->transformed)
		append_context(producer, headers);
	return headers;
}

/* All headers of a record, the position last. */
static rd_kafka_headers_t *
make_headers(Producer *producer, const Record *record, Delivery *delivery)
{
	size_t		length = position_write(&producer->position_text,
										&record->position);
	rd_kafka_headers_t *headers;

	delivery->usual_headers = record->header_count == 0 &&
		!record->transformed && record->of_change;
	if (delivery->usual_headers)
		return make_usual_headers(producer, delivery, length);
	headers = make_own_headers(producer, record);
	append_position(producer, headers, length);
	return headers;
}

/* What producev said, for the caller. */
static SendResult
sent(Producer *producer, Delivery *delivery, rd_kafka_error_t *result,
	 const char *topic, Failure *failure)
{
	rd_kafka_resp_err_t error;
	char	   *attempt;

	if (result == NULL)
	{
		producer->in_flight++;
		return SEND_DONE;
	}
	block_release(delivery->block);
	delivery_put(producer, delivery);
	error = rd_kafka_error_code(result);
	if (error == RD_KAFKA_RESP_ERR__STATE && producer->transactions != NULL)
		transactions_explain(producer->transactions, failure);
	if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL)
	{
		attempt = psprintf("could not write to topic \"%s\"", topic);
		failure_from_kafka(failure, error, rd_kafka_error_string(result),
						   attempt);
		pg_free(attempt);
	}
	rd_kafka_error_destroy(result);
	return error == RD_KAFKA_RESP_ERR__QUEUE_FULL ? SEND_FULL : SEND_FAILED;
}

/* May something be sent?  Where transactions are used, one is open then. */
static SendResult
prepare(Producer *producer, Failure *failure)
{
	Transactions *transactions = producer->transactions;

	if (transactions == NULL)
		return SEND_DONE;

	/*
	 * The rows of a snapshot: there is no ledger yet, so nobody else sees to
	 * it that none gets too long.  The last one is left to the stored offset
	 * that says that the snapshot is complete.
	 */
	if (producer->ledger == NULL &&
		transactions_state(transactions) == TRANSACTION_OPEN &&
		transactions_due(transactions, false, true) <= clock_ms())
		producer_end_transaction(producer);
	if (transactions_state(transactions) == TRANSACTION_ENDING)
		return SEND_FULL;
	return transactions_begin(transactions, failure) ? SEND_DONE : SEND_FAILED;
}

/* Notes that the open transaction has a record in the partition. */
static void
note_touched(Producer *producer, TopicPartition *partition)
{
	if (producer->transactions == NULL || partition->in_transaction)
		return;
	if (producer->touched_count == producer->touched_room)
	{
		producer->touched_room = Max(producer->touched_room * 2, 16);
		producer->touched = pg_realloc(producer->touched,
									   producer->touched_room * sizeof(TopicPartition *));
	}
	producer->touched[producer->touched_count++] = partition;
	partition->in_transaction = true;
}

static SendResult
send_record(Producer *producer, const Record *record, Failure *failure)
{
	Delivery   *delivery = delivery_get(producer);
	rd_kafka_headers_t *headers = make_headers(producer, record, delivery);
	rd_kafka_error_t *result;
	rd_kafka_vu_t arguments[] = {
		{.vtype = RD_KAFKA_VTYPE_RKT,.u.rkt = record->topic->handle},
		{.vtype = RD_KAFKA_VTYPE_PARTITION,.u.i32 = record->partition->number},
		{.vtype = RD_KAFKA_VTYPE_VALUE,
		.u.mem = {(void *) record->value, record->value_length}},
		{.vtype = RD_KAFKA_VTYPE_KEY,
		.u.mem = {(void *) record->key, record->key_length}},
		{.vtype = RD_KAFKA_VTYPE_HEADERS,.u.headers = headers},
		{.vtype = RD_KAFKA_VTYPE_OPAQUE,.u.ptr = delivery},
		/* last, as it may be left out */
		{.vtype = RD_KAFKA_VTYPE_TIMESTAMP,.u.i64 = record->timestamp},
	};

	delivery->partition = record->partition;
	delivery->position = record->position;
	delivery->transaction = record->transaction;
	delivery->block = block_keep(record->block);
	result = rd_kafka_produceva(producer->client, arguments,
								lengthof(arguments) -
								(record->timestamp < 0 ? 1 : 0));
	if (result != NULL && delivery->usual_headers)
		delivery->headers = headers;	/* else librdkafka's */
	else if (result != NULL)
		rd_kafka_headers_destroy(headers);
	return sent(producer, delivery, result, record->topic->name, failure);
}

SendResult
producer_send(Producer *producer, const Record *record, Failure *failure)
{
	SendResult	result = prepare(producer, failure);

	if (result == SEND_DONE)
		result = send_record(producer, record, failure);
	if (result == SEND_DONE)
		note_touched(producer, record->partition);
	return result;
}

static SendResult
send_offset(Producer *producer, rd_kafka_topic_t *topic, int32 partition,
			const char *key, const char *value, ProducerStored stored,
			void *arg, Failure *failure)
{
	Delivery   *delivery = delivery_get(producer);
	rd_kafka_vu_t arguments[] = {
		{.vtype = RD_KAFKA_VTYPE_RKT,.u.rkt = topic},
		{.vtype = RD_KAFKA_VTYPE_PARTITION,.u.i32 = partition},
		{.vtype = RD_KAFKA_VTYPE_VALUE,
		.u.mem = {(void *) value, strlen(value)}},
		{.vtype = RD_KAFKA_VTYPE_KEY,.u.mem = {(void *) key, strlen(key)}},
		{.vtype = RD_KAFKA_VTYPE_MSGFLAGS,.u.i = RD_KAFKA_MSG_F_COPY},
		{.vtype = RD_KAFKA_VTYPE_OPAQUE,.u.ptr = delivery},
	};

	delivery->partition = NULL;
	delivery->usual_headers = false;
	delivery->block = NULL;
	delivery->stored = stored;
	delivery->stored_arg = arg;
	return sent(producer, delivery,
				rd_kafka_produceva(producer->client, arguments,
								   lengthof(arguments)),
				rd_kafka_topic_name(topic), failure);
}

SendResult
producer_store(Producer *producer, rd_kafka_topic_t *topic, int32 partition,
			   const char *key, const char *value, ProducerStored stored,
			   void *arg, Failure *failure)
{
	SendResult	result = prepare(producer, failure);

	if (result == SEND_DONE)
		result = send_offset(producer, topic, partition, key, value, stored,
							 arg, failure);
	return result;
}

/* -------------------------------------------------------- transactions */

/* Makes the descriptor readable: there is something to do. */
static void
wake_up(Producer *producer)
{
	if (write(producer->wake[1], "", 1) != 1 && errno != EAGAIN)
		pg_fatal("could not write to pipe: %s", strerror(errno));
}

bool
producer_in_transaction(const Producer *producer)
{
	return producer->transactions != NULL &&
		transactions_state(producer->transactions) != TRANSACTION_NONE;
}

int64
producer_transaction_due(const Producer *producer, bool idle, bool between)
{
	return transactions_due(producer->transactions, idle, between);
}

void
producer_end_transaction(Producer *producer)
{
	if (producer->transactions == NULL ||
		transactions_state(producer->transactions) != TRANSACTION_OPEN)
		return;
	transactions_end(producer->transactions);
	wake_up(producer);
}

/* The transaction has ended: what it has stored counts. */
static void
note_end(Producer *producer)
{
	for (int i = 0; i < producer->touched_count; i++)
	{
		TopicPartition *partition = producer->touched[i];

		/* the broker marks the end in each partition, by a record of its own */
		if (partition->next >= 0)
			partition->next++;
		partition->in_transaction = false;
	}
	producer->touched_count = 0;
	if (producer->stored != NULL)
		producer->stored(producer->stored_arg);
	producer->stored = NULL;
}

/* Goes on with ending the transaction. */
static bool
serve_transaction(Producer *producer, Failure *failure)
{
	Transactions *transactions = producer->transactions;

	if (transactions == NULL ||
		transactions_state(transactions) != TRANSACTION_ENDING)
		return true;
	if (!transactions_serve(transactions, failure))
		return false;
	if (transactions_state(transactions) == TRANSACTION_ENDING)
		wake_up(producer);
	else
		note_end(producer);
	return true;
}

/* ---------------------------------------------------------- deliveries */

bool
producer_serve(Producer *producer, Failure *failure)
{
	char		bytes[64];
	char	   *attempt;

	while (read(producer->wake[0], bytes, sizeof(bytes)) == sizeof(bytes))
		;
	/* takes all that is there; what comes later wakes us again */
	rd_kafka_poll(producer->client, 0);
	/* why order can no longer be kept is in a delivery report that follows */
	for (int i = 0; i < 10 && producer->error_topic == NULL &&
		 producer->error == RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE; i++)
		rd_kafka_poll(producer->client, 100);
	if (producer->error == RD_KAFKA_RESP_ERR_NO_ERROR &&
		!serve_transaction(producer, failure))
		return false;
	if (producer->error == RD_KAFKA_RESP_ERR_NO_ERROR)
		return true;
	attempt = producer->error_topic == NULL ?
		pg_strdup("could not write to Kafka") :
		psprintf("could not write to topic \"%s\"", producer->error_topic);
	failure_from_kafka(failure, producer->error, NULL, attempt);
	pg_free(attempt);
	return false;
}

static bool
is_busy(const Producer *producer)
{
	return producer->in_flight > 0 ||
		(producer->transactions != NULL &&
		 transactions_state(producer->transactions) == TRANSACTION_ENDING);
}

bool
producer_flush(Producer *producer, int64 deadline_ms, Failure *failure)
{
	while (is_busy(producer))
	{
		struct pollfd wait = {.fd = producer->wake[0],.events = POLLIN};

		if (!producer_serve(producer, failure))
			return false;
		if (!is_busy(producer))
			break;
		if (clock_ms() > deadline_ms)
			return failure_set(failure, FAILURE_RETRY,
							   "could not write to Kafka: " UINT64_FORMAT " records%s were not acknowledged in time",
							   producer->in_flight,
							   producer_in_transaction(producer) ? " or their transaction" : "");
		/* not loop_wait(): this is what a stop still has to do */
		poll(&wait, 1, 100);
	}
	return true;
}

bool
producer_has_room(const Producer *producer)
{
	return producer->held < producer->held_most;
}

uint64
producer_acknowledged(const Producer *producer)
{
	return producer->acknowledged;
}

const char *
producer_last_error(const Producer *producer)
{
	return producer->last_error;
}

uint64
producer_in_flight(const Producer *producer)
{
	return producer->in_flight;
}

size_t *
producer_held(Producer *producer)
{
	return &producer->held;
}
