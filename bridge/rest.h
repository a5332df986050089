/*-------------------------------------------------------------------------
 *
 * rest.h
 *	  Kafka Connect's REST API, for the connectors of this bridge.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef REST_H
#define REST_H

#include "postgres_fe.h"

#include "connector.h"
#include "errand.h"
#include "http.h"
#include "storage.h"

typedef struct OffsetsRequest OffsetsRequest;

typedef struct Rest
{
	Connectors *connectors;
	Storage    *storage;
	Errands    *errands;
	char	   *worker_id;		/* "host:port" */
	OffsetsRequest *offsets_waiting;	/* for a worker's end */
	int64		log_level_at;	/* clock_us() of its change; 0: never */
} Rest;

/* The handler for http_start(); "arg" is a Rest. */
extern void rest_handle(const HttpRequest *request, HttpResponse *response,
						void *arg);

/* To be called in each round: goes on with what waits for something. */
extern void rest_tick(Rest *rest);

/* Answers what waits still, and frees what is below. */
extern void rest_free(Rest *rest);

#endif							/* REST_H */
