-- Columns are those of the moment of the change: with their types, defaults and names of types.
SET synchronous_commit = on;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN posint AS int;
CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 1, m mood, p posint);
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
BEGIN;
INSERT INTO t VALUES (1, NULL, 'ok', 1);
ALTER TABLE t ALTER a SET DEFAULT 2;
INSERT INTO t VALUES (2, NULL, 'ok', 1);
ALTER TABLE t ALTER a DROP DEFAULT;
INSERT INTO t VALUES (3, NULL, 'ok', 1);
UPDATE t SET a = 7;
ALTER TABLE t ALTER a SET DEFAULT 3, ALTER a SET NOT NULL;
DELETE FROM t WHERE id = 1;
ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';
INSERT INTO t VALUES (4, 4, 'fine', 1);
ALTER TYPE mood RENAME TO feeling;
ALTER DOMAIN posint SET DEFAULT 5;
ALTER DOMAIN posint RENAME TO whole;
INSERT INTO t VALUES (5, 5, 'fine', 1);
ALTER TABLE t ALTER m TYPE text;
INSERT INTO t VALUES (6, 6, 'very fine', 1);
ALTER TABLE t DROP m, ADD m numeric(5,2) DEFAULT 1.5, ALTER p TYPE text USING 'p' || p;
INSERT INTO t (id, a) VALUES (7, 7);
DELETE FROM t WHERE id = 2;
SAVEPOINT one;
ALTER TABLE t DROP p;
ALTER TABLE t RENAME a TO gone;
ROLLBACK TO one;
INSERT INTO t (id, a) VALUES (70, 70);
COMMIT;
ALTER TABLE t RENAME a TO "A b";
INSERT INTO t VALUES (8, 8);
SELECT * FROM changes('tombstones.on.delete', 'false');
-- the schema goes along
BEGIN;
INSERT INTO t VALUES (9, 9);
ALTER TABLE t ALTER "A b" SET DEFAULT 99;
INSERT INTO t VALUES (10, 10);
ALTER TABLE t ALTER "A b" TYPE text;
INSERT INTO t VALUES (11, '11');
COMMIT;
SELECT field->>'type' AS type, field->>'default' AS "default"
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter', 'org.apache.kafka.connect.json.JsonConverter') AS change,
	LATERAL json_array_elements(data::json->'schema'->'fields'->1->'fields') AS field
WHERE field->>'field' = 'A b';
DROP TABLE t;
DROP TYPE feeling;
DROP DOMAIN whole;
SELECT pg_drop_replication_slot('s');
