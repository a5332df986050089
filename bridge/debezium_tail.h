/*-------------------------------------------------------------------------
 *
 * debezium_tail.h
 *	  What a connector's topics hold already that Debezium has written.
 *
 * NOTES
 *	  Debezium's stored offset lies behind what it has sent, also after a
 *	  stop in order.  Its records tell the LSN of their change, but not the
 *	  commit that orders it among others.  So the stream is decoded once from
 *	  the stored offset on, and each record of it is looked for in the topic;
 *	  the last one that is found in a partition is where that ends.  From
 *	  there on tail.c has a position of ours to go by.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DEBEZIUM_TAIL_H
#define DEBEZIUM_TAIL_H

#include "task.h"

/*
 * Reads the slot "slot_name", which this session may read and nothing is
 * confirmed of, from task->offset on, up to where Debezium can have come at
 * most; "oldest" is its restart_lsn.  Adds the topics that it has written to since to task->topics, with
 * the position of the last record of each partition.  The replication
 * session cannot be used afterwards.
 */
extern bool debezium_tail_read(Task *task, const char *slot_name,
							   XLogRecPtr oldest) MUST_CHECK;

#endif							/* DEBEZIUM_TAIL_H */
