/*-------------------------------------------------------------------------
 *
 * expression.c
 *	  Expressions of Flink SQL in PostgreSQL's words.
 *
 * NOTES
 *	  A name that Flink defines has Flink's meaning, so every function and
 *	  operator is either mapped or refused; pg_catalog.f(...) reaches
 *	  PostgreSQL's own.  docs/flink-functions.md says of each whether it is
 *	  the same as in Flink, and how it differs.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "expression.h"

/* ---------------------------------------------------------------- types */

TypeClass
type_class(const DataType *type)
{
	switch (type->kind)
	{
		case TYPE_ANY:
			return CLASS_ANY;
		case TYPE_BOOLEAN:
			return CLASS_BOOLEAN;
		case TYPE_TINYINT:
		case TYPE_SMALLINT:
		case TYPE_INT:
		case TYPE_BIGINT:
			return CLASS_INTEGER;
		case TYPE_DECIMAL:
			return CLASS_DECIMAL;
		case TYPE_FLOAT:
		case TYPE_DOUBLE:
			return CLASS_FLOAT;
		case TYPE_CHAR:
		case TYPE_VARCHAR:
			return CLASS_STRING;
		case TYPE_BINARY:
		case TYPE_VARBINARY:
			return CLASS_BYTES;
		case TYPE_DATE:
			return CLASS_DATE;
		case TYPE_TIME:
			return CLASS_TIME;
		case TYPE_TIMESTAMP:
			return CLASS_TIMESTAMP;
		case TYPE_TIMESTAMP_LTZ:
			return CLASS_TIMESTAMP_LTZ;
		case TYPE_INTERVAL_MONTH:
			return CLASS_INTERVAL_MONTH;
		case TYPE_INTERVAL_SECOND:
			return CLASS_INTERVAL_SECOND;
		case TYPE_ROW:
			return CLASS_ROW;
		case TYPE_ARRAY:
			return CLASS_ARRAY;
		case TYPE_MAP:
			return CLASS_MAP;
	}
	return CLASS_ANY;
}

bool
is_number(const DataType *type)
{
	TypeClass	class = type_class(type);

	return class == CLASS_INTEGER || class == CLASS_DECIMAL ||
		class == CLASS_FLOAT;
}

DataType
type_simple(TypeKind kind)
{
	DataType	type = {kind, -1, 0, NULL, 0, NULL, NULL};

	return type;
}

DataType
type_decimal(int precision, int scale)
{
	DataType	type = {TYPE_DECIMAL, precision, scale, NULL, 0, NULL, NULL};

	return type;
}

DataType
type_precise(TypeKind kind, int precision)
{
	DataType	type = {kind, precision, 0, NULL, 0, NULL, NULL};

	return type;
}

DataType
type_as_decimal(const DataType *type)
{
	switch (type->kind)
	{
		case TYPE_TINYINT:
			return type_decimal(3, 0);
		case TYPE_SMALLINT:
			return type_decimal(5, 0);
		case TYPE_INT:
			return type_decimal(10, 0);
		case TYPE_BIGINT:
			return type_decimal(19, 0);
		default:
			return *type;
	}
}

DataType
type_array(const DataType *element)
{
	DataType	type = type_simple(TYPE_ARRAY);

	type.element = pg_malloc(sizeof(DataType));
	*type.element = *element;
	return type;
}

void
fail_type(Rewriter *rewriter, const Expression *expression, const char *what,
		  const DataType *type)
{
	PQExpBufferData name;

	initPQExpBuffer(&name);
	type_append(&name, type);
	script_fail(&rewriter->pipeline->script, expression->place,
				"Use CAST where the types differ.",
				"%s cannot be of type %s", what, name.data);
}

