-- Enums and domains.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'so so, "quoted"');
ALTER TYPE mood ADD VALUE 'between' BEFORE 'happy';
CREATE TABLE t (id int PRIMARY KEY, e mood, en mood NOT NULL, ea mood[], edef mood DEFAULT 'ok');
INSERT INTO t VALUES (1, 'between', 'so so, "quoted"', '{sad,between}', 'sad'), (2, NULL, 'ok', NULL, NULL);
DELETE FROM t WHERE id = 2;
SELECT * FROM changes();
-- labels change in mid-stream
CREATE VIEW fields AS
	SELECT data::json->'payload'->'after' AS after, data::json->'schema'->'fields'->1->'fields'->1->'parameters' AS parameters
	FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter.schemas.enable', 'true');
INSERT INTO t (id, e, en) VALUES (3, 'sad', 'ok');
ALTER TYPE mood ADD VALUE 'new' AFTER 'sad';
INSERT INTO t (id, e, en) VALUES (4, 'new', 'new');
ALTER TYPE mood RENAME VALUE 'new' TO 'newer';
INSERT INTO t (id, e, en) VALUES (5, 'newer', 'newer');
BEGIN;
ALTER TYPE mood RENAME VALUE 'ok' TO 'o. k.';
INSERT INTO t (id, e, en) VALUES (6, 'o. k.', 'sad');
ROLLBACK;
INSERT INTO t (id, e, en) VALUES (7, 'ok', 'newer');
ALTER TYPE mood RENAME TO humor;
INSERT INTO t (id, e, en) VALUES (8, 'ok', 'newer');
SELECT * FROM fields;
DROP VIEW fields;
DROP TABLE t;

-- domains are their base types, but have no default; arrays of domains are unknown
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE DOMAIN posint2 AS posint DEFAULT 7 CHECK (VALUE < 100);
CREATE DOMAIN feeling AS humor;
CREATE DOMAIN price AS numeric(8,3);
CREATE DOMAIN prices AS numeric(8,3)[];
CREATE DOMAIN spot AS point;
CREATE TABLE t (id int PRIMARY KEY, p posint, p2 posint2 DEFAULT 8, f feeling, fa feeling[], n price, na prices, pa posint[], s spot NOT NULL);
INSERT INTO t VALUES (1, 1, 2, 'ok', '{ok}', 12.5, '{12.5,1}', '{1}', '(1,2)'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '(0,0)');
DELETE FROM t WHERE id = 2;
SELECT * FROM changes();
INSERT INTO t VALUES (3, 1, 2, 'ok', '{ok}', 12.5, '{12.5,1}', '{1}', '(1,2)');
SELECT * FROM changes('include.unknown.datatypes', 'true');
DROP TABLE t;
DROP DOMAIN posint2, posint, feeling, price, prices, spot;
DROP TYPE humor;
SELECT pg_drop_replication_slot('s');
