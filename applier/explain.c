/*-------------------------------------------------------------------------
 *
 * explain.c
 *	  What a script comes to, beside its SQL: sources, order, errors.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "explain.h"

static void
explain_source(const Pipeline *pipeline, const SourceTable *source,
			   PQExpBuffer text)
{
	static const char *const formats[] = {
		[FORMAT_JSON] = "each event is a row",
		[FORMAT_DEBEZIUM_JSON] = "each event is a change of rows",
		[FORMAT_UPSERT_JSON] = "each event is the newest row of its key"
	};
	const char *group = properties_get(pipeline->consumer, "group.id");

	appendPQExpBuffer(text, "-- %s:%d: source %s reads topic", pipeline->script.file,
					  source->table->place.line, source->table->name);
	for (int t = 0; t < source->topic_count; t++)
		appendPQExpBuffer(text, "%s \"%s\"", t > 0 ? "," : "", source->topics[t]);
	appendPQExpBuffer(text, " of %s, where %s; without progress ",
					  properties_get(pipeline->consumer, "bootstrap.servers"),
					  formats[source->format]);
	switch (source->startup)
	{
		case STARTUP_EARLIEST:
			appendPQExpBufferStr(text, "from the begin");
			break;
		case STARTUP_LATEST:
			appendPQExpBufferStr(text, "from the end");
			break;
		case STARTUP_TIMESTAMP:
			appendPQExpBuffer(text, "from timestamp " INT64_FORMAT,
							  source->startup_timestamp);
			break;
		case STARTUP_GROUP_OFFSETS:
			appendPQExpBuffer(text, "from where group \"%s\" is", group);
			break;
	}
	appendPQExpBufferChar(text, '\n');
}

/* Does the sink's key hold all columns of the source's, as they are? */
static bool
key_holds_source_key(const Flow *flow)
{
	const SourceTable *source = flow->source;
	int			held = 0;

	for (int f = 0; f < source->field_count; f++)
	{
		bool		found = false;

		for (int i = 0; source->fields[f].key && i < flow->output_count; i++)
			if (flow->outputs[i].key >= 0 && flow->outputs[i].fields != NULL &&
				flow->outputs[i].field_count == 1 &&
				flow->outputs[i].fields[0] == f)
				found = true;
		held += found ? 1 : 0;
	}
	return held == source->table->key_count;
}

/*
 * A partition's events come in order, those of several do not.  So rows that
 * meet in one row of the sink must be of one partition.
 */
static void
explain_order(const Pipeline *pipeline, const Flow *flow, PQExpBuffer text)
{
	const ScriptTable *source = flow->source->table;
	const ScriptTable *sink = flow->sink->table;

	appendPQExpBuffer(text, "-- %s:%d: INSERT INTO %s: ", pipeline->script.file,
					  flow->insert->place.line, sink->name);
	if (sink->key_count == 0)
		appendPQExpBufferStr(text, "rows are appended, in the order of each partition\n");
	else if (source->key_count == 0)
		appendPQExpBuffer(text, "source %s declares no PRIMARY KEY; where events of one row of %s are in several partitions, the one that comes last decides\n",
						  source->name, sink->name);
	else if (key_holds_source_key(flow))
		appendPQExpBuffer(text, "partitions do not depend on each other, if the records of %s have its PRIMARY KEY as their key\n",
						  source->name);
	else
		appendPQExpBuffer(text, "events of several keys of %s meet in one row of %s; where they are in several partitions, the one that comes last decides\n",
						  source->name, sink->name);
}

void
pipeline_explain(const Pipeline *pipeline, PQExpBuffer text)
{
	if (pipeline->conninfo != NULL)
		appendPQExpBuffer(text, "-- pipeline \"%s\", progress in table \"%s\" of the target\n",
						  pipeline->name, pipeline->progress_table);
	else
		appendPQExpBuffer(text, "-- pipeline \"%s\", progress in memory\n",
						  pipeline->name);
	for (int i = 0; i < pipeline->source_count; i++)
		explain_source(pipeline, &pipeline->sources[i], text);
	appendPQExpBuffer(text, "-- an event that cannot be applied %s",
					  pipeline->tolerance == TOLERATE_ALL ? "is left out" :
					  "stops the pipeline");
	if (pipeline->letter_topic != NULL)
		appendPQExpBuffer(text, "; one that is left out goes to topic \"%s\"",
						  pipeline->letter_topic);
	appendPQExpBufferChar(text, '\n');
	for (int i = 0; i < pipeline->flow_count; i++)
		explain_order(pipeline, &pipeline->flows[i], text);
}
