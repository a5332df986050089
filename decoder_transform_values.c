/*-------------------------------------------------------------------------
 *
 * decoder_transform_values.c
 *	  Kafka's transforms that change values: Cast, MaskField, Flatten.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "decoder_transform.h"

static bool
schema_is_named(const Schema *schema, const char *name)
{
	return schema->name != NULL && strcmp(schema->name, name) == 0;
}

/* ------------------------------------------------------------------ Cast */

/* By ConnectType, those that there are casts to */
static const char *const cast_types[] = {
	"int8", "int16", "int32", "int64", "float32", "float64", "boolean",
	"string"
};

typedef struct CastState
{
	List	   *fields;			/* names; NIL: the whole value */
	List	   *types;			/* ConnectType of each, or the one */
	bool		replace_nulls;
} CastState;

typedef struct CastPlan
{
	StructLayout *layout;		/* NULL: the whole value is cast */
	const Schema *schema;
	int		   *types;			/* by field; -1: not cast */
} CastPlan;

/* A number as Java has it */
typedef struct Number
{
	bool		floating;
	int64		integer;		/* a Decimal's lowest 64 bits, too */
	double		real;
} Number;

static void *
cast_configure(const TransformConfig *config)
{
	CastState  *state = palloc0(sizeof(CastState));
	List	   *specs;
	ListCell   *cell;

	config_required(config, "spec");
	specs = config_list(config, "spec");
	foreach(cell, specs)
	{
		char	   *spec = lfirst(cell);
		char	   *colon = strchr(spec, ':');
		char	   *type_name = config_trim(colon != NULL ? colon + 1 : spec);
		int			type = 0;

		while (type < lengthof(cast_types) &&
			   pg_strcasecmp(type_name, cast_types[type]) != 0)
			type++;
		if (type == lengthof(cast_types) ||
			(colon == NULL && list_length(specs) > 1))
			config_refuse(config, "spec", spec,
						  "a list of field:type, or one type for the whole value; types are int8, int16, int32, int64, float32, float64, boolean, string");
		if (colon != NULL)
			state->fields = lappend(state->fields,
									config_trim(pnstrdup(spec, colon - spec)));
		state->types = lappend_int(state->types, type);
	}
	state->replace_nulls = config_bool(config, "replace.null.with.default",
									   true);
	return state;
}

/* A scalar as Java's toString() shows it */
static char *
value_print(const Schema *schema, Piece text)
{
	static const Converter header_converter = {.kind = CONVERTER_SIMPLE_HEADER};
	Conversion	conversion = {.converter = &header_converter,.schema = schema};
	StringInfoData printed;

	initStringInfo(&printed);
	conversion_write(&printed, &conversion, text.data);
	return text_terminate(&printed);
}

/* What a BigDecimal's toString() shows */
static Number
read_decimal(const char *text)
{
	Number		number = {.floating = true,.real = strtod(text, NULL)};
	uint64		integer = 0;
	bool		negative = *text == '-';

	if (strchr(text, 'E') == NULL)
	{
		for (text += negative ? 1 : 0; isdigit((unsigned char) *text); text++)
			integer = integer * 10 + (*text - '0');
		number.integer = (int64) (negative ? -integer : integer);
	}
	return number;
}

/* Java's cast to long: NaN is 0, what is too large the largest */
static int64
double_to_int64(double real)
{
	if (isnan(real))
		return 0;
	if (real >= 9223372036854775807.0)
		return PG_INT64_MAX;
	if (real <= -9223372036854775808.0)
		return PG_INT64_MIN;
	return (int64) real;
}

static int32
double_to_int32(double real)
{
	int64		integer = double_to_int64(real);

	return (int32) Max(Min(integer, PG_INT32_MAX), PG_INT32_MIN);
}

/* A text as a number of the type it is cast to */
static Number
parse_number(Transform *transform, const char *text, ConnectType type)
{
	static const int64 limits[] = {127, PG_INT16_MAX, PG_INT32_MAX, PG_INT64_MAX};
	Number		number = {0};
	char	   *end;

	errno = 0;
	if (type == CONNECT_FLOAT || type == CONNECT_DOUBLE)
	{
		number.floating = true;
		number.real = strtod(text, &end);
		end += strspn(end, " \t\n\r\f");
		if (errno == ERANGE)
			errno = 0;			/* infinity or zero, as in Java */
	}
	else
	{
		number.integer = strtoi64(text, &end, 10);
		if (isspace((unsigned char) *text) || number.integer > limits[type] ||
			number.integer < -limits[type] - 1)
			errno = ERANGE;
	}
	if (end == text || *end != '\0' || errno != 0)
		transform_fail(transform, "\"%s\" is no %s", text, cast_types[type]);
	return number;
}

