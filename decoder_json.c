/*-------------------------------------------------------------------------
 *
 * decoder_json.c
 *	  The lexical side of JSON as Kafka Connect's JSON converter writes it:
 *	  strings, bytes, numbers.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "decoder_debezium.h"
#include "utils/builtins.h"

/*
 * Bytes of a string that are not copied as they are: quote, backslash,
 * controls, and the first byte of UTF-8 sequences above U+FFFF, which become
 * two escapes.
 */
static const bool needs_escape[256] = {
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0
};

/* room for any 64-bit number */
#define NUMBER_SPACE	24

static const char hex_upper[] = "0123456789ABCDEF";

static void
append_unit(StringInfo out, unsigned unit)
{
	char		text[6];

	text[0] = '\\';
	text[1] = 'u';
	text[2] = hex_upper[(unit >> 12) & 0xF];
	text[3] = hex_upper[(unit >> 8) & 0xF];
	text[4] = hex_upper[(unit >> 4) & 0xF];
	text[5] = hex_upper[unit & 0xF];
	text_append(out, text, sizeof(text));
}

/*
 * Append one character that needs an escape; returns its length in bytes.
 */
static int
append_escape(StringInfo out, const unsigned char *data, bool utf8)
{
	unsigned	code;

	switch (data[0])
	{
		case '"':
			text_append_literal(out, "\\\"");
			return 1;
		case '\\':
			text_append_literal(out, "\\\\");
			return 1;
		case '\b':
			text_append_literal(out, "\\b");
			return 1;
		case '\t':
			text_append_literal(out, "\\t");
			return 1;
		case '\n':
			text_append_literal(out, "\\n");
			return 1;
		case '\f':
			text_append_literal(out, "\\f");
			return 1;
		case '\r':
			text_append_literal(out, "\\r");
			return 1;
	}
	if (data[0] < 0x20)
	{
		append_unit(out, data[0]);
		return 1;
	}
	if (!utf8)
	{
		text_append(out, (const char *) data, 1);
		return 1;
	}
	code = utf8_to_unicode(data) - 0x10000;
	append_unit(out, 0xD800 + (code >> 10));
	append_unit(out, 0xDC00 + (code & 0x3FF));
	return 4;
}

/*
 * Append characters with the escapes of Connect's JSON converter.
 */
static void
append_characters(StringInfo out, const char *data, int len, bool utf8)
{
	const unsigned char *next = (const unsigned char *) data;
	const unsigned char *end = next + len;
	const unsigned char *start;

	while (next < end)
	{
		start = next;
		while (next < end && !needs_escape[*next])
			next++;
		text_append(out, (const char *) start, next - start);
		if (next < end)
			next += append_escape(out, next, utf8);
	}
}

/*
 * Append what stands for bytes that are no characters: the replacement
 * character, or with "keep" half of a surrogate pair for each, by which the
 * byte can be known.
 */
static void
append_unknown(StringInfo out, const char *data, int len, bool keep)
{
	int			i;

	if (!keep)
		text_append_literal(out, "\xEF\xBF\xBD");
	else
	{
		for (i = 0; i < len; i++)
			append_unit(out, 0xDC00 + (unsigned char) data[i]);
	}
}

/*
 * Append characters of a database that is not in UTF-8, as UTF-8.
 */
static void
append_foreign(StringInfo out, const char *data, int len, bool keep)
{
	char		buffer[ENCODING_BUFFER_LEN];
	TextPart	part;

	for (; len > 0; data += part.source_len, len -= part.source_len)
	{
		encoding_next_part(data, len, buffer, &part);
		if (part.valid)
			append_characters(out, part.data, part.len, true);
		else
			append_unknown(out, data, part.len, keep);
	}
}

static bool
is_ascii(const char *data, int len)
{
	int			i;

	for (i = 0; i < len; i++)
	{
		if (IS_HIGHBIT_SET(data[i]))
			return false;
	}
	return true;
}

/*
 * Append a text of the database as a JSON string; with "utf8", in UTF-8
 * whatever the database's encoding.  Bytes that are no characters there are
 * replaced, or kept.
 */
