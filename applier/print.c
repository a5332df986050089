/*-------------------------------------------------------------------------
 *
 * print.c
 *	  Sinks for trials: rows as Flink's connector print shows them.
 *
 * NOTES
 *	  Values are shown as Java does: null, true, 2026-01-01T00:00.  What a
 *	  row was before is shown only where the event says it: a source of
 *	  connector upsert-kafka has no -U, and +U for new rows, too.
 *
 *	  A batch is shown when its progress is committed, flow by flow, so what a
 *	  crash cuts off is not shown again.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <math.h>

#include "fold.h"
#include "print.h"

typedef struct MemoryProgress
{
	char	   *topic;
	int32		partition;
	int64		next_offset;
} MemoryProgress;

struct Print
{
	const Pipeline *pipeline;
	PQExpBufferData text[2];	/* for stdout, stderr */
	MemoryProgress *progress;
	int			progress_count;
};

/* ---------------------------------------------------------------- values */

static void append_value(PQExpBuffer text, const DataType *type,
						 const FieldValue *value);

/*
 * The time of day as Java writes it: no seconds where they are zero, unless
 * of an instant, and fractions in groups of three digits.
 */
static void
append_time_of_day(PQExpBuffer text, const char *time, size_t length,
				   bool instant)
{
	size_t		digits = length > 9 ? length - 9 : 0;

	while (digits > 0 && time[8 + digits] == '0')
		digits--;
	appendBinaryPQExpBuffer(text, time, Min(length, 5));
	if (length < 8)
	{
		if (instant)
			appendPQExpBufferStr(text, ":00");
		return;
	}
	if (instant || digits > 0 || strncmp(time + 5, ":00", 3) != 0)
		appendBinaryPQExpBuffer(text, time + 5, 3);
	if (digits == 0)
		return;
	appendPQExpBufferChar(text, '.');
	for (size_t i = 0; i < (digits + 2) / 3 * 3; i++)
		appendPQExpBufferChar(text, i < digits ? time[9 + i] : '0');
}

/* "2026-01-02 10:00:00.000000", with or without a zone that is not UTC. */
static void
append_timestamp(PQExpBuffer text, const FieldValue *value, bool instant)
{
	size_t		length = value->length;
	const char *end = value->text + length;
	const char *time = value->text;
	const char *zone;

	while (time < end && *time != ' ' && *time != 'T')
		time++;
	if (time == end)			/* infinity */
	{
		appendBinaryPQExpBuffer(text, value->text, length);
		return;
	}
	appendBinaryPQExpBuffer(text, value->text, time - value->text);
	appendPQExpBufferChar(text, 'T');
	time++;
	for (zone = time; zone < end && strchr("0123456789:.", *zone) != NULL; zone++)
		;
	append_time_of_day(text, time, zone - time, instant);
	if (instant && (zone == end || *zone == ' '))
		appendPQExpBufferChar(text, 'Z');
	appendBinaryPQExpBuffer(text, zone, end - zone);
}

/* The shortest digits that give the number, as Java's toString() has them. */
static void
append_float(PQExpBuffer text, const FieldValue *value, bool single)
{
	char	   *digits = pnstrdup(value->text, value->length);
	double		number = single ? strtof(digits, NULL) : strtod(digits, NULL);
	char		shortest[32];
	char	   *mantissa;
	char	   *exponent_text;
	int			exponent;

	free(digits);
	if (number == 0 || number - number != 0)
	{
		/* 0.0, NaN, Infinity */
		if (number == 0)
			appendPQExpBufferStr(text, signbit(number) ? "-0.0" : "0.0");
		else
			appendBinaryPQExpBuffer(text, value->text, value->length);
		return;
	}
	for (int precision = 0; precision < 17; precision++)
	{
		snprintf(shortest, sizeof(shortest), "%.*e", precision, number);
		if (single ? strtof(shortest, NULL) == (float) number :
			strtod(shortest, NULL) == number)
			break;
	}
	/* d.ddde+xx */
	exponent_text = strchr(shortest, 'e');
	*exponent_text++ = '\0';
	exponent = atoi(exponent_text);
	mantissa = shortest;
	if (*mantissa == '-')
		appendPQExpBufferChar(text, *mantissa++);
	if (exponent < -3 || exponent >= 7)
	{
		appendPQExpBuffer(text, "%s%sE%d", mantissa,
						  mantissa[1] == '\0' ? ".0" : "", exponent);
		return;
	}
	if (exponent < 0)
	{
		appendPQExpBufferStr(text, "0.");
		for (int i = exponent + 1; i < 0; i++)
			appendPQExpBufferChar(text, '0');
	}
	appendPQExpBufferChar(text, *mantissa++);
	mantissa += *mantissa == '.';
	for (int i = 0; i < exponent; i++)
		appendPQExpBufferChar(text, *mantissa != '\0' ? *mantissa++ : '0');
	if (exponent >= 0)
		appendPQExpBuffer(text, ".%s", *mantissa != '\0' ? mantissa : "0");
	else
		appendPQExpBufferStr(text, mantissa);
}

