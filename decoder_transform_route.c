/*-------------------------------------------------------------------------
 *
 * decoder_transform_route.c
 *	  Transforms and predicates by the name of the topic: Kafka's RegexRouter
 *	  and TopicNameMatches, Debezium's ByLogicalTableRouter.
 *
 * NOTES
 *	  What a regular expression says of a topic does not change, and there
 *	  are few topics for many records, so it is remembered.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_regex.h"
#include "decoder_transform.h"
#include "utils/memutils.h"

/* Topics that are remembered; more than these are forgotten together */
#define MAX_TOPICS	10000

/* What a regular expression, and maybe a replacement, makes of topics */
struct TopicMap
{
	Regex	   *regex;
	const char *replacement;	/* NULL: only whether it matches counts */
	MemoryContext context;		/* of what is below */
	HTAB	   *results;		/* NULL: none yet */
	struct TopicResult *last;	/* the one asked for last, or NULL */
	int			count;
};

typedef struct TopicResult
{
	char		topic[MAX_TOPIC_LEN + 1];	/* must be first */
	int			len;
	bool		matches;
	Piece		replaced;
} TopicResult;

/* ------------------------------------------------------ topics remembered */

static void
topic_map_init(TopicMap *map, const TransformConfig *config,
			   const char *regex, const char *regex_property,
			   const char *replacement, const char *replacement_property)
{
	map->regex = regex_compile(regex, config_name(config, regex_property),
							   false);
	map->replacement = replacement;
	if (replacement != NULL)
		regex_check_replacement(map->regex, replacement,
								config_name(config, replacement_property));
	map->context = AllocSetContextCreate(CurrentMemoryContext,
										 "decoder_debezium topics",
										 ALLOCSET_SMALL_SIZES);
	map->results = NULL;
	map->last = NULL;
}

static void
topic_map_compute(const TopicMap *map, Piece topic, TopicResult *result)
{
	char	   *name = pnstrdup(topic.data, topic.len);

	result->matches = regex_match(map->regex, name);
	if (result->matches && map->replacement != NULL)
		result->replaced = piece_from_text(regex_replace(map->regex, name,
														 map->replacement,
														 false));
	pfree(name);
}

