/*-------------------------------------------------------------------------
 *
 * decoder_transform_timezone.c
 *	  io.debezium.transforms.TimezoneConverter: times of an event in another
 *	  time zone.
 *
 * NOTES
 *	  Times with a zone show the same instant with another offset.  Times
 *	  without are taken as local in the zone, and become instants in UTC.
 *
 *	  The offset of a time that a change of clocks makes twice, or skips, is
 *	  the one before the change, as in Java.  As in the original, the offset
 *	  for a time with zone is looked up by the time on its own clock, and that
 *	  of a mere time of day is today's.
 *
 *	  Zones are those of the server.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "decoder_compat.h"
#include "decoder_transform.h"
#include "pgtime.h"
#include "utils/datetime.h"

/* A rule of a list: a table or topic, and maybe one of its fields */
typedef struct ZoneRule
{
	const char *what;			/* "source" or "topic"; NULL: either */
	const char *name;
	const char *field;			/* NULL: all */
} ZoneRule;

typedef struct ZoneState
{
	pg_tz	   *zone;			/* NULL: fixed_offset */
	int			fixed_offset;	/* seconds east of UTC */
	List	   *rules;			/* NIL: everything is converted */
	bool		exclude;		/* else include */
} ZoneState;

/* Kinds of time, by the name of their schema */
typedef enum ZoneKind
{
	ZONE_MILLIS,
	ZONE_MICROS,
	ZONE_NANOS,
	ZONE_TIMESTAMP,
	ZONE_TIME
} ZoneKind;

static const struct
{
	const char *name;
	ZoneKind	kind;
}			zone_kinds[] = {
	{"io.debezium.time.Timestamp", ZONE_MILLIS},
	{"io.debezium.time.MicroTimestamp", ZONE_MICROS},
	{"io.debezium.time.NanoTimestamp", ZONE_NANOS},
	{"io.debezium.time.ZonedTimestamp", ZONE_TIMESTAMP},
	{"io.debezium.time.ZonedTime", ZONE_TIME},
	{SCHEMA_CONNECT_TIMESTAMP, ZONE_MILLIS}
};

/* ---------------------------------------------------------- configuration */

/* +hh:mm or +hh:mm:ss */
static bool
read_offset(const char *text, int *offset)
{
	static const char digits[] = "0123456789";
	int			len = strlen(text);
	int			i;

	if ((*text != '+' && *text != '-') || (len != 6 && len != 9))
		return false;
	for (i = 1; i < len; i++)
	{
		if (i % 3 == 0 ? text[i] != ':' : strchr(digits, text[i]) == NULL)
			return false;
	}
	*offset = atoi(text + 1) * SECS_PER_HOUR + atoi(text + 4) * SECS_PER_MINUTE +
		(len == 9 ? atoi(text + 7) : 0);
	if (*offset > 18 * SECS_PER_HOUR)
		return false;
	if (*text == '-')
		*offset = -*offset;
	return true;
}

static List *
read_rules(const TransformConfig *config, const char *property)
{
	List	   *rules = NIL;
	const char *what = NULL;
	ListCell   *cell;

	foreach(cell, config_list(config, property))
	{
		ZoneRule   *rule = palloc0(sizeof(ZoneRule));
		char	   *save = NULL;
		char	   *parts[4] = {NULL, NULL, NULL, NULL};
		int			count = 0;
		char	   *item = pstrdup(lfirst(cell));
		char	   *part;
		int			first;

		for (part = strtok_r(item, ":", &save); part != NULL && count < 4;
			 part = strtok_r(NULL, ":", &save))
			parts[count++] = part;
		first = count > 1 && (pg_strcasecmp(parts[0], "source") == 0 ||
							  pg_strcasecmp(parts[0], "topic") == 0) ? 1 : 0;
		if (count == 0 || count - first > 2)
			config_refuse(config, property, lfirst(cell),
						  "lists of source:table, source:table:field, topic:name, topic:name:field, name:field");
		/* what one item says holds for those behind it, too */
		if (first == 1)
			what = pg_strcasecmp(parts[0], "source") == 0 ? "source" : "topic";
		rule->what = what;
		rule->name = parts[first];
		rule->field = parts[first + 1];
		rules = lappend(rules, rule);
	}
	return rules;
}

