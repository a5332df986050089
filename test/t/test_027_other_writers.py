"""Others that write to a connector's topic: another tool is let be, a second process of the same connector is found out."""
from confluent_kafka import Producer
from pipeline import Workloads
from stack import wait_until


def insert(pipeline, key):
    pipeline.source.sql("INSERT INTO orders VALUES (%s, 1, 'x')", pipeline.database, args=(key,))


def test_another_tool(pipeline, broker):
    pipeline.start_bridge()
    insert(pipeline, 1)
    pipeline.wait_captured()
    for partition in range(broker.topics()[pipeline.topic]):
        broker.produce(pipeline.topic, "{}", "foreign", partition)
    for key in range(2, 20):
        insert(pipeline, key)
    pipeline.wait_captured()
    pipeline.bridge.wait_log("somebody else writes to topic")
    assert pipeline.bridge.text().count("streaming from slot") == 1
    found = [r for r in broker.records(pipeline.topic) if "__debezium.position" in r.headers]
    assert len(found) == 19


def test_same_connector(pipeline, broker):
    """A record of a process that was taken for dead lands between ours."""
    pipeline.start_bridge()
    insert(pipeline, 1)
    pipeline.wait_captured()
    late = [r for r in broker.records(pipeline.topic)][-1]
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    producer.produce(pipeline.topic, late.value, late.key, late.partition, headers=list(late.headers.items()))
    assert producer.flush(30) == 0
    insert(pipeline, 1001)
    pipeline.source.sql("UPDATE orders SET user_id = 2 WHERE order_id = 1", pipeline.database)
    pipeline.bridge.wait_log("another process has written 1 records of this connector")
    wait_until("it goes on", lambda: pipeline.bridge.text().count("streaming from slot") == 2)
    pipeline.wait_captured()
    found = [(r.op, r.key) for r in broker.records(pipeline.topic)]
    assert len(found) == 4              # the one that was written twice stays; nothing else is


def test_unclean_end_is_fenced(pipeline, broker):
    pipeline.bridge.properties["fence.time.ms"] = "2000"
    pipeline.watch()
    pipeline.start_bridge()
    load = Workloads(pipeline).start()
    load.wait_more(500)
    wait_until("records come", lambda: pipeline.topic in broker.topics() and
               any(high for _, high in broker.ends(pipeline.topic).values()))
    pipeline.bridge.kill_worker(pipeline.connector)
    pipeline.bridge.wait_log("waiting until the topics have been still for 2.0 s")
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()
    assert pipeline.bridge.stop() == 0
    pipeline.start_bridge()
    assert pipeline.bridge.text().count("waiting until the topics") == 1
