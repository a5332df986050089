/*-------------------------------------------------------------------------
 *
 * pipeline.h
 *	  What a script means: sources, sinks, and the flows between them.
 *
 * NOTES
 *	  A *field* is one scalar of an event that the script uses; a ROW is
 *	  flattened into fields with dotted names ("after.order_id"), and one
 *	  more of type BOOLEAN where the script asks whether the ROW is there.
 *	  What no statement uses is never read.  Fields travel to the target as
 *	  arrays, one per field, so the SELECT of a flow is a query over
 *	  unnest($1, $2, ...).
 *
 *	  Everything lives as long as the process.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include "condition.h"
#include "encoding.h"
#include "properties.h"
#include "query.h"

/* A column of a source, or a field of a ROW in it; a tree for the reader. */
typedef struct SourceNode
{
	char	   *name;			/* of the column or the field */
	char	   *member;			/* its name in the JSON */
	size_t		name_length;	/* of member */
	DataType	type;
	bool		key;			/* in the source's primary key */
	int			field;			/* number among the fields; -1: not used */
	int			presence;		/* field "is it there" of a ROW; -1: not used */
	bool		used;			/* it or something below */
	int			metadata;		/* its MetadataKind */
	struct SourceNode *children;
	int			child_count;
} SourceNode;

typedef struct SourceField
{
	char	   *name;			/* "after.order_id" */
	DataType	type;
	bool		key;			/* column of the source's primary key */
} SourceField;

typedef enum SourceFormat
{
	FORMAT_JSON,				/* each event is one row */
	FORMAT_DEBEZIUM_JSON,		/* each event is a change of rows */
	FORMAT_UPSERT_JSON			/* each event is the newest row of its key */
} SourceFormat;

typedef enum StartupMode
{
	STARTUP_GROUP_OFFSETS,		/* Flink's default */
	STARTUP_EARLIEST,
	STARTUP_LATEST,
	STARTUP_TIMESTAMP
} StartupMode;

typedef struct SourceTable
{
	ScriptTable *table;
	char	  **topics;
	int			topic_count;
	SourceFormat format;
	bool		ignore_parse_errors;
	bool		fail_on_missing_field;
	bool		schema_include; /* {"schema":...,"payload":...} around events */
	Encoding	encoding;
	StartupMode startup;
	int64		startup_timestamp;	/* ms, of STARTUP_TIMESTAMP */
	SourceNode	root;			/* its children are the columns in the value */
	SourceNode	key;			/* those in the record's key only */
	SourceNode	metadata;		/* METADATA columns */
	SourceField *fields;
	int			field_count;
} SourceTable;

typedef enum SinkKind
{
	SINK_JDBC,
	SINK_PRINT,					/* for trials: rows are shown */
	SINK_BLACKHOLE				/* and forgotten */
} SinkKind;

typedef struct SinkTable
{
	ScriptTable *table;
	SinkKind	kind;
	const char *print_identifier;	/* before each row; NULL: none */
	bool		print_to_stderr;

	/* of SINK_JDBC */
	char	   *table_name;		/* as given: [schema.]table */
	char	   *conninfo;		/* libpq's keywords, with the password */
} SinkTable;

/* One column of what a flow writes. */
typedef struct FlowOutput
{
	char	   *column;			/* of the sink */
	DataType	type;			/* of the expression */
	char	   *sql;			/* the expression in PostgreSQL's words */
	int			key;			/* place in the sink's key, from 0; -1: none */

	/*
	 * Where the expression is a field, or COALESCE of fields of one type:
	 * their numbers.  Else NULL.
	 */
	int		   *fields;
	int			field_count;
} FlowOutput;

/* INSERT INTO sink SELECT ... FROM source WHERE ... */
typedef struct Flow
{
	ScriptInsert *insert;
	QueryBranch query;
	SourceTable *source;
	SinkTable  *sink;
	FlowOutput *outputs;
	int			output_count;
	char	   *where_sql;		/* NULL: none */
	char	   *unnest_sql;		/* joins with what UNNEST makes; NULL: none */

	/*
	 * Can the applier itself evaluate it?  Then outputs have fields and
	 * "condition" stands for the WHERE (NULL: none).
	 */
	bool		direct;
	Condition  *condition;
	bool		key_is_direct;	/* the key's outputs are fields of the
								 * source's own key, each once */

	/*
	 * Another SELECT over the same source into the same columns, by UNION ALL
	 * or a second INSERT: each row of the source is evaluated by all of them
	 * in this order.  NULL: none.
	 */
	struct Flow *next_branch;
} Flow;

