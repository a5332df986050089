/*-------------------------------------------------------------------------
 *
 * fold.c
 *	  The last row of each sink key in a batch: what is left to write.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "fold.h"

Fold *
fold_new(const Flow *flow)
{
	Fold	   *fold = pg_malloc0(sizeof(Fold));

	fold->flow = flow;
	fold->row = pg_malloc(flow->output_count * sizeof(FieldValue));
	fold->old_row = pg_malloc(flow->output_count * sizeof(FieldValue));
	return fold;
}

void
fold_free(Fold *fold)
{
	if (fold == NULL)
		return;
	free(fold->entries);
	free(fold->values);
	free(fold->slots);
	free(fold->row);
	free(fold->old_row);
	free(fold);
}

/* FNV-1a over the key's values, each closed by its length. */
static uint32
hash_key(const Flow *flow, const FieldValue *outputs)
{
	uint32		hash = 2166136261u;

	for (int i = 0; i < flow->output_count; i++)
	{
		if (flow->outputs[i].key < 0)
			continue;
		for (int b = 0; b < outputs[i].length; b++)
			hash = (hash ^ (unsigned char) outputs[i].text[b]) * 16777619u;
		hash = (hash ^ (uint32) outputs[i].length) * 16777619u;
	}
	return hash;
}

static bool
same_key(const Flow *flow, const FieldValue *a, const FieldValue *b)
{
	for (int i = 0; i < flow->output_count; i++)
	{
		if (flow->outputs[i].key < 0)
			continue;
		if (a[i].length != b[i].length ||
			(a[i].length > 0 && memcmp(a[i].text, b[i].text, a[i].length) != 0))
			return false;
	}
	return true;
}

static void
slots_rebuild(Fold *fold, uint32 slot_count)
{
	fold->slot_count = slot_count;
	fold->slots = pg_realloc(fold->slots, slot_count * sizeof(int32));
	memset(fold->slots, 0, slot_count * sizeof(int32));
	for (int i = 0; i < fold->count; i++)
	{
		uint32		slot = fold->entries[i].hash & (slot_count - 1);

		while (fold->slots[slot] != 0)
			slot = (slot + 1) & (slot_count - 1);
		fold->slots[slot] = i + 1;
	}
}

/* The entry of a row's key, -1: none. */
static int
fold_find(const Fold *fold, const FieldValue *row)
{
	const Flow *flow = fold->flow;
	uint32		hash = hash_key(flow, row);
	uint32		slot = hash & (fold->slot_count - 1);
	int			entry;

	if (fold->slot_count == 0)
		return -1;
	for (; (entry = fold->slots[slot] - 1) >= 0;
		 slot = (slot + 1) & (fold->slot_count - 1))
		if (fold->entries[entry].hash == hash &&
			same_key(flow, row,
					 fold->values + (size_t) entry * flow->output_count))
			return entry;
	return -1;
}

/* The entry of fold->row's key, a new one with *found false. */
static int
fold_lookup(Fold *fold, bool *found)
{
	const Flow *flow = fold->flow;
	uint32		hash = hash_key(flow, fold->row);
	uint32		slot;
	int			entry;

	/* at most half full */
	if ((uint32) fold->count * 2 >= fold->slot_count)
		slots_rebuild(fold, Max(1024, fold->slot_count * 2));
	slot = hash & (fold->slot_count - 1);
	while ((entry = fold->slots[slot] - 1) >= 0)
	{
		if (fold->entries[entry].hash == hash &&
			same_key(flow, fold->row,
					 fold->values + (size_t) entry * flow->output_count))
		{
			*found = true;
			return entry;
		}
		slot = (slot + 1) & (fold->slot_count - 1);
	}

	if (fold->count == fold->room)
	{
		fold->room = Max(1024, fold->room * 2);
		fold->entries = pg_realloc(fold->entries,
								   fold->room * sizeof(FoldEntry));
		fold->values = pg_realloc(fold->values, (size_t) fold->room *
								  flow->output_count * sizeof(FieldValue));
	}
	entry = fold->count++;
	fold->slots[slot] = entry + 1;
	memset(&fold->entries[entry], 0, sizeof(FoldEntry));
	fold->entries[entry].hash = hash;
	fold->entries[entry].origin = -1;
	*found = false;
	return entry;
}

void
flow_evaluate(const Flow *flow, const FieldValue *fields, FieldValue *outputs)
{
	for (int i = 0; i < flow->output_count; i++)
	{
		const FlowOutput *output = &flow->outputs[i];
		int			chosen = 0;

		while (chosen < output->field_count - 1 &&
			   fields[output->fields[chosen]].length == VALUE_NULL)
			chosen++;
		outputs[i] = fields[output->fields[chosen]];
	}
}

/* Puts fold->row over the entry. */
static void
entry_replace(Fold *fold, int number, bool known, const BatchRow *row)
{
	FoldEntry  *entry = &fold->entries[number];
	FieldValue *values = fold->values +
	(size_t) number * fold->flow->output_count;

	entry->partial = false;
	for (int i = 0; i < fold->flow->output_count; i++)
	{
		if (fold->row[i].length != VALUE_UNAVAILABLE)
			values[i] = fold->row[i];
		else if (!known || entry->forgotten)
			values[i].length = VALUE_UNAVAILABLE;
		if (values[i].length == VALUE_UNAVAILABLE)
			entry->partial = true;
	}
	entry->event = row->event;
	entry->removed = false;
}

/*
 * A row that goes.  Its values stay for the +U that may follow a -U, or for
 * the key that it is to have ("moves"), unless it is known by its key only.
 */