static void
fail_mixed(Rewriter *rewriter, const Expression *expression,
		   const DataType *left, const DataType *right)
{
	PQExpBufferData message;

	initPQExpBuffer(&message);
	type_append(&message, left);
	appendPQExpBufferStr(&message, " and ");
	type_append(&message, right);
	script_fail(&rewriter->pipeline->script, expression->place,
				"Use CAST where the types differ.",
				"%s cannot be compared or mixed", message.data);
}

DataType
common_type(Rewriter *rewriter, const Expression *expression, DataType a,
			DataType b)
{
	TypeClass	class = type_class(&a);

	if (a.kind == TYPE_ANY)
		return b;
	if (b.kind == TYPE_ANY)
		return a;
	if (is_number(&a) && is_number(&b))
	{
		if (class == CLASS_FLOAT || type_class(&b) == CLASS_FLOAT)
			/* only FLOAT with FLOAT, or with an integer, stays FLOAT */
			return type_simple(a.kind == TYPE_DOUBLE || b.kind == TYPE_DOUBLE ||
							   a.kind == TYPE_DECIMAL ||
							   b.kind == TYPE_DECIMAL ? TYPE_DOUBLE : TYPE_FLOAT);
		if (a.kind == TYPE_DECIMAL || b.kind == TYPE_DECIMAL)
		{
			DataType	l = type_as_decimal(&a);
			DataType	r = type_as_decimal(&b);
			int			scale = Max(l.scale, r.scale);

			return type_decimal(Min(38, Max(l.precision - l.scale,
											r.precision - r.scale) + scale),
								scale);
		}
		return b.kind > a.kind ? b : a; /* integers stand in order of size */
	}
	if (class == type_class(&b))
	{
		if (class == CLASS_STRING)
			return type_simple(TYPE_VARCHAR);
		if (class == CLASS_BYTES)
			return type_simple(TYPE_VARBINARY);
		if (class == CLASS_TIME || class == CLASS_TIMESTAMP ||
			class == CLASS_TIMESTAMP_LTZ)
			a.precision = Max(a.precision, b.precision);
		else if (class == CLASS_ARRAY)
		{
			DataType	element = common_type(rewriter, expression, *a.element,
											  *b.element);

			return type_array(&element);
		}
		return a;
	}
	if (class == CLASS_DATE && type_class(&b) == CLASS_TIMESTAMP)
		return b;
	if (class == CLASS_TIMESTAMP && type_class(&b) == CLASS_DATE)
		return a;
	fail_mixed(rewriter, expression, &a, &b);
	return a;
}

/* -------------------------------------------------------------- columns */

static SourceNode *
node_child(SourceNode *node, const char *name)
{
	for (int i = 0; i < node->child_count; i++)
		if (strcmp(node->children[i].name, name) == 0)
			return &node->children[i];
	return NULL;
}

int
source_use(SourceTable *source, SourceNode *node, const char *name)
{
	int		   *number = node->type.kind == TYPE_ROW ? &node->presence :
	&node->field;

	if (*number < 0)
	{
		SourceField *field;

		source->fields = pg_realloc(source->fields, (source->field_count + 1) *
									sizeof(SourceField));
		field = &source->fields[source->field_count];
		field->name = pg_strdup(name);
		field->type = node->type.kind == TYPE_ROW ?
			type_simple(TYPE_BOOLEAN) : node->type;
		field->key = node->key;
		*number = source->field_count++;
	}
	return *number;
}

/* Dotted name of a column's path. */
static char *
path_name(const Expression *column)
{
	PQExpBufferData name;

	initPQExpBuffer(&name);
	for (int i = 0; i < column->path_count; i++)
		appendPQExpBuffer(&name, "%s%s", i > 0 ? "." : "",
						  column->path[i]);
	return name.data;
}

