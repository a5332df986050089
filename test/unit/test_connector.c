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
	refuses("CREATE TABLE s (i INT) WITH ('connector'='upsert-kafka');" SINK "INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:30: connector 'upsert-kafka' is not supported for reading", "a connector");
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
#undef SINK
#undef READ
}

int
main(void)
{
	error = createPQExpBuffer();
	test_options();
	return tap_done();
}
