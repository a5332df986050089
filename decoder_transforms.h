/*-------------------------------------------------------------------------
 *
 * decoder_transforms.h
 *	  The transforms and predicates of records that the output plugin knows,
 *	  by the names of their classes in Kafka Connect and Debezium.
 *
 * The plugin rejects every other name, and the bridge tells so before it
 * starts a connector; so the lists stand here once.  No other header is
 * needed.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_TRANSFORMS_H
#define DECODER_TRANSFORMS_H

/*
 * X(class name, name of the struct that implements it, part of the record it
 * works on: WHOLE, KEY or VALUE)
 */
#define DECODER_TRANSFORMS(X) \
	X("io.debezium.transforms.ExtractNewRecordState", unwrap, WHOLE)

/* X(class name, name of the struct that implements it) */
#define DECODER_PREDICATES(X) \
	X("org.apache.kafka.connect.transforms.predicates.HasHeaderKey", has_header) \
	X("org.apache.kafka.connect.transforms.predicates.RecordIsTombstone", is_tombstone)

#endif							/* DECODER_TRANSFORMS_H */
