"""`/api/v1/movies`: films that come and go."""

from fastapi import Depends, Request, Response

from reelwise.recommend import results
from reelwise.recommend.films.editing import put_film, remove_film
from reelwise.recommend.filters import Filters
from reelwise.recommend.request import Request as Wanted
from reelwise.serving.admin import ADMIN_PROBLEMS, require_admin_key
from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.problems import problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.routes.v1 import NO_SUCH_FILM
from reelwise.serving.schemas.films import GivenFilm
from reelwise.serving.schemas.ids import MovieIdParam
from reelwise.serving.schemas.params import NumberParam
from reelwise.serving.schemas.v1 import Film, Recommended
from reelwise.serving.state import server_state
from reelwise.serving.telemetry.observation import current

router = new_router("/api/v1/movies", tags=["movies"])


@router.get(
    "/new",
    summary="New films",
    response_description="For somebody unknown; those with some ratings first.",
    response_model=Recommended,
    responses=problems(422, 503),
)
def list_new_movies(service: ServiceDep, n: NumberParam = 10) -> results.Recommendations:
    """Films that the model has not learnt, because they came since it was trained, or nobody had rated them.

    For somebody in particular, ask for recommendations with `new_films=only`.
    """
    return current().ask(service.popular, Wanted(filters=Filters(n), new_films="only"))


@router.put(
    "/{movie_id:id}",
    summary="Add or change a film",
    dependencies=[Depends(require_admin_key)],
    response_model=Film,
    responses=ADMIN_PROBLEMS | problems(413, 422, 503),
)
def put_movie(request: Request, service: ServiceDep, movie_id: MovieIdParam, film: GivenFilm) -> results.Film:
    """Every process knows the film from the next request on: in search, in lists, to be rated.

    Its genres, year and title say whom it may suit, until ratings do. The next update of the model learns it.
    """
    given = (film.title, film.year, tuple(film.genres), film.imdbId, film.tmdbId)
    put_film(service.model, server_state(request.app).store, movie_id, *given)
    return current().ask(current().model.now().film, movie_id)


@router.delete(
    "/{movie_id:id}",
    summary="Take a film away",
    status_code=204,
    response_class=Response,
    dependencies=[Depends(require_admin_key)],
    responses=ADMIN_PROBLEMS | NO_SUCH_FILM | problems(422, 503),
)
def delete_movie(request: Request, service: ServiceDep, movie_id: MovieIdParam) -> None:
    """The film is shown and found no more, and is in no later model; who rated it keeps that rating."""
    movie = current().ask(service.film, movie_id)
    remove_film(service.model, server_state(request.app).store, movie.movie_id)
