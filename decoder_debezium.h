/*-------------------------------------------------------------------------
 *
 * decoder_debezium.h
 *	  Private declarations of the output plugin.
 *
 * NOTES
 *	  What happens to a change: decoder_debezium.c gets it from logical
 *	  decoding and counts it; decoder_relation.c says how the table is
 *	  captured, from a cache; decoder_envelope.c writes the events of the
 *	  change, calling the column encoders of decoder_value.c; and
 *	  decoder_output.c puts them into messages, in one of three formats.
 *	  decoder_snapshot.c offers the same encoding in SQL.
 *
 *	  Text is in the encoding of the database in the formats for people,
 *	  as all output of the server is, and in UTF-8 in the format "stream".
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_DEBEZIUM_H
#define DECODER_DEBEZIUM_H

#include "access/htup.h"
#include "access/xlogdefs.h"
#include "decoder_compat.h"
#include "decoder_schema.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "nodes/bitmapset.h"
#include "nodes/pg_list.h"
#include "replication/logical.h"
#include "replication/output_plugin.h"
#include "utils/hsearch.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

typedef struct CapturedTable CapturedTable;
typedef struct Column Column;
typedef struct ColumnMask ColumnMask;
typedef struct Dependency Dependency;
typedef struct DecoderState DecoderState;
typedef struct OutputFormat OutputFormat;
typedef struct RowFilter RowFilter;
typedef struct TableCache TableCache;
typedef struct TableFilter TableFilter;
typedef struct TransformChain TransformChain;

/* Kafka's limit for the name of a topic */
#define MAX_TOPIC_LEN	249

/* A ready-made text, not terminated */
typedef struct Piece
{
	const char *data;
	int			len;
} Piece;

/* Operations as bits, for skipped.operations */
#define OPERATION_CREATE	(1 << 0)
#define OPERATION_UPDATE	(1 << 1)
#define OPERATION_DELETE	(1 << 2)
#define OPERATION_TRUNCATE	(1 << 3)
#define OPERATION_ALL		((1 << 4) - 1)

typedef enum DecimalMode
{
	DECIMAL_PRECISE,
	DECIMAL_DOUBLE,
	DECIMAL_STRING
} DecimalMode;

/* What a date, time or timestamp without time zone becomes */
typedef enum TimeMode
{
	TIME_ADAPTIVE,				/* milliseconds where these are enough */
	TIME_ADAPTIVE_TIME_MICROSECONDS,	/* but times always microseconds */
	TIME_CONNECT,				/* milliseconds, Connect's own types */
	TIME_MICROSECONDS,
	TIME_NANOSECONDS,
	TIME_ISOSTRING,
	TIME_STRUCTURED				/* year, month, day and so on, each a number */
} TimeMode;

/* Connect's converters that there are */
typedef enum ConverterKind
{
	CONVERTER_JSON,
	CONVERTER_STRING,
	CONVERTER_SIMPLE_HEADER
} ConverterKind;

/* A converter as it is configured: for keys, for values or for headers */
struct Converter
{
	ConverterKind kind;
	bool		named;			/* it was asked for, so Connect's defaults
								 * apply */
	bool		schemas;		/* schemas.enable */
	bool		null_default;	/* replace.null.with.default */
	bool		numeric_decimals;	/* decimal.format is NUMERIC */
	bool		utf8;			/* text is in UTF-8 */

	/*
	 * What the column encoders write can be the payload at once, with nulls
	 * replaced by defaults as the converter would; nothing is to be
	 * converted.
	 */
	bool		direct;
};

/*
 * What is made of values of one schema: a converter with the text made ready
 * that goes along with every value.
 */
typedef struct Conversion
{
	const Converter *converter;
	const Schema *schema;		/* NULL: there is only null */
	Piece		lead;			/* {"schema":...,"payload": or empty */
} Conversion;

/* publication.autocreate.mode, see decoder_publication.c */
typedef enum PublicationMode
{
	PUBLICATION_ALL_TABLES,
	PUBLICATION_FILTERED,
	PUBLICATION_DISABLED,
	PUBLICATION_NO_TABLES
} PublicationMode;

