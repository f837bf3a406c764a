import gc
import sys
import time
from contextlib import suppress

import pytest

from reelwise.serving.giving_way import giving_way


def work() -> float:
    """Seconds that a hundredth of a second's work takes here."""
    started, busy = time.perf_counter(), time.thread_time()
    while time.thread_time() - busy < 0.01:
        abs(1)
    return time.perf_counter() - started


@pytest.mark.parametrize("come", [True, False])
def test_rests_while_requests_come(come: bool) -> None:
    asked: list[int] = []

    def requests() -> int:
        asked.append(len(asked) if come else 0)
        return asked[-1]

    rests: list[float] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "sleep", rests.append)
        with giving_way(requests):
            work()
    assert len(asked) > 2
    assert bool(rests) is come
    assert all(rest > 0.002 for rest in rests)


def test_leaves_the_interpreter_as_it_was() -> None:
    usual, thresholds = sys.getswitchinterval(), gc.get_threshold()
    with suppress(ZeroDivisionError), giving_way(lambda: 0):
        assert sys.getswitchinterval() < usual
        assert gc.get_threshold()[2] > 1000
        assert sys.getprofile() is not None
        1 / 0  # noqa: B018 - leaves the block early
    assert sys.getswitchinterval() == usual
    assert gc.get_threshold() == thresholds
    assert sys.getprofile() is None
