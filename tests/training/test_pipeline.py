from dataclasses import replace

import numpy as np
import pytest

from reelwise.data.dataset import Dataset
from reelwise.errors import UsageError
from reelwise.models.config import MatrixFactorizationConfig, WeightedALSConfig
from reelwise.training.pipeline import Progress, TrainingSettings, train
from support.checkerboard import checkerboard, checkerboard_dataset

DATASET = checkerboard_dataset()
SETTINGS = TrainingSettings(
    stars=MatrixFactorizationConfig(factors=4, epochs=40, learning_rate=0.05, regularisation=0.02)
)


def test_the_model_carries_what_it_is_and_how_it_came_to_be() -> None:
    model = train(DATASET, SETTINGS)
    assert model.config.counts.model_dump() == {
        "users": 40, "movies": 30, "ratings": len(DATASET.ratings), "catalogue": 31, "profiles": 40,
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
    settings = replace(
        SETTINGS, stars=MatrixFactorizationConfig(factors=64, epochs=200, learning_rate=0.1, regularisation=0.0)
    )
    metrics = train(dataset, settings).metrics
    assert metrics["stars"]["model"]["rmse"] > noise.std() * 0.95
    assert metrics["stars"]["ratings"] == round(0.1 * len(ratings))


def test_a_learnable_data_set_is_predicted_better_than_by_means() -> None:
    figures = train(DATASET, SETTINGS).metrics["stars"]
    assert figures["model"]["rmse"] < 0.5 * figures["biases"]["rmse"]
    assert figures["model"]["mae"] <= figures["model"]["rmse"]


def test_how_sure_predictions_are_is_measured_on_ratings_that_were_held_out() -> None:
    # some viewers rate by the colours, with a little noise, and others by whim
    rng = np.random.default_rng(1)
    ratings = checkerboard(users=100, movies=100, share=0.8)
    by_whim = np.repeat(np.arange(100) % 4 == 0, ratings.by_user.counts())
    noise = np.where(by_whim, rng.uniform(-2, 2, len(ratings)), rng.normal(0, 0.2, len(ratings)))
    rows = replace(ratings.by_user, stars=np.clip(ratings.by_user.stars + noise, 0.5, 5).astype(np.float32))
    dataset = replace(checkerboard_dataset(movies=100), ratings=replace(ratings, by_user=rows))
    model = train(dataset, SETTINGS)
    figures = model.metrics["stars"]
    assert 0.6 < figures["interval"]["0.68"] < 0.8
    assert 0.85 < figures["interval"]["0.90"] < 0.97
    assert model.spread
    assert model.spread.users[::4].min() > 1.5 * np.delete(model.spread.users, np.s_[::4]).max()
    assert model.config.stars_spread
    assert figures["mean_spread"] == pytest.approx(model.spread.users.mean() * model.spread.movies.mean(), rel=0.1)


def test_the_served_model_is_fitted_for_the_best_number_of_epochs() -> None:
    told: list[Progress] = []
    model = train(DATASET, SETTINGS, told.append)
    curve = model.metrics["stars"]["validation_rmse"]
    best = int(np.argmin(curve)) + 1
    assert [step.done for step in told if step.fit == "stars"] == list(range(1, best + 1))
    assert model.config.stars_model["epochs_run"] == best
    assert {step.fit for step in told} == {"stars, measuring", "stars", "taste", "map"}


def test_without_measuring_nothing_is_held_out() -> None:
    told: list[Progress] = []
    model = train(DATASET, replace(SETTINGS, evaluate=False), told.append)
    assert model.metrics == {}
    assert model.spread is None
    assert model.config.stars_spread is None
    assert model.config.stars_model["epochs_run"] == 40
    assert {step.fit for step in told} == {"stars", "taste", "map"}


def test_selections_are_measured_where_enough_users_have_enough_likes() -> None:
    ratings = checkerboard(users=300, movies=120, share=1)
    dataset = replace(checkerboard_dataset(movies=120), ratings=ratings)
    model = train(dataset, replace(SETTINGS, taste=replace(WeightedALSConfig(), factors=8)))
    figures = model.metrics["selections"]
    assert figures["picks"] == [1, 3, 5, 10, 20]
    assert min(figures["blend"]["ndcg@10"]) > 0.95  # a single pick tells the colour, and that is all there is to tell
    assert figures["popularity"]["mean_ndcg@10"] < 0.7
    low, high = figures["blend"]["interval"]
    assert low <= figures["blend"]["mean_ndcg@10"] <= high
    assert model.config.taste_model is not None
    assert model.config.taste_model.blend.picks == (1, 3, 5, 10, 20)
    quality = figures["validation_ndcg@10"]
    kept = model.config.taste_model.iterations_run
    assert kept is not None
    assert 1 <= kept <= len(quality) <= 6
    assert quality[kept - 1] > max(quality) - 0.01
    assert train(DATASET, SETTINGS).metrics["selections"] is None


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_do_not_change_the_model(threads: int) -> None:
    one, many = train(DATASET, SETTINGS), train(DATASET, replace(SETTINGS, threads=threads))
    assert one.taste
    assert many.taste
    for this, that in ((one.P, many.P), (one.Q, many.Q), (one.taste.P, many.taste.P), (one.taste.Q, many.taste.Q)):
        assert this.tobytes() == that.tobytes()
    assert one.metrics == many.metrics


def test_the_seed_changes_the_model() -> None:
    assert train(DATASET, SETTINGS).P.tobytes() != train(DATASET, replace(SETTINGS, seed=7)).P.tobytes()


def test_divergence_is_told_with_what_to_do() -> None:
    wild = replace(SETTINGS, stars=replace(SETTINGS.stars, learning_rate=100.0))
    with pytest.raises(UsageError, match="try a lower --learning-rate"), np.errstate(all="ignore"):
        train(DATASET, wild)


def test_too_few_ratings_to_hold_some_out_are_told() -> None:
    tiny = Dataset("tiny", checkerboard(users=2, movies=2, share=1), DATASET.catalogue, "")
    with pytest.raises(UsageError, match="use --no-evaluate"):
        train(tiny, SETTINGS)
    assert train(tiny, replace(SETTINGS, evaluate=False)).P.shape == (2, 6)


def test_the_taste_model_can_be_left_out() -> None:
    whole = train(DATASET, SETTINGS)
    model = train(DATASET, replace(SETTINGS, taste=None))
    assert (model.taste, model.config.taste_model, model.config.counts.profiles) == (None, None, 0)
    assert model.metrics["stars"] == whole.metrics["stars"]
    assert model.metrics["selections"] is None
    np.testing.assert_array_equal(model.P, whole.P)


def test_the_map_keeps_those_apart_who_like_different_films() -> None:
    model = train(DATASET, replace(SETTINGS, evaluate=False))
    assert model.map is not None
    apart = np.linalg.norm(model.map[:, None] - model.map[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    ids = model.history.movie_ids
    assert (ids[apart.argmin(axis=1)] % 2 == ids % 2).mean() > 0.9
    again = train(DATASET, replace(SETTINGS, evaluate=False, threads=3))
    np.testing.assert_array_equal(model.map, again.map)
    assert train(DATASET, replace(SETTINGS, evaluate=False, taste=None)).map is None
