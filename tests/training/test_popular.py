"""Where people's times say that what is late suits newcomers, a model carries it, and an update works it out anew."""

from dataclasses import replace

import numpy as np
import pytest

from reelwise.artifacts.config import PopularInfo
from reelwise.artifacts.model import Model, without_histories
from reelwise.cli.summary import describe_figures
from reelwise.data.catalogue import Catalogue, Movie
from reelwise.data.dataset import Dataset
from reelwise.data.interactions import Interactions
from reelwise.data.ratings import Ratings
from reelwise.data.vocabulary import Vocabulary
from reelwise.evaluation.report import stored_tables
from reelwise.models.config import MatrixFactorizationConfig, WeightedALSConfig
from reelwise.training.pipeline import TrainingSettings, train
from reelwise.training.popular import measure_popularity
from reelwise.training.update import update
from support.models.drifting import drifting_ratings

USERS, MOVIES = 300, 40
SETTINGS = TrainingSettings(
    rating=MatrixFactorizationConfig(factors=4, epochs=3), ranking=WeightedALSConfig(factors=4, iterations=2)
)


def dataset() -> Dataset:
    """Its films are 10, 20, …, of which the catalogue has one more that nobody rated."""
    rows, ids = drifting_ratings(USERS, MOVIES), np.arange(1, MOVIES + 1) * 10
    ratings = Ratings.from_interactions(Vocabulary(np.arange(1, USERS + 1)), Vocabulary(ids), rows, rows.times)
    films = Catalogue.of(Movie(movie, f"Film {movie}", ()) for movie in [5, *ids.tolist()])
    return Dataset("drifting", ratings, films, "0" * 64)


@pytest.fixture(scope="module")
def model() -> Model:
    return train(dataset(), SETTINGS)


def test_the_model_knows_what_was_popular_lately_and_says_by_how_much_it_is_better(model: Model) -> None:
    assert model.config.popular
    assert model.metrics
    assert model.metrics.newcomers
    assert model.metrics.newcomers.ndcg > model.metrics.newcomers.ranking_ndcg
    assert model.popular is not None
    assert len(model.popular) == MOVIES + 1
    assert model.popular[0] == 0  # nobody rated it
    assert model.popular.max() == 1
    assert set(np.argsort(-model.popular)[:5]) <= set(range(MOVIES - 12, MOVIES + 1))  # what the latest like
    (line,) = [line for line in describe_figures(model.metrics) if line.startswith("newcomers")]
    assert f"NDCG@10 {model.metrics.newcomers.ndcg:.3f} by what was popular lately" in line
    *_, table = stored_tables(model.metrics)
    assert [row[0] for row in table.rows] == [model.config.popular.describe(), "ranking model"]
    assert without_histories(model).popular is model.popular


def test_an_update_works_it_out_anew(model: Model) -> None:
    now = dataset()
    assert now.ratings.times is not None
    shifted = replace(now, ratings=replace(now.ratings, times=now.ratings.times[::-1].copy()))
    updated = update(model, shifted)
    assert updated.config.popular == model.config.popular
    assert updated.popular is not None
    assert set(np.argsort(-updated.popular)[:5]) <= set(range(13))  # what is late now


def test_an_update_without_times_keeps_what_was_known(model: Model) -> None:
    timeless = replace(dataset(), ratings=replace(dataset().ratings, times=None))
    updated = update(model, timeless)
    assert updated.config.popular == model.config.popular
    assert updated.popular is not None
    assert model.popular is not None
    np.testing.assert_array_equal(updated.popular, model.popular)


def test_nothing_is_popular_where_all_likes_are_too_old_to_count() -> None:
    liked_long_ago = Interactions(
        np.array([0, 1], np.int32), np.array([0, 1], np.int32), np.array([5, 1], np.float32), (2, 2),
        times=np.array([0, 6000 * 86_400_000_000]),
    )  # fmt: skip
    ratings = Ratings.from_interactions(
        Vocabulary(np.array([1, 2])), Vocabulary(np.array([1, 2])), liked_long_ago, liked_long_ago.times
    )
    old = Dataset("old", ratings, Catalogue.of([]).with_placeholders(ratings.movies), "0" * 64)
    info = PopularInfo.model_validate({"model": "popular-decayed", "hyperparameters": {"half_life": 30.0}})
    popularity = measure_popularity(old, info)
    assert popularity is not None
    assert popularity.tolist() == [0, 0]
