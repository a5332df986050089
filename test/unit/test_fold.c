/*-------------------------------------------------------------------------
 *
 * test_fold.c
 *	  Unit test of the applier's reading of events and folding by key.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "fold.h"

#include "tap.h"

#define SOURCE(format, more) \
	"CREATE TABLE s (id INT, v STRING, d DECIMAL(10, 2), PRIMARY KEY (id) NOT ENFORCED)" \
	" WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b'," \
	" 'scan.startup.mode'='earliest-offset', 'format'='" format "'" more ");"
#define SINK \
	"CREATE TABLE k (id INT, v STRING, d DECIMAL(10, 2), PRIMARY KEY (id) NOT ENFORCED)" \
	" WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d', 'table-name'='t');"

#define PLACEHOLDER "__debezium_unavailable_value"

static Pipeline *pipeline;
static Batch *batch;
static Fold *fold;
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
	fold_free(fold);
	batch = batch_new(pipeline);
	fold = fold_new(&pipeline->flows[0]);
}

/* Adds an event; the reason when it is refused, else "". */
static const char *
add_keyed(const char *key, const char *value)
{
	resetPQExpBuffer(error);
	(void) !batch_add(batch, "t", 0, batch->event_count, key,
					  key != NULL ? strlen(key) : 0, value,
					  value != NULL ? strlen(value) : 0, error);
	return error->data;
}

static const char *
add(const char *value)
{
	return add_keyed("{\"id\":1}", value);
}

/*
 * What is left of the batch: "+1|a|2.50" for an upsert, "-1" for a delete,
 * "~1|?|2.50" for a partial one, "~1>2|?|2.50" for one with the row of key 1, in
 * the order of the keys' first rows.
 */
static const char *
folded(void)
{
	static PQExpBufferData text;
	int			event;

	termPQExpBuffer(&text);
	initPQExpBuffer(&text);
	resetPQExpBuffer(error);
	if (!fold_run(fold, batch, &batch->stages[0], 0, batch->event_count,
				  &event, error))
	{
		appendPQExpBuffer(&text, "event %d %s", event, error->data);
		return text.data;
	}
	for (int e = 0; e < fold->count; e++)
	{
		const FoldEntry *entry = &fold->entries[e];
		int			outputs = entry->removed ? 1 : fold->flow->output_count;

		/* its row gets another key */
		if (entry->removed && !fold_deletes(fold, e))
			continue;
		/* a row that may be where this one comes to */
		if (!entry->removed && fold_deletes(fold, e))
			appendPQExpBuffer(&text, "%s-%.*s", text.len > 0 ? " " : "",
							  fold->values[e * fold->flow->output_count].length,
							  fold->values[e * fold->flow->output_count].text);
		appendPQExpBuffer(&text, "%s%c", text.len > 0 ? " " : "",
						  entry->removed ? '-' : entry->partial ? '~' : '+');
		if (entry->partial && entry->origin >= 0)
			appendPQExpBuffer(&text, "%.*s>",
							  fold->values[entry->origin * fold->flow->output_count].length,
							  fold->values[entry->origin * fold->flow->output_count].text);
		for (int i = 0; i < outputs; i++)
		{
			const FieldValue *value = &fold->values[e * fold->flow->output_count + i];

			appendPQExpBuffer(&text, "%s%.*s", i > 0 ? "|" : "",
							  value->length < 0 ? 1 : value->length,
							  value->length == VALUE_NULL ? "N" :
							  value->length == VALUE_UNAVAILABLE ? "?" :
							  value->text);
		}
	}
	batch_clear(batch);
	return text.data;
}

