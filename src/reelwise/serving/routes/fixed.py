"""The four fixed paths. Their shapes, status codes and meanings do not change; what is new lives under /api/v1."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request

from reelwise.errors import UnknownUser
from reelwise.serving.dependencies import RecommenderDep
from reelwise.serving.problems import problems
from reelwise.serving.schemas.fixed import (
    Links,
    MatchingUser,
    ModelSummary,
    NParam,
    RankByParam,
    RecommendedMovie,
    Selection,
    Status,
    StrategyParam,
    UserIdParam,
)
from reelwise.serving.together import together

if TYPE_CHECKING:
    from reelwise.recommend.results import Match, Recommendation

router = APIRouter()

MANY = "Best first; fewer than `n` when there are no more."


@router.get("/", tags=["status"], summary="Is the recommender running?", responses=problems(503))
async def status(request: Request, recommender: RecommenderDep) -> Status:
    """Answers 200 while a model is loaded, and 503 with the reason while none is."""
    root = request.scope.get("root_path", "")
    return Status(
        links=Links(page=f"{root}/app/", docs=f"{root}/docs", redoc=f"{root}/redoc", health=f"{root}/health/ready"),
        model=ModelSummary.model_validate(recommender.description),
    )


@router.get(
    "/recommendations/{user_id}",
    tags=["recommendations"],
    summary="Recommend to a known user",
    response_description=MANY,
    response_model=list[RecommendedMovie],
    responses=problems(422, 503),
)
async def recommendations(
    recommender: RecommenderDep,
    user_id: UserIdParam,
    n: NParam = 10,
    rank_by: RankByParam = "stars",
) -> Sequence["Recommendation"]:
    """Films that this user has not rated, with the stars the user would give. Nothing for an unknown user."""
    try:
        return await together(lambda: recommender.recommend(user_id, n=n, rank_by=rank_by, explained=False))
    except UnknownUser:
        return []


@router.post(
    "/find_matching_user",
    tags=["matching"],
    summary="Find the user who fits a selection",
    response_description="The user, or nulls when nobody rated any of the films.",
    response_model=MatchingUser,
    responses=problems(400, 413, 422, 503),
)
async def find_matching_user(recommender: RecommenderDep, selection: Selection) -> "Match":
    """The user who rated most of the given films.

    Ties go to the higher mean of the user's stars on those films, then to the lowest user id.
    """
    return await together(lambda: recommender.match(selection.movie_ids))


@router.post(
    "/recommendations_from_selection",
    tags=["recommendations"],
    summary="Recommend from a selection",
    response_description=MANY,
    response_model=list[RecommendedMovie],
    responses=problems(400, 413, 422, 503),
)
async def recommendations_from_selection(
    request: Request,
    recommender: RecommenderDep,
    selection: Selection,
    n: NParam = 10,
    strategy: StrategyParam = None,
    rank_by: RankByParam = "stars",
) -> Sequence["Recommendation"]:
    """Films for somebody who likes the given ones, without those films themselves.

    `strategy=profile`: what the user of `/find_matching_user` would be recommended. Nothing when nobody matches.
    `strategy=blend`: all users' tastes, weighed by how well they explain the films.
    """
    strategy = strategy or request.app.state.settings.selection_strategy
    return await together(lambda: recommender.recommend_from_selection(selection.movie_ids, n, strategy, rank_by))
