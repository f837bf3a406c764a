"""Asking a model by ids: what every estimator can that was fitted to a `Dataset`."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import ClassVar

import numpy as np

from reelwise.data.arguments import check_from_one
from reelwise.data.types import Floats
from reelwise.data.vocabulary import Id
from reelwise.errors import UnknownMovie, UnknownUser, UsageError
from reelwise.models.by_id.checking import check_answer
from reelwise.models.by_id.ids import Ids, require_movies, require_users, to_column
from reelwise.models.by_id.newcomer import Newcomer, best_movies
from reelwise.models.by_id.results import RankedMovies, RecommendedMovies
from reelwise.models.by_id.trained_on import TrainedOn
from reelwise.models.queries import Queries
from reelwise.models.similar import find_similar


class AskedById(ABC):
    """The part of an estimator that knows ids.

    Attributes:
        name: of the model.
        scores_are_stars: whether `score` predicts stars.
        learns_from_likes: whether only the likes of a history count.
        trained_on: the ratings that it was fitted to, with their ids; None where it was fitted to rows alone.
    """

    name: ClassVar[str]
    scores_are_stars: ClassVar[bool] = False
    learns_from_likes: ClassVar[bool] = False
    trained_on: TrainedOn | None = None

    def __init_subclass__(cls) -> None:
        """A class without a name of its own is called as the class is."""
        super().__init_subclass__()
        if "name" not in vars(cls):
            cls.name = cls.__name__

    @abstractmethod
    def score(self, queries: Queries) -> Floats:
        """How well each movie suits each query: finite, higher is better; float32, shape (queries, movies)."""

    def embed(self, queries: Queries) -> Floats:  # noqa: ARG002
        """The vector that stands for each query, shape (queries, k).

        Raises:
            UsageError: Raised when the model has none.
        """
        raise UsageError(f"{self.name} has no vectors; matrix-factorization and weighted-als do")

    def require_ids(self) -> TrainedOn:
        """The ratings that the model was trained on.

        Raises:
            UsageError: Raised when it was not fitted yet, or to rows without ids.
        """
        if self.trained_on is None:
            raise UsageError(f"this {self.name} model knows no ids; fit it to a Dataset first, see reelwise.Dataset")
        return self.trained_on

    def recommend(self, users: Ids, n: int = 10) -> RecommendedMovies:
        """The best movies for known users.

        Without what a user rated, and without movies that nobody rated.

        Args:
            users: ids of users, or one of them.
            n: how many movies for each; fewer where fewer are left.

        Raises:
            UnknownUser: Raised when a user has no rating in the training data.
            UsageError: Raised when the model was not fitted to a `Dataset`, or an argument is invalid.
        """
        known = self.require_ids()
        n = check_from_one("n", n)
        ids, rows = require_users(known.users, users)
        silent = known.by_user.counts()[rows] == 0
        if silent.any():
            first = known.users[int(rows[silent][0])]
            raise UnknownUser(f"user {first!r} has no rating in the training data; fold_in recommends to somebody new")
        movies, scores = best_movies(self, Queries.of_users(rows), n, known)
        users_of, ranks = np.nonzero(movies >= 0)
        return RecommendedMovies(
            user=to_column(ids[users_of]),
            rank=ranks + 1,
            movie=to_column(known.movies.ids[movies[users_of, ranks]]),
            score=scores[users_of, ranks],
        )

    def similar(self, movie: Id, n: int = 10) -> RankedMovies:
        """The movies that are most like one, by the model.

        The score is the likeness, at most 1, less for movies with few ratings; see `reelwise.models.similar`.

        Args:
            movie: the id of a movie.
            n: how many; fewer where fewer are like it at all.

        Raises:
            UnknownMovie: Raised when nobody rated the movie.
            UsageError: Raised when the model has no notion of likeness, was not fitted to a `Dataset`, or an argument
                is invalid.
        """
        known = self.require_ids()
        n = check_from_one("n", n)
        _, rows = require_movies(known.movies, movie)
        if len(rows) != 1:
            raise UsageError(f"similar is asked about {len(rows)} movies; expected the id of one")
        row = int(rows[0])
        if not known.rated[row]:
            raise UnknownMovie(f"nobody rated movie {movie!r} in the training data, so nothing says what it is like")
        likeness = check_answer(self, "similarities", self.similarities(row), (len(known.movies),))
        found, likeness = find_similar(likeness, known.counts_by_movie, row, n)
        return RankedMovies(
            rank=np.arange(1, len(found) + 1), movie=to_column(known.movies.ids[found]), score=likeness
        )  # fmt: skip

    def similarities(self, movie: int) -> Floats:  # noqa: ARG002
        """How alike the movie in that row and each movie are, at most 1; float32, shape (movies,).

        Raises:
            UsageError: Raised when the model has no notion of that.
        """
        raise UsageError(f"{self.name} does not say which movies are alike; weighted-als does")

    def fold_in(self, stars: Mapping[Id, float] | Iterable[Id]) -> Newcomer:
        """Somebody new, by their ratings; the model stays as it is.

        Args:
            stars: movie id → stars, on the scale of the training data; of a model of implicit feedback just the ids of
                the movies.

        Raises:
            UnknownMovie: Raised when a movie is not in the training data.
            UsageError: Raised when stars are off the scale, or the model was not fitted to a `Dataset`.
        """
        return Newcomer(self, self.require_ids(), stars)