typedef enum ErrorsTolerance
{
	TOLERATE_NONE,				/* an event that cannot be applied stops */
	TOLERATE_ALL				/* it is reported, counted and left out */
} ErrorsTolerance;

typedef struct Pipeline
{
	Script		script;
	char	   *name;
	SourceTable *sources;
	int			source_count;
	SinkTable  *sinks;
	int			sink_count;
	Flow	   *flows;
	int			flow_count;
	Properties *consumer;		/* properties.* of the sources */
	const char *conninfo;		/* of all sinks; NULL: none has one */
	const char *progress_table;
	const char *time_zone;		/* table.local-time-zone; zone_is_valid() */
	ErrorsTolerance tolerance;
	const char *letter_topic;	/* of events that are left out; NULL: none */
	int			letter_replicas;	/* of that topic, when it is made; -1: the
									 * broker's default */
	bool		letter_context; /* with headers that tell the failure */
	bool		log_rejected;	/* a line for each event that is left out */
	bool		log_records;	/* ... with its timestamp */
	int64		batch_rows;
	int64		batch_bytes;
	bool		has_metadata;	/* some source has METADATA columns */
	bool		force_server;	/* SET 'applier.evaluate' = 'server' */
} Pipeline;

/*
 * Reads a script and finds out what it means.  NULL, with the message in
 * "error", where it is not understood.
 */
extern Pipeline *pipeline_read(const char *file, PQExpBuffer error);

/* Same, from a text; "file" is for messages and the pipeline's name. */
extern Pipeline *pipeline_parse(const char *file, const char *text,
								PQExpBuffer error);

/* in connector.c */

/* Do its events update and delete rows? */
static inline bool
source_is_changelog(const SourceTable *source)
{
	return source->format != FORMAT_JSON;
}

/*
 * Reads a table's options, as that of a source or a sink.  "place" is where
 * it is read from or written to.
 */
extern void source_read(Pipeline *pipeline, ScriptTable *table, Place place);
extern void sink_read(Pipeline *pipeline, ScriptTable *table, Place place);

/* in expression.c */

/*
 * The expression in PostgreSQL's words, appended; its type is returned.
 * Marks the fields it needs as used.  Errors go to script_fail().
 */
extern DataType expression_rewrite(Pipeline *pipeline, Flow *flow,
								   Expression *expression, PQExpBuffer sql);

/* The field or the ROW that a column's path names; its field is used then. */
extern SourceNode *expression_column(Pipeline *pipeline, Flow *flow,
									 const Expression *expression);

/* Number of the node's field, given to it at its first use. */
extern int	source_use(SourceTable *source, SourceNode *node,
					   const char *name);

/* in cast.c */

/*
 * Can the text be a time zone: a name of the time zone database, as far as
 * can be told without it, or Z, UTC, GMT, UT with or without +hh[:mm[:ss]]?
 */
extern bool zone_is_valid(const char *zone);

/*
 * The SQL of an expression of type "from", which becomes "to", as the column
 * of a table that it is inserted into: with the casts that Flink makes without
 * being asked.  Fails where it makes none.
 */
extern char *cast_for_column(Pipeline *pipeline, Flow *flow,
							 const Expression *expression, char *sql,
							 const DataType *from, const ScriptColumn *column);

/* in type.c */

/*
 * PostgreSQL's name of a type, e.g. numeric(10,2).  An ARRAY is an array of
 * its elements' type, of any number of dimensions; a MAP, and a ROW in one of
 * them, is jsonb.  In jsonb numbers and booleans stand as such, ROWs and MAPs
 * are objects, ARRAYs are arrays, and everything else is a string of its
 * canonical text.
 */
extern void type_append_pg(PQExpBuffer sql, const DataType *type);

/* Name of the type whose array carries values of this one: int4, text, ... */
extern const char *type_carrier(const DataType *type);

#endif							/* PIPELINE_H */
