/*-------------------------------------------------------------------------
 *
 * properties.h
 *	  Configuration: names with text values, in the order they were given.
 *
 * Sources are Java .properties files (worker.properties), JSON objects
 * (connector configurations, where Kafka Connect turns numbers and booleans
 * into text) and the environment.  Readers of typed values check the range
 * and say name, value and what is allowed.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PROPERTIES_H
#define PROPERTIES_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include <cjson/cJSON.h>

#include "must_check.h"

typedef struct Property
{
	char	   *name;
	char	   *value;
} Property;

typedef struct Properties
{
	Property   *items;
	int			count;
	int			room;			/* allocated items */
} Properties;

extern Properties *properties_new(void);
extern Properties *properties_copy(const Properties *from);
extern void properties_free(Properties *properties);

/* Sets a value; a name that is there already keeps its place. */
extern void properties_set(Properties *properties, const char *name,
						   const char *value);
extern void properties_remove(Properties *properties, const char *name);

/* The value, owned by the list, or NULL where the name is not set. */
extern const char *properties_get(const Properties *properties,
								  const char *name);

/*
 * Adds the lines of a .properties text.  False, with a message in "error",
 * where a line has no name.
 */
extern bool properties_read_text(Properties *properties, const char *text,
								 PQExpBuffer error) MUST_CHECK;

/* Same from a file; the message names it. */
extern bool properties_read_file(Properties *properties, const char *path,
								 PQExpBuffer error) MUST_CHECK;

/*
 * Adds the members of a JSON object.  Numbers and booleans become their text,
 * as in Kafka Connect; null removes a name; objects and arrays are an error.
 */
extern bool properties_read_json(Properties *properties, const cJSON *object,
								 PQExpBuffer error) MUST_CHECK;

/* A JSON object of all values, for the caller to free. */
extern cJSON *properties_to_json(const Properties *properties);

/* Appends "name=value\n", escaped so that properties_read_text() reads it. */
extern void properties_write(PQExpBuffer text, const char *name,
							 const char *value);

/*
 * Typed values.  Each returns false, with a message in "error", where the
 * text is not of the type or out of range; an unset name gives the default.
 */
extern bool properties_int(const Properties *properties, const char *name,
						   int64 default_value, int64 least, int64 most,
						   int64 *result, PQExpBuffer error) MUST_CHECK;
extern bool properties_bool(const Properties *properties, const char *name,
							bool default_value, bool *result,
							PQExpBuffer error) MUST_CHECK;

/* Is this the name of a value that must never be shown (password, secret)? */
extern bool property_is_secret(const char *name);

#endif							/* PROPERTIES_H */
