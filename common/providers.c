/*-------------------------------------------------------------------------
 *
 * providers.c
 *	  Values that stand elsewhere: ${file:PATH:KEY}, ${dir:PATH:NAME},
 *	  ${env:NAME}, as Kafka's configuration providers have it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "providers.h"

#include <errno.h>
#include <limits.h>
#include <regex.h>
#include <string.h>

#include "file.h"

#define PREFIX "config.providers"
#define PACKAGE "org.apache.kafka.common.config.provider."

/* Shorter ones are in every text, and are no secrets. */
#define HIDDEN_LENGTH 4

typedef bool (*Lookup) (const Properties *worker, const char *provider,
						const char *path, const char *key, PQExpBuffer value,
						PQExpBuffer error);

/* What was looked up, for providers_hide(). */
typedef struct Found
{
	struct Found *next;
	char	   *value;
	char	   *reference;
} Found;

static Found *all_found = NULL;

/* ------------------------------------------------------- the providers */

/* config.providers.NAME.param.PARAM */
static const char *
parameter(const Properties *worker, const char *provider, const char *name)
{
	char	   *full = psprintf(PREFIX ".%s.param.%s", provider, name);
	const char *value = properties_get(worker, full);

	pg_free(full);
	return value;
}

/* Is the path below one of those that are allowed, links followed? */
static bool
check_path(const Properties *worker, const char *provider, const char *path,
		   PQExpBuffer error)
{
	const char *allowed = parameter(worker, provider, "allowed.paths");
	char		real[PATH_MAX];
	char		parent[PATH_MAX];
	bool		found = false;

	if (allowed == NULL || *allowed == '\0')
		return true;
	if (realpath(path, real) == NULL)
	{
		appendPQExpBuffer(error, "could not open \"%s\": %s", path,
						  strerror(errno));
		return false;
	}
	while (!found && *allowed != '\0')
	{
		size_t		length = strcspn(allowed, ",");
		char	   *one = pnstrdup(allowed, length);

		if (realpath(one, parent) != NULL)
		{
			size_t		parent_length = strlen(parent);

			found = strncmp(real, parent, parent_length) == 0 &&
				(real[parent_length] == '/' || real[parent_length] == '\0' ||
				 strcmp(parent, "/") == 0);
		}
		pg_free(one);
		allowed += length + (allowed[length] == ',');
	}
	if (!found)
		appendPQExpBuffer(error,
						  "path \"%s\" is not below one of " PREFIX ".%s.param.allowed.paths",
						  path, provider);
	return found;
}

/* A key of a .properties file. */
static bool
lookup_file(const Properties *worker, const char *provider, const char *path,
			const char *key, PQExpBuffer value, PQExpBuffer error)
{
	Properties *properties = properties_new();
	const char *found = NULL;

	if (check_path(worker, provider, path, error) &&
		properties_read_file(properties, path, error))
	{
		found = properties_get(properties, key);
		if (found == NULL)
			appendPQExpBuffer(error, "file \"%s\" has no key \"%s\"", path, key);
		else
			appendPQExpBufferStr(value, found);
	}
	properties_free(properties);
	return found != NULL;
}

/* A whole file of a directory. */
static bool
lookup_directory(const Properties *worker, const char *provider,
				 const char *path, const char *key, PQExpBuffer value,
				 PQExpBuffer error)
{
	char	   *file_path = psprintf("%s/%s", path, key);
	bool		ok = false;

	if (strchr(key, '/') != NULL)
		appendPQExpBuffer(error, "\"%s\" is no name of a file in \"%s\"", key,
						  path);
	else if (check_path(worker, provider, file_path, error))
		ok = file_read(file_path, value, error);
	pg_free(file_path);
	return ok;
}

/* A variable of the environment. */
static bool
lookup_environment(const Properties *worker, const char *provider,
				   const char *path, const char *key, PQExpBuffer value,
				   PQExpBuffer error)
{
	const char *pattern = parameter(worker, provider, "allowlist.pattern");
	const char *found = getenv(key);
	regex_t		regex;
	char	   *anchored;
	bool		allowed = true;

	(void) path;
	if (pattern != NULL && *pattern != '\0')
	{
		anchored = psprintf("^(%s)$", pattern);
		allowed = regcomp(&regex, anchored, REG_EXTENDED | REG_NOSUB) == 0;
		if (!allowed)
			appendPQExpBuffer(error,
							  PREFIX ".%s.param.allowlist.pattern is not a regular expression",
							  provider);
		else
		{
			allowed = regexec(&regex, key, 0, NULL, 0) == 0;
			if (!allowed)
				appendPQExpBuffer(error,
								  "variable \"%s\" is not among those that " PREFIX ".%s.param.allowlist.pattern allows",
								  key, provider);
			regfree(&regex);
		}
		pg_free(anchored);
	}
	if (!allowed)
		return false;
	if (found == NULL)
		appendPQExpBuffer(error, "there is no variable \"%s\" in the environment",
						  key);
	else
		appendPQExpBufferStr(value, found);
	return found != NULL;
}

static const struct
{
	const char *class_name;
	Lookup		lookup;
}			classes[] = {
	{PACKAGE "FileConfigProvider", lookup_file},
	{PACKAGE "DirectoryConfigProvider", lookup_directory},
	{PACKAGE "EnvVarConfigProvider", lookup_environment},
};