static void
test_changes(void)
{
	start(SOURCE("debezium-json", "") SINK "INSERT INTO k SELECT * FROM s;");
	tap_text(folded(), "", "nothing");

	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"a\",\"d\":\"2.50\"},\"op\":\"c\"}");
	add("{\"before\":{\"id\":1,\"v\":\"a\",\"d\":\"2.50\"},\"after\":{\"id\":1,\"v\":\"\\u00e9\",\"d\":null},\"op\":\"u\"}");
	tap_text(folded(), "+1|\303\251|N", "the last row of a key");

	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"a\",\"d\":\"2.50\"},\"op\":\"c\"}");
	add("{\"before\":{\"id\":1,\"v\":\"a\",\"d\":\"2.50\"},\"after\":null,\"op\":\"d\"}");
	add(NULL);
	tap_number(batch->event_count, 3, "a tombstone is an event");
	tap_text(folded(), "-1", "a delete wins over what was before it");

	add("{\"before\":{\"id\":1,\"v\":\"a\",\"d\":\"2.50\"},\"after\":null,\"op\":\"d\"}");
	add("{\"before\":null,\"after\":{\"id\":2,\"v\":\"a\",\"d\":\"2.50\"},\"op\":\"c\"}");
	tap_text(folded(), "-1 +2|a|2.50", "a key change as delete and create");

	add("{\"before\":{\"id\":1,\"v\":\"a\",\"d\":\"2.50\"},\"after\":{\"id\":2,\"v\":\"b\",\"d\":\"1.00\"},\"op\":\"u\"}");
	tap_text(folded(), "-1 +2|b|1.00", "a key change in one update");

	add("{\"before\":{\"id\":1,\"v\":\"a\",\"d\":\"2.50\"},\"after\":null,\"op\":\"d\"}");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"again\",\"d\":\"2.50\"},\"op\":\"c\"}");
	tap_text(folded(), "+1|again|2.50", "a key that comes again");

	add_keyed("{\"id\":7}", "{\"before\":null,\"after\":null,\"op\":\"d\"}");
	tap_text(folded(), "-7", "the record's key where there is no before");
	add("{\"before\":null,\"after\":{\"id\":7,\"v\":\"a\",\"d\":\"2.50\"},\"op\":\"u\"}");
	tap_text(folded(), "+7|a|2.50", "an update without before");
}

/* A key is changed, and the event of the new one lacks "v". */
static void
move(int from, int to)
{
	int			event = batch->event_count;
	char	   *value = psprintf("{\"before\":{\"id\":%d,\"v\":null,\"d\":null},\"after\":null,\"op\":\"d\"}", from);

	add(value);
	tap_ok(batch_ends_with_delete(batch), "the event before the tombstone is a delete");
	free(value);
	add(NULL);
	value = psprintf("{\"before\":null,\"after\":{\"id\":%d,\"v\":\"" PLACEHOLDER "\",\"d\":\"%d.00\"},\"op\":\"c\"}", to, to);
	add(value);
	free(value);
	batch_join(batch, event);
	tap_ok(!batch->events[event].joined && batch->events[event + 1].joined &&
		   batch->events[event + 2].joined, "they are applied together");
}

/* Unchanged TOAST values of rows whose key was changed. */
static void
test_moved(void)
{
	move(1, 2);
	tap_text(folded(), "-2 ~1>2|?|2.00", "the row of the old key has it");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"new\",\"d\":\"3.00\"},\"op\":\"u\"}");
	move(1, 2);
	tap_text(folded(), "-1 +2|new|2.00", "the batch has it");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"" PLACEHOLDER "\",\"d\":\"3.00\"},\"op\":\"u\"}");
	move(1, 2);
	add("{\"before\":null,\"after\":{\"id\":2,\"v\":\"" PLACEHOLDER "\",\"d\":\"9.00\"},\"op\":\"u\"}");
	tap_text(folded(), "-2 ~1>2|?|9.00", "updates before and after");
	move(1, 2);
	move(2, 3);
	tap_text(folded(), "-2 -3 ~1>3|?|3.00", "twice");
	move(1, 2);
	move(2, 1);
	tap_text(folded(), "~1>1|?|1.00 -2", "there and back");
	move(1, 2);
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"b\",\"d\":\"3.00\"},\"op\":\"c\"}");
	move(1, 3);
	tap_text(folded(), "-2 ~1>2|?|2.00 +3|b|3.00", "the old key comes again, and moves, too");
	move(1, 2);
	add("{\"before\":null,\"after\":{\"id\":2,\"v\":\"b\",\"d\":\"3.00\"},\"op\":\"u\"}");
	tap_text(folded(), "-1 +2|b|3.00", "it is known later");
	move(1, 2);
	add("{\"before\":{\"id\":2,\"v\":null,\"d\":null},\"after\":null,\"op\":\"d\"}");
	tap_text(folded(), "-1 -2", "it is deleted later");
	add("{\"before\":{\"id\":2,\"v\":null,\"d\":null},\"after\":null,\"op\":\"d\"}");
	move(1, 2);
	tap_text(folded(), "-2 ~1>2|?|2.00", "to a key that was deleted before");
	move(1, 2);
	batch->events[0].rejected = true;
	tap_text(folded(), "~2|?|2.00", "where the delete was left out there is no old row");
}

