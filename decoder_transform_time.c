/*-------------------------------------------------------------------------
 *
 * decoder_transform_time.c
 *	  Kafka's transforms of times: TimestampConverter and TimestampRouter.
 *
 * NOTES
 *	  Formats are those of Java's SimpleDateFormat, in UTC and English, with
 *	  the letters that a time in UTC has a use for; all others are refused by
 *	  name.  Days before October 1582 are Gregorian here.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "decoder_transform.h"
#include "utils/datetime.h"

#define MSECS_PER_DAY	(SECS_PER_DAY * INT64CONST(1000))

static const char *const month_names[] = {
	"January", "February", "March", "April", "May", "June", "July", "August",
	"September", "October", "November", "December"
};
static const char *const day_names[] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	"Saturday"
};
static const char *const half_names[] = {"AM", "PM"};

/* ---------------------------------------------------------------- formats */

/* One element of a format: letters of a kind, or a literal */
typedef struct FormatItem
{
	char		letter;			/* 0: a literal */
	int			count;			/* of letters */
	const char *literal;
} FormatItem;

static FormatItem *
item_create(char letter, int count, const char *literal)
{
	FormatItem *item = palloc(sizeof(FormatItem));

	item->letter = letter;
	item->count = count;
	item->literal = literal;
	return item;
}

/*
 * Take a format apart: letters, and all else as it stands, letters among it
 * in single quotes.
 */
static List *
format_read(const TransformConfig *config, const char *property,
			const char *format)
{
	static const char letters[] = "yMdHhKkmsSaEuDzZX";
	List	   *items = NIL;
	const char *next = format;

	while (*next != '\0')
	{
		StringInfoData literal;

		if (isalpha((unsigned char) *next))
		{
			int			count = 1;

			while (next[count] == *next)
				count++;
			if (strchr(letters, *next) == NULL || (*next == 'X' && count > 3))
				config_refuse(config, property, format,
							  "patterns of SimpleDateFormat with the letters y M d H h K k m s S a E u D z Z X");
			items = lappend(items, item_create(*next, count, NULL));
			next += count;
			continue;
		}
		initStringInfo(&literal);
		while (*next != '\0' && !isalpha((unsigned char) *next))
		{
			if (*next != '\'')
				appendStringInfoChar(&literal, *next++);
			else if (next[1] == '\'')
			{
				appendStringInfoChar(&literal, '\'');
				next += 2;
			}
			else
			{
				for (next++; *next != '\'' || next[1] == '\''; next++)
				{
					if (*next == '\0')
						config_refuse(config, property, format,
									  "patterns whose quotes are closed");
					next += *next == '\'' ? 1 : 0;
					appendStringInfoChar(&literal, *next);
				}
				next++;
			}
		}
		items = lappend(items, item_create('\0', 0, literal.data));
	}
	return items;
}

/* A text, the whole of it for four letters, else its first three */
static void
append_name(StringInfo out, const char *name, int count)
{
	appendBinaryStringInfo(out, name, count >= 4 ? strlen(name) : 3);
}

/*
 * Append a time, in milliseconds since 1970.
 */
static void
format_append(StringInfo out, const List *items, int64 time)
{
	int64		days = time / MSECS_PER_DAY - (time % MSECS_PER_DAY < 0 ? 1 : 0);
	int			millis = (int) (time - days * MSECS_PER_DAY);
	int			hour = millis / 3600000;
	int			julian = (int) days + UNIX_EPOCH_JDATE;
	int			week_day = j2day(julian);
	int			year;
	int			month;
	int			day;
	const ListCell *cell;

	j2date(julian, &year, &month, &day);
	foreach(cell, items)
	{
		const FormatItem *item = lfirst(cell);
		int			number = 0;
		int			width = item->count;

		switch (item->letter)
		{
			case '\0':
				appendStringInfoString(out, item->literal);
				continue;
			case 'y':
				number = year > 0 ? year : 1 - year;
				if (width == 2)
					number %= 100;
				break;
			case 'M':
				if (width >= 3)
				{
					append_name(out, month_names[month - 1], width);
					continue;
				}
				number = month;
				break;
			case 'd':
				number = day;
				break;
			case 'D':
				number = julian - date2j(year, 1, 1) + 1;
				break;
			case 'u':
				number = week_day == 0 ? 7 : week_day;
				break;
			case 'E':
				append_name(out, day_names[week_day], width);
				continue;
			case 'a':
				appendStringInfoString(out, half_names[hour / 12]);
				continue;
			case 'H':
				number = hour;
				break;
			case 'k':
				number = hour == 0 ? 24 : hour;
				break;
			case 'K':
				number = hour % 12;
				break;
			case 'h':
				number = hour % 12 == 0 ? 12 : hour % 12;
				break;
			case 'm':
				number = millis / 60000 % 60;
				break;
			case 's':
				number = millis / 1000 % 60;
				break;
			case 'S':
				number = millis % 1000;
				break;
			case 'z':
				appendStringInfoString(out, width >= 4 ?
									   "Coordinated Universal Time" : "UTC");
				continue;
			case 'Z':
				appendStringInfoString(out, "+0000");
				continue;
			case 'X':
				appendStringInfoChar(out, 'Z');
				continue;
		}
		appendStringInfo(out, "%0*d", width, number);
	}
}

