-- The destination database of the demo: a full copy, and one without names.

CREATE TABLE orders (
    order_id INT PRIMARY KEY,
    user_id INT,
    name VARCHAR(255)
);
CREATE TABLE orders_flink (
    order_id INT PRIMARY KEY,
    user_id INT
);
