"""A quick route answers what an ordinary one does."""

from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field

from reelwise.serving.routes.quick_route import QuickRoute


class Body(BaseModel):
    numbers: Annotated[list[int], Field(min_length=1)]


async def get(
    request: Request, user: Annotated[int, Path(ge=1)], n: Annotated[int, Query(ge=1)] = 10, by: str | None = None
) -> Response:
    return JSONResponse([user, n, by, request.url.path])


async def post(body: Body, n: int = 10) -> Response:
    return JSONResponse([body.numbers, n])


def client(route: type[APIRoute]) -> TestClient:
    router = APIRouter(route_class=route)
    router.get("/users/{user}")(get)
    router.post("/numbers")(post)
    app = FastAPI(routes=router.routes)
    return TestClient(app)


QUESTIONS = {
    "as it should be": ("GET", "/users/1", {}),
    "all parameters": ("GET", "/users/1?n=3&by=x", {}),
    "one twice": ("GET", "/users/1?n=3&n=4", {}),
    "one that has the name of another place": ("GET", "/users/1?user=2", {}),
    "an unknown one": ("GET", "/users/1?m=2", {}),
    "an empty one": ("GET", "/users/1?n=&by=", {}),
    "out of range": ("GET", "/users/0?n=0", {}),
    "no number": ("GET", "/users/x", {}),
    "a number with a sign and blanks": ("GET", "/users/+1?n=%201", {}),
    "a body": ("POST", "/numbers?n=2", {"json": {"numbers": [1, 2]}}),
    "a body with more": ("POST", "/numbers", {"json": {"numbers": [1], "x": None}}),
    "a body that says nothing of itself": ("POST", "/numbers", {"content": b'{"numbers": [1]}'}),
    "a body of another kind of JSON": (
        "POST",
        "/numbers",
        {"content": b'{"numbers": [1]}', "headers": {"content-type": "application/ld+json; charset=utf-8"}},
    ),
    "a body of another kind": (
        "POST",
        "/numbers",
        {"content": b'{"numbers": [1]}', "headers": {"content-type": "text/plain"}},
    ),
    "no body": ("POST", "/numbers", {"headers": {"content-type": "application/json"}}),
    "a body that is cut off": (
        "POST",
        "/numbers",
        {"content": b'{"numbers": [1', "headers": {"content-type": "application/json"}},
    ),
    "a body that is invalid": ("POST", "/numbers", {"json": {"numbers": []}}),
    "a body that only Python reads": (
        "POST",
        "/numbers",
        {"content": b'{"numbers": [1], "x": NaN}', "headers": {"content-type": "application/json"}},
    ),
    "the wrong method": ("DELETE", "/numbers", {}),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_answers_as_an_ordinary_route(question: str) -> None:
    method, path, options = QUESTIONS[question]
    quick, ordinary = (client(route).request(method, path, **options) for route in (QuickRoute, APIRoute))  # type: ignore[arg-type]
    assert (quick.status_code, quick.text) == (ordinary.status_code, ordinary.text)


def test_its_document_is_that_of_an_ordinary_route() -> None:
    quick, ordinary = (client(route).get("/openapi.json").json() for route in (QuickRoute, APIRoute))
    assert quick["paths"] == ordinary["paths"] != {}
