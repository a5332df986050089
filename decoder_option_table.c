/*-------------------------------------------------------------------------
 *
 * decoder_option_table.c
 *	  Each option: its name, its default, what it means, and how it is set.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/string.h"
#include "decoder_mask.h"
#include "decoder_options.h"
#include "decoder_properties.h"
#include "decoder_regex.h"
#include "decoder_transform.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/pg_lsn.h"

/* The version of docs/stream-format.md that is written */
#define STREAM_VERSION	"1"

/* A placeholder that is given as bytes starts with this */
#define PLACEHOLDER_HEX "hex:"

/* What names of topics are made of */
#define TOPIC_CHARACTERS "letters, digits, dots, underscores, hyphens"

/* Debezium's classes for the names of topics */
#define NAMING_STRATEGIES \
	"io.debezium.schema.SchemaTopicNamingStrategy, " \
	"io.debezium.schema.DefaultTopicNamingStrategy, " \
	"io.debezium.schema.SchemaRegexTopicNamingStrategy, " \
	"io.debezium.schema.DefaultRegexTopicNamingStrategy, " \
	"io.debezium.schema.SchemaUnicodeTopicNamingStrategy, " \
	"io.debezium.schema.DefaultUnicodeTopicNamingStrategy"

/* Converters by the names of their classes */
#define CONVERTER_CLASS_JSON "org.apache.kafka.connect.json.JsonConverter"
#define CONVERTER_CLASS_STRING "org.apache.kafka.connect.storage.StringConverter"
#define CONVERTER_CLASS_SIMPLE_HEADER "org.apache.kafka.connect.storage.SimpleHeaderConverter"

/* The longest mask that can be asked for */
#define MAX_MASK_LENGTH 1000000

static void
refuse_value(const OptionSpec *spec, const char *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value \"%s\" for option \"%s\"", value, spec->name),
			 errhint("Valid values are: %s.", spec->values)));
}

static void
set_bool(bool *target, const OptionSpec *spec, const char *value)
{
	if (pg_strcasecmp(value, "true") == 0)
		*target = true;
	else if (pg_strcasecmp(value, "false") == 0)
		*target = false;
	else
		refuse_value(spec, value);
}

static void
set_format(DecoderOptions *options, const OptionSpec *spec, const char *value)
{
	if (strcmp(value, "envelope") == 0)
		options->format = &output_envelope;
	else if (strcmp(value, "record") == 0)
		options->format = &output_record;
	else if (strcmp(value, "stream") == 0)
		options->format = &output_stream;
	else
		refuse_value(spec, value);
}

static void
set_stream_version(DecoderOptions *options, const OptionSpec *spec,
				   const char *value)
{
	if (strcmp(value, STREAM_VERSION) != 0)
		refuse_value(spec, value);
}

static void
set_last_commit_lsn(DecoderOptions *options, const OptionSpec *spec,
					const char *value)
{
	bool		have_error = false;

	options->last_commit_lsn = pg_lsn_in_internal(value, &have_error);
	if (have_error)
		refuse_value(spec, value);
}

static void
set_xmin_interval(DecoderOptions *options, const OptionSpec *spec,
				  const char *value)
{
	char	   *end;

	errno = 0;
	options->xmin_interval = strtoi64(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' ||
		options->xmin_interval < 0 || options->xmin_interval > PG_INT32_MAX)
		refuse_value(spec, value);
}

/* Is this a part of a topic's name? */
static bool
is_topic_text(const char *text)
{
	for (; *text != '\0'; text++)
	{
		if (IS_HIGHBIT_SET(*text) ||
			(!isalnum((unsigned char) *text) && strchr("._-", *text) == NULL))
			return false;
	}
	return true;
}

static void
set_topic_prefix(DecoderOptions *options, const OptionSpec *spec,
				 const char *value)
{
	if (*value == '\0' || !is_topic_text(value))
		refuse_value(spec, value);
	options->topic_prefix = pstrdup(value);
}

static void
set_filter(DecoderOptions *options, const OptionSpec *spec, const char *value)
{
	filter_set_list(options->filter, spec->name, value);
}

/* Not before it is used: the catalog cannot be read now */
static void
set_publication_name(DecoderOptions *options, const OptionSpec *spec,
					 const char *value)
{
	if (strlen(value) >= NAMEDATALEN)
		refuse_value(spec, value);
	options->publication_name = pstrdup(value);
}

