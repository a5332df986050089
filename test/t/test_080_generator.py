"""mock_stream changes orders in all three ways, and says what is wrong when it cannot."""
import subprocess

import pytest
from stack import TOP, Program, wait_until


@pytest.fixture
def environment(pipeline, source, installation):
    return {"POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": str(source.port), "POSTGRES_USER": "sourceuser",
            "POSTGRES_PASSWORD": "sourceuser", "POSTGRES_DB": pipeline.database, "PATH": f"{installation.bin}:/usr/bin:/bin"}


def test_generator(pipeline, source, base, environment, programs):
    generator = Program("mock_stream", base / "mock_stream.log")
    programs.append(generator)
    generator.spawn(TOP / "demo/mock_stream", env={**environment, "INTERVAL_SECONDS": "0.001"})

    def all_three():
        generator.check_running()
        return source.one("""SELECT n_tup_ins > 5 AND n_tup_upd > 5 AND n_tup_del > 5 FROM pg_stat_user_tables
                             WHERE relname = 'orders'""", pipeline.database)
    wait_until("inserts, updates and deletes", all_three)
    assert generator.stop() == 0


@pytest.mark.parametrize("change, reason", [
    ({"POSTGRES_PORT": "1"}, "refused"), ({"POSTGRES_PASSWORD": "wrong"}, "password authentication failed"),
    ({"POSTGRES_DB": "nowhere"}, "nowhere"), ({"INTERVAL_SECONDS": "often"}, "invalid interval")])
def test_generator_fails(change, reason, environment):
    result = subprocess.run([TOP / "demo/mock_stream"], env={**environment, **change}, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, timeout=30)
    assert result.returncode == 1 and reason in result.stdout
