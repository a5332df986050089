/*-------------------------------------------------------------------------
 *
 * rest_plugins.c
 *	  /connector-plugins: what can be configured here, and whether a
 *	  configuration is right.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "bridge_options.h"
#include "connector_config.h"
#include "decoder_transforms.h"
#include "property_table.h"
#include "rest_call.h"
#include "validation.h"

#define CONVERTERS \
	{"org.apache.kafka.connect.json.JsonConverter", "converter"}, \
	{"org.apache.kafka.connect.storage.StringConverter", "converter"}, \
	{"org.apache.kafka.connect.json.JsonConverter", "header_converter"}, \
	{"org.apache.kafka.connect.storage.SimpleHeaderConverter", "header_converter"}, \
	{"org.apache.kafka.connect.storage.StringConverter", "header_converter"}

/* The connector comes first: it is the only one that is listed by default. */
static const struct
{
	const char *class_name;
	const char *type;
}			plugins[] = {
	{CONNECTOR_CLASS, "source"},
#define TRANSFORM(name, struct_name, part) {name, "transformation"},
	DECODER_TRANSFORMS(TRANSFORM)
#undef TRANSFORM
#define PREDICATE(name, struct_name) {name, "predicate"},
	DECODER_PREDICATES(PREDICATE)
#undef PREDICATE
	CONVERTERS
};

void
get_plugins(Call *call)
{
	cJSON	   *body = cJSON_CreateArray();
	bool		all = http_query(call->request, "connectorsOnly") != NULL &&
	!query_is_true(call, "connectorsOnly");

	for (size_t i = 0; i < (all ? lengthof(plugins) : 1); i++)
	{
		cJSON	   *plugin = cJSON_CreateObject();

		cJSON_AddStringToObject(plugin, "class", plugins[i].class_name);
		cJSON_AddStringToObject(plugin, "type", plugins[i].type);
		cJSON_AddStringToObject(plugin, "version", BRIDGE_VERSION);
		cJSON_AddItemToArray(body, plugin);
	}
	answer_json(call, 200, body);
}

/* --------------------------------------------------------- definitions */

static void
add_text(cJSON *object, const char *name, const char *text)
{
	if (text != NULL)
		cJSON_AddStringToObject(object, name, text);
	else
		cJSON_AddNullToObject(object, name);
}

/* The worker's converter is the default of the connector's. */
static const char *
default_value(const PropertyDefinition *definition, const Properties *worker)
{
	const char *value = NULL;

	if (definition->type == PROPERTY_CLASS && property_is_connects(definition))
		value = properties_get(worker, definition->name);
	return value != NULL ? value : definition->default_value;
}

static cJSON *
definition_json(const PropertyDefinition *definition, const Properties *worker)
{
	cJSON	   *object = cJSON_CreateObject();
	cJSON	   *dependents;
	const char *name = definition->name;

	cJSON_AddStringToObject(object, "name", name);
	cJSON_AddStringToObject(object, "type", property_type_name(definition->type));
	cJSON_AddBoolToObject(object, "required", strcmp(name, "name") == 0 ||
						  strcmp(name, "connector.class") == 0);
	add_text(object, "default_value", default_value(definition, worker));
	cJSON_AddStringToObject(object, "importance",
							property_importance_name(definition->importance));
	cJSON_AddStringToObject(object, "documentation", definition->documentation);
	cJSON_AddStringToObject(object, "group", property_group_name(definition->group));
	cJSON_AddNumberToObject(object, "order_in_group", definition->order);
	cJSON_AddStringToObject(object, "width", property_width_name(definition->width));
	cJSON_AddStringToObject(object, "display_name", definition->display_name);
	dependents = cJSON_AddArrayToObject(object, "dependents");
	if (strcmp(name, "schema.include.list") == 0)
		cJSON_AddItemToArray(dependents, cJSON_CreateString("table.include.list"));
	return object;
}

/* Is this the name of our connector, or of one of its parts?  Else 404. */
static bool
find_plugin(Call *call, bool *is_connector)
{
	*is_connector = connector_class_is_ours(call->name);
	for (size_t i = 0; i < lengthof(plugins); i++)
	{
		const char *simple = strrchr(plugins[i].class_name, '.') + 1;

		if (strcmp(call->name, plugins[i].class_name) == 0 ||
			strcmp(call->name, simple) == 0)
			return true;
	}
	if (!*is_connector)
		answer_error(call, 404, "Unknown plugin %s.", call->name);
	return *is_connector;
}

static void
add_definitions(cJSON *body, const Properties *worker, bool of_connect)
{
	for (const PropertyDefinition *d = property_table; d->name != NULL; d++)
	{
		if (d->group != GROUP_UNLISTED && property_is_connects(d) == of_connect)
			cJSON_AddItemToArray(body, definition_json(d, worker));
	}
}

