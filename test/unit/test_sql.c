/*-------------------------------------------------------------------------
 *
 * test_sql.c
 *	  Unit test of the applier's SQL reader: what it accepts, what it refuses
 *	  and where, and the SQL it makes for the target.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "pipeline.h"
#include "target.h"

#include "tap.h"

#define KAFKA \
	"WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b:9092'," \
	" 'scan.startup.mode'='earliest-offset', 'format'='json')"
#define JDBC \
	"WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h:5433/d', 'table-name'='t')"

/* Line 3 is the statement under test. */
#define TABLES \
	"CREATE TABLE s (i INT, n BIGINT, x STRING, d DECIMAL(10, 2), f DOUBLE, b BOOLEAN, ts TIMESTAMP(3), `after` ROW<id INT, name STRING>) " KAFKA ";\n" \
	"CREATE TABLE k (i INT, x STRING, PRIMARY KEY (i) NOT ENFORCED) " JDBC ";\n"

static PQExpBuffer error;

static Pipeline *
parse(const char *text)
{
	resetPQExpBuffer(error);
	return pipeline_parse("dir/p.sql", text, error);
}

/* The script is refused with a message that starts so. */
static void
refuses(const char *text, const char *message, const char *name)
{
	if (parse(text) != NULL)
		tap_text("accepted", message, name);
	else
	{
		if (error->len > strlen(message))
			error->data[strlen(message)] = '\0';
		tap_text(error->data, message, name);
	}
}

/* INSERT INTO k SELECT i, <expression> FROM s; is refused so. */
static void
refuses_expression(const char *expression, const char *message)
{
	char	   *text = psprintf(TABLES "INSERT INTO k SELECT i, %s FROM s;",
								expression);

	refuses(text, message, expression);
	free(text);
}

/* The second output is rewritten so. */
static void
rewrites(const char *expression, const char *sql)
{
	char	   *text = psprintf(TABLES "INSERT INTO k SELECT i, %s FROM s;",
								expression);
	Pipeline   *pipeline = parse(text);

	tap_text(pipeline != NULL ? pipeline->flows[0].outputs[1].sql :
			 error->data, sql, expression);
	free(text);
}

