"""A real Kafka Connect worker with Debezium, fetched by bench/connect_jars.sh: what the bridge takes over from, and hands back to."""
import os
import shutil
import subprocess

import pytest
import stack
from stack import TOP


def jars():
    """The directory with Connect and Debezium; the test is skipped where they cannot be had."""
    if not shutil.which("java"):
        pytest.skip("needs Java")
    done = subprocess.run([TOP / "bench/connect_jars.sh"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0 and not os.environ.get("REQUIRE_KAFKA"):
        pytest.skip("needs Kafka Connect: " + done.stderr)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Connect(stack.Bridge):
    """One worker of Kafka Connect in distributed mode, with the REST calls and the storage topics of a bridge."""

    def __init__(self, base, broker, name="connect", like=None, **properties):
        """`like`: a bridge or worker whose group and storage topics are to be shared."""
        super().__init__(base, broker, name, **properties)
        self.directory = jars()
        if like:
            self.properties.update({k: v for k, v in like.properties.items() if k == "group.id" or ".storage.topic" in k})
        self.properties.pop("fence.time.ms")
        self.properties.setdefault("offset.flush.interval.ms", "60000")
        # two partitions: a start waits for all of them
        self.properties.update({"plugin.path": f"{self.directory}/plugins", "plugin.discovery": "only_scan",
                                "offset.storage.partitions": "2", "status.storage.partitions": "1"})

    def start(self, wait=True):
        worker = self.base / f"{self.name}.properties"
        worker.write_text("".join(f"{k}={v}\n" for k, v in self.properties.items()))
        self.spawn("java", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{self.directory}/jars/*",
                   "-Dorg.slf4j.simpleLogger.showDateTime=true", "org.apache.kafka.connect.cli.ConnectDistributed", worker)
        if wait:
            stack.wait_until("Connect answers", lambda: self.check_running() or self.call("GET", "/connectors")[0] == 200, 120)

    def put(self, connector, config):
        status, answer = self.call("PUT", f"/connectors/{connector}/config", config)
        assert status in (200, 201), answer
