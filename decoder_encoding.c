/*-------------------------------------------------------------------------
 *
 * decoder_encoding.c
 *	  Text of a database in another encoding than UTF-8, made UTF-8.
 *
 * NOTES
 *	  A database in SQL_ASCII holds any bytes, and one in WIN1252 or the like
 *	  bytes that are no character.  PostgreSQL's own conversion stops at
 *	  these; here each is told apart, so that no text ends a stream, and
 *	  nothing but UTF-8 is in it.
 *
 *	  What a database in UTF-8 holds was checked when it came in.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "decoder_debezium.h"

/* Converted at once; a character grows to four times its bytes at most */
#define CHUNK_LEN	((ENCODING_BUFFER_LEN - 1) / MAX_CONVERSION_GROWTH)

/*
 * The bytes at the start of "data" that make one character in UTF-8, or else
 * those that a reader of UTF-8 takes together as what is none.
 */
static int
utf8_prefix(const unsigned char *data, int len, bool *valid)
{
	unsigned char first = data[0];
	unsigned char low = 0x80;
	unsigned char high = 0xBF;
	int			expected;
	int			i;

	if (first >= 0xC2 && first <= 0xDF)
		expected = 2;
	else if (first >= 0xE0 && first <= 0xEF)
		expected = 3;
	else if (first >= 0xF0 && first <= 0xF4)
		expected = 4;
	else
	{
		*valid = first < 0x80;
		return 1;
	}
	/* the second byte excludes long forms, surrogates, and too large ones */
	if (first == 0xE0)
		low = 0xA0;
	else if (first == 0xED)
		high = 0x9F;
	else if (first == 0xF0)
		low = 0x90;
	else if (first == 0xF4)
		high = 0x8F;
	for (i = 1; i < expected && i < len; i++)
	{
		if (data[i] < low || data[i] > high)
			break;
		low = 0x80;
		high = 0xBF;
	}
	*valid = i == expected;
	return i;
}

/* The next part of a text that should be UTF-8 */
static void
next_unchecked(const char *data, int len, TextPart *part)
{
	bool		valid = true;
	int			prefix = 0;

	part->data = data;
	part->source_len = 0;
	while (part->source_len < len)
	{
		prefix = utf8_prefix((const unsigned char *) data + part->source_len,
							 len - part->source_len, &valid);
		if (!valid)
			break;
		part->source_len += prefix;
	}
	part->valid = part->source_len > 0;
	if (!part->valid)
		part->source_len = prefix;
	part->len = part->source_len;
}

#if PG_VERSION_NUM >= 140000

/* The conversion to UTF-8; that of a database never changes */
static Oid
conversion_function(void)
{
	static Oid	function = InvalidOid;

	if (!OidIsValid(function))
		function = FindDefaultConversionProc(GetDatabaseEncoding(), PG_UTF8);
	return function;
}

/* The next part of a text in an encoding that there is a conversion for */
static void
next_converted(const char *data, int len, char *buffer, TextPart *part)
{
	Oid			function = conversion_function();

	part->data = buffer;
	part->source_len = 0;
	if (OidIsValid(function))
		part->source_len =
			pg_do_encoding_conversion_buf(function, GetDatabaseEncoding(),
										  PG_UTF8, (unsigned char *) data,
										  Min(len, CHUNK_LEN),
										  (unsigned char *) buffer,
										  ENCODING_BUFFER_LEN, true);
	part->valid = part->source_len > 0;
	if (part->valid)
		part->len = strlen(buffer);
	else
		part->len = part->source_len = Min(len, pg_mblen(data));
}

#else

/* Before PostgreSQL 14 a conversion is an error or all right */
static void
next_converted(const char *data, int len, char *buffer, TextPart *part)
{
	char	   *converted = pg_server_to_any(data, len, PG_UTF8);

	part->data = converted;
	part->source_len = len;
	part->len = converted == data ? len : strlen(converted);
	part->valid = true;
}

#endif

/*
 * The longest part at the start of a text, not empty, that is all characters,
 * or else the shortest that is none.  "buffer" has ENCODING_BUFFER_LEN bytes;
 * the part may be in it.
 */
void
encoding_next_part(const char *data, int len, char *buffer, TextPart *part)
{
	if (GetDatabaseEncoding() == PG_SQL_ASCII)
		next_unchecked(data, len, part);
	else
		next_converted(data, len, buffer, part);
}

/*
 * A text of the database in UTF-8, as a new string; what is no character
 * becomes the replacement character.
 */
char *
encoding_to_utf8(const char *data, int len)
{
	char		buffer[ENCODING_BUFFER_LEN];
	StringInfoData text;
	TextPart	part;

	initStringInfo(&text);
	if (GetDatabaseEncoding() == PG_UTF8)
	{
		text_append(&text, data, len);
		len = 0;
	}
	for (; len > 0; data += part.source_len, len -= part.source_len)
	{
		encoding_next_part(data, len, buffer, &part);
		if (part.valid)
			text_append(&text, part.data, part.len);
		else
			text_append_literal(&text, "\xEF\xBF\xBD");
	}
	return text_terminate(&text);
}
