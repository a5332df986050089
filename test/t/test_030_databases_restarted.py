"""Both databases restart while events come, first in order, then at once: both daemons wait for them and go on."""
import signal

from pipeline import Workloads


def test_databases_restarted(pipeline, source, dest):
    pipeline.watch()
    pipeline.start_bridge()
    pipeline.start_applier()
    load = Workloads(pipeline).start()
    load.wait_more(1000)
    source.restart()
    dest.restart()
    load.wait_more(1000)
    source.restart(signal.SIGQUIT)
    dest.restart(signal.SIGQUIT)
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()
    pipeline.wait_applied()
