"""Noticing that there is a new model: its folder changed, or somebody asked for it with SIGHUP."""

import threading
from contextlib import suppress
from pathlib import Path

from reelwise.artifacts.fingerprint import fingerprint
from reelwise.errors import ReelwiseError
from reelwise.serving.model_manager import Loading

INTERVAL = 1.0  # seconds between two looks at the folder


class Watch:
    """Reloads the model, in a thread of its own, when its folder changed, or when asked to."""

    def __init__(self, loading: Loading, folder: Path | None) -> None:
        """Watch nothing yet; without a folder only what is asked for is done."""
        self._loading, self._folder = loading, folder
        self._wake, self._stopped = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="model-watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask(self) -> None:
        """Have the model reloaded soon; several filters that come at once are one."""
        self._wake.set()

    def stop(self) -> None:
        """End, without waiting."""
        self._stopped = True
        self._wake.set()

    def _run(self) -> None:
        last = None
        while True:
            asked = self._wake.wait(INTERVAL if self._folder else None)
            if self._stopped:
                return
            self._wake.clear()
            now = fingerprint(self._folder) if self._folder else None
            # What somebody is still copying is left alone until it looks the same twice.
            settled_change = self._folder is not None and now == last and now != self._loading.tried
            last = now
            if asked or settled_change:
                with suppress(ReelwiseError):  # it is logged, and the model that is served stays
                    self._loading.reload()
