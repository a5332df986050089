/*-------------------------------------------------------------------------
 *
 * number_functions.c
 *	  Arithmetic functions, conditions, and hashes of Flink SQL.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "expression.h"

#define NAN_OF_INFINITY(function) \
	"CASE WHEN pg_catalog.abs($1) = 'Infinity' THEN 'NaN' ELSE pg_catalog." function "($1) END"
#define LOGARITHM(sql) \
	"CASE WHEN $1 > 0 THEN " sql " WHEN $1 = 0 THEN '-Infinity'::double precision" \
	" WHEN $1 IS NOT NULL THEN 'NaN'::double precision END"
#define BYTES_OF(text) "pg_catalog.convert_to(" text ", 'UTF8')"

/* abs, sign and the like of integers, which wrap. */
static char *
build_abs(FunctionCall *call)
{
	DataType	type = call->arguments[0].type;

	call->type = type;
	if (type_class(&type) != CLASS_INTEGER)
		return call_template(call, "pg_catalog.abs($1)");
	return wrap_integer(psprintf("pg_catalog.abs(%s::%s)", call->sql[0],
								 type.kind == TYPE_BIGINT ? "numeric" : "bigint"),
						type.kind);
}

static char *
build_sign(FunctionCall *call)
{
	DataType	type = call->arguments[0].type;

	call->type = type;
	if (type.kind == TYPE_DECIMAL)
		return psprintf("pg_catalog.round(pg_catalog.sign(%s), %d)",
						call->sql[0], type.scale);
	if (type_class(&type) == CLASS_FLOAT)
		return call_template(call, psprintf("CASE WHEN $1 = 'NaN' THEN $1 ELSE pg_catalog.sign($1)::%s END",
											type.kind == TYPE_FLOAT ? "real" : "double precision"));
	return psprintf("pg_catalog.sign(%s)::%s", call->sql[0],
					type.kind == TYPE_BIGINT ? "bigint" : type.kind == TYPE_INT ?
					"integer" : "smallint");
}

static char *
build_ceil_floor(FunctionCall *call)
{
	DataType	type = call->arguments[0].type;
	const char *name = pg_strcasecmp(call->mapping->name, "FLOOR") == 0 ?
	"floor" : "ceil";

	if (call->count == 2)
		return build_round_time(call);
	if (!is_number(&type) && type.kind != TYPE_ANY)
		fail_type(call->rewriter, call->arguments[0].expression,
				  psprintf("argument 1 of %s", call->mapping->name), &type);
	call->type = type;
	if (type_class(&type) == CLASS_INTEGER)
		return call->sql[0];
	if (type.kind == TYPE_DECIMAL)
		call->type = type_decimal(type.precision, 0);
	return psprintf("pg_catalog.%s(%s)%s", name, call->sql[0],
					type.kind == TYPE_FLOAT ? "::real" : "");
}

/* ROUND and TRUNCATE; the digits decide on the scale where they are known. */
static char *
build_round(FunctionCall *call)
{
	bool		truncates = pg_strcasecmp(call->mapping->name, "TRUNCATE") == 0;
	const char *name = truncates ? "trunc" : "round";
	DataType	type = call->arguments[0].type;
	const Expression *digits = call->count == 2 ? call->expression->arguments[1] :
	NULL;
	char	   *sql = call->count == 2 ? call->sql[1] : pg_strdup("0");
	bool		negative = digits != NULL && digits->kind == EXPRESSION_NEGATE &&
	digits->arguments[0]->kind == EXPRESSION_NUMBER;
	int			scale = digits == NULL ? 0 :
	digits->kind == EXPRESSION_NUMBER ? atoi(digits->text) : -1;
	char	   *rounded;

	call->type = type;
	if (type_class(&type) == CLASS_FLOAT)
		return template_sql(psprintf("CASE WHEN $1 IN ('NaN', 'Infinity', '-Infinity') THEN %s"
									 " ELSE pg_catalog.%s($1::text::numeric, $2)::%s END",
									 "(pg_catalog.concat('cannot be rounded: ', $1)::double precision)",
									 name, type.kind == TYPE_FLOAT ? "real" : "double precision"),
							call->sql[0], sql, NULL);
	rounded = psprintf("pg_catalog.%s(%s::numeric, %s)", name, call->sql[0], sql);
	if (type.kind != TYPE_DECIMAL)
		return type.kind == TYPE_BIGINT ? wrap_integer(rounded, TYPE_BIGINT) :
			wrap_integer(psprintf("%s::bigint", rounded), type.kind);
	if (scale >= type.scale)
		return call->sql[0];
	if (scale >= 0 || negative)
	{
		scale = Max(scale, 0);
		call->type = type_decimal(Min(38, type.precision - type.scale + scale +
									  1), scale);
		return psprintf("pg_catalog.round(%s, %d)", rounded, scale);
	}
	return psprintf("pg_catalog.round(%s, %d)", rounded, type.scale);
}

