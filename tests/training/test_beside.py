"""Work beside other work: both sides are told of, and neither goes on for long once the other has failed."""

import threading
from collections.abc import Callable

import pytest

from reelwise.progress import FitProgress
from reelwise.training.beside import WorkBeside

STEP = FitProgress("stars", 1, 2)


def goes_on(beside: WorkBeside) -> None:
    """Work that ends only when it is told to, by way of the steps that it tells of."""
    while True:
        beside.tell(STEP)


def side_by_side(there: Callable[[WorkBeside], object], here: Callable[[WorkBeside], object]) -> None:
    with WorkBeside(lambda _: None) as beside:
        beside.do(lambda: there(beside))
        here(beside)


def test_what_is_found_beside_is_there_at_the_end_and_steps_of_both_sides_are_told() -> None:
    steps: list[FitProgress] = []
    with WorkBeside(steps.append) as beside:
        telling, found = beside.do(lambda: beside.tell(STEP)), beside.do(threading.get_ident)
        beside.tell(STEP)
        assert telling.result() is None
        assert found.result() != threading.get_ident()
    assert steps == [STEP, STEP]


def test_a_failure_beside_ends_what_is_done_meanwhile_and_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        side_by_side(there=lambda _: 1 / 0, here=goes_on)


def test_a_failure_here_ends_what_is_done_beside_and_is_raised() -> None:
    def interrupt(_: WorkBeside) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side(there=goes_on, here=interrupt)
