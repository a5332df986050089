#!/usr/bin/python3
"""run.py [OPTION]... [RUNS [SEED]]: runs the bridge under random faults, and compares the topics with what PostgreSQL has.

A run has a seed, from which follow its configuration, its faults and their order; the first seed is SEED, those of
further runs follow it.  README.md says what a run does.  The last line is "N passed, N failed"; what failed is kept."""
import argparse
import contextlib
import random
import re
import shutil
import sys
import threading
import time
import traceback
from pathlib import Path

import psycopg2

sys.dont_write_bytecode = True
sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1] / "lib")]
import faults                                           # noqa: E402
import oracle                                           # noqa: E402
import stack                                            # noqa: E402
from stack import lsn, wait_until                       # noqa: E402
from world import Cluster, Proxy, Single, nodes, run_seeds, set_quota  # noqa: E402

SESSIONS = 3
BUSY = 500                      # transactions of a session that come fast
DRAINED = 300                   # seconds that the rest may take at the end; what is lost for good takes for ever
SERVER = ["max_replication_slots = 100", "max_wal_senders = 40", "max_wal_size = 4GB", "wal_sender_timeout = 60s",
          "max_connections = 200"]

# What a configuration is changed to: properties that replace the last change.
CHANGES = [
    {},
    {"tombstones.on.delete": "false"},
    {"table.include.list": "public.(customers|journal)"},
    {"table.include.list": "public.(orders|items|noise)"},
    {"column.exclude.list": "public.customers.note,public.orders.amount"},
    {"skipped.operations": "u"},
    {"provide.transaction.metadata": "true"},
    {"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
     "transforms.unwrap.delete.tombstone.handling.mode": "rewrite-with-tombstone", "transforms.unwrap.add.fields": "op,table"},
    {"transforms": "route", "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter",
     "transforms.route.regex": "(.*)\\.public\\.(orders|items)", "transforms.route.replacement": "$1.both"},
    {"transforms": "insert", "transforms.insert.type": "org.apache.kafka.connect.transforms.InsertHeader",
     "transforms.insert.header": "from", "transforms.insert.value.literal": "faults"},
]
# with these, test_decoding's changes can be compared as they are
PLAIN = [{}, {"tombstones.on.delete": "false"}, {"column.exclude.list": CHANGES[4]["column.exclude.list"]}, CHANGES[9]]


class Workload(threading.Thread):
    """A session that changes rows until it is stopped; a server that restarts only interrupts it."""

    def __init__(self, run, session):
        super().__init__(daemon=True)
        self.run_, self.session, self.random = run, session, random.Random(run.seed * 10 + session)
        self.stopped, self.error, self.transactions = threading.Event(), None, 0

    def run(self):
        connection = None
        # a run that waits long for something needs no more than a trickle
        while not self.stopped.wait(0.02 if self.transactions < BUSY else 0.5):
            try:
                connection = connection or self.run_.source.connect(self.run_.name, "sourceuser")
                with connection.cursor() as cursor:
                    # alone in its message: it commits
                    cursor.execute("CALL work(%s, %s, 10)", (self.session, self.random.random()))
                self.transactions += 10
            except psycopg2.Error as error:
                if error.pgcode and error.pgcode[:2] not in ("57", "08", "53"):
                    self.error = error
                    return
                connection = None
                self.stopped.wait(0.1)


