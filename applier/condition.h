/*-------------------------------------------------------------------------
 *
 * condition.h
 *	  WHERE clauses that the applier evaluates itself.
 *
 * NOTES
 *	  Only what is the same in every system: a text or an integer compared
 *	  for equality with constants, IS NULL, and AND, OR, NOT over those with
 *	  the three values of SQL.  Everything else is left to the target.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef CONDITION_H
#define CONDITION_H

#include "postgres_fe.h"

/* A field's value: bytes of text, or NULL. */
typedef struct FieldValue
{
	const char *text;			/* not zero-terminated */
	int32		length;			/* VALUE_NULL, VALUE_UNAVAILABLE, or bytes */
} FieldValue;

#define VALUE_NULL			(-1)
#define VALUE_UNAVAILABLE	(-2)	/* unchanged TOAST: not in the event */

typedef enum Truth
{
	TRUTH_FALSE,
	TRUTH_TRUE,
	TRUTH_UNKNOWN,				/* SQL's NULL */
	TRUTH_UNAVAILABLE			/* depends on a value the event does not have */
} Truth;

typedef enum ConditionKind
{
	CONDITION_IN,				/* field IN (values) */
	CONDITION_NULL,				/* field IS NULL */
	CONDITION_AND,
	CONDITION_OR,
	CONDITION_NOT
} ConditionKind;

typedef struct Condition
{
	ConditionKind kind;
	int			field;
	char	  **values;
	int			value_count;
	struct Condition *left;
	struct Condition *right;	/* NULL for NOT */
} Condition;

/* "row" are the values of all fields of a row. */
extern Truth condition_evaluate(const Condition *condition,
								const FieldValue *row);

#endif							/* CONDITION_H */
