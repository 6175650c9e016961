"""The portal as it is served in production, on the test's database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


@contextmanager
def serve() -> Iterator[tuple[str, uvicorn.Server]]:
    """The portal behind uvicorn in a thread: its address, and the server. Fails when it will not stop."""
    from portal.asgi import application

    server = uvicorn.Server(uvicorn.Config(application, port=0, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.should_exit = True
        thread.join(10)
        for pump in [one for one in threading.enumerate() if one.name == "event-stream-pump"]:
            pump.join(5)
    assert not thread.is_alive(), "an open stream must not keep the server from stopping"