static void
topic_map_create_results(TopicMap *map)
{
	HASHCTL		control;

	MemoryContextReset(map->context);
	memset(&control, 0, sizeof(control));
	control.keysize = MAX_TOPIC_LEN + 1;
	control.entrysize = sizeof(TopicResult);
	control.hcxt = map->context;
	map->results = hash_create("decoder_debezium topics", 64, &control,
							   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	map->count = 0;
	map->last = NULL;
}

/*
 * What is made of a topic.
 */
static const TopicResult *
topic_map_find(TopicMap *map, Piece topic)
{
	TopicResult *result = map->last;
	MemoryContext caller_context;
	char		key[MAX_TOPIC_LEN + 1];
	bool		found;

	if (likely(result != NULL && result->len == topic.len &&
			   memcmp(result->topic, topic.data, topic.len) == 0))
		return result;
	if (topic.len > MAX_TOPIC_LEN)
	{
		result = palloc(sizeof(TopicResult));
		topic_map_compute(map, topic, result);
		return result;
	}
	if (map->results == NULL || map->count >= MAX_TOPICS)
		topic_map_create_results(map);
	memset(key, 0, sizeof(key));
	memcpy(key, topic.data, topic.len);
	result = hash_search(map->results, key, HASH_FIND, NULL);
	if (result == NULL)
	{
		TopicResult computed;

		caller_context = MemoryContextSwitchTo(map->context);
		topic_map_compute(map, topic, &computed);
		MemoryContextSwitchTo(caller_context);
		result = hash_search(map->results, key, HASH_ENTER, &found);
		result->len = topic.len;
		result->matches = computed.matches;
		result->replaced = computed.replaced;
		map->count++;
	}
	map->last = result;
	return result;
}

/*
 * Make a map for another transform, with the properties that gave the two.
 */
TopicMap *
topic_map_create(const TransformConfig *config, const char *regex,
				 const char *regex_property, const char *replacement,
				 const char *replacement_property)
{
	TopicMap   *map = palloc0(sizeof(TopicMap));

	topic_map_init(map, config, regex, regex_property, replacement,
				   replacement_property);
	return map;
}

/*
 * Replace a topic that matches; one that does not stays.
 */
void
topic_map_apply(TopicMap *map, Piece *topic)
{
	const TopicResult *result = topic_map_find(map, *topic);

	if (result->matches)
		*topic = result->replaced;
}

/* ----------------------------------------------------------- RegexRouter */

static void *
regex_router_configure(const TransformConfig *config)
{
	return topic_map_create(config, config_required(config, "regex"), "regex",
							config_required(config, "replacement"),
							"replacement");
}

static bool
regex_router_apply(Transform *transform, ConnectRecord *record)
{
	topic_map_apply(transform->state, &record->topic);
	return true;
}

const TransformClass transform_regex_router = {
	.topic_only = true,
	.configure = regex_router_configure,
	.apply = regex_router_apply
};

/* ------------------------------------------------------ TopicNameMatches */

static void *
topic_matches_configure(const TransformConfig *config)
{
	return topic_map_create(config, config_required(config, "pattern"),
							"pattern", NULL, NULL);
}

static bool
topic_matches_test(void *state, const ConnectRecord *record)
{
	return topic_map_find(state, record->topic)->matches;
}

const PredicateClass predicate_topic_matches = {
	.topic_only = true,
	.configure = topic_matches_configure,
	.test = topic_matches_test
};

/* -------------------------------------------------- ByLogicalTableRouter */

typedef struct LogicalState
{
	TopicMap	topics;
	bool		unique_keys;	/* a field tells tables apart in the key */
	TopicMap   *key_topics;		/* what it says; NULL: the old topic */
	const char *key_field;
	NameAdjustment schema_names;
	Piece		topic;			/* the new one of the record at hand */
} LogicalState;

static void *
logical_configure_with(const TransformConfig *config, const char *key_field)
{
	static const char *const modes[] = {"none", "avro", "avro_unicode"};
	LogicalState *state = palloc0(sizeof(LogicalState));
	const char *key_regex = config_string(config, "key.field.regex", "");

	topic_map_init(&state->topics, config,
				   config_required(config, "topic.regex"), "topic.regex",
				   config_required(config, "topic.replacement"),
				   "topic.replacement");
	state->unique_keys = config_bool(config, "key.enforce.uniqueness", true);
	state->key_field = config_string(config, "key.field.name", key_field);
	if (strspn(key_regex, " \t") < strlen(key_regex))
	{
		state->key_topics = palloc0(sizeof(TopicMap));
		topic_map_init(state->key_topics, config, key_regex, "key.field.regex",
					   config_required(config, "key.field.replacement"),
					   "key.field.replacement");
	}
	state->schema_names = config_choice(config, "schema.name.adjustment.mode",
										modes, lengthof(modes), ADJUST_NONE);
	return state;
}

static void *
logical_configure(const TransformConfig *config)
{
	return logical_configure_with(config, "__dbz__physicalTableIdentifier");
}

/* The class has a new name, and with it the field, from Debezium 3.7 on */
static void *
logical_topic_configure(const TransformConfig *config)
{
	return logical_configure_with(config, "__dbz__sourceIdentifier");
}

/* A copy of a struct's schema, named after the new topic */
static Schema *
rename_schema(Transform *transform, const Schema *schema, const char *suffix)
{
	LogicalState *state = transform->state;
	Schema	   *renamed = schema_copy(schema);

	renamed->name = name_adjust(psprintf("%.*s%s", state->topic.len,
										 state->topic.data, suffix),
								state->schema_names, false);
	renamed->default_json = NULL;
	return renamed;
}

/*
 * The schema is of one table, whose topic always becomes the same one, so it
 * does not matter that the plan is found by the schema alone.
 */
static void *
key_plan_build(Transform *transform, const Schema *schema)
{
	LogicalState *state = transform->state;
	Schema	   *renamed = rename_schema(transform, schema, ".Key");

	if (state->unique_keys)
	{
		if (schema_field(renamed, state->key_field) != NULL)
			transform_fail(transform, "the key has a field \"%s\" already",
						   state->key_field);
		schema_add_field(renamed, state->key_field, &string_schema);
	}
	return layout_create(renamed, transform->utf8);
}

static void *
envelope_plan_build(Transform *transform, const Schema *schema)
{
	Schema	   *envelope = rename_schema(transform, schema, ".Envelope");
	const Schema *row = schema_field(schema, "before");
	int			i;

	if (row == NULL)
		transform_fail(transform, "schema \"%s\" is of no event", schema->name);
	row = rename_schema(transform, row, ".Value");
	for (i = 0; i < envelope->nfields; i++)
	{
		if (strcmp(envelope->fields[i].name, "before") == 0 ||
			strcmp(envelope->fields[i].name, "after") == 0)
			envelope->fields[i].schema = row;
	}
	return envelope;
}

static void
change_key(Transform *transform, ConnectRecord *record)
{
	LogicalState *state = transform->state;
	const StructLayout *layout;
	Piece	   *fields;
	Piece		source = record->topic;

	transform_require_struct(transform, &record->key);
	layout = transform_plan(transform, record->key.schema, key_plan_build);
	if (!state->unique_keys)
	{
		record->key.schema = layout->schema;
		return;
	}
	if (state->key_topics != NULL)
	{
		const TopicResult *result = topic_map_find(state->key_topics,
												   record->topic);

		if (result->matches)
			source = result->replaced;
	}
	fields = struct_split(&record->key);
	fields[record->key.schema->nfields] =
		piece_quote(pnstrdup(source.data, source.len), transform->utf8);
	record->key = value_create(layout->schema, struct_join(layout, fields));
}

static bool
logical_apply(Transform *transform, ConnectRecord *record)
{
	LogicalState *state = transform->state;
	const TopicResult *result = topic_map_find(&state->topics, record->topic);

	if (!result->matches || result->replaced.len == 0)
		return true;
	state->topic = result->replaced;
	if (!value_is_null(&record->key))
		change_key(transform, record);
	else
		record->key = value_none();
	if (!value_is_null(&record->value) &&
		schema_is_envelope(record->value.schema))
		record->value.schema = transform_plan(transform, record->value.schema,
											  envelope_plan_build);
	record->topic = result->replaced;
	return true;
}

const TransformClass transform_logical_router = {
	.configure = logical_configure,
	.apply = logical_apply
};

const TransformClass transform_logical_topic_router = {
	.configure = logical_topic_configure,
	.apply = logical_apply
};