class Run:
    """One run on servers that are there."""

    def __init__(self, base, source, broker, seed, mode, names=None):
        self.seed, self.random, self.source, self.broker, self.mode = seed, random.Random(seed), source, broker, mode
        self.replicas = len(nodes(broker))
        self.name = f"f{seed}_{mode[0]}_{self.replicas}"
        r = self.random
        self.compression = r.choice(("none", "gzip", "snappy", "lz4", "zstd"))
        self.partitions = r.choice((1, 1, 2, 3, 5))
        self.faults = faults.choose(r, broker, r.choice((1, 2, 2, 3, 3, 4)), names)
        self.during_snapshot = r.random() < 0.3
        # 0.5 s would do but for what these faults hold back; see README.md
        fence = max([1.0] + [f.fence for f in self.faults] + [4.0 if self.replicas > 1 else 0])
        self.base = base / self.name
        self.base.mkdir(mode=0o755)
        self.bridge = stack.Bridge(self.base, broker, f"bridge-{self.name}", fence_time_ms=str(int(fence * 1000)),
                                   **{f"{kind}_storage_replication_factor": str(self.replicas)
                                      for kind in ("config", "offset", "status")})
        if mode == "enabled":
            self.bridge.properties["exactly.once.source.support"] = "enabled"
        self.proxy = Proxy(source.port)
        self.limit_raised, self.generation, self.generations = False, 0, []
        self.large_keys = 1000000
        self.workloads, self.others = [], []

    def describe(self):
        return (f"seed {self.seed}, {self.replicas} broker{'s'[:self.replicas > 1]}, exactly-once "
                f"{self.mode}, {self.compression}, {self.partitions} partitions: "
                f"{'at once, ' if self.during_snapshot else ''}{', '.join(f.__name__ for f in self.faults)}")

    # ------------------------------------------------ set-up

    def prepare(self):
        self.source.database(self.name, "sourceuser")
        self.source.sql("CREATE EXTENSION decoder_debezium", self.name)
        self.source.sql((Path(__file__).parent / "workload.sql").read_text(), self.name, "sourceuser")
        self.reference = oracle.Reference(self.source, self.name)
        self.source.sql("""INSERT INTO customers SELECT 8 * n, 'old ' || n, NULL FROM generate_series(1, 700) n;
                           INSERT INTO orders SELECT 8 * n, 'north', n, n FROM generate_series(1, 700) n;
                           INSERT INTO journal SELECT n % 8, n, 'old', '' FROM generate_series(1, 300) n""",
                        self.name, "sourceuser")
        self.first = self.config = {
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "tasks.max": "1",
            "database.hostname": "127.0.0.1", "database.port": str(self.proxy.port), "database.user": "sourceuser",
            "database.password": "sourceuser", "database.dbname": self.name, "topic.prefix": self.name,
            "table.include.list": "public.(customers|orders|items|journal)", "slot.name": self.name,
            "plugin.name": "pgoutput",
            "status.update.interval.ms": "200", "decimal.handling.mode": "string",
            "topic.creation.default.partitions": str(self.partitions),
            "topic.creation.default.replication.factor": str(self.replicas),
            "producer.override.compression.type": self.compression}
        if self.mode == "enabled":
            self.config["exactly.once.support"] = "required"

    def start_bridge(self):
        # at a busy moment a port may still be held by what was just killed
        self.bridge.start((self.name, self.config))

    def stop_bridge(self):
        self.bridge.stop()

    def reconfigure(self):
        """Another change of the configuration instead of the last one; its border is found in the log, see borders()."""
        keep = {k: v for k, v in self.config.items() if k in self.first or k.startswith(("producer.", "skip."))}
        self.config = {**keep, "table.include.list": self.first["table.include.list"], **self.random.choice(CHANGES)}
        self.generations.append((len(self.bridge.text()), self.config))

    def raise_limit(self):
        for topic in self.topics():
            faults.raise_topic_limit(self.broker, topic)
        self.config = {**self.config, "producer.override.max.request.size": "8388608"}
        self.limit_raised = True

    def skip_change(self, position):
        self.config = {**self.config, "skip.change": ", ".join(filter(None, (self.config.get("skip.change"), position)))}

    # ------------------------------------------------ for the faults

    def walsender(self):
        return self.source_sql("SELECT active_pid FROM pg_replication_slots WHERE slot_name = %s", self.name)

    def source_sql(self, text, *args):
        """Run SQL in the run's database, once it answers."""
        def done():
            try:
                rows = self.source.sql(text, self.name, args=args or None)
                return (rows[0][0] if rows else None,)
            except psycopg2.OperationalError:
                return None
        return wait_until("the source answers", done)[0]

    @contextlib.contextmanager
    def sender_timeout(self, milliseconds):
        self.source_sql(f"ALTER SYSTEM SET wal_sender_timeout = {milliseconds}")
        self.source_sql("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            self.source_sql("ALTER SYSTEM RESET wal_sender_timeout")
            self.source_sql("SELECT pg_reload_conf()")

    def topics(self):
        """Those of data that are there."""
        def found():
            return sorted(t for t in self.broker.topics() if t.startswith(self.name + "."))
        return wait_until("the connector has topics", found)

    def large(self, rows):
        """A large transaction beside all else."""
        first, self.large_keys = self.large_keys, self.large_keys + rows

        def work():
            with contextlib.suppress(psycopg2.Error):
                self.source.sql("CALL large(%s, %s)", self.name, "sourceuser", (first, rows))
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self.others.append(thread)

    # ------------------------------------------------ the run

    def streams(self):
        self.bridge.check_running()
        state = self.bridge.state(self.name)
        assert "FAILED" not in state[:2], f"{self.name} has FAILED: {state[2]}"
        return self.bridge.logged("streaming from slot")

    def run(self):
        """Returns how many records of the stream and rows of the snapshot were right."""
        self.prepare()
        self.workloads = [Workload(self, n) for n in range(1, SESSIONS + 1)]
        if self.during_snapshot:
            for workload in self.workloads:
                workload.start()
            self.start_bridge()
        else:
            self.start_bridge()
            wait_until("it streams", self.streams, DRAINED)
            for workload in self.workloads:
                workload.start()
        for fault in self.faults:
            self.wait_work(self.random.randrange(50, 800))
            fault(self)
        wait_until("it streams", self.streams, DRAINED)
        self.wait_work(self.random.randrange(100, 300))
        return self.finish()

    def wait_work(self, transactions):
        """Let some transactions pass."""
        def made():
            for workload in self.workloads:
                assert workload.error is None, workload.error
            return sum(w.transactions for w in self.workloads)
        begin = made()
        wait_until(f"{transactions} transactions", lambda: made() >= begin + transactions)

    def finish(self):
        for workload in self.workloads:
            workload.stopped.set()
        for thread in [*self.workloads, *self.others]:
            thread.join()
        self.wait_work(0)
        if not self.bridge.running():
            self.start_bridge()
        end = self.source_sql("SELECT pg_current_wal_insert_lsn()")

        def drained():
            return self.streams() and self.source.confirmed(self.name, end)
        wait_until("all is in Kafka", drained, DRAINED)
        assert self.bridge.stop() == 0
        return self.check()

    def check(self):
        text = self.bridge.text()
        created = list(re.finditer(r'created replication slot "\S+" at ([0-9A-F/]+)', text))[-1]
        start = lsn(created[1])
        records = oracle.read_topics(self.broker, self.name)
        stream = [r for r in records if r.position.kind == "s"]
        oracle.check_order(stream)
        # an interrupted snapshot is taken again under the configuration of that time
        first = self.with_skips(([self.first] + [c for at, c in self.generations if at < created.start()])[-1])
        rows = oracle.check_snapshot([r for r in records if r.position.kind == "r"], self.reference, start, first)
        count = oracle.check_stream(stream, self.reference, start, first, self.borders(text, created.start()), self.is_plain)
        return count, rows

    def with_skips(self, config):
        """A change that was left out is left out however often it is decoded."""
        return {**config, "skip.change": self.config["skip.change"]} if "skip.change" in self.config else config

    def borders(self, text, begin):
        """Where each configuration began: the bridge says what it finished under the one before, or where it streams from."""
        found = []
        for number, (at, config) in enumerate(self.generations):
            end = self.generations[number + 1][0] if number + 1 < len(self.generations) else len(text)
            part = text[at:end]
            finish = re.search(r"in the middle of a transaction: what commits up to ([0-9A-F/]+) comes as", part)
            start = re.search(r"streaming from slot \"\S+\" at ([0-9A-F/]+)", part)
            where = finish or start
            # without either, it was replaced before anything was sent under it
            if where is not None and at >= begin:
                found.append(oracle.Border(lsn(where[1]), where is finish, self.with_skips(config)))
        return found

    def is_plain(self, config):
        differing = {k: v for k, v in config.items() if self.first.get(k) != v and not k.startswith(("producer.", "skip."))}
        return differing in PLAIN and "skip.change" not in config

    # ------------------------------------------------ the end

    def clean(self, keep):
        for workload in self.workloads:
            workload.stopped.set()
        if self.bridge.running():
            self.bridge.kill_all()
        for thread in [*self.workloads, *self.others]:
            if thread.is_alive():
                thread.join(30)
        self.proxy.close()
        if not keep:
            self.source.drop(self.name)
            shutil.rmtree(self.base, ignore_errors=True)


def repair(source, broker):
    """After a run that failed in the middle of a fault."""
    for node in nodes(broker):
        if not node.running():
            node.start()
    if not source.running():
        source.start()
    source.sql("ALTER SYSTEM RESET wal_sender_timeout")
    source.sql("SELECT pg_reload_conf()")
    set_quota(broker, None)


def run_one(base, source, broker, seed, mode, names=None, say=print):
    """One run; returns whether it passed."""
    run = Run(base, source, broker, seed, mode, names)
    begin, passed = time.monotonic(), False
    try:
        count, rows = run.run()
        passed = True
        say(f"ok: {run.describe()}; {count} records, {rows} rows, {time.monotonic() - begin:.1f} s", flush=True)
    except Exception:
        say(f"FAILED: {run.describe()}; {time.monotonic() - begin:.1f} s\n{traceback.format_exc()}", flush=True)
        say(f"  kept: {run.base}, database {run.name}; again: test/faults/run.py --brokers {run.replicas} "
            f"--exactly-once {mode} 1 {seed}", flush=True)
    finally:
        try:
            run.clean(keep=not passed)
            if not passed:
                repair(source, broker)
        except Exception as error:
            say(f"  after it: {error}", flush=True)
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=int, nargs="?", default=3)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--brokers", choices=("1", "3"), default="1")
    parser.add_argument("--exactly-once", choices=("disabled", "enabled"), default="disabled", dest="mode")
    parser.add_argument("--faults", help="only these, with commas between: " + ", ".join(faults.FAULTS))
    options = parser.parse_args()
    names = options.faults.split(",") if options.faults else None
    # several of these may run at the same time
    wait_until.__defaults__ = oracle.read_topics.__defaults__ = (DRAINED,)

    def set_up(base):
        source = stack.Postgres(stack.Installation(base / "install"), base, "source", SERVER)
        source.role("sourceuser", "REPLICATION")
        broker = Single(base) if options.brokers == "1" else Cluster(base)
        return lambda seed: run_one(base, source, broker, seed, options.mode, names)
    return run_seeds(options.seed, options.runs, set_up)


if __name__ == "__main__":
    sys.exit(main())
