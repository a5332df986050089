#!/usr/bin/python3
"""path.py [N]: throughput of the whole path, N inserts, N updates and N deletes: slot -> Kafka, topic -> table.

Each figure is given as events a second and as a ratio to a yardstick measured in the same run, on the same servers: the
absolute ones differ by several times between machines, and by up to a third from run to run.

  bridge     from the start of streaming until the slot has confirmed all, which is after all was acknowledged by the
             broker; yardstick: kcat (librdkafka alone) writing the same records from a file, acknowledged as well
  applier    from the start of the process until its group's offset is the topic's end; yardstick: COPY of as many rows
             into the same table
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


def workload(pipeline, rows, per_transaction):
    """N inserts, updates and deletes; in three transactions, or of so many rows each."""
    sql = ["INSERT INTO orders SELECT i, i % 1000, 'Name ' || i FROM generate_series({0}, {1}) i",
           "UPDATE orders SET name = name || 'x' WHERE order_id BETWEEN {0} AND {1}",
           "DELETE FROM orders WHERE order_id BETWEEN {0} AND {1}"]
    for text in sql:
        loop = text.format("a", f"a + {per_transaction - 1}")
        pipeline.source.sql(f"""DO $$ BEGIN FOR a IN 1..{rows} BY {per_transaction} LOOP {loop}; COMMIT; END LOOP; END $$""",
                            pipeline.database, "sourceuser")


def bridge_measure(pipeline):
    """Seconds to stream and confirm what is in the slot."""
    end = pipeline.source.wal_end()
    pipeline.bridge.start((pipeline.connector, pipeline.config()))
    wait_until("the slot is read", lambda: pipeline.bridge.check_running() or pipeline.source.one(
        "SELECT active FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,)))
    begin = time.monotonic()
    wait_until("all is confirmed", lambda: pipeline.bridge.check_running() or pipeline.source.confirmed(pipeline.slot, end), 600)
    seconds = time.monotonic() - begin
    assert pipeline.bridge.stop() == 0
    return seconds


def kcat_measure(pipeline, base):
    """Seconds that kcat needs to write the topic's records to another one."""
    bootstrap, other, file = pipeline.broker.bootstrap, pipeline.topic + ".copy", base / "records"
    pipeline.broker.create_topic(other, PARTITIONS)
    with open(file, "wb") as out:
        subprocess.run(["kcat", "-b", bootstrap, "-C", "-t", pipeline.topic, "-e", "-q", "-f", "%k\t%s\n"], stdout=out, check=True)
    begin = time.monotonic()
    subprocess.run(["kcat", "-b", bootstrap, "-P", "-t", other, "-K", "\t", "-Z", "-l", "-X", "enable.idempotence=true", "-X", "acks=all",
                    "-X", "partitioner=murmur2", file], check=True)
    return time.monotonic() - begin


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
        results = []

        for name, per_transaction in (("slot → Kafka, 1,000 rows a transaction", 1000), ("slot → Kafka, 1 row a transaction", 1)):
            pipeline = Pipeline(base, f"bench{per_transaction}", source, dest, kafka)
            kafka.create_topic(pipeline.topic, PARTITIONS)
            pipeline.start_bridge()                     # makes the slot
            assert pipeline.bridge.stop() == 0
            workload(pipeline, rows, per_transaction)
            seconds = bridge_measure(pipeline)
            records = len(pipeline.broker.records(pipeline.topic))
            assert records == 4 * rows, f"{records} records, expected {4 * rows}"
            results.append((name, records, seconds, "kcat", records / kcat_measure(pipeline, base)))
            if per_transaction == 1000:
                for job, columns in zip(JOBS, (("order_id", "user_id", "name"), ("order_id", "user_id"))):
                    seconds = applier_measure(pipeline, base, job)
                    results.append((f"topic → {job}", records, seconds, "COPY", rows / copy_measure(dest, rows, columns)))
                found = len(pipeline.dest_orders()), len(pipeline.dest_flink())
                assert found == (0, rows), f"{found} rows applied, expected {(0, rows)}"

        print(f"\n{rows} inserts, {rows} updates, {rows} deletes; {PARTITIONS} partitions (`make bench PATH_N={rows}`)\n")
        print("| path | records | seconds | records/s | yardstick | its records/s | ratio |")
        print("|---|---:|---:|---:|---|---:|---:|")
        for name, records, seconds, yardstick, its in results:
            print(f"| {name} | {records} | {seconds:.2f} | {records / seconds:,.0f} | {yardstick} | {its:,.0f} | "
                  f"{records / seconds / its:.2f} |")
    finally:
        for program in reversed(processes):
            if program.running():
                program.kill()
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
