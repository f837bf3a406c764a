from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reelwise.artifacts.metrics import Metrics, RatingFigures
from reelwise.artifacts.model import Model
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Ratings
from reelwise.data.types import Floats
from reelwise.errors import UsageError
from reelwise.models.config import MatrixFactorizationConfig, WeightedALSConfig
from reelwise.training.pipeline import TrainingSettings, train
from support.models.checkerboard import checkerboard, checkerboard_dataset, share_beside_their_colour

if TYPE_CHECKING:
    from reelwise.progress import FitProgress

DATASET = checkerboard_dataset()
SETTINGS = TrainingSettings(
    rating=MatrixFactorizationConfig(
        factors=4, epochs=40, learning_rate=0.05, user_regularisation=0.1, movie_regularisation=0.1
    )
)
UNMEASURED = replace(SETTINGS, evaluate=False)


@pytest.fixture(scope="module")
def model() -> Model:
    return train(DATASET, SETTINGS)


def metrics_of(model: Model) -> Metrics:
    assert model.metrics
    return model.metrics


def rating_figures(model: Model) -> RatingFigures:
    figures = metrics_of(model).stars
    assert figures
    return figures


def with_stars(dataset: Dataset, stars: Floats) -> Dataset:
    """The same pairs with other stars."""
    ratings = dataset.ratings
    changed = ratings.interactions().with_stars(stars)
    return replace(dataset, ratings=Ratings.from_interactions(ratings.users, ratings.movies, changed))


def test_the_model_carries_what_it_is_and_how_it_came_to_be(model: Model) -> None:
    config = model.config
    assert config.counts.model_dump() == {
        "users": 40, "movies": 31, "rated_movies": 30, "ratings": len(DATASET.ratings), "profiles": 40,
    }  # fmt: skip
    assert config.seed == 42
    assert config.rating_model.hyperparameters == SETTINGS.rating
    assert (config.dataset.name, config.histories) == ("checkerboard", config.dataset)
    assert config.updated_from is None


def test_every_film_has_a_row_and_those_that_somebody_rated_are_fitted(model: Model) -> None:
    assert (model.rating.P.shape, model.rating.Q.shape) == ((40, 6), (31, 6))
    assert model.ranking
    assert len(model.ranking.Q) == 31
    assert np.flatnonzero(~model.fitted).tolist() == [30]


def test_what_a_split_left_without_ratings_is_not_learnt() -> None:
    ratings = DATASET.ratings.interactions()
    part = replace(DATASET, ratings=DATASET.ratings.where((ratings.movies != 3) & (ratings.users != 5)))
    user, movie = DATASET.ratings.users[5], DATASET.ratings.movies[3]
    model = train(part, UNMEASURED)
    row = model.movies.row(movie)
    assert row is not None
    assert not model.fitted[row]
    assert model.users.row(user) is None
    assert model.config.counts.rated_movies == int(model.fitted.sum())


def test_the_figures_are_of_ratings_that_were_held_out() -> None:
    # stars at random: whoever measured on ratings that were learnt would report far less than their standard deviation
    dataset = checkerboard_dataset(users=60, movies=60)
    noise = np.random.default_rng(1).integers(1, 6, len(dataset.ratings)).astype(np.float32)
    wild = MatrixFactorizationConfig(
        factors=64, epochs=200, learning_rate=0.1, user_regularisation=0.0, movie_regularisation=0.0
    )
    figures = rating_figures(train(with_stars(dataset, noise), replace(SETTINGS, rating=wild)))
    assert figures.model.rmse > noise.std() * 0.95
    assert figures.ratings == round(0.1 * len(noise))


def test_a_learnable_data_set_is_predicted_better_than_by_biases(model: Model) -> None:
    figures = rating_figures(model)
    assert figures.model.rmse < 0.5 * figures.biases.rmse
    assert figures.model.mae <= figures.model.rmse


def test_how_sure_predictions_are_is_measured_on_ratings_that_were_held_out() -> None:
    # some viewers rate by the colours, with a little noise, and others by whim
    rng = np.random.default_rng(1)
    ratings = checkerboard(users=100, movies=100, share=0.8)
    by_whim = np.repeat(np.arange(100) % 4 == 0, ratings.by_user.counts())
    noise = np.where(by_whim, rng.uniform(-2, 2, len(ratings)), rng.normal(0, 0.2, len(ratings)))
    stars = np.clip(ratings.by_user.stars + noise, 0.5, 5).astype(np.float32)
    model = train(with_stars(replace(checkerboard_dataset(movies=100), ratings=ratings), stars), SETTINGS)
    figures, uncertainty = rating_figures(model), model.rating.uncertainty
    assert figures.interval
    assert 0.6 < figures.interval["0.68"] < 0.8
    assert 0.85 < figures.interval["0.90"] < 0.97
    assert uncertainty
    assert uncertainty.users[::4].min() > 1.5 * np.delete(uncertainty.users, np.s_[::4]).max()
    assert model.config.rating_model.coefficients
    assert figures.mean_std == pytest.approx(uncertainty.users.mean() * uncertainty.movies.mean(), rel=0.1)


