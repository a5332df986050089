#!/usr/bin/python3
"""applier.py [OPTION]... [RUNS [SEED]]: runs the applier under random faults, and compares its tables with what was written to the topic.

A run has a seed, from which follow its partitions, replicas, faults and their order; the first seed is SEED, those of
further runs follow it.  README.md says what a run does.  The last line is "N passed, N failed"; what failed is kept."""
import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

import psycopg2
from confluent_kafka import Producer

sys.dont_write_bytecode = True
sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1] / "lib")]
import stack                                            # noqa: E402
from stack import wait_until                            # noqa: E402
from world import Single, pause, run_seeds, stopped                # noqa: E402

KEYS = 300
PLACEHOLDER = "__debezium_unavailable_value"
SESSION_MS = 1500               # after which the group gives a member's partitions to others
DRAINED = 120                   # seconds that the rest may take at the end; what is lost for good takes for ever
BUSY = 20000                    # events of a run that come fast
POISON = 0.0005                 # of the events cannot be applied
SERVER = ["max_connections = 60", "deadlock_timeout = 100ms"]

# The same topic read twice: as changes into a table with a key, and event by event into one without.
SCRIPT = """
SET 'pipeline.name' = '{name}';
SET 'applier.batch.max-rows' = '{rows}';
SET 'errors.tolerance' = 'all';
SET 'errors.log.enable' = 'false';
SET 'errors.deadletterqueue.topic.name' = '{name}_dead';
SET 'errors.deadletterqueue.topic.replication.factor' = '1';
CREATE TABLE changes (id INT, version BIGINT, note STRING, PRIMARY KEY (id) NOT ENFORCED) WITH (
    'connector' = 'kafka', 'topic' = '{name}', 'format' = 'debezium-json', {kafka});
CREATE TABLE events (`before` ROW<id INT, version BIGINT>, `after` ROW<id INT, version BIGINT>, `op` STRING, `version` BIGINT) WITH (
    'connector' = 'kafka', 'topic' = '{name}', 'format' = 'json', {kafka});
CREATE TABLE mirror (id INT, version BIGINT, note STRING, PRIMARY KEY (id) NOT ENFORCED) WITH (
    'connector' = 'jdbc', 'table-name' = 'mirror', {jdbc});
CREATE TABLE journal (id INT, version BIGINT, op STRING) WITH ('connector' = 'jdbc', 'table-name' = 'journal', {jdbc});
INSERT INTO mirror SELECT * FROM changes;
INSERT INTO journal SELECT COALESCE(`after`.id, `before`.id), `version`, `op` FROM events;
"""


