"""A role that lacks a right: FAILED with what it lacks; with the right given, it runs."""
from refusals import call


def test_rights(pipeline, source):
    """One right after the other; the extension's is in test_065."""
    role = f"r_{pipeline.name}"[:60]
    source.role(role)
    source.sql(f"""CREATE EXTENSION decoder_debezium; CREATE SCHEMA hidden AUTHORIZATION sourceuser;
                   CREATE TABLE hidden.orders (id INT PRIMARY KEY); ALTER TABLE hidden.orders OWNER TO sourceuser;
                   GRANT SELECT ON hidden.orders TO {role}""", pipeline.database)
    pipeline.bridge.start((pipeline.connector, pipeline.config(
        database_user=role, database_password=role, table_include_list="public.orders,hidden.orders")))

    def lacks(*words):
        trace = pipeline.bridge.wait_failed(pipeline.connector)
        for word in words:
            assert word in trace, trace

    def grant(statement):
        source.sql(statement, pipeline.database)
        call(pipeline, "POST", "/restart?includeTasks=true&onlyFailed=true")

    try:
        lacks("REPLICATION", role)
        grant(f"ALTER ROLE {role} REPLICATION")
        lacks("permission denied for table orders", "SELECT on the tables")
        grant(f"GRANT SELECT ON public.orders TO {role}")
        lacks("permission denied for schema hidden", "USAGE on the schemas")
        grant(f"GRANT USAGE ON SCHEMA hidden TO {role}")
        pipeline.wait_streaming()
    finally:
        pipeline.bridge.stop()
        source.sql(f"DROP OWNED BY {role}; DROP ROLE {role}", pipeline.database)
