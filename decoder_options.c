/*-------------------------------------------------------------------------
 *
 * decoder_options.c
 *	  Options of the output plugin, one by one or as properties text.
 *
 * NOTES
 *	  Options have the names of Debezium's properties.  The grammar of
 *	  replication commands cuts names at 63 bytes, so the whole configuration
 *	  can also come as text in one option, "config": lines name=value with the
 *	  escapes of Java's properties files.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/defrem.h"
#include "decoder_options.h"
#include "decoder_properties.h"
#include "decoder_regex.h"
#include "decoder_transform.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"

/* Names that are not in the table begin like one of these */
static const char *const property_prefixes[] = {
#define LIST_PREFIX(prefix) prefix,
	DECODER_PROPERTY_PREFIXES(LIST_PREFIX)
};

static bool
has_property_prefix(const char *name)
{
	int			i;

	for (i = 0; i < lengthof(property_prefixes); i++)
	{
		if (strncmp(name, property_prefixes[i],
					strlen(property_prefixes[i])) == 0)
			return true;
	}
	return false;
}

static void
refuse_name(const char *name, bool in_config)
{
	const OptionSpec *spec;
	StringInfoData valid;
	int			i;

	initStringInfo(&valid);
	for (i = 0; (spec = option_spec(i)) != NULL; i++)
	{
		if (!in_config || spec->is_property)
			appendStringInfo(&valid, "%s%s", valid.len > 0 ? ", " : "",
							 spec->name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 in_config ?
			 errmsg("unrecognized property \"%s\" in option \"config\"",
					option_shown_name(name)) :
			 errmsg("unrecognized option \"%s\"", option_shown_name(name)),
			 errhint("Valid %s are: %s.", in_config ? "properties" : "options",
					 valid.data)));
}

/*
 * Set one option; "seen" collects the names that were.
 */
static void
set_option(DecoderOptions *options, const char *name, const char *value,
		   bool in_config, List **seen)
{
	const OptionSpec *spec = option_find(name);
	ListCell   *cell;

	if (spec == NULL ? !has_property_prefix(name) :
		(in_config && !spec->is_property))
		refuse_name(name, in_config);
	foreach(cell, *seen)
	{
		if (strcmp((char *) lfirst(cell), name) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_SYNTAX_ERROR),
					 errmsg("option \"%s\" is given more than once",
							option_shown_name(name))));
	}
	if (spec == NULL)
		option_add_transform_property(options, name, value);
	else if (spec->set_named != NULL)
		spec->set_named(options, name, value);
	else
		spec->set(options, spec, value);
	*seen = lappend(*seen, pstrdup(name));
}

/* Where the properties of the option "config" go */
typedef struct ConfigTarget
{
	DecoderOptions *options;
	List	  **seen;
} ConfigTarget;

static void
take_property(void *arg, const char *name, const char *value)
{
	ConfigTarget *target = arg;

	set_option(target->options, name, value, true, target->seen);
}

static void
read_config(DecoderOptions *options, const char *config, List **seen)
{
	ConfigTarget target = {options, seen};

	config_read(config, take_property, &target);
}

static void
set_defaults(DecoderOptions *options)
{
	memset(options, 0, sizeof(DecoderOptions));
	options->format = &output_envelope;
	options->filter = filter_create();
	options->publication_name = "dbz_publication";
	options->change_failure_mode = FAILURE_FAIL;
	options->decimal_mode = DECIMAL_PRECISE;
	options->time_mode = TIME_ADAPTIVE;
	options->money_digits = 2;
	options->tombstones = true;
	options->naming.with_schema = true;
	options->naming.delimiter = ".";
	options->naming.unique_keys = true;
	options->naming.key_field = DEFAULT_KEY_FIELD;
	options->transaction_topic = "transaction";
	options->skipped = OPERATION_TRUNCATE;
	options->placeholder_text = DEFAULT_PLACEHOLDER;
	options->placeholder = DEFAULT_PLACEHOLDER;
	options->placeholder_len = strlen(DEFAULT_PLACEHOLDER);
	options->key_converter.null_default = true;
	options->value_converter.null_default = true;
	options->header_converter.kind = CONVERTER_SIMPLE_HEADER;
	options->header_converter.null_default = true;
	options->extended_headers = true;
	options->run_id = DEFAULT_RUN_ID;
}

static bool
was_given(const List *seen, const char *name)
{
	const ListCell *cell;

	foreach(cell, seen)
	{
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	}
	return false;
}

/*
 * What follows from all options together.
 */
