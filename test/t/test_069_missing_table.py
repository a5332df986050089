"""A table list that names no table: the bridge says so by name; the table is captured once it is there."""


def test_missing_table(pipeline, source):
    pipeline.start_bridge(table_include_list="public.ordres")
    pipeline.bridge.wait_log(r"public\.ordres")
    source.sql("CREATE TABLE ordres (id INT PRIMARY KEY); INSERT INTO ordres VALUES (1)", pipeline.database, "sourceuser")
    pipeline.wait_captured()
    assert [r.key for r in pipeline.broker.records(f"{pipeline.name}.public.ordres")] == [b'{"id":1}']
