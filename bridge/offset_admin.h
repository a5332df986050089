/*-------------------------------------------------------------------------
 *
 * offset_admin.h
 *	  The stored offsets of a connector, looked at and changed from outside.
 *
 * NOTES
 *	  The supervisor asks; a process of its own (offset_admin_main) reads and
 *	  writes offset.storage.topic.  A connector's worker must not run while
 *	  its offsets are changed: that is the caller's to see to.
 *
 *	  Offsets are shown as they are stored, Debezium's fields and our member
 *	  "bridge".  One that is put with another LSN than "bridge" has loses that
 *	  member: the worker then takes it for one of Debezium's.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef OFFSET_ADMIN_H
#define OFFSET_ADMIN_H

#include "postgres_fe.h"

#include <cjson/cJSON.h>

#include "errand.h"
#include "properties.h"

/* in offset_errand.c */

/*
 * Reads the offsets of a connector, after changing them: by "change", an
 * array [{"partition":{},"offset":{}|null},...], or removing all where
 * "reset".  "change" is copied; NULL: none.  "topic" is the connector's own
 * for them; NULL: the worker's.  The answer is
 * {"offsets":[{"partition":{},"offset":{}},...]} or {"error":"..."}.
 */
extern void offset_admin_start(Errands *errands, const Properties *worker,
							   const char *connector, const char *topic,
							   const cJSON *change, bool reset, ErrandDone done,
							   void *arg);

/* in offset_admin.c */

/* The process. */
extern int	offset_admin_main(const char *name);

/* The offset without "bridge", if that speaks of another LSN. */
extern void offset_admin_prepare(cJSON *offset);

#endif							/* OFFSET_ADMIN_H */
