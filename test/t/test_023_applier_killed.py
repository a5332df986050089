"""kill -9 of the applier in the middle of its batches: its tables and its progress stay one."""
import contextlib

from stack import wait_until

from pipeline import Workloads


def test_applier_killed(pipeline, source, dest):
    pipeline.start_bridge()
    Workloads(pipeline, 9000).start().finish()
    for _ in range(3):
        source.sql("UPDATE orders SET user_id = user_id + 1", pipeline.database, "sourceuser")
        pipeline.wait_captured()
        # rows that somebody else holds stop a batch in its transaction
        with contextlib.closing(dest.connect(pipeline.target, "destuser")) as other, other.cursor() as cursor:
            cursor.execute("BEGIN; INSERT INTO orders SELECT unnest(%s), 0, 'never committed' ON CONFLICT DO NOTHING",
                           ([row[0] for row in pipeline.source_orders()],))
            cursor.execute("SELECT count(*) FROM (SELECT FROM orders FOR UPDATE) held")
            pipeline.start_applier()
            wait_until("a batch waits in the middle", lambda: dest.one(
                """SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'
                   AND backend_xid IS NOT NULL""", args=(pipeline.target,)))
            pipeline.applier.kill_all()
    pipeline.start_applier()
    pipeline.wait_applied()
    assert pipeline.applier.stop() == 0
