/*-------------------------------------------------------------------------
 *
 * kafka_property.c
 *	  Properties by the names of Kafka's Java clients, for librdkafka.
 *
 * NOTES
 *	  The table is complete for the producer's configuration of Kafka 4.3;
 *	  bridge/README.md shows it to users.  Names that both sides share need no
 *	  entry: acks, batch.size, client.id, compression.type, linger.ms,
 *	  security.protocol, sasl.mechanism, ...  So may all of librdkafka's own
 *	  names be used.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "kafka_property.h"

#include <ctype.h>
#include <string.h>

#include "file.h"
#include "log.h"
#include "properties.h"

typedef struct PropertyMapping PropertyMapping;

/* Sets it in its own way; false, with the reason, if the value is refused. */
typedef bool (*PropertySet) (rd_kafka_conf_t *conf,
							 const PropertyMapping *mapping,
							 const char *value, PQExpBuffer error);

struct PropertyMapping
{
	const char *java;			/* Kafka's documented name */
	const char *native;			/* librdkafka's */
	PropertySet set;			/* NULL: as it is, under "native" */
};

/* ------------------------------------------------------- setting a value */

/* Sets what librdkafka knows; what it does not is passed over. */
static bool
set_native(rd_kafka_conf_t *conf, const char *java, const char *native,
		   const char *value, PQExpBuffer error)
{
	char		reason[512];

	switch (rd_kafka_conf_set(conf, native, value, reason, sizeof(reason)))
	{
		case RD_KAFKA_CONF_OK:
			return true;
		case RD_KAFKA_CONF_UNKNOWN:
			pg_log_warning("Kafka property \"%s\" is unknown to this librdkafka and has no effect",
						   java);
			return true;
		default:
			break;
	}
	/* librdkafka's text quotes the value */
	if (property_is_secret(java))
		appendPQExpBuffer(error, "invalid value for Kafka property \"%s\"", java);
	else
		appendPQExpBuffer(error, "invalid value for Kafka property \"%s\": %s",
						  java, reason);
	return false;
}

static bool
set_same(rd_kafka_conf_t *conf, const PropertyMapping *mapping,
		 const char *value, PQExpBuffer error)
{
	return set_native(conf, mapping->java, mapping->native, value, error);
}

static bool
set_nothing(rd_kafka_conf_t *conf, const PropertyMapping *mapping,
			const char *value, PQExpBuffer error)
{
	(void) conf;
	(void) value;
	(void) error;
	pg_log_warning("Kafka property \"%s\" has no effect: it belongs to the Java client",
				   mapping->java);
	return true;
}

/* Bytes as kilobytes, rounded up; other text as it is, to be refused. */
static bool
set_kilobytes(rd_kafka_conf_t *conf, const PropertyMapping *mapping,
			  const char *value, PQExpBuffer error)
{
	char		text[32];
	char	   *end;
	long long	bytes = strtoll(value, &end, 10);

	if (end == value || *end != '\0' || bytes < 0)
		return set_same(conf, mapping, value, error);
	snprintf(text, sizeof(text), "%lld", Max((bytes + 1023) / 1024, 1));
	return set_same(conf, mapping, text, error);
}

/* A size for which the system's own is -1 in Java, 0 in librdkafka. */
static bool
set_buffer(rd_kafka_conf_t *conf, const PropertyMapping *mapping,
		   const char *value, PQExpBuffer error)
{
	return set_same(conf, mapping, strcmp(value, "-1") == 0 ? "0" : value, error);
}

/* 0, which switches batches off in Java, is a batch of one record. */
static bool
set_batch_size(rd_kafka_conf_t *conf, const PropertyMapping *mapping,
			   const char *value, PQExpBuffer error)
{
	return set_same(conf, mapping, strcmp(value, "0") == 0 ? "1" : value, error);
}

/* No check of the server's name is "" in Java. */
static bool
set_identification(rd_kafka_conf_t *conf, const PropertyMapping *mapping,
				   const char *value, PQExpBuffer error)
{
	return set_same(conf, mapping, *value == '\0' ? "none" : value, error);
}

