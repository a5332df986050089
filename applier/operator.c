/*-------------------------------------------------------------------------
 *
 * operator.c
 *	  Arithmetic and comparisons with Flink's meaning.
 *
 * NOTES
 *	  Integers wrap.  Decimals have the precision and scale of the standard's
 *	  rules, cut at 38 digits, and become NULL where a value has more.  Floats
 *	  divide by zero; one that overflows is an error of the event.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "expression.h"

#define DECIMAL_DIGITS 38
#define DECIMAL_LEAST_SCALE 6	/* kept where a result has too many digits */

static DataType
decimal_adjusted(int precision, int scale)
{
	int			whole = precision - scale;

	if (precision <= DECIMAL_DIGITS)
		return type_decimal(precision, scale);
	return type_decimal(DECIMAL_DIGITS,
						Max(DECIMAL_DIGITS - whole,
							Min(scale, DECIMAL_LEAST_SCALE)));
}

static DataType
decimal_result(char operator, const DataType *l, const DataType *r)
{
	int			whole = Max(l->precision - l->scale, r->precision - r->scale);
	int			scale = Max(l->scale, r->scale);

	switch (operator)
	{
		case '*':
			return decimal_adjusted(l->precision + r->precision + 1,
									l->scale + r->scale);
		case '/':
			scale = Max(6, l->scale + r->precision + 1);
			return decimal_adjusted(l->precision - l->scale + r->scale + scale,
									scale);
		case '%':
			return decimal_adjusted(Min(l->precision - l->scale,
										r->precision - r->scale) + scale, scale);
		default:
			return decimal_adjusted(whole + scale + 1, scale);
	}
}

char *
wrap_integer(const char *sql, TypeKind kind)
{
	switch (kind)
	{
		case TYPE_TINYINT:
			return psprintf("((((%s) & 255) # 128) - 128)::smallint", sql);
		case TYPE_SMALLINT:
			return psprintf("((((%s) & 65535) # 32768) - 32768)::smallint", sql);
		case TYPE_INT:
			return psprintf("((((%s) & 4294967295) # 2147483648) - 2147483648)::integer", sql);
		default:
			/* a numeric; 2^127 makes it positive */
			return psprintf("(pg_catalog.mod((%s) + 170141183460469231740910675752738881536, 18446744073709551616) - 9223372036854775808)::bigint", sql);
	}
}

/* The type that is wide enough for the result before it wraps. */
static const char *
wider(TypeKind kind)
{
	return kind == TYPE_BIGINT ? "numeric" : kind == TYPE_INT ? "bigint" :
		"integer";
}

static char *
float_sql(char operator, const char *type, const char *left, const char *right)
{
	if (operator != '/')
		return psprintf("((%s)::%s %c (%s)::%s)", left, type, operator, right,
						type);
	/* x / 0 is an infinity with the signs of both, 0 / 0 is NaN */
	return template_sql(psprintf("CASE WHEN ($2)::%s <> 0 THEN ($1)::%s / ($2)::%s"
								 " WHEN ($1)::%s = 0 OR ($1)::%s = 'NaN' THEN 'NaN'::%s"
								 " WHEN (($1)::%s > 0) = (($2)::%s::text = '0') THEN 'Infinity'::%s"
								 " WHEN ($1) IS NOT NULL AND ($2) IS NOT NULL THEN '-Infinity'::%s END",
								 type, type, type, type, type, type, type, type,
								 type, type), left, right, NULL);
}

