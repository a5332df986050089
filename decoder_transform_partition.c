/*-------------------------------------------------------------------------
 *
 * decoder_transform_partition.c
 *	  io.debezium.transforms.partitions.PartitionRouting: the partition by
 *	  fields of the row.
 *
 * NOTES
 *	  The partition is a sum of hashes as Java computes them, hashCode() of
 *	  the objects that Debezium has for the values, or a MurmurHash3 of its
 *	  own making, which treats the last bytes as signed.  Records are to be
 *	  in the partitions in which they would be with Debezium.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "decoder_transform.h"

#define MURMUR_SEED 9001

/* The special name of "before" or "after", whichever has the row */
#define CHANGED_ROW "change"

typedef struct PartitionState
{
	List	   *fields;			/* of lists of names, from the event down */
	int			partitions;
	bool		murmur;
} PartitionState;

static void *
partition_configure(const TransformConfig *config)
{
	static const char *const functions[] = {"java", "murmur"};
	PartitionState *state = palloc0(sizeof(PartitionState));
	const char *count = config_required(config, "partition.topic.num");
	char	   *end;
	ListCell   *cell;

	config_required(config, "partition.payload.fields");
	foreach(cell, config_list(config, "partition.payload.fields"))
	{
		List	   *path = NIL;
		char	   *save = NULL;
		char	   *name;

		for (name = strtok_r(lfirst(cell), ".", &save); name != NULL;
			 name = strtok_r(NULL, ".", &save))
			path = lappend(path, config_trim(name));
		if (path == NIL)
			config_refuse(config, "partition.payload.fields",
						  config_find(config, "partition.payload.fields"),
						  "a list of fields such as change.id, source.table");
		state->fields = lappend(state->fields, path);
	}
	errno = 0;
	state->partitions = strtol(count, &end, 10);
	if (errno != 0 || *end != '\0' || state->partitions <= 0)
		config_refuse(config, "partition.topic.num", count, "numbers from 1");
	state->murmur = config_choice(config, "partition.hash.function",
								  functions, lengthof(functions), 0) == 1;
	return state;
}

/* ---------------------------------------------------------------- hashes */

typedef struct MurmurState
{
	uint64		h1;
	uint64		h2;
	uint64		c1;
	uint64		c2;
} MurmurState;

static uint64
rotate(uint64 value, int bits)
{
	return (value << bits) | (value >> (64 - bits));
}

static void
murmur_mix(MurmurState *state, uint64 k1, uint64 k2)
{
	state->h1 ^= rotate(k1 * state->c1, 23) * state->c2;
	state->h1 += state->h2;
	state->h2 = rotate(state->h2, 41);
	state->h2 ^= rotate(k2 * state->c2, 23) * state->c1;
	state->h2 += state->h1;
	state->h1 = state->h1 * 3 + 0x52dce729;
	state->h2 = state->h2 * 3 + 0x38495ab5;
	state->c1 = state->c1 * 5 + 0x7b7d159c;
	state->c2 = state->c2 * 5 + 0x6bce6396;
}

static uint64
murmur_finish(uint64 k)
{
	k ^= k >> 33;
	k *= UINT64CONST(0xff51afd7ed558ccd);
	k ^= k >> 33;
	k *= UINT64CONST(0xc4ceb9fe1a85ec53);
	return k ^ (k >> 33);
}

static int32
murmur_hash(const signed char *bytes, int len)
{
	MurmurState state;
	int			whole = len / 16 * 16;
	uint64		k[2] = {0, 0};
	int			i;

	state.h1 = UINT64CONST(0x9368e53c2f6af274) ^ MURMUR_SEED;
	state.h2 = UINT64CONST(0x586dcd208f7cd3fd) ^ MURMUR_SEED;
	state.c1 = UINT64CONST(0x87c37b91114253d5);
	state.c2 = UINT64CONST(0x4cf5ad432745937f);
	for (i = 0; i < whole; i++)
	{
		k[i / 8 % 2] |= (uint64) (uint8) bytes[i] << (i % 8 * 8);
		if (i % 16 == 15)
		{
			murmur_mix(&state, k[0], k[1]);
			k[0] = k[1] = 0;
		}
	}
	for (i = whole; i < len; i++)
		k[i / 8 % 2] ^= (uint64) (int64) bytes[i] << (i % 8 * 8);
	if (whole < len)
		murmur_mix(&state, k[0], k[1]);
	state.h2 ^= len;
	state.h1 += state.h2;
	state.h2 += state.h1;
	state.h1 = murmur_finish(state.h1);
	state.h2 = murmur_finish(state.h2);
	state.h1 += state.h2;
	return (int32) (state.h1 >> 32);
}

