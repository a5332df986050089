/*-------------------------------------------------------------------------
 *
 * offsets.h
 *	  The stored offset: up to where a connector's records are in Kafka, kept
 *	  in the topic offset.storage.topic as Kafka Connect keeps it.
 *
 * NOTES
 *	  The key is Connect's, ["<connector>",{"server":"<topic.prefix>"}]; the
 *	  value has Debezium's fields, and in "bridge" ours, as a text that is
 *	  JSON again: Connect wants values to be simple.  A value is complete:
 *	  compaction keeps only the last.
 *
 *	  The rule: what is confirmed to PostgreSQL was stored and acknowledged
 *	  before, and a topic is stored before its first record.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef OFFSETS_H
#define OFFSETS_H

#include "postgres_fe.h"

#include "access/xlogdefs.h"

#include "producer.h"
#include "topics.h"

typedef enum StoredSnapshot
{
	STORED_SNAPSHOT_DONE,		/* none is due */
	STORED_SNAPSHOT_BEGUN		/* the slot, if there is one, never streamed */
} StoredSnapshot;

typedef struct StoredOffset
{
	bool		found;
	bool		ours;			/* false: written by Debezium */
	StoredSnapshot snapshot;
	bool		clean;			/* nothing was in flight at the end */
	XLogRecPtr	lsn;			/* all up to here is in Kafka */
	XLogRecPtr	last_commit_lsn;	/* end of the last transaction in it;
									 * InvalidXLogRecPtr: none */
	uint32		xid;			/* of that transaction */
	int64		commit_time;	/* of that transaction; 0: none */
	uint64		system_identifier;
	uint32		timeline;
	char	   *cluster;		/* Kafka's cluster id; NULL: not known */
	char	   *slot_name;		/* NULL: not known */
	char	   *config;			/* the plugin's, of that run; NULL: not known */
	bool		transactional;	/* that run used Kafka transactions */
	char	   *transactional_id;	/* of the last run that did; NULL: none
									 * has */
} StoredOffset;

extern void stored_offset_free(StoredOffset *offset);

/* The record's value; topics that are not open are carried on as they were. */
extern void stored_offset_write(const StoredOffset *offset,
								const Topics *topics, const char *connector,
								PQExpBuffer json);

/*
 * Reads one, and adds the topics it names as registered.  False, with a
 * reason, when it is not one.
 */
extern bool stored_offset_read(const char *json, size_t length,
							   StoredOffset *offset, Topics *topics,
							   PQExpBuffer error) MUST_CHECK;

/* ---- the store: one connector's record in the offset topic ---- */

/*
 * The names of the topics, and how many they are: a connector may have one of
 * its own (offsets.storage.topic; NULL: none), which is first then and
 * decides.  The worker's is kept up beside it, as Kafka Connect does: it is
 * read where the first has nothing, and is all that is left when the
 * connector gives up its own.
 */
extern int	offset_topics(const Properties *worker, const char *of_connector,
						  const char *names[2]);

typedef struct OffsetStore OffsetStore;

/* Creates the offset topic where it is missing. */
extern OffsetStore *offset_store_new(Producer *producer,
									 const ConnectorConfig *config,
									 Failure *failure) MUST_CHECK;
extern void offset_store_free(OffsetStore *store);

/* Reads the connector's last record; offset->found is false without one. */
extern bool offset_store_load(OffsetStore *store, rd_kafka_t *reader,
							  StoredOffset *offset, Topics *topics,
							  Failure *failure) MUST_CHECK;

/*
 * Sends a record.  Its topics count as registered, and *offset as stored,
 * once it is acknowledged.  Not while offset_store_is_busy().
 */
extern bool offset_store_put(OffsetStore *store, const StoredOffset *offset,
							 Topics *topics, Failure *failure) MUST_CHECK;

/* Same, and waits until it is acknowledged. */
extern bool offset_store_put_wait(OffsetStore *store,
								  const StoredOffset *offset, Topics *topics,
								  int64 deadline_ms, Failure *failure) MUST_CHECK;

extern bool offset_store_is_busy(const OffsetStore *store);

/* Lets the next record have a lower LSN than the last: see refusal.c. */
extern void offset_store_rewind(OffsetStore *store, XLogRecPtr lsn);

/* The LSN of the last acknowledged record, and when it was sent. */
extern XLogRecPtr offset_store_lsn(const OffsetStore *store);
extern int64 offset_store_time(const OffsetStore *store);

/* How storage topics are created: names and values, ended by NULL. */
extern const char *const storage_topic_settings[];

#endif							/* OFFSETS_H */
