"""`/api/v1`, sentence by sentence."""

import json
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

import reelwise
from reelwise.data.published import CITATION
from reelwise.recommend.filters import Filters
from reelwise.recommend.limits import WHO
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.results import Recommendation
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.tiny_metrics import METRICS
from support.tiny_recommender import REVISION, TAGS, tiny_model, tiny_recommender

V1 = "/api/v1"
RECOMMENDATIONS = f"{V1}/recommendations"
TINY = tiny_recommender()
ALL_RATED = {1, 296, 593, 1196, 2571, 7001}
TOO_LARGE = 2**31
UNKNOWN = 424242

PULP_FICTION = {
    "movieId": 296,
    "title": "Pulp Fiction (1994)",
    "year": 1994,
    "genres": ["Crime", "Drama"],
    "ratings": 1,
    "mean_stars": 4.0,
    "tmdbId": 680,
    "imdbId": None,
}

UNRATED = {
    "given": 7002,
    "movieId": 7002,
    "title": "A Film That Nobody Rated (2002)",
    "counts_as": "nothing",
    "why": "nobody rated it",
}


@pytest.fixture
def client_without_taste() -> TestClient:
    return TestClient(create_app(recommender=tiny_recommender(with_taste=False)))


def got(client: TestClient, path: str, **params: Any) -> Any:
    response = client.get(f"{V1}{path}", params=params)
    assert response.status_code == 200
    return response.json()


def posted(client: TestClient, path: str = "/recommendations", **body: Any) -> Any:
    """The answer, but for the id of a list, which no two have in common."""
    response = client.post(f"{V1}{path}", json=body)
    assert response.status_code == 200
    answer = response.json()
    answer.pop("recommendation_id", None)
    return answer


def refused(client: TestClient, **body: Any) -> str:
    response = client.post(RECOMMENDATIONS, json=body)
    assert response.status_code == 422
    detail: str = response.json()["detail"]
    return detail


def ids(answer: Any) -> list[int]:
    films = answer["recommendations"] if isinstance(answer, dict) else answer
    return [film["movieId"] for film in films]


def sources(answer: Any) -> set[str]:
    return {film["source"] for film in answer["recommendations"]}


def as_json(film: Recommendation) -> dict[str, Any]:
    """What a recommendation shall look like outside."""
    return {
        "movieId": film.movie_id,
        "title": film.title,
        "year": film.year,
        "genres": list(film.genres),
        "score": None if film.score is None else round(film.score, 3),
        "predicted_stars": None if film.predicted_stars is None else round(film.predicted_stars, 3),
        "stars_margin": None if film.stars_margin is None else round(film.stars_margin, 3),
        "ratings": film.ratings,
        "mean_stars": None if film.mean_stars is None else round(film.mean_stars, 3),
        "tmdbId": film.tmdb_id,
        "imdbId": film.imdb_id,
        "source": film.source,
        "reasons": [
            {"movieId": reason.movie_id, "title": reason.title, "share": round(reason.share, 3)}
            for reason in film.reasons
        ],
    }


# --- GET movies ---


def test_search_finds_a_film_with_all_that_is_known_of_it(client: TestClient) -> None:
    assert got(client, "/movies", q="plup fiction") == [PULP_FICTION]


def test_search_finds_a_film_by_its_number_elsewhere(client: TestClient) -> None:
    assert got(client, "/movies", q="https://www.themoviedb.org/movie/680-pulp-fiction") == [PULP_FICTION]
    assert got(client, "/movies", q="tmdb:999999") == []


def test_search_gives_the_best_first_and_at_most_limit(client: TestClient) -> None:
    found = got(client, "/movies", q="a film")
    assert ids(found) == [movie.movie_id for movie in TINY.search("a film")]
    assert len(found) > 1
    assert got(client, "/movies", q="a film", limit=1) == found[:1]


@pytest.mark.parametrize("params", [{}, {"q": ""}, {"q": " "}, {"q": "xyzzyxyzzy"}])
def test_nothing_typed_or_nothing_found_is_an_empty_list(client: TestClient, params: dict[str, str]) -> None:
    assert got(client, "/movies", **params) == []


@pytest.mark.parametrize("params", [{"q": "x" * 200}, {"limit": 1}, {"limit": 50}])
def test_the_bounds_of_a_search_are_inside(client: TestClient, params: dict[str, Any]) -> None:
    got(client, "/movies", **params)


