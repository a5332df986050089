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
-- row's changes are ordered by its lock, so "number" orders them per key.  The
-- user is COALESCE(after.user_id, before.user_id) of the event, as the job has
-- it; a changed key makes an event without a before.
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
        VALUES (tg_op, new.order_id,
                CASE WHEN tg_op = 'UPDATE' AND old.order_id = new.order_id
                     THEN COALESCE(new.user_id, old.user_id)
                     ELSE new.user_id END);
    RETURN NULL;
END
$$;
CREATE TRIGGER history AFTER INSERT OR UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION demo.history_add();

INSERT INTO orders (user_id, name) VALUES
    (100, 'John Doe'), (101, 'Jane Smith'), (102, 'Alice Johnson');
