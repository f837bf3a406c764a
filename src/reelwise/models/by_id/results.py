"""The answers of a model by ids: predictions, recommendations, similar movies."""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from reelwise.data.vocabulary import Id
from reelwise.records import Records

_FORMATS = {"stars": ".2f", "std": ".2f", "score": ".3f"}


class PredictedPair(NamedTuple):
    """Predicted stars.

    Attributes:
        user: a user's id.
        movie: a movie's id.
        stars: clipped to the rating scale.
        std: the standard deviation of their error, in stars; None where it is unknown.
    """

    user: Id
    movie: Id
    stars: float
    std: float | None


class PredictedPairs(Records[PredictedPair]):
    """Predicted stars of pairs, in the order that they were asked for.

    Attributes:
        unknown_users: how many pairs have a user without ratings in the training data. Their stars are what is known
            of the movie.
        unknown_movies: likewise with movies; their stars are what is known of the user.
    """

    row_type = PredictedPair
    formats: ClassVar[Mapping[str, str]] = _FORMATS
    unknown_users = unknown_movies = 0


class PredictedMovie(NamedTuple):
    """Predicted stars of a movie, clipped to the rating scale, for somebody who was folded in."""

    movie: Id
    stars: float


class PredictedMovies(Records[PredictedMovie]):
    """Predicted stars of movies, in the order that they were asked for."""

    row_type = PredictedMovie
    formats: ClassVar[Mapping[str, str]] = _FORMATS


class RecommendedMovie(NamedTuple):
    """A movie for a user.

    Attributes:
        user: the user's id.
        rank: from 1.
        movie: the movie's id.
        score: of the model; higher is better, comparable within one list.
    """

    user: Id
    rank: int
    movie: Id
    score: float


class RecommendedMovies(Records[RecommendedMovie]):
    """Recommendations for users: one after the other, each user's best first."""

    row_type = RecommendedMovie
    formats: ClassVar[Mapping[str, str]] = _FORMATS


class RankedMovie(NamedTuple):
    """A movie in a list: its rank from 1, id, and score (higher is better)."""

    rank: int
    movie: Id
    score: float


class RankedMovies(Records[RankedMovie]):
    """A list of movies, best first."""

    row_type = RankedMovie
    formats: ClassVar[Mapping[str, str]] = _FORMATS
