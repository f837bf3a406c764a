"""Work in a thread that gives way to requests, though both take the one interpreter.

Python lets threads take turns of equal length, so that beside such a thread a server has half of its speed, and a
queue of requests grows that was none before. While requests come in, a thread that gives way takes short turns, and
rests for ten times as long after each.
"""

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_TURN = 0.001  # seconds of work at a stretch
_REST = 0.01  # seconds of rest after it
_NEVER = 1_000_000  # collections of young objects before old ones are looked at, too
_SWITCH = 0.0005  # seconds after which a request interrupts a turn; Python's own 0.005 would make requests queue up


@contextmanager
def giving_way(requests: Callable[[], int]) -> Iterator[None]:
    """Meanwhile this thread takes short turns, and rests after each, if a request came in since the last.

    It can rest wherever it calls or leaves a function. Old objects are looked through for garbage only afterwards: with
    all that a model is made of, that stops everybody for a while.

    Args:
        requests: how many have come in so far.
    """
    since, seen = time.perf_counter(), requests()

    def look_up(_frame: FrameType, _event: str, _argument: Any) -> None:
        nonlocal since, seen
        if time.perf_counter() - since > _TURN:
            if (now := requests()) != seen:
                seen = now
                time.sleep(_REST)
            since = time.perf_counter()

    usual, profiling, thresholds = sys.getswitchinterval(), sys.getprofile(), gc.get_threshold()
    sys.setswitchinterval(_SWITCH)
    gc.set_threshold(*thresholds[:2], _NEVER)
    sys.setprofile(look_up)
    try:
        yield
    finally:
        sys.setprofile(profiling)
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(usual)
