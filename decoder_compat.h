/*-------------------------------------------------------------------------
 *
 * decoder_compat.h
 *	  Where the supported versions of PostgreSQL differ.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_COMPAT_H
#define DECODER_COMPAT_H

#include "access/attmap.h"
#include "access/xlog.h"
#if PG_VERSION_NUM >= 150000
#include "access/xlogrecovery.h"
#endif
#include "datatype/timestamp.h"
#include "replication/logical.h"
#include "replication/output_plugin.h"
#include "replication/reorderbuffer.h"

/* said another way before PostgreSQL 18 */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* the transaction's times became a union when two-phase decoding came */
static inline TimestampTz
txn_commit_time(const ReorderBufferTXN *txn)
{
#if PG_VERSION_NUM >= 150000
	return txn->xact_time.commit_time;
#else
	return txn->commit_time;
#endif
}

/* a changed tuple lost its wrapper in PostgreSQL 17 */
#if PG_VERSION_NUM >= 170000
#define change_old_tuple(change) ((change)->data.tp.oldtuple)
#define change_new_tuple(change) ((change)->data.tp.newtuple)
#else
#define change_old_tuple(change) \
	((change)->data.tp.oldtuple != NULL ? &(change)->data.tp.oldtuple->tuple : NULL)
#define change_new_tuple(change) \
	((change)->data.tp.newtuple != NULL ? &(change)->data.tp.newtuple->tuple : NULL)
#endif

/* "skipped" tells a synchronous standby's waiters, since PostgreSQL 15 */
static inline void
update_progress(LogicalDecodingContext *ctx, bool skipped)
{
#if PG_VERSION_NUM >= 150000
	OutputPluginUpdateProgress(ctx, skipped);
#else
	OutputPluginUpdateProgress(ctx);
#endif
}

/* How far the WAL is flushed; of the current timeline, since PostgreSQL 15 */
static inline XLogRecPtr
flushed_wal(void)
{
#if PG_VERSION_NUM >= 150000
	return GetFlushRecPtr(NULL);
#else
	return GetFlushRecPtr();
#endif
}

/* The attributes of "outer" in "inner"; all must be there */
static inline AttrMap *
attribute_map(TupleDesc inner, TupleDesc outer)
{
#if PG_VERSION_NUM >= 160000
	return build_attrmap_by_name(inner, outer, false);
#else
	return build_attrmap_by_name(inner, outer);
#endif
}

/* here since PostgreSQL 15 */
#ifndef strtoi64
#define strtoi64(text, end, base) ((int64) strtoll(text, end, base))
#endif

/* Microseconds since 1970 */
static inline int64
unix_usecs(TimestampTz time)
{
	return time + (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
}

#endif							/* DECODER_COMPAT_H */
