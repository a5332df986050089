"""publication.autocreate.mode: "disabled" needs the publication, "no_tables" makes an empty one; what is in it is captured."""
import json

from stack import wait_until


def test_publication_disabled(pipeline, source):
    pipeline.bridge.start((pipeline.connector, pipeline.config(publication_autocreate_mode="disabled", publication_name="mine")))
    assert 'publication "mine" does not exist' in pipeline.bridge.wait_failed(pipeline.connector)
    assert not source.one("SELECT count(*) FROM pg_replication_slots WHERE database = %s", args=(pipeline.database,))
    source.sql("CREATE PUBLICATION mine FOR TABLE orders", pipeline.database)
    pipeline.bridge.call("POST", f"/connectors/{pipeline.connector}/restart?includeTasks=true")
    pipeline.wait_streaming()
    source.sql("INSERT INTO orders VALUES (1, 1, 'x')", pipeline.database)
    wait_until("the row is captured", lambda: pipeline.topic in pipeline.broker.topics() and pipeline.broker.records(pipeline.topic))


def test_publication_no_tables(pipeline, source):
    pipeline.start_bridge(publication_autocreate_mode="no_tables", publication_name="My own",
                          publish_via_partition_root="true")
    pipeline.wait_streaming()
    assert source.sql("SELECT puballtables, pubviaroot FROM pg_publication WHERE pubname = 'My own'",
                      pipeline.database) == [(False, True)]
    source.sql("INSERT INTO orders VALUES (1, 1, 'not published'); ALTER PUBLICATION \"My own\" ADD TABLE orders; "
               "INSERT INTO orders VALUES (2, 2, 'published')", pipeline.database)
    wait_until("the second row is captured",
               lambda: pipeline.topic in pipeline.broker.topics() and pipeline.broker.records(pipeline.topic))
    assert [json.loads(record.value)["after"]["order_id"] for record in pipeline.broker.records(pipeline.topic)] == [2]
