"""The model that is served: loading it, and replacing it while the server answers from the old one."""

import logging
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.artifacts.fingerprint import Fingerprint, fingerprint
from reelwise.artifacts.model import Model
from reelwise.errors import DownloadError, ModelError, ModelNotReady, ReelwiseError
from reelwise.recommend.service import Service
from reelwise.remote.addresses import is_folder, obtain_folder, redact_address
from reelwise.serving.replacing.trial import have_checked
from reelwise.serving.replacing.warmup import paced, warm

if TYPE_CHECKING:
    from reelwise.artifacts.model import Description
    from reelwise.live.store import Store
    from reelwise.recommend.films.live import LiveFilms
    from reelwise.serving.telemetry.metrics import ServerMetrics

# The server's own logger: the line looks like its neighbours and follows uvicorn's --log-level.
logger = logging.getLogger("uvicorn.error")

WHAT_TO_DO = (
    "Make one with `reelwise quickstart` or `reelwise train --data DIR`, "
    "or set REELWISE_MODEL to a model folder or to hf://owner/repo and start the server again."
)

# What stands before the last name of a path of this machine; it ends where the colon is before what is wrong with it.
_FOLDERS = re.compile(
    r"(?<![\w:/.~-])(?<!fails at )(?:~|[\w.-]+|[A-Za-z]:)?[/\\](?:[^/\\:\n]*[/\\])*(?=[^/\\:\n])(?<!//)"
)

_AT_STORE = "The model cannot be fetched; the server's log says why"

MAX_WAIT = 60.0  # seconds between two tries
_BAR = 20  # characters
_SHARE = 0.25  # of the time goes into loading a new model, while another one is served
_LOG_INTERVAL = 2.0  # seconds between two lines of the log during a download


@dataclass(frozen=True)
class ModelSlot:
    """The service of a loaded model with its description and the films that came since, or the reason why not."""

    service: Service | None = None
    description: "Description | None" = None
    films: "LiveFilms | None" = None
    reason: str = "The model is not loaded yet; try again in a moment."

    @classmethod
    def of(cls, service: Service, store: "Store | None") -> "ModelSlot":
        """A slot with that service."""
        if store is None:
            return cls(service, service.model.description)
        from reelwise.recommend.films.live import LiveFilms  # which imports a database

        return cls(service, service.model.description, LiveFilms(service, store))

    @property
    def revision(self) -> str | None:
        """The revision of the model; None if there is none."""
        return self.description.revision if self.description else None

    def get(self) -> Service:
        """The service.

        Raises:
            ModelNotReady: Raised when there is none; the text says why and what to do.
        """
        if self.service is None:
            raise ModelNotReady(self.reason)
        return self.service

    def now(self) -> Service:
        """The service with the films of now; it may wait for a database.

        Raises:
            ModelNotReady: Raised when there is none; the text says why and what to do.
        """
        return self.films.service() if self.films else self.get()


@dataclass(frozen=True)
class Reloaded:
    """The outcome of a reload: which model is served now, and whether it is another one than before."""

    revision: str
    changed: bool


class _Stopped(ModelNotReady):
    """Raised when the server shuts down during a download."""


