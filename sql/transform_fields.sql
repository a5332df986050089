-- Kafka's transforms of fields and headers.
SET synchronous_commit = on;
\set SHOW_CONTEXT never
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
-- of the flat rows
CREATE FUNCTION transformed(config text, chain text DEFAULT 'u,x', unwrap text DEFAULT 'drop') RETURNS SETOF text LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(data, ',"source":\{.*?\},"transaction":null', ''), ',"ts_ms":\d+,"ts_us":\d+,"ts_ns":\d+', '')
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record', 'config',
	format(E'transforms=%s\ntransforms.u.type=ExtractNewRecordState\ntransforms.u.delete.tombstone.handling.mode=%s\ntransforms.x.type=org.apache.kafka.connect.transforms.%s', chain, unwrap, config))
$$;
CREATE TABLE t (id int PRIMARY KEY, v text, n numeric(5,2), d int DEFAULT 7);
ALTER TABLE t REPLICA IDENTITY FULL;
INSERT INTO t VALUES (1, 'x"y', 1.5, NULL);
UPDATE t SET v = NULL, n = NULL;
DELETE FROM t;

SELECT transformed(E'ExtractField$Value\ntransforms.x.field=v');
SELECT transformed(E'ExtractField$Key\ntransforms.x.field=id');
SELECT transformed(E'ExtractField$Value\ntransforms.x.field=after', 'x');
SELECT transformed(E'ExtractField$Value\ntransforms.x.field=after.`v`\ntransforms.x.field.syntax.version=V2', 'x');
SELECT transformed(E'ExtractField$Value\ntransforms.x.field=d\ntransforms.x.replace.null.with.default=false\nvalue.converter.replace.null.with.default=false');
SELECT transformed(E'ExtractField$Value\ntransforms.x.field=nothing');
SELECT transformed(E'ExtractField$Value');
SELECT transformed(E'ExtractField$Value\ntransforms.x.field=`a\ntransforms.x.field.syntax.version=V2');
SELECT transformed(E'HoistField$Value\ntransforms.x.field=row');
SELECT transformed(E'HoistField$Key\ntransforms.x.field=key\nkey.converter.schemas.enable=true');
SELECT transformed(E'ReplaceField$Value\ntransforms.x.exclude=n,d\ntransforms.x.renames=v:value,id:key');
SELECT transformed(E'ReplaceField$Value\ntransforms.x.include=d\ntransforms.x.replace.null.with.default=false\nvalue.converter.replace.null.with.default=false');
SELECT transformed(E'ReplaceField$Value\ntransforms.x.renames=v:id');
SELECT transformed(E'ReplaceField$Value\ntransforms.x.renames=v');
SELECT transformed(E'InsertField$Value\ntransforms.x.topic.field=topic!\ntransforms.x.partition.field=part?\ntransforms.x.timestamp.field=at\ntransforms.x.static.field=s\ntransforms.x.static.value="');
SELECT transformed(E'InsertField$Value\ntransforms.x.partition.field=part!');
SELECT transformed(E'InsertField$Value\ntransforms.x.offset.field=o');
SELECT transformed(E'InsertField$Value');
SELECT transformed(E'ValueToKey\ntransforms.x.fields=v,id\nkey.converter.schemas.enable=true');
SELECT transformed(E'ValueToKey\ntransforms.x.fields=v', 'u,x', 'tombstone');
SELECT transformed(E'SetSchemaMetadata$Value\ntransforms.x.schema.name=mine\ntransforms.x.schema.version=3\nvalue.converter.schemas.enable=true');
SELECT string_agg(key || coalesce('=' || CASE WHEN key ~ '^(before|after|op)' THEN value END, ''), ' ') FROM transformed(E'Flatten$Value', 'x') AS data, json_each(nullif(data::json->>'value', 'null')::json) GROUP BY data ORDER BY data::json->'value'->>'op' COLLATE "C";
SELECT transformed(E'Flatten$Value\ntransforms.x.delimiter=\ntransforms.y.type=org.apache.kafka.connect.transforms.HoistField$Value\ntransforms.y.field=id', 'u,y,x');
SELECT transformed(E'MaskField$Value\ntransforms.x.fields=v,n,d,id');
SELECT transformed(E'MaskField$Value\ntransforms.x.fields=id,d\ntransforms.x.replacement=-5');
SELECT transformed(E'MaskField$Value\ntransforms.x.fields=id\ntransforms.x.replacement=***');
SELECT transformed(E'MaskField$Value\ntransforms.x.fields=n\ntransforms.x.replacement=5');

