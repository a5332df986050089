/*-------------------------------------------------------------------------
 *
 * functions.c
 *	  Calls of functions: which of them there are, and their arguments.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "expression.h"

static const char *const function_hint =
"docs/flink-functions.md lists the functions; PostgreSQL's own are reached as pg_catalog.f(...).";

char *
call_template(FunctionCall *call, const char *template)
{
	PQExpBufferData sql;

	initPQExpBuffer(&sql);
	append_template(&sql, template, call->sql, call->count);
	return sql.data;
}

void
call_fail(FunctionCall *call, const Expression *place, const char *hint,
		  const char *format,...)
{
	char		message[512];
	va_list		list;

	va_start(list, format);
	vsnprintf(message, sizeof(message), format, list);
	va_end(list);
	script_fail(&call->rewriter->pipeline->script, place->place,
				hint != NULL ? hint : function_hint, "%s: %s",
				call->mapping->name, message);
}

const char *
call_literal(FunctionCall *call, int argument, const char *what)
{
	const Expression *literal = call->expression->arguments[argument];

	if (literal->kind != EXPRESSION_STRING)
		call_fail(call, literal, NULL, "%s must be a constant text", what);
	return literal->text;
}

static bool
class_fits(char letter, const DataType *type)
{
	TypeClass	class = type_class(type);

	if (class == CLASS_ANY)
		return true;
	switch (letter)
	{
		case 's':
			return class == CLASS_STRING;
		case 'i':
			return class == CLASS_INTEGER;
		case 'n':
			return class == CLASS_INTEGER || class == CLASS_DECIMAL;
		case 'd':
		case 'm':
			return is_number(type);
		case 'b':
			return class == CLASS_BOOLEAN;
		case 'y':
			return class == CLASS_BYTES;
		case 'x':
			return class == CLASS_STRING || class == CLASS_BYTES;
		case 't':
			return class == CLASS_DATE || class == CLASS_TIME ||
				class == CLASS_TIMESTAMP || class == CLASS_TIMESTAMP_LTZ;
		case 'k':
			return class == CLASS_ARRAY;
		case 'p':
			return class == CLASS_MAP;
		case 'w':
			return false;
		default:
			return class != CLASS_ROW;
	}
}

static const FunctionMapping *
find_mapping(const char *name)
{
	static const FunctionMapping *const files[] = {
		string_functions, pattern_functions, number_functions, time_functions,
		collection_functions, json_functions
	};

	for (size_t i = 0; i < lengthof(files); i++)
		for (const FunctionMapping *f = files[i]; f->name != NULL; f++)
			if (pg_strcasecmp(name, f->name) == 0)
				return f;
	return NULL;
}

/* PostgreSQL's own, by pg_catalog.f(...). */
static Rewritten
rewrite_pg_catalog(Rewriter *rewriter, Expression *call)
{
	Rewritten	result = {NULL, type_simple(TYPE_ANY), call};
	PQExpBufferData sql;

	if (call->path_count > 1 || strcmp(call->path[0], "pg_catalog") != 0)
		script_fail(&rewriter->pipeline->script, call->place, function_hint,
					"function \"%s.%s\" is not known", call->path[0],
					call->text);
	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "pg_catalog.");
	append_quoted(&sql, call->text, '"');
	appendPQExpBufferChar(&sql, '(');
	for (int i = 0; i < call->argument_count; i++)
		appendPQExpBuffer(&sql, "%s%s", i > 0 ? ", " : "",
						  rewrite(rewriter, call->arguments[i]).sql);
	appendPQExpBufferChar(&sql, ')');
	result.sql = sql.data;
	return result;
}

static void
fail_unknown(Rewriter *rewriter, const Expression *call)
{
	static const char *const aggregates[] = {
		"COUNT", "SUM", "AVG", "MIN", "MAX", "FIRST_VALUE", "LAST_VALUE",
		"LISTAGG", "COLLECT", "STDDEV_POP", "STDDEV_SAMP", "VAR_POP",
		"VAR_SAMP", "VARIANCE", "ARRAY_AGG", "PERCENTILE", "NTILE",
		"CUME_DIST", "PERCENT_RANK", "JSON_OBJECTAGG", "JSON_ARRAYAGG",
		"ROW_NUMBER", "RANK", "DENSE_RANK", "LAG", "LEAD"
	};

	for (size_t i = 0; i < lengthof(aggregates); i++)
		if (pg_strcasecmp(call->text, aggregates[i]) == 0)
			script_fail(&rewriter->pipeline->script, call->place,
						aggregate_hint,
						"%s is an aggregate or window function, which is not supported",
						aggregates[i]);
	script_fail(&rewriter->pipeline->script, call->place, function_hint,
				"function %s is not supported", call->text);
}