class ModelManager:
    """Holds the model that is served, and brings newer ones from its address.

    A new model is read, checked and tried out beside the one that is served, and takes its place once all of that went
    well; whatever goes wrong, the old one stays. Safe to share between threads.

    Attributes:
        address: where models come from; None where the only one was passed in.
        current: what requests are answered from. It is replaced as a whole, and never changed.
        tried: the state of the model folder that was last loaded, whether or not it could be served.
    """

    def __init__(
        self,
        metrics: "ServerMetrics",
        address: str | None = None,
        service: Service | None = None,
        store: "Store | None" = None,
    ) -> None:
        self.address = address
        self.current = ModelSlot.of(service, store) if service else ModelSlot()
        self.tried: Fingerprint | None = None
        self._metrics, self._store = metrics, store
        self._address = address or ""
        self._name = redact_address(self._address)
        self._is_at_store = "://" in self._address and not self._address.startswith("hf://")
        self._fetching = f"The model{'' if self._is_at_store else f' {self._name}'} is being fetched"
        self._lock = threading.Lock()
        self._served: Fingerprint | None = None
        self._stopping = threading.Event()
        self._logged = 0.0
        metrics.show_model(self.current.description)

    def start(self) -> None:
        """Load a folder now, or begin to fetch a model from elsewhere; errors are logged and told to clients.

        Until the model is there, requests are answered with the reason why not.
        """
        if is_folder(self._address):
            with self._lock:
                try:
                    self._load()
                except ReelwiseError as error:
                    self._explain(error)
        else:
            logger.info("Fetching the model %s.", self._name)
            self._tell(f"{self._fetching}; try again in a moment.")
            threading.Thread(target=self._fetch, name="model-loading", daemon=True).start()

    def stop(self) -> None:
        """Stop loading, without waiting for more than the part of a download that is under way."""
        self._stopping.set()

    def reload(self) -> Reloaded:
        """Load the model again, all of its bytes checked, and serve it if it is another one.

        Raises:
            ReelwiseError: Raised when there is none that can be served. That is logged, and what is served stays.
        """
        with self._lock:
            old = self.current
            try:
                new = self._load(verify=True)
            except _Stopped:
                raise
            except ReelwiseError as error:
                if old.service is None:
                    self._explain(error)
                else:
                    logger.warning("The new model is refused, and revision %s stays: %s.", old.revision, error)
                raise
            if new is old:
                logger.info("The model %s is still revision %s.", self._name, new.revision)
            return Reloaded(str(new.revision), changed=new is not old)

    def _fetch(self) -> None:
        """Load a model from elsewhere, again and again until it is there."""
        for wait in _waits():
            with self._lock:
                if self.current.service is not None:  # a reload was quicker
                    return
                try:
                    self._load()
                except _Stopped:
                    return
                except ReelwiseError as error:
                    wait = max(wait, min(getattr(error, "retry_after", None) or 0, MAX_WAIT))
                    logger.warning("No model is loaded. %s.", error)
                    self._tell(f"{self._shown(error)}. The server tries again in {wait:.0f} s.")
                else:
                    return
            if self._stopping.wait(wait):
                return

    def _load(self, verify: bool = False) -> ModelSlot:
        """Serve the model as it is now, unless it is the one that is served already.

        Raises:
            ReelwiseError: Raised when anything is wrong with it.
        """
        try:
            slot = self._read(verify)
            if slot is not self.current:
                self._serve(slot)
            self._served = self.tried
        except ReelwiseError:
            raise
        except OSError as error:  # a file that was there a moment ago
            raise ModelError(f"{self._name}: the model cannot be read ({error})") from error
        except Exception as error:
            logger.exception("The model %s could not be loaded.", self._name)
            raise ModelError(f"{self._name}: the model could not be loaded; the server's log says why") from error
        return slot

    def _read(self, verify: bool) -> ModelSlot:
        """A slot with the model as it is now, tried out; the current slot if it holds the same one."""
        old = self.current
        folder = self._obtain()
        self.tried = fingerprint(folder)
        if old.service is not None and self.tried == self._served:
            return old
        if verify:
            have_checked(folder, self.tried)
        share = 1.0 if old.service is None else _SHARE
        model = paced(lambda: Model.load(folder, checked=verify), share)
        if fingerprint(folder) != self.tried:
            raise ModelError(f"{folder}: the model was replaced while it was read; try again")
        service = paced(lambda: Service(model, self._store), share)
        warm(service, share)
        new = ModelSlot.of(service, self._store)
        return old if new.revision == old.revision else new

    def _obtain(self) -> Path:
        """The folder of the model, fetched anew if it is elsewhere.

        Raises:
            ReelwiseError: Raised when it cannot be had; or only a copy from the cache can, while a model is served
                already.
        """
        warnings: list[str] = []
        folder = obtain_folder(self._address, self._on_progress, warnings.append)
        if warnings and self.current.service is not None:
            raise DownloadError(warnings[0])
        for warning in warnings:
            logger.warning("%s.", warning)
        return folder

    def _serve(self, slot: ModelSlot) -> None:
        logger.info("Serving the model %s, revision %s.", self._name, slot.revision)
        if slot.get().model.histories is None:
            logger.warning("This model has no histories: nobody matches a selection; only strategy=blend answers it.")
        self._put(slot)

    def _put(self, slot: ModelSlot) -> None:
        self._metrics.show_model(slot.description)
        self.current = slot

    def _explain(self, error: ReelwiseError) -> None:
        """Say why there is no model to serve, in the log and to clients; to these without paths of this machine."""
        logger.warning("No model is loaded. %s. %s", error, WHAT_TO_DO)
        self._tell(f"{self._shown(error)}. {WHAT_TO_DO}")

    def _shown(self, error: ReelwiseError) -> str:
        """The message for clients: it does not say where a store is, which may be a private address."""
        return _AT_STORE if self._is_at_store else without_paths(str(error))

    def _tell(self, reason: str) -> None:
        """Tell clients why there is no model, unless there is one."""
        if self.current.service is None:
            self._put(ModelSlot(reason=reason))

    def _on_progress(self, done: int, total: int | None) -> None:
        if self._stopping.is_set():
            raise _Stopped("The server shuts down")
        progress = format_progress(done, total)
        self._tell(f"{self._fetching}: {progress}; try again in a moment.")
        if time.monotonic() - self._logged > _LOG_INTERVAL or done == total:
            self._logged = time.monotonic()
            logger.info("The model %s is being fetched: %s", self._name, progress)


def format_progress(done: int, total: int | None) -> str:
    """How far a download is, as a bar in one line of text."""
    megabytes = f"{done / 1e6:,.1f}"
    if not total:
        return f"{megabytes} MB"
    share = min(done / total, 1.0)
    filled = round(share * _BAR)
    return f"[{'#' * filled}{'.' * (_BAR - filled)}] {share:4.0%}, {megabytes} of {total / 1e6:,.1f} MB"


def without_paths(message: str) -> str:
    """A message that says of paths of this machine no more than the last name."""
    return _FOLDERS.sub("", message)


def _waits() -> Iterator[float]:
    """Seconds to wait after each failure."""
    wait = 1.0
    while True:
        yield wait
        wait = min(2 * wait, MAX_WAIT)
