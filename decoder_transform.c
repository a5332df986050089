/*-------------------------------------------------------------------------
 *
 * decoder_transform.c
 *	  The chain of single message transforms: making it from its properties,
 *	  applying it to records, and what all transforms use.
 *
 * NOTES
 *	  Most chains begin with ExtractNewRecordState, which throws most of an
 *	  event away.  Where it can do so (unwrap_is_direct()), the event is not
 *	  made in the first place: the transform takes the row itself.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "decoder_transform.h"
#include "decoder_transforms.h"
#include "utils/memutils.h"

/*
 * Interned schemas that may pile up before all plans are thrown away: they
 * depend on the content of records, so they can be any number.
 */
#define MAX_INTERNED	1000

static const struct
{
	const char *name;
	const TransformClass *class;
	RecordPart	part;
}			transform_classes[] = {

#define LIST_TRANSFORM(name, symbol, part) \
	{name, &transform_##symbol, PART_##part},
	DECODER_TRANSFORMS(LIST_TRANSFORM)
};

static const struct
{
	const char *name;
	const PredicateClass *class;
}			predicate_classes[] = {

#define LIST_PREDICATE(name, symbol) {name, &predicate_##symbol},
	DECODER_PREDICATES(LIST_PREDICATE)
};

/* The converters */
enum
{
	FOR_KEY,
	FOR_VALUE,
	FOR_HEADER
};

struct TransformChain
{
	const DecoderOptions *options;
	int			ntransforms;
	Transform  *transforms;
	bool		direct;			/* the first takes rows, see
								 * unwrap_is_direct() */
	bool		utf8;
	Converter	converters[3];	/* of keys, values and headers */
	Piece		context_values[CONTEXT_HEADERS];	/* quoted; not set: NULL */

	/* all below is thrown away when a table changes */
	MemoryContext context;
	uint64		generation;		/* of the tables, when that was last done */
	int			ninterned;
	HTAB	   *interned;		/* schemas by their JSON; NULL: none yet */
	PlanCache	conversions[3];

	ConnectRecord shared;		/* its headers: see transform_add_header() */
	const char *known_topic;	/* of the record at hand; its name is right */
};

/* ------------------------------------------------------- making a chain */

/*
 * Connect also takes a class by its simple name, if it is not nested in
 * another and no other class has that name.
 */
static bool
class_fits(const char *class_name, const char *given)
{
	const char *simple = strrchr(class_name, '.') + 1;

	if (strcmp(class_name, given) == 0)
		return true;
	return strcmp(simple, given) == 0 && strchr(simple, '$') == NULL;
}

static void
refuse_class(const TransformConfig *config, const char *given,
			 const char *valid)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized class \"%s\" for option \"%s\"", given,
					config_name(config, "type")),
			 errhint("Valid classes are: %s.", valid)));
}

static Predicate *
predicate_create(const TransformConfig *config)
{
	Predicate  *predicate = palloc0(sizeof(Predicate));
	const char *given = config_trim(config_required(config, "type"));
	StringInfoData valid;
	int			i;

	initStringInfo(&valid);
	for (i = 0; i < lengthof(predicate_classes); i++)
	{
		if (class_fits(predicate_classes[i].name, given))
			predicate->class = predicate_classes[i].class;
		appendStringInfo(&valid, "%s%s", i > 0 ? ", " : "",
						 predicate_classes[i].name);
	}
	if (predicate->class == NULL)
		refuse_class(config, given, valid.data);
	predicate->name = config->name;
	predicate->state = predicate->class->configure(config);
	return predicate;
}

static void
transform_create(Transform *transform, const TransformConfig *config,
				 const List *predicates)
{
	const char *given = config_trim(config_required(config, "type"));
	const char *predicate = config_find(config, "predicate");
	StringInfoData valid;
	const ListCell *cell;
	int			i;

	initStringInfo(&valid);
	for (i = 0; i < lengthof(transform_classes); i++)
	{
		if (class_fits(transform_classes[i].name, given))
		{
			transform->class = transform_classes[i].class;
			transform->part = transform_classes[i].part;
		}
		appendStringInfo(&valid, "%s%s", i > 0 ? ", " : "",
						 transform_classes[i].name);
	}
	if (transform->class == NULL)
		refuse_class(config, given, valid.data);
	transform->name = config->name;
	transform->utf8 = config->utf8;
	transform->negate = config_bool(config, "negate", false);
	if (predicate != NULL)
	{
		predicate = config_trim(predicate);
		foreach(cell, predicates)
		{
			const Predicate *candidate = lfirst(cell);

			if (strcmp(candidate->name, predicate) == 0)
				transform->predicate = candidate;
		}
		if (transform->predicate == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" names predicate \"%s\", which does not exist",
							config_name(config, "predicate"), predicate),
					 errhint("List it in option \"predicates\", and give its type.")));
	}
	transform->state = transform->class->configure(config);
}

