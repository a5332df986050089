"""kill -9 of the applier in the middle of its batches: its tables and its progress stay one."""
from stack import wait_until

from pipeline import Workloads


def test_applier_killed(pipeline, dest):
    pipeline.watch()
    pipeline.start_bridge()
    Workloads(pipeline, 9000).start().finish()
    pipeline.wait_captured()

    # a lock on the table stops a batch in its transaction
    for _ in range(3):
        lock = dest.connect(pipeline.target, "destuser")
        with lock.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE")
            pipeline.start_applier()
            wait_until("a batch waits in the middle", lambda: dest.one(
                """SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'
                   AND backend_xid IS NOT NULL""", args=(pipeline.target,)))
            pipeline.applier.kill()
        lock.close()
    pipeline.start_applier()
    pipeline.wait_applied()
    assert pipeline.applier.stop() == 0
