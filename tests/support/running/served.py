"""A server as a process, and what it logs."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from support.running.processes import environment


@contextmanager
def served(folder: Path, *arguments: str, **settings: str) -> Iterator[tuple[str, list[str]]]:
    """`python ARGUMENTS` in `folder` as a server: its address, and the lines of its log, complete at the end.

    It must say `running on http://…` in its log.
    """
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, env=environment(**settings), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        lines: list[str] = []
        reader = Thread(target=lambda log: lines.extend(log), args=[process.stderr], daemon=True)
        try:
            for line in process.stderr:
                lines.append(line)
                if address := re.search(r"running on (http://[\w.:]+)", line):
                    reader.start()
                    yield address[1], lines
                    return
            raise AssertionError("The server did not start:\n" + "".join(lines))
        finally:
            process.terminate()
            if reader.ident is not None:
                reader.join()
