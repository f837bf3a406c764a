"""What the page starts from: groups of films, and the map."""

from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.recommend.discovery.labels import Label
from reelwise.recommend.discovery.regions import Region
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.service import Service
from reelwise.serving import create_app
from support.models.tiny_recommender import tiny_model, tiny_recommender

MAP, GROUPS = "/api/v1/movies/map", "/api/v1/movies/groups"


def test_the_map_is_columns_rounded_to_four_digits(client: TestClient) -> None:
    response = client.get(MAP)
    assert response.status_code == 200
    answer = response.json()
    assert list(answer) == ["movie_ids", "x", "y", "titles", "years", "genres", "ratings", "regions"]
    assert answer["movie_ids"] == [1, 2571, 296, 593, 1196, 7001]
    assert answer["x"] == [0.3, 0.1, 1.0, 0.9, -0.1235, -1.0]
    assert answer["y"] == [0.2, 1.0, 0.1, 0.0, 0.9, -1.0]
    assert answer["genres"][-1] is None


def test_the_map_has_at_most_n_films(client: TestClient) -> None:
    assert client.get(MAP, params={"n": 2}).json()["movie_ids"] == [1, 2571]
    assert client.get(MAP, params={"n": 10000}).status_code == 200


@pytest.mark.parametrize("n", [0, 10001, "many"])
def test_a_map_outside_its_bounds_is_422(client: TestClient, n: Any) -> None:
    assert client.get(MAP, params={"n": n}).status_code == 422


def test_a_client_that_has_the_map_gets_it_once_for_each_size(client: TestClient) -> None:
    first = client.get(MAP)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(MAP, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(MAP, params={"n": 3}, headers={"If-None-Match": tag}).status_code == 200


def test_a_model_without_a_map_is_404_with_what_to_do() -> None:
    for recommender in (Recommender(replace(tiny_model(), map=None)), tiny_recommender(with_taste=False)):
        response = TestClient(create_app(recommender=recommender)).get(MAP)
        assert response.status_code == 404
        assert response.json()["detail"] == "This model has no map; train it again."


def test_few_films_or_no_tastes_are_no_groups(client: TestClient) -> None:
    without_taste = TestClient(create_app(recommender=tiny_recommender(with_taste=False)))
    assert client.get(GROUPS).json() == without_taste.get(GROUPS).json() == []


@pytest.fixture
def another_client() -> TestClient:
    """Of a server that has looked for no group and drawn no map yet."""
    return TestClient(create_app(recommender=tiny_recommender()))


def test_a_group_has_a_name_and_films_as_everywhere(
    another_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, matrix = another_client, tiny_recommender().service.film(2571)
    monkeypatch.setattr(Service, "clusters", {Label(("Sci-Fi",), 1990, 1990): [matrix]})
    films = client.get("/api/v1/movies", params={"q": "matrix"}).json()
    assert client.get(GROUPS).json() == [{"name": "Science fiction of the 1990s", "movies": films}]
    german = client.get(GROUPS, headers={"Accept-Language": "de"})
    assert german.json() == [{"name": "Science-Fiction der 1990er", "movies": films}]


def test_the_map_is_packed_for_whoever_can_unpack_it(client: TestClient) -> None:
    packed = client.get(MAP, headers={"Accept-Encoding": "gzip"})
    plain = client.get(MAP, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.json() == plain.json()


def test_regions_of_the_map_are_named_in_the_language_that_is_asked_for(
    another_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, drawn = another_client, tiny_recommender().service.map
    assert drawn is not None
    monkeypatch.setattr(Service, "map", replace(drawn, regions=[Region(Label(("Crime", "Drama")), 0.5, -0.25)]))
    french = client.get(MAP, params={"n": 2}, headers={"Accept-Language": "fr"})
    assert french.json()["regions"] == [{"name": "Drames policiers", "x": 0.5, "y": -0.25}]
    english = client.get(MAP, params={"n": 2}, headers={"If-None-Match": french.headers["ETag"]})
    assert english.json()["regions"][0]["name"] == "Crime dramas"


@pytest.mark.parametrize("path", [MAP, GROUPS])
def test_without_a_model_there_is_neither(client_without_model: TestClient, path: str) -> None:
    assert client_without_model.get(path).status_code == 503
