"""Metrics of several worker processes, added up.

The workers share a folder of memory-mapped files; whichever is asked for `/metrics` adds up what all have written.
`prometheus_client` calls that its multiprocess mode, and is in it when the variable is set as it is imported.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from reelwise.storage.working_folders import working_folder

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def share_metrics() -> Iterator[Path]:
    """Let the worker processes that are started meanwhile count together, in a new temporary folder.

    They must import `prometheus_client` anew: be forked from a process that is started meanwhile, or new interpreters.
    """
    with working_folder("reelwise-metrics-") as folder:
        os.environ[FOLDER] = str(folder)
        try:
            yield folder
        finally:
            del os.environ[FOLDER]


def shared_folder() -> Path | None:
    """The folder that all workers of this server share; None for a process that is alone."""
    folder = os.environ.get(FOLDER)
    return None if folder is None else Path(folder)


def registry_of_all(own: CollectorRegistry) -> CollectorRegistry:
    """The registry to show: `own` if the process is alone, or else the sums over all workers."""
    folder = shared_folder()
    if folder is None:
        return own
    _forget_the_dead(folder)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    return registry


def _forget_the_dead(folder: Path) -> None:
    """Take what processes that are gone said of themselves out of the gauges; what they counted stays."""
    if os.name != "posix":  # elsewhere signal 0 is more than a question
        return
    for pid in {int(path.stem.rpartition("_")[2]) for path in folder.glob("gauge_live*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another worker was faster
                mark_process_dead(pid, str(folder))
        except PermissionError:
            pass  # it is alive, and somebody else's
