/*-------------------------------------------------------------------------
 *
 * level.c
 *	  How much is logged, by the supervisor and its workers.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "job.h"
#include "log.h"

#define LEVEL_VARIABLE "DEBEZIUM_APPLIER_LOG_LEVEL"

bool
level_set(const char *name)
{
	static const struct
	{
		const char *name;
		enum pg_log_level level;
	}			levels[] = {
		{"debug", PG_LOG_DEBUG}, {"info", PG_LOG_INFO},
		{"warning", PG_LOG_WARNING}, {"error", PG_LOG_ERROR}
	};

	for (size_t i = 0; i < lengthof(levels); i++)
		if (strcmp(levels[i].name, name) == 0)
		{
			log_set_level(levels[i].level);
			/* for the workers */
			setenv(LEVEL_VARIABLE, name, 1);
			return true;
		}
	return false;
}

void
level_read(void)
{
	const char *name = getenv(LEVEL_VARIABLE);

	if (name != NULL)
		(void) level_set(name);
}
