/*-------------------------------------------------------------------------
 *
 * rest.c
 *	  Kafka Connect's REST API, for the connectors of this bridge.
 *
 * NOTES
 *	  Bodies, codes and the order of fields are those of Kafka Connect 4.3.
 *	  Where Connect lists a configuration in the order of a Java hash map, it
 *	  is listed here in the order in which it was posted.  A task that waits
 *	  for something has one field more, "info".
 *
 *	  Nothing here waits.  What changes a connector is put into the storage
 *	  (storage.h), takes effect when it comes back from there, and is answered
 *	  then.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "rest.h"

#include <string.h>

#include "bridge_metrics.h"
#include "bridge_options.h"
#include "config_records.h"
#include "log.h"
#include "rest_call.h"
#include "validation.h"

#define TASK_CLASS "io.debezium.connector.postgresql.PostgresConnectorTask"

typedef void (*RestHandler) (Call *call);

typedef struct Route
{
	const char *method;
	const char *path;			/* '*' stands for one segment: the connector,
								 * then the task */
	RestHandler handler;
} Route;

/* ------------------------------------------------- a connector as JSON */

static cJSON *
connector_tasks(const Connector *connector)
{
	cJSON	   *tasks = cJSON_CreateArray();

	if (connector->has_task)
	{
		cJSON	   *task = cJSON_CreateObject();

		cJSON_AddStringToObject(task, "connector", connector->name);
		cJSON_AddNumberToObject(task, "task", 0);
		cJSON_AddItemToArray(tasks, task);
	}
	return tasks;
}

static cJSON *
connector_info(const Connector *connector, bool created)
{
	cJSON	   *info = cJSON_CreateObject();

	cJSON_AddStringToObject(info, "name", connector->name);
	cJSON_AddItemToObject(info, "config", properties_to_json(connector->config));
	/* one that was just created has no task for Connect yet */
	cJSON_AddItemToObject(info, "tasks", created ? cJSON_CreateArray() :
						  connector_tasks(connector));
	cJSON_AddStringToObject(info, "type", "source");
	return info;
}

static void
add_state(cJSON *object, const Rest *rest, const char *state)
{
	cJSON_AddStringToObject(object, "state", state);
	cJSON_AddStringToObject(object, "worker_id", rest->worker_id);
	cJSON_AddStringToObject(object, "version", BRIDGE_VERSION);
}

static cJSON *
task_status(const Rest *rest, const Connector *connector, const char *state)
{
	cJSON	   *task = cJSON_CreateObject();

	cJSON_AddNumberToObject(task, "id", 0);
	add_state(task, rest, state);
	if (connector->trace != NULL)
		cJSON_AddStringToObject(task, "trace", connector->trace);
	if (connector->info != NULL)
		cJSON_AddStringToObject(task, "info", connector->info);
	return task;
}

/* States other than the present ones can be given, NULL: the present. */
static cJSON *
connector_status(const Rest *rest, const Connector *connector,
				 const char *state, const char *task_state)
{
	cJSON	   *status = cJSON_CreateObject();
	cJSON	   *part = cJSON_AddObjectToObject(status, "connector");
	cJSON	   *tasks;

	cJSON_DetachItemViaPointer(status, part);
	cJSON_AddStringToObject(status, "name", connector->name);
	cJSON_AddItemToObject(status, "connector", part);
	add_state(part, rest, state != NULL ? state : connector_state(connector));
	tasks = cJSON_AddArrayToObject(status, "tasks");
	if (connector->has_task)
		cJSON_AddItemToArray(tasks,
							 task_status(rest, connector, task_state != NULL ?
										 task_state : connector_task_state(connector)));
	cJSON_AddStringToObject(status, "type", "source");
	return status;
}

/* --------------------------------------------- changes that are stored */

typedef enum ChangeAnswer
{
	ANSWER_EMPTY,				/* no body */
	ANSWER_INFO,				/* the connector */
	ANSWER_STATUS				/* its status, restarting */
} ChangeAnswer;

