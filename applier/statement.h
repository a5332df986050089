/*-------------------------------------------------------------------------
 *
 * statement.h
 *	  The SQL that runs on the target, and its array parameters.
 *
 * NOTES
 *	  Every statement takes one array per column and joins them by unnest(),
 *	  so its text does not depend on the batch: it is prepared once per
 *	  connection, and a whole batch is one round trip.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef STATEMENT_H
#define STATEMENT_H

#include "pipeline.h"

/* The type of a column of the target. */
typedef struct TargetType
{
	char	   *name;			/* as in a cast */
	char	   *base;			/* pg_type.typname of what a domain is made
								 * of; "" where it is nobody's but the user's;
								 * NULL: not asked */
	int32		modifier;		/* typmod, -1: none */
	char	   *element;		/* of an array: as in a cast; else NULL */
	char	   *element_base;
} TargetType;

/* What the target says about a flow's sink. */
typedef struct FlowTarget
{
	char	   *table;			/* quoted, with schema */
	TargetType *types;			/* of each output's column */
	char	  **columns;		/* quoted names */
} FlowTarget;

/*
 * For a flow that the applier evaluates: the parameters are the outputs (for
 * a delete, the key's outputs in the order of the outputs).  For one that
 * the target evaluates: all fields of the source, then the two booleans of a
 * row (removed, key_only).
 */
extern void statement_upsert(PQExpBuffer sql, const Flow *flow,
							 const FlowTarget *target);
extern void statement_delete(PQExpBuffer sql, const Flow *flow,
							 const FlowTarget *target);

/*
 * Writes what an event has of a row that is there; "missing" marks outputs
 * that the event does not have (unchanged TOAST).  Only for flows that the
 * applier evaluates; parameters are the other outputs and, where the row is
 * "moved", the key's outputs as they were before.  Fails with
 * division_by_zero where one of the rows is not there.
 */
extern void statement_update(PQExpBuffer sql, const Flow *flow,
							 const FlowTarget *target, const bool *missing,
							 bool moved);

/*
 * Moves the progress of some partitions; parameters: pipeline, topics,
 * partitions, from, to, positions.  Fails with division_by_zero where one of
 * them is not where it should be, so that the transaction is rolled back
 * without another round trip.
 */
extern void statement_progress(PQExpBuffer sql, const char *table);

/* in conversion.c */

/*
 * Appends what makes a value of the target's type of "value", the SQL of a
 * carried value of the declared type.  False, with nothing appended, where a
 * cast does it.
 */
extern bool conversion_append(PQExpBuffer sql, const char *value,
							  const DataType *type, const SourceTable *source,
							  const TargetType *target);

/* Why no value of the declared type can become one of the target's, or NULL. */
extern const char *conversion_check(const DataType *type,
									const SourceTable *source,
									const TargetType *target);

/* Name in double quotes, appended. */
extern void append_identifier(PQExpBuffer sql, const char *name);

/* An array in binary: values are added one by one. */
typedef struct ArrayParameter
{
	Oid			element;
	PQExpBufferData data;
	int32		count;
	bool		has_null;
} ArrayParameter;

extern void array_init(ArrayParameter *array, const char *carrier);
extern void array_free(ArrayParameter *array);
extern void array_add(ArrayParameter *array, const FieldValue *value);
extern void array_add_int(ArrayParameter *array, int64 value);

/* Completes the header; then data holds the parameter. */
extern void array_finish(ArrayParameter *array);
extern Oid	array_type(const ArrayParameter *array);

#endif							/* STATEMENT_H */
