"""Hyper-parameters of one's own estimators, of every kind."""

import inspect
import math
from dataclasses import dataclass, field
from typing import Any

import pytest

from reelwise.data.interactions import Interactions
from reelwise.data.types import Floats
from reelwise.errors import UsageError
from reelwise.models.base import Estimator
from reelwise.models.queries import Queries


@dataclass(frozen=True)
class Settings:
    needed: int
    weight: float = 0.5
    shrink: bool = True
    likeness: str = "cosine"
    limit: float | None = None
    sizes: tuple[int, ...] = ()
    span: tuple[float, float] = (0.0, 1.0)
    weights: dict[str, float] = field(default_factory=dict)


class Own(Estimator):
    config_type = Settings

    def fit_rows(self, train: Interactions) -> None: ...

    def score(self, queries: Queries) -> Floats:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("name", "given", "held"),
    [
        ("weight", 1, 1.0),
        ("weight", 10**400, math.inf),
        ("shrink", False, False),
        ("likeness", "jaccard", "jaccard"),
        ("limit", 2, 2.0),
        ("limit", None, None),
        ("sizes", [1, 2], (1, 2)),
        ("span", (1, 2), (1.0, 2.0)),
        ("weights", {"a": 1.0}, {"a": 1.0}),
    ],
)
def test_values_are_of_the_kind_that_their_field_says(name: str, given: Any, held: Any) -> None:
    found = getattr(Own(needed=1, **{name: given}).config, name)
    assert found == held
    assert type(found) is type(held)
    config = Settings(needed=1, **{name: given})
    assert getattr(Own(config).config, name) == held


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"needed": 1.5}, "needed of Own is 1.5; expected a whole number$"),
        ({"needed": None}, "needed of Own is None; expected a whole number$"),
        ({"weight": True}, "weight of Own is True; expected a number, such as 0.5"),
        ({"shrink": 0}, "shrink of Own is 0; expected True or False, such as True"),
        ({"likeness": 1}, "likeness of Own is 1; expected a text, such as 'cosine'"),
        ({"limit": "x"}, "limit of Own is 'x'; expected a number or None"),
        ({"sizes": 3}, "sizes of Own is 3; expected several values"),
        ({"sizes": [1.5]}, "sizes of Own is 1.5; expected a whole number"),
        ({"span": (1.0,)}, r"span of Own is \(1.0,\); expected 2 values, such as \(0.0, 1.0\)"),
        ({"shrinks": True}, "Own has no hyper-parameter 'shrinks'; did you mean shrink?"),
        ({}, "Own: .*needed"),
    ],
)
def test_others_are_refused_by_name(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Own(**given)


def test_help_shows_the_default_of_each() -> None:
    parameters = inspect.signature(Own).parameters
    assert parameters["needed"].default is inspect.Parameter.empty
    assert parameters["weights"].default == {}
    assert repr(Own(needed=1, weight=1)) == "Own(needed=1, weight=1.0)"
