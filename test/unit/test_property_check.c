/*-------------------------------------------------------------------------
 *
 * test_property_check.c
 *	  Values of properties, and what Debezium 3.6.1 and Kafka Connect 4.3.1
 *	  say about them: the messages were taken from them.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <string.h>

#include "property_check.h"
#include "property_table.h"
#include "tap.h"

static const struct
{
	const char *name;
	const char *value;
	const char *messages;		/* each with a newline; NULL: none */
}			cases[] = {
	{"topic.prefix", "x", NULL},
	{"topic.prefix", "",
		"The 'topic.prefix' value is invalid: A value is required\n"
	"The 'topic.prefix' value is invalid:  has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)\n"},
	{"topic.prefix", "public.(t",
	"The 'topic.prefix' value is invalid: public.(t has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)\n"},
	{"topic.prefix", " ",
		"The 'topic.prefix' value is invalid: A value is required\n"
	"The 'topic.prefix' value is invalid:   has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)\n"},
	{"database.port", "x",
		"The 'database.port' value is invalid: An integer is expected\n"
	"The 'database.port' value is invalid: An integer is expected\n"},
	{"database.port", "-1", NULL},
	{"database.port", "1.5",
		"The 'database.port' value is invalid: An integer is expected\n"
	"The 'database.port' value is invalid: An integer is expected\n"},
	{"database.user", "x", NULL},
	{"database.user", "",
	"The 'database.user' value is invalid: A value is required\n"},
	{"database.query.timeout.ms", "x",
	"The 'database.query.timeout.ms' value is invalid: An integer is expected\n"},
	{"database.query.timeout.ms", "-1", NULL},
	{"database.query.timeout.ms", "1.5",
	"The 'database.query.timeout.ms' value is invalid: An integer is expected\n"},
	{"plugin.name", "x",
	"The 'plugin.name' value is invalid: Value must be one of decoderbufs, pgoutput\n"},
	{"slot.name", "x", NULL},
	{"slot.name", "-1",
	"The 'slot.name' value is invalid: Valid replication slot name must contain only digits, lowercase characters and underscores with length <= 63\n"},
	{"publication.autocreate.mode", "x",
	"The 'publication.autocreate.mode' value is invalid: Value must be one of no_tables, filtered, disabled, all_tables\n"},
	{"replica.identity.autoset.values", "x",
	"The 'replica.identity.autoset.values' value is invalid: x has an invalid format (expecting '(?i)^\\s*(?<tablepredicate>[^\\s:]+):(?<replicaidentity>DEFAULT|(INDEX) (?<indexname>.\\w*)|FULL|NOTHING)\\s*$')\n"},
	{"replica.identity.autoset.values", "-1",
	"The 'replica.identity.autoset.values' value is invalid: -1 has an invalid format (expecting '(?i)^\\s*(?<tablepredicate>[^\\s:]+):(?<replicaidentity>DEFAULT|(INDEX) (?<indexname>.\\w*)|FULL|NOTHING)\\s*$')\n"},
	{"replica.identity.autoset.values", "",
		"The 'replica.identity.autoset.values' value is invalid: Must not be empty\n"
	"The 'replica.identity.autoset.values' value is invalid:  has an invalid format (expecting '(?i)^\\s*(?<tablepredicate>[^\\s:]+):(?<replicaidentity>DEFAULT|(INDEX) (?<indexname>.\\w*)|FULL|NOTHING)\\s*$')\n"},
	{"replica.identity.autoset.values", " ",
	"The 'replica.identity.autoset.values' value is invalid:   has an invalid format (expecting '(?i)^\\s*(?<tablepredicate>[^\\s:]+):(?<replicaidentity>DEFAULT|(INDEX) (?<indexname>.\\w*)|FULL|NOTHING)\\s*$')\n"},
	{"slot.drop.on.stop", "x",
	"The 'slot.drop.on.stop' value is invalid: Either 'true' or 'false' is expected\n"},
	{"slot.drop.on.stop", "-1",
	"The 'slot.drop.on.stop' value is invalid: Either 'true' or 'false' is expected\n"},
	{"slot.drop.on.stop", "TRUE", NULL},
	{"database.sslmode", "x",
	"The 'database.sslmode' value is invalid: Value must be one of allow, prefer, disable, verify-ca, require, verify-full\n"},
	{"slot.retry.delay.ms", "x",
		"The 'slot.retry.delay.ms' value is invalid: A long value is expected\n"
	"The 'slot.retry.delay.ms' value is invalid: An integer is expected\n"},
	{"slot.retry.delay.ms", "-1", NULL},
	{"slot.retry.delay.ms", "1.5",
		"The 'slot.retry.delay.ms' value is invalid: A long value is expected\n"
	"The 'slot.retry.delay.ms' value is invalid: An integer is expected\n"},
	{"slot.retry.delay.ms", "99999999999",
	"The 'slot.retry.delay.ms' value is invalid: An integer is expected\n"},
	{"status.update.interval.ms", "x",
		"The 'status.update.interval.ms' value is invalid: An integer is expected\n"
	"The 'status.update.interval.ms' value is invalid: A positive, non-zero integer value is expected\n"},
	{"status.update.interval.ms", "-1",
	"The 'status.update.interval.ms' value is invalid: A positive, non-zero integer value is expected\n"},
	{"status.update.interval.ms", "1.5",
		"The 'status.update.interval.ms' value is invalid: An integer is expected\n"
	"The 'status.update.interval.ms' value is invalid: A positive, non-zero integer value is expected\n"},
	{"lsn.flush.timeout.ms", "x",
		"The 'lsn.flush.timeout.ms' value is invalid: A long value is expected\n"
	"The 'lsn.flush.timeout.ms' value is invalid: A positive, non-zero integer value is expected\n"},
	{"lsn.flush.timeout.ms", "-1",
	"The 'lsn.flush.timeout.ms' value is invalid: A positive, non-zero integer value is expected\n"},
	{"lsn.flush.timeout.ms", "1.5",
		"The 'lsn.flush.timeout.ms' value is invalid: A long value is expected\n"
	"The 'lsn.flush.timeout.ms' value is invalid: A positive, non-zero integer value is expected\n"},
	{"lsn.flush.timeout.action", "x",
	"The 'lsn.flush.timeout.action' value is invalid: Value must be one of fail, warn, ignore\n"},
	{"database.tcpKeepAlive", "x",
		"The 'database.tcpKeepAlive' value is invalid: Either 'true' or 'false' is expected\n"
	"The 'database.tcpKeepAlive' value is invalid: Either 'true' or 'false' is expected\n"},
	{"database.tcpKeepAlive", "-1",
		"The 'database.tcpKeepAlive' value is invalid: Either 'true' or 'false' is expected\n"
	"The 'database.tcpKeepAlive' value is invalid: Either 'true' or 'false' is expected\n"},
	{"database.tcpKeepAlive", "TRUE", NULL},
	{"xmin.fetch.interval.ms", "x",
		"The 'xmin.fetch.interval.ms' value is invalid: A long value is expected\n"
	"The 'xmin.fetch.interval.ms' value is invalid: A non-negative long value is expected\n"},
	{"xmin.fetch.interval.ms", "-1",
	"The 'xmin.fetch.interval.ms' value is invalid: A non-negative long value is expected\n"},
	{"xmin.fetch.interval.ms", "0", NULL},
	{"xmin.fetch.interval.ms", "1.5",
		"The 'xmin.fetch.interval.ms' value is invalid: A long value is expected\n"
	"The 'xmin.fetch.interval.ms' value is invalid: A non-negative long value is expected\n"},
	{"skipped.operations", "x",
	"The 'skipped.operations' value is invalid: Invalid operation\n"},
	{"lsn.flush.mode", "x",
	"The 'lsn.flush.mode' value is invalid: Value must be one of connector_and_driver, connector, manual\n"},
	{"event.processing.failure.handling.mode", "x",
	"The 'event.processing.failure.handling.mode' value is invalid: Value must be one of warn, fail, ignore, skip\n"},
	{"max.queue.size", "x",
	"The 'max.queue.size' value is invalid: An integer is expected\n"},
	{"max.queue.size", "-1",
		"The 'max.queue.size' value is invalid: A positive queue size is required\n"
	"The 'max.queue.size' value is invalid: Must be larger than the maximum batch size\n"},
	{"max.queue.size", "1.5",
	"The 'max.queue.size' value is invalid: An integer is expected\n"},
	{"snapshot.include.collection.list", "x", NULL},
	{"snapshot.include.collection.list", "public.(t",
	"The 'snapshot.include.collection.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Unclosed group near index 9\npublic.(t\n"},
	{"snapshot.fetch.size", "x",
		"The 'snapshot.fetch.size' value is invalid: An integer is expected\n"
	"The 'snapshot.fetch.size' value is invalid: An non-negative integer is expected\n"},
	{"snapshot.fetch.size", "-1",
	"The 'snapshot.fetch.size' value is invalid: An non-negative integer is expected\n"},
	{"snapshot.fetch.size", "0", NULL},
	{"snapshot.fetch.size", "1.5",
		"The 'snapshot.fetch.size' value is invalid: An integer is expected\n"
	"The 'snapshot.fetch.size' value is invalid: An non-negative integer is expected\n"},
	{"retriable.restart.connector.wait.ms", "x",
		"The 'retriable.restart.connector.wait.ms' value is invalid: A long value is expected\n"
	"The 'retriable.restart.connector.wait.ms' value is invalid: A positive, non-zero long value is expected\n"},
	{"retriable.restart.connector.wait.ms", "-1",
	"The 'retriable.restart.connector.wait.ms' value is invalid: A positive, non-zero long value is expected\n"},
	{"retriable.restart.connector.wait.ms", "1.5",
		"The 'retriable.restart.connector.wait.ms' value is invalid: A long value is expected\n"
	"The 'retriable.restart.connector.wait.ms' value is invalid: A positive, non-zero long value is expected\n"},
	{"retriable.restart.connector.wait.ms", "99999999999", NULL},
	{"incremental.snapshot.watermarking.strategy", "x",
	"The 'incremental.snapshot.watermarking.strategy' value is invalid: Value must be one of insert_delete, insert_insert\n"},
	{"openlineage.integration.job.tags", "x",
	"The 'openlineage.integration.job.tags' value is invalid: A equivalent-separated map of valid key/value pairs is expected, for example: k1=v1,k2=v2\n"},
	{"openlineage.integration.job.tags", "-1",
	"The 'openlineage.integration.job.tags' value is invalid: A equivalent-separated map of valid key/value pairs is expected, for example: k1=v1,k2=v2\n"},
	{"openlineage.integration.job.tags", "", NULL},
	{"guardrail.collections.limit.action", "x",
	"The 'guardrail.collections.limit.action' value is invalid: Value must be one of warn, fail\n"},
	{"decimal.handling.mode", "x",
	"The 'decimal.handling.mode' value is invalid: Value must be one of string, double, precise\n"},
	{"time.precision.mode", "x",
	"The 'time.precision.mode' value is invalid: Value must be one of adaptive, adaptive_time_microseconds, isostring, microseconds, nanoseconds, connect\n"},
	{"snapshot.lock.timeout.ms", "x",
	"The 'snapshot.lock.timeout.ms' value is invalid: A long value is expected\n"},
	{"snapshot.lock.timeout.ms", "-1", NULL},
	{"snapshot.lock.timeout.ms", "1.5",
	"The 'snapshot.lock.timeout.ms' value is invalid: A long value is expected\n"},
	{"memory.management.schemas.class", "x", NULL},
	{"memory.management.schemas.class", "-1",
	"The 'memory.management.schemas.class' value is invalid: A Java class name is expected\n"},
	{"snapshot.mode", "x",
	"The 'snapshot.mode' value is invalid: Value must be one of always, initial_only, configuration_based, when_needed, initial, custom, no_data\n"},
	{"snapshot.isolation.mode", "x",
	"The 'snapshot.isolation.mode' value is invalid: Value must be one of read_uncommitted, repeatable_read, read_committed, serializable\n"},
	{"snapshot.query.mode", "x",
	"The 'snapshot.query.mode' value is invalid: Value must be one of custom, select_all\n"},
	{"snapshot.locking.mode", "x",
	"The 'snapshot.locking.mode' value is invalid: Value must be one of shared, custom, none\n"},
	{"hstore.handling.mode", "x",
	"The 'hstore.handling.mode' value is invalid: Value must be one of json, map\n"},
	{"binary.handling.mode", "x",
	"The 'binary.handling.mode' value is invalid: Value must be one of bytes, base64, hex, base64-url-safe\n"},
	{"binary.handling.mode", "-1",
	"The 'binary.handling.mode' value is invalid: Value must be one of bytes, base64, hex, base64-url-safe\n"},
	{"schema.name.adjustment.mode", "x",
	"The 'schema.name.adjustment.mode' value is invalid: Value must be one of none, avro_unicode, avro\n"},
	{"interval.handling.mode", "x",
	"The 'interval.handling.mode' value is invalid: Value must be one of string, numeric\n"},
	{"schema.refresh.mode", "x",
	"The 'schema.refresh.mode' value is invalid: Value must be one of columns_diff, columns_diff_exclude_unchanged_toast\n"},
	{"schema.refresh.mode", "-1",
	"The 'schema.refresh.mode' value is invalid: Value must be one of columns_diff, columns_diff_exclude_unchanged_toast\n"},
	{"transaction.metadata.factory", "-1",
	"The 'transaction.metadata.factory' value is invalid: A Java class name is expected\n"},
	{"message.key.columns", "x",
	"The 'message.key.columns' value is invalid: x has an invalid format (expecting '^\\s*([^:]+):([^:,]+(,[^:,]+)*)\\s*$')\n"},
	{"message.key.columns", "-1",
	"The 'message.key.columns' value is invalid: -1 has an invalid format (expecting '^\\s*([^:]+):([^:,]+(,[^:,]+)*)\\s*$')\n"},
	{"message.key.columns", "",
		"The 'message.key.columns' value is invalid: Must not be empty\n"
	"The 'message.key.columns' value is invalid:  has an invalid format (expecting '^\\s*([^:]+):([^:,]+(,[^:,]+)*)\\s*$')\n"},
	{"message.key.columns", " ",
	"The 'message.key.columns' value is invalid:   has an invalid format (expecting '^\\s*([^:]+):([^:,]+(,[^:,]+)*)\\s*$')\n"},
	{"snapshot.tables.order.by.row.count", "x",
	"The 'snapshot.tables.order.by.row.count' value is invalid: Value must be one of disabled, ascending, descending\n"},
	{"name", "x", NULL},
	{"name", "",
	"Invalid value  for configuration name: String may not be empty\n"},
	{"name", "a b-é.c", NULL},
	{"name", "a\tb\001",
	"Invalid value a\tb\001 for configuration name: String may not contain control sequences but had the following ASCII chars: 9, 1\n"},
	{"name", "a/b",
	"Invalid value a/b for configuration name: String may not contain a slash, as it stands in paths of requests\n"},
	{"tasks.max", "x",
		"Invalid value x for configuration tasks.max: Not a number of type INT\n"
	"Invalid value null for configuration tasks.max: Value must be non-null\n"},
	{"tasks.max", "-1",
	"Invalid value -1 for configuration tasks.max: Value must be at least 1\n"},
	{"tasks.max", "1.5",
		"Invalid value 1.5 for configuration tasks.max: Not a number of type INT\n"
	"Invalid value null for configuration tasks.max: Value must be non-null\n"},
	{"tasks.max", "",
		"Invalid value  for configuration tasks.max: Not a number of type INT\n"
	"Invalid value null for configuration tasks.max: Value must be non-null\n"},
	{"tasks.max", " ",
		"Invalid value   for configuration tasks.max: Not a number of type INT\n"
	"Invalid value null for configuration tasks.max: Value must be non-null\n"},
	{"tasks.max.enforce", "x",
	"Invalid value x for configuration tasks.max.enforce: Expected value to be either true or false\n"},
	{"tasks.max.enforce", "-1",
	"Invalid value -1 for configuration tasks.max.enforce: Expected value to be either true or false\n"},
	{"tasks.max.enforce", "",
	"Invalid value  for configuration tasks.max.enforce: Expected value to be either true or false\n"},
	{"tasks.max.enforce", " ",
	"Invalid value   for configuration tasks.max.enforce: Expected value to be either true or false\n"},
	{"tasks.max.enforce", "TRUE", NULL},
	{"config.action.reload", "x",
	"Invalid value x for configuration config.action.reload: String must be one of: none, restart\n"},
	{"config.action.reload", "",
	"Invalid value  for configuration config.action.reload: String must be one of: none, restart\n"},
	{"errors.retry.timeout", "x",
	"Invalid value x for configuration errors.retry.timeout: Not a number of type LONG\n"},
	{"errors.retry.timeout", "-1", NULL},
	{"errors.retry.timeout", "",
	"Invalid value  for configuration errors.retry.timeout: Not a number of type LONG\n"},
	{"errors.retry.timeout", " ",
	"Invalid value   for configuration errors.retry.timeout: Not a number of type LONG\n"},
	{"errors.tolerance", "x",
	"Invalid value x for configuration errors.tolerance: String must be one of: none, all\n"},
	{"errors.tolerance", "",
	"Invalid value  for configuration errors.tolerance: String must be one of: none, all\n"},
	{"exactly.once.support", "x",
	"Invalid value x for configuration exactly.once.support: String must be one of (case insensitive): REQUIRED, REQUESTED\n"},
	{"exactly.once.support", "-1",
	"Invalid value -1 for configuration exactly.once.support: String must be one of (case insensitive): REQUIRED, REQUESTED\n"},
	{"exactly.once.support", "",
	"Invalid value  for configuration exactly.once.support: String must be one of (case insensitive): REQUIRED, REQUESTED\n"},
	{"transaction.boundary", "x",
	"Invalid value x for configuration transaction.boundary: String must be one of (case insensitive): INTERVAL, POLL, CONNECTOR\n"},
	{"transaction.boundary", "",
	"Invalid value  for configuration transaction.boundary: String must be one of (case insensitive): INTERVAL, POLL, CONNECTOR\n"},
	{"transaction.boundary.interval.ms", "x",
	"Invalid value x for configuration transaction.boundary.interval.ms: Not a number of type LONG\n"},
	{"transaction.boundary.interval.ms", "-1",
	"Invalid value -1 for configuration transaction.boundary.interval.ms: Value must be at least 0\n"},
	{"transaction.boundary.interval.ms", "0", NULL},
	{"transaction.boundary.interval.ms", "",
	"Invalid value  for configuration transaction.boundary.interval.ms: Not a number of type LONG\n"},
	{"transaction.boundary.interval.ms", " ",
	"Invalid value   for configuration transaction.boundary.interval.ms: Not a number of type LONG\n"},
	{"offsets.storage.topic", "x", NULL},
	{"offsets.storage.topic", "",
	"Invalid value  for configuration offsets.storage.topic: String must be non-empty\n"},
	{"max.queue.size", "2048",
	"The 'max.queue.size' value is invalid: Must be larger than the maximum batch size\n"},
	{"skipped.operations", "c,none",
	"The 'skipped.operations' value is invalid: 'none' cannot be specified with other skipped operation types\n"},
	{"skipped.operations", "C",
	"The 'skipped.operations' value is invalid: Invalid operation\n"},
	{"skipped.operations", "c, u", NULL},
	{"skipped.operations", "none", NULL},
	{"message.key.columns", "a:b;c",
	"The 'message.key.columns' value is invalid: c has an invalid format (expecting '^\\s*([^:]+):([^:,]+(,[^:,]+)*)\\s*$')\n"},
	{"message.key.columns", "a:b;c:d,e", NULL},
	{"message.key.columns", "a:b;", NULL},
	{"snapshot.mode", " INITIAL ", NULL},
	{"tombstones.on.delete", " true", NULL},
	{"database.port", "+5432", NULL},
	{"tasks.max", " 2 ", NULL},
	{"plugin.name", "decoder_debezium", NULL},
	{"snapshot.mode", "never", NULL},
	{"custom.metric.tags", "a=b,c=d", NULL},
	{"replica.identity.autoset.values", "public.a:FULL,public.b:INDEX i_1", NULL},
	{"table.include.list", "a(",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Unclosed group near index 2\na(\n"},
	{"table.include.list", "a[",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Unclosed character class near index 1\na[\n ^\n"},
	{"table.include.list", "*a",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Dangling meta character '*' near index 0\n*a\n^\n"},
	{"table.include.list", "a)",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Unmatched closing ')' near index 0\na)\n^\n"},
	{"table.include.list", "a{",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Illegal repetition near index 2\na{\n"},
	{"table.include.list", "a{2,1}",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Unclosed counted closure near index 3\na{2\n"},
	{"table.include.list", "x,(y",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Unclosed group near index 2\n(y\n"},
	{"table.include.list", "(?<n",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but named capturing group is missing trailing '>' near index 4\n(?<n\n"},
	{"table.include.list", "a{99999999999}",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Illegal repetition range near index 11\na{99999999999}\n           ^\n"},
	{"table.include.list", "[z-a]",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Illegal character range near index 3\n[z-a]\n   ^\n"},
	{"table.include.list", "(?P<x>a)",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Unknown inline modifier near index 2\n(?P<x>a)\n  ^\n"},
	{"table.include.list", "\\Qa", NULL},
	{"table.include.list", "[[:alpha:]",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Unclosed character class near index 9\n[[:alpha:]\n         ^\n"},
	{"table.include.list", "a**",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Dangling meta character '*' near index 2\na**\n  ^\n"},
	{"table.include.list", "+",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Dangling meta character '+' near index 0\n+\n^\n"},
	{"table.include.list", "a\\",
	"The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but Unterminated escape sequence at the end of the string\n"},
	{"table.include.list", "public\\.(a|b)_[0-9]{2}.*?", NULL},
	{"table.include.list", "(?i)a\\,b,[\\w&&[^x]]+", NULL},
	{"table.include.list", "[]a]", NULL},
	{"table.include.list", "(?:a)(?<n>b)\\k<n>", NULL},
	{"table.include.list", "\\p{L}+", NULL},
};

/* The messages for a configuration that is right but for one value. */
static void
check(const char *name, const char *value, PQExpBuffer messages)
{
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	ConfigErrors errors;

	properties_set(connector, "name", "orders");
	properties_set(connector, "topic.prefix", "dbserver1");
	properties_set(connector, "database.hostname", "localhost");
	properties_set(connector, "database.user", "u");
	properties_set(connector, "database.dbname", "d");
	if (value != NULL)
		properties_set(connector, name, value);
	else
		properties_remove(connector, name);
	config_errors_init(&errors);
	properties_check(connector, worker, &errors);
	resetPQExpBuffer(messages);
	for (int i = 0; i < errors.count; i++)
	{
		if (strcmp(errors.items[i].name, name) == 0)
			appendPQExpBuffer(messages, "%s\n", errors.items[i].message);
	}
	config_errors_free(&errors);
	properties_free(connector);
	properties_free(worker);
}

static void
test_values(PQExpBuffer messages)
{
	for (size_t i = 0; i < lengthof(cases); i++)
	{
		char	   *test = psprintf("%s=%s", cases[i].name, cases[i].value);

		check(cases[i].name, cases[i].value, messages);
		tap_text(messages->data, cases[i].messages != NULL ?
				 cases[i].messages : "", test);
		pg_free(test);
	}
}

/* What the worker has not enabled cannot be required. */
static void
test_required(void)
{
	static const struct
	{
		const char *support;	/* exactly.once.source.support; NULL: not set */
		bool		ok;
	}			workers[] = {
		{NULL, false}, {"disabled", false}, {"preparing", false},
		{"enabled", true}, {"ENABLED", true},
	};
	Properties *connector = properties_new();

	properties_set(connector, "exactly.once.support", "required");
	for (size_t i = 0; i < lengthof(workers); i++)
	{
		Properties *worker = properties_new();
		ConfigErrors errors;

		if (workers[i].support != NULL)
			properties_set(worker, "exactly.once.source.support",
						   workers[i].support);
		config_errors_init(&errors);
		properties_check(connector, worker, &errors);
		tap_ok(config_errors_has(&errors, "exactly.once.support") != workers[i].ok,
			   workers[i].support != NULL ? workers[i].support : "not set");
		config_errors_free(&errors);
		properties_free(worker);
	}
	properties_free(connector);
}

static void
test_missing(PQExpBuffer messages)
{
	check("name", NULL, messages);
	tap_text(messages->data,
			 "Missing required configuration \"name\" which has no default value.\n",
			 "no name");
	check("topic.prefix", NULL, messages);
	tap_text(messages->data,
			 "The 'topic.prefix' value is invalid: A value is required\n",
			 "no topic.prefix");
	check("database.password", NULL, messages);
	tap_text(messages->data, "", "no password is none");
}

/* Names that begin alike are found by the longest. */
static void
test_table(void)
{
	tap_ok(property_find("topic.creation.default.partitions")->acts,
		   "a name of its own");
	tap_ok(property_find("producer.override.linger.ms") != NULL &&
		   property_find("producer.override.linger.ms")->acts,
		   "a name by its beginning");
	tap_ok(property_find("no.such.property") == NULL, "an unknown name");
	for (const PropertyDefinition *d = property_table; d->name != NULL; d++)
	{
		if (property_find(d->name) != d)
			tap_ok(false, d->name);
		if (d->group != GROUP_UNLISTED &&
			(d->display_name == NULL || d->documentation == NULL))
			tap_ok(false, d->name);
	}
}

int
main(void)
{
	PQExpBufferData messages;

	initPQExpBuffer(&messages);
	test_values(&messages);
	test_missing(&messages);
	test_required();
	test_table();
	termPQExpBuffer(&messages);
	return tap_done();
}
