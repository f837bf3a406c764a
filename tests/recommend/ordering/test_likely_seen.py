"""Have you seen these: well-known films among those that suit best, and never what was named or seen."""

import pytest
from fastapi.testclient import TestClient

from reelwise.errors import UnknownUser, UsageError
from reelwise.recommend.filters import Filters
from reelwise.recommend.results import Recommendations
from reelwise.serving import create_app
from support.tiny_recommender import tiny_recommender

TINY = tiny_recommender()  # films 1 and 2571 were rated by two people, the others by one


def ids(found: Recommendations) -> list[object]:
    return [film.movie_id for film in found]


def test_the_best_known_of_the_best_come_first() -> None:
    best = TINY.recommend(movies=[296])
    found = TINY.likely_seen(movies=[296])
    assert ids(best) == [593, 1, 2571, 1196, 7001]
    assert ids(found) == [1, 2571, 593, 1196, 7001]  # as well known: in the order of the list


def test_only_films_that_suit_come_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelwise.recommend.ordering.likely_seen._AMONG", 1)
    assert ids(TINY.likely_seen(movies=[296], n=3)) == [1, 2571, 593]


def test_what_was_seen_or_excluded_does_not_come_again() -> None:
    assert ids(TINY.likely_seen(9)) == [1, 296, 7001, 593]
    assert ids(TINY.likely_seen(9, exclude=[1], filters=Filters(genres=("Crime",)))) == [296, 593]


def test_over_http_it_is_the_same() -> None:
    client = TestClient(create_app(recommender=TINY))
    answer = client.post("/api/v1/recommendations/likely_seen", json={"movie_ids": [296, 4], "n": 2}).json()
    assert [film["movieId"] for film in answer["films"]] == [1, 2571]
    assert answer["unknown_ids"] == [4]
    assert [film["counts_as"] for film in answer["named"]] == ["like"]
    known = client.get("/api/v1/users/9/likely_seen", params={"n": 2, "exclude_ids": 1}).json()
    assert [film["movieId"] for film in known["films"]] == [296, 7001]
    assert client.get("/api/v1/users/10/likely_seen").status_code == 404


def test_what_no_list_can_be_like_is_refused() -> None:
    with pytest.raises(UsageError, match="n is 101"):
        TINY.likely_seen(9, n=101)
    with pytest.raises(UsageError, match="name either a user, or at least one film"):
        TINY.likely_seen()
    with pytest.raises(UnknownUser):
        TINY.likely_seen(10)
