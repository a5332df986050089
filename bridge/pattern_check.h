/*-------------------------------------------------------------------------
 *
 * pattern_check.h
 *	  Is a regular expression one that Java would take?
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PATTERN_CHECK_H
#define PATTERN_CHECK_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include "must_check.h"

/*
 * Checks a list of patterns, as Debezium splits it: by commas, of which "\,"
 * is none.  False, with the first mistake in the words of Java's
 * PatternSyntaxException.
 */
extern bool pattern_list_check(const char *list, PQExpBuffer error) MUST_CHECK;

/* The same for one pattern. */
extern bool pattern_check(const char *pattern, PQExpBuffer error) MUST_CHECK;

#endif							/* PATTERN_CHECK_H */
