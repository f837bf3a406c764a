"""Predicting the stars of pairs of ids."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from reelwise.data.dataset import Dataset
from reelwise.data.types import Floats, Indices
from reelwise.data.vocabulary import Id, IdArray, Vocabulary
from reelwise.errors import UsageError
from reelwise.models.by_id.checking import check_answer
from reelwise.models.by_id.ids import hint_at_kind, list_ids, to_column
from reelwise.models.by_id.results import PredictedPairs

if TYPE_CHECKING:
    from reelwise.models.base import RatingPredictor

IdPairs = Iterable[tuple[Id, Id]] | Any
"""Pairs of ids, a frame of them (whatever has `__arrow_c_stream__`, or pandas), or a `Dataset`."""


def predict_pairs(model: "RatingPredictor", pairs: IdPairs) -> PredictedPairs:
    """Predicted stars, with their standard deviation where the model knows it.

    Raises:
        UsageError: Raised when these are not pairs, or the model was not fitted to a `Dataset`.
    """
    known = model.require_ids()
    user_ids, movie_ids = _columns(pairs)
    users, movies = known.users.rows(user_ids), known.movies.rows(movie_ids)
    is_silent, is_unrated = known.by_user.counts() == 0, ~known.rated
    unknown_users, unknown_movies = (users < 0) | is_silent[users], (movies < 0) | is_unrated[movies]
    stars = check_answer(model, "predict_rows", model.predict_rows(users, movies), users.shape)
    std = _std(model, users, movies)
    predictions = PredictedPairs(
        user=to_column(user_ids),
        movie=to_column(movie_ids),
        stars=stars,
        std=np.full(len(users), np.nan, np.float32) if std is None else std,
    )
    predictions.unknown_users = int(np.count_nonzero(unknown_users))
    predictions.unknown_movies = int(np.count_nonzero(unknown_movies))
    guesses = [
        _describe_guesses("user", predictions.unknown_users, known.users, user_ids),
        _describe_guesses("movie", predictions.unknown_movies, known.movies, movie_ids),
    ]
    predictions.remarks = (*filter(None, guesses), *([model.why_no_std] if std is None else []))
    return predictions


def _describe_guesses(noun: str, count: int, vocabulary: Vocabulary, ids: IdArray) -> str:
    if count == 0:
        return ""
    return (
        f"{count:,} of {len(ids):,} pairs {'has' if count == 1 else 'have'} a {noun} that the model does not know: the "
        f"stars are guessed from the rest{hint_at_kind(vocabulary, noun, ids)}"
    )


def _std(model: "RatingPredictor", users: Indices, movies: Indices) -> Floats | None:
    """The standard deviations, NaN for strangers; None where the model knows none."""
    known = np.flatnonzero((users >= 0) & (movies >= 0))
    found = model.std_rows(users[known], movies[known])
    if found is None:
        return None
    std = np.full(len(users), np.nan, np.float32)
    std[known] = found
    return std


def _columns(pairs: IdPairs) -> tuple[IdArray, IdArray]:
    """The users and the movies of pairs."""
    if isinstance(pairs, Dataset):
        ratings = pairs.ratings.interactions()
        return pairs.ratings.users.ids[ratings.users], pairs.ratings.movies.ids[ratings.movies]
    if isinstance(pairs, Mapping) or any(hasattr(type(pairs), name) for name in ("__arrow_c_stream__", "columns")):
        users, movies = _read_frame(pairs)
    else:
        users, movies = _unzip(pairs)
    user_ids, movie_ids = list_ids(users), list_ids(movies)
    return user_ids, movie_ids


def _read_frame(frame: Any) -> tuple[Any, Any]:
    """The columns of users and of movies, recognised by the usual names.

    Raises:
        UsageError: Raised when they are not recognised.
    """
    from reelwise.data.readers.columns import ColumnNames, find_columns
    from reelwise.data.readers.faults import Fault
    from reelwise.data.readers.frames import list_columns, open_frame, take_columns

    without: ColumnNames = {"rating": "", "time": ""}
    frame = open_frame(frame)
    try:
        places = find_columns(list_columns(frame), without)
    except Fault as fault:
        reason = str(fault).partition(";")[0]
        raise UsageError(f"the frame: {reason}; call its columns user and movie") from None
    taken = take_columns(frame, places)
    return taken["user"], taken["movie"]


def _unzip(pairs: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """The firsts and the seconds."""
    try:
        given = list(pairs)
        listed = [(user, movie) for user, movie in given]
        if any(isinstance(pair, str | bytes) for pair in given):  # two characters are not a pair
            raise ValueError
    except (TypeError, ValueError):
        raise UsageError(f"expected pairs of a user and a movie, such as [(1, 2571)]; got {_shorten(pairs)}") from None
    return [user for user, _ in listed], [movie for _, movie in listed]


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