/* Only the connector's own definitions are told, behind them Connect's. */
void
get_plugin_config(Call *call)
{
	const Properties *worker = call->rest->connectors->worker;
	bool		is_connector;
	cJSON	   *body;

	if (!find_plugin(call, &is_connector))
		return;
	body = cJSON_CreateArray();
	if (is_connector)
	{
		add_definitions(body, worker, false);
		add_definitions(body, worker, true);
	}
	answer_json(call, 200, body);
}

/* ---------------------------------------------------------- validations */

/* One that is being done. */
typedef struct PluginValidation
{
	HttpPending *pending;
	Rest	   *rest;
	Properties *config;
} PluginValidation;

/* The values that a message of the table lists. */
static void
add_recommended(cJSON *object, const PropertyDefinition *definition)
{
	cJSON	   *array = cJSON_AddArrayToObject(object, "recommended_values");
	const char *p = definition->values;

	if (p == NULL || property_is_connects(definition))
		return;
	while (*p != '\0')
	{
		size_t		length = strcspn(p, ",");
		char	   *item = pnstrdup(p, length);

		cJSON_AddItemToArray(array, cJSON_CreateString(item));
		pg_free(item);
		p += length;
		p += strspn(p, ", ");
	}
}

static void
add_errors(cJSON *object, const char *name, const ConfigErrors *errors)
{
	cJSON	   *array = cJSON_AddArrayToObject(object, "errors");

	for (int i = 0; i < errors->count; i++)
	{
		if (strcmp(errors->items[i].name, name) == 0)
			cJSON_AddItemToArray(array,
								 cJSON_CreateString(errors->items[i].message));
	}
}

/* Values are shown only of Connect's own properties, as Connect does. */
static cJSON *
config_json(const PluginValidation *validation,
			const PropertyDefinition *definition, const ConfigErrors *errors)
{
	const Properties *worker = validation->rest->connectors->worker;
	cJSON	   *object = cJSON_CreateObject();
	cJSON	   *value;
	const char *text = NULL;

	cJSON_AddItemToObject(object, "definition",
						  definition_json(definition, worker));
	value = cJSON_AddObjectToObject(object, "value");
	cJSON_AddStringToObject(value, "name", definition->name);
	if (property_is_connects(definition))
	{
		text = properties_get(validation->config, definition->name);
		if (text == NULL)
			text = default_value(definition, worker);
		else if (config_errors_has(errors, definition->name) &&
				 definition->type != PROPERTY_STRING)
			text = NULL;		/* it is not of the type */
	}
	add_text(value, "value", text);
	add_recommended(value, definition);
	add_errors(value, definition->name, errors);
	cJSON_AddBoolToObject(value, "visible",
						  strcmp(definition->name, "schema.exclude.list") != 0);
	return object;
}

/* An error of a property without a definition of its own, such as a transform's. */
static cJSON *
other_json(const PluginValidation *validation, const char *name,
		   const ConfigErrors *errors)
{
	cJSON	   *object = cJSON_CreateObject();
	cJSON	   *definition;
	cJSON	   *value;

	definition = cJSON_AddObjectToObject(object, "definition");
	cJSON_AddStringToObject(definition, "name", name);
	cJSON_AddStringToObject(definition, "type", property_type_name(PROPERTY_STRING));
	cJSON_AddFalseToObject(definition, "required");
	cJSON_AddNullToObject(definition, "default_value");
	cJSON_AddStringToObject(definition, "importance",
							property_importance_name(IMPORTANCE_LOW));
	cJSON_AddStringToObject(definition, "documentation", "");
	cJSON_AddNullToObject(definition, "group");
	cJSON_AddNumberToObject(definition, "order_in_group", -1);
	cJSON_AddStringToObject(definition, "width", property_width_name(WIDTH_NONE));
	cJSON_AddStringToObject(definition, "display_name", name);
	cJSON_AddArrayToObject(definition, "dependents");
	value = cJSON_AddObjectToObject(object, "value");
	cJSON_AddStringToObject(value, "name", name);
	add_text(value, "value", property_is_secret(name) ? NULL :
			 properties_get(validation->config, name));
	cJSON_AddArrayToObject(value, "recommended_values");
	add_errors(value, name, errors);
	cJSON_AddTrueToObject(value, "visible");
	return object;
}

static bool
is_listed(const char *name)
{
	const PropertyDefinition *definition = property_find(name);

	return definition != NULL && definition->group != GROUP_UNLISTED;
}

/* Was the property of this error named by one before it? */
static bool
is_repeated(const ConfigErrors *errors, int number)
{
	for (int i = 0; i < number; i++)
	{
		if (strcmp(errors->items[i].name, errors->items[number].name) == 0)
			return true;
	}
	return false;
}

