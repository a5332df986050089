/*-------------------------------------------------------------------------
 *
 * decoder_options.h
 *	  What is known of each option, between the files that read options.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_OPTIONS_H
#define DECODER_OPTIONS_H

#include "decoder_debezium.h"

/* Defaults that are text */
#define DEFAULT_PLACEHOLDER "__debezium_unavailable_value"
#define DEFAULT_RUN_ID "00000000-0000-0000-0000-000000000000"
#define DEFAULT_KEY_FIELD "__dbz__physicalTableIdentifier"

typedef struct OptionSpec OptionSpec;

struct OptionSpec
{
	const char *name;
	void		(*set) (DecoderOptions *options, const OptionSpec *spec,
						const char *value);
	bool		is_property;	/* of Debezium, so also in "config" */

	/* for debezium_options(), and so for docs/plugin.md */
	const char *default_value;	/* as it would be given, NULL: none */
	const char *values;			/* which are valid, in words */
	const char *description;	/* a sentence without its full stop */

	/* in place of "set", where the name has parameters */
	void		(*set_named) (DecoderOptions *options, const char *name,
							  const char *value);
};

/* Takes a name and a value of a configuration text */
typedef void (*ConfigTaker) (void *arg, const char *name, const char *value);

/* in decoder_option_table.c */
extern const OptionSpec *option_spec(int number);
extern const OptionSpec *option_find(const char *name);
extern char *option_shown_name(const char *name);
extern void option_add_transform_property(DecoderOptions *options,
										  const char *name, const char *value);

/* in decoder_config.c */
extern void config_read(const char *config, ConfigTaker take, void *arg);

#endif							/* DECODER_OPTIONS_H */
