"""The Python that runs the recorders of Debezium's and Kafka Connect's behaviour."""
import hashlib
import os
import subprocess
import tempfile
from pathlib import Path


def recorder_python(reference):
    """The Python of an environment that has what the recorder requires; it is kept for the next run."""
    requirements = reference / "requirements.txt"
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "decoder_debezium"
    venv = cache / f"recorder-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}"
    if not venv.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix="recorder.new.", dir=cache))
        subprocess.run(["/usr/bin/python3", "-m", "venv", new], check=True)
        subprocess.run([new / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements],
                       check=True)
        os.replace(new, venv)
    return venv / "bin/python"
