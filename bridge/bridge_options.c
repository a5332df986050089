/*-------------------------------------------------------------------------
 *
 * bridge_options.c
 *	  The worker's properties: defaults, file, environment.
 *
 * NOTES
 *	  The names are Kafka Connect's, the variables those of the Debezium
 *	  Connect image, so that files and compose services can stay as they are.
 *	  A variable CONNECT_A_B_C sets the property a.b.c.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "bridge_options.h"

#include <ctype.h>
#include <string.h>

#include "file.h"
#include "providers.h"

extern char **environ;

#define CONNECT_PREFIX "CONNECT_"

typedef struct WorkerProperty
{
	const char *name;
	const char *variable;		/* NULL: only CONNECT_... */
	const char *default_value;	/* NULL: not set */
	const char *help;
} WorkerProperty;

static const WorkerProperty worker_properties[] = {
	{"bootstrap.servers", "BOOTSTRAP_SERVERS", "localhost:9092",
	"Kafka's addresses, HOST:PORT separated by commas"},
	{"listeners", "LISTENERS", "http://:8083",
	"address of the REST API, http or https; without a host, all addresses"},
	{"listeners.https.ssl.keystore.location", NULL, NULL,
	"with https: file with the certificate and its key, of listeners.https.ssl.keystore.type=PEM"},
	{"rest.basic.auth.credentials.file", NULL, NULL,
	"file with lines USER=PASSWORD: only these may use the REST API"},
	{"rest.advertised.host.name", "ADVERTISED_HOST_NAME", NULL,
	"host in worker_id; default: the listener's, or the machine's name"},
	{"group.id", "GROUP_ID", "debezium_bridge",
	"name of the group of bridges that share the storage topics"},
	{"config.storage.topic", "CONFIG_STORAGE_TOPIC", "connect_configs",
	"topic for connector configurations"},
	{"config.storage.directory", NULL, NULL,
	"directory for connector configurations, in place of that topic"},
	{"offset.storage.topic", "OFFSET_STORAGE_TOPIC", "connect_offsets",
	"topic for stored offsets"},
	{"status.storage.topic", "STATUS_STORAGE_TOPIC", "connect_statuses",
	"topic for states"},
	{"config.storage.replication.factor", NULL, NULL,
	"replicas of that topic; default: the broker's"},
	{"offset.storage.replication.factor", NULL, NULL,
	"replicas of that topic; default: the broker's"},
	{"status.storage.replication.factor", NULL, NULL,
	"replicas of that topic; default: the broker's"},
	{"topic.creation.enable", NULL, NULL,
	"false: connectors' topic.creation.* have no effect; default: true"},
	{"fence.time.ms", NULL, NULL,
	"how long topics must have been still after an end that was not in order; default: 5000, with replicas 35000"},
	{"exactly.once.source.support", NULL, "disabled",
	"enabled: records and stored offset go in Kafka transactions; or disabled, or preparing, which is the same"},
	{"adopt.slots", NULL, NULL,
	"true: a connector takes over the slot of its name that Debezium has left, as --adopt does; default: false"},
	{"config.providers", NULL, NULL,
	"names of what ${NAME:...} in values looks up: config.providers.NAME.class, .param.*"},
	{"key.converter", "KEY_CONVERTER",
		"org.apache.kafka.connect.json.JsonConverter",
	"converter of keys, where a connector names none"},
	{"value.converter", "VALUE_CONVERTER",
		"org.apache.kafka.connect.json.JsonConverter",
	"converter of values, where a connector names none"},
	{"key.converter.schemas.enable", NULL, NULL,
	"do schemas go along, where the worker's converter is used"},
	{"value.converter.schemas.enable", NULL, NULL,
	"do schemas go along, where the worker's converter is used"},
};

/* Sets what the environment says, in the order of the table. */
static void
read_environment(Properties *properties)
{
	for (size_t i = 0; i < lengthof(worker_properties); i++)
	{
		const WorkerProperty *property = &worker_properties[i];
		const char *value = property->variable != NULL ?
		getenv(property->variable) : NULL;

		if (value != NULL && *value != '\0')
			properties_set(properties, property->name, value);
	}
	for (char **variable = environ; *variable != NULL; variable++)
	{
		const char *equals = strchr(*variable, '=');
		char	   *name;

		if (equals == NULL ||
			strncmp(*variable, CONNECT_PREFIX, strlen(CONNECT_PREFIX)) != 0)
			continue;
		name = pnstrdup(*variable + strlen(CONNECT_PREFIX),
						equals - *variable - strlen(CONNECT_PREFIX));
		for (char *p = name; *p != '\0'; p++)
			*p = *p == '_' ? '.' : tolower((unsigned char) *p);
		if (*name != '\0')
			properties_set(properties, name, equals + 1);
		pg_free(name);
	}
}