/* Digits with as many behind the point as the type has; rounded half up. */
static void
append_decimal(PQExpBuffer text, const DataType *type, const FieldValue *value)
{
	const char *digits = value->text;
	const char *end = digits + value->length;
	const char *point = memchr(digits, '.', value->length);
	size_t		start = text->len;
	int			behind = point != NULL ? (int) (end - point - 1) : 0;
	bool		up = behind > type->scale && point[1 + type->scale] >= '5';

	for (const char *p = digits; p < end; p++)
		if (strchr("+-.0123456789", *p) == NULL)
		{
			/* with an exponent, or NaN: as it is */
			appendBinaryPQExpBuffer(text, digits, value->length);
			return;
		}
	if (*digits == '-' || *digits == '+')
	{
		if (*digits++ == '-')
			appendPQExpBufferChar(text, '-');
		start = text->len;
	}
	if (behind > type->scale)
		end = point + type->scale + (type->scale > 0 ? 1 : 0);
	appendBinaryPQExpBuffer(text, digits, end - digits);
	if (behind < type->scale && point == NULL)
		appendPQExpBufferChar(text, '.');
	for (; behind < type->scale; behind++)
		appendPQExpBufferChar(text, '0');
	for (size_t i = text->len; up && i-- > start;)
	{
		if (text->data[i] == '.')
			continue;
		up = text->data[i] == '9';
		text->data[i] = up ? '0' : text->data[i] + 1;
	}
	if (up)						/* all were nines */
	{
		appendPQExpBufferChar(text, '0');
		memmove(text->data + start + 1, text->data + start,
				text->len - start - 1);
		text->data[start] = '1';
	}
}

/* Base64 as Java shows a byte[]. */
static void
append_bytes(PQExpBuffer text, const FieldValue *value)
{
	size_t		room = value->length / 4 * 3;
	unsigned char *bytes = pg_malloc(room + 1);
	size_t		count = 0;

	if (value->length > 0 &&
		!decode_base64(value->text, value->length, bytes, room, &count))
		appendBinaryPQExpBuffer(text, value->text, value->length);
	else
	{
		appendPQExpBufferChar(text, '[');
		for (size_t i = 0; i < count; i++)
			appendPQExpBuffer(text, "%s%d", i > 0 ? ", " : "",
							  (signed char) bytes[i]);
		appendPQExpBufferChar(text, ']');
	}
	free(bytes);
}

/* One element of an array: the text up to a comma or brace, unescaped. */
static const char *
read_element(const char *p, const char *end, PQExpBuffer element, bool *null)
{
	bool		quoted = p < end && *p == '"';
	bool		inside = false; /* a text of an array in the array */
	int			depth = 0;

	resetPQExpBuffer(element);
	for (p += quoted ? 1 : 0; p < end; p++)
	{
		if (quoted && *p == '"')
		{
			p++;
			break;
		}
		if (*p == '\\' && p + 1 < end)
		{
			if (!quoted)
				appendPQExpBufferChar(element, *p);
			p++;
		}
		else if (!quoted && !inside && depth == 0 && (*p == ',' || *p == '}'))
			break;
		else if (*p == '"')
			inside = !inside;
		else if (!quoted && !inside)
			depth += *p == '{' ? 1 : *p == '}' ? -1 : 0;
		appendPQExpBufferChar(element, *p);
	}
	*null = !quoted && strcmp(element->data, "NULL") == 0;
	return p;
}

