-- ExtractNewRecordState: the flat row, by all of its options.
SET synchronous_commit = on;
\set SHOW_CONTEXT never
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');

-- what a list of properties makes of the changes that are there
CREATE FUNCTION unwrapped(properties text, chain text DEFAULT 'u') RETURNS SETOF text
LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(data, '(ts_ms|lsn)":\d+', '\1":N', 'g'), 'ver":".*?"', 'ver":V')
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record',
	'config', format(E'transforms=%s\ntransforms.u.type=io.debezium.transforms.ExtractNewRecordState\n', chain) || properties)
$$;
CREATE TABLE t (id int PRIMARY KEY, v text, n numeric(5,2), d int DEFAULT 7);
ALTER TABLE t REPLICA IDENTITY FULL;
INSERT INTO t VALUES (1, 'x', 1.5, NULL), (2, 'y', NULL, 3);
UPDATE t SET v = 'z' WHERE id = 1;
UPDATE t SET id = 3 WHERE id = 2;
DELETE FROM t WHERE id = 1;
TRUNCATE t;

SELECT unwrapped('');
SELECT unwrapped('transforms.u.delete.tombstone.handling.mode=drop');
SELECT unwrapped('transforms.u.delete.tombstone.handling.mode=rewrite');
SELECT unwrapped('transforms.u.delete.tombstone.handling.mode=Rewrite-With-Tombstone');
SELECT unwrapped('transforms.u.delete.tombstone.handling.mode=delete-to-tombstone');
SELECT unwrapped('skipped.operations=none');
-- nulls and defaults: the transform's switch, the converter's
SELECT unwrapped(E'value.converter.replace.null.with.default=false\n');
SELECT unwrapped(E'value.converter.replace.null.with.default=false\ntransforms.u.delete.tombstone.handling.mode=rewrite');
SELECT unwrapped(E'value.converter.replace.null.with.default=false\ntransforms.u.delete.tombstone.handling.mode=rewrite\ntransforms.u.replace.null.with.default=false');
-- added fields and headers
SELECT unwrapped(E'transforms.u.add.fields=op:o,source.table, lsn,schema, ts_ms,transaction.id,total_order,snapshot,nothing,before.v,source.version:ver\ntransforms.u.add.fields.prefix=m_\ntransforms.u.add.headers=op,source.schema,snapshot\ntransforms.u.add.headers.prefix=h.\ntransforms.u.delete.tombstone.handling.mode=rewrite-with-tombstone');
SELECT unwrapped(E'transforms.u.route.by.field=v');
SELECT unwrapped(E'value.converter.schemas.enable=true\nkey.converter.schemas.enable=true\ntransforms.u.add.fields=op,lsn,snapshot');

-- A transform that comes first takes rows, not events.  Another one before it
-- that never applies must not make a difference.
CREATE TABLE u (a text DEFAULT 'none', b int NOT NULL DEFAULT 5, c bool);
ALTER TABLE u REPLICA IDENTITY FULL;
CREATE TABLE bare ();
ALTER TABLE bare REPLICA IDENTITY FULL;
INSERT INTO u VALUES (NULL, 1, NULL), ('"', 2, true);
UPDATE u SET c = false;
DELETE FROM u;
INSERT INTO bare DEFAULT VALUES;
DELETE FROM bare;
SELECT count(DISTINCT properties) AS combinations, count(*) AS records,
	count(*) FILTER (WHERE both_ways.slow IS DISTINCT FROM both_ways.fast) AS differences
FROM unnest(ARRAY['drop', 'tombstone', 'rewrite', 'rewrite-with-tombstone', 'delete-to-tombstone']) AS mode,
	unnest(ARRAY['', 'op,table,lsn,snapshot,ts_ms', 'source.db,transaction.id']) AS fields,
	unnest(ARRAY['', 'op,source.ts_ms']) AS headers,
	unnest(ARRAY['true,true', 'true,false', 'false,true', 'false,false']) AS defaults,
	unnest(ARRAY['true', 'false']) AS schemas,
	format(E'transforms.u.delete.tombstone.handling.mode=%s\ntransforms.u.add.fields=%s\ntransforms.u.add.headers=%s\ntransforms.u.replace.null.with.default=%s\nvalue.converter.replace.null.with.default=%s\nkey.converter.schemas.enable=%s\nvalue.converter.schemas.enable=%s\nskipped.operations=none\n',
		mode, fields, headers, split_part(defaults, ',', 1), split_part(defaults, ',', 2), schemas, schemas) AS properties,
	LATERAL (SELECT array_agg(x ORDER BY n) FROM unwrapped(properties) WITH ORDINALITY AS r(x, n)) AS f(fast),
	LATERAL (SELECT array_agg(x ORDER BY n) FROM unwrapped(properties || E'transforms.never.type=ExtractNewRecordState\ntransforms.never.predicate=no\npredicates=no\npredicates.no.type=HasHeaderKey\npredicates.no.name=there is none', 'never,u') WITH ORDINALITY AS r(x, n)) AS s(slow),
	unnest(f.fast, s.slow) AS both_ways(fast, slow);

-- what is refused
SELECT unwrapped('transforms.u.delete.tombstone.handling.mode=remove');
SELECT unwrapped('transforms.u.add.fields=a:b:c');
SELECT unwrapped('transforms.u.add.fields=op,op');
SELECT unwrapped('transforms.u.add.fields=nowhere.x');
SELECT unwrapped('transforms.u.route.by.field=n');
SELECT unwrapped('transforms.u.predicate=p');
SELECT unwrapped('predicates=p');
SELECT unwrapped(E'predicates=p\npredicates.p.type=q');
SELECT unwrapped(E'predicates=p\npredicates.p.type=HasHeaderKey');
SELECT * FROM changes('transforms', 'a');
SELECT * FROM changes('transforms', 'a,b, a', 'transforms.a.type', 'x');
SELECT * FROM changes('transforms', 'a', 'transforms.a.type', 'com.example.Mine');
SELECT * FROM changes('transforms', 'u', 'transforms.u.type', 'ExtractNewRecordState', 'transforms.u.negate', 'maybe');
DROP TABLE t, u, bare;
DROP FUNCTION unwrapped;
SELECT pg_drop_replication_slot('s');
