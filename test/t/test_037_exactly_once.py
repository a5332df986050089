"""What exactly once rests on, point by point: each of these fails when its point is taken away (bridge/README.md)."""
import contextlib
import json
import struct

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import NewPartitions
from stack import lsn, wait_until


DROP = {"transforms_drop_type": "org.apache.kafka.connect.transforms.DropHeaders",
        "transforms_drop_headers": "__debezium.position"}


def insert(pipeline, first, last):
    """A transaction each."""
    for n in range(first, last + 1):
        pipeline.source.sql("INSERT INTO orders VALUES (%s, 1, 'x')", pipeline.database, args=(n,))


def stored(pipeline, broker):
    """The stored offsets with the times at which they were sent, [(milliseconds, value)]."""
    records = broker.records(pipeline.bridge.properties["offset.storage.topic"])
    return [(r.timestamp, json.loads(json.loads(r.value)["bridge"])) for r in records if pipeline.connector.encode() in r.key]


def kill_before_stored(pipeline, broker, start, work, count):
    """kill -9 when `work` is in Kafka, but not stored yet: at most one offset a second is.  Each attempt makes `count` records
    more; returns how many attempts it took."""
    def records():
        with contextlib.suppress(KafkaException):       # a topic that is just being made
            return sum(high for topic in broker.topics() if topic.startswith(pipeline.name + ".")
                       for _, high in broker.ends(topic).values())
        return 0
    for attempt in range(1, 20):
        before = records()
        since = len(stored(pipeline, broker))
        work(attempt)
        wait_until("the records are in Kafka", lambda: records() >= before + count)
        pipeline.bridge.kill_all()
        offsets = stored(pipeline, broker)
        confirmed = pipeline.source.one("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = %s",
                                        args=(pipeline.slot,))
        assert lsn(confirmed) <= lsn(offsets[-1][1]["lsn"]), "confirmed, but not stored"
        if len(offsets) == since or all(o["lsn"] == offsets[-1][1]["lsn"] for _, o in offsets[since - 1:]):
            return attempt
        start()
        pipeline.wait_captured()
    raise AssertionError("each time it was stored at once")


def add_foreign(pipeline, topic):
    for partition in range(pipeline.broker.topics()[topic]):
        pipeline.broker.produce(topic, "{}", "foreign", partition)


def keys(pipeline):
    """Of the bridge's records; the order of each partition is checked, too."""
    records = [r for r in pipeline.broker.records(pipeline.topic) if "__debezium.position" in r.headers]
    last = {}
    for r in records:
        assert last.get(r.partition, (0,)) < r.position.order, f"{r.topic}-{r.partition}@{r.offset} is there twice"
        last[r.partition] = r.position.order
    return sorted(json.loads(r.key)["order_id"] for r in records)


def test_stored_before_confirmed(pipeline, real_kafka):
    """Points 2, 3 and 4: PostgreSQL is told of what was stored; what was not stored the tails of the partitions say, by a
    header that no transform takes away."""
    def start():
        pipeline.start_bridge(transforms="drop", **DROP)
    start()
    insert(pipeline, 1, 1)
    pipeline.wait_captured()
    attempts = kill_before_stored(pipeline, real_kafka, start, lambda n: insert(pipeline, 10 * n, 10 * n + 9), 10)
    add_foreign(pipeline, pipeline.topic)
    start()
    insert(pipeline, 2, 2)
    pipeline.wait_captured()
    assert pipeline.bridge.logged(r"passed over \d+ records that this connector did not write")
    assert keys(pipeline) == [1, 2, *range(10, 10 * attempts + 10)]


def test_topic_stored_before_record(pipeline, real_kafka):
    """Point 3: a topic that nobody knows of would not be read at the next start."""
    topic = f"{pipeline.name}.public.other"
    pipeline.start_bridge(table_include_list="public.*")
    insert(pipeline, 1, 1)
    pipeline.wait_captured()
    pipeline.source.sql("CREATE TABLE other (id int PRIMARY KEY); INSERT INTO other VALUES (1)", pipeline.database)
    pipeline.wait_captured()
    first = min(time for time, value in stored(pipeline, real_kafka) if topic in value["topics"])
    assert first <= real_kafka.records(topic)[0].timestamp


