"""`/api/v1`: films, and recommendations by taste with their reasons. Unknown things are 404."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, HTTPException, Query

from reelwise.data.catalogue import Movie
from reelwise.errors import UnknownMovies, UsageError
from reelwise.models.preference import least_like
from reelwise.serving.dependencies import RecommenderDep, find_unknown
from reelwise.serving.lockstep import in_lockstep
from reelwise.serving.problems import problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.schemas.fixed import UserIdParam
from reelwise.serving.schemas.v1 import (
    Film,
    HistoryLimitParam,
    LimitParam,
    MatchInDetail,
    MovieIdParam,
    NumberParam,
    Picks,
    QueryParam,
    RatedFilm,
    RecommendationRequest,
    Recommended,
    SimilarFilm,
    UserFilterParams,
)
from reelwise.serving.telemetry.observation import current

if TYPE_CHECKING:
    from reelwise.recommend.recommender import Recommender
    from reelwise.recommend.results import Recommendation

router = new_router("/api/v1", tags=["v1"])

ALSO_LOVED = 10


def not_found(meaning: str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entry of a path that can end with 404."""
    return {404: problems("default")["default"] | {"description": meaning}}


NO_SUCH_FILM = not_found("There is no such film in the data set.")
NO_SUCH_USER = not_found("There is no such user in the data set.")


async def _known_movie(recommender: RecommenderDep, movie_id: MovieIdParam) -> Movie:
    movie = recommender.movie(movie_id)
    if movie is None:
        current().unknown.add("movie")
        raise HTTPException(404, f"Movie {movie_id} is not in the data set.")
    return movie


MovieDep = Annotated[Movie, Depends(_known_movie)]
"""The film that a path names; without it the request ends with 404."""


@router.get(
    "/movies",
    summary="Search films by title",
    response_description="Best first; nothing when no title fits.",
    responses=problems(422, 503),
)
def search_movies(recommender: RecommenderDep, q: QueryParam = "", limit: LimitParam = 10) -> list[Film]:
    """Films whose title fits what was typed so far; typing errors, accents and a missing article are forgiven."""
    return [film_of(recommender, movie) for movie in current().ask(recommender.search, q, limit)]


# Before /movies/{movie_id}, which would take the word for an id.
@router.get(
    "/movies/starter",
    summary="Films to start picking from",
    response_description="Of every kind, the best known first.",
    responses=problems(422, 503),
)
def starter_movies(recommender: RecommenderDep, n: NumberParam = 24) -> list[Film]:
    """Well-known films that are unlike each other, so that everybody finds some to like. The same in every call."""
    return [film_of(recommender, movie) for movie in current().ask(recommender.starter, n)]


@router.get("/movies/{movie_id}", summary="One film", responses=NO_SUCH_FILM | problems(422, 503))
async def movie(recommender: RecommenderDep, movie: MovieDep) -> Film:
    """What is known of a film."""
    return film_of(recommender, movie)


@router.get(
    "/movies/{movie_id}/similar",
    summary="Films like this one",
    response_description="Most alike first; nothing for a film that nobody rated.",
    response_model=list[SimilarFilm],
    responses=NO_SUCH_FILM | problems(422, 503),
)
def similar_movies(recommender: RecommenderDep, movie: MovieDep, n: NumberParam = 10) -> Sequence["Recommendation"]:
    """Films that the same people like. A model without a taste model cannot tell: 422."""
    return current().ask(recommender.similar, movie.movie_id, n)


@router.post("/recommendations", summary="Recommend to somebody who names films", responses=problems(413, 422, 503))
async def recommend(recommender: RecommenderDep, request: RecommendationRequest) -> Recommended:
    """Films for somebody who likes some films, or dislikes some, without those named.

    Unknown ids are listed in the answer. When nobody rated any of the films named, the answer is what most people like.
    """
    _refuse_stars_off_the_scale(recommender, request.stars)
    exclude = [*request.exclude_ids, *request.named]
    if any(recommender.popularity(movie_id)[0] for movie_id in request.named):
        ask: Callable[..., Sequence[Recommendation]] = partial(
            recommender.recommend,
            movies=request.movie_ids,
            stars=request.stars,
            disliked=request.disliked_ids,
            strategy=request.strategy,
        )
    else:
        ask = recommender.popular
    ask = partial(ask, exclude=exclude, rank_by=request.rank_by, filters=request.filters)
    found = await in_lockstep(current().ask, ask)
    return _recommended(recommender, found, exclude)


