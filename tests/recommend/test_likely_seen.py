"""Have you seen these: what suits best, however well known, and never what was named or seen."""

import pytest
from fastapi.testclient import TestClient

from reelwise.errors import UnknownUser, UsageError
from reelwise.models.ranking.balance import fame_of
from reelwise.recommend.filters import Filters
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.results import Recommendations
from reelwise.serving import create_app
from support.models.tiny_recommender import tiny_model, with_balance

MODEL = with_balance(tiny_model(), 1.0)
assert MODEL.ranking
MODEL.ranking.fame = fame_of(MODEL.stats.counts * 100)  # so that the balance tells
TINY = Recommender(MODEL)
AT_0 = Filters(balance=0)


def ids(found: Recommendations) -> list[object]:
    return [film.movie_id for film in found]


def test_it_is_the_list_without_balance_and_variety() -> None:
    expected = ids(TINY.recommend(movies=[7001], filters=AT_0))
    assert ids(TINY.recommend(movies=[7001])) != expected
    assert ids(TINY.likely_seen(movies=[7001])) == expected
    assert ids(TINY.likely_seen(movies=[7001], filters=Filters(balance=0.9, diversity=0.9))) == expected
    assert ids(TINY.likely_seen(movies=[7001], n=2)) == expected[:2]


def test_what_was_seen_or_excluded_does_not_come_again() -> None:
    assert set(ids(TINY.likely_seen(9))) == {1, 296, 593, 7001}
    assert set(ids(TINY.likely_seen(9, exclude=[1], filters=Filters(genres=("Crime",))))) == {296, 593}


def test_over_http_it_is_the_same() -> None:
    client = TestClient(create_app(recommender=TINY))
    answer = client.post("/api/v1/recommendations/likely_seen", json={"movie_ids": [296, 4], "n": 2}).json()
    assert [film["movieId"] for film in answer["films"]] == ids(TINY.likely_seen(movies=[296], n=2))
    assert answer["unknown_ids"] == [4]
    assert [film["counts_as"] for film in answer["named"]] == ["like"]
    known = client.get("/api/v1/users/9/likely_seen", params={"n": 2, "exclude_ids": 1}).json()
    assert [film["movieId"] for film in known["films"]] == ids(TINY.likely_seen(9, exclude=1, n=2))
    assert client.get("/api/v1/users/10/likely_seen").status_code == 404


def test_what_no_list_can_be_like_is_refused() -> None:
    with pytest.raises(UsageError, match="n is 101"):
        TINY.likely_seen(9, n=101)
    with pytest.raises(UsageError, match="name either a user, or at least one film"):
        TINY.likely_seen()
    with pytest.raises(UnknownUser):
        TINY.likely_seen(10)
