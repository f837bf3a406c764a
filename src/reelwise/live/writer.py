"""One thread that writes, so that what comes at the same time is put on disk together (group commit)."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection

from reelwise.errors import StoreError

T = TypeVar("T")

_MOST_JOBS = 64  # in one transaction, so that nobody waits long for the others

_Job = tuple[Callable[[Connection], Any], "Future[Any]"]


class Writer:
    """Does jobs that write, many in one transaction; each either has been done and is on disk, or left no trace.

    Args:
        transact: gives a connection; when the block ends, what was done there is on disk, or is undone if it raised.
    """

    def __init__(self, transact: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._transact = transact
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def submit(self, job: Callable[[Connection], T]) -> "Future[T]":
        """Have a job done; the future has its result once that is on disk. It can be cancelled until the job begins."""
        future: Future[T] = Future()
        self._jobs.put((job, future))
        self._start()
        return future

    def close(self) -> None:
        """Come to an end with the jobs that there are."""
        with self._starting:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            thread.join()

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="live-store-writer", daemon=True)
                    self._thread.start()

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            jobs, ends = [first], False
            while len(jobs) < _MOST_JOBS and not self._jobs.empty():
                job = self._jobs.get()
                if job is None:
                    ends = True
                    break
                jobs.append(job)
            wanted = [job for job in jobs if job[1].set_running_or_notify_cancel()]
            if wanted:
                self._commit(wanted)
            if ends:
                return

    def _commit(self, jobs: list[_Job]) -> None:
        """Do jobs in one transaction; if one of them fails by its own fault, each in its own."""
        try:
            with self._transact() as connection:
                results = [job(connection) for job, _ in jobs]
        except Exception as error:  # noqa: BLE001 - whoever waits for the job gets it
            if len(jobs) > 1 and not isinstance(error, StoreError):
                for job in jobs:
                    self._commit([job])
            else:
                for _, future in jobs:
                    future.set_exception(error)
            return
        for (_, future), result in zip(jobs, results, strict=True):
            future.set_result(result)
