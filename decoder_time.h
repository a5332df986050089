/*-------------------------------------------------------------------------
 *
 * decoder_time.h
 *	  What the files about dates and times share.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_TIME_H
#define DECODER_TIME_H

#include "datatype/timestamp.h"
#include "decoder_debezium.h"

#define EPOCH_DAYS	(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define EPOCH_USECS (EPOCH_DAYS * USECS_PER_DAY)

#define NSECS_PER_USEC	INT64CONST(1000)
#define NSECS_PER_DAY	(USECS_PER_DAY * NSECS_PER_USEC)

/* The names of encodings */
#define CONNECT_NAME(name) "org.apache.kafka.connect.data." name
#define DEBEZIUM_NAME(name) "io.debezium.time." name

/* Take the days, since 2000, and the microseconds in the day apart */
static inline int64
timestamp_split(Timestamp timestamp, int64 *usecs)
{
	int64		days = timestamp / USECS_PER_DAY;

	*usecs = timestamp % USECS_PER_DAY;
	if (*usecs < 0)
	{
		*usecs += USECS_PER_DAY;
		days--;
	}
	return days;
}

/* in decoder_time_struct.c */
extern const ValueEncoder *time_struct_encoder_find(Oid type);

/* in decoder_time_literal.c: the literals of encoders */
extern bool time_literal_date(StringInfo out, const Column *column,
							  const char *literal);
extern bool time_literal_time(StringInfo out, const Column *column,
							  const char *literal);
extern bool time_literal_time_ns(StringInfo out, const Column *column,
								 const char *literal);
extern bool time_literal_timestamp(StringInfo out, const Column *column,
								   const char *literal);
extern bool time_literal_timestamp_us(StringInfo out, const Column *column,
									  const char *literal);
extern bool time_literal_timestamp_iso(StringInfo out, const Column *column,
									   const char *literal);

#endif							/* DECODER_TIME_H */
