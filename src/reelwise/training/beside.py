"""A second thread for work that does not depend on the first's, so that no processor is idle while one computes."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from reelwise.models.side_by_side import one_thread_per_product
from reelwise.progress import FitProgress, OnFit

Result = TypeVar("Result")


class WorkBeside:
    """Does pieces of work beside what is done in a `with` block, one after the other.

    When either side fails, the other ends at the next step that it tells of, and what failed first is raised. Both have
    products by one thread, so that figures do not depend on how the two meet.

    Args:
        on_progress: progress callback of both sides, called by one at a time.
    """

    def __init__(self, on_progress: OnFit) -> None:
        self._on_progress, self._telling = on_progress, threading.Lock()
        self._pool = ThreadPoolExecutor(1)
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        self._limits = one_thread_per_product()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._failure = self._failure or error
        self._pool.shutdown(cancel_futures=True)
        self._limits.restore_original_limits()
        if error is not None and self._failure is not error and self._failure is not None:
            raise self._failure from None

    def do(self, work: Callable[[], Result]) -> "Future[Result]":
        """Do this piece once those before it are done."""
        return self._pool.submit(self._run, work)

    def tell(self, step: FitProgress) -> None:
        """Tell of a step, from either side."""
        with self._telling:
            if self._failure is not None:
                raise _OtherSideFailed
            self._on_progress(step)

    def _run(self, work: Callable[[], Result]) -> Result:
        try:
            return work()
        except BaseException as error:
            self._failure = self._failure or error
            raise


class _OtherSideFailed(Exception):
    """Ends a side that has no failure of its own."""
