-- Characters in strings, in values and keys.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (k text PRIMARY KEY, v text);
INSERT INTO t SELECT 'c' || i, 'a' || chr(i) || 'b' FROM generate_series(1, 31) i;
INSERT INTO t VALUES ('"\/', 'DEL ' || chr(127) || ' LS ' || chr(8232));
INSERT INTO t VALUES (chr(128512), 'last ' || chr(1114109) || chr(65535));
INSERT INTO t VALUES ('', '');
SELECT encode(convert_to(substring(c from '"key":(.*?),"value"') || substring(c from '"v":(.*?)\},"op"'), 'UTF8'), 'escape')
FROM changes('format', 'record') c;
CREATE SCHEMA "s ""1";
CREATE TABLE "s ""1"."Tab$le 日" ("co.l ""q" int PRIMARY KEY, "ü" int);
INSERT INTO "s ""1"."Tab$le 日" VALUES (1, 2);
SELECT mask(data) FROM pg_logical_slot_get_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record');
DROP TABLE t;
SET client_min_messages = warning;
DROP SCHEMA "s ""1" CASCADE;
SELECT pg_drop_replication_slot('s');
