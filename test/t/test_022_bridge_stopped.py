"""SIGTERM to the bridge while it streams: it ends with status 0, and goes on later without a new snapshot."""
from pipeline import Workloads


def test_bridge_stopped(pipeline, source):
    source.sql("INSERT INTO orders (user_id, name) VALUES (1, 'in the snapshot')", pipeline.database, "sourceuser")
    pipeline.watch()
    pipeline.start_bridge()
    load = Workloads(pipeline).start()
    load.wait_more(1000)
    assert pipeline.bridge.stop() == 0
    load.wait_more(1000)
    pipeline.start_bridge()
    load.wait_more(1000)
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()
    snapshot = [r for r in pipeline.broker.records(pipeline.topic) if r.position.kind == "r"]
    assert len(snapshot) == 1
