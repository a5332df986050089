/*-------------------------------------------------------------------------
 *
 * collection_functions.c
 *	  Functions of arrays and maps of Flink SQL.
 *
 * NOTES
 *	  An ARRAY is an array of the target's, a MAP is jsonb.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "expression.h"

/* The elements of $1 in their order. */
#define ELEMENTS "pg_catalog.unnest($1) WITH ORDINALITY AS u(e, o)"
/* Each element once, where it stands first. */
#define DISTINCT_ARRAY(from, condition) \
	"ARRAY(SELECT u.e FROM " from " AS u(e, o) " condition " GROUP BY u.e ORDER BY pg_catalog.min(u.o))"
#define UNLESS_NULL(sql) "CASE WHEN $1 IS NOT NULL THEN " sql " END"
#define UNLESS_ANY_NULL(sql) "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN " sql " END"

/* An argument becomes one of the array's element type, or an array of it. */
static void
match_element(FunctionCall *call, int i, bool array)
{
	const DataType *element = call->arguments[0].type.element;
	DataType	type = array ? type_array(element) : *element;

	call->sql[i] = cast_checked(call->rewriter, &call->arguments[i], &type, false);
}

static char *
with_element(FunctionCall *call)
{
	if (call->arguments[0].type.kind != TYPE_ARRAY)
		fail_type(call->rewriter, call->arguments[0].expression,
				  psprintf("argument 1 of %s", call->mapping->name),
				  &call->arguments[0].type);
	match_element(call, 1, false);
	call->type = strcmp(call->mapping->name, "ARRAY_CONTAINS") == 0 ?
		type_simple(TYPE_BOOLEAN) :
		strcmp(call->mapping->name, "ARRAY_POSITION") == 0 ?
		type_simple(TYPE_INT) : call->arguments[0].type;
	return call_template(call, call->mapping->sql);
}

static char *
with_arrays(FunctionCall *call)
{
	for (int i = 1; i < call->count; i++)
		match_element(call, i, true);
	call->type = call->arguments[0].type;
	return call_template(call, call->mapping->sql);
}

static char *
build_element(FunctionCall *call)
{
	call->type = *call->arguments[0].type.element;
	return call_template(call, call->mapping->sql);
}

/* The bounds count from the end where they are negative. */
static char *
build_slice(FunctionCall *call)
{
	const char *to = call->count == 3 ?
	"CASE WHEN $3 < 0 THEN pg_catalog.cardinality($1) + $3 + 1 ELSE GREATEST($3, 1) END" :
	"pg_catalog.cardinality($1)";

	call->type = call->arguments[0].type;
	return call_template(call, psprintf("($1)[CASE WHEN $2 < 0 THEN GREATEST(pg_catalog.cardinality($1) + $2 + 1, 1) ELSE GREATEST($2, 1) END : %s]", to));
}

static char *
build_sort(FunctionCall *call)
{
	const char *direction[2] = {"TRUE", NULL};
	bool		ascending;
	bool		first;
	bool		text = type_class(call->arguments[0].type.element) == CLASS_STRING;

	for (int i = 1; i < call->count; i++)
	{
		if (call->expression->arguments[i]->kind != EXPRESSION_BOOLEAN)
			call_fail(call, call->expression->arguments[i], NULL,
					  "argument %d must be TRUE or FALSE", i + 1);
		direction[i - 1] = call->expression->arguments[i]->text;
	}
	ascending = strcmp(direction[0], "TRUE") == 0;
	first = direction[1] == NULL ? ascending : strcmp(direction[1], "TRUE") == 0;
	call->type = call->arguments[0].type;
	return call_template(call, psprintf("CASE WHEN $1 IS NOT NULL THEN ARRAY(SELECT u.e FROM " ELEMENTS " ORDER BY u.e%s %s NULLS %s) END",
										text ? " COLLATE \"C\"" : "",
										ascending ? "ASC" : "DESC",
										first ? "FIRST" : "LAST"));
}

static char *
build_cardinality(FunctionCall *call)
{
	TypeClass	class = type_class(&call->arguments[0].type);

	if (class == CLASS_ARRAY)
		return call_template(call, "pg_catalog.cardinality($1)");
	if (class != CLASS_MAP)
		fail_type(call->rewriter, call->arguments[0].expression,
				  "argument 1 of CARDINALITY", &call->arguments[0].type);
	return call_template(call, UNLESS_NULL("(SELECT pg_catalog.count(*)::integer FROM pg_catalog.jsonb_object_keys($1))"));
}

/* Keys or values of a map, as texts cast to their type. */
static char *
build_map_parts(FunctionCall *call)
{
	bool		keys = strcmp(call->mapping->name, "MAP_KEYS") == 0;
	const DataType *type = keys ? call->arguments[0].type.key :
	call->arguments[0].type.element;
	Rewritten	part = {pg_strdup(keys ? "m.k" : "m.v"),
	type_simple(TYPE_VARCHAR), call->expression};
	PQExpBufferData name;

	call->type = type_array(type);
	initPQExpBuffer(&name);
	type_append_pg(&name, &call->type);
	return call_template(call, psprintf("CASE WHEN $1 IS NOT NULL THEN ARRAY(SELECT %s FROM pg_catalog.jsonb_each_text($1) AS m(k, v))::%s END",
										cast_checked(call->rewriter, &part, type, false),
										name.data));
}

static char *
build_map_from_arrays(FunctionCall *call)
{
	call->type = type_simple(TYPE_MAP);
	call->type.key = call->arguments[0].type.element;
	call->type.element = call->arguments[1].type.element;
	return call_template(call, UNLESS_ANY_NULL("(SELECT COALESCE(pg_catalog.jsonb_object_agg(COALESCE(u.k::text, 'null'), u.v), '{}'::jsonb) FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS u(k, v))"));
}

