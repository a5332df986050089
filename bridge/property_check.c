/*-------------------------------------------------------------------------
 *
 * property_check.c
 *	  Checks the values of a configuration by the table of properties.
 *
 * NOTES
 *	  The words are those of Kafka Connect for its own properties and those of
 *	  Debezium for the others, odd as some are (a value that is no number is
 *	  told twice, by its type and by what is asked of it): scripts look for
 *	  them.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "property_check.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "pattern_check.h"
#include "property_table.h"
#include "topic_rules.h"

#define KEY_COLUMNS_PATTERN "^\\s*([^:]+):([^:,]+(,[^:,]+)*)\\s*$"
#define REPLICA_IDENTITY_PATTERN "(?i)^\\s*(?<tablepredicate>[^\\s:]+):(?<replicaidentity>DEFAULT|(INDEX) (?<indexname>.\\w*)|FULL|NOTHING)\\s*$"

/* What is checked, and where it goes. */
typedef struct Check
{
	const Properties *connector;
	const Properties *worker;
	ConfigErrors *errors;
	const char *name;
	const char *value;			/* of the property; not NULL */
} Check;

/* ------------------------------------------------------ reading values */

/* A number as Java reads it: a sign, and nothing but digits. */
static bool
read_number(const char *text, int64 least, int64 most, int64 *number)
{
	const char *digits = text + (*text == '+' || *text == '-');
	char	   *end;

	if (*digits == '\0' || strspn(digits, "0123456789") != strlen(digits))
		return false;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' && *number >= least && *number <= most;
}

static bool
is_int(const char *text, int64 *number)
{
	return read_number(text, PG_INT32_MIN, PG_INT32_MAX, number);
}

static bool
is_long(const char *text, int64 *number)
{
	return read_number(text, PG_INT64_MIN, PG_INT64_MAX, number);
}

/* Text without the blanks around it, to be freed. */
static char *
trim(const char *text, size_t length)
{
	while (length > 0 && isspace((unsigned char) *text))
	{
		text++;
		length--;
	}
	while (length > 0 && isspace((unsigned char) text[length - 1]))
		length--;
	return pnstrdup(text, length);
}

static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n\f")] == '\0';
}

static bool
is_boolean(const char *text)
{
	char	   *trimmed = trim(text, strlen(text));
	bool		result = pg_strcasecmp(trimmed, "true") == 0 ||
	pg_strcasecmp(trimmed, "false") == 0;

	pg_free(trimmed);
	return result;
}

/* Is it in the list "a, b, c"? */
static bool
is_one_of(const char *value, const char *list, bool any_case)
{
	char	   *trimmed = trim(value, strlen(value));
	bool		found = false;

	for (const char *p = list; !found && *p != '\0';)
	{
		size_t		length = strcspn(p, ",");
		char	   *item = trim(p, length);

		found = any_case ? pg_strcasecmp(item, trimmed) == 0 :
			strcmp(item, trimmed) == 0;
		pg_free(item);
		p += length + (p[length] == ',');
	}
	pg_free(trimmed);
	return found;
}

/* A name of a Java class; letters of other scripts are letters, too. */
static bool
is_class_name(const char *text)
{
	bool		begins = true;	/* a part of the name */

	for (; *text != '\0'; text++)
	{
		unsigned char c = (unsigned char) *text;

		if (isalpha(c) || c == '_' || c == '$' || c >= 0x80)
			begins = false;
		else if (begins || (!isdigit(c) && c != '.'))
			return false;
		else
			begins = c == '.';
	}
	return !begins;
}

static bool
has_only(const char *text, const char *characters)
{
	for (; *text != '\0'; text++)
	{
		if (!isalnum((unsigned char) *text) && strchr(characters, *text) == NULL)
			return false;
	}
	return true;
}

/* --------------------------------------------------- Debezium's checks */

static void
invalid(const Check *check, const char *reason)
{
	config_errors_invalid(check->errors, check->name, "%s", reason);
}

static void
check_type(const Check *check, PropertyType type)
{
	int64		number;

	if (type == PROPERTY_INT && !is_int(check->value, &number))
		invalid(check, "An integer is expected");
	if (type == PROPERTY_LONG && !is_long(check->value, &number))
		invalid(check, "A long value is expected");
	if (type == PROPERTY_BOOLEAN && !is_boolean(check->value))
		invalid(check, "Either 'true' or 'false' is expected");
	if (type == PROPERTY_CLASS && !is_class_name(check->value))
		invalid(check, "A Java class name is expected");
}

