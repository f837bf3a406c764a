"""Health: is the process alive, and can it recommend?"""

from typing import Literal

from pydantic import BaseModel

from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.problems import problems
from reelwise.serving.routes.router import new_router

router = new_router("/health", tags=["status"])


class Live(BaseModel):
    """The process answers."""

    status: Literal["OK"] = "OK"


class Ready(BaseModel):
    """A model is loaded."""

    status: Literal["OK"] = "OK"
    revision: str


@router.get("/live", summary="Is the process alive?")
async def live() -> Live:
    """Always 200, whatever the state of the model: restarting the process would not help."""
    return Live()


@router.get("/ready", summary="Can it recommend?", responses=problems(503))
async def ready(service: ServiceDep) -> Ready:
    """200 with the model's revision, or 503 with the reason and what to do."""
    return Ready(revision=service.model.description.revision)
