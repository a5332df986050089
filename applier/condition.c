/*-------------------------------------------------------------------------
 *
 * condition.c
 *	  WHERE clauses that the applier evaluates itself.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "condition.h"

static Truth
evaluate_in(const Condition *condition, const FieldValue *value)
{
	if (value->length == VALUE_UNAVAILABLE)
		return TRUTH_UNAVAILABLE;
	if (value->length == VALUE_NULL)
		return TRUTH_UNKNOWN;
	for (int i = 0; i < condition->value_count; i++)
		if (strlen(condition->values[i]) == (size_t) value->length &&
			memcmp(condition->values[i], value->text, value->length) == 0)
			return TRUTH_TRUE;
	return TRUTH_FALSE;
}

Truth
condition_evaluate(const Condition *condition, const FieldValue *row)
{
	Truth		left;
	Truth		right;
	Truth		decisive;

	switch (condition->kind)
	{
		case CONDITION_IN:
			return evaluate_in(condition, &row[condition->field]);
		case CONDITION_NULL:
			/* the source writes no placeholder where the value is null */
			return row[condition->field].length == VALUE_NULL ? TRUTH_TRUE :
				TRUTH_FALSE;
		case CONDITION_NOT:
			left = condition_evaluate(condition->left, row);
			return left == TRUTH_TRUE ? TRUTH_FALSE :
				left == TRUTH_FALSE ? TRUTH_TRUE : left;
		case CONDITION_AND:
		case CONDITION_OR:
			decisive = condition->kind == CONDITION_AND ? TRUTH_FALSE :
				TRUTH_TRUE;
			left = condition_evaluate(condition->left, row);
			if (left == decisive)
				return decisive;
			right = condition_evaluate(condition->right, row);
			if (right == decisive)
				return decisive;
			if (left == TRUTH_UNAVAILABLE || right == TRUTH_UNAVAILABLE)
				return TRUTH_UNAVAILABLE;
			if (left == TRUTH_UNKNOWN || right == TRUTH_UNKNOWN)
				return TRUTH_UNKNOWN;
			return left;
	}
	return TRUTH_UNKNOWN;
}
