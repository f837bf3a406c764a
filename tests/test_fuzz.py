"""The laws of `support.fuzzing` hold for the first cases of each surface; `benchmarks/fuzz.py` goes on from there.

REELWISE_FUZZ_SECONDS makes it go on here, too, for so long for each surface.
"""

import os
import time
from collections.abc import Iterator
from itertools import count

import pytest

from support.fuzzing.laws import Surface, hold
from support.fuzzing.surfaces import surfaces

SECONDS = float(os.environ.get("REELWISE_FUZZ_SECONDS", "0"))
CASES = {"model folders": 12, "ratings files": 60, "exports": 120, "archives": 60, "HTTP bodies": 60}
LEAST_TAKEN = {"model folders": 0, "HTTP bodies": 2}  # what is always refused is not tried in earnest


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Surface]:
    return {surface.name: surface for surface in surfaces(tmp_path_factory.mktemp("fuzz"))}


@pytest.mark.filterwarnings("default")  # of what spoilt numbers overflow to
@pytest.mark.timeout(120 + 2 * SECONDS)
@pytest.mark.parametrize("name", CASES)
def test_the_laws_hold(attacked: dict[str, Surface], name: str) -> None:
    figures = hold(attacked[name], 0, _numbers(CASES[name]))
    assert figures.cases >= CASES[name]
    assert LEAST_TAKEN.get(name, 5) <= figures.taken < figures.cases


def _numbers(least: int) -> Iterator[int]:
    """So many, and more until the time is over."""
    end = time.monotonic() + SECONDS
    for number in count():
        if number >= least and time.monotonic() > end:
            return
        yield number
