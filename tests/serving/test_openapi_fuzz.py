"""Schemathesis sends what the OpenAPI document allows and what it forbids, and holds the answers against it.

The requests are the same in every run. Both states of the server are tried: with a model and without. Each boundary of
each path takes half a minute, and so is tried on request.
"""

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig

from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender
from support.systems.patience import long_test


def document(app: FastAPI, phase: str, *failures: str) -> schemathesis.BaseSchema:
    """The OpenAPI document of `app`.

    Args:
        app: what is tried.
        phase: of Schemathesis: `coverage` tries each boundary of each path, `fuzzing` some requests at random.
        failures: the statuses over 499 that it may answer with.
    """
    checks = {
        "not_a_server_error": {"expected-statuses": ["2xx", "4xx", *failures]},
        # Well-formed ids of films or users that nobody knows are 400 on the four fixed paths, 404 below /api/v1.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "404", *failures]},
    }
    # No schema can say which genres this model's films have, which stars its scale has, and that nothing is both liked
    # and disliked: 422.
    wishing = {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "422", *failures]}}
    # Nobody can know the admin key or a visitor's token, and what comes of a reload depends on the folder.
    locked = {"positive_data_acceptance": {"expected-statuses": ["401", "403", "409", *failures]}}
    films_of_admins = [f"{method} /api/v1/movies/{{movie_id}}" for method in ("PUT", "DELETE")]
    # To put or to delete a film that is called like one of these paths asks for the admin key.
    called_so = {check: {"enabled": False} for check in ("unsupported_method", "allow_header_conformance")}
    # No schema can say what the files of film sites are like.
    exported = {"positive_data_acceptance": {"expected-statuses": ["422", *failures]}}
    generation = {"deterministic": True, "max-examples": 1}
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "checks": checks,
            "generation": generation,
            "phases": {each: {"enabled": each == phase} for each in ("examples", "coverage", "fuzzing", "stateful")},
            "operations": [
                {"include-path-regex": "^/api/v1/(.*recommendations|.*likely_seen|predictions)$", "checks": wishing},
                {"include-path-regex": "^/api/v1/model/reload$", "checks": locked},
                {"include-path-regex": "^/api/v1/(users/{user_id}|me/films)$", "checks": locked},
                {"include-name": films_of_admins, "checks": locked},
                {"include-path-regex": "^/api/v1/movies/(groups|map|new|resolve|starter)$", "checks": called_so},
                {"include-path-regex": "^/api/v1/users/{user_id}/ratings/", "checks": wishing},
                {"include-path-regex": "^/api/v1/histories$", "checks": exported},
            ],
        }
    )
    return schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


# By fixtures, so that the documents are made where they are tried, and not by every process that collects tests.
@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    store = tmp_path_factory.mktemp("store") / "live.db"
    return create_app(Settings(store=f"sqlite:///{store}"), tiny_recommender())


@pytest.fixture(scope="module")
def described(app: FastAPI) -> schemathesis.BaseSchema:
    return document(app, "fuzzing")


@pytest.fixture(scope="module")
def described_to_its_bounds(app: FastAPI) -> schemathesis.BaseSchema:
    return document(app, "coverage")


@pytest.fixture(scope="module")
def described_without_model() -> schemathesis.BaseSchema:
    return document(create_app(Settings(model="there-is-no-model")), "fuzzing", "503")


with_model = schemathesis.pytest.from_fixture("described")
to_its_bounds = schemathesis.pytest.from_fixture("described_to_its_bounds")
without_model = schemathesis.pytest.from_fixture("described_without_model")


def declared_by_number(ctx: Any, response: schemathesis.Response, case: Any) -> None:
    """`default` in the document allows every status; this allows only those that the path itself declares."""
    declared = case.operation.definition.raw["responses"]
    if case.method == case.operation.method.upper():
        assert str(response.status_code) in declared, f"{response.status_code} is not declared"


@with_model.parametrize()
def test_with_a_model(case: Any) -> None:
    case.call_and_validate(additional_checks=[declared_by_number])


@long_test
@to_its_bounds.parametrize()
def test_to_the_bounds_of_all_paths(case: Any) -> None:
    case.call_and_validate(additional_checks=[declared_by_number])


@without_model.parametrize()
def test_without_a_model(case: Any) -> None:
    case.call_and_validate(additional_checks=[declared_by_number])
