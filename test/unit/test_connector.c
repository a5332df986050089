/*-------------------------------------------------------------------------
 *
 * test_connector.c
 *	  Unit test of connectors and formats: their options.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "sql.h"

static void
test_options(void)
{
#define SINK "CREATE TABLE k (i INT) " JDBC ";"
#define READ "CREATE TABLE s (i INT) " KAFKA ";"
#define SOURCE(option) \
	SINK "CREATE TABLE s (i INT) WITH ('connector'='kafka', 'topic'='t',\n" option ")"

	refuses("CREATE TABLE s (i INT) WITH ('topic'='t');" SINK "INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:14: table \"s\" lacks the option 'connector'",
			"no connector");
	refuses(SOURCE("'properties.bootstrap.servers'='b'") "; INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:117: table \"s\" lacks the option 'format'", "no format");
	refuses(SOURCE("'format'='avro'") "; INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:2:1: format 'avro' is not supported", "a format");
	refuses(SOURCE("'format'='json', 'scan.startup.mode'='some'") "; INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:2:18: option 'scan.startup.mode' = 'some' is not supported",
			"a start-up mode");
	refuses(SOURCE("'properties.bootstrap.servers'='b', 'format'='json', 'no'='x'") "; INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:2:54: option 'no' is not supported", "an unknown option");
	refuses(SOURCE("'properties.bootstrap.servers'='b', 'format'='json', 'json.ignore-parse-errors'='yes'") "; INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:2:54: option 'json.ignore-parse-errors' must be 'true' or 'false', not 'yes'",
			"a boolean");
	refuses("CREATE TABLE s (i INT) WITH ('connector'='filesystem');" SINK "INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:30: connector 'filesystem' is not supported for reading, only 'kafka' and 'upsert-kafka' are\n"
			"HINT:  Bring what it reads into a topic of Kafka, and read that.", "a connector");
	refuses("CREATE TABLE k (i INT) WITH ('connector'='print', 'print-identifer'='x');" READ "INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:51: option 'print-identifer' is not supported", "an unknown option of print");
	refuses("CREATE TABLE k (i INT) WITH ('connector'='print');" READ "INSERT INTO k SELECT i + 1 FROM s;",
			"dir/p.sql:1:211: the connector 'print' shows columns, COALESCE of columns, and rows where columns equal constants; other expressions are not supported\n"
			"HINT:  Write to a table with 'connector' = 'jdbc'", "an expression for print");
	refuses("CREATE TABLE k (i INT) WITH ('connector'='elasticsearch-7');" READ "INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:30: connector 'elasticsearch-7' is not supported for writing, only 'jdbc' and, for trials, 'print' and 'blackhole' are\n"
			"HINT:  This program writes to PostgreSQL: 'connector' = 'jdbc'.", "a connector to write to");
	refuses("CREATE TABLE k (i INT) WITH ('connector'='jdbc', 'url'='jdbc:mysql://h/d', 'table-name'='t');" READ "INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:50: option 'url' must start with", "a url of another database");
	refuses("CREATE TABLE k (i INT) WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d?no=1', 'table-name'='t');" READ "INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:50: parameter \"no\" of the url is not supported", "a parameter of the url");
	refuses("CREATE TABLE s (i INT, x INT, PRIMARY KEY (i) NOT ENFORCED) WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset', 'format'='debezium-json');\n"
			"CREATE TABLE k (i INT, PRIMARY KEY (i) NOT ENFORCED) " JDBC ";\n"
			"INSERT INTO k SELECT x FROM s;",
			"dir/p.sql:3:1: the primary key of \"k\" must be that of \"s\"",
			"another key in a changelog");
	refuses("CREATE TABLE s (i INT) WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b', 'format'='json');\n"
			"CREATE TABLE k (i INT) " JDBC "; INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:14: 'scan.startup.mode' = 'group-offsets'",
			"group offsets without a group");
#undef SOURCE


}

static void
test_keys(void)
{
#define KEYED(columns, options) \
	"CREATE TABLE k (i INT) " JDBC ";\nCREATE TABLE s (" columns ") WITH ('connector'='kafka', 'topic'='t'," \
	" 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset', 'value.format'='json',\n" options ");" \
	"INSERT INTO k SELECT i FROM s;"
#define UPSERT(columns, options) \
	"CREATE TABLE k (i INT, PRIMARY KEY (i) NOT ENFORCED) " JDBC ";\nCREATE TABLE s (" columns ") WITH ('connector'='upsert-kafka', 'topic'='t'," \
	" 'properties.bootstrap.servers'='b',\n" options ");INSERT INTO k SELECT i FROM s;"

	refuses(KEYED("i INT", "'key.fields'='i'"),
			"dir/p.sql:3:1: options 'key.format' and 'key.fields' need each other", "key.fields alone");
	refuses(KEYED("i INT", "'key.format'='json'"),
			"dir/p.sql:3:1: options 'key.format' and 'key.fields' need each other", "key.format alone");
	refuses(KEYED("i INT", "'key.format'='raw', 'key.fields'='i'"),
			"dir/p.sql:3:1: option 'key.format' = 'raw' is not supported", "another format of the key");
	refuses(KEYED("i INT", "'key.format'='json', 'key.fields'='j'"),
			"dir/p.sql:3:22: column \"j\" of 'key.fields' does not exist", "a key column that is not there");
	refuses(KEYED("i INT", "'key.format'='json', 'key.fields'='i', 'key.fields-prefix'='i'"),
			"dir/p.sql:3:40: option 'key.fields-prefix' needs", "a prefix of columns in the value");
	refuses(KEYED("i INT", "'key.format'='json', 'key.fields'='i', 'key.fields-prefix'='k_', 'value.fields-include'='EXCEPT_KEY'"),
			"dir/p.sql:3:40: column \"i\" of the key does not begin with 'k_'", "another prefix");
	refuses(KEYED("i INT", "'value.fields-include'='NONE'"),
			"dir/p.sql:3:1: option 'value.fields-include' must be 'ALL' or 'EXCEPT_KEY'", "value.fields-include");
	refuses(KEYED("i INT", "'scan.bounded.mode'='latest-offset'"),
			"dir/p.sql:3:1: option 'scan.bounded.mode' = 'latest-offset' is not supported", "a bounded topic");
	refuses(KEYED("i INT", "'topic-pattern'='t.*'"),
			"dir/p.sql:3:1: option 'topic-pattern' is not supported", "a pattern of topics");

	refuses(UPSERT("i INT", "'key.format'='json', 'value.format'='json'"),
			"dir/p.sql:2:14: table \"s\" of connector 'upsert-kafka' needs a primary key", "upsert-kafka without a key");
	refuses(UPSERT("i INT PRIMARY KEY NOT ENFORCED", "'value.format'='json'"),
			"dir/p.sql:2:14: table \"s\" lacks the option 'key.format'", "upsert-kafka without the key's format");
	refuses(UPSERT("i INT PRIMARY KEY NOT ENFORCED", "'key.format'='json', 'value.format'='debezium-json'"),
			"dir/p.sql:3:22: the connector 'upsert-kafka' needs 'value.format' = 'json'", "upsert-kafka with changes");
	refuses(UPSERT("i INT, j INT PRIMARY KEY NOT ENFORCED", "'key.format'='json', 'value.format'='json'"),
			"dir/p.sql:3:45: the primary key of \"k\" must be that of \"s\"", "upsert-kafka into another key");
	tap_ok(parse(UPSERT("i INT PRIMARY KEY NOT ENFORCED", "'key.format'='json', 'key.json.ignore-parse-errors'='false', 'value.format'='json', 'value.json.fail-on-missing-field'='false', 'value.fields-include'='ALL', 'sink.parallelism'='2'")) != NULL,
		   "upsert-kafka with options");
#undef KEYED
#undef UPSERT
}

static void
test_metadata(void)
{
#define METADATA(columns) \
	SINK "\nCREATE TABLE s (i INT, " columns ") " KAFKA ";INSERT INTO k SELECT i FROM s;"

	refuses(METADATA("a STRING METADATA"), "dir/p.sql:2:24: metadata 'a' is not known here", "metadata of no name");
	refuses(METADATA("a STRING METADATA FROM 'value.source.table'"),
			"dir/p.sql:2:24: metadata 'value.source.table' is not known here", "metadata of another format");
	refuses(METADATA("a INT METADATA FROM 'timestamp'"),
			"dir/p.sql:2:24: metadata 'timestamp' is of type TIMESTAMP_LTZ(3)", "metadata of another type");
	refuses(METADATA("a MAP<STRING, STRING> METADATA FROM 'headers'"),
			"dir/p.sql:2:24: metadata 'headers' is of type MAP<STRING, BYTES>", "headers of another type");
#undef METADATA
}

/* Kafka Connect's settings for events that are left out. */
static void
test_error_settings(void)
{
#define FLOW TABLES "INSERT INTO k SELECT i, x FROM s;"
	Pipeline   *pipeline = parse(FLOW);

	tap_ok(pipeline->tolerance == TOLERATE_NONE && pipeline->letter_topic == NULL &&
		   pipeline->letter_replicas == 3 && !pipeline->letter_context &&
		   pipeline->log_rejected && !pipeline->log_records, "defaults");
	pipeline = parse("SET 'errors.tolerance' = 'all'; SET 'errors.deadletterqueue.topic.name' = 'dead';"
					 "SET 'errors.deadletterqueue.topic.replication.factor' = '-1';"
					 "SET 'errors.deadletterqueue.context.headers.enable' = 'TRUE';"
					 "SET 'errors.log.enable' = 'false'; SET 'errors.log.include.messages' = 'true';"
					 "SET 'errors.retry.timeout' = '-1'; SET 'errors.retry.delay.max.ms' = '1';" FLOW);
	tap_ok(pipeline != NULL && pipeline->tolerance == TOLERATE_ALL &&
		   strcmp(pipeline->letter_topic, "dead") == 0 &&
		   pipeline->letter_replicas == -1 && pipeline->letter_context &&
		   !pipeline->log_rejected && pipeline->log_records, "others");
	pipeline = parse("SET 'errors.deadletterqueue.topic.name' = '';" FLOW);
	tap_ok(pipeline != NULL && pipeline->letter_topic == NULL, "an empty name is none");
	refuses("SET 'errors.deadletterqueue.context.headers.enable' = 'yes';" FLOW,
			"dir/p.sql:1:5: setting 'errors.deadletterqueue.context.headers.enable' must be 'true' or 'false', not 'yes'",
			"a boolean");
	refuses("SET 'errors.deadletterqueue.topic.replication.factor' = '0';" FLOW,
			"dir/p.sql:1:5: setting 'errors.deadletterqueue.topic.replication.factor' must be -1, the broker's default, or at least 1",
			"no replicas");
	refuses("SET 'errors.deadletterqueue.topic.name' = 't';" FLOW,
			"dir/p.sql:1:5: topic \"t\" cannot take the dead letters, since the script reads it\n"
			"HINT:  Read the dead letters with a script of their own.", "letters that would be read again");
	refuses("SET 'errors.deadletterqueue.name' = 't';" FLOW,
			"dir/p.sql:1:5: setting 'errors.deadletterqueue.name' is not supported", "a name that is none");
#undef FLOW
}

