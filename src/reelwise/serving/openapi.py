"""The OpenAPI document: what people read at `/docs`, and what clients in other languages are generated from.

It says the same whatever is set, but for keys, and in the same order, so that two versions of it can be compared.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_fields_from_routes
from pydantic import TypeAdapter

from reelwise.serving.middleware import api_keys
from reelwise.serving.problems import problem_schemas
from reelwise.serving.schemas.histories import FILE_SCHEMAS
from reelwise.serving.state import server_state

DESCRIPTION = """\
Recommends films by matrix factorisation: to a user of the data set, or to somebody who names 1 to 20 films.

Every error is a problem (RFC 9457, `application/problem+json`) with `type`, `title`, `status` and `detail`.
While a model is loaded every response names it in the header `X-Model-Revision`;
`X-Model-Simulated: true` says that it was trained on simulated viewers. Every response carries the request's id in
`X-Request-ID` (its own, if it came with one), and in `Server-Timing` how long the answer took.
"""

TAGS = [
    {"name": "fixed", "description": "The four paths that never change; without reasons, ordered by predicted stars."},
    {
        "name": "recommendations",
        "description": "Films worth seeing, best first, with reasons: by taste unless asked otherwise, and without a "
        "taste model by predicted stars.",
    },
    {"name": "movies", "description": "Films: found by title, looked up, alike, on a map; and those that come and go."},
    {"name": "users", "description": "What users do and rate, what is held about them, and erasure."},
    {"name": "status", "description": "Whether the server is alive, and the model that answers."},
]


class ReelwiseAPI(FastAPI):
    """FastAPI with our document."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document["components"]["schemas"] | problem_schemas() | FILE_SCHEMAS
            for name, examples in _examples(self).items():
                schemas[name]["examples"] = examples
            document["components"]["schemas"] = dict(sorted(schemas.items()))
            document["paths"] = dict(sorted(document["paths"].items()))
            _untitle(document)
            if server_state(self).settings.known_api_keys:
                api_keys.declare(document)
        return self.openapi_schema or {}


def _examples(app: FastAPI) -> dict[str, Any]:
    """The examples of each schema with their nulls, which FastAPI leaves out of everything."""
    types: list[Any] = [field.field_info.annotation for field in get_fields_from_routes(app.routes)]
    adapters = map(TypeAdapter[Any], types)
    _, schemas = TypeAdapter.json_schemas((number, "serialization", one) for number, one in enumerate(adapters))
    return {name: schema["examples"] for name, schema in schemas["$defs"].items() if "examples" in schema}


def _untitle(part: Any) -> None:
    """Take out the titles of fields and parameters, which are no more than their names again: `Movieid`."""
    if isinstance(part, list):
        for inside in part:
            _untitle(inside)
    elif isinstance(part, dict):
        for name, inside in part.items():
            if name in ("properties", "schemas"):
                for schema in inside.values():
                    schema.pop("title", None)
            elif name == "schema":
                inside.pop("title", None)
            if name != "examples":
                _untitle(inside)