typedef enum IntervalMode
{
	INTERVAL_NUMERIC,			/* microseconds; a month has 30.4375 days */
	INTERVAL_STRING
} IntervalMode;

typedef enum BinaryMode
{
	BINARY_BYTES,				/* base64 in JSON */
	BINARY_BASE64,				/* the same, but a string in the schema */
	BINARY_BASE64_URL_SAFE,
	BINARY_HEX
} BinaryMode;

/* What happens when a value cannot be converted, or a change be written */
typedef enum FailureMode
{
	FAILURE_WARN,				/* it becomes null or is left out, and that is
								 * reported */
	FAILURE_SKIP,				/* the same, without a report */
	FAILURE_FAIL				/* it is an error */
} FailureMode;

/* money.fraction.digits is not larger */
#define MAX_MONEY_DIGITS	100

/* Of a change: the same at every decoding, whatever the options */
typedef struct ChangePosition
{
	XLogRecPtr	commit_lsn;
	XLogRecPtr	change_lsn;
	uint32		number;			/* among those with this LSN */
} ChangePosition;

/* How topics are named: topic.naming.strategy and its properties */
typedef struct TopicNaming
{
	bool		with_schema;	/* or by the table alone */
	bool		by_regex;		/* the strategy is one of those */
	bool		unicode;		/* what Kafka does not allow is escaped */
	const char *delimiter;
	struct Regex *regex;		/* topic.regex; NULL: names stay */
	const char *replacement;
	bool		unique_keys;	/* the table goes into keys */
	const char *key_field;
	struct Regex *key_regex;	/* NULL: it goes by its original topic */
	const char *key_replacement;
} TopicNaming;

/* schema.name.adjustment.mode, field.name.adjustment.mode */
typedef enum NameAdjustment
{
	ADJUST_NONE,
	ADJUST_AVRO,
	ADJUST_AVRO_UNICODE
} NameAdjustment;

typedef struct DecoderOptions
{
	const OutputFormat *format;
	bool		utf8;			/* convert the database's text to UTF-8 */
	XLogRecPtr	last_commit_lsn;	/* where the stream before this one ended */
	char	   *topic_prefix;	/* NULL: the name of the database */
	TopicNaming naming;
	NameAdjustment schema_names;
	NameAdjustment field_names;
	TableFilter *filter;
	List	   *masks;			/* of ColumnMask, by kind */
	PublicationMode publication_mode;
	const char *publication_name;
	bool		publish_via_root;	/* where no publication decides */
	FailureMode change_failure_mode;	/* of whole changes */
	List	   *skip_positions; /* of ChangePosition */
	DecimalMode decimal_mode;
	bool		decimal_special_text;	/* NaN, infinities as text in Decimals */
	TimeMode	time_mode;
	bool		hstore_map;		/* an hstore is a map, not a JSON text */
	bool		include_unknown;	/* columns of unknown types are included */
	IntervalMode interval_mode;
	BinaryMode	binary_mode;
	int			money_digits;
	FailureMode failure_mode;
	bool		keep_invalid_text;	/* bytes that are no characters are told
									 * apart */
	bool		tombstones;
	bool		like_decoderbufs;	/* plugin.name */
	int64		xmin_interval;	/* milliseconds; 0: source.xmin is null */
	bool		transaction_metadata;
	const char *transaction_topic;	/* topic.transaction */
	int			skipped;		/* OPERATION_ bits */
	bool		skipped_explicitly; /* not by default */
	bool		skip_unchanged; /* updates that change nothing of the event */
	const char *placeholder_text;	/* for an unchanged TOAST value */
	const char *placeholder;	/* the same as bytes, which need not be text */
	int			placeholder_len;
	Converter	key_converter;
	Converter	value_converter;
	Converter	header_converter;
	bool		extended_headers;	/* __debezium.context.*, for transforms */
	const char *run_id;			/* for one of them */
	List	   *transform_properties;	/* transforms.*, predicates.* */
	TransformChain *chain;		/* NULL: no transforms */
	bool		row_defaults;	/* nulls in rows are written as defaults */
} DecoderOptions;

/* An option as debezium_options() shows it; NULL: not said */
typedef struct OptionText
{
	const char *name;
	const char *default_value;
	const char *values;
	const char *description;
} OptionText;

