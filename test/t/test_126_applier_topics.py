"""What happens to a topic behind the applier's back: marks of transactions, retention, partitions that are added, truncation, and
topics made anew."""
import json
import struct
import sys
from pathlib import Path

import pytest
import stack
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import NewPartitions
from stack import wait_until

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))
from world import request, stopped                      # noqa: E402

SCRIPT = """
SET 'pipeline.name' = '{name}';
CREATE TABLE events (id INT, v STRING) WITH ('connector' = 'kafka', 'topic' = '{name}', 'format' = 'json',
    'properties.bootstrap.servers' = '{bootstrap}', 'scan.startup.mode' = '{mode}');
CREATE TABLE t (id INT, v STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'jdbc', 'table-name' = 't',
    'url' = 'jdbc:postgresql://127.0.0.1:{port}/{name}', 'username' = 'destuser', 'password' = 'destuser');
INSERT INTO t SELECT * FROM events;
"""


class World:
    def __init__(self, base, name, dest, broker):
        self.name, self.dest, self.broker = name, dest, broker
        dest.database(name, "destuser")
        dest.sql("CREATE TABLE t (id INT PRIMARY KEY, v TEXT)", name, "destuser")
        broker.create_topic(name, 1)
        self.applier = stack.Applier(base, f"applier-{name}")

    def start(self, mode="earliest-offset"):
        self.applier.start(SCRIPT.format(name=self.name, bootstrap=self.broker.bootstrap, mode=mode, port=self.dest.port))

    def write(self, *keys, partition=0, producer=None, v="x"):
        if producer is None:            # "or" would ask for the length of its queue
            producer = Producer({"bootstrap.servers": self.broker.bootstrap, "linger.ms": 0})
        for key in keys:
            producer.produce(self.name, json.dumps({"id": key, "v": v}), str(key), partition)
        assert producer.flush(30) == 0

    def job(self):
        jobs = self.applier.jobs()
        return jobs[0] if jobs else {"state": "", "trouble": "", "partitions": []}

    def wait_keys(self, *keys):
        def there():
            self.applier.check_running()
            assert self.job()["state"] != "FAILED", self.job()["trouble"]
            return [k for k, in self.dest.sql("SELECT id FROM t ORDER BY id", self.name)] == sorted(keys)
        wait_until(f"the keys {keys} are there", there)

    def wait_no_lag(self):
        """Neither in what the applier says, nor in its progress."""
        ends = {p: high for p, (_, high) in self.broker.ends(self.name).items()}
        wait_until("there is no lag", lambda: {p["partition"]: (p["offset"], p.get("lag")) for p in self.job()["partitions"]} ==
                   {p: (end, 0) for p, end in ends.items()})
        assert dict(self.dest.sql("SELECT partition, next_offset FROM debezium_applier_progress", self.name)) == ends

    def wait_failed(self, *words):
        wait_until("the job is FAILED", lambda: self.job()["state"] == "FAILED")
        for word in (*words, f'remove the rows of pipeline "{self.name}" from debezium_applier_progress'):
            assert word in self.job()["trouble"]

    def wait_committed(self):
        """Until the group has the topic's end."""
        place = TopicPartition(self.name, 0)
        consumer = Consumer({"bootstrap.servers": self.broker.bootstrap, "group.id": f"debezium_applier-{self.name}"})
        end = self.broker.ends(self.name)[0][1]
        wait_until("the end is committed", lambda: consumer.committed([place], timeout=10)[0].offset == end)
        consumer.close()

    def delete_records(self, before):
        """What retention does."""
        name = self.name.encode()
        body = struct.pack(">ih", 1, len(name)) + name + struct.pack(">iiqi", 1, 0, before, 10000)
        answer = request(self.broker.bootstrap, 21, 0, body)
        assert struct.unpack(">h", answer[-2:])[0] == 0
        wait_until("they are gone", lambda: self.broker.ends(self.name)[0][0] == before)

    def make_anew(self):
        admin = self.broker.admin()
        admin.delete_topics([self.name])[self.name].result(30)
        wait_until("the topic is gone", lambda: self.name not in self.broker.topics())
        self.broker.create_topic(self.name, 1)


