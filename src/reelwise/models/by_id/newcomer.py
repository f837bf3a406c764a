"""Somebody who was folded in: asked for like a user, and never part of the model."""

import numbers
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from reelwise.data.arguments import check_from_one
from reelwise.data.csr import CSR
from reelwise.data.interactions import RatingScale
from reelwise.data.likes import is_like, least_like
from reelwise.data.types import Floats, Indices
from reelwise.data.vocabulary import Id
from reelwise.errors import UsageError
from reelwise.models.by_id.checking import CheckedScores, NamedScorer
from reelwise.models.by_id.ids import Ids, require_movies, to_column
from reelwise.models.by_id.results import PredictedMovies, RankedMovies
from reelwise.models.by_id.trained_on import TrainedOn
from reelwise.models.queries import Queries
from reelwise.models.top_n import top_k

if TYPE_CHECKING:
    from reelwise.models.by_id.asking import AskedById

_BATCH = 256  # queries that are scored at a time


class Newcomer:
    """Somebody of whom only ratings are known.

    Args:
        model: who is asked.
        known: what that was fitted to.
        stars: movie id → stars; of a model of implicit feedback just the ids of the movies.

    Attributes:
        history: movie id → stars, as it was given.
        remarks: what of it counts for nothing, and why.

    Raises:
        UnknownMovie: Raised when a movie is not in the training data.
        UsageError: Raised when stars are off the scale, or no numbers.
    """

    def __init__(self, model: "AskedById", known: TrainedOn, stars: Mapping[Id, float] | Iterable[Id]) -> None:
        if known.implicit and isinstance(stars, Iterable) and not isinstance(stars, str | bytes):
            stars = dict.fromkeys(stars, known.scale.high)  # all that there is to know is that somebody watched it
        if not isinstance(stars, Mapping):
            raise UsageError(f"ratings of somebody new are {stars!r}; expected movies with stars, such as {{1214: 5}}")
        self._model, self._known, self.history = model, known, dict(stars)
        _, rows = require_movies(known.movies, list(stars))
        values = np.array([_check_stars(movie, value, known.scale) for movie, value in stars.items()], np.float32)
        self._queries = Queries.of_strangers(CSR.grouped(np.zeros(len(rows), np.int64), rows, values, 1))
        self.remarks = tuple(self._tell_ignored(rows, values))

    def __repr__(self) -> str:
        count = len(self.history)
        return f"somebody new with {count} rating{'s' * (count != 1)}, seen by {self._model!r}"

    @property
    def _asked(self) -> "AskedById":
        """The model, as it was when it learnt of this person.

        Raises:
            UsageError: Raised when it was fitted again since.
        """
        if self._model.trained_on is not self._known:
            raise UsageError(f"{self._model.name} was fitted again since; fold these ratings in once more")
        return self._model

    @property
    def embedding(self) -> Floats:
        """The vector that stands for this person in the model, shape (k,).

        Raises:
            UsageError: Raised when the model has no vectors, or was fitted again since.
        """
        vector: Floats = self._asked.embed(self._queries)[0]
        return vector

    def recommend(self, n: int = 10) -> RankedMovies:
        """The best movies, without those of the history, and without movies that nobody rated.

        Raises:
            UsageError: Raised when `n` is not a whole number from 1, or the model was fitted again since.
        """
        movies, scores = best_movies(self._asked, self._queries, check_from_one("n", n), self._known)
        found = movies[0] >= 0
        rows = movies[0][found]
        ranked = RankedMovies(
            rank=np.arange(1, len(rows) + 1), movie=to_column(self._known.movies.ids[rows]), score=scores[0][found]
        )  # fmt: skip
        ranked.remarks = self.remarks
        return ranked

    def predict(self, movies: Ids) -> PredictedMovies:
        """The stars that this person would give, clipped to the rating scale.

        Raises:
            UnknownMovie: Raised when a movie is not in the training data.
            UsageError: Raised when the model does not predict stars, or was fitted again since.
        """
        if not self._model.scores_are_stars:
            raise UsageError(f"{self._model.name} ranks movies and predicts no stars; matrix-factorization does")
        ids, rows = require_movies(self._known.movies, movies)
        scores = CheckedScores(self._asked, len(self._known.movies)).score(self._queries)[0]
        stars = self._known.scale.clip(scores[rows])
        return PredictedMovies(movie=to_column(ids), stars=stars)

    def _tell_ignored(self, rows: Indices, stars: Floats) -> Iterator[str]:
        known, model = self._known, self._model
        unrated = ~known.rated[rows]
        if unrated.any():
            yield f"nobody rated {_name(known, rows[unrated])} in training, so that says nothing"
        disliked = ~unrated & ~is_like(stars, known.scale)
        if model.learns_from_likes and disliked.any():
            least, others = least_like(known.scale), _name(known, rows[disliked])
            yield f"{model.name} learns from likes, {least:g} stars and more; {others} is only left out of lists"


def best_movies(model: NamedScorer, queries: Queries, n: int, known: TrainedOn) -> tuple[Indices, Floats]:
    """The rows of the best `n` movies for each query, and their scores, both of shape (queries, n).

    Without those that a user or the query's history rated, and those that nobody rated. Where fewer than `n` are left,
    the row is -1.

    Raises:
        UsageError: Raised when the model gives no finite score for each query and movie.
    """
    checked = CheckedScores(model, len(known.movies))
    n, rated = min(n, len(known.movies)), known.rated
    movies, best = np.full((len(queries), n), -1, np.int32), np.zeros((len(queries), n), np.float32)
    for start in range(0, len(queries), _BATCH):
        part = queries.part(start, start + _BATCH)
        scores = checked.score(part)
        seen = known.by_user.take(np.maximum(part.users, 0)) if (part.users >= 0).all() else part.histories
        found = top_k(scores, n, seen, allowed=rated)
        movies[start : start + _BATCH] = found
        best[start : start + _BATCH] = np.take_along_axis(scores, np.maximum(found, 0), axis=1)
    return movies, best


def _name(known: TrainedOn, rows: Indices) -> str:
    """The movies in these rows, by their ids."""
    return ", ".join(map(str, known.movies.at(rows)))


def _check_stars(movie: Id, value: Any, scale: RatingScale) -> float:
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not scale.low <= value <= scale.high:  # NaN is refused, too
        raise UsageError(
            f"the stars of {movie!r} are {value!r}; expected a number from {scale.low:g} to {scale.high:g}"
        )
    return float(value)
