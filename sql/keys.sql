-- The key of a record: primary key in its order, unique index by name, none.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE pk (a int, b text, c int, PRIMARY KEY (c, a));
CREATE TABLE ui (a int, b int, c int NOT NULL);
CREATE UNIQUE INDEX ui_z ON ui (a);
CREATE UNIQUE INDEX ui_b ON ui (c) INCLUDE (b);
CREATE UNIQUE INDEX ui_a ON ui (lower(a::text));
CREATE TABLE nokey (a int);
ALTER TABLE nokey REPLICA IDENTITY FULL;
INSERT INTO pk VALUES (1, 'x', 2);
INSERT INTO ui VALUES (1, 2, 3);
INSERT INTO nokey VALUES (1);
UPDATE nokey SET a = 2;
DELETE FROM nokey;
-- another index comes first now
ALTER INDEX ui_z RENAME TO ui_aa;
INSERT INTO ui VALUES (4, 5, 6);
DROP INDEX ui_aa, ui_b;
INSERT INTO ui VALUES (7, 8, 9);
ALTER TABLE ui ADD PRIMARY KEY (c);
INSERT INTO ui VALUES (10, 11, 12);
SELECT * FROM changes('format', 'record');
DROP TABLE pk, ui, nokey;

-- key changes: the headers show keys as text
CREATE TABLE kn (n numeric(12,10) PRIMARY KEY);
CREATE TABLE kt (t text, b bytea, f float8, PRIMARY KEY (t, b, f));
INSERT INTO kn VALUES (0.0000000001), (2.5);
UPDATE kn SET n = 0 WHERE n < 1;
UPDATE kn SET n = 3 WHERE n > 1;
INSERT INTO kt VALUES (E'a "\\ \n', '\x01ff', 'NaN');
UPDATE kt SET f = 1e10;
SELECT * FROM changes('format', 'record');
DROP TABLE kn, kt;
SELECT pg_drop_replication_slot('s');
