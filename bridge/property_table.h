/*-------------------------------------------------------------------------
 *
 * property_table.h
 *	  All properties of a connector: what they are called, which values they
 *	  take, and whether they have an effect here.
 *
 * The one table behind GET /connector-plugins/.../config, the validation of
 * configurations, and the log line about properties without effect.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PROPERTY_TABLE_H
#define PROPERTY_TABLE_H

#include "postgres_fe.h"

typedef enum PropertyType
{
	PROPERTY_STRING,
	PROPERTY_INT,
	PROPERTY_LONG,
	PROPERTY_BOOLEAN,
	PROPERTY_LIST,
	PROPERTY_CLASS,
	PROPERTY_PASSWORD
} PropertyType;

typedef enum PropertyImportance
{
	IMPORTANCE_HIGH,
	IMPORTANCE_MEDIUM,
	IMPORTANCE_LOW
} PropertyImportance;

typedef enum PropertyWidth
{
	WIDTH_NONE,
	WIDTH_SHORT,
	WIDTH_MEDIUM,
	WIDTH_LONG
} PropertyWidth;

/* In the order in which a validation names them. */
typedef enum PropertyGroup
{
	GROUP_COMMON,
	GROUP_TRANSFORMS,
	GROUP_PREDICATES,
	GROUP_ERRORS,
	GROUP_TOPIC_CREATION,
	GROUP_EXACTLY_ONCE,
	GROUP_OFFSETS,				/* up to here Kafka Connect's */
	GROUP_POSTGRES,
	GROUP_CONNECTOR,
	GROUP_EVENTS,
	GROUP_UNLISTED				/* known, but not described to clients */
} PropertyGroup;

/* What is checked beside the type; property_check.c. */
typedef enum PropertyCheck
{
	CHECK_NONE,
	CHECK_REQUIRED,
	CHECK_TOPIC_NAME,
	CHECK_HOSTNAME,
	CHECK_SLOT_NAME,
	CHECK_ONE_OF,				/* of "values" */
	CHECK_ONE_OF_ANY_CASE,		/* the same; worded otherwise */
	CHECK_INTEGER,
	CHECK_POSITIVE_INTEGER,
	CHECK_NON_NEGATIVE_INTEGER,
	CHECK_POSITIVE_LONG,
	CHECK_NON_NEGATIVE_LONG,
	CHECK_AT_LEAST_0,
	CHECK_AT_LEAST_1,
	CHECK_BOOLEAN,
	CHECK_NON_EMPTY,
	CHECK_PATTERNS,				/* regular expressions, by commas */
	CHECK_PAIRS,				/* a=b,c=d */
	CHECK_OPERATIONS,
	CHECK_KEY_COLUMNS,
	CHECK_REPLICA_IDENTITY,
	CHECK_QUEUE_SIZE,
	CHECK_ALIASES
} PropertyCheck;

typedef struct PropertyDefinition
{
	const char *name;			/* unlisted: a final '.' stands for all that
								 * follows */
	PropertyType type;
	const char *default_value;	/* NULL: none */
	PropertyImportance importance;
	PropertyGroup group;
	int			order;			/* in the group */
	PropertyWidth width;
	PropertyCheck check;
	const char *values;			/* "a, b, c" as messages list them; or NULL */
	bool		acts;			/* the bridge does something by it; the
								 * plugin's are in decoder_properties.h */
	const char *display_name;
	const char *documentation;
} PropertyDefinition;

/* Ended by an entry without a name.  Kafka Connect's own come first. */
extern const PropertyDefinition property_table[];

/* The entry for a name, by its beginning if need be; NULL: not known. */
extern const PropertyDefinition *property_find(const char *name);

/* Is it one of Kafka Connect's own, whose messages are worded otherwise? */
static inline bool
property_is_connects(const PropertyDefinition *definition)
{
	return definition->group < GROUP_POSTGRES;
}

/* In the words of Kafka Connect. */
extern const char *property_type_name(PropertyType type);
extern const char *property_importance_name(PropertyImportance importance);
extern const char *property_width_name(PropertyWidth width);
extern const char *property_group_name(PropertyGroup group);

#endif							/* PROPERTY_TABLE_H */
