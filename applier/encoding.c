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

#include <openssl/evp.h>

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

void
append_base64(PQExpBuffer text, const unsigned char *bytes, size_t count)
{
	if (enlargePQExpBuffer(text, (count + 2) / 3 * 4 + 1))
		text->len += EVP_EncodeBlock((unsigned char *) text->data + text->len,
									 bytes, (int) count);
}

/* As Java's UUID.nameUUIDFromBytes(). */
static void
append_uuid(PQExpBuffer text, const unsigned char *bytes, size_t count)
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	if (EVP_Digest(bytes, count, digest, NULL, EVP_md5(), NULL) != 1)
		return;
	digest[6] = (digest[6] & 0x0f) | 0x30;
	digest[8] = (digest[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
		appendPQExpBuffer(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ?
						  "-" : "", digest[i]);
}

/* A string as it stands in JSON. */
static void
append_json(PQExpBuffer text, const char *string)
{
	appendPQExpBufferChar(text, '"');
	for (const char *p = string; *p != '\0'; p++)
	{
		if (*p == '"' || *p == '\\')
			appendPQExpBufferChar(text, '\\');
		appendPQExpBufferChar(text, *p);
	}
	appendPQExpBufferChar(text, '"');
}

static void
set_form(PlaceholderForm *form, const char *text, bool container)
{
	form->text = pg_strdup(text);
	form->length = strlen(text);
	form->container = container;
}

/*
 * All that Debezium makes of the placeholder: text, bytes, an hstore, and
 * arrays of texts, bytes, numbers and UUIDs.
 */
static void
set_placeholders(Encoding *encoding, const char *placeholder)
{
	const unsigned char *bytes = (const unsigned char *) placeholder;
	size_t		count = strlen(placeholder);
	PlaceholderForm *form = encoding->placeholders;
	PQExpBufferData text;
	PQExpBufferData base64;

	initPQExpBuffer(&text);
	initPQExpBuffer(&base64);
	append_base64(&base64, bytes, count);
	set_form(form++, placeholder, false);
	set_form(form++, base64.data, false);
	append_json(&text, placeholder);
	appendPQExpBufferChar(&text, ':');
	append_json(&text, placeholder);
	{
		char	   *hstore = psprintf("{%s}", text.data);

		set_form(form++, hstore, false);
		set_form(form++, hstore, true);
		free(hstore);
	}
	resetPQExpBuffer(&text);
	appendPQExpBufferChar(&text, '[');
	append_json(&text, placeholder);
	appendPQExpBufferChar(&text, ']');
	set_form(form++, text.data, true);
	resetPQExpBuffer(&text);
	appendPQExpBuffer(&text, "[\"%s\"]", base64.data);
	set_form(form++, text.data, true);
	resetPQExpBuffer(&text);
	for (size_t i = 0; i < count; i++)
		appendPQExpBuffer(&text, "%c%d", i == 0 ? '[' : ',',
						  (int) (signed char) bytes[i]);
	appendPQExpBufferChar(&text, ']');
	set_form(form++, text.data, true);
	resetPQExpBuffer(&text);
	appendPQExpBufferStr(&text, "[\"");
	append_uuid(&text, bytes, count);
	appendPQExpBufferStr(&text, "\"]");
	set_form(form++, text.data, true);
	Assert(form == encoding->placeholders + PLACEHOLDER_FORMS);
	termPQExpBuffer(&text);
	termPQExpBuffer(&base64);
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
	set_placeholders(encoding, bytes.data);
	termPQExpBuffer(&bytes);
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

bool
encoding_unavailable(const Encoding *encoding, JsonReader *reader,
					 JsonToken token)
{
	bool		container = token != JSON_STRING;

	for (int i = 0; i < PLACEHOLDER_FORMS; i++)
	{
		const PlaceholderForm *form = &encoding->placeholders[i];

		if (form->container != container)
			continue;
		if (!container)
		{
			/* its length first: most texts differ in that */
			if (reader->length == form->length &&
				memcmp(reader->text, form->text, form->length) == 0)
				return true;
		}
		else if ((size_t) (reader->end - reader->token_start) >= form->length &&
				 memcmp(reader->token_start, form->text, form->length) == 0)
			return json_leave(reader);
	}
	return false;
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
