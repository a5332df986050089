/*-------------------------------------------------------------------------
 *
 * decoder_transforms.h
 *	  The transforms and predicates of records that the output plugin knows,
 *	  by the names of their classes in Kafka Connect and Debezium.
 *
 * The plugin rejects every other name, and the bridge tells so before it
 * starts a connector; so the lists stand here once.  No other header is
 * needed.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef DECODER_TRANSFORMS_H
#define DECODER_TRANSFORMS_H

/*
 * X(class name, name of the struct that implements it, part of the record it
 * works on: WHOLE, KEY or VALUE)
 */
#define DECODER_TRANSFORMS(X) \
	X("io.debezium.connector.postgresql.transforms.DecodeLogicalDecodingMessageContent", decode_message, WHOLE) \
	X("io.debezium.transforms.ByLogicalTableRouter", logical_router, WHOLE) \
	X("io.debezium.transforms.ExtractChangedRecordState", changed_fields, WHOLE) \
	X("io.debezium.transforms.ExtractNewRecordState", unwrap, WHOLE) \
	X("io.debezium.transforms.HeaderToValue", header_to_value, WHOLE) \
	X("io.debezium.transforms.TimezoneConverter", timezone, WHOLE) \
	X("io.debezium.transforms.ToLogicalTopicRouter", logical_topic_router, WHOLE) \
	X("io.debezium.transforms.outbox.EventRouter", outbox, WHOLE) \
	X("io.debezium.transforms.partitions.PartitionRouting", partition_routing, WHOLE) \
	X("org.apache.kafka.connect.transforms.Cast$Key", cast, KEY) \
	X("org.apache.kafka.connect.transforms.Cast$Value", cast, VALUE) \
	X("org.apache.kafka.connect.transforms.DropHeaders", drop_headers, WHOLE) \
	X("org.apache.kafka.connect.transforms.ExtractField$Key", extract_field, KEY) \
	X("org.apache.kafka.connect.transforms.ExtractField$Value", extract_field, VALUE) \
	X("org.apache.kafka.connect.transforms.Filter", filter, WHOLE) \
	X("org.apache.kafka.connect.transforms.Flatten$Key", flatten, KEY) \
	X("org.apache.kafka.connect.transforms.Flatten$Value", flatten, VALUE) \
	X("org.apache.kafka.connect.transforms.HeaderFrom$Key", header_from, KEY) \
	X("org.apache.kafka.connect.transforms.HeaderFrom$Value", header_from, VALUE) \
	X("org.apache.kafka.connect.transforms.HoistField$Key", hoist_field, KEY) \
	X("org.apache.kafka.connect.transforms.HoistField$Value", hoist_field, VALUE) \
	X("org.apache.kafka.connect.transforms.InsertField$Key", insert_field, KEY) \
	X("org.apache.kafka.connect.transforms.InsertField$Value", insert_field, VALUE) \
	X("org.apache.kafka.connect.transforms.InsertHeader", insert_header, WHOLE) \
	X("org.apache.kafka.connect.transforms.MaskField$Key", mask_field, KEY) \
	X("org.apache.kafka.connect.transforms.MaskField$Value", mask_field, VALUE) \
	X("org.apache.kafka.connect.transforms.RegexRouter", regex_router, WHOLE) \
	X("org.apache.kafka.connect.transforms.ReplaceField$Key", replace_field, KEY) \
	X("org.apache.kafka.connect.transforms.ReplaceField$Value", replace_field, VALUE) \
	X("org.apache.kafka.connect.transforms.SetSchemaMetadata$Key", schema_metadata, KEY) \
	X("org.apache.kafka.connect.transforms.SetSchemaMetadata$Value", schema_metadata, VALUE) \
	X("org.apache.kafka.connect.transforms.TimestampConverter$Key", timestamp_converter, KEY) \
	X("org.apache.kafka.connect.transforms.TimestampConverter$Value", timestamp_converter, VALUE) \
	X("org.apache.kafka.connect.transforms.TimestampRouter", timestamp_router, WHOLE) \
	X("org.apache.kafka.connect.transforms.ValueToKey", value_to_key, WHOLE)

/* X(class name, name of the struct that implements it) */
#define DECODER_PREDICATES(X) \
	X("org.apache.kafka.connect.transforms.predicates.HasHeaderKey", has_header) \
	X("org.apache.kafka.connect.transforms.predicates.RecordIsTombstone", is_tombstone) \
	X("org.apache.kafka.connect.transforms.predicates.TopicNameMatches", topic_matches)

#endif							/* DECODER_TRANSFORMS_H */