/* A request whose change is being stored. */
typedef struct Change
{
	HttpPending *pending;
	Rest	   *rest;
	char	   *name;			/* of the connector */
	int			status;			/* to be answered */
	ChangeAnswer answer;
	bool		only_failed;	/* of ANSWER_STATUS */
} Change;

static Change *
change_new(HttpPending *pending, Rest *rest, const char *name, int status,
		   ChangeAnswer answer)
{
	Change	   *change = pg_malloc0(sizeof(Change));

	change->pending = pending;
	change->rest = rest;
	change->name = pg_strdup(name);
	change->status = status;
	change->answer = answer;
	return change;
}

/* The storage has it, or never will. */
static void
change_done(const char *error, void *arg)
{
	Change	   *change = arg;
	Call		call = deferred_call(change->rest, change->pending);
	const Connector *connector = connector_find(change->rest->connectors,
												change->name);

	if (error != NULL)
		answer_error(&call, 500, "%s", error);
	else if (change->answer == ANSWER_EMPTY)
		answer_empty(&call, change->status);
	else if (connector == NULL)
		answer_error(&call, 404, "Connector %s not found", change->name);
	else if (change->answer == ANSWER_INFO)
		answer_json(&call, change->status,
					connector_info(connector, change->status == 201));
	else
		answer_json(&call, change->status,
					connector_status(change->rest, connector,
									 change->only_failed ? NULL : "RESTARTING",
									 connector->ending ? "RESTARTING" : NULL));
	http_answer(change->pending);
	pg_free(change->name);
	pg_free(change);
}

/* ------------------------------------------------ reading configurations */

/* "name" must be the connector's, where it is given.  False after answering. */
static bool
set_name(Call *call, Properties *config, const char *name)
{
	const char *given = properties_get(config, "name");

	if (given != NULL && strcmp(given, name) != 0)
	{
		answer_error(call, 400,
					 "Connector name configuration (%s) doesn't match connector name in the URL (%s)",
					 given, name);
		return false;
	}
	properties_set(config, "name", name);
	return true;
}

/* ------------------------------------------------- new configurations */

/* One that is being checked, and is stored if it is right. */
typedef struct NewConfig
{
	HttpPending *pending;
	Rest	   *rest;
	char	   *name;			/* of the connector */
	Properties *config;
	bool		create;			/* there must be none of this name */
	ConnectorTarget target;		/* of a new one */
} NewConfig;

static void
store_config(NewConfig *new_config)
{
	Rest	   *rest = new_config->rest;
	const char *name = new_config->name;
	bool		exists = connector_find(rest->connectors, name) != NULL;

	if (!exists && new_config->target != TARGET_RUNNING)
		config_records_put_target(rest->storage, name, new_config->target,
								  NULL, NULL);
	pg_log_info(exists ? "connector \"%s\" is given a new configuration" :
				"connector \"%s\" is created", name);
	config_records_put_connector(rest->storage, name, new_config->config,
								 change_done,
								 change_new(new_config->pending, rest, name,
											exists ? 200 : 201, ANSWER_INFO));
}

/* What a validation has found. */
static void
on_validated(const ConfigErrors *errors, void *arg)
{
	NewConfig  *new_config = arg;
	Call		call = deferred_call(new_config->rest, new_config->pending);

	if (errors->count > 0)
		answer_invalid(&call, errors);
	else if (new_config->create &&
			 connector_find(call.rest->connectors, new_config->name) != NULL)
		answer_error(&call, 409, "Connector %s already exists",
					 new_config->name);
	else
	{
		store_config(new_config);
		new_config->pending = NULL;
	}
	if (new_config->pending != NULL)
		http_answer(new_config->pending);
	properties_free(new_config->config);
	pg_free(new_config->name);
	pg_free(new_config);
}

static void
new_config_start(Call *call, const char *name, const Properties *config,
				 bool create, ConnectorTarget target)
{
	NewConfig  *new_config = pg_malloc(sizeof(NewConfig));

	new_config->pending = http_defer(call->request);
	new_config->rest = call->rest;
	new_config->name = pg_strdup(name);
	new_config->config = properties_copy(config);
	new_config->create = create;
	new_config->target = target;
	validation_start(call->rest->errands, call->rest->connectors->worker,
					 config, on_validated, new_config);
}

