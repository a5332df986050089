/*-------------------------------------------------------------------------
 *
 * test_script.c
 *	  Unit test of scripts: statements, tables, views and queries, what they
 *	  come to, and what is refused and where.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "explain.h"

#include "sql.h"

/* The script is read; its flow's SQL begins so, or is in it. */
static void
explains(const char *text, const char *part, const char *name)
{
	Pipeline   *pipeline = parse(text);
	PQExpBuffer explained = createPQExpBuffer();

	if (pipeline == NULL)
		tap_text(error->data, part, name);
	else
	{
		pipeline_explain(pipeline, explained);
		target_explain(pipeline, explained);
		if (strstr(explained->data, part) != NULL)
			tap_ok(true, name);
		else
			tap_text(explained->data, part, name);
	}
	destroyPQExpBuffer(explained);
}

static void
test_statement_refusals(void)
{
	refuses("", "dir/p.sql:1:1: there is no INSERT", "an empty script");
	refuses("SELECT 1", "dir/p.sql:1:1: statement \"SELECT\" is not supported",
			"a statement that is none");
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
	refuses("CREATE TABLE t (a INT) PARTITIONED BY (a) WITH ()",
			"dir/p.sql:1:24: PARTITIONED is not supported", "partitions");
	refuses("CREATE TABLE t (a INT) DISTRIBUTED INTO 4 BUCKETS",
			"dir/p.sql:1:24: DISTRIBUTED is not supported", "buckets");
	refuses("CREATE TABLE t WITH () AS SELECT 1",
			"dir/p.sql:1:24: CREATE TABLE ... AS SELECT", "a table from a query");
	refuses("SET 'no.such' = '1';" TABLES "INSERT INTO k SELECT i, x FROM s;",
			"dir/p.sql:1:5: setting 'no.such' is not supported", "a setting");
	refuses("CREATE FUNCTION f AS 'a.B'", "dir/p.sql:1:1: CREATE FUNCTION is not supported", "CREATE FUNCTION");
	refuses("CREATE CATALOG c WITH ()", "dir/p.sql:1:1: CREATE CATALOG is not supported", "CREATE CATALOG");
	refuses("CREATE DATABASE d", "dir/p.sql:1:1: CREATE DATABASE is not supported", "CREATE DATABASE");
	refuses("USE CATALOG c", "dir/p.sql:1:13: catalog \"c\" is not known", "USE CATALOG");
	refuses("USE d", "dir/p.sql:1:5: database \"d\" is not known", "USE");
	refuses("SHOW TABLES", "dir/p.sql:1:1: statement \"SHOW\" is not supported\nHINT:  --explain", "SHOW");
	refuses("DESCRIBE t", "dir/p.sql:1:1: statement \"DESCRIBE\" is not supported", "DESCRIBE");
	refuses("EXPLAIN INSERT", "dir/p.sql:1:1: statement \"EXPLAIN\" is not supported", "EXPLAIN");
	refuses("ALTER TABLE t", "dir/p.sql:1:1: statement \"ALTER\" is not supported", "ALTER");
	refuses("DROP TABLE t", "dir/p.sql:1:12: table \"t\" does not exist", "DROP of nothing");
	refuses("DROP FUNCTION f", "dir/p.sql:1:6: DROP FUNCTION is not supported", "DROP FUNCTION");
	refuses(TABLES "DROP TABLE s;\nINSERT INTO k SELECT i, x FROM s;",
			"dir/p.sql:4:32: table \"s\" does not exist", "a table that was dropped");
	refuses(TABLES "INSERT OVERWRITE k SELECT i, x FROM s;",
			"dir/p.sql:3:8: INSERT OVERWRITE is not supported", "INSERT OVERWRITE");
	refuses(TABLES "INSERT INTO k PARTITION (i = 1) SELECT x FROM s;",
			"dir/p.sql:3:15: INSERT INTO ... PARTITION is not supported", "PARTITION");
	refuses(TABLES "INSERT INTO k VALUES (1, 'a');",
			"dir/p.sql:3:15: VALUES is not supported", "VALUES");
	refuses(TABLES "INSERT INTO k SELECT i FROM s;",
			"dir/p.sql:3:1: SELECT has 1 columns, INSERT INTO k has 2",
			"too few columns");
	refuses(TABLES "INSERT INTO k (x) SELECT x FROM s;",
			"dir/p.sql:3:1: column \"i\" of the primary key of \"k\" is not written",
			"a key that is not written");
	refuses(TABLES "INSERT INTO s SELECT * FROM s;",
			"dir/p.sql:3:13: table \"s\" is of connector 'kafka', which is for reading only",
			"a source as a sink");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM k;",
			"dir/p.sql:3:32: table \"k\" is of connector 'jdbc', which is for writing only",
			"a sink as a source");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM a.s;",
			"dir/p.sql:3:32: catalog or database \"a\" is not known", "another database");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s WHERE i;",
			"dir/p.sql:3:40: WHERE must be a condition", "WHERE of an INT");
	refuses(TABLES "BEGIN STATEMENT SET; INSERT INTO k SELECT i, x FROM s;",
			"dir/p.sql:3:55: the script ends where INSERT or END is expected",
			"a statement set without END");
}

