/*-------------------------------------------------------------------------
 *
 * decoder_source.c
 *	  The "source" block of events: where a change comes from.
 *
 * NOTES
 *	  Debezium's field names are not subject to field.name.adjustment.mode,
 *	  and the schema's name has only characters that every mode keeps, so the
 *	  schema is the same for all tables and options.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "decoder_compat.h"
#include "decoder_debezium.h"

static SchemaParameter marker_parameters[] = {
	{"allowed", "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"}
};
static const Schema marker_schema = {
	.type = CONNECT_STRING,
	.optional = true,
	.name = "io.debezium.data.Enum",
	.version = 1,
	.nparameters = lengthof(marker_parameters),
	.parameters = marker_parameters,
	.default_json = "\"false\""
};

static SchemaField source_fields[] = {
	{"version", &string_schema},
	{"connector", &string_schema},
	{"name", &string_schema},
	{"ts_ms", &int64_schema},
	{"snapshot", &marker_schema},
	{"db", &string_schema},
	{"sequence", &optional_string_schema},
	{"ts_us", &optional_int64_schema},
	{"ts_ns", &optional_int64_schema},
	{"schema", &string_schema},
	{"table", &string_schema},
	{"txId", &optional_int64_schema},
	{"lsn", &optional_int64_schema},
	{"xmin", &optional_int64_schema},
	{"origin", &optional_string_schema},
	{"origin_lsn", &optional_int64_schema}
};

const Schema source_schema = {
	.type = CONNECT_STRUCT,
	.name = "io.debezium.connector.postgresql.Source",
	.version = 1,
	.nfields = lengthof(source_fields),
	.fields = source_fields
};

void
source_text_init(SourceText *text)
{
	initStringInfo(&text->before_lsn);
	initStringInfo(&text->before_table);
	initStringInfo(&text->before_second_lsn);
	initStringInfo(&text->after);
}

/*
 * Make the text of the source block for a transaction, or for the rows of a
 * snapshot.  Where each row is a transaction this is done for each row, so
 * nothing here goes through printf().
 */
void
source_text_make(SourceText *text, const SourceInfo *info)
{
	int64		usecs = unix_usecs(info->time);
	int64		millis = usecs / 1000 - (usecs % 1000 < 0 ? 1 : 0);
	StringInfo	out;

	out = &text->before_lsn;
	out->len = 0;
	text_append_literal(out, ",\"source\":{\"version\":\"" DECODER_VERSION
						"\",\"connector\":\"postgresql\",\"name\":");
	json_append_text(out, info->prefix, strlen(info->prefix), info->utf8);
	text_append_literal(out, ",\"ts_ms\":");
	json_append_int64(out, millis);
	text_append_literal(out, ",\"snapshot\":");
	text->marker = out->len + 1;
	text_append(out, info->snapshot, strlen(info->snapshot));
	text_append_literal(out, ",\"db\":");
	json_append_text(out, info->database, strlen(info->database), info->utf8);
	/* an array of strings, inside of a string */
	if (XLogRecPtrIsInvalid(info->last_commit_lsn))
		text_append_literal(out, ",\"sequence\":\"[null,\\\"");
	else
	{
		text_append_literal(out, ",\"sequence\":\"[\\\"");
		json_append_uint64(out, info->last_commit_lsn);
		text_append_literal(out, "\\\",\\\"");
	}

	out = &text->before_table;
	out->len = 0;
	text_append_literal(out, "\\\"]\",\"ts_us\":");
	json_append_int64(out, usecs);
	text_append_literal(out, ",\"ts_ns\":");
	json_append_int64(out, usecs);
	/* a number of nanoseconds would overflow for years PostgreSQL knows */
	if (usecs != 0)
		text_append_literal(out, "000");
	text_append_literal(out, ",");

	out = &text->before_second_lsn;
	out->len = 0;
	if (info->xid == 0)
		text_append_literal(out, "null");
	else
		json_append_uint64(out, info->xid);
	text_append_literal(out, ",\"lsn\":");

	out = &text->after;
	out->len = 0;
	text_append_literal(out, ",\"xmin\":");
	if (TransactionIdIsValid(info->xmin))
		json_append_uint64(out, info->xmin);
	else
		text_append_literal(out, "null");
	text_append_literal(out, ",\"origin\":");
	if (info->origin == NULL)
		text_append_literal(out, "null,\"origin_lsn\":null");
	else
	{
		json_append_text(out, info->origin, strlen(info->origin), info->utf8);
		text_append_literal(out, ",\"origin_lsn\":");
		json_append_uint64(out, info->origin_lsn);
	}
	text_append_literal(out, "},\"transaction\":");
}

/*
 * Append the blocks "source" and "transaction", with a comma in front.
 * Returns the offset of the snapshot marker from the start.
 */
int
source_write(StringInfo out, const SourceText *text, Piece source_names,
			 XLogRecPtr lsn)
{
	text_append(out, text->before_lsn.data, text->before_lsn.len);
	json_append_uint64(out, lsn);
	text_append(out, text->before_table.data, text->before_table.len);
	text_append_piece(out, source_names);
	text_append(out, text->before_second_lsn.data,
				text->before_second_lsn.len);
	json_append_uint64(out, lsn);
	text_append(out, text->after.data, text->after.len);
	if (text->order.known)
		transaction_append_block(out, &text->order, lsn);
	else
		text_append_literal(out, "null");
	return text->marker;
}

/*
 * Find the snapshot marker in a value that was converted, so that it moved,
 * and put "true" in its place.  Returns its offset from "start", where the
 * value starts; -1 when the value does not have it.
 *
 * The last one counts: the columns, whose text is free, stand before it.
 */
int
source_find_marker(StringInfo value, int start)
{
	int			len = strlen(SOURCE_MARKER);
	int			at;

	for (at = value->len - len; at >= start; at--)
	{
		if (memcmp(value->data + at, SOURCE_MARKER, len) == 0)
		{
			memcpy(value->data + at, "true", 4);
			memmove(value->data + at + 4, value->data + at + len,
					value->len - at - len);
			value->len -= len - 4;
			return at - start;
		}
	}
	return -1;
}