static char *
build_map_union(FunctionCall *call)
{
	call->type = call->arguments[0].type;
	return call_template(call, "($|)");
}

/* {} is the array without elements */
static char *
build_str_to_map(FunctionCall *call)
{
	DataType	text = type_simple(TYPE_VARCHAR);
	const char *pair = call->count > 1 ? "$2" : "','";
	const char *equal = call->count > 2 ? "$3" : "'='";

	call->type = type_simple(TYPE_MAP);
	call->type.key = call->type.element = pg_malloc(sizeof(DataType));
	*call->type.key = text;
	return call_template(call, psprintf("CASE WHEN $1 IS NOT NULL THEN (SELECT COALESCE(pg_catalog.jsonb_object_agg(pg_catalog.split_part(p.p, %s, 1),"
										" CASE WHEN pg_catalog.strpos(p.p, %s) > 0 THEN pg_catalog.substr(p.p, pg_catalog.strpos(p.p, %s) + pg_catalog.char_length(%s)) END), '{}'::jsonb)"
										" FROM pg_catalog.unnest(pg_catalog.string_to_array($1, %s)) AS p(p)) END",
										equal, equal, equal, equal, pair));
}

const FunctionMapping collection_functions[] = {
	{"CARDINALITY", 1, 1, "a", RESULT_INT, NULL, build_cardinality},
	{"ELEMENT", 1, 1, "k", RESULT_BUILT, "CASE WHEN pg_catalog.cardinality($1) > 1 THEN ($1)[pg_catalog.concat('more than one element: ', pg_catalog.cardinality($1))::integer] ELSE ($1)[1] END", build_element},
	{"ARRAY_CONTAINS", 2, 2, "ka", RESULT_BUILT, "(pg_catalog.array_position($1, $2) IS NOT NULL OR CASE WHEN $1 IS NULL THEN NULL ELSE FALSE END)", with_element},
	{"ARRAY_APPEND", 2, 2, "ka", RESULT_BUILT, UNLESS_NULL("pg_catalog.array_append($1, $2)"), with_element},
	{"ARRAY_PREPEND", 2, 2, "ka", RESULT_BUILT, UNLESS_NULL("pg_catalog.array_prepend($2, $1)"), with_element},
	{"ARRAY_POSITION", 2, 2, "ka", RESULT_BUILT, UNLESS_ANY_NULL("COALESCE(pg_catalog.array_position($1, $2), 0)"), with_element},
	{"ARRAY_REMOVE", 2, 2, "ka", RESULT_BUILT, "pg_catalog.array_remove($1, $2)", with_element},
	{"ARRAY_CONCAT", 1, 9, "k", RESULT_BUILT, "CASE WHEN pg_catalog.num_nulls($*) = 0 THEN ($|) END", with_arrays},
	{"ARRAY_DISTINCT", 1, 1, "k", RESULT_BUILT, UNLESS_NULL(DISTINCT_ARRAY("pg_catalog.unnest($1) WITH ORDINALITY", "")), with_arrays},
	{"ARRAY_UNION", 2, 2, "k", RESULT_BUILT, UNLESS_ANY_NULL(DISTINCT_ARRAY("pg_catalog.unnest($1 || $2) WITH ORDINALITY", "")), with_arrays},
	{"ARRAY_EXCEPT", 2, 2, "k", RESULT_BUILT, UNLESS_ANY_NULL(DISTINCT_ARRAY("pg_catalog.unnest($1) WITH ORDINALITY", "WHERE pg_catalog.array_position($2, u.e) IS NULL")), with_arrays},
	{"ARRAY_INTERSECT", 2, 2, "k", RESULT_BUILT, UNLESS_ANY_NULL(DISTINCT_ARRAY("pg_catalog.unnest($1) WITH ORDINALITY", "WHERE pg_catalog.array_position($2, u.e) IS NOT NULL")), with_arrays},
	{"ARRAY_REVERSE", 1, 1, "k", RESULT_BUILT, UNLESS_NULL("ARRAY(SELECT u.e FROM " ELEMENTS " ORDER BY u.o DESC)"), with_arrays},
	{"ARRAY_MAX", 1, 1, "k", RESULT_BUILT, "(SELECT u.e FROM " ELEMENTS " WHERE u.e IS NOT NULL ORDER BY u.e DESC LIMIT 1)", build_element},
	{"ARRAY_MIN", 1, 1, "k", RESULT_BUILT, "(SELECT u.e FROM " ELEMENTS " WHERE u.e IS NOT NULL ORDER BY u.e LIMIT 1)", build_element},
	{"ARRAY_JOIN", 2, 3, "ks", RESULT_STRING, "pg_catalog.array_to_string($*)", NULL},
	{"ARRAY_SLICE", 2, 3, "kii", RESULT_BUILT, NULL, build_slice},
	{"ARRAY_SORT", 1, 3, "kb", RESULT_BUILT, NULL, build_sort},
	{"MAP_KEYS", 1, 1, "p", RESULT_BUILT, NULL, build_map_parts},
	{"MAP_VALUES", 1, 1, "p", RESULT_BUILT, NULL, build_map_parts},
	{"MAP_FROM_ARRAYS", 2, 2, "k", RESULT_BUILT, NULL, build_map_from_arrays},
	{"MAP_UNION", 1, 9, "p", RESULT_BUILT, NULL, build_map_union},
	{"STR_TO_MAP", 1, 3, "s", RESULT_BUILT, NULL, build_str_to_map},
	{0}
};
