"""Ids over HTTP: numbers or texts, whichever the model has, and numbers at IMDb and TMDB below `/api/v1`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from reelwise.data.catalogue import Catalogue
from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from support.models.tiny_recommender import text_of_movie, tiny_model, tiny_model_of_texts

V1 = "/api/v1"
IMDB = {1: 114709, 2571: 133093}


def with_imdb_numbers() -> Recommender:
    model = tiny_model()
    films = (movie._replace(imdb_id=IMDB.get(int(movie.movie_id))) for movie in model.catalogue)
    return Recommender(replace(model, catalogue=Catalogue.of(films)))


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app(recommender=with_imdb_numbers())) as client:
        yield client


@pytest.fixture
def client_of_texts() -> Iterator[TestClient]:
    with TestClient(create_app(recommender=Recommender(tiny_model_of_texts()))) as client:
        yield client


def answered(response: Any) -> Any:
    """The answer, but for the id of a list, which no two have in common."""
    assert response.status_code == 200, response.text
    answer = response.json()
    if isinstance(answer, dict):
        answer.pop("recommendation_id", None)
    return answer


def as_texts(answer: Any) -> Any:
    """An answer of the model of numbers as that of texts gives it."""
    if isinstance(answer, list):
        return [as_texts(one) for one in answer]
    if isinstance(answer, dict):
        renamed = {"movieId": text_of_movie, "given": text_of_movie, "matched_user_id": "u{}".format}
        return {
            key: renamed[key](value) if key in renamed and value is not None else as_texts(value)
            for key, value in answer.items()
        }
    return answer


PATHS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/recommendations/{user}", None),
    ("POST", "/find_matching_user", {"movie_ids": [1, 2571]}),
    ("POST", "/recommendations_from_selection", {"movie_ids": [1, 2571]}),
    ("POST", "/recommendations_from_selection?strategy=blend", {"movie_ids": [1, 2571]}),
    ("GET", "/api/v1/users/{user}/recommendations?exclude_ids={movie}", None),
    ("GET", "/api/v1/users/{user}/history", None),
    ("GET", "/api/v1/movies/{movie}", None),
    ("GET", "/api/v1/movies/{movie}/similar", None),
    ("POST", "/api/v1/recommendations", {"movie_ids": [1], "stars": {"2571": 5}, "exclude_ids": [593]}),
    ("POST", "/api/v1/match", {"movie_ids": [1, 7002]}),
    ("POST", "/api/v1/predictions", {"stars": {"2571": 5}, "movies": [1, 7002]}),
]


@pytest.mark.parametrize(("method", "path", "body"), PATHS)
def test_a_model_of_texts_answers_what_one_of_numbers_does(
    client: TestClient, client_of_texts: TestClient, method: str, path: str, body: dict[str, Any] | None
) -> None:
    by_number = client.request(method, path.format(user=8, movie=1), json=body)
    texts = body and {
        key: {text_of_movie(int(movie)): stars for movie, stars in value.items()}
        if isinstance(value, dict)
        else [*map(text_of_movie, value)]
        for key, value in body.items()
    }
    by_text = client_of_texts.request(method, path.format(user="u8", movie=text_of_movie(1)), json=texts)
    expected = as_texts(answered(by_number))
    assert without_imdb(answered(by_text)) == without_imdb(expected)


def without_imdb(answer: Any) -> Any:
    """An answer without the numbers at IMDb, which the model of texts has none of."""
    if isinstance(answer, list):
        return [without_imdb(one) for one in answer]
    if isinstance(answer, dict):
        return {key: without_imdb(value) for key, value in answer.items() if key != "imdbId"}
    return answer


def test_the_fixed_paths_refuse_a_text_where_ids_are_numbers(client: TestClient) -> None:
    for text in ("1", "tt0114709", "imdb:tt0114709", "Toy Story"):
        for path in ("/find_matching_user", "/recommendations_from_selection"):
            response = client.post(path, json={"movie_ids": [text]})
            (fault,) = response.json()["errors"]
            assert (response.status_code, fault["type"], fault["loc"]) == (422, "int_type", ["body", "movie_ids", 0])


def test_a_number_is_refused_where_ids_are_texts(client_of_texts: TestClient) -> None:
    for path in ("/find_matching_user", f"{V1}/recommendations", f"{V1}/match"):
        response = client_of_texts.post(path, json={"movie_ids": [1]})
        assert response.status_code == 422
        assert "movie id 1 is a number; ids of this model are strings, such as 'tt0000001'" in response.text


def test_a_text_that_is_no_id_is_unknown_and_never_a_title(client: TestClient, client_of_texts: TestClient) -> None:
    assert client_of_texts.post("/find_matching_user", json={"movie_ids": ["Toy Story"]}).status_code == 400
    assert client_of_texts.get(f"{V1}/movies/Toy Story").status_code == 404
    assert client.get(f"{V1}/movies/Toy Story").status_code == 422
    answer = answered(client_of_texts.post(f"{V1}/recommendations", json={"movie_ids": ["tt0000001", "Alien"]}))
    assert answer["unknown_ids"] == ["Alien"]
    assert client_of_texts.get("/recommendations/nobody").json() == []


@pytest.mark.parametrize("text", ["0_1", "%2B1", "1%20", "1.5"])
def test_a_number_is_written_in_digits_alone(client: TestClient, text: str) -> None:
    assert client.get(f"{V1}/movies/{text}").status_code == 422
    assert client.get(f"{V1}/users/8/recommendations?only_ids={text}").status_code == 422


@pytest.mark.parametrize("text", ["", "x" * 129])
def test_a_text_of_another_length_is_no_id(client_of_texts: TestClient, text: str) -> None:
    response = client_of_texts.post("/find_matching_user", json={"movie_ids": [text]})
    assert response.status_code == 422
    assert "expected 1 to 128 characters" in response.json()["detail"]


def test_numbers_elsewhere_name_films_wherever_films_are_named(client: TestClient) -> None:
    by_id = {"movie_ids": [1], "stars": {"2571": 5}, "disliked_ids": [296], "exclude_ids": [593]}
    elsewhere = {
        "movie_ids": ["imdb:tt0114709"],
        "stars": {"imdb:133093": 5},
        "disliked_ids": ["tmdb:680"],
        "exclude_ids": ["tmdb:274"],
    }
    ours, theirs = (answered(client.post(f"{V1}/recommendations", json=body)) for body in (by_id, elsewhere))
    assert theirs["recommendations"] == ours["recommendations"] != []
    assert [(film["given"], film["movieId"], film["counts_as"]) for film in theirs["named"]] == [
        ("imdb:tt0114709", 1, "like"),
        ("imdb:133093", 2571, "like"),
        ("tmdb:680", 296, "dislike"),
        ("tmdb:274", 593, "excluded"),
    ]
    for path in ("movies/{}", "movies/{}/similar", "users/8/recommendations?exclude_ids={}"):
        found = answered(client.get(f"{V1}/{path.format(quote('imdb:tt0133093'))}"))
        by_number = answered(client.get(f"{V1}/{path.format(2571)}"))
        assert {**found, "named": []} == {**by_number, "named": []} if isinstance(found, dict) else found == by_number
    assert answered(client.post(f"{V1}/match", json={"movie_ids": ["tmdb:862"]}))["matched_user_id"] == 7


def test_a_number_that_no_film_has_is_unknown_as_it_came(client: TestClient) -> None:
    answer = answered(client.post(f"{V1}/recommendations", json={"movie_ids": [1, 5, "imdb:tt9999999", "tmdb:1"]}))
    assert answer["unknown_ids"] == [5, "imdb:tt9999999", "tmdb:1"]
    response = client.get(f"{V1}/movies/tmdb:1")
    assert (response.status_code, "movie tmdb:1 is not in the data set" in response.text) == (404, True)


@pytest.mark.parametrize("text", ["imdb:", "imdb:nm0000198", "tmdb:tt862", "tmdb:8.5", "tmdb:-1"])
def test_a_site_without_a_number_is_422(client: TestClient, text: str) -> None:
    for response in (
        client.get(f"{V1}/movies/{text}"),
        client.post(f"{V1}/recommendations", json={"movie_ids": [text]}),
        client.post(f"{V1}/recommendations", json={"stars": {text: 5}}),
    ):
        assert response.status_code == 422
        assert "Expected a number such as imdb:tt0114709 or tmdb:862" in response.json()["detail"]


def test_imdb_s_ids_are_found_where_they_are_the_data_set_s_own(client_of_texts: TestClient) -> None:
    assert answered(client_of_texts.get(f"{V1}/movies/imdb:tt0000001"))["movieId"] == "tt0000001"


def test_a_text_that_reads_as_a_number_is_that_user(client: TestClient) -> None:
    assert answered(client.get(f"{V1}/users/8/history")) == answered(client.get(f"{V1}/users/08/history"))
    for user in (8, "8"):
        body = {"user_id": user, "movies": [2571]}
        assert len(answered(client.post(f"{V1}/predictions", json=body))["predictions"]) == 1
