/*-------------------------------------------------------------------------
 *
 * decoder_print.c
 *	  Values in PostgreSQL's own text form, by the output function of their
 *	  type.
 *
 * NOTES
 *	  The function is looked up once, when a column is prepared.  Dates are
 *	  printed in ISO style whatever the session's DateStyle, as drivers ask
 *	  for it; the time zone is the session's.
 *
 *	  Output functions of types that this plugin does not know may do
 *	  anything, so they can be called in a subtransaction of their own: an
 *	  error is then one value that cannot be shown and not the end of the
 *	  stream.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "decoder_debezium.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

/*
 * Look up the output function of a column's type; it is kept in the column's
 * detail.
 */
void
print_prepare(Column *column)
{
	FmgrInfo   *output = palloc(sizeof(FmgrInfo));
	Oid			function;
	bool		is_varlena;

	getTypeOutputInfo(column->type, &function, &is_varlena);
	fmgr_info_cxt(function, output, CurrentMemoryContext);
	column->detail = output;
}

/*
 * The text form of a value; the column was prepared by print_prepare().
 */
char *
print_value(const Column *column, Datum value)
{
	FmgrInfo   *output = column->detail;
	char	   *text;
	int			nest_level;

	if (likely(DateStyle == USE_ISO_DATES))
		return OutputFunctionCall(output, value);

	/* an error takes the setting back with its transaction */
	nest_level = NewGUCNestLevel();
	(void) set_config_option("datestyle", "ISO", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	text = OutputFunctionCall(output, value);
	AtEOXact_GUC(true, nest_level);
	return text;
}

/*
 * Errors that say nothing about the value: they end the stream as if they
 * had come at any other place.
 */
static bool
is_of_session(int sqlerrcode)
{
	switch (ERRCODE_TO_CATEGORY(sqlerrcode))
	{
		case ERRCODE_TRANSACTION_ROLLBACK:
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_SYSTEM_ERROR:
			return true;
		default:
			return false;
	}
}

/*
 * The same, but NULL when the output function fails, which is reported as
 * other values are that cannot be converted.
 */
char *
print_value_guarded(const Column *column, Datum value)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	char	   *volatile text = NULL;

	/* parallel workers, of a snapshot, cannot start subtransactions */
	if (IsInParallelMode())
		return print_value(column, value);

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		text = print_value(column, value);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (is_of_session(error->sqlerrcode))
			ReThrowError(error);
		column_report_failure(column, error->message);
		FreeErrorData(error);
		text = NULL;
	}
	PG_END_TRY();
	return text;
}