static void
test_state(void)
{
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s JOIN s AS r ON 1 = 1;",
			"dir/p.sql:3:34: JOIN is not supported\nHINT:  Write the inputs into tables of the target by an INSERT each,", "JOIN");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s AS a LEFT JOIN s AS r ON 1 = 1;",
			"dir/p.sql:3:39: LEFT JOIN is not supported", "LEFT JOIN");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s JOIN s AS r USING (i); INSERT INTO k SELECT i, x FROM s FOR SYSTEM_TIME AS OF ts;",
			"dir/p.sql:3:34: JOIN is not supported", "a version in another statement");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s, s AS r;",
			"dir/p.sql:3:33: joins are not supported", "a join by a comma");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s JOIN k FOR SYSTEM_TIME AS OF ts ON 1 = 1;",
			"dir/p.sql:3:34: a lookup join (FOR SYSTEM_TIME AS OF) is not supported\nHINT:  Write the inputs", "a lookup join");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s LEFT JOIN k FOR SYSTEM_TIME AS OF s.ts AS d ON s.i = d.i WHERE i > 1;",
			"dir/p.sql:3:34: a lookup join (FOR SYSTEM_TIME AS OF) is not supported", "a lookup join from the left");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s FOR SYSTEM_TIME AS OF ts;",
			"dir/p.sql:3:34: FOR SYSTEM_TIME is not supported\nHINT:  Leave FOR SYSTEM_TIME out", "a version of the source");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s HAVING i > 1;",
			"dir/p.sql:3:34: HAVING is not supported\nHINT:  This program keeps no state: aggregate in a view", "HAVING");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s GROUP BY i;",
			"dir/p.sql:3:34: GROUP BY is not supported\nHINT:  This program keeps no state: aggregate in a view", "GROUP BY");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s WHERE i = 1 ORDER BY i;",
			"dir/p.sql:3:46: ORDER BY is not supported", "ORDER BY");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s LIMIT 1;",
			"dir/p.sql:3:34: LIMIT is not supported\nHINT:  Rows of a table have no order: sort and limit where", "LIMIT");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s FETCH FIRST ROW ONLY;",
			"dir/p.sql:3:34: FETCH is not supported", "FETCH");
	refuses(TABLES "INSERT INTO k SELECT DISTINCT i, x FROM s;",
			"dir/p.sql:3:22: SELECT DISTINCT is not supported", "DISTINCT");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s UNION SELECT i, x FROM s;",
			"dir/p.sql:3:34: UNION without ALL is not supported", "UNION");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s INTERSECT SELECT i, x FROM s;",
			"dir/p.sql:3:34: INTERSECT is not supported", "INTERSECT");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s EXCEPT SELECT i, x FROM s;",
			"dir/p.sql:3:34: EXCEPT is not supported", "EXCEPT");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s MATCH_RECOGNIZE (ORDER BY i);",
			"dir/p.sql:3:34: MATCH_RECOGNIZE is not supported", "MATCH_RECOGNIZE");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), 1));",
			"dir/p.sql:3:32: table functions and windows are not supported", "a window");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s WHERE i IN (SELECT i FROM s);",
			"dir/p.sql:3:46: subqueries are not supported", "IN of a subquery");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s WHERE EXISTS (SELECT 1 FROM s);",
			"dir/p.sql:3:40: subqueries are not supported", "EXISTS");
	refuses(TABLES "CREATE TABLE r (i INT, x STRING) " KAFKA ";\n"
			"INSERT INTO k SELECT i, x FROM s UNION ALL SELECT i, x FROM r;",
			"dir/p.sql:4:1: UNION ALL of tables \"s\" and \"r\" into \"k\", which has a primary key",
			"UNION ALL of two sources into one key");
}

