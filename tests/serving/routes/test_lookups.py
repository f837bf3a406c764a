"""`/api/v1/predictions` and `/api/v1/movies/resolve`."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.recommend.limits import WHO

PREDICTIONS = "/api/v1/predictions"
RESOLVE = "/api/v1/movies/resolve"


def asked(client: TestClient, path: str, **body: Any) -> Any:
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_stars_of_a_known_user(client: TestClient) -> None:
    assert asked(client, PREDICTIONS, user_id=8, movies=[2571, 1, 999, "tmdb:680", 7002]) == {
        "predictions": [
            {"movieId": 2571, "title": "Matrix, The (1999)", "predicted_stars": 4.25, "stars_margin": 1.0},
            {"movieId": 1, "title": "Toy Story (1995)", "predicted_stars": 4.123, "stars_margin": 0.8},
            {"movieId": 296, "title": "Pulp Fiction (1994)", "predicted_stars": 5.0, "stars_margin": 1.0},
        ],
        "named": [
            {
                "movieId": 296,
                "title": "Pulp Fiction (1994)",
                "given": "tmdb:680",
                "counts_as": "asked about",
                "why": None,
            },
            {
                "movieId": 7002,
                "title": "A Film That Nobody Rated (2002)",
                "given": 7002,
                "counts_as": "nothing",
                "why": "nobody rated it",
            },
        ],
        "unknown_ids": [999],
    }


def test_stars_of_somebody_who_names_films_are_those_of_recommendations(client: TestClient) -> None:
    for who in ({"movie_ids": [296]}, {"stars": {"296": 5, "1": 1}}, {"movie_ids": [296], "stars": {"2571": 1}}):
        recommended = asked(client, "/api/v1/recommendations", **who)["recommendations"]
        predicted = asked(client, PREDICTIONS, movies=[film["movieId"] for film in recommended], **who)
        assert [(film["predicted_stars"], film["stars_margin"]) for film in predicted["predictions"]] == [
            (film["predicted_stars"], film["stars_margin"]) for film in recommended
        ]


def test_up_to_2000_films_and_2000_stars(client: TestClient) -> None:
    many = [*range(1, 2001)]
    stars = {str(movie): 5 for movie in many}
    assert len(asked(client, PREDICTIONS, stars=stars, movies=many)["unknown_ids"]) > 1900
    assert client.post(PREDICTIONS, json={"stars": {**stars, "2001": 5}, "movies": [1]}).status_code == 422
    assert client.post(PREDICTIONS, json={"user_id": 8, "movies": [*many, 2001]}).status_code == 422


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"movies": [1]}, 422, WHO),
        ({"user_id": 8, "movie_ids": [1], "movies": [1]}, 422, WHO),
        ({"user_id": 8, "movies": []}, 422, "name at least one film"),
        ({"user_id": 8}, 422, "body.movies: Field required"),
        ({"user_id": True, "movies": [1]}, 422, "user_id"),
        ({"user_id": "", "movies": [1]}, 422, "user_id"),
        ({"user_id": 8, "movies": ["Toy Story"]}, 422, "valid integer"),
        ({"user_id": 8, "movies": [1], "n": 5}, 422, "Extra inputs are not permitted"),
        ({"stars": {"1": 9.5}, "movies": [1]}, 422, "stars: movie 1 has 9.5, but the rating scale is 0.5 to 5"),
        ({"user_id": 5, "movies": [1]}, 404, "does not know user 5"),
        ({"user_id": "alice", "movies": [1]}, 404, "does not know user alice"),
        ({"movie_ids": [5], "movies": [1]}, 404, "none of the movie ids 5 is in the data set"),
    ],
)
def test_what_cannot_be_predicted(client: TestClient, body: dict[str, Any], status: int, message: str) -> None:
    response = client.post(PREDICTIONS, json=body)
    assert (response.status_code, message in response.json()["detail"]) == (status, True), response.text


def test_films_are_looked_up_by_numbers_or_titles_in_their_order(client: TestClient) -> None:
    films = [
        {"tmdbId": 862},
        {"title": "the matirx"},
        {"title": "Pulp Fiction", "year": 1995},
        {"title": "Pulp Fiction", "year": 2003},
        {"imdbId": "tt0000001", "title": "Silence of the Lambs (1991)"},
        {"imdbId": 7, "tmdbId": 8},
        {"tmdbId": 862, "title": "Pulp Fiction"},
    ]
    found = asked(client, RESOLVE, movies=films)["movies"]
    assert [(one["film"] and one["film"]["movieId"], one["by"]) for one in found] == [
        (1, "tmdb"),
        (2571, "title"),
        (296, "title"),
        (None, None),
        (593, "title"),
        (None, None),
        (1, "tmdb"),
    ]
    assert [film["title"] for film in found[3]["nearest"]] == ["Pulp Fiction (1994)"]
    film = client.get("/api/v1/movies/1").json()
    assert found[0]["film"] == {
        name: value for name, value in film.items() if name not in ("stars_distribution", "tags")
    }


@pytest.mark.parametrize(
    ("films", "message"),
    [
        ([], "name at least one film"),
        ([{"tmdbId": 862}] * 201, "201 films are too many; name up to 200"),
        ([{}], "Say `imdbId`, `tmdbId` or `title`."),
        ([{"year": 1995}], "Say `imdbId`, `tmdbId` or `title`."),
        ([{"imdbId": "Toy Story"}], "imdbId"),
        ([{"title": "Toy Story", "year": "1995"}], "year"),
        ([{"tmdbId": "862"}], "tmdbId"),
        ([{"title": ""}], "title"),
        ([{"title": "Toy Story", "year": 95}], "year"),
        (["Toy Story"], "movies.0"),
    ],
)
def test_what_cannot_be_looked_up(client: TestClient, films: list[Any], message: str) -> None:
    response = client.post(RESOLVE, json={"movies": films})
    assert (response.status_code, message in response.json()["detail"]) == (422, True), response.text
