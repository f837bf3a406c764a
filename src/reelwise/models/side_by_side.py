"""Pieces of work that do not depend on one another, as many at a time as there are processors."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

from reelwise.models.options import count_threads

Piece = TypeVar("Piece")
Found = TypeVar("Found")


def side_by_side(work: Callable[[Piece], Found], pieces: Iterable[Piece]) -> list[Found]:
    """What `work` finds for each of the pieces, in their order.

    Each has products by one thread: BLAS's own would wait for one another, and keep a processor busy while they do.
    """
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(count_threads(None)) as pool:
        return [*pool.map(work, pieces)]
