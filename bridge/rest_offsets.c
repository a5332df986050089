/*-------------------------------------------------------------------------
 *
 * rest_offsets.c
 *	  /connectors/N/offsets: where a connector is, and moving it.
 *
 * NOTES
 *	  Offsets are changed only while the connector is stopped, and it is not
 *	  started while they are.  A worker that has been told to stop may still
 *	  be storing its last offset: its end is awaited.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "json_integers.h"
#include "log.h"
#include "loop.h"
#include "offset_admin.h"
#include "rest_call.h"

/* How long a worker's end is awaited. */
#define END_TIMEOUT_MS	30000

/* A request that reads or changes offsets. */
struct OffsetsRequest
{
	struct OffsetsRequest *next;	/* of those that wait */
	HttpPending *pending;
	Rest	   *rest;
	char	   *name;			/* of the connector */
	cJSON	   *change;			/* NULL: none */
	bool		reset;
	bool		changes;
	int64		deadline;		/* clock_ms() */
};

static void
request_free(OffsetsRequest *request)
{
	http_answer(request->pending);
	cJSON_Delete(request->change);
	pg_free(request->name);
	pg_free(request);
}

static void
on_answer(const cJSON *answer, const char *error, void *arg)
{
	OffsetsRequest *request = arg;
	Call		call = deferred_call(request->rest, request->pending);
	Connector  *connector = connector_find(request->rest->connectors,
										   request->name);
	const char *reason =
	cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "error"));

	if (connector != NULL && request->changes)
		connector->held = false;
	if (answer == NULL || reason != NULL)
		answer_error(&call, 500, "%s", reason != NULL ? reason : error);
	else if (request->changes)
	{
		pg_log_info(request->reset ? "offsets of connector \"%s\" are reset" :
					"offsets of connector \"%s\" are altered", request->name);
		answer_message(&call, 200, request->reset ?
					   "The Connect framework-managed offsets for this connector have been reset successfully. However, if this connector manages offsets externally, they will need to be manually reset in the system that the connector uses." :
					   "The Connect framework-managed offsets for this connector have been altered successfully. However, if this connector manages offsets externally, they will need to be manually altered in the system that the connector uses.");
	}
	else
	{
		cJSON	   *body = cJSON_Duplicate(answer, true);

		json_keep_integers(body);
		answer_json(&call, 200, body);
	}
	request_free(request);
}

static void
request_start(OffsetsRequest *request)
{
	const Connector *connector = connector_find(request->rest->connectors,
												request->name);

	offset_admin_start(request->rest->errands,
					   request->rest->connectors->worker, request->name,
					   connector != NULL ? properties_get(connector->config, "offsets.storage.topic") : NULL,
					   request->change, request->reset, on_answer, request);
}

static OffsetsRequest *
request_new(Call *call)
{
	OffsetsRequest *request = pg_malloc0(sizeof(OffsetsRequest));

	request->pending = http_defer(call->request);
	request->rest = call->rest;
	request->name = pg_strdup(call->name);
	return request;
}

void
get_offsets(Call *call)
{
	if (find_or_404(call, "Connector ", " not found") != NULL)
		request_start(request_new(call));
}

/* The connector, stopped; NULL after answering. */
static Connector *
find_stopped(Call *call)
{
	Connector  *connector = find_or_404(call, "Connector ", " not found");

	if (connector == NULL || connector->target == TARGET_STOPPED)
		return connector;
	answer_error(call, 400,
				 "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/%s/stop' endpoint",
				 call->name);
	return NULL;
}

/* Puts it behind the others; rest_offsets_tick() starts it. */
static void
change_offsets(Call *call, const cJSON *change)
{
	OffsetsRequest *request = request_new(call);
	OffsetsRequest **end = &call->rest->offsets_waiting;

	request->changes = true;
	request->reset = change == NULL;
	request->change = cJSON_Duplicate(change, true);
	request->deadline = clock_ms() + END_TIMEOUT_MS;
	while (*end != NULL)
		end = &(*end)->next;
	*end = request;
}

void
delete_offsets(Call *call)
{
	if (find_stopped(call) != NULL)
		change_offsets(call, NULL);
}

/* Each element names a partition, and an offset or null. */
static bool
offsets_fit(const cJSON *offsets)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, offsets)
	{
		const cJSON *offset = cJSON_GetObjectItemCaseSensitive(item, "offset");

		if (!cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(item, "partition")) ||
			(offset != NULL && !cJSON_IsNull(offset) && !cJSON_IsObject(offset)))
			return false;
	}
	return true;
}

void
patch_offsets(Call *call)
{
	cJSON	   *body = read_body(call);
	const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(body, "offsets");
	const cJSON *item;

	cJSON_ArrayForEach(item, body)
	{
		if (strcmp(item->string, "offsets") == 0)
			continue;
		answer_error(call, 500,
					 "Unrecognized field \"%s\" (one known property: \"offsets\")",
					 item->string);
		cJSON_Delete(body);
		return;
	}
	if (body == NULL)
		return;
	if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) == 0)
		answer_error(call, 400,
					 "Partitions / offsets need to be provided for an alter offsets request");
	else if (!offsets_fit(offsets))
		answer_error(call, 400,
					 "each element of \"offsets\" must have an object \"partition\", and an object or null as \"offset\"");
	else if (find_stopped(call) != NULL)
		change_offsets(call, offsets);
	cJSON_Delete(body);
}

/* True when it waits no longer, having been started or answered. */
static bool
try_request(OffsetsRequest *request)
{
	Call		call = deferred_call(request->rest, request->pending);
	Connector  *connector;

	call.name = request->name;
	connector = find_stopped(&call);
	if (connector == NULL)
		request_free(request);
	else if (connector->process.pid == 0 && !connector->held)
	{
		connector->held = true;
		request_start(request);
	}
	else if (clock_ms() >= request->deadline)
	{
		answer_error(&call, 500, "connector \"%s\" has not come to its end yet",
					 request->name);
		request_free(request);
	}
	else
		return false;
	return true;
}

void
rest_tick(Rest *rest)
{
	OffsetsRequest **link = &rest->offsets_waiting;

	while (*link != NULL)
	{
		OffsetsRequest *request = *link;
		OffsetsRequest *next = request->next;

		if (try_request(request))
			*link = next;
		else
			link = &request->next;
	}
}

void
rest_free(Rest *rest)
{
	while (rest->offsets_waiting != NULL)
	{
		OffsetsRequest *request = rest->offsets_waiting;
		Call		call = deferred_call(rest, request->pending);

		rest->offsets_waiting = request->next;
		answer_error(&call, 503, "the bridge is stopping");
		request_free(request);
	}
	pg_free(rest->worker_id);
}
