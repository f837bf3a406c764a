"""Trying out a model before it is served."""

from collections.abc import Callable, Iterator

import numpy as np

from reelwise.errors import ModelError
from reelwise.recommend.recommender import Recommender
from reelwise.serving.routes.model import describe


def warm(recommender: Recommender) -> None:
    """Ask once what each path asks, so that what is built at the first question, such as the search index, is there.

    Raises:
        ModelError: naming the path that the model cannot answer.
    """
    for path, ask in _questions(recommender):
        try:
            ask()
        except Exception as error:
            raise ModelError(f"this model fails at {path} ({type(error).__name__}: {error})") from error


def _questions(recommender: Recommender) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each path that asks the recommender, with what it asks, for a user and a film that the model knows."""
    model = recommender.model
    movie = int(model.history.movie_ids[np.argmax(model.popularity.counts)])
    if model.has_histories:
        user = int(model.history.user_ids[0])
        yield "/recommendations/{user_id}", lambda: recommender.recommend(user, rank_by="stars")
        yield "/api/v1/users/{user_id}/recommendations", lambda: recommender.recommend(user)
        yield "/api/v1/users/{user_id}/history", lambda: recommender.history(user)
    yield "/find_matching_user", lambda: recommender.match([movie])
    yield "/recommendations_from_selection", lambda: recommender.recommend_from_selection([movie])
    yield "/api/v1/recommendations", lambda: recommender.recommend(movies=[movie])
    yield "/api/v1/recommendations", recommender.popular
    yield "/api/v1/movies", lambda: recommender.search(model.catalogue[movie].title)
    yield "/api/v1/movies/starter", recommender.starter
    yield "/api/v1/movies/{movie_id}", lambda: recommender.popularity(movie)
    if model.taste is not None:
        yield "/api/v1/movies/{movie_id}/similar", lambda: recommender.similar(movie)
    yield "/api/v1/model", lambda: describe(recommender, posters=False).model_dump_json()
