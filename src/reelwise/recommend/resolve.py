"""From what people say, ids and titles, to rows; the only place where the recommender meets ids."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.artifacts.title_index import write_title_index
from reelwise.data.catalogue import Movie
from reelwise.data.ratings import index_of
from reelwise.errors import UnknownMovies, UnknownUser, UsageError
from reelwise.models.preference import DISLIKED, LIKED, five_stars
from reelwise.recommend.title_search import TitleSearch

MovieRef = int | str  # a movie id, or a title to search for


class Opinion(NamedTuple):
    """The ids of the films that somebody likes, dislikes, and has merely seen; each film in one of the three."""

    liked: list[int]
    disliked: list[int]
    seen: list[int]

    @property
    def all(self) -> list[int]:
        """Every film named."""
        return [*self.liked, *self.disliked, *self.seen]


class Identities:
    """Ids, titles and rows of one model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._catalogue = model.catalogue
        self._history = model.history

    def user(self, user_id: int) -> int:
        """The row of a user.

        Raises:
            UnknownUser: if there is none.
        """
        if not self._model.has_histories:
            raise UnknownUser("the model was published without its users and their histories; name films instead")
        ids = self._history.user_ids
        row = int(np.searchsorted(ids, user_id))
        if row == len(ids) or ids[row] != user_id:
            raise UnknownUser(f"the model does not know user {user_id}")
        return row

    def rows(self, movie_ids: Iterable[int]) -> list[int]:
        """The rows of those movies that have one, each once, ascending."""
        movie_ids = set(movie_ids)
        if not movie_ids:
            return []
        rows = index_of(np.array(sorted(movie_ids), np.int64), self._history.movie_ids)
        found: list[int] = rows[rows >= 0].tolist()
        return found

    def movie_id(self, movie: MovieRef) -> int:
        """The id that is meant: an id itself, or that of the film whose title fits best.

        Raises:
            UnknownMovies: if nothing is called like the title.
        """
        if isinstance(movie, int):
            return movie
        found = self.search(movie, 1)
        if not found:
            raise UnknownMovies(f"no film is called anything like {movie!r}")
        return found[0].movie_id

    def unknown(self, movie_ids: Iterable[int]) -> tuple[int, ...]:
        """Those ids that are not in the data set, each once, ascending.

        Raises:
            UnknownMovies: if none of them is.
        """
        ids = set(movie_ids)
        unknown = tuple(sorted(movie_id for movie_id in ids if movie_id not in self._catalogue))
        if len(unknown) == len(ids):
            raise UnknownMovies(f"none of the movie ids {', '.join(map(str, unknown))} is in the data set")
        return unknown

    def opinion(self, movies: Iterable[MovieRef], stars: Mapping[int, float], disliked: Iterable[MovieRef]) -> Opinion:
        """Who likes what. Stars count as a like from four out of five, as a dislike up to two.

        Raises:
            UsageError: if a film is named as liked and as disliked.
            UnknownMovies: if nothing is called like a title.
        """
        given = five_stars(np.fromiter(stars.values(), np.float32, len(stars)), self._history.scale)
        fives = dict(zip(stars, given.tolist(), strict=True))
        likes = dict.fromkeys(map(self.movie_id, movies))
        likes |= dict.fromkeys(movie for movie, five in fives.items() if five >= LIKED)
        dislikes = dict.fromkeys(map(self.movie_id, disliked))
        dislikes |= dict.fromkeys(movie for movie, five in fives.items() if five <= DISLIKED)
        both = next((movie for movie in likes if movie in dislikes), None)
        if both is not None:
            raise UsageError(f"movie id {both} is named both as liked and as disliked")
        seen = [movie for movie in fives if movie not in likes and movie not in dislikes]
        return Opinion(list(likes), list(dislikes), seen)

    def search(self, query: str, limit: int) -> list[Movie]:
        """The films whose titles fit `query`, best first."""
        return [self._catalogue.movies[hit.row] for hit in self._titles.search(query, limit)]

    @cached_property
    def _titles(self) -> TitleSearch:
        rows = index_of(self._catalogue.ids(), self._history.movie_ids)
        ratings = np.append(self._model.popularity.counts, 0)[rows]  # row -1, a movie that nobody rated, has none
        titles = [movie.title for movie in self._catalogue]
        with TemporaryDirectory() as folder:  # until the model folder holds the index; what is open stays readable
            path = Path(folder, "titles.sqlite")
            write_title_index(path, titles, ratings)
            return TitleSearch(path, len(titles))
