#!/usr/bin/python3
"""capture.py: from PostgreSQL to Kafka, ours beside Debezium, every figure of both measured in one run on the same servers.

Prints a table in Markdown; bench/README.md says what each figure is.  --json FILE keeps the values of all rounds.
"""
import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from confluent_kafka.admin import AdminClient, NewTopic

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "test/lib"))
from connect import Connect, connect_jars                                               # noqa: E402
from measure import Figures, Meter, Usage, Watch, cores, percentiles, quiet, scratch, status_bytes, tree        # noqa: E402
from stack import Bridge, Installation, Kafka, Postgres, wait_until                  # noqa: E402

DATABASE = "bench"
MILLION = 1e6
MIB = 1 << 20
PATIENCE = 600                  # seconds that a backlog may take
OURS, EXACT, DEBEZIUM, FAST = "ours", "exactly once", "debezium", "debezium 1 ms"
IDLE_SECONDS = 10
INTERVALS = 100                 # rows that are inserted every 100 ms

# what the bridge's producer has, for librdkafka alone
PRODUCER = ["enable.idempotence=true", "acks=all", "enable.gapless.guarantee=true", "message.timeout.ms=0",
            "compression.type=lz4", "linger.ms=1", "queue.buffering.max.kbytes=12288",
            "queue.buffering.max.messages=8000",
            "log_level=3"]


class Subject:
    """What is measured: a program that answers Connect's REST API, and what is added to a connector's configuration."""

    def __init__(self, name, program, pids, **extra):
        self.name, self.program, self.pids = name, program, pids
        self.extra = {k.replace("_", "."): v for k, v in extra.items()}


class Bench:
    """The servers and subjects of a run, and its figures."""

    def __init__(self, base, arguments):
        self.base, self.arguments, self.figures, self.number = base, arguments, Figures(), 0
        installation = Installation(base / "install")
        self.server = Postgres(installation, base, "source", [
            "fsync = on", "shared_buffers = 512MB", "max_wal_size = 8GB", "max_replication_slots = 20", "max_wal_senders = 20"])
        os.environ.setdefault("KAFKA_HEAP", "1g")
        os.environ.setdefault("KAFKA_JAVA_OPTIONS", "")      # the compiler for long runs
        self.kafka = Kafka(base)
        self.watch = Watch(self.kafka.bootstrap)
        self.admin = AdminClient({"bootstrap.servers": self.kafka.bootstrap, "log_level": 2})
        self.server.database(DATABASE, "postgres")
        self.connection = self.server.connect(DATABASE)
        self.subjects = []

    def start(self):
        bridge = Bridge(self.base, self.kafka)
        bridge.start()
        self.subjects.append(Subject(OURS, bridge, lambda: tree(bridge.pid)))
        exact = Bridge(self.base, self.kafka, "exact", exactly_once_source_support="enabled")
        exact.start()
        self.subjects.append(Subject(EXACT, exact, lambda: tree(exact.pid)))
        jars = None if self.arguments.ours else connect_jars()
        if jars is not None:
            connect = Connect(self.base, self.kafka, jars)
            connect.start()
            self.subjects.append(Subject(DEBEZIUM, connect, lambda: [connect.pid]))
            self.subjects.append(Subject(FAST, connect, lambda: [connect.pid], poll_interval_ms="1"))
        elif not self.arguments.ours:
            print("Debezium is left out: its jars cannot be had", file=sys.stderr)

    def subjects_but(self, *names):
        return [s for s in self.subjects if s.name not in names]

    def sql(self, text, args=None):
        with self.connection.cursor() as cursor:
            cursor.execute(text, args)
            return cursor.fetchall() if cursor.description else None

    def add(self, figure, subject, value):
        self.figures.add(figure, subject, value)

    def make_table(self, rows=0):
        self.sql("""DROP TABLE IF EXISTS orders;
                    CREATE TABLE orders (order_id serial PRIMARY KEY, user_id int, name text);
                    ALTER TABLE orders REPLICA IDENTITY FULL""")
        if rows:
            self.sql(f"INSERT INTO orders SELECT i, i % 1000, 'Name ' || i FROM generate_series(1, {rows}) i")
            self.sql("VACUUM ANALYZE orders")
            self.sql("CHECKPOINT")

    def quiet(self):
        return quiet(self.arguments.lock)

    def create_topic(self, topic):
        """Of one partition, where the time of a record is when the broker appended it."""
        new = NewTopic(topic, 1, 1, config={"message.timestamp.type": "LogAppendTime"})
        self.admin.create_topics([new])[topic].result(30)

    def drop_topic(self, topic):
        self.admin.delete_topics([topic])[topic].result(30)

    def topic_bytes(self, topic):
        return sum(file.stat().st_size for file in (self.kafka.data / "data" / f"{topic}-0").glob("*.log"))


