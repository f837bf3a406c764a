"""The application in one of several worker processes, as `reelwise serve` starts them."""

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from reelwise.serving.application import create_app
from reelwise.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def worker_app() -> "ASGIApp":
    """The application, which passes a reload on to the main process, and ends when that is gone."""
    settings = Settings()
    app = create_app(settings, alone=True)
    main = multiprocessing.parent_process()
    if main is not None:
        app.state.supervisor = main.pid
        threading.Thread(target=_end_after, args=(main.sentinel,), name="orphan-watch", daemon=True).start()
    if settings.server == "uvicorn":
        return app
    from granian.utils.proxies import wrap_asgi_with_proxy_headers  # uvicorn believes its proxies by itself

    believing: ASGIApp = wrap_asgi_with_proxy_headers(app, settings.trusted_proxies)
    return believing


def _end_after(main: int) -> None:
    wait([main])
    os.kill(os.getpid(), signal.SIGTERM)
