"""What the plugin warns about gets into the bridge's log: filters that match nothing."""


def test_filter_warnings(pipeline):
    pipeline.start_bridge(table_include_list="public.orders,public.nothing", column_exclude_list="public.orders.nope")
    assert pipeline.bridge.logged(r'warning: PostgreSQL warns: regular expression "public.nothing" in property "table.include.list" '
                                  r"matches no table: It is compared with the whole name, schema.table")
    assert pipeline.bridge.logged(r'warning: .*"public.orders.nope" in property "column.exclude.list" matches no column')
