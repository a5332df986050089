/*-------------------------------------------------------------------------
 *
 * topics.h
 *	  The topics that a connector writes to, and what is known of each of
 *	  their partitions.
 *
 * NOTES
 *	  A topic is known by name once the offset topic or the stream names it,
 *	  open once it exists and its partitions are known, and registered once
 *	  the stored offset names it.  Records go to registered topics only:
 *	  after a crash every topic that may hold one is read to its end.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef TOPICS_H
#define TOPICS_H

#include "postgres_fe.h"

#include <librdkafka/rdkafka.h>

#include "failure.h"
#include "position.h"

typedef struct TopicPartition
{
	int32		number;
	int64		offset;			/* of the last record of ours that is known;
								 * or where the topic ended when it was
								 * registered; -1: not known */
	int64		next;			/* offset that our next record must get when
								 * nobody else writes; -1: not known */
	bool		shared;			/* others write, too, as we have seen */
	bool		in_transaction; /* the open Kafka transaction has records here */
	bool		has_position;
	Position	position;		/* of that record, if the stream made it */
	bool		at_end;			/* the offset is where the topic ended; the
								 * record is somewhere before it */

	/* at the start: what is at or below is in the partition already */
	bool		has_tail;
	Position	tail;

	/* at the start: what does not fit, see refusal.c */
	int64		missed;			/* offset of a known record that is not there;
								 * -1: it is */
	bool		has_beyond;		/* holds a record that is not of the server's
								 * past; the highest is */
	Position	beyond;
} TopicPartition;

typedef struct Topic
{
	struct Topic *next;
	struct Topic *next_of_hash;
	uint32		hash;			/* of the name */
	char	   *name;
	rd_kafka_topic_t *handle;	/* NULL: none yet */
	bool		open;			/* it is there, and where it ends is known */
	bool		used;			/* a record is about to be sent, or was */
	int32		count;			/* of partitions that records are spread over;
								 * 0: not known */
	int32		actual_count;	/* that there are now, see topics_resize() */
	TopicPartition *partitions;
	int32		room;			/* of partitions */
	bool		registered;
	bool		storing;		/* in the record that is being stored */
	bool		has_tail;		/* some partition has */
	Position	tail;			/* the highest of all partitions */
	double	   *records[9];		/* metrics, by operation; NULL: none yet */
} Topic;

typedef struct Topics
{
	Topic	   *first;
	Topic	   *last;
	Topic	  **buckets;		/* by hash of the name */
	int			bucket_count;	/* a power of two; 0: none yet */
	int			count;
	int			unregistered;	/* topics that wait for the offset store */
	bool		resized;		/* some have got more partitions */
} Topics;

extern void topics_init(Topics *topics);
extern void topics_free(Topics *topics);

/* NULL: it is not known. */
extern Topic *topics_find(const Topics *topics, const char *name,
						  size_t length);

/* Finds a topic, or adds it. */
extern Topic *topics_get(Topics *topics, const char *name, size_t length);

/* Makes room for what is known of this many partitions. */
extern void topic_set_partitions(Topic *topic, int32 count);

/* Forgets what is known of a topic that is no more; only before it is open. */
extern void topic_forget(Topics *topics, Topic *topic);

/*
 * Opens a topic: creates it where it is missing, waits until it can be
 * written to, and finds where its partitions end.
 */
extern bool topic_open(Topics *topics, Topic *topic, rd_kafka_t *client,
					   const ConnectorConfig *config, Failure *failure) MUST_CHECK;

/*
 * Asks about all topics that are open, or known from the stored offset, with
 * one request: opens those that are not, and finds new partitions.  Topics
 * that cannot be written to at the moment are left as they are.
 */
extern bool topics_look(Topics *topics, rd_kafka_t *client, Failure *failure) MUST_CHECK;

/* How often topics_look() is due, in milliseconds. */
extern int64 topics_look_ms(rd_kafka_t *client);

/*
 * Takes new partitions into use: to be called between transactions, when all
 * that was sent is acknowledged and stored, so that every record that may be
 * decoded again goes where it went before.  The topics have to be stored
 * again before the next record.
 */
extern bool topics_resize(Topics *topics, rd_kafka_t *client,
						  Failure *failure) MUST_CHECK;

/* Lies this position behind the tails of all topics that were resized? */
extern bool topics_may_resize(const Topics *topics, XLogRecPtr commit_lsn);

/*
 * Creates a topic with a configuration of its own, names and values by turns
 * ended by NULL, if it is not there; count and factor -1: the broker's
 * defaults.  A broker that cannot create topics on request is left to do it
 * when the topic is first asked for.
 */
extern bool topic_create(rd_kafka_t *client, const char *name, int count,
						 int factor, const char *const *settings,
						 Failure *failure) MUST_CHECK;

/* How many partitions a topic has; 0: there is no such topic (yet). */
extern bool topic_count(rd_kafka_t *client, rd_kafka_topic_t *handle,
						int32 *count, Failure *failure) MUST_CHECK;

/*
 * Which partition a record goes to: "number", or where that is -1 what key or
 * position say.  NULL: the topic has no such partition.
 */
extern TopicPartition *topic_partition(Topic *topic, int32 number,
									   const void *key, int32 key_length,
									   const Position *position);
extern void topic_no_partition(const Topic *topic, int32 number,
							   Failure *failure);

#endif							/* TOPICS_H */
