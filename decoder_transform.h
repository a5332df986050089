/*-------------------------------------------------------------------------
 *
 * decoder_transform.h
 *	  Single message transforms: the chain, and what a transform is made of.
 *
 * NOTES
 *	  The chain of a connector's configuration ("transforms", "predicates")
 *	  is applied in the server to every record, in plain form, before the
 *	  converters: what leaves the server is what Kafka gets.
 *
 *	  What a transform makes of a schema does not change from record to
 *	  record, so it is made once and found by the schema's address: a "plan".
 *	  Plans live until a table changes; then all are made anew.  Schemas that
 *	  depend on a record's content are interned, so that they have one
 *	  address, too.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_TRANSFORM_H
#define DECODER_TRANSFORM_H

#include "decoder_record.h"
#include "decoder_transforms.h"
#include "utils/hsearch.h"

typedef struct TopicMap TopicMap;
typedef struct Transform Transform;

/* Which part of a record a transform works on */
typedef enum RecordPart
{
	PART_WHOLE,
	PART_KEY,
	PART_VALUE
} RecordPart;

/* The properties of one transform or predicate, for its configure() */
typedef struct TransformConfig
{
	const List *properties;		/* all, of TransformProperty */
	const char *what;			/* "transforms" or "predicates" */
	const char *name;
	bool		utf8;			/* texts in records are in UTF-8 */
} TransformConfig;

/* A property of the chain, as given */
typedef struct TransformProperty
{
	const char *name;
	const char *value;
} TransformProperty;

typedef struct TransformClass
{
	/* reads and changes nothing but the topic of a record */
	bool		topic_only;

	/* adds headers to the record it gets, see transform_add_header() */
	bool		in_place;

	/* read the properties; the result is transform->state */
	void	   *(*configure) (const TransformConfig *config);

	/* change a record; false: it is dropped */
	bool		(*apply) (Transform *transform, ConnectRecord *record);
} TransformClass;

typedef struct PredicateClass
{
	bool		topic_only;
	void	   *(*configure) (const TransformConfig *config);
	bool		(*test) (void *state, const ConnectRecord *record);
} PredicateClass;

typedef struct Predicate
{
	const PredicateClass *class;
	const char *name;
	void	   *state;
} Predicate;

/* Makes what a transform has to know of a schema, in the plans' memory */
typedef void *(*PlanBuilder) (Transform *transform, const Schema *schema);

/* Plans by schema and builder */
typedef struct PlanCache
{
	const Schema *last_schema;	/* the one asked for last */
	PlanBuilder last_builder;
	void	   *last_plan;
	HTAB	   *plans;			/* NULL: none yet */
} PlanCache;

struct Transform
{
	const TransformClass *class;
	RecordPart	part;
	TransformChain *chain;
	const char *name;			/* in the configuration */
	const Predicate *predicate; /* NULL: applies to all records */
	bool		negate;
	bool		utf8;
	void	   *state;
	PlanCache	plans;
};

/* What a change is made of, before any record is */
typedef struct RowChange
{
	const CapturedTable *table;
	const SourceText *source;
	ClockText  *clock;
	XLogRecPtr	lsn;
	char		operation;		/* not x */
	const Row  *before;			/* NULL: null */
	const Row  *after;
} RowChange;

/* in decoder_transform.c */
extern bool transform_chain_apply_change(TransformChain *chain,
										 const RowChange *change,
										 ConnectRecord *record);
extern bool transform_chain_apply(TransformChain *chain,
								  ConnectRecord *record);
extern void transform_chain_begin(TransformChain *chain, uint64 generation,
								  ConnectRecord *record, Piece topic);
extern void transform_chain_add_context(TransformChain *chain,
										ConnectRecord *record);
extern void transform_chain_add_shared(TransformChain *chain,
									   ConnectRecord *record);
extern bool transform_chain_has_context(const TransformChain *chain,
										const ConnectRecord *record,
										int header);
extern void transform_chain_convert(TransformChain *chain,
									ConnectRecord *record);
extern void *transform_plan(Transform *transform, const Schema *schema,
							PlanBuilder builder);
extern const Schema *transform_intern(Transform *transform,
									  const Schema *schema);
extern ConnectValue *transform_part(const Transform *transform,
									ConnectRecord *record);
extern void transform_add_header(Transform *transform, ConnectRecord *record,
								 Piece name, ConnectValue value);
extern bool schema_is_envelope(const Schema *schema);
extern void transform_require_struct(const Transform *transform,
									 const ConnectValue *value);
pg_noreturn extern void transform_fail(const Transform *transform,
									   const char *format,...)
			pg_attribute_printf(2, 3);

/* in decoder_transform_config.c */
extern List *config_aliases(const List *properties, const char *what);
extern char *config_trim(const char *text);
extern char *config_name(const TransformConfig *config, const char *name);
extern const char *config_find(const TransformConfig *config, const char *name);
extern const char *config_string(const TransformConfig *config,
								 const char *name, const char *value);
extern const char *config_required(const TransformConfig *config,
								   const char *name);
extern bool config_bool(const TransformConfig *config, const char *name,
						bool value);
extern List *config_list(const TransformConfig *config, const char *name);
extern bool config_list_has(const List *names, const char *name);
extern int	config_choice(const TransformConfig *config, const char *name,
						  const char *const *choices, int count, int value);
pg_noreturn extern void config_refuse(const TransformConfig *config,
									  const char *name, const char *value,
									  const char *valid);

/* each in a file of its own */
#define DECLARE_TRANSFORM(name, symbol, part) \
	extern const TransformClass transform_##symbol;
#define DECLARE_PREDICATE(name, symbol) \
	extern const PredicateClass predicate_##symbol;
DECODER_TRANSFORMS(DECLARE_TRANSFORM)
DECODER_PREDICATES(DECLARE_PREDICATE)

/* in decoder_output.c */
extern void frame_append_transformed(StringInfo out,
									 const TransformChain *chain,
									 const ConnectRecord *record);

/* in decoder_transform_route.c */
extern TopicMap *topic_map_create(const TransformConfig *config,
								  const char *regex,
								  const char *regex_property,
								  const char *replacement,
								  const char *replacement_property);
extern void topic_map_apply(TopicMap *map, Piece *topic);

/* in decoder_transform_json.c */
extern bool json_to_struct(Transform *transform, const char *text,
						   const char *name, bool with_nulls,
						   ConnectValue *result);

/* in decoder_transform_snapshot.c */
extern void frame_append_transformed_row(StringInfo out,
										 const TransformChain *chain,
										 ConnectRecord *record);

/* in decoder_transform_unwrap.c */
extern bool unwrap_is_direct(const Transform *transform);
extern bool unwrap_replaces_nulls(const Transform *transform);
extern bool unwrap_apply_change(Transform *transform, const RowChange *change,
								ConnectRecord *record);

#endif							/* DECODER_TRANSFORM_H */