static int32
hash_int64(int64 value)
{
	return (int32) (value ^ (int64) ((uint64) value >> 32));
}

/* Of a text in UTF-8, by the units of UTF-16 */
static int32
hash_string(const char *text, int len)
{
	uint32		hash = 0;
	int			i;

	for (i = 0; i < len;)
	{
		pg_wchar	code = utf8_to_unicode((const unsigned char *) text + i);

		i += pg_utf_mblen((const unsigned char *) text + i);
		if (code >= 0x10000)
		{
			hash = 31 * hash + 0xD800 + ((code - 0x10000) >> 10);
			hash = 31 * hash + 0xDC00 + ((code - 0x10000) & 0x3FF);
		}
		else
			hash = 31 * hash + code;
	}
	return (int32) hash;
}

static int32
hash_double(const char *text)
{
	union
	{
		double		number;
		int64		bits;
	}			value;

	value.number = strtod(text, NULL);
	if (isnan(value.number))
		value.bits = INT64CONST(0x7ff8000000000000);
	return hash_int64(value.bits);
}

static int32
hash_float(const char *text)
{
	union
	{
		float		number;
		int32		bits;
	}			value;

	value.number = strtof(text, NULL);
	return isnan(value.number) ? 0x7fc00000 : value.bits;
}

/*
 * Of a BigDecimal: its unscaled number, in big-endian two's complement, and
 * its scale.
 */
static int32
hash_decimal(uint8 *bytes, int len, int scale)
{
	bool		negative = len > 0 && (bytes[0] & 0x80) != 0;
	uint32		hash = 0;
	uint32		word = 0;
	int			start;
	int			i;

	if (negative)
	{
		int			carry = 1;

		for (i = len - 1; i >= 0; i--)
		{
			carry += (uint8) ~bytes[i];
			bytes[i] = carry;
			carry >>= 8;
		}
	}
	for (start = 0; start < len && bytes[start] == 0; start++)
		;
	/* words of 32 bits from the top, the first one maybe shorter */
	for (i = start; i < len; i++)
	{
		word = (word << 8) | bytes[i];
		if ((len - i - 1) % 4 == 0)
		{
			hash = 31 * hash + word;
			word = 0;
		}
	}
	return (int32) (31 * (negative ? -hash : hash) + scale);
}

/* A string's bytes in UTF-8 */
static Piece
string_utf8(Transform *transform, Piece text)
{
	text = piece_unquote(text);
	if (!transform->utf8)
		text = piece_from_text(pg_server_to_any(text.data, text.len, PG_UTF8));
	return text;
}

/*
 * The hashCode() of a value that is not null.
 */