static char *
build_mod(FunctionCall *call)
{
	Rewritten	result = arithmetic(call->rewriter, call->expression, '%',
									call->arguments[0], call->arguments[1]);

	call->type = result.type;
	return result.sql;
}

static char *
build_log(FunctionCall *call)
{
	return call->count == 1 ? call_template(call, LOGARITHM("pg_catalog.ln($1)")) :
		call_template(call, "CASE WHEN $1 > 0 AND $2 > 0 AND $1 <> 1 THEN pg_catalog.ln($2) / pg_catalog.ln($1)"
					  " WHEN $1 > 0 AND $1 <> 1 AND $2 = 0 THEN CASE WHEN $1 > 1 THEN '-Infinity' ELSE 'Infinity' END::double precision"
					  " WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN 'NaN'::double precision END");
}

static char *
build_nullif(FunctionCall *call)
{
	call->type = call->arguments[0].type;
	return template_sql("CASE WHEN $2 THEN NULL ELSE $1 END", call->sql[0],
						compare(call->rewriter, call->expression, "=",
								call->arguments[0], call->arguments[1]), NULL);
}

static char *
build_if(FunctionCall *call)
{
	call->type = common_type(call->rewriter, call->expression,
							 call->arguments[1].type, call->arguments[2].type);
	return psprintf("CASE WHEN %s THEN %s ELSE %s END", call->sql[0],
					cast_checked(call->rewriter, &call->arguments[1],
								 &call->type, false),
					cast_checked(call->rewriter, &call->arguments[2],
								 &call->type, false));
}

/* NULL where any argument is; texts by their bytes. */
static char *
build_greatest(FunctionCall *call)
{
	PQExpBufferData list;
	char	   *sql;
	bool		text = type_class(&call->type) == CLASS_STRING;

	initPQExpBuffer(&list);
	for (int i = 0; i < call->count; i++)
		appendPQExpBuffer(&list, "%s$%d%s", i > 0 ? ", " : "", i + 1,
						  text ? " COLLATE \"C\"" : "");
	if (call->count > 9)
		call_fail(call, call->expression, NULL, "more than nine arguments");
	sql = call_template(call, psprintf("CASE WHEN pg_catalog.num_nulls($*) = 0 THEN %s(%s) END",
									   call->mapping->name, list.data));
	termPQExpBuffer(&list);
	return sql;
}

static char *
build_hash(FunctionCall *call)
{
	char	   *bytes = type_class(&call->arguments[0].type) == CLASS_BYTES ?
	call->sql[0] : psprintf(BYTES_OF("%s"), call->sql[0]);

	if (pg_strcasecmp(call->mapping->name, "MD5") == 0)
		return psprintf("pg_catalog.md5(%s)", bytes);
	return psprintf("pg_catalog.encode(pg_catalog.sha%s(%s), 'hex')",
					call->mapping->name + 3, bytes);
}

static char *
build_sha2(FunctionCall *call)
{
	const Expression *bits = call->expression->arguments[1];
	char	   *bytes = type_class(&call->arguments[0].type) == CLASS_BYTES ?
	call->sql[0] : psprintf(BYTES_OF("%s"), call->sql[0]);

	if (bits->kind != EXPRESSION_NUMBER ||
		(strcmp(bits->text, "224") != 0 && strcmp(bits->text, "256") != 0 &&
		 strcmp(bits->text, "384") != 0 && strcmp(bits->text, "512") != 0))
		call_fail(call, bits, "It is 224, 256, 384 or 512.",
				  "the length must be a constant");
	return psprintf("pg_catalog.encode(pg_catalog.sha%s(%s), 'hex')",
					bits->text, bytes);
}

