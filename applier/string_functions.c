/*-------------------------------------------------------------------------
 *
 * string_functions.c
 *	  String functions of Flink SQL.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "expression.h"

/*
 * Flink counts a start of 0 as 1 and a negative one from the end, and has the
 * empty text where the start lies outside; a negative length gives NULL.
 */
#define SUBSTRING_OF(length) \
	"CASE WHEN -$2 > pg_catalog.char_length($1) THEN ''" \
	" ELSE pg_catalog.substr($1, CASE WHEN $2 < 0 THEN pg_catalog.char_length($1) + $2 + 1" \
	" ELSE GREATEST($2, 1) END" length ") END"

static char *
build_substring(FunctionCall *call)
{
	return call_template(call, call->count == 2 ? SUBSTRING_OF("") :
						 "CASE WHEN $3 >= 0 THEN "
						 SUBSTRING_OF(", LEAST($3, 1000000000)") " END");
}

/* FOR is the length of what is put in, unless given. */
static char *
build_overlay(FunctionCall *call)
{
	const char *length = call->count == 4 ? "$4" : "pg_catalog.char_length($2)";

	return call_template(call, psprintf("CASE WHEN $3 <= 0 OR $3 > pg_catalog.char_length($1) THEN $1"
										" WHEN %s <= 0 THEN pg_catalog.left($1, $3 - 1) || $2"
										" ELSE pg_catalog.left($1, $3 - 1) || $2 || pg_catalog.substr($1, $3 + LEAST(%s, 1000000000)) END",
										length, length));
}

/* POSITION(part IN text), LOCATE(part, text[, start]) and INSTR(text, part) */
static char *
build_locate(FunctionCall *call)
{
	if (call->count == 2)
		return call_template(call, "pg_catalog.strpos($2, $1)");
	return call_template(call, "CASE WHEN $1 = '' THEN CASE WHEN $2 IS NOT NULL AND $3 IS NOT NULL THEN 1 END"
						 " WHEN $3 <= 1 THEN pg_catalog.strpos($2, $1)"
						 " WHEN pg_catalog.strpos(pg_catalog.substr($2, $3), $1) = 0 THEN 0"
						 " ELSE pg_catalog.strpos(pg_catalog.substr($2, $3), $1) + $3 - 1 END");
}

static char *
build_startswith(FunctionCall *call)
{
	bool		ends = pg_strcasecmp(call->mapping->name, "ENDSWITH") == 0;

	if (type_class(&call->arguments[0].type) == CLASS_BYTES)
		return call_template(call, ends ?
							 "(pg_catalog.substring($1, GREATEST(pg_catalog.length($1) - pg_catalog.length($2), 0) + 1) = $2)" :
							 "(pg_catalog.substring($1, 1, pg_catalog.length($2)) = $2)");
	return call_template(call, ends ?
						 "(pg_catalog.right($1, pg_catalog.char_length($2)) = $2)" :
						 "pg_catalog.starts_with($1, $2)");
}

static char *
build_to_base64(FunctionCall *call)
{
	return psprintf("pg_catalog.replace(pg_catalog.encode(%s, 'base64'), E'\\n', '')",
					type_class(&call->arguments[0].type) == CLASS_BYTES ?
					call->sql[0] :
					psprintf("pg_catalog.convert_to(%s, 'UTF8')", call->sql[0]));
}

/* PostgreSQL's name of a character set that Java knows. */
static const char *
encoding_name(FunctionCall *call)
{
	static const char *const names[][2] = {
		{"UTF-8", "UTF8"}, {"ISO-8859-1", "LATIN1"}
	};
	const char *name = call_literal(call, 1, "the character set");

	for (size_t i = 0; i < lengthof(names); i++)
		if (pg_strcasecmp(name, names[i][0]) == 0)
			return names[i][1];
	call_fail(call, call->expression->arguments[1],
			  "It is UTF-8 or ISO-8859-1.", "character set '%s' is not supported",
			  name);
	return NULL;
}

static char *
build_encode(FunctionCall *call)
{
	return psprintf("pg_catalog.convert_to(%s, '%s')", call->sql[0],
					encoding_name(call));
}

static char *
build_decode(FunctionCall *call)
{
	return psprintf("pg_catalog.convert_from(%s, '%s')", call->sql[0],
					encoding_name(call));
}

static char *
build_elt(FunctionCall *call)
{
	PQExpBufferData sql;

	if (call->count > 9)
		call_fail(call, call->expression, NULL, "more than eight texts");
	initPQExpBuffer(&sql);
	appendPQExpBufferStr(&sql, "CASE $1");
	for (int i = 1; i < call->count; i++)
		appendPQExpBuffer(&sql, " WHEN %d THEN $%d", i, i + 1);
	appendPQExpBufferStr(&sql, " END");
	return call_template(call, sql.data);
}

static char *
build_split(FunctionCall *call)
{
	DataType	text = type_simple(TYPE_VARCHAR);

	call->type = type_array(&text);
	return call_template(call, "CASE WHEN $2 = '' THEN pg_catalog.string_to_array($1, NULL) ELSE pg_catalog.string_to_array($1, $2) END");
}