static Number
read_number(Transform *transform, const Schema *schema, Piece text,
			ConnectType type)
{
	Number		number = {0};

	switch (schema->type)
	{
		case CONNECT_INT8:
		case CONNECT_INT16:
		case CONNECT_INT32:
		case CONNECT_INT64:
			number.integer = strtoi64(text.data, NULL, 10);
			break;
		case CONNECT_FLOAT:
		case CONNECT_DOUBLE:
			number.floating = true;
			number.real = strtod(text.data + (*text.data == '"' ? 1 : 0), NULL);
			number.integer = double_to_int64(number.real);
			break;
		case CONNECT_BOOLEAN:
			number.integer = *text.data == 't' ? 1 : 0;
			break;
		case CONNECT_STRING:
			number = parse_number(transform, piece_unquote(text).data, type);
			break;
		case CONNECT_BYTES:
			if (schema_is_named(schema, SCHEMA_DECIMAL))
			{
				number = read_decimal(value_print(schema, text));
				break;
			}
			/* FALLTHROUGH */
		default:
			transform_fail(transform, "a %s cannot be cast to %s",
						   schema_type_name(schema->type), cast_types[type]);
	}
	return number;
}

/*
 * Cast a value that is not null.
 */
static Piece
cast_value(Transform *transform, const Schema *schema, Piece text, int type)
{
	bool		is_real = schema->type == CONNECT_FLOAT ||
	schema->type == CONNECT_DOUBLE;
	Number		number;
	StringInfoData result;

	if (schema->type > CONNECT_BYTES)
		transform_fail(transform, "a %s cannot be cast",
					   schema_type_name(schema->type));
	if (type == CONNECT_STRING)
		return schema->type == CONNECT_STRING ? text :
			piece_quote(value_print(schema, text), transform->utf8);
	if (type == CONNECT_BOOLEAN && schema->type == CONNECT_STRING)
		return piece_from_text(pg_strcasecmp(piece_unquote(text).data, "true") == 0 ?
							   "true" : "false");
	number = read_number(transform, schema, text,
						 type == CONNECT_BOOLEAN ? CONNECT_INT64 : type);
	initStringInfo(&result);
	switch (type)
	{
		case CONNECT_INT8:
			json_append_int64(&result, (signed char)
							  (is_real ? double_to_int32(number.real) : number.integer));
			break;
		case CONNECT_INT16:
			json_append_int64(&result, (int16)
							  (is_real ? double_to_int32(number.real) : number.integer));
			break;
		case CONNECT_INT32:
			json_append_int64(&result,
							  is_real ? double_to_int32(number.real) : (int32) number.integer);
			break;
		case CONNECT_INT64:
			json_append_int64(&result, number.integer);
			break;
		case CONNECT_FLOAT:
			json_append_float(&result, number.floating ? (float) number.real :
							  (float) number.integer);
			break;
		case CONNECT_DOUBLE:
			json_append_double(&result, number.floating ? number.real :
							   (double) number.integer);
			break;
		case CONNECT_BOOLEAN:
			appendStringInfoString(&result, number.integer != 0 ? "true" : "false");
			break;
	}
	return piece_from_info(&result);
}

/* The schema of a cast value; "name" of the old one is not kept in fields */
static const Schema *
cast_schema(Transform *transform, const Schema *schema, int type, bool whole)
{
	Schema	   *cast = whole ? schema_copy(schema) : schema_create(type, false);

	cast->type = type;
	cast->optional = schema->optional;
	cast->default_json = NULL;
	if (schema->default_json != NULL)
	{
		Piece		text = cast_value(transform, schema,
									  piece_from_text(schema->default_json),
									  type);

		cast->default_json = pnstrdup(text.data, text.len);
	}
	return cast;
}

static void *
cast_plan_build(Transform *transform, const Schema *schema)
{
	CastState  *state = transform->state;
	CastPlan   *plan = palloc0(sizeof(CastPlan));
	Schema	   *cast;
	int			i;

	if (state->fields == NIL)
	{
		plan->schema = cast_schema(transform, schema,
								   linitial_int(state->types), true);
		return plan;
	}
	cast = schema_copy(schema);
	plan->types = palloc((schema->nfields + 1) * sizeof(int));
	for (i = 0; i < schema->nfields; i++)
	{
		const SchemaField *field = &schema->fields[i];
		ListCell   *cell;
		int			number = 0;

		plan->types[i] = -1;
		foreach(cell, state->fields)
		{
			if (strcmp(lfirst(cell), field->name) == 0)
				plan->types[i] = list_nth_int(state->types, number);
			number++;
		}
		if (plan->types[i] >= 0)
			cast->fields[i].schema = cast_schema(transform, field->schema,
												 plan->types[i], false);
	}
	plan->schema = cast;
	plan->layout = layout_create(cast, transform->utf8);
	return plan;
}