SourceNode *
expression_column(Pipeline *pipeline, Flow *flow, const Expression *column)
{
	SourceNode *node = &flow->source->root;
	SourceNode *path[16];
	char	   *name;
	int			depth = 0;

	for (int i = 0; i < column->path_count; i++)
	{
		SourceNode *child = node_child(node, column->path[i]);

		if (child == NULL && i == 0)
			child = node_child(&flow->source->key, column->path[i]);
		if (child == NULL && i == 0)
			child = node_child(&flow->source->metadata, column->path[i]);
		if (child == NULL && i == 0)
		{
			PQExpBufferData hint;

			initPQExpBuffer(&hint);
			appendPQExpBuffer(&hint, "Table \"%s\" has ",
							  flow->source->table->name);
			for (int c = 0; c < node->child_count; c++)
				appendPQExpBuffer(&hint, "%s%s", c > 0 ? ", " : "",
								  node->children[c].name);
			appendPQExpBufferStr(&hint, "; upper and lower case differ.");
			script_fail(&pipeline->script, column->place, hint.data,
						"column \"%s\" does not exist", column->path[i]);
		}
		if (child == NULL)
			script_fail(&pipeline->script, column->place, NULL,
						node->type.kind == TYPE_ROW ?
						"\"%s\" has no field \"%s\"" :
						"\"%s\" is no ROW, so it has no field \"%s\"",
						node->name, column->path[i]);
		node = child;
		if (depth == lengthof(path))
			script_fail(&pipeline->script, column->place, NULL,
						"field is nested too deeply");
		path[depth++] = node;
	}
	for (int i = 0; i < depth; i++)
		path[i]->used = true;
	flow->source->root.used = true;
	name = path_name(column);
	(void) source_use(flow->source, node, name);
	free(name);
	return node;
}

/* ------------------------------------------------------------- templates */

void
append_quoted(PQExpBuffer sql, const char *text, char quote)
{
	appendPQExpBufferChar(sql, quote);
	for (const char *p = text; *p != '\0'; p++)
	{
		if (*p == quote)
			appendPQExpBufferChar(sql, quote);
		appendPQExpBufferChar(sql, *p);
	}
	appendPQExpBufferChar(sql, quote);
}

char *
quoted(const char *text)
{
	PQExpBufferData sql;

	initPQExpBuffer(&sql);
	append_quoted(&sql, text, '\'');
	return sql.data;
}

/* A column or a constant may be written twice. */
static bool
is_short(const char *sql)
{
	return strlen(sql) < 64 && strchr(sql, '(') == NULL;
}

static void
append_filled(PQExpBuffer sql, const char *template, char *const *arguments,
			  int count)
{
	for (const char *p = template; *p != '\0'; p++)
	{
		if (*p != '$' || strchr("123456789*|", p[1]) == NULL || p[1] == '\0')
		{
			appendPQExpBufferChar(sql, *p);
			continue;
		}
		p++;
		if (*p == '*' || *p == '|')
		{
			for (int i = 0; i < count; i++)
				appendPQExpBuffer(sql, "%s%s", i == 0 ? "" : *p == '*' ?
								  ", " : " || ", arguments[i]);
		}
		else
			appendPQExpBufferStr(sql, arguments[*p - '1']);
	}
}

void
append_template(PQExpBuffer sql, const char *template, char *const *arguments,
				int count)
{
	char	  **names = pg_malloc((count + 1) * sizeof(char *));
	PQExpBufferData columns;
	int			bound = 0;
	int			lists = 0;

	initPQExpBuffer(&columns);
	for (const char *p = template; *p != '\0'; p++)
		if (p[0] == '$' && (p[1] == '*' || p[1] == '|'))
			lists++;
	for (int i = 0; i < count; i++)
	{
		int			uses = lists;

		for (const char *p = template; *p != '\0'; p++)
			if (p[0] == '$' && p[1] == '1' + i)
				uses++;
		names[i] = arguments[i];
		if (uses > 1 && !is_short(arguments[i]))
		{
			names[i] = psprintf("a.a%d", i + 1);
			appendPQExpBuffer(&columns, "%s%s AS a%d", bound++ > 0 ? ", " : "",
							  arguments[i], i + 1);
		}
	}
	/* OFFSET 0 keeps the planner from putting the argument in again */
	if (bound > 0)
		appendPQExpBufferStr(sql, "(SELECT ");
	append_filled(sql, template, names, count);
	if (bound > 0)
		appendPQExpBuffer(sql, " FROM (SELECT %s OFFSET 0) AS a)",
						  columns.data);
	termPQExpBuffer(&columns);
	free(names);
}

