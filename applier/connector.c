/*-------------------------------------------------------------------------
 *
 * connector.c
 *	  Tables as their connectors and formats have them: sources and sinks.
 *
 * NOTES
 *	  Options of connectors and formats are honoured or refused by name: a
 *	  reader marks what it understood (ScriptOption.used), and what is left
 *	  unmarked is an error.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "metadata.h"

/* ------------------------------------------------------------- options */

/* The number of single-character edits that make one text of the other. */
static int
edit_distance(const char *a, const char *b)
{
	int			length = strlen(b);
	int		   *row = pg_malloc((length + 1) * sizeof(int));
	int			distance;

	for (int j = 0; j <= length; j++)
		row[j] = j;
	for (int i = 0; a[i] != '\0'; i++)
	{
		int			diagonal = row[0];

		row[0] = i + 1;
		for (int j = 1; j <= length; j++)
		{
			int			edited = Min(row[j], row[j - 1]) + 1;

			edited = Min(edited, diagonal + (a[i] != b[j - 1]));
			diagonal = row[j];
			row[j] = edited;
		}
	}
	distance = row[length];
	free(row);
	return distance;
}

/* An option that may be a misspelling of this name, or NULL. */
static const ScriptOption *
similar_option(const ScriptTable *table, const char *name)
{
	/* a letter that is wrong, missing or too many, or two that changed places */
	const int	most = 2;

	for (int i = 0; i < table->option_count; i++)
		if (edit_distance(table->options[i].name, name) <= most)
			return &table->options[i];
	return NULL;
}

static const char *
required_option(Pipeline *pipeline, ScriptTable *table, const char *name)
{
	const char *value = table_option(table, name);
	const ScriptOption *similar;

	if (value != NULL)
		return value;
	similar = similar_option(table, name);
	if (similar != NULL)
		script_fail(&pipeline->script, similar->place, NULL,
					"option '%s' is not supported, and table \"%s\" lacks the option '%s'",
					similar->name, table->name, name);
	script_fail(&pipeline->script, table->place, NULL,
				"table \"%s\" lacks the option '%s'", table->name, name);
}

static bool
bool_option(Pipeline *pipeline, ScriptTable *table, const char *name,
			bool default_value)
{
	const char *value = table_option(table, name);

	if (value == NULL)
		return default_value;
	if (pg_strcasecmp(value, "true") == 0)
		return true;
	if (pg_strcasecmp(value, "false") == 0)
		return false;
	script_fail(&pipeline->script, option_place(table, name), NULL,
				"option '%s' must be 'true' or 'false', not '%s'", name, value);
}

/* Values that would change what is written, where only one is supported. */
static void
fixed_option(Pipeline *pipeline, ScriptTable *table, const char *name,
			 const char *only)
{
	const char *value = table_option(table, name);

	if (value != NULL && pg_strcasecmp(value, only) != 0)
		script_fail(&pipeline->script, option_place(table, name), NULL,
					"option '%s' = '%s' is not supported, only '%s' is", name,
					value, only);
}

static int64
int_option(Pipeline *pipeline, ScriptTable *table, const char *name,
		   int64 default_value, int64 least)
{
	const char *value = table_option(table, name);
	long long	number;
	char	   *end;

	if (value == NULL)
		return default_value;
	errno = 0;
	number = strtoll(value, &end, 10);
	if (*value == '\0' || *end != '\0' || errno != 0 || number < least)
		script_fail(&pipeline->script, option_place(table, name), NULL,
					"option '%s' must be a number from %lld, not '%s'", name,
					(long long) least, value);
	return number;
}

/* An option that is accepted and does nothing here; --explain says so. */
static void
ignored_option(Pipeline *pipeline, ScriptTable *table, const char *name)
{
	if (table_option(table, name) != NULL)
		appendPQExpBuffer(pipeline->script.notes, "-- %s:%d: option '%s' has no effect\n",
						  pipeline->script.file,
						  option_place(table, name).line, name);
}

