/*-------------------------------------------------------------------------
 *
 * connector.c
 *	  The connectors as the supervisor sees them: configuration, the state
 *	  that is wanted, and the process that does the work.
 *
 * NOTES
 *	  Requests only change what is wanted; connectors_tick() compares that
 *	  with what is, and never waits.  A process that ends unasked is started
 *	  again after a pause, unless it has reported FAILED: then it waits for
 *	  somebody to restart it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "connector.h"

#include <signal.h>
#include <string.h>

#include "log.h"
#include "loop.h"

/* A worker flushes for some seconds at its end; one that takes longer hangs. */
#define KILL_AFTER_MS		20000

/* Pauses before a crashed process is started again. */
#define RESTART_FIRST_MS	500
#define RESTART_LONGEST_MS	30000
/* A process that lived so long did not crash for the same reason again. */
#define RESTART_RESET_MS	60000

/* Without anything to do, the processes are looked at this often. */
#define TICK_MS				1000

void
connectors_init(Connectors *connectors, const Properties *worker)
{
	connectors->first = NULL;
	connectors->worker = worker;
	connectors->log_level = "INFO";
}

void
connector_forget_topics(Connector *connector)
{
	for (int i = 0; i < connector->topic_count; i++)
		pg_free(connector->topics[i]);
	connector->topic_count = 0;
}

static void
connector_free(Connector *connector)
{
	properties_free(connector->config);
	connector_forget_topics(connector);
	pg_free(connector->topics);
	pg_free(connector->name);
	pg_free(connector->trace);
	pg_free(connector->info);
	pg_free(connector->metrics);
	termPQExpBuffer(&connector->process.reports);
	pg_free(connector);
}

void
connectors_free(Connectors *connectors)
{
	while (connectors->first != NULL)
	{
		Connector  *connector = connectors->first;

		connectors->first = connector->next;
		connector_free(connector);
	}
	pg_free(connectors->suspended);
}

void
connectors_set_log_level(Connectors *connectors, const char *level)
{
	char	   *line = psprintf("{\"log\":\"%s\"}", level);

	connectors->log_level = level;
	for (Connector *c = connectors->first; c != NULL; c = c->next)
		(void) worker_command(&c->process, line);
	pg_free(line);
}

Connector *
connector_find(const Connectors *connectors, const char *name)
{
	for (Connector *c = connectors->first; c != NULL; c = c->next)
	{
		if (!c->deleted && strcmp(c->name, name) == 0)
			return c;
	}
	return NULL;
}

Connector *
connector_add(Connectors *connectors, Properties *config,
			  ConnectorTarget target)
{
	Connector  *connector = pg_malloc0(sizeof(Connector));
	Connector **end = &connectors->first;

	connector->name = pg_strdup(properties_get(config, "name"));
	connector->config = config;
	connector->target = target;
	connector->pause_ms = RESTART_FIRST_MS;
	worker_init(&connector->process);
	while (*end != NULL)
		end = &(*end)->next;
	*end = connector;
	return connector;
}

static void
replace_text(char **text, const char *value)
{
	pg_free(*text);
	*text = value != NULL ? pg_strdup(value) : NULL;
}

/* Forgets how the last process ended. */
static void
connector_reset(Connector *connector)
{
	connector->failed = false;
	connector->unassigned = false;
	pg_free(connector->trace);
	connector->trace = NULL;
	pg_free(connector->info);
	connector->info = NULL;
	connector->start_at = 0;
	connector->pause_ms = RESTART_FIRST_MS;
}

static void
connector_end(Connector *connector)
{
	if (connector->process.pid == 0 || connector->ending)
		return;
	connector->ending = true;
	connector->kill_at = clock_ms() + KILL_AFTER_MS;
	worker_signal(&connector->process, SIGTERM);
}

void
connector_configure(Connector *connector, Properties *config)
{
	properties_free(connector->config);
	connector->config = config;
	connector_restart(connector);
}

void
connector_set_target(Connector *connector, ConnectorTarget target)
{
	connector->target = target;
	if (target == TARGET_STOPPED)
		connector->has_task = false;
	if (target != TARGET_RUNNING)
	{
		connector_reset(connector);
		connector_end(connector);
	}
}

void
connector_restart(Connector *connector)
{
	connector_reset(connector);
	connector_end(connector);
}

void
connector_delete(Connector *connector)
{
	connector->deleted = true;
	connector_end(connector);
}

void
connectors_suspend(Connectors *connectors, const char *reason)
{
	if (reason == NULL && connectors->suspended == NULL)
		return;
	pg_free(connectors->suspended);
	connectors->suspended = reason != NULL ? pg_strdup(reason) : NULL;
	for (Connector *c = connectors->first; c != NULL; c = c->next)
	{
		if (reason != NULL)
			connector_end(c);
		if (c->target != TARGET_RUNNING || c->failed)
			continue;
		c->unassigned = reason != NULL;
		replace_text(&c->info, reason);
	}
}

const char *
connector_state(const Connector *connector)
{
	switch (connector->target)
	{
		case TARGET_PAUSED:
			return "PAUSED";
		case TARGET_STOPPED:
			return "STOPPED";
		case TARGET_RUNNING:
			break;
	}
	return "RUNNING";
}

const char *
connector_task_state(const Connector *connector)
{
	if (connector->failed)
		return "FAILED";
	if (connector->target == TARGET_PAUSED)
		return "PAUSED";
	if (connector->ending)
		return "RESTARTING";
	if (connector->unassigned)
		return "UNASSIGNED";
	return "RUNNING";
}

/* ---------------------------------------------------------- the process */

