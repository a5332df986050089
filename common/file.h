/*-------------------------------------------------------------------------
 *
 * file.h
 *	  Reading a whole file.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef FILE_H
#define FILE_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include "must_check.h"

/*
 * Appends what a file holds.  False when it cannot be read; then "error" has
 * the path and the reason, and "text" may have a part of it.
 */
extern bool file_read(const char *path, PQExpBuffer text, PQExpBuffer error) MUST_CHECK;

#endif							/* FILE_H */
