/*-------------------------------------------------------------------------
 *
 * expression.h
 *	  What the files that put expressions into PostgreSQL's words share.
 *
 * NOTES
 *	  expression.c goes through the tree; operator.c has arithmetic and
 *	  comparisons, cast.c the casts, functions.c and its sisters the
 *	  functions.  The SQL of an expression refers to columns as s."name" and
 *	  to nothing else, so it may stand anywhere inside another.
 *
 *	  A *template* is SQL with $1, $2, ... for arguments, which are never put
 *	  into the template itself: a text of the script may have a $1 in it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef EXPRESSION_H
#define EXPRESSION_H

#include "pipeline.h"

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

/* An expression in PostgreSQL's words. */
typedef struct Rewritten
{
	char	   *sql;
	DataType	type;
	const Expression *expression;
} Rewritten;

/* Where an expression stands, for what puts it into words. */
typedef struct Rewriter
{
	Pipeline   *pipeline;
	Flow	   *flow;
} Rewriter;

/* in expression.c */

extern TypeClass type_class(const DataType *type);
extern bool is_number(const DataType *type);

/* A type without a length or precision; a DECIMAL; a kind with a precision. */
extern DataType type_simple(TypeKind kind);
extern DataType type_decimal(int precision, int scale);
extern DataType type_precise(TypeKind kind, int precision);

/* DECIMAL(10, 0) for INT and so on. */
extern DataType type_as_decimal(const DataType *type);

/* ARRAY of the element, which is copied. */
extern DataType type_array(const DataType *element);

/* The type that COALESCE, CASE and the like have for these two. */
extern DataType common_type(Rewriter *rewriter, const Expression *expression,
							DataType a, DataType b);

/* Fails: "what" cannot be of this type. */
extern void fail_type(Rewriter *rewriter, const Expression *expression,
					  const char *what, const DataType *type)
			pg_attribute_noreturn();

/* The expression in words; a value that is a whole ROW is refused. */
extern Rewritten rewrite(Rewriter *rewriter, Expression *expression);

/*
 * Appends the template.  An argument that is long and stands in it more than
 * once is evaluated once, as a column of a subquery.
 */
extern void append_template(PQExpBuffer sql, const char *template,
							char *const *arguments, int count);

/* The template with these arguments (the list ends with NULL), allocated. */
extern char *template_sql(const char *template,...);

/* 'text' or "name" with the quotes inside doubled */
extern void append_quoted(PQExpBuffer sql, const char *text, char quote);

/* The text in quotes, allocated. */
extern char *quoted(const char *text);

/* in operator.c */

extern Rewritten rewrite_operator(Rewriter *rewriter, Expression *expression);
extern Rewritten rewrite_negate(Rewriter *rewriter, Expression *expression);

/* SQL of a comparison of the two: = <> < <= > >=, or IS DISTINCT FROM. */
extern char *compare(Rewriter *rewriter, const Expression *place,
					 const char *operator, Rewritten left, Rewritten right);

/* The arithmetic + - * / %. */
extern Rewritten arithmetic(Rewriter *rewriter, const Expression *place,
							char operator, Rewritten left, Rewritten right);

/* The value, as wide as wanted, becomes an integer of the type: wraps. */
extern char *wrap_integer(const char *sql, TypeKind kind);

/* in cast.c */

/*
 * SQL of CAST(value AS to), or with "try" of TRY_CAST; NULL where there is no
 * such cast.
 */
extern char *cast_sql(Rewriter *rewriter, const Rewritten *value,
					  const DataType *to, bool try);

/* Same; fails at the value's place where there is none. */
extern char *cast_checked(Rewriter *rewriter, const Rewritten *value,
						  const DataType *to, bool try);

/* Is the cast done without being asked for, as by INSERT? */
extern bool cast_is_implicit(const DataType *from, const DataType *to);

/* The zone of SET 'table.local-time-zone' as a quoted text. */
extern char *zone_sql(Rewriter *rewriter);

/* in json_functions.c */

/* Is the text JSON?  NULL for NULL. */
extern char *json_is_valid(const char *sql);

/* in functions.c */

typedef enum ResultType
{
	RESULT_STRING,
	RESULT_INT,
	RESULT_BIGINT,
	RESULT_DOUBLE,
	RESULT_BOOLEAN,
	RESULT_BYTES,
	RESULT_DATE,
	RESULT_COMMON,				/* of all arguments, which are cast to it */
	RESULT_BUILT				/* set by "build" */
} ResultType;

typedef struct FunctionMapping FunctionMapping;

/* What "build" gets and sets. */
typedef struct FunctionCall
{
	Rewriter   *rewriter;
	Expression *expression;
	const FunctionMapping *mapping;
	Rewritten  *arguments;
	char	  **sql;			/* of the arguments */
	int			count;
	DataType	type;			/* of the result */
} FunctionCall;

/*
 * A function and what it becomes.  Argument classes, one letter each: s text,
 * i integer, n exact number, d number (as DOUBLE), m number, b boolean,
 * y bytes, x text or bytes, t date or time, w word, k array, p map, a
 * anything; the last one goes for all that follow.
 */
struct FunctionMapping
{
	const char *name;
	int			least;			/* arguments */
	int			most;
	const char *classes;
	ResultType	result;
	const char *sql;			/* template; NULL: */
	char	   *(*build) (FunctionCall *call);
};

extern Rewritten rewrite_call(Rewriter *rewriter, Expression *call);

/* The call with another argument list, put into words as "mapping" says. */
extern char *call_template(FunctionCall *call, const char *template);

/* Fails at the call, or at one of its arguments. */
extern void call_fail(FunctionCall *call, const Expression *place,
					  const char *hint, const char *format,...)
			pg_attribute_noreturn() __attribute__((format(printf, 4, 5)));

/* The text of an argument that must be a literal; "what" is for the message. */
extern const char *call_literal(FunctionCall *call, int argument,
								const char *what);

/* in time_functions.c: FLOOR(x TO unit) and CEIL(x TO unit) */
extern char *build_round_time(FunctionCall *call);

/* The functions of each file; the list ends with a name NULL. */
extern const FunctionMapping number_functions[];
extern const FunctionMapping string_functions[];
extern const FunctionMapping pattern_functions[];
extern const FunctionMapping time_functions[];
extern const FunctionMapping collection_functions[];
extern const FunctionMapping json_functions[];

#endif							/* EXPRESSION_H */
