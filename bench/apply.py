#!/usr/bin/python3
"""apply.py: from Kafka to PostgreSQL, ours beside Flink with the same scripts, every figure of both measured in one run on the
same servers.

Prints a table in Markdown; bench/README.md says what each figure is.  --json FILE keeps the values of all rounds.
"""
import argparse
import io
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "test/lib"))
from connect import Connect, connect_jars                                               # noqa: E402
from measure import Figures, Meter, Usage, cores, percentiles, quiet, scratch, status_bytes, tree        # noqa: E402
from pipeline import Pipeline                                                           # noqa: E402
from stack import Applier, Installation, Kafka, Postgres, Program, wait_until      # noqa: E402

MILLION, MIB = 1e6, 1 << 20
OURS, FLINK, JDBC, PYTHON = "ours", "Flink", "JDBC sink", "Python"
ROW_BY_ROW = (JDBC, PYTHON)     # which get a tenth of the events
JOBS = {"orders": "orders", "orders_flink": "orders_flink"}         # example script → table
LAST_KEY = 2000000000
GROUPS_A_COMMIT = 100
LIMIT_ROWS = 5000               # events of a statement, for what the target can do
PATIENCE = 900
IDLE_SECONDS = 10
POLL_SECONDS = 0.002            # how often the target is asked what it has: the latency's error

# what Flink's own start scripts give to the JVM, with a heap that suffices
JVM = ["-Xmx1g", "-XX:+UseG1GC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
       *(f"--add-opens=java.base/{p}=ALL-UNNAMED" for p in (
           "java.lang java.net java.io java.nio sun.nio.ch java.lang.reflect java.text java.time java.util "
           "java.util.concurrent java.util.concurrent.atomic java.util.concurrent.locks").split())]