static void
test_tables(void)
{
	explains(TABLES "CREATE TEMPORARY TABLE u (j AS i + 1, y STRING COMMENT 'c') COMMENT 'd' WITH ('topic'='u') LIKE s;\n"
			 "INSERT INTO k SELECT j, y FROM u;",
			 "SELECT ((((s.\"i\"::bigint + 1) & 4294967295) # 2147483648) - 2147483648)::integer AS \"i\"", "LIKE, and a computed column");
	explains(TABLES "CREATE TABLE s2 LIKE s (EXCLUDING OPTIONS);\nINSERT INTO k SELECT i, x FROM s;",
			 "INSERT INTO k", "LIKE without columns, and a table that is not read");
	refuses(TABLES "CREATE TABLE u (j AS i + 1) WITH ('topic'='u') LIKE s (EXCLUDING ALL INCLUDING OPTIONS);\n",
			"dir/p.sql:3:35: option 'topic' is in table \"s\" already", "LIKE with an option that is there");
	refuses(TABLES "CREATE TABLE u (i INT) LIKE s;\n",
			"dir/p.sql:3:17: column \"i\" is in table \"s\" already", "LIKE with a column that is there");
	refuses(TABLES "CREATE TABLE u (PRIMARY KEY (x) NOT ENFORCED) LIKE k;\n",
			"dir/p.sql:3:30: table \"k\" has a primary key already", "LIKE with a second key");
	explains(TABLES "CREATE TABLE u (PRIMARY KEY (x) NOT ENFORCED) LIKE k (EXCLUDING CONSTRAINTS);\n"
			 "INSERT INTO u SELECT i, x FROM s;",
			 "ON CONFLICT (\"x\")", "LIKE without the key");
	explains(TABLES "CREATE TABLE IF NOT EXISTS s (other INT) WITH ('connector'='no');\n"
			 "INSERT INTO k SELECT i, x FROM s;", "INSERT INTO k", "IF NOT EXISTS");
	explains(TABLES "DROP TABLE IF EXISTS none; DROP TABLE k;\n"
			 "CREATE TABLE k (i INT) WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d', 'table-name'='other');\n"
			 "INSERT INTO k SELECT i FROM s;", "INTO \"other\"", "a table made anew");
	explains(TABLES "INSERT INTO k /*+ OPTIONS('table-name' = 'v') */ SELECT i, x FROM s /*+ OPTIONS('topic'='a;b') */ AS z WHERE z.i = 1;",
			 "INTO \"v\"", "hints");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s /*+ OPTIONS('topicc'='a') */;",
			"dir/p.sql:3:46: option 'topicc' is not supported", "a hint with an unknown option");
	explains("SET sql-client.execution.result-mode = tableau;\nSET 'pipeline.name' = 'a';\nRESET 'pipeline.name';\nUSE CATALOG default_catalog; USE default_database;\nADD JAR 'x.jar';\n"
			 "CREATE TABLE default_catalog.default_database.s (i INT, x STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) " KAFKA ";\n"
			 "CREATE TABLE k (i INT, x STRING) " JDBC ";\n"
			 "EXECUTE INSERT INTO default_database.k SELECT default_catalog.default_database.s.i, s.x FROM default_catalog.default_database.s;",
			 "-- dir/p.sql:5: ADD JAR has no effect", "statements without effect, and long names");
	explains(TABLES "BEGIN STATEMENT SET; INSERT INTO k SELECT i, x FROM s; INSERT INTO k (i) SELECT i FROM s; END;",
			 "INSERT INTO \"t\" AS t (\"i\")", "a statement set");
}