/*
 * How the values of one type are written, in plain form (decoder_schema.h).
 * One constant struct for each way; value_encoder_find() chooses by type and
 * options when a table's cache entry is made.
 */
typedef struct ValueEncoder
{
	/* the schema: its type, and name and version or NULL and 0 */
	ConnectType type;
	const char *name;
	int			version;

	/* complete it: parameters, fields, items, doc; NULL: nothing to add */
	void		(*schema) (Schema *schema, const Column *column);

	/* write a value; false when the form cannot hold it (it becomes null) */
	bool		(*encode) (StringInfo out, const Column *column, Datum value);

	/*
	 * Write the value that a literal in a default expression means; false
	 * when it has none.  NULL: columns of this type have no default.
	 */
	bool		(*literal) (StringInfo out, const Column *column,
							const char *literal);

	/* JSON of a NOT NULL value that is not known; NULL: zero of the type */
	const char *filler;

	/*
	 * What a default that is a function call becomes: JSON if it starts with
	 * a quote, else for literal(); NULL: as the filler.
	 */
	const char *computed;

	/*
	 * Write what stands for an unchanged TOAST value; NULL, or nothing is
	 * written: there is no placeholder, the value becomes null.
	 */
	void		(*unavailable) (StringInfo out, const Column *column);

	/* look up what encode needs, into column->detail; NULL: nothing */
	void		(*prepare) (Column *column);
} ValueEncoder;

/* A column of a captured table, as part of its value or of its key */
struct Column
{
	const DecoderOptions *options;
	const ValueEncoder *encoder;
	const Converter *converter; /* changes each value; NULL: nothing is to be
								 * changed, or all of the event is converted */
	const Schema *schema;
	const char *table_name;		/* with schema, for messages */
	const char *name;
	const char *field_name;		/* in events */
	int			index;			/* in the tuple, from 0 */
	Oid			declared_type;	/* a domain, maybe */
	Oid			type;			/* its base */
	int32		typmod;			/* of the base */
	int			scale;			/* decimals, or digits of seconds */
	bool		varlena;
	bool		not_null;
	bool		in_identity;	/* old tuples carry it */
	bool		null_is_value;	/* nulls are masked like other values */
	const ColumnMask *mask;		/* NULL: values are as they are */
	const ValueEncoder *unmasked;	/* with a mask: the type's encoder */
	int			hash_length;	/* with a hash: digits that fit the type */
	Piece		lead;			/* what stands before the value: ,"name": */
	Piece		null_text;		/* null, or the default that replaces it */
	Piece		absent_text;	/* when the old tuple does not carry it */
	Piece		unavailable_text;	/* for an unchanged TOAST value */
	bool		has_placeholder;	/* else unavailable_text is that of null */
	void	   *detail;			/* what the encoder's prepare made */
	bool	   *null_reported;	/* a value that became null was reported */
};

/* What of a relation is published, and as what */
typedef struct Publishing
{
	int			operations;		/* OPERATION_ bits; 0: not published */
	Oid			source;			/* itself, or an ancestor that it belongs to */
	Bitmapset  *columns;		/* attribute numbers of source; NULL: all */
	bool		generated;		/* stored generated columns, too */
	RowFilter  *row_filter;		/* NULL: all rows */
} Publishing;

/* A column that is not in events, for lack of an encoder */
typedef struct LeftOutColumn
{
	const char *name;
	int			index;			/* in the relation, from 0 */
	Oid			type;			/* as declared */
} LeftOutColumn;