static void
answer_no_name(Call *call)
{
	ConfigErrors errors;

	config_errors_init(&errors);
	config_errors_add(&errors, "name",
					  "Missing required configuration \"name\" which has no default value.");
	answer_invalid(call, &errors);
	config_errors_free(&errors);
}

/* -------------------------------------------------------- the server's */

static void
get_root(Call *call)
{
	cJSON	   *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "version", BRIDGE_VERSION);
	cJSON_AddStringToObject(body, "commit", "decoder_debezium");
	if (storage_cluster(call->rest->storage) != NULL)
		cJSON_AddStringToObject(body, "kafka_cluster_id",
								storage_cluster(call->rest->storage));
	else
		cJSON_AddNullToObject(body, "kafka_cluster_id");
	answer_json(call, 200, body);
}

static void
get_health(Call *call)
{
	cJSON	   *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "status", "healthy");
	cJSON_AddStringToObject(body, "message",
							"Worker has completed startup and is ready to handle requests.");
	answer_json(call, 200, body);
}

static void
get_metrics(Call *call)
{
	Metrics    *metrics = metrics_new(bridge_metrics);

	*metrics_sample(metrics, METRIC_UP, NULL) = 1;
	for (Connector *c = call->rest->connectors->first; c != NULL; c = c->next)
	{
		PQExpBufferData labels;

		if (c->deleted)
			continue;
		initPQExpBuffer(&labels);
		metrics_label(&labels, "connector", c->name);
		if (c->metrics != NULL)
			metrics_read_samples(metrics, c->metrics, labels.data);
		*metrics_sample(metrics, METRIC_RESTARTS, labels.data) = c->restarts;
		metrics_label(&labels, "state", c->has_task ?
					  connector_task_state(c) : connector_state(c));
		*metrics_sample(metrics, METRIC_STATE, labels.data) = 1;
		termPQExpBuffer(&labels);
	}
	metrics_render(metrics, &call->response->body);
	call->response->content_type = "text/plain; version=0.0.4";
	metrics_free(metrics);
}

/* --------------------------------------------------- all the connectors */

static void
get_connectors(Call *call)
{
	const char *expand = http_query(call->request, "expand");
	cJSON	   *body = expand != NULL ? cJSON_CreateObject() : cJSON_CreateArray();
	bool		info = http_query_has(call->request, "expand", "info");
	bool		status = http_query_has(call->request, "expand", "status");

	for (Connector *c = call->rest->connectors->first; c != NULL; c = c->next)
	{
		cJSON	   *part;

		if (c->deleted)
			continue;
		if (expand == NULL)
		{
			cJSON_AddItemToArray(body, cJSON_CreateString(c->name));
			continue;
		}
		part = cJSON_AddObjectToObject(body, c->name);
		if (info)
			cJSON_AddItemToObject(part, "info", connector_info(c, false));
		if (status)
			cJSON_AddItemToObject(part, "status",
								  connector_status(call->rest, c, NULL, NULL));
	}
	answer_json(call, 200, body);
}

/* "initial_state" of a POST.  False after answering. */
static bool
read_initial_state(Call *call, const cJSON *body, ConnectorTarget *target)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, "initial_state");
	const char *text = cJSON_GetStringValue(item);

	*target = TARGET_RUNNING;
	if (item == NULL || cJSON_IsNull(item))
		return true;
	if (text != NULL && pg_strcasecmp(text, "RUNNING") == 0)
		return true;
	if (text != NULL && pg_strcasecmp(text, "PAUSED") == 0)
		*target = TARGET_PAUSED;
	else if (text != NULL && pg_strcasecmp(text, "STOPPED") == 0)
		*target = TARGET_STOPPED;
	else
	{
		answer_error(call, 500,
					 "invalid initial_state: expected RUNNING, PAUSED or STOPPED");
		return false;
	}
	return true;
}

