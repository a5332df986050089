/*-------------------------------------------------------------------------
 *
 * pipeline.c
 *	  What a script means: its settings, and the flows from sources to sinks.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "pipeline.h"

#include "file.h"

/* Limits of a micro-batch, measured: README.md. */
#define BATCH_ROWS_DEFAULT	20000
#define BATCH_BYTES_DEFAULT (16 * 1024 * 1024)

/* Kafka Connect's. */
#define LETTER_REPLICAS_DEFAULT 3

/* ------------------------------------------------------------ settings */

static int64
int_setting(Pipeline *pipeline, const ScriptOption *setting, int64 least,
			int64 most)
{
	char	   *end;
	long long	number;

	errno = 0;
	number = strtoll(setting->value, &end, 10);
	if (*setting->value == '\0' || *end != '\0' || errno != 0 ||
		number < least || number > most)
		script_fail(&pipeline->script, setting->place, NULL,
					"setting '%s' must be between %lld and %lld, not '%s'",
					setting->name, (long long) least, (long long) most,
					setting->value);
	return number;
}

static bool
bool_setting(Pipeline *pipeline, const ScriptOption *setting)
{
	bool		value = pg_strcasecmp(setting->value, "true") == 0;

	if (!value && pg_strcasecmp(setting->value, "false") != 0)
		script_fail(&pipeline->script, setting->place, NULL,
					"setting '%s' must be 'true' or 'false', not '%s'",
					setting->name, setting->value);
	return value;
}

/* Kafka Connect's settings of a sink for events that are left out. */
static bool
error_setting(Pipeline *pipeline, const ScriptOption *setting)
{
	if (strcmp(setting->name, "errors.tolerance") == 0)
	{
		if (strcmp(setting->value, "none") == 0)
			pipeline->tolerance = TOLERATE_NONE;
		else if (strcmp(setting->value, "all") == 0)
			pipeline->tolerance = TOLERATE_ALL;
		else
			script_fail(&pipeline->script, setting->place, NULL,
						"setting 'errors.tolerance' must be 'none' or 'all', not '%s'",
						setting->value);
	}
	else if (strcmp(setting->name, "errors.deadletterqueue.topic.name") == 0)
		pipeline->letter_topic = *setting->value != '\0' ? setting->value : NULL;
	else if (strcmp(setting->name, "errors.deadletterqueue.topic.replication.factor") == 0)
	{
		pipeline->letter_replicas = int_setting(pipeline, setting, -1, 32767);
		if (pipeline->letter_replicas == 0)
			script_fail(&pipeline->script, setting->place, NULL,
						"setting '%s' must be -1, the broker's default, or at least 1",
						setting->name);
	}
	else if (strcmp(setting->name, "errors.deadletterqueue.context.headers.enable") == 0)
		pipeline->letter_context = bool_setting(pipeline, setting);
	else if (strcmp(setting->name, "errors.log.enable") == 0)
		pipeline->log_rejected = bool_setting(pipeline, setting);
	else if (strcmp(setting->name, "errors.log.include.messages") == 0)
		pipeline->log_records = bool_setting(pipeline, setting);
	else
		return false;
	return true;
}

/* A letter that were read again as an event would never end. */
static void
check_letter_topic(Pipeline *pipeline)
{
	Script	   *script = &pipeline->script;
	Place		place = {0, 0};

	for (int i = 0; i < script->setting_count; i++)
		if (strcmp(script->settings[i].name, "errors.deadletterqueue.topic.name") == 0)
			place = script->settings[i].place;
	for (int s = 0; pipeline->letter_topic != NULL && s < pipeline->source_count; s++)
		for (int t = 0; t < pipeline->sources[s].topic_count; t++)
			if (strcmp(pipeline->sources[s].topics[t],
					   pipeline->letter_topic) == 0)
				script_fail(script, place,
							"Read the dead letters with a script of their own.",
							"topic \"%s\" cannot take the dead letters, since the script reads it",
							pipeline->letter_topic);
}