/* What the columns that are not in the topic or the target come to. */
static void
test_columns(void)
{
	explains(TABLES "CREATE TABLE u (i INT, j AS i + 1, z STRING, PRIMARY KEY (i) NOT ENFORCED) " JDBC ";\n"
			 "INSERT INTO u SELECT i, x FROM s;",
			 "INTO \"t\" AS t (\"i\", \"z\")", "a computed column of a sink is not written");
	refuses(TABLES "CREATE TABLE u (i INT METADATA) " JDBC ";\nINSERT INTO u SELECT i FROM s;",
			"dir/p.sql:3:17: the connector of table \"u\" has no metadata", "metadata of a sink");
	refuses(TABLES "CREATE TABLE u (i INT, j AS i + 1, l AS j + 1) " KAFKA ";\nINSERT INTO k SELECT i, 'a' FROM u;",
			"dir/p.sql:3:41: column \"j\" does not exist", "a computed column over another one");
}

static void
test_views(void)
{
	Pipeline   *pipeline;

	explains(TABLES "CREATE TEMPORARY VIEW v (a, b) COMMENT 'c' AS SELECT i, UPPER(x) FROM s WHERE n = 1;\n"
			 "INSERT INTO k SELECT v.a, b FROM v WHERE a > 2;",
			 "WHERE (s.\"?key_only\" OR ((s.\"n\" = 1) AND (s.\"i\" > 2)))", "a view");
	pipeline = parse(TABLES "INSERT INTO k WITH v AS (SELECT i AS a, `after` AS r FROM s), w AS (SELECT * FROM v) SELECT w.a, w.r.name FROM w;");
	if (tap_ok(pipeline != NULL, "WITH"))
		tap_text(pipeline->sources[0].fields[1].name, "after.name",
				 "a field of a ROW through it");
	explains(TABLES "INSERT INTO k SELECT t.* FROM (SELECT i, CONCAT(x, x) AS y FROM s AS q WHERE q.b) AS t (g, h) WHERE h = 'a';",
			 "AND ((s.\"x\" || s.\"x\") = 'a'::text", "a subquery with names, and t.*");
	pipeline = parse(TABLES "CREATE VIEW v AS SELECT * FROM s WHERE x = 'a';\nINSERT INTO k SELECT i, x FROM v WHERE n = 2;");
	tap_ok(pipeline != NULL && pipeline->flows[0].direct,
		   "a view of columns is evaluated by the applier");
	refuses(TABLES "CREATE VIEW v AS SELECT i FROM s;\nINSERT INTO k SELECT i, x FROM v;",
			"dir/p.sql:4:25: column \"x\" does not exist\nHINT:  \"v\" has i;",
			"a column that the view does not have");
	refuses(TABLES "CREATE VIEW v AS SELECT i AS a FROM s;\nINSERT INTO k SELECT s.i, 'a' FROM v;",
			"dir/p.sql:4:22: column \"s\" does not exist", "the table behind a view");
	refuses(TABLES "CREATE VIEW v (a, b) AS SELECT i FROM s;\nINSERT INTO k SELECT a, 'a' FROM v;",
			"dir/p.sql:3:16: 2 names are given, but v has 1 columns", "too many names");
	refuses(TABLES "CREATE VIEW s AS SELECT i FROM s;", "dir/p.sql:3:13: table or view \"s\" is there twice", "a name that is taken");
	refuses(TABLES "CREATE VIEW v AS SELECT CONCAT(x, 'a') AS r, i FROM s;\nINSERT INTO k SELECT i, v.r.name FROM v;",
			"dir/p.sql:4:25: \"r\" is an expression, and its fields cannot be taken", "a field of an expression");
	explains(TABLES "CREATE VIEW v AS SELECT i FROM s; DROP VIEW v; CREATE VIEW v AS SELECT i, x FROM s;\nINSERT INTO k SELECT * FROM v;",
			 "INSERT INTO k", "a view made anew");
}

