/*-------------------------------------------------------------------------
 *
 * test_log.c
 *	  Unit test of common/log.c: a line is written in one piece.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "log.h"

#include <fcntl.h>
#include <unistd.h>

#include "tap.h"

int
main(void)
{
	int			ends[2];
	char		piece[4096];
	ssize_t		length;

	/* each write() into such a pipe is one read() out of it */
	if (pipe2(ends, O_DIRECT) != 0 || dup2(ends[1], STDERR_FILENO) < 0)
		return 1;
	log_init("/some/where/program", "orders");
	pg_log_warning("number %d", 42);
	length = read(ends[0], piece, sizeof(piece) - 1);
	piece[Max(length, 0)] = '\0';
	tap_ok(length > 0 && piece[length - 1] == '\n', "a line comes whole");
	tap_ok(strstr(piece, "UTC [") != NULL &&
		   strstr(piece, "] orders: program: warning: number 42\n") != NULL,
		   "with pid, role, program, level and message");
	pg_log_debug("not shown");
	pg_log_info("shown");
	length = read(ends[0], piece, sizeof(piece) - 1);
	piece[Max(length, 0)] = '\0';
	tap_ok(strstr(piece, "] orders: program: shown\n") != NULL,
		   "debug lines are left out");
	return tap_done();
}
