/*-------------------------------------------------------------------------
 *
 * decoder_failure.c
 *	  What happens with a value that its column's form cannot hold.
 *
 * NOTES
 *	  event.converting.failure.handling.mode decides: in the modes "warn" and
 *	  "skip" the value becomes null, in a NOT NULL column and in a key too,
 *	  where Debezium stops; in the mode "fail" decoding stops, but for the
 *	  few values that Debezium makes null in every mode.  A column is reported
 *	  once, until its table changes.
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
failure_hint(const Column *column)
{
	if (column->type == NUMERICOID)
		return "decimal.handling.mode \"string\" or \"double\" can, or decimal.special.values \"text\".";
	if (column->type == TIMESTAMPOID)
		return "time.precision.mode \"microseconds\" or \"isostring\" can.";
	return NULL;
}

/*
 * The level at which to report a failure of this column; 0: it is not
 * reported, or was.  "tolerated" is a type of which Debezium has values that
 * are null in every mode, where the column can be null.
 */
static int
failure_level(const Column *column, Oid tolerated)
{
	FailureMode mode = column->options->failure_mode;

	if (mode == FAILURE_FAIL &&
		(column->not_null || column->type != tolerated))
		return ERROR;
	if (mode == FAILURE_SKIP || *column->null_reported)
		return 0;
	*column->null_reported = true;
	return WARNING;
}

/*
 * To be called when the encoder of a column could not write a value; "reason"
 * is what its output function said; NULL: the form cannot hold it.  When it
 * returns the value is to be null.
 */
void
column_report_failure(const Column *column, const char *reason)
{
	/* timestamps that nanoseconds cannot hold */
	int			level = failure_level(column, TIMESTAMPOID);
	bool		fail = level == ERROR;
	const char *hint = failure_hint(column);

	if (level == 0)
		return;
	ereport(level,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg(fail ? "cannot convert a value of column \"%s\" of table \"%s\", type %s" :
					"a value of column \"%s\" of table \"%s\", type %s, is written as null",
					column->name, column->table_name,
					format_type_with_typemod(column->type, column->typmod)),
			 reason != NULL ?
			 errdetail("Its output function failed: %s", reason) :
			 errdetail("A column encoded as %s cannot hold it.",
					   encoder_name(column->encoder)),
			 hint != NULL ? errhint("%s", hint) : 0));
}

/*
 * The same for an unchanged TOAST value without a placeholder.
 */
void
column_report_unavailable(const Column *column)
{
	/* bytes as base64 text */
	int			level = failure_level(column, BYTEAOID);
	bool		fail = level == ERROR;

	if (level == 0)
		return;
	ereport(level,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg(fail ? "cannot convert an unchanged value of column \"%s\" of table \"%s\", type %s" :
					"unchanged values of column \"%s\" of table \"%s\", type %s, are written as null",
					column->name, column->table_name,
					format_type_with_typemod(column->type, column->typmod)),
			 errdetail("PostgreSQL does not log a TOAST value that an update leaves as it was, and a column encoded as %s has no placeholder for it.",
					   encoder_name(column->encoder)),
			 errhint("Use ALTER TABLE ... REPLICA IDENTITY FULL.")));
}