static void
refuse_unused_options(Pipeline *pipeline, ScriptTable *table)
{
	for (int i = 0; i < table->option_count; i++)
		if (!table->options[i].used)
			script_fail(&pipeline->script, table->options[i].place,
						"README.md lists the options of connectors and formats.",
						"option '%s' is not supported",
						table->options[i].name);
}

/* ------------------------------------------------------------- sources */

static void
node_init(SourceNode *node, char *name, const DataType *type)
{
	node->name = node->member = name;
	node->name_length = strlen(name);
	node->type = *type;
	node->field = -1;
	node->presence = -1;
}

/* The fields of a ROW, all the way down. */
static void
node_build(SourceNode *node)
{
	node->child_count = node->type.field_count;
	node->children = pg_malloc0(node->child_count * sizeof(SourceNode));
	for (int i = 0; i < node->child_count; i++)
	{
		node_init(&node->children[i], node->type.fields[i].name,
				  &node->type.fields[i].type);
		if (node->children[i].type.kind == TYPE_ROW)
			node_build(&node->children[i]);
	}
}

static void
root_init(SourceNode *root, ScriptTable *table)
{
	DataType	row = {TYPE_ROW, -1, 0, NULL, 0, NULL, NULL};

	node_init(root, table->name, &row);
	root->children = pg_malloc0(table->column_count * sizeof(SourceNode));
}