/* compression.X.level, which counts if X is the codec: set after that. */
static bool
set_level(rd_kafka_conf_t *conf, const PropertyMapping *mapping,
		  const char *value, PQExpBuffer error)
{
	const char *codec = mapping->java + strlen("compression.");
	char		chosen[16] = "";
	size_t		size = sizeof(chosen);

	rd_kafka_conf_get(conf, "compression.codec", chosen, &size);
	return *chosen == '\0' || strncmp(codec, chosen, strlen(chosen)) != 0 ||
		set_same(conf, mapping, value, error);
}

/* ----------------------------------------------------------------- TLS */

typedef enum StoreKind
{
	STORE_PEM,
	STORE_PKCS12,
	STORE_OTHER					/* JKS; or no store at all */
} StoreKind;

/* What a store is, its beginning says: Java, too, reads PKCS12 as "JKS". */
static bool
find_kind(const PropertyMapping *mapping, const char *path, StoreKind *kind,
		  PQExpBuffer error)
{
	PQExpBufferData content;
	bool		ok;

	initPQExpBuffer(&content);
	ok = file_read(path, &content, error);
	if (!ok)
	{
		PQExpBufferData reason;

		initPQExpBuffer(&reason);
		appendPQExpBuffer(&reason, "invalid value for Kafka property \"%s\": %s",
						  mapping->java, error->data);
		resetPQExpBuffer(error);
		appendPQExpBufferStr(error, reason.data);
		termPQExpBuffer(&reason);
	}
	else if (strstr(content.data, "-----BEGIN ") != NULL)
		*kind = STORE_PEM;
	else
		*kind = content.len > 1 && content.data[0] == 0x30 ? STORE_PKCS12 : STORE_OTHER;
	termPQExpBuffer(&content);
	return ok;
}

static bool
set_truststore(rd_kafka_conf_t *conf, const PropertyMapping *mapping,
			   const char *value, PQExpBuffer error)
{
	StoreKind	kind;

	if (!find_kind(mapping, value, &kind, error))
		return false;
	if (kind == STORE_PEM)
		return set_same(conf, mapping, value, error);
	appendPQExpBuffer(error,
					  "invalid value for Kafka property \"%s\": \"%s\" is not a PEM file; "
					  "write its certificates to one with keytool -list -rfc -keystore %s, and name that",
					  mapping->java, value, value);
	return false;
}

static bool
set_keystore(rd_kafka_conf_t *conf, const PropertyMapping *mapping,
			 const char *value, PQExpBuffer error)
{
	StoreKind	kind;

	if (!find_kind(mapping, value, &kind, error))
		return false;
	if (kind == STORE_PEM)		/* certificates and key in one file */
		return set_native(conf, mapping->java, "ssl.certificate.location", value, error) &&
			set_native(conf, mapping->java, "ssl.key.location", value, error);
	if (kind == STORE_PKCS12)
		return set_same(conf, mapping, value, error);
	appendPQExpBuffer(error,
					  "invalid value for Kafka property \"%s\": \"%s\" is neither a PEM nor a PKCS12 file; "
					  "convert it with keytool -importkeystore -srckeystore %s -destkeystore NEW -deststoretype PKCS12, and name that",
					  mapping->java, value, value);
	return false;
}

/* ----------------------------------------------------------------- SASL */

/* Options of login modules. */
static const PropertyMapping login_options[] = {
	{"username", "sasl.username", NULL},
	{"password", "sasl.password", NULL},
	{"keyTab", "sasl.kerberos.keytab", NULL},
	{"principal", "sasl.kerberos.principal", NULL},
	{"serviceName", "sasl.kerberos.service.name", NULL},
	{"clientId", "sasl.oauthbearer.client.id", NULL},
	{"clientSecret", "sasl.oauthbearer.client.secret", NULL},
	{"scope", "sasl.oauthbearer.scope", NULL},
};

