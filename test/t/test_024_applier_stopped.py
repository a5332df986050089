"""SIGTERM and kill -9 to the applier while events come: a new one goes on, and the group's offsets show no lag at the end."""
from confluent_kafka import Consumer, TopicPartition
from stack import wait_until

from pipeline import Workloads


def committed(pipeline, group):
    """Sum of what the group has committed, and the topic's end."""
    consumer = Consumer({"bootstrap.servers": pipeline.broker.bootstrap, "group.id": group})
    try:
        partitions = consumer.list_topics(pipeline.topic, timeout=10).topics[pipeline.topic].partitions
        places = [TopicPartition(pipeline.topic, p) for p in partitions]
        ends = sum(consumer.get_watermark_offsets(p, timeout=10)[1] for p in places)
        return sum(max(p.offset, 0) for p in consumer.committed(places, timeout=10)), ends
    finally:
        consumer.close()


def test_applier_stopped(pipeline):
    pipeline.start_bridge()
    pipeline.start_applier()
    load = Workloads(pipeline).start()
    load.wait_more(1000)
    assert pipeline.applier.stop() == 0
    pipeline.start_applier()
    load.wait_more(1000)
    pipeline.applier.kill_all()
    pipeline.start_applier()
    load.finish()
    pipeline.wait_captured()
    pipeline.wait_applied()
    for name in ("orders", "orders_flink"):
        def caught_up(group=f"{pipeline.name}-{name}"):
            done, end = committed(pipeline, group)
            return done == end
        wait_until(f"the group of {name} has no lag", caught_up)
