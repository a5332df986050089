/*-------------------------------------------------------------------------
 *
 * json_functions.c
 *	  JSON functions of Flink SQL.
 *
 * NOTES
 *	  A path is $, .name, ['name'] and [number], as a constant.  In Flink a
 *	  path that leads nowhere is an error as a text that is not JSON is, so
 *	  ON ERROR decides on it and ON EMPTY on nothing.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "expression.h"

/* The planner would evaluate a literal's cast even where it is no JSON. */
#define AS_JSONB "pg_catalog.concat($1)::jsonb"

/*
 * Values become v, texts become s, and what holds only such becomes v, until
 * nothing changes.
 */
char *
json_is_valid(const char *sql)
{
	return template_sql("CASE WHEN $1 IS NOT NULL THEN (WITH RECURSIVE r(t) AS (SELECT pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace($1,"
						" '[vs]', '?', 'g'),"
						" '\"(?:[^\"\\\\\\u0001-\\u001f]|\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*\"', 's', 'g'),"
						" '-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?|true|fal\\?e|null', 'v', 'g')"
						" UNION SELECT pg_catalog.regexp_replace(r.t, '\\[\\s*(?:[vs]\\s*(?:,\\s*[vs]\\s*)*)?\\]|\\{\\s*(?:s\\s*:\\s*[vs]\\s*(?:,\\s*s\\s*:\\s*[vs]\\s*)*)?\\}', 'v', 'g') FROM r)"
						" SELECT pg_catalog.bool_or(r.t ~ '^[ \\t\\r\\n]*[vs][ \\t\\r\\n]*$') FROM r) END",
						sql, NULL);
}

/* What jsonb prints, without the spaces that JSON does not need. */
static char *
compact(const char *jsonb)
{
	return psprintf("pg_catalog.regexp_replace((%s)::text, '(\"(?:[^\"\\\\]|\\\\.)*\")|([:,]) ', '\\1\\2', 'g')",
					jsonb);
}

/* The value at the path, as jsonb; NULL where there is none. */
static char *
json_at_path(FunctionCall *call)
{
	const Expression *place = call->expression->arguments[1];
	const char *p = call_literal(call, 1, "the path");
	char	   *sql = pg_strdup("j.j");

	p += strspn(p, " ");
	if (pg_strncasecmp(p, "lax ", 4) == 0)
		p += 4;
	else if (pg_strncasecmp(p, "strict ", 7) == 0)
		p += 7;
	p += strspn(p, " ");
	if (*p++ != '$')
		call_fail(call, place, NULL, "the path must begin with $");
	while (*p != '\0')
	{
		PQExpBufferData name;
		size_t		length;

		initPQExpBuffer(&name);
		if (*p == '.')
		{
			length = strcspn(++p, ".[ '\"*()?@,");
			appendBinaryPQExpBuffer(&name, p, length);
			p += length;
			if (length == 0)
				p = "?";
			sql = psprintf("(%s -> %s::text)", sql, quoted(name.data));
		}
		else if (p[0] == '[' && (p[1] == '\'' || p[1] == '"') &&
				 strchr(p + 2, p[1]) != NULL && strchr(p + 2, p[1])[1] == ']')
		{
			const char *end = strchr(p + 2, p[1]);

			appendBinaryPQExpBuffer(&name, p + 2, end - p - 2);
			p = end + 2;
			sql = psprintf("(%s -> %s::text)", sql, quoted(name.data));
		}
		else if (p[0] == '[' && (length = strspn(p + 1, "0123456789")) > 0 &&
				 length < 9 && p[length + 1] == ']')
		{
			/* element 0 of a scalar is itself in jsonb */
			sql = psprintf("CASE WHEN pg_catalog.jsonb_typeof(%s) = 'array' THEN %s -> %d END",
						   sql, sql, atoi(p + 1));
			p += length + 2;
		}
		else
			p = "?";
		termPQExpBuffer(&name);
		if (*p == '?' || (*p != '\0' && *p != '.' && *p != '['))
			call_fail(call, place, "A path has $, .name, ['name'] and [number].",
					  "the path is not supported");
	}
	return psprintf("(SELECT NULLIF(%s, 'null'::jsonb) FROM (SELECT %s OFFSET 0) AS j(j))",
					sql, template_sql(psprintf("CASE WHEN %s THEN " AS_JSONB " END",
											   json_is_valid("$1")),
									  call->sql[0], NULL));
}