def test_late_record(pipeline, broker):
    """Point 5: what a dead process has sent lands while the next one waits for it."""
    pipeline.bridge.properties["fence.time.ms"] = "3000"
    pipeline.watch()
    pipeline.start_bridge()
    insert(pipeline, 1, 1)
    pipeline.wait_captured()
    pipeline.bridge.kill_all()
    insert(pipeline, 2, 2)
    commit, change, number, part, key, value = last_record(pipeline)
    first = broker.records(pipeline.topic)[0].headers["__debezium.position"].decode().split(" ", 9)
    position = " ".join([*first[:4], commit, change, str(number), str(part), "1", pipeline.connector])
    pipeline.bridge.start((pipeline.connector, pipeline.config()))
    pipeline.bridge.wait_log("waiting until the topics have been still")
    producer = Producer({"bootstrap.servers": broker.bootstrap, "partitioner": "murmur2_random"})
    producer.produce(pipeline.topic, value, key, headers={"__debezium.position": position})
    assert producer.flush(30) == 0
    insert(pipeline, 3, 3)
    pipeline.wait_captured()
    pipeline.check_topic()


def last_record(pipeline):
    """(commit LSN, change LSN, number, part, key, value) of the last change that is in the WAL: docs/stream-format.md."""
    data = b"".join(bytes(d) for d, in pipeline.source.sql(
        """SELECT data FROM pg_logical_slot_peek_binary_changes(%s, NULL, NULL, 'format', 'stream', 'stream.version', '1',
           'topic.prefix', %s, 'table.include.list', 'public.orders')""", pipeline.database,
        args=(pipeline.references[0], pipeline.name)))
    found = commit = None
    while data:
        kind, length = data[:1], struct.unpack(">i", data[1:5])[0]
        body, data = data[5:5 + length], data[5 + length:]
        if kind == b"B":
            commit = body[4:12]
        elif kind == b"R":
            _, change, number, part, _, size = struct.unpack(">i8sihci", body[:23])
            key = body[23:23 + size]
            value = body[27 + size:27 + size + struct.unpack(">i", body[23 + size:27 + size])[0]]
            found = lsn_text(commit), lsn_text(change), number, part, key, value
    return found


def lsn_text(data):
    return "%X/%X" % struct.unpack(">II", data)


def test_partitions_added(pipeline, real_kafka):
    """Point 6: what is decoded again goes where it was, with a key or without, and however many partitions there are now."""
    journal = f"{pipeline.name}.public.journal"
    pipeline.source.sql("CREATE TABLE journal (n int); ALTER TABLE journal REPLICA IDENTITY FULL", pipeline.database, "sourceuser")
    real_kafka.create_topic(pipeline.topic, 3)
    real_kafka.create_topic(journal, 12)

    def start():
        pipeline.start_bridge(table_include_list="public.*")

    def work(attempt):
        pipeline.source.sql("INSERT INTO journal SELECT generate_series(%s, %s)", pipeline.database,
                            args=(20 * attempt, 20 * attempt + 19))
        insert(pipeline, 20 * attempt, 20 * attempt + 19)
    start()
    work(0)
    pipeline.wait_captured()
    old = 20 * kill_before_stored(pipeline, real_kafka, start, work, 40) + 20
    admin = real_kafka.admin()
    for future in admin.create_partitions([NewPartitions(pipeline.topic, 7), NewPartitions(journal, 16)]).values():
        future.result(30)
    wait_until("there are more partitions", lambda: (real_kafka.topics()[pipeline.topic], real_kafka.topics()[journal]) == (7, 16))
    start()
    insert(pipeline, old, old + 59)
    pipeline.wait_captured()
    placed = sorted((json.loads(r.key)["order_id"], r.partition) for r in pipeline.stream_records())
    assert [key for key, _ in placed] == list(range(old + 60))
    assert {partition for key, partition in placed if key < old} == {0, 1, 2}
    assert {partition for key, partition in placed if key >= old} == set(range(7))
    assert sorted(json.loads(r.value)["after"]["n"] for r in real_kafka.records(journal)) == list(range(old))
