"""Pieces of work that do not depend on one another, as many at a time as there are processors."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

from reelwise.data.arguments import count_threads

Piece = TypeVar("Piece")
One = TypeVar("One")
Other = TypeVar("Other")


def one_thread_per_product() -> threadpool_limits:
    """For a `with` block: BLAS's own threads would wait for one another, and keep a processor busy while they do.

    What comes of products depends in its last bits on how many they are.
    """
    return threadpool_limits(limits=1, user_api="blas")


def side_by_side(work: Callable[[Piece], One], pieces: Iterable[Piece]) -> list[One]:
    """Run `work` for each of the pieces, and give the results in their order; see `one_thread_per_product`."""
    with one_thread_per_product(), ThreadPoolExecutor(count_threads(None)) as pool:
        return [*pool.map(work, pieces)]


def both(one: Callable[[], One], other: Callable[[], Other]) -> tuple[One, Other]:
    """Run two different pieces of work side by side, and give the results."""
    with one_thread_per_product(), ThreadPoolExecutor(1) as pool:
        beside = pool.submit(other)
        return one(), beside.result()
