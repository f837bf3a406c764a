"""`/api/v1/groups`: films for several people at once."""

from reelwise.recommend.groups.results import GroupRecommendations
from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.problems import problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.routes.v1 import NO_SUCH_USER
from reelwise.serving.schemas.groups import GroupRecommendationRequest, RecommendedTogether
from reelwise.serving.telemetry.observation import current

router = new_router("/api/v1/groups", tags=["v1"])


@router.post(
    "/recommendations",
    summary="Recommend to several people at once",
    response_model=RecommendedTogether,
    responses=NO_SUCH_USER | problems(413, 422, 503),
)
def recommend_together(service: ServiceDep, request: GroupRecommendationRequest) -> GroupRecommendations:
    """Films that 2 to 8 people may all like: good on average, and for whoever would have had least so far.

    Each of them is a user, a history or a selection, and sees what a film probably is to everybody, and why.
    """
    return current().ask(service.recommend_together, request.ask())
