/*-------------------------------------------------------------------------
 *
 * event_set.c
 *	  Events of which something is known until the progress has passed them.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "event_set.h"

static int
compare(const KnownEvent *a, const KnownEvent *b)
{
	int			order = strcmp(a->topic, b->topic);

	if (order != 0)
		return order;
	if (a->partition != b->partition)
		return a->partition < b->partition ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

int
event_set_find(const EventSet *set, const KnownEvent *event, bool *found)
{
	int			low = 0;
	int			high = set->count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (compare(&set->events[middle], event) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = low < set->count && compare(&set->events[low], event) == 0;
	return low;
}

void
event_set_add(EventSet *set, int number, const KnownEvent *event)
{
	if (set->count == set->room)
	{
		set->room = set->room == 0 ? 64 : set->room * 2;
		set->events = pg_realloc(set->events, set->room * sizeof(KnownEvent));
	}
	memmove(set->events + number + 1, set->events + number,
			(set->count - number) * sizeof(KnownEvent));
	set->events[number] = *event;
	set->count++;
}

static void
remove_range(EventSet *set, int from, int to)
{
	memmove(set->events + from, set->events + to,
			(set->count - to) * sizeof(KnownEvent));
	set->count -= to - from;
}

void
event_set_remove(EventSet *set, int number)
{
	remove_range(set, number, number + 1);
}

void
event_set_pass(EventSet *set, const char *topic, int32 partition, int64 offset)
{
	KnownEvent	first = {topic, partition, PG_INT64_MIN, false};
	KnownEvent	end = {topic, partition, offset, false};
	bool		found;
	int			from;

	if (set->count == 0)
		return;
	from = event_set_find(set, &first, &found);
	remove_range(set, from, event_set_find(set, &end, &found));
}