static bool
name_in(char **names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/*
 * Puts the columns where they are read from: the value, the record's key
 * ("key_columns", whose names there lack the prefix), or the metadata.
 * Computed ones are nowhere: query.c has put their expressions in.
 */
static void
read_columns(Pipeline *pipeline, SourceTable *source, char **key_columns,
			 int key_column_count, const char *prefix)
{
	ScriptTable *table = source->table;

	root_init(&source->root, table);
	root_init(&source->key, table);
	root_init(&source->metadata, table);
	for (int i = 0; i < table->column_count; i++)
	{
		ScriptColumn *column = &table->columns[i];
		SourceNode *root = name_in(key_columns, key_column_count,
								   column->name) ? &source->key : &source->root;
		SourceNode *node;

		if (column->computed != NULL)
			continue;
		if (column->metadata != NULL)
		{
			metadata_add(pipeline, source, column);
			pipeline->has_metadata = true;
			continue;
		}
		node = &root->children[root->child_count++];
		node_init(node, column->name, &column->type);
		if (node->type.kind == TYPE_ROW)
			node_build(node);
		node->key = name_in(table->key, table->key_count, column->name);
		if (root == &source->key)
		{
			node->member = column->name + strlen(prefix);
			node->name_length = strlen(node->member);
		}
	}
	for (int k = 0; k < table->key_count; k++)
	{
		bool		found = false;

		for (int i = 0; i < table->column_count; i++)
			if (strcmp(table->columns[i].name, table->key[k]) == 0)
				found = table->columns[i].computed == NULL &&
					table->columns[i].metadata == NULL;
		if (!found)
			script_fail(&pipeline->script, table->key_places[k], NULL,
						"column \"%s\" of the primary key does not exist, or is not read from the topic",
						table->key[k]);
	}
}

/* 'a;b' */
static void
split_topics(Pipeline *pipeline, SourceTable *source, const char *list)
{
	const char *p = list;

	for (;;)
	{
		const char *end = strchr(p, ';');
		size_t		length = end != NULL ? (size_t) (end - p) : strlen(p);

		if (length == 0)
			script_fail(&pipeline->script,
						option_place(source->table, "topic"), NULL,
						"option 'topic' holds an empty name");
		source->topics = pg_realloc(source->topics, (source->topic_count + 1) *
									sizeof(char *));
		source->topics[source->topic_count++] = pnstrdup(p, length);
		if (end == NULL)
			break;
		p = end + 1;
	}
}

static void
read_startup(Pipeline *pipeline, SourceTable *source)
{
	const char *mode = table_option(source->table, "scan.startup.mode");

	if (mode == NULL || strcmp(mode, "group-offsets") == 0)
		source->startup = STARTUP_GROUP_OFFSETS;
	else if (strcmp(mode, "earliest-offset") == 0)
		source->startup = STARTUP_EARLIEST;
	else if (strcmp(mode, "latest-offset") == 0)
		source->startup = STARTUP_LATEST;
	else if (strcmp(mode, "timestamp") == 0)
	{
		source->startup = STARTUP_TIMESTAMP;
		(void) required_option(pipeline, source->table,
							   "scan.startup.timestamp-millis");
		source->startup_timestamp =
			int_option(pipeline, source->table,
					   "scan.startup.timestamp-millis", 0, 0);
	}
	else
		script_fail(&pipeline->script,
					option_place(source->table, "scan.startup.mode"), NULL,
					"option 'scan.startup.mode' = '%s' is not supported, only 'earliest-offset', 'latest-offset', 'group-offsets' and 'timestamp' are",
					mode);
}

/*
 * Options of the value's format stand under the format's name, and under
 * 'value.<format>' too.
 */
static void
read_format(Pipeline *pipeline, SourceTable *source)
{
	ScriptTable *table = source->table;
	const char *option = "format";
	const char *format = table_option(table, "format");
	const char *mode;
	char		name[64];

	if (format == NULL)
	{
		option = "value.format";
		format = table_option(table, option);
	}
	if (format == NULL)
		format = required_option(pipeline, table, "format");
	if (strcmp(format, "json") == 0)
		source->format = FORMAT_JSON;
	else if (strcmp(format, "debezium-json") == 0)
		source->format = FORMAT_DEBEZIUM_JSON;
	else
		script_fail(&pipeline->script, option_place(table, option), NULL,
					"format '%s' is not supported, only 'json' and 'debezium-json' are",
					format);

#define FORMAT_OPTION(suffix) \
	(snprintf(name, sizeof(name), "%s%s." suffix, \
			  strcmp(option, "format") == 0 ? "" : "value.", format), name)

	source->ignore_parse_errors =
		bool_option(pipeline, table, FORMAT_OPTION("ignore-parse-errors"), false);
	/* SQL or ISO-8601: values tell, so both are read whatever is said */
	mode = table_option(table, FORMAT_OPTION("timestamp-format.standard"));
	if (mode != NULL && strcmp(mode, "SQL") != 0 && strcmp(mode, "ISO-8601") != 0)
		script_fail(&pipeline->script, option_place(table, name), NULL,
					"option '%s' must be 'SQL' or 'ISO-8601'", name);
	if (source->format == FORMAT_JSON)
		source->fail_on_missing_field =
			bool_option(pipeline, table,
						FORMAT_OPTION("fail-on-missing-field"), false);
	/* Flink has it for debezium-json only */
	source->schema_include =
		bool_option(pipeline, table, FORMAT_OPTION("schema-include"), false);
	/* for writing only */
	ignored_option(pipeline, table, FORMAT_OPTION("map-null-key.mode"));
	ignored_option(pipeline, table, FORMAT_OPTION("map-null-key.literal"));
	ignored_option(pipeline, table, FORMAT_OPTION("encode.decimal-as-plain-number"));
	ignored_option(pipeline, table, FORMAT_OPTION("encode.ignore-null-fields"));
	/* which parser Flink takes */
	ignored_option(pipeline, table, FORMAT_OPTION("decode.json-parser.enabled"));
#undef FORMAT_OPTION

	/* ours: as the connector's properties of the same names */
	encoding_read(&source->encoding, &pipeline->script, table);
	if (source->ignore_parse_errors && source->fail_on_missing_field)
		script_fail(&pipeline->script, table->place, NULL,
					"'fail-on-missing-field' and 'ignore-parse-errors' cannot both be 'true'");
}

/*
 * properties.* of all sources make one consumer; where two of them give
 * different values for one property, there would have to be two.
 */
static void
read_consumer_properties(Pipeline *pipeline, SourceTable *source)
{
	ScriptTable *table = source->table;

	(void) required_option(pipeline, table, "properties.bootstrap.servers");
	for (int i = 0; i < table->option_count; i++)
	{
		ScriptOption *option = &table->options[i];
		const char *name;
		const char *other;

		if (strncmp(option->name, "properties.", strlen("properties.")) != 0)
			continue;
		name = option->name + strlen("properties.");
		option->used = true;
		other = properties_get(pipeline->consumer, name);
		if (other != NULL && strcmp(other, option->value) != 0)
			script_fail(&pipeline->script, option->place,
						"Put the tables into scripts of their own.",
						"option '%s' differs from that of another table",
						option->name);
		properties_set(pipeline->consumer, name, option->value);
	}
}

/* key.format and its options; the key is JSON. */
static void
read_key_format(Pipeline *pipeline, ScriptTable *table)
{
	const char *format = table_option(table, "key.format");

	if (format != NULL && strcmp(format, "json") != 0)
		script_fail(&pipeline->script, option_place(table, "key.format"), NULL,
					"option 'key.format' = '%s' is not supported, only 'json' is",
					format);
	fixed_option(pipeline, table, "key.json.ignore-parse-errors", "false");
	fixed_option(pipeline, table, "key.json.fail-on-missing-field", "false");
	ignored_option(pipeline, table, "key.json.timestamp-format.standard");
	ignored_option(pipeline, table, "key.json.map-null-key.mode");
	ignored_option(pipeline, table, "key.json.map-null-key.literal");
	ignored_option(pipeline, table, "key.json.encode.decimal-as-plain-number");
	ignored_option(pipeline, table, "key.json.encode.ignore-null-fields");
	ignored_option(pipeline, table, "key.json.decode.json-parser.enabled");
}

/* Are the key's columns left out of the value? */
static bool
read_fields_include(Pipeline *pipeline, ScriptTable *table)
{
	const char *include = table_option(table, "value.fields-include");

	if (include == NULL || strcmp(include, "ALL") == 0)
		return false;
	if (strcmp(include, "EXCEPT_KEY") != 0)
		script_fail(&pipeline->script,
					option_place(table, "value.fields-include"), NULL,
					"option 'value.fields-include' must be 'ALL' or 'EXCEPT_KEY', not '%s'",
					include);
	return true;
}

/* key.fields-prefix, with which the names of all key columns begin. */
static const char *
read_key_prefix(Pipeline *pipeline, ScriptTable *table, char **columns,
				int count, bool except_key)
{
	const char *prefix = table_option(table, "key.fields-prefix");

	if (prefix == NULL || *prefix == '\0')
		return "";
	if (!except_key)
		script_fail(&pipeline->script, option_place(table, "key.fields-prefix"),
					NULL,
					"option 'key.fields-prefix' needs 'value.fields-include' = 'EXCEPT_KEY'");
	for (int i = 0; i < count; i++)
		if (strncmp(columns[i], prefix, strlen(prefix)) != 0)
			script_fail(&pipeline->script,
						option_place(table, "key.fields-prefix"), NULL,
						"column \"%s\" of the key does not begin with '%s'",
						columns[i], prefix);
	return prefix;
}

/* 'a;b' of key.fields */
static char **
read_key_fields(Pipeline *pipeline, ScriptTable *table, int *count)
{
	const char *list = table_option(table, "key.fields");
	char	  **fields = NULL;

	*count = 0;
	if ((list == NULL) != (table_option(table, "key.format") == NULL))
		script_fail(&pipeline->script,
					option_place(table, list == NULL ? "key.format" : "key.fields"),
					NULL, "options 'key.format' and 'key.fields' need each other");
	while (list != NULL)
	{
		const char *end = strchr(list, ';');
		char	   *name = end != NULL ? pnstrdup(list, end - list) :
		pg_strdup(list);
		bool		found = false;

		for (int i = 0; i < table->column_count; i++)
			if (strcmp(table->columns[i].name, name) == 0)
				found = table->columns[i].computed == NULL &&
					table->columns[i].metadata == NULL;
		if (!found)
			script_fail(&pipeline->script, option_place(table, "key.fields"),
						NULL, "column \"%s\" of 'key.fields' does not exist",
						name);
		fields = pg_realloc(fields, (*count + 1) * sizeof(char *));
		fields[(*count)++] = name;
		list = end != NULL ? end + 1 : NULL;
	}
	return fields;
}

/* What both connectors have, and what is for writing only. */
static void
read_common_options(Pipeline *pipeline, SourceTable *source)
{
	static const char *const without_effect[] = {
		/* new partitions are always looked for */
		"scan.topic-partition-discovery.interval", "scan.parallelism",
		"scan.watermark.emit.strategy", "scan.watermark.idle-timeout",
		"scan.watermark.alignment.group", "scan.watermark.alignment.max-drift",
		"scan.watermark.alignment.update-interval",
		"sink.parallelism", "sink.partitioner", "sink.delivery-guarantee",
		"sink.transactional-id-prefix", "sink.buffer-flush.max-rows",
		"sink.buffer-flush.interval", "sink.semantic"
	};
	ScriptTable *table = source->table;

	if (table_option(table, "topic-pattern") != NULL)
		script_fail(&pipeline->script, option_place(table, "topic-pattern"),
					"Name the topics: 'topic' = 'a;b'.",
					"option 'topic-pattern' is not supported");
	split_topics(pipeline, source, required_option(pipeline, table, "topic"));
	read_consumer_properties(pipeline, source);
	fixed_option(pipeline, table, "scan.bounded.mode", "unbounded");
	for (size_t i = 0; i < lengthof(without_effect); i++)
		ignored_option(pipeline, table, without_effect[i]);
}

static void
source_add(Pipeline *pipeline, const SourceTable *source)
{
	pipeline->sources = pg_realloc(pipeline->sources,
								   (pipeline->source_count + 1) *
								   sizeof(SourceTable));
	pipeline->sources[pipeline->source_count++] = *source;
}

static void
kafka_source_read(Pipeline *pipeline, ScriptTable *table)
{
	SourceTable source;
	char	  **key_fields;
	int			key_field_count;
	bool		except_key;
	const char *prefix;

	memset(&source, 0, sizeof(source));
	source.table = table;
	read_startup(pipeline, &source);
	read_format(pipeline, &source);
	read_common_options(pipeline, &source);
	read_key_format(pipeline, table);
	key_fields = read_key_fields(pipeline, table, &key_field_count);
	except_key = read_fields_include(pipeline, table);
	if (except_key && source.format == FORMAT_DEBEZIUM_JSON)
		script_fail(&pipeline->script,
					option_place(table, "value.fields-include"),
					"Events of Debezium hold the key's columns.",
					"option 'value.fields-include' = 'EXCEPT_KEY' is not supported with the format 'debezium-json'");
	prefix = read_key_prefix(pipeline, table, key_fields, key_field_count,
							 except_key);
	read_columns(pipeline, &source, key_fields,
				 except_key ? key_field_count : 0, prefix);
	refuse_unused_options(pipeline, table);
	source_add(pipeline, &source);
}

static void
upsert_source_read(Pipeline *pipeline, ScriptTable *table)
{
	SourceTable source;
	bool		except_key;
	const char *prefix;

	memset(&source, 0, sizeof(source));
	source.table = table;
	if (table->key_count == 0)
		script_fail(&pipeline->script, table->place,
					"Declare PRIMARY KEY (...) NOT ENFORCED: the columns in the records' keys.",
					"table \"%s\" of connector 'upsert-kafka' needs a primary key",
					table->name);
	source.startup = STARTUP_EARLIEST;
	(void) required_option(pipeline, table, "key.format");
	(void) required_option(pipeline, table, "value.format");
	read_format(pipeline, &source);
	if (source.format != FORMAT_JSON)
		script_fail(&pipeline->script, option_place(table, "value.format"),
					"For events of Debezium use the connector 'kafka'.",
					"the connector 'upsert-kafka' needs 'value.format' = 'json'");
	source.format = FORMAT_UPSERT_JSON;
	read_common_options(pipeline, &source);
	read_key_format(pipeline, table);
	except_key = read_fields_include(pipeline, table);
	prefix = read_key_prefix(pipeline, table, table->key, table->key_count,
							 except_key);
	read_columns(pipeline, &source, table->key,
				 except_key ? table->key_count : 0, prefix);
	refuse_unused_options(pipeline, table);
	source_add(pipeline, &source);
}

/* --------------------------------------------------------------- sinks */

/* Appends keyword='value' as libpq reads it. */
static void
conninfo_append(PQExpBuffer conninfo, const char *keyword, const char *value)
{
	appendPQExpBuffer(conninfo, "%s%s='", conninfo->len > 0 ? " " : "",
					  keyword);
	for (const char *p = value; *p != '\0'; p++)
	{
		if (*p == '\'' || *p == '\\')
			appendPQExpBufferChar(conninfo, '\\');
		appendPQExpBufferChar(conninfo, *p);
	}
	appendPQExpBufferChar(conninfo, '\'');
}

/* %41 and the like; NULL where that is no byte. */
static char *
url_decode(const char *text, size_t length)
{
	char	   *result = pg_malloc(length + 1);
	size_t		written = 0;

	for (size_t i = 0; i < length; i++)
	{
		if (text[i] == '%')
		{
			unsigned int byte;

			if (i + 2 >= length)
				return NULL;
			if (sscanf(text + i + 1, "%2x", &byte) != 1 || byte == 0)
				return NULL;
			result[written++] = (char) byte;
			i += 2;
		}
		else
			result[written++] = text[i];
	}
	result[written] = '\0';
	return result;
}

/* Parameters of a JDBC URL and what they are for libpq. */
static const struct
{
	const char *name;
	const char *keyword;		/* NULL: accepted, without meaning here */
}			url_parameters[] = {
	{"user", "user"},
	{"password", "password"},
	{"sslmode", "sslmode"},
	{"sslrootcert", "sslrootcert"},
	{"sslcert", "sslcert"},
	{"sslkey", "sslkey"},
	{"ApplicationName", "application_name"},
	{"connectTimeout", "connect_timeout"},
	{"targetServerType", NULL},
	{"reWriteBatchedInserts", NULL},
	{"prepareThreshold", NULL},
	{"stringtype", NULL},
	{"socketTimeout", NULL},
	{"tcpKeepAlive", NULL},
	{"loginTimeout", NULL},
};

static void
read_url_parameter(Pipeline *pipeline, ScriptTable *table,
				   PQExpBuffer conninfo, const char *name, const char *value)
{
	if (strcmp(name, "ssl") == 0)
	{
		if (strcmp(value, "true") == 0 || *value == '\0')
			conninfo_append(conninfo, "sslmode", "verify-full");
		return;
	}
	if (strcmp(name, "currentSchema") == 0)
	{
		PQExpBufferData options;

		initPQExpBuffer(&options);
		appendPQExpBuffer(&options, "-csearch_path=%s", value);
		conninfo_append(conninfo, "options", options.data);
		termPQExpBuffer(&options);
		return;
	}
	for (size_t i = 0; i < lengthof(url_parameters); i++)
		if (strcmp(url_parameters[i].name, name) == 0)
		{
			if (url_parameters[i].keyword != NULL)
				conninfo_append(conninfo, url_parameters[i].keyword, value);
			return;
		}
	script_fail(&pipeline->script, option_place(table, "url"),
				"README.md lists the parameters.",
				"parameter \"%s\" of the url is not supported", name);
}

/* jdbc:postgresql://host[:port][,host[:port]]/database[?parameters] */
static void
read_url(Pipeline *pipeline, ScriptTable *table, const char *url,
		 PQExpBuffer conninfo)
{
	static const char prefix[] = "jdbc:postgresql://";
	Place		place = option_place(table, "url");
	PQExpBufferData hosts;
	PQExpBufferData ports;
	const char *p;
	const char *database;
	const char *parameters;
	char	   *name;

	if (strncmp(url, prefix, strlen(prefix)) != 0)
		script_fail(&pipeline->script, place, NULL,
					"option 'url' must start with \"%s\"", prefix);
	p = url + strlen(prefix);
	database = strchr(p, '/');
	if (database == NULL || database == p || database[1] == '\0' ||
		database[1] == '?')
		script_fail(&pipeline->script, place, NULL,
					"option 'url' must be \"%shost:port/database\"", prefix);

	initPQExpBuffer(&hosts);
	initPQExpBuffer(&ports);
	while (p < database)
	{
		size_t		length = strcspn(p, ",/");
		const char *colon = NULL;

		for (size_t i = *p == '[' ? strcspn(p, "]/") : 0; i < length; i++)
			if (p[i] == ':')
				colon = p + i;
		appendPQExpBuffer(&hosts, "%s%.*s", hosts.len > 0 ? "," : "",
						  (int) ((colon != NULL ? (size_t) (colon - p) : length) -
								 (*p == '[' ? 2 : 0)), *p == '[' ? p + 1 : p);
		appendPQExpBuffer(&ports, "%s%.*s", hosts.len > 0 && ports.len > 0 ? "," : "",
						  colon != NULL ? (int) (p + length - colon - 1) : 4,
						  colon != NULL ? colon + 1 : "5432");
		p += length;
		if (*p == ',')
			p++;
	}
	conninfo_append(conninfo, "host", hosts.data);
	conninfo_append(conninfo, "port", ports.data);
	termPQExpBuffer(&hosts);
	termPQExpBuffer(&ports);

	parameters = strchr(database, '?');
	name = url_decode(database + 1, parameters != NULL ?
					  (size_t) (parameters - database - 1) :
					  strlen(database + 1));
	if (name == NULL)
		script_fail(&pipeline->script, place, NULL,
					"option 'url' has a broken %%-sequence");
	conninfo_append(conninfo, "dbname", name);
	free(name);

	while (parameters != NULL && parameters[1] != '\0')
	{
		size_t		length = strcspn(parameters + 1, "&");
		const char *equal = memchr(parameters + 1, '=', length);
		char	   *value;

		name = url_decode(parameters + 1, equal != NULL ?
						  (size_t) (equal - parameters - 1) : length);
		value = equal != NULL ?
			url_decode(equal + 1, parameters + 1 + length - equal - 1) :
			pg_strdup("");
		if (name == NULL || value == NULL)
			script_fail(&pipeline->script, place, NULL,
						"option 'url' has a broken %%-sequence");
		read_url_parameter(pipeline, table, conninfo, name, value);
		free(name);
		free(value);
		parameters = strchr(parameters + 1, '&');
	}
}

static void
sink_add(Pipeline *pipeline, const SinkTable *sink)
{
	pipeline->sinks = pg_realloc(pipeline->sinks, (pipeline->sink_count + 1) *
								 sizeof(SinkTable));
	pipeline->sinks[pipeline->sink_count++] = *sink;
}

/* Computed columns are for those who read; no sink has metadata. */
static void
drop_computed(Pipeline *pipeline, ScriptTable *table)
{
	int			count = 0;

	for (int i = 0; i < table->column_count; i++)
	{
		if (table->columns[i].metadata != NULL)
			script_fail(&pipeline->script, table->columns[i].place, NULL,
						"the connector of table \"%s\" has no metadata",
						table->name);
		if (table->columns[i].computed == NULL)
			table->columns[count++] = table->columns[i];
	}
	table->column_count = count;
}

static void
jdbc_sink_read(Pipeline *pipeline, ScriptTable *table)
{
	SinkTable	sink;
	PQExpBufferData conninfo;
	const char *value;

	memset(&sink, 0, sizeof(sink));
	sink.table = table;
	drop_computed(pipeline, table);
	initPQExpBuffer(&conninfo);
	read_url(pipeline, table, required_option(pipeline, table, "url"),
			 &conninfo);
	if ((value = table_option(table, "username")) != NULL)
		conninfo_append(&conninfo, "user", value);
	if ((value = table_option(table, "password")) != NULL)
		conninfo_append(&conninfo, "password", value);
	sink.conninfo = conninfo.data;
	sink.table_name = pg_strdup(required_option(pipeline, table, "table-name"));
	fixed_option(pipeline, table, "driver", "org.postgresql.Driver");
	fixed_option(pipeline, table, "dialect-name", "PostgreSQL");
	fixed_option(pipeline, table, "compatible-mode", "");
	(void) int_option(pipeline, table, "sink.buffer-flush.max-rows", 0, 0);

	/*
	 * accepted: batches go out as soon as nothing more is there, retries
	 * never end, and one writer serves all
	 */
	ignored_option(pipeline, table, "sink.buffer-flush.max-rows");
	ignored_option(pipeline, table, "sink.buffer-flush.interval");
	ignored_option(pipeline, table, "sink.max-retries");
	ignored_option(pipeline, table, "sink.parallelism");
	ignored_option(pipeline, table, "connection.max-retry-timeout");
	refuse_unused_options(pipeline, table);

	for (int i = 0; i < table->column_count; i++)
		if (table->columns[i].type.kind == TYPE_ROW)
			script_fail(&pipeline->script, table->columns[i].place, NULL,
						"a ROW cannot be written to a table");
	for (int k = 0; k < table->key_count; k++)
	{
		bool		found = false;

		for (int i = 0; i < table->column_count; i++)
			if (strcmp(table->columns[i].name, table->key[k]) == 0)
				found = true;
		if (!found)
			script_fail(&pipeline->script, table->key_places[k], NULL,
						"column \"%s\" of the primary key does not exist",
						table->key[k]);
	}
	if (pipeline->conninfo != NULL &&
		strcmp(pipeline->conninfo, sink.conninfo) != 0)
		script_fail(&pipeline->script, table->place,
					"Data and progress are committed in one transaction: put sinks of another database or role into a script of their own.",
					"sinks of a script must have the same url, username and password");
	pipeline->conninfo = sink.conninfo;
	sink_add(pipeline, &sink);
}

/* The connectors print and blackhole. */
static void
trial_sink_read(Pipeline *pipeline, ScriptTable *table, SinkKind kind)
{
	SinkTable	sink;

	memset(&sink, 0, sizeof(sink));
	sink.table = table;
	sink.kind = kind;
	drop_computed(pipeline, table);
	if (kind == SINK_PRINT)
	{
		sink.print_identifier = table_option(table, "print-identifier");
		if (sink.print_identifier != NULL && *sink.print_identifier == '\0')
			sink.print_identifier = NULL;
		sink.print_to_stderr = bool_option(pipeline, table, "standard-error",
										   false);
		ignored_option(pipeline, table, "sink.parallelism");
	}
	refuse_unused_options(pipeline, table);
	sink_add(pipeline, &sink);
}

/* --------------------------------------------------------------- tables */

void
source_read(Pipeline *pipeline, ScriptTable *table, Place place)
{
	const char *connector = required_option(pipeline, table, "connector");

	if (strcmp(connector, "kafka") == 0)
		kafka_source_read(pipeline, table);
	else if (strcmp(connector, "upsert-kafka") == 0)
		upsert_source_read(pipeline, table);
	else if (strcmp(connector, "jdbc") == 0)
		script_fail(&pipeline->script, place,
					"Read the table's changes from its topic, with 'connector' = 'kafka'.",
					"table \"%s\" is of connector 'jdbc', which is for writing only",
					table->name);
	else
		script_fail(&pipeline->script, option_place(table, "connector"),
					"Bring what it reads into a topic of Kafka, and read that.",
					"connector '%s' is not supported for reading, only 'kafka' and 'upsert-kafka' are",
					connector);
}

void
sink_read(Pipeline *pipeline, ScriptTable *table, Place place)
{
	const char *connector = required_option(pipeline, table, "connector");

	if (strcmp(connector, "jdbc") == 0)
		jdbc_sink_read(pipeline, table);
	else if (strcmp(connector, "print") == 0)
		trial_sink_read(pipeline, table, SINK_PRINT);
	else if (strcmp(connector, "blackhole") == 0)
		trial_sink_read(pipeline, table, SINK_BLACKHOLE);
	else if (strcmp(connector, "kafka") == 0 ||
			 strcmp(connector, "upsert-kafka") == 0)
		script_fail(&pipeline->script, place,
					"This program writes to PostgreSQL: 'connector' = 'jdbc'.",
					"table \"%s\" is of connector '%s', which is for reading only",
					table->name, connector);
	else
		script_fail(&pipeline->script, option_place(table, "connector"),
					"This program writes to PostgreSQL: 'connector' = 'jdbc'.",
					"connector '%s' is not supported for writing, only 'jdbc' and, for trials, 'print' and 'blackhole' are",
					connector);
}
