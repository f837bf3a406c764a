"""Updating the model by itself: looks when there is enough to learn, and has it learnt in a process of its own.

Of all workers and replicas one looks at a time, and one updates. The newer model appears in the model folder, where
each process notices it, as it does one that somebody else put there.
"""

import logging
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.errors import StoreError
from reelwise.remote.addresses import is_folder
from reelwise.serving.replacing.aside import start_aside
from reelwise.storage.atomic import check_place

if TYPE_CHECKING:
    from reelwise.artifacts.model import Model
    from reelwise.live.store import Store
    from reelwise.serving.model_manager import ModelManager
    from reelwise.serving.state import ServerState

logger = logging.getLogger("uvicorn.error")

INTERVAL = 60.0  # seconds between two looks
_NICENESS = 10
_END = 5.0  # seconds that an update has to end when the server does


class Refresher:
    """Updates the model when that is due, from a thread of its own.

    Args:
        models: the model that is served.
        store: what users told.
        address: of the store.
        folder: of the model.
    """

    def __init__(self, models: "ModelManager", store: "Store", address: str, folder: Path) -> None:
        self._models, self._store, self._address, self._folder = models, store, address, folder
        self._holder = secrets.token_hex(16)
        self._stopped, self._starting = threading.Event(), threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, name="model-refresher", daemon=True)

    def start(self) -> None:
        """Start looking."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and an update that is under way with it; nothing of that is left."""
        self._stopped.set()
        with self._starting:  # whoever comes to it later finds that it is stopped
            process = self._process
        if process is not None:
            if sys.platform == "win32":  # what it has begun is cleared away by the next one
                process.terminate()
            else:
                process.send_signal(signal.SIGINT)  # as with Ctrl-C it clears away what it has begun
            try:
                process.wait(_END)
            except subprocess.TimeoutExpired:
                process.kill()

    def _run(self) -> None:
        while not self._stopped.wait(INTERVAL):
            try:
                self._look()
            except StoreError:
                pass  # readiness tells it; and nobody tells anything meanwhile
            except Exception:
                logger.exception("Looking whether to update the model failed; the model that is served stays.")

    def _look(self) -> None:
        from reelwise.live import films, leases, updates
        from reelwise.training.refresh.due import why_due

        service = self._models.current.service
        if service is None or not self._store.change(
            partial(leases.take, name="look", holder=self._holder, seconds=0.9 * INTERVAL)
        ):
            return
        model = service.model
        last = self._store.ask(partial(updates.last_update, revision=model.description.revision))
        heard, known = self._store.ask(updates.count_ratings), self._store.ask(films.all_films)
        why = why_due(model, heard, last, time.time(), known)
        if why is not None and not self._store.ask(partial(leases.is_held, name="update")):
            logger.info("Updating the model: %s.", why)
            self._update(model)

    def _update(self, model: "Model") -> None:
        """Have another process do it; if that fails, the store remembers it, as it does what the process did."""
        from reelwise.live import updates
        from reelwise.live.updates import Update

        revision, started = model.description.revision, time.time_ns() // 1000
        command = ["reelwise", "update", "--model", str(self._folder)]
        with self._starting:
            if self._stopped.is_set():
                return
            process = self._process = start_aside(command, _NICENESS, REELWISE_STORE=self._address)
        with process:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            lines = [line.strip() for line in process.stdout]
        failed, self._process = process.returncode != 0, None
        if self._stopped.is_set():
            return
        for line in filter(None, lines):
            logger.log(logging.WARNING if failed else logging.INFO, "%s", line)
        if failed:
            last = self._store.ask(partial(updates.last_update, revision=revision))
            if last is None or last.at < started:
                heard = sum(self._store.ask(updates.count_ratings).values())
                update = Update(revision, "failed", revision, heard, lines[-1] if lines else "")
                self._store.change(partial(updates.note, update=update))


@contextmanager
def refreshing(server: "ServerState") -> Iterator[None]:
    """While the block runs, the model is updated by itself, if it is to be and can be."""
    settings, models, store = server.settings, server.models, server.store
    if settings.update == "off":
        yield
        return
    address = models.address
    if lacking := _find_lacking(address, store):
        logger.warning("REELWISE_UPDATE=auto does nothing: updating takes %s.", lacking)
    if store is None or address is None or lacking:
        yield
        return
    refresher = Refresher(models, store, settings.store.get_secret_value(), Path(address))
    refresher.start()
    yield
    refresher.stop()


def _find_lacking(address: str | None, store: "Store | None") -> str:
    """Find what an update needs and does not have here; "" if nothing is missing."""
    if store is None:
        return "a live store (REELWISE_STORE)"
    if address is None or not is_folder(address):
        return "its model in a folder (REELWISE_MODEL)"
    if find_spec("numba") is None:
        return "the package numba, which is not installed here"
    try:
        check_place(Path(address))
    except OSError as error:
        return f"a model folder that can be replaced, and {address} cannot ({error.strerror})"
    return ""
