"""Predicted stars of films that are named: for one person, or for many pairs of a user and a film."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.readers.columns import ColumnNames, find_columns
from reelwise.data.readers.faults import naming
from reelwise.data.readers.frames import list_columns, open_frame, take_columns
from reelwise.data.types import Floats, Indices, Rows
from reelwise.data.vocabulary import Id
from reelwise.errors import UsageError
from reelwise.recommend.limits import MOST_PREDICTED, check_count
from reelwise.recommend.naming.references import MovieRef
from reelwise.recommend.naming.reporter import Reporter
from reelwise.recommend.naming.resolver import Resolver, in_order
from reelwise.recommend.query import Query
from reelwise.recommend.request import Request
from reelwise.recommend.results import Film, NamedFilm, Prediction, Predictions
from reelwise.recommend.users.people import People
from reelwise.recommend.users.stand_ins import StandIns

if TYPE_CHECKING:
    import polars as pl

_BLOCK = 100_000  # pairs at a time, so that their vectors do not fill the memory


class PredictedStars(NamedTuple):
    """Predicted stars, clipped to the scale, and how sure they are; NaN where they are not known.

    Attributes:
        predicted: float32, shape (pairs,).
        margins: float32, shape (pairs,), one standard deviation; NaN without uncertainty.
    """

    predicted: Floats
    margins: Floats


class Predictor:
    """Predicts the stars of films that are named."""

    def __init__(
        self,
        model: Model,
        resolver: Resolver,
        people: People,
        stand_ins: StandIns,
        film_of: Callable[[int], Film],
    ) -> None:
        self._model, self._resolver, self._film_of = model, resolver, film_of
        self._people, self._stand_ins = people, stand_ins
        self._reporter = Reporter(model.movies, film_of)

    def predict(self, request: Request, movies: Collection[MovieRef]) -> Predictions:
        """The stars that a person would give these movies; see `Service.predict`."""
        request.check()
        self._require_stars()
        check_count("films", movies, MOST_PREDICTED, least=1)
        asked = self._resolver.movie_ids(movies)
        found, named = self._resolver.find(asked), tuple[NamedFilm, ...]()
        unknown = set(found.unknown)
        if request.user is not None:
            query = self._people.stars_query(self._people.find_for_list(request.user))
        else:
            stand_in = self._stand_ins.find(request)
            query, named = stand_in.query, stand_in.named
            unknown.update(stand_in.found.unknown)
        named += tuple(self._reporter.report_texts(asked, "asked about", found.rows))
        rows = [found.rows[movie_id] for movie_id in asked if movie_id in found.rows]
        return Predictions(self._predict_rows(query, rows), in_order(unknown), named)

    def predict_frame(self, frame: Any, columns: ColumnNames) -> "pl.DataFrame":
        """The stars that each user of a frame would give the movie beside it; see `Recommender.predict_pairs`."""
        self._require_stars()
        if self._model.histories is None:
            raise UsageError("this model was published without its users; name films instead")
        frame = open_frame(frame)
        header = list_columns(frame)
        with naming("the frame"):
            places = find_columns(header, {**columns, "rating": "", "time": ""})
        whole = take_columns(frame, {name: place for place, name in enumerate(header)})
        users = _rows_of(whole.to_series(places["user"]), self._resolver.user_row)
        movies = _rows_of(whole.to_series(places["movie"]), self._resolver.fitted_row)
        stars = predict_pairs(self._model, users, movies)
        return whole.with_columns(predicted_stars=_or_null(stars.predicted), stars_margin=_or_null(stars.margins))

    def _require_stars(self) -> None:
        if not self._model.predicts_stars:
            raise UsageError(
                "this model was trained on what people watched, without stars, so it predicts none; "
                "ask it for recommendations"
            )

    def _predict_rows(self, query: Query, rows: list[int]) -> tuple[Prediction, ...]:
        movies = np.array(rows, np.int32)
        predicted = self._model.scale.clip(self._model.rating.Q[movies] @ query.rating).tolist()
        margins = query.std(movies).tolist() if query.std else [None] * len(rows)
        films = map(self._film_of, rows)
        return tuple(
            Prediction(film.movie_id, film.title, stars, margin)
            for film, stars, margin in zip(films, predicted, margins, strict=True)
        )


def _rows_of(ids: "pl.Series", find: Callable[[Id], int | None]) -> Indices:
    """The row of each id, -1 where there is none; int32, shape (ids,)."""
    import polars as pl

    rows = {one: row for one in ids.unique().to_list() if one is not None and (row := find(one)) is not None}
    found = ids.replace_strict([*rows], [*rows.values()], default=-1, return_dtype=pl.Int32)
    return found.fill_null(-1).to_numpy()


def _or_null(values: Floats) -> "pl.Series":
    import polars as pl

    return pl.Series(values, dtype=pl.Float32).fill_nan(None)


def predict_pairs(model: Model, users: Rows, movies: Rows) -> PredictedStars:
    """The stars that each user would give the movie beside it.

    Args:
        model: the model.
        users: rows, -1 where unknown, shape (pairs,).
        movies: likewise.
    """
    predicted, margins = np.full((2, len(users)), np.nan, np.float32)
    known = np.flatnonzero((users >= 0) & (movies >= 0))
    for start in range(0, len(known), _BLOCK):
        block = known[start : start + _BLOCK]
        of_users, of_movies = users[block], movies[block]
        products = np.einsum("nk,nk->n", model.rating.P[of_users], model.rating.Q[of_movies])
        predicted[block] = model.scale.clip(products)
        if model.rating.uncertainty is not None:
            margins[block] = model.rating.uncertainty.std(of_users, of_movies)
    return PredictedStars(predicted, margins)
