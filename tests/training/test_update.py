from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reelwise.artifacts.model import Model, without_histories
from reelwise.data.catalogue import Catalogue
from reelwise.data.dataset import Dataset
from reelwise.data.interactions import RatingScale
from reelwise.data.ratings import Ratings
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import UsageError
from reelwise.models.config import MatrixFactorizationConfig, WeightedALSConfig
from reelwise.training.pipeline import TrainingSettings, train
from reelwise.training.update import update
from support.models.checkerboard import checkerboard_dataset, share_beside_their_colour
from support.models.tiny_recommender import tiny_model

if TYPE_CHECKING:
    from reelwise.progress import FitProgress

NOW = checkerboard_dataset(users=60, movies=40)
NEW_USERS, NEW_MOVIES = np.array([1, 17, 60]), np.array([1, 8, 40])  # their ids; the rows of the others move up


def before() -> Dataset:
    """The data set without the newcomers."""
    seen = NOW.ratings.interactions()
    user_ids, movie_ids = NOW.ratings.users.ids[seen.users], NOW.ratings.movies.ids[seen.movies]
    old = ~np.isin(user_ids, NEW_USERS) & ~np.isin(movie_ids, NEW_MOVIES)
    return Dataset(
        "before",
        Ratings.from_columns(user_ids[old], movie_ids[old], seen.stars[old]),
        Catalogue.of(film for film in NOW.catalogue if film.movie_id not in NEW_MOVIES),
        "1" * 64,
    )


SETTINGS = TrainingSettings(
    rating=MatrixFactorizationConfig(
        factors=4, learning_rate=0.05, user_regularisation=0.1, movie_regularisation=0.1, prior_ridge=20
    ),
    ranking=WeightedALSConfig(factors=4),
    evaluate=False,
)
OLD = train(before(), SETTINGS)
MODEL = update(OLD, NOW)
RATED = MODEL.movies.ids[:40]  # the last film was never rated
SAME_COLOUR = MODEL.users.ids[:, None] % 2 == RATED % 2


def test_the_model_says_what_it_was_updated_from() -> None:
    config = MODEL.config
    assert config.updated_from == OLD.description.revision != MODEL.description.revision
    assert (config.counts.users, config.counts.rated_movies, config.counts.ratings) == (60, 40, len(NOW.ratings))
    assert config.dataset.name == "checkerboard"
    assert config.rating_model == OLD.config.rating_model
    assert config.ranking_model == OLD.config.ranking_model
    assert config.counts.profiles == 60


def test_nothing_is_measured() -> None:
    assert MODEL.metrics is None
    assert MODEL.rating.uncertainty is None


def test_newcomers_are_told_what_they_love_and_to_whom_they_appeal() -> None:
    users, movies = MODEL.users.rows(NEW_USERS), MODEL.movies.rows(NEW_MOVIES)
    right = (MODEL.rating.P @ MODEL.rating.Q[:40].T > 3) == SAME_COLOUR
    assert right[users].mean() > 0.95
    assert right[:, movies].mean() > 0.95
    assert MODEL.ranking
    scores = MODEL.ranking.P @ MODEL.ranking.Q[:40].T
    for those, same in ((scores[users], SAME_COLOUR[users]), (scores.T[movies], SAME_COLOUR.T[movies])):
        loved, others = (np.where(kind, those, 0).sum(axis=1) / kind.sum(axis=1) for kind in (same, ~same))
        assert (loved > 2 * others).all()


def test_whoever_was_there_keeps_their_predictions() -> None:
    users, movies = MODEL.users.rows(OLD.users.ids), MODEL.movies.rows(OLD.movies.ids)
    moved = MODEL.rating.P[users] @ MODEL.rating.Q[movies].T - OLD.rating.P @ OLD.rating.Q.T
    assert np.abs(moved).mean() < 0.2  # of a scale on which tastes are four stars apart


def test_who_is_gone_loses_their_row() -> None:
    back = update(MODEL, before())
    assert (back.users, back.movies) == (OLD.users, OLD.movies)
    assert np.abs(back.rating.P @ back.rating.Q.T - OLD.rating.P @ OLD.rating.Q.T).mean() < 0.3


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_do_not_change_the_model(threads: int) -> None:
    many = update(OLD, NOW, threads=threads)
    assert many.ranking
    assert MODEL.ranking
    for one, other in ((MODEL.rating, many.rating), (MODEL.ranking, many.ranking)):
        assert (one.P.tobytes(), one.Q.tobytes()) == (other.P.tobytes(), other.Q.tobytes())


def test_without_a_ranking_model_the_rating_model_is_updated_alone() -> None:
    model = update(train(before(), replace(SETTINGS, ranking=None)), NOW)
    assert (model.ranking, model.map, model.config.counts.profiles) == (None, None, 0)
    assert (model.rating.P.tobytes(), model.rating.Q.tobytes()) == (MODEL.rating.P.tobytes(), MODEL.rating.Q.tobytes())


def test_how_sure_predictions_are_is_worked_out_anew() -> None:
    measured = train(before(), replace(SETTINGS, evaluate=True))
    model = update(measured, NOW)
    uncertainty = model.rating.uncertainty
    assert uncertainty
    assert (len(uncertainty.users), len(uncertainty.movies)) == (60, 41)
    assert model.config.rating_model.coefficients == measured.config.rating_model.coefficients is not None


def test_progress_is_told_to_the_end() -> None:
    steps: list[FitProgress] = []
    update(OLD, NOW, progress=steps.append)
    ends = {step.fit: (step.done, step.total) for step in steps}
    assert ends.keys() == {"stars, updating", "taste, updating", "map"}
    assert all(done == total for done, total in ends.values())


def other_scale() -> Dataset:
    return replace(NOW, ratings=replace(NOW.ratings, scale=RatingScale(1, 10)))


def strangers() -> Dataset:
    return replace(NOW, ratings=replace(NOW.ratings, users=Vocabulary(NOW.ratings.users.ids + 1000)))


@pytest.mark.parametrize(
    ("model", "dataset", "message"),
    [
        (tiny_model(), NOW, "does not say how it was trained"),
        (without_histories(OLD), NOW, "published without its users"),
        (OLD, other_scale(), "scale 1 to 10, but the model is on 0.5 to 5"),
        (OLD, strangers(), "checkerboard has no user or no movie in common with the model"),
    ],
)
def test_what_cannot_be_updated_is_told(model: Model, dataset: Dataset, message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        update(model, dataset)
    assert "train from scratch" in str(error.value)


def test_ratings_of_which_none_is_a_like_are_refused() -> None:
    ratings = NOW.ratings.interactions()
    lukewarm = ratings.with_stars(np.full(len(ratings), 3, np.float32))
    dataset = replace(NOW, ratings=Ratings.from_interactions(NOW.ratings.users, NOW.ratings.movies, lukewarm))
    with pytest.raises(UsageError, match="no rating reaches 4 stars"):
        update(OLD, dataset)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((tiny_model(), {"user": [1]}), "dataset is of type dict; expected Dataset"),
        (("model", NOW), "model is of type str; expected Model"),
        ((tiny_model(), NOW, 5), "config is of type int; expected UpdateConfig"),
    ],
)
def test_what_is_no_model_or_no_data_set_is_refused(arguments: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        update(*arguments)


def test_the_map_is_drawn_anew_with_the_newcomers() -> None:
    assert MODEL.map is not None
    assert MODEL.map.shape == (41, 2)
    assert share_beside_their_colour(MODEL) > 0.9
