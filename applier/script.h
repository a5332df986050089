/*-------------------------------------------------------------------------
 *
 * script.h
 *	  A pipeline script as its text says it: tables, settings, INSERTs.
 *
 * NOTES
 *	  The dialect is Flink SQL, the part without state (README.md has the
 *	  table).  script_parse() knows the grammar only; what names mean is
 *	  decided in pipeline.c and expression.c.  Everything stays allocated as
 *	  long as the process: a script is read once, at start.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include <setjmp.h>

/* Where something stands in the script, both from 1. */
typedef struct Place
{
	int			line;
	int			column;
} Place;

typedef enum TypeKind
{
	TYPE_ANY,					/* not known: pg_catalog.f(...), NULL */
	TYPE_BOOLEAN,
	TYPE_TINYINT,
	TYPE_SMALLINT,
	TYPE_INT,
	TYPE_BIGINT,
	TYPE_FLOAT,
	TYPE_DOUBLE,
	TYPE_DECIMAL,
	TYPE_CHAR,
	TYPE_VARCHAR,				/* STRING is VARCHAR without a length */
	TYPE_BINARY,
	TYPE_VARBINARY,				/* BYTES is VARBINARY without a length */
	TYPE_DATE,
	TYPE_TIME,
	TYPE_TIMESTAMP,
	TYPE_TIMESTAMP_LTZ,
	TYPE_INTERVAL_MONTH,		/* INTERVAL YEAR TO MONTH and its parts */
	TYPE_INTERVAL_SECOND,		/* INTERVAL DAY TO SECOND and its parts */
	TYPE_ROW,
	TYPE_ARRAY,
	TYPE_MAP
} TypeKind;

typedef struct ScriptColumn ScriptColumn;

typedef struct DataType
{
	TypeKind	kind;
	int			precision;		/* of decimal, time, timestamp; length of char
								 * and binary kinds, -1: none */
	int			scale;
	ScriptColumn *fields;		/* of a ROW */
	int			field_count;
	struct DataType *element;	/* of an ARRAY; of a MAP the value's */
	struct DataType *key;		/* of a MAP */
} DataType;

struct ScriptColumn
{
	char	   *name;
	Place		place;
	DataType	type;
	bool		not_null;
};

/* 'key' = 'value' in WITH or SET */
typedef struct ScriptOption
{
	char	   *name;
	char	   *value;
	Place		place;			/* of the name */
	bool		used;			/* set by whoever understands it */
} ScriptOption;

typedef struct ScriptTable
{
	char	   *name;
	Place		place;
	ScriptColumn *columns;
	int			column_count;
	char	  **key;			/* PRIMARY KEY, in its order */
	Place	   *key_places;
	int			key_count;
	ScriptOption *options;
	int			option_count;
} ScriptTable;

typedef enum ExpressionKind
{
	EXPRESSION_STRING,			/* text */
	EXPRESSION_NUMBER,			/* text */
	EXPRESSION_BOOLEAN,			/* text: TRUE or FALSE */
	EXPRESSION_NULL,
	EXPRESSION_TEMPORAL,		/* DATE '...' and the like: type and text */
	EXPRESSION_COLUMN,			/* path */
	EXPRESSION_STAR,
	EXPRESSION_CALL,			/* text: name; path: schema, where given */
	EXPRESSION_OPERATOR,		/* text: + - * / % || = <> < <= > >= */
	EXPRESSION_NEGATE,			/* -x */
	EXPRESSION_AND,
	EXPRESSION_OR,
	EXPRESSION_NOT,
	EXPRESSION_IS,				/* text: NULL, TRUE, FALSE, UNKNOWN; negated */
	EXPRESSION_DISTINCT,		/* IS [NOT] DISTINCT FROM */
	EXPRESSION_IN,				/* first argument, then the list; negated */
	EXPRESSION_BETWEEN,			/* three arguments; negated */
	EXPRESSION_LIKE,			/* value, pattern [, escape]; negated */
	EXPRESSION_CASE,			/* [operand] then pairs, then else; see below */
	EXPRESSION_CAST				/* one argument; type */
} ExpressionKind;

typedef struct Expression Expression;

struct Expression
{
	ExpressionKind kind;
	Place		place;
	char	   *text;
	char	  **path;			/* of a column or a qualified function */
	int			path_count;
	Expression **arguments;
	int			argument_count;
	bool		negated;
	bool		has_operand;	/* CASE x WHEN ...: arguments[0] is x */
	bool		has_else;		/* CASE: the last argument is ELSE */
	DataType	type;
};

typedef struct SelectItem
{
	Expression *expression;
	char	   *alias;			/* NULL: none */
} SelectItem;

typedef struct ScriptInsert
{
	Place		place;
	char	   *sink;
	Place		sink_place;
	char	  **columns;		/* INSERT INTO sink (columns); NULL: all */
	Place	   *column_places;
	int			column_count;
	SelectItem *items;
	int			item_count;
	char	   *source;
	Place		source_place;
	char	   *source_alias;	/* NULL: none */
	Expression *where;			/* NULL: none */
} ScriptInsert;

typedef struct Script
{
	const char *file;			/* for messages */
	ScriptTable *tables;
	int			table_count;
	ScriptOption *settings;		/* SET, in order */
	int			setting_count;
	ScriptInsert *inserts;
	int			insert_count;
	PQExpBuffer error;			/* file:line:column: message, and a hint */
	jmp_buf		failed;			/* where script_fail() goes */
} Script;

/*
 * Reads a script.  False, with the message in script->error, where it is not
 * understood.  "file" must stay valid.
 */
extern bool script_parse(Script *script, const char *file, const char *text);

/*
 * Ends reading at an error: sets script->error and jumps to script->failed,
 * which the caller has set.  "hint" is a sentence or NULL.
 */
extern void script_fail(Script *script, Place place, const char *hint,
						const char *format,...) pg_attribute_noreturn()
			__attribute__((format(printf, 4, 5)));

/* INT, DECIMAL(10, 2), ROW<...>: for messages; appended. */
extern void type_append(PQExpBuffer text, const DataType *type);

/* The option, marked as used, or NULL. */
extern const char *table_option(ScriptTable *table, const char *name);

#endif							/* SCRIPT_H */
