"""Bad connector configurations: refused with what is wrong in them, by the command line and by REST."""
import pytest
from stack import TOP, Bridge


@pytest.mark.parametrize("text, reason", [
    ('{"name": "x", "config": {', "x.json"),
    ('{"config": {}}', "name"),
    ('{"name": "x"}', "database.hostname"),
])
def test_bad_file(text, reason, broker, programs, tmp_path):
    bridge = Bridge(tmp_path, broker, "bad")
    programs.append(bridge)
    file = tmp_path / "x.json"
    file.write_text(text)
    worker = tmp_path / "worker.properties"
    worker.write_text("".join(f"{k}={v}\n" for k, v in bridge.properties.items()))
    bridge.spawn(TOP / "bridge/debezium_bridge", worker, file)
    assert bridge.ended() != 0
    assert reason in bridge.text()


def test_bad_body(pipeline):
    bridge = pipeline.bridge
    bridge.start()
    for body in (b"{", b"[]", b'{"name": 1}'):
        status, answer = bridge.call("POST", "/connectors", body)
        assert status in (400, 500) and answer["message"], body
    for changes, reason in (({"topic_prefix": None}, "topic.prefix"),
                            ({"database_hostname": None}, "database.hostname"),
                            ({"connector_class": "io.debezium.connector.mysql.MySqlConnector"}, "mysql.MySqlConnector"),
                            ({"table_exclude_list": "public.other"}, "table.exclude.list"),
                            ({"decimal_handling_mode": "sometimes"}, "decimal.handling.mode")):
        status, answer = bridge.call("POST", "/connectors", {"name": pipeline.connector, "config": pipeline.config(**changes)})
        assert status in (400, 500), changes
        assert reason in answer["message"]
    assert bridge.call("GET", "/connectors") == (200, [])
