/*-------------------------------------------------------------------------
 *
 * config_errors.h
 *	  What is wrong with a configuration: messages, each for one property.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef CONFIG_ERRORS_H
#define CONFIG_ERRORS_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include <cjson/cJSON.h>

typedef struct ConfigError
{
	char	   *name;			/* of the property */
	char	   *message;
} ConfigError;

typedef struct ConfigErrors
{
	ConfigError *items;
	int			count;
	int			room;
} ConfigErrors;

extern void config_errors_init(ConfigErrors *errors);
extern void config_errors_free(ConfigErrors *errors);

extern void config_errors_add(ConfigErrors *errors, const char *name,
							  const char *format,...) __attribute__((format(printf, 3, 4)));

/* "The 'NAME' value is invalid: ...", as Debezium words it. */
extern void config_errors_invalid(ConfigErrors *errors, const char *name,
								  const char *format,...) __attribute__((format(printf, 3, 4)));

extern bool config_errors_has(const ConfigErrors *errors, const char *name);

/* All messages, each with a newline. */
extern void config_errors_text(const ConfigErrors *errors, PQExpBuffer text);

/* [{"name":...,"message":...},...] and back. */
extern cJSON *config_errors_to_json(const ConfigErrors *errors);
extern void config_errors_from_json(ConfigErrors *errors, const cJSON *array);

#endif							/* CONFIG_ERRORS_H */