-- headers
SELECT transformed(E'InsertHeader\ntransforms.x.header=team\ntransforms.x.value.literal=cdc');
SELECT literal, data::json->'headers' AS headers
FROM unnest(ARRAY['5', '-300', '70000', '5000000000', '1.5', '1e400', '0.1', 'true', 'True', 'null', '1-2', 'text']) AS literal,
	LATERAL transformed(format(E'InsertHeader\nskipped.operations=u\ntransforms.x.header=h\ntransforms.x.value.literal=%s\nheader.converter=org.apache.kafka.connect.json.JsonConverter', literal)) AS data;
SELECT transformed(E'HeaderFrom$Value\ntransforms.x.fields=v,n\ntransforms.x.headers=hv,hn\ntransforms.x.operation=move');
SELECT transformed(E'HeaderFrom$Key\ntransforms.x.fields=id\ntransforms.x.headers=key\ntransforms.x.operation=copy');
SELECT transformed(E'HeaderFrom$Key\ntransforms.x.fields=id,v\ntransforms.x.headers=key\ntransforms.x.operation=copy');
-- those of the context are shown where they are not as the bridge adds them
SELECT transformed(E'DropHeaders\ntransforms.x.headers=__debezium.context.runId,nothing\nextended.headers.run.id=5');
SELECT transformed(E'DropHeaders\ntransforms.x.headers=__debezium.context.runId,nothing\nextended.headers.enabled=false');
-- a tombstone has what is added to its delete
SELECT transformed(E'InsertHeader\ntransforms.c.type=io.debezium.transforms.ExtractChangedRecordState\ntransforms.c.header.changed.name=changed\ntransforms.c.header.unchanged.name=same', 'c');
SELECT transformed(E'InsertHeader\ntransforms.x.header=h\ntransforms.x.value.literal=1\ntransforms.c.type=io.debezium.transforms.ExtractChangedRecordState\ntransforms.c.header.changed.name=changed', 'x,c');
-- fields by the names in a header are dropped, defaults take the place of nulls
SELECT transformed(E'InsertHeader\ntransforms.u.drop.fields.header.name=same\ntransforms.c.type=io.debezium.transforms.ExtractChangedRecordState\ntransforms.c.header.unchanged.name=same', 'c,u');
SELECT transformed(E'InsertHeader\ntransforms.u.drop.fields.header.name=same\ntransforms.u.drop.fields.keep.schema.compatible=false\ntransforms.u.drop.fields.from.key=true\ntransforms.c.type=io.debezium.transforms.ExtractChangedRecordState\ntransforms.c.header.unchanged.name=same', 'c,u');
SELECT transformed(E'InsertHeader\ntransforms.h.type=io.debezium.transforms.HeaderToValue\ntransforms.h.headers=__debezium.context.taskId,__debezium.context.connectorName\ntransforms.h.fields=task,after.made.connector\ntransforms.h.operation=move', 'h');
SELECT transformed(E'InsertHeader\ntransforms.h.type=io.debezium.transforms.HeaderToValue\ntransforms.h.headers=__debezium.context.taskId\ntransforms.h.fields=op.task\ntransforms.h.operation=copy', 'h');
SELECT transformed(E'InsertHeader\ntransforms.h.type=io.debezium.transforms.HeaderToValue\ntransforms.h.headers=h\ntransforms.h.fields=f\ntransforms.h.operation=delete', 'h');
-- every cast from every type
CREATE TABLE c (i smallint, l bigint, f real, d double precision, b bool, t text, x bytea, n numeric(20,3), day date);
INSERT INTO c VALUES (300, 5000000000, 1e10, 'NaN', true, ' 12', 'abc', -70000.625, '2024-02-29'),
	(-1, -1, -1.5, 1e300, false, '-7', '', 0.001, '1970-01-01');
SELECT column_name, type, result
FROM unnest(ARRAY['i', 'l', 'f', 'd', 'b', 'n', 'day']) AS column_name,
	unnest(ARRAY['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string']) AS type,
	LATERAL (SELECT string_agg((data::json->'value'->column_name)::text, ' ') AS result
		FROM transformed(format(E'Cast$Value\ntable.include.list=public.c\ntime.precision.mode=connect\ntransforms.x.spec=%s:%s', column_name, type)) AS data) AS r;
SELECT transformed(E'Cast$Value\ntable.include.list=public.c\ntransforms.x.spec=x:string,t:boolean,i:string\nvalue.converter.schemas.enable=true');
SELECT transformed(E'Cast$Key\ntable.include.list=public.t\ntransforms.x.spec=int64\ntransforms.k.type=org.apache.kafka.connect.transforms.ExtractField$Key\ntransforms.k.field=id\nkey.converter.schemas.enable=true', 'u,k,x');
SELECT transformed(E'Cast$Value\ntable.include.list=public.c\ntransforms.x.spec=t:int32');
SELECT transformed(E'Cast$Value\ntable.include.list=public.c\ntransforms.x.spec=x:int32');
SELECT transformed(E'Cast$Value\ntransforms.x.spec=t:bytes');
DROP TABLE c;

DROP FUNCTION transformed;
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