class Writer(threading.Thread):
    """Writes events of keys to the topic until it is stopped; each has the key's next version.  `rows` is what they come to.
    With transactions some are aborted, and what was in them never was."""

    def __init__(self, run):
        super().__init__(daemon=True)
        self.run_, self.random = run, random.Random(run.seed)
        self.stopped, self.error, self.count = threading.Event(), None, 0
        self.versions, self.rows, self.poison = {}, {}, []
        # in order, and none twice, whatever the broker does
        self.producer = Producer({"bootstrap.servers": run.broker.bootstrap, "enable.idempotence": True, "linger.ms": 1,
                                  **({"transactional.id": run.name} if run.transactions else {}),
                                  "message.timeout.ms": 60000, "log_level": 2})
        if run.transactions:
            self.producer.init_transactions()

    def delivered(self, error, _):
        if error is not None:
            self.error = AssertionError(f"an event was not delivered: {error}")

    def produce(self, key, op, before, after, **more):
        version = self.versions[key] = self.versions.get(key, 0) + 1
        value = {"before": before, "after": after and {**after, "version": version}, "op": op, "version": version,
                 "source": {"ts_us": time.time_ns() // 1000}}
        self.producer.produce(self.run_.name, json.dumps(value), json.dumps({"id": key}), on_delivery=self.delivered, **more)
        self.count += 1
        return version

    def event(self):
        r = self.random
        key = r.randrange(KEYS)
        before = self.rows.get(key)
        if before and self.run_.partitions == 1 and r.random() < 0.1:
            return self.move(key, before)
        if before and r.random() < 0.2:
            self.produce(key, "d", before, None)
            self.rows[key] = None
            return
        note = f"{key} " + "x" * r.randrange(40)
        sent = note
        if before and r.random() < 0.2:             # an unchanged value that the source does not send
            note, sent = before["note"], PLACEHOLDER
        version = self.produce(key, "u" if before else "c", before, {"id": key, "note": sent})
        self.rows[key] = {"id": key, "version": version, "note": note}

    def move(self, key, row):
        """Another key, as Debezium writes it, with a value that it does not send."""
        free = [k for k in range(KEYS) if not self.rows.get(k)]
        if not free:
            return
        new = self.random.choice(free)
        self.produce(key, "d", {"id": key, "version": None, "note": None}, None,
                     headers=[("__debezium.newkey", json.dumps({"id": new}).encode())])
        self.producer.produce(self.run_.name, None, json.dumps({"id": key}), on_delivery=self.delivered)
        version = self.produce(new, "c", None, {"id": new, "note": PLACEHOLDER},
                               headers=[("__debezium.oldkey", json.dumps({"id": key}).encode())])
        self.rows[key], self.rows[new] = None, {"id": new, "version": version, "note": row["note"]}

    def poisonous(self):
        """An event that is not understood, or that the target refuses; its key tells it from all others."""
        number = len(self.poison) + 1
        value = "no JSON" if number % 2 else json.dumps(
            {"before": None, "after": {"id": -number, "version": 1, "note": ""}, "op": "c", "version": 1})
        self.poison.append(json.dumps({"id": -number}).encode())
        self.producer.produce(self.run_.name, value, self.poison[-1], on_delivery=self.delivered)

    def events(self):
        for _ in range(self.random.choice((1, 5, 50, 150))):
            self.event()
            if self.random.random() < POISON:
                self.poisonous()
        self.producer.poll(0)

    def transaction(self):
        before = dict(self.versions), dict(self.rows), list(self.poison), self.count
        self.producer.begin_transaction()
        self.events()
        if self.random.random() < 0.1:
            assert self.producer.flush(60) == 0     # or they are not even sent
            self.producer.abort_transaction()
            self.versions, self.rows, self.poison, self.count = before
        else:
            self.producer.commit_transaction()

    def run(self):
        try:
            while not self.stopped.wait(0.005 if self.count < BUSY else 0.2):
                (self.transaction if self.run_.transactions else self.events)()
            if self.producer.flush(60) != 0:
                raise AssertionError("the broker does not take the events")
        except Exception as error:      # for the run
            self.error = error


class Reader(threading.Thread):
    """Looks at the target all the time: no version of a key, and no progress, may step back."""

    def __init__(self, run):
        super().__init__(daemon=True)
        self.run_, self.stopped, self.error, self.looks = run, threading.Event(), None, 0
        self.versions, self.progress = {}, {}

    def look(self, cursor):
        cursor.execute("SELECT id, version FROM mirror")
        for key, version in cursor.fetchall():
            assert version >= self.versions.get(key, 0), f"key {key} has version {version} after {self.versions[key]}"
            self.versions[key] = version
        cursor.execute("SELECT partition, next_offset FROM debezium_applier_progress")
        for partition, offset in cursor.fetchall():
            assert offset >= self.progress.get(partition, 0), \
                f"progress of partition {partition} is {offset} after {self.progress[partition]}"
            self.progress[partition] = offset
        self.looks += 1

    def run(self):
        connection = None
        while not self.stopped.wait(0.01):
            try:
                connection = connection or self.run_.dest.connect(self.run_.name, "destuser")
                with connection.cursor() as cursor:
                    self.look(cursor)
            except psycopg2.errors.UndefinedTable:
                pass                    # no progress yet
            except psycopg2.Error:
                connection = None       # the server was stopped
            except AssertionError as error:
                self.error = error
                return


# ---------------------------------------------------------------- faults

FAULTS = {}


def fault(weight):
    def add(function):
        function.weight = weight
        FAULTS[function.__name__] = function
        return function
    return add


def kill(pids):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@fault(4)
def kill_worker(run):
    kill(stack.children(run.some_replica().pid))


@fault(4)
def kill_all(run):
    replica = run.some_replica()
    kill(stack.children(replica.pid))
    replica.kill()
    replica.start(wait=False)


@fault(2)
def kill_supervisor(run):
    """The worker ends in order, as its supervisor is gone, beside one that starts."""
    replica = run.some_replica()
    replica.kill()
    replica.start(wait=False)


def stop(replica):
    """In order; not before it listens to signals."""
    wait_until(f"{replica.name} answers", replica.jobs)
    assert replica.stop() == 0


@fault(2)
def stop_and_start(run):
    replica = run.some_replica()
    stop(replica)
    replica.start(wait=False)


@fault(3)
def freeze_worker(run):
    """SIGSTOP of a worker until the group has given it up, or for less."""
    with stopped(stack.children(run.some_replica().pid)):
        pause(run.random.choice((0.3, SESSION_MS / 1000 + 1.0)))


@fault(4)
def join(run):
    if len(run.running()) < len(run.replicas):
        next(r for r in run.replicas if not r.running()).start(wait=False)


@fault(3)
def leave(run):
    """For the rest of the run, or until another joins: in order, or by kill -9."""
    if len(run.running()) > 1:
        replica = run.some_replica()
        if run.random.random() < 0.5:
            stop(replica)
        else:
            kill(stack.children(replica.pid))
            replica.kill()


@fault(3)
def stop_postgres(run):
    run.dest.restart(signal.SIGQUIT)


@fault(3)
def terminate_backend(run):
    run.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'debezium_applier' "
            "AND datname = current_database()")


def local_ports(pid):
    """Ports of the process's ends of its connections over IPv4."""
    links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd") if os.path.islink(f"/proc/{pid}/fd/{fd}")]
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].split(":")[1], 16) for row in rows if f"socket:[{row[9]}]" in links}


