/*-------------------------------------------------------------------------
 *
 * type.c
 *	  Types: their grammar, and their names here and in PostgreSQL.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <limits.h>

#include "parser.h"
#include "pipeline.h"

int
parse_number(Parser *parser, const char *what, int least, int most)
{
	Lexeme	   *number = parser->next;
	long		value;
	char	   *end;

	if (number->kind != LEXEME_NUMBER)
		fail_unexpected(parser, what);
	errno = 0;
	value = strtol(number->text, &end, 10);
	if (*end != '\0' || errno != 0 || value < least || value > most)
		script_fail(parser->script, number->place, NULL,
					"%s must be between %d and %d, not %s", what, least, most,
					number->text);
	parser->next++;
	return (int) value;
}

static int
parse_length(Parser *parser, int default_length)
{
	int			length = default_length;

	if (accept(parser, "("))
	{
		length = parse_number(parser, "length", 1, INT_MAX);
		expect(parser, ")");
	}
	return length;
}

static int
parse_precision(Parser *parser, int default_precision)
{
	int			precision = default_precision;

	if (accept(parser, "("))
	{
		precision = parse_number(parser, "precision", 0, 9);
		expect(parser, ")");
	}
	return precision;
}

/* A type inside another one, with what may follow it: NULL or NOT NULL. */
static DataType
parse_nested_type(Parser *parser)
{
	DataType	type;

	if (++parser->depth > EXPRESSION_DEPTH_MAX)
		script_fail(parser->script, parser->next->place, NULL,
					"types are nested too deeply");
	type = parse_type(parser);
	parser->depth--;
	if (accept(parser, "NOT"))
		expect(parser, "NULL");
	else
		(void) accept(parser, "NULL");
	return type;
}

static DataType *
type_copy(DataType type)
{
	DataType   *copy = pg_malloc(sizeof(DataType));

	*copy = type;
	return copy;
}

/* ROW<name type 'comment', ...>, or with parentheses, behind ROW. */
static void
parse_row_type(Parser *parser, DataType *type)
{
	const char *close = accept(parser, "(") ? ")" : ">";

	if (*close == '>')
		expect(parser, "<");
	type->kind = TYPE_ROW;
	do
	{
		ScriptColumn *field;

		type->fields = pg_realloc(type->fields, (type->field_count + 1) *
								  sizeof(ScriptColumn));
		field = &type->fields[type->field_count];
		memset(field, 0, sizeof(ScriptColumn));
		field->place = parser->next->place;
		field->name = expect_name(parser, "name of a field");
		for (int i = 0; i < type->field_count; i++)
			if (strcmp(type->fields[i].name, field->name) == 0)
				script_fail(parser->script, field->place, NULL,
							"field \"%s\" is there twice", field->name);
		field->type = parse_nested_type(parser);
		type->field_count++;
		/* a field's comment is a string right behind the type */
		if (parser->next->kind == LEXEME_STRING)
			parser->next++;
	} while (accept(parser, ","));
	expect(parser, close);
}

/* Behind WITHOUT or WITH LOCAL. */
static void
expect_time_zone(Parser *parser)
{
	expect(parser, "TIME");
	expect(parser, "ZONE");
}

/* INTERVAL YEAR(2) TO MONTH and the like, behind INTERVAL. */
static void
parse_interval_type(Parser *parser, DataType *type)
{
	static const char *const units[] = {
		"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"
	};
	size_t		first = 0;
	size_t		last = 0;
	Place		place = parser->next->place;

	while (first < lengthof(units) && !next_is(parser, units[first]))
		first++;
	if (first == lengthof(units))
		fail_unexpected(parser, "YEAR, MONTH, DAY, HOUR, MINUTE or SECOND");
	parser->next++;
	(void) parse_precision(parser, 0);
	type->kind = first < 2 ? TYPE_INTERVAL_MONTH : TYPE_INTERVAL_SECOND;
	if (!accept(parser, "TO"))
		return;
	while (last < lengthof(units) && !next_is(parser, units[last]))
		last++;
	if (last == lengthof(units) || last <= first || (last < 2) != (first < 2))
		script_fail(parser->script, place, NULL,
					"INTERVAL %s TO %s is not a type", units[first],
					parser->next->text);
	parser->next++;
	(void) parse_precision(parser, 0);
}

