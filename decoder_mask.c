/*-------------------------------------------------------------------------
 *
 * decoder_mask.c
 *	  Columns whose values are cut, masked or hashed by configuration.
 *
 * NOTES
 *	  A mask stands between a column and its encoder: the encoder writes the
 *	  value in plain form, and the mask makes its own of that.  So it is the
 *	  same for the stream and for snapshots, and for every way a value gets
 *	  into an event: old and new rows, placeholders of unchanged TOAST values,
 *	  and what stands for a value that is not known.  Keys are not masked.
 *
 *	  As with Debezium, only columns of string types are masked and hashed;
 *	  others go through, which is worth a warning.  The default that a schema
 *	  shows is as it was declared, and is shown for nulls where a hash leaves
 *	  them null.
 *
 *	  A salt is a secret: the property's name stops before it in messages.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <openssl/evp.h>

#include "catalog/pg_type.h"
#include "decoder_catalog.h"
#include "decoder_mask.h"
#include "decoder_regex.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

struct ColumnMask
{
	MaskKind	kind;
	const char *property;		/* without the salt */
	List	   *patterns;		/* of Regex */
	int			length;			/* characters to keep, or of the mask */
	Piece		text;			/* MASK_CHARS: what stands for every value */
	const EVP_MD *digest;		/* of a hash */
	const char *salt;
};

/* Java's names of algorithms, and OpenSSL's */
static const struct
{
	const char *java;
	const char *openssl;
}			digests[] = {
	{"MD5", "MD5"},
	{"SHA-1", "SHA1"}, {"SHA1", "SHA1"}, {"SHA", "SHA1"},
	{"SHA-224", "SHA224"}, {"SHA224", "SHA224"},
	{"SHA-256", "SHA256"}, {"SHA256", "SHA256"},
	{"SHA-384", "SHA384"}, {"SHA384", "SHA384"},
	{"SHA-512", "SHA512"}, {"SHA512", "SHA512"},
	{"SHA-512/224", "SHA512-224"}, {"SHA512/224", "SHA512-224"},
	{"SHA-512/256", "SHA512-256"}, {"SHA512/256", "SHA512-256"},
	{"SHA3-224", "SHA3-224"}, {"SHA3-256", "SHA3-256"},
	{"SHA3-384", "SHA3-384"}, {"SHA3-512", "SHA3-512"}
};

/*
 * Make a mask for the columns that match; what else its kind needs is set
 * afterwards.  "property" is kept.
 */
ColumnMask *
mask_create(MaskKind kind, const char *property, const char *patterns)
{
	ColumnMask *mask = palloc0(sizeof(ColumnMask));

	mask->kind = kind;
	mask->property = property;
	mask->patterns = regex_compile_list(patterns, property);
	return mask;
}

void
mask_set_length(ColumnMask *mask, int length)
{
	StringInfoData text;
	int			i;

	mask->length = length;
	if (mask->kind != MASK_CHARS)
		return;
	initStringInfo(&text);
	text_append_literal(&text, "\"");
	for (i = 0; i < length; i++)
		text_append_literal(&text, "*");
	text_append_literal(&text, "\"");
	mask->text.data = text.data;
	mask->text.len = text.len;
}

/*
 * Set algorithm and salt; false when there is no such algorithm here.
 */
bool
mask_set_hash(ColumnMask *mask, const char *algorithm, const char *salt)
{
	int			i;

	for (i = 0; i < lengthof(digests); i++)
	{
		if (pg_strcasecmp(digests[i].java, algorithm) == 0)
			mask->digest = EVP_get_digestbyname(digests[i].openssl);
	}
	mask->salt = encoding_to_utf8(salt, strlen(salt));
	return mask->digest != NULL;
}

/* The algorithms by their first names */
const char *
mask_hash_names(void)
{
	return "MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512, SHA-512/224, SHA-512/256, SHA3-224, SHA3-256, SHA3-384, SHA3-512";
}

