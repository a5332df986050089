/*-------------------------------------------------------------------------
 *
 * decoder_money.c
 *	  The values of money columns, in the ways of decimal.handling.mode.
 *
 * NOTES
 *	  PostgreSQL keeps an amount as a number of the smallest unit of the
 *	  currency that lc_monetary names: yen have no fraction, dollars two
 *	  digits of it.  That is all that matters of lc_monetary here; Debezium
 *	  parses the text, and so can read few of its ways to write an amount.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <locale.h>

#include "catalog/pg_type.h"
#include "decoder_debezium.h"
#include "utils/cash.h"

/* utils/pg_locale.h has it, but wants the headers of ICU, too */
extern struct lconv *PGLC_localeconv(void);

/* As PostgreSQL does where the locale does not say it */
#define DEFAULT_FRACTION_DIGITS 2
#define MAX_FRACTION_DIGITS 10

/* Sign, digits, point */
#define TEXT_SPACE	(32 + MAX_MONEY_DIGITS)

/* The locale's data is kept by PostgreSQL until lc_monetary changes */
static int
fraction_digits(void)
{
	int			digits = PGLC_localeconv()->frac_digits;

	return digits < 0 || digits > MAX_FRACTION_DIGITS ?
		DEFAULT_FRACTION_DIGITS : digits;
}

/*
 * Write an amount as a plain number; returns its length.
 */
static int
put_amount(char *text, Cash amount, int fraction)
{
	char		digits[TEXT_SPACE];
	uint64		rest = amount < 0 ? -(uint64) amount : (uint64) amount;
	char	   *to = text;
	int			count = 0;

	for (; rest > 0 || count <= fraction; rest /= 10)
		digits[count++] = '0' + rest % 10;
	if (amount < 0)
		*to++ = '-';
	while (count > 0)
	{
		if (count-- == fraction)
			*to++ = '.';
		*to++ = digits[count];
	}
	*to = '\0';
	return to - text;
}

/*
 * An amount as a number of 10^-digits, which money.fraction.digits asks for;
 * a half is rounded away from zero.  Returns false when it is too large.
 */
static bool
amount_rescale(Cash amount, int from, int to, int64 *result)
{
	uint64		value = amount < 0 ? -(uint64) amount : (uint64) amount;

	for (; from > to + 1; from--)
		value /= 10;			/* does not matter for the rounding */
	if (from > to)
		value = value / 10 + (value % 10 >= 5 ? 1 : 0);
	for (; from < to; from++)
	{
		if (value > PG_INT64_MAX / 10)
			return false;
		value *= 10;
	}
	*result = (int64) (amount < 0 ? -value : value);
	return true;
}

static void
schema_money(Schema *schema, const Column *column)
{
	schema_add_parameter(schema, "scale",
						 psprintf("%d", column->options->money_digits));
}

/*
 * An amount as Connect's Decimal.  One with so many digits that they are more
 * than an int64 holds goes through numeric.
 */
static bool
encode_money(StringInfo out, const Column *column, Datum value)
{
	Cash		amount = DatumGetCash(value);
	int			fraction = fraction_digits();
	int			digits = column->options->money_digits;
	int64		unscaled;
	char		text[TEXT_SPACE];

	if (amount_rescale(amount, fraction, digits, &unscaled))
		decimal_append_int64(out, unscaled);
	else
	{
		put_amount(text, amount, fraction);
		decimal_append_text(out, text, digits);
	}
	return true;
}

static bool
encode_money_double(StringInfo out, const Column *column, Datum value)
{
	char		text[TEXT_SPACE];

	put_amount(text, DatumGetCash(value), fraction_digits());
	json_append_double(out, strtod(text, NULL));
	return true;
}

static bool
encode_money_string(StringInfo out, const Column *column, Datum value)
{
	char		text[TEXT_SPACE];
	int			len = put_amount(text, DatumGetCash(value), fraction_digits());

	text_append_literal(out, "\"");
	text_append(out, text, len);
	text_append_literal(out, "\"");
	return true;
}

static const ValueEncoder encoder_money = {
	CONNECT_BYTES, SCHEMA_DECIMAL, 1, schema_money,
	encode_money, NULL, "\"AA==\"", NULL, NULL
};
static const ValueEncoder encoder_money_double = {
	CONNECT_DOUBLE, NULL, 0, NULL,
	encode_money_double, NULL, "0.0", NULL, NULL
};
static const ValueEncoder encoder_money_string = {
	CONNECT_STRING, NULL, 0, NULL,
	encode_money_string, NULL, NULL, NULL, NULL
};

const ValueEncoder *
money_encoder_find(const DecoderOptions *options)
{
	switch (options->decimal_mode)
	{
		case DECIMAL_DOUBLE:
			return &encoder_money_double;
		case DECIMAL_STRING:
			return &encoder_money_string;
		default:
			return &encoder_money;
	}
}

/*
 * Append the text of no money at all, with as many digits of a fraction as
 * money.fraction.digits asks for.
 */
void
money_append_zero(StringInfo out, const Column *column)
{
	char		text[TEXT_SPACE];

	text_append_literal(out, "\"");
	text_append(out, text, put_amount(text, 0, column->options->money_digits));
	text_append_literal(out, "\"");
}