/* <type>, behind ARRAY or MULTISET. */
static DataType *
parse_element_type(Parser *parser)
{
	DataType	element;

	expect(parser, "<");
	element = parse_nested_type(parser);
	expect(parser, ">");
	return type_copy(element);
}

static void
parse_map_type(Parser *parser, DataType *type)
{
	Place		place;

	expect(parser, "<");
	place = parser->next->place;
	type->kind = TYPE_MAP;
	type->key = type_copy(parse_nested_type(parser));
	if (type->key->kind != TYPE_VARCHAR && type->key->kind != TYPE_CHAR)
		script_fail(parser->script, place,
					"Members of a JSON object are named by texts.",
					"the key of a MAP must be STRING, VARCHAR(n) or CHAR(n)");
	expect(parser, ",");
	type->element = type_copy(parse_nested_type(parser));
	expect(parser, ">");
}

static void
parse_timestamp_type(Parser *parser, DataType *type, Place place)
{
	type->kind = TYPE_TIMESTAMP;
	type->precision = parse_precision(parser, 6);
	if (accept(parser, "WITHOUT"))
		expect_time_zone(parser);
	else if (accept(parser, "WITH"))
	{
		if (!accept(parser, "LOCAL"))
			script_fail(parser->script, place, "Write TIMESTAMP_LTZ.",
						"TIMESTAMP WITH TIME ZONE is not supported, nor is it by Flink");
		expect_time_zone(parser);
		type->kind = TYPE_TIMESTAMP_LTZ;
	}
}

static void
parse_decimal_type(Parser *parser, DataType *type)
{
	type->kind = TYPE_DECIMAL;
	type->precision = 10;
	if (!accept(parser, "("))
		return;
	type->precision = parse_number(parser, "precision", 1, 38);
	if (accept(parser, ","))
		type->scale = parse_number(parser, "scale", 0, type->precision);
	expect(parser, ")");
}

