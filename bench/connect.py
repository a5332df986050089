"""The incumbent: Debezium's PostgreSQL connector in a worker of Kafka Connect, started and asked as the bridge is."""
import os
import subprocess
from pathlib import Path

from stack import Bridge, wait_until

HERE = Path(__file__).resolve().parent

# what Kafka's own start scripts give to the JVM of a worker
JVM = ("-Xms256M -Xmx2G -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 "
       "-XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true").split()


def connect_jars():
    """The directory that connect_jars.sh prints; None, with its reason printed, where it cannot be had."""
    result = subprocess.run([HERE / "connect_jars.sh"], stdout=subprocess.PIPE, text=True)
    return Path(result.stdout.strip()) if result.returncode == 0 else None


class Connect(Bridge):
    """A distributed worker with default settings, but for what a broker alone needs."""

    def __init__(self, base, broker, jars, name="connect"):
        super().__init__(base, broker, name)
        self.jars = jars
        del self.properties["fence.time.ms"]
        self.properties["plugin.path"] = str(jars / "plugins")

    def start(self, *connectors, wait=True):
        assert not connectors, "a distributed worker takes connectors by REST"
        worker = self.base / f"{self.name}.properties"
        worker.write_text("".join(f"{k}={v}\n" for k, v in self.properties.items()))
        java = Path(os.environ["JAVA_HOME"]) / "bin/java" if "JAVA_HOME" in os.environ else "java"
        self.spawn(java, *JVM, "-cp", f"{self.jars}/jars/*", "org.apache.kafka.connect.cli.ConnectDistributed", worker)
        if wait:
            wait_until("Kafka Connect answers", lambda: self.check_running() or self.call("GET", "/connectors")[0] == 200, 120)
