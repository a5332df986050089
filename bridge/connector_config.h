/*-------------------------------------------------------------------------
 *
 * connector_config.h
 *	  A connector's configuration: Debezium's properties, read and checked.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef CONNECTOR_CONFIG_H
#define CONNECTOR_CONFIG_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include "config_errors.h"
#include "must_check.h"
#include "properties.h"

/* From the strictest to the weakest. */
typedef enum IsolationMode
{
	ISOLATION_SERIALIZABLE,
	ISOLATION_REPEATABLE_READ,
	ISOLATION_READ_COMMITTED,
	ISOLATION_READ_UNCOMMITTED
} IsolationMode;

/* What a snapshot.mode means. */
typedef struct SnapshotRules
{
	bool		at_first;		/* read rows when no offset is stored */
	bool		always;			/* at every start */
	bool		when_lost;		/* when the slot cannot go on from the offset */
	bool		then_stream;
} SnapshotRules;

/* publication.autocreate.mode, see publication.c */
typedef enum PublicationMode
{
	PUBLICATION_ALL_TABLES,
	PUBLICATION_DISABLED,
	PUBLICATION_FILTERED,
	PUBLICATION_NO_TABLES
} PublicationMode;

/* How the header converter writes a string */
typedef enum HeaderForm
{
	HEADER_TEXT,
	HEADER_JSON,
	HEADER_JSON_SCHEMA			/* with its schema */
} HeaderForm;

typedef struct ConnectorConfig
{
	Properties *connector;		/* as posted */
	Properties *worker;

	/* owned by "connector", or defaults */
	const char *name;
	const char *topic_prefix;
	const char *slot_name;
	const char *host;
	const char *port;
	const char *user;
	const char *password;		/* NULL: none */
	const char *database;
	const char *publication_name;

	SnapshotRules snapshot;
	IsolationMode isolation;	/* snapshot.isolation.mode */
	int64		snapshot_lock_ms;	/* snapshot.lock.timeout.ms; 0: for ever */
	int64		snapshot_threads;	/* snapshot.max.threads */
	int64		snapshot_multiplier;	/* snapshot.max.threads.multiplier */
	bool		snapshot_ranges;	/* large tables are read in ranges */
	int64		snapshot_delay_ms;	/* snapshot.delay.ms */
	int64		streaming_delay_ms; /* streaming.delay.ms */
	PublicationMode publication_mode;
	bool		publish_via_root;	/* publish.via.partition.root */
	bool		extended_headers;
	char		run_id[37];		/* of __debezium.context.runId */
	HeaderForm	header_form;
	bool		drop_slot_on_stop;
	bool		slot_failover;	/* slot.failover */
	bool		adopt_slot;		/* the worker's adopt.slots */
	int64		slot_retries;
	int64		slot_retry_delay_ms;	/* longest pause between retries */
	int64		status_interval_ms; /* status.update.interval.ms */
	bool		transactional;	/* exactly.once.source.support of the worker */
	int64		transaction_interval_ms;	/* transaction.boundary.interval.ms;
											 * -1: by what is waiting */
} ConnectorConfig;

/*
 * Reads and checks a configuration, without connecting to anything.  NULL
 * when it is refused; then "errors" says which properties are wrong.
 */
extern ConnectorConfig *connector_config_check(const Properties *connector,
											   const Properties *worker,
											   ConfigErrors *errors);

/* The same; "errors" gets a line for each reason. */
extern ConnectorConfig *connector_config_read(const Properties *connector,
											  const Properties *worker,
											  PQExpBuffer errors);
extern void connector_config_free(ConnectorConfig *config);

/*
 * The text for the plugin's option "config": what the user has set, and what
 * is of this run alone, also where it finishes what another one has begun.
 */
extern void connector_config_for_plugin(const ConnectorConfig *config,
										PQExpBuffer text);
extern void connector_config_for_run(const ConnectorConfig *config,
									 PQExpBuffer text);

/* Is exactly.once.source.support enabled? */
extern bool worker_is_transactional(const Properties *worker);

/* Logs what is mapped, and, in one line, what has no effect. */
extern void connector_config_log(const ConnectorConfig *config);

/* The class of connector that this program is. */
#define CONNECTOR_CLASS "io.debezium.connector.postgresql.PostgresConnector"

extern bool connector_class_is_ours(const char *class_name);

#endif							/* CONNECTOR_CONFIG_H */