/* How a relation is captured: an entry of the cache */
struct CapturedTable
{
	Oid			relid;			/* hash key; must be first */
	bool		valid;			/* cleared by invalidation */
	bool		changed;		/* set by it */
	Publishing	publishing;		/* also of what is not captured */
	bool		captured;		/* false: nothing below counts */
	bool		warned;			/* a change without identity was reported */
	TableCache *cache;			/* NULL: not in one */
	MemoryContext context;		/* of the entry in the cache; NULL: none yet */
	Dependency *dependencies;	/* on other objects than the relation */
	const char *schema_name;
	const char *table_name;
	Piece		topic;
	int			topic_number;	/* in the stream; -1: not announced */
	Piece		source_names;	/* "schema":...,"table":...,"txId": */
	int			ncolumns;
	Column	   *columns;
	List	   *left_out;		/* LeftOutColumn: of types without encoder */
	int			nkeys;
	Column	   *keys;
	Piece		key_end;		/* what stands behind their values */
	const Schema *key_schema;	/* NULL: the key is null */
	const Schema *row_schema;	/* of "before" and "after" */
	const Schema *envelope_schema;
	Conversion	key;
	Conversion	value;
	Conversion	header;			/* of a key in a header */
	bool		identity_full;
	int		   *places;			/* where the source's attributes are in rows;
								 * NULL: where they are in the source */
	int			collection;		/* its number in the Transaction with this ... */
	int			collection_serial;	/* ... serial; 0: in none yet */
};

/* A row, deformed */
typedef struct Row
{
	Datum	   *values;
	bool	   *nulls;
	bool		partial;		/* only columns of the replica identity count */
	bool		streamed;		/* TOAST pointers stand for unchanged values */
} Row;

/*
 * Which event of its transaction and of its table's part of it an event is,
 * with provide.transaction.metadata.
 */
typedef struct EventOrder
{
	bool		known;			/* false: the block "transaction" is null */
	TransactionId xid;
	int64		total;			/* from 1 */
	int64		in_collection;	/* from 1 */
} EventOrder;

/*
 * The text of the "source" block between what changes with every event.
 * In order: before_lsn, LSN, before_table, the table's source_names,
 * before_second_lsn, LSN, after, the block "transaction" made of "order".
 */
typedef struct SourceText
{
	StringInfoData before_lsn;
	StringInfoData before_table;
	StringInfoData before_second_lsn;
	StringInfoData after;
	int			marker;			/* offset of the snapshot marker in before_lsn */
	EventOrder	order;
} SourceText;

/* What the source block says of a transaction */
typedef struct SourceInfo
{
	const char *prefix;
	const char *database;
	const char *snapshot;		/* the marker as JSON */
	TimestampTz time;
	XLogRecPtr	last_commit_lsn;
	uint64		xid;			/* 0: none */
	TransactionId xmin;			/* InvalidTransactionId: not shown */
	const char *origin;			/* NULL: none */
	XLogRecPtr	origin_lsn;
	bool		utf8;
} SourceInfo;

/* The time at the end of an envelope; remade when the clock has moved */
typedef struct ClockText
{
	TimestampTz time;			/* 0: not made yet */
	int			digits;
	char		usecs[24];		/* microseconds since 1970 as text */
} ClockText;

/* Operations of records whose value has none, or is null */
#define OPERATION_TOMBSTONE 'x'
#define OPERATION_BEGIN 'b'
#define OPERATION_END 'e'
#define OPERATION_MESSAGE 'm'

/* A topic beside those of tables */
typedef struct SideTopic
{
	Piece		topic;
	int			topic_number;	/* in the stream; -1: not announced */
	Conversion	key;
	Conversion	value;
} SideTopic;

/* One record on its way out */
typedef struct Record
{
	CapturedTable *table;		/* NULL: of a side topic */
	Piece		topic;
	int		   *topic_number;	/* in the stream; -1: not announced */
	char		operation;		/* c u d t, or one of the above */
	int			part;			/* within the change, from 0 */
	StringInfo	plain_key;		/* NULL: null */
	const StringInfoData *key;	/* as it is sent */
	const char *header_name;	/* NULL: none */
	StringInfo	plain_header;	/* a key */
	const StringInfoData *header;	/* as it is sent */
} Record;

typedef struct ConnectRecord ConnectRecord;

/*
 * A way to put records into messages.  Between record_begin() and
 * record_end() the value is written to state->out.
 */
struct OutputFormat
{
	const char *name;
	OutputPluginOutputType output_type;
	bool		tombstones;		/* does it show records without value? */
	bool		side_topics;	/* and those that are not of changes? */
	void		(*record_begin) (DecoderState *state, const Record *record);
	void		(*record_end) (DecoderState *state, const Record *record);

