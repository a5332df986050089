/*-------------------------------------------------------------------------
 *
 * topic_rules.c
 *	  How a connector's topics are created: the properties topic.creation.*.
 *
 * NOTES
 *	  As Kafka Connect has it (KIP-158).  Names of topics are ASCII without
 *	  line ends, so of what differs between Java's patterns and PCRE2's only
 *	  sets within sets remain, [a-z&&[^q]], which are refused.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "topic_rules.h"

#include <ctype.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "pattern_check.h"

#define PREFIX			"topic.creation."
#define DEFAULT_GROUP	"default"

/* Steps of a match; a name has at most 249 characters. */
#define MATCH_LIMIT		1000000

/* Where a group's numbers come from, and what they may be. */
typedef struct NumberRule
{
	const char *name;
	int64		most;
	const char *type;
	const char *reason;			/* why 0 and less than -1 are refused */
} NumberRule;

static const NumberRule factor_rule = {
	"replication.factor", PG_INT16_MAX, "SHORT",
	"Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default"
};
static const NumberRule partitions_rule = {
	"partitions", PG_INT32_MAX, "INT",
	"Number of partitions must be positive, or -1 to use the broker's default"
};

/* Does the connector say anything about topics that the worker allows? */
static bool
is_used(const Properties *connector, const Properties *worker)
{
	const char *enable = properties_get(worker, "topic.creation.enable");

	if (enable != NULL && pg_strcasecmp(enable, "false") == 0)
		return false;
	for (int i = 0; i < connector->count; i++)
	{
		if (strncmp(connector->items[i].name, PREFIX, strlen(PREFIX)) == 0)
			return true;
	}
	return false;
}

/* The next of a list's items, trimmed; NULL at its end.  To be freed. */
static char *
next_item(const char **list)
{
	const char *start = *list;
	const char *end;

	while (isspace((unsigned char) *start))
		start++;
	if (*start == '\0')
		return NULL;
	end = start + strcspn(start, ",");
	*list = *end == ',' ? end + 1 : end;
	while (end > start && isspace((unsigned char) end[-1]))
		end--;
	return pnstrdup(start, end - start);
}

static const char *
group_property(const Properties *connector, const char *group,
			   const char *name)
{
	char	   *full = psprintf(PREFIX "%s.%s", group, name);
	const char *value = properties_get(connector, full);

	pg_free(full);
	return value;
}

static void
add_error(ConfigErrors *errors, const char *group, const char *name,
		  const char *format, const char *value)
{
	char	   *full = psprintf(PREFIX "%s.%s", group, name);

	/* the same text as Connect's: the property's last part is its name there */
	config_errors_add(errors, full, "Invalid value %s for configuration %s: %s",
					  value, name, format);
	pg_free(full);
}

/* One of the two numbers; those of "default" stand for what others lack. */
static int
read_number(const Properties *connector, const char *group,
			const NumberRule *rule, ConfigErrors *errors)
{
	const char *value = group_property(connector, group, rule->name);
	char	   *end;
	long long	number;

	if (value == NULL && strcmp(group, DEFAULT_GROUP) != 0)
		return read_number(connector, DEFAULT_GROUP, rule, NULL);
	if (value == NULL)
	{
		if (errors != NULL)
		{
			char	   *full = psprintf(PREFIX "%s.%s", group, rule->name);

			config_errors_add(errors, full,
							  "Missing required configuration \"%s\" which has no default value.",
							  full);
			pg_free(full);
		}
		return -1;
	}
	number = strtoll(value, &end, 10);
	while (isspace((unsigned char) *end))
		end++;
	if (end == value || *end != '\0' || number < PG_INT32_MIN ||
		number > rule->most)
	{
		char	   *reason = psprintf("Not a number of type %s", rule->type);

		if (errors != NULL)
			add_error(errors, group, rule->name, reason, value);
		pg_free(reason);
		return -1;
	}
	if ((number < 1 && number != -1) && errors != NULL)
		add_error(errors, group, rule->name, rule->reason, value);
	return (int) number;
}

/* The items of a list of patterns as one; NULL: there are none. */
static char *
join_patterns(const char *list)
{
	PQExpBufferData joined;
	char	   *item;
	char	   *result = NULL;

	if (list == NULL)
		return NULL;
	initPQExpBuffer(&joined);
	while ((item = next_item(&list)) != NULL)
	{
		appendPQExpBuffer(&joined, "%s%s", joined.len > 0 ? "|" : "", item);
		pg_free(item);
	}
	if (joined.len > 0)
		result = pg_strdup(joined.data);
	termPQExpBuffer(&joined);
	return result;
}

/* Is there a set within a set?  What is escaped or quoted is none. */
static bool
has_nested_set(const char *pattern)
{
	bool		in_set = false;

	for (const char *p = pattern; *p != '\0'; p++)
	{
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (in_set && (*p == '[' || (*p == '&' && p[1] == '&')))
			return true;
		else if (*p == '[')
			in_set = true;
		else if (*p == ']')
			in_set = false;
	}
	return false;
}

/* NULL, with the reason, if it cannot be had. */
static pcre2_code *
compile(const char *pattern, PQExpBuffer error)
{
	PCRE2_UCHAR message[256];
	PCRE2_SIZE	offset;
	pcre2_code *code;
	int			number;

	if (!pattern_check(pattern, error))
		return NULL;
	if (has_nested_set(pattern))
	{
		appendPQExpBuffer(error, "Sets within sets cannot be used here\n%s",
						  pattern);
		return NULL;
	}
	code = pcre2_compile((PCRE2_SPTR) pattern, strlen(pattern), 0, &number,
						 &offset, NULL);
	if (code == NULL)
	{
		pcre2_get_error_message(number, message, sizeof(message));
		appendPQExpBuffer(error, "%s near index %zu\n%s", (char *) message,
						  (size_t) offset, pattern);
	}
	return code;
}

