/*-------------------------------------------------------------------------
 *
 * validation.h
 *	  Is a configuration one that a connector could run with?
 *
 * NOTES
 *	  The supervisor asks; a process of its own (validation_main) checks the
 *	  values, connects to the database and looks whether all is there that a
 *	  connector needs.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef VALIDATION_H
#define VALIDATION_H

#include "postgres_fe.h"

#include "config_errors.h"
#include "errand.h"
#include "properties.h"

typedef void (*ValidationDone) (const ConfigErrors *errors, void *arg);

/* in validation_errand.c */

/* "done" is called later, once, with all that is wrong. */
extern void validation_start(Errands *errands, const Properties *worker,
							 const Properties *connector,
							 ValidationDone done, void *arg);

/* in validation.c */

/* The process. */
extern int	validation_main(const char *name);

#endif							/* VALIDATION_H */
