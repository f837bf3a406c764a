from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reelwise.data.dataset import Dataset
from reelwise.errors import UsageError
from reelwise.models.hyperparameters import StarsSettings
from reelwise.training import TrainingSettings, train
from support.checkerboard import checkerboard, checkerboard_dataset

if TYPE_CHECKING:
    from reelwise.models.sgd import Epoch

DATASET = checkerboard_dataset()
SETTINGS = TrainingSettings(stars=StarsSettings(factors=4, epochs=40, learning_rate=0.05, regularisation=0.02))


def test_the_model_carries_what_it_is_and_how_it_came_to_be() -> None:
    model = train(DATASET, SETTINGS)
    assert model.config.counts.model_dump() == {
        "users": 40, "movies": 30, "ratings": len(DATASET.ratings), "catalogue": 31,
    }  # fmt: skip
    assert model.config.seed == 42
    assert model.config.stars_model["factors"] == 4
    assert model.config.dataset.name == "checkerboard"
    assert model.P.shape == (40, 6)


def test_the_figures_are_of_ratings_that_were_held_out() -> None:
    # stars at random: whoever measured on ratings that were learnt would report far less than their spread
    rng = np.random.default_rng(1)
    ratings = checkerboard(users=60, movies=60)
    noise = rng.integers(1, 6, len(ratings)).astype(np.float32)
    rows = replace(ratings.by_user, stars=noise)
    dataset = replace(DATASET, ratings=replace(ratings, by_user=rows))
    settings = replace(SETTINGS, stars=StarsSettings(factors=64, epochs=200, learning_rate=0.2, regularisation=0.0))
    metrics = train(dataset, settings).metrics
    assert metrics["stars"]["rmse"] > noise.std() * 0.95
    assert metrics["stars"]["ratings"] == round(0.1 * len(ratings))


def test_a_learnable_data_set_is_predicted_better_than_by_means() -> None:
    figures = train(DATASET, SETTINGS).metrics["stars"]
    assert figures["rmse"] < 0.5 * figures["rmse_of_movie_means"]
    assert figures["mae"] <= figures["rmse"]


def test_the_served_model_is_fitted_on_all_ratings_for_the_best_number_of_epochs() -> None:
    told: list[tuple[str, Epoch]] = []
    model = train(DATASET, SETTINGS, lambda name, epoch: told.append((name, epoch)))
    measuring = [epoch for name, epoch in told if name == "measuring"]
    fitting = [epoch for name, epoch in told if name == "fitting"]
    assert fitting[0].ratings == len(DATASET.ratings) > measuring[0].ratings
    best = int(np.argmin([epoch.rmse or 0 for epoch in measuring])) + 1
    assert len(fitting) == best == model.config.stars_model["epochs_run"]


def test_without_a_holdout_nothing_is_measured() -> None:
    model = train(DATASET, replace(SETTINGS, holdout=0))
    assert model.metrics == {}
    assert model.config.stars_model["epochs_run"] == 40


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_do_not_change_the_model(threads: int) -> None:
    one, many = train(DATASET, SETTINGS), train(DATASET, replace(SETTINGS, threads=threads))
    assert one.P.tobytes() == many.P.tobytes()
    assert one.Q.tobytes() == many.Q.tobytes()
    assert one.metrics == many.metrics


def test_the_seed_changes_the_model() -> None:
    assert train(DATASET, SETTINGS).P.tobytes() != train(DATASET, replace(SETTINGS, seed=7)).P.tobytes()


def test_divergence_is_told_with_what_to_do() -> None:
    wild = replace(SETTINGS, stars=replace(SETTINGS.stars, learning_rate=100.0))
    with pytest.raises(UsageError, match="try a lower --learning-rate"), np.errstate(all="ignore"):
        train(DATASET, wild)


def test_too_few_ratings_to_hold_some_out_are_told() -> None:
    tiny = Dataset("tiny", checkerboard(users=2, movies=2, share=1), DATASET.catalogue, "")
    with pytest.raises(UsageError, match="use --holdout 0"):
        train(tiny, SETTINGS)
    assert train(tiny, replace(SETTINGS, holdout=0)).P.shape == (2, 6)
