"""From what people say, ids and titles, to rows; the only place where recommending meets ids."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.likes import DISLIKED, LIKED, five_stars
from reelwise.data.vocabulary import Id
from reelwise.errors import UnknownMovies, UnknownUser, UsageError
from reelwise.recommend.title_search import TitleSearch

MovieRef = Id
"""A movie id, or a title to search for."""


class Opinion(NamedTuple):
    """The ids of the films that somebody likes, dislikes, and has merely seen; each film in one of the three."""

    liked: list[Id]
    disliked: list[Id]
    seen: list[Id]

    @property
    def named(self) -> list[Id]:
        """Every film named."""
        return [*self.liked, *self.disliked, *self.seen]


class Found(NamedTuple):
    """What became of some movie ids.

    Attributes:
        rows: the row of each movie that the models were fitted to.
        unknown: the ids that are not in the data set, ascending.
    """

    rows: dict[Id, int]
    unknown: tuple[Id, ...]

    def of(self, movie_ids: Iterable[Id]) -> list[int]:
        """The rows of some of the movies, ascending."""
        return sorted(self.rows[movie_id] for movie_id in set(movie_ids) if movie_id in self.rows)


class Resolver:
    """Ids, titles and rows of one model."""

    def __init__(self, model: Model, titles: TitleSearch) -> None:
        self._model, self._titles = model, titles

    def user(self, user_id: Id) -> int:
        """The row of a user.

        Raises:
            UnknownUser: Raised when there is none.
        """
        if self._model.histories is None:
            raise UnknownUser("the model was published without its users and their histories; name films instead")
        row = self._model.users.row(user_id)
        if row is None:
            raise UnknownUser(f"the model does not know user {user_id}")
        return row

    def find(self, movie_ids: Iterable[Id]) -> "Found":
        """Look up all the ids of a request at once."""
        rows, unknown, row, fitted = {}, [], self._model.movies.row, self._model.fitted
        for movie_id in set(movie_ids):
            place = row(movie_id)
            if place is None:
                unknown.append(movie_id)
            elif fitted[place]:
                rows[movie_id] = place
        return Found(rows, tuple(sorted(unknown, key=lambda one: (isinstance(one, str), one))))

    def find_some(self, movie_ids: Iterable[Id]) -> "Found":
        """Look up all the ids of a request at once.

        Raises:
            UnknownMovies: Raised when none of them is in the data set.
        """
        ids = set(movie_ids)
        found = self.find(ids)
        if len(found.unknown) == len(ids):
            raise UnknownMovies(f"none of the movie ids {', '.join(map(str, found.unknown))} is in the data set")
        return found

    def movie_id(self, movie: MovieRef) -> Id:
        """The id that is meant: an id itself, or that of the film whose title fits best.

        Raises:
            UnknownMovies: Raised when nothing is called like the title.
        """
        if not isinstance(movie, str):
            return movie
        if movie in self._model.movies:
            return movie
        found = self.search(movie, 1)
        if not found:
            raise UnknownMovies(f"no film is called anything like {movie!r}")
        return self._model.movies[found[0]]

    def opinion(self, movies: Iterable[MovieRef], stars: Mapping[Id, float], disliked: Iterable[MovieRef]) -> Opinion:
        """Who likes what. Stars count as a like from four out of five, as a dislike up to two.

        Raises:
            UsageError: Raised when stars are off the scale, or a film is named as liked and as disliked.
            UnknownMovies: Raised when nothing is called like a title.
        """
        low, high = self._model.scale
        for movie, given in stars.items():
            if not low <= given <= high:
                raise UsageError(f"stars: movie {movie} has {given:g}, but the rating scale is {low:g} to {high:g}")
        fives = five_stars(np.fromiter(stars.values(), np.float32, len(stars)), self._model.scale).tolist()
        given_fives = dict(zip(stars, fives, strict=True))
        likes = dict.fromkeys(map(self.movie_id, movies))
        likes |= dict.fromkeys(movie for movie, five in given_fives.items() if five >= LIKED)
        dislikes = dict.fromkeys(map(self.movie_id, disliked))
        dislikes |= dict.fromkeys(movie for movie, five in given_fives.items() if five <= DISLIKED)
        both = next((movie for movie in likes if movie in dislikes), None)
        if both is not None:
            raise UsageError(f"movie id {both} is named both as liked and as disliked")
        seen = [movie for movie in given_fives if movie not in likes and movie not in dislikes]
        return Opinion(list(likes), list(dislikes), seen)

    def search(self, text: str, limit: int) -> list[int]:
        """The rows of the films whose titles fit `text`, best first."""
        return [hit.row for hit in self._titles.search(text, limit)]
