"""Asking `/api/v1`, and what its answers look like."""

from typing import Any

from fastapi.testclient import TestClient

from reelwise.recommend.results import Recommendation

V1 = "/api/v1"
UNKNOWN = 424242
"""The id of no film and no user."""

PULP_FICTION = {
    "movieId": 296,
    "title": "Pulp Fiction (1994)",
    "year": 1994,
    "genres": ["Crime", "Drama"],
    "ratings": 1,
    "mean_stars": 4.0,
    "tmdbId": 680,
    "imdbId": None,
}
"""As the tiny model knows it."""

UNRATED = {
    "given": 7002,
    "movieId": 7002,
    "title": "A Film That Nobody Rated (2002)",
    "counts_as": "nothing",
    "why": "nobody rated it",
}
"""What is said of a film that nobody rated, where it was named."""


def got(client: TestClient, path: str, **params: Any) -> Any:
    response = client.get(f"{V1}{path}", params=params)
    assert response.status_code == 200
    return response.json()


def posted(client: TestClient, path: str = "/recommendations", **body: Any) -> Any:
    """The answer, but for the id of a list, which no two have in common."""
    response = client.post(f"{V1}{path}", json=body)
    assert response.status_code == 200
    answer = response.json()
    answer.pop("recommendation_id", None)
    return answer


def refused(client: TestClient, **body: Any) -> str:
    """Why a body is refused."""
    response = client.post(f"{V1}/recommendations", json=body)
    assert response.status_code == 422
    detail: str = response.json()["detail"]
    return detail


def ids(answer: Any) -> list[int]:
    films = answer["recommendations"] if isinstance(answer, dict) else answer
    return [film["movieId"] for film in films]


def sources(answer: Any) -> set[str]:
    return {film["source"] for film in answer["recommendations"]}


def as_json(film: Recommendation) -> dict[str, Any]:
    """What a recommendation shall look like outside."""
    return {
        "movieId": film.movie_id,
        "title": film.title,
        "year": film.year,
        "genres": list(film.genres),
        "score": None if film.score is None else round(film.score, 3),
        "predicted_stars": None if film.predicted_stars is None else round(film.predicted_stars, 3),
        "stars_margin": None if film.stars_margin is None else round(film.stars_margin, 3),
        "ratings": film.ratings,
        "mean_stars": None if film.mean_stars is None else round(film.mean_stars, 3),
        "tmdbId": film.tmdb_id,
        "imdbId": film.imdb_id,
        "source": film.source,
        "reasons": [
            {"movieId": reason.movie_id, "title": reason.title, "share": round(reason.share, 3)}
            for reason in film.reasons
        ],
    }