/* What Flink has for a whole job. */
/* CAST of a TIMESTAMP_LTZ to TIMESTAMP in the zone */
static void
test_zone(const char *zone, const char *sql)
{
	char	   *script = psprintf("SET 'table.local-time-zone' = '%s';" TABLES
								  "INSERT INTO k SELECT i, CAST(CAST(TO_TIMESTAMP_LTZ(i, 3) AS TIMESTAMP(3)) AS STRING) FROM s;",
								  zone);
	Pipeline   *pipeline = parse(script);
	char	   *expected = psprintf("AT TIME ZONE %s)", sql);

	tap_ok(pipeline != NULL &&
		   strstr(pipeline->flows[0].outputs[1].sql, expected) != NULL, zone);
	free(expected);
	free(script);
}

static void
test_settings(void)
{
	refuses("SET 'table.exec.sink.not-null-enforcer' = 'DROP';" TABLES "INSERT INTO k SELECT i, x FROM s;",
			"dir/p.sql:1:5: setting 'table.exec.sink.not-null-enforcer' = 'DROP' is not supported, only 'ERROR' is",
			"rows that would be dropped in silence");
	refuses("SET 'table.local-time-zone' = 'GMT+25';" TABLES "INSERT INTO k SELECT i, x FROM s;",
			"dir/p.sql:1:5: setting 'table.local-time-zone' is no time zone: 'GMT+25'\nHINT:  It is a name such as 'Europe/Berlin'", "no time zone");
	test_zone("Europe/Berlin", "'Europe/Berlin'");
	test_zone("GMT+02:00", "interval '+02:00'");
	test_zone("UTC-8", "interval '-8:00'");
	test_zone("Z", "'UTC'");
	tap_ok(parse("SET 'table.local-time-zone' = 'UTC'; SET 'table.exec.sink.upsert-materialize' = 'NONE'; SET pipeline.object-reuse = true;"
				 TABLES "INSERT INTO k SELECT i, x FROM s;") != NULL, "settings without effect");
}

int
main(void)
{
	error = createPQExpBuffer();
	test_options();
	test_keys();
	test_metadata();
	test_error_settings();
	test_settings();
	return tap_done();
}
