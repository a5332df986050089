"""Ways to connect: TLS with verify-full, SCRAM with channel binding, password files, a connection service; what is wrong is told."""
import shutil
import subprocess

from pipeline import Pipeline
from refusals import insert
from stack import Postgres


def openssl(directory, *arguments):
    subprocess.run(["openssl", *arguments], check=True, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_authority(directory):
    """A certificate authority in `directory`, which has signed a certificate for localhost."""
    directory.mkdir()
    openssl(directory, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2",
            "-subj", "/CN=test authority")
    openssl(directory, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (directory / "names").write_text("subjectAltName=DNS:localhost\n")
    openssl(directory, "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "server.crt")
    return directory


def secret_file(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def test_connections(installation, base, dest, broker, programs, tmp_path, monkeypatch):
    authority, stranger = make_authority(tmp_path / "authority"), make_authority(tmp_path / "stranger")
    source = Postgres(installation, base, "tls")
    programs.append(source)
    source.role("sourceuser", "REPLICATION")
    for name in ("server.key", "server.crt"):
        shutil.copy(authority / name, source.data / name)
        shutil.chown(source.data / name, "postgres", "postgres")
        (source.data / name).chmod(0o600)
    source.sql("ALTER SYSTEM SET ssl = on")
    source.restart()
    pipeline = Pipeline(base, "t058", source, dest, broker)
    programs.append(pipeline.bridge)
    bridge, path = pipeline.bridge, f"/connectors/{pipeline.connector}/config"
    services = tmp_path / "services"
    services.write_text("[source]\npassword=sourceuser\nsslmode=require\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))

    def configure(**changes):
        status, answer = bridge.call("PUT", path, pipeline.config(**changes))
        assert status == 200, answer
        pipeline.wait_streaming()

    def refuse(word, **changes):
        """A configuration is only taken when it connects."""
        status, answer = bridge.call("PUT", path, pipeline.config(**changes))
        assert status == 400 and word in answer["message"], answer

    def encrypted():
        return source.sql("""SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                             WHERE usename = 'sourceuser'""")

    # without a password: in a file, in a service
    bridge.start((pipeline.connector, pipeline.config(database_password=None)))
    assert "driver.passfile" in bridge.wait_failed(pipeline.connector)
    configure(database_password=None, driver_passfile=secret_file(tmp_path / "passwords", "127.0.0.1:*:*:sourceuser:sourceuser\n"))
    refuse("definition of service", database_password=None, driver_service="no_such_service")
    configure(database_password=None, driver_service="source")
    assert encrypted() == [(True,)]

    # the server is who it should be
    verified = {"database_sslmode": "verify-full", "database_hostname": "localhost",
                "database_sslrootcert": str(authority / "ca.crt")}
    refuse("does not match host name", **{**verified, "database_hostname": "127.0.0.1"})
    refuse("certificate verify failed", **{**verified, "database_sslrootcert": str(stranger / "ca.crt")})
    assert bridge.stop() == 0
    bridge.start((pipeline.connector, pipeline.config(**{**verified, "database_sslrootcert": str(stranger / "ca.crt")})))
    trace = bridge.wait_failed(pipeline.connector)
    assert "certificate verify failed" in trace and "database.sslrootcert" in trace
    configure(**verified, driver_channelBinding="require")
    insert(pipeline, 1)
    pipeline.wait_captured()
    assert encrypted() == [(True,)]
    assert bridge.stop() == 0

    # libpq's own variable; and a server without TLS is not taken where TLS is asked for
    monkeypatch.setenv("PGPASSFILE", secret_file(tmp_path / ".pgpass", f"localhost:{source.port}:*:*:sourceuser\n"))
    bridge.start((pipeline.connector, pipeline.config(**verified, database_password=None)))
    pipeline.wait_streaming()
    source.sql("ALTER SYSTEM RESET ssl")
    source.restart()
    assert "does not support SSL" in bridge.wait_failed(pipeline.connector)
