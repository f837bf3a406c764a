"""A recommender that is watched: how long it takes, what it answers from, and which ids it does not know."""

from collections.abc import Callable, Iterable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from reelwise.errors import UnknownMovies, UnknownUser
from reelwise.recommend.results import Recommendations
from reelwise.serving.telemetry.observation import Observation, Unknown, current

if TYPE_CHECKING:
    from reelwise.data.catalogue import Movie
    from reelwise.recommend.recommender import Recommender
    from reelwise.recommend.results import Match

# What takes time; the rest looks things up.
TIMED = {"recommend", "recommend_from_selection", "popular", "similar", "match", "history", "search", "starter"}

NOTHING = "nothing"
"""The source of an empty list of recommendations."""


def watched(recommender: "Recommender") -> "Recommender":
    """The recommender, which adds to the observation of the request; itself outside of requests."""
    observation = current()
    if observation is None:
        return recommender
    return cast("Recommender", _Watched(recommender, observation))


class _Watched:
    """Passes everything on to a recommender."""

    def __init__(self, recommender: "Recommender", observation: Observation) -> None:
        self._recommender, self._observation = recommender, observation

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._recommender, name)
        return partial(self._ask, attribute) if name in TIMED else attribute

    def movie(self, movie_id: int) -> "Movie | None":
        movie = self._recommender.movie(movie_id)
        if movie is None:
            self._unknown("movie")
        return movie

    def match(self, movie_ids: Iterable[int]) -> "Match":
        for movie_id in movie_ids:
            self.movie(movie_id)  # a match does not say which of them it ignores
        found: Match = self._ask(self._recommender.match, movie_ids)
        return found

    def _ask(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        observation, started = self._observation, perf_counter()
        try:
            answer = call(*args, **kwargs)
        except UnknownUser:
            self._unknown("user")
            raise
        except UnknownMovies:
            self._unknown("movie")
            raise
        finally:
            observation.recommend_seconds = (observation.recommend_seconds or 0) + perf_counter() - started
        if isinstance(answer, Recommendations):
            observation.source = answer[0].source if answer else NOTHING
            if answer.unknown_ids:
                self._unknown("movie")
        return answer

    def _unknown(self, what: Unknown) -> None:
        self._observation.unknown |= {what}