/* Reads a word, or a text in double quotes; false when there is none. */
static bool
read_word(const char **text, PQExpBuffer word)
{
	const char *p = *text;

	resetPQExpBuffer(word);
	while (isspace((unsigned char) *p))
		p++;
	if (*p == '"')
	{
		for (p++; *p != '\0' && *p != '"'; p++)
		{
			if (*p == '\\' && p[1] != '\0')
				p++;
			appendPQExpBufferChar(word, *p);
		}
		if (*p++ != '"')
			return false;
	}
	else
	{
		while (*p != '\0' && *p != '=' && *p != ';' && !isspace((unsigned char) *p))
			appendPQExpBufferChar(word, *p++);
		if (word->len == 0)
			return false;
	}
	*text = p;
	return true;
}

static bool
set_login_option(rd_kafka_conf_t *conf, const char *name, const char *value,
				 PQExpBuffer error)
{
	for (size_t i = 0; i < lengthof(login_options); i++)
	{
		if (strcmp(name, login_options[i].java) == 0)
			return set_native(conf, "sasl.jaas.config",
							  login_options[i].native, value, error);
	}
	return true;				/* useKeyTab, storeKey, ...: Java's own */
}

/* CLASS required|... NAME=VALUE ... ; */
static bool
read_login(rd_kafka_conf_t *conf, const char *text, PQExpBuffer error)
{
	PQExpBufferData name;
	PQExpBufferData value;
	bool		ok;

	initPQExpBuffer(&name);
	initPQExpBuffer(&value);
	ok = read_word(&text, &name) && read_word(&text, &value);
	while (ok && *(text += strspn(text, " \t\r\n")) != ';')
	{
		ok = read_word(&text, &name) && *text++ == '=' &&
			read_word(&text, &value) &&
			set_login_option(conf, name.data, value.data, error);
	}
	termPQExpBuffer(&name);
	termPQExpBuffer(&value);
	return ok;
}

static bool
set_login(rd_kafka_conf_t *conf, const PropertyMapping *mapping,
		  const char *value, PQExpBuffer error)
{
	if (read_login(conf, value, error))
		return true;
	if (error->len == 0)
		appendPQExpBuffer(error,
						  "invalid value for Kafka property \"%s\": expected CLASS required NAME=\"VALUE\" ... ;",
						  mapping->java);
	return false;
}

/* The one class of Kafka that asks a server for tokens. */
static bool
set_login_handler(rd_kafka_conf_t *conf, const PropertyMapping *mapping,
				  const char *value, PQExpBuffer error)
{
	static const char known[] = ".OAuthBearerLoginCallbackHandler";
	size_t		length = strlen(value);

	if (length > strlen(known) &&
		strcmp(value + length - strlen(known), known) == 0)
		return set_same(conf, mapping, "oidc", error);
	return set_nothing(conf, mapping, value, error);
}

/* ------------------------------------------------------------ the table */

