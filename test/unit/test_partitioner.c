/*-------------------------------------------------------------------------
 *
 * test_partitioner.c
 *	  Partitions as Kafka's Java producer computes them: the hashes below come
 *	  from org.apache.kafka.common.utils.Utils.murmur2() of Kafka 4.3.1.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "partitioner.h"
#include "tap.h"

static const struct
{
	const char *key;
	int32		hash;
	int32		of_seven;		/* partition, of 7 and of 3 */
	int32		of_three;
}			vectors[] = {
	{"", 275646681, 2, 0},
	{"a", -1563381124, 5, 1},
	{"ab", 316155434, 0, 2},
	{"abc", 479470107, 4, 0},
	{"abcd", -1323649548, 5, 2},
	{"abcde", 461995741, 4, 1},
	{"{\"order_id\":1}", 1132926627, 0, 0},
	{"{\"order_id\":1000}", 1760776539, 4, 0},
	{"{\"id\":\"\xc3\xa9\xf0\x9f\x98\x80\"}", -44344359, 6, 2},
	{"The quick brown fox jumps over the lazy dog", 495243318, 3, 0},
};

/* Records without a key: the same partition again, and all partitions used. */
static void
test_positions(void)
{
	Position	position = {.kind = 's',.commit_lsn = 0x16B374D848,.change_lsn = 0x16B374D000};
	int			used[4] = {0};
	bool		same = true;
	bool		even = true;

	for (int i = 0; i < 400; i++)
	{
		int32		number;

		position.number = i;
		number = partition_of_position(&position, 4);
		same = same && number == partition_of_position(&position, 4);
		used[number]++;
	}
	for (int i = 0; i < 4; i++)
		even = even && used[i] > 60 && used[i] < 140;
	tap_ok(same, "a position has one partition");
	tap_ok(even, "positions are spread over all partitions");
}

int
main(void)
{
	static const unsigned char binary[] = {0x00, 0xff, 0x80, 0x7f, 0xfe};

	for (size_t i = 0; i < lengthof(vectors); i++)
	{
		const char *key = vectors[i].key;

		tap_number((int32) murmur2(key, strlen(key)), vectors[i].hash, key);
		tap_number(partition_of_key(key, strlen(key), 7), vectors[i].of_seven,
				   "of 7 partitions");
		tap_number(partition_of_key(key, strlen(key), 3), vectors[i].of_three,
				   "of 3 partitions");
	}
	tap_number(murmur2(binary, sizeof(binary)), 1617215701, "bytes above 127");
	tap_number(partition_of_key("a", 1, 1), 0, "of 1 partition");
	test_positions();
	return tap_done();
}
