/*-------------------------------------------------------------------------
 *
 * job.h
 *	  What supervisor and workers of the applier agree on.
 *
 * NOTES
 *	  A worker gets {"file": ..., "text": ...} as its configuration: the
 *	  script as the supervisor read it, so that an edit meanwhile changes
 *	  nothing.  It reports a line of JSON at least every REPORT_INTERVAL_MS:
 *	  {"state", "trouble", "partitions", "exceptions", "metrics"}.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOB_H
#define JOB_H

/* Both programs must be of one version. */
#define APPLIER_VERSION "1.0"

#define REPORT_INTERVAL_MS 500

/* Events that could not be applied, kept for a look: the newest ones. */
#define EXCEPTIONS_KEPT 20

/* A worker that ends with this status is not started again: its last report
 * says why.  Any other end is a crash, and it is. */
#define EXIT_HOPELESS 3

/* in worker.c */
extern int	worker_main(void);

/* Says why nothing can be done; the exit status. */
extern int	worker_hopeless(const char *reason);

/* in level.c */

/*
 * Sets how much is logged, here and in the workers: debug, info, warning or
 * error; false where it is something else.  level_read() takes it from the
 * environment.
 */
extern bool level_set(const char *name);
extern void level_read(void);

/* in jobs.c */
extern int	jobs_main(const char *listen, char **files, int count);

#endif							/* JOB_H */
