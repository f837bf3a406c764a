"""Health: is the process alive, and can it recommend?"""

from typing import Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict

from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.problems import problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.schemas.words import StoreState
from reelwise.serving.state import server_state

router = new_router("/health", tags=["status"])


class Live(BaseModel):
    """The process answers."""

    status: Literal["OK"] = "OK"


class Ready(BaseModel):
    """A model is loaded."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    status: Literal["OK"] = "OK"
    revision: str
    store: StoreState | None = None
    """Whether users are learnt from. Where the live store is unavailable, films are recommended by the model alone.
    Absent where there is none."""
    store_detail: str | None = None
    """What is wrong with it."""


@router.get("/live", summary="Is the process alive?")
async def get_liveness() -> Live:
    """Always 200, whatever the state of the model: restarting the process would not help."""
    return Live()


@router.get("/ready", summary="Can it recommend?", response_model_exclude_none=True, responses=problems(503))
async def get_readiness(request: Request, service: ServiceDep) -> Ready:
    """200 with the model's revision and the state of the live store, or 503 with the reason and what to do."""
    revision, store = service.model.description.revision, server_state(request.app).store
    if store is None:
        return Ready(revision=revision)
    fault = store.fault  # not asked here: a database that hangs would make this seem to
    return Ready(revision=revision, store="unavailable" if fault else "OK", store_detail=fault)