static void
test_unavailable(void)
{
	start(SOURCE("debezium-json", "") SINK "INSERT INTO k SELECT * FROM s;");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"long\",\"d\":\"2.50\"},\"op\":\"c\"}");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"" PLACEHOLDER "\",\"d\":\"3.00\"},\"op\":\"u\"}");
	tap_text(folded(), "+1|long|3.00", "the batch's last known value");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"" PLACEHOLDER "\",\"d\":\"3.00\"},\"op\":\"u\"}");
	tap_text(folded(), "~1|?|3.00", "left out where it is not known");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"" PLACEHOLDER "\",\"d\":\"3.00\"},\"op\":\"u\"}");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"new\",\"d\":\"4.00\"},\"op\":\"u\"}");
	tap_text(folded(), "+1|new|4.00", "known again");
	add("{\"before\":{\"id\":1,\"v\":null,\"d\":null},\"after\":null,\"op\":\"d\"}");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"" PLACEHOLDER "\",\"d\":\"3.00\"},\"op\":\"u\"}");
	tap_text(folded(), "event 1 has an unchanged TOAST value of a row that was deleted before" TOAST_HINT,
			 "of a row that was deleted");
	batch_clear(batch);

	test_moved();
	start(SOURCE("debezium-json", "") SINK "INSERT INTO k SELECT * FROM s WHERE v = 'x';");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"" PLACEHOLDER "\",\"d\":\"3.00\"},\"op\":\"u\"}");
	tap_text(folded(), "event 0 WHERE needs an unchanged TOAST value, which the event does not have",
			 "a filter over it");
	batch_clear(batch);
}

/* -U and +U are filtered each on its own. */
static void
test_filter(void)
{
	start(SOURCE("debezium-json", "") SINK "INSERT INTO k SELECT * FROM s WHERE v = 'x' AND NOT id IN (9, 10);");
	add("{\"before\":{\"id\":1,\"v\":\"x\",\"d\":null},\"after\":{\"id\":1,\"v\":\"y\",\"d\":null},\"op\":\"u\"}");
	tap_text(folded(), "-1", "a row that leaves the filter");
	add("{\"before\":{\"id\":1,\"v\":\"y\",\"d\":null},\"after\":{\"id\":1,\"v\":\"x\",\"d\":null},\"op\":\"u\"}");
	tap_text(folded(), "+1|x|N", "a row that enters it");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":\"y\",\"d\":null},\"op\":\"u\"}");
	tap_text(folded(), "-1", "a row that may have been in it");
	add("{\"before\":null,\"after\":{\"id\":1,\"v\":null,\"d\":null},\"op\":\"c\"}");
	add("{\"before\":null,\"after\":{\"id\":9,\"v\":\"x\",\"d\":null},\"op\":\"c\"}");
	tap_text(folded(), "", "NULL is not equal, and NOT IN");
}

/* Format json: rows, whatever the operation. */
static void
test_json(void)
{
	start("CREATE TABLE s (`before` ROW<id INT>, `after` ROW<id INT>, `op` STRING) WITH ('connector'='kafka', 'topic'='t',"
		  " 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset', 'format'='json');"
		  "CREATE TABLE k (id INT, PRIMARY KEY (id) NOT ENFORCED)"
		  " WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d', 'table-name'='t');"
		  "INSERT INTO k SELECT COALESCE(`after`.id, `before`.id) FROM s WHERE `op` IN ('c', 'u');");
	add("{\"before\":null,\"after\":{\"id\":1,\"x\":[1,{}]},\"op\":\"c\",\"more\":{}}");
	add("{\"before\":{\"id\":1},\"after\":null,\"op\":\"d\"}");
	add("{\"op\":\"u\",\"before\":{\"id\":2}}");
	add("{}");
	add("null");
	tap_text(folded(), "+1 +2", "rows that pass the filter");

	tap_text(add("nonsense"), "is not valid JSON at byte 0: expected a value", "an event that is not JSON");
	tap_text(add("[]"), "is not a JSON object", "an array");
	tap_text(add("{\"after\":{\"id\":2.5}}"), "field \"id\": value is no INT", "a fraction");
	tap_text(add("{\"after\":{\"id\":2147483648}}"), "field \"id\": value is no INT", "an INT that is too large");
	tap_text(add("{\"after\":1}"), "field \"after\" is not an object", "a ROW that is none");
	tap_text(add("{\"after\":{\"id\":\" 3 \"},\"op\":\"c\"}"), "", "digits in a string");
	tap_text(folded(), "+3", "refused events leave no rows");
}

