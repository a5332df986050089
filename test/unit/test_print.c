/*-------------------------------------------------------------------------
 *
 * test_print.c
 *	  Unit test of the sinks for trials: what the connector print shows, and
 *	  a pipeline without a database.
 *
 * NOTES
 *	  What is expected of values is what Flink 2.0 shows for them.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "print.h"
#include "target.h"

#include "tap.h"

#define SOURCE(columns, format) \
	"CREATE TABLE s (" columns ") WITH ('connector'='kafka', 'topic'='t'," \
	" 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset', 'format'='" format "');"
#define PRINT(columns, more) \
	"CREATE TABLE k (" columns ") WITH ('connector'='print'" more ");"
#define BLACKHOLE "CREATE TABLE h (id INT) WITH ('connector'='blackhole');"

static Pipeline *pipeline;
static Batch *batch;
static PQExpBuffer error;

static void
start(const char *script)
{
	resetPQExpBuffer(error);
	pipeline = pipeline_parse("p.sql", script, error);
	if (pipeline == NULL)
	{
		printf("Bail out! %s\n", error->data);
		exit(1);
	}
	batch_free(batch);
	batch = batch_new(pipeline);
}

static void
add(const char *key, const char *value)
{
	resetPQExpBuffer(error);
	if (!batch_add(batch, "t", 0, batch->event_count, key,
				   key != NULL ? strlen(key) : 0, value,
				   value != NULL ? strlen(value) : 0, error))
		batch->events[batch->event_count - 1].rejected = true;
}

/* What is shown of the events from "from" on, on stdout or stderr. */
static char *
shown_from(int from, bool on_stderr)
{
	Print	   *print = print_new(pipeline);
	char	   *text[2] = {NULL, NULL};
	size_t		length[2];
	FILE	   *files[2];

	for (int i = 0; i < 2; i++)
		files[i] = open_memstream(&text[i], &length[i]);
	print_collect(print, batch, from, batch->event_count);
	print_show(print, files[0], files[1]);
	for (int i = 0; i < 2; i++)
		fclose(files[i]);
	print_free(print);
	free(text[!on_stderr]);
	return text[on_stderr];
}

static char *
shown(void)
{
	return shown_from(0, false);
}

/* A value of the type, as it is shown. */
#define VALUE(type, json, wanted) \
	do { \
		start(SOURCE("c " type, "json") PRINT("c " type, "") "INSERT INTO k SELECT c FROM s;"); \
		add(NULL, "{\"c\":" json "}"); \
		tap_text(error->len > 0 ? error->data : shown(), "+I[" wanted "]\n", type " " json); \
	} while (0)

static void
test_values(void)
{
	VALUE("INT", "null", "null");
	VALUE("BOOLEAN", "true", "true");
	VALUE("BOOLEAN", "false", "false");
	VALUE("STRING", "\"a, b\"", "a, b");
	VALUE("FLOAT", "1.50", "1.5");
	VALUE("FLOAT", "16777216", "1.6777216E7");
	VALUE("FLOAT", "0.3", "0.3");
	VALUE("DOUBLE", "1e10", "1.0E10");
	VALUE("DOUBLE", "100", "100.0");
	VALUE("DOUBLE", "1234567.5", "1234567.5");
	VALUE("DOUBLE", "9999999", "9999999.0");
	VALUE("DOUBLE", "1e7", "1.0E7");
	VALUE("DOUBLE", "0.001", "0.001");
	VALUE("DOUBLE", "-1.5e-3", "-0.0015");
	VALUE("DOUBLE", "0.0001", "1.0E-4");
	VALUE("DOUBLE", "0", "0.0");
	VALUE("DECIMAL(12, 4)", "1.5", "1.5000");
	VALUE("DECIMAL(12, 4)", "-0.0001", "-0.0001");
	VALUE("DECIMAL(12, 4)", "99.99994", "99.9999");
	VALUE("DECIMAL(12, 4)", "99.99995", "100.0000");
	VALUE("DECIMAL(12, 0)", "-9.5", "-10");
	VALUE("BYTES", "\"Af+A\"", "[1, -1, -128]");
	VALUE("BYTES", "\"\"", "[]");
	VALUE("DATE", "\"2026-01-02\"", "2026-01-02");
	VALUE("TIME(3)", "\"10:00:00\"", "10:00");
	VALUE("TIME(3)", "\"10:00:01\"", "10:00:01");
	VALUE("TIME(3)", "37801500", "10:30:01.500");
	VALUE("TIMESTAMP(6)", "\"2026-01-02 10:00:00\"", "2026-01-02T10:00");
	VALUE("TIMESTAMP(6)", "\"2026-01-02T00:00:00.12\"", "2026-01-02T00:00:00.120");
	VALUE("TIMESTAMP(6)", "1767348001000001", "2026-01-02T10:00:01.000001");
	VALUE("TIMESTAMP_LTZ(6)", "\"2026-01-02 10:00:00Z\"", "2026-01-02T10:00:00Z");
	VALUE("TIMESTAMP_LTZ(6)", "\"2026-01-02T10:30:00.123Z\"", "2026-01-02T10:30:00.123Z");
	VALUE("ARRAY<STRING>", "[\"a,b\", \"\\\"q\\\"\", null, \"NULL\"]", "[a,b, \"q\", null, NULL]");
	VALUE("ARRAY<BOOLEAN>", "[true, false]", "[true, false]");
	VALUE("ARRAY<STRING>", "[]", "[]");
	VALUE("ARRAY<ARRAY<STRING>>", "[[\"a\", \"}\"], []]", "[[a, }], []]");
	VALUE("MAP<STRING, INT>", "{\"k\": 1, \"l\": null}", "{k=1, l=null}");
}