static void
set_publication_mode(DecoderOptions *options, const OptionSpec *spec,
					 const char *value)
{
	if (pg_strcasecmp(value, "all_tables") == 0)
		options->publication_mode = PUBLICATION_ALL_TABLES;
	else if (pg_strcasecmp(value, "filtered") == 0)
		options->publication_mode = PUBLICATION_FILTERED;
	else if (pg_strcasecmp(value, "disabled") == 0)
		options->publication_mode = PUBLICATION_DISABLED;
	else if (pg_strcasecmp(value, "no_tables") == 0)
		options->publication_mode = PUBLICATION_NO_TABLES;
	else
		refuse_value(spec, value);
}

static void
set_publish_via_root(DecoderOptions *options, const OptionSpec *spec,
					 const char *value)
{
	set_bool(&options->publish_via_root, spec, value);
}

/*
 * The number of a value among names; they are compared without regard to
 * case, as Debezium does.
 */
static int
choose(const OptionSpec *spec, const char *value, const char *const *names,
	   int count)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		if (pg_strcasecmp(value, names[i]) == 0)
			return i;
	}
	refuse_value(spec, value);
	return -1;					/* not reached */
}

static void
set_skip_change(DecoderOptions *options, const OptionSpec *spec,
				const char *value)
{
	if (!positions_read(&options->skip_positions, value))
		refuse_value(spec, value);
}

static void
set_decimal_mode(DecoderOptions *options, const OptionSpec *spec,
				 const char *value)
{
	static const char *const names[] = {
		[DECIMAL_PRECISE] = "precise",
		[DECIMAL_DOUBLE] = "double",
		[DECIMAL_STRING] = "string"
	};

	options->decimal_mode = choose(spec, value, names, lengthof(names));
}

static void
set_decimal_special(DecoderOptions *options, const OptionSpec *spec,
					const char *value)
{
	static const char *const names[] = {"none", "text"};

	options->decimal_special_text =
		choose(spec, value, names, lengthof(names)) == 1;
}

static void
set_time_mode(DecoderOptions *options, const OptionSpec *spec,
			  const char *value)
{
	static const char *const names[] = {
		[TIME_ADAPTIVE] = "adaptive",
		[TIME_ADAPTIVE_TIME_MICROSECONDS] = "adaptive_time_microseconds",
		[TIME_CONNECT] = "connect",
		[TIME_MICROSECONDS] = "microseconds",
		[TIME_NANOSECONDS] = "nanoseconds",
		[TIME_ISOSTRING] = "isostring",
		[TIME_STRUCTURED] = "structured"
	};

	options->time_mode = choose(spec, value, names, lengthof(names));
}

static void
set_interval_mode(DecoderOptions *options, const OptionSpec *spec,
				  const char *value)
{
	static const char *const names[] = {
		[INTERVAL_NUMERIC] = "numeric",
		[INTERVAL_STRING] = "string"
	};

	options->interval_mode = choose(spec, value, names, lengthof(names));
}

static void
set_binary_mode(DecoderOptions *options, const OptionSpec *spec,
				const char *value)
{
	static const char *const names[] = {
		[BINARY_BYTES] = "bytes",
		[BINARY_BASE64] = "base64",
		[BINARY_BASE64_URL_SAFE] = "base64-url-safe",
		[BINARY_HEX] = "hex"
	};

	options->binary_mode = choose(spec, value, names, lengthof(names));
}

static void
set_money_digits(DecoderOptions *options, const OptionSpec *spec,
				 const char *value)
{
	char	   *end;

	errno = 0;
	options->money_digits = strtoint(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' ||
		options->money_digits < 0 || options->money_digits > MAX_MONEY_DIGITS)
		refuse_value(spec, value);
}

static FailureMode
choose_failure_mode(const OptionSpec *spec, const char *value)
{
	static const char *const names[] = {
		[FAILURE_WARN] = "warn",
		[FAILURE_SKIP] = "skip",
		[FAILURE_FAIL] = "fail"
	};

	return choose(spec, value, names, lengthof(names));
}

static void
set_invalid_text(DecoderOptions *options, const OptionSpec *spec,
				 const char *value)
{
	static const char *const names[] = {"replace", "escape"};

	options->keep_invalid_text =
		choose(spec, value, names, lengthof(names)) == 1;
}

static void
set_failure_mode(DecoderOptions *options, const OptionSpec *spec,
				 const char *value)
{
	options->failure_mode = choose_failure_mode(spec, value);
}