/* What cannot be applied is refused with the place, and leaves nothing. */
static void
test_wrong_input(void)
{
	static const char event[] = "{\"before\":null,\"after\":{\"id\":1,\"v\":\"\\u00e9\\n\303\251\",\"d\":1.50},\"op\":\"u\",\"x\":[{\"y\":[true]}]}";
	char		deep[1000];
	int			refused = 0;

	start(SOURCE("debezium-json", "") SINK "INSERT INTO k SELECT * FROM s;");
	for (size_t length = 0; length < strlen(event); length++)
	{
		resetPQExpBuffer(error);
		if (!batch_add(batch, "t", 0, 0, NULL, 0, event, length, error) &&
			error->len > 0 && batch->stages[0].row_count == 0)
			refused++;
	}
	tap_number(refused, strlen(event), "an event that is cut off anywhere");
	tap_text(add("{\"after\":{\"id\":1,\"v\":\"a\377\"},\"op\":\"c\"}"),
			 "is not valid JSON at byte 21: invalid UTF-8 in a string", "no UTF-8");
	tap_text(add("{\"after\":{\"id\":1,\"unused\":\"\355\240\200\"},\"op\":\"c\"}"),
			 "is not valid JSON at byte 26: invalid UTF-8 in a string", "nor where nobody reads it");
	tap_text(add("{\"after\":{\"id\":1,\"v\":\"a\\u0000\"},\"op\":\"c\"}"),
			 "is not valid JSON at byte 21: \\u0000 cannot be held by PostgreSQL's text", "a zero byte");
	tap_text(add("{\"after\":{\"id\":1,\"v\":\"\\ud83d\"},\"op\":\"c\"}"),
			 "is not valid JSON at byte 21: half of a surrogate pair", "half a character");
	tap_text(add("{\"after\":{\"id\":1},\"op\":\"c\"}{}"),
			 "is not valid JSON at byte 27: text behind the document", "two documents");
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	tap_text(add(deep), "is not a JSON object", "nothing but brackets");
	memcpy(deep, "{\"x\":", 5);
	tap_text(add(deep), "is not valid JSON at byte 68: nested too deeply", "an event that is nested too deeply");
	memcpy(deep, "{\"after\":{\"id\":1,\"v\":", 21);
	tap_text(add(deep), "is not valid JSON at byte 83: nested too deeply", "and one in a column that takes JSON");
	tap_text(folded(), "", "none of them leaves a row");
}

/* One value through the reader: its canonical text, or the reason. */
static const char *
value(const char *type, const char *options, const char *json)
{
	char	   *script = psprintf("CREATE TABLE s (id INT, v %s) WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset', 'format'='json'%s);"
								  "CREATE TABLE k (id INT, v %s, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d', 'table-name'='t');"
								  "INSERT INTO k SELECT id, v FROM s;", type, options, type);
	char	   *event = psprintf("{\"id\":1,\"v\":%s}", json);
	const char *text;

	start(script);
	text = add(event);
	if (*text == '\0')
		text = folded() + strlen("+1|");
	free(script);
	free(event);
	return text;
}

