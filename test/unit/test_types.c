/*-------------------------------------------------------------------------
 *
 * test_types.c
 *	  Unit test of the types: how they may be written, what they are called
 *	  in messages and in PostgreSQL, and which ones are refused.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "pipeline.h"

#include "tap.h"

/* A column of this type has these names here and in PostgreSQL. */
static void
is_type(const char *type, const char *name, const char *pg_name)
{
	char	   *text = psprintf("CREATE TABLE t (a %s) WITH ('connector'='kafka'); INSERT INTO t SELECT 1 FROM t;",
								type);
	Script		script;
	PQExpBuffer found = createPQExpBuffer();

	if (!script_parse(&script, "p.sql", text))
		tap_text(script.error->data, name, type);
	else
	{
		type_append(found, &script.tables[0].columns[0].type);
		tap_text(found->data, name, type);
		resetPQExpBuffer(found);
		type_append_pg(found, &script.tables[0].columns[0].type);
		tap_text(found->data, pg_name, "  in PostgreSQL");
	}
	destroyPQExpBuffer(found);
	free(text);
}

/* The type is refused so, in column 19 if nothing else is said. */
static void
refuses(const char *type, const char *message)
{
	char	   *text = psprintf("CREATE TABLE t (a %s)", type);
	Script		script;

	(void) script_parse(&script, "p.sql", text);
	if (script.error->len > strlen(message))
		script.error->data[strlen(message)] = '\0';
	tap_text(script.error->data, message, type);
	free(text);
}

int
main(void)
{
	is_type("BOOLEAN", "BOOLEAN", "boolean");
	is_type("tinyint", "TINYINT", "smallint");
	is_type("SMALLINT", "SMALLINT", "smallint");
	is_type("INTEGER", "INT", "integer");
	is_type("BIGINT", "BIGINT", "bigint");
	is_type("FLOAT", "FLOAT", "real");
	is_type("DOUBLE PRECISION", "DOUBLE", "double precision");
	is_type("DOUBLE", "DOUBLE", "double precision");
	is_type("DEC", "DECIMAL(10, 0)", "numeric(10,0)");
	is_type("NUMERIC(5)", "DECIMAL(5, 0)", "numeric(5,0)");
	is_type("DECIMAL(38, 38)", "DECIMAL(38, 38)", "numeric(38,38)");
	is_type("CHAR", "CHAR(1)", "text");
	is_type("VARCHAR(20)", "VARCHAR(20)", "text");
	is_type("VARCHAR(2147483647)", "STRING", "text");
	is_type("STRING", "STRING", "text");
	is_type("BINARY(3)", "BINARY(3)", "bytea");
	is_type("VARBINARY(3)", "VARBINARY(3)", "bytea");
	is_type("BYTES", "BYTES", "bytea");
	is_type("DATE", "DATE", "date");
	is_type("TIME", "TIME(0)", "time without time zone");
	is_type("TIME(6) WITHOUT TIME ZONE", "TIME(6)", "time without time zone");
	is_type("TIMESTAMP", "TIMESTAMP(6)", "timestamp without time zone");
	is_type("TIMESTAMP(3) WITHOUT TIME ZONE", "TIMESTAMP(3)", "timestamp without time zone");
	is_type("TIMESTAMP(3) WITH LOCAL TIME ZONE", "TIMESTAMP_LTZ(3)", "timestamp with time zone");
	is_type("TIMESTAMP_LTZ", "TIMESTAMP_LTZ(6)", "timestamp with time zone");
	is_type("INTERVAL YEAR(4) TO MONTH", "INTERVAL YEAR TO MONTH", "interval");
	is_type("INTERVAL DAY(1) TO SECOND(3)", "INTERVAL DAY TO SECOND", "interval");
	is_type("INTERVAL MINUTE", "INTERVAL DAY TO SECOND", "interval");
	is_type("ARRAY<INT NOT NULL>", "ARRAY<INT>", "integer[]");
	is_type("DECIMAL(4, 2) ARRAY", "ARRAY<DECIMAL(4, 2)>", "numeric(4,2)[]");
	is_type("INT ARRAY ARRAY", "ARRAY<ARRAY<INT>>", "integer[]");
	is_type("ARRAY<ROW<a INT>>", "ARRAY<ROW<a INT>>", "jsonb[]");
	is_type("MAP<STRING, ARRAY<BIGINT>>", "MAP<STRING, ARRAY<BIGINT>>", "jsonb");
	is_type("ROW<a INT NOT NULL 'first', `b c` ROW(d STRING) NULL>",
			"ROW<a INT, b c ROW<d STRING>>", "jsonb");
	is_type("ROW(a INT, b BYTES) NOT NULL", "ROW<a INT, b BYTES>", "jsonb");

	refuses("MULTISET<INT>", "p.sql:1:19: type MULTISET is not supported\nHINT:  Declare MAP<type, INT>");
	refuses("INT MULTISET", "p.sql:1:23: type MULTISET is not supported");
	refuses("RAW('a', 'b')", "p.sql:1:19: type RAW is not supported");
	refuses("VARIANT", "p.sql:1:19: type VARIANT is not supported");
	refuses("TIMESTAMP WITH TIME ZONE", "p.sql:1:19: TIMESTAMP WITH TIME ZONE is not supported");
	refuses("MAP<INT, INT>", "p.sql:1:23: the key of a MAP must be STRING");
	refuses("DECIMAL(39)", "p.sql:1:27: precision must be between 1 and 38");
	refuses("DECIMAL(3, 4)", "p.sql:1:30: scale must be between 0 and 3");
	refuses("INTERVAL MONTH TO DAY", "p.sql:1:28: INTERVAL MONTH TO DAY is not a type");
	refuses("TEXT", "p.sql:1:19: \"TEXT\" is not a type");
	return tap_done();
}
