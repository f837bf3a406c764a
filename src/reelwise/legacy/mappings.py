"""`model_mappings.pkl` of the early project: the row of each id, and all ratings.

It is a pickled dict of dicts of plain numbers. An index is a row of P or Q; rows may stand in any order of the ids.

| key | from → to |
|---|---|
| `userId_to_index` | user id → index |
| `movieId_to_index` | movie id → index |
| `index_to_movieId` | index → movie id |
| `index_to_userId` | index → user id; may be missing |
| `user_ratings` | user index → movie index → stars; missing before preprocessing |
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from reelwise.data.csr import CSR
from reelwise.data.interactions import RatingScale
from reelwise.data.ratings import Ratings
from reelwise.data.readers.lines import quote
from reelwise.data.types import Indices, Stars
from reelwise.data.vocabulary import IdArray, Vocabulary
from reelwise.errors import ModelError
from reelwise.legacy.unpickling import read_pickle

OnImport = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

_LARGEST_ID = 2**31 - 1
_WHOLE: set[type] = {int}
_NUMBERS: set[type] = {int, float}
USERS_AT_ONCE = 1024  # so many that little is done per user, so few that their ratings stay in the processor's cache


@dataclass(frozen=True)
class Mappings:
    """The file, with its ids checked.

    Attributes:
        path: the file.
        user_ids: int64, shape (users,); row of P → id, in the order of the file.
        movie_ids: int64, shape (movies,); row of Q → id, likewise.
        content: of the file, by key.
    """

    path: Path
    user_ids: IdArray
    movie_ids: IdArray
    content: dict[Any, Any]


def read_mappings(path: Path, on_step: OnImport) -> Mappings:
    """Read the file, running nothing that may be in it, and check its ids.

    Raises:
        ModelError: Raised when an entry is wrong; it names the file, the key and the first such entry.
    """
    content = read_pickle(path, lambda done, total: on_step(f"reading {path.name}", done, total))
    if not isinstance(content, dict):
        raise ModelError(f"{path}: holds {_describe(content)}, expected a dict")
    user_ids, movie_ids = (_read_ids(path, content, key) for key in ("userId_to_index", "movieId_to_index"))
    mappings = Mappings(path, user_ids, movie_ids, content)
    _check_inverse(mappings, "index_to_movieId", movie_ids)
    return mappings


def take_histories(mappings: Mappings, scale: RatingScale, on_step: OnImport) -> Ratings:
    """Move `user_ratings` out of the mappings into arrays.

    As dicts, ratings take up more than ten times the memory; so they are freed as they are copied.

    Raises:
        ModelError: Raised when an entry is wrong; it names the file, the key and the first such entry.
    """
    path, content = mappings.path, mappings.content
    if "index_to_userId" in content:
        _check_inverse(mappings, "index_to_userId", mappings.user_ids)
    if "user_ratings" not in content:
        raise ModelError(f"{path}: user_ratings is missing; run `reelwise preprocess` on {path.parent} first")
    user_ratings, parts = _take_dict(path, content, "user_ratings"), []
    for user in user_ratings:
        if not _is_within(user, _WHOLE, 0, len(mappings.user_ids) - 1):
            raise ModelError(
                f"{path}: user_ratings: {_describe(user)} is not a user index below {len(mappings.user_ids)}"
            )
    users = np.fromiter(user_ratings, np.int32)  # not a list: it would keep objects between those that are to be freed
    for start in range(0, len(users) or 1, USERS_AT_ONCE):
        chosen = users[start : start + USERS_AT_ONCE]
        parts.append(_check_ratings(mappings, chosen, [user_ratings.pop(user) for user in chosen.tolist()], scale))
        on_step("checking the ratings", start + len(chosen), len(users))
    user_rows, movie_rows, stars = map(np.concatenate, zip(*parts, strict=True))
    return Ratings.from_columns(
        mappings.user_ids[user_rows],
        mappings.movie_ids[movie_rows],
        stars,
        scale=scale,
        users=Vocabulary(np.sort(mappings.user_ids)),
        movies=Vocabulary(np.sort(mappings.movie_ids)),
    )


def build_content(user_ids: IdArray, movie_ids: IdArray, histories: CSR, on_step: OnImport) -> dict[str, Any]:
    """The content of the file, as plain ints and floats.

    Equal numbers are one object, so that a rating takes up no more than its place in a dict.

    Args:
        user_ids: row of P → id, in any order.
        movie_ids: row of Q → id, in any order.
        histories: what each user rated; rows and indices are in the order of the ids.
        on_step: called as users are done.
    """
    users, movies = np.argsort(user_ids).tolist(), np.argsort(movie_ids).tolist()  # row of the histories → index
    same_stars = {stars: stars for stars in np.unique(histories.stars).tolist()}
    user_ratings = {}
    for row in range(len(users)):
        if row % 4096 == 0:
            on_step("collecting the ratings", row, len(users))
        rated, stars = (column.tolist() for column in histories[row])
        if rated:
            indexes, values = map(movies.__getitem__, rated), map(same_stars.__getitem__, stars)
            user_ratings[users[row]] = dict(zip(indexes, values, strict=True))
    index_to_user, index_to_movie = (dict(enumerate(ids.tolist())) for ids in (user_ids, movie_ids))
    return {
        "userId_to_index": {user_id: index for index, user_id in index_to_user.items()},
        "movieId_to_index": {movie_id: index for index, movie_id in index_to_movie.items()},
        "index_to_movieId": index_to_movie,
        "index_to_userId": index_to_user,
        "user_ratings": user_ratings,
    }


def write_mappings(content: dict[str, Any], file: BinaryIO) -> None:
    """Write the content of the file, for every Python since 3.4."""
    pickle.dump(content, file, protocol=4)


def _read_ids(path: Path, content: dict[Any, Any], key: str) -> IdArray:
    """The ids that `key` gives the indexes 0, 1, 2 and so on."""
    index_of = _take_dict(path, content, key)
    ids = np.full(len(index_of), -1, np.int64)
    for one_id, index in index_of.items():
        if not _is_within(one_id, _WHOLE, 0, _LARGEST_ID):
            raise ModelError(f"{path}: {key}: {_describe(one_id)} is not an id from 0 to {_LARGEST_ID}")
        if not _is_within(index, _WHOLE, 0, len(ids) - 1):
            raise ModelError(f"{path}: {key}: id {one_id} has {_describe(index)}, expected an index below {len(ids)}")
        if ids[index] >= 0:
            raise ModelError(f"{path}: {key}: ids {ids[index]} and {one_id} have the same index {index}")
        ids[index] = one_id
    return ids


def _check_inverse(mappings: Mappings, key: str, ids: IdArray) -> None:
    """Refuse the dict at `key` if it does not map each index to its one of `ids`."""
    id_of, expected = _take_dict(mappings.path, mappings.content, key), dict(enumerate(ids.tolist()))
    for index in [] if id_of == expected else [*expected, *id_of]:
        if id_of.get(index) != expected.get(index):
            found, wanted = _describe(id_of.get(index)), _describe(expected.get(index))
            raise ModelError(f"{mappings.path}: {key}: index {_describe(index)} has {found}, expected {wanted}")


def _check_ratings(
    mappings: Mappings, users: Indices, rated: list[Any], scale: RatingScale
) -> tuple[Indices, Indices, Stars]:
    """The ratings of `users`, as arrays of user indices, movie indices and stars, shape (ratings,)."""
    place, below = f"{mappings.path}: user_ratings: user index", len(mappings.movie_ids)
    for user, movies in zip(users, rated, strict=True):
        if not isinstance(movies, dict):
            raise ModelError(f"{place} {user} has {_describe(movies)}, expected a dict")
    rows = np.repeat(users, [len(movies) for movies in rated])
    movies, stars = list(chain.from_iterable(rated)), list(chain.from_iterable(map(dict.values, rated)))
    movie_array = _convert_within(movies, _WHOLE, 0, below - 1)
    if movie_array is None:
        row, movie = next(x for x in zip(rows, movies, strict=True) if not _is_within(x[1], _WHOLE, 0, below - 1))
        raise ModelError(f"{place} {row}: {_describe(movie)} is not a movie index below {below}")
    stars_array = _convert_within(stars, _NUMBERS, *scale)
    if stars_array is None:
        entries = zip(rows, movies, stars, strict=True)
        row, movie, value = next(entry for entry in entries if not _is_within(entry[2], _NUMBERS, *scale))
        wanted = f"expected stars from {scale.low:g} to {scale.high:g}"
        raise ModelError(f"{place} {row}: movie index {movie} has {_describe(value)}, {wanted}")
    return rows, movie_array.astype(np.int32), stars_array.astype(np.float32)


def _take_dict(path: Path, content: dict[Any, Any], key: str) -> dict[Any, Any]:
    """The dict at `key`, taken out of `content`."""
    if key not in content:
        raise ModelError(f"{path}: {key} is missing; expected the mappings of a legacy model")
    found = content.pop(key)
    if not isinstance(found, dict):
        raise ModelError(f"{path}: {key} is {_describe(found)}, expected a dict")
    return found


def _is_within(value: Any, kinds: set[type], low: float, high: float) -> bool:
    return type(value) in kinds and low <= value <= high  # False for bools, which are ints elsewhere, and for NaN


def _convert_within(values: list[Any], kinds: set[type], low: float, high: float) -> npt.NDArray[Any] | None:
    """`values` as an array, if all are as in `_is_within`."""
    if not set(map(type, values)) <= kinds:
        return None
    array = np.array(values)
    return array if np.all((array >= low) & (array <= high)) else None


def _describe(value: object) -> str:
    """`value` in a message: short, and on one line."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return quote(value)
    return repr(value) if isinstance(value, int | float) else f"a {type(value).__name__}"
