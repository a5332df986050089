/*-------------------------------------------------------------------------
 *
 * decoder_hstore.c
 *	  Values of the extension hstore, by hstore.handling.mode: a JSON text in
 *	  a string, or a map.
 *
 * NOTES
 *	  The text form is read, not what is stored: "key"=>"value", "key"=>NULL
 *	  with a backslash before quotes and backslashes.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_debezium.h"

typedef struct Pair
{
	char	   *key;
	char	   *value;			/* NULL: null */
} Pair;

/*
 * Read a quoted string, in place; moves *text behind it.
 */
static char *
read_string(char **text)
{
	char	   *start = *text + 1;
	char	   *from = start;
	char	   *to = start;

	while (*from != '"')
	{
		if (*from == '\\')
			from++;
		*to++ = *from++;
	}
	*to = '\0';
	*text = from + 1;
	return start;
}

/*
 * Take the text form apart, in place.  Returns the number of pairs.
 */
static int
read_pairs(char *text, Pair **pairs)
{
	int			capacity = 16;
	int			count = 0;

	*pairs = palloc(capacity * sizeof(Pair));
	while (*text != '\0')
	{
		Pair	   *pair;

		if (count == capacity)
		{
			capacity *= 2;
			*pairs = repalloc(*pairs, capacity * sizeof(Pair));
		}
		pair = &(*pairs)[count++];
		pair->key = read_string(&text);
		text += strlen("=>");
		if (*text == '"')
			pair->value = read_string(&text);
		else
		{
			pair->value = NULL;
			text += strlen("NULL");
		}
		if (*text != '\0')
			text += strlen(", ");
	}
	return count;
}

/* The order of the pairs in Debezium's map */
static int *
pair_order(const Pair *pairs, int count)
{
	uint32	   *hashes = palloc(count * sizeof(uint32));
	int		   *order = palloc(count * sizeof(int));
	int			i;

	for (i = 0; i < count; i++)
	{
		char	   *key = pg_server_to_any(pairs[i].key,
										   strlen(pairs[i].key), PG_UTF8);

		hashes[i] = hashmap_hash_string(key, strlen(key));
	}
	hashmap_order(hashes, count, 0, order);
	pfree(hashes);
	return order;
}

/*
 * Append a string of the JSON text that is itself in a string: as the
 * converter writes it, but all characters beyond ASCII stay as they are.
 */
static void
append_inner(StringInfo out, const char *text)
{
	static const char controls[] = "\b\t\n\f\r";
	static const char letters[] = "btnfr";

	text_append_literal(out, "\"");
	for (; *text != '\0'; text++)
	{
		const char *control = strchr(controls, *text);

		if (*text == '"' || *text == '\\')
		{
			text_append_literal(out, "\\");
			text_append(out, text, 1);
		}
		else if (control != NULL)
		{
			text_append_literal(out, "\\");
			text_append(out, &letters[control - controls], 1);
		}
		else if ((unsigned char) *text < 0x20)
			appendStringInfo(out, "\\u%04X", *text);
		else
			text_append(out, text, 1);
	}
	text_append_literal(out, "\"");
}

static void
append_json(StringInfo out, const Column *column, const Pair *pairs,
			const int *order, int count)
{
	StringInfoData json;
	int			i;

	initStringInfo(&json);
	text_append_literal(&json, "{");
	for (i = 0; i < count; i++)
	{
		const Pair *pair = &pairs[order[i]];

		if (i > 0)
			text_append_literal(&json, ",");
		append_inner(&json, pair->key);
		text_append_literal(&json, ":");
		if (pair->value != NULL)
			append_inner(&json, pair->value);
		else
			text_append_literal(&json, "null");
	}
	text_append_literal(&json, "}");
	json_append_text(out, text_terminate(&json), json.len,
					 column->options->utf8);
	pfree(json.data);
}

static void
append_map(StringInfo out, const Column *column, const Pair *pairs,
		   const int *order, int count)
{
	bool		utf8 = column->options->utf8;
	int			i;

	text_append_literal(out, "{");
	for (i = 0; i < count; i++)
	{
		const Pair *pair = &pairs[order[i]];

		if (i > 0)
			text_append_literal(out, ",");
		json_append_text(out, pair->key, strlen(pair->key), utf8);
		text_append_literal(out, ":");
		if (pair->value != NULL)
			json_append_text(out, pair->value, strlen(pair->value), utf8);
		else
			text_append_literal(out, "null");
	}
	text_append_literal(out, "}");
}

static bool
encode_hstore(StringInfo out, const Column *column, Datum value)
{
	Pair	   *pairs;
	int			count = read_pairs(print_value(column, value), &pairs);
	int		   *order = pair_order(pairs, count);

	if (column->options->hstore_map)
		append_map(out, column, pairs, order, count);
	else
		append_json(out, column, pairs, order, count);
	return true;
}

static void
hstore_map_schema(Schema *schema, const Column *column)
{
	schema->keys = schema_create(CONNECT_STRING, false);
	schema->items = schema_create(CONNECT_STRING, true);
}

/*
 * One pair, both parts the placeholder.  Columns of a domain have the bare
 * text, which a map cannot be.
 */
static void
unavailable_hstore(StringInfo out, const Column *column)
{
	char	   *text = pstrdup(column->options->placeholder_text);
	bool		map = column->options->hstore_map;
	Pair		pair;
	int			order = 0;

	pair.key = pair.value = text;
	if (column->declared_type != column->type)
	{
		if (!map)
			type_unavailable_text(out, column);
	}
	else if (map)
		append_map(out, column, &pair, &order, 1);
	else
		append_json(out, column, &pair, &order, 1);
}

static const ValueEncoder encoder_hstore_json = {
	CONNECT_STRING, "io.debezium.data.Json", 1, NULL,
	encode_hstore, NULL, "\"{}\"", NULL, unavailable_hstore, print_prepare
};
static const ValueEncoder encoder_hstore_map = {
	CONNECT_MAP, NULL, 0, hstore_map_schema,
	encode_hstore, NULL, "{}", NULL, unavailable_hstore, print_prepare
};

const ValueEncoder *
hstore_encoder_find(const DecoderOptions *options)
{
	return options->hstore_map ? &encoder_hstore_map : &encoder_hstore_json;
}