static void
test_refusals(void)
{
	refuses("", "dir/p.sql:1:1: there is no INSERT", "an empty script");
	refuses("SELECT 1", "dir/p.sql:1:1: statement \"SELECT\" is not supported",
			"a statement that is none");
	refuses("CREATE VIEW v AS SELECT 1;",
			"dir/p.sql:1:1: CREATE VIEW is not supported", "a view");
	refuses("CREATE TABLE t (a INT) WITH ('connector' = 'kafka\n",
			"dir/p.sql:1:44: string is not closed", "an open string");
	refuses("CREATE TABLE t (a INT) /* no end",
			"dir/p.sql:1:24: comment is not closed", "an open comment");
	refuses("CREATE TABLE \"t\" (a INT)",
			"dir/p.sql:1:14: double quotes", "double quotes");
	refuses("CREATE TABLE t (a INT,\n  \303\244 INTT)",
			"dir/p.sql:2:5: \"INTT\" is not a type", "a type, behind an umlaut");
	refuses("CREATE TABLE t (a INT PRIMARY KEY)",
			"dir/p.sql:1:34: NOT ENFORCED is missing", "a key that is enforced");
	refuses("CREATE TABLE t (a INT, a INT)",
			"dir/p.sql:1:24: column \"a\" is there twice", "a column twice");
	refuses("CREATE TABLE t (a AS b + 1)",
			"dir/p.sql:1:19: computed columns", "a computed column");
	refuses("CREATE TABLE t (a STRING METADATA VIRTUAL)",
			"dir/p.sql:1:26: metadata columns", "a metadata column");
	refuses("SET 'no.such' = '1';" TABLES "INSERT INTO k SELECT i, x FROM s;",
			"dir/p.sql:1:5: setting 'no.such' is not supported", "a setting");
	refuses("CREATE TABLE s (i INT) WITH ('konnector'='kafka');\nINSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:30: option 'konnector' is not supported, and table \"s\" lacks the option 'connector'",
			"a misspelled option");
	refuses("CREATE TABLE s (i INT) WITH ('topic'='t');\nINSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:14: table \"s\" lacks the option 'connector'",
			"a missing option");
	refuses(TABLES "INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:3:1: SELECT has 1 columns, INSERT INTO k has 2",
			"too few columns");
	refuses(TABLES "INSERT INTO k (x) SELECT x FROM s;",
			"dir/p.sql:3:1: column \"i\" of the primary key of \"k\" is not written",
			"a key that is not written");
	refuses(TABLES "INSERT INTO s SELECT * FROM s;",
			"dir/p.sql:3:13: table \"s\" is no sink", "a source as a sink");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s WHERE i;",
			"dir/p.sql:3:40: WHERE must be a condition", "WHERE of an INT");

	/* what needs state */
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s JOIN s AS r ON 1 = 1;",
			"dir/p.sql:3:34: JOIN is not supported", "JOIN");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s AS a LEFT JOIN s AS r ON 1 = 1;",
			"dir/p.sql:3:39: LEFT JOIN is not supported", "LEFT JOIN");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s GROUP BY i;",
			"dir/p.sql:3:34: GROUP BY is not supported", "GROUP BY");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s WHERE i = 1 ORDER BY i;",
			"dir/p.sql:3:46: ORDER BY is not supported", "ORDER BY");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s LIMIT 1;",
			"dir/p.sql:3:34: LIMIT is not supported", "LIMIT");
	refuses(TABLES "INSERT INTO k SELECT DISTINCT i, x FROM s;",
			"dir/p.sql:3:22: SELECT DISTINCT is not supported", "DISTINCT");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM (SELECT * FROM s);",
			"dir/p.sql:3:32: subqueries are not supported", "a subquery");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s UNION ALL SELECT 1;",
			"dir/p.sql:3:34: UNION is not supported", "UNION");

	refuses_expression("COUNT(*)", "dir/p.sql:3:25: COUNT(*) is an aggregate");
	refuses_expression("MAX(x)", "dir/p.sql:3:25: MAX is an aggregate");
	refuses_expression("x OVER", "dir/p.sql:3:27: \"FROM\" expected, found \"OVER\"");
	refuses_expression("NO_SUCH(x)", "dir/p.sql:3:25: function NO_SUCH is not supported");
	refuses_expression("f.g(x)", "dir/p.sql:3:25: function \"f.g\" is not known");
	refuses_expression("X", "dir/p.sql:3:25: column \"X\" does not exist");
	refuses_expression("`after`.nam", "dir/p.sql:3:25: \"after\" has no field \"nam\"");
	refuses_expression("x.y", "dir/p.sql:3:25: \"x\" is no ROW");
	refuses_expression("`after`", "dir/p.sql:3:25: ROW \"after\" cannot be used as a value");
	refuses_expression("CASE WHEN x = 1 THEN x END", "dir/p.sql:3:37: STRING and INT cannot be compared");
	refuses_expression("x || 1", "dir/p.sql:3:30: operand of || cannot be of type INT");
	refuses_expression("d / d", "dir/p.sql:3:27: / of decimals is not supported");
	refuses_expression("TRY_CAST(x AS INT)", "dir/p.sql:3:25: TRY_CAST");
	refuses_expression("CAST(f AS STRING)", "dir/p.sql:3:25: CAST of DOUBLE to STRING is not supported");
	refuses_expression("UPPER(i)", "dir/p.sql:3:31: argument 1 of UPPER cannot be of type INT");
	refuses_expression("(x", "dir/p.sql:3:28: \")\" expected, found \"FROM\"");
}