static void
check_number(const Check *check, PropertyCheck kind)
{
	int64		number;
	bool		int_fits = is_int(check->value, &number);
	bool		fits = is_long(check->value, &number);

	switch (kind)
	{
		case CHECK_INTEGER:
			if (!int_fits)
				invalid(check, "An integer is expected");
			break;
		case CHECK_POSITIVE_INTEGER:
			if (!int_fits || number <= 0)
				invalid(check, "A positive, non-zero integer value is expected");
			break;
		case CHECK_NON_NEGATIVE_INTEGER:
			if (!int_fits || number < 0)
				invalid(check, "An non-negative integer is expected");
			break;
		case CHECK_POSITIVE_LONG:
			if (!fits || number <= 0)
				invalid(check, "A positive, non-zero long value is expected");
			break;
		default:
			if (!fits || number < 0)
				invalid(check, "A non-negative long value is expected");
	}
}

static void
check_name(const Check *check, bool required)
{
	if (required && is_blank(check->value))
		invalid(check, "A value is required");
	/* an empty host is told once, an empty prefix twice */
	if (strcmp(check->name, "database.hostname") == 0 && is_blank(check->value))
		return;
	if (*check->value == '\0' || !has_only(check->value, "_-."))
		config_errors_invalid(check->errors, check->name,
							  "%s has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)",
							  check->value);
}

static void
check_slot_name(const Check *check)
{
	size_t		length = strlen(check->value);

	if (length == 0 || length > 63 ||
		strspn(check->value, "abcdefghijklmnopqrstuvwxyz0123456789_") != length)
		invalid(check, "Valid replication slot name must contain only digits, lowercase characters and underscores with length <= 63");
}

static void
check_queue_size(const Check *check)
{
	const char *batch_text = properties_get(check->connector, "max.batch.size");
	int64		batch;
	int64		number;

	if (!is_int(check->value, &number))
		return;
	if (batch_text == NULL || !is_int(batch_text, &batch))
		batch = 2048;
	if (number <= 0)
		invalid(check, "A positive queue size is required");
	if (number <= batch)
		invalid(check, "Must be larger than the maximum batch size");
}

static void
check_patterns(const Check *check)
{
	PQExpBufferData error;

	initPQExpBuffer(&error);
	if (!pattern_list_check(check->value, &error))
		config_errors_invalid(check->errors, check->name,
							  "A comma-separated list of valid regular expressions is expected, but %s",
							  error.data);
	termPQExpBuffer(&error);
}

static void
check_pairs(const Check *check)
{
	const char *p = check->value;

	if (is_blank(p))
		return;
	while (*p != '\0')
	{
		size_t		length = strcspn(p, ",");
		const char *equals = memchr(p, '=', length);

		if (equals == NULL || equals == p || equals == p + length - 1)
		{
			invalid(check, "A equivalent-separated map of valid key/value pairs is expected, for example: k1=v1,k2=v2");
			return;
		}
		p += length + (p[length] == ',');
	}
}

static void
check_operations(const Check *check)
{
	bool		none = false;
	int			count = 0;

	for (const char *p = check->value;;)
	{
		size_t		length = strcspn(p, ",");
		char	   *item = trim(p, length);

		count++;
		if (strcmp(item, "none") == 0)
			none = true;
		else if (strlen(item) != 1 || strchr("crudtm", *item) == NULL)
		{
			pg_free(item);
			invalid(check, "Invalid operation");
			return;
		}
		pg_free(item);
		if (p[length] == '\0')
			break;
		p += length + 1;
	}
	if (none && count > 1)
		invalid(check, "'none' cannot be specified with other skipped operation types");
}

/* TABLE:COLUMN,COLUMN */
static bool
is_key_columns(const char *text)
{
	const char *colon = strchr(text, ':');

	if (colon == NULL || colon == text || strchr(colon + 1, ':') != NULL)
		return false;
	for (const char *p = colon + 1;; p++)
	{
		size_t		length = strcspn(p, ",");

		if (length == 0)
			return false;
		p += length;
		if (*p == '\0')
			return true;
	}
}

