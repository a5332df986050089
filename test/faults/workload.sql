-- The tables of a run, and what changes them: see README.md.

CREATE TABLE customers (id int PRIMARY KEY, name text, note text);
ALTER TABLE customers ALTER note SET STORAGE EXTERNAL;

CREATE TABLE orders (id int, region text, quantity int, amount numeric(12, 2), PRIMARY KEY (id, region));
ALTER TABLE orders REPLICA IDENTITY FULL;

CREATE TABLE items (id bigint PRIMARY KEY, customer int, at timestamptz, tags text[]);

-- without a key
CREATE TABLE journal (session int, number int, what text, body text);
CREATE INDEX ON journal (session, number);
ALTER TABLE journal REPLICA IDENTITY FULL;

-- not captured
CREATE TABLE noise (id int PRIMARY KEY, body text);

-- So many characters that no compression makes less than half of them.
CREATE FUNCTION noise_text(characters int) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT left(string_agg(md5(random()::text || n), ''), characters) FROM generate_series(0, characters / 32) n
$$;

-- One random change.  Sessions have keys of their own, so that they never wait for each other.
CREATE PROCEDURE change(session int) LANGUAGE plpgsql AS $$
DECLARE
	what float8 := random();
	k int := session + 8 * floor(random() * 150);
	other int := session + 8 * floor(random() * 150);
	place text := (ARRAY['north', 'south', 'east', 'west'])[1 + floor(random() * 4)];
	text text := 'naïve "' || round(random() * 1000) || E'" \\ €';
BEGIN
	IF what < 0.20 THEN
		-- an unchanged value out of line stays out of the WAL
		INSERT INTO customers VALUES (k, text, CASE WHEN random() < 0.2 THEN noise_text(3000 + k) END)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name;
	ELSIF what < 0.25 THEN
		UPDATE customers SET note = CASE WHEN random() < 0.5 THEN noise_text(2500) END WHERE id = k;
	ELSIF what < 0.33 THEN
		DELETE FROM customers WHERE id = k;
	ELSIF what < 0.38 THEN
		UPDATE customers SET id = other WHERE id = k AND NOT EXISTS (SELECT FROM customers WHERE id = other);
	ELSIF what < 0.55 THEN
		INSERT INTO orders VALUES (k, place, k, random() * 1000)
			ON CONFLICT (id, region) DO UPDATE SET quantity = orders.quantity + 1;
	ELSIF what < 0.60 THEN
		DELETE FROM orders WHERE id = k AND region = place;
	ELSIF what < 0.65 THEN
		UPDATE orders SET region = 'moved' WHERE id = k AND region = place
			AND NOT EXISTS (SELECT FROM orders WHERE id = k AND region = 'moved');
	ELSIF what < 0.78 THEN
		INSERT INTO journal VALUES (session, k, text, repeat('line ', (random() * 20)::int));
	ELSIF what < 0.83 THEN
		UPDATE journal j SET what = text WHERE j.session = change.session AND j.number = k;
	ELSIF what < 0.87 THEN
		DELETE FROM journal j WHERE j.session = change.session AND j.number = k;
	ELSIF what < 0.95 THEN
		INSERT INTO items VALUES (k, other, now(), ARRAY[text, NULL]) ON CONFLICT (id) DO UPDATE SET at = excluded.at;
	ELSIF what < 0.98 THEN
		INSERT INTO noise VALUES (k, text) ON CONFLICT (id) DO UPDATE SET body = excluded.body;
	ELSE
		PERFORM pg_logical_emit_message(random() < 0.5, 'audit', text);
	END IF;
END $$;

-- Transactions of one or several changes, some of which are rolled back, as a whole or to a savepoint.
CREATE PROCEDURE work(session int, seed float8, transactions int) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM setseed(seed);
	FOR t IN 1..transactions LOOP
		FOR step IN 1..CASE WHEN random() < 0.6 THEN 1 ELSE 1 + floor(random() * 12)::int END LOOP
			IF random() < 0.06 THEN
				BEGIN
					CALL change(session);
					CALL change(session);
					RAISE EXCEPTION 'back to the savepoint';
				EXCEPTION WHEN raise_exception THEN
					NULL;
				END;
			ELSE
				CALL change(session);
			END IF;
		END LOOP;
		IF random() < 0.08 THEN
			ROLLBACK;
		ELSE
			COMMIT;
		END IF;
	END LOOP;
END $$;

-- A large transaction on three tables.
CREATE PROCEDURE large(first int, rows int) LANGUAGE sql AS $$
	INSERT INTO items SELECT n, first, now(), ARRAY['large'] FROM generate_series(first, first + rows - 1) n;
	INSERT INTO orders SELECT n, 'large', 1, 1 FROM generate_series(first, first + rows / 4) n;
	INSERT INTO journal SELECT 0, n, 'large', '' FROM generate_series(first, first + rows / 8) n;
	DELETE FROM items WHERE id BETWEEN first AND first + rows / 2;
$$;