static void *
zone_configure(const TransformConfig *config)
{
	ZoneState  *state = palloc0(sizeof(ZoneState));
	const char *zone = config_required(config, "converted.timezone");
	List	   *include = read_rules(config, "include.list");
	List	   *exclude = read_rules(config, "exclude.list");

	if (!read_offset(zone, &state->fixed_offset))
	{
		state->zone = pg_tzset(zone);
		if (state->zone == NULL)
			config_refuse(config, "converted.timezone", zone,
						  "names of zones, and offsets such as +08:00");
	}
	if (include != NIL && exclude != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"%s\" and \"%s\" exclude each other",
						config_name(config, "include.list"),
						config_name(config, "exclude.list")),
				 errhint("Give only one of them.")));
	state->rules = include != NIL ? include : exclude;
	state->exclude = exclude != NIL;
	return state;
}

/* ---------------------------------------------------------------- offsets */

/*
 * Seconds east of UTC at a time that a clock in the zone shows, which is given
 * in seconds since 1970 as if it were in UTC.
 */
static int
local_offset(const ZoneState *state, int64 local)
{
	pg_time_t	from = local - 2 * SECS_PER_DAY;
	long		before;
	long		after;
	int			before_dst;
	int			after_dst;
	pg_time_t	boundary;
	int			found;

	if (state->zone == NULL)
		return state->fixed_offset;
	for (;;)
	{
		found = pg_next_dst_boundary(&from, &before, &before_dst, &boundary,
									 &after, &after_dst, state->zone);
		if (found < 0)
			return 0;
		if (found == 0 || local < boundary + Max(before, after))
			return (int) before;
		from = boundary;
	}
}

/* The offset right now */
static int
current_offset(const ZoneState *state)
{
	pg_time_t	now = unix_usecs(GetCurrentTimestamp()) / USECS_PER_SEC;
	struct pg_tm *tm;

	if (state->zone == NULL)
		return state->fixed_offset;
	tm = pg_localtime(&now, state->zone);
	return tm == NULL ? 0 : (int) tm->tm_gmtoff;
}

/* The same for an instant, in seconds since 1970 */
static int
instant_offset(const ZoneState *state, int64 seconds)
{
	pg_time_t	time = seconds;
	struct pg_tm *tm;

	if (state->zone == NULL)
		return state->fixed_offset;
	tm = pg_localtime(&time, state->zone);
	return tm == NULL ? 0 : (int) tm->tm_gmtoff;
}

/* ----------------------------------------------------------------- values */

static void
append_offset(StringInfo out, int offset)
{
	int			size = abs(offset);

	if (offset == 0)
	{
		appendStringInfoChar(out, 'Z');
		return;
	}
	appendStringInfo(out, "%c%02d:%02d", offset < 0 ? '-' : '+',
					 size / SECS_PER_HOUR, size / SECS_PER_MINUTE % 60);
	if (size % SECS_PER_MINUTE != 0)
		appendStringInfo(out, ":%02d", size % SECS_PER_MINUTE);
}

/* A clock's time within a day, and the digits behind the second */
static void
append_clock(StringInfo out, int seconds, const char *fraction, int len)
{
	appendStringInfo(out, "%02d:%02d:%02d", seconds / SECS_PER_HOUR,
					 seconds / SECS_PER_MINUTE % 60, seconds % SECS_PER_MINUTE);
	while (len > 0 && fraction[len - 1] == '0')
		len--;
	if (len > 0)
		appendStringInfo(out, ".%.*s", len, fraction);
}

/*
 * Read hh:mm:ss, a fraction, and the offset of what the database wrote, all
 * of it in UTC; false when it is not that.
 */
static bool
read_clock(const char *text, int *seconds, const char **fraction, int *len)
{
	int			hour;
	int			minute;
	int			second;

	if (sscanf(text, "%2d:%2d:%2d", &hour, &minute, &second) != 3)
		return false;
	*seconds = (hour * 60 + minute) * 60 + second;
	text += 8;
	*fraction = text;
	*len = 0;
	if (*text == '.')
	{
		*fraction = text + 1;
		*len = strspn(*fraction, "0123456789");
		text = *fraction + *len;
	}
	return strcmp(text, "Z") == 0;
}

