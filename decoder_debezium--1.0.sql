/* decoder_debezium--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION decoder_debezium" to load this file. \quit

-- The tables that a configuration captures, in the order of a snapshot.
CREATE FUNCTION debezium_tables(config text,
	OUT relid oid,
	OUT schema_name text,
	OUT table_name text,
	OUT topic text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'debezium_tables'
LANGUAGE C STRICT STABLE PARALLEL SAFE;

-- One row of a table as an S frame (docs/stream-format.md).  It takes t.* and
-- not t, which would be a column of that name if there is one:
--   SELECT debezium_snapshot(t.*, ...) FROM ONLY some_table t
CREATE FUNCTION debezium_snapshot("row" record, config text, lsn pg_lsn,
	txid bigint, at timestamptz)
RETURNS bytea
AS 'MODULE_PATHNAME', 'debezium_snapshot'
LANGUAGE C STRICT VOLATILE PARALLEL SAFE;

-- All rows that a query gives of a table, as runs of such frames.  Meant for
--   COPY (SELECT debezium_snapshot_rows('SELECT t.* FROM some_table t',
--   'some_table', ...)) TO STDOUT (FORMAT binary)
CREATE FUNCTION debezium_snapshot_rows(query text, "table" regclass,
	config text, lsn pg_lsn, txid bigint, at timestamptz)
RETURNS SETOF bytea
AS 'MODULE_PATHNAME', 'debezium_snapshot_rows'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;

-- How a table would be captured: a row for each column, or one row with the
-- reason why it would not be.
CREATE FUNCTION debezium_describe("table" regclass, config text,
	OUT topic text,
	OUT column_name name,
	OUT type text,
	OUT in_key boolean,
	OUT encoding text,
	OUT default_value text,
	OUT remark text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'debezium_describe'
LANGUAGE C STRICT STABLE PARALLEL SAFE;

-- The options of the output plugin.
CREATE FUNCTION debezium_options(
	OUT name text,
	OUT default_value text,
	OUT valid_values text,
	OUT description text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'debezium_options'
LANGUAGE C STRICT IMMUTABLE PARALLEL SAFE;
