"""What groups of films are called, by the genres and decades that their films have in common.

To translate the names, translate `labels.json` alone.
"""

import json
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from reelwise.data.types import Floats

_LEAST_SHARE, _LEAST_LIFT = 0.33, 1.25  # of a genre that a group is named after
_MOST = {0: 0.7, 10: 0.75}  # the share of films that one decade, or two, must have to be named
_RECENT = 1990  # "and before" is said of earlier decades alone
_PRIOR = 5  # films of the pool's own mixture that are added to a group, so that few films say little

_WORDS: dict[str, dict[str, Any]] = json.loads((resources.files(__package__) / "labels.json").read_text("utf-8"))


class Label(NamedTuple):
    """What the films of a group have in common.

    Attributes:
        genres: one or two, as the data set spells them.
        first: the first year of the first decade; None if there is no first one.
        last: the first year of the last decade; None if the films are of all times.
    """

    genres: tuple[str, ...]
    first: int | None = None
    last: int | None = None

    def in_words(self, language: str = "en") -> str:
        """A name such as "Science fiction and thrillers of the 1990s"; in English where the language is not known."""
        words = _WORDS.get(language, _WORDS["en"])
        one = [words["kinds"].get(genre, genre.lower()) for genre in self.genres]
        kinds = words["pairs"].get(" ".join(sorted(self.genres))) or words["and"].join(one)
        kinds = f"{kinds[:1].upper()}{kinds[1:]}"
        if self.last is None:
            return kinds
        when = "before" if self.first is None else "decade" if self.first == self.last else "decades"
        filled: str = words[when].format(kinds=kinds, first=self.first, last=self.last)
        return filled


def distinctive_genres(shares: Floats, size: int, usual: Floats) -> list[int]:
    """One or two genres that are common in a cluster and less so elsewhere, the most distinctive first.

    Args:
        shares: of the cluster's films that have each genre, shape (genres,).
        size: how many films the cluster has.
        usual: the shares among all films.
    """
    lift = (shares * size + usual * _PRIOR) / (size + _PRIOR) / np.maximum(usual, np.float32(1e-12))
    order = np.argsort(-lift * np.sqrt(shares), kind="stable")
    distinctive = [int(genre) for genre in order if shares[genre] >= _LEAST_SHARE and lift[genre] >= _LEAST_LIFT]
    return distinctive[:2] or [int(np.argmax(shares))]


def common_decades(decades: npt.NDArray[np.int16]) -> tuple[int | None, int | None]:
    """The first and the last decade of most films; None and last for old ones, None twice for films of all times."""

    def share(first: int, last: int) -> float:
        return float(((decades >= first) & (decades <= last)).mean())

    known = np.unique(decades[decades > 0]).tolist()
    for width in (0, 10):
        first = max(known, key=lambda first: share(first, first + width), default=0)
        if known and share(first, first + width) >= _MOST[width]:
            return first, first + width
    old = [last for last in known if last < _RECENT and share(1, last) >= _MOST[10]]
    return None, min(old, default=None)