/* 2020-01-02T03:04:05.678Z in the zone; what is no such time stays */
static Piece
convert_zoned(Transform *transform, const ZoneState *state, Piece text)
{
	const char *given = piece_unquote(text).data;
	const char *clock = strchr(given, 'T');
	const char *fraction;
	StringInfoData out;
	int			len;
	int			seconds;
	int			year;
	int			month;
	int			day;
	int64		days;
	int			offset;

	if (clock == NULL ||
		sscanf(given, "%d-%2d-%2dT", &year, &month, &day) != 3 ||
		!read_clock(clock + 1, &seconds, &fraction, &len))
		return text;
	days = date2j(year, month, day) - UNIX_EPOCH_JDATE;
	offset = local_offset(state, days * SECS_PER_DAY + seconds);
	seconds += offset;
	if (seconds < 0)
	{
		days--;
		seconds += SECS_PER_DAY;
	}
	else if (seconds >= SECS_PER_DAY)
	{
		days++;
		seconds -= SECS_PER_DAY;
	}
	j2date((int) days + UNIX_EPOCH_JDATE, &year, &month, &day);
	initStringInfo(&out);
	appendStringInfo(&out, year > 9999 ? "+%d" : year < 0 ? "-%04d" : "%04d",
					 abs(year));
	appendStringInfo(&out, "-%02d-%02dT", month, day);
	append_clock(&out, seconds, fraction, len);
	append_offset(&out, offset);
	return piece_quote(out.data, transform->utf8);
}

/* 03:04:05.678Z, the same */
static Piece
convert_zoned_time(Transform *transform, const ZoneState *state, Piece text)
{
	int			offset = current_offset(state);
	const char *fraction;
	StringInfoData out;
	int			len;
	int			seconds;

	if (!read_clock(piece_unquote(text).data, &seconds, &fraction, &len))
		return text;
	initStringInfo(&out);
	append_clock(&out, (seconds + offset + SECS_PER_DAY) % SECS_PER_DAY,
				 fraction, len);
	append_offset(&out, offset);
	return piece_quote(out.data, transform->utf8);
}

/* A number of units of which a second has "units" */
static Piece
convert_number(const ZoneState *state, Piece text, int64 units)
{
	int64		value = strtoi64(text.data, NULL, 10);
	int64		seconds = value / units - (value % units < 0 ? 1 : 0);

	return piece_from_int64(value - local_offset(state, seconds) * units);
}

static Piece
convert_time(Transform *transform, const Schema *schema, Piece text)
{
	const ZoneState *state = transform->state;
	int			i;

	for (i = 0; i < lengthof(zone_kinds); i++)
	{
		if (schema->name == NULL ||
			strcmp(schema->name, zone_kinds[i].name) != 0)
			continue;
		switch (zone_kinds[i].kind)
		{
			case ZONE_MILLIS:
				return convert_number(state, text, 1000);
			case ZONE_MICROS:
				return convert_number(state, text, USECS_PER_SEC);
			case ZONE_NANOS:
				return convert_number(state, text, USECS_PER_SEC * 1000);
			case ZONE_TIMESTAMP:
				return convert_zoned(transform, state, text);
			case ZONE_TIME:
				return convert_zoned_time(transform, state, text);
		}
	}
	return text;
}

/* A field ts_ms, ts_us or ts_ns of the source block, moved by the offset */
static Piece
convert_source_time(const ZoneState *state, const char *name, Piece text)
{
	int64		units = strcmp(name, "ts_ms") == 0 ? 1000 :
	strcmp(name, "ts_us") == 0 ? USECS_PER_SEC :
	strcmp(name, "ts_ns") == 0 ? USECS_PER_SEC * 1000 : 0;
	int64		value;

	if (units == 0)
		return text;
	value = strtoi64(text.data, NULL, 10);
	return piece_from_int64(value + units *
							instant_offset(state, value / units -
										   (value % units < 0 ? 1 : 0)));
}

/* ------------------------------------------------------------------ rules */

/*
 * The fields that rules name for a table or topic; *matched gets whether
 * there is any.  Topics come before tables, and these before either.
 */