static const PropertyMapping mappings[] = {
	{"batch.size", "batch.size", set_batch_size},
	{"buffer.memory", "queue.buffering.max.kbytes", set_kilobytes},
	{"compression.gzip.level", "compression.level", set_level},
	{"compression.lz4.level", "compression.level", set_level},
	{"compression.zstd.level", "compression.level", set_level},
	{"delivery.timeout.ms", "message.timeout.ms", NULL},
	{"fetch.max.wait.ms", "fetch.wait.max.ms", NULL},
	{"max.partition.fetch.bytes", "fetch.message.max.bytes", NULL},
	{"max.request.size", "message.max.bytes", NULL},
	{"metadata.max.age.ms", "topic.metadata.refresh.interval.ms", NULL},
	{"receive.buffer.bytes", "socket.receive.buffer.bytes", set_buffer},
	{"retries", "message.send.max.retries", NULL},
	{"sasl.jaas.config", NULL, set_login},
	{"sasl.login.callback.handler.class", "sasl.oauthbearer.method", set_login_handler},
	{"sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.id", NULL},
	{"sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.client.secret", NULL},
	{"send.buffer.bytes", "socket.send.buffer.bytes", set_buffer},
	{"ssl.endpoint.identification.algorithm", "ssl.endpoint.identification.algorithm", set_identification},
	{"ssl.keystore.certificate.chain", "ssl.certificate.pem", NULL},
	{"ssl.keystore.key", "ssl.key.pem", NULL},
	{"ssl.keystore.location", "ssl.keystore.location", set_keystore},
	{"ssl.truststore.certificates", "ssl.ca.pem", NULL},
	{"ssl.truststore.location", "ssl.ca.location", set_truststore},

	{"config.providers", NULL, set_nothing},
	{"interceptor.classes", NULL, set_nothing},
	{"key.deserializer", NULL, set_nothing},
	{"key.serializer", NULL, set_nothing},
	{"max.block.ms", NULL, set_nothing},
	{"max.poll.records", NULL, set_nothing},
	{"metadata.max.idle.ms", NULL, set_nothing},
	{"metric.reporters", NULL, set_nothing},
	{"metrics.num.samples", NULL, set_nothing},
	{"metrics.recording.level", NULL, set_nothing},
	{"metrics.sample.window.ms", NULL, set_nothing},
	{"partitioner.adaptive.partitioning.enable", NULL, set_nothing},
	{"partitioner.availability.timeout.ms", NULL, set_nothing},
	{"partitioner.class", NULL, set_nothing},
	{"partitioner.ignore.keys", NULL, set_nothing},
	{"sasl.client.callback.handler.class", NULL, set_nothing},
	{"sasl.kerberos.ticket.renew.jitter", NULL, set_nothing},
	{"sasl.kerberos.ticket.renew.window.factor", NULL, set_nothing},
	{"sasl.login.class", NULL, set_nothing},
	{"sasl.login.connect.timeout.ms", NULL, set_nothing},
	{"sasl.login.read.timeout.ms", NULL, set_nothing},
	{"sasl.login.refresh.buffer.seconds", NULL, set_nothing},
	{"sasl.login.refresh.min.period.seconds", NULL, set_nothing},
	{"sasl.login.refresh.window.factor", NULL, set_nothing},
	{"sasl.login.refresh.window.jitter", NULL, set_nothing},
	{"sasl.login.retry.backoff.max.ms", NULL, set_nothing},
	{"sasl.login.retry.backoff.ms", NULL, set_nothing},
	{"security.providers", NULL, set_nothing},
	{"socket.connection.setup.timeout.max.ms", NULL, set_nothing},
	{"ssl.enabled.protocols", NULL, set_nothing},
	{"ssl.engine.factory.class", NULL, set_nothing},
	{"ssl.keymanager.algorithm", NULL, set_nothing},
	{"ssl.keystore.type", NULL, set_nothing},
	{"ssl.protocol", NULL, set_nothing},
	{"ssl.provider", NULL, set_nothing},
	{"ssl.secure.random.implementation", NULL, set_nothing},
	{"ssl.trustmanager.algorithm", NULL, set_nothing},
	{"ssl.truststore.password", NULL, set_nothing},
	{"ssl.truststore.type", NULL, set_nothing},
	{"transaction.two.phase.commit.enable", NULL, set_nothing},
	{"value.deserializer", NULL, set_nothing},
	{"value.serializer", NULL, set_nothing},
};

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

bool
kafka_conf_set_java(rd_kafka_conf_t *conf, const char *name,
					const char *value, PQExpBuffer error)
{
	const PropertyMapping *mapping = find_mapping(name);

	if (mapping == NULL)
		return set_native(conf, name, name, value, error);
	return (mapping->set != NULL ? mapping->set : set_same) (conf, mapping, value, error);
}

bool
kafka_property_is_last(const char *name)
{
	const PropertyMapping *mapping = find_mapping(name);

	return mapping != NULL && mapping->set == set_level;
}
