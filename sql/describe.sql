-- debezium_describe(): how a table would be captured, or why not.
CREATE TABLE t (id int PRIMARY KEY, n numeric(5,2) DEFAULT 1.5, ts timestamptz DEFAULT now(), g int GENERATED ALWAYS AS (id) STORED, p point);
\pset null -
SELECT * FROM debezium_describe('t', 'topic.prefix=p');
SELECT column_name, encoding, default_value FROM debezium_describe('t', E'topic.prefix=p\ndecimal.handling.mode=string');
SELECT remark FROM debezium_describe('t', 'table.include.list=s.*');
SELECT remark FROM debezium_describe('t', 'table.exclude.list=public.t');
SELECT remark FROM debezium_describe('t', 'schema.include.list=s');
SELECT remark FROM debezium_describe('t', 'schema.exclude.list=public');
SELECT remark FROM debezium_describe('t_pkey', '');
SELECT remark FROM debezium_describe('pg_class', '');
CREATE VIEW v AS SELECT 1;
SELECT remark FROM debezium_describe('v', '');
DROP VIEW v;
-- what a publication, partitions and storage have to say
CREATE PUBLICATION mine FOR TABLE t WITH (publish = 'insert, delete');
SELECT DISTINCT remark FROM debezium_describe('t', 'publication.name=mine') ORDER BY 1;
SELECT topic, remark FROM debezium_describe('t', E'topic.prefix=p\nskipped.operations=c') WHERE column_name IS NULL;
CREATE UNLOGGED TABLE u (id int);
SELECT * FROM debezium_describe('u', 'topic.prefix=p');
CREATE TABLE r (id int, v text) PARTITION BY RANGE (id);
CREATE TABLE r1 PARTITION OF r DEFAULT;
SELECT topic, remark FROM debezium_describe('r', 'topic.prefix=p') LIMIT 1;
SELECT topic, remark FROM debezium_describe('r', E'topic.prefix=p\npublish.via.partition.root=true') LIMIT 1;
SELECT topic, remark FROM debezium_describe('r1', E'topic.prefix=p\npublish.via.partition.root=true') LIMIT 1;
SELECT topic, remark FROM debezium_describe('r1', E'topic.prefix=p\npublication.name=mine') LIMIT 1;
SELECT topic FROM debezium_describe('r1', E'publication.name=none\npublication.autocreate.mode=disabled') LIMIT 1;
DROP PUBLICATION mine;
DROP TABLE t, u, r;