static void
set_change_failure_mode(DecoderOptions *options, const OptionSpec *spec,
						const char *value)
{
	/* Debezium's old name of "skip" */
	if (pg_strcasecmp(value, "ignore") == 0)
		value = "skip";
	options->change_failure_mode = choose_failure_mode(spec, value);
}

static void
set_hstore_mode(DecoderOptions *options, const OptionSpec *spec,
				const char *value)
{
	if (pg_strcasecmp(value, "json") == 0)
		options->hstore_map = false;
	else if (pg_strcasecmp(value, "map") == 0)
		options->hstore_map = true;
	else
		refuse_value(spec, value);
}

static void
set_include_unknown(DecoderOptions *options, const OptionSpec *spec,
					const char *value)
{
	set_bool(&options->include_unknown, spec, value);
}

static void
set_tombstones(DecoderOptions *options, const OptionSpec *spec,
			   const char *value)
{
	set_bool(&options->tombstones, spec, value);
}

static void
set_naming_strategy(DecoderOptions *options, const OptionSpec *spec,
					const char *value)
{
	static const char package[] = "io.debezium.schema.";
	static const struct
	{
		const char *name;
		bool		with_schema;
		bool		by_regex;
		bool		unicode;
	}			strategies[] = {
		{"SchemaTopicNamingStrategy", true, false, false},
		{"DefaultTopicNamingStrategy", false, false, false},
		{"SchemaRegexTopicNamingStrategy", true, true, false},
		{"DefaultRegexTopicNamingStrategy", false, true, false},
		{"SchemaUnicodeTopicNamingStrategy", true, false, true},
		{"DefaultUnicodeTopicNamingStrategy", false, false, true}
	};
	int			i;

	for (i = 0; i < lengthof(strategies); i++)
	{
		if (strncmp(value, package, strlen(package)) == 0 &&
			strcmp(value + strlen(package), strategies[i].name) == 0)
		{
			options->naming.with_schema = strategies[i].with_schema;
			options->naming.by_regex = strategies[i].by_regex;
			options->naming.unicode = strategies[i].unicode;
			return;
		}
	}
	refuse_value(spec, value);
}

static void
set_topic_delimiter(DecoderOptions *options, const OptionSpec *spec,
					const char *value)
{
	if (*value == '\0' || !is_topic_text(value))
		refuse_value(spec, value);
	options->naming.delimiter = pstrdup(value);
}

static void
set_topic_regex(DecoderOptions *options, const OptionSpec *spec,
				const char *value)
{
	options->naming.regex = regex_compile(value, spec->name, false);
}

static void
set_topic_replacement(DecoderOptions *options, const OptionSpec *spec,
					  const char *value)
{
	options->naming.replacement = pstrdup(value);
}

static void
set_unique_keys(DecoderOptions *options, const OptionSpec *spec,
				const char *value)
{
	set_bool(&options->naming.unique_keys, spec, value);
}

static void
set_key_field(DecoderOptions *options, const OptionSpec *spec,
			  const char *value)
{
	options->naming.key_field = pstrdup(value);
}

static void
set_key_regex(DecoderOptions *options, const OptionSpec *spec,
			  const char *value)
{
	options->naming.key_regex = regex_compile(value, spec->name, false);
}

static void
set_key_replacement(DecoderOptions *options, const OptionSpec *spec,
					const char *value)
{
	options->naming.key_replacement = pstrdup(value);
}

static void
set_name_adjustment(DecoderOptions *options, const OptionSpec *spec,
					const char *value)
{
	NameAdjustment adjustment = ADJUST_NONE;

	if (pg_strcasecmp(value, "avro") == 0)
		adjustment = ADJUST_AVRO;
	else if (pg_strcasecmp(value, "avro_unicode") == 0)
		adjustment = ADJUST_AVRO_UNICODE;
	else if (pg_strcasecmp(value, "none") != 0)
		refuse_value(spec, value);
	if (spec->name[0] == 's')
		options->schema_names = adjustment;
	else
		options->field_names = adjustment;
}

/* The plugin that a connector was written for; what it sent is what counts */
static void
set_plugin_name(DecoderOptions *options, const OptionSpec *spec,
				const char *value)
{
	options->like_decoderbufs = false;
	if (strcmp(value, "decoderbufs") == 0)
		options->like_decoderbufs = true;
	else if (strcmp(value, "pgoutput") != 0 &&
			 strcmp(value, "decoder_debezium") != 0)
		refuse_value(spec, value);
}

static void
set_transaction_metadata(DecoderOptions *options, const OptionSpec *spec,
						 const char *value)
{
	set_bool(&options->transaction_metadata, spec, value);
}

