/*-------------------------------------------------------------------------
 *
 * decoder_record.c
 *	  Records as Kafka Connect's transforms see them.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_record.h"

/* By ContextHeader */
static const char *const context_names[] = {
	"__debezium.context.connectorLogicalName",
	"__debezium.context.taskId",
	"__debezium.context.connectorName",
	"__debezium.context.runId"
};

StaticAssertDecl(lengthof(context_names) == CONTEXT_HEADERS,
				 "a context header has no name");

Piece
piece_from_text(const char *text)
{
	return piece_create(text, strlen(text));
}

/*
 * Not copied, but terminated: what reads a value must find its end.
 */
Piece
piece_from_info(StringInfo info)
{
	return piece_create(text_terminate(info), info->len);
}

/* A text of the database as JSON string */
Piece
piece_quote(const char *text, bool utf8)
{
	StringInfoData quoted;

	initStringInfo(&quoted);
	json_append_text(&quoted, text, strlen(text), utf8);
	return piece_from_info(&quoted);
}

/* What a JSON string means */
Piece
piece_unquote(Piece text)
{
	StringInfoData string;

	initStringInfo(&string);
	plain_unescape(&string, text.data);
	return piece_from_info(&string);
}

Piece
piece_null(void)
{
	return piece_create("null", 4);
}

Piece
piece_from_int64(int64 number)
{
	StringInfoData text;

	initStringInfo(&text);
	json_append_int64(&text, number);
	return piece_from_info(&text);
}

/* No value and no schema */
ConnectValue
value_none(void)
{
	return value_create(NULL, piece_create(NULL, 0));
}

StructLayout *
layout_create(const Schema *schema, bool utf8)
{
	StructLayout *layout = palloc(sizeof(StructLayout));
	int			i;

	layout->schema = schema;
	layout->leads = palloc((schema->nfields + 1) * sizeof(Piece));
	for (i = 0; i < schema->nfields; i++)
	{
		const char *name = schema->fields[i].name;
		StringInfoData lead;

		initStringInfo(&lead);
		appendStringInfoChar(&lead, i == 0 ? '{' : ',');
		json_append_text(&lead, name, strlen(name), utf8);
		appendStringInfoChar(&lead, ':');
		layout->leads[i] = piece_from_info(&lead);
	}
	return layout;
}

/*
 * The texts of a struct's fields.
 */
Piece *
struct_split(const ConnectValue *value)
{
	int			count = value->schema->nfields;
	Piece	   *fields = palloc((count + 1) * sizeof(Piece));
	const char *next = value->text.data;
	int			i;

	for (i = 0; i < count; i++)
	{
		next = plain_skip(next + 1) + 1;	/* { or , "name" : */
		fields[i].data = next;
		next = plain_skip(next);
		fields[i].len = next - fields[i].data;
	}
	return fields;
}

/*
 * A struct's text from those of its fields.
 */
Piece
struct_join(const StructLayout *layout, const Piece *fields)
{
	StringInfoData text;
	int			i;

	initStringInfo(&text);
	if (layout->schema->nfields == 0)
		text_append_literal(&text, "{");
	for (i = 0; i < layout->schema->nfields; i++)
	{
		text_append_piece(&text, layout->leads[i]);
		text_append_piece(&text, fields[i]);
	}
	text_append_literal(&text, "}");
	return piece_from_info(&text);
}

/* The place of a field, or -1 */
int
struct_field_index(const Schema *schema, const char *name)
{
	int			i;

	if (schema->type != CONNECT_STRUCT)
		return -1;
	for (i = 0; i < schema->nfields; i++)
	{
		if (strcmp(schema->fields[i].name, name) == 0)
			return i;
	}
	return -1;
}

/*
 * The texts of an array's elements.
 */
Piece *
array_split(Piece text, int *count)
{
	Piece	   *items = palloc(sizeof(Piece));
	int			room = 1;
	const char *next = text.data;

	*count = 0;
	if (next[1] == ']')
		return items;
	while (*next != ']')
	{
		if (*count == room)
		{
			room *= 2;
			items = repalloc(items, room * sizeof(Piece));
		}
		items[*count].data = next + 1;	/* behind [ or , */
		next = plain_skip(next + 1);
		items[*count].len = next - items[*count].data;
		(*count)++;
	}
	return items;
}

/*
 * A field's value, or the default of its schema in place of null: what
 * Connect's Struct.get() gives.
 */
Piece
field_or_default(Piece text, const Schema *schema)
{
	if (schema->default_json != NULL && plain_is_null(text.data))
		return piece_from_text(schema->default_json);
	return text;
}

void
record_add_header(ConnectRecord *record, Piece name, ConnectValue value)
{
	ConnectHeader *header;

	if (record->nheaders == record->header_room)
	{
		record->header_room = Max(8, 2 * record->header_room);
		record->headers = record->headers == NULL ?
			palloc(record->header_room * sizeof(ConnectHeader)) :
			repalloc(record->headers,
					 record->header_room * sizeof(ConnectHeader));
	}
	header = &record->headers[record->nheaders++];
	header->name = name;
	header->value = value;
}

/* The first header of a name, or NULL */
const ConnectHeader *
record_find_header(const ConnectRecord *record, Piece name)
{
	int			i;

	for (i = 0; i < record->nheaders; i++)
	{
		if (piece_equals(record->headers[i].name, name))
			return &record->headers[i];
	}
	return NULL;
}

/* Remove all headers of a name; returns how many there were */
int
record_remove_headers(ConnectRecord *record, Piece name)
{
	int			kept = 0;
	int			before = record->nheaders;
	int			i;

	for (i = 0; i < before; i++)
	{
		if (!piece_equals(record->headers[i].name, name))
			record->headers[kept++] = record->headers[i];
	}
	record->nheaders = kept;
	return before - kept;
}

const char *
context_header_name(ContextHeader header)
{
	return context_names[header];
}
