/*-------------------------------------------------------------------------
 *
 * identity.h
 *	  Replica identities that replica.identity.autoset.values asks for.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "postgres_fe.h"

#include <libpq-fe.h>

#include "failure.h"

/* Does the configuration ask for any? */
extern bool identity_wanted(const ConnectorConfig *config);

/*
 * Gives captured tables the identities asked for, where they have others.
 * What the role may not do is a warning.
 */
extern bool identity_prepare(PGconn *session, const ConnectorConfig *config,
							 const char *extension_schema,
							 Failure *failure) MUST_CHECK;

#endif							/* IDENTITY_H */
