/*-------------------------------------------------------------------------
 *
 * kafka_property.h
 *	  Properties by the names of Kafka's Java clients, for librdkafka.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef KAFKA_PROPERTY_H
#define KAFKA_PROPERTY_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include <librdkafka/rdkafka.h>

#include "must_check.h"

/*
 * Sets a property by the name that Kafka's Java clients give it, through the
 * table in kafka_property.c: renamed, converted, or, where it has no meaning
 * here (serializers, interceptors, ...), left out with a warning.  A name that
 * neither the table nor librdkafka knows is left out with a warning, too, as
 * the Java clients do.  False, with a reason, for a value that is refused.
 */
extern bool kafka_conf_set_java(rd_kafka_conf_t *conf, const char *name,
								const char *value, PQExpBuffer error) MUST_CHECK;

/* Is it to be set when all others are, as its meaning depends on them? */
extern bool kafka_property_is_last(const char *name);

#endif							/* KAFKA_PROPERTY_H */
