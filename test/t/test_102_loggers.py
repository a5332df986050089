"""/admin/loggers: levels are shown and set, for the workers too."""
from stack import wait_until


def test_loggers(pipeline):
    bridge = pipeline.bridge
    pipeline.start_bridge()
    assert bridge.call("GET", "/admin/loggers") == (200, {"debezium_bridge": {"level": "INFO", "last_modified": None}})
    assert bridge.call("GET", "/admin/loggers/io.nothing")[0] == 404
    assert bridge.call("PUT", "/admin/loggers/root", {"level": "LOUD"}) == (
        404, {"error_code": 404, "message": "invalid log level 'LOUD'."})
    assert bridge.call("PUT", "/admin/loggers/root", {})[0] == 400
    assert bridge.call("PUT", "/admin/loggers/io.nothing", {"level": "DEBUG"}) == (200, [])
    assert bridge.call("GET", "/admin/loggers/root")[1]["level"] == "INFO"

    # a worker that runs hears of it, and one that starts afterwards; the server says that it streams before the worker does
    bridge.wait_log("streaming from slot")
    assert bridge.call("PUT", "/admin/loggers/io.debezium", {"level": "error"}) == (200, ["debezium_bridge"])
    shown = bridge.call("GET", "/admin/loggers/root")[1]
    assert shown["level"] == "ERROR" and shown["last_modified"] > 1700000000000
    before = bridge.text()
    assert bridge.call("POST", f"/connectors/{pipeline.connector}/restart?includeTasks=true")[0] == 202
    wait_until("it runs again", lambda: bridge.state(pipeline.connector)[:2] == ("RUNNING", "RUNNING"))
    pipeline.wait_streaming()
    assert bridge.text() == before
    assert bridge.call("PUT", "/admin/loggers/root", {"level": "TRACE"})[0] == 200
    assert bridge.call("POST", f"/connectors/{pipeline.connector}/restart?includeTasks=true")[0] == 202
    wait_until("it says so", lambda: bridge.text() != before)
