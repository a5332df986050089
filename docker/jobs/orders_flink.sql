-- The Flink job of the original demo: orders without the name, deletes left
-- out.  Its statements run unchanged.

-- Source: Read from Kafka
CREATE TABLE kafka_orders (
    `before` ROW<order_id INT, user_id INT, name STRING>,
    `after` ROW<order_id INT, user_id INT, name STRING>,
    `op` STRING,
    `ts_ms` BIGINT
) WITH (
    'connector' = 'kafka',
    'topic' = 'dbserver1.public.orders',
    'properties.bootstrap.servers' = 'kafka:29092',
    'properties.group.id' = 'flink-consumer-group',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'json',
    'json.fail-on-missing-field' = 'false',
    'json.ignore-parse-errors' = 'true'
);

-- Sink: Write to PostgreSQL
CREATE TABLE orders_flink_sink (
    order_id INT,
    user_id INT,
    PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
    'connector' = 'jdbc',
    'url' = 'jdbc:postgresql://postgres-dest:5432/destdb',
    'table-name' = 'orders_flink',
    'username' = 'destuser',
    'password' = 'destpass',
    'driver' = 'org.postgresql.Driver'
);

-- Transform and Insert (dropping 'name' column)
INSERT INTO orders_flink_sink
SELECT 
    COALESCE(`after`.order_id, `before`.order_id) as order_id,
    COALESCE(`after`.user_id, `before`.user_id) as user_id
FROM kafka_orders
WHERE `op` IN ('c', 'r', 'u');
