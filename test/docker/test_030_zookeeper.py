"""The profile zookeeper: the same stack on Kafka 3.9."""
import os

import psycopg2

from conftest import figures, run
from stack import wait_until


def compose(*arguments):
    return run("docker", "compose", "--env-file", "docker/zookeeper.env", *arguments)


def test_zookeeper(stack, monkeypatch):
    # the variable that run.sh may have set is the environment's, and so would win over the file's
    monkeypatch.delenv("KAFKA_IMAGE", raising=False)
    compose("up", "-d")

    def mirrored():
        try:
            return stack.sql("dest", "SELECT count(*) = 3 FROM orders_flink")[0][0]
        except psycopg2.Error:
            return False
    wait_until("the first rows are mirrored", mirrored)
    stack.wait_healthy("zookeeper", "kafka", "debezium", "applier")
    topics = run("docker", "exec", "kafka", "kafka-topics", "--bootstrap-server", "localhost:29092", "--list").split()
    assert "dbserver1.public.orders" in topics
    assert stack.inspect("kafka")["Config"]["Image"] == os.environ.get("ZOOKEEPER_IMAGE", "apache/kafka:3.9.1")
    stack.sql("source", "INSERT INTO orders (user_id, name) VALUES (1, 'by ZooKeeper')")
    figures.append(("orders in both tables, with ZooKeeper", stack.check_equal(), ""))
    compose("down", "-v")