/* SCHEMA.TABLE:IDENTITY */
static bool
is_replica_identity(const char *text)
{
	char	   *trimmed = trim(text, strlen(text));
	char	   *colon = strchr(trimmed, ':');
	const char *identity = colon != NULL ? colon + 1 : NULL;
	bool		result = colon != NULL && colon != trimmed;

	for (const char *p = trimmed; result && p < colon; p++)
		result = !isspace((unsigned char) *p);
	if (result && pg_strncasecmp(identity, "INDEX ", 6) == 0)
		result = identity[6] != '\0' && has_only(identity + 7, "_");
	else if (result)
		result = pg_strcasecmp(identity, "DEFAULT") == 0 ||
			pg_strcasecmp(identity, "FULL") == 0 ||
			pg_strcasecmp(identity, "NOTHING") == 0;
	pg_free(trimmed);
	return result;
}

/* A list of which each item has a form. */
static void
check_items(const Check *check, char separator, bool (*fits) (const char *),
			const char *pattern)
{
	const char	separators[] = {separator, '\0'};
	const char *end = check->value + strlen(check->value);

	if (*check->value == '\0')
		invalid(check, "Must not be empty");
	else
	{
		/* empty items at the end are none, as Java splits */
		while (end > check->value && end[-1] == separator)
			end--;
		if (end == check->value)
			return;
	}
	for (const char *p = check->value;; p++)
	{
		size_t		length = Min(strcspn(p, separators), (size_t) (end - p));
		char	   *item = pnstrdup(p, length);

		if (!fits(item))
			config_errors_invalid(check->errors, check->name,
								  "%s has an invalid format (expecting '%s')",
								  item, pattern);
		pg_free(item);
		p += length;
		if (p >= end)
			break;
	}
}

/* Values that are taken beside those that Debezium has. */
static const struct
{
	const char *name;
	const char *values;
}			more_values[] = {
	{"snapshot.mode", "never"}, /* the old name of no_data */
	{"plugin.name", "decoder_debezium"},
};

static void
check_values(const Check *check, const char *values)
{
	for (size_t i = 0; i < lengthof(more_values); i++)
	{
		if (strcmp(check->name, more_values[i].name) == 0 &&
			is_one_of(check->value, more_values[i].values, true))
			return;
	}
	if (!is_one_of(check->value, values, true))
		config_errors_invalid(check->errors, check->name,
							  "Value must be one of %s", values);
}

static void
check_debezium(const Check *check, const PropertyDefinition *definition)
{
	check_type(check, definition->type);
	switch (definition->check)
	{
		case CHECK_REQUIRED:
			if (is_blank(check->value))
				invalid(check, "A value is required");
			break;
		case CHECK_TOPIC_NAME:
		case CHECK_HOSTNAME:
			check_name(check, true);
			break;
		case CHECK_SLOT_NAME:
			check_slot_name(check);
			break;
		case CHECK_ONE_OF:
			check_values(check, definition->values);
			break;
		case CHECK_INTEGER:
		case CHECK_POSITIVE_INTEGER:
		case CHECK_NON_NEGATIVE_INTEGER:
		case CHECK_POSITIVE_LONG:
		case CHECK_NON_NEGATIVE_LONG:
			check_number(check, definition->check);
			break;
		case CHECK_BOOLEAN:
			check_type(check, PROPERTY_BOOLEAN);
			break;
		case CHECK_PATTERNS:
			check_patterns(check);
			break;
		case CHECK_PAIRS:
			check_pairs(check);
			break;
		case CHECK_OPERATIONS:
			check_operations(check);
			break;
		case CHECK_KEY_COLUMNS:
			check_items(check, ';', is_key_columns, KEY_COLUMNS_PATTERN);
			break;
		case CHECK_REPLICA_IDENTITY:
			check_items(check, ',', is_replica_identity,
						REPLICA_IDENTITY_PATTERN);
			break;
		case CHECK_QUEUE_SIZE:
			check_queue_size(check);
			break;
		default:
			break;
	}
}

/* ---------------------------------------------- Kafka Connect's checks */

