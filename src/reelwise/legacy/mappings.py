"""`model_mappings.pkl` of the seed format: which id has which row, and who rated what.

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
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from reelwise.data.ratings import LARGEST_ID, Ids, Ratings, RatingScale
from reelwise.data.readers.lines import quote
from reelwise.errors import ModelError
from reelwise.legacy.unpickling import read_pickle

OnProgress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class Mappings:
    """The file, with its ids checked.

    Attributes:
        path: the file.
        user_ids: int64, shape (users,); row of P → id, in the order of the file.
        movie_ids: int64, shape (movies,); row of Q → id, likewise.
        content: what the file holds, by key.
    """

    path: Path
    user_ids: Ids
    movie_ids: Ids
    content: dict[Any, Any]


def read_mappings(path: Path, on_progress: OnProgress) -> Mappings:
    """Read the file, running nothing that may be in it, and check its ids.

    Raises:
        ModelError: naming the file, the key and the first entry that is wrong.
    """
    content = read_pickle(path, on_progress=lambda done, of: on_progress(f"reading {path.name}", done, of))
    if not isinstance(content, dict):
        raise ModelError(f"{path}: holds {_named(content)}, expected a dict")
    user_ids, movie_ids = (_ids_by_index(path, content, key) for key in ("userId_to_index", "movieId_to_index"))
    mappings = Mappings(path, user_ids, movie_ids, content)
    _check_inverse(mappings, "index_to_movieId", movie_ids)
    return mappings


def take_histories(mappings: Mappings, scale: RatingScale, on_progress: OnProgress) -> Ratings:
    """Move `user_ratings` out of the mappings into arrays.

    As dicts, ratings take up ten times the memory; so each user's dict is let go as soon as it is copied.

    Raises:
        ModelError: naming the file, the key and the first entry that is wrong.
    """
    path, content = mappings.path, mappings.content
    if "index_to_userId" in content:
        _check_inverse(mappings, "index_to_userId", mappings.user_ids)
    if "user_ratings" not in content:
        raise ModelError(f"{path}: user_ratings is missing; run `reelwise preprocess` on {path.parent} first")
    user_ratings = _dict_at(path, content, "user_ratings")
    users, counts, movies, stars = array("q"), array("q"), array("i"), array("f")
    for user in _telling(list(user_ratings), "checking the ratings", on_progress):
        rated = user_ratings.pop(user)
        _check_rated(mappings, user, rated, scale)
        users.append(user)
        counts.append(len(rated))
        movies.extend(rated)
        stars.extend(rated.values())
    return Ratings.from_columns(
        np.repeat(mappings.user_ids[np.asarray(users)], np.asarray(counts)),
        mappings.movie_ids[np.asarray(movies)],
        np.asarray(stars),
        scale=scale,
        known_users=np.sort(mappings.user_ids),
        known_movies=np.sort(mappings.movie_ids),
    )


def mappings_content(user_ids: Ids, movie_ids: Ids, history: Ratings, on_progress: OnProgress) -> dict[str, Any]:
    """What the file holds, as plain ints and floats.

    Equal numbers are one object, so that a rating takes up no more than its place in a dict.

    Args:
        user_ids: row of P → id, in any order.
        movie_ids: row of Q → id, in any order.
        history: who rated what, with the same ids.
        on_progress: called as users are done.
    """
    users, movies = np.argsort(user_ids).tolist(), np.argsort(movie_ids).tolist()  # row of the history → index
    same_stars = {stars: stars for stars in np.unique(history.by_user.stars).tolist()}
    user_ratings = {}
    for row in _telling(range(len(users)), "collecting the ratings", on_progress):
        rated, stars = (column.tolist() for column in history.by_user[row])
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
    """Write what the file holds, for every Python since 3.4."""
    pickle.dump(content, file, protocol=4)


def _ids_by_index(path: Path, content: dict[Any, Any], key: str) -> Ids:
    """The ids that `key` gives the indexes 0, 1, 2 and so on."""
    index_of = _dict_at(path, content, key)
    ids = np.zeros(len(index_of), np.int64)
    for one_id, index in index_of.items():
        if not _is_whole(one_id, 1, LARGEST_ID):
            raise ModelError(f"{path}: {key}: {_named(one_id)} is no id from 1 to {LARGEST_ID}")
        if not _is_whole(index, 0, len(ids) - 1):
            raise ModelError(f"{path}: {key}: id {one_id} has {_named(index)}, expected an index below {len(ids)}")
        if ids[index]:
            raise ModelError(f"{path}: {key}: ids {ids[index]} and {one_id} have the same index {index}")
        ids[index] = one_id
    return ids


def _check_inverse(mappings: Mappings, key: str, ids: Ids) -> None:
    """Refuse the dict at `key` if it does not map each index to its one of `ids`."""
    path, id_of = mappings.path, _dict_at(mappings.path, mappings.content, key)
    for index, one_id in enumerate(ids.tolist()):
        if id_of.get(index) != one_id:
            raise ModelError(f"{path}: {key}: index {index} has {_named(id_of.get(index))}, but is that of id {one_id}")
    for index in id_of:
        if index not in range(len(ids)):
            raise ModelError(f"{path}: {key}: {_named(index)} is no index below {len(ids)}")


def _check_rated(mappings: Mappings, user: object, rated: object, scale: RatingScale) -> None:
    """Refuse an entry of `user_ratings` that is not one user's stars by movie index."""
    place, users, movies = f"{mappings.path}: user_ratings", len(mappings.user_ids), len(mappings.movie_ids)
    if not _is_whole(user, 0, users - 1):
        raise ModelError(f"{place}: {_named(user)} is no user index below {users}")
    if not isinstance(rated, dict):
        raise ModelError(f"{place}: user index {user} has {_named(rated)}, expected a dict")
    (low, high), numbers = scale, (float, int)
    for movie, stars in rated.items():
        if type(movie) is not int or not 0 <= movie < movies:
            raise ModelError(f"{place}: user index {user}: {_named(movie)} is no movie index below {movies}")
        if type(stars) not in numbers or not low <= stars <= high:  # NaN is not between them
            raise ModelError(
                f"{place}: user index {user}: movie index {movie} has {_named(stars)}, "
                f"expected stars from {low:g} to {high:g}"
            )


def _dict_at(path: Path, content: dict[Any, Any], key: str) -> dict[Any, Any]:
    """The dict at `key`, taken out of `content`."""
    if key not in content:
        raise ModelError(f"{path}: {key} is missing; expected the mappings of the seed format")
    found = content.pop(key)
    if not isinstance(found, dict):
        raise ModelError(f"{path}: {key} is {_named(found)}, expected a dict")
    return found


def _is_whole(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high  # not a bool, which is an int elsewhere


def _named(value: object) -> str:
    """`value` in a message: short, and on one line."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return quote(value)
    return repr(value) if isinstance(value, int | float) else f"a {type(value).__name__}"


def _telling(items: Sequence[Any], what: str, on_progress: OnProgress) -> Iterator[Any]:
    """Each of the items, saying now and then how many are done."""
    for done, item in enumerate(items, start=1):
        yield item
        if done % 4096 == 0 or done == len(items):
            on_progress(what, done, len(items))