/* Reads ... ON ERROR and passes over ... ON EMPTY; returns what stands before. */
static const Expression *
on_error(FunctionCall *call, const char **second)
{
	const Expression *found = NULL;
	Expression **words = call->expression->words;
	int			count = call->expression->word_count;

	*second = "";
	for (int i = 0; i < count; i++)
	{
		const Expression *first = words[i];
		const char *behind = "";

		if (strcmp(first->text, "WITH") == 0 || strcmp(first->text, "WITHOUT") == 0)
		{
			while (i < count && strcmp(words[i]->text, "WRAPPER") != 0)
				i++;
			continue;
		}
		if (strcmp(first->text, "EMPTY") == 0 && i + 1 < count &&
			strcmp(words[i + 1]->text, "ON") != 0)
			behind = words[++i]->text;
		if (i + 2 >= count || strcmp(words[i + 1]->text, "ON") != 0 ||
			(strcmp(words[i + 2]->text, "ERROR") != 0 &&
			 strcmp(words[i + 2]->text, "EMPTY") != 0))
			call_fail(call, first, NULL, "\"%s\" is not understood", first->text);
		if (strcmp(words[i + 2]->text, "ERROR") == 0)
		{
			found = first;
			*second = behind;
		}
		i += 2;
	}
	return found;
}

static const char failure[] =
"pg_catalog.concat('no JSON value at the path: ', $1)::jsonb::text";

static char *
build_json_exists(FunctionCall *call)
{
	const char *second;
	const Expression *error = on_error(call, &second);
	const char *other = "FALSE";

	if (error != NULL)
		other = strcmp(error->text, "TRUE") == 0 ? "TRUE" :
			strcmp(error->text, "UNKNOWN") == 0 ? "NULL" :
			strcmp(error->text, "ERROR") == 0 ? "pg_catalog.concat('no JSON value at the path: ', $1)::boolean" : "FALSE";
	return template_sql(psprintf("CASE WHEN $1 IS NULL THEN NULL WHEN $2 IS NOT NULL THEN TRUE ELSE %s END",
								 other), call->sql[0], json_at_path(call), NULL);
}

static char *
build_json_value(FunctionCall *call)
{
	const char *second;
	const Expression *error = on_error(call, &second);
	DataType	type = call->expression->type;
	Rewritten	value = {pg_strdup("($2 #>> '{}')"), type_simple(TYPE_VARCHAR),
	call->expression};
	char	   *other = pg_strdup("NULL");

	if (type.kind == TYPE_ANY)
		type = value.type;
	call->type = type;
	if (error != NULL && strcmp(error->text, "DEFAULT") == 0)
	{
		Rewritten	given = rewrite(call->rewriter, error->arguments[0]);

		other = cast_checked(call->rewriter, &given, &type, false);
	}
	else if (error != NULL && strcmp(error->text, "ERROR") == 0)
		other = template_sql(failure, call->sql[0], NULL);
	return template_sql(psprintf("CASE WHEN $1 IS NULL THEN NULL WHEN pg_catalog.jsonb_typeof($2) IN ('string', 'number', 'boolean') THEN %s ELSE $3 END",
								 cast_checked(call->rewriter, &value, &type, false)),
						call->sql[0], json_at_path(call), other, NULL);
}

static char *
build_json_query(FunctionCall *call)
{
	const char *second;
	const Expression *error = on_error(call, &second);
	const char *other = "NULL";
	bool		wraps = false;
	bool		conditional = false;
	char	   *value = compact("$2");

	if (call->expression->type.kind != TYPE_ANY &&
		type_class(&call->expression->type) != CLASS_STRING)
		call_fail(call, call->expression, NULL, "only RETURNING STRING is supported");
	for (int i = 0; i < call->expression->word_count; i++)
	{
		const char *word = call->expression->words[i]->text;

		if (strcmp(word, "WITH") == 0)
			wraps = true;
		if (strcmp(word, "CONDITIONAL") == 0)
			conditional = true;
	}
	if (error != NULL && strcmp(error->text, "ERROR") == 0)
		other = failure;
	else if (error != NULL && strcmp(error->text, "EMPTY") == 0)
		other = strcmp(second, "OBJECT") == 0 ? "'{}'" : "'[]'";
	if (wraps)
		value = psprintf("WHEN %s THEN '[' || %s || ']' WHEN $2 IS NOT NULL THEN %s",
						 conditional ? "pg_catalog.jsonb_typeof($2) <> 'array'" : "$2 IS NOT NULL",
						 value, value);
	else
		value = psprintf("WHEN pg_catalog.jsonb_typeof($2) IN ('object', 'array') THEN %s", value);
	return template_sql(psprintf("CASE WHEN $1 IS NULL THEN NULL %s ELSE %s END",
								 value, other), call->sql[0], json_at_path(call), NULL);
}

