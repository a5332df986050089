/*-------------------------------------------------------------------------
 *
 * kafka.c
 *	  Set-up of Kafka clients: librdkafka's log lines in ours.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "kafka.h"

#include <string.h>

#include "log.h"

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