/* Checks the argument's type; some classes want it cast. */
static void
check_argument(FunctionCall *call, int i)
{
	int			letters = strlen(call->mapping->classes);
	char		letter = call->mapping->classes[Min(i, letters - 1)];
	Rewritten  *argument = &call->arguments[i];
	DataType	wanted = type_simple(TYPE_DOUBLE);

	if (letter == 'w' ? argument->expression->kind != EXPRESSION_WORD :
		(argument->expression->kind == EXPRESSION_WORD ||
		 !class_fits(letter, &argument->type)))
	{
		char		what[64];

		snprintf(what, sizeof(what), "argument %d of %s", i + 1,
				 call->mapping->name);
		fail_type(call->rewriter, argument->expression, what, &argument->type);
	}
	if (letter == 'd')
		argument->sql = cast_checked(call->rewriter, argument, &wanted, false);
	else if (letter == 'i' && argument->type.kind != TYPE_INT &&
			 argument->type.kind != TYPE_BIGINT &&
			 argument->type.kind != TYPE_ANY)
		argument->sql = psprintf("%s::integer", argument->sql);
	else if (letter == 's' && argument->type.kind == TYPE_ANY)
		argument->sql = psprintf("%s::text", argument->sql);
	call->sql[i] = argument->sql;
}

Rewritten
rewrite_call(Rewriter *rewriter, Expression *expression)
{
	static const TypeKind kinds[] = {
		[RESULT_STRING] = TYPE_VARCHAR,
		[RESULT_INT] = TYPE_INT,
		[RESULT_BIGINT] = TYPE_BIGINT,
		[RESULT_DOUBLE] = TYPE_DOUBLE,
		[RESULT_BOOLEAN] = TYPE_BOOLEAN,
		[RESULT_BYTES] = TYPE_VARBINARY,
		[RESULT_DATE] = TYPE_DATE,
	};
	FunctionCall call = {rewriter, expression, NULL, NULL, NULL,
	expression->argument_count, type_simple(TYPE_ANY)};
	Rewritten	result = {NULL, type_simple(TYPE_ANY), expression};

	if (expression->path_count > 0)
		return rewrite_pg_catalog(rewriter, expression);
	call.mapping = find_mapping(expression->text);
	if (call.mapping == NULL)
		fail_unknown(rewriter, expression);
	if (call.count < call.mapping->least || call.count > call.mapping->most)
		script_fail(&rewriter->pipeline->script, expression->place, NULL,
					"%s has %d arguments here, which is not supported",
					call.mapping->name, call.count);
	if (expression->word_count > 0 && pg_strncasecmp(call.mapping->name, "JSON_", 5) != 0)
		call_fail(&call, expression->words[0], NULL, "\"%s\" is not understood",
				  expression->words[0]->text);

	call.arguments = pg_malloc0((call.count + 1) * sizeof(Rewritten));
	call.sql = pg_malloc0((call.count + 1) * sizeof(char *));
	for (int i = 0; i < call.count; i++)
	{
		call.arguments[i] = rewrite(rewriter, expression->arguments[i]);
		check_argument(&call, i);
		if (call.mapping->result == RESULT_COMMON &&
			call.arguments[i].type.kind != TYPE_ANY)
			call.type = common_type(rewriter, expression->arguments[i],
									call.type, call.arguments[i].type);
	}
	if (call.mapping->result == RESULT_COMMON)
		for (int i = 0; i < call.count; i++)
			if (call.arguments[i].type.kind != TYPE_ANY)
				call.sql[i] = cast_checked(rewriter, &call.arguments[i],
										   &call.type, false);
	if (call.mapping->result < lengthof(kinds))
		call.type = type_simple(kinds[call.mapping->result]);
	if (call.mapping->build != NULL)
		result.sql = call.mapping->build(&call);
	else
		result.sql = call_template(&call, call.mapping->sql);
	result.type = call.type;
	return result;
}