static void
test_values(void)
{
#define PRECISE ", 'decimal.handling.mode'='precise'"
	/* the vectors of Debezium's default modes */
	tap_text(value("DECIMAL(5, 2)", "", "\"MDk=\""), "123.45", "base64 is told apart");
	tap_text(value("DECIMAL(3, 1)", "", "\"8Q==\""), "-1.5", "a negative one");
	tap_text(value("DECIMAL(3, 2)", PRECISE, "\"AA==\""), "0.00", "zero");
	tap_text(value("DECIMAL(3, 0)", PRECISE, "\"/w==\""), "-1", "minus one");
	tap_text(value("DECIMAL(5, 0)", PRECISE, "\"gA==\""), "-128", "minus 128");
	tap_text(value("DECIMAL(38, 4)", "", "{\"scale\":4,\"value\":\"AYr3\"}"), "10.1111", "a scale of its own");
	tap_text(value("DECIMAL(38, 4)", "", "12345678901234567890.1234"), "12345678901234567890.1234", "no digit is lost");
	tap_text(value("DECIMAL(5, 0)", ", 'decimal.handling.mode'='string'", "\"1234\""), "1234", "digits");
	tap_text(value("DECIMAL(5, 0)", "", "\"1234\""),
			 "field \"v\": text can be a number or base64; set 'decimal.handling.mode' of the table to that of the connector ('precise', 'string' or 'double')",
			 "what can be both is refused");
	tap_text(value("DATE", "", "17109"), "2016-11-04", "a date");
	tap_text(value("DATE", "", "-735160"), "0044-03-15 BC", "a date before Christ");
	tap_text(value("DATE", "", "-2147472692"), "infinity", "no end of days");
	tap_text(value("DATE", "", "\"2016-11-04\""), "2016-11-04", "a date as text");
	tap_text(value("TIME(3)", "", "49890123"), "13:51:30.123000", "a time in milliseconds");
	tap_text(value("TIME(6)", "", "86400000000"), "24:00:00.000000", "the end of a day");
	tap_text(value("TIMESTAMP(3)", "", "1529507596945"), "2018-06-20 15:13:16.945000", "milliseconds");
	tap_text(value("TIMESTAMP(6)", "", "1529507596945104"), "2018-06-20 15:13:16.945104", "microseconds");
	tap_text(value("TIMESTAMP(6)", "", "-1"), "1969-12-31 23:59:59.999999", "before 1970");
	tap_text(value("TIMESTAMP(6)", "", "9223372036825200000"), "infinity", "no end of time");
	tap_text(value("TIMESTAMP(3)", "", "1529507596945104"),
			 "field \"v\": number is far from any date in milliseconds; declare TIMESTAMP(6) for microseconds",
			 "the wrong unit");
	tap_text(value("TIMESTAMP_LTZ(6)", "", "\"+21016-11-04T06:51:30.123456Z\""), "21016-11-04T06:51:30.123456Z", "a year beyond 9999");
	tap_text(value("BOOLEAN", "", "true"), "t", "a boolean");
	tap_text(value("DOUBLE", "", "\"NaN\""), "NaN", "not a number");
	tap_text(value("DOUBLE", "", "1.0E10"), "1.0E10", "a float");
	tap_text(value("TINYINT", "", "128"), "field \"v\": value is no TINYINT", "a TINYINT");
	tap_text(value("STRING", "", "{\"a\": [1]}"), "{\"a\": [1]}", "an object as text");
	tap_text(value("BIGINT", "", "-9223372036854775808"), "-9223372036854775808", "the least BIGINT");
	tap_text(value("BIGINT", "", "9223372036854775808"), "field \"v\": value is no BIGINT", "one that is too large");
	tap_text(value("BIGINT", "", "123456789012345678901234567890"), "field \"v\": value is no BIGINT", "far too large");
	tap_text(value("BIGINT", "", "1e2"), "field \"v\": value is no BIGINT", "an exponent");
	tap_text(value("DOUBLE", "", "1e400"), "1e400", "what is too large for a DOUBLE is the target's to say");
	tap_text(value("DECIMAL(38, 0)", "", "1e999999999"), "1e999999999", "or for a number");
	tap_text(value("DECIMAL(5, 2)", PRECISE, "\"MDk\""), "field \"v\": text is no DECIMAL(5, 2)", "base64 that is cut off");
	tap_text(value("TIMESTAMP(3)", "", "99999999999999999999"), "field \"v\": number is no TIMESTAMP(3)", "a time out of all ranges");
	tap_text(value("DATE", "", "1e3"), "field \"v\": number is no DATE", "a day with an exponent");
#undef PRECISE
}

