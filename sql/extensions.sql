-- Types of contrib's extensions but hstore.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE EXTENSION ltree;
CREATE EXTENSION isn;
CREATE EXTENSION cube;
CREATE EXTENSION citext;
CREATE TABLE t (id int PRIMARY KEY, l ltree, i isbn, c citext, e ean13, q lquery, cu cube, la ltree[], ia isbn[], ca citext[],
	ln ltree NOT NULL, i_n isbn NOT NULL, cn citext NOT NULL DEFAULT 'x');
INSERT INTO t VALUES (1, 'Top.Science', '978-0-393-04002-9', 'aB', '9780393040029', 'Top.*', '(1,2),(3,4)', '{A,B.C}', '{978-0-393-04002-9}', '{a,NULL}', 'A', '978-0-393-04002-9', 'C'),
	(2, NULL, NULL, NULL, NULL, NULL, NULL, '{A,NULL}', '{978-0-393-04002-9,NULL}', '{}', '', '978-0-393-04002-9', '');
DELETE FROM t WHERE id = 2;
SET client_min_messages = error;
SELECT * FROM changes();
INSERT INTO t SELECT 3, l, i, c, e, q, cu, la, ia, ca, ln, i_n, cn FROM t;
SELECT * FROM changes('include.unknown.datatypes', 'true');
INSERT INTO t SELECT 4, l, i, c, e, q, cu, la, ia, ca, ln, i_n, cn FROM t WHERE id = 1;
SELECT field FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter.schemas.enable', 'true'),
	json_array_elements(data::json->'schema'->'fields'->1->'fields') field;
ALTER TABLE t ALTER l SET STORAGE EXTERNAL, ALTER c SET STORAGE EXTERNAL, ALTER la SET STORAGE EXTERNAL;
INSERT INTO t (id, l, c, la, ln, i_n) SELECT 5, string_agg('l' || i, '.')::ltree, repeat('c', 3000), array_agg(('A.l' || i)::ltree), '', '978-0-393-04002-9' FROM generate_series(1, 1000) i;
SELECT count(*) FROM changes();
UPDATE t SET ln = 'X' WHERE id = 5;
SELECT * FROM changes();
RESET client_min_messages;
DROP TABLE t;
DROP EXTENSION ltree;
DROP EXTENSION isn;
DROP EXTENSION cube;
DROP EXTENSION citext;
SELECT pg_drop_replication_slot('s');
