/*-------------------------------------------------------------------------
 *
 * decoder_array.c
 *	  Arrays: a Connect array of what the element type's encoder writes.
 *
 * NOTES
 *	  The elements of an array are a Column of their own, with the array's
 *	  type modifier and all modes, so that int[] follows what int does.
 *	  Elements are read where they lie in the array.
 *
 *	  Debezium gets arrays from the JDBC driver as Java objects, whatever the
 *	  way the row came, and that shows: times have milliseconds at most, times
 *	  with a zone only seconds; dates before the year 1 lose their era, and
 *	  timestamps before 1582 are read by the Julian calendar; one numeric that
 *	  is NaN makes the whole array null.  Arrays of more than one dimension
 *	  keep the outer one alone: with elements that are strings each inner
 *	  array is its PostgreSQL text (Debezium prints the address of a Java
 *	  object), else each is null.  Lower bounds are lost.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "decoder_debezium.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

/* What stands for an unchanged TOAST value of an array */
typedef enum ArrayPlaceholder
{
	PLACEHOLDER_NONE,
	PLACEHOLDER_ELEMENT,		/* one element, as the type itself has it */
	PLACEHOLDER_NUMBERS,		/* a number for each of its bytes */
	PLACEHOLDER_UUID			/* one element, a UUID made of it */
} ArrayPlaceholder;

/*
 * How arrays of a type are treated.  Types that are not listed are arrays of
 * required elements without placeholder.
 */
typedef struct ArrayRule
{
	Oid			element;
	bool		supported;		/* false: columns are left out */
	ArrayPlaceholder placeholder;
	bool		printed;		/* inner arrays are shown as text */
} ArrayRule;

static const ArrayRule array_rules[] = {
	{BOOLOID, true, PLACEHOLDER_NONE, false},
	{INT2OID, true, PLACEHOLDER_NONE, false},
	{INT4OID, true, PLACEHOLDER_NUMBERS, false},
	{INT8OID, true, PLACEHOLDER_NUMBERS, false},
	{OIDOID, true, PLACEHOLDER_NONE, false},
	{FLOAT4OID, true, PLACEHOLDER_NONE, false},
	{FLOAT8OID, true, PLACEHOLDER_NONE, false},
	{NUMERICOID, true, PLACEHOLDER_NONE, false},
	{CHAROID, true, PLACEHOLDER_NONE, true},
	{TEXTOID, true, PLACEHOLDER_ELEMENT, true},
	{VARCHAROID, true, PLACEHOLDER_ELEMENT, true},
	{BPCHAROID, true, PLACEHOLDER_ELEMENT, true},
	{JSONOID, true, PLACEHOLDER_ELEMENT, true},
	{JSONBOID, true, PLACEHOLDER_ELEMENT, true},
	{UUIDOID, true, PLACEHOLDER_UUID, true},
	{BYTEAOID, true, PLACEHOLDER_ELEMENT, false},
	{DATEOID, true, PLACEHOLDER_NUMBERS, false},
	{TIMEOID, true, PLACEHOLDER_NONE, false},
	{TIMETZOID, true, PLACEHOLDER_NONE, false},
	{TIMESTAMPOID, true, PLACEHOLDER_NONE, false},
	{TIMESTAMPTZOID, true, PLACEHOLDER_NONE, false},
	{INETOID, true, PLACEHOLDER_NONE, true},
	{CIDROID, true, PLACEHOLDER_NONE, true},
	{MACADDROID, true, PLACEHOLDER_NONE, true},
	{MACADDR8OID, true, PLACEHOLDER_NONE, true},
	{INT4RANGEOID, true, PLACEHOLDER_NONE, true},
	{INT8RANGEOID, true, PLACEHOLDER_NONE, true},
	{NUMRANGEOID, true, PLACEHOLDER_NONE, true},
	{TSRANGEOID, true, PLACEHOLDER_NONE, true},
	{TSTZRANGEOID, true, PLACEHOLDER_NONE, true},
	{DATERANGEOID, true, PLACEHOLDER_NONE, true},
	{CASHOID, false, PLACEHOLDER_NONE, false},
	{NAMEOID, false, PLACEHOLDER_NONE, false},
	{INTERVALOID, false, PLACEHOLDER_NONE, false},
	{VARBITOID, false, PLACEHOLDER_NONE, false},
	{XMLOID, false, PLACEHOLDER_NONE, false},
	{POINTOID, false, PLACEHOLDER_NONE, false},
	{REFCURSOROID, false, PLACEHOLDER_NONE, false}
};

