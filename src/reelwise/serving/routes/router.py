"""What the routers of all topics have in common."""

from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

from reelwise.serving import slashes as slashes  # for the `id` in paths
from reelwise.serving.problems import problems


def new_router(prefix: str = "", **options: Any) -> APIRouter:
    """A router whose every path may end with a problem, and is called like its function in the OpenAPI document."""
    return APIRouter(prefix=prefix, responses=problems("default"), generate_unique_id_function=_name_of, **options)


def _name_of(route: APIRoute) -> str:
    return route.name
