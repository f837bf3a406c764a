"""Noticing that there is a new model: its folder changed, or somebody asked for it with SIGHUP."""

import logging
import threading
from pathlib import Path

from reelwise.artifacts.fingerprint import Fingerprint, fingerprint
from reelwise.errors import ReelwiseError
from reelwise.serving.model_manager import ModelManager

logger = logging.getLogger("uvicorn.error")

INTERVAL = 0.5  # seconds between two looks at the folder


class Watcher:
    """Reloads the model, in a thread of its own, when its folder changed, or on request.

    Args:
        models: what to reload.
        folder: the folder to watch; None to reload on request only.
    """

    def __init__(self, models: ModelManager, folder: Path | None) -> None:
        self._models, self._folder = models, folder
        self._wake, self._stopped = threading.Event(), False
        self._last: Fingerprint | None = None
        self._thread = threading.Thread(target=self._run, name="model-watcher", daemon=True)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def request(self) -> None:
        """Have the model reloaded soon; several requests at once count as one."""
        self._wake.set()

    def stop(self) -> None:
        """Stop, without waiting."""
        self._stopped = True
        self._wake.set()

    def _run(self) -> None:
        while True:
            requested = self._wake.wait(INTERVAL if self._folder else None)
            if self._stopped:
                return
            self._wake.clear()
            try:
                if self._has_changed() or requested:
                    self._models.reload()
            except ReelwiseError:
                pass  # it is logged, and the model that is served stays
            except Exception:
                logger.exception("Looking for a new model failed; the model that is served stays.")

    def _has_changed(self) -> bool:
        """Whether the folder holds another model than the last one tried, and nobody is still copying it."""
        if self._folder is None:
            return False
        before, self._last = self._last, fingerprint(self._folder)
        return self._last == before and self._last != self._models.tried