def test_the_served_model_is_fitted_for_the_best_number_of_epochs() -> None:
    steps: list[FitProgress] = []
    model = train(DATASET, SETTINGS, steps.append)
    best = int(np.argmin(rating_figures(model).validation_rmse)) + 1
    assert [step.done for step in steps if step.fit == "stars"] == list(range(1, best + 1))
    assert model.config.rating_model.epochs_run == best
    assert {step.fit for step in steps} == {"stars, measuring", "stars", "taste", "map"}


def test_without_measuring_nothing_is_held_out() -> None:
    steps: list[FitProgress] = []
    model = train(DATASET, UNMEASURED, steps.append)
    assert model.metrics is None
    assert model.rating.uncertainty is None
    assert model.config.rating_model.coefficients is None
    assert model.config.rating_model.epochs_run == 40
    assert {step.fit for step in steps} == {"stars", "taste", "map"}


def test_selections_are_measured_where_enough_users_have_enough_likes(model: Model) -> None:
    assert metrics_of(model).selections is None  # too few users
    ratings = checkerboard(users=300, movies=120, share=1)
    dataset = replace(checkerboard_dataset(movies=120), ratings=ratings)
    rating = replace(SETTINGS.rating, epochs=5)
    large = train(dataset, replace(SETTINGS, rating=rating, ranking=WeightedALSConfig(factors=8)))
    figures, info = metrics_of(large).selections, large.config.ranking_model
    assert figures
    assert info
    assert figures.picks == info.blend.picks == (1, 3, 5, 10, 20)
    assert min(figures.blend.ndcg) > 0.95  # a single pick tells the colour, and that is all there is to tell
    assert figures.popularity.mean_ndcg < 0.7
    low, high = figures.blend.interval
    assert low <= figures.blend.mean_ndcg <= high
    quality, kept = figures.validation_ndcg, info.iterations_run
    assert kept is not None
    assert 1 <= kept <= len(quality) <= 6
    assert quality[kept - 1] > max(quality) - 0.01


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_do_not_change_the_model(model: Model, threads: int) -> None:
    other = train(DATASET, replace(SETTINGS, threads=threads))
    assert arrays_of(other) == arrays_of(model)
    assert other.metrics == model.metrics


def arrays_of(model: Model) -> list[bytes]:
    assert model.ranking
    assert model.map is not None
    arrays = (model.rating.P, model.rating.Q, model.ranking.P, model.ranking.Q, model.map)
    return [array.tobytes() for array in arrays]


def test_the_seed_changes_the_model(model: Model) -> None:
    others = arrays_of(train(DATASET, replace(SETTINGS, seed=7)))
    assert not any(one == other for one, other in zip(arrays_of(model), others, strict=True))


def test_divergence_is_told_with_what_to_do() -> None:
    wild = replace(SETTINGS, rating=replace(SETTINGS.rating, learning_rate=100.0))
    with pytest.raises(UsageError, match=r"try a lower learning_rate \(--learning-rate\)"), np.errstate(all="ignore"):
        train(DATASET, wild)


def test_too_few_ratings_to_hold_some_out_are_told() -> None:
    tiny = replace(DATASET, ratings=checkerboard(users=2, movies=2, share=1))
    with pytest.raises(UsageError, match="--no-evaluate, or evaluate=False"):
        train(tiny, SETTINGS)
    assert train(tiny, UNMEASURED).rating.P.shape == (2, 6)


def test_where_nobody_likes_anything_the_ranking_model_has_nothing_to_learn() -> None:
    dull = with_stars(DATASET, np.full(len(DATASET.ratings), 1, np.float32))
    with pytest.raises(UsageError, match=r"nobody likes anything; .*--scale LOW:HIGH, .*--no-taste, or ranking=None"):
        train(dull, SETTINGS)


def test_the_ranking_model_can_be_left_out(model: Model) -> None:
    alone = train(DATASET, replace(SETTINGS, ranking=None))
    assert (alone.ranking, alone.config.ranking_model, alone.config.counts.profiles) == (None, None, 0)
    assert alone.map is None
    assert metrics_of(alone).stars == rating_figures(model)
    assert metrics_of(alone).selections is None
    np.testing.assert_array_equal(alone.rating.P, model.rating.P)


def test_the_map_keeps_those_apart_who_like_different_films(model: Model) -> None:
    assert share_beside_their_colour(model) > 0.9
