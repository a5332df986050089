/*-------------------------------------------------------------------------
 *
 * storage.h
 *	  Where the supervisor keeps its connectors, so that they outlive it.
 *
 * NOTES
 *	  Three kinds of place:
 *		- the topic config.storage.topic, as Kafka Connect keeps them; one of
 *		  the bridge's processes, the store, talks to Kafka
 *		- a directory, config.storage.directory, a file for each key; for a
 *		  bridge that was started with connectors on its command line
 *		- none: such a bridge without a directory forgets what was posted
 *
 *	  In each of them a change is a record: a key, and a JSON object or null.
 *	  What the connectors are follows from the records alone, in the order in
 *	  which the place has them: a request only puts a record, and it takes
 *	  effect when it comes back.  So several bridges that read one topic agree.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef STORAGE_H
#define STORAGE_H

#include "postgres_fe.h"

#include <cjson/cJSON.h>

#include "properties.h"
#include "supervisor.h"

typedef struct Storage Storage;

/*
 * A record has come.  "history": it was there when reading began, so it says
 * how things are, not what is to happen.
 */
typedef void (*StorageRecord) (const char *key, const cJSON *value,
							   bool history, void *arg);

/*
 * Reading has come to where the place ended when it began: what was not among
 * the records since storage_open(), or since the last such call, is no more.
 */
typedef void (*StorageLoaded) (void *arg);

/* A record that was put has taken effect; or it has not, "error" says why. */
typedef void (*StorageDone) (const char *error, void *arg);

typedef struct StorageReader
{
	StorageRecord record;
	StorageLoaded loaded;
	void	   *arg;
} StorageReader;

/*
 * Opens the place that the worker's properties name.  False, with the reason
 * in "error", when it cannot be used; Kafka being away is no such reason.
 */
extern Storage *storage_open(const Properties *worker, bool standalone,
							 const StorageReader *reader, PQExpBuffer error);

/* Requests that are not done yet are done with an error. */
extern void storage_close(Storage *storage);

/*
 * Puts a record; "value" NULL removes its key.  "done" may be called before
 * this returns, and is called within STORAGE_TIMEOUT_S; NULL: nobody waits
 * for it, as another record follows whose fate is the same.
 */
extern void storage_put(Storage *storage, const char *key, const cJSON *value,
						StorageDone done, void *arg);

#define STORAGE_TIMEOUT_S 90	/* Connect's own for a request */

/* Have all records been read once? */
extern bool storage_is_loaded(const Storage *storage);

/* Why connectors must not run now: Kafka Connect runs them.  NULL: they may. */
extern const char *storage_refusal(const Storage *storage);

/* What reading waits for; NULL: nothing, or not known. */
extern const char *storage_waiting(const Storage *storage);

/* Kafka's cluster id; NULL: not known (yet). */
extern const char *storage_cluster(const Storage *storage);

/* Takes what has come; returns when to call again, in milliseconds. */
extern int	storage_tick(Storage *storage);

/* For poll(); -1: nothing to wait for. */
extern int	storage_fd(const Storage *storage);

#endif							/* STORAGE_H */