/* PostgreSQL's {"a",NULL} as Java shows an array: [a, null] */
static void
append_array(PQExpBuffer text, const DataType *type, const FieldValue *value)
{
	const char *end = value->text + value->length;
	const char *p = value->text + 1;
	PQExpBufferData element;

	initPQExpBuffer(&element);
	appendPQExpBufferChar(text, '[');
	while (p < end && *p != '}')
	{
		FieldValue	member;
		bool		null;

		p = read_element(p, end, &element, &null);
		member.text = element.data;
		member.length = null ? VALUE_NULL : (int32) element.len;
		append_value(text, type->element, &member);
		if (p < end && *p == ',')
		{
			appendPQExpBufferStr(text, ", ");
			p++;
		}
	}
	appendPQExpBufferChar(text, ']');
	termPQExpBuffer(&element);
}

/* A JSON object as Java shows a map: {a=1, b=null} */
static void
append_map(PQExpBuffer text, const DataType *type, const FieldValue *value)
{
	JsonReader	reader;
	JsonToken	token;
	const char *separator = "";

	json_init(&reader);
	json_start(&reader, value->text, value->length);
	appendPQExpBufferChar(text, '{');
	if (json_next(&reader) == JSON_OBJECT)
		while (json_next(&reader) == JSON_NAME)
		{
			FieldValue	member;

			appendPQExpBufferStr(text, separator);
			appendBinaryPQExpBuffer(text, reader.text, reader.length);
			appendPQExpBufferChar(text, '=');
			separator = ", ";
			token = json_next(&reader);
			if (token == JSON_OBJECT || token == JSON_ARRAY)
			{
				const char *start = reader.token_start;

				if (json_leave(&reader))
					appendBinaryPQExpBuffer(text, start, reader.position - start);
				continue;
			}
			member.text = token == JSON_TRUE ? "t" : token == JSON_FALSE ? "f" :
				reader.text;
			member.length = token == JSON_NULL ? VALUE_NULL :
				token == JSON_TRUE || token == JSON_FALSE ? 1 :
				(int32) reader.length;
			append_value(text, type->element, &member);
		}
	appendPQExpBufferChar(text, '}');
	json_free(&reader);
}

static void
append_value(PQExpBuffer text, const DataType *type, const FieldValue *value)
{
	if (value->length == VALUE_NULL)
	{
		appendPQExpBufferStr(text, "null");
		return;
	}
	if (value->length == VALUE_UNAVAILABLE)
	{
		appendPQExpBufferStr(text, "__debezium_unavailable_value");
		return;
	}
	switch (type->kind)
	{
		case TYPE_BOOLEAN:
			appendPQExpBufferStr(text, *value->text == 't' ? "true" : "false");
			break;
		case TYPE_FLOAT:
		case TYPE_DOUBLE:
			append_float(text, value, type->kind == TYPE_FLOAT);
			break;
		case TYPE_DECIMAL:
			append_decimal(text, type, value);
			break;
		case TYPE_BINARY:
		case TYPE_VARBINARY:
			append_bytes(text, value);
			break;
		case TYPE_TIME:
			append_time_of_day(text, value->text, value->length, false);
			break;
		case TYPE_TIMESTAMP:
		case TYPE_TIMESTAMP_LTZ:
			append_timestamp(text, value, type->kind == TYPE_TIMESTAMP_LTZ);
			break;
		case TYPE_ARRAY:
			append_array(text, type, value);
			break;
		case TYPE_MAP:
			append_map(text, type, value);
			break;
		default:
			appendBinaryPQExpBuffer(text, value->text, value->length);
			break;
	}
}

/* ------------------------------------------------------------------ rows */

/* What has become of the row: +I, -U, +U, -D. */
static const char *
row_kind(const Stage *stage, int row)
{
	switch (stage->rows[row].kind)
	{
		case ROW_UPDATE_BEFORE:
			return "-U";
		case ROW_DELETE:
			return "-D";
		case ROW_UPSERT:
			break;
	}
	if (stage->source->format == FORMAT_UPSERT_JSON)
		return "+U";
	return row > 0 && stage->rows[row - 1].event == stage->rows[row].event &&
		stage->rows[row - 1].kind == ROW_UPDATE_BEFORE ? "+U" : "+I";
}

