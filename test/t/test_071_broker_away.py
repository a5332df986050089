"""No broker at the start: the bridge says which address, keeps trying, and goes on when there is one."""
from stack import Kafka, wait_until


def test_broker_away(pipeline, real_kafka, base, source, programs):
    kafka = Kafka(base, "late")
    programs.append(kafka)
    kafka.stop()
    pipeline.broker = kafka
    pipeline.bridge.properties["bootstrap.servers"] = kafka.bootstrap
    source.sql("INSERT INTO orders VALUES (1, 1, 'waits')", pipeline.database, "sourceuser")
    pipeline.bridge.start((pipeline.connector, pipeline.config()), wait=False)
    wait_until("the bridge says what it cannot reach", lambda: pipeline.bridge.check_running() or
               pipeline.bridge.logged(rf"{kafka.port}"))
    kafka.start()
    wait_until("the row is in the topic", lambda: pipeline.topic in kafka.topics() and kafka.records(pipeline.topic))
    pipeline.wait_captured()
