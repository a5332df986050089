/*-------------------------------------------------------------------------
 *
 * test_sql.c
 *	  Unit test of expressions: what they are in PostgreSQL's words, and what
 *	  is refused and where.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "sql.h"

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
	refuses_expression("COUNT(*)", "dir/p.sql:3:25: COUNT(*) is an aggregate");
	refuses_expression("MAX(x)", "dir/p.sql:3:25: MAX is an aggregate or window function, which is not supported\nHINT:  This program keeps no state: aggregate in a view");
	refuses_expression("x OVER", "dir/p.sql:3:27: \"FROM\" expected, found \"OVER\"");
	refuses_expression("NO_SUCH(x)", "dir/p.sql:3:25: function NO_SUCH is not supported");
	refuses_expression("f.g(x)", "dir/p.sql:3:25: function \"f.g\" is not known");
	refuses_expression("X", "dir/p.sql:3:25: column \"X\" does not exist");
	refuses_expression("`after`.nam", "dir/p.sql:3:25: \"after\" has no field \"nam\"");
	refuses_expression("x.y", "dir/p.sql:3:25: \"x\" is no ROW");
	refuses_expression("`after`", "dir/p.sql:3:25: ROW \"after\" cannot be used as a value");
	refuses_expression("CASE WHEN b = 1 THEN x END", "dir/p.sql:3:37: BOOLEAN and INT cannot be compared");
	refuses_expression("x || 1", "dir/p.sql:3:30: operand of || cannot be of type INT");
	refuses_expression("f % f", "dir/p.sql:3:27: % of FLOAT and DOUBLE is not defined");
	refuses_expression("i + 1", "dir/p.sql:3:27: the value is INT in the SELECT, column \"x\" is STRING\nHINT:  Use CAST");
	refuses_expression("TRY_CAST(x AS INT)", "dir/p.sql:3:25: the value is INT in the SELECT, column \"x\" is STRING");
	refuses_expression("CAST(INTERVAL '1' DAY AS STRING)", "dir/p.sql:3:30: CAST of INTERVAL DAY TO SECOND to STRING is not supported");
	refuses_expression("REGEXP_REPLACE(x, '(?i)a', 'b')", "dir/p.sql:3:43: REGEXP_REPLACE: \"(?i)\" in the regular expression");
	refuses_expression("DATE_FORMAT(ts, 'G')", "dir/p.sql:3:41: DATE_FORMAT: \"G\" is not supported in the format\nHINT:  Use yyyy");
	refuses_expression("JSON_VALUE(x, '$.*')", "dir/p.sql:3:39: JSON_VALUE: the path is not supported\nHINT:  A path has $");
	refuses_expression("UPPER(x, x)", "dir/p.sql:3:25: UPPER has 2 arguments here, which is not supported");
	refuses_expression("UPPER(i)", "dir/p.sql:3:31: argument 1 of UPPER cannot be of type INT");
	refuses_expression("(x", "dir/p.sql:3:28: \")\" expected, found \"FROM\"");
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
	rewrites("CASE x WHEN 'a' THEN 'b' END", "CASE WHEN (s.\"x\" = 'a'::text COLLATE \"C\") THEN 'b'::text END");
	rewrites("CONCAT(x, 'a')", "(s.\"x\" || 'a'::text)");
	rewrites("LEFT(x, -1)", "pg_catalog.left(s.\"x\", GREATEST((- 1), 0))");
	rewrites("TRIM(LEADING 'x' FROM x)", "pg_catalog.ltrim(s.\"x\", 'x'::text)");
	rewrites("CAST(CAST(d AS BIGINT) AS STRING)", "(pg_catalog.trunc(s.\"d\"::numeric(10,2))::bigint)::text");
	rewrites("CAST(b AS STRING)", "pg_catalog.upper((s.\"b\")::text)");
	rewrites("CAST(d AS STRING)", "(s.\"d\"::numeric(10,2))::text");
	rewrites("CAST(x AS VARCHAR(3))", "pg_catalog.left(s.\"x\", 3)");
	rewrites("CAST(i + 2 * 3 AS STRING)", "(((((s.\"i\"::bigint + ((((2::bigint * 3) & 4294967295) # 2147483648) - 2147483648)::integer) & 4294967295) # 2147483648) - 2147483648)::integer)::text");
	rewrites("CASE WHEN x LIKE 'a\\%' THEN x END",
			 "CASE WHEN (s.\"x\" LIKE 'a\\%'::text ESCAPE '') THEN s.\"x\" END");
	rewrites("CASE WHEN x LIKE 'a\\%_' THEN x END",
			 "CASE WHEN (s.\"x\" LIKE 'a\\%_'::text ESCAPE '\\') THEN s.\"x\" END");
	rewrites("SUBSTRING(x, 2, i)",
			 "CASE WHEN s.\"i\" >= 0 THEN CASE WHEN -2 > pg_catalog.char_length(s.\"x\") THEN ''"
			 " ELSE pg_catalog.substr(s.\"x\", CASE WHEN 2 < 0 THEN pg_catalog.char_length(s.\"x\") + 2 + 1"
			 " ELSE GREATEST(2, 1) END, LEAST(s.\"i\", 1000000000)) END END");
	rewrites("CASE WHEN x > 'a' THEN x END",
			 "CASE WHEN (s.\"x\" > 'a'::text COLLATE \"C\") THEN s.\"x\" END");
	rewrites("CASE WHEN NOT i BETWEEN 1 AND 2 OR i IN (3, 4) AND x IS NOT NULL THEN x END",
			 "CASE WHEN ((NOT ((s.\"i\" >= 1) AND (s.\"i\" <= 2))) OR (((s.\"i\" = 3) OR (s.\"i\" = 4)) AND (s.\"x\" IS NOT NULL))) THEN s.\"x\" END");
	rewrites("CASE WHEN ts = TIMESTAMP '2026-01-01 00:00:00' THEN x END",
			 "CASE WHEN (s.\"ts\"::timestamp without time zone = '2026-01-01 00:00:00'::timestamp without time zone) THEN s.\"x\" END");
	/* a text of the script is never taken for a part of a template */
	rewrites("NULLIF(x, '$1')", "CASE WHEN (s.\"x\" = '$1'::text COLLATE \"C\") THEN NULL ELSE s.\"x\" END");
	rewrites("REGEXP_REPLACE(x, 'a$|b', '$2')",
			 "pg_catalog.regexp_replace(s.\"x\", '(a$|b)', pg_catalog.replace('$2'::text, '\\', '\\\\'), 'g')");
	/* what stands more than once, and is long, is evaluated once */
	rewrites("LPAD(CONCAT(x, 'a'), 3, REVERSE(x))",
			 "(SELECT CASE WHEN 3 >= 0 AND a.a3 <> '' THEN pg_catalog.lpad((s.\"x\" || 'a'::text), 3, a.a3) END"
			 " FROM (SELECT pg_catalog.reverse(s.\"x\") AS a3 OFFSET 0) AS a)");
	rewrites("pg_catalog.initcap(x)", "pg_catalog.\"initcap\"(s.\"x\")");
	rewrites("pg_catalog.`a\"b`(x)", "pg_catalog.\"a\"\"b\"(s.\"x\")");
}