static bool
check_support(const Properties *properties, PQExpBuffer error)
{
	static const char *const values[] = {"disabled", "preparing", "enabled"};
	const char *value = properties_get(properties,
									   "exactly.once.source.support");

	for (size_t i = 0; i < lengthof(values); i++)
	{
		if (pg_strcasecmp(value, values[i]) == 0)
			return true;
	}
	appendPQExpBuffer(error,
					  "invalid value \"%s\" for property \"exactly.once.source.support\": expected disabled, preparing or enabled",
					  value);
	return false;
}

Properties *
worker_properties_read(const char *path, PQExpBuffer error)
{
	Properties *properties = properties_new();
	int64		ignored;
	bool		ignored_too;

	if (path != NULL && !properties_read_file(properties, path, error))
	{
		properties_free(properties);
		return NULL;
	}
	read_environment(properties);
	for (size_t i = 0; i < lengthof(worker_properties); i++)
	{
		const WorkerProperty *property = &worker_properties[i];

		if (property->default_value != NULL &&
			properties_get(properties, property->name) == NULL)
			properties_set(properties, property->name,
						   property->default_value);
	}
	if (!properties_int(properties, "fence.time.ms", 0, 0, 3600000, &ignored,
						error) ||
		!check_support(properties, error) ||
		!properties_bool(properties, "adopt.slots", false, &ignored_too, error) ||
		!providers_check(properties, error) ||
		!providers_resolve(properties, properties, error))
	{
		properties_free(properties);
		return NULL;
	}
	return properties;
}

void
worker_properties_help(PQExpBuffer text)
{
	for (size_t i = 0; i < lengthof(worker_properties); i++)
	{
		const WorkerProperty *property = &worker_properties[i];

		appendPQExpBuffer(text, "  %s\n        %s", property->name,
						  property->help);
		if (property->variable != NULL)
			appendPQExpBuffer(text, "; environment %s", property->variable);
		if (property->default_value != NULL)
			appendPQExpBuffer(text, "; default %s", property->default_value);
		appendPQExpBufferChar(text, '\n');
	}
}

Properties *
connector_json_read(const cJSON *object, PQExpBuffer error)
{
	Properties *config = properties_new();
	const cJSON *inner = cJSON_GetObjectItemCaseSensitive(object, "config");
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "name");

	if (!properties_read_json(config, cJSON_IsObject(inner) ? inner : object,
							  error))
	{
		properties_free(config);
		return NULL;
	}
	if (cJSON_IsString(name))
		properties_set(config, "name", name->valuestring);
	if (properties_get(config, "name") == NULL)
	{
		appendPQExpBufferStr(error, "it has no \"name\"");
		properties_free(config);
		return NULL;
	}
	return config;
}

/* Line and column of a place in a text, for messages. */
static void
describe_place(const char *text, const char *place, PQExpBuffer error)
{
	int			line = 1;
	int			column = 1;

	for (; text < place; text++)
	{
		column++;
		if (*text == '\n')
		{
			line++;
			column = 1;
		}
	}
	appendPQExpBuffer(error, "line %d, column %d", line, column);
}

Properties *
connector_file_read(const char *path, PQExpBuffer error)
{
	Properties *config = NULL;
	PQExpBufferData text;
	PQExpBufferData reason;
	const char *end = NULL;
	cJSON	   *object;

	initPQExpBuffer(&text);
	if (!file_read(path, &text, error))
	{
		termPQExpBuffer(&text);
		return NULL;
	}
	initPQExpBuffer(&reason);
	if (text.data[strspn(text.data, " \t\r\n")] == '{')
	{
		object = cJSON_ParseWithOpts(text.data, &end, true);
		if (object == NULL)
		{
			appendPQExpBufferStr(&reason, "invalid JSON at ");
			describe_place(text.data, end != NULL ? end : text.data, &reason);
		}
		else
			config = connector_json_read(object, &reason);
		cJSON_Delete(object);
	}
	else
	{
		config = properties_new();
		if (!properties_read_text(config, text.data, &reason) ||
			properties_get(config, "name") == NULL)
		{
			if (reason.len == 0)
				appendPQExpBufferStr(&reason, "it has no \"name\"");
			properties_free(config);
			config = NULL;
		}
	}
	if (config == NULL)
		appendPQExpBuffer(error, "could not read connector file \"%s\": %s",
						  path, reason.data);
	termPQExpBuffer(&reason);
	termPQExpBuffer(&text);
	return config;
}