static List *
find_rules(const ZoneState *state, const char *table, Piece topic,
		   bool *matched)
{
	static const char *const whats[] = {"topic", "source", NULL, NULL};
	List	   *fields = NIL;
	int			i;

	*matched = false;
	for (i = 0; i < lengthof(whats) && !*matched; i++)
	{
		ListCell   *cell;

		foreach(cell, state->rules)
		{
			const ZoneRule *rule = lfirst(cell);

			if (rule->what != whats[i])
			{
				if (rule->what == NULL || whats[i] == NULL ||
					strcmp(rule->what, whats[i]) != 0)
					continue;
			}
			if (i % 2 == 0 ? !piece_is(topic, rule->name) :
				table == NULL || strcmp(table, rule->name) != 0)
				continue;
			*matched = true;
			if (rule->field != NULL)
				fields = lappend(fields, unconstify(char *, rule->field));
		}
	}
	return fields;
}

/* Is a field of "before", "after" or "source" among those? */
static bool
is_named(const List *fields, const char *part, const char *name)
{
	const ListCell *cell;

	foreach(cell, fields)
	{
		const char *field = lfirst(cell);
		int			len = strlen(part);

		if (strncmp(field, part, len) == 0 && field[len] == '.' &&
			strcmp(field + len + 1, name) == 0)
			return true;
		if (strcmp(part, "source") != 0 && strcmp(field, name) == 0)
			return true;
	}
	return false;
}

/* What is converted: by the lists, all fields, some, or all but some */
typedef enum ZoneChoice
{
	CHOICE_ALL,
	CHOICE_NAMED,
	CHOICE_OTHERS
} ZoneChoice;

static Piece
convert_struct(Transform *transform, const char *part,
			   const ConnectValue *value, ZoneChoice choice,
			   const List *fields)
{
	Piece	   *texts = struct_split(value);
	bool		source = strcmp(part, "source") == 0;
	int			i;

	for (i = 0; i < value->schema->nfields; i++)
	{
		const SchemaField *field = &value->schema->fields[i];
		bool		named = is_named(fields, part, field->name);

		if (choice != CHOICE_ALL && named != (choice == CHOICE_NAMED))
			continue;
		texts[i] = field_or_default(texts[i], field->schema);
		if (plain_is_null(texts[i].data))
			continue;
		texts[i] = source && field->schema->name == NULL ?
			convert_source_time(transform->state, field->name, texts[i]) :
			convert_time(transform, field->schema, texts[i]);
	}
	return struct_join(layout_create(value->schema, transform->utf8), texts);
}

static bool
zone_apply(Transform *transform, ConnectRecord *record)
{
	static const char *const parts[] = {"before", "after", "source"};
	ZoneState  *state = transform->state;
	const Schema *event = record->value.schema;
	ZoneChoice	choice = CHOICE_ALL;
	List	   *fields = NIL;
	Piece	   *texts;
	int			i;

	if (value_is_null(&record->value) || !schema_is_envelope(event))
		return true;
	texts = struct_split(&record->value);
	if (state->rules != NIL)
	{
		int			source = struct_field_index(event, "source");
		const char *table = NULL;
		bool		matched;

		if (source >= 0)
		{
			ConnectValue value = value_create(event->fields[source].schema,
											  texts[source]);
			int			field = struct_field_index(value.schema, "table");

			if (field >= 0)
				table = piece_unquote(struct_split(&value)[field]).data;
		}
		fields = find_rules(state, table, record->topic, &matched);
		if (matched && fields != NIL)
			choice = state->exclude ? CHOICE_OTHERS : CHOICE_NAMED;
		else if (matched == state->exclude)
			return true;
	}
	for (i = 0; i < lengthof(parts); i++)
	{
		int			field = struct_field_index(event, parts[i]);
		ConnectValue value;
		ListCell   *cell;
		bool		wanted = i < 2;

		/* the source block only where one of its fields is named */
		foreach(cell, fields)
			wanted |= strncmp(lfirst(cell), "source.", 7) == 0;
		if (field < 0 || !wanted)
			continue;
		value = value_create(event->fields[field].schema, texts[field]);
		if (!value_is_null(&value))
			texts[field] = convert_struct(transform, parts[i], &value, choice,
										  fields);
	}
	record->value.text = struct_join(layout_create(event, transform->utf8),
									 texts);
	return true;
}

const TransformClass transform_timezone = {
	.configure = zone_configure,
	.apply = zone_apply
};