/* A script with so many times "part" in place of "?" of line 3. */
static void
refuses_repeated(const char *statement, const char *part, int count,
				 const char *message)
{
	PQExpBuffer text = createPQExpBuffer();
	const char *place = strchr(statement, '?');

	appendPQExpBufferStr(text, TABLES);
	appendBinaryPQExpBuffer(text, statement, place - statement);
	for (int i = 0; i < count; i++)
		appendPQExpBufferStr(text, part);
	appendPQExpBufferStr(text, place + 1);
	refuses(text->data, message, message);
	destroyPQExpBuffer(text);
}

/* What would take more of the C stack than there is. */
static void
test_limits(void)
{
	refuses_repeated("INSERT INTO k SELECT i, ?x FROM s;", "(", 100000,
					 "dir/p.sql:3:224: expressions are nested too deeply");
	refuses_repeated("INSERT INTO k SELECT i, ?x FROM s;", "CASE WHEN ", 100000,
					 "dir/p.sql:3:2015: expressions are nested too deeply");
	refuses_repeated("INSERT INTO k SELECT * FROM ? s;", "(SELECT * FROM ", 100000,
					 "dir/p.sql:3:3015: queries are nested too deeply");
	refuses_repeated("CREATE TABLE a (b ?", "ARRAY<", 100000,
					 "dir/p.sql:3:1225: types are nested too deeply");
	refuses_repeated("INSERT INTO k SELECT i, x? FROM s;", "||x", 100000,
					 "dir/p.sql:3:6026: more than 2000 operators in a row");
	refuses_repeated("INSERT INTO k SELECT i, x FROM s WHERE b?;", " OR b", 100000,
					 "dir/p.sql:3:10042: more than 2000 operators in a row");
}

int
main(void)
{
	error = createPQExpBuffer();
	test_refusals();
	test_rewrite();
	test_limits();
	return tap_done();
}