static void
set_transaction_topic(DecoderOptions *options, const OptionSpec *spec,
					  const char *value)
{
	if (!is_topic_text(value))
		refuse_value(spec, value);
	options->transaction_topic = pstrdup(value);
}

/* A list of c, u, d and t, or none */
static void
set_skipped(DecoderOptions *options, const OptionSpec *spec, const char *value)
{
	static const char letters[] = "cudt";
	char	   *list = pstrdup(value);
	char	   *save = NULL;
	char	   *item;
	bool		none = false;

	options->skipped = 0;
	options->skipped_explicitly = true;
	for (item = strtok_r(list, ", \t", &save); item != NULL;
		 item = strtok_r(NULL, ", \t", &save))
	{
		const char *letter = strchr(letters, item[0]);

		if (strcmp(item, "none") == 0)
			none = true;
		else if (letter != NULL && item[1] == '\0')
			options->skipped |= 1 << (letter - letters);
		else
			refuse_value(spec, value);
	}
	if (none && options->skipped != 0)
		refuse_value(spec, value);
	pfree(list);
}

static void
set_key_columns(DecoderOptions *options, const OptionSpec *spec,
				const char *value)
{
	if (!filter_set_key_columns(options->filter, spec->name, value))
		refuse_value(spec, value);
}

/* The name of a property as messages show it: without a salt */
char *
option_shown_name(const char *name)
{
	int			len = property_shown_length(name);

	return psprintf("%.*s%s", len, name, name[len] != '\0' ? "***" : "");
}

/* The number in a property's name */
static int
name_number(const char *name, int most)
{
	const char *digits = strpbrk(name, "0123456789");
	int64		number;

	errno = 0;
	number = strtoi64(digits, NULL, 10);
	if (errno != 0 || number > most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid number in the name of option \"%s\"", name),
				 errhint("Valid numbers are 0 to %d.", most)));
	return (int) number;
}

static void
set_truncate(DecoderOptions *options, const char *name, const char *value)
{
	ColumnMask *mask = mask_create(MASK_TRUNCATE, option_shown_name(name), value);

	mask_set_length(mask, name_number(name, PG_INT32_MAX));
	options->masks = mask_list_add(options->masks, mask);
}

static void
set_mask(DecoderOptions *options, const char *name, const char *value)
{
	ColumnMask *mask = mask_create(MASK_CHARS, option_shown_name(name), value);

	mask_set_length(mask, name_number(name, MAX_MASK_LENGTH));
	options->masks = mask_list_add(options->masks, mask);
}

/* <ALG>.with.salt.<SALT>, behind the prefix */
static void
set_hash(DecoderOptions *options, MaskKind kind, const char *prefix,
		 const char *name, const char *value)
{
	const char *algorithm = name + strlen(prefix);
	const char *salt = name + property_shown_length(name);
	ColumnMask *mask = mask_create(kind, option_shown_name(name), value);

	algorithm = pnstrdup(algorithm, strcspn(algorithm, "."));
	if (!mask_set_hash(mask, algorithm, salt))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid hash algorithm \"%s\" in the name of option \"%s\"",
						algorithm, option_shown_name(name)),
				 errhint("Valid algorithms are: %s.", mask_hash_names())));
	options->masks = mask_list_add(options->masks, mask);
}

static void
set_hash_v1(DecoderOptions *options, const char *name, const char *value)
{
	set_hash(options, MASK_HASH_V1, "column.mask.hash.", name, value);
}

static void
set_hash_v2(DecoderOptions *options, const char *name, const char *value)
{
	set_hash(options, MASK_HASH_V2, "column.mask.hash.v2.", name, value);
}

static void
set_propagate(DecoderOptions *options, const OptionSpec *spec,
			  const char *value)
{
	options->masks = mask_list_add(options->masks,
								   mask_create(MASK_SOURCE_TYPE, spec->name,
											   value));
}

static void
set_propagate_by_type(DecoderOptions *options, const OptionSpec *spec,
					  const char *value)
{
	options->masks = mask_list_add(options->masks,
								   mask_create(MASK_SOURCE_TYPE_BY_TYPE,
											   spec->name, value));
}

/* Debezium never has comments of PostgreSQL in schemas */
static void
set_comments(DecoderOptions *options, const OptionSpec *spec,
			 const char *value)
{
	bool		ignored;

	set_bool(&ignored, spec, value);
}

static void
set_skip_unchanged(DecoderOptions *options, const OptionSpec *spec,
				   const char *value)
{
	set_bool(&options->skip_unchanged, spec, value);
}