class Connector:
    """A connector for the table orders, of one subject, with a topic whose times are the broker's."""

    def __init__(self, bench, subject, mode="no_data"):
        bench.number += 1
        self.bench, self.subject, self.name = bench, subject, f"bench{bench.number}"
        self.topic = f"{self.name}.public.orders"
        self.config = {
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "plugin.name": "pgoutput",
            "database.hostname": "127.0.0.1", "database.port": str(bench.server.port), "database.user": "postgres",
            "database.password": "postgres", "database.dbname": DATABASE, "topic.prefix": self.name,
            "table.include.list": "public.orders", "slot.name": self.name, "publication.name": self.name,
            "publication.autocreate.mode": "filtered", "snapshot.mode": mode, **subject.extra}
        bench.create_topic(self.topic)

    def call(self, method, path="", body=None):
        status, answer = self.subject.program.call(method, f"/connectors/{self.name}{path}", body)
        assert status < 300, f"{method} {path} of {self.name}: {status} {answer}"

    def create(self):
        # a worker that still rebalances answers 409
        wait_until(f"{self.name} is created", lambda: self.subject.program.call(
            "PUT", f"/connectors/{self.name}/config", self.config)[0] == 201)

    def slot(self, columns):
        rows = self.bench.sql(f"SELECT {columns} FROM pg_replication_slots WHERE slot_name = %s", (self.name,))
        return rows[0] if rows else None

    def streams(self):
        row = self.slot("active AND confirmed_flush_lsn IS NOT NULL")
        return row is not None and row[0]

    def stop(self):
        self.call("PUT", "/stop")
        wait_until(f"{self.name} is stopped", lambda: self.subject.program.state(self.name)[0] == "STOPPED")
        wait_until(f"slot {self.name} is free", lambda: not self.slot("active")[0])

    def resume(self):
        self.call("PUT", "/resume")

    def drop(self):
        self.call("DELETE")
        self.bench.server.drop_slot(self.name)
        self.bench.sql(f"DROP PUBLICATION IF EXISTS {self.name}")
        self.bench.drop_topic(self.topic)

    def end(self):
        return self.bench.watch.end(self.topic)

    def walsender(self):
        """A list of none or one pid."""
        row = self.slot("active_pid")
        return [row[0]] if row is not None and row[0] is not None else []

    def meter(self):
        bench = self.bench
        return Meter({"capture": self.subject.pids, "walsender": self.walsender,
                      "postgres": lambda: tree(bench.server.pid), "broker": lambda: [bench.kafka.pid]}, "capture")


def stream(bench, connectors):
    """Create connectors that stream, and have written one row to their topics."""
    for connector in connectors:
        connector.create()
    wait_until("all connectors stream", lambda: all(c.streams() for c in connectors))
    bench.sql("INSERT INTO orders VALUES (-1, 0, 'first')")
    wait_until("the first row has come", lambda: all(c.end() >= 1 for c in connectors))


def drain(connector, begin, records):
    """Wait until the topic has grown by so many records, and no more come for a second; returns where it ends."""
    last, since, deadline = begin, time.monotonic(), time.monotonic() + PATIENCE
    while True:
        end = connector.end()
        if end != last:
            last, since = end, time.monotonic()
        if end - begin >= records and time.monotonic() - since > 1:
            return end
        connector.subject.program.check_running()
        assert time.monotonic() < deadline, f"{end - begin} records of {records} after {PATIENCE} s"
        time.sleep(0.05)


def check_records(bench, connector, records):
    """As many as there must be; offsets do not tell where Kafka transactions have markers."""
    found = subprocess.run(["kcat", "-b", bench.kafka.bootstrap, "-C", "-t", connector.topic, "-e", "-q", "-f", ".",
                            "-X", "isolation.level=read_committed"], check=True, stdout=subprocess.PIPE).stdout
    assert len(found) == records, f"{len(found)} records by {connector.subject.name}, expected {records}"


