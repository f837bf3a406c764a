"""Access by the admin key."""

import secrets
from typing import Annotated

from fastapi import HTTPException, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from reelwise.serving.problems import problem
from reelwise.serving.state import server_state

ADMIN_PROBLEMS = problem(401, "The admin key is missing or wrong.") | problem(403, "The server has no admin key.")
"""The OpenAPI entries of what a path with `require_admin_key` can end with."""


def require_admin_key(
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
    """Refuse a request without the admin key.

    Raises:
        HTTPException: Raised when it is missing or wrong (401), or the server has none (403).
    """
    expected = server_state(request.app).settings.admin_key.get_secret_value()
    if not expected:
        raise HTTPException(
            403, "This needs an admin key: set REELWISE_ADMIN_KEY to a secret and start the server again."
        )
    given = ((bearer.credentials if bearer else key) or "").strip()
    if not secrets.compare_digest(given.encode("latin-1"), expected.encode()):  # headers are read as Latin-1
        raise HTTPException(
            401,
            "The admin key is missing or wrong; send REELWISE_ADMIN_KEY as `Authorization: Bearer KEY` or `X-API-Key`.",
            headers={"WWW-Authenticate": "Bearer"},
        )
