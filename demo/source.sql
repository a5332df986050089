-- The source database of the demo: the table whose changes are streamed.

CREATE TABLE orders (
    order_id SERIAL PRIMARY KEY,
    user_id INT,
    name VARCHAR(255)
);
ALTER TABLE orders REPLICA IDENTITY FULL;

-- What happened to the table, written down by the source itself: from this
-- the demo computes at its end what orders_flink must hold, without looking at
-- anything that the stack under test has touched.  It is not captured.  A
-- row's changes are ordered by its lock, so "number" orders them per key.
CREATE SCHEMA demo;
CREATE TABLE demo.history (
    number BIGSERIAL PRIMARY KEY,
    op TEXT NOT NULL,
    order_id INT NOT NULL,
    user_id INT
);
CREATE FUNCTION demo.history_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO demo.history (op, order_id, user_id)
        VALUES (tg_op, new.order_id, new.user_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER history AFTER INSERT OR UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION demo.history_add();

INSERT INTO orders (user_id, name) VALUES
    (100, 'John Doe'), (101, 'Jane Smith'), (102, 'Alice Johnson');