static char *
build_split_index(FunctionCall *call)
{
	if (type_class(&call->arguments[1].type) == CLASS_INTEGER)
		call->sql[1] = psprintf("pg_catalog.chr(%s)", call->sql[1]);
	else if (type_class(&call->arguments[1].type) != CLASS_STRING)
		fail_type(call->rewriter, call->arguments[1].expression,
				  "argument 2 of SPLIT_INDEX", &call->arguments[1].type);
	/* no separator: each white space */
	return call_template(call, "(CASE WHEN $2 = '' THEN pg_catalog.regexp_split_to_array(NULLIF($1, ''), '\\s') ELSE pg_catalog.string_to_array($1, $2) END)[CASE WHEN $3 >= 0 THEN $3 + 1 END]");
}

/* [protocol:]//[userinfo@]host[:port][path][?query][#ref] */
static char *
build_parse_url(FunctionCall *call)
{
	static const struct
	{
		const char *name;
		const char *sql;		/* of the match m.m */
	}			parts[] = {
		{"PROTOCOL", "m.m[1]"},
		{"AUTHORITY", "m.m[2]"},
		{"USERINFO", "m.m[4]"},
		{"HOST", "m.m[5]"},
		{"PATH", "m.m[6]"},
		{"QUERY", "m.m[7]"},
		{"FILE", "(m.m[6] || COALESCE('?' || m.m[7], ''))"},
		{"REF", "m.m[8]"},
	};
	const char *part = call_literal(call, 1, "the part of the URL");
	const char *sql = "NULL::text";

	for (size_t i = 0; i < lengthof(parts); i++)
		if (strcmp(part, parts[i].name) == 0)
			sql = parts[i].sql;
	if (call->count == 3)
	{
		if (strcmp(part, "QUERY") != 0)
			return pg_strdup("NULL::text");
		sql = psprintf("(pg_catalog.regexp_match(m.m[7], '(?:^|&)' || %s || '=([^&]*)'))[1]",
					   call->sql[2]);
	}
	return psprintf("(SELECT %s FROM (SELECT pg_catalog.regexp_match(%s,"
					" '^([a-zA-Z][a-zA-Z0-9+.-]*)://((([^@/?#]*)@)?([^:/?#]*)(?::[0-9]*)?)([^?#]*)(?:[?]([^#]*))?(?:#(.*))?$') AS m OFFSET 0) AS m)",
					sql, call->sql[0]);
}

/* Each byte but the plain ones as %XX. */
#define URL_ENCODED \
	"(SELECT COALESCE(pg_catalog.string_agg(CASE WHEN c.c ~ '^[a-zA-Z0-9.*_-]$' THEN c.c WHEN c.c = ' ' THEN '+'" \
	" ELSE pg_catalog.upper(pg_catalog.regexp_replace(pg_catalog.encode(pg_catalog.convert_to(c.c, 'UTF8'), 'hex'), '(..)', '%\\1', 'g')) END, '' ORDER BY c.o), '')" \
	" FROM pg_catalog.unnest(pg_catalog.string_to_array($1, NULL)) WITH ORDINALITY AS c(c, o))"

/* The bytes of each %XX and of what stands between them. */
#define URL_DECODED \
	"(SELECT pg_catalog.convert_from(COALESCE(pg_catalog.string_agg(CASE WHEN m.m[1] IS NOT NULL THEN pg_catalog.decode(m.m[1], 'hex')" \
	" ELSE pg_catalog.convert_to(pg_catalog.replace(m.m[2], '+', ' '), 'UTF8') END, ''::bytea ORDER BY m.o), ''::bytea), 'UTF8')" \
	" FROM pg_catalog.regexp_matches($1, '%([0-9a-fA-F]{2})|([^%]+)', 'g') WITH ORDINALITY AS m(m, o))"

