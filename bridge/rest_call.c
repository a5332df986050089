/*-------------------------------------------------------------------------
 *
 * rest_call.c
 *	  One request to the REST API, and the ways to answer it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "rest_call.h"

#include "connector_config.h"

Call
deferred_call(Rest *rest, HttpPending *pending)
{
	Call		call = {.rest = rest,.response = http_response(pending)};

	return call;
}

void
answer_json(Call *call, int status, cJSON *body)
{
	char	   *text = cJSON_PrintUnformatted(body);

	call->response->status = status;
	appendPQExpBufferStr(&call->response->body, text);
	cJSON_free(text);
	cJSON_Delete(body);
}

/* An answer without a body, and so without a type. */
void
answer_empty(Call *call, int status)
{
	call->response->status = status;
	call->response->content_type = NULL;
}

void
answer_error(Call *call, int status, const char *format,...)
{
	cJSON	   *body = cJSON_CreateObject();
	va_list		args;
	char	   *message;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = strdup("");
	va_end(args);
	cJSON_AddNumberToObject(body, "error_code", status);
	cJSON_AddStringToObject(body, "message", message);
	free(message);
	answer_json(call, status, body);
}

void
answer_message(Call *call, int status, const char *message)
{
	cJSON	   *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "message", message);
	answer_json(call, status, body);
}

void
answer_invalid(Call *call, const ConfigErrors *errors)
{
	PQExpBufferData text;

	initPQExpBuffer(&text);
	config_errors_text(errors, &text);
	answer_error(call, 400,
				 "Connector configuration is invalid and contains the following %d error(s):\n%sYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`",
				 errors->count, text.data);
	termPQExpBuffer(&text);
}

/* Connect's web server answers these itself, without a content type. */
void
answer_server_error(Call *call, int status, const char *reason)
{
	answer_error(call, status, "HTTP %d %s", status, reason);
	call->response->content_type = NULL;
}

/*
 * The connector of the path; NULL after answering 404.  Connect has several
 * wordings: what stands before and behind the name is the caller's.
 */
Connector *
find_or_404(Call *call, const char *before, const char *behind)
{
	Connector  *connector = connector_find(call->rest->connectors, call->name);

	if (connector == NULL)
		answer_error(call, 404, "%s%s%s", before, call->name, behind);
	return connector;
}

/* The body as JSON; NULL after answering 500, as Connect does for it. */
cJSON *
read_body(Call *call)
{
	const char *end = NULL;
	cJSON	   *body = cJSON_ParseWithOpts(call->request->body, &end, true);

	if (body != NULL && cJSON_IsObject(body))
		return body;
	if (body != NULL)
		answer_error(call, 500, "expected a JSON object");
	else
		answer_error(call, 500, "invalid JSON at byte %d",
					 end != NULL ? (int) (end - call->request->body) : 0);
	cJSON_Delete(body);
	return NULL;
}

/* Appends {database.user=postgres, ...}, with secrets masked. */
static void
append_config(PQExpBuffer text, const Properties *config)
{
	appendPQExpBufferChar(text, '{');
	for (int i = 0; i < config->count; i++)
		appendPQExpBuffer(text, "%s%s=%s", i > 0 ? ", " : "",
						  config->items[i].name,
						  property_is_secret(config->items[i].name) ? "***" :
						  config->items[i].value);
	appendPQExpBufferChar(text, '}');
}

bool
check_class(Call *call, const Properties *config, int status,
			const char *prefix)
{
	const char *class_name = properties_get(config, "connector.class");
	PQExpBufferData text;

	if (class_name != NULL && connector_class_is_ours(class_name))
		return true;
	initPQExpBuffer(&text);
	if (class_name == NULL)
	{
		append_config(&text, config);
		answer_error(call, status,
					 "%sConnector config %s contains no connector type", prefix,
					 text.data);
	}
	else
		answer_error(call, status,
					 "%sorg.apache.kafka.connect.errors.ConnectException: Failed to find any class that implements Connector and which name matches %s, available connectors are: %s",
					 prefix, class_name, CONNECTOR_CLASS);
	termPQExpBuffer(&text);
	return false;
}

bool
query_is_true(const Call *call, const char *name)
{
	const char *value = http_query(call->request, name);

	return value != NULL && pg_strcasecmp(value, "true") == 0;
}