/* The number of the name at the start of a text, whole or its first three */
static int
parse_name(const char **next, const char *const *names, int count)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		int			len = strlen(names[i]);

		if (pg_strncasecmp(*next, names[i], len) != 0)
			len = Min(len, 3);
		if (pg_strncasecmp(*next, names[i], len) == 0)
		{
			*next += len;
			return i;
		}
	}
	return -1;
}

/* Minutes east of UTC; false: that is no zone */
static bool
parse_zone(const char **next, int *minutes)
{
	const char *text = *next;
	int			sign;
	int			hours;
	int			rest = 0;

	*minutes = 0;
	if (*text == 'Z')
	{
		*next = text + 1;
		return true;
	}
	if (strncmp(text, "UTC", 3) == 0 || strncmp(text, "GMT", 3) == 0)
		text += 3;
	*next = text;
	if (*text != '+' && *text != '-')
		return text[-1] == 'C' || text[-1] == 'T';
	sign = *text++ == '-' ? -1 : 1;
	if (strspn(text, "0123456789") < 2)
		return false;
	hours = (text[0] - '0') * 10 + text[1] - '0';
	text += text[2] == ':' ? 3 : 2;
	if (strspn(text, "0123456789") >= 2)
	{
		rest = (text[0] - '0') * 10 + text[1] - '0';
		text += 2;
	}
	*minutes = sign * (hours * 60 + rest);
	*next = text;
	return true;
}

/*
 * Read a time from the start of a text.  As in Java, numbers out of range
 * carry over.  False: the text is not of the format.
 */
static bool
format_parse(const List *items, const char *text, int64 *time)
{
	int			year = 1970;
	int			month = 1;
	int			day = 1;
	int			day_of_year = 0;
	int64		hour = 0;
	bool		afternoon = false;
	int64		minute = 0;
	int64		second = 0;
	int64		millis = 0;
	int			zone = 0;
	const ListCell *cell;

	foreach(cell, items)
	{
		const FormatItem *item = lfirst(cell);
		const ListCell *following = lnext(items, cell);
		const char *end;
		int			digits;
		int			number;
		int			name;

		switch (item->letter)
		{
			case '\0':
				if (strncmp(text, item->literal, strlen(item->literal)) != 0)
					return false;
				text += strlen(item->literal);
				continue;
			case 'E':
				if (parse_name(&text, day_names, lengthof(day_names)) < 0)
					return false;
				continue;
			case 'a':
				name = parse_name(&text, half_names, lengthof(half_names));
				if (name < 0)
					return false;
				afternoon = name == 1;
				continue;
			case 'z':
			case 'Z':
			case 'X':
				if (!parse_zone(&text, &zone))
					return false;
				continue;
			case 'M':
				if (item->count < 3)
					break;
				name = parse_name(&text, month_names, lengthof(month_names));
				if (name < 0)
					return false;
				month = name + 1;
				continue;
		}
		text += strspn(text, " \t");
		digits = strspn(text, "0123456789");
		/* with another number right behind, as many digits as letters */
		if (following != NULL && ((FormatItem *) lfirst(following))->letter != '\0' &&
			strchr("EazZX", ((FormatItem *) lfirst(following))->letter) == NULL)
			digits = Min(digits, item->count);
		if (digits == 0 || digits > 9)
			return false;
		end = text + digits;
		number = atoi(pnstrdup(text, digits));
		switch (item->letter)
		{
			case 'y':
				if (item->count <= 2 && digits == 2)
				{
					/* within eighty years before now and twenty after */
					int			now_year;
					int			ignored;
					int			century;

					j2date((int) (GetCurrentTimestamp() / USECS_PER_DAY) +
						   POSTGRES_EPOCH_JDATE, &now_year, &ignored, &ignored);
					century = (now_year - 80) / 100 * 100;
					number += century;
					if (number < now_year - 80)
						number += 100;
				}
				year = number;
				break;
			case 'M':
				month = number;
				break;
			case 'd':
				day = number;
				break;
			case 'D':
				day_of_year = number;
				break;
			case 'H':
			case 'K':
				hour = number;
				break;
			case 'k':
				hour = number % 24;
				break;
			case 'h':
				hour = number % 12;
				break;
			case 'm':
				minute = number;
				break;
			case 's':
				second = number;
				break;
			case 'S':
				millis = number;
				break;
		}
		text = end;
	}
	year += (month - 1) / 12;
	month = (month - 1) % 12 + 1;
	if (month < 1)
	{
		month += 12;
		year--;
	}
	if (day_of_year > 0)
	{
		month = 1;
		day = day_of_year;
	}
	*time = ((int64) date2j(year, month, 1) - UNIX_EPOCH_JDATE + day - 1) *
		MSECS_PER_DAY + (((hour + (afternoon ? 12 : 0)) * 60 + minute - zone) *
						 60 + second) * 1000 + millis;
	return true;
}

