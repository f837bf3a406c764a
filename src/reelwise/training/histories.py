"""New histories for an existing model: what people rated since, without touching the factors."""

from collections.abc import Set
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from reelwise.artifacts.config import DataSource
from reelwise.artifacts.model import Model
from reelwise.data.digest import sha256_of
from reelwise.data.interactions import RatingScale
from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import Ratings
from reelwise.data.readers.assembling import describe
from reelwise.data.readers.columns import ColumnNames
from reelwise.data.readers.movielens import find_ratings, name_data
from reelwise.data.readers.tables import read_columns
from reelwise.data.vocabulary import Vocabulary, distinct
from reelwise.errors import DataError, UsageError
from reelwise.training.erased import erased_rows

_REMEDIES = {
    True: "give the file that has the stars, or say which column it is with rating=NAME (--columns rating=NAME)",
    False: "say that there are none with rating= and no name (--columns rating=)",
}


@dataclass(frozen=True)
class LeftOut:
    """The part of a ratings file that the model does not know.

    Attributes:
        users: distinct users.
        movies: distinct movies.
        ratings: the ratings by these users, or of these movies.
        understood: what the columns of the file were taken for, see `Dataset.understood`.
    """

    users: int
    movies: int
    ratings: int
    understood: str


def refresh_histories(
    model: Model,
    path: Path | str,
    columns: ColumnNames | None = None,
    erased: Set[str] = frozenset(),
) -> tuple[Model, LeftOut]:
    """`model` with the histories in `path`, and what had to be left out.

    Histories are replaced, not added to. Users of the model who are not in the file have an empty history then, and are
    unknown to all who ask.

    Args:
        model: the model; its factors stay as they are.
        path: a ratings file, or a folder with one, on the model's rating scale.
        columns: columns by role; the others are recognised by their names.
        erased: marks of erased users, see `reelwise.live.store.Store.erased_marks`; they have an empty history, too.

    Raises:
        UsageError: Raised when the model was published without its users.
        DataError: Raised when the file cannot be read, has stars where the model has none or none where it has, or
            shares no user and movie with the model.
    """
    if model.histories is None:
        raise UsageError("this model was published without its users and their histories; train one of your own")
    path = find_ratings(Path(path))
    fitted = Vocabulary(model.movies.ids[np.flatnonzero(model.fitted)])
    ratings, left_out = read_histories(
        path, model.users, fitted, model.scale, columns, erased, implicit=model.config.dataset.implicit
    )
    histories = ratings.with_movies(model.movies)
    config = model.config.model_copy(
        update={
            "histories": DataSource(name=name_data(path), sha256=sha256_of(path)),
            "counts": model.config.counts.model_copy(update={"ratings": len(histories)}),
        }
    )
    stats = MovieStats.measure(histories.by_movie)
    return replace(model, config=config, histories=histories, stats=stats, indexes=None), left_out


def read_histories(
    path: Path,
    users: Vocabulary,
    movies: Vocabulary,
    scale: RatingScale,
    columns: ColumnNames | None,
    erased: Set[str],
    *,
    implicit: bool,
) -> tuple[Ratings, LeftOut]:
    """Read the ratings by some users of some movies, and count what else there is in the file.

    Args:
        path: the ratings file.
        users: the users.
        movies: the movies.
        scale: the scale the stars must lie on.
        columns: columns by role; the others are recognised by their names.
        erased: marks of users whose ratings are left out.
        implicit: whether there must be no stars.

    Raises:
        DataError: Raised when the file cannot be read, has stars where there must be none or none where there must, or
            has no rating by one of the users of one of the movies.
    """
    read = read_columns(path, scale, columns)
    if read.implicit != implicit:
        raise DataError(f"{path}: {describe_mismatch(read.implicit)}; {_REMEDIES[read.implicit]}")
    ratings = Ratings.from_columns(
        read.user_ids, read.movie_ids, read.stars, read.times, scale=scale, users=users, movies=movies
    )
    of_strangers, of_strange_movies = users.rows(read.user_ids) < 0, movies.rows(read.movie_ids) < 0
    left_out = int((of_strangers | of_strange_movies).sum())
    understood = describe(read, len(read.stars) - left_out - len(ratings))
    if len(gone := erased_rows(users, erased)):
        ratings = ratings.where(~np.isin(ratings.interactions().users, gone))
    if len(ratings) == 0:
        raise DataError(
            f"{path}: none of its ratings is by a user and of a movie that the model knows (read: {understood})"
        )
    return ratings, LeftOut(
        users=len(distinct(read.user_ids[of_strangers])),
        movies=len(distinct(read.movie_ids[of_strange_movies])),
        ratings=left_out,
        understood=understood,
    )


def describe_mismatch(implicit: bool) -> str:
    """How ratings differ from those of a model, where only one of them has stars.

    Args:
        implicit: whether the ratings are those without.
    """
    which = {True: "only say who watched what", False: "have stars"}
    return f"these ratings {which[implicit]}, but those of the model {which[not implicit]}"
