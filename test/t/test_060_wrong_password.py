"""A wrong password: FAILED with user, server and what to do; right again after a changed configuration."""
import json


def test_wrong_password(pipeline, source):
    bridge = pipeline.bridge
    bridge.start((pipeline.connector, pipeline.config(database_password="wrong")))
    trace = bridge.wait_failed(pipeline.connector)
    assert "password authentication failed" in trace and "sourceuser" in trace
    assert "database.password" in trace
    assert '"wrong"' not in bridge.text() and "=wrong" not in bridge.text(), "a password is never logged"

    source.sql("INSERT INTO orders VALUES (1, 1, 'x')", pipeline.database, "sourceuser")
    assert bridge.call("PUT", f"/connectors/{pipeline.connector}/config", pipeline.config())[0] == 200
    pipeline.wait_streaming()
    pipeline.wait_captured()
    assert len(pipeline.broker.records(pipeline.topic)) == 1


def test_password_changed(pipeline, source):
    """While it streams: the connection lives on; the next one is refused, until the configuration has the new password."""
    bridge, role = pipeline.bridge, "changes"
    source.role(role, "REPLICATION")
    source.sql(f"GRANT sourceuser TO {role}")
    pipeline.start_bridge(database_user=role, database_password=role, slot_max_retries="0")
    source.sql(f"ALTER ROLE {role} PASSWORD 'new'; INSERT INTO orders VALUES (1, 1, 'old password')", pipeline.database)
    pipeline.wait_captured()
    source.sql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,))
    trace = bridge.wait_failed(pipeline.connector)
    assert f'password authentication failed for user "{role}"' in trace and "database.password" in trace

    source.sql("INSERT INTO orders VALUES (2, 2, 'meanwhile')", pipeline.database)
    config = pipeline.config(database_user=role, database_password="new")
    assert bridge.call("PUT", f"/connectors/{pipeline.connector}/config", config)[0] == 200
    pipeline.wait_streaming()
    pipeline.wait_captured()
    assert [json.loads(record.value)["after"]["order_id"] for record in pipeline.broker.records(pipeline.topic)] == [1, 2]