/* Arrays and maps taken apart. */
static void
test_unnest(void)
{
#define ARRAYS \
	"CREATE TABLE s (i INT, a ARRAY<INT>, m MAP<STRING, BIGINT>, r ROW<l ARRAY<ROW<n INT, `o'p` ROW<q STRING>>>>, aa ARRAY<ARRAY<INT>>, x STRING) " KAFKA ";\n" \
	"CREATE TABLE k (i INT, x STRING, PRIMARY KEY (i) NOT ENFORCED) " JDBC ";\n"

	explains(ARRAYS "INSERT INTO k SELECT e, x FROM s CROSS JOIN UNNEST(a) AS t (e) WHERE t.e > 2;",
			 "(SELECT u0.\"?value\" AS \"i\", s.\"x\" AS \"x\", s.\"?removed\", s.\"?number\", ARRAY[u0.\"?place\"]::bigint[] AS \"?element\""
			 " FROM unnest($1::text[], $2::text[], $3::bool[], $4::bool[]) WITH ORDINALITY AS s(",
			 "an array");
	explains(ARRAYS "INSERT INTO k SELECT e, x FROM s CROSS JOIN UNNEST(a) AS t (e) WHERE t.e > 2;",
			 " CROSS JOIN LATERAL pg_catalog.unnest(s.\"a\"::integer[]) WITH ORDINALITY AS u0(\"?value\", \"?place\") WHERE (s.\"?key_only\" OR (u0.\"?value\" > 2)))"
			 " AS r ORDER BY r.\"i\", r.\"?number\" DESC, r.\"?element\" DESC)", "  joined, the last element last");
	explains(ARRAYS "INSERT INTO k SELECT CAST(v AS INT), n FROM s, UNNEST(m) WITH ORDINALITY t (n, v, o) WHERE o = 1;",
			 "pg_catalog.jsonb_each_text(s.\"m\"::jsonb) WITH ORDINALITY AS u0(\"?name\", \"?value\", \"?place\") WHERE (s.\"?key_only\" OR ((u0.\"?place\")::integer = 1))",
			 "a map, by a comma, with places");
	explains(ARRAYS "CREATE VIEW v AS SELECT s.i AS j, t.* FROM s LEFT JOIN UNNEST(s.r.l) AS t (n, p) ON TRUE;\n"
			 "INSERT INTO k SELECT n, v.p.q FROM v;",
			 "SELECT ((u0.\"?value\") ->> 'n')::integer AS \"i\", (((u0.\"?value\") -> 'o''p') ->> 'q') AS \"x\"", "rows, through a view");
	explains(ARRAYS "INSERT INTO k SELECT n, x FROM s LEFT JOIN UNNEST(s.r.l) AS t ON TRUE;",
			 " LEFT JOIN LATERAL pg_catalog.unnest(s.\"r.l\"::jsonb[]) WITH ORDINALITY AS u0(\"?value\", \"?place\") ON u0.\"?value\" IS NOT NULL)", "rows without elements");
	explains(ARRAYS "INSERT INTO k SELECT n, x FROM s LEFT JOIN UNNEST(a) AS t (n) ON TRUE;",
			 " LEFT JOIN LATERAL pg_catalog.unnest(s.\"a\"::integer[]) WITH ORDINALITY AS u0(\"?value\", \"?place\") ON TRUE)", "rows without elements, of scalars");
	explains(ARRAYS "INSERT INTO k SELECT n, x FROM s CROSS JOIN UNNEST(a) AS t (n) UNION ALL SELECT i, x FROM s;",
			 "ARRAY[]::bigint[] AS \"?element\", 1 AS \"?branch\" FROM s)", "with UNION ALL");
	refuses(ARRAYS "INSERT INTO k SELECT e, x FROM s CROSS JOIN UNNEST(x) AS t (e);",
			"dir/p.sql:3:52: UNNEST is supported for columns of type ARRAY", "a text");
	refuses(ARRAYS "INSERT INTO k SELECT e, x FROM s CROSS JOIN UNNEST(aa) AS t (e);",
			"dir/p.sql:3:52: UNNEST is supported for columns of type ARRAY", "an array of arrays");
	refuses(ARRAYS "INSERT INTO k SELECT e, x FROM s CROSS JOIN UNNEST(a) AS t (e, f);",
			"dir/p.sql:3:61: 2 names are given, but UNNEST has 1 columns", "too many names");
	refuses(ARRAYS "INSERT INTO k SELECT x, x FROM s CROSS JOIN UNNEST(a) AS t (x);",
			"dir/p.sql:3:22: column \"x\" is ambiguous", "a name of both");
	refuses(ARRAYS "INSERT INTO k SELECT e, x FROM s CROSS JOIN UNNEST(a, a) AS t (e);",
			"dir/p.sql:3:53: UNNEST of several arrays is not supported", "two arrays");
	refuses("CREATE TABLE s (i INT, a ARRAY<INT>) WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset', 'format'='debezium-json');\n"
			"CREATE TABLE k (i INT, PRIMARY KEY (i) NOT ENFORCED) " JDBC ";\nINSERT INTO k SELECT e FROM s CROSS JOIN UNNEST(a) AS t (e);",
			"dir/p.sql:3:49: UNNEST of a source that updates and deletes rows", "a changelog");
#undef ARRAYS
}