static Lookup
find_class(const Properties *worker, const char *provider)
{
	char	   *name = psprintf(PREFIX ".%s.class", provider);
	const char *class_name = properties_get(worker, name);
	Lookup		lookup = NULL;

	for (size_t i = 0; class_name != NULL && i < lengthof(classes); i++)
	{
		if (strcmp(class_name, classes[i].class_name) == 0)
			lookup = classes[i].lookup;
	}
	pg_free(name);
	return lookup;
}

/* Goes through the list "a, b"; the name is to be freed, NULL at its end. */
static char *
next_provider(const char **list)
{
	size_t		length;
	char	   *name;

	*list += strspn(*list, ", \t");
	length = strcspn(*list, ", \t");
	if (length == 0)
		return NULL;
	name = pnstrdup(*list, length);
	*list += length;
	return name;
}

/* The provider of this name, if it is configured. */
static Lookup
find_provider(const Properties *worker, const char *wanted)
{
	const char *list = properties_get(worker, PREFIX);
	Lookup		lookup = NULL;
	char	   *name;

	while (list != NULL && lookup == NULL && (name = next_provider(&list)) != NULL)
	{
		if (strcmp(name, wanted) == 0)
			lookup = find_class(worker, name);
		pg_free(name);
	}
	return lookup;
}

bool
providers_check(const Properties *worker, PQExpBuffer error)
{
	const char *list = properties_get(worker, PREFIX);
	bool		ok = true;
	char	   *name;

	while (list != NULL && ok && (name = next_provider(&list)) != NULL)
	{
		ok = find_class(worker, name) != NULL;
		if (!ok)
		{
			appendPQExpBuffer(error,
							  PREFIX ".%s.class is not set to one of those that there are:",
							  name);
			for (size_t i = 0; i < lengthof(classes); i++)
				appendPQExpBuffer(error, "%s %s", i > 0 ? "," : "",
								  classes[i].class_name);
		}
		pg_free(name);
	}
	return ok;
}

/* ------------------------------------------------------- the references */

static void
remember(const char *value, const char *reference)
{
	Found	   *found;

	if (strlen(value) < HIDDEN_LENGTH)
		return;
	for (found = all_found; found != NULL; found = found->next)
	{
		if (strcmp(found->value, value) == 0)
			return;
	}
	found = pg_malloc(sizeof(Found));
	found->value = pg_strdup(value);
	found->reference = pg_strdup(reference);
	found->next = all_found;
	all_found = found;
}

/* One reference, without "${" and "}": appends what it stands for. */
static bool
resolve_reference(const Properties *worker, const char *inner,
				  PQExpBuffer result, PQExpBuffer error)
{
	const char *colon = strchr(inner, ':');
	char	   *reference = psprintf("${%s}", inner);
	char	   *provider = NULL;
	char	   *path = NULL;
	const char *key = NULL;
	Lookup		lookup = NULL;
	PQExpBufferData value;
	bool		ok = true;

	initPQExpBuffer(&value);
	if (colon != NULL)
	{
		const char *second = strchr(colon + 1, ':');

		provider = pnstrdup(inner, colon - inner);
		path = second != NULL ? pnstrdup(colon + 1, second - colon - 1) :
			pg_strdup("");
		key = second != NULL ? second + 1 : colon + 1;
		lookup = find_provider(worker, provider);
	}
	if (lookup == NULL)
		appendPQExpBufferStr(result, reference);
	else
	{
		ok = lookup(worker, provider, path, key, &value, error);
		appendPQExpBufferStr(result, value.data);
		remember(value.data, reference);
	}
	termPQExpBuffer(&value);
	pg_free(provider);
	pg_free(path);
	pg_free(reference);
	return ok;
}

bool
providers_resolve(const Properties *worker, Properties *values,
				  PQExpBuffer error)
{
	PQExpBufferData result;
	bool		ok = true;

	initPQExpBuffer(&result);
	for (int i = 0; ok && i < values->count; i++)
	{
		const Property *item = &values->items[i];
		const char *p = item->value;
		const char *start;
		const char *end;

		if (strstr(p, "${") == NULL)
			continue;
		resetPQExpBuffer(&result);
		while (ok && (start = strstr(p, "${")) != NULL &&
			   (end = strchr(start, '}')) != NULL)
		{
			char	   *inner = pnstrdup(start + 2, end - start - 2);

			appendBinaryPQExpBuffer(&result, p, start - p);
			ok = resolve_reference(worker, inner, &result, error);
			if (!ok)
			{
				char	   *why = pg_strdup(error->data);

				resetPQExpBuffer(error);
				appendPQExpBuffer(error, "could not look up ${%s} for \"%s\": %s",
								  inner, item->name, why);
				pg_free(why);
			}
			pg_free(inner);
			p = end + 1;
		}
		appendPQExpBufferStr(&result, p);
		if (ok)
		{
			char	   *name = pg_strdup(item->name);

			properties_set(values, name, result.data);
			pg_free(name);
		}
	}
	termPQExpBuffer(&result);
	return ok;
}

char *
providers_hide(const char *text)
{
	PQExpBufferData result;
	char	   *hidden;

	initPQExpBuffer(&result);
	while (*text != '\0')
	{
		const Found *best = NULL;

		/* of values that begin alike, the longest */
		for (const Found *f = all_found; f != NULL; f = f->next)
		{
			if (strncmp(text, f->value, strlen(f->value)) == 0 &&
				(best == NULL || strlen(f->value) > strlen(best->value)))
				best = f;
		}
		if (best != NULL)
		{
			appendPQExpBufferStr(&result, best->reference);
			text += strlen(best->value);
		}
		else
			appendPQExpBufferChar(&result, *text++);
	}
	hidden = pg_strdup(result.data);
	termPQExpBuffer(&result);
	return hidden;
}