/*
 * Add to a list of masks, behind those that are tried before.
 */
List *
mask_list_add(List *masks, ColumnMask *mask)
{
	ListCell   *cell;
	int			place = 0;

	foreach(cell, masks)
	{
		if (((ColumnMask *) lfirst(cell))->kind > mask->kind)
			break;
		place++;
	}
	return list_insert_nth(masks, place, mask);
}

static bool
is_hash(const ColumnMask *mask)
{
	return mask->kind == MASK_HASH_V1 || mask->kind == MASK_HASH_V2;
}

static bool
hides_values(const ColumnMask *mask)
{
	return is_hash(mask) || mask->kind == MASK_CHARS;
}

/*
 * Types whose columns JDBC calls strings
 */
static bool
is_string_type(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == BPCHAROID ||
		type == NAMEOID || type == CHAROID ||
		get_typtype(type) == TYPTYPE_ENUM;
}

/* Is what the column's encoder writes a string or bytes, as of bytea? */
static bool
can_be_cut(const Column *column)
{
	const ValueEncoder *encoder = column->encoder;

	return encoder->type == CONNECT_STRING ||
		(encoder->type == CONNECT_BYTES && encoder->name == NULL);
}

/*
 * Append the first characters of a JSON string, counted as Java does, in
 * units of UTF-16; so half of a pair can be left.
 */
static void
append_cut_string(StringInfo out, const char *text, int length, bool utf8)
{
	const char *start = text++;
	int			units;

	for (units = 0; *text != '"' && units < length; units++)
	{
		if (*text == '\\')
			text += text[1] == 'u' ? 6 : 2;
		else
			text += utf8 ? pg_utf_mblen((const unsigned char *) text) :
				pg_mblen(text);
	}
	text_append(out, start, text - start);
	text_append_literal(out, "\"");
}

/* Append the base64 of the first bytes that a base64 text has */
static void
append_cut_bytes(StringInfo out, const char *text, int length)
{
	static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	int			len = strlen(text) - 2;
	int			whole = length / 3 * 4;
	uint32		bits = 0;
	uint8		rest[3];
	int			i;

	text++;
	while (len > 0 && text[len - 1] == '=')
		len--;
	if (len * 3 / 4 <= length)
	{
		text_append(out, text - 1, strlen(text) + 1);
		return;
	}
	text_append_literal(out, "\"");
	text_append(out, text, whole);
	if (length % 3 > 0)
	{
		for (i = 0; i < 4; i++)
			bits = (bits << 6) |
				(whole + i < len ? strchr(alphabet, text[whole + i]) - alphabet : 0);
		rest[0] = bits >> 16;
		rest[1] = bits >> 8;
		rest[2] = bits;
		json_append_base64(out, rest, length % 3);
	}
	text_append_literal(out, "\"");
}

/*
 * Append a string as Java's ObjectOutputStream writes it: a header, a tag,
 * the length, and UTF-8 in which surrogates are characters of their own.
 */
static void
append_java_object(StringInfo out, const char *utf8, int len)
{
	StringInfoData text;
	int			i;

	initStringInfo(&text);
	for (i = 0; i < len;)
	{
		int			char_len = pg_utf_mblen((const unsigned char *) utf8 + i);

		if (char_len < 4)
			text_append(&text, utf8 + i, char_len);
		else
		{
			pg_wchar	code = utf8_to_unicode((const unsigned char *) utf8 + i);
			unsigned char pair[6];

			unicode_to_utf8(0xD800 + ((code - 0x10000) >> 10), pair);
			unicode_to_utf8(0xDC00 + ((code - 0x10000) & 0x3FF), pair + 3);
			text_append(&text, (char *) pair, sizeof(pair));
		}
		i += char_len;
	}
	text_append_literal(out, "\xAC\xED\x00\x05");
	if (text.len <= 0xFFFF)
	{
		text_append_literal(out, "t");
		frame_append_int16(out, text.len);
	}
	else
	{
		text_append_literal(out, "|");
		frame_append_int64(out, text.len);
	}
	text_append(out, text.data, text.len);
	pfree(text.data);
}

