/*-------------------------------------------------------------------------
 *
 * test_connector_config.c
 *	  Connector configurations: what is taken, what is refused and how.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "connector_config.h"
#include "tap.h"

#define JSON_CONVERTER "org.apache.kafka.connect.json.JsonConverter"

/* What every connector has to say. */
static void
set_required(Properties *connector)
{
	properties_set(connector, "name", "orders");
	properties_set(connector, "topic.prefix", "dbserver1");
	properties_set(connector, "database.hostname", "localhost");
	properties_set(connector, "database.user", "u");
	properties_set(connector, "database.dbname", "d");
}

/* A connector that is taken, with one property set; NULL: none. */
static ConnectorConfig *
read_with(const char *name, const char *value, PQExpBuffer errors)
{
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	ConnectorConfig *config;

	properties_set(worker, "key.converter", JSON_CONVERTER);
	properties_set(worker, "value.converter", JSON_CONVERTER);
	properties_set(worker, "key.converter.schemas.enable", "false");
	properties_set(worker, "value.converter.schemas.enable", "false");
	set_required(connector);
	if (value != NULL)
		properties_set(connector, name, value);
	else if (name != NULL)
		properties_remove(connector, name);
	config = connector_config_read(connector, worker, errors);
	properties_free(connector);
	properties_free(worker);
	return config;
}

static void
taken(const char *name, const char *value)
{
	PQExpBufferData errors;
	ConnectorConfig *config;
	char	   *test = psprintf("%s=%s is taken", name, value);

	initPQExpBuffer(&errors);
	config = read_with(name, value, &errors);
	if (!tap_ok(config != NULL, test))
		printf("# %s", errors.data);
	connector_config_free(config);
	termPQExpBuffer(&errors);
	pg_free(test);
}

/* Does each line name the property? */
static bool
all_name(const char *lines, const char *name)
{
	while (*lines != '\0')
	{
		const char *end = strchr(lines, '\n');
		const char *found = strstr(lines, name);

		if (end == NULL || found == NULL || found > end)
			return false;
		lines = end + 1;
	}
	return true;
}

/* Refused, by lines that all name the property. */
static void
refused(const char *name, const char *value)
{
	PQExpBufferData errors;
	ConnectorConfig *config;
	char	   *test = psprintf("%s=%s is refused by name", name,
								value != NULL ? value : "(unset)");

	initPQExpBuffer(&errors);
	config = read_with(name, value, &errors);
	if (!tap_ok(config == NULL && errors.len > 0 && all_name(errors.data, name),
				test))
		printf("# %s", errors.data);
	connector_config_free(config);
	termPQExpBuffer(&errors);
	pg_free(test);
}

static void
test_defaults(void)
{
	PQExpBufferData errors;
	PQExpBufferData text;
	ConnectorConfig *config;

	initPQExpBuffer(&errors);
	initPQExpBuffer(&text);
	config = read_with("decimal.handling.mode", "string", &errors);
	tap_text(config->slot_name, "debezium", "slot.name has Debezium's default");
	tap_text(config->port, "5432", "database.port, too");
	tap_ok(config->snapshot.at_first && config->snapshot.then_stream &&
		   !config->snapshot.always && !config->snapshot.when_lost, "snapshot.mode, too");
	tap_ok(config->extended_headers, "and extended.headers.enabled");
	connector_config_for_plugin(config, &text);
	tap_ok(strstr(text.data, "\ntopic.prefix=dbserver1\ndecimal.handling.mode=string\n") != NULL,
		   "the plugin gets its properties ...");
	tap_ok(strstr(text.data, "database.") == NULL, "... and no others");
	tap_ok(strstr(text.data, "key.converter=" JSON_CONVERTER "\nkey.converter.schemas.enable=false\n") != NULL &&
		   strstr(text.data, "value.converter.decimal.format=BASE64\n") != NULL,
		   "and what was found out of the converters");
	connector_config_free(config);
	termPQExpBuffer(&text);
	termPQExpBuffer(&errors);
}