/* Nothing but what Connect knows.  False after answering. */
static bool
check_members(Call *call, const cJSON *body)
{
	const cJSON *item;

	/* a flat configuration, as connect-standalone takes it in a file */
	if (!cJSON_HasObjectItem(body, "config"))
		return true;
	cJSON_ArrayForEach(item, body)
	{
		if (strcmp(item->string, "name") != 0 &&
			strcmp(item->string, "config") != 0 &&
			strcmp(item->string, "initial_state") != 0)
		{
			answer_error(call, 500,
						 "Unrecognized field \"%s\" (3 known properties: \"config\", \"name\", \"initial_state\")",
						 item->string);
			return false;
		}
	}
	return true;
}

static void
post_connectors(Call *call)
{
	cJSON	   *body = read_body(call);
	const cJSON *inner = cJSON_GetObjectItemCaseSensitive(body, "config");
	const char *name =
	cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "name"));
	Properties *config;
	ConnectorTarget target;
	PQExpBufferData error;

	if (body == NULL)
		return;
	config = properties_new();
	initPQExpBuffer(&error);
	if (!check_members(call, body) || !read_initial_state(call, body, &target))
		goto cleanup;
	if (!properties_read_json(config, inner != NULL ? inner : body, &error))
		answer_error(call, 500, "%s", error.data);
	else if (name == NULL)
		answer_no_name(call);
	else if (set_name(call, config, name) &&
			 check_class(call, config, 400, ""))
		new_config_start(call, name, config, true, target);

cleanup:
	properties_free(config);
	termPQExpBuffer(&error);
	cJSON_Delete(body);
}

/* ------------------------------------------------------- one connector */

static void
get_connector(Call *call)
{
	Connector  *connector = find_or_404(call, "Connector ", " not found");

	if (connector != NULL)
		answer_json(call, 200, connector_info(connector, false));
}

static void
delete_connector(Call *call)
{
	Connector  *connector = find_or_404(call, "Connector ", " not found");

	if (connector == NULL)
		return;
	pg_log_info("connector \"%s\" is deleted; its slot and its stored offset stay",
				connector->name);
	config_records_put_deleted(call->rest->storage, connector->name,
							   change_done,
							   change_new(http_defer(call->request), call->rest, connector->name, 204, ANSWER_EMPTY));
}

static void
get_config(Call *call)
{
	Connector  *connector = find_or_404(call, "Connector ", " not found");

	if (connector != NULL)
		answer_json(call, 200, properties_to_json(connector->config));
}

/*
 * Takes the request's body on top of "config", which is the callee's from
 * here on, and makes the result the connector's configuration.
 */
static void
take_config(Call *call, Properties *config)
{
	cJSON	   *body = read_body(call);
	PQExpBufferData error;

	initPQExpBuffer(&error);
	if (body != NULL && properties_read_json(config, body, &error))
	{
		if (set_name(call, config, call->name) &&
			check_class(call, config, 400, ""))
			new_config_start(call, call->name, config, false, TARGET_RUNNING);
	}
	/* without a body, read_body() has answered */
	else if (body != NULL)
		answer_error(call, 500, "%s", error.data);
	properties_free(config);
	termPQExpBuffer(&error);
	cJSON_Delete(body);
}

static void
put_config(Call *call)
{
	take_config(call, properties_new());
}

static void
patch_config(Call *call)
{
	Connector  *connector = find_or_404(call, "Connector ", " not found");

	if (connector != NULL)
		take_config(call, properties_copy(connector->config));
}

static void
get_status(Call *call)
{
	Connector  *connector = find_or_404(call, "No status found for connector ", "");

	if (connector != NULL)
		answer_json(call, 200, connector_status(call->rest, connector, NULL, NULL));
}

