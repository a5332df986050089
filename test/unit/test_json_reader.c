/*-------------------------------------------------------------------------
 *
 * test_json_reader.c
 *	  Unit test of common/json_reader.c.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "json_reader.h"

#include "tap.h"

static JsonReader reader;

/* The tokens of a document as text, or the error. */
static const char *
tokens(const char *document, size_t length)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "{",[JSON_OBJECT_END] = "}",[JSON_ARRAY] = "[",
		[JSON_ARRAY_END] = "]",[JSON_NAME] = "name ",[JSON_STRING] = "string ",
		[JSON_NUMBER] = "number ",[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",[JSON_NULL] = "null"
	};
	static PQExpBufferData all;
	JsonToken	token;

	if (all.data == NULL)
		initPQExpBuffer(&all);
	resetPQExpBuffer(&all);
	json_start(&reader, document, length);
	while ((token = json_next(&reader)) != JSON_END)
	{
		if (all.len > 0)
			appendPQExpBufferStr(&all, " | ");
		if (token == JSON_ERROR)
		{
			appendPQExpBuffer(&all, "error: %s", reader.error);
			break;
		}
		appendPQExpBufferStr(&all, names[token]);
		if (token == JSON_NAME || token == JSON_STRING || token == JSON_NUMBER)
			appendBinaryPQExpBuffer(&all, reader.text, reader.length);
	}
	return all.data;
}

#define check(document, wanted) \
	tap_text(tokens(document, sizeof(document) - 1), wanted, document)

static void
test_documents(void)
{
	check("1", "number 1");
	check(" { } ", "{ | }");
	check("[]", "[ | ]");
	check("{\"a\":1,\"b\":[true,false,null,{}]}",
		  "{ | name a | number 1 | name b | [ | true | false | null | { | } | ] | }");
	check("\"\"", "string ");
	check("123456789012345678901234567890.12345678901234567890",
		  "number 123456789012345678901234567890.12345678901234567890");
	check("[-0,0.5,1E+10,1e-7,-1.5e3]",
		  "[ | number -0 | number 0.5 | number 1E+10 | number 1e-7 | number -1.5e3 | ]");
	check("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\uD83D\\uDE00z\"",
		  "string a\"\\/\b\f\n\r\t\303\251\342\202\254\360\237\230\200z");
	check("\"\303\251\342\202\254\360\237\230\200\177\"",
		  "string \303\251\342\202\254\360\237\230\200\177");
	check("{\"n\\u0061me\":\"plain\"}", "{ | name name | string plain | }");
}

static void
test_errors(void)
{
	check("", "error: the document ends too early");
	check("{\"a\":1", "{ | name a | number 1 | error: the document ends too early");
	check("{\"a\"}", "{ | error: expected \":\"");
	check("{\"a\":}", "{ | name a | error: expected a value");
	check("{a:1}", "{ | error: expected a member's name");
	check("{\"a\":1,}", "{ | name a | number 1 | error: expected a member's name");
	check("[1,]", "[ | number 1 | error: expected a value");
	check("[1 2]", "[ | number 1 | error: expected a comma or the end of an object or array");
	check("[1}", "[ | number 1 | error: expected a comma or the end of an object or array");
	check("1 2", "number 1 | error: text behind the document");
	check("01", "error: invalid number");
	check("1.", "error: invalid number");
	check(".5", "error: expected a value");
	check("1e", "error: invalid number");
	check("-", "error: invalid number");
	check("NaN", "error: expected a value");
	check("nul", "error: expected a value");
	check("hello", "error: expected a value");
	check("\"a", "error: string without an end");
	check("\"\\", "error: string without an end");
	check("\"\\x\"", "error: invalid escape in a string");
	check("\"\\u12g4\"", "error: \\u must be followed by four hexadecimal digits");
	check("\"\\u0000\"", "error: \\u0000 cannot be held by PostgreSQL's text");
	check("\"\\uD83D\"", "error: half of a surrogate pair");
	check("\"\\uDE00\\uD83D\"", "error: half of a surrogate pair");
	check("\"\\uD83D\\u0041\"", "error: half of a surrogate pair");
	check("\"a\nb\"", "error: control character in a string");
	check("\"\0\"", "error: control character in a string");
	check("\"\377\"", "error: invalid UTF-8 in a string");
	check("\"\303\"", "error: invalid UTF-8 in a string");
	check("\"\300\200\"", "error: invalid UTF-8 in a string");
	check("\"\340\200\200\"", "error: invalid UTF-8 in a string");
	check("\"\355\240\200\"", "error: invalid UTF-8 in a string");
	check("\"\360\200\200\200\"", "error: invalid UTF-8 in a string");
	check("\"\364\220\200\200\"", "error: invalid UTF-8 in a string");
}

static void
test_depth(void)
{
	char		deep[2 * JSON_DEPTH_MAX + 2];

	memset(deep, '[', JSON_DEPTH_MAX);
	memset(deep + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	json_start(&reader, deep, 2 * JSON_DEPTH_MAX);
	tap_ok(json_skip(&reader, NULL, NULL) && json_next(&reader) == JSON_END,
		   "the deepest document is read");
	memset(deep, '[', JSON_DEPTH_MAX + 1);
	json_start(&reader, deep, JSON_DEPTH_MAX + 1);
	tap_ok(!json_skip(&reader, NULL, NULL), "a deeper one is refused");
	tap_text(reader.error, "nested too deeply", "and the reason is given");
}

static void
test_moving(void)
{
	const char *document = "{\"before\": {\"a\":[1,{\"b\":2}]} , \"op\":\"u\", \"ts\":7}";
	const char *start;
	size_t		length;

	json_start(&reader, document, strlen(document));
	tap_ok(json_next(&reader) == JSON_OBJECT, "opens the object");
	tap_ok(json_next(&reader) == JSON_NAME && json_text_is(&reader, "before"),
		   "reads a name");
	tap_ok(json_skip(&reader, &start, &length), "skips a nested value");
	tap_ok(length == 17 && strncmp(start, "{\"a\":[1,{\"b\":2}]}", 17) == 0,
		   "and gives it as written");
	tap_ok(json_next(&reader) == JSON_NAME && json_text_is(&reader, "op") &&
		   !json_text_is(&reader, "o") && !json_text_is(&reader, "op2"),
		   "compares a text whole");
	tap_number(json_offset(&reader), 31, "knows where the token is");
	tap_ok(json_leave(&reader), "leaves the object");
	tap_ok(json_next(&reader) == JSON_END, "which was the last");
	tap_ok(json_next(&reader) == JSON_END, "and stays at the end");
}

int
main(void)
{
	json_init(&reader);
	test_documents();
	test_errors();
	test_depth();
	test_moving();
	json_free(&reader);
	return tap_done();
}
