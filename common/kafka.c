/*-------------------------------------------------------------------------
 *
 * kafka.c
 *	  Set-up of Kafka clients: property names as the Java clients have them,
 *	  librdkafka's log lines in ours.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "kafka.h"

#include <string.h>

#include "log.h"

/* How the value of a Java property becomes librdkafka's. */
typedef enum Conversion
{
	SAME,						/* nothing to do */
	KILOBYTES,					/* from bytes, rounded up */
	NO_MEANING					/* of the Java client alone */
} Conversion;

typedef struct PropertyMapping
{
	const char *java;			/* Kafka's documented name */
	const char *native;			/* librdkafka's; NULL with NO_MEANING */
	Conversion	conversion;
} PropertyMapping;

/*
 * Names that both sides share (bootstrap.servers, acks, linger.ms,
 * compression.type, security.protocol, ssl.*, sasl.mechanism, ...) need no
 * entry.  Sources: the client configuration pages of Apache Kafka and
 * CONFIGURATION.md of librdkafka.
 */
static const PropertyMapping mappings[] = {
	{"buffer.memory", "queue.buffering.max.kbytes", KILOBYTES},
	{"max.request.size", "message.max.bytes", SAME},
	{"max.in.flight.requests.per.connection", "max.in.flight.requests.per.connection", SAME},
	{"delivery.timeout.ms", "message.timeout.ms", SAME},
	{"request.timeout.ms", "request.timeout.ms", SAME},
	{"retries", "message.send.max.retries", SAME},
	{"send.buffer.bytes", "socket.send.buffer.bytes", SAME},
	{"receive.buffer.bytes", "socket.receive.buffer.bytes", SAME},
	{"metadata.max.age.ms", "topic.metadata.refresh.interval.ms", SAME},
	{"max.partition.fetch.bytes", "fetch.message.max.bytes", SAME},
	{"fetch.max.wait.ms", "fetch.wait.max.ms", SAME},
	{"ssl.truststore.location", "ssl.ca.location", SAME},
	{"ssl.truststore.certificates", "ssl.ca.pem", SAME},
	{"ssl.keystore.certificate.chain", "ssl.certificate.pem", SAME},
	{"ssl.keystore.key", "ssl.key.pem", SAME},
	{"key.serializer", NULL, NO_MEANING},
	{"value.serializer", NULL, NO_MEANING},
	{"key.deserializer", NULL, NO_MEANING},
	{"value.deserializer", NULL, NO_MEANING},
	{"partitioner.class", NULL, NO_MEANING},
	{"partitioner.ignore.keys", NULL, NO_MEANING},
	{"interceptor.classes", NULL, NO_MEANING},
	{"metric.reporters", NULL, NO_MEANING},
	{"metrics.num.samples", NULL, NO_MEANING},
	{"metrics.sample.window.ms", NULL, NO_MEANING},
	{"max.block.ms", NULL, NO_MEANING},
	{"max.poll.records", NULL, NO_MEANING},
	{"ssl.truststore.type", NULL, NO_MEANING},
	{"ssl.truststore.password", NULL, NO_MEANING},
	{"ssl.keystore.type", NULL, NO_MEANING},
};

static void
on_log(const rd_kafka_t *client, int level, const char *facility,
	   const char *message)
{
	(void) client;

	/*
	 * Not for each day's log: at each start, that a property is experimental
	 * on which the bridge rests; every few seconds, that reading may create a
	 * topic on a broker before 0.11, as which the embedded one presents
	 * itself.
	 */
	if ((strcmp(facility, "CONFWARN") == 0 &&
		 strstr(message, "enable.gapless.guarantee") != NULL) ||
		strcmp(facility, "AUTOCREATE") == 0)
		level = 7;
	/* syslog's numbers: up to 3 errors, 4 warnings, 5 and 6 notices */
	if (level <= 3)
		pg_log_error("kafka: %s: %s", facility, message);
	else if (level == 4)
		pg_log_warning("kafka: %s: %s", facility, message);
	else if (level <= 6)
		pg_log_info("kafka: %s: %s", facility, message);
	else
		pg_log_debug("kafka: %s: %s", facility, message);
}

rd_kafka_conf_t *
kafka_conf_new(const char *client_id)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char		reason[256];

	rd_kafka_conf_set_log_cb(conf, on_log);
	if (rd_kafka_conf_set(conf, "client.id", client_id, reason,
						  sizeof(reason)) != RD_KAFKA_CONF_OK)
		pg_log_warning("could not set client.id \"%s\": %s", client_id, reason);
	return conf;
}

bool
kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
			   PQExpBuffer error)
{
	char		reason[512];

	if (rd_kafka_conf_set(conf, name, value, reason,
						  sizeof(reason)) == RD_KAFKA_CONF_OK)
		return true;
	appendPQExpBuffer(error, "could not set Kafka property \"%s\": %s", name,
					  reason);
	return false;
}

static const PropertyMapping *
find_mapping(const char *name)
{
	for (size_t i = 0; i < lengthof(mappings); i++)
	{
		if (strcmp(mappings[i].java, name) == 0)
			return &mappings[i];
	}
	return NULL;
}

/* Bytes as kilobytes, rounded up; other text as it is, to be refused later. */
static char *
to_kilobytes(const char *value)
{
	char	   *end;
	long long	bytes = strtoll(value, &end, 10);

	if (end == value || *end != '\0' || bytes < 0)
		return pg_strdup(value);
	return psprintf("%lld", (bytes + 1023) / 1024);
}

bool
kafka_conf_set_java(rd_kafka_conf_t *conf, const char *name,
					const char *value, PQExpBuffer error)
{
	const PropertyMapping *mapping = find_mapping(name);
	char		reason[512];
	char	   *converted;
	rd_kafka_conf_res_t result;

	if (mapping != NULL && mapping->conversion == NO_MEANING)
	{
		pg_log_warning("Kafka property \"%s\" has no effect: it belongs to the Java client",
					   name);
		return true;
	}
	converted = mapping != NULL && mapping->conversion == KILOBYTES ?
		to_kilobytes(value) : pg_strdup(value);
	result = rd_kafka_conf_set(conf, mapping != NULL ? mapping->native : name,
							   converted, reason, sizeof(reason));
	pg_free(converted);
	if (result == RD_KAFKA_CONF_UNKNOWN)
	{
		pg_log_warning("Kafka property \"%s\" is unknown and has no effect", name);
		return true;
	}
	if (result != RD_KAFKA_CONF_OK)
	{
		/* librdkafka's text quotes the value */
		if (property_is_secret(name))
			appendPQExpBuffer(error, "invalid value for Kafka property \"%s\"", name);
		else
			appendPQExpBuffer(error, "invalid value for Kafka property \"%s\": %s",
							  name, reason);
		return false;
	}
	return true;
}

bool
kafka_conf_set_prefixed(rd_kafka_conf_t *conf, const Properties *properties,
						const char *prefix, PQExpBuffer error)
{
	size_t		length = strlen(prefix);

	for (int i = 0; i < properties->count; i++)
	{
		const Property *item = &properties->items[i];

		if (strncmp(item->name, prefix, length) == 0 &&
			!kafka_conf_set_java(conf, item->name + length, item->value, error))
			return false;
	}
	return true;
}
