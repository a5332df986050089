/*-------------------------------------------------------------------------
 *
 * encoding.c
 *	  How the connector that wrote a topic puts PostgreSQL's values into JSON.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "encoding.h"

#define DEFAULT_PLACEHOLDER "__debezium_unavailable_value"

typedef struct ModeName
{
	const char *name;			/* NULL: the end */
	int			mode;
} ModeName;

static const ModeName decimal_modes[] = {
	{"precise", DECIMAL_PRECISE},
	{"string", DECIMAL_STRING},
	{"double", DECIMAL_STRING},
	{NULL, 0}
};

static const ModeName time_modes[] = {
	{"adaptive", TIME_ADAPTIVE},
	{"adaptive_time_microseconds", TIME_ADAPTIVE_MICROSECONDS},
	{"connect", TIME_CONNECT},
	{"microseconds", TIME_MICROSECONDS},
	{"nanoseconds", TIME_NANOSECONDS},
	{"isostring", TIME_ISOSTRING},
	{NULL, 0}
};

static const ModeName binary_modes[] = {
	{"bytes", BINARY_BASE64},
	{"base64", BINARY_BASE64},
	{"base64-url-safe", BINARY_BASE64_URL_SAFE},
	{"hex", BINARY_HEX},
	{NULL, 0}
};

/* these two are told by the value */
static const ModeName interval_modes[] = {
	{"numeric", 0},
	{"string", 0},
	{NULL, 0}
};

static const ModeName hstore_modes[] = {
	{"json", 0},
	{"map", 0},
	{NULL, 0}
};

static int
read_mode(Script *script, ScriptTable *table, const char *name,
		  const ModeName *modes, int default_mode)
{
	const char *value = table_option(table, name);
	PQExpBufferData list;

	if (value == NULL)
		return default_mode;
	for (const ModeName *mode = modes; mode->name != NULL; mode++)
		if (strcmp(mode->name, value) == 0)
			return mode->mode;
	initPQExpBuffer(&list);
	for (const ModeName *mode = modes; mode->name != NULL; mode++)
		appendPQExpBuffer(&list, "%s'%s'", mode == modes ? "" :
						  mode[1].name == NULL ? " or " : ", ", mode->name);
	script_fail(script, option_place(table, name), NULL,
				"option '%s' must be %s, not '%s'", name, list.data, value);
}

/* unavailable.value.placeholder: a text, or hex: and pairs of digits. */
static void
read_placeholder(Encoding *encoding, Script *script, ScriptTable *table)
{
	static const char name[] = "unavailable.value.placeholder";
	const char *value = table_option(table, name);
	PQExpBufferData bytes;

	if (value == NULL)
		value = DEFAULT_PLACEHOLDER;
	initPQExpBuffer(&bytes);
	if (strncmp(value, "hex:", 4) == 0)
	{
		for (const char *p = value + 4; *p != '\0'; p += 2)
		{
			unsigned int byte;

			if (strspn(p, "0123456789abcdefABCDEF") < 2 ||
				sscanf(p, "%2x", &byte) != 1 || byte == 0)
				script_fail(script, option_place(table, name), NULL,
							"option '%s' must be a text, or hex: and pairs of hexadecimal digits",
							name);
			appendPQExpBufferChar(&bytes, (char) byte);
		}
	}
	else
		appendPQExpBufferStr(&bytes, value);
	if (bytes.len == 0)
		script_fail(script, option_place(table, name), NULL,
					"option '%s' must not be empty", name);
	encoding->placeholder = bytes.data;
}

void
encoding_read(Encoding *encoding, Script *script, ScriptTable *table)
{
	const char *digits = table_option(table, "money.fraction.digits");

	encoding->decimals = read_mode(script, table, "decimal.handling.mode",
								   decimal_modes, DECIMAL_AUTO);
	encoding->times = read_mode(script, table, "time.precision.mode",
								time_modes, TIME_ADAPTIVE);
	encoding->binaries = read_mode(script, table, "binary.handling.mode",
								   binary_modes, BINARY_BASE64);
	(void) read_mode(script, table, "interval.handling.mode",
					 interval_modes, 0);
	(void) read_mode(script, table, "hstore.handling.mode", hstore_modes, 0);
	encoding->money_digits = 2;
	if (digits != NULL)
	{
		if (strspn(digits, "0123456789") != strlen(digits) ||
			strlen(digits) < 1 || strlen(digits) > 3 || atoi(digits) > 100)
			script_fail(script, option_place(table, "money.fraction.digits"),
						NULL, "option 'money.fraction.digits' must be a number from 0 to 100, not '%s'",
						digits);
		encoding->money_digits = atoi(digits);
	}
	read_placeholder(encoding, script, table);
}

int64
encoding_time_unit(const Encoding *encoding, bool time_of_day, int precision)
{
	const int64 milliseconds = 1000000;
	const int64 microseconds = 1000;

	switch (encoding->times)
	{
		case TIME_ADAPTIVE_MICROSECONDS:
			if (time_of_day)
				return microseconds;
			/* FALLTHROUGH */
		case TIME_ADAPTIVE:
			return precision <= 3 ? milliseconds : microseconds;
		case TIME_CONNECT:
			return milliseconds;
		case TIME_MICROSECONDS:
			return microseconds;
		case TIME_NANOSECONDS:
			return 1;
		case TIME_ISOSTRING:
			break;
	}
	return 0;
}
