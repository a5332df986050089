/*-------------------------------------------------------------------------
 *
 * decoder_properties.h
 *	  The properties that the output plugin understands, by Debezium's names.
 *
 * The plugin rejects every other name, and the bridge passes on exactly
 * these, so the list stands here once.  No other header is needed.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_PROPERTIES_H
#define DECODER_PROPERTIES_H

/* X(name): a property of the connector's configuration */
#define DECODER_PROPERTIES(X) \
	X("topic.prefix") \
	X("schema.include.list") \
	X("schema.exclude.list") \
	X("table.include.list") \
	X("table.exclude.list") \
	X("column.include.list") \
	X("column.exclude.list") \
	X("message.key.columns") \
	X("skip.messages.without.change") \
	X("publication.name") \
	X("publication.autocreate.mode") \
	X("publish.via.partition.root") \
	X("decimal.handling.mode") \
	X("decimal.special.values") \
	X("time.precision.mode") \
	X("hstore.handling.mode") \
	X("include.unknown.datatypes") \
	X("interval.handling.mode") \
	X("binary.handling.mode") \
	X("money.fraction.digits") \
	X("event.converting.failure.handling.mode") \
	X("tombstones.on.delete") \
	X("skipped.operations") \
	X("plugin.name") \
	X("provide.transaction.metadata") \
	X("topic.transaction") \
	X("unavailable.value.placeholder") \
	X("key.converter") \
	X("key.converter.schemas.enable") \
	X("key.converter.decimal.format") \
	X("key.converter.replace.null.with.default") \
	X("value.converter") \
	X("value.converter.schemas.enable") \
	X("value.converter.decimal.format") \
	X("value.converter.replace.null.with.default") \
	X("header.converter") \
	X("header.converter.schemas.enable") \
	X("header.converter.decimal.format") \
	X("header.converter.replace.null.with.default") \
	X("extended.headers.enabled") \
	X("extended.headers.run.id") \
	X("transforms") \
	X("predicates")

/* X(prefix): all properties that begin like this */
#define DECODER_PROPERTY_PREFIXES(X) \
	X("transforms.") \
	X("predicates.")

#endif							/* DECODER_PROPERTIES_H */