static char *
decimal_sql(char operator, const Rewritten *left, const Rewritten *right,
			const DataType *l, const DataType *r, const DataType *result)
{
	DataType	exact;
	char	   *sql;

	switch (operator)
	{
		case '/':
			/* digits enough that rounding twice makes no difference */
			sql = psprintf("(pg_catalog.round((%s)::numeric, 60) / (%s)::numeric)",
						   left->sql, right->sql);
			exact = type_decimal(99, 60);
			break;
		case '*':
			sql = psprintf("((%s)::numeric * (%s)::numeric)", left->sql,
						   right->sql);
			exact = type_decimal(l->precision + r->precision,
								 l->scale + r->scale);
			break;
		case '%':
			sql = psprintf("pg_catalog.mod((%s)::numeric, (%s)::numeric)",
						   left->sql, right->sql);
			exact = *result;
			break;
		default:
			sql = psprintf("((%s)::numeric %c (%s)::numeric)", left->sql,
						   operator, right->sql);
			exact = type_decimal(Max(l->precision - l->scale,
									 r->precision - r->scale) +
								 Max(l->scale, r->scale) + 1,
								 Max(l->scale, r->scale));
			break;
	}
	if (exact.scale != result->scale)
		sql = psprintf("pg_catalog.round(%s, %d)", sql, result->scale);
	if (operator != '/' && exact.precision <= DECIMAL_DIGITS)
		return sql;
	return template_sql(psprintf("CASE WHEN pg_catalog.abs($1) < 1e%d THEN $1 END",
								 result->precision - result->scale), sql, NULL);
}

static bool
is_zone_class(TypeClass class)
{
	return class == CLASS_DATE || class == CLASS_TIME ||
		class == CLASS_TIMESTAMP || class == CLASS_TIMESTAMP_LTZ;
}

/* Date or time + or - interval. */
static bool
temporal_arithmetic(char operator, Rewritten *left, Rewritten *right,
					Rewritten *result)
{
	TypeClass	l = type_class(&left->type);
	TypeClass	r = type_class(&right->type);
	bool		r_interval = r == CLASS_INTERVAL_MONTH ||
	r == CLASS_INTERVAL_SECOND;
	bool		l_interval = l == CLASS_INTERVAL_MONTH ||
	l == CLASS_INTERVAL_SECOND;

	if (operator == '+' && l_interval && is_zone_class(r))
	{
		Rewritten	swap = *left;

		*left = *right;
		*right = swap;
		return temporal_arithmetic(operator, left, right, result);
	}
	if (operator == '*' && ((l_interval && is_number(&right->type)) ||
							(r_interval && is_number(&left->type))))
	{
		result->type = l_interval ? left->type : right->type;
		result->sql = psprintf("(%s * %s)", left->sql, right->sql);
		return true;
	}
	if ((operator == '+' || operator == '-') && l_interval && l == r)
	{
		result->type = left->type;
		result->sql = psprintf("(%s %c %s)", left->sql, operator, right->sql);
		return true;
	}
	if ((operator != '+' && operator != '-') || !is_zone_class(l) || !r_interval)
		return false;
	result->type = left->type;
	if (l == CLASS_DATE)
		result->sql = psprintf("(%s %c %s)::date", left->sql, operator,
							   right->sql);
	else if (l == CLASS_TIMESTAMP_LTZ)
		/* a day has 24 hours, and months are those of UTC */
		result->sql = psprintf("((%s AT TIME ZONE 'UTC' %c %s) AT TIME ZONE 'UTC')",
							   left->sql, operator, right->sql);
	else
		result->sql = psprintf("(%s %c %s)", left->sql, operator, right->sql);
	return true;
}

