"""One pipeline of a test: orders in a source database, their topic, both tables in a destination database."""
import json
import random
import re
import threading
import time

import psycopg2

import stack

PAUSE = 0.01                    # seconds between the transactions of a session that writes for as long as a test lasts


class Pipeline:
    """`name` is the topic prefix, the slot's and the databases' name: no two tests share anything."""

    def __init__(self, base, name, source, dest, broker):
        self.name, self.source, self.dest, self.broker = name, source, dest, broker
        self.connector, self.slot, self.topic = name, name, f"{name}.public.orders"
        self.database = source.database(name, "sourceuser")
        self.target = dest.database(name, "destuser")
        source.sql("""CREATE TABLE orders (order_id SERIAL PRIMARY KEY, user_id INT, name VARCHAR(255));
                      ALTER TABLE orders REPLICA IDENTITY FULL""", name, "sourceuser")
        dest.sql("""CREATE TABLE orders (order_id INT PRIMARY KEY, user_id INT, name VARCHAR(255));
                    CREATE TABLE orders_flink (order_id INT PRIMARY KEY, user_id INT)""", name, "destuser")
        self.bridge = stack.Bridge(base, broker, f"bridge-{name}")
        self.applier = stack.Applier(base, f"applier-{name}")
        self.references = []

    # ------------------------------------------------ starting

    def config(self, **changes):
        """The connector's configuration; None removes a property, "_" in a name stands for "."."""
        config = {
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "tasks.max": "1",
            "database.hostname": "127.0.0.1", "database.port": str(self.source.port), "database.user": "sourceuser",
            "database.password": "sourceuser", "database.dbname": self.database, "topic.prefix": self.name,
            "table.include.list": "public.orders", "plugin.name": "pgoutput", "slot.name": self.slot,
            "status.update.interval.ms": "200"}
        for name, value in changes.items():
            config[name.replace("_", ".")] = value
        return {k: v for k, v in config.items() if v is not None}

    def start_bridge(self, **changes):
        """Start it, and wait until the connector streams."""
        self.bridge.start((self.connector, self.config(**changes)))
        self.wait_streaming()

    def wait_streaming(self):
        def streams():
            self.bridge.check_running()
            state = self.bridge.state(self.connector)
            assert "FAILED" not in state[:2], f"{self.connector} has FAILED: {state[2]}"
            return self.source.one("""SELECT EXISTS (SELECT FROM pg_replication_slots s JOIN pg_stat_replication r
                ON r.pid = s.active_pid WHERE s.slot_name = %s AND r.state = 'streaming')""", args=(self.slot,))
        stack.wait_until(f"{self.connector} streams", streams)

    def scripts(self):
        options = {"url": f"jdbc:postgresql://127.0.0.1:{self.dest.port}/{self.target}", "username": "destuser",
                   "password": "destuser", "bootstrap": self.broker.bootstrap, "topic": self.topic}
        return [stack.example(name, group=f"{self.name}-{name}", **options) for name in ("orders", "orders_flink")]

    def start_applier(self):
        self.applier.start(*self.scripts())

    def drop(self):
        self.source.drop(self.database)
        self.dest.drop(self.target)

    # ------------------------------------------------ what must come out

    def watch(self):
        """Make slots that decode the same WAL independently; to be called before the bridge streams, with no writes since."""
        for plugin in ("decoder_debezium", "test_decoding"):
            slot = f"{self.name}_{plugin}"[:63]
            self.source.sql("SELECT pg_create_logical_replication_slot(%s, %s)", self.database, args=(slot, plugin))
            self.references.append(slot)

    def expected_records(self):
        """What a second slot of the plugin makes of the WAL: the records in order, each (key, value) masked."""
        rows = self.source.sql(
            """SELECT data FROM pg_logical_slot_peek_changes(%s, NULL, NULL, 'format', 'record', 'topic.prefix', %s,
               'table.include.list', 'public.orders')""", self.database, args=(self.references[0], self.name))
        records = []
        for data, in rows:
            record = json.loads(data, parse_float=str)
            records.append((record["key"], mask(record["value"])))
        return records

    def expected_events(self):
        """What PostgreSQL's own test_decoding sees: (operation, order_id) in order, with tombstones."""
        rows = self.source.sql("SELECT data FROM pg_logical_slot_peek_changes(%s, NULL, NULL)", self.database,
                               args=(self.references[1],))
        events = []
        for data, in rows:
            match = re.match(r"table public\.orders: (INSERT|UPDATE|DELETE): (?:old-key: order_id\[integer\]:(-?\d+) .*?"
                             r"new-tuple: )?order_id\[integer\]:(-?\d+)", data, re.S)
            if not match:
                continue
            what, old, key = match.groups()
            if what == "INSERT":
                events.append(("c", int(key)))
            elif what == "DELETE":
                events += [("d", int(key)), ("x", int(key))]
            elif old is not None and old != key:
                events += [("d", int(old)), ("x", int(old)), ("c", int(key))]
            else:
                events.append(("u", int(key)))
        return events

    # ------------------------------------------------ waiting and comparing

    def wait_captured(self):
        """Wait until the bridge has confirmed all that was written until now."""
        end = self.source.wal_end()

        def captured():
            self.bridge.check_running()
            state = self.bridge.state(self.connector)
            assert "FAILED" not in state[:2], f"{self.connector} has FAILED: {state[2]}"
            return self.source.confirmed(self.slot, end)
        stack.wait_until(f"{self.slot} has confirmed {end}", captured)

    def stream_records(self):
        """The topic's records of changes, in the order of their positions; each partition is checked to have that order."""
        records = [r for r in self.broker.records(self.topic) if r.position.kind == "s"]
        last = {}
        for record in records:
            assert last.get(record.partition, (0,)) < record.position.order, \
                f"{record.topic}-{record.partition}@{record.offset} is out of order, or there twice"
            last[record.partition] = record.position.order
        return sorted(records, key=lambda r: r.position.order)

    def check_topic(self):
        """Every change is in the topic, exactly once, as both independent decodings have it."""
        records = self.stream_records()
        found = [(r.op, json.loads(r.key)["order_id"]) for r in records]
        assert_same(found, self.expected_events(), "changes")
        texts = [(json.loads(r.key), mask(json.loads(r.value, parse_float=str) if r.value is not None else None))
                 for r in records]
        assert_same(texts, self.expected_records(), "records")
        return records

    def source_orders(self):
        return self.source.sql("SELECT * FROM orders ORDER BY order_id", self.database)

    def dest_orders(self):
        return self.dest.sql("SELECT * FROM orders ORDER BY order_id", self.target)

    def dest_flink(self):
        return self.dest.sql("SELECT * FROM orders_flink ORDER BY order_id", self.target)

    def expected_flink(self):
        """What the job's SQL makes of the topic: per key the last image of c, r or u; deletes are filtered out.  It takes
        the user from `before` where `after` has none."""
        rows = {}
        for record in self.broker.records(self.topic):
            try:
                event = json.loads(record.value or "{}")
            except ValueError:
                continue
            if event.get("op") in ("c", "r", "u"):
                before, after = event["before"] or {}, event["after"]
                user = after["user_id"] if after["user_id"] is not None else before.get("user_id")
                rows[after["order_id"]] = user
        return sorted(rows.items())

    def wait_applied(self):
        """Wait until both tables are what they must be."""
        orders, flink = self.source_orders(), self.expected_flink()

        def applied():
            self.applier.check_running()
            return self.dest_orders() == orders and self.dest_flink() == flink
        try:
            stack.wait_until("both tables are applied", applied)
        except AssertionError:
            assert_same(self.dest_orders(), orders, "rows of orders")
            assert_same(self.dest_flink(), flink, "rows of orders_flink")
            raise


