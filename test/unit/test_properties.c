/*-------------------------------------------------------------------------
 *
 * test_properties.c
 *	  Unit test of common/properties.c.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "properties.h"

#include "tap.h"

static PQExpBufferData error;

static void
test_text(void)
{
	Properties *properties = properties_new();
	const char *text =
	"# comment\n"
	"! another\n"
	"\n"
	"  group.id = connect  \n"
	"a:b\r\n"
	"c d e\n"
	"empty\n"
	"joined=one, \\\n"
	"    two\n"
	"esc\\=aped\\ name=\\ x\\ty\\\\\\u00e9\\n\n"
	"group.id=again";

	tap_ok(properties_read_text(properties, text, &error), "reads a text");
	tap_text(properties_get(properties, "group.id"), "again", "the last value counts");
	tap_text(properties->items[0].name, "group.id", "in its first place");
	tap_text(properties_get(properties, "a"), "b", "a colon parts");
	tap_text(properties_get(properties, "c"), "d e", "white space parts");
	tap_text(properties_get(properties, "empty"), "", "a name alone is empty");
	tap_text(properties_get(properties, "joined"), "one, two", "lines are joined");
	tap_text(properties_get(properties, "esc=aped name"), " x\ty\\\303\251\n", "escapes");
	tap_text(properties_get(properties, "none"), NULL, "an unset name");
	tap_number(properties->count, 6, "no more than that");
	properties_remove(properties, "a");
	tap_text(properties_get(properties, "a"), NULL, "removes a name");
	tap_text(properties_get(properties, "c"), "d e", "and no other");
	tap_ok(!properties_read_text(properties, "a=1\n=2\n", &error), "refuses a line without a name");
	tap_text(error.data, "line 2 has no property name", "and says where");
	resetPQExpBuffer(&error);
	properties_free(properties);
}

static void
test_round_trip(void)
{
	const char *const values[] = {"", "plain", " leading", "a=b:c#d!e", "back\\slash\\",
		"two\nlines\r\ttab\f", "\303\251\360\237\230\200", "\\u0041"
	};
	Properties *properties = properties_new();
	PQExpBufferData text;
	char		name[32];

	initPQExpBuffer(&text);
	for (size_t i = 0; i < lengthof(values); i++)
	{
		snprintf(name, sizeof(name), "# na=me:%zu", i);
		properties_write(&text, name, values[i]);
	}
	tap_ok(properties_read_text(properties, text.data, &error), "reads what was written");
	for (size_t i = 0; i < lengthof(values); i++)
	{
		snprintf(name, sizeof(name), "# na=me:%zu", i);
		tap_text(properties_get(properties, name), values[i], "a value is as it was");
	}
	termPQExpBuffer(&text);
	properties_free(properties);
}

static void
test_json(void)
{
	Properties *properties = properties_new();
	cJSON	   *object = cJSON_Parse("{\"s\":\"x\",\"n\":42,\"b\":true,\"f\":1.5}");
	cJSON	   *again;
	char	   *printed;

	tap_ok(properties_read_json(properties, object, &error), "reads an object");
	tap_text(properties_get(properties, "s"), "x", "text");
	tap_text(properties_get(properties, "n"), "42", "a number as text");
	tap_text(properties_get(properties, "b"), "true", "a boolean as text");
	tap_text(properties_get(properties, "f"), "1.5", "a fraction as text");
	cJSON_Delete(object);
	again = properties_to_json(properties);
	printed = cJSON_PrintUnformatted(again);
	tap_text(printed, "{\"s\":\"x\",\"n\":\"42\",\"b\":\"true\",\"f\":\"1.5\"}", "and back, in order");
	cJSON_free(printed);
	cJSON_Delete(again);
	object = cJSON_Parse("{\"s\":null,\"o\":{}}");
	tap_ok(!properties_read_json(properties, object, &error), "refuses an object as a value");
	tap_text(error.data, "the value of \"o\" must be a text, a number or a boolean", "by name");
	tap_text(properties_get(properties, "s"), NULL, "null removes");
	resetPQExpBuffer(&error);
	cJSON_Delete(object);
	properties_free(properties);
}

static void
test_types(void)
{
	Properties *properties = properties_new();
	int64		number;
	bool		flag;

	properties_set(properties, "n", "12");
	properties_set(properties, "bad", "12x");
	properties_set(properties, "t", "TRUE");
	properties_set(properties, "maybe", "yes");
	tap_ok(properties_int(properties, "n", 5, 1, 12, &number, &error) && number == 12, "a number");
	tap_ok(properties_int(properties, "none", 5, 1, 12, &number, &error) && number == 5, "its default");
	tap_ok(!properties_int(properties, "n", 5, 1, 11, &number, &error), "out of range");
	tap_text(error.data,
			 "invalid value \"12\" for property \"n\": expected a whole number from 1 to 11",
			 "says value, name and range");
	resetPQExpBuffer(&error);
	tap_ok(!properties_int(properties, "bad", 5, 1, 12, &number, &error), "not a number");
	resetPQExpBuffer(&error);
	tap_ok(properties_bool(properties, "t", false, &flag, &error) && flag, "a boolean");
	tap_ok(properties_bool(properties, "none", true, &flag, &error) && flag, "its default");
	tap_ok(!properties_bool(properties, "maybe", true, &flag, &error), "not a boolean");
	tap_text(error.data,
			 "invalid value \"yes\" for property \"maybe\": expected true or false",
			 "says value and name");
	resetPQExpBuffer(&error);
	tap_ok(property_is_secret("database.password") && property_is_secret("sasl.jaas.config") &&
		   !property_is_secret("database.user"), "knows secrets");
	properties_free(properties);
}

int
main(void)
{
	initPQExpBuffer(&error);
	test_text();
	test_round_trip();
	test_json();
	test_types();
	return tap_done();
}
