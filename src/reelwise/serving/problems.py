"""Every error leaves the server in one shape: a problem (RFC 9457), as `application/problem+json`.

`detail` is always a string, so that a client written for FastAPI's default errors keeps working; what FastAPI would
list under `detail` when a request is malformed stands under `errors`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NotRequired

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.routing import Match
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from reelwise.errors import ReelwiseError, StoreError, edge
from reelwise.serving.telemetry.observation import current

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "30"
MAX_FAULTS = 20  # as many as are listed of one request
REFUSED = "refused"
"""The type of a fault whose message names what is wrong by itself."""

_SCHEMA_REF = {"$ref": "#/components/schemas/Problem"}


class FieldError(TypedDict):
    """One fault in a request: where, what, and which rule."""

    loc: Sequence[str | int]
    msg: str
    type: str
    input: NotRequired[Any]
    ctx: NotRequired[Mapping[str, Any]]


class Problem(TypedDict):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[Sequence[FieldError]]
    request_id: NotRequired[str]


MEANINGS: dict[int | str, str] = {
    400: "None of the given ids is in the data set.",
    401: "The key is missing or wrong.",
    413: "The body is larger than this path takes.",
    422: "The request does not have the declared shape; `errors` says where.",
    503: "No model is loaded, or the live store cannot be used; `detail` says why and what to do.",
    "default": "Any other error.",
}


def problems(*statuses: int | str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of a path that can end with these statuses."""
    content = {MEDIA_TYPE: {"schema": _SCHEMA_REF}}
    return {status: {"description": MEANINGS[status], "content": content} for status in statuses}


def problem(status: int, meaning: str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entry of a path that can end with this status, and what that means there."""
    return {status: problems("default")["default"] | {"description": meaning}}


def problem_schemas() -> dict[str, Any]:
    """The OpenAPI components that `problems` refers to."""
    schema = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


class ProblemResponse(JSONResponse):
    """A problem, on its way out."""

    media_type = MEDIA_TYPE

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        problem = {"type": "about:blank", "title": _phrase(status), "status": status, "detail": detail, **more}
        headers = dict(headers or {})
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers.setdefault("Retry-After", RETRY_AFTER_SECONDS)
        super().__init__(problem, status, headers)

    def render(self, content: Any) -> bytes:
        """As ASCII, because an echoed value may hold a lone surrogate, which UTF-8 cannot express."""
        return json.dumps(content, allow_nan=False).encode("ascii")


def server_failure() -> ProblemResponse:
    """The answer where an unexpected exception was raised; its text may hold anything, so it stays inside."""
    return ProblemResponse(500, "The server failed on this request; its log says why.", request_id=current().request_id)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def install(app: FastAPI) -> None:
    """Make `app` answer every error with a problem."""
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_malformed_request)
    app.add_exception_handler(ReelwiseError, _on_reelwise_error)


async def _on_http_exception(request: Request, error: Any) -> ProblemResponse:
    # Malformed JSON is FastAPI's validation error, but a body that is not UTF-8, has a number of thousands of digits
    # or nests too deep comes here, as 400. It is the same fault, so it gets the same status.
    if error.status_code == HTTPStatus.BAD_REQUEST and isinstance(error.__cause__, ValueError | RecursionError):
        fault = FieldError(loc=["body"], msg="The body cannot be read as JSON.", type="json_invalid")
        return ProblemResponse(422, "body: The body cannot be read as JSON.", errors=[fault])
    detail = str(error.detail)
    if detail == _phrase(error.status_code):  # the router's own 404 and 405 say no more than their status
        docs = request.scope.get("root_path", "") + "/docs"
        detail = f"{detail}: {request.method} {request.url.path}. The paths are listed at {docs}."
    headers = {**(error.headers or {})}
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and (allowed := _methods_of(request)):
        headers["Allow"] = ", ".join(allowed)  # the router tells those of the first route alone
    return ProblemResponse(error.status_code, detail, headers)


def _methods_of(request: Request) -> list[str]:
    """The methods that are answered at the path, ascending; the first route that it matches says which path that is."""
    routes = [route for route in request.app.routes if isinstance(route, APIRoute) and route.include_in_schema]
    matching = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for route in matching if route.path == matching[0].path for method in route.methods or ()})


async def _on_malformed_request(request: Request, error: Any) -> ProblemResponse:
    found = error.errors()
    if any(fault["loc"] == ("body",) and isinstance(fault.get("input"), bytes) for fault in found):
        return _not_json(request.headers.get("Content-Type"))
    faults = [_without_structures(fault) for fault in found[:MAX_FAULTS]]
    first = faults[0]
    detail = first["msg"] if first["type"] == REFUSED else f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    if len(found) > 1:
        detail += f" (and {len(found) - 1} more, see `errors`)"
    return ProblemResponse(422, detail, errors=faults)


def _not_json(declared: str | None) -> ProblemResponse:
    """The answer to a body that nobody read, because its type is not JSON."""
    said = f"its Content-Type is {declared[:100]!r}" if declared else "it has no Content-Type"
    message = f"The body was not read, because {said}; send JSON with `Content-Type: application/json`."
    return ProblemResponse(422, f"body: {message}", errors=[FieldError(loc=["body"], msg=message, type="content_type")])


async def _on_reelwise_error(_request: Request, error: Any) -> ProblemResponse:
    return ProblemResponse(edge(error).status, error.public if isinstance(error, StoreError) else str(error))


def _without_structures(fault: Mapping[str, Any]) -> FieldError:
    """A fault that is safe and short as JSON: an input that is a whole structure is not echoed."""
    safe = FieldError(loc=[_scalar(part) for part in fault["loc"]], msg=fault["msg"], type=fault["type"])
    if "input" in fault and not isinstance(fault["input"], dict | list):
        safe["input"] = _scalar(fault["input"])
    if "ctx" in fault:
        safe["ctx"] = {key: _scalar(value) for key, value in fault["ctx"].items()}
    return safe


def _scalar(value: Any) -> Any:
    """`value` as something that JSON has: NaN and infinity by name, bytes as text, exceptions by their message."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case bytes():
            return value[:200].decode(errors="replace")
        case _:
            return str(value)[:200]
