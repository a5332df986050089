#!/usr/bin/python3
"""apply.py [N]: throughput from a topic with the events of N inserts, N updates and N deletes to a table.

Each figure is given as events a second, from the start of the process until its group's offset is the topic's end, and as a
ratio to COPY of as many rows into the same table, measured in the same run, on the same servers: the absolute ones differ
by several times between machines, and by up to a third from run to run.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test/lib"))
from pipeline import Pipeline                           # noqa: E402
from stack import Applier, Installation, Kafka, Postgres, processes, wait_until      # noqa: E402

PARTITIONS = 3
JOBS = ["orders", "orders_flink"]       # as Pipeline.scripts() has them
PER_TRANSACTION = 1000


def workload(pipeline, rows):
    """N inserts, updates and deletes."""
    sql = ["INSERT INTO orders SELECT i, i % 1000, 'Name ' || i FROM generate_series({0}, {1}) i",
           "UPDATE orders SET name = name || 'x' WHERE order_id BETWEEN {0} AND {1}",
           "DELETE FROM orders WHERE order_id BETWEEN {0} AND {1}"]
    for text in sql:
        loop = text.format("a", f"a + {PER_TRANSACTION - 1}")
        pipeline.source.sql(f"DO $$ BEGIN FOR a IN 1..{rows} BY {PER_TRANSACTION} LOOP {loop}; COMMIT; END LOOP; END $$",
                            pipeline.database, "sourceuser")


def applier_measure(pipeline, base, job):
    """Seconds to apply the whole topic."""
    applier, group = Applier(base, job), f"{pipeline.name}-{job}"
    consumer = Consumer({"bootstrap.servers": pipeline.broker.bootstrap, "group.id": group})
    places = [TopicPartition(pipeline.topic, p) for p in range(PARTITIONS)]
    end = sum(consumer.get_watermark_offsets(p, timeout=10)[1] for p in places)
    begin = time.monotonic()
    applier.start(pipeline.scripts()[JOBS.index(job)])
    wait_until("all is applied", lambda: applier.check_running() or
               sum(max(p.offset, 0) for p in consumer.committed(places, timeout=10)) == end, 600)
    seconds = time.monotonic() - begin
    consumer.close()
    assert applier.stop() == 0
    return seconds


def copy_measure(dest, rows, columns):
    """Seconds that COPY needs for as many rows into a table like the target's."""
    table = ", ".join({"order_id": "order_id INT PRIMARY KEY", "user_id": "user_id INT", "name": "name VARCHAR(255)"}[c] for c in columns)
    expressions = ", ".join({"order_id": "i", "user_id": "i % 1000", "name": "'Name ' || i"}[c] for c in columns)
    dest.sql(f"CREATE TABLE yardstick ({table})")
    psql = [dest.bin / "psql", "-X", "-q", "-h", dest.sockets, "-p", str(dest.port), "-U", "postgres"]
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run([*psql, "-c", f"COPY (SELECT {expressions} FROM generate_series(1, {rows}) i) TO STDOUT"], stdout=file, check=True)
        begin = time.monotonic()
        subprocess.run([*psql, "-c", r"\copy yardstick FROM " + file.name], check=True)
        seconds = time.monotonic() - begin
    dest.sql("DROP TABLE yardstick")
    return seconds


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    base = Path(tempfile.mkdtemp(prefix="decoder_debezium_bench."))
    base.chmod(0o755)
    try:
        installation = Installation(base / "install")
        source = Postgres(installation, base, "source", ["max_wal_size = 8GB", "synchronous_commit = off"])
        source.role("sourceuser", "REPLICATION")
        dest = Postgres(installation, base, "dest", ["max_wal_size = 8GB"])
        dest.role("destuser")
        os.environ.setdefault("KAFKA_HEAP", "1g")
        os.environ.setdefault("KAFKA_JAVA_OPTIONS", "")      # the compiler for long runs
        kafka = Kafka(base)
        pipeline, results = Pipeline(base, "bench", source, dest, kafka), []
        kafka.create_topic(pipeline.topic, PARTITIONS)
        pipeline.start_bridge()
        workload(pipeline, rows)
        pipeline.wait_captured()
        assert pipeline.bridge.stop() == 0
        records = len(pipeline.broker.records(pipeline.topic))
        assert records == 4 * rows, f"{records} records, expected {4 * rows}"
        for job, columns in zip(JOBS, (("order_id", "user_id", "name"), ("order_id", "user_id"))):
            seconds = applier_measure(pipeline, base, job)
            results.append((f"topic → {job}", seconds, rows / copy_measure(dest, rows, columns)))
        found = len(pipeline.dest_orders()), len(pipeline.dest_flink())
        assert found == (0, rows), f"{found} rows applied, expected {(0, rows)}"

        print(f"\n{rows} inserts, {rows} updates, {rows} deletes; {PARTITIONS} partitions (`make bench APPLY_N={rows}`)\n")
        print("| path | records | seconds | records/s | COPY, rows/s | ratio |")
        print("|---|---:|---:|---:|---:|---:|")
        for name, seconds, copied in results:
            print(f"| {name} | {records} | {seconds:.2f} | {records / seconds:,.0f} | {copied:,.0f} | {records / seconds / copied:.2f} |")
    finally:
        for program in reversed(processes):
            if program.running():
                program.kill()
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
