/*-------------------------------------------------------------------------
 *
 * worker.h
 *	  The processes that the supervisor starts: main functions.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_H
#define WORKER_H

#include "connector_config.h"
#include "failure.h"

/*
 * A connector's process, "--worker NAME".  Its configuration, on stdin:
 * {"worker":{...},"connector":{...}}
 */
extern int	worker_main(const char *name);

/* Reads that line; NULL, error already logged, when it is not one. */
extern ConnectorConfig *worker_config_read(void);

/* Logs and reports why a process cannot go on. */
extern void worker_log_failure(const Failure *failure);

/*
 * The process that creates the storage topics and asks for the cluster's id,
 * "--store NAME".  Its configuration: {"worker":{...}}
 */
extern int	store_main(void);

#endif							/* WORKER_H */
