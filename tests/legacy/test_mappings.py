"""The mappings of a legacy model are one whole, or refused by file, key and first wrong entry."""

import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reelwise.data.interactions import MOVIELENS_SCALE
from reelwise.data.ratings import Ratings
from reelwise.errors import ModelError
from reelwise.legacy import mappings as mappings_module
from reelwise.legacy.mappings import build_content, read_mappings, take_histories
from support.files.legacy import legacy_mappings

Change = Callable[[dict[str, Any]], None]


def silent(step: str, done: int, total: int) -> None:
    """Report nothing."""


def read(path: Path, content: object) -> Ratings:
    path.write_bytes(pickle.dumps(content))
    return take_histories(read_mappings(path, silent), MOVIELENS_SCALE, silent)


def entry(key: str, entry: object, value: object) -> Change:
    def change(mappings: dict[str, Any]) -> None:
        mappings[key][entry] = value

    return change


def without(key: str, *entry: object) -> Change:
    def change(mappings: dict[str, Any]) -> None:
        if entry:
            del mappings[key][entry[0]]
        else:
            del mappings[key]

    return change


def instead(key: str, value: object) -> Change:
    def change(mappings: dict[str, Any]) -> None:
        mappings[key] = value

    return change


def rated(entry: object, value: object) -> Change:
    def change(mappings: dict[str, Any]) -> None:
        mappings["user_ratings"][1][entry] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("userId_to_index"), "userId_to_index is missing"),
        (without("movieId_to_index"), "movieId_to_index is missing"),
        (without("index_to_movieId"), "index_to_movieId is missing"),
        (without("user_ratings"), "user_ratings is missing; run `reelwise preprocess`"),
        (instead("userId_to_index", [3, 7, 9, 20]), "userId_to_index is a list, expected a dict"),
        (instead("index_to_movieId", "x\ny"), r"index_to_movieId is 'x\ny', expected a dict"),
        (instead("index_to_userId", None), "index_to_userId is nothing, expected a dict"),
        (instead("user_ratings", 5), "user_ratings is 5, expected a dict"),
        (entry("userId_to_index", 2**31, 4), "userId_to_index: 2147483648 is not an id from 0 to 2147483647"),
        (entry("userId_to_index", -8, 4), "userId_to_index: -8 is not an id"),
        (entry("movieId_to_index", "Heat", 4), "movieId_to_index: 'Heat' is not an id"),
        (entry("movieId_to_index", 60, 5), "movieId_to_index: id 60 has 5, expected an index below 5"),
        (entry("movieId_to_index", 50, -1), "movieId_to_index: id 50 has -1, expected an index below 4"),
        (entry("movieId_to_index", 50, 3.0), "movieId_to_index: id 50 has 3.0, expected an index below 4"),
        (entry("movieId_to_index", 30, True), "movieId_to_index: id 30 has True, expected an index below 4"),
        (entry("movieId_to_index", 50, [3]), "movieId_to_index: id 50 has a list, expected an index below 4"),
        (entry("userId_to_index", 20, 1), "userId_to_index: ids 7 and 20 have the same index 1"),
        (without("userId_to_index", 7), "userId_to_index: id 20 has 3, expected an index below 3"),
        (entry("index_to_movieId", 2, 41), "index_to_movieId: index 2 has 41, expected 40"),
        (entry("index_to_movieId", 2, 30), "index_to_movieId: index 2 has 30, expected 40"),
        (entry("index_to_movieId", 2, {}), "index_to_movieId: index 2 has a dict, expected 40"),
        (without("index_to_movieId", 3), "index_to_movieId: index 3 has nothing, expected 50"),
        (entry("index_to_movieId", 4, 60), "index_to_movieId: index 4 has 60, expected nothing"),
        (entry("index_to_movieId", "0", 10), "index_to_movieId: index '0' has 10, expected nothing"),
        (entry("index_to_userId", 0, 7), "index_to_userId: index 0 has 7, expected 3"),
        (without("index_to_userId", 3), "index_to_userId: index 3 has nothing, expected 20"),
        (entry("index_to_userId", -1, 20), "index_to_userId: index -1 has 20, expected nothing"),
        (entry("user_ratings", 4, {}), "user_ratings: 4 is not a user index below 4"),
        (entry("user_ratings", -1, {}), "user_ratings: -1 is not a user index below 4"),
        (entry("user_ratings", "3", {}), "user_ratings: '3' is not a user index below 4"),
        (entry("user_ratings", 2, [4.0]), "user_ratings: user index 2 has a list, expected a dict"),
        (rated(4, 3.0), "user_ratings: user index 1: 4 is not a movie index below 4"),
        (rated(-1, 3.0), "user_ratings: user index 1: -1 is not a movie index below 4"),
        (rated(2**63, 3.0), "user_ratings: user index 1: 9223372036854775808 is not a movie index below 4"),
        (rated("1", 3.0), "user_ratings: user index 1: '1' is not a movie index below 4"),
        (rated(2, 5.5), "user_ratings: user index 1: movie index 2 has 5.5, expected stars from 0.5 to 5"),
        (rated(2, 0), "user_ratings: user index 1: movie index 2 has 0, expected stars from 0.5 to 5"),
        (rated(2, math.nan), "user_ratings: user index 1: movie index 2 has nan, expected stars"),
        (rated(2, math.inf), "user_ratings: user index 1: movie index 2 has inf, expected stars"),
        (rated(2, "5"), "user_ratings: user index 1: movie index 2 has '5', expected stars"),
        (rated(2, True), "user_ratings: user index 1: movie index 2 has True, expected stars"),
        (rated(2, None), "user_ratings: user index 1: movie index 2 has nothing, expected stars"),
        (rated(2, [5.0]), "user_ratings: user index 1: movie index 2 has a list, expected stars"),
    ],
)
def test_an_inconsistency_is_named(tmp_path: Path, change: Change, message: str) -> None:
    mappings = legacy_mappings()
    read(tmp_path / "model_mappings.pkl", mappings)
    change(mappings)
    with pytest.raises(ModelError) as caught:
        read(tmp_path / "model_mappings.pkl", mappings)
    assert str(caught.value).startswith(f"{tmp_path / 'model_mappings.pkl'}: {message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("content", "named"), [([], "a list"), ("text", "'text'"), (7, "7"), (None, "nothing")])
def test_mappings_that_are_no_dict_are_refused(tmp_path: Path, content: object, named: str) -> None:
    with pytest.raises(ModelError, match=f"it: holds {named}, expected a dict"):
        read(tmp_path / "it", content)


def test_ids_of_users_by_index_may_be_missing(tmp_path: Path) -> None:
    mappings = legacy_mappings()
    whole = read(tmp_path / "it", mappings)
    del mappings["index_to_userId"]
    part = read(tmp_path / "it", mappings)
    assert list(part.users) == list(whole.users) == [3, 7, 9, 20]
    assert part.by_user.stars.tolist() == whole.by_user.stars.tolist() == [2.0, 4.5, 3.0, 0.5, 5.0]


def test_whole_stars_and_other_keys_do_no_harm(tmp_path: Path) -> None:
    mappings = {**legacy_mappings(), "user_ratings": {1: {2: 5, 0: 4.5}, 0: {}}, "version": "1"}
    history = read(tmp_path / "it", mappings)
    assert [column.tolist() for column in history.by_user[1]] == [[0, 2], [4.5, 5.0]]
    assert len(history) == 2


def test_nobody_need_have_rated(tmp_path: Path) -> None:
    assert len(read(tmp_path / "it", {**legacy_mappings(), "user_ratings": {}})) == 0


def test_ratings_are_let_go_as_they_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "it").write_bytes(pickle.dumps({**legacy_mappings(), "user_ratings": {}}))
    mappings = read_mappings(tmp_path / "it", silent)
    left: list[int] = []

    user_ratings = {user: {0: 1.0} for user in range(4)}
    mappings.content["user_ratings"] = user_ratings
    monkeypatch.setattr(mappings_module, "USERS_AT_ONCE", 1)
    assert len(take_histories(mappings, MOVIELENS_SCALE, lambda *_: left.append(len(user_ratings)))) == 4
    assert left == [3, 2, 1, 0]


def test_equal_numbers_are_written_as_one_object() -> None:
    rng = np.random.default_rng(0)
    users, movies = (axis.ravel() for axis in np.mgrid[1001:1051, 2001:2041])
    stars = (rng.integers(1, 11, len(users)) / 2).astype(np.float32)
    history = Ratings.from_columns(users, movies, stars)
    content = build_content(history.users.ids, history.movies.ids, history.by_user, silent)
    entries = [item for rated in content["user_ratings"].values() for item in rated.items()]
    assert len(entries) == 2000
    assert len({id(value) for _, value in entries}) == 10
    assert len({id(movie) for movie, _ in entries}) == 40
