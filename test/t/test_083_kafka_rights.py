"""A guarded Kafka: what its rights, passwords and certificates refuse is told by name, and goes on once it is allowed."""
import subprocess

import pytest
from stack import TOP, Applier, Kafka, free_port, wait_until

PASSWORD = "its own; user=x"


def jaas(password):
    return ('org.apache.kafka.common.security.plain.PlainLoginModule required username="bridge" '
            f'password="{password}";')


def certificates(base):
    """A directory with the files of an authority, ca.pem, and of a broker at 127.0.0.1, broker.pem with its key."""
    directory = base / "certificates"
    directory.mkdir()

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=broker")
    (directory / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names",
            "-out", "certificate.pem")
    (directory / "broker.pem").write_text((directory / "key.pem").read_text() + (directory / "certificate.pem").read_text())
    return directory


@pytest.fixture(scope="module")
def guarded(base):
    """A Kafka with a door for users, one for TLS, and one without a lock, for the tests."""
    sasl, ssl, files = free_port(), free_port(), certificates(base)
    kafka = Kafka(base, "guarded", [
        f"listeners=PLAINTEXT://127.0.0.1:{{port}},SASL_PLAINTEXT://127.0.0.1:{sasl},SSL://127.0.0.1:{ssl},"
        "CONTROLLER://127.0.0.1:{controller_port}",
        f"advertised.listeners=PLAINTEXT://127.0.0.1:{{port}},SASL_PLAINTEXT://127.0.0.1:{sasl},SSL://127.0.0.1:{ssl}",
        "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL",
        "sasl.enabled.mechanisms=PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
        f'user_bridge="{PASSWORD}";',
        "ssl.keystore.type=PEM", f"ssl.keystore.location={files}/broker.pem",
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users=User:ANONYMOUS;User:CN=broker"])
    kafka.sasl, kafka.ssl, kafka.files = f"127.0.0.1:{sasl}", f"127.0.0.1:{ssl}", files
    yield kafka
    kafka.kill()


def rule(kafka, action, topic, *operations, kind="allow", group=None):
    """--add or --remove what the user of the bridge may do, or may not."""
    kafka.tool("org.apache.kafka.tools.AclCommand", action, "--force", f"--{kind}-principal", "User:bridge", "--topic", topic,
               *(("--group", group) if group else ()), *(a for o in operations for a in ("--operation", o)))


def attempt(pipeline):
    pipeline.bridge.call("POST", f"/connectors/{pipeline.connector}/restart?includeTasks=true")
    return pipeline.bridge.wait_failed(pipeline.connector)


def test_rights(pipeline, real_kafka, guarded):
    bridge, topic = pipeline.bridge, pipeline.topic
    pipeline.broker = guarded
    bridge.properties |= {"bootstrap.servers": guarded.sasl, "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
                          "sasl.jaas.config": jaas(PASSWORD)}
    offsets = bridge.properties["offset.storage.topic"]
    config = pipeline.config(snapshot_mode="no_data", producer_override_acks="1", slot_max_retries="0")

    bridge.start((pipeline.connector, config))
    trace = bridge.wait_failed(pipeline.connector)
    assert offsets in trace and "uthoriz" in trace and "Create" in trace, trace
    assert bridge.logged("producer.override.acks.* has no effect")

    # with Write on no topic at all Kafka refuses the producer its number
    rule(guarded, "--add", offsets, "Describe", "DescribeConfigs", "Read", "Create")
    trace = attempt(pipeline)
    assert "luster authorization failed" in trace and "IdempotentWrite" in trace, trace

    rule(guarded, "--add", offsets, "Write")
    bridge.call("POST", f"/connectors/{pipeline.connector}/restart?includeTasks=true")
    pipeline.wait_streaming()
    pipeline.source.sql("INSERT INTO orders VALUES (1, 1, 'refused at first')", pipeline.database, "sourceuser")
    trace = bridge.wait_failed(pipeline.connector)
    assert topic in trace and "uthoriz" in trace, trace

    guarded.create_topic(topic, 1)
    rule(guarded, "--add", topic, "Describe", "Read")
    trace = attempt(pipeline)
    assert f'could not write to topic "{topic}"' in trace and "Write" in trace, trace
    assert not guarded.records(topic)

    rule(guarded, "--add", topic, "Write")
    rule(guarded, "--add", offsets, "Write", kind="deny")
    trace = attempt(pipeline)
    assert f'could not write to topic "{offsets}"' in trace, trace
    rule(guarded, "--remove", offsets, "Write", kind="deny")
    bridge.call("POST", f"/connectors/{pipeline.connector}/restart?includeTasks=true")
    pipeline.wait_streaming()
    pipeline.wait_captured()
    assert len(guarded.records(topic)) == 1
    assert bridge.stop() == 0

    bridge.properties["sasl.jaas.config"] = jaas("another")
    bridge.start((pipeline.connector, config), wait=False)
    trace = bridge.wait_failed(pipeline.connector)
    assert guarded.sasl in trace and "uthenticat" in trace and "sasl.*" in trace, trace
    assert PASSWORD not in bridge.text() and "another" not in bridge.text()


def test_certificates(pipeline, real_kafka, guarded):
    bridge = pipeline.bridge
    pipeline.broker = guarded
    bridge.properties |= {"bootstrap.servers": guarded.ssl, "security.protocol": "SSL", "ssl.truststore.type": "PEM",
                          "ssl.truststore.location": f"{guarded.files}/ca.pem", "ssl.keystore.type": "PEM",
                          "ssl.keystore.location": f"{guarded.files}/broker.pem"}
    config = pipeline.config(snapshot_mode="no_data", slot_max_retries="0")
    bridge.start((pipeline.connector, config))
    pipeline.wait_streaming()
    pipeline.source.sql("INSERT INTO orders VALUES (1, 1, 'x')", pipeline.database, "sourceuser")
    pipeline.wait_captured()
    assert len(guarded.records(pipeline.topic)) == 1
    assert bridge.stop() == 0

    bridge.properties["ssl.truststore.location"] = f"{guarded.files}/certificate.pem"
    bridge.start((pipeline.connector, config), wait=False)
    trace = bridge.wait_failed(pipeline.connector)
    assert guarded.ssl in trace and "certificate" in trace, trace


SCRIPT = """
SET 'pipeline.name' = 'guarded';
SET 'errors.tolerance' = 'all';
SET 'errors.deadletterqueue.topic.name' = 'guarded_dead';
SET 'errors.deadletterqueue.topic.replication.factor' = '1';
CREATE TABLE events (id INT) WITH ('connector' = 'kafka', 'topic' = 'guarded_events', 'format' = 'json',
  'scan.startup.mode' = 'earliest-offset', 'properties.bootstrap.servers' = '{bootstrap}', 'properties.group.id' = 'guarded',
  'properties.security.protocol' = 'SASL_PLAINTEXT', 'properties.sasl.mechanism' = 'PLAIN', 'properties.sasl.jaas.config' = '{jaas}');
CREATE TABLE shown (id INT) WITH ('connector' = 'print');
INSERT INTO shown SELECT * FROM events;
"""


def test_applier(base, guarded, programs):
    """What the applier may read, and write as dead letters: --check tells, and so does a pipeline."""
    applier = Applier(base, "guarded-applier")
    programs.append(applier)
    applier.write(SCRIPT.format(bootstrap=guarded.sasl, jaas=jaas(PASSWORD)))
    guarded.create_topic("guarded_events", 2)
    guarded.produce("guarded_events", b"no JSON", b"key", 0)

    def check():
        done = subprocess.run([TOP / "applier/debezium_applier", "--check", *applier.files], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def state():
        jobs = applier.jobs()
        return (jobs[0]["state"], jobs[0]["trouble"]) if jobs else ("", "")

    status, said = check()
    assert status == 1 and 'could not look at topic "guarded_events": Broker: Topic authorization failed' in said, said
    rule(guarded, "--add", "guarded_events", "Describe")
    status, said = check()
    assert status == 1 and 'could not read topic "guarded_events": ' in said and "uthoriz" in said, said
    rule(guarded, "--add", "guarded_events", "Read", group="guarded")
    status, said = check()
    assert status == 1 and 'topic "guarded_events" can be read, partitions: 2' in said and \
        'could not look at topic "guarded_dead": Broker: Topic authorization failed' in said, said
    applier.start()
    wait_until("the pipeline is FAILED", lambda: state()[0] == "FAILED")
    assert 'could not create the dead letter topic "guarded_dead": ' in state()[1] and "uthoriz" in state()[1], state()
    applier.stop()
    rule(guarded, "--add", "guarded_dead", "Create", "Write")
    applier.start()
    guarded.produce("guarded_events", b'{"id": 1}', b"1", 1)
    applier.wait_log(r"(?m)^\+I\[1\]$")
    wait_until("the letter is there", lambda: "guarded_dead" in guarded.topics() and
               [(r.key, r.value) for r in guarded.records("guarded_dead")] == [(b"key", b"no JSON")])
    assert check()[0] == 0
    assert applier.stop() == 0
    assert PASSWORD not in applier.text()
