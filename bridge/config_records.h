/*-------------------------------------------------------------------------
 *
 * config_records.h
 *	  The records that say which connectors there are, as Kafka Connect keeps
 *	  them in config.storage.topic.
 *
 *	  key						value
 *	  connector-NAME			{"properties":{...}}; null: deleted
 *	  target-state-NAME			{"state":"STARTED"|"PAUSED"}, and for a
 *								stopped one {"state":"PAUSED",
 *								"state.v2":"STOPPED"}
 *	  restart-connector-NAME	{"include-tasks":true,"only-failed":false}
 *
 *	  Connect's others (task-NAME-0, commit-NAME, session-key, ...) are passed
 *	  over: the one task of a connector has the connector's configuration.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef CONFIG_RECORDS_H
#define CONFIG_RECORDS_H

#include "postgres_fe.h"

#include "connector.h"
#include "storage.h"

typedef struct ConfigRecords ConfigRecords;

/* Its records change "connectors". */
extern ConfigRecords *config_records_new(Connectors *connectors);
extern void config_records_free(ConfigRecords *records);

/* What a storage calls, with a ConfigRecords as "arg". */
extern void config_records_take(const char *key, const cJSON *value,
								bool history, void *arg);
extern void config_records_loaded(void *arg);

/*
 * Put a record for what a request wants.  "done" is called as by
 * storage_put(), for each record once.
 */
extern void config_records_put_connector(Storage *storage, const char *name,
										 const Properties *config,
										 StorageDone done, void *arg);
extern void config_records_put_target(Storage *storage, const char *name,
									  ConnectorTarget target,
									  StorageDone done, void *arg);
extern void config_records_put_restart(Storage *storage, const char *name,
									   bool include_tasks, bool only_failed,
									   StorageDone done, void *arg);

/* Two records: "done" is called for the last only. */
extern void config_records_put_deleted(Storage *storage, const char *name,
									   StorageDone done, void *arg);

#endif							/* CONFIG_RECORDS_H */
