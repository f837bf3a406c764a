"""Trying out a model before it is served."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from time import sleep, thread_time
from typing import TypeVar

import numpy as np

from reelwise.data.vocabulary import Id
from reelwise.errors import ModelError, StoreError, UnknownUser
from reelwise.exports.history import History, Row
from reelwise.recommend.groups.request import GroupRequest, Member
from reelwise.recommend.naming.lookup import Described
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service
from reelwise.serving.routes.model import describe

T = TypeVar("T")


def paced(work: Callable[[], T], share: float) -> T:
    """Do a piece of work, and then nothing for so long that it has taken that share of the time; 1 does not pause.

    While a thread works, the one that answers waits for the interpreter after each message that it receives or sends:
    what takes 100 ms at a stretch leaves a line of requests that stand for longer.
    """
    began = thread_time()
    try:
        return work()
    finally:
        sleep((thread_time() - began) * (1 / share - 1))


def warm(service: Service, share: float = 1.0) -> None:
    """Ask once what each path asks, so that what is made at the first question is there.

    Args:
        service: what to ask.
        share: see `paced`.

    Raises:
        ModelError: Raised when the model cannot answer a path, which it names.
    """
    path = "/api/v1/users/{user_id}/history"  # where somebody to ask about is looked for
    try:
        for path, ask in _questions(service):  # noqa: B007 - the error names it
            with suppress(StoreError):  # which is no fault of the model
                paced(ask, share)
    except Exception as error:
        raise ModelError(f"this model fails at {path} ({type(error).__name__}: {error})") from error


def _some_user(service: Service) -> Id | None:
    """The first user with ratings who is not known to be erased; None if there is none."""
    for row in service.model.known_users().tolist():
        user = service.model.users[row]
        with suppress(UnknownUser):
            with suppress(StoreError):
                service.history(user, limit=1)
            return user
    return None


def _questions(service: Service) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each path that asks the service, with what it asks, for a user and a film that the model knows."""
    model = service.model
    best_known = int(np.argmax(model.stats.counts))
    movie = model.movies[best_known]
    user = _some_user(service)
    if user is not None:
        plain = Request(user=user, rank_by="stars", explained=False)
        yield "/recommendations/{user_id}", lambda: service.recommend(plain)
        yield "/api/v1/users/{user_id}/recommendations", lambda: service.recommend(Request(user=user))
        yield "/api/v1/users/{user_id}/likely_seen", lambda: service.likely_seen(Request(user=user))
        yield "/api/v1/users/{user_id}/history", lambda: service.history(user)
    yield "/find_matching_user", lambda: service.match([movie])
    yield "/api/v1/match", lambda: service.match_in_detail([movie])
    yield "/recommendations_from_selection", lambda: service.recommend(Request(movies=[movie], strategy="profile"))
    yield "/api/v1/recommendations", lambda: service.recommend(Request(movies=[movie]))
    yield "/api/v1/recommendations", service.popular
    yield "/api/v1/recommendations/likely_seen", lambda: service.likely_seen(Request(movies=[movie]))
    both = tuple(Member(name, Request(movies=[movie])) for name in ("one", "other"))
    yield "/api/v1/groups/recommendations", lambda: service.recommend_together(GroupRequest(both))
    if model.predicts_stars:
        yield "/api/v1/predictions", lambda: service.predict(Request(movies=[movie]), [movie])
    title = model.catalogue.titles[best_known]
    yield "/api/v1/histories", lambda: service.match_history(History("table", (Row("watched", title, None, 1),)))
    yield "/api/v1/movies/resolve", lambda: service.resolve([Described(title=title)])
    yield "/api/v1/movies", lambda: service.search(title)
    yield "/api/v1/movies/starter", service.starter
    yield "/api/v1/movies/{movie_id}", lambda: (service.film(movie), service.stars_of(movie), service.tags_of(movie))
    if model.ranking is not None:
        yield "/api/v1/movies/{movie_id}/similar", lambda: service.similar(movie)
        yield "/api/v1/movies/groups", lambda: service.clusters
    yield "/api/v1/movies/map", lambda: service.map
    yield "/api/v1/model", lambda: describe(service, posters=False, shown=()).model_dump_json()
