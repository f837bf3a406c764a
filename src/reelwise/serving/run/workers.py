"""Serving with several processes: the main one starts workers, tells them of signals, and replaces those that die.

The settings reach the workers through the environment; the model reaches them through its files, which they map.
"""

import http.client
import json
import multiprocessing
import os
import signal
import socket
import threading
import time
from typing import Any

import uvicorn
from pydantic import SecretStr
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from reelwise.cli.terminal import say
from reelwise.errors import UsageError
from reelwise.serving.run.sighup import Hangup
from reelwise.serving.telemetry.logs import log_config
from reelwise.serving.telemetry.workers import shared_by_workers
from reelwise.settings import Settings

APP = "reelwise.serving.run.worker:worker_app"
PATIENCE = 10  # seconds that a worker has to answer its main process, and requests under way have at the end


def serve_with_uvicorn(settings: Settings) -> None:
    """Serve with uvicorn's workers until stopped."""
    hand_down(settings)
    config = uvicorn_config(APP, settings, factory=True, workers=settings.workers, timeout_worker_healthcheck=PATIENCE)
    listening = config.bind_socket()
    announce(settings, *listening.getsockname()[:2])
    with shared_by_workers():
        workers = _UvicornWorkers(config, [listening])
        workers.run()
    if any(worker.exitcode == STARTUP_FAILURE for worker in workers.processes):
        raise SystemExit(1)  # the worker has said why


def uvicorn_config(app: Any, settings: Settings, **more: Any) -> uvicorn.Config:
    """How uvicorn serves `app`."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=log_config(settings.log_format, settings.log_level),
        log_level=settings.log_level,
        access_log=False,  # ours says more
        root_path=settings.root_path,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=PATIENCE,
        **{"workers": 1} | more,
    )


class _UvicornWorkers(Multiprocess):
    """uvicorn's workers, which take SIGHUP as the wish for a new model instead of being started anew."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        self._hangup = Hangup()
        super().__init__(config, sockets)

    def handle_hup(self) -> None:
        if self._hangup.is_end():
            self.should_exit.set()
            return
        for worker in self.processes:
            if worker.pid and worker.is_ready(timeout=1):  # one that is still starting reads the newest model anyway
                os.kill(worker.pid, signal.SIGHUP)


def serve_with_granian(settings: Settings) -> None:
    """Serve with granian's workers until stopped.

    Raises:
        UsageError: if granian is not installed.
    """
    try:
        from granian import Granian
        from granian.constants import Interfaces
        from granian.log import LogLevels
    except ImportError:
        raise UsageError('granian is not installed; say --server uvicorn, or pip install "reelwise[granian]"') from None

    class Workers(Granian):  # type: ignore[misc, valid-type]
        """granian's workers, which take SIGHUP as the wish for a new model instead of being started anew."""

        hangup = Hangup()

        def signal_handler_reload(self, *_: object) -> None:
            if self.hangup.is_end():
                self.signal_handler_interrupt()
                return
            for worker in self.wrks:
                os.kill(worker.inner.pid, signal.SIGHUP)

    hand_down(settings)
    multiprocessing.set_start_method(
        "spawn", force=True
    )  # so that workers count together, and share no state by chance
    with shared_by_workers(), reserved(settings) as place:
        address, port = place.getsockname()[:2]
        announce(settings, address, port)
        Workers(
            APP,
            factory=True,
            interface=Interfaces.ASGI,
            address=address,
            port=port,
            workers=settings.workers,
            url_path_prefix=settings.root_path or None,
            respawn_failed_workers=True,
            workers_kill_timeout=PATIENCE,
            log_level=LogLevels("debug" if settings.log_level == "trace" else settings.log_level),
            log_dictconfig=_logging_of_granian(settings),
        ).serve()


def reserved(settings: Settings) -> socket.socket:
    """A socket that keeps the port; granian's workers listen there, each with a socket of its own."""
    family, kind, protocol, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
    place = socket.socket(family, kind, protocol)
    if hasattr(socket, "SO_REUSEPORT"):
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    place.bind(address)
    return place


def _logging_of_granian(settings: Settings) -> dict[str, Any]:
    """Our logging, with granian's lines in it."""
    config = log_config(settings.log_format, settings.log_level)
    level = config["loggers"]["reelwise"]["level"]
    config["loggers"]["uvicorn.error"] = {"level": level}
    config["loggers"]["_granian"] = {"handlers": [], "propagate": True, "level": level}
    return config


def hand_down(settings: Settings) -> None:
    """Put the settings that were given into the environment, where the workers find them."""
    for variable, name in zip(Settings.variables(), Settings.model_fields, strict=True):
        if name in settings.model_fields_set:
            value = getattr(settings, name)
            value = value.get_secret_value() if isinstance(value, SecretStr) else value
            os.environ[variable] = value if isinstance(value, str) else json.dumps(value)
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")  # glibc's heap for each thread costs a busy worker some megabytes


def announce(settings: Settings, host: str, port: int) -> None:
    """Say where to look, once somebody answers there; not amid a log for machines, where it would be no JSON."""
    if settings.log_format == "json":
        return
    host = _reachable(host)

    def ask() -> None:
        while True:
            connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
            try:
                connection.request("GET", "/health/live")
                connection.getresponse()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                say(where_to_look(host, port))
                return
            finally:
                connection.close()

    threading.Thread(target=ask, name="announce", daemon=True).start()


def where_to_look(host: str, port: int) -> str:
    """The line that says where the server is."""
    host = _reachable(host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    return f"Reelwise answers at {address}/ : pick films at {address}/app/ , see the API at {address}/docs"


def _reachable(host: str) -> str:
    """`host`, or where to reach a server that listens on every interface."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - an address to ask, not to bind
