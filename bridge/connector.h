/*-------------------------------------------------------------------------
 *
 * connector.h
 *	  The connectors as the supervisor sees them: configuration, the state
 *	  that is wanted, and the process that does the work.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef CONNECTOR_H
#define CONNECTOR_H

#include "postgres_fe.h"

#include "properties.h"
#include "supervisor.h"

typedef enum ConnectorTarget
{
	TARGET_RUNNING,
	TARGET_PAUSED,
	TARGET_STOPPED
} ConnectorTarget;

typedef struct Connector
{
	struct Connector *next;
	char	   *name;
	Properties *config;			/* as posted, with "name" */
	ConnectorTarget target;
	bool		has_task;		/* false once stopped: Connect lists none */
	bool		fixed;			/* of a file: not in the storage */
	bool		deleted;		/* goes when its process has ended */
	bool		held;			/* not started: its offsets are being changed */

	WorkerProcess process;
	bool		ending;			/* was told to stop */
	int64		kill_at;		/* clock_ms(): when it is killed for not doing
								 * so */
	int64		start_at;		/* clock_ms(): not before */
	int64		pause_ms;		/* before the next restart after a crash */
	int64		started_at;

	bool		failed;			/* until it is restarted */
	bool		unassigned;		/* another bridge runs it, this one waits */
	char	   *trace;			/* why; NULL: not failed */
	char	   *info;			/* what it waits for; NULL: nothing */
	char	   *metrics;		/* its samples; NULL: none yet */
	char	  **topics;
	int			topic_count;
	double		restarts;		/* of the process, unasked */
} Connector;

typedef struct Connectors
{
	Connector  *first;
	const Properties *worker;	/* the worker's properties */
	const char *log_level;		/* of all processes, as loggers of Java have
								 * it */
	char	   *suspended;		/* why none runs; NULL: they do */
} Connectors;

extern void connectors_init(Connectors *connectors, const Properties *worker);
extern void connectors_free(Connectors *connectors);

extern Connector *connector_find(const Connectors *connectors,
								 const char *name);

/* Adds one; it takes over "config".  Its process starts at the next tick. */
extern Connector *connector_add(Connectors *connectors, Properties *config,
								ConnectorTarget target);

/* Takes over a new configuration and restarts the process. */
extern void connector_configure(Connector *connector, Properties *config);

extern void connector_set_target(Connector *connector, ConnectorTarget target);
extern void connector_restart(Connector *connector);
extern void connector_delete(Connector *connector);

/* The list of topics starts anew. */
extern void connector_forget_topics(Connector *connector);

/* Tells all workers from now on; a name that log_set_level_name() takes. */
extern void connectors_set_log_level(Connectors *connectors,
									 const char *level);

/* Ends all processes, and starts none, until "reason" is NULL. */
extern void connectors_suspend(Connectors *connectors, const char *reason);

/* RUNNING, PAUSED, STOPPED: the connector's state in Connect's words. */
extern const char *connector_state(const Connector *connector);

/* RUNNING, FAILED, PAUSED, RESTARTING, UNASSIGNED: its task's. */
extern const char *connector_task_state(const Connector *connector);

/*
 * Reads reports, starts and stops processes as wanted.  Returns how many
 * milliseconds may pass until the next call, if nothing else happens.
 */
extern int	connectors_tick(Connectors *connectors);

/* All processes are told to stop; true once none runs any more. */
extern bool connectors_stop(Connectors *connectors);

#endif							/* CONNECTOR_H */