def mask(value):
    """A value without what differs between two decodings: the time of decoding, and the end of the transaction before,
    which a new connection does not know."""
    if value is None:
        return None
    value = dict(value)
    for name in ("ts_ms", "ts_us", "ts_ns"):
        value[name] = 0
    value["source"] = dict(value["source"])
    sequence = json.loads(value["source"]["sequence"])
    value["source"]["sequence"] = [None, sequence[1]]
    return list(value.items())           # the order of fields counts


def assert_same(found, wanted, what):
    """Equal lists; else the first difference."""
    if found == wanted:
        return
    for number, (a, b) in enumerate(zip(found, wanted)):
        assert a == b, f"{what}: number {number} of {len(found)} differs (expected {len(wanted)})"
    raise AssertionError(f"{what}: found {len(found)}, expected {len(wanted)}; first more: "
                         f"{(found if len(found) > len(wanted) else wanted)[min(len(found), len(wanted))]}")


class Workload(threading.Thread):
    """One session that makes random transactions on the keys that are its own: inserts, updates, deletes, changes of the
    key, several rows at once, rollbacks.  Reproducible by its seed, but where it ends and what a restart cuts off."""

    def __init__(self, pipeline, seed, sessions, operations):
        super().__init__(daemon=True)
        self.pipeline, self.random, self.operations = pipeline, random.Random(seed), operations
        self.next, self.step, self.keys = 1000 + seed, sessions, []
        self.done, self.error, self.stopped = 0, None, False

    def key(self):
        self.next += self.step
        return self.next

    def connect(self):
        """The server may be restarting."""
        def try_it():
            try:
                return self.pipeline.source.connect(self.pipeline.database, "sourceuser")
            except psycopg2.OperationalError:
                return None
        return stack.wait_until("the source is there", try_it)

    def run(self):
        try:
            connection = self.connect()
            while not self.stopped and (self.operations is None or self.done < self.operations):
                try:
                    self.transaction(connection)
                except psycopg2.Error as error:
                    if error.pgcode and error.pgcode[:2] not in ("57", "08"):
                        raise
                    # the server was stopped: what it has counts
                    connection = self.connect()
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT order_id FROM orders WHERE order_id %% %s = %s AND order_id > 1000",
                                       (self.step, self.next % self.step))
                        self.keys = [k for k, in cursor.fetchall()]
                if self.operations is None:
                    time.sleep(PAUSE)
            connection.close()
        except Exception as error:      # for finish(), in the test's thread
            self.error = error

    def transaction(self, connection):
        r = self.random
        keys, count, name = list(self.keys), r.choice((1, 1, 1, 2, 5, 20)), "naïve \"%s\" \\ €"
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            for _ in range(count):
                what = r.random()
                if what < 0.4 or not keys:
                    keys.append(self.key())
                    cursor.execute("INSERT INTO orders VALUES (%s, %s, %s)", (keys[-1], r.randrange(1000), name % r.random()))
                elif what < 0.75:
                    cursor.execute("UPDATE orders SET user_id = %s, name = %s WHERE order_id = %s",
                                   (r.choice((None, r.randrange(1000))), name % r.random(), r.choice(keys)))
                elif what < 0.80:
                    old, new = keys.pop(r.randrange(len(keys))), self.key()
                    keys.append(new)
                    cursor.execute("UPDATE orders SET order_id = %s WHERE order_id = %s", (new, old))
                else:
                    cursor.execute("DELETE FROM orders WHERE order_id = %s", (keys.pop(r.randrange(len(keys))),))
                self.done += 1
            if r.random() < 0.1:
                cursor.execute("ROLLBACK")
            else:
                cursor.execute("COMMIT")
                self.keys = keys


class Workloads:
    """Sessions that write at the same time: so many operations, as fast as they can, or without a number until finish(),
    at some 1,000 a second."""

    def __init__(self, pipeline, operations=None, sessions=3):
        each = operations and operations // sessions
        self.threads = [Workload(pipeline, seed, sessions, each) for seed in range(sessions)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def wait_more(self, operations):
        """Wait until so many more operations were made."""
        def made():
            return sum(t.done for t in self.threads)
        begin = made()
        stack.wait_until(f"{operations} more operations", lambda: any(t.error for t in self.threads) or made() >= begin + operations)

    def finish(self):
        for thread in self.threads:
            thread.stopped = thread.operations is None
        for thread in self.threads:
            thread.join()
            if thread.error:
                raise thread.error
