/*-------------------------------------------------------------------------
 *
 * decoder_transform_config.c
 *	  Reads the properties of transforms and predicates, as Connect reads
 *	  those of a class.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "decoder_transform.h"

/* The full name of a property */
char *
config_name(const TransformConfig *config, const char *name)
{
	return psprintf("%s.%s.%s", config->what, config->name, name);
}

static const char *
find_property(const List *properties, const char *name)
{
	const ListCell *cell;

	foreach(cell, properties)
	{
		const TransformProperty *property = lfirst(cell);

		if (strcmp(property->name, name) == 0)
			return property->value;
	}
	return NULL;
}

/* A property of this transform as it was given, or NULL */
const char *
config_find(const TransformConfig *config, const char *name)
{
	char	   *full = config_name(config, name);
	const char *value = find_property(config->properties, full);

	pfree(full);
	return value;
}

void
config_refuse(const TransformConfig *config, const char *name,
			  const char *value, const char *valid)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value \"%s\" for option \"%s\"", value,
					config_name(config, name)),
			 errhint("Valid values are: %s.", valid)));
}

/* The value, or "value" where the property is not set */
const char *
config_string(const TransformConfig *config, const char *name,
			  const char *value)
{
	const char *given = config_find(config, name);

	return given != NULL ? given : value;
}

const char *
config_required(const TransformConfig *config, const char *name)
{
	const char *given = config_find(config, name);

	if (given == NULL || *given == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" is missing",
						config_name(config, name)),
				 errdetail("The class of \"%s.%s\" requires it.", config->what,
						   config->name)));
	return given;
}

/* Without white space at both ends, as Connect reads all but strings */
char *
config_trim(const char *text)
{
	const char *end = text + strlen(text);

	while (end > text && isspace((unsigned char) end[-1]))
		end--;
	while (text < end && isspace((unsigned char) *text))
		text++;
	return pnstrdup(text, end - text);
}

bool
config_bool(const TransformConfig *config, const char *name, bool value)
{
	const char *given = config_find(config, name);

	if (given == NULL)
		return value;
	given = config_trim(given);
	if (pg_strcasecmp(given, "true") == 0)
		return true;
	if (pg_strcasecmp(given, "false") != 0)
		config_refuse(config, name, given, "true, false");
	return false;
}

/* The items of a list with commas; NIL where the property is not set */
List *
config_list(const TransformConfig *config, const char *name)
{
	const char *given = config_find(config, name);
	List	   *items = NIL;
	char	   *next;
	char	   *comma;

	if (given == NULL)
		return NIL;
	next = config_trim(given);
	if (*next == '\0')
		return NIL;
	do
	{
		comma = strchr(next, ',');
		if (comma != NULL)
			*comma = '\0';
		items = lappend(items, config_trim(next));
		next = comma + 1;
	} while (comma != NULL);
	return items;
}

/* Is a name among those of a list? */
bool
config_list_has(const List *names, const char *name)
{
	const ListCell *cell;

	foreach(cell, names)
	{
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	}
	return false;
}

/* The number of the choice, whatever the case; "value" where it is not set */
int
config_choice(const TransformConfig *config, const char *name,
			  const char *const *choices, int count, int value)
{
	const char *given = config_find(config, name);
	StringInfoData valid;
	int			i;

	if (given == NULL)
		return value;
	given = config_trim(given);
	initStringInfo(&valid);
	for (i = 0; i < count; i++)
	{
		if (pg_strcasecmp(given, choices[i]) == 0)
			return i;
		appendStringInfo(&valid, "%s%s", i > 0 ? ", " : "", choices[i]);
	}
	config_refuse(config, name, given, valid.data);
}

/* The aliases in "transforms" or "predicates", each once */
List *
config_aliases(const List *properties, const char *what)
{
	const char *given = find_property(properties, what);
	List	   *aliases = NIL;
	char	   *next;
	char	   *comma;

	if (given == NULL || *(next = config_trim(given)) == '\0')
		return NIL;
	do
	{
		ListCell   *cell;
		char	   *alias;

		comma = strchr(next, ',');
		if (comma != NULL)
			*comma = '\0';
		alias = config_trim(next);
		foreach(cell, aliases)
		{
			if (strcmp(lfirst(cell), alias) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("option \"%s\" names \"%s\" twice", what, alias)));
		}
		aliases = lappend(aliases, alias);
		next = comma + 1;
	} while (comma != NULL);
	return aliases;
}
