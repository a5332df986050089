"""The REST listener: TLS, basic authentication, and clients that are slow or send rubbish."""
import base64
import contextlib
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from random import Random

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


def resident(pid):
    """kB of memory."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def unfinished(bridge, data):
    s = socket.create_connection(("127.0.0.1", bridge.port))
    s.setblocking(False)
    with contextlib.suppress(OSError):  # it may have been closed in favour of a later one
        s.send(data)
    return s


def answers_soon(bridge):
    begun = time.monotonic()
    assert bridge.call("GET", "/connectors") == (200, [])
    assert time.monotonic() - begun < 5


def test_slow_clients(bridge):
    """More connections than there may be, none of which finishes what it began: whoever comes is served."""
    bridge.start()
    head = b"POST /connectors HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    beginnings = (b"", b"G", b"GET /connectors HTTP/1.1\r\nHost", head + b"Content-Length: 1000\r\n\r\n{", head + b"Transfer-Encoding: chunked\r\n\r\n1",
                  head + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01")
    slow = [unfinished(bridge, beginnings[n % len(beginnings)]) for n in range(300)]
    answers_soon(bridge)
    for s in slow:
        s.close()
    # and none that asks again and again is taken for slow
    kept = http.client.HTTPConnection("127.0.0.1", bridge.port, timeout=20)
    slow = []
    for _ in range(200):
        slow.append(unfinished(bridge, beginnings[3]))
        kept.request("GET", "/connectors")
        assert kept.getresponse().read() == b"[]"
    for s in slow:
        s.close()


def test_large_bodies(bridge):
    """Bodies that are sent at the same time do not add up."""
    bridge.start()
    answers_soon(bridge)
    before, open_ones = resident(bridge.pid), []
    for _ in range(60):
        s = socket.create_connection(("127.0.0.1", bridge.port), timeout=20)
        s.sendall(b"PUT /connectors/x/config HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n" + b" " * 3_000_000)
        open_ones.append(s)
    answers_soon(bridge)
    assert resident(bridge.pid) - before < 100_000
    open_ones[-1].sendall(b" " * 1_000_000)
    assert b"503" in open_ones[-1].recv(4096).split(b"\r\n")[0]
    for s in open_ones:
        s.close()
    wait_until("there is room again", lambda: bridge.call("PUT", "/connectors/x/config", b"[" + b" " * 3_000_000)[0] in (400, 500))


def test_pipelined(bridge):
    """Several requests in one packet are answered in their order, those that wait for Kafka too."""
    bridge.start()
    body = b'{"name":"x","config":{"connector.class":"none"}}'
    post = b"POST /connectors HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    get = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", bridge.port), timeout=20) as s:
        s.sendall(get % b"connectors" + post + get % b"nothing" + post + get % b"health")
        answer = b""
        while len(statuses := re.findall(rb"HTTP/1\.1 (\d+) ", answer)) < 5:
            answer += s.recv(65536)
    assert statuses == [b"200", b"400", b"404", b"400", b"200"]
    answers_soon(bridge)


def mutated(random, data):
    """Some bytes changed, left out, doubled or moved."""
    data = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        at, to = sorted(random.randrange(len(data) + 1) for _ in range(2))
        what = random.randrange(5)
        if what == 0 and at < len(data):
            data[at] = random.choice(b"\0\r\n %/:{}[]\"\\,0aZ\x7f\xc3\xff")
        elif what == 1 and to - at < 40:
            del data[at:to]
        elif what == 2:
            data[at:at] = data[at:to][:200]
        elif what == 3:
            data[at:at] = random.choice((b"\r\n", b"\r\n\r\n", b"9" * 30, b"{" * 50, b"%00", b"\\u0000", b"\\ud800", b"1e999", b"null", b"-1"))
        else:
            data[:] = data[to:] + data[:to] if random.random() < 0.2 else data
    return bytes(data) or b"x"


@pytest.mark.parametrize("seed", [int(os.environ.get("FUZZ_SEED", 1))])
def test_fuzz(bridge, seed):
    """Requests and bodies that are nearly right: whatever is answered, the bridge goes on and nothing is created."""
    bridge.start()
    random, pid = Random(seed), bridge.pid
    rounds = int(os.environ.get("FUZZ_ROUNDS", 150))
    # without a database that could be asked, so that no round has to wait for one
    config = json.dumps({"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "name": "f", "topic.prefix": "",
                         "transforms": "a", "transforms.a.type": "x", "database.port": "0", "table.include.list": "a(b"}).encode()
    offsets = b'{"offsets":[{"partition":{"server":"p"},"offset":{"lsn":1,"lsn_proc":1}}]}'
    bodies = [(b"POST", b"/connectors", b'{"name":"f","initial_state":"RUNNING","config":' + config + b"}"), (b"PUT", b"/connectors/f/config", config),
              (b"PATCH", b"/connectors/f/config", b'{"a":null,"b":"c"}'), (b"PATCH", b"/connectors/f/offsets", offsets),
              (b"PUT", b"/admin/loggers/none", b'{"level":"INFO"}'), (b"POST", b"/connectors/f/restart?includeTasks=true&onlyFailed=x", b""),
              (b"GET", b"/connectors?expand=info&expand=status", b"")]
    for _ in range(rounds):
        method, path, body = random.choice(bodies)
        head = b"%s %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n" % (method, path)
        how = random.randrange(3)
        if how == 0:                    # the request as a whole
            data = mutated(random, head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        elif how == 1:                  # its chunks
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:5], body[5:]) if part) + b"0\r\n\r\n"
            data = head + b"Transfer-Encoding: chunked\r\n\r\n" + mutated(random, chunks)
        else:                           # the JSON
            body = mutated(random, body or b"{}")
            data = head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        answer = raw(bridge, data, 0.5)     # of one that is not whole there is none
        assert not answer or re.match(rb"HTTP/1\.[01] [1-5]\d\d ", answer), (data, answer[:100])
        assert not answer.startswith(b"HTTP/1.1 201"), data
    answers_soon(bridge)
    assert bridge.running() and bridge.pid == pid and not bridge.logged("(?i)signal|assert")


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
