"""Validation of configurations: values by the table of properties, and what is wrong with the server."""
import socket
import time

import pytest

VALIDATE = "/connector-plugins/PostgresConnector/config/validate"


def validate(bridge, config, name="x"):
    """{property: [message]} of what is wrong."""
    status, answer = bridge.call("PUT", VALIDATE, {"name": name, **config})
    assert status == 200, answer
    errors = {c["value"]["name"]: c["value"]["errors"] for c in answer["configs"] if c["value"]["errors"]}
    assert answer["error_count"] == sum(len(e) for e in errors.values())
    return errors


@pytest.fixture
def bridge(pipeline):
    pipeline.bridge.start()
    return pipeline.bridge


def test_right(bridge, pipeline):
    assert validate(bridge, pipeline.config()) == {}
    definitions = bridge.call("GET", "/connector-plugins/Postgres/config")[1]
    assert {"topic.prefix", "slot.name", "tasks.max"} < {d["name"] for d in definitions}
    assert bridge.call("GET", "/connector-plugins/NoSuch/config")[0] == 404


def test_values(bridge, pipeline):
    """Several properties at once, each with its messages; POST and PUT say the same."""
    config = pipeline.config(slot_name="Bad-Slot", poll_interval_ms="-1", table_include_list="public.(t", topic_prefix=None)
    errors = validate(bridge, config)
    assert set(errors) == {"slot.name", "poll.interval.ms", "table.include.list", "topic.prefix"}
    for status, answer in (bridge.call("POST", "/connectors", {"name": "x", "config": config}),
                           bridge.call("PUT", "/connectors/x/config", config)):
        assert status == 400 and "contains the following 4 error(s)" in answer["message"]
        assert all(message in answer["message"] for messages in errors.values() for message in messages)
    status, answer = bridge.call("POST", "/connectors", {"name": "a/b", "config": pipeline.config()})
    assert status == 400 and "slash" in answer["message"]
    assert bridge.call("GET", "/connectors") == (200, [])


def test_transforms(bridge, pipeline):
    """What a user names has definitions, too."""
    config = {"name": "x", **pipeline.config(transforms="unwrap,none", transforms_unwrap_type="io.debezium.transforms.ExtractNewRecordState",
                                             predicates="p", predicates_p_type="no.such.Predicate")}
    answer = bridge.call("PUT", VALIDATE, config)[1]
    assert {"Transforms: unwrap", "Transforms: none", "Predicates: p"} < set(answer["groups"])
    configs = {c["definition"]["name"]: c for c in answer["configs"]}
    assert len(configs) == len(answer["configs"])
    assert configs["transforms.unwrap.type"]["value"]["errors"] == []
    assert "io.debezium.transforms.ExtractNewRecordState" in configs["transforms.none.type"]["value"]["recommended_values"]
    assert configs["transforms.none.type"]["value"]["errors"] == [
        'Missing required configuration "transforms.none.type" which has no default value.']
    assert "no.such.Predicate could not be found" in configs["predicates.p.type"]["value"]["errors"][0]
    assert answer["error_count"] == 2


def test_server(bridge, pipeline, source):
    """Whatever hinders a connection is told, and never with the password."""
    for changes, word in (({"database_port": "1"}, "Connection to 127.0.0.1:1 refused"),
                          ({"database_hostname": "no-such-host.invalid"}, "no-such-host.invalid"),
                          ({"database_dbname": "no_such_db"}, 'FATAL: database "no_such_db" does not exist'),
                          ({"database_password": "s3cret"}, 'FATAL: password authentication failed for user "sourceuser"')):
        errors = validate(bridge, pipeline.config(**changes))
        assert list(errors) == ["database.hostname"]
        assert word in errors["database.hostname"][0] and "s3cret" not in str(errors)
    assert "s3cret" not in bridge.text()

    source.role("readonly")
    errors = validate(bridge, pipeline.config(database_user="readonly", database_password="readonly"))
    assert list(errors) == ["database.user"] and "REPLICATION" in errors["database.user"][0]


def test_silent_server(bridge, pipeline):
    """A server that says nothing costs the time allowed, and nobody else waits."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = pipeline.config(database_port=str(silent.getsockname()[1]), connection_validation_timeout_ms="1500")
        begun = time.monotonic()
        errors = validate(bridge, config)
        assert 1 < time.monotonic() - begun < 10
        assert "did not answer in time" in errors["database.hostname"][0]
        assert bridge.call("GET", "/connectors") == (200, [])
