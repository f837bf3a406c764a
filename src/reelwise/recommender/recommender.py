"""The recommender: a trained model with its catalogue and histories, ready to answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from reelwise.data.catalogue import Movie
from reelwise.data.ratings import index_of
from reelwise.errors import UnknownMovies, UsageError
from reelwise.recommender.matching import BestUser, best_user
from reelwise.recommender.search import TitleIndex
from reelwise.recommender.topn import top_n
from reelwise.store.folder import Description, Model, read_model

Strategy = Literal["profile"]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommended film; `score` is the predicted stars, clipped to the rating scale."""

    movie_id: int
    title: str
    score: float
    tmdb_id: int | None


@dataclass(frozen=True, slots=True)
class Match:
    """The user who matches a selection best; `user_id` and `average_rating` are None where nobody rated any of it."""

    user_id: int | None
    match_count: int
    average_rating: float | None


class Recommender:
    """Answers for one model. Safe to share between threads: nothing in it changes.

    Example:
        >>> recommender = Recommender.open("model")
        >>> recommender.recommend_from_selection([1, 296, 593], n=5)
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._history = model.history

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """The recommender of a model folder.

        Raises:
            ModelError: if the folder is missing or broken; it names file and fault.
        """
        return cls(read_model(Path(folder)))

    @property
    def description(self) -> Description:
        """What this model is: revision, data set, counts, when it was trained."""
        return self._model.description

    def recommend(self, user_id: int, n: int = 10) -> list[Recommendation]:
        """The `n` movies with the highest predicted stars that the user has not rated, best first.

        An empty list for a user whom the model does not know.
        """
        user = self._row(user_id, self._history.user_ids)
        return [] if user is None else self._best(user, n, [])

    def recommend_from_selection(
        self, movie_ids: Sequence[int], n: int = 10, strategy: Strategy = "profile"
    ) -> list[Recommendation]:
        """Recommendations for somebody who picked these movies.

        `strategy="profile"`: what the best matching user would be recommended, without the picks. An empty list if
        nobody matches.

        Raises:
            UnknownMovies: if none of the ids is in the data set.
            UsageError: if there is no such strategy.
        """
        picks = self._picks(movie_ids)
        if strategy != "profile":
            raise UsageError(f"strategy is {strategy!r}; this version knows profile")
        profile = self._best_user(picks)
        return [] if profile is None else self._best(profile.user, n, picks)

    def match(self, movie_ids: Sequence[int]) -> Match:
        """The user who rated most of these movies; ties go to the higher mean stars on them, then to the lowest id.

        Raises:
            UnknownMovies: if none of the ids is in the data set.
        """
        found = self._best_user(self._picks(movie_ids))
        if found is None:
            return Match(None, 0, None)
        return Match(int(self._history.user_ids[found.user]), found.matched, found.mean_stars)

    def movie(self, movie_id: int) -> Movie | None:
        """The film with that id, if it is in the data set."""
        catalogue = self._model.catalogue
        return catalogue.get(movie_id)

    def search(self, query: str, limit: int = 10) -> list[Movie]:
        """The films whose titles fit `query`, best first; forgives typing errors, accents and a missing article."""
        movies = self._model.catalogue.movies
        return [movies[hit.position] for hit in self._titles.search(query, limit)]

    @cached_property
    def _titles(self) -> TitleIndex:
        catalogue = self._model.catalogue
        rows = index_of(catalogue.ids(), self._history.movie_ids)
        ratings = np.append(self._history.by_movie.counts(), 0)[rows]  # row -1, a movie without factors, has none
        return TitleIndex([movie.title for movie in catalogue], ratings)

    def _row(self, one_id: int, ids: npt.NDArray[np.int64]) -> int | None:
        row = int(np.searchsorted(ids, one_id))
        return row if row < len(ids) and ids[row] == one_id else None

    def _picks(self, movie_ids: Sequence[int]) -> list[int]:
        """The rows of the chosen movies that have factors, each once."""
        known = sorted({movie_id for movie_id in movie_ids if movie_id in self._model.catalogue})
        if not known:
            raise UnknownMovies(f"none of the movie ids {', '.join(map(str, movie_ids))} is in the data set")
        rows = (self._row(movie_id, self._history.movie_ids) for movie_id in known)
        return [row for row in rows if row is not None]

    def _best_user(self, picks: list[int]) -> BestUser | None:
        return best_user(self._history.by_movie, np.asarray(picks, np.int64), len(self._history.user_ids))

    def _best(self, user: int, n: int, picks: list[int]) -> list[Recommendation]:
        scores = np.asarray(self._model.Q @ self._model.P[user])
        rated, _ = self._history.by_user[user]
        chosen = top_n(scores, n, np.concatenate([rated, np.asarray(picks, np.int32)]))
        stars = self._history.scale.clip(scores[chosen])
        ids = self._history.movie_ids[chosen]
        return [self._recommendation(int(movie_id), float(score)) for movie_id, score in zip(ids, stars, strict=True)]

    def _recommendation(self, movie_id: int, score: float) -> Recommendation:
        movie = self._model.catalogue[movie_id]
        return Recommendation(movie_id, movie.title, score, movie.tmdb_id)
