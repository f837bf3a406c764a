"""`/api/v1`: films, and recommendations by taste with their reasons. Unknown things are 404."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, HTTPException, Query
from fastapi import Request as HTTPRequest
from fastapi.concurrency import run_in_threadpool

from reelwise.errors import UnknownMovies
from reelwise.recommend import results
from reelwise.recommend.groups.results import GroupRecommendations
from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.lockstep import in_lockstep
from reelwise.serving.middleware.api_keys import VOUCHED_FOR
from reelwise.serving.problems import problem, problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.schemas.film_page import FilmInDetail, StarsCount
from reelwise.serving.schemas.groups import GroupRecommendationRequest, RecommendedTogether
from reelwise.serving.schemas.ids import AnyUserIdParam, MovieIdParam
from reelwise.serving.schemas.matching import MatchInDetail, Picks
from reelwise.serving.schemas.params import HistoryLimitParam, LimitParam, NumberParam, QueryParam
from reelwise.serving.schemas.v1 import (
    Film,
    RatedFilm,
    RecommendationRequest,
    Recommended,
    SimilarFilm,
    UserFilterParams,
)
from reelwise.serving.telemetry.observation import current

router = new_router("/api/v1")

_QUICK = 30  # stars; a longer history takes some milliseconds, for which no other request shall wait


NO_SUCH_FILM = problem(404, "There is no such film in the data set.")
NO_SUCH_USER = problem(404, "There is no such user in the data set.")


async def _known_film(service: ServiceDep, movie_id: MovieIdParam) -> results.Film:
    return current().ask(service.film, movie_id)


FilmDep = Annotated[results.Film, Depends(_known_film)]
"""The film that a path names; without it the request ends with 404."""


@router.get(
    "/movies",
    tags=["movies"],
    summary="Search films by title",
    response_description="Best first; nothing when no title fits.",
    response_model=list[Film],
    responses=problems(422, 503),
)
def search_movies(service: ServiceDep, q: QueryParam = "", limit: LimitParam = 10) -> list[results.Film]:
    """Films whose title fits what was typed so far; typing errors, accents and a missing article are forgiven."""
    return current().ask(service.search, q, limit)


# Before /movies/{movie_id}, which would take the word for an id.
@router.get(
    "/movies/starter",
    tags=["movies"],
    summary="Films to start picking from",
    response_description="Of every kind, the best known first.",
    response_model=list[Film],
    responses=problems(422, 503),
)
def list_starter_movies(service: ServiceDep, n: NumberParam = 24) -> list[results.Film]:
    """Well-known films that are unlike each other, so that everybody finds some to like. The same in every call."""
    return current().ask(service.starter, n)


@router.get("/movies/{movie_id:id}", tags=["movies"], summary="One film", responses=NO_SUCH_FILM | problems(422, 503))
async def get_movie(service: ServiceDep, film: FilmDep) -> FilmInDetail:
    """What is known of a film, and how many stars people gave it."""
    counts = [StarsCount(stars=stars, ratings=ratings) for stars, ratings in service.stars_of(film.movie_id)]
    return FilmInDetail(**film._asdict(), stars_distribution=counts, tags=list(service.tags_of(film.movie_id)))


@router.get(
    "/movies/{movie_id:id}/similar",
    tags=["movies"],
    summary="Films like this one",
    response_description="Most alike first; nothing where the model cannot tell.",
    response_model=list[SimilarFilm],
    responses=NO_SUCH_FILM | problems(422, 503),
)
def list_similar_movies(service: ServiceDep, film: FilmDep, n: NumberParam = 10) -> results.Recommendations:
    """Films that the same people like; for a new film, like what is known of it. Without a ranking model: 422."""
    return current().ask(service.similar, film.movie_id, n)


@router.post(
    "/recommendations",
    tags=["recommendations"],
    summary="Recommend to somebody who names films",
    response_model=Recommended,
    responses=problems(413, 422, 503),
)
async def recommend(service: ServiceDep, request: RecommendationRequest) -> results.Recommendations:
    """Films for somebody who likes some films, or dislikes some, without those named.

    Unknown ids are listed in the answer. When nobody rated any of the films named, the answer is what most people like.
    """
    if len(request.stars) > _QUICK:
        return await run_in_threadpool(current().ask, service.recommend, request.ask())
    return await in_lockstep(current().ask, service.recommend, request.ask())


@router.post(
    "/groups/recommendations",
    tags=["recommendations"],
    summary="Recommend to several people at once",
    response_model=RecommendedTogether,
    responses=NO_SUCH_USER | problems(413, 422, 503),
)
def recommend_together(
    http: HTTPRequest, service: ServiceDep, request: GroupRecommendationRequest
) -> GroupRecommendations:
    """Films that 2 to 8 people may all like: good on average, and for whoever would have had least so far.

    Each of them is a user, a history or a selection, and sees what a film probably is to everybody, and why.
    """
    if getattr(http.state, VOUCHED_FOR, False) and any(member.user_id is not None for member in request.members):
        raise HTTPException(403, "Users can be named with a key alone; name films.")
    return current().ask(service.recommend_together, request.ask())


@router.get(
    "/users/{user_id:id}/recommendations",
    tags=["recommendations"],
    summary="Recommend to a known user, by taste",
    response_model=Recommended,
    responses=NO_SUCH_USER | problems(422, 503),
)
def recommend_to_user(
    service: ServiceDep, user_id: AnyUserIdParam, params: Annotated[UserFilterParams, Query()]
) -> results.Recommendations:
    """Films that this user has not rated."""
    return current().ask(service.recommend, params.ask(user_id))


@router.get(
    "/users/{user_id:id}/history",
    tags=["users"],
    summary="What a user rated",
    response_description="Most stars first.",
    responses=NO_SUCH_USER | problems(422, 503),
)
def get_user_history(service: ServiceDep, user_id: AnyUserIdParam, limit: HistoryLimitParam = 50) -> list[RatedFilm]:
    """The films that a user rated, with the stars."""
    return [RatedFilm.of(*rated) for rated in current().ask(service.history, user_id, limit)]


@router.post(
    "/match",
    tags=["recommendations"],
    summary="Find the user who fits a selection, and what that user loved",
    response_description="The user, or nulls when nobody rated any of the films.",
    responses=problem(404, "None of the given ids is in the data set.") | problems(413, 422, 503),
)
def match_user(service: ServiceDep, picks: Picks) -> MatchInDetail:
    """The user of `/find_matching_user`, what that user thinks of the given films, and what else that user loved."""
    try:
        found = current().ask(service.match_in_detail, picks.movie_ids)
    except UnknownMovies as error:
        raise HTTPException(404, str(error)) from None
    shared, also_loved = ([RatedFilm.of(*rated) for rated in part] for part in (found.shared, found.also_loved))
    return MatchInDetail.model_validate(asdict(found.match) | {"shared": shared, "also_loved": also_loved})
