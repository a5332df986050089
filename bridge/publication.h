/*-------------------------------------------------------------------------
 *
 * publication.h
 *	  The publication that may decide what is captured.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PUBLICATION_H
#define PUBLICATION_H

#include "postgres_fe.h"

#include <libpq-fe.h>

#include "failure.h"

/*
 * Sees that the publication is there which publication.autocreate.mode asks
 * for, and logs whether one decides.  To be called before the slot is made:
 * the plugin reads the publication as it was when a change was made.
 */
extern bool publication_prepare(PGconn *session, const ConnectorConfig *config,
								Failure *failure) MUST_CHECK;

#endif							/* PUBLICATION_H */
