"""What people of a live store liked lately: it counts for everybody beside what fits the person.

It weighs, in units of the ten best of either,

    0.4 · L / (L + 100)

with L the number of likes, each of which counts half as much after half a year. Half-life and weights were chosen on
MovieLens small and 1M in the order of time, on ratings before those that `benchmarks/live.py` reports.
"""

import logging
import math
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from reelwise.data.types import Floats
from reelwise.data.vocabulary import Id, Vocabulary
from reelwise.errors import StoreError
from reelwise.models.top_n import normalise
from reelwise.recommend.movie_facts import NO_ROWS

if TYPE_CHECKING:
    from reelwise.live.store import Store

logger = logging.getLogger(__name__)

_HALF_LIFE = 6  # months
_ENOUGH = np.float32(100)  # likes by which it counts half as much as by any number
_WEIGHT = np.float32(0.4)
_SHARE = 0.01  # of the time, at most, goes into counting


@dataclass(frozen=True, eq=False)
class LikeCounts:
    """How often films were liked, the latest likes counting most; by id."""

    likes: dict[Id, float]

    def spread(self, movies: Vocabulary) -> Floats:
        """How much it counts for each film, float32, shape (movies,); see the module."""
        found = np.zeros(len(movies), np.float32)
        for movie, likes in self.likes.items():
            if (row := movies.row(movie)) is not None:
                found[row] = likes
        total = found.sum()
        weighed: Floats = normalise(found, NO_ROWS) * (_WEIGHT * total / (total + _ENOUGH))
        return weighed


class Lately:
    """Counts what was liked, again and again, for a hundredth of the time at most. Safe to share between threads.

    Args:
        store: where people tell what they like.
        least_like: the fewest stars that are a like.
    """

    def __init__(self, store: "Store", least_like: float) -> None:
        self._store, self._least_like = store, least_like
        self._counting, self._next, self._liked = threading.Lock(), 0.0, LikeCounts({})

    def liked(self) -> LikeCounts:
        """What was liked, as it was last counted; where that is long ago, it is counted anew in the background."""
        if time.monotonic() >= self._next:
            self._next = math.inf
            threading.Thread(target=self.count, name="counting-likes", daemon=True).start()
        return self._liked

    def count(self) -> None:
        """Count now; where that fails, what was known stays, until it is counted again."""
        with self._counting:
            began = time.monotonic()
            try:
                self._liked = self._count()
            except StoreError:
                pass  # the store reports it
            except Exception:
                logger.exception("What people liked lately could not be counted; it stays as it was.")
            finally:
                ended = time.monotonic()
                self._next = ended + max(1.0, (ended - began) / _SHARE)

    def _count(self) -> LikeCounts:
        from reelwise.live import films  # which imports a database

        question = partial(films.likes_by_month, least_like=self._least_like)
        counts = self._store.ask(question, speaks_for_others=False)
        newest = max((month for _, month, _ in counts), default=0)
        likes: dict[Id, float] = {}
        for movie, month, count in counts:
            likes[movie] = likes.get(movie, 0.0) + count * 2.0 ** ((month - newest) / _HALF_LIFE)
        return LikeCounts(likes)
