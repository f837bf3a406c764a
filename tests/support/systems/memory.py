"""What a run of the tests takes of the machine's memory: measured, said at the end, and bounded."""

import contextlib
import os
import re
import threading
from pathlib import Path

import pytest

LIMIT = 8.0  # GB that a run may take at most
INTERVAL = 2.0  # seconds between two looks
PROC = Path("/proc")
FIELD = re.compile(rb"^(PPid|RssAnon|RssShmem):\s+(\d+)", re.MULTILINE)


def tree_memory(root: int) -> int:
    """Bytes of memory of a process and all below it; pages of files are the machine's, and do not count."""
    parents: dict[int, int] = {}
    resident: dict[int, int] = {}
    for folder in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields = dict(FIELD.findall((folder / "status").read_bytes()))
            parents[int(folder.name)] = int(fields[b"PPid"])
            resident[int(folder.name)] = 1024 * (int(fields.get(b"RssAnon", 0)) + int(fields.get(b"RssShmem", 0)))

    def is_below(process: int) -> bool:
        while process != root:
            if process not in parents:
                return False
            process = parents[process]
        return True

    return sum(size for process, size in resident.items() if is_below(process))


class MemoryLimit:
    """A plugin that looks at the memory of this process and all below it, and fails the run above the limit."""

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._done.wait(INTERVAL):
            self.peak = max(self.peak, tree_memory(os.getpid()))

    def pytest_sessionstart(self) -> None:
        self._thread.start()

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._done.set()
        self._thread.join()
        if self.peak > LIMIT * 1e9 and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        excess = self.peak > LIMIT * 1e9
        terminalreporter.write_line(
            f"peak memory of the run: {self.peak / 1e9:.1f} GB (limit {LIMIT:.0f} GB)", red=excess, bold=excess
        )


def limit_memory(config: pytest.Config) -> None:
    """Watch the run that this process controls; workers of pytest-xdist are watched by their controller."""
    if PROC.is_dir() and not hasattr(config, "workerinput"):
        config.pluginmanager.register(MemoryLimit())
