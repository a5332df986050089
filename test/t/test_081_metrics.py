"""/metrics of both daemons: pages that Prometheus can read, whose numbers are those of what was done; and /health."""
from stack import wait_until


def test_metrics(pipeline, source):
    pipeline.start_bridge()
    pipeline.start_applier()
    source.sql("""INSERT INTO orders SELECT i, i, 'Name' FROM generate_series(1, 7) i;
                  UPDATE orders SET user_id = 0 WHERE order_id <= 3;
                  DELETE FROM orders WHERE order_id <= 2""", pipeline.database, "sourceuser")
    pipeline.wait_captured()
    pipeline.wait_applied()

    own = f'connector="{pipeline.connector}"'
    topic = f'{own},topic="{pipeline.topic}"'
    wanted = {"debezium_bridge_up": 1, f'debezium_bridge_connector_state{{{own},state="RUNNING"}}': 1,
              f"debezium_bridge_in_flight_records{{{own}}}": 0,
              f"debezium_bridge_commit_to_acknowledged_seconds_count{{{own}}}": 1}
    for operation, count in {"c": 7, "u": 3, "d": 2, "x": 2}.items():
        wanted[f'debezium_bridge_records_total{{{topic},operation="{operation}"}}'] = count

    def shown():
        found = pipeline.bridge.metrics()
        return {name: found.get(name) for name in wanted} == wanted and found
    found = wait_until("the bridge's numbers are shown", shown)
    assert found[f"debezium_bridge_confirmed_lsn{{{own}}}"] <= found[f"debezium_bridge_stored_lsn{{{own}}}"] \
        <= found[f"debezium_bridge_received_lsn{{{own}}}"]
    assert pipeline.bridge.call("GET", "/health")[1]["status"] == "healthy"

    def applied():
        found = pipeline.applier.metrics()
        # two pipelines, and a delete is two records
        return sum(v for n, v in found.items() if n.startswith("debezium_applier_events_total{")) == 2 * 14 and found
    found = wait_until("the applier's numbers are shown", applied)
    assert [v for n, v in found.items() if n.startswith("debezium_applier_up{")] == [1, 1]
    assert sum(v for n, v in found.items() if n.startswith("debezium_applier_lag_records{")) == 0