char *
template_sql(const char *template,...)
{
	char	   *arguments[9];
	int			count = 0;
	PQExpBufferData sql;
	va_list		list;

	va_start(list, template);
	while (count < (int) lengthof(arguments) &&
		   (arguments[count] = va_arg(list, char *)) != NULL)
		count++;
	va_end(list);
	initPQExpBuffer(&sql);
	append_template(&sql, template, arguments, count);
	return sql.data;
}

/* ----------------------------------------------------------- expressions */

static Rewritten
rewritten(const Expression *expression, DataType type, char *sql)
{
	Rewritten	result = {sql, type, expression};

	return result;
}

/* The text carried for a field becomes its type. */
static char *
field_sql(const SourceField *field)
{
	PQExpBufferData sql;
	TypeClass	class = type_class(&field->type);

	initPQExpBuffer(&sql);
	if (class == CLASS_BYTES)
		appendPQExpBufferStr(&sql, "pg_catalog.decode(");
	appendPQExpBufferStr(&sql, "s.");
	append_quoted(&sql, field->name, '"');
	if (class == CLASS_BYTES)
		appendPQExpBufferStr(&sql, ", 'base64')");
	else if (class != CLASS_BOOLEAN && class != CLASS_INTEGER &&
			 class != CLASS_STRING)
	{
		appendPQExpBufferStr(&sql, "::");
		type_append_pg(&sql, &field->type);
	}
	return sql.data;
}

static Rewritten
rewrite_column(Rewriter *rewriter, Expression *column)
{
	SourceNode *node = expression_column(rewriter->pipeline, rewriter->flow,
										 column);

	if (node->type.kind == TYPE_ROW)
		script_fail(&rewriter->pipeline->script, column->place,
					"Read one of its fields, as in `after`.order_id, or ask whether it IS NULL.",
					"ROW \"%s\" cannot be used as a value", node->name);
	return rewritten(column, node->type,
					 field_sql(&rewriter->flow->source->fields[node->field]));
}

static Rewritten
rewrite_boolean(Rewriter *rewriter, Expression *expression)
{
	Rewritten	value = rewrite(rewriter, expression);

	if (value.type.kind != TYPE_BOOLEAN && value.type.kind != TYPE_ANY)
		fail_type(rewriter, expression, "condition", &value.type);
	return value;
}

static Rewritten
rewrite_logic(Rewriter *rewriter, Expression *expression)
{
	Rewritten	left = rewrite_boolean(rewriter, expression->arguments[0]);
	char	   *sql;

	if (expression->kind == EXPRESSION_NOT)
		sql = psprintf("(NOT %s)", left.sql);
	else
		sql = psprintf("(%s %s %s)", left.sql,
					   expression->kind == EXPRESSION_AND ? "AND" : "OR",
					   rewrite_boolean(rewriter, expression->arguments[1]).sql);
	return rewritten(expression, type_simple(TYPE_BOOLEAN), sql);
}

