/*-------------------------------------------------------------------------
 *
 * decoder_schema.h
 *	  Kafka Connect's schemas: what keys and values of records are made of.
 *
 * NOTES
 *	  A value goes along with its schema as JSON text in "plain form": what
 *	  Connect's JSON converter writes with schemas.enable=false,
 *	  replace.null.with.default=false and decimal.format=BASE64.  All other
 *	  forms are made from the two, see decoder_convert.c.
 *
 *	  A schema is not changed any more once it is part of another or was
 *	  written; it can be shared.  All memory is from the current context.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_SCHEMA_H
#define DECODER_SCHEMA_H

#include "lib/stringinfo.h"

typedef enum ConnectType
{
	CONNECT_INT8,
	CONNECT_INT16,
	CONNECT_INT32,
	CONNECT_INT64,
	CONNECT_FLOAT,
	CONNECT_DOUBLE,
	CONNECT_BOOLEAN,
	CONNECT_STRING,
	CONNECT_BYTES,				/* base64 in JSON */
	CONNECT_ARRAY,
	CONNECT_MAP,
	CONNECT_STRUCT
} ConnectType;

/* Names of schemas that mean something to a converter or a transform */
#define SCHEMA_DECIMAL "org.apache.kafka.connect.data.Decimal"
#define SCHEMA_CONNECT_DATE "org.apache.kafka.connect.data.Date"
#define SCHEMA_CONNECT_TIME "org.apache.kafka.connect.data.Time"
#define SCHEMA_CONNECT_TIMESTAMP "org.apache.kafka.connect.data.Timestamp"

typedef struct Converter Converter;
typedef struct Schema Schema;

typedef struct SchemaParameter
{
	const char *name;
	const char *value;
} SchemaParameter;

typedef struct SchemaField
{
	const char *name;
	const Schema *schema;
} SchemaField;

struct Schema
{
	ConnectType type;
	bool		optional;
	const char *name;			/* NULL: none */
	int			version;		/* 0: none */
	const char *doc;			/* NULL: none */
	int			nparameters;	/* in the order in which they were added */
	SchemaParameter *parameters;
	const char *default_json;	/* in plain form; NULL: none */
	const Schema *items;		/* of an array; the values of a map */
	const Schema *keys;			/* of a map */
	int			nfields;		/* of a struct */
	SchemaField *fields;
};

/* Schemas without name, of which there is only one */
extern const Schema string_schema;
extern const Schema optional_string_schema;
extern const Schema boolean_schema;
extern const Schema int32_schema;
extern const Schema optional_int32_schema;
extern const Schema int64_schema;
extern const Schema optional_int64_schema;

/* in decoder_schema.c */
extern Schema *schema_create(ConnectType type, bool optional);
extern Schema *schema_copy(const Schema *schema);
extern void schema_set_name(Schema *schema, const char *name, int version);
extern void schema_add_parameter(Schema *schema, const char *name,
								 const char *value);
extern const char *schema_parameter(const Schema *schema, const char *name);
extern void schema_add_field(Schema *schema, const char *name,
							 const Schema *field);
extern const Schema *schema_field(const Schema *schema, const char *name);
extern const char *schema_type_name(ConnectType type);
extern void schema_append_json(StringInfo out, const Schema *schema,
							   const char *field_name,
							   const Converter *converter);

#endif							/* DECODER_SCHEMA_H */
