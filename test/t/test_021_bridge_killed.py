"""kill -9 of the whole bridge while it streams; a new one goes on where it was: nothing is lost, nothing is twice."""
from stack import alive, children, wait_until

from pipeline import Workloads


def test_bridge_killed(pipeline):
    pipeline.watch()
    pipeline.start_bridge()
    pipeline.start_applier()
    load = Workloads(pipeline).start()
    for _ in range(3):
        load.wait_more(1000)
        workers = children(pipeline.bridge.pid)
        assert workers
        pipeline.bridge.kill()
        wait_until("no worker outlives the supervisor", lambda: not any(map(alive, workers)))
        pipeline.start_bridge()
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()
    pipeline.wait_applied()