static char *
build_json_string(FunctionCall *call)
{
	switch (type_class(&call->arguments[0].type))
	{
		case CLASS_STRING:
			return psprintf("pg_catalog.to_json(%s)::text", call->sql[0]);
		case CLASS_BOOLEAN:
		case CLASS_INTEGER:
		case CLASS_DECIMAL:
			return psprintf("(%s)::text", call->sql[0]);
		case CLASS_ARRAY:
		case CLASS_MAP:
			return compact(psprintf("pg_catalog.to_jsonb(%s)", call->sql[0]));
		default:
			fail_type(call->rewriter, call->arguments[0].expression,
					  "argument 1 of JSON_STRING", &call->arguments[0].type);
	}
	return NULL;
}

/* A value as JSON, a template's argument; NULL for NULL. */
static char *
json_of(FunctionCall *call, int i)
{
	const Rewritten *value = &call->arguments[i];
	const Expression *expression = value->expression;

	/* JSON in JSON is put in as such */
	if (expression->kind == EXPRESSION_CALL && expression->path_count == 0 &&
		(pg_strcasecmp(expression->text, "JSON_OBJECT") == 0 ||
		 pg_strcasecmp(expression->text, "JSON_ARRAY") == 0))
		return call->sql[i];
	if (type_class(&value->type) == CLASS_STRING)
		return psprintf("pg_catalog.to_json(%s)::text", call->sql[i]);
	if (type_class(&value->type) != CLASS_BOOLEAN && !is_number(&value->type) &&
		value->type.kind != TYPE_ANY)
		fail_type(call->rewriter, expression,
				  psprintf("a value of %s", call->mapping->name), &value->type);
	return psprintf("(%s)::text", call->sql[i]);
}

/* Reads { NULL | ABSENT } ON NULL. */
static bool
absent_on_null(FunctionCall *call, bool absent)
{
	Expression **words = call->expression->words;

	if (call->expression->word_count == 0)
		return absent;
	if (call->expression->word_count != 3 || strcmp(words[1]->text, "ON") != 0 ||
		strcmp(words[2]->text, "NULL") != 0 ||
		(strcmp(words[0]->text, "NULL") != 0 &&
		 strcmp(words[0]->text, "ABSENT") != 0))
		call_fail(call, words[0], NULL, "\"%s\" is not understood",
				  words[0]->text);
	return strcmp(words[0]->text, "ABSENT") == 0;
}

/* JSON_OBJECT('a' VALUE x, ...): keys and values in turn */
static char *
build_json_object(FunctionCall *call)
{
	bool		absent = absent_on_null(call, false);
	PQExpBufferData sql;

	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "('{' || pg_catalog.concat_ws(',', NULL");
	for (int i = 0; i + 1 < call->count; i += 2)
	{
		(void) call_literal(call, i, "a key");
		appendPQExpBuffer(&sql, ", pg_catalog.to_json(%s)::text || ':' || ",
						  call->sql[i]);
		appendPQExpBuffer(&sql, absent ? "%s" : "COALESCE(%s, 'null')",
						  json_of(call, i + 1));
	}
	appendPQExpBufferStr(&sql, ") || '}')");
	return sql.data;
}

static char *
build_json_array(FunctionCall *call)
{
	bool		absent = absent_on_null(call, true);
	PQExpBufferData sql;

	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "('[' || pg_catalog.concat_ws(',', NULL");
	for (int i = 0; i < call->count; i++)
		appendPQExpBuffer(&sql, absent ? ", %s" : ", COALESCE(%s, 'null')",
						  json_of(call, i));
	appendPQExpBufferStr(&sql, ") || ']')");
	return sql.data;
}

/* A text that is no JSON string is itself. */
static char *
build_json_unquote(FunctionCall *call)
{
	return call_template(call, psprintf("CASE WHEN pg_catalog.left($1, 1) = '\"' AND %s THEN " AS_JSONB " #>> '{}' ELSE $1 END",
										json_is_valid("$1")));
}

const FunctionMapping json_functions[] = {
	{"JSON_EXISTS", 2, 2, "s", RESULT_BOOLEAN, NULL, build_json_exists},
	{"JSON_VALUE", 2, 2, "s", RESULT_BUILT, NULL, build_json_value},
	{"JSON_QUERY", 2, 2, "s", RESULT_STRING, NULL, build_json_query},
	{"JSON_OBJECT", 0, 100, "a", RESULT_STRING, NULL, build_json_object},
	{"JSON_ARRAY", 0, 100, "a", RESULT_STRING, NULL, build_json_array},
	{"JSON_UNQUOTE", 1, 1, "s", RESULT_STRING, NULL, build_json_unquote},
	{"JSON_STRING", 1, 1, "a", RESULT_STRING, NULL, build_json_string},
	{0}
};
