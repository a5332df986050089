-- Routing by topic: RegexRouter, ByLogicalTableRouter, PartitionRouting, Filter.
SET synchronous_commit = on;
\set SHOW_CONTEXT never
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE FUNCTION transformed(config text) RETURNS SETOF text LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(data, ',"source":\{.*?\},"transaction":null', ''), ',"ts_ms":\d+,"ts_us":\d+,"ts_ns":\d+', '')
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record', 'config', config)
$$;
CREATE TABLE shard_1 (id int PRIMARY KEY, v text);
CREATE TABLE shard_2 (id int PRIMARY KEY, v text);
CREATE TABLE other (v text);
INSERT INTO shard_1 VALUES (1, 'a');
INSERT INTO shard_2 VALUES (1, 'b');
INSERT INTO other VALUES ('c');
DELETE FROM shard_1;

-- the whole name must match; the first match is replaced
SELECT transformed(E'transforms=r\ntransforms.r.type=org.apache.kafka.connect.transforms.RegexRouter\ntransforms.r.regex=p\\\\.(.*)\\\\.(?<name>.*)\ntransforms.r.replacement=$1-${name}');
SELECT transformed(E'transforms=r\ntransforms.r.type=RegexRouter\ntransforms.r.regex=public\ntransforms.r.replacement=x');
-- what Kafka would refuse becomes an underscore
SELECT transformed(E'transforms=r\ntransforms.r.type=RegexRouter\ntransforms.r.regex=.*other\ntransforms.r.replacement=an other/topic');
-- behind unwrap, nothing is taken apart
SELECT transformed(E'transforms=u,r\ntransforms.u.type=ExtractNewRecordState\ntransforms.r.type=RegexRouter\ntransforms.r.regex=p.public.(.*)\ntransforms.r.replacement=$1');

SELECT transformed(E'transforms=r\ntransforms.r.type=io.debezium.transforms.ByLogicalTableRouter\ntransforms.r.topic.regex=(.*)shard_(.*)\ntransforms.r.topic.replacement=$1all');
SELECT transformed(E'transforms=r\ntransforms.r.type=io.debezium.transforms.ToLogicalTopicRouter\ntransforms.r.topic.regex=(.*)shard_(.*)\ntransforms.r.topic.replacement=$1all\ntransforms.r.key.field.regex=(.*)shard_(.*)\ntransforms.r.key.field.replacement=$2');
SELECT transformed(E'transforms=r\ntransforms.r.type=ByLogicalTableRouter\ntransforms.r.topic.regex=(.*)shard_(.*)\ntransforms.r.topic.replacement=$1all\ntransforms.r.key.enforce.uniqueness=false');
SELECT transformed(E'key.converter.schemas.enable=true\nvalue.converter.schemas.enable=true\ntable.include.list=public.shard_2\ntransforms=r,u\ntransforms.r.type=ByLogicalTableRouter\ntransforms.r.topic.regex=(.*)shard_(.*)\ntransforms.r.topic.replacement=$1all\ntransforms.r.key.field.name=shard\ntransforms.u.type=ExtractNewRecordState');
SELECT transformed(E'transforms=r\ntransforms.r.type=ByLogicalTableRouter\ntransforms.r.topic.regex=(.*)shard_(.*)\ntransforms.r.topic.replacement=$1all\ntransforms.r.key.field.name=id');

-- predicates choose the records
SELECT transformed(E'transforms=f\ntransforms.f.type=org.apache.kafka.connect.transforms.Filter\ntransforms.f.predicate=p\npredicates=p\npredicates.p.type=TopicNameMatches\npredicates.p.pattern=.*shard.*');
SELECT transformed(E'transforms=f\ntransforms.f.type=org.apache.kafka.connect.transforms.Filter\ntransforms.f.predicate=p\ntransforms.f.negate=true\npredicates=p\npredicates.p.type=TopicNameMatches\npredicates.p.pattern=.*shard.*');
SELECT transformed(E'transforms=f\ntransforms.f.type=org.apache.kafka.connect.transforms.Filter\ntransforms.f.predicate=t\npredicates=t\npredicates.t.type=RecordIsTombstone');

-- partitions by Java's hashes
CREATE TABLE h (i smallint, n int, l bigint, f real, d double precision, b bool, t text, x bytea, m numeric(20,2), a int[]);
INSERT INTO h VALUES (-3, 70000, 5000000000, 1.5, -2.25, true, 'Grüße 😀', '\x00ff7f', -12345678901.25, '{1,NULL,3}');
SELECT field, hash, data::json->'partition' AS partition
FROM unnest(ARRAY['i', 'n', 'l', 'f', 'd', 'b', 't', 'x', 'm', 'a']) AS field, unnest(ARRAY['java', 'murmur']) AS hash,
	LATERAL transformed(format(E'table.include.list=public.h\ntransforms=r\ntransforms.r.type=io.debezium.transforms.partitions.PartitionRouting\ntransforms.r.partition.payload.fields=change.%s\ntransforms.r.partition.topic.num=1000003\ntransforms.r.partition.hash.function=%s', field, hash)) AS data;
SELECT data::json->'partition' AS partition, data::json->'value'->>'op' AS op
FROM transformed(E'table.include.list=public.shard_1\ntransforms=r\ntransforms.r.type=PartitionRouting\ntransforms.r.partition.payload.fields=change.id, source.table,after.nothing\ntransforms.r.partition.topic.num=1000003') AS data;
SELECT transformed(E'transforms=r\ntransforms.r.type=PartitionRouting\ntransforms.r.partition.payload.fields=source\ntransforms.r.partition.topic.num=3');
SELECT transformed(E'transforms=r\ntransforms.r.type=PartitionRouting\ntransforms.r.partition.payload.fields=op\ntransforms.r.partition.topic.num=0');
DROP FUNCTION transformed;
DROP TABLE shard_1, shard_2, other, h;
SELECT pg_drop_replication_slot('s');
