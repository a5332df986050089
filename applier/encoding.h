/*-------------------------------------------------------------------------
 *
 * encoding.h
 *	  How the connector that wrote a topic puts PostgreSQL's values into JSON.
 *
 * NOTES
 *	  The options of a source table have the names, values and defaults of
 *	  the connector's properties.  Where events carry their schema, that says
 *	  it for each column, and the options are not asked.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENCODING_H
#define ENCODING_H

#include "json_reader.h"
#include "script.h"

/* What is infinite as text, with time.precision.mode isostring. */
#define ISO_TIMESTAMP_INFINITY			"+294247-01-10T04:00:25.2Z"
#define ISO_TIMESTAMP_MINUS_INFINITY	"-290308-12-21T19:59:27.6Z"
#define ISO_DATE_INFINITY				"-5877611-06-21Z"
#define ISO_DATE_MINUS_INFINITY			"-5877611-06-22Z"

/* decimal.handling.mode */
typedef enum DecimalMode
{
	DECIMAL_AUTO,				/* told apart by the text; ambiguous is
								 * refused */
	DECIMAL_PRECISE,			/* base64 of the unscaled number */
	DECIMAL_STRING				/* digits (string or double) */
} DecimalMode;

/* time.precision.mode */
typedef enum TimeMode
{
	TIME_ADAPTIVE,				/* up to 3 digits milliseconds, else
								 * microseconds */
	TIME_ADAPTIVE_MICROSECONDS, /* the same, but times of day always
								 * microseconds */
	TIME_CONNECT,				/* milliseconds */
	TIME_MICROSECONDS,
	TIME_NANOSECONDS,
	TIME_ISOSTRING				/* text; a number is refused */
} TimeMode;

/* binary.handling.mode */
typedef enum BinaryMode
{
	BINARY_BASE64,				/* bytes and base64 look the same in JSON */
	BINARY_BASE64_URL_SAFE,
	BINARY_HEX
} BinaryMode;

typedef struct PlaceholderForm PlaceholderForm;

typedef struct Encoding
{
	DecimalMode decimals;
	TimeMode	times;
	BinaryMode	binaries;
	int			money_digits;	/* money.fraction.digits */
	char	   *placeholder;	/* of an unchanged TOAST value */
	PlaceholderForm *placeholder_forms; /* where events are read; else NULL */
} Encoding;

/* Reads the options of a source table.  Errors go to script_fail(). */
extern void encoding_read(Encoding *encoding, Script *script,
						  ScriptTable *table);

/*
 * Factor from a number of the type's unit to nanoseconds: of a TIME or
 * TIMESTAMP with so many digits of fraction.  0: there are no numbers.
 */
extern int64 encoding_time_unit(const Encoding *encoding, bool time_of_day,
								int precision);

#endif							/* ENCODING_H */