def report(bench, name, connector, meter, begin, end, changes, started):
    """Figures of a backlog that has been drained."""
    subject, used = connector.subject.name, meter.stop()
    first, last = bench.watch.stamps(connector.topic, begin, end)
    bench.add(f"{name}.rate", subject, changes / (last - started))
    bench.add(f"{name}.first_record", subject, first - started)
    for what, seconds in used.items():
        bench.add(f"{name}.cpu_{what}", subject, seconds * MILLION / changes)
    bench.add(f"{name}.rss_peak", subject, sum(meter.peaks.values()) / MIB)
    bench.add(f"{name}.bytes", subject, bench.topic_bytes(connector.topic) / end)
    if subject == OURS:
        work = sum(used[what] for what in ("capture", "walsender", "broker"))
        bench.add(f"{name}.cpu_limit", "yardstick", cores() * changes / work)


# ---------------------------------------------------------------- scenarios

def backlog(bench, name, rows, statements):
    """Changes that wait in the slots of all subjects, each of which then drains its own."""
    bench.make_table()
    connectors = [Connector(bench, subject) for subject in bench.subjects_but(FAST)]
    stream(bench, connectors)
    for connector in connectors:
        connector.stop()
    bench.sql("SELECT pg_create_logical_replication_slot('base', 'test_decoding')")
    bench.sql("SET synchronous_commit = off")
    for statement in statements:
        bench.sql(statement)
    bench.sql("RESET synchronous_commit")
    bench.sql("CHECKPOINT")
    wal_end = bench.server.wal_end()

    for connector in connectors:
        with bench.quiet():
            meter, begin, started = connector.meter(), connector.end(), time.time()
            connector.resume()
            end = drain(connector, begin, 4 * rows)
            report(bench, name, connector, meter, begin, end, 3 * rows, started)
            check_records(bench, connector, 1 + 4 * rows)
            if connector.subject.name == OURS:
                produce(bench, name, connector.topic, 4 * rows)
        connector.drop()
    for plugin, options in (("nothing", ["pgoutput", "proto_version=1", "publication_names=nothing"]),
                            ("pgoutput", ["pgoutput", "proto_version=1", "publication_names=everything"]),
                            ("decoder_debezium", ["decoder_debezium", "format=stream", "topic.prefix=bench"])):
        with bench.quiet():
            decode(bench, name, plugin, options, wal_end, 3 * rows)
    bench.server.drop_slot("base")


def decode(bench, name, label, options, end, changes):
    """The CPU seconds of a walsender with an output plugin, read by pg_recvlogical, up to a position."""
    bench.sql("SELECT pg_copy_logical_replication_slot('base', 'decode', false, %s)", (options[0],))
    argv = [bench.server.bin / "pg_recvlogical", "-h", "127.0.0.1", "-p", str(bench.server.port), "-U", "postgres", "-d", DATABASE,
            "-S", "decode", "--start", "-f", "/dev/null", "-n", "-F", "0"]
    reader = subprocess.Popen(argv + [a for option in options[1:] for a in ("-o", option)], env={**os.environ, "PGPASSWORD": "postgres"})
    try:
        pid, = wait_until("the slot is read", lambda: (bench.sql(
            "SELECT active_pid FROM pg_replication_slots WHERE slot_name = 'decode' AND active_pid IS NOT NULL") or [None])[0])
        usage = Usage(lambda: [pid])
        usage.begin = {}
        wait_until("all is decoded", lambda: bench.sql(
            "SELECT sent_lsn >= %s FROM pg_stat_replication WHERE pid = %s", (end, pid))[0][0], PATIENCE)
        usage.sample()
        bench.add(f"{name}.cpu_decode", label, usage.seconds() * MILLION / changes)
    finally:
        reader.terminate()
        reader.wait()
        bench.server.drop_slot("decode")


