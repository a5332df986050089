/*-------------------------------------------------------------------------
 *
 * test_memory.c
 *	  Unit test of common/memory.c: memory is given back, and all goes on.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "memory.h"

#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include "libpq-fe.h"
#include "tap.h"

/* Kilobytes that the process has in memory. */
static long
resident(void)
{
	FILE	   *file = fopen("/proc/self/statm", "r");
	long		pages = 0;

	if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
		return 0;
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int
main(void)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char	   *blocks[1000];
	long		before;
	long		used;

	before = resident();
	memory_give_back();
	tap_ok(resident() <= before - 512, "what the loader has read is given back");
	before = resident();
	for (int i = 0; i < 1000; i++)
	{
		blocks[i] = pg_malloc(10000);
		memset(blocks[i], 1, 10000);
	}
	for (int i = 0; i < 1000; i++)
		pg_free(blocks[i]);
	/* the first call of a function of a library, for which it is looked up */
	PQconninfoFree(PQconninfoParse("host=localhost", NULL));
	rd_kafka_conf_destroy(conf);
	used = resident();
	tap_ok(used > before, "work takes memory");
	memory_give_back();
#ifndef __SANITIZE_ADDRESS__	/* which keeps what is freed */
	tap_ok(resident() <= before + 256, "which is given back");
#endif

	/* what was never called is found after that, too */
	conf = rd_kafka_conf_new();
	tap_ok(rd_kafka_conf_set(conf, "client.id", "a", NULL, 0) == RD_KAFKA_CONF_OK,
		   "libraries work on");
	rd_kafka_conf_destroy(conf);
	tap_number(PQping("host=/nowhere"), PQPING_NO_RESPONSE, "all of them");
	return tap_done();
}