DataType
parse_type(Parser *parser)
{
	/* how the words behind the name go on */
	enum
	{
		PLAIN,
		LENGTH,					/* (n), and 1 without it as in the standard */
		PRECISION				/* (p), with the default */
	};
	static const struct
	{
		const char *name;
		TypeKind	kind;
		int			form;
		int			precision;
	}			simple[] = {
		{"BOOLEAN", TYPE_BOOLEAN, PLAIN, -1},
		{"TINYINT", TYPE_TINYINT, PLAIN, -1},
		{"SMALLINT", TYPE_SMALLINT, PLAIN, -1},
		{"INT", TYPE_INT, PLAIN, -1},
		{"INTEGER", TYPE_INT, PLAIN, -1},
		{"BIGINT", TYPE_BIGINT, PLAIN, -1},
		{"FLOAT", TYPE_FLOAT, PLAIN, -1},
		{"DOUBLE", TYPE_DOUBLE, PLAIN, -1},
		{"DATE", TYPE_DATE, PLAIN, -1},
		{"STRING", TYPE_VARCHAR, PLAIN, -1},
		{"BYTES", TYPE_VARBINARY, PLAIN, -1},
		{"VARCHAR", TYPE_VARCHAR, LENGTH, 1},
		{"CHAR", TYPE_CHAR, LENGTH, 1},
		{"VARBINARY", TYPE_VARBINARY, LENGTH, 1},
		{"BINARY", TYPE_BINARY, LENGTH, 1},
		{"TIME", TYPE_TIME, PRECISION, 0},
		{"TIMESTAMP_LTZ", TYPE_TIMESTAMP_LTZ, PRECISION, 6},
	};
	static const struct
	{
		const char *name;
		const char *hint;
	}			refused[] = {
		{"MULTISET", "Declare MAP<type, INT>, which its JSON is."},
		{"VARIANT", "Read it as STRING: the JSON text of the value."},
		{"RAW", "Read it as STRING or BYTES."},
		{"STRUCTURED", "Declare ROW<...>."},
	};
	DataType	type = {TYPE_ANY, -1, 0, NULL, 0, NULL, NULL};
	Lexeme	   *word = parser->next;

	if (word->kind != LEXEME_WORD)
		fail_unexpected(parser, "a type");
	for (size_t i = 0; i < lengthof(refused); i++)
		if (pg_strcasecmp(word->text, refused[i].name) == 0)
			script_fail(parser->script, word->place, refused[i].hint,
						"type %s is not supported", refused[i].name);
	parser->next++;

	for (size_t i = 0; i < lengthof(simple); i++)
		if (pg_strcasecmp(word->text, simple[i].name) == 0)
		{
			type.kind = simple[i].kind;
			type.precision = simple[i].precision;
			if (simple[i].form == LENGTH)
				type.precision = parse_length(parser, type.precision);
			else if (simple[i].form == PRECISION)
				type.precision = parse_precision(parser, type.precision);
			/* STRING is VARCHAR(2147483647) */
			if (type.precision == INT_MAX)
				type.precision = -1;
		}
	if (type.kind == TYPE_DOUBLE)
		(void) accept(parser, "PRECISION");
	else if (type.kind == TYPE_TIME && accept(parser, "WITHOUT"))
		expect_time_zone(parser);
	else if (type.kind != TYPE_ANY)
		 /* complete */ ;
	else if (pg_strcasecmp(word->text, "DECIMAL") == 0 ||
			 pg_strcasecmp(word->text, "DEC") == 0 ||
			 pg_strcasecmp(word->text, "NUMERIC") == 0)
		parse_decimal_type(parser, &type);
	else if (pg_strcasecmp(word->text, "TIMESTAMP") == 0)
		parse_timestamp_type(parser, &type, word->place);
	else if (pg_strcasecmp(word->text, "INTERVAL") == 0)
		parse_interval_type(parser, &type);
	else if (pg_strcasecmp(word->text, "ROW") == 0)
		parse_row_type(parser, &type);
	else if (pg_strcasecmp(word->text, "MAP") == 0)
		parse_map_type(parser, &type);
	else if (pg_strcasecmp(word->text, "ARRAY") == 0)
	{
		type.kind = TYPE_ARRAY;
		type.element = parse_element_type(parser);
	}
	else
		script_fail(parser->script, word->place,
					"Types are Flink's: INT, BIGINT, STRING, DECIMAL(p, s), TIMESTAMP(p), ROW<...> and so on.",
					"\"%s\" is not a type", word->text);

	/* INT ARRAY is another spelling of ARRAY<INT> */
	while (accept(parser, "ARRAY"))
	{
		DataType   *element = type_copy(type);

		memset(&type, 0, sizeof(type));
		type.kind = TYPE_ARRAY;
		type.precision = -1;
		type.element = element;
	}
	if (next_is(parser, "MULTISET"))
		script_fail(parser->script, parser->next->place, refused[0].hint,
					"type MULTISET is not supported");
	return type;
}

