/*-------------------------------------------------------------------------
 *
 * fuzz_events.c
 *	  Random bytes as a record's key and value, through batch, fold and the
 *	  arrays for the target.
 *
 * NOTES
 *	  The first byte says which script reads the record; a zero byte ends the
 *	  key.  Beyond what the sanitizers see it is checked that every value that
 *	  is let through can be sent: valid UTF-8, without zero bytes.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "mb/pg_wchar.h"

#include "fold.h"
#include "statement.h"

#define COLUMNS \
	"id INT, bo BOOLEAN, i1 TINYINT, i2 SMALLINT, i8 BIGINT, f4 FLOAT, f8 DOUBLE, n DECIMAL(12, 2), c CHAR(4), s STRING, b BYTES," \
	" d DATE, t3 TIME(3), t6 TIME(6), ts3 TIMESTAMP(3), ts6 TIMESTAMP(6), z TIMESTAMP_LTZ(6), r ROW<a INT, b ROW<c STRING>>," \
	" ai ARRAY<INT>, ab ARRAY<BYTES>, an ARRAY<DECIMAL(8, 2)>, ats ARRAY<TIMESTAMP(6)>, m MAP<STRING, STRING>"
#define SCRIPT(connector, format, more, where) \
	"CREATE TABLE s (" COLUMNS ", PRIMARY KEY (id) NOT ENFORCED) WITH ('connector'='" connector "', 'topic'='t'," \
	" 'properties.bootstrap.servers'='b', " format more ");" \
	"CREATE TABLE k (id INT, bo BOOLEAN, i1 TINYINT, i2 SMALLINT, i8 BIGINT, f4 FLOAT, f8 DOUBLE, n DECIMAL(12, 2), c CHAR(4)," \
	" s STRING, b BYTES, d DATE, t3 TIME(3), t6 TIME(6), ts3 TIMESTAMP(3), ts6 TIMESTAMP(6), z TIMESTAMP_LTZ(6), ra INT, rc STRING," \
	" ai ARRAY<INT>, ab ARRAY<BYTES>, an ARRAY<DECIMAL(8, 2)>, ats ARRAY<TIMESTAMP(6)>, m STRING, PRIMARY KEY (id) NOT ENFORCED)" \
	" WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d', 'table-name'='t');" \
	"INSERT INTO k SELECT id, bo, i1, i2, i8, f4, f8, n, c, s, b, d, t3, t6, ts3, ts6, z, r.a, r.b.c, ai, ab, an, ats, m FROM s" where ";"
#define START ", 'scan.startup.mode'='earliest-offset'"

static const char *const scripts[] = {
	SCRIPT("kafka", "'format'='json'", START, ""),
	SCRIPT("kafka", "'format'='json'", START
		   ", 'decimal.handling.mode'='precise', 'time.precision.mode'='connect', 'binary.handling.mode'='hex'",
		   " WHERE s = 'a' AND i1 <> 1"),
	SCRIPT("kafka", "'format'='debezium-json'", START, " WHERE s <> 'a' OR n IS NULL"),
	SCRIPT("kafka", "'format'='debezium-json'", START
		   ", 'debezium-json.schema-include'='true', 'unavailable.value.placeholder'='hex:fffe'", ""),
	SCRIPT("kafka", "'format'='debezium-json'", START
		   ", 'decimal.handling.mode'='string', 'time.precision.mode'='isostring', 'binary.handling.mode'='base64-url-safe'", ""),
	SCRIPT("upsert-kafka", "'key.format'='json', 'value.format'='json'", "", " WHERE bo"),
};

typedef struct Reading
{
	Batch	   *batch;
	Fold	   *fold;
} Reading;

static Reading readings[lengthof(scripts)];
static PQExpBuffer error;

static void
check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

int			LLVMFuzzerInitialize(int *argc, char ***argv);
int			LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

int
LLVMFuzzerInitialize(int *argc pg_attribute_unused(),
					 char ***argv pg_attribute_unused())
{
	error = createPQExpBuffer();
	for (size_t i = 0; i < lengthof(scripts); i++)
	{
		Pipeline   *pipeline = pipeline_parse("p.sql", scripts[i], error);

		check(pipeline != NULL, error->data);
		readings[i].batch = batch_new(pipeline);
		if (pipeline->flows[0].direct)
			readings[i].fold = fold_new(&pipeline->flows[0]);
	}
	return 0;
}

static void
check_value(const FieldValue *value, const DataType *type)
{
	ArrayParameter array;

	if (value->length >= 0)
	{
		check(pg_encoding_verifymbstr(PG_UTF8, value->text, value->length) ==
			  value->length, "a value is not valid UTF-8");
		check(memchr(value->text, '\0', value->length) == NULL,
			  "a value has a zero byte");
	}
	if (value->length == VALUE_UNAVAILABLE)
		return;
	array_init(&array, type_carrier(type));
	array_add(&array, value);
	array_finish(&array);
	array_free(&array);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Reading    *reading;
	Batch	   *batch;
	Stage	   *stage;
	const char *value;
	const char *key;
	size_t		key_length;
	int			event;

	if (size < 1)
		return -1;
	reading = &readings[data[0] % lengthof(scripts)];
	batch = reading->batch;
	stage = &batch->stages[0];
	key = (const char *) data + 1;
	value = memchr(key, '\0', size - 1);
	key_length = value != NULL ? (size_t) (value - key) : 0;
	value = value != NULL ? value + 1 : key;

	/* twice: a schema is known again, and a key that was there */
	for (int i = 0; i < 2; i++)
	{
		resetPQExpBuffer(error);
		if (!batch_add(batch, "t", 0, i, key_length > 0 ? key : NULL, key_length,
					   value, (const char *) data + size - value, error))
		{
			check(error->len > 0, "an event is refused without a reason");
			check(stage->row_count == 0, "an event that is refused leaves rows");
		}
	}
	for (int row = 0; row < stage->row_count; row++)
		for (int i = 0; i < stage->source->field_count; i++)
			check_value(&stage_row(stage, row)[i], &stage->source->fields[i].type);
	resetPQExpBuffer(error);
	if (reading->fold != NULL &&
		!fold_run(reading->fold, batch, stage, 0, batch->event_count, &event,
				  error))
		check(error->len > 0 && event >= 0 && event < batch->event_count,
			  "an event is refused without a reason");
	batch_clear(batch);
	return 0;
}
