"""A port that is taken: both daemons say which, and end with a status that is not 0."""
import socket



def test_port_taken(pipeline, base, broker, programs):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        pipeline.bridge.properties["listeners"] = f"http://127.0.0.1:{port}"
        pipeline.bridge.start(wait=False)
        pipeline.applier.port = port
        pipeline.applier.start(*pipeline.scripts(), wait=False)
        for program in (pipeline.bridge, pipeline.applier):
            assert program.ended() != 0
            assert str(port) in program.text() and "in use" in program.text()
