"""What clients of Kafka Connect send, as it was seen on the wire, and what they need to find in the answers.

requests: kafka-connect-py 1.0.0, connectorctl, kafka-connect-api 0.5.10; resty: go-kafka-connect, and with it the Terraform provider;
kcctl: its REST interface.  Where a real Kafka Connect 4.3.1 answered otherwise, that was the bridge's fault."""
import http.client
import json

import pytest
from stack import wait_until

REQUESTS = {"User-Agent": "python-requests/2.32.3", "Accept-Encoding": "gzip, deflate", "Accept": "*/*", "Connection": "keep-alive"}
REQUESTS_API = {**REQUESTS, "Accept": "application/json", "Content-type": "application/json"}
RESTY = {"User-Agent": "go-resty/1.12.0 (https://github.com/go-resty/resty)", "Accept": "application/json", "Accept-Encoding": "gzip"}
KCCTL = {"User-Agent": "Quarkus REST Client", "Accept": "application/json", "Connection": "Keep-Alive"}
JSON, JSON_UTF8 = {"Content-Type": "application/json"}, {"Content-Type": "application/json; charset=utf-8"}


class Client:
    """A connection that is kept, as these clients keep it."""

    def __init__(self, bridge, headers):
        self.headers, self.connection = headers, http.client.HTTPConnection("127.0.0.1", bridge.port, timeout=60)

    def __call__(self, method, path, body=None, more=None):
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        self.connection.request(method, path, data, {**self.headers, **(more or {})})
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == 204 or answer.getheader("Content-Length") is not None
        return answer.status, json.loads(text) if text else None

    def until(self, path, wanted, what):
        return wait_until(what, lambda: wanted(self("GET", path)[1]))


def task_state(status):
    return [task["state"] for task in status["tasks"]]


@pytest.fixture
def bridge(pipeline):
    pipeline.bridge.start()
    return pipeline.bridge


def test_requests(pipeline, bridge):
    call, name = Client(bridge, REQUESTS), pipeline.connector
    path = f"/connectors/{name}"
    assert set(call("GET", "/")[1]) == {"version", "commit", "kafka_cluster_id"}
    assert call("GET", "/connector-plugins")[1][0]["class"].endswith("PostgresConnector")
    assert len(call("GET", "/connector-plugins?connectorsOnly=False")[1]) > 1
    assert call("PUT", "/connector-plugins/PostgresConnector/config/validate", {**pipeline.config(), "name": name}, JSON)[1]["error_count"] == 0
    assert call("POST", "/connectors", {"name": name, "config": pipeline.config()}, JSON)[0] == 201
    call.until(path + "/status", lambda status: task_state(status) == ["RUNNING"], "its task runs")
    assert call("GET", path + "/tasks")[1][0]["id"] == {"connector": name, "task": 0}
    assert call("GET", path + "/topics")[1][name]["topics"] is not None
    assert call("PUT", path + "/topics/reset")[0] == 202
    assert call("PUT", path + "/config", {**pipeline.config(), "poll.interval.ms": "100"}, JSON)[0] == 200
    # Python writes its booleans so
    status, answer = call("POST", path + "/restart?includeTasks=True&onlyFailed=False")
    assert status == 202 and answer["connector"]["state"] == "RESTARTING"
    for action, state in (("pause", "PAUSED"), ("resume", "RUNNING")):
        assert call("PUT", f"{path}/{action}") == (202, None)
        call.until(path + "/status", lambda status, state=state: task_state(status) == [state], state)
    assert call("POST", path + "/tasks/0/restart") == (204, None)
    for method, what in (("GET", ""), ("GET", "/status"), ("DELETE", "")):
        status, answer = call(method, "/connectors/nope" + what)
        assert status == 404 and answer["error_code"] == 404 and answer["message"]

    # with a content type for requests that have no body, as monitors send it; a HEAD is a load balancer's
    call = Client(bridge, REQUESTS_API)
    assert call("GET", "/connectors") == (200, [name])
    assert call("POST", path + "/restart")[0] == 204
    assert call("HEAD", "/connectors") == (200, None)
    assert call("DELETE", path) == (204, None)


def test_terraform(pipeline, bridge):
    """apply, a second apply that changes nothing, a change, destroy; each waits until it sees what it has asked for."""
    call, name, config = Client(bridge, RESTY), pipeline.connector, pipeline.config()
    path = f"/connectors/{name}"
    assert call("GET", path)[0] == 404
    assert call("POST", "/connectors", {"name": name, "config": config}, JSON_UTF8)[0] == 201
    assert call("GET", path)[0] == 200
    assert call("GET", path + "/config")[1] == {**config, "name": name}
    status = call("GET", path + "/status")[1]
    assert all(isinstance(value, str) for value in status["connector"].values())
    config["max.batch.size"] = "100"
    assert call("PUT", path + "/config", config, JSON_UTF8)[0] == 200
    assert call("GET", path + "/config")[1] == {**config, "name": name}
    assert call("PUT", path + "/pause", more={"Content-Length": "0"})[0] == 202
    call.until(path + "/status", lambda status: status["connector"]["state"] == "PAUSED", "it is paused")
    assert call("DELETE", path)[0] == 204
    assert call("GET", path)[0] == 404


def test_kcctl(pipeline, bridge):
    call, name = Client(bridge, KCCTL), pipeline.connector
    path = f"/connectors/{name}"
    assert call("GET", "/connectors/") == (200, [])
    assert call("POST", "/connectors/", {"name": name, "config": pipeline.config()}, JSON)[0] == 201
    call.until(path + "/status", lambda status: task_state(status) == ["RUNNING"], "its task runs")
    assert set(call("GET", "/connectors?expand=info&expand=status")[1][name]) == {"info", "status"}
    assert call("GET", "/connector-plugins?connectorsOnly=true")[0] == 200
    assert call("GET", "/connector-plugins/PostgresConnector/config")[1][0]["name"]
    assert call("POST", path + "/restart?includeTasks=true&onlyFailed=false", "", JSON)[0] == 202
    for logger in ("root", "io.debezium"):
        assert call("GET", f"/admin/loggers/{logger}")[1]["level"] == "INFO"
        assert call("PUT", f"/admin/loggers/{logger}?scope=worker", '{"level":"INFO"}', JSON)[0] == 200
        assert call("PUT", f"/admin/loggers/{logger}?scope=cluster", '{"level":"INFO"}', JSON)[0] == 204
    assert call("GET", path + "/tasks-config")[0] == 404        # no longer in Connect 4 either
    pipeline.wait_captured()
    assert call("PUT", path + "/stop", "", JSON)[0] == 204
    call.until(path + "/status", lambda status: (status["connector"]["state"], status["tasks"]) == ("STOPPED", []), "it is stopped")
    offsets = wait_until("offsets can be read", lambda: call("GET", path + "/offsets")[1]["offsets"])
    assert call("PATCH", path + "/offsets", {"offsets": offsets}, JSON)[0] == 200
    assert call("DELETE", path + "/offsets")[0] == 200
    assert call("DELETE", path)[0] == 204
