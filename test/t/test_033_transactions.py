"""exactly.once.source.support=enabled: records and stored offset in Kafka transactions."""
import json
import os
import signal

import pytest
from confluent_kafka import Consumer, TopicPartition
from pipeline import Workloads
from stack import PATIENCE, Bridge, Postgres, alive, wait_until


@pytest.fixture
def transactional(pipeline, real_kafka):
    """The embedded broker does not tell aborted records from others."""
    pipeline.bridge.properties["exactly.once.source.support"] = "enabled"
    return pipeline


def test_worker_killed(transactional):
    """kill -9 in the middle of Kafka transactions: each record once, in order, to those who read what is committed; and
    nobody waits for a fence time."""
    pipeline = transactional
    pipeline.bridge.properties["fence.time.ms"] = "600000"
    pipeline.watch()
    pipeline.start_bridge()
    load = Workloads(pipeline).start()
    for _ in range(3):
        load.wait_more(1000)
        pipeline.bridge.kill_worker(pipeline.connector)
        pipeline.wait_streaming()
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()
    assert "have been still" not in pipeline.bridge.text()