/* UNION ALL: the order of the events, then that of the SELECTs. */
static void
test_branches(void)
{
	start(SOURCE("json", "") SINK
		  "INSERT INTO k SELECT * FROM s WHERE v = 'a' UNION ALL SELECT 7, v, d FROM s WHERE v = 'b';");
	tap_ok(!pipeline->flows[0].direct, "a constant is not evaluated here");
	start(SOURCE("debezium-json", "") SINK
		  "INSERT INTO k SELECT id, v, d FROM s WHERE v IN ('a', 'b'); INSERT INTO k SELECT id, COALESCE(v, v), d FROM s WHERE v = 'c';");
	tap_ok(pipeline->flows[0].direct, "branches of columns are evaluated here");
	add("{\"after\":{\"id\":1,\"v\":\"c\",\"d\":\"1.00\"},\"op\":\"c\"}");
	add("{\"before\":{\"id\":1,\"v\":\"c\"},\"after\":{\"id\":1,\"v\":\"a\",\"d\":\"2.00\"},\"op\":\"u\"}");
	tap_text(folded(), "+1|a|2.00", "a row moves from the second to the first");
	add("{\"before\":{\"id\":1,\"v\":\"a\"},\"after\":{\"id\":1,\"v\":\"c\",\"d\":\"3.00\"},\"op\":\"u\"}");
	add("{\"before\":{\"id\":1,\"v\":\"c\"},\"after\":{\"id\":1,\"v\":\"z\"},\"op\":\"u\"}");
	tap_text(folded(), "-1", "and out of both");
}

#define UPSERT(more) \
	"CREATE TABLE s (id INT, v STRING, d DECIMAL(10, 2), PRIMARY KEY (id) NOT ENFORCED)" \
	" WITH ('connector'='upsert-kafka', 'topic'='t', 'properties.bootstrap.servers'='b'," \
	" 'key.format'='json', 'value.format'='json'" more ");"

static void
test_upsert(void)
{
	start(UPSERT("") SINK "INSERT INTO k SELECT * FROM s WHERE v = 'a';");
	add("{\"id\":1,\"v\":\"a\",\"d\":\"1.00\"}");
	tap_text(folded(), "+1|a|1.00", "a value is the newest row");
	add("{\"id\":1,\"v\":\"b\",\"d\":\"1.00\"}");
	tap_text(folded(), "-1", "a row that the filter does not let through any more goes");
	add("{\"id\":1,\"v\":\"b\",\"d\":\"1.00\"}");
	add("{\"id\":1,\"v\":\"a\",\"d\":\"2.00\"}");
	tap_text(folded(), "+1|a|2.00", "and comes back");
	add(NULL);
	tap_text(folded(), "-1", "a tombstone deletes, whatever the filter");
	tap_text(add_keyed(NULL, NULL), "has no key", "a tombstone without a key");
	tap_text(add_keyed("5", NULL), "has a key that is not a JSON object", "another key");
	tap_text(add_keyed("{\"other\":5}", NULL), "lacks the key column \"id\"", "a key without the column");

	start(UPSERT(", 'value.fields-include'='EXCEPT_KEY', 'key.fields-prefix'='i'") SINK "INSERT INTO k SELECT * FROM s;");
	add_keyed("{\"d\":8}", "{\"v\":\"a\",\"d\":\"2.00\",\"id\":3}");
	tap_text(folded(), "+8|a|2.00", "the key's column is read from the key");

	start("CREATE TABLE s (k_id INT, id STRING) WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset',"
		  " 'key.format'='json', 'key.fields'='k_id', 'key.fields-prefix'='k_', 'value.format'='json', 'value.fields-include'='EXCEPT_KEY');"
		  SINK "INSERT INTO k (id, v) SELECT k_id, id FROM s;");
	add_keyed("{\"id\":8}", "{\"id\":\"a\"}");
	tap_text(folded(), "+8|a", "the connector kafka reads columns from the key, too");
	tap_text(add_keyed(NULL, "{\"id\":\"a\"}"), "", "a record without a key");
	tap_text(folded(), "+N|a", "has NULL in its columns");

	start("CREATE TABLE s (k_at TIMESTAMP(3), id INT) WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset',"
		  " 'key.format'='json', 'key.fields'='k_at', 'key.fields-prefix'='k_', 'value.format'='json', 'value.fields-include'='EXCEPT_KEY');"
		  "CREATE TABLE k (id INT PRIMARY KEY NOT ENFORCED, at TIMESTAMP(3)) WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d', 'table-name'='t');"
		  "INSERT INTO k SELECT id, k_at FROM s;");
	tap_text(add_keyed("{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int64\",\"name\":\"io.debezium.time.MicroTimestamp\",\"field\":\"at\"}]},"
					   "\"payload\":{\"at\":1529507596945104}}", "{\"id\":8}"),
			 "", "a key whose schema says more than the script");
	tap_text(folded(), "+8|2018-06-20 15:13:16.945104", "is read by its schema");
}

