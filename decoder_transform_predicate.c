/*-------------------------------------------------------------------------
 *
 * decoder_transform_predicate.c
 *	  Kafka's predicates HasHeaderKey and RecordIsTombstone, and its Filter,
 *	  which is nothing but its predicate.  TopicNameMatches is in
 *	  decoder_transform_route.c.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_transform.h"

typedef struct HeaderPredicate
{
	Piece		name;
} HeaderPredicate;

static void *
has_header_configure(const TransformConfig *config)
{
	HeaderPredicate *state = palloc(sizeof(HeaderPredicate));

	state->name = piece_from_text(config_required(config, "name"));
	return state;
}

static bool
has_header_test(void *state, const ConnectRecord *record)
{
	return record_find_header(record, ((HeaderPredicate *) state)->name) != NULL;
}

const PredicateClass predicate_has_header = {
	.configure = has_header_configure,
	.test = has_header_test
};

static void *
nothing_to_configure(const TransformConfig *config)
{
	return NULL;
}

static bool
is_tombstone_test(void *state, const ConnectRecord *record)
{
	return value_is_null(&record->value);
}

const PredicateClass predicate_is_tombstone = {
	.configure = nothing_to_configure,
	.test = is_tombstone_test
};

/* ---------------------------------------------------------------- Filter */

static bool
filter_apply(Transform *transform, ConnectRecord *record)
{
	return false;
}

/* Which records it drops, its predicate says */
const TransformClass transform_filter = {
	.topic_only = true,
	.configure = nothing_to_configure,
	.apply = filter_apply
};
