"""`POST /api/v1/model/reload`: the new model at once, for whoever has the admin key."""

import os
import signal
from typing import Literal

from fastapi import Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict

from reelwise.errors import ModelNotReady, ReelwiseError
from reelwise.serving.admin import ADMIN_PROBLEMS, require_admin_key
from reelwise.serving.problems import problem, problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.state import server_state
from reelwise.serving.telemetry.observation import current

router = new_router("/api/v1", tags=["status"])


class ModelReloaded(BaseModel):
    """The model was loaded again."""

    model_config = ConfigDict(
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"status": "OK", "revision": "0e8a829d150e", "changed": True}]},
    )

    status: Literal["OK"] = "OK"
    revision: str
    """The model that is served now."""
    changed: bool
    """Whether that is another model than before."""


@router.post(
    "/model/reload",
    summary="Load the model again",
    dependencies=[Depends(require_admin_key)],
    responses=ADMIN_PROBLEMS
    | problem(409, "The new model is refused, and the old one is still served; `detail` says why.")
    | problems(503),
)
def reload_model(request: Request) -> ModelReloaded:
    """Reads, checks and tries out the model, fetching it again if it is elsewhere, and then answers from it.

    Requests under way finish with the old model. Other processes of this server follow within moments.
    """
    server = server_state(request.app)
    if server.models.address is None:
        raise HTTPException(409, "This server's model was given to it in Python, so there is nothing to load it from.")
    try:
        outcome = server.models.reload()
    except ReelwiseError as error:
        slot = server.models.current
        if slot.service is None:
            raise ModelNotReady(slot.reason) from None
        raise HTTPException(409, f"The new model is refused, and revision {slot.revision} stays: {error}.") from None
    current().model = server.models.current  # so that the header names the model that the body tells of
    if server.supervisor is not None and hasattr(signal, "SIGHUP"):  # elsewhere each looks at the folder by itself
        os.kill(server.supervisor, signal.SIGHUP)  # which tells all of its workers
    return ModelReloaded(revision=outcome.revision, changed=outcome.changed)
