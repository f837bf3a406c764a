"""The pages about the API work without a network, and the OpenAPI document says what the API does."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

import reelwise
from reelwise.serving import create_app
from support.models.tiny_recommender import tiny_recommender

PAGES = ["/docs", "/redoc"]


@pytest.mark.parametrize("root_path", ["", "/reelwise"])
def test_everything_on_a_page_comes_from_this_server(root_path: str) -> None:
    client = TestClient(create_app(recommender=tiny_recommender()), root_path=root_path)
    for page in PAGES:
        response = client.get(root_path + page)
        assert response.status_code == 200
        assert "//" not in re.sub(r"<!--.*?-->", "", response.text, flags=re.DOTALL)
        loaded = re.findall(r"""(?:src|href|spec-url)="([^"]+)"|url: '([^']+)'""", response.text)
        paths = ["".join(pair) for pair in loaded]
        assert len(paths) >= 3, page
        for path in paths:
            assert path.startswith(f"{root_path}/"), page
            assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("page", PAGES)
def test_the_browser_is_told_to_load_nothing_foreign(client: TestClient, page: str) -> None:
    policy = client.get(page).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "*" not in policy


def test_swagger_ui_does_not_ask_the_foreign_validator(client: TestClient) -> None:
    assert '"validatorUrl": null' in client.get("/docs").text


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_the_document_has_a_head(document: dict[str, Any]) -> None:
    assert document["info"]["title"] == "Reelwise"
    assert document["info"]["version"] == reelwise.__version__
    assert document["info"]["description"]
    assert document["info"]["license"]["name"] == "MIT"
    assert all(tag["description"] for tag in document["tags"])


def test_the_document_lists_exactly_the_paths_of_the_contract(document: dict[str, Any]) -> None:
    unprefixed = {path: methods for path, methods in document["paths"].items() if not path.startswith("/api/v1/")}
    assert {path: list(methods) for path, methods in unprefixed.items()} == {
        "/": ["get"],
        "/recommendations/{user_id}": ["get"],
        "/find_matching_user": ["post"],
        "/recommendations_from_selection": ["post"],
        "/health/live": ["get"],
        "/health/ready": ["get"],
        "/metrics": ["get"],
    }


def test_every_operation_has_a_name_a_text_and_a_tag(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    for operation in operations(document):
        assert re.fullmatch("[a-z_]+", operation["operationId"])
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= tags


def test_every_error_is_declared_as_the_one_problem(document: dict[str, Any]) -> None:
    for operation in operations(document):
        errors = {status: answer for status, answer in operation["responses"].items() if status[0] not in "23"}
        assert "default" in errors
        for answer in errors.values():
            assert answer["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/", "get", {"200", "503"}),
        ("/recommendations/{user_id}", "get", {"200", "422", "503"}),
        ("/find_matching_user", "post", {"200", "400", "413", "422", "503"}),
        ("/recommendations_from_selection", "post", {"200", "400", "413", "422", "503"}),
        ("/health/live", "get", {"200"}),
        ("/health/ready", "get", {"200", "503"}),
    ],
)
def test_every_path_declares_its_statuses(document: dict[str, Any], path: str, method: str, statuses: set[str]) -> None:
    assert document["paths"][path][method]["responses"].keys() == statuses | {"default"}


def test_every_reference_is_resolved_and_fastapis_own_error_is_gone(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert set(re.findall(r"#/components/schemas/(\w+)", str(document))) == schemas.keys()
    assert not {"HTTPValidationError", "ValidationError"} & schemas.keys()


def test_the_selection_has_an_example_that_the_contract_names(document: dict[str, Any]) -> None:
    assert document["components"]["schemas"]["Selection"]["examples"] == [{"movie_ids": [1, 296, 593, 1196, 2571]}]


def test_the_choices_are_listed(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/recommendations_from_selection"]["post"]["parameters"]
    schemas = {parameter["name"]: parameter["schema"] for parameter in parameters}
    assert schemas["strategy"] == {"$ref": "#/components/schemas/Strategy"}
    assert document["components"]["schemas"]["Strategy"]["enum"] == ["profile", "blend"]
    assert schemas["n"] == schemas["n"] | {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}


VERBS = "delete|export|find|get|list|match|predict|put|recommend|reload|resolve|search|send"


def inside(part: Any, below: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document but for examples, with where it stands."""
    if isinstance(part, dict):
        yield below, part
        for name, child in part.items():
            if name not in ("examples", "default"):
                yield from inside(child, f"{below}/{name}")
    elif isinstance(part, list):
        for child in part:
            yield from inside(child, f"{below}/")


def test_generated_clients_have_a_name_for_everything(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert len({*names}) == len(names)
    assert all(re.fullmatch(f"({VERBS})(_[a-z]+)*", name) for name in names)
    assert all(re.fullmatch("([A-Z][a-z0-9]+)+", name) for name in document["components"]["schemas"])
    for name, schema in document["components"]["schemas"].items():  # generated code takes one for the other
        assert re.sub("(?<!^)([A-Z])", r"_\1", name).lower() not in schema.get("properties", {}), name
    for place, part in inside(document):
        is_named = re.fullmatch(r"/components/schemas/\w+", place)
        is_rule = "/not" in place or "/if" in place or "/then" in place or "/else" in place
        if not is_named and not is_rule and not place.endswith("/properties"):
            assert len(part.get("enum", [])) < 2, place
            assert "properties" not in part, place
        if is_named:  # generators take one of the cases for the whole
            assert not {"anyOf", "oneOf", "allOf"} & part.keys(), place
        assert "patternProperties" not in part, place
        assert "title" not in part or place.endswith("/properties") or place == "/info", place


def test_the_document_has_one_order(document: dict[str, Any]) -> None:
    for part in (document["paths"], document["components"]["schemas"]):
        assert [*part] == sorted(part)
