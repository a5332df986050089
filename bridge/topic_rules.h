/*-------------------------------------------------------------------------
 *
 * topic_rules.h
 *	  How a connector's topics are created: the properties topic.creation.*.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef TOPIC_RULES_H
#define TOPIC_RULES_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include "config_errors.h"
#include "must_check.h"
#include "properties.h"

/* How one topic is to be created. */
typedef struct TopicRule
{
	bool		given;			/* false: nothing is said, the broker is left
								 * to create topics in its own way */
	int			partitions;		/* -1: the broker's default, both */
	int			factor;
	const char **settings;		/* names and values by turns, then NULL; owned
								 * by the properties, but for the array */
} TopicRule;

/*
 * Finds what a topic gets: the settings of the first group of
 * topic.creation.groups whose patterns fit its name, else of the group
 * "default".  False, with the reason, for properties that
 * topic_rules_check() refuses.  The rule's settings are to be freed.
 */
extern bool topic_rule_find(const Properties *connector,
							const Properties *worker, const char *topic,
							TopicRule *rule, PQExpBuffer error) MUST_CHECK;

/* Adds what Kafka Connect would say about the properties. */
extern void topic_rules_check(const Properties *connector,
							  const Properties *worker, ConfigErrors *errors);

#endif							/* TOPIC_RULES_H */
