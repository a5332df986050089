/*-------------------------------------------------------------------------
 *
 * decoder_catalog.h
 *	  What a configuration means in this database.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_CATALOG_H
#define DECODER_CATALOG_H

#include "decoder_debezium.h"
#include "decoder_regex.h"

/* A table that a configuration captures */
typedef struct FoundTable
{
	Oid			relid;
	int			order;			/* the include pattern that matched */
	char	   *schema_name;
	char	   *table_name;
} FoundTable;

/* What the names are that a regular expression is compared with */
typedef enum PatternSubject
{
	PATTERN_SCHEMA,
	PATTERN_TABLE,				/* schema.table */
	PATTERN_COLUMN,				/* schema.table.column, of a captured table */
	PATTERN_COLUMN_TYPE			/* schema.table.type, of such a column */
} PatternSubject;

/* A regular expression of a configuration */
typedef struct PatternUse
{
	const char *property;
	const Regex *regex;
	PatternSubject subject;
	bool		matched;		/* something of that name was seen */
} PatternUse;

/* in decoder_catalog.c */
extern List *tables_find(const TableFilter *filter);
extern List *pattern_uses_add(List *uses, const List *patterns,
							  const char *property, PatternSubject subject);
extern void unmatched_report(const DecoderOptions *options);

/* in decoder_filter.c */
extern List *filter_pattern_uses(const TableFilter *filter, List *uses);

/* in decoder_mask.c */
extern List *mask_pattern_uses(const List *masks, List *uses);

#endif							/* DECODER_CATALOG_H */
