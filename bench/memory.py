#!/usr/bin/python3
"""memory.py [ROWS]: the memory of bridge and applier when idle, and of bridge and walsender while the broker takes nothing, and then
all at once.

The broker is stopped (SIGSTOP).  Then come a transaction of ROWS rows and ROWS / 10 transactions of one row.  Printed is what the
processes need at most, that the server keeps the WAL and the connection, and that all is delivered once the broker goes on."""
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test/lib"))
from measure import scratch    # noqa: E402
from pipeline import Pipeline                                                                           # noqa: E402
from stack import Installation, Kafka, Postgres, children, wait_until                                   # noqa: E402

SETTLED = 5                     # seconds until what the start has needed is given back
STILL = 15                      # seconds without anything moving; longer than the server's wal_sender_timeout


def status(pid, name):
    """MiB of a process."""
    return int(Path(f"/proc/{pid}/status").read_text().split(f"{name}:")[1].split()[0]) / 1024


class Measured:
    """The three processes, and how large they were at most."""

    def __init__(self, pipeline):
        self.pipeline, self.most, self.sum = pipeline, {}, 0
        self.pids = {"supervisor": pipeline.bridge.pid, "worker": pipeline.bridge.worker(pipeline.connector)}
        self.walsender = self.find_walsender()

    def find_walsender(self):
        return self.pipeline.source.one("SELECT active_pid FROM pg_replication_slots WHERE slot_name = %s", args=(self.pipeline.slot,))

    def look(self):
        now = {name: status(pid, "VmRSS") for name, pid in self.pids.items()}
        self.sum = max(self.sum, sum(now.values()))
        now["walsender"] = status(self.walsender, "RssAnon")    # without the buffers that all share
        for name, size in now.items():
            self.most[name] = max(self.most.get(name, 0), size)
        return now

    def line(self, what):
        now = self.look()
        print(f"| {what} | {now['supervisor']:.1f} | {now['worker']:.1f} | {now['supervisor'] + now['worker']:.1f} | {self.sum:.1f} | "
              f"{now['walsender']:.1f} | {self.most['walsender']:.1f} |", flush=True)
        self.most, self.sum = {}, 0


def measure_applier(pipeline):
    """The applier with the one event that there is, then stopped."""
    pipeline.applier.start(pipeline.scripts()[0])
    wait_until("the row is applied", lambda: pipeline.dest_orders() == pipeline.source_orders())
    time.sleep(SETTLED)
    sizes = [status(pid, "VmRSS") for pid in [pipeline.applier.pid] + children(pipeline.applier.pid)]
    print(f"\nThe applier, idle: supervisor {sizes[0]:.1f} MiB, worker {sizes[1]:.1f}, together {sum(sizes):.1f}.", flush=True)
    pipeline.applier.stop()


def wait_still(measured):
    """Until the bridge has received nothing for a while: it waits for the broker."""
    last, since = None, time.monotonic()

    def still():
        nonlocal last, since
        measured.look()
        received = [v for k, v in measured.pipeline.bridge.metrics().items() if "received" in k]
        if received != last:
            last, since = received, time.monotonic()
        time.sleep(0.2)
        return time.monotonic() - since > STILL
    wait_until("the bridge waits", still, 1800)


def measure(pipeline, kafka, rows):
    source, database = pipeline.source, pipeline.database
    pipeline.start_bridge()
    source.sql("INSERT INTO orders VALUES (0, 0, 'first')", database, "sourceuser")
    pipeline.wait_captured()
    measured = Measured(pipeline)
    time.sleep(SETTLED)
    print("\n| | supervisor, MiB | worker | together | at most | walsender | at most |\n|---|---:|---:|---:|---:|---:|---:|")
    measured.line("idle")
    measure_applier(pipeline)

    os.kill(kafka.pid, signal.SIGSTOP)
    source.sql(f"INSERT INTO orders SELECT i, i % 1000, 'Name ' || i FROM generate_series(1, {rows}) i", database, "sourceuser")
    source.sql(f"""DO $$ BEGIN FOR i IN 1..{rows // 10} LOOP INSERT INTO orders VALUES ({rows} + i, i, 'small'); COMMIT; END LOOP;
                   END $$""", database, "sourceuser")
    wait_still(measured)
    measured.line(f"broker stopped, {rows} rows and {rows // 10} transactions wait")
    held = source.one("SELECT pg_current_wal_lsn() - confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = %s",
                      args=(pipeline.slot,))
    assert measured.find_walsender() == measured.walsender, "the connection was lost"

    os.kill(kafka.pid, signal.SIGCONT)
    end, begin = source.wal_end(), time.monotonic()

    def confirmed():
        measured.look()
        pipeline.bridge.check_running()
        return source.confirmed(pipeline.slot, end)
    wait_until("all is confirmed", confirmed, 1800)
    seconds = time.monotonic() - begin
    measured.line("broker goes on")
    found = sum(high for _, high in kafka.ends(pipeline.topic).values())
    assert found == 1 + rows + rows // 10, f"{found} records"
    print(f"\nThe server kept {held / 2**20:.0f} MiB of WAL and the connection; {found} records came within {seconds:.0f} s.")


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5000000
    with scratch() as base:
        installation = Installation(base / "install")
        source = Postgres(installation, base, "source", ["max_wal_size = 8GB", "synchronous_commit = off",
                                                         f"wal_sender_timeout = {STILL * 2 // 3}s"])
        source.role("sourceuser", "REPLICATION")
        dest = Postgres(installation, base, "dest")
        dest.role("destuser")
        os.environ.setdefault("KAFKA_HEAP", "1g")
        kafka = Kafka(base)
        measure(Pipeline(base, "memory", source, dest, kafka), kafka, rows)


if __name__ == "__main__":
    main()