typedef struct ArrayDetail
{
	Column	   *element;
	const ArrayRule *rule;		/* NULL: none */
	bool		null_elements;	/* else a null makes the whole array null */
	bool		printed;
	int16		length;			/* of the element type */
	bool		by_value;
	char		align;
} ArrayDetail;

static const ArrayRule *
find_rule(Oid element)
{
	int			i;

	for (i = 0; i < lengthof(array_rules); i++)
	{
		if (array_rules[i].element == element)
			return &array_rules[i];
	}
	return NULL;
}

/* Arrays by their type, but not by their text */
static bool
is_raw_vector(Oid type)
{
	return type == INT2VECTOROID || type == OIDVECTOROID;
}

/*
 * The first day of the Gregorian calendar in most countries, and in Java;
 * days since 2000.
 */
#define GREGORIAN_START (date2j(1582, 10, 15) - POSTGRES_EPOCH_JDATE)

/*
 * Days since 2000 that encode as what the driver makes of infinite dates: the
 * days of the last and the first date that Java knows, cut to an int32.
 */
#define EPOCH_DAYS				(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define DATE_INFINITY_DAYS		(-622191234 - EPOCH_DAYS)
#define DATE_MINUS_INFINITY_DAYS (-625821272 - EPOCH_DAYS)

/* The Julian day number of a date in the Julian calendar */
static int
julian_date2j(int year, int month, int day)
{
	int			shift = (14 - month) / 12;
	int			years = year + 4800 - shift;
	int			months = month + 12 * shift - 3;

	/* years before 4801 BC do not occur */
	return day + (153 * months + 2) / 5 + 365 * years + years / 4 - 32083;
}

/* Lose the era: a day of 44 BC becomes one of the year 44 */
static int
lose_era(int days)
{
	int			year;
	int			month;
	int			day;

	j2date(days + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	if (year > 0)
		return days;
	return date2j(1 - year, month, day) - POSTGRES_EPOCH_JDATE;
}

/* Read a day's date as one of the Julian calendar */
static int
read_as_julian(int days)
{
	int			year;
	int			month;
	int			day;

	j2date(days + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return julian_date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
}

static Timestamp
change_day(Timestamp timestamp, int (*change) (int days))
{
	int64		days = timestamp / USECS_PER_DAY;
	int64		rest = timestamp % USECS_PER_DAY;

	if (rest < 0)
	{
		rest += USECS_PER_DAY;
		days--;
	}
	return change((int) days) * USECS_PER_DAY + rest;
}

static DateADT
driver_date(const Column *element, DateADT date)
{
	if (!DATE_NOT_FINITE(date))
		return lose_era(date);
	if (element->encoder->type != CONNECT_INT32)
		return date;
	return DATE_IS_NOEND(date) ? DATE_INFINITY_DAYS : DATE_MINUS_INFINITY_DAYS;
}

/*
 * What the driver's Java objects leave of a date or time in an array.
 */
static Datum
driver_value(const Column *element, Datum value)
{
	TimeTzADT  *time;
	int64		usecs;

	switch (element->type)
	{
		case DATEOID:
			return DateADTGetDatum(driver_date(element, DatumGetDateADT(value)));
		case TIMEOID:
			usecs = DatumGetTimeADT(value) % USECS_PER_DAY;
			return TimeADTGetDatum(usecs / 1000 * 1000);
		case TIMETZOID:
			time = DatumGetTimeTzADTP(value);
			usecs = (time->time + time->zone * USECS_PER_SEC) % USECS_PER_DAY;
			if (usecs < 0)
				usecs += USECS_PER_DAY;
			time = palloc(sizeof(TimeTzADT));
			time->time = usecs / USECS_PER_SEC * USECS_PER_SEC;
			time->zone = 0;
			return TimeTzADTPGetDatum(time);
		case TIMESTAMPOID:
			if (TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value)) ||
				DatumGetTimestamp(value) >= GREGORIAN_START * USECS_PER_DAY)
				return value;
			return TimestampGetDatum(change_day(DatumGetTimestamp(value),
												read_as_julian));
		case TIMESTAMPTZOID:
			if (TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value)) ||
				DatumGetTimestamp(value) >= GREGORIAN_START * USECS_PER_DAY)
				return value;
			return TimestampGetDatum(change_day(DatumGetTimestamp(value),
												lose_era));
		default:
			return value;
	}
}

/*
 * A numeric that Java has no number for: it makes the array null in all modes
 * of decimal.handling.mode.
 */
