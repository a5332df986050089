/*-------------------------------------------------------------------------
 *
 * kafka.h
 *	  Set-up of Kafka clients: property names as the Java clients have them,
 *	  librdkafka's log lines in ours.
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

/*
 * Sets a property by the name that Kafka's Java clients give it, through the
 * table in kafka.c: renamed, converted, or, where it has no meaning here
 * (serializers, interceptors, ...), left out with a warning.  A name that
 * neither the table nor librdkafka knows is left out with a warning too, as
 * the Java clients do.  False, with a reason, for a value that is refused.
 */
extern bool kafka_conf_set_java(rd_kafka_conf_t *conf, const char *name,
								const char *value, PQExpBuffer error) MUST_CHECK;

/*
 * All properties that start with "prefix", without it, by kafka_conf_set_java:
 * "producer.override.", "properties.".
 */
extern bool kafka_conf_set_prefixed(rd_kafka_conf_t *conf,
									const Properties *properties,
									const char *prefix, PQExpBuffer error) MUST_CHECK;

#endif							/* KAFKA_H */