static Rewritten
rewrite_case(Rewriter *rewriter, Expression *expression)
{
	Rewritten  *values = pg_malloc(expression->argument_count *
								   sizeof(Rewritten));
	DataType	result = type_simple(TYPE_ANY);
	PQExpBufferData sql;
	int			first = expression->has_operand ? 1 : 0;
	int			last = expression->argument_count -
	(expression->has_else ? 1 : 0);

	for (int i = 0; i < expression->argument_count; i++)
	{
		bool		is_condition = i >= first && i < last &&
		(i - first) % 2 == 0;

		values[i] = is_condition && !expression->has_operand ?
			rewrite_boolean(rewriter, expression->arguments[i]) :
			rewrite(rewriter, expression->arguments[i]);
		if (!is_condition && i >= first)
			result = common_type(rewriter, expression->arguments[i], result,
								 values[i].type);
	}
	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "CASE");
	for (int i = first; i < last; i += 2)
		appendPQExpBuffer(&sql, " WHEN %s THEN %s",
						  expression->has_operand ?
						  compare(rewriter, expression->arguments[i], "=",
								  values[0], values[i]) : values[i].sql,
						  cast_checked(rewriter, &values[i + 1], &result, false));
	if (expression->has_else)
		appendPQExpBuffer(&sql, " ELSE %s",
						  cast_checked(rewriter, &values[last], &result, false));
	appendPQExpBufferStr(&sql, " END");
	return rewritten(expression, result, sql.data);
}

static Rewritten
rewrite_cast(Rewriter *rewriter, Expression *expression)
{
	Rewritten	value = rewrite(rewriter, expression->arguments[0]);

	return rewritten(expression, expression->type,
					 cast_checked(rewriter, &value, &expression->type,
								  expression->try));
}

static Rewritten
rewrite_number(Expression *expression)
{
	const char *point = strchr(expression->text, '.');
	int			digits;

	if (strpbrk(expression->text, "eE") != NULL)
		return rewritten(expression, type_simple(TYPE_DOUBLE),
						 psprintf("%s::double precision", expression->text));
	if (point == NULL)
	{
		char	   *end;
		long long	number;

		errno = 0;
		number = strtoll(expression->text, &end, 10);
		if (errno == 0)
			return rewritten(expression,
							 type_simple(number <= PG_INT32_MAX ? TYPE_INT :
										 TYPE_BIGINT),
							 pg_strdup(expression->text));
	}
	digits = strlen(expression->text) - (point != NULL ? 1 : 0);
	return rewritten(expression,
					 type_decimal(Max(digits, point != NULL ?
									  (int) strlen(point + 1) : 0),
								  point != NULL ? strlen(point + 1) : 0),
					 pg_strdup(expression->text));
}

static Rewritten
rewrite_temporal(Expression *expression)
{
	PQExpBufferData sql;

	initPQExpBuffer(&sql);
	append_quoted(&sql, expression->text, '\'');
	appendPQExpBufferStr(&sql, "::");
	type_append_pg(&sql, &expression->type);
	return rewritten(expression, expression->type, sql.data);
}

/* CURRENT_DATE and its like, where no column has that name */
static bool
is_bare_function(Rewriter *rewriter, const Expression *column)
{
	return query_is_function(column) &&
		node_child(&rewriter->flow->source->root, column->path[0]) == NULL;
}

static Rewritten
rewrite_is(Rewriter *rewriter, Expression *expression)
{
	Expression *operand = expression->arguments[0];
	const char *not = expression->negated ? "NOT " : "";
	DataType	type = type_simple(TYPE_BOOLEAN);

	if (strcmp(expression->text, "NULL") != 0)
		return rewritten(expression, type,
						 psprintf("(%s IS %s%s)",
								  rewrite_boolean(rewriter, operand).sql, not,
								  expression->text));
	if (operand->kind == EXPRESSION_COLUMN && !is_bare_function(rewriter, operand))
	{
		SourceNode *node = expression_column(rewriter->pipeline,
											 rewriter->flow, operand);

		if (node->type.kind == TYPE_ROW)
			return rewritten(expression, type,
							 psprintf(expression->negated ? "(%s)" : "(NOT %s)",
									  field_sql(&rewriter->flow->source->fields[node->presence])));
	}
	return rewritten(expression, type,
					 psprintf("(%s IS %sNULL)", rewrite(rewriter, operand).sql,
							  not));
}

