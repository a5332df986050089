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

/*
 * A connector's process, "--worker NAME".  Its configuration, on stdin:
 * {"worker":{...},"connector":{...}}
 */
extern int	worker_main(const char *name);

/*
 * The process that creates the storage topics and asks for the cluster's id,
 * "--store NAME".  Its configuration: {"worker":{...}}
 */
extern int	store_main(void);

#endif							/* WORKER_H */
