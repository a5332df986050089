/*-------------------------------------------------------------------------
 *
 * report.h
 *	  What a worker tells its supervisor: lines of JSON.
 *
 *	  {"state":"FAILED","trace":"..."}	the task's state, see connector.h
 *	  {"info":"..."} {"info":null}		what it waits for or tries again
 *	  {"topic":"..."}					it writes to a topic
 *	  {"metrics":"..."}					samples, see metrics.h
 *
 *	  and from the store:
 *
 *	  {"cluster":"..."}					Kafka's cluster id
 *	  {"key":"...","value":{}|null,"history":true}
 *										a record of config.storage.topic
 *	  {"loaded":true}					all were read that were there
 *	  {"done":12,"error":"..."}			what became of a record to be written;
 *										without an error it was read, too
 *
 *	  The store is told {"number":12,"key":"...","value":{}|null}: write that.
 *	  A worker is told {"log":"DEBUG"}: log that much from now on.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef REPORT_H
#define REPORT_H

#include "postgres_fe.h"

#include <cjson/cJSON.h>

#include "metrics.h"

/* "trace" may be NULL. */
extern void report_state(const char *state, const char *trace);

/* One member with a text, or null. */
extern void report_text(const char *name, const char *text);

extern void report_metrics(const Metrics *metrics);

/* Any of the others; "object" is freed. */
extern void report_object(cJSON *object);

#endif							/* REPORT_H */
