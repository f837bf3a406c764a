"""New histories for an existing model: what people rated since, without touching the factors."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from reelwise.data.digest import sha256_of
from reelwise.data.movielens import find_ratings
from reelwise.data.ratings import Ids, Ratings, distinct
from reelwise.data.ratings_file import read_columns
from reelwise.errors import DataError, UsageError
from reelwise.store.config import Source
from reelwise.store.model import Model


@dataclass(frozen=True)
class LeftOut:
    """What a ratings file holds that the model does not know: distinct users, distinct movies, and their ratings."""

    users: int
    movies: int
    ratings: int


def refresh_histories(model: Model, path: Path) -> tuple[Model, LeftOut]:
    """`model` with the histories in `path`, and what had to be left out.

    Histories are replaced, not added to. Users of the model who are not in the file have an empty history then.

    Args:
        model: the model; its factors stay as they are.
        path: a ratings file, or a folder with one, on the model's rating scale.

    Raises:
        UsageError: if the model was published without its users.
        DataError: if the file cannot be read, or shares no user and movie with the model.
    """
    if not model.has_histories:
        raise UsageError("this model was published without its users and their histories; train one of your own")
    path = find_ratings(path)
    columns = read_columns(path, model.history.scale)
    known_users, known_movies = model.history.user_ids, model.history.movie_ids
    history = Ratings.from_columns(
        columns.user_ids,
        columns.movie_ids,
        columns.stars,
        columns.timestamps,
        scale=columns.scale,
        known_users=known_users,
        known_movies=known_movies,
    )
    if len(history) == 0:
        raise DataError(f"{path}: none of its ratings is by a user and of a movie that the model knows")
    known = np.isin(columns.user_ids, known_users) & np.isin(columns.movie_ids, known_movies)
    left_out = LeftOut(
        users=_unknown(columns.user_ids, known_users),
        movies=_unknown(columns.movie_ids, known_movies),
        ratings=int((~known).sum()),
    )
    config = model.config.model_copy(
        update={
            "histories": Source(name=path.resolve().parent.name, sha256=sha256_of(path)),
            "counts": model.config.counts.model_copy(update={"ratings": len(history)}),
        }
    )
    return replace(model, config=config, history=history), left_out


def _unknown(found: Ids, known: Ids) -> int:
    return int((~np.isin(distinct(found), known)).sum())