static char *
build_typeof(FunctionCall *call)
{
	PQExpBufferData name;

	initPQExpBuffer(&name);
	type_append(&name, &call->arguments[0].type);
	return psprintf("%s::text", quoted(name.data));
}

static char *
build_hex(FunctionCall *call)
{
	DataType   *type = &call->arguments[0].type;

	if (type_class(type) == CLASS_INTEGER)
		return psprintf("pg_catalog.upper(pg_catalog.to_hex(%s::bigint))",
						call->sql[0]);
	if (type_class(type) != CLASS_STRING)
		fail_type(call->rewriter, call->arguments[0].expression,
				  "argument 1 of HEX", type);
	return psprintf("pg_catalog.upper(pg_catalog.encode(" BYTES_OF("%s") ", 'hex'))",
					call->sql[0]);
}

static char *
build_is(FunctionCall *call)
{
	bool		alpha = pg_strcasecmp(call->mapping->name, "IS_ALPHA") == 0;
	bool		digit = pg_strcasecmp(call->mapping->name, "IS_DIGIT") == 0;

	if (type_class(&call->arguments[0].type) != CLASS_STRING)
		return psprintf("(%s IS NOT NULL%s)", call->sql[0],
						alpha ? " AND FALSE" : "");
	return psprintf("COALESCE(%s ~ '%s', FALSE)", call->sql[0],
					alpha ? "^[[:alpha:]]+$" : digit ? "^[[:digit:]]+$" :
					"^\\s*[-+]?(NaN|Infinity|([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?[fFdD]?)\\s*$");
}

