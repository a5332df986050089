/*-------------------------------------------------------------------------
 *
 * connector_config.c
 *	  A connector's configuration: Debezium's properties, read and checked.
 *
 * NOTES
 *	  All properties and their values stand in property_table.c and are
 *	  checked by it.  They are of four sorts: those that the bridge acts on,
 *	  the plugin's (decoder_properties.h), those that would change the content
 *	  of records in a way that neither does yet (the table "shaping": refused
 *	  unless they say the default, since records that are silently other than
 *	  ordered are worse than none), and all others, which are accepted,
 *	  as Kafka Connect does, and named in one log line.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "connector_config.h"

#include <string.h>
#include <sys/random.h>

#include "decoder_properties.h"
#include "decoder_transforms.h"
#include "log.h"
#include "property_check.h"
#include "property_table.h"

/* Debezium's default, though hardly a user's choice */
#define DEFAULT_PLUGIN "decoderbufs"

/* A property of the plugin that is not the user's */
#define RUN_ID "extended.headers.run.id"

/*
 * Those that get decoding past a change that cannot become a record.  That
 * change may be of a transaction of which a part is in Kafka already, so they
 * are not of the configuration under which such a one is finished.
 */
static const char *const ways_out[] = {
	"event.processing.failure.handling.mode", "skip.change"
};

#define JSON_CONVERTER "org.apache.kafka.connect.json.JsonConverter"
#define SIMPLE_HEADER_CONVERTER "org.apache.kafka.connect.storage.SimpleHeaderConverter"

#define STRING_CONVERTER "org.apache.kafka.connect.storage.StringConverter"

/* What is common to the three converters. */
static const char *const converters[] = {
	"key.converter", "value.converter", "header.converter"
};

typedef struct ConverterSetting
{
	const char *suffix;
	const char *default_value;	/* Connect's */
	const char *values[2];
	const char *expected;
} ConverterSetting;

static const ConverterSetting converter_settings[] = {
	{".schemas.enable", "true", {"true", "false"},
	"Expected value to be either true or false"},
	{".replace.null.with.default", "true", {"true", "false"},
	"Expected value to be either true or false"},
	{".decimal.format", "BASE64", {"BASE64", "NUMERIC"},
	"String must be one of (case insensitive): NUMERIC, BASE64"},
};

typedef struct ShapingProperty
{
	const char *name;			/* a final '.' stands for all that follows */
	const char *accepted;		/* the value that changes nothing; NULL: none */
} ShapingProperty;

static const ShapingProperty shaping[] = {
	/* what does not fit a pattern of decoder_properties.h */
	{"column.truncate.to.", NULL},
	{"column.mask.", NULL},
	{"converters", NULL},
	{"post.processors", NULL},
	{"sourceinfo.struct.maker", NULL},
	{"table.ignore.builtin", "true"},
};

static const char *const plugin_properties[] = {
#define PROPERTY_NAME(name) name,
	DECODER_PROPERTIES(PROPERTY_NAME)
#undef PROPERTY_NAME
};

/* Of the plugin's properties, those whose names have parameters. */
static const char *const plugin_patterns[] = {
#define PROPERTY_NAME(name) name,
	DECODER_PROPERTY_PATTERNS(PROPERTY_NAME)
#undef PROPERTY_NAME
};

/* All but configuration_based, whose rules are properties. */
static const struct
{
	const char *name;
	SnapshotRules rules;
}			snapshot_modes[] = {
	{"initial", {true, false, false, true}},
	{"initial_only", {true, false, false, false}},
	{"no_data", {false, false, false, true}},
	{"never", {false, false, false, true}}, /* the old name */
	{"when_needed", {true, false, true, true}},
	{"always", {true, true, true, true}},
};

/* Sessions that read a snapshot: more would not be faster anywhere. */
#define SNAPSHOT_THREADS_MOST 1000

#define CONFIGURATION_BASED "snapshot.mode.configuration.based."

static const struct
{
	const char *name;
	IsolationMode mode;
}			isolation_modes[] = {
	{"serializable", ISOLATION_SERIALIZABLE},
	{"repeatable_read", ISOLATION_REPEATABLE_READ},
	{"read_committed", ISOLATION_READ_COMMITTED},
	{"read_uncommitted", ISOLATION_READ_UNCOMMITTED},
};