	/* write a record that was transformed, as converters made it */
	void		(*transformed) (DecoderState *state, const Record *record,
								const ConnectRecord *transformed);
	void		(*commit) (DecoderState *state);
};

/* The transaction at hand, or what stands for it around a lone message */
typedef struct Transaction
{
	ReorderBufferTXN *txn;		/* NULL: none */
	TransactionId xid;			/* InvalidTransactionId: a lone message */
	XLogRecPtr	commit_lsn;
	XLogRecPtr	end_lsn;
	TimestampTz commit_time;
	bool		touched;		/* something happened that Debezium would see */
	int64		events;			/* with provide.transaction.metadata */
	MemoryContext context;		/* of the collections; reset at its end */
	int			serial;			/* tells it from others, for CapturedTable */
	int			ncollections;
	int			last_collection;	/* the one counted last */
	struct DataCollection *collections;
} Transaction;

/* How far a transaction was before a change that may fail */
typedef struct TransactionMark
{
	bool		touched;
	int64		events;
	int			ncollections;
} TransactionMark;

/* The plugin's state, for the life of a decoding context */
struct DecoderState
{
	LogicalDecodingContext *ctx;
	MemoryContext context;		/* lives as long as the state */
	MemoryContext change_context;	/* reset after every change */
	DecoderOptions options;
	TableCache *cache;
	const char *database;
	SideTopic	transaction_topic;	/* with provide.transaction.metadata */
	SideTopic	message_topic;

	/* the transaction at hand */
	Transaction transaction;
	SourceText	source;
	bool		source_ready;	/* source was made for this transaction */
	uint32		records;		/* records handed to the format */

	TransactionId xmin;			/* of the slot; InvalidTransactionId: not read */
	TimestampTz xmin_time;		/* when it was read */

	/* the last transaction that was touched, maybe the one at hand */
	XLogRecPtr	last_commit_lsn;	/* end of the last one before it */
	TimestampTz last_commit_time;	/* 0: not known */
	char	   *origin;			/* NULL: none */
	XLogRecPtr	origin_lsn;

	/* the change at hand */
	XLogRecPtr	change_lsn;
	int			change_number;	/* among those with this LSN, from 0 */
	int			quiet_changes;	/* since progress was last reported */
	ClockText	clock;
	Row			new_row;
	Row			old_row;
	int			row_size;		/* allocated columns in the rows */
	StringInfoData key;
	StringInfoData old_key;
	StringInfoData header;
	StringInfoData converted_key;	/* key or old_key as it is sent */

	/* output, used by the format */
	StringInfo	out;			/* where the value goes */
	StringInfoData frames;		/* stream: what waits to be sent */
	int			frame_start;
	int			value_start;
	int			next_topic;
	HTAB	   *topics;			/* stream: numbers of transformed records'
								 * topics; NULL: none yet */
	bool		guarded;		/* what was written may be taken back */

	/* the socket, see decoder_cork.c */
	XLogRecPtr	known_wal_end;	/* there is WAL to be decoded up to here */
	bool		corked;
	bool		cannot_cork;
};

/* How far the output was before a change that may fail */
typedef struct OutputMark
{
	TransactionMark transaction;
	uint32		records;
	int			frames_len;
	int			next_topic;
} OutputMark;

/* What is done for one change */
typedef void (*ChangeWork) (DecoderState *state, const void *change);

/* Append bytes; no terminating zero is kept, so use len */
static inline void
text_append(StringInfo out, const char *data, int len)
{
	if (unlikely(out->len + len >= out->maxlen))
		enlargeStringInfo(out, len);
	memcpy(out->data + out->len, data, len);
	out->len += len;
}

/* End a text with a zero that does not count */
static inline char *
text_terminate(StringInfo text)
{
	if (unlikely(text->len + 1 >= text->maxlen))
		enlargeStringInfo(text, 1);
	text->data[text->len] = '\0';
	return text->data;
}

#define text_append_literal(out, literal) \
	text_append(out, literal, sizeof(literal) - 1)
#define text_append_piece(out, piece) \
	text_append(out, (piece).data, (piece).len)

/* in decoder_options.c */
extern void options_read(DecoderOptions *options, List *elements);
extern void options_read_config(DecoderOptions *options, const char *config,
								bool utf8);
