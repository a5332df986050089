"""Kafka Connect is in the group of a bridge that runs already: connectors are let go of until it is gone."""
import os
import signal
import socket
import struct
from pathlib import Path

from stack import children, wait_until


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def join_as_connect(broker, group):
    """What a worker of Kafka Connect sends to become a member; it then is one for the 6 s of its session."""
    request = (struct.pack(">hhi", 11, 2, 1) + text("connect-test") + text(group) + struct.pack(">ii", 6000, 60000) + text("") +
               text("connect") + struct.pack(">i", 1) + text("sessioned") + struct.pack(">i", 0))
    host, port = broker.bootstrap.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as s:
        s.sendall(struct.pack(">i", len(request)) + request)
        answer = b""
        while len(answer) < 14:
            answer += s.recv(4096)
        return struct.unpack(">h", answer[12:14])[0]


def members(broker, group):
    return [(g.protocol_type, len(g.members)) for g in broker.admin().list_groups(group, timeout=10)]


def test_comes_later(pipeline, real_kafka):
    bridge, name = pipeline.bridge, pipeline.connector
    group = bridge.properties["group.id"]
    bridge.start()
    assert bridge.call("POST", "/connectors", {"name": name, "config": pipeline.config()})[0] == 201
    pipeline.wait_streaming()
    wait_until("the bridge is a member", lambda: members(real_kafka, group) == [("consumer", 1)])
    assert join_as_connect(real_kafka, group) == 23, "Kafka Connect must be refused"

    # the bridge cannot hold its place for a while
    store, = (pid for pid in children(bridge.pid) if b"--store" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(store, signal.SIGSTOP)
    wait_until("its place is free", lambda: join_as_connect(real_kafka, group) == 0)
    os.kill(store, signal.SIGCONT)
    bridge.wait_log("Kafka Connect runs in group")
    wait_until("the connector is let go of", lambda: bridge.state(name)[:2] == ("RUNNING", "UNASSIGNED") and not bridge.worker(name))
    task, = bridge.call("GET", f"/connectors/{name}/status")[1]["tasks"]
    assert group in task["info"]

    # and it is gone again
    bridge.wait_log("Kafka Connect has left the group")
    pipeline.wait_streaming()
    pipeline.source.sql("INSERT INTO orders VALUES (1, 1, 'x')", pipeline.database)
    pipeline.wait_captured()
