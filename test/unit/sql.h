/*-------------------------------------------------------------------------
 *
 * sql.h
 *	  What the unit tests of the applier's SQL share: tables, and checks of
 *	  what a script comes to.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_H
#define SQL_H

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

static PQExpBuffer error;		/* main() creates it */

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

#endif							/* SQL_H */
