"""Histories with stars: all of them count, and known users are asked by theirs."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model
from reelwise.data.vocabulary import Id
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.results import Recommendations
from reelwise.training.pipeline import train
from support.models.checkerboard import checkerboard_dataset

EVEN, ODD = [2, 4, 6, 8], [1, 3, 5, 7]  # ids


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Measured, and read from a folder."""
    folder = tmp_path_factory.mktemp("history") / "model"
    write_model(folder, train(checkerboard_dataset(users=400, movies=80), seed=3))
    return Model.load(folder)


@pytest.fixture(scope="module")
def recommender(model: Model) -> Recommender:
    return Recommender(model)


def loving(loved: Iterable[Id], hated: Iterable[Id] = ()) -> dict[Id, float]:
    return dict.fromkeys(loved, 5.0) | dict.fromkeys(hated, 1.0)


def colours(found: Recommendations) -> set[int]:
    return {int(film.movie_id) % 2 for film in found}


def test_a_history_leads_to_its_colour_and_never_to_what_is_in_it(recommender: Recommender) -> None:
    stars = loving(EVEN, ODD)
    found = recommender.recommend(stars=stars, n=10)
    assert colours(found) == {0}
    assert {film.source for film in found} == {"history"}
    assert not {film.movie_id for film in found} & stars.keys()
    assert colours(recommender.recommend(stars=stars, rank_by="stars", n=10)) == {0}


def test_reasons_are_films_of_the_history_that_were_liked(recommender: Recommender) -> None:
    found = recommender.recommend(stars=loving(EVEN, ODD))
    reasons = {reason.movie_id for film in found for reason in film.reasons}
    assert reasons
    assert reasons <= set(EVEN)


def test_likes_without_stars_say_what_fits_and_not_how_many_stars(recommender: Recommender, model: Model) -> None:
    rated = recommender.recommend(stars={2: 5}, n=100)
    with_likes = recommender.recommend(stars={2: 5}, movies=[4, 6], disliked=[1], n=100)
    assert {film.movie_id for film in with_likes}.isdisjoint({1, 2, 4, 6})
    named = {film.movie_id: film.counts_as for film in with_likes.named}
    assert named == {2: "like", 4: "like", 6: "like", 1: "dislike"}
    assert len(rated) == len(with_likes) + 3
    assert model.folding is not None
    rows = model.movies.rows(np.array([2, 4]))
    history = model.folding.fold(rows, np.array([5, 4], np.float32), np.array([False, True]))
    assert history.rated()[0].tolist() == [rows[0]]


def test_stars_between_a_like_and_a_dislike_count_and_it_is_said(recommender: Recommender) -> None:
    found = recommender.recommend(stars={2: 5, 4: 3})
    assert [(film.movie_id, film.counts_as, film.why) for film in found.named] == [
        (2, "like", None),
        (4, "rating", None),
    ]


def test_margins_shrink_with_the_history(recommender: Recommender) -> None:
    def margins(*liked: int) -> dict[Any, float | None]:
        found = recommender.recommend(stars=loving(liked), n=100)
        return {film.movie_id: film.stars_margin for film in found}

    few, many = margins(2), margins(*range(2, 60, 2))
    shared = [movie for movie in few if movie in many and few[movie] is not None]  # nobody rated one film
    assert shared
    assert all(few[movie] > many[movie] > 0 for movie in shared)  # type: ignore[operator]


def test_a_known_user_is_asked_by_the_history_without_the_own_profile(recommender: Recommender, model: Model) -> None:
    user = 2
    own: dict[Id, float] = {rated.film.movie_id: rated.stars or 0 for rated in recommender.history(user)}
    found, as_new = recommender.recommend(user, n=8), recommender.recommend(stars=own, n=8)
    assert {film.source for film in found} == {"known user"}
    assert colours(found) == {0}
    assert all(reason.movie_id in own for film in found for reason in film.reasons)
    assert [film.score for film in found] != [film.score for film in as_new]  # whose own profile is in
    assert model.folding is not None
    assert model.ranking is not None
    assert model.histories is not None
    row = model.users.row(user)
    assert row is not None
    own_profile = int(np.flatnonzero(model.ranking.profiles.users == row)[0])
    vector = model.folding.embed(model.folding.fold(*model.histories.by_user[row]), own_profile).ranking
    expected = model.ranking.Q[model.movies.rows(np.array([film.movie_id for film in found]))] @ vector
    np.testing.assert_allclose(np.array([film.score for film in found], np.float64), expected, rtol=1e-4)


def test_predictions_for_a_history_fit_it(recommender: Recommender) -> None:
    predicted = recommender.predict(stars=loving(EVEN, ODD), movies=[10, 11])
    assert predicted[0].predicted_stars > 4 > 2 > predicted[1].predicted_stars
    assert predicted[0].stars_margin is not None


def test_the_figures_of_folding_in_are_in_the_model(model: Model) -> None:
    assert model.metrics is not None
    figures = model.metrics.fold_in
    assert figures is not None
    assert figures.given[0] == 5
    assert figures.rmse[0] < 1
    assert model.fold_in_uncertainty is not None


def test_a_history_of_nearly_everything_is_answered(recommender: Recommender) -> None:
    found = recommender.recommend(stars={movie: 1.0 + 4 * (movie % 2) for movie in range(1, 71)}, n=3)
    assert colours(found) == {1}