static Rewritten
rewrite_in(Rewriter *rewriter, Expression *expression)
{
	Rewritten	value = rewrite(rewriter, expression->arguments[0]);
	PQExpBufferData sql;

	/* each is compared by the rules of its own types */
	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, expression->negated ? "(NOT (" : "(");
	for (int i = 1; i < expression->argument_count; i++)
		appendPQExpBuffer(&sql, "%s%s", i > 1 ? " OR " : "",
						  compare(rewriter, expression->arguments[i], "=",
								  value,
								  rewrite(rewriter, expression->arguments[i])));
	appendPQExpBufferStr(&sql, expression->negated ? "))" : ")");
	return rewritten(expression, type_simple(TYPE_BOOLEAN), sql.data);
}

static Rewritten
rewrite_between(Rewriter *rewriter, Expression *expression)
{
	Rewritten	value = rewrite(rewriter, expression->arguments[0]);
	Rewritten	low = rewrite(rewriter, expression->arguments[1]);
	Rewritten	high = rewrite(rewriter, expression->arguments[2]);
	char	   *sql = psprintf("(%s AND %s)",
							   compare(rewriter, expression, ">=", value, low),
							   compare(rewriter, expression, "<=", value, high));

	if (expression->symmetric)
		sql = psprintf("(%s OR (%s AND %s))", sql,
					   compare(rewriter, expression, ">=", value, high),
					   compare(rewriter, expression, "<=", value, low));
	return rewritten(expression, type_simple(TYPE_BOOLEAN),
					 expression->negated ? psprintf("(NOT %s)", sql) : sql);
}

static Rewritten
rewrite_distinct(Rewriter *rewriter, Expression *expression)
{
	Rewritten	left = rewrite(rewriter, expression->arguments[0]);
	Rewritten	right = rewrite(rewriter, expression->arguments[1]);

	return rewritten(expression, type_simple(TYPE_BOOLEAN),
					 compare(rewriter, expression, expression->negated ?
							 "IS NOT DISTINCT FROM" : "IS DISTINCT FROM", left,
							 right));
}

/*
 * abc, abc%, %abc and %abc% as literals are compared as they stand; in others
 * a back slash escapes.
 */
static bool
is_plain_pattern(const Expression *pattern)
{
	const char *first;
	size_t		length;

	if (pattern->kind != EXPRESSION_STRING)
		return false;
	first = pattern->text + strspn(pattern->text, "%");
	length = strcspn(first, "%_");
	return length > 0 && strspn(first + length, "%") == strlen(first + length);
}

/* LIKE and SIMILAR TO. */
static Rewritten
rewrite_like(Rewriter *rewriter, Expression *expression)
{
	Rewritten	values[3];
	const char *escape;

	for (int i = 0; i < expression->argument_count; i++)
	{
		values[i] = rewrite(rewriter, expression->arguments[i]);
		if (type_class(&values[i].type) != CLASS_STRING &&
			values[i].type.kind != TYPE_ANY)
			fail_type(rewriter, expression->arguments[i],
					  psprintf("operand of %s", expression->text),
					  &values[i].type);
	}
	escape = expression->argument_count == 3 ? values[2].sql :
		is_plain_pattern(expression->arguments[1]) ? "''" : "'\\'";
	return rewritten(expression, type_simple(TYPE_BOOLEAN),
					 psprintf("(%s %s%s %s ESCAPE %s)", values[0].sql,
							  expression->negated ? "NOT " : "",
							  expression->text, values[1].sql, escape));
}