static const struct
{
	const char *name;
	PublicationMode mode;
}			publication_modes[] = {
	{"all_tables", PUBLICATION_ALL_TABLES},
	{"disabled", PUBLICATION_DISABLED},
	{"filtered", PUBLICATION_FILTERED},
	{"no_tables", PUBLICATION_NO_TABLES},
};

static bool
name_fits(const char *name, const char *pattern)
{
	size_t		length = strlen(pattern);

	if (length > 0 && pattern[length - 1] == '.')
		return strncmp(name, pattern, length) == 0;
	return strcmp(name, pattern) == 0;
}

/* All that begin like one of these are the plugin's, too. */
static const char *const plugin_prefixes[] = {
#define PROPERTY_PREFIX(prefix) prefix,
	DECODER_PROPERTY_PREFIXES(PROPERTY_PREFIX)
#undef PROPERTY_PREFIX
};

static const char *const transform_classes[] = {
#define CLASS_NAME(name, symbol, part) name,
	DECODER_TRANSFORMS(CLASS_NAME)
#undef CLASS_NAME
};

static const char *const predicate_classes[] = {
#define CLASS_NAME(name, symbol) name,
	DECODER_PREDICATES(CLASS_NAME)
#undef CLASS_NAME
};

static bool
has_plugin_prefix(const char *name)
{
	for (size_t i = 0; i < lengthof(plugin_prefixes); i++)
	{
		if (name_fits(name, plugin_prefixes[i]))
			return true;
	}
	return false;
}

static bool
has_plugin_pattern(const char *name)
{
	for (size_t i = 0; i < lengthof(plugin_patterns); i++)
	{
		if (property_fits(plugin_patterns[i], name))
			return true;
	}
	return false;
}

static bool
is_for_plugin(const char *name)
{
	for (size_t i = 0; i < lengthof(plugin_properties); i++)
	{
		if (strcmp(name, plugin_properties[i]) == 0)
			return true;
	}
	return has_plugin_prefix(name) || has_plugin_pattern(name);
}

