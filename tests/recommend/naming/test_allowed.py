"""The films to choose from: a watchlist or a library is ranked as all films are, and nothing else is shown."""

from typing import Any

import pytest

from reelwise.data.vocabulary import Id
from reelwise.errors import UnknownMovies, UsageError
from reelwise.exports.reading import read_history
from reelwise.recommend.filters import Filters
from reelwise.recommend.results import Recommendations
from support.files.exports import LETTERBOXD, zipped
from support.models.tiny_recommender import tiny_recommender

TINY = tiny_recommender()
ASKED: list[dict[str, Any]] = [
    {"user": 9},
    {"user": 9, "explained": False},
    {"user": 9, "rank_by": "stars"},
    {"movies": [2571]},
    {"stars": {2571: 5, 1: 1}},
    {"movies": [2571], "strategy": "profile"},
    {"movies": [2571], "filters": Filters(balance=0.5, diversity=0.5)},
]


def ids(found: Recommendations) -> list[Id]:
    return [film.movie_id for film in found]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_they_keep_the_order_that_they_have_among_all_films(asked: dict[str, Any]) -> None:
    order = ids(TINY.recommend(**asked))
    only = [*order[::2], 7001]
    assert ids(TINY.recommend(**asked, only=only)) == [movie for movie in order if movie in only]


def test_n_is_filled_from_them_alone() -> None:
    assert ids(TINY.recommend(9, only=[593, 7001, 1], n=2)) == [1, 7001]


def test_what_was_seen_named_or_excluded_is_left_out_all_the_same() -> None:
    everything = [1, 296, 593, 1196, 2571, 7001]
    assert set(ids(TINY.recommend(9, only=everything))) == {1, 296, 593, 7001}
    found = TINY.recommend(movies=[1], stars={296: 5}, disliked=[593], exclude=[1196], only=everything)
    assert set(ids(found)) == {2571, 7001}
    assert ids(TINY.recommend(9, only=[2571])) == []


def test_titles_and_numbers_elsewhere_name_them_and_what_is_unknown_or_unrated_is_told() -> None:
    found = TINY.recommend(9, only=["Toy Story", "tmdb:680", 7002, 424242, "imdb:tt0999999"], exclude=[424243])
    assert set(ids(found)) == {1, 296}
    assert found.unknown_ids == (424242, 424243, "imdb:tt0999999")
    assert [(film.given, film.movie_id, film.counts_as, film.why) for film in found.named] == [
        ("Toy Story", 1, "candidate", None),
        ("tmdb:680", 296, "candidate", None),
        (7002, 7002, "nothing", "nobody rated it"),
    ]


def test_one_alone_needs_no_list_and_nothing_known_leaves_nothing() -> None:
    assert ids(TINY.recommend(9, only="Toy Story")) == [1]
    found = TINY.recommend(9, only=[424242, 7002])
    assert ids(found) == []
    assert found.unknown_ids == (424242,)


@pytest.mark.parametrize(
    ("only", "error", "message"),
    [
        ([], UsageError, "only is empty; name the films to choose from"),
        ([None], UsageError, "only: None is not an id"),
        (7.5, UsageError, "only is of type float"),
        (["zzzz qqqq"], UnknownMovies, "no film is called anything like 'zzzz qqqq'"),
    ],
)
def test_what_names_no_films_is_refused(only: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TINY.recommend(9, only=only)


def test_a_watchlist_is_ranked_for_whoever_has_it() -> None:
    found = TINY.match_history(read_history(zipped(LETTERBOXD)))
    assert found.watchlist == [593]
    assert ids(TINY.recommend(history=found, only=found.watchlist)) == [593]
    assert ids(TINY.recommend(history=found, only=found.seen)) == []
