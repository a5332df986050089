"""The broker restarts while events come, and is killed once: nothing is lost, nothing is twice."""
from pipeline import Workloads


def test_broker_restarted(pipeline, real_kafka):
    pipeline.watch()
    pipeline.start_bridge()
    pipeline.start_applier()
    load = Workloads(pipeline).start()
    load.wait_more(1000)
    real_kafka.stop()
    real_kafka.start()
    load.wait_more(1000)
    real_kafka.kill()
    real_kafka.start()
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()
    pipeline.wait_applied()