static void
settings_read(Pipeline *pipeline)
{
	/* how Flink runs a job; nothing here depends on it */
	static const char *const without_meaning[] = {
		"parallelism.default", "execution.runtime-mode",
		"execution.checkpointing.", "execution.buffer-timeout", "state.",
		"restart-strategy", "errors.retry.", "taskmanager.", "jobmanager.", "sql-client.",
		"rest.", "metrics.", "pipeline.object-reuse", "pipeline.jars",
		"pipeline.classpaths", "pipeline.max-parallelism",
		"pipeline.operator-chaining", "pipeline.auto-watermark-interval",
		"table.exec.sink.upsert-materialize", "table.exec.sink.keyed-shuffle",
		"table.exec.source.idle-timeout", "table.exec.source.cdc-events-duplicate",
		"table.exec.uid.", "table.exec.async-", "table.exec.simplify-operator-name-enabled",
		"table.dml-sync", "table.exec.mini-batch.", "table.optimizer.",
		"execution.target", "table.exec.resource.", "table.exec.state.ttl"
	};

	/* what would change the rows: the one value that is honoured */
	static const struct
	{
		const char *name;
		const char *value;
		const char *hint;
	}			fixed[] = {
		{"table.exec.sink.not-null-enforcer", "ERROR", "SET 'errors.tolerance' = 'all' leaves such events out, and reports them."},
		{"table.exec.sink.type-length-enforcer", "IGNORE", "Cut the text in the SELECT: CAST(x AS VARCHAR(n))."},
		{"table.exec.legacy-cast-behaviour", "DISABLED", "TRY_CAST gives NULL where a value cannot be cast."},
		{"table.sql-dialect", "default", NULL},
	};
	Script	   *script = &pipeline->script;

	for (int i = 0; i < script->setting_count; i++)
	{
		ScriptOption *setting = &script->settings[i];
		bool		known = false;

		if (strcmp(setting->name, "pipeline.name") == 0)
		{
			if (*setting->value == '\0')
				script_fail(script, setting->place, NULL,
							"setting 'pipeline.name' is empty");
			pipeline->name = setting->value;
		}
		else if (error_setting(pipeline, setting))
			continue;
		else if (strcmp(setting->name, "applier.batch.max-rows") == 0)
			pipeline->batch_rows = int_setting(pipeline, setting, 1, 1000000);
		else if (strcmp(setting->name, "applier.batch.max-bytes") == 0)
			pipeline->batch_bytes = int_setting(pipeline, setting, 1024,
												256 * 1024 * 1024);
		else if (strcmp(setting->name, "applier.progress.table") == 0)
			pipeline->progress_table = setting->value;
		else if (strcmp(setting->name, "table.local-time-zone") == 0)
		{
			if (!zone_is_valid(setting->value))
				script_fail(script, setting->place,
							"It is a name such as 'Europe/Berlin', or a distance such as 'GMT+02:00'.",
							"setting 'table.local-time-zone' is no time zone: '%s'",
							setting->value);
			pipeline->time_zone = setting->value;
		}
		else if (strcmp(setting->name, "applier.evaluate") == 0)
		{
			if (strcmp(setting->value, "auto") != 0 &&
				strcmp(setting->value, "server") != 0)
				script_fail(script, setting->place, NULL,
							"setting 'applier.evaluate' must be 'auto' or 'server', not '%s'",
							setting->value);
			pipeline->force_server = strcmp(setting->value, "server") == 0;
		}
		else
		{
			for (size_t n = 0; n < lengthof(fixed); n++)
				if (strcmp(setting->name, fixed[n].name) == 0)
				{
					known = true;
					if (pg_strcasecmp(setting->value, fixed[n].value) != 0)
						script_fail(script, setting->place, fixed[n].hint,
									"setting '%s' = '%s' is not supported, only '%s' is",
									setting->name, setting->value, fixed[n].value);
				}
			for (size_t n = 0; n < lengthof(without_meaning); n++)
				if (!known && strncmp(setting->name, without_meaning[n],
									  strlen(without_meaning[n])) == 0)
				{
					appendPQExpBuffer(script->notes, "-- %s:%d: setting '%s' has no effect\n",
									  script->file, setting->place.line,
									  setting->name);
					known = true;
				}
			if (!known)
				script_fail(script, setting->place,
							"README.md lists the settings.",
							"setting '%s' is not supported", setting->name);
		}
	}
}