static bool
is_special_numeric(const Column *element, Datum value)
{
	if (element->type != NUMERICOID || element->options->decimal_special_text)
		return false;
#if PG_VERSION_NUM >= 140000
	if (numeric_is_inf(DatumGetNumeric(value)))
		return true;
#endif
	return numeric_is_nan(DatumGetNumeric(value));
}

/*
 * An array of more than one dimension: an element for each inner array.
 */
static bool
encode_inner_arrays(StringInfo out, const ArrayDetail *detail,
					ArrayType *array)
{
	const Column *element = detail->element;
	int			count = ARR_DIMS(array)[0];
	int			inner;
	int			bounds[MAXDIM];
	Datum	   *values;
	bool	   *nulls;
	int			nvalues;
	FmgrInfo	output;
	int			i;

	if (!detail->printed && !detail->null_elements)
		return false;
	deconstruct_array(array, ARR_ELEMTYPE(array), detail->length,
					  detail->by_value, detail->align, &values, &nulls,
					  &nvalues);
	inner = nvalues / count;
	for (i = 0; i < ARR_NDIM(array); i++)
		bounds[i] = 1;
	fmgr_info(F_ARRAY_OUT, &output);
	text_append_literal(out, "[");
	for (i = 0; i < count; i++)
	{
		ArrayType  *part;
		char	   *text;

		CHECK_FOR_INTERRUPTS();
		if (i > 0)
			text_append_literal(out, ",");
		if (!detail->printed)
		{
			text_append_literal(out, "null");
			continue;
		}
		part = construct_md_array(values + i * inner, nulls + i * inner,
								  ARR_NDIM(array) - 1, ARR_DIMS(array) + 1,
								  bounds, ARR_ELEMTYPE(array),
								  detail->length, detail->by_value,
								  detail->align);
		text = OutputFunctionCall(&output, PointerGetDatum(part));
		json_append_text(out, text, strlen(text), element->options->utf8);
		pfree(part);
		pfree(text);
	}
	text_append_literal(out, "]");
	return true;
}

static bool
array_encode(StringInfo out, const Column *column, Datum value)
{
	const ArrayDetail *detail = column->detail;
	const Column *element = detail->element;
	ArrayType  *array = DatumGetArrayTypeP(value);
	int			count;
	const bits8 *bitmap = ARR_NULLBITMAP(array);
	char	   *next = ARR_DATA_PTR(array);
	int			i;

	if (ARR_NDIM(array) > 1)
		return encode_inner_arrays(out, detail, array);
	count = ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0];
	text_append_literal(out, "[");
	for (i = 0; i < count; i++)
	{
		Datum		item;

		CHECK_FOR_INTERRUPTS();
		if (i > 0)
			text_append_literal(out, ",");
		if (bitmap != NULL && (bitmap[i / 8] & (1 << (i % 8))) == 0)
		{
			if (!detail->null_elements)
				return false;
			text_append_literal(out, "null");
			continue;
		}
		item = fetch_att(next, detail->by_value, detail->length);
		next = att_addlength_pointer(next, detail->length, next);
		next = (char *) att_align_nominal(next, detail->align);
		if (is_special_numeric(element, item))
			return false;
		if (!element->encoder->encode(out, element,
									  driver_value(element, item)))
		{
			/* one that nanoseconds cannot hold is null by itself */
			if (element->type != TIMESTAMPOID)
				return false;
			text_append_literal(out, "null");
		}
	}
	text_append_literal(out, "]");
	return true;
}

/*
 * A column of the element type, made from the array's.
 */
static Column *
element_column(const Column *column, Oid type, bool required)
{
	Column	   *element = palloc0(sizeof(Column));

	element->options = column->options;
	element->table_name = column->table_name;
	element->name = column->name;
	element->declared_type = type;
	element->type = type;
	element->typmod = column->typmod;
	element->not_null = required;
	element->null_reported = column->null_reported;
	element->encoder = value_encoder_find(type, column->typmod,
										  column->options);
	column_prepare(element);
	element->schema = column_schema(element);
	return element;
}

static void
array_prepare(Column *column)
{
	ArrayDetail *detail = palloc0(sizeof(ArrayDetail));
	Oid			type = get_element_type(column->type);
	bool		optional;

	detail->rule = is_raw_vector(column->type) ? NULL : find_rule(type);
	optional = detail->rule != NULL;
	detail->printed = optional ? detail->rule->printed :
		type == TSVECTOROID || get_typtype(type) == TYPTYPE_ENUM;
	detail->null_elements = optional;
	if (!optional)
		extension_array_rule(type, &optional, &detail->null_elements,
							 &detail->printed);
	/* a NOT NULL column cannot be null: Debezium stops there */
	if (column->not_null)
		detail->null_elements = true;
	detail->element = element_column(column, type, !optional);
	get_typlenbyvalalign(type, &detail->length, &detail->by_value,
						 &detail->align);
	column->detail = detail;
}

