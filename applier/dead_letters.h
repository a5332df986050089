/*-------------------------------------------------------------------------
 *
 * dead_letters.h
 *	  A topic for the events that are left out.
 *
 * NOTES
 *	  Names, headers and settings are Kafka Connect's, for a sink.  What is
 *	  stricter: a letter is acknowledged by all replicas in sync before the
 *	  progress that passes over its event is committed, so an event is in the
 *	  target or in this topic.  After a crash in between it is written again.
 *
 *	  An event that is read again in the same process, since the target was
 *	  away, has no second letter: those that are written are known until the
 *	  progress has passed them.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DEAD_LETTERS_H
#define DEAD_LETTERS_H

#include "batch.h"

typedef struct DeadLetters DeadLetters;

/* An event that is left out. */
typedef struct Letter
{
	const char *topic;			/* where it is; stays as long as the process */
	int32		partition;
	int64		offset;
	const char *record;			/* by letter_keep() */
	const char *reason;
	bool		refused;		/* by the target; else it was not understood */
} Letter;

typedef enum LetterResult
{
	LETTER_WRITTEN,				/* and acknowledged */
	LETTER_SENT,				/* ask again when dead_letters_fd() is
								 * readable */
	LETTER_NO_ROOM,				/* too much is under way: the same */
	LETTER_FAILED				/* works never, as things are: reason in error */
} LetterResult;

/* With the source's servers and security.  NULL, with the reason in "error". */
extern DeadLetters *dead_letters_new(const Pipeline *pipeline,
									 PQExpBuffer error);

/*
 * Makes the topic where it is missing.  To be called until it has worked,
 * before letters are put; waits some seconds for an answer.  LETTER_WRITTEN
 * when it is there, LETTER_SENT when it is to be asked again, with the reason
 * in "error", too.
 */
extern LetterResult dead_letters_prepare(DeadLetters *letters,
										 PQExpBuffer error) MUST_CHECK;

/* Must dead_letters_prepare() be called? */
extern bool dead_letters_prepared(const DeadLetters *letters);

/*
 * Copies the record of the batch's last event to where it stays until
 * batch_clear(); it counts among the batch's bytes.
 */
extern void letter_keep(Batch *batch, const rd_kafka_message_t *message);

/* Sends a letter, unless that was done before. */
extern LetterResult dead_letters_put(DeadLetters *letters, const Letter *letter,
									 PQExpBuffer error) MUST_CHECK;

/* All before the offset is committed: their letters need not be known. */
extern void dead_letters_passed(DeadLetters *letters, const char *topic,
								int32 partition, int64 offset);

/* Readable when something has become of a letter. */
extern int	dead_letters_fd(const DeadLetters *letters);
extern void dead_letters_drain_fd(const DeadLetters *letters);

/* Why a letter has been waiting for long; "" when none has. */
extern const char *dead_letters_trouble(DeadLetters *letters);

/* Acknowledged so far. */
extern int64 dead_letters_count(const DeadLetters *letters);

#endif							/* DEAD_LETTERS_H */
