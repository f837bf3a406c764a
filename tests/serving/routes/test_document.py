"""What the OpenAPI document says of `/api/v1`."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from reelwise.serving import create_app
from reelwise.settings import Settings
from support.running.v1 import V1, got, posted

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
    ("get", "/me/films"): {403, 404, 422, 503},
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


def test_every_example_is_as_its_own_schema_says(document: dict[str, Any]) -> None:
    examples = {
        name: schema["examples"] for name, schema in document["components"]["schemas"].items() if "examples" in schema
    }
    assert len(examples) > 30
    faults = [
        f"{name}: {error.json_path}: {error.message}"
        for name in examples
        for example in examples[name]
        for error in Draft202012Validator(document | {"$ref": f"#/components/schemas/{name}"}).iter_errors(example)
    ]
    assert not faults, "\n".join(faults)


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
