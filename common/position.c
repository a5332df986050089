/*-------------------------------------------------------------------------
 *
 * position.c
 *	  The header __debezium.position: writing, reading, comparing.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "position.h"

#include <string.h>

#include "port/pg_bitutils.h"

#define POSITION_VERSION "1"

/* Appends a number; returns the byte behind. */
static char *
write_decimal(char *p, uint64 number)
{
	char		digits[20];
	int			count = 0;

	do
	{
		digits[count++] = '0' + number % 10;
		number /= 10;
	} while (number != 0);
	while (count > 0)
		*p++ = digits[--count];
	return p;
}

static char *
write_hexadecimal(char *p, uint32 number)
{
	int			shift = number == 0 ? 0 : pg_leftmost_one_pos32(number) & ~3;

	for (; shift >= 0; shift -= 4)
		*p++ = "0123456789ABCDEF"[number >> shift & 15];
	return p;
}

static char *
write_lsn(char *p, XLogRecPtr lsn)
{
	p = write_hexadecimal(p, lsn >> 32);
	*p++ = '/';
	return write_hexadecimal(p, (uint32) lsn);
}

void
position_text_init(PositionText *text, const char *connector)
{
	text->connector = connector;
	text->connector_length = strlen(connector);
	text->data = pg_malloc(POSITION_TEXT_MAX + text->connector_length);
	text->start_length = 0;
}

void
position_text_free(PositionText *text)
{
	pg_free(text->data);
	text->data = NULL;
}

/* Writes what is the same for all records of a transaction. */
static void
write_start(PositionText *text, const Position *position)
{
	char	   *p = text->data;

	*p++ = POSITION_VERSION[0];
	*p++ = ' ';
	*p++ = position->kind;
	*p++ = ' ';
	p = write_decimal(p, position->system_identifier);
	*p++ = ' ';
	p = write_decimal(p, position->timeline);
	*p++ = ' ';
	p = write_lsn(p, position->commit_lsn);
	*p++ = ' ';
	text->start = *position;
	text->start_length = p - text->data;
}

/*
 * By hand and not by snprintf(): one is made for every record.
 */
size_t
position_write(PositionText *text, const Position *position)
{
	const Position *start = &text->start;
	char	   *p;

	if (text->start_length == 0 ||
		start->commit_lsn != position->commit_lsn ||
		start->kind != position->kind ||
		start->timeline != position->timeline ||
		start->system_identifier != position->system_identifier)
		write_start(text, position);
	p = text->data + text->start_length;
	p = write_lsn(p, position->change_lsn);
	*p++ = ' ';
	p = write_decimal(p, position->number);
	*p++ = ' ';
	p = write_decimal(p, position->part);
	*p++ = ' ';
	*p++ = position->last ? '1' : '0';
	*p++ = ' ';
	memcpy(p, text->connector, text->connector_length);
	return p + text->connector_length - text->data;
}

/* Reads a number up to "stop", at most "most"; false when there is none. */
static bool
read_number(const char **p, const char *end, unsigned base, char stop,
			uint64 most, uint64 *result)
{
	const char *start = *p;
	uint64		number = 0;

	for (; *p < end && **p != stop; (*p)++)
	{
		char		c = **p;
		unsigned	digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (base == 16 && c >= 'A' && c <= 'F')
			digit = c - 'A' + 10;
		else
			return false;
		if (digit > most || number > (most - digit) / base)
			return false;
		number = number * base + digit;
	}
	if (*p == start || *p == end)
		return false;
	(*p)++;
	*result = number;
	return true;
}

static bool
read_lsn(const char **p, const char *end, XLogRecPtr *lsn)
{
	uint64		high;
	uint64		low;

	if (!read_number(p, end, 16, '/', PG_UINT32_MAX, &high) ||
		!read_number(p, end, 16, ' ', PG_UINT32_MAX, &low))
		return false;
	*lsn = (high << 32) | low;
	return true;
}

bool
position_read(const char *text, size_t length, Position *position,
			  const char **connector, size_t *connector_length)
{
	const char *p = text;
	const char *end = text + length;
	uint64		timeline;
	uint64		number;
	uint64		part;
	uint64		last;

	if (length < 4 || p[0] != POSITION_VERSION[0] || p[1] != ' ' || p[3] != ' ')
		return false;
	position->kind = p[2];
	p += 4;
	if (!read_number(&p, end, 10, ' ', PG_UINT64_MAX,
					 &position->system_identifier) ||
		!read_number(&p, end, 10, ' ', PG_UINT32_MAX, &timeline) ||
		!read_lsn(&p, end, &position->commit_lsn) ||
		!read_lsn(&p, end, &position->change_lsn) ||
		!read_number(&p, end, 10, ' ', PG_UINT32_MAX, &number) ||
		!read_number(&p, end, 10, ' ', PG_UINT16_MAX, &part) ||
		!read_number(&p, end, 10, ' ', 1, &last))
		return false;
	position->timeline = (uint32) timeline;
	position->number = (uint32) number;
	position->part = (uint16) part;
	position->last = last == 1;
	*connector = p;
	*connector_length = end - p;
	return true;
}

int
position_compare(const Position *a, const Position *b)
{
	Assert(a->system_identifier == b->system_identifier);
	if (a->commit_lsn != b->commit_lsn)
		return a->commit_lsn < b->commit_lsn ? -1 : 1;
	if (a->change_lsn != b->change_lsn)
		return a->change_lsn < b->change_lsn ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	return 0;
}