/*
 * Bytes as text: what is not valid becomes a replacement character, as when
 * Java decodes them.
 */
static char *
text_from_bytes(const char *bytes, int len)
{
	bool		utf8 = GetDatabaseEncoding() == PG_UTF8;
	StringInfoData text;
	int			i;
	int			char_len;

	initStringInfo(&text);
	for (i = 0; i < len; i += char_len)
	{
		const unsigned char *next = (const unsigned char *) bytes + i;

		char_len = utf8 ? pg_utf_mblen(next) : 1;
		if (*next != '\0' &&
			(utf8 ? char_len <= len - i && pg_utf8_islegal(next, char_len) :
			 !IS_HIGHBIT_SET(*next)))
			appendBinaryStringInfo(&text, bytes + i, char_len);
		else
		{
			char_len = 1;
			appendStringInfoString(&text, utf8 ? "\xEF\xBF\xBD" : "?");
		}
	}
	return text.data;
}

static void
set_placeholder(DecoderOptions *options, const OptionSpec *spec,
				const char *value)
{
	const char *hex = value + strlen(PLACEHOLDER_HEX);
	char	   *bytes;
	int			len;

	if (strncmp(value, PLACEHOLDER_HEX, strlen(PLACEHOLDER_HEX)) != 0)
	{
		options->placeholder_text = pstrdup(value);
		options->placeholder = options->placeholder_text;
		options->placeholder_len = strlen(value);
		return;
	}
	len = strlen(hex);
	if (len % 2 != 0 || strspn(hex, "0123456789abcdefABCDEF") != len)
		refuse_value(spec, value);
	bytes = palloc(len / 2 + 1);
	options->placeholder_len = hex_decode(hex, len, bytes);
	options->placeholder = bytes;
	options->placeholder_text = text_from_bytes(bytes, options->placeholder_len);
}

/* The converter that a property like value.converter.schemas.enable is of */
static Converter *
find_converter(DecoderOptions *options, const OptionSpec *spec)
{
	switch (spec->name[0])
	{
		case 'k':
			return &options->key_converter;
		case 'v':
			return &options->value_converter;
		default:
			return &options->header_converter;
	}
}

static void
set_converter(DecoderOptions *options, const OptionSpec *spec,
			  const char *value)
{
	Converter  *converter = find_converter(options, spec);

	if (strcmp(value, CONVERTER_CLASS_JSON) == 0)
		converter->kind = CONVERTER_JSON;
	else if (strcmp(value, CONVERTER_CLASS_STRING) == 0)
		converter->kind = CONVERTER_STRING;
	else if (strcmp(value, CONVERTER_CLASS_SIMPLE_HEADER) == 0 &&
			 converter == &options->header_converter)
		converter->kind = CONVERTER_SIMPLE_HEADER;
	else
		refuse_value(spec, value);
	converter->named = true;
}

static void
set_schemas(DecoderOptions *options, const OptionSpec *spec,
			const char *value)
{
	set_bool(&find_converter(options, spec)->schemas, spec, value);
}

static void
set_decimal_format(DecoderOptions *options, const OptionSpec *spec,
				   const char *value)
{
	Converter  *converter = find_converter(options, spec);

	if (pg_strcasecmp(value, "BASE64") == 0)
		converter->numeric_decimals = false;
	else if (pg_strcasecmp(value, "NUMERIC") == 0)
		converter->numeric_decimals = true;
	else
		refuse_value(spec, value);
}

static void
set_null_default(DecoderOptions *options, const OptionSpec *spec,
				 const char *value)
{
	set_bool(&find_converter(options, spec)->null_default, spec, value);
}

void
option_add_transform_property(DecoderOptions *options, const char *name,
							  const char *value)
{
	TransformProperty *property = palloc(sizeof(TransformProperty));

	property->name = pstrdup(name);
	property->value = pstrdup(value);
	options->transform_properties = lappend(options->transform_properties,
											property);
}

static void
set_aliases(DecoderOptions *options, const OptionSpec *spec,
			const char *value)
{
	option_add_transform_property(options, spec->name, value);
}

static void
set_extended_headers(DecoderOptions *options, const OptionSpec *spec,
					 const char *value)
{
	set_bool(&options->extended_headers, spec, value);
}

static void
set_run_id(DecoderOptions *options, const OptionSpec *spec, const char *value)
{
	options->run_id = pstrdup(value);
}

