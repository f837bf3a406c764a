"""`/api/v1/movies/{movie_id}/poster`."""

import math
from typing import Annotated, Any

from fastapi import HTTPException, Query, Request
from fastapi.responses import Response

from reelwise.errors import DownloadError
from reelwise.serving.problems import problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.routes.v1 import FilmDep, not_found
from reelwise.serving.schemas.words import PosterWidth
from reelwise.serving.state import server_state

router = new_router("/api/v1", tags=["movies"])

ATTRIBUTION = "This product uses the TMDB API but is not endorsed or certified by TMDB."
"""What TMDB wants to be said wherever its pictures are shown."""

KEPT_BY_BROWSERS = {"Cache-Control": "public, max-age=604800"}  # a week

WidthParam = Annotated[PosterWidth, Query(description="The width in pixels, as TMDB writes it.")]

# Generators of clients that know no ranges of media types take the picture for what it is to them: bytes.
_PICTURE = {"type": "string", "format": "binary"}
NO_POSTER = not_found("There is no such film, it has no poster, or this server shows none.")
_TMDB_AWAY = "TMDB does not answer; `Retry-After` says when to try again."
NOT_NOW: dict[int | str, dict[str, Any]] = {502: problems("default")["default"] | {"description": _TMDB_AWAY}}


@router.get(
    "/movies/{movie_id:id}/poster",
    summary="The poster of a film",
    response_class=Response,
    response_description="The picture, which comes from TMDB.",
    responses={200: {"content": {kind: {"schema": _PICTURE} for kind in ("image/*", "application/octet-stream")}}}
    | NO_POSTER
    | NOT_NOW
    | problems(422, 503),
)
async def get_poster(request: Request, film: FilmDep, width: WidthParam = "w342") -> Response:
    """A picture from TMDB, if the server has a key in `TMDB_API_KEY`; see `posters` in `/api/v1/model`.

    Whoever shows it has to say what `poster_attribution` says there.
    """
    posters = server_state(request.app).posters
    if posters is None:
        raise HTTPException(404, "This server shows no posters; set TMDB_API_KEY to have them from TMDB.")
    if film.tmdb_id is None:
        raise HTTPException(404, f"Movie {film.movie_id} has no number at TMDB, so it has no poster.")
    try:
        found = await posters.get(film.tmdb_id, width)
    except DownloadError as error:
        wait = {"Retry-After": str(math.ceil(error.retry_after or 1))}
        raise HTTPException(502, f"{error}.", wait) from None
    if not found.content:
        raise HTTPException(404, f"Movie {film.movie_id} has no poster at TMDB.")
    return Response(found.content, media_type=found.media_type, headers=KEPT_BY_BROWSERS)
