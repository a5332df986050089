/*-------------------------------------------------------------------------
 *
 * handover.h
 *	  Takes a connector over from Debezium, and gives it back.
 *
 * NOTES
 *	  What has to be handed over is the slot, since a slot cannot change its
 *	  plugin, and the place in the stream.  PostgreSQL copies a slot with its
 *	  position and another plugin; the copy takes the name of the original:
 *
 *		1. read what Debezium has sent but not noted as sent
 *		   (debezium_tail.c), by a copy that lives as long as the session
 *		2. store our offset, with the end of each partition
 *		3. copy the slot to NAME_bridge_handover, with our plugin
 *		4. drop the slot, copy it back, drop the copy
 *
 *	  The WAL is held by one slot or the other all the time.  Whatever ends a
 *	  handover, it is begun again and goes on from what it finds.  Stored
 *	  offsets have Debezium's fields, so that until 4. it can go on as if
 *	  nothing had been done, and after a handover in the other direction.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "handover_errand.h"
#include "task.h"

/*
 * Is the slot Debezium's and may be taken over, or was it being taken over
 * when that ended?  Then it is ours afterwards, and the task is to begin anew
 * (FAILURE_AGAIN).
 */
extern bool handover_adopt(Task *task) MUST_CHECK;

/* The process that handover_run() starts. */
extern int	handover_main(Handover direction, const char *name);

#endif							/* HANDOVER_H */
