"""The answers of busy paths, encoded once."""

from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING

from fastapi.responses import Response
from pydantic_core import to_json

if TYPE_CHECKING:
    from reelwise.recommend.results import Recommendation


def films_response(films: Iterable["Recommendation"]) -> Response:
    """The films as `list[RecommendedMovie]`, not validated again: FastAPI's own way takes 30 µs more for ten films.

    Raises:
        ValueError: Raised when a prediction is not finite.
    """
    answer = [
        {"movieId": film.movie_id, "title": film.title, "score": _score(film), "tmdbId": film.tmdb_id} for film in films
    ]
    return Response(to_json(answer), media_type="application/json")


def _score(film: "Recommendation") -> float:
    """The predicted stars; how well the film fits in taste where the model was trained without stars."""
    score = film.score if film.predicted_stars is None else film.predicted_stars
    if score is None or not isfinite(score):
        raise ValueError(f"the score of movie {film.movie_id} is {score}")
    return round(score, 3)