static void
test_kinds(void)
{
	start(SOURCE("id INT, v STRING, PRIMARY KEY (id) NOT ENFORCED", "debezium-json")
		  PRINT("id INT, v STRING", ", 'print-identifier'='name'")
		  "INSERT INTO k SELECT id, v FROM s WHERE v <> 'hidden';");
	add("{\"id\":1}", "{\"op\":\"c\",\"before\":null,\"after\":{\"id\":1,\"v\":\"a\"}}");
	add("{\"id\":1}", "{\"op\":\"u\",\"before\":{\"id\":1,\"v\":\"a\"},\"after\":{\"id\":1,\"v\":\"b\"}}");
	add("{\"id\":1}", "{\"op\":\"u\",\"before\":{\"id\":1,\"v\":\"b\"},\"after\":{\"id\":1,\"v\":\"hidden\"}}");
	add("{\"id\":1}", "no JSON");
	add("{\"id\":1}", "{\"op\":\"d\",\"before\":{\"id\":1,\"v\":\"c\"},\"after\":null}");
	tap_text(shown(), "name> +I[1, a]\nname> -U[1, a]\nname> +U[1, b]\nname> -U[1, b]\nname> -D[1, c]\n",
			 "what has become of a row, each filtered on its own");
	tap_text(shown_from(4, false), "name> -D[1, c]\n", "some of the events");

	start("CREATE TABLE s (id INT, v STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector'='upsert-kafka',"
		  " 'topic'='t', 'properties.bootstrap.servers'='b', 'key.format'='json', 'value.format'='json');"
		  PRINT("id INT, v STRING", ", 'standard-error'='true'") BLACKHOLE
		  "INSERT INTO k SELECT id, v FROM s; INSERT INTO h SELECT id + 1 FROM s;");
	add("{\"id\":1}", "{\"id\":1,\"v\":\"a\"}");
	add("{\"id\":1}", NULL);
	tap_text(shown_from(0, true), "+U[1, a]\n-D[1, null]\n", "upsert-kafka");
	tap_text(shown(), "", "nothing on stdout");
}

/* Two SELECTs into one sink, and a sink that is not shown. */
static void
test_branches(void)
{
	start(SOURCE("id INT, v STRING", "json") PRINT("id INT, v STRING", "")
		  "INSERT INTO k SELECT id, v FROM s UNION ALL SELECT id, COALESCE(v, v) FROM s WHERE id = 2;");
	add(NULL, "{\"id\":1,\"v\":\"a\"}");
	add(NULL, "{\"id\":2,\"v\":\"b\"}");
	tap_text(shown(), "+I[1, a]\n+I[2, b]\n+I[2, b]\n", "branches, in the order of the events");
}

static void
test_no_database(void)
{
	ProgressStep step = {"t", 0, 5, 6, NULL};
	ProgressRow row;
	int64		start_offset = 5;
	int32		count;
	Target	   *target;
	int			event;

	start(SOURCE("id INT", "json") BLACKHOLE "INSERT INTO h SELECT id FROM s;");
	target = target_new(pipeline);
	tap_ok(target_connect(target, error) == OUTCOME_DONE && target_connected(target),
		   "nothing is connected to");
	tap_ok(target_read_progress(target, "t", 0, &row, error) == OUTCOME_DONE && !row.found,
		   "no progress at first");
	tap_ok(target_start_progress(target, "t", 0, 1, &start_offset, NULL, error) == OUTCOME_DONE &&
		   target_count_progress(target, "t", &count, error) == OUTCOME_DONE && count == 1 &&
		   target_read_progress(target, "t", 0, &row, error) == OUTCOME_DONE &&
		   row.found && row.next_offset == 5 &&
		   target_read_progress(target, "t", 1, &row, error) == OUTCOME_DONE && !row.found,
		   "it starts, for a partition");
	add(NULL, "{\"id\":1}");
	tap_ok(target_send(target, batch, 0, 1, &step, 1, &event, error) == OUTCOME_DONE &&
		   target_read_progress(target, "t", 0, &row, error) == OUTCOME_DONE &&
		   row.next_offset == 6, "a batch moves it at once");
	target_disconnect(target);
	tap_ok(target_connect(target, error) == OUTCOME_DONE &&
		   target_read_progress(target, "t", 0, &row, error) == OUTCOME_DONE &&
		   row.next_offset == 6, "it is kept");
	resetPQExpBuffer(error);
	target_explain(pipeline, error);
	tap_text(error->data, "-- p.sql:1: INSERT INTO h, not written\n", "explained");
	target_free(target);
}

int
main(void)
{
	error = createPQExpBuffer();
	test_values();
	test_kinds();
	test_branches();
	test_no_database();
	return tap_done();
}
