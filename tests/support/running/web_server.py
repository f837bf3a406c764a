"""The page's server in a thread of the test, which a test may stop and start again at the same address."""

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from fastapi import FastAPI

from support.running.served_app import served


class WebServer:
    """Context manager; `url` has no slash at its end.

    Args:
        application: makes what is served, anew at each start.
    """

    url: str

    def __init__(self, application: Callable[[], FastAPI]) -> None:
        self._application = application
        self._port = 0  # any free one at first, the same again after a stop

    def start(self) -> None:
        """Come up, or come back."""
        self._running = ExitStack()
        self._port = self._running.enter_context(served(self._application(), self._port))
        self.url = f"http://127.0.0.1:{self._port}"

    def stop(self) -> None:
        """Go away; nobody answers any more."""
        self._running.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