@router.get(
    "/users/{user_id}/recommendations",
    summary="Recommend to a known user, by taste",
    responses=NO_SUCH_USER | problems(422, 503),
)
async def recommend_to_user(
    recommender: RecommenderDep, user_id: UserIdParam, filters: Annotated[UserFilterParams, Query()]
) -> Recommended:
    """Films that this user has not rated."""
    ask = partial(recommender.recommend, exclude=filters.exclude_ids, rank_by=filters.rank_by, filters=filters.filters)
    found = await in_lockstep(current().ask, ask, user_id)
    return _recommended(recommender, found, filters.exclude_ids)


@router.get(
    "/users/{user_id}/history",
    summary="What a user rated",
    response_description="Most stars first.",
    responses=NO_SUCH_USER | problems(422, 503),
)
def history(recommender: RecommenderDep, user_id: UserIdParam, limit: HistoryLimitParam = 50) -> list[RatedFilm]:
    """The films that a user rated, with the stars."""
    return _rated(recommender, current().ask(recommender.history, user_id, limit))


@router.post(
    "/match",
    summary="Find the user who fits a selection, and what that user loved",
    response_description="The user, or nulls when nobody rated any of the films.",
    responses=not_found("None of the given ids is in the data set.") | problems(413, 422, 503),
)
def match(recommender: RecommenderDep, picks: Picks) -> MatchInDetail:
    """The user of `/find_matching_user`, what that user thinks of the given films, and what else that user loved."""
    try:
        found = current().ask(recommender.match, picks.movie_ids)
    except UnknownMovies as error:
        raise HTTPException(404, str(error)) from None
    shared: list[tuple[Movie, float]] = []
    best: list[tuple[Movie, float]] = []
    picked = set(picks.movie_ids)
    if found.user_id is not None:
        shared = current().ask(recommender.history, found.user_id, among=picked)
        best = current().ask(recommender.history, found.user_id, limit=len(picked) + ALSO_LOVED)
    loved = least_like(recommender.model.history.scale)
    also_loved = [(movie, stars) for movie, stars in best if movie.movie_id not in picked and stars >= loved]
    in_detail = {
        "shared": _rated(recommender, shared),
        "also_loved": _rated(recommender, also_loved[:ALSO_LOVED]),
        "unknown_ids": find_unknown(recommender, picks.movie_ids),
    }
    return MatchInDetail.model_validate(asdict(found) | in_detail)


def film_of(recommender: "Recommender", movie: Movie) -> Film:
    """What is known of a film, as every answer tells it."""
    ratings, mean_stars = recommender.popularity(movie.movie_id)
    return Film(
        movie_id=movie.movie_id,
        title=movie.title,
        year=movie.year,
        genres=list(movie.genres),
        ratings=ratings,
        mean_stars=mean_stars,
        tmdb_id=movie.tmdb_id,
        imdb_id=movie.imdb_id,
    )


def _rated(recommender: "Recommender", rated: Iterable[tuple[Movie, float]]) -> list[RatedFilm]:
    return [RatedFilm(**film_of(recommender, movie).model_dump(), stars=stars) for movie, stars in rated]


def _recommended(
    recommender: "Recommender", found: Sequence["Recommendation"], asked_about: Iterable[int]
) -> Recommended:
    return Recommended.model_validate(
        {"recommendations": list(found), "unknown_ids": find_unknown(recommender, asked_about)}
    )


def _refuse_stars_off_the_scale(recommender: "Recommender", stars: dict[int, float]) -> None:
    low, high = recommender.model.history.scale
    for movie_id, given in stars.items():
        if not low <= given <= high:
            raise UsageError(f"stars: movie {movie_id} has {given:g}, but the rating scale is {low:g} to {high:g}")