@contextlib.contextmanager
def held_rows(run):
    """Rows that somebody else holds stop a batch in its transaction; gives the processes of the replica whose batch it is.
    Events come all the time, so that there is one as soon as partitions are given out."""
    with contextlib.closing(run.dest.connect(run.name, "destuser")) as other, other.cursor() as cursor:
        def hold():
            # rows, not the table: a worker that connects prepares its statements
            try:
                cursor.execute("""BEGIN; INSERT INTO mirror SELECT generate_series(0, %s) ON CONFLICT DO NOTHING;
                                  SELECT FROM mirror ORDER BY id FOR UPDATE""", (KEYS - 1,))
                return True
            except psycopg2.errors.DeadlockDetected:
                cursor.execute("ROLLBACK")
                return False

        def waits():
            run.check_threads()
            ports = {port for port, in run.sql("""SELECT client_port FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'debezium_applier' AND wait_event_type = 'Lock' AND backend_xid IS NOT NULL""")}
            for replica in run.running():
                pids = stack.children(replica.pid)
                with contextlib.suppress(FileNotFoundError):
                    if any(ports & local_ports(pid) for pid in pids):
                        return pids
            return None
        wait_until("the rows are held", hold)
        pids = wait_until("a batch waits in the middle", waits)
        run.in_batch += 1
        yield pids


@fault(3)
def kill_in_batch(run):
    """Its backend does not know, and commits what it has when it can."""
    with held_rows(run) as pids:
        kill(pids)
        if run.random.random() < 0.5:
            pause(0.5)


@fault(2)
def join_in_batch(run):
    """Partitions change hands while a batch is in flight."""
    with held_rows(run):
        join(run)
        pause(run.random.choice((0.2, 1.0)))


