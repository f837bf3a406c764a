"""Checks of what a model answers before it is ranked or measured: it may be the user's own."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from reelwise.data.types import Floats
from reelwise.errors import UsageError
from reelwise.models.queries import Queries


class NamedScorer(Protocol):
    """A model that scores every movie."""

    name: ClassVar[str]

    def score(self, queries: Queries) -> Floats:
        """Scores, shape (queries, movies)."""


@dataclass(frozen=True)
class CheckedScores:
    """The scores of a model that was fitted to so many movies.

    Attributes:
        model: who is asked.
        movies: how many there are.
    """

    model: NamedScorer
    movies: int

    def score(self, queries: Queries) -> Floats:
        """The scores of `model`.

        Raises:
            UsageError: Raised when that is not a finite number for each query and movie.
        """
        return check_answer(self.model, "score", self.model.score(queries), (len(queries), self.movies))


def check_answer(model: NamedScorer, method: str, found: Any, shape: tuple[int, ...]) -> Floats:
    """Check what a model answered, and give it as it is; whole numbers as floats.

    Args:
        model: who answered.
        method: what was asked.
        found: the answer.
        shape: what it must measure.

    Raises:
        UsageError: Raised when it is not an array of finite numbers of that shape.
    """
    if not isinstance(found, np.ndarray):
        what = f"a {type(found).__name__}"
    elif found.shape != shape:
        what = f"an array of shape {found.shape}"
    elif found.dtype.kind not in "fiub":
        what = f"an array of {found.dtype}"
    elif found.dtype.kind == "f" and not np.isfinite(found).all():
        what = f"{np.count_nonzero(~np.isfinite(found)):,} of {found.size:,} numbers that are not finite"
    else:
        return found if found.dtype.kind == "f" else found.astype(np.float32)
    raise UsageError(f"{method} of {model.name} gives {what}; expected finite numbers, float32, of shape {shape}")
