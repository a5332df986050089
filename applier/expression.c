/*-------------------------------------------------------------------------
 *
 * expression.c
 *	  Expressions of Flink SQL in PostgreSQL's words.
 *
 * NOTES
 *	  A name that Flink defines has Flink's meaning, so every function and
 *	  operator is either mapped here or refused; pg_catalog.f(...) reaches
 *	  PostgreSQL's own.  Known differences that end in an error of the event
 *	  instead of another value: integers that overflow (Flink wraps them),
 *	  decimals that overflow (Flink makes them NULL), texts that are no
 *	  number.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "pipeline.h"

static const char *const function_hint =
"README.md lists the functions; PostgreSQL's own are reached as pg_catalog.f(...).";

/* What can be compared and mixed. */
typedef enum TypeClass
{
	CLASS_ANY,
	CLASS_BOOLEAN,
	CLASS_INTEGER,
	CLASS_DECIMAL,
	CLASS_FLOAT,
	CLASS_STRING,
	CLASS_BYTES,
	CLASS_DATE,
	CLASS_TIME,
	CLASS_TIMESTAMP,
	CLASS_TIMESTAMP_LTZ,
	CLASS_INTERVAL_MONTH,
	CLASS_INTERVAL_SECOND,
	CLASS_ROW,
	CLASS_ARRAY,
	CLASS_MAP
} TypeClass;

static TypeClass
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

static bool
is_number(const DataType *type)
{
	TypeClass	class = type_class(type);

	return class == CLASS_INTEGER || class == CLASS_DECIMAL ||
		class == CLASS_FLOAT;
}

