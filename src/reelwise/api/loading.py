"""Fetching a model while the server already answers: it says how far it is, and tries again after a failure."""

import logging
import threading
import time
from collections.abc import Iterator

from fastapi import FastAPI

from reelwise.api.model import ModelSlot, load_slot, put_slot
from reelwise.errors import ReelwiseError
from reelwise.store.location import obtain_folder, shown_address

# The server's own logger: the line looks like its neighbours and follows uvicorn's --log-level.
logger = logging.getLogger("uvicorn.error")

LONGEST_WAIT = 60.0  # seconds between two tries
_BAR = 20  # characters
_LOG_EVERY = 2.0  # seconds between two lines of the log while a download goes on


class _Stopped(Exception):
    """The server shuts down, so nobody wants the model any more."""


class Loading:
    """Fetches the model at an address into `app`, in a thread of its own, until it is there."""

    def __init__(self, app: FastAPI, address: str) -> None:
        self._app = app
        self._address, self._shown = address, shown_address(address)
        self._stop = threading.Event()
        self._logged = 0.0
        self._thread = threading.Thread(target=self._run, name="model-loading", daemon=True)

    def start(self) -> None:
        """Begin; until the model is there requests are answered with the reason why not."""
        logger.info("Fetching the model %s.", self._shown)
        self._tell(f"The model {self._shown} is being fetched; try again in a moment.")
        self._thread.start()

    def stop(self) -> None:
        """End, without waiting for more than the part of a download that is under way."""
        self._stop.set()

    def _run(self) -> None:
        for wait in _waits():
            try:
                folder = obtain_folder(self._address, self._on_progress, lambda line: logger.warning("%s.", line))
                put_slot(self._app, load_slot(folder, self._shown))
                return
            except _Stopped:
                return
            except ReelwiseError as error:
                reason = str(error)
                wait = max(wait, min(getattr(error, "retry_after", None) or 0, LONGEST_WAIT))
                logger.warning("No model is loaded. %s.", reason)
            except Exception:
                reason = "The model could not be fetched; the server's log says why"
                logger.exception("The model %s could not be fetched.", self._shown)
            self._tell(f"{reason}. The server tries again in {wait:.0f} s.")
            if self._stop.wait(wait):
                return

    def _on_progress(self, done: int, total: int | None) -> None:
        if self._stop.is_set():
            raise _Stopped
        line = f"The model {self._shown} is being fetched: {progress_line(done, total)}"
        self._tell(f"{line}; try again in a moment.")
        if time.monotonic() - self._logged > _LOG_EVERY or done == total:
            self._logged = time.monotonic()
            logger.info("%s", line)

    def _tell(self, reason: str) -> None:
        put_slot(self._app, ModelSlot(reason=reason))


def progress_line(done: int, total: int | None) -> str:
    """How far a download is, as a bar in one line of text."""
    megabytes = f"{done / 1e6:,.1f}"
    if not total:
        return f"{megabytes} MB"
    share = min(done / total, 1.0)
    filled = round(share * _BAR)
    return f"[{'#' * filled}{'.' * (_BAR - filled)}] {share:4.0%}, {megabytes} of {total / 1e6:,.1f} MB"


def _waits() -> Iterator[float]:
    """Seconds to wait after each failure."""
    wait = 1.0
    while True:
        yield wait
        wait = min(2 * wait, LONGEST_WAIT)
