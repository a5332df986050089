/*-------------------------------------------------------------------------
 *
 * rewrite.c
 *	  What the applier makes of expressions, for test/t/test_125_flink_functions.py.
 *
 * NOTES
 *	  rewrite "COLUMNS OF A TABLE" reads expressions from stdin, one a line,
 *	  and writes for each a line "type <tab> query <tab> fields": the query
 *	  computes "x" and takes an array for each of the fields.  An expression
 *	  that is refused becomes "refused <tab> message <tab> hint".
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "pipeline.h"
#include "statement.h"

#define TABLES \
	"SET 'table.local-time-zone' = 'Europe/Berlin';" \
	"CREATE TABLE t (%s) WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b:9092'," \
	" 'scan.startup.mode'='earliest-offset', 'format'='json');\n" \
	"CREATE TABLE k (id INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector'='jdbc'," \
	" 'url'='jdbc:postgresql://h:5433/d', 'table-name'='t');\n" \
	"INSERT INTO k SELECT id FROM t WHERE\n"

static void
print_refused(char *error)
{
	char	   *hint = strstr(error, "\nHINT:  ");

	if (hint != NULL)
		*hint = '\0';
	printf("refused\t%s\t%s\n", error, hint != NULL ? hint + 8 : "");
}

static void
print_rewritten(Pipeline *pipeline, const DataType *type, const char *value)
{
	const SourceTable *source = pipeline->flows[0].source;
	PQExpBufferData line;

	initPQExpBuffer(&line);
	type_append(&line, type);
	appendPQExpBuffer(&line, "\tSELECT %s AS x FROM unnest(", value);
	for (int i = 0; i < source->field_count; i++)
		appendPQExpBuffer(&line, "%s%%s::%s[]", i > 0 ? ", " : "",
						  type_carrier(&source->fields[i].type));
	appendPQExpBufferStr(&line, ") WITH ORDINALITY AS s(");
	for (int i = 0; i < source->field_count; i++)
	{
		append_identifier(&line, source->fields[i].name);
		appendPQExpBufferStr(&line, ", ");
	}
	appendPQExpBufferStr(&line, "\"?number\") ORDER BY \"?number\"\t");
	for (int i = 0; i < source->field_count; i++)
		appendPQExpBuffer(&line, "%s%s", i > 0 ? "," : "",
						  source->fields[i].name);
	puts(line.data);
	termPQExpBuffer(&line);
}

int
main(int argc, char **argv)
{
	char		expression[8192];
	PQExpBuffer error = createPQExpBuffer();

	if (argc != 2)
		return 2;
	while (fgets(expression, sizeof(expression), stdin) != NULL)
	{
		/* a condition that is not one is refused, so it is asked for NULL */
		char	   *script = psprintf(TABLES "(%s) IS NULL", argv[1],
									  expression);
		Pipeline   *pipeline;

		resetPQExpBuffer(error);
		pipeline = pipeline_parse("", script, error);
		if (pipeline == NULL)
			print_refused(error->data);
		else if (setjmp(pipeline->script.failed) != 0)
			print_refused(pipeline->script.error->data);
		else
		{
			Expression *value = pipeline->flows[0].query.where->arguments[0];
			PQExpBufferData sql;
			DataType	type;

			initPQExpBuffer(&sql);
			type = expression_rewrite(pipeline, &pipeline->flows[0], value,
									  &sql);
			print_rewritten(pipeline, &type, sql.data);
			termPQExpBuffer(&sql);
		}
		free(script);
	}
	destroyPQExpBuffer(error);
	return 0;
}
