"""Values from configuration providers: used, and told nobody."""
import json

SECRET = "s3cret-of-the-source"
CLASSES = "org.apache.kafka.common.config.provider."


def test_providers(pipeline, source, tmp_path, monkeypatch):
    bridge, name = pipeline.bridge, pipeline.connector
    source.sql(f"CREATE ROLE kept LOGIN REPLICATION PASSWORD '{SECRET}' IN ROLE sourceuser")
    source.sql("CREATE EXTENSION decoder_debezium", pipeline.database)
    secrets = tmp_path / "secrets.properties"
    secrets.write_text(f"password={SECRET}\n")
    (tmp_path / "user").write_text("kept")
    monkeypatch.setenv("BRIDGE_TEST_PORT", str(source.port))
    bridge.properties.update({
        "config.providers": "file,env,dir", "config.providers.file.class": CLASSES + "FileConfigProvider",
        "config.providers.env.class": CLASSES + "EnvVarConfigProvider",
        "config.providers.dir.class": CLASSES + "DirectoryConfigProvider"})
    config = pipeline.config(database_user=f"${{dir:{tmp_path}:user}}", database_port="${env:BRIDGE_TEST_PORT}",
                             database_password=f"${{file:{secrets}:password}}", publication_autocreate_mode="no_tables")
    bridge.start()
    validate = "/connector-plugins/PostgresConnector/config/validate"
    assert bridge.call("PUT", validate, {"name": name, **config})[1]["error_count"] == 0
    status, created = bridge.call("POST", "/connectors", {"name": name, "config": config})
    assert status == 201 and created["config"] == {**config, "name": name}
    pipeline.wait_streaming()

    def told():
        return json.dumps([bridge.call("GET", path) for path in (
            "/connectors?expand=info&expand=status", f"/connectors/{name}/tasks", f"/connectors/{name}/offsets")])
    assert SECRET not in told()

    # a password that is wrong from now on: neither the trace nor the log shows it
    secrets.write_text("password=another-s3cret\n")
    bridge.call("POST", f"/connectors/{name}/restart?includeTasks=true")
    assert "password authentication failed" in bridge.wait_failed(name)
    assert "s3cret" not in told()
    secrets.unlink()
    status, answer = bridge.call("PUT", f"/connectors/{name}/config", config)
    assert status == 400 and str(secrets) in answer["message"]
    assert "s3cret" not in bridge.text()
    for record in pipeline.broker.records(bridge.properties["config.storage.topic"]):
        assert b"s3cret" not in (record.value or b"")


def test_no_such_provider(pipeline):
    bridge = pipeline.bridge
    bridge.properties["config.providers"] = "vault"
    bridge.start(wait=False)
    assert bridge.ended() != 0
    assert "config.providers.vault.class" in bridge.text()
