"""A slot of another plugin, as Debezium leaves it: FAILED with the steps to take; the slot is not touched."""


def test_slot_of_debezium(pipeline, source):
    source.sql("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", pipeline.database, args=(pipeline.slot,))
    before = source.sql("SELECT plugin, confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,))
    pipeline.bridge.start((pipeline.connector, pipeline.config()))
    trace = pipeline.bridge.wait_failed(pipeline.connector)
    assert pipeline.slot in trace and "pgoutput" in trace and "decoder_debezium" in trace
    assert "pg_drop_replication_slot" in trace or "slot.name" in trace or "--adopt" in trace
    assert before == source.sql("SELECT plugin, confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = %s",
                                args=(pipeline.slot,))