static void
entry_remove(Fold *fold, int number, bool known, const BatchRow *row,
			 bool moves)
{
	FoldEntry  *entry = &fold->entries[number];
	FieldValue *values = fold->values +
	(size_t) number * fold->flow->output_count;

	for (int i = 0; i < fold->flow->output_count; i++)
	{
		if (fold->flow->outputs[i].key >= 0 || (!row->key_only && !moves))
		{
			if (fold->row[i].length != VALUE_UNAVAILABLE || !known)
				values[i] = fold->row[i];
		}
		else if (!known)
			values[i].length = VALUE_UNAVAILABLE;
	}
	entry->event = row->event;
	entry->removed = true;
	entry->forgotten = row->kind == ROW_DELETE ||
		(entry->forgotten && row->key_only);
	entry->partial = false;
}

/*
 * The entry that fold->row was under its old key; -1: none that is known.
 */
static int
find_old_entry(Fold *fold, const Flow *flow, const Batch *batch,
			   const Stage *stage, const BatchRow *row)
{
	int			event = batch->events[row->event].moved_from;
	int			old;

	if (event < 0 || row->kind != ROW_UPSERT || batch->events[event].rejected)
		return -1;
	old = stage_find(stage, event);
	if (old == stage->row_count || stage->rows[old].event != event)
		return -1;
	flow_evaluate(flow, stage_row(stage, old), fold->old_row);
	old = fold_find(fold, fold->old_row);
	return old >= 0 && fold->entries[old].event == event ? old : -1;
}

/*
 * Takes what fold->row does not have from the entry of its old key.  Returns
 * the entry whose row in the table has the rest.
 */
static int
take_over(Fold *fold, int old)
{
	const FieldValue *values = fold->values +
	(size_t) old * fold->flow->output_count;

	for (int i = 0; i < fold->flow->output_count; i++)
		if (fold->row[i].length == VALUE_UNAVAILABLE)
			fold->row[i] = values[i];
	return fold->entries[old].origin >= 0 ? fold->entries[old].origin : old;
}

/* "flow" is the fold's, or another branch of it. */
static bool
fold_row(Fold *fold, const Flow *flow, const Batch *batch, const Stage *stage,
		 int number, PQExpBuffer error)
{
	const BatchRow *row = &stage->rows[number];
	const FieldValue *fields = stage_row(stage, number);
	bool		known;
	int			old;
	int			origin = -1;
	int			entry;

	if (flow->condition != NULL && !row->key_only)
	{
		Truth		truth = condition_evaluate(flow->condition, fields);

		if (truth == TRUTH_UNAVAILABLE)
		{
			appendPQExpBufferStr(error, "WHERE needs an unchanged TOAST value, which the event does not have");
			return false;
		}
		if (truth != TRUTH_TRUE)
			return true;
	}
	flow_evaluate(flow, fields, fold->row);
	for (int i = 0; i < flow->output_count; i++)
		if (flow->outputs[i].key >= 0 &&
			fold->row[i].length == VALUE_UNAVAILABLE)
		{
			appendPQExpBuffer(error, "column \"%s\" of the key is an unchanged TOAST value, which the event does not have",
							  flow->outputs[i].column);
			return false;
		}

	old = find_old_entry(fold, flow, batch, stage, row);
	if (old >= 0)
		origin = take_over(fold, old);
	entry = fold_lookup(fold, &known);
	if (row->kind != ROW_UPSERT)
		entry_remove(fold, entry, known, row, batch->events[row->event].moves);
	else
	{
		/* what was under this key before is another row */
		entry_replace(fold, entry, known && old < 0, row);
		if (old >= 0 || !fold->entries[entry].partial)
			fold->entries[entry].origin = fold->entries[entry].partial ?
				origin : -1;
	}
	if (fold->entries[entry].partial && fold->entries[entry].forgotten &&
		fold->entries[entry].origin < 0)
	{
		appendPQExpBufferStr(error, "has an unchanged TOAST value of a row that was deleted before" TOAST_HINT);
		return false;
	}
	if (!fold->entries[entry].removed)
		fold->entries[entry].forgotten = false;
	return true;
}

bool
fold_deletes(const Fold *fold, int entry)
{
	const FoldEntry *e = &fold->entries[entry];

	return !e->taken && (e->removed || (e->partial && e->origin >= 0));
}

bool
fold_run(Fold *fold, const Batch *batch, const Stage *stage, int from, int to,
		 int *event, PQExpBuffer error)
{
	int			row = stage_find(stage, from);

	fold->count = 0;
	if (fold->slot_count > 0)
		memset(fold->slots, 0, fold->slot_count * sizeof(int32));
	for (; row < stage->row_count && stage->rows[row].event < to; row++)
	{
		if (batch->events[stage->rows[row].event].rejected)
			continue;
		for (const Flow *flow = fold->flow; flow != NULL; flow = flow->next_branch)
			if (!fold_row(fold, flow, batch, stage, row, error))
			{
				*event = stage->rows[row].event;
				return false;
			}
	}

	fold->upserts = fold->deletes = fold->partials = fold->moves = 0;
	for (int i = 0; i < fold->count; i++)
		if (!fold->entries[i].removed && fold->entries[i].partial &&
			fold->entries[i].origin >= 0)
			fold->entries[fold->entries[i].origin].taken = true;
	for (int i = 0; i < fold->count; i++)
	{
		if (fold_deletes(fold, i))
			fold->deletes++;
		if (fold->entries[i].removed)
			continue;
		if (fold->entries[i].partial && fold->entries[i].origin >= 0)
			fold->moves++;
		else if (fold->entries[i].partial)
			fold->partials++;
		else
			fold->upserts++;
	}
	return true;
}