void
type_append(PQExpBuffer text, const DataType *type)
{
	switch (type->kind)
	{
		case TYPE_ANY:
			appendPQExpBufferStr(text, "unknown type");
			break;
		case TYPE_BOOLEAN:
			appendPQExpBufferStr(text, "BOOLEAN");
			break;
		case TYPE_TINYINT:
			appendPQExpBufferStr(text, "TINYINT");
			break;
		case TYPE_SMALLINT:
			appendPQExpBufferStr(text, "SMALLINT");
			break;
		case TYPE_INT:
			appendPQExpBufferStr(text, "INT");
			break;
		case TYPE_BIGINT:
			appendPQExpBufferStr(text, "BIGINT");
			break;
		case TYPE_FLOAT:
			appendPQExpBufferStr(text, "FLOAT");
			break;
		case TYPE_DOUBLE:
			appendPQExpBufferStr(text, "DOUBLE");
			break;
		case TYPE_DECIMAL:
			appendPQExpBuffer(text, "DECIMAL(%d, %d)", type->precision,
							  type->scale);
			break;
		case TYPE_CHAR:
			appendPQExpBuffer(text, "CHAR(%d)", type->precision);
			break;
		case TYPE_VARCHAR:
			if (type->precision < 0)
				appendPQExpBufferStr(text, "STRING");
			else
				appendPQExpBuffer(text, "VARCHAR(%d)", type->precision);
			break;
		case TYPE_BINARY:
			appendPQExpBuffer(text, "BINARY(%d)", type->precision);
			break;
		case TYPE_VARBINARY:
			if (type->precision < 0)
				appendPQExpBufferStr(text, "BYTES");
			else
				appendPQExpBuffer(text, "VARBINARY(%d)", type->precision);
			break;
		case TYPE_DATE:
			appendPQExpBufferStr(text, "DATE");
			break;
		case TYPE_TIME:
			appendPQExpBuffer(text, "TIME(%d)", type->precision);
			break;
		case TYPE_TIMESTAMP:
			appendPQExpBuffer(text, "TIMESTAMP(%d)", type->precision);
			break;
		case TYPE_TIMESTAMP_LTZ:
			appendPQExpBuffer(text, "TIMESTAMP_LTZ(%d)", type->precision);
			break;
		case TYPE_INTERVAL_MONTH:
			appendPQExpBufferStr(text, "INTERVAL YEAR TO MONTH");
			break;
		case TYPE_INTERVAL_SECOND:
			appendPQExpBufferStr(text, "INTERVAL DAY TO SECOND");
			break;
		case TYPE_ROW:
			appendPQExpBufferStr(text, "ROW<");
			for (int i = 0; i < type->field_count; i++)
			{
				appendPQExpBuffer(text, "%s%s ", i > 0 ? ", " : "",
								  type->fields[i].name);
				type_append(text, &type->fields[i].type);
			}
			appendPQExpBufferChar(text, '>');
			break;
		case TYPE_ARRAY:
			appendPQExpBufferStr(text, "ARRAY<");
			type_append(text, type->element);
			appendPQExpBufferChar(text, '>');
			break;
		case TYPE_MAP:
			appendPQExpBufferStr(text, "MAP<");
			type_append(text, type->key);
			appendPQExpBufferStr(text, ", ");
			type_append(text, type->element);
			appendPQExpBufferChar(text, '>');
			break;
	}
}

void
type_append_pg(PQExpBuffer sql, const DataType *type)
{
	const DataType *element;

	switch (type->kind)
	{
		case TYPE_BOOLEAN:
			appendPQExpBufferStr(sql, "boolean");
			break;
		case TYPE_TINYINT:
		case TYPE_SMALLINT:
			appendPQExpBufferStr(sql, "smallint");
			break;
		case TYPE_INT:
			appendPQExpBufferStr(sql, "integer");
			break;
		case TYPE_BIGINT:
			appendPQExpBufferStr(sql, "bigint");
			break;
		case TYPE_FLOAT:
			appendPQExpBufferStr(sql, "real");
			break;
		case TYPE_DOUBLE:
			appendPQExpBufferStr(sql, "double precision");
			break;
		case TYPE_DECIMAL:
			appendPQExpBuffer(sql, "numeric(%d,%d)", type->precision,
							  type->scale);
			break;
		case TYPE_BINARY:
		case TYPE_VARBINARY:
			appendPQExpBufferStr(sql, "bytea");
			break;
		case TYPE_DATE:
			appendPQExpBufferStr(sql, "date");
			break;
		case TYPE_TIME:
			appendPQExpBufferStr(sql, "time without time zone");
			break;
		case TYPE_TIMESTAMP:
			appendPQExpBufferStr(sql, "timestamp without time zone");
			break;
		case TYPE_TIMESTAMP_LTZ:
			appendPQExpBufferStr(sql, "timestamp with time zone");
			break;
		case TYPE_INTERVAL_MONTH:
		case TYPE_INTERVAL_SECOND:
			appendPQExpBufferStr(sql, "interval");
			break;
		case TYPE_ROW:
		case TYPE_MAP:
			appendPQExpBufferStr(sql, "jsonb");
			break;
		case TYPE_ARRAY:
			/* arrays of arrays are one array with more dimensions */
			for (element = type; element->kind == TYPE_ARRAY;)
				element = element->element;
			type_append_pg(sql, element);
			appendPQExpBufferStr(sql, "[]");
			break;
		case TYPE_CHAR:
		case TYPE_VARCHAR:
		case TYPE_ANY:
			appendPQExpBufferStr(sql, "text");
			break;
	}
}

const char *
type_carrier(const DataType *type)
{
	switch (type->kind)
	{
		case TYPE_BOOLEAN:
			return "bool";
		case TYPE_TINYINT:
		case TYPE_SMALLINT:
			return "int2";
		case TYPE_INT:
			return "int4";
		case TYPE_BIGINT:
			return "int8";
		default:
			return "text";
	}
}
