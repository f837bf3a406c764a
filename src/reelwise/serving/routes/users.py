"""`/api/v1/users/{user_id}`: one user's ratings, everything held about a user, and erasure."""

from fastapi import Depends, Response

from reelwise.serving.admin import ADMIN_PROBLEMS, require_admin_key
from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.problems import problem, problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.routes.v1 import NO_SUCH_USER
from reelwise.serving.schemas.feedback import HeldAboutUser, RatingBody
from reelwise.serving.schemas.ids import AnyUserIdParam, MovieIdParam
from reelwise.serving.schemas.v1 import RatedFilm
from reelwise.serving.telemetry.observation import current

router = new_router("/api/v1/users/{user_id:id}", tags=["users"])

NO_SUCH_RATING = problem(404, "There is no such user or film, or the user did not rate the film.")


@router.get(
    "/ratings",
    summary="All ratings of a user",
    response_description="Most stars first.",
    responses=NO_SUCH_USER | problems(422, 503),
)
def list_ratings(service: ServiceDep, user_id: AnyUserIdParam) -> list[RatedFilm]:
    """What the user rated, in the data that the model was trained on and since."""
    return [RatedFilm.of(*rated) for rated in current().ask(service.history, user_id)]


@router.get("/ratings/{movie_id:id}", summary="One rating", responses=NO_SUCH_RATING | problems(422, 503))
def get_rating(service: ServiceDep, user_id: AnyUserIdParam, movie_id: MovieIdParam) -> RatedFilm:
    """The stars that the user gave the film."""
    return RatedFilm.of(*current().ask(service.feedback.rating, user_id, movie_id))


@router.put(
    "/ratings/{movie_id:id}",
    summary="Rate a film",
    responses=problem(404, "There is no such film, or the user was erased.") | problems(413, 422, 503),
)
def put_rating(service: ServiceDep, user_id: AnyUserIdParam, movie_id: MovieIdParam, given: RatingBody) -> RatedFilm:
    """Give a film stars, in place of older ones. A user who is not known yet is known from now on."""
    return RatedFilm.of(*current().ask(service.feedback.rate, user_id, movie_id, given.stars))


@router.delete(
    "/ratings/{movie_id:id}",
    summary="Take a rating back",
    status_code=204,
    response_class=Response,
    responses=NO_SUCH_RATING | problems(422, 503),
)
def delete_rating(service: ServiceDep, user_id: AnyUserIdParam, movie_id: MovieIdParam) -> None:
    """Forget the stars, also those that the model was trained on. The film may be recommended again."""
    current().ask(service.feedback.take_back, user_id, movie_id)


@router.get("/export", summary="Everything held about a user", responses=NO_SUCH_USER | problems(422, 503))
def export_user(service: ServiceDep, user_id: AnyUserIdParam) -> HeldAboutUser:
    """What the model was trained on, and what was told since."""
    return HeldAboutUser.of(current().ask(service.feedback.export, user_id))


@router.delete(
    "",
    summary="Erase a user",
    status_code=204,
    response_class=Response,
    dependencies=[Depends(require_admin_key)],
    responses=ADMIN_PROBLEMS | NO_SUCH_USER | problems(422, 503),
)
def delete_user(service: ServiceDep, user_id: AnyUserIdParam) -> None:
    """Forget what the user told, hide what the model knows of the user at once, and keep the user out of later ones."""
    current().ask(service.feedback.erase, user_id)
