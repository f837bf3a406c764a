"""Pieces of work side by side: all are done, in order, with BLAS's threads out of the way and back afterwards."""

import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from reelwise.models import side_by_side as module
from reelwise.models.side_by_side import side_by_side


def blas_threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_what_is_found_comes_in_the_order_of_the_pieces() -> None:
    assert side_by_side(lambda piece: piece * piece, range(7)) == [0, 1, 4, 9, 16, 25, 36]
    assert side_by_side(str, []) == []


def test_pieces_are_worked_on_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "count_threads", lambda _: 3)
    together = threading.Barrier(3, timeout=30)
    side_by_side(lambda _: together.wait(), range(3))  # would break if one had to wait for another


def test_products_are_by_one_thread_each_until_all_is_done() -> None:
    np.ones((2, 2)) @ np.ones((2, 2))
    before = blas_threads()
    assert all(count == 1 for counts in side_by_side(lambda _: blas_threads(), range(2)) for count in counts)
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda piece: 1 / piece, [1, 0])
    assert blas_threads() == before
