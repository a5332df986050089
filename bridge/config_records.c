/*-------------------------------------------------------------------------
 *
 * config_records.c
 *	  The records that say which connectors there are, as Kafka Connect keeps
 *	  them in config.storage.topic.
 *
 * NOTES
 *	  While records of the past come, nothing is changed: only the last of
 *	  them count, and a connector that was deleted long ago must not run for
 *	  a moment.  They are collected, and compared with what there is when all
 *	  have come: at the start, and again whenever the store process had to be
 *	  started anew.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "config_records.h"

#include <string.h>

#include "log.h"

#define CONNECTOR_KEY	"connector-"
#define TARGET_KEY		"target-state-"
#define RESTART_KEY		"restart-connector-"
#define COMMIT_KEY		"commit-"

/* What the records of the past say of a connector. */
typedef struct Collected
{
	struct Collected *next;
	char	   *name;
	Properties *config;			/* NULL: none, or deleted */
	ConnectorTarget target;
	bool		has_task;		/* as a worker of Kafka Connect has noted */
} Collected;

struct ConfigRecords
{
	Connectors *connectors;
	Collected  *collected;		/* in the order of their first record */
};

ConfigRecords *
config_records_new(Connectors *connectors)
{
	ConfigRecords *records = pg_malloc0(sizeof(ConfigRecords));

	records->connectors = connectors;
	return records;
}

static void
collected_free(ConfigRecords *records)
{
	while (records->collected != NULL)
	{
		Collected  *collected = records->collected;

		records->collected = collected->next;
		properties_free(collected->config);
		pg_free(collected->name);
		pg_free(collected);
	}
}

void
config_records_free(ConfigRecords *records)
{
	if (records == NULL)
		return;
	collected_free(records);
	pg_free(records);
}

static Collected *
collected_find(ConfigRecords *records, const char *name)
{
	Collected **link = &records->collected;

	while (*link != NULL && strcmp((*link)->name, name) != 0)
		link = &(*link)->next;
	if (*link == NULL)
	{
		*link = pg_malloc0(sizeof(Collected));
		(*link)->name = pg_strdup(name);
		(*link)->target = TARGET_RUNNING;
	}
	return *link;
}

/* ------------------------------------------------------ reading records */

/* The name behind a prefix; NULL: the key is of another kind. */
static const char *
key_name(const char *key, const char *prefix)
{
	size_t		length = strlen(prefix);

	return strncmp(key, prefix, length) == 0 ? key + length : NULL;
}

/* To be freed; NULL, with a warning, when the record has none. */
static Properties *
read_connector(const char *name, const cJSON *value)
{
	Properties *config = properties_new();
	PQExpBufferData error;
	bool		ok;

	initPQExpBuffer(&error);
	ok = properties_read_json(config,
							  cJSON_GetObjectItemCaseSensitive(value, "properties"),
							  &error);
	if (!ok)
	{
		pg_log_warning("the stored configuration of connector \"%s\" is passed over: %s",
					   name, error.data);
		properties_free(config);
		config = NULL;
	}
	else
		properties_set(config, "name", name);
	termPQExpBuffer(&error);
	return config;
}

static ConnectorTarget
read_target(const cJSON *value)
{
	const char *state =
	cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(value, "state.v2"));

	if (state == NULL)
		state = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(value, "state"));
	if (state != NULL && strcmp(state, "PAUSED") == 0)
		return TARGET_PAUSED;
	if (state != NULL && strcmp(state, "STOPPED") == 0)
		return TARGET_STOPPED;
	return TARGET_RUNNING;
}

static bool
config_equal(const Properties *a, const Properties *b)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++)
	{
		const char *value = properties_get(b, a->items[i].name);

		if (value == NULL || strcmp(value, a->items[i].value) != 0)
			return false;
	}
	return true;
}

/* Takes over "config". */
static void
set_connector(Connectors *connectors, const char *name, Properties *config,
			  ConnectorTarget target)
{
	Connector  *connector = connector_find(connectors, name);

	if (connector == NULL)
		connector_add(connectors, config, target);
	else if (config_equal(connector->config, config))
		properties_free(config);
	else
		connector_configure(connector, config);
}

static void
set_target(Connectors *connectors, const char *name, ConnectorTarget target)
{
	Connector  *connector = connector_find(connectors, name);

	if (connector != NULL && connector->target != target)
		connector_set_target(connector, target);
}

/* The record of a target comes before the connector's, or after it. */
static void
take_connector(ConfigRecords *records, const char *name, const cJSON *value,
			   bool history)
{
	Collected  *collected = collected_find(records, name);
	Properties *config = value != NULL ? read_connector(name, value) : NULL;

	if (value != NULL && config == NULL)
		return;
	if (value == NULL)
		collected->has_task = false;
	if (history)
	{
		properties_free(collected->config);
		collected->config = config;
	}
	else if (config != NULL)
		set_connector(records->connectors, name, config, collected->target);
	else
	{
		Connector  *connector = connector_find(records->connectors, name);

		if (connector != NULL)
			connector_delete(connector);
	}
}

