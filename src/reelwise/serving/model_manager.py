"""Loading the model, and loading it anew while the server answers from the old one."""

import ctypes
import gc
import logging
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from reelwise.artifacts.fingerprint import Fingerprint, fingerprint
from reelwise.artifacts.folder import read_model
from reelwise.artifacts.integrity import check_integrity
from reelwise.errors import DownloadError, ModelError, ModelNotReady, ReelwiseError
from reelwise.recommend.recommender import Recommender
from reelwise.remote.addresses import is_folder, obtain_folder, redact_address
from reelwise.serving.dependencies import ModelSlot, put_slot, slot_of
from reelwise.serving.giving_way import giving_way
from reelwise.serving.telemetry.metrics import metrics_of
from reelwise.serving.warmup import warm

# The server's own logger: the line looks like its neighbours and follows uvicorn's --log-level.
logger = logging.getLogger("uvicorn.error")

WHAT_TO_DO = (
    "Make one with `reelwise quickstart` or `reelwise train --data DIR`, "
    "or set REELWISE_MODEL to a model folder or to hf://owner/repo and start the server again."
)

LONGEST_WAIT = 60.0  # seconds between two tries
_BAR = 20  # characters
_LOG_EVERY = 2.0  # seconds between two lines of the log while a download goes on


class _Stopped(ModelNotReady):
    """The server shuts down, so nobody wants the model any more."""


@dataclass(frozen=True)
class Reloaded:
    """What came of loading the model again: what is served now, and whether that is another model than before."""

    revision: str
    changed: bool


