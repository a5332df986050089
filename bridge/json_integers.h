/*-------------------------------------------------------------------------
 *
 * json_integers.h
 *	  Integers in JSON as other programs read them.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef JSON_INTEGERS_H
#define JSON_INTEGERS_H

#include "postgres_fe.h"

#include <cjson/cJSON.h>

/*
 * Makes all integers in a JSON value be printed as such: cJSON would print
 * those of 16 digits in scientific notation, which Java takes for fractions.
 */
extern void json_keep_integers(cJSON *value);

#endif							/* JSON_INTEGERS_H */
