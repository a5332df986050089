"""The runs of one command and the servers that they share, and what can be done to those: a proxy before the database,
quotas of the broker."""
import contextlib
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path

import stack
from stack import TOP, Broker, Kafka, wait_until


def run_seeds(first, runs, set_up):
    """Makes the runs with the seeds from `first` on, one after the other, and says what failed; the exit status of it all.
    set_up(directory) starts what they share, and returns what makes the run with a seed: did it pass?"""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))       # so that nothing is left running
    base = Path(tempfile.mkdtemp(prefix="decoder_debezium_faults."))
    base.chmod(0o755)
    try:
        run = set_up(base)
        failed = [seed for seed in range(first, first + runs) if not run(seed)]
    finally:
        for program in reversed(stack.processes):
            if program.running():
                program.kill()
    if failed:
        print(f"seeds that failed: {' '.join(map(str, failed))}; kept: {base}")
    elif not os.environ.get("KEEP"):
        shutil.rmtree(base)
    print(f"{runs - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


class Node(Kafka):
    """One broker of a cluster; it is also one of the controllers."""

    def __init__(self, base, name, number, ports, cluster_id, properties):
        self.number, self.cluster_id = number, cluster_id
        self.voters = ",".join(f"{n}@127.0.0.1:{controller}" for n, (_, controller) in enumerate(ports, 1))
        stack.Program.__init__(self, name, base / f"{name}.log")
        self.data, (self.port, self.controller_port) = base / name, ports[number - 1]
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.properties = "\n".join([f"node.id={number}", f"controller.quorum.voters={self.voters}", *properties])

    def start(self, wait=True):
        self.spawn(TOP / "demo/kafka_server.sh", self.data, self.port, self.controller_port,
                   env={"KAFKA_PROPERTIES": self.properties, "KAFKA_CLUSTER_ID": self.cluster_id, "KAFKA_HEAP": "320m", **JAVA})
        if wait:
            wait_until(f"{self.name} accepts connections", lambda: self.check_running() or stack.accepts(self.port))


# A broker is started often: its code is not worth being compiled well.
JAVA = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"}

# A topic goes on without one broker; a follower that does not answer is out after LAG_MS.
LAG_MS = 2000
QUOTAS = ["quota.window.num=4"]
CLUSTER = ["default.replication.factor=3", "min.insync.replicas=2", "offsets.topic.replication.factor=3",
           "transaction.state.log.replication.factor=3", "transaction.state.log.min.isr=2",
           "share.coordinator.state.topic.replication.factor=3", f"replica.lag.time.max.ms={LAG_MS}",
           "broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500", *QUOTAS]


class Cluster(Broker):
    """Three brokers with three replicas of everything, of which two have to be in sync."""

    real = True

    def __init__(self, base, name="cluster"):
        super().__init__(name, base / f"{name}.log")
        ports = [(stack.free_port(), stack.free_port()) for _ in range(3)]
        self.nodes = [Node(base, f"{name}{n}", n, ports, "ZmF1bHRzLWluLWEtcm93AA", CLUSTER) for n in (1, 2, 3)]
        self.bootstrap = ",".join(n.bootstrap for n in self.nodes)
        for node in self.nodes:
            node.start(wait=False)
        wait_until("all brokers accept connections", lambda: all(stack.accepts(n.port) for n in self.nodes))
        wait_until("the cluster has three brokers", self.complete)

    def complete(self):
        for node in self.nodes:
            node.check_running()
        with contextlib.suppress(Exception):
            return len(self.admin().list_topics(timeout=5).brokers) == 3
        return False

    def stop(self):
        for node in self.nodes:
            node.kill()             # a clean stop of the last two would wait for each other

    def leader(self, topic):
        return self.admin().list_topics(topic, timeout=10).topics[topic].partitions[0].leader


class Single(Kafka):
    """One broker."""

    def __init__(self, base, name="kafka"):
        super().__init__(base, name, QUOTAS)

    def spawn(self, *argv, env=None):
        super().spawn(*argv, env={**env, **JAVA})


def nodes(broker):
    return getattr(broker, "nodes", [broker])


def request(address, api, version, body):
    """One request of Kafka's protocol; returns the answer without its correlation id."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 10) as s:
        text = struct.pack(">hhih", api, version, 1, 6) + b"faults" + body
        s.sendall(struct.pack(">i", len(text)) + text)
        answer = b""
        while len(answer) < 4 or len(answer) < 4 + struct.unpack(">i", answer[:4])[0]:
            got = s.recv(65536)
            assert got, "the broker closed the connection"
            answer += got
    return answer[8:]


def set_quota(broker, bytes_per_second):
    """Limits what producers may write, all together at one broker; None lifts it (AlterClientQuotas)."""
    name, operation = b"client-id", b"producer_byte_rate"
    body = struct.pack(">i", 1) + struct.pack(">ih", 1, len(name)) + name + struct.pack(">h", -1)
    body += struct.pack(">ih", 1, len(operation)) + operation + struct.pack(">d?", bytes_per_second or 0.0, bytes_per_second is None)
    body += b"\0"                   # not only validated

    def done():
        for node in nodes(broker):
            if node.running():
                with contextlib.suppress(OSError, AssertionError):
                    answer = request(node.bootstrap, 49, 0, body)
                    if struct.unpack(">h", answer[8:10])[0] == 0:
                        return True
        return False
    wait_until("the quota is set", done)


class Proxy:
    """Between bridge and database: it can hold all bytes back, and close all connections."""

    def __init__(self, port):
        self.target, self.port, self.gate, self.sockets = port, stack.free_port(), threading.Event(), set()
        self.gate.set()
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.gate.wait()
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            self.sockets |= {client, server}
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(a, b), daemon=True).start()

    def copy(self, source, target):
        with contextlib.suppress(OSError):
            while True:
                self.gate.wait()
                data = source.recv(262144)
                if not data:
                    break
                self.gate.wait()
                target.sendall(data)
        for s in (source, target):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
        self.sockets.discard(source)
        source.close()

    def hold(self):
        self.gate.clear()

    def go_on(self):
        self.gate.set()

    def cut(self):
        for s in list(self.sockets):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
        self.gate.set()

    def close(self):
        self.cut()
        self.listener.close()


def tree(pid):
    """A process and all below it."""
    return [pid] + [p for child in stack.children(pid) for p in tree(child)]


@contextlib.contextmanager
def stopped(pids):
    """SIGSTOP, and SIGCONT at the end."""
    halted = []
    try:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                halted.append(pid)
        yield
    finally:
        for pid in halted:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def pause(seconds):
    """What a fault lasts: the one thing here that is a duration."""
    time.sleep(seconds)
