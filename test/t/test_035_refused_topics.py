"""Topics that were truncated, deleted or made anew are refused with what is missing, and both ways out work; retention is not."""
import json

import pytest
from confluent_kafka import Producer
from refusals import accept, call, created, events, insert, refused, rows, snapshot_again, stop
from stack import wait_until


@pytest.fixture
def filled(pipeline, real_kafka):
    """A stopped connector whose topic of one partition has four records."""
    real_kafka.create_topic(pipeline.topic, 1)
    pipeline.start_bridge(slot_max_retries="1", slot_retry_delay_ms="100")
    insert(pipeline, 1, 2, 3, 4)
    pipeline.wait_captured()
    stop(pipeline)
    return pipeline


def delete_topic(pipeline):
    admin = pipeline.broker.admin()
    admin.delete_topics([pipeline.topic])[pipeline.topic].result(30)
    wait_until("the topic is gone", lambda: pipeline.topic not in pipeline.broker.topics())


def make_anew(pipeline, partitions=1):
    delete_topic(pipeline)
    pipeline.broker.create_topic(pipeline.topic, partitions)


def copy_record(pipeline, record):
    producer = Producer({"bootstrap.servers": pipeline.broker.bootstrap})
    producer.produce(pipeline.topic, record.value, record.key, 0, headers=list(record.headers.items()))
    assert producer.flush(30) == 0


def resume(pipeline):
    call(pipeline, "PUT", "/resume")


def test_made_anew(filled):
    make_anew(filled)
    resume(filled)
    trace = refused(filled, f'topic "{filled.topic}", partition 0: lacks offsets 0 to 3')
    accept(filled, trace)
    insert(filled, 5)
    filled.wait_captured()
    assert events(filled) == created(5)

    # an end that is gone: what remains of it is found, and does not come twice
    stop(filled)
    last = filled.broker.records(filled.topic)[-1]
    make_anew(filled)
    resume(filled)
    refused(filled, "lacks offsets 0 to 0")
    copy_record(filled, last)
    snapshot_again(filled)
    filled.wait_captured()
    assert events(filled) == created(5) + rows(1, 2, 3, 4, 5)


def test_made_anew_while_running(filled):
    """What was written to it before is missed at the next record."""
    resume(filled)
    filled.wait_streaming()
    make_anew(filled)
    insert(filled, 5)
    filled.bridge.wait_log(f'topic "{filled.topic}", partition 0, went back to offset 0, where 4 was to come')
    accept(filled, refused(filled, "lacks offsets 1 to 3"))
    insert(filled, 6)
    filled.wait_captured()
    assert events(filled) == created(5, 6)


def test_grown_again(filled):
    """Made anew, and others have written beyond the stored offset since."""
    make_anew(filled)
    for _ in range(6):
        filled.broker.produce(filled.topic, b"{}", b"other", 0)
    resume(filled)
    trace = refused(filled, f'topic "{filled.topic}", partition 0: has another record at offset 3')
    accept(filled, trace)
    insert(filled, 5)
    filled.wait_captured()
    assert events(filled) == created(5)
    stop(filled)
    resume(filled)
    filled.wait_streaming()                 # what was accepted is stored


def test_deleted(filled):
    delete_topic(filled)
    resume(filled)
    trace = refused(filled, f'topic "{filled.topic}", partition 0: does not exist, was written up to offset 3')
    accept(filled, trace)
    insert(filled, 5)
    filled.wait_captured()
    assert events(filled) == created(5)


def test_fewer_partitions(pipeline, real_kafka):
    real_kafka.create_topic(pipeline.topic, 3)
    pipeline.start_bridge(slot_max_retries="1", slot_retry_delay_ms="100")
    insert(pipeline, *range(1, 20))
    pipeline.wait_captured()
    stop(pipeline)
    make_anew(pipeline, 1)
    resume(pipeline)
    trace = refused(pipeline, "partition 0: lacks offsets", "partition 2: does not exist")
    accept(pipeline, trace)
    insert(pipeline, 20)
    pipeline.wait_captured()
    assert events(pipeline) == created(20)


def test_retention(filled, tmp_path):
    offsets = tmp_path / "offsets.json"
    offsets.write_text(json.dumps({"version": 1, "partitions": [{"topic": filled.topic, "partition": 0, "offset": 4}]}))
    filled.broker.tool("org.apache.kafka.tools.DeleteRecordsCommand", "--offset-json-file", offsets)
    resume(filled)
    filled.bridge.wait_log("the last known records of 1 partitions are past their retention")
    insert(filled, 5)
    filled.wait_captured()
    assert events(filled) == created(5)
