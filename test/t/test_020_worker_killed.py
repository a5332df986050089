"""kill -9 of the bridge's worker process, again and again while it streams: nothing is lost, nothing is twice."""
from pipeline import Workloads


def test_worker_killed(pipeline):
    pipeline.watch()
    pipeline.start_bridge()
    pipeline.start_applier()
    load = Workloads(pipeline, 6000).start()
    for part in (0.2, 0.4, 0.6, 0.8):
        load.wait_part(part)
        pipeline.bridge.kill_worker(pipeline.connector)
        # the supervisor's REST stays up, and starts another one
        assert pipeline.bridge.call("GET", "/connectors")[0] == 200
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()
    pipeline.wait_applied()
