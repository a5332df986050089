/*-------------------------------------------------------------------------
 *
 * kafka.h
 *	  Set-up of Kafka clients: librdkafka's log lines in ours.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef KAFKA_H
#define KAFKA_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include <librdkafka/rdkafka.h>

#include "must_check.h"
#include "properties.h"

/* A configuration with our log callback; for rd_kafka_new() or kafka_conf_free. */
extern rd_kafka_conf_t *kafka_conf_new(const char *client_id);

/* Sets a property by librdkafka's own name; pg_fatal-free, reason in error. */
extern bool kafka_conf_set(rd_kafka_conf_t *conf, const char *name,
						   const char *value, PQExpBuffer error) MUST_CHECK;

#endif							/* KAFKA_H */
