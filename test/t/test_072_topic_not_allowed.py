"""A topic that the bridge may not write: FAILED with the topic's name; nothing is confirmed, nothing is lost afterwards."""
from stack import Kafka


def acls(kafka, *arguments):
    kafka.tool("org.apache.kafka.tools.AclCommand", "--force", *arguments)


def test_topic_not_allowed(pipeline, real_kafka, base, source, programs):
    # what has no rules is allowed to everybody
    kafka = Kafka(base, "closed", ["authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                                   "allow.everyone.if.no.acl.found=true"])
    programs.append(kafka)
    pipeline.broker = kafka
    pipeline.bridge.properties["bootstrap.servers"] = kafka.bootstrap
    kafka.create_topic(pipeline.topic, 1)
    allow = ["--allow-principal", "User:ANONYMOUS", "--topic", pipeline.topic]
    acls(kafka, "--add", *allow, "--operation", "Read", "--operation", "Describe")
    pipeline.watch()
    pipeline.bridge.start((pipeline.connector, pipeline.config()))
    pipeline.wait_streaming()
    source.sql("INSERT INTO orders VALUES (1, 1, 'refused at first')", pipeline.database, "sourceuser")
    trace = pipeline.bridge.wait_failed(pipeline.connector)
    assert pipeline.topic in trace and "uthoriz" in trace
    assert not source.confirmed(pipeline.slot, source.wal_end())

    acls(kafka, "--add", *allow, "--operation", "Write")
    pipeline.bridge.call("POST", f"/connectors/{pipeline.connector}/restart?includeTasks=true")
    pipeline.wait_streaming()
    pipeline.wait_captured()
    pipeline.check_topic()