/* ----------------------------------------------------- TimestampConverter */

typedef enum TimeType
{
	TYPE_STRING,
	TYPE_UNIX,
	TYPE_DATE,
	TYPE_TIME,
	TYPE_TIMESTAMP
} TimeType;

static const char *const type_names[] = {
	"string", "unix", "Date", "Time", "Timestamp"
};

/* By number of unix.precision; in a second */
static const char *const precisions[] = {
	"seconds", "milliseconds", "microseconds", "nanoseconds"
};
static const int64 units[] = {1, 1000, 1000000, 1000000000};

typedef struct ConverterState
{
	const char *field;			/* empty: the whole value */
	TimeType	type;
	List	   *format;
	const char *format_text;
	int64		units;			/* of unix times, in a second */
	bool		replace_nulls;
} ConverterState;

typedef struct ConverterPlan
{
	const Schema *schema;
	StructLayout *layout;		/* NULL: the whole value is converted */
	int			field;			/* -1: there is none */
} ConverterPlan;

static void *
converter_configure(const TransformConfig *config)
{
	ConverterState *state = palloc0(sizeof(ConverterState));
	const char *type = config_required(config, "target.type");
	const char *format = config_string(config, "format", "");

	state->field = config_string(config, "field", "");
	state->type = config_choice(config, "target.type", type_names,
								lengthof(type_names), 0);
	if (strcmp(type, type_names[state->type]) != 0)
		config_refuse(config, "target.type", type,
					  "string, unix, Date, Time, Timestamp");
	if (state->type == TYPE_STRING)
		config_required(config, "format");
	state->format_text = format;
	state->format = format_read(config, "format", format);
	state->units = units[config_choice(config, "unix.precision", precisions,
									   lengthof(precisions), 1)];
	state->replace_nulls = config_bool(config, "replace.null.with.default",
									   true);
	return state;
}

/* What Connect makes of a schema: its own types, texts, unix times */
static TimeType
schema_time_type(Transform *transform, const Schema *schema)
{
	if (schema->name != NULL)
	{
		if (strcmp(schema->name, SCHEMA_CONNECT_TIMESTAMP) == 0)
			return TYPE_TIMESTAMP;
		if (strcmp(schema->name, SCHEMA_CONNECT_DATE) == 0)
			return TYPE_DATE;
		if (strcmp(schema->name, SCHEMA_CONNECT_TIME) == 0)
			return TYPE_TIME;
	}
	if (schema->type == CONNECT_STRING)
		return TYPE_STRING;
	if (schema->type == CONNECT_INT64)
		return TYPE_UNIX;
	transform_fail(transform, "a %s is no timestamp", schema->name != NULL ?
				   schema->name : schema_type_name(schema->type));
}

static Schema *
time_schema(TimeType type, bool optional)
{
	Schema	   *schema = schema_create(type == TYPE_STRING ? CONNECT_STRING :
									   type == TYPE_DATE || type == TYPE_TIME ?
									   CONNECT_INT32 : CONNECT_INT64, optional);

	if (type == TYPE_DATE)
		schema_set_name(schema, SCHEMA_CONNECT_DATE, 1);
	else if (type == TYPE_TIME)
		schema_set_name(schema, SCHEMA_CONNECT_TIME, 1);
	else if (type == TYPE_TIMESTAMP)
		schema_set_name(schema, SCHEMA_CONNECT_TIMESTAMP, 1);
	return schema;
}

