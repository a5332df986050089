/*-------------------------------------------------------------------------
 *
 * query.h
 *	  Queries without their names: what a SELECT over views, subqueries and
 *	  computed columns is over the columns of tables.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUERY_H
#define QUERY_H

#include "script.h"

/* UNNEST of a column of the table: u<number>("?value"[, "?name"], "?place") */
typedef struct QueryUnnest
{
	Expression *array;			/* a column of type ARRAY or MAP */
	DataType	type;
	bool		left;			/* a row without elements stays */
} QueryUnnest;

/*
 * SELECT items FROM table WHERE ...: columns in it are those of the table
 * that are no computed ones, without the table's name.
 */
typedef struct QueryBranch
{
	int			table;			/* number in the script */
	Place		place;			/* of the table behind FROM */
	SelectItem *items;			/* each with its name as the alias */
	int			item_count;
	Expression *where;			/* NULL: none */
	QueryUnnest *unnests;		/* in order, numbered from 0 */
	int			unnest_count;
} QueryBranch;

typedef struct QueryBranches
{
	QueryBranch *list;			/* of UNION ALL, in order */
	int			count;
} QueryBranches;

/* Is it a function without parentheses, which looks like a column? */
extern bool query_is_function(const Expression *column);

/* Errors go to script_fail(). */
extern QueryBranches query_resolve(Script *script, const ScriptQuery *query);

#endif							/* QUERY_H */
