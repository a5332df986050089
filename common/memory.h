/*-------------------------------------------------------------------------
 *
 * memory.h
 *	  Gives back memory that only starting up, or a burst of work, has needed.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef MEMORY_H
#define MEMORY_H

/*
 * To be called when there was nothing to do for a while; does its work after
 * a second, two, four, and so on, at last once a minute.
 */
extern void memory_tidy(void);

/* Does it now. */
extern void memory_give_back(void);

#endif							/* MEMORY_H */
