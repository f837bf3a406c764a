"""`/api/v1/movies/groups` and `/api/v1/movies/map`: where the page starts, and the sky that it draws."""

from typing import Annotated

from fastapi import Depends, Header, HTTPException, Query, Request
from fastapi.responses import Response
from pydantic import ConfigDict, TypeAdapter

from reelwise.recommend.discovery.map import MOST_FILMS
from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.page.languages import negotiate
from reelwise.serving.problems import problem, problems
from reelwise.serving.responses import packed_response, tag_of
from reelwise.serving.routes.router import new_router
from reelwise.serving.schemas.fixed import AnswerBody
from reelwise.serving.schemas.ids import Id
from reelwise.serving.schemas.v1 import FILM_EXAMPLE, Film

router = new_router("/api/v1", tags=["movies"])

MapSizeParam = Annotated[int, Query(ge=1, le=MOST_FILMS, description="How many films, the best known ones, at most.")]
IfNoneMatch = Annotated[str, Header(max_length=1000, description="The `ETag` of the map that the client has.")]


def _language(
    accept_language: Annotated[str, Header(description="For names: en, de, es or fr.")] = "",
) -> str:
    return negotiate(accept_language)


LanguageDep = Annotated[str, Depends(_language)]
"""The language of names."""


class FilmGroup(AnswerBody):
    """Well-known films that the same people like."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Crime dramas of the 1990s", "movies": [FILM_EXAMPLE]}]}
    )

    name: str
    """What they have in common, such as "Science fiction and thrillers of the 1990s"."""
    movies: list[Film]
    """6 to 8 films, the best known first."""


_GROUPS = TypeAdapter(list[FilmGroup])


class NamedRegion(AnswerBody):
    """A part of the map."""

    name: str
    """What its films have in common, such as "Science fiction and thrillers of the 1990s"."""
    x: float
    """Where its middle is."""
    y: float


class MapOfFilms(AnswerBody):
    """Films on a map as parallel columns, the best known first; films of a like taste lie close together."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "movie_ids": [296, 593],
                    "x": [0.4105, 0.3987],
                    "y": [-0.5213, -0.4471],
                    "titles": ["Pulp Fiction (1994)", "Silence of the Lambs, The (1991)"],
                    "years": [1994, 1991],
                    "genres": ["Crime", "Thriller"],
                    "ratings": [307, 279],
                    "regions": [{"name": "Crime dramas of the 1990s", "x": 0.41, "y": -0.48}],
                }
            ]
        }
    )

    movie_ids: list[Id]
    """The data set's own ids of the films."""
    x: list[float]
    """From -1 to 1."""
    y: list[float]
    """From -1 to 1."""
    titles: list[str]
    """The titles with the years."""
    years: list[int | None]
    """The years at the end of the titles, where there are any."""
    genres: list[str | None]
    """The genre of each, of its own ones, whose films it is most like; null where it has none."""
    ratings: list[int]
    """How many people rated each."""
    regions: list[NamedRegion]
    """Up to 14, that of the best-known films first; none where films are few."""


@router.get(
    "/movies/groups",
    summary="Groups of films to start picking from",
    response_model=list[FilmGroup],
    response_description="The best known group first; nothing without a ranking model, or with too few films.",
    responses=problems(503),
)
def list_movie_groups(request: Request, service: ServiceDep, language: LanguageDep) -> Response:
    """Up to 8 groups of 6 to 8 well-known films that the same people like. The same in every call."""
    groups = [{"name": label.in_words(language), "movies": films} for label, films in service.clusters.items()]
    answer = _GROUPS.dump_json(_GROUPS.validate_python(groups, from_attributes=True), by_alias=True)
    return packed_response(request, answer, "application/json", {"Vary": "Accept-Language"})


@router.get(
    "/movies/map",
    summary="The best-known films on a map",
    response_model=MapOfFilms,
    responses={304: {"description": "The client has this map already."}}
    | problem(404, "The model has no map.")
    | problems(422, 503),
)
def get_movie_map(
    request: Request,
    service: ServiceDep,
    language: LanguageDep,
    n: MapSizeParam = 2000,
    if_none_match: IfNoneMatch = "",  # noqa: ARG001 - read from the request; here for the documentation
) -> Response:
    """Where films are on a map on which films of a like taste lie close together. Training draws it."""
    found = service.map
    if found is None:
        raise HTTPException(404, "This model has no map; train it again.")
    regions = [{"name": region.label.in_words(language), "x": region.x, "y": region.y} for region in found.regions]
    answer = MapOfFilms.model_validate(vars(found.first(n)) | {"regions": regions}).model_dump_json().encode()
    headers = {
        "ETag": tag_of(answer),
        "Cache-Control": "no-cache",  # kept, but asked for whether it still holds
        "Vary": "Accept-Language",
    }
    return packed_response(request, answer, "application/json", headers)