/* ---------------- transformations and predicates, which users name */

/* What Connect asks of each; "%s" is what the user calls it. */
static const struct
{
	const char *list;			/* the property that names them */
	const char *suffix;
	const char *type;
	const char *default_value;	/* NULL: none */
	const char *importance;
	const char *documentation;
	const char *width;
	const char *display_name;
}			alias_properties[] = {

	{"transforms", "type", "CLASS", NULL, "HIGH",
	"Class of the transformation '%s'.", "LONG", "Transformation type for %s"},
	{"transforms", "negate", "BOOLEAN", "false", "MEDIUM",
		"Apply '%s' to records that its predicate does not fit.", "NONE",
	"negate"},
	{"transforms", "predicate", "STRING", NULL, "MEDIUM",
		"Name of the predicate that says which records '%s' is applied to.",
	"NONE", "predicate"},
	{"predicates", "type", "CLASS", NULL, "HIGH",
	"Class of the predicate '%s'.", "LONG", "Predicate type for %s"},
};

/* Adds a text in which "%s" stands for a name. */
static void
add_filled(cJSON *object, const char *member, const char *text,
		   const char *name)
{
	const char *place = strstr(text, "%s");
	char	   *filled;

	if (place == NULL)
	{
		cJSON_AddStringToObject(object, member, text);
		return;
	}
	filled = psprintf("%.*s%s%s", (int) (place - text), text, name, place + 2);
	cJSON_AddStringToObject(object, member, filled);
	pg_free(filled);
}

static char *
alias_group(const char *list, const char *alias)
{
	return psprintf("%s: %s", strcmp(list, "transforms") == 0 ?
					"Transforms" : "Predicates", alias);
}

/* One of its properties: definition and value. */
static cJSON *
alias_json(const PluginValidation *validation, const char *alias, size_t number,
		   int order, const ConfigErrors *errors)
{
	cJSON	   *object = cJSON_CreateObject();
	cJSON	   *definition = cJSON_AddObjectToObject(object, "definition");
	cJSON	   *value = cJSON_AddObjectToObject(object, "value");
	cJSON	   *values;
	const char *list = alias_properties[number].list;
	const char *suffix = alias_properties[number].suffix;
	char	   *name = psprintf("%s.%s.%s", list, alias, suffix);
	char	   *group = alias_group(list, alias);
	const char *text = properties_get(validation->config, name);

	cJSON_AddStringToObject(definition, "name", name);
	cJSON_AddStringToObject(definition, "type", alias_properties[number].type);
	cJSON_AddBoolToObject(definition, "required", strcmp(suffix, "type") == 0);
	add_text(definition, "default_value", alias_properties[number].default_value);
	cJSON_AddStringToObject(definition, "importance",
							alias_properties[number].importance);
	add_filled(definition, "documentation",
			   alias_properties[number].documentation, alias);
	cJSON_AddStringToObject(definition, "group", group);
	cJSON_AddNumberToObject(definition, "order_in_group", order);
	cJSON_AddStringToObject(definition, "width", alias_properties[number].width);
	add_filled(definition, "display_name",
			   alias_properties[number].display_name, alias);
	cJSON_AddArrayToObject(definition, "dependents");

	cJSON_AddStringToObject(value, "name", name);
	add_text(value, "value", text != NULL ? text :
			 alias_properties[number].default_value);
	values = cJSON_AddArrayToObject(value, "recommended_values");
	for (size_t i = 0; strcmp(suffix, "type") == 0 && i < lengthof(plugins); i++)
	{
		/* "transformation" for "transforms", "predicate" for "predicates" */
		if (strncmp(plugins[i].type, list, strlen("predicate")) == 0)
			cJSON_AddItemToArray(values, cJSON_CreateString(plugins[i].class_name));
	}
	add_errors(value, name, errors);
	cJSON_AddTrueToObject(value, "visible");
	pg_free(group);
	pg_free(name);
	return object;
}

/*
 * Of all that a list names: the groups, or, where "configs" is given, the
 * properties.
 */
static void
add_aliases(const PluginValidation *validation, const char *list,
			const ConfigErrors *errors, cJSON *groups, cJSON *configs)
{
	const char *value = properties_get(validation->config, list);
	char	   *names = pg_strdup(value != NULL ? value : "");
	char	   *save = NULL;

	for (char *alias = strtok_r(names, ", \t", &save); alias != NULL;
		 alias = strtok_r(NULL, ", \t", &save))
	{
		int			order = 0;
		char	   *group;

		if (groups != NULL)
		{
			group = alias_group(list, alias);
			cJSON_AddItemToArray(groups, cJSON_CreateString(group));
			pg_free(group);
		}
		for (size_t i = 0; configs != NULL && i < lengthof(alias_properties); i++)
		{
			if (strcmp(alias_properties[i].list, list) == 0)
				cJSON_AddItemToArray(configs,
									 alias_json(validation, alias, i, order++,
												errors));
		}
	}
	pg_free(names);
}

