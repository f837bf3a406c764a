"""The application in one of several worker processes, as `reelwise serve` starts them."""

import multiprocessing
import signal
import threading
from multiprocessing.connection import wait

from fastapi import FastAPI

from reelwise.serving.application import create_app
from reelwise.serving.state import server_state


def worker_app() -> FastAPI:
    """The application, which passes a reload on to the main process, and ends when that is gone."""
    app = create_app()
    main = multiprocessing.parent_process()
    if main is not None:
        server_state(app).supervisor = main.pid
        threading.Thread(target=_end_after, args=(main.sentinel,), name="orphan-watch", daemon=True).start()
    return app


def _end_after(main: int) -> None:
    wait([main])
    signal.raise_signal(signal.SIGTERM)
