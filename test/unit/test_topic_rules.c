/*-------------------------------------------------------------------------
 *
 * test_topic_rules.c
 *	  Unit test of bridge/topic_rules.c.  What is refused, and how, is what
 *	  Kafka Connect 4.3 says.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "topic_rules.h"

#include "tap.h"

#define D "topic.creation.default."
#define G "topic.creation.g."

static Properties *worker;
static char found[1024];

static Properties *
connector_of(const char *const *settings)
{
	Properties *connector = properties_new();

	properties_set(connector, "name", "c");
	for (; settings[0] != NULL; settings += 2)
		properties_set(connector, settings[0], settings[1]);
	return connector;
}

/* "partitions factor name=value...", "nothing", or the messages */
static const char *
rule_of(const char *const *settings, const char *topic)
{
	Properties *connector = connector_of(settings);
	TopicRule	rule;
	PQExpBufferData text;

	initPQExpBuffer(&text);
	if (topic_rule_find(connector, worker, topic, &rule, &text))
	{
		if (!rule.given)
			appendPQExpBufferStr(&text, "nothing");
		else
			appendPQExpBuffer(&text, "%d %d", rule.partitions, rule.factor);
		for (const char **p = rule.settings; p != NULL && *p != NULL; p += 2)
			appendPQExpBuffer(&text, " %s=%s", p[0], p[1]);
		pg_free(rule.settings);
	}
	strlcpy(found, text.data, sizeof(found));
	termPQExpBuffer(&text);
	properties_free(connector);
	return found;
}

static void
test_groups(void)
{
	static const char *const none[] = {NULL};
	static const char *const alone[] = {
		D "partitions", "4", D "replication.factor", "-1",
		D "cleanup.policy", "compact", D "include", "never", NULL
	};
	static const char *const groups[] = {
		"topic.creation.groups", "g, other",
		D "partitions", "1", D "replication.factor", "2",
		D "retention.ms", "7",
		G "include", "p\\.public\\..*, q\\d+", G "exclude", ".*\\.log",
		G "partitions", "12", G "compression.type", "zstd",
		"topic.creation.other.include", ".*\\.LOG|(?i:p.*log)",
		"topic.creation.other.replication.factor", "3", NULL
	};

	tap_text(rule_of(none, "t"), "nothing", "nothing is said");
	tap_text(rule_of(alone, "t"), "4 -1 cleanup.policy=compact",
			 "the default group takes all, with settings of the topic");
	tap_text(rule_of(groups, "p.public.orders"), "12 2 compression.type=zstd",
			 "a group has the default's numbers, but not its settings");
	tap_text(rule_of(groups, "q17"), "12 2 compression.type=zstd",
			 "another pattern of the list");
	tap_text(rule_of(groups, "q17x"), "1 2 retention.ms=7",
			 "a pattern has to fit the whole name");
	tap_text(rule_of(groups, "p.public.log"), "1 3",
			 "what one group excludes, the next one takes");
	properties_set(worker, "topic.creation.enable", "false");
	tap_text(rule_of(alone, "t"), "nothing", "the worker forbids it");
	properties_set(worker, "topic.creation.enable", "true");
	tap_text(rule_of(alone, "t"), "4 -1 cleanup.policy=compact",
			 "the worker allows it");
}

static void
test_refused(void)
{
	static const char *const missing[] = {"topic.creation.groups", "", NULL};
	static const char *const numbers[] = {
		D "partitions", "0", D "replication.factor", "40000", NULL
	};
	static const char *const group[] = {
		D "partitions", "-1", D "replication.factor", "1",
		"topic.creation.groups", "g", G "include", "a(, b.*",
		G "partitions", "-2", G "exclude", "[a-z&&[^q]]", NULL
	};

	tap_text(rule_of(missing, "t"),
			 "Missing required configuration \"topic.creation.default.replication.factor\" which has no default value.\n"
			 "Missing required configuration \"topic.creation.default.partitions\" which has no default value.\n",
			 "the default group needs its numbers");
	tap_text(rule_of(numbers, "t"),
			 "Invalid value 40000 for configuration replication.factor: Not a number of type SHORT\n"
			 "Invalid value 0 for configuration partitions: Number of partitions must be positive, or -1 to use the broker's default\n",
			 "wrong numbers");
	tap_text(rule_of(group, "t"),
			 "Invalid value -2 for configuration partitions: Number of partitions must be positive, or -1 to use the broker's default\n"
			 "Invalid value [a(, b.*] for configuration include: Syntax error in regular expression: Unclosed group near index 2\na(\n"
			 "Invalid value [[a-z&&[^q]]] for configuration exclude: Syntax error in regular expression: Sets within sets cannot be used here\n[a-z&&[^q]]\n",
			 "wrong patterns, and what cannot be had");
}

int
main(void)
{
	worker = properties_new();
	test_groups();
	test_refused();
	properties_free(worker);
	return tap_done();
}