@fault(2)
def freeze_in_batch(run):
    """A batch is in flight while its worker is given up, and is committed while others go on."""
    with contextlib.ExitStack() as stopping:
        with held_rows(run) as pids:
            stopping.enter_context(stopped(pids))
            pause(SESSION_MS / 1000 + 1.0)
        pause(0.3)


@fault(1)
def kill_broker(run):
    run.broker.kill()
    pause(run.random.choice((0, 1)))
    run.broker.start()


# ---------------------------------------------------------------- runs

class Run:
    """One run on a server and a broker that are there."""

    def __init__(self, base, dest, broker, seed, partitions=None, replicas=None, names=None):
        self.seed, self.random, self.dest, self.broker = seed, random.Random(seed), dest, broker
        r = self.random
        self.partitions = r.choice((1, 4, 16)) if partitions is None else partitions
        count = r.choice((1, 2, 3)) if replicas is None else replicas
        self.rows = r.choice((100, 1000, 20000))
        fitting = list(FAULTS.values())
        number = r.choice((2, 3, 4, 5))
        self.faults = ([FAULTS[r.choice(names)] for _ in range(number)] if names else
                       r.choices(fitting, [f.weight for f in fitting], k=number))
        self.transactions = r.random() < 0.3
        self.name = f"a{seed}_{self.partitions}_{count}"
        self.base = base / self.name
        self.base.mkdir(mode=0o755)
        self.replicas = [stack.Applier(self.base, f"{self.name}-{n}") for n in range(count)]
        self.writer = self.reader = None
        self.in_batch = 0               # faults that met a batch in its transaction

    def describe(self):
        return (f"seed {self.seed}, {self.partitions} partitions, up to {len(self.replicas)} replicas, batches of {self.rows}"
                f"{', transactions' if self.transactions else ''}: "
                f"{', '.join(f.__name__ for f in self.faults)}")

    def script(self, number):
        kafka = {"properties.bootstrap.servers": self.broker.bootstrap, "properties.group.id": self.name,
                 "properties.group.instance.id": f"{self.name}-{number}", "scan.startup.mode": "earliest-offset",
                 "properties.session.timeout.ms": SESSION_MS, "properties.heartbeat.interval.ms": SESSION_MS // 5}
        jdbc = {"url": f"jdbc:postgresql://127.0.0.1:{self.dest.port}/{self.name}", "username": "destuser", "password": "destuser"}
        return SCRIPT.format(name=self.name, rows=self.rows, kafka=options(kafka), jdbc=options(jdbc))

    def sql(self, text):
        return self.dest.sql(text, self.name)

    def running(self):
        return [r for r in self.replicas if r.running()]

    def some_replica(self):
        return self.random.choice(self.running())

    def run(self):
        """Returns how many events were applied, and how often the reader looked."""
        self.dest.database(self.name, "destuser")
        self.dest.sql("""CREATE TABLE mirror (id INT PRIMARY KEY, version BIGINT, note TEXT);
                         CREATE TABLE journal (id INT CHECK (id >= 0), version BIGINT, op TEXT, number BIGSERIAL)""", self.name, "destuser")
        self.broker.create_topic(self.name, self.partitions)
        self.writer, self.reader = Writer(self), Reader(self)
        self.writer.start()
        self.reader.start()
        for number, replica in enumerate(self.replicas):
            replica.write(self.script(number))
        self.replicas[0].start(wait=False)
        wait_until("events are applied", lambda: self.sql("SELECT EXISTS (SELECT FROM journal)")[0][0])
        for fault in self.faults:
            pause(self.random.random() * 0.3)
            fault(self)
            self.check_threads()
        assert self.in_batch == sum(f.__name__.endswith("_in_batch") for f in self.faults)
        self.finish()
        return self.writer.count, self.reader.looks

    def check_threads(self):
        for thread in (self.writer, self.reader):
            if thread.error is not None:
                raise thread.error

    def finish(self):
        self.writer.stopped.set()
        self.writer.join()

        def applied():
            self.check_threads()
            for replica in self.running():
                failed = [job for job in replica.jobs() if job["state"] == "FAILED"]
                assert not failed, failed
            return self.sql("SELECT count(*) FROM journal")[0][0] >= self.writer.count
        wait_until(f"{self.writer.count} events are applied", applied, DRAINED)
        # the progress is at the end, also where that is the mark of a transaction
        ends = {p: high for p, (_, high) in self.broker.ends(self.name).items() if high > 0}
        wait_until("there is no lag", lambda: {p: n for p, n in self.sql(
            "SELECT partition, next_offset FROM debezium_applier_progress") if n > 0} == ends)
        for replica in self.running():
            stop(replica)
        self.reader.stopped.set()
        self.reader.join()
        self.check_threads()
        self.check()

    def check(self):
        count, distinct = self.sql("SELECT count(*), count(DISTINCT (id, version)) FROM journal")[0]
        assert (count, distinct) == (self.writer.count, self.writer.count), \
            f"{self.writer.count} events were written, {count} applied, {distinct} of them different"
        backwards = self.sql("""SELECT id, version, before FROM (SELECT id, version, lag(version) OVER (PARTITION BY id ORDER BY number)
                                AS before FROM journal) j WHERE before >= version LIMIT 5""")
        assert not backwards, f"applied out of order (key, version, the one before): {backwards}"
        # each at least once: one that was written before a crash is written again after it
        letters = {record.key for record in self.broker.records(f"{self.name}_dead")}
        assert letters == set(self.writer.poison), \
            f"dead letters missing: {set(self.writer.poison) - letters}, too many: {letters - set(self.writer.poison)}"
        found = {key: more for key, *more in self.sql("SELECT id, version, note FROM mirror")}
        wanted = {key: [row["version"], row["note"]] for key, row in self.writer.rows.items() if row is not None}
        differ = [(key, found.get(key), wanted.get(key)) for key in found | wanted if found.get(key) != wanted.get(key)]
        assert not differ, f"rows that differ (key, found, wanted): {differ[:10]}"

    def clean(self, keep):
        for thread in (self.writer, self.reader):
            if thread is not None and thread.is_alive():
                thread.stopped.set()
                thread.join(70)
        for replica in self.running():
            kill(stack.children(replica.pid))
            replica.kill()
        if not keep:
            self.dest.drop(self.name)
            shutil.rmtree(self.base, ignore_errors=True)


def options(values):
    return ", ".join(f"'{name}' = '{value}'" for name, value in values.items())


def run_one(base, dest, broker, seed, partitions=None, replicas=None, names=None, say=print):
    """One run; returns whether it passed."""
    run = Run(base, dest, broker, seed, partitions, replicas, names)
    begin, passed = time.monotonic(), False
    try:
        count, looks = run.run()
        passed = True
        say(f"ok: {run.describe()}; {count} events, {looks} looks, {time.monotonic() - begin:.1f} s", flush=True)
    except Exception:
        say(f"FAILED: {run.describe()}; {time.monotonic() - begin:.1f} s\n{traceback.format_exc()}", flush=True)
        say(f"  kept: {run.base}, database {run.name}; again: test/faults/applier.py 1 {seed}", flush=True)
    finally:
        run.clean(keep=not passed)
        if not dest.running():
            dest.start()
        if not broker.running():
            broker.start()
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=int, nargs="?", default=10)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--partitions", type=int)
    parser.add_argument("--replicas", type=int)
    parser.add_argument("--faults", help="only these, with commas between: " + ", ".join(FAULTS))
    given = parser.parse_args()
    names = given.faults.split(",") if given.faults else None

    def set_up(base):
        dest = stack.Postgres(stack.Installation(base / "install"), base, "dest", SERVER)
        dest.role("destuser")
        broker = Single(base)
        return lambda seed: run_one(base, dest, broker, seed, given.partitions, given.replicas, names)
    return run_seeds(given.seed, given.runs, set_up)


if __name__ == "__main__":
    sys.exit(main())