extern bool option_describe(int number, OptionText *text);

/* in decoder_filter.c */
typedef enum FilterVerdict
{
	FILTER_CAPTURED,
	FILTER_SYSTEM_SCHEMA,
	FILTER_SYSTEM_TABLE,
	FILTER_SCHEMA_NOT_INCLUDED,
	FILTER_SCHEMA_EXCLUDED,
	FILTER_TABLE_NOT_INCLUDED,
	FILTER_TABLE_EXCLUDED
} FilterVerdict;

extern TableFilter *filter_create(void);
extern void filter_set_list(TableFilter *filter, const char *property,
							const char *value);
extern FilterVerdict filter_check(const TableFilter *filter,
								  const char *schema_name,
								  const char *table_name, int *order);
extern bool filter_check_message(const TableFilter *filter,
								 const char *prefix);
extern bool filter_check_snapshot(const TableFilter *filter,
								  const char *schema_name,
								  const char *table_name);
extern const char *filter_verdict_text(FilterVerdict verdict);
extern bool filter_set_key_columns(TableFilter *filter, const char *property,
								   const char *value);
extern bool filter_check_column(const TableFilter *filter,
								const char *table_name,
								const char *column_name);
extern List *filter_key_attributes(const TableFilter *filter,
								   const char *table_name,
								   TupleDesc descriptor);

/* in decoder_guard.c */
extern bool positions_read(List **positions, const char *value);
extern void change_perform(DecoderState *state, Relation relation,
						   ChangeWork work, const void *change);

/* in decoder_publication.c */
extern void publication_decide(Publishing *publishing,
							   const DecoderOptions *options,
							   Relation relation, CapturedTable *table);
extern bool attribute_is_published(const Publishing *publishing,
								   Form_pg_attribute attribute);
extern char *publishing_text(const Publishing *publishing, Relation relation);
extern char row_filter_apply(RowFilter *filter, char operation,
							 const Row *old, const Row *new);

/* in decoder_cache.c */
extern TableCache *table_cache_create(const DecoderOptions *options,
									  MemoryContext context);
extern CapturedTable *table_cache_find(TableCache *cache, Relation relation);
extern void table_cache_trim(TableCache *cache);
extern uint64 table_cache_generation(const TableCache *cache);
extern void table_depend_on_relation(CapturedTable *table, Oid relid);
extern void table_depend_on_namespace(CapturedTable *table, Oid namespace);
extern void table_depend_on_type(CapturedTable *table, Oid type);
extern void table_depend_on_enums(CapturedTable *table);

extern void table_cache_forget_topics(TableCache *cache, int first);

/* in decoder_relation.c */
extern void table_build(CapturedTable *table, const DecoderOptions *options,
						Relation relation, Relation partition, bool snapshot);
extern void table_report_left_out(const CapturedTable *table);
extern Schema *column_schema(const Column *column);

/* in decoder_value.c */
extern const ValueEncoder *value_encoder_find(Oid type, int32 typmod,
											  const DecoderOptions *options);
extern const char *encoder_name(const ValueEncoder *encoder);
extern void column_prepare(Column *column);
extern void column_append_filler(StringInfo out, const Column *column);

/* in decoder_failure.c */
extern void column_report_failure(const Column *column, const char *reason);
extern void column_report_unavailable(const Column *column);

/* in decoder_mask.c */
extern void mask_prepare(Column *column, Schema *schema,
						 const char *expression, bool snapshot);
extern void mask_apply(Column *column);
extern const char *mask_text(const ColumnMask *mask);
extern bool mask_hides_default(const ColumnMask *mask);

/* in decoder_decimal.c */
extern const ValueEncoder *decimal_encoder_find(int32 typmod,
												const DecoderOptions *options);
extern Datum decimal_zero(const Column *column);
extern void decimal_append_int64(StringInfo out, int64 unscaled);
extern void decimal_append_text(StringInfo out, const char *text, int scale);

/* in decoder_money.c */
extern const ValueEncoder *money_encoder_find(const DecoderOptions *options);
extern void money_append_zero(StringInfo out, const Column *column);