static void
test_union(void)
{
	Pipeline   *pipeline;

	pipeline = parse(TABLES "INSERT INTO k SELECT i, x FROM s WHERE n = 1 UNION ALL (SELECT i, `after`.name FROM s);");
	if (tap_ok(pipeline != NULL, "UNION ALL of one source"))
	{
		tap_number(pipeline->flow_count, 1, "  is one flow");
		tap_ok(pipeline->flows[0].next_branch != NULL, "  of two branches");
		tap_ok(pipeline->flows[0].direct, "  that the applier evaluates");
	}
	explains(TABLES "INSERT INTO k SELECT i, x FROM s; INSERT INTO k SELECT i, UPPER(x) FROM s WHERE b;",
			 "INSERT INTO \"t\" AS t (\"i\", \"x\") SELECT l.\"i\", l.\"x\" FROM (SELECT DISTINCT ON (r.\"i\") r.* FROM (WITH s AS (SELECT * FROM unnest($1::int4[], $2::text[], $3::bool[], $4::bool[], $5::bool[])"
			 " WITH ORDINALITY AS s(\"i\", \"x\", \"b\", \"?removed\", \"?key_only\", \"?number\"))"
			 " SELECT s.\"i\" AS \"i\", s.\"x\" AS \"x\", s.\"?removed\", s.\"?number\", 0 AS \"?branch\" FROM s"
			 " UNION ALL SELECT s.\"i\" AS \"i\", pg_catalog.upper(s.\"x\") AS \"x\", s.\"?removed\", s.\"?number\", 1 AS \"?branch\" FROM s WHERE (s.\"?key_only\" OR s.\"b\"))"
			 " AS r ORDER BY r.\"i\", r.\"?number\" DESC, r.\"?branch\" DESC) AS l",
			 "two INSERTs into a table are branches");
	explains(TABLES "INSERT INTO k SELECT g, h FROM (SELECT i AS g, x AS h FROM s UNION ALL SELECT 5, 'a' FROM s) WHERE g = 5;",
			 "0 AS \"?branch\" FROM s WHERE (s.\"?key_only\" OR (s.\"i\" = 5)) UNION ALL SELECT 5 AS \"i\"", "SELECT over UNION ALL");
	explains(TABLES "CREATE TABLE r (i INT, x STRING) " KAFKA ";\nCREATE TABLE a (i INT, x STRING) " JDBC ";\n"
			 "INSERT INTO a SELECT i, x FROM s UNION ALL SELECT i, x FROM r;",
			 "INSERT INTO a", "UNION ALL of two sources into a table without a key");
	refuses(TABLES "INSERT INTO k SELECT i, x FROM s UNION ALL SELECT i FROM s;",
			"dir/p.sql:3:44: queries of UNION ALL have 2 and 1 columns", "UNION ALL of other columns");
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
			 "INSERT INTO \"s\".\"t\" AS t (\"id\", \"u\") SELECT l.\"id\", l.\"u\" FROM (SELECT s.\"id\" AS \"id\", s.\"u\" AS \"u\" FROM (SELECT unnest($1::int4[]) AS \"id\", unnest($2::int4[]) AS \"u\") AS s) AS l"
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

/* What --explain says beside the SQL. */
static void
test_explained(void)
{
#define DEBEZIUM(more) \
	"CREATE TABLE s (i INT, n INT, PRIMARY KEY (i) NOT ENFORCED) WITH ('connector'='kafka', 'topic'='a;b'," \
	" 'properties.bootstrap.servers'='b:9092', 'format'='json'" more ");\n"
#define KEYED(key) \
	"CREATE TABLE k (i INT, n INT, PRIMARY KEY (" key ") NOT ENFORCED) " JDBC ";\nINSERT INTO k SELECT i, n FROM s;"

	explains(DEBEZIUM(", 'properties.group.id'='g'") KEYED("i"),
			 "-- pipeline \"p\", progress in table \"debezium_applier_progress\" of the target\n"
			 "-- dir/p.sql:1: source s reads topic \"a\", \"b\" of b:9092, where each event is a row; without progress from where group \"g\" is\n"
			 "-- an event that cannot be applied stops the pipeline\n"
			 "-- dir/p.sql:3: INSERT INTO k: partitions do not depend on each other, if the records of s have its PRIMARY KEY as their key\n",
			 "a source, and the order of its events");
	explains(DEBEZIUM(", 'scan.startup.mode'='timestamp', 'scan.startup.timestamp-millis'='5'") KEYED("n"),
			 "without progress from timestamp 5\n"
			 "-- an event that cannot be applied stops the pipeline\n"
			 "-- dir/p.sql:3: INSERT INTO k: events of several keys of s meet in one row of k; where they are in several partitions, the one that comes last decides\n",
			 "another key");
	explains(DEBEZIUM(", 'scan.startup.mode'='latest-offset'") KEYED("i, n"),
			 "without progress from the end\n"
			 "-- an event that cannot be applied stops the pipeline\n"
			 "-- dir/p.sql:3: INSERT INTO k: partitions do not depend on each other", "a longer key");
	explains("SET 'errors.tolerance' = 'all'; SET 'errors.deadletterqueue.topic.name' = 'dead';" TABLES "INSERT INTO k SELECT i, x FROM s;",
			 "-- an event that cannot be applied is left out; one that is left out goes to topic \"dead\"\n"
			 "-- dir/p.sql:3: INSERT INTO k: source s declares no PRIMARY KEY; where events of one row of k are in several partitions, the one that comes last decides\n",
			 "dead letters, and a key that is not known");
	explains(TABLES "CREATE TABLE j (i INT) WITH ('connector'='blackhole'); INSERT INTO j SELECT i FROM s;",
			 "-- pipeline \"p\", progress in memory\n", "no database");
	explains("SET 'parallelism.default' = '4';\n" DEBEZIUM(",\n'scan.startup.mode'='earliest-offset', 'scan.parallelism'='2'")
			 "CREATE TABLE k (i INT) WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d', 'table-name'='t',\n'sink.buffer-flush.max-rows'='100');"
			 "INSERT INTO k SELECT i FROM s;",
			 "INSERT INTO k: rows are appended, in the order of each partition\n"
			 "-- dir/p.sql:1: setting 'parallelism.default' has no effect\n"
			 "-- dir/p.sql:3: option 'scan.parallelism' has no effect\n"
			 "-- dir/p.sql:5: option 'sink.buffer-flush.max-rows' has no effect\n",
			 "what has no effect");
#undef DEBEZIUM
#undef KEYED
}

int
main(void)
{
	error = createPQExpBuffer();
	test_statement_refusals();
	test_state();
	test_tables();
	test_columns();
	test_views();
	test_unnest();
	test_union();
	test_statements();
	test_explained();
	return tap_done();
}
