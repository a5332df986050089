"""The REST listener: TLS, basic authentication, and clients that are slow or send rubbish."""
import base64
import json
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from stack import wait_until


@pytest.fixture
def bridge(pipeline):
    return pipeline.bridge


def ask(url, user=None, context=None):
    request = urllib.request.Request(url)
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=20, context=context) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("WWW-Authenticate")


def raw(bridge, data, wait=5):
    """What is answered to these bytes."""
    with socket.create_connection(("127.0.0.1", bridge.port), timeout=wait) as s:
        answer = b""
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while chunk := s.recv(65536):
                answer += chunk
        except OSError:
            pass
        return answer


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_tls(bridge, tmp_path):
    key, certificate, both = (tmp_path / name for name in ("key.pem", "cert.pem", "both.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=bridge", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
    both.write_text(key.read_text() + certificate.read_text())
    url = f"https://127.0.0.1:{bridge.port}"
    bridge.properties.update({"listeners": url, "listeners.https.ssl.keystore.type": "PEM",
                              "listeners.https.ssl.keystore.location": str(both)})
    bridge.start(wait=False)
    bridge.wait_log("REST API on port")
    context = ssl.create_default_context(cafile=certificate)
    assert ask(url + "/", context=context)[1]["version"]
    wait_until("the connectors are read", lambda: ask(url + "/connectors", context=context) == (200, []))
    old = ssl.create_default_context(cafile=certificate)
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    for bad in (ssl.create_default_context(), old):
        with pytest.raises(urllib.error.URLError):
            ask(url + "/", context=bad)
    assert not raw(bridge, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert ask(url + "/", context=context)[0] == 200


def test_basic_auth(bridge, tmp_path):
    file = tmp_path / "credentials"
    file.write_text("# who may\nadmin=right:one\nother=x\n")
    bridge.properties["rest.basic.auth.credentials.file"] = str(file)
    bridge.start(wait=False)
    bridge.wait_log("REST API on port")
    for user in (None, "admin:wrong", "admin:", "admin:right:on", "admin:right:onee", "nobody:x", ":"):
        status, scheme = ask(bridge.url + "/connectors", user)
        assert status == 401 and scheme.startswith("Basic "), user
    assert ask(bridge.url + "/", "admin:right:one")[0] == 200
    assert ask(bridge.url + "/", "other:x")[0] == 200
    assert "right:one" not in bridge.text()


@pytest.mark.parametrize("properties, reason", [
    ({"rest.extension.classes": "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension"},
     "rest.basic.auth.credentials.file"),
    ({"rest.extension.classes": "com.example.Guard"}, "com.example.Guard"),
    ({"rest.basic.auth.credentials.file": "/no/such/file"}, "/no/such/file"),
    ({"listeners": "https://127.0.0.1:0"}, "keystore.type"),
    ({"listeners": "https://127.0.0.1:0", "ssl.keystore.type": "PEM"}, "needs a certificate"),
    ({"listeners": "https://127.0.0.1:0", "ssl.keystore.type": "PEM", "ssl.client.auth": "required"}, "ssl.client.auth"),
    ({"listeners": "https://127.0.0.1:0", "ssl.keystore.type": "PEM", "ssl.keystore.key": "-----BEGIN PRIVATE KEY-----",
      "ssl.keystore.certificate.chain": "-----BEGIN CERTIFICATE-----"}, "could not start the HTTPS server"),
])
def test_refused(bridge, properties, reason):
    """What was meant to protect and cannot be had stops the start."""
    bridge.properties.update(properties)
    bridge.start(wait=False)
    assert bridge.ended() != 0
    assert reason in bridge.text()


def test_bad_clients(bridge):
    bridge.start()
    pid = bridge.pid
    slow = []
    for _ in range(100):                # that never finish what they began
        s = socket.create_connection(("127.0.0.1", bridge.port))
        s.sendall(b"POST /connectors HTTP/1.1\r\nContent-Length: 1000\r\nContent-Type: app")
        slow.append(s)
    begun = time.monotonic()
    assert bridge.call("GET", "/connectors") == (200, [])
    assert time.monotonic() - begun < 5
    head = b"POST /connectors HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    for data in (b"\0" * 4096, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"A: " + b"b" * 300000 + b"\r\n\r\n",
                 b"GET /%zz%00%ff/../ HTTP/1.1\r\nHost: x\r\n\r\n", head + b"Content-Length: -5\r\n\r\n{}",
                 head + b"Content-Length: 99999999999999999999\r\n\r\n{}", head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
                 head + b"Content-Length: 100\r\n\r\n{", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"):
        answer = raw(bridge, data, 2)
        assert not answer.startswith(b"HTTP/1.1 2"), data[:60]
    for body in (b"[" * 100000, b'{"name":' * 50000, b'{"name":"x","config":{"a":"\\ud800"}}', b"\xff\xfe", b'{"name":"x","config":"y"}',
                 b'{"name":"x","config":[1]}', b'{"name":null,"config":{}}', b'{"config":{"connector.class":1}}'):
        status, answer = bridge.call("POST", "/connectors", body)
        assert status in (400, 500) and answer["message"], body[:60]
    assert bridge.call("POST", "/connectors", b" " * 5_000_000)[0] == 413
    assert bridge.call("GET", "/connectors") == (200, [])
    for s in slow:
        s.close()
    assert bridge.running() and bridge.pid == pid