/* in decoder_text.c */
extern const ValueEncoder *text_encoder_find(Oid type);
extern void text_append_string(StringInfo out, const Column *column,
							   const char *data, int len);

/* in decoder_bytes.c */
extern const ValueEncoder *bytes_encoder_find(const DecoderOptions *options);
extern const ValueEncoder *bits_encoder_find(Oid type, int32 typmod);
extern void bytes_append(StringInfo out, const DecoderOptions *options,
						 const uint8 *data, int len);

/* in decoder_time.c */
extern const ValueEncoder *time_encoder_find(Oid type, int32 typmod,
											 const DecoderOptions *options);
extern Datum time_epoch(Oid type);
extern int	time_digits(int32 typmod);

/* in decoder_interval.c */
extern const ValueEncoder *interval_encoder_find(const DecoderOptions *options);
extern int	interval_digits(int32 typmod);

/* in decoder_type.c */
extern const ValueEncoder *type_encoder_find(Oid type,
											 const DecoderOptions *options);
extern bool type_encode_printed(StringInfo out, const Column *column,
								Datum value);
extern void type_unavailable_text(StringInfo out, const Column *column);

/* in decoder_array.c */
extern const ValueEncoder *array_encoder_find(Oid type,
											  const DecoderOptions *options);

/* in decoder_extension.c */
extern const ValueEncoder *extension_encoder_find(Oid type,
												  const DecoderOptions *options);
extern void extension_array_rule(Oid element, bool *optional,
								 bool *null_elements, bool *printed);

/* in decoder_hstore.c */
extern const ValueEncoder *hstore_encoder_find(const DecoderOptions *options);

/* in decoder_vector.c */
extern const ValueEncoder encoder_double_vector;
extern const ValueEncoder encoder_float_vector;
extern const ValueEncoder encoder_sparse_vector;

/* in decoder_geometry.c */
extern const ValueEncoder encoder_point;
extern char *geometry_print(Oid type, Datum value);

/* in decoder_postgis.c */
extern const ValueEncoder encoder_postgis_geometry;
extern const ValueEncoder encoder_postgis_geography;

/* in decoder_unknown.c */
extern const ValueEncoder *unknown_encoder_find(const DecoderOptions *options);

/* in decoder_print.c */
extern void print_prepare(Column *column);
extern char *print_value(const Column *column, Datum value);
extern char *print_value_guarded(const Column *column, Datum value);

/* in decoder_hashmap.c */
extern uint32 hashmap_hash_string(const char *utf8, int len);
extern void hashmap_order(const uint32 *hashes, int count, int expected,
						  int *order);

/* in decoder_default.c */
extern bool default_append(StringInfo out, const Column *column,
						   const char *expression);
extern char *default_expression(Relation relation, AttrNumber attnum);

/* in decoder_encoding.c */
#define ENCODING_BUFFER_LEN 8192

typedef struct TextPart
{
	bool		valid;			/* it is characters, in UTF-8 in data */
	const char *data;
	int			len;
	int			source_len;		/* bytes of the text that it is made of */
} TextPart;

extern void encoding_next_part(const char *data, int len, char *buffer,
							   TextPart *part);
extern char *encoding_to_utf8(const char *data, int len);

/* in decoder_json.c */
extern void json_append_any_text(StringInfo out, const char *data, int len,
								 bool utf8, bool keep);
extern void json_append_text(StringInfo out, const char *data, int len,
							 bool utf8);
extern void json_append_base64(StringInfo out, const uint8 *data, int len);
extern void json_append_bool(StringInfo out, bool value);
extern void json_append_int64(StringInfo out, int64 value);
extern void json_append_uint64(StringInfo out, uint64 value);
extern void json_append_double(StringInfo out, double value);
extern void json_append_float(StringInfo out, float value);

/* in decoder_name.c */
extern char *topic_name(const DecoderOptions *options, const char *schema_name,
						const char *table_name);
extern char *topic_name_transaction(const DecoderOptions *options);
extern char *topic_key_value(const DecoderOptions *options,
							 const char *schema_name, const char *table_name);
extern char *name_adjust(const char *name, NameAdjustment adjustment,
						 bool is_field);
extern char *name_of_schema(const DecoderOptions *options, const char *name);
extern char *name_of_field(const DecoderOptions *options, const char *name);