static void
array_schema(Schema *schema, const Column *column)
{
	const ArrayDetail *detail = column->detail;

	schema->items = detail->element->schema;
}

/* A UUID of version 3 as Java makes it of bytes alone, without a name space */
static void
append_uuid(StringInfo out, const char *data, int len)
{
	Datum		digest = DirectFunctionCall1(md5_bytea,
											 PointerGetDatum(cstring_to_text_with_len(data, len)));
	char	   *hex = TextDatumGetCString(digest);
	static const char variants[] = "89ab";

	hex[12] = '3';
	hex[16] = variants[(hex[16] <= '9' ? hex[16] - '0' : hex[16] - 'a' + 10) & 3];
	appendStringInfo(out, "\"%.8s-%.4s-%.4s-%.4s-%.12s\"", hex, hex + 8,
					 hex + 12, hex + 16, hex + 20);
}

/*
 * Domains over arrays have no placeholder, nor do modes whose elements are
 * not what the placeholder is made of.
 */
static void
array_unavailable(StringInfo out, const Column *column)
{
	const ArrayDetail *detail = column->detail;
	const Column *element = detail->element;
	const DecoderOptions *options = column->options;
	const Schema *items = element->schema;
	int			i;

	if (detail->rule == NULL || column->declared_type != column->type)
		return;
	switch (detail->rule->placeholder)
	{
		case PLACEHOLDER_NONE:
			break;
		case PLACEHOLDER_ELEMENT:
			if (element->type == BYTEAOID && items->type != CONNECT_BYTES)
				break;
			text_append_literal(out, "[");
			element->encoder->unavailable(out, element);
			text_append_literal(out, "]");
			break;
		case PLACEHOLDER_NUMBERS:
			if ((items->type != CONNECT_INT32 && items->type != CONNECT_INT64) ||
				(items->name != NULL &&
				 strcmp(items->name, SCHEMA_CONNECT_DATE) == 0))
				break;
			for (i = 0; i < options->placeholder_len; i++)
			{
				appendStringInfoChar(out, i == 0 ? '[' : ',');
				json_append_int64(out, (signed char) options->placeholder[i]);
			}
			if (i == 0)
				text_append_literal(out, "[");
			text_append_literal(out, "]");
			break;
		case PLACEHOLDER_UUID:
			text_append_literal(out, "[");
			append_uuid(out, options->placeholder, options->placeholder_len);
			text_append_literal(out, "]");
			break;
	}
}

static const ValueEncoder encoder_array = {
	CONNECT_ARRAY, NULL, 0, array_schema,
	array_encode, NULL, "[]", NULL, array_unavailable, array_prepare
};

/*
 * Arrays of bit have the schema of a bit string, which never can hold them.
 */
static void
bit_array_prepare(Column *column)
{
	column->detail = element_column(column, BITOID, column->not_null);
}

static void
bit_array_schema(Schema *schema, const Column *column)
{
	const Column *element = column->detail;

	*schema = *element->schema;
}

static bool
bit_array_encode(StringInfo out, const Column *column, Datum value)
{
	return false;
}

static const ValueEncoder encoder_bit_array = {
	CONNECT_BYTES, NULL, 0, bit_array_schema,
	bit_array_encode, NULL, "null", NULL, NULL, bit_array_prepare
};

/*
 * int2vector and oidvector: of their text the driver makes an array without
 * elements.
 */
static bool
vector_encode(StringInfo out, const Column *column, Datum value)
{
	ArrayType  *array = DatumGetArrayTypeP(value);

	if (ARR_DIMS(array)[0] == 0)
		return false;
	text_append_literal(out, "[]");
	return true;
}

static const ValueEncoder encoder_vector = {
	CONNECT_ARRAY, NULL, 0, array_schema,
	vector_encode, NULL, "[]", NULL, NULL, array_prepare
};

/*
 * The encoder for an array type; NULL when columns of it are left out.
 */
const ValueEncoder *
array_encoder_find(Oid type, const DecoderOptions *options)
{
	Oid			element = get_element_type(type);
	const ArrayRule *rule = find_rule(element);

	if ((rule != NULL && !rule->supported) ||
		value_encoder_find(element, -1, options) == NULL)
		return NULL;
	if (is_raw_vector(type))
		return &encoder_vector;
	return element == BITOID ? &encoder_bit_array : &encoder_array;
}