static DataType
type_simple(TypeKind kind)
{
	DataType	type = {kind, -1, 0, NULL, 0, NULL, NULL};

	return type;
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

static void
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

/* The text carried for a field becomes its type. */
static void
append_field(PQExpBuffer sql, const SourceField *field)
{
	switch (type_class(&field->type))
	{
		case CLASS_BOOLEAN:
		case CLASS_INTEGER:
		case CLASS_STRING:
			appendPQExpBufferStr(sql, "s.");
			append_quoted(sql, field->name, '"');
			break;
		case CLASS_BYTES:
			appendPQExpBufferStr(sql, "pg_catalog.decode(s.");
			append_quoted(sql, field->name, '"');
			appendPQExpBufferStr(sql, ", 'base64')");
			break;
		default:
			appendPQExpBufferStr(sql, "s.");
			append_quoted(sql, field->name, '"');
			appendPQExpBufferStr(sql, "::");
			type_append_pg(sql, &field->type);
			break;
	}
}

static DataType
rewrite_column(Pipeline *pipeline, Flow *flow, Expression *column,
			   PQExpBuffer sql)
{
	SourceNode *node = expression_column(pipeline, flow, column);

	if (node->type.kind == TYPE_ROW)
		script_fail(&pipeline->script, column->place,
					"Read one of its fields, as in `after`.order_id, or ask whether it IS NULL.",
					"ROW \"%s\" cannot be used as a value", node->name);
	append_field(sql, &flow->source->fields[node->field]);
	return node->type;
}

/* ----------------------------------------------------------- expressions */

static void
fail_type(Pipeline *pipeline, const Expression *expression, const char *what,
		  const DataType *type)
{
	PQExpBufferData name;

	initPQExpBuffer(&name);
	type_append(&name, type);
	script_fail(&pipeline->script, expression->place,
				"Use CAST where the types differ.",
				"%s cannot be of type %s", what, name.data);
}

/* Two sides of a comparison. */
static void
check_comparable(Pipeline *pipeline, const Expression *expression,
				 const DataType *left, const DataType *right)
{
	TypeClass	l = type_class(left);
	TypeClass	r = type_class(right);

	if (l == CLASS_ANY || r == CLASS_ANY || l == r ||
		(is_number(left) && is_number(right)))
		return;

	{
		PQExpBufferData message;

		initPQExpBuffer(&message);
		type_append(&message, left);
		appendPQExpBufferStr(&message, " and ");
		type_append(&message, right);
		script_fail(&pipeline->script, expression->place,
					"Use CAST where the types differ.",
					"%s cannot be compared or mixed", message.data);
	}
}

/* The type of COALESCE, CASE and the like. */
static DataType
common_type(Pipeline *pipeline, const Expression *expression, DataType a,
			DataType b)
{
	DataType	result = a;

	if (a.kind == TYPE_ANY)
		return b;
	if (b.kind == TYPE_ANY)
		return a;
	check_comparable(pipeline, expression, &a, &b);
	if (type_class(&a) == CLASS_STRING)
		return type_simple(TYPE_VARCHAR);
	if (type_class(&a) == CLASS_BYTES)
		return type_simple(TYPE_VARBINARY);
	if (type_class(&a) == CLASS_FLOAT || type_class(&b) == CLASS_FLOAT)
		return type_simple(a.kind == TYPE_FLOAT && b.kind == TYPE_FLOAT ?
						   TYPE_FLOAT : TYPE_DOUBLE);
	if (a.kind == TYPE_DECIMAL || b.kind == TYPE_DECIMAL)
	{
		DataType	decimals[2] = {a, b};
		int			whole = 0;
		int			scale = 0;

		for (int i = 0; i < 2; i++)
		{
			if (decimals[i].kind != TYPE_DECIMAL)
			{
				decimals[i].precision = decimals[i].kind == TYPE_BIGINT ? 19 : 10;
				decimals[i].scale = 0;
			}
			whole = Max(whole, decimals[i].precision - decimals[i].scale);
			scale = Max(scale, decimals[i].scale);
		}
		result.kind = TYPE_DECIMAL;
		result.precision = Min(38, whole + scale);
		result.scale = scale;
		return result;
	}
	if (b.kind > a.kind)
		result = b;				/* integers stand in order of size */
	if (type_class(&a) != CLASS_INTEGER)
		result.precision = Max(a.precision, b.precision);
	return result;
}

static void
rewrite_boolean(Pipeline *pipeline, Flow *flow, Expression *expression,
				PQExpBuffer sql)
{
	DataType	type = expression_rewrite(pipeline, flow, expression, sql);

	if (type_class(&type) != CLASS_BOOLEAN && type.kind != TYPE_ANY)
		fail_type(pipeline, expression, "condition", &type);
}

/* Texts are compared byte by byte, as Java does, not by a collation. */
static const char *
collation_of(const DataType *type)
{
	return type_class(type) == CLASS_STRING ? " COLLATE \"C\"" : "";
}

static DataType
rewrite_operator(Pipeline *pipeline, Flow *flow, Expression *expression,
				 PQExpBuffer sql)
{
	const char *operator = expression->text;
	PQExpBufferData left_sql;
	PQExpBufferData right_sql;
	DataType	left;
	DataType	right;
	DataType	result = type_simple(TYPE_BOOLEAN);

	initPQExpBuffer(&left_sql);
	initPQExpBuffer(&right_sql);
	left = expression_rewrite(pipeline, flow, expression->arguments[0],
							  &left_sql);
	right = expression_rewrite(pipeline, flow, expression->arguments[1],
							   &right_sql);

	if (strchr("=<>", *operator) != NULL)
	{
		check_comparable(pipeline, expression, &left, &right);
		appendPQExpBuffer(sql, "(%s %s %s%s)", left_sql.data, operator,
						  right_sql.data, collation_of(&left));
	}
	else if (strcmp(operator, "||") == 0)
	{
		if (type_class(&left) != CLASS_STRING && left.kind != TYPE_ANY)
			fail_type(pipeline, expression->arguments[0], "operand of ||", &left);
		if (type_class(&right) != CLASS_STRING && right.kind != TYPE_ANY)
			fail_type(pipeline, expression->arguments[1], "operand of ||", &right);
		appendPQExpBuffer(sql, "(%s || %s)", left_sql.data, right_sql.data);
		result = type_simple(TYPE_VARCHAR);
	}
	else
	{
		if (!is_number(&left) && left.kind != TYPE_ANY)
			fail_type(pipeline, expression->arguments[0], "operand", &left);
		if (!is_number(&right) && right.kind != TYPE_ANY)
			fail_type(pipeline, expression->arguments[1], "operand", &right);
		result = common_type(pipeline, expression, left, right);
		if (result.kind == TYPE_DECIMAL)
		{
			if (*operator == '/' || *operator == '%')
				script_fail(&pipeline->script, expression->place,
							"Cast the operands to DOUBLE, or use pg_catalog.div(a, b) or pg_catalog.mod(a, b).",
							"%c of decimals is not supported, as its scale differs from PostgreSQL's",
							*operator);
			if (*operator == '*')
				result.scale = Min(38, left.scale + right.scale);
			result.precision = 38;
		}
		if (result.kind == TYPE_DOUBLE || result.kind == TYPE_FLOAT)
		{
			if (*operator == '%')
				script_fail(&pipeline->script, expression->place, NULL,
							"%% of FLOAT and DOUBLE is not supported");
			appendPQExpBuffer(sql, "(%s::double precision %c %s::double precision)",
							  left_sql.data, *operator, right_sql.data);
			result = type_simple(TYPE_DOUBLE);
		}
		else
			appendPQExpBuffer(sql, "(%s %c %s)", left_sql.data, *operator,
							  right_sql.data);
	}
	termPQExpBuffer(&left_sql);
	termPQExpBuffer(&right_sql);
	return result;
}

static DataType
rewrite_case(Pipeline *pipeline, Flow *flow, Expression *expression,
			 PQExpBuffer sql)
{
	DataType	result = type_simple(TYPE_ANY);
	DataType	operand = type_simple(TYPE_BOOLEAN);
	int			argument = 0;
	int			last = expression->argument_count - (expression->has_else ? 1 : 0);

	appendPQExpBufferStr(sql, "CASE");
	if (expression->has_operand)
	{
		appendPQExpBufferChar(sql, ' ');
		operand = expression_rewrite(pipeline, flow,
									 expression->arguments[argument++], sql);
	}
	while (argument < last)
	{
		DataType	type;

		appendPQExpBufferStr(sql, " WHEN ");
		type = expression_rewrite(pipeline, flow,
								  expression->arguments[argument], sql);
		check_comparable(pipeline, expression->arguments[argument++], &operand,
						 &type);
		appendPQExpBufferStr(sql, " THEN ");
		type = expression_rewrite(pipeline, flow,
								  expression->arguments[argument], sql);
		result = common_type(pipeline, expression->arguments[argument++],
							 result, type);
	}
	if (expression->has_else)
	{
		DataType	type;

		appendPQExpBufferStr(sql, " ELSE ");
		type = expression_rewrite(pipeline, flow, expression->arguments[last],
								  sql);
		result = common_type(pipeline, expression->arguments[last], result,
							 type);
	}
	appendPQExpBufferStr(sql, " END");
	return result;
}

static DataType
rewrite_cast(Pipeline *pipeline, Flow *flow, Expression *expression,
			 PQExpBuffer sql)
{
	PQExpBufferData value;
	DataType	to = expression->type;
	DataType	from;
	TypeClass	from_class;
	TypeClass	to_class = type_class(&to);
	bool		supported = true;

	initPQExpBuffer(&value);
	from = expression_rewrite(pipeline, flow, expression->arguments[0], &value);
	from_class = type_class(&from);

	if (from_class == CLASS_ANY)
	{
		appendPQExpBuffer(sql, "%s::", value.data);
		type_append_pg(sql, &to);
	}
	else if (to.kind == TYPE_TINYINT || to_class == CLASS_ROW ||
			 to_class == CLASS_BYTES)
		supported = from.kind == to.kind && to.kind == TYPE_VARBINARY;
	else if (to_class == CLASS_STRING)
	{
		PQExpBufferData text;

		initPQExpBuffer(&text);
		if (from_class == CLASS_STRING)
			appendPQExpBufferStr(&text, value.data);
		else if (from_class == CLASS_INTEGER || from_class == CLASS_DECIMAL ||
				 from_class == CLASS_DATE)
			appendPQExpBuffer(&text, "%s::text", value.data);
		else if (from_class == CLASS_BOOLEAN)
			appendPQExpBuffer(&text, "pg_catalog.upper(%s::text)", value.data);
		else
			supported = false;
		/* texts are cut to the length, CHAR is filled up to it */
		if (to.precision < 0)
			appendPQExpBufferStr(sql, text.data);
		else if (to.kind == TYPE_CHAR)
			appendPQExpBuffer(sql, "pg_catalog.rpad(%s, %d)", text.data,
							  to.precision);
		else
			appendPQExpBuffer(sql, "pg_catalog.left(%s, %d)", text.data,
							  to.precision);
		termPQExpBuffer(&text);
	}
	else if (to_class == CLASS_INTEGER &&
			 (from_class == CLASS_DECIMAL || from_class == CLASS_FLOAT))
	{
		/* cut off, not rounded */
		appendPQExpBuffer(sql, "pg_catalog.trunc(%s)::", value.data);
		type_append_pg(sql, &to);
	}
	else if ((is_number(&to) && (is_number(&from) || from_class == CLASS_STRING)) ||
			 from_class == to_class)
	{
		if (from_class == CLASS_STRING)
			appendPQExpBuffer(sql, "pg_catalog.btrim(%s)::", value.data);
		else
			appendPQExpBuffer(sql, "%s::", value.data);
		type_append_pg(sql, &to);
	}
	else if ((to_class == CLASS_DATE && from_class == CLASS_TIMESTAMP) ||
			 (to_class == CLASS_TIMESTAMP && from_class == CLASS_DATE))
	{
		appendPQExpBuffer(sql, "%s::", value.data);
		type_append_pg(sql, &to);
	}
	else
		supported = false;

	if (!supported)
	{
		PQExpBufferData types;

		initPQExpBuffer(&types);
		type_append(&types, &from);
		appendPQExpBufferStr(&types, " to ");
		type_append(&types, &to);
		script_fail(&pipeline->script, expression->place, function_hint,
					"CAST of %s is not supported", types.data);
	}
	termPQExpBuffer(&value);
	return to;
}

static DataType
rewrite_literal_number(Expression *expression, PQExpBuffer sql)
{
	DataType	type = type_simple(TYPE_DECIMAL);
	const char *point = strchr(expression->text, '.');

	if (strpbrk(expression->text, "eE") != NULL)
	{
		appendPQExpBuffer(sql, "%s::double precision", expression->text);
		return type_simple(TYPE_DOUBLE);
	}
	appendPQExpBufferStr(sql, expression->text);
	if (point == NULL)
	{
		char	   *end;
		long long	number;

		errno = 0;
		number = strtoll(expression->text, &end, 10);
		if (errno == 0)
			return type_simple(number <= PG_INT32_MAX ? TYPE_INT : TYPE_BIGINT);
	}
	type.precision = strlen(expression->text) - (point != NULL ? 1 : 0);
	type.scale = point != NULL ? strlen(point + 1) : 0;
	return type;
}

/* ------------------------------------------------------------- functions */

typedef enum ResultType
{
	RESULT_STRING,
	RESULT_INT,
	RESULT_SAME,				/* as the first argument */
	RESULT_COMMON,				/* of all arguments */
	RESULT_TIMESTAMP_LTZ
} ResultType;

/*
 * The functions, each with what it becomes: $1, $2, ... are the arguments,
 * $* is all of them with commas.  Argument classes, one letter each: s text,
 * i integer, n exact number, a anything, b boolean; the last one goes for all
 * that follow.
 */
typedef struct FunctionMapping
{
	const char *name;
	int			least;			/* arguments */
	int			most;
	const char *classes;
	ResultType	result;
	const char *sql;
} FunctionMapping;

static const FunctionMapping functions[] = {
	{"COALESCE", 1, 100, "a", RESULT_COMMON, "COALESCE($*)"},
	{"IFNULL", 2, 2, "a", RESULT_COMMON, "COALESCE($*)"},
	{"NULLIF", 2, 2, "a", RESULT_SAME, "NULLIF($*)"},
	/* NULL where any argument is: PostgreSQL's pass over NULLs */
	{"GREATEST", 1, 100, "n", RESULT_COMMON, "CASE WHEN pg_catalog.num_nulls($*) = 0 THEN GREATEST($*) END"},
	{"LEAST", 1, 100, "n", RESULT_COMMON, "CASE WHEN pg_catalog.num_nulls($*) = 0 THEN LEAST($*) END"},
	{"UPPER", 1, 1, "s", RESULT_STRING, "pg_catalog.upper($1)"},
	{"LOWER", 1, 1, "s", RESULT_STRING, "pg_catalog.lower($1)"},
	{"CHAR_LENGTH", 1, 1, "s", RESULT_INT, "pg_catalog.char_length($1)"},
	{"CHARACTER_LENGTH", 1, 1, "s", RESULT_INT, "pg_catalog.char_length($1)"},
	/* only spaces, in both */
	{"TRIM", 1, 1, "s", RESULT_STRING, "pg_catalog.btrim($1)"},
	{"BTRIM", 1, 2, "s", RESULT_STRING, "pg_catalog.btrim($*)"},
	{"LTRIM", 1, 2, "s", RESULT_STRING, "pg_catalog.ltrim($*)"},
	{"RTRIM", 1, 2, "s", RESULT_STRING, "pg_catalog.rtrim($*)"},
	{"REPLACE", 3, 3, "s", RESULT_STRING, "pg_catalog.replace($*)"},
	{"REVERSE", 1, 1, "s", RESULT_STRING, "pg_catalog.reverse($1)"},
	/* NULL where any argument is: PostgreSQL's concat passes over NULLs */
	{"CONCAT", 1, 100, "s", RESULT_STRING, "($|)"},
	{"CONCAT_WS", 2, 100, "s", RESULT_STRING, "pg_catalog.concat_ws($*)"},
	/* nothing of it for less than nothing; PostgreSQL cuts from the end */
	{"LEFT", 2, 2, "si", RESULT_STRING, "pg_catalog.left($1, GREATEST($2, 0))"},
	{"RIGHT", 2, 2, "si", RESULT_STRING, "pg_catalog.right($1, GREATEST($2, 0))"},
	{"MD5", 1, 1, "s", RESULT_STRING, "pg_catalog.md5($1)"},
	{"SHA256", 1, 1, "s", RESULT_STRING, "pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to($1, 'UTF8')), 'hex')"},
	{"ABS", 1, 1, "n", RESULT_SAME, "pg_catalog.abs($1)"},
	{"MOD", 2, 2, "i", RESULT_COMMON, "pg_catalog.mod($*)"},
	{"IF", 3, 3, "baa", RESULT_COMMON, "CASE WHEN $1 THEN $2 ELSE $3 END"},
	/* of each row, not of the transaction */
	{"CURRENT_TIMESTAMP", 0, 0, "", RESULT_TIMESTAMP_LTZ, "pg_catalog.clock_timestamp()"},
	{"NOW", 0, 0, "", RESULT_TIMESTAMP_LTZ, "pg_catalog.clock_timestamp()"},
	{"TO_TIMESTAMP_LTZ", 2, 2, "i", RESULT_TIMESTAMP_LTZ, NULL},
	{"SUBSTRING", 2, 3, "sii", RESULT_STRING, NULL},
	{"SUBSTR", 2, 3, "sii", RESULT_STRING, NULL},
};

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
		case 'b':
			return class == CLASS_BOOLEAN;
		default:
			return class != CLASS_ROW;
	}
}