static void
test_metadata(void)
{
	RecordHeader headers[] = {{"h\"", "x", 1}, {"g", NULL, 0}, {"h\"", "yz", 2}};
	RecordMetadata record = {3, -1, "CreateTime", 7, headers, 3, 3};
	static const char event[] =
	"{\"after\":{\"id\":1},\"op\":\"c\",\"ts_ms\":1700000000123,\"source\":{\"ts_ms\":5,\"db\":\"d\",\"schema\":\"p\",\"table\":\"t\",\"snapshot\":true,\"lsn\":null}}";

	start("CREATE TABLE s (id INT, a STRING METADATA FROM 'topic', `partition` BIGINT METADATA VIRTUAL, `offset` BIGINT METADATA, h MAP<STRING, BYTES> METADATA FROM 'headers', `leader-epoch` INT METADATA, c TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', `timestamp-type` STRING METADATA) "
		  "WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset', 'format'='json');"
		  "CREATE TABLE k (id INT PRIMARY KEY NOT ENFORCED, a STRING, b BIGINT, c BIGINT, d STRING, e INT, f TIMESTAMP_LTZ(3), g STRING) "
		  "WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d', 'table-name'='t');"
		  "INSERT INTO k SELECT id, a, `partition`, `offset`, h, `leader-epoch`, c, `timestamp-type` FROM s;");
	batch->record = &record;
	add("{\"id\":1,\"topic\":\"no\"}");
	tap_text(folded(), "+1|t|3|0|{\"g\":null,\"h\\\"\":\"eXo=\"}|7|1969-12-31 23:59:59.999+00|CreateTime",
			 "what the record says");

	start("CREATE TABLE s (id INT, a TIMESTAMP(3) METADATA FROM 'value.ingestion-timestamp', b TIMESTAMP_LTZ(3) METADATA FROM 'value.source.timestamp', c STRING METADATA FROM 'value.source.database', d STRING METADATA FROM 'value.source.schema', e STRING METADATA FROM 'value.source.table', f MAP<STRING, STRING> METADATA FROM 'value.source.properties', g STRING METADATA FROM 'value.schema') "
		  "WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset', 'format'='debezium-json');"
		  "CREATE TABLE k (id INT PRIMARY KEY NOT ENFORCED, a TIMESTAMP(3), b TIMESTAMP_LTZ(3), c STRING, d STRING, e STRING, f STRING, g STRING) "
		  "WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d', 'table-name'='t');"
		  "INSERT INTO k SELECT * FROM s;");
	batch->record = &record;
	tap_text(add(event), "", "an event of Debezium");
	tap_text(folded(), "+1|2023-11-14 22:13:20.123|1970-01-01 00:00:00.005+00|d|p|t|{\"ts_ms\":\"5\",\"db\":\"d\",\"schema\":\"p\",\"table\":\"t\",\"snapshot\":\"true\",\"lsn\":null}|N",
			 "what the event says");
	add("{\"after\":{\"id\":1},\"op\":\"c\"}");
	tap_text(folded(), "+1|N|N|N|N|N|N|N", "what it does not say is NULL");
}

int
main(void)
{
	error = createPQExpBuffer();
	test_changes();
	test_unavailable();
	test_filter();
	test_json();
	test_wrong_input();
	test_values();
	test_branches();
	test_upsert();
	test_metadata();
	return tap_done();
}
