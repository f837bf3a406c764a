"""What endpoints ask for."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends

from reelwise.recommend.recommender import Recommender
from reelwise.serving.telemetry.observation import current


def current_recommender() -> Recommender:
    """The recommender that this request is answered from: the one there was when the request began.

    Raises:
        ModelNotReady: There is none.
    """
    return current().model.get()


async def _current_recommender() -> Recommender:  # async, so that it takes no thread
    return current_recommender()


def find_unknown(recommender: Recommender, movie_ids: Iterable[int]) -> list[int]:
    """Those of the ids that are not in the data set, ascending, each once; noted in the observation of the request."""
    unknown = sorted(movie_id for movie_id in set(movie_ids) if recommender.movie(movie_id) is None)
    if unknown:
        current().unknown.add("movie")
    return unknown


RecommenderDep = Annotated[Recommender, Depends(_current_recommender)]
"""The recommender, for an endpoint that needs one; without a model the request ends with 503."""