Rewritten
arithmetic(Rewriter *rewriter, const Expression *place, char operator,
		   Rewritten left, Rewritten right)
{
	Rewritten	result = {NULL, left.type, place};

	if (left.type.kind == TYPE_ANY || right.type.kind == TYPE_ANY)
	{
		result.type = left.type.kind == TYPE_ANY ? right.type : left.type;
		result.sql = psprintf("(%s %c %s)", left.sql, operator, right.sql);
		return result;
	}
	if (temporal_arithmetic(operator, &left, &right, &result))
		return result;
	if (!is_number(&left.type))
		fail_type(rewriter, left.expression, psprintf("operand of %c", operator),
				  &left.type);
	if (!is_number(&right.type))
		fail_type(rewriter, right.expression, psprintf("operand of %c", operator),
				  &right.type);

	if (type_class(&left.type) == CLASS_FLOAT ||
		type_class(&right.type) == CLASS_FLOAT)
	{
		const char *type;

		if (operator == '%')
			script_fail(&rewriter->pipeline->script, place->place,
						"Cast the operands to DECIMAL.",
						"%% of FLOAT and DOUBLE is not defined, nor is it in Flink");
		/* FLOAT with DOUBLE is FLOAT, whichever comes first */
		result.type = type_simple(left.type.kind == TYPE_FLOAT ||
								  right.type.kind == TYPE_FLOAT ?
								  (type_class(&left.type) == CLASS_DECIMAL ||
								   type_class(&right.type) == CLASS_DECIMAL ?
								   TYPE_DOUBLE : TYPE_FLOAT) : TYPE_DOUBLE);
		type = result.type.kind == TYPE_FLOAT ? "real" : "double precision";
		result.sql = float_sql(operator, type, left.sql, right.sql);
	}
	else if (left.type.kind == TYPE_DECIMAL || right.type.kind == TYPE_DECIMAL)
	{
		DataType	l = type_as_decimal(&left.type);
		DataType	r = type_as_decimal(&right.type);

		result.type = decimal_result(operator, &l, &r);
		result.sql = decimal_sql(operator, &left, &right, &l, &r, &result.type);
	}
	else
	{
		TypeKind	kind = Max(left.type.kind, right.type.kind);

		if (operator == '%')
		{
			/* of the divisor's type */
			kind = right.type.kind;
			result.sql = psprintf("pg_catalog.mod(%s::bigint, %s::bigint)::%s",
								  left.sql, right.sql, kind == TYPE_BIGINT ? "bigint" :
								  kind == TYPE_INT ? "integer" : "smallint");
		}
		else if (operator == '/' && kind == TYPE_BIGINT)
			result.sql = wrap_integer(psprintf("pg_catalog.div(%s::numeric, %s::numeric)",
											   left.sql, right.sql), kind);
		else
			result.sql = wrap_integer(psprintf("%s::%s %c %s", left.sql,
											   wider(kind), operator,
											   right.sql), kind);
		result.type = type_simple(kind);
	}
	return result;
}

/* ---------------------------------------------------------- comparisons */

static bool
is_constant(const Expression *expression)
{
	return expression->kind == EXPRESSION_NUMBER ||
		(expression->kind == EXPRESSION_NEGATE &&
		 is_constant(expression->arguments[0]));
}

/* A text beside a number or a time is cast to that. */
static void
match_text(Rewriter *rewriter, Rewritten *value, const Rewritten *other)
{
	TypeClass	class = type_class(&other->type);

	if (type_class(&value->type) == CLASS_STRING &&
		(is_number(&other->type) || is_zone_class(class)))
	{
		value->sql = cast_checked(rewriter, value, &other->type, false);
		value->type = other->type;
	}
}

char *
compare(Rewriter *rewriter, const Expression *place, const char *operator,
		Rewritten left, Rewritten right)
{
	DataType	common;
	const char *collation = "";
	const char *template;
	bool		ordered;

	match_text(rewriter, &left, &right);
	match_text(rewriter, &right, &left);
	if (type_class(&left.type) == CLASS_TIMESTAMP &&
		type_class(&right.type) == CLASS_TIMESTAMP_LTZ)
		left.sql = cast_checked(rewriter, &left, &right.type, false),
			left.type = right.type;
	else if (type_class(&right.type) == CLASS_TIMESTAMP &&
			 type_class(&left.type) == CLASS_TIMESTAMP_LTZ)
		right.sql = cast_checked(rewriter, &right, &left.type, false),
			right.type = left.type;
	if (type_class(&left.type) != type_class(&right.type) &&
		(type_class(&left.type) == CLASS_DATE ||
		 type_class(&right.type) == CLASS_DATE) &&
		is_zone_class(type_class(&left.type)) &&
		is_zone_class(type_class(&right.type)))
		fail_type(rewriter, place, "operand of a comparison", &left.type);
	common = common_type(rewriter, place, left.type, right.type);
	/* as in arithmetic */
	if ((left.type.kind == TYPE_FLOAT && right.type.kind == TYPE_DOUBLE) ||
		(left.type.kind == TYPE_DOUBLE && right.type.kind == TYPE_FLOAT))
		common = type_simple(TYPE_FLOAT);

	/* texts are compared byte by byte, as Java does, not by a collation */
	if (type_class(&common) == CLASS_STRING)
		collation = " COLLATE \"C\"";
	/* beside a decimal, and beside itself, NaN is the largest number */
	ordered = type_class(&common) != CLASS_FLOAT || *operator == 'I' ||
		(is_constant(left.expression) && is_constant(right.expression)) ||
		left.type.kind == TYPE_DECIMAL || right.type.kind == TYPE_DECIMAL ||
		strcmp(left.sql, right.sql) == 0;
	if (type_class(&common) == CLASS_FLOAT)
	{
		left.sql = cast_checked(rewriter, &left, &common, false);
		right.sql = cast_checked(rewriter, &right, &common, false);
	}
	if (ordered)
		return psprintf("(%s %s %s%s)", left.sql, operator, right.sql,
						collation);

	/* nothing is equal to, less or greater than NaN */
	if (is_constant(right.expression))
		template = "CASE WHEN $1 <> 'NaN' THEN $1 %s $2 WHEN $1 IS NOT NULL THEN %s END";
	else
		template = "CASE WHEN $1 <> 'NaN' AND $2 <> 'NaN' THEN $1 %s $2"
			" WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN %s END";
	return template_sql(psprintf(template, operator,
								 strcmp(operator, "<>") == 0 ? "TRUE" : "FALSE"),
						left.sql, right.sql, NULL);
}

