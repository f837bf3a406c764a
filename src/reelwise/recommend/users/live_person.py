"""A user with news: the model's history merged with what the live store has heard since. The newest wins."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.likes import DISLIKED, LIKED, five_stars, least_like
from reelwise.data.types import Mask, Rows, Stars
from reelwise.data.vocabulary import Id
from reelwise.live.news import News
from reelwise.recommend.query import Query, QueryBuilder


class LivePerson:
    """A user with news. What is asked for is worked out once.

    Args:
        model: the model.
        queries: makes the queries.
        row: of the user in the model; None for one who came since.
        news: what the store has heard.
    """

    def __init__(self, model: Model, queries: QueryBuilder, row: int | None, news: News) -> None:
        self._model, self._queries, self._row = model, queries, row
        self._find = model.movies.row_ever  # the ratings of films that went stay
        stars, felt = self._merge(news)
        self._felt = felt
        self._stars = {film: given for film, given in stars.items() if film not in felt} | felt
        self.rated = _columns(stars)
        """Rows and stars of all films that have stars, ascending by row."""
        self._changes_opinion = bool(news.stars or news.removed or news.felt)
        self._seen = np.array(sorted({*stars, *felt, *self._rows(news.seen)}), np.int32)

    @cached_property
    def query(self) -> Query:
        """The query by all that is known of the user."""
        return self._by_opinion()._replace(seen=self._seen, lately=True)

    @cached_property
    def prediction_query(self) -> Query:
        """The same, to predict stars with; as the model was fitted to the user where nothing changed since."""
        if self._row is not None and not self._changes_opinion:
            return self._queries.trained(self._row)
        return self.query

    def _by_opinion(self) -> Query:
        model, row = self._model, self._row
        if row is not None and not self._changes_opinion:
            return self._queries.known(row)
        movies, stars, felt = self._history()
        if len(movies) == 0:
            return self._queries.anybody()
        if model.folding is not None and not felt.all():
            own = None if row is None else self._queries.own_profile(row)
            return self._queries.folded(movies, stars, felt, "known user", own)
        five = five_stars(stars, model.scale)
        liked, disliked = movies[five >= LIKED].tolist(), movies[five <= DISLIKED].tolist()
        if model.ranking is not None and (row is None or model.folding is not None):
            return self._queries.blended(liked, disliked)
        if row is not None:
            return self._queries.trained(row)
        return self._queries.matching(self._queries.match(liked))

    def _history(self) -> tuple[Rows, Stars, Mask]:
        """Rows, stars and whether they merely stand for a feeling, of the films that the models were fitted to."""
        movies, stars = _columns(self._stars)
        felt = np.array([movie in self._felt for movie in movies.tolist()], np.bool_)
        fitted = self._model.fitted[movies]
        return movies[fitted], stars[fitted], felt[fitted]

    def _merge(self, news: News) -> tuple[dict[int, float], dict[int, float]]:
        """Stars by row, of the model's history and since; and of films that are newly liked or disliked in its place.

        A like says nothing new of a film whose stars are a like already, nor does a dislike of one that is disliked.
        """
        stars: dict[int, float] = {}
        if self._row is not None and self._model.histories is not None:
            movies, given = self._model.histories.by_user[self._row]
            stars = dict(zip(movies.tolist(), given.tolist(), strict=True))
        for movie in self._rows(news.removed):
            stars.pop(movie, None)
        for film, one in news.stars.items():
            if (found := self._find(film)) is not None:
                stars[found] = one
        felt: dict[int, float] = {}
        scale = self._model.scale
        for film, likes in news.felt.items():
            if (found := self._find(film)) is not None and not self._says_so(stars.get(found), likes):
                felt[found] = least_like(scale) if likes else scale.low
        return stars, felt

    def _says_so(self, stars: float | None, likes: bool) -> bool:
        if stars is None:
            return False
        five = float(five_stars(np.array([stars], np.float32), self._model.scale)[0])
        return five >= LIKED if likes else five <= DISLIKED

    def _rows(self, films: Iterable[Id]) -> list[int]:
        """The rows of films; without those that this model does not know."""
        return [row for film in films if (row := self._find(film)) is not None]


def _columns(stars: dict[int, float]) -> tuple[Rows, Stars]:
    """Rows, ascending, and the stars of each."""
    movies = sorted(stars)
    return np.array(movies, np.int32), np.array([stars[movie] for movie in movies], np.float32)
