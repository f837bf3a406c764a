"""Dependencies of endpoints."""

from typing import Annotated

from fastapi import Depends
from fastapi.concurrency import run_in_threadpool

from reelwise.recommend.service import Service
from reelwise.serving.telemetry.observation import current


def current_service() -> Service:
    """The service of the model that was current when the request began.

    Raises:
        ModelNotReady: Raised when there is none.
    """
    return current().model.get()


def service_of_now() -> Service:
    """The same with the films of now; it may wait for a database.

    Raises:
        ModelNotReady: Raised when there is none.
    """
    return current().model.now()


async def _current_service() -> Service:  # async, so that it takes no thread where no database is asked
    slot = current().model
    return slot.get() if slot.films is None else await run_in_threadpool(slot.now)


ServiceDep = Annotated[Service, Depends(_current_service)]
"""The service with the films of now, for an endpoint that needs one; without a model the request ends with 503."""
