"""replica.identity.autoset.values: set at the start, the first entry that fits counts, a table of somebody else is a warning."""


def test_replica_identity(pipeline, source):
    source.sql("""CREATE TABLE a1 (id INT PRIMARY KEY); CREATE TABLE a2 (id INT PRIMARY KEY);
                  CREATE TABLE "B b" (id INT PRIMARY KEY, u INT NOT NULL UNIQUE); CREATE TABLE kept (id INT PRIMARY KEY);
                  CREATE TABLE not_captured (id INT PRIMARY KEY)""", pipeline.database, "sourceuser")
    source.sql("CREATE TABLE foreign_to_us (id INT PRIMARY KEY); GRANT SELECT ON foreign_to_us TO sourceuser", pipeline.database)
    pipeline.start_bridge(
        table_include_list="public.(orders|a.|B b|kept|foreign_to_us)",
        replica_identity_autoset_values="public.a1:NOTHING,public.a.*:full , public.B.b:INDEX B_b_u_key,public.orders:DEFAULT,"
                                        "public.not_captured:FULL,public.foreign_to_us:FULL")
    assert dict(source.sql("SELECT relname, relreplident FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
                           pipeline.database)) == {
        "a1": "n", "a2": "f", "B b": "d", "kept": "d", "not_captured": "d", "orders": "d", "foreign_to_us": "d"}
    assert pipeline.bridge.logged(r"warning: could not set a replica identity: .*foreign_to_us")
    assert pipeline.bridge.logged(r'warning: could not set a replica identity: .*"b_b_u_key"')
