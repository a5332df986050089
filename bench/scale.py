#!/usr/bin/python3
"""scale.py [N]: how long a start takes and how much memory a bridge needs, with one table, with N tables, with N partitions.

After a clean stop and after a kill -9 of the worker.  The row whose event is waited for is written after the exec."""
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test/lib"))
from confluent_kafka import Consumer, KafkaException, TopicPartition                                                    # noqa: E402
from measure import scratch    # noqa: E402
from pipeline import Pipeline                                                                           # noqa: E402
from stack import Installation, Kafka, Postgres, accepts, wait_until                         # noqa: E402

FENCE_MS = 1000                 # bridge's property, which an unclean stop costs


def memory(pid, name="VmRSS"):
    """MiB of a process."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split(f"{name}:")[1].split()[0]) / 1024


def cpu(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Watch:
    """Sees at once what comes to the topic of one table."""

    def __init__(self, broker, topic):
        self.consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "watch", "fetch.wait.max.ms": 500,
                                  "enable.auto.commit": False})
        metadata = self.consumer.list_topics(topic, timeout=10).topics[topic]
        places = [TopicPartition(topic, p) for p in metadata.partitions]
        for place in places:        # a broker that is busy with a thousand new partitions may not know its own yet
            wait_until(f"{place} has an end", lambda p=place: self.find_end(p))
        self.consumer.assign(places)
        self.consumer.poll(0.5)

    def find_end(self, place):
        try:
            place.offset = self.consumer.get_watermark_offsets(place, timeout=10)[1]
            return True
        except KafkaException:
            return False

    def wait(self):
        def came():
            message = self.consumer.poll(0.5)
            return message is not None and not message.error()
        wait_until("the event came", came)
        at = time.monotonic()
        self.consumer.close()
        return at


def wait_captured(pipeline):
    """A new topic of many partitions takes the broker its time."""
    end = pipeline.source.wal_end()
    wait_until(f"{end} is confirmed", lambda: pipeline.bridge.check_running() or
               pipeline.source.confirmed(pipeline.slot, end), 600)


def tables_named(count):
    return [f"t{i:05}" for i in range(count)]


def write_all(pipeline, tables, partitions):
    """Rows for each table, so many that each partition gets some."""
    for table in tables:
        pipeline.source.sql(f"INSERT INTO {table} SELECT g, 'x' FROM generate_series(1, %s) g "
                            "ON CONFLICT (id) DO UPDATE SET name = excluded.name || 'y'", pipeline.database, "sourceuser",
                            args=(1 if partitions == 1 else 5 * partitions,))


def start(pipeline, config, topic, table, key):
    """Start it; the seconds from there to each step."""
    bridge, watch = pipeline.bridge, Watch(pipeline.broker, topic)
    log_start = len(bridge.text())
    begin = time.monotonic()
    bridge.start((pipeline.connector, config), wait=False)
    wait_until("the listener is there", lambda: accepts(bridge.port))
    while bridge.call("GET", "/")[0] != 200:
        pass
    rest = time.monotonic() - begin
    pipeline.source.sql(f"INSERT INTO {table} VALUES (%s, 'new')", pipeline.database, "sourceuser", args=(key,))
    wait_until("it streams", lambda: bridge.check_running() or "streaming from slot" in bridge.text()[log_start:], 300)
    streams = time.monotonic() - begin
    event = watch.wait() - begin
    wait_captured(pipeline)
    worker = bridge.worker(pipeline.connector)
    return {"rest": rest, "streams": streams, "event": event, "supervisor": memory(bridge.pid), "worker": memory(worker),
            "peak": memory(worker, "VmHWM"), "cpu": cpu(worker), "offset": offset_size(pipeline)}


def offset_size(pipeline):
    """Bytes of the last stored offset."""
    topic = pipeline.bridge.properties["offset.storage.topic"]
    records = [r for r in pipeline.broker.records(topic) if r.value]
    return max(len(r.value) for r in records[-3:])


def measure(base, source, dest, kafka, name, table_count, partitions):
    pipeline = Pipeline(base, name, source, dest, kafka)
    pipeline.bridge.properties |= {"fence.time.ms": str(FENCE_MS), "offset.storage.partitions": "1"}
    tables = tables_named(table_count)
    for first in range(0, table_count, 100):
        source.sql("".join(f"CREATE TABLE {t} (id int PRIMARY KEY, name text);" for t in tables[first:first + 100]),
                   pipeline.database, "sourceuser")
    config = pipeline.config(table_include_list=r"public\.t.*", topic_creation_default_partitions=str(partitions),
                             topic_creation_default_replication_factor="1", snapshot_mode="no_data")
    topic = f"{name}.public.{tables[0]}"
    results = []
    pipeline.bridge.start((pipeline.connector, config))
    pipeline.wait_streaming()
    begin = time.monotonic()
    write_all(pipeline, tables, partitions)
    wait_captured(pipeline)
    print(f"{name}: {table_count} topics of {partitions} partitions were created and written to within "
          f"{time.monotonic() - begin:.1f} s", flush=True)
    assert pipeline.bridge.stop() == 0
    results.append(("clean stop", start(pipeline, config, topic, tables[0], 1000001)))
    pipeline.bridge.kill_worker(pipeline.connector)
    pipeline.bridge.kill()
    results.append(("kill -9", start(pipeline, config, topic, tables[0], 1000002)))
    # one offset is stored a second while each second sees a change
    worker = pipeline.bridge.worker(pipeline.connector)
    used, begin = cpu(worker), time.monotonic()
    for number in range(10):
        source.sql(f"INSERT INTO {tables[0]} VALUES (%s, 'new')", pipeline.database, "sourceuser", args=(2000000 + number,))
        time.sleep(1)
    share = 100 * (cpu(worker) - used) / (time.monotonic() - begin)
    assert pipeline.bridge.stop() == 0
    for stop, r in results:
        print(f"| {table_count} × {partitions} | {stop} | {1000 * r['rest']:.0f} ms | {r['streams']:.2f} s | {r['event']:.2f} s | "
              f"{r['supervisor']:.1f} + {r['worker']:.1f} | {r['peak']:.1f} | {r['cpu']:.2f} s | {r['offset']:,} | {share:.1f} % |",
              flush=True)
    pipeline.drop()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with scratch() as base:
        installation = Installation(base / "install")
        source = Postgres(installation, base, "source", ["max_locks_per_transaction = 256", "synchronous_commit = off"])
        source.role("sourceuser", "REPLICATION")
        dest = Postgres(installation, base, "dest")
        dest.role("destuser")
        os.environ.setdefault("KAFKA_HEAP", "1g")
        kafka = Kafka(base)
        print("\n| tables × partitions | after | REST answers | streams | first event | MiB, supervisor + worker | its peak | "
              "CPU of the start | stored offset, bytes | CPU at one change a second |")
        print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|")
        for name, tables, partitions in (("one", 1, 1), ("partitions", 1, count), ("tables", count, 1)):
            measure(base, source, dest, kafka, name, tables, partitions)


if __name__ == "__main__":
    main()
