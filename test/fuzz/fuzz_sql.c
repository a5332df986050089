/*-------------------------------------------------------------------------
 *
 * fuzz_sql.c
 *	  Random bytes as a Flink SQL script, up to the SQL for the target.
 *
 * NOTES
 *	  A program reads its script once, and a script is never freed.  Here it
 *	  would be too much soon: what is left of one is freed by the hooks that
 *	  the sanitizer offers.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <sanitizer/allocator_interface.h>

#include "target.h"

int			LLVMFuzzerInitialize(int *argc, char ***argv);
int			LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

/* What the script at hand has allocated and not freed. */
#define SLOTS (1 << 17)			/* far more than a script of 4 kB needs */

static const void *slots[SLOTS];
static const void *used[SLOTS];
static size_t used_count;
static bool recording;

static size_t
slot_of(const void *pointer)
{
	return ((uintptr_t) pointer >> 4) * 2654435761u % SLOTS;
}

static void
on_malloc(const volatile void *pointer, size_t size pg_attribute_unused())
{
	size_t		slot = slot_of((const void *) pointer);

	if (!recording || pointer == NULL)
		return;
	while (slots[slot] != NULL)
		slot = (slot + 1) % SLOTS;
	slots[slot] = (const void *) pointer;
	if (used_count == SLOTS / 2)
		abort();
	used[used_count++] = (const void *) pointer;
}

/* A slot that was freed stays taken, by what no pointer is. */
static void
on_free(const volatile void *pointer)
{
	size_t		slot = slot_of((const void *) pointer);

	if (!recording || pointer == NULL)
		return;
	for (; slots[slot] != NULL; slot = (slot + 1) % SLOTS)
		if (slots[slot] == (const void *) pointer)
		{
			slots[slot] = &slots;
			return;
		}
}

static void
free_rest(void)
{
	recording = false;
	for (size_t i = 0; i < used_count; i++)
	{
		size_t		slot = slot_of(used[i]);

		for (; slots[slot] != NULL; slot = (slot + 1) % SLOTS)
			if (slots[slot] == used[i])
			{
				free((void *) used[i]);
				slots[slot] = &slots;
				break;
			}
	}
	if (used_count > 0)
		memset(slots, 0, sizeof(slots));
	used_count = 0;
}

int
LLVMFuzzerInitialize(int *argc pg_attribute_unused(),
					 char ***argv pg_attribute_unused())
{
	static const char script[] =
	"CREATE TABLE s (i INT) WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b',"
	" 'scan.startup.mode'='earliest-offset', 'format'='json');"
	"CREATE TABLE k (i INT) WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h/d', 'table-name'='t');"
	"INSERT INTO k SELECT * FROM s;";

	/* what libraries allocate once and for all */
	if (pipeline_parse("p.sql", script, createPQExpBuffer()) == NULL)
		abort();
	__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	char	   *text;
	PQExpBuffer error;
	Pipeline   *pipeline;

	recording = true;
	text = pnstrdup((const char *) data, size);
	error = createPQExpBuffer();
	pipeline = pipeline_parse("p.sql", text, error);
	if (pipeline != NULL)
		target_explain(pipeline, createPQExpBuffer());
	else if (error->len == 0)
	{
		fprintf(stderr, "a script is refused without a reason\n");
		abort();
	}
	free_rest();
	return 0;
}
