/*-------------------------------------------------------------------------
 *
 * decoder_properties.h
 *	  The properties that the output plugin understands, by Debezium's names.
 *
 * The plugin rejects every other name, and the bridge passes on exactly
 * these, so the lists stand here once.  No other header is needed.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_PROPERTIES_H
#define DECODER_PROPERTIES_H

#include <stdbool.h>
#include <string.h>

/*
 * X(pattern): properties whose names have parameters.  <N> is a number, <ALG>
 * has no dots, and <SALT> is all that follows.
 */
#define DECODER_PROPERTY_PATTERNS(X) \
	X("column.truncate.to.<N>.chars") \
	X("column.mask.with.<N>.chars") \
	X("column.mask.hash.<ALG>.with.salt.<SALT>") \
	X("column.mask.hash.v2.<ALG>.with.salt.<SALT>")

/* Does the name of a property fit a pattern? */
static inline bool
property_fits(const char *pattern, const char *name)
{
	for (;;)
	{
		size_t		len;

		if (*pattern != '<')
		{
			if (*pattern != *name)
				return false;
			if (*pattern == '\0')
				return true;
			pattern++;
			name++;
			continue;
		}
		len = pattern[1] == 'N' ? strspn(name, "0123456789") :
			pattern[1] == 'A' ? strcspn(name, ".") : strlen(name);
		if (len == 0)
			return false;
		name += len;
		pattern = strchr(pattern, '>') + 1;
	}
}

/*
 * How much of a property's name may be shown: a salt is a secret.
 */
static inline int
property_shown_length(const char *name)
{
	const char *salt = strstr(name, ".with.salt.");

	return (int) (salt == NULL ? strlen(name) :
				  (size_t) (salt - name) + strlen(".with.salt."));
}

/* X(name): a property of the connector's configuration */
#define DECODER_PROPERTIES(X) \
	X("topic.prefix") \
	X("topic.delimiter") \
	X("topic.naming.strategy") \
	X("topic.regex") \
	X("topic.replacement") \
	X("topic.key.enforce.uniqueness") \
	X("topic.key.field.name") \
	X("topic.key.field.regex") \
	X("topic.key.field.replacement") \
	X("schema.name.adjustment.mode") \
	X("field.name.adjustment.mode") \
	X("message.prefix.include.list") \
	X("message.prefix.exclude.list") \
	X("schema.include.list") \
	X("schema.exclude.list") \
	X("table.include.list") \
	X("table.exclude.list") \
	X("snapshot.include.collection.list") \
	X("column.include.list") \
	X("column.exclude.list") \
	X("message.key.columns") \
	X("skip.messages.without.change") \
	X("column.propagate.source.type") \
	X("datatype.propagate.source.type") \
	X("include.schema.comments") \
	X("publication.name") \
	X("publication.autocreate.mode") \
	X("publish.via.partition.root") \
	X("event.processing.failure.handling.mode") \
	X("skip.change") \
	X("decimal.handling.mode") \
	X("decimal.special.values") \
	X("time.precision.mode") \
	X("hstore.handling.mode") \
	X("include.unknown.datatypes") \
	X("interval.handling.mode") \
	X("binary.handling.mode") \
	X("money.fraction.digits") \
	X("invalid.text.handling.mode") \
	X("event.converting.failure.handling.mode") \
	X("tombstones.on.delete") \
	X("xmin.fetch.interval.ms") \
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