static void
add_topic(Connector *connector, const char *name)
{
	for (int i = 0; i < connector->topic_count; i++)
	{
		if (strcmp(connector->topics[i], name) == 0)
			return;
	}
	connector->topics = pg_realloc(connector->topics,
								   (connector->topic_count + 1) * sizeof(char *));
	connector->topics[connector->topic_count++] = pg_strdup(name);
}

/* One line of report.h. */
static void
take_report(Connector *connector, const char *line)
{
	cJSON	   *object = cJSON_Parse(line);
	const cJSON *item = object != NULL ? object->child : NULL;
	const char *text = cJSON_GetStringValue(item);
	const char *trace =
	cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "trace"));

	if (item == NULL || item->string == NULL)
		pg_log_warning("connector \"%s\" sent a report that is none",
					   connector->name);
	else if (strcmp(item->string, "state") == 0 && text != NULL)
	{
		/* what was ordered to stop has nothing left to fail at */
		connector->failed = strcmp(text, "FAILED") == 0 && !connector->ending;
		connector->unassigned = strcmp(text, "UNASSIGNED") == 0;
		replace_text(&connector->trace, connector->failed ? trace : NULL);
		replace_text(&connector->info, NULL);
	}
	else if (strcmp(item->string, "info") == 0)
		replace_text(&connector->info, text);
	else if (strcmp(item->string, "metrics") == 0)
		replace_text(&connector->metrics, text);
	else if (strcmp(item->string, "topic") == 0 && text != NULL)
		add_topic(connector, text);
	cJSON_Delete(object);
}

static void
read_reports(Connector *connector)
{
	char	   *line;

	while ((line = worker_report(&connector->process)) != NULL)
	{
		take_report(connector, line);
		pg_free(line);
	}
}

/* The process has ended: as ordered, with FAILED, or by itself. */
static void
take_end(Connector *connector, int status)
{
	int64		now = clock_ms();
	char	   *text;

	if (connector->ending || connector->failed)
	{
		connector->ending = false;
		return;
	}
	text = worker_status_text(status);
	if (now - connector->started_at > RESTART_RESET_MS)
		connector->pause_ms = RESTART_FIRST_MS;
	connector->start_at = now + connector->pause_ms;
	connector->restarts++;
	pg_free(connector->info);
	connector->info = psprintf("worker process ended with %s; starting it again in %.1f s",
							   text, (double) connector->pause_ms / 1000);
	pg_log_warning("connector \"%s\": %s", connector->name, connector->info);
	connector->pause_ms = Min(connector->pause_ms * 2, RESTART_LONGEST_MS);
	pg_free(text);
}

static void
start_process(const Connectors *connectors, Connector *connector)
{
	cJSON	   *object = cJSON_CreateObject();
	char	   *line;

	cJSON_AddItemToObject(object, "worker",
						  properties_to_json(connectors->worker));
	cJSON_AddItemToObject(object, "connector",
						  properties_to_json(connector->config));
	cJSON_AddStringToObject(object, "log", connectors->log_level);
	line = cJSON_PrintUnformatted(object);
	connector->started_at = clock_ms();
	connector->has_task = true;
	if (!worker_start(&connector->process, "--worker", connector->name, line))
		connector->start_at = clock_ms() + RESTART_FIRST_MS;
	cJSON_free(line);
	cJSON_Delete(object);
}

/* Does a process of this name, of a connector deleted since, still run? */
static bool
has_predecessor(const Connectors *connectors, const Connector *connector)
{
	for (const Connector *c = connectors->first; c != NULL; c = c->next)
	{
		if (c->deleted && strcmp(c->name, connector->name) == 0)
			return true;
	}
	return false;
}

/* Brings one connector nearer to what is wanted; returns when to look again. */
static int64
connector_tick(const Connectors *connectors, Connector *connector)
{
	int64		now = clock_ms();
	int			status;

	read_reports(connector);
	if (worker_reap(&connector->process, &status))
		take_end(connector, status);
	if (connector->process.pid != 0)
	{
		if (!connector->ending)
			return now + TICK_MS;
		if (now >= connector->kill_at)
		{
			pg_log_warning("connector \"%s\" did not stop within %d s, its process is killed",
						   connector->name, KILL_AFTER_MS / 1000);
			worker_signal(&connector->process, SIGKILL);
			connector->kill_at = now + KILL_AFTER_MS;
		}
		return connector->kill_at;
	}
	if (connector->deleted || connector->target != TARGET_RUNNING ||
		connector->failed || connector->held || connectors->suspended != NULL)
		return now + TICK_MS;
	if (now < connector->start_at)
		return connector->start_at;
	if (!has_predecessor(connectors, connector))
		start_process(connectors, connector);
	return now + TICK_MS;
}

/* Frees the deleted ones whose process is gone. */
static void
remove_deleted(Connectors *connectors)
{
	Connector **link = &connectors->first;

	while (*link != NULL)
	{
		Connector  *connector = *link;

		if (connector->deleted && connector->process.pid == 0)
		{
			*link = connector->next;
			connector_free(connector);
		}
		else
			link = &connector->next;
	}
}

int
connectors_tick(Connectors *connectors)
{
	int64		next = clock_ms() + TICK_MS;

	for (Connector *c = connectors->first; c != NULL; c = c->next)
	{
		int64		at = connector_tick(connectors, c);

		next = Min(next, at);
	}
	remove_deleted(connectors);
	return (int) Max(next - clock_ms(), 0);
}

bool
connectors_stop(Connectors *connectors)
{
	bool		none = true;

	for (Connector *c = connectors->first; c != NULL; c = c->next)
	{
		int			status;

		connector_end(c);
		read_reports(c);
		if (worker_reap(&c->process, &status))
			c->ending = false;
		if (c->process.pid == 0)
			continue;
		none = false;
		if (clock_ms() >= c->kill_at)
			worker_signal(&c->process, SIGKILL);
	}
	return none;
}
