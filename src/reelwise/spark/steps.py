"""How far the work on the cluster has come, by steps that each take minutes there."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from reelwise.progress import FitProgress, OnFit

Step = Callable[[str], AbstractContextManager[object]]
"""Given the name of a step, the context in which it is done."""


def announce(on_progress: OnFit) -> Step:
    """A step that tells `on_progress` when it begins and when it is done."""

    @contextmanager
    def step(name: str) -> Iterator[None]:
        on_progress(FitProgress(name, 0, 1))
        yield
        on_progress(FitProgress(name, 1, 1))

    return step
