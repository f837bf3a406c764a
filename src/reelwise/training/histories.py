"""New histories for an existing model: what people rated since, without touching the factors."""

from dataclasses import dataclass, replace
from pathlib import Path

from reelwise.artifacts.config import Source
from reelwise.artifacts.model import Model
from reelwise.data.digest import sha256_of
from reelwise.data.ratings import Ids, Ratings, RatingScale, distinct, index_of
from reelwise.data.readers.movielens import find_ratings
from reelwise.data.readers.tables import read_columns
from reelwise.errors import DataError, UsageError


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
    known = model.history
    history, left_out = read_histories(path, known.user_ids, known.movie_ids, known.scale)
    config = model.config.model_copy(
        update={
            "histories": Source(name=path.resolve().parent.name, sha256=sha256_of(path)),
            "counts": model.config.counts.model_copy(update={"ratings": len(history)}),
        }
    )
    return replace(model, config=config, history=history), left_out


def read_histories(path: Path, user_ids: Ids, movie_ids: Ids, scale: RatingScale) -> tuple[Ratings, LeftOut]:
    """What some users rated of some movies, and what else there is in the file.

    Args:
        path: a ratings file, or a folder with one.
        user_ids: the users, ascending.
        movie_ids: the movies, ascending.
        scale: the scale the stars must lie on.

    Raises:
        DataError: if the file cannot be read, or has no rating by one of the users of one of the movies.
    """
    path = find_ratings(path)
    columns = read_columns(path, scale)
    history = Ratings.from_columns(
        columns.user_ids,
        columns.movie_ids,
        columns.stars,
        columns.timestamps,
        scale=scale,
        known_users=user_ids,
        known_movies=movie_ids,
    )
    if len(history) == 0:
        raise DataError(f"{path}: none of its ratings is by a user and of a movie that the model knows")
    of_strangers = index_of(columns.user_ids, user_ids) < 0
    of_strange_movies = index_of(columns.movie_ids, movie_ids) < 0
    return history, LeftOut(
        users=len(distinct(columns.user_ids[of_strangers])),
        movies=len(distinct(columns.movie_ids[of_strange_movies])),
        ratings=int((of_strangers | of_strange_movies).sum()),
    )
