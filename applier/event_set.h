/*-------------------------------------------------------------------------
 *
 * event_set.h
 *	  Events of which something is known until the progress has passed them.
 *
 * NOTES
 *	  What was read and not applied is read again when the target was away.
 *	  What was told or written of an event before is not to be done twice.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef EVENT_SET_H
#define EVENT_SET_H

#include "postgres_fe.h"

typedef struct KnownEvent
{
	const char *topic;			/* stays as long as the set */
	int32		partition;
	int64		offset;
	bool		done;			/* the caller's */
} KnownEvent;

/* Starts as zeroes. */
typedef struct EventSet
{
	KnownEvent *events;			/* by topic, partition, offset */
	int			count;
	int			room;
} EventSet;

/* Its number, or that of the first one behind it. */
extern int	event_set_find(const EventSet *set, const KnownEvent *event,
						   bool *found);

/* Adds it as that number, where event_set_find() has not found it. */
extern void event_set_add(EventSet *set, int number, const KnownEvent *event);
extern void event_set_remove(EventSet *set, int number);

/* The progress has passed all before the offset. */
extern void event_set_pass(EventSet *set, const char *topic, int32 partition,
						   int64 offset);

#endif							/* EVENT_SET_H */
