/*-------------------------------------------------------------------------
 *
 * bridge_options.h
 *	  The worker's properties: defaults, file, environment.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef BRIDGE_OPTIONS_H
#define BRIDGE_OPTIONS_H

#include "postgres_fe.h"

#include "must_check.h"
#include "properties.h"

#define BRIDGE_VERSION "1.0"

/*
 * The properties in force: the file's (NULL: none), above them the
 * environment's, below them the defaults.  NULL, with a reason, when the file
 * cannot be read or a value is wrong.
 */
extern Properties *worker_properties_read(const char *path,
										  PQExpBuffer error) MUST_CHECK;

/* Appends the table of properties, for --help. */
extern void worker_properties_help(PQExpBuffer text);

/*
 * Reads a connector's file, JSON ({"name":...,"config":{...}} or flat) or
 * .properties.  NULL, with a reason, when it is not one.
 */
extern Properties *connector_file_read(const char *path, PQExpBuffer error) MUST_CHECK;

/* Reads "config" of such a JSON object, with its name set. */
extern Properties *connector_json_read(const cJSON *object,
									   PQExpBuffer error) MUST_CHECK;

#endif							/* BRIDGE_OPTIONS_H */
