/*-------------------------------------------------------------------------
 *
 * decoder_guard.c
 *	  Changes that cannot become events: skipped by position, or by
 *	  event.processing.failure.handling.mode.
 *
 * NOTES
 *	  An error ends the decoding, and the next attempt meets it again: for a
 *	  change that can never be written, such as one whose event is larger than
 *	  the 1 GB that PostgreSQL can hold, this would be for ever.  So errors
 *	  name the position of the change, and the option "skip.change" passes over
 *	  exactly the positions that it lists.
 *
 *	  With the modes "warn" and "skip" a change that fails is left out and
 *	  decoding goes on.  Each change then has a subtransaction of its own,
 *	  which takes time; errors that are no fault of the change are not caught.
 *	  What was written of a failed change is taken back, see OutputMark.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "decoder_debezium.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#define POSITION_FORMAT "%X/%X %X/%X %u"
#define POSITION_ARGS(position) \
	(uint32) ((position)->commit_lsn >> 32), (uint32) (position)->commit_lsn, \
	(uint32) ((position)->change_lsn >> 32), (uint32) (position)->change_lsn, \
	(position)->number

/* What the context of an error shows */
typedef struct FailureContext
{
	ChangePosition position;
	Relation	relation;		/* NULL: the change is a logical message */
} FailureContext;

/*
 * Read positions between commas, each the LSN of the commit, the LSN of the
 * change and its number, with spaces between; NIL and false for anything else.
 */
bool
positions_read(List **positions, const char *value)
{
	const char *next = value;

	*positions = NIL;
	for (;;)
	{
		ChangePosition *position = palloc(sizeof(ChangePosition));
		uint32		commit[2];
		uint32		change[2];
		int			length = 0;

		if (sscanf(next, "%8X/%8X %8X/%8X %10u%n", &commit[0], &commit[1],
				   &change[0], &change[1], &position->number, &length) != 5)
			return false;
		position->commit_lsn = (uint64) commit[0] << 32 | commit[1];
		position->change_lsn = (uint64) change[0] << 32 | change[1];
		*positions = lappend(*positions, position);
		next += length;
		next += strspn(next, " \t");
		if (*next == '\0')
			return true;
		if (*next++ != ',')
			return false;
	}
}

static void
append_failure_context(void *arg)
{
	const FailureContext *context = arg;

	if (context->relation == NULL)
		errcontext("logical message, position \"" POSITION_FORMAT "\" for option \"skip.change\"",
				   POSITION_ARGS(&context->position));
	else
		errcontext("change of table \"%s\", position \"" POSITION_FORMAT "\" for option \"skip.change\"",
				   RelationGetRelationName(context->relation),
				   POSITION_ARGS(&context->position));
}

static bool
is_skipped(const DecoderOptions *options, const ChangePosition *position)
{
	ListCell   *cell;

	foreach(cell, options->skip_positions)
	{
		const ChangePosition *skipped = lfirst(cell);

		if (skipped->commit_lsn == position->commit_lsn &&
			skipped->change_lsn == position->change_lsn &&
			skipped->number == position->number)
			return true;
	}
	return false;
}

/*
 * Is an error a fault of the change?  Not when somebody stops the server, or
 * it lacks memory or disk, or the configuration asks for what is not there:
 * the same change may well succeed later.
 */
static bool
is_fault_of_change(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case MAKE_SQLSTATE('0', '8', '0', '0', '0'):	/* connection */
		case MAKE_SQLSTATE('4', '0', '0', '0', '0'):	/* rollback */
		case MAKE_SQLSTATE('5', '3', '0', '0', '0'):	/* resources */
		case MAKE_SQLSTATE('5', '5', '0', '0', '0'):	/* prerequisites */
		case MAKE_SQLSTATE('5', '7', '0', '0', '0'):	/* operator, cancel */
		case MAKE_SQLSTATE('5', '8', '0', '0', '0'):	/* operating system */
			return false;
		default:
			return true;
	}
}

/* Name what changed.  Not in an error context: this reads the catalog. */
static const char *
describe_object(const FailureContext *context)
{
	Relation	relation = context->relation;

	if (relation == NULL)
		return "a logical message";
	return psprintf("a change of table \"%s.%s\"",
					get_namespace_name(RelationGetNamespace(relation)),
					RelationGetRelationName(relation));
}

static void
report_failure(const DecoderState *state, const FailureContext *context,
			   const ErrorData *error)
{
	ereport(state->options.change_failure_mode == FAILURE_WARN ? WARNING : DEBUG1,
			(errcode(error->sqlerrcode),
			 errmsg("%s is left out: %s", describe_object(context),
					error->message),
			 error->detail != NULL ? errdetail_internal("%s", error->detail) : 0,
			 error->hint != NULL ? errhint("%s", error->hint) : 0));
}

/*
 * Do the work in a subtransaction; when it fails, it is as if the change were
 * not there.
 */
static void
perform_guarded(DecoderState *state, const FailureContext *context,
				ChangeWork work, const void *change)
{
	MemoryContext caller_context = CurrentMemoryContext;
	ResourceOwner caller_owner = CurrentResourceOwner;
	OutputMark	mark;
	ErrorData  *error;

	output_mark(state, &mark);
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller_context);
	PG_TRY();
	{
		work(state, change);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(caller_context);
		CurrentResourceOwner = caller_owner;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller_context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(caller_context);
		CurrentResourceOwner = caller_owner;
		if (!is_fault_of_change(error->sqlerrcode))
			ReThrowError(error);
		output_rollback(state, &mark);
		report_failure(state, context, error);
	}
	PG_END_TRY();
	output_release(state);
}

/*
 * Do the work for the change at hand, as the options for failures say.
 * "relation" is NULL for a logical message.
 */
void
change_perform(DecoderState *state, Relation relation, ChangeWork work,
			   const void *change)
{
	FailureContext context;
	ErrorContextCallback callback;

	context.position.commit_lsn = state->transaction.commit_lsn;
	context.position.change_lsn = state->change_lsn;
	context.position.number = state->change_number;
	context.relation = relation;
	callback.callback = append_failure_context;
	callback.arg = &context;
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	if (unlikely(state->options.skip_positions != NIL) &&
		is_skipped(&state->options, &context.position))
		ereport(LOG,
				(errmsg("%s is left out, as option \"skip.change\" says",
						describe_object(&context))));
	else if (state->options.change_failure_mode == FAILURE_FAIL ||
			 !IsTransactionState())
		work(state, change);	/* a lone message comes without transaction */
	else
		perform_guarded(state, &context, work, change);

	error_context_stack = callback.previous;
}