/* in decoder_source.c */

/*
 * Stands for the marker of a snapshot's row in a value that is going to be
 * converted: afterwards source_find_marker() finds it
 */
#define SOURCE_MARKER "__debezium_snapshot_marker__"

extern const Schema source_schema;

extern void source_text_init(SourceText *text);
extern void source_text_make(SourceText *text, const SourceInfo *info);
extern int	source_write(StringInfo out, const SourceText *text,
						 Piece source_names, XLogRecPtr lsn);
extern int	source_find_marker(StringInfo value, int start);

/* in decoder_transaction.c */
extern const Schema transaction_schema;

extern void transaction_prepare(DecoderState *state);
extern void transaction_begin(DecoderState *state, ReorderBufferTXN *txn);
extern void transaction_touch(DecoderState *state, XLogRecPtr lsn);
extern void transaction_count_event(DecoderState *state,
									CapturedTable *table);
extern void transaction_count_message(DecoderState *state, XLogRecPtr lsn);
extern void transaction_mark(const DecoderState *state,
							 TransactionMark *mark);
extern void transaction_rollback(DecoderState *state,
								 const TransactionMark *mark);
extern void transaction_commit(DecoderState *state);
extern void transaction_append_block(StringInfo out, const EventOrder *order,
									 XLogRecPtr lsn);

/* in decoder_message.c */
extern void message_prepare(DecoderState *state);
extern void message_write(DecoderState *state, XLogRecPtr lsn,
						  const char *prefix, const char *content, Size size);

/* in decoder_convert.c */
extern const char *plain_skip(const char *text);
extern bool plain_is_null(const char *text);
extern const char *plain_unescape(StringInfo out, const char *text);
extern uint8 *plain_decode_base64(const char *text, int *len);
extern void conversion_prepare(Conversion *conversion,
							   const Converter *converter,
							   const Schema *schema);
extern bool conversion_changes(const Converter *converter,
							   const Schema *schema);
extern void conversion_replace(StringInfo text, int start,
							   const Converter *converter,
							   const Schema *schema);
extern void conversion_append_default(StringInfo out,
									  const Converter *converter,
									  const Schema *schema);
extern void conversion_write(StringInfo out, const Conversion *conversion,
							 const char *text);

/* in decoder_envelope.c */
extern void envelope_prepare(CapturedTable *table,
							 const DecoderOptions *options);
extern void key_write(StringInfo out, const CapturedTable *table,
					  const Row *row);
extern void row_write(StringInfo out, const CapturedTable *table,
					  const Row *row);
extern int	envelope_write_plain(StringInfo out, const CapturedTable *table,
								 const SourceText *source, ClockText *clock,
								 XLogRecPtr lsn, char operation,
								 const Row *before, const Row *after);
extern int	envelope_write(StringInfo out, const CapturedTable *table,
						   const SourceText *source, ClockText *clock,
						   XLogRecPtr lsn, char operation,
						   const Row *before, const Row *after);
extern void side_record_write(DecoderState *state, SideTopic *topic,
							  char operation, const char *key,
							  const char *value);
extern void change_write(DecoderState *state, CapturedTable *table,
						 char operation, bool has_old);

/* in decoder_transform.c */
extern void transform_chain_create(DecoderOptions *options);

/* in decoder_cork.c */
extern void cork_before_commit(DecoderState *state);
extern void cork_after_commit(DecoderState *state);

/* in decoder_output.c */
extern const OutputFormat output_envelope;
extern const OutputFormat output_record;
extern const OutputFormat output_stream;

extern void output_mark(DecoderState *state, OutputMark *mark);
extern void output_rollback(DecoderState *state, const OutputMark *mark);
extern void output_release(DecoderState *state);
extern int	frame_begin(StringInfo out, char type);
extern void frame_end(StringInfo out, int start);
extern void frame_set_int32(StringInfo out, int offset, uint32 value);
extern void frame_append_int16(StringInfo out, uint16 value);
extern void frame_append_int32(StringInfo out, uint32 value);
extern void frame_append_int64(StringInfo out, uint64 value);

#endif							/* DECODER_DEBEZIUM_H */