/* Does nothing from transform number "first" on touch anything but topics? */
static bool
only_topics_from(const TransformChain *chain, int first)
{
	int			i;

	for (i = first; i < chain->ntransforms; i++)
	{
		const Transform *transform = &chain->transforms[i];

		if (!transform->class->topic_only ||
			(transform->predicate != NULL &&
			 !transform->predicate->class->topic_only))
			return false;
	}
	return true;
}

/*
 * Make the chain that the options describe, in the current memory context;
 * without transforms there is none.  To be called when all else of the
 * options is known.
 */
void
transform_chain_create(DecoderOptions *options)
{
	const List *properties = options->transform_properties;
	List	   *aliases = config_aliases(properties, "transforms");
	List	   *predicates = NIL;
	TransformChain *chain;
	TransformConfig config;
	ListCell   *cell;
	bool		ready;

	config.properties = properties;
	config.utf8 = options->utf8;
	config.what = "predicates";
	foreach(cell, config_aliases(properties, "predicates"))
	{
		config.name = lfirst(cell);
		predicates = lappend(predicates, predicate_create(&config));
	}
	if (aliases == NIL)
		return;
	chain = palloc0(sizeof(TransformChain));
	chain->options = options;
	chain->transforms = palloc0(list_length(aliases) * sizeof(Transform));
	chain->context = AllocSetContextCreate(CurrentMemoryContext,
										   "decoder_debezium transforms",
										   ALLOCSET_DEFAULT_SIZES);
	config.what = "transforms";
	foreach(cell, aliases)
	{
		Transform  *transform = &chain->transforms[chain->ntransforms];

		config.name = lfirst(cell);
		transform_create(transform, &config, predicates);
		transform->chain = chain;
		chain->ntransforms++;
	}
	chain->direct = unwrap_is_direct(&chain->transforms[0]);

	/*
	 * Where nothing looks at keys and values but the converters, these find
	 * them as without a chain.  Otherwise nulls stay nulls until the end, but
	 * for the first transform's own replacing them by defaults.
	 */
	ready = chain->direct && only_topics_from(chain, 1) &&
		options->value_converter.direct && options->key_converter.direct;
	chain->utf8 = options->utf8;
	chain->converters[FOR_KEY] = options->key_converter;
	chain->converters[FOR_VALUE] = options->value_converter;
	chain->converters[FOR_HEADER] = options->header_converter;
	chain->converters[FOR_KEY].direct = ready;
	chain->converters[FOR_VALUE].direct = ready;
	options->row_defaults = chain->direct &&
		(unwrap_replaces_nulls(&chain->transforms[0]) ||
		 (ready && options->value_converter.null_default));
	options->key_converter.direct = ready;
	options->value_converter.direct = false;
	options->chain = chain;
}

/* -------------------------------------------------- plans and interning */

typedef struct PlanKey
{
	const Schema *schema;
	PlanBuilder builder;
} PlanKey;

typedef struct PlanEntry
{
	PlanKey		key;			/* must be first */
	void	   *plan;
} PlanEntry;

typedef struct InternedSchema
{
	uint32		hash;			/* of the JSON; must be first */
	List	   *schemas;		/* of InternedText */
} InternedSchema;

typedef struct InternedText
{
	Piece		json;
	const Schema *schema;
} InternedText;

static void
forget_plans(TransformChain *chain)
{
	int			i;

	MemoryContextReset(chain->context);
	chain->interned = NULL;
	chain->ninterned = 0;
	memset(chain->conversions, 0, sizeof(chain->conversions));
	for (i = 0; i < chain->ntransforms; i++)
		memset(&chain->transforms[i].plans, 0, sizeof(PlanCache));
}

/*
 * Start with a record of a topic; the rest of it is not set.  "generation" is
 * other than before when schemas of tables are gone.
 */
void
transform_chain_begin(TransformChain *chain, uint64 generation,
					  ConnectRecord *record, Piece topic)
{
	if (unlikely(chain->generation != generation ||
				 chain->ninterned >= MAX_INTERNED))
	{
		forget_plans(chain);
		chain->generation = generation;
	}
	memset(record, 0, sizeof(ConnectRecord));
	record->topic = topic;
	record->partition = -1;
	record->original = true;
	chain->known_topic = topic.data;
}