/* --------------------------------------------------------------- flows */

/* The numbers of the fields where the expression is one, or COALESCE of some. */
static void
output_find_fields(Pipeline *pipeline, Flow *flow, FlowOutput *output,
				   Expression *expression)
{
	Expression **arguments = &expression;
	int			count = 1;
	int		   *fields;

	if (expression->kind == EXPRESSION_CALL && expression->path_count == 0 &&
		(pg_strcasecmp(expression->text, "COALESCE") == 0 ||
		 pg_strcasecmp(expression->text, "IFNULL") == 0))
	{
		arguments = expression->arguments;
		count = expression->argument_count;
	}
	fields = pg_malloc(count * sizeof(int));
	for (int i = 0; i < count; i++)
	{
		SourceNode *node;

		if (arguments[i]->kind != EXPRESSION_COLUMN)
			return;
		node = expression_column(pipeline, flow, arguments[i]);
		fields[i] = node->field;
		if (i > 0)
		{
			const DataType *first = &flow->source->fields[fields[0]].type;

			if (node->type.kind != first->kind ||
				node->type.precision != first->precision ||
				node->type.scale != first->scale)
				return;
		}
	}
	output->fields = fields;
	output->field_count = count;
}

static Condition *
condition_new(ConditionKind kind, Condition *left, Condition *right)
{
	Condition  *condition = pg_malloc0(sizeof(Condition));

	condition->kind = kind;
	condition->left = left;
	condition->right = right;
	return condition;
}

/* A constant as its field's text, or NULL where it may be written otherwise. */
static char *
constant_text(const DataType *type, const Expression *expression)
{
	if (type->kind == TYPE_VARCHAR && expression->kind == EXPRESSION_STRING)
		return expression->text;
	if ((type->kind == TYPE_INT || type->kind == TYPE_BIGINT) &&
		expression->kind == EXPRESSION_NUMBER &&
		strspn(expression->text, "0123456789") == strlen(expression->text) &&
		(expression->text[0] != '0' || expression->text[1] == '\0'))
		return expression->text;
	return NULL;
}

/* field = constant, field IN (constants), constant = field */
static Condition *
condition_in(Pipeline *pipeline, Flow *flow, Expression *expression)
{
	Expression **arguments = expression->arguments;
	Condition  *condition;
	SourceNode *node;

	if (expression->kind == EXPRESSION_OPERATOR &&
		arguments[0]->kind != EXPRESSION_COLUMN)
	{
		Expression *column = arguments[1];

		arguments[1] = arguments[0];
		arguments[0] = column;
	}
	if (arguments[0]->kind != EXPRESSION_COLUMN)
		return NULL;
	node = expression_column(pipeline, flow, arguments[0]);
	if (node->field < 0)
		return NULL;
	condition = condition_new(CONDITION_IN, NULL, NULL);
	condition->field = node->field;
	condition->value_count = expression->argument_count - 1;
	condition->values = pg_malloc(condition->value_count * sizeof(char *));
	for (int i = 0; i < condition->value_count; i++)
		if ((condition->values[i] = constant_text(&node->type,
												  arguments[i + 1])) == NULL)
			return NULL;
	return expression->negated ? condition_new(CONDITION_NOT, condition, NULL) :
		condition;
}

