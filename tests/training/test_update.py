from dataclasses import replace

import numpy as np
import pytest

from reelwise.artifacts.model import Model, without_histories
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Ids, Ratings, RatingScale
from reelwise.errors import UsageError
from reelwise.models.config import MatrixFactorizationConfig, WeightedALSConfig
from reelwise.training.pipeline import Progress, TrainingSettings, train
from reelwise.training.update import update
from support.checkerboard import checkerboard_dataset
from support.tiny_recommender import tiny_model

NOW = checkerboard_dataset(users=60, movies=40)
NEW_USERS, NEW_MOVIES = (1, 17, 60), (1, 8, 40)  # their ids; the rows of the others move up


def before() -> Dataset:
    """The data set without the newcomers."""
    ratings, seen = NOW.ratings, NOW.ratings.interactions()
    user_ids, movie_ids = ratings.user_ids[seen.users], ratings.movie_ids[seen.movies]
    old = ~np.isin(user_ids, NEW_USERS) & ~np.isin(movie_ids, NEW_MOVIES)
    return replace(NOW, name="before", ratings=Ratings.from_columns(user_ids[old], movie_ids[old], seen.stars[old]))


SETTINGS = TrainingSettings(
    stars=MatrixFactorizationConfig(factors=4, learning_rate=0.05, regularisation=0.02, prior_ridge=20),
    taste=WeightedALSConfig(factors=4),
    evaluate=False,
)
OLD = train(before(), SETTINGS)
MODEL = update(OLD, NOW)
SAME_COLOUR = NOW.ratings.user_ids[:, None] % 2 == NOW.ratings.movie_ids % 2


def rows(ids: tuple[int, ...], among: Ids) -> Ids:
    return np.searchsorted(among, ids)


def test_the_model_says_what_it_was_updated_from() -> None:
    config = MODEL.config
    assert config.updated_from == OLD.description.revision != MODEL.description.revision
    assert (config.counts.users, config.counts.movies, config.counts.ratings) == (60, 40, len(NOW.ratings))
    assert config.dataset.name == "checkerboard"
    assert config.stars_model == OLD.config.stars_model
    assert config.taste_model == OLD.config.taste_model
    assert config.counts.profiles == 60
    assert OLD.config.updated_from is None


def test_nothing_is_measured() -> None:
    assert MODEL.metrics == {}


def test_newcomers_are_told_what_they_love_and_to_whom_they_appeal() -> None:
    stars = MODEL.P @ MODEL.Q.T
    assert ((stars > 3) == SAME_COLOUR)[rows(NEW_USERS, NOW.ratings.user_ids)].mean() > 0.95
    assert ((stars > 3) == SAME_COLOUR)[:, rows(NEW_MOVIES, NOW.ratings.movie_ids)].mean() > 0.95
    assert MODEL.taste
    taste = MODEL.taste.P @ MODEL.taste.Q.T
    for user in rows(NEW_USERS, NOW.ratings.user_ids):
        assert taste[user][SAME_COLOUR[user]].mean() > 2 * taste[user][~SAME_COLOUR[user]].mean()
    for movie in rows(NEW_MOVIES, NOW.ratings.movie_ids):
        assert taste[:, movie][SAME_COLOUR[:, movie]].mean() > 2 * taste[:, movie][~SAME_COLOUR[:, movie]].mean()


def test_whoever_was_there_keeps_their_predictions() -> None:
    user_rows, movie_rows = (
        np.searchsorted(now, old)
        for now, old in (
            (NOW.ratings.user_ids, OLD.history.user_ids),
            (NOW.ratings.movie_ids, OLD.history.movie_ids),
        )
    )
    moved = MODEL.P[user_rows] @ MODEL.Q[movie_rows].T - OLD.P @ OLD.Q.T
    assert np.abs(moved).mean() < 0.2  # of a scale on which tastes are four stars apart


def test_who_is_gone_loses_their_row() -> None:
    back = update(MODEL, before())
    assert back.history.user_ids.tolist() == OLD.history.user_ids.tolist()
    assert np.abs(back.P @ back.Q.T - OLD.P @ OLD.Q.T).mean() < 0.3


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_do_not_change_the_model(threads: int) -> None:
    many = update(OLD, NOW, threads=threads)
    assert MODEL.taste
    assert many.taste
    for this, that in ((MODEL.P, many.P), (MODEL.Q, many.Q), (MODEL.taste.P, many.taste.P)):
        assert this.tobytes() == that.tobytes()


def test_without_a_taste_model_the_stars_model_is_updated_alone() -> None:
    model = update(train(before(), replace(SETTINGS, taste=None)), NOW)
    assert model.taste is None
    assert model.config.counts.profiles == 0
    assert (model.P.tobytes(), model.Q.tobytes()) == (MODEL.P.tobytes(), MODEL.Q.tobytes())


def test_how_sure_predictions_are_is_worked_out_anew() -> None:
    measured = train(before(), replace(SETTINGS, evaluate=True))
    assert measured.spread
    model = update(measured, NOW)
    assert model.spread
    assert (len(model.spread.users), len(model.spread.movies)) == (60, 40)
    assert model.config.stars_spread == measured.config.stars_spread
    assert MODEL.spread is None


def test_progress_is_told_to_the_end() -> None:
    told: list[Progress] = []
    update(OLD, NOW, on_progress=told.append)
    ends = {step.fit: (step.done, step.of) for step in told}
    assert ends.keys() == {"stars, updating", "taste, updating", "map, updating"}
    assert all(done == of for done, of in ends.values())


def other_scale() -> Dataset:
    return replace(NOW, ratings=replace(NOW.ratings, scale=RatingScale(1, 10)))


def strangers() -> Dataset:
    return replace(NOW, ratings=replace(NOW.ratings, user_ids=NOW.ratings.user_ids + 1000))


@pytest.mark.parametrize(
    ("model", "dataset", "message"),
    [
        (tiny_model(), NOW, "does not say how it was trained"),
        (tiny_model(with_taste=False), NOW, "does not say how it was trained"),
        (without_histories(OLD), NOW, "published without its users"),
        (OLD, other_scale(), "scale 1 to 10, but the model is on 0.5 to 5"),
        (OLD, strangers(), "checkerboard has no user or no movie in common with the model"),
    ],
)
def test_what_cannot_be_updated_is_told(model: Model, dataset: Dataset, message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        update(model, dataset)
    assert "train from scratch" in str(error.value)


def test_the_map_is_drawn_anew_with_the_newcomers() -> None:
    assert MODEL.map is not None
    assert MODEL.map.shape == (40, 2)
    apart = np.linalg.norm(MODEL.map[:, None] - MODEL.map[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    ids = MODEL.history.movie_ids
    assert (ids[apart.argmin(axis=1)] % 2 == ids % 2).mean() > 0.9
