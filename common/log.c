/*-------------------------------------------------------------------------
 *
 * log.c
 *	  Log lines of the daemons: time, process, level, message on stderr.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "log.h"

#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char *log_role = NULL;

/* Writes "2026-11-22 18:20:04.123 UTC [4711] orders: " in front of a line. */
static void
log_prefix(void)
{
	struct timeval now;
	struct tm	utc;
	char		stamp[32];

	gettimeofday(&now, NULL);
	gmtime_r(&now.tv_sec, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &utc);
	fprintf(stderr, "%s.%03d UTC [%d] ", stamp, (int) (now.tv_usec / 1000),
			(int) getpid());
	if (log_role != NULL)
		fprintf(stderr, "%s: ", log_role);
}

void
log_init(const char *argv0, const char *role)
{
	static char line[8192];

	pg_logging_init(argv0);
	/* a line reaches the log whole, also when several processes share it */
	setvbuf(stderr, line, _IOLBF, sizeof(line));
	pg_logging_set_level(PG_LOG_INFO);
	pg_logging_set_pre_callback(log_prefix);
	log_role = role != NULL ? pg_strdup(role) : NULL;
}

void
log_set_level(enum pg_log_level level)
{
	pg_logging_set_level(level);
}

bool
log_set_level_name(const char *name)
{
	static const struct
	{
		const char *name;
		enum pg_log_level level;
	}			levels[] = {
		{"TRACE", PG_LOG_DEBUG},
		{"DEBUG", PG_LOG_DEBUG},
		{"INFO", PG_LOG_INFO},
		{"WARN", PG_LOG_WARNING},
		{"ERROR", PG_LOG_ERROR},
		{"FATAL", PG_LOG_ERROR},
		{"OFF", PG_LOG_OFF},
	};

	for (size_t i = 0; i < lengthof(levels); i++)
	{
		if (pg_strcasecmp(name, levels[i].name) == 0)
		{
			log_set_level(levels[i].level);
			return true;
		}
	}
	return false;
}