/* The condition for the applier itself, or NULL where the target is needed. */
static Condition *
condition_build(Pipeline *pipeline, Flow *flow, Expression *expression)
{
	Condition  *left;
	Condition  *right;
	SourceNode *node;

	switch (expression->kind)
	{
		case EXPRESSION_AND:
		case EXPRESSION_OR:
			left = condition_build(pipeline, flow, expression->arguments[0]);
			right = condition_build(pipeline, flow, expression->arguments[1]);
			if (left == NULL || right == NULL)
				return NULL;
			return condition_new(expression->kind == EXPRESSION_AND ?
								 CONDITION_AND : CONDITION_OR, left, right);
		case EXPRESSION_NOT:
			left = condition_build(pipeline, flow, expression->arguments[0]);
			return left == NULL ? NULL :
				condition_new(CONDITION_NOT, left, NULL);
		case EXPRESSION_IN:
			return condition_in(pipeline, flow, expression);
		case EXPRESSION_OPERATOR:
			if (strcmp(expression->text, "=") != 0 &&
				strcmp(expression->text, "<>") != 0)
				return NULL;
			left = condition_in(pipeline, flow, expression);
			return left == NULL || *expression->text == '=' ? left :
				condition_new(CONDITION_NOT, left, NULL);
		case EXPRESSION_IS:
			if (strcmp(expression->text, "NULL") != 0 ||
				expression->arguments[0]->kind != EXPRESSION_COLUMN)
				return NULL;
			node = expression_column(pipeline, flow, expression->arguments[0]);
			if (node->field < 0)
				return NULL;
			left = condition_new(CONDITION_NULL, NULL, NULL);
			left->field = node->field;
			return expression->negated ?
				condition_new(CONDITION_NOT, left, NULL) : left;
		default:
			return NULL;
	}
}

static const ScriptColumn *
sink_column(const SinkTable *sink, const char *name)
{
	for (int i = 0; i < sink->table->column_count; i++)
		if (strcmp(sink->table->columns[i].name, name) == 0)
			return &sink->table->columns[i];
	return NULL;
}

/* The names of the columns that the SELECT's results go to, in order. */
static void
flow_find_columns(Pipeline *pipeline, Flow *flow)
{
	ScriptInsert *insert = flow->insert;
	ScriptTable *table = flow->sink->table;
	int			expected = insert->columns != NULL ? insert->column_count :
	table->column_count;

	if (flow->query.item_count != expected)
		script_fail(&pipeline->script, insert->place, NULL,
					"SELECT has %d columns, INSERT INTO %s has %d",
					flow->query.item_count, table->name, expected);
	flow->output_count = flow->query.item_count;
	flow->outputs = pg_malloc0(flow->output_count * sizeof(FlowOutput));
	for (int i = 0; i < flow->output_count; i++)
	{
		FlowOutput *output = &flow->outputs[i];

		output->column = insert->columns != NULL ? insert->columns[i] :
			table->columns[i].name;
		if (sink_column(flow->sink, output->column) == NULL)
			script_fail(&pipeline->script, insert->column_places[i], NULL,
						"table \"%s\" has no column \"%s\"", table->name,
						output->column);
		for (int other = 0; other < i; other++)
			if (strcmp(flow->outputs[other].column, output->column) == 0)
				script_fail(&pipeline->script, insert->column_places[i], NULL,
							"column \"%s\" is there twice", output->column);
		output->key = -1;
		for (int k = 0; k < table->key_count; k++)
			if (strcmp(table->key[k], output->column) == 0)
				output->key = k;
	}
	for (int k = 0; k < table->key_count; k++)
	{
		bool		found = false;

		for (int i = 0; i < flow->output_count; i++)
			if (flow->outputs[i].key == k)
				found = true;
		if (!found)
			script_fail(&pipeline->script, insert->place, NULL,
						"column \"%s\" of the primary key of \"%s\" is not written",
						table->key[k], table->name);
	}
}

static void
flow_find_key(Flow *flow)
{
	int			keys = 0;

	for (int i = 0; i < flow->output_count; i++)
	{
		const FlowOutput *output = &flow->outputs[i];

		if (output->key < 0)
			continue;
		if (output->fields == NULL || output->field_count != 1 ||
			!flow->source->fields[output->fields[0]].key)
			return;
		keys++;
	}
	flow->key_is_direct = keys == flow->source->table->key_count;
}