static bool
cast_apply(Transform *transform, ConnectRecord *record)
{
	CastState  *state = transform->state;
	ConnectValue *part = transform_part(transform, record);
	const Schema *schema = part->schema;
	const CastPlan *plan;
	Piece	   *fields;
	int			i;

	if (value_is_null(part))
		return true;
	if (state->fields != NIL)
		transform_require_struct(transform, part);
	plan = transform_plan(transform, schema, cast_plan_build);
	if (state->fields == NIL)
	{
		*part = value_create(plan->schema,
							 cast_value(transform, schema, part->text,
										linitial_int(state->types)));
		return true;
	}
	fields = struct_split(part);
	for (i = 0; i < schema->nfields; i++)
	{
		const Schema *field = schema->fields[i].schema;

		if (state->replace_nulls)
			fields[i] = field_or_default(fields[i], field);
		if (plan->types[i] >= 0 && !plain_is_null(fields[i].data))
			fields[i] = cast_value(transform, field, fields[i],
								   plan->types[i]);
	}
	*part = value_create(plan->schema, struct_join(plan->layout, fields));
	return true;
}

const TransformClass transform_cast = {
	.configure = cast_configure,
	.apply = cast_apply
};

/* ------------------------------------------------------------- MaskField */

typedef struct MaskState
{
	List	   *fields;
	const char *replacement;	/* NULL: what is neutral for the type */
	bool		replace_nulls;
} MaskState;

typedef struct MaskPlan
{
	StructLayout *layout;
	Piece	   *masks;			/* by field; data NULL: not masked */
} MaskPlan;

static void *
mask_field_configure(const TransformConfig *config)
{
	MaskState  *state = palloc0(sizeof(MaskState));

	config_required(config, "fields");
	state->fields = config_list(config, "fields");
	state->replacement = config_find(config, "replacement");
	if (state->replacement != NULL && *state->replacement == '\0')
		config_refuse(config, "replacement", state->replacement,
					  "texts that are not empty");
	state->replace_nulls = config_bool(config, "replace.null.with.default",
									   true);
	return state;
}

/* The value that hides all others of a schema */
static Piece
mask_field_text(Transform *transform, const Schema *schema, const char *field)
{
	MaskState  *state = transform->state;

	if (state->replacement == NULL)
	{
		switch (schema->type)
		{
			case CONNECT_FLOAT:
			case CONNECT_DOUBLE:
				return piece_from_text("0.0");
			case CONNECT_BOOLEAN:
				return piece_from_text("false");
			case CONNECT_STRING:
				return piece_from_text("\"\"");
			case CONNECT_BYTES:
				if (schema_is_named(schema, SCHEMA_DECIMAL))
					return piece_from_text("\"AA==\"");
				break;
			case CONNECT_ARRAY:
				return piece_from_text("[]");
			case CONNECT_MAP:
				return piece_from_text(schema->keys->type == CONNECT_STRING ?
									   "{}" : "[]");
			case CONNECT_STRUCT:
				break;
			default:
				return piece_from_text("0");
		}
	}
	else
	{
		switch (schema->type)
		{
			case CONNECT_STRING:
				return piece_quote(state->replacement, transform->utf8);
			case CONNECT_INT8:
			case CONNECT_INT16:
			case CONNECT_INT32:
			case CONNECT_INT64:
			case CONNECT_FLOAT:
			case CONNECT_DOUBLE:
				/* dates are no numbers in Connect's memory */
				if (!schema_is_named(schema, SCHEMA_CONNECT_DATE) &&
					!schema_is_named(schema, SCHEMA_CONNECT_TIME) &&
					!schema_is_named(schema, SCHEMA_CONNECT_TIMESTAMP))
					return cast_value(transform, &string_schema,
									  piece_quote(state->replacement,
												  transform->utf8),
									  schema->type);
				break;
			default:
				break;
		}
	}
	transform_fail(transform, "field \"%s\" of type %s cannot be masked%s",
				   field, schema->name != NULL ? schema->name :
				   schema_type_name(schema->type),
				   state->replacement != NULL ? " by a replacement" : "");
}