static bool
is_way_out(const char *name)
{
	for (size_t i = 0; i < lengthof(ways_out); i++)
	{
		if (strcmp(name, ways_out[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_of_converter(const char *name)
{
	for (size_t i = 0; i < lengthof(converters); i++)
	{
		if (strncmp(name, converters[i], strlen(converters[i])) == 0)
			return true;
	}
	return false;
}

bool
connector_class_is_ours(const char *class_name)
{
	/* Connect also takes a class by its simple name, with or without suffix */
	return strcmp(class_name, CONNECTOR_CLASS) == 0 ||
		strcmp(class_name, "PostgresConnector") == 0 ||
		strcmp(class_name, "Postgres") == 0;
}

/*
 * A property of a converter, as Connect looks it up: in the connector where
 * that names a converter of its own, else in the worker.
 */
static const char *
converter_property(const ConnectorConfig *config, const char *converter,
				   const char *suffix)
{
	const Properties *where =
	properties_get(config->connector, converter) != NULL ?
	config->connector : config->worker;
	char	   *name = psprintf("%s%s", converter, suffix);
	const char *value = properties_get(where, name);

	pg_free(name);
	return value;
}

/* The class of a converter; Connect's default is the worker's. */
static const char *
converter_class(const ConnectorConfig *config, const char *converter)
{
	static const char *const known[] = {
		JSON_CONVERTER, STRING_CONVERTER, SIMPLE_HEADER_CONVERTER
	};
	const char *class_name = converter_property(config, converter, "");

	/* Connect also takes a class by its simple name */
	for (size_t i = 0; class_name != NULL && i < lengthof(known); i++)
	{
		if (strcmp(strrchr(known[i], '.') + 1, class_name) == 0)
			return known[i];
	}
	if (class_name != NULL)
		return class_name;
	return strcmp(converter, "header.converter") == 0 ?
		SIMPLE_HEADER_CONVERTER : JSON_CONVERTER;
}

/* A setting of a converter, with Connect's default. */
static const char *
converter_setting(const ConnectorConfig *config, const char *converter,
				  const ConverterSetting *setting)
{
	const char *value = converter_property(config, converter, setting->suffix);

	return value != NULL && *value != '\0' ? value : setting->default_value;
}

static void
check_converter(const ConnectorConfig *config, const char *converter,
				ConfigErrors *errors)
{
	const char *class_name = converter_class(config, converter);
	bool		for_headers = strcmp(converter, "header.converter") == 0;

	if (strcmp(class_name, JSON_CONVERTER) != 0 &&
		strcmp(class_name, STRING_CONVERTER) != 0 &&
		!(for_headers && strcmp(class_name, SIMPLE_HEADER_CONVERTER) == 0))
		config_errors_add(errors, converter,
						  "Invalid value %s for configuration %s: Class %s could not be found.",
						  class_name, converter, class_name);
	for (size_t i = 0; i < lengthof(converter_settings); i++)
	{
		const ConverterSetting *setting = &converter_settings[i];
		const char *value = converter_setting(config, converter, setting);

		if (pg_strcasecmp(value, setting->values[0]) != 0 &&
			pg_strcasecmp(value, setting->values[1]) != 0)
		{
			char	   *name = psprintf("%s%s", converter, setting->suffix);

			/* the converter does not know of what it is called in front */
			config_errors_add(errors, name,
							  "Invalid value %s for configuration %s: %s",
							  value, setting->suffix + 1, setting->expected);
			pg_free(name);
		}
	}
}

static void
check_shaping(const ConnectorConfig *config, ConfigErrors *errors)
{
	for (int i = 0; i < config->connector->count; i++)
	{
		const Property *item = &config->connector->items[i];

		if (is_for_plugin(item->name) || *item->value == '\0')
			continue;
		for (size_t j = 0; j < lengthof(shaping); j++)
		{
			if (name_fits(item->name, shaping[j].name) &&
				(shaping[j].accepted == NULL ||
				 pg_strcasecmp(item->value, shaping[j].accepted) != 0))
			{
				char	   *shown = psprintf("%.*s",
											 property_shown_length(item->name),
											 item->name);

				config_errors_invalid(errors, shown,
									  "%s is not supported yet, and records would not be as it asks for",
									  item->value);
				pg_free(shown);
			}
		}
	}
}

/*
 * Checks the classes of what a list like "transforms" names; the plugin does
 * it, too, but only when the stream begins.
 */
static void
check_classes(const ConnectorConfig *config, const char *list,
			  const char *const *classes, size_t count, ConfigErrors *errors)
{
	const char *value = properties_get(config->connector, list);
	char	   *aliases;
	char	   *save = NULL;

	if (value == NULL)
		return;
	aliases = pg_strdup(value);
	for (char *alias = strtok_r(aliases, ", \t", &save); alias != NULL;
		 alias = strtok_r(NULL, ", \t", &save))
	{
		char	   *name = psprintf("%s.%s.type", list, alias);
		const char *given = properties_get(config->connector, name);
		bool		known = false;

		for (size_t i = 0; given != NULL && i < count; i++)
		{
			/* a simple name will do where no other class has it */
			const char *simple = strrchr(classes[i], '.') + 1;

			known |= strcmp(classes[i], given) == 0 ||
				(strcmp(simple, given) == 0 && strchr(simple, '$') == NULL);
		}
		/* without a type, properties_check() has said so */
		if (given != NULL && !known)
			config_errors_add(errors, name,
							  "Invalid value %s for configuration %s: Class %s could not be found.",
							  given, name, given);
		pg_free(name);
	}
	pg_free(aliases);
}

static const char *
with_default(const ConnectorConfig *config, const char *name,
			 const char *default_value)
{
	const char *value = properties_get(config->connector, name);

	return value != NULL && *value != '\0' ? value : default_value;
}

/* The rules of configuration_based; what is not set is false. */
static void
read_snapshot_rules(ConnectorConfig *config)
{
	SnapshotRules *rules = &config->snapshot;
	const struct
	{
		const char *name;
		bool	   *rule;
	}			flags[] = {
		{CONFIGURATION_BASED "snapshot.data", &rules->always},
		{CONFIGURATION_BASED "snapshot.on.data.error", &rules->when_lost},
		{CONFIGURATION_BASED "start.stream", &rules->then_stream},
	};

	for (size_t i = 0; i < lengthof(flags); i++)
		*flags[i].rule = pg_strcasecmp(with_default(config, flags[i].name, "false"),
									   "true") == 0;
	rules->at_first = rules->always;
}

static void
read_snapshot_mode(ConnectorConfig *config, ConfigErrors *errors)
{
	const char *text = with_default(config, "snapshot.mode", "initial");

	for (size_t i = 0; i < lengthof(snapshot_modes); i++)
	{
		if (pg_strcasecmp(text, snapshot_modes[i].name) == 0)
		{
			config->snapshot = snapshot_modes[i].rules;
			return;
		}
	}
	if (pg_strcasecmp(text, "configuration_based") == 0)
		read_snapshot_rules(config);
	else if (!config_errors_has(errors, "snapshot.mode") &&
			 !config_errors_has(errors, "snapshot.mode.custom.name"))
		config_errors_invalid(errors, "snapshot.mode",
							  "%s is a Java class's mode, which is not supported",
							  text);
}

static void
read_publication_mode(ConnectorConfig *config)
{
	const char *text = with_default(config, "publication.autocreate.mode",
									"all_tables");

	for (size_t i = 0; i < lengthof(publication_modes); i++)
	{
		if (pg_strcasecmp(text, publication_modes[i].name) == 0)
		{
			config->publication_mode = publication_modes[i].mode;
			return;
		}
	}
}

/*
 * The typed readers of properties.h.  Where there is an error, the table's
 * check may have told it already, in Debezium's words.
 */
static void
add_range_error(ConfigErrors *errors, const char *name, const char *reason)
{
	if (!config_errors_has(errors, name))
		config_errors_add(errors, name, "%s", reason);
}

static void
read_int(const ConnectorConfig *config, const char *name, int64 default_value,
		 int64 least, int64 most, int64 *result, ConfigErrors *errors)
{
	PQExpBufferData error;

	initPQExpBuffer(&error);
	if (!properties_int(config->connector, name, default_value, least, most,
						result, &error))
		add_range_error(errors, name, error.data);
	termPQExpBuffer(&error);
}

static void
read_bool(const ConnectorConfig *config, const char *name, bool default_value,
		  bool *result, ConfigErrors *errors)
{
	PQExpBufferData error;

	initPQExpBuffer(&error);
	if (!properties_bool(config->connector, name, default_value, result,
						 &error))
		add_range_error(errors, name, error.data);
	termPQExpBuffer(&error);
}

/* How the tables of a snapshot are read. */
static void
read_snapshot_values(ConnectorConfig *config, ConfigErrors *errors)
{
	const char *isolation = with_default(config, "snapshot.isolation.mode",
										 "serializable");
	bool		whole;
	bool		whole_too;		/* by the older name */

	for (size_t i = 0; i < lengthof(isolation_modes); i++)
	{
		if (pg_strcasecmp(isolation, isolation_modes[i].name) == 0)
			config->isolation = isolation_modes[i].mode;
	}
	if (pg_strcasecmp(with_default(config, "snapshot.locking.mode", "none"),
					  "shared") == 0)
		read_int(config, "snapshot.lock.timeout.ms", 10000, 0, PG_INT32_MAX,
				 &config->snapshot_lock_ms, errors);
	read_int(config, "snapshot.max.threads", 1, 1, SNAPSHOT_THREADS_MOST,
			 &config->snapshot_threads, errors);
	read_int(config, "snapshot.max.threads.multiplier", 1, 1, PG_INT16_MAX,
			 &config->snapshot_multiplier, errors);
	read_bool(config, "legacy.snapshot.max.threads", false, &whole, errors);
	read_bool(config, "internal.legacy.snapshot.max.threads", false,
			  &whole_too, errors);
	config->snapshot_ranges = !whole && !whole_too;
	read_int(config, "snapshot.delay.ms", 0, 0, PG_INT32_MAX,
			 &config->snapshot_delay_ms, errors);
	read_int(config, "streaming.delay.ms", 0, 0, PG_INT32_MAX,
			 &config->streaming_delay_ms, errors);
}

/* Numbers and switches, with Debezium's defaults. */
static void
read_values(ConnectorConfig *config, ConfigErrors *errors)
{
	PQExpBufferData worker_error;
	int64		ignored;

	/* of the worker, which has checked it at its start */
	initPQExpBuffer(&worker_error);
	if (!properties_bool(config->worker, "adopt.slots", false,
						 &config->adopt_slot, &worker_error))
		config->adopt_slot = false;
	termPQExpBuffer(&worker_error);
	read_int(config, "tasks.max", 1, 1, PG_INT32_MAX, &ignored, errors);
	read_int(config, "database.port", 5432, 1, 65535, &ignored, errors);
	read_int(config, "slot.max.retries", 6, 0, PG_INT32_MAX,
			 &config->slot_retries, errors);
	read_int(config, "slot.retry.delay.ms", 10000, 1, PG_INT32_MAX,
			 &config->slot_retry_delay_ms, errors);
	read_int(config, "status.update.interval.ms", 10000, 10, PG_INT32_MAX,
			 &config->status_interval_ms, errors);
	read_bool(config, "extended.headers.enabled", true,
			  &config->extended_headers, errors);
	read_bool(config, "publish.via.partition.root", false,
			  &config->publish_via_root, errors);
	read_bool(config, "slot.drop.on.stop", false,
			  &config->drop_slot_on_stop, errors);
	read_bool(config, "slot.failover", false, &config->slot_failover, errors);
}

bool
worker_is_transactional(const Properties *worker)
{
	const char *support = properties_get(worker, "exactly.once.source.support");

	/* "preparing" is for workers of Connect that do not know of it yet */
	return support != NULL && pg_strcasecmp(support, "enabled") == 0;
}

/* Kafka transactions and where they end, with Connect's defaults. */
static void
read_transactions(ConnectorConfig *config, ConfigErrors *errors)
{
	PQExpBufferData error;
	int64		interval_ms = 60000;

	config->transactional = worker_is_transactional(config->worker);
	config->transaction_interval_ms = -1;
	if (pg_strcasecmp(with_default(config, "transaction.boundary", "poll"),
					  "interval") != 0)
		return;
	initPQExpBuffer(&error);
	if (!properties_int(config->worker, "offset.flush.interval.ms", interval_ms, 0,
						PG_INT64_MAX, &interval_ms, &error))
		add_range_error(errors, "transaction.boundary", error.data);
	termPQExpBuffer(&error);
	read_int(config, "transaction.boundary.interval.ms", interval_ms, 0,
			 PG_INT64_MAX, &config->transaction_interval_ms, errors);
}

/* How the header converter writes a string. */
static void
read_header_form(ConnectorConfig *config)
{
	const char *schemas = converter_setting(config, "header.converter",
											&converter_settings[0]);

	if (strcmp(converter_class(config, "header.converter"),
			   JSON_CONVERTER) != 0)
		config->header_form = HEADER_TEXT;
	else if (pg_strcasecmp(schemas, "true") != 0)
		config->header_form = HEADER_JSON;
	else
		config->header_form = HEADER_JSON_SCHEMA;
}

/* A random UUID (version 4) as text. */
static void
make_uuid(char text[37])
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		pg_fatal("could not get random bytes: %s", strerror(errno));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(text, 37,
			 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
			 b[10], b[11], b[12], b[13], b[14], b[15]);
}

ConnectorConfig *
connector_config_check(const Properties *connector, const Properties *worker,
					   ConfigErrors *errors)
{
	ConnectorConfig *config = pg_malloc0(sizeof(ConnectorConfig));
	int			errors_before = errors->count;

	config->connector = properties_copy(connector);
	config->worker = properties_copy(worker);
	config->name = with_default(config, "name", "");
	config->topic_prefix = with_default(config, "topic.prefix", "");
	config->host = with_default(config, "database.hostname", "");
	config->user = with_default(config, "database.user", "");
	config->database = with_default(config, "database.dbname", "");
	config->password = properties_get(config->connector, "database.password");
	config->port = with_default(config, "database.port", "5432");
	config->slot_name = with_default(config, "slot.name", "debezium");
	config->publication_name = with_default(config, "publication.name",
											"dbz_publication");

	properties_check(connector, worker, errors);
	read_snapshot_mode(config, errors);
	read_publication_mode(config);
	read_values(config, errors);
	read_transactions(config, errors);
	read_snapshot_values(config, errors);
	for (size_t i = 0; i < lengthof(converters); i++)
		check_converter(config, converters[i], errors);
	read_header_form(config);
	check_shaping(config, errors);
	check_classes(config, "transforms", transform_classes,
				  lengthof(transform_classes), errors);
	check_classes(config, "predicates", predicate_classes,
				  lengthof(predicate_classes), errors);
	make_uuid(config->run_id);

	if (errors->count == errors_before)
		return config;
	connector_config_free(config);
	return NULL;
}

ConnectorConfig *
connector_config_read(const Properties *connector, const Properties *worker,
					  PQExpBuffer errors)
{
	ConfigErrors list;
	ConnectorConfig *config;

	config_errors_init(&list);
	config = connector_config_check(connector, worker, &list);
	config_errors_text(&list, errors);
	config_errors_free(&list);
	return config;
}

void
connector_config_free(ConnectorConfig *config)
{
	if (config == NULL)
		return;
	properties_free(config->connector);
	properties_free(config->worker);
	pg_free(config);
}

void
connector_config_for_plugin(const ConnectorConfig *config, PQExpBuffer text)
{
	for (size_t i = 0; i < lengthof(converters); i++)
	{
		properties_write(text, converters[i],
						 converter_class(config, converters[i]));
		for (size_t j = 0; j < lengthof(converter_settings); j++)
		{
			const ConverterSetting *setting = &converter_settings[j];
			char	   *name = psprintf("%s%s", converters[i], setting->suffix);

			properties_write(text, name,
							 converter_setting(config, converters[i], setting));
			pg_free(name);
		}
	}
	for (size_t i = 0; i < lengthof(plugin_properties); i++)
	{
		const char *name = plugin_properties[i];
		const char *value = properties_get(config->connector, name);

		if (is_of_converter(name) || is_way_out(name) ||
			strcmp(name, RUN_ID) == 0)
			continue;
		if (strcmp(name, "plugin.name") == 0)
			value = with_default(config, name, DEFAULT_PLUGIN);
		if (value != NULL && *value != '\0')
			properties_write(text, name, value);
	}
	/* where several of a kind fit a column, the one that comes first counts */
	for (int i = 0; i < config->connector->count; i++)
	{
		const Property *item = &config->connector->items[i];

		if (has_plugin_prefix(item->name) ||
			(has_plugin_pattern(item->name) && *item->value != '\0'))
			properties_write(text, item->name, item->value);
	}
}

void
connector_config_for_run(const ConnectorConfig *config, PQExpBuffer text)
{
	for (size_t i = 0; i < lengthof(ways_out); i++)
	{
		const char *value = properties_get(config->connector, ways_out[i]);

		if (value != NULL && *value != '\0')
			properties_write(text, ways_out[i], value);
	}
	if (properties_get(config->connector, "transforms") != NULL)
		properties_write(text, RUN_ID, config->run_id);
}

void
connector_config_log(const ConnectorConfig *config)
{
	const char *plugin = with_default(config, "plugin.name", DEFAULT_PLUGIN);
	PQExpBufferData names;
	PQExpBufferData unknown;

	if (strcmp(plugin, "decoder_debezium") != 0)
		pg_log_info("plugin.name \"%s\" is taken as decoder_debezium", plugin);

	initPQExpBuffer(&names);
	initPQExpBuffer(&unknown);
	for (int i = 0; i < config->connector->count; i++)
	{
		const char *name = config->connector->items[i].name;
		const PropertyDefinition *definition = property_find(name);
		PQExpBuffer list = definition != NULL ? &names : &unknown;

		if (!is_for_plugin(name) && (definition == NULL || !definition->acts))
			appendPQExpBuffer(list, "%s%.*s", list->len > 0 ? ", " : "",
							  property_shown_length(name), name);
	}
	if (unknown.len > 0)
		appendPQExpBuffer(&names, "%s%s, not known to Debezium either",
						  names.len > 0 ? "; " : "", unknown.data);
	if (names.len > 0)
		pg_log_info("properties without effect: %s", names.data);
	termPQExpBuffer(&unknown);
	termPQExpBuffer(&names);
}