/*
 * In a changelog the sink's key must be the source's: two rows of the source
 * that meet in one row of the sink need state, to know what is left when one
 * of them goes.
 */
static void
check_changelog(Pipeline *pipeline, const Flow *flow)
{
	if (!source_is_changelog(flow->source) || flow->sink->kind != SINK_JDBC)
		return;
	if (flow->sink->table->key_count == 0)
		script_fail(&pipeline->script, flow->sink->table->place,
					"Declare PRIMARY KEY (...) NOT ENFORCED.",
					"table \"%s\" receives updates and deletes, so it needs a primary key",
					flow->sink->table->name);
	if (flow->source->table->key_count > 0 && !flow->key_is_direct)
		script_fail(&pipeline->script, flow->insert->place,
					"Rows that meet in one key would need state.",
					"the primary key of \"%s\" must be that of \"%s\", since deletes and updates pass through",
					flow->sink->table->name, flow->source->table->name);
}

static SourceTable *
find_source(const Pipeline *pipeline, int table)
{
	for (int i = 0; i < pipeline->source_count; i++)
		if (pipeline->sources[i].table == &pipeline->script.tables[table])
			return &pipeline->sources[i];
	return NULL;
}

static SinkTable *
find_sink(const Pipeline *pipeline, int table)
{
	for (int i = 0; i < pipeline->sink_count; i++)
		if (pipeline->sinks[i].table == &pipeline->script.tables[table])
			return &pipeline->sinks[i];
	return NULL;
}

/* CROSS JOIN LATERAL unnest(...) ... for each UNNEST of the flow. */
static char *
unnests_rewrite(Pipeline *pipeline, Flow *flow)
{
	PQExpBufferData sql;

	initPQExpBuffer(&sql);
	for (int i = 0; i < flow->query.unnest_count; i++)
	{
		const QueryUnnest *unnest = &flow->query.unnests[i];
		bool		map = unnest->type.kind == TYPE_MAP;
		bool		rows = unnest->type.kind == TYPE_ARRAY &&
		unnest->type.element->kind == TYPE_ROW;

		if (source_is_changelog(flow->source))
			script_fail(&pipeline->script, unnest->array->place,
						"Read the topic with the format 'json', or take the array apart in a view of the target.",
						"UNNEST of a source that updates and deletes rows is not supported");
		appendPQExpBuffer(&sql, " %s JOIN LATERAL pg_catalog.%s(",
						  unnest->left ? "LEFT" : rows ? "INNER" : "CROSS",
						  map ? "jsonb_each_text" : "unnest");
		(void) expression_rewrite(pipeline, flow, unnest->array, &sql);
		appendPQExpBuffer(&sql, ") WITH ORDINALITY AS u%d(%s\"?value\", \"?place\")",
						  i, map ? "\"?name\", " : "");
		/* Flink passes over a NULL in the place of a row, not of a scalar */
		if (rows)
			appendPQExpBuffer(&sql, " ON u%d.\"?value\" IS NOT NULL", i);
		else if (unnest->left)
			appendPQExpBufferStr(&sql, " ON TRUE");
	}
	return sql.data;
}

