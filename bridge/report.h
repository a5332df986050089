/*-------------------------------------------------------------------------
 *
 * report.h
 *	  What a worker tells its supervisor: lines of JSON.
 *
 *	  {"state":"FAILED","trace":"..."}	the task's state, see connector.h
 *	  {"info":"..."} {"info":null}		what it waits for or tries again
 *	  {"topic":"..."}					it writes to a topic
 *	  {"metrics":"..."}					samples, see metrics.h
 *	  {"cluster":"..."}					from the store: Kafka's cluster id
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef REPORT_H
#define REPORT_H

#include "postgres_fe.h"

#include "metrics.h"

/* "trace" may be NULL. */
extern void report_state(const char *state, const char *trace);

/* One member with a text, or null. */
extern void report_text(const char *name, const char *text);

extern void report_metrics(const Metrics *metrics);

#endif							/* REPORT_H */