static int32
java_hash(Transform *transform, const Schema *schema, Piece text)
{
	int32		hash;
	uint8	   *bytes;
	int			len;
	int			i;

	switch (schema->type)
	{
		case CONNECT_INT64:
			hash = hash_int64(strtoi64(text.data, NULL, 10));
			break;
		case CONNECT_INT8:
		case CONNECT_INT16:
		case CONNECT_INT32:
			hash = (int32) strtoi64(text.data, NULL, 10);
			/* a Date of Connect is a number of milliseconds in memory */
			if (schema->name != NULL &&
				strcmp(schema->name, SCHEMA_CONNECT_DATE) == 0)
				hash = hash_int64((int64) hash * INT64CONST(86400000));
			break;
		case CONNECT_FLOAT:
			hash = hash_float(*text.data == '"' ? text.data + 1 : text.data);
			break;
		case CONNECT_DOUBLE:
			hash = hash_double(*text.data == '"' ? text.data + 1 : text.data);
			break;
		case CONNECT_BOOLEAN:
			hash = *text.data == 't' ? 1231 : 1237;
			break;
		case CONNECT_STRING:
			text = string_utf8(transform, text);
			hash = hash_string(text.data, text.len);
			break;
		case CONNECT_BYTES:
			bytes = plain_decode_base64(text.data, &len);
			if (schema->name != NULL && strcmp(schema->name, SCHEMA_DECIMAL) == 0)
				hash = hash_decimal(bytes, len,
									atoi(schema_parameter(schema, "scale")));
			else
			{
				uint32		sum = 1;

				for (i = len - 1; i >= 0; i--)
					sum = 31 * sum + (signed char) bytes[i];
				hash = (int32) sum;
			}
			break;
		case CONNECT_ARRAY:
			{
				uint32		sum = 1;
				Piece	   *items = array_split(text, &len);

				for (i = 0; i < len; i++)
					sum = 31 * sum +
						(plain_is_null(items[i].data) ? 0 :
						 java_hash(transform, schema->items, items[i]));
				hash = (int32) sum;
				break;
			}
		default:
			transform_fail(transform, "a partition cannot be chosen by a %s",
						   schema_type_name(schema->type));
	}
	return hash;
}

/* The hash of a value by the configured function */
static int32
value_hash(Transform *transform, const Schema *schema, Piece text)
{
	PartitionState *state = transform->state;
	signed char bytes[4];
	uint32		hash;
	int			i;

	if (state->murmur && schema->type == CONNECT_STRING)
	{
		text = string_utf8(transform, text);
		return murmur_hash((const signed char *) text.data, text.len);
	}
	hash = (uint32) java_hash(transform, schema, text);
	if (!state->murmur)
		return (int32) hash;
	for (i = 0; i < 4; i++)
		bytes[i] = (signed char) (hash >> (8 * i));
	return murmur_hash(bytes, 4);
}

/* ---------------------------------------------------------- the transform */

/*
 * Find a field of the event; false: there is none, or it is null.
 */
static bool
find_field(const ConnectValue *event, const List *path, bool deleted,
		   ConnectValue *found)
{
	const ListCell *cell;

	*found = *event;
	foreach(cell, path)
	{
		const char *name = lfirst(cell);
		int			field;

		if (strcmp(name, CHANGED_ROW) == 0 && list_length(path) > 1)
			name = deleted ? "before" : "after";
		field = struct_field_index(found->schema, name);
		if (field < 0)
			return false;
		*found = value_create(found->schema->fields[field].schema,
							  struct_split(found)[field]);
		found->text = field_or_default(found->text, found->schema);
		if (value_is_null(found))
			return false;
	}
	return true;
}

static bool
partition_apply(Transform *transform, ConnectRecord *record)
{
	PartitionState *state = transform->state;
	uint32		sum = 0;
	bool		any = false;
	ConnectValue operation;
	ListCell   *cell;

	if (value_is_null(&record->value) ||
		!schema_is_envelope(record->value.schema) ||
		!find_field(&record->value, list_make1("op"), false, &operation) ||
		piece_is(operation.text, "\"t\"") || piece_is(operation.text, "\"m\""))
		return true;
	foreach(cell, state->fields)
	{
		ConnectValue found;

		if (!find_field(&record->value, lfirst(cell),
						piece_is(operation.text, "\"d\""), &found))
			continue;
		sum += (uint32) value_hash(transform, found.schema, found.text);
		any = true;
	}
	if (!any)
		return true;
	sum &= PG_INT32_MAX;
	if (sum == PG_INT32_MAX)
		sum = 0;
	record->partition = sum % state->partitions;
	return true;
}

const TransformClass transform_partition_routing = {
	.configure = partition_configure,
	.apply = partition_apply
};
