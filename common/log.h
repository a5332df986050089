/*-------------------------------------------------------------------------
 *
 * log.h
 *	  Log lines of the daemons: time, process, level, message on stderr.
 *
 * The functions are PostgreSQL's own: pg_log_error(), pg_log_warning(),
 * pg_log_info(), pg_log_debug() and pg_fatal(), from common/logging.h.
 * log_init() gives them a prefix and a level.  pg_log_info is for what an
 * operator wants each day.  Row values and passwords are never logged.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef LOG_H
#define LOG_H

#include "postgres_fe.h"
#include "common/logging.h"

/*
 * To be called first in main().  "role" stands in each line behind the pid,
 * e.g. the connector's name in a worker; NULL for none.
 */
extern void log_init(const char *argv0, const char *role);

/* Changes the least level that is logged; the default is PG_LOG_INFO. */
extern void log_set_level(enum pg_log_level level);

/*
 * The same by the names that loggers of Java have: TRACE, DEBUG, INFO, WARN,
 * ERROR, FATAL, OFF, in any case.  False, and nothing changed, for another.
 */
extern bool log_set_level_name(const char *name);

#endif							/* LOG_H */