const FunctionMapping string_functions[] = {
	{"UPPER", 1, 1, "s", RESULT_STRING, "pg_catalog.upper($1)", NULL},
	{"LOWER", 1, 1, "s", RESULT_STRING, "pg_catalog.lower($1)", NULL},
	/* words are letters and digits of ASCII */
	{"INITCAP", 1, 1, "s", RESULT_STRING,
		"(SELECT COALESCE(pg_catalog.string_agg(CASE WHEN m.m[1] ~ '^[a-zA-Z0-9]' THEN pg_catalog.upper(pg_catalog.left(m.m[1], 1)) || pg_catalog.lower(pg_catalog.substr(m.m[1], 2) COLLATE \"C\") ELSE m.m[1] END, '' ORDER BY m.o), CASE WHEN $1 = '' THEN '' END)"
	" FROM pg_catalog.regexp_matches($1, '([a-zA-Z0-9]+|[^a-zA-Z0-9]+)', 'g') WITH ORDINALITY AS m(m, o))", NULL},
	{"CHAR_LENGTH", 1, 1, "s", RESULT_INT, "pg_catalog.char_length($1)", NULL},
	{"CHARACTER_LENGTH", 1, 1, "s", RESULT_INT, "pg_catalog.char_length($1)", NULL},
	/* only spaces, in both */
	{"TRIM", 1, 1, "s", RESULT_STRING, "pg_catalog.btrim($1)", NULL},
	{"BTRIM", 1, 2, "s", RESULT_STRING, "pg_catalog.btrim($*)", NULL},
	{"LTRIM", 1, 2, "s", RESULT_STRING, "pg_catalog.ltrim($*)", NULL},
	{"RTRIM", 1, 2, "s", RESULT_STRING, "pg_catalog.rtrim($*)", NULL},
	{"REPEAT", 2, 2, "si", RESULT_STRING, "pg_catalog.repeat($1, $2)", NULL},
	/* an empty text is found between all characters */
	{"REPLACE", 3, 3, "s", RESULT_STRING,
	"CASE WHEN $2 = '' THEN pg_catalog.regexp_replace($1, '', pg_catalog.replace($3, '\\', '\\\\'), 'g') ELSE pg_catalog.replace($*) END", NULL},
	{"REVERSE", 1, 1, "s", RESULT_STRING, "pg_catalog.reverse($1)", NULL},
	/* NULL where any argument is: PostgreSQL's concat passes over NULLs */
	{"CONCAT", 1, 100, "s", RESULT_STRING, "($|)", NULL},
	{"CONCAT_WS", 2, 100, "s", RESULT_STRING, "pg_catalog.concat_ws($*)", NULL},
	/* nothing of it for less than nothing; PostgreSQL cuts from the end */
	{"LEFT", 2, 2, "si", RESULT_STRING, "pg_catalog.left($1, GREATEST($2, 0))", NULL},
	{"RIGHT", 2, 2, "si", RESULT_STRING, "pg_catalog.right($1, GREATEST($2, 0))", NULL},
	{"SUBSTRING", 2, 3, "sii", RESULT_STRING, NULL, build_substring},
	{"SUBSTR", 2, 3, "sii", RESULT_STRING, NULL, build_substring},
	{"OVERLAY", 3, 4, "ssii", RESULT_STRING, NULL, build_overlay},
	{"POSITION", 2, 2, "s", RESULT_INT, NULL, build_locate},
	{"LOCATE", 2, 3, "ssi", RESULT_INT, NULL, build_locate},
	{"INSTR", 2, 2, "s", RESULT_INT, "pg_catalog.strpos($1, $2)", NULL},
	{"LPAD", 3, 3, "sis", RESULT_STRING,
	"CASE WHEN $2 >= 0 AND $3 <> '' THEN pg_catalog.lpad($1, $2, $3) END", NULL},
	{"RPAD", 3, 3, "sis", RESULT_STRING,
	"CASE WHEN $2 >= 0 AND $3 <> '' THEN pg_catalog.rpad($1, $2, $3) END", NULL},
	{"SPLIT_INDEX", 3, 3, "sai", RESULT_STRING, NULL, build_split_index},
	{"SPLIT", 2, 2, "s", RESULT_BUILT, NULL, build_split},
	{"TRANSLATE", 3, 3, "s", RESULT_STRING, "pg_catalog.translate($*)", NULL},
	{"TRANSLATE3", 3, 3, "s", RESULT_STRING, "pg_catalog.translate($*)", NULL},
	/* the first byte of UTF-8, as a signed one */
	{"ASCII", 1, 1, "s", RESULT_INT,
	"CASE WHEN $1 = '' THEN 0 ELSE ((pg_catalog.get_byte(pg_catalog.convert_to($1, 'UTF8'), 0) # 128) - 128) END", NULL},
	/* PostgreSQL's texts hold no character 0 */
	{"CHR", 1, 1, "i", RESULT_STRING,
	"CASE WHEN $1 < 0 THEN '' ELSE pg_catalog.chr(($1 & 255)::integer) END", NULL},
	{"TO_BASE64", 1, 1, "x", RESULT_STRING, NULL, build_to_base64},
	{"FROM_BASE64", 1, 1, "s", RESULT_STRING,
	"pg_catalog.convert_from(pg_catalog.decode($1 || pg_catalog.repeat('=', (4 - pg_catalog.char_length($1) % 4) % 4), 'base64'), 'UTF8')", NULL},
	{"ENCODE", 2, 2, "s", RESULT_BYTES, NULL, build_encode},
	{"DECODE", 2, 2, "ys", RESULT_STRING, NULL, build_decode},
	{"STARTSWITH", 2, 2, "x", RESULT_BOOLEAN, NULL, build_startswith},
	{"ENDSWITH", 2, 2, "x", RESULT_BOOLEAN, NULL, build_startswith},
	{"ELT", 2, 100, "is", RESULT_STRING, NULL, build_elt},
	{"PARSE_URL", 2, 3, "s", RESULT_STRING, NULL, build_parse_url},
	{"URL_ENCODE", 1, 1, "s", RESULT_STRING, "CASE WHEN $1 IS NOT NULL THEN " URL_ENCODED " END", NULL},
	{"URL_DECODE", 1, 1, "s", RESULT_STRING,
	"CASE WHEN $1 !~ '%(?![0-9a-fA-F]{2})' THEN " URL_DECODED " END", NULL},
	{0}
};
