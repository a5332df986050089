/*-------------------------------------------------------------------------
 *
 * test_position.c
 *	  Unit test of common/position.c.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "position.h"

#include "tap.h"

static bool
reads(const char *text, Position *position)
{
	const char *connector;
	size_t		length;

	return position_read(text, strlen(text), position, &connector, &length);
}

int
main(void)
{
	Position	position = {
		.kind = 's',.system_identifier = PG_UINT64_MAX,.timeline = 3,
		.commit_lsn = UINT64CONST(0x16B374D848),.change_lsn = 0xFFFFFFFF,
		.number = 17,.part = 2,.last = true
	};
	Position	copy;
	PositionText written;
	char	   *text;
	const char *name = "my connector \303\251";
	const char *connector;
	size_t		connector_length;
	size_t		length;

	position_text_init(&written, name);
	length = position_write(&written, &position);
	text = written.data;
	text[length] = '\0';
	tap_text(text, "1 s 18446744073709551615 3 16/B374D848 0/FFFFFFFF 17 2 1 my connector \303\251",
			 "writes a position");
	tap_ok(position_read(text, length, &copy, &connector, &connector_length),
		   "reads it");
	tap_ok(connector_length == strlen(name) &&
		   memcmp(connector, name, connector_length) == 0, "with the name");
	tap_ok(copy.kind == 's' && copy.system_identifier == PG_UINT64_MAX &&
		   copy.timeline == 3 && copy.number == 17 && copy.part == 2 && copy.last,
		   "and all numbers");
	tap_number(position_compare(&position, &copy), 0, "the same");

	copy.part = 1;
	tap_ok(position_compare(&position, &copy) > 0, "part counts");
	copy.number = 18;
	tap_ok(position_compare(&position, &copy) < 0, "number before part");
	copy.change_lsn = 1;
	tap_ok(position_compare(&position, &copy) > 0, "change before number");
	copy.commit_lsn = UINT64CONST(0x16B374D849);
	tap_ok(position_compare(&position, &copy) < 0, "commit before change");

	/* what is written behind another one, with the same start or not */
	position.change_lsn = UINT64CONST(0x10000000F);
	position.number = 0;
	position.part = 0;
	position.last = false;
	text[position_write(&written, &position)] = '\0';
	tap_text(text, "1 s 18446744073709551615 3 16/B374D848 1/F 0 0 0 my connector \303\251",
			 "writes the next of the same transaction");
	position.commit_lsn = UINT64CONST(0x1000000000);
	text[position_write(&written, &position)] = '\0';
	tap_text(text, "1 s 18446744073709551615 3 10/0 1/F 0 0 0 my connector \303\251",
			 "and of another one");
	position.kind = 'r';
	position.timeline = 4;
	position.system_identifier = 10;
	text[position_write(&written, &position)] = '\0';
	tap_text(text, "1 r 10 4 10/0 1/F 0 0 0 my connector \303\251",
			 "and of another kind, system and timeline");
	position_text_free(&written);

	tap_ok(reads("1 r 0 0 0/0 0/0 0 0 0 c", &copy), "zeros are read");
	tap_ok(reads("1 r 0 0 0/0 0/0 0 0 0 ", &copy), "an empty name too");
	tap_ok(!reads("2 s 1 1 0/1 0/1 0 0 0 c", &copy), "another version is refused");
	tap_ok(!reads("1 s 1 1 0/1 0/1 0 0 2 c", &copy), "a flag is 0 or 1");
	tap_ok(!reads("1 s 1 1 0/1 0/1 0 65536 0 c", &copy), "a part has 16 bits");
	tap_ok(!reads("1 s 1 1 0/1 1 0 0 0 c", &copy), "an LSN has a slash");
	tap_ok(!reads("1 s 1 1 0/1 0/1FFFFFFFF 0 0 0 c", &copy), "and two halves of 32 bits");
	tap_ok(!reads("1 s 18446744073709551616 1 0/1 0/1 0 0 0 c", &copy), "no number overflows");
	tap_ok(!reads("1 s 1 1 0/1 0/1 0 0", &copy), "a shorter one is refused");
	tap_ok(!reads("", &copy), "nothing is refused");
	return tap_done();
}
