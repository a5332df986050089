"""Topics are created as topic.creation.* says, and partitions that are added while a connector runs are taken into use."""
from confluent_kafka import KafkaException
from confluent_kafka.admin import ConfigResource, NewPartitions
from pipeline import Workloads
from stack import wait_until

RULES = {"topic.creation.default.partitions": "2", "topic.creation.default.replication.factor": "-1",
         "topic.creation.groups": "wide, unused", "topic.creation.wide.include": r"no.such, t\d+_.*\.public\.orders",
         "topic.creation.wide.exclude": ".*deleted", "topic.creation.wide.partitions": "3",
         "topic.creation.wide.max.message.bytes": "2000000", "topic.creation.unused.include": r".*\.orders"}


def setting(broker, topic, name):
    admin, resource = broker.admin(), ConfigResource(ConfigResource.Type.TOPIC, topic)
    return admin.describe_configs([resource])[resource].result(30)[name].value


def test_creation(pipeline, real_kafka, source):
    source.sql("CREATE TABLE other (id int PRIMARY KEY)", pipeline.database, "sourceuser")
    pipeline.start_bridge(table_include_list="public.*", **RULES)
    source.sql("INSERT INTO orders VALUES (1, 1, 'x'); INSERT INTO other VALUES (1)", pipeline.database, "sourceuser")
    pipeline.wait_captured()
    other = f"{pipeline.name}.public.other"
    topics = real_kafka.topics()
    assert (topics[pipeline.topic], topics[other]) == (3, 2)
    assert setting(real_kafka, pipeline.topic, "max.message.bytes") == "2000000"
    assert setting(real_kafka, other, "max.message.bytes") != "2000000"

    wrong = pipeline.config(**RULES | {"topic.creation.wide.partitions": "0"}, name=pipeline.connector)
    status, answer = pipeline.bridge.call("PUT", "/connector-plugins/PostgresConnector/config/validate", wrong)
    assert status == 200 and answer["error_count"] == 1


def is_written(broker, topic, partition):
    """Has the partition records?  A new one may have no leader yet."""
    try:
        return broker.ends(topic).get(partition, (0, 0))[1] > 0
    except KafkaException:
        return False


def test_partitions_added(pipeline, real_kafka):
    real_kafka.create_topic(pipeline.topic, 2)
    pipeline.watch()
    pipeline.start_bridge(producer_override_metadata_max_age_ms="500")
    load = Workloads(pipeline).start()
    load.wait_more(300)
    admin = real_kafka.admin()
    for count in (3, 7):
        for future in admin.create_partitions([NewPartitions(pipeline.topic, count)]).values():
            future.result(30)
        load.wait_more(100)
        wait_until("new partitions are used", lambda n=count: is_written(real_kafka, pipeline.topic, n - 1))
    assert pipeline.bridge.text().count("streaming from slot") == 1
    pipeline.bridge.kill_worker(pipeline.connector)
    load.wait_more(300)
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()
