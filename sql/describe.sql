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
DROP TABLE t;