@pytest.mark.parametrize("params", [{"q": "x" * 201}, {"limit": 0}, {"limit": 51}, {"limit": "ten"}])
def test_a_search_outside_its_bounds_is_422(client: TestClient, params: dict[str, Any]) -> None:
    assert client.get(f"{V1}/movies", params=params).status_code == 422


# --- GET movies/{id}, movies/{id}/similar, movies/starter ---


def test_one_film(client: TestClient) -> None:
    stars = [{"stars": 4.0, "ratings": 1}]
    assert got(client, "/movies/296") == PULP_FICTION | {"stars_distribution": stars, "tags": list(TAGS[296])}
    assert got(client, "/movies/7002") | {"stars_distribution": [], "tags": []} == got(client, "/movies/7002")


def test_a_film_that_nobody_rated_has_no_mean(client: TestClient) -> None:
    film = got(client, "/movies/7002")
    assert (film["ratings"], film["mean_stars"]) == (0, None)


@pytest.mark.parametrize("path", ["", "/similar"])
def test_an_unknown_film_is_404(client: TestClient, path: str) -> None:
    response = client.get(f"{V1}/movies/{UNKNOWN}{path}")
    assert response.status_code == 404
    assert str(UNKNOWN) in response.json()["detail"]


@pytest.mark.parametrize("movie_id", ["0", "-1", str(TOO_LARGE), "9" * 5000, "true", "starters", "1.5"])
@pytest.mark.parametrize("path", ["", "/similar"])
def test_a_movie_id_that_is_no_id_is_422(client: TestClient, path: str, movie_id: str) -> None:
    assert client.get(f"{V1}/movies/{movie_id}{path}").status_code == 422


def test_similar_films_come_with_their_likeness_most_alike_first(client: TestClient) -> None:
    # By angle, damped by how few people rated: 1 (2 ratings), 296, then what lies almost across.
    found = got(client, "/movies/593/similar")
    assert ids(found)[:2] == [1, 296]
    assert found[1] == PULP_FICTION | {"score": 0.032}  # cosine 0.995 · 1 / (1 + 30)
    assert [film["score"] for film in found] == sorted((film["score"] for film in found), reverse=True)
    assert got(client, "/movies/593/similar", n=1) == found[:1]


def test_a_film_that_nobody_rated_is_like_none(client: TestClient) -> None:
    assert got(client, "/movies/7002/similar") == []


def test_starter_films_are_known_to_many_and_the_same_each_time(client: TestClient) -> None:
    films = got(client, "/movies/starter")
    assert ids(films) == [movie.movie_id for movie in TINY.starter(24)]
    assert films[0]["ratings"] == 2
    assert set(ids(films)) == ALL_RATED  # all there are, and none that nobody rated
    assert got(client, "/movies/starter") == films
    assert got(client, "/movies/starter", n=2) == films[:2]


@pytest.mark.parametrize("path", ["/movies/593/similar", "/movies/starter", "/users/8/recommendations"])
@pytest.mark.parametrize("n", ["0", "101", "-1", "ten", ""])
def test_n_outside_1_to_100_is_422(client: TestClient, path: str, n: str) -> None:
    assert client.get(f"{V1}{path}?n={n}").status_code == 422
    assert client.get(f"{V1}{path}?n=100").status_code == 200


# --- POST recommendations ---


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


# --- GET users/{id}/recommendations, users/{id}/history ---


def test_a_user_gets_films_by_taste_that_the_user_has_not_rated(client: TestClient) -> None:
    answer = got(client, "/users/9/recommendations")
    assert answer["recommendations"] == [as_json(film) for film in TINY.recommend(9)]
    assert ids(answer)[0] == 1  # of what is left, 1 is most like science fiction
    assert not {1196, 2571} & set(ids(answer))
    assert sources(answer) == {"known user"}


def test_a_user_can_leave_films_out_and_order_by_stars(client: TestClient) -> None:
    answer = got(client, "/users/9/recommendations", exclude_ids=[1, UNKNOWN], rank_by="stars")
    assert ids(answer) == [296, 593, 7001]
    assert answer["unknown_ids"] == [UNKNOWN]


@pytest.mark.parametrize(
    "query",
    [
        "genres=polka",
        "genres=",
        "year_min=1799",
        "min_ratings=-1",
        "diversity=2",
        "balance=nan",
        "rank_by=magic",
        "exclude_ids=0",
        "exclude_ids=x",
        "strategy=blend",  # a user is no selection
        "limit=3",
    ],
)
def test_a_query_that_is_not_as_declared_is_422(client: TestClient, query: str) -> None:
    assert client.get(f"{V1}/users/8/recommendations?{query}").status_code == 422