static void
get_tasks(Call *call)
{
	Connector  *connector = find_or_404(call, "Connector ", " not found");
	cJSON	   *body;

	if (connector == NULL)
		return;
	body = cJSON_CreateArray();
	if (connector->has_task)
	{
		cJSON	   *task = cJSON_CreateObject();
		cJSON	   *id = cJSON_AddObjectToObject(task, "id");
		cJSON	   *config = properties_to_json(connector->config);

		cJSON_AddStringToObject(id, "connector", connector->name);
		cJSON_AddNumberToObject(id, "task", 0);
		cJSON_AddStringToObject(config, "task.class", TASK_CLASS);
		cJSON_AddItemToObject(task, "config", config);
		cJSON_AddItemToArray(body, task);
	}
	answer_json(call, 200, body);
}

static void
get_topics(Call *call)
{
	/* Connect answers for connectors that it does not know, too */
	Connector  *connector = connector_find(call->rest->connectors, call->name);
	cJSON	   *body = cJSON_CreateObject();
	cJSON	   *part = cJSON_AddObjectToObject(body, call->name);
	cJSON	   *topics = cJSON_AddArrayToObject(part, "topics");

	for (int i = 0; connector != NULL && i < connector->topic_count; i++)
		cJSON_AddItemToArray(topics, cJSON_CreateString(connector->topics[i]));
	answer_json(call, 200, body);
}

static void
put_topics_reset(Call *call)
{
	Connector  *connector = connector_find(call->rest->connectors, call->name);

	if (connector != NULL)
		connector_forget_topics(connector);
	answer_empty(call, 202);
}

static void
set_target(Call *call, ConnectorTarget target, int status)
{
	Connector  *connector = find_or_404(call, "Unknown connector ", "");

	if (connector == NULL)
		return;
	config_records_put_target(call->rest->storage, connector->name, target,
							  change_done,
							  change_new(http_defer(call->request), call->rest, connector->name, status,
										 ANSWER_EMPTY));
}

static void
put_pause(Call *call)
{
	set_target(call, TARGET_PAUSED, 202);
}

static void
put_resume(Call *call)
{
	set_target(call, TARGET_RUNNING, 202);
}

static void
put_stop(Call *call)
{
	set_target(call, TARGET_STOPPED, 204);
}

/*
 * Restarts the connector, which here has nothing of its own to restart, and
 * on request its task: in every bridge that reads the storage.
 */
static void
post_restart(Call *call)
{
	Connector  *connector = find_or_404(call, "Unknown connector: ", "");
	bool		tasks = query_is_true(call, "includeTasks");
	bool		only_failed = query_is_true(call, "onlyFailed");
	Change	   *change;

	if (connector == NULL)
		return;
	if (!tasks && !only_failed)
	{
		answer_empty(call, 204);
		return;
	}
	change = change_new(http_defer(call->request), call->rest, connector->name, 202, ANSWER_STATUS);
	change->only_failed = only_failed;
	config_records_put_restart(call->rest->storage, connector->name, tasks,
							   only_failed, change_done, change);
}

/* There is one task.  NULL after answering. */
static Connector *
find_task(Call *call, const char *wording)
{
	Connector  *connector = connector_find(call->rest->connectors, call->name);

	if (connector != NULL && connector->has_task &&
		strcmp(call->task, "0") == 0)
		return connector;
	answer_error(call, 404, "%s%s-%s", wording, call->name, call->task);
	return NULL;
}

static void
get_task_status(Call *call)
{
	Connector  *connector = find_task(call, "No status found for task ");

	if (connector != NULL)
		answer_json(call, 200, task_status(call->rest, connector,
										   connector_task_state(connector)));
}

static void
post_task_restart(Call *call)
{
	Connector  *connector = find_task(call, "Unknown task: ");

	if (connector == NULL)
		return;
	if (connector->target == TARGET_RUNNING)
		connector_restart(connector);
	answer_empty(call, 204);
}

/* ------------------------------------------------------------- routing */

