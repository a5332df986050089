/*-------------------------------------------------------------------------
 *
 * must_check.h
 *	  Marks a prototype whose result must not be ignored.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef MUST_CHECK_H
#define MUST_CHECK_H

/* PostgreSQL has pg_nodiscard for this, but only from 16 on. */
#define MUST_CHECK __attribute__((warn_unused_result))

#endif							/* MUST_CHECK_H */