def test_a_history_has_most_stars_first_and_at_most_limit(client: TestClient) -> None:
    rated = got(client, "/users/7/history")
    assert [(film["movieId"], film["stars"]) for film in rated] == [(1, 5.0), (296, 4.0), (593, 4.0), (7001, 2.0)]
    assert rated[1] == PULP_FICTION | {"stars": 4.0}
    assert got(client, "/users/7/history", limit=2) == rated[:2]


@pytest.mark.parametrize("limit", ["0", "1001", "ten"])
def test_a_limit_outside_1_to_1000_is_422(client: TestClient, limit: str) -> None:
    assert client.get(f"{V1}/users/7/history?limit={limit}").status_code == 422


@pytest.mark.parametrize("path", ["recommendations", "history"])
def test_an_unknown_user_is_404(client: TestClient, path: str) -> None:
    response = client.get(f"{V1}/users/{UNKNOWN}/{path}")
    assert response.status_code == 404
    assert str(UNKNOWN) in response.json()["detail"]


@pytest.mark.parametrize("path", ["recommendations", "history"])
def test_any_text_is_a_user_id_but_for_its_length(client: TestClient, path: str) -> None:
    for unknown in ("0", str(TOO_LARGE), "9" * 128, "me", "7.0", "-7"):
        response = client.get(f"{V1}/users/{unknown}/{path}")
        assert (response.status_code, f"does not know user {unknown}" in response.json()["detail"]) == (404, True)
    assert client.get(f"{V1}/users/{'9' * 129}/{path}").status_code == 422


# --- POST match ---


def test_a_match_tells_what_is_shared_and_what_else_that_user_loved(client: TestClient) -> None:
    answer = posted(client, "/match", movie_ids=[1, 296, 2571, 1])
    assert answer == {
        "matched_user_id": 7,
        "match_count": 2,
        "average_rating": 4.5,
        "shared": [got(client, "/movies", q="toy story")[0] | {"stars": 5.0}, PULP_FICTION | {"stars": 4.0}],
        # not 7001, to which user 7 gave two stars
        "also_loved": [got(client, "/movies", q="silence of the lambs")[0] | {"stars": 4.0}],
        "named": [
            {"given": movie, "movieId": movie, "title": title, "counts_as": "like", "why": None}
            for movie, title in ((1, "Toy Story (1995)"), (296, "Pulp Fiction (1994)"), (2571, "Matrix, The (1999)"))
        ],
        "unknown_ids": [],
    }
    fixed = client.post("/find_matching_user", json={"movie_ids": [1, 296, 2571, 1]}).json()
    assert fixed.items() <= answer.items()


def test_a_match_lists_unknown_ids(client: TestClient) -> None:
    assert posted(client, "/match", movie_ids=[1, UNKNOWN])["unknown_ids"] == [UNKNOWN]


def test_films_that_nobody_rated_match_nobody(client: TestClient) -> None:
    assert posted(client, "/match", movie_ids=[7002]) == {
        "matched_user_id": None,
        "match_count": 0,
        "average_rating": None,
        "shared": [],
        "also_loved": [],
        "named": [UNRATED],
        "unknown_ids": [],
    }


def test_only_unknown_ids_match_404(client: TestClient) -> None:
    response = client.post(f"{V1}/match", json={"movie_ids": [UNKNOWN]})
    assert response.status_code == 404
    assert str(UNKNOWN) in response.json()["detail"]


@pytest.mark.parametrize("movie_ids", [[], [1] * 21, ["1"], [True], [0], None])
def test_a_selection_that_is_none_is_422(client: TestClient, movie_ids: Any) -> None:
    assert client.post(f"{V1}/match", json={"movie_ids": movie_ids}).status_code == 422


# --- GET model ---


def test_the_model_says_what_it_is(client: TestClient) -> None:
    assert got(client, "/model") == {
        "revision": REVISION,
        "dataset": "tiny",
        "simulated": False,
        "counts": {"users": 3, "movies": 6, "ratings": 8, "catalogue": 7},
        "rating_scale": {"low": 0.5, "high": 5.0},
        "taste": True,
        "balance": 0.0,
        "predicts_stars": True,
        "genres": ["Action", "Animation", "Children", "Comedy", "Crime", "Drama", "Sci-Fi", "Thriller"],
        "trained_at": "2026-01-01T00:00:00+00:00",
        "catalogue_ends": 2002,
        "version": reelwise.__version__,
        "metrics": {},
        "map": True,
        "posters": False,
        "poster_attribution": "This product uses the TMDB API but is not endorsed or certified by TMDB.",
        "training": {"epochs": None, "rmse": []},
        "shown": [],
        "stars_distribution": [
            {"stars": 2.0, "ratings": 1},
            {"stars": 3.0, "ratings": 1},
            {"stars": 4.0, "ratings": 4},
            {"stars": 4.5, "ratings": 1},
            {"stars": 5.0, "ratings": 1},
        ],
        "licence": {"name": "MovieLens", "link": "https://grouplens.org/datasets/movielens/"},
        "citation": CITATION,
    }