static const OptionSpec option_specs[] = {
	/* read by config_read() */
	{"config", NULL, false,
		NULL, "text of a properties file",
	"Any of the properties below, in one text"},
	{"format", set_format, false,
		"envelope", "envelope, record, stream",
	"What one message is"},
	{"stream.version", set_stream_version, false,
		STREAM_VERSION, STREAM_VERSION,
	"The version of the format stream that the reader understands"},
	{"stream.last.commit.lsn", set_last_commit_lsn, false,
		NULL, "an LSN, such as 0/16B3748",
	"What source.sequence shows as the last commit until one was seen"},
	{"topic.prefix", set_topic_prefix, true,
		NULL, TOPIC_CHARACTERS,
	"First part of the names of topics and schemas; default: the name of the database"},
	{"topic.delimiter", set_topic_delimiter, true,
		".", TOPIC_CHARACTERS,
	"Parts the names that names of topics are made of"},
	{"topic.naming.strategy", set_naming_strategy, true,
		"io.debezium.schema.SchemaTopicNamingStrategy", NAMING_STRATEGIES,
	"How topics are named, by Debezium's class: by schema and table or by table alone; renamed by topic.regex; with characters that Kafka does not allow as escapes"},
	{"topic.regex", set_topic_regex, true,
		NULL, "regular expression",
	"What names of topics that it matches are taken apart by, with the Regex strategies"},
	{"topic.replacement", set_topic_replacement, true,
		NULL, "text with $1 for groups",
	"What they become"},
	{"topic.key.enforce.uniqueness", set_unique_keys, true,
		"true", "true, false",
	"With the Regex strategies: a field of the key says which table it is of"},
	{"topic.key.field.name", set_key_field, true,
		DEFAULT_KEY_FIELD, "text",
	"The name of that field"},
	{"topic.key.field.regex", set_key_regex, true,
		NULL, "regular expression",
	"What its value is taken out of the original topic by; default: all of it"},
	{"topic.key.field.replacement", set_key_replacement, true,
		NULL, "text with $1 for groups",
	"What it becomes"},
	{"schema.name.adjustment.mode", set_name_adjustment, true,
		"none", "none, avro, avro_unicode",
	"What Avro does not allow in names of schemas stays, becomes an underscore, or an escape"},
	{"field.name.adjustment.mode", set_name_adjustment, true,
		"none", "none, avro, avro_unicode",
	"The same for names of columns"},
	{"schema.include.list", set_filter, true,
		NULL, "regular expressions",
	"Schemas whose tables are captured; default: all"},
	{"schema.exclude.list", set_filter, true,
		NULL, "regular expressions",
	"Schemas whose tables are not captured"},
	{"table.include.list", set_filter, true,
		NULL, "regular expressions",
	"Tables, by schema.table, that are captured; default: all"},
	{"table.exclude.list", set_filter, true,
		NULL, "regular expressions",
	"Tables, by schema.table, that are not captured"},
	{"snapshot.include.collection.list", set_filter, true,
		NULL, "regular expressions",
	"Captured tables, by schema.table, that debezium_tables() lists for a snapshot; default: all"},
	{"publication.name", set_publication_name, true,
		"dbz_publication", "names of publications, up to 63 bytes",
	"The publication that decides what is captured, where publication.autocreate.mode says so"},
	{"publication.autocreate.mode", set_publication_mode, true,
		"all_tables", "all_tables, disabled, filtered, no_tables",
	"Whether the publication decides: with disabled and no_tables always, with all_tables if it exists, with filtered never"},
	{"publish.via.partition.root", set_publish_via_root, true,
		"false", "true, false",
	"Where no publication decides: changes of partitions are those of their root"},
	{"event.processing.failure.handling.mode", set_change_failure_mode, true,
		"fail", "fail, warn, skip",
	"A change that cannot become an event: stop, go on with a warning, or go on"},
	{"skip.change", set_skip_change, true,
		NULL, "positions as an error names them, such as 0/16B3748 0/16B3700 0, with commas between",
	"Changes that are left out, so that decoding can go on"},
	{"column.include.list", set_filter, true,
		NULL, "regular expressions",
	"Columns, by schema.table.column, that are in events; default: all. Keys are not affected"},
	{"column.exclude.list", set_filter, true,
		NULL, "regular expressions",
	"Columns, by schema.table.column, that are not in events. Keys are not affected"},
	{"message.key.columns", set_key_columns, true,
		NULL, "schema.table:column,column;..., where both are regular expressions",
	"Columns that make the keys of tables in place of the primary key"},
	{"skip.messages.without.change", set_skip_unchanged, true,
		"false", "true, false",
	"No event for an update that changes no column of the event; needs REPLICA IDENTITY FULL"},
	{"column.truncate.to.<N>.chars", NULL, true,
		NULL, "regular expressions",
		"Columns, by schema.table.column, of which only the first N characters are shown; keys are not affected",
	set_truncate},
	{"column.mask.with.<N>.chars", NULL, true,
		NULL, "regular expressions",
		"Columns of string types that are shown as N asterisks; keys are not affected",
	set_mask},
	{"column.mask.hash.<ALG>.with.salt.<SALT>", NULL, true,
		NULL, "regular expressions",
		"Columns of string types of which a hash is shown, of the value as Java serializes it; keys are not affected",
	set_hash_v1},
	{"column.mask.hash.v2.<ALG>.with.salt.<SALT>", NULL, true,
		NULL, "regular expressions",
		"Columns of string types of which a hash is shown, of the value in UTF-8; keys are not affected",
	set_hash_v2},
	{"column.propagate.source.type", set_propagate, true,
		NULL, "regular expressions",
	"Columns, by schema.table.column, whose type is told in parameters of their schema"},
	{"datatype.propagate.source.type", set_propagate_by_type, true,
		NULL, "regular expressions",
	"Columns, by schema.table.type, whose type is told in parameters of their schema"},
	{"include.schema.comments", set_comments, true,
		"false", "true, false",
	"No effect: Debezium has no comments in the schemas of PostgreSQL's tables either"},
	{"decimal.handling.mode", set_decimal_mode, true,
		"precise", "precise, double, string",
	"numeric as Connect's Decimal (base64 of its digits), as a floating point number, or as text"},
	{"decimal.special.values", set_decimal_special, true,
		"none", "none, text",
	"Beyond Debezium: with text, NaN, +Infinity and -Infinity as text where the bytes of a Decimal would be"},
	{"time.precision.mode", set_time_mode, true,
		"adaptive", "adaptive, adaptive_time_microseconds, connect, microseconds, nanoseconds, isostring, structured",
	"The unit of dates and times, text, or a struct of year, month, day and so on"},
	{"interval.handling.mode", set_interval_mode, true,
		"numeric", "numeric, string",
	"interval as microseconds with months of 30.4375 days, or as ISO 8601 text"},
	{"binary.handling.mode", set_binary_mode, true,
		"bytes", "bytes, base64, base64-url-safe, hex",
	"bytea as bytes, which are base64 in JSON, or as text"},
	{"money.fraction.digits", set_money_digits, true,
		"2", "0 to 100",
	"Scale of money, when decimal.handling.mode is precise"},
	{"invalid.text.handling.mode", set_invalid_text, true,
		"replace", "replace, escape",
	"Beyond Debezium: bytes that are no character in the database's encoding are U+FFFD, or with escape U+DC00 and the byte"},
	{"event.converting.failure.handling.mode", set_failure_mode, true,
		"warn", "warn, skip, fail",
	"A value that cannot be converted: null with a warning once for each column, null, or an error"},
	{"hstore.handling.mode", set_hstore_mode, true,
		"json", "json, map",
	"An hstore as JSON text in a string, or as a map"},
	{"include.unknown.datatypes", set_include_unknown, true,
		"false", "true, false",
	"Columns of types that Debezium does not know are included, their text as bytes"},
	{"tombstones.on.delete", set_tombstones, true,
		"true", "true, false",
	"A record with the key alone follows a delete, so that compaction removes the key"},
	{"message.prefix.include.list", set_filter, true,
		NULL, "regular expressions",
	"Logical messages, by prefix, that are captured; default: all"},
	{"message.prefix.exclude.list", set_filter, true,
		NULL, "regular expressions",
	"Logical messages, by prefix, that are not captured"},
	{"skipped.operations", set_skipped, true,
		"t", "a list of c, u, d, t, or none",
	"Operations without events: inserts, updates, deletes, truncates"},
	{"plugin.name", set_plugin_name, true,
		"decoder_debezium", "decoder_debezium, pgoutput, decoderbufs",
	"The plugin that events are to be like: decoderbufs had no logical messages and no origins, but transactions without changes"},
	{"provide.transaction.metadata", set_transaction_metadata, true,
		"false", "true, false",
	"BEGIN and END records on a topic of their own, and the place in the transaction in each event"},
	{"topic.transaction", set_transaction_topic, true,
		"transaction", TOPIC_CHARACTERS,
	"The topic of BEGIN and END records, behind topic.prefix"},
	{"xmin.fetch.interval.ms", set_xmin_interval, true,
		"0", "a number of milliseconds; 0 for never",
	"How often source.xmin, the catalog_xmin of the slot, is read; 0: it is null"},
	{"unavailable.value.placeholder", set_placeholder, true,
		DEFAULT_PLACEHOLDER, "a text, or hex: and pairs of hexadecimal digits",
	"Stands for an unchanged TOAST value that is not in the WAL"},
	{"key.converter", set_converter, true,
		CONVERTER_CLASS_JSON, CONVERTER_CLASS_JSON ", " CONVERTER_CLASS_STRING,
	"How keys become bytes, by the name of Connect's class"},
	{"key.converter.schemas.enable", set_schemas, true,
		NULL, "true, false",
	"With JsonConverter: the schema goes along with each key; default: true if the converter is named"},
	{"key.converter.decimal.format", set_decimal_format, true,
		"BASE64", "BASE64, NUMERIC",
	"With JsonConverter: Connect's Decimal as base64 of its digits, or as a number"},
	{"key.converter.replace.null.with.default", set_null_default, true,
		"true", "true, false",
	"With JsonConverter: a null of a column with a default is shown as that default"},
	{"value.converter", set_converter, true,
		CONVERTER_CLASS_JSON, CONVERTER_CLASS_JSON ", " CONVERTER_CLASS_STRING,
	"How values become bytes, by the name of Connect's class"},
	{"value.converter.schemas.enable", set_schemas, true,
		NULL, "true, false",
	"With JsonConverter: the schema goes along with each value; default: true if the converter is named"},
	{"value.converter.decimal.format", set_decimal_format, true,
		"BASE64", "BASE64, NUMERIC",
	"With JsonConverter: Connect's Decimal as base64 of its digits, or as a number"},
	{"value.converter.replace.null.with.default", set_null_default, true,
		"true", "true, false",
	"With JsonConverter: a null of a column with a default is shown as that default"},
	{"header.converter", set_converter, true,
		CONVERTER_CLASS_SIMPLE_HEADER, CONVERTER_CLASS_JSON ", " CONVERTER_CLASS_STRING ", " CONVERTER_CLASS_SIMPLE_HEADER,
	"How headers become bytes, by the name of Connect's class"},
	{"header.converter.schemas.enable", set_schemas, true,
		NULL, "true, false",
	"With JsonConverter: the schema goes along with each header; default: true if the converter is named"},
	{"header.converter.decimal.format", set_decimal_format, true,
		"BASE64", "BASE64, NUMERIC",
	"With JsonConverter: Connect's Decimal as base64 of its digits, or as a number"},
	{"header.converter.replace.null.with.default", set_null_default, true,
		"true", "true, false",
	"With JsonConverter: a null of a column with a default is shown as that default"},
	{"extended.headers.enabled", set_extended_headers, true,
		"true", "true, false",
	"Whether transforms see the headers __debezium.context.*, which the bridge adds"},
	{"extended.headers.run.id", set_run_id, true,
		DEFAULT_RUN_ID, "text",
	"What __debezium.context.runId says; the bridge makes one for each run"},
	{"transforms", set_aliases, true,
		NULL, "names",
	"Transforms, applied in this order; see docs/transforms.md for their properties transforms.NAME.*"},
	{"predicates", set_aliases, true,
		NULL, "names",
	"Conditions for transforms; their properties are predicates.NAME.*"}
};

/* The published list of properties is the one that this file implements */
#define COUNT_PROPERTY(name) + 1
#define FIRST_PROPERTY	4
StaticAssertDecl((0 DECODER_PROPERTIES(COUNT_PROPERTY)
				  DECODER_PROPERTY_PATTERNS(COUNT_PROPERTY)) ==
				 lengthof(option_specs) - FIRST_PROPERTY,
				 "decoder_properties.h and option_specs do not agree");

/*
 * The option of this number; NULL when there is none.
 */
const OptionSpec *
option_spec(int number)
{
	return number < lengthof(option_specs) ? &option_specs[number] : NULL;
}

/*
 * The option of this name; NULL when there is none.
 */
const OptionSpec *
option_find(const char *name)
{
	int			i;

	for (i = 0; i < lengthof(option_specs); i++)
	{
		if (option_specs[i].set_named != NULL ?
			property_fits(option_specs[i].name, name) :
			strcmp(option_specs[i].name, name) == 0)
			return &option_specs[i];
	}
	return NULL;
}