static void
print_row(PQExpBuffer text, const Flow *flow, const Stage *stage, int row,
		  FieldValue *outputs)
{
	const char *identifier = flow->sink->print_identifier;

	if (!stage->rows[row].key_only && flow->condition != NULL &&
		condition_evaluate(flow->condition, stage_row(stage, row)) != TRUTH_TRUE)
		return;
	flow_evaluate(flow, stage_row(stage, row), outputs);
	if (identifier != NULL)
		appendPQExpBuffer(text, "%s> ", identifier);
	appendPQExpBuffer(text, "%s[", row_kind(stage, row));
	for (int i = 0; i < flow->output_count; i++)
	{
		if (i > 0)
			appendPQExpBufferStr(text, ", ");
		append_value(text, &flow->outputs[i].type, &outputs[i]);
	}
	appendPQExpBufferStr(text, "]\n");
}

static void
print_flow(PQExpBuffer text, const Flow *flow, const Batch *batch,
		   const Stage *stage, int from, int to)
{
	FieldValue *outputs = pg_malloc(flow->output_count * sizeof(FieldValue));

	for (int row = stage_find(stage, from);
		 row < stage->row_count && stage->rows[row].event < to; row++)
	{
		if (batch->events[stage->rows[row].event].rejected ||
			(stage->rows[row].key_only &&
			 stage->rows[row].kind == ROW_UPDATE_BEFORE))
			continue;
		for (const Flow *branch = flow; branch != NULL; branch = branch->next_branch)
			print_row(text, branch, stage, row, outputs);
	}
	free(outputs);
}

Print *
print_new(const Pipeline *pipeline)
{
	Print	   *print = pg_malloc0(sizeof(Print));

	print->pipeline = pipeline;
	initPQExpBuffer(&print->text[0]);
	initPQExpBuffer(&print->text[1]);
	return print;
}

void
print_free(Print *print)
{
	termPQExpBuffer(&print->text[0]);
	termPQExpBuffer(&print->text[1]);
	for (int i = 0; i < print->progress_count; i++)
		free(print->progress[i].topic);
	free(print->progress);
	free(print);
}

void
print_collect(Print *print, const Batch *batch, int from, int to)
{
	const Pipeline *pipeline = print->pipeline;

	resetPQExpBuffer(&print->text[0]);
	resetPQExpBuffer(&print->text[1]);
	for (int i = 0; i < pipeline->flow_count; i++)
	{
		const Flow *flow = &pipeline->flows[i];

		if (flow->sink->kind == SINK_PRINT)
			print_flow(&print->text[flow->sink->print_to_stderr ? 1 : 0], flow,
					   batch, &batch->stages[flow->source - pipeline->sources],
					   from, to);
	}
}

void
print_show(const Print *print, FILE *out, FILE *err)
{
	fwrite(print->text[0].data, 1, print->text[0].len, out);
	fwrite(print->text[1].data, 1, print->text[1].len, err);
	fflush(out);
	fflush(err);
}

static MemoryProgress *
find_progress(const Print *print, const char *topic, int32 partition)
{
	for (int i = 0; i < print->progress_count; i++)
		if (print->progress[i].partition == partition &&
			strcmp(print->progress[i].topic, topic) == 0)
			return &print->progress[i];
	return NULL;
}

bool
print_find_progress(const Print *print, const char *topic, int32 partition,
					int64 *next_offset)
{
	const MemoryProgress *progress = find_progress(print, topic, partition);

	if (progress != NULL)
		*next_offset = progress->next_offset;
	return progress != NULL;
}

int32
print_count_progress(const Print *print, const char *topic)
{
	int32		count = 0;

	for (int i = 0; i < print->progress_count; i++)
		if (strcmp(print->progress[i].topic, topic) == 0)
			count++;
	return count;
}

void
print_set_progress(Print *print, const char *topic, int32 partition,
				   int64 next_offset)
{
	MemoryProgress *progress = find_progress(print, topic, partition);

	if (progress == NULL)
	{
		print->progress = pg_realloc(print->progress,
									 (print->progress_count + 1) *
									 sizeof(MemoryProgress));
		progress = &print->progress[print->progress_count++];
		progress->topic = pg_strdup(topic);
		progress->partition = partition;
	}
	progress->next_offset = next_offset;
}