/*
 * Add the headers that Debezium gives to every record of a change.
 */
void
transform_chain_add_context(TransformChain *chain, ConnectRecord *record)
{
	const DecoderOptions *options = chain->options;
	int			i;

	if (!options->extended_headers)
		return;
	if (chain->context_values[0].data == NULL)
	{
		/* not when the chain is made: the topic prefix may be not known yet */
		MemoryContext caller_context =
		MemoryContextSwitchTo(GetMemoryChunkContext(chain));
		const char *values[CONTEXT_HEADERS];

		values[CONTEXT_LOGICAL_NAME] = options->topic_prefix;
		values[CONTEXT_TASK_ID] = "0";
		values[CONTEXT_CONNECTOR_NAME] = "postgresql";
		values[CONTEXT_RUN_ID] = options->run_id;
		for (i = 0; i < CONTEXT_HEADERS; i++)
			chain->context_values[i] = piece_quote(values[i], chain->utf8);
		MemoryContextSwitchTo(caller_context);
	}
	for (i = 0; i < CONTEXT_HEADERS; i++)
		record_add_header(record, piece_from_text(context_header_name(i)),
						  value_create(&string_schema,
									   chain->context_values[i]));
}

/*
 * To be called for a tombstone: add the headers that it shares with the
 * delete in front of it.
 */
void
transform_chain_add_shared(TransformChain *chain, ConnectRecord *record)
{
	int			i;

	for (i = 0; i < chain->shared.nheaders; i++)
		record_add_header(record, chain->shared.headers[i].name,
						  chain->shared.headers[i].value);
}

/*
 * Are the headers from number "header" on those that were added so?  Their
 * texts still are where they were then.
 */
bool
transform_chain_has_context(const TransformChain *chain,
							const ConnectRecord *record, int header)
{
	int			i;

	if (header + CONTEXT_HEADERS > record->nheaders)
		return false;
	for (i = 0; i < CONTEXT_HEADERS; i++)
	{
		if (record->headers[header + i].name.data != context_header_name(i) ||
			record->headers[header + i].value.text.data !=
			chain->context_values[i].data)
			return false;
	}
	return true;
}