def produce(bench, name, topic, records):
    """librdkafka alone with the records that are in the topic: a part of them, as they are held in memory."""
    copy, count = topic + ".copy", min(records, 600000)
    bench.create_topic(copy)
    result = subprocess.run([TOP / "bench/produce", bench.kafka.bootstrap, topic, copy, str(count), *PRODUCER], check=True,
                            stdout=subprocess.PIPE, text=True).stdout.split()
    count, seconds, cpu = int(result[0]), float(result[1]), float(result[2])
    bench.add(f"{name}.produce", "yardstick", count / seconds)
    bench.add(f"{name}.cpu_produce", "yardstick", cpu * MILLION / count)
    bench.drop_topic(copy)


def large(bench):
    rows = bench.arguments.large
    backlog(bench, "large", rows, [
        f"INSERT INTO orders SELECT i, i % 1000, 'Name ' || i FROM generate_series(1, {rows}) i",
        "UPDATE orders SET name = name || 'x' WHERE order_id > 0",
        "DELETE FROM orders WHERE order_id > 0"])


def small(bench):
    rows = bench.arguments.small
    backlog(bench, "small", rows, [
        f"DO $$ BEGIN FOR i IN 1..{rows} LOOP {statement}; COMMIT; END LOOP; END $$" for statement in (
            "INSERT INTO orders VALUES (i, i % 1000, 'Name ' || i)",
            "UPDATE orders SET name = name || 'x' WHERE order_id = i",
            "DELETE FROM orders WHERE order_id = i")])


def snapshot(bench):
    rows = bench.arguments.rows
    bench.make_table(rows)
    with bench.quiet():
        begin = time.monotonic()
        subprocess.run([bench.server.bin / "psql", "-X", "-q", "-h", bench.server.sockets, "-p", str(bench.server.port),
                        "-U", "postgres", "-d", DATABASE, "-c", "COPY orders TO STDOUT"], stdout=subprocess.DEVNULL, check=True)
        bench.add("snapshot.copy", "yardstick", rows / (time.monotonic() - begin))
    for subject in bench.subjects_but(EXACT, FAST):
        connector = Connector(bench, subject, "initial")
        with bench.quiet():
            meter, started = connector.meter(), time.time()
            connector.create()
            end = drain(connector, 0, rows)
            report(bench, "snapshot", connector, meter, 0, end, rows, started)
            check_records(bench, connector, rows)
        connector.drop()


