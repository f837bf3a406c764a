"""`/api/v1/predictions` and `/api/v1/movies/resolve`: stars of films that are named, and which films are named."""

from fastapi import HTTPException

from reelwise.errors import UnknownMovies
from reelwise.recommend import results
from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.problems import problem, problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.schemas.lookups import LookedUp, LookUp, Predicted, PredictionRequest, ResolvedFilm
from reelwise.serving.telemetry.observation import current

router = new_router("/api/v1")


@router.post(
    "/predictions",
    tags=["recommendations"],
    summary="Predict the stars of films",
    response_model=Predicted,
    responses=problem(404, "There is no such user, or none of the films that say who asks is in the data set.")
    | problems(413, 422, 503),
)
def predict(service: ServiceDep, request: PredictionRequest) -> results.Predictions:
    """The stars that a known user, or somebody who names films, would give others, and how sure that is."""
    try:
        return current().ask(service.predict, request.ask(), request.movies)
    except UnknownMovies as error:
        raise HTTPException(404, str(error)) from None


@router.post("/movies/resolve", tags=["movies"], summary="Look films up in bulk", responses=problems(413, 422, 503))
def resolve_movies(service: ServiceDep, films: LookUp) -> LookedUp:
    """Films by their numbers at IMDb or TMDB, or by title and year. A title that clearly means no film finds none."""
    found = current().ask(service.resolve, films.ask())
    return LookedUp(movies=[ResolvedFilm.model_validate(film) for film in found])


@router.get("/movies/resolve", include_in_schema=False)
async def only_post() -> None:
    """Keep the word from being taken for the id of a film."""
    raise HTTPException(405, "Only POST is answered here.", {"Allow": "POST"})
