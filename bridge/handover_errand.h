/*-------------------------------------------------------------------------
 *
 * handover_errand.h
 *	  Takes a connector over from Debezium, and gives it back: the asking.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef HANDOVER_ERRAND_H
#define HANDOVER_ERRAND_H

#include "postgres_fe.h"

#include "properties.h"

typedef enum Handover
{
	HANDOVER_ADOPT,				/* from Debezium */
	HANDOVER_RELEASE			/* to Debezium */
} Handover;

/*
 * For the command line: does it in a process of its own, and waits for it.
 * True when it has worked; what was done or failed is logged.
 */
extern bool handover_run(Handover direction, const Properties *worker,
						 const Properties *connector);

/* How its process is started. */
#define HANDOVER_ADOPT_MODE		"--handover-adopt"
#define HANDOVER_RELEASE_MODE	"--handover-release"

#endif							/* HANDOVER_ERRAND_H */
