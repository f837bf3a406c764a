"""How far training has come."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class FitProgress:
    """How far one fit has come.

    Attributes:
        fit: which one, such as "stars, measuring".
        done: epochs or iterations that are done.
        total: how many there will be at most.
        note: what else there is to tell.
    """

    fit: str
    done: int
    total: int
    note: str = ""


OnFit = Callable[[FitProgress], object]