void
json_append_any_text(StringInfo out, const char *data, int len, bool utf8,
					 bool keep)
{
	/* the usual case, no escape at all, needs this much */
	if (out->len + len + 2 >= out->maxlen)
		enlargeStringInfo(out, len + 2);
	out->data[out->len++] = '"';
	if (likely(GetDatabaseEncoding() == PG_UTF8))
		append_characters(out, data, len, true);
	else if (!utf8 || is_ascii(data, len))
		append_characters(out, data, len, false);
	else
		append_foreign(out, data, len, keep);
	text_append_literal(out, "\"");
}

void
json_append_text(StringInfo out, const char *data, int len, bool utf8)
{
	json_append_any_text(out, data, len, utf8, false);
}

/*
 * Append bytes as base64 with padding, without quotes.
 */
void
json_append_base64(StringInfo out, const uint8 *data, int len)
{
	static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char	   *to;
	uint32		bits;

	enlargeStringInfo(out, (len + 2) / 3 * 4);
	to = out->data + out->len;
	for (; len >= 3; len -= 3, data += 3)
	{
		bits = (data[0] << 16) | (data[1] << 8) | data[2];
		*to++ = alphabet[bits >> 18];
		*to++ = alphabet[(bits >> 12) & 0x3F];
		*to++ = alphabet[(bits >> 6) & 0x3F];
		*to++ = alphabet[bits & 0x3F];
	}
	if (len > 0)
	{
		bits = (data[0] << 16) | (len == 2 ? data[1] << 8 : 0);
		*to++ = alphabet[bits >> 18];
		*to++ = alphabet[(bits >> 12) & 0x3F];
		*to++ = len == 2 ? alphabet[(bits >> 6) & 0x3F] : '=';
		*to++ = '=';
	}
	out->len = to - out->data;
}

void
json_append_bool(StringInfo out, bool value)
{
	if (value)
		text_append_literal(out, "true");
	else
		text_append_literal(out, "false");
}

void
json_append_int64(StringInfo out, int64 value)
{
	uint64		magnitude = value;

	if (unlikely(out->len + NUMBER_SPACE >= out->maxlen))
		enlargeStringInfo(out, NUMBER_SPACE);
	/* pg_lltoa() tells the length since PostgreSQL 14 only */
	if (value < 0)
	{
		out->data[out->len++] = '-';
		magnitude = -magnitude;
	}
	out->len += pg_ulltoa_n(magnitude, out->data + out->len);
}

void
json_append_uint64(StringInfo out, uint64 value)
{
	if (unlikely(out->len + NUMBER_SPACE >= out->maxlen))
		enlargeStringInfo(out, NUMBER_SPACE);
	out->len += pg_ulltoa_n(value, out->data + out->len);
}

/*
 * Take a shortest decimal like -1.25e-07 or 1234.5 apart: its significant
 * digits, and the exponent of the first one.  Returns the number of digits.
 */
static int
split_decimal(const char *text, char *digits, int *exponent)
{
	int			ndigits = 0;
	int			point = -1;		/* digits before the point, zeros included */
	int			seen = 0;		/* digits so far, zeros included */
	int			skipped = 0;	/* zeros before the first significant one */

	*exponent = 0;
	for (; *text != '\0'; text++)
	{
		if (*text == '.')
			point = seen;
		else if (*text == 'e')
		{
			*exponent = atoi(text + 1);
			break;
		}
		else if (*text != '-')
		{
			seen++;
			if (ndigits == 0 && *text == '0')
				skipped++;
			else
				digits[ndigits++] = *text;
		}
	}
	if (point < 0)
		point = seen;
	*exponent += point - skipped - 1;
	while (ndigits > 1 && digits[ndigits - 1] == '0')
		ndigits--;
	return ndigits;
}

/*
 * Append digits in Java's notation: plain from 1e-3 up to 1e7, else with an
 * exponent; always with a decimal point and a digit after it.
 */
