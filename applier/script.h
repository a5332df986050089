/*-------------------------------------------------------------------------
 *
 * script.h
 *	  A pipeline script as its text says it: tables, views, settings, INSERTs.
 *	  Names of tables and views are resolved as they are read.
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

typedef struct Expression Expression;
typedef struct ScriptQuery ScriptQuery;

struct ScriptColumn
{
	char	   *name;
	Place		place;
	DataType	type;			/* not of a computed column */
	bool		not_null;
	Expression *computed;		/* name AS expression; NULL: none */
	char	   *metadata;		/* METADATA: its key; NULL: none */
	bool		is_virtual;		/* METADATA VIRTUAL: never written */
};

/* 'key' = 'value' in WITH, SET or a hint */
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
	bool		hidden;			/* dropped later, or made by a hint */
} ScriptTable;

typedef enum ExpressionKind
{
	EXPRESSION_STRING,			/* text */
	EXPRESSION_NUMBER,			/* text */
	EXPRESSION_BOOLEAN,			/* text: TRUE or FALSE */
	EXPRESSION_NULL,
	EXPRESSION_BYTES,			/* x'...': text */
	EXPRESSION_TEMPORAL,		/* DATE '...' and the like: type and text */
	EXPRESSION_INTERVAL,		/* type; text: PostgreSQL's words for it */
	EXPRESSION_WORD,			/* text: a unit, as an argument */
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
	EXPRESSION_LIKE,			/* value, pattern [, escape]; text: LIKE or
								 * SIMILAR TO; negated */
	EXPRESSION_IS_JSON,			/* text: VALUE, OBJECT, ...; negated */
	EXPRESSION_CASE,			/* [operand] then pairs, then else; see below */
	EXPRESSION_CAST,			/* one argument; type; try */
	EXPRESSION_ITEM,			/* value[index] */
	EXPRESSION_ARRAY,			/* ARRAY[...] */
	EXPRESSION_MAP,				/* MAP[...]: keys and values in turn */
	EXPRESSION_ELEMENT			/* column of UNNEST; text: in PostgreSQL's
								 * words; type.  Made by query.c */
} ExpressionKind;

struct Expression
{
	ExpressionKind kind;
	Place		place;
	char	   *text;
	char	  **path;			/* of a column or a qualified function, and of
								 * t.* the table */
	int			path_count;
	Expression **arguments;
	int			argument_count;
	bool		negated;
	bool		has_operand;	/* CASE x WHEN ...: arguments[0] is x */
	bool		has_else;		/* CASE: the last argument is ELSE */
	bool		try;			/* TRY_CAST */
	bool		symmetric;		/* BETWEEN SYMMETRIC */
	DataType	type;
	Expression **words;			/* what follows the path in JSON_VALUE(...);
								 * DEFAULT has its value as argument */
	int			word_count;
};

typedef struct SelectItem
{
	Expression *expression;
	char	   *alias;			/* NULL: none */
} SelectItem;

/* A query with a name: a view, or WITH name AS (...). */
typedef struct ScriptView
{
	char	   *name;
	char	  **columns;		/* other names of the columns; NULL: none */
	Place	   *column_places;
	int			column_count;
	ScriptQuery *query;
	bool		hidden;			/* dropped later */
} ScriptView;

/* CROSS JOIN UNNEST(array) [WITH ORDINALITY] AS alias [(columns)] */
typedef struct ScriptUnnest
{
	Place		place;
	Expression *array;
	bool		ordinality;
	bool		left;			/* LEFT JOIN ... ON TRUE */
	char	   *alias;			/* NULL: none */
	char	  **columns;		/* NULL: none */
	Place	   *column_places;
	int			column_count;
} ScriptUnnest;

/* What stands behind FROM. */
typedef struct ScriptFrom
{
	Place		place;
	int			table;			/* number in the script; -1: none of these */
	ScriptView *view;			/* NULL: none */
	ScriptQuery *query;			/* subquery; NULL: none */
	char	   *alias;			/* name of the table, where none is given */
	char	  **columns;		/* AS alias(columns); NULL: none */
	Place	   *column_places;
	int			column_count;
	ScriptUnnest *unnests;
	int			unnest_count;
} ScriptFrom;

/* SELECT ... FROM ... WHERE ..., or UNION ALL of several queries. */
struct ScriptQuery
{
	Place		place;
	ScriptQuery **branches;		/* of UNION ALL; NULL: a SELECT */
	int			branch_count;
	SelectItem *items;
	int			item_count;
	ScriptFrom	from;
	Expression *where;			/* NULL: none */
};

typedef struct ScriptInsert
{
	Place		place;
	int			sink;			/* number among the script's tables */
	Place		sink_place;
	char	  **columns;		/* INSERT INTO sink (columns); NULL: all */
	Place	   *column_places;
	int			column_count;
	ScriptQuery *query;
} ScriptInsert;

typedef struct Script
{
	const char *file;			/* for messages */
	ScriptTable *tables;
	int			table_count;
	ScriptView **views;
	int			view_count;
	ScriptOption *settings;		/* SET, in order */
	int			setting_count;
	ScriptInsert *inserts;
	int			insert_count;
	PQExpBuffer notes;			/* what is accepted without effect, a line
								 * each */
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

/* The hints where something would need state, and where that is of groups. */
extern const char stateless_hint[];
extern const char aggregate_hint[];

/* INT, DECIMAL(10, 2), ROW<...>: for messages; appended. */
extern void type_append(PQExpBuffer text, const DataType *type);

/* The option, marked as used, or NULL. */
extern const char *table_option(ScriptTable *table, const char *name);

/* Where the option stands; where the table does, if it is not given. */
extern Place option_place(const ScriptTable *table, const char *name);

#endif							/* SCRIPT_H */
