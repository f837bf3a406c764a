"""`reelwise serve` in a process of its own, which a test may stop and start again at the same address."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from support.processes import environment

LONGEST = 30  # seconds until it answers


class WebServer:
    """Context manager; `url` has no slash at its end.

    Args:
        folder: where it runs, without a `.env`; a model is taken from `folder/model`, if there is one.
        settings: as in the environment, without the prefix and in small letters.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._environment = environment(**{f"REELWISE_{name.upper()}": value for name, value in settings.items()})
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Come up, or come back; returns once it answers."""
        command = [sys.executable, "-m", "reelwise", "serve", "--port", str(self._port)]
        self._process = subprocess.Popen(
            command, cwd=self._folder, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + LONGEST
        while not self._answers():
            assert self._process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)

    def stop(self) -> None:
        """Go away; nobody answers any more."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:  # a browser may hold a connection open
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/health/live", timeout=1).close()
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self.stop()