/* Is it one that alias_json() has shown? */
static bool
is_alias_property(const PluginValidation *validation, const char *name)
{
	cJSON	   *configs = cJSON_CreateArray();
	ConfigErrors none;
	const cJSON *item;
	bool		found = false;

	config_errors_init(&none);
	add_aliases(validation, "transforms", &none, NULL, configs);
	add_aliases(validation, "predicates", &none, NULL, configs);
	cJSON_ArrayForEach(item, configs)
	{
		const cJSON *definition = cJSON_GetObjectItemCaseSensitive(item, "definition");

		if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(definition, "name")), name) == 0)
			found = true;
	}
	cJSON_Delete(configs);
	return found;
}

static void
on_validated(const ConfigErrors *errors, void *arg)
{
	PluginValidation *validation = arg;
	Call		call = deferred_call(validation->rest, validation->pending);
	cJSON	   *body = cJSON_CreateObject();
	cJSON	   *groups;
	cJSON	   *configs;

	cJSON_AddStringToObject(body, "name",
							properties_get(validation->config, "connector.class"));
	cJSON_AddNumberToObject(body, "error_count", errors->count);
	groups = cJSON_AddArrayToObject(body, "groups");
	for (PropertyGroup group = GROUP_COMMON; group < GROUP_UNLISTED; group++)
	{
		if (group == GROUP_POSTGRES)
		{
			add_aliases(validation, "transforms", errors, groups, NULL);
			add_aliases(validation, "predicates", errors, groups, NULL);
		}
		cJSON_AddItemToArray(groups,
							 cJSON_CreateString(property_group_name(group)));
	}
	configs = cJSON_AddArrayToObject(body, "configs");
	for (const PropertyDefinition *d = property_table; d->name != NULL; d++)
	{
		if (d->group != GROUP_UNLISTED)
			cJSON_AddItemToArray(configs, config_json(validation, d, errors));
	}
	add_aliases(validation, "transforms", errors, NULL, configs);
	add_aliases(validation, "predicates", errors, NULL, configs);
	for (int i = 0; i < errors->count; i++)
	{
		const char *name = errors->items[i].name;

		if (!is_listed(name) && !is_repeated(errors, i) &&
			!is_alias_property(validation, name))
			cJSON_AddItemToArray(configs, other_json(validation, name, errors));
	}
	answer_json(&call, 200, body);
	http_answer(validation->pending);
	properties_free(validation->config);
	pg_free(validation);
}

/* The last part of a class's name, without "Connector" behind it. */
static void
simple_name(const char *class_name, char *name, size_t room)
{
	const char *dot = strrchr(class_name, '.');
	size_t		length;

	strlcpy(name, dot != NULL ? dot + 1 : class_name, room);
	length = strlen(name);
	if (length > 9 && strcmp(name + length - 9, "Connector") == 0)
		name[length - 9] = '\0';
}

/* Is the class in the configuration the one in the path? */
static bool
class_fits(const char *class_name, const char *path_name)
{
	char		one[256];
	char		other[256];

	if (strcmp(class_name, path_name) == 0)
		return true;
	simple_name(class_name, one, sizeof(one));
	simple_name(path_name, other, sizeof(other));
	return strcmp(one, other) == 0;
}

#define BAD_REQUEST "org.apache.kafka.connect.runtime.rest.errors.BadRequestException: "

void
put_plugin_validate(Call *call)
{
	cJSON	   *body = read_body(call);
	Properties *config;
	const char *class_name;
	PQExpBufferData error;

	if (body == NULL)
		return;
	config = properties_new();
	initPQExpBuffer(&error);
	if (!properties_read_json(config, body, &error))
		answer_error(call, 500, "%s", error.data);
	else if ((class_name = properties_get(config, "connector.class")) != NULL &&
			 !class_fits(class_name, call->name))
		answer_error(call, 400,
					 "Included connector type %s does not match request type %s",
					 class_name, call->name);
	else if (check_class(call, config, 500, BAD_REQUEST))
	{
		PluginValidation *validation = pg_malloc(sizeof(PluginValidation));

		validation->pending = http_defer(call->request);
		validation->rest = call->rest;
		validation->config = properties_copy(config);
		validation_start(call->rest->errands, call->rest->connectors->worker,
						 config, on_validated, validation);
	}
	properties_free(config);
	termPQExpBuffer(&error);
	cJSON_Delete(body);
}
