"""The extension is not in the database, and the role may not create it: FAILED with the statement for an administrator."""
from stack import wait_until


def test_no_extension(pipeline, source):
    source.role("plainuser", "REPLICATION")
    source.sql("GRANT SELECT ON orders TO plainuser", pipeline.database)
    source.sql("INSERT INTO orders VALUES (1, 1, 'x')", pipeline.database, "sourceuser")
    config = pipeline.config(database_user="plainuser", database_password="plainuser")
    pipeline.bridge.start((pipeline.connector, config))
    trace = pipeline.bridge.wait_failed(pipeline.connector)
    assert "CREATE EXTENSION" in trace and pipeline.database in trace
    assert source.one("SELECT count(*) FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,)) == 0, \
        "no slot is left that would hold WAL"

    source.sql("CREATE EXTENSION decoder_debezium", pipeline.database)
    pipeline.bridge.call("POST", f"/connectors/{pipeline.connector}/restart?includeTasks=true&onlyFailed=false")
    pipeline.wait_streaming()
    wait_until("the row is in the topic", lambda: pipeline.topic in pipeline.broker.topics() and
               pipeline.broker.records(pipeline.topic))
