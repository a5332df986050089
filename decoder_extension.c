/*-------------------------------------------------------------------------
 *
 * decoder_extension.c
 *	  Types that extensions bring: which encoder writes them.
 *
 * NOTES
 *	  Their OIDs differ from database to database, so they are found by name,
 *	  and by the extension that they belong to: a type of that name that is
 *	  somebody else's could have any form inside.  All of it is looked up when
 *	  a table's entry is made, never for a value.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "decoder_debezium.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

typedef struct ExtensionType
{
	const char *name;
	const char *extension;
	const ValueEncoder *(*find) (const DecoderOptions *options);

	/* in an array */
	bool		optional;		/* elements are optional */
	bool		null_elements;	/* and may be null, else the array is */
	bool		printed;		/* inner arrays are shown as text */
} ExtensionType;

/* citext is a text inside */
static bool
encode_citext(StringInfo out, const Column *column, Datum value)
{
	struct varlena *text = PG_DETOAST_DATUM_PACKED(value);

	json_append_text(out, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text),
					 column->options->utf8);
	return true;
}

static const ValueEncoder encoder_citext = {
	CONNECT_STRING, NULL, 0, NULL,
	encode_citext, NULL, "\"\"", NULL, type_unavailable_text, NULL
};
static const ValueEncoder encoder_isbn = {
	CONNECT_STRING, NULL, 0, NULL,
	type_encode_printed, NULL, "\"\"", NULL, NULL, print_prepare
};
static const ValueEncoder encoder_ltree = {
	CONNECT_STRING, "io.debezium.data.Ltree", 1, NULL,
	type_encode_printed, NULL, "\"\"", NULL, type_unavailable_text,
	print_prepare
};

static const ValueEncoder *
find_citext(const DecoderOptions *options)
{
	return &encoder_citext;
}

static const ValueEncoder *
find_isbn(const DecoderOptions *options)
{
	return &encoder_isbn;
}

static const ValueEncoder *
find_ltree(const DecoderOptions *options)
{
	return &encoder_ltree;
}

static const ValueEncoder *
find_vector(const DecoderOptions *options)
{
	return &encoder_double_vector;
}

static const ValueEncoder *
find_halfvec(const DecoderOptions *options)
{
	return &encoder_float_vector;
}

static const ValueEncoder *
find_sparsevec(const DecoderOptions *options)
{
	return &encoder_sparse_vector;
}

static const ValueEncoder *
find_geometry(const DecoderOptions *options)
{
	return &encoder_postgis_geometry;
}

static const ValueEncoder *
find_geography(const DecoderOptions *options)
{
	return &encoder_postgis_geography;
}

static const ExtensionType extension_types[] = {
	{"citext", "citext", find_citext, true, true, false},
	{"hstore", "hstore", hstore_encoder_find, true, true, false},
	{"isbn", "isn", find_isbn, false, false, false},
	{"ltree", "ltree", find_ltree, true, false, true},
	{"vector", "vector", find_vector, false, false, false},
	{"halfvec", "vector", find_halfvec, false, false, false},
	{"sparsevec", "vector", find_sparsevec, false, false, false},
	{"geometry", "postgis", find_geometry, true, true, false},
	{"geography", "postgis", find_geography, true, true, false}
};

static bool
is_of_extension(Oid type, const char *extension)
{
	Oid			owner = getExtensionOfObject(TypeRelationId, type);
	char	   *name = OidIsValid(owner) ? get_extension_name(owner) : NULL;

	return name != NULL && strcmp(name, extension) == 0;
}

static const ExtensionType *
find_type(Oid type)
{
	const ExtensionType *result = NULL;
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	int			i;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", type);
	for (i = 0; i < lengthof(extension_types) && result == NULL; i++)
	{
		if (strcmp(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname),
				   extension_types[i].name) == 0)
			result = &extension_types[i];
	}
	ReleaseSysCache(tuple);
	if (result != NULL && !is_of_extension(type, result->extension))
		result = NULL;
	return result;
}

/*
 * The encoder for a type of an extension; NULL when it is none of those that
 * are known.
 */
const ValueEncoder *
extension_encoder_find(Oid type, const DecoderOptions *options)
{
	const ExtensionType *found = find_type(type);

	return found == NULL ? NULL : found->find(options);
}

/*
 * How arrays of such a type are treated; nothing is set for other types.
 */
void
extension_array_rule(Oid element, bool *optional, bool *null_elements,
					 bool *printed)
{
	const ExtensionType *found = find_type(element);

	if (found == NULL)
		return;
	*optional = found->optional;
	*null_elements = found->null_elements;
	*printed = found->printed;
}
