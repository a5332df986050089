/*-------------------------------------------------------------------------
 *
 * decoder_mask.h
 *	  Columns whose values or schemas are changed by configuration.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_MASK_H
#define DECODER_MASK_H

#include "decoder_debezium.h"

/* In the order in which Debezium tries them; the first that fits counts */
typedef enum MaskKind
{
	MASK_TRUNCATE,				/* column.truncate.to.N.chars */
	MASK_CHARS,					/* column.mask.with.N.chars */
	MASK_SOURCE_TYPE,			/* column.propagate.source.type */
	MASK_SOURCE_TYPE_BY_TYPE,	/* datatype.propagate.source.type */
	MASK_HASH_V1,				/* column.mask.hash.ALG.with.salt.SALT */
	MASK_HASH_V2				/* column.mask.hash.v2.ALG.with.salt.SALT */
} MaskKind;

/* in decoder_mask.c */
extern ColumnMask *mask_create(MaskKind kind, const char *property,
							   const char *patterns);
extern void mask_set_length(ColumnMask *mask, int length);
extern bool mask_set_hash(ColumnMask *mask, const char *algorithm,
						  const char *salt);
extern const char *mask_hash_names(void);
extern List *mask_list_add(List *masks, ColumnMask *mask);

/* in decoder_source_type.c */
extern char *source_type_name(const Column *column, const char *expression,
							  bool snapshot);
extern char *type_catalog_name(Oid type);
extern int	source_type_length(const Column *column, bool snapshot);
extern void source_type_propagate(Schema *schema, const Column *column,
								  const char *type_name, bool snapshot);

#endif							/* DECODER_MASK_H */
