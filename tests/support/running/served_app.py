"""An application behind a real server on loopback, in a thread of the test."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from reelwise.serving.run.protocol import ProblemProtocol


@contextmanager
def served(app: FastAPI, port: int = 0) -> Iterator[int]:
    """A server for `app` at that port, or at any free one; its port."""
    listening = socket.create_server(("127.0.0.1", port))
    # logging stays as it is
    running = uvicorn.Server(uvicorn.Config(app, http=ProblemProtocol, ws="none", log_config=None, log_level=None))
    thread = threading.Thread(target=running.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        running.should_exit = True
        thread.join(timeout=10)
