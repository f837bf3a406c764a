"""`POST /api/v1/model/reload`: the new model at once, for whoever has the admin key."""

import os
import secrets
import signal
from typing import Annotated, Any, Literal

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict

from reelwise.errors import ModelNotReady, ReelwiseError
from reelwise.serving.problems import problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.state import server_state
from reelwise.serving.telemetry.observation import current

router = new_router("/api/v1", tags=["v1"])


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


def _require_admin_key(
    request: Request,
    bearer: Annotated[
        HTTPAuthorizationCredentials | None,
        Security(HTTPBearer(scheme_name="adminBearer", description="REELWISE_ADMIN_KEY", auto_error=False)),
    ],
    key: Annotated[
        str | None,
        Security(
            APIKeyHeader(name="X-API-Key", scheme_name="adminKey", description="REELWISE_ADMIN_KEY", auto_error=False)
        ),
    ],
) -> None:
    expected = server_state(request.app).settings.admin_key.get_secret_value()
    if not expected:
        raise HTTPException(403, "Nobody may do this: set REELWISE_ADMIN_KEY to a secret and start the server again.")
    given = (bearer.credentials if bearer else key) or ""
    if not secrets.compare_digest(given.encode("latin-1"), expected.encode()):  # headers are read as Latin-1
        raise HTTPException(
            401,
            "The admin key is missing or wrong; send REELWISE_ADMIN_KEY as `Authorization: Bearer KEY` or `X-API-Key`.",
            headers={"WWW-Authenticate": "Bearer"},
        )


def _problem(status: int, meaning: str) -> dict[int | str, dict[str, Any]]:
    return {status: problems("default")["default"] | {"description": meaning}}


@router.post(
    "/model/reload",
    summary="Load the model again",
    dependencies=[Depends(_require_admin_key)],
    responses=_problem(401, "The admin key is missing or wrong.")
    | _problem(403, "The server has no admin key.")
    | _problem(409, "The new model is refused, and the old one is still served; `detail` says why.")
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
    if server.supervisor is not None:
        os.kill(server.supervisor, signal.SIGHUP)  # which tells all of its workers
    return ModelReloaded(revision=outcome.revision, changed=outcome.changed)
