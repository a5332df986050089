/*-------------------------------------------------------------------------
 *
 * consumer.h
 *	  The topics of a pipeline: partitions, where they are, their events.
 *
 * NOTES
 *	  A partition that has been assigned is paused until consumer_place()
 *	  says where to start, since only the target knows.  The same goes after
 *	  consumer_forget(), when what has been read was not applied.
 *
 *	  Offsets alone do not say whether a topic is the one it was: that is
 *	  checked by an event that was applied.  Kafka forgets the group's offsets
 *	  of a topic that is removed, so where they are gone it is checked again.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef CONSUMER_H
#define CONSUMER_H

#include <librdkafka/rdkafka.h>

#include "must_check.h"
#include "pipeline.h"

/* An event that is known again. */
typedef struct Landmark
{
	int64		offset;			/* -1: none */
	char	   *position;		/* see message_position() */
} Landmark;

typedef struct Partition
{
	char	   *topic;
	int32		number;
	bool		assigned;		/* it is ours */
	bool		placed;			/* next and applied are right */
	bool		paused;			/* placed, but not read from for now */
	int64		next;			/* offset to read next; behind the events read
								 * and, at the end, behind what is no event */
	int64		applied;		/* all before it is in the target */
	int64		going_to;		/* becomes applied with what is on the target;
								 * -1: nothing is */
	int64		committed;		/* told to Kafka; -1: nothing */
	rd_kafka_message_t *last;	/* newest event read, NULL: none */
	int			moving;			/* event of the batch that is filled: a delete
								 * whose row is to have another key; -1: none */
	Landmark	check;			/* what must be there */
	Landmark	sent;			/* last event of the batch in flight */
	Landmark	done;			/* of the last batch that was applied */
	Landmark	anchor;			/* of one that was applied when the topic was
								 * seen to be the one it was */
	bool		remembered;		/* Kafka has an offset of the group's */
	bool		suspect;		/* the anchor is to be checked */
} Partition;

typedef struct Consumer Consumer;

/*
 * What is to be done before partitions are given back, or when they are lost
 * already: nothing in flight, and nothing read that is not applied.
 */
typedef void (*ConsumerRevoke) (void *arg);

typedef enum ConsumerResult
{
	CONSUMER_EVENT,
	CONSUMER_NOTHING,			/* for now */
	CONSUMER_REPLACE,			/* what is to be read next is not there: all
								 * partitions are to be placed anew */
	CONSUMER_BROKEN,			/* until it is made anew: reason in error */
	CONSUMER_FAILED				/* for good: reason in error */
} ConsumerResult;

/*
 * The settings of the pipeline's consumer; *must_nudge is for consumer.c.
 * NULL, with the reason in "error".
 */
extern rd_kafka_conf_t *consumer_conf(const Pipeline *pipeline,
									  bool *must_nudge, PQExpBuffer error);

/* Joins the group.  NULL, with the reason in "error". */
extern Consumer *consumer_new(const Pipeline *pipeline, ConsumerRevoke revoke,
							  void *arg, PQExpBuffer error);

/*
 * Leaves the group, where members are not static.  Offsets are to be committed
 * before, and the process is to end by _exit() after it: librdkafka stays as
 * it is, since before 2.2 it aborts if it is destroyed while a group is joined.
 */
extern void consumer_close(Consumer *consumer);

/* Readable when consumer_poll() may have something. */
extern int	consumer_fd(const Consumer *consumer);
extern void consumer_drain_fd(const Consumer *consumer);

/*
 * The next event without waiting, to be freed by rd_kafka_message_destroy()
 * or kept in partition->last; "partition" is its number.
 */
extern ConsumerResult consumer_poll(Consumer *consumer,
									rd_kafka_message_t **message,
									int *partition, PQExpBuffer error) MUST_CHECK;

/*
 * To be called again and again.  A librdkafka before 2.2 that finds its queue
 * full fetches nothing for a second, however fast the queue is emptied, unless
 * something else is to be sent to that broker: so one of the partitions of
 * which there is more at the broker is asked for its end.
 */
extern void consumer_nudge(Consumer *consumer, int64 now_ms);

extern int	consumer_partition_count(const Consumer *consumer);
extern Partition *consumer_partition(Consumer *consumer, int number);

/* Sets one; "position" is taken over. */
extern void landmark_set(Landmark *landmark, int64 offset, char *position);

/*
 * Starts reading a partition.  With partition->check the event there, where
 * it still is, must be that one; it is not returned.
 */
extern bool consumer_place(Consumer *consumer, int partition, int64 offset,
						   PQExpBuffer error) MUST_CHECK;

/* What was read and not applied is to be read again: pauses all. */
extern void consumer_forget(Consumer *consumer);

/*
 * Stops reading from all placed partitions, and goes on where it stopped.
 * In between consumer_poll() gives no events, but is to be called, or the
 * group takes this member for dead.
 */
extern void consumer_pause(Consumer *consumer);
extern bool consumer_resume(Consumer *consumer, PQExpBuffer error) MUST_CHECK;

/* First offset there is and the end; false when the broker does not say. */
extern bool consumer_watermarks(Consumer *consumer, const char *topic,
								int32 number, int64 *low, int64 *high,
								PQExpBuffer error) MUST_CHECK;

/* The same as known from fetching; -1: not known. */
extern int64 consumer_known_end(Consumer *consumer, int partition);

/* How many partitions a topic has; false when the broker does not say. */
extern bool consumer_topic_partitions(Consumer *consumer, const char *topic,
									  int32 *count, PQExpBuffer error) MUST_CHECK;

/*
 * Where a partition of a topic without progress starts, by scan.startup.mode.
 * *hopeless is set where trying again is of no use.
 */
extern bool consumer_startup_offset(Consumer *consumer, const char *topic,
									int32 number, int64 *offset,
									bool *hopeless,
									PQExpBuffer error) MUST_CHECK;

/* The cluster's id, to be freed; NULL when the broker does not say (now). */
extern char *consumer_cluster_id(Consumer *consumer);

/* Tells Kafka what is applied, for those who look at the group's lag. */
extern void consumer_commit(Consumer *consumer, bool wait);

/* Why nothing comes: broker away, topic missing; "" when all is well. */
extern const char *consumer_trouble(const Consumer *consumer);

/*
 * Is there a partition that no member of the group has been given, while all
 * of it is at rest?
 */
extern bool consumer_has_unowned(Consumer *consumer);

/*
 * Leaves the group and joins it anew, so that partitions are given out again.
 * A static member that starts is given what it had, without a look at what
 * has been added meanwhile; and where it was killed when it was to give
 * partitions to others, and they have been taken from it already, nobody sees
 * to it that others get them.
 */
extern bool consumer_rejoin(Consumer *consumer, PQExpBuffer error) MUST_CHECK;

/* Finds out whether a trouble is over where no event would tell. */
extern void consumer_recheck(Consumer *consumer);

/*
 * False where Kafka has forgotten offsets of the group's: what was read is to
 * be forgotten, and when the partitions are placed anew, the topic is checked.
 */
extern bool consumer_verify(Consumer *consumer) MUST_CHECK;

/* Value of the last header of this name; NULL: none. */
extern const void *message_header(const rd_kafka_message_t *message,
								  const char *name, size_t *length);

/*
 * What an event is known by, to be freed: the header __debezium.position, or
 * where it has none its time and a checksum.
 */
extern char *message_position(const rd_kafka_message_t *message);

#endif							/* CONSUMER_H */
