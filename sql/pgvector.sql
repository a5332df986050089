-- The types of pgvector; left out of the tests where it is not installed.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE EXTENSION vector;
CREATE TABLE t (id int PRIMARY KEY, v vector, h halfvec, s sparsevec, va vector[], vn vector NOT NULL, hn halfvec NOT NULL, sn sparsevec NOT NULL);
INSERT INTO t VALUES (1, '[1,2,3.3]', '[10,20,0.1]', '{1:1,3:2,5:3.3}/5000', ARRAY['[1,2]'::vector], '[1e-10,-0,3e38]', '[65504,-0.5,6e-8]', '{40:1,200:2,1:3}/300'),
	(2, NULL, NULL, NULL, ARRAY['[1,2]'::vector, NULL], '[1]', '[1]', '{}/32767');
DELETE FROM t WHERE id = 1;
SELECT * FROM changes();
-- more dimensions than a schema of 16 bits can say
INSERT INTO t VALUES (3, NULL, NULL, '{1:1,40000:2}/100000', NULL, '[1]', '[1]', '{}/1');
SELECT * FROM changes();
INSERT INTO t VALUES (4, NULL, NULL, NULL, NULL, '[1]', '[1]', '{}/1');
SELECT field FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter.schemas.enable', 'true'),
	json_array_elements(data::json->'schema'->'fields'->1->'fields') field;
ALTER TABLE t ALTER v SET STORAGE EXTERNAL;
INSERT INTO t SELECT 5, array_agg(i)::vector, NULL, NULL, NULL, '[1]', '[1]', '{}/1' FROM generate_series(1, 1000) i;
SELECT data::json->'after'->'v'->999 AS v FROM pg_logical_slot_get_changes('s', NULL, NULL);
UPDATE t SET vn = '[2]' WHERE id = 5;
SELECT * FROM changes();
-- a map whose keys are numbers is an array of pairs, for all converters
INSERT INTO t VALUES (6, NULL, NULL, '{1:1,3:2,5:3.3}/5000', NULL, '[1]', '[1]', '{}/1');
SELECT data::json->'after'->'s' AS s, data::json->'after'->'sn' AS sn FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'value.converter.decimal.format', 'NUMERIC');
SELECT substring(data FROM 'after=Struct.*?,vn') FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter', 'org.apache.kafka.connect.storage.StringConverter');
CREATE TABLE k (s sparsevec PRIMARY KEY);
INSERT INTO k VALUES ('{1:1,3:2}/5000');
UPDATE k SET s = '{1:5}/10';
SELECT data::json->'key' AS key, data::json->'headers' AS headers FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record');
DROP TABLE t, k;
DROP EXTENSION vector;
SELECT pg_drop_replication_slot('s');