static void
complete_options(DecoderOptions *options, const List *seen, bool utf8)
{
	Converter  *key = &options->key_converter;
	Converter  *value = &options->value_converter;
	Converter  *header = &options->header_converter;

	options->utf8 = utf8;
	key->utf8 = value->utf8 = header->utf8 = utf8;

	/*
	 * A connector's converters have schemas, as in Connect, but whoever looks
	 * at events in psql and names no converter wants to see rows.
	 */
	if (!was_given(seen, "key.converter.schemas.enable"))
		key->schemas = key->named;
	if (!was_given(seen, "value.converter.schemas.enable"))
		value->schemas = value->named;
	if (!was_given(seen, "header.converter.schemas.enable"))
		header->schemas = header->named;

	value->direct = value->kind == CONVERTER_JSON;
	/* headers are made of keys, and need their nulls */
	key->direct = key->kind == CONVERTER_JSON && !key->numeric_decimals &&
		header->kind == CONVERTER_SIMPLE_HEADER;
	transform_chain_create(options);
}

/*
 * What the strategies with a regular expression need.
 */
static void
check_naming(DecoderOptions *options)
{
	TopicNaming *naming = &options->naming;

	if (naming->by_regex &&
		(naming->regex == NULL || naming->replacement == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" is missing",
						naming->regex == NULL ? "topic.regex" : "topic.replacement"),
				 errdetail("The strategy of \"topic.naming.strategy\" needs it.")));
	if (naming->key_regex != NULL && naming->key_replacement == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" is missing", "topic.key.field.replacement"),
				 errdetail("It is needed beside \"topic.key.field.regex\".")));
	/* other strategies do not look at them */
	if (!naming->by_regex)
		naming->regex = NULL;
	else
		regex_check_replacement(naming->regex, naming->replacement,
								"topic.replacement");
	if (naming->key_regex != NULL)
		regex_check_replacement(naming->key_regex, naming->key_replacement,
								"topic.key.field.replacement");
}

/*
 * Rules between options, checked when all are known.
 */
static void
check_options(DecoderOptions *options, const List *seen)
{
	static const char *const exclusive[][2] = {
		{"schema.include.list", "schema.exclude.list"},
		{"table.include.list", "table.exclude.list"},
		{"column.include.list", "column.exclude.list"},
		{"message.prefix.include.list", "message.prefix.exclude.list"}
	};
	int			i;

	for (i = 0; i < lengthof(exclusive); i++)
	{
		if (was_given(seen, exclusive[i][0]) && was_given(seen, exclusive[i][1]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("options \"%s\" and \"%s\" exclude each other",
							exclusive[i][0], exclusive[i][1]),
					 errhint("Give only one of them.")));
	}
	check_naming(options);
}

/*
 * Read the plugin's options into the current memory context.
 */
void
options_read(DecoderOptions *options, List *elements)
{
	List	   *seen = NIL;
	ListCell   *cell;
	bool		have_config = false;

	set_defaults(options);
	foreach(cell, elements)
	{
		DefElem    *element = lfirst_node(DefElem, cell);
		const char *value;

		if (strlen(element->defname) >= NAMEDATALEN - 1)
			ereport(ERROR,
					(errcode(ERRCODE_NAME_TOO_LONG),
					 errmsg("option name \"%s\" is too long",
							option_shown_name(element->defname)),
					 errdetail("Names of %d bytes and more are cut without a word by the replication protocol.",
							   NAMEDATALEN - 1),
					 errhint("Give the property in the text of option \"config\".")));
		if (element->arg == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" has no value",
							option_shown_name(element->defname))));
		value = defGetString(element);
		if (strcmp(element->defname, "config") != 0)
			set_option(options, element->defname, value, false, &seen);
		else if (have_config)
			ereport(ERROR,
					(errcode(ERRCODE_SYNTAX_ERROR),
					 errmsg("option \"%s\" is given more than once", "config")));
		else
		{
			have_config = true;
			read_config(options, value, &seen);
		}
	}
	check_options(options, seen);
	complete_options(options, seen, options->format == &output_stream);
}

/*
 * Read a configuration text alone, as the SQL functions get it; "utf8": they
 * give text in UTF-8.
 */
void
options_read_config(DecoderOptions *options, const char *config, bool utf8)
{
	List	   *seen = NIL;

	set_defaults(options);
	read_config(options, config, &seen);
	check_options(options, seen);
	complete_options(options, seen, utf8);
}

/*
 * What is known about the option of this number; false when there is none.
 */
bool
option_describe(int number, OptionText *text)
{
	const OptionSpec *spec = option_spec(number);

	if (spec == NULL)
		return false;
	text->name = spec->name;
	text->default_value = spec->default_value;
	text->values = spec->values;
	text->description = spec->description;
	return true;
}
