/*-------------------------------------------------------------------------
 *
 * test_overlap.c
 *	  Records of Debezium: where they say they come from, and which changes
 *	  a partition therefore holds.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <string.h>

#include "event_source.h"
#include "overlap.h"
#include "tap.h"

static JsonReader reader;

static EventSource
read_value(const char *value)
{
	EventSource source;

	event_source_read(&reader, value, strlen(value), &source);
	return source;
}

static void
test_values(void)
{
	EventSource source;
	EventSource again;

	source = read_value("{\"before\":null,\"after\":{\"id\":1,\"source\":\"x\",\"lsn\":7},\"source\":{\"version\":\"3.6.1.Final\",\"ts_ms\":1,\"snapshot\":\"false\",\"db\":\"d\",\"sequence\":\"[null,\\\"31271568\\\"]\",\"txId\":743,\"lsn\":31271568,\"xmin\":null},\"transaction\":null,\"op\":\"c\",\"ts_ms\":5}");
	tap_number(source.lsn, 31271568, "an envelope has it in source");
	tap_ok(!source.snapshot, "and is no row of a snapshot");
	again = read_value("{\"before\":null,\"after\":{\"id\":1,\"source\":\"x\",\"lsn\":7},\"source\":{\"lsn\":99},\"op\":\"c\",\"ts_ms\":6}");
	tap_ok(again.content == source.content, "times and source do not count as content");
	again = read_value("{\"before\":null,\"after\":{\"id\":2,\"source\":\"x\",\"lsn\":7},\"source\":{\"lsn\":99},\"op\":\"c\",\"ts_ms\":6}");
	tap_ok(again.content != source.content, "the row does");
	tap_number(read_value("{\"schema\":{\"type\":\"struct\",\"source\":{\"lsn\":1}},\"payload\":{\"after\":null,\"source\":{\"snapshot\":\"false\",\"lsn\":17},\"op\":\"d\"}}").lsn,
			   17, "with its schema, it is in the payload");
	tap_ok(read_value("{\"after\":{},\"source\":{\"snapshot\":\"last\",\"lsn\":17},\"op\":\"r\"}").snapshot,
		   "a row of a snapshot");
	tap_ok(read_value("{\"after\":{},\"source\":{\"snapshot\":\"incremental\",\"lsn\":17},\"op\":\"r\"}").snapshot,
		   "a row of an incremental one");
	tap_number(read_value("{\"id\":1,\"__lsn\":18,\"__op\":\"c\"}").lsn, 18, "a field that unwrap has added");
	tap_ok(read_value("{\"id\":1,\"__source_lsn\":18,\"__op\":\"r\"}").snapshot, "of a row of a snapshot");
	tap_number(read_value("{\"status\":\"END\",\"id\":\"571:53196104\",\"event_count\":2,\"data_collections\":[{\"data_collection\":\"s1.a\",\"event_count\":1}],\"ts_ms\":1}").lsn,
			   53196104, "transaction metadata");
	tap_number(read_value("{\"status\":\"new\",\"id\":\"571:53196104\"}").lsn, 0, "a row that only looks like it");
	tap_number(read_value("{\"id\":1,\"lsn\":19}").lsn, 0, "a row's own column is none");
	tap_number(read_value("{\"after\":{},\"source\":{\"lsn\":null},\"op\":\"m\"}").lsn, 0, "null");
	tap_number(read_value("{\"source\":{\"lsn\":1").lsn, 0, "half a value says nothing");
	tap_number(read_value("Struct{id=1}").lsn, 0, "nor does what is not JSON");

	source = read_value("{\"id\":1}");
	event_source_header("__lsn", 5, "20", 2, &source);
	event_source_header("__op", 4, "\"c\"", 3, &source);
	tap_ok(source.lsn == 20 && !source.snapshot, "headers that unwrap has added");
	event_source_header("__op", 4, "\"r\"", 3, &source);
	tap_ok(source.snapshot, "of a row of a snapshot");
}

static void
test_runs(void)
{
	Overlap		overlap = {0};

	tap_number(overlap_count(&overlap, 5, 0), 0, "nothing at first");
	overlap_add(&overlap, 0, 1);	/* a row of the snapshot */
	overlap_add(&overlap, 10, 1);
	overlap_add(&overlap, 20, 1);	/* a delete, its tombstone, ... */
	overlap_add_more(&overlap);
	overlap_add(&overlap, 20, 2);	/* ... and the row under its new key */
	overlap_add(&overlap, 15, 1);	/* LSNs of transactions are not in order */
	tap_number(overlap_count(&overlap, 10, 0), 1, "one record");
	tap_number(overlap_count(&overlap, 20, 0), 3, "three of one LSN");
	tap_number(overlap_count(&overlap, 15, 0), 1, "an earlier LSN behind them");
	tap_number(overlap_count(&overlap, 11, 0), 0, "an LSN that is not there");

	/* Debezium has started again, twice: two rows of a COPY, then three */
	overlap_add(&overlap, 30, 1);
	overlap_add(&overlap, 30, 2);
	overlap_add(&overlap, 30, 1);
	overlap_add(&overlap, 30, 2);
	overlap_add(&overlap, 30, 3);
	overlap_add(&overlap, 20, 1);
	tap_number(overlap_count(&overlap, 30, 0), 3, "what was written again is not counted twice");
	tap_number(overlap_count(&overlap, 20, 0), 3, "the longest of them counts");
	overlap_free(&overlap);

	overlap_add_more(&overlap); /* a tombstone of a delete not in sight */
	overlap_add(&overlap, 40, 1);
	overlap_add(&overlap, 0, 7);
	overlap_add_more(&overlap);
	tap_number(overlap_count(&overlap, 40, 0), 1, "other records end a run");
	overlap_free(&overlap);
}

static void
test_content(void)
{
	Overlap		overlap = {0};

	overlap_add_content(&overlap, 10, 111);
	overlap_add_content(&overlap, 10, 222);
	overlap_add_content(&overlap, 10, 111);
	tap_number(overlap_count(&overlap, 10, 222), 1, "by content");
	tap_number(overlap_count(&overlap, 10, 111), 1, "equal rows count once");
	tap_number(overlap_count(&overlap, 10, 333), 0, "another row");
	overlap_free(&overlap);
}

int
main(void)
{
	json_init(&reader);
	test_values();
	test_runs();
	test_content();
	json_free(&reader);
	return tap_done();
}
