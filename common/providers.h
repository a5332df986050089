/*-------------------------------------------------------------------------
 *
 * providers.h
 *	  Values that stand elsewhere: ${file:PATH:KEY}, ${dir:PATH:NAME},
 *	  ${env:NAME}, as Kafka's configuration providers have it.
 *
 * NOTES
 *	  The worker's properties say which there are and under which names:
 *
 *		config.providers=file,env
 *		config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider
 *		config.providers.file.param.allowed.paths=/run/secrets,/etc/bridge
 *		config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider
 *		config.providers.env.param.allowlist.pattern=PG.*
 *
 *	  Without them nothing is replaced.  Values are looked up by the process
 *	  that needs them and nowhere else: what is stored, shown and logged are
 *	  the references.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PROVIDERS_H
#define PROVIDERS_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include "must_check.h"
#include "properties.h"

/* Are the providers of a worker ones that there are? */
extern bool providers_check(const Properties *worker, PQExpBuffer error) MUST_CHECK;

/*
 * Replaces all references in the values.  False, with a reason, when one
 * cannot be looked up; a reference to a provider that is not configured stays
 * as it is.
 */
extern bool providers_resolve(const Properties *worker, Properties *values,
							  PQExpBuffer error) MUST_CHECK;

/*
 * A text, to be freed, in which the values that this process has looked up
 * are replaced by their references: for messages.
 */
extern char *providers_hide(const char *text);

#endif							/* PROVIDERS_H */
