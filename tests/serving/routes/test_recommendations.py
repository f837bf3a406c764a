"""`POST /api/v1/recommendations`."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.recommend.filters import Filters
from reelwise.recommend.limits import WHO
from reelwise.serving import create_app
from support.models.tiny_recommender import tiny_recommender
from support.running.v1 import UNKNOWN, V1, as_json, got, ids, posted, refused, sources

RECOMMENDATIONS = f"{V1}/recommendations"
TINY = tiny_recommender()
ALL_RATED = {1, 296, 593, 1196, 2571, 7001}
TOO_LARGE = 2**31


@pytest.fixture
def client_without_taste() -> TestClient:
    return TestClient(create_app(recommender=tiny_recommender(with_taste=False)))


def test_a_viewer_gets_films_by_taste_with_reasons_and_all_that_is_known(client: TestClient) -> None:
    answer = posted(client, movie_ids=[1], stars={"2571": 4.5})
    assert answer["recommendations"] == [as_json(film) for film in TINY.recommend(movies=[1, 2571])]
    assert answer["unknown_ids"] == []
    assert sources(answer) == {"blend"}


def test_somebody_who_likes_science_fiction_gets_science_fiction_and_is_told_why(client: TestClient) -> None:
    best = posted(client, movie_ids=[2571])["recommendations"][0]
    assert best["movieId"] == 1196
    assert [reason["movieId"] for reason in best["reasons"]] == [2571]
    assert 0 < best["reasons"][0]["share"] <= 1


def test_many_stars_count_as_a_like_and_few_as_a_dislike(client: TestClient) -> None:
    # 5.0 and 0.5 are on the scale's ends
    assert posted(client, stars={"2571": 5.0}) == posted(client, movie_ids=[2571])
    assert posted(client, stars={"2571": 0.5}) == posted(client, disliked_ids=[2571])


def test_dislikes_alone_are_enough(client: TestClient) -> None:
    answer = posted(client, disliked_ids=[296])
    assert ids(answer)[0] in {2571, 1196}
    assert sources(answer) == {"blend"}


def test_stars_between_like_and_dislike_only_leave_the_film_out(client: TestClient) -> None:
    answer = posted(client, stars={"1": 3})
    assert set(ids(answer)) == ALL_RATED - {1}
    assert sources(answer) == {"popular"}


def test_what_is_named_or_excluded_is_never_shown(client: TestClient) -> None:
    answer = posted(client, movie_ids=[1], stars={"296": 5}, disliked_ids=[1196], exclude_ids=[593])
    assert set(ids(answer)) == {2571, 7001}


def test_unknown_ids_are_listed_once_and_ignored(client: TestClient) -> None:
    answer = posted(client, movie_ids=[1, 5, 5], stars={"4": 5}, disliked_ids=[9], exclude_ids=[7, 5])
    assert answer["unknown_ids"] == [4, 5, 7, 9]
    assert answer["recommendations"] == posted(client, movie_ids=[1])["recommendations"]


@pytest.mark.parametrize("body", [{}, {"strategy": "profile"}, {"strategy": "blend"}])
@pytest.mark.parametrize(("movie_id", "unknown"), [(UNKNOWN, [UNKNOWN]), (7002, [])])
def test_when_nobody_rated_anything_named_it_is_what_most_people_like(
    client: TestClient, body: dict[str, str], movie_id: int, unknown: list[int]
) -> None:
    answer = posted(client, movie_ids=[movie_id], **body)
    assert sources(answer) == {"popular"}
    assert answer["recommendations"] == [as_json(film) for film in TINY.popular()]
    assert answer["unknown_ids"] == unknown


def test_what_most_people_like_is_filtered_too(client: TestClient) -> None:
    answer = posted(client, movie_ids=[UNKNOWN], genres=["Crime"], exclude_ids=[296], rank_by="stars")
    assert ids(answer) == [593]


@pytest.mark.parametrize(
    ("sent", "filters"),
    [
        ({"n": 2}, {"n": 2}),
        ({"genres": ["Crime"]}, {"genres": ("Crime",)}),
        ({"genres": ["crime", "ACTION"]}, {"genres": ("Crime", "Action")}),
        ({"without_genres": ["Action"]}, {"without_genres": ("Action",)}),
        ({"year_min": 1995}, {"year_min": 1995}),
        ({"year_max": 1994}, {"year_max": 1994}),
        ({"min_ratings": 2}, {"min_ratings": 2}),
        ({"diversity": 1}, {"diversity": 1.0}),
        ({"balance": 0.9}, {"balance": 0.9}),
    ],
    ids="-".join,
)
def test_filters_hold_in_a_body_and_in_a_query(
    client: TestClient, sent: dict[str, Any], filters: dict[str, Any]
) -> None:
    to_selection = TINY.recommend(movies=[7001], filters=Filters(**filters))
    to_user = TINY.recommend(9, filters=Filters(**filters))
    assert ids(posted(client, movie_ids=[7001], **sent)) == [film.movie_id for film in to_selection]
    assert ids(got(client, "/users/9/recommendations", **sent)) == [film.movie_id for film in to_user]


def test_filters_that_nothing_passes_give_an_empty_list(client: TestClient) -> None:
    assert ids(posted(client, movie_ids=[1], year_min=2000, year_max=1990)) == []


def test_null_is_as_good_as_nothing(client: TestClient) -> None:
    nothing: dict[str, Any] = {"year_min": None, "year_max": None, "rank_by": None, "strategy": None}
    assert posted(client, movie_ids=[1], **nothing) == posted(client, movie_ids=[1])


def test_a_genre_that_there_is_not_is_named_beside_those_that_there_are(client: TestClient) -> None:
    for name in ("genres", "without_genres"):
        detail = refused(client, movie_ids=[1], **{name: ["Crime", "polka"]})
        assert "polka" in detail
        assert "Sci-Fi, Thriller" in detail


def test_each_film_says_how_sure_its_stars_are(client: TestClient, client_without_taste: TestClient) -> None:
    for of_this in (client, client_without_taste):
        margins = {
            film["movieId"]: film["stars_margin"]
            for film in got(of_this, "/users/9/recommendations")["recommendations"]
        }
        assert margins == {1: 1.6, 296: 2.0, 593: 2.0, 7001: 3.0}  # 2 of user 9, times that of the film


def test_a_model_that_cannot_tell_how_sure_it_is_says_null() -> None:
    silent = TestClient(create_app(recommender=tiny_recommender(with_spread=False)))
    for answer in (got(silent, "/users/9/recommendations"), posted(silent, movie_ids=[1])):
        assert {film["stars_margin"] for film in answer["recommendations"]} == {None}


def test_rank_by_stars_puts_the_most_predicted_stars_first(client: TestClient) -> None:
    answer = posted(client, movie_ids=[7001], rank_by="stars")
    assert ids(answer) == [296, 2571, 1, 593, 1196]
    assert ids(posted(client, movie_ids=[7001], rank_by="taste")) == ids(posted(client, movie_ids=[7001]))
    assert ids(posted(client, movie_ids=[7001])) != ids(answer)


def test_the_strategy_profile_gives_what_the_best_matching_user_would_get(client: TestClient) -> None:
    answer = posted(client, movie_ids=[1, 593], strategy="profile")
    assert set(ids(answer)) == {1196, 2571}  # user 7 rated all others
    assert sources(answer) == {"profile"}
    assert posted(client, movie_ids=[1, 593], strategy="blend") == posted(client, movie_ids=[1, 593])


def test_a_body_that_names_no_film_is_422_and_says_so(client: TestClient) -> None:
    empty: list[dict[str, Any]] = [{}, {"n": 5}, {"movie_ids": []}, {"movie_ids": [], "stars": {}, "disliked_ids": []}]
    for body in empty:
        assert refused(client, **body) == WHO


def test_up_to_20_likes_and_20_dislikes_and_2000_stars_and_5000_excluded(client: TestClient) -> None:
    stars = {f"imdb:tt{number:09}": 4.5 for number in range(300_000, 301_999)} | {"1": 5}
    excluded = [f"imdb:tt{number:09}" for number in range(400_000, 405_000)]
    posted(client, movie_ids=[*range(11, 31)], stars=stars, disliked_ids=[*range(201, 221)], exclude_ids=excluded)
    refused(client, stars=stars | {"2": 1})
    refused(client, movie_ids=[*range(11, 32)])
    posted(client, movie_ids=[1], exclude_ids=[*range(1, 5001)])
    refused(client, movie_ids=[1], exclude_ids=[*range(1, 5002)])
    refused(client, disliked_ids=[*range(201, 222)])


def test_a_film_cannot_be_liked_and_disliked(client: TestClient) -> None:
    assert "1 is named both" in refused(client, movie_ids=[1], disliked_ids=[1])


@pytest.mark.parametrize("given", [0.5, 5.0])
def test_the_ends_of_the_rating_scale_are_inside(client: TestClient, given: float) -> None:
    posted(client, stars={"1": given})


@pytest.mark.parametrize("given", [0, 0.4, 5.1, -1, 1e300])
def test_stars_outside_the_rating_scale_are_422(client: TestClient, given: float) -> None:
    assert "the rating scale is 0.5 to 5" in refused(client, stars={"1": given, "296": 4})


@pytest.mark.parametrize(
    "body",
    [
        '{"stars": {"1": NaN}}',
        '{"stars": {"1": Infinity}}',
        '{"stars": {"1": 1e999}}',
        f'{{"stars": {{"1": {"9" * 400}}}}}',
        '{"stars": {"1": "5"}}',
        '{"stars": {"1": true}}',
        '{"stars": {"1": null}}',
        '{"stars": {"0": 5}}',
        '{"stars": {"-1": 5}}',
        '{"stars": {"01": 5}}',
        '{"stars": {"1.0": 5}}',
        '{"stars": {" 1": 5}}',
        '{"stars": {"٣": 5}}',
        '{"stars": {"": 5}}',
        '{"stars": {"toy story": 5}}',
        f'{{"stars": {{"{TOO_LARGE}": 5}}}}',
        '{"stars": [5]}',
        '{"movie_ids": [true]}',
        '{"movie_ids": ["1"]}',
        '{"movie_ids": [1.5]}',
        '{"movie_ids": [0]}',
        f'{{"movie_ids": [{TOO_LARGE}]}}',
        '{"movie_ids": null}',
        '{"disliked_ids": ["1"]}',
        '{"movie_ids": [1], "exclude_ids": [true]}',
        '{"movie_ids": [1], "exclude_ids": [0]}',
        '{"movie_ids": [1], "n": 0}',
        '{"movie_ids": [1], "n": 101}',
        '{"movie_ids": [1], "n": "10"}',
        '{"movie_ids": [1], "n": true}',
        '{"movie_ids": [1], "n": null}',
        '{"movie_ids": [1], "genres": "Crime"}',
        '{"movie_ids": [1], "genres": [""]}',
        '{"movie_ids": [1], "genres": [1]}',
        '{"movie_ids": [1], "year_min": 1799}',
        '{"movie_ids": [1], "year_max": 2201}',
        '{"movie_ids": [1], "year_max": "2000"}',
        '{"movie_ids": [1], "min_ratings": -1}',
        f'{{"movie_ids": [1], "min_ratings": {TOO_LARGE}}}',
        '{"movie_ids": [1], "diversity": 1.1}',
        '{"movie_ids": [1], "diversity": NaN}',
        '{"movie_ids": [1], "balance": -0.1}',
        '{"movie_ids": [1], "balance": true}',
        '{"movie_ids": [1], "rank_by": "magic"}',
        '{"movie_ids": [1], "strategy": "magic"}',
        "[]",
        "null",
        "",
    ],
)
def test_a_body_that_is_not_as_declared_is_422(client: TestClient, body: str) -> None:
    response = client.post(RECOMMENDATIONS, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.json()["errors"]


@pytest.mark.parametrize("path", [RECOMMENDATIONS, f"{V1}/match"])
def test_further_keys_are_refused(client: TestClient, path: str) -> None:
    response = client.post(path, json={"movie_ids": [1], "note": "hello"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", "note"]


def test_a_whole_float_is_an_integer(client: TestClient) -> None:
    body = '{"movie_ids": [1.0], "n": 2.0, "year_min": 1980.0}'
    response = client.post(RECOMMENDATIONS, content=body, headers={"Content-Type": "application/json"})
    answer = posted(client, movie_ids=[1], n=2, year_min=1980)
    assert response.json() == answer | {"recommendation_id": response.json()["recommendation_id"]}
