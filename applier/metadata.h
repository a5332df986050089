/*-------------------------------------------------------------------------
 *
 * metadata.h
 *	  METADATA columns: which there are.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef METADATA_H
#define METADATA_H

#include "pipeline.h"

typedef enum MetadataKind
{
	METADATA_TOPIC,
	METADATA_PARTITION,
	METADATA_HEADERS,
	METADATA_LEADER_EPOCH,
	METADATA_OFFSET,
	METADATA_TIMESTAMP,
	METADATA_TIMESTAMP_TYPE,
	METADATA_SCHEMA,
	METADATA_INGESTION_TIMESTAMP,
	METADATA_SOURCE_TIMESTAMP,
	METADATA_SOURCE_DATABASE,
	METADATA_SOURCE_SCHEMA,
	METADATA_SOURCE_TABLE,
	METADATA_SOURCE_PROPERTIES
} MetadataKind;

/* Adds a METADATA column to source->metadata, which has room for it. */
extern void metadata_add(Pipeline *pipeline, SourceTable *source,
						 const ScriptColumn *column);

/* The member of "source" in the event that it is; NULL: none, or all. */
extern const char *metadata_source_member(MetadataKind kind);

#endif							/* METADATA_H */