static void
refuse(const Check *check, const char *reason)
{
	/* a blank text is none by then, while a blank number is still blank */
	bool		empty = is_blank(check->value) &&
	property_find(check->name)->type == PROPERTY_STRING;

	config_errors_add(check->errors, check->name,
					  "Invalid value %s for configuration %s: %s",
					  empty ? "" : check->value, check->name, reason);
}

/* The names of transformations or predicates, each with a type. */
static void
check_aliases(const Check *check)
{
	PQExpBufferData seen;
	PQExpBufferData list;
	bool		twice = false;

	if (is_blank(check->value))
		return;
	initPQExpBuffer(&seen);
	initPQExpBuffer(&list);
	for (const char *p = check->value;; p++)
	{
		size_t		length = strcspn(p, ",");
		char	   *alias = trim(p, length);
		char	   *key = psprintf(",%s,", alias);
		char	   *type = psprintf("%s.%s.type", check->name, alias);

		appendPQExpBuffer(&list, "%s%s", list.len > 0 ? ", " : "", alias);
		if (strstr(seen.data, key) != NULL)
			twice = true;
		else if (properties_get(check->connector, type) == NULL)
			config_errors_add(check->errors, type,
							  "Missing required configuration \"%s\" which has no default value.",
							  type);
		appendPQExpBufferStr(&seen, key);
		pg_free(type);
		pg_free(key);
		pg_free(alias);
		p += length;
		if (*p == '\0')
			break;
	}
	if (twice)
		config_errors_add(check->errors, check->name,
						  "Invalid value [%s] for configuration %s: Duplicate alias provided.",
						  list.data, check->name);
	termPQExpBuffer(&list);
	termPQExpBuffer(&seen);
}

static void
check_at_least(const Check *check, PropertyType type, int64 least)
{
	char	   *trimmed = trim(check->value, strlen(check->value));
	int64		number;
	char	   *reason;

	if (type == PROPERTY_INT ? is_int(trimmed, &number) : is_long(trimmed, &number))
	{
		if (number < least)
		{
			reason = psprintf("Value must be at least " INT64_FORMAT, least);
			refuse(check, reason);
			pg_free(reason);
		}
	}
	else
	{
		refuse(check, type == PROPERTY_INT ? "Not a number of type INT" :
			   "Not a number of type LONG");
		/* a type that does not fit leaves null, which this does not take */
		if (strcmp(check->name, "tasks.max") == 0)
			config_errors_add(check->errors, check->name,
							  "Invalid value null for configuration %s: Value must be non-null",
							  check->name);
	}
	pg_free(trimmed);
}

/*
 * Connect takes a name with a slash, but no request can address it then: it
 * could never be deleted.
 */
static void
check_connector_name(const Check *check)
{
	PQExpBufferData found;
	char	   *reason;

	initPQExpBuffer(&found);
	for (const char *p = check->value; *p != '\0'; p++)
	{
		if ((unsigned char) *p < 0x20)
			appendPQExpBuffer(&found, "%s%d", found.len > 0 ? ", " : "", *p);
	}
	if (is_blank(check->value))
		refuse(check, "String may not be empty");
	else if (found.len > 0)
	{
		reason = psprintf("String may not contain control sequences but had the following ASCII chars: %s",
						  found.data);
		refuse(check, reason);
		pg_free(reason);
	}
	else if (strchr(check->value, '/') != NULL)
		refuse(check, "String may not contain a slash, as it stands in paths of requests");
	termPQExpBuffer(&found);
}

static void
check_connect(const Check *check, const PropertyDefinition *definition)
{
	char	   *reason;

	switch (definition->check)
	{
		case CHECK_AT_LEAST_1:
			check_at_least(check, definition->type, 1);
			break;
		case CHECK_AT_LEAST_0:
			check_at_least(check, definition->type, 0);
			break;
		case CHECK_NON_EMPTY:
			if (strcmp(check->name, "name") == 0)
				check_connector_name(check);
			else if (is_blank(check->value))
				refuse(check, "String must be non-empty");
			break;
		case CHECK_ALIASES:
			check_aliases(check);
			break;
		case CHECK_ONE_OF:
		case CHECK_ONE_OF_ANY_CASE:
			if (is_one_of(check->value, definition->values,
						  definition->check == CHECK_ONE_OF_ANY_CASE))
				break;
			reason = psprintf("String must be one of%s: %s",
							  definition->check == CHECK_ONE_OF ? "" :
							  " (case insensitive)", definition->values);
			refuse(check, reason);
			pg_free(reason);
			break;
		default:
			if (definition->type == PROPERTY_LONG)
				check_at_least(check, PROPERTY_LONG, PG_INT64_MIN);
			else if (definition->type == PROPERTY_BOOLEAN &&
					 !is_boolean(check->value))
				refuse(check, "Expected value to be either true or false");
	}
}

