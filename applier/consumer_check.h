/*-------------------------------------------------------------------------
 *
 * consumer_check.h
 *	  Can the topics of a pipeline be read?
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef CONSUMER_CHECK_H
#define CONSUMER_CHECK_H

#include "must_check.h"
#include "pipeline.h"

/*
 * Asks Kafka, without joining the group: servers, topics, the rights to read
 * them and to see the group.  What is there is appended to "text", a sentence
 * a line.  False, with the reason in "error".
 */
extern bool consumer_check(const Pipeline *pipeline, PQExpBuffer text,
						   PQExpBuffer error) MUST_CHECK;

#endif							/* CONSUMER_CHECK_H */
