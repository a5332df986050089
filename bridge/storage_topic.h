/*-------------------------------------------------------------------------
 *
 * storage_topic.h
 *	  Are the topics that state is kept in fit for it?
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef STORAGE_TOPIC_H
#define STORAGE_TOPIC_H

#include "postgres_fe.h"

#include <librdkafka/rdkafka.h>

#include "failure.h"

/*
 * A topic that forgets old records would lose what they hold ("connectors",
 * "stored offsets"): it is refused.  Where the broker does not tell, it is
 * taken for fit.
 */
extern bool storage_topic_check(rd_kafka_t *client, const char *topic,
								const char *what, Failure *failure) MUST_CHECK;

#endif							/* STORAGE_TOPIC_H */
