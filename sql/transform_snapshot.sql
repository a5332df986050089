-- Rows of a snapshot that go through transforms: the Y frame, which says where
-- the reader has to put the snapshot marker.
SET synchronous_commit = on;
\set SHOW_CONTEXT never
CREATE TABLE t (id int PRIMARY KEY, v text DEFAULT 'none');
INSERT INTO t VALUES (1, 'one'), (2, NULL), (3, 'three');
CREATE FUNCTION frames(config text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT encode(debezium_snapshot(t.*, E'topic.prefix=p\n' || config, '0/10', 5, 'epoch'), 'escape') FROM t ORDER BY id
$$;
SELECT frames(E'transforms=u\ntransforms.u.type=ExtractNewRecordState\ntransforms.u.add.fields=op,snapshot,lsn\ntransforms.u.add.headers=snapshot,op');
-- the marker in the key, and no headers; nulls are kept until the end
SELECT frames(E'extended.headers.enabled=false\nvalue.converter.replace.null.with.default=false\ntransforms=u,k\ntransforms.u.type=ExtractNewRecordState\ntransforms.u.add.fields=snapshot\ntransforms.k.type=ValueToKey\ntransforms.k.fields=__snapshot,id');
-- without the marker
SELECT frames(E'extended.headers.enabled=false\ntransforms=u\ntransforms.u.type=ExtractNewRecordState');
-- one row to another topic and partition, one dropped, which leaves no bytes
SELECT frames(E'extended.headers.enabled=false\ntransforms=p,u,f\ntransforms.u.type=ExtractNewRecordState\ntransforms.u.route.by.field=v\ntransforms.p.type=PartitionRouting\ntransforms.p.partition.payload.fields=change.id\ntransforms.p.partition.topic.num=7\ntransforms.f.type=org.apache.kafka.connect.transforms.Filter\ntransforms.f.predicate=three\npredicates=three\npredicates.three.type=TopicNameMatches\npredicates.three.pattern=three');
SELECT frames(E'transforms=u\ntransforms.u.type=ExtractNewRecordState\ntransforms.u.add.fields=a.b');
DROP FUNCTION frames;
DROP TABLE t;
