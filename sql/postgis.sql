-- The types of PostGIS; left out of the tests where it is not installed.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SET client_min_messages = error;
CREATE EXTENSION postgis;
RESET client_min_messages;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, g geometry, gs geometry(Point,4326), gg geography, ga geometry[], gga geography[], gn geometry NOT NULL, ggn geography NOT NULL);
INSERT INTO t VALUES (1, 'POINT(1 2)', 'SRID=4326;POINT(1 2)', 'POINT(1 2)', ARRAY['POINT(1 2)'::geometry, NULL], ARRAY['POINT(1 2)'::geography],
	'SRID=3187;LINESTRING(0 0,1 1)', 'LINESTRING(0 0,1 1)'),
	(2, 'POINT ZM(1 2 3 4)', 'SRID=4326;POINT EMPTY', NULL, '{}', NULL, 'GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))', 'POINT(1 2)');
DELETE FROM t WHERE id = 2;
SELECT * FROM changes();
INSERT INTO t VALUES (3, NULL, NULL, NULL, NULL, NULL, 'POINT(1 2)', 'POINT(1 2)');
SELECT field FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter.schemas.enable', 'true'),
	json_array_elements(data::json->'schema'->'fields'->1->'fields') field;
-- its own table is not captured
INSERT INTO spatial_ref_sys VALUES (990000, 'test', 1, '', '');
SELECT * FROM changes();
SELECT remark FROM debezium_describe('spatial_ref_sys', '');
ALTER TABLE t ALTER g SET STORAGE EXTERNAL;
INSERT INTO t SELECT 4, st_makeline(array_agg(st_makepoint(i, i))), NULL, NULL, NULL, NULL, 'POINT(1 2)', 'POINT(1 2)' FROM generate_series(1, 1000) i;
SELECT count(*) FROM changes();
UPDATE t SET gn = 'POINT(2 3)' WHERE id = 4;
SELECT * FROM changes();
DROP TABLE t;
DROP EXTENSION postgis;
SELECT pg_drop_replication_slot('s');
