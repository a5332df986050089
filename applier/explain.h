/*-------------------------------------------------------------------------
 *
 * explain.h
 *	  What a script comes to, beside its SQL: sources, order, errors.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "pipeline.h"

/* Appends it for --explain, as comments of SQL; target_explain() follows. */
extern void pipeline_explain(const Pipeline *pipeline, PQExpBuffer text);

#endif							/* EXPLAIN_H */