static Rewritten
rewrite_is_json(Rewriter *rewriter, Expression *expression)
{
	Rewritten	value = rewrite(rewriter, expression->arguments[0]);
	const char *kind = expression->text;
	const char *first = pg_strcasecmp(kind, "OBJECT") == 0 ? "= '{'" :
	pg_strcasecmp(kind, "ARRAY") == 0 ? "= '['" :
	pg_strcasecmp(kind, "SCALAR") == 0 ? "NOT IN ('{', '[')" : NULL;
	char	   *sql;

	if (type_class(&value.type) != CLASS_STRING)
		fail_type(rewriter, expression->arguments[0], "operand of IS JSON",
				  &value.type);
	sql = psprintf("COALESCE(%s, FALSE)", json_is_valid("$1"));
	if (first != NULL)
		sql = psprintf("(%s AND pg_catalog.left(pg_catalog.btrim($1, E' \\t\\r\\n'), 1) %s)",
					   sql, first);
	sql = template_sql(sql, value.sql, NULL);
	return rewritten(expression, type_simple(TYPE_BOOLEAN),
					 expression->negated ? psprintf("(NOT %s)", sql) : sql);
}

static Rewritten
rewrite_bytes(Rewriter *rewriter, Expression *expression)
{
	if (strlen(expression->text) % 2 != 0 ||
		strspn(expression->text, "0123456789abcdefABCDEF") !=
		strlen(expression->text))
		script_fail(&rewriter->pipeline->script, expression->place, NULL,
					"x'...' needs hexadecimal digits, two for each byte");
	return rewritten(expression, type_simple(TYPE_VARBINARY),
					 psprintf("'\\x%s'::bytea", expression->text));
}

/* array[number] and map[key] */
static Rewritten
rewrite_item(Rewriter *rewriter, Expression *expression)
{
	Rewritten	value = rewrite(rewriter, expression->arguments[0]);
	Rewritten	index = rewrite(rewriter, expression->arguments[1]);
	DataType	text = type_simple(TYPE_VARCHAR);
	Rewritten	item = {NULL, text, expression};

	if (value.type.kind == TYPE_ARRAY)
	{
		if (type_class(&index.type) != CLASS_INTEGER)
			fail_type(rewriter, expression->arguments[1], "index of an array",
					  &index.type);
		return rewritten(expression, *value.type.element,
						 psprintf("(%s)[%s]", value.sql, index.sql));
	}
	if (value.type.kind != TYPE_MAP)
		fail_type(rewriter, expression, "value before \"[\"", &value.type);
	index.sql = cast_checked(rewriter, &index, value.type.key, false);
	index.type = *value.type.key;
	item.sql = psprintf("(%s ->> %s)", value.sql,
						cast_checked(rewriter, &index, &text, false));
	return rewritten(expression, *value.type.element,
					 cast_checked(rewriter, &item, value.type.element, false));
}

static Rewritten
rewrite_array(Rewriter *rewriter, Expression *expression)
{
	Rewritten  *values = pg_malloc(expression->argument_count *
								   sizeof(Rewritten));
	DataType	element = type_simple(TYPE_ANY);
	DataType	type;
	PQExpBufferData sql;

	for (int i = 0; i < expression->argument_count; i++)
	{
		values[i] = rewrite(rewriter, expression->arguments[i]);
		element = common_type(rewriter, expression->arguments[i], element,
							  values[i].type);
	}
	type = type_array(&element);
	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "ARRAY[");
	for (int i = 0; i < expression->argument_count; i++)
		appendPQExpBuffer(&sql, "%s%s", i > 0 ? ", " : "",
						  cast_checked(rewriter, &values[i], &element, false));
	appendPQExpBufferStr(&sql, "]::");
	type_append_pg(&sql, &type);
	return rewritten(expression, type, sql.data);
}

static Rewritten
rewrite_map(Rewriter *rewriter, Expression *expression)
{
	DataType	type = type_simple(TYPE_MAP);
	PQExpBufferData sql;

	type.key = pg_malloc(sizeof(DataType));
	type.element = pg_malloc(sizeof(DataType));
	*type.key = *type.element = type_simple(TYPE_ANY);
	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "pg_catalog.jsonb_build_object(");
	for (int i = 0; i < expression->argument_count; i++)
	{
		Rewritten	value = rewrite(rewriter, expression->arguments[i]);
		DataType   *common = i % 2 == 0 ? type.key : type.element;

		*common = common_type(rewriter, expression->arguments[i], *common,
							  value.type);
		appendPQExpBuffer(&sql, "%s%s", i > 0 ? ", " : "", value.sql);
	}
	appendPQExpBufferChar(&sql, ')');
	return rewritten(expression, type, sql.data);
}