/*
 * Append the hash of a JSON string, cut to the column's length.
 */
static void
append_hash(StringInfo out, const Column *column, const char *json)
{
	static const char hex[] = "0123456789abcdef";
	const ColumnMask *mask = column->mask;
	StringInfoData text;
	StringInfoData message;
	char	   *utf8;
	int			len;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int digest_len;
	int			i;

	initStringInfo(&text);
	plain_unescape(&text, json);
	text_terminate(&text);
	utf8 = column->options->utf8 || GetDatabaseEncoding() == PG_UTF8 ?
		text.data : encoding_to_utf8(text.data, text.len);
	len = strlen(utf8);

	initStringInfo(&message);
	appendStringInfoString(&message, mask->salt);
	if (mask->kind == MASK_HASH_V1)
		append_java_object(&message, utf8, len);
	else
		text_append(&message, utf8, len);
	if (!EVP_Digest(message.data, message.len, digest, &digest_len,
					mask->digest, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("could not compute the hash for column \"%s\" of table \"%s\"",
						column->name, column->table_name),
				 errdetail("OpenSSL does not let property \"%s\" use its algorithm.",
						   mask->property)));

	text_append_literal(out, "\"");
	for (i = 0; i < digest_len * 2 && i < column->hash_length; i++)
		text_append(out, &hex[i % 2 == 0 ? digest[i / 2] >> 4 :
							  digest[i / 2] & 0xF], 1);
	text_append_literal(out, "\"");
	pfree(text.data);
	pfree(message.data);
}

/*
 * Append what the mask makes of a value in plain form, terminated by zero.
 */
static void
append_masked(StringInfo out, const Column *column, const char *json)
{
	const ColumnMask *mask = column->mask;

	if (mask->kind == MASK_CHARS)
		text_append_piece(out, mask->text);
	else if (is_hash(mask))
		append_hash(out, column, json);
	else if (column->encoder->type == CONNECT_STRING)
		append_cut_string(out, json, mask->length, column->options->utf8);
	else
		append_cut_bytes(out, json, mask->length);
}

/* Encoders of masked columns */

static bool
encode_chars(StringInfo out, const Column *column, Datum value)
{
	text_append_piece(out, column->mask->text);
	return true;
}

static bool
encode_masked(StringInfo out, const Column *column, Datum value)
{
	StringInfoData json;

	initStringInfo(&json);
	if (!column->unmasked->encode(&json, column, value))
		return false;
	append_masked(out, column, text_terminate(&json));
	pfree(json.data);
	return true;
}

static Piece
masked_piece(const Column *column, Piece piece)
{
	StringInfoData text;

	initStringInfo(&text);
	append_masked(&text, column, pnstrdup(piece.data, piece.len));
	piece.data = text.data;
	piece.len = text.len;
	return piece;
}

/*
 * The first mask for a column, or NULL.  Those that would hide its values
 * but come later have no effect, and are reported.
 */
static const ColumnMask *
mask_find(const Column *column, const char *type_name)
{
	char	   *by_name = psprintf("%s.%s", column->table_name, column->name);
	char	   *by_type = psprintf("%s.%s", column->table_name, type_name);
	const ColumnMask *found = NULL;
	ListCell   *cell;

	/* they are in the order of their kinds */
	foreach(cell, column->options->masks)
	{
		const ColumnMask *mask = lfirst(cell);

		if (regex_match_list(mask->patterns,
							 mask->kind == MASK_SOURCE_TYPE_BY_TYPE ? by_type : by_name) < 0)
			continue;
		if (found == NULL)
			found = mask;
		else if (hides_values(mask) && !hides_values(found))
			ereport(WARNING,
					(errmsg("column \"%s\" of table \"%s\" is not masked by property \"%s\"",
							column->name, column->table_name, mask->property),
					 errdetail("Property \"%s\" matches it, too, and comes first.",
							   found->property)));
	}
	pfree(by_name);
	pfree(by_type);
	return found;
}

