/*-------------------------------------------------------------------------
 *
 * property_check.h
 *	  Checks the values of a configuration by the table of properties.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PROPERTY_CHECK_H
#define PROPERTY_CHECK_H

#include "postgres_fe.h"

#include "config_errors.h"
#include "properties.h"

/*
 * Adds what Kafka Connect and Debezium would say about the values, in their
 * words and in the order of the table.
 */
extern void properties_check(const Properties *connector,
							 const Properties *worker, ConfigErrors *errors);

#endif							/* PROPERTY_CHECK_H */
