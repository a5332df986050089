/*-------------------------------------------------------------------------
 *
 * test_kafka_property.c
 *	  Unit test of common/kafka_property.c.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "kafka_property.h"

#include <unistd.h>

#include "tap.h"

static PQExpBufferData error;
static char found[512];

/* What librdkafka has for "native" once "java" is set; NULL: refused. */
static const char *
after(const char *java, const char *value, const char *native)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	size_t		size = sizeof(found);
	bool		ok;

	resetPQExpBuffer(&error);
	rd_kafka_conf_set(conf, "compression.type", "zstd", NULL, 0);
	ok = kafka_conf_set_java(conf, java, value, &error);
	if (!ok || rd_kafka_conf_get(conf, native, found, &size) != RD_KAFKA_CONF_OK)
		strcpy(found, "");
	rd_kafka_conf_destroy(conf);
	return ok ? found : NULL;
}

static void
write_file(const char *path, const char *text)
{
	FILE	   *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
}

static void
test_values(void)
{
	tap_text(after("linger.ms", "7", "queue.buffering.max.ms"), "7",
			 "a name that both have");
	tap_text(after("acks", "all", "request.required.acks"), "-1",
			 "a name that is librdkafka's other one");
	tap_text(after("security.protocol", "SASL_SSL", "security.protocol"),
			 "sasl_ssl", "Java's capital letters");
	tap_text(after("buffer.memory", "33554432", "queue.buffering.max.kbytes"),
			 "32768", "bytes as kilobytes");
	tap_text(after("buffer.memory", "1", "queue.buffering.max.kbytes"), "1",
			 "rounded up");
	tap_text(after("buffer.memory", "much", "queue.buffering.max.kbytes"),
			 NULL, "no number is refused");
	tap_ok(strstr(error.data, "\"buffer.memory\"") != NULL, "by Java's name");
	tap_text(after("max.request.size", "2000000", "message.max.bytes"),
			 "2000000", "the size of a record");
	tap_text(after("metadata.max.age.ms", "5000",
				   "topic.metadata.refresh.interval.ms"), "5000",
			 "a name that means something else in librdkafka");
	tap_text(after("batch.size", "0", "batch.size"), "1", "no batches");
	tap_text(after("send.buffer.bytes", "-1", "socket.send.buffer.bytes"), "0",
			 "the system's buffer");
	tap_text(after("ssl.endpoint.identification.algorithm", "",
				   "ssl.endpoint.identification.algorithm"), "none",
			 "no check of the server's name");
	tap_text(after("compression.zstd.level", "3", "compression.level"), "3",
			 "the level of the codec that is used");
	tap_text(after("compression.gzip.level", "9", "compression.level"), "",
			 "not of another one");
	tap_ok(kafka_property_is_last("compression.gzip.level") &&
		   !kafka_property_is_last("compression.type"),
		   "it is set behind the codec");
	tap_text(after("interceptor.classes", "a.b.C", "client.id"), "rdkafka",
			 "what belongs to Java is passed over");
	tap_text(after("no.such.property", "x", "client.id"), "rdkafka",
			 "so is what nobody knows");
}

static void
test_login(void)
{
	static const char plain[] =
	"org.apache.kafka.common.security.plain.PlainLoginModule required\n"
	"  username=\"me\" password=\"a \\\"b\\\\ ;=c\";";
	static const char kerberos[] =
	"com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true "
	"keyTab=\"/etc/key.tab\" principal=\"me@EXAMPLE.COM\" ;";

	tap_text(after("sasl.jaas.config", plain, "sasl.username"), "me", "a user");
	tap_text(after("sasl.jaas.config", plain, "sasl.password"), "a \"b\\ ;=c",
			 "a password with all that is special");
	tap_text(after("sasl.jaas.config", kerberos, "sasl.kerberos.principal"),
			 "me@EXAMPLE.COM", "Kerberos");
	tap_text(after("sasl.jaas.config", "Module required username=\"me", "client.id"),
			 NULL, "an open quote is refused");
	tap_text(after("sasl.jaas.config", "Module required password=hidden", "client.id"),
			 NULL, "so is a missing semicolon");
	tap_ok(strstr(error.data, "hidden") == NULL, "without the password");
}

static void
test_stores(void)
{
	char		path[] = "/tmp/test_kafka_property.XXXXXX";

	close(mkstemp(path));
	write_file(path, "-----BEGIN CERTIFICATE-----\n");
	tap_text(after("ssl.truststore.location", path, "ssl.ca.location"), path,
			 "a truststore that is PEM");
	tap_text(after("ssl.keystore.location", path, "ssl.key.location"), path,
			 "a keystore that is PEM has the key");
	tap_text(after("ssl.keystore.location", path, "ssl.certificate.location"),
			 path, "and the certificate");
	write_file(path, "0\x82 and so on");
	tap_text(after("ssl.keystore.location", path, "ssl.keystore.location"),
			 path, "a keystore that is PKCS12");
	tap_text(after("ssl.truststore.location", path, "client.id"), NULL,
			 "a truststore that is not PEM is refused");
	tap_ok(strstr(error.data, "keytool") != NULL, "with the way out");
	write_file(path, "\xfe\xed\xfe\xed");
	tap_text(after("ssl.keystore.location", path, "client.id"), NULL,
			 "a keystore of Java's own kind is refused");
	unlink(path);
	tap_text(after("ssl.keystore.location", path, "client.id"), NULL,
			 "so is one that is not there");
	tap_ok(strstr(error.data, "ssl.keystore.location") != NULL &&
		   strstr(error.data, path) != NULL, "by property and path");
}

int
main(void)
{
	initPQExpBuffer(&error);
	test_values();
	test_login();
	test_stores();
	termPQExpBuffer(&error);
	return tap_done();
}
