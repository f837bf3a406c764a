"""`/api/v1/movies/{movie_id}/poster` and `/details`: what comes from TMDB."""

import math
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import HTTPException, Query, Request
from fastapi.responses import Response
from pydantic import ConfigDict

from reelwise.errors import DownloadError
from reelwise.recommend.results import Film
from reelwise.serving.posters.details import Offers
from reelwise.serving.problems import problem, problems
from reelwise.serving.routes.discovery import LanguageDep
from reelwise.serving.routes.router import new_router
from reelwise.serving.routes.v1 import FilmDep
from reelwise.serving.schemas.fixed import AnswerBody
from reelwise.serving.schemas.words import PosterWidth
from reelwise.serving.state import server_state

if TYPE_CHECKING:
    from reelwise.serving.posters.tmdb import Posters

router = new_router("/api/v1", tags=["movies"])

ATTRIBUTION = "This product uses the TMDB API but is not endorsed or certified by TMDB."
"""What TMDB wants to be said wherever its pictures are shown."""

WATCH_ATTRIBUTION = "Where to watch: data from JustWatch."
"""What is to be said besides where it is shown where films can be watched."""

KEPT_BY_BROWSERS = {"Cache-Control": "public, max-age=604800"}  # a week

WidthParam = Annotated[PosterWidth, Query(description="The width in pixels, as TMDB writes it.")]

CountryParam = Annotated[
    str,
    Query(pattern=r"^([A-Za-z]{2})?$", description="Two letters, such as DE; by default what the server is set to."),
]

_Answered = TypeVar("_Answered")

# Generators of clients that know no ranges of media types take the picture for what it is to them: bytes.
_PICTURE = {"type": "string", "format": "binary"}
NO_POSTER = problem(404, "There is no such film, it has no poster, or this server shows none.")
NOT_NOW = problem(502, "TMDB does not answer; `Retry-After` says when to try again.")


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
    posters, tmdb_id = _at_tmdb(request, film, "poster")
    found = await _now(posters.get(tmdb_id, width))
    if not found.content:
        raise HTTPException(404, f"Movie {film.movie_id} has no poster at TMDB.")
    return Response(found.content, media_type=found.media_type, headers=KEPT_BY_BROWSERS)


class FilmDetails(AnswerBody):
    """What TMDB tells of a film."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "overview": "A burger-loving hit man and his philosophical partner cross paths with a boxer.",
                    "runtime": 154,
                    "directors": ["Quentin Tarantino"],
                    "actors": ["John Travolta", "Samuel L. Jackson"],
                    "country": "DE",
                    "countries": ["AT", "DE"],
                    "watch": {
                        "link": "https://www.themoviedb.org/movie/680-pulp-fiction/watch?locale=DE",
                        "flatrate": ["A Service"],
                        "free": [],
                        "ads": [],
                        "rent": ["A Shop"],
                        "buy": ["A Shop"],
                    },
                    "attribution": ATTRIBUTION,
                    "watch_attribution": WATCH_ATTRIBUTION,
                }
            ]
        }
    )

    overview: str
    """What it is about, in the language of the request or in English; empty where nobody wrote that."""
    runtime: int | None
    """Minutes, if known."""
    directors: list[str]
    """Who directed it."""
    actors: list[str]
    """Who plays the largest parts."""
    country: str | None
    """For which `watch` is; null where nobody says one."""
    countries: list[str]
    """Those in which it can be watched somewhere, by their two letters."""
    watch: Offers | None
    """Where it can be watched there; null where nothing is known."""
    attribution: str
    """What whoever shows this has to say."""
    watch_attribution: str
    """What whoever shows `watch` has to say besides."""


@router.get(
    "/movies/{movie_id:id}/details",
    summary="What TMDB tells of a film",
    response_description="In the language that the request accepts: en, de, es or fr.",
    responses=problem(404, "There is no such film, TMDB has none, or this server asks no one.")
    | NOT_NOW
    | problems(422, 503),
)
async def get_movie_details(
    request: Request, film: FilmDep, language: LanguageDep, country: CountryParam = ""
) -> FilmDetails:
    """What a film is about, how long it is, who made it, and where it can be watched, where there is `TMDB_API_KEY`.

    Whoever shows it has to say what the attributions say, and to link to TMDB's page of offers.
    """
    posters, tmdb_id = _at_tmdb(request, film, "details")
    found = await _now(posters.details(tmdb_id, language))
    if found is None:
        raise HTTPException(404, f"Movie {film.movie_id} is not known at TMDB.")
    country = country.upper() or server_state(request.app).settings.country
    return FilmDetails(
        **found.model_dump(exclude={"watch"}),
        country=country or None,
        countries=sorted(found.watch),
        watch=found.watch.get(country),
        attribution=ATTRIBUTION,
        watch_attribution=WATCH_ATTRIBUTION,
    )


def _at_tmdb(request: Request, film: Film, what: str) -> "tuple[Posters, int]":
    """Who is asked, and for which number; 404 where there is neither."""
    posters = server_state(request.app).posters
    if posters is None:
        raise HTTPException(404, f"This server has no {what} of films; set TMDB_API_KEY to have them from TMDB.")
    if film.tmdb_id is None:
        raise HTTPException(404, f"Movie {film.movie_id} has no number at TMDB, so it has no {what}.")
    return posters, film.tmdb_id


async def _now(asking: Awaitable[_Answered]) -> _Answered:
    """The answer; 502 where TMDB gives none."""
    try:
        return await asking
    except DownloadError as error:
        wait = {"Retry-After": str(math.ceil(error.retry_after or 1))}
        raise HTTPException(502, f"{error}.", wait) from None
