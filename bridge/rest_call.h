/*-------------------------------------------------------------------------
 *
 * rest_call.h
 *	  One request to the REST API, and the ways to answer it.
 *
 * For the files rest*.c only: rest.c has the routes and what concerns
 * connectors, the others have their handlers here.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef REST_CALL_H
#define REST_CALL_H

#include "postgres_fe.h"

#include <cjson/cJSON.h>

#include "config_errors.h"
#include "rest.h"

/* What a handler gets. */
typedef struct Call
{
	Rest	   *rest;
	const HttpRequest *request; /* NULL in an answer that was deferred */
	HttpResponse *response;
	const char *name;			/* of what is asked for, mostly a connector;
								 * NULL: not in the path */
	const char *task;			/* number in the path; NULL: none */
} Call;

/* A call to answer a deferred request with; http_answer() is the caller's. */
extern Call deferred_call(Rest *rest, HttpPending *pending);

/* The body is freed. */
extern void answer_json(Call *call, int status, cJSON *body);

extern void answer_empty(Call *call, int status);
extern void answer_error(Call *call, int status, const char *format,...) __attribute__((format(printf, 3, 4)));

/* {"message":...} */
extern void answer_message(Call *call, int status, const char *message);

/* Connect's web server answers these itself, without a content type. */
extern void answer_server_error(Call *call, int status, const char *reason);

/* A configuration is refused. */
extern void answer_invalid(Call *call, const ConfigErrors *errors);

extern Connector *find_or_404(Call *call, const char *before,
							  const char *behind);

/* The body as a JSON object, to be freed; NULL after answering 500. */
extern cJSON *read_body(Call *call);

/* Is it a configuration of our class of connector?  False after answering. */
extern bool check_class(Call *call, const Properties *config, int status,
						const char *prefix);

/* rest_plugins.c */
extern void get_plugins(Call *call);
extern void get_plugin_config(Call *call);
extern void put_plugin_validate(Call *call);

/* rest_offsets.c */
extern void get_offsets(Call *call);
extern void patch_offsets(Call *call);
extern void delete_offsets(Call *call);

/* rest_loggers.c */
extern void get_loggers(Call *call);
extern void get_logger(Call *call);
extern void put_logger(Call *call);

/* Is a query parameter "true", in whatever case? */
extern bool query_is_true(const Call *call, const char *name);

#endif							/* REST_CALL_H */
