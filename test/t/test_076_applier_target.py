"""A target table that is missing, a wrong password at the target: said by name; it goes on when that is mended."""
from stack import wait_until


def test_missing_target(pipeline, source, dest):
    source.sql("INSERT INTO orders VALUES (1, 100, 'x')", pipeline.database, "sourceuser")
    pipeline.start_bridge()
    dest.sql("DROP TABLE orders_flink", pipeline.target)
    pipeline.applier.start(*pipeline.scripts(), wait=False)
    pipeline.applier.wait_log(r"orders_flink.*does not exist|orders_flink.*not found|no table.*orders_flink")
    dest.sql("CREATE TABLE orders_flink (order_id INT PRIMARY KEY, user_id INT)", pipeline.target, "destuser")
    if not pipeline.applier.running():
        assert pipeline.applier.popen.returncode != 0
    else:
        pipeline.applier.stop()
    pipeline.start_applier()
    pipeline.wait_applied()


def test_wrong_target_password(pipeline, dest):
    pipeline.applier.start(*[s.replace("'destuser'", "'wrong'") for s in pipeline.scripts()], wait=False)
    pipeline.applier.wait_log(r"password authentication failed for user")
    if not pipeline.applier.running():
        assert pipeline.applier.popen.returncode != 0
    else:
        wait_until("a job is not running", lambda: any(j.get("state") != "RUNNING" for j in pipeline.applier.jobs()))
