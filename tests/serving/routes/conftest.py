"""One application with the tiny recommender for all tests of a module: what paths answer changes nothing in it."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender


@pytest.fixture(scope="module")
def app() -> FastAPI:
    with pytest.MonkeyPatch.context() as outside:
        for variable in Settings.variables():
            outside.delenv(variable, raising=False)
        return create_app(Settings(_env_file=None), tiny_recommender())


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client
