"""The four fixed paths. Their shapes, status codes and meanings do not change; what is new lives under /api/v1."""

from fastapi.responses import Response
from starlette.requests import Request as HTTPRequest

from reelwise.errors import UnknownUser
from reelwise.recommend.filters import Filters
from reelwise.recommend.request import Request
from reelwise.recommend.results import Match
from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.lockstep import ask_about_users
from reelwise.serving.problems import problems
from reelwise.serving.responses import films_response
from reelwise.serving.routes.quick_route import QuickRoute
from reelwise.serving.routes.router import new_router
from reelwise.serving.schemas.fixed import (
    Links,
    MatchingUser,
    ModelSummary,
    NParam,
    RankByParam,
    RecommendedMovie,
    Selection,
    ServerStatus,
    StrategyParam,
)
from reelwise.serving.schemas.ids import UserIdParam
from reelwise.serving.state import server_state

router = new_router()
busy = new_router(route_class=QuickRoute)

MANY = "Best first; fewer than `n` when there are no more."


@router.get("/", tags=["fixed"], summary="Is the recommender running?", responses=problems(503))
async def get_status(request: HTTPRequest, service: ServiceDep) -> ServerStatus:
    """Answers 200 while a model is loaded, and 503 with the reason while none is."""
    root = request.scope.get("root_path", "")
    return ServerStatus(
        links=Links(page=f"{root}/app/", docs=f"{root}/docs", redoc=f"{root}/redoc", health=f"{root}/health/ready"),
        model=ModelSummary.model_validate(service.model.description),
    )


@busy.get(
    "/recommendations/{user_id:id}",
    tags=["fixed"],
    summary="Recommend to a known user",
    response_description=MANY,
    response_model=list[RecommendedMovie],
    responses=problems(422, 503),
)
async def get_recommendations(user_id: UserIdParam, n: NParam = 10, rank_by: RankByParam = "stars") -> Response:
    """Films that this user has not rated, with the stars the user would give. Nothing for an unknown user."""
    request = Request(
        user=user_id, rank_by=rank_by, filters=Filters(n, balance=0), explained=False, new_films="without"
    )
    try:
        return await ask_about_users(lambda service: service.recommend(request), films_response)
    except UnknownUser:
        return films_response(())


@busy.post(
    "/find_matching_user",
    tags=["fixed"],
    summary="Find the user who fits a selection",
    response_description="The user, or nulls when nobody rated any of the films.",
    response_model=MatchingUser,
    responses=problems(400, 413, 422, 503),
)
async def find_matching_user(selection: Selection) -> Response:
    """The user who rated most of the given films.

    Ties go to the higher mean of the user's stars on those films, then to the lowest user id.
    """
    return await ask_about_users(lambda service: service.match(selection.movie_ids, told=False), _match_response)


@busy.post(
    "/recommendations_from_selection",
    tags=["fixed"],
    summary="Recommend from a selection",
    response_description=MANY,
    response_model=list[RecommendedMovie],
    responses=problems(400, 413, 422, 503),
)
async def recommend_from_selection(
    http: HTTPRequest,
    selection: Selection,
    n: NParam = 10,
    strategy: StrategyParam = None,
    rank_by: RankByParam = "stars",
) -> Response:
    """Films for somebody who likes the given ones, without those films themselves.

    `strategy=profile`: what the user of `/find_matching_user` would be recommended. Nothing when nobody matches.
    `strategy=blend`: all users' tastes, weighed by how well they explain the films.
    """
    request = Request(
        movies=selection.movie_ids,
        strategy=strategy or server_state(http.app).settings.selection_strategy,
        rank_by=rank_by,
        filters=Filters(n, balance=0),
        explained=False,
        told=False,
        new_films="without",
    )
    return await ask_about_users(lambda service: service.recommend(request), films_response)


def _match_response(match: Match) -> Response:
    return Response(MatchingUser.model_validate(match).model_dump_json(), media_type="application/json")


router.routes.extend(busy.routes)