static void *
mask_field_plan_build(Transform *transform, const Schema *schema)
{
	MaskState  *state = transform->state;
	MaskPlan   *plan = palloc0(sizeof(MaskPlan));
	int			i;

	plan->layout = layout_create(schema, transform->utf8);
	plan->masks = palloc0((schema->nfields + 1) * sizeof(Piece));
	for (i = 0; i < schema->nfields; i++)
	{
		const SchemaField *field = &schema->fields[i];
		ListCell   *cell;

		foreach(cell, state->fields)
		{
			if (strcmp(lfirst(cell), field->name) == 0)
				plan->masks[i] = mask_field_text(transform, field->schema,
												 field->name);
		}
	}
	return plan;
}

static bool
mask_field_apply(Transform *transform, ConnectRecord *record)
{
	MaskState  *state = transform->state;
	ConnectValue *part = transform_part(transform, record);
	const MaskPlan *plan;
	Piece	   *fields;
	int			i;

	transform_require_struct(transform, part);
	plan = transform_plan(transform, part->schema, mask_field_plan_build);
	fields = struct_split(part);
	for (i = 0; i < part->schema->nfields; i++)
	{
		if (state->replace_nulls)
			fields[i] = field_or_default(fields[i],
										 part->schema->fields[i].schema);
		if (plan->masks[i].data != NULL && !plain_is_null(fields[i].data))
			fields[i] = plan->masks[i];
	}
	part->text = struct_join(plan->layout, fields);
	return true;
}

const TransformClass transform_mask_field = {
	.configure = mask_field_configure,
	.apply = mask_field_apply
};

/* --------------------------------------------------------------- Flatten */

static void *
flatten_configure(const TransformConfig *config)
{
	return unconstify(char *, config_string(config, "delimiter", "."));
}

static void
flatten_schema(Transform *transform, Schema *result, const Schema *schema,
			   const char *prefix, bool optional)
{
	int			i;

	for (i = 0; i < schema->nfields; i++)
	{
		const SchemaField *field = &schema->fields[i];
		bool		field_optional = optional || field->schema->optional;
		const char *name = *prefix == '\0' ? field->name :
		psprintf("%s%s%s", prefix, (char *) transform->state, field->name);

		if (field->schema->type == CONNECT_STRUCT)
			flatten_schema(transform, result, field->schema, name,
						   field_optional);
		else if (field->schema->type == CONNECT_MAP)
			transform_fail(transform, "field \"%s\" is a map, which cannot be flattened",
						   name);
		else
		{
			Schema	   *copy = schema_copy(field->schema);

			copy->optional = field_optional;
			if (schema_field(result, name) != NULL)
				transform_fail(transform, "there are two fields \"%s\"", name);
			schema_add_field(result, name, copy);
		}
	}
}

static void *
flatten_plan_build(Transform *transform, const Schema *schema)
{
	Schema	   *result = schema_copy(schema);

	result->optional = false;
	result->default_json = NULL;
	result->nfields = 0;
	result->fields = NULL;
	flatten_schema(transform, result, schema, "", schema->optional);
	return layout_create(result, transform->utf8);
}

/* Fill in the texts of a struct's fields; returns where the next ones go */
static Piece *
flatten_value(const ConnectValue *value, Piece *result)
{
	Piece	   *fields = value_is_null(value) ? NULL : struct_split(value);
	int			i;

	for (i = 0; i < value->schema->nfields; i++)
	{
		ConnectValue field = value_create(value->schema->fields[i].schema,
										  fields == NULL ? piece_null() : fields[i]);

		if (field.schema->type == CONNECT_STRUCT)
			result = flatten_value(&field, result);
		else
			*result++ = fields == NULL ? field.text :
				field_or_default(field.text, field.schema);
	}
	return result;
}

static bool
flatten_apply(Transform *transform, ConnectRecord *record)
{
	ConnectValue *part = transform_part(transform, record);
	const StructLayout *layout;
	Piece	   *fields;

	if (value_is_null(part))
		return true;
	transform_require_struct(transform, part);
	layout = transform_plan(transform, part->schema, flatten_plan_build);
	fields = palloc((layout->schema->nfields + 1) * sizeof(Piece));
	flatten_value(part, fields);
	*part = value_create(layout->schema, struct_join(layout, fields));
	return true;
}

const TransformClass transform_flatten = {
	.configure = flatten_configure,
	.apply = flatten_apply
};