/* ------------------------------------- what several properties decide */

/* Of each pair only one may be set; "word" is what the message calls it. */
static const struct
{
	const char *included;
	const char *excluded;
	const char *word;
}			exclusive[] = {

	{"message.prefix.include.list", "message.prefix.exclude.list",
	"logical_decoding_message.prefix.include.list"},
	{"column.include.list", "column.exclude.list", "column.include.list"},
	{"table.include.list", "table.exclude.list", "table.include.list"},
	{"schema.include.list", "schema.exclude.list", "schema.include.list"},
};

/* Modes that need the name of a class. */
static const char *const custom_modes[] = {
	"snapshot.mode", "snapshot.query.mode", "snapshot.locking.mode"
};

static bool
has_value(const Properties *properties, const char *name, const char *value)
{
	const char *found = properties_get(properties, name);

	return found != NULL && is_one_of(value, found, true);
}

static void
check_combinations(const Check *check)
{
	const Properties *connector = check->connector;
	ConfigErrors *errors = check->errors;
	const char *topic = properties_get(connector, "notification.sink.topic.name");

	for (size_t i = 0; i < lengthof(exclusive); i++)
	{
		if (properties_get(connector, exclusive[i].included) != NULL &&
			properties_get(connector, exclusive[i].excluded) != NULL)
			config_errors_invalid(errors, exclusive[i].excluded,
								  "\"%s\" is already specified",
								  exclusive[i].word);
	}
	for (size_t i = 0; i < lengthof(custom_modes); i++)
	{
		char	   *name = psprintf("%s.custom.name", custom_modes[i]);
		const char *value = properties_get(connector, name);

		if (has_value(connector, custom_modes[i], "custom") &&
			(value == NULL || is_blank(value)))
			config_errors_invalid(errors, name,
								  "%s cannot be empty when %s 'custom' is defined",
								  name, custom_modes[i]);
		pg_free(name);
	}
	if (has_value(connector, "notification.enabled.channels", "sink") &&
		(topic == NULL || is_blank(topic)))
		config_errors_invalid(errors, "notification.sink.topic.name",
							  "Notification topic name must be provided when kafka notification channel is enabled");
	if (has_value(connector, "exactly.once.support", "required") &&
		!has_value(check->worker, "exactly.once.source.support", "enabled"))
		config_errors_add(errors, "exactly.once.support",
						  "This worker does not have exactly-once source support enabled.");
	if (has_value(connector, "transaction.boundary", "connector"))
		config_errors_add(errors, "transaction.boundary",
						  "The connector does not support connector-defined transaction boundaries with the given configuration. Please reconfigure it to use a different transaction boundary definition.");
}

/* ------------------------------------------------------------ all of it */

/* What is said where nothing is set. */
static void
check_missing(const Check *check, const PropertyDefinition *definition)
{
	if (strcmp(definition->name, "name") == 0)
		config_errors_add(check->errors, check->name,
						  "Missing required configuration \"name\" which has no default value.");
	else if (definition->check == CHECK_REQUIRED ||
			 definition->check == CHECK_TOPIC_NAME ||
			 definition->check == CHECK_HOSTNAME)
		invalid(check, "A value is required");
}

void
properties_check(const Properties *connector, const Properties *worker,
				 ConfigErrors *errors)
{
	Check		check = {.connector = connector,.worker = worker,.errors = errors};

	for (const PropertyDefinition *d = property_table; d->name != NULL; d++)
	{
		check.name = d->name;
		check.value = properties_get(connector, d->name);
		if (check.value == NULL)
			check_missing(&check, d);
		else if (property_is_connects(d))
			check_connect(&check, d);
		else
			check_debezium(&check, d);
	}
	check_combinations(&check);
	topic_rules_check(connector, worker, errors);
}
