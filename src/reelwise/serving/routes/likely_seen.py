"""`/api/v1/…/likely_seen`: have you seen these?"""

from typing import Annotated

from fastapi import Query
from pydantic import ConfigDict

from reelwise.recommend import results
from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.problems import problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.routes.v1 import NO_SUCH_USER
from reelwise.serving.schemas.fixed import AnswerBody
from reelwise.serving.schemas.ids import AnyUserIdParam, Id
from reelwise.serving.schemas.v1 import (
    FILM_EXAMPLE,
    NAMED_EXAMPLE,
    Film,
    NamedFilm,
    RecommendationRequest,
    UserFilterParams,
)
from reelwise.serving.telemetry.observation import current

router = new_router("/api/v1", tags=["recommendations"])


class LikelySeen(AnswerBody):
    """Films that the viewer has likely seen, the likeliest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"films": [FILM_EXAMPLE], "named": [NAMED_EXAMPLE], "unknown_ids": []}]}
    )

    films: list[Film]
    """The films; fewer than `n` when no more pass the filters."""
    named: list[NamedFilm]
    """As with recommendations."""
    unknown_ids: list[Id]
    """The ids of the request that are not in the data set, ascending."""


@router.post(
    "/recommendations/likely_seen",
    summary="Films that somebody who names films has likely seen",
    response_model=LikelySeen,
    responses=problems(413, 422, 503),
)
def list_likely_seen(service: ServiceDep, request: RecommendationRequest) -> results.Recommendations:
    """The films that suit best, however well known: to be marked quickly. `balance` and the like have no effect.

    Send what was marked with the next request: `stars`, `movie_ids` or `disliked_ids`, and `exclude_ids` for films that
    were merely seen.
    """
    return current().ask(service.likely_seen, request.ask())


@router.get(
    "/users/{user_id:id}/likely_seen",
    summary="Films that a known user has likely seen",
    response_model=LikelySeen,
    responses=NO_SUCH_USER | problems(422, 503),
)
def list_likely_seen_by_user(
    service: ServiceDep, user_id: AnyUserIdParam, params: Annotated[UserFilterParams, Query()]
) -> results.Recommendations:
    """The same among films that the user has not rated; tell what was marked by `POST /api/v1/feedback`."""
    return current().ask(service.likely_seen, params.ask(user_id))