def test_the_model_says_how_good_it_is() -> None:
    config = tiny_model(simulated=True).config
    rating_model = config.rating_model.model_copy(update={"epochs_run": 2})
    assert METRICS.stars is not None
    metrics = METRICS.model_copy(update={"stars": METRICS.stars.model_copy(update={"validation_rmse": (0.9, 0.8)})})
    measured = replace(tiny_model(), metrics=metrics, config=config.model_copy(update={"rating_model": rating_model}))
    model = got(TestClient(create_app(recommender=Recommender(measured))), "/model")
    assert model["metrics"] == json.loads(metrics.model_dump_json(exclude_none=True))
    assert model["metrics"]["stars"]["model"] == {"rmse": 0.84321, "mae": 0.66}
    assert model["training"] == {"epochs": 2, "rmse": [0.9, 0.8]}
    assert model["simulated"] is True
    assert (model["licence"]["name"], model["citation"]) == ("MIT", None)


# --- a model without a ranking model ---


def test_without_a_taste_model_the_model_says_so(client_without_taste: TestClient) -> None:
    assert got(client_without_taste, "/model")["taste"] is False
    assert got(client_without_taste, "/model")["map"] is False


def test_without_a_taste_model_a_selection_gets_its_profile_by_stars(client_without_taste: TestClient) -> None:
    answer = posted(client_without_taste, movie_ids=[2571])
    assert ids(answer) == [296, 1, 593, 7001]  # user 9 matches, who rated 1196 and 2571
    assert sources(answer) == {"profile"}
    assert {(film["score"], len(film["reasons"])) for film in answer["recommendations"]} == {(None, 0)}


@pytest.mark.parametrize(
    "body", [{"movie_ids": [UNKNOWN]}, {"movie_ids": [7002]}, {"disliked_ids": [1196]}, {"stars": {"1196": 3}}]
)
def test_without_a_taste_model_somebody_who_likes_nothing_rated_gets_what_is_given_most_stars(
    client_without_taste: TestClient, body: dict[str, Any]
) -> None:
    answer = posted(client_without_taste, exclude_ids=[1196], **body)
    assert ids(answer) == [296, 2571, 1, 593, 7001]
    assert sources(answer) == {"popular"}


def test_without_a_taste_model_a_user_gets_films_by_stars(client_without_taste: TestClient) -> None:
    assert ids(got(client_without_taste, "/users/8/recommendations")) == [296, 593, 1196, 7001]


def test_without_a_taste_model_there_are_starter_films(client_without_taste: TestClient) -> None:
    assert set(ids(got(client_without_taste, "/movies/starter"))) == ALL_RATED


def test_what_takes_a_taste_model_is_422_without_one(client_without_taste: TestClient) -> None:
    assert "no ranking model" in refused(client_without_taste, movie_ids=[1], strategy="blend")
    assert "no ranking model" in refused(client_without_taste, movie_ids=[1], rank_by="taste")
    response = client_without_taste.get(f"{V1}/movies/593/similar")
    assert response.status_code == 422
    assert "no ranking model" in response.json()["detail"]


# --- what the document says ---

