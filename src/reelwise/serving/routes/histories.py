"""`/api/v1/histories`: files that film sites export. What comes in stays in memory and is forgotten."""

from functools import partial
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import HTTPException, Query, Request, Response
from pydantic_core import to_json
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from reelwise.exports.limits import MAX_BYTES
from reelwise.exports.reading import read_history
from reelwise.recommend.service import Service
from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.problems import problem, problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.schemas.histories import REQUEST_BODY, History
from reelwise.serving.telemetry.observation import current

router = new_router("/api/v1", tags=["users"])

_READING = CapacityLimiter(2)  # files at the same time; what is in one may take many times its size
_FORM = "multipart/form-data"
_TOO_LONG = problem(413, f"The body is larger than {MAX_BYTES >> 20} MB.")
_UNREADABLE = problem(422, "The file is none of those that are understood, broken, or harmful; `detail` says why.")


class _InMemory(MultiPartParser):
    """Starlette's parser, which would put longer files on the disk."""

    spool_max_size = MAX_BYTES + 1


@router.post(
    "/histories",
    summary="Read what a film site exported",
    response_model=History,
    responses=_TOO_LONG | _UNREADABLE | problems(503),
    openapi_extra={"requestBody": REQUEST_BODY},
)
async def match_history(
    service: ServiceDep,
    request: Request,
    name: Annotated[
        str, Query(max_length=255, description="What the file is called, if the body is the file itself.")
    ] = "",
    profile: Annotated[
        str | None, Query(max_length=255, description="Whose rows count, where a file has several people's.")
    ] = None,
) -> Response:
    """Which films a file of Letterboxd, IMDb, Trakt, MovieLens, TMDB, Criticker or Netflix, or a table, tells of.

    Send the file itself, packed or not, or a form with one file. Up to 8 MB. Nothing of it is kept.
    """
    content, name = await _receive(request, name)
    work = partial(_read, service, content, name, profile or None)
    answer = await to_thread.run_sync(work, limiter=_READING)
    return Response(answer, media_type="application/json")


async def _receive(request: Request, name: str) -> tuple[bytes, str]:
    """The content and the name of the file that was sent."""
    if not request.headers.get("content-type", "").casefold().startswith(_FORM):
        return await request.body(), name
    try:
        form = await _InMemory(request.headers, request.stream(), max_files=1).parse()
    except (MultiPartException, KeyError, UnicodeDecodeError):
        raise HTTPException(422, "The form cannot be read; send one file in it, or the file itself.") from None
    file = next((part for part in form.values() if isinstance(part, UploadFile)), None)
    if file is None:
        raise HTTPException(422, "There is no file in the form; send one, or the file itself.")
    try:
        return await file.read(), name or file.filename or ""
    finally:
        await form.close()


def _read(service: Service, content: bytes, name: str, profile: str | None) -> bytes:
    """The answer, encoded here, because it may be long."""
    return to_json(current().ask(service.match_history, read_history(content, name=name, profile=profile)).to_dict())
