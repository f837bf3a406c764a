"""The linear part of the ranking model: what people who like some films like besides, straight from the counts.

Blended profiles see a selection through people who are like that; the linear predictor (`LinearForN`) sees it through
pairs of films. The two err apart, so that together they order better:

    pooled score(i) = 0.65 v·q_i + 0.35 (base_i + sum over picks p of B[p, i])        base = ȳ - x̄ B

with one B for each number of picks. There is one among the best-known films alone, 2,000 at most; for others, and for
people who bring a history or are known, the score is v·q_i.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from reelwise.data.interactions import Interactions
from reelwise.data.types import Doubles, Floats, Indices, Positions, Rows
from reelwise.errors import UsageError
from reelwise.models.baselines.linear_for_n import LinearForN, LinearForNConfig
from reelwise.storage.arrays import ArrayStore, check_ascending

WEIGHT = np.float32(0.35)
_STEP = np.float32(2.0**-15)
_FILMS, _USERS = 2000, 8192  # at most; more users would only take longer
ENOUGH_USERS = 4096
"""From so many users on, others of the same kind would not say more."""
_LEAST_LIKES, _MOST_LEAST_LIKES, _USERS_PER_LIKE = 8, 20, 75


@dataclass(frozen=True)
class LinearPart:
    """A table for each number of picks.

    Attributes:
        picks: int64, ascending, shape (tables,); the number of picks of each; others go by the nearest, in proportion.
        films: int32, ascending, shape (films,); rows of the movies.
        base: float32, shape (tables, films).
        tables: int16, shape (tables, films, films); B, which lies between -1 and 1, in steps of 2^-15.
    """

    picks: npt.NDArray[np.int64]
    films: Indices
    base: Floats
    tables: npt.NDArray[np.int16]

    @classmethod
    def fit(cls, train: Interactions, seed: int) -> Self | None:
        """Fit the tables to ratings; None where no one has enough likes to learn from."""
        users = np.flatnonzero(train.counts_by_user())
        least = min(max(len(users) // _USERS_PER_LIKE, _LEAST_LIKES), _MOST_LEAST_LIKES)
        if len(users) > _USERS:
            drawn = np.zeros(train.shape[0], np.bool_)
            drawn[np.random.default_rng(seed).choice(users, _USERS, replace=False)] = True
            train = train.where(drawn[train.users])
        try:
            model = LinearForN(LinearForNConfig(most_films=_FILMS, min_likes=least)).fit(train, progress=False)
        except UsageError:
            return None
        return cls.of(model) if len(model.films) else None

    @classmethod
    def of(cls, model: LinearForN) -> Self:
        """The tables of a linear predictor."""
        learnt = (model.given[:, None] @ model.B)[:, 0]
        return cls(model.picks, model.films, model.wanted[:, model.films] - learnt, in_steps(model.B))

    def with_movies(self, places: Rows) -> "LinearPart":
        """The same among more movies: row i is then `places[i]`; places ascend."""
        return replace(self, films=places[self.films].astype(np.int32))

    def moved(self, old_rows: Rows) -> "LinearPart | None":
        """The same among other movies: row i was `old_rows[i]`, -1 for new ones; None where no film is left."""
        places = self.find(old_rows)
        rows = np.flatnonzero((old_rows >= 0) & (places < len(self.films)))
        if len(rows) == 0:
            return None
        kept = places[rows]
        return LinearPart(
            self.picks, rows.astype(np.int32), self.base[:, kept], self.tables[:, kept[:, None], kept[None, :]]
        )

    def suits(self, picks: int) -> bool:
        """Whether there is a table for about as many picks."""
        return 1 <= picks <= int(self.picks[-1])

    def find(self, movies: Rows) -> Positions:
        """The places of movies among the films; for other movies the number of films."""
        places = np.minimum(np.searchsorted(self.films, movies), len(self.films) - 1)
        return np.where(self.films[places] == movies, places, len(self.films))

    def carried(self, picks: Rows) -> Floats:
        """By how much each pick raises each film's score, shape (picks, films); 0 for picks not among these."""
        places = self.find(picks)
        raised: Floats = self.tables[self._table(len(picks))].take(places, axis=0, mode="clip") * _STEP
        raised[places == len(self.films)] = 0
        return raised

    def add_up(self, carried: Floats) -> Floats:
        """The scores of the films by what each pick raises them, shape (films,)."""
        scores: Floats = self.base[self._table(len(carried))] + carried.sum(axis=0)
        return scores

    def score_many(self, picks: Rows) -> Floats:
        """The scores of the films for each of some selections, shape (selections, picks); (selections, films)."""
        table, carried = self._table(picks.shape[1]), np.zeros((len(picks), len(self.films)), np.float32)
        for places in self.find(picks).T:
            known = np.flatnonzero(places < len(self.films))
            carried[known] += self.tables[table, places[known]] * _STEP
        scores: Floats = self.base[table] + carried
        return scores

    @staticmethod
    def pool(by_blend: Floats, by_linear: Floats) -> Floats:
        """Scores, or parts of such, by both."""
        pooled: Floats = (1 - WEIGHT) * by_blend + WEIGHT * by_linear
        return pooled

    def _table(self, picks: int) -> int:
        return int(np.abs(np.log(max(picks, 1)) - np.log(self.picks)).argmin())

    def save(self, store: ArrayStore) -> None:
        """Write it as `ranking_linear_…`."""
        for name, array in vars(self).items():
            store.write(f"ranking_linear_{name}", array)

    @classmethod
    def load(cls, store: ArrayStore, movies: int) -> Self | None:
        """What `save` wrote among so many movies; None where there is none.

        Raises:
            ModelError: Raised when an array is missing or invalid.
        """
        if "ranking_linear_films" not in store:
            return None
        films = store.read("ranking_linear_films", "<i4", (None,))
        picks = store.read("ranking_linear_picks", "<i8", (None,))
        check_ascending(store.path("ranking_linear_films"), films, movies)
        check_ascending(store.path("ranking_linear_picks"), picks, movies + 1)
        shape = (len(picks), len(films))
        base = store.read("ranking_linear_base", "<f4", shape)
        return cls(picks, films, base, store.read("ranking_linear_tables", "<i2", (*shape, len(films))))


def in_steps(B: Doubles | Floats) -> npt.NDArray[np.int16]:
    """B in steps of 2^-15: as small as halves, and read five times as fast."""
    steps: npt.NDArray[np.int16] = np.clip(np.rint(B / _STEP), -(2**15), 2**15 - 1).astype(np.int16)
    return steps
