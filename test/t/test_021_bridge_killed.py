"""kill -9 of the whole bridge while it streams; a new one goes on where it was: nothing is lost, nothing is twice."""
from stack import children, wait_until

from pipeline import Workloads


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_bridge_killed(pipeline):
    pipeline.watch()
    pipeline.start_bridge()
    pipeline.start_applier()
    load = Workloads(pipeline, 6000).start()
    for part in (0.3, 0.6):
        load.wait_part(part)
        workers = children(pipeline.bridge.pid)
        assert workers
        pipeline.bridge.kill()
        wait_until("no worker outlives the supervisor", lambda: not any(map(alive, workers)))
        pipeline.start_bridge()
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()
    pipeline.wait_applied()