/* Appends "sql" with the arguments put in. */
static void
append_mapping(PQExpBuffer sql, const char *mapping, char **arguments,
			   int count)
{
	for (const char *p = mapping; *p != '\0'; p++)
	{
		if (*p != '$')
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

/*
 * Flink counts a start of 0 as 1, a negative one from the end, and has the
 * empty text where the start lies outside; a negative length gives NULL.
 */
static void
append_substring(PQExpBuffer sql, char **arguments, int count)
{
	if (count == 3)
		appendPQExpBuffer(sql, "CASE WHEN (%s) >= 0 THEN ", arguments[2]);
	appendPQExpBuffer(sql,
					  "CASE WHEN -(%s) > pg_catalog.char_length(%s) THEN ''"
					  " ELSE pg_catalog.substr(%s, CASE WHEN (%s) < 0"
					  " THEN pg_catalog.char_length(%s) + (%s) + 1"
					  " ELSE GREATEST(%s, 1) END",
					  arguments[1], arguments[0], arguments[0], arguments[1],
					  arguments[0], arguments[1], arguments[1]);
	/* start and length together stay within an integer of PostgreSQL 13 */
	if (count == 3)
		appendPQExpBuffer(sql, ", LEAST(%s, 1000000000)) END END", arguments[2]);
	else
		appendPQExpBufferStr(sql, ") END");
}

static void
append_to_timestamp(Pipeline *pipeline, PQExpBuffer sql,
					const Expression *call, char **arguments)
{
	const Expression *precision = call->arguments[1];

	if (precision->kind != EXPRESSION_NUMBER ||
		(strcmp(precision->text, "0") != 0 && strcmp(precision->text, "3") != 0))
		script_fail(&pipeline->script, precision->place, NULL,
					"precision of TO_TIMESTAMP_LTZ must be 0 (seconds) or 3 (milliseconds)");
	/* in integers, so that no digit is lost */
	appendPQExpBuffer(sql,
					  "(timestamp with time zone '1970-01-01 00:00:00+00'"
					  " + (%s) * interval '1 %s')", arguments[0],
					  *precision->text == '0' ? "second" : "millisecond");
}

static DataType
rewrite_call(Pipeline *pipeline, Flow *flow, Expression *call, PQExpBuffer sql)
{
	static const char *const aggregates[] = {
		"COUNT", "SUM", "AVG", "MIN", "MAX", "FIRST_VALUE", "LAST_VALUE",
		"LISTAGG", "COLLECT", "STDDEV_POP", "STDDEV_SAMP", "VAR_POP",
		"VAR_SAMP", "ROW_NUMBER", "RANK", "DENSE_RANK", "LAG", "LEAD"
	};
	const FunctionMapping *mapping = NULL;
	DataType	result = type_simple(TYPE_ANY);
	char	  **arguments = pg_malloc0((call->argument_count + 1) *
									   sizeof(char *));
	DataType   *types = pg_malloc0((call->argument_count + 1) *
								   sizeof(DataType));

	if (call->path_count > 0 &&
		(call->path_count > 1 || strcmp(call->path[0], "pg_catalog") != 0))
		script_fail(&pipeline->script, call->place, function_hint,
					"function \"%s.%s\" is not known", call->path[0],
					call->text);

	for (int i = 0; i < call->argument_count; i++)
	{
		PQExpBufferData argument;

		if (call->path_count == 0 && pg_strcasecmp(call->text, "POSITION") == 0)
			script_fail(&pipeline->script, call->place,
						"Use pg_catalog.strpos(text, part).",
						"POSITION is not supported");
		initPQExpBuffer(&argument);
		types[i] = expression_rewrite(pipeline, flow, call->arguments[i],
									  &argument);
		arguments[i] = argument.data;
	}

	if (call->path_count > 0)
	{
		appendPQExpBufferStr(sql, "pg_catalog.");
		append_quoted(sql, call->text, '"');
		appendPQExpBufferChar(sql, '(');
		append_mapping(sql, "$*", arguments, call->argument_count);
		appendPQExpBufferChar(sql, ')');
		return result;
	}

	for (size_t i = 0; i < lengthof(aggregates); i++)
		if (pg_strcasecmp(call->text, aggregates[i]) == 0)
			script_fail(&pipeline->script, call->place,
						aggregate_hint,
						"%s is an aggregate or window function, which is not supported",
						aggregates[i]);
	for (size_t i = 0; i < lengthof(functions); i++)
		if (pg_strcasecmp(call->text, functions[i].name) == 0)
			mapping = &functions[i];
	if (mapping == NULL)
		script_fail(&pipeline->script, call->place, function_hint,
					"function %s is not supported", call->text);
	if (call->argument_count < mapping->least ||
		call->argument_count > mapping->most)
		script_fail(&pipeline->script, call->place, NULL,
					"%s has %d arguments here, which is not supported",
					mapping->name, call->argument_count);

	for (int i = 0; i < call->argument_count; i++)
	{
		int			letters = strlen(mapping->classes);
		char		letter = mapping->classes[Min(i, letters - 1)];

		if (!class_fits(letter, &types[i]))
		{
			char		what[64];

			snprintf(what, sizeof(what), "argument %d of %s", i + 1,
					 mapping->name);
			fail_type(pipeline, call->arguments[i], what, &types[i]);
		}
		if (mapping->result == RESULT_COMMON && letter != 'b')
			result = common_type(pipeline, call->arguments[i], result,
								 types[i]);
	}
	if (strcmp(mapping->name, "NULLIF") == 0)
		check_comparable(pipeline, call, &types[0], &types[1]);

	if (mapping->sql != NULL)
		append_mapping(sql, mapping->sql, arguments, call->argument_count);
	else if (mapping->result == RESULT_TIMESTAMP_LTZ)
		append_to_timestamp(pipeline, sql, call, arguments);
	else
		append_substring(sql, arguments, call->argument_count);

	switch (mapping->result)
	{
		case RESULT_STRING:
			return type_simple(TYPE_VARCHAR);
		case RESULT_INT:
			return type_simple(TYPE_INT);
		case RESULT_SAME:
			return types[0];
		case RESULT_TIMESTAMP_LTZ:
			result = type_simple(TYPE_TIMESTAMP_LTZ);
			result.precision = 6;
			return result;
		case RESULT_COMMON:
			break;
	}
	return result;
}

static DataType
rewrite_is(Pipeline *pipeline, Flow *flow, Expression *expression,
		   PQExpBuffer sql)
{
	Expression *operand = expression->arguments[0];

	if (strcmp(expression->text, "NULL") == 0 &&
		operand->kind == EXPRESSION_COLUMN)
	{
		SourceNode *node = expression_column(pipeline, flow, operand);

		if (node->type.kind == TYPE_ROW)
		{
			appendPQExpBufferStr(sql, expression->negated ? "(" : "(NOT ");
			append_field(sql, &flow->source->fields[node->presence]);
			appendPQExpBufferChar(sql, ')');
			return type_simple(TYPE_BOOLEAN);
		}
	}
	appendPQExpBufferChar(sql, '(');
	if (strcmp(expression->text, "NULL") == 0)
		(void) expression_rewrite(pipeline, flow, operand, sql);
	else
		rewrite_boolean(pipeline, flow, operand, sql);
	appendPQExpBuffer(sql, " IS %s%s)", expression->negated ? "NOT " : "",
					  expression->text);
	return type_simple(TYPE_BOOLEAN);
}

/* IN, BETWEEN, IS DISTINCT FROM: all arguments are of one kind. */
static DataType
rewrite_list(Pipeline *pipeline, Flow *flow, Expression *expression,
			 PQExpBuffer sql)
{
	DataType	first;
	const char *not = expression->negated ? "NOT " : "";

	appendPQExpBufferChar(sql, '(');
	first = expression_rewrite(pipeline, flow, expression->arguments[0], sql);
	appendPQExpBufferStr(sql, collation_of(&first));
	if (expression->kind == EXPRESSION_IN)
		appendPQExpBuffer(sql, " %sIN (", not);
	else if (expression->kind == EXPRESSION_BETWEEN)
		appendPQExpBuffer(sql, " %sBETWEEN ", not);
	else
		appendPQExpBuffer(sql, " IS %sDISTINCT FROM ", not);
	for (int i = 1; i < expression->argument_count; i++)
	{
		DataType	type;

		if (i > 1)
			appendPQExpBufferStr(sql, expression->kind == EXPRESSION_IN ?
								 ", " : " AND ");
		type = expression_rewrite(pipeline, flow, expression->arguments[i],
								  sql);
		check_comparable(pipeline, expression->arguments[i], &first, &type);
	}
	appendPQExpBufferStr(sql, expression->kind == EXPRESSION_IN ? "))" : ")");
	return type_simple(TYPE_BOOLEAN);
}

static DataType
rewrite_like(Pipeline *pipeline, Flow *flow, Expression *expression,
			 PQExpBuffer sql)
{
	appendPQExpBufferChar(sql, '(');
	for (int i = 0; i < expression->argument_count; i++)
	{
		DataType	type;

		if (i == 1)
			appendPQExpBuffer(sql, " %sLIKE ", expression->negated ? "NOT " : "");
		else if (i == 2)
			appendPQExpBufferStr(sql, " ESCAPE ");
		type = expression_rewrite(pipeline, flow, expression->arguments[i],
								  sql);
		if (type_class(&type) != CLASS_STRING && type.kind != TYPE_ANY)
			fail_type(pipeline, expression->arguments[i], "operand of LIKE",
					  &type);
	}
	/* without ESCAPE a back slash escapes, in Flink as in PostgreSQL */
	appendPQExpBufferChar(sql, ')');
	return type_simple(TYPE_BOOLEAN);
}

DataType
expression_rewrite(Pipeline *pipeline, Flow *flow, Expression *expression,
				   PQExpBuffer sql)
{
	DataType	type;

	switch (expression->kind)
	{
		case EXPRESSION_STRING:
			append_quoted(sql, expression->text, '\'');
			appendPQExpBufferStr(sql, "::text");
			return type_simple(TYPE_VARCHAR);
		case EXPRESSION_NUMBER:
			return rewrite_literal_number(expression, sql);
		case EXPRESSION_BOOLEAN:
			appendPQExpBufferStr(sql, expression->text);
			return type_simple(TYPE_BOOLEAN);
		case EXPRESSION_NULL:
			appendPQExpBufferStr(sql, "NULL");
			return type_simple(TYPE_ANY);
		case EXPRESSION_TEMPORAL:
			append_quoted(sql, expression->text, '\'');
			appendPQExpBufferStr(sql, "::");
			type_append_pg(sql, &expression->type);
			return expression->type;
		case EXPRESSION_COLUMN:
			/* functions without parentheses look like columns */
			if (expression->path_count == 1 &&
				pg_strcasecmp(expression->path[0], "CURRENT_TIMESTAMP") == 0)
			{
				expression->kind = EXPRESSION_CALL;
				expression->text = expression->path[0];
				expression->path_count = 0;
				return rewrite_call(pipeline, flow, expression, sql);
			}
			return rewrite_column(pipeline, flow, expression, sql);
		case EXPRESSION_STAR:
			script_fail(&pipeline->script, expression->place, NULL,
						"\"*\" cannot be used here");
		case EXPRESSION_CALL:
			return rewrite_call(pipeline, flow, expression, sql);
		case EXPRESSION_OPERATOR:
			return rewrite_operator(pipeline, flow, expression, sql);
		case EXPRESSION_NEGATE:
			appendPQExpBufferStr(sql, "(- ");
			type = expression_rewrite(pipeline, flow, expression->arguments[0],
									  sql);
			if (!is_number(&type) && type.kind != TYPE_ANY)
				fail_type(pipeline, expression, "operand of -", &type);
			appendPQExpBufferChar(sql, ')');
			return type;
		case EXPRESSION_AND:
		case EXPRESSION_OR:
			appendPQExpBufferChar(sql, '(');
			rewrite_boolean(pipeline, flow, expression->arguments[0], sql);
			appendPQExpBufferStr(sql, expression->kind == EXPRESSION_AND ?
								 " AND " : " OR ");
			rewrite_boolean(pipeline, flow, expression->arguments[1], sql);
			appendPQExpBufferChar(sql, ')');
			return type_simple(TYPE_BOOLEAN);
		case EXPRESSION_NOT:
			appendPQExpBufferStr(sql, "(NOT ");
			rewrite_boolean(pipeline, flow, expression->arguments[0], sql);
			appendPQExpBufferChar(sql, ')');
			return type_simple(TYPE_BOOLEAN);
		case EXPRESSION_IS:
			return rewrite_is(pipeline, flow, expression, sql);
		case EXPRESSION_DISTINCT:
		case EXPRESSION_IN:
		case EXPRESSION_BETWEEN:
			return rewrite_list(pipeline, flow, expression, sql);
		case EXPRESSION_LIKE:
			return rewrite_like(pipeline, flow, expression, sql);
		case EXPRESSION_CASE:
			return rewrite_case(pipeline, flow, expression, sql);
		case EXPRESSION_CAST:
			return rewrite_cast(pipeline, flow, expression, sql);
		case EXPRESSION_ELEMENT:
			if (expression->type.kind == TYPE_ROW)
				script_fail(&pipeline->script, expression->place,
							"Read one of its fields.",
							"a ROW cannot be used as a value");
			appendPQExpBufferStr(sql, expression->text);
			return expression->type;
	}
	return type_simple(TYPE_ANY);
}
