"""`reelwise serve` as a process: what somebody who runs it sees."""

import contextlib
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2

from support.running.processes import environment

LONGEST = 90.0  # seconds that a slow machine may take


class Serving:
    """A server as a process; `log` grows while it runs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.log: list[str] = []
        self.process = process
        self._listening = threading.Event()
        self._address = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            if found := re.search(r"answers at (http://\S+)/ ", line):
                self._address = found[1]
                self._listening.set()

    @property
    def address(self) -> str:
        """Where it answers, once it does."""
        assert self._listening.wait(LONGEST), "".join(self.log)
        return self._address

    @property
    def workers(self) -> list[int]:
        """The processes that answer, the oldest first."""
        helpers = _children(self.process.pid)
        return sorted(worker for helper, command in helpers.items() if b"forkserver" in command
                      for worker in _children(helper))  # fmt: skip

    def get(self, path: str) -> httpx2.Response:
        """The answer on a connection of its own."""
        return httpx2.get(self.address + path, timeout=LONGEST, verify=False)  # no certificates are read each time

    def ready(self) -> httpx2.Response:
        """What /health/ready says once it is."""
        self.wait_until(lambda: self.get("/health/ready").status_code == 200)
        return self.get("/health/ready")

    def logged(self, text: str) -> int:
        """In how many lines of the log the text is."""
        return sum(text in line for line in self.log)

    def wait_for_end_of_log(self) -> None:
        """Come back when nobody can write into the log any more."""
        self._reader.join(LONGEST)

    def wait_until(self, true: Callable[[], object]) -> None:
        """Come back as soon as that is so."""
        end = time.monotonic() + LONGEST
        while not true():
            assert time.monotonic() < end, "".join(self.log)
            time.sleep(0.05)


def open_files(process: int) -> int:
    """How many files and connections a process has open."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def _children(parent: int) -> dict[int, bytes]:
    """The processes that a process has started, with their command lines."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            if f"PPid:\t{parent}\n" in status.read_text():
                found[int(status.parent.name)] = (status.parent / "cmdline").read_bytes()
    return found


@contextlib.contextmanager
def serving(
    folder: Path, *arguments: str, command: str = "serve", end_with: signal.Signals = signal.SIGINT, **settings: str
) -> Iterator[Serving]:
    """On a free port in a process of its own, which finds the Hub by the variables of this one."""
    words = [sys.executable, "-m", "reelwise", command, "--port", "0", *arguments]
    with subprocess.Popen(
        words, cwd=folder, env=environment(**settings), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Serving(process)
        finally:
            process.send_signal(end_with)
            process.wait(LONGEST)