const FunctionMapping number_functions[] = {
	{"ABS", 1, 1, "m", RESULT_BUILT, NULL, build_abs},
	{"SIGN", 1, 1, "m", RESULT_BUILT, NULL, build_sign},
	{"CEIL", 1, 2, "aw", RESULT_BUILT, NULL, build_ceil_floor},
	{"CEILING", 1, 2, "aw", RESULT_BUILT, NULL, build_ceil_floor},
	{"FLOOR", 1, 2, "aw", RESULT_BUILT, NULL, build_ceil_floor},
	{"ROUND", 1, 2, "mi", RESULT_BUILT, NULL, build_round},
	{"TRUNCATE", 1, 2, "mi", RESULT_BUILT, NULL, build_round},
	{"MOD", 2, 2, "m", RESULT_BUILT, NULL, build_mod},
	{"POWER", 2, 2, "d", RESULT_DOUBLE,
	"CASE WHEN $1 = 0 AND $2 < 0 THEN 'Infinity' WHEN $1 < 0 AND $2 <> pg_catalog.trunc($2) THEN 'NaN' ELSE pg_catalog.power($1, $2) END", NULL},
	{"SQRT", 1, 1, "d", RESULT_DOUBLE, "CASE WHEN $1 = '-Infinity' THEN 'Infinity' WHEN $1 < 0 THEN 'NaN' ELSE pg_catalog.sqrt($1) END", NULL},
	{"LN", 1, 1, "d", RESULT_DOUBLE, LOGARITHM("pg_catalog.ln($1)"), NULL},
	{"LOG", 1, 2, "d", RESULT_DOUBLE, NULL, build_log},
	{"LOG10", 1, 1, "d", RESULT_DOUBLE, LOGARITHM("pg_catalog.log($1)"), NULL},
	{"LOG2", 1, 1, "d", RESULT_DOUBLE, LOGARITHM("(pg_catalog.ln($1) / pg_catalog.ln(2::double precision))"), NULL},
	{"EXP", 1, 1, "d", RESULT_DOUBLE,
	"CASE WHEN $1 = 'NaN' THEN $1 WHEN $1 > 709.782712893384 THEN 'Infinity' WHEN $1 < -745.1332191019411 THEN 0 ELSE pg_catalog.exp($1) END", NULL},
	{"SIN", 1, 1, "d", RESULT_DOUBLE, NAN_OF_INFINITY("sin"), NULL},
	{"COS", 1, 1, "d", RESULT_DOUBLE, NAN_OF_INFINITY("cos"), NULL},
	{"TAN", 1, 1, "d", RESULT_DOUBLE, NAN_OF_INFINITY("tan"), NULL},
	{"COT", 1, 1, "d", RESULT_DOUBLE, "CASE WHEN $1 = 0 THEN CASE $1::text WHEN '-0' THEN '-Infinity' ELSE 'Infinity' END::double precision WHEN pg_catalog.abs($1) = 'Infinity' THEN 'NaN' ELSE pg_catalog.cot($1) END", NULL},
	{"ASIN", 1, 1, "d", RESULT_DOUBLE, "CASE WHEN pg_catalog.abs($1) > 1 THEN 'NaN' ELSE pg_catalog.asin($1) END", NULL},
	{"ACOS", 1, 1, "d", RESULT_DOUBLE, "CASE WHEN pg_catalog.abs($1) > 1 THEN 'NaN' ELSE pg_catalog.acos($1) END", NULL},
	{"ATAN", 1, 1, "d", RESULT_DOUBLE, "pg_catalog.atan($1)", NULL},
	{"ATAN2", 2, 2, "d", RESULT_DOUBLE, "pg_catalog.atan2($1, $2)", NULL},
	{"SINH", 1, 1, "d", RESULT_DOUBLE, "pg_catalog.sinh($1)", NULL},
	{"COSH", 1, 1, "d", RESULT_DOUBLE, "pg_catalog.cosh($1)", NULL},
	{"TANH", 1, 1, "d", RESULT_DOUBLE, "pg_catalog.tanh($1)", NULL},
	{"DEGREES", 1, 1, "d", RESULT_DOUBLE, "pg_catalog.degrees($1)", NULL},
	{"RADIANS", 1, 1, "d", RESULT_DOUBLE, "pg_catalog.radians($1)", NULL},
	{"PI", 0, 0, "", RESULT_DOUBLE, "pg_catalog.pi()", NULL},
	{"E", 0, 0, "", RESULT_DOUBLE, "2.718281828459045::double precision", NULL},
	{"RAND", 0, 0, "", RESULT_DOUBLE, "pg_catalog.random()", NULL},
	{"RAND_INTEGER", 1, 1, "i", RESULT_INT, "pg_catalog.trunc(pg_catalog.random() * $1)::integer", NULL},
	{"UUID", 0, 0, "", RESULT_STRING, "pg_catalog.gen_random_uuid()::text", NULL},
	{"BIN", 1, 1, "i", RESULT_STRING,
	"pg_catalog.regexp_replace($1::bigint::bit(64)::text, '^0+(.)', '\\1')", NULL},
	{"HEX", 1, 1, "a", RESULT_STRING, NULL, build_hex},
	{"UNHEX", 1, 1, "s", RESULT_BYTES,
	"CASE WHEN $1 ~ '^[0-9a-fA-F]*$' THEN pg_catalog.decode(CASE WHEN pg_catalog.char_length($1) % 2 = 1 THEN '0' ELSE '' END || $1, 'hex') END", NULL},
	{"COALESCE", 1, 100, "a", RESULT_COMMON, "COALESCE($*)", NULL},
	{"IFNULL", 2, 2, "a", RESULT_COMMON, "COALESCE($*)", NULL},
	{"NULLIF", 2, 2, "a", RESULT_BUILT, NULL, build_nullif},
	{"IF", 3, 3, "baa", RESULT_BUILT, NULL, build_if},
	{"GREATEST", 1, 100, "a", RESULT_COMMON, NULL, build_greatest},
	{"LEAST", 1, 100, "a", RESULT_COMMON, NULL, build_greatest},
	{"IS_ALPHA", 1, 1, "a", RESULT_BOOLEAN, NULL, build_is},
	{"IS_DIGIT", 1, 1, "a", RESULT_BOOLEAN, NULL, build_is},
	{"IS_DECIMAL", 1, 1, "a", RESULT_BOOLEAN, NULL, build_is},
	{"TYPEOF", 1, 1, "a", RESULT_STRING, NULL, build_typeof},
	{"MD5", 1, 1, "x", RESULT_STRING, NULL, build_hash},
	{"SHA224", 1, 1, "x", RESULT_STRING, NULL, build_hash},
	{"SHA256", 1, 1, "x", RESULT_STRING, NULL, build_hash},
	{"SHA384", 1, 1, "x", RESULT_STRING, NULL, build_hash},
	{"SHA512", 1, 1, "x", RESULT_STRING, NULL, build_hash},
	{"SHA2", 2, 2, "xi", RESULT_STRING, NULL, build_sha2},
	{0}
};
