"""Serving with several processes: the main one starts workers, passes signals on, and replaces those that die.

The settings reach the workers through the environment; the model reaches them through its files, which they map.
"""

import http.client
import json
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import SecretStr
from uvicorn import _subprocess
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from reelwise.serving.run.protocol import ProblemProtocol
from reelwise.serving.run.queues import with_queues
from reelwise.serving.run.sighup import Hangup
from reelwise.serving.telemetry.logs import log_config
from reelwise.serving.telemetry.workers import share_metrics
from reelwise.settings import Settings

APP = "reelwise.serving.run.worker:worker_app"
PATIENCE = 10  # seconds that a worker has to answer its main process, and requests under way have at the end


def serve_with_workers(settings: Settings) -> None:
    """Serve with several processes until stopped."""
    export_settings(settings)
    config = uvicorn_config(APP, settings, factory=True, workers=settings.workers, timeout_worker_healthcheck=PATIENCE)
    listening = with_queues(config.bind_socket())
    if settings.log_format != "json":  # among lines for machines ours would be no JSON
        host, port = listening.getsockname()[:2]
        threading.Thread(target=_announce_once_it_answers, args=(host, port), name="announce", daemon=True).start()
    with share_metrics() as folder:
        _fork_workers(folder)
        workers = _Workers(config, [listening])
        workers.run()
    if any(worker.exitcode == STARTUP_FAILURE for worker in workers.processes):
        raise SystemExit(1)  # the worker has said why


def _fork_workers(folder: Path) -> None:
    """Have workers forked, where the system can, from a process that has imported the application and done no more.

    That is Python's own default from 3.14 on, though not on macOS, whose libraries may not be forked. A worker then
    takes only as long as its model does, and shares what is imported with the others; uvicorn would start a new
    interpreter for each.

    Args:
        folder: where the socket by which they are forked is; else that is left behind where this process is killed.
    """
    multiprocessing.current_process()._config["tempdir"] = str(folder)  # type: ignore[attr-defined] # noqa: SLF001
    if "forkserver" in multiprocessing.get_all_start_methods() and sys.platform != "darwin":
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([APP.partition(":")[0]])
        _subprocess.spawn = context  # type: ignore[assignment]


def uvicorn_config(app: Any, settings: Settings, **more: Any) -> uvicorn.Config:
    """How uvicorn serves `app`."""
    return uvicorn.Config(
        app,
        http=ProblemProtocol,
        ws="none",
        host=settings.host,
        port=settings.port,
        log_config=log_config(settings.log_format, settings.log_level),
        log_level="debug" if settings.log_level == "trace" else settings.log_level,  # uvicorn's trace shows queries
        access_log=False,  # ours says more
        root_path=settings.root_path,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=PATIENCE,
        **{"workers": 1} | more,
    )


class _Workers(Multiprocess):
    """uvicorn's workers, which reload the model on SIGHUP instead of being restarted."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        self._hangup = Hangup()
        super().__init__(config, sockets)

    def handle_hup(self) -> None:
        if self._hangup.lost_terminal():
            self.should_exit.set()
            return
        if sys.platform == "win32":  # which has no such signal
            return
        for worker in self.processes:
            if worker.pid and worker.is_ready(timeout=1):  # one that is still starting reads the newest model anyway
                os.kill(worker.pid, signal.SIGHUP)


def export_settings(settings: Settings) -> None:
    """Put the settings that were given into the environment, where the workers find them."""
    for variable, name in zip(Settings.variables(), Settings.model_fields, strict=True):
        if name in settings.model_fields_set:
            value = getattr(settings, name)
            value = value.get_secret_value() if isinstance(value, SecretStr) else value
            os.environ[variable] = value if isinstance(value, str) else json.dumps(value)


def _announce_once_it_answers(host: str, port: int) -> None:
    while True:
        connection = http.client.HTTPConnection(reachable_host(host), port, timeout=PATIENCE)
        try:
            connection.request("GET", "/health/live")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        else:
            announce(host, port)
            return
        finally:
            connection.close()


def announce(host: str, port: int) -> None:
    """Say where the server is, beside what it logs."""
    host = reachable_host(host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    sys.stderr.write(f"Reelwise answers at {address}/ : pick films at {address}/app/ , see the API at {address}/docs\n")


def reachable_host(host: str) -> str:
    """`host`, or where to reach a server that listens on every interface."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - an address to ask, not to bind