/* Convert a value that is not null */
static Piece
convert_time(Transform *transform, const Schema *schema, Piece text)
{
	ConverterState *state = transform->state;
	int64		time;
	int64		days;
	StringInfoData out;

	if (schema_time_type(transform, schema) == TYPE_STRING)
	{
		Piece		given = piece_unquote(text);

		if (state->format == NIL ||
			!format_parse(state->format, given.data, &time))
			transform_fail(transform, "\"%s\" is not of the format \"%s\"",
						   given.data, state->format_text);
	}
	else
	{
		time = strtoi64(text.data, NULL, 10);
		if (schema_time_type(transform, schema) == TYPE_DATE)
			time *= MSECS_PER_DAY;
		else if (schema_time_type(transform, schema) == TYPE_UNIX)
		{
			/* Java's TimeUnit truncates */
			if (state->units < 1000)
				time *= 1000 / state->units;
			else
				time /= state->units / 1000;
		}
	}
	days = time / MSECS_PER_DAY - (time % MSECS_PER_DAY < 0 ? 1 : 0);
	switch (state->type)
	{
		case TYPE_STRING:
			initStringInfo(&out);
			format_append(&out, state->format, time);
			return piece_quote(out.data, transform->utf8);
		case TYPE_UNIX:
			return piece_from_int64(state->units < 1000 ?
									time / (1000 / state->units) :
									time * (state->units / 1000));
		case TYPE_DATE:
			return piece_from_int64(days);
		case TYPE_TIME:
			return piece_from_int64(time - days * MSECS_PER_DAY);
		case TYPE_TIMESTAMP:
			break;
	}
	return piece_from_int64(time);
}

static void *
converter_plan_build(Transform *transform, const Schema *schema)
{
	ConverterState *state = transform->state;
	ConverterPlan *plan = palloc0(sizeof(ConverterPlan));
	Schema	   *converted;

	if (*state->field == '\0')
	{
		plan->schema = time_schema(state->type, schema->optional);
		return plan;
	}
	if (schema->type != CONNECT_STRUCT)
		transform_fail(transform, "a struct is needed, not %s",
					   schema_type_name(schema->type));
	converted = schema_copy(schema);
	plan->field = struct_field_index(schema, state->field);
	if (plan->field >= 0)
		converted->fields[plan->field].schema =
			time_schema(state->type, schema->fields[plan->field].schema->optional);
	plan->schema = converted;
	plan->layout = layout_create(converted, transform->utf8);
	return plan;
}

static bool
converter_apply(Transform *transform, ConnectRecord *record)
{
	ConverterState *state = transform->state;
	ConnectValue *part = transform_part(transform, record);
	const ConverterPlan *plan;
	const Schema *schema = part->schema;
	Piece	   *fields;
	int			i;

	if (schema == NULL)
		return true;
	plan = transform_plan(transform, schema, converter_plan_build);
	part->schema = plan->schema;
	if (plain_is_null(part->text.data))
		return true;
	if (plan->layout == NULL)
	{
		part->text = convert_time(transform, schema, part->text);
		return true;
	}
	fields = struct_split(part);
	for (i = 0; i < schema->nfields; i++)
	{
		if (state->replace_nulls)
			fields[i] = field_or_default(fields[i], schema->fields[i].schema);
		if (i == plan->field && !plain_is_null(fields[i].data))
			fields[i] = convert_time(transform, schema->fields[i].schema,
									 fields[i]);
	}
	part->text = struct_join(plan->layout, fields);
	return true;
}

const TransformClass transform_timestamp_converter = {
	.configure = converter_configure,
	.apply = converter_apply
};

/* -------------------------------------------------------- TimestampRouter */

typedef struct TimestampRouterState
{
	const char *topic_format;
	List	   *timestamp_format;
} TimestampRouterState;

static void *
timestamp_router_configure(const TransformConfig *config)
{
	TimestampRouterState *state = palloc0(sizeof(TimestampRouterState));

	state->topic_format = config_string(config, "topic.format",
										"${topic}-${timestamp}");
	state->timestamp_format = format_read(config, "timestamp.format",
										  config_string(config,
														"timestamp.format",
														"yyyyMMdd"));
	return state;
}

static bool
timestamp_router_apply(Transform *transform, ConnectRecord *record)
{
	static const char topic[] = "${topic}";
	static const char timestamp[] = "${timestamp}";
	TimestampRouterState *state = transform->state;
	const char *next = state->topic_format;
	StringInfoData name;

	if (!record->has_timestamp)
		transform_fail(transform, "the record has no timestamp");
	initStringInfo(&name);
	while (*next != '\0')
	{
		if (strncmp(next, topic, strlen(topic)) == 0)
		{
			appendBinaryStringInfo(&name, record->topic.data, record->topic.len);
			next += strlen(topic);
		}
		else if (strncmp(next, timestamp, strlen(timestamp)) == 0)
		{
			format_append(&name, state->timestamp_format, record->timestamp);
			next += strlen(timestamp);
		}
		else
			appendStringInfoChar(&name, *next++);
	}
	record->topic = piece_from_info(&name);
	return true;
}

const TransformClass transform_timestamp_router = {
	.configure = timestamp_router_configure,
	.apply = timestamp_router_apply
};
