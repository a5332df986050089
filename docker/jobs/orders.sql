-- The mirror: every insert, update and delete of the source's orders.

CREATE TABLE kafka_orders_cdc (
    order_id INT,
    user_id INT,
    name STRING,
    PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
    'connector' = 'kafka',
    'topic' = 'dbserver1.public.orders',
    'properties.bootstrap.servers' = 'kafka:29092',
    'properties.group.id' = 'orders-mirror',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'debezium-json',
    'debezium-json.ignore-parse-errors' = 'true'
);

CREATE TABLE orders_sink (
    order_id INT,
    user_id INT,
    name STRING,
    PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
    'connector' = 'jdbc',
    'url' = 'jdbc:postgresql://postgres-dest:5432/destdb',
    'table-name' = 'orders',
    'username' = 'destuser',
    'password' = 'destpass'
);

INSERT INTO orders_sink
SELECT order_id, user_id, name FROM kafka_orders_cdc;