static const Route routes[] = {
	{"GET", "/", get_root},
	{"GET", "/health", get_health},
	{"GET", "/metrics", get_metrics},
	{"GET", "/connector-plugins", get_plugins},
	{"GET", "/connector-plugins/*/config", get_plugin_config},
	{"PUT", "/connector-plugins/*/config/validate", put_plugin_validate},
	{"GET", "/admin/loggers", get_loggers},
	{"GET", "/admin/loggers/*", get_logger},
	{"PUT", "/admin/loggers/*", put_logger},
	{"GET", "/connectors", get_connectors},
	{"POST", "/connectors", post_connectors},
	{"GET", "/connectors/*", get_connector},
	{"DELETE", "/connectors/*", delete_connector},
	{"GET", "/connectors/*/config", get_config},
	{"PUT", "/connectors/*/config", put_config},
	{"PATCH", "/connectors/*/config", patch_config},
	{"GET", "/connectors/*/status", get_status},
	{"GET", "/connectors/*/tasks", get_tasks},
	{"GET", "/connectors/*/topics", get_topics},
	{"PUT", "/connectors/*/topics/reset", put_topics_reset},
	{"GET", "/connectors/*/offsets", get_offsets},
	{"PATCH", "/connectors/*/offsets", patch_offsets},
	{"DELETE", "/connectors/*/offsets", delete_offsets},
	{"PUT", "/connectors/*/pause", put_pause},
	{"PUT", "/connectors/*/resume", put_resume},
	{"PUT", "/connectors/*/stop", put_stop},
	{"POST", "/connectors/*/restart", post_restart},
	{"GET", "/connectors/*/tasks/*/status", get_task_status},
	{"POST", "/connectors/*/tasks/*/restart", post_task_restart},
};

#define SEGMENTS_MAX 6

/* Does the path fit the route?  Sets name and task, which point into it. */
static bool
route_fits(const Route *route, char *const *segments, int count, Call *call)
{
	const char *pattern = route->path;
	int			number = 0;

	call->name = NULL;
	call->task = NULL;
	while (*pattern == '/' && pattern[1] != '\0')
	{
		size_t		length = strcspn(++pattern, "/");

		if (number == count)
			return false;
		if (*pattern == '*')
		{
			if (call->name == NULL)
				call->name = segments[number];
			else
				call->task = segments[number];
		}
		else if (strlen(segments[number]) != length ||
				 strncmp(segments[number], pattern, length) != 0)
			return false;
		pattern += length;
		number++;
	}
	return number == count;
}

/* Only JSON is taken; no type at all is, by Connect, too. */
static bool
type_fits(const HttpRequest *request)
{
	return request->body_length == 0 || request->content_type == NULL ||
		pg_strncasecmp(request->content_type, "application/json", 16) == 0;
}

void
rest_handle(const HttpRequest *request, HttpResponse *response, void *arg)
{
	Call		call = {.rest = arg,.request = request,.response = response};
	char	   *segments[SEGMENTS_MAX];
	int			count = 0;
	bool		path_found = false;
	const Route *found = NULL;
	const char *waiting = storage_waiting(call.rest->storage);

	/* the answer's body is left out by the HTTP server */
	const char *method = strcmp(request->method, "HEAD") == 0 ? "GET" : request->method;

	while (count < SEGMENTS_MAX &&
		   (segments[count] = http_segment(request, count)) != NULL)
		count++;
	for (size_t i = 0; i < lengthof(routes) && found == NULL; i++)
	{
		if (!route_fits(&routes[i], segments, count, &call))
			continue;
		path_found = true;
		if (strcmp(routes[i].method, method) == 0)
			found = &routes[i];
	}
	if (!path_found)
		answer_server_error(&call, 404, "Not Found");
	else if (found == NULL)
		answer_server_error(&call, 405, "Method Not Allowed");
	else if (!type_fits(request))
		answer_server_error(&call, 415, "Unsupported Media Type");
	else if (strncmp(found->path, "/connectors", strlen("/connectors")) == 0 &&
			 !storage_is_loaded(call.rest->storage))
		answer_error(&call, 503,
					 "the connectors are still being read from topic \"%s\" at \"%s\"%s%s",
					 properties_get(call.rest->connectors->worker, "config.storage.topic"),
					 properties_get(call.rest->connectors->worker, "bootstrap.servers"),
					 waiting != NULL ? ": " : "",
					 waiting != NULL ? waiting : "");
	else
		found->handler(&call);
	while (count > 0)
		free(segments[--count]);
}