static void
flow_read(Pipeline *pipeline, ScriptInsert *insert, const QueryBranch *query,
		  Flow *flow)
{
	Script	   *script = &pipeline->script;
	bool		direct;

	memset(flow, 0, sizeof(Flow));
	flow->insert = insert;
	flow->query = *query;
	flow->source = find_source(pipeline, query->table);
	flow->sink = find_sink(pipeline, insert->sink);
	direct = !pipeline->force_server || flow->sink->kind != SINK_JDBC;
	flow_find_columns(pipeline, flow);
	for (int i = 0; i < flow->output_count; i++)
	{
		FlowOutput *output = &flow->outputs[i];
		PQExpBufferData sql;

		initPQExpBuffer(&sql);
		output->type = expression_rewrite(pipeline, flow,
										  query->items[i].expression, &sql);
		output->sql = sql.data;
		output_find_fields(pipeline, flow, output,
						   query->items[i].expression);
		if (output->fields == NULL)
		{
			const ScriptColumn *column = sink_column(flow->sink, output->column);

			output->sql = cast_for_column(pipeline, flow,
										  query->items[i].expression,
										  output->sql, &output->type, column);
			if (output->type.kind != TYPE_ANY)
				output->type = column->type;
			direct = false;
		}
	}
	if (query->where != NULL)
	{
		PQExpBufferData sql;
		DataType	type;

		initPQExpBuffer(&sql);
		type = expression_rewrite(pipeline, flow, query->where, &sql);
		if (type.kind != TYPE_BOOLEAN && type.kind != TYPE_ANY)
			script_fail(script, query->where->place, NULL,
						"WHERE must be a condition");
		flow->where_sql = sql.data;
		flow->condition = condition_build(pipeline, flow, query->where);
		if (flow->condition == NULL)
			direct = false;
	}
	if (query->unnest_count > 0)
		flow->unnest_sql = unnests_rewrite(pipeline, flow);
	flow->direct = direct && flow->unnest_sql == NULL &&
		(flow->sink->table->key_count > 0 || flow->sink->kind != SINK_JDBC);
	if (flow->sink->kind == SINK_PRINT && !flow->direct)
		script_fail(script, insert->place,
					"Write to a table with 'connector' = 'jdbc': PostgreSQL evaluates them.",
					"the connector 'print' shows columns, COALESCE of columns, and rows where columns equal constants; other expressions are not supported");
	flow_find_key(flow);
	check_changelog(pipeline, flow);
}

/* Can the two be evaluated together? */
static bool
same_outputs(const Flow *a, const Flow *b)
{
	if (a->source != b->source || a->sink != b->sink ||
		a->output_count != b->output_count)
		return false;
	for (int i = 0; i < a->output_count; i++)
		if (strcmp(a->outputs[i].column, b->outputs[i].column) != 0)
			return false;
	return true;
}

/* Rows of both travel in the same arrays only where their types are one. */
static bool
same_types(const Flow *a, const Flow *b)
{
	for (int i = 0; i < a->output_count; i++)
	{
		const DataType *left = &a->outputs[i].type;
		const DataType *right = &b->outputs[i].type;

		if (left->kind != right->kind || left->precision != right->precision ||
			left->scale != right->scale)
			return false;
	}
	return true;
}

/*
 * Puts a flow behind the one that writes the same columns of the same source,
 * so that an event's rows come in the order of the events whatever branch
 * they are of; or makes it one of its own.
 */
static void
flow_add(Pipeline *pipeline, const Flow *flow)
{
	for (int i = 0; i < pipeline->flow_count; i++)
	{
		Flow	   *head = &pipeline->flows[i];
		Flow	   *last = head;
		bool		direct;

		if (!same_outputs(head, flow))
			continue;
		direct = head->direct && flow->direct && same_types(head, flow);
		while (last->next_branch != NULL)
			last = last->next_branch;
		last->next_branch = pg_malloc(sizeof(Flow));
		*last->next_branch = *flow;
		for (last = head; last != NULL; last = last->next_branch)
			last->direct = direct;
		return;
	}
	pipeline->flows = pg_realloc(pipeline->flows, (pipeline->flow_count + 1) *
								 sizeof(Flow));
	pipeline->flows[pipeline->flow_count++] = *flow;
}