def pgbench(bench, rate, seconds):
    """Single-row transactions at a rate, by 8 clients that do not wait for each other's turn."""
    script = bench.base / "insert.sql"
    script.write_text("\\set user random(1, 1000)\nINSERT INTO orders (user_id, name) VALUES (:user, 'Name ' || :user);\n")
    result = subprocess.run([bench.server.bin / "pgbench", "-h", bench.server.sockets, "-p", str(bench.server.port), "-U", "postgres", "-n",
                             "-M", "prepared", "-c", "8", "-j", "1", "-R", str(rate), "-T", str(seconds), "-f", script, DATABASE],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout
    return float(re.search(r"tps = ([\d.]+)", result)[1])


@contextlib.contextmanager
def latencies(bench, connector, count, seconds):
    """A consumer that waits at the end of the topic; in the end, a list of its milliseconds."""
    reader = subprocess.Popen([TOP / "bench/latency", bench.kafka.bootstrap, connector.topic, str(count), str(seconds)],
                              stdout=subprocess.PIPE, text=True)
    found = []
    try:
        assert reader.stdout.readline() == "ready\n", "the consumer has failed"
        yield found
    finally:
        reader.terminate()
        found += [int(line) / 1000 for line in reader.stdout]
        reader.wait()


def latency_at(bench, rate):
    seconds = bench.arguments.seconds
    for subject in bench.subjects:
        bench.make_table()
        connector = Connector(bench, subject)
        stream(bench, [connector])
        pgbench(bench, rate, 3)
        with bench.quiet(), latencies(bench, connector, 2 * rate * seconds, seconds + 60) as found:
            meter = connector.meter()
            reached = pgbench(bench, rate, seconds)
            end = bench.sql("SELECT count(*) FROM orders")[0][0]
            wait_until("all rows have come", lambda: connector.end() >= end)
            used = meter.stop()
        name = f"latency{rate}"
        for what, value in percentiles(found).items():
            bench.add(f"{name}.{what}", subject.name, value)
        bench.add(f"{name}.reached", subject.name, reached)
        for what, value in used.items():
            bench.add(f"{name}.cpu_{what}", subject.name, value * MILLION / len(found))
        connector.drop()


def latency1000(bench):
    latency_at(bench, 1000)


def latency10000(bench):
    latency_at(bench, 10000)


def idle(bench):
    """Nothing to do; then one row every 100 ms."""
    for subject in bench.subjects_but(EXACT):
        bench.make_table()
        connector = Connector(bench, subject)
        stream(bench, [connector])
        time.sleep(3)                   # what follows a start is not idleness
        usage = Usage(subject.pids)
        time.sleep(IDLE_SECONDS)
        usage.sample()
        bench.add("idle.cpu", subject.name, 100 * usage.seconds() / IDLE_SECONDS)
        bench.add("idle.rss", subject.name, sum(status_bytes(pid, "VmRSS") for pid in subject.pids()) / MIB)
        with bench.quiet(), latencies(bench, connector, INTERVALS, 60) as found:
            due = time.monotonic()
            for _ in range(INTERVALS):
                bench.sql("INSERT INTO orders (user_id, name) VALUES (1, 'Name one')")
                due += 0.1
                time.sleep(max(0, due - time.monotonic()))
            wait_until("all rows have come", lambda: connector.end() >= INTERVALS + 1)
        for what, value in percentiles(found).items():
            bench.add(f"interval.{what}", subject.name, value)
        connector.drop()


def start(bench):
    """Stopped in order and started again, with a row that waits in the slot."""
    for subject in bench.subjects_but(EXACT, FAST):
        program = subject.program
        bench.make_table()
        connector = Connector(bench, subject)
        stream(bench, [connector])
        assert program.stop() in (0, 128 + signal.SIGTERM), f"{program.name} did not stop in order:\n{program.tail()}"
        bench.sql("INSERT INTO orders VALUES (1, 1, 'Name one')")
        with bench.quiet():
            begin, started = connector.end(), time.time()
            program.start(wait=False)
            while program.call("GET", "/connectors")[0] != 200:
                program.check_running()
                time.sleep(0.001)
            bench.add("start.rest", subject.name, time.time() - started)
            wait_until("the row has come", lambda: connector.end() > begin)
        bench.add("start.event", subject.name, bench.watch.stamps(connector.topic, begin, begin + 1)[1] - started)
        usage = Usage(subject.pids)
        bench.add("start.cpu", subject.name, sum(usage.last.values()))
        time.sleep(3)
        sizes = {pid: status_bytes(pid, "VmRSS") / MIB for pid in subject.pids()}
        bench.add("start.rss", subject.name, sum(sizes.values()))
        # without the bridge's third process, which keeps the storage topics
        two = {program.pid, program.worker(connector.name)} if isinstance(program, Bridge) else set(sizes)
        bench.add("start.rss_two", subject.name, sum(size for pid, size in sizes.items() if pid in two))
        connector.drop()


SCENARIOS = {f.__name__: f for f in (start, large, small, snapshot, latency1000, latency10000, idle)}


# ---------------------------------------------------------------- the table

def at_least(ratio):
    return f"≥ {ratio}×", lambda ours, its: its is not None and ours / its >= ratio


def share_most(share):
    return f"≤ {share} of it", lambda ours, its: its is not None and ours / its <= share


def most(limit):
    return f"≤ {limit}", lambda ours, its: ours <= limit


# label, figure, goal; a figure of "debezium 1 ms" is given where one exists
ROWS = [
    ("**backlog of 3 large transactions**", None, None),
    ("changes/s", "large.rate", at_least(7)),
    ("CPU s per million: capture", "large.cpu_capture", most(2.5)),
    ("CPU s per million: walsender", "large.cpu_walsender", share_most(0.85)),
    ("CPU s per million: broker", "large.cpu_broker", most(1.0)),
    ("memory, peak, MiB", "large.rss_peak", most(48)),
    ("bytes on the broker per record", "large.bytes", share_most(0.15)),
    ("**backlog of single-row transactions**", None, None),
    ("changes/s", "small.rate", at_least(6)),
    ("CPU s per million: capture", "small.cpu_capture", most(2.5)),
    ("CPU s per million: walsender", "small.cpu_walsender", share_most(0.85)),
    ("CPU s per million: broker", "small.cpu_broker", most(1.0)),
    ("memory, peak, MiB", "small.rss_peak", most(48)),
    ("bytes on the broker per record", "small.bytes", share_most(0.15)),
    ("**snapshot**", None, None),
    ("rows/s", "snapshot.rate", at_least(8)),
    ("CPU s per million: capture", "snapshot.cpu_capture", None),
    ("CPU s per million: PostgreSQL", "snapshot.cpu_postgres", None),
    ("CPU s per million: broker", "snapshot.cpu_broker", None),
    ("memory, peak, MiB", "snapshot.rss_peak", most(48)),
    ("bytes on the broker per record", "snapshot.bytes", None),
    ("**commit → visible, 1,000 transactions/s**", None, None),
    ("p50, ms", "latency1000.p50", most(3)),
    ("p95, ms", "latency1000.p95", None),
    ("p99, ms", "latency1000.p99", most(12)),
    ("max, ms", "latency1000.max", None),
    ("CPU s per million: capture", "latency1000.cpu_capture", None),
    ("**commit → visible, 10,000 transactions/s**", None, None),
    ("p50, ms", "latency10000.p50", most(6)),
    ("p95, ms", "latency10000.p95", None),
    ("p99, ms", "latency10000.p99", most(40)),
    ("max, ms", "latency10000.max", None),
    ("transactions/s that the source reached", "latency10000.reached", None),
    ("CPU s per million: capture", "latency10000.cpu_capture", None),
    ("CPU s per million: walsender", "latency10000.cpu_walsender", None),
    ("CPU s per million: broker", "latency10000.cpu_broker", None),
    ("**commit → visible, one row every 100 ms**", None, None),
    ("p50, ms", "interval.p50", None),
    ("p99, ms", "interval.p99", None),
    ("max, ms", "interval.max", None),
    ("**nothing to do**", None, None),
    ("CPU, % of a core", "idle.cpu", most(0.2)),
    ("memory after load, MiB", "idle.rss", None),
    ("memory after a start, MiB", "start.rss", None),
    ("the same: supervisor and worker", "start.rss_two", most(16)),
    ("**start after a clean stop**", None, None),
    ("REST answers, s", "start.rest", most(0.05)),
    ("first event of a new row acknowledged, s", "start.event", most(1)),
    ("CPU s until then", "start.cpu", None),
]

YARDSTICKS = [
    ("large: librdkafka alone, the same records with their headers, records/s", "large.produce", "yardstick"),
    ("large: the same as changes/s (a delete is two records)", "large.produce", "changes"),
    ("large: what the CPU allows, changes/s (all cores over the CPU time of capture, walsender and broker)", "large.cpu_limit", "yardstick"),
    ("small: what the CPU allows, changes/s", "small.cpu_limit", "yardstick"),
    ("large: librdkafka alone, CPU s per million records", "large.cpu_produce", "yardstick"),
    ("large: walsender that decodes to nothing, CPU s per million changes", "large.cpu_decode", "nothing"),
    ("large: walsender with pgoutput, read by pg_recvlogical", "large.cpu_decode", "pgoutput"),
    ("large: walsender with decoder_debezium, read by pg_recvlogical", "large.cpu_decode", "decoder_debezium"),
    ("small: walsender that decodes to nothing, CPU s per million changes", "small.cpu_decode", "nothing"),
    ("small: walsender with pgoutput, read by pg_recvlogical", "small.cpu_decode", "pgoutput"),
    ("small: walsender with decoder_debezium, read by pg_recvlogical", "small.cpu_decode", "decoder_debezium"),
    ("snapshot: COPY of the table to a pipe, rows/s", "snapshot.copy", "yardstick"),
]


# what exactly.once.source.support costs
EXACT_ROWS = [
    ("large, changes/s", "large.rate"),
    ("large, CPU s per million: capture", "large.cpu_capture"),
    ("large, CPU s per million: broker", "large.cpu_broker"),
    ("large, bytes on the broker per record", "large.bytes"),
    ("small, changes/s", "small.rate"),
    ("small, CPU s per million: capture", "small.cpu_capture"),
    ("small, CPU s per million: broker", "small.cpu_broker"),
    ("1,000 transactions/s, p50, ms", "latency1000.p50"),
    ("1,000 transactions/s, p99, ms", "latency1000.p99"),
    ("10,000 transactions/s, p50, ms", "latency10000.p50"),
    ("10,000 transactions/s, p99, ms", "latency10000.p99"),
]


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(figures):
    """The lines of the table; parts of which nothing was measured are left out."""
    lines, heading = [], None
    for label, figure, goal in ROWS:
        if figure is None:
            heading = label
            continue
        ours, its, fast = (figures.median(figure, s) for s in (OURS, DEBEZIUM, FAST))
        if ours is None:
            continue
        if heading is not None:
            lines.append(f"| {heading} | | | | | |")
            heading = None
        ratio = number(ours / its) if its else ""
        text = "" if goal is None else goal[0]
        if goal is not None and (its is not None or "of it" not in text and "×" not in text):
            text += ": met" if goal[1](ours, its) else ": **missed**"
        lines.append(f"| {label} | {number(ours)} | {number(its)} | {number(fast)} | {ratio} | {text} |")
    return lines


def yardsticks(figures):
    lines = []
    for label, figure, subject in YARDSTICKS:
        value = figures.median(figure, "yardstick" if subject == "changes" else subject)
        if value is not None:
            lines.append(f"| {label} | {number(value * 3 / 4 if subject == 'changes' else value)} |")
    return lines


def exact_costs(figures):
    lines = []
    for label, figure in EXACT_ROWS:
        without, exact = figures.median(figure, OURS), figures.median(figure, EXACT)
        if exact is not None:
            lines.append(f"| {label} | {number(without)} | {number(exact)} | {number(exact / without)} |")
    return lines


def show(bench):
    print("\n| figure | ours | Debezium | Debezium, `poll.interval.ms=1` | ours / Debezium | goal |")
    print("|---|---:|---:|---:|---:|---|")
    print("\n".join(table(bench.figures)))
    print("\n| `exactly.once.source.support` | disabled | enabled | enabled / disabled |\n|---|---:|---:|---:|")
    print("\n".join(exact_costs(bench.figures)))
    print("\n| yardstick | |\n|---|---:|")
    print("\n".join(yardsticks(bench.figures)))


def arguments_read():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", action="append", choices=SCENARIOS, help="a scenario; may be given several times (default: all)")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS", "2")), help="medians of so many (2)")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the numbers of rows and seconds, for a quick look (1)")
    parser.add_argument("--large", type=int, default=500000, help="inserts, updates, deletes of the large transactions (500000)")
    parser.add_argument("--small", type=int, default=100000, help="inserts, updates, deletes by single-row transactions (100000)")
    parser.add_argument("--rows", type=int, default=1000000, help="rows of the snapshot (1000000)")
    parser.add_argument("--seconds", type=int, default=20, help="seconds of load for each latency (20)")
    parser.add_argument("--ours", action="store_true", help="without Debezium")
    parser.add_argument("--lock", help="file to lock while something is measured, where others measure on this machine too")
    parser.add_argument("--json", help="file for the values of all rounds")
    arguments = parser.parse_args()
    for name in ("large", "small", "rows"):
        setattr(arguments, name, max(1000, int(getattr(arguments, name) * arguments.scale)))
    arguments.seconds = max(3, int(arguments.seconds * arguments.scale))
    return arguments


def warm_up(bench):
    """A JVM is slow until it has compiled what it runs, the broker's too; that is not what is measured."""
    kept, bench.figures = bench.figures, Figures()
    rows, bench.arguments.large = bench.arguments.large, min(50000, bench.arguments.large)
    large(bench)
    bench.figures, bench.arguments.large = kept, rows


def main():
    arguments = arguments_read()
    with scratch() as base:
        bench = Bench(base, arguments)
        bench.sql("CREATE TABLE nothing (i int)")
        bench.sql("CREATE PUBLICATION nothing FOR TABLE nothing; CREATE PUBLICATION everything FOR ALL TABLES")
        bench.start()
        warm_up(bench)
        try:
            for _ in range(arguments.rounds):
                for name in arguments.only or SCENARIOS:
                    SCENARIOS[name](bench)
        finally:                        # what was measured before something failed counts
            show(bench)
            if arguments.json:
                Path(arguments.json).write_text(json.dumps(
                    {"settings": vars(arguments), "cores": cores(), "values": bench.figures.values}, indent=1))


if __name__ == "__main__":
    main()