/*
 * Set the mask of a column of values, when there is one for it: adds to the
 * schema what the mask says there.  "expression" is the column's default, or
 * NULL.
 */
void
mask_prepare(Column *column, Schema *schema, const char *expression,
			 bool snapshot)
{
	const ColumnMask *mask;
	char	   *type_name;

	if (column->options->masks == NIL)
		return;
	type_name = source_type_name(column, expression, snapshot);
	mask = mask_find(column, type_name);
	if (mask == NULL)
		return;
	switch (mask->kind)
	{
		case MASK_TRUNCATE:
			if (source_type_length(column, snapshot) <= mask->length)
				return;
			schema_add_parameter(schema, "truncateLength",
								 psprintf("%d", mask->length));
			if (can_be_cut(column))
				column->mask = mask;
			break;
		case MASK_CHARS:
		case MASK_HASH_V1:
		case MASK_HASH_V2:
			schema_add_parameter(schema, "masked", "true");
			if (is_string_type(column->type))
				column->mask = mask;
			else
				ereport(WARNING,
						(errmsg("column \"%s\" of table \"%s\" is not masked by property \"%s\"",
								column->name, column->table_name, mask->property),
						 errdetail("It has no effect on columns of type %s.",
								   format_type_be(column->declared_type)),
						 errhint("column.exclude.list leaves the column out.")));
			break;
		case MASK_SOURCE_TYPE:
		case MASK_SOURCE_TYPE_BY_TYPE:
			source_type_propagate(schema, column, type_name, snapshot);
			break;
	}
	column->hash_length = source_type_length(column, snapshot);
}

/*
 * Put the mask in front of the encoder, when all texts of the column are
 * made.
 */
void
mask_apply(Column *column)
{
	const ColumnMask *mask = column->mask;
	ValueEncoder *encoder;

	if (mask == NULL)
		return;
	if (mask->kind == MASK_CHARS)
	{
		column->null_is_value = true;
		column->null_text = mask->text;
		column->absent_text = mask->text;
		column->unavailable_text = mask->text;
		column->has_placeholder = true;
	}
	else
	{
		column->absent_text = column->not_null ?
			masked_piece(column, column->absent_text) : column->null_text;
		/* Debezium does not cut the placeholder of bytes */
		if (column->has_placeholder && column->encoder->type == CONNECT_STRING)
			column->unavailable_text = masked_piece(column, column->unavailable_text);
	}
	encoder = palloc(sizeof(ValueEncoder));
	*encoder = *column->encoder;
	encoder->encode = mask->kind == MASK_CHARS ? encode_chars : encode_masked;
	column->unmasked = column->encoder;
	column->encoder = encoder;
}

/*
 * What debezium_describe() says of a column's mask, as a sentence; NULL when
 * there is none.
 */
const char *
mask_text(const ColumnMask *mask)
{
	if (mask == NULL)
		return NULL;
	return psprintf("Its values are %s, because of %s.",
					mask->kind == MASK_TRUNCATE ? "cut" : "masked",
					mask->property);
}

/* Must the default of the column's schema not be shown by itself? */
bool
mask_hides_default(const ColumnMask *mask)
{
	return mask != NULL && hides_values(mask);
}

/*
 * Add the regular expressions of all masks to a list of uses.
 */
List *
mask_pattern_uses(const List *masks, List *uses)
{
	const ListCell *cell;

	foreach(cell, masks)
	{
		const ColumnMask *mask = lfirst(cell);

		uses = pattern_uses_add(uses, mask->patterns, mask->property,
								mask->kind == MASK_SOURCE_TYPE_BY_TYPE ?
								PATTERN_COLUMN_TYPE : PATTERN_COLUMN);
	}
	return uses;
}