class Flink(Program):
    """Flink with a script, in one JVM, at parallelism 1."""

    def __init__(self, base, name):
        super().__init__(name, base / f"{name}.log")
        self.base = base
        self.jars = subprocess.run([TOP / "bench/flink_jars.sh"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def start(self, script):
        file = self.base / f"{self.name}.sql"
        file.write_text("-- conf: execution.checkpointing.interval=1s\n" + script)
        self.spawn("java", *JVM, "-cp", f"{self.jars}:{self.jars}/*", "FlinkSql", file)


def option(script, name):
    return re.search(rf"'{name}'\s*=\s*'([^']*)'", script)[1]


class Python(Program):
    """bench/consumer.py: the consumer in Python that the original demo had before its Flink job."""

    def __init__(self, base, name):
        super().__init__(name, base / f"{name}.log")

    def start(self, script):
        host, database = re.match(r"jdbc:postgresql://([^/]*)/(.*)", option(script, "url")).groups()
        self.spawn(sys.executable, TOP / "bench/consumer.py", option(script, "properties.bootstrap.servers"),
                   option(script, "topic"), option(script, "properties.group.id"),
                   f"postgresql://{option(script, 'username')}:{option(script, 'password')}@{host}/{database}")


class JdbcSink(Connect):
    """Debezium's JDBC sink in a worker of Kafka Connect; its records must come with their schemas."""

    def __init__(self, base, name, broker):
        super().__init__(base, broker, connect_jars(), name)

    def start(self, script):
        super().start()
        converters = {f"{side}.{name}": value for side in ("key", "value") for name, value in (
            ("converter", "org.apache.kafka.connect.json.JsonConverter"), ("converter.schemas.enable", "true"))}
        status, answer = self.call("PUT", f"/connectors/{self.name}/config", {
            "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "tasks.max": "1", "topics": option(script, "topic"),
            "connection.url": option(script, "url"), "connection.username": option(script, "username"),
            "connection.password": option(script, "password"), "insert.mode": "upsert", "delete.enabled": "true",
            "primary.key.mode": "record_key", "schema.evolution": "none", "collection.name.format": "orders", **converters})
        assert status == 201, answer

    def check_running(self):
        super().check_running()
        state = self.state(self.name)
        assert "FAILED" not in state[:2], state[2]


class Workload:
    """A topic of groups of 5 inserts, 3 updates and 2 deletes: 1 M events are 100,000 groups.  Updates and deletes come so many
    groups after the inserts of their rows, and last a row with the key LAST_KEY."""

    def __init__(self, groups, update_after, delete_after):
        self.groups, self.update_after, self.delete_after = groups, update_after, delete_after
        self.events = 10 * groups + 1

    def write(self, source, database):
        source.sql(f"""DO $$ DECLARE u int; d int; BEGIN
            SET synchronous_commit = off;
            FOR i IN 0..{self.groups - 1 + self.delete_after} LOOP
            IF i < {self.groups} THEN
                INSERT INTO orders SELECT 5 * i + k, (5 * i + k) % 1000, 'Name ' || 5 * i + k FROM generate_series(1, 5) k;
            END IF;
            u := i - {self.update_after};
            IF u BETWEEN 0 AND {self.groups - 1} THEN
                UPDATE orders SET user_id = user_id + 1, name = name || 'x' WHERE order_id BETWEEN 5 * u + 1 AND 5 * u + 3;
            END IF;
            d := i - {self.delete_after};
            IF d BETWEEN 0 AND {self.groups - 1} THEN
                DELETE FROM orders WHERE order_id BETWEEN 5 * d + 4 AND 5 * d + 5;
            END IF;
            IF i % {GROUPS_A_COMMIT} = 0 THEN COMMIT; END IF; END LOOP;
            INSERT INTO orders VALUES ({LAST_KEY}, 1, 'last'); END $$""", database, "sourceuser")

    FLINK_ROWS = "SELECT count(*), sum(user_id), sum(order_id) FROM orders_flink"

    def flink_rows(self):
        """What that is once the job orders_flink, which passes over deletes, has seen all events."""
        keys = range(1, 5 * self.groups + 1)
        return len(keys) + 1, sum(k % 1000 for k in keys) + 3 * self.groups + 1, sum(keys) + LAST_KEY

    def sequence(self):
        """The same events as (operation, order_id, user_id, name)."""
        for i in range(self.groups + self.delete_after):
            if i < self.groups:
                for key in range(5 * i + 1, 5 * i + 6):
                    yield "c", key, key % 1000, f"Name {key}"
            u, d = i - self.update_after, i - self.delete_after
            if 0 <= u < self.groups:
                for key in range(5 * u + 1, 5 * u + 4):
                    yield "u", key, key % 1000 + 1, f"Name {key}x"
            if 0 <= d < self.groups:
                for key in range(5 * d + 4, 5 * d + 6):
                    yield "d", key, None, None


class Bench:
    def __init__(self, base, arguments):
        self.base, self.arguments, self.figures = base, arguments, Figures()
        installation = Installation(base / "install")
        self.source = Postgres(installation, base, "source", ["fsync = on", "max_wal_size = 8GB"])
        self.source.role("sourceuser", "REPLICATION")
        self.dest = Postgres(installation, base, "dest", [
            "fsync = on", "shared_buffers = 512MB", "max_wal_size = 8GB",
            # one that sees a table while it is empty makes row by row deletes read all of it from then on
            "autovacuum = off"])
        self.dest.role("destuser")
        os.environ.setdefault("KAFKA_HEAP", "1g")
        os.environ.setdefault("KAFKA_JAVA_OPTIONS", "")      # the compiler for long runs
        self.kafka = Kafka(base)
        # the first group that is ever asked for is what a broker makes the topic of offsets for
        Consumer({"bootstrap.servers": self.kafka.bootstrap, "group.id": "bench"}).committed([TopicPartition("bench", 0)], timeout=60)
        self.number = 0
        self.subjects = {OURS: Applier}
        if not arguments.ours:
            self.subjects[FLINK] = Flink
        if arguments.row_by_row:
            self.subjects[JDBC] = lambda base, name: JdbcSink(base, name, self.kafka)
            self.subjects[PYTHON] = Python

    def add(self, figure, subject, value):
        self.figures.add(figure, subject, value)

    def quiet(self):
        return quiet(self.arguments.lock)

    def stream(self, name, subject=None):
        """A pipeline whose bridge streams, into a topic of one partition."""
        pipeline = Pipeline(self.base, name, self.source, self.dest, self.kafka)
        self.kafka.create_topic(pipeline.topic, 1)
        schemas = {} if subject != JDBC else {
            f"{side}.converter{name}": value for side in ("key", "value")
            for name, value in (("", "org.apache.kafka.connect.json.JsonConverter"), (".schemas.enable", "true"))}
        pipeline.start_bridge(**schemas)
        return pipeline

    def make_topic(self, name, workload, subject=None):
        pipeline = self.stream(name, subject)
        workload.write(self.source, pipeline.database)
        pipeline.wait_captured()
        assert pipeline.bridge.stop() == 0
        return pipeline

    def empty(self, pipeline):
        self.dest.sql("TRUNCATE orders, orders_flink; DROP TABLE IF EXISTS debezium_applier_progress", pipeline.target)
        self.dest.sql("CHECKPOINT")

    def script(self, pipeline, job):
        """The example of that name, with a consumer group that has no offsets yet."""
        self.number += 1
        text = pipeline.scripts()[list(JOBS).index(job)]
        return re.sub(r"('properties\.group\.id' = ')[^']*'", rf"\1bench{self.number}'", text)

    def start(self, subject, script):
        self.number += 1
        program = self.subjects[subject](self.base, f"applier{self.number}")
        if subject == OURS:
            program.start(script, wait=False)
        else:
            program.start(script)
        return program

    # ------------------------------------------------ a backlog

    def backlog(self, pipeline, workload, subject, job, name):
        """All of a topic into an empty table: rate, CPU, memory; the table must be equal to the source."""
        self.empty(pipeline)
        script, table = self.script(pipeline, job), JOBS[job]
        with self.dest.connect(pipeline.target) as connection, connection.cursor() as cursor, self.quiet():
            connection.autocommit = True

            def found(text):
                cursor.execute(text)
                return cursor.fetchone()
            start, first = time.monotonic(), None
            program = self.start(subject, script)
            meter = Meter({"applier": lambda: tree(program.pid), "target": lambda: tree(self.dest.pid),
                           "broker": lambda: [self.kafka.pid]}, "applier")
            while found(f"SELECT FROM {table} WHERE order_id = {LAST_KEY}") is None:
                program.check_running()
                if first is None and found(f"SELECT FROM {table} LIMIT 1") is not None:
                    first = time.monotonic()
                assert time.monotonic() < start + PATIENCE, f"{subject} is not done after {PATIENCE} s"
                time.sleep(0.05 if first else 0.005)
            end = time.monotonic()
            cpu = meter.stop()
        if job == "orders":
            assert self.dest_hash(pipeline) == self.source_hash(pipeline), f"{subject}: the table differs from the source"
        else:
            assert self.dest.sql(workload.FLINK_ROWS, pipeline.target) == [workload.flink_rows()], \
                f"{subject}: the table is not what the job makes of the topic"
        self.add(f"{name}, events/s", subject, workload.events / (end - (first or start)))
        for process, seconds in cpu.items():
            self.add(f"{name}, CPU s/M, {process}", subject, seconds / workload.events * MILLION)
        self.add(f"{name}, peak memory, MiB", subject, sum(meter.peaks.values()) / MIB)
        self.add("start: until the first rows, s", subject, (first or end) - start)
        program.stop()

    HASH = "SELECT count(*), sum(hashtext(o::text)::bigint)::text FROM orders o"

    def source_hash(self, pipeline):
        return self.source.sql(self.HASH, pipeline.database)

    def dest_hash(self, pipeline):
        return self.dest.sql(self.HASH, pipeline.target)

    # ------------------------------------------------ what the target can do

    def limits(self, pipeline, workload, name):
        """The same events in the same order by what PostgreSQL has for sets, from a client that has them ready: each
        statement takes LIMIT_ROWS events, which are rows of as many keys."""
        events = list(workload.sequence())
        batches = [events[i:i + LIMIT_ROWS] for i in range(0, len(events), LIMIT_ROWS)]
        assert all(len({e[1] for e in b}) == len(b) for b in batches), "a key is twice in a batch: a larger distance is needed"
        texts = ["".join("%s\t%s\t%s\t%s\n" % tuple("\\N" if v is None else v for v in event) for event in batch)
                 for batch in batches]
        columns = [tuple([e[i] for e in batch if e[0] != "d"] for i in (1, 2, 3)) + ([e[1] for e in batch if e[0] == "d"],)
                   for batch in batches]
        expected = self.source_hash(pipeline)[0][0] - 1

        def merge(connection, cursor):
            cursor.execute('CREATE TEMPORARY TABLE staging (op "char", order_id int, user_id int, name text)')
            for text in texts:
                cursor.execute("TRUNCATE staging")
                cursor.copy_expert("COPY staging FROM STDIN", io.StringIO(text))
                cursor.execute("""MERGE INTO orders t USING staging s ON t.order_id = s.order_id
                    WHEN MATCHED AND s.op = 'd' THEN DELETE
                    WHEN MATCHED THEN UPDATE SET user_id = s.user_id, name = s.name
                    WHEN NOT MATCHED AND s.op <> 'd' THEN INSERT VALUES (s.order_id, s.user_id, s.name)""")
                connection.commit()

        def arrays(connection, cursor):
            cursor.execute("""PREPARE up (int[], int[], text[]) AS INSERT INTO orders SELECT * FROM unnest($1, $2, $3)
                ON CONFLICT (order_id) DO UPDATE SET user_id = EXCLUDED.user_id, name = EXCLUDED.name""")
            cursor.execute("PREPARE down (int[]) AS DELETE FROM orders t USING unnest($1) AS d (k) WHERE t.order_id = d.k")
            for keys, users, names, gone in columns:
                if keys:
                    cursor.execute("EXECUTE up (%s, %s, %s)", (keys, users, names))
                if gone:
                    cursor.execute("EXECUTE down (%s)", (gone,))
                connection.commit()

        for subject, run in (("COPY + MERGE", merge), ("arrays", arrays)):
            self.empty(pipeline)
            connection = self.dest.connect(pipeline.target, "destuser")
            connection.autocommit = False
            with connection.cursor() as cursor, self.quiet():
                usage, begin = Usage(lambda: tree(self.dest.pid)), time.monotonic()
                run(connection, cursor)
                seconds = time.monotonic() - begin
                usage.sample()
            connection.close()
            assert self.dest_hash(pipeline)[0][0] == expected
            self.add(f"{name}, events/s", subject, len(events) / seconds)
            self.add(f"{name}, CPU s/M, target", subject, usage.seconds() / len(events) * MILLION)

    def copy_limit(self, pipeline, rows):
        self.empty(pipeline)
        connection = self.dest.connect(pipeline.target, "destuser")
        text = io.StringIO("".join(f"{i}\t{i % 1000}\tName {i}\n" for i in range(1, rows + 1)))
        with connection.cursor() as cursor, self.quiet():
            begin = time.monotonic()
            cursor.copy_expert("COPY orders FROM STDIN", text)
            self.add("COPY of as many rows as are inserted, rows/s", "COPY", rows / (time.monotonic() - begin))
        connection.close()

    # ------------------------------------------------ from commit to commit

    def latency(self, subject, rate, seconds):
        """Single-row transactions at a rate, through our bridge: from the source's clock in the row, which is before its
        commit, until a session that asks the target all the time sees it."""
        name = f"latency{self.number}"
        pipeline = self.stream(name, subject)
        program = self.start(subject, self.script(pipeline, "orders"))
        insert = "INSERT INTO orders (user_id, name) VALUES ({}, (extract(epoch from clock_timestamp()) * 1000000)::bigint)"
        self.source.sql(insert.format(1), pipeline.database, "sourceuser")
        wait_until("the first row is there", lambda: program.check_running() or pipeline.dest_orders(), 120)
        self.idle(subject, program)

        file = self.base / f"{name}.pgbench"
        file.write_text("\\set u random(1, 1000)\n" + insert.format(":u") + ";\n")

        def load(duration):
            out = subprocess.run([self.source.bin / "pgbench", "-h", "127.0.0.1", "-p", str(self.source.port), "-U", "sourceuser",
                                  "-n", "-M", "prepared", "-c", "8", "-j", "1", "-R", str(rate), "-T", str(duration), "-f", file,
                                  pipeline.database], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                 env={**os.environ, "PGPASSWORD": "sourceuser"}).stdout
            return float(re.search(r"tps = ([\d.]+)", out)[1])
        seen, ended = {}, threading.Event()

        def poll(low):
            with self.dest.connect(pipeline.target) as connection, connection.cursor() as cursor:
                connection.autocommit = True
                cursor.execute("PREPARE q (int) AS SELECT order_id FROM orders WHERE order_id > $1")
                high = low
                while not ended.is_set():
                    # transactions of eight sessions commit in another order than their numbers
                    cursor.execute("EXECUTE q (%s)", (max(low, high - 50),))
                    now = time.time()
                    for key, in cursor.fetchall():
                        if key not in seen:
                            seen[key], high = now, max(high, key)
                    time.sleep(POLL_SECONDS)
        with self.quiet():
            load(3)
            last = "SELECT max(order_id) FROM orders"
            low = self.source.one(last, pipeline.database)
            thread = threading.Thread(target=poll, args=(low,), daemon=True)
            thread.start()
            usage = Usage(lambda: tree(program.pid))
            tps = load(seconds)
            usage.sample()
            wait_until("all rows are there", lambda: len(seen) >= self.source.one(
                f"SELECT count(*) FROM orders WHERE order_id > {low}", pipeline.database), 60)
            ended.set()
            thread.join()
        rows = self.source.sql(f"SELECT order_id, name::bigint FROM orders WHERE order_id > {low}", pipeline.database)
        for share, value in percentiles([(seen[key] - stamp / MILLION) * 1000 for key, stamp in rows]).items():
            self.add(f"{rate:,} transactions/s: to the target, {share}, ms", subject, value)
        self.add(f"{rate:,} transactions/s: CPU of the applier, %", subject, usage.seconds() / seconds * 100)
        self.add(f"{rate:,} transactions/s: rate of the source", subject, tps)
        program.stop()
        assert pipeline.bridge.stop() == 0
        self.source.sql("SELECT pg_drop_replication_slot(%s)", pipeline.database, args=(pipeline.slot,))

    def idle(self, subject, program):
        usage = Usage(lambda: tree(program.pid))
        time.sleep(IDLE_SECONDS)
        usage.sample()
        self.add("idle, CPU of the applier, %", subject, usage.seconds() / IDLE_SECONDS * 100)
        self.add("idle, memory, MiB", subject, sum(status_bytes(p, "VmRSS") for p in tree(program.pid)) / MIB)

    # ------------------------------------------------ all of it

    def run(self):
        groups = int(100000 * self.arguments.scale)
        near, far = Workload(groups, 0, 20), Workload(groups, 5000, 10000)
        only = self.arguments.only or ["mixed", "far", "latency"]
        topics = {}
        if "mixed" in only:
            topics["mixed"] = (self.make_topic("mixed", near), near)
            for subject in self.subjects:
                if subject in ROW_BY_ROW:
                    few = Workload(max(groups // 10, 1), 0, 20)
                    topics[subject] = (self.make_topic(subject.split()[0].lower(), few, subject), few)
        if "far" in only:
            topics["far"] = (self.make_topic("far", far), far)
        for number in range(self.arguments.rounds):
            if "mixed" in only:
                for subject in self.subjects:
                    pipeline, workload = topics.get(subject, topics["mixed"])
                    self.backlog(pipeline, workload, subject, "orders", "topic → orders")
                    if subject not in ROW_BY_ROW:
                        self.backlog(pipeline, workload, subject, "orders_flink", "topic → orders_flink")
                self.copy_limit(topics["mixed"][0], 5 * groups)
            if "far" in only:
                pipeline, workload = topics["far"]
                for subject in self.subjects:
                    if subject not in ROW_BY_ROW:
                        self.backlog(pipeline, workload, subject, "orders", "far updates → orders")
                self.limits(pipeline, workload, "far updates → orders")
            if "latency" in only:
                for subject in self.subjects:
                    self.latency(subject, 1000, self.arguments.seconds)

    def print(self):
        subjects = list(dict.fromkeys(s for values in self.figures.values.values() for s in values))
        print(f"\n{10 * int(100000 * self.arguments.scale):,} events, {self.arguments.rounds} round(s), medians; {cores()} cores\n")
        print("| |" + "".join(f" {s} |" for s in subjects))
        print("|---|" + "---:|" * len(subjects))
        for figure in self.figures.values:
            cells = []
            for subject in subjects:
                value = self.figures.median(figure, subject)
                cells.append("" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:,.3g}")
            print(f"| {figure} |" + "".join(f" {c} |" for c in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--scale", type=float, default=1, help="part of 1 M events (1)")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=20, help="of the load whose latency is measured (20)")
    parser.add_argument("--only", action="append", choices=["mixed", "far", "latency"])
    parser.add_argument("--ours", action="store_true", help="without Flink")
    parser.add_argument("--row-by-row", action="store_true",
                        help="with Debezium's JDBC sink and a consumer in Python, over a tenth of the events")
    parser.add_argument("--lock", help="file that is locked while something is measured")
    parser.add_argument("--json", help="file for the values of all rounds")
    arguments = parser.parse_args()
    with scratch() as base:
        bench = Bench(base, arguments)
        bench.run()
        bench.print()
        if arguments.json:
            Path(arguments.json).write_text(json.dumps(bench.figures.values, indent=1))


if __name__ == "__main__":
    main()
