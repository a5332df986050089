"""An idle table holds no WAL: writes to other tables move the slot, although nothing is sent."""


def test_idle_slot(pipeline, source):
    pipeline.start_bridge()
    source.sql("CREATE TABLE other (id INT); INSERT INTO other SELECT generate_series(1, 10000)", pipeline.database)
    pipeline.wait_captured()
    assert pipeline.topic not in pipeline.broker.topics() or not pipeline.broker.records(pipeline.topic)