@pytest.fixture
def world(request, base, dest, real_kafka, programs):
    name = "".join(c if c.isalnum() else "_" for c in request.node.name.replace("test_", "t126_")).strip("_")
    world = World(base, name, dest, real_kafka)
    programs.append(world.applier)
    yield world
    if world.applier.running():
        world.applier.kill_all()
    dest.drop(world.name)


def test_marks(world):
    """The marks of committed and aborted transactions are no events, and nothing is lost where retention takes them."""
    producer = Producer({"bootstrap.servers": world.broker.bootstrap, "transactional.id": world.name})
    producer.init_transactions()
    world.start()
    for keys, end in (((1, 2), producer.commit_transaction), ((3,), producer.abort_transaction)):
        producer.begin_transaction()
        world.write(*keys, producer=producer)
        end()
    world.wait_keys(1, 2)
    world.wait_no_lag()
    producer.begin_transaction()
    world.write(4, producer=producer)
    producer.commit_transaction()
    world.wait_keys(1, 2, 4)
    world.wait_no_lag()
    assert world.applier.stop() == 0
    world.delete_records(world.broker.ends(world.name)[0][1])
    world.start()
    world.write(5)
    world.wait_keys(1, 2, 4, 5)


def test_partition_added(world):
    """Flink reads partitions that are found later from their begin, whatever scan.startup.mode says of the first ones."""
    world.write(1)
    world.start("latest-offset")
    wait_until("it runs", lambda: world.job()["state"] == "RUNNING")
    world.write(2)
    world.wait_keys(2)
    assert world.applier.stop() == 0
    admin = world.broker.admin()
    admin.create_partitions([NewPartitions(world.name, 2)])[world.name].result(30)
    wait_until("there are two partitions", lambda: world.broker.topics()[world.name] == 2)
    world.write(3, partition=1)
    world.start("latest-offset")
    world.wait_keys(2, 3)


def test_made_anew(world):
    """Between two starts, by others than the bridge, to the same length and longer."""
    world.write(1, 2)
    world.start()
    world.wait_keys(1, 2)
    assert world.applier.stop() == 0
    world.make_anew()
    world.start()
    world.wait_failed("ends at offset 0, but all before 2 was applied", "truncated or made anew")
    assert world.applier.stop() == 0
    for keys in (3, 4), (5,):
        world.write(*keys)
        world.start()
        world.wait_failed("another event at offset 1", "truncated or made anew")
        assert world.applier.stop() == 0
    # the way out
    world.dest.sql("DELETE FROM debezium_applier_progress", world.name)
    world.start()
    world.wait_keys(1, 2, 3, 4, 5)


def test_made_anew_while_running(world):
    """Shorter than what was applied, and longer at once, where the next event is there."""
    world.write(1, 2)
    world.start()
    world.wait_keys(1, 2)
    world.make_anew()
    world.write(3)
    world.wait_failed("ends at offset 1, but all before 2 was applied", "truncated or made anew")
    assert world.applier.stop() == 0
    world.dest.sql("DELETE FROM debezium_applier_progress", world.name)
    world.write(4)
    world.start()
    world.wait_keys(1, 2, 3, 4)
    world.wait_committed()
    world.make_anew()
    world.write(5, 6, 7)
    world.wait_failed("another event at offset 1", "truncated or made anew")


def test_truncated(world):
    """Records that are not applied yet are deleted: between two starts, and while it runs."""
    world.write(1, 2)
    world.start()
    world.wait_keys(1, 2)
    assert world.applier.stop() == 0
    world.write(3, 4, 5)
    world.delete_records(4)
    world.start()
    world.wait_failed("starts at offset 4 by now, but all from 2 on is still to be applied: events are lost")
    assert world.applier.stop() == 0
    world.dest.sql("DELETE FROM debezium_applier_progress", world.name)
    world.start()
    world.wait_keys(1, 2, 5)
    with stopped(stack.children(world.applier.pid)):
        world.write(6)              # which a fetch that is under way brings
        world.write(7, 8)
        world.delete_records(7)
    world.wait_failed("starts at offset 7 by now", "is still to be applied: events are lost")
