"""The answers of busy paths, encoded once, and of large ones, packed."""

import gzip
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from math import isfinite
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import Response
from pydantic_core import to_json

if TYPE_CHECKING:
    from reelwise.recommend.results import Recommendation

_GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q=(?P<weight>[01](?:\.[0-9]*)?))?", re.IGNORECASE)


def films_response(films: Iterable["Recommendation"]) -> Response:
    """The films as `list[RecommendedMovie]`, not validated again: FastAPI's own way takes 30 µs more for ten films.

    Raises:
        ValueError: Raised when a prediction is not finite.
    """
    answer = [
        {"movieId": film.movie_id, "title": film.title, "score": _score(film), "tmdbId": film.tmdb_id} for film in films
    ]
    return Response(to_json(answer), media_type="application/json")


def tag_of(content: bytes) -> str:
    """An ETag for content; a weak one, since the same stands for it packed and as it is."""
    return f'W/"{sha256(content).hexdigest()[:16]}"'


def packed_response(
    request: Request, content: bytes, media_type: str, headers: Mapping[str, str], packed: bytes | None = None
) -> Response:
    """The content, packed for whoever can unpack it; or that it is what the client has, by the ETag in the headers.

    Args:
        request: says what its sender has, and can unpack.
        content: as it is.
        media_type: of the content.
        headers: of the response, beside those about packing.
        packed: the content packed by gzip; None to do that here.
    """
    vary = ", ".join(filter(None, ["Accept-Encoding", headers.get("Vary")]))
    headers = {**headers, "Vary": vary}
    if (tag := headers.get("ETag")) and tag.removeprefix("W/") in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    if not _unpacks_gzip(request.headers.get("Accept-Encoding", "")):
        return Response(content, media_type=media_type, headers=headers)
    packed = gzip.compress(content, 4, mtime=0) if packed is None else packed  # 6 takes three times as long
    return Response(packed, media_type=media_type, headers=headers | {"Content-Encoding": "gzip"})


def _unpacks_gzip(accepted: str) -> bool:
    """Whether gzip is named, and not with a weight of 0."""
    found = _GZIP.search(accepted)
    return found is not None and (found["weight"] is None or float(found["weight"]) > 0)


def _score(film: "Recommendation") -> float:
    """The predicted stars; how well the film fits in taste where the model was trained without stars."""
    score = film.score if film.predicted_stars is None else film.predicted_stars
    if score is None or not isfinite(score):
        raise ValueError(f"the score of movie {film.movie_id} is {score}")
    return round(score, 3)
