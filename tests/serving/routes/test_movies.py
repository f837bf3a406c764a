"""Films under `/api/v1/movies`: searched, one, those like it, those to start with."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from support.models.tiny_recommender import TAGS, tiny_recommender
from support.running.v1 import PULP_FICTION, UNKNOWN, V1, got, ids

TINY = tiny_recommender()
ALL_RATED = {1, 296, 593, 1196, 2571, 7001}
TOO_LARGE = 2**31


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