static void
take_target(ConfigRecords *records, const char *name, const cJSON *value,
			bool history)
{
	Collected  *collected = collected_find(records, name);

	collected->target = value != NULL ? read_target(value) : TARGET_RUNNING;
	if (!history && value != NULL)
		set_target(records->connectors, name, collected->target);
}

/* The number of tasks, which a paused connector keeps. */
static void
take_commit(ConfigRecords *records, const char *name, const cJSON *value)
{
	const cJSON *tasks = cJSON_GetObjectItemCaseSensitive(value, "tasks");

	collected_find(records, name)->has_task =
		cJSON_IsNumber(tasks) && tasks->valuedouble > 0;
}

static void
take_restart(ConfigRecords *records, const char *name, const cJSON *value)
{
	Connector  *connector = connector_find(records->connectors, name);
	bool		only_failed =
	cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(value, "only-failed"));

	if (connector != NULL && connector->target == TARGET_RUNNING &&
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(value, "include-tasks")) &&
		(!only_failed || connector->failed))
		connector_restart(connector);
}

void
config_records_take(const char *key, const cJSON *value, bool history,
					void *arg)
{
	ConfigRecords *records = arg;
	const char *name;

	if ((name = key_name(key, CONNECTOR_KEY)) != NULL)
		take_connector(records, name, value, history);
	else if ((name = key_name(key, TARGET_KEY)) != NULL)
		take_target(records, name, value, history);
	else if ((name = key_name(key, RESTART_KEY)) != NULL && !history)
		take_restart(records, name, value);
	else if ((name = key_name(key, COMMIT_KEY)) != NULL && history)
		take_commit(records, name, value);
}

void
config_records_loaded(void *arg)
{
	ConfigRecords *records = arg;
	Connectors *connectors = records->connectors;

	for (Connector *c = connectors->first; c != NULL; c = c->next)
	{
		Collected  *collected;

		if (c->deleted || c->fixed)
			continue;
		collected = collected_find(records, c->name);
		if (collected->config == NULL)
			connector_delete(c);
	}
	for (Collected *c = records->collected; c != NULL; c = c->next)
	{
		Connector  *connector = connector_find(connectors, c->name);

		if (c->config == NULL)
			continue;
		if (connector != NULL && connector->fixed)
		{
			pg_log_info("the stored configuration of connector \"%s\" gives way to its file",
						c->name);
			continue;
		}
		set_connector(connectors, c->name, c->config, c->target);
		set_target(connectors, c->name, c->target);
		c->config = NULL;		/* was taken over */
		if (connector == NULL && c->has_task && c->target == TARGET_PAUSED)
			connector_find(connectors, c->name)->has_task = true;
	}
}

/* ------------------------------------------------------ making records */

static void
put_record(Storage *storage, const char *prefix, const char *name,
		   cJSON *value, StorageDone done, void *arg)
{
	char	   *key = psprintf("%s%s", prefix, name);

	storage_put(storage, key, value, done, arg);
	cJSON_Delete(value);
	pg_free(key);
}

void
config_records_put_connector(Storage *storage, const char *name,
							 const Properties *config, StorageDone done,
							 void *arg)
{
	cJSON	   *value = cJSON_CreateObject();

	cJSON_AddItemToObject(value, "properties", properties_to_json(config));
	put_record(storage, CONNECTOR_KEY, name, value, done, arg);
}

void
config_records_put_target(Storage *storage, const char *name,
						  ConnectorTarget target, StorageDone done, void *arg)
{
	cJSON	   *value = cJSON_CreateObject();

	/* "state" is for workers that do not know "state.v2" */
	cJSON_AddStringToObject(value, "state",
							target == TARGET_RUNNING ? "STARTED" : "PAUSED");
	cJSON_AddStringToObject(value, "state.v2",
							target == TARGET_RUNNING ? "STARTED" :
							target == TARGET_PAUSED ? "PAUSED" : "STOPPED");
	put_record(storage, TARGET_KEY, name, value, done, arg);
}

void
config_records_put_restart(Storage *storage, const char *name,
						   bool include_tasks, bool only_failed,
						   StorageDone done, void *arg)
{
	cJSON	   *value = cJSON_CreateObject();

	cJSON_AddBoolToObject(value, "include-tasks", include_tasks);
	cJSON_AddBoolToObject(value, "only-failed", only_failed);
	put_record(storage, RESTART_KEY, name, value, done, arg);
}

void
config_records_put_deleted(Storage *storage, const char *name,
						   StorageDone done, void *arg)
{
	/* the first record's fate is the last one's: one partition, in order */
	put_record(storage, TARGET_KEY, name, NULL, NULL, NULL);
	put_record(storage, CONNECTOR_KEY, name, NULL, done, arg);
}