static void
append_java_decimal(StringInfo out, const char *digits, int ndigits,
					int exponent)
{
	int			i;

	if (exponent >= -3 && exponent < 7)
	{
		if (exponent < 0)
		{
			text_append_literal(out, "0.");
			for (i = -1; i > exponent; i--)
				text_append_literal(out, "0");
			text_append(out, digits, ndigits);
			return;
		}
		for (i = 0; i <= exponent; i++)
			text_append(out, i < ndigits ? &digits[i] : "0", 1);
		text_append_literal(out, ".");
		if (ndigits > exponent + 1)
			text_append(out, digits + exponent + 1, ndigits - exponent - 1);
		else
			text_append_literal(out, "0");
		return;
	}
	text_append(out, digits, 1);
	text_append_literal(out, ".");
	if (ndigits > 1)
		text_append(out, digits + 1, ndigits - 1);
	else
		text_append_literal(out, "0");
	text_append_literal(out, "E");
	json_append_int64(out, exponent);
}

/*
 * Append NaN or an infinity, which are strings.  Returns false for any other
 * number.
 */
static bool
append_special(StringInfo out, double value)
{
	if (isnan(value))
		text_append_literal(out, "\"NaN\"");
	else if (!isinf(value))
		return false;
	else if (value > 0)
		text_append_literal(out, "\"Infinity\"");
	else
		text_append_literal(out, "\"-Infinity\"");
	return true;
}

/*
 * Append a double as Java's Double.toString: the shortest text that reads
 * back as the same number.
 */
void
json_append_double(StringInfo out, double value)
{
	char		text[DOUBLE_SHORTEST_DECIMAL_LEN];
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];
	int			ndigits;
	int			exponent;

	if (append_special(out, value))
		return;
	if (signbit(value))
		text_append_literal(out, "-");
	if (value == 0)
	{
		text_append_literal(out, "0.0");
		return;
	}
	double_to_shortest_decimal_buf(fabs(value), text);
	ndigits = split_decimal(text, digits, &exponent);
	if (ndigits > 15 && fabs(value) > 1e16)
	{
		/*
		 * PostgreSQL does not use a decimal right in the middle of two
		 * numbers, Java does: 2.0E23, not 1.9999999999999998E23.  Only large
		 * numbers have such short ones.
		 */
		char		shorter[DOUBLE_SHORTEST_DECIMAL_LEN];

		snprintf(shorter, sizeof(shorter), "%.14e", fabs(value));
		if (strtod(shorter, NULL) == fabs(value))
			ndigits = split_decimal(shorter, digits, &exponent);
	}
	if (ndigits == 1 && fabs(value) < 1e-300)
	{
		/*
		 * Java looks for the closest among texts of up to two digits, which
		 * matters where numbers are this far apart: 4.9E-324, not 5E-324.
		 */
		snprintf(text, sizeof(text), "%.1e", fabs(value));
		if (strtod(text, NULL) == fabs(value))
			ndigits = split_decimal(text, digits, &exponent);
	}
	append_java_decimal(out, digits, ndigits, exponent);
}

/*
 * The same as Java's Float.toString.
 */
void
json_append_float(StringInfo out, float value)
{
	char		text[FLOAT_SHORTEST_DECIMAL_LEN];
	char		digits[FLOAT_SHORTEST_DECIMAL_LEN];
	int			ndigits;
	int			exponent;

	if (append_special(out, value))
		return;
	if (signbit(value))
		text_append_literal(out, "-");
	if (value == 0)
	{
		text_append_literal(out, "0.0");
		return;
	}
	float_to_shortest_decimal_buf(fabsf(value), text);
	ndigits = split_decimal(text, digits, &exponent);
	if (ndigits > 6 && fabsf(value) > 1e7f)
	{
		/* as above */
		char		shorter[FLOAT_SHORTEST_DECIMAL_LEN];

		snprintf(shorter, sizeof(shorter), "%.5e", fabsf(value));
		if (strtof(shorter, NULL) == fabsf(value))
			ndigits = split_decimal(shorter, digits, &exponent);
	}
	if (ndigits == 1 && fabsf(value) < 1e-38f)
	{
		/* as above: 1.4E-45, not 1E-45 */
		snprintf(text, sizeof(text), "%.1e", fabsf(value));
		if (strtof(text, NULL) == fabsf(value))
			ndigits = split_decimal(text, digits, &exponent);
	}
	append_java_decimal(out, digits, ndigits, exponent);
}