Rewritten
rewrite_operator(Rewriter *rewriter, Expression *expression)
{
	const char *operator = expression->text;
	Rewritten	left = rewrite(rewriter, expression->arguments[0]);
	Rewritten	right = rewrite(rewriter, expression->arguments[1]);
	Rewritten	result = {NULL, type_simple(TYPE_BOOLEAN), expression};

	if (strchr("=<>", *operator) != NULL)
		result.sql = compare(rewriter, expression, operator, left, right);
	else if (strcmp(operator, "||") == 0)
	{
		result.type = type_simple(TYPE_VARCHAR);
		if (type_class(&left.type) == CLASS_BYTES &&
			type_class(&right.type) == CLASS_BYTES)
			result.type = type_simple(TYPE_VARBINARY);
		else if (type_class(&left.type) != CLASS_STRING &&
				 left.type.kind != TYPE_ANY)
			fail_type(rewriter, left.expression, "operand of ||", &left.type);
		else if (type_class(&right.type) != CLASS_STRING &&
				 right.type.kind != TYPE_ANY)
			fail_type(rewriter, right.expression, "operand of ||", &right.type);
		result.sql = psprintf("(%s || %s)", left.sql, right.sql);
	}
	else
		return arithmetic(rewriter, expression, *operator, left, right);
	return result;
}

Rewritten
rewrite_negate(Rewriter *rewriter, Expression *expression)
{
	Rewritten	value = rewrite(rewriter, expression->arguments[0]);
	TypeClass	class = type_class(&value.type);

	if (!is_number(&value.type) && value.type.kind != TYPE_ANY &&
		class != CLASS_INTERVAL_MONTH && class != CLASS_INTERVAL_SECOND)
		fail_type(rewriter, expression, "operand of -", &value.type);
	if (class == CLASS_INTEGER && expression->arguments[0]->kind != EXPRESSION_NUMBER)
		value.sql = wrap_integer(psprintf("- (%s::%s)", value.sql,
										  wider(value.type.kind)),
								 value.type.kind);
	else
		value.sql = psprintf("(- %s)", value.sql);
	/* -9223372036854775808 is a BIGINT, though without its sign it is none */
	if (expression->arguments[0]->kind == EXPRESSION_NUMBER &&
		strcmp(expression->arguments[0]->text, "9223372036854775808") == 0)
		value.type = type_simple(TYPE_BIGINT);
	if (expression->arguments[0]->kind == EXPRESSION_NUMBER &&
		strcmp(expression->arguments[0]->text, "2147483648") == 0)
		value.type = type_simple(TYPE_INT), value.sql = pg_strdup("(- 2147483648)::integer");
	value.expression = expression;
	return value;
}
