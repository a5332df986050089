"""kill -9 of the bridge's worker process, again and again while it streams: nothing is lost, nothing is twice."""
from pipeline import Workloads


def test_worker_killed(pipeline):
    pipeline.watch()
    pipeline.start_bridge()
    pipeline.start_applier()
    load = Workloads(pipeline).start()
    for _ in range(3):
        load.wait_more(1000)
        pipeline.bridge.kill_worker(pipeline.connector)
        # the supervisor's REST stays up, and starts another one
        assert pipeline.bridge.call("GET", "/connectors") == (200, [pipeline.connector])
        pipeline.wait_streaming()
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()
    pipeline.wait_applied()