/* The place for a plan; *plan is NULL when it has to be made */
static void **
plan_find(TransformChain *chain, PlanCache *cache, const Schema *schema,
		  PlanBuilder builder)
{
	PlanKey		key;
	PlanEntry  *entry;
	bool		found;

	memset(&key, 0, sizeof(key));
	key.schema = schema;
	key.builder = builder;
	if (cache->plans == NULL)
	{
		HASHCTL		control;

		memset(&control, 0, sizeof(control));
		control.keysize = sizeof(PlanKey);
		control.entrysize = sizeof(PlanEntry);
		control.hcxt = chain->context;
		cache->plans = hash_create("decoder_debezium plans", 16, &control,
								   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	entry = hash_search(cache->plans, &key, HASH_ENTER, &found);
	if (!found)
		entry->plan = NULL;
	return &entry->plan;
}

/*
 * What "builder" makes of a schema for this transform.
 */
void *
transform_plan(Transform *transform, const Schema *schema, PlanBuilder builder)
{
	PlanCache  *cache = &transform->plans;
	void	  **plan;

	if (likely(cache->last_schema == schema && cache->last_builder == builder))
		return cache->last_plan;
	plan = plan_find(transform->chain, cache, schema, builder);
	if (*plan == NULL)
	{
		MemoryContext caller_context =
		MemoryContextSwitchTo(transform->chain->context);

		*plan = builder(transform, schema);
		MemoryContextSwitchTo(caller_context);
	}
	cache->last_schema = schema;
	cache->last_builder = builder;
	cache->last_plan = *plan;
	return *plan;
}

/* A copy of all that a schema refers to, strings too */
static const Schema *
schema_copy_deep(const Schema *schema)
{
	Schema	   *copy = schema_copy(schema);
	int			i;

	if (copy->name != NULL)
		copy->name = pstrdup(copy->name);
	if (copy->doc != NULL)
		copy->doc = pstrdup(copy->doc);
	if (copy->default_json != NULL)
		copy->default_json = pstrdup(copy->default_json);
	if (copy->items != NULL)
		copy->items = schema_copy_deep(copy->items);
	if (copy->keys != NULL)
		copy->keys = schema_copy_deep(copy->keys);
	for (i = 0; i < copy->nparameters; i++)
	{
		copy->parameters[i].name = pstrdup(copy->parameters[i].name);
		copy->parameters[i].value = pstrdup(copy->parameters[i].value);
	}
	for (i = 0; i < copy->nfields; i++)
	{
		copy->fields[i].name = pstrdup(copy->fields[i].name);
		copy->fields[i].schema = schema_copy_deep(copy->fields[i].schema);
	}
	return copy;
}

/*
 * The one schema among those that say the same; for schemas that were made
 * for a record, so that plans can be found by them.
 */
const Schema *
transform_intern(Transform *transform, const Schema *schema)
{
	TransformChain *chain = transform->chain;
	StringInfoData json;
	InternedSchema *entry;
	InternedText *interned;
	MemoryContext caller_context;
	ListCell   *cell;
	uint32		hash;
	bool		found;

	initStringInfo(&json);
	schema_append_json(&json, schema, NULL, &chain->converters[FOR_VALUE]);
	if (chain->interned == NULL)
	{
		HASHCTL		control;

		memset(&control, 0, sizeof(control));
		control.keysize = sizeof(uint32);
		control.entrysize = sizeof(InternedSchema);
		control.hcxt = chain->context;
		chain->interned = hash_create("decoder_debezium schemas", 16, &control,
									  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	hash = DatumGetUInt32(hash_any((const unsigned char *) json.data, json.len));
	entry = hash_search(chain->interned, &hash, HASH_ENTER, &found);
	if (!found)
		entry->schemas = NIL;
	foreach(cell, entry->schemas)
	{
		interned = lfirst(cell);
		if (piece_equals(interned->json, piece_from_info(&json)))
			return interned->schema;
	}
	caller_context = MemoryContextSwitchTo(chain->context);
	interned = palloc(sizeof(InternedText));
	interned->json = piece_create(pnstrdup(json.data, json.len), json.len);
	interned->schema = schema_copy_deep(schema);
	entry->schemas = lappend(entry->schemas, interned);
	chain->ninterned++;
	MemoryContextSwitchTo(caller_context);
	pfree(json.data);
	return interned->schema;
}

/* -------------------------------------------------------- applying them */

/*
 * Add a header to the very record that the transform got, not to a copy.  In
 * Debezium a tombstone has its headers together with the delete in front of
 * it.  So what transforms add to the one, as long as none has made a new
 * record of it, the other has, too.
 */
void
transform_add_header(Transform *transform, ConnectRecord *record, Piece name,
					 ConnectValue value)
{
	record_add_header(record, name, value);
	if (record->original)
		record_add_header(&transform->chain->shared, name, value);
}

/* Is a record with values of this schema an event of Debezium? */
bool
schema_is_envelope(const Schema *schema)
{
	static const char suffix[] = ".Envelope";
	int			len;

	if (schema == NULL || schema->name == NULL)
		return false;
	len = strlen(schema->name);
	return len >= sizeof(suffix) - 1 &&
		strcmp(schema->name + len - (sizeof(suffix) - 1), suffix) == 0;
}

/* The part of the record that the transform works on */
ConnectValue *
transform_part(const Transform *transform, ConnectRecord *record)
{
	return transform->part == PART_KEY ? &record->key : &record->value;
}

/*
 * Refuse a key or value that is no struct.
 */
void
transform_require_struct(const Transform *transform, const ConnectValue *value)
{
	if (value_is_null(value) || value->schema->type != CONNECT_STRUCT)
		transform_fail(transform, "a struct is needed, not %s",
					   value_is_null(value) ? "null" :
					   schema_type_name(value->schema->type));
}

/*
 * A record that a transform cannot be applied to ends the stream, as it ends
 * a task of Connect.
 */
void
transform_fail(const Transform *transform, const char *format,...)
{
	StringInfoData reason;
	va_list		arguments;
	int			needed;

	initStringInfo(&reason);
	for (;;)
	{
		va_start(arguments, format);
		needed = appendStringInfoVA(&reason, format, arguments);
		va_end(arguments);
		if (needed == 0)
			break;
		enlargeStringInfo(&reason, needed);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("transform \"%s\" cannot be applied to a record: %s",
					transform->name, reason.data),
			 errhint("Change the options transforms.%s.*, or give the transform a predicate that leaves such records out.",
					 transform->name)));
}

static bool
apply_from(TransformChain *chain, int first, ConnectRecord *record)
{
	int			i;

	for (i = first; i < chain->ntransforms; i++)
	{
		Transform  *transform = &chain->transforms[i];
		const Predicate *predicate = transform->predicate;
		const char *topic;

		if (predicate != NULL &&
			predicate->class->test(predicate->state, record) == transform->negate)
			continue;
		topic = record->topic.data;
		if (!transform->class->apply(transform, record))
			return false;
		if (transform->class->topic_only ? record->topic.data != topic :
			!transform->class->in_place)
			record->original = false;
	}
	return true;
}

/*
 * Apply the chain to a record; false: it is dropped.
 */
bool
transform_chain_apply(TransformChain *chain, ConnectRecord *record)
{
	return apply_from(chain, 0, record);
}

/*
 * The same for a record of a change, whose value is not made yet.
 */
bool
transform_chain_apply_change(TransformChain *chain, const RowChange *change,
							 ConnectRecord *record)
{
	StringInfoData text;

	memset(&chain->shared, 0, sizeof(chain->shared));
	if (chain->direct)
	{
		if (!unwrap_apply_change(&chain->transforms[0], change, record))
			return false;
		record->original = false;
		return apply_from(chain, 1, record);
	}
	initStringInfo(&text);
	envelope_write_plain(&text, change->table, change->source, change->clock,
						 change->lsn, change->operation, change->before,
						 change->after);
	record->value = value_create(change->table->envelope_schema,
								 piece_from_info(&text));
	return apply_from(chain, 0, record);
}

/* ------------------------------------------- what the converters make of it */

static Conversion *
find_conversion(TransformChain *chain, int which, const Schema *schema)
{
	PlanCache  *cache = &chain->conversions[which];
	void	  **conversion;

	if (likely(cache->last_schema == schema))
		return cache->last_plan;
	conversion = plan_find(chain, cache, schema, NULL);
	if (*conversion == NULL)
	{
		MemoryContext caller_context = MemoryContextSwitchTo(chain->context);

		*conversion = palloc0(sizeof(Conversion));
		conversion_prepare(*conversion, &chain->converters[which], schema);
		MemoryContextSwitchTo(caller_context);
	}
	cache->last_schema = schema;
	cache->last_plan = *conversion;
	return *conversion;
}

static Piece
convert_part(TransformChain *chain, int which, const ConnectValue *value)
{
	const Converter *converter = &chain->converters[which];
	const Conversion *conversion;
	StringInfoData text;

	/* a header without value stays so, whatever its schema */
	if (value->text.data == NULL ||
		(which == FOR_HEADER && converter->kind == CONVERTER_SIMPLE_HEADER &&
		 plain_is_null(value->text.data)))
		return piece_create(NULL, 0);
	if (which == FOR_HEADER && value->schema == &string_schema &&
		converter->kind == CONVERTER_SIMPLE_HEADER)
		return piece_unquote(value->text);
	conversion = find_conversion(chain, which, value->schema);
	if (converter->direct && conversion->lead.len == 0)
		return value->text;
	initStringInfo(&text);
	if (converter->direct)
	{
		text_append_piece(&text, conversion->lead);
		text_append_piece(&text, value->text);
		text_append_literal(&text, "}");
	}
	else
		conversion_write(&text, conversion, value->text.data);
	return piece_from_info(&text);
}

/*
 * Check what transforms made of the topic's name.  Characters that Kafka does
 * not allow become underscores, as in the names of tables' topics.
 */
static void
check_topic(ConnectRecord *record)
{
	static const char allowed[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char	   *name = NULL;
	int			i;

	for (i = 0; i < record->topic.len; i++)
	{
		if (record->topic.data[i] != '\0' &&
			strchr(allowed, record->topic.data[i]) != NULL)
			continue;
		if (name == NULL)
			name = pnstrdup(record->topic.data, record->topic.len);
		name[i] = '_';
	}
	if (name != NULL)
		record->topic.data = name;
	if (record->topic.len == 0 || record->topic.len > MAX_TOPIC_LEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("transforms give a record the topic \"%.*s\"",
						record->topic.len, record->topic.data),
				 errdetail("Kafka allows names of 1 to %d characters.",
						   MAX_TOPIC_LEN)));
}

/*
 * Replace key, value and headers by what the converters make of them: the
 * bytes for Kafka, data NULL for null.
 */
void
transform_chain_convert(TransformChain *chain, ConnectRecord *record)
{
	int			i;

	if (record->topic.data != chain->known_topic)
		check_topic(record);
	record->key.text = convert_part(chain, FOR_KEY, &record->key);
	record->value.text = convert_part(chain, FOR_VALUE, &record->value);
	for (i = 0; i < record->nheaders; i++)
	{
		ConnectHeader *header = &record->headers[i];

		if (!transform_chain_has_context(chain, record, i))
			header->value.text = convert_part(chain, FOR_HEADER,
											  &header->value);
		else
			i += CONTEXT_HEADERS - 1;	/* the reader knows them */
	}
}
