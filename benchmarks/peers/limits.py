"""What one thread of this machine can do at most, and what one SGD update needs."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np

_compiled = numba.njit(fastmath={"reassoc", "contract", "nsz", "arcp"})


class Limit(NamedTuple):
    """An amount of something that an update of k factors needs, and how much of it there is in a second."""

    what: str
    unit: str
    per_update: float
    per_second: float

    @property
    def updates(self) -> float:
        """Updates per second if nothing else were in the way."""
        return self.per_second / self.per_update


def limits(factors: int) -> tuple[Limit, Limit]:
    """Both limits of one thread, measured now.

    An update reads two rows of float32 and writes them back. It has 2 k flops for p·q and 3 k for each of
    p := a p + b q and q := a q + b p. Rows are taken to be in the L2 cache, as blocks of the ratings keep them.
    """
    numbers = _numbers(65_536)  # 256 KiB: more than an L1 cache, less than most L2
    few = _numbers(4096)  # 16 KiB: in L1
    half = np.float32(0.5)
    read = _best(lambda: _read(numbers, 400)) / (400 * numbers.nbytes)
    multiplied = _best(lambda: _multiply_and_add(few, half, half, 1000)) / (1000 * len(few) * 2 * 16)
    return (
        Limit("two rows read and written, L2 read at", "B", 4 * 4 * factors, 1 / read),
        Limit("dot product and two updates, FMA at", "flop", 8 * factors, 1 / multiplied),
    )


def _numbers(count: int) -> Any:
    """Numbers that begin where a cache line does; in others every second read would touch two lines."""
    numbers = np.full(count + 16, 0.5, np.float32)
    start = -numbers.ctypes.data % 64 // 4
    return numbers[start : start + count]


def _best(work: Callable[[], Any]) -> float:
    """The least seconds of several runs; the first compiles."""
    taken = []
    for _ in range(15):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


@_compiled
def _read(numbers: Any, rounds: int) -> Any:  # pragma: no cover
    """Read an array again and again: four streams, so that adding up does not hold up reading."""
    total, quarter = np.float32(0), len(numbers) // 4
    for _ in range(rounds):
        for n in range(quarter):
            left = numbers[n] + numbers[n + quarter]
            total += left + (numbers[n + 2 * quarter] + numbers[n + 3 * quarter])
    return total


@_compiled
def _multiply_and_add(numbers: Any, factor: Any, addend: Any, rounds: int) -> None:  # pragma: no cover
    """Sixteen multiply-adds on each number, again and again."""
    for _ in range(rounds):
        for n in range(len(numbers)):
            x = numbers[n]
            for _ in range(16):
                x = x * factor + addend
            numbers[n] = x
