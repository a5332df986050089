/*-------------------------------------------------------------------------
 *
 * decoder_failure.c
 *	  What happens with a value that its column's form cannot hold.
 *
 * NOTES
 *	  event.converting.failure.handling.mode decides: in the modes "warn" and
 *	  "skip" the value becomes null, in a NOT NULL column and in a key too,
 *	  where Debezium stops; in the mode "fail" decoding stops.  A column is
 *	  reported once, until its table changes.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "decoder_debezium.h"
#include "utils/builtins.h"

static const char *
failure_hint(const Column *column, bool unavailable)
{
	if (unavailable)
		return "Use ALTER TABLE ... REPLICA IDENTITY FULL.";
	if (column->type == NUMERICOID)
		return "decimal.handling.mode \"string\" or \"double\" can, or decimal.special.values \"text\".";
	if (column->type == TIMESTAMPOID)
		return "time.precision.mode \"microseconds\" or \"isostring\" can.";
	return NULL;
}

/*
 * To be called when the encoder of a column could not write a value, or,
 * with "unavailable", has no placeholder for an unchanged TOAST value.  When
 * it returns the value is to be null.
 */
void
column_report_failure(const Column *column, bool unavailable)
{
	FailureMode mode = column->options->failure_mode;
	bool		fail = mode == FAILURE_FAIL;
	const char *type;
	const char *hint;

	if (mode == FAILURE_SKIP || (*column->null_reported && !fail))
		return;
	*column->null_reported = true;
	type = format_type_with_typemod(column->type, column->typmod);
	hint = failure_hint(column, unavailable);
	ereport(fail ? ERROR : WARNING,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 unavailable ?
			 errmsg(fail ? "cannot convert an unchanged value of column \"%s\" of table \"%s\", type %s" :
					"unchanged values of column \"%s\" of table \"%s\", type %s, are written as null",
					column->name, column->table_name, type) :
			 errmsg(fail ? "cannot convert a value of column \"%s\" of table \"%s\", type %s" :
					"a value of column \"%s\" of table \"%s\", type %s, is written as null",
					column->name, column->table_name, type),
			 unavailable ?
			 errdetail("PostgreSQL does not log a TOAST value that an update leaves as it was, and a column encoded as %s has no placeholder for it.",
					   encoder_name(column->encoder)) :
			 errdetail("A column encoded as %s cannot hold it.",
					   encoder_name(column->encoder)),
			 hint != NULL ? errhint("%s", hint) : 0));
}