/* Rows of several topics have no order among each other. */
static void
check_union(Pipeline *pipeline, const ScriptInsert *insert,
			const QueryBranches *branches)
{
	const SinkTable *sink = find_sink(pipeline, insert->sink);

	for (int b = 1; sink->kind == SINK_JDBC && sink->table->key_count > 0 &&
		 b < branches->count; b++)
		if (branches->list[b].table != branches->list[0].table)
			script_fail(&pipeline->script, insert->place,
						"Where their keys never meet, write an INSERT for each of them.",
						"UNION ALL of tables \"%s\" and \"%s\" into \"%s\", which has a primary key, is not supported",
						pipeline->script.tables[branches->list[0].table].name,
						pipeline->script.tables[branches->list[b].table].name,
						sink->table->name);
}

/* Reads the tables that INSERTs use, then the flows. */
static void
flows_read(Pipeline *pipeline)
{
	Script	   *script = &pipeline->script;
	QueryBranches *queries = pg_malloc(script->insert_count *
									   sizeof(QueryBranches));
	Flow		flow;

	for (int i = 0; i < script->insert_count; i++)
	{
		const ScriptInsert *insert = &script->inserts[i];

		queries[i] = query_resolve(script, insert->query);
		for (int b = 0; b < queries[i].count; b++)
		{
			int			table = queries[i].list[b].table;

			if (find_source(pipeline, table) == NULL)
				source_read(pipeline, &script->tables[table],
							queries[i].list[b].place);
		}
		if (find_sink(pipeline, insert->sink) == NULL)
			sink_read(pipeline, &script->tables[insert->sink],
					  insert->sink_place);
	}
	for (int i = 0; i < script->insert_count; i++)
	{
		check_union(pipeline, &script->inserts[i], &queries[i]);
		for (int b = 0; b < queries[i].count; b++)
		{
			flow_read(pipeline, &script->inserts[i], &queries[i].list[b],
					  &flow);
			flow_add(pipeline, &flow);
		}
	}
	free(queries);
}

/* ---------------------------------------------------------------- whole */

/* "dir/orders.sql" is named orders */
static char *
base_name(const char *file)
{
	const char *slash = last_dir_separator(file);
	char	   *name = pg_strdup(slash != NULL ? slash + 1 : file);
	size_t		length = strlen(name);

	if (length > 4 && strcmp(name + length - 4, ".sql") == 0)
		name[length - 4] = '\0';
	return name;
}

Pipeline *
pipeline_parse(const char *file, const char *text, PQExpBuffer error)
{
	Pipeline   *volatile pipeline = pg_malloc0(sizeof(Pipeline));
	Script	   *script = &pipeline->script;

	if (!script_parse(script, file, text) || setjmp(script->failed) != 0)
	{
		appendPQExpBufferStr(error, pipeline->script.error->data);
		return NULL;
	}

	pipeline->name = base_name(file);
	pipeline->consumer = properties_new();
	pipeline->letter_replicas = LETTER_REPLICAS_DEFAULT;
	pipeline->log_rejected = true;
	pipeline->batch_rows = BATCH_ROWS_DEFAULT;
	pipeline->batch_bytes = BATCH_BYTES_DEFAULT;
	pipeline->progress_table = "debezium_applier_progress";
	pipeline->time_zone = "UTC";
	settings_read(pipeline);
	flows_read(pipeline);
	check_letter_topic(pipeline);

	for (int i = 0; i < pipeline->source_count; i++)
		if (properties_get(pipeline->consumer, "group.id") == NULL &&
			pipeline->sources[i].startup == STARTUP_GROUP_OFFSETS)
			script_fail(script, pipeline->sources[i].table->place,
						"Set 'scan.startup.mode' = 'earliest-offset', or the group.",
						"'scan.startup.mode' = 'group-offsets' (the default) needs 'properties.group.id'");
	return pipeline;
}

Pipeline *
pipeline_read(const char *file, PQExpBuffer error)
{
	PQExpBufferData text;
	Pipeline   *pipeline = NULL;

	initPQExpBuffer(&text);
	if (file_read(file, &text, error))
		pipeline = pipeline_parse(file, text.data, error);
	/* the lexer copied what it keeps */
	termPQExpBuffer(&text);
	return pipeline;
}