/* A transaction that is finished as it was begun must get past a bad change. */
static void
test_ways_out(void)
{
	static const char *const ways[] = {
		"skip.change=0/1 0/2 3\n",
		"event.processing.failure.handling.mode=skip\n"
	};
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	PQExpBufferData errors;
	PQExpBufferData text;
	ConnectorConfig *config;

	initPQExpBuffer(&errors);
	initPQExpBuffer(&text);
	set_required(connector);
	properties_set(connector, "skip.change", "0/1 0/2 3");
	properties_set(connector, "event.processing.failure.handling.mode", "skip");
	config = connector_config_read(connector, worker, &errors);
	connector_config_for_plugin(config, &text);
	tap_ok(strstr(text.data, ways[0]) == NULL && strstr(text.data, ways[1]) == NULL,
		   "what leaves changes out is not of the stored configuration");
	connector_config_for_run(config, &text);
	tap_ok(strstr(text.data, ways[0]) != NULL && strstr(text.data, ways[1]) != NULL,
		   "... but of every run that has it");
	connector_config_free(config);
	properties_free(connector);
	properties_free(worker);
	termPQExpBuffer(&text);
	termPQExpBuffer(&errors);
}

/* Connect looks a converter's options up where the converter is named. */
static void
test_converters(void)
{
	PQExpBufferData errors;
	PQExpBufferData text;
	ConnectorConfig *config;

	initPQExpBuffer(&errors);
	initPQExpBuffer(&text);
	config = read_with("value.converter", JSON_CONVERTER, &errors);
	connector_config_for_plugin(config, &text);
	tap_ok(strstr(text.data, "\nvalue.converter.schemas.enable=true\n") != NULL,
		   "a converter of the connector's own has schemas by default");
	tap_ok(strstr(text.data, "key.converter.schemas.enable=false\n") != NULL,
		   "the worker's has what the worker says");
	connector_config_free(config);
	termPQExpBuffer(&text);
	termPQExpBuffer(&errors);
	taken("header.converter", JSON_CONVERTER);
	taken("key.converter", "JsonConverter");
	refused("key.converter", "");
	taken("value.converter", "org.apache.kafka.connect.storage.StringConverter");
	refused("key.converter", "org.apache.kafka.connect.storage.SimpleHeaderConverter");
	refused("key.converter", "io.confluent.connect.avro.AvroConverter");
	refused("header.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
}

static void
test_transforms(void)
{
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	PQExpBufferData errors;
	PQExpBufferData text;
	ConnectorConfig *config;

	initPQExpBuffer(&errors);
	initPQExpBuffer(&text);
	set_required(connector);
	properties_set(connector, "transforms", "a, b");
	properties_set(connector, "transforms.a.type",
				   "org.apache.kafka.connect.transforms.InsertField$Key");
	properties_set(connector, "transforms.b.type", "RegexRouter");
	properties_set(connector, "transforms.b.regex", "x");
	properties_set(connector, "predicates", "p");
	properties_set(connector, "predicates.p.type", "TopicNameMatches");
	config = connector_config_read(connector, worker, &errors);
	if (tap_ok(config != NULL, "transforms by full and by simple names are taken"))
	{
		connector_config_for_plugin(config, &text);
		tap_ok(strstr(text.data, "\ntransforms.b.regex=x\n") != NULL,
			   "... and passed on with their properties");
		connector_config_for_run(config, &text);
		tap_ok(strstr(text.data, config->run_id) != NULL, "... and with the run's id");
	}
	else
		printf("# %s", errors.data);
	connector_config_free(config);
	resetPQExpBuffer(&errors);
	properties_set(connector, "transforms.b.type", "io.debezium.transforms.Filter");
	properties_set(connector, "predicates.p.type", "Mine");
	config = connector_config_read(connector, worker, &errors);
	tap_ok(config == NULL &&
		   strstr(errors.data, "configuration transforms.b.type: Class io.debezium.transforms.Filter could not be found") != NULL &&
		   strstr(errors.data, "configuration predicates.p.type: Class Mine could not be found") != NULL,
		   "unknown classes are refused by name");
	connector_config_free(config);
	properties_free(connector);
	properties_free(worker);
	termPQExpBuffer(&text);
	termPQExpBuffer(&errors);
}

static void
test_names_with_parameters(void)
{
	PQExpBufferData errors;
	PQExpBufferData text;
	ConnectorConfig *config;

	initPQExpBuffer(&errors);
	initPQExpBuffer(&text);
	config = read_with("column.mask.hash.v2.SHA-256.with.salt.a b", "a.b.c",
					   &errors);
	if (tap_ok(config != NULL, "a hash is taken"))
	{
		connector_config_for_plugin(config, &text);
		tap_ok(strstr(text.data, "\ncolumn.mask.hash.v2.SHA-256.with.salt.a\\ b=a.b.c\n") != NULL,
			   "... and passed on with its salt");
	}
	connector_config_free(config);
	config = read_with("column.mask.hash.v3.SHA-256.with.salt.secret", "a.b.c",
					   &errors);
	tap_ok(config == NULL &&
		   strstr(errors.data, "column.mask.hash.v3.SHA-256.with.salt.'") != NULL &&
		   strstr(errors.data, "secret") == NULL,
		   "a hash of an unknown kind is refused without showing its salt");
	connector_config_free(config);
	termPQExpBuffer(&text);
	termPQExpBuffer(&errors);
}

/* How a snapshot reads. */
static void
test_snapshots(void)
{
	PQExpBufferData errors;
	ConnectorConfig *config;

	initPQExpBuffer(&errors);
	config = read_with(NULL, NULL, &errors);
	tap_ok(config->isolation == ISOLATION_SERIALIZABLE &&
		   config->snapshot_threads == 1 && config->snapshot_ranges &&
		   config->snapshot_lock_ms == 0 && config->snapshot_delay_ms == 0,
		   "snapshots are read as Debezium does it by default");
	connector_config_free(config);
	config = read_with("snapshot.isolation.mode", "READ_committed", &errors);
	tap_ok(config->isolation == ISOLATION_READ_COMMITTED, "snapshot.isolation.mode");
	connector_config_free(config);
	config = read_with("snapshot.locking.mode", "shared", &errors);
	tap_number(config->snapshot_lock_ms, 10000, "snapshot.lock.timeout.ms counts with snapshot.locking.mode=shared");
	connector_config_free(config);
	config = read_with("snapshot.lock.timeout.ms", "5", &errors);
	tap_number(config->snapshot_lock_ms, 0, "and not without");
	connector_config_free(config);
	config = read_with("snapshot.max.threads", "8", &errors);
	tap_number(config->snapshot_threads, 8, "snapshot.max.threads");
	connector_config_free(config);
	config = read_with("internal.legacy.snapshot.max.threads", "true", &errors);
	tap_ok(!config->snapshot_ranges, "legacy.snapshot.max.threads, by its older name");
	connector_config_free(config);
	refused("snapshot.isolation.mode", "none");
	refused("snapshot.max.threads", "0");
	refused("snapshot.max.threads", "1001");
	refused("snapshot.max.threads.multiplier", "0");
	refused("snapshot.delay.ms", "-1");
	refused("snapshot.locking.mode", "exclusive");
	termPQExpBuffer(&errors);
}

int
main(void)
{
	test_defaults();
	test_snapshots();
	test_ways_out();
	test_converters();
	refused("name", NULL);
	refused("topic.prefix", NULL);
	refused("topic.prefix", "with space");
	refused("database.hostname", NULL);
	refused("database.user", "");
	refused("database.dbname", NULL);
	refused("database.port", "x");
	refused("database.port", "70000");
	refused("slot.name", "Upper-Case");
	refused("tasks.max", "none");
	refused("plugin.name", "wal2json");
	refused("snapshot.mode", "custom");
	refused("decimal.handling.mode", "sometimes");
	refused("tombstones.on.delete", "maybe");
	refused("transforms", "unwrap");
	refused("skip.messages.without.change", "maybe");
	refused("column.mask.with.x.chars", "a.b.c");
	refused("message.key.columns", "a.b");
	taken("column.exclude.list", "a.b.c");
	taken("message.key.columns", "a.b:c");
	taken("column.mask.with.10.chars", "a.b.c");
	test_names_with_parameters();
	test_transforms();
	taken("decimal.handling.mode", "PRECISE");
	taken("plugin.name", "pgoutput");
	taken("plugin.name", "decoderbufs");
	taken("plugin.name", "decoder_debezium");
	refused("publication.autocreate.mode", "all");
	refused("publish.via.partition.root", "1");
	refused("table.ignore.builtin", "false");
	taken("publication.autocreate.mode", "No_Tables");
	taken("publish.via.partition.root", "true");
	taken("table.ignore.builtin", "true");
	taken("snapshot.mode", "never");
	taken("snapshot.mode", "when_needed");
	taken("snapshot.mode", "always");
	taken("snapshot.mode", "configuration_based");
	taken("transforms", "");
	taken("binary.handling.mode", "bytes");
	taken("column.exclude.list", "a.b.c");
	taken("message.key.columns", "a.b:c");
	taken("heartbeat.interval.ms", "1000");
	taken("no.such.property", "x");
	taken("tasks.max", "2");
	tap_ok(connector_class_is_ours(CONNECTOR_CLASS), "Debezium's class is ours");
	tap_ok(connector_class_is_ours("PostgresConnector"), "by its short name, too");
	tap_ok(!connector_class_is_ours("io.debezium.connector.mysql.MySqlConnector"), "another is not");
	return tap_done();
}