Rewritten
rewrite(Rewriter *rewriter, Expression *expression)
{
	switch (expression->kind)
	{
		case EXPRESSION_STRING:
			return rewritten(expression, type_simple(TYPE_VARCHAR),
							 psprintf("%s::text", quoted(expression->text)));
		case EXPRESSION_NUMBER:
			return rewrite_number(expression);
		case EXPRESSION_BOOLEAN:
			return rewritten(expression, type_simple(TYPE_BOOLEAN),
							 pg_strdup(expression->text));
		case EXPRESSION_NULL:
			return rewritten(expression, type_simple(TYPE_ANY),
							 pg_strdup("NULL"));
		case EXPRESSION_BYTES:
			return rewrite_bytes(rewriter, expression);
		case EXPRESSION_TEMPORAL:
			return rewrite_temporal(expression);
		case EXPRESSION_INTERVAL:
			return rewritten(expression, expression->type, expression->text);
		case EXPRESSION_WORD:
			return rewritten(expression, type_simple(TYPE_ANY),
							 expression->text);
		case EXPRESSION_COLUMN:
			if (is_bare_function(rewriter, expression))
			{
				expression->kind = EXPRESSION_CALL;
				expression->text = expression->path[0];
				expression->path_count = 0;
				return rewrite_call(rewriter, expression);
			}
			return rewrite_column(rewriter, expression);
		case EXPRESSION_STAR:
			script_fail(&rewriter->pipeline->script, expression->place, NULL,
						"\"*\" cannot be used here");
		case EXPRESSION_CALL:
			return rewrite_call(rewriter, expression);
		case EXPRESSION_OPERATOR:
			return rewrite_operator(rewriter, expression);
		case EXPRESSION_NEGATE:
			return rewrite_negate(rewriter, expression);
		case EXPRESSION_AND:
		case EXPRESSION_OR:
		case EXPRESSION_NOT:
			return rewrite_logic(rewriter, expression);
		case EXPRESSION_IS:
			return rewrite_is(rewriter, expression);
		case EXPRESSION_DISTINCT:
			return rewrite_distinct(rewriter, expression);
		case EXPRESSION_IN:
			return rewrite_in(rewriter, expression);
		case EXPRESSION_BETWEEN:
			return rewrite_between(rewriter, expression);
		case EXPRESSION_LIKE:
			return rewrite_like(rewriter, expression);
		case EXPRESSION_IS_JSON:
			return rewrite_is_json(rewriter, expression);
		case EXPRESSION_CASE:
			return rewrite_case(rewriter, expression);
		case EXPRESSION_CAST:
			return rewrite_cast(rewriter, expression);
		case EXPRESSION_ITEM:
			return rewrite_item(rewriter, expression);
		case EXPRESSION_ARRAY:
			return rewrite_array(rewriter, expression);
		case EXPRESSION_MAP:
			return rewrite_map(rewriter, expression);
		case EXPRESSION_ELEMENT:
			if (expression->type.kind == TYPE_ROW)
				script_fail(&rewriter->pipeline->script, expression->place,
							"Read one of its fields.",
							"a ROW cannot be used as a value");
			return rewritten(expression, expression->type, expression->text);
	}
	return rewritten(expression, type_simple(TYPE_ANY), pg_strdup("NULL"));
}

DataType
expression_rewrite(Pipeline *pipeline, Flow *flow, Expression *expression,
				   PQExpBuffer sql)
{
	Rewriter	rewriter = {pipeline, flow};
	Rewritten	value = rewrite(&rewriter, expression);

	appendPQExpBufferStr(sql, value.sql);
	return value.type;
}
