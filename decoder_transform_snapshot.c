/*-------------------------------------------------------------------------
 *
 * decoder_transform_snapshot.c
 *	  Rows of snapshots that go through transforms.
 *
 * NOTES
 *	  Whether a row is the first or the last of a snapshot only the reader
 *	  knows, when all is transformed.  So the transforms see an improbable
 *	  text as snapshot marker, and the reader gets the places where it was
 *	  found again: in the row's own field, in another, in a header, or none.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_transform.h"

/* What stands at the marker's places for the reader */
#define PLACE_TEXT "true"

/*
 * Note the places of the marker in a part of a record, and put the text for
 * the reader there.  Returns how many there are.
 */
static int
take_places(StringInfo places, int part, Piece *text)
{
	StringInfoData marked;
	const char *next = text->data;
	const char *end = text->data + text->len;
	const char *from = next;
	int			marker_len = strlen(SOURCE_MARKER);
	int			count = 0;

	if (text->data == NULL)
		return 0;
	while (end - next >= marker_len)
	{
		next = memchr(next, SOURCE_MARKER[0], end - next - marker_len + 1);
		if (next == NULL)
			break;
		if (memcmp(next, SOURCE_MARKER, marker_len) != 0)
		{
			next++;
			continue;
		}
		if (count++ == 0)
			initStringInfo(&marked);
		text_append(&marked, from, next - from);
		frame_append_int16(places, part);
		frame_append_int32(places, marked.len);
		text_append_literal(&marked, PLACE_TEXT);
		next += marker_len;
		from = next;
	}
	if (count > 0)
	{
		text_append(&marked, from, end - from);
		*text = piece_from_info(&marked);
	}
	return count;
}

/*
 * Append the Y frame of a row, as transforms and converters made it.
 */
void
frame_append_transformed_row(StringInfo out, const TransformChain *chain,
							 ConnectRecord *record)
{
	int			start = frame_begin(out, 'Y');
	int			count;
	int			number = 2;		/* of the first header, as a part */
	int			i;
	StringInfoData places;

	initStringInfo(&places);
	count = take_places(&places, 0, &record->key.text) +
		take_places(&places, 1, &record->value.text);
	for (i = 0; i < record->nheaders; i++)
	{
		if (transform_chain_has_context(chain, record, i))
			i += CONTEXT_HEADERS - 1;	/* one in the frame */
		else
			count += take_places(&places, number,
								 &record->headers[i].value.text);
		number++;
	}
	frame_append_int16(out, record->topic.len);
	text_append_piece(out, record->topic);
	frame_append_transformed(out, chain, record);
	frame_append_int16(out, count);
	text_append(out, places.data, places.len);
	frame_end(out, start);
}
