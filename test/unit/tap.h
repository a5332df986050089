/*-------------------------------------------------------------------------
 *
 * tap.h
 *	  Unit tests that print TAP, for prove.
 *
 *		int main(void)
 *		{
 *			tap_ok(sum(1, 2) == 3, "adds");
 *			tap_text(name(7), "seven", "names a number");
 *			return tap_done();
 *		}
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef TAP_H
#define TAP_H

#include "postgres_fe.h"

static int	tap_count = 0;
static int	tap_failed = 0;

static inline bool
tap_report(bool passed, const char *name, const char *file, int line)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", ++tap_count, name);
	if (!passed)
	{
		tap_failed++;
		printf("# failed at %s:%d\n", file, line);
	}
	fflush(stdout);
	return passed;
}

static inline bool
tap_report_text(const char *got, const char *wanted, const char *name,
				const char *file, int line)
{
	bool		passed = got == NULL || wanted == NULL ?
	got == wanted : strcmp(got, wanted) == 0;

	tap_report(passed, name, file, line);
	if (!passed)
		printf("#      got: %s\n# expected: %s\n", got ? got : "(null)",
			   wanted ? wanted : "(null)");
	return passed;
}

static inline bool
tap_report_number(int64 got, int64 wanted, const char *name,
				  const char *file, int line)
{
	bool		passed = got == wanted;

	tap_report(passed, name, file, line);
	if (!passed)
		printf("#      got: %lld\n# expected: %lld\n", (long long) got,
			   (long long) wanted);
	return passed;
}

#define tap_ok(passed, name) \
	tap_report((passed), (name), __FILE__, __LINE__)
#define tap_text(got, wanted, name) \
	tap_report_text((got), (wanted), (name), __FILE__, __LINE__)
#define tap_number(got, wanted, name) \
	tap_report_number((got), (wanted), (name), __FILE__, __LINE__)

/* The plan, at the end, and the exit status. */
static inline int
tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed > 0 ? 1 : 0;
}

#endif							/* TAP_H */