PATHS = {
    ("get", "/movies"): {422, 503},
    ("get", "/movies/starter"): {422, 503},
    ("get", "/movies/groups"): {503},
    ("get", "/movies/map"): {304, 404, 422, 503},
    ("get", "/movies/new"): {422, 503},
    ("get", "/movies/{movie_id}"): {404, 422, 503},
    ("put", "/movies/{movie_id}"): {401, 403, 413, 422, 503},
    ("delete", "/movies/{movie_id}"): {401, 403, 404, 422, 503},
    ("get", "/movies/{movie_id}/poster"): {404, 422, 502, 503},
    ("get", "/movies/{movie_id}/details"): {404, 422, 502, 503},
    ("get", "/movies/{movie_id}/similar"): {404, 422, 503},
    ("post", "/recommendations"): {413, 422, 503},
    ("get", "/users/{user_id}/recommendations"): {404, 422, 503},
    ("get", "/users/{user_id}/history"): {404, 422, 503},
    ("get", "/me/films"): {403, 422, 503},
    ("post", "/me/films"): {403, 404, 413, 422, 503},
    ("post", "/feedback"): {413, 422, 503},
    ("get", "/users/{user_id}/ratings"): {404, 422, 503},
    ("get", "/users/{user_id}/ratings/{movie_id}"): {404, 422, 503},
    ("put", "/users/{user_id}/ratings/{movie_id}"): {404, 413, 422, 503},
    ("delete", "/users/{user_id}/ratings/{movie_id}"): {404, 422, 503},
    ("get", "/users/{user_id}/export"): {404, 422, 503},
    ("delete", "/users/{user_id}"): {401, 403, 404, 422, 503},
    ("post", "/match"): {404, 413, 422, 503},
    ("post", "/groups/recommendations"): {404, 413, 422, 503},
    ("post", "/recommendations/likely_seen"): {413, 422, 503},
    ("get", "/users/{user_id}/likely_seen"): {404, 422, 503},
    ("post", "/predictions"): {404, 413, 422, 503},
    ("post", "/movies/resolve"): {413, 422, 503},
    ("post", "/histories"): {413, 422, 503},
    ("get", "/model"): {503},
    ("post", "/model/reload"): {401, 403, 409, 503},
}
SILENT = {(method, path) for method, path in PATHS if method == "delete"} | {("post", "/me/films")}  # without a body


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def test_the_document_lists_every_path_with_its_statuses(document: dict[str, Any]) -> None:
    declared = {
        (method, path.removeprefix(V1)): set(operation["responses"])
        for path, methods in document["paths"].items()
        if path.startswith(V1)
        for method, operation in methods.items()
    }
    assert declared == {
        (method, path): {"204" if (method, path) in SILENT else "200", "default", *map(str, statuses)}
        for (method, path), statuses in PATHS.items()
    }


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_every_path_is_503_with_the_reason_without_a_model(method: str, path: str) -> None:
    path = path.format(movie_id=1, user_id=8)
    bodies = {"/predictions": {"user_id": 8, "movies": [1]}, "/movies/resolve": {"movies": [{"tmdbId": 1}]}}
    bodies["/feedback"] = {"events": [{"user_id": 8, "movieId": 1, "type": "like"}]}
    given = {"title": "A Film"} if path.startswith("/movies") else {"stars": 4}
    body = given if method == "put" else bodies.get(path, {"movie_ids": [1]}) if method == "post" else None
    with TestClient(create_app(Settings(admin_key="open-sesame"))) as client:
        response = client.request(method, f"{V1}{path}", json=body, headers={"X-API-Key": "open-sesame"})
    assert response.status_code == 503
    assert "reelwise train" in response.json()["detail"]


def shapes(document: dict[str, Any], what: Any) -> set[str]:
    """The names of the components that a part of the document is made of."""
    return {name for name in document["components"]["schemas"] if f'schemas/{name}"' in json.dumps(what)}


def test_every_body_and_every_answer_has_examples(document: dict[str, Any]) -> None:
    for method, path in PATHS:
        if method == "delete":
            continue
        operation = document["paths"][V1 + path][method]
        contents = [
            operation["responses"].get("200", {}).get("content"),
            operation.get("requestBody", {}).get("content"),
        ]
        for content in filter(None, contents):
            if "application/json" not in content:  # a picture, or the file of an export
                continue
            (name,) = shapes(document, content)
            assert document["components"]["schemas"][name]["examples"]


def test_the_examples_of_a_body_are_answered(client: TestClient, document: dict[str, Any]) -> None:
    examples = document["components"]["schemas"]["RecommendationRequest"]["examples"]
    for example in examples:
        assert posted(client, **example)["recommendations"]


def test_the_examples_of_an_answer_have_the_keys_of_an_answer(client: TestClient, document: dict[str, Any]) -> None:
    answers = {
        "Film": got(client, "/movies", q="toy story")[0],
        "FilmInDetail": got(client, "/movies/1"),
        "SimilarFilm": got(client, "/movies/593/similar")[0],
        "RatedFilm": got(client, "/users/8/history")[0],
        "Recommended": posted(client, movie_ids=[1]) | {"recommendation_id": ""},
        "RecommendedFilm": posted(client, movie_ids=[1])["recommendations"][0],
        "MatchInDetail": posted(client, "/match", movie_ids=[1]),
        "ModelInDetail": got(client, "/model"),
    }
    for name, answer in answers.items():
        (example,) = document["components"]["schemas"][name]["examples"]
        assert example.keys() == answer.keys()