static void
test_options(void)
{
#define SOURCE(option) \
	"CREATE TABLE s (i INT) WITH ('connector'='kafka', 'topic'='t',\n" option ")"

	refuses("CREATE TABLE s (i INT) WITH ('topic'='t'); INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:14: table \"s\" lacks the option 'connector'",
			"no connector");
	refuses(SOURCE("'properties.bootstrap.servers'='b'") "; INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:14: table \"s\" lacks the option 'format'", "no format");
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
	refuses("CREATE TABLE s (i INT) WITH ('connector'='upsert-kafka'); INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:30: connector 'upsert-kafka' is not supported", "a connector");
	refuses("CREATE TABLE k (i INT) WITH ('connector'='jdbc', 'url'='jdbc:mysql://h/d', 'table-name'='t'); INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:1:50: option 'url' must start with", "a url of another database");
	refuses("CREATE TABLE k (i INT) WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d?no=1', 'table-name'='t'); INSERT INTO k SELECT i FROM s;",
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
test_rewrite(void)
{
	rewrites("x", "s.\"x\"");
	rewrites("s.x", "s.\"x\"");
	rewrites("`after`.name", "s.\"after.name\"");
	rewrites("'it''s \\'", "'it''s \\'::text");
	rewrites("COALESCE(x, `after`.name, '-')", "COALESCE(s.\"x\", s.\"after.name\", '-'::text)");
	rewrites("CASE WHEN `after` IS NULL THEN 'a' ELSE 'b' END",
			 "CASE WHEN (NOT s.\"after\") THEN 'a'::text ELSE 'b'::text END");
	rewrites("CASE x WHEN 'a' THEN 'b' END", "CASE s.\"x\" WHEN 'a'::text THEN 'b'::text END");
	rewrites("CONCAT(x, 'a')", "(s.\"x\" || 'a'::text)");
	rewrites("LEFT(x, -1)", "pg_catalog.left(s.\"x\", GREATEST((- 1), 0))");
	rewrites("TRIM(LEADING 'x' FROM x)", "pg_catalog.ltrim(s.\"x\", 'x'::text)");
	rewrites("CAST(CAST(f AS INT) AS STRING)", "pg_catalog.trunc(s.\"f\"::double precision)::integer::text");
	rewrites("CAST(b AS STRING)", "pg_catalog.upper(s.\"b\"::text)");
	rewrites("CAST(d AS STRING)", "s.\"d\"::numeric(10,2)::text");
	rewrites("CAST(x AS VARCHAR(3))", "pg_catalog.left(s.\"x\", 3)");
	rewrites("CAST(i + 2 * 3 AS STRING)", "(s.\"i\" + (2 * 3))::text");
	rewrites("CASE WHEN x LIKE 'a\\%' THEN x END",
			 "CASE WHEN (s.\"x\" LIKE 'a\\%'::text ESCAPE '') THEN s.\"x\" END");
	rewrites("CASE WHEN x > 'a' THEN x END",
			 "CASE WHEN (s.\"x\" > 'a'::text COLLATE \"C\") THEN s.\"x\" END");
	rewrites("CASE WHEN NOT i BETWEEN 1 AND 2 OR i IN (3, 4) AND x IS NOT NULL THEN x END",
			 "CASE WHEN ((NOT (s.\"i\" BETWEEN 1 AND 2)) OR ((s.\"i\" IN (3, 4)) AND (s.\"x\" IS NOT NULL))) THEN s.\"x\" END");
	rewrites("CASE WHEN ts = TIMESTAMP '2026-01-01 00:00:00' THEN x END",
			 "CASE WHEN (s.\"ts\"::timestamp without time zone = '2026-01-01 00:00:00'::timestamp without time zone) THEN s.\"x\" END");
	rewrites("pg_catalog.initcap(x)", "pg_catalog.\"initcap\"(s.\"x\")");
	rewrites("pg_catalog.`a\"b`(x)", "pg_catalog.\"a\"\"b\"(s.\"x\")");
}

/* The example of the demo, and what runs on the target for it. */
static void
test_statements(void)
{
	static const char script[] =
	"CREATE TABLE kafka_orders (`before` ROW<order_id INT, user_id INT, name STRING>,\n"
	" `after` ROW<order_id INT, user_id INT, name STRING>, `op` STRING, `ts_ms` BIGINT,\n"
	" t AS_IS) " KAFKA;
	Pipeline   *pipeline;
	PQExpBuffer text = createPQExpBuffer();

	refuses(script, "dir/p.sql:3:4: \"AS_IS\" is not a type", "a type that is no word of the dialect");
	pipeline = parse("SET 'pipeline.name' = 'mine'; -- a comment\n"
					 "CREATE TABLE o (`before` ROW<id INT, u INT>, `after` ROW<id INT COMMENT_ INT>) " KAFKA);
	tap_ok(pipeline == NULL, "a broken ROW is refused");

	pipeline = parse("SET 'pipeline.name' = 'mine';\n"
					 "CREATE TABLE o (`before` ROW<id INT, u INT>, `after` ROW<id INT, u INT>, `op` STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) " KAFKA ";\n"
					 "CREATE TABLE k (id INT, u INT, PRIMARY KEY (id) NOT ENFORCED) "
					 "WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h1:1,h2/d%20b?sslmode=require&currentSchema=a', 'table-name'='s.t', 'username'='me', 'password'='it''s');\n"
					 "EXECUTE STATEMENT SET BEGIN INSERT INTO k SELECT COALESCE(`after`.id, `before`.id) AS id, COALESCE(`after`.u, `before`.u) FROM o WHERE `op` IN ('c', 'r', 'u'); END;");
	if (!tap_ok(pipeline != NULL, "reads a statement set"))
	{
		printf("# %s\n", error->data);
		return;
	}
	tap_text(pipeline->name, "mine", "the pipeline's name");
	tap_text(pipeline->conninfo,
			 "host='h1,h2' port='1,5432' dbname='d b' sslmode='require' options='-csearch_path=a' user='me' password='it\\'s'",
			 "the url");
	tap_ok(pipeline->flows[0].direct, "evaluated by the applier");
	tap_number(pipeline->sources[0].field_count, 5, "reads only what is used");
	target_explain(pipeline, text);
	tap_text(text->data,
			 "-- dir/p.sql:4: INSERT INTO k, evaluated by the applier, folded by key\n"
			 "INSERT INTO \"s\".\"t\" AS t (\"id\", \"u\") SELECT l.\"id\", l.\"u\" FROM (SELECT s.\"id\" AS \"id\", s.\"u\" AS \"u\" FROM unnest($1::int4[], $2::int4[]) AS s(\"id\", \"u\")) AS l"
			 " ORDER BY l.\"id\" ON CONFLICT (\"id\") DO UPDATE SET \"u\" = EXCLUDED.\"u\";\n",
			 "the statement of a direct flow");

	pipeline = parse(TABLES "INSERT INTO k SELECT i, UPPER(x) FROM s WHERE n > 5;");
	tap_ok(pipeline != NULL && !pipeline->flows[0].direct, "evaluated by the target");
	resetPQExpBuffer(text);
	target_explain(pipeline, text);
	tap_text(text->data,
			 "-- dir/p.sql:3: INSERT INTO k, evaluated by the target\n"
			 "INSERT INTO \"t\" AS t (\"i\", \"x\") SELECT l.\"i\", l.\"x\" FROM (SELECT DISTINCT ON (r.\"i\") r.* FROM (SELECT s.\"i\" AS \"i\", pg_catalog.upper(s.\"x\") AS \"x\", s.\"?removed\", s.\"?number\""
			 " FROM unnest($1::int4[], $2::text[], $3::int8[], $4::bool[], $5::bool[]) WITH ORDINALITY AS s(\"i\", \"x\", \"n\", \"?removed\", \"?key_only\", \"?number\") WHERE (s.\"?key_only\" OR (s.\"n\" > 5))) AS r"
			 " ORDER BY r.\"i\", r.\"?number\" DESC) AS l WHERE NOT l.\"?removed\" ORDER BY l.\"i\" ON CONFLICT (\"i\") DO UPDATE SET \"x\" = EXCLUDED.\"x\";\n",
			 "the statement of a flow that the target evaluates");
	destroyPQExpBuffer(text);
}

int
main(void)
{
	error = createPQExpBuffer();
	test_refusals();
	test_options();
	test_rewrite();
	test_statements();
	return tap_done();
}
