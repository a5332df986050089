/*-------------------------------------------------------------------------
 *
 * refusal.h
 *	  What the stored offset does not fit: a start that would lose something
 *	  in silence is refused.
 *
 * NOTES
 *	  Each refusal says what is lost, from where to where, and two ways out:
 *	  to accept the loss and go on, or to take a snapshot again.  A loss is
 *	  accepted by the property offset.mismatch.accept, a list of words KIND@LSN.
 *	  The LSN is the stored one, which does not move as long as nothing is
 *	  done: so a word that is left in the configuration accepts nothing that
 *	  happens later.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "slot.h"
#include "task.h"

/*
 * Is the stored offset of this Kafka cluster, of this server, and of its past?
 * Where something else is accepted, what cannot be compared is taken out of it:
 * an LSN that is InvalidXLogRecPtr then means wherever the slot is.
 */
extern bool refusal_check_origin(Task *task) MUST_CHECK;

/* The slot is missing, lost or ahead of the stored offset: is that accepted? */
extern bool refusal_check_slot(Task *task, const SlotInfo *slot) MUST_CHECK;

/* Is in the topics what tail_read() should have found, and nothing else? */
extern bool refusal_check_topics(Task *task) MUST_CHECK;

#endif							/* REFUSAL_H */
