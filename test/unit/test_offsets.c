/*-------------------------------------------------------------------------
 *
 * test_offsets.c
 *	  The stored offset: written, read back, and as Debezium leaves it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <cjson/cJSON.h>

#include "offsets.h"
#include "tap.h"

static bool
read_text(const char *json, StoredOffset *offset, Topics *topics)
{
	PQExpBufferData error;
	bool		ok;

	initPQExpBuffer(&error);
	topics_init(topics);
	ok = stored_offset_read(json, strlen(json), offset, topics, &error);
	termPQExpBuffer(&error);
	return ok;
}

static void
test_round_trip(void)
{
	StoredOffset offset = {
		.lsn = UINT64CONST(0x16FFFFFFFFFFFFFF), /* beyond a double's digits */
		.last_commit_lsn = 0x16B374D848,
		.xid = 4294967295u,
		.commit_time = INT64CONST(1792693204123456),
		.system_identifier = UINT64CONST(18446744073709551615),
		.timeline = 3,
		.clean = true,
		.cluster = pg_strdup("abc\"def"),
		.slot_name = pg_strdup("debezium"),
		.transactional = true,
		.transactional_id = pg_strdup("group-c-0")
	};
	StoredOffset again;
	Topics		topics;
	Topics		topics_again;
	Topic	   *topic;
	PQExpBufferData json;

	topics_init(&topics);
	topic = topics_get(&topics, "p.public.orders", 15);
	topic->count = 2;
	topic_set_partitions(topic, 2);
	topic->partitions[0].offset = 0;
	topic->partitions[1].offset = INT64CONST(123456789012);
	topic->partitions[1].has_position = true;
	topic->partitions[1].position.kind = 's';
	topic->partitions[1].position.system_identifier = offset.system_identifier;
	topic->partitions[1].position.commit_lsn = 0x16B374D848;
	topic->partitions[1].position.number = 17;
	topic->partitions[1].at_end = true;
	topics_get(&topics, "not.open", 8);

	initPQExpBuffer(&json);
	stored_offset_write(&offset, &topics, "a connector", &json);
	tap_ok(read_text(json.data, &again, &topics_again), "what was written is read");
	tap_ok(again.found && again.ours && again.clean, "as ours, clean");
	tap_ok(again.snapshot == STORED_SNAPSHOT_DONE, "no snapshot is due");
	tap_ok(again.lsn == offset.lsn, "LSN, every digit");
	tap_ok(again.last_commit_lsn == offset.last_commit_lsn, "last commit");
	tap_ok(again.system_identifier == offset.system_identifier, "system identifier, every digit");
	tap_number(again.timeline, 3, "timeline");
	tap_number(again.xid, 4294967295u, "xid");
	tap_number(again.commit_time, offset.commit_time, "commit time");
	tap_text(again.cluster, "abc\"def", "cluster");
	tap_text(again.slot_name, "debezium", "slot");
	tap_ok(again.transactional, "Kafka transactions");
	tap_text(again.transactional_id, "group-c-0", "whose they were");

	topic = topics_again.first;
	tap_ok(topic != NULL && topic->next == NULL, "topics that are not open are left out");
	tap_text(topic->name, "p.public.orders", "topic");
	tap_ok(topic->registered && topics_again.unregistered == 0, "it is registered");
	tap_number(topic->count, 2, "its partitions");
	tap_number(topic->partitions[0].offset, 0, "offset of the first");
	tap_ok(!topic->partitions[0].has_position, "without a position");
	tap_number(topic->partitions[1].offset, INT64CONST(123456789012), "offset of the second");
	tap_ok(topic->partitions[1].has_position &&
		   topic->partitions[1].position.number == 17, "with its position");
	tap_ok(topic->partitions[1].at_end, "which is somewhere before it");
	termPQExpBuffer(&json);
	stored_offset_free(&offset);
	stored_offset_free(&again);
	topics_free(&topics);
	topics_free(&topics_again);
}

/* Connect drops an offset that has anything else, and with it our place. */
static void
test_values_are_simple(void)
{
	StoredOffset offset = {.lsn = 1,.commit_time = 1};
	Topics		topics;
	PQExpBufferData json;
	cJSON	   *object;
	const cJSON *item;
	bool		simple = true;

	topics_init(&topics);
	initPQExpBuffer(&json);
	stored_offset_write(&offset, &topics, "c", &json);
	object = cJSON_Parse(json.data);
	cJSON_ArrayForEach(item, object)
		simple = simple && (cJSON_IsNumber(item) || cJSON_IsString(item) ||
							cJSON_IsBool(item));
	tap_ok(cJSON_IsObject(object) && simple, "all values are numbers, texts or booleans");
	cJSON_Delete(object);
	termPQExpBuffer(&json);
}

static void
test_snapshot(void)
{
	StoredOffset offset = {.snapshot = STORED_SNAPSHOT_BEGUN};
	StoredOffset again;
	Topics		topics;
	Topics		topics_again;
	PQExpBufferData json;
	cJSON	   *object;

	topics_init(&topics);
	initPQExpBuffer(&json);
	stored_offset_write(&offset, &topics, "c", &json);
	tap_ok(read_text(json.data, &again, &topics_again) &&
		   again.snapshot == STORED_SNAPSHOT_BEGUN, "a snapshot that was begun");
	object = cJSON_Parse(json.data);
	tap_text(cJSON_GetStringValue(cJSON_GetObjectItem(object, "snapshot")),
			 "INITIAL", "which Debezium reads as one, too");
	cJSON_Delete(object);
	termPQExpBuffer(&json);
	stored_offset_free(&again);
	topics_free(&topics_again);
}

static void
test_debezium(void)
{
	StoredOffset offset;
	Topics		topics;

	tap_ok(read_text("{\"lsn_proc\":24023128,\"messageType\":\"INSERT\",\"lsn_commit\":24023119,\"lsn\":24023128,\"txId\":555,\"ts_usec\":1755856800123456}",
					 &offset, &topics), "Debezium's offset is read");
	tap_ok(offset.found && !offset.ours, "as Debezium's");
	tap_number(offset.lsn, 24023119, "up to its last commit");
	topics_free(&topics);
	tap_ok(read_text("{\"lsn\":24023128,\"lsn_proc\":24023128,\"snapshot\":\"INITIAL\",\"snapshot_completed\":false}",
					 &offset, &topics) &&
		   offset.snapshot == STORED_SNAPSHOT_BEGUN, "in the middle of a snapshot");
	topics_free(&topics);
	tap_ok(!read_text("[1]", &offset, &topics), "an array is none");
	topics_free(&topics);
	tap_ok(!read_text("{\"lsn\":", &offset, &topics), "nor is half of an object");
	topics_free(&topics);
	tap_ok(!read_text("{\"bridge\":\"{\\\"version\\\":99}\"}", &offset, &topics),
		   "a later version is refused");
	topics_free(&topics);
	tap_ok(!read_text("{\"bridge\":\"{\"}", &offset, &topics),
		   "and so is what is not JSON");
	topics_free(&topics);
}

int
main(void)
{
	test_round_trip();
	test_values_are_simple();
	test_snapshot();
	test_debezium();
	return tap_done();
}
