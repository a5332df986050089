"""A wrong password: FAILED with user, server and what to do; right again after a changed configuration."""


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