class Loading:
    """Brings the model at an address into `app`, and a newer one from there in its place.

    A new model is read, checked and tried out beside the one that is served, and served once all of that went well.
    Safe to share between threads.

    Attributes:
        tried: the state of the model folder that was last loaded, whether or not it could be served.
    """

    def __init__(self, app: FastAPI, address: str) -> None:
        self.tried: Fingerprint | None = None
        self._app = app
        self._address, self._shown = address, redact_address(address)
        self._one_at_a_time = threading.Lock()
        self._served: Fingerprint | None = None
        self._stop = threading.Event()
        self._logged = 0.0

    def start(self) -> None:
        """Load a folder now, or begin to fetch what is elsewhere; a fault is logged and told to whoever asks.

        Until the model is there requests are answered with the reason why not.
        """
        if is_folder(self._address):
            with self._one_at_a_time:
                try:
                    self._serve(self._load(slot_of(self._app)))
                    self._settle()
                except ReelwiseError as error:
                    self._lack(error)
        else:
            logger.info("Fetching the model %s.", self._shown)
            self._tell(f"The model {self._shown} is being fetched; try again in a moment.")
            threading.Thread(target=self._fetch, name="model-loading", daemon=True).start()

    def stop(self) -> None:
        """End, without waiting for more than the part of a download that is under way."""
        self._stop.set()

    def reload(self) -> Reloaded:
        """Load the model again, all of its bytes checked, and serve it if it is another one.

        Raises:
            ReelwiseError: if there is none that can be served. That is logged, and what is served stays.
        """
        with self._one_at_a_time, giving_way(lambda: metrics_of(self._app).begun):
            done = self._reload()
            self._settle()
            return done

    def _reload(self) -> Reloaded:
        old = slot_of(self._app)
        try:
            fresh = self._load(old, with_integrity=is_folder(self._address))
        except _Stopped:
            raise
        except ReelwiseError as error:
            if old.recommender is None:
                self._lack(error)
            else:
                revision = old.recommender.description.revision
                logger.warning("The new model is refused, and revision %s stays: %s.", revision, error)
            raise
        changed = fresh is not old
        if changed:
            self._serve(fresh)
            if old.recommender is not None:
                weakref.finalize(old.recommender, _give_back_memory_soon).atexit = False
        else:
            logger.info("The model %s is still revision %s.", self._shown, fresh.get().description.revision)
        return Reloaded(fresh.get().description.revision, changed)

    def _fetch(self) -> None:
        """Load what is elsewhere, again and again until it is there."""
        for wait in _waits():
            with self._one_at_a_time:
                old = slot_of(self._app)
                if old.recommender is not None:  # a reload was quicker
                    return
                try:
                    self._serve(self._load(old))
                    self._settle()
                    return
                except _Stopped:
                    return
                except ReelwiseError as error:
                    reason = str(error)
                    wait = max(wait, min(getattr(error, "retry_after", None) or 0, LONGEST_WAIT))
                logger.warning("No model is loaded. %s.", reason)
                self._tell(f"{reason}. The server tries again in {wait:.0f} s.")
            if self._stop.wait(wait):
                return

    def _load(self, old: ModelSlot, with_integrity: bool = False) -> ModelSlot:
        """The model as it is now, ready to be served; `old` if it is the same.

        Raises:
            ReelwiseError: whatever is wrong with it.
        """
        try:
            folder = self._obtain(old)
            self.tried = fingerprint(folder)
            if old.recommender is not None and self.tried == self._served:
                return old
            model = read_model(folder)
            if with_integrity:
                check_integrity(folder, model.config.sha256)
            if fingerprint(folder) != self.tried:
                raise ModelError(f"{folder}: the model was replaced while it was read; try again")
            recommender = Recommender(model)
            warm(recommender)
        except ReelwiseError:
            raise
        except OSError as error:  # a file that was there a moment ago
            raise ModelError(f"{self._shown}: the model cannot be read ({error})") from error
        except Exception as error:
            logger.exception("The model %s could not be loaded.", self._shown)
            raise ModelError(f"{self._shown}: the model could not be loaded; the server's log says why") from error
        self._served = self.tried
        if old.recommender is not None and recommender.description.revision == old.recommender.description.revision:
            return old
        return ModelSlot(recommender)

    def _settle(self) -> None:
        """Put away what loading leaves behind, and hide what it made from the garbage collector."""
        if self._app.state.alone:
            gc.collect()
            gc.freeze()
        give_back_memory()

    def _obtain(self, old: ModelSlot) -> Path:
        """The folder of the model, fetched anew if it is elsewhere.

        Raises:
            ReelwiseError: if it cannot be had; or only a copy from the cache can, while a model is served already.
        """
        warnings: list[str] = []
        folder = obtain_folder(self._address, self._on_progress, warnings.append)
        if warnings and old.recommender is not None:
            raise DownloadError(warnings[0])
        for warning in warnings:
            logger.warning("%s.", warning)
        return folder

    def _serve(self, slot: ModelSlot) -> None:
        recommender = slot.get()
        put_slot(self._app, slot)
        logger.info("Serving the model %s, revision %s.", self._shown, recommender.description.revision)
        if not recommender.model.has_histories:
            logger.warning("This model has no histories: nobody matches a selection; only strategy=blend answers it.")

    def _lack(self, error: ReelwiseError) -> None:
        """Say why there is no model to serve, in the log and to whoever asks."""
        reason = f"{error}. {WHAT_TO_DO}"
        logger.warning("No model is loaded. %s", reason)
        self._tell(reason)

    def _on_progress(self, done: int, total: int | None) -> None:
        if self._stop.is_set():
            raise _Stopped("The server shuts down")
        line = f"The model {self._shown} is being fetched: {progress_line(done, total)}"
        self._tell(f"{line}; try again in a moment.")
        if time.monotonic() - self._logged > _LOG_EVERY or done == total:
            self._logged = time.monotonic()
            logger.info("%s", line)

    def _tell(self, reason: str) -> None:
        """Say why there is no model, unless there is one."""
        if slot_of(self._app).recommender is None:
            put_slot(self._app, ModelSlot(reason=reason))


def give_back_memory() -> None:
    """Return to the system what was needed for a moment and the C library keeps: 20 MB per process for large models."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl has not
        if trim is not None:
            trim(0)


def _give_back_memory_soon() -> None:
    """Return an old model's memory once it is free, which it is only just not when the model is let go."""
    timer = threading.Timer(1.0, give_back_memory)
    timer.daemon = True
    timer.start()


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