/* Does the whole name fit one of the patterns?  Those are right. */
static bool
fits(const char *list, const char *topic)
{
	char	   *pattern = join_patterns(list);
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_code *code;
	PQExpBufferData error;
	bool		found = false;

	if (pattern == NULL)
		return false;
	initPQExpBuffer(&error);
	code = compile(pattern, &error);
	if (code != NULL)
	{
		context = pcre2_match_context_create(NULL);
		pcre2_set_match_limit(context, MATCH_LIMIT);
		data = pcre2_match_data_create_from_pattern(code, NULL);
		found = pcre2_match(code, (PCRE2_SPTR) topic, strlen(topic), 0,
							PCRE2_ANCHORED | PCRE2_ENDANCHORED, data,
							context) >= 0;
		pcre2_match_data_free(data);
		pcre2_match_context_free(context);
		pcre2_code_free(code);
	}
	termPQExpBuffer(&error);
	pg_free(pattern);
	return found;
}

/* Each pattern on its own, up to the first that is wrong. */
static void
check_patterns(const Properties *connector, const char *group,
			   const char *name, ConfigErrors *errors)
{
	const char *list = group_property(connector, group, name);
	const char *next = list;
	char	   *item;
	PQExpBufferData error;

	initPQExpBuffer(&error);
	while (next != NULL && error.len == 0 && (item = next_item(&next)) != NULL)
	{
		pcre2_code_free(compile(item, &error));
		pg_free(item);
	}
	if (error.len > 0)
	{
		char	   *value = psprintf("[%s]", list);
		char	   *reason = psprintf("Syntax error in regular expression: %s",
									  error.data);

		add_error(errors, group, name, reason, value);
		pg_free(value);
		pg_free(reason);
	}
	termPQExpBuffer(&error);
}

static void
check_group(const Properties *connector, const char *group,
			ConfigErrors *errors)
{
	read_number(connector, group, &factor_rule, errors);
	read_number(connector, group, &partitions_rule, errors);
	if (strcmp(group, DEFAULT_GROUP) == 0)
		return;					/* it takes what no other does */
	check_patterns(connector, group, "include", errors);
	check_patterns(connector, group, "exclude", errors);
}

void
topic_rules_check(const Properties *connector, const Properties *worker,
				  ConfigErrors *errors)
{
	const char *groups = properties_get(connector, PREFIX "groups");
	char	   *group;

	if (!is_used(connector, worker))
		return;
	check_group(connector, DEFAULT_GROUP, errors);
	while (groups != NULL && (group = next_item(&groups)) != NULL)
	{
		if (strcmp(group, DEFAULT_GROUP) != 0)
			check_group(connector, group, errors);
		pg_free(group);
	}
}

/* The first group that takes the topic.  To be freed. */
static char *
find_group(const Properties *connector, const char *topic)
{
	const char *groups = properties_get(connector, PREFIX "groups");
	char	   *group;

	while (groups != NULL && (group = next_item(&groups)) != NULL)
	{
		if (strcmp(group, DEFAULT_GROUP) != 0 &&
			fits(group_property(connector, group, "include"), topic) &&
			!fits(group_property(connector, group, "exclude"), topic))
			return group;
		pg_free(group);
	}
	return pg_strdup(DEFAULT_GROUP);
}

/* What else stands under a group's name are settings of the topic. */
static const char **
collect_settings(const Properties *connector, const char *group)
{
	static const char *const own[] = {
		"include", "exclude", "replication.factor", "partitions"
	};
	char	   *prefix = psprintf(PREFIX "%s.", group);
	size_t		length = strlen(prefix);
	const char **settings = pg_malloc((2 * connector->count + 1) * sizeof(char *));
	int			count = 0;

	for (int i = 0; i < connector->count; i++)
	{
		const Property *item = &connector->items[i];
		bool		is_own = false;

		if (strncmp(item->name, prefix, length) != 0)
			continue;
		for (size_t j = 0; j < lengthof(own) && !is_own; j++)
			is_own = strcmp(item->name + length, own[j]) == 0;
		if (is_own)
			continue;
		settings[count++] = item->name + length;
		settings[count++] = item->value;
	}
	settings[count] = NULL;
	pg_free(prefix);
	return settings;
}

bool
topic_rule_find(const Properties *connector, const Properties *worker,
				const char *topic, TopicRule *rule, PQExpBuffer error)
{
	ConfigErrors errors;
	char	   *group;

	memset(rule, 0, sizeof(*rule));
	rule->given = is_used(connector, worker);
	rule->partitions = -1;
	rule->factor = -1;
	if (!rule->given)
		return true;
	config_errors_init(&errors);
	topic_rules_check(connector, worker, &errors);
	if (errors.count > 0)
		config_errors_text(&errors, error);
	config_errors_free(&errors);
	if (error->len > 0)
		return false;
	group = find_group(connector, topic);
	rule->partitions = read_number(connector, group, &partitions_rule, NULL);
	rule->factor = read_number(connector, group, &factor_rule, NULL);
	rule->settings = collect_settings(connector, group);
	pg_free(group);
	return true;
}
