#!/usr/bin/python3
"""snapshot.py [N]: rows a second from a table of N rows (1,000,000) to Kafka by an initial snapshot, all acknowledged.

The table is the demo's orders; each line is one run with that many reading sessions (snapshot.max.threads).  Seconds are
from the creation of the slot to the last acknowledgement, as the bridge logs them.  CPU seconds are of the bridge, of all
processes of the PostgreSQL server and of the broker; the peak of memory is of supervisor and worker together, with what
they share counted twice.

Yardsticks of the same run: COPY of the table to a pipe, COPY of its records to a pipe, and kcat (librdkafka alone) writing
the same records from a file, acknowledged as well.

environment: THREADS, the numbers of sessions ("1 2 4"); PARTITIONS (3)"""
import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test/lib"))
from measure import scratch    # noqa: E402
from pipeline import Pipeline                           # noqa: E402
from stack import Installation, Kafka, Postgres, children, wait_until      # noqa: E402

THREADS = [int(n) for n in os.environ.get("THREADS", "1 2 4").split()]
PARTITIONS = int(os.environ.get("PARTITIONS", "3"))
TICK = os.sysconf("SC_CLK_TCK")


def cpu(pid, reaped=False):
    """CPU seconds of a process, or also of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(f) for f in fields[11:15 if reaped else 13]) / TICK


def cpu_server(pid):
    """CPU seconds of a server with all of its processes, those that have ended, too."""
    return cpu(pid, True) + sum(cpu(child) for child in children(pid))


def peak(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


class Run:
    """One snapshot, measured."""

    def __init__(self, base, source, dest, kafka, name, rows, **config):
        self.pipeline = pipeline = Pipeline(base, name, source, dest, kafka)
        source.sql(f"INSERT INTO orders SELECT i, i % 1000, 'Name ' || i FROM generate_series(1, {rows}) i", pipeline.database)
        source.sql("VACUUM ANALYZE orders", pipeline.database)
        source.sql("CHECKPOINT")
        kafka.create_topic(pipeline.topic, PARTITIONS)
        pipeline.bridge.start()
        bridge, before = pipeline.bridge, (cpu_server(source.pid), cpu(kafka.pid))
        status, answer = bridge.call("PUT", f"/connectors/{name}/config", pipeline.config(**config))
        assert status == 201, answer
        done = bridge.wait_log(r"snapshot completed: (\d+) rows of \d+ tables? at \S+ in ([0-9.]+) s", 600)
        assert int(done[1]) == rows, f"{done[1]} rows, expected {rows}"
        self.seconds = float(done[2])
        worker = bridge.worker(name)
        self.bridge = cpu(bridge.pid) + cpu(worker)
        self.server, self.broker = cpu_server(source.pid) - before[0], cpu(kafka.pid) - before[1]
        self.memory = peak(bridge.pid) + peak(worker)
        pipeline.wait_streaming()
        assert bridge.stop() == 0


def pipe_measure(source, database, query):
    """Seconds and the server's CPU seconds of COPY to a pipe."""
    before, begin = cpu_server(source.pid), time.monotonic()
    psql = [source.bin / "psql", "-X", "-q", "-h", source.sockets, "-p", str(source.port), "-U", "postgres", "-d", database, "-c"]
    with subprocess.Popen([*psql, f"COPY ({query}) TO STDOUT (FORMAT binary)"], stdout=subprocess.PIPE) as process:
        subprocess.run(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL, check=True)
    assert process.returncode == 0
    return time.monotonic() - begin, cpu_server(source.pid) - before


def kcat_measure(pipeline, base):
    """Seconds that kcat needs to write the topic's records to another one."""
    bootstrap, other, file = pipeline.broker.bootstrap, pipeline.topic + ".copy", base / "records"
    pipeline.broker.create_topic(other, PARTITIONS)
    with open(file, "wb") as out:
        subprocess.run(["kcat", "-b", bootstrap, "-C", "-t", pipeline.topic, "-e", "-q", "-f", "%k\t%s\n"], stdout=out, check=True)
    begin = time.monotonic()
    subprocess.run(["kcat", "-b", bootstrap, "-P", "-t", other, "-K", "\t", "-l", "-X", "enable.idempotence=true", "-X", "acks=all",
                    "-X", "compression.type=lz4", "-X", "partitioner=murmur2", file], check=True)
    return time.monotonic() - begin


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
    with scratch() as base:
        installation = Installation(base / "install")
        source = Postgres(installation, base, "source", ["max_wal_size = 8GB", "synchronous_commit = off"])
        source.role("sourceuser", "REPLICATION")
        dest = Postgres(installation, base, "dest")
        dest.role("destuser")
        os.environ.setdefault("KAFKA_HEAP", "1g")
        kafka = Kafka(base)
        print(f"{rows} rows, {PARTITIONS} partitions (bench/snapshot.py {rows})\n")
        print("| sessions | seconds | rows/s | CPU s: bridge | PostgreSQL | broker | peak MiB |")
        print("|---|---:|---:|---:|---:|---:|---:|", flush=True)
        for threads in THREADS:
            run = Run(base, source, dest, kafka, f"threads{threads}", rows, snapshot_max_threads=str(threads))
            print(f"| {threads} | {run.seconds:.2f} | {rows / run.seconds:,.0f} | {run.bridge:.2f} | {run.server:.2f} | {run.broker:.2f} "
                  f"| {run.memory:.0f} |", flush=True)
        pipeline = run.pipeline
        schema = source.one("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'decoder_debezium'",
                            pipeline.database)
        for name, query in (("COPY of the table to a pipe", "SELECT * FROM orders"),
                            ("COPY of its records to a pipe", f"SELECT {schema}.debezium_snapshot_rows('SELECT * FROM orders', 'orders',"
                             f" 'topic.prefix={pipeline.name}', '0/1', 1, now())")):
            seconds, server = pipe_measure(source, pipeline.database, query)
            print(f"| {name} | {seconds:.2f} | {rows / seconds:,.0f} | | {server:.2f} | | |", flush=True)
        seconds = kcat_measure(pipeline, base)
        print(f"| kcat writing the same records | {seconds:.2f} | {rows / seconds:,.0f} | | | | |")


if __name__ == "__main__":
    main()
